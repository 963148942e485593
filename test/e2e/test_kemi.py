# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 the ipsmgw authors
"""The work of cfg/kamailio.cfg's routes in Python (KEMI): request route, event_callback, $ipsmgw()."""

import pathlib

from harness import KAMAILIO, ROOT, Skip, check, equal, wait_for

ENGINE = "app_python3.so"
PLACES = ("/usr/lib/x86_64-linux-gnu/kamailio/modules", "/usr/lib/kamailio/modules", "/usr/lib64/kamailio/modules")

SCRIPT = """\
import KSR as KSR


def mod_init():
    return kamailio()


class kamailio:
    def child_init(self, rank):
        return 0

    def ksr_request_route(self, msg):
        if not KSR.is_MESSAGE():
            KSR.sl.sl_send_reply(405, "Method Not Allowed")
            return 1
        if KSR.tm.t_lookup_request() > 0:
            return 1
        rc = KSR.ipsmgw.cpm_to_sms("")
        code = KSR.pv.get("$ipsmgw(code)")
        KSR.info("kemi cpm_to_sms rc=%d code=%d segments=%s\\n" % (rc, code, KSR.pv.get("$ipsmgw(segments)")))
        if code != 0:
            KSR.sl.send_reply(code, KSR.pv.get("$ipsmgw(reason)"))
        return 1

    # tm's t_continue() gives no name to Python or Lua, so ipsmgw:submitted is the one that comes without
    def ksr_ipsmgw_event(self, msg, event="ipsmgw:submitted"):
        show = [KSR.pv.get("$ipsmgw(%s)" % name) for name in ("from", "to", "code", "route")]
        KSR.notice("kemi event %s %s\\n" % (event, show))
        if event == "ipsmgw:submitted":
            KSR.tm.t_reply(KSR.pv.get("$ipsmgw(code)"), KSR.pv.get("$ipsmgw(reason)"))
        elif event == "ipsmgw:sms-received":
            self.sms_received(KSR.pv.get("$ipsmgw(text)"))
        return 1

    def sms_received(self, text):
        if text == "refuse":
            KSR.pv.seti("$ipsmgw(code)", 403)
        elif text != "forget":
            rc = KSR.ipsmgw.sms_to_cpm("", "")
            KSR.info("kemi sms_to_cpm rc=%d again=%d\\n" % (rc, KSR.ipsmgw.sms_to_cpm("", "")))
"""

ENGINE_LINES = """
loadmodule "app_python3.so"
modparam("app_python3", "load", "{script}")
modparam("ipsmgw", "event_callback", "ksr_ipsmgw_event")
cfgengine "python"
"""


def kemi(stack, **options):
    """A stack with the shipped cfg up to its routes, and the script above instead of them."""
    if not any((pathlib.Path(place) / ENGINE).exists() for place in PLACES):
        raise Skip("%s is not there (Debian: kamailio-python3-modules)" % ENGINE)
    s = stack(start=False, **options)
    script = s.dir / "ipsmgw_kemi.py"
    script.write_text(SCRIPT)
    head, routes, _ = (ROOT / "cfg/kamailio.cfg").read_text().partition("request_route {")
    check(routes, "cfg/kamailio.cfg has no request_route")
    s.cfg.write_text(head + ENGINE_LINES.format(script=script))
    s.start()
    return s


def logged(s, text):
    return wait_for(lambda: text in s.kamailio.log_path.read_text(errors="replace"), 20, 0.05, "%r in the log of %s" % (text, KAMAILIO))


def for_a(a):
    return lambda r: r.uri.startswith("tel:" + a)


def test_both_ways(stack):
    s = kemi(stack, answer="durable")
    a, b = s.pair()
    m, answer = s.text("Lunch? " * 30, a, b)
    equal((answer.code, answer.get("Conversation-ID"), answer.get("Contribution-ID")), (202, m.conversation_id, m.contribution_id))
    s.smsc.wait_submits(b, 2)
    logged(s, "kemi cpm_to_sms rc=1 code=202 segments=2")
    equal(s.smsc.mo(b, a, b"Yes"), 0)
    r = s.a.wait(for_a(a))
    equal((r.text, r.get("Conversation-ID"), r.get("InReplyTo-Contribution-ID")), ("Yes", m.conversation_id, m.contribution_id))
    logged(s, "kemi event ipsmgw:link-up")
    logged(s, "kemi sms_to_cpm rc=1 again=-4")
    check(not s.a.wait(for_a(a), 0.3, count=2), "sent twice")


def test_refusals(stack):
    s = kemi(stack)
    a, b = s.pair()
    equal(s.text("x" * 2000, a, b)[1].code, 413)
    logged(s, "kemi cpm_to_sms rc=-2 code=413")
    equal(s.smsc.mo(b, a, b"refuse"), 0x66, "code set by the script")
    equal(s.smsc.mo(b, a, b"forget"), 0x64, "480 unless set")
    check(not s.a.wait(for_a(a), 0.3), "A got what was refused")
    equal(s.smsc.mo(b, a, b"taken"), 0)
    equal(s.a.wait(for_a(a)).text, "taken")


def test_submitted(stack):
    """The held transaction is answered through event_callback."""
    s = kemi(stack, answer="submitted", smsc="bad")
    a, b = s.pair()
    equal(s.text("hello", a, b)[1].code, 202)
    logged(s, "kemi event ipsmgw:submitted")
    s.smsc.control("fault", mode="status", value=0x0B)
    answer = s.text("nobody there", a, b)[1]
    check(answer.code >= 400, answer.code)
    logged(s, "kemi event ipsmgw:sms-failed")
