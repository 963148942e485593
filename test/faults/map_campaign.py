# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 the ipsmgw authors
"""The campaign over MAP: A's messages go to an HLR and an MSC, B's come by MT-ForwardSM; all of it through an osmo-stp that can die."""

import asyncio
import contextlib
import os
import signal
import time

import sms_tpdu
from campaign import UP_S, Campaign
from harness import Failure, wait_for
from kinds import a_answers, a_deaf, disk_full, freeze_connector, kill_connector, kill_group, kill_one, locked
from ledger import TO_A, TO_B, Part
from load import MO_PAUSE_S, MO_TRIES, Load
from map import MapStack

SRI, MT = "sendRoutingInfoForSM", "mt-ForwardSM"
OPTIONS = {"smscs": {"test": ("deliver", ())}, "map_lines": ("home-routing", "no registered-only", "timer short 3", "timer medium 3", "timer long 3"),
           "modparams": {"retry_schedule_s": "1,1,2,2,3", "imdn_retry_s": "1,1,1,2,2,3,3,5,5,5,10,10,10,20", "tm.fr_timer": 1500, "deliver_timeout_s": 10,
                         "store_timeout_ms": 1500}}
ERRORS = ["systemFailure", "unexpectedDataValue", "dataMissing", "facilityNotSupported"]


# ---- faults ----

def kill_stp(c, _):
    c.s.stp.program.kill()
    yield
    c.s.stp.start()


def freeze_stp(c, seconds):
    pid = c.s.stp.program.process.pid
    os.kill(pid, signal.SIGSTOP)
    yield
    time.sleep(seconds)
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGCONT)


def kill_network(c, _):
    c.network_stop()
    yield
    c.network_start()


def answers(op):
    def how(c, answer):
        c.tell("answer", op=op, how=answer, match={}, count=c.dice.randrange(1, 4))
        yield
        c.tell("clear")
    return how


WRONG = [{"silent": True}, {"udts": 1}, {"abort": 1}, {"abort": "user"}, {"reject": {"invoke": 1}}, {"close": True}, {"tcap": "deadbeef"}]
FAILED = [{"error": e} for e in ERRORS]
LATE = [{"result": None, "delay_ms": ms} for ms in (500, 2500, 4500)]

# name -> (how, arguments, times in a deck)
KINDS = {
    "kill -9 Kamailio, all of it": (kill_group, [None], 2),
    "kill -9 the spool process": (kill_one, ["ipsmgw spool"], 2),
    "kill -9 the connector": (kill_connector, [None], 4),
    "connector stands still": (freeze_connector, [None], 1),
    "kill -9 the STP": (kill_stp, [None], 4),
    "STP stands still": (freeze_stp, [1, 4], 2),
    "kill -9 the HLR and MSC": (kill_network, [None], 3),
    "HLR answers an error": (answers(SRI), FAILED, 3),
    "HLR answers oddly or not": (answers(SRI), WRONG, 4),
    "MSC answers an error": (answers(MT), FAILED, 3),
    "MSC answers oddly or not": (answers(MT), WRONG, 4),
    "MSC answers late": (answers(MT), LATE, 3),
    "database locked": (locked, [0.2, 1, 3], 2),
    "disk full": (disk_full, [None], 2),
    "A does not answer": (a_answers, [0], 2),
    "A does not hear the answer": (a_deaf, [None], 2),
}


# ---- traffic ----

class MapLoad(Load):
    def __init__(self, s, ledger, seed, rate):
        super().__init__(s, ledger, seed, rate, chats=0)

    async def mt(self, pair, length=0):
        await super().mt(pair, min(length or self.dice.choice((9, 9, 90)), 90))

    def forward(self, a, tpdu):
        """One attempt of an SC somewhere: how it ended, None if not at all"""
        try:
            return self.s.net.mt(a, tpdu, timeout_s=14)["end"]
        except (Failure, OSError, ValueError, KeyError):
            return None

    async def mo(self, pair, channel="pager"):
        entry = self.ledger.new(TO_A, channel, pair, self.dice.choice((9, 9, 90)))
        tpdu = sms_tpdu.deliver(pair.b, entry.text)
        for _ in range(MO_TRIES):
            if await asyncio.get_running_loop().run_in_executor(None, self.forward, pair.a, tpdu) == "result":
                entry.accept()
                return
            await asyncio.sleep(MO_PAUSE_S)


class MapCampaign(Campaign):
    kinds = KINDS

    def __enter__(self):
        self.s = s = MapStack(start=False, directory=self.dir, db_path=self.disk / "ipsmgw.db", **OPTIONS)
        self.open, self.imsis = {}, {}      # dialogue at the MSC -> (entry, status list) of what is in it; its recipient
        collect = s.net.on_line
        s.net.program.on_line = lambda line: (collect(line), self.network_line())
        s.start()
        self.load = MapLoad(s, self.ledger, self.seed, self.rate)
        return self

    def network_line(self):
        for e in self.s.net.events:
            if e["ev"] == "operation" and e["op"] == MT:
                self.forwarded(e)
            elif e["ev"] == "answer" and e["op"] == MT:
                self.answered(e)
        self.s.net.events.clear()

    def forwarded(self, e):
        with self.ledger.lock:
            entry = self.ledger.find(e["tpdu"]["text"], "at the MSC")
            if not entry:
                return
            sender, receiver = (entry.pair.a, entry.pair.b) if entry.way == TO_B else (entry.pair.b, entry.pair.a)
            imsi = self.imsis[e["dialogue"]] = e["arg"]["sm-RP-DA"].get("imsi") or self.imsis.get(e["dialogue"])    # the first of a dialogue names it
            if (e["tpdu"]["oa"], imsi) != (sender, "26202" + receiver[-10:]):
                self.ledger.complain(entry, "wrong thread: from", e["tpdu"]["oa"], "to", imsi)
            status = [None]
            self.open[e["dialogue"]] = entry, status
            if entry.way == TO_B:
                part = entry.parts.setdefault(1, Part())
                part.octets = e["tpdu"]["text"].encode()
                part.submits.append((time.time(), status))

    def answered(self, e):
        """What was taken without a clear word may be there or not. What A's client does not take goes to A's phone."""
        entry, status = self.open.pop(e["dialogue"], (None, None))
        if entry and entry.way == TO_A:
            if "result" in e["how"]:
                entry.came.append((time.time(), "phone", None))
        elif entry and "result" in e["how"]:
            status[0] = 0
            entry.parts[1].accepted += 1
            entry.parts[1].ids.append(e["dialogue"])
            self.ledger.receipted.add(e["dialogue"])
        elif entry and "error" in e["how"]:
            status[0] = 1

    def tell(self, cmd, **fields):
        with contextlib.suppress(Failure, OSError, ValueError):
            self.s.net.command(cmd, **fields)

    def network_stop(self):
        self.s.net.program.kill()
        self.s.net.program.reader.join(5)

    def network_start(self):
        self.open.clear()
        self.s.net.start()

    def ready(self):
        def up():
            for start, program in ((self.s.stp.start, self.s.stp.program), (self.network_start, self.s.net.program),
                                   (self.s.kamailio.start, self.s.kamailio), (self.s.connector.start, self.s.connector)):
                if not program.alive():
                    program.kill()
                    start()
            with contextlib.suppress(Exception):
                return self.s.net.control("state").get("up") and self.s.link_up()
        wait_for(up, UP_S, 0.1, "everything to be up again")

    def mend(self):
        self.tell("clear")
        self.load.answer_code, self.load.deaf = lambda: 200, False
        self.load.running = True
        (self.disk / "filler").unlink(missing_ok=True)

    def __exit__(self, *_):
        self.close()
