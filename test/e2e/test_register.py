# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 the ipsmgw authors
"""What A's clients registered: third-party REGISTER and reg-event NOTIFY (spec 1.5, 9.1)."""

import sqlite3
import time

from harness import check, equal, wait_for
from sip_peer import IM_ACCEPT_CONTACT, Outgoing, pager, simple_im
from sip_tcp import TcpClient

SCSCF = "sip:scscf1.home1.example:6060"
ICSI = "urn%3Aurn-7%3A3gpp-service.ims.icsi.oma.cpm."
CPM = '+g.3gpp.icsi-ref="%smsg,%slargemsg"' % (ICSI, ICSI)
IM = "+g.oma.sip-im"
MSG, LARGE, IM_BIT, SMSIP = 1, 2, 16, 64
XML = "application/3gpp-ims+xml"


def register(a, body="", content_type=None, expires=600000, to=None, contact="<%s>" % SCSCF):
    """As the S-CSCF sends it for A: its own Contact and From, A in To."""
    m = Outgoing("sip:ipsmgw.home1.example", body.encode(), content_type, method="REGISTER")
    for name, value in (("From", "<%s>;tag=14142" % SCSCF), ("To", to or "<tel:%s>" % a), ("Contact", contact), ("Event", "registration")):
        m.set(name, value)
    if content_type is None:
        m.remove("Content-Type")
    if expires is not None:
        m.set("Expires", str(expires))
    return m


def request_of(*contacts, expires=600000, start="REGISTER sip:home1.example SIP/2.0"):
    """A's own REGISTER, the body as message/sip"""
    lines = [start, "Via: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK1", "From: <sip:a@home1.example>;tag=1", "To: <sip:a@home1.example>", "Call-ID: x",
             "CSeq: 2 REGISTER", "Expires: %d" % expires] + ["Contact: " + c for c in contacts]
    return "\r\n".join(lines) + "\r\n\r\n"


def device(n, *tags, expires=None):
    params = ["<sip:a@192.0.2.%d>" % n, '+sip.instance="<urn:gsma:imei:%d>"' % n, *tags]
    return ";".join(params if expires is None else [*params, "expires=%d" % expires])


def service_info(text):
    return '<?xml version="1.0" encoding="UTF-8"?>\n<ims-3gpp version="1"><service-info>%s</service-info></ims-3gpp>' % text


def reginfo(aors, *contacts, state="full", active=True):
    """contacts: (n, event, expires, {parameter: value as it stands in the text}); all under the first address of record"""
    text = '<?xml version="1.0"?>\n<reginfo xmlns="urn:ietf:params:xml:ns:reginfo" version="0" state="%s">' % state
    for i, aor in enumerate(aors):
        text += '<registration aor="%s" id="r%d" state="%s">' % (aor, i, "active" if active else "terminated")
        for n, event, expires, params in contacts if i == 0 else ():
            text += '<contact id="c%d" state="%s" event="%s" expires="%d"><uri>sip:a@192.0.2.%d</uri>' % (
                n, "active" if event in ("registered", "refreshed") else "terminated", event, expires, n)
            text += "".join('<unknown-param name="%s">%s</unknown-param>' % p for p in params.items()) + "</contact>"
        text += "</registration>"
    return text + "</reginfo>"


def by_kamailio(n, **more):
    """Parameters as Kamailio's S-CSCF writes them: quotes in the text, '+' in the name."""
    return {"+g.3gpp.icsi-ref": '"%smsg"' % ICSI, "+sip.instance": '"&lt;urn:gsma:imei:%d&gt;"' % n, **more}


def notify(body, event="reg", content_type="application/reginfo+xml"):
    m = Outgoing("sip:ipsmgw.home1.example", body.encode(), content_type, method="NOTIFY")
    for name, value in (("From", "<sip:a@home1.example>;tag=1"), ("To", "<sip:ipsmgw.home1.example>;tag=2"), ("Contact", "<%s>" % SCSCF),
                        ("Event", event), ("Subscription-State", "active;expires=600000")):
        m.set(name, value)
    return m


def rows(s, a):
    """{key: (bits, seconds left, S-CSCF, learned_from)}, read the moment the answer is there: it follows the commit"""
    with sqlite3.connect("file:%s?mode=ro" % s.db, uri=True) as db:
        found = db.execute("SELECT key, bits, expires_ms, scscf, learned_from FROM registration WHERE a = ?", (a,)).fetchall()
    return {key: (bits, expires_ms / 1000 - time.time(), scscf, learned) for key, bits, expires_ms, scscf, learned in found}


def bits(s, a):
    return {key: row[0] for key, row in rows(s, a).items()}


def about(got, want):
    check(want - 5 < got <= want, "seconds left", got, "not", want)


def tell(s, m, code=200):
    answer = s.a.send(s.sip, m)
    equal(answer.code, code, "answer")
    return answer


# ---- third-party REGISTER ----

def test_register_embedded_request(s):
    """Tags of A's own Contact count, not what stands in the S-CSCF's."""
    a = s.pair()[0]
    answer = tell(s, register(a, request_of(device(1, CPM), device(2, IM, "+g.3gpp.smsip")), "message/sip", contact="<%s>;%s" % (SCSCF, IM)))
    equal(answer.get("Contact"), "<%s>;expires=600000" % SCSCF)
    got = rows(s, a)
    equal({key: row[0] for key, row in got.items()}, {"": 0, "urn:gsma:imei:1": MSG | LARGE, "urn:gsma:imei:2": IM_BIT | SMSIP})
    equal(got[""][2], SCSCF)
    about(got[""][1], 600000)
    about(got["urn:gsma:imei:1"][1], 600000)


def test_register_embedded_answer(s):
    a = s.pair()[0]
    body = request_of(device(1, CPM, expires=3600), device(2, IM, expires=60), start="SIP/2.0 200 OK")
    tell(s, register(a, body, "message/sip"))
    about(rows(s, a)["urn:gsma:imei:1"][1], 3600)
    about(rows(s, a)["urn:gsma:imei:2"][1], 60)


def test_register_granted_expiry_counts(s):
    """A asked for longer than the S-CSCF gave."""
    a = s.pair()[0]
    tell(s, register(a, request_of(device(1, CPM), expires=600000), "message/sip", expires=3600))
    about(rows(s, a)["urn:gsma:imei:1"][1], 3600)


def test_register_service_info_is_the_number(s):
    a = s.pair()[0]
    tell(s, register(a, service_info(a[1:]), XML, to="<sip:user1@home1.example>"))
    equal(bits(s, a), {"": 0})
    tell(s, register(a, service_info("gold"), XML))
    tell(s, register(a, service_info("gold"), XML, to="<sip:user1@home1.example>"), 404)


def test_register_multipart(s):
    a = s.pair()[0]
    parts = ((XML, service_info(a)), ("message/sip", request_of(device(1, CPM))))
    body = "".join("--b1\r\nContent-Type: %s\r\n\r\n%s\r\n" % part for part in parts) + "--b1--\r\n"
    tell(s, register(a, body, "multipart/mixed;boundary=b1", to="<sip:user1@home1.example>"))
    equal(bits(s, a), {"": 0, "urn:gsma:imei:1": MSG | LARGE})


def test_register_strange_scscf(s):
    """What cannot stand in a header of ours is not kept: then it is the From, if that can."""
    for contact in ("<sip:x@h\r\n .example>", "<sip:%s>" % ("x" * 300), "<sip:x y@h>", "*"):
        a = s.pair()[0]
        answer = tell(s, register(a, contact=contact))
        equal((answer.get("Contact"), rows(s, a)[""][2]), ("<%s>;expires=600000" % SCSCF, SCSCF), contact)


def test_register_many_contacts(s):
    """More than are read, keys longer than are kept, unlike any REGISTER of a client: answered, and the rest is stored."""
    a = s.pair()[0]
    tell(s, register(a, request_of(*(device(n, CPM) for n in range(40))), "message/sip", expires=4294967295))
    equal(len(bits(s, a)), 1 + 16)
    b = s.pair()[0]
    tell(s, register(b, request_of("<sip:%s@h>;%s" % ("x" * 513, CPM), device(1, IM)), "message/sip"))
    equal(bits(s, b), {"": 0, "urn:gsma:imei:1": IM_BIT})
    aors = ["tel:+1777%07d" % n for n in range(8)]
    tell(s, notify(reginfo(aors, *((n, "registered", 600, by_kamailio(n)) for n in range(32)))))
    equal([len(bits(s, aor[4:])) for aor in aors], [32] * 8)


def test_register_without_body(s):
    a = s.pair()[0]
    tell(s, register(a, expires=None, contact="<%s>;expires=77" % SCSCF))
    about(rows(s, a)[""][1], 77)
    tell(s, register(a, "what?", "text/plain", expires=600))
    about(rows(s, a)[""][1], 600)


def test_register_one_device_goes(s):
    a = s.pair()[0]
    tell(s, register(a, request_of(device(1, CPM), device(2, IM)), "message/sip"))
    tell(s, register(a, request_of(device(2, IM), expires=0), "message/sip"))
    equal(bits(s, a), {"": 0, "urn:gsma:imei:1": MSG | LARGE})


def test_register_new_tags_replace_old_ones(s):
    a = s.pair()[0]
    tell(s, register(a, request_of(device(1, CPM)), "message/sip"))
    tell(s, register(a, request_of(device(1, IM)), "message/sip"))
    equal(bits(s, a), {"": 0, "urn:gsma:imei:1": IM_BIT})


def test_register_expires_0_clears(s):
    a, other = s.pair()[0], s.pair()[0]
    for number in (a, other):
        tell(s, register(number, request_of(device(1, CPM)), "message/sip"))
    answer = tell(s, register(a, expires=0))
    equal(answer.get("Contact"), None)
    equal((bits(s, a), bits(s, other)), ({}, {"": 0, "urn:gsma:imei:1": MSG | LARGE}))
    tell(s, register(other, "no SIP at all", "message/sip", expires=0))
    equal(bits(s, other), {})
    tell(s, register(a, expires=0))


def test_register_refused(s):
    a = s.pair()[0]
    tell(s, register(a, "no SIP at all", "message/sip"), 400)
    tell(s, register(a, "<ims-3gpp>", XML), 400)
    tell(s, register(a, to="<sip:user1@home1.example>"), 404)
    tell(s, register(a, to="<sip:%s@home1.example>" % a[1:]), 404)      # may be an IMSI
    equal(bits(s, a), {})


def test_register_expired_rows_are_purged(s):
    a = s.pair()[0]
    tell(s, register(a, request_of(device(1, CPM)), "message/sip", expires=1))
    wait_for(lambda: not rows(s, a), 20, 0.2, "expired rows are gone")


def test_register_many_expired_rows_are_purged(s):
    """A few with each transaction, but one after the other: 5000 rows take a second, not 10 of the rounds that come every 5 s."""
    db = sqlite3.connect(str(s.db), timeout=30, isolation_level=None)
    db.execute("WITH RECURSIVE n(i) AS (VALUES(1) UNION ALL SELECT i + 1 FROM n WHERE i < 5000) INSERT INTO"
               " registration(a, key, bits, expires_ms, learned_from, updated_ms) SELECT '+1999', 'k' || i, 0, 1, 1, 1 FROM n")
    wait_for(lambda: not db.execute("SELECT count(*) FROM registration WHERE a = '+1999'").fetchone()[0], 30, 0.2, "all of them are gone")
    db.close()


def test_register_survives_a_kill(stack):
    with stack() as s:
        a = s.pair()[0]
        tell(s, register(a, request_of(device(1, CPM)), "message/sip"))
        s.restart_kamailio()
        equal(bits(s, a), {"": 0, "urn:gsma:imei:1": MSG | LARGE})


def test_register_never_promised_without_a_commit(stack):
    """While somebody else holds the database, the answer is 503 and nothing is stored."""
    with stack() as s:
        a = s.pair()[0]
        db = sqlite3.connect(str(s.db), isolation_level=None)
        db.execute("BEGIN IMMEDIATE")
        with TcpClient(s.sip) as client:    # a retransmission would be a REGISTER of its own, which may find the database free
            answer = client.send(register(a, request_of(device(1, CPM)), "message/sip"))
        equal(answer.code, 503)
        check(answer.get("Retry-After"), "Retry-After")
        db.execute("ROLLBACK")
        db.close()
        equal(bits(s, a), {})

        def works():
            return s.a.send(s.sip, register(a)).code == 200
        wait_for(works, 20, 0.3, "it works again")


# ---- reg-event ----

def test_notify_quotes_in_the_text(s):
    """As Kamailio's S-CSCF writes it: contacts under sip:, quotes in the text, an empty tel: beside it."""
    a = s.pair()[0]
    tell(s, notify(reginfo(["sip:a@home1.example", "tel:" + a], (1, "registered", 600, by_kamailio(1)))))
    got = rows(s, a)
    equal({key: row[0] for key, row in got.items()}, {"urn:gsma:imei:1": MSG})
    about(got["urn:gsma:imei:1"][1], 600)


def test_notify_full_and_partial(s):
    a = s.pair()[0]
    aor = ["tel:" + a]
    tell(s, notify(reginfo(aor, (1, "registered", 600, by_kamailio(1)), (2, "registered", 600, {"g.oma.sip-im": ""}))))
    equal(bits(s, a), {"urn:gsma:imei:1": MSG, "sip:a@192.0.2.2": IM_BIT})
    tell(s, notify(reginfo(aor, (3, "registered", 600, by_kamailio(3)), state="partial")))
    equal(len(bits(s, a)), 3)
    tell(s, notify(reginfo(aor, (1, "unregistered", 0, by_kamailio(1)), state="partial")))
    equal(set(bits(s, a)), {"sip:a@192.0.2.2", "urn:gsma:imei:3"})
    tell(s, notify(reginfo(aor, (1, "registered", 600, by_kamailio(1)))))
    equal(bits(s, a), {"urn:gsma:imei:1": MSG})


def test_notify_clears_no_im_bits(s):
    a = s.pair()[0]
    tell(s, register(a, request_of(device(1, CPM, IM), device(2, IM)), "message/sip"))
    for state in ("full", "partial"):
        tell(s, notify(reginfo(["tel:" + a], (1, "refreshed", 600, by_kamailio(1)), (2, "refreshed", 600, {"+sip.instance": '"&lt;urn:gsma:imei:2&gt;"'}), state=state)))
        equal(bits(s, a), {"": 0, "urn:gsma:imei:1": MSG | LARGE | IM_BIT, "urn:gsma:imei:2": IM_BIT})
    about(rows(s, a)["urn:gsma:imei:2"][1], 600)


def test_notify_terminated(s):
    a = s.pair()[0]
    tell(s, register(a, request_of(device(1, CPM)), "message/sip"))
    tell(s, notify(reginfo(["sip:a@home1.example", "tel:" + a], (1, "expired", 0, by_kamailio(1)), active=False)))
    equal(bits(s, a), {})


def test_notify_refused(s):
    a = s.pair()[0]
    tell(s, notify(reginfo(["tel:" + a]), event="presence"), 489)
    tell(s, notify("<reginfo>"), 400)
    tell(s, notify(reginfo(["sip:a@home1.example"], (1, "registered", 600, by_kamailio(1)))), 404)
    tell(s, notify("", content_type="application/reginfo+xml"))


# ---- what it is used for ----

def short_message(s, a, b, text=b"hi"):
    equal(s.smsc.mo(b, a, text), 0)
    r = s.a.wait(lambda r: r.method == "MESSAGE" and r.uri == "tel:" + a)
    check(r, "A got nothing")
    return r


def service_of(r):
    """(service, Conversation-ID is there, media type)"""
    im = r.get("Accept-Contact").startswith(IM_ACCEPT_CONTACT)
    equal(im, r.get("P-Asserted-Service") is None)
    return ("im" if im else "cpm", r.get("Conversation-ID") is not None, r.media_type)


AS_CPM, AS_IM = ("cpm", True, "message/cpim"), ("im", False, "text/plain")


def test_service_by_registered_tags(s):
    """Table 1.6, pager column."""
    for contacts, want in (([device(1, CPM)], AS_CPM), ([device(1, IM)], AS_IM), ([device(1, CPM), device(2, IM)], AS_CPM), ([device(1, CPM, IM)], AS_CPM),
                           ([device(1, "+g.3gpp.smsip"), device(2, IM)], AS_IM), ([device(1)], AS_CPM)):
        a, b = s.pair()
        tell(s, register(a, request_of(*contacts), "message/sip"))
        equal(service_of(short_message(s, a, b)), want, contacts)


def test_service_registered_before_used(s):
    """What is registered now counts, not what A wrote with; without registration as before."""
    a, b = s.pair()
    equal(s.a.send(s.sip, simple_im("hello", a, b)).code, 202)
    s.smsc.wait_submits(b)
    tell(s, register(a, request_of(device(1, CPM)), "message/sip"))
    equal(service_of(short_message(s, a, b, b"one"))[0], "cpm")
    tell(s, register(a, expires=0))
    equal(s.smsc.mo(b, a, b"two"), 0)
    equal(service_of(s.a.wait(lambda r: r.uri == "tel:" + a, count=2)[1]), AS_IM)


def test_service_of_a_notification(s):
    """The IMDN goes to the client that sent the message while A has one of its kind; else to what A has."""
    both = [device(1, CPM), device(2, IM)]
    for contacts, used, want in (([device(1, CPM)], "cpm", "cpm"), ([device(1, IM)], "cpm", "im"), (both, "cpm", "cpm"), (both, "im", "im"),
                                 ([device(1, CPM)], "im", "cpm")):
        a, b = s.pair()
        tell(s, register(a, request_of(*contacts), "message/sip"))
        m = pager("hello", a, b, notify="positive-delivery")
        if used == "im":
            m.remove("P-Asserted-Service")
            m.set("Accept-Contact", IM_ACCEPT_CONTACT)
        equal(s.a.send(s.sip, m).code, 202)
        r = s.a.wait(lambda r: r.uri == "tel:" + a)
        check(r and "message/imdn+xml" in r.body.decode(), "no notification")
        equal((service_of(r)[0], r.media_type), (want, "message/cpim"), contacts)


def test_script_sees_registered(s):
    a, b = s.pair()
    for wanted in (0, 1):
        short_message(s, a, b, b"text %d" % wanted)
        line = "to %s, 1 part(s), registered %d" % (a, wanted)
        wait_for(lambda: line in s.kamailio.log_path.read_text(), 20, 0.1, line)
        tell(s, register(a))


def test_next_hop_is_the_scscf_learned(stack):
    with stack(modparams={"next_hop": ""}) as s:
        a, b = s.pair()
        tell(s, register(a, request_of(device(1, CPM)), "message/sip", contact="<%s>" % s.a.uri))
        r = short_message(s, a, b)
        check(r.get("Route", "").startswith("<" + s.a.uri), "Route", r.get("Route"))
