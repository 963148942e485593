# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 the ipsmgw authors
"""The gateway in a mobile network: a real osmo-stp, and behind it test/peers/map_peer.py as SC, HLR, serving node and GMSC.

    STACK_CLASS = MapStack            # in a file of tests: s and stack are such stacks
    STACK = {"map_lines": ("home-routing",), "smsc_lines": ("version 2",)}

    def test_x(s):
        a, b = s.pair()
        s.text("hello", a, b)                                       # A writes
        op = s.net.wait_operation("mo-ForwardSM", a=a)              # an event: op["arg"], op["tpdu"]["text"], op["version"], op["called"]...
        s.net.answer("mo-ForwardSM", {"error": "systemFailure"}, count=1)       # how the next ones are answered: map_node.py
        out = s.net.mt(a, sms_tpdu.deliver(b, "hi"))                # SRI-SM and MT-ForwardSM to us; out["end"] == "result"
        s.judge()                                                   # tshark on all that crossed
        s.net.answer("mt-ForwardSM", {"hold": True}, count=1); op = s.net.wait_operation("mt-ForwardSM"); s.net.release(op, {"result": None})

s.net is a Network; its events are those of map_peer.py. Point codes: we 0.23.1, the network 0.23.2, through osmo-stp over IPA.
"""

import itertools
import json
import os
import pathlib
import re
import shutil
import subprocess
import threading

from harness import SMSC_CONFIG as SMPP_CONFIG
from harness import ROOT, Failure, Program, Skip, SmscPeer, Stack, check, equal, free_port, wait_for

import sms_tpdu  # noqa: F401  test/peers is in the path once harness is there

OUR_GT, NET_GT, SC = "+491710760100", "+491710760200", "+491710760900"
OUR_PC, NET_PC = 185, 186   # 0.23.1, 0.23.2

STP_CONFIG = """\
log stderr
 logging filter all 1
 logging color 0
 logging print category 1
 logging timestamp 0
 logging level set-all notice
line vty
 no login
 bind {vty_host}
cs7 instance 0
 network-indicator national
 point-code 0.23.0
 as asp-clnt-gw ipa
  routing-key 0 0.23.1
  point-code override dpc 0.23.2
 as asp-clnt-net ipa
  routing-key 0 0.23.2
  point-code override dpc 0.23.1
 route-table system
  update route 0.23.1 7.255.7 linkset asp-clnt-gw
  update route 0.23.2 7.255.7 linkset asp-clnt-net
 listen ipa {port}
  local-ip 127.0.0.1
  accept-asp-connections dynamic-permitted
"""

CS7_CONFIG = """\
cs7 instance 0
 network-indicator national
 point-code 0.23.1
 asp asp-clnt-gw {port} 0 ipa
  remote-ip 127.0.0.1
  role asp
  sctp-role client
 as asp-clnt-gw ipa
  asp asp-clnt-gw
  routing-key 0 0.23.1
  point-code override dpc 0.23.2
 route-table system
  update route 0.23.2 7.255.7 linkset asp-clnt-gw
"""

CONNECTOR_CONFIG = """\
line vty
 no login
 bind 127.0.0.1 {vty_port}
{cs7}link
 socket {link}
map
 cs7-instance 0
 address {gt}
 route default pc 0.23.2
{map_lines} no shutdown
{smscs}{routes}"""

SMSC_CONFIG = """\
smsc {name}
 protocol map
 role {role}
{lines} no shutdown
"""


class Stp:
    """osmo-stp; its VTY always has port 4239, so each has a loopback address of its own."""

    serial = itertools.count(1)

    def __init__(self, directory):
        if not shutil.which("osmo-stp"):
            raise Skip("osmo-stp is not installed")
        n = next(Stp.serial)
        self.port = free_port()
        self.vty_host = "127.%d.%d.%d" % (64 + os.getpid() // 250 % 190, 1 + os.getpid() % 250, 1 + n % 250)
        config = pathlib.Path(directory) / "stp.cfg"
        config.write_text(STP_CONFIG.format(port=self.port, vty_host=self.vty_host))
        self.program = Program("stp", [shutil.which("osmo-stp"), "-c", config], directory)

    def start(self):
        self.program.start()
        wait_for(self.listens, 20, 0.05, "osmo-stp does not listen")

    def listens(self):
        check(self.program.alive(), "osmo-stp ended:", self.program.log_path.read_text(errors="replace")[-500:])
        wanted = "0100007F:%04X 00000000:0000 0A" % self.port
        return any(wanted in line for line in pathlib.Path("/proc/net/tcp").read_text().splitlines())


class Network(SmscPeer):
    """map_peer.py: its events as a list, its control port as method calls."""

    def __init__(self, directory, link, gt=NET_GT, pcap=True):   # not that of SmscPeer: another program
        self.events, self.changed, self.syncs = [], threading.Condition(), itertools.count()
        self.control_port, self.gt = free_port(), gt
        self.pcap = pathlib.Path(directory) / "ss7.pcap" if pcap else None
        argv = ["/usr/bin/python3", ROOT / "test/peers/map_peer.py", self.control_port, json.dumps(link), "--gt", gt, "--opc", NET_PC, "--dpc", OUR_PC]
        self.program = Program("net", argv + (["--pcap", self.pcap] if pcap else []), directory, speaks=True)
        self.program.on_line = self.on_line

    # ---- what came ----

    def operations(self, op="*", a=None, b=None, since=0):
        """The operations that have come by now: of that name, about that msisdn (a), with that TP-DA or TP-OA (b)."""
        self.sync()
        return [e for e in self.events[since:] if is_operation(e, op, a, b)]

    def wait_operations(self, op, count=1, a=None, b=None, timeout=20, since=0):
        return self.wait(lambda e: is_operation(e, op, a, b), timeout, count, since, "%s at the network" % op)

    def wait_operation(self, op, a=None, b=None, timeout=20, since=0):
        return self.wait_operations(op, 1, a, b, timeout, since)[0]

    def mark(self):
        """For since: events from now on."""
        self.sync()
        return len(self.events)

    # ---- what is answered ----

    def command(self, cmd, **fields):
        timeout = fields.get("timeout_s", 15) + 15
        answer = self.control(cmd, timeout, **fields)
        check("error" not in answer or "end" in answer, cmd, answer.get("error"))
        return answer

    def answer(self, op, how, count=None, **match):
        """match: sm_RP_DA__imsi="26202.." is element sm-RP-DA.imsi of the argument"""
        limits = {"count": count} if count else {}
        paths = {k.replace("__", ".").replace("_", "-"): v for k, v in match.items()}
        self.command("answer", op=op, how=how, match=paths, **limits)

    def release(self, operation, how):
        self.command("release", dialogue=operation["dialogue"], how=how)

    def versions(self, highest, context=None, style="aare"):
        self.command("versions", max=highest, style=style, **({"context": context} if context else {}))

    def clear(self):
        self.command("clear")

    # ---- what is asked ----

    def invoke(self, op, arg=None, version=None, called=OUR_GT, **more):
        """An operation towards us (called "+49../SSN"); gives its outcome {"end": "result", "result": ...}: map_node.py"""
        versions = {"version": version} if version else {}
        return self.command("invoke", op=op, arg=arg, called=called, **versions, **more)

    def invoke_later(self, *args, **more):
        """In a thread; gives a function that waits for the outcome."""
        result = []
        thread = threading.Thread(target=lambda: result.append(self.invoke(*args, **more)), daemon=True)
        thread.start()

        def get(timeout=60):
            thread.join(timeout)
            check(result, "no outcome of", args[0])
            return result[0]
        return get

    def route(self, a, sc=SC, version=None, called=OUR_GT, **more):
        """As GMSC: SRI-SM for A, straight to us (as the HLR forwards it)."""
        arg = dict({"msisdn": a, "sm-RP-PRI": True, "serviceCentreAddress": sc}, **more)
        return self.invoke("sendRoutingInfoForSM", arg, version, called + "/6")

    def forward(self, imsi, tpdu, sc=SC, version=None, called=OUR_GT, dialogue=None, more=False, **options):
        """MT-ForwardSM to that IMSI or correlation id."""
        arg = {"sm-RP-DA": {"imsi": imsi}, "sm-RP-OA": {"serviceCentreAddressOA": sc}, "sm-RP-UI": tpdu.hex()}
        if more:
            arg["moreMessagesToSend"] = True
        if dialogue:
            options["dialogue"] = dialogue
        return self.invoke("mt-ForwardSM", arg, version, called + "/8", **options)

    def mt(self, a, *tpdus, sc=SC, version=None, status_report=False, **options):
        """A whole delivery: SRI-SM, then the TPDUs in one dialogue. The last outcome, or that of the SRI-SM if it fails."""
        indicator = {"sm-RP-MTI": 1} if status_report and version in (None, 3) else {}
        out = self.route(a, sc, version, **indicator)
        if out["end"] != "result":
            return dict(out, at="sri")
        imsi, node = out["result"]["imsi"], out["result"]["locationInfoWithLMSI"]["networkNode-Number"]
        dialogue = None
        for k, tpdu in enumerate(tpdus):
            out = self.forward(imsi, tpdu, sc, version, node, dialogue, more=k < len(tpdus) - 1, **options)
            dialogue = out["dialogue"] if out.get("open") else None
            if out["end"] != "result":
                break
        return dict(out, imsi=imsi, node=node)

    def report(self, mo, a, status=0, ra=None, scts=None, **options):
        """As SC: the status report of an MO-ForwardSM event, to A."""
        tpdu = sms_tpdu.status_report(mo["tpdu"]["mr"], ra or mo["tpdu"]["da"], scts, status)
        return self.mt(a, tpdu, status_report=True, **options)


def is_operation(e, op, a=None, b=None):
    if e["ev"] != "operation" or op not in ("*", e["op"]):
        return False
    arg, tpdu = e["arg"], e.get("tpdu") or {}
    return (a is None or a in (arg.get("msisdn"), arg.get("sm-RP-OA", {}).get("msisdn"))) and (b is None or b in (tpdu.get("da"), tpdu.get("oa")))


class MapStack(Stack):
    """Stack with MAP instead of SMPP. smscs: {name: (role, lines)}; smpp=True: the SMPP SMSC "test" is there, too, by the name of smpp."""

    def __init__(self, map_lines=(), smsc_lines=(), smscs=None, smpp=False, **options):
        self.map_lines, self.smpp = map_lines, smpp
        self.smscs = smscs if smscs is not None else {"test": ("submit", ("sc-address " + SC,) + tuple(smsc_lines))}
        self.stp = self.net = None
        super().__init__(**options)

    def write_configuration(self, answer, concat_timeout_s, modparams, connector, routes, extra_smscs):
        super().write_configuration(answer, concat_timeout_s, modparams, connector, routes, extra_smscs)
        self.stp = Stp(self.dir)
        self.net = Network(self.dir, {"kind": "ipa", "port": self.stp.port, "name": "asp-clnt-net"})
        smscs = "".join(SMSC_CONFIG.format(name=name, role=role, lines="".join(" %s\n" % line for line in lines))
                        for name, (role, lines) in self.smscs.items())
        if self.smpp:
            smscs += SMPP_CONFIG.format(name="smpp" if self.smpp is True else self.smpp, port=self.smsc.port, window=self.window, more="")
        (self.dir / "connector.cfg").write_text(CONNECTOR_CONFIG.format(
            vty_port=self.vty_port, cs7=CS7_CONFIG.format(port=self.stp.port), link=self.dir / "link.sock", gt=OUR_GT,
            map_lines="".join(" %s\n" % line for line in self.map_lines), smscs=smscs + extra_smscs, routes=routes))

    def start_network(self):
        self.stp.start()
        self.net.start()
        if self.smpp:
            self.smsc.start()

    def alive(self):
        return all(p.alive() for p in (self.kamailio, self.connector, self.stp.program, self.net.program))

    def wait_bound(self, timeout=30.0):
        """Both sides of the STP are up, and the module knows of an SMSC that is."""
        def up():
            check(self.connector.alive(), "connector ended:\n" + self.connector.log_path.read_text(errors="replace")[-2000:])
            return self.net.control("state").get("up") and self.link_up()
        wait_for(up, timeout, 0.05, "the connector is not up")

    def close(self, keep=False):
        if self.closed:
            return
        try:
            super().close(keep)
        finally:
            self.net.program.stop()
            self.stp.program.stop()

    # ---- the judge ----

    def tshark(self, *args):
        """On what has crossed by now."""
        if not shutil.which("tshark"):
            raise Skip("tshark is not installed")
        self.net.sync()
        done = subprocess.run(["tshark", "-r", str(self.net.pcap)] + list(args), capture_output=True, text=True, timeout=120)
        lines = [line for line in done.stderr.splitlines() if "Running as user" not in line]
        check(done.returncode == 0, "tshark:", "\n".join(lines))
        return done.stdout

    def judge(self, ours_only=False, but="frame.len == 0"):
        """Nothing malformed, no warning of an expert, and MAP all of it; ours_only: what we sent (not what we returned); but: what may be.
        Gives {operation code: number of invokes}."""
        ours = "mtp3.opc == %d && !(sccp.message_type == 0x0a || sccp.message_type == 0x12) && " % OUR_PC if ours_only else ""
        bad = self.tshark("-Y", ours + "(_ws.malformed || _ws.expert.severity >= 6291456) && !(%s)" % but)
        equal(bad, "", "malformed, or an expert's warning")
        equal(self.tshark("-Y", ours + "!tcap && !(sccp.message_type == 0x11 || sccp.message_type == 0x0a || sccp.message_type == 0x12)"), "", "not TCAP")
        rows = self.tshark("-Y", ours + "gsm_old.opCode", "-T", "fields", "-e", "gsm_old.localValue").split()
        codes = [int(code) for row in rows for code in row.split(",") if re.fullmatch(r"\d+", code)]
        return {code: codes.count(code) for code in set(codes)}


__all__ = ["Failure", "MapStack", "NET_GT", "NET_PC", "Network", "OUR_GT", "OUR_PC", "SC", "Stp"]
