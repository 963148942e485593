# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 the ipsmgw authors
"""What a short message must look like, worked out a second time from TS 23.038 and TS 23.040; shares nothing with lib/."""

import collections

GSM7 = ("@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞ\x1bÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
        "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà")
EXTENSION = {"\f": 0x0A, "^": 0x14, "{": 0x28, "}": 0x29, "\\": 0x2F, "[": 0x3C, "~": 0x3D, "]": 0x3E, "|": 0x40, "€": 0x65}
assert len(GSM7) == 128
TO_SEPTET = {c: bytes([i]) for i, c in enumerate(GSM7) if c != "\x1b"}
TO_SEPTET.update({c: bytes([0x1B, v]) for c, v in EXTENSION.items()})
FROM_EXTENSION = {v: k for k, v in EXTENSION.items()}

Part = collections.namedtuple("Part", "udh text dcs")   # octets, octets, data_coding


def is_gsm7(text):
    return all(c in TO_SEPTET for c in text)


def gsm7(text):
    return b"".join(TO_SEPTET[c] for c in text)


def gsm7_text(septets):
    out, i = "", 0
    while i < len(septets):
        if septets[i] == 0x1B and i + 1 < len(septets):
            out += FROM_EXTENSION.get(septets[i + 1], " ")
            i += 1
        else:
            out += GSM7[septets[i]]
        i += 1
    return out


def cut(units, room):
    """Whole characters into parts of at most room octets."""
    parts = [b""]
    for unit in units:
        if len(parts[-1]) + len(unit) > room:
            parts.append(b"")
        parts[-1] += unit
    return parts


def parts_of(text, ref=0, clusters=None):
    """The submit_sm of a text, as Part. clusters: the text cut into what may not be divided; default single characters."""
    clusters = clusters or list(text)
    assert "".join(clusters) == text
    dcs = 0 if is_gsm7(text) else 8
    units = [gsm7(c) if dcs == 0 else c.encode("utf-16-be") for c in clusters]
    if sum(map(len, units)) <= (160 if dcs == 0 else 140):
        return [Part(b"", b"".join(units), dcs)]
    cuts = cut(units, 153 if dcs == 0 else 134)
    return [Part(bytes([5, 0, 3, ref, len(cuts), k]), octets, dcs) for k, octets in enumerate(cuts, 1)]


def split_udh(octets, esm):
    """(udh with its length octet, rest)"""
    if not esm & 0x40:
        return b"", octets
    n = octets[0] + 1
    return octets[:n], octets[n:]


def concat_of(udh):
    """(ref, total, part) or None"""
    i = 1
    while i + 1 < len(udh):
        iei, value = udh[i], udh[i + 2:i + 2 + udh[i + 1]]
        if iei == 0 and len(value) == 3:
            return value[0], value[1], value[2]
        if iei == 8 and len(value) == 4:
            return value[0] << 8 | value[1], value[2], value[3]
        i += 2 + udh[i + 1]
    return None


def text_of(parts):
    """Text of submits in the order of their parts; each is a dict of the SMSC's log."""
    units = b"".join(split_udh(bytes.fromhex(p["hex"]), p["esm"])[1] for p in parts)
    return units.decode("utf-16-be") if parts[0]["dcs"] == 8 else gsm7_text(units)
