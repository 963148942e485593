# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 the ipsmgw authors
"""A report about a segment whose acceptance is not known yet, or cannot be written down: it waits, or the SMSC is asked to repeat it, until the segment can
be found."""

import contextlib
import sqlite3
import time

from harness import SMSC_CONFIG, SmscPeer, check, equal, wait_for
from notifications import BOTH, by_hand, check_original, message_ids, notified, receipt, stays, wait_state
from small_disk import fill_up, small_disk

ANSWER_MS = 8000    # the SMSC's answer comes when the disk is full
PATIENT = {"smsc": "bad", "connector": ("response-timeout 20",), "modparams": {"retry_schedule_s": "1,2,5"}}


def full(s, where):
    """Nothing can be written any more."""
    fill_up(where / "filler")
    end = time.monotonic() + ANSWER_MS / 1000 - 0.5
    while s.text("more", *s.pair())[1].code == 202:
        check(time.monotonic() < end, "the disk does not get full")


def accepted_on_a_full_disk(s, where):
    """A message of one segment that the SMSC takes when that cannot be noted. @return (A, B, message, the SMSC's id)"""
    by_hand(s)
    a, b = s.pair()
    equal(s.smsc.control("fault", mode="late", dest=b[1:], count=1, ms=ANSWER_MS), {"ok": True})
    m, answer = s.text("hello", a, b, notify=BOTH)
    equal(answer.code, 202)
    s.smsc.wait_submits(b)
    full(s, where)
    (message_id,) = message_ids(s, b)
    return a, b, m, message_id


def test_report_waits_for_its_segment(stack):
    with small_disk() as where, stack(**PATIENT, db_path=where / "ipsmgw.db") as s:
        a, b, m, message_id = accepted_on_a_full_disk(s, where)
        told = s.smsc.mo_later(b, a, esm_class=4, tlv={"001e": message_id.encode().hex() + "00", "0427": "02"})
        time.sleep(1)
        (where / "filler").unlink()
        equal(told(), 0, "deliver_sm_resp to the receipt")
        check_original(notified(s, a, timeout=15), a, b, m)
        equal(s.statistics()["reports_unmatched"], 0)


def test_report_during_a_lock(stack):
    """The acceptance is given up, then the report is read together with the order to submit again: it waits for the answer to that."""
    with stack(**PATIENT) as s:
        a, b = s.pair()
        equal(s.smsc.control("fault", mode="late", dest=b[1:], count=1, ms=300), {"ok": True})
        m, answer = s.text("hello", a, b, notify=BOTH)
        equal(answer.code, 202)
        s.smsc.wait_submits(b)
        lock = sqlite3.connect(s.db, isolation_level=None, timeout=5)
        lock.execute("begin immediate")
        time.sleep(3)
        lock.execute("rollback")
        lock.close()
        check_original(notified(s, a, timeout=15), a, b, m)
        equal(s.statistics()["reports_unmatched"], 0)


def test_report_that_cannot_wait_is_asked_for_again(stack):
    """Longer than a report waits: it is not acknowledged."""
    with small_disk() as where, stack(**PATIENT, db_path=where / "ipsmgw.db") as s:
        a, b, m, message_id = accepted_on_a_full_disk(s, where)
        check(receipt(s, a, b, message_id, want=None) != 0, "the receipt was acknowledged")
        (where / "filler").unlink()
        wait_for(lambda: receipt(s, a, b, message_id, want=None) == 0, 20, 0.3, "the receipt to be taken")
        check_original(notified(s, a, timeout=15), a, b, m)
        stays(s, a, ["delivered"])
        equal(s.statistics()["reports_unmatched"], 0)


# ---- what others' acceptances say meanwhile ----

EARLY_MS = 1500     # between a receipt and the submit_sm_resp that it has overtaken


@contextlib.contextmanager
def early_receipt(s):
    """A message whose receipt comes before its submit_sm_resp; what is done between them does not keep A from being told."""
    a, b = s.pair()
    equal(s.smsc.control("fault", mode="receipt_before", dest=b[1:], count=1, ms=EARLY_MS), {"ok": True})
    m, answer = s.text("early", a, b, notify=BOTH)
    equal(answer.code, 202)
    s.smsc.wait(lambda e: e["ev"] == "pdu" and e["cmd"] == "deliver_sm" and e.get("id"), what="the receipt")
    yield
    check_original(notified(s, a), a, b, m)
    stays(s, a, ["delivered"])
    equal(s.statistics()["reports_unmatched"], 0)


def accepted(s, b):
    """Another message, to b, that is accepted."""
    equal(s.text("other", s.pair()[0], b)[1].code, 202)
    wait_state(s, b, "accepted")


def test_report_waits_while_another_is_accepted_without_an_id(stack):
    with stack(**PATIENT) as s, early_receipt(s):
        _, other = s.pair()
        equal(s.smsc.control("fault", mode="no_body", dest=other[1:], count=1), {"ok": True})
        accepted(s, other)


def test_report_waits_while_another_is_accepted_with_an_id_like_its_own(stack):
    """Decimal 100 would be hexadecimal 64, and nothing has shown yet how this SMSC writes its ids."""
    with stack(**PATIENT) as s:
        equal(s.smsc.control("ids", next=["100", "64"]), {"ok": True})
        with early_receipt(s):
            accepted(s, s.pair()[1])


def test_report_waits_while_another_smsc_gives_its_id(stack):
    with contextlib.ExitStack() as after, stack(**PATIENT, start=False) as s:
        (s.dir / "second").mkdir()
        second = SmscPeer("bad", s.dir / "second")
        after.callback(second.program.kill)
        second.start()
        config = s.dir / "connector.cfg"
        config.write_text(config.read_text().replace("route default", SMSC_CONFIG.format(name="second", port=second.port, window=10, more="") +
                                                     "route prefix 1667 smsc second\nroute default"))
        s.start()
        wait_for(lambda: second.control("binds")["tx"], 30, 0.1, "the second SMSC to be bound")
        for smsc in (s.smsc, second):
            equal(smsc.control("ids", next=["17"]), {"ok": True})
        with early_receipt(s):
            accepted(s, s.pair()[1].replace("+1666", "+1667"))
