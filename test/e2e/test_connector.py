# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 the ipsmgw authors
"""The connector alone, between a fake module (link_peer.py) and an SMSC that misbehaves: what the link promises (docs/link-protocol.md)."""

import asyncio
import json
import pathlib
import re
import signal
import struct
import tempfile

from harness import CONNECTOR, check, free_port
import link_peer
from link_peer import REPEATED, REPORT, RESUBMIT, TEMPORARY, UNKNOWN, UP, LinkPeer

PEERS = pathlib.Path(link_peer.__file__).parent

CONFIG = """log stderr
 logging level sm info
 logging level smpp info
 logging level link notice
line vty
 no login
 bind 127.0.0.1
link
 socket {dir}/link.sock
 window {link_window}
smsc test
 remote-ip 127.0.0.1
 port {port}
 system-id ipsmgw
 password secret
 bind {bind}
 window {window}
 queue {queue}
 throughput {throughput}
 enquire-link {enquire_link}
 response-timeout {response_timeout}
 reconnect-max 2
 sc-address +491710760000
 no shutdown
route default smsc test
"""
DEFAULTS = dict(bind="transceiver", window=10, queue=1000, throughput=0, enquire_link=30, response_timeout=2, link_window=2000)


class Bench:
    """One connector, one SMSC, one module."""

    def __init__(self, **settings):
        self.settings = dict(DEFAULTS, **settings)
        self.dir = tempfile.mkdtemp(prefix="connector_test.")

    async def __aenter__(self):
        self.smsc = await asyncio.create_subprocess_exec(PEERS / "bad_smsc.py", "0", "0", stdout=asyncio.subprocess.PIPE)
        ready = (await self.smsc.stdout.readline()).decode()
        self.port, control = (int(x) for x in re.findall(r"=(\d+)", ready))
        self.drain = asyncio.create_task(self.events())
        self.pdus = []
        self.control = await asyncio.open_connection("127.0.0.1", control)
        self.peer = LinkPeer(self.dir + "/link.sock")
        await self.peer.listen()
        return self

    async def events(self):
        while line := await self.smsc.stdout.readline():
            self.pdus.append(json.loads(line))

    async def start(self, up=True):
        self.vty_port = free_port()
        with open(self.dir + "/cfg", "w") as f:
            f.write(CONFIG.format(dir=self.dir, port=self.port, **self.settings))
        self.log = open(self.dir + "/log", "ab")
        self.connector = await asyncio.create_subprocess_exec(CONNECTOR, "-c", self.dir + "/cfg", "-p", str(self.vty_port), stderr=self.log)
        if up:
            check(await self.peer.wait(lambda p: p.find("state", flags=UP), 20), "SMSC comes up")
        return self

    async def stop(self, what):
        self.connector.send_signal(signal.SIGTERM)
        rc = await asyncio.wait_for(self.connector.wait(), 20)
        log = open(self.dir + "/log").read()
        check(rc == 0, "%s: exit status %s, log in %s/log" % (what, rc, self.dir))
        check("talloc report" not in log and "Sanitizer" not in log and "runtime error" not in log, what + ": clean, " + self.dir)
        return log

    async def __aexit__(self, *exc):
        if self.connector.returncode is None:
            self.connector.kill()
        self.smsc.kill()
        await self.smsc.wait()
        self.drain.cancel()

    async def ask(self, **command):
        self.control[1].write(json.dumps(command).encode() + b"\n")
        return json.loads(await self.control[0].readline())

    async def answers(self, first, n, timeout=30):
        """Wait until refs first..first+n-1 are answered; their answers by ref."""
        refs = range(first, first + n)

        def got(p):
            return {f["ref"]: f for f in p.events if f["ev"] in ("ack", "error") and f["ref"] in refs}
        check(await self.peer.wait(lambda p: len(got(p)) == n, timeout), "%d of %d answers from %d" % (len(got(self.peer)), n, first))
        return got(self.peer)

    async def send(self, first, n, timeout=30, **more):
        for ref in range(first, first + n):
            self.peer.data(ref, **more)
        return await self.answers(first, n, timeout)

    async def healthy(self, ref):
        """It is up again and takes a message."""
        for i in range(40):
            got = await self.send(ref + i, 1)
            if got and got[ref + i]["ev"] == "ack":
                return True
            await asyncio.sleep(0.25)
        return False

    async def until(self, condition, what):
        """What the peers do not tell of by themselves"""
        for _ in range(400):
            got = condition()
            if await got if asyncio.iscoroutine(got) else got:
                return
            await asyncio.sleep(0.05)
        check(False, what)

    def submits(self):
        return sum(p.get("cmd") == "submit_sm" and p.get("dir") == "rx" for p in self.pdus)

    async def bound(self, rx, tx):
        return await self.ask(cmd="binds") == {"rx": rx, "tx": tx}

    def once(self):
        refs = [f["ref"] for f in self.peer.events if f["ev"] in ("ack", "error")]
        return len(refs) == len(set(refs))

    async def vty(self, *lines):
        reader, writer = await asyncio.open_connection("127.0.0.1", self.vty_port)
        for line in ("enable",) + lines + ("exit",):
            writer.write(line.encode() + b"\r\n")
            await asyncio.sleep(0.05)
        writer.write(b"exit\r\n")
        try:
            return (await asyncio.wait_for(reader.read(), 10)).decode("latin-1")   # to its end: then every line has been dealt with
        finally:
            writer.close()


# ---- tests ----

async def run_flow():
    async with Bench() as b:
        await b.start()
        got = await b.send(1, 500)
        check(all(f["ev"] == "ack" and f["smsc_id"] and f["smsc"] == "test" for f in got.values()), "all accepted")
        check(all(f["rp"] == "03%02x" % (ref & 255) for ref, f in got.items()), "RP-ACK with the RP-MR")
        s = await b.ask(cmd="stats")
        check(s["submits"] == 500 and s["early"] == 0 and s["max_open"] <= 10, "window: %s" % s)
        check(b.once(), "one answer each")
        text = await b.vty("show smsc", "show link", "show statistics", "show routes")
        check("BOUND" in text and re.search(r"submit_sm:tx +500 ", text) and "default" in text, text)
        check("secret" not in text, "password shown")
        check("secret" in await b.vty("show running-config"), "running-config is the file")
        log = await b.stop("flow")
        check(log.count("result=accepted") == 500 and "secret" not in log, "outcome lines")
        check(any(p.get("cmd") == "unbind" for p in b.pdus), "unbind at the end")


FAULTS = [
    # mode, settings of the fault, what becomes of 3 messages: event, flags
    ("split", {}, "ack", None), ("batch", {"n": 3}, "ack", None), ("late", {"ms": 300}, "ack", None),
    ("no_body", {}, "ack", None), ("vendor_tlv", {}, "ack", None), ("receipt_before", {}, "ack", None),
    ("no_answer", {}, "error", TEMPORARY | UNKNOWN), ("wrong_seq", {}, "error", TEMPORARY | UNKNOWN),
    ("close_before", {}, "error", TEMPORARY | UNKNOWN), ("garbage", {}, "error", TEMPORARY | UNKNOWN),
    ("oversize", {}, "error", TEMPORARY | UNKNOWN), ("tiny", {}, "error", TEMPORARY | UNKNOWN),
    ("generic_nack", {}, "error", None), ("status", {"value": 0x0B}, "error", None), ("status", {"value": 0x08}, "error", TEMPORARY),
    ("status", {"value": 0x444}, "error", TEMPORARY),
]


async def run_faults():
    async with Bench(response_timeout=1) as b:
        await b.start()
        ref = 1
        for mode, more, event, flags in FAULTS:
            await b.ask(cmd="fault", mode=mode, **more)
            got = await b.send(ref, 1 if mode == "split" else 3)
            check(all(f["ev"] == event for f in got.values()), "%s: %s" % (mode, got))
            if flags is not None:
                # behind the first, messages may have found the session closed already
                check(got[ref].get("flags", 0) == flags, "%s flags: %s" % (mode, got))
                check(all(f.get("flags", 0) in (flags, flags & TEMPORARY) for f in got.values()), "%s flags: %s" % (mode, got))
            await b.ask(cmd="clear")
            check(await b.healthy(ref + 1000), mode + ": well again")
            ref += 10000
        check(b.once(), "one answer each")
        await b.stop("faults")


async def run_dead():
    async with Bench(enquire_link=1, response_timeout=1) as b:
        await b.start()
        await b.ask(cmd="fault", mode="dead", count=1)
        got = await b.send(1, 5)
        check(got[1]["ev"] == "error" and got[1]["flags"] == TEMPORARY | UNKNOWN, "dead: %s" % got)
        check(await b.healthy(100), "a new session")
        log = await b.stop("dead")
        check("enquire_link is not answered" in log, "found by enquire_link")


async def run_throttle():
    async with Bench(window=100) as b:
        await b.start()
        for status in (0x58, 0x14):
            await b.ask(cmd="throttle", rate=30, status=status)
            base = status * 1000
            got = await b.send(base, 200, timeout=100)
            check(all(f["ev"] == "ack" for f in got.values()), "throttled and accepted: %d" % sum(f["ev"] == "ack" for f in got.values()))
            text = await b.vty("show smsc")
            check("throttled" in text, text)
        s = await b.ask(cmd="stats")
        check(b.once(), "one answer each")
        await b.ask(cmd="fault", mode="status", value=0x58)
        got = await b.send(1, 10, timeout=150)
        check(all(f["flags"] == TEMPORARY and f["rp"].endswith("2a") and f["retry_ms"] > 0 for f in got.values()), "back to the module: %s" % got[1])
        await b.stop("throttle")


async def run_one_destination_is_full():
    """RMSGQFUL for one destination does not slow down the others."""
    async with Bench(window=100) as b:
        await b.start()
        await b.ask(cmd="fault", mode="status", value=0x14, dest="0014")
        for ref in (1, 2):
            b.peer.data(ref, da="+491700000014")
        got = {}
        for second in range(1, 6):
            got.update(await b.send(second * 1000, 100))
            await asyncio.sleep(0.2)
        check(all(f["ev"] == "ack" for f in got.values()), "the others are accepted")
        took = max(f["t"] for f in got.values()) - min(f["t"] for f in got.values())
        check(took < 15, "500 others took %.1f s" % took)
        await b.ask(cmd="clear")
        got = await b.answers(1, 2)
        check(all(f["ev"] == "ack" for f in got.values()), "and in the end these too")
        await b.stop("one_destination_is_full")


async def run_throughput():
    async with Bench(throughput=50) as b:
        await b.start()
        got = await b.send(1, 200)
        first, last = min(f["t"] for f in got.values()), max(f["t"] for f in got.values())
        check(3 < last - first < 12, "200 parts at 50/s took %.2f s" % (last - first))
        await b.stop("throughput")


async def run_queue():
    async with Bench(queue=20, window=5, response_timeout=20) as b:
        await b.start()
        await b.ask(cmd="fault", mode="late", ms=2000)
        got = await b.send(1, 100)
        full = [f for f in got.values() if f["ev"] == "error"]
        check(len(full) == 75 and all(f["flags"] == TEMPORARY and f["retry_ms"] for f in full), "queue: %d" % len(full))
        await b.stop("queue")


async def run_bind():
    async with Bench() as b:
        await b.ask(cmd="bind", delay_ms=3000)
        await b.start(up=False)
        await b.peer.wait(lambda p: p.find("hello"))
        got = await b.send(1, 3)
        check(all(f["ev"] == "error" and f["flags"] == TEMPORARY and f["rp"].endswith("26") for f in got.values()), "not bound yet: %s" % got)
        check(await b.peer.wait(lambda p: p.find("state", flags=UP), 20), "bound")
        check((await b.ask(cmd="stats"))["early"] == 0, "nothing before bind_resp")
        await b.ask(cmd="bind", status=0x0D)
        await b.ask(cmd="drop")
        check(await b.peer.wait(lambda p: any(f["ev"] == "state" and not f.get("flags") for f in p.events), 20), "down")
        await asyncio.sleep(1)
        await b.ask(cmd="clear")
        check(await b.healthy(100), "bound again")
        check((await b.ask(cmd="unbind"))["status"] == 0, "unbind answered")
        check(await b.healthy(200), "and bound again")
        check((await b.ask(cmd="enquire"))["status"] == 0, "enquire_link answered")
        flood = await b.ask(cmd="flood", count=5000)
        check(flood == {"answered": 5000, "wrong": 0}, "flood: %s" % flood)
        await b.ask(cmd="nack", seq=0)
        await b.ask(cmd="nack", seq=777)
        check(await b.healthy(300), "generic_nack out of nothing")
        await b.stop("bind")


async def run_pair():
    async with Bench(bind="pair") as b:
        await b.start()
        got = await b.send(1, 50, srr=True)
        check(all(f["ev"] == "ack" for f in got.values()), "accepted")
        check(await b.peer.wait(lambda p: p.count("data") == 50, 20), "receipts %d" % b.peer.count("data"))
        check((await b.ask(cmd="binds")) == {"rx": 1, "tx": 1}, "two sessions")
        ids = {f["smsc_id"] for f in got.values()}
        check({f["smsc_id"] for f in b.peer.find("data")} == ids, "ids of receipts")
        check(all(f["flags"] == REPORT for f in b.peer.find("data")), "REPORT")
        await b.ask(cmd="drop")
        check(await b.healthy(100), "both again")
        await b.stop("pair")


MO = dict(cmd="mo", source_addr="491709999999", destination_addr="491700000001", hex="48656c6c6f")


async def run_mo():
    async with Bench() as b:
        await b.start()
        for more in ({}, {"split": True}, {"tlv": {"1401": "00"}}, {"command_id": 0x5}, {"esm_class": 64, "data_coding": 8, "hex": "050003420201041f04400438"},
                     {"hex": "", "message_payload_hex": "61" * 400}, {"sar": [77, 2, 1]}):
            before = b.peer.count("data")
            r = await b.ask(**dict(MO, **more))
            check(r == {"status": 0}, "mo %s: %s" % (more, r))
            want = 3 if "message_payload_hex" in more else 1
            check(b.peer.count("data") - before == want, "mo %s: %d DATA" % (more, b.peer.count("data") - before))
        d = b.peer.find("data")[0]
        check(d["da"] == "+491700000001" and d["smsc"] == "test" and d["rp"].startswith("0100" + "079194710167"), "DATA: %s" % d)
        # short_message longer than what it says, a receipt without id
        r = await b.ask(**dict(MO, esm_class=4, hex="68656c6c6f"))
        check(r == {"status": 0}, "receipt without id is acknowledged: %s" % r)
        n = b.peer.count("data")
        await b.ask(cmd="raw", hex="00000012" "00000005" "00000000" "00001234" "4142")
        await b.ask(cmd="raw", hex="00000010" "00000777" "00000000" "00001235")
        await b.ask(cmd="raw", hex="00000012" "0000000b" "00000000" "00001236" "0000")
        await b.ask(cmd="raw", split=True, hex="00000010" "00000015" "00000000" "00001237")
        check((await b.ask(**MO)) == {"status": 0}, "still well")
        check(b.peer.count("data") == n + 1, "nothing of it became a message")
        nacks = [(p["cmd"], p["seq"], p["status"]) for p in b.pdus if p.get("dir") == "rx" and p.get("seq") in range(0x1234, 0x1238)]
        check([n[1] for n in nacks] == [0x1234, 0x1235, 0x1237], "answers: %s" % nacks)
        b.peer.mode, b.peer.cause = "error", 27
        check((await b.ask(**MO)) == {"status": 0x64}, "cause 27")
        b.peer.cause = 21
        r = await b.ask(**MO)
        check(r["status"] in (0x65, 0x66), "cause 21: %s" % r)
        b.peer.mode = "silent"
        n = b.peer.count("data")
        t = asyncio.create_task(b.ask(**MO))
        check(await b.peer.wait(lambda p: p.count("data") > n, 20), "it is in hand")
        b.peer.drop()
        check((await t) == {"status": 0x64}, "link broken")
        await b.peer.listen(False)
        await asyncio.sleep(0.2)
        r = await b.ask(**MO)
        check(r == {"status": 0x64}, "link down: %s" % r)
        b.peer.mode = "ack"
        n = b.peer.count("hello")
        await b.peer.listen(True)
        check(await b.peer.wait(lambda p: p.count("hello") > n, 20), "connected again")
        check(await b.healthy(1), "link up again")
        check((await b.ask(**MO)) == {"status": 0}, "and messages come in")
        await b.stop("mo")


async def run_mo_bound():
    async with Bench() as b:
        b.peer.window = 600
        await b.start()
        b.peer.mode = "silent"
        body = bytes.fromhex("00") + bytes([1, 1]) + b"4917\0" + bytes([1, 1]) + b"4918\0" + b"\0\0\0\0\0\0\0\0\0" + b"\x02hi"
        out = b"".join(struct.pack(">IIII", 16 + len(body), 5, 0, 100000 + i) + body for i in range(700))
        await b.ask(cmd="raw", hex=out.hex())
        await b.peer.wait(lambda p: p.count("data") >= 500, 20)

        def refused():
            return [p for p in b.pdus if p.get("cmd") == "deliver_sm_resp" and p["status"] == 0x14]
        await b.until(lambda: len(refused()) >= 200, "200 refused")
        await asyncio.sleep(0.3)
        full = refused()
        check(b.peer.count("data") == 500 and len(full) == 200, "%d in hand, %d refused" % (b.peer.count("data"), len(full)))
        await b.stop("mo_bound")


async def run_link():
    async with Bench(response_timeout=20) as b:
        await b.start()
        # in hand when the link breaks: not submitted again, answered on the new connection
        await b.ask(cmd="fault", mode="late", ms=4000)
        for ref in range(1, 6):
            b.peer.data(ref)
        await b.until(lambda: b.submits() == 5, "all to be in hand")
        b.peer.drop()
        check(await b.peer.wait(lambda p: p.count("hello") == 2, 20), "connected again")
        got = await b.send(1, 5, flags=RESUBMIT)
        check(all(f["ev"] == "ack" and not f.get("flags") for f in got.values()), "answered when done: %s" % got)
        check((await b.ask(cmd="stats"))["submits"] == 5, "submitted once")
        # answered while the link was down: out of memory
        for ref in range(11, 16):
            b.peer.data(ref)
        await b.until(lambda: b.submits() == 10, "all to be in hand")
        await b.peer.listen(False)
        b.peer.drop()
        await b.until(lambda: sum(p.get("cmd") == "submit_sm_resp" for p in b.pdus) == 10, "the SMSC to answer")
        await asyncio.sleep(1)
        await b.peer.listen(True)
        check(await b.peer.wait(lambda p: p.count("hello") == 3, 20), "connected again")
        await b.ask(cmd="clear")
        got = await b.send(11, 5, flags=RESUBMIT)
        check(all(f["ev"] == "ack" and f.get("flags") == REPEATED and f["smsc_id"] for f in got.values()), "repeated: %s" % got)
        check((await b.ask(cmd="stats"))["submits"] == 10, "submitted once")
        # a temporary error is not repeated
        await b.ask(cmd="fault", mode="status", value=8, count=1)
        got = await b.send(21, 1)
        check(got[21]["ev"] == "error" and got[21]["flags"] == TEMPORARY, "temporary")
        b.peer.data(21)
        check(await b.peer.wait(lambda p: p.find("ack", ref=21), 20), "the next attempt is submitted")
        # the module was restored from an older copy: refs that were answered, or are in hand, are other messages now
        before = (await b.ask(cmd="stats"))["submits"]
        b.peer.events = [f for f in b.peer.events if f["ev"] == "hello"]
        got = await b.send(11, 5)
        check(all(f["ev"] == "ack" and not f.get("flags") for f in got.values()), "submitted anew: %s" % got)
        check((await b.ask(cmd="stats"))["submits"] == before + 5, "submitted anew")
        await b.ask(cmd="fault", mode="late", ms=4000)
        known = b.submits()
        b.peer.data(31)
        await b.until(lambda: b.submits() > known, "it to be in hand")
        got = await b.send(31, 1)
        check(got[31]["ev"] == "ack" and (await b.ask(cmd="stats"))["submits"] == before + 7, "the one in hand, too: %s" % got)
        check(len([f for f in b.peer.events if f.get("ref") == 31]) == 1, "one answer")
        await b.ask(cmd="clear")
        # another store: the same refs are other messages
        b.peer.store = "store-2"
        b.peer.drop()
        check(await b.peer.wait(lambda p: p.count("hello") == 4, 20), "connected again")
        before = (await b.ask(cmd="stats"))["submits"]
        b.peer.events = [f for f in b.peer.events if f["ev"] == "hello"]
        got = await b.send(1, 5)
        check(all(f["ev"] == "ack" and not f.get("flags") for f in got.values()), "new refs: %s" % got)
        check((await b.ask(cmd="stats"))["submits"] == before + 5, "submitted")
        # garbage
        n = 4
        for broken, octets in ((True, b"\xff\xff\xff\xff"), (True, b"\0\0\0\1\0"), (False, link_peer.frame(2, 1, (5, b""))),
                               (True, b"\0\0\0\x0c\2" + b"\0" * 8 + b"\5\0\x09"), (False, link_peer.frame(2, 99, (5, b"\0\0"), (6, b"+49"))),
                               (False, link_peer.frame(77, 5))):
            b.peer.raw(octets)
            n += broken
            if not broken:
                b.peer.raw(link_peer.frame(6, 4242))
                check(await b.peer.wait(lambda p: p.find("pong", ref=4242), 20), "PONG after %s" % octets.hex())
                b.peer.events = [f for f in b.peer.events if f["ev"] != "pong"]
            check(await b.peer.wait(lambda p: p.count("hello") == n, 20), "connections after %s: %d" % (octets.hex(), b.peer.count("hello")))
        check(await b.healthy(1000), "well")
        await b.stop("link")


async def run_smsc_killed():
    """Under load the sessions are dropped again and again: every ref is answered once, and what is accepted is answered as accepted."""
    async with Bench(window=50) as b:
        await b.start()

        async def kill():
            for _ in range(10):
                await asyncio.sleep(0.4)
                await b.ask(cmd="drop")
        killing = asyncio.create_task(kill())
        ref = 1
        while not killing.done():
            for _ in range(20):
                b.peer.data(ref)
                ref += 1
            await asyncio.sleep(0.02)
        got = await b.answers(1, ref - 1)
        check(b.once(), "one answer each")
        s = await b.ask(cmd="stats")
        acks = sum(f["ev"] == "ack" for f in got.values())
        unknown = sum(f["ev"] == "error" and f["flags"] == TEMPORARY | UNKNOWN for f in got.values())
        check(acks <= s["accepted"] <= acks + unknown, "%d ack, %d unknown, %s" % (acks, unknown, s))
        await b.stop("smsc_killed")


async def run_stop():
    """SIGTERM with messages in hand: what is with the SMSC is waited for, the rest goes back."""
    async with Bench(window=5) as b:
        await b.start()
        await b.ask(cmd="fault", mode="late", ms=1500)
        for ref in range(1, 21):
            b.peer.data(ref)
        await b.until(lambda: b.submits() == 5, "the window to be full")
        await b.stop("stop")
        got = await b.answers(1, 20)
        acks = sum(f["ev"] == "ack" for f in got.values())
        check(acks == 5 and all(f["flags"] == TEMPORARY for f in got.values() if f["ev"] == "error"), "%d ack: %s" % (acks, got))


async def run_vty():
    async with Bench() as b:
        await b.start()
        text = await b.vty("configure terminal", "smsc test", "shutdown", "end", "show smsc")
        check("shut down" in text, text)
        await b.until(lambda: b.bound(0, 0), "unbound")
        await b.vty("configure terminal", "smsc test", "bind pair", "no shutdown", "end")
        await b.until(lambda: b.bound(1, 1), "bound as a pair")
        await b.vty("configure terminal", "smsc test", "shutdown", "bind transceiver", "no shutdown", "end")
        check(await b.healthy(1), "one session")
        await b.until(lambda: b.bound(1, 1), "bound as a transceiver")
        text = await b.vty("configure terminal", "no smsc test", "smsc other", "remote-ip ::1", "password toolongpassword", "exit",
                           "route prefix 4917 share test other", "route prefix +1 smsc test", "route default smsc nobody", "end", "show routes",
                           "write file", "show running-config")
        check("a route uses it" in text and "at most 8" in text and "no SMSC nobody" in text, text)
        written = open(b.dir + "/cfg").read()
        for line in ("route prefix 4917 share test other", "route default smsc test", " remote-ip ::1", " password secret", " sc-address +491710760000",
                     " receipt-id auto", " window 10", " no shutdown", " shutdown"):
            check(line + "\n" in written, "written: " + line)
        check(text.count("4917") >= 2, text)
        text = await b.vty("configure terminal", "no route prefix 4917", "no smsc other", "end", "show smsc other", "show routes")
        check("no such SMSC" in text and "4917 " not in text.split("show routes")[-1], text)
        await b.stop("vty")
        # what was written can be read
        p = await asyncio.create_subprocess_exec(CONNECTOR, "-c", b.dir + "/cfg", "-p", str(b.vty_port), stderr=open(b.dir + "/log2", "wb"))
        await asyncio.sleep(1)
        check(p.returncode is None, "starts with what it wrote")
        p.terminate()
        await p.wait()


# ---- for run.py, which calls ordinary functions ----


def test_flow():
    asyncio.run(asyncio.wait_for(run_flow(), 300))


def test_faults():
    asyncio.run(asyncio.wait_for(run_faults(), 300))


def test_dead():
    asyncio.run(asyncio.wait_for(run_dead(), 300))


def test_throttle():
    asyncio.run(asyncio.wait_for(run_throttle(), 300))


def test_one_destination_is_full():
    asyncio.run(asyncio.wait_for(run_one_destination_is_full(), 300))


def test_throughput():
    asyncio.run(asyncio.wait_for(run_throughput(), 300))


def test_queue():
    asyncio.run(asyncio.wait_for(run_queue(), 300))


def test_bind():
    asyncio.run(asyncio.wait_for(run_bind(), 300))


def test_pair():
    asyncio.run(asyncio.wait_for(run_pair(), 300))


def test_mo():
    asyncio.run(asyncio.wait_for(run_mo(), 300))


def test_mo_bound():
    asyncio.run(asyncio.wait_for(run_mo_bound(), 300))


def test_link():
    asyncio.run(asyncio.wait_for(run_link(), 300))


def test_smsc_killed():
    asyncio.run(asyncio.wait_for(run_smsc_killed(), 300))


def test_stop():
    asyncio.run(asyncio.wait_for(run_stop(), 300))


def test_vty():
    asyncio.run(asyncio.wait_for(run_vty(), 300))
