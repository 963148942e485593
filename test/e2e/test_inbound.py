# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 the ipsmgw authors
"""From the SMS user to A: conversation, reassembly, A's answer back to the SMSC (spec 5, pitfalls "Inbound")."""

import re
import threading
import time

from harness import Answer, check, equal
import oracle
from sip_peer import CPM_ACCEPT_CONTACT, CPM_SERVICE, IM_ACCEPT_CONTACT, simple_im

UUID4 = re.compile(r"^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$")

# A's answer -> command_status of the deliver_sm_resp (spec 5.8)
ANSWERS = {200: 0x00, 202: 0x00, 400: 0x65, 403: 0x66, 404: 0x64, 406: 0x65, 408: 0x64, 410: 0x64, 413: 0x65, 415: 0x65, 430: 0x64, 480: 0x64,
           486: 0x64, 488: 0x65, 500: 0x64, 502: 0x64, 503: 0x14, 504: 0x64, 513: 0x65, 600: 0x64, 603: 0x66, 604: 0x64, 606: 0x66}


def for_a(a):
    return lambda r: r.uri.startswith("tel:" + a)


def got(s, a, timeout=20.0, **more):
    request = s.a.wait(for_a(a), timeout, **more)
    check(request, "A got nothing")
    return request


def udh8(ref, total, part):
    return bytes([5, 0, 3, ref, total, part])


def udh16(ref, total, part):
    return bytes([6, 8, 4, ref >> 8, ref & 255, total, part])


def part(s, b, a, udh, text, **more):
    return s.smsc.mo(b, a, udh + text, esm_class=0x40, **more)


# ---- the message that A sees ----

def test_message_as_5_5(s):
    a, b = s.pair()
    equal(s.smsc.mo(b, a, b"See you at 7"), 0)
    r = got(s, a)
    equal((r.method, r.uri, r.get("To").split(";")[0]), ("MESSAGE", "tel:" + a, "<tel:%s>" % a))
    check(r.get("From").startswith("<tel:%s>;tag=" % b), "From", r.get("From"))
    equal(r.get("P-Asserted-Identity"), "<tel:%s>" % b)
    equal(r.get("P-Asserted-Service"), CPM_SERVICE)
    check(r.get("Accept-Contact").startswith(CPM_ACCEPT_CONTACT), "Accept-Contact", r.get("Accept-Contact"))
    equal((r.get("Contact"), r.get("Expires")), (None, None), "Contact, Expires")
    check(r.get("User-Agent", "").startswith("CPM-serv/OMA2.2"), "User-Agent", r.get("User-Agent"))
    check(r.get("Date", "").endswith(" GMT") and int(r.get("Max-Forwards")) <= 70 and "icid-value=" in r.get("P-Charging-Vector", ""), "Date, Max-Forwards, icid")
    check(UUID4.match(r.get("Conversation-ID")) and UUID4.match(r.get("Contribution-ID")), "ids are UUID v4", r.get("Conversation-ID"))
    equal(r.get("InReplyTo-Contribution-ID"), None)
    check(len({r.get("Conversation-ID"), r.get("Contribution-ID"), r.cpim.get("imdn.Message-ID")}) == 3, "one id for two things")
    c = r.cpim
    check(all(c.get(h) for h in ("From", "To", "DateTime", "imdn.Message-ID")), "CPIM headers", c.outer)
    equal((c.get("From"), c.get("To"), c.get("NS")), ("<tel:%s>" % b, "<tel:%s>" % a, "imdn <urn:ietf:params:imdn>"))
    check("display" not in (c.get("imdn.Disposition-Notification") or ""), "display is never asked")
    check(re.match(r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$", c.get("DateTime")), "DateTime", c.get("DateTime"))
    check(re.search(r"^Content-[tT]ype: text/plain;\s?charset=(UTF|utf)-8\r?$", c.inner, re.M), "inner type", c.inner)
    equal(int(c.mime.get("Content-Length")), len(c.content), "inner Content-Length")
    check(b"\n" not in r.body.replace(b"\r\n", b"").replace(c.content, b""), "line ends are CRLF")


def test_reply_in_the_same_conversation(s):
    a, b = s.pair()
    m, answer = s.text("Lunch?", a, b)
    equal(answer.code, 202)
    s.smsc.wait_submits(b)
    equal(s.smsc.mo(b, a, b"Yes"), 0)
    r = got(s, a)
    equal(r.get("Conversation-ID"), m.conversation_id)
    equal(r.get("InReplyTo-Contribution-ID"), m.contribution_id)
    check(r.get("Contribution-ID") not in (m.contribution_id, m.conversation_id, None), "a new Contribution-ID")
    # A goes on in the thread; the next reply answers the newest contribution
    m2, answer = s.text("Where?", a, b, conversation_id=m.conversation_id, in_reply_to=r.get("Contribution-ID"))
    equal(answer.code, 202)
    s.smsc.wait_submits(b, 2)
    equal(s.smsc.mo(b, a, b"At Joe's"), 0)
    r2 = s.a.wait(for_a(a), count=2)[1]
    equal((r2.get("Conversation-ID"), r2.get("InReplyTo-Contribution-ID")), (m.conversation_id, m2.contribution_id))
    check(r2.get("Contribution-ID") != r.get("Contribution-ID"), "each reply has its own Contribution-ID")


def test_late_reply_names_no_contribution(stack):
    """After reply_window_s it is still the same conversation, but no answer to A's last message."""
    with stack(modparams={"reply_window_s": 2}) as s:
        a, b = s.pair()
        m, answer = s.text("Lunch?", a, b)
        equal(answer.code, 202)
        equal(s.smsc.mo(b, a, b"Yes"), 0)
        time.sleep(2.5)
        equal(s.smsc.mo(b, a, b"Sorry, no"), 0)
        equal([(r.get("Conversation-ID"), r.get("InReplyTo-Contribution-ID")) for r in s.a.wait(for_a(a), count=2)],
              [(m.conversation_id, m.contribution_id), (m.conversation_id, None)])


def test_new_thread_by_b_is_kept(s):
    a, b = s.pair()
    for text in (b"one", b"two"):
        equal(s.smsc.mo(b, a, text), 0)
    one, two = s.a.wait(for_a(a), count=2)
    equal(one.get("Conversation-ID"), two.get("Conversation-ID"))
    check(one.get("Contribution-ID") != two.get("Contribution-ID"))


def test_threads_are_apart(s):
    a, b1 = s.pair()
    b2 = s.pair()[1]
    m1, _ = s.text("to b1", a, b1)
    m2, _ = s.text("to b2", a, b2)
    equal(s.smsc.mo(b2, a, b"from b2"), 0)
    equal(s.smsc.mo(b1, a, b"from b1"), 0)
    r2, r1 = s.a.wait(for_a(a), count=2)
    equal((r1.get("Conversation-ID"), r2.get("Conversation-ID")), (m1.conversation_id, m2.conversation_id))


def test_simple_im_user_gets_simple_im(s):
    a, b = s.pair()
    equal(s.a.send(s.sip, simple_im("hello", a, b)).code, 202)
    s.smsc.wait_submits(b)
    equal(s.smsc.mo(b, a, b"hi"), 0)
    r = got(s, a)
    check(r.get("Accept-Contact").startswith(IM_ACCEPT_CONTACT), "Accept-Contact", r.get("Accept-Contact"))
    equal((r.get("P-Asserted-Service"), r.get("Conversation-ID"), r.media_type, r.text), (None, None, "text/plain", "hi"))


def test_alphanumeric_sender(s):
    a = s.pair()[0]
    equal(s.smsc.mo("MyBank", a, b"Your code is 123", source_addr_ton=5, source_addr_npi=0), 0)
    r = got(s, a)
    equal(r.text, "Your code is 123")
    for field in (r.get("From").split(";tag=")[0], r.get("P-Asserted-Identity"), r.cpim.get("From")):
        check(re.match(r'^"?MyBank"? ?<sip:[^@>]+@[^>]+>$', field), "not a display name on a sip: URI:", field)


def test_short_code_sender(s):
    a = s.pair()[0]
    equal(s.smsc.mo("12345", a, b"You won", source_addr_ton=3, source_addr_npi=0), 0)
    r = got(s, a)
    check("12345" in r.get("From") and "+12345" not in r.get("From"), "From", r.get("From"))


# ---- alphabets and places of the text ----

def test_160_characters_and_validity(s):
    a, b = s.pair()
    equal(s.smsc.mo(b, a, b"x" * 160, validity_period="000001000000000R", schedule_delivery_time="261122100000000+"), 0)
    equal(got(s, a).text, "x" * 160)


def test_data_codings(s):
    for dcs, octets, text in ((0, b"\x00\x02 \x1b\x65", "@$ €"), (1, b"plain", "plain"), (3, "né à".encode("latin-1"), "né à"),
                              (8, "Привет".encode("utf-16-be"), "Привет"), (0xF0, b"class 0", "class 0"), (0x11, b"GSM class 1", "GSM class 1"),
                              (0x18, "Привет".encode("utf-16-be"), "Привет")):
        a, b = s.pair()
        equal(s.smsc.mo(b, a, octets, data_coding=dcs), 0, "data_coding %#x" % dcs)
        equal(got(s, a).text, text, "data_coding %#x" % dcs)


def test_message_payload(s):
    a, b = s.pair()
    equal(s.smsc.mo(b, a, message_payload_hex=b"in the payload".hex()), 0)
    equal(got(s, a).text, "in the payload")
    a, b = s.pair()
    long = "A long payload, 700 characters of it. " * 19
    equal(s.smsc.mo(b, a, message_payload_hex=long.encode().hex()), 0)
    equal(got(s, a).text, long)


def test_eight_bit_data_is_refused(s):
    a, b = s.pair()
    check(s.smsc.mo(b, a, b"\x01\x02\x03", data_coding=4) not in (0, "timeout"), "binary")
    check(s.smsc.mo(b, a, b"\x06\x05\x04\x0b\x84\x23\xf0" + b"wap push", esm_class=0x40, data_coding=4) not in (0, "timeout"), "WAP push")
    check(not s.a.wait(for_a(a), 0.3), "A got octets")


def test_broken_udh_is_answered(s):
    a, b = s.pair()
    for octets in (b"\xff", b"\x05\x00\x03\x01", b"\x05\x00\x09\x01\x02\x01abc", b""):
        status = s.smsc.mo(b, a, octets, esm_class=0x40)
        check(isinstance(status, int), "no answer to UDH", octets.hex(), status)
    check(s.link_up(), "the link is up")


def test_delivery_receipt_is_never_text(s):
    a, b = s.pair()
    text = b"id:0123456789 sub:001 dlvrd:001 submit date:2601010000 done date:2601010000 stat:DELIVRD err:000 text:hello"
    equal(s.smsc.mo(b, a, text, esm_class=0x04), 0, "unknown receipt")
    equal(s.smsc.mo(b, a, b"id:zz stat:", esm_class=0x04), 0, "strange receipt")
    m, _ = s.text("hello", a, b, notify="positive-delivery")
    s.smsc.wait_submits(b)
    s.smsc.wait(lambda e: e["ev"] == "pdu" and e["cmd"] == "deliver_sm_resp", count=1)
    r = s.a.wait(lambda r: for_a(a)(r) and r.text is not None, 0.6)
    check(not r, "A was shown a receipt:", r and r.text)


# ---- concatenation ----

def send_parts(s, b, a, order, udh, texts, **more):
    """Statuses in the order of sending."""
    return [part(s, b, a, udh(k), texts[k - 1], **more) for k in order]


def test_parts_in_order_one_message(s):
    a, b = s.pair()
    texts = [b"a" * 153, b"b" * 153, b"the end"]
    equal(send_parts(s, b, a, (1, 2, 3), lambda k: udh8(7, 3, k), texts), [0, 0, 0])
    equal(got(s, a).text, b"".join(texts).decode())
    check(not s.a.wait(for_a(a), 0.3, count=2), "one message only")


def test_parts_in_any_order_8_and_16_bit(s):
    for name, udh in (("8", lambda k: udh8(200, 3, k)), ("16", lambda k: udh16(0xABCD, 3, k))):
        for order in ((3, 2, 1), (2, 3, 1), (3, 1, 2)):
            a, b = s.pair()
            equal(send_parts(s, b, a, order, udh, [b"one ", b"two ", b"three"]), [0, 0, 0], name)
            equal(got(s, a).text, "one two three", name)


def test_udh_with_other_elements(s):
    """A 7-octet UDH has no fill bits over SMPP, and the concatenation element need not come first."""
    a, b = s.pair()
    for k, text in ((1, b"@one "), (2, b"two")):
        udh = bytes([8, 0x24, 1, 0, 0, 3, 9, 2, k])
        equal(part(s, b, a, udh, text), 0)
    equal(got(s, a).text, oracle.gsm7_text(b"@one two"))


def test_duplicate_parts(s):
    a, b = s.pair()
    texts = [b"first ", b"second"]
    equal(send_parts(s, b, a, (1, 1, 1, 2), lambda k: udh8(9, 2, k), texts), [0, 0, 0, 0])
    equal(got(s, a).text, "first second")
    equal(part(s, b, a, udh8(9, 2, 2), texts[1]), 0, "the last part again, after A has it")
    check(not s.a.wait(for_a(a), 0.5, count=2), "A got it twice")


def test_two_messages_interleaved(s):
    a, b = s.pair()
    for ref, k, text in ((1, 1, b"one "), (2, 1, b"uno "), (2, 2, b"due"), (1, 2, b"two")):
        equal(part(s, b, a, udh8(ref, 2, k), text), 0)
    equal([r.text for r in s.a.wait(for_a(a), count=2)], ["uno due", "one two"])


def test_same_reference_of_another_sender(s):
    a, b1 = s.pair()
    b2 = s.pair()[1]
    equal(part(s, b1, a, udh8(5, 2, 1), b"b1 one "), 0)
    equal(part(s, b2, a, udh8(5, 2, 2), b"two b2"), 0)
    check(not s.a.wait(for_a(a), 0.4), "parts of two senders were joined")
    equal(part(s, b1, a, udh8(5, 2, 2), b"b1 two"), 0)
    equal(got(s, a).text, "b1 one b1 two")


def test_sar(s):
    a, b = s.pair()
    for k, text in ((2, b"sar two"), (1, b"sar one ")):
        equal(s.smsc.mo(b, a, text, sar=[4711, 2, k]), 0)
    equal(got(s, a).text, "sar one sar two")


def test_parts_of_different_alphabets(s):
    a, b = s.pair()
    equal(part(s, b, a, udh8(3, 2, 1), b"gsm \x1b\x3c"), 0)
    equal(part(s, b, a, udh8(3, 2, 2), "Привет".encode("utf-16-be"), data_coding=8), 0)
    equal(got(s, a).text, "gsm [Привет")


def test_impossible_parts(s):
    a, b = s.pair()
    for total, k in ((0, 0), (2, 0), (2, 3), (0, 1)):
        check(isinstance(part(s, b, a, udh8(8, total, k), b"x"), int), "part %d of %d is not answered" % (k, total))
    equal(s.smsc.mo(b, a, b"still here"), 0)
    check(s.a.wait(lambda r: for_a(a)(r) and r.text == "still here"))


def test_last_part_waits_for_a(s):
    """Parts that are held are acknowledged at once, the one that completes only after A's answer."""
    a, b = s.pair()
    s.a.policy = lambda r: Answer(200, delay=5.0)
    try:
        began = time.monotonic()
        equal(part(s, b, a, udh8(1, 2, 1), b"one "), 0)
        check(time.monotonic() - began < 4, "the first part waited", time.monotonic() - began)
        began = time.monotonic()
        equal(part(s, b, a, udh8(1, 2, 2), b"two"), 0)
        check(time.monotonic() - began > 4.5, "the last part did not wait for A")
    finally:
        s.a.policy = lambda r: Answer(200)


def test_timeout_marks_the_missing_part(stack):
    with stack(concat_timeout_s=4) as s:
        a, b = s.pair()
        equal(part(s, b, a, udh8(1, 3, 1), b"one "), 0)
        equal(part(s, b, a, udh8(1, 3, 3), b" three"), 0)
        check(not s.a.wait(for_a(a), 1.0), "came too early")
        text = got(s, a).text
        equal(text, "one [part 2 missing] three")


def test_restart_in_between(stack):
    with stack() as s:
        a, b = s.pair()
        equal(part(s, b, a, udh8(1, 3, 2), b"two "), 0)
        s.restart_kamailio()
        equal(part(s, b, a, udh8(1, 3, 3), b"three"), 0)
        s.connector.kill()
        s.connector.start()
        s.wait_ready()
        equal(part(s, b, a, udh8(1, 3, 1), b"one "), 0)
        equal(got(s, a).text, "one two three")


# ---- A's answers ----

def test_answers_of_a(s):
    bad = []
    try:
        for code, status in ANSWERS.items():
            a, b = s.pair()
            s.a.policy = lambda r, code=code: Answer(code)
            got_status = s.smsc.mo(b, a, b"hello", timeout=20)
            if got_status != status:
                bad.append("%d -> %s, want %#x" % (code, got_status, status))
    finally:
        s.a.policy = lambda r: Answer(200)
    check(not bad, "; ".join(bad))


def test_silent_a(stack):
    """tm's timer ends it: temporary, so that the SMSC tries again."""
    with stack(modparams={"tm.fr_timer": 3000}) as s:
        a, b = s.pair()
        s.a.policy = lambda r: Answer(0) if for_a(a)(r) else Answer(200)
        began = time.monotonic()
        answer = s.smsc.mo_later(b, a, b"hello?", timeout=30)
        equal(s.smsc.mo(s.pair()[1], s.pair()[0], b"others go on"), 0)
        equal(answer(30), 0x64)
        check(2.5 < time.monotonic() - began < 15, "took", time.monotonic() - began)
        check(s.a.retransmissions >= 2, "retransmissions of the MESSAGE:", s.a.retransmissions)
        s.a.policy = lambda r: Answer(200)
        equal(s.smsc.mo(b, a, b"hello?"), 0, "the SMSC's next attempt")
        equal(s.a.wait(lambda r: for_a(a)(r) and r.answer.code == 200).text, "hello?")


def test_same_part_while_a_thinks(s):
    """An impatient SMSC repeats the last part while A has not answered: A sees one message, both get its answer."""
    a, b = s.pair()
    s.a.policy = lambda r: Answer(200, delay=1.0)
    try:
        equal(part(s, b, a, udh8(77, 2, 1), b"very "), 0)
        answers = [s.smsc.mo_later(b, a, udh8(77, 2, 2) + b"impatient", esm_class=0x40) for _ in range(2)]
        equal([get() for get in answers], [0, 0])
    finally:
        s.a.policy = lambda r: Answer(200)
    equal(got(s, a).text, "very impatient")
    check(not s.a.wait(for_a(a), 0.3, count=2), "A got it twice")


def test_same_sm_over_a_new_bind_while_a_thinks(s):
    """The link breaks while A thinks, so the SMSC delivers again: A sees one message."""
    a, b = s.pair()
    s.a.policy = lambda r: Answer(200, delay=3.0) if for_a(a)(r) else Answer(200)
    try:
        first = s.smsc.mo_later(b, a, b"once over two binds")
        got(s, a)
        s.smsc.control("drop")
        equal(first(), "connection lost")
        s.wait_bound()
        equal(s.smsc.mo(b, a, b"once over two binds"), 0, "the repeated deliver_sm")
    finally:
        s.a.policy = lambda r: Answer(200)
    check(not s.a.wait(for_a(a), 0.5, count=2), "A got it twice")


def test_same_text_twice_is_two_messages(s):
    a, b = s.pair()
    for _ in range(2):
        equal(s.smsc.mo(b, a, b"ok"), 0)
    check(s.a.wait(for_a(a), count=2), "the second one is missing")


def test_order_is_kept(s):
    a, b = s.pair()
    s.a.policy = lambda r: Answer(200, delay=0.02)
    try:
        for k in range(10):
            equal(s.smsc.mo(b, a, b"n%02d" % k), 0)
    finally:
        s.a.policy = lambda r: Answer(200)
    equal([r.text for r in s.a.wait(for_a(a), count=10)], ["n%02d" % k for k in range(10)])


def test_order_is_kept_in_a_burst(s):
    """All at once on one link: one A must see them as they were sent, many A at the same time."""
    pairs = [s.pair() for _ in range(5)]
    results = []

    def burst():
        for k in range(6):
            for a, b in pairs:
                results.append(s.smsc.mo_later(b, a, b"n%02d" % k))
                time.sleep(0.004)
    thread = threading.Thread(target=burst)
    thread.start()
    thread.join()
    equal({get() for get in results}, {0})
    for a, _ in pairs:
        equal([r.text for r in s.a.wait(for_a(a), count=6)], ["n%02d" % k for k in range(6)])
