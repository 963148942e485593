# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 the ipsmgw authors
"""A connector of the tests' own at the module's link socket (docs/link-protocol.md), for what no SMSC of SMPP says.

    class of a file: STACK_CLASS = LinkStack        # Kamailio alone, no connector, no SMSC
    with Bearer(s) as bearer:                       # HELLO and STATE are said
        bearer.policy = lambda f: bearer.ack(f, DELIVERED)      # the answer to each DATA; None: silence
        data = bearer.wait_data(b, 2)               # two DATA for b
        status = bearer.sms(b, a, "hello")          # DATA to the module; gives its ACK or ERROR
        bearer.send(frame(QUERY, 5, (DA, b"+49.."))); bearer.wait("user", ref=5)
"""

import contextlib
import itertools
import socket
import struct
import threading
import time

from harness import Stack, check, equal, wait_for
from link_peer import ACK, DA, DATA, ERROR, FLAGS, HELLO, NODE, PONG, RETRY_MS, RP, SMSC, SMSC_ID, STATE, TEMPORARY, UP, VERSION, WINDOW, address, decode, frame

SCTS = bytes.fromhex("62112280000000")


class LinkStack(Stack):
    def start(self, ready=True):
        self.kamailio.start()
        self.wait_kamailio()

    def alive(self):
        return self.kamailio.alive()

    def restart_kamailio(self, kill=True):
        self.kamailio.kill() if kill else self.kamailio.stop()
        self.kamailio.start()
        self.wait_kamailio()


def tp_da(rp):
    """The recipient of an SMS-SUBMIT in RP-DATA from the mobile side (24.011 7.3.1.2)"""
    tpdu = rp_ud(rp)
    digits = "".join("%x%x" % (o & 15, o >> 4) for o in tpdu[4:4 + (tpdu[2] + 1) // 2])[:tpdu[2]]
    return ("+" if tpdu[3] & 0x70 == 0x10 else "") + digits


def rp_ud(rp):
    at = 3 + rp[2]
    return rp[at + 2 + rp[at]:]


def rp_da(rp):
    """The service centre in it, "" if none"""
    at = 3 + rp[2]
    octets = rp[at + 1:at + 1 + rp[at]]
    digits = "".join("%x%x" % (o & 15, o >> 4) for o in octets[1:]).rstrip("f")
    return "+" + digits if octets else ""


def deliver(oa, text):
    return b"\x04" + address(oa) + b"\x00\x08" + SCTS + bytes([2 * len(text)]) + text.encode("utf-16-be")


def status_report(mr, ra, st=0):
    return b"\x06" + bytes([mr]) + address(ra) + SCTS + SCTS + bytes([st])


def from_network(tpdu):
    return b"\x01\x07\x00\x00" + bytes([len(tpdu)]) + tpdu


class Bearer:
    def __init__(self, s, name="test", window=500, connect=True):
        self.s, self.name, self.window = s, name, window
        self.got, self.changed, self.refs, self.policy = [], threading.Condition(), itertools.count(1), self.ack
        if connect:
            self.connect()

    def connect(self):
        self.sock = wait_for(self.dial, 20, 0.05, "the module to listen")
        self.send(frame(HELLO, 0, (VERSION, b"\1"), (NODE, b"bearer"), (WINDOW, struct.pack(">I", self.window))) +
                  frame(STATE, 0, (SMSC, self.name.encode()), (FLAGS, bytes([UP])), (WINDOW, struct.pack(">I", 100))))
        threading.Thread(target=self.run, args=(self.sock,), daemon=True).start()
        self.wait("hello")
        return self

    def dial(self):
        """None while nobody listens: a process that was killed leaves its socket behind."""
        sock = socket.socket(socket.AF_UNIX)
        try:
            sock.connect(str(self.s.dir / "link.sock"))
            return sock
        except OSError:
            sock.close()
            return None

    def run(self, sock):
        stream = sock.makefile("rb")
        with contextlib.suppress(OSError, struct.error, ValueError):
            while True:
                (length,) = struct.unpack(">I", stream.read(4))
                self.rx(decode(stream.read(length)))
        self.note({"ev": "lost", "ref": 0})

    def rx(self, f):
        f["t"] = time.monotonic()
        if f["ev"] == "data":
            f["octets"] = bytes.fromhex(f["rp"])
            f["b"] = tp_da(f["octets"])
        self.note(f)
        if f["ev"] == "ping":
            self.send(frame(PONG, f["ref"]))
        answer = self.policy(f) if f["ev"] == "data" else None
        if answer:
            self.send(answer)

    def note(self, f):
        with self.changed:
            self.got.append(f)
            self.changed.notify_all()

    def send(self, octets):
        with contextlib.suppress(OSError):
            self.sock.sendall(octets)

    def drop(self):
        """The connection is gone; gives when the module has seen it."""
        with contextlib.suppress(OSError):
            self.sock.shutdown(socket.SHUT_RDWR)
        self.sock.close()
        wait_for(lambda: not self.s.link_up(), 20, 0.05, "the module to see the loss")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        with contextlib.suppress(OSError):
            self.sock.shutdown(socket.SHUT_RDWR)
        self.sock.close()

    # ---- what came ----

    def find(self, ev, **fields):
        return [f for f in list(self.got) if f["ev"] == ev and all(f.get(k) == v for k, v in fields.items())]

    def wait(self, ev, count=1, timeout=20.0, **fields):
        """The first count frames of that kind with these fields; one if count is 1."""
        end = time.monotonic() + timeout
        with self.changed:
            while len(self.find(ev, **fields)) < count:
                left = end - time.monotonic()
                check(left > 0, "no", count, ev, fields, "but", [(f["ev"], f["ref"], f.get("da"), f.get("flags")) for f in self.got[-8:]])
                self.changed.wait(left)
        return self.find(ev, **fields)[:count] if count > 1 else self.find(ev, **fields)[0]

    def wait_data(self, b, count=1, timeout=20.0):
        return self.wait("data", count, timeout, b=b)

    def synced(self):
        """All that the module had to say by now has come."""
        ref = next(self.refs)
        self.send(frame(8, ref, (DA, b"+1000")))
        self.wait("user", ref=ref)
        return self

    # ---- answers ----

    def ack(self, f, flags=0, smsc_id=None):
        return frame(ACK, f["ref"], (RP, bytes([3, f["octets"][1]])), (SMSC, self.name.encode()), (SMSC_ID, (smsc_id or "id%d" % f["ref"]).encode()),
                     (FLAGS, bytes([flags])))

    def error(self, f, cause=27, flags=TEMPORARY, retry_ms=0):
        return frame(ERROR, f["ref"], (RP, bytes([5, f["octets"][1], 1, cause])), (SMSC, self.name.encode()), (FLAGS, bytes([flags])),
                     (RETRY_MS, struct.pack(">I", retry_ms)))

    # ---- to the module ----

    def data(self, tpdu, a="", *more):
        """DATA; gives its ref."""
        ref = next(self.refs)
        self.send(frame(DATA, ref, (RP, from_network(tpdu)), (SMSC, self.name.encode()), *(((DA, a.encode()),) if a else ()), *more))
        return ref

    def answer_to(self, ref, timeout=30.0):
        end = time.monotonic() + timeout
        with self.changed:
            while True:
                found = [f for f in self.got if f["ev"] in ("ack", "error") and f["ref"] == ref]
                if found:
                    return found[0]
                check(self.changed.wait(max(0.0, end - time.monotonic())) or time.monotonic() < end, "no answer to DATA", ref)

    def sms(self, b, a, text, timeout=30.0):
        return self.answer_to(self.data(deliver(b, text), a), timeout)

    def reported(self, smsc_id, mr, b, st=0):
        answer = self.answer_to(self.data(status_report(mr, b, st), "", (SMSC_ID, smsc_id.encode()), (FLAGS, b"\x20")))
        equal(answer["ev"], "ack", "answer to a report")
        return answer
