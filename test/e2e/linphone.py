# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 the ipsmgw authors
"""linphonec of Debian as A's client, and the small S-CSCF (scscf.cfg) where it registers."""

import contextlib
import os
import sqlite3
import subprocess

from harness import KAMAILIO, ROOT, Program, check, free_port, tail, wait_for

DOMAIN = "ims.test"
SENT, NOT_DELIVERED, DELIVERED_TO_USER = 2, 3, 6     # conference_chat_message_event.state
OUTGOING = 1

LINPHONERC = """\
[sip]
sip_port={port}
sip_tcp_port={port}
sip_tls_port=-1
bind_address=127.0.0.1
use_ipv6=0
guess_hostname=0
contact=sip:{user}@127.0.0.1
register_only_when_network_is_up=0
default_proxy=0
im_notif_policy=all

[proxy_0]
reg_proxy=<sip:127.0.0.1:{scscf}>
reg_route=<sip:127.0.0.1:{scscf};lr>
reg_identity=sip:{user}@{domain}
reg_expires=600
reg_sendregister=1
publish=0
cpim_in_basic_chat_rooms_enabled=1

[proxy_default_values]
cpim_in_basic_chat_rooms_enabled=1

[storage]
uri={directory}/linphone.db
"""


def write_linphonerc(directory, user, scscf_port, port):
    path = directory / "linphonerc"
    path.write_text(LINPHONERC.format(directory=directory, user=user, scscf=scscf_port, port=port, domain=DOMAIN))
    return path


class Scscf:
    """A Kamailio of its own in front of a stack whose next_hop is its uri."""

    def __init__(self, port, cfg="scscf.cfg"):
        self.port, self.cfg, self.uri, self.program = port, cfg, "sip:127.0.0.1:%d" % port, None

    def start(self, stack, **more):
        """more: values of the configuration"""
        files = stack.dir / "scscf"
        files.mkdir()
        argv = [KAMAILIO, "-f", ROOT / "test/e2e" / self.cfg, "-Y", files, "-P", files / "kamailio.pid", "-w", files, "-m", "32", "-M", "8", "-DD", "-E"]
        for name, value in (("LISTEN_UDP", "udp:127.0.0.1:%d" % self.port), ("LISTEN_TCP", "tcp:127.0.0.1:%d" % self.port),
                            ("GATEWAY", '"sip:%s:%d"' % stack.sip), *more.items()):
            argv += ["-A", "%s=%s" % (name, value)]
        self.program = Program("scscf", argv, stack.dir)
        self.program.start()

    def log(self):
        return self.program.log_path.read_text(errors="replace")

    def stop(self):
        if self.program:
            self.program.stop()


class Linphone:
    """linphonec with commands on its stdin; what it shows is in out, what it knows of its messages in linphone.db."""

    def __init__(self, user, scscf, directory):
        self.dir, self.process = directory / "linphone", None
        self.dir.mkdir()
        write_linphonerc(self.dir, user, scscf.port, free_port())

    def start(self, timeout=20):
        """Gives when it is registered."""
        log = self.dir / "log"
        log.unlink(missing_ok=True)
        environment = {"HOME": str(self.dir), "PATH": os.defpath, "TERM": "dumb", "LANG": "C.UTF-8"}
        with open(self.dir / "out", "ab") as out:
            self.process = subprocess.Popen(["linphonec", "-c", "linphonerc", "-d", "6", "-l", "log"], cwd=self.dir, stdin=subprocess.PIPE, stdout=out,
                                            stderr=subprocess.STDOUT, env=environment, start_new_session=True)

        def registered():
            check(self.process.poll() is None, "linphonec ended:\n" + tail(self.dir / "out"))
            with contextlib.suppress(OSError):
                return "to [LinphoneRegistrationOk]" in log.read_text(errors="replace")
        wait_for(registered, timeout, 0.1, "linphonec is registered")

    def chat(self, b, text):
        """Write to b; gives the imdn.Message-ID when the client knows that it was taken."""
        known = {m for m, _, _ in self.messages()}
        self.process.stdin.write(("chat sip:%s@%s %s\n" % (b, DOMAIN, text)).encode())
        self.process.stdin.flush()

        def sent():
            return next((m for m, state, direction in self.messages() if m not in known and direction == OUTGOING and state >= SENT), None)
        return wait_for(sent, 20, 0.1, "linphonec has sent")

    def messages(self):
        """[(imdn_message_id, state, direction)]"""
        with contextlib.suppress(sqlite3.Error), contextlib.closing(sqlite3.connect("file:%s/linphone.db?mode=ro" % self.dir, uri=True)) as db:
            return db.execute("select imdn_message_id, state, direction from conference_chat_message_event").fetchall()
        return []

    def state(self, message):
        return next((state for m, state, _ in self.messages() if m == message), None)

    def wait_state(self, message, want, timeout=20):
        wait_for(lambda: self.state(message) == want, timeout, 0.1, "state %d of %s at linphonec" % (want, message))

    def wait_shown(self, b, text, timeout=20):
        """The text stands on the screen as a message from b."""
        line = "Message received from sip:%s@%s: %s" % (b, DOMAIN, text)
        wait_for(lambda: line in (self.dir / "out").read_text(errors="replace"), timeout, 0.1, "linphonec shows '%s'" % line)

    def stop(self):
        """Politely, so that it unregisters."""
        if not self.process or self.process.poll() is not None:
            return
        with contextlib.suppress(OSError):
            self.process.stdin.write(b"quit\n")
            self.process.stdin.close()
        try:
            self.process.wait(5)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
