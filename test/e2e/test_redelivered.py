# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 the ipsmgw authors
"""What A may get twice: not if the gateway can know that he has it, and counted in sms_redelivered if it cannot. And what
the SMSC is told when it repeats what A has refused: that."""

import os
import signal
import time

from harness import Answer, check, equal, wait_for

P_APPN, R_APPN = 0x65, 0x66

QUICK = {"smsc": "bad", "connector": ("reconnect-max 1",)}


def for_a(a):
    return lambda r: r.uri == "tel:" + a


def counted(s):
    return s.statistics()["sms_redelivered"]


def got(s, a, count):
    """That many came, and no more."""
    check(s.a.wait(for_a(a), 20, count=count), "A did not get", count)
    check(not s.a.wait(for_a(a), 0.5, count=count + 1), "A got more than", count)


def new_session(s):
    """The SMSC ends its connections and has new ones."""
    opened = sum(e["ev"] == "open" for e in s.smsc.events)
    check(s.smsc.control("drop")["closed"], "nothing was open")
    wait_for(lambda: s.smsc.sync() or sum(e["ev"] == "open" for e in s.smsc.events) > opened, 20, 0.05, "a new connection")
    s.wait_bound()


def again(s, b, a, text, **fields):
    """As an SMSC does until it is taken"""
    wait_for(lambda: s.smsc.mo(b, a, text, **fields) == 0, 20, 0.2, "the repetition to be taken")


def test_the_same_text_over_one_session(stack):
    """Two messages: the SMSC has heard that the first is there."""
    with stack(**QUICK) as s:
        a, b = s.pair()
        for _ in range(3):
            equal(s.smsc.mo(b, a, b"ok"), 0)
        got(s, a, 3)
        equal(counted(s), 0)


def test_the_same_text_over_another_session(stack):
    """The response may have been lost with the connection, or B has written it twice: nothing tells."""
    with stack(**QUICK) as s:
        a, b = s.pair()
        equal(s.smsc.mo(b, a, b"ok"), 0)
        new_session(s)
        equal(s.smsc.mo(b, a, b"ok"), 0)
        got(s, a, 2)
        equal(counted(s), 1)
        equal(s.smsc.mo(b, a, b"ok"), 0)
        equal(s.smsc.mo(b, a, b"other text"), 0)
        equal(counted(s), 1, "with one more over the same session, and another text")


def test_acknowledgement_that_finds_nobody(stack):
    """A answers when the session is gone: what the SMSC repeats is acknowledged and not shown again."""
    with stack(**QUICK) as s:
        a, b = s.pair()
        s.a.policy = lambda request: Answer(200, delay=4)
        first = s.smsc.mo_later(b, a, b"once")
        check(s.a.wait(for_a(a)), "A was offered nothing")
        new_session(s)
        check(first() != 0, "the SMSC heard an answer")
        wait_for(lambda: s.statistics()["cpm_sent"] == 1, 20, 0.05, "A's answer")
        again(s, b, a, b"once")
        got(s, a, 1)
        equal((counted(s), s.statistics()["sms_repeated"]), (0, 1))
        again(s, b, a, b"once")
        got(s, a, 2)


def part(k, total=2):
    """Its octets, with a header of parts"""
    return bytes([5, 0, 3, 7, total, k]) + b"part"


def answered_to_nobody(s, b, a, code, *octets, **fields):
    """A answers when the session that brought the last of it is gone."""
    known = {k: s.statistics()[k] for k in ("cpm_sent", "cpm_failed")}
    s.a.policy = lambda request: Answer(0)
    for early in octets[:-1]:
        equal(s.smsc.mo(b, a, early, **fields), 0)
    last = s.smsc.mo_later(b, a, octets[-1], **fields)
    offered = s.a.wait(for_a(a), 15)
    check(offered, "A was offered nothing")
    new_session(s)
    equal(last(), "connection lost")
    s.a.answer(offered, Answer(code))
    s.a.policy = lambda request: Answer(200)
    wait_for(lambda: any(s.statistics()[k] > known[k] for k in known), 10, 0.05, "A's answer")


def test_refusal_of_parts_that_finds_nobody(stack):
    """The repeated last part is answered with the failure; parts that were acknowledged are so again."""
    with stack(**QUICK) as s:
        for code, status, order in ((488, P_APPN, (1, 2)), (603, R_APPN, (2, 1))):
            a, b = s.pair()
            answered_to_nobody(s, b, a, code, *map(part, order), esm_class=0x40)
            for _ in range(2):
                equal([s.smsc.mo(b, a, part(k), esm_class=0x40) for k in order], [0, status], code)
            got(s, a, 1)
        equal((counted(s), s.statistics()["sms_repeated"]), (0, 8))


def test_refusal_of_parts_that_a_restart_follows(stack):
    with stack(**QUICK) as s:
        a, b = s.pair()
        answered_to_nobody(s, b, a, 488, part(1), part(2), esm_class=0x40)
        s.restart_kamailio()
        equal([s.smsc.mo(b, a, part(k), esm_class=0x40) for k in (1, 2)], [0, P_APPN])
        got(s, a, 1)


def test_refusal_of_parts_when_the_gateway_asks_again(stack):
    """The SMSC has heard that it is to try again, and hears the rest when it does."""
    with stack(modparams={"retry_schedule_s": "1"}, **QUICK) as s:
        a, b = s.pair()
        left = [486, 488]
        s.a.policy = lambda request: Answer(left.pop(0))
        equal(s.smsc.mo(b, a, part(1), esm_class=0x40), 0)
        check(s.smsc.mo(b, a, part(2), esm_class=0x40) not in (0, P_APPN), "A was only busy")
        wait_for(lambda: s.statistics()["cpm_failed"] == 2, 15, 0.1, "the second attempt")
        equal([s.smsc.mo(b, a, part(k), esm_class=0x40) for k in (1, 2)], [0, P_APPN])
        got(s, a, 2)


def test_refusal_of_a_single_one_that_finds_nobody(stack):
    """A is asked again, for the SMSC has it all."""
    with stack(**QUICK) as s:
        a, b = s.pair()
        answered_to_nobody(s, b, a, 488, b"single")
        s.a.policy = lambda request: Answer(603)
        equal(s.smsc.mo(b, a, b"single"), R_APPN)
        got(s, a, 2)


def test_acknowledgement_of_parts_that_finds_nobody(stack):
    with stack(**QUICK) as s:
        a, b = s.pair()
        answered_to_nobody(s, b, a, 200, part(1), part(2), esm_class=0x40)
        equal([s.smsc.mo(b, a, part(k), esm_class=0x40) for k in (2, 1)], [0, 0])
        got(s, a, 1)


def test_repetition_that_is_read_together_with_the_first(stack):
    """Over another session it is the same message."""
    with stack(**QUICK) as s:
        a, b = s.pair()
        (spool,) = [int(p["PID"]) for p in s.rpc("core.psx") if isinstance(p, dict) and "ipsmgw spool" in p["DSC"]]
        os.kill(spool, signal.SIGSTOP)
        try:
            first = s.smsc.mo_later(b, a, b"once")
            s.smsc.wait(lambda e: e["ev"] == "pdu" and e["cmd"] == "deliver_sm" and e["dir"] == "tx")
            new_session(s)
            second = s.smsc.mo_later(b, a, b"once")
            s.smsc.wait(lambda e: e["ev"] == "pdu" and e["cmd"] == "deliver_sm" and e["dir"] == "tx", count=2)
            time.sleep(0.2)
        finally:
            os.kill(spool, signal.SIGCONT)
        check(first() != 0 and second() == 0, "answers", first(), second())
        got(s, a, 1)
        equal((counted(s), s.statistics()["sms_repeated"]), (0, 1))


def test_no_answer_of_a(stack):
    """Each offer after one that A did not answer counts; one after an answer does not."""
    with stack(modparams={"tm.fr_timer": 2000, "deliver_timeout_s": 5}, **QUICK) as s:
        a, b = s.pair()
        left = [0, 0, 486, 200]
        s.a.policy = lambda request: Answer(left.pop(0))
        for want in (0, 1, 2, 2):
            status = s.smsc.mo(b, a, b"hello?")
            equal(counted(s), want)
        equal(status, 0)


def test_no_answer_of_a_to_parts(stack):
    """They are the gateway's to repeat."""
    with stack(modparams={"tm.fr_timer": 2000, "deliver_timeout_s": 5, "retry_schedule_s": "1"}, **QUICK) as s:
        a, b = s.pair()
        left = [0, 200]
        s.a.policy = lambda request: Answer(left.pop(0))
        for k in (1, 2):
            s.smsc.mo(b, a, bytes([5, 0, 3, 7, 2, k]) + b"part", esm_class=0x40)
        wait_for(lambda: not left, 20, 0.1, "the second attempt")
        equal(counted(s), 1)


def test_death_before_the_answer_is_noted(stack):
    """Kamailio dies with one message and one of two parts at A: both come again, both are counted by the life that follows."""
    with stack(**QUICK) as s:
        (a1, b1), (a2, b2) = s.pair(), s.pair()
        s.a.policy = lambda request: Answer(200, delay=30)
        s.smsc.mo_later(b1, a1, b"single", timeout=20)
        equal(s.smsc.mo(b2, a2, bytes([5, 0, 3, 7, 2, 1]) + b"part", esm_class=0x40), 0)
        s.smsc.mo_later(b2, a2, bytes([5, 0, 3, 7, 2, 2]) + b"part", timeout=20, esm_class=0x40)
        for a in (a1, a2):
            check(s.a.wait(for_a(a)), "A was offered nothing")
        s.kamailio.kill()
        s.a.policy = lambda request: Answer(200)
        s.kamailio.start()
        s.wait_ready()
        equal(counted(s), 1, "of the parts, which the gateway repeats by itself")
        check(s.a.wait(for_a(a2), 20, count=2), "the parts did not come again")
        again(s, b1, a1, b"single")
        check(s.a.wait(for_a(a1), 20, count=2), "the single one did not come again")
        equal(counted(s), 2)
