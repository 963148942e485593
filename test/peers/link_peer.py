#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 the ipsmgw authors
"""The module's end of the link, for tests of the connector without Kamailio (docs/link-protocol.md).

    link_peer.py SOCKET [--store ID] [--window N] [--send N [--oa NUMBER] [--da NUMBER] [--smsc NAME]]

Listens on SOCKET, says HELLO, answers PING, acknowledges DATA, prints one JSON object for each event:
hello, state, ack, error, data, lost. With --send: N messages, then a summary, exit status 0 if all were
accepted. Otherwise each line of standard input is a command:

  {"cmd":"data","ref":1,"oa":"+49..","da":"+49..","text":"..","count":1,"smsc":"","flags":0,"validity_s":0,"srr":false}
  {"cmd":"answer","mode":"ack"}    how DATA is answered: ack, silent, or error with "cause":N
  {"cmd":"store","id":".."}        the id that the next HELLO tells
  {"cmd":"drop"}                   close the connection
  {"cmd":"raw","hex":".."}         these octets
  {"cmd":"listen","on":false}      stop or start listening

As a module: LinkPeer, which does the same with methods and keeps the events in a list.
"""

import argparse
import asyncio
import contextlib
import json
import os
import struct
import sys
import time

HELLO, DATA, ACK, ERROR, STATE, PING, PONG, QUERY, USER, ALERT, UNHEARD = range(1, 12)
TYPES = {HELLO: "hello", DATA: "data", ACK: "ack", ERROR: "error", STATE: "state", PING: "ping", PONG: "pong",
         QUERY: "query", USER: "user", ALERT: "alert", UNHEARD: "unheard"}
VERSION, NODE, STORE, WINDOW, RP, OA, DA, SMSC, SMSC_ID, FLAGS, STATUS, RETRY_MS, REASON, VALIDITY_S = range(1, 15)
TEXTS = {NODE: "node", STORE: "store", OA: "oa", DA: "da", SMSC: "smsc", SMSC_ID: "smsc_id", REASON: "reason"}
NUMBERS = {VERSION: "version", WINDOW: "window", FLAGS: "flags", STATUS: "status", RETRY_MS: "retry_ms",
           VALIDITY_S: "validity_s"}
RESUBMIT, TEMPORARY, UNKNOWN, REPEATED, UP, REPORT, DELIVERED = (1 << n for n in range(7))


# ---- frames ----

def frame(kind, ref=0, *tlvs):
    body = struct.pack(">BQ", kind, ref)
    for tag, value in tlvs:
        body += struct.pack(">BH", tag, len(value)) + value
    return struct.pack(">I", len(body)) + body


def decode(body):
    kind, ref = struct.unpack(">BQ", body[:9])
    f, pos = {"ev": TYPES.get(kind, str(kind)), "ref": ref}, 9
    while pos < len(body):
        tag, length = struct.unpack(">BH", body[pos:pos + 3])
        value = body[pos + 3:pos + 3 + length]
        pos += 3 + length
        if tag in TEXTS:
            f[TEXTS[tag]] = value.decode("utf-8", "replace")
        elif tag in NUMBERS:
            f[NUMBERS[tag]] = int.from_bytes(value, "big")
        elif tag == RP:
            f["rp"] = value.hex()
    return f


# ---- RP and TPDU, as far as needed ----

def address(number):
    """TP address (TS 23.040 9.1.2.5)"""
    digits = number.lstrip("+")
    padded = digits + "f" * (len(digits) % 2)
    swapped = "".join(padded[i + 1] + padded[i] for i in range(0, len(padded), 2))
    return bytes([len(digits), 0x91 if number.startswith("+") else 0x81]) + bytes.fromhex(swapped)


def submit(da, text, srr=False, validity=None):
    """SMS-SUBMIT with one part of UCS-2"""
    ud = text.encode("utf-16-be")
    first = 0x01 | (0x20 if srr else 0) | (0x10 if validity is not None else 0)
    vp = b"" if validity is None else bytes([validity])
    return bytes([first, 0]) + address(da) + b"\0\x08" + vp + bytes([len(ud)]) + ud


def rp_data(mr, tpdu):
    """RP-DATA from the mobile side: no RP-OA, no RP-DA"""
    return bytes([0, mr, 0, 0, len(tpdu)]) + tpdu


def rp_answer(mr, cause):
    return bytes([2, mr]) if cause is None else bytes([4, mr, 1, cause])


# ---- the peer ----

class LinkPeer:
    def __init__(self, path, store="store-1", window=500, on_event=None):
        self.path, self.store, self.window, self.on_event = path, store, window, on_event
        self.events, self.writer, self.server = [], None, None
        self.mode, self.cause = "ack", 41
        self.changed = asyncio.Condition()

    async def listen(self, on=True):
        if on and not self.server:
            if os.path.exists(self.path):
                os.unlink(self.path)
            self.server = await asyncio.start_unix_server(self.connection, self.path)
        elif not on and self.server:
            self.server.close()
            self.server = None
            with contextlib.suppress(FileNotFoundError):   # since Python 3.13 close() takes it away
                os.unlink(self.path)

    async def connection(self, reader, writer):
        if self.writer:
            self.writer.close()
        self.writer = writer
        try:
            while True:
                (length,) = struct.unpack(">I", await reader.readexactly(4))
                await self.rx(decode(await reader.readexactly(length)), writer)
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        writer.close()
        if self.writer is writer:
            self.writer = None
        await self.event({"ev": "lost"})

    async def event(self, f):
        f["t"] = round(time.time(), 4)
        async with self.changed:
            self.events.append(f)
            self.changed.notify_all()
        if self.on_event:
            self.on_event(f)

    async def rx(self, f, writer):
        if f["ev"] == "hello":
            writer.write(frame(HELLO, 0, (VERSION, b"\1"), (NODE, b"link_peer"), (STORE, self.store.encode()),
                               (WINDOW, struct.pack(">I", self.window))))
        elif f["ev"] == "ping":
            writer.write(frame(PONG, f["ref"]))
            return
        elif f["ev"] == "data" and self.mode != "silent":
            cause = None if self.mode == "ack" else self.cause
            mr = bytes.fromhex(f["rp"])[1]
            writer.write(frame(ACK if cause is None else ERROR, f["ref"], (RP, rp_answer(mr, cause))))
        await self.event(f)

    def drop(self):
        if self.writer:
            self.writer.close()

    def raw(self, octets):
        if self.writer:
            self.writer.write(octets)

    def data(self, ref, oa="+491700000001", da="+491700001234", text="hello", smsc="", flags=0, validity_s=0, srr=False, tpdu=None):
        tlvs = [(RP, rp_data(ref & 0xFF, tpdu or submit(da, text, srr))), (OA, oa.encode())]
        if smsc:
            tlvs.append((SMSC, smsc.encode()))
        if flags:
            tlvs.append((FLAGS, bytes([flags])))
        if validity_s:
            tlvs.append((VALIDITY_S, struct.pack(">I", validity_s)))
        self.raw(frame(DATA, ref, *tlvs))

    def count(self, ev):
        return sum(1 for f in self.events if f["ev"] == ev)

    def find(self, ev, **fields):
        return [f for f in self.events if f["ev"] == ev and all(f.get(k) == v for k, v in fields.items())]

    async def wait(self, condition, timeout=20):
        """Wait until condition(self) is true. @return whether it came true"""
        try:
            async with self.changed:
                await asyncio.wait_for(self.changed.wait_for(lambda: condition(self)), timeout)
            return True
        except asyncio.TimeoutError:
            return False


# ---- as a program ----

def say(event):
    sys.stdout.write(json.dumps(event, sort_keys=True) + "\n")
    sys.stdout.flush()


async def command(peer, o):
    if o["cmd"] == "data":
        keep = ("oa", "da", "text", "smsc", "flags", "validity_s", "srr")
        for i in range(o.get("count", 1)):
            peer.data(o.get("ref", 1) + i, **{k: o[k] for k in keep if k in o})
    elif o["cmd"] == "answer":
        peer.mode, peer.cause = o["mode"], o.get("cause", 41)
    elif o["cmd"] == "store":
        peer.store = o["id"]
    elif o["cmd"] == "drop":
        peer.drop()
    elif o["cmd"] == "raw":
        peer.raw(bytes.fromhex(o["hex"]))
    elif o["cmd"] == "listen":
        await peer.listen(o["on"])


async def interactive(peer):
    loop = asyncio.get_running_loop()
    stdin = asyncio.StreamReader()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(stdin), sys.stdin)
    while True:
        line = await stdin.readline()
        if not line:
            return 0
        if line.strip():
            await command(peer, json.loads(line))


async def send(peer, args):
    """Keep at most the connector's window under way."""
    if not await peer.wait(lambda p: p.find("state", flags=UP), 30):
        return 1
    window, start = peer.find("hello")[0].get("window", 1), time.time()
    for ref in range(1, args.send + 1):
        if ref % 100 == 0 or window < 100:
            await peer.wait(lambda p: ref - p.count("ack") - p.count("error") <= window, 60)
        peer.data(ref, args.oa, args.da, smsc=args.smsc)
    await peer.wait(lambda p: p.count("ack") + p.count("error") >= args.send, 60)
    say({"ev": "summary", "sent": args.send, "ack": peer.count("ack"), "error": peer.count("error"),
         "seconds": round(time.time() - start, 2)})
    return 0 if peer.count("ack") == args.send else 1


async def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("socket")
    ap.add_argument("--store", default="store-1")
    ap.add_argument("--window", type=int, default=500)
    ap.add_argument("--send", type=int, default=0)
    ap.add_argument("--oa", default="+491700000001")
    ap.add_argument("--da", default="+491700001234")
    ap.add_argument("--smsc", default="")
    ap.add_argument("--quiet", action="store_true")
    args = ap.parse_args()
    peer = LinkPeer(args.socket, args.store, args.window, None if args.quiet else say)
    await peer.listen()
    return await (send(peer, args) if args.send else interactive(peer))


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
