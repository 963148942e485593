# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 the ipsmgw authors
"""The wall clock is set: nothing waits for the time that it has jumped over."""

import pathlib
import sqlite3
import struct
import subprocess
import time

from harness import ROOT, Answer, check, equal, preload, wait_for

HOUR_S = 3600


class Clock:
    def __init__(self, s):
        self.path = s.dir / "clock"
        self.path.write_bytes(bytes(8))
        library = s.dir / "clock_shift.so"
        subprocess.run(["cc", "-D_GNU_SOURCE", "-std=c11", "-shared", "-fPIC", "-o", str(library), str(pathlib.Path(ROOT, "test/faults/clock_shift.c")), "-ldl"],
                       check=True)
        for program in (s.kamailio, s.connector):
            program.env.update(CLOCK_SHIFT_FILE=str(self.path))
            preload(program, library)

    def shift(self, seconds):
        with open(self.path, "r+b") as out:
            out.write(struct.pack("=q", seconds))


def lost_and_back(s, clock, before, after):
    """The SMSC goes down while the clock is before off, and comes back when it is after off."""
    clock.shift(before)
    s.smsc.program.kill()
    s.smsc.program.reader.join(5)
    wait_for(lambda: not s.link_up(), 20, 0.05, "the SMSC to be missed")
    clock.shift(after)
    s.smsc.start()
    s.wait_bound()
    a, b = s.pair()
    wait_for(lambda: s.text("still there", a, b)[1].code == 202, 20, 0.3, "202")
    s.smsc.wait_submits(b)


def test_smsc_comes_back_whatever_the_clock_says(stack):
    with stack(smsc="bad", connector=("reconnect-max 1",), start=False) as s:
        clock = Clock(s)
        s.start()
        for before, after in ((HOUR_S, 0), (0, -HOUR_S), (-HOUR_S, HOUR_S)):
            lost_and_back(s, clock, before, after)


def test_parts_are_joined_whatever_the_clock_says(stack):
    with stack(smsc="bad", start=False) as s:
        clock = Clock(s)
        s.start()
        for n, seconds in enumerate((HOUR_S, 0, -HOUR_S, HOUR_S)):
            a, b = s.pair()
            equal(s.smsc.mo(b, a, bytes([5, 0, 3, n, 2, 1]) + b"one ", esm_class=0x40), 0)
            clock.shift(seconds)
            check(not s.a.wait(lambda r: r.uri == "tel:" + a, 2), "A got a part")
            equal(s.smsc.mo(b, a, bytes([5, 0, 3, n, 2, 2]) + b"whole", esm_class=0x40), 0)
            equal(s.a.wait(lambda r: r.uri == "tel:" + a, 20).text, "one whole")


def test_parts_are_joined_when_the_clock_is_set_during_a_lock(stack):
    """What waits moves with the clock before anything is looked at with the new time, however often that cannot be written."""
    with stack(smsc="bad", start=False) as s:
        clock = Clock(s)
        s.start()
        a, b = s.pair()
        equal(s.smsc.mo(b, a, bytes([5, 0, 3, 1, 2, 1]) + b"one ", esm_class=0x40), 0)
        lock = sqlite3.connect(s.db, isolation_level=None, timeout=5)
        lock.execute("begin immediate")
        clock.shift(HOUR_S)
        time.sleep(3.5)     # longer than the gateway waits for one transaction, shorter than for two
        lock.execute("rollback")
        lock.close()
        check(not s.a.wait(lambda r: r.uri == "tel:" + a, 3), "A got a part")
        equal(s.smsc.mo(b, a, bytes([5, 0, 3, 1, 2, 2]) + b"whole", esm_class=0x40), 0)
        equal(s.a.wait(lambda r: r.uri == "tel:" + a, 20).text, "one whole")


def test_long_message_that_a_has_not_answered_whatever_the_clock_says(stack):
    """All its parts were acknowledged: it does not become too old by the clock alone, not while A has it and not while it waits."""
    with stack(smsc="bad", modparams={"tm.fr_timer": 1500, "deliver_timeout_s": 2, "retry_schedule_s": "3"}, start=False) as s:
        clock = Clock(s)
        clock.shift(-28 * HOUR_S)
        s.start()
        a, b = s.pair()
        s.a.policy = lambda r: Answer(0)
        equal(s.smsc.mo(b, a, bytes([5, 0, 3, 1, 2, 1]) + b"one ", esm_class=0x40), 0)
        s.smsc.mo_later(b, a, bytes([5, 0, 3, 1, 2, 2]) + b"whole", esm_class=0x40)
        check(s.a.wait(lambda r: r.uri == "tel:" + a, 20), "A has it")
        clock.shift(0)
        time.sleep(3)
        s.a.policy = lambda r: Answer(200)
        before = len(s.a.received)
        wait_for(lambda: any(r.uri == "tel:" + a and r.text == "one whole" for r in s.a.received[before:]), 20, 0.1, "A to be asked again")


def restart(s, clock, seconds):
    s.kamailio.kill()
    clock.shift(seconds)
    s.kamailio.start()
    s.wait_bound()


def test_parts_are_joined_when_the_clock_is_set_during_a_restart(stack):
    with stack(smsc="bad", start=False) as s:
        clock = Clock(s)
        s.start()
        for n, seconds in enumerate((28 * HOUR_S, 0, -28 * HOUR_S)):
            a, b = s.pair()
            equal(s.smsc.mo(b, a, bytes([5, 0, 3, n, 2, 1]) + b"one ", esm_class=0x40), 0)
            restart(s, clock, seconds)
            check(not s.a.wait(lambda r: r.uri == "tel:" + a, 2), "A got a part")
            equal(s.smsc.mo(b, a, bytes([5, 0, 3, n, 2, 2]) + b"whole", esm_class=0x40), 0)
            equal(s.a.wait(lambda r: r.uri == "tel:" + a, 20).text, "one whole")


def wait_stored(s, b):
    """What the SMSC has accepted is in the database: the log says so."""
    wait_for(lambda: "to=%s segs=1" % b in s.kamailio.log_path.read_text(), 20, 0.05, "the acceptance to be stored")


def known(s, a, b):
    """B gets no second "once" when A's client repeats it."""
    equal(s.text("once", a, b, imdn_id="the-id")[1].code, 202)
    equal(s.text("and then", a, b)[1].code, 202)
    s.smsc.wait_submits(b, 2)
    equal(len(s.smsc.submits(lambda p: p["to"] == b[1:])), 2)


def retries_are_known(stack, wait_taken, set_clock):
    """A client repeats its message, and the clock has been set by more than retry_window_s meanwhile."""
    with stack(start=False) as s:
        clock = Clock(s)
        s.start()
        for seconds in (28 * HOUR_S, 0, -28 * HOUR_S):
            a, b = s.pair()
            equal(s.text("once", a, b, imdn_id="the-id")[1].code, 202)
            wait_taken(s, b)
            set_clock(s, clock, seconds)
            known(s, a, b)


def test_retry_is_known_when_the_clock_is_set_during_a_restart(stack):
    retries_are_known(stack, wait_stored, restart)


def test_retry_is_known_whatever_the_clock_says(stack):
    retries_are_known(stack, lambda s, b: s.smsc.wait_submits(b), lambda s, clock, seconds: clock.shift(seconds))


def test_retry_is_known_over_a_boot(stack):
    """The clock was set before it, and the monotonic clock of that boot is gone."""
    with stack(start=False) as s:
        clock = Clock(s)
        s.start()
        clock.shift(28 * HOUR_S)
        a, b = s.pair()
        equal(s.text("once", a, b, imdn_id="the-id")[1].code, 202)
        wait_stored(s, b)
        s.kamailio.kill()
        with open(str(s.db) + ".lock", "r+b") as note:
            note.write(b"00000000-0000-0000-0000-000000000000")
        s.kamailio.start()
        s.wait_bound()
        known(s, a, b)


def test_retry_is_known_when_the_clock_was_set_right_before_a_restart(stack):
    with stack(start=False) as s:
        clock = Clock(s)
        s.start()
        for _ in range(3):
            clock.shift(-28 * HOUR_S)
            a, b = s.pair()
            equal(s.text("once", a, b, imdn_id="the-id")[1].code, 202)
            wait_stored(s, b)
            clock.shift(0)
            equal(s.text("by the right clock", *s.pair())[1].code, 202)
            restart(s, clock, 0)
            known(s, a, b)


def test_retry_is_known_when_the_clock_was_slewed_before_a_restart(stack):
    """Small steps are none, however many."""
    with stack(start=False, modparams={"retry_window_s": 32}) as s:
        clock = Clock(s)
        s.start()
        for seconds in range(1, 46):
            clock.shift(-seconds)
            equal(s.text("at %d" % seconds, *s.pair())[1].code, 202)
        a, b = s.pair()
        equal(s.text("once", a, b, imdn_id="the-id")[1].code, 202)
        wait_stored(s, b)
        restart(s, clock, -45)
        known(s, a, b)


def test_no_answer_in_time_whatever_the_clock_says(stack):
    """The timer of a submit_sm runs when the clock is set back."""
    with stack(smsc="bad", connector=("response-timeout 3",), modparams={"retry_schedule_s": "1"}, start=False) as s:
        clock = Clock(s)
        s.start()
        a, b = s.pair()
        s.smsc.control("fault", mode="no_answer", dest=b[1:], count=1)
        equal(s.text("again, please", a, b)[1].code, 202)
        s.smsc.wait_submits(b)
        clock.shift(-HOUR_S)
        s.smsc.wait_submits(b, 2, 20)
