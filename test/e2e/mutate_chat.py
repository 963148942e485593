# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 the ipsmgw authors
"""Damages INVITEs and MSRP frames, on top of mutate.py: all out of one random.Random, so that a seed gives the same octets again."""

from mutate import IMDN, SIZES, damage
from sip_chat import chat_invite, multipart, resource_list
from sip_peer import cpim

SDP = """v=0\r
o=- 1 1 IN IP4 127.0.0.1\r
s=-\r
c=IN IP4 127.0.0.1\r
t=0 0\r
m=message %(port)s %(proto)s *\r
a=%(setup)s\r
a=accept-types:message/cpim application/im-iscomposing+xml\r
a=accept-wrapped-types:text/plain message/imdn+xml\r
a=path:%(path)s\r
a=sendrecv\r
"""
PATH = "msrp://127.0.0.1:9/%s;tcp"
KINDS = ("cpm", "cpm", "im", "rcse", "group", "large", "im_large", "filetransfer")
PATHS = ("msrp://", "msrp://127.0.0.1", "msrp://[::1]:9/x;tcp", "msrp://127.0.0.1:99999/x;tcp", "msrp://127.0.0.1:9/x", "msrp://127.0.0.1:9/x;udp", "",
         "msrps://127.0.0.1:9/x;tcp", "msrp://a:9/x;tcp msrp://b:9/y;tcp", "msrp://" + "h" * 3000 + ":9/x;tcp", "msrp://127.0.0.1:9/" + "s" * 9000 + ";tcp",
         "msrp://127.0.0.1:9/x;tcp" + ";p" * 2000, "msrp://user@:9/x;tcp", "msrp://127.0.0.1:0/x;tcp", "\x00", "%s%n", "msrp://\xff:9/x;tcp")
PORTS = ("0", "9", "-1", "65536", "4294967297", "", "x", "9/2")
PROTOS = ("TCP/MSRP", "TCP/TLS/MSRP", "RTP/AVP", "", "TCP/MSRP TCP/MSRP", "UDP")
LINES = ("m=message 9 TCP/MSRP *", "a=path:msrp://127.0.0.1:9/y;tcp", "a=setup:holdconn", "a=max-size:99999999999999999999", "a=max-size:-1", "a=max-size:1",
         "a=accept-types:" + "a/b " * 2000, "a=accept-types:", "a=inactive", "a=msrp-cema", "c=IN IP6 ::1", "c=IN IP4 " + "1" * 2000, "a=fingerprint:x y",
         "a=file-selector:name:\"x\"", "x" * 5000, "=", "m=audio 1 RTP/AVP 0", "m=")


# ---- INVITE ----

def sdp(rng):
    """A session description, whole or with something strange in it"""
    fields = {"port": "9", "proto": "TCP/MSRP", "setup": "setup:active", "path": PATH % ("%020x" % rng.getrandbits(80))}
    harm = rng.random()
    if harm < 0.15:
        fields["path"] = rng.choice(PATHS)
    elif harm < 0.25:
        fields["port"] = rng.choice(PORTS)
    elif harm < 0.3:
        fields["proto"] = rng.choice(PROTOS)
    lines = (SDP % fields).split("\r\n")
    if 0.3 < harm < 0.5:
        for _ in range(rng.choice((1, 1, 3, 200))):
            lines.insert(rng.randrange(len(lines)), rng.choice(LINES))
    elif 0.5 < harm < 0.6:
        del lines[rng.randrange(len(lines))]
    body = "\r\n".join(lines).encode("latin-1")
    return damage(rng, body) if harm > 0.9 else body


def first_message(rng):
    body = cpim("first", "tel:+1", "tel:+2", imdn_id="%x" % rng.getrandbits(64), notify="positive-delivery, negative-delivery")
    return damage(rng, body) if rng.random() < 0.4 else body


def strange_multipart(rng, m):
    parts = [("application/sdp", sdp(rng))] * rng.choice((0, 1, 2, 50))
    parts += [("message/cpim", first_message(rng))] * rng.choice((0, 1, 3))
    parts += [("application/resource-lists+xml", damage(rng, resource_list([("tel:+1555%d" % n, "n" * n) for n in range(50)])))] * rng.choice((0, 1))
    rng.shuffle(parts)
    content_type, m.body = multipart(parts, "b%d" % rng.randrange(1000))
    m.set("Content-Type", content_type)
    if rng.random() < 0.3:
        m.body = damage(rng, m.body)


def header(rng, m):
    name, values = rng.choice((
        ("Session-Expires", ("0", "1", "89", "99999999999", "-1", "x", "1800;refresher=", "1800;refresher=uas", "", "1800" + ";x" * 3000)),
        ("Require", ("100rel", "timer", "precondition", "100rel," * 500, "", "x" * 500)),
        ("Supported", ("100rel, timer", ",,,", "x" * 5000)), ("Contact", ("*", "<sip:>", "", "<sip:%s@h>" % ("u" * 4000), "tel:+1", "<sip:a@[::1]:0>")),
        ("Record-Route", ("<sip:a;lr>," * 100, "", "<", "<sip:127.0.0.1:1;lr>" + ";x" * 3000)), ("Privacy", ("id", "critical", "id;" * 500)),
        ("Subject", ("s" * 9000, "\xff\xfe", "%s%n", "", "\x01" * 50)), ("Session-Replaces", ("x" * 5000, "", "\x00")),
        ("Referred-By", ("<sip:x>", "<tel:+1555>;cid=" + "c" * 3000)), ("Contribution-ID", ("", "c" * 9000)), ("Conversation-ID", ("", "c" * 9000)),
        ("From", ("<tel:+1>", '"%s" <tel:+1>;tag=x' % ("n" * 5000), "<tel:+1>;tag=" + "t" * 5000)), ("To", ("<tel:+1>;tag=gw-0123456789abcdef", "x")),
        ("CSeq", ("0 INVITE", "4294967295 INVITE", "4294967296 INVITE", "1 BYE", "x")), ("Call-ID", ("", "c" * 9000, "a b"))))
    m.set(name, rng.choice(values))


def invite(rng, a, b):
    """(Outgoing, function that damages its octets)"""
    kind = rng.choice(KINDS)
    more = {"first": first_message(rng)} if rng.random() < 0.2 else {}
    if kind == "group":
        more["members"] = ["tel:+1555%07d" % rng.randrange(10 ** 7) for _ in range(rng.choice((0, 3, 200)))]
    m = chat_invite(a, b, sdp(rng), kind=kind, subject=rng.choice((None, "hi")), privacy=rng.choice((None, None, "id")), compact=rng.random() < 0.1, **more)
    m.call_id = "%x" % rng.getrandbits(96)
    m.add("Contact", "<sip:a@127.0.0.1:9>")
    choice = rng.random()
    if choice < 0.25:
        strange_multipart(rng, m)
    elif choice < 0.55:
        header(rng, m)
    return m, (lambda octets: damage(rng, octets)) if choice > 0.85 else (lambda octets: octets)


# ---- MSRP ----

RANGES = ("1-%d/%d", "1-*/%d", "1-*/*", "0-%d/%d", "5-1/%d", "1-4294967296/4294967296", "18446744073709551615-18446744073709551616/*", "2-%d/%d", "-1-5/5", "x", "",
          "1-1/0", "100000-100005/100005", "1-%d/8192")
TYPES = ("message/cpim", "text/plain", "text/plain;charset=utf-16", "message/imdn+xml", "application/octet-stream", "", "x" * 3000, "multipart/mixed;boundary=x",
         "application/im-iscomposing+xml", "a/b;" * 500)


def damaged_behind_first_line(rng, octets):
    """A first line without a second space kills the TCP readers of Kamailio 5.6.3 before any module sees it (docs/operations.md)."""
    first, end, rest = octets.partition(b"\r\n")
    return first + end + damage(rng, rest)


def frame(rng, to_path, from_path):
    """One SEND, REPORT, response or something like it; whole, odd, or damaged"""
    tid = "%016x" % rng.getrandbits(64)
    content = rng.choice((lambda: cpim("hello %x" % rng.getrandbits(30), "tel:+1", "tel:+2", imdn_id="%x" % rng.getrandbits(64)),
                          lambda: damage(rng, cpim("hello", "tel:+1", "tel:+2", imdn_id="x", b64=rng.random() < 0.5)), lambda: b"x" * rng.choice(SIZES[:4]),
                          lambda: IMDN.encode(), lambda: rng.randbytes(rng.randrange(300)), lambda: b""))()
    method = rng.choice(("SEND", "SEND", "SEND", "SEND", "REPORT", "200 OK", "413 no", "AUTH", "NICKNAME", "999", "SEND x", "send", "0 0"))
    lines = ["MSRP %s %s" % (tid, method), "To-Path: " + to_path, "From-Path: " + from_path]
    if rng.random() < 0.9:
        lines.append("Message-ID: " + rng.choice(("%x" % rng.getrandbits(64), "same", "m" * 32, "m" * 500, "", "a b")))
    if rng.random() < 0.8:
        value = rng.choice(RANGES)
        lines.append("Byte-Range: " + (value.replace("%d", str(len(content))) if "%d" in value else value))
    for name, values in (("Success-Report", ("yes", "no", "maybe")), ("Failure-Report", ("no", "partial", "yes", "x")), ("Status", ("000 200 OK", "000 413", "x"))):
        if rng.random() < 0.2:
            lines.append("%s: %s" % (name, rng.choice(values)))
    if rng.random() < 0.1:
        lines += ["X-%d: %s" % (n, "v" * 20) for n in range(rng.choice((5, 100, 400)))]
    has_body = rng.random() < 0.85
    if has_body:
        lines.append("Content-Type: " + rng.choice(TYPES))
    octets = ("\r\n".join(lines) + "\r\n").encode("latin-1")
    octets += (b"\r\n" + content + b"\r\n" if has_body else b"") + b"-------%s%s\r\n" % (tid.encode(), rng.choice((b"$", b"$", b"$", b"+", b"+", b"#", b"", b"?")))
    return damaged_behind_first_line(rng, octets) if rng.random() < 0.3 else octets
