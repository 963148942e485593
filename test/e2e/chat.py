# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 the ipsmgw authors
"""A chat as a test sees it: A's client (SIP of s.a and an MSRP peer) on one side, B's telephone (s.smsc) on the other (spec 7).

    def test_chat(s):
        with Chat(s) as chat:                       # INVITE goes out; Chat(s, a, b, kind="im", setup="actpass", subject="hi", first=cpim(...), ...)
            chat.accepted()                         # 200, its SDP checked, ACK, MSRP connected and bound
            sent = chat.say("hello", notify="positive-delivery")    # one SEND, answered 200; sent.imdn_id, sent.wait_report()
            chat.told("hello")                      # B got it by SMS, parts joined
            chat.b_says("hi there")                 # B's SMS to the number that B knows the chat by (chat.number)
            chat.heard("hi there")                  # as MSRP SEND with CPIM; gives the Message
            chat.b_says("END")
            bye = chat.ended()                      # the gateway's BYE; or chat.bye() for A's own
        # the end of "with" says BYE or CANCEL if nobody has, and fails on any fault against RFC 3261 or 4975

    chat.number = "+49..."      # where B's SMS go; by default the sender of the last SMS that B got
    chat.ignore = ("Contact: None",)                                 # faults that a test means to see
    chat.ringing(); chat.refused(603); chat.cancel(); chat.dialog (sip_dialog.Dialog); chat.session (msrp_peer.Session); chat.msrp (MsrpPeer)
    Chat(s, sdp={"cema": True, "direction": "sendonly"})             # options of sdp.offer
    Chat(s, certificate=make_certificate(s.dir))                     # TCP/TLS/MSRP; accepted(verify=True) compares a=fingerprint
    Chat(s, msrp=peer)                                               # many chats behind one MsrpPeer; its owner closes it
    Chat(s, ack=False), Chat(s, prack=False)                         # withheld; chat.dialog.ack(), chat.dialog.prack(provisional)
    Chat(s, kind="large").accepted().say("long " * 200, chunk=500)   # spec 11.7
    Chat(s, kind="group", subject="Hikers", members=["tel:+1555..."])

    with Inbox(s, a) as inbox:                      # A takes large messages (spec 5.6): INVITEs to tel:a are answered
        ... long SMS to a ...
        message = inbox.wait(lambda m: m.text == text); inbox.dialog.wait_request("BYE")
"""

import collections
import contextlib
import subprocess
import threading
import time

from harness import Capture, Failure, check, equal
import oracle
import sdp as sdp_of
from msrp_peer import MsrpPeer
from sip_chat import chat_invite, tag_of
from sip_dialog import SipAnswer, UserAgent
from sip_peer import cpim, new_id

ANONYMOUS = "sip:anonymous@anonymous.invalid"
LARGE_SDP = {"direction": "sendonly", "accept_types": "message/cpim", "wrapped_types": "text/plain", "setup": "actpass"}
SDP_OF = {"large": LARGE_SDP, "im_large": dict(LARGE_SDP, accept_types="message/cpim text/plain"), "group": {"accept_types": "message/cpim"}}


# ---- B's telephone ----

def joined(submits):
    """[(from, text)] of whole messages in the order of their last parts, out of the SMSC's submit_sm"""
    found, parts = [], {}
    for p in submits:
        udh, _ = oracle.split_udh(bytes.fromhex(p["hex"]), p["esm"])
        concat = oracle.concat_of(udh) if udh else None
        ref, total, k = concat or (None, 1, 1)
        group = parts.setdefault((p["from"], ref, total), {})
        group[k] = p
        if len(group) == total:
            found.append((p["from"], oracle.text_of([group[n] for n in sorted(group)])))
            del parts[p["from"], ref, total]
    return found


def sms(s, sender, recipient, text, ref=0x5A, **more):
    """The SMS user sender writes text, in as many parts as it needs; gives the last command_status."""
    status = None
    for part in oracle.parts_of(text, ref):
        status = s.smsc.mo(sender, recipient, part.udh + part.text, data_coding=part.dcs, **(dict(more, esm_class=0x40) if part.udh else more))
        if status != 0:
            break
    return status


class Telephone:
    """What B got since this was made, and B's answers."""

    def __init__(self, stack, number):
        self.stack, self.number, self.since = stack, number, len(stack.smsc.events)

    def messages(self):
        """[(from, text)] so far"""
        to = self.number.lstrip("+")
        events = [e for e in list(self.stack.smsc.events)[self.since:] if e["ev"] == "pdu" and e["cmd"] == "submit_sm" and e["dir"] == "rx" and e["to"] == to]
        return joined(events)

    def wait(self, matches=lambda sender, text: True, timeout=20.0, count=1):
        """The first count messages that match, as (from, text); one if count is 1. None if they do not come."""
        end = time.monotonic() + timeout
        with self.stack.smsc.changed:
            while True:
                found = [m for m in self.messages() if matches(*m)][:count]
                if len(found) == count:
                    return found[0] if count == 1 else found
                if not self.stack.smsc.changed.wait(max(0.0, end - time.monotonic())) and time.monotonic() >= end:
                    return None


# ---- the chat ----

class Chat:
    """One INVITE of A through the gateway and what comes of it. Options beside those of __init__ are those of sip_chat.chat_invite()."""

    def __init__(self, stack, a=None, b=None, kind="cpm", setup="active", sdp=None, certificate=None, change=lambda m: None, agent=None, destination=None,
                 ack=True, prack=True, record_route=True, check_faults=True, ignore=(), msrp=None, **invite):
        pair = stack.pair()
        self.stack, self.a, self.b, self.kind = stack, a or pair[0], b or pair[1], kind
        self.check_faults, self.ignore = check_faults, ignore
        self.msrp, self.shared_msrp = msrp or MsrpPeer(certificate=certificate), msrp
        self.session, self.phone = self.msrp.session(), Telephone(stack, self.b)
        options = dict({"setup": setup}, **SDP_OF.get(kind, {}))
        self.offered = sdp_of.offer(self.session, **dict(options, **(sdp or {})))
        self.invite = chat_invite(self.a, self.b, self.offered, kind=kind, **invite)
        change(self.invite)
        self.answer, self.own_bye, self.reached = None, None, None
        self.agent = UserAgent.of(agent or stack.a)
        self.dialog = self.agent.invite(destination or stack.sip, self.invite, ack=ack, prack=prack, record_route=record_route)

    # ---- SIP ----

    def ringing(self, timeout=20.0, count=1):
        """The count-th 180"""
        response = self.dialog.wait_provisional(180, timeout, count)
        check(response, "no 180 number", count, "but", [r.start for r in self.dialog.responses])
        return response

    def final(self, timeout=40.0):
        response = self.dialog.wait_final(timeout)
        check(response, "no final response to the INVITE, only", [r.start for r in self.dialog.responses])
        return response

    def accepted(self, timeout=40.0, connect=True, bind=True, message_id=True, verify=False):
        """The gateway's 200; its SDP; then MSRP, unless connect is False. Gives the chat."""
        final = self.final(timeout)
        equal(final.code, 200, "answer to the INVITE")
        self.answer = sdp_of.Sdp(final.body)
        for fault in sdp_of.answer_faults(sdp_of.Sdp(self.offered), self.answer):
            self.dialog.fault("SDP: " + fault)
        self.session.use(self.answer)
        if connect:
            self.connect(bind, message_id, verify)
        return self

    def connect(self, bind=True, message_id=True, verify=False, timeout=15.0):
        """As the SDP answer says who connects"""
        self.session.start(self.answer.setup != "active", bind, message_id, timeout, verify)

    def refused(self, code, timeout=40.0):
        final = self.final(timeout)
        equal(final.code, code, "answer to the INVITE (%s)" % final.start)
        return final

    def cancel(self, code=487, timeout=40.0):
        """CANCEL; 200 to it and code to the INVITE"""
        response = self.dialog.cancel()
        check(response and response.code == 200, "CANCEL got", response and response.start)
        return self.refused(code, timeout) if code else response

    def bye(self, code=200, **more):
        """A leaves."""
        self.own_bye = self.dialog.bye(**more)
        check(self.own_bye, "no answer to BYE")
        equal(self.own_bye.code, code, "answer to BYE")
        return self.own_bye

    def ended(self, timeout=15.0):
        """The gateway's BYE"""
        request = self.dialog.wait_request("BYE", timeout)
        check(request, "no BYE from the gateway in %g s" % timeout)
        return request

    @property
    def up(self):
        """A 2xx came and nobody has said BYE."""
        final = self.dialog.final
        return bool(final and final.code < 300 and not self.dialog.ended)

    # ---- A's media ----

    def body(self, text, notify="", imdn_id=None, sender=ANONYMOUS, recipient=ANONYMOUS, name=None, **more):
        """CPIM of A's client; name: display name in From, as in groups"""
        octets = cpim(text, sender, recipient, imdn_id=imdn_id, notify=notify, **more)
        return octets.replace(b"From: ", b'From: "%s" ' % name.encode(), 1) if name else octets

    def say(self, text, notify="", imdn_id=None, code=200, content_type="message/cpim", timeout=15.0, sender=ANONYMOUS, recipient=ANONYMOUS, name=None,
            cpim_options=None, **send):
        """A writes: one message, answered with code (None: not looked at). Options of Session.send(): chunk, byte_range, success, failure, ..."""
        imdn_id = imdn_id or new_id()
        body = text if content_type != "message/cpim" else self.body(text, notify, imdn_id, sender, recipient, name, **(cpim_options or {}))
        sent = self.session.send(body, content_type, timeout=timeout, **send)
        sent.imdn_id = imdn_id
        if code is not None and (sent.failure or "yes") == "yes":
            equal(sent.code, code, "response to A's SEND (%s)" % sent.codes)
        return sent

    def heard(self, text, timeout=20.0, since=0):
        """The gateway's SEND with this text"""
        message = self.session.wait(lambda m: m.text == text, timeout, since=since)
        check(message, "A did not hear %r but %r" % (text, self.session.texts))
        return message

    def heard_imdn(self, imdn_id, status="delivered", timeout=15.0):
        """The IMDN about A's message that came in the session"""
        wanted = (imdn_id.encode(), b"<%s/>" % status.encode())
        message = self.session.wait(lambda m: m.imdn and all(w in m.imdn for w in wanted), timeout)
        check(message, "no IMDN", status, "of", imdn_id, "in the session; IMDNs:", [m.imdn for m in self.session.messages if m.imdn])
        return message

    # ---- B's telephone ----

    @property
    def number(self):
        """The number that B answers to: the sender of the last SMS, A's own before any"""
        if self.reached:
            return self.reached
        got = self.phone.messages()
        return "+" + got[-1][0].lstrip("+") if got else self.a

    @number.setter
    def number(self, value):
        self.reached = value

    def told(self, text, timeout=15.0):
        """B got this text (str, or a function of it), parts joined. Gives the number it came from."""
        matches = text if callable(text) else lambda t: t == text
        found = self.phone.wait(lambda _, t: matches(t), timeout)
        check(found, "B was not told %r but %r" % (text, [t for _, t in self.phone.messages()]))
        return "+" + found[0].lstrip("+")

    def told_texts(self):
        """All that B has got so far"""
        self.stack.smsc.sync()
        return [t for _, t in self.phone.messages()]

    def b_says(self, text, to=None, status=0, **more):
        """B writes an SMS to the chat."""
        got = sms(self.stack, self.b, to or self.number, text, **more)
        if status is not None:
            equal(got, status, "deliver_sm_resp to B's SMS")
        return got

    # ---- the end ----

    def __enter__(self):
        return self

    def __exit__(self, kind, *_):
        try:
            if kind is None:
                self.finish()
            else:
                with contextlib.suppress(Exception):
                    self.leave(5.0)
        finally:
            self.shared_msrp or self.msrp.close()

    def leave(self, timeout=40.0):
        """BYE or CANCEL where there is still something to end; gives the answer"""
        if self.up:
            return self.dialog.bye(timeout=timeout)
        return None if self.dialog.final else self.dialog.cancel(timeout)

    def finish(self):
        open_end = self.up or not self.dialog.final
        answer = self.leave()
        check(not open_end or answer and answer.code in (200, 481), "BYE or CANCEL at the end of the chat got", answer and answer.start)
        self.verify()

    def verify(self):
        """Failure on any fault of the gateway by now"""
        if not self.check_faults:
            return
        try:
            self.dialog.check(self.ignore)
            self.msrp.check()
        except Exception as e:
            raise Failure(str(e)) from e


# ---- A as the called party ----

class Inbox:
    """A's client that takes large messages: answers INVITEs to tel:a (or whose URI contains uri) with 200 and an MSRP session."""

    def __init__(self, stack, a, setup="passive", kind="large", answer=None, certificate=None, agent=None, uri=None, policy=None, ring=(), sdp=None):
        """answer: function of the request that gives a SipAnswer instead, or None. policy: of the MSRP session."""
        self.stack, self.a, self.setup, self.kind, self.own_answer, self.uri = stack, a, setup, kind, answer, uri or a
        self.msrp, self.policy, self.ring, self.sdp_options = MsrpPeer(certificate=certificate), policy, ring, sdp or {}
        self.sessions, self.offers, self.connected = {}, {}, {}
        self.agent = UserAgent.of(agent or stack.a)
        self.before, self.agent.answer = self.agent.answer, self.answer

    def answer(self, request):
        if self.uri not in request.uri:
            return self.before(request) if self.before else None
        own = self.own_answer(request) if self.own_answer else None
        if own:
            own.contact_params = ";" + tag_of(self.kind)
            return own
        offered, session = sdp_of.Sdp(request.body), self.msrp.session()
        session.use(offered)
        session.policy = self.policy or session.policy
        self.sessions[request.get("call-id")], self.offers[request.get("call-id")] = session, offered
        direction = {"sendonly": "recvonly", "recvonly": "sendonly"}.get(offered.direction, offered.direction)
        body = sdp_of.offer(session, **dict({"setup": self.setup, "direction": direction, "accept_types": "message/cpim text/plain"}, **self.sdp_options))
        if self.setup == "active":
            threading.Thread(target=self.connect, args=(request.get("call-id"), session), daemon=True).start()
        got = SipAnswer(200, body, ring=self.ring)
        got.contact_params = ";" + tag_of(self.kind)
        return got

    def connect(self, call_id, session):
        """Active: as soon as the ACK is there"""
        dialog = self.agent.wait_dialog(lambda d: d.call_id == call_id)
        if dialog and dialog.wait_ack():
            with contextlib.suppress(Exception):
                session.start(active=True)

    @property
    def dialogs(self):
        return [d for d in self.agent.dialogs if d.request_in and d.request_in.method == "INVITE" and self.uri in d.request_in.uri]

    @property
    def dialog(self):
        """Of the first INVITE that came"""
        return self.wait_invite()

    def wait_invite(self, timeout=15.0, count=1):
        """The Dialog of the count-th INVITE to A"""
        found = self.agent.until(lambda: self.dialogs[count - 1:count], timeout)
        check(found, "A got no INVITE number", count)
        return found[0]

    def wait(self, matches=lambda m: True, timeout=15.0):
        """The first MSRP message, of any session, that matches"""
        found = self.msrp.until(lambda: next((m for s in list(self.sessions.values()) for m in list(s.messages) if matches(m)), None), timeout)
        check(found, "A got no such large message but", [m.text for s in self.sessions.values() for m in s.messages])
        return found

    def __enter__(self):
        return self

    def __exit__(self, kind, *_):
        self.agent.answer = self.before
        try:
            if kind is None:
                self.verify()
        finally:
            self.msrp.close()

    def verify(self):
        try:
            for dialog in self.dialogs:
                dialog.check()
            self.msrp.check()
        except Exception as e:
            raise Failure(str(e)) from e
        faults = [f for offered in self.offers.values() for f in offered.faults]
        check(not faults, "the gateway's offer:", faults)


# ---- the wire ----

class MsrpCapture(Capture):
    """What goes over a TCP port, read by tshark as MSRP: capture = MsrpCapture(s.dir / "msrp.pcap", port); ...; capture.judge()"""

    def tshark(self, *args):
        argv = ["tshark", "-r", str(self.path), "-d", "tcp.port==%d,msrp" % self.port] + list(args)
        done = subprocess.run(argv, capture_output=True, text=True, timeout=60)
        check(done.returncode == 0, "tshark:", done.stderr)
        return done.stdout

    def judge(self):
        """Stop; Failure if tshark finds anything malformed. Gives {method or status code: how many}; it counts one frame in a TCP segment."""
        self.stop()
        bad = self.tshark("-Y", "msrp && (_ws.malformed || _ws.expert.severity >= 6291456)")
        equal(bad, "", "malformed, or an expert's warning")
        rows = self.tshark("-Y", "msrp", "-T", "fields", "-e", "msrp.method", "-e", "msrp.status.code").replace("\t", ",").replace("\n", ",")
        return collections.Counter(x for x in rows.split(",") if x)
