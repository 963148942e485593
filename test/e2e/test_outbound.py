# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 the ipsmgw authors
"""From A's client to the SMSC: identity, answers, content, retries (spec 3.2-3.9, pitfalls "SIP")."""

import gzip
import time
import zlib

from harness import Peer, check, equal, wait_for
from sip_peer import CPM_SERVICE, Outgoing, cpim, http_date, new_id, pager, simple_im

# The program must have read the request before it may lose its identity, so each case is a change to a good message.


def send(s, m, **more):
    answer = s.a.send(s.sip, m, **more)
    check(answer is not None, "no final response")
    return answer


def sent(s, m, b, code=202):
    """Send m, check the code, give the one submit_sm."""
    answer = send(s, m)
    equal(answer.code, code, answer.start)
    return s.smsc.wait_submits(b)[0]


def refused(s, m, b, code):
    equal(send(s, m).code, code)
    s.smsc.no_submit(b, 0.15)


# ---- the answer ----

def test_202_echoes_the_conversation(s):
    a, b = s.pair()
    m = pager("Lunch at 12?", a, b, b64=True, notify="positive-delivery, negative-delivery, display, interworking")
    answer = send(s, m)
    equal(answer.code, 202)
    equal(answer.get("Conversation-ID"), m.conversation_id)
    equal(answer.get("Contribution-ID"), m.contribution_id)
    equal(answer.body, b"", "body of the 202")
    equal(answer.get("Contact"), None, "Contact in the 202")
    check(";tag=" in answer.get("To"), "no To tag")
    submit = s.smsc.wait_submits(b)[0]
    equal((submit["from"], submit["from_ton"], submit["from_npi"]), (a[1:], 1, 1), "source")
    equal((submit["to"], submit["to_ton"], submit["to_npi"]), (b[1:], 1, 1), "destination")
    equal(submit["hex"], b"Lunch at 12?".hex())
    equal(submit["rd"] & 3, 1, "registered_delivery")


def test_ids_of_any_form_are_echoed(s):
    for value in ("6b79b8bc937e4985b1dffd062b687bd7", "1710887c7ca47dc2c1274c11673eb0df5a604fd3", "Msg2BCqcBUWKA", "a+b/c==_-", "1088", "X" * 200):
        a, b = s.pair()
        m = pager("x", a, b, imdn_id=value).set("Conversation-ID", value).set("Contribution-ID", value)
        answer = send(s, m)
        equal((answer.code, answer.get("Conversation-ID"), answer.get("Contribution-ID")), (202, value, value))


def test_without_ids(s):
    a, b = s.pair()
    answer = send(s, pager("no ids", a, b).remove("Conversation-ID").remove("Contribution-ID"))
    equal((answer.code, answer.get("Conversation-ID"), answer.get("Contribution-ID")), (202, None, None))
    s.smsc.wait_submits(b)


def test_simple_im(s):
    """Spec 11.11: no CPM headers either way, validity out of Expires."""
    a, b = s.pair()
    m = simple_im("Lunch at 12?", a, b).add("Expires", "3600").add("Date", http_date()).add("Privacy", "none")
    answer = send(s, m)
    equal(answer.code, 202)
    equal((answer.get("Conversation-ID"), answer.get("Contribution-ID")), (None, None))
    submit = s.smsc.wait_submits(b)[0]
    equal((submit["from"], submit["dcs"], submit["rd"], submit["hex"]), (a[1:], 0, 0, b"Lunch at 12?".hex()))
    check(submit["vp"] and submit["vp"].endswith("000R"), "validity_period", submit["vp"])


def test_no_validity_asked_none_said(s):
    a, b = s.pair()
    submit = sent(s, pager("x", a, b), b)
    equal((submit["schedule"], submit["service_type"], submit["pid"]), ("", "", 0))


# ---- identity of A ----

def test_pai_tel_is_preferred(s):
    a, b = s.pair()
    for value in ("<sip:someone@home1.example>, <tel:%s>" % a, "<tel:%s>, <sip:+19990001111@home1.example;user=phone>" % a,
                  "<sip:+19990001111@home1.example;user=phone>, <tel:%s>" % a,
                  "<sip:%s@home1.example;user=phone>" % a, '"A. User" <sip:%s@home1.example>' % a, "tel:" + a):
        a2, b = s.pair()
        equal(sent(s, pager("pai", a, b).set("P-Asserted-Identity", value), b)["from"], a[1:], value)
    b = s.pair()[1]
    two = pager("pai", a, b).remove("P-Asserted-Identity").add("P-Asserted-Identity", "<sip:%s@home1.example>" % "nobody").add("P-Asserted-Identity", "<tel:%s>" % a)
    equal(sent(s, two, b)["from"], a[1:], "two header fields")


def test_from_is_never_a_number(s):
    """The From of live clients is IMSI-derived: the IMSI must not leak, and must not be rated as a number."""
    a, b = s.pair()
    imsi = "sip:310410123456789@ims.mnc410.mcc310.3gppnetwork.org"
    equal(sent(s, pager("x", a, b).set("From", "<%s>;tag=1" % imsi), b)["from"], a[1:])
    b = s.pair()[1]
    m = pager("x", a, b).set("From", "<%s>;tag=1" % imsi).remove("P-Asserted-Identity").remove("P-Served-User")
    refused(s, m, b, 403)
    b = s.pair()[1]
    m = pager("x", a, b).set("From", "<tel:%s>;tag=1" % a).remove("P-Asserted-Identity").remove("P-Served-User")
    refused(s, m, b, 403)
    for identity in (imsi, imsi + ";user=phone", "tel:310410123456789", "sip:310410123456789@home1.example;user=phone"):
        b = s.pair()[1]
        refused(s, pager("x", a, b).set("P-Asserted-Identity", "<%s>" % identity), b, 403)


def test_untrusted_peer_is_403(s):
    a, b = s.pair()
    with Peer(host="127.0.0.2") as stranger:
        equal(stranger.send(s.sip, pager("x", a, b)).code, 403)
    s.smsc.no_submit(b, 0.2)


# ---- identity of B ----

def test_forms_of_the_request_uri(s):
    a = s.pair()[0]
    digits = s.pair()[1][1:]
    for k, form in enumerate(("tel:+%s", "sip:+%s@home1.example;user=phone", "sip:+%s@home1.example", "sip:%%2B%s@home1.example;user=phone", "tel:+%s;isub=1")):
        b = "+%s%d" % (digits[:-1], k)
        m = pager("uri", a, b)
        m.uri = form % b[1:]
        equal(sent(s, m, b)["to"], b[1:], form)
    b = s.pair()[1]
    m = pager("uri", a, b)
    m.uri = "tel:%s-%s(%s).%s" % (b[:4], b[4:7], b[7:9], b[9:])
    equal(sent(s, m, b)["to"], b[1:], "visual separators")


def test_short_code(s):
    a = s.pair()[0]
    m = pager("code", a, "+1")
    m.uri = "tel:12345;phone-context=+1"
    equal(send(s, m).code, 202)
    submit = s.smsc.wait(lambda e: e["ev"] == "pdu" and e.get("to") == "12345")[0]
    equal((submit["to_ton"], submit["to_npi"]), (0, 1))


def test_not_a_number_is_404(s):
    a, b = s.pair()
    for uri in ("sip:bob@home1.example", "tel:*100#", "sip:home1.example"):
        m = pager("x", a, b)
        m.uri = uri
        code = send(s, m).code
        check(code in (404, 484) if uri.startswith("tel") else code == 404, uri, code)
    s.smsc.no_submit(b, 0.1)


def test_malformed_number_is_484(s):
    a, b = s.pair()
    for uri in ("tel:+", "tel:+12x45", "tel:+1234567890123456789012345"):
        m = pager("x", a, b)
        m.uri = uri
        equal(send(s, m).code, 484, uri)


# ---- what is not a text ----

def test_415_with_accept(s):
    a, b = s.pair()
    for content_type, body in (("image/png", b"\x89PNG"), ("text/html", b"<p>x</p>"), ("application/octet-stream", b"abc")):
        m = pager("x", a, b).set("Content-Type", content_type)
        m.body = body
        answer = send(s, m)
        equal(answer.code, 415, content_type)
        check("text/plain" in (answer.get("Accept") or "") and "message/cpim" in answer.get("Accept"), "Accept:", answer.get("Accept"))
    inner = pager("x", a, b)
    inner.body = cpim(b"\x89PNG", "tel:" + a, "tel:" + b, imdn_id=new_id(), content_type="image/png")
    equal(send(s, inner).code, 415, "image in CPIM")
    unknown = pager("x", a, b).add("Content-Encoding", "br")
    answer = send(s, unknown)
    equal(answer.code, 415, "Content-Encoding")
    check("gzip" in (answer.get("Accept-Encoding") or ""), "Accept-Encoding:", answer.get("Accept-Encoding"))
    s.smsc.no_submit(b, 0.2)


def test_400_for_broken_cpim(s):
    a, b = s.pair()
    for body in (b"", b"no headers at all", b"From: <tel:+1>\r\nTo: <tel:+2>", b"\r\n\r\n\xff\xfe"):
        m = pager("x", a, b)
        m.body = body
        equal(send(s, m).code, 400, body)
    m = pager("x", a, b, b64=True)
    m.body = m.body[:-4] + b"!!!!"
    equal(send(s, m).code, 400, "base64")
    m = pager(b"\xc3\x28 not utf-8", a, b)
    equal(send(s, m).code, 400, "not UTF-8")
    s.smsc.no_submit(b, 0.2)


def test_unknown_require_is_420(s):
    a, b = s.pair()
    answer = send(s, pager("x", a, b).add("Require", "teleport"))
    equal(answer.code, 420)
    check("teleport" in (answer.get("Unsupported") or ""), "Unsupported:", answer.get("Unsupported"))


def test_max_forwards_0_is_483(s):
    a, b = s.pair()
    refused(s, pager("x", a, b).set("Max-Forwards", "0"), b, 483)


def test_other_methods_are_answered(s):
    m = Outgoing("sip:ipsmgw@127.0.0.1", b"", None, sender="tel:+15550001", method="OPTIONS")
    check(send(s, m).code in (200, 405, 501), "OPTIONS")
    m = Outgoing("sip:ipsmgw@127.0.0.1", b"", None, sender="tel:+15550001", method="SUBSCRIBE")
    check(400 <= send(s, m).code < 600, "SUBSCRIBE")


def test_imdn_and_composing_are_absorbed(s):
    a, b = s.pair()
    imdn = ('<?xml version="1.0" encoding="UTF-8"?><imdn xmlns="urn:ietf:params:xml:ns:imdn"><message-id>x</message-id>'
            "<datetime>2026-03-14T09:26:53Z</datetime><delivery-notification><status><delivered/></status></delivery-notification></imdn>")
    in_cpim = pager(imdn, a, b, content_type="message/imdn+xml", extra=["imdn.IMDN-Route: <tel:+1>"])
    equal(send(s, in_cpim).code, 200, "IMDN in CPIM")
    deflated = pager(imdn, a, b, content_type="message/imdn+xml").add("Content-Encoding", "deflate")
    deflated.body = zlib.compress(deflated.body)
    equal(send(s, deflated).code, 200, "deflated IMDN, as liblinphone sends it")
    bare = pager("x", a, b).set("Content-Type", "message/imdn+xml")
    bare.body = imdn.encode()
    equal(send(s, bare).code, 200, "bare IMDN")
    composing = pager("x", a, b).set("Content-Type", "application/im-iscomposing+xml")
    composing.body = b'<?xml version="1.0"?><isComposing xmlns="urn:ietf:params:xml:ns:im-iscomposing"><state>active</state></isComposing>'
    equal(send(s, composing).code, 200, "is-composing")
    wrapped = pager(composing.body, a, b, content_type="application/im-iscomposing+xml")
    equal(send(s, wrapped).code, 200, "is-composing in CPIM")
    s.smsc.no_submit(b)


def test_empty_text_is_202_and_nothing_is_sent(s):
    a, b = s.pair()
    refused(s, pager("", a, b), b, 202)


# ---- quirks of clients (spec 3.6) ----

def test_cpim_quirks(s):
    a, b = s.pair()
    head = "From: <tel:%s>\r\nTo: <tel:%s>\r\nDateTime: 2026-03-14T09:26:53Z\r\n" % (a, b)
    ns = "NS: imdn <urn:ietf:params:imdn>\r\n"
    quirks = {
        "no space in NS": head + "NS: imdn<urn:ietf:params:imdn>\r\nimdn.Message-ID: %s\r\n\r\nContent-Type: text/plain\r\n\r\ntext",
        "two spaces": head.replace(": ", ":  ") + ns.replace(": ", ":  ") + "imdn.Message-ID:  %s\r\n\r\nContent-Type:  text/plain\r\n\r\ntext",
        "no inner type": head + "NS: cpm <http://www.openmobilealliance.org/cpm/>\r\ncpm.Payload-Type: text/plain\r\n" + ns +
                         "imdn.Message-ID: %s\r\n\r\nContent-Length: 4\r\n\r\ntext",
        "lower case": head + ns + "imdn.Message-ID: %s\r\n\r\nContent-type: text/plain\r\nContent-length: 4\r\n\r\ntext",
        "wrong length": head + ns + "imdn.Message-ID: %s\r\n\r\nContent-Type: text/plain\r\nContent-Length: 2\r\n\r\ntext",
        "length too big": head + ns + "imdn.Message-ID: %s\r\n\r\nContent-Type: text/plain\r\nContent-Length: 400\r\n\r\ntext",
        "LF only": (head + ns + "imdn.Message-ID: %s\r\n\r\nContent-Type: text/plain\r\n\r\ntext").replace("\r\n", "\n"),
        "other order": ns + "imdn.Message-ID: %s\r\n" + head + "\r\nContent-Type: text/plain\r\n\r\ntext",
        "other prefix": head + "NS: n <urn:ietf:params:imdn>\r\nn.Message-ID: %s\r\n\r\nContent-Type: text/plain\r\n\r\ntext",
        "display name": head.replace("<tel:", '"Me & You" <tel:') + ns + "imdn.Message-ID: %s\r\n\r\nContent-Type: text/plain\r\n\r\ntext",
        "no brackets": head.replace("<", "").replace(">", "") + ns + "imdn.Message-ID: %s\r\n\r\nContent-Type: text/plain\r\n\r\ntext",
        "instance in From": head.replace(a, a + "?Accept-Contact=%%2Bsip.instance") + ns + "imdn.Message-ID: %s\r\n\r\nContent-Type: text/plain\r\n\r\ntext",
        "anonymous": head.replace("tel:" + a, "sip:anonymous@anonymous.invalid") + ns + "imdn.Message-ID: %s\r\n\r\nContent-Type: text/plain\r\n\r\ntext",
        "quoted charset": head + ns + 'imdn.Message-ID: %s\r\n\r\nContent-Type: text/plain; charset="utf-8"\r\n\r\ntext',
    }
    bad = []
    for name, body in quirks.items():
        b = s.pair()[1]
        m = pager("x", a, b)
        m.body = (body % new_id()).encode()
        try:
            submit = sent(s, m, b)
            equal((submit["hex"], submit["from"]), (b"text".hex(), a[1:]), name)
        except Exception as e:
            bad.append("%s: %s" % (name, e))
    check(not bad, " | ".join(bad))


def test_multipart(s):
    a, b = s.pair()
    m = pager("x", a, b).set("Content-Type", 'multipart/mixed;boundary="b0"')
    m.body = (b"--b0\r\nContent-Type: message/cpim\r\n\r\n" + cpim("in a part", "tel:" + a, "tel:" + b, imdn_id=new_id()) + b"\r\n--b0--\r\n")
    equal(sent(s, m, b)["hex"], b"in a part".hex())
    b = s.pair()[1]
    m = pager("x", a, b).set("Content-Type", "multipart/alternative;boundary=zz")
    m.body = b"--zz\r\nContent-Type: text/plain\r\n\r\nplain\r\n--zz\r\nContent-Type: text/html\r\n\r\n<b>plain</b>\r\n--zz--\r\n"
    equal(sent(s, m, b)["hex"], b"plain".hex())


def test_content_encoding(s):
    for name, squeeze in (("deflate", zlib.compress), ("gzip", gzip.compress)):
        a, b = s.pair()
        m = pager("squeezed", a, b).add("Content-Encoding", name)
        m.body = squeeze(m.body)
        equal(sent(s, m, b)["hex"], b"squeezed".hex(), name)


def test_zip_bomb_is_refused(s):
    a, b = s.pair()
    m = pager("x", a, b).add("Content-Encoding", "gzip")
    m.body = gzip.compress(b"A" * 10000000)
    check(send(s, m).code in (400, 413), "10 MB out of 10 kB")
    s.smsc.no_submit(b, 0.1)


def test_compact_header_names(s):
    a, b = s.pair()
    m = simple_im("compact", a, b)
    short = {"From": "f", "To": "t", "Content-Type": "c", "Accept-Contact": "a"}
    m.fields = [(short.get(n, n), v) for n, v in m.fields]
    equal(sent(s, m, b)["hex"], b"compact".hex())


# ---- once and only once ----

def test_retransmission_is_sent_once(s):
    a, b = s.pair()
    m = pager("once", a, b)
    codes = {send(s, m, branch="z9hG4bK-" + m.imdn_id).code for _ in range(4)}
    equal(codes, {202})
    s.smsc.wait_submits(b)
    time.sleep(0.5)
    equal(len(s.smsc.submits(lambda p: p["to"] == b[1:])), 1)


def test_retransmissions_at_once_are_sent_once(s):
    a, b = s.pair()
    m = pager("once", a, b)
    octets = m.octets(s.a.host, s.a.port, "z9hG4bK-at-once-" + m.imdn_id)
    for _ in range(10):
        s.a.raw(s.sip, octets)
    s.smsc.wait_submits(b)
    time.sleep(0.5)
    equal(len(s.smsc.submits(lambda p: p["to"] == b[1:])), 1)


def test_retry_by_the_client_is_answered_and_sent_once(s):
    """New Call-ID, same A, B and imdn.Message-ID."""
    a, b = s.pair()
    for _ in range(3):
        equal(send(s, pager("again", a, b, imdn_id="retry-" + b)).code, 202)
    s.smsc.wait_submits(b)
    time.sleep(0.5)
    equal(len(s.smsc.submits(lambda p: p["to"] == b[1:])), 1)


def test_same_message_id_to_another_is_another(s):
    a, b1 = s.pair()
    b2 = s.pair()[1]
    for b in (b1, b2):
        sent(s, pager("both", a, b, imdn_id="shared-" + b1), b)


def test_same_text_twice_is_sent_twice(s):
    a, b = s.pair()
    for _ in range(2):
        equal(send(s, pager("ping", a, b)).code, 202)
    equal(len(s.smsc.wait_submits(b, 2)), 2)


# ---- other services ----

def test_services_that_are_not_ours(s):
    a, b = s.pair()
    m = pager("x", a, b).set("P-Asserted-Service", "urn:urn-7:3gpp-service.ims.icsi.oma.cpm.systemmsg").remove("Accept-Contact")
    check(400 <= send(s, m).code < 700, "system message")
    s.smsc.no_submit(b, 0.2)


def test_preferred_service_and_no_service(s):
    a, b = s.pair()
    m = pager("x", a, b).remove("P-Asserted-Service").remove("Accept-Contact").add("P-Preferred-Service", CPM_SERVICE)
    sent(s, m, b)
    b = s.pair()[1]
    sent(s, pager("x", a, b).remove("P-Asserted-Service").remove("Accept-Contact"), b)


def test_malformed_sip_does_no_harm(s):
    a, b = s.pair()
    good = pager("x", a, b).octets(s.a.host, s.a.port, "z9hG4bK-broken")
    for octets in (b"MESSAGE\r\n\r\n", b"\0" * 64, good[:200], good.replace(b"MESSAGE tel:", b"MESSAGE "), good.replace(b"Content-Length", b"Content-Length: -5\r\nX"),
                   good.replace(b"P-Asserted-Identity: <", b"P-Asserted-Identity: <<<"), b"\r\n\r\n"):
        s.a.raw(s.sip, octets)
    b = s.pair()[1]
    sent(s, pager("still here", a, b), b)


def test_order_is_kept(s):
    a, b = s.pair()
    for k in range(20):
        equal(send(s, pager("n%02d" % k, a, b)).code, 202)
    submits = s.smsc.wait_submits(b, 20)
    equal([bytes.fromhex(p["hex"]).decode() for p in submits], ["n%02d" % k for k in range(20)])


def test_net_smpp_found_nothing_strange(s):
    """The foreign SMSC warns about what it cannot read."""
    strange = [e["text"] for e in s.smsc.events if e["ev"] == "warn" and "eof" not in e["text"]]
    equal(strange, [], "warnings of Net::SMPP")
    submits = s.smsc.submits()
    check(all(set(p["tlv"]) <= {"0204"} for p in submits), "unexpected TLVs")


def test_delivered_state_follows_the_receipt(s):
    a, b = s.pair()
    sent(s, pager("report me", a, b, notify="positive-delivery"), b)
    wait_for(lambda: any(m.get("b") == b and m.get("state") == "delivered" for m in s.rpc("ipsmgw.msg_list", 10, 0)), 20, 0.1, "state delivered")
    a, b = s.pair()
    b = b[:-4] + "0005"
    sent(s, pager("report me", a, b, notify="negative-delivery"), b)
    wait_for(lambda: any(m.get("b") == b and m.get("state") == "failed" for m in s.rpc("ipsmgw.msg_list", 10, 0)), 20, 0.1, "state failed")
