# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 the ipsmgw authors
"""What the SIP workers decide of an INVITE and in its dialog by themselves (spec 1.4, 3.3, 7.5, 7.6, 7.9), and what tm does for it."""

import re
import socket
import time

import sdp as sdp_of
from harness import check, equal, wait_for
from msrp_peer import MsrpPeer
from sip_chat import chat_invite
from sip_dialog import UserAgent

STACK = {"modparams": {"default_service": "reject"}}


def invite(s, change=(), sdp=None, ack=True, **more):
    """An INVITE with a usual offer; change: on the text of the SDP."""
    a, b = s.pair()
    with MsrpPeer() as peer:
        body = sdp_of.offer(peer.session(), setup="active", change=change) if sdp is None else sdp
    return UserAgent.of(s.a).invite(s.sip, chat_invite(a, b, body, **more), ack=ack)


def final(s, *args, **more):
    answer = invite(s, *args, **more).wait_final()
    check(answer is not None, "no final answer")
    return answer


def no_transactions(s, timeout=30):
    wait_for(lambda: s.rpc("tm.stats")[0]["current"] == "0", timeout, 0.2, "tm keeps transactions")


AUDIO = b"v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 4000 RTP/AVP 0\r\n"


def test_offers_that_cannot_work(s):
    for name, code, more in (
            ("no body", 488, {"sdp": b""}),
            ("no MSRP", 488, {"sdp": AUDIO}),
            ("no path", 488, {"change": [("^a=path:.*\r\n", "")]}),
            ("no accept-types", 488, {"change": [("^a=accept-types:.*\r\n", "")]}),
            ("pictures only", 488, {"change": [("^a=accept-types:.*\r$", "a=accept-types:image/png\r")]}),
            ("stream of port 0", 488, {"change": [("^m=message [0-9]+", "m=message 0")]}),
            ("a file", 488, {"change": [(r"\Z", 'a=file-selector:name:"x.jpg" type:image/jpeg size:1\r\n')]}),
            ("TLS without a certificate of ours", 488, {"change": [("TCP/MSRP", "TCP/TLS/MSRP"), ("msrp:", "msrps:")]})):
        equal(final(s, **more).code, code, name)


def test_services_that_are_not_interworked(s):
    for name, code, more in (
            ("file transfer", 488, {"extra": [("P-Asserted-Service", "urn:urn-7:3gpp-service.ims.icsi.oma.cpm.filetransfer")]}),
            ("chatbot", 606, {"extra": [("Accept-Contact", "*;+g.gsma.rcs.isbot")]})):
        invitation = chat_invite(*s.pair(), b"", kind="im", **more)
        invitation.fields = [(n, v) for n, v in invitation.fields if n != "Accept-Contact" or "isbot" in v]
        answer = UserAgent.of(s.a).invite(s.sip, invitation).wait_final()
        equal(answer.code, code, name)


def test_who_and_to_whom(s):
    equal(final(s, asserted="<sip:310410123456789@home1.example>").code, 403, "no number in P-Asserted-Identity")
    equal(final(s, to="sip:bob@home1.example").code, 404, "Request-URI is no number")
    equal(final(s, privacy="id").code, 403, "anonymity=forbid")


def test_options(s):
    answer = final(s, require="timer, foo, bar")
    equal((answer.code, answer.get("unsupported")), (420, "foo, bar"), "Require")


def test_session_interval(s):
    answer = final(s, session_expires=60)
    equal((answer.code, answer.get("min-se")), (422, "90"), "Session-Expires 60")


def test_bodies(s):
    for name, code, first in (("what is no CPIM", 400, ("message/cpim", b"no header")), ("unknown charset", 415, ("text/plain;charset=x-no-such", b"x"))):
        equal(final(s, first=first).code, code, name)


def raw(s, method, **more):
    """Send one request outside of all dialogs and give the code of its answer."""
    fields = {"via": "SIP/2.0/UDP 127.0.0.1;branch=z9hG4bK%x;rport" % time.monotonic_ns(), "tag": "gw-0123456789abcdef", "event": "", **more}
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.settimeout(10)
        sock.connect(s.sip)
        sock.send(("{method} sip:gw@127.0.0.1 SIP/2.0\r\nVia: {via}\r\nFrom: <sip:a@h>;tag=1\r\nTo: <sip:b@h>;tag={tag}\r\nCall-ID: {n}\r\n{event}"
                   "CSeq: 7 {method}\r\nMax-Forwards: 70\r\nContent-Length: 0\r\n\r\n").format(method=method, n=time.monotonic_ns(), **fields).encode())
        return int(sock.recv(65535).split()[1])


def test_dialogs_that_are_not_there(s):
    equal(raw(s, "CANCEL"), 481, "CANCEL")
    for method in ("BYE", "UPDATE", "PRACK"):
        equal(raw(s, method, tag="other"), 481, method + " with a tag of others")
        equal(raw(s, method), 481, method + " with a tag as ours")
    equal(raw(s, "NOTIFY", tag="other", event="Event: reg\r\n"), 200, "a NOTIFY of the reg event is none of ours")


def test_answer_is_repeated_until_ack(s):
    dialog = invite(s, ack=False)
    equal(dialog.wait_final().code, 200, "INVITE")
    wait_for(lambda: dialog.repeated >= 4, 30, what="200 repeated for longer than tm's wt_timer")
    dialog.ack()
    time.sleep(0.5)
    seen = dialog.repeated
    time.sleep(5)
    equal(dialog.repeated, seen, "200 after the ACK")
    equal(dialog.bye().code, 200, "BYE")


def test_repeated_bye_is_absorbed(s):
    dialog = invite(s)
    dialog.wait_final()
    equal(dialog.bye().code, 200, "BYE")
    equal(dialog.request("BYE").code, 481, "another BYE")


def test_frame_larger_than_the_core_reads(s):
    dialog = invite(s)
    path = re.search(rb"a=path:(\S+)", dialog.wait_final().body)[1]
    with socket.create_connection(s.sip, 10) as sock:
        sock.sendall(b"MSRP abcd1234 SEND\r\nTo-Path: %s\r\nFrom-Path: msrp://127.0.0.1:9/x;tcp\r\nMessage-ID: large001\r\n"
                     b"Content-Type: text/plain\r\n\r\n%s\r\n-------abcd1234$\r\n" % (path, b"x" * 200000))
        octets = sock.recv(4096)
        check(octets.startswith(b"MSRP abcd1234 413 "), octets)
    equal(dialog.bye().code, 200, "BYE")


def test_nothing_is_left(s):
    no_transactions(s)
