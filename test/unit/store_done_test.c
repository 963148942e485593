/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */

#include "../../lib/store/store_int.h"
#include "store_fixture.h"

/* The segment of a message of one, accepted or delivered: gone when nothing more is to come, there while somebody will ask for it. */

static int64_t segments(struct store *s)
{
	sqlite3_stmt *stmt;
	int64_t n = -1;

	if (sqlite3_prepare_v2(s->db, "SELECT count(*) FROM segment", -1, &stmt, NULL) == SQLITE_OK &&
	    sqlite3_step(stmt) == SQLITE_ROW)
		n = sqlite3_column_int64(stmt, 0);
	sqlite3_finalize(stmt);
	return n;
}

static int64_t put(struct fixture *f, unsigned n_segments, unsigned key, unsigned imdn_request)
{
	struct store_message_new m = message_of(n_segments, key);
	struct store_message_added added;

	m.imdn_request = imdn_request;
	CHECK(!store_message_add(f->s, &m, T0, &added), "%s", store_error(f->s));
	return added.first_segment_id;
}

static void test_done(struct fixture *f)
{
	int64_t id = put(f, 1, 1, 0);
	struct store_outcome o;

	CHECK(!store_segment_accepted(f->s, id, "smsc-a", "id-1", T0 + 7, &o) && o.final, "%s", store_error(f->s));
	CHECK(o.state == MESSAGE_ACCEPTED && o.message_id == id >> 8 && o.n_segments == 1 && o.created_ms == T0,
	      "state %d", o.state);
	CHECK(!strcmp(o.smsc, "smsc-a") && !strcmp(o.smsc_id, "id-1") && !strcmp(o.a, "+491701") &&
		      !strcmp(o.imdn_id, "imdn-1"),
	      "%s %s %s %s", o.smsc, o.smsc_id, o.a, o.imdn_id);
	CHECK(segments(f->s) == 0, "%d segments", (int)segments(f->s));
	CHECK(store_segment_accepted(f->s, id, "smsc-a", "id-1", T0, &o) == -ENOENT, "a second answer");
	CHECK(store_segment_retry(f->s, id, T0, 1, true, true) == -ENOENT, "a late one");
	CHECK(store_segment_failed(f->s, id, 1, T0, &o) == -ENOENT, "a late one");
	CHECK(store_segment_attempts(f->s, id) == -ENOENT, "nobody tries it any more");
	CHECK(store_segment_report(f->s, "smsc-a", "id-1", 0, T0, &o) == -ENOENT, "a report that nobody asked for");
}

/* the answer says that the recipient has it. */
static void test_delivered(struct fixture *f)
{
	int64_t id = put(f, 1, 1, 0), other = put(f, 1, 2, 0);
	struct store_outcome o;

	CHECK(store_segment_delivered(f->s, id, T0, &o) == -ENOENT, "before it was accepted");
	CHECK(!store_segment_accepted(f->s, other, "smsc-a", "id-2", T0, &o), "%s", store_error(f->s));
	CHECK(store_segment_delivered(f->s, id, T0, &o) == -ENOENT, "another was accepted");
	CHECK(!store_segment_accepted(f->s, id, "smsc-a", "id-1", T0, &o), "%s", store_error(f->s));
	CHECK(!store_segment_delivered(f->s, id, T0, &o) && o.state == MESSAGE_DELIVERED, "%s", store_error(f->s));
	CHECK(store_segment_delivered(f->s, id, T0, &o) == -ENOENT, "twice");
}

static void test_stays(struct fixture *f)
{
	int64_t reported = put(f, 1, 1, 1), of_two = put(f, 2, 2, 0);
	struct store_outcome o;

	CHECK(!store_segment_accepted(f->s, reported, "smsc-a", "id-1", T0, &o) && !o.final, "%s", store_error(f->s));
	CHECK(!store_segment_accepted(f->s, of_two, "smsc-a", "id-2", T0, &o) && !o.final, "%s", store_error(f->s));
	CHECK(!store_segment_accepted(f->s, of_two + 1, "smsc-a", "id-3", T0, &o) && o.final, "%s", store_error(f->s));
	CHECK(segments(f->s) == 3, "%d segments", (int)segments(f->s));
	CHECK(!store_segment_report(f->s, "smsc-a", "id-1", 0, T0, &o) && o.state == MESSAGE_DELIVERED, "its report");
	CHECK(segments(f->s) == 2, "%d segments", (int)segments(f->s));
	CHECK(store_segment_report(f->s, "smsc-a", "id-1", 0, T0, &o) == -ENOENT, "its report again");
}

static unsigned attempts;

static void on_message(void *ctx, const struct store_message *m)
{
	(void)ctx;
	attempts = m->attempts;
}

static void test_attempts(struct fixture *f)
{
	int64_t id = put(f, 1, 1, 0);
	struct store_outcome o;

	CHECK(!store_segment_retry(f->s, id, T0 + 10, 1, false, true), "%s", store_error(f->s));
	CHECK(!store_segment_accepted(f->s, id, "smsc-a", "id-1", T0, &o) && o.final, "%s", store_error(f->s));
	CHECK(!store_read_message(f->s, id >> 8, on_message, NULL) && attempts == 1, "%u attempts are known", attempts);
	CHECK(segments(f->s) == 1, "%d segments", (int)segments(f->s));
}

int main(void)
{
	static void (*const tests[])(struct fixture *f) = {test_done, test_delivered, test_stays, test_attempts};

	for (size_t i = 0; i < sizeof(tests) / sizeof(tests[0]); i++) {
		struct fixture f;

		fixture_start(&f);
		fixture_open(&f);
		CHECK(!store_begin(f.s), "%s", store_error(f.s));
		tests[i](&f);
		CHECK(!store_commit(f.s), "%s", store_error(f.s));
		fixture_end(&f);
	}
	return test_end("store_done");
}
