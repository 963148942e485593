# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 the ipsmgw authors
"""The MSRP peer against itself, against planted faults, and before tshark; no gateway in it."""

import contextlib
import pathlib
import re
import tempfile

from harness import check, equal
from chat import MsrpCapture
from msrp_frame import FrameReader
from msrp_peer import FaultFound, MsrpPeer, Reply, interleave, make_certificate
import sdp
from sip_peer import cpim

TO, FROM = "msrp://127.0.0.1:2855/s7f3k2m9q1;tcp", "msrp://127.0.0.1:9/FmnP3kQz81;tcp"


@contextlib.contextmanager
def two(active="passive", offer=None, certificate=None, client_ca=None, bind=True):
    """Two peers joined by SDP: (session that offered, session that answered)."""
    with MsrpPeer(certificate=certificate) as p, MsrpPeer(certificate=certificate, client_ca=client_ca) as q:
        left, right = p.session(), q.session()
        offered = sdp.Sdp(sdp.offer(left, **dict({"setup": "actpass"}, **(offer or {}))))
        answer = sdp.Sdp(sdp.offer(right, setup=active))
        equal(offered.faults + sdp.answer_faults(offered, answer), [], "faults of the SDP")
        left.use(answer)
        right.use(offered)
        first, second = (left, right) if active == "passive" else (right, left)
        first.start(True, bind)
        if bind:
            second.start(False)
        yield left, right
        p.check()
        q.check()


def faults_of(session, wanted):
    """The peer of session has recorded a fault with this text; forget it."""
    peer = session.peer
    check(peer.until(lambda: any(wanted in f for f in peer.faults), 5), "no fault with", repr(wanted), "but", peer.faults)
    peer.faults.clear()


# ---- what is right ----

def test_both_ways_of_connecting():
    for active in ("passive", "active"):
        with two(active) as (left, right):
            equal(left.send("over", "text/plain").codes, [200])
            equal(right.send(cpim("back", "tel:+1", "tel:+2")).codes, [200])
            equal((right.texts, left.texts), (["over"], ["back"]))
            equal(len(left.binds) + len(right.binds), 1, "empty SENDs")


def test_bind_without_message_id():
    with two(bind=False) as (left, right):
        left.bind_now(message_id=False)
        faults_of(right, "without Message-ID")


def test_chunks_and_ranges():
    body = bytes(range(256)) * 20
    with two() as (left, right):
        for options, count in (({}, 1), ({"chunk": 1000}, 6), ({"chunk": 2048, "byte_range": "{start}-*/{total}"}, 3), ({"chunk": 700, "byte_range": "{start}-*/*"}, 8)):
            sent = left.send(body, "application/octet-stream", **dict({"byte_range": "{start}-*/{total}"}, **options))
            equal(sent.codes, [200] * count, "%s" % options)
            equal(right.messages[-1].body, body, "%s" % options)
            equal(len(right.messages[-1].frames), count)


def test_content_that_looks_like_an_end_line():
    with two() as (left, right):
        body = b"a\r\n-------0123456789abcdef$\r\nMSRP x SEND\r\n\r\n\r\n"
        equal(left.send(body, "text/plain").codes, [200])
        equal(right.wait().body, body)


def test_octet_by_octet():
    with two() as (left, right):
        sent = left.plan("slowly", "text/plain")
        left.transmit(sent.chunks, step=1)
        equal(sent.wait(), [200])
        equal(right.texts, ["slowly"])


def test_interleaved_messages():
    with two() as (left, right):
        one, other = left.plan("a" * 1000, "text/plain", chunk=100), left.plan("b" * 500, "text/plain", chunk=100)
        left.transmit(interleave(one, other))
        equal((one.wait(), other.wait()), ([200] * 10, [200] * 5))
        equal(right.texts, ["b" * 500, "a" * 1000])


def test_abort():
    with two() as (left, right):
        equal(left.send("x" * 300, "text/plain", chunk=100, abort_after=2, byte_range="{start}-*/{total}").codes, [200, 200])
        equal((right.messages, [len(m.body) for m in right.aborted]), ([], [200]))


def test_reports():
    with two() as (left, right):
        sent = left.send("report me", "text/plain", chunk=4, success="yes")
        report = sent.wait_report()
        equal((report.status[:2], report.get("Byte-Range"), report.message_id), ((0, 200), "1-9/9", sent.message_id))
        quiet = left.send("fails", "text/plain", failure="partial")
        equal(quiet.codes, [None], "no answer to a success when partial is asked")
        right.wait(lambda m: m.text == "fails")
        right.report(right.messages[-1], "000 403 No")
        equal(quiet.wait_report(403).status[1], 403)


def test_policies():
    with two() as (left, right):
        right.policy = lambda frame: Reply(413, "Too much")
        equal(left.send("x", "text/plain").codes, [413])
        right.policy = lambda frame: Reply(200, delay=0.3)
        sent = left.send_later("later", "text/plain")
        equal(sent.codes, [None])
        equal(sent.wait(), [200])
        right.policy = lambda frame: Reply(0)
        equal(left.send("nothing", "text/plain", timeout=0.3).codes, [None])
        right.policy = lambda frame: Reply(200, close=True)
        equal(left.send("bye", "text/plain").codes, [200])
        check(left.wait_closed(), "the connection goes on")


def test_several_sessions_on_one_connection():
    with two() as (left, right):
        more_left, more_right = left.peer.session(), right.peer.session()
        more_left.use(more_right.path)
        more_right.use(more_left.path)
        more_left.connect(share=left)
        more_left.bind_now()
        equal((more_left.send("second", "text/plain").codes, left.send("first", "text/plain").codes), ([200], [200]))
        equal((right.texts, more_right.texts), (["first"], ["second"]))


def test_drop_and_connect_again():
    with two() as (left, right):
        for abort in (False, True):
            left.drop(abort)
            check(right.wait_closed(), "the other end has not seen it")
            left.start(True)
            equal(left.send("again", "text/plain").codes, [200])
        equal((right.texts, right.bound), (["again", "again"], 3))


def test_tls():
    with tempfile.TemporaryDirectory() as d:
        mine, other = make_certificate(d), make_certificate(d, "other")
        with two(certificate=mine, client_ca=mine.cert) as (left, right):
            check(left.path.startswith("msrps:"), left.path)
            equal(left.send("secret", "text/plain").codes, [200])
            left.verify(left.connection)
            left.remote_fingerprint = other.fingerprint
            with refused(FaultFound, "a=fingerprint"):
                left.verify(left.connection)


@contextlib.contextmanager
def refused(kind, text):
    try:
        yield
    except kind as e:
        check(text in str(e), "%s says %r, not %r" % (kind.__name__, str(e), text))
        return
    check(False, "no", kind.__name__)


# ---- planted faults in one frame ----

def frame(start="MSRP d93kswow SEND", paths=("To-Path: " + TO, "From-Path: " + FROM), headers=("Message-ID: 12339sdqwer", "Byte-Range: 1-5/5"),
          content="text/plain", body="hello", end="-------d93kswow$"):
    lines = [start] + list(paths) + list(headers) + (["Content-Type: " + content, "", body] if content else []) + [end, ""]
    return "\r\n".join(lines).encode()


SWAPPED, OK = ("From-Path: " + FROM, "To-Path: " + TO), "MSRP d93kswow 200 OK"
REPORT = {"start": "MSRP d93kswow REPORT", "content": None}
NO_LENGTH = "Message-ID: 12339sdqwer"

PLANTED = {
    "wrong order of paths": (frame(paths=SWAPPED), "To-Path is not header 1"),
    "no To-Path": (frame(paths=SWAPPED[:1]), "To-Path is not header 1"),
    "no From-Path": (frame(paths=SWAPPED[1:]), "From-Path is not header 2"),
    "path after another header": (frame(headers=SWAPPED, paths=(NO_LENGTH,)), "To-Path is not header 1"),
    "two To-Paths": (frame(headers=("Message-ID: 12339sdqwer", "To-Path: " + TO)), "stands 2 times"),
    "not a URI": (frame(paths=("To-Path: sip:x@y", SWAPPED[0])), "not an MSRP URI"),
    "URI without transport": (frame(paths=("To-Path: msrp://127.0.0.1:2855/abc", SWAPPED[0])), "not an MSRP URI"),
    "URI without session": (frame(paths=("To-Path: msrp://127.0.0.1:2855;tcp", SWAPPED[0])), "without session id"),
    "no blank after the colon": (frame(headers=("Message-ID:12339sdqwer", "Byte-Range: 1-5/5")), "not a header line"),
    "no Message-ID": (frame(headers=("Byte-Range: 1-5/5",)), "SEND without Message-ID"),
    "short Message-ID": (frame(headers=("Message-ID: abc",)), "value of Message-ID"),
    "Success-Report maybe": (frame(headers=(NO_LENGTH, "Success-Report: maybe")), "value of Success-Report"),
    "Failure-Report NO": (frame(headers=(NO_LENGTH, "Failure-Report: NO")), "value of Failure-Report"),
    "range too long": (frame(headers=(NO_LENGTH, "Byte-Range: 1-6/6")), "Byte-Range 1-6/6 with 5 octets"),
    "range too short": (frame(headers=(NO_LENGTH, "Byte-Range: 1-4/5")), "Byte-Range 1-4/5 with 5 octets"),
    "range from 0": (frame(headers=(NO_LENGTH, "Byte-Range: 0-4/5")), "starts at 0"),
    "last chunk before the total": (frame(headers=(NO_LENGTH, "Byte-Range: 1-5/9")), "last chunk ends at 5 of 9"),
    "beyond the total": (frame(headers=(NO_LENGTH, "Byte-Range: 1-*/4")), "beyond the total"),
    "more to come after the total": (frame(headers=(NO_LENGTH, "Byte-Range: 1-5/5"), end="-------d93kswow+"), "the flag is +"),
    "chunk without range": (frame(headers=(NO_LENGTH,), end="-------d93kswow+"), "no Byte-Range"),
    "long chunk that cannot be interrupted": (frame(headers=(NO_LENGTH, "Byte-Range: 1-2049/2049"), body="x" * 2049), "cannot be interrupted"),
    "Content-Type not last": (frame(headers=("Content-Type: text/plain", NO_LENGTH), content=None, end="\r\nhello\r\n-------d93kswow$"), "not the last header"),
    "Content-Type without content": (frame(headers=(NO_LENGTH, "Content-Type: text/plain"), content=None), "Content-Type without content"),
    "content without type": (frame(headers=(NO_LENGTH,), content=None, end="\r\nhello\r\n-------d93kswow$"), "not the last header"),
    "Content-Type of one word": (frame(content="text"), "value of Content-Type"),
    "unknown method": (frame(start="MSRP d93kswow PUBLISH"), "method PUBLISH"),
    "response with content": (frame(start=OK, headers=()), "response with content"),
    "response that goes on": (frame(start=OK, headers=(), content=None, end="-------d93kswow+"), "response ends with +"),
    "response with Message-ID": (frame(start=OK, headers=(NO_LENGTH,), content=None), "200 with Message-ID"),
    "response over two hops": (frame(start=OK, headers=(), content=None, paths=("To-Path: %s %s" % (TO, FROM), SWAPPED[0])), "goes to one hop"),
    "REPORT without Status": (frame(headers=(NO_LENGTH, "Byte-Range: 1-5/5"), **REPORT), "REPORT without Status"),
    "REPORT without range": (frame(headers=(NO_LENGTH, "Status: 000 200 OK"), **REPORT), "REPORT without Byte-Range"),
    "Status of another namespace": (frame(headers=(NO_LENGTH, "Byte-Range: 1-5/5", "Status: 001 200"), **REPORT), "namespace"),
    "Status without namespace": (frame(headers=(NO_LENGTH, "Byte-Range: 1-5/5", "Status: 200 OK"), **REPORT), "value of Status"),
    "REPORT that asks for reports": (frame(headers=(NO_LENGTH, "Byte-Range: 1-5/5", "Status: 000 200", "Success-Report: yes"), **REPORT), "with Success-Report"),
}

LOST = {
    "wrong transaction in the end line": (frame(end="-------d93kswox$"), "end line b'-------d93kswox$'"),
    "end line without flag": (frame(end="-------d93kswow") + frame(), "end line b'-------d93kswow'"),
    "wrong end line without content": (frame(content=None, end="-------d93kswow!"), "end line b'-------d93kswow!'"),
    "six dashes": (frame(content=None, end="------d93kswow$\r\n\r\n"), None),
    "lower case": (frame(start="msrp d93kswow SEND"), "no MSRP start line"),
    "short transaction id": (frame(start="MSRP d93 SEND"), "no MSRP start line"),
    "line feeds only": (frame().replace(b"\r\n", b"\n"), "no MSRP start line"),
    "octets between frames": (b"\r\n" + frame(), "no MSRP start line"),
}


def read(octets):
    reader = FrameReader()
    return [f for f in reader.feed(octets)], reader


def test_a_good_frame_has_no_fault():
    goods = [frame(), frame(headers=(NO_LENGTH,)), frame(content=None, headers=(NO_LENGTH,)), frame(start=OK, headers=(), content=None),
             frame(start="MSRP d93kswow 200", headers=(), content=None), frame(headers=(NO_LENGTH, "X-More: of it", "Byte-Range: 6-*/*"), end="-------d93kswow#"),
             frame(headers=(NO_LENGTH, "Byte-Range: 1-5/5", "Status: 000 200 OK"), **REPORT), frame(headers=(NO_LENGTH, "Byte-Range: 1-0/0"), body="")]
    frames, reader = read(b"".join(goods))
    equal((len(frames), reader.lost, reader.rest), (len(goods), None, b""))
    equal([f.faults for f in frames], [[]] * len(goods))
    for cut in range(len(goods[0])):
        equal(read(goods[0][:cut])[0], [], "half a frame")


def test_planted_faults_are_found():
    for name, (octets, wanted) in PLANTED.items():
        frames, reader = read(octets)
        equal((len(frames), reader.lost), (1, None), name)
        check(any(wanted in f for f in frames[0].faults), "%s: no %r but %s" % (name, wanted, frames[0].faults))


def test_a_stream_that_cannot_be_cut():
    for name, (octets, wanted) in LOST.items():
        frames, reader = read(octets + b"MSRP ")
        equal(frames, [], name)
        check(wanted in reader.lost if wanted else reader.rest, "%s: %s" % (name, reader.lost))


# ---- planted faults in a conversation ----

def plant(octets, wanted, bind=True, before=lambda left, right: None):
    """left sends octets (a function of both), and right finds the fault."""
    with two(bind=bind) as (left, right):
        before(left, right)
        left.raw(octets(left, right))
        faults_of(right, wanted)
        left.peer.faults.clear()


def send_of(left, right, tid="abcd1234", headers="Message-ID: mid-%s\r\n", start="SEND", end=None, paths=None, body="hello"):
    to, fro = paths or (right.path, left.path)
    headers = headers % tid if "%" in headers else headers
    return ("MSRP %s %s\r\nTo-Path: %s\r\nFrom-Path: %s\r\n%sContent-Type: text/plain\r\n\r\n%s\r\n-------%s\r\n" % (
        tid, start, to, fro, headers, body, end or tid + "$")).encode()


def test_conversation_faults():
    plant(lambda l, r: send_of(l, r, paths=("msrp://127.0.0.1:1/nobody;tcp", l.path)), "no session of ours")
    plant(lambda l, r: send_of(l, r, paths=(r.path, "msrp://127.0.0.1:1/nobody;tcp")), "not the path of the SDP")
    plant(lambda l, r: send_of(l, r) + send_of(l, r, headers="Message-ID: another\r\n"), "transaction id abcd1234 is used twice")
    plant(lambda l, r: send_of(l, r) + send_of(l, r, "efgh5678", "Message-ID: mid-abcd1234\r\n"), "is used twice")
    plant(lambda l, r: send_of(l, r, headers="Message-ID: parts\r\nByte-Range: 6-10/10\r\n"), "not where the last ended")
    plant(lambda l, r: ("MSRP nobody12 200 OK\r\nTo-Path: %s\r\nFrom-Path: %s\r\n-------nobody12$\r\n" % (r.path, l.path)).encode(), "response to no request")
    plant(lambda l, r: b"MSRP half", "stream ends inside a frame", before=lambda l, r: l.peer.loop.loop.call_later(0.2, l.drop))


def report_of(left, right, message_id, status="000 200 OK", byte_range="1-5/5", tid="abcd1234"):
    return ("MSRP %s REPORT\r\nTo-Path: %s\r\nFrom-Path: %s\r\nMessage-ID: %s\r\nByte-Range: %s\r\nStatus: %s\r\n-------%s$\r\n" % (
        tid, right.path, left.path, message_id, byte_range, status, tid)).encode()


def test_report_faults():
    cases = (({}, {}, "that was not asked for"), ({"success": "yes"}, {"byte_range": "1-6/6"}, "REPORT about octets"),
             ({"failure": "no"}, {"status": "000 408"}, "that was not wanted"))
    for asked, told, wanted in cases:
        with two() as (left, right):
            left.auto_report = False
            sent = right.send("hello", "text/plain", **asked)
            left.raw(report_of(left, right, sent.message_id, **told))
            faults_of(right, wanted)
    plant(lambda l, r: report_of(l, r, "unheard-of"), "a message that we did not send")
    plant(lambda l, r: report_of(l, r, "unheard-of"), "first request on a connection is REPORT", bind=False)


def answer_with(text):
    """A policy that answers by a text of the frame"""
    return lambda f: Reply(raw=text(f).encode()) if f.body else Reply()


def test_response_faults():
    line = "MSRP %s 200 OK\r\nTo-Path: %s\r\nFrom-Path: %s\r\n-------%s$\r\n"
    cases = ((lambda f: line % (f.tid, f.to_path[0], f.from_path[0], f.tid), "swapped"),
             (lambda f: (line % (f.tid, f.from_path[0], f.to_path[0], f.tid)) * 2, "second response"),
             (lambda f: line % (f.tid, f.from_path[0], f.to_path[0], "wrong"), "end line"))
    for text, wanted in cases:
        with two() as (left, right):
            right.policy = answer_with(text)
            left.send("x", "text/plain", timeout=2 if wanted == "end line" else 10) if wanted != "end line" else left.send_later("x", "text/plain")
            faults_of(left, wanted)
    for mode in ("no", "partial"):
        with two() as (left, right):
            right.policy = answer_with(lambda f: line % (f.tid, f.from_path[0], f.to_path[0], f.tid))
            left.send("x", "text/plain", failure=mode)
            faults_of(left, "although Failure-Report is " + mode)


def test_second_connection_of_a_session():
    with two() as (left, right):
        again = left.peer.session()
        again.path, again.uri = left.path, left.uri
        again.use(right.path).connect()
        chunk = again.raw(send_of(left, right))[0]
        equal(again.wait_response(chunk).code, 506)
        faults_of(right, "second connection")


def test_frame_that_does_not_end():
    with two() as (left, right):
        left.raw(b"MSRP abcd1234 SEND\r\n")
        right.peer.until(lambda: any(c.frames.rest for c in right.peer.connections), 5)
        with refused(FaultFound, "does not end"):
            right.peer.check(timeout=0.2)
        left.raw(send_of(left, right).partition(b"\r\n")[2])
        right.wait()


def test_sdp_faults():
    with MsrpPeer() as peer:
        session = peer.session()
        for change, wanted in ((("^a=path.*\r\n", ""), "a=path"), (("^m=message", "m=audio"), "m= line"), (("^a=accept-types.*\r\n", ""), "accept-types"),
                               (("path:msrp:", "path:msrps:"), "the m= line TCP/MSRP"), (("\r\n", "\n"), "CRLF"), (("^s=-\r\n", ""), "in this order")):
            found = sdp.Sdp(sdp.offer(session, change=[change])).faults
            check(any(wanted in f for f in found), "%s: %s" % (change, found))
        offered = sdp.Sdp(sdp.offer(session, setup="active", direction="sendonly"))
        for answer, wanted in (({"setup": "active"}, "answered with active"), ({"setup": "passive", "direction": "sendonly"}, "answered with a=sendonly"),
                               ({"setup": "passive", "cema": True}, "was not offered"), ({"setup": "passive", "proto": "TCP/TLS/MSRP"}, "TCP/TLS/MSRP")):
            found = sdp.answer_faults(offered, sdp.Sdp(sdp.offer(peer.session(), **answer)))
            check(any(wanted in f for f in found), "%s: %s" % (answer, found))


# ---- the judge ----

def test_tshark_finds_nothing_malformed():
    with tempfile.TemporaryDirectory() as d, two() as (left, right):
        capture = MsrpCapture(pathlib.Path(d) / "msrp.pcap", right.peer.port)
        left.send("hello", "text/plain", success="yes").wait_report()
        left.send("x" * 3000, "text/plain", chunk=700, one_by_one=True)
        left.send("x" * 300, "text/plain", chunk=100, abort_after=2, byte_range="{start}-*/*", one_by_one=True)
        right.send(cpim("Привет", "tel:+1", "tel:+2"))
        right.policy = lambda f: Reply(415, "What is it")
        left.send("no", "text/plain")
        seen = capture.judge()
        check(seen["SEND"] == 10 and seen["REPORT"] == 1 and seen["200"] >= 9 and seen["415"] == 1, "tshark saw", dict(seen))
        ranges = capture.tshark("-Y", "msrp.method == SEND", "-T", "fields", "-e", "msrp.byte.range")
        check(re.search(r"1-700/3000", ranges) and re.search(r"101-\*/\*", ranges), "ranges", ranges)
