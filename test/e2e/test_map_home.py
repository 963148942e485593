# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 the ipsmgw authors
"""Home routing (23.204 6.14): SRI-SM, correlation ids, MT-ForwardSM and what A says to it, relay to the serving nodes, delivery status, readyForSM
(spec 5.2, 5.7 to 5.9; R-63 to R-66, R-75 to R-79)."""

import threading
import time

from harness import Answer, Failure, check, equal, wait_for
from map import MapStack, NET_GT, OUR_GT, SC
from notifications import BOTH, notified, send
from test_register import CPM, device, register, request_of, tell
import map_asn1
import sms_tpdu
from asn1_types import der
from tcap_asn1 import aarq, ac_name, tcap_encode

STACK_CLASS = MapStack
HOME = ("home-routing", "no registered-only")
BARE = HOME + ("no relay-csps", "no report-delivery-status", "no ready-for-sm")
STACK = {"map_lines": HOME}

MSC, SGSN = "+491710760301", "+491710760302"
NO_RESPONSE, DEREGISTERED = 12, 11
ABSENT, BUSY, FAILURE, SYSTEM_FAILURE = 6, 31, 32, 34

# A's answer -> error and what stands in it (5.8), where there is no other domain
ANSWERS = {400: (SYSTEM_FAILURE, None), 403: (FAILURE, "00ff00"), 404: (ABSENT, 11), 408: (ABSENT, 12), 410: (ABSENT, 11), 415: (FAILURE, "009000"),
           480: (ABSENT, 12), 486: (BUSY, None), 488: (FAILURE, "009000"), 500: (SYSTEM_FAILURE, None), 503: (SYSTEM_FAILURE, None), 600: (BUSY, None),
           603: (FAILURE, "00ff00"), 604: (ABSENT, 11)}


def for_a(a):
    return lambda r: r.uri.startswith("tel:" + a)


def texts(s, a):
    return [r.cpim.content.decode() for r in list(s.a.received) if for_a(a)(r) and r.method == "MESSAGE"]


def got(s, a, count=1, timeout=15.0):
    return s.a.wait(for_a(a), timeout, count)


class says:
    """A answers so, the others 200."""

    def __init__(self, s, a, *answers):
        self.s, self.a, self.answers, self.lock = s, a, list(answers), threading.Lock()

    def policy(self, request):
        if not for_a(self.a)(request):
            return Answer(200)
        with self.lock:
            return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]

    def __enter__(self):
        self.s.a.policy = self.policy

    def __exit__(self, *_):
        self.s.a.policy = lambda r: Answer(200)


def error(out):
    """(code, diagnostic or TPDU of the delivery report)"""
    equal(out["end"], "error", out)
    parameter = out["parameter"] or {}
    if out["code"] == FAILURE:
        return out["code"], parameter.get("diagnosticInfo")
    return out["code"], parameter.get("absentSubscriberDiagnosticSM") if isinstance(parameter, dict) else None


def nodes(s, a, msc=MSC, sgsn=SGSN):
    """The HLR names both."""
    s.net.answer("sendRoutingInfoForSM", {"result": {"imsi": imsi_of(a), "locationInfoWithLMSI": {
        "networkNode-Number": msc, "additional-Number": {"sgsn-Number": sgsn}}}}, msisdn=a)


def imsi_of(a):
    return "26202" + a[-10:]


def relayed(s, a):
    """[(number, SSN, text)] of what went to a serving node"""
    return [(e["called"]["digits"], e["called"]["ssn"], e["tpdu"].get("text")) for e in s.net.operations("mt-ForwardSM")
            if e["arg"]["sm-RP-DA"].get("imsi") == imsi_of(a)]


def hello(b, text="hello", **more):
    return sms_tpdu.deliver(b, text, **more)


def deliver_to_phones(s, how, a, count=None):
    s.net.answer("mt-ForwardSM", how, count, sm_RP_DA__imsi=imsi_of(a))


# ---- SRI-SM ----

def test_query_is_answered_with_our_address_only(s):
    a, b = s.pair()
    nodes(s, a)
    out = s.net.route(a)
    imsi = out["result"]["imsi"]
    equal(out["result"], {"imsi": imsi, "locationInfoWithLMSI": {"networkNode-Number": OUR_GT}})
    check(len(imsi) == 15 and imsi.isdigit() and imsi.startswith("262002"), "MCC, MNC in three digits, nine more:", imsi)
    asked = s.net.wait_operation("sendRoutingInfoForSM", a=a)
    equal((asked["calling"]["digits"], asked["called"]["digits"], asked["called"]["ssn"]), (OUR_GT[1:], a[1:], 6), "as whom the HLR is asked")
    equal((asked["arg"]["serviceCentreAddress"], "gprsSupportIndicator" in asked["arg"]), (SC, True), "what it is asked")


def test_two_queries_two_ids(s):
    """R-64: each is good for several messages, also at the same time, also in dialogues of their own."""
    a, b = s.pair()
    ids = [s.net.route(a)["result"]["imsi"] for _ in range(5)]
    equal(len(set(ids)), 5, "ids that differ: %s" % ids)
    wanted = []
    for n, imsi in enumerate(ids * 2):
        wanted.append("message %d" % n)
        equal(s.net.forward(imsi, hello(b, wanted[-1]))["end"], "result")
    got(s, a, 10)
    equal(texts(s, a), wanted)


def test_ids_are_random(s):
    a, b = s.pair()
    ids = sorted(int(s.net.route(a)["result"]["imsi"][6:]) for _ in range(20))
    check(ids[-1] - ids[0] > 1000000 and all(y - x > 1 for x, y in zip(ids, ids[1:])), "not random:", ids)


def test_absent_in_the_HLR_but_registered(stack):
    """R-66; without an IMSI the configured network begins the id."""
    with stack(map_lines=("home-routing", "plmn 26299"), modparams={"unregistered": "absent"}) as s:
        a, b = s.pair()
        tell(s, register(a, request_of(device(1, CPM)), "message/sip"))
        for error_name in ("absentSubscriberSM", "systemFailure"):
            s.net.answer("sendRoutingInfoForSM", {"error": error_name}, 1)
            out = s.net.mt(a, hello(b, error_name))
            equal((out["end"], out["node"], out["imsi"][:6]), ("result", OUR_GT, "262099"), out)
        got(s, a, 2)
        equal(texts(s, a), ["absentSubscriberSM", "systemFailure"])
        unknown = s.pair()[0]
        for error_name, want, parameter in (("absentSubscriberSM", ABSENT, {"absentSubscriberDiagnosticSM": 1}), ("systemFailure", SYSTEM_FAILURE, None)):
            s.net.answer("sendRoutingInfoForSM", {"error": error_name, "parameter": parameter}, 1)
            out = s.net.route(unknown)
            equal((out["end"], out["code"]), ("error", want), "not registered: the HLR's answer")
            check(not parameter or out["parameter"] == parameter, "parameter", out)
        s.vty("enable", "configure terminal", "map", "no plmn")
        unknown = s.pair()[0]
        tell(s, register(unknown, request_of(device(1, CPM)), "message/sip"))
        s.net.answer("sendRoutingInfoForSM", {"error": "absentSubscriberSM"}, 1)
        equal(s.net.route(unknown)["code"], ABSENT, "no network and no IMSI to make an id of")


def test_other_errors_of_the_HLR_are_relayed(s):
    for code, parameter in ((1, None), (11, None), (13, {"callBarringCause": 1}), (21, None)):
        a = s.pair()[0]
        s.net.answer("sendRoutingInfoForSM", {"error": code, "parameter": None}, 1)
        out = s.net.route(a)
        equal((out["end"], out["code"]), ("error", code), out)


def test_not_registered_as_if_we_were_not_there(stack):
    with stack(map_lines=("home-routing",), modparams={"unregistered": "absent"}) as s:
        a, b = s.pair()
        nodes(s, a)
        out = s.net.route(a, gprsSupportIndicator=True)
        equal(out["result"], {"imsi": imsi_of(a), "locationInfoWithLMSI": {"networkNode-Number": MSC, "additional-Number": {"sgsn-Number": SGSN}}})
        tell(s, register(a, request_of(device(1, CPM)), "message/sip"))
        equal(s.net.mt(a, hello(b))["node"], OUR_GT)
        got(s, a)
        tell(s, register(a, expires=0))
        equal(s.net.route(a)["result"]["imsi"], imsi_of(a), "not registered any more")


def test_query_without_delivery(s):
    """sm-deliveryNotIntended: the asker wants to know the IMSI, and gets the HLR's."""
    a = s.pair()[0]
    equal(s.net.route(a, **{"sm-deliveryNotIntended": 0})["result"]["imsi"], imsi_of(a))


def test_loops_end(s):
    a, b = s.pair()
    mark = s.net.mark()
    out = s.net.invoke("sendRoutingInfoForSM", {"msisdn": a, "sm-RP-PRI": True, "serviceCentreAddress": SC}, called=OUR_GT + "/6", calling=OUR_GT + "/8",
                       timeout_s=2)
    equal(s.net.operations("sendRoutingInfoForSM", a=a, since=mark), [], "our own query is not asked again")
    out = s.net.route(a, sc=OUR_GT)
    equal(out["code"], SYSTEM_FAILURE, "for a service centre that is ours")
    s.net.answer("sendRoutingInfoForSM", {"result": {"imsi": imsi_of(a), "locationInfoWithLMSI": {"networkNode-Number": OUR_GT}}}, msisdn=a)
    with says(s, a, Answer(480)):
        out = s.net.mt(a, hello(b))
    equal(error(out), (ABSENT, NO_RESPONSE), "an HLR that names us: there is nobody to relay to")
    equal(relayed(s, a), [])


def test_circle_ends(s):
    """An HLR that hands our own query on to us under its own address: so many at once, then no more."""
    a, others = s.pair()[0], s.pair()[0]
    s.net.answer("sendRoutingInfoForSM", {"hold": True}, msisdn=a)
    outcomes = [s.net.invoke_later("sendRoutingInfoForSM", {"msisdn": a, "sm-RP-PRI": True, "serviceCentreAddress": SC}, called=OUR_GT + "/6", timeout_s=15)
                for _ in range(16)]
    s.net.wait_operations("sendRoutingInfoForSM", 16, a=a)
    equal(s.net.route(a)["code"], SYSTEM_FAILURE, "the 17th")
    equal(s.net.route(others)["end"], "result", "others")
    equal(len(s.net.operations("sendRoutingInfoForSM", a=a)), 16)
    for op in s.net.operations("sendRoutingInfoForSM", a=a):
        s.net.release(op, {"error": "systemFailure"})
    equal({outcome()["code"] for outcome in outcomes}, {SYSTEM_FAILURE})
    s.net.answer("sendRoutingInfoForSM", {"error": "unknownSubscriber"}, msisdn=a)


def test_silent_HLR(stack):
    """In time for the GMSC: ours if A is registered, else systemFailure; the IMSI is the one of last time."""
    with stack(map_lines=("home-routing", "timer medium 6"), modparams={"unregistered": "absent"}) as s:
        a, b = s.pair()
        tell(s, register(a, request_of(device(1, CPM)), "message/sip"))
        equal(s.net.route(a)["result"]["imsi"][:6], "262002")
        s.net.answer("sendRoutingInfoForSM", {"silent": True})
        began = time.monotonic()
        equal(s.net.mt(a, hello(b))["end"], "result", "registered")
        equal(s.net.route(s.pair()[0])["code"], SYSTEM_FAILURE, "not registered")
        check(7 < time.monotonic() - began < 25, "4 s each:", time.monotonic() - began)


def test_GMSC_that_knows_one_node(stack):
    """Who did not say gprsSupportIndicator gets one node, as from the HLR itself."""
    with stack(map_lines=("home-routing",), modparams={"unregistered": "absent"}) as s:
        a = s.pair()[0]
        for located, gprs, want in (({"networkNode-Number": MSC, "additional-Number": {"sgsn-Number": SGSN}}, False, MSC),
                                    ({"networkNode-Number": SGSN, "gprsNodeIndicator": True, "additional-Number": {"msc-Number": MSC}}, False, MSC),
                                    ({"networkNode-Number": MSC, "additional-Number": {"sgsn-Number": SGSN}}, True, None)):
            s.net.answer("sendRoutingInfoForSM", {"result": {"imsi": imsi_of(a), "locationInfoWithLMSI": located}}, 1)
            out = s.net.route(a, **({"gprsSupportIndicator": True} if gprs else {}))
            equal(out["result"]["locationInfoWithLMSI"], {"networkNode-Number": want} if want else located)


def test_home_routing_alone(stack):
    """No SMSC over MAP; and switched off while it runs."""
    with stack(map_lines=HOME, smscs={}, smpp=True, routes="route default smsc smpp\n") as s:
        a, b = s.pair()
        equal(s.net.mt(a, hello(b))["end"], "result")
        got(s, a)
        equal(texts(s, a), ["hello"])
        s.vty("enable", "configure terminal", "map", "no home-routing")
        equal((s.net.route(a)["code"], s.net.forward(imsi_of(a), hello(b))["code"]), (21, SYSTEM_FAILURE), "SRI-SM and MT-ForwardSM")


def test_versions_of_the_query(s):
    for version in (2, 1):
        a, b = s.pair()
        nodes(s, a)
        out = s.net.route(a, version=version)
        equal(out["result"]["imsi"][:6], "262002", out)
        with says(s, a, Answer(404)):
            deliver_to_phones(s, {"error": "absentSubscriberSM", "parameter": {"absentSubscriberDiagnosticSM": 1}}, a)
            out = s.net.forward(out["result"]["imsi"], hello(b), version=version)
        equal((out["end"], out["code"]), ("error", 27), "absentSubscriber of versions 1 and 2")


def test_full_table_refuses(stack):
    with stack(map_lines=HOME + ("correlations 3",)) as s:
        a, b = s.pair()
        ids = [s.net.route(a)["result"]["imsi"] for _ in range(3)]
        out = s.net.route(a)
        equal((out["end"], out["code"]), ("error", SYSTEM_FAILURE), "a fourth")
        for n, imsi in enumerate(ids):
            equal(s.net.forward(imsi, hello(b, "message %d" % n))["end"], "result", "the others hold")
        check("correlation ids, " in s.vty("show map") and "home routing: 3" in s.vty("show map"), s.vty("show map"))


def test_without_home_routing(stack):
    with stack(map_lines=()) as s:
        out = s.net.route(s.pair()[0])
        equal(out["end"], "refused", "application context")


# ---- MT-ForwardSM ----

def test_home_routing_ends_while_ids_are_out(stack):
    """What the SC does with its id is no reason to give the message up: it asks for another one."""
    s = stack(map_lines=HOME)
    a, b = s.pair()
    imsi = s.net.route(a)["result"]["imsi"]
    s.vty("enable", "configure terminal", "map", "no home-routing")
    equal(s.net.forward(imsi, hello(b))["code"], SYSTEM_FAILURE)
    equal(s.net.route(a)["code"], 21, "SRI-SM: facilityNotSupported")


def test_what_A_says(stack):
    """The table of 5.8, without any other domain: R-75, R-76."""
    with stack(map_lines=BARE, modparams={"tm.fr_timer": 3000}) as s:
        bad = []
        for status, want in ANSWERS.items():
            a, b = s.pair()
            with says(s, a, Answer(status)):
                found = error(s.net.mt(a, hello(b)))
            if found != want:
                bad.append("%d: %s, not %s" % (status, found, want))
        check(not bad, "; ".join(bad))
        a, b = s.pair()
        for status in (200, 202):
            with says(s, a, Answer(status)):
                equal(s.net.mt(a, hello(b, "taken %d" % status))["end"], "result")
        a, b = s.pair()
        with says(s, a, Answer(0)):
            equal(error(s.net.mt(a, hello(b))), (ABSENT, NO_RESPONSE), "silence")
        equal(s.net.operations("reportSM-DeliveryStatus"), [])
        s.judge()


def test_equipment_error_in_full(stack):
    with stack(map_lines=BARE) as s:
        a, b = s.pair()
        with says(s, a, Answer(415)):
            out = s.net.mt(a, hello(b))
        equal(out["parameter"], {"sm-EnumeratedDeliveryFailureCause": 1, "diagnosticInfo": "009000"})


def test_what_cannot_be_read(s):
    a, b = s.pair()
    imsi = s.net.route(a)["result"]["imsi"]
    for tpdu in ("03", "01", "0404", hello(b).hex()[:20], "ff" * 30):
        out = s.net.forward(imsi, bytes.fromhex(tpdu))
        equal((out["end"], out.get("code")), ("error", 36), tpdu)
    equal(s.net.forward(imsi, hello(b))["end"], "result", "the id is still good")


def test_real_IMSI_is_a_recipient(s):
    """One that the HLR has told."""
    a, b = s.pair()
    s.net.route(a)
    equal(s.net.forward(imsi_of(a), hello(b))["end"], "result")
    got(s, a)


def test_unknown_id(stack):
    """R-65: for now, while it may be of before a restart; then for good."""
    with stack(map_lines=HOME + ("restart-time 600",)) as s:
        a, b = s.pair()
        imsi = s.net.route(a)["result"]["imsi"]
        equal(s.net.forward(imsi, hello(b))["end"], "result")
        s.connector.stop()
        s.connector.start()
        s.wait_bound()
        equal(s.net.forward(imsi, hello(b))["code"], SYSTEM_FAILURE, "right after a restart")
        s.vty("enable", "configure terminal", "map", "restart-time 1")
        wait_for(lambda: s.net.forward(imsi, hello(b))["code"] == 5, 20, 0.5, "unidentifiedSubscriber at last")
        imsi = s.net.route(a)["result"]["imsi"]
        equal(s.net.forward(imsi, hello(b, "a new one"))["end"], "result")


def test_module_is_gone(s):
    a, b = s.pair()
    imsi = s.net.route(a)["result"]["imsi"]
    s.kamailio.kill()
    try:
        wait_for(lambda: "down" in s.vty("show link"), 20, 0.1, "the link is down")
        began = time.monotonic()
        equal(s.net.route(a)["code"], SYSTEM_FAILURE)
        equal(s.net.forward(imsi, hello(b))["code"], SYSTEM_FAILURE)
        check(time.monotonic() - began < 15, "not at once:", time.monotonic() - began)
    finally:
        s.kamailio.start()
        s.wait_ready()
    equal(s.net.forward(imsi, hello(b))["end"], "result")


def test_phones_are_reached_without_the_module(stack):
    """Where users who are not registered are as if we were not there, an outage of ours does not stop the short messages of their phones."""
    with stack(map_lines=("home-routing",)) as s:
        a, absent = s.pair()
        nodes(s, a)
        s.net.answer("sendRoutingInfoForSM", {"error": "absentSubscriberSM"}, msisdn=absent)
        s.kamailio.kill()
        wait_for(lambda: "down" in s.vty("show link"), 20, 0.1, "the link is down")
        out = s.net.route(a)
        equal((out["end"], out["result"]["imsi"]), ("result", imsi_of(a)), "the HLR's answer")
        equal(s.net.route(absent)["code"], SYSTEM_FAILURE, "perhaps he is registered: the SC shall try again")
        s.kamailio.start()
        s.wait_ready()


def test_kamailio_dies_while_A_is_asked(s):
    a, b = s.pair()
    with says(s, a, Answer(0)):
        outcome = s.net.invoke_later("mt-ForwardSM", forward_argument(s.net.route(a)["result"]["imsi"], hello(b)), called=OUR_GT + "/8", timeout_s=30)
        got(s, a)
        s.restart_kamailio()
    equal(outcome()["code"], SYSTEM_FAILURE)


def forward_argument(imsi, tpdu, sc=SC):
    return {"sm-RP-DA": {"imsi": imsi}, "sm-RP-OA": {"serviceCentreAddressOA": sc}, "sm-RP-UI": tpdu.hex()}


LONG = "All in one dialogue, and the second message does not say again for whom it is. " * 5


def test_several_messages_in_one_dialogue(s):
    for version in (3, 2):
        a, b = s.pair()
        out = s.net.mt(a, *sms_tpdu.deliveries(b, LONG, ref=version), version=version)
        equal(out["end"], "result", out)
        got(s, a)
        equal(texts(s, a), [LONG])


def test_recipient_of_those_that_follow(s):
    """noSM-RP-DA and noSM-RP-OA"""
    a, b = s.pair()
    parts = sms_tpdu.deliveries(b, LONG, ref=9)
    out = s.net.forward(s.net.route(a)["result"]["imsi"], parts[0], more=True)
    for k, tpdu in enumerate(parts[1:], 2):
        arg = {"sm-RP-DA": {"noSM-RP-DA": True}, "sm-RP-OA": {"noSM-RP-OA": True}, "sm-RP-UI": tpdu.hex()}
        if k < len(parts):
            arg["moreMessagesToSend"] = True
        equal(out["end"], "result", out)
        out = s.net.invoke("mt-ForwardSM", arg, dialogue=out["dialogue"])
    equal((out["end"], out["open"]), ("result", False), out)
    got(s, a)
    equal(texts(s, a), [LONG])


def test_parts_in_separate_dialogues(s):
    a, b = s.pair()
    imsi = s.net.route(a)["result"]["imsi"]
    for tpdu in reversed(sms_tpdu.deliveries(b, LONG, ref=10)):
        equal(s.net.forward(imsi, tpdu)["end"], "result")
    got(s, a)
    equal(texts(s, a), [LONG])


def gone_while_asked(s, imsi, tpdu):
    """The GMSC aborts its dialogue after A has been asked."""
    mark = s.net.mark()
    s.net.invoke_later("mt-ForwardSM", forward_argument(imsi, tpdu), called=OUR_GT + "/8", empty_begin=True, timeout_s=4)
    begun = s.net.wait(lambda e: e["ev"] == "invoke" and e["op"] == "mt-ForwardSM", since=mark)[0]
    return lambda: s.net.command("end", dialogue=begun["dialogue"], abort="user")


def test_peer_gone_while_A_is_asked(s):
    """A's yes is heard; the SC that repeats gets it, and A nothing more."""
    a, b = s.pair()
    imsi, tpdu = s.net.route(a)["result"]["imsi"], hello(b, "only once")
    with says(s, a, Answer(200, delay=2.0)):
        abort = gone_while_asked(s, imsi, tpdu)
        got(s, a)
        abort()
        wait_for(lambda: "peer=gone" in s.connector.log_path.read_text(errors="replace"), 20, 0.1, "A's answer to nobody")
        equal(s.net.forward(imsi, tpdu)["end"], "result", "the next attempt of the SC")
    equal(texts(s, a), ["only once"])
    equal(s.net.forward(imsi, hello(b, "only once", when=sms_tpdu.now(60)))["end"], "result", "another message with the same text")
    got(s, a, 2)


def test_peer_gone_while_A_refuses_parts(s):
    """The SC that repeats the last of them gets the error that it would have heard; the others are acknowledged."""
    for code in (405, 603):
        (heard, _), (a, b) = s.pair(), s.pair()
        parts = sms_tpdu.deliveries(b, LONG, ref=code)
        with says(s, heard, Answer(code)):
            wanted = error(s.net.mt(heard, *parts))
        imsi, failed = s.net.route(a)["result"]["imsi"], s.statistics()["cpm_failed"]
        equal([s.net.forward(imsi, tpdu)["end"] for tpdu in parts[:-1]], ["result"] * (len(parts) - 1))
        with says(s, a, Answer(0)):
            abort = gone_while_asked(s, imsi, parts[-1])
            check(got(s, a), "A was offered nothing")
            abort()
            wait_for(lambda: a + ": the peer is gone" in s.connector.log_path.read_text(errors="replace"), 15, 0.1, "the abort")
            s.a.answer(got(s, a), Answer(code))
            wait_for(lambda: s.statistics()["cpm_failed"] > failed, 15, 0.1, "A's answer")
        equal(error(s.net.forward(imsi, parts[-1])), wanted)
        equal([s.net.forward(imsi, tpdu)["end"] for tpdu in parts[:-1]], ["result"] * (len(parts) - 1))
        equal(len(texts(s, a)), 1, "offers")


def test_repeated_while_A_is_asked(s):
    a, b = s.pair()
    imsi, tpdu = s.net.route(a)["result"]["imsi"], hello(b, "still only once")
    with says(s, a, Answer(200, delay=3.0)):
        abort = gone_while_asked(s, imsi, tpdu)
        got(s, a)
        abort()
        equal(s.net.forward(imsi, tpdu)["end"], "result", "the next attempt of the SC")
    equal(texts(s, a), ["still only once"])


def test_same_words_twice(s):
    """Two messages with the same text at the same time: TP-SCTS tells them apart."""
    a, b = s.pair()
    imsi = s.net.route(a)["result"]["imsi"]
    with says(s, a, Answer(200, delay=1.5)):
        tpdus = [hello(b, "ok", when=sms_tpdu.now(zone)) for zone in (0, 60)]
        outcomes = [s.net.invoke_later("mt-ForwardSM", forward_argument(imsi, tpdu), called=OUR_GT + "/8", timeout_s=30) for tpdu in tpdus]
        equal([outcome()["end"] for outcome in outcomes], ["result"] * 2)
    got(s, a, 2)
    equal(texts(s, a), ["ok", "ok"])


# ---- relay to the serving nodes ----

def test_relay_to_the_MSC(s):
    """R-77: with A's own IMSI, the SC's address, the TPDU as it came; what the node says is the answer."""
    a, b = s.pair()
    nodes(s, a)
    report = "0000"
    deliver_to_phones(s, {"result": {"sm-RP-UI": report}}, a)
    tpdu = hello(b, "for the phone")
    with says(s, a, Answer(404)):
        out = s.net.mt(a, tpdu)
    equal((out["end"], out["result"]), ("result", {"sm-RP-UI": report}), out)
    equal(relayed(s, a), [(MSC[1:], 8, "for the phone")])
    op = [e for e in s.net.operations("mt-ForwardSM") if e["arg"]["sm-RP-DA"].get("imsi") == imsi_of(a)][0]
    equal(op["arg"], {"sm-RP-DA": {"imsi": imsi_of(a)}, "sm-RP-OA": {"serviceCentreAddressOA": SC}, "sm-RP-UI": tpdu.hex()})
    equal(s.net.operations("reportSM-DeliveryStatus", a=a), [], "there is nothing to report")


def test_relay_to_the_SGSN_then(s):
    a, b = s.pair()
    nodes(s, a)
    deliver_to_phones(s, {"error": "absentSubscriberSM", "parameter": {"absentSubscriberDiagnosticSM": 1}}, a, 1)
    with says(s, a, Answer(480)):
        out = s.net.mt(a, hello(b))
    equal(out["end"], "result", out)
    equal(relayed(s, a), [(MSC[1:], 8, "hello"), (SGSN[1:], 149, "hello")])


def test_relay_of_what_A_cannot_show(s):
    """A message for the card, and 8 bit data: the phone takes them."""
    for tpdu in (lambda b: hello(b, "x", pid=0x7F), lambda b: hello(b, "x", dcs=0xF5)):
        a, b = s.pair()
        nodes(s, a)
        equal(s.net.mt(a, tpdu(b))["end"], "result")
        equal([r[0] for r in relayed(s, a)], [MSC[1:]])
        equal(texts(s, a), [])


def test_only_over_IP(s):
    """smsOverIP-OnlyIndicator"""
    a, b = s.pair()
    nodes(s, a)
    imsi = s.net.route(a)["result"]["imsi"]
    with says(s, a, Answer(480)):
        out = s.net.invoke("mt-ForwardSM", dict(forward_argument(imsi, hello(b)), **{"smsOverIP-OnlyIndicator": True}), called=OUR_GT + "/8")
    equal(error(out), (ABSENT, NO_RESPONSE))
    equal(relayed(s, a), [])


def test_error_of_another_version(s):
    """A node, or an HLR, that says absentSubscriber where version 3 has absentSubscriberSM"""
    a, b = s.pair()
    nodes(s, a)
    deliver_to_phones(s, {"error": "absentSubscriber"}, a)
    with says(s, a, Answer(404)):
        equal(s.net.mt(a, hello(b))["code"], ABSENT)
    a, b = s.pair()
    s.net.answer("sendRoutingInfoForSM", {"error": "absentSubscriber"}, 2, msisdn=a)
    equal([s.net.route(a, version=version)["code"] for version in (3, 2)], [ABSENT, 27])


def test_node_that_may_have_taken_it(stack):
    """No answer of the MSC: the SGSN is not asked, and nothing is reported."""
    with stack(map_lines=HOME + ("timer long 20",)) as s:
        a, b = s.pair()
        nodes(s, a)
        deliver_to_phones(s, {"abort": "user"}, a)
        with says(s, a, Answer(404)):
            out = s.net.mt(a, hello(b), timeout_s=30)
        equal((out["end"], out["code"]), ("error", SYSTEM_FAILURE), out)
        equal([r[0] for r in relayed(s, a)], [MSC[1:]])


def test_long_message_is_not_relayed_in_part(s):
    """The module has taken the parts before; the last one alone would be of no use to the phone."""
    a, b = s.pair()
    nodes(s, a)
    with says(s, a, Answer(480)):
        out = s.net.mt(a, *sms_tpdu.deliveries(b, LONG, ref=11))
    equal(error(out), (ABSENT, NO_RESPONSE))
    equal(relayed(s, a), [])


# ---- status reports ----

def test_report_for_the_phone(s):
    """One that is about nothing of ours: A's phone has sent that message."""
    a, b = s.pair()
    nodes(s, a)
    report = sms_tpdu.status_report(77, b, None)
    equal(s.net.mt(a, report, status_report=True)["end"], "result")
    equal(relayed(s, a), [(MSC[1:], 8, None)])
    op = [e for e in s.net.operations("mt-ForwardSM") if e["arg"]["sm-RP-DA"].get("imsi") == imsi_of(a)][0]
    equal((op["arg"]["sm-RP-UI"], op["tpdu"]["type"]), (report.hex(), "status_report"))
    s.net.answer("mt-ForwardSM", {"error": "absentSubscriberSM"}, 2, sm_RP_DA__imsi=imsi_of(a))
    equal(s.net.mt(a, report, status_report=True)["code"], ABSENT, "the phone is off: later")


def test_report_for_A_who_has_gone(stack):
    """registered-only: A's message is reported though A is not registered any more (R-82)."""
    with stack(map_lines=("home-routing",), modparams={"unregistered": "absent", "imdn_retry_s": "1"}) as s:
        a, b, m = send(s, "tell me later", notify=BOTH)
        op = s.net.wait_operation("mo-ForwardSM", a=a)
        nodes(s, a)
        equal(s.net.report(op, a)["end"], "result")
        equal(relayed(s, a), [])
        tell(s, register(a, request_of(device(1, CPM)), "message/sip"))
        equal(notified(s, a).status, "delivered")


# ---- delivery status ----

def test_status_of_IMS_alone(s):
    """R-79"""
    for status, diagnostic in ((404, DEREGISTERED), (480, NO_RESPONSE)):
        a, b = s.pair()
        s.net.answer("sendRoutingInfoForSM", {"result": {"imsi": imsi_of(a), "locationInfoWithLMSI": {"networkNode-Number": OUR_GT}}}, msisdn=a)
        with says(s, a, Answer(status)):
            equal(error(s.net.mt(a, hello(b))), (ABSENT, diagnostic))
        op = s.net.wait_operation("reportSM-DeliveryStatus", a=a)
        equal(op["arg"], {"msisdn": a, "serviceCentreAddress": SC, "sm-DeliveryOutcome": 1, "absentSubscriberDiagnosticSM": diagnostic,
                          "ip-sm-gw-Indicator": True, "gprsSupportIndicator": True})


def test_status_of_all_domains(s):
    a, b = s.pair()
    nodes(s, a)
    for diagnostic in (1, 6):
        deliver_to_phones(s, {"error": "absentSubscriberSM", "parameter": {"absentSubscriberDiagnosticSM": diagnostic}}, a, 1)
    with says(s, a, Answer(480)):
        out = s.net.mt(a, hello(b))
    equal(error(out), (ABSENT, 6), "what the last node says")
    op = s.net.wait_operation("reportSM-DeliveryStatus", a=a)
    equal(op["arg"], {"msisdn": a, "serviceCentreAddress": SC, "sm-DeliveryOutcome": 1, "absentSubscriberDiagnosticSM": 1, "gprsSupportIndicator": True,
                      "additionalSM-DeliveryOutcome": 1, "additionalAbsentSubscriberDiagnosticSM": 6,
                      "ip-sm-gw-sm-deliveryOutcome": 1, "ip-sm-gw-absentSubscriberDiagnosticSM": 12})


def test_ready_when_A_is_back(stack):
    with stack(map_lines=("home-routing",), modparams={"unregistered": "absent"}) as s:
        a, b = s.pair()
        tell(s, register(a, request_of(device(1, CPM)), "message/sip"))
        deliver_to_phones(s, {"error": "absentSubscriberSM"}, a)
        with says(s, a, Answer(404)):
            equal(s.net.mt(a, hello(b))["code"], ABSENT)
        s.net.wait_operation("reportSM-DeliveryStatus", a=a)
        equal(s.net.operations("readyForSM"), [])
        tell(s, register(a, request_of(device(1, CPM)), "message/sip"))
        op = s.net.wait_operation("readyForSM")
        equal(op["arg"], {"imsi": imsi_of(a), "alertReason": 0, "additionalAlertReasonIndicator": True})
        equal(op["called"]["digits"], a[1:], "to A's HLR")
        equal(s.net.mt(a, hello(b))["end"], "result", "the SC that was alerted")
        tell(s, register(a, request_of(device(1, CPM)), "message/sip"))
        equal(s.net.mt(a, hello(b, "again"))["end"], "result")
        equal(len(s.net.operations("readyForSM")), 1, "said once")


def test_ready_at_the_next_sign_of_life(s):
    """A was registered all the time, but did not answer."""
    a, b = s.pair()
    tell(s, register(a, request_of(device(1, CPM)), "message/sip"))
    nodes(s, a)
    deliver_to_phones(s, {"error": "absentSubscriberSM"}, a)
    with says(s, a, Answer(480)):
        equal(s.net.mt(a, hello(b))["code"], ABSENT)
    s.net.wait_operation("reportSM-DeliveryStatus", a=a)
    tell(s, register(a, request_of(device(1, CPM)), "message/sip"))
    s.net.wait(lambda e: e["ev"] == "operation" and e["op"] == "readyForSM" and e["arg"]["imsi"] == imsi_of(a), what="readyForSM")


def begin_of(op, version, arg):
    """TC-BEGIN with that operation, its transaction id left open, in hexadecimal digits."""
    coding = map_asn1.OPERATIONS[op][version]
    invoke = {"id": 1, "op": {"local": coding.code}, "parameter": der(coding.argument, arg).hex()}
    return tcap_encode({"begin": {"otid": "deadbeef", "dialogue": aarq(ac_name(coding.context, version)), "components": [{"invoke": invoke}]}}
                       ).hex().replace("deadbeef", "TID")


def test_flood_is_answered_to_the_last(stack):
    """Each of thousands has one answer, whatever it is, and then others are served as before."""
    with stack(map_lines=HOME, modparams={"tm.fr_timer": 3000}) as s:
        a, b = s.pair()
        imsi = s.net.route(a)["result"]["imsi"]
        for count, ssn, octets in ((2000, 6, begin_of("sendRoutingInfoForSM", 3, {"msisdn": a, "sm-RP-PRI": True, "serviceCentreAddress": SC})),
                                   (1500, 8, begin_of("mt-ForwardSM", 3, forward_argument(imsi, hello(b, "flood"))))):
            before = s.net.control("stats")["unknown"]
            s.net.command("storm", count=count, called="%s/%d" % (OUR_GT, ssn), hex=octets)
            wait_for(lambda: s.net.control("stats")["unknown"] - before >= count, 60, 0.2, "an answer to each of %d" % count)
            wait_for(lambda: "0 queries, 0 messages in hand" in s.vty("show map"), 60, 0.2, "idle")
            equal(s.net.control("stats")["unknown"] - before, count, "answers")
            equal(s.net.mt(*(lambda x, y: (x, hello(y)))(*s.pair()))["end"], "result", "others")


def test_queries_leave_room_for_what_A_sends(stack):
    """An HLR that is silent, or somebody who asks for everybody, does not take all dialogues."""
    s = stack(map_lines=HOME + ("dialogues 40",))
    s.net.answer("sendRoutingInfoForSM", {"silent": True})
    outcomes = [s.net.invoke_later("sendRoutingInfoForSM", {"msisdn": "+1555880%04d" % n, "sm-RP-PRI": True, "serviceCentreAddress": SC},
                                   called=OUR_GT + "/6", timeout_s=3) for n in range(60)]
    wait_for(lambda: len(s.net.operations("sendRoutingInfoForSM")) >= 30, 20, 0.1, "queries at the HLR")
    a, b = s.pair()
    began = time.monotonic()
    send(s, "still there", pair=(a, b))
    s.net.wait_operation("mo-ForwardSM", a=a, timeout=20)
    check(time.monotonic() - began < 20, "it had to wait")
    ends = [outcome()["end"] for outcome in outcomes]
    check(ends.count("error") >= 20 and ends.count("timeout") >= 20, "refused at once, and in hand:", ends)


def test_nothing_is_left(s):
    """Last: what the tests above have sent."""
    wait_for(lambda: "0 queries, 0 messages in hand" in s.vty("show map"), 60, 0.5, "idle")
    try:
        s.judge(ours_only=True)
    except Failure as e:
        raise Failure("tshark: %s" % e)
