# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 the ipsmgw authors
"""CPM over MAP: out by MO-ForwardSM with status report, in by home routing, through a real osmo-stp; tshark judges the octets
(23.204 6.7, 6.10, 6.14; spec 3.8, 5.5, 6)."""

import datetime

from harness import Failure, check, equal, wait_for
from map import MapStack, OUR_GT, SC
from notifications import BOTH, check_original, notified, send, statuses
import oracle
import sms_tpdu

STACK_CLASS = MapStack
STACK = {"map_lines": ("home-routing", "no registered-only", "no relay-csps")}

EMOJI = "Meet at 7 \U0001F600\U0001F44D\U0001F3FD?"
LONG = "The quick brown fox jumps over the lazy dog. " * 9
CYRILLIC = "Привет, как дела? " * 12


def for_a(a):
    return lambda r: r.uri.startswith("tel:" + a)


def got(s, a, timeout=20.0, **more):
    request = s.a.wait(for_a(a), timeout, **more)
    check(request, "A got nothing")
    return request


def joined(operations):
    """Text of a message whose parts came in any order."""
    parts = sorted((oracle.concat_of(bytes.fromhex(o["tpdu"]["udh"])) or (0, 1, 1), o["tpdu"]["text"]) for o in operations)
    equal([p[0][2] for p in parts], list(range(1, len(parts) + 1)), "numbers of parts")
    equal({p[0][:2] for p in parts}, {(parts[0][0][0], len(parts))}, "reference and number of parts")
    return "".join(text for _, text in parts)


# ---- out ----

def test_submit_as_3_8(s):
    a, b, _ = send(s, "Lunch at 12?", notify=BOTH)
    op = s.net.wait_operation("mo-ForwardSM", a=a)
    equal((op["code"], op["version"], op["ac"]), (46, 3, "0.4.0.0.1.0.21.3"), "operation code, version, application context")
    equal(op["arg"], {"sm-RP-DA": {"serviceCentreAddressDA": SC}, "sm-RP-OA": {"msisdn": a}, "sm-RP-UI": op["arg"]["sm-RP-UI"]})
    called, calling = op["called"], op["calling"]
    equal((called["digits"], called["ssn"], called["gti"], called["np"], called["nai"], called["on_ssn"]), (SC[1:], 8, 4, 1, 4, False), "called address")
    equal((calling["digits"], calling["ssn"], calling["gti"]), (OUR_GT[1:], 8, 4), "calling address")
    t = op["tpdu"]
    equal((t["type"], t["da"], t["text"], t["pid"], t["dcs"], t["srr"], t["rd"], t["udh"]), ("submit", b, "Lunch at 12?", 0, 0, True, False, ""))
    equal(op["sccp"], "UDT")
    equal(len(s.net.operations("mo-ForwardSM", a=a)), 1, "submitted once")


def test_no_report_is_asked_for_if_A_asks_for_none(s):
    a, b, _ = send(s, "no report", notify="")
    equal(s.net.wait_operation("mo-ForwardSM", a=a)["tpdu"]["srr"], False, "TP-SRR")


def test_long_and_emoji_out(s):
    for text in (LONG, EMOJI, CYRILLIC, EMOJI * 12, "[" * 161, "x" * 160):
        a, b, _ = send(s, text)
        want = oracle.parts_of(text)
        ops = s.net.wait_operations("mo-ForwardSM", len(want), a=a)
        equal(joined(ops), text)
        equal({o["tpdu"]["dcs"] for o in ops}, {want[0].dcs}, "TP-DCS")
        check(all(len(bytes.fromhex(o["arg"]["sm-RP-UI"])) <= 164 for o in ops), "TPDU too long")
        equal(len(s.net.operations("mo-ForwardSM", a=a)), len(want), "parts")


def test_a_full_message_waits_for_the_answer_to_an_empty_begin(stack):
    with stack(map_lines=("message-max 240",)) as s:
        for text, want in (("short", []), ("x" * 160, ["0.4.0.0.1.0.21.3"])):
            mark = s.net.mark()
            a, b, _ = send(s, text)
            s.net.wait_operation("mo-ForwardSM", a=a)
            equal([e["ac"] for e in s.net.events[mark:] if e["ev"] == "empty-begin"], want, "TC-BEGIN without a component")
        s.judge()


def test_a_full_message_in_segments(stack):
    with stack(map_lines=("message-max 240", "segmentation xudt")) as s:
        a, b, _ = send(s, "x" * 160)
        op = s.net.wait_operation("mo-ForwardSM", a=a)
        equal((op["sccp"], op["tpdu"]["text"]), ("XUDT", "x" * 160))
        s.judge()


def test_status_report_becomes_an_IMDN(s):
    a, b, m = send(s, "tell me", notify=BOTH)
    op = s.net.wait_operation("mo-ForwardSM", a=a)
    out = s.net.report(op, a, status=0)
    equal(out["end"], "result", out)
    n = notified(s, a)
    equal((n.kind, n.status), ("delivery", "delivered"))
    check_original(n, a, b, m)


def test_status_report_of_failure(s):
    for st, want in ((0x46, "failed"), (0x45, "failed"), (0x41, "failed")):
        a, b, m = send(s, "tell me", notify=BOTH)
        equal(s.net.report(s.net.wait_operation("mo-ForwardSM", a=a), a, status=st)["end"], "result")
        equal(notified(s, a).status, want)


def test_each_part_is_reported(s):
    a, b, m = send(s, LONG, notify=BOTH)
    ops = s.net.wait_operations("mo-ForwardSM", 3, a=a)
    equal(len({o["tpdu"]["mr"] for o in ops}), 3, "TP-MRs that differ")
    for op in ops:
        equal(statuses(s, a), [], "notified before the last part was reported")
        equal(s.net.report(op, a)["end"], "result")
    equal(notified(s, a).status, "delivered")


def test_report_with_the_time_stamp_of_the_result(s):
    """An SC that tells TP-SCTS in its SMS-SUBMIT-REPORT means that one in the status report."""
    when = sms_tpdu.now(60)
    s.net.answer("mo-ForwardSM", {"result": {"sm-RP-UI": sms_tpdu.submit_report(when).hex()}}, count=1)
    a, b, m = send(s, "tell me", notify=BOTH)
    equal(s.net.report(s.net.wait_operation("mo-ForwardSM", a=a), a, scts=sms_tpdu.scts(when).hex())["end"], "result")
    equal(notified(s, a).status, "delivered")


def test_reports_after_TP_MR_has_come_round(s):
    """A number that writes a lot has each of its 256 TP-MRs again before the first report comes."""
    a, first = s.pair()
    m, _ = s.text("the first", a, first, notify=BOTH)
    op = s.net.wait_operation("mo-ForwardSM", a=a)
    for n in range(256):
        s.text("number %d" % n, a, "+1555990%04d" % n)
    last = s.net.wait_operation("mo-ForwardSM", a=a, b="+15559900255", timeout=60)
    equal(last["tpdu"]["mr"], op["tpdu"]["mr"], "TP-MR of the last one")
    equal(s.net.report(op, a)["end"], "result")
    n = notified(s, a)
    equal((n.kind, n.status), ("delivery", "delivered"))
    check_original(n, a, first, m)


# ---- in ----

def test_message_in(s):
    a, b = s.pair()
    zone = datetime.timezone(datetime.timedelta(hours=-3, minutes=-30))
    when = datetime.datetime.now(zone).replace(microsecond=0) - datetime.timedelta(minutes=5)
    out = s.net.mt(a, sms_tpdu.deliver(b, "See you at 7 €", when=when))
    equal((out["end"], out["open"]), ("result", False), out)
    equal(out["node"], OUR_GT, "network node number")
    equal((len(out["imsi"]), out["imsi"][:6]), (15, "262002"), "MT correlation id: MCC, MNC with three digits")
    r = got(s, a)
    equal((r.method, r.cpim.content.decode()), ("MESSAGE", "See you at 7 €"))
    equal(r.get("P-Asserted-Identity"), "<tel:%s>" % b)
    equal(r.cpim.get("DateTime"), when.isoformat(), "DateTime is TP-SCTS with its zone (R-68)")


def test_HLR_is_asked_as_5_2(s):
    a, b = s.pair()
    mark = s.net.mark()
    equal(s.net.mt(a, sms_tpdu.deliver(b, "hello"))["end"], "result")
    op = s.net.wait_operation("sendRoutingInfoForSM", a=a, since=mark)
    equal((op["version"], op["arg"]["sm-RP-PRI"], op["called"]["digits"], op["called"]["ssn"]), (3, True, a[1:], 6), "SRI-SM to the HLR")
    equal(op["calling"]["digits"], OUR_GT[1:], "it comes from us")


def test_long_and_emoji_in(s):
    for text in (EMOJI, LONG, CYRILLIC, EMOJI * 12):
        a, b = s.pair()
        out = s.net.mt(a, *sms_tpdu.deliveries(b, text, ref=len(text)))
        equal(out["end"], "result", out)
        equal(got(s, a).cpim.content.decode(), text)
        equal(len([r for r in list(s.a.received) if for_a(a)(r)]), 1, "messages at A")


def test_segments_of_SCCP_in(s):
    a, b = s.pair()
    out = s.net.mt(a, sms_tpdu.deliver(b, "y" * 160), xudt=90)
    equal(out["end"], "result", out)
    equal(got(s, a).cpim.content.decode(), "y" * 160)


def test_versions_in(s):
    for version in (3, 2, 1):
        a, b = s.pair()
        out = s.net.mt(a, sms_tpdu.deliver(b, "version %d" % version), version=version)
        equal((out["end"], out["version"]), ("result", version), out)
        equal(got(s, a).cpim.content.decode(), "version %d" % version)


def test_versions_out(s):
    try:
        for version, style in ((2, "aare"), (2, "map-refuse"), (1, "aare")):
            s.net.versions(version, style=style)
            a, b, _ = send(s, "for version %d" % version)
            op = s.net.wait_operation("mo-ForwardSM", a=a)
            equal((op["version"], op["tpdu"]["text"]), (version, "for version %d" % version))
    finally:
        s.net.clear()


def test_answer_in_the_conversation(s):
    a, b, m = send(s, "Lunch at 12?", notify="")
    s.net.wait_operation("mo-ForwardSM", a=a)
    equal(s.net.mt(a, sms_tpdu.deliver(b, "Yes"))["end"], "result")
    r = got(s, a)
    equal((r.get("Conversation-ID"), r.get("InReplyTo-Contribution-ID")), (m.conversation_id, m.contribution_id))


# ---- the judge; last, on all that the tests above have sent ----

def test_tshark_agrees(s):
    for text in ("short", LONG, EMOJI):
        a, b, _ = send(s, text)
        s.net.wait_operations("mo-ForwardSM", len(oracle.parts_of(text)), a=a)
        equal(s.net.mt(a, *sms_tpdu.deliveries(b, text))["end"], "result")
    wait_for(lambda: s.net.control("dialogues")["open"] == [], 20, 0.1, "dialogues are left open")
    seen = s.judge()
    check({44, 45, 46} <= set(seen), "operations that tshark has seen:", seen)


def test_the_judge_sees_what_is_wrong(s):
    s.net.command("tcap", hex="62264804000000446b1e281c060700118605010101a011600f80020780a10906070400000100", called=OUR_GT)
    s.judge(ours_only=True)
    try:
        s.judge()
    except Failure:
        return
    raise Failure("a message that is cut off is taken for good")
