/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */

#include "store_int.h"

/*
 * Every statement that runs between store_open() and store_close(). All are prepared at open, so a
 * wrong one fails there, and every one finds its rows by an index (store_test_query_plans()). None has a
 * RETURNING: SQLite makes a table for its rows (store_noted.c does without).
 *
 * Literal states, because partial indexes want literals:
 *   direction  1 out, 2 in
 *   message    1 ASSEMBLING, 2 PENDING, 3 ACCEPTED, 4 DELIVERED, 5 FAILED, 6 EXPIRED
 *   segment    1 QUEUED, 2 SENT, 3 ACCEPTED, 4 DELIVERED, 5 FAILED, 6 EXPIRED
 */
_Static_assert(STORE_OUT == 1 && STORE_IN == 2, "literals in SQL");
_Static_assert(MESSAGE_ASSEMBLING == 1 && MESSAGE_PENDING == 2 && MESSAGE_ACCEPTED == 3,
	       "literals in SQL");
_Static_assert(MESSAGE_DELIVERED == 4 && MESSAGE_EXPIRED == 6, "literals in SQL");
_Static_assert(SEGMENT_QUEUED == 1 && SEGMENT_SENT == 2 && SEGMENT_ACCEPTED == 3,
	       "literals in SQL");

/* clang-format off */
/* The segments or fragments of message id: part_id() of parts 0..255. */
#define PARTS_OF(id) " id BETWEEN " id " << 8 AND " id " << 8 | 255 "

#define SQL_OUTCOME                                                                                \
	" id, state, imdn_request, n_segments, created_ms, session_id, cause, a, b, service,"          \
	" conversation_id, contribution_id, imdn_id, coalesce(smsc_used, smsc), smsc_id"

/* What an UPDATE of one message leaves is noted (store_noted.c); it is the value of updated_ms. */
#define SQL_NOTED(updated_ms, state, cause, smsc, smsc_id)                                         \
	" updated_ms = noted(" updated_ms ", id, " state ", imdn_request, n_segments, created_ms,"     \
	" session_id, " cause ", ref_bits, a, b, service, conversation_id, contribution_id, imdn_id, " \
	smsc ", " smsc_id ") "
#define SMSC_USED "coalesce(smsc_used, smsc)"
#define STATE_IF(column, then) "CASE " column " WHEN 1 THEN " then " ELSE state END"

/* Its outcome is not known yet: PENDING, or ACCEPTED with a report asked for (IMDN bits 0 and 1). */
#define OUT_OPEN " direction = 1 AND (state = 2 OR state = 3 AND imdn_request & 3) "

/* Its updated_ms is indexed for purge, and that is a page anywhere. It is moved by B's messages when it is half an hour
 * old, by A's never, who has last_a_ms; unless a clock was five minutes ahead. */
#define CONVERSATION_FRESH_A(now_ms) " updated_ms <= " now_ms " + 300000"
#define CONVERSATION_FRESH_B(now_ms) " updated_ms BETWEEN " now_ms " - 1800000 AND " now_ms " + 300000"

/* When it was used last: of A's messages the last one, of B's to half an hour. */
#define CONVERSATION_USED " max(updated_ms, coalesce(last_a_ms, 0))"

#define SQL_CONVERSATION                                                                           \
	"SELECT id, a, b, conversation_id, contribution_id, service, created_ms," CONVERSATION_USED    \
	" FROM conversation"

#define SESSION_COLUMNS                                                                            \
	" kind, state, flags, a, b, number, name, language, service, conversation_id,"                 \
	" contribution_id, smsc, call_id, local_tag, remote_tag, local_uri, remote_uri,"               \
	" remote_target, route_set, local_cseq, remote_cseq, updated_ms"
#define SESSION_VALUES                                                                             \
	"?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19,"        \
	" ?20, ?21, ?22"
#define SQL_SESSION "SELECT" SESSION_COLUMNS ", created_ms, id FROM session"

#define SQL_NUMBER "SELECT b, number, a, contribution_id, session_id, flags, until_ms FROM number"

/* NOT INDEXED: the parts of one message, never the queue of all. */
#define SQL_MESSAGE                                                                                \
	"SELECT id, direction, state, a, b, service, conversation_id, contribution_id, in_reply_to,"   \
	" imdn_id, coalesce(smsc_used, smsc), smsc_id, imdn_request, n_segments, cause,"               \
	" CASE direction WHEN 2 THEN attempts ELSE (SELECT max(attempts) FROM segment NOT INDEXED"     \
	"  WHERE" PARTS_OF("message.id") ") END,"                                                      \
	" created_ms, updated_ms,"                                                                     \
	" CASE direction WHEN 2 THEN next_attempt_ms ELSE (SELECT min(next_attempt_ms)"                \
	"  FROM segment NOT INDEXED WHERE" PARTS_OF("message.id") "AND segment.state = 1) END"         \
	" FROM message"

const char *const store_sql[STMT_COUNT] = {
	[STMT_BEGIN] =
		"BEGIN IMMEDIATE",
	[STMT_BEGIN_READ] =
		"BEGIN",
	[STMT_COMMIT] =
		"COMMIT",
	[STMT_ROLLBACK] =
		"ROLLBACK",

	/* ---- what the process before us left half done ---- */
	[STMT_REQUEUE_SENT] =
		"UPDATE segment SET state = 1, resubmit = 1, next_attempt_ms = 0 WHERE id IN"
		" (SELECT s.id FROM message m CROSS JOIN segment s NOT INDEXED" /* in this order */
		"  WHERE m.direction = 1 AND m.state = 2 AND m.expires_ms >= 0"
		"  AND s.id BETWEEN m.id << 8 AND m.id << 8 | 255 AND s.state = 2)",
	[STMT_REQUEUE_DELIVERING] =
		"UPDATE message SET next_attempt_ms = 0"
		" WHERE ref_bits > 0 AND state <= 2 AND next_attempt_ms IS NULL",
	[STMT_REQUEUE_NOTIFYING] = /* the whole table: it holds open work only */
		"UPDATE notification SET next_attempt_ms = 0"
		" WHERE id > 0 AND next_attempt_ms IS NULL",

	/* ---- CPM -> SMS ---- */
	[STMT_CONVERSATION_OF_A_AGAIN] =
		"UPDATE conversation SET conversation_id = coalesce(?3, conversation_id),"
		" contribution_id = ?4, service = ?5, last_a_ms = ?6"
		" WHERE a = ?1 AND b = ?2 AND" CONVERSATION_FRESH_A("?6"),
	[STMT_CONVERSATION_OF_A] =
		"INSERT INTO conversation(a, b, conversation_id, contribution_id, service,"
		" last_a_ms, created_ms, updated_ms)"
		" VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?6, ?6)"
		" ON CONFLICT(a, b) DO UPDATE SET"
		" conversation_id = coalesce(excluded.conversation_id, conversation_id),"
		" contribution_id = excluded.contribution_id, service = excluded.service,"
		" last_a_ms = excluded.last_a_ms, updated_ms = excluded.updated_ms",
	[STMT_MESSAGE_ADD] =
		"INSERT INTO message(direction, state, created_ms, updated_ms, expires_ms,"
		" n_segments, to_accept, to_deliver, imdn_request, a, b, service,"
		" conversation_id, contribution_id, in_reply_to, imdn_id, imdn_route, smsc,"
		" sent_at, oa, session_id, instance, original_to)"
		" VALUES(1, 2, ?1, ?1, ?2, ?3, ?3, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12,"
		" ?13, ?14, ?15, ?16, ?17, ?18)",
	[STMT_MESSAGE_RETRIED] =
		"SELECT state, created_ms FROM message WHERE id = ?1 AND a = ?2 AND b = ?3 AND direction = 1",
	[STMT_MESSAGE_BY_KEY] = /* store_retry_index.c: of before schema 7 */
		"SELECT id FROM message WHERE repeat_key = ?1 AND direction = 1",
	[STMT_MESSAGE_ANY_KEY] =
		"SELECT EXISTS(SELECT 1 FROM message INDEXED BY message_retried"
		" WHERE direction = 1 AND repeat_key IS NOT NULL)",
	[STMT_RETRY_ADD] =
		"INSERT INTO retry(at_ms, keys) VALUES(?1, ?2)",
	[STMT_RETRY_PURGE] = /* with each that is added */
		"DELETE FROM retry WHERE id IN (SELECT id FROM retry WHERE id > 0 ORDER BY id LIMIT ?3)"
		" AND at_ms NOT BETWEEN ?1 AND ?2",
	[STMT_RETRY_OCTETS] = /* all of a small table, but as a range: no other statement may read a whole one */
		"SELECT sum(length(keys)) FROM retry WHERE id > 0 AND at_ms > ?1 AND at_ms < ?2",
	[STMT_RETRY_LOAD] =
		"SELECT at_ms, keys FROM retry WHERE id > 0 AND at_ms > ?1 AND at_ms < ?2 ORDER BY id",
	[STMT_SEGMENT_ADD] =
		"INSERT INTO segment(id, state, tp_mr, next_attempt_ms, tpdu)"
		" VALUES(?1, ?2, ?3, ?4, ?5)",
	[STMT_SEGMENTS_DUE] =
		"SELECT id, next_attempt_ms FROM segment"
		" WHERE state = 1 AND next_attempt_ms <= ?1"
		" ORDER BY next_attempt_ms, id LIMIT ?2",
	[STMT_SEGMENTS_HURRIED] =
		"SELECT id, next_attempt_ms FROM segment WHERE state = 1"
		" AND (next_attempt_ms, id) > (?1, ?2) AND next_attempt_ms <= ?3"
		" ORDER BY next_attempt_ms, id LIMIT ?4",
	[STMT_SEGMENTS_FIRST] =
		"SELECT min(next_attempt_ms) FROM segment WHERE state = 1",
	[STMT_SEGMENTS_LAST] =
		"SELECT max(next_attempt_ms) FROM segment WHERE state = 1",
	[STMT_SEGMENTS_ALERT] =
		"UPDATE segment SET next_attempt_ms = ?2 WHERE id IN"
		" (SELECT s.id FROM message m CROSS JOIN segment s NOT INDEXED" /* in this order */
		"  WHERE m.b = ?1 AND m.direction = 1 AND m.state = 2"
		"  AND s.id BETWEEN m.id << 8 AND m.id << 8 | 255 AND s.state = 1"
		"  AND s.next_attempt_ms > ?2)",
	[STMT_SEGMENT_SEND] =
		"UPDATE segment SET state = 2 WHERE id = ?1",
	[STMT_SEGMENT_SENT] =
		"SELECT tpdu, attempts, resubmit FROM segment WHERE id = ?1",
	[STMT_SEGMENT_ROUTE] =
		"SELECT a, b, smsc, coalesce(oa, a), expires_ms FROM message WHERE id = ?1",
	[STMT_SEGMENT_ATTEMPTS] =
		"SELECT attempts FROM segment WHERE id = ?1",
	[STMT_SEGMENT_RETRY] =
		"UPDATE segment SET state = 1, next_attempt_ms = ?2, cause = ?3,"
		" resubmit = resubmit | ?4, attempts = attempts + ?5"
		" WHERE id = ?1 AND state = 2",
	[STMT_SEGMENT_DONE] = /* how often it was tried is asked for */
		"DELETE FROM segment WHERE id = ?1 AND attempts = 0",
	[STMT_SEGMENT_ACCEPT] =
		"UPDATE segment SET state = 3, tpdu = NULL, smsc = ?2, smsc_id = ?3"
		" WHERE id = ?1",
	[STMT_SEGMENT_CLOSE] =
		"UPDATE segment SET state = 5, tpdu = NULL, cause = ?2"
		" WHERE id = ?1 AND state IN (1, 2)",
	/* SENT too: whatever its answer is, it must not bring the segment back */
	[STMT_SEGMENTS_DROP] =
		"UPDATE segment SET state = ?2, tpdu = NULL"
		" WHERE" PARTS_OF("?1") "AND state <= 2",
	[STMT_SEGMENT_BY_SMSC_ID] =
		"SELECT id FROM segment WHERE smsc_id = ?1 AND smsc = ?2 AND state = 3"
		" ORDER BY id DESC LIMIT 1",
	[STMT_SEGMENT_RECIPIENT] =
		"SELECT b FROM message WHERE id = (SELECT id >> 8 FROM segment"
		" WHERE smsc_id = ?1 AND smsc = ?2 AND state = 3 ORDER BY id DESC LIMIT 1)",
	[STMT_SEGMENT_REPORT] =
		"UPDATE segment SET state = ?2, tp_st = ?3 WHERE id = ?1 AND state = 3",
	/* also QUEUED: the late answer to an attempt that was given up saves the next one */
	[STMT_MESSAGE_ACCEPT] =
		"UPDATE message SET state = " STATE_IF("to_accept", "3") ","
		" to_accept = to_accept - 1, smsc_used = ?2, smsc_id = ?3,"
		SQL_NOTED("?4", STATE_IF("to_accept", "3"), "cause", "coalesce(?2, smsc)", "?3")
		"WHERE id = ?1 >> 8 AND EXISTS (SELECT 1 FROM segment WHERE id = ?1 AND state IN (1, 2))",
	[STMT_MESSAGE_DELIVER] =
		"UPDATE message SET state = " STATE_IF("to_deliver", "4") ", to_deliver = to_deliver - 1,"
		SQL_NOTED("?2", STATE_IF("to_deliver", "4"), "cause", SMSC_USED, "smsc_id")
		"WHERE id = ?1 AND" OUT_OPEN,
	[STMT_MESSAGE_HAS] = /* also one that is ACCEPTED for good */
		"UPDATE message SET state = " STATE_IF("to_deliver", "4") ", to_deliver = to_deliver - 1,"
		SQL_NOTED("?2", STATE_IF("to_deliver", "4"), "cause", SMSC_USED, "smsc_id")
		"WHERE id = ?1 AND direction = 1 AND state IN (2, 3)",
	[STMT_MESSAGE_FAIL] =
		"UPDATE message SET state = 5, cause = ?2,"
		SQL_NOTED("?3", "5", "?2", SMSC_USED, "smsc_id")
		"WHERE id = ?1 AND" OUT_OPEN,
	[STMT_MESSAGE_OUTCOME] =
		"SELECT" SQL_OUTCOME " FROM message WHERE id = ?1 AND" OUT_OPEN,
	[STMT_MESSAGE_OVERDUE] =
		"SELECT id, (SELECT max(cause) FROM segment NOT INDEXED WHERE" PARTS_OF("m.id") ")"
		" FROM message m WHERE direction = 1 AND state = 2 AND expires_ms <= ?1"
		" AND NOT EXISTS (SELECT 1 FROM segment NOT INDEXED"
		"  WHERE" PARTS_OF("m.id") "AND state = 2)"
		" ORDER BY expires_ms LIMIT 1",
	[STMT_MESSAGE_EXPIRE] =
		"UPDATE message SET state = 6, cause = ?3,"
		SQL_NOTED("?2", "6", "?3", SMSC_USED, "smsc_id")
		"WHERE id = ?1",

	/* ---- SMS -> CPM ---- */
	[STMT_CONVERSATION_OF_B] =
		"INSERT INTO conversation(a, b, conversation_id, created_ms, updated_ms)"
		" VALUES(?1, ?2, ?3, ?4, ?4)"
		" ON CONFLICT(a, b) DO UPDATE SET"
		" conversation_id = coalesce(conversation_id, excluded.conversation_id),"
		" updated_ms = excluded.updated_ms",
	[STMT_CONVERSATION_THREAD] =
		"SELECT conversation_id, contribution_id, last_a_ms FROM conversation"
		" WHERE a = ?1 AND b = ?2 AND conversation_id IS NOT NULL AND" CONVERSATION_FRESH_B("?3"),
	[STMT_SMS_SET] =
		"SELECT id, state, cause, owed, have, last_part, created_ms, updated_ms, next_attempt_ms FROM message"
		" WHERE a = ?1 AND b = ?2 AND ref = ?3 AND ref_bits = ?4 AND n_segments = ?5"
		" AND ref_bits > 0 ORDER BY id DESC LIMIT 1",
	[STMT_SMS_SAME] =
		"SELECT id, state, owed, next_attempt_ms FROM message WHERE repeat_key = ?1"
		" AND direction = 2 AND ref_bits = 0 AND updated_ms > ?2 ORDER BY id",
	[STMT_SMS_ADD] =
		"INSERT INTO message(direction, state, created_ms, updated_ms, next_attempt_ms,"
		" n_segments, have, last_part, ref_bits, ref, scts_s, zone_minutes, a, b,"
		" conversation_id, contribution_id, in_reply_to, imdn_id, repeat_key, session_id)"
		" VALUES(2, ?1, ?2, ?2, ?3, ?4, 1, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14,"
		" ?15, ?16, ?17)",
	[STMT_SMS_AGAIN] =
		"UPDATE message SET owed = 0, next_attempt_ms = NULL, updated_ms = ?2"
		" WHERE id = ?1",
	[STMT_SMS_GROW] =
		"UPDATE message SET have = have + 1, state = ?2, last_part = ?3, next_attempt_ms = ?4,"
		" updated_ms = ?5 WHERE id = ?1",
	[STMT_SMS_GET] =
		"SELECT m.id, m.session_id, m.a, m.b, c.service, m.conversation_id, m.contribution_id,"
		" m.in_reply_to, m.imdn_id, m.scts_s, m.zone_minutes, m.n_segments, m.attempts,"
		" m.created_ms FROM message m LEFT JOIN conversation c ON c.a = m.a AND c.b = m.b"
		" WHERE m.id = ?1 AND m.direction = 2",
	[STMT_SMS_END] =
		"UPDATE message SET state = ?2, cause = ?3, owed = ?4, next_attempt_ms = NULL,"
		SQL_NOTED("?5", "?2", "?3", SMSC_USED, "smsc_id")
		"WHERE id = ?1 AND direction = 2 AND state <= 2",
	[STMT_SMS_RETRY] =
		"UPDATE message SET attempts = attempts + 1, next_attempt_ms = ?2"
		" WHERE id = ?1 AND direction = 2 AND state = 2",
	[STMT_SMS_OWE] =
		"UPDATE message SET owed = 1"
		" WHERE id = ?1 AND direction = 2 AND ref_bits = 0 AND state = 4",
	[STMT_SMS_STEP] =
		"UPDATE message SET next_attempt_ms = next_attempt_ms + ?1 * (next_attempt_ms > 0),"
		" created_ms = created_ms + ?1"
		" WHERE ref_bits > 0 AND state <= 2 AND next_attempt_ms >= 0",
	[STMT_SMS_STEP_SENT] =
		"UPDATE message SET created_ms = created_ms + ?1"
		" WHERE ref_bits > 0 AND state <= 2 AND next_attempt_ms IS NULL",
	[STMT_SMS_HURRY] =
		"UPDATE message SET next_attempt_ms = ?2"
		" WHERE a = ?1 AND ref_bits > 0 AND state = 2 AND next_attempt_ms > ?2",
	[STMT_SMS_DUE] =
		"SELECT id FROM message"
		" WHERE ref_bits > 0 AND state <= 2 AND next_attempt_ms <= ?1"
		" ORDER BY next_attempt_ms, id LIMIT ?2",
	[STMT_SMS_DELIVER] =
		"UPDATE message SET state = 2, next_attempt_ms = NULL WHERE id = ?1",
	[STMT_SMS_FIRST] =
		"SELECT min(next_attempt_ms) FROM message"
		" WHERE ref_bits > 0 AND state <= 2 AND next_attempt_ms >= 0",
	[STMT_FRAGMENT_KEY] =
		"SELECT key FROM fragment WHERE id = ?1",
	[STMT_FRAGMENT_ADD] =
		"INSERT INTO fragment(id, tp_dcs, key, units) VALUES(?1, ?2, ?3, ?4)",
	[STMT_FRAGMENTS] =
		"SELECT id & 255, tp_dcs, units FROM fragment WHERE" PARTS_OF("?1")
		"AND units IS NOT NULL ORDER BY id",
	[STMT_FRAGMENTS_ERASE] =
		"UPDATE fragment SET units = NULL WHERE" PARTS_OF("?1"),
	[STMT_FRAGMENTS_DELETE] =
		"DELETE FROM fragment WHERE" PARTS_OF("?1"),

	/* ---- notifications for A ---- */
	[STMT_NOTIFICATION_ADD] =
		"INSERT INTO notification(message_id, kind, status, created_ms, next_attempt_ms, imdn_id)"
		" SELECT id, ?2, ?3, ?4, ?5, ?6 FROM message WHERE id = ?1",
	[STMT_NOTIFICATION_GET] =
		"SELECT n.id, n.message_id, n.kind, n.status, n.imdn_id, n.attempts, n.created_ms,"
		" m.a, m.b, m.service, m.conversation_id, m.contribution_id, m.imdn_id, m.sent_at,"
		" m.imdn_route, m.instance, m.original_to, m.session_id"
		" FROM notification n JOIN message m ON m.id = n.message_id WHERE n.id = ?1",
	[STMT_NOTIFICATIONS_DUE] =
		"SELECT id FROM notification WHERE next_attempt_ms <= ?1"
		" ORDER BY next_attempt_ms, id LIMIT ?2",
	[STMT_NOTIFICATION_SEND] =
		"UPDATE notification SET next_attempt_ms = NULL WHERE id = ?1",
	[STMT_NOTIFICATIONS_FIRST] =
		"SELECT min(next_attempt_ms) FROM notification WHERE next_attempt_ms >= 0",
	[STMT_NOTIFICATIONS_STEP] =
		"UPDATE notification SET next_attempt_ms = next_attempt_ms + ?1"
		" WHERE next_attempt_ms IS NOT NULL AND next_attempt_ms > 0",
	[STMT_NOTIFICATION_RETRY] =
		"UPDATE notification SET attempts = attempts + ?3, next_attempt_ms = ?2"
		" WHERE id = ?1 AND next_attempt_ms IS NULL",
	/* also one that waits again: the late answer to an attempt that was given up saves the next one */
	[STMT_NOTIFICATION_DONE] =
		"DELETE FROM notification WHERE id = ?1",

	/* ---- what A's clients registered; a source may only add to what a lower one said ---- */
	[STMT_REGISTRATION_SET] =
		"INSERT INTO registration(a, key, bits, expires_ms, scscf, learned_from, updated_ms)"
		" VALUES(?1, coalesce(?2, ''), ?3, ?4, ?5, ?6, ?7)"
		" ON CONFLICT(a, key) DO UPDATE SET"
		" bits = excluded.bits |"
		"  CASE WHEN learned_from < excluded.learned_from THEN bits ELSE 0 END,"
		" expires_ms = excluded.expires_ms, scscf = coalesce(excluded.scscf, scscf),"
		" learned_from = min(learned_from, excluded.learned_from),"
		" updated_ms = excluded.updated_ms",
	[STMT_REGISTRATION_REMOVE] =
		"DELETE FROM registration WHERE a = ?1 AND key = coalesce(?2, '')",
	[STMT_REGISTRATION_CLEAR] =
		"DELETE FROM registration WHERE a = ?1 AND learned_from >= ?2",
	[STMT_REGISTRATION_STALE] =
		"UPDATE registration SET bits = bits & ~?3"
		" WHERE a = ?1 AND bits & ?2",
	[STMT_REGISTRATION_GET] =
		"SELECT bits, scscf, updated_ms FROM registration WHERE a = ?1 AND expires_ms > ?2",
	[STMT_REGISTRATIONS_PURGE] =
		"DELETE FROM registration WHERE id IN (SELECT id FROM registration"
		" WHERE expires_ms <= ?1 ORDER BY expires_ms LIMIT ?2)",

	[STMT_IDENTITY_SET] =
		"INSERT INTO identity(impu, a, expires_ms) VALUES(?1, ?2, ?3)"
		" ON CONFLICT(impu) DO UPDATE SET a = excluded.a, expires_ms = excluded.expires_ms",
	[STMT_IDENTITY_REMOVE] =
		"DELETE FROM identity WHERE impu = ?1",
	[STMT_IDENTITIES_PURGE] =
		"DELETE FROM identity WHERE id IN (SELECT id FROM identity"
		" WHERE expires_ms <= ?1 ORDER BY expires_ms LIMIT ?2)",

	/* ---- chat sessions ---- */
	[STMT_SESSION_ADD] =
		"INSERT INTO session(" SESSION_COLUMNS ", created_ms) VALUES(" SESSION_VALUES ", ?22)",
	[STMT_SESSION_PUT] =
		"UPDATE session SET (" SESSION_COLUMNS ") = (" SESSION_VALUES ") WHERE id = ?23",
	[STMT_SESSION_GET] = SQL_SESSION " WHERE id = ?1",
	[STMT_SESSIONS_OPEN] =
		SQL_SESSION " WHERE state <> 0 AND created_ms >= 0 ORDER BY created_ms, id",
	[STMT_SESSIONS_PURGE] =
		"DELETE FROM session WHERE id IN (SELECT id FROM session"
		" WHERE state = 0 AND updated_ms < ?1 ORDER BY updated_ms LIMIT ?2)",

	/* ---- numbers that stand for A ---- */
	[STMT_NUMBER_BIND] =
		"INSERT INTO number(b, number, a, contribution_id, session_id, flags, until_ms,"
		" updated_ms) VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)"
		" ON CONFLICT(b, number) DO UPDATE SET"
		" a = excluded.a, contribution_id = excluded.contribution_id,"
		" session_id = excluded.session_id, flags = excluded.flags,"
		" until_ms = excluded.until_ms, updated_ms = excluded.updated_ms",
	[STMT_NUMBER_GET] =
		SQL_NUMBER " WHERE b = ?1 AND number = ?2 AND until_ms > ?3",
	[STMT_NUMBER_OF_GROUP] = /* the one in use before one in quarantine */
		SQL_NUMBER " WHERE b = ?1 AND contribution_id = ?2 AND until_ms > ?3"
		" ORDER BY until_ms DESC, id DESC LIMIT 1",
	[STMT_NUMBER_OF_A] =
		SQL_NUMBER " WHERE b = ?1 AND a = ?2 AND until_ms > ?3 AND contribution_id IS NULL"
		" ORDER BY until_ms DESC, id DESC LIMIT 1",
	[STMT_NUMBERS_PURGE] =
		"DELETE FROM number WHERE id IN (SELECT id FROM number"
		" WHERE until_ms <= ?1 ORDER BY until_ms LIMIT ?2)",

	/* ---- housekeeping; the newest message stays, so that its id is not given out again ---- */
	[STMT_PURGE_FIND] =
		"SELECT id FROM message m"
		" WHERE (state >= 3 OR (direction = 2 AND ref_bits = 0)) AND updated_ms < ?1"
		" AND id < (SELECT max(id) FROM message)"
		" AND NOT EXISTS (SELECT 1 FROM notification WHERE message_id = m.id)"
		" ORDER BY updated_ms LIMIT ?2",
	[STMT_PURGE_SEGMENTS] =
		"DELETE FROM segment WHERE" PARTS_OF("?1"),
	[STMT_PURGE_MESSAGE] =
		"DELETE FROM message WHERE id = ?1",
	[STMT_PURGE_FIND_CONVERSATIONS] =
		"SELECT id, " CONVERSATION_USED " FROM conversation"
		" WHERE updated_ms < ?1 ORDER BY updated_ms LIMIT ?2",
	[STMT_PURGE_CONVERSATION] =
		"DELETE FROM conversation WHERE id = ?1",
	[STMT_CONVERSATION_USED] =
		"UPDATE conversation SET updated_ms = ?2 WHERE id = ?1",

	/* ---- reading; the bounds that are always true make the planner walk the index ---- */
	[STMT_READ_UUID] =
		"SELECT uuid FROM meta WHERE id = 1",
	[STMT_READ_CONVERSATIONS] =
		SQL_CONVERSATION " WHERE id > 0 ORDER BY id DESC LIMIT ?1 OFFSET ?2",
	[STMT_READ_CONVERSATION] =
		SQL_CONVERSATION " WHERE a = ?1 AND b = ?2",
	[STMT_READ_MESSAGES] =
		SQL_MESSAGE " WHERE id > 0 ORDER BY id DESC LIMIT ?1 OFFSET ?2",
	[STMT_READ_MESSAGE] =
		SQL_MESSAGE " WHERE id = ?1",
	[STMT_READ_SESSIONS] =
		SQL_SESSION " WHERE id > 0 ORDER BY id DESC LIMIT ?1 OFFSET ?2",
	[STMT_READ_IDENTITY] =
		"SELECT a FROM identity WHERE impu = ?1 AND expires_ms > ?2",
	[STMT_READ_WAITING] =
		"SELECT count(*) FROM segment WHERE state = 1 AND next_attempt_ms >= 0",
	[STMT_READ_ASSEMBLING] =
		"SELECT count(*) FROM message WHERE ref_bits > 0 AND state <= 2"
		" AND state = 1 AND next_attempt_ms >= 0",
};
/* clang-format on */
