# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 the ipsmgw authors
"""Group chats: the conference event package, names, numbers, extension, leaving (spec 7.10, 7.2, 7.9; RFC 4575)."""

import time

from chat import Chat
from harness import check, equal, wait_for
from notifications import FAST
from sip_chat import conference_info
from sip_dialog import SipAnswer, Subscription

NUMBERS = "+1777000-+1777099"
INTERVAL_S = 6
PARAMS = dict(FAST["modparams"], chat_text="started=", chat_numbers=NUMBERS, chat_conference_interval_s=INTERVAL_S)
STACK = dict(FAST, modparams=PARAMS)
FOCUS = "sip:group@focus.test"
ANN, BOB, CARL = ("tel:+15550001111", "Ann"), ("sip:+15550002222@ims.test;user=phone", "Bob"), ("sip:carl@ims.test", "Carl")
NOSESSION, FAIL = "There is no chat on this number.", "Your message could not be delivered."


def here(*users):
    return [(uri, name, "connected") for uri, name in users]


def gone(*users):
    return [(uri, name, "disconnected") for uri, name in users]


def group(s, **options):
    return Chat(s, **dict({"kind": "group", "subject": "Hikers"}, **options))


def of(chat):
    """Is this subscription that chat's?"""
    return lambda d: d.request_in.get("contribution-id") == chat.invite.contribution_id


def subscribed(chat, timeout=15):
    subscription = chat.agent.wait_subscription(of(chat), timeout)
    check(subscription, "no SUBSCRIBE")
    return subscription


def notify(subscription, users, version, state="full", code=200, state_header="active;expires=600"):
    answer = subscription.notify(conference_info(FOCUS, users, version, state), state_header)
    check(answer, "no answer to NOTIFY")
    equal(answer.code, code, "answer to NOTIFY")


def joined(s, *users, **options):
    """A group with a subscription whose first full state names users and B"""
    chat = group(s, **options)
    chat.accepted()
    subscription = subscribed(chat)
    notify(subscription, here((("tel:" + chat.b), "Bea"), *users), 1)
    return chat, subscription


def about_members(chat):
    return [t for t in chat.told_texts() if " joined." in t or " left." in t]


# ---- the subscription ----

def test_subscription(s):
    """R-115: to the Contact of the INVITE, in a dialog of its own; ended with the session"""
    with group(s) as chat:
        chat.accepted()
        request = subscribed(chat).request_in
        equal((request.uri, request.get("event"), request.get("accept")), (chat.dialog.contact_uri, "conference", "application/conference-info+xml"))
        check(int(request.get("expires")) >= 600 and request.get("call-id") != chat.dialog.call_id, request.octets)
        check(chat.b in request.get("from") and chat.b in request.get("p-asserted-identity"), request.get("from"))
        subscription = subscribed(chat)
        notify(subscription, here(ANN), 1)
        chat.bye()
        last = subscription.wait_request("SUBSCRIBE")
        check(last, "no SUBSCRIBE at the end")
        equal(last.get("expires"), "0")
        subscription.check()


def test_one_to_one_chat_has_none(s):
    with Chat(s) as chat:
        chat.accepted()
        chat.say("hello")
        chat.told("hello")
        equal([d for d in chat.agent.dialogs if isinstance(d, Subscription) and of(chat)(d)], [])


def test_refresh_before_expiry(s):
    with group(s) as chat:
        chat.accepted()
        subscription = subscribed(chat)
        notify(subscription, here(ANN), 1, state_header="active;expires=6")
        began = time.monotonic()
        again = subscription.wait_request("SUBSCRIBE", 20)
        check(again and int(again.get("expires")) > 0, "no refresh")
        check(time.monotonic() - began < 6, "refresh after", time.monotonic() - began)
        subscription.check()


def refused(s, code):
    """A focus that does not want to tell: the chat goes on without."""
    with group(s) as chat:
        chat.agent.accept_subscribe = False
        before, chat.agent.peer.policy = chat.agent.peer.policy, lambda m: SipAnswer(code) if m.method == "SUBSCRIBE" else before(m)
        try:
            chat.accepted()
            asked = lambda: [m for m in list(s.a.received) if m.method == "SUBSCRIBE" and m.get("contribution-id") == chat.invite.contribution_id]
            wait_for(asked, what="SUBSCRIBE")
            chat.say("hello", sender=ANN[0], name="Ann")
            chat.told("Ann: hello")
            time.sleep(2)
            equal(len(asked()), 1, "SUBSCRIBEs")
        finally:
            chat.agent.accept_subscribe, chat.agent.peer.policy = True, before


def test_refused_subscription(s):
    refused(s, 489)
    refused(s, 403)


def test_focus_ends_the_subscription(s):
    chat, subscription = joined(s, ANN)
    with chat:
        notify(subscription, here(ANN), 2, state_header="terminated;reason=noresource")
        notify(subscription, here(ANN, BOB), 3)
        chat.say("still here", sender=ANN[0])
        chat.told("Ann: still here")
        equal(about_members(chat), [])
        chat.bye()
        time.sleep(0.5)
        equal(subscription.requests, [], "SUBSCRIBE into a dialog that is over")


def test_notify_of_nobody(s):
    """481 ends what is half open after a restart, 400 what cannot be read; the session does not mind."""
    chat, subscription = joined(s, ANN)
    with chat:
        equal(subscription.notify(b"<conference-info").code, 400)
        equal(subscription.notify(b"").code, 200)
        subscription.local_tag, right = "other", subscription.local_tag
        equal(subscription.notify(conference_info(FOCUS, here(BOB), 2)).code, 481)
        subscription.local_tag = right
        equal(chat.dialog.request("NOTIFY", [("Event", "conference"), ("Subscription-State", "active")]).code, 481, "in the session's own dialog")
        chat.say("fine", sender=ANN[0])
        chat.told("Ann: fine")


def test_gap_asks_for_all(s):
    chat, subscription = joined(s, ANN)
    with chat:
        notify(subscription, here(CARL), 3, "partial")
        check(subscription.wait_request("SUBSCRIBE"), "no SUBSCRIBE after a gap")
        notify(subscription, here(ANN, BOB, CARL), 4)
        chat.told("Bob, Carl joined.")
        subscription.check()


# ---- who comes and goes ----

def test_joins_and_leaves(s):
    """R-115: told once in the interval, together; not the first full state, not B himself"""
    chat, subscription = joined(s, ANN)
    with chat:
        notify(subscription, here(BOB), 2, "partial")
        notify(subscription, here(CARL, (("tel:" + chat.b), "Bea")), 3, "partial")
        number = chat.told("Bob, Carl joined.")
        check(number.startswith("+1777"), number)
        first = time.monotonic()
        notify(subscription, gone(BOB), 4, "partial")
        notify(subscription, here(("tel:+15550003333", "Dora")), 5, "partial")
        notify(subscription, gone(ANN), 6, "partial")
        notify(subscription, here(ANN), 7, "partial")
        chat.told("Dora joined. Bob left.")
        check(time.monotonic() - first > INTERVAL_S - 3, "told twice within", time.monotonic() - first)
        time.sleep(2.5)
        equal(about_members(chat), ["Bob, Carl joined.", "Dora joined. Bob left."])


def test_names_of_the_focus(s):
    """R-115: without a display name in CPIM"""
    chat, subscription = joined(s, ANN, CARL, members=[("tel:+15550001111", "Old Ann"), ("tel:+15550004444", "Eve")])
    with chat:
        for sender, shown in ((ANN[0], "Ann"), (CARL[0], "Carl"), ("tel:+15550004444", "Eve"), ("tel:+15550005555", "+15550005555")):
            chat.say("hello", sender=sender)
            chat.told(shown + ": hello")


def test_no_texts_no_subscription(stack):
    with stack(**dict(STACK, modparams=dict(PARAMS, **{"chat_text": "join=", "ipsmgw.chat_text": "leave="}))) as s, group(s) as chat:
        chat.accepted()
        chat.say("hello", sender=ANN[0])
        chat.told("+15550001111: hello")
        equal([m for m in list(s.a.received) if m.method == "SUBSCRIBE"], [])
        equal([d for d in chat.agent.dialogs if isinstance(d, Subscription)], [])
