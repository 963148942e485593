/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */

/*
 * Writes a database as a month of traffic leaves it: conversations of the last 29 days, and for each a message of A
 * that the SMSC has taken and one of B that A has, of the last 7 days in order of time. The A and B of the
 * benchmark's messages (load.h) are among them.
 *
 *   full_database FILE CONVERSATIONS
 *
 * The store makes the file, so that the schema is its own; its indexes grow row by row, as full as those of a gateway are.
 */

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "load.h"
#include "store/store_int.h"

#define FIRST_CONTACT 3266489917u /* who met first is not who writes next (pair_of()) */

enum { DAY_S = 86400 };

static sqlite3 *db;
static int64_t now_ms;
static uint32_t conversations;

static void fail(const char *what)
{
	fprintf(stderr, "%s: %s\n", what, db ? sqlite3_errmsg(db) : "");
	exit(1);
}

static void run(const char *sql)
{
	if (sqlite3_exec(db, sql, NULL, NULL, NULL) != SQLITE_OK)
		fail(sql);
}

static sqlite3_stmt *prepare(const char *sql)
{
	sqlite3_stmt *s;

	if (sqlite3_prepare_v2(db, sql, -1, &s, NULL) != SQLITE_OK)
		fail(sql);
	return s;
}

static void step(sqlite3_stmt *s)
{
	if (sqlite3_step(s) != SQLITE_DONE)
		fail(sqlite3_sql(s));
	sqlite3_reset(s);
}

/* ---- values ---- */

/* Scatters the numbers 0, 1, .. over 64 bits (splitmix64). */
static uint64_t scattered(uint64_t x)
{
	x += 0x9e3779b97f4a7c15u;
	x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9u;
	x = (x ^ x >> 27) * 0x94d049bb133111ebu;
	return x ^ x >> 31;
}

static void bind_number(sqlite3_stmt *s, int at, const char *prefix, uint32_t pair)
{
	char text[24];

	snprintf(text, sizeof(text), "%s%07u", prefix, pair);
	sqlite3_bind_text(s, at, text, -1, SQLITE_TRANSIENT);
}

static void bind_uuid(sqlite3_stmt *s, int at, uint64_t seed)
{
	uint64_t x = scattered(seed), y = scattered(x);
	char text[64];

	snprintf(text, sizeof(text), "%08x-%04x-4%03x-8%03x-%012llx", (unsigned)(x >> 32), (unsigned)(x >> 16 & 0xffff),
		 (unsigned)(x & 0xfff), (unsigned)(y >> 48 & 0xfff), (unsigned long long)(y & 0xffffffffffff));
	sqlite3_bind_text(s, at, text, -1, SQLITE_TRANSIENT);
}

static void bind_key(sqlite3_stmt *s, int at, uint64_t seed)
{
	uint64_t key[2] = {scattered(seed), scattered(~seed)};

	sqlite3_bind_blob(s, at, key, sizeof(key), SQLITE_TRANSIENT);
}

/* ---- rows ---- */

static void conversations_write(void)
{
	sqlite3_stmt *s = prepare("INSERT INTO conversation(a, b, conversation_id, contribution_id, service, last_a_ms, created_ms,"
				  " updated_ms) VALUES(?1, ?2, ?3, ?4, 'cpm-pager', ?5, ?5, ?5)");

	for (uint32_t i = 0; i < conversations; i++) {
		uint32_t pair = (uint32_t)((uint64_t)i * FIRST_CONTACT % conversations);

		bind_number(s, 1, "+1555", pair);
		bind_number(s, 2, "+1666", pair);
		bind_uuid(s, 3, i);
		bind_uuid(s, 4, ~(uint64_t)i);
		sqlite3_bind_int64(s, 5, now_ms - (int64_t)(scattered(i) % (29u * DAY_S)) * 1000);
		step(s);
	}
	sqlite3_finalize(s);
}

static void messages_write(void)
{
	sqlite3_stmt *out = prepare("INSERT INTO message(id, direction, state, created_ms, updated_ms, expires_ms, n_segments, to_accept,"
				    " to_deliver, a, b, service, conversation_id, contribution_id, imdn_id, smsc_used, smsc_id)"
				    " VALUES(?1, 1, 3, ?2, ?2, ?2 + 86400000, 1, 0, 1, ?3, ?4, 'cpm-pager', ?5, ?6, ?5, 'test', ?7)");
	sqlite3_stmt *segment = prepare("INSERT INTO segment(id, state, tp_mr, next_attempt_ms, smsc, smsc_id)"
					" VALUES(?1 << 8 | 1, 3, 7, ?2, 'test', ?7)");
	sqlite3_stmt *in = prepare("INSERT INTO message(id, direction, state, created_ms, updated_ms, n_segments, have, last_part, scts_s,"
				   " zone_minutes, a, b, conversation_id, contribution_id, imdn_id, repeat_key)"
				   " VALUES(?1, 2, 4, ?2, ?2, 1, 1, 0, ?2 / 1000, 0, ?3, ?4, ?5, ?6, ?5, ?8)");
	int64_t from_ms = now_ms - 7ll * DAY_S * 1000;

	for (uint64_t i = 0; i < 2ull * conversations; i++) {
		uint32_t pair = pair_of((uint32_t)i, conversations);
		sqlite3_stmt *s = i % 2 ? in : out;
		int64_t created_ms = from_ms + (int64_t)(i * 7 * DAY_S / (2ull * conversations)) * 1000;
		char id[20];

		snprintf(id, sizeof(id), "%08llx", (unsigned long long)i);
		sqlite3_bind_int64(s, 1, (int64_t)i + 1);
		sqlite3_bind_int64(s, 2, created_ms);
		bind_number(s, 3, "+1555", pair);
		bind_number(s, 4, "+1666", pair);
		bind_uuid(s, 5, i);
		bind_uuid(s, 6, ~i);
		if (s == out)
			sqlite3_bind_text(s, 7, id, -1, SQLITE_TRANSIENT);
		if (s == in)
			bind_key(s, 8, i);
		step(s);
		if (s == in)
			continue;
		sqlite3_bind_int64(segment, 1, (int64_t)i + 1);
		sqlite3_bind_int64(segment, 2, from_ms);
		sqlite3_bind_text(segment, 7, id, -1, SQLITE_TRANSIENT);
		step(segment);
	}
	sqlite3_finalize(out);
	sqlite3_finalize(segment);
	sqlite3_finalize(in);
}

static void schema_make(const char *path)
{
	struct store *store;
	char why[256];

	if (store_open(&store, path, why, sizeof(why))) {
		fprintf(stderr, "%s\n", why);
		exit(1);
	}
	store_close(store);
}

int main(int argc, char **argv)
{
	if (argc != 3 || (conversations = (uint32_t)strtoul(argv[2], NULL, 10)) == 0)
		return 2;
	now_ms = (int64_t)time(NULL) * 1000;
	schema_make(argv[1]);
	if (sqlite3_open(argv[1], &db) != SQLITE_OK)
		fail(argv[1]);
	run("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA locking_mode = EXCLUSIVE; PRAGMA cache_size = -2000000");
	run("BEGIN");
	conversations_write();
	messages_write();
	run("COMMIT");
	run("PRAGMA locking_mode = NORMAL; PRAGMA journal_mode = WAL");
	sqlite3_close(db);
	return 0;
}
