# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 the ipsmgw authors
"""A second parser for what the gateway writes over MSRP: the msrp module of another Kamailio, which nobody here wrote.

Its limits: the core cuts the stream into frames for it as for us, so only what is in a frame is judged by another reading. It looks at no
flag of an end line and does not compare the Byte-Range with the content; its body has the CRLF before the end line. Its script sees nothing of
frames above 11238 octets (10 KiB of content and the headers); ours are far below, a chunk has 2048 octets of content.
"""

import hashlib
import socket

from chat import Chat
from harness import KAMAILIO, ROOT, Program, check, equal, free_port, wait_for
from msrp_frame import FrameReader
from msrp_peer import new_tid
from notifications import FAST, by_hand, message_ids, receipt

STACK = dict(FAST, modparams=dict(FAST["modparams"], chat_text="started="))
LIMIT = 11238
LONG = "All work and no play makes Jack a dull boy. "
FIELDS = ("transid", "method", "code", "reason", "to", "from", "session", "message_id", "byte_range", "success", "failure", "status", "content_type", "length",
          "content_length", "content")


class Judge:
    """The other Kamailio; read() gives what it found in each frame, as {field: text}."""

    def __init__(self, directory):
        self.address = "127.0.0.1", free_port()
        argv = [KAMAILIO, "-f", ROOT / "test/e2e/msrp_judge.cfg", "-A", "LISTEN=tcp:%s:%d" % self.address, "-Y", directory, "-P", directory / "judge.pid", "-w", directory,
                "-m", "32", "-M", "8", "-DD", "-E"]
        self.program = Program("msrp_judge", argv, directory)

    def __enter__(self):
        self.program.start()
        wait_for(self.up, 20, 0.1, "the judge listens")
        return self

    def up(self):
        check(self.program.alive(), "the judge ended: see", self.program.log_path)
        with socket.socket() as sock:
            return sock.connect_ex(self.address) == 0

    def __exit__(self, *_):
        self.program.stop()

    def verdicts(self):
        lines = [line.split("|")[1:-1] for line in self.program.log_path.read_text(errors="replace").splitlines() if "FRAME|" in line]
        return [dict(zip(FIELDS, line)) for line in lines if len(line) == len(FIELDS)]

    def read(self, octets, count):
        """What it found in these frames, all of which came over one connection"""
        before = len(self.verdicts())
        with socket.create_connection(self.address, 10) as sock:
            sock.sendall(octets)
            wait_for(lambda: len(self.verdicts()) >= before + count, 20, 0.1, "%d frames, the judge has %d" % (count, len(self.verdicts()) - before))
        return self.verdicts()[before:]


def expected(frame):
    """What the peer of the tests reads in it"""
    def text(value):
        return "<null>" if value is None else str(value)
    content = b"" if frame.body is None else frame.body + b"\r\n"
    return {"transid": frame.tid, "method": text(frame.method), "code": text(frame.code), "reason": text(frame.comment if frame.code else None),
            "to": frame.to_path[-1].text, "from": frame.from_path[-1].text, "session": frame.to_path[0].session_id, "message_id": text(frame.message_id),
            "byte_range": text(frame.get("Byte-Range")), "success": text(frame.get("Success-Report")), "failure": text(frame.get("Failure-Report")),
            "status": text(frame.get("Status")), "content_type": text(frame.content_type), "length": str(len(frame.octets)), "content_length": str(len(content)),
            "content": hashlib.md5(content).hexdigest() if content else ""}


def compare(judge, frames):
    verdicts = judge.read(b"".join(f.octets for f in frames), len(frames))
    equal(len(verdicts), len(frames), "frames that the judge found")
    for frame, verdict in zip(frames, verdicts):
        equal(verdict, expected(frame), frame.octets[:60])


def talk(s, setup):
    """A chat with all that the gateway writes: empty SEND, texts, chunks, an IMDN, REPORTs, answers of every kind. Gives the frames."""
    by_hand(s)
    with Chat(s, setup=setup) as chat:
        chat.accepted()
        chat.b_says("Grüße, ein | Strich und ein\r\n-------leerer Strich")
        chat.heard("Grüße, ein | Strich und ein\r\n-------leerer Strich")
        chat.b_says(LONG * 60)
        chat.heard(LONG * 60, timeout=20)
        chat.say("hello " * 20, chunk=50, success="yes").wait_report()
        sent = chat.say("tell me", notify="positive-delivery")
        chat.told("tell me")
        receipt(s, chat.a, chat.b, message_ids(s, chat.b, len(s.smsc.submits(lambda p: p["to"] == chat.b[1:])))[-1])
        chat.heard_imdn(sent.imdn_id)
        chat.say(b"GIF89a", content_type="image/gif", code=415)
        chat.say("x" * 9000, content_type="text/plain", code=413)
        return list(chat.msrp.frames)


def test_second_parser(s):
    with Judge(s.dir) as judge:
        for setup in ("active", "passive"):
            frames = talk(s, setup)
            kinds = {f.method or f.code for f in frames}
            check(kinds >= {"SEND", "REPORT", 200, 413, 415}, "what was not judged:", kinds)
            check(max(len(f.octets) for f in frames) < LIMIT, "longer than the judge reads")
            compare(judge, frames)


def test_the_judge_has_limits_and_finds_faults(s):
    tid = new_tid()
    head = "MSRP %s SEND\r\nTo-Path: msrp://127.0.0.1:9/b;tcp\r\nFrom-Path: msrp://127.0.0.1:9/a;tcp\r\nMessage-ID: %s\r\n" % (tid, tid)
    tail = "-------%s$\r\n" % tid
    content = "Content-Type: text/plain\r\n\r\n"
    good = head + content + "x" * (LIMIT - len(head + content + tail) - 2) + "\r\n" + tail
    swapped = head.replace("To-Path", "X").replace("From-Path", "To-Path").replace("X", "From-Path") + tail
    with Judge(s.dir) as judge:
        compare(judge, FrameReader().feed(good.encode()))
        judge.read(swapped.encode(), 0)
        wait_for(lambda: "From-Path must be after To-Path" in judge.program.log_path.read_text(errors="replace"), what="a word about swapped paths")
        longer = good.replace("xxx", "xxxx", 1)
        found = judge.read(longer.encode() + (head + tail).encode(), 1)
        equal([v["length"] for v in found], [str(len(head + tail))], "frames that it sees, the first above its limit")
