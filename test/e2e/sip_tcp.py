# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 the ipsmgw authors
"""SIP over TCP for A's side: a client connection, and a listener that plays the next hop (RFC 3261 18.3)."""

import contextlib
import select
import socket
import threading
import time
import uuid

from sip_peer import Answer, SipMessage


class Stream:
    """Cuts what comes over TCP into messages by Content-Length."""

    def __init__(self, sock):
        self.sock, self.octets = sock, b""

    def take(self):
        """The next whole message, or None."""
        self.octets = self.octets.lstrip(b"\r\n")   # keep-alives
        head, end, rest = self.octets.partition(b"\r\n\r\n")
        if not end:
            return None
        length = int(SipMessage(head + end).get("content-length", 0))
        if len(rest) < length:
            return None
        self.octets = rest[length:]
        return SipMessage(head + end + rest[:length])

    def read(self, timeout=20.0):
        """The next message; None after timeout or at the end of the stream."""
        end = time.monotonic() + timeout
        while True:
            message = self.take()
            if message:
                return message
            left = end - time.monotonic()
            if left <= 0 or not select.select([self.sock], [], [], left)[0]:
                return None
            octets = self.sock.recv(65536)
            if not octets:
                return None
            self.octets += octets


class TcpClient:
    """One connection to the gateway."""

    def __init__(self, destination):
        self.sock = socket.create_connection(destination, 5)
        self.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.host, self.port = self.sock.getsockname()
        self.stream = Stream(self.sock)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        with contextlib.suppress(OSError):
            self.sock.close()

    def octets(self, m):
        branch = "z9hG4bK-" + uuid.uuid4().hex[:16]
        return m.octets(self.host, self.port, branch).replace(b"SIP/2.0/UDP", b"SIP/2.0/TCP", 1)

    def final(self, timeout=20.0):
        """The next final response, None if there is none."""
        while True:
            response = self.stream.read(timeout)
            if not response or response.code >= 200:
                return response

    def send(self, m, timeout=20.0):
        self.sock.sendall(self.octets(m))
        return self.final(timeout)


class TcpPeer:
    """A's next hop over TCP; answers each request as policy says and keeps it in received."""

    def __init__(self):
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.policy = lambda request: Answer(200)
        self.received, self.connections, self.changed = [], [], threading.Condition()
        threading.Thread(target=self.accept, daemon=True).start()

    @property
    def uri(self):
        return "sip:127.0.0.1:%d;transport=tcp" % self.port

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        self.listener.close()
        self.drop()

    def drop(self):
        for sock in self.connections:
            with contextlib.suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)

    def accept(self):
        with contextlib.suppress(OSError):
            while True:
                sock = self.listener.accept()[0]
                self.connections.append(sock)
                threading.Thread(target=self.serve, args=(sock,), daemon=True).start()

    def serve(self, sock):
        stream = Stream(sock)
        with contextlib.suppress(OSError), sock:
            while True:
                request = stream.read(3600)
                if not request:
                    return
                answer = self.policy(request)
                with self.changed:
                    self.received.append(request)
                    self.changed.notify_all()
                if answer.code:
                    time.sleep(answer.delay)
                    sock.sendall(response(request, answer))

    def wait(self, matches=lambda r: True, timeout=20.0, count=1):
        """The first count requests that match (one request if count is 1); None if they do not come."""
        with self.changed:
            self.changed.wait_for(lambda: sum(map(bool, map(matches, self.received))) >= count, timeout)
            found = [r for r in self.received if matches(r)][:count]
        if len(found) < count:
            return None
        return found[0] if count == 1 else found


def response(request, answer):
    lines = ["SIP/2.0 %d %s" % (answer.code, answer.reason)] + ["Via: " + v for v in request.headers.all("via")]
    lines += ["%s: %s" % (name, request.get(name)) for name in ("From", "Call-ID", "CSeq")]
    lines += ["To: %s;tag=tcp" % request.get("to"), "Content-Length: 0", "", ""]
    return "\r\n".join(lines).encode("utf-8", "surrogateescape")
