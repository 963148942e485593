# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 the ipsmgw authors
"""Some hundred chats at once: nothing is lost or comes twice, and no memory stays behind. test/bench/chat_sessions.py does it with ten thousand."""

import sqlite3

from chat_load import ChatLoad, ChatStack, both_ways, memory, quiet
from harness import SANITISED, check, equal

SESSIONS, TALKING, SECONDS = 300, 100, 3
WARM_UP, ROUNDS = 4, 8
PER_SESSION = 8192      # octets of an idle session in the module's shared memory and the spool process
PAGE = 4850             # what one page in SQLite's cache costs: 4096 octets, 300 beside it, and holes between them
# A leak of 200 octets a session would be 480 kB. Kamailio's account of shared memory is exact; processes are seen from outside.
SLACK = {"shared, module": 0, "shared, all": 32 << 10, "spool process": 300 << 10, "other processes": 300 << 10}


def used(s):
    """The spool process's cache of database pages is no leak, so it is taken off."""
    quiet(s)
    found = memory(s)
    with sqlite3.connect("file:%s?mode=ro" % s.db, uri=True) as db:
        found["spool process"] -= PAGE * db.execute("PRAGMA page_count").fetchone()[0]
    return found


def grown(before, after):
    return {what: after[what] - before[what] for what in SLACK}


def rounds(load, n):
    for _ in range(n):
        load.call(load.open(SESSIONS))
        load.call(load.close())
    load.verify()


def talk(load):
    load.call(load.talk(both_ways(load.clients[-TALKING:]), SECONDS))
    load.settled()
    load.call(load.close())
    load.verify()
    equal((len(load.lost()), len(load.duplicated())), (0, 0), "lost and duplicated")


def test_hundreds_of_sessions_leave_nothing():
    with ChatStack(SESSIONS, modparams={"tm.wt_timer": 500}) as s:
        load, fresh = ChatLoad(s), used(s)
        load.call(load.open(SESSIONS))
        at_rest = grown(fresh, used(s))
        talk(load)
        rounds(load, WARM_UP)
        before = used(s)
        rounds(load, ROUNDS)
        left = grown(before, used(s))
        each = (at_rest["shared, module"] + at_rest["spool process"]) // SESSIONS
        print("  %d messages; an idle session %d octets; left: %s" % (len(load.sent), each, ", ".join("%s %+d" % g for g in left.items())), flush=True)
        check(SANITISED or each <= PER_SESSION, "octets of an idle session:", each)
        equal(s.statistics()["sessions_open"], 0, "sessions open")
        leaks = ["%s %+d" % g for g in left.items() if g[1] > SLACK[g[0]]]
        check(SANITISED or not leaks, "memory grew:", ", ".join(leaks))
