# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 the ipsmgw authors
"""Delivery notifications as A's client reads them, and receipts written by hand, for the test_imdn files."""

import contextlib
import datetime
import re
import time
import xml.etree.ElementTree as ElementTree

from harness import Answer, check, equal, wait_for
from sip_peer import Cpim, cpim, pager, simple_im

BOTH = "positive-delivery, negative-delivery"
FAST = {"smsc": "bad", "connector": ("response-timeout 5", "reconnect-max 1"),
        "modparams": {"imdn_retry_s": "1,1,2", "retry_schedule_s": "1,2,5", "tm.fr_timer": 3000}}
IMDN_NS, CPM_NS = "{urn:ietf:params:xml:ns:imdn}", "{urn:oma:xml:cpm:imdn-extensions:1.0}"
UUID4 = re.compile(r"^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$")
STATES = {"SCHEDULED": 0, "ENROUTE": 1, "DELIVRD": 2, "EXPIRED": 3, "DELETED": 4, "UNDELIV": 5, "ACCEPTD": 6, "UNKNOWN": 7, "REJECTD": 8, "SKIPPED": 9}

# Octet for octet spec 11.3 and 6.7, but for line ends
DELIVERY = """<?xml version="1.0" encoding="UTF-8"?>
<imdn xmlns="urn:ietf:params:xml:ns:imdn">
<message-id>%s</message-id>
<datetime>%s</datetime>
<recipient-uri>%s</recipient-uri>
<delivery-notification><status><%s/></status></delivery-notification>
</imdn>"""
INTERWORKING = """<?xml version="1.0" encoding="UTF-8"?>
<imdn xmlns="urn:ietf:params:xml:ns:imdn" xmlns:cpmimdn="urn:oma:xml:cpm:imdn-extensions:1.0">
<message-id>%s</message-id><datetime>%s</datetime>
%s<cpmimdn:interworking-notification><cpmimdn:status><cpmimdn:legacy-sms/></cpmimdn:status></cpmimdn:interworking-notification>
</imdn>"""


# ---- reading ----

def is_imdn(request):
    return bool(request.cpim) and (request.cpim.mime.get("Content-Type") or "").startswith("message/imdn+xml")


class Notification:
    """One MESSAGE with message/imdn+xml."""

    def __init__(self, request):
        self.request, self.cpim, self.answer, self.time = request, request.cpim, request.answer.code, request.time
        self.own_id = self.cpim.get("imdn.Message-ID")
        self.document = self.cpim.content.decode("utf-8").replace("\r\n", "\n").strip()
        root = ElementTree.fromstring(self.cpim.content)
        equal(root.tag, IMDN_NS + "imdn", "root element")
        self.message_id, self.datetime = root.findtext(IMDN_NS + "message-id"), root.findtext(IMDN_NS + "datetime")
        self.recipient_uri = root.findtext(IMDN_NS + "recipient-uri")
        notification = [e for e in root if e.tag.endswith("-notification")]
        equal(len(notification), 1, "notifications in a document")
        self.kind = notification[0].tag.split("}")[1].removesuffix("-notification")
        (status,) = notification[0]
        (value,) = status
        self.status = value.tag.split("}")[1]


def notifications(s, a, answered=None):
    """All that came for a, in order, whatever their route; answered: only those that met this code"""
    return [Notification(r) for r in list(s.a.received) if r.get("To", "").startswith("<tel:%s>" % a) and is_imdn(r) and answered in (None, r.answer.code)]


def statuses(s, a):
    return [n.status for n in notifications(s, a)]


def notified(s, a, count=1, timeout=20.0):
    """Wait for count notifications; the only one if count is 1."""
    found = wait_for(lambda: (lambda f: f if len(f) >= count else None)(notifications(s, a)), timeout, 0.05, "%d notification(s) for %s" % (count, a))
    equal(len(found), count, "notifications")
    return found[0] if count == 1 else found


def stays(s, a, want, seconds=0.8):
    """After seconds these statuses and no others have come."""
    time.sleep(seconds)
    equal(statuses(s, a), want, "statuses")


def instant(text):
    """RFC 3339, as it stands in CPIM"""
    check(re.match(r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$", text or ""), "DateTime", text)
    return datetime.datetime.fromisoformat(re.sub("Z$", "+00:00", text))


def header_of(m, name):
    """Of the CPIM of a request of A"""
    return Cpim(m.body).get(name)


def check_original(n, a, b, m):
    """The document is about m, and says so in the words of the example."""
    equal((n.message_id, n.recipient_uri), (m.imdn_id, "tel:" + b))
    equal(instant(n.datetime), instant(header_of(m, "DateTime")), "datetime of the original")
    equal(n.document, DELIVERY % (m.imdn_id, n.datetime, "tel:" + b, n.status))


# ---- sending ----

def send(s, text="hello", b_end="", notify=BOTH, pair=None, change=lambda m: None, **more):
    """A's message is accepted; gives (a, b, request). change(m) may alter it first."""
    a, b = pair or s.pair()
    b = b[:len(b) - len(b_end)] + b_end
    m = pager(text, a, b, notify=notify, **more)
    change(m)
    answer = s.a.send(s.sip, m)
    check(answer, "no final response")
    equal(answer.code, 202, "answer")
    return a, b, m


def rewrite(m, pattern, replacement):
    """Change the CPIM of m; the pattern must be there."""
    m.body, n = re.subn(pattern, lambda _: replacement, m.body, 1, re.M)
    check(n, "no", pattern, "in the CPIM")


def im_with_cpim(a, b, imdn_id, notify):
    """SIMPLE IM that asks for notifications, spec 6.5."""
    m = simple_im("hello", a, b).set("Content-Type", "message/cpim")
    m.body = cpim("hello", "sip:%s@home1.example" % a, "tel:" + b, imdn_id=imdn_id, notify=notify)
    return m


# ---- the SMSC ----

def message_ids(s, b, count=1, timeout=20):
    """message_id of each submit_sm to b that was accepted, in the order of the answers"""
    def found():
        keys = {(p["conn"], p["seq"]) for p in s.smsc.submits(lambda p: p["to"] == b[1:])}
        ids = [e["message_id"] for e in list(s.smsc.events) if e["ev"] == "pdu" and e["cmd"] == "submit_sm_resp" and e["dir"] == "tx" and
               (e["conn"], e["seq"]) in keys and e.get("message_id")]
        return ids if len(ids) >= count else None
    return wait_for(found, timeout, 0.02, "%d submit_sm_resp for %s" % (count, b))


def receipt(s, a, b, message_id, stat="DELIVRD", tlv=True, text=True, want=0):
    """bad_smsc.py sends the receipt of one part, by TLV, by text or by both."""
    tlvs = {"001e": message_id.encode().hex() + "00", "0427": "%02x" % STATES[stat]} if tlv else {}
    line = "id:%s sub:001 dlvrd:001 submit date:2601010000 done date:2601010000 stat:%s err:000 text:" % (message_id, stat) if text else ""
    status = s.smsc.mo(b, a, line.encode(), esm_class=4, tlv=tlvs)
    if want is not None:
        equal(status, want, "deliver_sm_resp to a receipt")
    return status


def by_hand(s):
    """bad_smsc.py gives no receipts of its own."""
    s.smsc.control("clear")
    equal(s.smsc.control("receipts", skip=list(range(1, 1000))), {"ok": True})


@contextlib.contextmanager
def fault(s, b, mode, **more):
    equal(s.smsc.control("fault", mode=mode, dest=b[1:], **more), {"ok": True})
    try:
        yield
    finally:
        by_hand(s)


@contextlib.contextmanager
def answering(s, a, codes):
    """A's client answers each notification with the next of codes; the last one stays. 0: no answer."""
    left, before = list(codes), s.a.policy

    def policy(request):
        if request.uri != "tel:" + a or not is_imdn(request):
            return before(request)
        return Answer(left.pop(0) if len(left) > 1 else left[0])
    s.a.policy = policy
    try:
        yield
    finally:
        s.a.policy = before


def state(s, b):
    """What the store says of the newest message to b."""
    return next((m.get("state") for m in s.rpc("ipsmgw.msg_list", 100, 0) if m.get("b") == b), None)


def wait_state(s, b, wanted, timeout=20):
    wait_for(lambda: state(s, b) == wanted, timeout, 0.1, "state %s of the message to %s" % (wanted, b))
