# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 the ipsmgw authors
"""MSRP connections that no session is bound to, and addresses of A that nobody can connect to."""

import re
import socket
import time

from harness import check, equal, wait_for
from chat import Chat, Inbox, sms
from msrp_frame import Uri
from msrp_peer import Reply, new_tid
from test_register import device, register, request_of, tell

ICSI = "urn%3Aurn-7%3A3gpp-service.ims.icsi.oma.cpm."
LARGE_CLIENT = '+g.3gpp.icsi-ref="%smsg,%slargemsg"' % (ICSI, ICSI)
STACK = {"modparams": {"chat_text": "started=", "msrp_unbound_s": 2}}


class Stranger:
    """A TCP connection that speaks MSRP, or not."""

    def __init__(self, s):
        self.s, self.path = s, "msrp://127.0.0.1:9/stranger;tcp"
        self.began = len(s.kamailio.log_path.read_text(errors="replace"))
        self.sock = socket.create_connection(s.sip, 5)
        self.sock.settimeout(0.2)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.sock.close()

    def send(self, to="nobody1234567890", method="SEND"):
        tid = new_tid()
        self.sock.sendall(("MSRP %s %s\r\nTo-Path: msrp://127.0.0.1:%d/%s;tcp\r\nFrom-Path: %s\r\nMessage-ID: %s\r\n-------%s$\r\n"
                           % (tid, method, self.s.sip[1], to, self.path, tid, tid)).encode())

    def read(self, seconds):
        """(octets until the end or for that long, whether it was the end)"""
        end, got = time.monotonic() + seconds, b""
        while time.monotonic() < end:
            try:
                octets = self.sock.recv(65536)
            except socket.timeout:
                continue
            except OSError:
                return got, True
            if not octets:
                return got, True
            got += octets
        return got, False

    def log(self):
        return self.s.kamailio.log_path.read_text(errors="replace")[self.began:]


def test_stranger_is_closed(s):
    with Stranger(s) as one:
        began = time.monotonic()
        one.send()
        got, ended = one.read(20)
        check(b" 481 " in got and ended, "got", got, "closed:", ended)
        check(time.monotonic() - began > 1.5, "closed at once")


def test_stranger_that_goes_on_is_closed(s):
    """Frames do not keep it; they are answered, and told of once."""
    with Stranger(s) as one:
        ended, got, end = False, b"", time.monotonic() + 20
        while not ended and time.monotonic() < end:
            try:
                one.send()
            except OSError:
                break
            more, ended = one.read(0.1)
            got += more
        check(time.monotonic() < end, "not closed")
        check(got.count(b" 481 ") > 1, "answers:", got.count(b" 481 "))
        equal(len(re.findall(r"MSRP request answered 481", one.log())), 1, "lines about 481")


def test_garbage_of_a_stranger(s):
    with Stranger(s) as one:
        for _ in range(5):
            tid = new_tid()
            one.sock.sendall(b"MSRP %s SEND\r\nno header at all\r\n-------%s$\r\n" % (tid.encode(), tid.encode()))
        check(one.read(20)[1], "not closed")
        check(len(re.findall(r"that are no MSRP frame", one.log())) <= 1, "more than one line")


def test_sip_connection_is_not_closed(s):
    with Stranger(s) as one:
        options = "OPTIONS sip:x@%s:%d SIP/2.0\r\nVia: SIP/2.0/TCP 127.0.0.1:9;branch=z9hG4bK%s\r\nFrom: <sip:y@z>;tag=1\r\nTo: <sip:x@z>\r\nCall-ID: %s\r\n" \
            "CSeq: 1 OPTIONS\r\nMax-Forwards: 70\r\nContent-Length: 0\r\n\r\n" % (s.sip + (new_tid(), new_tid()))
        one.sock.sendall(options.encode())
        check(not one.read(4)[1], "closed")


def test_bound_connection_stays(s):
    """Also one whose first frame was for nobody."""
    with Chat(s, check_faults=False) as chat:
        chat.accepted()
        time.sleep(4)
        chat.say("still here")
        chat.told("still here")
        good = chat.session.remote_path
        chat.session.remote_path = good.replace(Uri(good).session_id, "nobodyknowsme")
        equal(chat.session.send(chat.body("x"), "message/cpim").code, 481)
        chat.session.remote_path = good
        time.sleep(4)
        chat.say("and now")
        chat.told("and now")
        check(chat.session.up, "the connection was closed")


def test_our_own_connection_waits_for_a(s):
    """A's client is passive and slow: the connection is ours, and no stranger's."""
    with Chat(s, setup="passive", check_faults=False) as chat:
        chat.session.bind_policy = lambda frame: Reply(200, delay=4.0)
        chat.accepted()
        time.sleep(3.5)
        chat.say("at last", timeout=20)
        chat.told("at last")
        chat.b_says("hello")
        chat.heard("hello")


# ---- a host name where an address is needed ----

NAMED = {"change": [("path:msrp://127.0.0.1:", "path:msrp://client.home1.example:")]}


def test_host_name_to_connect_to(s):
    """A does not connect, and we look up no names: 488 instead of a chat that ends at once."""
    with Chat(s, setup="passive", sdp=NAMED) as chat:
        chat.refused(488)
        equal(chat.told_texts(), [])


def test_host_name_of_one_who_connects(s):
    """It names A's end in the frames, and nobody else needs it."""
    for setup in ("active", "actpass"):
        with Chat(s, setup=setup, sdp=NAMED, check_faults=False) as chat:
            chat.session.path = chat.session.path.replace("127.0.0.1", "client.home1.example")
            chat.accepted(bind=False)
            equal(chat.session.send(chat.body("hello"), "message/cpim").code, 200)
            chat.told("hello")


def test_host_name_of_one_who_takes_a_large_message(s):
    """What cannot be connected to gets the text as a MESSAGE."""
    a, b = s.pair()
    tell(s, register(a, request_of(device(1, LARGE_CLIENT)), "message/sip"))
    text = "long " * 300
    with Inbox(s, a, setup="passive", sdp=NAMED):
        status = sms(s, b, a, text)
        check(s.a.wait(lambda r: r.uri == "tel:" + a and r.method == "MESSAGE", 20), "no MESSAGE, status", status)
        equal((s.a.wait(lambda r: r.uri == "tel:" + a and r.method == "MESSAGE").text, status), (text, 0))
