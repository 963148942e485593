# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 the ipsmgw authors
"""How long the SMSC may try (spec 3.7): Expires, counted from Date, else from the CPIM DateTime, else from now."""

import re
import time

from harness import check, equal
from notifications import BOTH, FAST, by_hand, check_original, notified, rewrite, stays
from sip_peer import http_date, pager, simple_im

STACK = FAST
HOUR, DAY = 3600, 86400


def relative(vp):
    """SMPP 3.4 7.1.1: YYMMDDhhmmss000R in seconds, months and years never occur here"""
    check(re.match(r"^0000\d{8}000R$", vp), "validity_period", vp)
    day, hour, minute, second = (int(vp[i:i + 2]) for i in (4, 6, 8, 10))
    return day * DAY + hour * HOUR + minute * 60 + second


def written(seconds):
    """RFC 3339, that far from now"""
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + seconds)).encode()


def submitted(s, a, b, m):
    equal(s.a.send(s.sip, m).code, 202)
    return s.smsc.wait_submits(b)[0]["vp"]


def near(got, want, what):
    """What is left when it goes out: want or a little less; the connector counts down in seconds."""
    check(want - 10 <= got <= want, what, "got %d, want %d" % (got, want))


def test_expires_from_now(s):
    by_hand(s)
    for expires in (600, HOUR, 20 * HOUR):
        a, b = s.pair()
        near(relative(submitted(s, a, b, pager("x", a, b).add("Expires", str(expires)))), expires, "Expires %d" % expires)
    a, b = s.pair()
    near(relative(submitted(s, a, b, pager("x", a, b))), DAY, "no Expires: validity_default_s")


def test_expires_from_the_cpim_datetime(s):
    """Ten minutes of an hour are gone; one that lies in the future is somebody's wrong clock."""
    by_hand(s)
    for ago, want in ((-600, HOUR - 600), (600, HOUR)):
        a, b = s.pair()
        m = pager("x", a, b).add("Expires", str(HOUR))
        rewrite(m, rb"^DateTime: .*?\r$", b"DateTime: %s\r" % written(ago))
        near(relative(submitted(s, a, b, m)), want, "DateTime %+d s" % ago)


def test_expires_from_date(s):
    """Date is asked before the CPIM."""
    by_hand(s)
    for ago, want in ((-1200, HOUR - 1200), (600, HOUR)):
        a, b = s.pair()
        near(relative(submitted(s, a, b, simple_im("x", a, b).add("Expires", str(HOUR)).add("Date", http_date(time.time() + ago)))), want, "Date %+d s" % ago)
    a, b = s.pair()
    m = pager("x", a, b).add("Expires", str(HOUR)).add("Date", http_date(time.time() - 1200))
    rewrite(m, rb"^DateTime: .*?\r$", b"DateTime: %s\r" % written(-600))
    near(relative(submitted(s, a, b, m)), HOUR - 1200, "Date and DateTime")


def already_expired(s):
    by_hand(s)
    late = []
    for change in (lambda m: m.add("Expires", "0"), lambda m: (m.add("Expires", "60"), rewrite(m, rb"^DateTime: .*?\r$", b"DateTime: %s\r" % written(-61))),
                   lambda m: m.add("Expires", "60").add("Date", http_date(time.time() - 61))):
        for notify in (BOTH, "positive-delivery"):
            a, b = s.pair()
            m = pager("too late", a, b, notify=notify)
            change(m)
            equal(s.a.send(s.sip, m).code, 202)
            late.append((a, b, m, notify))
    for a, b, m, notify in late:
        if notify == BOTH:
            n = notified(s, a)
            equal(n.status, "failed")
            check_original(n, a, b, m)
        else:
            stays(s, a, [], 0.2)
    equal([p["to"] for p in s.smsc.submits() if "+" + p["to"] in {b for _, b, _, _ in late}], [], "submitted")


def test_already_expired(stack):
    """R-52: 202 in both answer modes, nothing is submitted, and A hears that it failed if it asked."""
    for mode in ("durable", "submitted"):
        with stack(answer=mode, **FAST) as s:
            already_expired(s)
