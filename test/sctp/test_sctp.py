# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 the ipsmgw authors
"""The gateway in a mobile network over M3UA and kernel SCTP. Runs in the guest of run.py, whose network and ports nobody shares."""

import json
import pathlib

import harness
import map as mobile
import sms_tpdu
from harness import check, equal, pager
from notifications import BOTH, notified

STP_PORT, OUR_PORT, NET_PORT = 2905, 3001, 3002

STP_CONFIG = """\
log stderr
 logging filter all 1
 logging color 0
 logging print category 1
 logging timestamp 0
 logging level set-all notice
line vty
 no login
 bind 127.0.0.1
cs7 instance 0
 network-indicator national
 point-code 0.23.0
 asp asp-gw %d %d m3ua
  remote-ip 127.0.0.1
  role sg
  sctp-role server
 asp asp-net %d %d m3ua
  remote-ip 127.0.0.1
  role sg
  sctp-role server
 as as-gw m3ua
  asp asp-gw
  routing-key 1 0.23.1
  traffic-mode loadshare
 as as-net m3ua
  asp asp-net
  routing-key 2 0.23.2
  traffic-mode loadshare
 route-table system
  update route 0.23.1 7.255.7 linkset as-gw
  update route 0.23.2 7.255.7 linkset as-net
 listen m3ua %d
  local-ip 127.0.0.1
""" % (OUR_PORT, STP_PORT, NET_PORT, STP_PORT, STP_PORT)

CS7_CONFIG = """\
cs7 instance 0
 network-indicator national
 point-code 0.23.1
 asp asp-gw %d %d m3ua
  local-ip 127.0.0.1
  remote-ip 127.0.0.1
  role asp
  sctp-role client
 as as-gw m3ua
  asp asp-gw
  routing-key 1 0.23.1
  traffic-mode loadshare
 route-table system
  update route 0.23.2 7.255.7 linkset as-gw
""" % (STP_PORT, OUR_PORT)

NET_LINK = {"kind": "m3ua", "transport": "sctp", "port": STP_PORT, "local_port": NET_PORT, "rc": 2, "opc": mobile.NET_PC, "dpc": mobile.OUR_PC}


class SctpStp(mobile.Stp):
    def __init__(self, directory):
        config = pathlib.Path(directory) / "stp.cfg"
        config.write_text(STP_CONFIG)
        self.program = harness.Program("stp", ["osmo-stp", "-c", config], directory)

    def listens(self):
        check(self.program.alive(), "osmo-stp ended:", self.program.log_path.read_text(errors="replace")[-500:])
        return any(str(STP_PORT) in line.split() for line in pathlib.Path("/proc/net/sctp/eps").read_text().splitlines())


class SctpStack(mobile.MapStack):
    def write_configuration(self, *options):
        super().write_configuration(*options)
        config = self.dir / "connector.cfg"
        text = config.read_text()
        over_ipa = mobile.CS7_CONFIG.format(port=self.stp.port)
        check(over_ipa in text, "no cs7 configuration to replace")
        config.write_text(text.replace(over_ipa, CS7_CONFIG))
        self.stp = SctpStp(self.dir)
        self.net = mobile.Network(self.dir, NET_LINK)

    def wait_ready(self, timeout=90.0):
        """The guest is one slow processor."""
        super().wait_ready(timeout)


STACK_CLASS = SctpStack
STACK = {"map_lines": ("home-routing", "no registered-only", "no relay-csps", "message-max 240"),
         "smscs": {"test": ("submit", ("sc-address " + mobile.SC,)), "direct": ("deliver", ())},
         "routes": "route default smsc test\nroute prefix 1777 smsc direct\n"}


def associations():
    lines = pathlib.Path("/proc/net/sctp/assocs").read_text().splitlines()[1:]
    return sorted({port for line in lines for port in (OUR_PORT, NET_PORT) if str(port) in line.split()})


def test_associations(s):
    """It is kernel SCTP, on both legs of the STP"""
    equal(associations(), [OUR_PORT, NET_PORT])


def test_mo_and_report(s):
    a, b = s.pair()
    m = pager("hello over SCTP", a, b, notify=BOTH)
    equal(s.a.send(s.sip, m).code, 202)
    mo = s.net.wait_operation("mo-ForwardSM", a=a, timeout=40)
    equal((mo["tpdu"]["text"], mo["tpdu"]["da"]), ("hello over SCTP", b))
    equal(s.net.report(mo, a)["end"], "result", json.dumps(mo["tpdu"]))
    equal(notified(s, a, timeout=40).status, "delivered")


def test_long_mo(s):
    """Three parts, full ones behind an empty TC-BEGIN"""
    a, b = s.pair()
    text = "0123456789" * 40
    equal(s.text(text, a, b)[1].code, 202)
    parts = s.net.wait_operations("mo-ForwardSM", 3, a=a, timeout=40)
    equal("".join(sorted(p["tpdu"]["text"] for p in parts)), "".join(sorted((text[:153], text[153:306], text[306:]))))
    check([e for e in s.net.events if e["ev"] == "empty-begin"], "no empty TC-BEGIN")


def test_mt(s):
    a, b = s.pair()
    out = s.net.mt(a, sms_tpdu.deliver(b, "hi over SCTP"))
    equal(out["end"], "result", json.dumps(out))
    request = s.a.wait(lambda r: r.uri.startswith("tel:" + a), 40)
    check(request, "A got nothing")
    equal(request.text, "hi over SCTP")


def test_without_a_service_centre(s):
    """SRI-SM to the HLR, MT-ForwardSM to the serving node"""
    a, b = s.pair()
    b = b.replace("+1666", "+1777")
    equal(s.a.send(s.sip, pager("straight over SCTP", a, b, notify=BOTH)).code, 202)
    (mt,) = s.net.wait_operations("mt-ForwardSM", 1, b=a, timeout=40)
    equal(mt["tpdu"]["text"], "straight over SCTP")
    equal(notified(s, a, timeout=40).status, "delivered")


def test_stp_comes_back(s):
    """The associations are lost without a word, and made anew from the same ports"""
    s.stp.program.kill()
    harness.wait_for(lambda: not s.net.control("state").get("up") and "map: down" in s.vty("show map"), 60, 0.1, "the loss is not noticed")
    s.stp.start()
    s.wait_bound(90)
    equal(associations(), [OUR_PORT, NET_PORT])
    test_mt(s)
