# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 the ipsmgw authors
"""How SCCP messages get to a signalling gateway: IPA over TCP, M3UA over TCP or kernel SCTP, behind one interface (asyncio).

    link = make_link({"kind": "ipa", "port": 5000, "name": "asp-clnt-peer"}, on_message, on_state)
    link = make_link({"kind": "m3ua", "transport": "sctp", "port": 2905, "local_port": 3002, "rc": 2, "opc": 186, "dpc": 185}, ...)
    await link.run()              connects, again and again, until closed
    await link.send(sccp_octets)

on_message(octets of SCCP, opc, dpc), on_state(bool: traffic may flow). "listen": true makes the M3UA side the gateway
(answers ASPUP and ASPAC itself), for a connector without an STP between.
"""

import asyncio
import socket
import struct

SCTP = 132
SCTP_SNDRCV_FORMAT = "=HHHxxIIIIIi"
M3UA_PPID = 3


class Stream:
    """A connected socket as a stream of octets; over SCTP each write is one user message."""

    def __init__(self, sock, sctp):
        self.sock, self.sctp, self.lock = sock, sctp, asyncio.Lock()

    async def read(self):
        return await asyncio.get_running_loop().sock_recv(self.sock, 65536)

    async def write(self, octets, stream=0):
        async with self.lock:
            if not self.sctp:
                return await asyncio.get_running_loop().sock_sendall(self.sock, octets)
            info = struct.pack(SCTP_SNDRCV_FORMAT, stream, 0, 0, socket.htonl(M3UA_PPID), 0, 0, 0, 0, 0)
            while True:
                try:
                    return self.sock.sendmsg([octets], [(SCTP, 1, info)])
                except BlockingIOError:
                    await writable(self.sock)

    def close(self):
        self.sock.close()


async def writable(sock):
    loop, future = asyncio.get_running_loop(), asyncio.get_running_loop().create_future()
    loop.add_writer(sock, lambda: future.done() or future.set_result(None))
    try:
        await future
    finally:
        loop.remove_writer(sock)


class Link:
    """Keeps one connection; a kind of link says what is spoken on it."""

    def __init__(self, options, on_message, on_state):
        self.options, self.on_message, self.on_state = options, on_message, on_state
        self.stream, self.up, self.closed, self.listener = None, False, False, None
        self.sctp = options.get("transport") == "sctp"

    def socket(self):
        sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM, SCTP if self.sctp else 0)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.setblocking(False)
        return sock

    async def connect(self):
        host, port = self.options.get("host", "127.0.0.1"), self.options["port"]
        loop = asyncio.get_running_loop()
        if self.options.get("listen"):
            if not self.listener:
                self.listener = self.socket()
                self.listener.bind((host, port))
                self.listener.listen(5)
            sock, _ = await loop.sock_accept(self.listener)
            sock.setblocking(False)
        else:
            sock = self.socket()
            if self.options.get("local_port"):
                sock.bind((self.options.get("local_host", "127.0.0.1"), self.options["local_port"]))
            try:
                await loop.sock_connect(sock, (host, port))
            except OSError:
                sock.close()
                raise
        if not self.sctp:
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return Stream(sock, self.sctp)

    def set_up(self, up):
        if up != self.up:
            self.up = up
            self.on_state(up)

    async def run(self):
        while not self.closed:
            try:
                self.stream = await self.connect()
                await self.talk()
            except OSError:
                pass
            finally:
                self.drop()
            await asyncio.sleep(0.1)   # between attempts to connect

    def drop(self):
        if self.stream:
            self.stream.close()
        self.stream = None
        self.set_up(False)

    async def talk(self):
        await self.opened()
        buffer = b""
        while True:
            got = await self.stream.read()
            if not got:
                return
            buffer += got
            while (n := self.frame(buffer)) and len(buffer) >= n:
                frame, buffer = buffer[:n], buffer[n:]
                await self.rx(frame)

    async def opened(self):
        pass


class IpaLink(Link):
    """IPA multiplex: CCM for identity, SCCP as protocol 0xfd; no routing label."""

    CCM, SCCP = 0xFE, 0xFD

    @staticmethod
    def frame(buffer):
        return 3 + struct.unpack(">H", buffer[:2])[0] if len(buffer) >= 3 else 0

    async def ccm(self, body):
        await self.stream.write(struct.pack(">HB", len(body), self.CCM) + body)

    async def rx(self, frame):
        protocol, body = frame[2], frame[3:]
        if protocol == self.SCCP:
            self.on_message(body, None, None)
        elif protocol == self.CCM and body[:1] == b"\x00":
            await self.ccm(b"\x01")
        elif protocol == self.CCM and body[:1] == b"\x04":
            await self.ccm(b"\x05" + b"".join(self.identity(tag) for tag in body[2::2]))
        elif protocol == self.CCM and body[:1] == b"\x06":
            await self.ccm(b"\x06")
            self.set_up(True)

    def identity(self, tag):
        text = {0x01: self.options["name"], 0x08: "0/0/0"}.get(tag, "peer").encode() + b"\0"
        return struct.pack(">HB", len(text) + 1, tag) + text

    async def send(self, message):
        if not self.stream:
            raise OSError("link is down")
        await self.stream.write(struct.pack(">HB", len(message), self.SCCP) + message)


class M3uaLink(Link):
    """M3UA (RFC 4666): an application server process, or with "listen" the gateway that it talks to."""

    ASPUP, ASPDN, BEAT, ASPUP_ACK, ASPDN_ACK, BEAT_ACK = (3, 1), (3, 2), (3, 3), (3, 4), (3, 5), (3, 6)
    ASPAC, ASPIA, ASPAC_ACK, ASPIA_ACK, DATA, NOTIFY = (4, 1), (4, 2), (4, 3), (4, 4), (1, 1), (0, 1)
    ROUTING_CONTEXT, PROTOCOL_DATA, TRAFFIC_MODE = 0x0006, 0x0210, 0x000B

    @staticmethod
    def frame(buffer):
        return struct.unpack(">I", buffer[4:8])[0] if len(buffer) >= 8 else 0

    @staticmethod
    def parameter(tag, value):
        return struct.pack(">HH", tag, 4 + len(value)) + value + b"\0" * (-len(value) % 4)

    async def message(self, kind, body=b""):
        await self.stream.write(struct.pack(">BBBBI", 1, 0, kind[0], kind[1], 8 + len(body)) + body, stream=int(kind == self.DATA))

    def routing_context(self):
        return self.parameter(self.ROUTING_CONTEXT, struct.pack(">I", self.options["rc"])) if "rc" in self.options else b""

    async def opened(self):
        if not self.options.get("listen"):
            await self.message(self.ASPUP)

    async def rx(self, frame):
        kind, body = (frame[2], frame[3]), frame[8:]
        if kind == self.DATA:
            self.rx_data(body)
        elif kind == self.BEAT:
            await self.message(self.BEAT_ACK, body)
        elif kind == self.ASPUP_ACK:
            await self.message(self.ASPAC, self.parameter(self.TRAFFIC_MODE, struct.pack(">I", 2)) + self.routing_context())
        elif kind == self.ASPAC_ACK:
            self.set_up(True)
        elif kind == self.ASPUP:
            await self.message(self.ASPUP_ACK)
        elif kind == self.ASPAC:
            await self.message(self.ASPAC_ACK, body)
            await self.message(self.NOTIFY, self.parameter(0x000D, struct.pack(">HH", 1, 3)) + self.routing_context())
            self.set_up(True)
        elif kind in (self.ASPDN, self.ASPIA):
            await self.message(self.ASPDN_ACK if kind == self.ASPDN else self.ASPIA_ACK)
            self.set_up(False)

    def rx_data(self, body):
        while len(body) >= 4:
            tag, length = struct.unpack(">HH", body[:4])
            if tag == self.PROTOCOL_DATA and length >= 16:
                opc, dpc = struct.unpack(">II", body[4:12])
                return self.on_message(body[16:length], opc, dpc)
            if length < 4:
                return None
            body = body[(length + 3) & ~3:]
        return None

    async def send(self, message):
        if not self.up:
            raise OSError("link is down")
        label = struct.pack(">IIBBBB", self.options["opc"], self.options["dpc"], 3, self.options.get("ni", 2), 0, 0)
        await self.message(self.DATA, self.routing_context() + self.parameter(self.PROTOCOL_DATA, label + message))


KINDS = {"ipa": IpaLink, "m3ua": M3uaLink}


def make_link(options, on_message, on_state):
    return KINDS[options["kind"]](options, on_message, on_state)
