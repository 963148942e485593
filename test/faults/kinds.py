# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 the ipsmgw authors
"""The kinds of faults. Each is a generator: it breaks something, yields while that lasts, and mends it. KINDS: name -> (how, arguments to draw from)."""

import contextlib
import os
import random
import shutil
import signal
import sqlite3
import struct
import time

from harness import check, wait_for

STATUSES = [1, 2, 3, 4, 5, 6, 7, 8, 0x0A, 0x0B, 0x0C, 0x0D, 0x0E, 0x0F, 0x11, 0x13, 0x14, 0x15, 0x33, 0x34, 0x40, 0x42, 0x43, 0x44, 0x45, 0x48, 0x49,
            0x50, 0x51, 0x53, 0x54, 0x55, 0x58, 0x61, 0x62, 0x63, 0x64, 0x65, 0x66, 0x67, 0xC0, 0xC1, 0xC2, 0xC3, 0xC4, 0xFE, 0xFF, 0x400, 0x4FF, 0xFFFF]
FINAL_CODES = [300, 301, 302, 305, 380, 400, 401, 402, 403, 404, 405, 406, 407, 408, 410, 413, 414, 415, 416, 420, 421, 423, 430, 480, 481, 482, 483, 484,
               485, 486, 487, 488, 491, 493, 500, 501, 502, 503, 504, 505, 513, 600, 603, 604, 606]


# ---- processes ----

def kill_group(c, _):
    c.before_kamailio_dies()
    c.s.kamailio.kill()
    yield
    c.kamailio_start()


def kill_one(c, which):
    """One process dies; Kamailio ends by itself, or what is left of it is ended, as systemd does."""
    pid = c.pid_of(which)
    c.before_kamailio_dies()
    os.kill(pid, signal.SIGKILL)
    yield
    end = time.monotonic() + 20
    while which != "main" and c.s.kamailio.alive() and time.monotonic() < end:
        time.sleep(0.02)
    check(which == "main" or not c.s.kamailio.alive(), "Kamailio lives on without", which)
    c.s.kamailio.kill()
    c.kamailio_start()


def kill_connector(c, _):
    c.s.connector.kill()
    yield
    c.s.connector.start()


def kill_smsc(c, _):
    c.smsc_stop()
    yield
    c.smsc_start()


def freeze_connector(c, _):
    process = c.s.connector.process     # None: another fault has killed it
    if process:
        os.kill(process.pid, signal.SIGSTOP)
    c.load.burst(10)
    yield
    time.sleep(1)
    with contextlib.suppress(ProcessLookupError):
        if process:
            os.kill(process.pid, signal.SIGCONT)


# ---- the SMSC and the way to it ----

def smsc_mode(c, mode):
    c.control("fault", mode=mode, count=c.dice.randrange(1, 4), ms=c.dice.choice((300, 2500, 4500)), n=2)
    yield
    c.control("clear")


def smsc_status(c, value):
    c.control("fault", mode="status", value=value, count=3, dest="2")
    yield
    c.control("clear")


def throttle(c, status):
    c.control("throttle", rate=4, status=status)
    yield
    c.control("clear")


def bind_refused(c, how):
    c.control("bind", **how)
    c.control("drop")
    yield
    c.control("clear")
    c.control("drop")


def cut(c, towards):
    c.wire.cut(towards, c.dice.randrange(1, 60))
    yield
    c.wire.clear()


def garbage(c, octets):
    c.wire.garbage(octets)
    yield


def stall(c, _):
    """Until a write of the connector is short: the buffers of the kernel take some 100 kB."""
    c.wire.stall(True)
    c.load.burst(110, 1300)
    yield
    time.sleep(1.5)
    c.wire.stall(False)


# ---- the database ----

def locked(c, seconds):
    lock = sqlite3.connect(c.s.db, isolation_level=None, timeout=10, check_same_thread=False)
    lock.execute("begin immediate")
    time.sleep(seconds)
    yield
    lock.execute("rollback")
    lock.close()


def disk_full(c, _):
    filler = c.disk / "filler"
    with open(filler, "wb", buffering=0) as out:
        for size in (1 << 20, 65536, 4096, 512):
            with contextlib.suppress(OSError):
                while True:
                    out.write(b"x" * size)
    yield
    time.sleep(0.5)
    filler.unlink()


def files(c):
    return [c.s.db.with_name(c.s.db.name + end) for end in ("", "-wal", "-shm")]


def removed(c, _):
    """For good: what was in it is gone with it, so the queues are empty before. Nothing may be promised that is not on a disk."""
    c.drain()
    for path in files(c):
        path.unlink(missing_ok=True)
    c.load.fresh_pairs()
    c.load.running = True
    yield
    time.sleep(0.5)
    c.before_kamailio_dies()
    c.s.kamailio.kill()
    c.kamailio_start()


def moved(c, _):
    """Away, and back some time later"""
    for path in files(c):
        path.rename(path.with_name("away-" + path.name))
    yield
    for path in files(c):
        path.with_name("away-" + path.name).rename(path)


def corrupted(c, how):
    """Before a start: it is refused with one line that names the file and what to do, and nothing is written."""
    c.before_kamailio_dies()
    c.s.kamailio.stop()
    kept = c.disk / "kept.db"
    with sqlite3.connect(c.s.db) as db:
        db.execute("pragma wal_checkpoint(truncate)")
    db.close()
    shutil.copy(c.s.db, kept)
    octets = bytearray(c.s.db.read_bytes())
    DAMAGE[how](octets, c.dice)
    c.s.db.write_bytes(octets)
    log = len(c.s.kamailio.log_path.read_text(errors="replace"))
    c.s.kamailio.start()
    yield
    wait_for(lambda: not c.s.kamailio.alive(), 20, 0.05, "Kamailio to refuse a database with damage: " + how)
    said = [line for line in c.s.kamailio.log_path.read_text(errors="replace")[log:].splitlines() if str(c.s.db) in line and "ERROR" in line]
    check(len(said) == 1 and ("restore" in said[0] or "move" in said[0]), "no clear line about the damaged database:", said)
    c.s.kamailio.kill()
    for path in files(c):
        path.unlink(missing_ok=True)
    shutil.copy(kept, c.s.db)
    kept.unlink()
    c.kamailio_start()


def damage_header(octets, dice):
    octets[:16] = bytes(dice.randrange(256) for _ in range(16))


def damage_schema(octets, dice):
    octets[100:612] = bytes(dice.randrange(256) for _ in range(512))


def damage_short(octets, _):
    del octets[len(octets) // 2:]


DAMAGE = {"header": damage_header, "schema": damage_schema, "truncated": damage_short}


# ---- clocks, A's side, the link ----

def clock(c, seconds):
    c.shift(seconds)
    yield
    time.sleep(0.5)
    c.shift(0)


def a_answers(c, code):
    c.load.answer_code = lambda: code
    yield
    c.load.answer_code = lambda: 200


def a_deaf(c, _):
    c.load.deaf = True
    yield
    c.load.deaf = False


def link_socket(c, _):
    (c.s.dir / "link.sock").unlink()
    yield
    c.s.connector.kill()
    c.s.connector.start()


GARBAGE = [random.Random(1).randbytes(300), struct.pack(">IIII", 0x7FFFFFF0, 0x80000004, 0, 1), b"\0" * 64, b"GET / HTTP/1.0\r\n\r\n",
           struct.pack(">IIII", 16, 0x80000004, 0, 77), struct.pack(">IIII", 17, 0xFFFFFFFF, 0, 1) + b"x"]

# name -> (how, arguments, times in a deck of the long form)
KINDS = {
    "kill -9 Kamailio, all of it": (kill_group, [None], 4),
    "kill -9 Kamailio's main process": (kill_one, ["main"], 4),
    "kill -9 a SIP worker": (kill_one, ["receiver"], 4),
    "kill -9 an async worker": (kill_one, ["Async"], 2),
    "kill -9 the spool process": (kill_one, ["ipsmgw spool"], 4),
    "kill -9 the connector": (kill_connector, [None], 6),
    "kill -9 the SMSC": (kill_smsc, [None], 4),
    "connector stands still": (freeze_connector, [None], 2),
    "SMSC answers late": (smsc_mode, ["late"], 3),
    "SMSC does not answer": (smsc_mode, ["no_answer"], 3),
    "SMSC takes it, then closes": (smsc_mode, ["close_before", "close_after"], 3),
    "SMSC answers oddly": (smsc_mode, ["split", "wrong_seq", "generic_nack", "receipt_before", "no_body", "vendor_tlv", "batch"], 5),
    "SMSC sends garbage": (smsc_mode, ["garbage", "oversize", "tiny"], 3),
    "SMSC neither reads nor writes": (smsc_mode, ["dead"], 2),
    "SMSC answers command_status": (smsc_status, STATUSES, 16),
    "SMSC throttles": (throttle, [0x58, 0x14], 2),
    "SMSC refuses to bind": (bind_refused, [{"status": 0x0D}, {"status": 0x0E}, {"status": 0x05}, {"silent": True}, {"delay_ms": 900}], 2),
    "connection closed in a PDU": (cut, ["smsc", "gateway"], 6),
    "garbage on the connection": (garbage, GARBAGE, 3),
    "SMSC reads slowly": (stall, [None], 2),
    "database locked": (locked, [0.2, 1, 3], 3),
    "disk full": (disk_full, [None], 3),
    "database file removed": (removed, [None], 1),
    "database file moved away and back": (moved, [None], 1),
    "database damaged before a start": (corrupted, sorted(DAMAGE), 2),
    "clock jumps": (clock, [5, -5, 60, -60, 3600, -3600, 100000, -100000], 4),
    "A answers an error": (a_answers, FINAL_CODES, 14),
    "A does not answer": (a_answers, [0], 3),
    "A does not hear the answer": (a_deaf, [None], 4),
    "link socket removed": (link_socket, [None], 2),
}
ALONE = {"database file removed", "database file moved away and back", "database damaged before a start"}


def faults(seed, n, of=None):
    """The list of faults of a seed: [[(kind, argument), ...]]; decks of all kinds, shuffled, every fourth fault of two at a time."""
    of = of or KINDS
    dice, out = random.Random(seed), []
    mixable = [k for k in of if k not in ALONE]
    while len(out) < n:
        deck = [k for k, (_, _, times) in of.items() for _ in range(times if n > len(of) else 1)]
        dice.shuffle(deck)
        for kind in deck:
            kinds = [kind] + ([dice.choice(mixable)] if kind not in ALONE and dice.random() < 0.25 else [])
            kinds = sorted(set(kinds), key=kinds.index)
            if sum("Kamailio" in k or k.startswith("kill -9 a") or "spool" in k for k in kinds) > 1:
                kinds = kinds[:1]
            out.append([(k, dice.choice(of[k][1])) for k in kinds])
    return out[:n]
