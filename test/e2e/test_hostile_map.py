# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 the ipsmgw authors
"""A network gone mad: thousands of damaged SCCP and TCAP messages, damaged answers, dialogues that nobody ends. The connector (with sanitisers
under "run.py --asan") lives, and what A and B write still arrives."""

import pathlib
import re

from harness import CONNECTOR, ROOT, check, equal, wait_for
from map import MapStack, OUR_GT, SC
from notifications import send
import sms_tpdu

STACK_CLASS = MapStack
LINES = ("home-routing", "no registered-only", "no relay-csps", "timer short 2", "timer medium 2", "timer long 3", "timer idle 2", "timer guard 10")
VECTORS = [str(ROOT / "test/vectors" / name) for name in ("map_tcap.txt", "map_more.txt")]
MESSAGES = 4000
STORM = 3000
ITS_OWN_ADDRESS = '_ws.expert.message contains "non-decimal digits"'   # a damaged global title that is answered
RESIDENT_KB = 40000   # more than before


def both_ways(s):
    a, b, _ = send(s, "still there?", notify="")
    equal(s.net.wait_operation("mo-ForwardSM", a=a)["tpdu"]["text"], "still there?")
    equal(s.net.mt(a, sms_tpdu.deliver(b, "yes"))["end"], "result")
    r = s.a.wait(lambda r: r.uri.startswith("tel:" + a), 20)
    check(r and r.cpim.content == b"yes", "A got nothing")


def dialogues(s):
    """(ours, of peers) as "show map" has them"""
    return tuple(map(int, re.search(r"dialogues: (\d+) of ours, (\d+) of peers", s.vty("show map")).groups()))


def resident_kb(s):
    return int(re.search(r"VmRSS:\s*(\d+)", pathlib.Path("/proc/%d/status" % s.connector.process.pid).read_text()).group(1))


def quiet(s):
    wait_for(lambda: dialogues(s) == (0, 0), 60, 0.2, "dialogues that stay")


def test_damaged_messages(stack):
    with stack(map_lines=LINES) as s:
        both_ways(s)
        before = resident_kb(s)
        for seed, layer, ssn in ((1, "tcap", 8), (2, "both", 8), (3, "sccp", 8), (4, "tcap", 6)):
            s.net.command("mutate", seed=seed, count=MESSAGES, files=VECTORS, called="%s/%d" % (OUR_GT, ssn), layer=layer, timeout_s=120)
            both_ways(s)
        quiet(s)
        both_ways(s)
        check("asan" in pathlib.Path(CONNECTOR).parts or resident_kb(s) - before < RESIDENT_KB, "memory in kB before and after:", before, resident_kb(s))
        s.judge(ours_only=True, but=ITS_OWN_ADDRESS)


def test_damaged_answers(stack):
    """Each message is submitted at least once, and none is lost, though the SC's answers are damaged for a while."""
    with stack(map_lines=LINES, modparams={"retry_schedule_s": "1,1,1,2,2,3,3,3,3,3"}) as s:
        s.net.answer("mo-ForwardSM", {"result": {"sm-RP-UI": sms_tpdu.submit_report().hex()}, "mutate": 4711}, count=60)
        sent = [send(s, "message %d" % n, notify="") for n in range(30)]
        s.net.wait_operations("mo-ForwardSM", 61, timeout=90)
        for a, _, _ in sent:
            s.net.wait_operation("mo-ForwardSM", a=a)
        ended(s, sent)
        both_ways(s)


def test_damaged_answers_where_there_is_no_service_centre(stack):
    """Role deliver: those of the HLR and of the serving node."""
    with stack(map_lines=LINES, smscs={"test": ("deliver", ())}, modparams={"retry_schedule_s": "1,1,1,2,2,3,3,3,3,3,3,3"}) as s:
        s.net.answer("*", {"mutate": 4712}, count=80)
        sent = [send(s, "message %d" % n, notify="") for n in range(30)]
        s.net.wait_operations("*", 81, timeout=90)
        for a, _, _ in sent:
            s.net.wait_operation("mt-ForwardSM", b=a, timeout=60)
        ended(s, sent)
        quiet(s)


def ended(s, sent):
    """Every message has an end; a damaged answer may be a refusal, but few are."""
    def states():
        of = {m["b"]: m["state"] for m in s.rpc("ipsmgw.msg_list", 200, 0)}
        found = [of.get(b) for _, b, _ in sent]
        return None if set(found) & {"pending", "assembling", None} else found
    found = wait_for(states, 90, 0.5, "messages without an end")
    check(sum(state in ("accepted", "delivered") for state in found) > len(sent) / 2, "states:", found)


def test_damaged_home_location_register(stack):
    """Answers of the HLR in home routing."""
    with stack(map_lines=LINES) as s:
        s.net.answer("sendRoutingInfoForSM", {"result": {"imsi": "262021234567890", "locationInfoWithLMSI": {"networkNode-Number": SC}}, "mutate": 1}, count=60)
        waiting = [s.net.invoke_later("sendRoutingInfoForSM", {"msisdn": s.pair()[0], "sm-RP-PRI": True, "serviceCentreAddress": SC}, timeout_s=60)
                   for _ in range(60)]
        ends = {get()["end"] for get in waiting}
        check(ends <= {"result", "error"}, "outcomes of the GMSC:", ends)
        both_ways(s)


def test_storm_of_dialogues(stack):
    """TC-BEGINs that are never continued, with an operation and without: bounded, and others are served meanwhile."""
    with stack(map_lines=LINES + ("dialogues 1000",)) as s:
        both_ways(s)
        before = resident_kb(s)
        sri = next(line.split()[1] for line in pathlib.Path(VECTORS[0]).read_text().splitlines() if line.startswith("mt-begin "))
        s.net.answer("sendRoutingInfoForSM", {"silent": True}, count=200)
        for octets in ("62264804TID6b1e281c060700118605010101a011600f80020780a109060704000001001903", sri[:8] + "TID" + sri[16:]):
            s.net.command("storm", count=STORM, called=OUR_GT, hex=octets, timeout_s=120)
            check(dialogues(s)[1] <= 1000, "dialogues of peers", dialogues(s))
        s.net.clear()
        both_ways(s)
        check("asan" in pathlib.Path(CONNECTOR).parts or resident_kb(s) - before < RESIDENT_KB, "memory in kB before and after:", before, resident_kb(s))
        quiet(s)
