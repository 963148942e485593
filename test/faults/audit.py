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
        self.uncounted_possible = [t for t, _ in self.to_b if any(begin <= t <= end for begin, end in campaign.gaps)]
        self.counted = campaign.counted["sms_resubmitted"]
        self.repeats = [e for e in self.ledger.entries.values() for ids in e.told.values() if len(ids) > 1]

    def complaints(self):
        """(what, fault) of each thing that must not be"""
        out = [("lost: message %d, %s, %s, %s to %s, %d of %d parts, accepted at %.3f" % (
            e.number, e.way, e.channel, e.pair.a, e.pair.b, len(e.parts), e.total, e.accepted), e.fault) for e in self.lost]
        out += [("no notification: message %d, %s, %s" % (e.number, e.pair.a, e.imdn_id), e.fault) for e in self.unnotified]
        out += [(w, w.split("): ")[0].split(", ", 2)[-1]) for w in self.ledger.wrong]
        if len(self.to_b) - len(self.uncounted_possible) > self.counted:
            out.append(("%d duplicates at the SMSC, %d counted in sms_resubmitted" % (len(self.to_b), self.counted), "all"))
        out += [("twice at A without a death of Kamailio: message %d (%s)" % (e.number, [x[1:] for x in e.came]), e.fault)
                for t, e in self.to_a if not self.by_death(e.came) and not self.unheard(e)]
        out += [("notified twice under two ids: message %d" % e.number, e.fault) for e in self.repeats if any(len(set(ids)) > 1 for ids in e.told.values())]
        return out + [(text, label) for label, text in self.c.failures]

    def by_death(self, came):
        """Kamailio died after A's first 200, before that was on disk."""
        return any(came[0][0] - 0.2 <= end and begin <= came[-1][0] for begin, end in self.c.gaps)

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
                len(self.to_b), self.counted, len(self.uncounted_possible)),
            "twice at A %d (%d: the SMSC never read our deliver_sm_resp; %d: Kamailio died after A's 200), "
            "notifications twice %d; sms_repeated %d, cpm_repeated %d" % (
                len(self.to_a), sum(self.unheard(e) for _, e in self.to_a),
                sum(not self.unheard(e) for _, e in self.to_a), len(self.repeats), self.c.counted["sms_repeated"], self.c.counted["cpm_repeated"]),
        ]

    def report(self, seconds):
        bad = self.complaints()
        lines = ["seed %d, %d faults in %d s, %s" % (self.c.seed, self.c.done, seconds, time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime())), ""]
        lines += self.table() + [""] + self.summary() + [""] + ["- %s [%s]" % b for b in bad[:50]]
        blamed = {fault for _, fault in bad} & {label for labels in self.c.rows.values() for label in labels}
        failed = max(len(blamed), 1) if bad else 0
        return lines, max(0, self.c.done - failed), failed
