#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 the ipsmgw authors
"""What chat sessions cost: memory at rest, a message a second through a tenth of them, memory after all have ended.

    chat_sessions.py [--build DIR] [--sessions 10000] [--talking 1000] [--seconds 60] [--both] [--shared-mb 512]

Kamailio (cfg/kamailio.cfg), connector and SMSC run on loopback, as in test/e2e. Status 0 only if the targets are met.
"""

import argparse
import os
import pathlib
import resource
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent
E2E = HERE.parent / "e2e"
PER_SESSION = 8192      # octets of an idle session: the module's shared memory and the processes
HOLDERS = ("shared, module", "spool process", "other processes", "connector")
FILES_BESIDE = 500      # that are no MSRP connections


def arguments():
    p = argparse.ArgumentParser()
    p.add_argument("--build", default=os.environ.get("BUILD", str(HERE.parents[1] / "build")))
    p.add_argument("--sessions", type=int, default=10000)
    p.add_argument("--talking", type=int, default=1000)
    p.add_argument("--seconds", type=int, default=60)
    p.add_argument("--both", action="store_true", help="a message a second in each direction; else half of those that talk hear, half write")
    p.add_argument("--shared-mb", type=int, default=512, help="Kamailio's -m")
    return p.parse_args()


def open_files(sessions):
    """The limit of open files is inherited; each session takes one here, one in Kamailio's main TCP process."""
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    wanted = sessions + 2000 + FILES_BESIDE
    if hard != resource.RLIM_INFINITY and hard < wanted:
        sys.exit("ulimit -n %d is too low for %d sessions" % (hard, sessions))
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(wanted, 20000) if hard == resource.RLIM_INFINITY else hard, hard))


def cpu_seconds(s):
    """{program: processor time so far} of all processes"""
    found = {}
    for p in s.rpc("pkg.stats"):
        name = "spool" if p["desc"] == "ipsmgw spool" else "kamailio"
        found[name] = found.get(name, 0) + ticks(p["pid"])
    return dict(found, connector=ticks(s.connector.process.pid), peers=time.process_time())


def ticks(pid):
    fields = pathlib.Path("/proc/%s/stat" % pid).read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


class Phase:
    """Time and processor time of what is done inside."""

    def __init__(self, s):
        self.s = s

    def __enter__(self):
        self.began, self.cpu = time.monotonic(), cpu_seconds(self.s)
        return self

    def __exit__(self, *_):
        self.seconds = time.monotonic() - self.began
        cpu = cpu_seconds(self.s)
        self.load = ", ".join("%s %.0f %%" % (k, 100 * (cpu[k] - self.cpu[k]) / self.seconds) for k in cpu)


def percentile(values, p):
    return sorted(values)[min(len(values) - 1, int(len(values) * p / 100))] * 1000 if values else 0


def row(what, *values):
    print("%-44s %s" % (what, "  ".join(str(v) for v in values)), flush=True)


def table(title, before, now, sessions):
    print("\n%-28s %14s %18s" % (title, "octets more", "of each session"))
    for what in now:
        grown = now[what] - before[what]
        print("%-28s %14d %18d" % (what, grown, grown / sessions), flush=True)


def measure(s, args):
    """The figures, printed as they come. Gives what misses its target."""
    from chat_load import ChatLoad, both_ways, memory, one_way, quiet
    load = ChatLoad(s)
    quiet(s)
    before = memory(s)
    with Phase(s) as phase:
        rate = load.call(load.open(args.sessions))
    load.verify()
    row("opened", "%d sessions" % args.sessions, "%.0f a second" % rate, phase.load)
    quiet(s)
    rest = memory(s)
    table("at rest", before, rest, args.sessions)
    each = sum(rest[h] - before[h] for h in HOLDERS) / args.sessions
    row("an idle session without the core's connection", "%.0f octets" % each, "target %d" % PER_SESSION)
    with Phase(s) as phase:
        time.sleep(10)
    row("processors at rest", phase.load)
    with Phase(s) as phase:
        late = load.call(load.talk((both_ways if args.both else one_way)(load.clients[-args.talking:]), args.seconds))
    load.settled()
    sent, lost, twice = len(load.sent), len(load.lost()), len(load.duplicated())
    row("\nmessages", "%d in %.0f s" % (sent, phase.seconds), "lost %d" % lost, "twice %d" % twice, "sender late %.2f s" % late, phase.load)
    for direction, delays in load.delays.items():
        row("delay %s" % direction, "p50 %.0f ms" % percentile(delays, 50), "p99 %.0f ms" % percentile(delays, 99), "max %.0f ms" % percentile(delays, 100))
    load.verify()
    table("after the messages", before, memory(s), args.sessions)
    with Phase(s) as phase:
        rate = load.call(load.close())
    load.verify()
    row("\nended", "%.0f a second" % rate, phase.load)
    quiet(s)
    after = memory(s)
    table("after the end", before, after, args.sessions)
    leaked = after["shared, module"] > before["shared, module"]
    return [what for what, wrong in (("memory", each > PER_SESSION), ("lost", lost), ("twice", twice), ("shared memory", leaked)) if wrong]


def main():
    args = arguments()
    os.environ["BUILD"] = args.build
    sys.path.insert(0, str(E2E))
    open_files(args.sessions)
    from chat_load import ChatStack
    with ChatStack(args.sessions, args.shared_mb) as s:
        missed = measure(s, args)
    print("\nmissed: " + ", ".join(missed) if missed else "\nall targets met")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
