# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 the ipsmgw authors
"""Short message TPDUs (TS 23.040 9.2.2) for peers: what came as a dict with its text, and what is sent.

    read_tpdu(octets, to_mobile=False)             SMS-SUBMIT: {"type": "submit", "mr": 1, "da": "+49171", "text": "hello", ...}
    deliver("+49171", "hello"), deliver(..., udh=b"\5\0\3..", ref...)   octets of an SMS-DELIVER
    status_report(mr, ra, scts, discharge, status)
    deliveries("+49171", long_text)                list of SMS-DELIVERs, concatenated with an 8 bit reference
"""

import datetime

from asn1_types import Undecodable, tbcd, tbcd_digits

GSM7 = ("@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞ\x1bÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
        "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà")
EXTENSION = {"\f": 0x0A, "^": 0x14, "{": 0x28, "}": 0x29, "\\": 0x2F, "[": 0x3C, "~": 0x3D, "]": 0x3E, "|": 0x40, "€": 0x65}
SEPTETS = {c: [i] for i, c in enumerate(GSM7) if c != "\x1b"} | {c: [0x1B, v] for c, v in EXTENSION.items()}
OF_EXTENSION = {v: c for c, v in EXTENSION.items()}


# ---- alphabets ----

def septets_of(text):
    return [s for c in text for s in SEPTETS[c]]


def text_of(septets):
    out, escape = "", False
    for s in septets:
        if s == 0x1B and not escape:
            escape = True
            continue
        out += OF_EXTENSION.get(s, " ") if escape else GSM7[s]
        escape = False
    return out


def pack(septets, header_octets=0):
    """Septets behind a header, on the next septet border (9.2.3.24)."""
    skip = -header_octets * 8 % 7
    bits = sum(s << 7 * i for i, s in enumerate(septets)) << skip
    return bits.to_bytes((skip + 7 * len(septets) + 7) // 8, "little")


def unpack(octets, count, header_octets=0):
    bits = int.from_bytes(octets, "little") >> (-header_octets * 8 % 7)
    return [bits >> 7 * i & 0x7F for i in range(count)]


def is_gsm7(text):
    return all(c in SEPTETS for c in text)


# ---- fields ----

def tp_address(number):
    """"+49171", "171" or "@Name" (alphanumeric)"""
    if number.startswith("@"):
        octets = pack(septets_of(number[1:]))
        return bytes([(7 * len(number[1:]) + 3) // 4, 0xD0]) + octets
    digits = number.lstrip("+")
    return bytes([len(digits), 0x91 if number.startswith("+") else 0x81]) + tbcd(digits)


class Octets:
    def __init__(self, octets):
        self.octets, self.at = octets, 0

    def take(self, n):
        if self.at + n > len(self.octets):
            raise Undecodable("TPDU too short")
        self.at += n
        return self.octets[self.at - n:self.at]

    def u8(self):
        return self.take(1)[0]

    def rest(self):
        return self.take(len(self.octets) - self.at)

    def address(self):
        length, kind = self.u8(), self.u8()
        octets = self.take((length + 1) // 2)
        if kind & 0x70 == 0x50:
            return "@" + text_of(unpack(octets, length * 4 // 7))
        digits = tbcd_digits(octets)
        if len(digits) != length:
            raise Undecodable("%d digits where %d are told" % (len(digits), length))
        return "+" + digits if kind & 0x70 == 0x10 else digits


def bcd_pair(n):
    return n // 10 | n % 10 << 4


def scts(when):
    """of an aware datetime"""
    quarters = int(when.utcoffset().total_seconds()) // 900
    zone = bcd_pair(abs(quarters)) | (8 if quarters < 0 else 0)
    return bytes([bcd_pair(n) for n in (when.year % 100, when.month, when.day, when.hour, when.minute, when.second)] + [zone])


def read_scts(octets):
    """RFC 3339"""
    n = [(o & 15) * 10 + (o >> 4) for o in octets[:6]]
    zone = (octets[6] & 7) * 10 + (octets[6] >> 4)
    minutes = zone * 15
    return "20%02d-%02d-%02dT%02d:%02d:%02d%s%02d:%02d" % (*n, "-" if octets[6] & 8 else "+", minutes // 60, minutes % 60)


def read_user_data(r, m, udhi):
    length, octets = r.u8(), r.rest()
    header = octets[:octets[0] + 1] if udhi else b""
    m.update(dcs=m["dcs"], udl=length, udh=header.hex(), ud=octets.hex())
    if m["dcs"] & 0xCC == 0x08 or m["dcs"] & 0xF0 == 0xE0:
        if length != len(octets):
            raise Undecodable("TP-UDL %d of %d octets" % (length, len(octets)))
        m["text"] = octets[len(header):].decode("utf-16-be", "surrogatepass")
    elif m["dcs"] & 0xCC == 0x04 or m["dcs"] & 0xF4 == 0xF4:
        m["data"] = octets[len(header):].hex()
    else:
        if (length * 7 + 7) // 8 != len(octets):
            raise Undecodable("TP-UDL %d septets of %d octets" % (length, len(octets)))
        m["text"] = text_of(unpack(octets[len(header):], length - (len(header) * 8 + 6) // 7, len(header)))
    return m


# ---- what came ----

def read_tpdu(octets, to_mobile):
    r = Octets(bytes(octets))
    first = r.u8()
    kind = first & 3
    if not to_mobile and kind == 1:
        return read_submit(r, first)
    if to_mobile and kind == 0:
        m = {"type": "deliver", "mms": bool(first & 4), "sri": bool(first & 0x20), "rp": bool(first & 0x80), "oa": r.address(), "pid": r.u8(), "dcs": r.u8()}
        m["scts"] = read_scts(r.take(7))
        return read_user_data(r, m, first & 0x40)
    if to_mobile and kind == 2:
        return {"type": "status_report", "mr": r.u8(), "ra": r.address(), "scts": read_scts(r.take(7)), "dt": read_scts(r.take(7)), "st": r.u8()}
    if not to_mobile and kind == 0:
        return {"type": "deliver_report", "hex": bytes(octets).hex()}
    raise Undecodable("TPDU of type %d" % kind)


def read_submit(r, first):
    m = {"type": "submit", "rd": bool(first & 4), "vpf": first >> 3 & 3, "srr": bool(first & 0x20), "rp": bool(first & 0x80), "mr": r.u8(),
         "da": r.address(), "pid": r.u8(), "dcs": r.u8(), "vp": ""}
    m["vp"] = r.take((0, 7, 1, 7)[m["vpf"]]).hex()
    return read_user_data(r, m, first & 0x40)


# ---- what is sent ----

def now(offset_minutes=0):
    return datetime.datetime.now(datetime.timezone(datetime.timedelta(minutes=offset_minutes))).replace(microsecond=0)


def user_data(text, udh=b"", dcs=None):
    """(dcs, TP-UDL and TP-UD)"""
    dcs = (0 if is_gsm7(text) else 8) if dcs is None else dcs
    if dcs == 8:
        octets = udh + text.encode("utf-16-be", "surrogatepass")
        return dcs, bytes([len(octets)]) + octets
    septets = septets_of(text)
    return dcs, bytes([len(septets) + (len(udh) * 8 + 6) // 7]) + udh + pack(septets, len(udh))


def deliver(oa, text, udh=b"", when=None, pid=0, dcs=None, more=False, first=0):
    dcs, ud = user_data(text, udh, dcs)
    head = first | (0 if more else 4) | (0x40 if udh else 0)
    return bytes([head]) + tp_address(oa) + bytes([pid, dcs]) + scts(when or now()) + ud


def cut(text, room, width):
    """Whole characters into parts of at most room units; width(c) units each."""
    parts, used = [""], 0
    for c in text:
        if used + width(c) > room:
            parts.append("")
            used = 0
        parts[-1] += c
        used += width(c)
    return parts


def deliveries(oa, text, ref=1, when=None):
    """SMS-DELIVERs of a text of any length."""
    gsm = is_gsm7(text)
    def width(c):
        return len(SEPTETS[c]) if gsm else len(c.encode("utf-16-be")) // 2
    if sum(map(width, text)) <= (160 if gsm else 70):
        return [deliver(oa, text, when=when)]
    parts = cut(text, 153 if gsm else 67, width)
    return [deliver(oa, part, bytes([5, 0, 3, ref & 255, len(parts), k]), when, dcs=0 if gsm else 8, more=k < len(parts))
            for k, part in enumerate(parts, 1)]


def status_report(mr, ra, submitted, status=0, discharged=None, more=False):
    """submitted, discharged: aware datetimes, or the octets of a time stamp as hexadecimal text"""
    def stamp(t):
        return bytes.fromhex(t) if isinstance(t, str) else scts(t or now())
    return bytes([2 | (0 if more else 4), mr]) + tp_address(ra) + stamp(submitted) + stamp(discharged) + bytes([status])


def submit_report(when=None, fcs=None):
    """SMS-SUBMIT-REPORT for RP-ACK, or for RP-ERROR with a failure cause"""
    stamp = bytes.fromhex(when) if isinstance(when, str) else scts(when or now())
    return (b"\x01" + bytes([fcs]) if fcs is not None else b"\x01") + b"\0" + stamp
