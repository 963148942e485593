# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 the ipsmgw authors
"""Steady traffic both ways, of clients and an SMSC that do not give up at once: pager messages of one and more parts, chats, notifications."""

import asyncio
import json
import random
import time
import types
import uuid

from chat_load import ANONYMOUS, Client
from harness import Answer
from ledger import TO_A, TO_B
from notifications import BOTH, Notification, is_imdn
from sip_peer import Cpim, cpim, new_id, pager

TRIES, TRY_S = 4, 4             # of a client that gets 5xx or nothing
MO_TRIES, MO_PAUSE_S = 60, 0.5  # of the SMSC
PARTS = (9, 9, 9, 9, 400, 1000)  # characters
ESME_PERMANENT = {0x0A, 0x0B, 0x65, 0x66, 0x45, 0x55, 0x33}


class Pair:
    def __init__(self, a, b, conversation=None):
        self.a, self.b, self.conversation = a, b, conversation


class Chat:
    """One chat that A opens again when it is gone."""

    def __init__(self, load, k):
        self.load, self.k, self.s, self.wrong = load, 10 * k + 7, load.s, []
        self.client = None
        self.pair = Pair("+1555%07d" % self.k, "+1666%07d" % self.k)
        self.task = asyncio.ensure_future(self.run())

    def came(self, _, frame):
        head, _, body = frame.partition(b"\r\n\r\n")
        body = body.rsplit(b"\r\n-------", 1)[0]
        if not body:
            return
        frame = types.SimpleNamespace(cpim=Cpim(body) if b"message/cpim" in head else None, answer=Answer(200), time=time.time())
        if is_imdn(frame):
            self.load.ledger.told_a(Notification(frame), 200)
        else:
            self.load.ledger.came_to_a(frame.cpim.text if frame.cpim else body.decode(), "chat", self.pair.a, self.pair.b)

    async def open(self):
        self.client = None
        client = Client(self, self.k)
        await asyncio.wait_for(client.open(), 8)
        self.client = client if client.transport and not self.wrong else None
        self.wrong.clear()

    async def write(self):
        entry = self.load.ledger.new(TO_B, "chat", self.pair, self.load.dice.choice(PARTS))
        imdn_id = new_id()
        self.load.ledger.asks(entry, imdn_id, False)
        code = await asyncio.wait_for(self.client.send(cpim(entry.text, ANONYMOUS, ANONYMOUS, imdn_id=imdn_id, notify="negative-delivery")), 8)
        if code == b"200":
            entry.accept()

    async def run(self):
        while True:
            try:
                if self.load.running and (not self.client or self.client.lost):
                    await self.open()
                if self.load.running and self.client:
                    self.load.start(self.load.mo(self.pair, "chat"))
                    await self.load.start(self.write())
            except (OSError, asyncio.TimeoutError, TypeError, AttributeError):
                self.client = None
            await asyncio.sleep(self.load.chat_pause_s)


class Load:
    def __init__(self, s, ledger, seed, rate=12, chats=3, pairs=20):
        self.s, self.ledger, self.dice, self.rate = s, ledger, random.Random(seed), rate
        self.running, self.tasks, self.chat_pause_s = False, set(), 0.8
        self.answer_code, self.deaf = lambda: 200, False     # deaf: A does not hear the first answer to what it sends
        s.a.policy = self.answer
        self.n_pairs, self.epoch, self.pairs, self.chats = pairs, 0, [], []
        self.loop = s.a.loop
        self.begin(chats)

    def begin(self, chats):
        self.fresh_pairs()

        async def setup():
            self.chats = [Chat(self, k) for k in range(chats)]
            self.runner = asyncio.ensure_future(self.run())
        self.loop.call(setup())
        self.running = True

    def fresh_pairs(self):
        """Threads that the gateway has not seen; it learns each from A's first message."""
        self.epoch += 1
        of = [self.epoch * 1000 + 10 * k for k in range(self.n_pairs)]
        self.pairs = [Pair("+1557%07d" % k, "+1667%06d2" % k, str(uuid.uuid4())) for k in of]
        self.known = []

    # ---- A's side ----

    def answer(self, request):
        code = self.answer_code() if request.method == "MESSAGE" else 200
        request.answer = Answer(code, reason="Test")
        if is_imdn(request):
            self.ledger.told_a(Notification(request), code)
        elif request.method == "MESSAGE" and code == 200:
            a, b = request.uri.removeprefix("tel:"), (request.get("p-asserted-identity") or request.get("from")).split("tel:")[1].split(">")[0]
            self.ledger.came_to_a(request.text, "pager", a, b, request.get("conversation-id"), request.cpim and request.cpim.get("imdn.Message-ID"))
        return request.answer

    # ---- messages ----

    async def mt(self, pair, length=0):
        entry = self.ledger.new(TO_B, "pager", pair, length or self.dice.choice(PARTS))
        m = pager(entry.text, pair.a, pair.b, conversation_id=pair.conversation, notify=BOTH)
        self.ledger.asks(entry, m.imdn_id, True)
        for k in range(TRIES):
            answer = await self.s.a.transact(self.s.sip, m, timer_f=TRY_S)
            if self.deaf and k == 0:
                answer = None
            if answer and answer.code == 202:
                entry.accept()
                self.known.append(pair)
                return
            if answer and answer.code < 500:
                if k == 0:
                    self.ledger.complain(entry, "answered", answer.start)
                return      # again: A is told what has become of it
            await asyncio.sleep(0.5)

    async def mo_part(self, fields):
        try:
            reader, writer = await asyncio.open_connection("127.0.0.1", self.s.smsc.control_port)
        except OSError:
            return None
        try:
            writer.write(json.dumps(fields).encode() + b"\n")
            return json.loads(await asyncio.wait_for(reader.readline(), 15)).get("status")
        except (OSError, ValueError, asyncio.TimeoutError):
            return None
        finally:
            writer.close()

    async def mo(self, pair, channel="pager"):
        entry = self.ledger.new(TO_A, channel, pair, self.dice.choice((9, 9, 9, 400)))
        octets = entry.text.encode()
        pieces = [octets] if len(octets) <= 140 else [octets[k:k + 126] for k in range(0, len(octets), 126)]
        for k, piece in enumerate(pieces):
            fields = {"cmd": "mo", "source_addr": pair.b[1:], "destination_addr": pair.a[1:]}
            if len(pieces) > 1:
                piece = bytes([6, 8, 4, entry.number >> 8 & 0xFF, entry.number & 0xFF, len(pieces), k + 1]) + piece
                fields["esm_class"] = 0x40
            if not await self.deliver(dict(fields, hex=piece.hex())):
                return
        entry.accept()

    async def deliver(self, fields):
        """As an SMSC does: again, until it is taken or refused for good"""
        for _ in range(MO_TRIES):
            status = await self.mo_part(fields)
            if status == 0:
                return True
            if status in ESME_PERMANENT:
                return False
            await asyncio.sleep(MO_PAUSE_S)
        return False

    # ---- all of it ----

    def start(self, coroutine):
        task = asyncio.ensure_future(coroutine)
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)
        return task

    async def run(self):
        k = 0
        while True:
            await asyncio.sleep(self.dice.uniform(0.5, 1.5) / self.rate)
            if not self.running:
                continue
            k += 1
            if k % 3 and self.known or len(self.known) > 200 and k % 2:
                self.start(self.mo(self.dice.choice(self.known[-100:])) if k % 3 == 1 else self.mt(self.dice.choice(self.pairs)))
            else:
                self.start(self.mt(self.pairs[k % len(self.pairs)]))

    def burst(self, n, length=400):
        """n messages of so many characters at once"""
        async def go():
            for _ in range(n):
                self.start(self.mt(self.dice.choice(self.pairs), length))
        self.loop.call(go())

    def idle(self):
        return not self.tasks


__all__ = ["Load"]
