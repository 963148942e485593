# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 the ipsmgw authors
"""Damages requests and frames. Everything but the clock comes out of one random.Random, so that a seed gives the same octets again."""

import base64
import functools
import gzip
from unittest import mock
import uuid
import zlib

from sip_peer import cpim, new_id, pager, simple_im

IMDN = ('<?xml version="1.0" encoding="UTF-8"?><imdn xmlns="urn:ietf:params:xml:ns:imdn"><message-id>x</message-id>'
        "<datetime>2026-03-14T09:26:53Z</datetime><delivery-notification><status><delivered/></status></delivery-notification></imdn>")
CHARSETS = ("utf-7", "iso-2022-jp", "gb18030", "UTF-16", "utf-16le", "utf-32", "ebcdic", "", '"', '"utf-8', "x" * 3000, "utf-8;charset=utf-16", "\x00", "%s%n")
NUMBERS = ("+", "++1", "+0", "+" + "9" * 16, "+" + "9" * 5000, "+1;phone-context=" + "+" * 200, "%2B1555", "%", "%00", "\xff", "*#06#", "", "+1555@")
LENGTHS = ("0", "1", "-1", "+5", "99999999999", "4294967295", "4294967296", "2147483648", "65536", "abc", "", "0x10", "5 5")
SIZES = (100, 1000, 4096, 16000, 40000, 60000)


# ---- octets ----

def truncate(rng, octets):
    return octets[:rng.randrange(len(octets) + 1)]


def flip_bits(rng, octets):
    out = bytearray(octets)
    for _ in range(rng.choice((1, 1, 2, 8, 40))):
        if out:
            out[rng.randrange(len(out))] ^= 1 << rng.randrange(8)
    return bytes(out)


def insert(rng, octets):
    at = rng.randrange(len(octets) + 1)
    junk = rng.choice((b"\0", b"\0" * 50, b"\r\n", b"\r\n\r\n", b"\n", b"\xff\xfe", b"%", b"\xed\xa0\x80", b"\xf4\x90\x80\x80", rng.randbytes(rng.randrange(1, 60))))
    return octets[:at] + junk + octets[at:]


def remove(rng, octets):
    at = rng.randrange(len(octets) + 1)
    return octets[:at] + octets[at + rng.choice((1, 2, 10, 100)):]


def repeat(rng, octets):
    start = rng.randrange(len(octets) + 1)
    span = octets[start:start + rng.choice((1, 20, 200))]
    return octets[:start] + span * rng.choice((2, 10, 100)) + octets[start:]


def swap_line_ends(rng, octets):
    return octets.replace(b"\r\n", rng.choice((b"\n", b"\r", b"\n\r", b"\r\r\n", b"\r\n\r\n", b"\r\n ")))


OCTETS = (truncate, flip_bits, flip_bits, insert, insert, remove, repeat, swap_line_ends)


def damage(rng, octets):
    for _ in range(rng.choice((1, 1, 1, 2, 5))):
        octets = rng.choice(OCTETS)(rng, octets)
    return octets


# ---- valid requests ----

def multipart(a, b):
    m = pager("x", a, b).set("Content-Type", 'multipart/mixed;boundary="b0"')
    m.body = (b"--b0\r\nContent-Type: message/cpim\r\n\r\n" + cpim("in a part", "tel:" + a, "tel:" + b, imdn_id=new_id())
              + b"\r\n--b0\r\nContent-Type: application/resource-lists+xml\r\n\r\n<resource-lists/>\r\n--b0--\r\n")
    return m


def deflated(a, b):
    m = pager("deflated " * 40, a, b).add("Content-Encoding", "deflate")
    m.body = zlib.compress(m.body)
    return m


def utf16(a, b):
    m = simple_im("x", a, b).set("Content-Type", "text/plain;charset=utf-16")
    m.body = "Привет, 🍜".encode("utf-16")
    return m


VALID = (lambda a, b: pager("Lunch at 12?", a, b, notify="positive-delivery, negative-delivery"),
         lambda a, b: pager("Семья 👨‍👩‍👧 " * 40, a, b), lambda a, b: pager("base 64", a, b, b64=True),
         lambda a, b: pager(IMDN, a, b, content_type="message/imdn+xml"), lambda a, b: simple_im("hello", a, b), multipart, deflated, utf16)


# ---- damage with a purpose: the rest of the request stays sound, so that it gets deep ----

def huge_header(rng, m):
    name = rng.choice(("Conversation-ID", "Contribution-ID", "P-Asserted-Identity", "Accept-Contact", "X-Junk", "Subject", "Content-Type", "User-Agent", "Require"))
    m.set(name, rng.choice(("x", "\x01", ";", ",", "<", '"', "%", " ", "é")) * rng.choice(SIZES))


def many_headers(rng, m):
    name, value = rng.choice((("P-Asserted-Identity", "<tel:+1>"), ("Accept-Contact", "*;+g.oma.sip-im"), ("Via", "SIP/2.0/UDP 127.0.0.1:9;branch=z9hG4bKx"), ("X", "")))
    m.fields += [(name, value)] * rng.choice((20, 200, 2000))


def header_value(rng, m):
    at = rng.randrange(len(m.fields))
    name, value = m.fields[at]
    m.fields[at] = (name, damage(rng, value.encode()).decode("utf-8", "surrogateescape"))


def no_header(rng, m):
    del m.fields[rng.randrange(len(m.fields))]


def wrong_length(rng, m):
    m.add("Content-Length", rng.choice(LENGTHS))


def number(rng, m):
    junk = rng.choice(NUMBERS)
    if rng.random() < 0.5:
        m.uri = rng.choice(("tel:%s", "sip:%s@home1.example;user=phone", "%s")) % junk
    else:
        m.set("P-Asserted-Identity", rng.choice(("<tel:%s>", "tel:%s", '"%s" <sip:x@y>', "<sip:%s@h>, <tel:+1>")) % junk)


def charset(rng, m):
    m.set("Content-Type", "text/plain;charset=" + rng.choice(CHARSETS))
    m.body = rng.randbytes(rng.choice((0, 1, 3, 100, 5000)))


def inner_charset(rng, m):
    m.body = cpim(rng.randbytes(rng.choice((0, 1, 101))), "tel:+1", "tel:+2", imdn_id=new_id(), content_type="text/plain;charset=" + rng.choice(CHARSETS[:-2]))


@functools.cache
def packed(encoding, octets, times):
    return {"deflate": zlib.compress, "gzip": gzip.compress}[encoding](octets * times)[:60000]


def bomb(rng, m):
    encoding = rng.choice(("deflate", "gzip"))
    m.set("Content-Encoding", encoding).body = packed(encoding, rng.choice((b"\0", b"x", b"From: <tel:+1>\r\n")), rng.choice((70000, 1 << 20, 30 << 20)))


def broken_deflate(rng, m):
    m.set("Content-Encoding", rng.choice(("deflate", "gzip", "deflate, gzip", "br", "", "x" * 500))).body = damage(rng, zlib.compress(m.body))


def big_body(rng, m):
    m.body = rng.choice((b"x", b"\r\n", b"\xff", b"From: x\r\n", b"--b0\r\n", "🍜".encode())) * rng.choice((1000, 8000, 60000))
    m.body = m.body[:64 * 1024 + 10]


def nested(rng, m):
    inner = b"text"
    for k in range(rng.choice((2, 10, 300))):
        inner = b"--b%d\r\nContent-Type: multipart/mixed;boundary=b%d\r\n\r\n%s\r\n--b%d--" % (k, k - 1, inner, k)
    m.set("Content-Type", "multipart/mixed;boundary=b%d" % k).body = inner[:60000]


def boundary(rng, m):
    m.set("Content-Type", "multipart/mixed;boundary=" + rng.choice(("", '""', '"', "b0;boundary=b1", "x" * 5000, "--", "\\", '"b0', "b0 ")))


def cpim_in_base64(rng, m):
    text = base64.b64encode(rng.randbytes(200))
    m.body = cpim(damage(rng, text), "tel:+1", "tel:+2", imdn_id=new_id()).replace(b"\r\n\r\nContent-", b"\r\n\r\nContent-Transfer-Encoding: base64\r\nContent-", 1)


def body(rng, m):
    m.body = damage(rng, m.body)


DEEP = (body, body, body, body, huge_header, many_headers, header_value, header_value, no_header, wrong_length, number, charset, inner_charset, bomb,
        broken_deflate, big_body, nested, boundary, cpim_in_base64)


def request(rng):
    """(Outgoing, function that damages its octets)"""
    with mock.patch.object(uuid, "uuid4", lambda: uuid.UUID(int=rng.getrandbits(128), version=4)):
        m = rng.choice(VALID)("+1555%07d" % rng.randrange(10 ** 7), "+1666%07d" % rng.randrange(10 ** 7))
        if rng.random() < 0.65:
            rng.choice(DEEP)(rng, m)
            return m, lambda octets: octets
    return m, lambda octets: damage(rng, octets)
