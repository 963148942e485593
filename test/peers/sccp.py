# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 the ipsmgw authors
"""Connectionless SCCP (Q.713): addresses as dicts, UDT, UDTS, XUDT, XUDTS, LUDT, LUDTS, and segments.

    gt("+491710760100", 6)                         an address: GTI 4, routed on the title
    unitdata(called, calling, data)                octets of a UDT
    segments(called, calling, data, room, ref)     octets of XUDTs
    decode(octets)                                 dict; Malformed
"""

import struct

UDT, UDTS, XUDT, XUDTS, LUDT, LUDTS = 0x09, 0x0A, 0x11, 0x12, 0x13, 0x14
NAMES = {UDT: "UDT", UDTS: "UDTS", XUDT: "XUDT", XUDTS: "XUDTS", LUDT: "LUDT", LUDTS: "LUDTS"}
SEGMENTATION, END = 0x10, 0x00
HEX = "0123456789abcdef"


class Malformed(Exception):
    pass


# ---- addresses ----

def gt(number, ssn, gti=4, tt=0, pc=None, on_ssn=False, np=1, nai=4):
    """number None: no global title"""
    return {"digits": number.lstrip("+") if number else None, "ssn": ssn, "gti": gti if number else 0, "tt": tt, "np": np, "nai": nai, "pc": pc, "on_ssn": on_ssn}


def bcd(digits):
    values = [HEX.index(d) for d in digits] + [0] * (len(digits) & 1)
    return bytes(values[i] | values[i + 1] << 4 for i in range(0, len(values), 2))


def address(a):
    """Its octets, without length."""
    digits = a["digits"] or ""
    odd = len(digits) & 1
    head = {0: b"", 1: bytes([odd << 7 | a["nai"]]), 2: bytes([a["tt"]]), 3: bytes([a["tt"], a["np"] << 4 | (1 if odd else 2)]),
            4: bytes([a["tt"], a["np"] << 4 | (1 if odd else 2), a["nai"]])}[a["gti"]]
    out = bytes([a["on_ssn"] << 6 | a["gti"] << 2 | (a["ssn"] is not None) << 1 | (a["pc"] is not None)])
    if a["pc"] is not None:
        out += struct.pack("<H", a["pc"])
    if a["ssn"] is not None:
        out += bytes([a["ssn"]])
    return out + head + bcd(digits)


def take(octets, n):
    if len(octets) < n:
        raise Malformed("address too short")
    return octets[:n], octets[n:]


def read_address(octets):
    indicator, rest = take(octets, 1)
    indicator = indicator[0]
    a = gt(None, None, on_ssn=bool(indicator & 0x40))
    a.update(gti=indicator >> 2 & 15, np=0, nai=0)
    if indicator & 1:
        pc, rest = take(rest, 2)
        a["pc"] = struct.unpack("<H", pc)[0]
    if indicator & 2:
        ssn, rest = take(rest, 1)
        a["ssn"] = ssn[0]
    if a["gti"] > 4:
        raise Malformed("GTI %d" % a["gti"])
    head, rest = take(rest, (0, 1, 1, 2, 3)[a["gti"]])
    odd = False
    if a["gti"] == 1:
        a["nai"], odd = head[0] & 0x7F, bool(head[0] & 0x80)
    elif a["gti"] >= 2:
        a["tt"] = head[0]
    if a["gti"] >= 3:
        a["np"], odd = head[1] >> 4, head[1] & 15 == 1
        if head[1] & 15 not in (1, 2):
            raise Malformed("encoding scheme %d" % (head[1] & 15))
    if a["gti"] == 4:
        a["nai"] = head[2]
    if a["gti"]:
        digits = "".join(HEX[o & 15] + HEX[o >> 4] for o in rest)
        a["digits"] = digits[:-1] if odd else digits
    return a


def same_end(a, b):
    return (a["digits"], a["pc"], a["ssn"]) == (b["digits"], b["pc"], b["ssn"])


# ---- messages ----

def variable(fixed, parts, optional=None, octets_of_length=(1, 1, 1)):
    """fixed octets, pointers, and the parts behind their length octets; optional None: this type has no such part."""
    pointers, body, n = b"", b"", len(parts) + (optional is not None)
    wide = max(octets_of_length) > 1
    for i, (part, size) in enumerate(zip(parts, octets_of_length)):
        distance = (n - i) * (2 if wide else 1) - (1 if wide else 0) + len(body)
        pointers += struct.pack("<H", distance) if wide else bytes([distance])
        body += (struct.pack("<H", len(part)) if size == 2 else bytes([len(part)])) + part
    if optional is not None:
        distance = 1 + len(body) if optional else 0
        pointers += struct.pack("<H", distance) if wide else bytes([distance])
    return fixed + pointers + body + (optional or b"")


def unitdata(called, calling, data, protocol_class=0, on_error=True):
    return variable(bytes([UDT, protocol_class | on_error << 7]), [address(called), address(calling), data])


def xunitdata(called, calling, data, segment=None, protocol_class=0, on_error=True, hops=15):
    """segment: (first, in sequence, remaining, reference)"""
    return variable(bytes([XUDT, protocol_class | on_error << 7, hops]), [address(called), address(calling), data], segmentation(segment))


def segmentation(segment):
    """The optional part."""
    if not segment:
        return b""
    first, in_sequence, remaining, reference = segment
    return bytes([SEGMENTATION, 4, first << 7 | in_sequence << 6 | remaining]) + reference.to_bytes(3, "little") + bytes([END])


def long_unitdata(called, calling, data, protocol_class=0, on_error=True, hops=15):
    return variable(bytes([LUDT, protocol_class | on_error << 7, hops]), [address(called), address(calling), data], b"", (1, 1, 2))


def segments(called, calling, data, room, reference):
    """XUDTs with at most room octets of data each."""
    cuts = [data[i:i + room] for i in range(0, len(data), room)]
    return [xunitdata(called, calling, cut, (k == 0, True, len(cuts) - 1 - k, reference), protocol_class=1) for k, cut in enumerate(cuts)]


def returned(message, cause):
    """The UDTS or XUDTS of a decoded message, to where it came from."""
    parts = [address(message["calling"]), address(message["called"]), message["data"]]
    if message["type"] == "UDT":
        return variable(bytes([UDTS, cause]), parts)
    return variable(bytes([XUDTS, cause, 15]), parts, segmentation(message["segment"]))


def read_variable(octets, at, length_octets=1, wide=False):
    """What the pointer at that place points to."""
    start = at + struct.unpack_from("<H", octets, at)[0] + 1 if wide else at + octets[at]
    length = struct.unpack_from("<H", octets, start)[0] if length_octets == 2 else octets[start]
    start += length_octets
    if start + length > len(octets):
        raise Malformed("a length leads outside")
    return octets[start:start + length]


def read_segment(octets, at, wide):
    distance = struct.unpack_from("<H", octets, at)[0] + wide if wide else octets[at]
    if not octets[at]:
        return None
    at += distance
    while octets[at] != END:
        if octets[at] == SEGMENTATION:
            value = octets[at + 2:at + 2 + octets[at + 1]]
            return bool(value[0] & 0x80), bool(value[0] & 0x40), value[0] & 15, int.from_bytes(value[1:4], "little")
        at += 2 + octets[at + 1]
    return None


def decode(octets):
    try:
        kind = octets[0]
        if kind not in NAMES:
            raise Malformed("message type %#x" % kind)
        wide, hops = kind in (LUDT, LUDTS), kind not in (UDT, UDTS)
        at, step = 3 if hops else 2, 2 if wide else 1
        m = {"type": NAMES[kind], "called": read_address(read_variable(octets, at, 1, wide)),
             "calling": read_address(read_variable(octets, at + step, 1, wide)),
             "data": read_variable(octets, at + 2 * step, 2 if wide else 1, wide), "segment": None, "cause": None}
        if kind in (UDTS, XUDTS, LUDTS):
            m["cause"] = octets[1]
        else:
            m.update({"class": octets[1] & 15, "on_error": bool(octets[1] & 0x80)})
        if hops:
            m["segment"] = read_segment(octets, at + 3 * step, wide)
        return m
    except (IndexError, struct.error) as e:
        raise Malformed(str(e)) from e


class Reassembly:
    """Segments of several senders; gives the whole message, or None. A wrong one raises Malformed."""

    def __init__(self):
        self.open = {}   # (calling digits, pc, reference) -> [message, remaining]

    def take(self, m):
        if not m["segment"]:
            return m
        first, _, remaining, reference = m["segment"]
        key = (m["calling"]["digits"], m["calling"]["pc"], reference)
        if first:
            self.open[key] = [dict(m, segments=1), remaining]
        else:
            if key not in self.open or self.open[key][1] != remaining + 1:
                self.open.pop(key, None)
                raise Malformed("segment out of order")
            held = self.open[key][0]
            self.open[key] = [dict(held, data=held["data"] + m["data"], segments=held["segments"] + 1), remaining]
        if remaining:
            return None
        return self.open.pop(key)[0]
