# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 the ipsmgw authors
"""event_route[ipsmgw:authorise]: the script decides who may send and whom B sees; nothing is stored before (spec 3.2, 3.3)."""

import re

from harness import check, equal, wait_for
from notifications import BOTH, message_ids, notified, receipt
from sip_peer import pager, simple_im
import test_kemi

ROUTE = """
event_route[ipsmgw:authorise] {
	$var(who) = "from=" + $ipsmgw(from) + " to=" + $ipsmgw(to) + " originator=" + $ipsmgw(originator);
	xlog("L_NOTICE", "authorise $rm $ipsmgw(kind) $var(who) service=$ipsmgw(service) segments=$ipsmgw(segments) leg=$ipsmgw(leg)\\n");
	xlog("L_NOTICE", "authorise anonymous=$ipsmgw(anonymous) route=$ipsmgw(route) code=$ipsmgw(code) conversation=$ipsmgw(conversation)\\n");
	switch ($ipsmgw(text)) {
%s
	}
}
"""


def with_route(stack, cases, **options):
    """A stack whose script does these things for these texts."""
    s = stack(start=False, **options)
    body = "".join('\tcase "%s":\n\t\t%s\n\t\tbreak;\n' % (text, action) for text, action in cases.items())
    with open(s.cfg, "a", encoding="utf-8") as cfg:
        cfg.write(ROUTE % body)
    s.start()
    return s


def stored(s, b):
    return [m for m in s.rpc("ipsmgw.msg_list", 500, 0) if m.get("b") == b]


def refused(s, text, change=lambda m: None):
    """A's answer to a text; nothing of it is kept."""
    a, b = s.pair()
    m = pager(text, a, b)
    change(m)
    answer = s.a.send(s.sip, m)
    check(answer, "no answer")
    equal((stored(s, b), s.smsc.submits(lambda p: p["to"] == b[1:])), ([], []), "kept of a refused message")
    return answer


def log_of(s, pattern):
    return wait_for(lambda: re.search(pattern, s.kamailio.log_path.read_text(errors="replace")), 20, 0.05, "%r in Kamailio's log" % pattern)


# ---- refusing ----

def test_refusals(stack):
    s = with_route(stack, {"no": "$ipsmgw(code) = 403;", "later": "$ipsmgw(code) = 503;", "hidden": "$ipsmgw(code) = 433;",
                           "premium": '$ipsmgw(code) = 603; $ipsmgw(reason) = "Not for children";', "down": '$ipsmgw(code) = 500; $ipsmgw(reason) = "No Database";'})
    r = refused(s, "no")
    equal((r.code, r.reason, r.get("Warning")), (403, "Forbidden", '399 ipsmgw.example.net "127 Service not authorised"'))
    r = refused(s, "later")
    equal((r.code, r.get("Retry-After"), r.get("Warning")), (503, "10", None))
    equal((refused(s, "hidden").code, refused(s, "hidden").reason), (433, "Anonymity Disallowed"))
    r = refused(s, "premium")
    equal((r.code, r.reason), (603, "Not for children"))
    r = refused(s, "down")
    equal((r.code, r.reason), (500, "No Database"))
    a, b = s.pair()
    m, answer = s.text("yes", a, b)
    equal((answer.code, answer.reason, answer.get("Conversation-ID")), (202, "Accepted", m.conversation_id))
    equal(s.smsc.wait_submits(b)[0]["from"], a[1:])


def test_what_cannot_be_is_refused(stack):
    """A script that errs must not let through what it wanted to stop or to hide."""
    bad = {"code1": "$ipsmgw(code) = 99;", "code2": "$ipsmgw(code) = 202;", "code3": '$ipsmgw(code) = "no";', "long": '$ipsmgw(originator) = "TwelveLetters";',
           "number": "$ipsmgw(originator) = 12345;", "route": '$ipsmgw(route) = "%s";' % ("x" * 40), "from": '$ipsmgw(from) = "+15551234567";',
           "nested": 'cpm_to_sms(); $ipsmgw(code) = 403;', "reason": '$ipsmgw(code) = 403; $ipsmgw(reason) = "a\\r\\nb";'}
    s = with_route(stack, bad)
    for text in bad:
        equal(refused(s, text).code, 403 if text == "nested" else 500, text)
    a, b = s.pair()
    equal(s.text("well", a, b)[1].code, 202)


def test_reason_alone_refuses_nothing(stack):
    s = with_route(stack, {"hm": '$ipsmgw(reason) = "Hm";'})
    a, b = s.pair()
    answer = s.text("hm", a, b)[1]
    equal((answer.code, answer.reason), (202, "Accepted"))


def test_exit_ends_the_route_only(stack):
    s = with_route(stack, {"go": "exit;", "drop": "drop;", "stop": "$ipsmgw(code) = 403; exit;"})
    equal(refused(s, "stop").code, 403)
    for text in ("go", "drop"):
        a, b = s.pair()
        equal(s.text(text, a, b)[1].code, 202, text)


def test_held_answer(stack):
    """answer=submitted: refused at once, without a transaction that waits."""
    s = with_route(stack, {"no": "$ipsmgw(code) = 403;"}, answer="submitted")
    equal(refused(s, "no").code, 403)
    a, b = s.pair()
    equal(s.text("yes", a, b)[1].code, 202)


# ---- what it sees ----

def test_what_it_sees(stack):
    s = with_route(stack, {"x": "exit;"})
    a, b = s.pair()
    m, _ = s.text("y" * 200, a, b)
    log_of(s, r"authorise MESSAGE message from=%s to=%s originator=%s service=cpm-pager segments=2 leg=orig" % (re.escape(a), re.escape(b), re.escape(a)))
    log_of(s, "authorise anonymous=0 route=<null> code=0 conversation=" + m.conversation_id)
    a, b = s.pair()
    equal(s.a.send(s.sip, simple_im("hi", a, b)).code, 202)
    log_of(s, "from=%s .*service=im-pager segments=1" % re.escape(a))


def test_leg(stack):
    """R-60: the script can tell whose authorisation counts."""
    s = with_route(stack, {"term": 'if ($ipsmgw(leg) == "term" && $ipsmgw(to) =~ "2$") { $ipsmgw(code) = 403; }'})

    def served(value):
        return lambda m: m.set("P-Served-User", value)
    equal(refused(s, "term", served("<sip:b@home1.example>;sescase=term;regstate=unreg")).code, 403)
    equal(refused(s, "term", lambda m: m.remove("P-Served-User").add("Route", "<sip:term@127.0.0.1:%d;lr>" % s.sip[1])).code, 403)
    for change in (lambda m: None, lambda m: m.remove("P-Served-User"), lambda m: m.remove("P-Served-User").add("Route", "<sip:127.0.0.1:%d;lr;orig>" % s.sip[1])):
        a, b = s.pair()
        m = pager("term", a, b)
        change(m)
        equal(s.a.send(s.sip, m).code, 202)


def test_asked_before_anything_else_of_the_gateway(stack):
    """An empty text is not submitted, but nobody learns so who may not send; what is no text is not asked about."""
    s = with_route(stack, {"": "$ipsmgw(code) = 403;"})
    equal(refused(s, "").code, 403)


# ---- what it changes ----

def test_originator_and_route(stack):
    s = with_route(stack, {"name": '$ipsmgw(originator) = "MyShop";', "number": '$ipsmgw(originator) = "+15550009999";', "code": '$ipsmgw(originator) = "12345";',
                           "back": '$ipsmgw(originator) = "MyShop"; $ipsmgw(originator) = "";', "nowhere": '$ipsmgw(route) = "other";',
                           "here": '$ipsmgw(route) = "test";'}, smsc="bad")
    for text, want in (("name", (5, 0, "MyShop")), ("number", (1, 1, "15550009999")), ("code", (0, 1, "12345"))):
        a, b = s.pair()
        equal(s.text(text, a, b, notify=BOTH)[1].code, 202)
        p = s.smsc.wait_submits(b)[0]
        equal((p["from_ton"], p["from_npi"], p["from"]), want, "source_addr for " + text)
        message_ids(s, b)
        equal(notified(s, a).status, "delivered")
    for text in ("back", "here"):
        a, b = s.pair()
        equal(s.text(text, a, b)[1].code, 202)
        equal(s.smsc.wait_submits(b)[0]["from"], a[1:])
    a, b = s.pair()
    s.text("nowhere", a, b)
    s.smsc.no_submit(b)


def test_receipt_for_a_name(stack):
    """The SMSC sends its receipt to the name; A is told all the same, and the number is in no submit_sm."""
    s = with_route(stack, {"name": '$ipsmgw(originator) = "MyShop";'}, smsc="bad")
    equal(s.smsc.control("receipts", skip=list(range(1, 100))), {"ok": True})
    a, b = s.pair()
    equal(s.text("name", a, b, notify=BOTH)[1].code, 202)
    receipt(s, "MyShop", b, message_ids(s, b)[0], want=0)
    equal(notified(s, a).status, "delivered")


def test_premium_numbers_of_the_shipped_configuration(stack):
    s = stack(start=False)
    s.kamailio.argv += ["-A", 'PREMIUM="^\\+1900"']
    s.start()
    a, b = s.pair()
    equal([s.text("hello", a, "+1900" + b[5:])[1].code, s.text("hello", a, b)[1].code], [403, 202])
    equal(len(s.smsc.wait_submits(b)), 1)
    equal(stored(s, "+1900" + b[5:]), [])


# ---- KEMI ----

KEMI = """\
        if event == "ipsmgw:authorise":
            if KSR.pv.get("$ipsmgw(text)") == "shop":
                KSR.pv.sets("$ipsmgw(originator)", "Shop")
            else:
                KSR.pv.seti("$ipsmgw(code)", 403)
                KSR.pv.sets("$ipsmgw(reason)", "Kemi says no")
            return 1
"""


def kemi(stack):
    """The stack of test_kemi, whose script decides here, too."""
    script, before = test_kemi.SCRIPT, '        if event == "ipsmgw:submitted":'
    check(before in script, "test_kemi has another script now")
    test_kemi.SCRIPT = script.replace(before, KEMI + before)
    try:
        return test_kemi.kemi(stack)
    finally:
        test_kemi.SCRIPT = script


def test_event_callback(stack):
    s = kemi(stack)
    a, b = s.pair()
    answer = s.text("hello", a, b)[1]
    equal((answer.code, answer.reason, s.smsc.submits(lambda p: p["to"] == b[1:])), (403, "Kemi says no", []))
    answer = s.text("shop", a, b)[1]
    equal((answer.code, answer.reason), (202, "Accepted"))
    p = s.smsc.wait_submits(b)[0]
    equal((p["from_ton"], p["from"]), (5, "Shop"))
