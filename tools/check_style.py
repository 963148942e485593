#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 the ipsmgw authors
"""The rules of style that a machine can hold: one check per file of the project."""
import re
import shutil
import subprocess
import sys

FUNCTION_LINES = 60  # a dispatch switch of one-line cases is not counted
FILE_LINES = 500  # tests: twice as many
COLUMNS = 120  # .clang-format wraps C at 100; contract comments and tables may be wider
WIDE_COLUMNS = 180  # tables of test cases, and scripts
CODE = (".c", ".h", ".py", ".sh", ".pl", ".mk", "Makefile")
ONE_LINE_CASE = re.compile(r"^\s*(case .*|default):.*;\s*(break;)?$|^\s*case [^:]*:$")
LICENCE = "SPDX-License-Identifier: GPL-2.0-or-later"
COPYRIGHT = "Copyright (C) 2026 the ipsmgw authors"


def tracked():
    """What git knows; without git or outside a repository, all files but those of the build."""
    if shutil.which("git"):
        listed = subprocess.run(["git", "ls-files"], capture_output=True, text=True)
        if listed.returncode == 0 and listed.stdout:
            return listed.stdout.split("\n")[:-1]
    found = subprocess.run(["find", ".", "-type", "f", "-not", "-path", "./build/*", "-printf", "%P\\n"],
                           capture_output=True, text=True, check=True)
    return sorted(found.stdout.split("\n")[:-1])


def functions(lines):
    """(line number of the opening brace, lines in the body) of every block that starts in column 1"""
    start = None
    for number, line in enumerate(lines, 1):
        if line == "{":
            start = number
        elif line.startswith("}") and start:
            body = lines[start:number - 1]
            yield start, sum(1 for x in body if not ONE_LINE_CASE.match(x))
            start = None


def c_problems(path, text, lines):
    for number, count in functions(lines):
        if count > FUNCTION_LINES:
            yield number, f"function of {count} lines (at most {FUNCTION_LINES})"
    for match in re.finditer(r"^\s*#\s*if\s+0\b", text, re.M):
        yield text.count("\n", 0, match.start()) + 1, "#if 0"
    for match in re.finditer(r"/\*\*[\s*]*\*/", text):
        yield text.count("\n", 0, match.start()) + 1, "empty doc block"
    if path.startswith(("lib/", "connector/")):
        for match in re.finditer(r"^\s*typedef\s+(struct|union|enum)\b", text, re.M):
            yield text.count("\n", 0, match.start()) + 1, "typedef of a struct, union or enum"
    if path.endswith(".c"):
        for match in re.finditer(r"^extern\b", text, re.M):
            yield text.count("\n", 0, match.start()) + 1, "extern in a .c file: declare it in a header"


def problems(path):
    text = open(path, encoding="utf-8", errors="replace").read()
    lines = text.split("\n")
    head = "\n".join(lines[:3])
    if LICENCE not in head or COPYRIGHT not in head:
        yield 1, "the first lines must be SPDX-License-Identifier and copyright"
    file_lines = FILE_LINES * 2 if path.startswith("test/") else FILE_LINES
    if len(lines) > file_lines and path.endswith((".c", ".h")):
        yield len(lines), f"file of {len(lines)} lines (at most {file_lines}): two files by job"
    wide = path.startswith("test/") or path.endswith((".py", ".pl"))
    columns = WIDE_COLUMNS if wide else COLUMNS
    for number, line in enumerate(lines, 1):
        if line != line.rstrip():
            yield number, "blanks at the end of the line"
        if len(line.expandtabs(4 if path.startswith("modules/") else 8)) > columns:
            yield number, f"more than {columns} columns"
        if re.search(r"\b(TODO|FIXME)\b", line) and not path.startswith("tools/check_"):
            yield number, "open end left in the code"
    if path.endswith((".c", ".h")):
        yield from c_problems(path, text, lines)


def main():
    passed = failed = 0
    for path in tracked():
        if not path.endswith(CODE) or path.endswith(("/.clang-format",)):
            continue
        try:
            found = list(problems(path))
        except FileNotFoundError:
            continue  # deleted in the working tree
        for number, what in found:
            print(f"FAIL {path}:{number}: {what}")
        passed, failed = passed + (not found), failed + bool(found)
    print(f"check-style: {passed} passed, {failed} failed")
    return 1 if failed or not passed else 0


if __name__ == "__main__":
    sys.exit(main())
