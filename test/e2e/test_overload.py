# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 the ipsmgw authors
"""More than there is capacity for: one SMSC does not slow another, what cannot be taken is told so at once, queues and memory are bounded.

The machine is shared and slow: figures are compared with those of the same run before the overload, with generous factors.
MINUTES=n: how long test_memory_is_flat goes on (default 1).
"""

import asyncio
import itertools
import os
import socket
import statistics
import subprocess
import time

from fast_smsc import FastSmsc
from harness import BUILD, ROOT, SANITISED, SMSC_CONFIG, Answer, Stack, check, equal, free_port, preload, wait_for
from sip_peer import Loop, pager

MINUTES = float(os.environ.get("MINUTES", 1))
AT_ONCE = 40
serial = itertools.count(1)


class TimedSmsc(FastSmsc):
    """Notes when each destination came. answers: takes all at once; None: never says a word to a submit_sm; else so many a second."""

    def __init__(self, port, rate=float("inf")):
        self.rate, self.came, self.unanswered, self.held = rate, {}, 0, []
        super().__init__(Loop.get(), port)
        self.port = port

    def rx_submit_sm(self, sequence, body):
        destination = body.split(b"\0", 2)[2][2:].split(b"\0", 1)[0]
        self.came.setdefault("+" + destination.decode(), time.monotonic())
        if self.rate == float("inf"):
            super().rx_submit_sm(sequence, body)
            return
        self.held.append((sequence, body))
        if self.rate and len(self.held) == 1:
            self.loop.loop.call_later(1 / self.rate, self.answer_one)

    def answer_one(self):
        if self.held and self.transport and not self.transport.is_closing():
            super().rx_submit_sm(*self.held.pop(0))
        if self.held and self.rate:
            self.loop.loop.call_later(1 / self.rate, self.answer_one)

    def wake(self):
        """Take all that waits, and from now on everything at once."""
        def later():
            self.rate, held, self.held = float("inf"), self.held, []
            for sequence, body in held:
                self.rx_submit_sm(sequence, body)
        self.loop.loop.call_soon_threadsafe(later)

    def connection_lost(self, exc):
        self.held.clear()
        super().connection_lost(exc)


class Several(Stack):
    """Routes by the first digits of B: +1661 goes to the first SMSC, +1662 to the second .."""

    def __init__(self, rates=(float("inf"), 0), **options):
        self.smscs = [TimedSmsc(free_port(), rate) for rate in rates]
        more = "".join(SMSC_CONFIG.format(name="smsc%d" % i, port=m.port, window=100, more=" response-timeout 300\n") for i, m in enumerate(self.smscs, 1))
        routes = "route default smsc test\n" + "".join("route prefix 166%d smsc smsc%d\n" % (i, i) for i, _ in enumerate(self.smscs, 1))
        super().__init__(extra_smscs=more, routes=routes, **options)

    def wait_ready(self, timeout=30.0):
        super().wait_ready(timeout)
        wait_for(lambda: all(m.bound for m in self.smscs), timeout, what="all SMSCs to be bound")

    def close(self, keep=False):
        super().close(keep)
        for m in self.smscs:
            m.close()

    def number(self, smsc):
        return "+166%d%07d" % (smsc, next(serial))


class Load:
    """Messages to one SMSC; codes and times of their answers."""

    def __init__(self, s, smsc, text="x"):
        self.s, self.smsc, self.text, self.sent, self.codes, self.took, self.retry_after = s, smsc, text, {}, {}, [], set()

    async def one(self, limit):
        async with limit:
            b, began = self.s.number(self.smsc), time.monotonic()
            self.sent[b] = began
            answer = await self.s.a.transact(self.s.sip, pager(self.text, "+15550000001", b))
            code = answer.code if answer else None
            self.took.append((code, time.monotonic() - began))
            self.codes[code] = self.codes.get(code, 0) + 1
            if code == 503:
                self.retry_after.add(answer.get("Retry-After"))

    async def all(self, count, rate, at_once):
        limit, began, tasks = asyncio.Semaphore(at_once), time.monotonic(), []
        for k in range(count):
            if rate:
                await asyncio.sleep(max(0, began + k / rate - time.monotonic()))
            tasks.append(asyncio.ensure_future(self.one(limit)))
        await asyncio.gather(*tasks)

    def start(self, count, rate=0, at_once=AT_ONCE):
        return asyncio.run_coroutine_threadsafe(self.all(count, rate, at_once), self.s.a.loop.loop)

    def run(self, count, rate=0, at_once=AT_ONCE):
        began = time.monotonic()
        self.start(count, rate, at_once).result()
        self.seconds = time.monotonic() - began
        return self

    def arrived(self):
        came = self.s.smscs[self.smsc - 1].came
        return sorted(came[b] - t for b, t in list(self.sent.items()) if b in came)

    def wait_arrived(self, timeout=30):
        wait_for(lambda: len(self.arrived()) == len(self.sent), timeout, 0.1, "all messages to arrive at SMSC %d" % self.smsc)
        return self

    def ninety(self):
        """Seconds from A to the SMSC that nine in ten do not exceed"""
        times = self.arrived()
        return times[len(times) * 9 // 10]


STACK_CLASS = Several
INF = float("inf")


def retried(s):
    return s.statistics()["sms_retried"]


# ---- one SMSC and another ----

def test_dead_smscs_do_not_slow_another(stack):
    """Two are bound and never answer; thousands wait for each of them."""
    with stack(rates=(INF, 0, 0)) as s:
        before = Load(s, 1).run(100, rate=50).wait_arrived()
        for dead in (2, 3):
            equal(Load(s, dead).run(2500).codes, {202: 2500})
        began, again = time.monotonic(), retried(s)
        after = Load(s, 1).run(200, rate=50).wait_arrived()
        again, seconds = retried(s) - again, time.monotonic() - began
        check(after.ninety() < 10 * before.ninety() + 0.5, "%.3f s to the SMSC that works, before %.3f s" % (after.ninety(), before.ninety()))
        check(again < 2 * 2 * 50 * (seconds + 5), "%d attempts in vain within %.1f s" % (again, seconds))


def test_down_smsc_does_not_slow_another(stack):
    with stack(rates=(INF, INF)) as s:
        before = Load(s, 1).run(100, rate=50).wait_arrived()
        s.vty("enable", "configure terminal", "smsc smsc2", "shutdown")
        wait_for(lambda: not s.smscs[1].bound, 15, what="smsc2 to be down")
        down = Load(s, 2).run(2500)
        again = retried(s)
        after = Load(s, 1).run(200, rate=50).wait_arrived()
        check(after.ninety() < 10 * before.ninety() + 0.5, "%.3f s to the SMSC that works, before %.3f s" % (after.ninety(), before.ninety()))
        check(retried(s) - again < 2500, "attempts in vain:", retried(s) - again)
        s.vty("enable", "configure terminal", "smsc smsc2", "no shutdown")
        down.wait_arrived(60)


def test_slow_smsc_gets_everything_once(stack):
    """It takes 200 a second, and more than it may hold wait."""
    with stack(rates=(INF, 200)) as s:
        slow, fast = Load(s, 2), Load(s, 1)
        sending = slow.start(3000)
        fast.run(200, rate=50)
        sending.result()
        equal((slow.codes, fast.codes), ({202: 3000}, {202: 200}))
        fast.wait_arrived()
        slow.wait_arrived(120)
        wait_for(lambda: len(s.smscs[1].submits) == 3000, 60, what="the slow one to answer all")
        equal(set(s.smscs[1].submits.values()), {1}, "how often each came")


def test_dead_smsc_comes_back(stack):
    """It was bound all the time; nobody waits for an hour until it is tried again."""
    with stack(rates=(INF, 0)) as s:
        load = Load(s, 2).run(5000)
        equal(load.codes, {202: 5000})
        s.smscs[1].wake()
        load.wait_arrived(60)
        equal(set(s.smscs[1].submits.values()), {1}, "how often each came")


# ---- what waits in the database ----

def test_queue_is_bounded(stack):
    """The connector is away: what max_queued_segments leaves no room for is refused; when it is back, all that was taken arrives."""
    with stack(rates=(INF,), modparams={"max_queued_segments": 300}) as s:
        s.connector.kill()
        load = Load(s, 1).run(600, at_once=10)
        equal(set(load.codes), {202, 503})
        check(300 <= load.codes[202] < 330, "taken:", load.codes)
        equal(load.retry_after, {"10"})
        equal(s.statistics()["cpm_shed"], load.codes[503])
        wait_for(lambda: s.statistics()["sms_queued"] >= 300, 20, 0.2, "the count of what waits")
        s.connector.start()
        wait_for(lambda: len(load.arrived()) == load.codes[202], 60, 0.1, "all that was taken to arrive")
        wait_for(lambda: s.statistics()["sms_queued"] == 0, 20, 0.2, "the count to follow")
        equal(Load(s, 1).run(20).codes, {202: 20})


# ---- more than the disk can write ----

def slow_disk(s, ms):
    """Each commit of the module takes that long."""
    subprocess.run(["make", "-s", "-C", ROOT, "BUILD=%s" % BUILD, "%s/bench/sync_count.so" % BUILD], check=True, stdout=subprocess.DEVNULL)
    s.kamailio.env.update(SYNC_US=str(ms * 1000))
    preload(s.kamailio, BUILD / "bench/sync_count.so")


def overloaded(stack, answer):
    s = stack(rates=(INF,), answer=answer, start=False)
    slow_disk(s, 600)
    s.start()
    return s


def median_took(load, code):
    return statistics.median(t for c, t in load.took if c == code)


def test_shed_at_once(stack):
    """Half of it is too much: refused at once, and the other half is taken all the time and arrives."""
    with overloaded(stack, "direct") as s:
        first, second = (Load(s, 1).run(4000, rate=600, at_once=4000) for _ in range(2))
        for load in (first, second):
            check(set(load.codes) <= {202, 503} and load.codes.get(503, 0) > 200, load.codes)
            check(median_took(load, 503) < 0.4, "a refusal takes %.3f s" % median_took(load, 503))
            equal(load.retry_after, {"10"})
        check(second.codes[202] > first.codes[202] / 2, "taken: %s, then %s" % (first.codes, second.codes))
        for load in (first, second):
            wait_for(lambda: len(load.arrived()) >= load.codes[202], 60, 0.1, "all that was taken to arrive")
        # what clients had sent again by then still waits for the spool process
        wait_for(lambda: Load(s, 1).run(20, rate=10).codes == {202: 20}, 20, 0.1, "all to be taken again")


def answers(sock, seconds):
    """Status codes that come within that time"""
    codes, end = [], time.monotonic() + seconds
    while (left := end - time.monotonic()) > 0:
        sock.settimeout(left)
        try:
            codes.append(int(sock.recv(65536).split(b" ", 2)[1]))
        except TimeoutError:
            break
    return codes


def test_retransmission_of_what_waits(stack):
    """It has the first one's answer, and no second one, which would be a 503 while there is too much."""
    for mode in ("direct", "durable"):
        with overloaded(stack, mode) as s, socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
            sock.bind(("127.0.0.1", 0))
            octets = pager("once", "+15550000001", s.number(1)).octets(*sock.getsockname(), "z9hG4bK-waits")
            for _ in range(3):
                sock.sendto(octets, s.sip)
            equal(answers(sock, 3), [202], mode)
            equal(s.statistics()["cpm_repeated"], 2)
            sock.sendto(octets, s.sip)
            equal(answers(sock, 2), [202], "behind the answer")


def memory_kb(s):
    """(shared memory in use, private memory of Kamailio's processes, of the connector)"""
    def private(pid):
        with open("/proc/%d/smaps_rollup" % pid) as f:
            return sum(int(line.split()[1]) for line in f if line.startswith("Private_"))
    pids = [int(p["pid"]) for p in s.rpc("pkg.stats")]
    return int(s.rpc("core.shmmem")[0]["used"]) // 1024, sum(map(private, pids)), private(s.connector.process.pid)


def test_memory_is_flat(stack):
    """Twice as much as the disk can write, MINUTES long: what all of it takes after a quarter is what it takes at the end."""
    with overloaded(stack, "direct") as s:
        n = int(MINUTES * 60 / 4 * 600)
        codes = Load(s, 1).run(n, rate=600, at_once=4000).codes
        time.sleep(2)
        before = memory_kb(s)
        taken = 0
        for _ in range(3):
            load = Load(s, 1).run(n, rate=600, at_once=4000)
            taken += load.codes[202]
            check(load.codes.get(503, 0) and load.codes[202] > codes[202] / 2, "taken: %s, then %s" % (codes, load.codes))
        time.sleep(2)
        after = memory_kb(s)
        grown = [b - a for a, b in zip(before, after)]
        # SQLite's cache of pages grows up to 128 MiB, by 0.9 KiB for each message
        check(SANITISED or grown[0] < 1024 and grown[1] < 8192 + min(1.5 * taken, 131072) and grown[2] < 4096, "KiB before, after:", before, after)


# ---- A's side ----

def test_silent_a_does_not_stop_others(stack):
    """More messages than may be under way are for an A that never answers; another A has its own at once."""
    with stack(rates=(INF,)) as s:
        smsc, silent, other = s.smscs[0], "+15551110001", "+15551110002"
        s.a.policy = lambda r: Answer(0 if r.uri == "tel:" + silent else 200)

        async def flood():
            return [smsc.deliver("+1777%07d" % k, silent, b"nobody hears this") for k in range(700)]

        async def one(k):
            return await asyncio.wait_for(smsc.deliver("+1888%07d" % k, other, b"this"), 20)
        waiting = s.a.loop.call(flood())
        wait_for(lambda: sum(f.done() for f in waiting) >= 100, 30, 0.1, "those without room to be told so")
        wait_for(lambda: sum(r.uri == "tel:" + silent for r in list(s.a.received)) > 50, 30, 0.1, "others to be on their way")
        equal([s.a.loop.call(one(k)) for k in range(10)], [0] * 10)
