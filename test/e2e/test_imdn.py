# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 the ipsmgw authors
"""Receipts of the SMSC become notifications to A: what is asked, what is said, when (spec 6.1-6.7, 11.3; 3.10)."""

import re
import time

from harness import ROOT, check, equal
from notifications import (BOTH, FAST, INTERWORKING, UUID4, by_hand, check_original, fault, header_of, im_with_cpim, instant, message_ids, notifications, notified,
                           receipt, rewrite, send, statuses, stays, wait_state)
from sip_peer import CPM_ACCEPT_CONTACT, CPM_SERVICE, IM_ACCEPT_CONTACT, new_id, pager

STACK = FAST

FINAL = {"DELIVRD": "delivered", "EXPIRED": "failed", "DELETED": "failed", "UNDELIV": "failed", "SKIPPED": "failed", "REJECTD": "forbidden"}

# command_status -> notification, spec 3.10
REFUSED = {0x0B: "failed", 0x50: "failed", 0x51: "failed", 0x0A: "forbidden", 0x48: "forbidden", 0x49: "forbidden", 0x15: "failed", 0x01: "failed",
           0x43: "failed", 0xC0: "failed", 0xC4: "failed", 0x66: "forbidden", 0x65: "failed", 0xFE: "failed", 0x02: "error", 0x03: "error"}


# ---- asking the SMSC ----

def test_each_part_asks_for_a_receipt(s):
    by_hand(s)
    asked = {"": {0}, "display": {0}, "display, interworking": {0}, "processing": {0}, "nonsense": {0}, "positive-delivery": {1}, BOTH: {1},
             "positive-delivery,display": {1}, "display,positive-delivery, negative-delivery , interworking": {1}, "negative-delivery": {1, 2}}
    for notify, want in asked.items():
        for text, parts in (("short", 1), ("x" * 400, 3)):
            _, b, _ = send(s, text, notify=notify)
            submits = s.smsc.wait_submits(b, parts)
            got = [p["rd"] for p in submits]
            check(len(got) == parts and set(got) <= want, "registered_delivery of %d parts for '%s':" % (parts, notify), got)


# ---- what A gets ----

def test_delivered_as_11_3(s):
    by_hand(s)
    a, b, m = send(s, "Lunch at 12?", notify="positive-delivery, negative-delivery, display")
    receipt(s, a, b, message_ids(s, b)[0])
    n = notified(s, a)
    r, c = n.request, n.cpim
    equal((r.method, r.uri, r.get("To").split(";")[0]), ("MESSAGE", "tel:" + a, "<tel:%s>" % a))
    check(r.get("From").startswith("<tel:%s>;tag=" % b), "From", r.get("From"))
    equal((r.get("P-Asserted-Identity"), r.get("P-Asserted-Service")), ("<tel:%s>" % b, CPM_SERVICE))
    equal(r.get("Accept-Contact"), CPM_ACCEPT_CONTACT + ";require;explicit")
    equal((r.get("Conversation-ID"), r.get("Contribution-ID"), r.get("InReplyTo-Contribution-ID")), (m.conversation_id, m.contribution_id, None))
    equal((r.get("Contact"), r.media_type), (None, "message/cpim"))
    equal((c.get("From"), c.get("To"), c.get("NS")), ("<tel:%s>" % b, "<tel:%s>" % a, "imdn <urn:ietf:params:imdn>"))
    check(UUID4.match(n.own_id) and n.own_id != m.imdn_id, "own imdn.Message-ID", n.own_id)
    check(abs(instant(c.get("DateTime")).timestamp() - time.time()) < 10, "DateTime is now", c.get("DateTime"))
    equal([v for k, v in c.headers.fields if "disposition" in k.lower()], [], "it asks for no notification")
    equal((c.mime.get("Content-Type"), c.mime.get("Content-Disposition")), ("message/imdn+xml", "notification"))
    equal(int(c.mime.get("Content-Length")), len(c.content), "inner Content-Length")
    check(b"\n" not in r.body[:-len(c.content)].replace(b"\r\n", b""), "line ends are CRLF")
    equal((n.kind, n.status), ("delivery", "delivered"))
    check_original(n, a, b, m)
    stays(s, a, ["delivered"])


def test_message_id_octet_exact(s):
    by_hand(s)
    for imdn_id, written in (("a+b/c=d_e-f.G~1", None), ("Msg2BCqcBUWKA", None), ("x" * 200, None), ("R&D'1", "R&amp;D'1<"), ("&amp", "&amp;amp<")):
        a, b, m = send(s, imdn_id=imdn_id)
        receipt(s, a, b, message_ids(s, b)[0])
        n = notified(s, a)
        equal(n.message_id, imdn_id)
        if written:
            check("<message-id>" + written in n.document, "not escaped:", n.document)


def test_message_id_that_is_none(s):
    """No token of RFC 3862, or absent: the message goes, nothing can be told about it."""
    by_hand(s)
    for imdn_id in ("a<b>", 'q"q', "two words", None):
        a, b, m = send(s, imdn_id=imdn_id, change=lambda m: imdn_id or rewrite(m, rb"^imdn\.Message-ID: .*\r\n", b""))
        receipt(s, a, b, message_ids(s, b)[0], "UNDELIV")
        stays(s, a, [], 0.4)


def test_datetime_of_the_original(s):
    by_hand(s)
    for value in ("2026-03-14T10:26:53+01:00", "2026-03-14T09:26:53.250Z", "2026-03-14T09:26:53Z"):
        a, b, m = send(s, change=lambda m: rewrite(m, rb"^DateTime: .*?\r$", b"DateTime: %s\r" % value.encode()))
        receipt(s, a, b, message_ids(s, b)[0])
        check_original(notified(s, a), a, b, m)


def test_original_without_datetime(s):
    """RFC 5438 wants a datetime in any case."""
    by_hand(s)
    a, b, m = send(s, change=lambda m: rewrite(m, rb"^DateTime: .*\r\n", b""))
    receipt(s, a, b, message_ids(s, b)[0])
    n = notified(s, a)
    check(abs(instant(n.datetime).timestamp() - time.time()) < 30, "datetime", n.datetime)


def test_datetime_that_is_none(s):
    """Not RFC 3339, not even UTF-8: our own time, or A's client refuses the document."""
    by_hand(s)
    bad = []
    for value in (b"yesterday", b"2026-13-45T99:99:99Z", b"caf\xe9", b"<x>&"):
        a, b, m = send(s, change=lambda m, value=value: rewrite(m, rb"^DateTime: .*?\r$", b"DateTime: %s\r" % value))
        receipt(s, a, b, message_ids(s, b)[0])
        time.sleep(0.5)
        found = notifications(s, a)
        if len(found) != 1 or not re.match(r"20\d\d-[01]\d-[0-3]\dT[0-2]\d:", found[0].datetime) or "99" in found[0].datetime:
            bad.append("%r: %s" % (value, [n.datetime for n in found]))
    check(not bad, "; ".join(bad))


def test_conversation_without_ids(s):
    by_hand(s)
    a, b, m = send(s, change=lambda m: m.remove("Conversation-ID").remove("Contribution-ID"))
    receipt(s, a, b, message_ids(s, b)[0])
    equal(notified(s, a).message_id, m.imdn_id)


def test_simple_im(s):
    by_hand(s)
    a, b = s.pair()
    m = im_with_cpim(a, b, new_id(), BOTH)
    equal(s.a.send(s.sip, m).code, 202)
    equal(s.smsc.wait_submits(b)[0]["rd"] & 3, 1, "registered_delivery")
    receipt(s, a, b, message_ids(s, b)[0])
    n = notified(s, a)
    r = n.request
    check(r.get("Accept-Contact").startswith(IM_ACCEPT_CONTACT), "Accept-Contact", r.get("Accept-Contact"))
    equal([r.get(h) for h in ("P-Asserted-Service", "Conversation-ID", "Contribution-ID", "InReplyTo-Contribution-ID")], [None] * 4, "CPM headers")
    equal((r.media_type, n.status, n.message_id), ("message/cpim", "delivered", header_of(m, "imdn.Message-ID")))


def test_service_of_the_original_not_of_the_last(s):
    """A wrote in CPM, then from an IM client; the notification of the first goes to the CPM client."""
    by_hand(s)
    a, b, m = send(s)
    (first,) = message_ids(s, b)
    equal(s.a.send(s.sip, im_with_cpim(a, b, new_id(), "")).code, 202)
    message_ids(s, b, 2)
    receipt(s, a, b, first)
    r = notified(s, a).request
    check(r.get("Accept-Contact").startswith(CPM_ACCEPT_CONTACT), "Accept-Contact", r.get("Accept-Contact"))
    equal((r.get("Conversation-ID"), r.get("Contribution-ID")), (m.conversation_id, m.contribution_id))


def routes_told(s, routes):
    """imdn.IMDN-Route of the notification of a message that came through routes"""
    by_hand(s)
    lines = "".join("imdn.IMDN-Record-Route: %s\r\n" % r for r in routes).encode()
    a, b, m = send(s, change=lambda m: rewrite(m, rb"^imdn\.Message-ID", lines + b"imdn.Message-ID"))
    receipt(s, a, b, message_ids(s, b)[0])
    c = notified(s, a).cpim
    equal(c.headers.all("imdn.IMDN-Record-Route"), [])
    return c.headers.all("imdn.IMDN-Route")


def test_record_route_becomes_route(s):
    for routes in (["<sip:imdn1.home1.example;lr>"], ["<sip:imdn1.home1.example;lr>", "<sip:imdn2.home1.example>"]):
        equal(routes_told(s, routes), routes)


def test_record_route_with_a_comma(s):
    routes = ["<sip:imdn1.home1.example;lr>", '"Two, the second" <sip:imdn2.home1.example>']
    equal(routes_told(s, routes), routes)


# ---- which status ----

def test_states(s):
    """Table 6.3 by SMPP state, from TLVs alone and from text alone."""
    by_hand(s)
    bad = []
    for stat, want in FINAL.items():
        for how in ({"tlv": False}, {"text": False}):
            if stat == "SKIPPED" and not how.get("tlv", True):
                continue
            a, b, m = send(s)
            receipt(s, a, b, message_ids(s, b)[0], stat, **how)
            time.sleep(0.3)
            if statuses(s, a) != [want]:
                time.sleep(2)
            if statuses(s, a) != [want]:
                bad.append("%s %s: %s, want %s" % (stat, how, statuses(s, a), want))
    check(not bad, "; ".join(bad))


def test_states_that_are_not_final(s):
    by_hand(s)
    a, b, m = send(s)
    (one,) = message_ids(s, b)
    for stat in ("SCHEDULED", "ENROUTE", "UNKNOWN"):
        receipt(s, a, b, one, stat)
    stays(s, a, [])
    receipt(s, a, b, one)
    equal(notified(s, a).status, "delivered")


def test_accepted_is_not_final(s):
    """ACCEPTD says that somebody else has it (6.3): what comes of it is told, and a part of which no more is known is not delivered."""
    by_hand(s)
    for stat, want in (("DELIVRD", "delivered"), ("UNDELIV", "failed")):
        a, b, m = send(s)
        (one,) = message_ids(s, b)
        receipt(s, a, b, one, "ACCEPTD")
        stays(s, a, [])
        receipt(s, a, b, one, stat)
        equal(notified(s, a).status, want)
    a, b, m = send(s, "x" * 200)
    one, two = message_ids(s, b, 2)
    receipt(s, a, b, one, "ACCEPTD")
    receipt(s, a, b, two)
    stays(s, a, [])


def test_choices_of_the_operator(stack):
    """imdn_plain_failed, imdn_st01_delivered"""
    with stack(smsc="bad", modparams={"imdn_plain_failed": 1, "imdn_st01_delivered": 1}) as s:
        by_hand(s)
        for stat, want in (("REJECTD", "failed"), ("ACCEPTD", "delivered"), ("DELIVRD", "delivered")):
            a, b, m = send(s)
            receipt(s, a, b, message_ids(s, b)[0], stat)
            equal(notified(s, a).status, want, stat)
        a, b = s.pair()
        with fault(s, b, "status", value=0x0A):
            send(s, pair=(a, b))
            equal(notified(s, a).status, "failed", "refused by the SMSC")


def test_only_what_was_asked(s):
    by_hand(s)
    wanted = {("positive-delivery", "UNDELIV"): [], ("negative-delivery", "DELIVRD"): [], ("display", "DELIVRD"): [], ("display", "UNDELIV"): [],
              ("", "DELIVRD"): [], ("", "REJECTD"): [], ("negative-delivery", "REJECTD"): ["forbidden"], ("positive-delivery", "DELIVRD"): ["delivered"]}
    sent = []
    for (notify, stat), want in wanted.items():
        a, b, m = send(s, notify=notify)
        receipt(s, a, b, message_ids(s, b)[0], stat)
        sent.append((a, notify, stat, want))
    time.sleep(1.5)
    for a, notify, stat, want in sent:
        equal(statuses(s, a), want, "'%s' and %s" % (notify, stat))


def test_forced_negative(stack):
    """imdn_force_negative: failures are told to who did not ask."""
    with stack(smsc="bad", modparams={"imdn_force_negative": 1}) as s:
        by_hand(s)
        a, b, m = send(s, notify="positive-delivery")
        receipt(s, a, b, message_ids(s, b)[0], "UNDELIV")
        equal(notified(s, a).status, "failed")
        for notify in ("", "display"):
            a, b = s.pair()
            with fault(s, b, "status", value=0x0A):
                send(s, notify=notify, pair=(a, b))
                equal(notified(s, a).status, "forbidden")
        a, b, m = send(s, notify="")
        receipt(s, a, b, message_ids(s, b)[0], "DELIVRD")
        stays(s, a, [])


def test_submit_errors(s):
    """Permanent, after the 202."""
    by_hand(s)
    bad = []
    for value, want in REFUSED.items():
        a, b = s.pair()
        with fault(s, b, "status", value=value):
            send(s, notify="negative-delivery", pair=(a, b))
            wait_state(s, b, "failed")
            time.sleep(0.2)
            got = statuses(s, a) or time.sleep(2) or statuses(s, a)
        if got != [want]:
            bad.append("%#x -> %s, want %s" % (value, got, want))
    check(not bad, "; ".join(bad))


def test_submit_error_nobody_asked_for(s):
    by_hand(s)
    a, b = s.pair()
    with fault(s, b, "status", value=0x0B):
        send(s, notify="positive-delivery, display", pair=(a, b))
        wait_state(s, b, "failed")
        stays(s, a, [])


def test_failure_told_by_the_sip_code(stack):
    """answer=submitted: no notification says it again; a failure after the 202 of the timeout is told."""
    with stack(smsc="bad", answer="submitted", modparams={"answer_timeout_ms": 1500}) as s:
        by_hand(s)
        a, b = s.pair()
        with fault(s, b, "status", value=0x0B):
            equal(s.a.send(s.sip, pager("x", a, b, notify=BOTH)).code, 404)
            stays(s, a, [], 2)
        a, b, m = send(s)
        receipt(s, a, b, message_ids(s, b)[0], "UNDELIV")
        equal(notified(s, a).status, "failed")
        a, b = s.pair()
        s.smsc.control("listen", on=False)
        s.smsc.control("drop")
        with fault(s, b, "status", value=0x0A):
            send(s, pair=(a, b))
            s.smsc.control("listen", on=True)
            equal(notified(s, a, timeout=20).status, "forbidden")


def test_expired_in_the_queue(s):
    by_hand(s)
    s.smsc.control("listen", on=False)
    s.smsc.control("drop")
    a, b, m = send(s, change=lambda m: m.add("Expires", "2"))
    try:
        n = notified(s, a, timeout=30)
    finally:
        s.smsc.control("listen", on=True)
    equal(n.status, "failed")
    check_original(n, a, b, m)
    s.wait_bound()
    s.smsc.no_submit(b)


# ---- interworking ----

def test_interworking(s):
    """R-90: when the SMSC has accepted all parts; the delivery is told besides."""
    by_hand(s)
    a, b = s.pair()
    with fault(s, b, "late", ms=1000):
        _, _, m = send(s, "x" * 400, notify="positive-delivery, interworking", pair=(a, b))
        began = time.monotonic()
        n = notified(s, a)
        check(time.monotonic() - began > 0.5, "told before the SMSC answered")
    equal((n.kind, n.status, n.message_id), ("interworking", "legacy-sms", m.imdn_id))
    equal(instant(n.datetime), instant(header_of(m, "DateTime")))
    recipient = "<recipient-uri>tel:%s</recipient-uri>\n" % b if n.recipient_uri else ""
    equal(n.document, INTERWORKING % (m.imdn_id, n.datetime, recipient))
    equal((n.request.get("Conversation-ID"), n.request.get("Contribution-ID")), (m.conversation_id, m.contribution_id))
    for one in message_ids(s, b, 3):
        receipt(s, a, b, one)
    both = notified(s, a, 2)
    equal((both[1].kind, both[1].status), ("delivery", "delivered"))
    check(both[0].own_id != both[1].own_id, "one imdn.Message-ID for two notifications")


def test_interworking_alone(s):
    by_hand(s)
    a, b, m = send(s, notify="display, interworking")
    equal(notified(s, a).kind, "interworking")
    equal(s.smsc.wait_submits(b)[0]["rd"], 0, "registered_delivery")
    stays(s, a, ["legacy-sms"])


def test_no_interworking_of_a_refused_message(s):
    by_hand(s)
    a, b = s.pair()
    with fault(s, b, "status", value=0x0B):
        send(s, "x" * 400, notify="negative-delivery, interworking", pair=(a, b))
        equal(notified(s, a).status, "failed")
        stays(s, a, ["failed"])


# ---- the script ----

def test_kind_in_the_event_route(stack):
    """$ipsmgw(kind) tells notifications from messages; the script sends each where it likes, or not at all."""
    with stack(smsc="bad", start=False) as s:
        shipped, call = (ROOT / "cfg/kamailio.cfg").read_text(), "\tsms_to_cpm();\n"
        route = ('\tif ($ipsmgw(kind) == "imdn" && $ipsmgw(to) =~ "9$") { $ipsmgw(code) = 403; exit; }\n'
                 '\tif ($ipsmgw(kind) == "imdn") { sms_to_cpm("sip:imdn@home1.example"); exit; }\n'
                 '\tif ($ipsmgw(kind) == "message") { sms_to_cpm("sip:message@home1.example"); exit; }\n')
        check(shipped.count(call) == 1, "event_route[ipsmgw:sms-received] has changed")
        s.cfg.write_text(shipped.replace(call, route) + s.cfg.read_text().partition("kamailio.cfg\"")[2])
        s.start()
        by_hand(s)
        a, b, m = send(s)
        receipt(s, a, b, message_ids(s, b)[0])
        r = s.a.wait(lambda r: r.uri == "sip:imdn@home1.example")
        check(r and r.cpim.mime.get("Content-Type") == "message/imdn+xml", "no notification")
        equal(s.smsc.mo(b, a, b"hi"), 0)
        r = s.a.wait(lambda r: r.uri == "sip:message@home1.example")
        check(r and r.text == "hi", "no message")
        a9 = a[:-1] + "9"
        send(s, pair=(a9, b))
        since = len(s.a.received)
        receipt(s, a9, b, message_ids(s, b, 2)[1])
        time.sleep(1.5)
        equal([r.uri for r in s.a.received[since:]], [], "refused by the script")
