#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 the ipsmgw authors
"""Runs the measurements beside it, one after another: run.py [--build DIR] (make bench). Status 0 only if all met their target.

BENCH_SHORT=1: messages.py alone, in its short form.
"""

import argparse
import os
import pathlib
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
MEASUREMENTS = ["messages"] if os.environ.get("BENCH_SHORT") else ["messages", "map_messages", "chat_sessions"]


def main():
    p = argparse.ArgumentParser()
    p.add_argument("--build", default=os.environ.get("BUILD", str(HERE.parents[1] / "build")))
    args = p.parse_args()
    failed = []
    for name in MEASUREMENTS:
        print("== " + name, flush=True)
        if subprocess.run([sys.executable, str(HERE / (name + ".py")), "--build", args.build]).returncode:
            failed.append(name)
    print("bench: %s" % ("failed: " + ", ".join(failed) if failed else "all targets met"))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
