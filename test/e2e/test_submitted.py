# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 the ipsmgw authors
"""answer=submitted: the MESSAGE is answered when the SMSC has answered, with the codes of spec 3.10."""

import time

from harness import check, equal
from sip_peer import pager

STACK = {"smsc": "bad", "answer": "submitted", "connector": ("response-timeout 2", "reconnect-max 1"),
         "modparams": {"answer_timeout_ms": 4000, "retry_schedule_s": "1,2,5"}}

PERMANENT = {0x0B: 404, 0x50: 404, 0x51: 404, 0x0A: 403, 0x48: 403, 0x49: 403, 0x15: 501, 0x01: 413, 0x43: 500, 0xC0: 500, 0xC4: 500, 0x66: 403,
             0x65: 480, 0xFE: 480, 0x02: 500, 0x03: 500}


def outcome(s, mode, **more):
    """(code, seconds) of a message whose submit_sm meets the fault, each time"""
    a, b = s.pair()
    s.smsc.control("fault", mode=mode, dest=b[1:], **more)
    began = time.monotonic()
    answer = s.a.send(s.sip, pager("hello", a, b))
    check(answer, "no final response")
    return answer.code, time.monotonic() - began


def test_accepted_is_202(s):
    a, b = s.pair()
    m = pager("hello", a, b)
    answer = s.a.send(s.sip, m)
    equal((answer.code, answer.get("Conversation-ID"), answer.get("Contribution-ID")), (202, m.conversation_id, m.contribution_id))
    equal(len(s.smsc.submits(lambda p: p["to"] == b[1:])), 1, "it is at the SMSC before the 202")


def test_it_waits_for_the_smsc(s):
    code, seconds = outcome(s, "late", ms=1200)
    equal(code, 202)
    check(seconds > 1.1, "answered after %.1f s" % seconds)


def test_permanent_errors(s):
    bad = []
    for status, code in PERMANENT.items():
        got, seconds = outcome(s, "status", value=status)
        if got != code:
            bad.append("%#x -> %d, want %d" % (status, got, code))
    s.smsc.control("clear")
    check(not bad, "; ".join(bad))


def test_temporary_error_is_202_in_time(s):
    """Throttled all the time: 202 at the timeout, and it goes on."""
    code, seconds = outcome(s, "status", value=0x58)
    equal(code, 202)
    check(3 < seconds < 15, "answered after %.1f s" % seconds)
    s.smsc.control("clear")


def test_temporary_error_then_accepted(s):
    code, seconds = outcome(s, "status", value=0x14, count=1)
    equal(code, 202)
    s.smsc.control("clear")


def test_all_parts_before_the_answer(s):
    a, b = s.pair()
    equal(s.a.send(s.sip, pager("x" * 500, a, b)).code, 202)
    equal(len(s.smsc.submits(lambda p: p["to"] == b[1:])), 4)


def test_refused_part_refuses_the_message(s):
    a, b = s.pair()
    s.smsc.control("fault", mode="status", value=0x0B, dest=b[1:])
    equal(s.a.send(s.sip, pager("x" * 500, a, b)).code, 404)
    s.smsc.control("clear")


def test_no_worker_is_blocked(stack):
    """40 messages wait for a slow SMSC, ten times as many as there are workers; others are not held up."""
    with stack(**dict(STACK, window=100, connector=("response-timeout 30",), modparams={"answer_timeout_ms": 18000})) as s:
        s.smsc.control("fault", mode="late", dest="9", ms=6000)
        slow = []
        for _ in range(40):
            a, b = s.pair()
            slow.append(s.a.send_later(s.sip, pager("slow", a, b[:-1] + "9")))
        for _ in range(5):
            a, b = s.pair()
            equal(s.a.send(s.sip, pager("fast", a, b)).code, 202)
        check(not any(f.done() for f in slow), "a fast one waited for a slow one")
        equal({f.result(60).code for f in slow}, {202})


def test_many_wait_for_a_dead_smsc(s):
    """The SMSC is away: every MESSAGE is answered 202 at the timeout, and arrives later."""
    s.smsc.control("listen", on=False)
    s.smsc.control("drop")
    pairs = [s.pair() for _ in range(60)]
    began = time.monotonic()
    answers = [s.a.send_later(s.sip, pager("wait", a, b)) for a, b in pairs]
    codes = {f.result(30).code for f in answers}
    check(codes <= {202} and time.monotonic() - began < 25, codes, time.monotonic() - began)
    s.smsc.control("listen", on=True)
    for _, b in pairs:
        s.smsc.wait_submits(b, 1, 20)


def test_retransmission_while_waiting(s):
    a, b = s.pair()
    s.smsc.control("fault", mode="late", dest=b[1:], ms=1500)
    m = pager("once", a, b)
    first = s.a.send_later(s.sip, m, branch="z9hG4bK-wait-" + m.imdn_id)
    equal(first.result(20).code, 202)
    time.sleep(0.5)
    equal(len(s.smsc.submits(lambda p: p["to"] == b[1:])), 1)
    s.smsc.control("clear")
