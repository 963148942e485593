#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 the ipsmgw authors
"""Two nodes of map_node.py that talk to each other, over M3UA on TCP: versions and how they are refused, every kind of answer, dialogues that go on.

    map_peer_test.py        last line "map_peer_test: N passed, N failed"
"""

import asyncio
import socket
import sys

try:
    import pyasn1  # noqa: F401
except ImportError:
    print("map_peer_test: SKIPPED, no python3-pyasn1")
    sys.exit(0)

import sccp
import sms_tpdu
from map_node import Node
from ss7_link import make_link

A, B = "+491710760100", "+491710760200"
ROUTING = {"imsi": "262021234567890", "locationInfoWithLMSI": {"networkNode-Number": B}}


class Score:
    passed = failed = 0

    @classmethod
    def equal(cls, got, want, what):
        if got == want:
            cls.passed += 1
        else:
            cls.failed += 1
            print("FAIL %s: got %r, want %r" % (what, got, want))


class Pair:
    """Node a invokes, node b performs."""

    def __init__(self):
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        self.events = []
        self.up = asyncio.Event()
        self.links = [make_link({"kind": "m3ua", "port": port, "listen": True, "rc": 1, "opc": 2, "dpc": 1}, lambda m, *_: self.b.rx(m), lambda up: None),
                      make_link({"kind": "m3ua", "port": port, "rc": 1, "opc": 1, "dpc": 2}, lambda m, *_: self.a.rx(m), self.state)]
        self.b = Node(self.links[0].send, lambda **e: self.events.append(e))
        self.a = Node(self.links[1].send, lambda **e: None)
        self.b.defaults = {"sendRoutingInfoForSM": lambda arg: {"result": ROUTING}}

    def state(self, up):
        if up:
            self.up.set()

    async def sri(self, version=3, **more):
        arg = {"msisdn": "+4917", "sm-RP-PRI": True, "serviceCentreAddress": A}
        return await self.a.invoke(dict({"op": "sendRoutingInfoForSM", "version": version, "arg": arg, "called": sccp.gt(B, 6), "calling": sccp.gt(A, 8)}, **more))

    async def mt(self, tpdu=None, more=False, **options):
        arg = {"sm-RP-DA": {"imsi": "262021234567890"}, "sm-RP-OA": {"serviceCentreAddressOA": A}, "sm-RP-UI": (tpdu or sms_tpdu.deliver("+491", "hi")).hex()}
        if more:
            arg["moreMessagesToSend"] = True
        return await self.a.invoke(dict({"op": "mt-ForwardSM", "arg": arg, "called": sccp.gt(B, 8), "calling": sccp.gt(A, 8)}, **options))

    def rule(self, **how):
        self.b.rules.append({"op": "*", "how": how, "count": 1})

    def operations(self):
        return [e for e in self.events if e["ev"] == "operation"]


async def check_versions(p):
    for version in (3, 2, 1):
        out = await p.sri(version)
        Score.equal((out["end"], out["result"], p.operations()[-1]["version"]), ("result", ROUTING, version), "SRI-SM v%d" % version)
    p.b.default_max = 2
    out = await p.sri()
    Score.equal((out["end"], out["ac"], out["diagnostic"]), ("refused", "0.4.0.0.1.0.20.2", {"user": 2}), "AARE with another context")
    p.b.refuse_style = "map-refuse"
    out = await p.sri()
    Score.equal(out["end"], "u-abort", "ABRT with map-refuse")
    Score.equal(out["pdu"]["abrt"]["user"][0]["pdu"]["refuse"]["alternativeApplicationContext"], "0.4.0.0.1.0.20.2", "alternative")
    p.b.default_max = 1
    Score.equal({k: v for k, v in (await p.sri()).items() if k in ("end", "cause")}, {"end": "p-abort", "cause": 3}, "a node of version 1")
    p.b.default_max = 3


async def check_answers(p):
    p.rule(error="absentSubscriberSM", parameter={"absentSubscriberDiagnosticSM": 6})
    out = await p.mt()
    Score.equal((out["end"], out["code"], out["parameter"]), ("error", 6, {"absentSubscriberDiagnosticSM": 6}), "error")
    for how, want in (({"udts": 1}, "returned"), ({"abort": "user"}, "u-abort"), ({"abort": 4}, "p-abort"), ({"reject": {"invoke": 2}}, "reject"),
                      ({"close": True}, "closed"), ({"silent": True}, "timeout"), ({"result": {"sm-RP-UI": "0000"}}, "result"), ({"delay_ms": 30}, "result"),
                      ({"tcap": "640d4904TID6c05a203020101"}, "result")):
        p.rule(**how)
        Score.equal((await p.mt(timeout_s=0.3 if want == "timeout" else 10))["end"], want, str(how))
    p.rule(inform={"mw-Status": "010000"}, result=ROUTING)
    out = await p.sri()
    Score.equal((out["end"], out["result"]), ("result", ROUTING), "informServiceCentre and result")
    Score.equal(len(p.a.dialogues) + len(p.b.dialogues), 1, "only that which was never answered is left")


async def check_dialogues(p):
    out = await p.mt(more=True)
    Score.equal((out["end"], out["open"]), ("result", True), "more messages")
    out = await p.mt(dialogue=out["dialogue"])
    Score.equal((out["end"], out["open"]), ("result", False), "the last of them")
    out = await p.mt(empty_begin=True)
    Score.equal(out["end"], "result", "empty TC-BEGIN")
    Score.equal(sum(e["ev"] == "empty-begin" for e in p.events), 1, "empty TC-BEGINs")
    tpdu = sms_tpdu.deliver("+491", "x" * 160)
    out = await p.mt(tpdu, xudt=70)
    op = p.operations()[-1]
    Score.equal((out["end"], op["sccp"], op["tpdu"]["text"]), ("result", "XUDT", "x" * 160), "segments")
    waiting = asyncio.ensure_future(p.mt())
    p.rule(hold=True)
    while not any(e["ev"] == "operation" and e["dialogue"] in p.b.dialogues and p.b.dialogues[e["dialogue"]].due for e in p.events):
        await asyncio.sleep(0.01)
    await p.b.answer(p.operations()[-1]["dialogue"], {"error": "systemFailure"})
    Score.equal((await waiting)["end"], "error", "held and released")


async def main():
    p = Pair()
    runs = [asyncio.ensure_future(link.run()) for link in p.links]
    await asyncio.wait_for(p.up.wait(), 20)
    for check in (check_versions, check_answers, check_dialogues):
        await check(p)
    Score.equal([e for e in p.events if e["ev"] in ("undecodable", "internal")], [], "bad events")
    for run in runs:
        run.cancel()
    print("map_peer_test: %d passed, %d failed" % (Score.passed, Score.failed))
    return 1 if Score.failed else 0


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
