# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 the ipsmgw authors
"""Which service an INVITE is, and what follows from it for B (spec 1.4, 7.2, 7.11); policies of the end of a chat."""

from chat import Chat, Inbox, sms
from harness import ROOT, check, equal, wait_for
from notifications import FAST
from sip_peer import CPM_ACCEPT_CONTACT
from test_chat import ended, invited, session_of, states
from test_chat_msrp import large_client

ASKED = dict(FAST["modparams"], chat_policy="check_first")
STACK = dict(FAST, modparams=ASKED)
FILE = [(r"\Z", 'a=file-selector:name:"x.jpg" type:image/jpeg size:1\r\n')]


def silent(chat):
    equal(chat.told_texts(), [], "what B was told")


def test_session_with_the_tag_of_messages(s):
    """R-05: P-Asserted-Service says session, Accept-Contact msg"""
    with Chat(s, change=lambda m: m.set("Accept-Contact", CPM_ACCEPT_CONTACT)) as chat:
        chat.told(invited)
        equal(session_of(s, chat)["kind"], "chat")
        chat.b_says("yes")
        chat.accepted()
        chat.say("hello")
        chat.told("hello")
        chat.b_says("hi")
        chat.heard("hi")


def test_files_are_refused(s):
    """R-12; the same INVITEs without the mark of a file are chats"""
    for options in ({"kind": "filetransfer"}, {"sdp": {"change": FILE}}):
        with Chat(s, **options) as chat:
            chat.refused(488)
            silent(chat)
    with Chat(s) as chat:
        chat.ringing()
        chat.cancel()


def test_nobody_is_asked_about_a_large_message(s):
    """R-03"""
    with Chat(s, kind="large") as chat:
        chat.accepted()
        equal(session_of(s, chat)["kind"], "large-out")
        equal([r.code for r in chat.dialog.responses if r.code >= 180], [200], "answers")
        contact = chat.dialog.final.get("contact")
        check("oma.cpm.largemsg" in contact, "Contact", contact)
        silent(chat)
        chat.say("one message " * 40, chunk=200)
        chat.told("one message " * 40)
        chat.bye()
        states(s, chat, "closed")
        equal(len(chat.told_texts()), 1, "texts to B")


def test_large_message_that_never_comes(stack):
    """A has connected and says nothing: chat_idle_s ends it, and B hears nothing."""
    with stack(modparams=dict(ASKED, chat_idle_s=2)) as s, Chat(s, kind="large") as chat:
        chat.accepted()
        chat.ended()
        states(s, chat, "closed")
        equal(chat.told_texts(), [])


def test_b_writes_while_a_large_message_is_under_way(stack):
    """His SMs to A's number are not for it, END neither."""
    with stack(modparams=dict(ASKED, chat_policy="accept_at_once")) as s, Chat(s) as chat:
        chat.accepted()
        chat.told(lambda t: "started a chat" in t)
        with Chat(s, chat.a, chat.b, kind="large") as large:
            large.accepted()
            chat.b_says("hello", to=chat.a)
            chat.heard("hello")
            chat.b_says("end", to=chat.a)
            chat.ended()
            chat.told("You left the chat.")
            large.say("one message " * 40, chunk=200)
            chat.told("one message " * 40)
            large.bye()


def test_number_after_no_answer(stack):
    """R-99: this A gets it again; for another it stays taken, or a late YES would join the wrong chat"""
    pool = dict(ASKED, chat_number="pool", chat_numbers="+15559990001-+15559990002", chat_accept_s=2)
    with stack(modparams=pool) as s, Chat(s) as chat:
        number = chat.told(invited)
        chat.refused(480)
        states(s, chat, "closed")
        with Chat(s, b=chat.b) as other:
            check(other.told(lambda t: invited(t) and other.a in t) != number, "B's late YES would mean another chat")
            with Chat(s, chat.a, chat.b) as again:
                equal(again.told(lambda t: invited(t) and again.a in t), number)
                again.cancel()
            other.cancel()


def test_b_need_not_be_told_of_the_end(stack):
    with stack(modparams=dict(ASKED, chat_notify_end=0)) as s, Chat(s) as chat:
        chat.told(invited)
        chat.b_says("yes")
        chat.accepted()
        chat.bye()
        states(s, chat, "closed")
        check(not any(ended(t) for t in chat.told_texts()), "B was told:", chat.told_texts())


def test_statistics(stack):
    """What began is open, or over; large messages to A count like those of A."""
    with stack(modparams=dict(ASKED, pager_max=1300)) as s:
        def counted():
            counters = s.statistics()
            return tuple(counters["sessions_" + k] for k in ("started", "accepted", "rejected", "ended", "open"))
        with Chat(s) as chat:
            chat.told(invited)
            wait_for(lambda: counted() == (1, 0, 0, 0, 1), what="an invitation")
            chat.b_says("no")
            chat.refused(603)
        with Chat(s, kind="large") as chat:
            chat.accepted()
        a, b = s.pair()
        large_client(s, a)
        with Inbox(s, a) as inbox:
            equal(sms(s, b, a, "long words " * 150), 0)
            check(inbox.wait(lambda m: m.text == "long words " * 150) and inbox.dialog.wait_request("BYE"), "no BYE")
        wait_for(lambda: counted() == (3, 2, 1, 3, 0), what="sessions that are over")


# ---- two languages ----

def example():
    """The lines of README.md that give B texts in another language"""
    block = next(b for b in (ROOT / "README.md").read_text().split("```") if "chat_words" in b)
    return "\n".join(line.strip() for line in block.splitlines())


def test_texts_in_two_languages(stack):
    s = stack(start=False, **FAST)
    s.cfg.write_text(s.cfg.read_text() + example() + "\n", encoding="utf-8")
    s.start()
    with Chat(s, b="+4915112345678") as chat:
        chat.told("%s lädt Sie zum Chat ein. JA: mitmachen, NEIN: ablehnen, ENDE: beenden." % chat.a)
        chat.b_says("ja")
        chat.accepted()
        chat.b_says("End")
        chat.heard("End")
        chat.b_says("ende")
        chat.ended()
        chat.told("Sie haben den Chat verlassen.")
    with Chat(s) as chat:
        chat.told(invited)
        chat.b_says("no")
        chat.refused(603)
