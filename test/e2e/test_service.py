# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 the ipsmgw authors
"""Which service a MESSAGE is (spec 1.2-1.4), where nothing is assumed of one that does not say so: B's answer comes back in that service."""

from harness import check, equal
from sip_peer import CPM_ACCEPT_CONTACT, CPM_SERVICE, IM_ACCEPT_CONTACT, pager

STACK = {"modparams": {"default_service": "reject"}}
ICSI = "urn%3Aurn-7%3A3gpp-service.ims.icsi.oma.cpm."
REF = '*;+g.3gpp.icsi-ref="%s"'
OTHER = "*;+g.3gpp.icsi-ref=\"urn%3Aurn-7%3A3gpp-service.ims.icsi.mmtel\""
PAS, PPS, AC = "P-Asserted-Service", "P-Preferred-Service", "Accept-Contact"

# headers of the request -> what it is; a number is the refusal
SERVICES = (((), 488),
            # in this order
            (((PAS, CPM_SERVICE), (AC, IM_ACCEPT_CONTACT)), "cpm"), (((PAS, CPM_SERVICE),), "cpm"), (((PPS, CPM_SERVICE),), "cpm"),
            (((PPS, CPM_SERVICE), (AC, IM_ACCEPT_CONTACT)), "cpm"), (((AC, CPM_ACCEPT_CONTACT),), "cpm"), (((AC, IM_ACCEPT_CONTACT),), "im"),
            (((AC, IM_ACCEPT_CONTACT), ("Contact", "<sip:a@h>;" + CPM_ACCEPT_CONTACT[2:])), "im"), ((("Contact", "<sip:a@h>;+g.oma.sip-im"),), "im"),
            # whole tokens
            (((AC, "*;+g.oma.sip-im.large-message"),), 488), (((PAS, CPM_SERVICE + ".group"),), 501), (((AC, REF % (ICSI + "msg.group")),), 501),
            (((PAS, CPM_SERVICE + "x"),), 488),
            # compact names
            ((("a", IM_ACCEPT_CONTACT),), "im"), ((("a", CPM_ACCEPT_CONTACT),), "cpm"), ((("m", "<sip:a@h>;+g.oma.sip-im"),), "im"),
            # several headers
            (((AC, OTHER), (AC, IM_ACCEPT_CONTACT)), "im"), (((AC, OTHER), ("a", CPM_ACCEPT_CONTACT)), "cpm"),
            # lists within quotes, escapes and case
            (((AC, REF % ("urn%3Aurn-7%3A3gpp-service.ims.icsi.mmtel," + ICSI + "msg")),), "cpm"),
            (((AC, REF % ("urn%3Aurn-7%3A3gpp-service.ims.icsi.mmtel;" + ICSI + "msg")),), "cpm"),
            (((AC, REF % (ICSI + "msg").replace("%3A", "%3a").upper()),), "cpm"), (((AC, REF % CPM_SERVICE),), "cpm"),
            (((AC, "*;+G.OMA.SIP-IM;explicit;require"),), "im"))


def request(a, b, headers):
    m = pager("hello", a, b)
    for name in (PAS, AC):
        m.remove(name)
    for name, value in headers:
        m.add(name, value)
    return m


def service_of_the_answer(s, a, b):
    equal(s.smsc.mo(b, a, b"hi"), 0)
    r = s.a.wait(lambda r: r.uri == "tel:" + a)
    check(r, "A got nothing")
    return "im" if r.get(AC).startswith(IM_ACCEPT_CONTACT) else "cpm"


def test_service_of_a_request(s):
    bad = []
    for headers, want in SERVICES:
        a, b = s.pair()
        code = s.a.send(s.sip, request(a, b, headers)).code
        got = service_of_the_answer(s, a, b) if code == 202 else code
        if got != want:
            bad.append("%s: %s, want %s" % (headers, got, want))
    check(not bad, "; ".join(bad))
