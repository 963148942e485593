#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 the ipsmgw authors
"""`make run`: a test SMSC, the connector and Kamailio on loopback, and one conversation through them: messages, then a chat.

    run_demo.py [--once] [--build DIR]    start all, show the conversation, stay up until Ctrl-C
    run_demo.py --sms TEXT                while it runs, from another shell: the SMS user writes
    run_demo.py --im TEXT                 the same: the RCS client writes
    run_demo.py --chat                    the same: the RCS client invites to a chat and writes what you type

Plays the RCS client (with its S-CSCF) and the SMS user; the SMSC is test/peers/smsc.pl.
--once ends after the conversation, with status 0 only if every step arrived.
"""

import argparse
import contextlib
import json
import os
import pathlib
import re
import shutil
import signal
import socket
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / "test" / "e2e"), str(ROOT / "test" / "peers")]

from demo_watch import A, B, Missing, Watch, line, shown  # noqa: E402

PORTS = {"sip": 5060, "smpp": 2775, "control": 2776, "a": 5071, "vty": 4299}
LONG = ("This text has four hundred characters, so it does not fit into one short message: the gateway cuts it into parts, gives all of them "
        "one reference, and the phone of the other side puts them together again, so that nobody sees where it was cut. "
        "Count them if you like: they are all here, from the first to the last, in the right order, none of them lost and none of them twice. "
        "So ends this long story.")


def arguments():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--once", action="store_true")
    p.add_argument("--build", default=os.environ.get("BUILD", str(ROOT / "build")))
    p.add_argument("--sms", metavar="TEXT", help="send as the SMS user %s to the RCS client %s" % (B, A))
    p.add_argument("--im", metavar="TEXT", help="send as the RCS client %s to the SMS user %s" % (A, B))
    p.add_argument("--chat", action="store_true", help="as the RCS client, chat with the SMS user: each line of input is a message")
    return p.parse_args()


# ---- starting ----

def is_free(port):
    with contextlib.suppress(OSError), socket.socket() as tcp, socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp:
        tcp.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # connections of the last run may linger
        tcp.bind(("127.0.0.1", port))
        udp.bind(("127.0.0.1", port))
        return True
    return False


def choose_ports(free_port):
    ports = {name: port if is_free(port) else free_port() for name, port in PORTS.items()}
    for name, port in ports.items():
        if port != PORTS[name]:
            print("port %d (%s) is taken: %d instead" % (PORTS[name], name, port))
    return ports


def run_directory(build):
    """build/run, emptied; a short path where a Unix socket's name would not fit."""
    path = pathlib.Path(build).resolve() / "run"
    if len(str(path)) > 90:
        path = pathlib.Path(tempfile.gettempdir()) / ("ipsmgw-run-%d" % os.getuid())
    shutil.rmtree(path, ignore_errors=True)
    path.mkdir(parents=True)
    return path


def connector_config(shipped, ports, directory):
    """cfg/ipsmgw-connector.cfg with our ports and our link socket."""
    text = re.sub(r"(?m)^(\s+socket\s+).*$", r"\g<1>%s/link.sock" % directory, shipped)
    text = re.sub(r"(?m)^(\s+port\s+)\d+", r"\g<1>%d" % ports["smpp"], text)
    text = re.sub(r"(?m)^(\s+remote-ip\s+)\S+", r"\g<1>127.0.0.1", text)
    text = re.sub(r"(?m)^(\s+system-id\s+)\S+", r"\g<1>ipsmgw", text)
    text = re.sub(r"(?m)^(\s+password\s+)\S+", r"\g<1>secret", text)
    return re.sub(r"(?m)^(\s*bind 127\.0\.0\.1).*$", r"\g<1> %d" % ports["vty"], text)


# ---- the conversation ----

class Conversation:
    def __init__(self, stack, oracle, pager):
        self.stack, self.oracle, self.pager, self.conversation_id, self.last = stack, oracle, pager, None, None

    def need(self, condition, what):
        if not condition:
            raise Missing(what)

    def out(self, text, parts):
        """The RCS client writes."""
        since = len(self.stack.smsc.events)
        m = self.pager(text, A, B, conversation_id=self.conversation_id, in_reply_to=self.last)
        self.conversation_id = m.conversation_id
        line("SIP", "%s -> %s  MESSAGE: %s" % (A, B, shown(text)))
        line("", "conversation %s" % m.conversation_id)
        line("", "contribution %s" % m.contribution_id)
        answer = self.stack.a.send(self.stack.sip, m)
        self.need(answer, "no answer to the MESSAGE")
        line("SIP", "%s <- gateway: %d %s" % (A, answer.code, answer.reason))
        self.need(answer.code == 202, "the MESSAGE was answered %d" % answer.code)
        self.need((answer.get("Conversation-ID"), answer.get("Contribution-ID")) == (m.conversation_id, m.contribution_id), "the 202 does not echo the ids")
        submits = self.stack.smsc.wait_submits(B, parts, since=since)
        self.need(len(submits) == parts, "%d parts at the SMSC instead of %d" % (len(submits), parts))
        arrived = self.oracle.text_of(sorted(submits, key=lambda p: p["hex"][:12] if p["esm"] & 0x40 else ""))
        self.need(arrived == text, "another text at the SMSC: %s" % shown(arrived))
        self.sent = m

    def back(self, text, parts):
        """The SMS user writes."""
        since = len(self.stack.a.received)
        pieces = self.oracle.parts_of(text, ref=0x2A)
        self.need(len(pieces) == parts, "the reply has %d parts" % len(pieces))
        for piece in pieces:
            status = self.stack.smsc.mo(B, A, piece.udh + piece.text, data_coding=piece.dcs, esm_class=0x40 if piece.udh else 0)
            self.need(status == 0, "the gateway answered the SMSC with %s" % status)
        r = self.stack.a.wait(lambda r: r.text is not None, 5, since=since)
        self.need(r, "the reply did not reach the RCS client")
        self.need(r.text == text, "another text at the RCS client: %s" % shown(r.text))
        self.need(r.get("Conversation-ID") == self.conversation_id, "the reply is in another conversation")
        self.need(r.get("InReplyTo-Contribution-ID") == self.sent.contribution_id, "the reply does not say what it answers")
        self.need(r.get("Contribution-ID") not in (None, self.sent.contribution_id), "the reply has no contribution of its own")
        self.last = r.get("Contribution-ID")


STEPS = [
    ("The RCS client writes a short text with an emoji; it becomes one SMS", lambda c: c.out("Lunch at 12? \U0001F35C", 1)),
    ("The SMS user replies; it arrives in the same thread", lambda c: c.back("Yes, at Joe's - 10 € menu", 1)),
    ("The RCS client writes 400 characters; they become three parts", lambda c: c.out(LONG, 3)),
    ("The SMS user's phone sends a long reply as three parts; it arrives as one message", lambda c: c.back(LONG.replace("This text", "Your text"), 3)),
]


def converse(steps):
    """Name of the step that is missing, None if all arrived."""
    for k, (title, step) in enumerate(steps, 1):
        print("\n%d. %s" % (k, title), flush=True)
        try:
            step()
        except Exception as e:
            print("   MISSING: %s" % e)
            return title
        time.sleep(0.1)
        print("   ok", flush=True)
    return None


def all_steps(stack, oracle, pager):
    """[(title, function)]: pager messages, then a chat of the same thread"""
    import demo_chat
    conversation = Conversation(stack, oracle, pager)
    talk = demo_chat.Talk(conversation)
    return [(title, lambda step=step: step(conversation)) for title, step in STEPS] + [(title, lambda step=step: step(talk)) for title, step in demo_chat.STEPS]


# ---- from another shell ----

def from_another_shell(args):
    try:
        ports = json.loads((pathlib.Path(args.build).resolve() / "run-ports.json").read_text())
    except OSError:
        print("nothing runs: `make run` first", file=sys.stderr)
        return 1
    if args.im is not None:
        from sip_peer import Peer, pager
        with Peer() as peer:
            answer = peer.send(("127.0.0.1", ports["sip"]), pager(args.im, A, B), timer_f=5)
        print("%d %s" % (answer.code, answer.reason) if answer else "no answer")
        return 0 if answer and answer.code == 202 else 1
    if args.chat:
        import demo_chat
        return demo_chat.type_chat(("127.0.0.1", ports["sip"]))
    return send_sms(args.sms, ports["control"])


def send_sms(text, port):
    import oracle
    for piece in oracle.parts_of(text, ref=int(time.time()) & 255):
        mo = {"cmd": "mo", "source_addr": B[1:], "destination_addr": A[1:], "data_coding": piece.dcs, "esm_class": 0x40 if piece.udh else 0,
              "hex": (piece.udh + piece.text).hex()}
        try:
            with socket.create_connection(("127.0.0.1", port), 60) as sock:
                sock.sendall(json.dumps(mo).encode() + b"\n")
                answer = sock.makefile().readline()
        except OSError as e:
            print("the test SMSC does not answer: %s" % e, file=sys.stderr)
            return 1
        print(answer.strip())
    return 0 if json.loads(answer).get("status") == 0 else 1


def usage(stack, ports):
    ctl = os.path.relpath(stack.dir / "ctl.sock")
    ctl = str(stack.dir / "ctl.sock") if ctl.startswith("..") else ctl
    build = stack.dir.parent
    demo = "tools/run_demo.py" + ("" if build == ROOT / "build" else " --build %s" % build)
    print("""
Everything stays up; what crosses is shown here. Ctrl-C stops it. From another shell:

  kamcmd -s unix:{ctl} ipsmgw.stats
  kamcmd -s unix:{ctl} ipsmgw.conv_get s:{a} s:{b}
  kamcmd -s unix:{ctl} ipsmgw.msg_list 10 0
  kamcmd -s unix:{ctl} ipsmgw.session_list 10 0
  kamcmd -s unix:{ctl} ipsmgw.link_list
  kamcmd -s unix:{ctl} stats.get_statistics ipsmgw:
  telnet 127.0.0.1 {vty}           (package telnet; the connector: show smsc, show routes, show statistics)

  {demo} --sms "A text from the SMS user"
  {demo} --im "A text from the RCS client"
  {demo} --chat         (the RCS client chats; answer it with --sms YES, leave it with --sms END)

or by hand at the test SMSC's control port:

  exec 3<>/dev/tcp/127.0.0.1/{control}
  echo '{{"cmd":"mo","source_addr":"{b1}","destination_addr":"{a1}","hex":"48656c6c6f"}}' >&3; head -n 1 <&3

Logs, database and configuration: {directory}
""".format(ctl=ctl, demo=demo, a=A, b=B, a1=A[1:], b1=B[1:], vty=ports["vty"], control=ports["control"], directory=stack.dir), flush=True)


def stay_up(stack):
    """Until Ctrl-C; 1 if one of the programs ends by itself."""
    try:
        while True:
            for program in (stack.kamailio, stack.connector, stack.smsc.program):
                if not program.alive():
                    print("%s has ended: see %s" % (program.name, program.log_path))
                    return 1
            time.sleep(0.5)
    except KeyboardInterrupt:
        print("\nstopping")
        return 0


def run(args):
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.default_int_handler)
    os.environ["BUILD"] = args.build
    import harness
    import oracle
    ports, directory = choose_ports(harness.free_port), run_directory(args.build)
    ports_file = pathlib.Path(args.build).resolve() / "run-ports.json"
    ports_file.write_text(json.dumps(ports))
    print("SIP 127.0.0.1:{sip}   RCS client 127.0.0.1:{a}   SMSC 127.0.0.1:{smpp}   its control port {control}   connector VTY {vty}".format(**ports))
    stack = harness.Stack(start=False, directory=directory, ports=ports, modparams={"chat_policy": "check_first"})
    (directory / "connector.cfg").write_text(connector_config((ROOT / "cfg/ipsmgw-connector.cfg").read_text(), ports, directory))
    try:
        Watch(stack, oracle, harness.Answer)
        stack.start()
        print("Kamailio, the connector and the test SMSC are up; the connector is bound.")
        steps = all_steps(stack, oracle, harness.pager)
        missing = converse(steps)
        print("\nAll %d steps arrived." % len(steps) if not missing else "\nMissing: %s\nLogs: %s" % (missing, directory), flush=True)
        if args.once or missing and not sys.stdout.isatty():
            return 1 if missing else 0
        usage(stack, ports)
        return stay_up(stack) or (1 if missing else 0)
    except harness.Failure as e:
        print("It did not start: %s\nLogs: %s" % (e, directory))
        return 1
    except KeyboardInterrupt:
        return 1
    finally:
        stack.close(keep=True)
        ports_file.unlink(missing_ok=True)


def main():
    args = arguments()
    if args.sms is not None or args.im is not None or args.chat:
        return from_another_shell(args)
    return run(args)


if __name__ == "__main__":
    sys.exit(main())
