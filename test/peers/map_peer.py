#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 the ipsmgw authors
"""The rest of a mobile network in one process: service centre, HLR, serving nodes and GMSC over MAP, TCAP and SCCP of its own (python3-pyasn1).

    map_peer.py CONTROL_PORT '{"kind": "ipa", "port": 5000, "name": "asp-clnt-peer"}' [--gt +491710760200] [--pcap FILE] [--opc N --dpc N]

First line "ready control=PORT", then one JSON line per event ("ev"):
  link (up)         tcap (dir, type, message)     operation (op, version, arg, tpdu, dialogue, called, calling, sccp, octets)
  answer (how)      invoke, outcome               empty-begin, refused, ended, returned, undecodable, unknown, component
Each line on the control port is a command and is answered by one line:
  {"cmd":"answer","op":O,"how":{...},"match":{"sm-RP-DA.imsi":"2620.."},"count":N}   how the next operations O ("*": any) are answered (map_node.py);
                     the first rule that fits counts. Without a rule: success; an HLR knows everybody, at the node --gt, with IMSI 26202 and ten digits
  {"cmd":"release","dialogue":D,"how":{...}}    answer one that was held
  {"cmd":"clear"}                               no more rules, all versions
  {"cmd":"versions","max":2,"context":21,"style":"map-refuse"}   the highest version (of a context); how it refuses higher ones: aare (default), map-refuse
  {"cmd":"invoke","op":O,"version":3,"arg":{...},"called":A,"calling":A,...}   an operation of ours -> its outcome (map_node.py). A: {"number":"+49..",
                     "ssn":6,"gti":4,...} or "+49../6". More: "dialogue":D (goes on in it), "empty_begin", "xudt":N, "opening":{..}, "timeout_s", "raw":hex
  {"cmd":"end","dialogue":D,"abort":"user"}     close an open one
  {"cmd":"tcap","hex":H,"called":A,"calling":A} {"cmd":"sccp","hex":H}    these octets
  {"cmd":"mutate","seed":N,"count":N,"files":[vectors],"called":A,"calling":A,"layer":"tcap"}   that many mutated messages
  {"cmd":"storm","count":N,"called":A,"calling":A,"hex":H}   N TC-BEGINs with ids of their own, never continued
  {"cmd":"dialogues"} {"cmd":"stats"} {"cmd":"state"}    {"cmd":"sync","n":N}  says {"ev":"sync","n":N} behind all that was said before
"""

import argparse
import asyncio
import json
import pathlib
import struct
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))

import map_mutate  # noqa: E402
import sccp  # noqa: E402
from map_node import Node  # noqa: E402
from ss7_link import make_link  # noqa: E402
from tcap_asn1 import tcap_encode  # noqa: E402

MTP3, SIO = 141, 0x83   # link type of the capture; SCCP, national network


def say(**event):
    event["t"] = round(time.time(), 4)
    sys.stdout.write(json.dumps(event, sort_keys=True) + "\n")
    sys.stdout.flush()


def address_of(a, ssn=8):
    """"+49171", "+49171/6" or {"number":, "ssn":, "gti":, ...}"""
    if isinstance(a, dict):
        return dict(a) if "digits" in a else sccp.gt(a.pop("number", None), a.pop("ssn", ssn), **a)
    number, _, its_ssn = a.partition("/")
    return sccp.gt(number, int(its_ssn or ssn))


class Capture:
    """What crosses, as MTP3 messages in a pcap file (tshark decodes from there)."""

    def __init__(self, path):
        self.file = open(path, "wb")
        self.file.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, MTP3))
        self.file.flush()

    def add(self, message, opc, dpc):
        packet = bytes([SIO]) + struct.pack("<I", dpc & 0x3FFF | (opc & 0x3FFF) << 14) + message
        now = time.time()
        self.file.write(struct.pack("<IIII", int(now), int(now % 1 * 1e6), len(packet), len(packet)) + packet)
        self.file.flush()


class MapPeer:
    def __init__(self, options):
        self.gt, self.opc, self.dpc = options.gt, options.opc, options.dpc
        self.capture = Capture(options.pcap) if options.pcap else None
        self.link = make_link(json.loads(options.link), self.rx, lambda up: say(ev="link", up=up))
        self.node = Node(self.tx, say)
        self.node.defaults = {"sendRoutingInfoForSM": self.routing_info, "reportSM-DeliveryStatus": lambda arg: {"result": None},
                              "anyTimeModification": lambda arg: {"result": {}}}

    def routing_info(self, arg):
        return {"result": {"imsi": self.imsi(arg["msisdn"]), "locationInfoWithLMSI": {"networkNode-Number": self.gt}}}

    @staticmethod
    def imsi(msisdn):
        return "26202" + msisdn.lstrip("+")[-10:].rjust(10, "0")

    def rx(self, message, opc, dpc):
        if self.capture:
            self.capture.add(message, self.dpc, self.opc)
        self.node.rx(message)

    async def tx(self, message):
        if self.capture:
            self.capture.add(message, self.opc, self.dpc)
        await self.link.send(message)

    # ---- control ----

    async def control(self, reader, writer):
        while line := await reader.readline():
            asyncio.get_running_loop().create_task(self.control_line(line, writer))
        writer.close()

    async def control_line(self, line, writer):
        try:
            command = json.loads(line)
            answer = await getattr(self, "cmd_" + command.pop("cmd"))(command)
        except Exception as e:   # a test's mistake is the test's to see
            answer = {"error": "%s: %s" % (type(e).__name__, e)}
        writer.write(json.dumps(answer).encode() + b"\n")

    def ends(self, o):
        return address_of(o["called"]), address_of(o.get("calling", self.gt))

    async def cmd_answer(self, o):
        self.node.rules.append(o)
        return {"ok": True}

    async def cmd_release(self, o):
        await self.node.answer(o["dialogue"], o["how"])
        return {"ok": True}

    async def cmd_clear(self, o):
        self.node.rules.clear()
        self.node.max_version.clear()
        self.node.default_max, self.node.refuse_style = 3, "aare"
        return {"ok": True}

    async def cmd_versions(self, o):
        if "context" in o:
            self.node.max_version[o["context"]] = o["max"]
        else:
            self.node.default_max = o["max"]
        self.node.refuse_style = o.get("style", "aare")
        return {"ok": True}

    async def cmd_invoke(self, o):
        if "dialogue" not in o:
            o["called"], o["calling"] = self.ends(o)
        return await self.node.invoke(o)

    async def cmd_end(self, o):
        return await self.node.end(o["dialogue"], o.get("abort"))

    async def cmd_tcap(self, o):
        called, calling = self.ends(o)
        await self.node.send_octets(bytes.fromhex(o["hex"]), called, calling, o.get("xudt", 0))
        return {"ok": True}

    async def cmd_sccp(self, o):
        await self.tx(bytes.fromhex(o["hex"]))
        return {"ok": True}

    async def cmd_mutate(self, o):
        called, calling = self.ends(o)
        for n, octets in enumerate(map_mutate.messages(o, called, calling)):
            await self.tx(octets)
            if n % 50 == 49:
                await asyncio.sleep(0)   # others have their turn
        return {"sent": o["count"]}

    async def cmd_storm(self, o):
        called, calling = self.ends(o)
        body = {"dialogue": o["dialogue"]} if "dialogue" in o else {}
        for n in range(o["count"]):
            octets = bytes.fromhex(o["hex"].replace("TID", "%08x" % (0x70000000 + n))) if "hex" in o else tcap_encode(
                {"begin": dict(body, otid="%08x" % (0x70000000 + n))})
            await self.tx(sccp.unitdata(called, calling, octets))
        return {"sent": o["count"]}

    async def cmd_dialogues(self, o):
        return {"open": sorted(self.node.dialogues)}

    async def cmd_stats(self, o):
        return dict(self.node.stats)

    async def cmd_state(self, o):
        return {"up": self.link.up}

    async def cmd_sync(self, o):
        say(ev="sync", n=o["n"])
        return {}


def arguments():
    p = argparse.ArgumentParser()
    p.add_argument("control", type=int)
    p.add_argument("link")
    p.add_argument("--gt", default="+491710760200")
    p.add_argument("--pcap")
    p.add_argument("--opc", type=int, default=186, help="ours, in the capture")
    p.add_argument("--dpc", type=int, default=185)
    return p.parse_args()


async def main():
    options = arguments()
    peer = MapPeer(options)
    control = await asyncio.start_server(peer.control, "127.0.0.1", options.control, limit=1 << 20)
    print("ready control=%d" % control.sockets[0].getsockname()[1], flush=True)
    await asyncio.gather(peer.link.run(), control.serve_forever())


if __name__ == "__main__":
    try:
        asyncio.run(main())
    except KeyboardInterrupt:
        pass
