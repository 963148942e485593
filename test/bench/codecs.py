#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 the ipsmgw authors
"""Instructions of each codec, and of the store, for one message: codecs.py BUILD. Needs valgrind; no other load disturbs the figures."""

import json
import pathlib
import re
import subprocess
import sys
import tempfile


def counted(directory):
    """[(name, instructions a message)] in the order of the dumps"""
    found = []
    for path in sorted(directory.glob("cg.*"), key=lambda p: int(p.suffix[1:])):
        text = path.read_text()
        at = re.search(r"Client Request: (.*)/(\d+)", text)
        if at:
            found.append((at[1], int(re.search(r"^(?:summary|totals): (\d+)", text, re.M)[1]) / int(at[2])))
    return found


def main():
    build = pathlib.Path(sys.argv[1])
    with tempfile.TemporaryDirectory(prefix="ipsmgw-codecs-") as d:
        subprocess.run(["valgrind", "--tool=callgrind", "--collect-atstart=no", "--callgrind-out-file=%s/cg" % d, str(build / "bench/codecs"), d + "/store.db"],
                       check=True, stderr=subprocess.DEVNULL)
        figures = counted(pathlib.Path(d))
    for name, instructions in figures:
        print("%-36s %8.0f instructions" % (name, instructions))
    (build / "bench-codecs.json").write_text(json.dumps({name: round(n) for name, n in figures}, indent=1) + "\n")
    return 0 if figures else 1


if __name__ == "__main__":
    sys.exit(main())
