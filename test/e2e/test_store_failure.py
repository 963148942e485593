# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 the ipsmgw authors
"""A database that cannot be written: 503, nothing half stored, and all well again when it can."""

import sqlite3
import time

from harness import check, equal, wait_for
from sip_peer import pager
from small_disk import fill_up, small_disk


def count(db, table):
    with sqlite3.connect("file:%s?mode=ro" % db, uri=True, timeout=5) as connection:
        return connection.execute("select count(*) from " + table).fetchone()[0]


def test_locked_database(stack):
    with stack(modparams={"store_timeout_ms": 700}) as s:
        a, b = s.pair()
        equal(s.text("before", a, b)[1].code, 202)
        s.smsc.wait_submits(b)
        lock = sqlite3.connect(s.db, isolation_level=None, timeout=5)
        lock.execute("begin immediate")
        a2, b2 = s.pair()
        began = time.monotonic()
        answer = s.text("locked out", a2, b2)[1]
        equal(answer.code, 503)
        check(time.monotonic() - began < 15, "503 after %.1f s" % (time.monotonic() - began))
        check(answer.get("Retry-After"), "no Retry-After")
        lock.execute("rollback")
        lock.close()
        a3, b3 = s.pair()
        wait_for(lambda: s.text("after", a3, b3)[1].code == 202, 20, 0.3, "202 after the lock")
        s.smsc.wait_submits(b3)


def test_inbound_while_locked(stack):
    """The SMSC hears a temporary error (or waits), never a success, and may deliver later."""
    with stack(modparams={"store_timeout_ms": 700}) as s:
        a, b = s.pair()
        lock = sqlite3.connect(s.db, isolation_level=None, timeout=5)
        lock.execute("begin immediate")
        status = s.smsc.mo(b, a, b"locked", timeout=15)
        check(status != 0, "success was said although nothing could be stored")
        lock.execute("rollback")
        lock.close()
        wait_for(lambda: s.smsc.mo(b, a, b"later") == 0, 20, 0.3, "inbound after the lock")
        check(s.a.wait(lambda r: r.text == "later"), "A got nothing")


def test_disk_full(stack):
    with small_disk() as where, stack(db_path=where / "ipsmgw.db") as s:
        fill_and_recover(s, where)


def fill_and_recover(s, where):
    a, b = s.pair()
    equal(s.text("before", a, b)[1].code, 202)
    s.smsc.wait_submits(b)
    fill_up(where / "filler")
    answered, code = [], 202
    for k in range(300):
        a, b = s.pair()
        code = s.text("full %d" % k, a, b)[1].code
        if code != 202:
            break
        answered.append(b)
    equal(code, 503, "a full disk")
    (where / "filler").unlink()
    for number in answered:
        s.smsc.wait_submits(number, 1, 20)
    a3, b3 = s.pair()
    wait_for(lambda: s.text("after", a3, b3)[1].code == 202, 20, 0.5, "202 after there is room again")
    s.smsc.wait_submits(b3, 1, 20)
    check(not s.smsc.submits(lambda p: p["to"] == b[1:]), "what was refused was sent")
    equal(s.rpc("ipsmgw.conv_get", a3, b3)[0]["a"], a3)


def test_broken_database_stops_the_start(stack):
    """A file that is no database: refused with a line that names it, and left as it is."""
    with stack(start=False) as s:
        s.db.write_bytes(b"this is not a database " * 100)
        s.kamailio.start()
        wait_for(lambda: not s.kamailio.alive(), 20, 0.1, "kamailio to refuse")
        check(str(s.db) in s.kamailio.log_path.read_text(), "the path is not named")
        equal(s.db.read_bytes()[:22], b"this is not a database")


def test_damaged_page_stops_the_start(stack):
    """Of what is read at the start: one line names the file and says what to do."""
    with stack() as s:
        equal(s.text("before", *s.pair())[1].code, 202)
        s.kamailio.stop()
        with sqlite3.connect(s.db) as connection:
            connection.execute("pragma wal_checkpoint(truncate)")
            page = connection.execute("select rootpage from sqlite_schema where name = 'retry'").fetchone()[0]
            octets = connection.execute("pragma page_size").fetchone()[0]
        with open(s.db, "r+b") as f:
            f.seek((page - 1) * octets)
            f.write(b"\xff" * octets)
        log = len(s.kamailio.log_path.read_text())
        s.kamailio.start()
        wait_for(lambda: not s.kamailio.alive(), 20, 0.1, "kamailio to refuse")
        lines = [n for n in s.kamailio.log_path.read_text()[log:].splitlines() if str(s.db) in n and "malformed" in n]
        equal(len(lines), 1, "lines that say why: %r" % lines)
        check("restore it from a backup" in lines[0], "no advice in %r" % lines[0])


def test_no_message_is_half_stored(stack):
    """Killed in the middle of long messages: each message in the store has all its segments."""
    with stack() as s:
        s.smsc.program.stop()
        pending = []
        for _ in range(100):
            a, b = s.pair()
            pending.append(s.a.send_later(s.sip, pager("x" * 1200, a, b), timer_f=1))
        wait_for(lambda: sum(f.done() for f in pending) >= 10, 20, 0.001, "the first answers")
        s.kamailio.kill()
        with sqlite3.connect("file:%s" % s.db, uri=True) as db:
            per_message = [n for (n,) in db.execute("select count(*) from segment group by id >> 8")]   # lib/store: message and number of the segment
            messages = db.execute("select count(*) from message").fetchone()[0]
        check(all(n == 8 for n in per_message) and len(per_message) == messages, "segments of messages:", per_message, messages)
        for f in pending:
            f.result(30)
