# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 the ipsmgw authors
"""The SIP dialogs and the Chat of the tests against a gateway made of the same peers, and against planted faults."""

import contextlib
import threading

from harness import Failure, Peer, check, equal
from chat import Chat, Inbox, joined, sms
from msrp_peer import MsrpPeer, Reply
import oracle
import sdp
from sip_chat import chat_invite, conference_info, multipart
from sip_check import address
from sip_dialog import DialogFault, SipAnswer, UserAgent
from sip_peer import Outgoing, SipMessage, cpim


class FakeSmsc:
    """As much of harness.SmscPeer as Chat uses"""

    def __init__(self):
        self.events, self.changed, self.mos = [], threading.Condition(), []
        self.on_mo = lambda text: None

    def sync(self):
        pass

    def submit(self, sender, recipient, text):
        with self.changed:
            for part in oracle.parts_of(text):
                self.events.append({"ev": "pdu", "cmd": "submit_sm", "dir": "rx", "from": sender[1:], "to": recipient[1:], "dcs": part.dcs,
                                    "esm": 0x40 if part.udh else 0, "hex": (part.udh + part.text).hex()})
            self.changed.notify_all()

    def mo(self, b, a, octets=b"", data_coding=0, esm_class=0):
        self.mos.append((b, a, octets, data_coding, esm_class))
        self.on_mo(oracle.text_of([{"hex": octets.hex(), "esm": esm_class, "dcs": data_coding}]))
        return 0


class FakeGateway:
    """Accepts each INVITE, hands SENDs to the fake SMSC and B's SMS to MSRP."""

    def __init__(self):
        self.a, self.peer, self.msrp, self.smsc = Peer(), Peer(), MsrpPeer(), FakeSmsc()
        self.sip, self.agent, self.session = ("127.0.0.1", self.peer.port), UserAgent.of(self.peer), None
        self.agent.answer, self.smsc.on_mo, self.setup, self.change = self.accept, self.from_b, "passive", lambda answer: answer
        self.number = 0

    def pair(self):
        self.number += 1
        return "+1555%07d" % self.number, "+1666%07d" % self.number

    def accept(self, request):
        self.session = self.msrp.session()
        self.session.use(sdp.Sdp(request.body))
        self.session.policy = self.to_b
        return self.change(SipAnswer(200, sdp.offer(self.session, setup=self.setup), ring=(180,)))

    def to_b(self, frame):
        if frame.body and frame.flag == "$":
            threading.Thread(target=self.submit, args=(self.session, frame.message_id), daemon=True).start()
        return Reply()

    def submit(self, session, message_id):
        message, request = session.wait(lambda m: m.message_id == message_id), self.dialog.request_in
        self.smsc.submit(address(request.get("from"))[0][4:], request.uri[4:], message.text)

    def from_b(self, text):
        if text == "END":
            self.dialog.bye([("Reason", 'SIP;cause=200;text="Call completed"')])
        else:
            self.session.send_later(cpim(text, "tel:+1666", "tel:+1555"))

    @property
    def dialog(self):
        return self.agent.dialogs[-1]

    def close(self):
        for peer in (self.a, self.peer, self.msrp):
            peer.close()


@contextlib.contextmanager
def gateway():
    fake = FakeGateway()
    try:
        yield fake
        for dialog in fake.agent.dialogs:
            dialog.check()
        fake.msrp.check()
    finally:
        fake.close()


@contextlib.contextmanager
def failing(kind, wanted):
    try:
        yield
    except kind as e:
        check(wanted in str(e), "%r, not %r" % (str(e), wanted))
        return
    check(False, "no", kind.__name__, "with", wanted)


# ---- what is right ----

def test_chat_from_invite_to_bye():
    with gateway() as g:
        with Chat(g) as chat:
            chat.ringing()
            chat.accepted()
            chat.say("hello")
            equal(chat.told("hello"), chat.a)
            chat.b_says("hi there")
            chat.heard("hi there")
            equal(chat.bye().code, 200)
        equal(g.dialog.ended, "BYE came")


def test_chat_that_b_ends():
    with gateway() as g, Chat(g, compact=True, setup="actpass") as chat:
        chat.accepted()
        b = threading.Thread(target=chat.b_says, args=("END",))
        b.start()
        check("cause=200" in chat.ended().get("Reason"), "Reason")
        check(not chat.up, "still up")
        b.join(10)


def test_long_texts_are_joined():
    with gateway() as g, Chat(g) as chat:
        chat.accepted()
        for text in ("x" * 500, "Привет " * 40, "short"):
            chat.say(text, chunk=150)
            chat.told(text)
        equal(chat.told_texts()[-1], "short")
        g.smsc.on_mo = lambda text: None
        equal(sms(g, chat.b, chat.a, "y" * 200), 0)
        equal([m[4] for m in g.smsc.mos], [0x40, 0x40], "esm_class of two parts")
        equal(joined([]), [])


def test_many_chats_behind_one_msrp_peer():
    with gateway() as g, MsrpPeer() as peer, contextlib.ExitStack() as open_chats:
        chats = [open_chats.enter_context(Chat(g, msrp=peer)) for _ in range(5)]
        for n, chat in enumerate(chats):
            chat.accepted()
            chat.say("number %d" % n)
        equal([s.texts for s in g.msrp.sessions], [["number %d" % n] for n in range(5)])
        for session in g.msrp.sessions:
            session.send(cpim("back", "tel:+1", "tel:+2"))
        equal([c.session.texts for c in chats], [["back"]] * 5)


def test_faults_fail_a_chat():
    """A fault in MSRP, a BYE that is refused: the end of the chat says so."""
    with gateway() as g:
        with failing(Failure, "used twice"), Chat(g) as chat:
            chat.accepted()
            g.session.send("one", "text/plain", message_id="same")
            g.session.send("two", "text/plain", message_id="same")
        with failing(Failure, "got SIP/2.0 500"), Chat(g) as chat:
            chat.accepted()
            g.dialog.policy = lambda request: SipAnswer(500)
        with failing(Failure, "did not hear"), Chat(g) as chat:
            chat.accepted().heard("nobody said this", timeout=0.1)
        with failing(Failure, "was not told"), Chat(g) as chat:
            chat.accepted().told("nobody wrote this", timeout=0.1)


def test_active_answer():
    """The gateway connects."""
    with gateway() as g:
        g.setup = "active"
        with Chat(g, setup="actpass") as chat:
            chat.accepted(connect=False)
            threading.Thread(target=lambda: g.session.start(True), daemon=True).start()
            chat.connect()
            chat.say("over their connection")
            chat.told("over their connection")


def test_ack_withheld():
    with gateway() as g, Chat(g, ack=False) as chat:
        chat.final()
        check(chat.dialog.until(lambda: chat.dialog.repeated >= 2, 5), "the 200 came once")
        equal(g.dialog.acks, [])
        chat.dialog.ack()
        check(g.dialog.wait_ack(), "no ACK")


def test_cancel():
    with gateway() as g:
        g.change = lambda answer: SipAnswer(200, answer.body, delay=30, ring=(180,))
        with Chat(g) as chat:
            chat.ringing()
            equal(chat.cancel().code, 487)
            check(g.dialog.cancelled, "no CANCEL came")
            check(g.dialog.wait_ack(), "no ACK of the 487")


def test_reinvite_update_and_reliable_responses():
    with gateway() as g:
        with Chat(g, supported="timer,100rel") as chat:
            chat.accepted()
            equal(chat.dialog.reinvite(chat.offered).code, 200)
            equal(chat.dialog.update([("Session-Expires", "1800")]).code, 200)
            equal(g.dialog.reinvite(g.dialog.sdp).code, 200)
            equal(g.dialog.request("INFO").code, 200)
            chat.dialog.policy = lambda request: SipAnswer(481)
            equal(g.dialog.request("INFO").code, 481)
            chat.dialog.policy = lambda request: None
        g.change = lambda answer: SipAnswer(200, answer.body, [("Require", "100rel"), ("RSeq", "7")], ring=())
        with failing(Failure, "100rel"):
            with Chat(g) as chat:
                chat.accepted()


def test_reliable_180_is_acknowledged():
    with Peer() as a, Peer() as b:
        caller, called = UserAgent.of(a), UserAgent.of(b)
        called.answer = lambda r: SipAnswer(180, headers=[("Require", "100rel"), ("RSeq", "41")])
        dialog = caller.invite(("127.0.0.1", b.port), chat_invite("+1555", "+1666", b"v=0\r\n", supported="100rel"))
        equal(called.wait_dialog().wait_request("PRACK").get("RAck"), "41 1 INVITE")
        called.later(called.tx, called.dialogs[0].request_in, SipAnswer(486), ("127.0.0.1", a.port), called.dialogs[0])
        equal(dialog.wait_final().code, 486)
        check(called.dialogs[0].wait_ack(), "no ACK of the 486")
        dialog.check()
        called.dialogs[0].check()


def test_inbox_takes_large_messages():
    for setup in ("passive", "active"):
        with gateway() as g, Inbox(g, "+15550001", setup=setup) as inbox, MsrpPeer() as sender:
            session = sender.session()
            body = sdp.offer(session, setup="actpass", direction="sendonly", accept_types="message/cpim")
            dialog = g.agent.invite(("127.0.0.1", g.a.port), chat_invite("+1666", "+15550001", body, kind="large"))
            session.use(sdp.Sdp(dialog.wait_final().body))
            session.start(setup == "passive")
            equal(session.send(cpim("z" * 3000, "tel:+1", "tel:+2"), chunk=1000).code, 200)
            equal(inbox.wait().text, "z" * 3000)
            equal(dialog.bye().code, 200)
            check(inbox.dialog.wait_request("BYE", 1), "no BYE")
            sender.check()


def test_conference_subscription():
    with Peer() as a, Peer() as b:
        focus = UserAgent.of(a)
        UserAgent.of(b)
        m = Outgoing(a.uri, b"", None, sender="sip:me@x", method="SUBSCRIBE").add("Event", "conference").add("Expires", "300")
        m.add("Contact", "<%s>" % b.uri)
        answer = b.send(("127.0.0.1", a.port), m)
        equal((answer.code, answer.get("Expires")), (200, "300"))
        subscription = focus.wait_subscription()
        told = subscription.notify(conference_info("sip:g@x", [("tel:+1555", "Ann", "connected")]))
        equal(told.code, 200, "NOTIFY")
        check(b.wait(lambda r: r.method == "NOTIFY" and b"<display-text>Ann<" in r.body), "no NOTIFY")


# ---- what is written ----

def written(m):
    return SipMessage(m.octets("127.0.0.1", 5060, "z9hG4bK-x"))


def test_invites_as_the_examples():
    m = written(chat_invite("+15551230001", "+15559870002", b"v=0\r\n", compact=True))
    check(b"\r\nm: " not in m.octets and b"\r\na: *;+g.3gpp.icsi-ref=" in m.octets and b"\r\nc: application/sdp" in m.octets, "compact names", m.octets)
    equal((m.get("Call-ID") is not None, m.get("Session-Expires"), m.get("Supported")), (True, "1800", "timer"))
    check(m.get("P-Asserted-Service").endswith("oma.cpm.session"), "service")
    large = written(chat_invite("+1", "+2", b"v=0\r\n", kind="large"))
    check(large.get("P-Asserted-Service").endswith("cpm.largemsg") and "cpm.largemsg" in large.get("Accept-Contact"), "large")
    im = written(chat_invite("+1", "+2", b"v=0\r\n", kind="im", subject="hi", privacy="id", extra=[("X-A", "b")]))
    equal((im.get("Accept-Contact"), im.get("Subject"), im.get("Privacy"), im.get("X-A"), im.get("Conversation-ID")), ("*;+g.oma.sip-im", "hi", "id", "b", None))
    group = chat_invite("+1", "+2", b"v=0\r\n", kind="group", members=["tel:+3", ("tel:+4", "A & B")], first=cpim("hi", "tel:+1", "tel:+2"), session_replaces="old")
    check(group.contact_params.endswith(";isfocus"), group.contact_params)
    m = written(group)
    check(m.get("Content-Type").startswith("multipart/mixed") and b"A &amp; B" in m.body and b"message/cpim" in m.body, m.body)
    check(multipart([("a/b", b"c", ["X: y"])], "zz")[1] == b"--zz\r\nContent-Type: a/b\r\nContent-Length: 1\r\nX: y\r\n\r\nc\r\n--zz--\r\n", "multipart")


# ---- planted faults ----

FAULTS_OF_200 = {
    "another tag": (lambda o: o.replace(b";tag=", b";tag=x", 2).replace(b";tag=x", b";tag=", 1), "tag of To"),
    "no Contact": (lambda o: remove(o, b"Contact: "), "Contact: None"),
    "no Record-Route": (lambda o: remove(o, b"Record-Route: "), "Record-Route"),
    "another CSeq": (lambda o: o.replace(b"CSeq: 1 ", b"CSeq: 2 "), "CSeq 2 INVITE"),
    "another From": (lambda o: o.replace(b"From: <tel:+1", b"From: <tel:+9"), "From:"),
    "two Vias": (lambda o: o.replace(b"\r\nFrom:", b"\r\nVia: SIP/2.0/UDP x;branch=z9hG4bKx\r\nFrom:", 1), "Via:"),
    "wrong length": (lambda o: o.replace(b"Content-Length: ", b"Content-Length: 1", 1), "Content-Length"),
    "timer without Require": (lambda o: o.replace(b"\r\nFrom:", b"\r\nSession-Expires: 1800;refresher=uac\r\nFrom:", 1), "refresher=uac without"),
    "Require of what was not offered": (lambda o: o.replace(b"\r\nFrom:", b"\r\nRequire: precondition\r\nFrom:", 1), "precondition was not offered"),
    "no SDP": (lambda o: o.replace(b"application/sdp", b"text/plain"), "no SDP"),
    "two Contacts": (lambda o: o.replace(b"Contact: <", b"Contact: <sip:x@y>, <"), "more than one Contact"),
}


def remove(octets, name):
    return b"\r\n".join(line for line in octets.split(b"\r\n") if not line.startswith(name))


def test_faults_of_a_200_are_found():
    for name, (change, wanted) in FAULTS_OF_200.items():
        with Peer() as a, Peer() as b:
            caller, called = UserAgent.of(a), UserAgent.of(b)
            called.answer = lambda r: SipAnswer(200, b"v=0\r\n", ring=(180,))
            usual = called.response

            def response(m, answer, headers, tag, change=change, usual=usual):
                octets = usual(m, answer, headers, tag)
                return change(octets) if answer.code == 200 and m.method == "INVITE" else octets
            called.response = response
            dialog = caller.invite(("127.0.0.1", b.port), chat_invite("+1555", "+1666", b"v=0\r\n"))
            check(dialog.wait_final(5), "no final response")
            with failing(DialogFault, wanted):
                dialog.check()


def test_faults_of_a_request_are_found():
    cases = ((lambda d: setattr(d, "target", "sip:nobody@127.0.0.1"), "Request-URI"), (lambda d: setattr(d, "route_set", []), "Route"),
             (lambda d: setattr(d, "cseq", -1), "CSeq"), (lambda d: setattr(d, "remote_uri", "tel:+77"), "URI of To"),
             (lambda d: setattr(d, "local_uri", "tel:+77"), "URI of From"))
    for change, wanted in cases:
        with gateway() as g, Chat(g, check_faults=False) as chat:
            chat.accepted()
            equal(g.dialog.request("INFO").code, 200)
            change(g.dialog)
            g.dialog.request("INFO", timeout=1)
            with failing(DialogFault, wanted):
                chat.dialog.check()
            g.dialog.faults.clear()
            chat.dialog.ended = "by the test"
            g.dialog.invitation = None
