#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 the ipsmgw authors
"""Where the processor time of a message goes: a flame graph of Kamailio and the connector under load. Needs perf and root.

    flame.py [--build DIR] [--rate MESSAGES_A_SECOND] [--seconds N] FILE.svg

A box is a function, as wide as the time that it and what it calls took; above it stands what it called. Functions without a name
(SQLite's static ones) are drawn as one with their caller.
"""

import argparse
import collections
import html
import os
import pathlib
import re
import subprocess
import tempfile

from bench_stack import HERE, Gateway, pin

WIDTH, HEIGHT, LEAST = 1400, 16, 3          # of the picture and of a line in pixels; what is narrower is left out
KERNEL_DEPTH = 5                            # as far as a system call is told apart
COLOURS = {"kernel": "#e8b06a", "libsqlite3": "#8fb8de", "ipsmgw": "#8fcf9f", "kamailio": "#e59a9a"}
OTHER = "#cfcfcf"
FRAME = re.compile(r"^\s+[0-9a-f]+ (.+?)(?:\+0x[0-9a-f]+)? \((.*)\)$")


def record(gateway, rate, seconds, data):
    pids = ",".join(str(p) for p, role in gateway.role.items() if role != "rest")
    perf = subprocess.Popen(["perf", "record", "-q", "-F", "397", "--call-graph", "dwarf,16384", "-p", pids, "-o", str(data), "--", "sleep", str(seconds)])
    run = gateway.send(rate, seconds + 1)
    perf.wait()
    return run


def part_of(dso):
    name = os.path.basename(dso)
    return next((part for part in COLOURS if name.startswith(part) or (part == "kernel" and "kernel" in dso)), "other")


def functions(lines):
    """[(part, name)], outermost first"""
    found, part, kernel = [], "other", 0
    for match in map(FRAME.match, reversed(lines)):
        if not match or match[1] == "[unknown]":
            continue
        part = part if match[2] == "inlined" else part_of(match[2])
        kernel += part == "kernel"
        if kernel <= KERNEL_DEPTH:
            found.append((part, match[1]))
    return found


def stacks(data, role):
    """{((part, name), ..): samples}, the first is the role of the process"""
    out = subprocess.run(["perf", "script", "-i", str(data), "-F", "pid,ip,sym,dso"], capture_output=True, text=True, errors="replace").stdout
    counted = collections.Counter()
    for sample in filter(None, (s.strip("\n").splitlines() for s in out.split("\n\n"))):
        counted[(("other", role.get(int(sample[0].split()[0]), "?")), *functions(sample[1:]))] += 1
    return counted


def boxes(counted, depth=0, x=0.0, scale=1.0):
    """(depth, x, width, function, samples) of all that is wide enough"""
    groups = collections.OrderedDict()
    for stack, n in sorted(counted.items()):
        if len(stack) > depth:
            groups.setdefault(stack[depth], collections.Counter())[stack] += n
    for function, inner in groups.items():
        n = sum(inner.values())
        if n * scale >= LEAST:
            yield depth, x, n * scale, function, n
            yield from boxes(inner, depth + 1, x, scale)
        x += n * scale


def box(depth, x, width, function, share, height):
    part, name = function
    words = html.escape("%s (%s) %.1f %%" % (name, part, share * 100))
    shown = html.escape(name[:max(0, int(width / 6.2) - 1)]) if width > 24 else ""
    y = height - (depth + 2) * HEIGHT
    return ('<g><title>%s</title><rect x="%.1f" y="%d" width="%.1f" height="%d" fill="%s"/><text x="%.1f" y="%d">%s</text></g>'
            % (words, x, y, width - 0.3, HEIGHT - 1, COLOURS.get(part, OTHER), x + 2, y + 11, shown))


def svg(counted, title):
    total = sum(counted.values())
    drawn = list(boxes(counted, scale=WIDTH / total))
    height = (max(b[0] for b in drawn) + 4) * HEIGHT
    body = "\n".join(box(d, x, w, f, n / total, height) for d, x, w, f, n in drawn)
    return ('<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" font-family="sans-serif" font-size="10">\n'
            '<rect width="100%%" height="100%%" fill="#ffffff"/><text x="4" y="14" font-size="13">%s</text>\n%s\n</svg>\n' % (WIDTH, height, html.escape(title), body))


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--build", default=str(HERE.parents[1] / "build"))
    p.add_argument("--rate", type=float, default=12000)
    p.add_argument("--seconds", type=int, default=5)
    p.add_argument("file")
    args = p.parse_args()
    pin()
    with tempfile.TemporaryDirectory(prefix="ipsmgw-bench-") as d, Gateway(args.build) as gateway:
        data = pathlib.Path(d) / "perf.data"
        gateway.send(args.rate / 2, 2)
        record(gateway, args.rate, args.seconds, data)
        counted = stacks(data, gateway.role)
    title = "CPM to SMS, %d messages a second: %d samples of SIP workers, spool process, connector" % (args.rate, sum(counted.values()))
    pathlib.Path(args.file).write_text(svg(counted, title))


main()
