# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 the ipsmgw authors
"""Starts the real programs on free loopback ports in a temporary directory: SMSC, connector, Kamailio, and A's side.

    with Stack() as s:                    # or Stack(smsc="bad", answer="submitted", ...)
        answer = s.a.send(s.sip, pager("hello", s.number_a, s.number_b))
        submit = s.smsc.wait_submit(lambda p: p["to"] == ...)

Everything is stopped by pid (each program leads a process group of its own) and the logs of a stack stay
in its directory until the run ends well.
"""

import contextlib
import itertools
import json
import os
import pathlib
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "test" / "peers"))

from sip_peer import Answer, Peer, pager  # noqa: E402

BUILD = pathlib.Path(os.environ.get("BUILD", ROOT / "build")).resolve()
MODULE = pathlib.Path(os.environ.get("MODULE", BUILD / "ipsmgw.so")).resolve()
CONNECTOR = pathlib.Path(os.environ.get("CONNECTOR", BUILD / "ipsmgw-connector")).resolve()
KAMAILIO = os.environ.get("KAMAILIO", "/usr/sbin/kamailio")
KEEP = bool(os.environ.get("KEEP"))
SANITISED = MODULE.parent.name == "asan"   # then memory grows by what the sanitiser keeps


def kamailio_env():
    """Kamailio itself has no sanitiser, so that of its module must be there before it."""
    if not SANITISED:
        return {}
    found = subprocess.run([os.environ.get("CC", "cc"), "-print-file-name=libasan.so"], capture_output=True, text=True, check=True)
    return {"LD_PRELOAD": found.stdout.strip(), "ASAN_OPTIONS": "detect_leaks=0:abort_on_error=1:quarantine_size_mb=16"}


class Failure(Exception):
    """A test found something wrong."""


class Skip(Exception):
    """A test cannot be done here."""


def check(condition, *what):
    if not condition:
        raise Failure(" ".join(str(w) for w in what))


def equal(got, want, what=""):
    if got != want:
        raise Failure("%s: got %r, want %r" % (what or "value", got, want))


def wait_for(condition, timeout=20.0, step=0.02, what="condition"):
    """Poll until condition() is true and give its value."""
    end = time.monotonic() + timeout
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() >= end:
            raise Failure("timeout after %g s: %s" % (timeout, what))
        time.sleep(step)


def free_port(kind=socket.SOCK_STREAM, tries=50):
    """A port that is free for UDP and TCP on loopback, outside the range the kernel gives away."""
    for port in itertools.islice(free_port.next, tries):
        with contextlib.suppress(OSError), socket.socket(socket.AF_INET, socket.SOCK_STREAM) as tcp, \
                socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp:
            tcp.bind(("127.0.0.1", port))
            udp.bind(("127.0.0.1", port))
            return port
    raise Failure("no free port")


free_port.next = itertools.cycle(range(20000 + os.getpid() * 37 % 8000, 32000))


def tail(path, lines=15):
    try:
        return "".join("    " + line for line in path.read_text(errors="replace").splitlines(True)[-lines:])
    except OSError:
        return ""


def sanitiser_report(log, lines=30):
    """The beginning of the first report in a log, without what Kamailio says meanwhile: what is printed outlives the machine"""
    text = [line for line in log.read_text(errors="replace").splitlines() if not re.search(r"\(\d+\) [A-Z]+: ", line)]
    first = next((n for n, line in enumerate(text) if SANITISER.search(line)), len(text))
    return "".join("    %s\n" % line for line in text[first:first + lines])


# ---- processes ----

def group_lives(group):
    """Is there a process of that group that is more than an entry in the table?"""
    for stat in pathlib.Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            state, _, pgrp = stat.read_text().rpartition(")")[2].split()[:3]
            if int(pgrp) == group and state not in "ZX":
                return True
    return False


class Program:
    """A child in a process group of its own; stdout is collected as JSON lines if it speaks first with 'ready'."""

    def __init__(self, name, argv, directory, speaks=False, env=None):
        self.name, self.argv, self.log_path, self.speaks = name, [str(a) for a in argv], pathlib.Path(directory) / (name + ".log"), speaks
        self.env, self.process, self.on_line = dict(os.environ, **(env or {})), None, None

    def start(self):
        with open(self.log_path, "ab") as log:
            self.process = subprocess.Popen(self.argv, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE if self.speaks else log, stderr=log,
                                            start_new_session=True, env=self.env)
        if not self.speaks:
            return None
        first = self.process.stdout.readline().decode()
        if not first.startswith("ready "):
            self.stop()
            raise Failure("%s did not start: %s%s" % (self.name, first, tail(self.log_path)))
        self.reader = threading.Thread(target=self.read, args=(self.process.stdout,), daemon=True)
        self.reader.start()
        return {k: int(v) for k, v in (pair.split("=") for pair in first.split()[1:])}

    def read(self, stream):
        with open(self.log_path, "ab") as log:
            for line in stream:
                log.write(line)
                if self.on_line:
                    self.on_line(line)
        stream.close()

    def alive(self):
        return self.process is not None and self.process.poll() is None

    def signal_group(self, number):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, number)

    def end(self):
        """No process of the group is left, and its number is not used again."""
        self.signal_group(signal.SIGKILL)
        self.process.wait()
        with contextlib.suppress(Failure):
            wait_for(lambda: not group_lives(self.process.pid))   # its children hold the ports
        self.process = None

    def kill(self):
        """kill -9 of all its processes, at once"""
        if self.process:
            self.end()

    def stop(self, timeout=30):
        """Politely first. Gives the exit status, None if it had to be killed."""
        if not self.process:
            return None
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        try:
            status = self.process.wait(timeout)
        except subprocess.TimeoutExpired:
            status = None
        self.end()
        return status


def preload(program, library):
    """Behind the sanitiser, if it has one."""
    program.env["LD_PRELOAD"] = ":".join(filter(None, [program.env.get("LD_PRELOAD"), str(library)]))


class SmscPeer:
    """smsc.pl or bad_smsc.py: its log as a list, its control port as a method call."""

    def __init__(self, kind, directory, port=0, control_port=0, options=()):
        self.kind, self.events, self.changed = kind, [], threading.Condition()
        self.syncs = itertools.count()
        program = ["/usr/bin/perl", ROOT / "test/peers/smsc.pl"] if kind == "perl" else ["/usr/bin/python3", ROOT / "test/peers/bad_smsc.py"]
        self.port, self.control_port = port or free_port(), control_port or free_port()
        self.program = Program("smsc", program + [self.port, self.control_port] + list(options), directory, speaks=True)
        self.program.on_line = self.on_line

    def on_line(self, line):
        with self.changed:
            with contextlib.suppress(ValueError):
                self.events.append(json.loads(line))
            self.changed.notify_all()

    def start(self):
        self.program.start()

    def control(self, cmd, timeout=15.0, **fields):
        """Send one command and give its answer."""
        try:
            with socket.create_connection(("127.0.0.1", self.control_port), timeout) as sock:
                sock.sendall(json.dumps(dict(fields, cmd=cmd)).encode() + b"\n")
                with sock.makefile() as answers:
                    return json.loads(answers.readline())
        except socket.timeout:
            return {"error": "timeout"}

    def mo(self, b, a, octets=b"", timeout=15.0, **fields):
        """The SMS user b writes to a: command_status of the deliver_sm_resp, or the error as text."""
        answer = self.control("mo", timeout, source_addr=b.lstrip("+"), destination_addr=a.lstrip("+"), hex=octets.hex(), **fields)
        return answer.get("status", answer.get("error"))

    def mo_later(self, *args, **fields):
        """As mo(), in a thread; gives a function that waits for the result."""
        result = []
        thread = threading.Thread(target=lambda: result.append(self.mo(*args, **fields)), daemon=True)
        thread.start()

        def get(timeout=20):
            thread.join(timeout)
            return result[0] if result else "no result"
        return get

    def sync(self):
        """Wait until all that the SMSC has logged by now is read; one that is down has nothing more to say."""
        n = next(self.syncs)
        with contextlib.suppress(OSError, ValueError):
            self.control("sync", n=n)
            self.wait(lambda e: e["ev"] == "sync" and e["n"] == n, what="the SMSC's log")

    def submits(self, matches=lambda p: True, since=0):
        self.sync()
        return [e for e in self.events[since:] if e["ev"] == "pdu" and e["cmd"] == "submit_sm" and e["dir"] == "rx" and matches(e)]

    def wait(self, matches, timeout=20.0, count=1, since=0, what="an event at the SMSC"):
        """Wait until count events match; gives the list of all that match."""
        end = time.monotonic() + timeout
        with self.changed:
            while True:
                found = [e for e in self.events[since:] if matches(e)]
                if len(found) >= count:
                    return found
                if not self.changed.wait(max(0.0, end - time.monotonic())) and time.monotonic() >= end:
                    raise Failure("timeout after %g s: %s (%d of %d)" % (timeout, what, len(found), count))

    def wait_submits(self, b, count=1, timeout=20.0, since=0):
        """The submit_sm to b."""
        to = b.lstrip("+")
        return self.wait(lambda e: e["ev"] == "pdu" and e["cmd"] == "submit_sm" and e["dir"] == "rx" and e["to"] == to, timeout, count, since,
                         "submit_sm to " + b)

    def no_submit(self, b, seconds=0.6):
        time.sleep(seconds)
        found = self.submits(lambda p: p["to"] == b.lstrip("+"))
        check(not found, "submitted although it should not be:", found[:1])


# ---- kamcmd ----

def kamcmd_parse(text):
    """kamcmd's output of structs: a list of dicts, scalars as text, nested structs as dicts, repeated names as lists."""
    def add(d, name, value):
        if name in d:
            d[name] = (d[name] if isinstance(d[name], list) else [d[name]]) + [value]
        else:
            d[name] = value

    top, stack = [], []
    for line in text.splitlines():
        line = line.strip()
        if line.endswith("{"):
            stack.append((line[:-1].rstrip(": \t"), {}))
        elif line == "}":
            name, value = stack.pop()
            if not stack:
                top.append(value)
            else:
                add(stack[-1][1], name, value)
        elif stack:
            name, _, value = line.partition(":")
            add(stack[-1][1], name.strip(), value.strip())
        elif line:
            top.append(line)
    return top


class RpcError(Exception):
    def __init__(self, code, text):
        super().__init__("%d %s" % (code, text))
        self.code = code


# ---- the stack ----

# Kamailio's words for a crash and a bug (receive_fd: its TCP processes at every end); the sanitisers' for what they find; talloc's for what was not freed
SANITISER = re.compile(r"Sanitizer|runtime error:")
CRASH = re.compile(r"signal (?:6|11)\b|core was generated|Assert failed|Assertion|" + SANITISER.pattern)
STRANGE = re.compile(r"CRITICAL: (?!.*receive_fd)|\bBUG\b|core was|full talloc report on 'ipsmgw|" + CRASH.pattern)

CONNECTOR_CONFIG = """\
line vty
 no login
 bind 127.0.0.1 {vty_port}
link
 socket {link}
{smscs}{routes}"""

SMSC_CONFIG = """\
smsc {name}
 protocol smpp
 remote-ip 127.0.0.1
 port {port}
 system-id ipsmgw
 password secret
 window {window}
{more} no shutdown
"""


class Stack:
    numbers = itertools.count(int(time.time()) % 10000 * 100)

    def __init__(self, smsc="perl", answer="direct", concat_timeout_s=60, modparams=None, connector=(), window=10, smsc_options=(), db_path=None,
                 routes="route default smsc test\n", extra_smscs="", start=True, ready=True, directory=None, ports=None):
        ports = ports or {}
        self.dir = pathlib.Path(directory or tempfile.mkdtemp(prefix="ipsmgw-e2e-"))
        self.a = Peer(port=ports.get("a", 0))
        self.window = window
        self.smsc = SmscPeer(smsc, self.dir, ports.get("smpp", 0), ports.get("control", 0), smsc_options)
        self.sip = ("127.0.0.1", ports.get("sip") or free_port())
        self.vty_port = ports.get("vty") or free_port()
        self.db = pathlib.Path(db_path or self.dir / "ipsmgw.db")
        self.ctl = "unix:%s/ctl.sock" % self.dir
        self.cfg = self.dir / "kamailio.cfg"
        self.write_configuration(answer, concat_timeout_s, modparams or {}, connector, routes, extra_smscs)
        self.sniffers, self.failed, self.closed = [], False, False
        if start:
            try:
                self.start(ready)
            except BaseException:
                self.failed = True
                self.close()
                raise

    def write_configuration(self, answer, concat_timeout_s, modparams, connector, routes, extra_smscs):
        d = self.dir
        of = [k.split(".") if "." in k else ("ipsmgw", k) for k in modparams]
        more = "".join('modparam("%s", "%s", %s)\n' % (module, k, json.dumps(v)) for (module, k), v in zip(of, modparams.values()))
        self.cfg.write_text('#!KAMAILIO\ninclude_file "%s"\n%s' % (ROOT / "cfg/kamailio.cfg", more))
        defines = {"LISTEN_UDP": "udp:127.0.0.1:%d" % self.sip[1], "LISTEN_TCP": "tcp:127.0.0.1:%d" % self.sip[1], "IPSMGW_SO": '"%s"' % MODULE,
                   "DB_PATH": '"%s"' % self.db, "LINK_SOCKET": '"%s/link.sock"' % d, "CTL_SOCKET": '"%s"' % self.ctl,
                   "NEXT_HOP": '"%s;transport=udp"' % self.a.uri, "ANSWER_MODE": '"%s"' % answer, "CONCAT_TIMEOUT_S": concat_timeout_s}
        argv = [KAMAILIO, "-f", self.cfg]
        for name, value in defines.items():
            argv += ["-A", "%s=%s" % (name, value)]
        argv += ["-Y", d, "-P", d / "kamailio.pid", "-w", d, "-m", "128", "-M", "16", "-DD", "-E"]
        self.kamailio = Program("kamailio", argv, d, env=kamailio_env())
        smscs = SMSC_CONFIG.format(name="test", port=self.smsc.port, window=self.window, more="".join(" %s\n" % c for c in connector))
        (d / "connector.cfg").write_text(CONNECTOR_CONFIG.format(link=d / "link.sock", vty_port=self.vty_port, smscs=smscs + extra_smscs, routes=routes))
        self.connector = Program("connector", [CONNECTOR, "-c", d / "connector.cfg"], d, env={"ASAN_OPTIONS": "detect_leaks=1:exitcode=99:verify_asan_link_order=0"})

    def start(self, ready=True):
        for needed in (MODULE, CONNECTOR, ROOT / "cfg/kamailio.cfg"):
            check(needed.exists(), "missing:", needed)
        self.start_network()
        self.kamailio.start()
        self.connector.start()
        if ready:
            self.wait_ready()

    def start_network(self):
        self.smsc.start()

    def wait_ready(self, timeout=45.0):
        """SIP is answered and the SMSC is bound."""
        self.wait_kamailio(timeout)
        self.wait_bound(timeout)

    def wait_kamailio(self, timeout=45.0):
        def up():
            if not self.kamailio.alive():
                raise Failure("kamailio ended:\n" + tail(self.kamailio.log_path))
            with contextlib.suppress(RpcError, OSError, subprocess.SubprocessError):
                return self.rpc("core.uptime")
        wait_for(up, timeout, 0.05, "kamailio does not answer kamcmd")

    def wait_bound(self, timeout=45.0):
        def bound():
            if not self.connector.alive():
                raise Failure("connector ended:\n" + tail(self.connector.log_path))
            with contextlib.suppress(OSError, ValueError):
                binds = self.smsc.control("binds")
                return binds.get("rx") and binds.get("tx") and self.link_up()
        wait_for(bound, timeout, 0.05, "the connector is not bound")

    def alive(self):
        return self.kamailio.alive() and self.connector.alive() and self.smsc.program.alive()

    def link_up(self):
        with contextlib.suppress(RpcError, subprocess.SubprocessError):
            return any("up" in str(link).lower() for link in self.rpc("ipsmgw.link_list"))

    # ---- stopping ----

    def __enter__(self):
        return self

    def __exit__(self, kind, *_):
        self.failed = kind is not None and not issubclass(kind, Skip)
        self.close()

    def close(self, keep=False):
        if self.closed:
            return
        self.closed = True
        for sniffer in self.sniffers:
            sniffer.stop()
        self.kamailio.stop()
        status = self.connector.stop()
        self.smsc.program.stop()
        self.a.close()
        strange = self.strange_lines() + ["the connector's sanitiser found something"] * (status == 99)
        if keep:
            return
        if self.failed or strange or KEEP:
            print("".join(map(sanitiser_report, self.logs())) + "  logs: %s" % self.dir, flush=True)
        else:
            shutil.rmtree(self.dir, ignore_errors=True)
        if strange and not self.failed:
            raise Failure("in the logs: " + " | ".join(strange[:3]))

    def logs(self):
        return [p.log_path for p in (self.kamailio, self.connector) if p.log_path.exists()]

    def strange_lines(self, pattern=STRANGE):
        """What must stand in no log, whatever a test does."""
        return [line for path in self.logs() for line in path.read_text(errors="replace").splitlines() if pattern.search(line)]

    def restart_kamailio(self, kill=True):
        self.kamailio.kill() if kill else self.kamailio.stop()
        self.kamailio.start()
        self.wait_ready()

    # ---- conveniences ----

    def pair(self):
        """Numbers of an A and a B that no other test uses."""
        n = next(Stack.numbers) % 1000000
        return "+1555%06d1" % n, "+1666%06d2" % n

    def text(self, text, a, b, **more):
        """A sends a pager message; gives (request, final response)."""
        m = pager(text, a, b, **more)
        return m, self.a.send(self.sip, m)

    def rpc(self, method, *args):
        words = ["s:" + a if str(a).startswith("+") else str(a) for a in args]   # or kamcmd makes a number of it
        done = subprocess.run(["kamcmd", "-s", self.ctl, method] + words, capture_output=True, text=True, timeout=20)
        fault = re.search(r"error: (\d+) - (.*)", done.stdout + done.stderr)
        if fault:
            raise RpcError(int(fault.group(1)), fault.group(2))
        if done.returncode:
            raise RpcError(done.returncode, (done.stdout + done.stderr).strip())
        return kamcmd_parse(done.stdout)

    def statistics(self):
        """Group ipsmgw as numbers."""
        lines = self.rpc("stats.get_statistics", "ipsmgw:")
        return {k: int(v) for k, v in (re.match(r"ipsmgw[:.](\S+)\s*=\s*(\d+)", str(line)).groups() for line in lines if "=" in str(line))}

    def vty(self, *commands):
        """What the connector's VTY says to each command."""
        with socket.create_connection(("127.0.0.1", self.vty_port), 20) as sock:
            out, wanted = b"", b"> "
            for command in ("",) + commands:
                if command:
                    sock.sendall(command.encode() + b"\n")   # of two line ends each would be answered by a prompt
                    wanted = b"# " if command in ("enable", "configure terminal") or wanted == b"# " else b"> "
                out += read_until(sock, wanted)
        return re.sub(rb"\xff[\xfb-\xfe].", b"", out).decode("utf-8", "replace")

    def capture(self):
        """Everything on the SMPP port from now on; give_back.stop() ends it and gives the file."""
        sniffer = Capture(self.dir / ("smpp-%d.pcap" % len(self.sniffers)), self.smsc.port)
        self.sniffers.append(sniffer)
        return sniffer


def read_until(sock, prompt, timeout=20.0):
    end, out = time.monotonic() + timeout, b""
    sock.settimeout(0.3)
    while time.monotonic() < end:
        try:
            got = sock.recv(65536)
        except socket.timeout:
            if out.endswith(prompt):
                break
            continue
        if not got:
            break
        out += got
        if out.endswith(prompt):
            break
    return out


class Capture:
    def __init__(self, path, port):
        if not shutil.which("dumpcap") or os.geteuid() != 0:
            raise Skip("dumpcap needs root")
        self.path, self.port = path, port
        self.process = subprocess.Popen(["dumpcap", "-q", "-i", "lo", "-f", "tcp port %d" % port, "-w", str(path)], stdout=subprocess.DEVNULL,
                                        stderr=subprocess.PIPE, start_new_session=True)
        line = b""
        while b"File:" not in line:
            line = self.process.stderr.readline()
            if not line:
                raise Skip("dumpcap cannot capture on lo")
        time.sleep(0.5)

    def stop(self):
        if self.process.poll() is None:
            time.sleep(2)   # what the kernel still holds
            self.process.send_signal(signal.SIGINT)
            self.process.wait(10)
        self.process.stderr.close()
        return self.path

    def tshark(self, *args):
        done = subprocess.run(["tshark", "-r", str(self.path), "-d", "tcp.port==%d,smpp" % self.port] + list(args), capture_output=True, text=True, timeout=60)
        lines = [line for line in done.stderr.splitlines() if "Running as user" not in line]
        check(done.returncode == 0, "tshark:", "\n".join(lines))
        return done.stdout


__all__ = ["Answer", "BUILD", "CONNECTOR", "Failure", "KAMAILIO", "MODULE", "Peer", "ROOT", "RpcError", "SANITISED", "Skip", "SmscPeer", "Stack", "check", "equal",
           "free_port", "pager", "preload", "sanitiser_report", "wait_for"]
