#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 the ipsmgw authors
"""An SMSC that misbehaves on demand, with an SMPP 3.4 codec of its own.

    bad_smsc.py SMPP_PORT CONTROL_PORT [patient]        patient: repeats a receipt until it is taken

Both ports are on 127.0.0.1; port 0 takes a free one. First line, log lines and the commands
mo, ids, drop, binds, enquire and unbind are those of smsc.pl. Beyond them:

  {"cmd":"fault","mode":M,...}   the next submit_sm are answered wrongly; "count":N (default: for ever),
                                 "dest":"0011" only destinations that end so. Modes:
      late (ms)          answer after ms
      no_answer
      status (value)     answer with that command_status
      close_before       close the connection instead of an answer
      close_after        answer, then close
      split              the answer octet by octet
      batch (n)          hold the answers until n are there, send them in one segment, newest first
      garbage            octets that are no PDU, then close
      oversize           a PDU header that promises 2 GiB
      tiny               a PDU header whose length is 8
      wrong_seq          answer with another sequence number, and never with the right one
      generic_nack       generic_nack (status value, default 3) with the request's sequence number
      receipt_before     the receipt overtakes the answer
      no_body            answer without a message_id
      vendor_tlv         answer with a TLV nobody knows
      dead               from now on this connection neither reads nor writes, but stays open
  {"cmd":"sync","n":N}           say {"ev":"sync","n":N} behind all that was logged before
  {"cmd":"clear"}                no more faults, no throttle
  {"cmd":"bind","delay_ms":N,"status":N,"silent":B}   how the next binds are answered
  {"cmd":"throttle","rate":N}    more than N submit_sm a second get ESME_RTHROTTLED ("status":20 for RMSGQFUL)
  {"cmd":"receipts","form":F,"skip":[2]}   ids in receipts: same, dec (of a hexadecimal id), upper, padded, text (no TLV, digits
                                 in another case); skip: no receipt for the 2nd submit_sm from now on
  {"cmd":"listen","on":B}        stop or start accepting connections
  {"cmd":"flood","count":N,"seq":S}  N enquire_link in one write -> {"answered":N,"wrong":N}
  {"cmd":"raw","hex":H,"split":B}    these octets to a receiver
  {"cmd":"mo",...,"split":true,"tlv":{"1401":"00"}}  octet by octet; TLVs of any kind
  {"cmd":"nack","seq":N}         generic_nack out of nothing
  {"cmd":"stats"}                -> {"submits":N,"accepted":N,"early":N,"max_open":N,"orphans":N}
"""

import asyncio
import json
import struct
import sys
import time

GENERIC_NACK = 0x80000000
BIND = {0x1: "r", 0x2: "t", 0x9: "rt"}
SUBMIT_SM, DELIVER_SM, UNBIND, ENQUIRE_LINK, DATA_SM = 0x4, 0x5, 0x6, 0x15, 0x103
NAMES = {0x1: "bind_receiver", 0x2: "bind_transmitter", 0x4: "submit_sm", 0x5: "deliver_sm", 0x6: "unbind",
         0x9: "bind_transceiver", 0x15: "enquire_link", 0x103: "data_sm", 0x0: "generic_nack"}
ESME_RTHROTTLED = 0x58
MAX_PDU = 70000
RECEIPT_TRIES = 60


def cmd_name(command_id):
    name = NAMES.get(command_id & 0x7FFFFFFF, hex(command_id))
    return name if not command_id & 0x80000000 or name == "generic_nack" else name + "_resp"


def say(**event):
    event["t"] = round(time.time(), 4)
    sys.stdout.write(json.dumps(event, sort_keys=True) + "\n")
    sys.stdout.flush()


# ---- codec ----

class Malformed(Exception):
    pass


class Reader:
    def __init__(self, octets):
        self.octets, self.pos = octets, 0

    def u8(self):
        return self.take(1)[0]

    def take(self, n):
        if self.pos + n > len(self.octets):
            raise Malformed("short PDU")
        self.pos += n
        return self.octets[self.pos - n:self.pos]

    def cstring(self, limit):
        end = self.octets.find(b"\0", self.pos)
        if end < 0 or end - self.pos >= limit:
            raise Malformed("string without end, or too long")
        text = self.octets[self.pos:end]
        self.pos = end + 1
        return text.decode("latin-1")

    def tlvs(self):
        out = {}
        while self.pos < len(self.octets):
            tag, length = struct.unpack(">HH", self.take(4))
            out["%04x" % tag] = self.take(length).hex()
        return out


def pdu(command_id, seq, body=b"", status=0):
    return struct.pack(">IIII", 16 + len(body), command_id, status, seq) + body


def decode_sm(body):
    """submit_sm and deliver_sm, SMPP 3.4 4.4.1"""
    r = Reader(body)
    m = {"service_type": r.cstring(6), "from_ton": r.u8(), "from_npi": r.u8(), "from": r.cstring(21), "to_ton": r.u8(), "to_npi": r.u8(),
         "to": r.cstring(21), "esm": r.u8(), "pid": r.u8(), "priority": r.u8(), "schedule": r.cstring(17), "vp": r.cstring(17),
         "rd": r.u8(), "replace": r.u8(), "dcs": r.u8(), "default_msg": r.u8()}
    m["hex"] = r.take(r.u8()).hex()
    m["tlv"] = r.tlvs()
    return m


def encode_sm(o):
    def z(name):
        return o.get(name, "").encode("latin-1") + b"\0"
    text = bytes.fromhex(o.get("hex", ""))
    body = z("service_type") + bytes([o.get("source_addr_ton", 1), o.get("source_addr_npi", 1)]) + z("source_addr")
    body += bytes([o.get("dest_addr_ton", 1), o.get("dest_addr_npi", 1)]) + z("destination_addr")
    body += bytes([o.get("esm_class", 0), o.get("protocol_id", 0), o.get("priority_flag", 0)])
    body += z("schedule_delivery_time") + z("validity_period")
    body += bytes([o.get("registered_delivery", 0), 0, o.get("data_coding", 0), 0, len(text)]) + text
    tlvs = dict(o.get("tlv", {}))
    if "message_payload_hex" in o:
        tlvs["0424"] = o["message_payload_hex"]
    if "sar" in o:
        ref, total, part = o["sar"]
        tlvs.update({"020c": "%04x" % ref, "020e": "%02x" % total, "020f": "%02x" % part})
    for tag, value in tlvs.items():
        body += struct.pack(">HH", int(tag, 16), len(value) // 2) + bytes.fromhex(value)
    return body


RECEIPT_IDS = {"same": str, "dec": lambda i: str(int(i, 16)), "upper": str.upper, "padded": lambda i: "00" + i, "text": str.upper}


def receipt_of(submit, message_id, form="same"):
    message_id = RECEIPT_IDS[form](message_id)
    text = "id:%s sub:001 dlvrd:001 submit date:2601010000 done date:2601010000 stat:DELIVRD err:000 text:" % message_id
    tlvs = {} if form == "text" else {"001e": message_id.encode().hex() + "00", "0427": "02"}
    return {"esm_class": 4, "source_addr": submit["to"], "destination_addr": submit["from"], "hex": text.encode().hex(), "tlv": tlvs}


# ---- one connection from an ESME ----

class Conn:
    count = 0

    def __init__(self, smsc, reader, writer):
        Conn.count += 1
        self.n, self.smsc, self.reader, self.writer = Conn.count, smsc, reader, writer
        self.role, self.dead, self.seq = "", asyncio.Event(), 0
        self.waiting = {}   # our sequence number -> future of the response
        self.batch = []
        self.open = 0       # submit_sm not answered yet
        self.behind = None  # what waits until a PDU that goes octet by octet is out

    def log(self, direction, command_id, seq, status=0, **more):
        say(ev="pdu", dir=direction, conn=self.n, cmd=cmd_name(command_id), seq=seq, status=status, **more)

    def write(self, octets):
        if self.behind is not None:
            self.behind.append(octets)
        elif not self.dead.is_set() and not self.writer.is_closing():
            self.writer.write(octets)

    async def write_split(self, octets):
        """Octet by octet, and nothing in between"""
        if self.behind is not None:
            self.write(octets)
            return
        self.behind = []
        for octet in octets:
            if not self.dead.is_set() and not self.writer.is_closing():
                self.writer.write(bytes([octet]))
            await asyncio.sleep(0.002)
        behind, self.behind = self.behind, None
        for waited in behind:
            self.write(waited)

    def close(self):
        self.writer.close()

    async def request(self, command_id, body=b"", split=False, **log):
        """Send a request, octet by octet if split, and wait: command_status, -1 if the connection goes."""
        self.seq += 1
        future = asyncio.get_running_loop().create_future()
        self.waiting[self.seq] = future
        self.log("tx", command_id, self.seq, **log)
        octets = pdu(command_id, self.seq, body)
        if split:
            await self.write_split(octets)
        else:
            self.write(octets)
        return await future

    def answer(self, command_id, seq, body=b"", status=0, **log):
        self.log("tx", command_id | 0x80000000, seq, status, **log)
        self.write(pdu(command_id | 0x80000000, seq, body, status))

    async def run(self):
        say(ev="open", conn=self.n)
        try:
            while True:
                head = await self.reader.readexactly(16)
                length, command_id, status, seq = struct.unpack(">IIII", head)
                if not 16 <= length <= MAX_PDU:
                    raise Malformed("command_length %d" % length)
                body = await self.reader.readexactly(length - 16)
                await self.rx(command_id, status, seq, body)
        except Malformed as e:
            say(ev="malformed", conn=self.n, text=str(e))
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        self.writer.close()
        for future in self.waiting.values():
            if not future.done():
                future.set_result(-1)
        say(ev="close", conn=self.n)

    async def rx(self, command_id, status, seq, body):
        if self.dead.is_set():
            await asyncio.sleep(3600)
        if command_id in BIND:
            return await self.rx_bind(command_id, seq, body)
        if command_id == SUBMIT_SM:
            return self.rx_submit_sm(seq, body)
        self.log("rx", command_id, seq, status)
        if command_id & 0x80000000:
            future = self.waiting.pop(seq, None)
            if future and not future.done():
                future.set_result(status)
            elif not future:
                self.smsc.stats["orphans"] += 1
        elif command_id == ENQUIRE_LINK:
            self.answer(ENQUIRE_LINK, seq)
        elif command_id == UNBIND:
            self.answer(UNBIND, seq)
            self.close()
        else:
            self.log("tx", GENERIC_NACK, seq, 3)
            self.write(pdu(GENERIC_NACK, seq, status=3))

    async def rx_bind(self, command_id, seq, body):
        r = Reader(body)
        system_id, password = r.cstring(16), r.cstring(9)
        rule = self.smsc.bind
        self.log("rx", command_id, seq, system_id=system_id)
        if rule.get("silent"):
            return
        if rule.get("delay_ms"):
            asyncio.create_task(self.bind_later(command_id, seq, password, rule))
        else:
            self.bind_answer(command_id, seq, password, rule)

    async def bind_later(self, command_id, seq, password, rule):
        await asyncio.sleep(rule["delay_ms"] / 1000)
        self.bind_answer(command_id, seq, password, rule)

    def bind_answer(self, command_id, seq, password, rule):
        status = rule.get("status", 0) or (0 if password == "secret" else 0x0E)
        self.answer(command_id, seq, b"" if status else b"badsmsc\0" + bytes.fromhex("0210000134"), status)
        if not status:
            self.role = BIND[command_id]

    # ---- submit_sm and its faults ----

    def rx_submit_sm(self, seq, body):
        submit = decode_sm(body)
        stats = self.smsc.stats
        self.log("rx", SUBMIT_SM, seq, **submit)
        stats["submits"] += 1
        if "t" not in self.role:
            stats["early"] += 1
            return self.answer(SUBMIT_SM, seq, status=4)
        self.open += 1
        stats["max_open"] = max(stats["max_open"], self.open)
        if self.smsc.throttled():
            return self.submit_answer(seq, submit, status=self.smsc.throttle_status)
        fault = self.smsc.fault_for(submit["to"])
        if fault:
            asyncio.create_task(getattr(self, "fault_" + fault["mode"])(fault, seq, submit))
        else:
            self.submit_answer(seq, submit)

    def submit_pdu(self, seq, submit, status=0, tail=b""):
        """Counts and logs; returns the octets and the message id."""
        self.open -= 1
        message_id = "" if status else self.smsc.new_id()
        if not status:
            self.smsc.stats["accepted"] += 1
        self.log("tx", SUBMIT_SM | 0x80000000, seq, status, message_id=message_id)
        return pdu(SUBMIT_SM | 0x80000000, seq, b"" if status else message_id.encode() + b"\0" + tail, status), message_id

    def submit_answer(self, seq, submit, status=0, tail=b""):
        octets, message_id = self.submit_pdu(seq, submit, status, tail)
        self.write(octets)
        if not status and submit["rd"] & 3 == 1:
            asyncio.create_task(self.smsc.receipt(submit, message_id, 0.05))

    async def fault_late(self, fault, seq, submit):
        await asyncio.sleep(fault.get("ms", 1000) / 1000)
        self.submit_answer(seq, submit)

    async def fault_no_answer(self, fault, seq, submit):
        pass

    async def fault_status(self, fault, seq, submit):
        self.submit_answer(seq, submit, status=fault["value"])

    async def fault_close_before(self, fault, seq, submit):
        self.close()

    async def fault_close_after(self, fault, seq, submit):
        self.submit_answer(seq, submit)
        self.close()

    async def fault_split(self, fault, seq, submit):
        await self.write_split(self.submit_pdu(seq, submit)[0])

    async def fault_batch(self, fault, seq, submit):
        self.batch.append((seq, submit))
        if len(self.batch) >= fault["n"]:
            held, self.batch = reversed(self.batch), []
            self.write(b"".join(self.submit_pdu(*one)[0] for one in held))

    async def fault_garbage(self, fault, seq, submit):
        self.write(b"HTTP/1.1 400 Bad Request\r\n\r\n" + bytes(range(64)))
        await asyncio.sleep(0.2)
        self.close()

    async def fault_oversize(self, fault, seq, submit):
        self.write(struct.pack(">IIII", 0x7FFFFFF0, SUBMIT_SM | 0x80000000, 0, seq) + b"\0" * 64)

    async def fault_tiny(self, fault, seq, submit):
        self.write(struct.pack(">IIII", 8, SUBMIT_SM | 0x80000000, 0, seq))

    async def fault_wrong_seq(self, fault, seq, submit):
        self.open -= 1
        self.answer(SUBMIT_SM, seq + 100000, b"wrong\0")

    async def fault_generic_nack(self, fault, seq, submit):
        self.open -= 1
        self.log("tx", GENERIC_NACK, seq, fault.get("value", 3))
        self.write(pdu(GENERIC_NACK, seq, status=fault.get("value", 3)))

    async def fault_receipt_before(self, fault, seq, submit):
        octets, message_id = self.submit_pdu(seq, submit)
        asyncio.create_task(self.smsc.receipt(submit, message_id, 0))
        await asyncio.sleep(fault.get("ms", 300) / 1000)
        self.write(octets)

    async def fault_no_body(self, fault, seq, submit):
        self.open -= 1
        self.answer(SUBMIT_SM, seq)

    async def fault_vendor_tlv(self, fault, seq, submit):
        self.submit_answer(seq, submit, tail=bytes.fromhex("1401000401020304"))

    async def fault_dead(self, fault, seq, submit):
        self.dead.set()


# ---- the SMSC and its control port ----

class Smsc:
    def __init__(self):
        self.conns, self.faults, self.bind = [], [], {}
        self.rate, self.throttle_status, self.recent = 0, ESME_RTHROTTLED, []
        self.stats = dict.fromkeys(("submits", "accepted", "early", "max_open", "orphans"), 0)
        self.ids, self.epoch, self.next_ids = 0, int(time.time()), []
        self.receipt_form, self.receipts_skipped, self.receipts_due = "same", [], 0
        self.server, self.port = None, 0
        self.patient = "patient" in sys.argv[3:]   # repeats receipts until they are taken

    def new_id(self):
        if self.next_ids:
            return self.next_ids.pop(0)
        self.ids += 1
        return "%x%05x" % (self.epoch, self.ids)

    def throttled(self):
        if not self.rate:
            return False
        now = time.monotonic()
        self.recent = [t for t in self.recent if t > now - 1]
        if len(self.recent) >= self.rate:
            return True
        self.recent.append(now)
        return False

    def fault_for(self, destination):
        for fault in self.faults:
            if destination.endswith(fault.get("dest", "")):
                if "count" in fault:
                    fault["count"] -= 1
                    if fault["count"] <= 0:
                        self.faults.remove(fault)
                return fault
        return None

    def receiver(self):
        live = [c for c in self.conns if "r" in c.role and not c.dead.is_set() and not c.writer.is_closing()]
        return live[0] if live else None

    async def receipt(self, submit, message_id, delay):
        self.receipts_due += 1
        if self.receipts_due in self.receipts_skipped:
            return
        for _ in range(RECEIPT_TRIES if self.patient else 1):
            await asyncio.sleep(delay)
            conn, delay = self.receiver(), 0.5
            if conn and await conn.request(DELIVER_SM, encode_sm(receipt_of(submit, message_id, self.receipt_form)), esm=4, id=message_id) == 0:
                return

    async def connection(self, reader, writer):
        conn = Conn(self, reader, writer)
        self.conns.append(conn)
        await conn.run()
        self.conns.remove(conn)

    async def listen(self, on):
        if on and not self.server:
            self.server = await asyncio.start_server(self.connection, "127.0.0.1", self.port)
            self.port = self.server.sockets[0].getsockname()[1]
        elif not on and self.server:
            self.server.close()
            self.server = None

    async def control(self, reader, writer):
        while True:
            line = await reader.readline()
            if not line:
                break
            asyncio.create_task(self.control_line(line, writer))
        writer.close()

    async def control_line(self, line, writer):
        try:
            command = json.loads(line)
            answer = await getattr(self, "cmd_" + command.pop("cmd"))(command)
        except (AttributeError, KeyError, ValueError) as e:
            answer = {"error": "%s: %s" % (type(e).__name__, e)}
        writer.write(json.dumps(answer).encode() + b"\n")

    async def asked(self, command_id, body=b"", **log):
        conn = self.receiver()
        if not conn:
            return {"error": "no receiver is bound"}
        status = await conn.request(command_id, body, **log)
        return {"status": status} if status != -1 else {"error": "connection lost"}

    async def cmd_mo(self, o):
        return await self.asked(o.get("command_id", DELIVER_SM), encode_sm(o), split=o.get("split", False), hex=o.get("hex", ""))

    async def cmd_enquire(self, o):
        return await self.asked(ENQUIRE_LINK)

    async def cmd_unbind(self, o):
        return await self.asked(UNBIND)

    async def cmd_sync(self, o):
        say(ev="sync", n=o["n"])
        return {}

    async def cmd_drop(self, o):
        conns = list(self.conns)
        for conn in conns:
            conn.close()
        return {"closed": len(conns)}

    async def cmd_binds(self, o):
        return {r + "x": sum(r in c.role and not c.dead.is_set() for c in self.conns) for r in "rt"}

    async def cmd_fault(self, o):
        if not hasattr(Conn, "fault_" + o["mode"]):
            return {"error": "unknown mode"}
        self.faults.append(o)
        return {"ok": True}

    async def cmd_clear(self, o):
        self.faults, self.rate, self.bind = [], 0, {}
        self.receipt_form, self.receipts_skipped = "same", []
        return {"ok": True}

    async def cmd_bind(self, o):
        self.bind = o
        return {"ok": True}

    async def cmd_receipts(self, o):
        if o.get("form", "same") not in RECEIPT_IDS:
            return {"error": "unknown form"}
        self.receipt_form, self.receipts_skipped, self.receipts_due = o.get("form", "same"), o.get("skip", []), 0
        return {"ok": True}

    async def cmd_ids(self, o):
        self.next_ids = o["next"]
        return {"ok": True}

    async def cmd_throttle(self, o):
        self.rate, self.throttle_status, self.recent = o["rate"], o.get("status", ESME_RTHROTTLED), []
        return {"ok": True}

    async def cmd_listen(self, o):
        await self.listen(o["on"])
        return {"ok": True}

    async def cmd_flood(self, o):
        conn, answers = self.receiver(), []
        if not conn:
            return {"error": "no receiver is bound"}
        first, out = o.get("seq", 0x7FFF0000), b""
        for seq in range(first, first + o["count"]):
            conn.waiting[seq] = asyncio.get_running_loop().create_future()
            answers.append(conn.waiting[seq])
            out += pdu(ENQUIRE_LINK, seq)
        before = self.stats["orphans"]
        conn.write(out)
        done, _ = await asyncio.wait(answers, timeout=o.get("timeout_s", 10))
        return {"answered": sum(f.result() == 0 for f in done), "wrong": self.stats["orphans"] - before}

    async def cmd_raw(self, o):
        conn = self.receiver()
        if not conn:
            return {"error": "no receiver is bound"}
        octets = bytes.fromhex(o["hex"])
        if o.get("split"):
            await conn.write_split(octets)
        else:
            conn.write(octets)
        return {"ok": True}

    async def cmd_nack(self, o):
        return await self.cmd_raw({"hex": pdu(GENERIC_NACK, o["seq"], status=3).hex()})

    async def cmd_stats(self, o):
        return dict(self.stats)


async def main():
    smsc = Smsc()
    smsc.port = int(sys.argv[1])
    await smsc.listen(True)
    control = await asyncio.start_server(smsc.control, "127.0.0.1", int(sys.argv[2]))
    sys.stdout.write("ready smpp=%d control=%d\n" % (smsc.port, control.sockets[0].getsockname()[1]))
    sys.stdout.flush()
    async with control:
        await control.serve_forever()


if __name__ == "__main__":
    try:
        asyncio.run(main())
    except KeyboardInterrupt:
        pass
