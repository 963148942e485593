# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 the ipsmgw authors
"""A with several devices and numbers, documents that are missing, and our own MESSAGE that comes back (spec 1.5, 5.5, 9.1; R-17, R-19)."""

import re

from harness import Answer, check, equal
from sip_peer import Peer, pager
from test_register import (AS_CPM, AS_IM, CPM, IM, IM_BIT, LARGE, MSG, SCSCF, XML, bits, by_kamailio, device, notify, register, reginfo, request_of, rows,
                           service_info, service_of, short_message, tell)

IM_PARAMS = {"g.oma.sip-im": ""}


# ---- several devices: one MESSAGE, the S-CSCF forks (R-17) ----

def test_union_of_devices(s):
    """Each device registers on its own; A can do what any of them can, and gets one MESSAGE."""
    a, b = s.pair()
    for n, tags, want in ((1, [IM], AS_IM), (2, ["+g.3gpp.smsip"], AS_IM), (3, [CPM], AS_CPM)):
        tell(s, register(a, request_of(device(n, *tags)), "message/sip"))
        equal(service_of(nth(s, a, b, n)), want, tags)
    equal(set(bits(s, a)), {"", "urn:gsma:imei:1", "urn:gsma:imei:2", "urn:gsma:imei:3"})
    # the one with CPM goes, the others stay
    tell(s, register(a, request_of(device(3, CPM), expires=0), "message/sip"))
    equal(service_of(nth(s, a, b, 4)), AS_IM)
    # and the one with IM: nothing is left for messages, A is still there
    tell(s, notify(reginfo(["tel:" + a], (1, "unregistered", 0, {"+sip.instance": '"&lt;urn:gsma:imei:1&gt;"'}), state="partial")))
    equal(set(bits(s, a)), {"", "urn:gsma:imei:2"})
    equal(service_of(nth(s, a, b, 5)), AS_CPM)


def nth(s, a, b, n):
    """Another short message to A, who has it as its n-th."""
    equal(s.smsc.mo(b, a, b"message %d" % n), 0)
    check(s.a.wait(lambda r: r.uri == "tel:" + a, count=n), "A got nothing")
    return [r for r in s.a.received if r.uri == "tel:" + a][n - 1]


def test_one_message_for_all_devices(s):
    a, b = s.pair()
    tell(s, register(a, request_of(device(1, CPM), device(2, CPM), device(3, IM)), "message/sip"))
    nth(s, a, b, 1)
    nth(s, a, b, 2)
    equal(len([r for r in s.a.received if r.uri == "tel:" + a]), 2)


# ---- several numbers: P-Associated-URI ----

def associated(*uris):
    return ", ".join("<%s>" % u for u in uris)


def answer_of(*contacts, uris):
    body = request_of(*contacts, start="SIP/2.0 200 OK")
    return body[:-2] + "P-Associated-URI: %s\r\n\r\n" % associated(*uris)


def test_associated_numbers_are_a(s):
    """Of the 200 in the body: tel and sip with a number; each counts, once."""
    a, second, b = *s.pair(), s.pair()[1]
    third = s.pair()[0]
    uris = ("sip:a@home1.example", "tel:" + a, "tel:" + second, "sip:%s@home1.example;user=phone" % third, "sip:%s@home1.example;user=phone" % a)
    tell(s, register(a, answer_of(device(1, IM), uris=uris), "message/sip"))
    for number in (a, second, third):
        equal(bits(s, number), {"": 0, "urn:gsma:imei:1": IM_BIT}, number)
        equal(rows(s, number)[""][2], SCSCF)
        equal(service_of(short_message(s, number, b)), AS_IM)
    m = register(a, expires=0).add("P-Associated-URI", associated("tel:" + second))
    tell(s, m)
    equal([bits(s, n) for n in (a, second)], [{}, {}])
    equal(len(bits(s, third)), 2, "not named when A left")


def test_associated_numbers_of_the_s_cscf(s):
    """In the third-party REGISTER itself; A's own identity is no number."""
    a, second = s.pair()
    m = register(a, request_of(device(1, CPM)), "message/sip", to="<sip:user1@home1.example>")
    tell(s, m.add("P-Associated-URI", associated("sip:user1@home1.example", "tel:" + a, "tel:" + second)))
    equal([bits(s, n) for n in (a, second)], [{"": 0, "urn:gsma:imei:1": MSG | LARGE}] * 2)
    # one a line (RFC 3261 7.3.1)
    first, second = s.pair()[0], s.pair()[0]
    m = register(a, to="<sip:user1@home1.example>")
    tell(s, m.add("P-Associated-URI", associated("tel:" + first)).add("P-Associated-URI", associated("tel:" + second)))
    equal([bits(s, n) for n in (first, second)], [{"": 0}] * 2)
    # beside service-info
    third, second = s.pair()[0], s.pair()[0]
    tell(s, register(second, request_of(device(1, CPM)), "message/sip"))
    tell(s, register(a, service_info(third[1:]), XML, to="<sip:user1@home1.example>").add("P-Associated-URI", associated("tel:" + second)))
    equal((bits(s, third), len(bits(s, second))), ({"": 0}, 2))


def test_associated_numbers_that_a_claims(s):
    """In A's own REGISTER the header is A's word: it takes nobody's place."""
    a, victim = s.pair()
    tell(s, register(victim, request_of(device(7, CPM)), "message/sip"))
    before = bits(s, victim)
    for expires in (600000, 0):
        body = request_of(device(1, IM), expires=expires)[:-2] + "P-Associated-URI: <tel:%s>\r\n\r\n" % victim
        tell(s, register(a, body, "message/sip"))
        equal(bits(s, victim), before)


def test_many_associated_numbers(s):
    a = s.pair()[0]
    uris = ["tel:+1888%07d" % n for n in range(200)]
    tell(s, register(a, answer_of(*(device(n, CPM) for n in range(16)), uris=uris), "message/sip"))
    equal(len(bits(s, a)), 17)
    equal([len(bits(s, u[4:])) for u in uris[:9]], [17] * 8 + [0])


# ---- documents of a subscription are counted (RFC 3680) ----

class Subscription:
    """NOTIFYs in one dialog."""

    def __init__(self, s, a):
        self.s, self.a, self.first, self.cseq = s, a, None, 0

    def tell(self, version, *contacts, state="partial"):
        m = notify(reginfo(["tel:" + self.a], *contacts, state=state).replace('version="0"', 'version="%d"' % version))
        self.first = self.first or m
        self.cseq += 1
        m.call_id, m.cseq = self.first.call_id, self.cseq
        tell(self.s, m)

    def has(self):
        return bits(self.s, self.a)


def one(n, event="registered"):
    return n, event, 600 if event == "registered" else 0, by_kamailio(n)


def keys(*numbers):
    return {"urn:gsma:imei:%d" % n: MSG for n in numbers}


def test_documents_in_order(s):
    d = Subscription(s, s.pair()[0])
    d.tell(3, one(1), state="full")
    d.tell(4, one(2))
    d.tell(5, one(3))
    equal(d.has(), keys(1, 2, 3))
    d.tell(6, one(1, "unregistered"))
    equal(d.has(), keys(2, 3))


def test_document_is_missing(s):
    """What it said is not known, so what only NOTIFYs taught is not either; what a REGISTER said stays."""
    a = s.pair()[0]
    tell(s, register(a, request_of(device(9, IM)), "message/sip"))
    d = Subscription(s, a)
    d.tell(0, one(1), state="full")
    d.tell(1, one(2))
    d.tell(3, one(3))
    registered = {"": 0, "urn:gsma:imei:9": IM_BIT}
    equal(d.has(), {**registered, **keys(3)})
    d.tell(4, one(4))
    equal(d.has(), {**registered, **keys(3, 4)})
    d.tell(9, one(5), one(6), state="full")
    equal(d.has(), {**registered, **keys(5, 6)})
    d.tell(10, one(7))
    equal(d.has(), {**registered, **keys(5, 6, 7)})


def test_old_document(s):
    """Delayed or repeated: answered, and of no effect."""
    d = Subscription(s, s.pair()[0])
    d.tell(5, one(1), state="full")
    d.tell(6, one(2))
    for old in (6, 5, 0):
        d.tell(old, one(2, "unregistered"), one(3))
        equal(d.has(), keys(1, 2), old)
    d.tell(7, one(3))
    equal(d.has(), keys(1, 2, 3))


def test_full_documents_that_are_not_counted(s):
    """Some notifiers write 0 each time; a full document needs no other."""
    d = Subscription(s, s.pair()[0])
    for n in (1, 2, 3):
        d.tell(0, one(n), state="full")
        equal(d.has(), keys(n))
    d.tell(1, one(1))
    equal(d.has(), keys(1, 3))


def test_subscriptions_are_counted_apart(s):
    a = s.pair()[0]
    one_of, other = Subscription(s, a), Subscription(s, a)
    one_of.tell(0, one(1), state="full")
    other.tell(7, one(1), state="full")
    one_of.tell(1, one(2))
    other.tell(8, one(3))
    equal(one_of.has(), keys(1, 2, 3))


def test_counting_begins_anew(stack):
    """After a restart nothing is known of the numbers: what is on disk counts, and so does the next document."""
    with stack() as s:
        d = Subscription(s, s.pair()[0])
        d.tell(0, one(1), state="full")
        s.restart_kamailio()
        d.tell(5, one(2))
        equal(d.has(), keys(1, 2))
        d.tell(7, one(3))
        equal(d.has(), keys(3))


# ---- the loop guard (R-19) ----

class Returned:
    """A request that the S-CSCF role has received, sent on as a proxy does: its Via on top, one hop less, Routes of its own."""

    def __init__(self, r, routes, **changes):
        self.r, self.routes, self.changes = r, routes, changes

    def octets(self, host, port, branch):
        head, _, body = self.r.octets.partition(b"\r\n\r\n")
        lines = [line for line in head.decode().split("\r\n") if not line.startswith("Route:")]
        lines = [re.sub(r"^Max-Forwards: .*", "Max-Forwards: %d" % (int(self.r.get("Max-Forwards")) - 1), line) for line in lines]
        for name, value in self.changes.items():
            lines = [line for line in lines if not line.lower().startswith(name.lower() + ":")] + ["%s: %s" % (name, value)] * (value is not None)
        lines[1:1] = ["Via: SIP/2.0/UDP %s:%d;branch=%s" % (host, port, branch)] + ["Route: <%s>" % r for r in self.routes]
        return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def own(s):
    return "sip:orig@127.0.0.1:%d;lr" % s.sip[1]


def test_own_message_comes_back(s):
    """A's terminating filter criteria lead it here: it goes on to the S-CSCF as it is, A gets it once, B nothing."""
    a, b = s.pair()
    with Peer() as scscf:
        r = short_message(s, a, b, b"round trip")
        route = scscf.uri + ";lr;odi=77a2"
        answer = s.a.send(s.sip, Returned(r, [own(s), route]))
        equal(answer.code, 200)
        passed = scscf.wait()
        check(passed, "not passed on")
        equal((passed.uri, passed.body, passed.headers.all("Route")), (r.uri, r.body, ["<%s>" % route]))
        for name in ("From", "To", "Call-ID", "Accept-Contact", "P-Asserted-Identity", "Conversation-ID", "Contribution-ID", "X-IWF"):
            equal(passed.get(name), r.get(name), name)
        scscf.policy = lambda r: Answer(480)
        equal(s.a.send(s.sip, Returned(r, [own(s), route])).code, 480, "the S-CSCF's answer goes back")
        equal(len(scscf.received), 2)
    s.smsc.no_submit(a)
    s.smsc.no_submit(b)


def test_own_message_without_a_way_on(s):
    a, b = s.pair()
    r = short_message(s, a, b)
    for routes in ([], [own(s)]):
        equal(s.a.send(s.sip, Returned(r, routes)).code, 482, routes)
    s.smsc.no_submit(a)


def test_mark_of_another_gateway(s):
    """What another network's gateway made of an SMS is a message like any other; so is one without a mark."""
    a, b = s.pair()
    r = short_message(s, a, b)
    for n, mark in enumerate(("ipsmgw2", "IPSMGW", None), 1):
        m = Returned(r, [own(s)], **{"X-IWF": mark, "Call-ID": "other-%s-%d" % (a, n), "P-Asserted-Identity": "<tel:%s%d>" % (b, n)})
        equal(s.a.send(s.sip, m).code, 202, mark)
        s.smsc.wait_submits(a, n)


def test_notification_comes_back(s):
    """An IMDN of ours has the mark, too."""
    a, b = s.pair()
    tell(s, register(a, request_of(device(1, CPM)), "message/sip"))
    equal(s.a.send(s.sip, pager("hello", a, b, notify="positive-delivery")).code, 202)
    r = s.a.wait(lambda r: r.uri == "tel:" + a)
    check(r and b"imdn+xml" in r.body, "no notification")
    equal(r.get("X-IWF"), "ipsmgw")
    equal(s.a.send(s.sip, Returned(r, [own(s)])).code, 482)
