# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 the ipsmgw authors
"""Every row of the error tables (spec 3.10, 5.8), in both answer modes; the rows are typed from the spec. Nobody is registered here.

In a table a row fails by its name. The rows go side by side, each with numbers of its own.
"""

import contextlib
import socket
import sqlite3
import struct
import threading
import time

from harness import Answer, check, equal, wait_for
from link_peer import DATA, ERROR, FLAGS, HELLO, NODE, RP, SMSC, STATE, TEMPORARY, UP, VERSION, WINDOW, decode, frame
from notifications import BOTH, by_hand, notifications
from sip_peer import pager

# 3.10: name, command_status, SIP (answer=submitted), IMDN (answer=durable)
REFUSED = (("invalid SME address", (0x0B, 0x50, 0x51), 404, "failed"), ("not an SC subscriber", (0x0A, 0x48, 0x49), 403, "forbidden"),
           ("facility not supported", (0x15,), 501, "failed"), ("data missing: INVMSGLEN", (0x01,), 413, "failed"),
           ("data missing", (0x43, 0xC0, 0xC1, 0xC2, 0xC3, 0xC4), 500, "failed"), ("operator barring", (0x66,), 403, "forbidden"),
           ("permanent application error", (0x65, 0xFE), 480, "failed"), ("protocol error", (0x02, 0x03), 500, "error"))

# 3.10, tried again: these columns say what comes of it if the error stays until the message expires. What SMPP calls temporary and a fault of
# the SMSC itself are tried again too, as is all that waits on disk: a message is not lost over an SMSC that is restarted.
AGAIN = (("system failure", (0x08, 0x45, 0xFF), 500, "failed"), ("destination out of order", (0x64,), 480, "failed"),
         ("no answer", (None,), 504, "error"))
THROTTLED = (("SC congestion", (0x14, 0x58), 503, "failed"),)

# 3.10 by RP-Cause, as a bearer that has causes says it. 95 stands in two rows and is what SMPP's INVMSGLEN comes as.
RP_CAUSES = (("unknown SC", (1,), 500, "failed"), ("SC congestion", (42,), 503, "failed"), ("invalid SME address", (21,), 404, "failed"),
             ("not an SC subscriber", (28,), 403, "forbidden"), ("facility not supported", (69,), 501, "failed"), ("system failure", (38,), 500, "failed"),
             ("resource limitation", (47,), 503, "failed"), ("operator barring", (8, 10), 403, "forbidden"), ("destination out of order", (27,), 480, "failed"),
             ("not SM-equipped", (88,), 488, "failed"), ("illegal subscriber", (57,), 403, "failed"),
             ("facility not subscribed", (50,), 403, "forbidden"), ("timeout, abort", (41,), 504, "error"),
             ("RP protocol errors", (81, 96, 97, 98, 99, 111, 127), 500, "error"))

# 5.8: name, what A's side answers, deliver_sm_resp; 0 is Timer F
ANSWERS = (("taken", (200, 202, 204, 299), 0x00), ("bad request", (400,), 0x65), ("refused", (403, 603, 606), 0x66), ("not here", (404, 410, 604), 0x64),
           ("not reached", (408, 480, 430, 0), 0x64), ("not that content", (406, 415, 488), 0x65), ("too large", (413, 513), 0x65),
           ("busy", (486, 600), 0x64), ("server error", (500, 502, 504), 0x64), ("unavailable", (503,), 0x14), ("MSRP session", (481,), 0x64))

MODES = ("durable", "submitted")
VALIDITY_S = 7


def options(mode):
    return {"smsc": "bad", "answer": mode, "window": 100, "connector": ("response-timeout 2", "reconnect-max 1"),
            "modparams": {"answer_timeout_ms": 15000, "retry_schedule_s": "1", "tm.fr_timer": 25000}}


def rows(table):
    """(label, value, the other columns) for each value"""
    return [("%s, %s" % (name, value if value is None else hex(value)), value, more) for name, values, *more in table for value in values]


class Sent:
    """One message of a row, with what A's side and the store say of it."""

    def __init__(self, s, label, code, status, b=None, expires=None):
        self.s, self.label, self.code, self.status = s, label, code, status
        self.a, self.b = s.pair()
        self.b = b or self.b
        self.m = pager("hello", self.a, self.b, notify=BOTH)
        if expires:
            self.m.add("Expires", str(expires))

    def go(self):
        self.began, self.future = time.monotonic(), self.s.a.send_later(self.s.sip, self.m)

    def answer(self):
        """(code, Retry-After is there)"""
        found = self.future.result(40)
        check(found, self.label, "no final response")
        return found.code, found.get("Retry-After") is not None

    def told(self):
        return [n.status for n in notifications(self.s, self.a)]


def judge(sent, mode):
    """answer=submitted: the code, and nothing else is told. answer=durable: 202, then the notification, once."""
    for one in sent:
        one.go()
    bad = []
    if mode == "submitted":
        bad = ["%s: %s, want %d" % (one.label, one.answer(), one.code) for one in sent if one.answer() != (one.code, one.code == 503)]
        time.sleep(0.5)
        bad += ["%s: told %s besides" % (one.label, one.told()) for one in sent if one.told()]
    else:
        bad = ["%s: %s at once, want 202" % (one.label, one.answer()) for one in sent if one.answer()[0] != 202]
        with contextlib.suppress(Exception):
            wait_for(lambda: all(one.told() for one in sent), 30, 0.1)
        time.sleep(0.5)
        bad += ["%s: told %s, want %s" % (one.label, one.told(), one.status) for one in sent if one.told() != [one.status]]
    check(not bad, "answer=%s: " % mode, "; ".join(bad))


# ---- 3.10 over SMPP ----

def by_status(s, table, **more):
    sent = []
    for label, value, (code, status) in rows(table):
        one = Sent(s, label, code, status, **more)
        fault = {"mode": "status", "value": value} if value is not None else {"mode": "no_answer"}
        equal(s.smsc.control("fault", dest=one.b[1:], **fault), {"ok": True})
        sent.append(one)
    return sent


def submitted_again(s, sent):
    """How often the SMSC saw each"""
    seen = [p["to"] for p in s.smsc.submits()]
    return {one.label: seen.count(one.b[1:]) for one in sent}


def smpp_rows(stack, mode):
    with stack(**options(mode)) as s:
        by_hand(s)
        refused, again = by_status(s, REFUSED), by_status(s, AGAIN, expires=VALIDITY_S)
        judge(refused + again, mode)
        equal({k: n for k, n in submitted_again(s, refused).items() if n != 1}, {}, "permanent, and yet submitted again")
        equal({k: n for k, n in submitted_again(s, again).items() if n < 2}, {}, "not tried again")
        judge(by_status(s, THROTTLED, expires=VALIDITY_S), mode)


def test_submit_errors_submitted(stack):
    smpp_rows(stack, "submitted")


def test_submit_errors_durable(stack):
    smpp_rows(stack, "durable")


def test_passing_errors(stack):
    """The rows that are tried again: when the error passes, the message is sent, and 202 or silence is all that A hears."""
    for mode in MODES:
        with stack(**options(mode)) as s:
            by_hand(s)
            sent = []
            for label, value, _ in rows(AGAIN + THROTTLED):
                one = Sent(s, label, 202, None)
                fault = {"mode": "status", "value": value} if value is not None else {"mode": "close_before"}
                equal(s.smsc.control("fault", dest=one.b[1:], count=1, **fault), {"ok": True})
                sent.append(one)
            for one in sent:
                one.go()
            equal({one.label: one.answer()[0] for one in sent if one.answer()[0] != 202}, {}, "answers")
            for one in sent:
                s.smsc.wait_submits(one.b, 2, 15)
            time.sleep(0.5)
            equal({one.label: one.told() for one in sent if one.told()}, {}, "told")


# ---- 3.10 by RP-Cause ----

class Bearer:
    """In the connector's place: RP-ERROR to every RP-DATA, with the cause that the last three digits of TP-DA say."""

    def __init__(self, s):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.connect(str(s.dir / "link.sock"))
        self.sock.sendall(frame(HELLO, 0, (VERSION, b"\1"), (NODE, b"bearer"), (WINDOW, struct.pack(">I", 500))) +
                          frame(STATE, 0, (SMSC, b"test"), (FLAGS, bytes([UP])), (WINDOW, struct.pack(">I", 100))))
        self.thread = threading.Thread(target=self.run, daemon=True)
        self.thread.start()

    def run(self):
        stream = self.sock.makefile("rb")
        with contextlib.suppress(OSError, struct.error):
            while True:
                (length,) = struct.unpack(">I", stream.read(4))
                f = decode(stream.read(length))
                if f["ev"] == "data":
                    self.answer(f["ref"], bytes.fromhex(f["rp"]))

    def answer(self, ref, rp):
        cause = int(digits_of_tp_da(rp)[-3:])
        self.sock.sendall(frame(ERROR, ref, (RP, bytes([5, rp[1], 1, cause])), (SMSC, b"test")))

    def close(self):
        self.sock.close()


def digits_of_tp_da(rp):
    """RP-DATA from the mobile side (24.011 7.3.1.2) with an SMS-SUBMIT"""
    at = 3 + rp[2]
    at += 1 + rp[at]
    tpdu = rp[at + 1:]
    n = tpdu[2]
    return "".join("%x%x" % (o & 15, o >> 4) for o in tpdu[4:4 + (n + 1) // 2])[:n]


def test_rp_causes(stack):
    for mode in MODES:
        with stack(**options(mode)) as s:
            s.connector.stop()
            bearer = Bearer(s)
            try:
                wait_for(s.link_up, 20, 0.05, "the bearer's SMSC is up")
                judge([Sent(s, label, code, status, b="%s%03d" % (s.pair()[1][:-3], value)) for label, value, (code, status) in rows(RP_CAUSES)], mode)
            finally:
                bearer.close()
                s.connector.start()


# ---- 5.8 ----

def answers_of_a(s):
    """deliver_sm_resp for each row, side by side"""
    wanted = {}
    for label, code, (status,) in rows(ANSWERS):
        a, b = s.pair()
        wanted["tel:" + a] = (label, code, status, b)
    s.a.policy = lambda r: Answer(wanted[r.uri][1]) if r.uri in wanted else Answer(200)
    waiting = [(label, status, s.smsc.mo_later(b, uri[4:], b"hello", timeout=30)) for uri, (label, code, status, b) in wanted.items()]
    return ["%s: %s, want %#x" % (label, got, status) for label, status, get in waiting for got in [get(30)] if got != status]


def test_answers_of_a_in_both_modes(stack):
    for mode in MODES:
        with stack(**dict(options(mode), modparams={"tm.fr_timer": 2000})) as s:
            bad = answers_of_a(s)
            check(not bad, "answer=%s: " % mode, "; ".join(bad))


def test_own_errors(stack):
    """5.8, the last two rows: user data that is none, and a store that takes nothing."""
    for mode in MODES:
        with stack(**options(mode)) as s:
            a, b = s.pair()
            equal(s.smsc.mo(b, a, b"\xff", esm_class=0x40), 0x65, "UDH beyond its end")
            with contextlib.closing(sqlite3.connect(str(s.db), isolation_level=None)) as db:
                db.execute("BEGIN IMMEDIATE")
                equal(s.smsc.mo(b, a, b"not now", timeout=30), 0x14, "store that takes nothing")
                db.execute("ROLLBACK")
            check(not s.a.wait(lambda r: r.uri == "tel:" + a, 0.5), "A was shown one of them")
            wait_for(lambda: s.smsc.mo(b, a, b"again") == 0, 20, 0.3, "the SMSC's next attempt is taken")
            equal(s.a.wait(lambda r: r.uri == "tel:" + a).text, "again")
