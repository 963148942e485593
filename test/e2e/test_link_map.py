# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 the ipsmgw authors
"""What a bearer with a subscriber database says to the module and hears from it (docs/link-protocol.md 3, 4, 7): DELIVERED, QUERY, USER, ALERT, STATUS."""

import contextlib
import re
import sqlite3
import time

from harness import Answer, Stack, check, equal, wait_for
from bearer import Bearer, LinkStack, deliver, from_network, rp_da, status_report
from chat import Chat
from link_peer import ALERT, DA, DATA, DELIVERED, FLAGS, QUERY, RP, SMSC, SMSC_ID, UNKNOWN, TEMPORARY, UP, USER, frame
from notifications import BOTH, notifications, notified, statuses, stays
from sip_peer import pager
from test_register import CPM, IM, device, notify, register, reginfo, request_of, tell

STACK_CLASS = LinkStack
FAST = {"retry_schedule_s": "60", "tm.fr_timer": 4000, "imdn_retry_s": "1,1,2", "chat_text": "started=", "chat_numbers": "+15559990001-+15559990002"}
STACK = {"modparams": FAST}
PARTS = "three parts " * 30


def outcomes(s, b):
    """result= of each outcome line of messages to b"""
    return re.findall(r" sm ref=.* to=\%s .* result=(\w+)" % b, s.kamailio.log_path.read_text(errors="replace"))


def outcome(s, b, want):
    wait_for(lambda: outcomes(s, b), 20, 0.05, "the outcome line")
    time.sleep(0.3)
    equal(outcomes(s, b), [want], "outcome lines")


def sent(s, text="hello", **more):
    """A and B of a message that A has sent"""
    a, b = s.pair()
    equal(s.text(text, a, b, **more)[1].code, 202, "answer to A")
    return a, b


def delivering(s):
    bearer = Bearer(s, connect=False)
    bearer.policy = lambda f: bearer.ack(f, DELIVERED)
    return bearer.connect()


def come(s, a, *contacts, **more):
    tell(s, register(a, request_of(*(contacts or (device(1, CPM),))), "message/sip", **more))


def user(bearer, a, ref=None):
    """Whether each USER about a said that it is registered"""
    return [bool(f.get("flags", 0) & UP) for f in bearer.find("user", da=a) if ref is None or f["ref"] == ref]


# ---- DELIVERED ----

def test_delivered_is_told_at_once(s):
    """R-62: nothing more is to come from the network."""
    with delivering(s):
        a, b = sent(s, notify=BOTH)
        equal(notified(s, a).status, "delivered")
        outcome(s, b, "delivered")
        stays(s, a, ["delivered"], 0.3)


def test_delivered_and_nothing_asked(s):
    with delivering(s):
        a, b = sent(s)
        outcome(s, b, "delivered")
        (message,) = [m for m in s.rpc("ipsmgw.msg_list", 50, 0) if m["b"] == b]
        equal(message["state"], "delivered")
        a, c = sent(s, notify="negative-delivery, display")
        outcome(s, c, "delivered")
        stays(s, a, [], 0.3)


def test_delivered_and_interworking(s):
    """As with a report that comes at once: both, in this order."""
    with delivering(s):
        a, b = sent(s, notify="positive-delivery, interworking")
        equal([n.kind for n in notified(s, a, 2)], ["interworking", "delivery"])
        outcome(s, b, "delivered")


def test_a_late_report_changes_nothing(s):
    with delivering(s) as bearer:
        a, b = sent(s, notify=BOTH)
        f = bearer.wait_data(b)
        notified(s, a)
        bearer.reported("id%d" % f["ref"], 0, b, 0x46)
        stays(s, a, ["delivered"])
        equal(outcomes(s, b), ["delivered"])


def test_delivered_answers_a_who_waits(stack):
    """answer=submitted"""
    with stack(answer="submitted", modparams=dict(FAST, answer_timeout_ms=18000, **{"tm.fr_timer": 25000})) as s, delivering(s):
        began = time.monotonic()
        a, _ = sent(s, notify=BOTH)
        _, b = sent(s, PARTS)
        check(time.monotonic() - began < 15, "202 came when the time was over")
        equal(notified(s, a).status, "delivered")
        outcome(s, b, "delivered")


def test_all_parts_make_it_delivered(s):
    with Bearer(s) as bearer:
        bearer.policy = lambda f: None
        a, b = sent(s, PARTS, notify=BOTH)
        parts = bearer.wait_data(b, 3)
        for f in parts[1:]:
            bearer.send(bearer.ack(f, DELIVERED))
        bearer.synced()
        stays(s, a, [], 0.5)
        bearer.send(bearer.ack(parts[0], DELIVERED) * 2)
        equal(notified(s, a).status, "delivered")
        outcome(s, b, "delivered")


def test_one_part_delivered_another_by_its_report(s):
    with Bearer(s) as bearer:
        bearer.policy = lambda f: None
        a, b = sent(s, "two parts " * 20, notify=BOTH)
        first, second = bearer.wait_data(b, 2)
        bearer.send(bearer.ack(first, DELIVERED) + bearer.ack(second, 0, "7f03"))
        bearer.synced()
        stays(s, a, [], 0.5)
        bearer.reported("7f03", 0, b)
        equal(notified(s, a).status, "delivered")
        outcome(s, b, "delivered")


def test_one_part_delivered_another_refused(s):
    with Bearer(s) as bearer:
        bearer.policy = lambda f: None
        a, b = sent(s, "two parts " * 20, notify=BOTH)
        first, second = bearer.wait_data(b, 2)
        bearer.send(bearer.ack(first, DELIVERED) + bearer.error(second, 1, 0))
        equal(notified(s, a).status, "failed")
        outcome(s, b, "failed")


def test_crash_behind_the_first_part(stack):
    """kill -9: what was delivered stays so, and only the others are sent again."""
    with stack(modparams=FAST) as s:
        with Bearer(s) as bearer:
            bearer.policy = lambda f: None
            a, b = sent(s, PARTS, notify=BOTH)
            parts = bearer.wait_data(b, 3)
            bearer.send(bearer.ack(parts[1], DELIVERED))
            wait_for(lambda: s.statistics()["sms_accepted"] == 1, 20, 0.1, "that it is noted")
            s.restart_kamailio()
        with delivering(s) as bearer:
            again = bearer.wait_data(b, 2)
            equal([(f["ref"], f.get("flags", 0)) for f in again], [(parts[0]["ref"], 1), (parts[2]["ref"], 1)], "sent again")
            equal(notified(s, a).status, "delivered")
            outcome(s, b, "delivered")
            equal(len(bearer.find("data", b=b)), 2)


def test_orderly_stop_behind_an_acceptance(stack):
    """What the SMSC took is not sent again, also if that was said in the last moment."""
    with stack(modparams=FAST) as s:
        for n in range(3):
            with Bearer(s) as bearer:
                bearer.policy = lambda f: None
                a, b = sent(s, "once")
                bearer.send(bearer.ack(bearer.wait_data(b)))
                bearer.synced()
                s.restart_kamailio(kill=False)
            with delivering(s) as bearer:
                outcome(s, b, "accepted")
                _, later = sent(s, "later")
                bearer.wait_data(later)
                equal(bearer.find("data", b=b), [], "sent again")


def test_report_behind_its_acceptance(s):
    """The acceptance is not noted yet: the report finds the segment all the same."""
    with Bearer(s) as bearer:
        bearer.policy = lambda f: None
        a, b = sent(s, "both at once", notify=BOTH)
        data = bearer.wait_data(b)
        bearer.send(bearer.ack(data, 0, "7f04"))
        bearer.reported("7f04", 0, b)
        equal(notified(s, a).status, "delivered")
        outcome(s, b, "delivered")


def test_report_in_front_of_its_acceptance(s):
    """In one write, and nothing else is in flight; noted at once, because the window is full, or 20 ms later."""
    for n, window in enumerate((1, 500)):
        with Bearer(s, window=window) as bearer:
            bearer.policy = lambda f: None
            a, b = sent(s, "the wrong way round", notify=BOTH)
            data, smsc_id = bearer.wait_data(b), "7f1%d" % n
            report = frame(DATA, 5000 + n, (RP, from_network(status_report(n, b))), (SMSC, b"test"), (SMSC_ID, smsc_id.encode()), (FLAGS, b"\x20"))
            bearer.send(report + bearer.ack(data, 0, smsc_id))
            equal(bearer.answer_to(5000 + n)["ev"], "ack", "answer to the report")
            equal(notified(s, a).status, "delivered")
            outcome(s, b, "delivered")


def test_delivered_in_a_chat(s):
    with delivering(s) as bearer, Chat(s) as chat:
        chat.accepted()
        said = chat.say("tell me", notify="positive-delivery")
        chat.heard_imdn(said.imdn_id)
        said = chat.say(PARTS, notify="positive-delivery")
        chat.heard_imdn(said.imdn_id)
        equal(len(bearer.find("data", b=chat.b)), 4)
        chat.bye()


# ---- QUERY ----

def asked(bearer, number):
    """What USER says; its DA is the one asked for."""
    ref = next(bearer.refs)
    bearer.send(frame(QUERY, ref, (DA, number.encode())))
    f = bearer.wait("user", ref=ref)
    equal(f.get("da", ""), number, "DA")
    return bool(f.get("flags", 0) & UP)


def test_query(s):
    with Bearer(s) as bearer:
        a, unknown = s.pair()
        equal((asked(bearer, a), asked(bearer, unknown)), (False, False))
        come(s, a)
        equal((asked(bearer, a), asked(bearer, a[1:]), asked(bearer, a[:-1])), (True, False, False))
        tell(s, register(a, expires=0))
        equal(asked(bearer, a), False)
        equal((asked(bearer, "+15559990002"), asked(bearer, "+15559990003")), (True, False), "a number of chats, and the one behind")
        tell(s, register(a))
        equal(asked(bearer, a), True, "registered, and nobody knows what its clients can do: unregistered=try tries")


def test_query_counts_capabilities(stack):
    with stack(modparams=dict(FAST, unregistered="absent")) as s, Bearer(s) as bearer:
        for contacts, want in (((), False), ((device(1, "+g.3gpp.smsip"),), False), ((device(1, CPM),), True), ((device(1, IM),), True)):
            a = s.pair()[0]
            tell(s, register(a, request_of(*contacts), "message/sip"))
            equal(asked(bearer, a), want, contacts)
            equal(user(bearer, a, 0), [True] * want, contacts)


def test_query_for_garbage(s):
    with Bearer(s) as bearer:
        a = s.pair()[0]
        come(s, a)
        for number in ("", "+", "Alice", "+" + "9" * 40, "+49\x00170", "tel:" + a, "x" * 1900, "\u00e4"):
            equal(asked(bearer, number), False, repr(number))
        bearer.send(b"".join(frame(QUERY, 1000 + k, (DA, a.encode()), (200, b"new"), (FLAGS, b"\xff")) for k in range(5000)))
        bearer.wait("user", 5001, 20, da=a)
        equal({f.get("flags") for f in bearer.find("user", da=a)}, {UP})
        bearer.send(frame(USER, 1, (DA, a.encode())) + frame(ALERT, 1) + frame(ALERT, 2, (DA, b"Alice")) + frame(ALERT, 3, (DA, b"\xff" * 1900)))
        equal(bearer.sms(s.pair()[1], a, "still there")["ev"], "ack")
        check(not bearer.find("lost"), "the link was closed")


def test_query_while_the_database_is_locked(s):
    """It reads, so it is answered."""
    with Bearer(s) as bearer:
        a = s.pair()[0]
        come(s, a)
        with contextlib.closing(sqlite3.connect(str(s.db), isolation_level=None)) as db:
            db.execute("BEGIN IMMEDIATE")
            equal(asked(bearer, a), True)
            db.execute("ROLLBACK")


# ---- USER unasked ----

def test_user_came_and_went(s):
    with Bearer(s) as bearer:
        a = s.pair()[0]
        come(s, a)
        equal(user(bearer.synced(), a), [True])
        come(s, a)
        come(s, a, device(1, CPM), device(2, IM))
        tell(s, register(a, request_of(device(2, IM)), "message/sip"))
        equal(user(bearer.synced(), a), [True], "at refreshes")
        tell(s, register(a, expires=0))
        equal(user(bearer.synced(), a), [True, False])
        tell(s, register(a, expires=0))
        equal(user(bearer.synced(), a), [True, False], "gone already")
        come(s, a)
        equal(user(bearer.synced(), a), [True, False, True])
        equal({f["ref"] for f in bearer.find("user", da=a)}, {0})


def test_user_of_each_number(s):
    """The numbers of an implicit set come and go together; a NOTIFY says it, too."""
    with Bearer(s) as bearer:
        a, c = s.pair()[0], s.pair()[0]
        tell(s, notify(reginfo(["tel:" + a, "tel:" + c], (1, "registered", 3600, {"+g.oma.sip-im": ""}))))
        equal((user(bearer.synced(), a), user(bearer, c)), ([True], [True]))
        tell(s, notify(reginfo(["tel:" + a, "tel:" + c], active=False)))
        equal((user(bearer.synced(), a), user(bearer, c)), ([True, False], [True, False]))


def test_user_whose_registration_was_over(s):
    with Bearer(s) as bearer:
        a = s.pair()[0]
        come(s, a, expires=3)
        wait_for(lambda: not asked(bearer, a), 20, 0.2, "the end of the registration")
        equal(user(bearer, a, 0), [True], "an end by time is not told")
        come(s, a)
        equal(user(bearer.synced(), a, 0), [True, True])


def test_user_is_back_who_could_not_be_reached(s):
    """The bearer has told the network that A is absent: any sign of life is news (R-79)."""
    with Bearer(s) as bearer:
        a, b = s.pair()
        come(s, a)
        s.a.policy = lambda r: Answer(480) if r.uri == "tel:" + a else Answer(200)
        equal(bearer.sms(b, a, "hi")["status"], 480)
        equal(user(bearer, a), [True])
        come(s, a)
        equal(user(bearer.synced(), a), [True, True])
        come(s, a)
        equal(user(bearer.synced(), a), [True, True], "said once")


def test_user_came_while_the_attempt_ran(s):
    with Bearer(s) as bearer:
        a, b = s.pair()
        come(s, a)
        s.a.policy = lambda r: Answer(0 if r.uri == "tel:" + a else 200)
        ref = bearer.data(deliver(b, "hi"), a)
        check(s.a.wait(lambda r: r.uri == "tel:" + a, 20), "no MESSAGE")
        come(s, a)
        equal(bearer.answer_to(ref)["status"], 408)
        wait_for(lambda: user(bearer, a) == [True, True], 20, 0.05, "USER behind the ERROR")


def test_users_without_a_connector(s):
    """Nobody listens: nothing is kept, and nothing is lost of the registration."""
    a = s.pair()[0]
    come(s, a)
    with Bearer(s) as bearer:
        equal((asked(bearer, a), user(bearer, a, 0)), (True, []))


# ---- ALERT ----

def test_alert_makes_it_due(s):
    """Three messages that wait a minute: those for B are sent when B is back, the others stay."""
    with Bearer(s) as bearer:
        bearer.policy = bearer.error
        a, b = sent(s)
        _, other = sent(s)
        parts = sent(s, "two parts " * 20)[1]
        bearer.wait_data(b), bearer.wait_data(other), bearer.wait_data(parts, 2)
        bearer.synced()
        bearer.policy = lambda f: bearer.ack(f, DELIVERED)
        bearer.send(frame(ALERT, 0, (DA, b.encode())) * 3)
        bearer.wait_data(b, 2)
        outcome(s, b, "delivered")
        bearer.send(frame(ALERT, 0, (DA, parts.encode())))
        first, second = bearer.wait_data(parts, 4)[2:]
        check(first["ref"] < second["ref"], "the parts are out of order")
        outcome(s, parts, "delivered")
        equal((len(bearer.find("data", b=b)), len(bearer.find("data", b=other)), len(bearer.find("data", b=parts))), (2, 1, 4))


def test_alert_overtakes_nothing(s):
    """ALERT and the answer before it in one read: the segment is queued, then due. One that is out is not sent twice."""
    with Bearer(s) as bearer:
        bearer.policy = lambda f: None
        _, b = sent(s)
        f = bearer.wait_data(b)
        bearer.send(frame(ALERT, 0, (DA, b.encode())))
        bearer.synced()
        equal(len(bearer.find("data", b=b)), 1)
        bearer.policy = bearer.ack
        bearer.send(bearer.error(f, 27, TEMPORARY | UNKNOWN) + frame(ALERT, 0, (DA, b.encode())))
        equal(bearer.wait_data(b, 2)[1].get("flags"), 1)
        outcome(s, b, "accepted")


# ---- STATUS ----

def test_status_of_errors(s):
    """5.8: absent because deregistered, or because there was no answer; busy; 0 is silence"""
    with Bearer(s) as bearer:
        refs, wanted = {}, {}
        for code in (0, 200, 404, 408, 410, 430, 480, 486, 503, 604):
            a, b = s.pair()
            wanted["tel:" + a] = code
            refs[code] = (a, b)
        s.a.policy = lambda r: Answer(wanted.get(r.uri, 200))
        refs = {code: bearer.data(deliver(b, "hi"), a) for code, (a, b) in refs.items()}
        found = {code: bearer.answer_to(ref) for code, ref in refs.items()}
        equal({code: (f["ev"], f.get("status", 0)) for code, f in found.items()},
              {code: ("ack", 0) if code == 200 else ("error", code or 408) for code in refs})


def test_status_of_a_report_that_matches_nothing(s):
    """It may be about a message of A's phone: 404 in the ACK. One that matches has none."""
    with Bearer(s) as bearer:
        bearer.policy = lambda f: bearer.ack(f, 0, "report-me")
        _, b = sent(s, notify=BOTH)
        bearer.wait_data(b)
        equal(bearer.reported("report-me", 0, b).get("status", 0), 0)
        equal(bearer.reported("report-me", 0, b)["status"], 404, "a second one")
        equal(bearer.reported("nobody's", 0, b)["status"], 404)


def test_status_of_our_own_errors(s):
    """None: A said nothing"""
    with Bearer(s) as bearer:
        a, b = s.pair()
        f = bearer.answer_to(bearer.data(bytes.fromhex("04") + b"\x0b\x91\x61\x66\x06\x00\x00\xf0\x00\x04" + bytes.fromhex("62112280000000") + b"\x01x", a))
        equal((f["ev"], f.get("status")), ("error", None))


def test_status_of_one_who_is_not_registered(stack):
    """unregistered=absent: deregistered, not unreachable"""
    with stack(modparams=dict(FAST, unregistered="absent")) as s, Bearer(s) as bearer:
        a, b = s.pair()
        equal(bearer.sms(b, a, "hi")["status"], 404)
        come(s, a)
        equal(user(bearer.synced(), a), [True])


# ---- the service centre's address ----

AUTHORISE = """
event_route[ipsmgw:authorise] {
	if ($ipsmgw(text) == "by subscriber data") {
		$ipsmgw(route) = "+49171987654321";
	}
	if ($ipsmgw(text) == "by name") {
		$ipsmgw(route) = "other";
	}
}
"""


def test_service_centre_of_subscriber_data(stack):
    """R-37: the one that the script names, in SMSC and RP-DA; else ours"""
    s = stack(start=False, modparams=dict(FAST, sc_address="+491710760000"))
    with open(s.cfg, "a", encoding="utf-8") as cfg:
        cfg.write(AUTHORISE)
    s.start()
    with Bearer(s) as bearer:
        for text, smsc, sc in (("by subscriber data", "+49171987654321", "+49171987654321"), ("by name", "other", "+491710760000"), ("hello", None, "+491710760000")):
            f = bearer.wait_data(sent(s, text)[1])
            equal((f.get("smsc"), rp_da(f["octets"])), (smsc, sc), text)
        bearer.policy = lambda f: bearer.error(f, 42, TEMPORARY, 1)
        _, b = sent(s, "by subscriber data")
        again = bearer.wait_data(b, 2)[1]
        equal((again.get("smsc"), rp_da(again["octets"])), ("+49171987654321", "+49171987654321"), "at the second attempt")


# ---- a connector that knows none of this ----

def test_old_connector(stack):
    """The one of SMPP is told of users and takes no notice."""
    with Stack(modparams=FAST) as s:
        a, b = s.pair()
        lost = s.connector.log_path.read_text().count("is down:")
        come(s, a)
        tell(s, register(a, expires=0))
        come(s, a)
        equal(s.text("hello", a, b)[1].code, 202)
        s.smsc.wait_submits(b)
        equal(s.smsc.mo(b, a, b"hi"), 0)
        equal(s.connector.log_path.read_text().count("is down:"), lost, "losses of the link")
