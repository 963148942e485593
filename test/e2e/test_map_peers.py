# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 the ipsmgw authors
"""Who in the SS7 network may ask us for something: "peer allow" of the node "map"."""

from harness import check, equal, wait_for
from map import NET_GT, OUR_GT, SC, MapStack
from test_map_home import HOME, hello

STACK_CLASS = MapStack
STRANGER, HLR = "+33612345678", "+491710760500"
SMSCS = {"test": ("submit", ("sc-address " + SC,)), "direct": ("deliver", ())}
STACK = {"map_lines": HOME + ("peer allow " + NET_GT[1:10], "peer allow 4930 for messages"), "smscs": SMSCS}
SYSTEM_FAILURE, NOT_SUPPORTED = 34, 21


def alert(s, b, calling):
    return s.net.invoke("alertServiceCentre", {"msisdn": b, "serviceCentreAddress": OUR_GT}, 2, calling=calling)


def route(s, a, calling, version=3):
    return s.net.invoke("sendRoutingInfoForSM", {"msisdn": a, "sm-RP-PRI": True, "serviceCentreAddress": SC}, version, OUR_GT + "/6", calling=calling)


def strangers(s):
    line = [x for x in s.vty("show statistics").splitlines() if x.split()[:1] == ["begin:stranger"]]
    return int(line[0].split()[1])


def test_strangers_are_refused(s):
    a, b = s.pair()
    equal(said_open(s), [], "nothing is open")
    imsi = s.net.route(a)["result"]["imsi"]
    before = strangers(s)
    for version in (3, 2):
        equal(route(s, a, STRANGER, version)["end"], "refused", "SRI-SM, version %d" % version)
        equal(s.net.forward(imsi, hello(b), version=version, calling=STRANGER)["end"], "refused", "MT-ForwardSM, version %d" % version)
    check(route(s, a, STRANGER, 1)["end"] == "p-abort", "version 1")
    equal(alert(s, b, STRANGER)["end"], "refused")
    check(strangers(s) - before >= 6, "counted:", before, strangers(s))
    equal(s.net.forward(imsi, hello(b))["end"], "result", "a friend is heard")
    equal(len([r for r in s.a.received if r.uri.startswith("tel:" + a)]), 1, "what A has")
    check(len([x for x in s.connector.log_path.read_text().splitlines() if "not allowed to ask" in x]) <= 2, "a line for each")


def test_for_one_operation(s):
    a, b = s.pair()
    friend = "+493012345"
    imsi = s.net.route(a)["result"]["imsi"]
    out = route(s, a, friend)
    equal((out["end"], out.get("code")), ("error", NOT_SUPPORTED), "SRI-SM")
    equal(s.net.forward(imsi, hello(b), calling=friend)["end"], "result", "MT-ForwardSM")


def said_open(s):
    return [x for x in s.connector.log_path.read_text().splitlines() if "is open to everybody" in x]


def test_at_run_time(stack):
    s = stack(map_lines=HOME, smscs=SMSCS)
    a, b = s.pair()
    equal(len(said_open(s)), 3, "said at the start: SRI-SM, MT-ForwardSM, alerts")
    equal(route(s, a, STRANGER)["end"], "result", "everybody may, if nothing is said")
    s.vty("enable", "configure terminal", "map", "peer allow %s for alerts" % HLR[1:])
    equal(route(s, a, STRANGER)["end"], "result", "only alerts are restricted")
    out = alert(s, b, STRANGER)
    equal((out["end"], out.get("code")), ("error", NOT_SUPPORTED), "an alert of a stranger")
    equal(alert(s, b, HLR)["end"], "result", "the HLR's")
    s.vty("enable", "configure terminal", "map", "no peer allow " + HLR[1:])
    equal(alert(s, b, STRANGER)["end"], "result", "open again")


def test_answers_to_us_are_not_restricted(stack):
    """Whom we ask may be anywhere."""
    s = stack(map_lines=("peer allow 1",), smscs={"test": ("submit", ("sc-address " + STRANGER,))})
    a, b = s.pair()
    s.text("hello", a, b)
    equal(s.net.wait_operation("mo-ForwardSM", a=a)["called"]["digits"], STRANGER[1:])
    wait_for(lambda: "result=accepted" in s.connector.log_path.read_text(), 20, 0.1, "the answer counts")
