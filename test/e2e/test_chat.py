# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 the ipsmgw authors
"""Chats that B is asked about first: invitation, keywords, every ending, restart (spec 7.2-7.5, 7.9)."""

import threading

from chat import Chat
from harness import check, equal, wait_for
from notifications import FAST, fault

ASKED = dict(FAST["modparams"], chat_policy="check_first", chat_accept_s=8, chat_provisional_s=1)
STACK = dict(FAST, modparams=ASKED)
LATE = "This invitation is no longer valid."


def invited(text):
    return "invites you to chat" in text


def ended(text):
    return text.startswith("The chat with") and text.endswith("has ended.")


def check_ids(chat, response):
    equal((response.get("conversation-id"), response.get("contribution-id")), (chat.invite.conversation_id, chat.invite.contribution_id), "ids in the answer")


def session_of(s, chat):
    """Its row as kamcmd shows it"""
    rows = [r for r in s.rpc("ipsmgw.session_list", 50) if r["call_id"] == chat.dialog.call_id]
    equal(len(rows), 1, "rows of the session")
    return rows[0]


def states(s, chat, *wanted):
    wait_for(lambda: session_of(s, chat)["state"] in wanted, what="state %s, is %s" % (wanted, session_of(s, chat)["state"]))


def joined(s, **options):
    """A chat that B has accepted"""
    chat = Chat(s, **options)
    chat.told(invited)
    chat.b_says("yes")
    return chat.accepted()


# ---- the invitation ----

def test_b_is_asked_while_a_hears_ringing(s):
    """R-96, R-26"""
    with Chat(s) as chat:
        check_ids(chat, chat.ringing())
        equal(chat.told(invited), chat.a)
        chat.ringing(count=3)
        equal(chat.dialog.final, None)
        equal(session_of(s, chat)["state"], "wait")
        chat.cancel()


def test_ringing_is_reliable_where_a_requires_it(s):
    with Chat(s, require="100rel", supported="timer, 100rel") as chat:
        first = chat.ringing()
        check("100rel" in (first.get("require") or "") and first.get("rseq"), "180 without RSeq", first.get("require"), first.get("rseq"))
        chat.told(invited)
        chat.b_says("yes")
        chat.accepted()
    with Chat(s, require="100rel", supported="timer, 100rel", prack=False) as chat:
        again = chat.ringing(count=3)
        equal(again.get("rseq"), chat.ringing().get("rseq"), "RSeq of a repetition")
        chat.cancel()


def test_accept_keyword(s):
    """R-97, R-101, R-26"""
    with Chat(s) as chat:
        chat.told(invited)
        chat.b_says(" yes ")
        chat.accepted()
        final = chat.dialog.final
        check_ids(chat, final)
        contact = final.get("contact")
        check("+g.gsma.rcs.msgfallback" in contact and "icsi.oma.cpm.session\"" in contact, "Contact", contact)
        check(chat.b in final.get("p-asserted-identity"), final.get("p-asserted-identity"))
        states(s, chat, "active")
        chat.say("hello")
        chat.told("hello")
        chat.b_says("hi there")
        chat.heard("hi there")
        chat.bye()
        states(s, chat, "closed")


def test_reject_keyword(s):
    """R-98"""
    with Chat(s) as chat:
        chat.told(invited)
        chat.b_says("No")
        chat.refused(603)
        equal(session_of(s, chat)["state"], "closed")


def test_no_answer(s):
    """R-99"""
    with Chat(s) as chat:
        chat.told(invited)
        chat.refused(480)
        chat.b_says("YES")
        chat.told(LATE)
        chat.b_says("YES", status=None)
        equal(chat.told_texts().count(LATE), 1, "times that B was told that it is late")


def test_cancel(s):
    """R-100"""
    with Chat(s) as chat:
        chat.told(invited)
        chat.cancel()
        chat.told(lambda t: t.endswith("withdrew the invitation."))
        chat.b_says("ok")
        chat.told(LATE)


def test_cancel_against_accept(s):
    for _ in range(5):
        with Chat(s, check_faults=False) as chat:
            chat.told(invited)
            yes = threading.Thread(target=chat.b_says, args=("yes",), kwargs={"status": None})
            yes.start()
            chat.dialog.cancel()
            yes.join()
            final = chat.final()
            check(final.code in (200, 487), final.start)
            if final.code == 200:
                chat.bye()
            states(s, chat, "closed")


def test_help(s):
    with Chat(s) as chat:
        chat.told(invited)
        chat.b_says("help")
        chat.told("Reply with text to answer. END leaves the chat.")
        equal(chat.dialog.final, None)
        chat.cancel()


def test_any_text_accepts(s):
    with Chat(s) as chat:
        chat.told(invited)
        wrote = threading.Thread(target=chat.b_says, args=("who is this?",))
        wrote.start()
        chat.accepted()
        chat.heard("who is this?")
        wrote.join()


def test_any_text_gets_help(stack):
    with stack(modparams=dict(ASKED, chat_unknown="help")) as s, Chat(s) as chat:
        chat.told(invited)
        chat.b_says("who is this?")
        chat.told("Reply with text to answer. END leaves the chat.")
        equal(chat.dialog.final, None)
        chat.cancel()


def test_first_message_stands_in_the_invitation(s):
    with Chat(s, subject="Lunch?") as chat:
        chat.told(lambda t: invited(t) and t.endswith("\nLunch?"))
        chat.cancel()
    text = "Lunch? " * 60
    with Chat(s, subject=text.strip()) as chat:
        chat.told(lambda t: invited(t) and "Lunch" not in t)
        chat.b_says("yes")
        chat.told(text.strip())
        chat.accepted()


def test_undeliverable_invitation(s):
    pair = s.pair()
    with fault(s, pair[1], "status", value=0x0B), Chat(s, *pair) as chat:
        chat.refused(404)


def test_second_invite_while_b_is_asked(s):
    with Chat(s) as chat:
        chat.told(invited)
        with Chat(s, chat.a, chat.b) as other:
            other.refused(486)
        chat.b_says("yes")
        chat.accepted()


# ---- the end ----

def test_end_keyword_only_as_whole_text(s):
    """R-110, R-111"""
    with joined(s) as chat:
        chat.b_says("this is not the end")
        chat.heard("this is not the end")
        chat.b_says("end")
        bye = chat.ended()
        check("cause=200" in bye.get("reason"), bye.get("reason"))
        chat.told("You left the chat.")
        states(s, chat, "closed")


def test_bye_of_a(s):
    """R-112"""
    with joined(s) as chat:
        chat.bye()
        chat.told(ended)
        equal(chat.dialog.bye().code, 481, "a second BYE")


def test_bye_of_a_against_end_of_b(s):
    for _ in range(5):
        with joined(s, ignore=("BYE after the end of the dialog",)) as chat:
            end = threading.Thread(target=chat.b_says, args=("end",), kwargs={"status": None})
            end.start()
            answer = chat.dialog.bye()
            end.join()
            check(answer and answer.code in (200, 481), "BYE got", answer and answer.start)
            states(s, chat, "closed")


def test_after_the_end_b_writes_pager_messages(s):
    with joined(s) as chat:
        chat.bye()
        chat.told(ended)
        chat.b_says("are you still there?")
        wait_for(lambda: any(r.cpim and r.cpim.content == b"are you still there?" for r in list(s.a.received)), what="MESSAGE to A")


def test_operator_ends_it(s):
    with joined(s) as chat:
        s.rpc("ipsmgw.session_end", int(session_of(s, chat)["id"]))
        chat.ended()
        chat.told(ended)
        states(s, chat, "closed")


def test_silence_ends_it(stack):
    with stack(modparams=dict(ASKED, chat_idle_s=2)) as s, joined(s) as chat:
        chat.ended()
        chat.told(ended)


def test_no_ack(stack):
    with stack(modparams=ASKED) as s, Chat(s, ack=False, check_faults=False) as chat:
        chat.told(invited)
        chat.b_says("yes")
        chat.accepted(connect=False)
        chat.ended(60)


def test_b_leaves_before_a_has_connected(s):
    with Chat(s) as chat:
        chat.told(invited)
        chat.b_says("yes")
        chat.accepted(connect=False)
        chat.b_says("end")
        chat.ended()
        chat.told("You left the chat.")


def test_no_msrp_connection(stack):
    with stack(modparams=dict(ASKED, chat_msrp_s=2)) as s, Chat(s) as chat:
        chat.told(invited)
        chat.b_says("yes")
        chat.accepted(connect=False)
        chat.ended()
        chat.told(ended)


def test_retry_of_a_message_behind_a_text_of_a_chat(s):
    """B is told something by the gateway between A's MESSAGE and its retry: that is no reason to send it twice"""
    a, b = s.pair()
    equal(s.text("once", a, b, imdn_id="the-id")[1].code, 202)
    s.smsc.wait_submits(b)
    with Chat(s) as chat:
        chat.told(invited)
        chat.cancel()
    equal(s.text("once", a, b, imdn_id="the-id")[1].code, 202)
    equal(s.text("and then", a, b)[1].code, 202)
    s.smsc.wait_submits(b, 2)
    equal(len(s.smsc.submits(lambda p: p["to"] == b[1:])), 2, "short messages")


# ---- restart ----

def test_restart_ends_what_was_open(stack):
    with stack(modparams=ASKED) as s:
        active, waiting = joined(s), Chat(s, check_faults=False)
        waiting.told(invited)
        s.restart_kamailio()
        active.ended(40)
        active.told(ended)
        waiting.b_says("yes")
        waiting.told(LATE)
        states(s, active, "closed")
        states(s, waiting, "closed")
        active.b_says("late words")
        wait_for(lambda: any(r.cpim and r.cpim.content == b"late words" for r in list(s.a.received)), what="MESSAGE to A")
        for chat in active, waiting:
            chat.msrp.close()
