# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 the ipsmgw authors
"""The media side of chat sessions and large messages: SDP, MSRP in and out (spec 7.6-7.8, 7.11, 5.6)."""

import tempfile
import time

from harness import check, equal, free_port, wait_for
from chat import Chat, Inbox, MsrpCapture, sms
from msrp_frame import Uri
from notifications import FAST, by_hand, fault, message_ids, receipt
from sip_peer import cpim, new_id
from msrp_peer import MsrpPeer, Reply, interleave, make_certificate, new_tid
from test_register import device, register, request_of, tell

ICSI = "urn%3Aurn-7%3A3gpp-service.ims.icsi.oma.cpm."
LARGE_CLIENT = '+g.3gpp.icsi-ref="%smsg,%slargemsg"' % (ICSI, ICSI)
STACK = dict(FAST, modparams=dict(FAST["modparams"], chat_text="started=", chat_numbers="+1777000-+1777099"))

NOMEDIA = "cannot be shown"
LONG = "All work and no play makes Jack a dull boy. "


def no_more(chat, text, seconds=0.6):
    """B was told it once, and is not told it again."""
    time.sleep(seconds)
    equal(chat.told_texts().count(text), 1, "times that B was told %r" % text)


def untold(chat, seconds=0.6):
    time.sleep(seconds)
    equal(chat.told_texts(), [], "what B was told")


# ---- SDP ----

def test_answer_has_the_role_that_the_offer_leaves(s):
    """R-102"""
    for setup in ("actpass", "active", None):
        with Chat(s, setup=setup) as chat:
            chat.accepted()
            equal(chat.answer.setup, "passive", setup)
            check(chat.answer.port not in (0, 9), "port", chat.answer.port)
            chat.say("hello as " + str(setup))
            chat.told("hello as " + str(setup))
    with Chat(s, setup="passive") as chat:
        chat.accepted()
        equal((chat.answer.setup, chat.answer.port), ("active", 9))
        chat.say("hello")
        chat.told("hello")


def test_answer_as_11_5(s):
    with Chat(s, setup="actpass", sdp={"cema": True}) as chat:
        chat.accepted()
        a = chat.answer
        equal((a.get("accept-types"), a.get("max-size"), a.direction), ("message/cpim application/im-iscomposing+xml", "8192", "sendrecv"))
        check("text/plain message/imdn+xml" in a.get("accept-wrapped-types"), a.get("accept-wrapped-types"))
        check(a.get("msrp-cema") is not None, "no msrp-cema")
        check(len(Uri(a.path).session_id) >= 20, "session id of 80 bits", a.path)
    with Chat(s) as chat:
        equal(chat.accepted().answer.get("msrp-cema"), None, "msrp-cema")


def test_session_ids_differ(s):
    with Chat(s) as one, Chat(s) as two:
        check(one.accepted().answer.path != two.accepted().answer.path, "two sessions, one path")


def test_direction_is_mirrored(s):
    for offered, want in (("sendonly", "recvonly"), ("recvonly", "sendonly"), ("inactive", "inactive")):
        with Chat(s, sdp={"direction": offered}) as chat:
            equal(chat.accepted().answer.direction, want)


def test_cema_connects_to_the_c_line(s):
    """RFC 6714: the path names a host that nobody can reach."""
    peer = MsrpPeer()
    session_host = "msrp://192.0.2.99:%d" % peer.port
    with Chat(s, setup="passive", msrp=peer, sdp={"cema": True, "change": [("msrp://127.0.0.1:%d" % peer.port, session_host)]}, check_faults=False) as chat:
        chat.accepted(connect=False)
        check(wait_for(lambda: peer.connections, what="a connection to the c= line"))
    peer.close()


# ---- A to B ----

def test_empty_first_send_binds(s):
    """R-104, with and without Message-ID"""
    for message_id in (True, False):
        with Chat(s) as chat:
            chat.accepted(message_id=message_id)
            chat.say("bound")
            chat.told("bound")


def test_chunks_are_one_message(s):
    """R-105"""
    text = LONG * 9
    with Chat(s) as chat:
        chat.accepted()
        for more in ({"chunk": 100}, {"chunk": 37, "byte_range": "{start}-*/{total}"}, {"chunk": 64, "byte_range": "{start}-*/*"}):
            sent = chat.say("%s %s" % (text, more["chunk"]), **more)
            equal(set(sent.codes), {200})
            chat.told("%s %s" % (text, more["chunk"]))


def test_chunks_out_of_order(s):
    with Chat(s) as chat:
        chat.accepted()
        sent = chat.session.plan(chat.body(LONG * 4), "message/cpim", chunk=90)
        chat.session.transmit(sent.chunks[::-1])
        equal(set(sent.wait()), {200})
        chat.told(LONG * 4)


def test_last_chunk_without_body(s):
    """Who does not know the end of what he sends may have no octet left for it."""
    with Chat(s) as chat:
        chat.accepted()
        body = chat.body(LONG * 3)
        sent = chat.session.plan(body, "message/cpim", chunk=80, byte_range="{start}-*/*")
        sent.chunks[-1].flag = "+"
        chat.session.transmit(sent.chunks)
        equal(set(sent.wait()), {200})
        tid, size = new_tid(), len(body)
        octets = "MSRP %s SEND\r\nTo-Path: %s\r\nFrom-Path: %s\r\nMessage-ID: %s\r\nByte-Range: %d-%d/%d\r\n-------%s$\r\n" % (
            tid, chat.session.remote_path, chat.session.path, sent.message_id, size + 1, size, size, tid)
        equal(chat.session.wait_response(chat.session.raw(octets.encode())[0]).code, 200)
        chat.told(LONG * 3)


def test_long_content_type(s):
    """What is too long to be kept with the chunks is refused, not taken for text."""
    with Chat(s) as chat:
        chat.accepted()
        kind = "message/cpim;x=" + "y" * 130
        chat.say(chat.body("in one"), content_type=kind)
        chat.told("in one")
        equal(set(chat.say(chat.body(LONG * 2), content_type=kind, chunk=80, code=415).codes), {415})
        chat.say("after it")
        chat.told("after it")
        equal(len(chat.told_texts()), 2, chat.told_texts())


def test_interleaved_messages(s):
    with Chat(s) as chat:
        chat.accepted()
        plans = [chat.session.plan(chat.body("%d %s" % (n, LONG * 3)), "message/cpim", chunk=80) for n in range(4)]
        chat.session.transmit(interleave(*plans))
        for n, plan in enumerate(plans):
            equal(set(plan.wait()), {200}, "message %d" % n)
            chat.told("%d %s" % (n, LONG * 3))


def test_order_is_kept(s):
    with Chat(s) as chat:
        chat.accepted()
        plans = [chat.session.plan(chat.body("line %d" % n), "message/cpim") for n in range(12)]
        chat.session.transmit([c for p in plans for c in p.chunks])
        for plan in plans:
            equal(plan.wait(), [200])
        chat.told("line 11")
        equal(chat.told_texts(), ["line %d" % n for n in range(12)])


def test_aborted_message(s):
    with Chat(s) as chat:
        chat.accepted()
        body = chat.body(LONG * 4)
        sent = chat.session.send(body, "message/cpim", chunk=100, abort_after=2)
        equal(set(sent.codes), {200})
        untold(chat)
        chat.say("after it")
        chat.told("after it")


def test_failure_report_no(s):
    """R-106; partial: only errors"""
    with Chat(s) as chat:
        chat.accepted()
        quiet = [chat.say("quiet", failure="no"), chat.say("partly", failure="partial")]
        chat.told("quiet")
        chat.told("partly")
        chat.say("loud")
        equal([q.codes for q in quiet], [[None], [None]])
        bad = chat.session.send_later(b"GIF89a", "image/gif", failure="partial")
        equal(bad.wait(), [415])


def test_success_report(s):
    """R-107"""
    with Chat(s) as chat:
        chat.accepted()
        for more in ({}, {"chunk": 50}):
            sent = chat.say(LONG * 2, success="yes", **more)
            report = sent.wait_report()
            check(report, "no REPORT")
            equal(report.status[:2], (0, 200))
            equal(report.range, (1, sent.size, sent.size))
        equal(chat.say("none asked").wait_report(timeout=0.5), None)


def test_refused_sms_is_reported(s):
    """The 200 was said; REPORT and IMDN tell that it was in vain."""
    with Chat(s) as chat:
        chat.accepted()
        chat.say("the first")
        chat.told("the first")
        with fault(s, chat.b, "status", value=0x0B):
            sent = chat.say("in vain", notify="negative-delivery")
            report = sent.wait_report()
            check(report and report.status[1] != 200, "REPORT of the failure:", report)
            chat.heard_imdn(sent.imdn_id, "failed")


def test_bare_text(s):
    with Chat(s) as chat:
        chat.accepted()
        chat.say("Grüße", content_type="text/plain;charset=UTF-8")
        chat.told("Grüße")


def test_base64_inside(s):
    with Chat(s) as chat:
        chat.accepted()
        body = chat.body("x").replace(b"\r\n\r\nContent-", b"\r\n\r\nContent-Transfer-Encoding: base64\r\nContent-")
        body = body[:body.rindex(b"\r\n\r\n") + 4] + b"SGVsbG8gd29ybGQ="
        body = body.replace(b"Content-Length: 1\r\n", b"Content-Length: 16\r\n").replace(b"Content-length: 1\r\n", b"Content-length: 16\r\n")
        equal(chat.session.send(body, "message/cpim").code, 200)
        chat.told("Hello world")


def test_absorbed_content(s):
    """Typing, notifications, the server's word about its group: 200 and no SMS."""
    composing = "<?xml version=\"1.0\"?><isComposing xmlns=\"urn:ietf:params:xml:ns:im-iscomposing\"><state>active</state></isComposing>"
    imdn = ("<?xml version=\"1.0\"?><imdn xmlns=\"urn:ietf:params:xml:ns:imdn\"><message-id>x</message-id><delivery-notification><status><delivered/></status>"
            "</delivery-notification></imdn>")
    with Chat(s) as chat:
        chat.accepted()
        for kind in ("application/im-iscomposing+xml", "application/im-iscomposing+xm", "application/vnd.oma.cpm-groupdata+xml"):
            equal(chat.say(composing, content_type=kind).code, 200, kind)
        for kind, text in (("application/im-iscomposing+xml", composing), ("message/imdn+xml", imdn)):
            body = chat.body(text).replace(b"text/plain;charset=UTF-8", kind.encode()).replace(b"text/plain; charset=utf-8", kind.encode())
            check(kind.encode() in body, "test: no inner type in", body)
            equal(chat.session.send(body, "message/cpim").code, 200, kind)
        untold(chat)


def test_unsupported_content(s):
    """415, and B is told once"""
    with Chat(s) as chat:
        chat.accepted()
        equal(chat.say(b"GIF89a", content_type="image/gif", code=415).code, 415)
        chat.told(lambda t: NOMEDIA in t)
        equal(set(chat.say(b"\x89PNG" * 500, content_type="image/png", chunk=500, code=415).codes), {415})
        wrapped = chat.body("x").replace(b"text/plain;charset=UTF-8", b"image/jpeg").replace(b"text/plain; charset=utf-8", b"image/jpeg")
        equal(chat.session.send(wrapped, "message/cpim").code, 415)
        chat.say("text again")
        chat.told("text again")
        equal(sum(NOMEDIA in t for t in chat.told_texts()), 1, "times that B was told")


def test_too_large(s):
    with Chat(s) as chat:
        chat.accepted()
        for more in ({}, {"chunk": 2000}, {"chunk": 2000, "byte_range": "{start}-*/*"}):
            sent = chat.say("x" * 9000, content_type="text/plain", code=413, **more)
            equal(sent.codes[-1], 413, more)
        for more in ({}, {"chunk": 2000}, {"chunk": 2000, "byte_range": "{start}-*/*"}):
            sent = chat.say(b"x" * 9000, content_type="application/im-iscomposing+xml", code=413, **more)
            check(413 in sent.codes, "absorbed though it is too large", more)
        chat.say(LONG * 60, code=413)
        untold(chat)


def test_bad_frames(s):
    """400 where an answer can be given; the session goes on."""
    with Chat(s, check_faults=False) as chat:
        chat.accepted()
        head = "MSRP %s SEND\r\nTo-Path: %s\r\nFrom-Path: %s\r\n"
        bad = ("Byte-Range: x\r\nMessage-ID: abcd1234\r\nContent-Type: text/plain\r\n\r\nhello\r\n", "Failure-Report: maybe\r\n\r\nhello\r\n",
               "Byte-Range: 3-2/9\r\nMessage-ID: abcd1235\r\nContent-Type: text/plain\r\n\r\nhello\r\n", "Content-Type: text/plain\r\n\r\nno id\r\n")
        for rest in bad:
            tid = new_tid()
            octets = (head % (tid, chat.session.remote_path, chat.session.path) + rest + "-------%s$\r\n" % tid).encode()
            response = chat.session.wait_response(chat.session.raw(octets)[0])
            equal(response and response.code, 400, rest)
        equal(chat.session.send(b"not cpim at all", "message/cpim").code, 400)
        tid = new_tid()
        octets = "MSRP %s NICKNAME\r\nTo-Path: %s\r\nFrom-Path: %s\r\n-------%s$\r\n" % (tid, chat.session.remote_path, chat.session.path, tid)
        equal(chat.session.wait_response(chat.session.raw(octets.encode())[0]).code, 501)
        chat.say("still here")
        chat.told("still here")


def test_unknown_session(s):
    with Chat(s, check_faults=False) as chat:
        chat.accepted()
        good = chat.session.remote_path
        chat.session.remote_path = good.replace(Uri(good).session_id, "nobodyknowsme")
        equal(chat.session.send(chat.body("x"), "message/cpim").code, 481)
        chat.session.remote_path = good.replace("127.0.0.1", "192.0.2.1")
        equal(chat.session.send(chat.body("x"), "message/cpim").code, 481, "another host")
        chat.session.remote_path = good
        chat.say("hello")
        chat.told("hello")


def test_second_connection(s):
    """506; the first one stays"""
    with Chat(s, check_faults=False) as chat:
        chat.accepted()
        first = chat.session.connection
        chat.session.connect()
        equal(chat.session.send(chat.body("x"), "message/cpim").code, 506)
        chat.session.connection = first
        chat.say("hello")
        chat.told("hello")


def test_repeated_message(s):
    """The same imdn.Message-ID, or without one the same Message-ID, is one SMS."""
    with Chat(s) as chat:
        chat.accepted()
        body = chat.body("only once", imdn_id="Same1234")
        for _ in range(2):
            equal(chat.session.send(body, "message/cpim").code, 200)
        for _ in range(2):
            equal(chat.session.send("plain once", "text/plain", message_id="same12345678").code, 200)
        chat.told("only once")
        chat.told("plain once")
        no_more(chat, "only once")
        no_more(chat, "plain once")


# ---- B to A ----

def test_b_to_a_as_11_6(s):
    with Chat(s) as chat:
        chat.accepted()
        chat.say("hello")
        chat.told("hello")
        chat.b_says("Hi there")
        chat.heard("Hi there")
        frame = next(f for f in chat.session.requests if f.body)
        equal((frame.get("Success-Report"), frame.get("Failure-Report"), frame.get("Content-Type")), ("no", "yes", "message/cpim"))
        equal(frame.get("Byte-Range"), "1-%d/%d" % (len(frame.body), len(frame.body)))
        check(b"From: <tel:%s>\r\nTo: <tel:%s>\r\n" % (chat.b.encode(), chat.a.encode()) in frame.body, frame.body)


def test_long_sms_goes_in_chunks(s):
    text = LONG * 60
    with Chat(s) as chat:
        chat.accepted()
        chat.b_says(text)
        chat.heard(text, timeout=20)
        chunks = [f for f in chat.session.requests if f.body]
        check(len(chunks) > 1 and all(len(f.body) <= 2048 for f in chunks), [len(f.body) for f in chunks])


def test_order_of_b(s):
    with Chat(s) as chat:
        chat.accepted()
        for n in range(6):
            chat.b_says("sms %d" % n)
        chat.heard("sms 5")
        equal(chat.session.texts, ["sms %d" % n for n in range(6)])


def test_415_falls_back_to_plain(s):
    with Chat(s, sdp={"accept_types": "message/cpim text/plain"}) as chat:
        chat.accepted()
        chat.session.policy = lambda frame: Reply(415) if frame.get("Content-Type") == "message/cpim" else Reply()
        chat.b_says("plain please")
        check(wait_for(lambda: any(f.body == b"plain please" for f in chat.session.requests), what="bare text"))


def test_plain_only_client(s):
    with Chat(s, kind="im", sdp={"accept_types": "text/plain"}) as chat:
        chat.accepted()
        chat.b_says("bare")
        check(wait_for(lambda: any(f.body == b"bare" for f in chat.session.requests), what="bare text"))


def test_413_is_final(s):
    with Chat(s) as chat:
        chat.accepted()
        chat.session.policy = lambda frame: Reply(413)
        check(chat.b_says("too much", status=None) != 0, "the SMSC was told that A has it")
        chat.session.policy = lambda frame: Reply()
        chat.b_says("less")
        chat.heard("less")


def test_413_for_parts_is_told(s):
    """Their first parts were acknowledged, so B would not know."""
    with Chat(s) as chat:
        chat.accepted()
        chat.session.policy = lambda frame: Reply(413)
        chat.b_says(LONG * 8, status=None)
        chat.told("Your message could not be delivered.")


def pager_of(s, a, text, timeout=15):
    return wait_for(lambda: next((m for m in s.a.received if m.method == "MESSAGE" and text.encode() in m.body and a in m.uri), None), timeout=timeout,
                    what="a pager message with %r" % text)


def test_dead_session_falls_back_to_pager(s):
    """481 from A: the SM by MESSAGE at once, BYE after 5 s"""
    with Chat(s) as chat:
        chat.accepted()
        chat.session.policy = lambda frame: Reply(481)
        chat.b_says("as pager")
        pager_of(s, chat.a, "as pager")
        chat.ended()


def test_silent_client(s):
    """No answer in 30 s is as 481."""
    with Chat(s) as chat:
        chat.accepted()
        chat.session.policy = lambda frame: Reply(0)
        began = time.monotonic()
        chat.b_says("anybody there?", status=None, timeout=60)
        pager_of(s, chat.a, "anybody there?", 45)
        check(25 < time.monotonic() - began < 45, "waited", time.monotonic() - began)
        chat.ended()


def test_lost_connection(s):
    """R-113"""
    with Chat(s) as chat:
        chat.accepted()
        chat.say("hello")
        chat.told("hello")
        chat.session.drop()
        began = time.monotonic()
        chat.ended()
        check(time.monotonic() - began > 3, "BYE without waiting for A's")
        chat.told(lambda t: "ended" in t)


def test_lost_connection_and_bye_by_a(s):
    with Chat(s) as chat:
        chat.accepted()
        chat.session.drop()
        chat.bye()


def test_imdn_inside_the_session(s):
    """R-120"""
    by_hand(s)
    with Chat(s) as chat:
        chat.accepted()
        sent = chat.say("tell me", notify="positive-delivery")
        receipt(s, chat.a, chat.b, message_ids(s, chat.b)[0])
        chat.heard_imdn(sent.imdn_id)


def test_imdn_after_the_session(s):
    """R-120"""
    by_hand(s)
    with Chat(s) as chat:
        chat.accepted()
        sent = chat.say("tell me later", notify="positive-delivery")
        found = message_ids(s, chat.b)[0]
        chat.bye()
        receipt(s, chat.a, chat.b, found)
        pager_of(s, chat.a, sent.imdn_id)


# ---- large messages ----

def test_large_out(s):
    """One message, 200 to each chunk, one SMS in parts (7.11)"""
    text = LONG * 20
    with Chat(s, kind="large") as chat:
        chat.accepted()
        equal(chat.answer.direction, "recvonly")
        sent = chat.say(text, chunk=300, notify="positive-delivery")
        equal(set(sent.codes), {200})
        chat.told(text)
        equal(chat.session.send(chat.body("second"), "message/cpim").code, 403)


def test_large_out_notified_as_the_invite_asks(s):
    """One client asks in a CPIM part of the INVITE and not in the message (7.11); what the message says wins"""
    by_hand(s)
    invited, own = new_id(), new_id()
    for of_the_message, wanted in ((None, invited), (own, own)):
        asks = cpim("", "sip:anonymous@anonymous.invalid", "sip:anonymous@anonymous.invalid", imdn_id=invited, notify="positive-delivery")
        with Chat(s, kind="large", first=asks) as chat:
            chat.accepted()
            if of_the_message:
                chat.say("one part", imdn_id=of_the_message)
            else:
                equal(chat.session.send(b"one part", "text/plain").code, 200)
            chat.told("one part")
            receipt(s, chat.a, chat.b, message_ids(s, chat.b)[0])
            chat.bye()
            pager_of(s, chat.a, wanted)


def test_large_out_too_long(s):
    with Chat(s, kind="large") as chat:
        chat.accepted()
        equal(chat.say(LONG * 400, chunk=2000, code=413).codes[-1], 413)
        untold(chat)


def test_large_out_bye_before_the_end(s):
    """R-121"""
    with Chat(s, kind="large") as chat:
        chat.accepted()
        plan = chat.session.plan(chat.body(LONG * 20), "message/cpim", chunk=300)
        chat.session.transmit(plan.chunks[:-1])
        check(wait_for(lambda: plan.codes[:-1].count(200) == len(plan.codes) - 1, what="answers"))
        chat.bye()
        untold(chat)


def large_client(s, a):
    tell(s, register(a, request_of(device(1, LARGE_CLIENT)), "message/sip"))


def test_large_in(s):
    """R-72: INVITE, one MSRP message, BYE"""
    for setup in ("passive", "active"):
        a, b = s.pair()
        large_client(s, a)
        text = LONG * 40
        with Inbox(s, a, setup=setup) as inbox:
            equal(sms(s, b, a, text), 0)
            inbox.wait(lambda m: m.text == text)
            check(inbox.dialog.wait_request("BYE"), "no BYE")
            offered = list(inbox.offers.values())[0]
            equal((offered.direction, offered.setup, offered.get("accept-types")), ("sendonly", "actpass", "message/cpim"))


def test_short_sms_stays_pager(s):
    a, b = s.pair()
    large_client(s, a)
    equal(sms(s, b, a, LONG * 5), 0)
    pager_of(s, a, LONG)


def test_large_in_refused_goes_as_pager(s):
    """415 by MSRP is as 488: the other mode"""
    a, b = s.pair()
    large_client(s, a)
    with Inbox(s, a, policy=lambda frame: Reply(415) if frame.body else Reply()) as inbox:
        equal(sms(s, b, a, LONG * 40), 0)
        pager_of(s, a, LONG)
        check(inbox.dialog.wait_request("BYE"), "no BYE")


def test_large_out_loss_before_the_end(s):
    """R-121"""
    with Chat(s, kind="large", check_faults=False) as chat:
        chat.accepted()
        plan = chat.session.plan(chat.body(LONG * 20), "message/cpim", chunk=300)
        chat.session.transmit(plan.chunks[:-1])
        check(wait_for(lambda: plan.codes[:-1].count(200) == len(plan.codes) - 1, what="answers"))
        chat.session.drop()
        chat.ended()
        untold(chat)


# ---- groups ----

def test_group_message_names_its_sender(s):
    """R-115: display name, else the list of members, else the number"""
    members = [("tel:+15550001111", "Ann"), "tel:+15550002222"]
    with Chat(s, kind="group", subject="Hikers", members=members) as chat:
        chat.accepted()
        equal(chat.answer.get("accept-types"), "message/cpim")
        for sender, name, shown in (("sip:x@home1.example", "Jane Doe", "Jane Doe"), ("tel:+15550001111", None, "Ann"),
                                    ("tel:+15550002222", None, "+15550002222")):
            chat.say("hello", sender=sender, name=name)
            chat.told(shown + ": hello")
        chat.b_says("hi all")
        message = chat.heard("hi all")
        check(b"To: <sip:anonymous@anonymous.invalid>" in message.body, message.body)


# ---- bounds ----

def test_unfinished_messages_are_bounded(s):
    """Somebody begins messages and never ends them: the others go on."""
    with Chat(s, check_faults=False) as chat:
        chat.accepted()
        plans = [chat.session.plan(chat.body(LONG * 4), "message/cpim", chunk=100) for _ in range(8)]
        for plan in plans:
            chat.session.transmit(plan.chunks[:1])
        check(wait_for(lambda: all(p.codes[0] for p in plans), what="answers"))
        equal(sorted(p.codes[0] for p in plans), [200] * 4 + [413] * 4)
        chat.say("still open")
        chat.told("still open")
        chat.session.transmit(plans[0].chunks[1:])
        equal(set(plans[0].wait()), {200})
        chat.told(LONG * 4)


def test_strange_octets(s):
    """What a fuzzer would write, on a connection of its own: nothing breaks."""
    with Chat(s, check_faults=False) as chat:
        chat.accepted()
        first = chat.session.connection
        head = "MSRP %s SEND\r\nTo-Path: %s\r\nFrom-Path: %s\r\n"
        for rest in ("", "Byte-Range: 1-*/18446744073709551615\r\nMessage-ID: abcdef12\r\nContent-Type: text/plain\r\n\r\nx\r\n",
                     "Byte-Range: 18446744073709551614-*/*\r\nMessage-ID: abcdef13\r\nContent-Type: text/plain\r\n\r\nx\r\n",
                     "Byte-Range: 9-8/8\r\nMessage-ID: abcdef14\r\nContent-Type: message/cpim\r\n\r\n\r\n",
                     "Message-ID: abcdef15\r\nContent-Type: multipart/mixed\r\n\r\n--\r\n", "Message-ID: abcdef16\r\nContent-Type: \r\n\r\n\xff\xfe\r\n"):
            for flag in "$+#":
                tid = new_tid()
                octets = head % (tid, chat.session.remote_path, chat.session.path) + rest + "-------%s%s\r\n" % (tid, flag)
                check(chat.session.wait_response(chat.session.raw(octets.encode("latin-1"))[0]), "no answer to", octets)
        check(chat.session.connection is first and chat.session.up, "the connection is gone")
        chat.say("still here")
        chat.told("still here")


# ---- TLS ----

def with_tls(stack, certificate, port):
    """Kamailio listens for msrps, too: its TLS module fails at TLS 1.3 with this OpenSSL ("no suitable signature algorithm")."""
    lines = ["enable_tls=yes", "listen=tls:127.0.0.1:%d" % port, 'loadmodule "tls.so"', 'modparam("tls", "certificate", "%s")' % certificate.cert,
             'modparam("tls", "private_key", "%s")' % certificate.key, 'modparam("tls", "tls_method", "TLSv1.2")']
    stack.cfg.write_text(stack.cfg.read_text() + "\n".join(lines) + "\n")


def test_msrps(stack):
    with tempfile.TemporaryDirectory() as directory:
        certificate, port = make_certificate(directory, "gateway"), free_port()
        modparams = dict(STACK["modparams"], msrp_tls_fingerprint=certificate.fingerprint)
        s = stack(**dict(STACK, modparams=modparams, start=False))
        with_tls(s, certificate, port)
        s.start()
        for setup in ("active", "passive"):
            with Chat(s, setup=setup, certificate=make_certificate(directory, "peer")) as chat:
                chat.accepted(verify=setup == "active")
                equal((chat.answer.proto, chat.answer.fingerprint), ("TCP/TLS/MSRP", certificate.fingerprint))
                chat.say("secret " + setup)
                chat.told("secret " + setup)
                chat.b_says("secret, too")
                chat.heard("secret, too")


def test_fingerprint_is_checked(stack):
    """What openssl prints is not yet what stands in a=fingerprint."""
    with stack(start=False, modparams={"msrp_tls_fingerprint": "sha256 Fingerprint=48:4C:BD"}) as s:
        s.kamailio.start()
        wait_for(lambda: not s.kamailio.alive(), 20, 0.1, "kamailio does not stop")
        check("msrp_tls_fingerprint=sha256" in s.kamailio.log_path.read_text(), "the log names the parameter")


def test_msrps_without_certificate(s):
    """R-103: 488 where it cannot work"""
    with tempfile.TemporaryDirectory() as directory, Chat(s, certificate=make_certificate(directory)) as chat:
        chat.refused(488)


# ---- the wire ----

def test_nothing_malformed(s):
    with Chat(s) as chat:
        chat.accepted(connect=False)
        capture = MsrpCapture(s.dir / "msrp.pcap", chat.answer.port)
        chat.connect()
        chat.say("hello " * 20, chunk=50, success="yes")
        chat.b_says(LONG * 30)
        chat.heard(LONG * 30)
        chat.say(b"no text", content_type="application/octet-stream", code=415)
        counted = capture.judge()
        check(counted["SEND"] and counted["REPORT"] and counted["415"], counted)
