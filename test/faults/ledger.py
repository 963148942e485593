# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 the ipsmgw authors
"""What was sent, what was promised, what came: one entry for each message, by the number that each of its parts repeats."""

import collections
import re
import threading
import time

NUMBER = re.compile(r"<(\d{7})>")
TO_B, TO_A = "A to B", "B to A"
TRY_AGAIN = {0, 408, 480, 503, 504}     # A's answers to a notification after which it is owed to him all the same


def words(number, length):
    """A text that names its number everywhere"""
    return ("<%07d>" % number) * max(1, length // 9)


class Entry:
    def __init__(self, number, way, channel, pair, text, fault):
        self.number, self.way, self.channel, self.pair, self.text, self.fault = number, way, channel, pair, text, fault
        self.sent, self.accepted, self.imdn_id, self.positive = time.time(), None, None, False  # asked to be told, also of a delivery
        self.parts = {}         # key of a part -> its Part (A to B)
        self.total, self.answered, self.offered = 1, 0, set()   # what A answered last to a notification; all that he was to be told
        self.came = []          # (time, channel, own id) at A (B to A)
        self.tries = []         # [time, command_status or None] of each deliver_sm (B to A)
        self.told = collections.defaultdict(list)   # status -> imdn.Message-IDs that A took

    def accept(self):
        self.accepted = time.time()

    def arrived(self):
        if self.way == TO_A:
            return bool(self.came)
        return len(self.parts) == self.total and all(p.accepted for p in self.parts.values())

    def refused(self):
        """A was told of its failure, or would not hear of it."""
        return self.way == TO_B and bool(self.offered & {"failed", "forbidden", "error"})

    def extra(self):
        """Times at which a copy came that may be one too many"""
        if self.way == TO_A:
            return [t for t, _, _ in self.came[1:]]
        return [t for p in self.parts.values() for t in p.taken()[1:]]


class Part:
    """One segment at the SMSC: each submit_sm of it and what it was answered (None: nothing)."""

    def __init__(self):
        self.submits, self.accepted, self.octets = [], 0, b""
        self.ids = []           # message_id of each copy that the SMSC took

    def taken(self):
        """When it came without being refused"""
        return [t for t, status in self.submits if not status[0]]

    def reported(self, receipted):
        """The gateway has acknowledged the report of each copy. Which copy's answer it heard, nobody knows: of one that was taken without a message_id there is none."""
        return self.ids and len(self.ids) == self.accepted and receipted.issuperset(self.ids)


class Ledger:
    def __init__(self):
        self.entries, self.by_imdn, self.wrong, self.lock = {}, {}, [], threading.RLock()
        self.fault, self.life = "start", 0
        self.open = {}          # (life, connection, sequence number) of a submit_sm -> (entry, part, status list)
        self.receipts = {}      # (life, connection, sequence number) of a deliver_sm -> message_id
        self.delivers = {}      # (life, connection, sequence number) of a deliver_sm -> its entry of Entry.tries
        self.receipted = set()  # message_ids whose receipt the gateway took

    def new(self, way, channel, pair, length):
        with self.lock:
            number = len(self.entries) + 1
            entry = self.entries[number] = Entry(number, way, channel, pair, words(number, length), self.fault)
            return entry

    def asks(self, entry, imdn_id, positive):
        """A asks to be told of a failure, and perhaps of a delivery."""
        with self.lock:
            entry.imdn_id, entry.positive = imdn_id, positive
            self.by_imdn[imdn_id] = entry

    def complain(self, entry, *what):
        self.wrong.append("message %s (%s, %s): %s" % (entry and entry.number, entry and entry.channel, entry and entry.fault, " ".join(str(w) for w in what)))

    def find(self, text, where):
        found = NUMBER.search(text) or re.search(r"(\d{7})>", text)
        entry = found and self.entries.get(int(found[1]))
        if not entry:
            self.complain(None, "nobody sent this:", where, repr(text[:80]))
        return entry

    # ---- at the SMSC ----

    def smsc_line(self, e):
        with self.lock:
            if e["ev"] == "malformed":      # the wire cuts, but adds nothing that way
                self.wrong.append("message ? (, %s): the SMSC reads what is no PDU: %s" % (self.fault, e["text"]))
            elif e["ev"] == "pdu":
                what = getattr(self, "smsc_%s_%s" % (e["dir"], e["cmd"]), None)
                if what:
                    what(e, (self.life, e["conn"], e["seq"]))

    def smsc_rx_submit_sm(self, e, key):
        octets, number, total = bytes.fromhex(e["hex"]), 1, 1
        if e["esm"] & 0x40:
            header, octets = octets[1:1 + octets[0]], octets[1 + octets[0]:]
            total, number = header[-2], header[-1]
        text = octets.decode("latin-1").replace("\0", "")
        if e["to"].endswith("7") and not NUMBER.search(text) and "<" not in text:
            return      # the gateway's own words to B in a chat
        entry = self.find(text, "at the SMSC")
        if not entry:
            return
        if (e["from"], e["to"]) != (entry.pair.a[1:], entry.pair.b[1:]):
            self.complain(entry, "wrong thread: from %(from)s to %(to)s" % e)
        part = entry.parts.setdefault(number, Part())
        if part.octets and part.octets != octets:
            self.complain(entry, "part", number, "came with another text")
        part.octets, entry.total, status = octets, total, [None]
        part.submits.append((e["t"], status))
        self.open[key] = entry, number, status

    def smsc_tx_submit_sm_resp(self, e, key):
        entry, number, status = self.open.pop(key, (None, 0, None))
        if not entry:
            return
        status[0] = e["status"]
        if not e["status"]:
            entry.parts[number].accepted += 1
            if e.get("message_id"):
                entry.parts[number].ids.append(e["message_id"])

    def smsc_tx_generic_nack(self, e, key):
        _, _, status = self.open.pop(key, (None, 0, [None]))
        status[0] = e["status"]

    def smsc_tx_deliver_sm(self, e, key):
        if e.get("id"):
            self.receipts[key] = e["id"]
            return
        found = NUMBER.search(bytes.fromhex(e["hex"]).decode("latin-1"))
        if found and int(found[1]) in self.entries:
            self.delivers[key] = answer = [e["t"], None]
            self.entries[int(found[1])].tries.append(answer)

    def smsc_rx_deliver_sm_resp(self, e, key):
        self.delivers.pop(key, [0, 0])[1] = e["status"]
        message_id = self.receipts.pop(key, None)
        if message_id and e["status"] == 0:
            self.receipted.add(message_id)

    # ---- at A ----

    def came_to_a(self, text, channel, a=None, b=None, conversation=None, own_id=None):
        with self.lock:
            entry = self.find(text, "at A")
            if not entry:
                return
            if entry.way != TO_A:
                self.complain(entry, "came back to A")
            if text != entry.text:
                self.complain(entry, "text differs: %r" % text[-60:])
            if (a or entry.pair.a, b or entry.pair.b) != (entry.pair.a, entry.pair.b):
                self.complain(entry, "wrong thread: from", b, "to", a)
            if conversation and entry.pair.conversation and conversation != entry.pair.conversation:
                self.complain(entry, "wrong Conversation-ID")
            entry.came.append((time.time(), channel, own_id))

    def told_a(self, notification, code):
        with self.lock:
            entry = self.by_imdn.get(notification.message_id)
            if not entry:
                self.complain(None, "a notification about a message that nobody sent")
            else:
                entry.answered = code
                entry.offered.add(notification.status)
            if entry and code == 200:
                entry.told[notification.status].append(notification.own_id)

    # ---- the audit ----

    def lost(self):
        """Promised and neither there nor known to have failed; a notification that is owed, too"""
        with self.lock:
            return [e for e in self.entries.values() if e.accepted and not e.arrived() and not e.refused()]

    def unnotified(self):
        with self.lock:
            return [e for e in self.entries.values() if e.positive and e.answered in TRY_AGAIN and e.accepted and e.arrived() and not e.refused() and not e.told.get("delivered")
                    and all(p.reported(self.receipted) for p in e.parts.values())]

    def texts(self):
        """Each message that is whole must read as it was sent."""
        for e in self.entries.values():
            if e.way == TO_B and len(e.parts) == e.total and "".join(p.octets.decode("latin-1") for _, p in sorted(e.parts.items())) != e.text:
                self.complain(e, "the parts do not make the text")

    def untrue(self):
        for e in self.entries.values():
            if e.told.get("delivered") and not e.arrived():
                self.complain(e, "told delivered, and it is not")
            if e.refused() and e.told.get("delivered"):
                self.complain(e, "told delivered and failed")
