# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 the ipsmgw authors
"""tshark as the judge of what the connector writes."""

from harness import check, equal
import oracle

TEXTS = ["hello", "x" * 400, "Привет " * 30, "[" * 140, "emoji \U0001F600"]


def talk(s):
    """Both ways, reports, concatenation; gives the texts that went out."""
    for text in TEXTS:
        a, b = s.pair()
        equal(s.text(text, a, b, notify="positive-delivery")[1].code, 202)
        s.smsc.wait_submits(b, len(oracle.parts_of(text)))
        equal(s.smsc.mo(b, a, b"back"), 0)
        for k in (1, 2):
            equal(s.smsc.mo(b, a, bytes([5, 0, 3, 1, 2, k]) + b"part", esm_class=0x40), 0)
    s.smsc.control("enquire")


def test_tshark_finds_nothing_malformed(stack):
    with stack() as s:
        capture = s.capture()
        s.smsc.control("drop")
        s.wait_bound()
        talk(s)
        capture.stop()
        rows = [line.split("\t") for line in capture.tshark("-Y", "smpp", "-T", "fields", "-e", "smpp.command_id").splitlines()]
        seen = {int(x, 16) for row in rows for x in row[0].split(",") if x}
        check({0x4, 0x80000004, 0x80000005, 0x9, 0x80000015} <= seen, "commands seen:", sorted(hex(x) for x in seen))
        bad = capture.tshark("-Y", "smpp && (_ws.malformed || _ws.expert.severity >= 6291456) && tcp.dstport == %d" % capture.port)
        equal(bad, "", "malformed, or an expert's warning")


def test_tshark_puts_the_parts_together(stack):
    with stack() as s:
        capture = s.capture()
        a, b = s.pair()
        text = "The quick brown fox jumps over the lazy dog. " * 9
        equal(s.text(text, a, b)[1].code, 202)
        s.smsc.wait_submits(b, 3)
        capture.stop()
        fields = capture.tshark("-Y", "smpp.command_id == 4", "-T", "fields", "-e", "gsm_sms_ud.reassembled.length", "-e", "gsm_sms_ud.short_msg")
        whole = [line.split("\t") for line in fields.splitlines() if line.strip()]
        equal(len(whole), 1, "reassembled messages in " + fields)
        equal(int(whole[0][0]), len(oracle.gsm7(text)), "septets put together")
        equal(capture.tshark("-Y", "gsm_sms_ud.fragment.error || gsm_sms_ud.fragment.overlap || gsm_sms_ud.fragment.too_long_fragment"), "", "fragment errors")
