#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 the ipsmgw authors
"""An MSRP endpoint (RFC 4975), passive and active, over TCP and TLS, that does right or wrong as a test wants.

    with MsrpPeer() as peer:                            # MsrpPeer(certificate=make_certificate(directory)) for msrps
        session = peer.session()                        # session.path and peer.port are known at once
        offer = sdp.offer(session, setup="actpass")     # goes out by SIP
        session.use(sdp.Sdp(answer_body))               # the other side's path, address and fingerprint
        session.start(active=True)                      # connects, empty SEND; active=False waits to be connected to
        sent = session.send(cpim("hello", ...), "message/cpim", success="yes")      # waits for the responses
        sent.codes == [200]; sent.wait_report().status == (0, 200, "OK")
        message = session.wait(lambda m: m.text == "hi there")
        session.policy = lambda frame: Reply(413)       # Reply(0) no answer, Reply(200, delay=2), Reply(200, close=True); not asked for empty SENDs
        peer.check()                                    # FaultFound if the other side broke RFC 4975 anywhere

    sent = session.send(b"x" * 9000, "text/plain", chunk=1000)                          # 1-1000/9000 ... each with its own response
    session.send(body, kind, byte_range="{start}-*/{total}")                            # or "{start}-*/*", "7-3/9", None
    session.send(body, kind, chunk=500, abort_after=2)                                  # the second chunk ends with #
    one, two = session.plan(b1, kind, chunk=100), session.plan(b2, kind, chunk=100)
    session.transmit(interleave(one, two)); one.wait(); two.wait()                      # several messages interleaved
    session.raw(b"MSRP x SEND\\r\\n", step=1); session.drop(); session.wait_closed()
"""

import asyncio
import contextlib
import hashlib
import itertools
import pathlib
import re
import ssl
import subprocess
import threading
import time
import uuid

from msrp_frame import FrameReader, Message, Uri
from sip_peer import Loop

EXACT, OPEN, UNKNOWN = "{start}-{end}/{total}", "{start}-*/{total}", "{start}-*/*"


class FaultFound(Exception):
    """The other side did what RFC 4975 does not allow."""


class Certificate:
    def __init__(self, cert, key):
        self.cert, self.key = str(cert), str(key)
        der = ssl.PEM_cert_to_DER_cert(pathlib.Path(cert).read_text())
        self.fingerprint = fingerprint(der)


def fingerprint(der):
    """As it stands in a=fingerprint (RFC 8122)"""
    return "SHA-256 " + ":".join("%02X" % b for b in hashlib.sha256(der).digest())


def make_certificate(directory, name="peer"):
    """A self-signed certificate of 127.0.0.1"""
    cert, key = pathlib.Path(directory) / (name + ".crt"), pathlib.Path(directory) / (name + ".key")
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2", "-subj", "/CN=" + name,
                    "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", str(key), "-out", str(cert)], check=True, capture_output=True)
    return Certificate(cert, key)


def new_tid():
    return uuid.uuid4().hex[:16]


# ---- what goes out ----

class Reply:
    """code 0: no answer at all. close: the connection is closed after it. raw: these octets instead."""

    def __init__(self, code=200, comment="OK", delay=0.0, close=False, raw=None):
        self.code, self.comment, self.delay, self.close, self.raw = code, comment, delay, close, raw


class Chunk:
    """One request to send and what became of it. Change fields before transmit()."""

    def __init__(self, sent, method, fields, body=None, flag="$"):
        self.sent, self.method, self.fields, self.body, self.flag = sent, method, fields, body, flag
        self.tid, self.end_line = new_tid(), None
        self.response, self.time, self.to_uri, self.from_uri = None, None, None, None

    def get(self, name):
        return next((v for n, v in self.fields if n.lower() == name.lower()), None)

    def octets(self):
        lines = ["MSRP %s %s" % (self.tid, self.method)] + ["%s: %s" % f for f in self.fields]
        end = "-------%s%s" % (self.tid, self.flag) if self.end_line is None else self.end_line
        content = b"" if self.body is None else b"\r\n" + self.body + b"\r\n"
        return ("\r\n".join(lines) + "\r\n").encode("utf-8", "surrogateescape") + content + end.encode() + b"\r\n"


class Sent:
    """One message: its chunks, their responses, the REPORTs about it."""

    def __init__(self, session, message_id):
        self.session, self.message_id, self.chunks, self.reports = session, message_id, [], []
        self.success, self.failure, self.size = None, None, 0

    @property
    def codes(self):
        """Of the responses, in the order of the chunks; None where none has come"""
        return [c.response.code if c.response else None for c in self.chunks]

    @property
    def code(self):
        """The first that is not 200, else 200; None as long as one is missing"""
        return next((c for c in self.codes if c != 200), 200)

    def wait(self, timeout=20.0):
        """Wait until each chunk has its response, and give self.codes."""
        self.session.until(lambda: None not in self.codes, timeout)
        return self.codes

    def wait_report(self, code=None, timeout=20.0):
        """The first REPORT (of this status code), as Frame; None if it does not come."""
        return self.session.until(lambda: next((r for r in self.reports if code in (None, r.status and r.status[1])), None), timeout)


def interleave(*messages):
    """The chunks of several Sent in turn"""
    return [c for turn in itertools.zip_longest(*(m.chunks for m in messages)) for c in turn if c]


# ---- connections ----

class Connection:
    """One TCP or TLS connection; carries the sessions that are bound to it."""

    def __init__(self, peer, reader, writer, active):
        self.peer, self.reader, self.writer, self.active = peer, reader, writer, active
        self.frames, self.sessions, self.tids, self.out = FrameReader(), [], set(), {}
        self.closed, self.ended = False, None
        peer.connections.append(self)

    def fault(self, *what):
        self.peer.fault(*what)

    async def run(self):
        with contextlib.suppress(OSError, asyncio.IncompleteReadError, ssl.SSLError):
            while True:
                octets = await self.reader.read(65536)
                if not octets:
                    break
                self.rx_all(self.frames.feed(octets))
                self.peer.wake()
                if self.frames.lost:
                    self.fault(self.frames.lost)
                    break
        self.end()

    def end(self):
        if self.frames.rest and not self.closed and not self.frames.lost:
            self.fault("the stream ends inside a frame: %r" % self.frames.rest[:80])
        self.ended = self.ended or time.time()
        self.writer.close()
        self.peer.wake()

    def rx_all(self, frames):
        try:
            for frame in frames:
                self.rx(frame)
        except Exception as e:
            self.fault("the test's own policy failed: %r" % e)

    def rx(self, frame):
        for fault in frame.faults:
            self.fault(fault)
        self.peer.frames.append(frame)
        if frame.method:
            self.rx_request(frame)
        else:
            self.rx_response(frame)

    def rx_request(self, frame):
        if frame.tid in self.tids:
            self.fault("transaction id", frame.tid, "is used twice")
        self.tids.add(frame.tid)
        session = self.session_of(frame)
        if session:
            session.rx_request(self, frame)

    def session_of(self, frame):
        """The session that the To-Path names, bound to this connection; None after an error response."""
        uri = frame.to_path[0] if frame.to_path else None
        session = self.peer.by_id.get(uri and uri.session_id)
        if not session or session.uri != uri:
            self.fault("To-Path is no session of ours:", frame.get("To-Path"))
            return self.reply(frame, Reply(481, "No such session"))
        if session.connection and session.connection is not self and not session.connection.ended:
            self.fault("second connection for", uri)
            return self.reply(frame, Reply(506, "In use"))
        if session not in self.sessions:
            if frame.method != "SEND":
                self.fault("the first request on a connection is", frame.method)
            session.bind(self)
        return session

    def reply(self, frame, reply):
        """Answer a SEND, now or after reply.delay."""
        if frame.method != "REPORT":
            asyncio.get_running_loop().call_later(reply.delay, self.tx_reply, frame, reply)

    def tx_reply(self, frame, reply):
        mode = frame.get("Failure-Report", "yes")
        told = reply.code and mode != "no" and not (mode == "partial" and reply.code == 200)
        lines = ["MSRP %s %d %s" % (frame.tid, reply.code, reply.comment), "To-Path: " + (frame.get("From-Path") or "").split(" ")[0],
                 "From-Path: " + (frame.get("To-Path") or "").split(" ")[0], "-------%s$" % frame.tid, ""]
        if reply.raw is not None or told:
            self.write(reply.raw if reply.raw is not None else "\r\n".join(lines).encode())
        if reply.close:
            self.close()

    def rx_response(self, frame):
        chunk = self.out.get(frame.tid)
        if not chunk:
            return self.fault("response to no request:", frame)
        if chunk.response:
            return self.fault("second response:", frame)
        chunk.response = frame
        mode = chunk.get("Failure-Report") or "yes"
        if chunk.method == "REPORT":
            self.fault("a REPORT is not answered:", frame)
        elif chunk.method == "SEND" and (mode == "no" or (mode == "partial" and frame.code == 200)):
            self.fault("response %d although Failure-Report is %s" % (frame.code, mode))
        if chunk.to_uri and (frame.from_path != [Uri(chunk.to_uri)] or frame.to_path != [Uri(chunk.from_uri)]):
            self.fault("paths of the response are not those of the request, swapped:", frame, frame.get("To-Path"), frame.get("From-Path"))

    def write(self, octets):
        if not self.writer.is_closing():
            self.writer.write(octets)

    def close(self, abort=False):
        self.closed = True
        self.writer.transport.abort() if abort else self.writer.close()


# ---- sessions ----

class Session:
    """One MSRP session of a peer. Calls block; none may be made from the loop's thread."""

    def __init__(self, peer, session_id=None):
        self.peer, self.session_id = peer, session_id or uuid.uuid4().hex[:20]
        self.path = "%s://%s:%d/%s;tcp" % (peer.scheme, peer.host, peer.port, self.session_id)
        self.uri, self.remote_path, self.remote_address, self.remote_fingerprint = Uri(self.path), None, None, None
        self.connection, self.bound = None, 0
        self.policy = self.bind_policy = lambda frame: Reply()
        self.auto_report = True         # a REPORT for each whole message that asks for success
        self.messages, self.aborted, self.binds, self.requests, self.partial, self.sent, self.reports = [], [], [], [], {}, {}, []
        self.until, self.fault = peer.until, peer.fault

    def use(self, remote):
        """remote: an Sdp (its path, c= and m= line, fingerprint), or a path as text"""
        if isinstance(remote, str):
            self.remote_path, uri = remote, Uri(remote.split(" ")[0])
            self.remote_address = uri.host, uri.port
        else:
            self.remote_path, self.remote_address, self.remote_fingerprint = remote.path, remote.address, remote.fingerprint
        return self

    # ---- connecting ----

    def start(self, active, bind=True, message_id=True, timeout=10.0, verify=False):
        """Active: connect to the remote path, empty SEND if bind, and its response. Passive: wait until the other side has connected and sent."""
        if active:
            self.connect(verify=verify)
            return self.bind_now(message_id, timeout) if bind else None
        if not self.wait_bound(timeout):
            raise FaultFound("nobody connected to %s in %g s" % (self.path, timeout))
        return None

    def connect(self, share=None, verify=False, timeout=10.0):
        """A connection of its own, or that of the session share. verify: the certificate must have the fingerprint of the SDP."""
        if share:
            self.bind(share.connection)
            return
        connection = self.peer.loop.call(self.peer.dial(self.remote_address, timeout), timeout + 1)
        if verify:
            self.verify(connection)
        self.bind(connection)

    def verify(self, connection):
        der = connection.writer.get_extra_info("ssl_object").getpeercert(True)
        if not self.remote_fingerprint or not der or fingerprint(der).lower() != self.remote_fingerprint.lower():
            raise FaultFound("certificate %s, a=fingerprint %s" % (der and fingerprint(der), self.remote_fingerprint))

    def bind(self, connection):
        self.connection, self.bound = connection, self.bound + 1
        connection.sessions.append(self)

    def wait_bound(self, timeout=20.0, count=1):
        """Wait until a connection has been bound count times."""
        return self.until(lambda: self.bound >= count, timeout)

    def bind_now(self, message_id=True, timeout=10.0):
        """An empty SEND; with message_id=False as some clients send it, without Message-ID."""
        sent = self.plan(None, None, message_id=None if message_id else False, byte_range=None)
        self.transmit(sent.chunks)
        if sent.wait(timeout) != [200]:
            raise FaultFound("empty SEND answered with %s" % sent.codes)
        return sent

    def drop(self, abort=False):
        """Close the connection; abort: by RST."""
        self.peer.later(self.connection.close, abort)

    def wait_closed(self, timeout=20.0):
        """True if the connection has ended in time"""
        return bool(self.until(lambda: self.connection and self.connection.ended, timeout))

    @property
    def up(self):
        return bool(self.connection and not self.connection.ended)

    # ---- sending ----

    def fields(self, message_id, success, failure, byte_range, headers):
        fields = [("To-Path", self.remote_path), ("From-Path", self.path)]
        fields += [("Message-ID", message_id)] if message_id else []
        fields += [(n, v) for n, v in (("Success-Report", success), ("Failure-Report", failure), ("Byte-Range", byte_range)) if v]
        return fields + list(headers)

    def plan(self, body, content_type, chunk=None, byte_range=EXACT, success=None, failure=None, message_id=None, headers=(), abort_after=None):
        """The chunks of a message, not sent yet. byte_range is a format of start, end and total, None for no header; message_id=False: none."""
        body = body.encode("utf-8") if isinstance(body, str) else body
        sent = Sent(self, new_tid() if message_id is None else message_id)
        sent.success, sent.failure, sent.size = success, failure, len(body or b"")
        step = chunk or max(1, sent.size)
        for start in range(0, max(1, sent.size), step):
            part = None if body is None else body[start:start + step]
            end = start + len(part or b"")
            value = byte_range and byte_range.format(start=start + 1, end=end, total=sent.size)
            fields = self.fields(sent.message_id, success, failure, value, headers) + ([("Content-Type", content_type)] if content_type else [])
            sent.chunks.append(Chunk(sent, "SEND", fields, part, "$" if end == sent.size else "+"))
        if abort_after:
            del sent.chunks[abort_after:]
            sent.chunks[-1].flag = "#"
        return sent

    def transmit(self, chunks, step=None, pause=0.0, one_by_one=False):
        """Send chunks in this order, at once or each after the response to the one before; step: in pieces of so many octets."""
        for chunk in chunks:
            self.register(chunk)
        if not one_by_one:
            return self.write(b"".join(c.octets() for c in chunks), step, pause)
        for chunk in chunks:
            self.write(chunk.octets(), step, pause)
            self.wait_response(chunk)
        return None

    def register(self, chunk):
        first = [(chunk.get(n) or "").split(" ")[0] for n in ("To-Path", "From-Path")]
        with contextlib.suppress(ValueError):
            chunk.to_uri, chunk.from_uri = [str(Uri(u)) for u in first]
        chunk.time = time.time()
        self.connection.out[chunk.tid] = chunk
        if chunk.sent and chunk.sent.message_id:
            self.sent[chunk.sent.message_id] = chunk.sent

    def send(self, body, content_type="message/cpim", timeout=10.0, **more):
        """plan(), transmit() and wait for what is to come: a Sent."""
        sent = self.send_later(body, content_type, **more)
        if (sent.failure or "yes") == "yes":
            sent.wait(timeout)
        return sent

    def send_later(self, body, content_type="message/cpim", one_by_one=False, **more):
        """As send(), without waiting."""
        sent = self.plan(body, content_type, **more)
        self.transmit(sent.chunks, one_by_one=one_by_one)
        return sent

    def report(self, frame, status="000 200 OK", byte_range=None, **more):
        """A REPORT about a message or frame that came; sent at once."""
        size = len(frame.body or b"")
        fields = self.fields(frame.message_id, None, None, byte_range or "1-%d/%d" % (size, size), (("Status", status),))
        chunk = Chunk(None, "REPORT", fields)
        chunk.__dict__.update(more)
        self.register(chunk)
        self.write(chunk.octets())
        return chunk

    def raw(self, octets, step=None, pause=0.0):
        """Any octets. Gives a Chunk for each start line in them, where a response to it will stand, its paths not checked."""
        chunks = []
        for tid, method in re.findall(rb"MSRP (\S+) ([A-Z]+)\r\n", octets):
            chunks.append(Chunk(None, method.decode(), []))
            chunks[-1].tid = tid.decode()
            self.connection.out[chunks[-1].tid] = chunks[-1]
        self.write(octets, step, pause)
        return chunks

    def wait_response(self, chunk, timeout=20.0):
        """Frame of the response to a chunk of raw(); None if it does not come."""
        return self.until(lambda: chunk.response, timeout)

    def write(self, octets, step=None, pause=0.0):
        step = step or max(1, len(octets))
        for at in range(0, len(octets), step):
            self.peer.later(self.connection.write, octets[at:at + step])
            if at + step < len(octets):
                time.sleep(max(pause, 0.001))

    # ---- what comes, in the loop's thread ----

    def rx_request(self, connection, frame):
        self.requests.append(frame)
        if self.remote_path and frame.from_path != [Uri(u) for u in self.remote_path.split(" ")]:
            self.fault("From-Path is not the path of the SDP:", frame.get("From-Path"), "want", self.remote_path)
        if frame.method == "REPORT":
            return self.rx_report(frame)
        if frame.method != "SEND":
            return connection.reply(frame, Reply(501, "What"))
        if frame.body is None:
            self.binds.append(frame)
            return connection.reply(frame, self.bind_policy(frame))
        reply = self.policy(frame)
        if reply.code == 200:
            self.rx_chunk(frame)
        return connection.reply(frame, reply)

    def rx_chunk(self, frame):
        key = frame.message_id
        if any(m.message_id == key for m in self.messages):
            self.fault("Message-ID", key, "is used twice")
        message = self.partial.setdefault(key, Message(frame))
        message.add(frame)
        for fault in message.faults:
            self.fault(fault)
        message.faults = []
        if message.aborted or frame.flag == "$":
            del self.partial[key]
            (self.aborted if message.aborted else self.messages).append(message)
        if message.complete and frame.get("Success-Report") == "yes" and self.auto_report:
            self.report(message)

    def rx_report(self, frame):
        self.reports.append(frame)
        sent = self.sent.get(frame.message_id)
        if not sent:
            return self.fault("REPORT about a message that we did not send:", frame)
        sent.reports.append(frame)
        code, (start, end, total) = (frame.status or (0, 0, ""))[1], frame.range or (1, 0, None)
        if code == 200 and sent.success != "yes":
            self.fault("success REPORT that was not asked for:", frame)
        if code != 200 and sent.failure == "no":
            self.fault("failure REPORT that was not wanted:", frame)
        if end is None or end > sent.size or start > end + 1 or total not in (None, sent.size):
            self.fault("REPORT about octets %s of %d" % (frame.get("Byte-Range"), sent.size))

    # ---- looking at what came ----

    def wait(self, matches=lambda m: True, timeout=20.0, count=1, since=0):
        """The first count whole messages that match, from index since on; one Message if count is 1. None if they do not come in time."""
        def found():
            some = [m for m in self.messages[since:] if matches(m)]
            return some[:count] if len(some) >= count else None
        some = self.until(found, timeout)
        return some[0] if some and count == 1 else some

    @property
    def texts(self):
        """Of all whole messages that are texts, in order"""
        return [m.text for m in list(self.messages) if m.text is not None]


# ---- the peer ----

class MsrpPeer:
    """A listener and any number of sessions. port=None: none listens (active only)."""

    def __init__(self, host="127.0.0.1", port=0, certificate=None, client_ca=None, listen=True):
        self.host, self.loop, self.certificate = host, Loop.get(), certificate
        self.scheme = "msrps" if certificate else "msrp"
        self.faults, self.frames, self.sessions, self.by_id, self.connections = [], [], [], {}, []
        self.changed, self.client_ca, self.server, self.port = threading.Condition(), client_ca, None, port or 9
        if listen:
            self.server = self.loop.call(self.open(port))
            self.port = self.server.sockets[0].getsockname()[1]

    async def open(self, port):
        return await asyncio.start_server(self.accepted, self.host, port, ssl=self.tls(True))

    def tls(self, server):
        """None without a certificate. client_ca: a file of certificates, one of which a connecting side must show."""
        if not self.certificate:
            return None
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER if server else ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname = False
        context.verify_mode = ssl.CERT_REQUIRED if server and self.client_ca else ssl.CERT_NONE
        if self.client_ca:
            context.load_verify_locations(self.client_ca)
        context.load_cert_chain(self.certificate.cert, self.certificate.key)
        return context

    async def accepted(self, reader, writer):
        await Connection(self, reader, writer, active=False).run()

    async def dial(self, address, timeout):
        reader, writer = await asyncio.wait_for(asyncio.open_connection(address[0], address[1], ssl=self.tls(False)), timeout)
        connection = Connection(self, reader, writer, active=True)
        connection.task = asyncio.ensure_future(connection.run())
        return connection

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        def stop():
            if self.server:
                self.server.close()
            for connection in self.connections:
                connection.close()
        self.later(stop)

    def later(self, function, *args):
        self.loop.loop.call_soon_threadsafe(function, *args)

    def session(self, session_id=None):
        session = Session(self, session_id)
        self.sessions.append(session)
        self.by_id[session.session_id] = session
        return session

    def fault(self, *what):
        self.faults.append(" ".join(str(w) for w in what))

    def wake(self):
        with self.changed:
            self.changed.notify_all()

    def until(self, condition, timeout=20.0):
        """Wait until condition() is true; gives its value, or what it is in the end."""
        with self.changed:
            return self.changed.wait_for(condition, timeout)

    def check(self, timeout=2.0):
        """FaultFound if the other side has done anything wrong by now."""
        open_ones = [c for c in self.connections if not c.ended and not c.closed]
        self.until(lambda: not any(c.frames.rest for c in open_ones), timeout)
        found = self.faults + ["a frame that does not end: %r" % c.frames.rest[:80] for c in open_ones if c.frames.rest]
        if found:
            raise FaultFound("%d fault(s) against RFC 4975: %s" % (len(found), " | ".join(found[:4])))
