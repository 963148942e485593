# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 the ipsmgw authors
"""Who gets in: ports that are open, sockets and files and their rights, SIP from strangers, what a service manager is told."""

import os
import pathlib
import re
import shutil
import socket
import stat
import subprocess
import sys

from harness import ROOT, check, equal
from sip_peer import Outgoing, Peer, pager

NOBODY = 65534


# ---- ports ----

def processes(s):
    """All pids of Kamailio and the connector."""
    groups = {s.kamailio.process.pid, s.connector.process.pid}
    for stat_file in pathlib.Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat_file.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[2]) in groups:
            yield int(stat_file.parent.name)


def inodes(pid):
    found = set()
    for fd in pathlib.Path("/proc/%d/fd" % pid).glob("*"):
        try:
            match = re.match(r"socket:\[(\d+)\]", os.readlink(fd))
        except OSError:
            continue
        if match:
            found.add(match.group(1))
    return found


def address(text):
    host, port = text.split(":")
    octets = bytes.fromhex(host)
    if len(octets) == 4:
        return socket.inet_ntoa(octets[::-1]), int(port, 16)
    return "v6:" + host, int(port, 16)


def listening(s):
    """(protocol, host, port) of each TCP socket that listens and each UDP socket that is bound and not connected."""
    ours = set().union(*(inodes(pid) for pid in processes(s)))
    for protocol, state in (("tcp", "0A"), ("tcp6", "0A"), ("udp", "07"), ("udp6", "07")):
        for line in pathlib.Path("/proc/net/" + protocol).read_text().splitlines()[1:]:
            fields = line.split()
            if fields[3] == state and fields[9] in ours:
                yield (protocol,) + address(fields[1])


def test_no_other_port_is_open(s):
    sip = s.sip[1]
    equal(sorted(set(listening(s))), sorted({("tcp", "127.0.0.1", s.vty_port), ("tcp", "127.0.0.1", sip), ("udp", "127.0.0.1", sip)}))


# ---- sockets and files ----

def mode(path):
    return stat.S_IMODE(os.stat(path).st_mode)


def as_nobody(*argv):
    return subprocess.run(["setpriv", "--reuid", str(NOBODY), "--regid", str(NOBODY), "--clear-groups"] + [str(a) for a in argv],
                          capture_output=True, text=True, timeout=20)


def test_link_socket_is_for_its_group(s):
    link = s.dir / "link.sock"
    equal("%o" % mode(link), "660")
    before = mode(s.dir)
    s.dir.chmod(0o755)          # only the socket's own rights count now
    try:
        connect = "import socket, sys; socket.socket(socket.AF_UNIX).connect(sys.argv[1])"
        done = as_nobody(sys.executable if sys.executable.startswith("/usr/bin") else "/usr/bin/python3", "-c", connect, link)
        check("PermissionError" in done.stderr, done.stderr)
    finally:
        s.dir.chmod(before)


def test_others_cannot_read_the_store(s):
    for end in ("", "-wal", "-shm"):
        path = pathlib.Path(str(s.db) + end)
        check(path.exists(), path)
        check(not mode(path) & 0o007, "%s has mode %o" % (path.name, mode(path)))


def test_nothing_can_be_written_by_others(s):
    for path in s.dir.iterdir():
        check(not path.lstat().st_mode & stat.S_IWOTH or path.is_symlink(), path)


# ---- strangers ----

def requests(a, b):
    yield pager("x", a, b)
    for method in ("INVITE", "REGISTER", "NOTIFY", "BYE", "UPDATE", "CANCEL", "OPTIONS", "SUBSCRIBE", "PUBLISH", "INFO"):
        m = Outgoing("tel:" + b, b"", "text/plain", "<tel:%s>;tag=1" % a, method)
        m.set("P-Asserted-Identity", "<tel:%s>" % a)
        yield m


def test_strangers_are_refused_whatever_they_say(s):
    a, b = s.pair()
    before = s.statistics()
    with Peer(host="127.0.0.2") as stranger:
        for m in requests(a, b):
            equal(stranger.send(s.sip, m).code, 403, m.method)
    after = s.statistics()
    for name in ("messages_accepted", "sms_submitted", "sessions_open"):
        equal(after.get(name), before.get(name), name)
    s.smsc.no_submit(b, 0.2)


# ---- systemd ----

def unit(tmp, name):
    text = (ROOT / "systemd" / name).read_text()
    for word, value in (("@SBINDIR@", "/bin"), ("@SYSCONFDIR@", "/etc"), ("@DOCDIR@", "/usr/share/doc/ipsmgw")):
        text = text.replace(word, value)
    path = tmp / name
    path.write_text(text.replace("/bin/ipsmgw-connector", "/bin/true"))
    return path


def test_the_connector_is_confined(s):
    if not shutil.which("systemd-analyze"):
        print("without systemd-analyze: what it says of the service is not judged")
        return
    path = unit(s.dir, "ipsmgw-connector.service")
    done = subprocess.run(["systemd-analyze", "verify", "--man=no", str(path)], capture_output=True, text=True, timeout=60)
    check("ipsmgw-connector.service" not in done.stderr, done.stderr)
    done = subprocess.run(["systemd-analyze", "security", "--offline=yes", "--no-pager", str(path)], capture_output=True, text=True, timeout=60)
    found = re.search(r"exposure level for \S+: ([0-9.]+)", done.stdout)
    check(found and float(found.group(1)) <= 2.0, done.stdout[-600:] + done.stderr)
