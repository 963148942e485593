# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 the ipsmgw authors
"""Chats that are accepted at once, numbers of the pool, groups, session timers (spec 7.2, 7.3, 7.5, 7.10)."""

import sqlite3
import time

from chat import Chat, Telephone, sms
from harness import check, equal, wait_for
from notifications import FAST, fault, notified
from sip_peer import Answer
from test_chat import check_ids, ended, states

ONCE = dict(FAST["modparams"])
POOL = dict(ONCE, chat_number="pool", chat_numbers="+15559990001-+15559990003")
STACK = dict(FAST, modparams=dict(ONCE, chat_numbers="+15559990001-+15559990003"))
NOSESSION = "There is no chat on this number."


def started(text):
    return "started a chat with you" in text


def messages_to_a(s, text):
    return [r for r in list(s.a.received) if r.cpim and r.cpim.content == text.encode()]


# ---- accepted at once ----

def test_a_does_not_wait_for_b(s):
    """R-95"""
    with Chat(s) as chat:
        chat.accepted()
        check_ids(chat, chat.dialog.final)
        equal([r.code for r in chat.dialog.responses if r.code >= 180], [200], "answers")
        equal(chat.told(started), chat.a)
        chat.say("hello")
        chat.told("hello")
        chat.b_says("yes")
        chat.heard("yes")


def test_b_reaches_the_session_by_its_number_only(s):
    """R-108, R-109"""
    with Chat(s) as one, Chat(s, b=one.b) as two:
        one.accepted()
        two.accepted()
        one.b_says("to the first", to=one.a)
        two.b_says("to the second", to=two.a)
        one.heard("to the first")
        two.heard("to the second")
        other = s.pair()[0]
        one.b_says("to nobody's chat", to=other)
        wait_for(lambda: messages_to_a(s, "to nobody's chat"), what="MESSAGE")
        equal((one.session.texts, two.session.texts), (["to the first"], ["to the second"]))


def test_order_of_many(s):
    with Chat(s) as chat:
        chat.accepted()
        for i in range(20):
            chat.b_says("number %d" % i)
        chat.heard("number 19")
        equal(chat.session.texts, ["number %d" % i for i in range(20)])


def test_long_sms_is_one_message(s):
    with Chat(s) as chat:
        chat.accepted()
        text = "a rather long answer " * 20
        chat.b_says(text)
        chat.heard(text)


def test_second_invite_replaces_the_first(s):
    """R-118"""
    with Chat(s) as first:
        first.accepted()
        first.told(started)
        with Chat(s, first.a, first.b) as second:
            second.accepted()
            first.ended()
            second.b_says("still here")
            second.heard("still here")
            equal([t for t in second.told_texts() if ended(t) or started(t)], [], "what B was told of it")


def test_too_many_sessions_of_one_b(stack):
    with stack(modparams=dict(ONCE, max_sessions_per_b=1)) as s, Chat(s) as chat:
        chat.accepted()
        with Chat(s, b=chat.b) as other:
            other.refused(486)
    with stack(modparams=dict(ONCE, max_sessions=1)) as s, Chat(s) as chat:
        chat.accepted()
        with Chat(s) as other:
            check(other.refused(503).get("retry-after"), "no Retry-After")


def test_undeliverable_first_message_ends_it(s):
    with Chat(s) as chat:
        chat.accepted()
        chat.told(started)
        with fault(s, chat.b, "status", value=0x0B):
            sent = chat.say("hello", notify="negative-delivery")
            chat.ended()
        imdn = notified(s, chat.a)
        equal((imdn.message_id, imdn.status), (sent.imdn_id, "failed"))


# ---- session timer ----

def test_session_timer(s):
    """R-119"""
    with Chat(s, session_expires=1800) as chat:
        chat.accepted()
        final = chat.dialog.final
        equal(final.get("session-expires"), "1800;refresher=uac")
        check("timer" in final.get("require"), final.get("require"))
        update = chat.dialog.update([("Session-Expires", "1800;refresher=uac"), ("Supported", "timer")])
        equal((update.code, update.get("session-expires")), (200, "1800;refresher=uac"), "UPDATE")
        again = chat.dialog.reinvite(chat.offered, [("Session-Expires", "1800;refresher=uac"), ("Supported", "timer")])
        equal((again.code, again.body), (200, final.body), "re-INVITE")
        chat.say("still up")
        chat.told("still up")
    with Chat(s, session_expires=None) as chat:
        chat.accepted()
        equal(chat.dialog.final.get("session-expires"), None)


def test_no_refresh_ends_it(s):
    with Chat(s, session_expires=90) as chat:
        chat.accepted()
        begun = time.monotonic()
        chat.ended(90)
        check(50 <= time.monotonic() - begun <= 75, "BYE after %g s" % (time.monotonic() - begun))


def test_changed_media_is_refused(s):
    with Chat(s) as chat:
        chat.accepted()
        equal(chat.dialog.reinvite(chat.offered.replace(b"a=path:msrp://", b"a=path:msrp://x")).code, 488)
        chat.say("goes on")
        chat.told("goes on")


# ---- numbers of the pool ----

def test_pool_number(stack):
    """R-122"""
    with stack(modparams=POOL) as s:
        with Chat(s) as chat:
            chat.accepted()
            number = chat.told(started)
            equal(number, "+15559990001")
            chat.b_says("hello", to=number)
            chat.heard("hello")
            with Chat(s, b=chat.b) as other:
                other.accepted()
                equal(other.told(lambda t: started(t) and other.a in t), "+15559990002")
            chat.bye()
            chat.told(ended)
            chat.b_says("too late", to=number)
            equal(chat.told(NOSESSION), number)
            equal(messages_to_a(s, "too late"), [])
        with Chat(s, chat.a, chat.b) as again:
            again.accepted()
            equal(again.told(started), number)
        with Chat(s, b=chat.b) as third:
            third.accepted()
            equal(third.told(lambda t: started(t) and third.a in t), "+15559990003")
            with Chat(s, b=chat.b) as none:
                none.refused(503)


def test_number_is_free_again_after_its_quarantine(stack):
    with stack(modparams=dict(POOL, chat_numbers="+15559990001", chat_quarantine_s=6)) as s:
        with Chat(s) as chat:
            chat.accepted()
            with Chat(s, b=chat.b) as other:
                other.refused(503)
        with Chat(s, b=chat.b) as other:
            other.refused(503)
        wait_for(lambda: took(s, chat.b), 40, 0.5, what="a number for another A")


def took(s, b):
    with Chat(s, b=b) as chat:
        return chat.final().code == 200


def test_number_that_never_was_in_a_chat(s):
    b = s.pair()[1]
    phone = Telephone(s, b)
    equal(sms(s, b, "+15559990003", "hello?"), 0)
    check(phone.wait(lambda _, t: t == NOSESSION), "not told", phone.messages())
    equal(sms(s, b, "+15559990003", "hello??"), 0)
    s.smsc.sync()
    equal(len(phone.messages()), 1, "texts to a machine that answers")


def test_late_text_as_pager_message(stack):
    with stack(modparams=dict(POOL, chat_late="pager")) as s, Chat(s) as chat:
        chat.accepted()
        number = chat.told(started)
        chat.bye()
        chat.told(ended)
        chat.b_says("one more thing", to=number)
        wait_for(lambda: messages_to_a(s, "one more thing"), what="MESSAGE to A")


def in_parts(chat, number, part, total, text, ref=0x21):
    """B sends one part; gives the command_status."""
    return chat.stack.smsc.mo(chat.b, number, bytes([5, 0, 3, ref, total, part]) + text, esm_class=0x40)


def test_long_sms_over_the_end_of_the_chat(stack):
    """Its first parts were taken in the chat, so all of it goes to A: as a MESSAGE, since the session is gone."""
    with stack(modparams=POOL) as s:
        for first, rest in ((1, (2, 3)), (3, (2, 1))):
            with Chat(s) as chat:
                chat.accepted()
                number = chat.told(started)
                equal(in_parts(chat, number, first, 3, b"part%d " % first), 0)
                chat.bye()
                chat.told(ended)
                equal([in_parts(chat, number, k, 3, b"part%d " % k) for k in rest], [0, 0])
                wait_for(lambda: [r for r in messages_to_a(s, "part1 part2 part3 ") if r.uri == "tel:" + chat.a], what="MESSAGE to A")
                equal([in_parts(chat, number, k, 3, b"part%d " % k) for k in (1, 2, 3)], [0, 0, 0], "repeated")
                time.sleep(0.5)
                equal(len([r for r in list(s.a.received) if r.uri == "tel:" + chat.a and r.method == "MESSAGE"]), 1, "MESSAGEs to A")
                check(NOSESSION not in chat.told_texts(), "B was told that nobody is there")


def test_part_without_its_message_after_the_chat(stack):
    """Not one word of B vanishes without a word to B."""
    with stack(modparams=POOL) as s, Chat(s) as chat:
        chat.accepted()
        number = chat.told(started)
        chat.bye()
        chat.told(ended)
        equal([in_parts(chat, number, k, 3, b"part%d " % k) for k in (2, 3)], [0, 0])
        equal(chat.told(NOSESSION), number)
        equal(in_parts(chat, number, 1, 3, b"part1 "), 0)
        time.sleep(0.5)
        equal(chat.told_texts().count(NOSESSION), 1)


def test_anonymous_a(stack):
    with stack(modparams=dict(ONCE, chat_numbers="+15559990001-+15559990003", anonymity="ignore")) as s, Chat(s, privacy="id") as chat:
        chat.accepted()
        number = chat.told(lambda t: True)
        check(number in (chat.a, "+15559990001"), number)


def test_anonymous_a_has_a_number_of_his_own(stack):
    """B knows A by one number; who hides has another one, so that neither tells whose the other is (spec 3.4, 7.3)."""
    with stack(modparams=dict(POOL, anonymity="allow")) as s:
        with Chat(s) as chat:
            chat.accepted()
            equal(chat.told(lambda t: started(t) and chat.a in t), "+15559990001")
            chat.bye()
            chat.told(ended)
        with Chat(s, chat.a, chat.b, privacy="id") as hidden:
            hidden.accepted()
            equal(hidden.told(lambda t: started(t) and "Someone" in t), "+15559990002")
            with Chat(s, chat.a, chat.b) as shown:
                shown.accepted()
                equal(shown.told(lambda t: started(t) and chat.a in t), "+15559990001")
                hidden.b_says("who is it?", to="+15559990002")
                hidden.heard("who is it?")
                shown.bye()
                equal(shown.told(ended), "+15559990001")
            hidden.say("I do not tell")
            equal(hidden.told("I do not tell"), "+15559990002")
            hidden.b_says("end", to="+15559990002")
            hidden.ended()
            equal(hidden.told("You left the chat."), "+15559990002")
        hidden.b_says("end", to="+15559990002")
        equal(hidden.told(NOSESSION), "+15559990002")
        with Chat(s, chat.a, chat.b, privacy="id") as again:
            again.accepted()
            equal(again.told(lambda t: started(t) and "Someone" in t), "+15559990002")


def test_anonymous_large_message(stack):
    """As a MESSAGE would come: from anonymous_originator, with or without a pool."""
    with stack(modparams=dict(ONCE, anonymity="allow")) as s, Chat(s, kind="large", privacy="id") as chat:
        chat.accepted()
        chat.say("word " * 200, chunk=500)
        equal(chat.told("word " * 200), "+Anonymous")
    with stack(modparams=dict(ONCE, chat_numbers="+15559990001-+15559990003", anonymity="allow", anonymous_originator="pool")) as s:
        for number in ("+15559990001", "+15559990002"):
            with Chat(s, b=chat.b, kind="large", privacy="id") as large:
                large.accepted()
                large.say("word " * 200, chunk=500)
                equal(large.told("word " * 200), number)
            large.b_says("who is it?", to=number)
            wait_for(lambda: [r for r in messages_to_a(s, "who is it?") if r.uri == "tel:" + large.a], what="MESSAGE to A")


# ---- groups ----

def test_group(s):
    """R-114, R-117"""
    with Chat(s, kind="group", subject="Hikers") as chat:
        chat.accepted()
        number = chat.told(lambda t: "Hikers" in t)
        equal(number, "+15559990001")
        chat.b_says("see you all", to=number)
        chat.heard("see you all")
        chat.b_says("stop", to=number)
        check("cause=200" in chat.ended().get("reason"), "Reason")
        chat.told("You left the chat.")
    with Chat(s, b=chat.b, kind="group", subject="Hikers", contribution_id=chat.invite.contribution_id) as again:
        again.accepted()
        equal(again.told(lambda t: "Hikers" in t), number)
        again.bye()
    again.told(ended)
    again.b_says("end", to=number)
    again.told("You left the chat.")
    with Chat(s, b=chat.b, kind="group", subject="Hikers", contribution_id=chat.invite.contribution_id) as third:
        third.refused(603)
    with Chat(s, b=chat.b, kind="group", subject="Hikers", contribution_id=chat.invite.contribution_id) as fourth:
        fourth.accepted()


def test_same_words_for_the_group_and_for_who_invited(s):
    """R-109: an SM that A has not taken yet is not the one that B writes to the group."""
    with Chat(s, kind="group", subject="Hikers") as chat:
        chat.accepted()
        number = chat.told(lambda t: "Hikers" in t)
        s.a.policy = lambda r: Answer(480)
        try:
            chat.b_says("see you", to=chat.a, status=0x64)
        finally:
            s.a.policy = lambda r: Answer(200)
        chat.b_says("see you", to=number)
        chat.heard("see you")
        equal(len(messages_to_a(s, "see you")), 1, "to A alone")
        chat.b_says("see you", to=chat.a)
        wait_for(lambda: len(messages_to_a(s, "see you")) == 2, what="the SMSC's repeat to reach A")
        equal(chat.session.texts.count("see you"), 1, "to the group")


def test_one_to_one_becomes_a_group(stack):
    """R-116"""
    with stack(modparams=dict(STACK["modparams"], chat_policy="check_first")) as s, Chat(s) as chat:
        chat.told(lambda t: "invites you" in t)
        chat.b_says("yes")
        chat.accepted()
        with Chat(s, b=chat.b, kind="group", subject="Hikers", session_replaces=chat.invite.contribution_id) as group:
            group.accepted()
            equal(group.told(lambda t: started(t) and "Hikers" in t), "+15559990001")
            chat.bye()
            group.b_says("hello all", to="+15559990001")
            group.heard("hello all")


# ---- the database ----

def test_database_that_fails(stack):
    """The INVITE gets 503, BYE 200; afterwards all is well."""
    with stack(modparams={"chat_text": "started="}) as s:
        with Chat(s) as chat:
            chat.accepted()
            lock = sqlite3.connect(str(s.db), isolation_level=None, timeout=20)
            lock.execute("BEGIN IMMEDIATE")
            with Chat(s) as other:
                other.refused(503)
            chat.bye()
            lock.execute("ROLLBACK")
            lock.close()
            chat.told(ended, timeout=20)
            states(s, chat, "closed")
