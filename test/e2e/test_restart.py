# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 the ipsmgw authors
"""kill -9 of Kamailio, of the connector, of the SMSC at random moments under load: what was answered 202 arrives.

KILLS=n times each (default 20), RATE messages a second (default 200), SEED to repeat a run.
"""

import asyncio
import collections
import contextlib
import os
import random
import sqlite3
import time

from harness import SANITISED, check, equal, wait_for
from sip_peer import pager

KILLS = int(os.environ.get("KILLS", 20))
RATE = int(os.environ.get("RATE", 200))
PAUSE_S = (0.4, 1.2)   # between the return of a program and its next death
FAST = {"connector": ("reconnect-max 1", "response-timeout 5"), "modparams": {"retry_schedule_s": "1,1,2,5,5,5"}}

SLOW = {"smsc": "bad", "window": 20}   # answers after 40 ms, so that several are always without an answer


class Load:
    """RATE messages a second, each with a text of its own, until stop()."""

    def __init__(self, s, rate):
        self.s, self.rate, self.accepted, self.answers, self.silent = s, rate, set(), collections.Counter(), 0
        self.future = asyncio.run_coroutine_threadsafe(self.run(), s.a.loop.loop)

    async def one(self, k):
        text = "load %06d" % k
        m = pager(text, "+1555%07d" % (k % 50), "+1777%07d" % k)
        answer = await self.s.a.transact(self.s.sip, m, timer_f=30)
        if answer is None:
            self.silent += 1
        else:
            self.answers[answer.code] += 1
            if answer.code == 202:
                self.accepted.add(text)

    async def run(self):
        self.running, tasks, began, k = True, [], time.monotonic(), 0
        while self.running:
            while k < (time.monotonic() - began) * self.rate:
                tasks.append(asyncio.ensure_future(self.one(k)))
                k += 1
            await asyncio.sleep(0.005)
        await asyncio.gather(*tasks)
        return k

    def stop(self, timeout=60):
        self.running = False
        return self.future.result(timeout)


def arrived(s):
    return collections.Counter(bytes.fromhex(p["hex"]).decode() for p in s.smsc.submits())


def duplicates_by_kill(s, kills):
    """How many messages came again after each kill and before the next one; a kill is the number of the SMSC's events until then."""
    seen, after = set(), []
    for since, until in zip([0] + kills, kills + [None]):
        texts = [e["hex"] for e in s.smsc.events[since:until] if e["ev"] == "pdu" and e["cmd"] == "submit_sm"]
        after.append(len(texts) - len(set(texts) - seen))
        seen.update(texts)
    return after


def resubmitted(s):
    return s.statistics()["sms_resubmitted"]


def kill_under_load(stack, what, kill, recover, **options):
    seed = int(os.environ.get("SEED", random.randrange(1 << 31)))
    dice = random.Random(seed)
    print("  seed %d, %d kills of %s at %d msg/s" % (seed, KILLS, what, RATE), flush=True)
    with stack(**FAST, **options) as s:
        if options:
            s.smsc.control("fault", mode="late", ms=40)
        load, kills, counted = Load(s, RATE), [], 0
        for _ in range(KILLS):
            time.sleep(dice.uniform(*PAUSE_S))
            if what == "Kamailio":   # its counters die with it
                counted += resubmitted(s)
            kills.append(len(s.smsc.events))
            kill(s)
            time.sleep(dice.uniform(0, 0.3))
            recover(s)
        time.sleep(0.5)
        total = load.stop()
        missing = load.accepted
        try:
            wait_for(lambda: not load.accepted - set(arrived(s)), 60, 0.5, "everything that was answered 202 to arrive")
        finally:
            counts = arrived(s)
            missing = load.accepted - set(counts)
            twice, counted = duplicates_by_kill(s, kills), counted + resubmitted(s)
            print("  %d sent, %s, %d without an answer, %d missing, %d duplicates, at most %d by one kill, %d counted as possible"
                  % (total, dict(load.answers), load.silent, len(missing), sum(twice), max(twice), counted), flush=True)
        check(not missing, len(missing), "were answered 202 and never arrived, such as", sorted(missing)[:3])
        check(SANITISED or len(load.accepted) > total * 0.5, "too few were accepted:", dict(load.answers))
        check(max(twice) <= s.window, "more duplicates than the window of %d:" % s.window, twice)
        check(sum(twice) <= counted, "%d duplicates, %d counted" % (sum(twice), counted))


def test_kill_kamailio(stack):
    def recover(s):
        s.kamailio.start()
        s.wait_kamailio()
    kill_under_load(stack, "Kamailio", lambda s: s.kamailio.kill(), recover, **SLOW)


def test_kill_connector(stack):
    kill_under_load(stack, "the connector", lambda s: s.connector.kill(), lambda s: (s.connector.start(), s.wait_bound()), **SLOW)


def test_kill_smsc(stack):
    kill_under_load(stack, "the SMSC", lambda s: s.smsc.program.kill(), lambda s: (s.smsc.start(), s.wait_bound()))


def test_orderly_restart_under_load(stack):
    """SIGTERM is gentler: nothing lost, and no message twice but those in the window."""
    with stack(**FAST) as s:
        load = Load(s, 50)
        time.sleep(1)
        equal(s.kamailio.stop(), 0, "exit status of kamailio")
        s.kamailio.start()
        s.wait_ready()
        time.sleep(0.5)
        check(s.connector.stop() in (0, -15), "exit status of the connector")
        s.connector.start()
        s.wait_bound()
        time.sleep(0.5)
        load.stop()
        wait_for(lambda: not load.accepted - set(arrived(s)), 30, 0.2, "everything that was answered 202 to arrive")
        twice = sum(n - 1 for n in arrived(s).values())
        check(twice <= 2 * s.window, twice, "duplicates")


def test_conversation_survives(stack):
    with stack() as s:
        a, b = s.pair()
        m, answer = s.text("before", a, b)
        equal(answer.code, 202)
        s.smsc.wait_submits(b)
        s.restart_kamailio()
        equal(s.smsc.mo(b, a, b"after"), 0)
        r = s.a.wait(lambda r: r.text == "after")
        equal((r.get("Conversation-ID"), r.get("InReplyTo-Contribution-ID")), (m.conversation_id, m.contribution_id))


def test_client_retry_over_a_restart(stack):
    """The retry of a message that was answered before the crash is answered again and not sent again."""
    with stack() as s:
        a, b = s.pair()
        equal(s.text("once", a, b, imdn_id="the-id")[1].code, 202)
        s.smsc.wait_submits(b)
        wait_for(lambda: s.rpc("ipsmgw.msg_list", 10, 0)[0].get("state") == "accepted", 20, 0.1, "accepted")
        s.restart_kamailio()
        equal(s.text("once", a, b, imdn_id="the-id")[1].code, 202)
        time.sleep(1)
        equal(len(s.smsc.submits(lambda p: p["to"] == b[1:])), 1)


def test_accepted_while_all_else_is_down(stack):
    """Only Kamailio runs: 202, killed, started again, and later the connector and the SMSC come."""
    with stack(start=False) as s:
        s.kamailio.start()
        s.wait_kamailio()
        a, b = s.pair()
        for k in range(3):
            equal(s.text("kept %d" % k, a, b)[1].code, 202)
        s.kamailio.kill()
        s.kamailio.start()
        s.connector.start()
        s.wait_kamailio()
        s.smsc.start()
        submits = s.smsc.wait_submits(b, 3, 20)
        equal([bytes.fromhex(p["hex"]).decode() for p in submits], ["kept 0", "kept 1", "kept 2"])


def test_new_messages_after_a_restore(stack):
    """The connector lives on and remembers what was sent since the copy was made: their numbers are given anew, to messages that B gets, too."""
    with stack() as s:
        a, b = s.pair()
        copy = s.dir / "copy.db"
        with contextlib.closing(sqlite3.connect(str(s.db), timeout=30)) as now, contextlib.closing(sqlite3.connect(str(copy))) as then:
            now.backup(then)
        equal(s.text("since the copy", a, b)[1].code, 202)
        s.smsc.wait_submits(b)
        wait_for(lambda: s.rpc("ipsmgw.msg_list", 1, 0)[0].get("state") == "accepted", 20, 0.1, "accepted")
        s.kamailio.stop()
        for old in s.dir.glob(s.db.name + "*"):
            old.unlink()
        copy.rename(s.db)
        s.kamailio.start()
        s.wait_kamailio()
        equal(s.text("since the restore", a, b)[1].code, 202)
        equal(bytes.fromhex(s.smsc.wait_submits(b, 2, 20)[1]["hex"]).decode(), "since the restore")
