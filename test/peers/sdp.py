# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 the ipsmgw authors
"""SDP of an MSRP stream: written as a client writes it, read strictly (RFC 4566, 4975 section 8, 6135, 6714, 8122).

    body = offer(session, setup="active")               # of a Session of msrp_peer.py; octets
    body = offer(session, setup=None, direction="sendonly", accept_types="message/cpim", cema=True, extra=["a=max-size:2048"])
    answer = Sdp(response.body); answer.faults; answer.path; answer.address; answer.setup; answer.get("max-size")
    faults = answer_faults(Sdp(body), answer)           # what is wrong with it as an answer to that offer
"""

import re
import time

from msrp_frame import Uri

ACCEPT_TYPES, WRAPPED_TYPES = "message/cpim application/im-iscomposing+xml", "text/plain message/imdn+xml"
DIRECTIONS = ("sendrecv", "sendonly", "recvonly", "inactive")
MIRROR = {"sendrecv": DIRECTIONS, "sendonly": ("recvonly", "inactive"), "recvonly": ("sendonly", "inactive"), "inactive": ("inactive",)}
ROLES = {"active": ("passive",), "passive": ("active",), "actpass": ("active", "passive"), None: ("passive",)}
LINE = re.compile(r"([a-z])=(.+)")
ORDER = "vosiuepcbtrzka"


def offer(session, setup="actpass", direction="sendrecv", accept_types=ACCEPT_TYPES, wrapped_types=WRAPPED_TYPES, cema=False, extra=(), change=(),
          address=None, path=None, fingerprint=None, proto=None, connection="new"):
    """change: pairs (pattern, replacement) on the whole text, for what no client should write. Leave an attribute out by None."""
    peer, now = session.peer, int(time.time()) + 2208988800
    host, port = address or (peer.host, 9 if setup == "active" else peer.port)
    fingerprint = fingerprint or (peer.certificate and peer.certificate.fingerprint)
    attributes = [("accept-types", accept_types), ("accept-wrapped-types", wrapped_types), ("setup", setup), ("connection", connection),
                  ("path", path or session.path), ("fingerprint", fingerprint)]
    lines = ["v=0", "o=- %d %d IN IP4 %s" % (now, now, host), "s=-", "c=IN IP4 " + host, "t=0 0",
             "m=message %d %s *" % (port, proto or ("TCP/TLS/MSRP" if peer.certificate else "TCP/MSRP"))]
    lines += ["a=%s:%s" % a for a in attributes if a[1]] + list(extra)
    lines += (["a=msrp-cema"] if cema else []) + (["a=" + direction] if direction else [])
    text = "\r\n".join(lines) + "\r\n"
    for pattern, replacement in change:
        text, n = re.subn(pattern, replacement, text, flags=re.M)
        assert n, "no %s in the SDP" % pattern
    return text.encode()


class Sdp:
    """The one message stream of a description; faults says what is not as the RFCs have it."""

    def __init__(self, octets):
        self.faults, self.octets = [], octets
        text = octets.decode("utf-8", "replace")
        if not text.endswith("\r\n") or "\n" in text.replace("\r\n", ""):
            self.faults.append("SDP lines do not end in CRLF")
        self.lines = [LINE.fullmatch(line) for line in text.rstrip("\r\n").split("\r\n")]
        if None in self.lines:
            self.faults.append("not an SDP line in %r" % text)
        self.lines = [m.groups() for m in self.lines if m]
        media = next((i for i, (t, _) in enumerate(self.lines) if t == "m"), len(self.lines))
        self.session_part, self.media_part = self.lines[:media], self.lines[media:]
        self.check_session()
        self.read_media()

    def check_session(self):
        types = [t for t, _ in self.session_part]
        if types[:3] != ["v", "o", "s"] or "t" not in types:
            self.faults.append("v=, o=, s= and t= are not there in this order: %s" % "".join(types))
        if [ORDER.index(t) for t in types if t in ORDER] != sorted(ORDER.index(t) for t in types if t in ORDER):
            self.faults.append("order of SDP lines: %s" % "".join(types))
        if sum(t == "m" for t, _ in self.lines) != 1:
            self.faults.append("%d m= lines" % sum(t == "m" for t, _ in self.lines))

    def read_media(self):
        m = re.fullmatch(r"message (\d+) (TCP/MSRP|TCP/TLS/MSRP) (\S+)", self.media_part[0][1]) if self.media_part else None
        self.port, self.proto = (int(m[1]), m[2]) if m else (0, "")
        if not m or m[3] != "*":
            self.faults.append("m= line: %r" % (self.media_part[:1],))
        c = [v for t, v in self.media_part + self.session_part if t == "c"]
        self.host = c[0].split(" ")[2] if c else None
        if not c or not re.fullmatch(r"IN IP[46] \S+", c[0]):
            self.faults.append("c= line: %r" % c)
        self.attributes = [v.partition(":")[::2] for t, v in self.media_part + self.session_part if t == "a"]
        for name in ("path", "accept-types", "setup", "max-size"):
            if sum(n == name for n, _ in self.attributes) > 1:
                self.faults.append("a=%s more than once" % name)
        self.check_path()

    def check_path(self):
        self.path = self.get("path")
        try:
            uris = [Uri(u) for u in (self.path or "").split(" ")]
            if (uris[-1].scheme == "msrps") != ("TLS" in self.proto):
                self.faults.append("a=path is %s and the m= line %s" % (uris[-1].scheme, self.proto))
        except ValueError as e:
            self.faults.append("a=path: %s" % e)
        if not self.get("accept-types"):
            self.faults.append("no a=accept-types")
        if "TLS" in self.proto and not re.fullmatch(r"[Ss][Hh][Aa]-\d+ ([0-9A-Fa-f]{2}:)+[0-9A-Fa-f]{2}", self.fingerprint or ""):
            self.faults.append("a=fingerprint: %s" % self.fingerprint)

    def get(self, name):
        """Value of an attribute; "" if it has none; None if it is not there"""
        return next((v for n, v in self.attributes if n == name), None)

    @property
    def setup(self):
        return self.get("setup")

    @property
    def fingerprint(self):
        return self.get("fingerprint")

    @property
    def direction(self):
        return next((n for n, _ in self.attributes if n in DIRECTIONS), "sendrecv")

    @property
    def version(self):
        """The o= line without the address: (user, session id, version)"""
        return tuple(next(v for t, v in self.lines if t == "o").split(" ")[:3])

    @property
    def address(self):
        """Where to connect to: c= and m= line with CEMA, else the path (RFC 4975 8.1 against RFC 6714)"""
        if self.get("msrp-cema") is not None:
            return self.host, self.port
        uri = Uri(self.path.split(" ")[0])
        return uri.host, uri.port or 2855


def answer_faults(offered, answer):
    """What RFC 3264, 6135 and 4975 do not allow in this answer to this offer, as text"""
    found = list(answer.faults)
    if answer.proto != offered.proto:
        found.append("m= line of the answer has %s, the offer %s" % (answer.proto, offered.proto))
    if answer.setup is None and offered.setup is not None:
        found.append("no a=setup in the answer")
    if answer.setup is not None and answer.setup not in ROLES.get(offered.setup, ()):
        found.append("a=setup:%s answered with %s" % (offered.setup, answer.setup))
    if answer.direction not in MIRROR[offered.direction]:
        found.append("a=%s answered with a=%s" % (offered.direction, answer.direction))
    if answer.setup == "passive" and answer.port in (0, 9):
        found.append("passive on port %d" % answer.port)
    if answer.setup == "active" and answer.port != 9:
        found.append("active, and port %d instead of 9" % answer.port)
    if answer.get("msrp-cema") is not None and offered.get("msrp-cema") is None:
        found.append("a=msrp-cema was not offered")
    if answer.path and offered.path and answer.path.split("/")[-1] == offered.path.split("/")[-1]:
        found.append("the path of the offer came back")
    return found
