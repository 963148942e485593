#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 the ipsmgw authors
"""In the guest: runs the tests of test_sctp.py while all SCTP on lo is captured into /run/sctp.pcapng."""

import pathlib
import signal
import subprocess
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "e2e"))

import harness  # noqa: E402
import run  # noqa: E402
import test_sctp  # noqa: E402

harness.KEEP = True   # init.sh hands the logs to the host


def capture(path):
    process = subprocess.Popen(["dumpcap", "-q", "-i", "lo", "-f", "sctp", "-w", path], stderr=subprocess.PIPE)
    while b"File:" not in (line := process.stderr.readline()):
        if not line:
            sys.exit("dumpcap cannot capture on lo")
    return process


def main():
    dumpcap = capture("/run/sctp.pcapng")
    runner = run.Runner(harness, verbose=False)
    runner.run([(test_sctp, [(n, f) for n, f in vars(test_sctp).items() if n.startswith("test_")])])
    time.sleep(0.5)   # what the kernel holds back for dumpcap
    dumpcap.send_signal(signal.SIGINT)
    dumpcap.wait(20)
    print("guest: %d passed, %d failed" % (runner.passed, runner.failed))


main()
