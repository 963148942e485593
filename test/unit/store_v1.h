/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */
#pragma once

#include <sqlite3.h>

#include "store_fixture.h"

/*
 * A file of schema version 1 as that version's program left it. The text is a copy on purpose: what
 * is out in the field does not change with lib/store.
 */

/* clang-format off */
static const char v1_schema[] =
	"CREATE TABLE meta("
	" id INTEGER PRIMARY KEY CHECK(id = 1),"
	" uuid TEXT NOT NULL"
	") STRICT;"

	"INSERT INTO meta VALUES(1, lower(hex(randomblob(4)) || '-' || hex(randomblob(2)) || '-4' ||"
	" substr(hex(randomblob(2)), 2) || '-' || substr('89ab', 1 + (random() & 3), 1) ||"
	" substr(hex(randomblob(2)), 2) || '-' || hex(randomblob(6))));"

	"CREATE TABLE conversation("
	" id INTEGER PRIMARY KEY,"
	" a TEXT NOT NULL, b TEXT NOT NULL,"
	" conversation_id TEXT,"
	" contribution_id TEXT,"
	" service TEXT,"
	" last_a_ms INTEGER,"
	" created_ms INTEGER NOT NULL, updated_ms INTEGER NOT NULL"
	") STRICT;"
	"CREATE UNIQUE INDEX conversation_pair ON conversation(a, b);"
	"CREATE INDEX conversation_used ON conversation(updated_ms);"

	"CREATE TABLE message("
	" id INTEGER PRIMARY KEY,"
	" direction INTEGER NOT NULL, state INTEGER NOT NULL,"
	" created_ms INTEGER NOT NULL, updated_ms INTEGER NOT NULL,"
	" next_attempt_ms INTEGER,"
	" expires_ms INTEGER,"
	" n_segments INTEGER NOT NULL,"
	" to_accept INTEGER,"
	" to_deliver INTEGER,"
	" have INTEGER,"
	" last_part INTEGER,"
	" ref_bits INTEGER NOT NULL DEFAULT 0,"
	" ref INTEGER,"
	" attempts INTEGER NOT NULL DEFAULT 0,"
	" cause INTEGER NOT NULL DEFAULT 0,"
	" owed INTEGER NOT NULL DEFAULT 0,"
	" imdn_request INTEGER NOT NULL DEFAULT 0,"
	" scts_s INTEGER, zone_minutes INTEGER,"
	" a TEXT NOT NULL, b TEXT NOT NULL,"
	" service TEXT, conversation_id TEXT, contribution_id TEXT, in_reply_to TEXT,"
	" imdn_id TEXT,"
	" imdn_route BLOB,"
	" smsc TEXT,"
	" smsc_used TEXT, smsc_id TEXT,"
	" repeat_key BLOB"
	") STRICT;"
	"CREATE UNIQUE INDEX message_retried ON message(repeat_key) WHERE direction = 1;"
	"CREATE INDEX message_repeated ON message(repeat_key) WHERE direction = 2 AND ref_bits = 0;"
	"CREATE INDEX message_open ON message(expires_ms) WHERE direction = 1 AND state = 2;"
	"CREATE INDEX message_set ON message(a, b, ref, n_segments) WHERE ref_bits > 0;"
	"CREATE INDEX message_due ON message(next_attempt_ms) WHERE ref_bits > 0 AND state <= 2;"
	"CREATE INDEX message_ended ON message(updated_ms)"
	" WHERE state >= 3 OR (direction = 2 AND ref_bits = 0);"

	"CREATE TABLE segment("
	" id INTEGER PRIMARY KEY,"
	" state INTEGER NOT NULL,"
	" tp_mr INTEGER NOT NULL,"
	" next_attempt_ms INTEGER NOT NULL,"
	" attempts INTEGER NOT NULL DEFAULT 0,"
	" resubmit INTEGER NOT NULL DEFAULT 0,"
	" cause INTEGER NOT NULL DEFAULT 0,"
	" tp_st INTEGER,"
	" smsc TEXT, smsc_id TEXT,"
	" tpdu BLOB"
	") STRICT;"
	"CREATE INDEX segment_due ON segment(next_attempt_ms) WHERE state = 1;"
	"CREATE INDEX segment_smsc_id ON segment(smsc_id, smsc) WHERE state = 3;"

	"CREATE TABLE fragment("
	" id INTEGER PRIMARY KEY,"
	" tp_dcs INTEGER NOT NULL,"
	" key BLOB NOT NULL,"
	" units BLOB"
	") STRICT;";

/* One of each kind of open work, and one that is over. */
static const char v1_rows[] =
	"INSERT INTO conversation VALUES"
	"(1, '+491701', '+491702', 'conv-1', 'contrib-1', 'cpm-pager', 1000000, 1000000, 1000000);"

	"INSERT INTO message(id, direction, state, created_ms, updated_ms, expires_ms, n_segments, to_accept,"
	" to_deliver, imdn_request, a, b, service, conversation_id, contribution_id, imdn_id, imdn_route,"
	" smsc_used, smsc_id, repeat_key) VALUES"
	"(1, 1, 5, 1000000, 1000001, 4600000, 1, 1, 1, 3, '+491701', '+491702', 'cpm-pager', 'conv-1',"
	" 'contrib-1', 'imdn-1', x'3c7369703a726f7574653e', NULL, NULL, x'01000000000000000000000000000000'),"
	"(2, 1, 2, 1000000, 1000002, 4600000, 2, 2, 2, 3, '+491701', '+491702', 'cpm-pager', 'conv-1',"
	" 'contrib-1', 'imdn-2', x'3c7369703a726f7574653e', NULL, NULL, x'02000000000000000000000000000000'),"
	"(3, 1, 3, 1000000, 1000003, 4600000, 1, 0, 1, 3, '+491701', '+491702', 'cpm-pager', 'conv-1',"
	" 'contrib-1', 'imdn-3', x'3c7369703a726f7574653e', 'smsc-a', 'id-3', x'03000000000000000000000000000000');"

	"INSERT INTO message(id, direction, state, created_ms, updated_ms, next_attempt_ms, n_segments, have,"
	" last_part, ref_bits, ref, a, b, imdn_id) VALUES"
	"(4, 2, 1, 1000000, 1000004, 1010000, 2, 1, 0, 8, 42, '+491701', '+491702', 'imdn-4');"

	"INSERT INTO segment(id, state, tp_mr, next_attempt_ms, smsc, smsc_id, tpdu) VALUES"
	"(257, 5, 1, 1000000, NULL, NULL, NULL), (513, 2, 1, 1000000, NULL, NULL, x'747064752d6f6e65'),"
	"(514, 1, 2, 1000700, NULL, NULL, x'747064752d74776f'), (769, 3, 1, 1000000, 'smsc-a', 'id-3', NULL);"

	"INSERT INTO fragment VALUES(1025, 0, x'01000000000000000000000000000000', x'74657874');"
	"PRAGMA application_id = 1230000967;"
	"PRAGMA user_version = 1;";
/* clang-format on */

static inline void fixture_make_v1(const struct fixture *f)
{
	sqlite3 *db;
	bool ok = sqlite3_open(f->path, &db) == SQLITE_OK &&
		  sqlite3_exec(db, "PRAGMA journal_mode = WAL", NULL, NULL, NULL) == SQLITE_OK &&
		  sqlite3_exec(db, v1_schema, NULL, NULL, NULL) == SQLITE_OK &&
		  sqlite3_exec(db, v1_rows, NULL, NULL, NULL) == SQLITE_OK;

	CHECK(ok, "%s", sqlite3_errmsg(db));
	sqlite3_close(db);
}
