#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 the ipsmgw authors
"""End-to-end tests: finds test_* functions in test_*.py beside it and runs them.

    run.py [-k PATTERN]... [-x PATTERN]... [--list] [--asan] [--build DIR] [-j N]

A test takes the arguments it names: "s" is a stack shared by the tests of its file (a file may set
STACK = {...}, arguments of Stack), "stack" makes one of its own: stack(smsc="bad", ...). STACK_CLASS of a file
stands for harness.Stack.
"""

import argparse
import contextlib
import importlib
import inspect
import itertools
import multiprocessing
import os
import pathlib
import sys
import time
import traceback

HERE = pathlib.Path(__file__).resolve().parent


def arguments():
    p = argparse.ArgumentParser()
    p.add_argument("-k", metavar="PATTERN", action="append", help="only tests whose file.name contains PATTERN, or that of another -k")
    p.add_argument("-x", metavar="PATTERN", action="append", default=[], help="none of the tests whose file.name contains PATTERN")
    p.add_argument("--list", action="store_true")
    p.add_argument("--asan", action="store_true", help="module and connector built with sanitisers")
    p.add_argument("--build", default=os.environ.get("BUILD", str(HERE.parents[1] / "build")))
    p.add_argument("-j", type=int, default=1, metavar="N", help="files of tests that run side by side")
    p.add_argument("-v", action="store_true", help="tracebacks")
    return p.parse_args()


def chosen(label, args):
    return any(k in label for k in args.k or [""]) and not any(x in label for x in args.x)


def discover(args):
    """[(module, [(name, function)])] in the order of the source"""
    found = []
    for path in sorted(HERE.glob("test_*.py")):
        module = importlib.import_module(path.stem)
        tests = [(n, f) for n, f in vars(module).items() if n.startswith("test_") and inspect.isfunction(f) and chosen(path.stem + "." + n, args)]
        if tests:
            found.append((module, tests))
    return found


class Runner:
    def __init__(self, harness, verbose):
        self.harness, self.verbose = harness, verbose
        self.passed, self.failed, self.skipped, self.shared = 0, 0, 0, None

    def close_shared(self, failed=False):
        shared, self.shared = self.shared, None
        if not shared:
            return
        shared.failed = shared.failed or failed
        try:
            shared.close()
        except self.harness.Failure as e:
            self.failed += 1
            print("FAIL end of a shared stack: %s" % e, flush=True)

    def stack_class(self, module):
        return getattr(module, "STACK_CLASS", self.harness.Stack)

    def shared_for(self, module):
        """A stack whose programs all run; a test that broke one costs only itself."""
        if self.shared and not self.shared.alive():
            self.close_shared(failed=True)
        if not self.shared:
            self.shared = self.stack_class(module)(**getattr(module, "STACK", {}))
        return self.shared

    def call(self, module, function):
        wanted = inspect.signature(function).parameters
        with contextlib.ExitStack() as own:
            values = {}
            if "s" in wanted:
                values["s"] = self.shared_for(module)
            if "stack" in wanted:
                values["stack"] = lambda **options: own.enter_context(self.stack_class(module)(**options))
            function(**values)

    def run_one(self, module, name, function):
        began = time.monotonic()
        label = "%s.%s" % (module.__name__.removeprefix("test_"), name.removeprefix("test_"))
        try:
            self.call(module, function)
            self.passed += 1
            print("ok %s (%.1f s)" % (label, time.monotonic() - began), flush=True)
        except self.harness.Skip as e:
            self.skipped += 1
            print("SKIPPED %s: %s" % (label, e), flush=True)
        except Exception as e:
            self.failed += 1
            if self.shared:
                self.shared.failed = True
            where = traceback.extract_tb(e.__traceback__)
            line = next((f for f in reversed(where) if pathlib.Path(f.filename).name.startswith("test_")), where[-1])
            print("FAIL %s: %s: %s [%s:%d]" % (label, type(e).__name__, e, pathlib.Path(line.filename).name, line.lineno), flush=True)
            if self.verbose:
                traceback.print_exc()

    def run(self, found):
        for module, tests in found:
            for name, function in tests:
                self.run_one(module, name, function)
            self.close_shared()


# Long ones first, so that the workers end together.
LONG_FIRST = ("test_restart", "test_hostile_chat", "test_chat_races", "test_chat_restart", "test_connector", "test_imdn_retry", "test_memory_mix", "test_imdn_load", "test_smpp")


PORTS = range(20000, 32000)   # outside the range that the kernel gives away
PORTS_EACH = 160


def run_file(k):
    """One file of tests in a worker, on ports of its own. Gives (passed, failed, skipped)."""
    import harness
    args = arguments()
    place = sorted(p.stem for p in HERE.glob("test_*.py")).index(k)
    first = PORTS.start + place * PORTS_EACH % len(PORTS)
    harness.free_port.next = itertools.cycle(range(first, first + PORTS_EACH))
    found = [f for f in discover(args) if f[0].__name__ == k]
    runner = Runner(harness, args.v)
    runner.run(found)
    return runner.passed, runner.failed, runner.skipped


def run_all(found, jobs):
    names = [module.__name__ for module, _ in found]
    names.sort(key=lambda n: LONG_FIRST.index(n) if n in LONG_FIRST else len(LONG_FIRST))
    if jobs == 1:
        counts = [run_file(n) for n in names]
    else:
        with multiprocessing.get_context("fork").Pool(jobs, maxtasksperchild=1) as pool:
            counts = list(pool.imap_unordered(run_file, names, chunksize=1))
    return [sum(c) for c in zip(*counts)] or [0, 0, 0]


def main():
    args = arguments()
    os.environ["BUILD"] = args.build
    if args.asan:
        os.environ["CONNECTOR"] = str(pathlib.Path(args.build) / "asan" / "ipsmgw-connector")
        os.environ["MODULE"] = str(pathlib.Path(args.build) / "asan" / "ipsmgw.so")
    sys.path.insert(0, str(HERE))
    found = discover(args)
    if args.list:
        for module, tests in found:
            for name, _ in tests:
                print("%s.%s" % (module.__name__, name))
        return 0
    passed, failed, skipped = run_all(found, args.j)
    print("%s: %d passed, %d failed%s" % ("e2e-asan" if args.asan else "e2e", passed, failed, ", %d skipped" % skipped if skipped else ""))
    return 1 if failed or not passed else 0


if __name__ == "__main__":
    sys.exit(main())
