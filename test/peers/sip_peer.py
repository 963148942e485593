#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 the ipsmgw authors
"""A SIP peer over UDP that plays the RCS client and its S-CSCF, with a parser of its own.

A Peer sends MESSAGEs with retransmission (RFC 3261 17.1.2: 500 ms, doubled up to 4 s) and keeps
every request that comes, answered as its policy says. It runs in a thread with an asyncio loop, so
that tests stay plain functions:

    with Peer() as a:
        answer = a.send(gateway, message(a, "tel:+15559870002", cpim("hello", ...)))
        a.policy = lambda request: Answer(480)
        request = a.wait(lambda r: r.cpim.text == "hi")
"""

import asyncio
import base64
import email.utils
import itertools
import threading
import time
import uuid

CPM_SERVICE = "urn:urn-7:3gpp-service.ims.icsi.oma.cpm.msg"
CPM_ACCEPT_CONTACT = '*;+g.3gpp.icsi-ref="urn%3Aurn-7%3A3gpp-service.ims.icsi.oma.cpm.msg"'
IM_ACCEPT_CONTACT = "*;+g.oma.sip-im"
COMPACT = {"a": "accept-contact", "c": "content-type", "e": "content-encoding", "f": "from", "i": "call-id", "k": "supported", "l": "content-length",
           "m": "contact", "s": "subject", "t": "to", "v": "via"}
T1, T2, TIMER_F = 0.5, 4.0, 32.0


# ---- messages ----

def header_fields(block):
    """[(name, value)], folded lines joined"""
    fields = []
    for line in block.split("\r\n"):
        if line[:1] in (" ", "\t") and fields:
            fields[-1] = (fields[-1][0], fields[-1][1] + " " + line.strip())
        elif line:
            name, _, value = line.partition(":")
            fields.append((name.strip(), value.strip()))
    return fields


class Headers:
    def __init__(self, fields):
        self.fields = fields

    def all(self, name):
        want = name.lower()
        return [v for n, v in self.fields if COMPACT.get(n.lower(), n.lower()) == want]

    def get(self, name, default=None):
        values = self.all(name)
        return values[0] if values else default


class Cpim:
    """RFC 3862 as strictly as the strictest client (spec 5.5): CRLF, exact names, one empty line."""

    def __init__(self, body):
        outer, _, rest = body.partition(b"\r\n\r\n")
        inner, _, self.content = rest.partition(b"\r\n\r\n")
        self.outer, self.inner = outer.decode("utf-8"), inner.decode("utf-8")
        self.headers, self.mime = Headers(header_fields(self.outer)), Headers(header_fields(self.inner))

    def get(self, name):
        """Letter case counts here."""
        return next((v for n, v in self.headers.fields if n == name), None)

    @property
    def text(self):
        content = self.content
        if (self.mime.get("content-transfer-encoding") or "").lower() == "base64":
            content = base64.b64decode(content)
        return content.decode("utf-8")


class SipMessage:
    def __init__(self, octets):
        head, _, rest = octets.partition(b"\r\n\r\n")
        start, _, fields = head.decode("utf-8", "surrogateescape").partition("\r\n")
        self.octets, self.start, self.time = octets, start, time.time()
        self.headers = Headers(header_fields(fields))
        self.body = rest[:int(self.headers.get("content-length", len(rest)))]
        self.is_response = start.startswith("SIP/2.0 ")
        if self.is_response:
            self.code, self.reason = int(start[8:11]), start[12:]
        else:
            self.method, self.uri, _ = start.split(" ", 2)

    def get(self, name, default=None):
        return self.headers.get(name, default)

    @property
    def branch(self):
        via = self.get("via", "")
        return next((p[7:] for p in via.replace(" ", "").split(";") if p.startswith("branch=")), "")

    @property
    def key(self):
        return self.branch, self.get("cseq"), self.get("call-id")

    @property
    def media_type(self):
        return self.get("content-type", "").split(";")[0].strip().lower()

    @property
    def cpim(self):
        return Cpim(self.body) if self.media_type == "message/cpim" else None

    @property
    def text(self):
        """What the user reads; None if it is not a text (an IMDN, say)."""
        if self.media_type == "text/plain":
            return self.body.decode("utf-8")
        cpim = self.cpim
        if cpim and (cpim.mime.get("content-type") or "text/plain").lower().startswith("text/plain"):
            return cpim.text
        return None


class Answer:
    """code 0: no answer at all"""

    def __init__(self, code, headers=(), delay=0.0, reason="Test"):
        self.code, self.headers, self.delay, self.reason = code, list(headers), delay, reason


# ---- builders ----

def new_id():
    return str(uuid.uuid4())


def cpim(text, sender, recipient, imdn_id=None, notify="", content_type="text/plain;charset=UTF-8", b64=False, extra=(), nl="\r\n"):
    content = text if isinstance(text, bytes) else text.encode("utf-8")
    if b64:
        content = base64.b64encode(content)
    lines = ["From: <%s>" % sender, "To: <%s>" % recipient, "DateTime: " + time.strftime("%Y-%m-%dT%H:%M:%S.000Z", time.gmtime()),
             "NS: imdn <urn:ietf:params:imdn>"]
    if imdn_id:
        lines.append("imdn.Message-ID: " + imdn_id)
    if notify:
        lines.append("imdn.Disposition-Notification: " + notify)
    lines += list(extra) + ["", "Content-Type: " + content_type]
    if b64:
        lines.append("Content-Transfer-Encoding: base64")
    lines += ["Content-Length: %d" % len(content), "", ""]
    return nl.join(lines).encode() + content


class Outgoing:
    """A request to send. Fields are changed by the test before send(); ids that a test looks at are attributes."""

    def __init__(self, uri, body=b"", content_type="message/cpim", sender=None, method="MESSAGE"):
        self.method, self.uri, self.body = method, uri, body
        self.call_id, self.from_tag, self.cseq = new_id(), uuid.uuid4().hex[:8], 1
        self.sender = sender
        self.conversation_id = self.contribution_id = self.imdn_id = None
        self.fields = [("Max-Forwards", "67"), ("From", "<%s>;tag=%s" % (sender, self.from_tag)), ("To", "<%s>" % uri)]
        if content_type:
            self.fields.append(("Content-Type", content_type))

    def add(self, name, value):
        self.fields.append((name, value))
        return self

    def remove(self, name):
        self.fields = [f for f in self.fields if f[0].lower() != name.lower()]
        return self

    def set(self, name, value):
        return self.remove(name).add(name, value)

    def octets(self, host, port, branch):
        lines = ["%s %s SIP/2.0" % (self.method, self.uri), "Via: SIP/2.0/UDP %s:%d;branch=%s" % (host, port, branch)]
        lines += ["%s: %s" % f for f in self.fields]
        lines += ["Call-ID: " + self.call_id, "CSeq: %d %s" % (self.cseq, self.method), "Content-Length: %d" % len(self.body), "", ""]
        return "\r\n".join(lines).encode("utf-8", "surrogateescape") + self.body


def pager(text, a, b, conversation_id=None, notify="", in_reply_to=None, imdn_id=None, **more):
    """A CPM pager MESSAGE as in example 11.1. a and b are numbers with +."""
    imdn_id = imdn_id or new_id()
    body = cpim(text, "tel:" + a, "tel:" + b, imdn_id=imdn_id, notify=notify, **more)
    m = Outgoing("tel:" + b, body, sender="tel:" + a)
    m.conversation_id, m.contribution_id, m.imdn_id = conversation_id or new_id(), new_id(), imdn_id
    m.add("P-Asserted-Identity", "<tel:%s>" % a).add("P-Asserted-Service", CPM_SERVICE)
    m.add("P-Served-User", "<sip:%s@home1.example;user=phone>;sescase=orig;regstate=reg" % a)
    m.add("Accept-Contact", CPM_ACCEPT_CONTACT).add("Conversation-ID", m.conversation_id).add("Contribution-ID", m.contribution_id)
    if in_reply_to:
        m.add("InReplyTo-Contribution-ID", in_reply_to)
    return m


def simple_im(text, a, b):
    """A SIMPLE IM pager MESSAGE as in example 11.11."""
    m = Outgoing("sip:%s@home1.example;user=phone" % b, text.encode("utf-8"), "text/plain;charset=UTF-8", sender="sip:%s@home1.example" % a)
    return m.add("P-Asserted-Identity", "<tel:%s>" % a).add("Accept-Contact", IM_ACCEPT_CONTACT)


# ---- the peer ----

class Loop:
    """One asyncio loop in a thread for all peers of this process."""

    shared = None

    def __init__(self):
        self.loop = asyncio.new_event_loop()
        threading.Thread(target=self.loop.run_forever, daemon=True).start()

    @classmethod
    def get(cls):
        if not cls.shared:
            cls.shared = cls()
        return cls.shared

    def call(self, coroutine, timeout=None):
        return asyncio.run_coroutine_threadsafe(coroutine, self.loop).result(timeout)


class Peer(asyncio.DatagramProtocol):
    def __init__(self, host="127.0.0.1", port=0):
        self.host, self.loop = host, Loop.get()
        self.policy = lambda request: Answer(200)
        self.received = []          # requests, retransmissions left out
        self.retransmissions = 0    # of requests that came
        self.answers = {}           # key of a request -> octets of our answer
        self.pending = {}           # branch -> future of the final response
        self.dialogs = None         # a UserAgent of sip_dialog.py, which takes what belongs to its dialogs
        self.changed = threading.Condition()
        self.serial = itertools.count(1)
        self.transport = self.loop.call(self.open(port))
        self.port = self.transport.get_extra_info("sockname")[1]

    async def open(self, port):
        transport, _ = await asyncio.get_running_loop().create_datagram_endpoint(lambda: self, local_addr=(self.host, port))
        return transport

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        self.loop.loop.call_soon_threadsafe(self.transport.close)

    @property
    def uri(self):
        return "sip:%s:%d" % (self.host, self.port)

    # ---- wire ----

    def error_received(self, exc):
        pass   # ICMP port unreachable while the gateway is down: retransmission goes on

    def datagram_received(self, octets, address):
        if not octets.strip():
            return
        m = SipMessage(octets)
        if self.dialogs and self.dialogs.rx(m, address):
            return
        if m.is_response:
            future = self.pending.get(m.branch)
            if future and not future.done() and m.code >= 200:
                future.set_result(m)
        elif m.method != "ACK":
            self.rx_request(m, address)

    def rx_request(self, m, address):
        if m.key in self.answers:
            self.retransmissions += 1
            if self.answers[m.key]:
                self.transport.sendto(self.answers[m.key], address)
            return
        self.answers[m.key] = None
        answer = self.policy(m)
        with self.changed:
            m.answer, m.address = answer, address
            self.received.append(m)
            self.changed.notify_all()
        if answer.code:
            self.loop.loop.call_later(answer.delay, self.tx_answer, m, answer, address)

    def tx_answer(self, m, answer, address):
        lines = ["SIP/2.0 %d %s" % (answer.code, answer.reason)] + ["Via: " + v for v in m.headers.all("via")]
        lines += ["From: " + m.get("from"), "To: %s;tag=peer" % m.get("to"), "Call-ID: " + m.get("call-id"), "CSeq: " + m.get("cseq")]
        lines += ["%s: %s" % h for h in answer.headers] + ["Content-Length: 0", "", ""]
        self.answers[m.key] = "\r\n".join(lines).encode("utf-8", "surrogateescape")
        self.transport.sendto(self.answers[m.key], address)

    def answer(self, m, answer):
        """What the policy left without an answer has it now."""
        self.loop.loop.call_soon_threadsafe(self.tx_answer, m, answer, m.address)

    # ---- sending ----

    async def transact(self, destination, m, branch=None, timer_f=TIMER_F):
        """Send m, retransmit, and give the final response, None after timer_f."""
        branch = branch or "z9hG4bK-%s-%d" % (uuid.uuid4().hex[:12], next(self.serial))
        octets = m.octets(self.host, self.port, branch)
        future = self.pending[branch] = asyncio.get_running_loop().create_future()
        wait, end = T1, time.monotonic() + timer_f
        try:
            while True:
                self.transport.sendto(octets, destination)
                left = end - time.monotonic()
                try:
                    return await asyncio.wait_for(asyncio.shield(future), max(0.01, min(wait, left)))
                except asyncio.TimeoutError:
                    if time.monotonic() >= end:
                        return None
                    wait = min(wait * 2, T2)
        finally:
            del self.pending[branch]

    def send(self, destination, m, branch=None, timer_f=TIMER_F):
        return self.loop.call(self.transact(destination, m, branch, timer_f))

    def send_later(self, destination, m, branch=None, timer_f=TIMER_F):
        """As send(), but gives a future."""
        return asyncio.run_coroutine_threadsafe(self.transact(destination, m, branch, timer_f), self.loop.loop)

    def raw(self, destination, octets):
        self.loop.loop.call_soon_threadsafe(self.transport.sendto, octets, destination)

    # ---- looking at what came ----

    def wait(self, matches=lambda r: True, timeout=20.0, count=1, since=0):
        """The first count requests that match, from index since on; one request if count is 1. None if they do not come in time."""
        end = time.monotonic() + timeout
        with self.changed:
            while True:
                found = [r for r in self.received[since:] if matches(r)]
                if len(found) >= count:
                    return found[0] if count == 1 else found[:count]
                left = end - time.monotonic()
                if left <= 0 or not self.changed.wait(left):
                    if end - time.monotonic() <= 0:
                        return None


def http_date(seconds=None):
    return email.utils.formatdate(seconds, usegmt=True)
