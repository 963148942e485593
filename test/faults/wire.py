# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 the ipsmgw authors
"""The way between the connector and the SMSC, with small buffers: it can stall, break after so many octets, and add garbage."""

import asyncio
import contextlib
import socket

SMALL = 4096    # octets, for the kernel's buffers


class Wire:
    """gate: closed, nothing is read from the connector. cut(towards, n): both connections end when n more octets have gone that way."""

    def __init__(self, loop, smsc_port, port):
        self.smsc_port, self.port, self.loop = smsc_port, port, loop.loop
        self.pairs, self.cuts = set(), {}
        self.gate = asyncio.Event()
        self.listener = socket.socket()
        self.listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, SMALL)
        self.listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_MAXSEG, 536)   # or the kernel lends a sender on loopback megabytes
        self.listener.bind(("127.0.0.1", port))
        self.listener.listen()
        self.listener.setblocking(False)
        self.loop.call_soon_threadsafe(self.gate.set)
        self.task = asyncio.run_coroutine_threadsafe(self.run(), self.loop)

    async def run(self):
        while True:
            near, _ = await self.loop.sock_accept(self.listener)
            near.setblocking(False)
            asyncio.ensure_future(self.join(near))

    async def join(self, near):
        far = socket.socket()
        far.setblocking(False)
        try:
            await self.loop.sock_connect(far, ("127.0.0.1", self.smsc_port))
        except OSError:
            near.close()
            far.close()
            return
        pair = near, far
        self.pairs.add(pair)
        await asyncio.wait([asyncio.ensure_future(self.pump("smsc", near, far)), asyncio.ensure_future(self.pump("gateway", far, near))],
                           return_when=asyncio.FIRST_COMPLETED)
        self.pairs.discard(pair)
        for sock in pair:
            with contextlib.suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)
        await asyncio.sleep(0.05)
        for sock in pair:
            sock.close()

    async def pump(self, towards, source, sink):
        with contextlib.suppress(OSError):
            while True:
                if towards == "smsc":
                    await self.gate.wait()
                octets = await self.loop.sock_recv(source, 1000)
                if not octets:
                    return
                left = self.cuts.get(towards)
                await self.loop.sock_sendall(sink, octets if left is None else octets[:left])
                if left is not None and len(octets) >= left:
                    del self.cuts[towards]
                    return
                if left is not None:
                    self.cuts[towards] = left - len(octets)

    # ---- from any thread ----

    def cut(self, towards, octets):
        self.loop.call_soon_threadsafe(self.cuts.__setitem__, towards, octets)

    def stall(self, on):
        self.loop.call_soon_threadsafe(self.gate.clear if on else self.gate.set)

    def garbage(self, octets):
        """To the connector, in the middle of whatever goes there."""
        def write():
            for near, _ in list(self.pairs):
                with contextlib.suppress(OSError):
                    near.send(octets)
        self.loop.call_soon_threadsafe(write)

    def clear(self):
        self.stall(False)
        self.loop.call_soon_threadsafe(self.cuts.clear)

    def close(self):
        self.task.cancel()
        self.loop.call_soon_threadsafe(self.listener.close)
