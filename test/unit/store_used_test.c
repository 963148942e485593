/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */

#include "../../lib/store/store_int.h"
#include "store_fixture.h"

/* conversation.updated_ms moves with B's messages when it is half an hour old, with A's never; what is read and what is forgotten
 * is right all the same. */

enum { MINUTE = 60000 };

static void from_a(struct fixture *f, int64_t now_ms)
{
	static unsigned key;
	struct store_message_new m = message_of(1, ++key);
	struct store_message_added added;

	CHECK(!message_put(f->s, &m, now_ms, &added), "%s", store_error(f->s));
}

static bool never(void *ctx, int64_t message_id, bool *separate)
{
	(void)ctx, (void)message_id, (void)separate;
	return false;
}

/** The Conversation-ID that B's message gets. */
static const char *from_b(struct fixture *f, int64_t now_ms)
{
	static unsigned key = 1000;
	struct store_sms_new m = sms_of(0, 1, ++key);
	struct store_sms_message got = {0};
	struct store_sms_added added;

	store_begin(f->s);
	CHECK(!store_sms_add(f->s, &m, now_ms, never, NULL, &added), "%s", store_error(f->s));
	CHECK(!store_commit(f->s), "%s", store_error(f->s));
	CHECK(!store_sms_get(f->s, added.message_id, &got, NULL, NULL), "%s", store_error(f->s));
	return got.conversation_id;
}

/** What the index knows. */
static int64_t indexed(struct fixture *f)
{
	sqlite3_stmt *stmt;
	int64_t at_ms = -1;

	if (sqlite3_prepare_v2(f->s->db, "SELECT updated_ms FROM conversation", -1, &stmt, NULL) == SQLITE_OK &&
	    sqlite3_step(stmt) == SQLITE_ROW)
		at_ms = sqlite3_column_int64(stmt, 0);
	sqlite3_finalize(stmt);
	return at_ms;
}

static int64_t read_ms;

static void on_conversation(void *ctx, const struct store_conversation *c)
{
	(void)ctx;
	read_ms = c->updated_ms;
	CHECK(c->created_ms == T0, "created %lld", (long long)c->created_ms);
}

static void used(struct fixture *f, int64_t index_ms, int64_t want_ms)
{
	CHECK(indexed(f) == index_ms, "%lld, not %lld", (long long)indexed(f), (long long)index_ms);
	CHECK(store_read_conversations(f->s, 9, 0, on_conversation, NULL) == 1 && read_ms == want_ms, "%lld, not %lld",
	      (long long)read_ms, (long long)want_ms);
}

static void test_a(struct fixture *f)
{
	from_a(f, T0);
	used(f, T0, T0);
	from_a(f, T0 + 5000 * MINUTE);
	used(f, T0, T0 + 5000 * MINUTE);
}

static void test_b(struct fixture *f)
{
	from_a(f, T0);
	CHECK(!strcmp(from_b(f, T0 + 30 * MINUTE), "conv-1"), "the thread of A");
	used(f, T0, T0);
	CHECK(!strcmp(from_b(f, T0 + 31 * MINUTE), "conv-1"), "the thread of A");
	used(f, T0 + 31 * MINUTE, T0 + 31 * MINUTE);
}

/** A clock that was years ahead. */
static void test_clock(struct fixture *f)
{
	from_b(f, T0);
	sqlite3_exec(f->s->db, "UPDATE conversation SET updated_ms = 1 << 50", NULL, NULL, NULL);
	from_b(f, T0 + 1);
	used(f, T0 + 1, T0 + 1);
	sqlite3_exec(f->s->db, "UPDATE conversation SET updated_ms = 1 << 50", NULL, NULL, NULL);
	from_a(f, T0 + 2);
	used(f, T0 + 2, T0 + 2);
}

static int purge(struct fixture *f, int64_t before_ms, unsigned limit)
{
	int n;

	store_begin(f->s);
	n = store_purge(f->s, 0, before_ms, limit);
	CHECK(!store_commit(f->s), "%s", store_error(f->s));
	return n;
}

static void test_purge(struct fixture *f)
{
	from_a(f, T0);
	from_a(f, T0 + MINUTE);
	used(f, T0, T0 + MINUTE);
	CHECK(purge(f, T0 + MINUTE, 10) == 1, "one to look at");
	used(f, T0 + MINUTE, T0 + MINUTE);
	CHECK(purge(f, T0 + MINUTE, 10) == 0, "not yet");
	CHECK(purge(f, T0 + MINUTE + 1, 0) == 0, "not more than that");
	CHECK(purge(f, T0 + MINUTE + 1, 10) == 1 && indexed(f) == -1, "forgotten");
}

int main(void)
{
	static void (*const tests[])(struct fixture *f) = {test_a, test_b, test_clock, test_purge};

	for (size_t i = 0; i < sizeof(tests) / sizeof(tests[0]); i++) {
		struct fixture f;

		fixture_start(&f);
		fixture_open(&f);
		tests[i](&f);
		fixture_end(&f);
	}
	return test_end("store_used");
}
