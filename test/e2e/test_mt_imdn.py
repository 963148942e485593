# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 the ipsmgw authors
"""Notifications from A's client about short messages: the SMS side waits for them, and B gets none (spec 5.5, 5.8, 6.8)."""

import time

from harness import Answer, check, equal, wait_for
from sip_peer import new_id, pager, simple_im

TIMEOUT_S = 8
STACK = {"modparams": {"mt_wait_imdn": 1, "deliver_timeout_s": TIMEOUT_S}}

DOCUMENT = """<?xml version="1.0" encoding="UTF-8"?>\r
<imdn xmlns="urn:ietf:params:xml:ns:imdn">\r
<message-id>%s</message-id>\r
<datetime>2026-03-14T09:26:53Z</datetime>\r
<%s-notification><status><%s/></status></%s-notification>\r
</imdn>"""


def tells(s, a, b, imdn_id, status, kind="delivery", b64=False):
    """A's client sends an IMDN to B; the gateway answers 200 whatever it makes of it."""
    m = pager(DOCUMENT % (imdn_id, kind, status, kind), a, b, content_type="message/imdn+xml", b64=b64)
    equal(s.a.send(s.sip, m).code, 200, "answer to an IMDN")


def got(s, a):
    r = s.a.wait(lambda r: r.uri == "tel:" + a, 20)
    check(r, "A got nothing")
    return r


def stays_open(result):
    """The deliver_sm is not answered yet."""
    equal(result(0.7), "no result", "answer before A's notification")


def sm_to(s, a, b, text=b"hello"):
    """An SM on its way: (the function that waits for the deliver_sm_resp, imdn.Message-ID)"""
    result = s.smsc.mo_later(b, a, text)
    return result, got(s, a).cpim.get("imdn.Message-ID")


def test_waits_until_delivered(s):
    a, b = s.pair()
    result, imdn_id = sm_to(s, a, b)
    equal(got(s, a).cpim.get("imdn.Disposition-Notification"), "positive-delivery, negative-delivery")
    stays_open(result)
    tells(s, a, b, imdn_id, "delivered")
    equal(result(TIMEOUT_S - 1), 0, "deliver_sm_resp")
    equal([m.get("state") for m in s.rpc("ipsmgw.msg_list", 100, 0) if m.get("b") == b], ["delivered"])
    s.smsc.no_submit(b)


def test_failure_is_an_error(s):
    for status, kind, want in (("failed", "delivery", 0x65), ("forbidden", "delivery", 0x66), ("error", "delivery", 0x65), ("failed", "processing", 0x65)):
        a, b = s.pair()
        result, imdn_id = sm_to(s, a, b)
        stays_open(result)
        tells(s, a, b, imdn_id, status, kind, b64=True)
        equal(result(), want, "deliver_sm_resp after " + status)
        equal([m.get("state") for m in s.rpc("ipsmgw.msg_list", 100, 0) if m.get("b") == b], ["failed"])


def test_time_over_is_success(s):
    a, b = s.pair()
    began = time.monotonic()
    result, imdn_id = sm_to(s, a, b)
    equal(result(), 0, "deliver_sm_resp")
    check(time.monotonic() - began >= TIMEOUT_S - 0.5, "answered after", time.monotonic() - began)
    tells(s, a, b, imdn_id, "failed")
    equal([m.get("state") for m in s.rpc("ipsmgw.msg_list", 100, 0) if m.get("b") == b], ["delivered"], "a late one changes nothing")


def test_what_decides_nothing(s):
    """Display notifications, ids of nobody, what cannot be read."""
    a, b = s.pair()
    result, imdn_id = sm_to(s, a, b)
    tells(s, a, b, imdn_id, "displayed", "display")
    tells(s, a, b, imdn_id, "forbidden", "display")
    tells(s, a, b, new_id(), "failed")
    tells(s, a, b, imdn_id[:-1], "failed")
    tells(s, a, b, "x" * 200, "failed")
    tells(s, a, b, "", "failed")
    equal(s.a.send(s.sip, pager("<imdn", a, b, content_type="message/imdn+xml")).code, 200)
    stays_open(result)
    tells(s, a, b, imdn_id, "delivered")
    equal(result(), 0, "deliver_sm_resp")
    s.smsc.no_submit(b)


def test_notification_before_the_response(s):
    """A's client is faster than its own 200."""
    for status, want in (("delivered", 0), ("failed", 0x65)):
        a, b = s.pair()
        s.a.policy = lambda r: Answer(200, delay=1.0)
        try:
            result, imdn_id = sm_to(s, a, b)
            tells(s, a, b, imdn_id, status)
            stays_open(result)
            equal(result(), want, "deliver_sm_resp")
        finally:
            s.a.policy = lambda r: Answer(200)


def test_refusal_does_not_wait(s):
    a, b = s.pair()
    s.a.policy = lambda r: Answer(480)
    try:
        began = time.monotonic()
        equal(s.smsc.mo(b, a, b"hello"), 0x64)
        check(time.monotonic() - began < TIMEOUT_S - 0.5, "waited")
    finally:
        s.a.policy = lambda r: Answer(200)


def test_next_message_does_not_wait(s):
    """A has the first one; the second of the same B need not wait for what the client says of it."""
    a, b = s.pair()
    first, _ = sm_to(s, a, b, b"one")
    second = s.smsc.mo_later(b, a, b"two")
    wait_for(lambda: [r.text for r in list(s.a.received) if r.uri == "tel:" + a] == ["one", "two"], TIMEOUT_S - 1, what="the second message")
    for r in [r for r in list(s.a.received) if r.uri == "tel:" + a]:
        tells(s, a, b, r.cpim.get("imdn.Message-ID"), "delivered")
    equal((first(), second()), (0, 0))


def test_im_asks_in_cpim(s):
    a, b = s.pair()
    equal(s.a.send(s.sip, simple_im("hi", a, b)).code, 202)
    result, imdn_id = sm_to(s, a, b)
    r = got(s, a)
    equal((r.media_type, r.text, r.get("Conversation-ID")), ("message/cpim", "hello", None))
    tells(s, a, b, imdn_id, "delivered")
    equal(result(), 0)


def test_request_without_waiting(stack):
    s = stack(modparams={"mt_request_imdn": 1})
    a, b = s.pair()
    equal(s.smsc.mo(b, a, b"hello"), 0)
    r = got(s, a)
    equal(r.cpim.get("imdn.Disposition-Notification"), "positive-delivery")
    tells(s, a, b, r.cpim.get("imdn.Message-ID"), "failed")
    equal([m.get("state") for m in s.rpc("ipsmgw.msg_list", 100, 0) if m.get("b") == b], ["delivered"])
    s.smsc.no_submit(b)
