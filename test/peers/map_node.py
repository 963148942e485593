# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 the ipsmgw authors
"""MAP dialogues over TCAP and SCCP (asyncio): invokes operations and performs those that come, as it is told.

    node = Node(send, say)            send(octets of SCCP): coroutine; say(**event)
    node.rx(octets of SCCP)
    outcome = await node.invoke({"op": "mt-ForwardSM", "version": 3, "arg": {...}, "called": ..., "calling": ...})

What is answered to an operation is a dict, "how":
    {"result": {...} or null}         ReturnResultLast; null without opcode and parameter
    {"error": 6 or "absentSubscriberSM", "parameter": {...}}
    {"reject": {"invoke": 1}}         Reject with that problem
    {"abort": "user" or 1}            TC-U-ABORT (with map-userAbort), TC-P-ABORT with that cause
    {"close": true}                   TC-END without a component
    {"silent": true}                  nothing
    {"hold": true}                    nothing, until node.answer(dialogue, how)
    {"udts": 1}                       SCCP returns the message with that cause
    {"tcap": "hex"}                   these octets; TID in it becomes the dialogue's id
  beside, or alone for what is answered without a rule: "delay_ms", "inform": {...} (informServiceCentre in front of the result), "then": "end" where more messages were announced,
  "accept": false (AARE missing), "open": true (TC-CONTINUE, though nothing more was announced), "xudt": N (segments of N octets), "mutate": seed (the octets are changed by chance)
"""

import asyncio
import itertools
import os
import random

import map_asn1
import map_mutate
import sccp
import sms_tpdu
from asn1_types import Undecodable, der, read
from tcap_asn1 import aare, aarq, abrt, ac_name, ac_split, tcap_decode, tcap_encode

OPERATION_NAMES = map_asn1.OPERATIONS
P_ABORT_UNRECOGNISED_TRANSACTION, P_ABORT_INCORRECT_PORTION = 1, 3
NO_REASON, NOT_SUPPORTED = 1, 2   # user diagnostics of an AARE
ROOM = 254   # octets of data in one UDT
OUTCOMES = {"result", "error", "reject", "abort", "close", "silent", "hold", "udts", "tcap"}


class Dialogue:
    """One transaction: ids, addresses, version, and who waits in it."""

    def __init__(self, tid, ours, local, remote):
        self.tid, self.ours, self.local, self.remote = tid, ours, local, remote
        self.peer_tid, self.ac, self.version, self.context = None, None, 1, None
        self.invoke_id, self.pending = 0, None     # pending: future of what the other side sends next
        self.accepted = False                      # an AARE has gone out, or come
        self.mutate = None                         # random.Random: what goes out next is changed
        self.due = None                            # (invoke id, operation) that waits for our answer
        self.operation, self.request = None, None  # of our invoke; the SCCP message that began it
        self.xudt = 0


class Node:
    def __init__(self, send, say):
        self.send_sccp, self.say = send, say
        self.dialogues, self.tids = {}, itertools.count(int.from_bytes(os.urandom(3), "big") << 6 | 1)
        self.references = itertools.count(1)
        self.reassembly, self.tasks, self.rules = sccp.Reassembly(), set(), []
        self.max_version, self.refuse_style, self.defaults = {}, "aare", {}
        self.default_max = 3
        self.serial = itertools.count(1)
        self.stats = dict.fromkeys(("rx", "tx", "begins", "operations", "undecodable", "unknown"), 0)

    def spawn(self, coroutine):
        task = asyncio.get_running_loop().create_task(coroutine)
        self.tasks.add(task)
        task.add_done_callback(self.done)

    def done(self, task):
        self.tasks.discard(task)
        if not task.cancelled() and task.exception():
            self.say(ev="internal", text=repr(task.exception()))

    # ---- sending ----

    async def send_octets(self, octets, called, calling, xudt=0):
        self.stats["tx"] += 1
        room = xudt or ROOM
        if len(octets) > room or xudt:
            for segment in sccp.segments(called, calling, octets, room, next(self.references)):
                await self.send_sccp(segment)
        else:
            await self.send_sccp(sccp.unitdata(called, calling, octets))

    async def send(self, d, message):
        octets = tcap_encode(message)
        if d.mutate:
            octets = map_mutate.mutate(d.mutate, octets, [octets])
        await self.send_octets(octets, d.remote, d.local, d.xudt)

    def new_dialogue(self, ours, local, remote):
        d = Dialogue((next(self.tids) & 0xFFFFFFFF).to_bytes(4, "big").hex(), ours, local, remote)
        self.dialogues[d.tid] = d
        return d

    def forget(self, d):
        self.dialogues.pop(d.tid, None)

    async def finish(self, d, kind, portions):
        """TC-END (and forget) or TC-CONTINUE."""
        body = dict(portions, dtid=d.peer_tid)
        if kind == "continue":
            body["otid"] = d.tid
        else:
            self.forget(d)
        await self.send(d, {kind: body})

    # ---- receiving ----

    def rx(self, octets):
        self.stats["rx"] += 1
        try:
            m = self.reassembly.take(sccp.decode(octets))
        except sccp.Malformed as e:
            self.stats["undecodable"] += 1
            return self.say(ev="undecodable", layer="sccp", text=str(e), hex=octets.hex())
        if not m:
            return None
        try:
            message = tcap_decode(m["data"])
        except Undecodable as e:
            if m["cause"] is None or m["type"] == "UDTS":
                self.stats["undecodable"] += 1
                self.say(ev="undecodable", layer="tcap", text=str(e), hex=m["data"].hex())
            return None
        (kind, body), = message.items()
        if m["cause"] is not None:
            return self.rx_returned(m, body)
        self.say(ev="tcap", dir="rx", type=kind, message=body, octets=len(m["data"]), sccp=m["type"], segments=m.get("segments", 1),
                 called=m["called"], calling=m["calling"])
        return self.rx_begin(m, body) if kind == "begin" else self.rx_within(m, kind, body)

    def rx_returned(self, m, body):
        d = self.dialogues.get(body.get("otid"))
        self.say(ev="returned", cause=m["cause"], dialogue=d.tid if d else None)
        if d and d.pending:
            self.forget(d)
            self.resolve(d, {"end": "returned", "cause": m["cause"]})

    def rx_within(self, m, kind, body):
        d = self.dialogues.get(body["dtid"])
        if not d:
            self.stats["unknown"] += 1
            self.say(ev="unknown", type=kind, dtid=body["dtid"])
            if kind == "continue" and not body["dtid"].startswith("7"):   # those of a storm (map_peer.py) are left as they are
                self.spawn(self.send_octets(tcap_encode({"abort": {"dtid": body["otid"], "reason": {"provider": P_ABORT_UNRECOGNISED_TRANSACTION}}}),
                                            m["calling"], m["called"]))
            return
        if kind == "continue":
            if d.ours and not d.peer_tid:
                d.remote = m["calling"]
            d.peer_tid = body["otid"]
        else:
            self.forget(d)
        if d.pending:
            self.resolve(d, {"kind": kind, "body": body, "sccp": m["type"]})
        elif kind == "continue":
            self.rx_components(d, body, m)
        else:
            self.say(ev="ended", dialogue=d.tid, type=kind, reason=body.get("reason"))

    def resolve(self, d, value):
        future, d.pending = d.pending, None
        if not future.done():
            future.set_result(value)

    # ---- performing ----

    def rx_begin(self, m, body):
        self.stats["begins"] += 1
        d = self.new_dialogue(False, m["called"], m["calling"])
        d.peer_tid, d.request = body["otid"], m
        pdu = body.get("dialogue", {}).get("pdu", {}).get("aarq")
        if pdu:
            d.ac = pdu["ac"]
            d.context, d.version = ac_split(d.ac)
            if not d.version:
                return self.spawn(self.refuse(d, d.ac))
        highest = self.max_version.get(d.context, self.default_max)
        if d.version > highest:
            return self.spawn(self.refuse_version(d, highest))
        if not body.get("components"):
            if d.version == 1:
                return self.spawn(self.abort(d, P_ABORT_INCORRECT_PORTION))
            self.say(ev="empty-begin", dialogue=d.tid, ac=d.ac, version=d.version)
            d.accepted = True
            return self.spawn(self.finish(d, "continue", {"dialogue": aare(d.ac)}))
        return self.rx_components(d, body, m, pdu)

    async def refuse(self, d, ac, reason=NOT_SUPPORTED):
        await self.finish(d, "abort", {"reason": {"user": aare(ac, 1, reason)}})

    async def refuse_version(self, d, highest):
        """As a node that does not know that version: 29.002 5.3, Q.773."""
        self.say(ev="refused", dialogue=d.tid, ac=d.ac, highest=highest)
        if highest == 1:
            await self.abort(d, P_ABORT_INCORRECT_PORTION)
        elif self.refuse_style == "map-refuse":
            pdu = {"refuse": {"reason": 0, "alternativeApplicationContext": ac_name(d.context, highest)}}
            await self.finish(d, "abort", {"reason": {"user": abrt(pdu)}})
        else:
            await self.refuse(d, ac_name(d.context, highest))

    async def abort(self, d, cause):
        await self.finish(d, "abort", {"reason": {"provider": cause}})

    def rx_components(self, d, body, m, opening=None):
        for component in body.get("components", []):
            (kind, c), = component.items()
            if kind != "invoke":
                self.say(ev="component", dialogue=d.tid, kind=kind, component=c)
                continue
            self.rx_invoke(d, c, m, opening)

    def rx_invoke(self, d, c, m, opening):
        argument = bytes.fromhex(c.get("parameter", ""))
        name = map_asn1.operation(c["op"].get("local"), d.context, d.version, argument)
        if not name:
            self.say(ev="unrecognised", dialogue=d.tid, op=c["op"], version=d.version, context=d.context)
            return self.spawn(self.answer_with(d, c["id"], None, {"reject": {"invoke": 1}}))
        op = OPERATION_NAMES[name][d.version]
        try:
            arg = read(op.argument, argument)
        except Undecodable as e:
            self.stats["undecodable"] += 1
            self.say(ev="undecodable", layer="map", op=name, version=d.version, text=str(e), hex=argument.hex())
            return self.spawn(self.answer_with(d, c["id"], name, {"reject": {"invoke": 2}}))
        self.stats["operations"] += 1
        d.due = (c["id"], name)
        event = {"op": name, "code": op.code, "version": d.version, "ac": d.ac, "arg": arg, "dialogue": d.tid, "serial": next(self.serial), "id": c["id"],
                 "called": m["called"], "calling": m["calling"], "sccp": m["type"], "octets": len(m["data"]), "parameter": argument.hex(),
                 "opening": opening.get("user") if opening else None}
        if name.endswith("ForwardSM"):
            event["tpdu"] = self.tpdu(name, arg)
        self.say(ev="operation", **event)
        return self.spawn(self.perform(d, c["id"], name, arg))

    @staticmethod
    def tpdu(name, arg):
        try:
            return sms_tpdu.read_tpdu(bytes.fromhex(arg["sm-RP-UI"]), to_mobile=name == "mt-ForwardSM")
        except (Undecodable, IndexError, UnicodeError) as e:
            return {"undecodable": str(e)}

    def rule_for(self, name, arg):
        for rule in self.rules:
            if rule["op"] not in (name, "*") or any(found(arg, path) != value for path, value in rule.get("match", {}).items()):
                continue
            if "count" in rule:
                rule["count"] -= 1
                if rule["count"] <= 0:
                    self.rules.remove(rule)
            return rule["how"] if rule["how"].keys() & OUTCOMES else dict(self.default(name, arg), **rule["how"])
        return self.default(name, arg)

    def default(self, name, arg):
        return self.defaults[name](arg) if name in self.defaults else {"result": None}

    async def perform(self, d, invoke_id, name, arg):
        how = self.rule_for(name, arg)
        if how.get("delay_ms"):
            await asyncio.sleep(how["delay_ms"] / 1000)
        if how.get("hold"):
            return
        await self.answer_with(d, invoke_id, name, how, arg)

    async def answer(self, tid, how):
        """To an operation that was held."""
        d = self.dialogues[tid]
        invoke_id, name = d.due
        await self.answer_with(d, invoke_id, name, how)

    async def answer_with(self, d, invoke_id, name, how, arg=None):
        self.say(ev="answer", dialogue=d.tid, op=name, how=how)
        d.due = None
        d.xudt = how.get("xudt", 0)
        d.mutate = random.Random("%s %d" % (how["mutate"], next(self.serial))) if "mutate" in how else None
        if how.get("silent"):
            return
        if "udts" in how:
            self.forget(d)
            return await self.send_sccp(sccp.returned(d.request, how["udts"]))
        if "tcap" in how:
            self.forget(d)
            return await self.send_octets(bytes.fromhex(how["tcap"].replace("TID", d.peer_tid)), d.remote, d.local)
        if "abort" in how:
            reason = {"user": abrt({"userAbort": {"choice": {"userSpecificReason": True}}})} if how["abort"] == "user" else {"provider": how["abort"]}
            return await self.finish(d, "abort", {"reason": reason})
        portions = {}
        if d.ac and not d.accepted and how.get("accept", True):
            portions["dialogue"] = aare(d.ac)
        d.accepted = True
        components = self.components(d, invoke_id, name, how)
        if components:
            portions["components"] = components
        more = (arg or {}).get("moreMessagesToSend") and how.get("then") != "end"
        await self.finish(d, "continue" if more or how.get("open") else "end", portions)

    def components(self, d, invoke_id, name, how):
        if how.get("close"):
            return []
        if "reject" in how:
            return [{"reject": {"id": {"derivable": invoke_id}, "problem": how["reject"]}}]
        if "error" in how:
            return [{"error": self.error(d, invoke_id, how)}]
        out = []
        if "inform" in how:
            out.append({"invoke": {"id": (invoke_id + 1) % 128, "op": {"local": 63}, "parameter": der(OPERATION_NAMES["informServiceCentre"][d.version].argument,
                                                                                                    how["inform"]).hex()}})
        return out + [{"result": self.result(d, invoke_id, name, how)}]

    @staticmethod
    def result(d, invoke_id, name, how):
        out = {"id": invoke_id}
        op = OPERATION_NAMES[name][d.version]
        if "raw" in how:
            out["body"] = {"op": {"local": op.code}, "parameter": how["raw"]}
        elif how.get("result") is not None and op.result:
            out["body"] = {"op": {"local": op.code}, "parameter": der(op.result, how["result"]).hex()}
        return out

    @staticmethod
    def error(d, invoke_id, how):
        code = map_asn1.ERRORS.get(how["error"], how["error"])
        out = {"id": invoke_id, "code": {"local": code}}
        if "raw" in how:
            out["parameter"] = how["raw"]
        elif how.get("parameter") is not None:
            out["parameter"] = der(map_asn1.error_type(code, d.version), how["parameter"]).hex()
        return out

    # ---- invoking ----

    async def invoke(self, o):
        """One operation; "dialogue" continues one that is open. Gives {"end": ..., ...}."""
        d = self.dialogues.get(o["dialogue"]) if "dialogue" in o else None
        if "dialogue" in o and not d:
            return {"end": "error", "text": "no such dialogue"}
        if not d:
            d = self.new_dialogue(True, o["calling"], o["called"])
            d.version = o.get("version", max(OPERATION_NAMES[o["op"]]))
            d.context = OPERATION_NAMES[o["op"]][d.version].context
            d.ac = o.get("ac") or (ac_name(d.context, d.version) if d.version > 1 else None)
            d.xudt = o.get("xudt", 0)
        end = asyncio.get_running_loop().time() + o.get("timeout_s", 15)
        portions = {}
        if not d.peer_tid and d.ac:
            portions["dialogue"] = aarq(d.ac, o.get("opening"))
            if o.get("empty_begin"):
                came = await self.exchange(d, {"begin": dict(portions, otid=d.tid)}, end)
                if came.get("kind") != "continue" or came["body"].get("components"):
                    return self.outcome(d, None, came)
                portions = {}
        return await self.invoke_in(d, o, portions, end)

    async def invoke_in(self, d, o, portions, end):
        d.invoke_id = (d.invoke_id + 1) % 128
        op = OPERATION_NAMES[o["op"]][d.version]
        d.operation = o["op"]
        parameter = o["raw"] if "raw" in o else der(op.argument, o["arg"]).hex()
        invoke = {"id": d.invoke_id, "op": {"local": o.get("code", op.code)}}
        if parameter:
            invoke["parameter"] = parameter
        portions["components"] = [{"invoke": invoke}]
        body = dict(portions, dtid=d.peer_tid, otid=d.tid) if d.peer_tid else dict(portions, otid=d.tid)
        self.say(ev="invoke", op=o["op"], version=d.version, dialogue=d.tid, arg=o.get("arg"))
        came = await self.exchange(d, {"continue" if d.peer_tid else "begin": body}, end)
        return self.outcome(d, op, came)

    async def exchange(self, d, message, end):
        loop = asyncio.get_running_loop()
        d.pending = loop.create_future()
        await self.send(d, message)
        try:
            return await asyncio.wait_for(d.pending, max(0.1, end - loop.time()))
        except asyncio.TimeoutError:
            d.pending = None
            self.forget(d)
            return {"end": "timeout"}

    def outcome(self, d, op, came):
        """What a test is told of it."""
        if "end" in came:
            out = dict(came)
        elif came["kind"] == "abort":
            out = self.outcome_abort(came["body"])
        else:
            out = self.outcome_components(d, op, came["body"].get("components", []))
            out["open"] = came["kind"] == "continue"
            out["aare"] = came["body"].get("dialogue", {}).get("pdu", {}).get("aare")
        out.update(dialogue=d.tid, version=d.version, peer=d.remote)
        self.say(ev="outcome", op=d.operation, outcome=out)
        return out

    @staticmethod
    def outcome_abort(body):
        reason = body.get("reason", {})
        if "provider" in reason:
            return {"end": "p-abort", "cause": reason["provider"]}
        pdu = reason.get("user", {}).get("pdu", {})
        if "aare" in pdu:
            return {"end": "refused", "ac": pdu["aare"]["ac"], "diagnostic": pdu["aare"]["diagnostic"], "result": pdu["aare"]["result"]}
        return {"end": "u-abort", "pdu": pdu}

    @staticmethod
    def outcome_components(d, op, components):
        out = {"end": "closed"}
        for component in components:
            (kind, c), = component.items()
            if kind == "result":
                body = c.get("body")
                out = {"end": "result", "result": read(op.result, bytes.fromhex(body["parameter"])) if body and "parameter" in body and op.result else None}
            elif kind == "error":
                code = c["code"].get("local")
                wanted = map_asn1.error_type(code, d.version)
                out = {"end": "error", "code": code, "error": map_asn1.ERROR_NAMES.get(code),
                       "parameter": read(wanted, bytes.fromhex(c["parameter"])) if "parameter" in c and wanted else c.get("parameter")}
            elif kind == "reject":
                out = {"end": "reject", "problem": c["problem"]}
            elif kind == "invoke":
                out.setdefault("invokes", []).append(c)
        return out

    async def end(self, tid, abort=None):
        """Close an open dialogue: TC-END, or TC-U-ABORT."""
        d = self.dialogues.get(tid)
        if not d:
            return {"error": "no such dialogue"}
        if abort is None:
            await self.finish(d, "end", {})
        else:
            await self.finish(d, "abort", {"reason": {"user": abrt({"userAbort": {"choice": {"userSpecificReason": True}}})} if abort == "user" else
                                           {"provider": abort}})
        return {"ok": True}


def found(arg, path):
    """Value of "sm-RP-DA.imsi" in an argument."""
    for name in path.split("."):
        arg = arg.get(name) if isinstance(arg, dict) else None
    return arg
