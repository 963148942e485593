# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 the ipsmgw authors
"""Spec 3.7: national language tables where they save parts, and typography written plainly. Octets by TS 23.038 annex A."""

import oracle
from harness import ROOT, equal
from sip_peer import pager

STACK = {"modparams": {"national_tables": "turkish,portuguese", "transliterate": 1}}


def sent(s, text):
    """[(data_coding, esm_class, hex), ..] of one text"""
    a, b = s.pair()
    _, answer = s.text(text, a, b)
    equal(answer.code, 202)
    s.smsc.wait_submits(b)
    return [(p["dcs"], p["esm"], p["hex"]) for p in s.smsc.submits(lambda p: p["to"] == b[1:])]


def test_turkish_by_its_single_shift_table(s):
    """71 to 155 characters: one part instead of two or three. ESC 0x67 is g with breve in the Turkish extension table."""
    text = "Dağ " * 20
    equal(sent(s, text), [(0, 0x40, "03240101" + "44611b6720" * 20)])


def test_no_table_where_ucs2_costs_the_same(s):
    """One part either way: every phone knows UCS-2."""
    equal(sent(s, "Dağ"), [(8, 0, "00440061011f")])


def test_typography_written_plainly(s):
    equal(sent(s, "\u201chi\u201d \u2013 \u2026"), [(0, 0, "22686922202d202e2e2e")])


def test_typography_stays_beside_other_characters(s):
    equal(sent(s, "\u201cж\u201d"), [(8, 0, "201c0436201d")])


def test_national_text_comes_back(s):
    """Single shift table Turkish in the UDH of a deliver_sm; locking shift table Portuguese with a part border inside."""
    a, b = s.pair()
    equal(s.smsc.mo(b, a, bytes.fromhex("03240101" + "44611b67"), esm_class=0x40), 0)
    equal(s.a.wait(lambda r: r.uri.startswith("tel:" + a)).text, "Dağ")
    a, b = s.pair()
    equal(s.smsc.mo(b, a, bytes.fromhex("08000307020125010361" + "7b"), esm_class=0x40), 0)
    equal(s.smsc.mo(b, a, bytes.fromhex("08000307020225010362" + "7c"), esm_class=0x40), 0)
    equal(s.a.wait(lambda r: r.uri.startswith("tel:" + a)).text, "aãbõ")


def content(s, content_type, name):
    """What B reads of a document out of the fuzzers' corpus."""
    with open("%s/test/fuzz/corpus/content_link/%s" % (ROOT, name), "rb") as f:
        document = f.read()
    a, b = s.pair()
    answer = s.a.send(s.sip, pager(document, a, b, content_type=content_type))
    if answer.code != 202:
        return answer.code
    s.smsc.wait_submits(b)
    return oracle.text_of(s.smsc.submits(lambda p: p["to"] == b[1:]))


def test_file_by_http_is_a_link(s):
    equal(content(s, "application/vnd.gsma.rcs-ft-http+xml", "file-and-thumbnail"), "a.jpg HTTPS://h/")


def test_place_is_a_link(s):
    equal(content(s, "application/vnd.gsma.rcspushlocation+xml", "place"),
          "meeting & eating https://www.openstreetmap.org/?mlat=26.1181289&mlon=-80.1283921")


def test_no_position_no_message(s):
    equal(content(s, "application/vnd.gsma.rcspushlocation+xml", "no-position"), 400)
    equal(content(s, "application/vnd.gsma.rcs-ft-http+xml", "script-for-a-url"), 400)


def test_charsets_through_iconv(s):
    a, b = s.pair()
    equal(s.a.send(s.sip, pager("Привет".encode("koi8-r"), a, b, content_type="text/plain;charset=koi8-r")).code, 202)
    equal(s.smsc.wait_submits(b)[0]["hex"], "Привет".encode("utf-16-be").hex())
    a, b = s.pair()
    equal(s.a.send(s.sip, pager(b"x", a, b, content_type="text/plain;charset=no-such-charset")).code, 415)
