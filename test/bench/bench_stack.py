# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 the ipsmgw authors
"""The programs that messages.py measures, and what they cost: Kamailio, connector, sink, generator on loopback, pinned to two processors.

    with Gateway(build, template="message") as g:
        run = g.send(rate=4000, seconds=10)         # A to B
        run.sent, run.lost, run.latency("answered"), run.cpu_us, run.syncs
"""

import json
import os
import pathlib
import re
import shutil
import struct
import sys
import subprocess
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
sys.path.insert(0, str(ROOT / "test" / "e2e"))

from harness import KAMAILIO, Failure, Program, free_port, kamcmd_parse, tail, wait_for  # noqa: E402

ENTRY = struct.Struct("<QQQQIIIBBBB")       # struct ledger_entry of load.h
LEDGER_ENTRIES = 8 << 20
PROCESSORS = 2
OPTIONS = os.environ.get("BENCH_KAMAILIO", "-m 512 -x tlsf").split()   # as systemd/kamailio.service.d/ipsmgw.conf has them
SETTLE_S = 40                               # the last retransmission comes 32 s after the message
QUIET_S = 5
GOOD_ANSWER = {"send": 202, "deliver": 0}

CONNECTOR_CONFIG = """\
log stderr
 logging level sm notice
line vty
 no login
 bind 127.0.0.1 %(vty)d
link
 socket %(dir)s/link.sock
smsc test
 protocol smpp
 remote-ip 127.0.0.1
 port %(smpp)d
 system-id ipsmgw
 password secret
 no shutdown
route default smsc test
"""


def pin():
    """This process and all that it starts."""
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:PROCESSORS])


def group(pgid):
    """The processes of a process group"""
    found = []
    for entry in os.listdir("/proc"):
        if entry.isdigit():
            try:
                if os.getpgid(int(entry)) == pgid:
                    found.append(int(entry))
            except OSError:
                pass
    return found


def cpu_ns(pids):
    """Time on a processor, all threads: /proc/PID/task/TID/schedstat"""
    return sum(int(p.read_text().split()[0]) for pid in pids for p in pathlib.Path("/proc/%d/task" % pid).glob("*/schedstat"))


def private_kb(pids):
    """Memory that a process has for itself, all together"""
    text = "".join(pathlib.Path("/proc/%d/smaps_rollup" % pid).read_text() for pid in pids)
    return sum(int(kb) for kb in re.findall(r"^Private_\w+: +(\d+)", text, re.M))


def percentile(values, p):
    return values[min(len(values) - 1, int(len(values) * p / 100))] if values else float("nan")


class Speaker(Program):
    """A program that answers each line on its standard input with one of JSON."""

    def start(self):
        with open(self.log_path, "ab") as log:
            self.process = subprocess.Popen(self.argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log, start_new_session=True, text=True)
        if not self.process.stdout.readline().startswith("ready "):
            raise Failure("%s did not start: %s" % (self.name, tail(self.log_path)))

    def ask(self, command):
        self.process.stdin.write(command + "\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        if not line:
            raise Failure("%s ended: %s" % (self.name, tail(self.log_path)))
        return json.loads(line)


class Run:
    """What became of the messages of one step. passes_on: they are to arrive somewhere; told: so are notifications."""

    def __init__(self, kind, rate, entries, passes_on, told):
        self.kind, self.rate, self.entries, self.sent = kind, rate, entries, len(entries)
        good = GOOD_ANSWER[kind]
        self.answered = sum(1 for e in entries if e[1] and e[6] == good)
        self.arrived = sum(1 for e in entries if e[2]) if passes_on else self.sent
        self.again = sum(e[8] for e in entries)
        self.told = sum(1 for e in entries if e[9]) if told else None
        self.told_again = sum(e[9] - 1 for e in entries if e[9] > 1)
        self.resent = sum(e[10] for e in entries)
        self.cpu_us, self.cpu_of, self.syncs, self.late_ms, self.behind_s = 0.0, {}, 0, 0.0, 0.0

    def lossless(self):
        """Sent = answered = received exactly once, in time: without a queue that grows."""
        told = self.told is None or (self.told == self.sent and not self.told_again)
        return (self.sent == self.answered == self.arrived and not self.again and told and self.resent <= self.sent / 1000
                and self.late_ms < 100 and self.behind_s < 1)

    def why(self):
        words = [("unanswered", self.sent - self.answered), ("lost", self.sent - self.arrived), ("twice", self.again), ("resent", self.resent),
                 ("not told", 0 if self.told is None else self.sent - self.told), ("told twice", self.told_again),
                 ("generator late ms", round(self.late_ms)), ("behind s", round(self.behind_s, 1))]
        return ", ".join("%s %s" % w for w in words if w[1]) or "all is well"

    def latency_ms(self, what, p):
        """what: answered, arrived, told"""
        at = {"answered": 1, "arrived": 2, "told": 3}[what]
        return percentile(sorted(e[at] - e[0] for e in self.entries if e[at]), p) / 1e6


class Server:
    """Kamailio with one configuration, and the generator."""

    passes_on, sync_us = False, 0

    def __init__(self, build, template="message", pairs=10000, defines=None, options=()):
        self.dir = pathlib.Path(tempfile.mkdtemp(prefix="ipsmgw-bench-"))
        self.shm = pathlib.Path(tempfile.mkdtemp(prefix="ipsmgw-bench-", dir="/dev/shm"))
        self.build, self.pairs, self.next, self.programs = pathlib.Path(build).resolve(), pairs, 0, []
        self.sip_port, self.a_port, self.smpp_port = free_port(), free_port(), free_port()
        self.ledger = self.shm / "ledger"
        with open(self.ledger, "wb") as f:
            f.truncate(LEDGER_ENTRIES * ENTRY.size)
        (self.shm / "syncs").write_bytes(bytes(8))
        self.load = Speaker("load", [self.build / "bench/sip_load", "--to", self.sip_port, "--a-port", self.a_port, "--ledger", self.ledger,
                                     "--pairs", pairs, "--template", HERE / (template + ".sip")], self.dir)
        self.ctl, self.options = "unix:%s/ctl.sock" % self.dir, list(options)
        self.kamailio = self.kamailio_program(defines or {})
        self.measured = {"kamailio": self.kamailio}

    # ---- programs ----

    def configuration(self):
        return HERE / "bare_202.cfg"

    def kamailio_program(self, defines):
        d = self.dir
        defines = dict({"LISTEN_UDP": "udp:127.0.0.1:%d" % self.sip_port, "LISTEN_TCP": "tcp:127.0.0.1:%d" % self.sip_port,
                        "CTL_SOCKET": '"%s"' % self.ctl}, **defines)
        argv = [KAMAILIO, "-f", self.configuration()]
        for name, value in defines.items():
            argv += ["-A", "%s=%s" % (name, value)]
        argv += ["-Y", d, "-P", d / "kamailio.pid", "-w", d, "-DD", "-E"] + OPTIONS + self.options
        env = {"LD_PRELOAD": str(self.build / "bench/sync_count.so"), "SYNC_COUNT": str(self.shm / "syncs"),
               "SYNC_US": str(self.sync_us)}
        return Program("kamailio", argv, d, env=env)

    def start(self):
        self.start_one(self.kamailio)
        self.wait_kamailio()
        self.start_one(self.load)
        self.role = self.roles()

    def start_one(self, program):
        program.start()
        self.programs.insert(0, program)

    def wait_kamailio(self, timeout=120):
        def up():
            if not self.kamailio.alive():
                raise Failure("kamailio ended:\n" + tail(self.kamailio.log_path))
            return self.rpc("core.uptime")
        wait_for(up, timeout, 0.02, "kamailio answers kamcmd")

    def rpc(self, method, *args):
        done = subprocess.run(["kamcmd", "-s", self.ctl, method] + list(args), capture_output=True, text=True, timeout=60)
        return kamcmd_parse(done.stdout) if done.returncode == 0 and "error" not in done.stdout[:6] else None

    def __enter__(self):
        try:
            self.start()
        except BaseException:
            self.close(keep=True)
            raise
        return self

    def __exit__(self, kind, *_):
        self.close(keep=kind is not None)

    def close(self, keep=False):
        for program in self.programs:
            program.stop()
        shutil.rmtree(self.shm, ignore_errors=True)
        if keep or os.environ.get("KEEP"):
            print("logs: %s" % self.dir, flush=True)
        else:
            shutil.rmtree(self.dir, ignore_errors=True)

    # ---- what it costs ----

    def syncs(self):
        return struct.unpack("<Q", (self.shm / "syncs").read_bytes())[0]

    def roles(self):
        """{pid: what it does}"""
        def role(desc):
            return "spool" if desc == "ipsmgw spool" else "sip" if "receiver" in desc else "async" if "Async" in desc else "rest"
        return {int(p["pid"]): role(p["desc"]) for p in self.rpc("pkg.stats")}

    def cost(self):
        """{role: nanoseconds so far}"""
        total = {}
        for pid, role in self.role.items():
            total[role] = total.get(role, 0) + cpu_ns([pid])
        return total

    def memory_kb(self):
        """Kamailio's shared memory in use, at most so far, and the private memory of all its processes; the connector's"""
        shared = self.rpc("core.shmmem")[0]
        found = {name + "_private": private_kb(group(p.process.pid)) for name, p in self.measured.items()}
        return dict(found, kamailio_shared=int(shared["real_used"]) // 1024, kamailio_shared_most=int(shared["max_used"]) // 1024)

    # ---- a step ----

    def reports(self):
        return self.load.ask("report"), {}

    def entries(self, first, count):
        with open(self.ledger, "rb") as f:
            f.seek(first * ENTRY.size)
            return list(ENTRY.iter_unpack(f.read(count * ENTRY.size)))

    def send(self, rate, seconds):
        return self.step("send", self.load, rate, seconds)

    def step(self, kind, speaker, rate, seconds):
        first, count = self.next, max(1, int(rate * seconds))
        if first + count > LEDGER_ENTRIES:
            raise Failure("the ledger is full")
        self.next += count
        cost, syncs, before = self.cost(), self.syncs(), self.done()
        speaker.ask("%s %g %d %d" % (kind, rate, first, count))
        time.sleep(count / rate)
        behind = self.settle(before + count)
        run = Run(kind, rate, self.entries(first, count), self.passes_on, self.tells())
        after = self.cost()
        run.cpu_of = {name: (after[name] - cost[name]) / 1000 / count for name in after}
        run.cpu_us = sum(run.cpu_of.values())
        run.syncs = self.syncs() - syncs
        run.late_ms = max(r.get("late_ms", 0) for r in self.reports())
        run.behind_s = behind
        return run

    def settle(self, wanted):
        """Wait until all is through or nothing moves any more. Gives the seconds until that."""
        began, last, moved = time.monotonic(), -1, time.monotonic()
        while True:
            done, now = self.done(), time.monotonic()
            if done >= wanted:
                return now - began
            if done != last:
                last, moved = done, now
            if now - moved > QUIET_S or now - began > SETTLE_S:
                return now - began
            time.sleep(0.02)

    def tells(self):
        return False

    def done(self):
        """Messages that are through"""
        r = self.reports()[0]
        return r["ok"] + r["other"] + r["given_up"]


class Gateway(Server):
    """With the module, the connector and the sink, as shipped apart from logging."""

    passes_on = True

    def __init__(self, build, template="message", pairs=10000, receipts=False, database=None, sync_us=0):
        self.database, self.receipts, self.sync_us = database, receipts, sync_us
        self.parts = 3 if template == "message_long" else 1
        super().__init__(build, template, pairs)
        self.sink = Speaker("sink", [self.build / "bench/smpp_sink", "--port", self.smpp_port, "--ledger", self.ledger, "--pairs", pairs]
                            + (["--receipt-ms", 10] if receipts else []), self.dir)
        self.connector = Program("connector", [self.build / "ipsmgw-connector", "-c", self.dir / "connector.cfg"], self.dir)
        self.measured["connector"] = self.connector

    def configuration(self):
        path = self.dir / "kamailio.cfg"
        path.write_text('#!KAMAILIO\ninclude_file "%s"\ndebug=1\n' % (ROOT / "cfg/kamailio.cfg"))
        return path

    def kamailio_program(self, defines):
        d = self.dir
        (d / "connector.cfg").write_text(CONNECTOR_CONFIG % {"vty": free_port(), "dir": d, "smpp": self.smpp_port})
        return super().kamailio_program(dict(defines, **{
            "IPSMGW_SO": '"%s"' % (self.build / "ipsmgw.so"), "DB_PATH": '"%s"' % (self.database or d / "ipsmgw.db"),
            "LINK_SOCKET": '"%s/link.sock"' % d, "NEXT_HOP": '"sip:127.0.0.1:%d;transport=udp"' % self.a_port}))

    def start(self):
        began = time.monotonic()
        self.start_one(self.kamailio)
        self.start_one(self.sink)
        self.start_one(self.connector)
        wait_for(lambda: self.sink.ask("report")["bound"], 300, 0.02, "the connector is bound")
        wait_for(self.link_up, 60, 0.02, "the module knows that")
        self.started_s = time.monotonic() - began
        self.start_one(self.load)
        self.role = {**self.roles(), self.connector.process.pid: "connector"}

    def link_up(self):
        links = self.rpc("ipsmgw.link_list")
        return links and "up" in str(links).lower()

    def database_octets(self):
        path = self.database or self.dir / "ipsmgw.db"
        return sum(os.path.getsize(str(path) + end) for end in ("", "-wal") if os.path.exists(str(path) + end))

    def reports(self):
        return self.load.ask("report"), self.sink.ask("report")

    def deliver(self, rate, seconds):
        return self.step("deliver", self.sink, rate, seconds)

    def tells(self):
        return self.receipts

    def done(self):
        """What is through last: the answers, all parts at the SMSC, notifications"""
        load, sink = self.reports()
        b_to_a = min(sink["deliver_ok"] + sink["deliver_refused"], load["to_a"])
        a_to_b = min(load["ok"] + load["other"] + load["given_up"], sink["submit_sm"] // self.parts)
        return b_to_a + (min(a_to_b, load["told"]) if self.receipts else a_to_b)
