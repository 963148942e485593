# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 the ipsmgw authors
"""What is tried when A does not take a message, and when a message is not sent at all (spec 5.7, 5.8; R-18, R-77, R-78)."""

import contextlib
import sqlite3
import time

from harness import ROOT, Answer, check, equal, wait_for
from sip_peer import pager
from test_register import CPM, IM, IM_BIT, LARGE, MSG, bits, device, notify, register, reginfo, request_of, service_of, tell

STACK = {"modparams": {"retry_schedule_s": "60"}}
BOTH = (device(1, CPM), device(2, IM))
BUSY, LATER, REFUSED, PROTOCOL = 0x14, 0x64, 0x66, 0x65


def registered(s, *contacts):
    a, b = s.pair()
    if contacts:
        tell(s, register(a, request_of(*contacts), "message/sip"))
    return a, b


@contextlib.contextmanager
def answering(s, a, *answers):
    """A's answers in this order; the last one repeats."""
    before, left = s.a.policy, list(answers)

    def policy(r):
        if r.uri != "tel:" + a:
            return before(r)
        answer = left.pop(0) if len(left) > 1 else left[0]
        return answer if isinstance(answer, Answer) else Answer(answer)
    s.a.policy = policy
    try:
        yield
    finally:
        s.a.policy = before


def attempts(s, a):
    """[(service, A's answer)]"""
    return [(service_of(r)[0], r.answer.code) for r in s.a.received if r.uri == "tel:" + a]


def times(s, a):
    return [r.time for r in s.a.received if r.uri == "tel:" + a]


# ---- the other service (R-78) ----

def test_other_service(s):
    """CPM and IM by different devices: what the one refuses the other gets, and the SMSC hears success."""
    for code in (404, 406, 410, 415, 480, 488):
        a, b = registered(s, *BOTH)
        with answering(s, a, code, 200):
            equal(s.smsc.mo(b, a, b"hi"), 0, code)
        equal(attempts(s, a), [("cpm", code), ("im", 200)])
        equal([r.text for r in s.a.received if r.uri == "tel:" + a], ["hi"] * 2)


def test_each_service_once(s):
    for code, status in ((488, PROTOCOL), (480, LATER)):
        a, b = registered(s, *BOTH)
        with answering(s, a, code):
            equal(s.smsc.mo(b, a, b"hi"), status)
            time.sleep(0.3)
        equal(attempts(s, a), [("cpm", code), ("im", code)])


def test_other_service_only_if_registered(s):
    for contacts, first in (((), "cpm"), ((device(1, CPM),), "cpm"), ((device(1, IM),), "im"), ((device(1, IM, "+g.3gpp.smsip"),), "im")):
        a, b = registered(s, *contacts)
        with answering(s, a, 488):
            equal(s.smsc.mo(b, a, b"hi"), PROTOCOL)
            time.sleep(0.3)
        equal(attempts(s, a), [(first, 488)], contacts)


def test_not_for_other_answers(s):
    for code, status in ((400, PROTOCOL), (403, REFUSED), (408, LATER), (413, PROTOCOL), (486, LATER), (603, REFUSED), (604, LATER)):
        a, b = registered(s, *BOTH)
        with answering(s, a, code, 200):
            equal(s.smsc.mo(b, a, b"hi"), status)
            time.sleep(0.1)
        equal(attempts(s, a), [("cpm", code)])


def test_hope_outlives_a_refusal(s):
    """One device is off, the other cannot: the SMSC is told to try later, not never."""
    a, b = registered(s, *BOTH)
    with answering(s, a, 480, 488):
        equal(s.smsc.mo(b, a, b"hi"), LATER)
    equal(attempts(s, a), [("cpm", 480), ("im", 488)])


def test_order_during_the_second_attempt(s):
    """B's next message does not overtake the one that is tried again."""
    a, b = registered(s, *BOTH)
    with answering(s, a, Answer(488, delay=0.5), Answer(200, delay=0.5), 200):
        one, two = s.smsc.mo_later(b, a, b"one"), s.smsc.mo_later(b, a, b"two")
        equal((one(), two()), (0, 0))
    texts = [r.text for r in s.a.received if r.uri == "tel:" + a]
    check(texts in (["one", "one", "two"], ["two", "two", "one"]), texts)


def test_script_code_is_not_a_s(stack):
    """What the script answers without asking A has no second attempt, and forgets nobody."""
    with stack(start=False) as s:
        shipped = (ROOT / "cfg/kamailio.cfg").read_text()
        check("\n\tsms_to_cpm();\n" in shipped, "cfg/kamailio.cfg sends nothing")
        s.cfg.write_text(shipped.replace("\n\tsms_to_cpm();\n", "\n\t$ipsmgw(code) = 404;\n"))
        s.start()
        a, b = registered(s, *BOTH)
        equal(s.smsc.mo(b, a, b"hi"), LATER)
        equal((attempts(s, a), bits(s, a)["urn:gsma:imei:1"]), ([], MSG | LARGE))


def test_script_code_is_the_last_word(stack):
    """A's first answer left hope; the script, asked for the second attempt, leaves none."""
    with stack(start=False) as s:
        shipped = (ROOT / "cfg/kamailio.cfg").read_text()
        refusal = '\n\tif ($ipsmgw(service) == "im-pager") { $ipsmgw(code) = 403; exit; }\n\tsms_to_cpm();\n'
        s.cfg.write_text(shipped.replace("\n\tsms_to_cpm();\n", refusal))
        s.start()
        a, b = registered(s, *BOTH)
        with answering(s, a, 480):
            equal(s.smsc.mo(b, a, b"hi"), REFUSED)
        equal(attempts(s, a), [("cpm", 480)])


# ---- once more ----

def test_once_more(s):
    for code in (481, 500, 502, 504):
        a, b = registered(s)
        with answering(s, a, code, 200):
            equal(s.smsc.mo(b, a, b"hi"), 0)
        equal(attempts(s, a), [("cpm", code), ("cpm", 200)])
        a, b = registered(s)
        with answering(s, a, code):
            equal(s.smsc.mo(b, a, b"hi"), LATER)
        equal(attempts(s, a), [("cpm", code)] * 2)


def test_once_more_then_the_other(s):
    a, b = registered(s, *BOTH)
    with answering(s, a, 500, 480, 200):
        equal(s.smsc.mo(b, a, b"hi"), 0)
    equal(attempts(s, a), [("cpm", 500), ("cpm", 480), ("im", 200)])


def test_503_with_retry_after(s):
    a, b = registered(s)
    with answering(s, a, Answer(503, [("Retry-After", "3 (restart);duration=60")]), 200):
        equal(s.smsc.mo(b, a, b"hi", timeout=20), 0)
    first, second = times(s, a)
    check(2.9 <= second - first < 20, "waited", second - first)


def test_503_without_it(s):
    for headers in ((), [("Retry-After", "soon")], [("Retry-After", "3600")], [("Retry-After", "99999999999999999999")]):
        a, b = registered(s)
        with answering(s, a, Answer(503, headers), 200):
            equal(s.smsc.mo(b, a, b"hi"), BUSY)
            time.sleep(0.2)
        equal(attempts(s, a), [("cpm", 503)], headers)


# ---- one deadline ----

def test_deadline_is_for_all_attempts(stack):
    """The second attempt gets what the first left of deliver_timeout_s; its late success still counts."""
    with stack(modparams={"deliver_timeout_s": 8, "tm.fr_timer": 20000}) as s:
        a, b = registered(s, *BOTH)
        with answering(s, a, Answer(488, delay=5), Answer(200, delay=8)):
            began = time.monotonic()
            equal(s.smsc.mo(b, a, b"hi", timeout=20), LATER)
            took = time.monotonic() - began
            check(7.9 <= took < 12, "answered after", took)
            wait_for(lambda: "result=delivered" in s.kamailio.log_path.read_text().lower(), 20, 0.1, "the late 200 counts")
        equal(attempts(s, a), [("cpm", 488), ("im", 200)])
        equal(s.smsc.mo(b, a, b"hi"), 0)
        equal(len(attempts(s, a)), 2, "the SMSC's repeat is only acknowledged")


def test_late_failure_is_of_its_own_attempt(stack):
    """The answer to an attempt that was given up does not end the one that runs now."""
    with stack(modparams={"deliver_timeout_s": 6, "tm.fr_timer": 20000}) as s:
        a, b = registered(s, device(1, CPM))
        with answering(s, a, Answer(403, delay=9), Answer(200, delay=4)):
            equal(s.smsc.mo(b, a, b"hi", timeout=20), LATER)
            again = s.smsc.mo_later(b, a, b"hi")
            equal(again(), 0)
        equal(attempts(s, a), [("cpm", 403), ("cpm", 200)])


# ---- stale hints (R-77) ----

def test_404_drops_the_stale_service(s):
    for code in (404, 410, 604):
        a, b = registered(s, device(1, CPM), device(2, IM), device(3, CPM, IM))
        with answering(s, a, code, 200):
            s.smsc.mo(b, a, b"one")
        equal(bits(s, a), {"": 0, "urn:gsma:imei:1": 0, "urn:gsma:imei:2": IM_BIT, "urn:gsma:imei:3": IM_BIT}, code)
        equal(s.smsc.mo(b, a, b"two"), 0)
        equal(attempts(s, a)[-1], ("im", 200), "the next message goes to what is left")
        tell(s, register(a, request_of(device(1, CPM)), "message/sip"))
        equal(s.smsc.mo(b, a, b"three"), 0)
        equal(attempts(s, a)[-1], ("cpm", 200), "registered again")


def test_other_failures_drop_nothing(s):
    for code in (403, 406, 408, 415, 480, 486, 488, 503, 603):
        a, b = registered(s, *BOTH)
        before = bits(s, a)
        with answering(s, a, code):
            s.smsc.mo(b, a, b"one")
        equal(bits(s, a), before, code)


def test_registered_while_the_404_was_on_its_way(s):
    a, b = registered(s, device(1, CPM))
    with answering(s, a, Answer(404, delay=4)):
        answer = s.smsc.mo_later(b, a, b"one")
        check(s.a.wait(lambda r: r.uri == "tel:" + a), "A got nothing")
        tell(s, register(a, request_of(device(1, CPM)), "message/sip"))
        equal(answer(), LATER)
    equal(bits(s, a)["urn:gsma:imei:1"], MSG | LARGE)


def test_database_locked_during_the_retry(stack):
    """The other service is tried even if the outcome of the first could not be written."""
    with stack() as s:
        a, b = registered(s, *BOTH)
        with answering(s, a, Answer(488, delay=1), 200):
            answer = s.smsc.mo_later(b, a, b"hi")
            check(s.a.wait(lambda r: r.uri == "tel:" + a), "A got nothing")
            db = sqlite3.connect(str(s.db), isolation_level=None)
            db.execute("BEGIN IMMEDIATE")
            check(s.a.wait(lambda r: r.uri == "tel:" + a, 20, count=2), "no second attempt")
            db.execute("ROLLBACK")
            db.close()
            equal(answer(), 0)
        equal(attempts(s, a), [("cpm", 488), ("im", 200)])


# ---- nobody there (R-18) ----

ABSENT = {"unregistered": "absent", "retry_schedule_s": "60", "imdn_retry_s": "1"}


def test_unregistered_is_tried_by_default(s):
    a, b = registered(s)
    equal(s.smsc.mo(b, a, b"hi"), 0)
    equal(len(attempts(s, a)), 1)


def test_absent(stack):
    """No messaging tag: no MESSAGE, and the SMSC hears what 480 would say."""
    with stack(modparams=ABSENT) as s:
        for contacts in ((), (device(1),), (device(1, "+g.3gpp.smsip"),), (device(1, "+g.oma.sip-im.large-message"),)):
            a, b = registered(s, *contacts)
            equal(s.smsc.mo(b, a, b"hi"), LATER, contacts)
            equal(attempts(s, a), [])
        for contact, service in ((device(1, CPM), "cpm"), (device(1, IM), "im")):
            tell(s, register(a, request_of(contact), "message/sip"))
            equal(s.smsc.mo(b, a, b"hi " + service.encode()), 0)
            equal(attempts(s, a)[-1], (service, 200))
        tell(s, register(a, expires=0))
        equal(s.smsc.mo(b, a, b"bye"), LATER)
        # a 404 says so, too
        a, b = registered(s, device(1, CPM))
        with answering(s, a, 404):
            equal([s.smsc.mo(b, a, b"1"), s.smsc.mo(b, a, b"2")], [LATER] * 2)
        equal(len(attempts(s, a)), 1)
        # and what was written in SIMPLE IM or CPM before does not make A registered
        equal(s.a.send(s.sip, pager("hello", a, b)).code, 202)
        equal(s.smsc.mo(b, a, b"3"), LATER)
        equal(len(attempts(s, a)), 1)


def test_absent_is_quick(stack):
    """It does not wait for a timer."""
    with stack(modparams=ABSENT) as s:
        began = time.monotonic()
        for _ in range(20):
            a, b = s.pair()
            equal(s.smsc.mo(b, a, b"hi"), LATER)
        check(time.monotonic() - began < 25, "20 took", time.monotonic() - began)


def test_parameter_is_checked(stack):
    with stack(start=False, modparams={"unregistered": "maybe"}) as s:
        s.kamailio.start()
        wait_for(lambda: not s.kamailio.alive(), 20, 0.1, "kamailio does not stop")
        check("unregistered=maybe" in s.kamailio.log_path.read_text(), "the log names the parameter")


# ---- A comes back (spec 9.1 "retry waiting messages") ----

def in_parts(s, a, b):
    """A message of two parts; the status of the second."""
    equal(s.smsc.mo(b, a, bytes([5, 0, 3, 7, 2, 1]) + b"one ", esm_class=0x40), 0)
    return s.smsc.mo(b, a, bytes([5, 0, 3, 7, 2, 2]) + b"two", esm_class=0x40)


def test_due_when_a_registers(s):
    """retry_schedule_s is 60: only the registration can be the reason for the second attempt."""
    for how in ("register", "notify"):
        a, b = registered(s)
        other, b2 = registered(s)
        with answering(s, a, 480, 200), answering(s, other, 480, 200):
            equal((in_parts(s, a, b), in_parts(s, other, b2)), (LATER, LATER))
            if how == "register":
                tell(s, register(a, request_of(device(1, CPM)), "message/sip"))
            else:
                tell(s, notify(reginfo(["tel:" + a], (1, "registered", 600, {"+g.oma.sip-im": ""}))))
            check(s.a.wait(lambda r: r.uri == "tel:" + a, 20, count=2), how, "did not make it due")
            equal([code for _, code in attempts(s, a)], [480, 200])
            equal(len(attempts(s, other)), 1, "another A's")


def test_not_due_when_a_leaves(s):
    a, b = registered(s, device(1, CPM))
    with answering(s, a, 480, 200):
        equal(in_parts(s, a, b), LATER)
        tell(s, register(a, expires=0))
        tell(s, register(s.pair()[0]))
        time.sleep(2)
        equal(len(attempts(s, a)), 1)


def test_absent_until_a_registers(stack):
    with stack(modparams=ABSENT) as s:
        a, b = s.pair()
        equal((in_parts(s, a, b), attempts(s, a)), (LATER, []))
        tell(s, register(a, request_of(device(1, CPM)), "message/sip"))
        check(s.a.wait(lambda r: r.uri == "tel:" + a, 20), "not sent when A registered")
        equal(attempts(s, a), [("cpm", 200)])


def test_back_while_the_attempt_ran(stack):
    """A registers while the MESSAGE to where A was is unanswered: the first step of the schedule, not the one it would be."""
    with stack(modparams={"retry_schedule_s": "1,90", "tm.fr_timer": 4000}) as s:
        a, b = registered(s, device(1, CPM))
        with answering(s, a, 480, 0, 200):
            equal(in_parts(s, a, b), LATER)
            check(s.a.wait(lambda r: r.uri == "tel:" + a, 20, count=2), "no second attempt")
            tell(s, register(a, request_of(device(1, CPM)), "message/sip"))
            check(s.a.wait(lambda r: r.uri == "tel:" + a, 20, count=3), "not tried again soon")
