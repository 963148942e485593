#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 the ipsmgw authors
"""Runs fuzzers that are built, some at a time, each for a while, and ends with a line for each.

What a fuzzer finds is kept in BUILD/fuzz as NAME-crash-..., and so on; what it learns in
BUILD/fuzz/found/NAME, from where the next run goes on. Each run adds a line to BUILD/fuzz/runs.tsv:
target, CPU seconds, executions, edges covered, findings; --total adds these lines up, as a table.
"""
import argparse
import collections
import glob
import os
import re
import subprocess
import sys
import threading

Run = collections.namedtuple("Run", "target cpu_s execs cover findings")
KINDS = ("crash", "leak", "timeout", "oom")


def findings(build, target):
    return {p for kind in KINDS for p in glob.glob("%s/fuzz/%s-%s-*" % (build, target, kind))}


def command(build, target, seconds):
    found = "%s/fuzz/found/%s" % (build, target)
    os.makedirs(found, exist_ok=True)
    return ["nice", "-n", "19", "%s/fuzz/fuzz_%s" % (build, target), "-max_total_time=%d" % seconds, "-timeout=10",
            "-max_len=4096", "-print_final_stats=1", "-artifact_prefix=%s/fuzz/%s-" % (build, target),
            found, "test/fuzz/corpus/" + target]


def number(pattern, text):
    all_of_them = re.findall(pattern, text)
    return int(all_of_them[-1]) if all_of_them else 0


def run(build, target, seconds):
    before = findings(build, target)
    log = "%s/fuzz/%s.log" % (build, target)
    with open(log, "wb") as out:
        child = subprocess.Popen(command(build, target, seconds), stdin=subprocess.DEVNULL, stdout=out, stderr=out)
        _, status, usage = os.wait4(child.pid, 0)
    child.returncode = status
    with open(log, errors="replace") as f:
        text = f.read()
    new = len(findings(build, target) - before)
    return Run(target, usage.ru_utime + usage.ru_stime, number(r"number_of_executed_units: (\d+)", text),
               number(r"\bcov: (\d+)", text), max(new, int(status != 0)))


def report(r):
    return "%-20s %12d execs %8d exec/s %6.1f CPU min %6d edges %3d findings" % (
        r.target, r.execs, r.execs / max(r.cpu_s, 0.01), r.cpu_s / 60, r.cover, r.findings)


def run_all(args):
    left, done, lock = list(args.target), [], threading.Lock()

    def worker():
        while True:
            with lock:
                if not left:
                    return
                target = left.pop(0)
            r = run(args.build, target, args.minutes * 60)
            with lock:
                done.append(r)
                print(report(r), flush=True)
                with open(args.build + "/fuzz/runs.tsv", "a") as f:
                    f.write("%s\t%.1f\t%d\t%d\t%d\n" % r)

    workers = [threading.Thread(target=worker) for _ in range(args.jobs)]
    for w in workers:
        w.start()
    for w in workers:
        w.join()
    return done


def total(build):
    rows = {}
    with open(build + "/fuzz/runs.tsv") as f:
        for line in f:
            target, *numbers = line.split()
            cpu_s, execs, cover, found = map(float, numbers)
            old = rows.get(target, Run(target, 0, 0, 0, 0))
            rows[target] = Run(target, old.cpu_s + cpu_s, old.execs + execs, max(old.cover, cover), old.findings + found)
    print("| target | CPU minutes | executions | edges | findings |\n|---|---:|---:|---:|---:|")
    for r in sorted(rows.values()):
        print("| %s | %.1f | %d | %d | %d |" % (r.target, r.cpu_s / 60, r.execs, r.cover, r.findings))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", default="build")
    parser.add_argument("--minutes", type=float, default=2)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--total", action="store_true", help="no run: all that runs.tsv has, for docs/reliability.md")
    parser.add_argument("target", nargs="*")
    args = parser.parse_args()
    if args.total:
        total(args.build)
        return 0
    done = run_all(args)
    failed = [r for r in done if r.findings]
    for r in sorted(done):
        print(report(r))
    for r in failed:
        print("fuzz_%s: see %s/fuzz/%s.log" % (r.target, args.build, r.target))
    print("fuzz: %d passed, %d failed" % (len(done) - len(failed), len(failed)))
    return 1 if failed or not done else 0


if __name__ == "__main__":
    sys.exit(main())
