# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 the ipsmgw authors
"""SIP over TCP on both sides: what is too long for a datagram goes this way (RFC 3261 18.1.1)."""

import contextlib
import time

from harness import Answer, check, equal, free_port
import oracle
from sip_peer import pager
from sip_tcp import TcpClient, TcpPeer


def for_a(a):
    return lambda r: r.uri.startswith("tel:" + a)


def part(s, b, a, piece, **more):
    return s.smsc.mo(b, a, piece.udh + piece.text, esm_class=0x40 if piece.udh else 0, data_coding=piece.dcs, **more)


# ---- MESSAGE in ----

def test_message_in(s):
    a, b = s.pair()
    m = pager("over TCP", a, b)
    with TcpClient(s.sip) as client:
        answer = client.send(m)
    equal((answer.code, answer.get("Conversation-ID"), answer.get("Contribution-ID")), (202, m.conversation_id, m.contribution_id))
    check(answer.get("Via").startswith("SIP/2.0/TCP"), "Via", answer.get("Via"))
    equal(s.smsc.wait_submits(b)[0]["hex"], b"over TCP".hex())


def test_octet_by_octet(s):
    a, b = s.pair()
    with TcpClient(s.sip) as client:
        for octet in client.octets(pager("slowly", a, b)):
            client.sock.sendall(bytes([octet]))
        equal(client.final().code, 202)
    equal(s.smsc.wait_submits(b)[0]["hex"], b"slowly".hex())


def test_several_in_one_write(s):
    a, b = s.pair()
    texts = ["text %d" % k for k in range(10)]
    with TcpClient(s.sip) as client:
        client.sock.sendall(b"".join(client.octets(pager(text, a, b)) for text in texts))
        equal([client.final().code for _ in texts], [202] * 10)
    equal(sorted(bytes.fromhex(p["hex"]).decode() for p in s.smsc.wait_submits(b, 10)), texts)


def test_longest_text_in(s):
    a, b = s.pair()
    text = "0123456789" * 153
    with TcpClient(s.sip) as client:
        equal(client.send(pager(text, a, b)).code, 202)
    submits = sorted(s.smsc.wait_submits(b, 10), key=lambda p: p["hex"][:12])
    equal((len(submits), oracle.text_of(submits)), (10, text))


def test_body_that_fits_the_buffer(s):
    """A body that UDP could hardly carry is read and refused; the connection goes on."""
    a, b = s.pair()
    with TcpClient(s.sip) as client:
        equal(client.send(pager("x" * 15000, a, b)).code, 413)
        equal(client.send(pager("short", a, b)).code, 202)
    equal(s.smsc.wait_submits(b)[0]["hex"], b"short".hex())


def test_body_above_the_buffer(s):
    """The core reads no more than tcp_rd_buf_size and closes; others are not hurt."""
    a, b = s.pair()
    with TcpClient(s.sip) as client, contextlib.suppress(ConnectionError):
        equal(client.send(pager("x" * 60000, a, b)), None)
    with TcpClient(s.sip) as client:
        equal(client.send(pager("short", a, b)).code, 202)
    equal([p["hex"] for p in s.smsc.wait_submits(b)], [b"short".hex()])


def test_client_leaves_before_the_answer(s):
    """What has arrived whole counts, whether its sender waits or not; the retry is not sent again."""
    a, b = s.pair()
    m = pager("gone", a, b)
    client = TcpClient(s.sip)
    client.sock.sendall(client.octets(m))
    client.close()
    s.smsc.wait_submits(b)
    with TcpClient(s.sip) as client:
        equal(client.send(m).code, 202)
    time.sleep(0.3)
    equal(len(s.smsc.submits(lambda p: p["to"] == b[1:])), 1)


# ---- MESSAGE out ----

def over_tcp(stack, a_side, **more):
    return stack(modparams={"next_hop": a_side.uri}, **more)


def test_to_a(stack):
    with TcpPeer() as a_side, over_tcp(stack, a_side) as s:
        a, b = s.pair()
        for text in (b"one", b"two"):
            equal(s.smsc.mo(b, a, text), 0)
        one, two = a_side.wait(for_a(a), count=2)
        equal([one.text, two.text], ["one", "two"])
        check(one.get("Via").startswith("SIP/2.0/TCP"), "Via", one.get("Via"))
        equal(len(a_side.connections), 1, "connections")
        equal(s.a.received, [], "over UDP")


def test_long_text_to_a(stack):
    with TcpPeer() as a_side, over_tcp(stack, a_side) as s:
        for text in ("In ten parts, GSM 7 bit. " * 61, "Десять частей по 67 букв. " * 25):
            a, b = s.pair()
            pieces = oracle.parts_of(text, ref=77)
            equal((len(pieces), [part(s, b, a, p) for p in pieces]), (10, [0] * 10))
            equal(a_side.wait(for_a(a)).text, text)
        a, b = s.pair()
        equal(s.smsc.mo(b, a, message_payload_hex=("A payload of many octets. " * 600).encode().hex()), 0)
        equal(a_side.wait(for_a(a)).text, "A payload of many octets. " * 600)


def test_long_text_to_a_over_udp(s):
    text = "In ten parts, GSM 7 bit. " * 61
    a, b = s.pair()
    equal([part(s, b, a, p) for p in oracle.parts_of(text, ref=78)], [0] * 10)
    equal(s.a.wait(for_a(a)).text, text)


def test_answers_of_a(stack):
    with TcpPeer() as a_side, over_tcp(stack, a_side) as s:
        for code, status in ((200, 0), (404, 0x64), (403, 0x66), (488, 0x65)):
            a, b = s.pair()
            a_side.policy = lambda r, code=code: Answer(code)
            equal(s.smsc.mo(b, a, b"hello"), status, "answer %d" % code)


def test_connection_lost_between_messages(stack):
    """A closed connection is opened again for the next message."""
    with TcpPeer() as a_side, over_tcp(stack, a_side) as s:
        a, b = s.pair()
        equal(s.smsc.mo(b, a, b"before"), 0)
        a_side.drop()
        time.sleep(0.3)
        equal(s.smsc.mo(b, a, b"after"), 0)
        equal([r.text for r in a_side.wait(for_a(a), count=2)], ["before", "after"])


def test_nobody_listens(stack):
    """tm gives up and the SMSC hears a temporary error; others go on. Here after 2 s instead of 20."""
    nobody = "sip:127.0.0.1:%d;transport=tcp" % free_port()
    with stack(modparams={"next_hop": nobody}, start=False) as s:
        s.cfg.write_text(s.cfg.read_text() + 'modparam("tm", "fr_timer", 2000)\n')
        s.start()
        a, b = s.pair()
        began = time.monotonic()
        equal(s.smsc.mo(b, a, b"hello?"), 0x64)
        check(time.monotonic() - began < 15, "took", time.monotonic() - began)
        equal(s.text("out goes on", a, b)[1].code, 202)
        s.smsc.wait_submits(b)


def test_conversation_over_tcp(stack):
    with TcpPeer() as a_side, over_tcp(stack, a_side) as s:
        a, b = s.pair()
        m = pager("Lunch?", a, b)
        with TcpClient(s.sip) as client:
            equal(client.send(m).code, 202)
        s.smsc.wait_submits(b)
        equal(s.smsc.mo(b, a, b"Yes"), 0)
        r = a_side.wait(for_a(a))
        equal((r.text, r.get("Conversation-ID"), r.get("InReplyTo-Contribution-ID")), ("Yes", m.conversation_id, m.contribution_id))
