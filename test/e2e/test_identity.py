# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 the ipsmgw authors
"""P-Asserted-Identity without a number: whose it is was said when A registered (R-30, spec 3.2 step 3)."""

import sqlite3

from chat import Chat
from harness import check, equal, wait_for
from sip_peer import pager
from test_outbound import refused, sent
from test_register import CPM, XML, device, register, request_of, service_info, tell

REALM = "ims.mnc410.mcc310.3gppnetwork.org"


def impu(a):
    """15 digits, of A only: an IMSI is no number, and no number of another"""
    return "sip:31041%s@%s" % (a[2:], REALM)


def asserted(a, b, *identities):
    m = pager("Lunch at 12?", a, b)
    m.remove("P-Asserted-Identity").remove("P-Served-User")
    return m.set("From", "<%s>;tag=1" % identities[0]).set("P-Asserted-Identity", ", ".join("<%s>" % i for i in identities))


def with_service_info(a, expires=600000, to=None):
    return register(a, service_info(a[1:]), XML, to="<%s>" % (to or impu(a)), expires=expires)


def identities(s, a):
    with sqlite3.connect("file:%s?mode=ro" % s.db, uri=True) as db:
        return sorted(row[0] for row in db.execute("SELECT impu FROM identity WHERE a = ?", (a,)))


def test_number_from_service_info(s):
    """Not before it registered, nor after; until then for every spelling of the identity."""
    a, b = s.pair()
    refused(s, asserted(a, b, impu(a)), b, 403)
    tell(s, with_service_info(a))
    for identity in (impu(a), impu(a).replace(REALM, REALM.upper()) + ":5060;user=phone", "sips:" + impu(a)[4:]):
        b = s.pair()[1]
        equal(sent(s, asserted(a, b, identity), b)["from"], a[1:])
    tell(s, with_service_info(a, expires=0))
    b = s.pair()[1]
    refused(s, asserted(a, b, impu(a)), b, 403)


def test_number_from_p_associated_uri(s):
    """Of the answer that the REGISTER brings along; its other identities are A, too. A's own REGISTER says nothing."""
    a, b = s.pair()
    alias = "sip:alice%s@home1.example" % a[1:]
    own = request_of(device(1, CPM))
    embedded = request_of(device(1, CPM), start="SIP/2.0 200 OK")
    claim = "P-Associated-URI: <%s>, <tel:%s>, <%s>\r\n\r\n" % (impu(a), a, alias)
    tell(s, register(a, own[:-2] + claim, "message/sip", to="<%s>" % impu(a)), 404)
    refused(s, asserted(a, b, impu(a)), b, 403)
    tell(s, register(a, embedded[:-2] + claim, "message/sip", to="<%s>" % impu(a)))
    equal(identities(s, a), sorted([impu(a), alias]))
    for identity in (impu(a), alias):
        b = s.pair()[1]
        equal(sent(s, asserted(a, b, identity), b)["from"], a[1:])


def test_of_two_identities(s):
    """A number that is asserted beside it counts; nothing known of the first, then the second."""
    a, b = s.pair()
    other = s.pair()[0]
    tell(s, with_service_info(a))
    equal(sent(s, asserted(a, b, impu(a), "tel:" + other), b)["from"], other[1:])
    b = s.pair()[1]
    equal(sent(s, asserted(a, b, impu(other), impu(a)), b)["from"], a[1:])
    for identity in (impu(other), "tel:" + impu(a)[4:19], "sip:%s" % REALM, "sip:31041%s@other.example" % a[2:]):
        b = s.pair()[1]
        refused(s, asserted(a, b, identity), b, 403)


def test_registration_over(s):
    """An identity of yesterday is nobody's, before its row is gone and after."""
    a, b = s.pair()
    tell(s, with_service_info(a, expires=3))
    equal(identities(s, a), [impu(a)])
    wait_for(lambda: s.a.send(s.sip, asserted(a, b, impu(a))).code == 403, 20, 0.3, "403 when it is over")
    wait_for(lambda: not identities(s, a), 20, 0.2, "the row is gone")


def test_identity_of_another_subscriber_now(s):
    first, second = s.pair()[0], s.pair()[0]
    tell(s, with_service_info(first))
    tell(s, with_service_info(second, to=impu(first)))
    b = s.pair()[1]
    equal(sent(s, asserted(first, b, impu(first)), b)["from"], second[1:])


def test_number_for_an_invite(s):
    a, b = s.pair()

    def change(m):
        m.set("From", "<%s>;tag=1" % impu(a)).set("P-Asserted-Identity", "<%s>" % impu(a))
    with Chat(s, a=a, b=b, change=change) as chat:
        chat.refused(403)
    tell(s, with_service_info(a))
    with Chat(s, a=a, b=b, change=change) as chat:
        chat.accepted()
        chat.say("hello")
        equal(s.smsc.wait_submits(b)[0]["from"], a[1:])
        chat.bye()


def test_known_after_a_kill(stack):
    with stack() as s:
        a, b = s.pair()
        tell(s, with_service_info(a))
        equal(sent(s, asserted(a, b, impu(a)), b)["from"], a[1:])
        s.restart_kamailio()
        b = s.pair()[1]
        equal(sent(s, asserted(a, b, impu(a)), b)["from"], a[1:])


def test_read_while_somebody_writes(stack):
    """The lookup waits for nobody; only the commit does."""
    with stack() as s:
        a, b = s.pair()
        tell(s, with_service_info(a))
        db = sqlite3.connect(str(s.db), isolation_level=None)
        db.execute("BEGIN IMMEDIATE")
        refused(s, asserted(a, b, impu(b)), b, 403)
        db.execute("ROLLBACK")
        db.close()
        equal(sent(s, asserted(a, b, impu(a)), b)["from"], a[1:])


def test_database_that_cannot_be_read(stack):
    """Not A's fault: 503, and no word of an originator."""
    with stack() as s:
        a, b = s.pair()
        tell(s, with_service_info(a))
        away = s.db.with_name("away.db")
        s.db.rename(away)
        answer = s.a.send(s.sip, asserted(a, b, impu(a)))
        away.rename(s.db)
        equal(answer.code, 503)
        check(answer.get("Retry-After"), "Retry-After")
        s.smsc.no_submit(b, 0.2)
        wait_for(lambda: s.a.send(s.sip, asserted(a, b, impu(a))).code == 202, 20, 0.3, "it works again")
