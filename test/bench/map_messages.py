#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 the ipsmgw authors
"""As messages.py, but the SMSC is a service centre on MAP behind osmo-stp: how many MO-ForwardSM dialogues a second, and what one costs the connector.

    map_messages.py [--build DIR]

message: fits into the TC-BEGIN. message_long: three parts, each behind an empty TC-BEGIN. Everything runs on the same two processors.
"""

import argparse
import os
import sys

import messages
from bench_stack import ROOT, Gateway, Speaker, free_port, pin

sys.path.insert(0, str(ROOT / "test" / "e2e"))

from map import CS7_CONFIG, OUR_GT, SC, Stp  # noqa: E402

CONNECTOR_CONFIG = """\
log stderr
 logging level sm notice
line vty
 no login
 bind 127.0.0.1 %(vty)d
%(cs7)slink
 socket %(dir)s/link.sock
map
 address %(gt)s
 route default pc 0.23.2
smsc test
 protocol map
 role submit
 sc-address %(sc)s
 window 1000
 queue 10000
 no shutdown
route default smsc test
"""


class MapGateway(Gateway):
    """The gateway with an STP and a service centre on MAP in place of the SMPP sink."""

    def __init__(self, build, template="message", pairs=10000):
        super().__init__(build, template, pairs)
        self.stp = Stp(self.dir)
        self.sink = Speaker("sink", [self.build / "bench/map_sink", "--port", self.stp.port, "--name", "asp-clnt-net", "--ledger", self.ledger,
                                     "--pairs", pairs], self.dir)
        (self.dir / "connector.cfg").write_text(CONNECTOR_CONFIG % {
            "vty": free_port(), "cs7": CS7_CONFIG.format(port=self.stp.port), "dir": self.dir, "gt": OUR_GT, "sc": SC})

    def start(self):
        self.stp.start()
        self.programs.insert(0, self.stp.program)
        super().start()
        self.role[self.stp.program.process.pid] = "stp"

    def link_up(self):
        return any(smsc.get("state") == "up" for smsc in self.rpc("ipsmgw.link_list") or [])


def measure(build, template):
    name = "map_" + template
    with messages.Search(name, lambda rate: MapGateway(build, template), messages.send) as s:
        rate, runs = s.highest(messages.FIRST_RATE / (1 if template == "message" else 4))
        messages.note_cost(name, rate, runs)
        if runs:
            parts = s.server.parts
            connector = messages.median(runs, lambda r: r.cpu_of["connector"]) / parts
            messages.note(name, dialogues_s=int(rate * parts), connector_us_dialogue=connector)


def main():
    p = argparse.ArgumentParser()
    p.add_argument("--build", default=os.environ.get("BUILD", str(ROOT / "build")))
    args = p.parse_args()
    pin()
    messages.machine()
    for template in ("message", "message_long"):
        measure(args.build, template)
    messages.say("")
    messages.table()
    return 0


if __name__ == "__main__":
    sys.exit(main())
