# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 the ipsmgw authors
"""Messages of a file of vectors, changed at random but the same for the same seed: a network gone mad, or hostile."""

import pathlib
import random

import sccp


def vectors(files):
    """Octets of each line "name hex"."""
    lines = [line.split() for f in files for line in pathlib.Path(f).read_text().splitlines()]
    return [bytes.fromhex(words[1]) for words in lines if len(words) == 2 and words[0] != "#"]


def flip(r, o):
    o[r.randrange(len(o))] ^= 1 << r.randrange(8)


def set_octet(r, o):
    o[r.randrange(len(o))] = r.choice((0, 1, 0x7F, 0x80, 0x81, 0x82, 0x84, 0xFF, 0x1F, 0x9F, r.randrange(256)))


def insert(r, o):
    at = r.randrange(len(o) + 1)
    o[at:at] = r.randbytes(r.randrange(1, 6))


def delete(r, o):
    at = r.randrange(len(o))
    del o[at:at + r.randrange(1, 6)]


def cut(r, o):
    del o[r.randrange(len(o)):]


def repeat(r, o):
    at = r.randrange(len(o))
    n = r.randrange(1, 20)
    o[at:at] = o[at:at + n] * r.randrange(1, 4)


def splice(r, o, other):
    o[r.randrange(len(o)):] = other[r.randrange(len(other)):]


CHANGES = (flip, set_octet, set_octet, insert, delete, cut, repeat)


def mutate(r, octets, others):
    o = bytearray(octets)
    for _ in range(r.choice((1, 1, 2, 3, 6))):
        if not o:
            break
        if r.random() < 0.1:
            splice(r, o, r.choice(others))
        else:
            r.choice(CHANGES)(r, o)
    return bytes(o[:3900]) or b"\0"


def wrap(r, octets, called, calling):
    """In a UDT, or in XUDT segments if it is too long for one."""
    if len(octets) > 250:
        return sccp.segments(called, calling, octets[:2000], r.choice((150, 200)), r.randrange(1 << 24))
    return [sccp.unitdata(called, calling, octets, on_error=r.random() < 0.5)]


def messages(o, called, calling):
    """SCCP messages of a command {"seed", "count", "files", "layer": "tcap", "sccp" or "both"}."""
    r, all_of_them, layer = random.Random(o.get("seed", 1)), vectors(o["files"]), o.get("layer", "both")
    for _ in range(o["count"]):
        octets = r.choice(all_of_them)
        below = layer == "sccp" or (layer == "both" and r.random() < 0.3)
        if not below:
            octets = mutate(r, octets, all_of_them)
        for message in wrap(r, octets, called, calling):
            yield mutate(r, message, [message])[:3900] if below else message
