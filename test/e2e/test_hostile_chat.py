# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 the ipsmgw authors
"""Damaged INVITEs and MSRP frames, floods, clients that stop half-way: Kamailio lives, the others chat on, and the memory comes back."""

import collections
import contextlib
import os
import random
import socket
import threading
import time

from chat import Chat
from harness import RpcError, check, equal, wait_for
from msrp_peer import MsrpPeer
import mutate_chat
from notifications import FAST
from sip_chat import chat_invite
from test_chat_races import locked, nothing_left, open_sessions
from test_hostile import Udp, alive, processes

SEED = int(os.environ.get("SEED", 20261122))
INVITES = int(os.environ.get("INVITES", 1500))
FRAMES = int(os.environ.get("FRAMES", 4000))
SHORT = dict(FAST["modparams"], chat_text="started=", chat_msrp_s=2, max_sessions_per_b=1000, chat_numbers="+1777200-+1777299")
STACK = dict(FAST, window=100, modparams=SHORT)
SHM_SLACK = 1 << 20   # tables of the core that grow once, and stay


def shm_used(s):
    return int(s.rpc("core.shmmem")[0]["real_used"])


def end_all(s):
    """BYE to what is still open: A's side there is nobody."""
    for number in open_sessions(s):
        with contextlib.suppress(RpcError):
            s.rpc("ipsmgw.session_end", number)


def chats(s, text):
    with Chat(s) as chat:
        chat.accepted()
        chat.say(text)
        chat.told(text)
        equal(chat.b_says("me too", to=chat.a), 0)
        chat.heard("me too")


class Raw:
    """A TCP connection that says what it likes; what comes back is read and forgotten."""

    def __init__(self, s):
        self.sock = socket.create_connection(s.sip, 5)
        self.sock.settimeout(2)
        self.got = b""

    def write(self, octets):
        """False if the other side has had enough"""
        try:
            self.sock.sendall(octets)
            return True
        except OSError:
            return False

    def read(self, seconds=0.0):
        end = time.monotonic() + seconds
        self.sock.settimeout(max(0.01, seconds))
        with contextlib.suppress(OSError):
            while True:
                octets = self.sock.recv(65536)
                self.got += octets
                if not octets or time.monotonic() >= end:
                    break
        return self.got

    def close(self):
        with contextlib.suppress(OSError):
            self.sock.close()


# ---- SIP ----

def test_damaged_invites(s):
    rng, codes, before = random.Random(SEED), collections.Counter(), processes(s)
    chats(s, "before")
    udp = Udp(s.sip)
    for k in range(0, INVITES, 10):
        for n in range(10):
            m, harm = mutate_chat.invite(rng, "+1555%07d" % rng.randrange(10 ** 7), "+1666%07d" % rng.randrange(10 ** 7))
            udp.send(harm(m.octets(udp.host, udp.port, "z9hG4bK-%d-%d" % (k + n, rng.randrange(1 << 30)))))
        if k % 100 == 0:
            alive(s, "after INVITE %d of seed %d" % (k, SEED))
    time.sleep(1)
    udp.close()
    codes.update(udp.codes)
    equal(processes(s), before, "processes")
    chats(s, "after")
    for offset in range(0, 400, 50):   # kamcmd's output is UTF-8, whatever the peers call themselves
        s.rpc("ipsmgw.session_list", 50, offset)
    print("  answers: " + ", ".join("%s %d" % (c[:3].decode("latin-1"), n) for c, n in sorted(codes.items()) if c.isdigit()))
    check(codes[b"200"] > 20 and codes[b"400"] + codes[b"488"] > 20, "answers", codes)
    check(codes[b"500"] + codes[b"503"] < INVITES / 20, "we failed too often", codes)


def test_half_open_sessions(s):
    """A thousand INVITEs that nobody acknowledges: all end, and so do their transactions."""
    udp, before = Udp(s.sip), shm_used(s)
    for k in range(1000):
        with_path = mutate_chat.SDP % {"port": "9", "proto": "TCP/MSRP", "setup": "setup:active", "path": mutate_chat.PATH % ("%020d" % k)}
        m = chat_invite("+1555%07d" % (8000000 + k), "+1666%07d" % (8000000 + k), with_path.encode())
        m.add("Contact", "<sip:a@127.0.0.1:%d>" % udp.port)
        udp.send(m.octets(udp.host, udp.port, "z9hG4bK-half-%d-%d" % (k, time.time_ns())))
        if k % 20 == 0:
            alive(s, "at half-open session %d" % k, 10)
    wait_for(lambda: len(open_sessions(s)) > 300, 30, 0.5, "half-open sessions")
    chats(s, "while they are open")
    end_all(s)
    nothing_left(s, 240)
    udp.close()
    print("  shm: %d before, %d after" % (before, shm_used(s)))
    wait_for(lambda: shm_used(s) < before + SHM_SLACK, 30, 1, "memory of half-open sessions")
    chats(s, "and now")


# ---- MSRP ----

def test_damaged_frames(s):
    """Many connections, with and without a session behind them"""
    rng, before = random.Random(SEED), processes(s)
    for turn in range(FRAMES // 400):
        with Chat(s, check_faults=False) as chat:
            chat.accepted(connect=False)
            connections = [Raw(s) for _ in range(10)]
            for _ in range(400):
                c = rng.choice(connections)
                to_path = chat.session.remote_path if rng.random() < 0.8 else rng.choice(mutate_chat.PATHS)
                from_path = chat.session.path if rng.random() < 0.9 else rng.choice(mutate_chat.PATHS)
                octets = mutate_chat.frame(rng, to_path, from_path)
                cut = rng.randrange(len(octets) + 1) if rng.random() < 0.1 else len(octets)
                if not c.write(octets[:cut]) or not c.write(octets[cut:]):
                    c.close()
                    connections[connections.index(c)] = Raw(s)
            for c in connections:
                c.read()
                c.close()
            chat.leave()
        alive(s, "after %d frames of seed %d" % (400 * (turn + 1), SEED), 10)
    equal(processes(s), before, "processes")
    chats(s, "after")


def test_huge_frames(s):
    """Larger than the core can read, with a body and with headers: the connection ends, nothing else does."""
    for body in (True, False):
        for size in (20000, 200000, 5 << 20):
            with Chat(s, check_faults=False) as chat:
                chat.accepted(connect=False)
                raw = Raw(s)
                head = "MSRP abcdef1234 SEND\r\nTo-Path: %s\r\nFrom-Path: %s\r\nMessage-ID: m1234\r\n" % (chat.session.remote_path, chat.session.path)
                raw.write(head.encode() + (b"Content-Type: text/plain\r\n\r\n" if body else b"X: ") + b"x" * size + b"\r\n-------abcdef1234$\r\n")
                raw.read(1.0)
                raw.close()
                alive(s, "after a frame of %d octets" % size, 10)
    chats(s, "after")


def test_chunk_storm(s):
    """Octet by octet, in gaps, overlapping, never ended: what they hold is bounded and comes back."""
    before = shm_used(s)
    with MsrpPeer() as peer:
        many = [Chat(s, check_faults=False, msrp=peer) for _ in range(20)]
        for chat in many:
            chat.accepted()
        sent = []
        for chat in many:
            for n in range(6):
                chunks = chat.session.plan(b"x" * 300, "text/plain", chunk=1).chunks[n:n + 120:2]
                chat.session.transmit(chunks)
                sent += chunks
        wait_for(lambda: all(c.response for c in sent), 60, 0.2, "answers to %d chunks" % len(sent))
        print("  answers: %s" % dict(collections.Counter(c.response.code for c in sent)))
        chats(s, "in between")
        for chat in many:
            chat.leave()
    nothing_left(s)
    wait_for(lambda: shm_used(s) < before + SHM_SLACK, 30, 1, "memory of chunks: %d before, %d now" % (before, shm_used(s)))


def test_connections_that_stop(s):
    """Hundreds that say nothing, or half a frame, octet by octet"""
    with Chat(s) as chat:
        chat.accepted()
        slow = [Raw(s) for _ in range(400)]
        half = b"MSRP abcdef1234 SEND\r\nTo-Path: " + chat.session.remote_path.encode()
        for k in range(0, len(half), 4):
            for n, c in enumerate(slow):
                if n % 2:
                    c.write(half[k:k + 4])
        chat.say("not stopped")
        chat.told("not stopped")
        for c in slow:
            c.close()
        chat.say("still not")
        chat.told("still not")
    chats(s, "after")


class Stranger(threading.Thread):
    """Frames for no session as fast as they go, and again on a new connection when that is closed."""
    FRAME = "MSRP abcdef%04d SEND\r\nTo-Path: msrp://127.0.0.1:%d/nobody;tcp\r\nFrom-Path: msrp://127.0.0.1:9/x;tcp\r\nMessage-ID: m1234\r\n-------abcdef%04d$\r\n"

    def __init__(self, s):
        super().__init__(daemon=True)
        self.s, self.stop, self.connections = s, False, 0
        self.octets = "".join(self.FRAME % (k, s.sip[1], k) for k in range(200)).encode()
        self.start()

    def run(self):
        while not self.stop:
            with contextlib.suppress(OSError):
                raw, self.connections = Raw(self.s), self.connections + 1
                while not self.stop and raw.write(self.octets):
                    with contextlib.suppress(BlockingIOError):
                        raw.sock.recv(1 << 20, socket.MSG_DONTWAIT)
                raw.close()


def test_strangers(s):
    """They do not take the place of those who have a session."""
    chats(s, "before")
    strangers = [Stranger(s) for _ in range(4)]
    try:
        time.sleep(2)
        for k in range(20):
            chats(s, "among strangers, %d" % k)
    finally:
        for stranger in strangers:
            stranger.stop = True
    for stranger in strangers:
        stranger.join(10)
    check(sum(t.connections for t in strangers) > 4, "no connection of a stranger was closed")
    chats(s, "after")


def test_frames_while_the_database_is_locked(stack):
    """What cannot be dealt with is refused: SIP must have memory left."""
    with stack(**dict(FAST, modparams=dict(SHORT, store_timeout_ms=400)), start=False) as s:
        s.kamailio.argv[s.kamailio.argv.index("-m") + 1] = "64"   # Kamailio's own default
        s.start()
        with Chat(s, check_faults=False) as chat:
            chat.accepted()
            raws, filler = [Raw(s) for _ in range(8)], b"x" * 15000
            frame = "MSRP abcdef%%04d SEND\r\nTo-Path: %s\r\nFrom-Path: %s\r\nMessage-ID: m%%04d\r\nContent-Type: text/plain\r\n\r\n%%s\r\n-------abcdef%%04d$\r\n"
            frame = frame % (chat.session.remote_path, chat.session.path)
            total, free = int(s.rpc("core.shmmem")[0]["total"]), []
            with locked(s):
                for k in range(9000):
                    raw = raws[k % 8]
                    if not raw.write((frame % (k % 10000, k % 10000, filler.decode(), k % 10000)).encode()):
                        raw.close()
                        raws[k % 8] = Raw(s)
                    if k % 500 == 0:
                        free.append(total - shm_used(s))
            print("  shm: %d of %d free at least" % (min(free), total))
            check(min(free) > total / 5, "frames have taken the memory: %d of %d free" % (min(free), total))
            for raw in raws:
                raw.close()
            alive(s, "after the frames", 20)
        chats(s, "after")
        nothing_left(s)


# ---- the last one of this file ----

def test_z_nothing_is_left(s):
    wait_for(lambda: end_all(s) or not open_sessions(s), 150, 1, "sessions to close")
    nothing_left(s, 240)
