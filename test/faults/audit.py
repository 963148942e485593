# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 the ipsmgw authors
"""Compares what was promised with what came, and writes it down."""

import collections
import time

from ledger import TO_A, TO_B

SETTLED = ("injected", "accepted", "lost", "duplicate", "wrong")


class Audit:
    def __init__(self, campaign):
        self.c, self.ledger = campaign, campaign.ledger
        self.ledger.texts()
        self.ledger.untrue()
        self.lost, self.unnotified = self.ledger.lost(), self.ledger.unnotified()
        self.copies = [(t, e) for e in self.ledger.entries.values() for t in e.extra()]
        self.to_b = [(t, e) for t, e in self.copies if e.way == TO_B]
        self.to_a = [(t, e) for t, e in self.copies if e.way == TO_A]
        self.counted = {"SMSC": campaign.counted["sms_resubmitted"], "A": campaign.counted["sms_redelivered"]}
        self.uncounted_possible = {"SMSC": self.in_gaps(self.to_b), "A": self.in_gaps(self.to_a)}
        self.repeats = [e for e in self.ledger.entries.values() for ids in e.told.values() if len(ids) > 1]

    def in_gaps(self, copies):
        """How many came when a counter of Kamailio's was not read any more"""
        return sum(any(begin <= t <= end for begin, end in self.c.gaps) for t, _ in copies)

    def complaints(self):
        """(what, fault) of each thing that must not be"""
        out = [("lost: message %d, %s, %s, %s to %s, %d of %d parts, accepted at %.3f" % (
            e.number, e.way, e.channel, e.pair.a, e.pair.b, len(e.parts), e.total, e.accepted), e.fault) for e in self.lost]
        out += [("no notification: message %d, %s, %s" % (e.number, e.pair.a, e.imdn_id), e.fault) for e in self.unnotified]
        out += [(w, w.split("): ")[0].split(", ", 2)[-1]) for w in self.ledger.wrong]
        for where, copies, counter in (("SMSC", self.to_b, "sms_resubmitted"), ("A", self.to_a, "sms_redelivered")):
            if len(copies) - self.uncounted_possible[where] > self.counted[where]:
                out.append(("%d came twice at the %s, %d counted in %s: %s" % (
                    len(copies), where, self.counted[where], counter, [e.number for _, e in copies]), "all"))
        out += [("notified twice under two ids: message %d" % e.number, e.fault) for e in self.repeats if any(len(set(ids)) > 1 for ids in e.told.values())]
        return out + [(text, label) for label, text in self.c.failures]

    @staticmethod
    def unheard(e):
        """The SMSC never read the answer to an earlier deliver_sm: the connection was gone, and to repeat it was right."""
        return any(status is None for _, status in e.tries[:-1])

    def table(self):
        of = {label: name for name, labels in self.c.rows.items() for label in labels}
        rows = {name: dict.fromkeys(SETTLED, 0, ) for name in self.c.rows}
        for name, labels in self.c.rows.items():
            rows[name]["injected"] = len(labels)
        for e in self.ledger.entries.values():
            row = rows.get(of.get(e.fault))
            if row:
                row["accepted"] += bool(e.accepted)
                row["duplicate"] += len(e.extra())
                row["lost"] += e in self.lost
        for what, fault in self.complaints():
            if fault in of and not what.startswith("lost"):
                rows[of[fault]]["wrong"] += 1
        lines = ["| kind of fault | injected | accepted | lost | came twice | wrong |", "|---|---|---|---|---|---|"]
        lines += ["| %s | %s |" % (name, " | ".join(str(row[k]) for k in SETTLED)) for name, row in rows.items()]
        total = collections.Counter()
        for row in rows.values():
            total.update(row)
        return lines + ["| **all** | %s |" % " | ".join(str(total[k]) for k in SETTLED)]

    def summary(self):
        entries = list(self.ledger.entries.values())
        def n(way, channel):
            return sum(bool(e.accepted) for e in entries if e.way == way and e.channel == channel)
        return [
            "accepted: %d A to B and %d B to A as MESSAGE, %d and %d in chats, of %d sent; %d told as failed" % (
                n(TO_B, "pager"), n(TO_A, "pager"), n(TO_B, "chat"), n(TO_A, "chat"), len(entries), sum(e.refused() for e in entries)),
            "lost %d, wrong thread or text %d, notifications missing %d" % (len(self.lost), len(self.ledger.wrong), len(self.unnotified)),
            "segments twice at the SMSC %d, counted in sms_resubmitted %d (%d within a second of Kamailio's death, when its counter died)" % (
                len(self.to_b), self.counted["SMSC"], self.uncounted_possible["SMSC"]),
            "twice at A %d, counted in sms_redelivered %d (%d within a second of Kamailio's death); of %d of them the SMSC had not read a deliver_sm_resp" % (
                len(self.to_a), self.counted["A"], self.uncounted_possible["A"], sum(self.unheard(e) for _, e in self.to_a)),
            "notifications twice %d; sms_repeated %d, cpm_repeated %d, reports_unmatched %d" % (
                len(self.repeats), *(self.c.counted[k] for k in ("sms_repeated", "cpm_repeated", "reports_unmatched"))),
        ]

    def report(self, seconds):
        bad = self.complaints()
        lines = ["seed %d, %d faults in %d s, %s" % (self.c.seed, self.c.done, seconds, time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime())), ""]
        lines += self.table() + [""] + self.summary() + [""] + ["- %s [%s]" % b for b in bad[:50]]
        blamed = {fault for _, fault in bad} & {label for labels in self.c.rows.values() for label in labels}
        failed = max(len(blamed), 1) if bad else 0
        return lines, max(0, self.c.done - failed), failed
