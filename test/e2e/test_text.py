# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 the ipsmgw authors
"""Pitfalls "Text": what a text is as short messages, octet for octet, out and back."""

from harness import Skip, check, equal
import oracle

FAMILY = "\U0001F468\u200D\U0001F469\u200D\U0001F467\u200D\U0001F466"   # one picture, 11 UTF-16 units
GSM_SAMPLE = "".join(c for c in oracle.GSM7 if c not in "\x1b\r")

# name, text, data_coding, hex of short_message of a text that fits one SM (None: by the oracle)
TABLE = [
    ("ascii", "Lunch at 12?", 0, "4c756e636820617420" + "31323f"),
    ("at_and_dollar", "@ $ _", 0, "0020022011"),
    ("accents_of_gsm", "é è ù ì ò à", 0, "05200420062007200820" + "7f"),
    ("umlauts", "äöüßÄÖÜ ñÑ øØ åÅ æÆ", 0, "7b7c7e1e5b5c5e207d5d200c0b200f0e201d1c"),
    ("greek_capitals", "ΔΦΓΛΩΠΨΣΘΞ", 0, "101213141516171819" + "1a"),
    ("euro", "10 €", 0, "3130201b65"),
    ("brackets", "[]{}\\~^|", 0, "1b3c1b3e1b281b291b2f1b3d1b141b40"),
    ("newline", "a\nb", 0, "610a62"),
    ("form_feed", "a\fb", 0, "611b0a62"),
    ("capital_cedilla", "Ç", 0, "09"),
    ("whole_alphabet", GSM_SAMPLE, 0, None),
    ("small_cedilla", "ça va", 8, "00e700610020007600" + "61"),
    ("tab", "a\tb", 8, "006100090062"),
    ("backtick", "`ls`", 8, "0060006c00730060"),
    ("typographic_quotes", "“hi” – …", 8, "201c00680069201d0020201300202026"),
    ("circumflex_e", "être", 8, "00ea007400720065"),
    ("cyrillic", "Привет", 8, "041f04400438043204350442"),
    ("chinese", "你好", 8, "4f60597d"),
    ("arabic", "مرحبا", 8, "06450631062d06280627"),
    ("emoji", "Hi \U0001F600", 8, "004800690020d83dde00"),
    ("nul_octet_inside", "āȀЀ\u0400A", 8, "0101020004000400" + "0041"),
    ("ucs2_over_35", "я" * 50, 8, "044f" * 50),
    ("minus_and_soft_hyphen", "- \u00ad", 8, "002d002000ad"),
    ("gsm_160", "x" * 160, 0, "78" * 160),
    ("gsm_161", "x" * 161, 0, None),
    ("gsm_306", "y" * 306, 0, None),
    ("gsm_307", "z" * 307, 0, None),
    ("ucs2_70", "ж" * 70, 8, "0436" * 70),
    ("ucs2_71", "ж" * 71, 8, None),
    ("ucs2_134", "ж" * 134, 8, None),
    ("ucs2_135", "ж" * 135, 8, None),
    ("brackets_140", "[" * 140, 0, None),
    ("brackets_80", "[" * 80, 0, "1b3c" * 80),
    ("escape_at_border", "a" * 152 + "€" + "b" * 20, 0, None),
    ("surrogates_at_border", "ж" * 66 + "\U0001F600" + "ж" * 20, 8, None),
    ("emoji_only_40", "\U0001F600" * 40, 8, None),
    ("four_hundred", "The quick brown fox jumps over the lazy dog. " * 9, 0, None),
    ("ten_parts", "ten parts " * 153, 0, None),
]
CLUSTERED = [
    ("family_at_border", ["ж"] * 60 + [FAMILY] + ["ж"] * 20),
    ("skin_tone_at_border", ["ж"] * 66 + ["\U0001F44D\U0001F3FD"] + ["ж"] * 20),
    ("flag_at_border", ["ж"] * 65 + ["\U0001F1E9\U0001F1EA"] + ["ж"] * 20),
    ("combining_mark_at_border", ["ж"] * 66 + ["e\u0301"] + ["ж"] * 20),
]


def expected(row):
    name, text, dcs, octets = row
    parts = oracle.parts_of(text)
    equal(parts[0].dcs, dcs, name + ": the oracle's data_coding")
    if octets is not None:
        equal([p.text.hex() for p in parts], [octets], name + ": the oracle against the table")
    return parts


def same_submits(name, submits, parts):
    """Octet-exact, but for the reference, which must be one and the same."""
    equal(len(submits), len(parts), name + ": parts")
    refs = set()
    for submit, part in zip(sorted(submits, key=lambda p: p["hex"][10:12] if p["esm"] & 0x40 else ""), parts):
        udh, text = oracle.split_udh(bytes.fromhex(submit["hex"]), submit["esm"])
        if part.udh:
            refs.add(udh[3])
            equal(udh[:3] + udh[4:], part.udh[:3] + part.udh[4:], name + ": UDH")
        equal(text.hex(), part.text.hex(), name + ": octets")
        equal(submit["dcs"], part.dcs, name + ": data_coding")
        equal(submit["esm"], 0x40 if part.udh else 0, name + ": esm_class")
        check(len(bytes.fromhex(submit["hex"])) <= (160 if part.dcs == 0 else 140), name, "part is too long")
    check(len(refs) <= 1, name, "different references", refs)


def out(s, name, text, parts):
    a, b = s.pair()
    request, answer = s.text(text, a, b)
    check(answer and answer.code == 202, name, "answered", answer and answer.start)
    submits = s.smsc.wait_submits(b, count=len(parts))
    equal({p["from"] for p in submits}, {a[1:]}, name + ": source_addr")
    same_submits(name, submits, parts)


def back(s, name, text, parts):
    a, b = s.pair()
    for part in parts:
        status = s.smsc.mo(b, a, part.udh + part.text, data_coding=part.dcs, esm_class=0x40 if part.udh else 0)
        equal(status, 0, name + ": deliver_sm_resp")
    request = s.a.wait(lambda r: r.uri.startswith("tel:" + a))
    check(request, name, "A got nothing")
    equal(request.text, text, name)


def each(rows, one, s):
    """Run all rows and name every one that fails."""
    bad = []
    for row in rows:
        try:
            one(s, row)
        except Exception as e:
            bad.append("%s: %s" % (row[0], e))
    check(not bad, "%d of %d rows: " % (len(bad), len(rows)), " | ".join(bad))


def test_table_out(s):
    each(TABLE, lambda s, row: out(s, row[0], row[1], expected(row)), s)


def test_table_back(s):
    each(TABLE, lambda s, row: back(s, row[0], row[1], expected(row)), s)


def test_clusters_stay_whole(s):
    each(CLUSTERED, lambda s, row: out(s, row[0], "".join(row[1]), oracle.parts_of("".join(row[1]), clusters=row[1])), s)
    each(CLUSTERED, lambda s, row: back(s, row[0], "".join(row[1]), oracle.parts_of("".join(row[1]), clusters=row[1])), s)


def test_surrogate_pair_split_by_a_sender(s):
    """Another network cuts the pair in two: joined before it is decoded."""
    a, b = s.pair()
    units = ("ж" * 66 + "\U0001F600" + "ж").encode("utf-16-be")
    for k, octets in enumerate((units[:134], units[134:]), 1):
        equal(s.smsc.mo(b, a, bytes([5, 0, 3, 0x77, 2, k]) + octets, data_coding=8, esm_class=0x40), 0)
    equal(s.a.wait(lambda r: r.uri.startswith("tel:" + a)).text, "ж" * 66 + "\U0001F600" + "ж")


def test_crlf_becomes_lf(s):
    a, b = s.pair()
    equal(s.text("one\r\ntwo\rthree", a, b)[1].code, 202)
    equal(s.smsc.wait_submits(b)[0]["hex"], b"one\ntwo\nthree".hex())


def test_too_long_is_413_and_nothing_is_sent(s):
    a, b = s.pair()
    equal(s.text("x" * (153 * 10 + 1), a, b)[1].code, 413)
    equal(s.text("ж" * (67 * 10 + 1), a, b)[1].code, 413)
    s.smsc.no_submit(b)


def test_five_thousand_octets_do_no_harm(s):
    a, b = s.pair()
    equal(s.text("x" * 5000, a, b)[1].code, 413)
    equal(s.text("still here", a, b)[1].code, 202)
    s.smsc.wait_submits(b)


def test_sixteen_bit_references(stack):
    """A UDH of 7 octets costs one septet and puts none before the text."""
    with stack(modparams={"ref_bits": 16}) as s:
        for text, octets, room in (("@" + "x" * 399, b"\0" + b"x" * 399, 152), ("ж" * 140, "ж".encode("utf-16-be") * 140, 132)):
            a, b = s.pair()
            equal(s.text(text, a, b)[1].code, 202)
            cut = [octets[i:i + room] for i in range(0, len(octets), room)]
            submits = sorted((bytes.fromhex(p["hex"]) for p in s.smsc.wait_submits(b, len(cut))), key=lambda p: p[6])
            equal([(p[:3], p[5:7], p[7:]) for p in submits], [(b"\6\x08\4", bytes([len(cut), k]), part) for k, part in enumerate(cut, 1)])
            equal(len({p[3:5] for p in submits}), 1, "one reference")


def test_utf16_and_latin1_bodies(s):
    for charset, codec in (("iso-8859-1", "latin-1"), ("us-ascii", "ascii"), ("UTF-16", "utf-16")):
        a, b = s.pair()
        text = "plain" if charset == "us-ascii" else "né à 5"
        equal(s.text(text.encode(codec), a, b, content_type="text/plain; charset=" + charset)[1].code, 202, charset)
        equal(s.smsc.wait_submits(b)[0]["hex"], oracle.gsm7(text).hex(), charset)


def test_gammu_reads_the_same(s):
    """A second opinion on the alphabet: packed by us here, read by libgammu."""
    try:
        import gammu
    except ImportError as e:
        raise Skip("python3-gammu is not installed") from e
    a, b = s.pair()
    text = "äöü€[]{} Δ @£$"
    equal(s.text(text, a, b)[1].code, 202)
    septets = bytes.fromhex(s.smsc.wait_submits(b)[0]["hex"])
    bits = "".join(format(x, "07b")[::-1] for x in septets)
    packed = bytes(int(bits[i:i + 8].ljust(8, "0")[::-1], 2) for i in range(0, len(bits), 8))
    header = bytes.fromhex("07911326040000F0" + "04" + "0B911346610089F6" + "0000" + "20806291731408")
    read = gammu.DecodePDU(header + bytes([len(septets)]) + packed)["Text"]
    equal(read[:len(text)], text, "gammu (which counts escapes twice and shows rubbish behind the text)")
