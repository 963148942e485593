# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 the ipsmgw authors
"""Files that somebody removes under the running gateway: nothing is promised on them, and what can come back comes back."""

from harness import check, equal, wait_for


def test_link_socket_removed(stack):
    """It is made again, so that a connector that is started then finds the module."""
    with stack(connector=("reconnect-max 1",)) as s:
        path = s.dir / "link.sock"
        path.unlink()
        wait_for(path.is_socket, 20, 0.1, "the socket to be there again")
        equal(path.stat().st_mode & 0o777, 0o660, "its rights")
        s.connector.kill()
        s.connector.start()
        s.wait_bound()
        a, b = s.pair()
        equal(s.text("after", a, b)[1].code, 202)
        s.smsc.wait_submits(b)


def test_database_removed(stack):
    """503 while its file is away: what would be written to it had no name. All well when it is back."""
    with stack(modparams={"store_timeout_ms": 700}) as s:
        a, b = s.pair()
        equal(s.text("before", a, b)[1].code, 202)
        s.smsc.wait_submits(b)
        files = [s.db.with_name(s.db.name + end) for end in ("", "-wal", "-shm")]
        for path in files:
            path.rename(path.with_name("away-" + path.name))
        equal(s.text("removed", a, b)[1].code, 503)
        check("was removed: put it back" in s.kamailio.log_path.read_text(), "no word about it in the log")
        for path in files:
            path.with_name("away-" + path.name).rename(path)
        a2, b2 = s.pair()
        wait_for(lambda: s.text("after", a2, b2)[1].code == 202, 20, 0.3, "202 when it is back")
        s.smsc.wait_submits(b2)


def test_each_attempt_of_unknown_fate_is_counted(stack):
    """Two attempts that the SMSC took without a word and one that it answered: two may be duplicates."""
    with stack(smsc="bad", connector=("reconnect-max 1", "response-timeout 3"), modparams={"retry_schedule_s": "1"}) as s:
        a, b = s.pair()
        s.smsc.control("fault", mode="no_answer", count=2)
        equal(s.text("three times", a, b)[1].code, 202)
        s.smsc.wait_submits(b, 3, 30)
        wait_for(lambda: s.statistics()["sms_accepted"] == 1, 20, 0.1, "the end of it")
        equal(s.statistics()["sms_resubmitted"], 2, "with two that were not answered")


def test_resubmission_is_counted_over_a_death(stack):
    with stack(smsc="bad", connector=("reconnect-max 1", "response-timeout 3"), modparams={"retry_schedule_s": "1"}) as s:
        a, b = s.pair()
        s.smsc.control("fault", mode="no_answer", count=2)
        equal(s.text("three times", a, b)[1].code, 202)
        s.smsc.wait_submits(b, 2, 30)
        s.kamailio.kill()
        s.connector.kill()
        s.kamailio.start()
        s.connector.start()
        s.wait_ready()
        s.smsc.wait_submits(b, 3, 30)
        wait_for(lambda: s.statistics()["sms_accepted"] == 1, 20, 0.1, "the end of it")
        equal(s.statistics()["sms_resubmitted"], 2, "counted by the life that followed")
