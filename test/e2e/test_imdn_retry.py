# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 the ipsmgw authors
"""A notification that A does not take: tried again, dropped, kept over restarts (spec 6.5 item 6, 6.2)."""

import concurrent.futures
import time

from harness import Answer, check, equal, wait_for
from notifications import answering, by_hand, message_ids, notifications, notified, receipt, send, stays, wait_state

STACK = {"smsc": "bad", "connector": ("reconnect-max 1",), "modparams": {"imdn_retry_s": "1,1,2", "tm.fr_timer": 2000}}
WAITS = (1, 1, 2)
SILENT = 200


def delivered(s, a, b):
    receipt(s, a, b, message_ids(s, b)[-1])


def test_taken_at_once(s):
    by_hand(s)
    for code in (200, 202):
        a, b, _ = send(s)
        with answering(s, a, [code]):
            delivered(s, a, b)
            notified(s, a)
            stays(s, a, ["delivered"], 3)


def test_tried_again(s):
    """One notification, until A takes it."""
    by_hand(s)
    for code in (480, 408, 503, 404):
        a, b, _ = send(s)
        with answering(s, a, [code, code, 200]):
            delivered(s, a, b)
            found = notified(s, a, 3, 40)
            equal([n.answer for n in found], [code, code, 200])
            equal((len({n.own_id for n in found}), len({n.document for n in found})), (1, 1), "the same notification each time")
            stays(s, a, ["delivered"] * 3, 3)


def test_messages_do_not_wait_for_it(stack):
    """A client that ignores notifications gets what B writes meanwhile."""
    s = stack(**dict(STACK, modparams=dict(STACK["modparams"], **{"tm.fr_timer": 25000})))
    by_hand(s)
    a, b, _ = send(s)
    with answering(s, a, [0]):
        delivered(s, a, b)
        notified(s, a)
        s.smsc.mo_later(b, a, b"hi")
        check(s.a.wait(lambda r: r.uri == "tel:" + a and r.text == "hi", 20), "B's message waits")


def test_silent_clients_leave_room_for_others(stack):
    """Hundreds of clients answer no notification for as long as tm waits; another one has its own at once."""
    s = stack(**dict(STACK, modparams=dict(STACK["modparams"], **{"tm.fr_timer": 25000})))
    silent, before = "tel:+15558", s.a.policy
    s.a.policy = lambda r: Answer(0) if r.uri.startswith(silent) else before(r)
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        for f in [pool.submit(send, s, pair=("+15558%06d" % k, "+16668%06d" % k)) for k in range(SILENT)]:
            f.result()
    wait_for(lambda: sum(r.uri.startswith(silent) for r in list(s.a.received)) >= SILENT, 20, 0.1, "all silent clients to be told")
    a, b, m = send(s)
    equal(notified(s, a).message_id, m.imdn_id)


def test_given_up_after_the_schedule(s):
    by_hand(s)
    a, b, _ = send(s)
    with answering(s, a, [480]):
        delivered(s, a, b)
        found = notified(s, a, 4, 40)
        stays(s, a, ["delivered"] * 4, 5)
        waits = [y.time - x.time for x, y in zip(found, found[1:])]
        check(all(w * 0.8 <= got <= w + 8 for w, got in zip(WAITS, waits)), "waits", waits)


def test_no_answer_is_tried_again(s):
    by_hand(s)
    a, b, _ = send(s)
    with answering(s, a, [0, 0, 200]):
        delivered(s, a, b)
        found = notified(s, a, 3, 25)
        equal([n.answer for n in found], [0, 0, 200])
        equal(len({n.own_id for n in found}), 1, "imdn.Message-ID")
        stays(s, a, ["delivered"] * 3, 4)


def test_permanent_answers_end_it(s):
    by_hand(s)
    sent = []
    for code in (406, 415, 488, 400, 403, 405, 603, 606):
        a, b, _ = send(s)
        with answering(s, a, [code]):
            delivered(s, a, b)
            notified(s, a)
            time.sleep(0.2)
        sent.append((code, a))
    time.sleep(4)
    equal([(code, len(notifications(s, a))) for code, a in sent if len(notifications(s, a)) != 1], [], "tried again")


def test_each_has_a_schedule_of_its_own(s):
    """40 notifications wait for A's that are away; others are not held up."""
    by_hand(s)
    before = s.a.policy
    away = [send(s)[:2] for _ in range(40)]
    absent = {"tel:" + a for a, _ in away}
    s.a.policy = lambda r: Answer(480 if r.uri in absent else 200)
    try:
        for a, b in away:
            delivered(s, a, b)
        a, b, _ = send(s)
        began = time.monotonic()
        delivered(s, a, b)
        notified(s, a)
        check(time.monotonic() - began < 8, "a notification took %.1f s" % (time.monotonic() - began))
        absent.clear()
        wait_for(lambda: all(notifications(s, a, 200) for a, _ in away), 20, 0.2, "every notification in the end")
    finally:
        s.a.policy = before
    time.sleep(2)
    equal({len(notifications(s, a, 200)) for a, _ in away}, {1}, "taken")


# ---- restarts ----

def test_killed_before_the_answer(stack):
    """kill -9 of Kamailio between the receipt and A's 200: exactly one 200 afterwards."""
    with stack(**STACK) as s:
        by_hand(s)
        a, b, m = send(s)
        with answering(s, a, [0, 200]):
            delivered(s, a, b)
            first = notified(s, a)
            s.restart_kamailio()
            found = notified(s, a, 2, 15)
            equal((found[1].message_id, found[1].status, found[1].answer), (m.imdn_id, "delivered", 200))
            equal((found[1].request.get("Conversation-ID"), found[1].request.get("Contribution-ID")), (m.conversation_id, m.contribution_id))
            equal(found[1].own_id, first.own_id, "imdn.Message-ID")
            stays(s, a, ["delivered"] * 2, 5)


def test_killed_between_two_tries(stack):
    with stack(smsc="bad", connector=STACK["connector"], modparams=dict(STACK["modparams"], imdn_retry_s="3,3,3")) as s:
        by_hand(s)
        a, b, m = send(s)
        with answering(s, a, [480, 200]):
            delivered(s, a, b)
            notified(s, a)
            time.sleep(0.3)
            s.restart_kamailio()
            equal([n.answer for n in notified(s, a, 2, 15)], [480, 200])
            stays(s, a, ["delivered"] * 2, 4)


def test_not_told_again_after_a_restart(stack):
    """What A has taken, and what was dropped, stays done."""
    with stack(**STACK) as s:
        by_hand(s)
        taken, b1, _ = send(s)
        delivered(s, taken, b1)
        notified(s, taken)
        dropped, b2, _ = send(s)
        with answering(s, dropped, [415]):
            delivered(s, dropped, b2)
            notified(s, dropped)
            time.sleep(0.5)
        for kill in (True, False):
            s.restart_kamailio(kill)
            delivered(s, taken, b1)
            delivered(s, dropped, b2)
            time.sleep(4)
            equal((len(notifications(s, taken)), len(notifications(s, dropped))), (1, 1))


def test_receipt_after_restarts(stack):
    """Hours later, so to say: both programs have been started anew."""
    with stack(**STACK) as s:
        by_hand(s)
        whole, b1, m1 = send(s)
        parts, b2, m2 = send(s, "x" * 400)
        late = message_ids(s, b1) + message_ids(s, b2, 3)
        receipt(s, parts, b2, late[1])
        time.sleep(0.3)
        s.kamailio.kill()
        s.connector.kill()
        s.connector.start()
        s.kamailio.start()
        s.wait_ready()
        receipt(s, whole, b1, late[0])
        equal(notified(s, whole).message_id, m1.imdn_id)
        receipt(s, parts, b2, late[2])
        stays(s, parts, [])
        receipt(s, parts, b2, late[3])
        equal(notified(s, parts).message_id, m2.imdn_id)


def receipt_after_a_restart(stack, peer, ids, receipts, *configuration):
    """Two messages that the SMSC takes under ids, each of its own pair; then receipts: (index, id as the receipt has it)"""
    with stack(smsc=peer, connector=STACK["connector"] + configuration, modparams=STACK["modparams"]) as s:
        if peer == "bad":
            by_hand(s)
        equal(s.smsc.control("ids", next=list(ids)), {"ok": True})
        sent = [send(s, b_end="%d0096" % i) for i in range(len(ids))]    # smsc.pl: no receipt of its own
        for a, b, _ in sent:
            wait_state(s, b, "accepted")
        s.connector.kill()
        s.connector.start()
        s.wait_bound()
        for index, message_id in receipts:
            a, b, m = sent[index]
            receipt(s, a, b, message_id, tlv=peer == "bad")
            equal(notified(s, a).message_id, m.imdn_id)
        for index, (a, _, _) in enumerate(sent):
            stays(s, a, ["delivered"] * (index in dict(receipts)), 0.5)


def test_decimal_receipt_after_a_restart(stack):
    """The operator has said how this SMSC writes ids."""
    receipt_after_a_restart(stack, "bad", ("5f00c1", "5f00c2"), [(0, "6226113")], "receipt-id dec")


def test_first_receipt_after_a_restart_is_decimal(stack):
    """Nobody has said it, and the connector knows nothing yet."""
    for peer in ("bad", "perl"):
        receipt_after_a_restart(stack, peer, ("5f00c1", "5F00C2"), [(1, "6226114"), (0, "06226113")])


def test_first_receipt_after_a_restart_is_hexadecimal(stack):
    for peer in ("bad", "perl"):
        receipt_after_a_restart(stack, peer, ("6226113", "6226114"), [(1, "5F00C2"), (0, "5f00c1")])


def test_form_after_a_restart_by_the_recipient(stack):
    """Id 10 is the name of one and, in decimal, of the other; 22 in hexadecimal is nobody's."""
    receipt_after_a_restart(stack, "bad", ("10", "a"), [(1, "10")])
    receipt_after_a_restart(stack, "bad", ("10", "a"), [(0, "16")])
    receipt_after_a_restart(stack, "bad", ("10", "a"), [(0, "10"), (1, "A")])


def test_other_form_of_another_recipient_is_no_match(stack):
    """What names nobody's message as it came must not be taken for that of somebody else."""
    with stack(**STACK) as s:
        by_hand(s)
        equal(s.smsc.control("ids", next=["6226113"]), {"ok": True})
        a, b, m = send(s)
        wait_state(s, b, "accepted")
        s.connector.kill()
        s.connector.start()
        s.wait_bound()
        receipt(s, a, "+16669999999", "5f00c1")
        receipt(s, a, b, "5f00c2")
        stays(s, a, [])
        receipt(s, a, b, "5f00c1")
        equal(notified(s, a).message_id, m.imdn_id)


def test_early_receipt_in_another_form(stack):
    """It waits for its submit_sm_resp, whose id it writes in decimal; nothing was learned before."""
    with stack(**STACK) as s:
        by_hand(s)
        a, b = s.pair()
        s.smsc.control("ids", next=["5f00c1"])
        s.smsc.control("fault", mode="late", ms=1500, dest=b[1:])
        with concurrent.futures.ThreadPoolExecutor() as pool:
            _, _, m = send(s, pair=(a, b))
            wait_for(lambda: s.smsc.submits(lambda p: p["to"] == b[1:]), 20, 0.02, "submit_sm")
            early = pool.submit(receipt, s, a, b, "6226113")
            equal(notified(s, a).message_id, m.imdn_id)
            early.result(10)


def test_receipt_while_kamailio_is_down(stack):
    """The SMSC must not be told that it is done before it is on disk."""
    with stack(**STACK) as s:
        by_hand(s)
        a, b, m = send(s)
        (one,) = message_ids(s, b)
        time.sleep(0.5)
        s.kamailio.kill()
        status = receipt(s, a, b, one, want=None)
        s.kamailio.start()
        s.wait_ready()
        if status != 0:
            receipt(s, a, b, one)
        equal(notified(s, a, timeout=10).message_id, m.imdn_id)
        stays(s, a, ["delivered"])


def test_refused_while_a_is_away_over_a_restart(stack):
    """A failure that the gateway found itself is kept as well."""
    with stack(**STACK) as s:
        by_hand(s)
        a, b = s.pair()
        s.smsc.control("fault", mode="status", value=0x0A, dest=b[1:])
        with answering(s, a, [0, 200]):
            send(s, pair=(a, b))
            notified(s, a)
            s.restart_kamailio()
            equal([n.status for n in notified(s, a, 2, 15)], ["forbidden"] * 2)
            stays(s, a, ["forbidden"] * 2, 4)
