# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 the ipsmgw authors
"""An SMSC that only wants to be quick: one transceiver, no log, in the loop of sip_peer. For load; smsc.pl and bad_smsc.py judge."""

import asyncio
import contextlib
import itertools
import struct

BIND_TRANSCEIVER, SUBMIT_SM, DELIVER_SM, ENQUIRE_LINK, UNBIND = 9, 4, 5, 0x15, 6
ESME_RINVDSTADR, ESME_RX_T_APPN = 0x0B, 0x64


def address(number):
    return b"\1\1" + number.lstrip("+").encode() + b"\0"


class FastSmsc(asyncio.Protocol):
    """status_of(destination) -> command_status of submit_sm_resp; submits counts what came by destination."""

    def __init__(self, loop, port):
        self.loop, self.status_of, self.submits = loop, lambda destination: 0, {}
        self.transport, self.bound, self.octets = None, False, b""
        self.waiting, self.sequence, self.ids, self.receipts = {}, itertools.count(1), itertools.count(1), 0
        self.server = loop.call(self.listen(port))

    async def listen(self, port):
        return await asyncio.get_running_loop().create_server(lambda: self, "127.0.0.1", port)

    def close(self):
        self.loop.loop.call_soon_threadsafe(self.server.close)

    # ---- wire ----

    def connection_made(self, transport):
        self.transport, self.octets = transport, b""

    def connection_lost(self, exc):
        self.bound = False
        for future in self.waiting.values():
            future.cancel()

    def data_received(self, octets):
        octets, at = self.octets + octets, 0
        while len(octets) - at >= 16:
            length, command, status, sequence = struct.unpack_from(">IIII", octets, at)
            if len(octets) - at < length:
                break
            self.rx(command, status, sequence, octets[at + 16:at + length])
            at += length
        self.octets = octets[at:]

    def tx(self, command, sequence, body=b"", status=0):
        self.transport.write(struct.pack(">IIII", 16 + len(body), command, status, sequence) + body)

    def rx(self, command, status, sequence, body):
        if command == SUBMIT_SM:
            self.rx_submit_sm(sequence, body)
        elif command == DELIVER_SM | 0x80000000:
            future = self.waiting.pop(sequence, None)
            if future and not future.done():
                future.set_result(status)
        elif command in (BIND_TRANSCEIVER, ENQUIRE_LINK, UNBIND):
            self.bound = self.bound or command == BIND_TRANSCEIVER
            self.tx(command | 0x80000000, sequence, b"fast\0" if command == BIND_TRANSCEIVER else b"")

    def rx_submit_sm(self, sequence, body):
        service_type, rest = body.split(b"\0", 1)
        source, rest = rest[2:].split(b"\0", 1)
        destination, rest = rest[2:].split(b"\0", 1)
        registered = rest[3:].split(b"\0", 2)[2][0]
        number = "+" + destination.decode()
        self.submits[number] = self.submits.get(number, 0) + 1
        status = self.status_of(number)
        message_id = b"%08x" % next(self.ids)
        self.tx(SUBMIT_SM | 0x80000000, sequence, b"" if status else message_id + b"\0", status)
        if registered & 1 and not status:
            self.loop.loop.call_later(0.05, self.receipt, number, "+" + source.decode(), message_id)

    # ---- towards the gateway ----

    def deliver(self, b, a, octets, esm_class=0, data_coding=0):
        """A future of the command_status of deliver_sm_resp"""
        sequence = next(self.sequence)
        body = b"\0" + address(b) + address(a) + bytes([esm_class, 0, 0, 0, 0, 0, 0, data_coding, 0, len(octets)]) + octets
        future = self.waiting[sequence] = self.loop.loop.create_future()
        self.tx(DELIVER_SM, sequence, body)
        return future

    def receipt(self, b, a, message_id):
        text = b"id:%s sub:001 dlvrd:001 submit date:2601010000 done date:2601010000 stat:DELIVRD err:000 text:" % message_id
        self.receipts += 1
        with contextlib.suppress(AttributeError):
            self.deliver(b, a, text, esm_class=4)
