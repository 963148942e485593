# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 the ipsmgw authors
"""Where a notification goes: by the original's IMDN-Record-Route, to the device that wrote it, and for whom it was (spec 6.4-6.6)."""

import xml.etree.ElementTree as ElementTree

from harness import check, equal
from notifications import FAST, IMDN_NS, by_hand, message_ids, notified, receipt, rewrite, send
from sip_peer import CPM_ACCEPT_CONTACT

STACK = FAST

URN = "urn:gsma:imei:35824005-944763-1"
INSTANCE = '*;+sip.instance="<%s>";require;explicit' % URN
COMPONENT = "?Accept-Contact=+sip.instance%%3D%%22%%3C%s%%3E%%22%%3Brequire%%3Bexplicit"


def told(s, headers=(), sender=None):
    """The notification of a message with these headers in its CPIM, and CPIM From: sender % A's number."""
    by_hand(s)

    def change(m):
        lines = "".join("%s\r\n" % h for h in headers).encode()
        rewrite(m, rb"^NS: imdn <urn:ietf:params:imdn>\r\n", b"NS: imdn <urn:ietf:params:imdn>\r\n" + lines)
        if sender:
            rewrite(m, rb"^From: .*?\r$", b"From: " + (sender.replace("A@", m.sender[4:] + "@")).encode() + b"\r")
    a, b, _ = send(s, change=change)
    receipt(s, a, b, message_ids(s, b)[0])
    return a, b, notified(s, a)


# ---- IMDN-Record-Route (RFC 5438 8) ----

def test_route_of_the_notification(s):
    """Request-URI is the topmost route, the first hop stays ours, the routes stand in CPIM as they came."""
    routes = ["<sip:imdn1.home1.example;lr>", "<sip:imdn2.home1.example>"]
    a, b, n = told(s, ["imdn.IMDN-Record-Route: " + r for r in routes])
    equal(n.request.uri, "sip:imdn1.home1.example;lr")
    equal(n.request.headers.all("Route"), ["<%s;transport=udp;lr>" % s.a.uri])
    equal([v for k, v in n.cpim.headers.fields if k == "imdn.IMDN-Route"], routes)
    equal((n.request.get("To"), n.cpim.get("To"), n.status), ("<tel:%s>" % a, "<tel:%s>" % a, "delivered"))


def test_route_with_a_name_and_header_components(s):
    _, _, n = told(s, ['imdn.IMDN-Record-Route: "One, the first" <sip:store@imdn1.home1.example:5066?Subject=x>'])
    equal(n.request.uri, "sip:store@imdn1.home1.example:5066")


def test_route_that_is_none(s):
    """What SIP cannot go to must not cost A the notification."""
    for route in ("<im:store@home1.example>", "<nonsense>", "<>", "sip:", "<sip:caf\u00e9.example>", "<tel:+15551239999>",
                  "<sip:\x01>", '"folded\r\n here" <sip:imdn1.home1.example>'):
        a, _, n = told(s, ["imdn.IMDN-Record-Route: " + route])
        equal(n.request.uri, "tel:" + a, "Request-URI for " + route)


# ---- the device (6.6) ----

def test_instance(s):
    for sender in ("<sip:A@home1.example%s>", '"A" <sip:A@home1.example;user=phone%s&Subject=x>'):
        a, _, n = told(s, sender=sender % (COMPONENT % URN))
        contacts = n.request.headers.all("Accept-Contact")
        equal(contacts, [CPM_ACCEPT_CONTACT + ";require;explicit", INSTANCE])
        equal((n.request.uri, n.cpim.get("To"), n.request.get("To")), ("tel:" + a, "<tel:%s>" % a, "<tel:%s>" % a))
        check(b"Accept-Contact" not in n.request.body, "header components in the body")


def test_instance_that_is_none(s):
    """Nothing that A writes there becomes a header of ours."""
    for urn in ("urn:x%0D%0AEvil:%20y", "urn:x%22;explicit", "urn:x%5C", "", "urn:%00", "x" * 300):
        _, _, n = told(s, sender="<sip:A@home1.example%s>" % (COMPONENT % urn))
        equal(n.request.headers.all("Accept-Contact"), [CPM_ACCEPT_CONTACT + ";require;explicit"], "Accept-Contact for " + urn)
        equal(n.request.get("Evil"), None)


def test_messages_carry_no_instance(s):
    """It is the notification's alone; B's answer is for all devices of A."""
    a, b, n = told(s, sender="<sip:A@home1.example%s>" % (COMPONENT % URN))
    equal(s.smsc.mo(b, a, b"hi"), 0)
    r = s.a.wait(lambda r: r.uri == "tel:" + a and r.text == "hi", 20)
    check(r, "A got nothing")
    equal(r.headers.all("Accept-Contact"), [CPM_ACCEPT_CONTACT + ";require;explicit"])


# ---- imdn.Original-To (6.4) ----

def original(n):
    return [(e.tag.split("}")[1], e.text) for e in ElementTree.fromstring(n.cpim.content) if e.tag.startswith(IMDN_NS) and "recipient" in e.tag]


def test_original_to(s):
    _, b, n = told(s, ['imdn.Original-To: "B & C" <sip:b&c@home1.example;x=1?Subject=y>'])
    equal(original(n), [("recipient-uri", "tel:" + b), ("original-recipient-uri", "sip:b&c@home1.example;x=1")])
    _, b, n = told(s)
    equal(original(n), [("recipient-uri", "tel:" + b)])


def test_original_to_that_is_none(s):
    for value in ("<sip:caf\u00e9@home1.example>", "<sip:%s@home1.example>" % ("x" * 400), "<a\x01b>", '<"x">'):
        _, b, n = told(s, ["imdn.Original-To: " + value])
        equal(original(n), [("recipient-uri", "tel:" + b)], "for " + value)


def test_all_of_it_survives_a_restart(stack):
    """What the notification needs is on disk with the message."""
    s = stack(**FAST)
    by_hand(s)
    lines = b"imdn.Original-To: <tel:+15559990009>\r\nimdn.IMDN-Record-Route: <sip:imdn1.home1.example;lr>\r\n"

    def change(m):
        rewrite(m, rb"^NS: imdn <urn:ietf:params:imdn>\r\n", b"NS: imdn <urn:ietf:params:imdn>\r\n" + lines)
        rewrite(m, rb"^From: .*?\r$", ("From: <sip:A@home1.example%s>\r" % (COMPONENT % URN)).encode())
    a, b, _ = send(s, change=change)
    (message_id,) = message_ids(s, b)
    s.restart_kamailio()
    receipt(s, a, b, message_id)
    n = notified(s, a, timeout=15)
    equal((n.request.uri, original(n)[1]), ("sip:imdn1.home1.example;lr", ("original-recipient-uri", "tel:+15559990009")))
    equal(n.request.headers.all("Accept-Contact")[1:], [INSTANCE])
