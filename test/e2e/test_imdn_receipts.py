# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 the ipsmgw authors
"""Receipts as SMSCs send them: for parts, with ids in every form, early, twice, for nobody (spec 6.2, 6.3)."""

import time

from harness import check, equal, wait_for
from notifications import BOTH, FAST, by_hand, check_original, fault, message_ids, notifications, notified, receipt, send, state, stays

STACK = FAST


# ---- parts ----

def test_one_for_all_parts(s):
    by_hand(s)
    a, b, m = send(s, "x" * 400)
    one, two, three = message_ids(s, b, 3)
    receipt(s, a, b, three)
    receipt(s, a, b, one)
    receipt(s, a, b, one)
    stays(s, a, [])
    receipt(s, a, b, two)
    check_original(notified(s, a), a, b, m)
    stays(s, a, ["delivered"])


def test_first_failure_decides(s):
    by_hand(s)
    a, b, m = send(s, "x" * 400)
    one, two, three = message_ids(s, b, 3)
    receipt(s, a, b, one)
    receipt(s, a, b, three, "REJECTD")
    equal(notified(s, a).status, "forbidden")
    receipt(s, a, b, two, "EXPIRED")
    receipt(s, a, b, two)
    receipt(s, a, b, three)
    stays(s, a, ["forbidden"])


def test_refused_part_and_receipts(s):
    """Part 2 of 3 is refused by the SMSC, 1 and 3 are delivered: one failure."""
    by_hand(s)
    a, b = s.pair()
    equal(s.smsc.control("fault", mode="vendor_tlv", dest=b[1:], count=1), {"ok": True})
    with fault(s, b, "status", value=0x0A, count=1):
        send(s, "x" * 400, pair=(a, b))
        equal(notified(s, a).status, "forbidden")
        for one in message_ids(s, b):
            receipt(s, a, b, one)
        stays(s, a, ["forbidden"])


# ---- receipts ----

def test_ids_in_every_form(s):
    bad = []
    for form in ("same", "dec", "upper", "padded", "text"):
        s.smsc.control("clear")
        equal(s.smsc.control("receipts", form=form), {"ok": True})
        for text in ("hello", "x" * 400):
            a, b, m = send(s, text)
            try:
                check_original(notified(s, a), a, b, m)
            except Exception as e:
                bad.append("%s: %s" % (form, e))
    check(not bad, "; ".join(bad))


def test_receipt_before_the_answer(s):
    s.smsc.control("clear")
    a, b = s.pair()
    equal(s.smsc.control("fault", mode="receipt_before", dest=b[1:]), {"ok": True})
    for text in ("fast", "y" * 400):
        before = len(notifications(s, a))
        send(s, text, pair=(a, b))
        notified(s, a, before + 1)
    stays(s, a, ["delivered"] * 2)
    s.smsc.control("clear")


def test_receipt_before_the_answer_and_interworking(stack):
    """Delivered before it was accepted: both are told, also while the answer to A is held."""
    for answer in ("durable", "submitted"):
        with stack(**dict(FAST, answer=answer)) as s:
            a, b = s.pair()
            equal(s.smsc.control("fault", mode="receipt_before", dest=b[1:]), {"ok": True})
            for k, text in enumerate(("fast", "z" * 400), 1):
                send(s, text, notify=BOTH + ", interworking", pair=(a, b))
                found = notified(s, a, 2 * k)[-2:]
                equal(sorted(n.status for n in found), ["delivered", "legacy-sms"], answer)


def test_receipt_twice(s):
    by_hand(s)
    a, b, m = send(s)
    (one,) = message_ids(s, b)
    receipt(s, a, b, one)
    receipt(s, a, b, one)
    notified(s, a)
    receipt(s, a, b, one)
    receipt(s, a, b, one, "UNDELIV")
    stays(s, a, ["delivered"])


def test_unknown_id(s):
    """R-91: acknowledged and dropped, never a text or a notification for A."""
    by_hand(s)
    a, b, m = send(s)
    message_ids(s, b)
    since = len(s.a.received)
    receipt(s, a, b, "deadbeef0", want=0)
    receipt(s, a, b, "no such id", "UNDELIV", tlv=False, want=0)
    time.sleep(1)
    equal([r.text for r in s.a.received[since:] if r.uri == "tel:" + a], [])


def test_same_message_id_of_two_senders(s):
    by_hand(s)
    sent = [send(s, imdn_id="the-same") for _ in range(2)]
    for (a, b, m), stat in zip(sent, ("DELIVRD", "UNDELIV")):
        receipt(s, a, b, message_ids(s, b)[0], stat)
    equal([notified(s, a).status for a, _, _ in sent], ["delivered", "failed"])


def test_retry_of_the_client(s):
    """The same message sent twice is one message with one notification."""
    by_hand(s)
    pair = s.pair()
    a, b, m = send(s, pair=pair, imdn_id="once-" + pair[0][1:])
    (one,) = message_ids(s, b)
    send(s, pair=pair, imdn_id=m.imdn_id)
    receipt(s, a, b, one)
    notified(s, a)
    stays(s, a, ["delivered"])


def test_state_of_the_message(s):
    by_hand(s)
    for stat, want in (("DELIVRD", "delivered"), ("UNDELIV", "failed")):
        a, b, m = send(s)
        receipt(s, a, b, message_ids(s, b)[0], stat)
        notified(s, a)
        wait_for(lambda: state(s, b) == want, 20, 0.1, "state " + want)


# ---- another SMSC ----

def test_with_net_smpp(stack):
    """Receipts by a codec that nobody here wrote."""
    with stack(smsc="perl") as s:
        for end, want in (("0001", ["delivered"]), ("0005", ["failed"]), ("0003", ["failed"]), ("0008", ["forbidden"]), ("0096", [])):
            for text in ("hello", "x" * 400):
                a, b, m = send(s, text, b_end=end)
                if want:
                    check_original(notified(s, a), a, b, m)
                stays(s, a, want, 0.3)
