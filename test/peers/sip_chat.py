# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 the ipsmgw authors
"""What clients, conference servers and store-and-forward servers put into an INVITE for a chat (spec 11.4, 11.7, 7.10).

    m = chat_invite(a, b, sdp_body)                                         # CPM chat, as 11.4 but long header names
    m = chat_invite(a, b, sdp_body, kind="large", session_expires=None)     # kinds: cpm im rcse large im_large group filetransfer
    m = chat_invite(a, b, sdp_body, first=cpim("hello", ...), compact=True, privacy="id", require="100rel")
    m = chat_invite(a, b, sdp_body, kind="group", subject="Hikers", members=["tel:+1555...", ...], session_replaces=old_contribution_id)

It is a sip_peer.Outgoing: add(), set(), remove() change it; conversation_id and contribution_id are attributes.
"""

import uuid
from xml.sax.saxutils import escape, quoteattr

from sip_peer import COMPACT, Outgoing, new_id

ICSI = "urn:urn-7:3gpp-service.ims.icsi.oma.cpm."
CPM_TAGS = {"cpm": "session", "group": "session.group", "large": "largemsg", "filetransfer": "filetransfer"}
PLAIN_TAGS = {"im": "+g.oma.sip-im", "im_large": "+g.oma.sip-im.large-message",
              "rcse": '+g.3gpp.iari-ref="urn%3Aurn-7%3A3gpp-application.ims.iari.rcse.im"'}
LONG_TO_COMPACT = {v: k for k, v in COMPACT.items()}
FALLBACK_TAG = "+g.gsma.rcs.msgfallback"


def tag_of(kind):
    """The feature tag as it stands in Contact and Accept-Contact"""
    if kind in PLAIN_TAGS:
        return PLAIN_TAGS[kind]
    return '+g.3gpp.icsi-ref="%s%s"' % (ICSI.replace(":", "%3A"), CPM_TAGS[kind])


class Invite(Outgoing):
    """Outgoing that can write compact header names (spec 1.2 rule 6)."""

    compact = False

    def octets(self, host, port, branch):
        octets = super().octets(host, port, branch)
        if not self.compact:
            return octets
        head, _, rest = octets.partition(b"\r\n\r\n")
        lines = head.decode("utf-8", "surrogateescape").split("\r\n")
        short = [LONG_TO_COMPACT.get(n.lower(), n) + colon + v for n, colon, v in (line.partition(":") for line in lines[1:])]
        return "\r\n".join(lines[:1] + short).encode("utf-8", "surrogateescape") + b"\r\n\r\n" + rest


def multipart(parts, boundary=None, subtype="mixed"):
    """(content type, body) of [(content type, body, [more headers])]"""
    boundary = boundary or "b" + uuid.uuid4().hex[:12]
    body = b""
    for content_type, content, *more in parts:
        lines = ["--" + boundary, "Content-Type: " + content_type, "Content-Length: %d" % len(content)] + list(*more) + ["", ""]
        body += "\r\n".join(lines).encode() + content + b"\r\n"
    return "multipart/%s;boundary=%s" % (subtype, boundary), body + ("--%s--\r\n" % boundary).encode()


def resource_list(uris):
    """application/resource-lists+xml with copyControl; an item may be (uri, display name)"""
    entries = ""
    for item in uris:
        uri, name = item if isinstance(item, tuple) else (item, None)
        inner = "><display-name>%s</display-name></entry>" % escape(name) if name else "/>"
        entries += "<entry uri=%s cp:copyControl=\"to\"%s" % (quoteattr(uri), inner)
    return ('<?xml version="1.0" encoding="UTF-8"?>\r\n<resource-lists xmlns="urn:ietf:params:xml:ns:resource-lists" '
            'xmlns:cp="urn:ietf:params:xml:ns:copycontrol"><list>%s</list></resource-lists>' % entries).encode()


def conference_info(entity, users, version=1, state="full"):
    """RFC 4575 document; users: [(uri, display name, "connected" or "disconnected")]"""
    rows = ""
    for uri, name, status in users:
        rows += '<user entity=%s state="full"><display-text>%s</display-text><endpoint entity=%s><status>%s</status></endpoint></user>' % (
            quoteattr(uri), escape(name), quoteattr(uri), status)
    return ('<?xml version="1.0" encoding="UTF-8"?>\r\n<conference-info xmlns="urn:ietf:params:xml:ns:conference-info" entity=%s state="%s" version="%d">'
            '<users>%s</users></conference-info>' % (quoteattr(entity), state, version, rows)).encode()


def body_of(sdp, first, members):
    """(content type, body): SDP alone, or with a first message or a list of members beside it"""
    parts = [("application/sdp", sdp)]
    if members:
        parts.append(("application/resource-lists+xml", resource_list(members), ["Content-Disposition: recipient-list"]))
    if first is not None:
        parts.append(first if isinstance(first, tuple) else ("message/cpim", first))
    return parts[0] if len(parts) == 1 else multipart(parts)


def chat_invite(a, b, sdp, kind="cpm", first=None, members=None, subject=None, privacy=None, session_expires=1800, supported="timer", require=None,
                session_replaces=None, in_reply_to=None, conversation_id=None, contribution_id=None, asserted=None, sender=None, isfocus=None, compact=False,
                extra=(), to=None):
    """a and b are numbers with +. asserted: P-Asserted-Identity in place of A's tel URI; extra: [(name, value)]. Contact and Record-Route are the dialog's."""
    content_type, body = body_of(sdp, first, members)
    m = Invite(to or "tel:" + b, body, content_type, sender=sender or "tel:" + a, method="INVITE")
    m.compact, m.kind, tag = compact, kind, tag_of(kind)
    m.contact_params = ";" + tag + (";isfocus" if (kind == "group" if isfocus is None else isfocus) else "")
    m.conversation_id, m.contribution_id = conversation_id or new_id(), contribution_id or new_id()
    m.add("P-Asserted-Identity", asserted or "<tel:%s>" % a).add("Accept-Contact", "*;" + tag)
    if kind in CPM_TAGS:
        m.add("P-Asserted-Service", ICSI + CPM_TAGS[kind]).add("Conversation-ID", m.conversation_id)
    if kind != "im_large":
        m.add("Contribution-ID", m.contribution_id)
    optional = [("Subject", subject), ("Privacy", privacy), ("Session-Expires", session_expires and str(session_expires)), ("Supported", supported),
                ("Require", require), ("Session-Replaces", session_replaces), ("InReplyTo-Contribution-ID", in_reply_to)]
    for name, value in [o for o in optional if o[1]] + list(extra):
        m.add(name, value)
    return m.add("Allow", "INVITE,ACK,OPTIONS,CANCEL,BYE,UPDATE,INFO,REFER,NOTIFY,MESSAGE,PRACK")
