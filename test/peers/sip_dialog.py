# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 the ipsmgw authors
"""SIP dialogs over UDP on top of sip_peer.Peer: INVITE both ways, what follows in the dialog, and conference subscriptions.

    ua = UserAgent.of(s.a)                                   # any Peer, also a shared one; its other traffic stays as it was
    dialog = ua.invite(s.sip, chat_invite(a, b, sdp_body))   # comes back at once; options: ack, prack, record_route, cancel_at
    dialog.wait_provisional(180); final = dialog.wait_final(); dialog.responses; dialog.repeated       # 2xx seen again
    dialog.ack()                                             # only if invited with ack=False
    dialog.cancel(); dialog.bye(); dialog.request("UPDATE", headers=[("Session-Expires", "1800;refresher=uac")])
    answer = dialog.reinvite(sdp_body)
    bye = dialog.wait_request("BYE"); dialog.policy = lambda request: SipAnswer(481)                   # None: as usual
    dialog.check()                                           # DialogFault if the other side broke RFC 3261 in it

    ua.answer = lambda request: SipAnswer(200, sdp_body)     # INVITEs that come; ring=(180,), delay, headers; None: peer.policy decides
    dialog = ua.wait_dialog(lambda d: d.request_in.uri == "tel:" + a)
    subscription = ua.wait_subscription(); subscription.notify(conference_info(...), "active;expires=600")
"""

import asyncio
import threading
import time
import uuid

import sip_check
from sip_peer import Answer, Outgoing, T1, T2, TIMER_F


class DialogFault(Exception):
    """The other side did what RFC 3261 does not allow."""


class SipAnswer(Answer):
    """An Answer with a body. ring: provisional codes sent before it, at once."""

    def __init__(self, code, body=b"", headers=(), delay=0.0, reason="Test", content_type="application/sdp", ring=()):
        super().__init__(code, headers, delay, reason)
        self.body, self.content_type, self.ring = body, content_type, ring


class Invitation:
    """Client transaction of one INVITE (RFC 3261 17.1.1), first or repeated, with every response it got."""

    def __init__(self, dialog, m, auto_ack, auto_prack):
        self.dialog, self.m, self.branch = dialog, m, "z9hG4bK-" + uuid.uuid4().hex[:16]
        self.auto_ack, self.auto_prack = auto_ack, auto_prack
        self.responses, self.final, self.repeated, self.reliable, self.acks, self.pracks, self.sent = [], None, 0, set(), 0, [], 0

    async def run(self):
        ua, wait, end = self.dialog.ua, T1, time.monotonic() + TIMER_F
        ua.invitations[self.branch] = self
        while not self.responses and time.monotonic() < end:
            self.tx(self.m.octets(ua.peer.host, ua.peer.port, self.branch))
            self.sent += 1
            await asyncio.sleep(wait)
            wait *= 2

    def tx(self, octets):
        self.dialog.ua.peer.transport.sendto(octets, self.dialog.destination)

    def rx(self, m):
        fault = self.dialog.fault
        for what in sip_check.response_faults(m, self.m, self.dialog.local_tag):
            fault(what)
        if self.final and m.code < 200:
            fault("%d after %d" % (m.code, self.final.code))
        elif self.final and m.code >= 200 and m.code != self.final.code:
            fault("%d after %d" % (m.code, self.final.code))
        self.responses.append(m)
        if 100 < m.code < 300:
            self.dialog.established_by(m)
        if m.code < 200:
            self.rx_provisional(m)
        else:
            self.rx_final(m)

    def rx_provisional(self, m):
        reliable = "100rel" in sip_check.options(m, "require")
        if reliable != (m.get("rseq") is not None):
            self.dialog.fault("%d: Require: 100rel and RSeq: %s do not go together" % (m.code, m.get("rseq")))
        if reliable and m.get("rseq") not in self.reliable and self.auto_prack:
            self.reliable.add(m.get("rseq"))
            self.pracks.append(self.dialog.later("PRACK", [("RAck", "%s %s" % (m.get("rseq"), m.get("cseq")))]))

    def rx_final(self, m):
        self.repeated += self.final is not None
        self.final = self.final or m
        if m.code >= 300:
            self.tx_ack(self.branch)
        elif self.auto_ack:
            self.tx_ack()

    def tx_ack(self, branch=None):
        """ACK of a 2xx is a request of the dialog; that of another final response is part of the transaction."""
        d, own = self.dialog, branch is not None
        ack = Outgoing(self.m.uri if own else d.target, b"", None, sender=d.local_uri, method="ACK")
        ack.call_id, ack.cseq = self.m.call_id, self.m.cseq
        ack.set("From", self.m_field("From")).set("To", self.final.get("to"))
        for route in ([v for n, v in self.m.fields if n == "Route"] if own else d.route_set):
            ack.add("Route", route)
        self.acks += 1
        self.tx(ack.octets(d.ua.peer.host, d.ua.peer.port, branch or "z9hG4bK-" + uuid.uuid4().hex[:16]))

    def m_field(self, name):
        return next(v for n, v in self.m.fields if n.lower() == name.lower())

    def cancel(self, timeout=10.0):
        """CANCEL of this INVITE; gives the response to the CANCEL."""
        c = Outgoing(self.m.uri, b"", None, sender=self.dialog.local_uri, method="CANCEL")
        c.call_id, c.cseq = self.m.call_id, self.m.cseq
        c.set("From", self.m_field("From")).set("To", self.m_field("To"))
        for n, v in self.m.fields:
            if n in ("Route", "Reason"):
                c.add(n, v)
        ua = self.dialog.ua
        return ua.peer.loop.call(ua.cancel_transaction(self.dialog.destination, c, self.branch, timeout))


class Dialog:
    """One dialog, of an INVITE or a SUBSCRIBE, begun here or there. Calls block; none may be made from the loop's thread."""

    def __init__(self, ua, destination, call_id, local_uri, remote_uri, local_tag, remote_tag=None, contact_params=""):
        self.ua, self.destination, self.call_id = ua, destination, call_id
        self.local_uri, self.remote_uri, self.local_tag, self.remote_tag = local_uri, remote_uri, local_tag, remote_tag
        self.contact_uri = "sip:a-%s@%s:%d" % (uuid.uuid4().hex[:10], ua.peer.host, ua.peer.port)
        self.contact, self.target = "<%s>%s" % (self.contact_uri, contact_params), None
        self.cseq, self.first_cseq, self.remote_cseq, self.route_set, self.own_routes = 1, 1, None, [], []
        self.invitation, self.request_in, self.answer_out, self.sdp = None, None, None, b""
        self.requests, self.acks, self.faults, self.ended, self.cancelled = [], [], [], None, None
        self.invite_answered, self.dialog_fields = False, []
        self.policy = lambda request: None
        self.until = ua.until
        ua.dialogs.append(self)
        ua.by_key[call_id, local_tag] = self

    def fault(self, *what):
        self.faults.append(" ".join(str(w) for w in what))

    def check(self, ignore=()):
        """DialogFault if anything was wrong; faults that contain one of ignore do not count."""
        found = [f for f in self.faults if not any(i in f for i in ignore)]
        if found:
            raise DialogFault("%d fault(s) in dialog %s: %s" % (len(found), self.call_id, " | ".join(found[:4])))

    # ---- as UAC ----

    responses = property(lambda self: self.invitation.responses)
    final = property(lambda self: self.invitation.final)
    repeated = property(lambda self: self.invitation.repeated)

    def established_by(self, m):
        for what in sip_check.dialog_response_faults(m, self):
            self.fault(what)
        self.remote_tag = self.remote_tag or sip_check.tag(m.get("to"))
        self.target = sip_check.address(m.get("contact"))[0] or self.target or self.remote_uri
        if self.invitation.m.cseq == self.first_cseq:
            routes = sip_check.elements(m, "record-route")
            self.route_set = routes[:len(routes) - len(self.own_routes)][::-1]

    def wait_final(self, timeout=TIMER_F + 5):
        """The final response to the INVITE, None if there is none"""
        return self.until(lambda: self.invitation.final, timeout)

    def wait_provisional(self, code=180, timeout=20.0, count=1):
        """The count-th response with this code"""
        def found():
            some = [r for r in self.responses if r.code == code]
            return some[count - 1] if len(some) >= count else None
        return self.until(found, timeout)

    def ack(self):
        """ACK of the 2xx, if invited with ack=False; further 2xx are answered from now on."""
        self.invitation.auto_ack = True
        self.ua.later(self.invitation.tx_ack)

    def cancel(self, timeout=10.0):
        return self.invitation.cancel(timeout)

    # ---- requests in the dialog ----

    def build(self, method, headers=(), body=b"", content_type=None):
        self.cseq += 1
        m = Outgoing(self.target, body, content_type, sender=self.local_uri, method=method)
        m.call_id, m.cseq = self.call_id, self.cseq
        m.set("From", "<%s>;tag=%s" % (self.local_uri, self.local_tag)).set("To", "<%s>;tag=%s" % (self.remote_uri, self.remote_tag))
        for route in self.route_set:
            m.add("Route", route)
        if method in ("INVITE", "UPDATE", "NOTIFY", "SUBSCRIBE"):
            m.add("Contact", self.contact)
        for name, value in headers:
            m.add(name, value)
        return m

    async def transact(self, m, timer_f=TIMER_F):
        answer = await self.ua.peer.transact(self.destination, m, timer_f=timer_f)
        for what in sip_check.response_faults(answer, m, self.local_tag) if answer else []:
            self.fault(what)
        if m.method == "UPDATE" and answer and answer.code == 200:
            if not answer.get("contact"):
                self.fault("200 to UPDATE: no Contact")
            for what in sip_check.timer_faults(answer):
                self.fault("200 to UPDATE: " + what)
        return answer

    def request(self, method, headers=(), body=b"", content_type=None, timeout=TIMER_F):
        """Send a request in the dialog; gives the final response, None if there is none."""
        return self.ua.peer.loop.call(self.transact(self.build(method, headers, body, content_type), timeout))

    def later(self, method, headers=()):
        """As request(), from the loop's thread; gives a task."""
        return asyncio.ensure_future(self.transact(self.build(method, headers)))

    def prack(self, provisional, timeout=10.0):
        """PRACK of a reliable 1xx, if invited with prack=False; gives the final response."""
        return self.request("PRACK", [("RAck", "%s %s" % (provisional.get("rseq"), provisional.get("cseq")))], timeout=timeout)

    def bye(self, headers=(), timeout=TIMER_F):
        self.ended = self.ended or "bye"
        return self.request("BYE", headers, timeout=timeout)

    def update(self, headers=(), body=b"", content_type=None, timeout=TIMER_F):
        return self.request("UPDATE", headers, body, content_type or ("application/sdp" if body else None), timeout)

    def reinvite(self, sdp, headers=(), ack=True, timeout=TIMER_F):
        """Gives the final response; its Invitation is the new self.invitation."""
        m = self.build("INVITE", headers, sdp, "application/sdp")
        self.invitation = Invitation(self, m, ack, True)
        self.ua.spawn(self.invitation.run())
        return self.wait_final(timeout)

    # ---- what comes ----

    def rx_request(self, m):
        """Check a request of the other side and give the answer to it; None for ACK."""
        if m.method == "ACK" and m.branch in [r.branch for r in self.invites_in()]:
            self.acks.append(m)     # of a final response other than 2xx: part of that transaction
            return None
        for what in sip_check.in_dialog_faults(m, self):
            self.fault(what)
        if m.method == "ACK":
            self.acks.append(m)
            if sip_check.cseq(m)[0] not in [sip_check.cseq(r)[0] for r in self.invites_in()]:
                self.fault("ACK with CSeq %s" % m.get("cseq"))
            return None
        self.remote_cseq = sip_check.cseq(m)[0]
        if self.ended and m.method != "NOTIFY":
            self.fault("%s after the end of the dialog" % m.method)
        self.requests.append(m)
        answer = self.policy(m) or self.usual(m)
        if m.method == "BYE" and answer.code == 200:
            self.ended = self.ended or "BYE came"
        if m.get("contact") and m.method in ("INVITE", "UPDATE"):
            self.target = sip_check.address(m.get("contact"))[0]
        return answer

    def invites_in(self):
        return [r for r in self.requests + [self.request_in] if r and r.method == "INVITE"]

    def usual(self, m):
        """The answer where no policy says otherwise"""
        if m.method == "INVITE":
            return SipAnswer(200, self.sdp, [("Contact", self.contact)])
        if m.method in ("UPDATE", "SUBSCRIBE"):
            return SipAnswer(200, headers=[("Contact", self.contact)] + [("Expires", m.get("expires", "600"))] * (m.method == "SUBSCRIBE"))
        return SipAnswer(200 if m.method in ("BYE", "OPTIONS", "INFO", "NOTIFY", "MESSAGE", "PRACK") else 501)

    def wait_request(self, method, timeout=20.0, count=1):
        """The count-th request of this method in the dialog; None if it does not come"""
        def found():
            some = [r for r in self.requests if r.method == method]
            return some[count - 1] if len(some) >= count else None
        return self.until(found, timeout)

    def wait_ack(self, timeout=20.0):
        return self.until(lambda: self.acks and self.acks[0], timeout)


class Subscription(Dialog):
    """A SUBSCRIBE that came (Event: conference) and what is told about it."""

    def notify(self, body=b"", state="active;expires=600", content_type="application/conference-info+xml", timeout=TIMER_F):
        headers = [("Event", self.request_in.get("event")), ("Subscription-State", state)]
        return self.request("NOTIFY", headers, body, content_type if body else None, timeout)


class UserAgent:
    """All dialogs of one Peer."""

    def __init__(self, peer):
        self.peer, self.dialogs, self.by_key, self.invitations, self.served = peer, [], {}, {}, {}
        self.answer, self.accept_subscribe = None, True
        self.changed = threading.Condition()
        peer.dialogs = self

    @classmethod
    def of(cls, peer):
        return peer.dialogs or cls(peer)

    def later(self, function, *args):
        self.peer.loop.loop.call_soon_threadsafe(function, *args)

    def spawn(self, coroutine):
        return asyncio.run_coroutine_threadsafe(coroutine, self.peer.loop.loop)

    def until(self, condition, timeout):
        with self.changed:
            return self.changed.wait_for(condition, timeout)

    def own_route(self):
        return "sip:scscf@%s:%d;lr" % (self.peer.host, self.peer.port)

    # ---- as UAC ----

    def invite(self, destination, m, ack=True, prack=True, record_route=True):
        """Send the INVITE m (Contact and Record-Route are added if it has none); a Dialog, at once."""
        fields = {n.lower(): v for n, v in m.fields}
        local_uri, remote_uri = sip_check.address(fields["from"])[0], sip_check.address(fields["to"])[0]
        dialog = Dialog(self, destination, m.call_id, local_uri, remote_uri, sip_check.tag(fields["from"]), None, getattr(m, "contact_params", ""))
        dialog.cseq = dialog.first_cseq = m.cseq
        dialog.sdp = m.body
        if "contact" not in fields:
            m.add("Contact", dialog.contact)
        if record_route:
            m.add("Record-Route", "<%s>" % self.own_route())
        dialog.own_routes = [sip_check.address(v)[0] for n, v in m.fields if n.lower() == "record-route"]
        dialog.invitation = Invitation(dialog, m, ack, prack)
        self.spawn(dialog.invitation.run())
        return dialog

    async def cancel_transaction(self, destination, c, branch, timeout):
        """A CANCEL has the branch of its INVITE, so the responses are told apart by CSeq."""
        self.peer.pending[branch] = future = asyncio.get_running_loop().create_future()
        octets, end, wait = c.octets(self.peer.host, self.peer.port, branch), time.monotonic() + timeout, T1
        while time.monotonic() < end:
            self.peer.transport.sendto(octets, destination)
            done, _ = await asyncio.wait([future], timeout=wait)
            if done:
                break
            wait = min(wait * 2, T2)
        del self.peer.pending[branch]
        return future.result() if future.done() else None

    # ---- what comes, in the loop's thread ----

    def rx(self, m, address):
        """True if m belongs to a dialog here, or begins one."""
        taken = self.rx_response(m) if m.is_response else self.rx_request(m, address)
        if taken:
            with self.changed:
                self.changed.notify_all()
        return taken

    def rx_response(self, m):
        invitation = self.invitations.get(m.branch)
        if not invitation or sip_check.cseq(m)[1] != "INVITE":
            return False
        invitation.rx(m)
        return True

    def rx_request(self, m, address):
        if m.method != "ACK" and m.key in self.served:
            if self.served[m.key]:
                self.peer.transport.sendto(self.served[m.key], address)
            return True
        if m.method == "CANCEL":
            return self.rx_cancel(m, address)
        dialog = self.dialog_of(m)
        if dialog:
            answer = dialog.rx_request(m)
            if answer:
                self.respond(m, answer, address, dialog)
            return True
        return self.rx_first(m, address)

    def dialog_of(self, m):
        return self.by_key.get((m.get("call-id"), sip_check.tag(m.get("to"))))

    def rx_first(self, m, address):
        """A request that may begin a dialog"""
        if m.method == "INVITE" and self.answer:
            answer = self.answer(m)
            if answer:
                self.begin(m, answer, address, Dialog)
            return bool(answer)
        if m.method == "SUBSCRIBE" and self.accept_subscribe and m.get("event", "").startswith("conference"):
            self.begin(m, SipAnswer(200, headers=[("Expires", m.get("expires", "600"))]), address, Subscription)
            return True
        return False

    def begin(self, m, answer, address, kind):
        remote, local = sip_check.address(m.get("from"))[0], sip_check.address(m.get("to"))[0]
        dialog = kind(self, address, m.get("call-id"), local, remote, uuid.uuid4().hex[:10], sip_check.tag(m.get("from")), getattr(answer, "contact_params", ""))
        dialog.request_in, dialog.answer_out, dialog.remote_cseq = m, answer, sip_check.cseq(m)[0]
        dialog.target, dialog.sdp, dialog.cseq = sip_check.address(m.get("contact"))[0], getattr(answer, "body", b""), 100
        dialog.route_set, dialog.own_routes = sip_check.elements(m, "record-route"), [self.own_route()]
        dialog.dialog_fields = [("Record-Route", "<%s>" % self.own_route())] + [("Record-Route", r) for r in dialog.route_set]
        for what in sip_check.request_faults(m):
            dialog.fault("%s: %s" % (m.method, what))
        for code in getattr(answer, "ring", ()):
            self.respond(m, SipAnswer(code), address, dialog)
        self.respond(m, answer, address, dialog)

    def rx_cancel(self, m, address):
        dialog = next((d for d in self.dialogs if d.request_in and d.request_in.branch == m.branch and d.request_in.method == "INVITE"), None)
        if not dialog:
            return False
        dialog.cancelled = m
        self.respond(m, SipAnswer(200), address, dialog)
        if not dialog.ended and not dialog.invite_answered:
            self.respond(dialog.request_in, SipAnswer(487), address, dialog)
        return True

    # ---- answering ----

    def respond(self, m, answer, address, dialog):
        self.served.setdefault(m.key, None)
        if answer.code:
            self.peer.loop.loop.call_later(answer.delay, self.tx, m, answer, address, dialog)

    def tx(self, m, answer, address, dialog):
        first = m is dialog.request_in
        if first and answer.code >= 200:
            if dialog.invite_answered:
                return
            dialog.invite_answered = True
        headers = list(answer.headers)
        if first and 100 < answer.code < 300:
            headers += dialog.dialog_fields
            headers += [("Contact", dialog.contact)] if not any(n.lower() == "contact" for n, _ in headers) else []
        self.served[m.key] = octets = self.response(m, answer, headers, dialog.local_tag)
        self.peer.transport.sendto(octets, address)
        if m.method == "INVITE" and 200 <= answer.code:
            self.spawn(self.repeat(m, octets, address, dialog))

    def response(self, m, answer, headers, local_tag):
        body = getattr(answer, "body", b"")
        to = m.get("to") if sip_check.tag(m.get("to")) or answer.code == 100 else "%s;tag=%s" % (m.get("to"), local_tag)
        lines = ["SIP/2.0 %d %s" % (answer.code, answer.reason)] + ["Via: " + v for v in m.headers.all("via")]
        lines += ["From: " + m.get("from"), "To: " + to, "Call-ID: " + m.get("call-id"), "CSeq: " + m.get("cseq")] + ["%s: %s" % h for h in headers]
        lines += ["Content-Type: " + answer.content_type] if body else []
        return "\r\n".join(lines + ["Content-Length: %d" % len(body), "", ""]).encode("utf-8", "surrogateescape") + body

    async def repeat(self, m, octets, address, dialog):
        """The final response again until its ACK comes (RFC 3261 13.3.1.4)."""
        wait, end = T1, time.monotonic() + TIMER_F
        while time.monotonic() < end:
            await asyncio.sleep(wait)
            if any(sip_check.cseq(a)[0] == sip_check.cseq(m)[0] for a in dialog.acks):
                return
            self.peer.transport.sendto(octets, address)
            wait = min(wait * 2, T2)
        dialog.fault("no ACK of our final response to %s" % m.get("cseq"))

    # ---- looking at what came ----

    def wait_dialog(self, matches=lambda d: True, timeout=20.0):
        """The first dialog that the other side began and that matches"""
        return self.until(lambda: next((d for d in self.dialogs if d.request_in and not isinstance(d, Subscription) and matches(d)), None), timeout)

    def wait_subscription(self, matches=lambda d: True, timeout=20.0):
        return self.until(lambda: next((d for d in self.dialogs if isinstance(d, Subscription) and matches(d)), None), timeout)
