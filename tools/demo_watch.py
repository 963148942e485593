# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 the ipsmgw authors
"""What `make run` writes: one line for each message as one side saw it."""

import contextlib
import json
import re
import sys

A, B = "+15551230001", "+15559870002"


class Missing(Exception):
    """A step of the conversation did not arrive."""


def shown(text):
    return '"%s"' % text.replace("\n", "\\n") if len(text) <= 120 else '"%s..." (%d characters)' % (text[:60].replace("\n", "\\n"), len(text))


def line(side, what, *more):
    """One thing that crossed, in one write: both sides print side by side."""
    sys.stdout.write("".join("  %-5s %s\n" % (name, text) for name, text in [(side, what)] + [("", text) for text in more]))
    sys.stdout.flush()


def address(value):
    return re.sub(r"^.*?<?(?:tel|sip):([^;>@]+).*$", r"\1", value or "?")


def ids(m):
    """Conversation and contribution of a SIP message"""
    names = (("Conversation-ID", "conversation"), ("Contribution-ID", "contribution"), ("InReplyTo-Contribution-ID", "in-reply-to "))
    return ["%s %s" % (label, m.get(name)) for name, label in names if m.get(name)]


class Watch:
    """Prints what crosses on either side; a text of several parts is one line when it is complete."""

    def __init__(self, stack, oracle, answer):
        self.stack, self.oracle, self.answer, self.parts = stack, oracle, answer, {}
        collect = stack.smsc.program.on_line
        stack.smsc.program.on_line = lambda octets: (collect(octets), self.smsc_event(octets))
        stack.a.policy = self.a_request

    def smsc_event(self, octets):
        with contextlib.suppress(ValueError, KeyError):
            e = json.loads(octets)
            if e["ev"] == "pdu" and e["cmd"] == "submit_sm":
                self.submit(e)
            elif e["ev"] == "pdu" and e["cmd"] == "deliver_sm":
                self.deliver(e)

    def submit(self, e):
        udh, _ = self.oracle.split_udh(bytes.fromhex(e["hex"]), e["esm"])
        concat = self.oracle.concat_of(udh)
        alphabet = "UCS-2" if e["dcs"] == 8 else "GSM 7 bit"
        if not concat:
            line("SMPP", "+%s -> +%s  submit_sm, 1 part, %s: %s" % (e["from"], e["to"], alphabet, shown(self.oracle.text_of([e]))))
            return
        ref, total, part = concat
        held = self.parts.setdefault((e["from"], e["to"], ref), {})
        held[part] = e
        line("SMPP", "+%s -> +%s  submit_sm, part %d of %d, %s, reference %d" % (e["from"], e["to"], part, total, alphabet, ref))
        if len(held) == total:
            text = self.oracle.text_of([held[k] for k in sorted(held)])
            line("", "together: %s" % shown(text))
            del self.parts[e["from"], e["to"], ref]

    def deliver(self, e):
        if e["esm"] & 0x3C:
            line("SMPP", "+%s -> +%s  delivery receipt: %s" % (e["from"], e["to"], bytes.fromhex(e["hex"]).decode("latin-1")[:100]))
            return
        udh, _ = self.oracle.split_udh(bytes.fromhex(e["hex"]), e["esm"])
        concat = self.oracle.concat_of(udh)
        text = self.oracle.text_of([e])
        line("SMPP", "+%s -> +%s  deliver_sm%s: %s" % (e["from"], e["to"], ", part %d of %d" % concat[2:0:-1] if concat else "", shown(text)))

    def a_request(self, r):
        if r.text is None:
            line("SIP", "%s -> %s  %s %s" % (address(r.get("From")), r.uri, r.method, r.get("Content-Type")))
        else:
            line("SIP", "%s -> %s  MESSAGE: %s" % (address(r.get("From")), address(r.uri), shown(r.text)), *ids(r))
        return self.answer(200)
