# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 the ipsmgw authors
"""Who answers A's MESSAGE, and when: answer=direct (the module, behind the commit) and answer=durable (the script)."""

import os
import signal
import time

from harness import check, equal, wait_for
from sip_peer import pager
from sip_tcp import TcpClient

AT_ONCE = 20


def spool_pid(s):
    return next(int(p["pid"]) for p in s.rpc("pkg.stats") if p["desc"] == "ipsmgw spool")


def well_answered(m, answer):
    equal((answer.code, answer.get("Conversation-ID"), answer.get("Contribution-ID"), answer.get("Server")),
          (202, m.conversation_id, m.contribution_id, "ipsmgw"))
    check(";tag=" in answer.get("To"), "no tag in", answer.get("To"))
    equal((answer.get("Call-ID"), answer.get("CSeq")), (m.call_id, "%d MESSAGE" % m.cseq))


def test_direct(s):
    a, b = s.pair()
    m, answer = s.text("hello", a, b)
    well_answered(m, answer)
    s.smsc.wait_submits(b)


def test_durable(stack):
    with stack(answer="durable") as s:
        a, b = s.pair()
        m, answer = s.text("hello", a, b)
        well_answered(m, answer)
        s.smsc.wait_submits(b)


def test_over_tcp(s):
    """Each on the connection that it came on, however many wait."""
    a, b = s.pair()
    sent = [pager("over tcp %d" % k, a, b) for k in range(AT_ONCE)]
    with TcpClient(s.sip) as client, TcpClient(s.sip) as other:
        for m in sent:
            client.sock.sendall(client.octets(m))
        answers = [client.final() for _ in sent]
        check(all(answers), "no answer to", sum(1 for x in answers if not x))
        check(not other.final(0.2), "an answer on another connection")
    by_call_id = {x.get("Call-ID"): x for x in answers}
    for m in sent:
        well_answered(m, by_call_id[m.call_id])
    s.smsc.wait_submits(b, AT_ONCE)


def test_refused_by_the_store_over_tcp(stack):
    with stack(modparams={"store_timeout_ms": 700}) as s:
        os.kill(spool_pid(s), signal.SIGSTOP)
        a, b = s.pair()
        with TcpClient(s.sip) as client:
            client.sock.sendall(client.octets(pager("too late", a, b)))
            time.sleep(4)
            os.kill(spool_pid(s), signal.SIGCONT)
            answer = client.final()
            equal((answer.code, answer.get("Retry-After"), answer.get("Server")), (503, "10", "ipsmgw"))
        s.smsc.no_submit(b)


def test_silent_spool_process(stack):
    """503 after store_timeout_ms, and what was refused is not sent when it goes on."""
    with stack(modparams={"store_timeout_ms": 700}) as s:
        pid = spool_pid(s)
        a, b = s.pair()
        a2, b2 = s.pair()
        os.kill(pid, signal.SIGSTOP)
        try:
            first = s.a.send_later(s.sip, pager("first", a, b))
            time.sleep(1)
            answer = s.text("second", a2, b2)[1]
            equal(answer.code, 503)
            check(answer.get("Retry-After"), "no Retry-After")
            equal(first.result(20).code, 503)
        finally:
            os.kill(pid, signal.SIGCONT)
        a3, b3 = s.pair()
        wait_for(lambda: s.text("third", a3, b3)[1].code == 202, 20, 0.2, "202 when it goes on")
        s.smsc.wait_submits(b3)
        s.smsc.no_submit(b)
        s.smsc.no_submit(b2)
