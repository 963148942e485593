# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 the ipsmgw authors
"""kill -9 of Kamailio in each state of a chat (spec 7.4): afterwards every session is ended, once, and no message is lost.

SEED repeats the moment of the last test.
"""

import random
import threading
import time

from chat import Chat, Inbox, sms
from harness import check, equal, wait_for
import oracle
from msrp_peer import Reply
from notifications import FAST
from sip_dialog import SipAnswer
from test_chat import ASKED, LATE, ended, invited, joined, states
from test_chat_msrp import large_client
from test_chat_races import SEED, mails, nothing_left, times_heard

WAITING = dict(ASKED, chat_accept_s=60)
POOL = dict(WAITING, chat_number="pool", chat_numbers="+1777100-+1777199")
STACK = dict(FAST, modparams=WAITING)
LARGE = dict(FAST, modparams=dict(WAITING, pager_max=1300))
DICE = random.Random(SEED)


def closed_once(s, chat, text=ended, count=1):
    """BYE came, the session is closed, and B heard of it count times."""
    chat.ended(40)
    states(s, chat, "closed")
    if count:
        chat.told(text)
    time.sleep(0.5)
    equal(sum(map(text, chat.told_texts())), count, "texts about the end")
    equal(sum(r.method == "BYE" for r in chat.dialog.requests), 1, "BYEs")


def repeat_last_part(s, b, a, text):
    """The others were acknowledged; this one the SMSC has no answer to."""
    part = oracle.parts_of(text, 0x5A)[-1]
    return s.smsc.mo(b, a, part.udh + part.text, data_coding=part.dcs, esm_class=0x40)


def test_wait(s):
    chat = Chat(s, check_faults=False)
    chat.told(invited)
    s.restart_kamailio()
    states(s, chat, "closed")
    chat.b_says("yes")
    chat.told(LATE)
    equal(chat.dialog.final, None)
    chat.msrp.close()
    nothing_left(s)


def test_oksent_without_ack(s):
    with Chat(s, ack=False) as chat:
        chat.told(invited)
        chat.b_says("yes")
        chat.accepted(connect=False)
        s.restart_kamailio()
        closed_once(s, chat)
        chat.verify()
    nothing_left(s)


def test_oksent_without_connection(s):
    with Chat(s) as chat:
        chat.told(invited)
        chat.b_says("yes")
        chat.accepted(connect=False)
        states(s, chat, "oksent")
        s.restart_kamailio()
        closed_once(s, chat)
    nothing_left(s)


def test_oksent_with_words_of_b(s):
    """What B wrote to accept goes to A as a MESSAGE; the SMSC repeats it, for it was not acknowledged."""
    with Chat(s, check_faults=False) as chat:
        chat.told(invited)
        words = s.smsc.mo_later(chat.b, chat.number, b"who is this?")
        chat.accepted(connect=False)
        s.restart_kamailio()
        closed_once(s, chat)
        check(words() != 0, "acknowledged before A had it")
        equal(chat.b_says("who is this?"), 0)
        wait_for(lambda: mails(s, chat.a, "who is this?"), what="B's words")
        equal(times_heard(s, chat, "who is this?"), 1, "times that A heard them")
    nothing_left(s)


def test_active(s):
    with joined(s) as chat:
        for n in range(5):
            chat.say("up %d" % n)
        s.restart_kamailio()
        closed_once(s, chat)
        for n in range(5):
            chat.told("up %d" % n)
        check(max(chat.told_texts().count("up %d" % n) for n in range(5)) <= 2, "sent more than once more:", chat.told_texts())
        equal(chat.b_says("late words", to=chat.a), 0)
        wait_for(lambda: mails(s, chat.a, "late words"), what="late words by MESSAGE")
    nothing_left(s)


def test_active_twice(s):
    """Killed again while the sessions of the last life are being ended"""
    with joined(s, check_faults=False) as chat:
        chat.dialog.policy = lambda request: SipAnswer(0) if request.method == "BYE" and len(chat.dialog.requests) < 2 else None
        for _ in range(2):
            s.kamailio.kill()
            s.kamailio.start()
            s.wait_kamailio()
        s.wait_bound()
        chat.ended(40)
        states(s, chat, "closed")
        chat.told(ended)
        time.sleep(0.5)
        equal(sum(map(ended, chat.told_texts())), 1, "texts about the end")
    nothing_left(s)


def test_active_with_a_message_under_way(s):
    """One part: the SMSC repeats it. Several parts: they were acknowledged, and come by MESSAGE."""
    with joined(s, check_faults=False) as chat:
        chat.session.policy = lambda frame: Reply(0) if frame.body else Reply()
        one = s.smsc.mo_later(chat.b, chat.number, b"single")
        check(chat.session.until(lambda: any(f.body for f in list(chat.msrp.frames)), 10), "no SEND")
        s.restart_kamailio()
        closed_once(s, chat)
        check(one() != 0, "acknowledged before A had it")
        equal(chat.b_says("single", to=chat.a), 0)
        wait_for(lambda: mails(s, chat.a, "single"), what="B's words")
        equal(mails(s, chat.a, "single"), 1)
    with joined(s, check_faults=False) as chat:
        text = "in several parts " * 20
        chat.session.policy = lambda frame: Reply(0) if frame.body else Reply()
        parts = threading.Thread(target=sms, args=(s, chat.b, chat.a, text.strip()))
        parts.start()
        check(chat.session.until(lambda: any(f.body for f in list(chat.msrp.frames)), 10), "no SEND")
        s.restart_kamailio()
        parts.join()
        closed_once(s, chat)
        repeat_last_part(s, chat.b, chat.a, text.strip())
        wait_for(lambda: mails(s, chat.a, text.strip()), 30, what="B's words")
        time.sleep(1)
        equal(mails(s, chat.a, text.strip()), 1, "times that A heard it by MESSAGE")
    nothing_left(s)


def test_ending(s):
    """BYE is sent again, B is not told again."""
    with joined(s, check_faults=False) as chat:
        chat.dialog.policy = lambda request: SipAnswer(0) if request.method == "BYE" else None
        chat.b_says("end")
        first = chat.ended()
        chat.told("You left the chat.")
        states(s, chat, "ending")
        s.kamailio.kill()
        chat.dialog.policy = lambda request: None
        s.kamailio.start()
        s.wait_ready()
        again = chat.dialog.wait_request("BYE", 40, 2)
        check(int(again.get("cseq").split()[0]) > int(first.get("cseq").split()[0]), "CSeq", first.get("cseq"), again.get("cseq"))
        states(s, chat, "closed")
        time.sleep(0.5)
        equal([t for t in chat.told_texts() if ended(t) or t == "You left the chat."], ["You left the chat."], "texts about the end")
    nothing_left(s)


def test_number_stays_in_quarantine(stack):
    with stack(**dict(FAST, modparams=POOL)) as s:
        with joined(s) as chat:
            number = chat.number
            check(number.startswith("+1777"), "number", number)
            s.restart_kamailio()
            closed_once(s, chat)
            equal(chat.b_says("late words", to=number), 0)
            chat.told("There is no chat on this number.")
            equal(times_heard(s, chat, "late words"), 0)
            with Chat(s, b=chat.b) as other:
                other.told(invited)
                check(other.number != number, "the number is given away:", number)
                other.cancel()
        nothing_left(s)


# ---- large messages ----

def test_inviting(stack):
    """A's telephone rings when the gateway dies: the message is sent anew, and comes once."""
    with stack(**LARGE) as s:
        a, b = s.pair()
        large_client(s, a)
        rings = []

        def ring_only(request):
            rings.append(request)
            return SipAnswer(200, ring=(180,), delay=3600) if len(rings) == 1 else None
        text = ("long words " * 150).strip()
        with Inbox(s, a, answer=ring_only) as inbox:
            parts = threading.Thread(target=sms, args=(s, b, a, text))
            parts.start()
            wait_for(lambda: rings, what="INVITE to A")
            wait_for(lambda: [r for r in s.rpc("ipsmgw.session_list", 50) if r["state"] == "inviting"], what="the state inviting")
            s.restart_kamailio()
            parts.join()
            repeat_last_part(s, b, a, text)
            wait_for(lambda: len(rings) > 1 or mails(s, a, text), 40, what="another attempt")
            inbox.wait(lambda m: m.text == text, 40)
            inbox.agent.until(lambda: any(d.ended for d in inbox.agent.dialogs), 40)
            time.sleep(1)
            heard = [m for session in inbox.sessions.values() for m in session.messages if m.text == text]
            equal(len(heard) + mails(s, a, text), 1, "times that A got it")
        nothing_left(s)


def test_large_message_half_received(s):
    with Chat(s, kind="large", check_faults=False) as chat:
        chat.accepted()
        half = chat.session.plan(chat.body("half of it " * 40), "message/cpim", chunk=100)
        chat.session.transmit(half.chunks[:2])
        wait_for(lambda: half.codes[:2] == [200, 200], what="answers to the first chunks")
        s.restart_kamailio()
        closed_once(s, chat, lambda t: True, 0)
        equal(chat.told_texts(), [], "what B got")
    nothing_left(s)


# ---- at any moment ----

def talk(s, chat, k, said, heard, stop):
    """A and B write until the gateway dies; said and heard: what was acknowledged"""
    n = 0
    while not stop.is_set():
        n += 1
        up, down = "up %d-%d" % (k, n), "down %d-%d" % (k, n)
        sent = chat.session.send_later(chat.body(up), "message/cpim")
        if sent.wait(1) == [200]:
            said.add((chat, up))
        if s.smsc.mo(chat.b, chat.a, down.encode(), timeout=5) == 0:
            heard.add((chat, down))
        time.sleep(DICE.uniform(0, 0.02))


def test_at_any_moment(stack):
    print("  seed %d" % SEED)
    with stack(**STACK) as s:
        for _ in range(3):
            chats = [joined(s, check_faults=False) for _ in range(5)]
            said, heard, stop = set(), set(), threading.Event()
            threads = [threading.Thread(target=talk, args=(s, c, k, said, heard, stop)) for k, c in enumerate(chats)]
            for t in threads:
                t.start()
            wait_for(lambda: len(said) > 10 and len(heard) > 10, 40, 0.01, "words to be acknowledged")
            time.sleep(DICE.uniform(0, 0.7))
            s.kamailio.kill()
            stop.set()
            s.kamailio.start()
            s.wait_ready()
            for t in threads:
                t.join(60)
            for chat in chats:
                chat.ended(40)
                chat.told(ended)
            wait_for(lambda: all(text in chat.told_texts() for chat, text in said), 30, 0.2, "what was answered 200 to reach B")
            wait_for(lambda: all(times_heard(s, chat, text) for chat, text in heard), 30, 0.2, "what was acknowledged to reach A")
            for chat in chats:
                equal(sum(map(ended, chat.told_texts())), 1, "texts about the end")
                chat.msrp.close()
        nothing_left(s)
