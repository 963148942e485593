# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 the ipsmgw authors
"""Garbage where only our own programs and the SMSC should speak: link socket, SMPP session, VTY. Messages flow again soon."""

import contextlib
import os
import random
import signal
import socket
import struct
import time

from harness import CONNECTOR, Program, check, equal, free_port, wait_for
from link_peer import (ACK, ALERT, DA, DATA, DELIVERED, ERROR, FLAGS, HELLO, NODE, OA, PING, PONG, QUERY, REASON, RP, SMSC, SMSC_ID, STATE, UP, USER, VERSION, WINDOW,
                       address, frame)
import mutate

SEED = 20261122
DELIVER_SM = 5


# ---- messages flow ----

def flows(s, seconds=15.0):
    """A text each way gets through, at the latest after that time."""
    end = time.monotonic() + seconds
    a, b = s.pair()
    equal(s.text("still here", a, b)[1].code, 202)
    s.smsc.wait_submits(b, timeout=seconds)
    wait_for(lambda: s.smsc.mo(b, a, b"so am I") == 0, max(0.1, end - time.monotonic()), 0.1, "a short message to be taken")
    equal(s.a.wait(lambda r: r.uri.startswith("tel:" + a)).text, "so am I")


def losses(s):
    """How often the real connector lost the link."""
    return s.connector.log_path.read_text(errors="replace").count("is down:")


def unharmed(s, kamailio):
    check(s.connector.alive() and s.kamailio.alive(), "a program has ended")
    equal(sorted(p["PID"] for p in s.rpc("core.psx")), kamailio, "Kamailio's processes")


def kamailio_of(s):
    return sorted(p["PID"] for p in s.rpc("core.psx"))


# ---- the link ----

def caller(s):
    sock = socket.socket(socket.AF_UNIX)
    sock.connect(str(s.dir / "link.sock"))
    sock.settimeout(2)
    return sock


def send(sock, octets):
    """Whatever the other side makes of it."""
    with contextlib.suppress(OSError):
        sock.sendall(octets)


HELLO_FRAME = frame(HELLO, 0, (VERSION, b"\1"), (NODE, b"impostor"), (WINDOW, struct.pack(">I", 500)))


def sms_deliver(oa, text):
    return b"\x04" + address(oa) + b"\x00\x08" + bytes.fromhex("62112280000000") + bytes([2 * len(text)]) + text.encode("utf-16-be")


def rp_data(tpdu):
    return b"\x01\x07\x00\x00" + bytes([len(tpdu)]) + tpdu


FRAMES = (frame(DATA, 1, (RP, rp_data(sms_deliver("+16660001", "hello"))), (DA, b"+15550001"), (SMSC, b"test")),
          frame(DATA, 2, (RP, rp_data(b"\x06\x07" + address("+16660001") + bytes.fromhex("6211228000000062112280000000") + b"\0")), (SMSC, b"test"),
                (SMSC_ID, b"7f03"), (FLAGS, b"\x20")),
          frame(ACK, 3, (RP, b"\x03\x07"), (SMSC, b"test"), (SMSC_ID, b"7f04")), frame(ERROR, 4, (RP, b"\x05\x07\x01\x29"), (REASON, b"no")),
          frame(STATE, 0, (SMSC, b"test"), (FLAGS, bytes([UP])), (WINDOW, b"\0\0\0\x0a")), frame(PING, 5), frame(PONG, 6), frame(99, 7, (200, b"x")),
          frame(QUERY, 8, (DA, b"+15550001")), frame(USER, 9, (DA, b"+15550001"), (FLAGS, bytes([UP]))), frame(ALERT, 10, (DA, b"+16660001")),
          frame(ACK, 11, (RP, b"\x03\x07"), (SMSC, b"test"), (FLAGS, bytes([DELIVERED]))), HELLO_FRAME)


def damaged_frame(rng):
    """Half of them with a length field that is right again, so that they get deep."""
    octets = mutate.damage(rng, rng.choice(FRAMES))
    return struct.pack(">I", len(octets) - 4) + octets[4:] if rng.random() < 0.7 and 13 <= len(octets) <= 2048 else octets


def test_callers_that_do_not_say_hello(s):
    rng, kamailio, before = random.Random(SEED), kamailio_of(s), losses(s)
    for k in range(200):
        with caller(s) as sock:
            send(sock, rng.choice((rng.randbytes(rng.choice((1, 4, 20, 4000, 300000))), HELLO_FRAME[:rng.randrange(len(HELLO_FRAME))], FRAMES[k % 8],
                                   b"\xff" * 4, b"\0" * 4, b"GET / HTTP/1.1\r\n\r\n")))
    flows(s)
    unharmed(s, kamailio)
    equal(losses(s), before, "the link was disturbed")


def test_silent_callers(s):
    kamailio, before = kamailio_of(s), losses(s)
    with contextlib.ExitStack() as held:
        for k in range(20):
            sock = held.enter_context(caller(s))
            send(sock, HELLO_FRAME[:k])
        flows(s)
        equal(losses(s), before, "the link was disturbed")
        s.connector.kill()
        s.connector.start()
        s.wait_bound()
        flows(s)
    unharmed(s, kamailio)


def test_impostor_that_says_nothing_more(s):
    kamailio = kamailio_of(s)
    with caller(s) as sock:
        send(sock, HELLO_FRAME)
        check(sock.recv(4096), "no HELLO for the impostor")
        flows(s)
    unharmed(s, kamailio)
    flows(s)


def test_impostor_that_never_reads(s):
    kamailio = kamailio_of(s)
    with caller(s) as sock:
        send(sock, HELLO_FRAME + frame(STATE, 0, (SMSC, b"test"), (FLAGS, bytes([UP]))) + frame(PING, 1) * 20000)
        flows(s)
    unharmed(s, kamailio)


def test_damaged_frames(s):
    rng, kamailio = random.Random(SEED), kamailio_of(s)
    for _ in range(60):
        with caller(s) as sock:
            send(sock, HELLO_FRAME + b"".join(damaged_frame(rng) for _ in range(50)))
    wait_for(lambda: s.link_up(), 20, 0.05, "the real connector to be back")
    flows(s)
    unharmed(s, kamailio)


def test_garbage_while_another_says_hello(stack):
    """Both are read at once: the one whose HELLO is waiting has the link, and an answer."""
    with stack(start=False) as s:
        s.kamailio.start()
        s.wait_kamailio()
        wait_for((s.dir / "link.sock").exists, 20, 0.05, "the link socket")
        (spool,) = [int(p["PID"]) for p in s.rpc("core.psx") if isinstance(p, dict) and "ipsmgw spool" in p["DSC"]]
        with caller(s) as bad:
            send(bad, HELLO_FRAME)
            check(bad.recv(4096), "no HELLO")
            with caller(s) as good:
                time.sleep(0.5)     # it is accepted
                os.kill(spool, signal.SIGSTOP)
                send(bad, b"\xff" * 4)
                send(good, HELLO_FRAME)
                os.kill(spool, signal.SIGCONT)
                good.settimeout(15)
                check(good.recv(4096), "no HELLO for the other")


def test_two_connectors(s):
    """Both are real, each takes the link away from the other: every message arrives, and all is quiet when one has gone."""
    kamailio, numbers = kamailio_of(s), [s.pair() for _ in range(30)]
    config = (s.dir / "connector.cfg").read_text().replace("bind 127.0.0.1 %d" % s.vty_port, "bind 127.0.0.1 %d" % free_port())
    (s.dir / "second.cfg").write_text(config)
    second = Program("second", [CONNECTOR, "-c", s.dir / "second.cfg"], s.dir)
    second.start()
    try:
        for a, b in numbers:
            equal(s.text("to " + b, a, b)[1].code, 202)
            time.sleep(0.1)
        check(second.alive(), "the second connector has ended")
    finally:
        second.stop()
    wait_for(lambda: s.link_up(), 20, 0.05, "the first connector to be back")
    flows(s)
    for _, b in numbers:
        s.smsc.wait_submits(b)
    unharmed(s, kamailio)


# ---- the SMSC ----

def deliver_sm(rng):
    """A PDU whose length is right and whose rest is damaged."""
    text = b"id:7f03 sub:001 dlvrd:001 submit date:2601010000 done date:2601010000 stat:DELIVRD err:000 text:x"
    sound = b"CMT\0\1\1" + b"16660001\0\1\1" + b"15550001\0" + rng.choice((b"\0", b"\4", b"\x40")) + b"\0\0\0\0\0\0" + rng.choice((b"\0", b"\x08", b"\xf5")) + b"\0"
    body = rng.choice((sound + bytes([len(text)]) + text, sound + b"\0\x04\x24\x02\x00" + b"x" * 512, sound + b"\x05hello\x02\x0c\x00\x02\x00\x01\x02\x0e\x00\x01\x02"))
    body = mutate.damage(rng, body)[:20000]
    command = rng.choice((DELIVER_SM,) * 8 + (0x103, 0x15, 0x80000004, 0x80000015, 0x102, 0x7FFFFFFF))
    return struct.pack(">IIII", 16 + len(body), command, rng.choice((0, 0, 0xFFFFFFFF)), rng.randrange(1 << 32)) + body


BROKEN = (b"HTTP/1.1 400 Bad Request\r\n\r\n", struct.pack(">IIII", 8, DELIVER_SM, 0, 1), struct.pack(">IIII", 0x7FFFFFF0, DELIVER_SM, 0, 1), b"\0" * 64, b"\xff" * 64,
          struct.pack(">IIII", 200, DELIVER_SM, 0, 1) + b"half")


def raw(s, octets):
    wait_for(lambda: s.smsc.control("raw", hex=octets.hex()).get("ok"), 20, 0.05, "the connector to be bound")


def test_damaged_pdus_of_the_smsc(stack):
    rng = random.Random(SEED)
    with stack(smsc="bad", connector=("reconnect-max 1", "enquire-link 1", "response-timeout 1")) as s:
        kamailio, pid = kamailio_of(s), s.connector.process.pid
        batch = b""
        for _ in range(800):
            pdu = deliver_sm(rng)
            if len(batch) + len(pdu) > 25000:   # the SMSC's control port reads lines of 64 KiB
                raw(s, batch)
                batch = b""
            batch += pdu
        raw(s, batch)
        s.wait_bound()
        flows(s)
        for octets in BROKEN:
            raw(s, octets)
            time.sleep(0.2)
        wait_for(lambda: s.smsc.control("binds").get("rx"), 20, 0.05, "the connector to be bound")
        flows(s)
        equal(s.connector.process.pid, pid)
        unharmed(s, kamailio)


def test_two_connectors(s):
    """The later one counts; the log says why the first is gone, and it comes back."""
    kamailio = kamailio_of(s)
    with caller(s) as sock:
        send(sock, HELLO_FRAME)
        wait_for(lambda: "closed: another connector has come" in s.kamailio.log_path.read_text(errors="replace"), 20, 0.05, "the line")
    s.wait_bound()
    flows(s)
    unharmed(s, kamailio)


# ---- the VTY ----

def test_garbage_to_the_vty(s):
    rng, kamailio = random.Random(SEED), kamailio_of(s)
    lines = (b"show statistics\r\n", b"enable\r\nwrite terminal\r\n", b"configure\r\n", b"show " * 1000 + b"\r\n", b"\xff\xfa\x1f" + b"\xff" * 300 + b"\xff\xf0", b"?" * 300,
             b"\t" * 300, b"list\r\n", b"\x1b[A" * 200, b"\x08" * 300, b"\x04", b"x" * 300000, b"%s%n%s%n\r\n", b"show smsc " + b"y" * 2000 + b"\r\n")
    with contextlib.ExitStack() as held:
        for k in range(60):
            sock = held.enter_context(socket.create_connection(("127.0.0.1", s.vty_port), 2))
            sock.settimeout(0.5)
            send(sock, mutate.damage(rng, lines[k % len(lines)]))
            send(sock, rng.randbytes(rng.choice((1, 100, 3000))).replace(b"\r", b"").replace(b"\n", b""))
            if k % 2:
                sock.close()
        check("test" in s.vty("show smsc"), "show smsc")
        flows(s)
    unharmed(s, kamailio)


def test_two_hundred_smscs(stack):
    """An impostor's SMSCs must not take the place of the real ones."""
    with stack(start=False) as s:
        s.smsc.start()
        s.kamailio.start()
        s.wait_kamailio()
        wait_for((s.dir / "link.sock").exists, 20, 0.05, "the link socket")
        with caller(s) as sock:
            send(sock, HELLO_FRAME + b"".join(frame(STATE, 0, (SMSC, b"junk%d" % k), (FLAGS, bytes([UP]))) for k in range(200)))
            wait_for(lambda: "junk" in str(s.rpc("ipsmgw.link_list")), 20, 0.05, "the impostor to be heard")
        s.connector.start()
        s.wait_bound()
        flows(s)
