# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 the ipsmgw authors
"""The MAP node itself: a connector without Kamailio, a real osmo-stp, and a mobile network as peer. Configuration, up and down, hostile peers."""

import contextlib
import pathlib
import random
import re
import shutil
import subprocess
import tempfile

from harness import CONNECTOR, ROOT, STRANGE, Failure, Program, Stack, check, equal, free_port, sanitiser_report, wait_for
from map import CONNECTOR_CONFIG, CS7_CONFIG, NET_GT, OUR_GT, SC, MapStack, Network, Stp

import sccp
from tcap_asn1 import aarq, ac_name, tcap_encode

SEED = 20261122
BEGINS = 10000


# IPA has no routing label: what comes is from there
CS7 = CS7_CONFIG.replace("  routing-key 0 0.23.1\n", "  routing-key 0 0.23.1\n  point-code override dpc 0.23.2\n")


class Node:
    """Connector, STP and network."""

    vty = Stack.vty

    def __init__(self, map_lines=(), start=True):
        self.dir = pathlib.Path(tempfile.mkdtemp(prefix="ipsmgw-map-"))
        self.stp = Stp(self.dir)
        self.net = Network(self.dir, {"kind": "ipa", "port": self.stp.port, "name": "asp-clnt-net"}, pcap=False)
        self.vty_port, self.failed, self.closed = free_port(), False, False
        self.config = self.dir / "connector.cfg"
        self.config.write_text(self.text(map_lines))
        self.connector = Program("connector", [CONNECTOR, "-c", self.config], self.dir, env={"ASAN_OPTIONS": "detect_leaks=1:exitcode=99"})
        if start:
            self.start()

    def text(self, map_lines):
        return CONNECTOR_CONFIG.format(vty_port=self.vty_port, cs7=CS7.format(port=self.stp.port), link=self.dir / "link.sock", gt=OUR_GT,
                                       map_lines="".join(" %s\n" % line for line in map_lines), smscs="", routes="")

    def start(self):
        self.stp.start()
        self.net.start()
        self.connector.start()
        self.wait_up()

    def wait_up(self):
        wait_for(lambda: self.shows_up() and self.net.control("state").get("up"), 30, 0.1, "MAP is not up")

    def shows_up(self):
        return "map: up" in self.wait_vty()

    def wait_vty(self):
        """What "show map" says, once the VTY is there."""
        def shown():
            check(self.connector.alive(), "connector ended:\n" + self.log()[-2000:])
            with contextlib.suppress(OSError):
                return self.vty("show map")
        return wait_for(shown, 20, 0.1, "VTY")

    def alive(self):
        return self.connector.alive() and self.stp.program.alive() and self.net.program.alive()

    def log(self):
        return self.connector.log_path.read_text(errors="replace")

    def counter(self, description):
        """A counter of "show statistics", by what it says of itself."""
        found = re.search(r"^ *\S+ +(\d+) \([^)]*\)  %s *$" % re.escape(description), self.vty("show statistics").replace("\r", ""), re.M)
        check(found, "no counter:", description)
        return int(found.group(1))

    def resident_kb(self):
        return int(re.search(r"VmRSS:\s*(\d+)", pathlib.Path("/proc/%d/status" % self.connector.process.pid).read_text()).group(1))

    def close(self):
        if self.closed:
            return
        self.closed = True
        status = self.connector.stop()
        self.net.program.stop()
        self.stp.program.stop()
        logs = [self.connector.log_path] if self.connector.log_path.exists() else []
        strange = [line for log in logs for line in log.read_text(errors="replace").splitlines() if STRANGE.search(line)]
        if self.failed or strange or status not in (0, None):
            print("".join(map(sanitiser_report, logs)) + "  logs: %s" % self.dir, flush=True)
        else:
            shutil.rmtree(self.dir, ignore_errors=True)
        if strange or status == 99:
            raise Failure("in the connector's log: " + " | ".join(strange[:3]))

    def __enter__(self):
        return self

    def __exit__(self, kind, *_):
        self.failed = kind is not None
        self.close()


STACK_CLASS = Node
NO_HLR = "hlr address +4917199999999"


# ---- that it is there ----

def is_served(n):
    """An operation that is not ours to perform is refused with our address: a message has come, and an answer gone."""
    out = n.net.invoke("mo-ForwardSM", {"sm-RP-DA": {"serviceCentreAddressDA": SC}, "sm-RP-OA": {"msisdn": "+15551"}, "sm-RP-UI": "0011"}, 3)
    equal(out["end"], "refused")
    equal(out["diagnostic"], {"user": 2}, "application context not supported")
    equal(out["peer"]["digits"], OUR_GT[1:])


def test_comes_up(s):
    check(s.vty("show cs7 instance 0 asp").count("ASP_ACTIVE") == 1, "ASP")
    check(s.vty("show cs7 instance 0 as all").count("AS_ACTIVE") == 1, "AS")
    shown = s.vty("show map")
    for word in ("map: up for", "address " + OUR_GT, "cs7 instance 0", "point code 0.23.1"):
        check(word in shown, word, "is missing:", shown)
    before = s.counter("Application contexts refused"), s.counter("Messages received"), s.counter("Messages sent")
    is_served(s)
    after = s.counter("Application contexts refused"), s.counter("Messages received"), s.counter("Messages sent")
    equal(after, tuple(x + 1 for x in before))


def test_older_versions_are_refused_in_their_own_way(s):
    arg = {"sm-RP-DA": {"serviceCentreAddressDA": SC}, "sm-RP-OA": {"msisdn": "+15551"}, "sm-RP-UI": "0011"}
    equal(s.net.invoke("mo-ForwardSM", arg, 2)["end"], "refused")
    out = s.net.invoke("mo-ForwardSM", arg, 1)
    equal((out["end"], out["problem"]), ("reject", {"invoke": 1}), "unrecognized operation")


def test_an_answer_goes_to_where_the_address_says(s):
    """A calling address without a global title: the point code in it, or the one that the message came from."""
    for calling in ({"digits": None, "ssn": 8, "gti": 0, "tt": 0, "np": 1, "nai": 4, "pc": 186, "on_ssn": True},
                    {"digits": None, "ssn": 8, "gti": 0, "tt": 0, "np": 1, "nai": 4, "pc": None, "on_ssn": True}):
        failed = s.counter("Messages that could not be sent")
        out = s.net.invoke("mo-ForwardSM", {"sm-RP-DA": {"serviceCentreAddressDA": SC}, "sm-RP-OA": {"msisdn": "+15551"}, "sm-RP-UI": "00"}, 3, calling=calling)
        equal(out["end"], "refused", calling)
        equal(s.counter("Messages that could not be sent"), failed)


def test_down_and_up_with_the_stp(stack):
    with stack() as n:
        for kill in (True, False):
            n.stp.program.kill() if kill else n.stp.program.stop()
            wait_for(lambda: "map: down" in n.vty("show map"), 30, 0.1, "still up without STP")
            check("no application server is active" in n.vty("show map"), "reason")
            n.stp.start()
            n.wait_up()
            is_served(n)
        log = n.log()
        check(log.count("MAP is up") == 3 and log.count("MAP is down") == 2, "log lines:", log[-800:])


def test_connector_before_stp(stack):
    n = stack(start=False)
    n.connector.start()
    check("map: down" in n.wait_vty(), "down")
    n.stp.start()
    n.net.start()
    n.wait_up()
    is_served(n)


def test_messages_wait_for_the_stp():
    with MapStack() as s:
        a, b = s.pair()
        s.stp.program.kill()
        wait_for(lambda: "smsc test: down" in s.vty("show smsc"), 30, 0.1, "the SMSC is up without STP")
        equal(s.text("over there?", a, b)[1].code, 202)
        s.stp.start()
        op = s.net.wait_operation("mo-ForwardSM", a=a, timeout=60)
        equal(op["tpdu"]["text"], "over there?")
        wait_for(lambda: s.statistics()["sms_accepted"] >= 1, 30, 0.1, "the SC's answer")
        equal(len(s.net.operations("mo-ForwardSM", a=a)), 1, "submitted once")


def test_shutdown(stack):
    with stack(map_lines=("home-routing", NO_HLR)) as n:
        n.vty("enable", "configure terminal", "map", "shutdown")
        check("map: down" in n.vty("show map") and "shut down" in n.vty("show map"), n.vty("show map"))
        out = n.net.route("+15551230001")
        equal((out["end"], out.get("error")), ("error", "systemFailure"))
        n.vty("enable", "configure terminal", "map", "no home-routing", "no shutdown")
        check("map: up" in n.vty("show map"), "up again")
        equal(n.net.route("+15551230001")["end"], "refused", "home routing is off now")


# ---- configuration ----

SETTINGS = """\
cs7-instance 0
address +491710760100
translation-type 7
hlr address +491710760500
route default pc 0.23.2
route gt 4917107602 pc 0.23.4
message-max 255
segmentation xudt
version 2
dialogues 123
timer short 4
timer medium 16
timer long 65
timer idle 33
timer guard 601
home-routing
no registered-only
no relay-csps
no report-delivery-status
no ready-for-sm
prefer-sgsn
plmn 26202
correlation-time 777
restart-time 99
correlations 4321
routing-info-time 17
peer allow 49171076
peer allow 33612 for messages
peer allow 33612 for alerts
shutdown""".splitlines()


def map_node_of(text):
    """The lines of the node in a configuration."""
    lines = text.replace("\r", "").splitlines()
    found = []
    for line in lines[lines.index("map") + 1:]:
        if not line.startswith(" "):
            break
        found.append(line[1:])
    return found


def test_every_setting_is_written_and_read(stack):
    n = stack(start=False)
    base = CONNECTOR_CONFIG.split("map\n")[0]
    head = base.format(vty_port=n.vty_port, cs7=CS7.format(port=n.stp.port), link=n.dir / "link.sock")
    n.config.write_text(head + "map\n" + "".join(" %s\n" % line for line in SETTINGS))
    n.stp.start()
    n.connector.start()
    n.wait_vty()
    equal(map_node_of(n.vty("enable", "show running-config")), SETTINGS, "show running-config")
    n.vty("enable", "write file")
    equal(map_node_of(n.config.read_text()), SETTINGS, "write file")
    first = n.config.read_text()
    equal(n.connector.stop(), 0, "exit status")
    n.connector.start()
    n.wait_vty()
    n.vty("enable", "write file")
    equal(n.config.read_text(), first, "what was written, read and written again")


def test_every_command_is_among_the_settings(s):
    """A setting that "write file" forgot would not be missed otherwise."""
    listed = s.vty("enable", "configure terminal", "map", "list").replace("\r", "")
    words = set()
    for line in re.findall(r"^  ((?:no )?[a-z].*)$", listed, re.M):
        first = re.sub(r"^no ", "", line)
        words |= set(re.match(r"\(([^)]*)\)", first).group(1).split("|")) if first.startswith("(") else {first.split()[0]}
    words -= {"help", "list", "show", "write", "exit", "end", "find"}
    known = {line.replace("no ", "").split()[0] for line in SETTINGS}
    equal(sorted(words - known), [], "commands without a setting in SETTINGS")


def test_every_setting_can_be_taken_back(stack):
    n = stack(start=False)
    n.connector.start()
    n.wait_vty()
    before = map_node_of(n.vty("enable", "show running-config"))
    n.vty("enable", "configure terminal", "map", "hlr address +4912345", "route gt 49 pc 0.1.1", "plmn 26202", "home-routing", "prefer-sgsn", "peer allow 49")
    check(map_node_of(n.vty("enable", "show running-config")) != before, "nothing was set")
    n.vty("enable", "configure terminal", "map", "no hlr address", "no route gt 49", "no plmn", "no home-routing", "no prefer-sgsn",
          "no peer allow 49")
    equal(map_node_of(n.vty("enable", "show running-config")), before)


def test_configured_at_run_time(stack):
    n = stack(start=False)
    n.stp.start()
    n.net.start()
    n.config.write_text("line vty\n bind 127.0.0.1 %d\nlink\n socket %s\n" % (n.vty_port, n.dir / "link.sock"))
    n.connector.start()
    n.wait_vty()
    cs7 = [line.strip() for line in CS7.format(port=n.stp.port).splitlines()]
    asp, as_, routes = (next(k for k, line in enumerate(cs7) if line.startswith(word)) for word in ("asp ", "as ", "route-table "))
    n.vty("enable", "configure terminal", *cs7[:asp], *cs7[asp:as_], "exit", *cs7[as_:routes], "exit", *cs7[routes:],
          "exit", cs7[asp], "exit")   # the library's ASP connects again: an AS hears nothing of one that was up before it
    said = n.vty("enable", "configure terminal", "map", "no shutdown")
    check("not started: the log says why" in said and "map: no address is set" in n.log(), said, n.log())
    n.vty("enable", "configure terminal", "map", "address " + OUR_GT, "route default pc 0.23.2", "no shutdown")
    n.wait_up()
    is_served(n)


GOOD_MAP = "map\n address +491710760100\n route default pc 0.23.2\n"
WRONG = [  # configuration, what the line says
    (CS7 + "map\n route default pc 0.23.2\n", "map: no address is set"),
    (CS7 + "map\n address +491710760100\n", "map: no gt route is set"),
    (GOOD_MAP, "map: there is no such cs7 instance"),
    (CS7 + GOOD_MAP + " cs7-instance 3\n", "map: there is no such cs7 instance"),
    (CS7.replace(" point-code 0.23.1\n", "") + GOOD_MAP, "map: its cs7 instance has no point-code"),
    (CS7 + "map\n address 491710760100\n", "an international number begins with +"),
    (CS7 + "map\n address alpha\n", "an international number begins with +"),
    (CS7 + "map\n route default pc 9.999.9\n", "not a point code: 9.999.9"),
    (CS7 + "map\n route gt 49x pc 0.23.2\n", "a prefix is at most 20 digits"),
    (CS7 + "map\n route gt 123456789012345678901 pc 0.23.2\n", "a prefix is at most 20 digits"),
    (CS7 + "map\n plmn 2620\n", "5 or 6 digits"),
    (CS7 + "map\n peer allow +49\n", "a prefix is 1 to 20 digits"),
    (CS7 + "map\n version 4\n", "version 4"),
    (CS7 + "map\n correlation-time 5\n", "correlation-time 5"),
]


def test_wrong_configuration_is_one_line(stack):
    n = stack(start=False)
    for text, wanted in WRONG:
        n.config.write_text("line vty\n bind 127.0.0.1 %d\n" % n.vty_port + text.format(port=n.stp.port))
        done = subprocess.run([CONNECTOR, "-c", n.config], capture_output=True, text=True, timeout=20)
        check(done.returncode == 1, wanted, "exit status", done.returncode)
        lines = [line for line in (done.stdout + done.stderr).splitlines() if wanted in line]
        equal(len(lines), 1, "%r in %r" % (wanted, done.stdout + done.stderr))


def test_without_map(stack):
    n = stack(start=False)
    n.config.write_text("line vty\n bind 127.0.0.1 %d\nlink\n socket %s\n" % (n.vty_port, n.dir / "link.sock"))
    n.connector.start()
    n.wait_vty()
    check("map: not configured" in n.vty("show map"), n.vty("show map"))
    running = n.vty("enable", "show running-config").replace("\r", "")
    check("\nmap\n" not in running and "cs7 instance" not in running, running)
    check("MAP dialogues" not in n.vty("show statistics") and "ERROR" not in n.log(), n.log())
    for command in ("show map dialogues", "show cs7 instance 0 asp"):
        check(n.vty(command), command)
    equal(n.connector.stop(), 0, "exit status")


def test_the_shipped_example_works(stack):
    """cfg/ipsmgw-connector-map.cfg and cfg/osmo-stp.cfg, on free ports."""
    n = stack(start=False)
    stp = (ROOT / "cfg/osmo-stp.cfg").read_text().replace("listen ipa 5000", "listen ipa %d" % n.stp.port)
    (n.dir / "stp.cfg").write_text(stp.replace(" bind 127.0.0.1", " bind " + n.stp.vty_host))
    connector = (ROOT / "cfg/ipsmgw-connector-map.cfg").read_text().replace("asp-clnt-ipsmgw 5000 0", "asp-clnt-ipsmgw %d 0" % n.stp.port)
    n.config.write_text(connector.replace("/run/ipsmgw", str(n.dir)).replace(" bind 127.0.0.1", " bind 127.0.0.1 %d" % n.vty_port))
    n.net = Network(n.dir, {"kind": "ipa", "port": n.stp.port, "name": "asp-clnt-network"}, pcap=False)
    n.start()
    is_served(n)
    check("smsc centre: up" in n.vty("show smsc"), n.vty("show smsc"))


# ---- dialogues ----

def opening(context=20, version=3):
    """A TC-BEGIN that proposes an application context and asks for nothing yet: the transaction id is filled in later."""
    octets = tcap_encode({"begin": {"otid": "a1b2c3d4", "dialogue": aarq(ac_name(context, version))}})
    return octets.hex().replace("a1b2c3d4", "TID")


def test_open_dialogues_are_shown(stack):
    with stack(map_lines=("home-routing", "registered-only")) as n:
        n.net.command("storm", count=3, called=OUR_GT + "/6", hex=opening())
        wait_for(lambda: "3 of peers" in n.vty("show map"), 20, 0.1, "three dialogues")
        shown = n.vty("show map dialogues")
        equal(shown.count("peer's"), 3, shown)
        check(NET_GT[1:] in shown and "v3" in shown, shown)


def test_begins_never_continued(stack):
    """Memory is bounded, the oldest make room, and who comes after them is served."""
    with stack(map_lines=("home-routing", "registered-only", "dialogues 500")) as n:
        before = 0
        for k in range(BEGINS // 1000):
            n.net.command("storm", count=1000, called=OUR_GT + "/6", calling="+4917107602%02d" % k, hex=opening())
            wait_for(lambda: n.counter("Dialogues begun by peers") == 1000 * (k + 1), 60, 0.1, "%d TC-BEGINs" % (1000 * (k + 1)))
            before = before or n.resident_kb()
        is_served(n)
        check("500 of peers" in n.vty("show map"), n.vty("show map"))
        if "asan" not in str(CONNECTOR):   # the sanitiser keeps what is freed
            check(n.resident_kb() < before + 4096, "resident before and after, kB:", before, n.resident_kb())


# ---- hostile peers ----

def test_wrong_subsystem_is_returned(s):
    since, data = s.net.mark(), bytes.fromhex(opening().replace("TID", "11223344"))
    called, calling = sccp.gt(OUR_GT, 77), sccp.gt(NET_GT, 8)
    s.net.command("sccp", hex=sccp.unitdata(called, calling, data).hex())
    event = s.net.wait(lambda e: e["ev"] == "returned", 20, 1, since, "UDTS")[0]
    equal(event["cause"], 4, "unequipped user")
    s.net.command("sccp", hex=sccp.unitdata(called, calling, data, on_error=False).hex())
    is_served(s)
    equal(len([e for e in s.net.events[since:] if e["ev"] == "returned"]), 1, "one without return option is dropped")


def test_subsystem_test_is_answered(s):
    """SCCP management (Q.714 5.3.4): an STP that asks whether a subsystem is there hears that it is allowed; of one that we have not it hears nothing."""
    here, there = (sccp.gt(None, 1, gti=0, pc=pc, on_ssn=True) for pc in (None, 185))
    tested = s.counter("Subsystem tests that we answered")
    for ssn in (6, 77, 8, 1):
        s.net.command("sccp", hex=sccp.unitdata(there, here, bytes([3, ssn, 185, 0, 0]), on_error=False).hex())
    wait_for(lambda: s.counter("Subsystem tests that we answered") == tested + 3, 20, 0.1, "three answers")
    bad = s.counter("SCCP messages that could not be read")
    for octets in (b"", b"\x03", b"\x09\x08\xb9\x00\x00", b"\x03\x08\xb9\x00\x00\x00"):
        s.net.command("sccp", hex=sccp.unitdata(there, here, octets or b"\x00", on_error=False).hex())
    wait_for(lambda: s.counter("SCCP messages that could not be read") == bad + 4, 20, 0.1, "four bad ones")
    s.net.sync()
    allowed = [e["hex"] for e in s.net.events if e["ev"] == "undecodable" and e["layer"] == "tcap" and len(e["hex"]) == 10]
    equal(allowed[-3:], ["0106b90000", "0108b90000", "0101b90000"], "SSA")
    is_served(s)


def test_segments(s):
    """Requests in XUDT segments are put together; one that stays in pieces costs nothing."""
    arg = {"sm-RP-DA": {"serviceCentreAddressDA": SC}, "sm-RP-OA": {"msisdn": "+15551"}, "sm-RP-UI": "00" * 160}
    together = s.counter("Messages put together from segments")
    for room in (40, 100, 200):
        out = s.net.invoke("mo-ForwardSM", arg, 3, xudt=room)
        equal(out["end"], "refused", "segments of %d octets" % room)
    equal(s.counter("Messages put together from segments"), together + 3)
    data = bytes(range(200)) * 2
    parts = list(sccp.segments(sccp.gt(OUR_GT, 8), sccp.gt(NET_GT, 8), data, 100, 4711))
    for message in parts[:2] + parts[1:2]:
        s.net.command("sccp", hex=message.hex())
    wait_for(lambda: s.counter("Segments given up") >= 1, 20, 0.1, "segment out of order")
    is_served(s)


def test_garbage(s):
    """Each message that cannot be read is counted and dropped."""
    rng = random.Random(SEED)
    bad = s.counter("SCCP messages that could not be read")
    messages = [b"\x00", b"\x09", b"\x09\x80\xff\xff\xff", b"\x11" + bytes(300), bytes(rng.randrange(256) for _ in range(1000))]
    for message in messages:
        s.net.command("sccp", hex=message.hex())
    wait_for(lambda: s.counter("SCCP messages that could not be read") >= bad + len(messages), 20, 0.1, "%d bad messages" % len(messages))
    whole = sccp.unitdata(sccp.gt(OUR_GT, 8), sccp.gt(NET_GT, 8), bytes(rng.randrange(256) for _ in range(120)))
    for n in range(len(whole)):
        s.net.command("sccp", hex=whole[:n].hex()) if n else None
    for _ in range(300):
        octets = bytearray(whole)
        for _ in range(rng.randrange(1, 6)):
            octets[rng.randrange(len(octets))] = rng.randrange(256)
        s.net.command("sccp", hex=bytes(octets).hex())
    is_served(s)


def test_a_gt_without_route_is_one_line(stack):
    with stack() as n:
        n.vty("enable", "configure terminal", "map", "no route default", "route gt 4666 pc 0.23.2")
        n.net.command("storm", count=1, called=OUR_GT)
        wait_for(lambda: n.counter("Messages that could not be sent") == 1, 20, 0.1, "a message that is not sent")
        wait_for(lambda: n.log().count("no gt route for " + NET_GT[1:]) == 1, 20, 0.1, "the line")
        n.vty("enable", "configure terminal", "map", "route gt 4666 pc 0.23.1", "route gt 49 pc 0.23.1")
        n.net.command("storm", count=3, called=OUR_GT)
        wait_for(lambda: "at 0.23.1 not sent: that is our own point code" in n.log(), 20, 0.1, "a route to ourselves")
        n.vty("enable", "configure terminal", "map", "route default pc 0.23.2", "no route gt 49")
        is_served(n)
