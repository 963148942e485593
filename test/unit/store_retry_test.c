/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */

#include "../../lib/store/store_clock.h"
#include "../../lib/store/store_int.h"
#include "store_fixture.h"

/* A client's retry is known: for its time, in any transaction, over a restart, a set clock and an upgrade. */

static void test_key(struct fixture *f)
{
	struct store_message_new m = message_of(2, 77);
	struct store_message_added first, again;
	struct store_outcome o;

	CHECK(!message_put(f->s, &m, T0, &first), "%s", store_error(f->s));
	CHECK(message_put(f->s, &m, T0 + 59999, &again) == -EEXIST, "within the window");
	CHECK(again.message_id == first.message_id, "message %lld", (long long)again.message_id);
	CHECK(again.first_segment_id == first.first_segment_id && again.state == MESSAGE_PENDING,
	      "ids");
	store_begin(f->s);
	store_segment_failed(f->s, first.first_segment_id, 1, T0, &o);
	CHECK(store_message_add(f->s, &m, T0 + 1, &again) == -EEXIST, "in the same transaction");
	CHECK(again.state == MESSAGE_FAILED, "state %d", again.state);
	store_commit(f->s);
	CHECK(!message_put(f->s, &m, T0 + 60000, &again), "after the window");
	CHECK(again.message_id != first.message_id, "the same message");
	CHECK(message_put(f->s, &m, T0 + 60001, &first) == -EEXIST, "the newer one has the key");
	CHECK(first.message_id == again.message_id, "message %lld", (long long)first.message_id);
	m.n_segments = 0;
	CHECK(message_put(f->s, &m, T0, &first) == -EINVAL, "no segment");
	m.n_segments = 256;
	CHECK(message_put(f->s, &m, T0, &first) == -EINVAL, "256 segments");
}

/** Keys are kept by periods of one window, here of a minute. */
static void test_period(struct fixture *f)
{
	struct store_message_new m = message_of(1, 78);
	int64_t begin_ms = T0 / 60000 * 60000;
	struct store_message_added first, again;

	CHECK(!message_put(f->s, &m, begin_ms - 1000, &first), "%s", store_error(f->s));
	CHECK(message_put(f->s, &m, begin_ms + 58999, &again) == -EEXIST && again.message_id == first.message_id, "of the period before");
	CHECK(!message_put(f->s, &m, begin_ms + 59000, &first), "after the window");
	CHECK(message_put(f->s, &m, begin_ms - 5000, &again) == -EEXIST && again.message_id == first.message_id, "the clock was set back");
	m.retry_key[1] = 1;
	CHECK(!message_put(f->s, &m, begin_ms + 61000, &first), "%s", store_error(f->s));
	fixture_reopen(f);
	CHECK(message_put(f->s, &m, begin_ms + 120999, &again) == -EEXIST && again.message_id == first.message_id, "over a restart");
	CHECK(!message_put(f->s, &m, begin_ms + 121000, &again), "after the window");
}

/** What is rolled back was never there; what the transaction before it left is. */
static void test_rollback(struct fixture *f)
{
	struct store_message_new m = message_of(1, 5), other = message_of(1, 6);
	struct store_message_added first, again;

	CHECK(!message_put(f->s, &m, T0, &first), "%s", store_error(f->s));
	store_begin(f->s);
	CHECK(!store_message_add(f->s, &other, T0 + 1, &first), "%s", store_error(f->s));
	CHECK(store_message_add(f->s, &other, T0 + 2, &again) == -EEXIST, "in the same transaction");
	store_rollback(f->s);
	CHECK(message_put(f->s, &m, T0 + 3, &again) == -EEXIST, "committed before");
	m.retry_key[0] = 7;
	CHECK(!message_put(f->s, &m, T0 + 4, &again) && again.message_id == first.message_id, "its id is another's now");
	CHECK(!message_put(f->s, &other, T0 + 5, &again), "rolled back");
	CHECK(message_put(f->s, &other, T0 + 6, &first) == -EEXIST && first.message_id == again.message_id, "again");
	fixture_reopen(f);
	CHECK(message_put(f->s, &other, T0 + 7, &first) == -EEXIST && first.message_id == again.message_id, "over a restart");
}

/** Also when a set ended in the middle of the transaction; and what was committed before it stays. */
static void test_rollback_period(struct fixture *f)
{
	struct store_message_new m = message_of(1, 5), second = message_of(1, 6), third = message_of(1, 7);
	struct store_message_added first, again;

	store_begin(f->s);
	CHECK(!store_message_add(f->s, &m, T0, &first), "%s", store_error(f->s));
	CHECK(!store_message_add(f->s, &second, T0 + 30000, &again), "%s", store_error(f->s));
	CHECK(!store_message_add(f->s, &third, T0 + 60000, &again), "%s", store_error(f->s));
	store_rollback(f->s);
	CHECK(!message_put(f->s, &third, T0 + 60001, &again) && again.message_id == first.message_id, "its id is another's now");
	CHECK(!message_put(f->s, &m, T0 + 60002, &again) && again.message_id == first.message_id + 1, "and the second one's");
	CHECK(!message_put(f->s, &second, T0 + 60003, &again), "rolled back");
	store_begin(f->s);
	CHECK(!store_message_add(f->s, &second, T0 + 120003, &first), "after the window");
	store_rollback(f->s);
	CHECK(message_put(f->s, &second, T0 + 120002, &first) == -EEXIST && first.message_id == again.message_id, "of the set before");
}

/** The same key of other parties is no retry (64 bits of it are kept), nor of a message that retention took. */
static void test_other(struct fixture *f)
{
	struct store_message_new m = message_of(1, 5), other = message_of(1, 6);
	struct store_message_added first, again;

	CHECK(!message_put(f->s, &m, T0, &first), "%s", store_error(f->s));
	m.b = "+491703";
	CHECK(!message_put(f->s, &m, T0 + 1, &again), "of another B");
	m.a = "+491709";
	CHECK(!message_put(f->s, &m, T0 + 2, &again), "of another A");
	CHECK(message_put(f->s, &m, T0 + 3, &first) == -EEXIST && first.message_id == again.message_id, "its own");
	other.retry_key[0] = 9;
	CHECK(!message_put(f->s, &other, T0 + 3, &first), "a newer one");
	sqlite3_exec(f->s->db, "DELETE FROM message WHERE id = 3", NULL, NULL, NULL);
	CHECK(!message_put(f->s, &m, T0 + 4, &again), "it is gone");
}

static int64_t rows_of(const struct fixture *f, int64_t after_ms)
{
	sqlite3_stmt *stmt;
	int64_t n = -1;

	sqlite3_prepare_v2(f->s->db, "SELECT count(*) FROM retry WHERE at_ms > ?1", -1, &stmt, NULL);
	sqlite3_bind_int64(stmt, 1, after_ms);
	if (sqlite3_step(stmt) == SQLITE_ROW)
		n = sqlite3_column_int64(stmt, 0);
	sqlite3_finalize(stmt);
	return n;
}

/** Rows of keys go when they are too old, and when no clock could have written them. */
static void test_rows(struct fixture *f)
{
	struct store_message_new m = message_of(1, 0);
	struct store_message_added added;
	int64_t rows;

	for (unsigned i = 1; i <= 300; i++) {
		m.retry_key[0] = (uint8_t)i;
		m.retry_key[1] = (uint8_t)(i >> 8);
		CHECK(!message_put(f->s, &m, T0 + 10000 * (int64_t)i, &added), "%u: %s", i, store_error(f->s));
	}
	rows = rows_of(f, 0);
	CHECK(rows == 13, "%lld rows of the last two minutes", (long long)rows);
	for (unsigned i = 1; i <= 5; i++) {
		m.retry_key[2] = (uint8_t)i;
		CHECK(!message_put(f->s, &m, T0 + i, &added), "%u: %s", i, store_error(f->s));
	}
	rows = rows_of(f, T0 + 1000000);
	CHECK(rows == 0, "%lld rows of later", (long long)rows);
}

/** More keys than one table in memory holds, some of them of the period before. */
static void test_many(struct fixture *f)
{
	enum { KEYS = 20000 };
	struct store_message_new m = message_of(1, 0);
	struct store_message_added added;
	unsigned known = 0;

	store_begin(f->s);
	for (unsigned i = 1; i <= KEYS; i++) {
		memcpy(m.retry_key, &i, sizeof(i));
		CHECK(!store_message_add(f->s, &m, T0 + i, &added) && added.message_id == i, "%u: %s", i, store_error(f->s));
	}
	CHECK(!store_commit(f->s), "%s", store_error(f->s));
	for (int restart = 0; restart < 2; restart++) {
		store_begin(f->s);
		for (unsigned i = 1; i <= KEYS; i++) {
			memcpy(m.retry_key, &i, sizeof(i));
			known += store_message_add(f->s, &m, T0 + 59000, &added) == -EEXIST && added.message_id == i;
		}
		store_commit(f->s);
		fixture_reopen(f);
	}
	CHECK(known == 2 * KEYS, "%u known", known);
}

/** Messages of a program before schema 7, whose keys are in the index, in both forms it had. */
static void test_index(struct fixture *f)
{
	static const char *const forms[] = {"x'4e000000010000000000000000000000'", "x'000000104e000000010000000000000000000000'"};
	struct store_message_new m = message_of(1, 0);
	struct store_message_added first, again;
	char sql[160];

	memcpy(m.retry_key, "\x4e\0\0\0\1", 5);
	for (int i = 0; i < 2; i++) {
		int64_t at_ms = T0 + 1000000 * i;

		CHECK(!message_put(f->s, &m, at_ms, &first), "%s", store_error(f->s));
		snprintf(sql, sizeof(sql), "UPDATE message SET repeat_key = %s WHERE id = %d; DELETE FROM retry", forms[i],
			 (int)first.message_id);
		CHECK(sqlite3_exec(f->s->db, sql, NULL, NULL, NULL) == SQLITE_OK, "%s", sqlite3_errmsg(f->s->db));
		fixture_reopen(f);
		CHECK(message_put(f->s, &m, at_ms + 59999, &again) == -EEXIST && again.message_id == first.message_id, "form %d", i);
		CHECK(!message_put(f->s, &m, at_ms + 60000, &again), "after the window");
		CHECK(message_put(f->s, &m, at_ms + 60001, &first) == -EEXIST && again.message_id == first.message_id, "now by the other way");
	}
}

/** The clock is set by 28 hours between a message and its retry, back, and ahead again; then the process ends. */
static void test_clock(struct fixture *f)
{
	enum { DAY_MS = 100000000 };
	struct store_message_new m = message_of(1, 7), other = message_of(1, 8);
	struct store_message_added first, again;

	CHECK(!message_put(f->s, &m, T0, &first), "first");
	store_clock_shifted(f->s, DAY_MS, T0 + DAY_MS + 1000);
	CHECK(message_put(f->s, &m, T0 + DAY_MS + 5000, &again) == -EEXIST && again.message_id == first.message_id, "ahead");
	store_clock_shifted(f->s, 0, T0 + 6000);
	CHECK(message_put(f->s, &m, T0 + 7000, &again) == -EEXIST && again.message_id == first.message_id, "back");
	store_clock_shifted(f->s, DAY_MS, T0 + DAY_MS + 8000);
	CHECK(message_put(f->s, &m, T0 + DAY_MS + 9000, &again) == -EEXIST && again.message_id == first.message_id, "ahead again");
	CHECK(!message_put(f->s, &other, T0 + DAY_MS + 9000, &again), "another");
	fixture_reopen(f);
	store_clock_shifted(f->s, DAY_MS, T0 + DAY_MS + 10000);
	CHECK(message_put(f->s, &m, T0 + DAY_MS + 11000, &again) == -EEXIST && again.message_id == first.message_id, "restart");
	CHECK(!message_put(f->s, &m, T0 + DAY_MS + 72000, &again), "after the window");
	first = again;
	store_clock_shifted(f->s, 0, T0 + 73000);
	CHECK(message_put(f->s, &m, T0 + 74000, &again) == -EEXIST && again.message_id == first.message_id, "back at last");
}

/** The clock was slow when the message came, and is set right; then the process ends: in all it was not set. */
static void test_clock_set_right(struct fixture *f)
{
	enum { DAY_MS = 100000000 };
	struct store_message_new m = message_of(1, 7), other = message_of(1, 8);
	struct store_message_added first, again;

	CHECK(!message_put(f->s, &other, T0, &again), "hours before it");
	store_clock_shifted(f->s, 0, T0 + DAY_MS);
	store_clock_shifted(f->s, -DAY_MS, T0 + 1000);
	CHECK(!message_put(f->s, &m, T0 + 2000, &first), "by the slow clock");
	store_clock_shifted(f->s, 0, T0 + DAY_MS + 3000);
	fixture_reopen(f);
	store_clock_shifted(f->s, 0, T0 + DAY_MS + 4000);
	CHECK(!message_put(f->s, &other, T0 + DAY_MS + 5000, &again), "hours after it, though the clock was told just now");
	CHECK(message_put(f->s, &m, T0 + DAY_MS + 6000, &again) == -EEXIST && again.message_id == first.message_id, "known");
	CHECK(!message_put(f->s, &m, T0 + DAY_MS + 140000, &again), "after the window");
}

/** A text of the gateway (window 0) is no client's: it has no key, and no part in the age of keys. */
static void test_no_key(struct fixture *f)
{
	struct store_message_new m = message_of(1, 5), text = message_of(1, 6), other = message_of(1, 7);
	struct store_message_added first, again;

	m.retry_window_ms = other.retry_window_ms = 600000;
	text.retry_window_ms = 0;
	CHECK(!message_put(f->s, &m, T0 * 100, &first), "%s", store_error(f->s));
	CHECK(!message_put(f->s, &text, T0 * 100 + 1000, &again), "a text");
	CHECK(!message_put(f->s, &text, T0 * 100 + 1001, &again), "the same text again");
	CHECK(message_put(f->s, &m, T0 * 100 + 2000, &again) == -EEXIST && again.message_id == first.message_id, "behind a text");
	CHECK(!message_put(f->s, &other, T0 * 100 + 590000, &again), "another");
	store_begin(f->s);
	other.retry_key[0]++;
	CHECK(!store_message_add(f->s, &other, T0 * 100 + 590001, &again), "another");
	CHECK(!store_message_add(f->s, &text, T0 * 100 + 590001, &again), "a text is the last of a commit");
	CHECK(!store_commit(f->s), "%s", store_error(f->s));
	fixture_reopen(f);
	CHECK(message_put(f->s, &m, T0 * 100 + 599999, &again) == -EEXIST && again.message_id == first.message_id, "over a restart");
}

/** A key of long ago is none, in whatever way the process learned of it: a new message is not taken for a retry. */
static void test_long_ago(struct fixture *f)
{
	enum { HOUR_MS = 3600000, STEP_MS = 100000000 };
	struct store_message_new m = message_of(1, 5), other = message_of(1, 6);
	struct store_message_added first, again;
	int64_t at_ms = T0;

	CHECK(!message_put(f->s, &m, at_ms, &first), "%s", store_error(f->s));
	at_ms += 10 * HOUR_MS;
	store_clock_shifted(f->s, STEP_MS, at_ms + STEP_MS);
	CHECK(!message_put(f->s, &m, at_ms + STEP_MS + 1000, &again) && again.message_id != first.message_id, "in the same process");
	store_clock_shifted(f->s, 0, at_ms + 2000);
	CHECK(message_put(f->s, &m, at_ms + 3000, &first) == -EEXIST && again.message_id == first.message_id, "but that one is known");
	fixture_reopen(f);
	at_ms += 10 * HOUR_MS;
	store_clock_shifted(f->s, 0, at_ms);
	CHECK(!message_put(f->s, &m, at_ms + 5000, &again) && again.message_id != first.message_id, "in the next");
	fixture_reopen(f);
	at_ms += 10 * HOUR_MS;
	store_clock_shifted(f->s, STEP_MS, at_ms + STEP_MS);
	CHECK(!message_put(f->s, &other, at_ms + STEP_MS + 4000, &first), "another, before it");
	CHECK(!message_put(f->s, &m, at_ms + STEP_MS + 5000, &first) && again.message_id != first.message_id, "and the clock was set");
	CHECK(message_put(f->s, &m, at_ms + STEP_MS + 64999, &again) == -EEXIST && again.message_id == first.message_id, "this one is known");
}

/** The same of a message that a program before schema 7 stored. */
static void test_index_long_ago(struct fixture *f)
{
	enum { STEP_MS = 100000000, OLD_MS = 36000000 };
	struct store_message_new m = message_of(1, 5);
	struct store_message_added first, again;

	CHECK(!message_put(f->s, &m, T0, &first), "%s", store_error(f->s));
	sqlite3_exec(f->s->db, "UPDATE message SET repeat_key = x'05000000000000000000000000000000'; DELETE FROM retry", NULL, NULL, NULL);
	fixture_reopen(f);
	store_clock_shifted(f->s, STEP_MS, T0 + STEP_MS + 1000);
	CHECK(message_put(f->s, &m, T0 + STEP_MS + 5000, &again) == -EEXIST && again.message_id == first.message_id, "known when the clock was set");
	fixture_reopen(f);
	store_clock_shifted(f->s, -STEP_MS, T0 - STEP_MS + OLD_MS);
	CHECK(!message_put(f->s, &m, T0 - STEP_MS + OLD_MS + 5000, &again), "ten hours later, and the clock was set");
}

/** However many came since the upgrade, and however often the process ends: its keys are asked for. */
static void test_index_restart(struct fixture *f)
{
	enum { SINCE = 10001 };
	struct store_message_new m = message_of(1, 0x4e), other = message_of(1, 0);
	struct store_message_added first, again;

	CHECK(!message_put(f->s, &m, T0, &first), "%s", store_error(f->s));
	sqlite3_exec(f->s->db, "UPDATE message SET repeat_key = x'000000084e000000000000000000000000000000'; DELETE FROM retry", NULL, NULL, NULL);
	fixture_reopen(f);
	store_begin(f->s);
	for (unsigned i = 1; i <= SINCE; i++) {
		memcpy(other.retry_key + 4, &i, sizeof(i));
		CHECK(!store_message_add(f->s, &other, T0 + 1000, &again), "%u: %s", i, store_error(f->s));
	}
	CHECK(!store_commit(f->s), "%s", store_error(f->s));
	for (int restart = 0; restart < 3; restart++) {
		CHECK(message_put(f->s, &m, T0 + 58000 + restart, &again) == -EEXIST && again.message_id == first.message_id, "%d restarts", restart);
		fixture_reopen(f);
	}
}

/** After a burst and a pause the first commits take its rows away, more than one commit adds, and not all at once. */
static void test_rows_of_a_burst(struct fixture *f)
{
	struct store_message_new m = message_of(1, 0);
	struct store_message_added added;

	for (unsigned i = 1; i <= 150; i++) {
		memcpy(m.retry_key, &i, sizeof(i));
		CHECK(!message_put(f->s, &m, T0 + i, &added), "%u: %s", i, store_error(f->s));
	}
	CHECK(rows_of(f, 0) == 150, "%lld rows", (long long)rows_of(f, 0));
	m.retry_key[3] = 1;
	CHECK(!message_put(f->s, &m, T0 + 200000, &added), "%s", store_error(f->s));
	CHECK(rows_of(f, 0) == 151 - 64, "%lld rows after one", (long long)rows_of(f, 0));
	m.retry_key[3] = 2;
	CHECK(!message_put(f->s, &m, T0 + 200001, &added), "%s", store_error(f->s));
	m.retry_key[3] = 3;
	CHECK(!message_put(f->s, &m, T0 + 200002, &added), "%s", store_error(f->s));
	CHECK(rows_of(f, 0) == 3, "%lld rows after three", (long long)rows_of(f, 0));
}

/** A message came by the new clock before the store was told that it was set: nothing is forgotten, or kept for good. */
static void test_clock_told_late(struct fixture *f)
{
	enum { DAY_MS = 100000000 };
	struct store_message_new m = message_of(1, 7), other = message_of(1, 8);
	struct store_message_added first, again;

	for (int64_t at_ms = T0, by_ms = DAY_MS, n = 0; n < 2; at_ms += 1000000, by_ms = -DAY_MS, n++) {
		m.retry_key[1]++;
		other.retry_key[1]++;
		CHECK(!message_put(f->s, &m, at_ms + 10 * DAY_MS, &first), "first");
		CHECK(!message_put(f->s, &other, at_ms + 10 * DAY_MS + by_ms + 1000, &again), "by the new clock");
		store_clock_shifted(f->s, by_ms, at_ms + 10 * DAY_MS + by_ms + 2000);
		CHECK(message_put(f->s, &m, at_ms + 10 * DAY_MS + by_ms + 3000, &again) == -EEXIST && again.message_id == first.message_id,
		      "%lld: known", (long long)n);
		store_clock_shifted(f->s, 0, at_ms + 10 * DAY_MS + 4000);
		CHECK(message_put(f->s, &m, at_ms + 10 * DAY_MS + 5000, &again) == -EEXIST && again.message_id == first.message_id,
		      "%lld: and when it is set right", (long long)n);
		CHECK(!message_put(f->s, &m, at_ms + 10 * DAY_MS + 200000, &again), "%lld: after the window", (long long)n);
	}
}

/** Loaded at the start, so that no message waits for it: what rows say later is not asked for. */
static void test_load_at_start(struct fixture *f)
{
	struct store_message_new m = message_of(1, 5);
	struct store_message_added first, again;

	CHECK(!message_put(f->s, &m, T0, &first), "%s", store_error(f->s));
	fixture_reopen(f);
	CHECK(!store_retries_load(f->s, 60000, T0 + 1), "%s", store_error(f->s));
	CHECK(!sqlite3_exec(f->s->db, "DELETE FROM retry", NULL, NULL, NULL), "%s", sqlite3_errmsg(f->s->db));
	CHECK(message_put(f->s, &m, T0 + 2, &again) == -EEXIST && again.message_id == first.message_id, "known");
}

/** Octets of a damaged row are no keys, and hide none. */
static void test_damaged_row(struct fixture *f)
{
	struct store_message_new m = message_of(1, 5);
	struct store_message_added first, again;

	CHECK(!message_put(f->s, &m, T0, &first), "%s", store_error(f->s));
	CHECK(!sqlite3_exec(f->s->db, "INSERT INTO retry(at_ms, keys) SELECT at_ms, CAST(substr(keys, 1, 8) || zeroblob(15) AS BLOB) FROM retry;"
				      "INSERT INTO retry(at_ms, keys) SELECT at_ms, CAST(substr(keys, 1, 8) || x'ffffffffffffffff' AS BLOB) FROM retry;"
				      "INSERT INTO retry(at_ms, keys) SELECT at_ms, zeroblob(0) FROM retry",
			    NULL, NULL, NULL), "%s", sqlite3_errmsg(f->s->db));
	fixture_reopen(f);
	CHECK(message_put(f->s, &m, T0 + 1, &again) == -EEXIST && again.message_id == first.message_id, "known");
}

static int step_fails(void *left)
{
	int *n = left;

	return *n > 0 && --*n == 0;
}

/** The first look after a start fails at any step: an error, and the next one knows all. */
static void test_load_fails(struct fixture *f)
{
	struct store_message_new m = message_of(1, 5), other = message_of(1, 6);
	struct store_message_added first, again;
	int n, left = 0, failed = 0;

	CHECK(!message_put(f->s, &m, T0, &first), "%s", store_error(f->s));
	CHECK(!message_put(f->s, &other, T0 + 1, &again), "%s", store_error(f->s));
	for (n = 1; left == 0 && n < 1000; n++) {
		int err;

		fixture_reopen(f);
		left = n;
		sqlite3_progress_handler(f->s->db, 1, step_fails, &left);
		err = message_put(f->s, &m, T0 + 2, &again);
		sqlite3_progress_handler(f->s->db, 0, NULL, NULL);
		failed += err == -EIO;
		CHECK(err == -EIO || (err == -EEXIST && again.message_id == first.message_id), "step %d gave %d", n, err);
		CHECK(message_put(f->s, &m, T0 + 3, &again) == -EEXIST && again.message_id == first.message_id, "after step %d: %s", n,
		      store_error(f->s));
	}
	CHECK(failed > 20 && n < 1000, "%d of %d failed", failed, n);
}

int main(void)
{
	static void (*const tests[])(struct fixture * f) = {
		test_key,   test_period, test_rollback, test_rollback_period, test_other,
		test_rows, test_many,   test_index,    test_clock,    test_no_key,
		test_long_ago, test_index_long_ago, test_index_restart, test_rows_of_a_burst, test_clock_told_late,
		test_load_fails, test_clock_set_right, test_damaged_row, test_load_at_start,
	};

	fixture_each(tests, sizeof(tests) / sizeof(tests[0]));
	return test_end("store_retry");
}
