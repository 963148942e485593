# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 the ipsmgw authors
"""Messages of every outcome under kill -9 of both programs: each notification that was asked for comes once and says the truth.

The sender under kill -9 is SIPp. MESSAGES=n (default 300, SIPp 1000), KILLS=n of each program (default 3), SEED to repeat a run.
"""

import asyncio
import collections
import os
import random
import time

from harness import SANITISED, Answer, check, equal, free_port, wait_for
from notifications import Notification, is_imdn
from sip_peer import pager
from test_sipp import finish, sipp

MESSAGES = int(os.environ.get("MESSAGES", 300))
SIPP_MESSAGES = int(os.environ.get("MESSAGES", 1000))
RATE, SIPP_RATE = 40, 70   # messages a second
SENDERS = 40
KILLS = int(os.environ.get("KILLS", 3))   # of each program
STACK_OPTIONS = {"connector": ("reconnect-max 1", "response-timeout 5"),
                 "modparams": {"imdn_retry_s": "1,1,2", "retry_schedule_s": "1,1,2,5,5,5", "tm.fr_timer": 3000}}

# Last digits of B -> what smsc.pl says in its receipts
OUTCOMES = {"0001": "delivered", "0005": "failed", "0003": "failed", "0008": "forbidden", "0096": None}
ASKED = ("positive-delivery, negative-delivery", "positive-delivery", "negative-delivery", "display", "", "positive-delivery, negative-delivery, interworking")
FIRST_ANSWER = {0: 480, 1: 503, 2: 0}   # by chance A does not take a notification the first time


def wanted(outcome, notify):
    """The statuses that A is to be told"""
    want = {"legacy-sms"} if "interworking" in notify else set()
    asked = "positive-delivery" if outcome == "delivered" else "negative-delivery"
    return want | ({outcome} if outcome and asked in notify else set())


class Load:
    def __init__(self, s, seed):
        self.s, self.seed = s, seed
        self.dice = random.Random(seed)
        self.sent, self.accepted, self.tries = {}, set(), collections.Counter()
        s.a.policy = self.answer

    def make(self, k):
        """(sender, recipient, text, notifications asked for, parts)"""
        end, parts, notify = self.dice.choice(sorted(OUTCOMES)), self.dice.randint(1, 3), self.dice.choice(ASKED)
        return "+1555%06d1" % (k % SENDERS), "+1777%05d%s" % (k, end), "m%06d" % k + "x" * (170 * (parts - 1)), notify, parts

    def note(self, imdn_id, a, b, text, notify, parts):
        self.sent[imdn_id] = (a, b, wanted(OUTCOMES[b[-4:]], notify), parts)

    def answer(self, request):
        """In the peer's loop: one in ten has something else to do first."""
        if not is_imdn(request):
            return Answer(200)
        n = request.cpim.get("imdn.Message-ID")
        self.tries[n] += 1
        chance = random.Random(n).randrange(30)
        return Answer(FIRST_ANSWER[chance] if chance in FIRST_ANSWER and self.tries[n] == 1 else 200)

    def missing_parts(self):
        """Accepted, and yet the SMSC has not seen each of its parts"""
        seen = collections.defaultdict(set)
        for p in self.s.smsc.submits():
            seen[p["to"]].add(p["hex"])
        return [i for i in self.accepted if len(seen[self.sent[i][1][1:]]) != self.sent[i][3]]

    # ---- the judge ----

    def told(self):
        """(message id, status) -> notifications that A answered with 200"""
        found = collections.defaultdict(list)
        for r in list(self.s.a.received):
            if is_imdn(r) and r.answer.code == 200:
                n = Notification(r)
                found[n.message_id, n.status].append(n)
        return found

    def missing(self):
        """One whose report of failure was faster than the acceptance of its last part was never taken as a whole."""
        told = self.told()
        return [(i, status) for i in self.accepted for status in self.sent[i][2]
                if (i, status) not in told and not (status == "legacy-sms" and self.sent[i][3] > 1 and told.keys() & {(i, "failed"), (i, "forbidden")})]

    def untrue(self):
        bad = []
        for (i, status), found in self.told().items():
            a, b, want, _ = self.sent[i]
            bad += ["%s: %s told to %s, want %s to %s" % (i, status, n.request.uri, want, a) for n in found
                    if status not in want or n.request.uri != "tel:" + a or n.recipient_uri not in (None, "tel:" + b)]
        return bad

    def surplus(self):
        """(first, again) for each second and further 200 for one and the same"""
        return [(found[0], n) for found in self.told().values() for n in found[1:]]


class PythonLoad(Load):
    """Sent by sip_peer."""

    messages = MESSAGES

    async def one(self, m):
        answer = await self.s.a.transact(self.s.sip, m, timer_f=30)
        if answer and answer.code == 202:
            self.accepted.add(m.imdn_id)

    async def run(self):
        tasks, began = [], time.monotonic()
        for k in range(MESSAGES):
            await asyncio.sleep(max(0, began + k / RATE - time.monotonic()))
            a, b, text, notify, parts = self.make(k)
            m = pager(text, a, b, notify=notify)
            self.note(m.imdn_id, a, b, text, notify, parts)
            tasks.append(asyncio.ensure_future(self.one(m)))
        await asyncio.gather(*tasks)

    def start(self):
        self.future = asyncio.run_coroutine_threadsafe(self.run(), self.s.a.loop.loop)

    def finish(self):
        self.future.result(120)


class SippLoad(Load):
    """Sent by SIPp out of an injection file; what was answered stands in its log."""

    messages = SIPP_MESSAGES

    def start(self):
        lines = ["SEQUENTIAL"]
        for k in range(SIPP_MESSAGES):
            a, b, text, notify, parts = self.make(k)
            self.note("sipp-%06d" % k, a, b, text, notify, parts)
            lines.append(";".join((a[1:], b[1:], "sipp-%06d" % k, notify, text)))
        (self.s.dir / "messages.csv").write_text("\n".join(lines) + "\n")
        self.process = sipp(self.s, "mixed_202", "-p", free_port(), "-inf", "messages.csv", "-m", SIPP_MESSAGES, "-r", SIPP_RATE, "-l", SIPP_MESSAGES,
                            "-timeout", 120, "-trace_logs", "-log_file", "answers.log")

    def finish(self):
        try:
            finish(self.process, self.s, "mixed_202", 150)
        finally:
            self.process.kill()
            self.process.wait()
        answers = [line.split() for line in (self.s.dir / "answers.log").read_text().splitlines()]
        self.accepted = {imdn_id for code, imdn_id in answers if code == "202"}


def kill_them(s, dice, kills):
    """Both programs, in turn, at random moments; gives the times of Kamailio's deaths."""
    deaths = []
    for k in range(2 * kills):
        time.sleep(dice.uniform(0.5, 1.3))
        if k % 2 == 0:
            deaths.append(time.time())
            s.kamailio.kill()
            time.sleep(dice.uniform(0, 0.3))
            s.kamailio.start()
            s.wait_kamailio()
        else:
            s.connector.kill()
            time.sleep(dice.uniform(0, 0.3))
            s.connector.start()
            s.wait_bound()
    return deaths


def load_test(stack, kind, kills):
    seed = int(os.environ.get("SEED", random.randrange(1 << 31)))
    with stack(**STACK_OPTIONS) as s:
        load = kind(s, seed)
        load.start()
        deaths = kill_them(s, random.Random(seed + 1), kills)
        load.finish()
        try:
            wait_for(lambda: not load.missing(), 60, 0.5, "every notification")
            time.sleep(5)
        finally:
            told, surplus, missing = load.told(), load.surplus(), load.missing()
            print("  seed %d, %d kills of each: %d sent, %d accepted, %d notifications, %d tries, %d missing, %d twice" % (
                seed, kills, len(load.sent), len(load.accepted), len(told), sum(load.tries.values()), len(missing), len(surplus)), flush=True)
            if missing:
                print("  missing: %s" % [(i, status) + load.sent[i][:2] for i, status in missing[:5]], flush=True)
        check(len(load.accepted) > 0.9 * load.messages, "too few were accepted:", len(load.accepted))
        check(not load.missing_parts(), "not submitted:", load.missing_parts()[:3])
        check(not load.untrue(), len(load.untrue()), "lies:", load.untrue()[:3])
        return surplus, deaths


def test_each_once(stack):
    surplus, _ = load_test(stack, PythonLoad, 0)
    equal([n.document for _, n in surplus], [], "told twice")


def test_each_once_with_kills(stack):
    """Few may come twice, where Kamailio died between A's 200 and the record of it; they carry the same imdn.Message-ID."""
    surplus, deaths = load_test(stack, SippLoad, KILLS)
    check(len(surplus) <= (20 if SANITISED else 2) * KILLS, "%d told twice" % len(surplus))
    for first, again in surplus:
        equal(again.own_id, first.own_id, "imdn.Message-ID of what came twice")
        check(any(first.time - 0.1 <= t <= first.time + 6 and t < again.time for t in deaths), "told twice, and Kamailio did not die", first.time, deaths)
