#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 the ipsmgw authors
"""MAP over M3UA and kernel SCTP, in a guest of user-mode Linux: hosts of tests rarely have SCTP in their kernel.

    run.py [--build DIR]

The guest boots on the host's files, read-only, without an image and without rights; it runs test_sctp.py, and what it
captured is judged here by tshark. Where that cannot be, one line says why, and nothing counts.
"""

import argparse
import contextlib
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
INIT = HERE / "init.sh"
GUEST_LIMIT_S, LIMIT_S = 150, 200
MEMORY_MB = 512
MAP_OPERATIONS = {44: "mt-ForwardSM", 45: "sendRoutingInfoForSM", 46: "mo-ForwardSM"}


class Skip(Exception):
    """It cannot be done here."""


# ---- what is needed ----

def needed():
    programs = {"linux.uml": "user-mode-linux", "osmo-stp": "osmo-stp", "tshark": "tshark", "dumpcap": "tshark"}
    for program, package in programs.items():
        if not shutil.which(program):
            raise Skip("%s is not installed" % package)
    if subprocess.run(["/usr/bin/python3", "-c", "import pyasn1"], stderr=subprocess.DEVNULL).returncode:
        raise Skip("python3-pyasn1 is not installed")
    if not list(pathlib.Path("/usr/lib/uml/modules").glob("*/kernel/net/sctp/sctp.ko")):
        raise Skip("user-mode-linux comes without sctp.ko")
    if not pathlib.Path("/usr/bin/busybox").exists():
        raise Skip("busybox is not installed")


# ---- the guest ----

def memory_directory(directory):
    """Where the guest's memory is a file: in /dev/shm if that has room, for speed."""
    shm = pathlib.Path("/dev/shm")
    try:
        stat = os.statvfs(shm)
        if stat.f_bavail * stat.f_frsize > 2 * MEMORY_MB << 20 and os.access(shm, os.W_OK):
            return shm
    except OSError:
        pass
    return directory


def processes_of(session):
    """All processes of that session: those of the guest are not of one process group."""
    for stat in pathlib.Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[3]) == session:
            yield int(stat.parent.name)


def has_ended(process):
    """It stays a zombie, so that its number, which is that of its session, belongs to nobody else."""
    return os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None


def end(process):
    for pid in processes_of(process.pid):
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    process.wait()


def watch(process):
    until = time.monotonic() + LIMIT_S
    try:
        while not has_ended(process):
            if time.monotonic() > until:
                print("the guest hangs: killed after %d s" % LIMIT_S, flush=True)
                break
            time.sleep(0.1)
    finally:
        end(process)


def boot(directory, build):
    """Run the guest until it powers off, or LIMIT_S are over."""
    argv = ["linux.uml", "mem=%dM" % MEMORY_MB, "root=/dev/root", "rootfstype=hostfs", "rootflags=/", "ro", "init=%s" % INIT, "con=null",
            "con0=null,fd:1", "ssl=null", "quiet", "panic=-1", "umid=%s" % directory.name, "uml_dir=%s/" % directory,
            "SCTP_DIR=%s" % directory, "SCTP_BUILD=%s" % build, "SCTP_ROOT=%s" % ROOT, "SCTP_LIMIT=%d" % GUEST_LIMIT_S]
    env = dict(os.environ, HOME=str(directory), TMPDIR=str(memory_directory(directory)))
    with open(directory / "console.log", "wb") as log:
        watch(subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=directory, env=env, start_new_session=True))
    if not (directory / "booted").exists():
        lines = (directory / "console.log").read_text(errors="replace").splitlines() or ["it says nothing"]
        raise Skip("user-mode Linux does not run here: %s" % next((line for line in lines if "panic" in line), lines[-1]))


# ---- what it says, and what was captured ----

class Counts:
    def __init__(self):
        self.passed, self.failed = 0, 0

    def check(self, name, problem):
        self.failed += bool(problem)
        self.passed += not problem
        print("FAIL %s: %s" % (name, problem) if problem else "ok %s" % name, flush=True)


def outcome(directory, counts):
    path = next((directory / n for n in ("outcome", "outcome.part") if (directory / n).exists()), None)
    text = path.read_text(errors="replace") if path else ""
    lines = text.splitlines()
    print("\n".join(line for line in lines if not re.match(r"(guest: |status |  logs: )", line)), flush=True)
    end = re.search(r"^guest: (\d+) passed, (\d+) failed\nstatus 0$", text, re.M)
    if end:
        counts.passed += int(end.group(1))
        counts.failed += int(end.group(2))
    else:
        counts.check("guest", "it did not come to its end")


def tshark(directory, *args):
    done = subprocess.run(["tshark", "-r", str(directory / "sctp.pcapng"), *args], capture_output=True, text=True, timeout=120)
    errors = [line for line in done.stderr.splitlines() if "Running as user" not in line]
    return done.stdout.strip() if done.returncode == 0 else "tshark: %s" % " ".join(errors)


def judge(directory, counts):
    if not (directory / "sctp.pcapng").exists():
        counts.check("capture", "there is none")
        return
    counts.check("nothing malformed, no warning of an expert", tshark(directory, "-Y", "_ws.malformed || _ws.expert.severity >= 6291456"))
    counts.check("SCTP carries M3UA only", tshark(directory, "-Y", "sctp.chunk_type == 0 && !m3ua"))
    counts.check("M3UA DATA carries TCAP only", tshark(directory, "-Y", "m3ua.message_class == 1 && !tcap"))
    counts.check("network indicator as configured", tshark(directory, "-Y", "m3ua.message_class == 1 && m3ua.protocol_data_ni != 2"))
    sls = tshark(directory, "-Y", "m3ua.protocol_data_opc == 185", "-T", "fields", "-e", "m3ua.protocol_data_sls").split()
    counts.check("our messages are spread over the links", "" if len(set(sls)) >= min(8, len(sls) // 2) > 0 else "SLS " + ", ".join(sorted(set(sls))))
    rows = tshark(directory, "-Y", "gsm_map && gsm_old.opCode", "-T", "fields", "-e", "gsm_old.localValue")
    seen = set(re.findall(r"\d+", rows))
    counts.check("operations of MAP", ", ".join("no " + name for code, name in MAP_OPERATIONS.items() if str(code) not in seen))


def run(build):
    needed()
    counts = Counts()
    directory = pathlib.Path(tempfile.mkdtemp(prefix="ipsmgw-sctp-"))
    try:
        boot(directory, build)
        outcome(directory, counts)
        judge(directory, counts)
    finally:
        if counts.failed or os.environ.get("KEEP"):
            print("  logs: %s" % directory, flush=True)
        else:
            shutil.rmtree(directory, ignore_errors=True)
    return counts


def main():
    p = argparse.ArgumentParser()
    p.add_argument("--build", default=os.environ.get("BUILD", str(ROOT / "build")))
    build = pathlib.Path(p.parse_args().build).resolve()
    try:
        counts = run(build)
    except Skip as e:
        print("SKIPPED sctp: %s" % e)
        print("sctp: 0 passed, 0 failed, 1 skipped")
        return 0
    print("sctp: %d passed, %d failed" % (counts.passed, counts.failed))
    return 1 if counts.failed or not counts.passed else 0


sys.exit(main())
