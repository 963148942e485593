# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 the ipsmgw authors
"""Chats whose events cross: two ends that act at the same moment, requests that are lost or come twice, a database that fails (spec 7.4, 7.9).

SEED repeats the delays of a run.
"""

import contextlib
import os
import random
import sqlite3
import threading
import time

from chat import Chat, Inbox, Telephone, sms
from harness import check, equal, wait_for
from msrp_peer import Reply
from notifications import FAST, message_ids, notifications, receipt
import sdp as sdp_of
from sip_dialog import SipAnswer
from test_chat import ASKED, ended, invited, joined, session_of, states
from test_chat_msrp import large_client

SEED = int(os.environ.get("SEED", random.randrange(1 << 31)))
DICE = random.Random(SEED)
WAITING = dict(ASKED, chat_accept_s=30)
AT_ONCE = dict(FAST["modparams"], chat_text="started=")
STACK = dict(FAST, modparams=WAITING)
WITHDREW = "withdrew the invitation."


def at_the_same_time(*calls, spread=0.03):
    """All calls in threads of their own, each after a delay of its own; gives what they gave."""
    results = [None] * len(calls)

    def run(k, delay):
        time.sleep(delay)
        results[k] = calls[k]()
    threads = [threading.Thread(target=run, args=(k, DICE.uniform(0, spread))) for k in range(len(calls))]
    for t in threads:
        t.start()
    for t in threads:
        t.join(60)
    check(not any(t.is_alive() for t in threads), "a call does not return; seed", SEED)
    return results


def mails(s, a, text):
    """How often A got this text by MESSAGE"""
    return sum(1 for r in list(s.a.received) if r.uri.startswith("tel:" + a) and r.text == text)


def times_heard(s, chat, text):
    """... by MSRP or by MESSAGE"""
    return chat.session.texts.count(text) + mails(s, chat.a, text)


def open_sessions(s):
    """Their ids, out of the database: there may be more than a list of kamcmd has room for."""
    with contextlib.closing(sqlite3.connect("file:%s?mode=ro" % s.db, uri=True, timeout=5)) as db:
        return [n for (n,) in db.execute("select id from session where state <> 0")]


def transactions(s):
    return int(s.rpc("tm.stats")[0]["current"])


def nothing_left(s, timeout=150):
    """No session is open, no transaction of tm stays; the time of unacknowledged ones is long."""
    wait_for(lambda: not open_sessions(s), timeout, 0.1, "sessions to close; seed %d" % SEED)
    wait_for(lambda: not transactions(s), timeout, 0.2, "transactions to end; seed %d" % SEED)


# ---- both act at once ----

def test_cancel_against_accept_many(s):
    outcomes = set()
    for _ in range(40):
        with Chat(s, check_faults=False) as chat:
            chat.told(invited)
            at_the_same_time(chat.dialog.cancel, lambda c=chat: c.b_says("yes", status=None))
            code = chat.final().code
            outcomes.add(code)
            if code == 200:
                chat.accepted().say("here")
                chat.told("here")
                chat.bye()
            else:
                equal(code, 487, "answer to a cancelled INVITE")
                chat.told(lambda t: t.endswith(WITHDREW))
            states(s, chat, "closed")
            equal(sum(t.endswith(WITHDREW) for t in chat.told_texts()), int(code == 487), "times that B was told of the CANCEL")
    print("  answers: %s" % sorted(outcomes))


def test_cancel_against_expiry_and_refusal(s):
    for word in ("no", "end"):
        for _ in range(10):
            with Chat(s, check_faults=False) as chat:
                chat.told(invited)
                at_the_same_time(chat.dialog.cancel, lambda c=chat, w=word: c.b_says(w, status=None))
                check(chat.final().code in (487, 603), chat.final().start)
                states(s, chat, "closed")


def test_bye_against_send(s):
    """What was answered 200 reaches B once, and nothing twice."""
    for k in range(25):
        with joined(s, check_faults=False) as chat:
            plans = [chat.session.plan(chat.body("message %d of %d" % (n, k)), "message/cpim") for n in range(6)]
            at_the_same_time(lambda: [chat.session.transmit(p.chunks) for p in plans], chat.bye, spread=0.01)
            states(s, chat, "closed")
            chat.told(ended)
            time.sleep(0.1)
            kept = ["message %d of %d" % (n, k) for n, p in enumerate(plans) if p.code == 200]
            wait_for(lambda: set(kept) <= set(chat.told_texts()), what="what was answered 200 to reach B: %s" % kept)
            got = [t for t in chat.told_texts() if t.startswith("message")]
            equal(len(got), len(set(got)), "messages that B got twice")
            equal([c for p in plans for c in p.codes if c not in (200, 481, None)], [], "answers to SEND")


def test_bye_against_b(s):
    """B's words reach A. If A has them by MSRP but has not said so, they come again by MESSAGE, with the same id."""
    for k in range(25):
        with joined(s, check_faults=False) as chat:
            text = "last words %d" % k
            _, status = at_the_same_time(chat.bye, lambda c=chat, t=text: c.b_says(t, status=None), spread=0.01)
            equal(status, 0, "deliver_sm_resp to B's SMS")
            wait_for(lambda: times_heard(s, chat, text), what="B's words")
            ids = [m.cpim.get("imdn.Message-ID") for m in chat.session.messages if m.text == text]
            ids += [r.cpim.get("imdn.Message-ID") for r in list(s.a.received) if r.uri.startswith("tel:" + chat.a) and r.text == text]
            equal(len(set(ids)), 1, "ids of the message that A heard; seed %d" % SEED)


def test_end_against_bye_many(s):
    for _ in range(25):
        with joined(s, ignore=("BYE after the end of the dialog",)) as chat:
            at_the_same_time(lambda c=chat: c.dialog.bye(), lambda c=chat: c.b_says("end", status=None), spread=0.015)
            states(s, chat, "closed")
            wait_for(lambda: any(ended(t) or t == "You left the chat." for t in chat.told_texts()), what="a word to B")
            time.sleep(0.05)
            last = [t for t in chat.told_texts() if ended(t) or t == "You left the chat."]
            equal(len(last), 1, "texts about the end")


def test_two_invites_of_a_pair(s):
    """B is asked once: the other INVITE is refused."""
    for _ in range(10):
        a, b = s.pair()
        phone = Telephone(s, b)
        one, two = at_the_same_time(lambda: Chat(s, a, b, check_faults=False), lambda: Chat(s, a, b, check_faults=False), spread=0.005)
        first = wait_for(lambda: next((c for c in (one, two) if c.dialog.final), None), what="one of them to be refused")
        other = two if first is one else one
        first.refused(486)
        other.ringing()
        sms(s, b, a, "yes")
        other.accepted()
        equal(sum(invited(t) for _, t in phone.messages()), 1, "invitations")
        for chat in (first, other):
            chat.finish()
            chat.msrp.close()


def test_two_invites_accepted_at_once(stack):
    """The newer one takes the place of the older one: one session stays, and works."""
    with stack(**dict(FAST, modparams=AT_ONCE)) as s:
        for k in range(15):
            a, b = s.pair()
            one, two = at_the_same_time(lambda: Chat(s, a, b, check_faults=False), lambda: Chat(s, a, b, check_faults=False), spread=0.005)
            for chat in (one, two):
                chat.accepted(connect=False)
            gone = wait_for(lambda: next((c for c in (one, two) if c.dialog.ended), None), what="BYE to the older one")
            chat = two if gone is one else one
            chat.connect()
            chat.say("still %d" % k)
            chat.told("still %d" % k)
            equal(chat.b_says("me too %d" % k), 0)
            chat.heard("me too %d" % k)
            chat.bye()
            for c in (one, two):
                c.msrp.close()
        nothing_left(s)


def test_refresh_against_bye(s):
    for _ in range(10):
        with joined(s, check_faults=False) as chat:
            refreshed, _ = at_the_same_time(lambda c=chat: c.dialog.reinvite(c.offered), lambda c=chat: c.bye(), spread=0.005)
            check(refreshed and refreshed.code in (200, 481), "re-INVITE got", refreshed and refreshed.start)
            states(s, chat, "closed")


def test_reinvite_while_b_is_asked(s):
    with Chat(s, check_faults=False) as chat:
        chat.told(invited)
        chat.ringing()
        initial = chat.dialog.invitation
        answer = chat.dialog.reinvite(chat.offered)
        equal(answer.code, 491, "re-INVITE before the answer")
        chat.dialog.invitation = initial
        chat.b_says("yes")
        chat.accepted()
        chat.bye()


# ---- lost, late, twice ----

def test_invite_comes_twice(s):
    """Retransmissions are answered with what was said, and B is asked once."""
    with Chat(s) as chat:
        chat.ringing()
        chat.told(invited)
        before = len(chat.dialog.responses)
        for _ in range(3):
            s.a.raw(s.sip, chat.invite.octets(s.a.host, s.a.port, chat.dialog.invitation.branch))
        wait_for(lambda: len(chat.dialog.responses) >= before + 3, what="the repeated 180")
        equal(len(chat.told_texts()), 1, "invitations")
        chat.b_says("yes")
        chat.accepted()
        s.a.raw(s.sip, chat.invite.octets(s.a.host, s.a.port, chat.dialog.invitation.branch))
        chat.say("hello")
        chat.told("hello")


def test_invite_by_two_ways(s):
    """RFC 3261 8.2.2.2: the same INVITE with another branch"""
    with Chat(s) as chat:
        chat.told(invited)
        merged = s.a.send(s.sip, chat.invite, branch="z9hG4bK-merged-%d" % DICE.randrange(1 << 30))
        equal(merged.code, 482, "a merged INVITE")
        chat.b_says("yes")
        chat.accepted()


def test_ack_is_lost(s):
    with Chat(s, ack=False) as chat:
        chat.told(invited)
        chat.b_says("yes")
        chat.accepted(connect=False)
        wait_for(lambda: chat.dialog.repeated >= 4, 20, what="the 200 to be repeated")
        chat.dialog.ack()
        chat.connect()
        chat.say("hello")
        chat.told("hello")
        chat.b_says("hi")
        chat.heard("hi")
        told = chat.dialog.repeated
        time.sleep(5)
        check(chat.dialog.repeated <= told + 1, "the 200 is repeated after the ACK")


def test_bye_instead_of_ack(s):
    """RFC 3261 15: A may say BYE although he has never acknowledged."""
    with Chat(s, ack=False, check_faults=False) as chat:
        chat.told(invited)
        chat.b_says("yes")
        chat.accepted(connect=False)
        chat.bye()
        states(s, chat, "closed")
        chat.told(ended)


def test_msrp_before_ack(s):
    with Chat(s, ack=False) as chat:
        chat.told(invited)
        chat.b_says("yes")
        chat.accepted()
        chat.say("early")
        chat.told("early")
        equal(session_of(s, chat)["state"], "oksent")
        later = s.smsc.mo_later(chat.b, chat.number, b"not yet")
        time.sleep(0.3)
        equal(chat.session.texts, [], "what A heard before the ACK")
        chat.dialog.ack()
        chat.heard("not yet")
        equal(later(), 0)
        states(s, chat, "active")


def test_bye_comes_twice(s):
    with joined(s) as chat:
        m = chat.dialog.build("BYE")
        chat.dialog.ended = "bye"
        one, two = [s.a.send_later(s.sip, m, branch="z9hG4bK-twice-%d" % DICE.randrange(1 << 30)) for _ in range(2)]
        equal(sorted(f.result(40).code for f in (one, two)), [200, 481], "a BYE by two ways")
        chat.told(ended)
        time.sleep(0.3)
        equal(sum(ended(t) for t in chat.told_texts()), 1, "texts about the end")


def test_answer_to_our_bye_is_lost(s):
    """BYE is repeated until it is answered, and then all is over."""
    with joined(s, check_faults=False) as chat:
        chat.dialog.policy = lambda request: SipAnswer(0) if request.method == "BYE" else None
        chat.b_says("end")
        chat.ended()
        chat.told("You left the chat.")
        states(s, chat, "ending")
        with Chat(s, chat.a, chat.b) as other:
            other.told(invited)
            other.cancel()
        states(s, chat, "closed")


def test_operator_ends_an_invitation_to_a(stack):
    """A large message goes another way, and the dialog that A makes nevertheless is ended."""
    with stack(**dict(FAST, modparams=dict(WAITING, pager_max=1300))) as s:
        a, b = s.pair()
        large_client(s, a)
        text = ("long words " * 150).strip()

        def late(request):
            session = inbox.msrp.session()
            session.use(sdp_of.Sdp(request.body))
            return SipAnswer(200, sdp_of.offer(session, setup="passive", direction="recvonly", accept_types="message/cpim text/plain"), ring=(180,), delay=3)
        with Inbox(s, a, answer=late) as inbox:
            words = threading.Thread(target=sms, args=(s, b, a, text))
            words.start()
            row = wait_for(lambda: next((r for r in s.rpc("ipsmgw.session_list", 50) if r["state"] == "inviting"), None), what="our INVITE")
            s.rpc("ipsmgw.session_end", int(row["id"]))
            words.join()
            wait_for(lambda: mails(s, a, text), what="the text by MESSAGE")
            dialog = inbox.agent.wait_dialog(lambda d: d.request_in and d.request_in.uri == "tel:" + a)
            check(dialog.wait_request("BYE", 30), "no BYE for the dialog that A has made")
            equal(mails(s, a, text), 1, "MESSAGEs")
            equal([m for m in inbox.msrp.sessions if m.messages], [], "messages by MSRP")
        nothing_left(s)


# ---- what lies below fails ----

def test_connection_lost_with_messages_both_ways(s):
    for k in range(5):
        with joined(s, check_faults=False) as chat:
            chat.session.policy = lambda frame: Reply(0)
            words = s.smsc.mo_later(chat.b, chat.number, b"words %d" % k)
            check(chat.session.until(lambda: any(f.body for f in list(chat.msrp.frames)), 10), "no SEND of the gateway")
            plans = [chat.session.plan(chat.body("up %d-%d" % (k, n)), "message/cpim") for n in range(4)]
            for p in plans:
                chat.session.transmit(p.chunks)
            time.sleep(DICE.uniform(0, 0.02))
            chat.session.drop(abort=k % 2)
            equal(words(), 0, "deliver_sm_resp")
            wait_for(lambda: mails(s, chat.a, "words %d" % k), what="B's words by MESSAGE")
            chat.ended(20)
            chat.told(ended)
            kept = ["up %d-%d" % (k, n) for n, p in enumerate(plans) if p.code == 200]
            wait_for(lambda: set(kept) <= set(chat.told_texts()), what="what was answered 200 to reach B")
            equal(mails(s, chat.a, "words %d" % k), 1, "MESSAGEs")


def test_connector_and_smsc_die(stack):
    """The chat stays up: what A says waits and arrives."""
    with stack(**STACK) as s, joined(s) as chat:
        for k, program in enumerate((s.connector, s.smsc.program)):
            program.kill()
            sent = [chat.say("kept %d-%d" % (k, n)) for n in range(3)]
            equal({x.code for x in sent}, {200})
            s.smsc.start() if program is s.smsc.program else program.start()
            s.wait_bound(30)
            for n in range(3):
                chat.told("kept %d-%d" % (k, n), 60)
            equal(chat.b_says("words %d" % k, to=chat.a), 0)
            chat.heard("words %d" % k)
        equal(chat.dialog.ended, None)


def test_receipt_after_the_end(s):
    with joined(s) as chat:
        s.smsc.control("receipts", skip=list(range(1, 1000)))
        sent = chat.say("confirm this", notify="positive-delivery")
        chat.told("confirm this")
        ids = message_ids(s, chat.b, 2)
        chat.bye()
        states(s, chat, "closed")
        receipt(s, chat.a, chat.b, ids[-1])
        found = wait_for(lambda: notifications(s, chat.a), what="the notification by MESSAGE")
        equal([(n.message_id, n.status) for n in found], [(sent.imdn_id, "delivered")])
        s.smsc.control("clear")


@contextlib.contextmanager
def locked(s, notice=True):
    """notice: until the gateway has seen at the end of the block that it cannot write"""
    lock, before = sqlite3.connect(s.db, isolation_level=None, timeout=10), s.statistics()["store_failed"]
    lock.execute("begin immediate")
    try:
        yield
        if notice:
            wait_for(lambda: s.statistics()["store_failed"] > before, 20, 0.05, "a transaction that fails")
    finally:
        lock.execute("rollback")
        lock.close()


def works(s):
    """A whole chat, once the database takes it"""
    def ring():
        chat = Chat(s, check_faults=False)
        if chat.dialog.wait_provisional(180, 5):
            return chat
        chat.msrp.close()
        return None
    with wait_for(ring, 40, 0.3, "180 after the lock") as chat:
        chat.told(invited)
        chat.b_says("yes")
        chat.accepted().say("works")
        chat.told("works")


LOCKED = dict(WAITING, **{"store_timeout_ms": 700, "tm.fr_timer": 20000})    # what waits for the lock is not given up by tm


def test_database_locked_at_invite(stack):
    with stack(**dict(STACK, modparams=LOCKED)) as s:
        with locked(s), Chat(s) as chat:
            final = chat.refused(503)
            check(final.get("Retry-After"), "no Retry-After")
        time.sleep(0.5)
        equal(chat.told_texts(), [], "what B was told")
        equal(open_sessions(s), [], "half-open sessions")
        works(s)
        nothing_left(s)


def test_database_locked_at_send(stack):
    """An error, and the same message is taken afterwards."""
    with stack(**dict(STACK, modparams=LOCKED)) as s, joined(s) as chat:
        with locked(s):
            refused = chat.say("say it again", code=408)
        chat.say("say it again", imdn_id=refused.imdn_id, timeout=20)
        chat.told("say it again")
        time.sleep(0.5)
        equal(chat.told_texts().count("say it again"), 1)


def test_database_locked_at_ack(stack):
    """The ACK comes once: it counts all the same."""
    with stack(**dict(STACK, modparams=LOCKED)) as s, Chat(s, ack=False) as chat:
        chat.told(invited)
        chat.b_says("yes")
        chat.accepted(connect=False)
        with locked(s):
            chat.dialog.ack()
        chat.connect()
        states(s, chat, "active")
        equal(chat.b_says("hi"), 0)
        chat.heard("hi")


def test_database_locked_at_prack(stack):
    with stack(**dict(STACK, modparams=LOCKED)) as s, Chat(s, require="100rel", supported="timer, 100rel", prack=False) as chat:
        provisional = chat.ringing()
        with locked(s):
            equal(chat.dialog.prack(provisional).code, 200, "answer to PRACK")
        chat.told(invited)
        chat.cancel()


def test_database_locked_at_bye(stack):
    """BYE is answered, and B hears of it when that can be written down."""
    with stack(**dict(STACK, modparams=LOCKED)) as s, joined(s) as chat:
        with locked(s):
            chat.bye()
            equal(chat.phone.wait(lambda _, t: ended(t), 0.5), None, "a text that is not stored")
        chat.told(ended)
        states(s, chat, "closed")
        equal(chat.told_texts().count("The chat with %s has ended." % chat.a), 1)


def test_database_locked_at_cancel(stack):
    with stack(**dict(STACK, modparams=LOCKED)) as s, Chat(s) as chat:
        chat.told(invited)
        with locked(s):
            chat.cancel(code=None)
        chat.refused(487)
        chat.told(lambda t: t.endswith(WITHDREW))


def test_database_locked_at_words_of_b(stack):
    """YES, a text and END of B: none is said to be delivered and then forgotten."""
    with stack(**dict(STACK, modparams=LOCKED)) as s, Chat(s) as chat:
        chat.told(invited)
        with locked(s):
            check(chat.b_says("yes", status=None) != 0, "YES was acknowledged")
        wait_for(lambda: chat.b_says("yes", status=None) == 0, 20, 0.3, "YES")
        chat.accepted()
        with locked(s):
            check(chat.b_says("hello", status=None) != 0, "a text was acknowledged")
        wait_for(lambda: chat.b_says("hello", status=None) == 0, 20, 0.3, "a text")
        wait_for(lambda: "hello" in chat.session.texts, what="B's text")
        with locked(s):
            check(chat.b_says("end", status=None) != 0, "END was acknowledged")
        wait_for(lambda: chat.b_says("end", status=None) == 0, 20, 0.3, "END")
        chat.ended()


# ---- the last one of this file ----

def test_z_nothing_is_left(s):
    """After all that: no session, no transaction of tm."""
    nothing_left(s)
