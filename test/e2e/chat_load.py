# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 the ipsmgw authors
"""Chat sessions in thousands: A's clients (SIP by the stack's peer, MSRP by a light protocol) and B's telephones, in one loop.

    with ChatStack(sessions=1000) as s:
        load = ChatLoad(s)
        load.call(load.open(1000))                              # INVITE, 200, ACK, MSRP connection, empty SEND
        load.call(load.talk(both_ways(load.clients), 60))       # a message a second through each, in each direction
        load.lost(), load.duplicated(), load.delays[TO_B]
        load.call(load.close())                                 # BYE, 200

It counts; whether what comes is well formed is judged by msrp_peer.py and sip_dialog.py.
"""

import asyncio
import collections
import re
import time
import types
import uuid

from fast_smsc import FastSmsc
from harness import Stack, check, wait_for
from sdp import offer
from sip_chat import chat_invite
from sip_peer import Answer, Loop, Outgoing, cpim, new_id

AT_ONCE = 50                # sessions that are being opened or closed
CONNECTIONS_EACH = 5000     # from one source address: far below the range of ports
TO_B, TO_A = "A to B", "B to A"
TEXT = re.compile(rb"load (\d+)")
ANONYMOUS = "sip:anonymous@anonymous.invalid"


class CountingSmsc(FastSmsc):
    """Tells heard(text, destination) of each submit_sm."""

    def __init__(self, loop, port):
        super().__init__(loop, port)
        self.heard = lambda body: None

    def rx_submit_sm(self, sequence, body):
        super().rx_submit_sm(sequence, body)
        self.heard(body)


class ChatStack(Stack):
    """With the fast SMSC, shared memory in MB, and room for sessions."""

    def __init__(self, sessions, shared_mb=128, modparams=None, **options):
        room = {"max_sessions": max(10000, sessions + 100)}
        super().__init__(start=False, window=200, modparams=dict(room, **(modparams or {})), **options)
        argv = self.kamailio.argv
        argv[argv.index("-m") + 1] = str(shared_mb)
        argv[1:1] = ["-A", "MAX_CONNECTIONS=%d" % (sessions + 2000)]
        self.fast = CountingSmsc(Loop.get(), self.smsc.port)
        try:
            self.start()
        except BaseException:
            self.failed = True
            self.close()
            raise

    def start(self, ready=True):
        self.kamailio.start()
        self.connector.start()
        self.wait_kamailio()
        wait_for(lambda: self.fast.bound and self.link_up(), 20, 0.05, "the connector to be bound")

    def close(self, keep=False):
        super().close(keep)
        self.fast.close()


# ---- A's side of one session ----

class Client(asyncio.Protocol):
    def __init__(self, load, k):
        self.load, self.k = load, k
        self.a, self.b = "+1555%07d" % k, "+1666%07d" % k
        self.peer = types.SimpleNamespace(host="127.0.0.1", port=9, certificate=None)
        self.path = "msrp://127.0.0.1:9/a%07dx%s;tcp" % (k, uuid.uuid4().hex[:12])
        self.octets, self.transport, self.answers, self.lost = b"", None, {}, False
        self.remote_path = self.invite = self.to = self.target = None

    # ---- SIP ----

    async def open(self):
        s = self.load.s
        self.invite = m = chat_invite(self.a, self.b, offer(self, setup="active"))
        m.add("Contact", "<%s>%s" % (s.a.uri, m.contact_params))
        final = await s.a.transact(s.sip, m)
        if not final or final.code != 200:
            self.load.wrong.append("INVITE: %s" % (final and final.start))
            return
        self.to, self.target = final.get("to"), re.search("<([^>]*)>", final.get("contact"))[1]
        s.a.transport.sendto(self.request("ACK", 1).octets(s.a.host, s.a.port, "z9hG4bK-ack-" + uuid.uuid4().hex[:12]), s.sip)
        self.remote_path = re.search(rb"a=path:(\S+)", final.body)[1].decode()
        await self.connect()

    def request(self, method, cseq):
        m = Outgoing(self.target, content_type=None, method=method)
        m.call_id, m.cseq = self.invite.call_id, cseq
        fields = dict(self.invite.fields)
        return m.set("From", fields["From"]).set("To", self.to)

    async def close(self):
        s = self.load.s
        final = await s.a.transact(s.sip, self.request("BYE", 2))
        if not final or final.code != 200:
            self.load.wrong.append("BYE: %s" % (final and final.start))
        if self.transport:
            self.transport.close()

    # ---- MSRP ----

    async def connect(self):
        host, port = re.match(r"msrp://([^:/]+):(\d+)/", self.remote_path).groups()
        source = "127.0.0.%d" % (2 + self.k // CONNECTIONS_EACH % 200)
        await asyncio.get_running_loop().create_connection(lambda: self, host, int(port), local_addr=(source, 0))
        code = await self.send(b"")
        if code != b"200":
            self.load.wrong.append("empty SEND: %r" % code)

    def connection_made(self, transport):
        self.transport = transport

    def connection_lost(self, exc):
        self.lost = True
        for future in self.answers.values():
            if not future.done():
                future.set_result(b"lost")

    def send(self, body):
        """A future of the response's code"""
        tid = uuid.uuid4().hex[:12]
        head = "MSRP %s SEND\r\nTo-Path: %s\r\nFrom-Path: %s\r\nMessage-ID: %s\r\n" % (tid, self.remote_path, self.path, uuid.uuid4().hex[:16])
        if body:
            head += "Byte-Range: 1-%d/%d\r\nContent-Type: message/cpim\r\n\r\n" % (len(body), len(body))
            body += b"\r\n"
        future = self.answers[tid.encode()] = asyncio.get_running_loop().create_future()
        self.transport.write(head.encode() + body + b"-------%s$\r\n" % tid.encode())
        return future

    def data_received(self, octets):
        self.octets += octets
        while True:
            start = re.match(rb"MSRP (\S+) (\S+)[^\r]*\r\n", self.octets)
            end = start and re.search(rb"\r\n-------%s[$+#]\r\n" % re.escape(start[1]), self.octets)
            if not end:
                return
            frame, self.octets = self.octets[:end.end()], self.octets[end.end():]
            self.rx(start[1], start[2], frame)

    def rx(self, tid, what, frame):
        if what == b"SEND":
            self.transport.write(b"MSRP %s 200 OK\r\nTo-Path: %s\r\nFrom-Path: %s\r\n-------%s$\r\n" % (
                tid, self.remote_path.encode(), self.path.encode(), tid))
            self.load.came(TO_A, frame)
            return
        future = self.answers.pop(tid, None)
        if future and not future.done():
            future.set_result(what)


# ---- all of them ----

def both_ways(clients):
    return [(c, d) for c in clients for d in (TO_B, TO_A)]


def one_way(clients):
    """Every other one writes, the rest hear."""
    return [(c, (TO_B, TO_A)[k % 2]) for k, c in enumerate(clients)]


class ChatLoad:
    def __init__(self, s):
        self.s, self.clients, self.wrong, self.numbers = s, [], [], 0
        self.sent, self.seen = {}, collections.Counter()    # number -> (direction, time); number -> how often it came
        self.delays = {TO_B: [], TO_A: []}
        self.gateway_says = []                              # requests of the gateway: it should have none
        s.fast.heard = lambda body: self.came(TO_B, body)
        s.a.policy = self.answer

    def answer(self, request):
        self.gateway_says.append(request.start)
        return Answer(200)

    @staticmethod
    def call(coroutine, timeout=600):
        return Loop.get().call(coroutine, timeout)

    def came(self, direction, octets):
        found = TEXT.search(octets)
        if not found:
            return
        n = int(found[1])
        self.seen[n] += 1
        if self.seen[n] == 1:
            self.delays[direction].append(time.monotonic() - self.sent[n][1])
        if self.sent[n][0] != direction:
            self.wrong.append("message %d came back" % n)

    @staticmethod
    async def each(do, clients):
        """do(client) for all, AT_ONCE at a time; gives how many a second"""
        room, began = asyncio.Semaphore(AT_ONCE), time.monotonic()

        async def one(client):
            async with room:
                await do(client)
        await asyncio.gather(*[one(c) for c in clients])
        return len(clients) / (time.monotonic() - began)

    async def open(self, n):
        fresh = [Client(self, len(self.clients) + k) for k in range(n)]
        self.clients += fresh
        return await self.each(Client.open, fresh)

    async def close(self):
        ending = [c for c in self.clients if c.to]
        rate = await self.each(Client.close, ending)
        for client in ending:
            client.to = None
        return rate

    # ---- messages ----

    def number(self, direction):
        self.numbers += 1
        self.sent[self.numbers] = direction, time.monotonic()
        return b"load %d" % self.numbers

    async def to_b(self, client):
        body = cpim(self.number(TO_B), ANONYMOUS, ANONYMOUS, imdn_id=new_id())
        code = await client.send(body)
        if code != b"200":
            self.wrong.append("SEND: %r" % code)

    async def to_a(self, client):
        status = await self.s.fast.deliver(client.b, client.a, self.number(TO_A))
        if status:
            self.wrong.append("deliver_sm: %#x" % status)

    async def talk(self, jobs, seconds):
        """jobs: (client, direction), a message a second of each, evenly in time; gives how late the last was sent"""
        do, began, tasks = {TO_B: self.to_b, TO_A: self.to_a}, time.monotonic(), []
        for second in range(seconds):
            for k, (client, direction) in enumerate(jobs):
                due = began + second + k / len(jobs)
                if due > time.monotonic():
                    await asyncio.sleep(due - time.monotonic())
                tasks.append(asyncio.ensure_future(do[direction](client)))
        late = time.monotonic() - began - seconds
        _, waiting = await asyncio.wait(tasks, timeout=60)
        if waiting:
            self.wrong.append("%d messages are not answered" % len(waiting))
        return late

    def settled(self, timeout=30):
        """All that was sent has come, or does not."""
        end = time.monotonic() + timeout
        while self.lost() and time.monotonic() < end:
            time.sleep(0.1)
        time.sleep(1)

    def lost(self):
        return [n for n in self.sent if not self.seen[n]]

    def duplicated(self):
        return [n for n, times in self.seen.items() if times > 1]

    def verify(self):
        check(not self.wrong, len(self.wrong), "wrong, first:", self.wrong[:3])
        check(not self.gateway_says, "the gateway says", self.gateway_says[:3])


# ---- memory ----

def rollup(pid):
    """{name: octets} of /proc/pid/smaps_rollup"""
    with open("/proc/%s/smaps_rollup" % pid) as lines:
        return {name: int(rest.split()[0]) << 10 for name, _, rest in (line.partition(":") for line in lines) if rest.endswith("kB\n")}


def quiet(s, timeout=60):
    """Until nothing is queued and tm has forgotten all transactions."""
    def over():
        stats, tm = s.rpc("ipsmgw.stats")[0], s.rpc("tm.stats")[0]
        return all(int(v) == 0 for v in (stats["segments_waiting"], stats["segments_in_flight"], stats["messages_delivering"], tm["current"]))
    wait_for(over, timeout, 0.25, "the queues to be empty and tm to forget")
    time.sleep(1)


def memory(s):
    """Octets by what holds them. Shared memory is counted as allocated, private memory as the kernel does (Pss_Anon)."""
    processes = s.rpc("pkg.stats")
    private = {p["pid"]: rollup(p["pid"])["Pss_Anon"] for p in processes}
    spool = next(p["pid"] for p in processes if p["desc"] == "ipsmgw spool")
    ours = next(p for p in s.rpc("mod.stats", "ipsmgw", "shm") if isinstance(p, dict))
    shared = int(s.rpc("core.shmmem")[0]["used"])
    return {"shared, module": int(ours["Total"]), "shared, all": shared, "spool process": private.pop(spool), "other processes": sum(private.values()),
            "connector": rollup(s.connector.process.pid)["Pss_Anon"], "database": sum(f.stat().st_size for f in s.dir.glob("ipsmgw.db*"))}


__all__ = ["TO_A", "TO_B", "ChatLoad", "ChatStack", "both_ways", "memory", "one_way", "quiet"]
