#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 the ipsmgw authors
"""What the code exports is in the documents, each parameter once with its default, each script
function has its KEMI twin, and docs/conformance.md has a row for each requirement whose tests exist."""
import glob
import math
import re
import sys

MODULE = "modules/ipsmgw/"
REQUIREMENTS = 129
STATES = {"done", "partly", "planned", "not applicable"}

# what: (type of the table, pattern of the name in one of its rows)
TABLES = {
    "function": ("cmd_export_t", r'\{\s*"(\w+)"'),
    "parameter": ("param_export_t", r'\{\s*"(\w+)"'),
    "RPC": ("rpc_export_t", r'\{\s*"([\w.]+)"'),
    "counter": ("counter_def_t", r'\{\s*&[\w.]+,\s*"(\w+)"'),
    "KEMI function": ("sr_kemi_t", r'str_init\("ipsmgw"\),\s*str_init\("(\w+)"\)'),
}


def text_of(*patterns):
    found = sorted(name for pattern in patterns for name in glob.glob(pattern, recursive=True))
    return "\n".join(open(name, encoding="utf-8").read() for name in found)


def exported(code, kind):
    table_type, row = TABLES[kind]
    names = []
    for table in re.findall(r"\b%s\s+\w+\[\]\s*=\s*\{(.*?)\n\};" % table_type, code, re.S):
        names += re.findall(row, table)
    return sorted(set(names))


def default_in_code(name, code):
    """As the table writes it: numbers multiplied out, texts in `...`; None if there is none"""
    found = re.search(r"\n\t\t\.%s\s*=\s*(.*?),\n" % name, code, re.S)
    value = found.group(1).removeprefix("STR_STATIC_INIT(").removesuffix(")") if found else "0"
    if value.startswith('"'):
        return "`%s`" % value.strip('"') if value != '""' else None
    return str(math.prod(int(factor) for factor in value.split("*")))


def default_problem(name, code, doc):
    """None, or what is wrong with the parameter's one row in the table"""
    rows = re.findall(r"^\| `%s` \| (.*?) \| " % name, doc, re.M)
    if len(rows) != 1:
        return f"parameter {name} has {len(rows)} rows in {MODULE}README.md"
    is_value = rows[0].startswith("`") or rows[0].lstrip("-").isdigit()
    if is_value and rows[0] != default_in_code(name, code):
        return f"parameter {name}: default {rows[0]} in {MODULE}README.md, {default_in_code(name, code)} in the code"
    return None


def module_problems():
    """One entry per exported name: None, or what is wrong with it."""
    code = text_of(MODULE + "*.c")
    doc = text_of(MODULE + "README.md", MODULE + "doc/**/*.md", MODULE + "doc/**/*.xml")
    if not code or not doc:
        return
    names = {kind: exported(code, kind) for kind in TABLES}
    names["event route"] = sorted(set(re.findall(r'"(ipsmgw:[a-z-]+)"', code)))
    for kind, found in names.items():
        for name in found:
            known = re.search(r"(?<![\w.])%s(?![\w-])" % re.escape(name), doc)
            yield None if known else f"{kind} {name} is not in {MODULE}README.md"
    readme = text_of("README.md")
    for name in names["parameter"]:
        yield None if f"`{name}`" in readme else f"parameter {name} is not in README.md"
        yield default_problem(name, code, doc)
    for name in names["function"]:
        yield None if name in names["KEMI function"] else f"function {name} is not exported to KEMI"


def test_exists(name, e2e):
    if name.endswith("_test"):
        return bool(glob.glob(f"test/unit/{name}.c"))
    return re.search(r"\b%s\b" % re.escape(name), e2e) is not None


def conformance_problems():
    rows = {}
    for line in text_of("docs/conformance.md").split("\n"):
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if line.startswith("| R-") and len(cells) == 4:
            rows[int(cells[0][2:])] = cells
    e2e = text_of("test/e2e/**/*.py", "sipp-scenarios/*")
    for number in range(1, REQUIREMENTS + 1):
        _, _, state, where = rows.get(number, ("", "", "", ""))
        tests = re.findall(r"`(\w+)`", where)
        missing = [name for name in tests if not test_exists(name, e2e)]
        if state not in STATES:
            yield f"docs/conformance.md: R-{number:02d} has no row with a state"
        elif state in ("done", "partly") and not tests:
            yield f"docs/conformance.md: R-{number:02d} is {state}, but names no test"
        elif missing:
            yield f"docs/conformance.md: R-{number:02d} names tests that do not exist: {missing}"
        else:
            yield None


def main():
    results = [*module_problems(), *conformance_problems()]
    problems = [line for line in results if line]
    for line in problems:
        print("FAIL", line)
    print(f"check-doc: {len(results) - len(problems)} passed, {len(problems)} failed")
    return 1 if problems or not results else 0


if __name__ == "__main__":
    sys.exit(main())
