/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */

#include "store_int.h"

/*
 * The tables, one upgrade step a version; the only place where they are written down. A step that
 * was ever installed is never changed: what is new is a new step.
 *
 *   conversation  the thread of (A, B): what a reply of B needs
 *   message       one message out (CPM -> SMS) or in (SMS -> CPM); complete in itself, so that
 *                 conversations and messages are removed without looking at each other
 *   segment       part of a message out   } id = message.id << 8 | part: the parts of a message are
 *   fragment      part of a message in    } neighbours and need no index
 *   notification  an IMDN that A has not taken yet, about a message out; gone when A has it
 *   registration  a contact of A and what it can do
 *   identity      a public user identity of A that is no number
 *   session       a chat session or large message over MSRP, with its dialog
 *   number        a number that stands for A towards one B
 *   retry         the keys of a commit's messages out, by which clients' retries are known (store_retry.c)
 *
 * The segment of a message of one goes when nothing more is to come of it (STMT_SEGMENT_DONE).
 * A is the CPM user, B the SMS user, in both directions. Times are milliseconds since 1970.
 * Numbers of states are those of store.h. Text (tpdu, units) is NULL once nobody needs it.
 * A partial index holds open work only, so that its cost does not grow with the table; a query
 * uses it only when it repeats the index's WHERE word by word.
 */

/* clang-format off */
static const char version_1[] =
	"CREATE TABLE meta("
	" id INTEGER PRIMARY KEY CHECK(id = 1),"
	" uuid TEXT NOT NULL" /* names this database to the connector: its message ids are unique in it */
	") STRICT;"

	"INSERT INTO meta VALUES(1, lower(hex(randomblob(4)) || '-' || hex(randomblob(2)) || '-4' ||"
	" substr(hex(randomblob(2)), 2) || '-' || substr('89ab', 1 + (random() & 3), 1) ||" /* RFC 4122 4.4 */
	" substr(hex(randomblob(2)), 2) || '-' || hex(randomblob(6))));"

	"CREATE TABLE conversation("
	" id INTEGER PRIMARY KEY,"
	" a TEXT NOT NULL, b TEXT NOT NULL,"
	" conversation_id TEXT," /* opaque octets of A's client, or ours; NULL for IM clients (spec 2.1) */
	" contribution_id TEXT," /* of A's last message: InReplyTo-Contribution-ID (29.311 6.1.4.3.1) */
	" service TEXT,"         /* of A's last message: the tag of what B answers (23.204 6.7) */
	" last_a_ms INTEGER,"    /* when that was; NULL if A never wrote */
	" created_ms INTEGER NOT NULL, updated_ms INTEGER NOT NULL"
	") STRICT;"
	"CREATE UNIQUE INDEX conversation_pair ON conversation(a, b);"
	"CREATE INDEX conversation_used ON conversation(updated_ms);"

	"CREATE TABLE message("
	" id INTEGER PRIMARY KEY," /* never used again: the newest row is never purged */
	" direction INTEGER NOT NULL, state INTEGER NOT NULL,"
	" created_ms INTEGER NOT NULL, updated_ms INTEGER NOT NULL,"
	" next_attempt_ms INTEGER," /* in, concatenated: assembly over, or retry; NULL while being delivered */
	" expires_ms INTEGER,"      /* out: TP-VP counted from acceptance */
	" n_segments INTEGER NOT NULL," /* out: segments; in: parts that there should be */
	" to_accept INTEGER,"       /* out: segments that no SMSC has taken */
	" to_deliver INTEGER,"      /* out: segments without a status report (23.204 6.10) */
	" have INTEGER,"            /* in: parts that came */
	" last_part INTEGER,"       /* in: the part that made it complete, whose answer waits for A's; else 0 */
	" ref_bits INTEGER NOT NULL DEFAULT 0," /* in: 8 or 16, 0 not concatenated (23.040 9.2.3.24.1, .8) */
	" ref INTEGER,"
	" attempts INTEGER NOT NULL DEFAULT 0," /* in */
	" cause INTEGER NOT NULL DEFAULT 0,"    /* RP-Cause (24.011 8.2.5.4) */
	" owed INTEGER NOT NULL DEFAULT 0,"     /* in: a repeat is acknowledged, once if it is single */
	" imdn_request INTEGER NOT NULL DEFAULT 0," /* bits of enum imdn_request (RFC 5438 6.3) */
	" scts_s INTEGER, zone_minutes INTEGER,"    /* in: TP-SCTS (23.040 9.2.3.11) */
	" a TEXT NOT NULL, b TEXT NOT NULL,"
	" service TEXT, conversation_id TEXT, contribution_id TEXT, in_reply_to TEXT,"
	" imdn_id TEXT,"    /* imdn.Message-ID: the IMDN names it octet by octet (RFC 5438 7.2.1.1) */
	" imdn_route BLOB," /* IMDN-Record-Route, back to A's device (RFC 5438 8.1) */
	" smsc TEXT,"       /* asked for */
	" smsc_used TEXT, smsc_id TEXT," /* of the segment accepted last */
	" repeat_key BLOB"  /* equal for a repeated delivery (in, single); out: of programs before version 7 */
	") STRICT;"
	"CREATE UNIQUE INDEX message_retried ON message(repeat_key) WHERE direction = 1;"
	"CREATE INDEX message_repeated ON message(repeat_key) WHERE direction = 2 AND ref_bits = 0;"
	"CREATE INDEX message_open ON message(expires_ms) WHERE direction = 1 AND state = 2;"
	"CREATE INDEX message_set ON message(a, b, ref, n_segments) WHERE ref_bits > 0;"
	"CREATE INDEX message_due ON message(next_attempt_ms) WHERE ref_bits > 0 AND state <= 2;"
	/* a single message in is the SMSC's to repeat, so nothing of ours ever waits on it */
	"CREATE INDEX message_ended ON message(updated_ms)"
	" WHERE state >= 3 OR (direction = 2 AND ref_bits = 0);"

	"CREATE TABLE segment("
	" id INTEGER PRIMARY KEY,"
	" state INTEGER NOT NULL,"
	" tp_mr INTEGER NOT NULL," /* TP-MR (23.040 9.2.3.6): matches an SMS-STATUS-REPORT of a MAP route */
	" next_attempt_ms INTEGER NOT NULL,"
	" attempts INTEGER NOT NULL DEFAULT 0,"
	" resubmit INTEGER NOT NULL DEFAULT 0," /* an attempt may have reached the SMSC: TP-RD (23.040 9.2.3.25) */
	" cause INTEGER NOT NULL DEFAULT 0,"
	" tp_st INTEGER," /* of its status report (23.040 9.2.3.15) */
	" smsc TEXT, smsc_id TEXT," /* who took it, under which message_id (SMPP 3.4 5.2.23) */
	" tpdu BLOB"
	") STRICT;"
	"CREATE INDEX segment_due ON segment(next_attempt_ms) WHERE state = 1;"
	"CREATE INDEX segment_smsc_id ON segment(smsc_id, smsc) WHERE state = 3;"

	"CREATE TABLE fragment("
	" id INTEGER PRIMARY KEY,"
	" tp_dcs INTEGER NOT NULL," /* each part has its own (spec 5.4) */
	" key BLOB NOT NULL,"       /* outlives the text: tells a repeated part from another message's */
	" units BLOB"               /* septets or octets, as tp_ud_text() gave them */
	") STRICT;";

static const char version_2[] =
	"ALTER TABLE message ADD COLUMN sent_at TEXT;" /* out: DateTime of A's CPIM, as A wrote it (RFC 3862 4.5) */

	"CREATE TABLE notification("
	/* AUTOINCREMENT: rows go when done, and a late answer must not meet another under its id */
	" id INTEGER PRIMARY KEY AUTOINCREMENT,"
	" message_id INTEGER NOT NULL," /* which stays as long as this row */
	" kind INTEGER NOT NULL, status INTEGER NOT NULL," /* the caller's numbers */
	" created_ms INTEGER NOT NULL,"
	" next_attempt_ms INTEGER," /* NULL while being sent */
	" attempts INTEGER NOT NULL DEFAULT 0,"
	" imdn_id TEXT NOT NULL" /* its own, the same in each attempt: A's client knows a repeat by it */
	") STRICT;"
	"CREATE INDEX notification_due ON notification(next_attempt_ms)"
	" WHERE next_attempt_ms IS NOT NULL;"
	"CREATE INDEX notification_of ON notification(message_id);"; /* for purge */

static const char version_3[] =
	"CREATE TABLE registration("
	" id INTEGER PRIMARY KEY,"
	" a TEXT NOT NULL,"
	" key TEXT NOT NULL,"     /* instance of the contact, else its URI; '': A itself (24.229 5.4.1.7) */
	" bits INTEGER NOT NULL," /* enum cpm_capability */
	" expires_ms INTEGER NOT NULL,"
	" scscf TEXT,"
	" learned_from INTEGER NOT NULL," /* 1 REGISTER, 2 NOTIFY */
	" updated_ms INTEGER NOT NULL"
	") STRICT;"
	"CREATE UNIQUE INDEX registration_contact ON registration(a, key);"
	"CREATE INDEX registration_ended ON registration(expires_ms);";

static const char version_4[] =
	"ALTER TABLE message ADD COLUMN oa TEXT;" /* out: the originator that B sees; NULL: a */
	"ALTER TABLE message ADD COLUMN session_id INTEGER NOT NULL DEFAULT 0;" /* 0: not of a chat session */
	"ALTER TABLE message ADD COLUMN instance TEXT;"    /* out: +sip.instance of A's device (RFC 5626 4.1) */
	"ALTER TABLE message ADD COLUMN original_to TEXT;" /* out: imdn.Original-To, as it was (RFC 5438 6.6) */

	"CREATE TABLE identity(" /* one that A has beside the number (24.229 5.4.1.2) */
	" id INTEGER PRIMARY KEY,"
	" impu TEXT NOT NULL,"
	" a TEXT NOT NULL,"
	" expires_ms INTEGER NOT NULL"
	") STRICT;"
	"CREATE UNIQUE INDEX identity_impu ON identity(impu);"
	"CREATE INDEX identity_ended ON identity(expires_ms);"

	"CREATE TABLE session("
	/* AUTOINCREMENT: messages and numbers name a session longer than it is kept */
	" id INTEGER PRIMARY KEY AUTOINCREMENT,"
	" kind INTEGER NOT NULL, state INTEGER NOT NULL," /* the caller's numbers; state 0 is closed */
	" flags INTEGER NOT NULL,"
	" a TEXT, b TEXT,"
	" number TEXT,"   /* what B sees and writes to (spec 7.3) */
	" name TEXT, language TEXT," /* for the texts to B */
	" service TEXT, conversation_id TEXT, contribution_id TEXT, smsc TEXT," /* as in message */
	" call_id TEXT, local_tag TEXT, remote_tag TEXT," /* the dialog (RFC 3261 12) */
	" local_uri TEXT, remote_uri TEXT, remote_target TEXT, route_set TEXT,"
	" local_cseq INTEGER NOT NULL, remote_cseq INTEGER NOT NULL,"
	" created_ms INTEGER NOT NULL, updated_ms INTEGER NOT NULL"
	") STRICT;"
	"CREATE INDEX session_open ON session(created_ms) WHERE state <> 0;"
	"CREATE INDEX session_ended ON session(updated_ms) WHERE state = 0;"

	"CREATE TABLE number(" /* one that stands for A, or for a group, towards this B (spec 7.3) */
	" id INTEGER PRIMARY KEY,"
	" b TEXT NOT NULL, number TEXT NOT NULL,"
	" a TEXT,"               /* NULL: a group */
	" contribution_id TEXT," /* of the group; NULL: it stands for a alone */
	" session_id INTEGER NOT NULL," /* that uses it now, else 0 */
	" flags INTEGER NOT NULL,"
	" until_ms INTEGER NOT NULL," /* end of its quarantine; the greatest integer while in use */
	" updated_ms INTEGER NOT NULL"
	") STRICT;"
	"CREATE UNIQUE INDEX number_bound ON number(b, number);"
	"CREATE INDEX number_of_group ON number(b, contribution_id, until_ms)"
	" WHERE contribution_id IS NOT NULL;"
	"CREATE INDEX number_of_a ON number(b, a, until_ms) WHERE contribution_id IS NULL;"
	"CREATE INDEX number_ended ON number(until_ms);";

static const char version_5[] = /* what waits for a B that can be reached again (TS 29.002 12.5) */
	"CREATE INDEX message_waits ON message(b) WHERE direction = 1 AND state = 2;";

static const char version_6[] = /* programs of the first hour of version 4 made it without this table */
	"CREATE TABLE IF NOT EXISTS identity("
	" id INTEGER PRIMARY KEY,"
	" impu TEXT NOT NULL,"
	" a TEXT NOT NULL,"
	" expires_ms INTEGER NOT NULL"
	") STRICT;"
	"CREATE UNIQUE INDEX IF NOT EXISTS identity_impu ON identity(impu);"
	"CREATE INDEX IF NOT EXISTS identity_ended ON identity(expires_ms);";

/* What was out before keeps its key in message.repeat_key, in the index message_retried. */
static const char version_7[] =
	"CREATE TABLE retry("
	" id INTEGER PRIMARY KEY,"
	" at_ms INTEGER NOT NULL," /* by a clock that is never set (steady_ms()) */
	" keys BLOB NOT NULL"      /* 64 bits of each, and its message.id */
	") STRICT;";
/* clang-format on */

const char *const store_upgrades[STORE_SCHEMA_VERSION] = {version_1, version_2, version_3, version_4,
							     version_5, version_6, version_7};
