# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 the ipsmgw authors
"""Ten thousand messages leave no memory behind (Kamailio's own accounts; the connector by its size)."""

import itertools
import pathlib
import time

from harness import CONNECTOR, check, wait_for
from sip_peer import pager
from test_sipp import client

ROUND = 10000
SLACK_SHM, SLACK_PKG, SLACK_CONNECTOR_KB = 32 * 1024, 16 * 1024, 3000
serial = itertools.count(1)


def used(s):
    """(octets of shared memory, {pid: octets of private memory}, kB of the connector)"""
    shm = int(s.rpc("core.shmmem")[0]["used"])
    pkg = {p["pid"]: int(p["used"]) for p in s.rpc("pkg.stats")}
    status = pathlib.Path("/proc/%d/status" % s.connector.process.pid).read_text()
    return shm, pkg, int(status.split("VmRSS:")[1].split()[0])


def messages(s, n):
    """n from A, a tenth of them answered by B, some in parts; all known errors once."""
    a, b = s.pair()
    client(s, "cpm_pager_202", "-s", b[1:], "-key", "a", a[1:], "-m", n, "-r", 1500, "-l", 3000)
    for k in range(n // 20):
        s.smsc.mo(b, a, b"reply %d %d" % (next(serial), k))
        udh = bytes([5, 0, 3, k & 255, 2, 1 + k % 2])
        s.smsc.mo(b, a, udh + b"part %d" % (k // 2), esm_class=0x40)
    for wrong in ("tel:*1#", "sip:nobody@home1.example", "tel:+12"):
        m = pager("x", a, b)
        m.uri = wrong
        s.a.send(s.sip, m)
    wait_for(lambda: s.rpc("ipsmgw.stats")[0]["segments_waiting"] == "0" and s.rpc("ipsmgw.stats")[0]["segments_in_flight"] == "0", 60, 0.5, "the queue to be empty")
    time.sleep(7)   # tm keeps transactions for 5 s


def test_ten_thousand_messages(stack):
    with stack(window=200) as s:
        messages(s, 2000)
        shm, pkg, connector = used(s)
        messages(s, ROUND)
        shm2, pkg2, connector2 = used(s)
        grown = {pid: pkg2[pid] - pkg[pid] for pid in pkg if pkg2.get(pid, 0) - pkg[pid] > SLACK_PKG}
        print("  shared %+d, private at most %+d octets, connector %+d kB" % (shm2 - shm, max(pkg2[p] - pkg[p] for p in pkg), connector2 - connector))
        check(shm2 - shm < SLACK_SHM, "shared memory grew by", shm2 - shm)
        check(not grown, "private memory grew:", grown)
        if "asan" not in CONNECTOR.parts:   # the sanitiser keeps what is freed for a while, and looks for leaks at the end
            check(connector2 - connector < SLACK_CONNECTOR_KB, "the connector grew by", connector2 - connector, "kB")
