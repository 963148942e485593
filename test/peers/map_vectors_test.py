#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 the ipsmgw authors
"""The peer's own coding against test/vectors: each TCAP message and its MAP parameters decoded and encoded to the same octets, SCCP likewise,
and what this peer says of a few of them, so that an error in the peer cannot hide one in the gateway.

    map_vectors_test.py        last line "map_vectors_test: N passed, N failed"
"""

import datetime
import pathlib
import sys

try:
    import pyasn1  # noqa: F401
except ImportError:
    print("map_vectors_test: SKIPPED, no python3-pyasn1")
    sys.exit(0)

import map_asn1
import map_mutate
import sccp
import sms_tpdu
from asn1_types import Undecodable, der, read
from tcap_asn1 import ac_split, tcap_decode, tcap_encode

VECTORS = pathlib.Path(__file__).resolve().parents[1] / "vectors"
# pyasn1 writes the INTEGER -128 in two octets
NOT_SAME = {"invoke-linked", "error-of-two-octets"}
# elements of a version that the vector of a decoder has, though no sender would
LENIENT = {"err-absent-v1"}
# the version of messages that do not say it
VERSION = {"mt-continue-invoke": 3, "mt-end": 3, "mt-err-smfail": 2, "mt-v2-begin-more": 2}
# what these are
OPERATIONS = {"mo-begin": ("mo-ForwardSM", 3), "sri-begin": ("sendRoutingInfoForSM", 3), "mt-begin": ("mt-ForwardSM", 3),
              "rds-begin": ("reportSM-DeliveryStatus", 3), "alert-begin": ("alertServiceCentre", 2), "sri-v2-begin": ("sendRoutingInfoForSM", 2),
              "sri-v1-begin": ("sendRoutingInfoForSM", 1), "mt-v2-begin-more": ("mt-ForwardSM", 2), "mo-v1": ("mo-ForwardSM", 1),
              "mo-v2": ("mo-ForwardSM", 2), "mt-v1-imsi": ("mt-ForwardSM", 1), "mt-v1-roaming": ("mt-ForwardSM", 1), "ready-v1": ("readyForSM", 1),
              "ready-all": ("readyForSM", 3), "alert-v1": ("alertServiceCentre", 1), "inform-v2": ("informServiceCentre", 2),
              "atm-activate": ("anyTimeModification", 3), "rds-v1": ("reportSM-DeliveryStatus", 1)}


class Score:
    passed = failed = 0

    @classmethod
    def check(cls, name, condition, *what):
        if condition:
            cls.passed += 1
        else:
            cls.failed += 1
            print("FAIL %s: %s" % (name, " ".join(str(w) for w in what)))


def lines(file):
    for line in (VECTORS / file).read_text().splitlines():
        if line and not line.startswith("#"):
            name, octets = line.split()
            yield name, bytes.fromhex(octets)


# ---- TCAP and MAP ----

def context_of(name, body):
    """(context, version) by the dialogue portion, else by the vector's name"""
    pdu = body.get("dialogue", {}).get("pdu", {})
    for part in pdu.values():
        if "ac" in part:
            return ac_split(part["ac"])
    return None, VERSION.get(name, 1)


def types_of(kind, c, context, version):
    """(name, type) of a component's parameter"""
    if kind == "error":
        return map_asn1.ERROR_NAMES.get(c["code"]["local"]), map_asn1.error_type(c["code"]["local"], version)
    body = c if kind == "invoke" else c.get("body", {})
    argument = bytes.fromhex(body.get("parameter", ""))
    context = context if context is not None or version == 1 else {44: 25, 46: 21, 45: 20, 47: 20, 63: 20, 64: 23}[body["op"]["local"]]
    name = map_asn1.operation(body["op"]["local"], context, version, argument)
    op = map_asn1.OPERATIONS.get(name, {}).get(version)
    return name, op and (op.argument if kind == "invoke" else op.result)


def check_parameter(name, kind, c, context, version):
    octets = (c if kind in ("invoke", "error") else c.get("body", {})).get("parameter")
    if octets is None or name in LENIENT:
        return
    what, wanted = types_of(kind, c, context, version)
    if kind == "invoke" and name in OPERATIONS:
        Score.check(name, (what, version) == OPERATIONS[name], what, version)
    if not wanted:
        return Score.check(name, name.startswith(("aarq-other", "otid-1", "invoke-linked", "result-not", "components")), "no type for", what, kind)
    try:
        value = read(wanted, bytes.fromhex(octets))
    except Undecodable as e:
        return Score.check(name, False, e)
    Score.check(name, der(wanted, value).hex() == octets, what, value, der(wanted, value).hex(), "is not", octets)


def test_tcap():
    for file in ("map_tcap.txt", "map_more.txt"):
        for name, octets in lines(file):
            try:
                message = tcap_decode(octets)
            except Undecodable as e:
                Score.check(name, False, e)
                continue
            again = tcap_encode(message)
            Score.check(name, (again == octets) != (name in NOT_SAME), again.hex(), "is not", octets.hex())
            (_, body), = message.items()
            context, version = context_of(name, body)
            for component in body.get("components", []):
                (kind, c), = component.items()
                if kind in ("invoke", "result", "error"):
                    check_parameter(name, kind, c, context, version)


def test_strict():
    """Cut short or with something behind, no message is taken."""
    for name, octets in lines("map_tcap.txt"):
        for n in range(len(octets)):
            try:
                tcap_decode(octets[:n])
                Score.check(name, False, "taken though cut to", n)
            except Undecodable:
                pass
        try:
            tcap_decode(octets + b"\0")
            Score.check(name, False, "an octet behind the end")
        except Undecodable:
            Score.passed += 1


def test_version_leaks():
    """An element in a version that has none."""
    arg = {"msisdn": "+4917", "sm-RP-PRI": True, "serviceCentreAddress": "+4917", "gprsSupportIndicator": True}
    octets = der(map_asn1.SriArg3, arg)
    Score.check("leak", read(map_asn1.SriArg3, octets) == arg, "v3")
    try:
        read(map_asn1.SriArg12, octets)
        Score.check("leak", False, "gprsSupportIndicator in version 2")
    except Undecodable:
        Score.passed += 1


# ---- SCCP ----

def encode_again(m, octets):
    if m["type"] == "UDT":
        return sccp.unitdata(m["called"], m["calling"], m["data"], m["class"], m["on_error"])
    if m["type"] == "XUDT":
        return sccp.xunitdata(m["called"], m["calling"], m["data"], m["segment"], m["class"], m["on_error"], octets[2])
    if m["type"] == "LUDT":
        return sccp.long_unitdata(m["called"], m["calling"], m["data"], m["class"], m["on_error"], octets[2])
    original = {"type": m["type"].rstrip("S"), "called": m["calling"], "calling": m["called"], "data": m["data"], "segment": m["segment"]}
    return sccp.returned(original, m["cause"])


def test_sccp():
    for name, octets in lines("sccp.txt"):
        m = sccp.decode(octets)
        if m["type"] != "LUDTS" and not name.endswith("optional"):
            Score.check(name, encode_again(m, octets) == octets, encode_again(m, octets).hex(), "is not", octets.hex())
    parts, whole = sccp.Reassembly(), None
    for name, octets in lines("sccp.txt"):
        if name.startswith("xudt-"):
            whole = parts.take(sccp.decode(octets))
    Score.check("xudt", whole and len(whole["data"]) == 241 and "begin" in tcap_decode(whole["data"]), "two segments")
    data = bytes(range(256)) * 3
    a, b = sccp.gt("+49171", 8), sccp.gt("+491710760100", 6)
    for room in (250, 200, 100, 60):
        got = [parts.take(sccp.decode(s)) for s in sccp.segments(a, b, data[:room * 3], min(room, 225), 7)]
        Score.check("segments", got[-1]["data"] == data[:room * 3] and got[:-1] == [None] * (len(got) - 1), room)


# ---- TPDUs ----

def test_tpdu():
    zone = datetime.timezone(datetime.timedelta(hours=-3, minutes=-30))
    when = datetime.datetime(2026, 11, 22, 14, 5, 9, tzinfo=zone)
    for text in ("hello", "x" * 160, "", "€[]", "Привет", "emoji \U0001F600", "@" * 8):
        m = sms_tpdu.read_tpdu(sms_tpdu.deliver("+491711", text, when=when), True)
        Score.check("deliver", (m["text"], m["oa"], m["scts"]) == (text, "+491711", "2026-11-22T14:05:09-03:30"), m)
    for text in ("y" * 161, "€" * 200, "Привет" * 30, "\U0001F600" * 80):
        parts = [sms_tpdu.read_tpdu(o, True) for o in sms_tpdu.deliveries("@Bank", text)]
        Score.check("deliveries", "".join(p["text"] for p in parts) == text and parts[0]["oa"] == "@Bank" and all(p["udl"] <= 160 for p in parts), len(parts))
    m = sms_tpdu.read_tpdu(sms_tpdu.status_report(7, "+49171", when, 0, when), True)
    Score.check("status report", (m["type"], m["mr"], m["ra"], m["st"]) == ("status_report", 7, "+49171", 0), m)
    first = next(o for n, o in lines("map_tcap.txt") if n == "mo-begin")
    invoke = tcap_decode(first)["begin"]["components"][0]["invoke"]
    arg = read(map_asn1.MoForward3, bytes.fromhex(invoke["parameter"]))
    m = sms_tpdu.read_tpdu(bytes.fromhex(arg["sm-RP-UI"]), False)
    Score.check("mo-begin", (m["da"], m["mr"], m["text"], arg["sm-RP-DA"]) == ("+491712345678", 5, "hello", {"serviceCentreAddressDA": "+49171076010"}), m, arg)


def test_mutations():
    """The same for the same seed, another for another; nothing escapes the decoders but their own exceptions."""
    files = [VECTORS / "map_tcap.txt"]
    ends = sccp.gt("+49171", 8), sccp.gt("+49172", 8)
    one, two, other = (list(map_mutate.messages({"seed": s, "count": 300, "files": files}, *ends)) for s in (1, 1, 2))
    Score.check("mutate", one == two and one != other, "seeds")
    for octets in one + other:
        try:
            tcap_decode(sccp.decode(octets)["data"])
        except (sccp.Malformed, Undecodable):
            pass
    Score.passed += 1


if __name__ == "__main__":
    for test in (test_tcap, test_strict, test_version_leaks, test_sccp, test_tpdu, test_mutations):
        test()
    print("map_vectors_test: %d passed, %d failed" % (Score.passed, Score.failed))
    sys.exit(1 if Score.failed else 0)
