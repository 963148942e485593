# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 the ipsmgw authors
"""Privacy: what A asks for, what the policy makes of it, and that nothing towards B says who A is (spec 3.4)."""

import time

from harness import check, equal
from notifications import BOTH, FAST, by_hand, message_ids, notified, receipt, rewrite
from sip_peer import new_id, pager, simple_im

NUMBER = "+15550009999"


def private(s, privacy="id", text="hello", change=lambda m: None):
    """A sends with a Privacy header: (a, b, request, answer)"""
    a, b = s.pair()
    m = pager(text, a, b, notify=BOTH)
    if privacy:
        m.add("Privacy", privacy)
    change(m)
    answer = s.a.send(s.sip, m)
    check(answer, "no answer")
    return a, b, m, answer


def shown(s, b):
    """source_addr of what B gets: (ton, npi, address)"""
    p = s.smsc.wait_submits(b)[0]
    return p["from_ton"], p["from_npi"], p["from"]


def leaks(s, a):
    """What the SMSC has heard of A: all its log, in every form of the number."""
    s.smsc.sync()
    digits = a[1:]
    forms = (digits, digits.encode().hex(), bytes(int(digits[i:i + 2][::-1], 16) for i in range(0, len(digits) - 1, 2)).hex())
    return [e for e in s.smsc.events if any(form in str(e) for form in forms)]


# ---- forbid ----

def test_forbidden(s):
    for privacy in ("id", "user", "header", "session", "critical", "header;id", "ID", "id ; critical", "none,id", "id\r\n ;history", "history;\r\n\tid"):
        _, b, _, answer = private(s, privacy)
        equal(answer.code, 403, privacy)
        equal([m for m in s.rpc("ipsmgw.msg_list", 500, 0) if m.get("b") == b], [], "kept of a refused message")
        equal(s.smsc.submits(lambda p: p["to"] == b[1:]), [])


def test_not_asked_for(s):
    for privacy in ("none", "history", "identity", "xid"):
        a, b, _, answer = private(s, privacy)
        equal(answer.code, 202, privacy)
        equal(shown(s, b)[2], a[1:])
        check(leaks(s, a), "leaks() sees nothing")


def test_anonymous_cpim_alone(s):
    """Clients write it as a matter of routine (R-34)."""
    a, b, _, answer = private(s, None, change=lambda m: rewrite(m, rb"^From: .*?\r$", b'From: "Anonymous" <sip:anonymous@anonymous.invalid>\r'))
    equal((answer.code, shown(s, b)[2]), (202, a[1:]))


def test_code_433(stack):
    s = stack(modparams={"anonymity_code": 433})
    answer = private(s)[3]
    equal((answer.code, answer.reason), (433, "Anonymity Disallowed"))


# ---- allow ----

def test_hidden(stack):
    """A long message in parts, its receipts, its notification, and no octet of A's number at the SMSC."""
    s = stack(**dict(FAST, modparams=dict(FAST["modparams"], anonymity="allow")))
    by_hand(s)
    a, b, m, answer = private(s, "id;critical", "x" * 400)
    equal((answer.code, answer.get("Conversation-ID")), (202, m.conversation_id))
    parts = s.smsc.wait_submits(b, 3)
    equal({(p["from_ton"], p["from_npi"], p["from"]) for p in parts}, {(5, 0, "Anonymous")})
    for message_id in message_ids(s, b, 3):
        receipt(s, "Anonymous", b, message_id)
    n = notified(s, a)
    equal((n.status, n.message_id, n.request.uri), ("delivered", m.imdn_id, "tel:" + a))
    equal(leaks(s, a), [])
    record = [r for r in s.rpc("ipsmgw.msg_list", 500, 0) if r.get("b") == b]
    equal([(r["a"], r["state"]) for r in record], [(a, "delivered")])


def test_hidden_in_im_and_shown_without(stack):
    s = stack(modparams={"anonymity": "allow", "anonymous_originator": NUMBER})
    a, b = s.pair()
    equal(s.a.send(s.sip, simple_im("hi", a, b).add("Privacy", "user")).code, 202)
    equal(shown(s, b), (1, 1, NUMBER[1:]))
    equal(leaks(s, a), [])
    for privacy in (None, "none"):
        a, b, _, answer = private(s, privacy)
        equal((answer.code, shown(s, b)[2]), (202, a[1:]))


def test_hidden_when_sent_later(stack):
    """From the queue, after a restart and after a refusal of the SMSC, B sees the same sender."""
    s = stack(**dict(FAST, modparams=dict(FAST["modparams"], anonymity="allow")))
    by_hand(s)
    s.connector.kill()
    a, b, _, answer = private(s)
    equal(answer.code, 202)
    s.kamailio.kill()
    s.kamailio.start()
    s.smsc.control("fault", mode="status", value=0x58, count=1)
    s.connector.start()
    s.wait_ready()
    found = s.smsc.wait_submits(b, 2, timeout=20)
    equal({(p["from_ton"], p["from"]) for p in found}, {(5, "Anonymous")})
    equal(leaks(s, a), [])


def test_hidden_at_the_real_smsc(stack):
    """Net::SMPP takes the name as it is: TON 5, NPI 0."""
    s = stack(modparams={"anonymity": "allow", "anonymous_originator": "Shop @1"})
    a, b, _, answer = private(s)
    equal((answer.code, shown(s, b)), (202, (5, 0, "Shop @1")))
    equal(leaks(s, a), [])


def test_retry_of_the_client(stack):
    """The same message again is the same message, hidden or not."""
    s = stack(modparams={"anonymity": "allow"})
    a, b = s.pair()
    imdn_id = new_id()
    for _ in range(2):
        equal(s.a.send(s.sip, pager("hello", a, b, imdn_id=imdn_id).add("Privacy", "id")).code, 202)
    s.smsc.wait_submits(b)
    s.smsc.sync()
    equal(len(s.smsc.submits(lambda p: p["to"] == b[1:])), 1)


def test_script_must_not_disclose(stack):
    s = stack(start=False, modparams={"anonymity": "allow"})
    with open(s.cfg, "a", encoding="utf-8") as cfg:
        cfg.write("""
event_route[ipsmgw:authorise] {
	if ($ipsmgw(text) == "show") { $ipsmgw(originator) = $ipsmgw(from); }
	if ($ipsmgw(text) == "digits") { $ipsmgw(originator) = $(ipsmgw(from){s.substr,1,0}); }
	if ($ipsmgw(text) == "rename" && $ipsmgw(anonymous) == 1 && $ipsmgw(originator) == "Anonymous") { $ipsmgw(originator) = "Somebody"; }
}
""")
    s.start()
    for text in ("show", "digits"):
        a, b, _, answer = private(s, text=text)
        equal((answer.code, s.smsc.submits(lambda p, b=b: p["to"] == b[1:])), (500, []), text)
    a, b, _, answer = private(s, text="rename")
    equal((answer.code, shown(s, b)), (202, (5, 0, "Somebody")))
    equal(leaks(s, a), [])
    a, b, _, answer = private(s, None, text="show")
    equal((answer.code, shown(s, b)[2]), (202, a[1:]))


# ---- a number of the pool, so that B can answer ----

def pool(stack, numbers="+15550002000-+15550002001", **more):
    return stack(modparams=dict({"anonymity": "allow", "anonymous_originator": "pool", "chat_numbers": numbers}, **more))


def hidden(s, a, b, text, expires="86400"):
    """A writes to B and hides: B sees this number."""
    s.smsc.sync()
    since = len(s.smsc.events)
    answer = s.a.send(s.sip, pager(text, a, b, notify=BOTH).add("Privacy", "id").add("Expires", expires))
    equal(answer.code, 202)
    return "+" + s.smsc.wait_submits(b, since=since)[0]["from"]


def test_pool_number_reaches_a(stack):
    s = pool(stack)
    a, b = s.pair()
    number = hidden(s, a, b, "one")
    check(number in ("+15550002000", "+15550002001"), number)
    equal(hidden(s, a, b, "two"), number, "B knows A by one number")
    equal(s.smsc.mo(b, number, b"who is it?"), 0)
    r = s.a.wait(lambda r: r.uri == "tel:" + a and r.text, 20)
    check(r, "A got nothing")
    equal((r.text, r.cpim.get("From"), r.cpim.get("To")), ("who is it?", "<tel:%s>" % b, "<tel:%s>" % a))
    equal(leaks(s, a), [])


def test_pool_numbers_tell_two_apart(stack):
    s = pool(stack)
    (a1, b), (a2, b2), (a3, _) = s.pair(), s.pair(), s.pair()
    first, second = hidden(s, a1, b, "I am one"), hidden(s, a2, b, "I am two")
    check(first != second, "one number for two senders")
    equal(hidden(s, a2, b2, "elsewhere"), first, "another B, the first number is free")
    answer = s.a.send(s.sip, pager("three", a3, b).add("Privacy", "id"))
    equal((answer.code, answer.get("Retry-After")), (503, "10"))
    for a, number in ((a1, first), (a2, second)):
        equal(s.smsc.mo(b, number, b"to " + a.encode()), 0)
        check(s.a.wait(lambda r, a=a: r.uri == "tel:" + a and r.text == "to " + a, 20), "A got nothing")
    equal(leaks(s, a3), [])


def test_pool_number_survives_a_restart(stack):
    s = pool(stack)
    a, b = s.pair()
    number = hidden(s, a, b, "before")
    s.restart_kamailio()
    equal(s.smsc.mo(b, number, b"after"), 0)
    check(s.a.wait(lambda r: r.uri == "tel:" + a and r.text == "after", 20), "A got nothing")
    equal(hidden(s, a, b, "again"), number)


def test_pool_number_of_nobody(stack):
    """Its time is over: B's words reach nobody, and nobody's number is told."""
    s = pool(stack, chat_quarantine_s=0)
    a, b = s.pair()
    number = hidden(s, a, b, "gone in three seconds", expires="3")
    time.sleep(3.5)
    s.smsc.mo(b, number, b"who was it?")
    check(not s.a.wait(lambda r: r.uri == "tel:" + a and r.text, 1), "A got it")
    equal(leaks(s, a), [])


# ---- ignore ----

def test_ignored(stack):
    s = stack(modparams={"anonymity": "ignore"})
    a, b, _, answer = private(s)
    equal((answer.code, shown(s, b)[2]), (202, a[1:]))
    for privacy in ("id;critical", "critical"):
        _, b, _, answer = private(s, privacy)
        equal((answer.code, s.smsc.submits(lambda p: p["to"] == b[1:])), (403, []), privacy)


# ---- parameters ----

def test_parameters_that_cannot_be(stack):
    for bad in ({"anonymity": "perhaps"}, {"anonymity_code": 404}, {"anonymous_originator": "TwelveLetters"}, {"anonymous_originator": ""},
                {"anonymous_originator": "pool"}):
        s = stack(start=False, modparams=bad)
        s.kamailio.start()
        equal(s.kamailio.process.wait(20) != 0, True, "Kamailio started with %s" % bad)
        check(list(bad)[0] in s.kamailio.log_path.read_text(), "the log does not name", bad)
