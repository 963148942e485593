# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 the ipsmgw authors
"""A peer that does not read: writes become short, and nothing may be lost or sent twice. The connector towards an SMSC, the module towards the connector."""

import fcntl
import socket
import struct
import termios
import threading

from harness import check, equal, wait_for
from link_peer import DATA, FLAGS, HELLO, NODE, PING, SMSC, STATE, UP, VERSION, WINDOW, decode, frame
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
        wait_for(lambda: int(s.rpc("ipsmgw.stats")[0]["segments_in_flight"] ) >= 990, 20, 0.1, "nearly all to be written")
        stuck = wire.in_the_kernel()
        wire.gate.set()
        for _, b in pairs:
            submits = s.smsc.wait_submits(b, 10, 30)
            equal((len(submits), oracle.text_of(sorted(submits, key=lambda p: p["hex"][:12]))), (10, TEXT), b)
        check(0 < stuck < (wire.octets - read) * 0.9, "no write was short: %d of %d octets were in the kernel" % (stuck, wire.octets - read))
        equal(s.statistics()["sms_resubmitted"], 0, "sms_resubmitted")


# ---- the link ----

HELLO_AND_UP = frame(HELLO, 0, (VERSION, b"\1"), (NODE, b"slow"), (WINDOW, struct.pack(">I", 4000))) + frame(STATE, 0, (SMSC, b"test"), (FLAGS, bytes([UP])),
                                                                                                             (WINDOW, struct.pack(">I", 4000)))


def read_until(sock, enough):
    octets = b""
    while not enough(octets):
        more = sock.recv(7000)
        check(more, "the module has closed the link")
        octets += more
    return octets


def whole_data(octets):
    """refs of the DATA that are there from the first octet to the last"""
    refs, at = [], 0
    while at + 4 <= len(octets):
        (length,) = struct.unpack(">I", octets[at:at + 4])
        check(length < 2048, "no frame begins at octet %d: its length would be %d" % (at, length))
        if at + 4 + length > len(octets):
            break
        if octets[at + 4] == DATA:
            refs.append(decode(octets[at + 4:at + 4 + length])["ref"])
        at += 4 + length
    return refs


def test_short_writes_of_the_module(stack):
    """A connector that stands still while thousands of segments are for it, and then reads."""
    with stack(start=False, modparams={"max_segments": 10}) as s:
        s.kamailio.start()
        s.wait_kamailio()
        with socket.socket(socket.AF_UNIX) as sock:
            sock.settimeout(20)
            wait_for((s.dir / "link.sock").exists, 20, 0.05, "the link socket")
            sock.connect(str(s.dir / "link.sock"))
            sock.sendall(HELLO_AND_UP)
            wait_for(s.link_up, 20, 0.05, "the link to be up")
            pairs = [s.pair() for _ in range(3 * MESSAGES)]
            for k in range(0, len(pairs), 20):
                answers = [s.a.send_later(s.sip, pager(TEXT, a, b)) for a, b in pairs[k:k + 20]]
                equal({f.result(60).code for f in answers}, {202})
            n = 10 * len(pairs)

            def all_are_on_their_way():
                sock.sendall(frame(PING, 1))
                return int(s.rpc("ipsmgw.stats")[0]["segments_in_flight"]) == n
            wait_for(all_are_on_their_way, 30, 0.2, "all to be given to the link")
            (stuck,) = struct.unpack("i", fcntl.ioctl(sock, termios.FIONREAD, bytes(4)))
            octets = read_until(sock, lambda o: len(o) > n * 150 and len(whole_data(o)) >= n)
            refs = whole_data(octets)
            equal((len(refs), len(set(refs))), (n, n), "DATA, and refs among them")
            check(stuck < len(octets) / 2, "no write was short: %d of %d octets were in the kernel" % (stuck, len(octets)))
        equal(s.statistics()["sms_resubmitted"], 0, "sms_resubmitted")
