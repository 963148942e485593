# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 the ipsmgw authors
"""The real SIPp as A's client, with the scenarios of sipp-scenarios/."""

import contextlib
import subprocess
import time

from chat import Chat, Telephone
from harness import ROOT, check, equal, free_port, wait_for


def sipp(s, scenario, *args, **popen):
    argv = ["sipp", "-sf", str(ROOT / "sipp-scenarios" / (scenario + ".xml")), "-i", "127.0.0.1", "-nostdin", "-timeout", "20", "-timeout_error",
            "-trace_err", "-error_file", str(s.dir / (scenario + ".err")), "127.0.0.1:%d" % s.sip[1]]
    return subprocess.Popen(argv + [str(a) for a in args], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, cwd=s.dir, **popen)


def finish(process, s, scenario, timeout=40):
    err = process.communicate(timeout=timeout)[1]
    details = s.dir / (scenario + ".err")
    check(process.returncode == 0, scenario, "status", process.returncode, err[-500:], details.read_text()[-1500:] if details.exists() else "")


def client(s, scenario, *args):
    finish(sipp(s, scenario, "-p", free_port(), *args), s, scenario)


def test_cpm_pager(s):
    a, b = s.pair()
    client(s, "cpm_pager_202", "-s", b[1:], "-key", "a", a[1:], "-m", 1)
    submit = s.smsc.wait_submits(b)[0]
    equal((submit["from"], submit["hex"]), (a[1:], b"Lunch at 12?".hex()))


def test_simple_im_in_compact_form(s):
    a, b = s.pair()
    client(s, "simple_im_202", "-s", b[1:], "-key", "a", a[1:], "-m", 1)
    equal(s.smsc.wait_submits(b)[0]["hex"], b"Lunch at 12?".hex())


def test_not_asserted(s):
    b = s.pair()[1]
    client(s, "not_asserted_403", "-s", b[1:], "-m", 1)
    s.smsc.no_submit(b, 0.3)


def test_client_retry(s):
    a, b = s.pair()
    client(s, "client_retry_202", "-s", b[1:], "-key", "a", a[1:], "-m", 1)
    s.smsc.wait_submits(b)
    time.sleep(0.5)
    equal(len(s.smsc.submits(lambda p: p["to"] == b[1:])), 1)


def test_lost_202(s):
    a, b = s.pair()
    client(s, "lost_202", "-s", b[1:], "-key", "a", a[1:], "-m", 20)
    s.smsc.wait_submits(b, 20)
    time.sleep(0.5)
    equal(len(s.smsc.submits(lambda p: p["to"] == b[1:])), 20)


def test_a_thousand_messages_at_200_a_second(s):
    a, b = s.pair()
    client(s, "cpm_pager_202", "-s", b[1:], "-key", "a", a[1:], "-m", 1000, "-r", 200, "-l", 500)
    s.smsc.wait_submits(b, 1000, 20)
    time.sleep(0.5)
    equal(len(s.smsc.submits(lambda p: p["to"] == b[1:])), 1000)


def receive(stack, scenario, status):
    with stack(start=False) as s:
        port = s.a.port
        s.a.close()
        s.start()
        process = sipp(s, scenario, "-p", port, "-m", 1)
        try:
            wait_for(lambda: udp_port_taken(port), 20, 0.05, "sipp listens")
            a, b = s.pair()
            equal(s.smsc.mo(b, a, b"See you at 7"), status)
            finish(process, s, scenario)
        finally:
            process.kill()
            process.wait()


def udp_port_taken(port):
    with open("/proc/net/udp") as table:
        return any(line.split()[1] == "0100007F:%04X" % port for line in table.readlines()[1:])


def test_mt_message_taken(stack):
    receive(stack, "mt_message_200", 0)


def test_mt_message_a_is_not_there(stack):
    receive(stack, "mt_message_480", 0x64)


# ---- chats: A's SIP alone, without a connection for MSRP ----

ASKED = {"chat_policy": "check_first"}


def told(s, b, part):
    """B was told this."""
    phone = Telephone(s, b)
    phone.since = 0
    check(phone.wait(lambda _, text: part in text), "B was told", phone.messages())


@contextlib.contextmanager
def inviting(s, scenario):
    """SIPp invites B; gives (A, B) and waits in the end until the scenario is through."""
    a, b = s.pair()
    process = sipp(s, scenario, "-p", free_port(), "-s", b[1:], "-key", "a", a[1:], "-m", 1)
    try:
        yield a, b
        finish(process, s, scenario)
    finally:
        process.kill()
        process.wait()


def test_chat(s):
    with inviting(s, "chat_200") as (a, b):
        told(s, b, "started a chat with you")
    told(s, b, "has ended")


def test_chat_that_b_joins_without_msrp(stack):
    with stack(modparams=dict(ASKED, chat_msrp_s=1)) as s, inviting(s, "chat_asked_200") as (a, b):
        told(s, b, "invites you to chat")
        equal(s.smsc.mo(b, a, b"YES"), 0)
        told(s, b, "has ended")


def test_chat_that_b_declines(stack):
    with stack(modparams=ASKED) as s, inviting(s, "chat_reject_603") as (a, b):
        told(s, b, "invites you to chat")
        equal(s.smsc.mo(b, a, b"NO"), 0)


def test_chat_that_a_gives_up(stack):
    with stack(modparams=ASKED) as s, inviting(s, "chat_cancel_487") as (a, b):
        told(s, b, "withdrew the invitation")


def test_chat_without_msrp(s):
    with inviting(s, "chat_488") as (a, b):
        pass
    s.smsc.no_submit(b, 0.3)


def test_second_chat_while_b_is_asked(stack):
    with stack(modparams=ASKED) as s, Chat(s) as chat:
        chat.ringing()
        client(s, "chat_busy_486", "-s", chat.b[1:], "-key", "a", chat.a[1:], "-m", 1)
        chat.cancel()


def test_large_message_that_is_not_sent(s):
    with inviting(s, "large_200") as (a, b):
        pass
    s.smsc.no_submit(b, 0.3)
