# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 the ipsmgw authors
"""What A's clients can do, learned from real REGISTERs: a Kamailio as S-CSCF tells the gateway by third-party REGISTER and reg-event (spec 1.5, 1.6, 9.1)."""

import contextlib
import pathlib
import shutil
import subprocess

from harness import Skip, check, equal, free_port, wait_for
from linphone import DOMAIN, Scscf
from notifications import is_imdn
from sip_peer import CPM_ACCEPT_CONTACT, IM_ACCEPT_CONTACT, Outgoing, Peer, pager
from test_register import CPM, IM, IM_BIT, LARGE, MSG, rows

DBTEXT = pathlib.Path("/usr/share/kamailio/dbtext/kamailio")
MODULES = list(pathlib.Path("/usr/lib").glob("**/kamailio/modules/pua_reginfo.so"))


class Device:
    """One client of A: a Peer that registers at the S-CSCF."""

    def __init__(self, scscf, a, *tags, instance=None):
        self.peer, self.scscf, self.a, self.tags, self.cseq = Peer(), ("127.0.0.1", scscf.port), a, tags, 0
        self.call_id = "register-%d-%s" % (self.peer.port, a)
        self.contact_uri = "sip:%s@127.0.0.1:%d" % (a, self.peer.port)
        self.instance = instance

    @property
    def key(self):
        return self.instance or self.contact_uri

    def register(self, *tags, expires=600):
        self.tags, self.cseq = tags or self.tags, self.cseq + 1
        m = Outgoing("sip:" + DOMAIN, content_type=None, method="REGISTER", sender="sip:%s@%s" % (self.a, DOMAIN))
        instance = ('+sip.instance="<%s>"' % self.instance,) if self.instance else ()
        m.set("To", "<sip:%s@%s>" % (self.a, DOMAIN)).add("Contact", ";".join(("<%s>" % self.contact_uri, *instance, *self.tags)))
        m.add("Expires", str(expires))
        m.call_id, m.cseq = self.call_id, self.cseq
        equal(self.peer.send(self.scscf, m).code, 200, "answer of the registrar")
        return self

    def messages(self):
        return [r for r in self.peer.received if r.method == "MESSAGE"]


def bits(s, a):
    """{key: bits} of A's contacts, and whether A is registered at all"""
    found = {key: row[0] for key, row in rows(s, a).items()}
    registered = found.pop("", None) is not None
    return found, registered


def knows(s, a, want, registered=True):
    """The gateway has learned it; the S-CSCF has answered the client before."""
    wait_for(lambda: bits(s, a) == (want, registered), 20, 0.05, "%s registered with %s, got %s" % (a, want, bits(s, a)))


@contextlib.contextmanager
def ims(stack, **options):
    """(s, scscf, device): device(a, *tags) makes a client of a."""
    scscf = Scscf(free_port(), "scscf_reg.cfg")
    s = stack(**dict({"modparams": {"next_hop": scscf.uri}}, **options))
    with contextlib.ExitStack() as ends:
        ends.callback(scscf.stop)
        scscf.ctl = "unix:%s/scscf.ctl" % s.dir
        more = {"SELF": '"%s"' % scscf.uri, "CTL_SOCKET": '"%s"' % scscf.ctl}
        if MODULES:
            database = s.dir / "dbtext"
            database.mkdir()
            for table in ("pua", "version"):
                shutil.copy(DBTEXT / table, database)
            more["DB_URL"] = '"text://%s"' % database
        scscf.start(s, **more)
        wait_for(lambda: udp_answers(scscf), 20, 0.2, "the S-CSCF answers")

        def device(a, *tags, **more):
            made = Device(scscf, a, *tags, **more)
            ends.callback(made.peer.close)
            return made
        yield s, scscf, device
        equal([line for line in scscf.log().splitlines() if " ERROR: " in line or " CRITICAL: " in line], [], "errors at the S-CSCF")


def udp_answers(scscf):
    with Peer() as anybody:
        found = anybody.send(("127.0.0.1", scscf.port), Outgoing("sip:" + DOMAIN, content_type=None, method="OPTIONS", sender="sip:x@" + DOMAIN), timer_f=1)
        return found and found.code == 405


def sms(s, b, a, text, want=0):
    equal(s.smsc.mo(b, a, text.encode(), timeout=30), want, "deliver_sm_resp for '%s'" % text)


def got(device, count):
    check(device.peer.wait(lambda r: r.method == "MESSAGE", 10, count), "message %d did not come to %s" % (count, device.contact_uri))
    return device.messages()[count - 1]


def check_cpm(r, text):
    equal(r.get("Accept-Contact"), CPM_ACCEPT_CONTACT + ";require;explicit")
    equal((r.media_type, r.text), ("message/cpim", text))
    check(r.get("P-Asserted-Service") and r.get("Conversation-ID") and r.get("Contribution-ID"), "no CPM headers")


def check_im(r, text):
    equal(r.get("Accept-Contact"), IM_ACCEPT_CONTACT + ";require;explicit")
    equal((r.media_type, r.text), ("text/plain", text))
    equal([r.get(h) for h in ("P-Asserted-Service", "Conversation-ID", "Contribution-ID", "InReplyTo-Contribution-ID")], [None] * 4, "CPM headers")


def test_real_registers_choose_the_service(stack):
    """CPM, then IM only, then gone, then back: each time the SM comes as the client registered, at its contact, through the S-CSCF."""
    with ims(stack) as (s, scscf, device):
        a, b = s.pair()
        phone = device(a, CPM).register()
        knows(s, a, {phone.key: MSG | LARGE})
        sms(s, b, a, "one")
        r = got(phone, 1)
        check_cpm(r, "one")
        equal((r.uri, len(r.headers.all("Via"))), (phone.contact_uri, 2), "Request-URI, hops")
        phone.register(IM)
        knows(s, a, {phone.key: IM_BIT})
        sms(s, b, a, "two")
        check_im(got(phone, 2), "two")
        phone.register(expires=0)
        knows(s, a, {}, False)
        sms(s, b, a, "three", want=0x64)
        phone.register(CPM)
        knows(s, a, {phone.key: MSG | LARGE})
        sms(s, b, a, "three")
        check_cpm(got(phone, 3), "three")
        equal(len(phone.messages()), 3)


def test_two_devices(stack):
    """CPM before IM; when the CPM device goes the other one gets the rest."""
    with ims(stack) as (s, scscf, device):
        a, b = s.pair()
        old = device(a, IM, instance="urn:gsma:imei:35469106-056673-1").register()
        knows(s, a, {old.key: IM_BIT})
        sms(s, b, a, "to the only one")
        check_im(got(old, 1), "to the only one")
        new = device(a, CPM, instance="urn:gsma:imei:35469106-056673-2").register()
        knows(s, a, {old.key: IM_BIT, new.key: MSG | LARGE})
        sms(s, b, a, "to the better one")
        check_cpm(got(new, 1), "to the better one")
        new.register(expires=0)
        knows(s, a, {old.key: IM_BIT})
        sms(s, b, a, "to who is left")
        check_im(got(old, 2), "to who is left")
        equal((len(old.messages()), len(new.messages())), (2, 1))


def test_out_and_notified(stack):
    """The registered client writes through the S-CSCF, with the identity that this one asserts, and hears of the delivery."""
    with ims(stack) as (s, scscf, device):
        a, b = s.pair()
        phone = device(a, CPM).register()
        knows(s, a, {phone.key: MSG | LARGE})
        m = pager("Lunch?", a, b, notify="positive-delivery").set("From", "<sip:%s@%s>;tag=1" % (a, DOMAIN))
        m.set("P-Asserted-Identity", "<tel:+15550000000>")
        equal(phone.peer.send(phone.scscf, m).code, 202)
        equal(s.smsc.wait_submits(b)[0]["from"], a[1:], "originator")
        r = got(phone, 1)
        check(is_imdn(r) and b"<delivered/>" in r.body and m.imdn_id.encode() in r.body, "no notification", r.body)


def subscribe(s, scscf, a):
    """In the gateway's name, so that the NOTIFYs go there."""
    m = Outgoing("sip:%s@%s" % (a, DOMAIN), content_type=None, method="SUBSCRIBE", sender="sip:ipsmgw.home1.example")
    m.add("Event", "reg").add("Accept", "application/reginfo+xml").add("Expires", "600").add("Contact", "<sip:%s:%d>" % s.sip)
    equal(s.a.send(("127.0.0.1", scscf.port), m).code, 200, "answer to SUBSCRIBE")


def of_the_operator(scscf, *command):
    """kamcmd at the S-CSCF"""
    done = subprocess.run(["kamcmd", "-s", scscf.ctl, *command], capture_output=True, text=True, timeout=10)
    check(done.returncode == 0 and "error" not in done.stdout + done.stderr, command, done.stdout, done.stderr)


def test_reg_event_of_a_real_notifier(stack):
    """What only NOTIFYs tell: the operator takes A's contacts away at the S-CSCF, one after the other."""
    if not MODULES:
        raise Skip("kamailio-presence-modules is not installed")
    with ims(stack) as (s, scscf, device):
        a, b = s.pair()
        old = device(a, IM).register()
        knows(s, a, {old.key: IM_BIT})
        subscribe(s, scscf, a)
        new = device(a, CPM).register()
        knows(s, a, {old.key: IM_BIT, new.key: MSG | LARGE})
        wait_for(lambda: s.statistics()["registrations"] >= 4, 20, 0.1, "two REGISTERs, and a NOTIFY for the subscription and for the second")
        knows(s, a, {old.key: IM_BIT, new.key: MSG | LARGE})
        of_the_operator(scscf, "ul.rm_contact", "location", "s:" + a, new.contact_uri)
        knows(s, a, {old.key: IM_BIT})
        sms(s, b, a, "to who is left")
        check_im(got(old, 1), "to who is left")
        of_the_operator(scscf, "ul.rm", "location", "s:" + a)
        knows(s, a, {}, False)
        sms(s, b, a, "to nobody", want=0x64)
        equal((len(old.messages()), len(new.messages())), (1, 0))
