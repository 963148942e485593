#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 the ipsmgw authors
"""Who may include whom, and that lib stays pure: the rules of lib, modules and connector."""
import os
import re
import sys

LIB = {  # folder of lib: the folders of lib it may include
    "util": {"util"},
    "sms": {"sms", "util"},
    "smpp": {"smpp", "sms", "util"},
    "map": {"map", "sms", "util"},
    "cpm": {"cpm", "util"},
    "msrp": {"msrp", "util"},
    "link": {"link", "util"},
    "store": {"store", "util"},
}
MODULE_LIB = {"util", "sms", "cpm", "msrp", "link", "store"}
CONNECTOR_LIB = {"util", "sms", "smpp", "map", "link"}

SIGTRAN = {"connector/mtp.c", "connector/compat_ss7.h", "connector/compat_ss7.c"}  # the rest sees mtp.h
OPENSSL = {"connector/tls.c"}

PURE_HEADERS = set("""assert.h ctype.h errno.h inttypes.h limits.h stdarg.h stdbool.h stddef.h
    stdint.h stdio.h stdlib.h string.h strings.h""".split())
EXTRA_HEADERS = {"store": None, "cpm": {"iconv.h", "libxml/parser.h"}}  # None: any
IMPURE_CALL = re.compile(
    r"(?<![\w.>])(malloc|calloc|realloc|free|strdup|time|clock|clock_gettime|gettimeofday|rand|random"
    r"|printf|fprintf|puts|syslog|socket|read|write|open|fopen|getenv)\s*\(")
INCLUDE = re.compile(r'^\s*#\s*include\s+([<"])([^">]+)[">]')
COMMENT = re.compile(r"/\*.*?\*/|//[^\n]*|\"(?:\\.|[^\"\\\n])*\"", re.S)


def files(top):
    for folder, _, names in os.walk(top):
        for name in sorted(names):
            if name.endswith((".c", ".h")):
                yield os.path.join(folder, name)


def owner(path, header):
    """Path from the top of the project that a quoted include means, or None if it is not ours."""
    for base in (os.path.dirname(path), "lib", "."):
        candidate = os.path.normpath(os.path.join(base, header))
        if os.path.exists(candidate):
            return candidate
    return None


def part(path):
    """('lib', 'sms'), ('modules', None) or ('connector', None)"""
    words = path.split("/")
    return words[0], words[1] if words[0] == "lib" else None


def allowed(path, quote, header):
    area, folder = part(path)
    if quote == "<":
        if header.startswith("osmocom/sigtran/"):
            return path in SIGTRAN
        if header.startswith("openssl/"):
            return path in OPENSSL
        if area != "lib":
            return not (area == "modules" and header.startswith("osmocom/"))
        extra = EXTRA_HEADERS.get(folder, set())
        return extra is None or header in PURE_HEADERS or header in extra
    target = owner(path, header)
    if target is None:  # Kamailio's own tree; a forgotten header of ours fails in the compiler
        return area == "modules" and header.startswith(("core/", "modules/", "lib/", "ver"))
    target_area, target_folder = part(target)
    if target_area != "lib":
        return target_area == area
    if area == "lib":
        return target_folder in LIB.get(folder, set())
    return target_folder in (MODULE_LIB if area == "modules" else CONNECTOR_LIB)


def problems(path):
    text = open(path, encoding="utf-8").read()
    for number, line in enumerate(text.split("\n"), 1):
        match = INCLUDE.match(line)
        if match and not allowed(path, *match.groups()):
            yield f"{path}:{number}: may not include {match.group(2)}"
    area, folder = part(path)
    if area == "lib" and folder != "store":
        for match in IMPURE_CALL.finditer(COMMENT.sub(" ", text)):
            yield f"{path}: lib is pure, but calls {match.group(1)}()"


def main():
    passed = failed = 0
    for top in ("lib", "modules", "connector"):
        for path in files(top):
            found = list(problems(path))
            for line in found:
                print("FAIL", line)
            passed, failed = passed + (not found), failed + bool(found)
    print(f"check-deps: {passed} passed, {failed} failed")
    return 1 if failed or not passed else 0


if __name__ == "__main__":
    sys.exit(main())
