# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 the ipsmgw authors
"""Short messages that are no text for A, and those that are all the same (spec 5.3)."""

from harness import check, equal

PORTS_16, PORTS_8 = b"\x06\x05\x04\x23\xf4\x00\x00", b"\x04\x04\x02\xf5\xf5"

# what, fields of the deliver_sm, octets
ABSORBED = (("type 0", {"protocol_id": 0x40}, b"you do not see this"), ("type 0 without text", {"protocol_id": 0x40}, b""),
            ("MWI, discard", {"data_coding": 0xC8}, b"voice mail"), ("MWI, discard, inactive", {"data_coding": 0xC0}, b""))
REFUSED = (("8 bit data", {"data_coding": 4}, b"\x01\x02\x03"), ("8 bit data, class 1", {"data_coding": 0xF5}, b"\x01\x02\x03"),
           ("16-bit ports", {"esm_class": 0x40}, PORTS_16 + b"wap push"), ("8-bit ports", {"esm_class": 0x40}, PORTS_8 + b"vcard"),
           ("ports and UCS-2", {"esm_class": 0x40, "data_coding": 8}, PORTS_16 + "text".encode("utf-16-be")),
           ("(U)SIM data download", {"protocol_id": 0x7F, "data_coding": 0xF6}, b"\x01\x02"),
           ("(U)SIM data download as text", {"protocol_id": 0x7F, "data_coding": 0xF2}, b"text"))
DELIVERED = (("replace type %d" % n, {"protocol_id": 0x40 + n}, b"newer") for n in range(1, 8))
DELIVERED = (*DELIVERED, ("MWI, store", {"data_coding": 0xD8}, b"newer"), ("MWI, store, UCS-2", {"data_coding": 0xE8}, "newer".encode("utf-16-be")),
             ("return call", {"protocol_id": 0x5F}, b"newer"), ("class 0", {"data_coding": 0x10}, b"newer"))


def for_a(a):
    return lambda r: r.uri == "tel:" + a


def sent(s, table):
    """{what: (A, deliver_sm_resp)}"""
    found = {}
    for what, fields, octets in table:
        a, b = s.pair()
        found[what] = (a, s.smsc.mo(b, a, octets, **fields))
    return found


def seen(s, found):
    """What A was shown although it should not"""
    a, b = s.pair()
    equal(s.smsc.mo(b, a, b"behind them"), 0)
    check(s.a.wait(for_a(a)), "nothing comes any more")
    return {what: r.text for what, (a, _) in found.items() for r in [s.a.wait(for_a(a), 0.05)] if r}


def test_acknowledged_and_not_shown(s):
    """R-73 and waiting indications that are to be discarded."""
    found = sent(s, ABSORBED)
    equal({what: status for what, (_, status) in found.items() if status != 0}, {}, "deliver_sm_resp")
    equal(seen(s, found), {}, "shown")


def test_refused_and_not_shown(s):
    """R-74: for good, so that the SMSC does not repeat what can never be delivered."""
    found = sent(s, REFUSED)
    equal({what: status for what, (_, status) in found.items() if status != 0x65}, {}, "deliver_sm_resp")
    equal(seen(s, found), {}, "shown")


def test_shown_as_a_message_of_its_own(s):
    """Replaced ones too: what A has read cannot be taken back."""
    a, b = s.pair()
    equal(s.smsc.mo(b, a, b"older", protocol_id=0x41), 0)
    equal(s.smsc.mo(b, a, b"newer", protocol_id=0x41), 0)
    equal([r.text for r in s.a.wait(for_a(a), count=2)], ["older", "newer"])
    for what, (a, status) in sent(s, DELIVERED).items():
        r = s.a.wait(for_a(a))
        check(status == 0 and r and r.text == "newer", what, status, r and r.text)
