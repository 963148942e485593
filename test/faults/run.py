#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 the ipsmgw authors
"""Fault campaign: breaks everything around and in the gateway under load, and audits that nothing was lost.

    run.py [--build DIR] [--seed N] [--faults N] [--minutes M] [--rate N] [--map] [--asan]

The same seed gives the same list of faults. The report is BUILD/faults.md, with --asan BUILD/faults-asan.md.
"""

import argparse
import os
import pathlib
import shutil
import subprocess
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent


def arguments():
    p = argparse.ArgumentParser()
    p.add_argument("--build", default=os.environ.get("BUILD", str(HERE.parents[1] / "build")))
    p.add_argument("--seed", type=int, default=1)
    p.add_argument("--faults", type=int, default=1000)
    p.add_argument("--minutes", type=float, default=600)
    p.add_argument("--rate", type=float, default=12)
    p.add_argument("--map", action="store_true", help="over MAP: HLR, MSC and STP instead of an SMSC")
    p.add_argument("--asan", action="store_true", help="module and connector built with sanitisers")
    p.add_argument("-k", default="", help="only faults whose name contains it")
    return p.parse_args()


def main():
    args = arguments()
    os.environ["BUILD"] = args.build
    if args.asan:
        os.environ.update(MODULE=args.build + "/asan/ipsmgw.so", CONNECTOR=args.build + "/asan/ipsmgw-connector")
    subprocess.run(["cc", "-D_GNU_SOURCE", "-std=c11", "-O1", "-Wall", "-Wextra", "-Werror", "-shared", "-fPIC", "-o", args.build + "/clock_shift.so",
                    str(HERE / "clock_shift.c"), "-ldl"], check=True)
    sys.path[:0] = [str(HERE), str(HERE.parent / "e2e"), str(HERE.parent / "peers")]
    import campaign
    from audit import Audit
    if args.k:
        campaign.faults = lambda seed, n, of, every=campaign.faults: [f for f in every(seed, 100 * n, of) if args.k in str(f)][:n]
    print("faults: seed %d" % args.seed, flush=True)
    began = time.monotonic()
    kind = campaign.Campaign
    if args.map:
        from map_campaign import MapCampaign as kind
    with kind(args.seed, args.rate) as c:
        c.run(args.faults, args.minutes * 60)
    lines, passed, failed = Audit(c).report(time.monotonic() - began)
    name = "faults-asan" if args.asan else "faults"
    pathlib.Path(args.build, name + ".md").write_text("\n".join(lines) + "\n")
    print("\n".join(lines))
    if failed:
        print("logs: %s" % c.dir)
    else:
        shutil.rmtree(c.dir, ignore_errors=True)
    print("%s: %d passed, %d failed" % (name, passed, failed))
    return 1 if failed or not passed else 0


if __name__ == "__main__":
    sys.exit(main())
