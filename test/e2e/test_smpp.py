# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 the ipsmgw authors
"""The connector against an SMSC that misbehaves (pitfalls "SMPP"). Each message must arrive in the end, and be sent again only where SMPP cannot know."""

import contextlib
import struct
import threading
import time

from harness import Failure, SmscPeer, check, equal, wait_for
from sip_peer import http_date, pager

STACK = {"smsc": "bad", "connector": ("response-timeout 4", "enquire-link 1", "reconnect-max 1"), "modparams": {"retry_schedule_s": "1,1,2,5"}}


def accepted(s, text_of_b, matches=lambda e: True):
    """submit_sm_resp with status 0 that went out, by B"""
    seqs = {(e["conn"], e["seq"]): e for e in s.smsc.submits(lambda p: p["to"] == text_of_b[1:])}
    return [e for e in s.smsc.events if e["ev"] == "pdu" and e["cmd"] == "submit_sm_resp" and e["dir"] == "tx" and e["status"] == 0
            and (e["conn"], e["seq"]) in seqs]


def fault(s, mode, **more):
    equal(s.smsc.control("fault", mode=mode, **more), {"ok": True})


def clear(s):
    s.smsc.control("clear")


def state(s, b):
    """What the store says of the newest message to b."""
    return next((m.get("state") for m in s.rpc("ipsmgw.msg_list", 100, 0) if m.get("b") == b), None)


def wait_state(s, b, wanted, timeout=20):
    wait_for(lambda: state(s, b) == wanted, timeout, 0.1, "state %s of the message to %s" % (wanted, b))


def send(s, b_suffix="", text="hello", **more):
    a, b = s.pair()
    b = b[:len(b) - len(b_suffix)] + b_suffix
    equal(s.text(text, a, b, **more)[1].code, 202)
    return a, b


def arrives(s, mode, least=1, most=1, timeout=20, **more):
    """One message meets the fault once and is accepted in the end; it is submitted least to most times."""
    a, b = s.pair()
    fault(s, mode, dest=b[1:], **dict({"count": 1}, **more))
    try:
        equal(s.text("hello " + mode, a, b)[1].code, 202)
        wait_state(s, b, "accepted", timeout)
        n = len(s.smsc.submits(lambda p: p["to"] == b[1:]))
        check(least <= n <= most, "submitted %d times, want %d..%d" % (n, least, most))
    finally:
        clear(s)
    return a, b


# ---- answers ----

def test_late_answer_within_the_timeout(s):
    arrives(s, "late", ms=1000)


def test_late_answer_after_the_timeout(s):
    arrives(s, "late", ms=6000, least=1, most=2)


def test_no_answer_is_sent_again(s):
    arrives(s, "no_answer", least=2, most=2)


def test_answer_octet_by_octet(s):
    s.vty("enable", "configure terminal", "smsc test", "response-timeout 30")      # thirty pauses: on a slow machine more than four seconds
    try:
        arrives(s, "split")
    finally:
        s.vty("enable", "configure terminal", "smsc test", "response-timeout 4")


def test_answers_in_one_segment_and_out_of_order(s):
    fault(s, "batch", n=4, count=4)
    pairs = [send(s) for _ in range(4)]
    for _, b in pairs:
        wait_state(s, b, "accepted")
        equal(len(s.smsc.submits(lambda p, b=b: p["to"] == b[1:])), 1)
    clear(s)


def test_answer_without_a_message_id(s):
    arrives(s, "no_body")


def test_answer_with_a_vendor_tlv(s):
    arrives(s, "vendor_tlv")


def test_answer_with_a_wrong_sequence_number(s):
    arrives(s, "wrong_seq", least=2, most=2)


def test_generic_nack_as_an_answer(s):
    """By its status: a system error is tried again, an unknown command is not."""
    arrives(s, "generic_nack", value=8, least=2, most=2)
    a, b = s.pair()
    fault(s, "generic_nack", value=3, dest=b[1:])
    equal(s.text("hello", a, b)[1].code, 202)
    wait_state(s, b, "failed")
    clear(s)


def test_generic_nack_out_of_nothing(s):
    equal(s.smsc.control("nack", seq=12345678), {"ok": True})
    equal(s.smsc.control("nack", seq=0), {"ok": True})
    a, b = send(s)
    wait_state(s, b, "accepted")


# ---- connections ----

def test_close_before_the_answer(s):
    arrives(s, "close_before", least=2, most=2)


def test_close_after_the_answer(s):
    arrives(s, "close_after")


def test_garbage(s):
    arrives(s, "garbage", least=2, most=2)


def test_length_of_two_gigabytes(s):
    arrives(s, "oversize", least=2, most=2)


def test_length_below_a_header(s):
    arrives(s, "tiny", least=2, most=2)


def test_silent_death(s):
    """Open but dead: enquire_link notices, the link is made anew."""
    arrives(s, "dead", least=2, most=2, timeout=30)


def test_drop_and_reconnect(s):
    check(s.smsc.control("drop")["closed"] >= 1)
    a, b = send(s)
    wait_state(s, b, "accepted")


def test_unbind_by_the_smsc(s):
    equal(s.smsc.control("unbind"), {"status": 0})
    a, b = send(s)
    wait_state(s, b, "accepted")


def test_smsc_down_for_a_while(s):
    """202 while the SMSC is away; all arrives when it is back, once."""
    s.smsc.control("listen", on=False)
    s.smsc.control("drop")
    a, b = s.pair()
    began = time.monotonic()
    for k in range(5):
        equal(s.text("n%d" % k, a, b)[1].code, 202)
    check(time.monotonic() - began < 10, "a SIP worker waited for the SMSC: %.1f s" % (time.monotonic() - began))
    time.sleep(1.5)
    equal(len(s.smsc.submits(lambda p: p["to"] == b[1:])), 0)
    s.smsc.control("listen", on=True)
    submits = s.smsc.wait_submits(b, 5, timeout=20)
    equal(sorted(bytes.fromhex(p["hex"]).decode() for p in submits), ["n%d" % k for k in range(5)])


def test_expires_while_the_smsc_is_away(s):
    """It ends as expired, once, and does not go out when the SMSC is back; what has more time does."""
    s.smsc.control("listen", on=False)
    s.smsc.control("drop")
    before = s.statistics()["sms_expired"]
    (a, b), (a2, b2) = s.pair(), s.pair()
    equal(s.a.send(s.sip, pager("too late", a, b).add("Expires", "2").add("Date", http_date())).code, 202)
    equal(s.text("in time", a2, b2)[1].code, 202)
    wait_state(s, b, "expired")
    equal(s.statistics()["sms_expired"] - before, 1)
    s.smsc.control("listen", on=True)
    s.smsc.wait_submits(b2, 1, 20)
    equal(len(s.smsc.submits(lambda p: p["to"] == b[1:])), 0)


# ---- bind ----

def test_nothing_is_sent_before_bind_resp(s):
    s.smsc.control("bind", delay_ms=1500)
    since = len(s.smsc.events)
    s.smsc.control("drop")
    a, b = send(s)
    s.smsc.wait_submits(b, 1)
    equal(s.smsc.control("stats")["early"], 0, "submit_sm before bind_resp")
    bound = next(i for i, e in enumerate(s.smsc.events[since:]) if e["ev"] == "pdu" and e["cmd"].endswith("_resp") and e["cmd"].startswith("bind"))
    submit = next(i for i, e in enumerate(s.smsc.events[since:]) if e["ev"] == "pdu" and e["cmd"] == "submit_sm")
    check(bound < submit)
    clear(s)


def test_bind_refused_then_allowed(s):
    s.smsc.control("bind", status=0x0E)
    since = len(s.smsc.events)
    s.smsc.control("drop")
    a, b = send(s)
    time.sleep(4)
    binds = [e for e in s.smsc.events[since:] if e["ev"] == "pdu" and e["cmd"].startswith("bind") and e["dir"] == "rx"]
    check(1 <= len(binds) <= 20, "%d binds in 4 s" % len(binds))
    clear(s)
    wait_state(s, b, "accepted", 20)


def test_bind_without_an_answer(s):
    s.smsc.control("bind", silent=True)
    s.smsc.control("drop")
    a, b = send(s)
    wait_for(lambda: sum(e["ev"] == "open" for e in s.smsc.events[-10:]) >= 1, 5)
    time.sleep(2.5)
    clear(s)
    wait_state(s, b, "accepted", 25)


# ---- requests of the SMSC ----

def test_enquire_link_flood(s):
    answer = s.smsc.control("flood", count=500, seq=0x7FFF0000)
    equal(answer, {"answered": 500, "wrong": 0})
    equal(s.smsc.control("flood", count=3, seq=1000), {"answered": 3, "wrong": 0})


def test_unknown_command_gets_generic_nack(s):
    since = len(s.smsc.events)
    octets = struct.pack(">IIII", 20, 0x00010200, 0, 4242) + b"\0" * 4
    equal(s.smsc.control("raw", hex=octets.hex()), {"ok": True})
    s.smsc.wait(lambda e: e["ev"] == "pdu" and e["cmd"] == "generic_nack" and e["seq"] == 4242, 20, since=since)
    a, b = send(s)
    wait_state(s, b, "accepted")


def test_deliver_octet_by_octet_with_unknown_tlvs(s):
    a, b = s.pair()
    equal(s.smsc.mo(b, a, b"slowly", split=True, tlv={"1401": "0102", "0005": "01", "060b": "ff" * 40}), 0)
    equal(s.a.wait(lambda r: r.uri.startswith("tel:" + a)).text, "slowly")


def test_data_sm_is_answered(s):
    """data_sm has no short_message; whatever it is, it gets an answer of its own kind."""
    since = len(s.smsc.events)
    body = b"\0" + b"\1\1" + b"15551\0" + b"\1\1" + b"15552\0" + b"\0\0\0" + struct.pack(">HH", 0x0424, 4) + b"data"
    s.smsc.control("raw", hex=(struct.pack(">IIII", 16 + len(body), 0x103, 0, 777) + body).hex())
    s.smsc.wait(lambda e: e["ev"] == "pdu" and e["dir"] == "rx" and e["seq"] == 777 and e["cmd"] in ("data_sm_resp", "generic_nack"), 20, since=since)


def test_malformed_deliver_is_refused_not_fatal(s):
    since = len(s.smsc.events)
    body = b"\0\1\1" + b"1" * 30 + b"\0"
    s.smsc.control("raw", hex=(struct.pack(">IIII", 16 + len(body), 0x5, 0, 888) + body).hex())
    s.smsc.wait(lambda e: e["ev"] == "pdu" and e["dir"] == "rx" and e["seq"] == 888 and e["status"] != 0, 20, since=since)
    a, b = send(s)
    wait_state(s, b, "accepted")


def test_receipt_before_the_answer(s):
    a, b = s.pair()
    fault(s, "receipt_before", dest=b[1:], count=1)
    equal(s.text("fast", a, b, notify="positive-delivery")[1].code, 202)
    wait_state(s, b, "delivered")
    check(not s.a.wait(lambda r: r.uri.startswith("tel:" + a) and r.text is not None, 0.3), "a receipt was shown")
    clear(s)


def test_receipt_ids_in_every_form(s):
    """Decimal where submit_sm_resp was hexadecimal, another case, leading zeros, in the text alone."""
    bad = []
    for form in ("same", "dec", "upper", "padded", "text"):
        equal(s.smsc.control("receipts", form=form), {"ok": True})
        a, b = send(s, notify="positive-delivery")
        try:
            wait_state(s, b, "delivered")
        except Failure:
            bad.append(form)
    clear(s)
    check(not bad, "receipts not recognised:", bad)


def test_receipts_of_parts_are_added_up(s):
    """Delivered when all parts are; one missing receipt keeps it open."""
    s.smsc.control("receipts", skip=[2])
    a, b = send(s, text="x" * 400, notify="positive-delivery")
    wait_state(s, b, "accepted")
    time.sleep(1)
    equal(state(s, b), "accepted", "state with 2 receipts of 3")
    s.smsc.control("receipts")
    a, b = send(s, text="x" * 400, notify="positive-delivery")
    wait_state(s, b, "delivered")
    clear(s)


# ---- statuses ----

def test_temporary_statuses_are_tried_again(s):
    for value in (0x14, 0x58, 0x64, 0x45, 0x08, 0x0400, 0x4FF):
        a, b = s.pair()
        fault(s, "status", value=value, dest=b[1:], count=1)
        equal(s.text("again %x" % value, a, b)[1].code, 202)
        if value in (0x14, 0x58, 0x08, 0x0400, 0x4FF):
            wait_state(s, b, "accepted")
        else:
            wait_for(lambda b=b: state(s, b) in ("accepted", "failed"), 20, 0.1, "outcome of status %#x" % value)
    clear(s)


def test_permanent_statuses_fail_at_once(s):
    for value in (0x0B, 0x0A, 0x15, 0x66, 0x01, 0x43):
        a, b = s.pair()
        fault(s, "status", value=value, dest=b[1:])
        equal(s.text("never %x" % value, a, b)[1].code, 202)
        wait_state(s, b, "failed")
        equal(len(s.smsc.submits(lambda p, b=b: p["to"] == b[1:])), 1, "submits of status %#x" % value)
    clear(s)


def test_event_routes_run(s):
    """sms-failed, link-down and link-up of the shipped configuration write a line each."""
    def logged(text):
        wait_for(lambda: text in s.kamailio.log_path.read_text(), 20, 0.1, "the line: " + text)
    a, b = s.pair()
    fault(s, "status", value=0x0B, dest=b[1:])
    equal(s.text("never", a, b)[1].code, 202)
    logged("from %s to %s was not delivered" % (a, b))
    clear(s)
    def lines():
        log = s.kamailio.log_path.read_text()
        return log.count("<script>: SMSC test is down"), log.count("<script>: SMSC test is up")
    downs, ups = lines()

    def both():
        """A module that is busy while it is down and up again hears of no change: once more."""
        s.smsc.control("drop")
        with contextlib.suppress(Failure):
            return wait_for(lambda: lines()[0] > downs and lines()[1] > ups, 5, 0.1)
    wait_for(both, 60, 0.1, "link-down and link-up")


def test_a_failed_part_fails_the_message(s):
    """The first part is accepted, the second refused: the message fails, with one outcome line."""
    a, b = s.pair()
    fault(s, "late", ms=10, dest=b[1:], count=1)
    fault(s, "status", value=0x0B, dest=b[1:], count=1)
    m, answer = s.text("x" * 600, a, b)
    equal(answer.code, 202)
    wait_state(s, b, "failed")
    clear(s)
    time.sleep(0.5)
    check(1 <= len(accepted(s, b)) <= 3, "accepted parts:", len(accepted(s, b)))
    check(len(s.smsc.submits(lambda p: p["to"] == b[1:])) <= 4, "a part was sent again")
    equal(sum(m.conversation_id in line and "result=" in line for line in s.kamailio.log_path.read_text().splitlines()), 1, "outcome lines")


# ---- throughput ----

def test_window_is_never_exceeded(s):
    fault(s, "late", ms=30)
    pairs = [s.pair() for _ in range(60)]
    answers = [s.a.send_later(s.sip, pager("w", a, b)) for a, b in pairs]
    check(all(f.result(20).code == 202 for f in answers))
    for _, b in pairs:
        s.smsc.wait_submits(b, 1)
    stats = s.smsc.control("stats")
    clear(s)
    check(stats["max_open"] <= s.window + 1, "open at once:", stats["max_open"])


def test_throttling_slows_down_and_loses_nothing(s):
    """20 parts a second; 60 messages of one part and 10 of three."""
    s.smsc.control("throttle", rate=20)
    since, pairs = len(s.smsc.events), []
    answers = []
    for k in range(70):
        a, b = s.pair()
        pairs.append((b, 3 if k % 7 == 0 else 1))
        answers.append(s.a.send_later(s.sip, pager("x" * (400 if k % 7 == 0 else 20), a, b)))
    check(all(f.result(30).code == 202 for f in answers))
    for b, _ in pairs:
        wait_state_all(s, b)
    refused = [e for e in s.smsc.events[since:] if e["ev"] == "pdu" and e["cmd"] == "submit_sm_resp" and e["status"] == 0x58]
    for b, parts in pairs:
        equal(len(accepted(s, b)), parts, "accepted parts of " + b)
    clear(s)
    check(len(refused) < 90, "%d refused of %d: it does not slow down" % (len(refused), sum(p for _, p in pairs)))


def wait_state_all(s, b, timeout=30):
    wait_for(lambda: next((m.get("state") for m in s.rpc("ipsmgw.msg_list", 200, 0) if m.get("b") == b), None) == "accepted", timeout, 0.1,
             "all parts to " + b)


def test_queue_full_is_throttling_too(s):
    s.smsc.control("throttle", rate=10, status=0x14)
    pairs = [send(s) for _ in range(25)]
    for _, b in pairs:
        wait_state(s, b, "accepted", 20)
        equal(len(accepted(s, b)), 1, "accepted " + b)
    clear(s)


def test_throughput_cap(stack):
    with stack(smsc="bad", connector=("throughput 20",)) as s:
        pairs = [s.pair() for _ in range(40)]
        answers = [s.a.send_later(s.sip, pager("c", a, b)) for a, b in pairs]
        check(all(f.result(20).code == 202 for f in answers))
        for _, b in pairs:
            s.smsc.wait_submits(b, 1)
        times = [e["t"] for e in s.smsc.submits()]
        check(len(times) == 40 and times[-1] - times[0] >= 1.0, "40 messages in %.2f s at 20 a second" % (times[-1] - times[0]))
        since, (a, b) = len(times), s.pair()
        equal(s.text("p" * 1530, a, b)[1].code, 202)
        s.smsc.wait_submits(b, 10)
        equal(s.text("p" * 1530, *s.pair())[1].code, 202)
        s.smsc.wait(lambda e: e["ev"] == "pdu" and e["cmd"] == "submit_sm", 15, 60)
        times = [e["t"] for e in s.smsc.submits()][since:]
        check(len(times) == 20 and times[-1] - times[0] >= 0.7, "20 parts in %.2f s at 20 a second" % (times[-1] - times[0]))


# ---- binds and routes ----

def test_transmitter_and_receiver_pair(stack):
    with stack(connector=("bind pair",)) as s:
        equal(s.smsc.control("binds"), {"rx": 1, "tx": 1})
        kinds = {e["cmd"] for e in s.smsc.events if e["ev"] == "pdu" and e["cmd"].startswith("bind_") and e["dir"] == "rx"}
        equal(kinds, {"bind_receiver", "bind_transmitter"})
        a, b = s.pair()
        equal(s.text("out", a, b)[1].code, 202)
        s.smsc.wait_submits(b)
        equal(s.smsc.mo(b, a, b"back"), 0)
        check(s.a.wait(lambda r: r.text == "back"), "nothing came back")


def test_routes_by_prefix_and_failover(stack):
    """1777 goes to the other SMSC and, when that is down, to the first."""
    with stack(start=False) as s:
        other = SmscPeer("perl", s.dir, options=())
        other.program.name, other.program.log_path = "smsc2", s.dir / "smsc2.log"
        other.start()
        try:
            second = "smsc other\n protocol smpp\n remote-ip 127.0.0.1\n port %d\n system-id ipsmgw\n password secret\n no shutdown\n" % other.port
            s.write_configuration("durable", 60, {"retry_schedule_s": "1,1,1"}, ("reconnect-max 1",), "route prefix 1777 smsc other test\nroute default smsc test\n", second)
            s.start()
            wait_for(lambda: other.control("binds").get("tx"), 20, 0.1, "the second SMSC is bound")
            a, b = s.pair()
            equal(s.text("first", a, b)[1].code, 202)
            s.smsc.wait_submits(b)
            equal(s.text("second", a, "+17770001111")[1].code, 202)
            other.wait_submits("+17770001111")
            other.program.stop()
            equal(s.text("over", a, "+17770002222")[1].code, 202)
            s.smsc.wait_submits("+17770002222")
        finally:
            other.program.stop()


def test_long_messages_as_sar_and_payload(stack):
    for how in ("sar", "payload"):
        with stack(connector=("long-messages " + how,)) as s:
            a, b = s.pair()
            equal(s.text("p" * 200, a, b)[1].code, 202)
            submits = s.smsc.wait_submits(b, 2)
            if how == "sar":
                equal([(p["hex"], p["esm"], p["tlv"]["020e"], p["tlv"]["020f"]) for p in submits],
                      [("70" * 153, 0, "02", "01"), ("70" * 47, 0, "02", "02")])
                equal(len({p["tlv"]["020c"] for p in submits}), 1, "one reference")
            else:
                check(all(p["hex"] == "" and len(p["tlv"]["0424"]) > 90 for p in submits), "message_payload")


def test_default_alphabets(stack):
    for name, text, dcs, octets in (("latin1", "né à @", 0, "né à @".encode("latin-1").hex()), ("ascii", "plain @", 0, b"plain @".hex())):
        with stack(connector=("default-alphabet " + name,)) as s:
            a, b = s.pair()
            equal(s.text(text, a, b)[1].code, 202)
            submit = s.smsc.wait_submits(b)[0]
            equal((submit["dcs"], submit["hex"]), (dcs, octets), name)
            equal(s.smsc.mo(b, a, bytes.fromhex(octets)), 0)
            equal(s.a.wait(lambda r: r.uri.startswith("tel:" + a)).text, text)


# ---- what the operator sees ----

def test_vty(s):
    shown = s.vty("show smsc", "show link", "show statistics")
    check("test" in shown and "up" in shown.lower(), "show smsc:", shown)
    check("secret" not in shown, "the password is shown:", shown)
    enabled = s.vty("enable", "write terminal")
    check("system-id ipsmgw" in enabled and "route default smsc test" in enabled and "window" in enabled, "write terminal:", enabled)
    check("% Unknown" not in shown + enabled, shown, enabled)


def test_nothing_is_asked_twice_at_once(s):
    """After everything above one bind is there, and a burst from several threads goes through once."""
    wait_for(lambda: s.smsc.control("binds") == {"rx": 1, "tx": 1}, 20, 0.2, "one bind")
    pairs = [s.pair() for _ in range(30)]
    threads = [threading.Thread(target=s.text, args=("t", a, b)) for a, b in pairs]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    for _, b in pairs:
        s.smsc.wait_submits(b, 1)
    time.sleep(0.5)
    check(all(len(s.smsc.submits(lambda p, b=b: p["to"] == b[1:])) == 1 for _, b in pairs), "something was sent twice")
