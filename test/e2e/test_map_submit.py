# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 the ipsmgw authors
"""Role submit: MO-ForwardSM to a service centre over MAP. Errors by spec 3.10 (rows typed from it), versions, addresses, and what happens
to messages when the service centre, the network or the connector is away."""

import time

from harness import check, equal, wait_for
from map import SC, MapStack
from notifications import BOTH, notified, send, statuses
from sip_peer import pager
from test_error_tables import Sent, judge
import sms_tpdu

STACK_CLASS = MapStack
STACK = {"map_lines": ("home-routing", "no registered-only", "timer long 3", "message-max 250"), "modparams": {"retry_schedule_s": "1,1,2", "tm.fr_timer": 3000}}

# 3.10: name, how the SC answers, SIP (answer=submitted), IMDN (answer=durable)
FAILURE = "sm-DeliveryFailure"


CAUSES = {"unknownServiceCentre": 3, "sc-Congestion": 4, "invalidSME-Address": 5, "subscriberNotSC-Subscriber": 6}   # SM-EnumeratedDeliveryFailureCause


def failure(cause, fcs=None):
    report = {"diagnosticInfo": sms_tpdu.submit_report(fcs=fcs).hex()} if fcs is not None else {}
    return {"error": FAILURE, "parameter": dict(report, **{"sm-EnumeratedDeliveryFailureCause": CAUSES[cause]})}


def fcs(value):
    return failure("unknownServiceCentre", value)


OPERATOR_BARRING = {"extensible": {"callBarringCause": 1}}

ONCE = (("unknown SC", failure("unknownServiceCentre"), 500, "failed"),
        ("invalid SME address", failure("invalidSME-Address"), 404, "failed"),
        ("not an SC subscriber", failure("subscriberNotSC-Subscriber"), 403, "forbidden"),
        ("facility not supported", {"error": "facilityNotSupported"}, 501, "failed"),
        ("data missing", {"error": "dataMissing"}, 500, "failed"),
        ("unexpected data value", {"error": "unexpectedDataValue"}, 500, "failed"),
        ("operator barring", {"error": "callBarred", "parameter": OPERATOR_BARRING}, 403, "forbidden"),
        ("barred", {"error": "callBarred"}, 403, "forbidden"),
        ("facility not subscribed", {"error": "teleserviceNotProvisioned"}, 403, "forbidden"),
        ("TP-FCS 80", fcs(0x80), 500, "failed"), ("TP-FCS 8F", fcs(0x8F), 500, "failed"),
        ("TP-FCS 90", fcs(0x90), 500, "failed"), ("TP-FCS 9F", fcs(0x9F), 500, "failed"),
        ("TP-FCS C1", fcs(0xC1), 403, "forbidden"), ("TP-FCS C3", fcs(0xC3), 404, "failed"), ("TP-FCS C4", fcs(0xC4), 403, "forbidden"),
        ("TP-FCS C6 without TP-VP", fcs(0xC6), 500, "failed"))

# Tried again; the columns say what comes of it if the error stays until the message expires.
AGAIN = (("SC congestion", failure("sc-Congestion"), 503, "failed"),
         ("system failure", {"error": "systemFailure"}, 500, "failed"),
         ("resource limitation", {"error": "resourceLimitation"}, 503, "failed"),
         ("TP-FCS C0", fcs(0xC0), 503, "failed"), ("TP-FCS C2", fcs(0xC2), 500, "failed"), ("TP-FCS FF", fcs(0xFF), 500, "failed"),
         ("TC-P-ABORT", {"abort": 4}, 504, "error"), ("TC-U-ABORT", {"abort": "user"}, 504, "error"),
         ("TC-END without an answer", {"close": True}, 504, "error"), ("Reject", {"reject": {"invoke": 3}}, 504, "error"),
         ("UDTS", {"udts": 1}, 504, "error"), ("no answer", {"silent": True}, 504, "error"))

VALIDITY_S = 6


def rows(s, table, **more):
    sent = []
    for label, how, code, status in table:
        one = Sent(s, label, code, status, **more)
        s.net.answer("mo-ForwardSM", how, sm_RP_OA__msisdn=one.a)
        sent.append(one)
    return sent


def tries(s, sent):
    return {one.label: len(s.net.operations("mo-ForwardSM", a=one.a)) for one in sent}


def error_rows(stack, mode):
    with stack(answer=mode, map_lines=("timer long 1",), modparams={"answer_timeout_ms": 15000, "retry_schedule_s": "1", "tm.fr_timer": 25000}) as s:
        once, again = rows(s, ONCE), rows(s, AGAIN, expires=VALIDITY_S)
        judge(once + again, mode)
        equal({k: n for k, n in tries(s, once).items() if n != 1}, {}, "permanent, and yet submitted again")
        equal({k: n for k, n in tries(s, again).items() if n < 2}, {}, "not tried again")


def test_errors_submitted(stack):
    error_rows(stack, "submitted")


def test_errors_durable(stack):
    error_rows(stack, "durable")


def test_passing_errors(stack):
    """When the error passes the message is taken, and A hears 202 and nothing else; in both modes."""
    for mode in ("submitted", "durable"):
        with stack(answer=mode, map_lines=("timer long 1",), modparams={"answer_timeout_ms": 15000, "retry_schedule_s": "1,1,2"}) as s:
            sent = []
            for label, how, _, _ in AGAIN:
                one = Sent(s, label, 202, None)
                s.net.answer("mo-ForwardSM", how, count=1, sm_RP_OA__msisdn=one.a)
                sent.append(one)
            for one in sent:
                one.go()
            equal({one.label: one.answer()[0] for one in sent if one.answer()[0] != 202}, {}, "answers")
            for one in sent:
                s.net.wait_operations("mo-ForwardSM", 2, a=one.a)
            equal({k: n for k, n in tries(s, sent).items() if n != 2}, {}, "attempts")
            equal({one.label: one.told() for one in sent if one.told()}, {}, "told besides")


# ---- TP-FCS C5 to C7, TP-RD ----

def accepted(s, a, timeout=20.0):
    """The outcome line of the last attempt."""
    def line():
        return [x for x in s.connector.log_path.read_text(errors="replace").splitlines() if "sm ref=" in x and "oa=%s" % a in x and "result=accepted" in x]
    return wait_for(line, timeout, 0.05, "an accepted message of %s" % a)


def test_duplicate_is_submitted(s):
    """R-57: TP-FCS C5"""
    a, b = s.pair()
    s.net.answer("mo-ForwardSM", fcs(0xC5), sm_RP_OA__msisdn=a)
    equal(s.text("once", a, b, notify=BOTH)[1].code, 202)
    accepted(s, a)
    equal(len(s.net.operations("mo-ForwardSM", a=a)), 1, "submitted once")
    time.sleep(1.5)
    equal(statuses(s, a), [], "told")


def test_no_validity_where_the_sc_knows_none(s):
    for value in (0xC6, 0xC7):
        a, b = s.pair()
        s.net.answer("mo-ForwardSM", fcs(value), count=1, sm_RP_OA__msisdn=a)
        m = pager("valid for a day", a, b)
        m.add("Expires", "86400")
        equal(s.a.send(s.sip, m).code, 202)
        first, second = s.net.wait_operations("mo-ForwardSM", 2, a=a)
        equal((first["tpdu"]["vpf"], second["tpdu"]["vpf"]), (2, 0), "TP-VPF")
        equal((first["tpdu"]["mr"], first["tpdu"]["text"]), (second["tpdu"]["mr"], second["tpdu"]["text"]))
        equal(second["tpdu"]["rd"], False, "TP-RD: it was refused, there is no duplicate")
        accepted(s, a)


def test_retry_after_no_answer_rejects_duplicates(s):
    """Perhaps it was taken: TP-RD asks the SC, and TP-FCS C5 says so."""
    a, b = s.pair()
    s.net.answer("mo-ForwardSM", {"silent": True}, count=1, sm_RP_OA__msisdn=a)
    s.net.answer("mo-ForwardSM", fcs(0xC5), count=1, sm_RP_OA__msisdn=a)
    equal(s.text("perhaps", a, b, notify=BOTH)[1].code, 202)
    first, second = s.net.wait_operations("mo-ForwardSM", 2, a=a)
    equal((first["tpdu"]["rd"], second["tpdu"]["rd"]), (False, True), "TP-RD")
    equal((first["tpdu"]["mr"], first["tpdu"]["da"], first["tpdu"]["text"]), (second["tpdu"]["mr"], second["tpdu"]["da"], second["tpdu"]["text"]))
    accepted(s, a)
    s.net.report(first, a)
    equal(notified(s, a).status, "delivered")


def test_retry_after_a_refusal_does_not(s):
    a, b = s.pair()
    s.net.answer("mo-ForwardSM", failure("sc-Congestion"), count=1, sm_RP_OA__msisdn=a)
    equal(s.text("refused", a, b)[1].code, 202)
    first, second = s.net.wait_operations("mo-ForwardSM", 2, a=a)
    equal((first["tpdu"]["rd"], second["tpdu"]["rd"]), (False, False), "TP-RD")


# ---- versions ----

TEXTS = ("short", "x" * 160, "many parts " * 30, "\N{GRINNING FACE} " * 20)


def by_version(stack, highest, style="aare"):
    with stack(**STACK) as s:
        s.net.versions(highest, style=style)
        for text in TEXTS:
            a, b, _ = send(s, text)
            ops = s.net.wait_operations("mo-ForwardSM", 1 if len(text) < 161 else 3, a=a)
            equal({(o["version"], o["code"]) for o in ops}, {(highest, 46)}, "version, operation code")
            equal("".join(sorted("".join(o["tpdu"]["text"] for o in ops))), "".join(sorted(text)), "text")
            accepted(s, a)
        mark = s.net.mark()
        send(s, "another")
        s.net.wait_operation("mo-ForwardSM", since=mark)
        equal([e for e in s.net.events[mark:] if e["ev"] == "refused"], [], "the version is known by now")
        s.judge(ours_only=True)


def test_sc_of_version_2(stack):
    by_version(stack, 2)


def test_sc_of_version_2_that_refuses(stack):
    by_version(stack, 2, "map-refuse")


def test_sc_of_version_1(stack):
    by_version(stack, 1)


def test_configured_version(stack):
    for version in (1, 2):
        with stack(smsc_lines=("version %d" % version,)) as s:
            a, b, _ = send(s, "hello")
            equal(s.net.wait_operation("mo-ForwardSM", a=a)["version"], version)
            equal([e for e in s.net.events if e["ev"] == "refused"], [], "tried a higher one")


# ---- addresses ----

AUTHORISE = """
event_route[ipsmgw:authorise] {
	if ($ipsmgw(text) == "by subscriber data") {
		$ipsmgw(route) = "+491710760777";
	}
}
"""
OTHER_SC, MSC = "+491710760777", "+491710760555"


def with_subscriber_data(stack, **options):
    s = stack(start=False, **options)
    with open(s.cfg, "a", encoding="utf-8") as cfg:
        cfg.write(AUTHORISE)
    s.start()
    return s


def test_sc_address_of_subscriber_data(stack):
    """R-37: the SC address that the script names; else the configured one. At a retry, too; and its status report finds the message."""
    s = with_subscriber_data(stack, **STACK)
    for text, sc in (("by subscriber data", OTHER_SC), ("hello", SC)):
        a, b = s.pair()
        s.net.answer("mo-ForwardSM", {"error": "systemFailure"}, count=1, sm_RP_OA__msisdn=a)
        equal(s.text(text, a, b, notify=BOTH)[1].code, 202)
        for op in s.net.wait_operations("mo-ForwardSM", 2, a=a):
            equal(op["arg"]["sm-RP-DA"], {"serviceCentreAddressDA": sc}, text)
            equal((op["called"]["digits"], op["called"]["ssn"]), (sc[1:], 8), text)
        accepted(s, a)
        equal(s.net.report(op, a, sc=sc)["end"], "result")
        equal(notified(s, a).status, "delivered")


def test_smsc_of_that_sc_address(stack):
    """Of several SMSCs the one that has it is used, with its settings; else any that is up; none is an error."""
    two = {"test": ("submit", ("sc-address " + SC,)), "other": ("submit", ("sc-address " + OTHER_SC, "gt " + MSC))}
    s = with_subscriber_data(stack, smscs=two)

    def goes_to(gt):
        a, b = s.pair()
        equal(s.text("by subscriber data", a, b)[1].code, 202)
        op = s.net.wait_operation("mo-ForwardSM", a=a)
        equal((op["arg"]["sm-RP-DA"], op["called"]["digits"]), ({"serviceCentreAddressDA": OTHER_SC}, gt[1:]))

    goes_to(MSC)
    s.vty("enable", "configure terminal", "smsc other", "shutdown")
    goes_to(OTHER_SC)


def test_sc_address_of_an_smsc_of_smpp(stack):
    """Both bearers side by side: the service centre that has the address is used, whatever it speaks; while it is down, MAP."""
    s = with_subscriber_data(stack, smpp=True)
    s.vty("enable", "configure terminal", "smsc smpp", "sc-address " + OTHER_SC)
    wait_for(lambda: "smsc smpp: up" in s.vty("show smsc"), 20, 0.1, "SMPP is up")
    a, b = s.pair()
    equal(s.text("by subscriber data", a, b)[1].code, 202)
    s.smsc.wait(lambda e: e["ev"] == "pdu" and e["cmd"] == "submit_sm" and b[1:] in str(e), 20, what="the message over SMPP")
    equal(s.net.operations("mo-ForwardSM", a=a), [])
    s.vty("enable", "configure terminal", "smsc smpp", "shutdown")
    a, b = s.pair()
    equal(s.text("by subscriber data", a, b)[1].code, 202)
    equal(s.net.wait_operation("mo-ForwardSM", a=a)["called"]["digits"], OTHER_SC[1:])


def test_sc_address_without_map(stack):
    """An SMSC of SMPP takes no SC address but its own: that is a fault of the script, and A is told."""
    s = with_subscriber_data(stack, smscs={}, smpp=True, routes="route default smsc smpp\n", answer="submitted")
    equal(s.text("by subscriber data", *s.pair())[1].code, 500)
    equal(s.text("hello", *s.pair())[1].code, 202)


def test_gt_and_ssn_of_the_sc(stack):
    """The SC is behind an MSC of another address; without sc-address the module's sc_address is named."""
    with stack(smscs={"test": ("submit", ("gt " + MSC, "ssn 7")), "plain": ("submit", ())}, modparams={"sc_address": OTHER_SC}, routes="route default smsc plain\n",
               map_lines=()) as s:
        a, b, _ = send(s, "hello")
        op = s.net.wait_operation("mo-ForwardSM", a=a)
        equal((op["arg"]["sm-RP-DA"], op["called"]["digits"], op["called"]["ssn"]), ({"serviceCentreAddressDA": OTHER_SC}, OTHER_SC[1:], 8), "of the module")
        s.vty("enable", "configure terminal", "smsc test", "sc-address " + SC, "exit", "route default smsc test")
        a, b, _ = send(s, "hello")
        op = s.net.wait_operation("mo-ForwardSM", a=a)
        equal((op["arg"]["sm-RP-DA"], op["called"]["digits"], op["called"]["ssn"]), ({"serviceCentreAddressDA": SC}, MSC[1:], 7), "by gt")


def test_no_sc_address_is_an_error(stack):
    with stack(smscs={"test": ("submit", ())}, answer="submitted") as s:
        equal(s.text("hello", *s.pair())[1].code, 500)
        check("no address of a service centre" in s.connector.log_path.read_text(), "not said in the log")


# ---- away ----

def test_messages_wait_for_the_network(stack):
    with stack(**STACK) as s:
        s.stp.program.stop()
        wait_for(lambda: "MAP is down" in s.connector.log_path.read_text(), 30, 0.1, "MAP is up without the STP")
        pairs = [s.pair() for _ in range(5)]
        for a, b in pairs:
            equal(s.text("later", a, b)[1].code, 202)
        check("smsc test: down" in s.vty("show smsc"), s.vty("show smsc"))
        s.stp.start()
        for a, b in pairs:
            s.net.wait_operation("mo-ForwardSM", a=a, timeout=60)
            accepted(s, a, 30)
        equal({len(s.net.operations("mo-ForwardSM", a=a)) for a, _ in pairs}, {1}, "submitted")


def test_sigterm_waits_for_answers(stack):
    """What has been sent is waited for; what has not goes back and is sent after the restart. Nothing twice, nothing lost."""
    with stack(map_lines=("timer long 30",), smsc_lines=("window 3",)) as s:
        s.net.answer("mo-ForwardSM", {"result": None, "delay_ms": 3500})
        pairs = [s.pair() for _ in range(6)]
        for a, b in pairs:
            equal(s.text("stop", a, b)[1].code, 202)
        s.net.wait_operations("mo-ForwardSM", 3)
        status = s.connector.stop()
        equal(status, 0, "exit status of the connector")
        equal(len(s.net.operations("mo-ForwardSM")), 3, "sent before the stop")
        s.net.clear()
        s.connector.start()
        for a, b in pairs:
            s.net.wait_operation("mo-ForwardSM", a=a, timeout=40)
        time.sleep(1)
        equal([op["tpdu"]["rd"] for op in s.net.operations("mo-ForwardSM")], [False] * 6, "each once, none as perhaps a duplicate")


def test_kill_with_messages_out(stack):
    """Answers that never came: the messages are sent again, with TP-RD, and the SC that has them says so."""
    with stack(map_lines=("timer long 30",), modparams={"retry_schedule_s": "1,1,2"}) as s:
        pairs = [s.pair() for _ in range(4)]
        for a, b in pairs:
            s.net.answer("mo-ForwardSM", {"hold": True}, count=1, sm_RP_OA__msisdn=a)
            s.net.answer("mo-ForwardSM", fcs(0xC5), count=1, sm_RP_OA__msisdn=a)
            equal(s.text("kill", a, b, notify=BOTH)[1].code, 202)
        for a, b in pairs:
            s.net.wait_operation("mo-ForwardSM", a=a)
        s.connector.kill()
        s.connector.start()
        for a, b in pairs:
            first, second = s.net.wait_operations("mo-ForwardSM", 2, a=a, timeout=40)
            equal((first["tpdu"]["rd"], second["tpdu"]["rd"]), (False, True), "TP-RD")
            accepted(s, a)
        equal([statuses(s, a) for a, _ in pairs if statuses(s, a)], [], "told")


def test_sigterm_with_a_silent_sc(stack):
    """It is not waited for longer than a stop may take; then the message is perhaps submitted."""
    with stack(map_lines=("timer long 60",), modparams={"retry_schedule_s": "1,1,2"}) as s:
        a, b = s.pair()
        s.net.answer("mo-ForwardSM", {"silent": True}, count=1, sm_RP_OA__msisdn=a)
        equal(s.text("silence", a, b)[1].code, 202)
        s.net.wait_operation("mo-ForwardSM", a=a)
        began = time.monotonic()
        equal(s.connector.stop(), 0, "exit status of the connector")
        check(2 < time.monotonic() - began < 9, "stopped after %.1f s" % (time.monotonic() - began))
        check("no longer waited for an answer" in s.connector.log_path.read_text(), "the message was not answered for")
        s.connector.start()
        equal([op["tpdu"]["rd"] for op in s.net.wait_operations("mo-ForwardSM", 2, a=a, timeout=40)], [False, True], "TP-RD")


def test_smsc_is_deleted_with_messages_out(stack):
    """They are sent again over the one that is left, as perhaps submitted."""
    two = {"test": ("submit", ("sc-address " + SC,)), "other": ("submit", ("sc-address " + OTHER_SC,))}
    with stack(smscs=two, map_lines=("timer long 60",), modparams={"retry_schedule_s": "1,1,2"}) as s:
        a, b = s.pair()
        s.net.answer("mo-ForwardSM", {"hold": True}, count=1, sm_RP_OA__msisdn=a)
        equal(s.text("deleted", a, b)[1].code, 202)
        first = s.net.wait_operation("mo-ForwardSM", a=a)
        said = s.vty("enable", "configure terminal", "no smsc test")
        check("a route uses it" in said, said)
        s.vty("enable", "configure terminal", "route default smsc other", "no smsc test")
        second = s.net.wait_operations("mo-ForwardSM", 2, a=a)[1]
        equal((second["tpdu"]["rd"], second["called"]["digits"]), (True, OTHER_SC[1:]))
        s.net.release(first, {"result": None})
        accepted(s, a)
        equal(s.text("next", *s.pair())[1].code, 202)


def test_stack_down_with_messages_out(stack):
    """The STP dies while the SC has the message: no answer is no proof, so TP-RD."""
    with stack(map_lines=("timer long 4",), modparams={"retry_schedule_s": "1,1,2"}) as s:
        a, b = s.pair()
        s.net.answer("mo-ForwardSM", {"hold": True}, count=1, sm_RP_OA__msisdn=a)
        equal(s.text("cut", a, b)[1].code, 202)
        s.net.wait_operation("mo-ForwardSM", a=a)
        s.stp.program.kill()
        wait_for(lambda: "MAP is down" in s.connector.log_path.read_text(), 30, 0.1, "MAP is up without the STP")
        s.stp.start()
        equal([op["tpdu"]["rd"] for op in s.net.wait_operations("mo-ForwardSM", 2, a=a, timeout=60)], [False, True], "TP-RD")
        accepted(s, a, 30)


def test_window_and_queue(stack):
    """window messages are out, queue wait, the next ones go back to the module, and all arrive."""
    with stack(smsc_lines=("window 2", "queue 3"), modparams={"retry_schedule_s": "1,1,1,1,1,1,1,1"}) as s:
        s.net.answer("mo-ForwardSM", {"result": None, "delay_ms": 700})
        pairs = [s.pair() for _ in range(9)]
        for a, b in pairs:
            equal(s.text("queue", a, b)[1].code, 202)
        s.net.wait_operations("mo-ForwardSM", 2)
        check("2 messages without an answer" in s.vty("show smsc"), s.vty("show smsc"))
        for a, b in pairs:
            accepted(s, a, 40)
        equal(len(s.net.operations("mo-ForwardSM")), 9, "each once")


# ---- VTY ----

def test_settings_are_written_and_shown(stack):
    lines = ("sc-address " + SC, "gt " + MSC, "ssn 10", "version 2", "window 7", "queue 8", "throughput 9")
    with stack(smscs={"test": ("submit", lines)}) as s:
        shown = s.vty("enable", "show running-config")
        for line in lines + ("protocol map", "role submit", "no shutdown"):
            check("\n %s\r" % line in shown, line, "is not written:", shown)
        check("MAP, role submit, service centre %s at %s" % (SC, MSC) in s.vty("show smsc"), s.vty("show smsc"))
        check("map_smsc" in s.vty("show stats") or "Messages given to the network" in s.vty("show statistics"), "no counters")


def test_protocol_of_an_smsc_in_use(s):
    said = s.vty("enable", "configure terminal", "smsc test", "protocol smpp")
    check("% not of an SMSC that is in use" in said, said)
    said = s.vty("enable", "configure terminal", "smsc test", "remote-ip 127.0.0.1")
    check("% only with protocol smpp" in said, said)
    said = s.vty("enable", "configure terminal", "smsc fresh", "ssn 8", "protocol map", "ssn 8", "protocol smpp", "port 2775", "exit", "no smsc fresh")
    equal(said.count("% only with protocol map"), 1, said)
    check("fresh" not in s.vty("show smsc"), "it is still there")
