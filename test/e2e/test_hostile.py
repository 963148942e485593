# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 the ipsmgw authors
"""Three thousand damaged MESSAGEs: Kamailio answers or ignores each, lives, and nothing of them stays half stored."""

import collections
import contextlib
import random
import socket
import sqlite3
import threading
import time

from harness import check, equal, wait_for
import mutate
from sip_peer import Outgoing
from sip_tcp import TcpClient

SEED, REQUESTS, UDP_MAX = 20261122, 3000, 65000   # a datagram has room for no more
STACK = {"window": 100, "modparams": {"retry_schedule_s": "1"}}


# ---- sending ----

class Udp:
    """Sends and counts what comes back, by code."""

    def __init__(self, destination):
        self.destination, self.codes = destination, collections.Counter()
        self.sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.sock.bind(("127.0.0.1", 0))
        self.host, self.port = self.sock.getsockname()
        threading.Thread(target=self.read, daemon=True).start()

    def read(self):
        with contextlib.suppress(OSError):
            while True:
                octets = self.sock.recv(65536)
                self.codes[octets[8:11] if octets.startswith(b"SIP/2.0 ") else octets[:200]] += 1

    def send(self, octets):
        self.sock.sendto(octets[:UDP_MAX], self.destination)

    def close(self):
        self.sock.close()


def send_tcp(destination, requests, codes):
    """Some on one connection; its end is as good an answer as any."""
    with contextlib.suppress(OSError), TcpClient(destination) as client:
        client.sock.settimeout(2)
        for make in requests:
            client.sock.sendall(make(client))
        client.sock.shutdown(socket.SHUT_WR)
        end = time.monotonic() + 0.1
        for _ in requests:
            answer = client.stream.read(max(0.0, end - time.monotonic()))
            if not answer:
                break
            codes[answer.octets[8:11] if answer.is_response else answer.octets[:200]] += 1


def alive(s, what, patience=10.0):
    options = Outgoing("sip:127.0.0.1:%d" % s.sip[1], content_type=None, sender="sip:probe@home1.example", method="OPTIONS")
    began = time.monotonic()
    answer = s.a.send(s.sip, options, timer_f=patience)
    check(answer and answer.code == 200, "Kamailio does not answer OPTIONS", what)
    check(time.monotonic() - began < patience, "OPTIONS took", time.monotonic() - began, what)


def storm(s, rng, n, codes):
    """n requests, a fifth of them over TCP"""
    udp = Udp(s.sip)
    for k in range(0, n, 10):
        made = [mutate.request(rng) for _ in range(10)]
        for m, harm in made[:8]:
            udp.send(harm(m.octets(udp.host, udp.port, "z9hG4bK-%d-%d" % (k, rng.randrange(1 << 30)))))
        send_tcp(s.sip, [lambda c, m=m, harm=harm: harm(c.octets(m)) for m, harm in made[8:]], codes)
        alive(s, "after request %d of seed %d" % (k + 10, SEED))
    time.sleep(0.5)
    udp.close()
    codes.update(udp.codes)


# ---- afterwards ----

def processes(s):
    return sorted((p["PID"], p["DSC"]) for p in s.rpc("core.psx"))


def all_ended(s):
    stats = s.rpc("ipsmgw.stats")[0]
    return all(stats[k] == "0" for k in ("segments_waiting", "segments_in_flight", "messages_delivering"))


def check_store(s):
    """The database is sound and each message out has exactly its segments."""
    with contextlib.closing(sqlite3.connect("file:%s?mode=ro" % s.db, uri=True)) as db:
        def rows(sql):
            return db.execute(sql).fetchall()
        equal(rows("PRAGMA integrity_check"), [("ok",)])
        equal(rows("SELECT id, n_segments FROM message m WHERE direction = 1 AND (n_segments > 1 OR state = 2)"
                   " AND n_segments <> (SELECT count(*) FROM segment g WHERE g.id >> 8 = m.id)"), [],
              "messages without all their segments")
        equal(rows("SELECT id FROM segment g WHERE NOT EXISTS (SELECT 1 FROM message m WHERE m.id = g.id >> 8)"), [], "segments of no message")
        equal(rows("SELECT m.id FROM message m JOIN segment g ON g.id >> 8 = m.id WHERE m.direction = 1 AND m.state >= 3 AND g.tpdu IS NOT NULL"), [],
              "text of ended messages")


def check_both_ways(s):
    a, b = s.pair()
    m, answer = s.text("still here", a, b)
    equal(answer.code, 202)
    equal(s.smsc.wait_submits(b)[0]["hex"], b"still here".hex())
    equal(s.smsc.mo(b, a, b"so am I"), 0)
    r = s.a.wait(lambda r: r.uri.startswith("tel:" + a))
    equal((r.text, r.get("Conversation-ID")), ("so am I", m.conversation_id))


def test_damaged_requests(s):
    rng, codes, before = random.Random(SEED), collections.Counter(), processes(s)
    check_both_ways(s)
    storm(s, rng, REQUESTS, codes)
    equal(processes(s), before, "processes")
    wait_for(lambda: all_ended(s), 20, 0.2, "every message to end")
    time.sleep(0.3)
    check_store(s)
    check_both_ways(s)
    print("  answers: " + ", ".join("%s %d" % (code[:3].decode("latin-1"), n) for code, n in sorted(codes.items())))
    strange = [c for c in codes if not c.isdigit() and not c.startswith(b"SIP/")]   # the core repeats a damaged version
    check(codes[b"202"] > 50 and codes[b"400"] > 50 and not strange, "answers", codes)
    check(codes[b"500"] + codes[b"503"] < REQUESTS / 20, "we failed too often", codes)
