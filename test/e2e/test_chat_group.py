# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 the ipsmgw authors
"""Group chats: the conference event package, names, numbers, extension, leaving (spec 7.10, 7.2, 7.9; RFC 4575)."""

import threading
import time

from chat import Chat
from harness import check, equal, wait_for
import oracle
from msrp_peer import Reply
from notifications import FAST, fault
from sip_chat import conference_info
from sip_dialog import SipAnswer, Subscription
from test_chat import ASKED, ended, states

NUMBERS = "+1777000-+1777099"
INTERVAL_S = 10
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
        notify(subscription, here(ANN), 1, state_header="active;expires=30")
        began = time.monotonic()
        again = subscription.wait_request("SUBSCRIBE", 40)
        check(again and int(again.get("expires")) > 0, "no refresh")
        check(time.monotonic() - began < 30, "refresh after", time.monotonic() - began)
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
        notify(subscription, here(BOB, CARL, (("tel:" + chat.b), "Bea")), 2, "partial")
        number = chat.told("Bob, Carl joined.")
        check(number.startswith("+1777"), number)
        first = time.monotonic()
        notify(subscription, gone(BOB), 3, "partial")
        notify(subscription, here(("tel:+15550003333", "Dora")), 4, "partial")
        notify(subscription, gone(ANN), 5, "partial")
        notify(subscription, here(ANN), 6, "partial")
        chat.told("Dora joined. Bob left.", 30)
        check(time.monotonic() - first > INTERVAL_S - 4, "told twice within", time.monotonic() - first)
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


# ---- SMs of B that the group does not get ----

def not_to_the_inviter(s, chat, text):
    s.smsc.sync()
    equal([m for m in list(s.a.received) if m.method == "MESSAGE" and text.encode() in m.body], [], "pager messages")


def test_refused_by_the_group(s):
    """A group has no pager message instead: the SM is taken, and B is told that it was in vain (spec 7.3)."""
    for code in (413, 415, 403, 481):
        with group(s) as chat:
            chat.accepted()
            chat.say("hello", sender=ANN[0])
            number = chat.told(lambda t: t.endswith(": hello"))
            chat.session.policy = lambda frame: Reply(code)
            chat.b_says("answer %d" % code)
            equal(chat.told(FAIL), number)
            not_to_the_inviter(s, chat, "answer %d" % code)
            equal(chat.told_texts().count(FAIL), 1)
            if code == 481:
                chat.ended()


def test_parts_refused_by_the_group(s):
    """Each is taken, also when the SMSC repeats it; B is told once."""
    with group(s) as chat:
        chat.accepted()
        chat.say("hello", sender=ANN[0])
        number = chat.told(lambda t: t.endswith(": hello"))
        chat.session.policy = lambda frame: Reply(403)
        for _ in range(2):
            equal([s.smsc.mo(chat.b, number, bytes([5, 0, 3, 9, 2, k]) + b"part", esm_class=0x40) for k in (1, 2)], [0, 0])
            equal(chat.told(FAIL), number)
        equal(chat.told_texts().count(FAIL), 1)


def test_more_than_the_group_takes(s):
    with group(s, sdp={"extra": ["a=max-size:1000"]}) as chat:
        chat.accepted()
        chat.say("hello", sender=ANN[0])
        chat.told(lambda t: t.endswith(": hello"))
        chat.b_says("long " * 250, status=None)
        chat.told(FAIL)
        chat.b_says("short")
        chat.heard("short")


def test_sm_for_a_group_that_a_restart_ended(stack):
    """Not to the inviter as a pager message"""
    text = "this was for the group " * 12
    with stack(**STACK) as s, group(s, check_faults=False) as chat:
        chat.accepted()
        chat.say("hello", sender=ANN[0])
        number = chat.told(lambda t: t.endswith(": hello"))
        chat.session.policy = lambda frame: Reply(0)
        wrote = threading.Thread(target=chat.b_says, args=(text, number), kwargs={"status": None, "timeout": 60})
        wrote.start()
        wait_for(lambda: any(b"for the group" in (f.body or b"") for f in chat.session.requests), what="SEND to A")
        s.restart_kamailio()
        chat.ended(40)
        equal(chat.told(FAIL, 40), number)
        chat.b_says("and this?", number)
        chat.told(NOSESSION)
        not_to_the_inviter(s, chat, "this")
        equal(chat.told_texts().count(FAIL), 1)
        wrote.join(70)


def test_part_of_an_sm_for_a_group_that_is_over(stack):
    """Whoever loads it when its time is over must still know that it was for a group."""
    part = oracle.parts_of("never complete " * 20, 0x33)[0]
    with stack(**dict(STACK, concat_timeout_s=5)) as s, group(s, check_faults=False) as chat:
        chat.accepted()
        chat.say("hello", sender=ANN[0])
        number = chat.told(lambda t: t.endswith(": hello"))
        equal(s.smsc.mo(chat.b, number, part.udh + part.text, data_coding=part.dcs, esm_class=0x40), 0)
        s.restart_kamailio()
        chat.ended(40)
        states(s, chat, "closed")
        equal(chat.told(FAIL, 40), number)
        not_to_the_inviter(s, chat, "never complete")


def test_unfinished_subscription_after_a_restart(stack):
    """A NOTIFY of the last life gets 481, which ends it at the focus."""
    with stack(**STACK) as s, group(s, check_faults=False) as chat:
        chat.accepted()
        subscription = subscribed(chat)
        notify(subscription, here(ANN), 1)
        s.restart_kamailio()
        chat.ended(40)
        notify(subscription, here(ANN, BOB), 2, code=481)


# ---- what the server says ----

def test_system_notices(s):
    """Not interworked as chat text (spec 7.10)"""
    with group(s) as chat:
        chat.accepted()
        notice = chat.body("Ann changed the subject", sender=ANN[0]).replace(b"\r\n\r\nContent-", b"\r\n\r\nContent-Disposition: notification\r\nContent-")
        check(b"Content-Disposition" in notice, notice)
        equal(chat.session.send(notice, "message/cpim").code, 200)
        chat.say("Bob was removed", sender=chat.dialog.contact_uri)
        for kind in ("application/vnd.oma.cpm-groupdata+xml", "application/conference-info+xml"):
            wrapped = chat.body("<x/>").replace(b"text/plain;charset=UTF-8", kind.encode()).replace(b"text/plain; charset=utf-8", kind.encode())
            check(kind.encode() in wrapped, wrapped)
            equal(chat.session.send(wrapped, "message/cpim").code, 200)
        chat.say("a real one", sender=ANN[0], name="Ann")
        chat.told("Ann: a real one")
        equal(chat.told_texts(), ["Ann: a real one"])


# ---- the invitation ----

def test_invitation_names_the_group(stack):
    """R-115, check_first: who invites, and to what"""
    with stack(**dict(STACK, modparams=dict(ASKED, chat_numbers=NUMBERS))) as s:
        with group(s) as chat:
            chat.ringing()
            number = chat.told(lambda t: 'to group chat "Hikers"' in t and chat.a in t)
            check(number.startswith("+1777"), number)
            chat.b_says("yes", number)
            chat.accepted()
            chat.say("welcome", name="Ann")
            chat.told("Ann: welcome")
        with group(s) as chat:
            chat.told(lambda t: "Hikers" in t)
            chat.b_says("no")
            chat.refused(603)


def test_b_writes_to_all(s):
    """R-114: CPIM To is nobody or the group, From who the server knows"""
    with group(s) as chat:
        chat.accepted()
        chat.say("hello", sender=ANN[0])
        chat.told(lambda t: t.endswith(": hello"))
        chat.b_says("hi all")
        body = chat.heard("hi all").body
        check(b"To: <sip:anonymous@anonymous.invalid>" in body and b"From: <tel:%s>" % chat.b.encode() in body, body)


def test_two_groups_of_one_b(s):
    """R-114: two numbers, each its group's"""
    with group(s) as one, group(s, b=one.b, subject="Bikers") as two:
        one.accepted()
        two.accepted()
        one.say("left", name="Ann")
        two.say("right", name="Bob")
        first, second = one.told("Ann: left"), two.told("Bob: right")
        check(first != second and {first[:5], second[:5]} == {"+1777"}, first, second)
        two.b_says("to the bikers", second)
        one.b_says("to the hikers", first)
        one.heard("to the hikers")
        two.heard("to the bikers")
        equal((one.session.texts, two.session.texts), (["to the hikers"], ["to the bikers"]))


def test_rejoin_has_the_same_number(stack):
    """R-114, also after a restart"""
    with stack(**STACK) as s, group(s) as chat:
        chat.accepted()
        chat.say("hello", name="Ann")
        number = chat.told("Ann: hello")
        with group(s, b=chat.b) as other:
            other.accepted()
            other.say("hello", name="Eve")
            check(other.told("Eve: hello") != number, "one number for two groups")
        chat.bye()
        for restart in (False, True):
            if restart:
                s.restart_kamailio()
            with group(s, b=chat.b, a=s.pair()[0], contribution_id=chat.invite.contribution_id) as again:
                again.accepted()
                again.say("again", name="Ann")
                equal(again.told("Ann: again"), number, "after a restart" if restart else "after BYE")


def test_invite_of_the_group_while_it_is_up(s):
    """R-118: the new dialog takes the place of the old one, B notices nothing"""
    with group(s) as chat:
        chat.accepted()
        chat.say("hello", name="Ann")
        number = chat.told("Ann: hello")
        with group(s, b=chat.b, contribution_id=chat.invite.contribution_id) as again:
            again.accepted()
            chat.ended()
            again.b_says("still here", number)
            again.heard("still here")
            equal([t for t in again.told_texts() if ended(t)], [])


# ---- a chat becomes a group ----

def extended(s, policy, **options):
    """One-to-one, then the group that replaces it: (chat, group, number of the group)"""
    chat = Chat(s, **options)
    if policy == "check_first":
        chat.told(lambda t: "invites you" in t)
        chat.b_says("yes")
    chat.accepted()
    return chat


def test_extension_from_the_list(stack):
    """R-116: the list entry of B names the session; caller's number becomes one of the pool"""
    with stack(**dict(STACK, modparams=dict(ASKED, chat_numbers=NUMBERS, chat_replaced_s=4))) as s, extended(s, "check_first") as chat:
        members = ["tel:%s?Session-Replaces=%s" % (chat.b, chat.invite.contribution_id), ANN]
        with group(s, b=chat.b, members=members) as more:
            more.accepted()
            number = more.told(lambda t: "Hikers" in t)
            check(number.startswith("+1777"), number)
            equal([t for t in more.told_texts() if "invites you" in t], [], "B was asked again")
            more.b_says("hello all", number)
            more.heard("hello all")
            chat.b_says("only you", chat.a)
            chat.heard("only you")
            chat.ended(15)
            equal([t for t in chat.told_texts() if ended(t)], [], "B was told")
            states(s, more, "active")


def test_extension_of_a_pool_number(stack):
    """R-116: a chat on a pool number keeps it until it ends, the group has another"""
    with stack(**dict(STACK, modparams=dict(PARAMS, chat_number="pool", chat_text="started={group} at {num}"))) as s, Chat(s) as chat:
        chat.accepted()
        first = chat.told(lambda t: " at " in t)
        with group(s, b=chat.b, session_replaces=chat.invite.contribution_id) as more:
            more.accepted()
            second = more.told(lambda t: "Hikers at " in t)
            check(first != second and second.startswith("+1777"), first, second)
            chat.bye()
            more.b_says("hello all", second)
            more.heard("hello all")


def test_extension_of_nothing(stack):
    """R-116: no such session: an ordinary invitation"""
    with stack(**dict(STACK, modparams=dict(ASKED, chat_numbers=NUMBERS))) as s, group(s, session_replaces="nobodyknowsthis") as chat:
        chat.told(lambda t: "invites you" in t)
        chat.b_says("yes")
        chat.accepted()


# ---- leaving ----

def test_leaving(s):
    """R-117; the subscription ends, too"""
    chat, subscription = joined(s, ANN)
    with chat:
        chat.say("hello", sender=ANN[0])
        number = chat.told("Ann: hello")
        chat.b_says("end", number)
        equal(chat.ended().get("reason"), 'SIP;cause=200;text="Call completed"')
        chat.told("You left the chat.")
        equal(subscription.wait_request("SUBSCRIBE").get("expires"), "0")


def test_undeliverable_first_message_of_a_group(s):
    """No Reason of a final leave"""
    with group(s) as chat:
        chat.accepted()
        with fault(s, chat.b, "status", value=0x0B):
            chat.say("hello", sender=ANN[0])
            check("cause=200" not in (chat.ended().get("reason") or ""), "Reason")
