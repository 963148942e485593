# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 the ipsmgw authors
"""MSRP frames (RFC 4975 section 9) as strictly as its grammar, written from the RFC and not from lib/msrp.

    frames = FrameReader()
    for frame in frames.feed(octets):       # Frame, in the order of the wire
        frame.faults                        # what is not RFC 4975 in this frame alone, as text
    frames.rest                             # octets of a frame that has not ended

Nothing is repaired: a header in the wrong place is a fault, not a guess. A stream that cannot be cut into
frames any more sets frames.lost to the reason, and gives nothing after that.
"""

import re

from sip_peer import Cpim

TID = r"[A-Za-z0-9][A-Za-z0-9.\-+%=]{3,31}"
START = re.compile(r"MSRP (%s) (?:([A-Z]+)|(\d{3})(?: ([^\r\n]*))?)" % TID)
IDENT = re.compile(TID)
URI = re.compile(r"(msrps?)://(?:[A-Za-z0-9\-._~!$&'()*+,;=:%]*@)?(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9.\-]+)(?::(\d+))?(?:/([A-Za-z0-9\-._~+=/]+))?"
                 r";([A-Za-z0-9]+)((?:;[A-Za-z0-9\-.!%*_+`'~]+(?:=[A-Za-z0-9\-.!%*_+`'~]+)?)*)", re.I)
HEADER = re.compile(r"([A-Za-z][A-Za-z0-9\-.!%*_+`'~]*): ([^\r\n]*)")
RANGE = re.compile(r"(\d+)-(\d+|\*)/(\d+|\*)")
STATUS = re.compile(r"(\d{3}) (\d{3})(?: (.*))?")
MEDIA = re.compile(r"[^\s/;]+/[^\s/;]+( ?; ?[^\s;=]+(=(\"[^\"]*\"|[^\s;\"]+))?)*")
SYNTAX = {"to-path": None, "from-path": None, "message-id": IDENT, "success-report": re.compile("yes|no"), "failure-report": re.compile("yes|no|partial"),
          "byte-range": RANGE, "status": STATUS, "content-type": MEDIA}
MIME = ("content-id", "content-description", "content-disposition")
NO_BREAK = 2048   # 7.1.1: a longer chunk must be interruptible, which its range-end "*" says
HEAD_MAX = 16384


class Uri:
    """An MSRP URI; equal as section 6.1 compares."""

    def __init__(self, text):
        m = URI.fullmatch(text)
        if not m:
            raise ValueError("not an MSRP URI: " + text)
        self.text, self.scheme, self.host, self.session_id, self.transport = text, m[1].lower(), m[2].lower().strip("[]"), m[4], m[5].lower()
        self.port = int(m[3]) if m[3] else None
        self.key = self.scheme, self.host, self.port, self.session_id, self.transport

    def __eq__(self, other):
        return isinstance(other, Uri) and self.key == other.key

    def __hash__(self):
        return hash(self.key)

    def __repr__(self):
        return self.text


class Frame:
    """method or code is None. body is None without Content-Type. to_path and from_path are lists of Uri."""

    def __init__(self, octets, head, body, flag):
        self.octets, self.body, self.flag, self.faults = octets, body, flag, []
        lines = head.split("\r\n")
        start = START.fullmatch(lines[0])
        self.tid, self.method, self.comment = start[1], start[2], start[4]
        self.code = int(start[3]) if start[3] else None
        self.headers = [self.header(line) for line in lines[1:]]
        self.to_path, self.from_path = self.path("To-Path", 0), self.path("From-Path", 1)
        self.check_headers()
        self.check_request() if self.method else self.check_response()

    def fault(self, *what):
        self.faults.append(" ".join(str(w) for w in what) + " in: " + self.octets[:60].decode("utf-8", "backslashreplace").split("\r\n")[0])

    def header(self, line):
        m = HEADER.fullmatch(line)
        if not m:
            self.fault("not a header line: %r" % line)
            return line.partition(":")[0].strip(), line.partition(":")[2].strip()
        syntax = SYNTAX.get(m[1].lower())
        if syntax and not syntax.fullmatch(m[2]):
            self.fault("value of %s: %r" % (m[1], m[2]))
        return m[1], m[2]

    def get(self, name, default=None):
        return next((v for n, v in self.headers if n.lower() == name.lower()), default)

    def path(self, name, place):
        if len(self.headers) <= place or self.headers[place][0].lower() != name.lower():
            self.fault(name, "is not header", place + 1)
        try:
            return [Uri(u) for u in (self.get(name) or "").split(" ") if u]
        except ValueError as e:
            self.fault(e)
            return []

    def check_headers(self):
        names = [n.lower() for n, _ in self.headers]
        for name in sorted(set(names)):
            if names.count(name) > 1:
                self.fault(name, "stands %d times" % names.count(name))
        for path in (self.to_path, self.from_path):
            if any(u.transport != "tcp" or not u.session_id for u in path[-1:]):
                self.fault("path without session id, or not over tcp")
        if self.body is None and "content-type" in names:
            self.fault("Content-Type without content")
        if self.body is not None and (not names or names[-1] != "content-type"):
            self.fault("Content-Type is not the last header before the content")
        if self.body is None and any(n in MIME for n in names):
            self.fault("MIME headers without content")

    def need(self, *names):
        for name in names:
            if self.get(name) is None:
                self.fault(self.method, "without", name)

    def refuse(self, *names):
        for name in names:
            if self.get(name) is not None:
                self.fault(self.method or self.code, "with", name)

    def check_request(self):
        self.need("Message-ID")
        if self.method == "SEND":
            self.refuse("Status")
            self.check_range()
        elif self.method == "REPORT":
            self.need("Status", "Byte-Range")
            self.refuse("Success-Report", "Failure-Report")
            if self.flag != "$":
                self.fault("REPORT ends with", self.flag)
            if self.status and self.status[0] != 0:
                self.fault("namespace of Status is not 000")
        else:
            self.fault("method", self.method)

    def check_response(self):
        if self.body is not None:
            self.fault("response with content")
        if self.flag != "$":
            self.fault("response ends with", self.flag)
        if len(self.to_path) > 1:
            self.fault("a response goes to one hop, its To-Path has more")
        self.refuse("Byte-Range", "Status", "Success-Report", "Failure-Report", "Message-ID")

    def check_range(self):
        """7.1.1, 7.3.1: range, content and flag say the same."""
        if not self.range:
            if self.flag != "$":
                self.fault("a chunk that is not the whole message has no Byte-Range")
            return
        start, end, total = self.range
        length = len(self.body or b"")
        last = start + length - 1
        if start < 1:
            self.fault("Byte-Range starts at", start)
        if end not in (None, last):
            self.fault("Byte-Range %s with %d octets" % (self.get("Byte-Range"), length))
        if total is not None and last > total:
            self.fault("Byte-Range %s: beyond the total" % self.get("Byte-Range"))
        if total is not None and self.flag == "$" and last != total:
            self.fault("last chunk ends at %d of %d" % (last, total))
        if total is not None and self.flag == "+" and last == total:
            self.fault("all octets are there and the flag is +")
        if length > NO_BREAK and end is not None:
            self.fault("%d octets that cannot be interrupted" % length)

    @property
    def range(self):
        """(start, end or None, total or None), None without"""
        m = RANGE.fullmatch(self.get("Byte-Range") or "")
        return m and tuple(None if x == "*" else int(x) for x in m.groups())

    @property
    def status(self):
        """(namespace, code, comment) of a REPORT"""
        m = STATUS.fullmatch(self.get("Status") or "")
        return m and (int(m[1]), int(m[2]), m[3])

    @property
    def message_id(self):
        return self.get("Message-ID")

    @property
    def content_type(self):
        return self.get("Content-Type")

    def __repr__(self):
        return "<MSRP %s %s %s%s>" % (self.tid, self.method or self.code, self.get("Byte-Range", ""), self.flag)


class FrameReader:
    """Octets in, frames out."""

    def __init__(self):
        self.rest, self.lost = b"", None

    def feed(self, octets):
        self.rest += octets
        frames = []
        while self.rest and not self.lost:
            frame = self.take()
            if not frame:
                break
            frames.append(frame)
        return frames

    def lose(self, *what):
        self.lost = " ".join(str(w) for w in what)

    def take(self):
        line, found, _ = self.rest.partition(b"\r\n")
        if not found:
            if len(line) > HEAD_MAX or not b"MSRP ".startswith(line[:5]) or b"\n" in line:
                self.lose("no MSRP start line: %r" % line[:60])
            return None
        start = START.fullmatch(line.decode("utf-8", "replace"))
        if not start:
            return self.lose("no MSRP start line: %r" % line[:60])
        return self.take_after(start[1].encode(), len(line))

    def take_after(self, tid, at):
        """The rest of the frame whose start line is at octets long: headers up to an end line or an empty line."""
        end = re.search(rb"\r\n(-------" + re.escape(tid) + rb"([+$#])\r\n|\r\n|-------)", self.rest[at:])
        if not end:
            if len(self.rest) > HEAD_MAX:
                self.lose("headers without end")
            return None
        begin, after = at + end.start(), at + end.end()
        if end[2]:
            return self.cut(begin, after, None, end[2])
        if end[1] == b"-------":
            line = self.rest[begin + 2:].partition(b"\r\n")
            return self.lose("end line %r of transaction %s" % (line[0], tid.decode())) if line[1] else None
        return self.take_content(tid, begin, after)

    def take_content(self, tid, begin, after):
        end = re.compile(rb"\r\n-------" + re.escape(tid) + rb"([+$#])\r\n").search(self.rest, after)
        m = re.search(rb"(?i)\r\nByte-Range: (\d+)-(\d+)/", self.rest[:begin])
        stop = after + int(m[2]) - int(m[1]) + 1 if m else len(self.rest)
        line = re.compile(rb"\r\n(-------[^\r\n]*)\r\n").match(self.rest, stop)
        if line and not (end and end.start() <= stop):   # where the Byte-Range says that the content ends, another end line stands
            return self.lose("end line %r of transaction %s" % (line[1], tid.decode()))
        return self.cut(begin, end.end(), self.rest[after:end.start()], end[1]) if end else None

    def cut(self, head_end, end, body, flag):
        octets, self.rest = self.rest[:end], self.rest[end:]
        return Frame(octets, octets[:head_end].decode("utf-8", "backslashreplace"), body, flag.decode())


class Message:
    """What the other side sent under one Message-ID, chunks put together."""

    def __init__(self, first):
        self.message_id, self.content_type, self.frames, self.spans = first.message_id, first.content_type, [], []
        self.total, self.complete, self.aborted, self.faults = None, False, False, []

    def add(self, frame):
        """Put the chunk where it belongs and say what does not fit."""
        start, _, total = frame.range or (1, None, None)
        if frame.content_type != self.content_type:
            self.faults.append("Content-Type changes between chunks of " + self.message_id)
        if total is not None and self.total not in (None, total):
            self.faults.append("total changes from %d to %d in %s" % (self.total, total, self.message_id))
        if start != 1 + sum(len(b) for _, b in self.spans):
            self.faults.append("chunk of %s starts at %d, not where the last ended" % (self.message_id, start))
        self.total = total if total is not None else self.total
        self.frames.append(frame)
        self.spans.append((start, frame.body or b""))
        self.aborted = self.aborted or frame.flag == "#"
        if frame.flag == "$":
            self.complete = not self.gap()

    def gap(self):
        """True, and a fault, if octets are missing."""
        missing = sum(len(b) for _, b in self.spans) != len(self.body) or any(s < 1 for s, _ in self.spans)
        if missing:
            self.faults.append("octets missing or twice in " + self.message_id)
        return missing

    @property
    def body(self):
        out, at = bytearray(), 1
        for start, octets in sorted(self.spans, key=lambda s: s[0]):
            if start > at:
                break
            out[start - 1:start - 1 + len(octets)] = octets
            at = len(out) + 1
        return bytes(out)

    def get(self, name, default=None):
        return self.frames[0].get(name, default)

    @property
    def media_type(self):
        return (self.content_type or "").split(";")[0].strip().lower()

    @property
    def cpim(self):
        return Cpim(self.body) if self.media_type == "message/cpim" else None

    @property
    def text(self):
        """What the user reads; None if it is not a text."""
        if self.media_type == "text/plain":
            return self.body.decode("utf-8")
        cpim = self.cpim
        if cpim and (cpim.mime.get("content-type") or "text/plain").lower().startswith("text/plain"):
            return cpim.text
        return None

    @property
    def imdn(self):
        """The content of an IMDN as octets, else None"""
        cpim = self.cpim
        return cpim.content if cpim and (cpim.mime.get("content-type") or "").lower().startswith("message/imdn+xml") else None

    def __repr__(self):
        return "<Message %s %s %d octets>" % (self.message_id, self.content_type, len(self.body))
