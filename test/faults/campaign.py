# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 the ipsmgw authors
"""One run: the programs, the load, the faults of a seed, and the audit."""

import collections
import contextlib
import os
import pathlib
import random
import struct
import subprocess
import tempfile
import time

from harness import BUILD, CRASH, Failure, RpcError, Stack, check, preload, sanitiser_report, wait_for
from kinds import KINDS, faults
from ledger import TO_A, TO_B, Ledger
from load import Load
from wire import Wire

UP_S, DRAIN_S = 90, 180
OPTIONS = {"smsc": "bad", "smsc_options": ("patient",), "window": 1000, "connector": ("reconnect-max 1", "response-timeout 3", "enquire-link 2"),
           "modparams": {"retry_schedule_s": "1,1,2,2,3", "imdn_retry_s": "1,1,1,2,2,3,3,5,5,5,10,10,10,20", "tm.fr_timer": 1500, "deliver_timeout_s": 10,
                         "store_timeout_ms": 1500}}


def small_disk(path, size="200m"):
    """True if path is a file system of its own that can be filled"""
    return os.geteuid() == 0 and subprocess.run(["mount", "-t", "tmpfs", "-o", "size=" + size, "tmpfs", str(path)], capture_output=True, check=False).returncode == 0


class Campaign:
    kinds = KINDS

    def __init__(self, seed, rate):
        self.seed, self.dice, self.rate = seed, random.Random(seed + 1), rate
        self.dir = pathlib.Path(tempfile.mkdtemp(prefix="ipsmgw-faults-"))
        self.disk = self.dir / "disk"
        self.disk.mkdir()
        self.mounted = small_disk(self.disk)
        self.ledger, self.failures, self.rows = Ledger(), [], collections.OrderedDict()
        self.counted, self.read_at, self.gaps = collections.Counter(), time.time(), []
        self.done, self.given_up = 0, set()

    # ---- the programs ----

    def __enter__(self):
        self.s = s = Stack(start=False, directory=self.dir, db_path=self.disk / "ipsmgw.db", **OPTIONS)
        self.wire = Wire(s.a.loop, s.smsc.port, s.vty_port + 1)
        config = s.dir / "connector.cfg"
        config.write_text(config.read_text().replace(" port %d\n" % s.smsc.port, " port %d\n" % self.wire.port))
        self.clock = self.dir / "clock"
        self.clock.write_bytes(bytes(8))
        for program in (s.kamailio, s.connector):
            program.env.update(CLOCK_SHIFT_FILE=str(self.clock))
            preload(program, BUILD / "clock_shift.so")
        collect = s.smsc.on_line
        s.smsc.program.on_line = lambda line: (collect(line), self.smsc_line())
        s.start()
        self.load = Load(s, self.ledger, self.seed, self.rate)
        return self

    def smsc_line(self):
        for event in self.s.smsc.events:
            self.ledger.smsc_line(event)
        self.s.smsc.events.clear()

    def __exit__(self, *_):
        self.wire.close()
        self.close()

    def close(self):
        """To be up again is not enough: nothing may have ended but by a fault."""
        self.load.running = False
        with contextlib.suppress(Failure):
            self.s.close(keep=True)
        print("".join(map(sanitiser_report, self.s.logs())), end="", flush=True)
        self.failures += [("all", "in the logs: " + line) for line in self.s.strange_lines(CRASH)[:3]]
        self.unmount()

    def unmount(self):
        if self.mounted:
            subprocess.run(["cp", "-a", str(self.s.db), str(self.dir / "last.db")], check=False)
            subprocess.run(["umount", "-l", str(self.disk)], check=False)

    def pid_of(self, which):
        if which == "main":
            return self.s.kamailio.process.pid
        return self.dice.choice([int(p["PID"]) for p in self.s.rpc("core.psx") if isinstance(p, dict) and which in p["DSC"]])

    def kamailio_start(self):
        self.s.kamailio.start()

    def read_counters(self):
        self.read_at = time.time()
        return self.s.statistics()

    def before_kamailio_dies(self):
        """Its counters die with it. What happens between this reading and its death is in no counter."""
        with contextlib.suppress(Exception):
            self.counted.update(self.read_counters())
        self.gaps.append((self.read_at, time.time() + 0.5))

    def smsc_stop(self):
        self.s.smsc.program.kill()
        self.s.smsc.program.reader.join(5)

    def smsc_start(self):
        time.sleep(max(0, int(time.time()) + 1 - time.time()))     # its message ids begin with the second of its start
        self.ledger.life += 1
        self.s.smsc.start()

    def control(self, *args, **fields):
        with contextlib.suppress(OSError, ValueError):
            self.s.smsc.control(*args, **fields)

    def shift(self, seconds):
        with open(self.clock, "r+b") as out:
            out.write(struct.pack("=q", seconds))

    def ready(self):
        """All is up and bound; a Kamailio that refused to start is started again, as systemd does."""
        def up():
            if not self.s.smsc.program.alive():
                self.smsc_start()
            for program in (self.s.kamailio, self.s.connector):
                if not program.alive():
                    program.kill()
                    time.sleep(0.5)
                    program.start()
            binds = {}
            with contextlib.suppress(Exception):
                binds = self.s.smsc.control("binds")
            return binds.get("rx") and binds.get("tx") and self.s.link_up()
        wait_for(up, UP_S, 0.1, "everything to be up again")

    # ---- load ----

    def drain(self):
        """Nothing is sent any more, and all that was promised has come, or does not."""
        self.load.running = False
        wait_for(self.load.idle, DRAIN_S, 0.1, "the senders to end")
        with contextlib.suppress(Failure):
            wait_for(lambda: not self.owed(), DRAIN_S, 0.25, "what was promised")
        for entry in self.owed():
            self.given_up.add(entry.number)
            print("  OWED: message %d (%s, %s to %s) of %s: arrived %s, told %s" % (
                entry.number, entry.channel, entry.pair.a, entry.pair.b, entry.fault, entry.arrived(), dict(entry.told)), flush=True)
        time.sleep(1)

    def owed(self):
        return [e for e in self.ledger.lost() + self.ledger.unnotified() if e.number not in self.given_up]

    # ---- faults ----

    def inject(self, fault):
        name = " + ".join(k for k, _ in fault)
        self.ledger.fault = label = "%d: %s" % (self.done + 1, " + ".join(k + (" (%s)" % (a,) if a is not None else "") for k, a in fault))
        began, running = time.monotonic(), []
        try:
            for kind, argument in fault:
                running.append(self.kinds[kind][0](self, argument))
                next(running[-1])
            time.sleep(self.dice.uniform(0.1, 0.6))
            for one in running:
                next(one, None)
            self.load.running = True
            self.ready()
        except Exception as e:
            self.failures.append((label, "%s: %s" % (type(e).__name__, e)))
            print("  FAIL %s: %s: %s" % (label, type(e).__name__, e), flush=True)
        self.mend()
        self.rows.setdefault(name if len(fault) == 1 else "two at once", []).append(label)
        self.done += 1
        if os.environ.get("VERBOSE"):
            print("  %s (%.1f s)" % (label, time.monotonic() - began), flush=True)

    def mend(self):
        self.control("clear")
        self.wire.clear()
        self.shift(0)
        self.load.answer_code, self.load.deaf = lambda: 200, False
        self.load.running = True
        for path in (self.disk / "filler",):
            path.unlink(missing_ok=True)

    def run(self, wanted, seconds):
        end = time.monotonic() + seconds
        self.ready()
        for fault in faults(self.seed, wanted, self.kinds):
            if time.monotonic() >= end or len(self.failures) > 20:
                break
            if not self.mounted and any(kind == "disk full" for kind, _ in fault):
                continue
            self.inject(fault)
            time.sleep(self.dice.uniform(0.1, 0.4))
        with contextlib.suppress(Failure):
            self.ready()
        self.drain()
        with contextlib.suppress(RpcError):
            self.counted.update(self.read_counters())


__all__ = ["Campaign", "TO_A", "TO_B", "check"]
