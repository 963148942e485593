# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 the ipsmgw authors
"""Terminating delivery over MAP (TS 23.204 6.13, spec 4): SRI-SM to the HLR, MT-ForwardSM to the serving node, report, alert. R-60, R-61, R-62."""

import datetime
import threading
import time

import notifications
from harness import check, equal, wait_for
from map import NET_GT, OUR_GT, SC, MapStack
from notifications import BOTH, statuses, stays
from sip_peer import pager
from test_authorise import with_route

SRI, MT, REPORT = "sendRoutingInfoForSM", "mt-ForwardSM", "reportSM-DeliveryStatus"
IMPATIENT = ("timer short 3", "timer medium 3", "timer long 3")
STACK_CLASS = MapStack
STACK = {"smscs": {"test": ("deliver", ())}, "modparams": {"retry_schedule_s": "60"}}
RETRIES = dict(STACK, modparams={"retry_schedule_s": "1,1,1"})
ABSENT = {"error": "absentSubscriberSM", "parameter": {"absentSubscriberDiagnosticSM": 1}}


def notified(s, a, timeout=60.0):
    return notifications.notified(s, a, timeout=timeout)


def imsi(b):
    return "26202" + b[-10:]


def sri_error(s, b, error, count=1, **parameter):
    s.net.answer(SRI, {"error": error, **({"parameter": parameter} if parameter else {})}, count=count, msisdn=b)


def mt(s, b, how, count=1):
    """What the node answers to the first message of a dialogue for B."""
    s.net.answer(MT, how, count=count, sm_RP_DA__imsi=imsi(b))


def nodes(s, b, location, count=1, **more):
    s.net.answer(SRI, {"result": {"imsi": imsi(b), "locationInfoWithLMSI": location}, **more}, count=count, msisdn=b)


def send(s, text="hello", pair=None, **more):
    a, b = pair or s.pair()
    _, answer = s.text(text, a, b, **more)
    equal(answer.code, 202, "answer to A")
    return a, b


def forwards(s, a, count=1, timeout=60):
    """MT-ForwardSMs with messages of A."""
    found = s.net.wait_operations(MT, count, b=a, timeout=timeout)
    equal(len(found), count, "messages at the node")
    return found


def in_hand(s, messages):
    wait_for(lambda: "delivery: %d messages for 1 recipients in hand" % messages in s.vty("show map"), 30, 0.1, "%d messages in hand" % messages)


def alert(s, b, version=2, sc=OUR_GT):
    """Version 1 has no answer."""
    return s.net.invoke("alertServiceCentre", {"msisdn": b, "serviceCentreAddress": sc}, version, timeout_s=15 if version > 1 else 1)


# ---- it arrives (R-61, R-62) ----

def test_delivered_at_once(s):
    a, b = send(s, "hello {B}", notify=BOTH)
    query = s.net.wait_operation(SRI, a=b)
    equal(query["arg"], {"msisdn": b, "sm-RP-PRI": True, "serviceCentreAddress": OUR_GT, "gprsSupportIndicator": True})
    equal((query["version"], query["called"]["digits"], query["called"]["ssn"], query["calling"]["digits"]), (3, b[1:], 6, OUR_GT[1:]))
    (op,) = forwards(s, a)
    equal((op["version"], op["called"]["digits"], op["called"]["ssn"]), (3, NET_GT[1:], 8))
    equal((op["arg"]["sm-RP-DA"], op["arg"]["sm-RP-OA"]), ({"imsi": imsi(b)}, {"serviceCentreAddressOA": OUR_GT}))
    check("moreMessagesToSend" not in op["arg"], "no more messages")
    t = op["tpdu"]
    equal((t["oa"], t["text"], t["mms"], t["pid"], t["dcs"], t["sri"], t["rp"], t["udh"]), (a, "hello {B}", True, 0, 0, False, False, ""))
    equal(notified(s, a).status, "delivered")
    stays(s, a, ["delivered"])
    equal(s.net.operations(REPORT, a=b), [])
    equal(set(s.judge()), {44, 45})


def test_time_stamp_is_local(stack):
    """TP-SCTS is now, with the zone of this place."""
    s = stack(start=False, **STACK)
    s.connector.env["TZ"] = "<+0530>-5:30"
    s.start()
    a, _ = send(s)
    stamp = datetime.datetime.fromisoformat(forwards(s, a)[0]["tpdu"]["scts"])
    equal(stamp.utcoffset(), datetime.timedelta(hours=5, minutes=30))
    check(abs(stamp.timestamp() - time.time()) < 30, "TP-SCTS", stamp)


def test_three_parts_in_one_dialogue(s):
    text = "".join(chr(97 + n % 26) for n in range(400))
    a, b = send(s, text, notify=BOTH)
    ops = forwards(s, a, 3)
    equal(len({op["dialogue"] for op in ops}), 1, "dialogues")
    equal([(op["tpdu"]["mms"], "moreMessagesToSend" in op["arg"]) for op in ops], [(False, True), (False, True), (True, False)])
    equal([op["arg"]["sm-RP-DA"] for op in ops], [{"imsi": imsi(b)}, {"noSM-RP-DA": True}, {"noSM-RP-DA": True}])
    equal("".join(op["tpdu"]["text"] for op in ops), text)
    equal([op["tpdu"]["udh"][-4:] for op in ops], ["0301", "0302", "0303"])
    equal(notified(s, a).status, "delivered")
    equal(len(s.net.operations(SRI, a=b)), 1, "one query")
    s.judge()


def test_what_follows_a_slow_one_goes_in_order(s):
    a, b = s.pair()
    mt(s, b, {"hold": True})
    send(s, "first", (a, b))
    held = forwards(s, a)[0]
    for text in ("second", "third", "fourth"):
        send(s, text, (a, b))
    in_hand(s, 4)
    equal(len(s.net.operations(MT, b=a)), 1, "one at a time")
    s.net.release(held, {"result": None})
    ops = forwards(s, a, 4)
    equal([op["tpdu"]["text"] for op in ops], ["first", "second", "third", "fourth"])
    equal(len({op["dialogue"] for op in ops}), 2, "dialogues: the first was alone")
    equal(len(s.net.operations(SRI, a=b)), 1, "one query")


def test_others_are_not_held_up(s):
    a, b = s.pair()
    mt(s, b, {"hold": True})
    send(s, "slow", (a, b))
    held = forwards(s, a)[0]
    for _ in range(5):
        other, _ = send(s, notify=BOTH)
        equal(notified(s, other).status, "delivered")
    s.net.release(held, {"result": None})


def test_a_name_as_originator(stack):
    s = with_route(stack, {"name": '$ipsmgw(originator) = "MyShop";', "code": '$ipsmgw(originator) = "12345";'}, **STACK)
    for text, oa in (("name", "@MyShop"), ("code", "12345")):
        a, _ = send(s, text, notify=BOTH)
        equal(forwards(s, oa)[0]["tpdu"]["oa"], oa)
        equal(notified(s, a).status, "delivered")


def test_other_alphabets_and_headers(s):
    for text, dcs in (("grüße {€}", 0), ("здравствуй", 8), ("я" * 150, 8)):
        a, _ = send(s, text)
        ops = forwards(s, a, 3 if len(text) > 70 else 1)
        equal(("".join(op["tpdu"]["text"] for op in ops), ops[0]["tpdu"]["dcs"]), (text, dcs))


# ---- where B is ----

def test_second_node(s):
    """The MSC says absent: the SGSN."""
    a, b = s.pair()
    nodes(s, b, {"networkNode-Number": NET_GT, "additional-Number": {"sgsn-Number": "+491710760201"}})
    mt(s, b, ABSENT)
    send(s, "hello", (a, b), notify=BOTH)
    first, second = forwards(s, a, 2)
    equal((first["called"]["digits"], first["called"]["ssn"], second["called"]["digits"], second["called"]["ssn"]), (NET_GT[1:], 8, "491710760201", 149))
    equal(notified(s, a).status, "delivered")
    equal(s.net.operations(REPORT, a=b), [])
    send(s, "again", (a, b))
    third = forwards(s, a, 3)[2]
    equal(third["called"]["digits"], "491710760201", "the one that took the message before")


def test_sgsn_alone(s):
    a, b = s.pair()
    nodes(s, b, {"networkNode-Number": NET_GT, "gprsNodeIndicator": True})
    mt(s, b, {"error": "absentSubscriberSM", "parameter": {"absentSubscriberDiagnosticSM": 6}})
    send(s, "hello", (a, b))
    report = s.net.wait_operation(REPORT, a=b)["arg"]
    equal(forwards(s, a)[0]["called"]["ssn"], 149)
    equal(report, {"msisdn": b, "serviceCentreAddress": OUR_GT, "sm-DeliveryOutcome": 1, "absentSubscriberDiagnosticSM": 6,
                   "gprsSupportIndicator": True, "deliveryOutcomeIndicator": True})


def test_prefer_sgsn(stack):
    s = stack(**dict(STACK, map_lines=("prefer-sgsn",)))
    a, b = s.pair()
    nodes(s, b, {"networkNode-Number": NET_GT, "additional-Number": {"sgsn-Number": "+491710760201"}})
    send(s, "hello", (a, b))
    equal(forwards(s, a)[0]["called"]["digits"], "491710760201")


def test_moved(s):
    """The node does not know him any more: the HLR is asked again, once."""
    a, b = send(s, "one", notify=BOTH)
    notified(s, a)
    mt(s, b, {"error": "unidentifiedSubscriber"})
    send(s, "two", (a, b), notify=BOTH)
    wait_for(lambda: statuses(s, a) == ["delivered"] * 2, 60, 0.1, "both")
    equal([op["tpdu"]["text"] for op in forwards(s, a, 3)], ["one", "two", "two"])
    equal(len(s.net.operations(SRI, a=b)), 2)


def test_routing_information_is_used_for_a_while(stack):
    s = stack(**dict(STACK, map_lines=("routing-info-time 0",)))
    a, b = send(s, notify=BOTH)
    notified(s, a)
    send(s, "again", (a, b))
    forwards(s, a, 2)
    equal(len(s.net.operations(SRI, a=b)), 2)


def test_loop_guard(stack):
    """An answer that names ourselves leads nowhere."""
    s = stack(**dict(STACK, answer="submitted"))
    a, b = s.pair()
    nodes(s, b, {"networkNode-Number": OUR_GT})
    equal(s.text("hello", a, b)[1].code, 500)
    equal(s.net.operations(MT, b=a), [])
    check("the HLR names ourselves" in s.connector.log_path.read_text(), "one line in the log")


def test_older_versions(stack):
    for version, code in ((2, 46), (1, 46)):
        with stack(**STACK) as s:
            s.net.versions(version)
            text = "x" * 300
            a, b = send(s, text, notify=BOTH)
            ops = forwards(s, a, 2)
            equal([(op["version"], op["code"]) for op in ops], [(version, code)] * 2)
            equal("".join(op["tpdu"]["text"] for op in ops), text)
            equal(len({op["dialogue"] for op in ops}), 1 if version == 2 else 2, "dialogues")
            equal(notified(s, a).status, "delivered")
            a, b = s.pair()
            mt(s, b, {"error": "absentSubscriber"})
            send(s, "hello", (a, b), notify=BOTH)
            report = s.net.wait_operation(REPORT, a=b)
            equal(report["version"], version)
            equal(report["arg"], {"msisdn": b, "serviceCentreAddress": OUR_GT, **({"sm-DeliveryOutcome": 1} if version > 1 else {})})
            alert(s, b, version)
            equal(notified(s, a).status, "delivered")
            s.judge()


# ---- he cannot be reached now ----

def after_alert(s, a, b, version=2):
    out = alert(s, b, version)
    equal(out["end"], "result" if version > 1 else "timeout", "answer to the alert")
    equal(notified(s, a).status, "delivered")
    stays(s, a, ["delivered"])


def test_absent_then_alert(s):
    a, b = s.pair()
    mt(s, b, ABSENT)
    send(s, "x" * 300, (a, b), notify=BOTH)
    report = s.net.wait_operation(REPORT, a=b)["arg"]
    equal(report, {"msisdn": b, "serviceCentreAddress": OUR_GT, "sm-DeliveryOutcome": 1, "absentSubscriberDiagnosticSM": 1, "gprsSupportIndicator": True})
    equal(len(forwards(s, a)), 1, "one attempt for both parts")
    equal(statuses(s, a), [])
    after_alert(s, a, b)
    equal(len(forwards(s, a, 3)), 3, "then both")
    equal(len(s.net.operations(REPORT, a=b)), 1)
    s.judge()


def test_memory_full_then_alert(s):
    a, b = s.pair()
    mt(s, b, {"error": "sm-DeliveryFailure", "parameter": {"sm-EnumeratedDeliveryFailureCause": 0, "diagnosticInfo": "00d300"}})
    send(s, "hello", (a, b), notify=BOTH)
    report = s.net.wait_operation(REPORT, a=b)["arg"]
    equal(report, {"msisdn": b, "serviceCentreAddress": OUR_GT, "sm-DeliveryOutcome": 0, "gprsSupportIndicator": True})
    after_alert(s, a, b)


def test_absent_at_both_nodes(s):
    a, b = s.pair()
    nodes(s, b, {"networkNode-Number": NET_GT, "additional-Number": {"sgsn-Number": "+491710760201"}})
    mt(s, b, ABSENT)
    mt(s, b, {"error": "absentSubscriberSM", "parameter": {"absentSubscriberDiagnosticSM": 6}})
    send(s, "hello", (a, b))
    report = s.net.wait_operation(REPORT, a=b)["arg"]
    equal(report, {"msisdn": b, "serviceCentreAddress": OUR_GT, "sm-DeliveryOutcome": 1, "absentSubscriberDiagnosticSM": 1, "gprsSupportIndicator": True,
                   "additionalSM-DeliveryOutcome": 1, "additionalAbsentSubscriberDiagnosticSM": 6})


def test_the_hlr_says_absent(s):
    """It has noted the gateway itself: no report."""
    a, b = s.pair()
    sri_error(s, b, "absentSubscriberSM", absentSubscriberDiagnosticSM=1)
    send(s, "hello", (a, b), notify=BOTH)
    s.net.wait_operation(SRI, a=b)
    after_alert(s, a, b)
    equal(s.net.operations(REPORT, a=b), [])


def test_busy_is_not_reported(stack):
    s = stack(**RETRIES)
    a, b = s.pair()
    mt(s, b, {"error": "subscriberBusyForMT-SMS"})
    send(s, "hello", (a, b), notify=BOTH)
    equal(notified(s, a).status, "delivered")
    equal(len(forwards(s, a, 2)), 2)
    equal(s.net.operations(REPORT, a=b), [])


def test_waiting_list_full(stack):
    """No alert will come; the schedule does."""
    s = stack(**RETRIES)
    a, b = s.pair()
    mt(s, b, ABSENT)
    s.net.answer(REPORT, {"error": "messageWaitingListFull"}, count=1, msisdn=b)
    send(s, "hello", (a, b), notify=BOTH)
    equal(notified(s, a).status, "delivered")
    check("messageWaitingListFull: no alert will come" in s.connector.log_path.read_text(), "one line in the log")


def test_stored_msisdn(s):
    """The HLR alerts with the number that it has, not the one that was asked for."""
    a, b = s.pair()
    stored = s.pair()[1]
    mt(s, b, ABSENT)
    s.net.answer(REPORT, {"result": {"storedMSISDN": stored}}, count=1, msisdn=b)
    send(s, "hello", (a, b), notify=BOTH)
    s.net.wait_operation(REPORT, a=b)
    s.net.sync()
    equal(alert(s, stored)["end"], "result")
    equal(notified(s, a).status, "delivered")


def test_informed_that_flags_are_set(s):
    """informServiceCentre with the answer: a success is reported, so that the flags go."""
    a, b = s.pair()
    nodes(s, b, {"networkNode-Number": NET_GT}, inform={"mw-Status": "010000"})
    send(s, "hello", (a, b), notify=BOTH)
    equal(notified(s, a).status, "delivered")
    report = s.net.wait_operation(REPORT, a=b)["arg"]
    equal(report, {"msisdn": b, "serviceCentreAddress": OUR_GT, "sm-DeliveryOutcome": 2, "gprsSupportIndicator": True})


def test_alerts_of_nobody(s):
    _, b = s.pair()
    equal(alert(s, b)["end"], "result", "nothing waits for him")
    out = alert(s, b, sc="+491710769999")
    equal((out["end"], out.get("error")), ("error", "unexpectedDataValue"), "another SC")
    equal(alert(s, b, 1)["end"], "timeout", "version 1")
    check(s.alive(), "all is alive")


def test_validity_ends(stack):
    s = stack(**RETRIES)
    a, b = s.pair()
    mt(s, b, ABSENT, count=100)
    m = pager("hello", a, b, notify=BOTH)
    m.set("Expires", "3")
    equal(s.a.send(s.sip, m).code, 202)
    equal(notified(s, a).status, "failed")
    tried = len(s.net.operations(MT, b=a))
    check(1 <= tried <= 6, "attempts:", tried)


def test_a_system_failure_keeps_the_order(stack):
    s = stack(**RETRIES)
    a, b = s.pair()
    s.net.answer(SRI, {"hold": True}, count=1, msisdn=b)
    mt(s, b, {"error": "systemFailure"})
    for text in ("one", "two"):
        send(s, text, (a, b), notify=BOTH)
    in_hand(s, 2)
    s.net.release(s.net.wait_operation(SRI, a=b), {"result": {"imsi": imsi(b), "locationInfoWithLMSI": {"networkNode-Number": NET_GT}}})
    wait_for(lambda: statuses(s, a) == ["delivered"] * 2, 60, 0.1, "both")
    equal([op["tpdu"]["text"] for op in forwards(s, a, 3)], ["one", "one", "two"])


# ---- he never will be (spec 4.3) ----

def delivery_failure(cause, fcs=None):
    return {"error": "sm-DeliveryFailure", "parameter": {"sm-EnumeratedDeliveryFailureCause": cause, **({"diagnosticInfo": fcs} if fcs else {})}}


ROWS = [  # at the HLR or the node, its answer, SIP status, notification
    (SRI, {"error": "unknownSubscriber"}, 404, "failed"),
    (SRI, {"error": "callBarred"}, 403, "forbidden"),
    (SRI, {"error": "teleserviceNotProvisioned"}, 403, "forbidden"),
    (SRI, {"error": "facilityNotSupported"}, 501, "failed"),
    (MT, {"error": "facilityNotSupported"}, 501, "failed"),
    (MT, delivery_failure(1, "00d000"), 500, "failed"),
    (MT, delivery_failure(2), 488, "failed"),
    (MT, {"error": "unidentifiedSubscriber"}, 404, "failed"),
    (MT, {"error": "illegalSubscriber"}, 403, "failed"),
    (MT, {"error": "illegalEquipment"}, 403, "failed"),
    (MT, {"error": "systemFailure"}, 500, "failed"),
    (MT, {"error": "dataMissing"}, 500, "failed"),
    (MT, {"error": "unexpectedDataValue"}, 500, "failed"),
]
REPEATED = ("systemFailure", "dataMissing", "unexpectedDataValue")


def prepare(s, op, how):
    a, b = s.pair()
    match = {"msisdn": b} if op == SRI else {"sm_RP_DA__imsi": imsi(b)}
    s.net.answer(op, how, **match)
    return a, b


HELD = dict(RETRIES, answer="submitted", modparams={"retry_schedule_s": "1,1,1", "answer_timeout_ms": 18000})


def test_answers_to_a(stack):
    """Each row of the table with answer=submitted; system failures were tried three times."""
    s = stack(**HELD)
    bad = []
    for op, how, code, _ in ROWS:
        a, b = prepare(s, op, how)
        got = s.text("hello", a, b)[1].code
        tried = len(s.net.operations(MT, b=a))
        want = 0 if op == SRI else 3 if how["error"] in REPEATED else 1
        if (got, tried) != (code, want):
            bad.append("%s %s: %d after %d, want %d after %d" % (op, how, got, tried, code, want))
    check(not bad, "; ".join(bad))


def test_silence_of_the_node(stack):
    """Three times: 504, and a notification that something went wrong."""
    for options in (HELD, RETRIES):
        with stack(**dict(options, map_lines=IMPATIENT)) as s:
            a, b = prepare(s, MT, {"silent": True})
            equal(s.text("hello", a, b, notify=BOTH)[1].code, 504 if options is HELD else 202)
            if options is RETRIES:
                equal(notified(s, a).status, "error")
            equal(len(s.net.operations(MT, b=a)), 3)


LATER = (("absent", ABSENT), ("memory", delivery_failure(0, "00d300")), ("busy", {"error": "subscriberBusyForMT-SMS"}))


def test_not_now_is_no_refusal(stack):
    """answer=submitted and B not to be had: 202 in time, and it goes on (spec 3.9); 480 if the validity ends first."""
    s = stack(**dict(RETRIES, answer="submitted", modparams={"retry_schedule_s": "60", "answer_timeout_ms": 4000}))
    for name, how in LATER:
        a, b = s.pair()
        mt(s, b, how, count=100)
        began = time.monotonic()
        equal(s.text("hello", a, b, notify=BOTH)[1].code, 202, name)
        check(3.5 < time.monotonic() - began < 20, name, "answered after", time.monotonic() - began)
        s.net.clear()
        alert(s, b)
        equal(notified(s, a).status, "delivered", name)
        a, b = s.pair()
        mt(s, b, how, count=100)
        m = pager("hello", a, b, notify=BOTH)
        m.set("Expires", "1")
        equal(s.a.send(s.sip, m).code, 480, name)
        stays(s, a, [])


def test_notifications_of_failure(stack):
    s = stack(**RETRIES)
    sent = []
    for op, how, _, status in ROWS:
        a, b = prepare(s, op, how)
        send(s, "hello", (a, b), notify=BOTH)
        sent.append((a, how, status))
    got = [(how, notified(s, a).status, status) for a, how, status in sent]
    equal([(how, g) for how, g, want in got if g != want], [], "other notifications than wanted")


def test_a_number_without_hlr(stack):
    s = stack(**dict(STACK, answer="submitted"))
    a, _ = s.pair()
    code = s.text("hello", a, "12345")[1].code
    check(code in (404, 484), "a short code has no HLR:", code)
    equal(s.net.operations(SRI, a="12345"), [])


# ---- doubts ----

def test_a_timeout_is_a_doubt(stack):
    """Perhaps it is delivered: the second attempt is counted as such."""
    s = stack(**dict(RETRIES, map_lines=IMPATIENT))
    a, b = s.pair()
    mt(s, b, {"silent": True})
    send(s, "hello", (a, b), notify=BOTH)
    equal(notified(s, a).status, "delivered")
    equal(len(forwards(s, a, 2)), 2)
    equal(s.statistics()["sms_resubmitted"], 1)


def test_the_connector_dies(stack):
    with stack(**STACK) as s:
        a, b = s.pair()
        mt(s, b, {"hold": True})
        send(s, "hello", (a, b), notify=BOTH)
        forwards(s, a)
        s.connector.kill()
        s.connector.start()
        s.wait_bound()
        equal(notified(s, a).status, "delivered")
        equal([op["tpdu"]["text"] for op in forwards(s, a, 2)], ["hello", "hello"])
        equal(s.statistics()["sms_resubmitted"], 1)


def test_sigterm_waits_for_what_is_out(stack):
    with stack(**STACK) as s:
        a, b = s.pair()
        mt(s, b, {"hold": True})
        send(s, "one", (a, b), notify=BOTH)
        (held,) = forwards(s, a)
        send(s, "two", (a, b), notify=BOTH)
        in_hand(s, 2)
        stopping = threading.Thread(target=s.connector.stop, daemon=True)
        stopping.start()
        wait_for(lambda: "stopping" in s.connector.log_path.read_text(), 20, 0.05, "SIGTERM")
        s.net.release(held, {"result": None})
        equal(notified(s, a).status, "delivered")
        stopping.join(20)
        s.connector.start()
        s.wait_bound()
        wait_for(lambda: statuses(s, a) == ["delivered"] * 2, 60, 0.1, "the second, too")
        equal([op["tpdu"]["text"] for op in forwards(s, a, 2)], ["one", "two"])


def test_the_network_is_away(stack):
    with stack(**RETRIES) as s:
        s.stp.program.kill()
        wait_for(lambda: "map: down" in s.vty("show map"), 20, 0.1, "MAP is down")
        a, _ = send(s, "hello", notify=BOTH)
        s.stp.start()
        s.wait_bound()
        equal(notified(s, a).status, "delivered")
        equal(len(forwards(s, a)), 1)


# ---- the module and its link ----

def test_kamailio_restarts_meanwhile(stack):
    """The message is under way: its ref comes again, and is not sent again."""
    with stack(**STACK) as s:
        a, b = s.pair()
        mt(s, b, {"hold": True})
        send(s, "hello", (a, b), notify=BOTH)
        (held,) = forwards(s, a)
        s.restart_kamailio()
        s.net.release(held, {"result": None})
        wait_for(lambda: statuses(s, a) == ["delivered"], 60, 0.1, "delivered")
        stays(s, a, ["delivered"])
        equal(len(forwards(s, a)), 1)


def test_smsc_taken_away(stack):
    """What waits for an answer goes back to the module and finds another one."""
    with stack(**dict(RETRIES, map_lines=IMPATIENT, smscs={"test": ("deliver", ()), "other": ("deliver", ())}, routes="route default smsc test other\n")) as s:
        a, b = s.pair()
        mt(s, b, {"hold": True})
        send(s, "one", (a, b), notify=BOTH)
        forwards(s, a)
        send(s, "two", (a, b), notify=BOTH)
        in_hand(s, 2)
        s.vty("enable", "configure terminal", "smsc test", "shutdown")
        wait_for(lambda: statuses(s, a) == ["delivered"] * 2, 60, 0.1, "both")
        equal({op["tpdu"]["text"] for op in s.net.operations(MT, b=a)}, {"one", "two"})


def test_smsc_deleted_while_others_are_served_first(stack):
    """A message that waits behind another SMSC's is in nobody's window, and goes back all the same."""
    smscs = {"first": ("deliver", ()), "second": ("deliver", ())}
    with stack(**dict(RETRIES, map_lines=IMPATIENT, smscs=smscs, routes="route default share first second\n")) as s:
        a, b = s.pair()
        mt(s, b, {"hold": True})
        send(s, "one", (a, b), notify=BOTH)
        op = forwards(s, a)[0]
        send(s, "two", (a, b), notify=BOTH)
        in_hand(s, 2)
        s.vty("enable", "configure terminal", "no route default", "smsc second", "role submit", "exit", "no smsc second", "route default smsc first")
        s.net.release(op, {"result": None})
        wait_for(lambda: statuses(s, a) == ["delivered"] * 2, 60, 0.1, "both")
        equal([op["tpdu"]["text"] for op in s.net.operations(MT, b=a)], ["one", "two"])


# ---- dialogues ----

def test_the_node_ends_a_dialogue_that_should_go_on(s):
    a, b = s.pair()
    mt(s, b, {"result": None, "then": "end"}, count=3)
    text = "y" * 400
    send(s, text, (a, b), notify=BOTH)
    ops = forwards(s, a, 3)
    equal(len({op["dialogue"] for op in ops}), 3, "dialogues")
    equal(("".join(op["tpdu"]["text"] for op in ops), notified(s, a).status), (text, "delivered"))


def test_the_second_part_is_refused(stack):
    """Absent in the middle of a dialogue: the rest waits, nothing is sent twice."""
    s = stack(**STACK)
    a, b = s.pair()
    mt(s, b, {"result": None})
    s.net.answer(MT, ABSENT, count=1)
    s.net.answer(MT, ABSENT, count=1)
    text = "".join(chr(97 + n % 26) for n in range(400))
    send(s, text, (a, b), notify=BOTH)
    s.net.wait_operation(REPORT, a=b)
    equal(len(forwards(s, a, 3)), 3, "the HLR was asked once more")
    equal(alert(s, b)["end"], "result")
    equal(notified(s, a).status, "delivered")
    ops = forwards(s, a, 5)
    equal([op["tpdu"]["udh"][-2:] for op in ops], ["01", "02", "02", "02", "03"])


BAD = ({"silent": True}, {"close": True}, {"abort": "user"}, {"abort": 1}, {"reject": {"invoke": 2}}, {"udts": 1}, {"error": "systemFailure"},
       {"error": "resourceLimitation"}, {"error": 99}, {"tcap": "64"}, {"tcap": "6406490400000000"}, {"result": None, "accept": False}, {"delay_ms": 1500, "result": None})


def test_bad_network(stack):
    """Many recipients, and answers of all kinds: each message has one end, and nothing is left behind."""
    s = stack(**dict(RETRIES, map_lines=IMPATIENT, modparams={"retry_schedule_s": "1,1,2"}))
    pairs = [s.pair() for _ in range(120)]
    for n, (_, b) in enumerate(pairs):
        how = BAD[n % len(BAD)]
        if n % 3 == 0:
            s.net.answer(SRI, {"result": {"imsi": imsi(b), "locationInfoWithLMSI": {"networkNode-Number": NET_GT}}} if "result" in how else how, count=1, msisdn=b)
        elif n % 3 == 1:
            mt(s, b, how)
        else:
            s.net.answer(SRI, {"result": {"imsi": imsi(b), "locationInfoWithLMSI": {"networkNode-Number": NET_GT, "additional-Number": {"sgsn-Number": NET_GT}}}},
                         count=5, msisdn=b)
            mt(s, b, how, count=2)
    for a, b in pairs:
        send(s, "x" * 200, (a, b), notify=BOTH)
    wait_for(lambda: all(statuses(s, a) for a, _ in pairs), 180, 0.5, "an end for each")
    equal([a for a, _ in pairs if len(statuses(s, a)) != 1], [], "more than one end")
    equal(sorted({status for a, _ in pairs for status in statuses(s, a)}), ["delivered"], "all in the end")
    wait_for(lambda: "0 messages for 0 recipients in hand, 0 reports" in s.vty("show map"), 20, 0.5, "nothing in hand")


# ---- the terminating leg (R-60) ----

def test_terminating_leg(stack):
    """It is B whose authorisation counts, and whose messages take this way: those of subscribers here go to a service centre."""
    s = stack(start=False, **dict(STACK, smscs={"test": ("submit", ("sc-address " + SC,)), "direct": ("deliver", ())}))
    with open(s.cfg, "a", encoding="utf-8") as cfg:
        cfg.write("""
event_route[ipsmgw:authorise] {
	if ($ipsmgw(leg) == "term" && $ipsmgw(to) == "+16660000009") { $ipsmgw(code) = 403; }
	if ($ipsmgw(leg) == "orig" && $ipsmgw(from) == "+15550000009") { $ipsmgw(code) = 403; }
	if ($ipsmgw(leg) == "term") { $ipsmgw(route) = "direct"; }
}
""")
    s.start()

    def leg(a, b, sescase):
        m = pager("hello", a, b, notify=BOTH)
        served = b if sescase == "term" else a
        m.set("P-Served-User", "<sip:%s@home1.example;user=phone>;sescase=%s;regstate=unreg" % (served, sescase))
        return s.a.send(s.sip, m).code
    a, b = s.pair()
    barred_a, barred_b = "+15550000009", "+16660000009"
    equal([leg(a, barred_b, "term"), leg(barred_a, b, "orig")], [403, 403])
    equal(leg(barred_a, b, "term"), 202)
    equal(notified(s, barred_a).status, "delivered")
    (op,) = forwards(s, barred_a)
    equal((op["arg"]["sm-RP-DA"], op["tpdu"]["oa"]), ({"imsi": imsi(b)}, barred_a))
    equal((s.net.operations(SRI, a=barred_b), s.net.operations("mo-ForwardSM")), ([], []))
    equal(leg(a, b, "orig"), 202)
    equal(s.net.wait_operation("mo-ForwardSM", a=a)["tpdu"]["da"], b)
    equal(len(s.net.operations(SRI)), 1)
