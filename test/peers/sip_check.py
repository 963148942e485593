# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 the ipsmgw authors
"""What RFC 3261 (and 3262, 4028) ask of a request or response inside or at the start of a dialog, read by tag and by eye.

Each function gives a list of texts: what is wrong. Used by sip_dialog.py on everything that comes.
"""

import re

NAME_ADDR = re.compile(r'^\s*(?:"(?:[^"\\]|\\.)*"|[^<"]*)\s*<([^>]+)>(.*)$')
ONCE = ("From", "To", "Call-ID", "CSeq", "Max-Forwards", "Content-Type", "Content-Length", "Contact", "RSeq", "RAck", "Session-Expires")


def address(value):
    """(uri, {parameter: value}) of a From, To, Contact or Route element"""
    m = NAME_ADDR.match(value or "")
    uri, rest = (m[1], m[2]) if m else (value or "").partition(";")[::2]
    pairs = [p.strip().partition("=") for p in rest.split(";") if p.strip()]
    return uri, {n.lower(): v for n, _, v in pairs}


def tag(value):
    return address(value)[1].get("tag")


def elements(message, name):
    """Values of a list header, one element each"""
    return [v.strip() for line in message.headers.all(name) for v in re.findall(r'(?:"[^"]*"|<[^>]*>|[^,"<])+', line) if v.strip()]


def options(message, name):
    return [t.strip().lower() for t in ",".join(message.headers.all(name)).split(",") if t.strip()]


def cseq(message):
    number, _, method = (message.get("cseq") or "").partition(" ")
    return (int(number) if number.isdigit() else -1), method.strip()


def common_faults(m):
    found = ["%s stands %d times" % (n, len(m.headers.all(n))) for n in ONCE if len(m.headers.all(n)) > 1]
    found += ["no " + n for n in ("Via", "From", "To", "Call-ID", "CSeq") if not m.get(n)]
    rest = m.octets.partition(b"\r\n\r\n")[2]
    if m.get("content-length") is not None and int(m.get("content-length")) != len(rest):
        found.append("Content-Length %s and %d octets" % (m.get("content-length"), len(rest)))
    if rest and not m.get("content-type"):
        found.append("a body without Content-Type")
    if cseq(m)[0] < 0:
        found.append("CSeq: %s" % m.get("cseq"))
    return found


def request_faults(m):
    found = common_faults(m)
    if not re.match(r"SIP/2\.0/(UDP|TCP|TLS) \S+", m.get("via") or "") or not m.branch.startswith("z9hG4bK"):
        found.append("Via: %s" % m.get("via"))
    if not (m.get("max-forwards") or "").isdigit():
        found.append("Max-Forwards: %s" % m.get("max-forwards"))
    if not tag(m.get("from")):
        found.append("no tag in From: %s" % m.get("from"))
    if cseq(m)[1] != m.method:
        found.append("CSeq: %s in a %s" % (m.get("cseq"), m.method))
    if m.method in ("INVITE", "SUBSCRIBE", "UPDATE", "NOTIFY") and not m.get("contact"):
        found.append("no Contact")
    return found


def in_dialog_faults(m, dialog):
    """m came for dialog, from its other side."""
    found = request_faults(m)
    wants = (("tag of From", tag(m.get("from")), dialog.remote_tag), ("tag of To", tag(m.get("to")), dialog.local_tag),
             ("URI of From", address(m.get("from"))[0], dialog.remote_uri), ("URI of To", address(m.get("to"))[0], dialog.local_uri),
             ("Request-URI", m.uri, dialog.contact_uri), ("Route", [address(r)[0] for r in elements(m, "route")], dialog.own_routes))
    found += ["%s: %s, want %s" % w for w in wants if w[1] != w[2]]
    if m.method not in ("ACK", "CANCEL") and dialog.remote_cseq is not None and cseq(m)[0] <= dialog.remote_cseq:
        found.append("CSeq %s after %d" % (m.get("cseq"), dialog.remote_cseq))
    return ["%s: %s" % (m.method, f) for f in found]


def response_faults(m, request, local_tag):
    """m answers request, an Outgoing that went out with local_tag in From and one Via."""
    found = common_faults(m)
    sent = dict((n.lower(), v) for n, v in request.fields)
    if len(m.headers.all("via")) != 1 or not m.branch:
        found.append("Via: %s" % m.headers.all("via"))
    if cseq(m) != (request.cseq, request.method) or m.get("call-id") != request.call_id:
        found.append("CSeq %s, Call-ID %s" % (m.get("cseq"), m.get("call-id")))
    if tag(m.get("from")) != local_tag or address(m.get("from"))[0] != address(sent["from"])[0]:
        found.append("From: %s, sent %s" % (m.get("from"), sent["from"]))
    if address(m.get("to"))[0] != address(sent["to"])[0]:
        found.append("To: %s, sent %s" % (m.get("to"), sent["to"]))
    if m.code > 100 and not tag(m.get("to")):
        found.append("no tag in To")
    known = options_of(sent, "supported") + options_of(sent, "require")
    found += ["Require: %s was not offered" % o for o in options(m, "require") if o not in known]
    return ["%s to %s: %s" % (m.code, request.method, f) for f in found]


def options_of(sent, name):
    return [t.strip().lower() for t in sent.get(name, "").split(",") if t.strip()]


def dialog_response_faults(m, dialog):
    """m makes or confirms dialog: 18x and 200 to an INVITE that was sent."""
    found = []
    if dialog.remote_tag and tag(m.get("to")) != dialog.remote_tag:
        found.append("tag of To is %s, was %s" % (tag(m.get("to")), dialog.remote_tag))
    uri = address(m.get("contact"))[0]
    if not re.match(r"sips?:\S+", uri):
        found.append("Contact: %s" % m.get("contact"))
    if elements(m, "contact")[1:]:
        found.append("more than one Contact")
    routes = [address(r)[0] for r in elements(m, "record-route")]
    if cseq(m)[0] == dialog.first_cseq and routes[len(routes) - len(dialog.own_routes):] != dialog.own_routes:
        found.append("Record-Route: %s, sent %s" % (routes, dialog.own_routes))
    if m.code >= 200 and (m.media_type != "application/sdp" or not m.body):
        found.append("no SDP")
    found += timer_faults(m) if m.code >= 200 else []
    return ["%d to INVITE: %s" % (m.code, f) for f in found]


def timer_faults(m):
    """RFC 4028 section 9"""
    value = m.get("session-expires")
    if value is None:
        return []
    seconds, _, rest = value.partition(";")
    refresher = dict(p.strip().partition("=")[::2] for p in rest.split(";") if p.strip()).get("refresher")
    found = [] if seconds.strip().isdigit() and refresher in ("uac", "uas") else ["Session-Expires: " + value]
    if refresher == "uac" and "timer" not in options(m, "require"):
        found.append("refresher=uac without Require: timer")
    return found
