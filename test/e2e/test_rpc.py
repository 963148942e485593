# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 the ipsmgw authors
"""What the operator sees: kamcmd ipsmgw.* and the statistics."""

import sqlite3
import subprocess

from harness import RpcError, Stack, check, equal, wait_for
import harness


def fault_of(s, *args):
    try:
        s.rpc(*args)
    except RpcError as e:
        return e.code
    return None


def test_conversation(s):
    a, b = s.pair()
    m, _ = s.text("hello", a, b)
    s.smsc.wait_submits(b)
    conv = s.rpc("ipsmgw.conv_get", a, b)[0]
    equal((conv["a"], conv["b"], conv["conversation_id"], conv["contribution_id"]), (a, b, m.conversation_id, m.contribution_id))
    check(any(c["conversation_id"] == m.conversation_id for c in s.rpc("ipsmgw.conv_list", 10, 0)), "conv_list")
    equal(fault_of(s, "ipsmgw.conv_get", a, "+1999"), 404)
    equal(fault_of(s, "ipsmgw.conv_get", a), 400)


def test_message(s):
    a, b = s.pair()
    m, _ = s.text("hello", a, b, notify="positive-delivery")
    s.smsc.wait_submits(b)
    newest = wait_for(lambda: next((x for x in s.rpc("ipsmgw.msg_list", 5, 0) if x["b"] == b and x["state"] == "delivered"), None), 20, 0.1, "delivered")
    got = s.rpc("ipsmgw.msg_get", newest["id"])[0]
    equal((got["a"], got["b"], got["conversation_id"], got["contribution_id"], got["imdn_id"], got["state"]),
          (a, b, m.conversation_id, m.contribution_id, m.imdn_id, "delivered"))
    equal(fault_of(s, "ipsmgw.msg_get", 99999999), 404)
    equal(fault_of(s, "ipsmgw.msg_get", "abc"), 400)


def test_ids_beyond_31_bits(s):
    """At 5000 messages a second they are reached after five days."""
    db = sqlite3.connect(str(s.db), timeout=30, isolation_level=None)
    db.execute("INSERT INTO message(id, direction, state, created_ms, updated_ms, n_segments, a, b) VALUES(3000000000, 1, 4, 1, 1, 1, '+1998', '+1999')")
    db.close()
    a, b = s.pair()
    m, _ = s.text("hello", a, b, notify="positive-delivery")
    s.smsc.wait_submits(b)
    newest = wait_for(lambda: next((x for x in s.rpc("ipsmgw.msg_list", 5, 0) if x["b"] == b and x["state"] == "delivered"), None), 20, 0.1, "delivered")
    check(int(newest["id"]) > 3000000000, newest["id"])
    equal(s.rpc("ipsmgw.msg_get", "s:%s" % newest["id"])[0]["imdn_id"], m.imdn_id)
    equal(fault_of(s, "ipsmgw.msg_get", "s:99999999999999999999"), 404)


def test_limit_and_offset(s):
    for _ in range(5):
        a, b = s.pair()
        s.text("x", a, b)
        s.smsc.wait_submits(b)
    everything = [m["id"] for m in s.rpc("ipsmgw.msg_list", 5, 0)]
    equal([m["id"] for m in s.rpc("ipsmgw.msg_list", 2, 1)], everything[1:3])
    equal(len(s.rpc("ipsmgw.msg_list", 1, 0)), 1)
    check(1 <= len(s.rpc("ipsmgw.msg_list")) <= 1000, "without arguments")
    equal(fault_of(s, "ipsmgw.msg_list", 10, "some"), 400)
    equal(fault_of(s, "ipsmgw.conv_list", "many"), 400)


def all_pages(s, method, limit):
    """(rows, answers) of a list, going on where each answer says."""
    rows, answers, offset = [], 0, 0
    while offset is not None:
        page = s.rpc(method, limit, offset)
        more = page.pop() if "next_offset" in page[-1] else {}
        rows, answers = rows + page, answers + 1
        offset = int(more["next_offset"]) if more else None
        equal(offset, len(rows) if more else None)
    return rows, answers


def test_long_rows(stack):
    """Ids of peers as long as they may be: a list ends before what kamcmd can read, and says where it goes on."""
    message = ("INSERT INTO message(direction, state, created_ms, updated_ms, n_segments, a, b, service, conversation_id, contribution_id, in_reply_to,"
               " imdn_id, smsc, smsc_id) VALUES(1, 4, 1, 1, 1, ?1, ?1, 'cpm-chat', ?2, ?2, ?2, ?2, ?1, ?3)")
    session = ("INSERT INTO session(kind, state, flags, a, b, number, name, service, conversation_id, contribution_id, call_id, local_cseq, remote_cseq,"
               " created_ms, updated_ms) VALUES(1, 0, 0, ?1, ?1, ?1, ?2, 'cpm-chat', ?2, ?2, ?3, 1, 1, 1, 1)")
    conversation = ("INSERT INTO conversation(a, b, conversation_id, contribution_id, service, created_ms, updated_ms)"
                    " VALUES(?4, ?1, ?2, ?2, 'cpm-chat', 1, 1)")
    with stack() as s:
        db = sqlite3.connect(str(s.db), timeout=30)
        for k in range(500):
            for insert, long in ((message, 79), (session, 3000), (conversation, 1)):
                db.execute(insert, ("+" + "9" * 31, "i" * 255, "c" * long, "+%031d" % k)[:insert.count("?4") + 3])
        db.commit()
        db.close()
        for method in ("ipsmgw.msg_list", "ipsmgw.session_list", "ipsmgw.conv_list"):
            rows, answers = all_pages(s, method, 500)
            equal((len(rows), len({r["id"] for r in rows})), (500, 500), method)
            check(answers > 1, "%s: %d answers" % (method, answers))
            check(all(len(r["conversation_id"]) == 255 and len(r.get("call_id", "")) in (0, 3000) for r in rows), "rows as they are: " + method)
            check("next_offset" not in s.rpc(method, 20, 0)[-1], "a short list has all")


def test_link(s):
    link = str(s.rpc("ipsmgw.link_list"))
    check("test" in link and "up" in link, link)


def test_link_says_why(stack):
    """Which side is gone, and since when: not what was the matter before."""
    def link():
        return s.rpc("ipsmgw.link_list")[0]

    with stack() as s:
        up = link()
        equal((up["state"], up["reason"]), ("up", ""), "at first")
        s.smsc.program.stop()
        wait_for(lambda: "refused" in link()["reason"], 30, 0.1, "the SMSC that is gone")
        down = link()
        check(down["state"] == "down" and int(down["changed_ms"]) > int(up["changed_ms"]), up, down)
        s.connector.stop()
        wait_for(lambda: link()["reason"] == "connector is away", 10, 0.1, "the connector that is gone")
        equal((link()["state"], link()["changed_ms"]), ("down", down["changed_ms"]), "down since the SMSC went")


def test_no_text_in_lists_or_logs(s):
    a, b = s.pair()
    s.text("a secret nobody may read", a, b)
    s.smsc.wait_submits(b)
    s.smsc.mo(b, a, b"another secret nobody may read")
    wait_for(lambda: s.a.wait(lambda r: r.uri.startswith("tel:" + a)), 20)
    for what in (str(s.rpc("ipsmgw.msg_list", 10, 0)), s.kamailio.log_path.read_text(), s.connector.log_path.read_text()):
        check("secret nobody" not in what, "a text is shown:", what[:200])
    check("secret" not in s.connector.log_path.read_text().replace("a secret", ""), "the password is in the log")


def test_text_is_erased_from_the_store(s):
    a, b = s.pair()
    s.text("ERASEME" * 4, a, b)
    s.smsc.wait_submits(b)
    wait_for(lambda: any(m["b"] == b and m["state"] == "accepted" for m in s.rpc("ipsmgw.msg_list", 5, 0)), 20, 0.1, "accepted")
    with sqlite3.connect("file:%s?mode=ro" % s.db, uri=True) as db:
        tables = [t for (t,) in db.execute("select name from sqlite_master where type='table'")]
        rows = "".join(repr(row) for t in tables for row in db.execute("select * from " + t))
    check("ERASEME" not in rows, "the text is still there")


def test_outcome_line(s):
    a, b = s.pair()
    m, _ = s.text("hello", a, b)
    s.smsc.wait_submits(b)
    wait_for(lambda: m.conversation_id in s.kamailio.log_path.read_text(), 20, 0.1, "an outcome line in Kamailio's log")
    lines = [line for line in s.kamailio.log_path.read_text().splitlines() if m.conversation_id in line and "result=" in line]
    equal(len(lines), 1, "outcome lines")
    check(a in lines[0] and b in lines[0] and "segs=1" in lines[0], lines[0])


def test_statistics(s):
    before = s.statistics()
    check(before, "no statistics")
    a, b = s.pair()
    s.text("x" * 300, a, b)
    s.smsc.wait_submits(b, 2)
    s.smsc.mo(b, a, b"reply")

    def counted():
        now = s.statistics()
        return {k: now[k] - before.get(k, 0) for k in now if now[k] != before.get(k, 0)}
    wait_for(lambda: counted().get("sms_accepted", 0) == 2, 20, 0.1, "sms_accepted")
    changed = counted()
    equal((changed.get("cpm_received"), changed.get("sms_submitted"), changed.get("sms_received")), (1, 2, 1), "counters %r" % changed)


def test_process_is_named(s):
    check("ipsmgw spool" in str(s.rpc("core.psx")), "core.psx does not show the spool process")


def start_fails(text, **options):
    """Kamailio must refuse this configuration with a line that holds text."""
    s = Stack(start=False, **options)
    try:
        s.smsc.start()
        s.kamailio.start()
        wait_for(lambda: not s.kamailio.alive(), 20, 0.1, "kamailio to refuse " + str(options))
        log = s.kamailio.log_path.read_text()
        check(text in log, "no line with %r in:\n%s" % (text, harness.tail(s.kamailio.log_path)))
    finally:
        s.close()


def test_wrong_parameters_stop_the_start(s):
    for options, text in (({"answer": "sometimes"}, "answer"), ({"modparams": {"max_segments": 0}}, "max_segments"), ({"modparams": {"max_segments": 300}}, "max_segments"),
                          ({"modparams": {"ref_bits": 9}}, "ref_bits"), ({"modparams": {"next_hop": "scscf"}}, "next_hop"),
                          ({"modparams": {"msrp_tls_fingerprint": "SHA-256 48:4C"}}, "msrp_tls_fingerprint"), ({"modparams": {"retry_schedule_s": "1,x"}}, "retry_schedule_s"),
                          ({"db_path": "/nonexistent/dir/ipsmgw.db"}, "/nonexistent/dir")):
        start_fails(text, **options)


def test_connector_checks_its_configuration(s):
    """A line it does not know ends the start with that line named."""
    bad = s.dir / "bad.cfg"
    bad.write_text("smsc x\n protocol smpp\n bogus-keyword 1\n")
    done = subprocess.run([str(harness.CONNECTOR), "-c", str(bad)], capture_output=True, text=True, timeout=10, check=False)
    check(done.returncode != 0 and "bogus" in done.stderr + done.stdout, done.returncode, done.stderr)
    done = subprocess.run([str(harness.CONNECTOR), "-c", str(s.dir / "absent.cfg")], capture_output=True, text=True, timeout=10, check=False)
    check(done.returncode != 0, "an absent file")
