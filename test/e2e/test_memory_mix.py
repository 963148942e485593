# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 the ipsmgw authors
"""Ten thousand messages of every kind and outcome leave no memory behind, neither in Kamailio nor in the connector."""

import asyncio
import itertools
import pathlib
import sqlite3
import time
import zlib

from fast_smsc import ESME_RINVDSTADR, ESME_RX_T_APPN, FastSmsc
from harness import CONNECTOR, ROOT, SANITISED, Answer, Stack, check, wait_for
from mutate import IMDN
from sip_peer import Loop, pager

WARM_UP, MESSAGES, AT_ONCE = 4000, 10000, 60   # each of the workers of Kamailio 6 has written to its pages by then
# A leak of 100 octets a message would be 1 MB. Kamailio's own accounts are exact; connector, spool and workers (zlib, libxml2, SQLite)
# are seen from outside the process.
SLACK = {"module's shared": 0, "shared": 32 << 10, "private": 32 << 10, "workers": 256 << 10, "connector": 256 << 10, "spool": 500 << 10}
if "asan" in CONNECTOR.parts:   # the sanitiser keeps what is freed for a while, and looks for leaks at the end
    del SLACK["connector"]
PAGE = 4850   # what one page in SQLite's cache costs: 4096 octets, 300 beside it, and holes between them


class LoadStack(Stack):
    """With the fast SMSC, and a route that leaves messages that begin with "nobody" to nobody."""

    def __init__(self, **options):
        super().__init__(start=False, window=200, **options)
        shipped, call = (ROOT / "cfg/kamailio.cfg").read_text(), "\tsms_to_cpm();\n"
        check(shipped.count(call) == 1, "event_route[ipsmgw:sms-received] has changed")
        self.cfg.write_text(shipped.replace(call, '\tif ($ipsmgw(text) =~ "^nobody") exit;\n' + call) + self.cfg.read_text().partition("kamailio.cfg\"")[2])
        self.fast = FastSmsc(Loop.get(), self.smsc.port)

    def start(self, ready=True):
        self.kamailio.start()
        self.connector.start()
        self.wait_kamailio()
        wait_for(lambda: self.fast.bound and self.link_up(), 20, 0.05, "the connector to be bound")

    def close(self, keep=False):
        super().close(keep)
        self.fast.close()


# ---- one message of each kind; the last digit of a number says what its owner answers ----

A_ANSWERS = {"1": 200, "2": 480, "3": 503, "4": 403}
serial = itertools.count(1)


def numbers(a_digit=1, b_digit=1):
    n = next(serial)
    return "+1555%06d%d" % (n, a_digit), "+1666%06d%d" % (n, b_digit)


class Load:
    def __init__(self, s, smsc_refuses=202):
        self.s, self.again, self.wrong, self.smsc_refuses = s, set(), [], smsc_refuses
        s.a.policy = lambda r: Answer(A_ANSWERS[r.uri[-1]])
        s.fast.status_of = self.status_of

    def status_of(self, destination):
        """Digit 2: refused for good; 3: refused at first."""
        if destination[-1] == "2":
            return ESME_RINVDSTADR
        if destination[-1] == "3" and destination not in self.again:
            self.again.add(destination)
            return ESME_RX_T_APPN
        return 0

    async def send(self, m, want, times=1, also=None):
        for _ in range(times):
            answer = await self.s.a.transact(self.s.sip, m)
            if not answer or answer.code not in (want, also):
                self.wrong.append("%s instead of %d" % (answer and answer.code, want))

    async def receive(self, want, *args, **more):
        status = await self.s.fast.deliver(*args, **more)
        if status != want:
            self.wrong.append("deliver_sm: %#x instead of %#x" % (status, want))

    # ---- from A ----

    async def out_single(self):
        await self.send(pager("short", *numbers()), 202)

    async def out_three_parts(self):
        await self.send(pager("A longer text 🍜 " * 12, *numbers()), 202)

    async def out_with_receipt(self):
        await self.send(pager("tell me", *numbers(), notify="positive-delivery"), 202)

    async def out_repeated(self):
        await self.send(pager("again", *numbers()), 202, times=3)

    async def out_smsc_refuses(self):
        await self.send(pager("refused", *numbers(b_digit=2)), self.smsc_refuses, also=480)     # that to a retransmission, if the first answer was lost

    async def out_smsc_refuses_first(self):
        await self.send(pager("later", *numbers(b_digit=3)), 202)

    async def out_imdn(self):
        m = pager(IMDN, *numbers(), content_type="message/imdn+xml").add("Content-Encoding", "deflate")
        m.body = zlib.compress(m.body)
        await self.send(m, 200)

    async def refused_400(self):
        m = pager("x", *numbers())
        m.body = b"no CPIM"
        await self.send(m, 400)

    async def refused_403(self):
        await self.send(pager("x", *numbers()).remove("P-Asserted-Identity"), 403)

    async def refused_404(self):
        m = pager("x", *numbers())
        m.uri = "sip:nobody@home1.example"
        await self.send(m, 404)

    async def refused_413(self):
        await self.send(pager("x" * 3000, *numbers()), 413)

    async def refused_415(self):
        await self.send(pager("x", *numbers()).set("Content-Type", "image/png"), 415)

    async def refused_420(self):
        await self.send(pager("x", *numbers()).add("Require", "nonsense"), 420)

    # ---- from B ----

    async def back_single(self):
        a, b = numbers()
        await self.receive(0, b, a, b"hello")

    async def back_two_parts(self):
        a, b = numbers()
        for k in (2, 1):
            await self.receive(0, b, a, bytes([5, 0, 3, 9, 2, k]) + b"part %d" % k, esm_class=0x40)

    async def back_in_thread(self):
        a, b = numbers()
        await self.send(pager("Lunch?", a, b), 202)
        await self.receive(0, b, a, b"Yes")

    async def back_twice(self):
        a, b = numbers()
        for _ in range(2):
            await self.receive(0, b, a, b"the same")

    async def back_480(self):
        a, b = numbers(a_digit=2)
        await self.receive(0x64, b, a, b"hello")

    async def back_503(self):
        a, b = numbers(a_digit=3)
        await self.receive(0x14, b, a, b"hello")

    async def back_403(self):
        a, b = numbers(a_digit=4)
        await self.receive(0x66, b, a, b"hello")

    async def back_nobody(self):
        a, b = numbers()
        await self.receive(0x64, b, a, b"nobody")

    async def back_unknown_receipt(self):
        a, b = numbers()
        await self.receive(0, b, a, b"id:zz sub:001 dlvrd:001 submit date:2601010000 done date:2601010000 stat:DELIVRD err:000 text:", esm_class=4)

    def mix(self):
        """Fifty messages"""
        kinds = [self.out_single] * 9 + [self.out_three_parts] * 4 + [self.out_with_receipt] * 3 + [self.out_repeated] * 3 + [self.out_smsc_refuses] * 2
        kinds += [self.out_smsc_refuses_first, self.out_imdn, self.out_imdn, self.back_403, self.back_503, self.back_unknown_receipt]
        kinds += [self.refused_400, self.refused_403, self.refused_404, self.refused_413, self.refused_415, self.refused_420]
        kinds += [self.back_single] * 6 + [self.back_two_parts] * 3 + [self.back_in_thread] * 2 + [self.back_twice] * 2 + [self.back_480] * 2 + [self.back_nobody] * 2
        return kinds

    async def messages(self, n):
        room, kinds = asyncio.Semaphore(AT_ONCE), itertools.cycle(self.mix())

        async def one(kind):
            async with room:
                await kind()
        await asyncio.gather(*[one(next(kinds)) for _ in range(n)])


def run(s, load, n):
    """n messages, then quiet: no transaction of tm, nothing queued."""
    began = time.monotonic()
    Loop.get().call(load.messages(n), 400)
    seconds = time.monotonic() - began
    check(not load.wrong, len(load.wrong), "wrong answers, first:", load.wrong[:3])
    s.a.received.clear()
    s.a.answers.clear()

    def quiet():
        stats, tm = s.rpc("ipsmgw.stats")[0], s.rpc("tm.stats")[0]
        return all(int(v) == 0 for v in (stats["segments_waiting"], stats["segments_in_flight"], stats["messages_delivering"], tm["current"]))
    wait_for(quiet, 60, 0.25, "the queues to be empty and tm to forget")
    time.sleep(1)
    return n / seconds


# ---- memory ----

def anonymous(pid):
    return int(pathlib.Path("/proc/%s/status" % pid).read_text().split("RssAnon:")[1].split()[0]) << 10


def private(pid):
    """Pages written since the fork: a leak shows even where it fills a hole that the parent's heap had."""
    return int(pathlib.Path("/proc/%s/smaps_rollup" % pid).read_text().split("Private_Dirty:")[1].split()[0]) << 10


def pages(s):
    with sqlite3.connect("file:%s?mode=ro" % s.db, uri=True) as db:
        return db.execute("PRAGMA page_count").fetchone()[0]


def used(s):
    """Octets by what holds them. The spool process's cache of database pages is no leak, so it is taken off."""
    processes = s.rpc("pkg.stats")
    spool = next(p["pid"] for p in processes if p["desc"] == "ipsmgw spool")
    ours = next(p for p in s.rpc("mod.stats", "ipsmgw", "shm") if isinstance(p, dict))
    return {"module's shared": int(ours["Total"]), "shared": int(s.rpc("core.shmmem")[0]["used"]), "connector": anonymous(s.connector.process.pid),
            "spool": anonymous(spool) - PAGE * pages(s), "private": sum(int(p["used"]) for p in processes),
            "workers": sum(private(p["pid"]) for p in processes if p["pid"] != spool)}


def no_growth(s, load, n):
    run(s, load, WARM_UP)
    before = used(s)
    rate = run(s, load, n)
    after = used(s)
    grown = {what: after[what] - before[what] for what in after}
    print("  %d messages at %d/s; grown: %s" % (n, rate, ", ".join("%s %+d" % g for g in grown.items())))
    leaks = ["%s %+d" % (what, grown[what]) for what in SLACK if grown[what] > SLACK[what]]
    check(SANITISED or not leaks, "memory grew:", ", ".join(leaks))


def test_ten_thousand_of_each_kind():
    with LoadStack(modparams={"retry_schedule_s": "1"}) as s:
        s.start()
        no_growth(s, Load(s), MESSAGES)


def test_three_thousand_held_transactions():
    with LoadStack(answer="submitted", modparams={"retry_schedule_s": "1"}) as s:
        s.start()
        no_growth(s, Load(s, smsc_refuses=404), 3000)
