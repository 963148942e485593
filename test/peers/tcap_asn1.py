# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 the ipsmgw authors
"""TCAP messages (Q.773) and MAP's dialogue PDUs (TS 29.002 17.4) for pyasn1, and the few shapes of them that a peer sends."""

from asn1_types import (APPLICATION, Any, Address, Bits, Enum, Int, Null, Octets, Oid, choice, der, opt, read, req, seq, seq_of)

DIALOGUE_AS_ID = "0.0.17.773.1.1.1"
MAP_DIALOGUE_AS_ID = "0.4.0.0.1.1.1.1"

# ---- MAP dialogue PDUs ----

Empty = seq("Empty", opt("extension", Any))
Open = seq("Open", opt("destinationReference", Address, 0), opt("originationReference", Address, 1))
Refuse = seq("Refuse", req("reason", Enum), opt("alternativeApplicationContext", Oid))
AbortChoice = choice("AbortChoice", req("userSpecificReason", Null, 0), req("userResourceLimitation", Null, 1), req("resourceUnavailable", Enum, 2),
                     req("applicationProcedureCancellation", Enum, 3))
UserAbort = seq("UserAbort", req("choice", AbortChoice))
ProviderAbort = seq("ProviderAbort", req("reason", Enum))
MapDialogue = choice("MapDialogue", req("open", Open, 0), req("accept", Empty, 1), req("close", Empty, 2), req("refuse", Refuse, 3),
                     req("userAbort", UserAbort, 4), req("providerAbort", ProviderAbort, 5))


def external(name, pdu):
    cls = seq(name, req("oid", Oid), req("pdu", pdu, 0, explicit=True))
    cls.tagSet = cls.tagSet.__class__(cls.tagSet.baseTag, cls.tagSet.baseTag.__class__(0, 0x20, 8))
    return cls


UserExternal = external("UserExternal", MapDialogue)
UserInformation = seq_of("UserInformation", UserExternal)

# ---- dialogue portion ----

Diagnostic = choice("Diagnostic", req("user", Int, 1, explicit=True), req("provider", Int, 2, explicit=True))
Aarq = seq("Aarq", opt("version", Bits, 0), req("ac", Oid, 1, explicit=True), opt("user", UserInformation, 30), number=0, tag_class=APPLICATION)
Aare = seq("Aare", opt("version", Bits, 0), req("ac", Oid, 1, explicit=True), req("result", Int, 2, explicit=True), req("diagnostic", Diagnostic, 3),
           opt("user", UserInformation, 30), number=1, tag_class=APPLICATION)
Abrt = seq("Abrt", req("source", Int, 0), opt("user", UserInformation, 30), number=4, tag_class=APPLICATION)
DialoguePdu = choice("DialoguePdu", req("aarq", Aarq), req("aare", Aare), req("abrt", Abrt))
DialogueExternal = external("DialogueExternal", DialoguePdu)

# ---- components ----

Code = choice("Code", req("local", Int), req("global", Oid))
Invoke = seq("Invoke", req("id", Int), opt("linked", Int, 0), req("op", Code), opt("parameter", Any), number=1)
ResultBody = seq("ResultBody", req("op", Code), opt("parameter", Any))
Result = seq("Result", req("id", Int), opt("body", ResultBody), number=2)
ResultNotLast = seq("ResultNotLast", req("id", Int), opt("body", ResultBody), number=7)
Error = seq("Error", req("id", Int), req("code", Code), opt("parameter", Any), number=3)
InvokeId = choice("InvokeId", req("derivable", Int), req("none", Null))
Problem = choice("Problem", req("general", Int, 0), req("invoke", Int, 1), req("result", Int, 2), req("error", Int, 3))
Reject = seq("Reject", req("id", InvokeId), req("problem", Problem), number=4)
Component = choice("Component", req("invoke", Invoke), req("result", Result), req("error", Error), req("reject", Reject),
                   req("resultNotLast", ResultNotLast))
Components = seq_of("Components", Component, number=12, tag_class=APPLICATION)

# ---- messages ----


def portions():
    return opt("dialogue", DialogueExternal, 11, explicit=True, tag_class=APPLICATION), opt("components", Components)


OTID = req("otid", Octets, 8, tag_class=APPLICATION)
DTID = req("dtid", Octets, 9, tag_class=APPLICATION)
Begin = seq("Begin", OTID, *portions(), number=2, tag_class=APPLICATION)
End = seq("End", DTID, *portions(), number=4, tag_class=APPLICATION)
Continue = seq("Continue", OTID, DTID, *portions(), number=5, tag_class=APPLICATION)
Reason = choice("Reason", req("provider", Int, 10, tag_class=APPLICATION), req("user", DialogueExternal, 11, explicit=True, tag_class=APPLICATION))
Abort = seq("Abort", DTID, opt("reason", Reason), number=7, tag_class=APPLICATION)
Message = choice("Message", req("begin", Begin), req("end", End), req("continue", Continue), req("abort", Abort))


def tcap_encode(message):
    return der(Message, message)


def tcap_decode(octets):
    """{"begin": {...}} and so on; Undecodable"""
    return read(Message, octets)


# ---- what stands in a dialogue portion ----

def ac_name(context, version):
    return "0.4.0.0.1.0.%d.%d" % (context, version)


def ac_split(name):
    """(context, version) or (None, None)"""
    arcs = name.split(".")
    return (int(arcs[6]), int(arcs[7])) if arcs[:6] == ["0", "4", "0", "0", "1", "0"] and len(arcs) == 8 else (None, None)


def user_information(pdu):
    return [{"oid": MAP_DIALOGUE_AS_ID, "pdu": pdu}]


def aarq(ac, opening=None):
    pdu = {"version": "1", "ac": ac}
    if opening:
        pdu["user"] = user_information({"open": opening})
    return {"oid": DIALOGUE_AS_ID, "pdu": {"aarq": pdu}}


def aare(ac, result=0, diagnostic=0, source="user"):
    return {"oid": DIALOGUE_AS_ID, "pdu": {"aare": {"version": "1", "ac": ac, "result": result, "diagnostic": {source: diagnostic}}}}


def abrt(pdu=None, source=0):
    body = {"source": source}
    if pdu:
        body["user"] = user_information(pdu)
    return {"oid": DIALOGUE_AS_ID, "pdu": {"abrt": body}}
