# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 the ipsmgw authors
"""A database of an older program is upgraded at the start and works; one of a newer program is refused in one line."""

import contextlib
import gzip
import sqlite3

import harness
from harness import Stack, check, equal, wait_for

VECTORS = harness.ROOT / "test/vectors"
KEEP = {"retention_message_s": 2000000000, "retention_conversation_s": 2000000000}   # their clock began in 1970


def unpack(version, db):
    """What the program of that version left when it was killed: see test/vectors/store_fill.c"""
    for tail in ("", "-wal"):
        db.with_name(db.name + tail).write_bytes(gzip.decompress((VECTORS / ("store_v%s.db%s.gz" % (version, tail))).read_bytes()))


def ask(db, sql):
    with contextlib.closing(sqlite3.connect(db, timeout=5)) as connection:
        answer = connection.execute(sql).fetchone()
        connection.commit()
        return answer and answer[0]


def current_version(stack):
    with stack() as s:
        return ask(s.db, "pragma user_version")


def test_older_databases_work(stack):
    current = current_version(stack)
    for version in ("1", "4_early", "5", "6"):
        s = Stack(start=False, modparams=KEEP)
        try:
            unpack(version, s.db)
            s.start()
            equal(ask(s.db, "pragma user_version"), current, "version")
            equal(s.rpc("ipsmgw.conv_get", "+491701", "+491702")[0]["conversation_id"], "conv-1", "a conversation of the old version")
            a, b = s.pair()
            equal(s.text("after the upgrade", a, b)[1].code, 202)
            s.smsc.wait_submits(b)
            equal(s.smsc.mo(b, a, b"back"), 0)
            check(s.a.wait(lambda r: r.text == "back"), "A got nothing")
        finally:
            s.close()


def test_newer_database_is_refused(stack):
    """The line names the file, both versions and what to do; the file stays as it is."""
    with stack() as s:
        current = ask(s.db, "pragma user_version")
        equal(s.text("before", *s.pair())[1].code, 202)
        s.kamailio.stop()
        ask(s.db, "pragma user_version = %d" % (current + 1))
        ask(s.db, "pragma wal_checkpoint(truncate)")
        before, log = s.db.read_bytes(), len(s.kamailio.log_path.read_text())
        s.kamailio.start()
        wait_for(lambda: not s.kamailio.alive(), 20, 0.1, "kamailio to refuse the newer database")
        lines = [n for n in s.kamailio.log_path.read_text()[log:].splitlines() if "schema" in n]
        equal(len(lines), 1, "lines that say why: %r" % lines)
        for said in (str(s.db), "has schema %d, this program knows %d" % (current + 1, current), "install the newer one again", "restore a backup"):
            check(said in lines[0], "no %r in %r" % (said, lines[0]))
        equal(s.db.read_bytes() == before, True, "the file is untouched")
        ask(s.db, "pragma user_version = %d" % current)
        s.kamailio.start()
        s.wait_ready(30)
        equal(s.text("after", *s.pair())[1].code, 202)
