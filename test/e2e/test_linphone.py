# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 the ipsmgw authors
"""A client that nobody here wrote, linphonec of Debian, with real REGISTERs: text both ways, and what it learns of delivery."""

import contextlib
import re
import shutil
import time

from harness import Skip, check, equal, free_port, wait_for
from linphone import DELIVERED_TO_USER, NOT_DELIVERED, SENT, Linphone, Scscf
from oracle import parts_of, text_of

# three parts, and no more than the 256 octets that linphonec reads as a line
LONG = "A text of three parts, in UCS-2 as one character is Cyrillic: Ж" + ", word by word" * 6 + " and the end of it. €"


@contextlib.contextmanager
def client(stack):
    """(s, scscf, linphone, a, b): linphonec is registered as a, and a and b are numbers."""
    if not shutil.which("linphonec"):
        raise Skip("linphonec is not installed: apt-get install linphone-cli")
    scscf = Scscf(free_port())
    s = stack(modparams={"next_hop": scscf.uri})
    a, b = s.pair()
    with contextlib.ExitStack() as ends:
        ends.callback(scscf.stop)
        scscf.start(s)
        linphone = Linphone(a, scscf, s.dir)
        ends.callback(linphone.stop)
        linphone.start()
        yield s, scscf, linphone, a, b
        equal([line for line in scscf.log().splitlines() if " ERROR: " in line or " CRITICAL: " in line], [], "errors at the S-CSCF")


def ending(b, digits):
    """b's number with the digits that tell smsc.pl what becomes of the message."""
    return b[:-len(digits)] + digits


def sms_to(s, b, a, text):
    for part in parts_of(text, ref=7):
        equal(s.smsc.mo(b, a, part.udh + part.text, data_coding=part.dcs, esm_class=0x40 if part.udh else 0), 0, "deliver_sm_resp")


def answers_to_imdn(scscf):
    """What the gateway answered to the deflated CPIM of linphonec, which are its notifications"""
    log = scscf.log()
    calls = re.findall(r"MESSAGE (\S+) from sip:\S+ to \S+, message/cpim deflate", log)
    return [code for call in calls for code in re.findall(r"(\d+) to MESSAGE %s$" % re.escape(call), log, re.M)]


def test_text_both_ways_and_delivered(stack):
    with client(stack) as (s, scscf, linphone, a, b):
        for text, parts in (("Grüße from linphone, 5 €", 1), ("Привет \U0001F35C", 1), (LONG, 3)):
            since = len(s.smsc.events)
            message = linphone.chat(b, text)
            submits = s.smsc.wait_submits(b, parts, since=since)
            equal({p["from"] for p in submits}, {a[1:]}, "originator")
            equal(text_of(submits), text, "text at the SMSC")
            linphone.wait_state(message, DELIVERED_TO_USER)
        submitted = len(s.smsc.submits())
        for text in ("Yes, at Joe's - 10 € menu", "Да \U0001F35C", LONG):
            sms_to(s, b, a, text)
            linphone.wait_shown(b, text)
        wait_for(lambda: len(answers_to_imdn(scscf)) >= 3, 20, 0.1, "three notifications of linphonec")
        time.sleep(0.6)
        equal(answers_to_imdn(scscf), ["200"] * 3, "answers to the notifications")
        equal(len(s.smsc.submits()), submitted, "nothing of the notifications is submitted")
        count = s.statistics()
        equal((count["cpm_received"], count["cpm_absorbed"], count["cpm_sent"], count["imdn_sent"]), (3, 3, 3, 3), "received, absorbed, sent, notified")
        equal((count["cpm_failed"], count["imdn_failed"], count["cpm_rejected"]), (0, 0, 0), "failed")


def test_not_delivered_and_not_known(stack):
    """A refusal of the phone is shown as such, and nothing is claimed while no receipt has come."""
    with client(stack) as (s, scscf, linphone, a, b):
        silent = linphone.chat(ending(b, "0096"), "no receipt comes")
        refused = linphone.chat(ending(b, "0005"), "the receipt says UNDELIV")
        linphone.wait_state(refused, NOT_DELIVERED)
        check(linphone.state(silent) == SENT, "without a receipt linphonec shows state", linphone.state(silent))


def test_a_client_that_is_away(stack):
    """Unregistered, A takes no message and the SMSC hears so; back again, A gets the next one."""
    with client(stack) as (s, scscf, linphone, a, b):
        linphone.stop()
        check(s.smsc.mo(b, a, b"is anybody there?") not in (0, None), "accepted although A is away")
        linphone.start()
        sms_to(s, b, a, "and now?")
        linphone.wait_shown(b, "and now?")
