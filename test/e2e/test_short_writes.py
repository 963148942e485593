# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 the ipsmgw authors
"""An SMSC that does not read: the connector's writes become short, and nothing of a PDU may be lost or sent twice."""

import socket
import threading

from harness import check, equal, wait_for
import oracle
from sip_peer import pager

MESSAGES, TEXT = 100, "A thousand submit_sm do not fit into the buffers of a socket. " * 24
SMALL = 4096   # octets, for the buffers of the kernel on the way


class Wire:
    """Between the connector and the SMSC; reads from the connector only while its gate is open."""

    def __init__(self, smsc_port):
        self.smsc_port, self.gate, self.octets = smsc_port, threading.Event(), 0
        self.gate.set()
        self.listener = socket.socket()
        self.listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, SMALL)
        self.listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_MAXSEG, 536)   # or the kernel lends a sender on loopback megabytes
        self.listener.bind(("127.0.0.1", 0))
        self.listener.listen()
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self.run, daemon=True).start()

    def run(self):
        try:
            self.near = self.listener.accept()[0]
            self.far = socket.create_connection(("127.0.0.1", self.smsc_port))
            threading.Thread(target=self.back, daemon=True).start()
            while self.gate.wait():
                octets = self.near.recv(1000)
                self.octets += len(octets)
                if not octets:
                    break
                self.far.sendall(octets)
            self.far.close()
        except OSError:
            pass

    def back(self):
        try:
            while octets := self.far.recv(65536):
                self.near.sendall(octets)
        except OSError:
            pass

    def in_the_kernel(self):
        """Octets that the connector has written and that nobody has read."""
        port, n = "%04X" % self.port, 0
        with open("/proc/net/tcp") as table:
            for line in table.readlines()[1:]:
                _, local, remote, _, queues = line.split()[:5]
                tx, rx = (int(x, 16) for x in queues.split(":"))
                n += tx if remote.endswith(":" + port) else rx if local.endswith(":" + port) else 0
        return n


def test_short_writes_lose_nothing(stack):
    with stack(smsc="bad", window=1000, start=False) as s:
        wire, config = Wire(s.smsc.port), s.dir / "connector.cfg"
        config.write_text(config.read_text().replace(" port %d\n" % s.smsc.port, " port %d\n" % wire.port))
        s.start()
        wire.gate.clear()
        pairs, read = [s.pair() for _ in range(MESSAGES)], wire.octets
        answers = [s.a.send_later(s.sip, pager(TEXT, a, b)) for a, b in pairs]
        equal({f.result(20).code for f in answers}, {202})
        wait_for(lambda: int(s.rpc("ipsmgw.stats")[0]["segments_in_flight"] ) >= 990, 10, 0.1, "nearly all to be written")
        stuck = wire.in_the_kernel()
        wire.gate.set()
        for _, b in pairs:
            submits = s.smsc.wait_submits(b, 10, 30)
            equal((len(submits), oracle.text_of(sorted(submits, key=lambda p: p["hex"][:12]))), (10, TEXT), b)
        check(0 < stuck < (wire.octets - read) / 2, "no write was short: %d of %d octets were in the kernel" % (stuck, wire.octets - read))
        equal(s.statistics()["sms_resubmitted"], 0, "sms_resubmitted")
