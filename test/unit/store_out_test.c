/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */

#include <ctype.h>

#include "../../lib/store/store_int.h"
#include "store_fixture.h"

/*
 * CPM -> SMS: what answers and reports make of a message, the queue, retries of clients.
 *
 * Steps of a case, each followed by what comes out of it:
 *   a1 accepted  h1 accepted and delivered  f1 failed  r1 to be tried again  d1 t1 x1 report: delivered, trying, failed
 *   - -ENOENT, . 0 without an outcome, else the state by its first letter, a capital if final
 */

static const struct {
	const char *name;
	unsigned n_segments, imdn_request;
	const char *steps;
} cases[] = {
	{"one segment, nothing asked", 1, 0, "a1 A a1 - d1 - x1 -"},
	{"one segment, display asked only", 1, 4, "a1 A d1 -"},
	{"one segment, delivery asked", 1, 1, "a1 a d1 D d1 - x1 -"},
	{"one segment, failure asked", 1, 2, "a1 a x1 F d1 -"},
	{"still trying changes nothing", 1, 3, "a1 a t1 a t1 a d1 D t1 -"},
	{"answer to a segment that is queued again", 1, 3, "r1 . a1 a r1 - d1 D"},
	{"retry of a segment that is queued already", 1, 3, "r1 . r1 -"},
	{"failure of a segment that is queued again", 1, 3, "r1 . f1 F a1 -"},
	{"three, in order", 3, 3, "a1 p a2 p a3 a d1 a d2 a d3 D d3 -"},
	{"three, any order", 3, 3, "a3 p d3 p a1 p a2 a d2 a d1 D"},
	{"three, nothing asked, a report all the same", 3, 0, "a1 p d1 p a2 p a3 A d2 -"},
	{"three, all reported before the last is accepted", 3, 3, "a1 p a2 p d1 p d2 p a3 a d3 D"},
	{"first refusal fails all", 3, 3, "a1 p f2 F a3 - r3 - d1 - x1 - f3 -"},
	{"last refusal fails all", 3, 0, "a1 p a2 p f3 F f3 -"},
	{"failed report while others wait", 3, 3, "a1 p x1 F a2 - r3 -"},
	{"accepted and delivered, nothing asked", 1, 0, "h1 D d1 - h1 - x1 -"},
	{"accepted and delivered, delivery asked", 1, 1, "h1 D d1 -"},
	{"two, each delivered at once", 2, 3, "h1 p h2 D"},
	{"two, each delivered at once, nothing asked", 2, 0, "h2 p h1 D"},
	{"two, one delivered at once, one by its report", 2, 3, "a1 p h2 a d1 D"},
	{"two, one delivered at once, the other never", 2, 0, "h1 p a2 A d2 - x2 -"},
	{"two, one delivered at once, the other refused", 2, 3, "h1 p f2 F h2 -"},
	{"delivered at once after it was queued again", 2, 3, "r1 . h1 p h1 - r2 . h2 D"},
	{"failed report after a delivered one", 3, 3, "a1 p a2 p a3 a d1 a x2 F x3 - d3 -"},
};

static char letter(int err, const struct store_outcome *o, bool has_outcome)
{
	char c;

	if (err)
		return err == -ENOENT ? '-' : '!';
	if (!has_outcome)
		return '.';
	c = message_state_name(o->state)[0];
	return o->final ? (char)toupper(c) : c;
}

static char step(struct store *s, int64_t first, const char *op, struct store_outcome *o)
{
	int64_t id = first + op[1] - '1';
	char smsc_id[2] = {op[1], 0};
	int err;

	switch (op[0]) {
	case 'a':
		return letter(store_segment_accepted(s, id, "smsc-a", smsc_id, T0 + 5, o), o, true);
	case 'h':
		err = store_segment_accepted(s, id, "smsc-a", smsc_id, T0 + 5, o);
		if (!err)
			err = store_segment_delivered(s, id, T0 + 5, o);
		return letter(err, o, true);
	case 'f':
		return letter(store_segment_failed(s, id, 38, T0 + 5, o), o, true);
	case 'r':
		return letter(store_segment_retry(s, id, T0 + 9000, 42, false, true), o, false);
	case 'd':
		return letter(store_segment_report(s, "smsc-a", smsc_id, 0x1f, T0 + 6, o), o, true);
	case 't':
		return letter(store_segment_report(s, "smsc-a", smsc_id, 0x3f, T0 + 6, o), o, true);
	case 'x':
		return letter(store_segment_report(s, "smsc-a", smsc_id, 0x40, T0 + 6, o), o, true);
	default:
		return '?';
	}
}

static void test_outcomes(void)
{
	struct store_message_added added;
	struct store_outcome o;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct store_message_new m = message_of(cases[i].n_segments, 1);
		struct fixture f;

		fixture_start(&f);
		fixture_open(&f);
		m.imdn_request = cases[i].imdn_request;
		CHECK(!message_put(f.s, &m, T0, &added), "%s: %s", cases[i].name, store_error(f.s));
		CHECK(!store_begin(f.s), "%s", store_error(f.s));
		for (const char *p = cases[i].steps; *p; p += p[4] ? 5 : 4) {
			char got = step(f.s, added.first_segment_id, p, &o);

			CHECK(got == p[3], "%s: %.2s gave %c, not %c", cases[i].name, p, got, p[3]);
		}
		CHECK(!store_commit(f.s), "%s: %s", cases[i].name, store_error(f.s));
		fixture_end(&f);
	}
}

static void test_outcome_fields(struct fixture *f)
{
	struct store_message_new m = message_of(1, 1);
	struct store_message_added added;
	struct store_outcome o;

	m.smsc = "asked";
	CHECK(!message_put(f->s, &m, T0, &added), "%s", store_error(f->s));
	CHECK(added.state == MESSAGE_PENDING, "state %d", added.state);
	store_begin(f->s);
	CHECK(!store_segment_accepted(f->s, added.first_segment_id, "smsc-a", "id-7", T0 + 1, &o),
	      "-");
	CHECK(o.message_id == added.message_id && o.imdn_request == 3 && o.n_segments == 1,
	      "numbers");
	CHECK(o.created_ms == T0 && o.cause == 0, "created %lld", (long long)o.created_ms);
	CHECK(!strcmp(o.a, "+491701") && !strcmp(o.b, "+491702"), "a %s b %s", o.a, o.b);
	CHECK(!strcmp(o.service, "cpm-pager") && !strcmp(o.imdn_id, "imdn-1"), "%s", o.imdn_id);
	CHECK(!strcmp(o.conversation_id, "conv-1") && !strcmp(o.contribution_id, "contrib-1"),
	      "ids");
	CHECK(!strcmp(o.smsc, "smsc-a") && !strcmp(o.smsc_id, "id-7"), "%s %s", o.smsc, o.smsc_id);
	CHECK(store_segment_report(f->s, "smsc-b", "id-7", 0, T0 + 2, &o) == -ENOENT, "other SMSC");
	CHECK(store_segment_report(f->s, "smsc-a", "id-8", 0, T0 + 2, &o) == -ENOENT, "other id");
	CHECK(store_segment_report(f->s, "smsc-a", "", 0, T0 + 2, &o) == -ENOENT, "no id");
	CHECK(!store_segment_report(f->s, "smsc-a", "id-7", 0x41, T0 + 2, &o), "report");
	CHECK(o.state == MESSAGE_FAILED && o.cause == 0, "%d %u", o.state, o.cause);
	CHECK(!store_commit(f->s), "%s", store_error(f->s));

	m = message_of(2, 2);
	m.smsc = "asked";
	message_put(f->s, &m, T0, &added);
	store_begin(f->s);
	CHECK(!store_segment_failed(f->s, added.first_segment_id + 1, 69, T0, &o), "failed");
	CHECK(o.cause == 69 && o.final && !strcmp(o.smsc, "asked") && !*o.smsc_id, "cause %u",
	      o.cause);
	store_commit(f->s);
}

/** SMSCs give ids out again: the newest open one is meant. */
static void test_smsc_id_twice(struct fixture *f)
{
	struct store_message_added added[2];
	struct store_outcome o;

	for (unsigned i = 0; i < 2; i++) {
		struct store_message_new m = message_of(1, 10 + i);

		message_put(f->s, &m, T0, &added[i]);
		store_begin(f->s);
		store_segment_accepted(f->s, added[i].first_segment_id, "smsc-a", "same", T0, &o);
		store_commit(f->s);
	}
	store_begin(f->s);
	CHECK(!store_segment_report(f->s, "smsc-a", "same", 0, T0, &o), "first report");
	CHECK(o.message_id == added[1].message_id, "message %lld", (long long)o.message_id);
	CHECK(!store_segment_report(f->s, "smsc-a", "same", 0, T0, &o), "second report");
	CHECK(o.message_id == added[0].message_id, "message %lld", (long long)o.message_id);
	CHECK(store_segment_report(f->s, "smsc-a", "same", 0, T0, &o) == -ENOENT, "third report");
	store_commit(f->s);
}

/* ---- the queue ---- */

struct taken {
	unsigned n;
	int64_t ids[300];
	struct store_segment last;
	char text[64]; /* tpdus, one after the other */
};

static void on_segment(void *ctx, const struct store_segment *seg)
{
	struct taken *t = ctx;
	size_t at = strlen(t->text);

	CHECK(seg->message_id == seg->segment_id >> 8, "ids");
	CHECK(!strcmp(seg->a, "+491701") && !strcmp(seg->b, "+491702"), "%s %s", seg->a, seg->b);
	if (t->n < 300)
		t->ids[t->n] = seg->segment_id;
	t->n++;
	t->last = *seg;
	snprintf(t->text + at, sizeof(t->text) - at, "%.*s ", (int)seg->tpdu.len,
		 (const char *)seg->tpdu.p);
}

static int take(struct store *s, int64_t now_ms, unsigned limit, struct taken *t)
{
	int n;

	memset(t, 0, sizeof(*t));
	CHECK(!store_begin(s), "%s", store_error(s));
	n = store_segments_take(s, now_ms, limit, on_segment, t);
	CHECK(!store_commit(s), "%s", store_error(s));
	CHECK(n == (int)t->n, "%d rows, %u calls", n, t->n);
	return n;
}

static void test_queue(struct fixture *f)
{
	struct store_message_new m = message_of(3, 1);
	struct store_message_added one, two;
	struct taken t;

	CHECK(store_segments_next_ms(f->s) == INT64_MAX, "empty");
	CHECK(take(f->s, T0, 10, &t) == 0, "%u", t.n);
	m.send_now = false;
	m.smsc = "smsc-x";
	message_put(f->s, &m, T0 + 5, &one);
	m.retry_key[0] = 2;
	message_put(f->s, &m, T0, &two);
	CHECK(store_segments_next_ms(f->s) == T0, "%lld", (long long)store_segments_next_ms(f->s));
	CHECK(take(f->s, T0 - 1, 10, &t) == 0, "too early");
	CHECK(take(f->s, T0 + 5, 4, &t) == 4, "limit");
	CHECK(t.ids[0] == two.first_segment_id && t.ids[2] == two.first_segment_id + 2,
	      "oldest first");
	CHECK(t.ids[3] == one.first_segment_id && t.last.message_id == one.message_id,
	      "then the other");
	CHECK(!strcmp(t.text, "tpdu-one tpdu-two tpdu-three tpdu-one "), "%s", t.text);
	CHECK(t.last.attempts == 0 && !t.last.resubmit && t.last.expires_ms == m.expires_ms,
	      "fields");
	CHECK(take(f->s, T0 + 5, 10, &t) == 2, "the rest");
	CHECK(take(f->s, INT64_MAX, 10, &t) == 0, "all are SENT");
	store_begin(f->s);
	CHECK(!store_segment_retry(f->s, two.first_segment_id, T0 + 100, 42, false, true),
	      "counted");
	CHECK(!store_segment_retry(f->s, two.first_segment_id + 1, T0 + 200, 42, true, false),
	      "unknown");
	store_commit(f->s);
	CHECK(take(f->s, T0 + 100, 10, &t) == 1, "the first retry");
	CHECK(t.last.attempts == 1 && !t.last.resubmit, "%u", t.last.attempts);
	CHECK(take(f->s, T0 + 200, 10, &t) == 1, "the second retry");
	CHECK(t.last.attempts == 0 && t.last.resubmit, "%u", t.last.attempts);
	store_begin(f->s);
	store_segment_retry(f->s, two.first_segment_id + 1, T0 + 300, 42, false, true);
	store_commit(f->s);
	CHECK(store_segment_attempts(f->s, two.first_segment_id + 1) == 1, "%s", store_error(f->s));
	CHECK(store_segment_attempts(f->s, 9999) == -ENOENT, "no such segment");
	take(f->s, T0 + 300, 1, &t);
	CHECK(t.last.resubmit && t.last.attempts == 1, "once unknown, always a resubmission");
}

static void test_queue_long(struct fixture *f)
{
	struct store_message_added added;
	struct taken t;

	for (unsigned i = 0; i < 100; i++) {
		struct store_message_new m = message_of(2, i);

		m.send_now = false;
		message_put(f->s, &m, T0 + i % 7, &added);
	}
	CHECK(take(f->s, T0 + 10, 129, &t) == 129, "more than a batch");
	CHECK(take(f->s, T0 + 10, 1000, &t) == 71, "the rest");
}

/** Requeue a message of 3 for T0 + 1000, + 2000, + 3000. */
static int64_t waiting(struct fixture *f)
{
	struct store_message_new m = message_of(3, 1);
	struct store_message_added added;

	message_put(f->s, &m, T0, &added);
	store_begin(f->s);
	for (int i = 0; i < 3; i++)
		store_segment_retry(f->s, added.first_segment_id + i, T0 + 1000 * (i + 1), 42,
				    false, true);
	store_commit(f->s);
	return added.first_segment_id;
}

static void test_hurry(struct fixture *f)
{
	int64_t first = waiting(f);
	struct taken t;

	CHECK(store_segments_next_ms(f->s) == T0 + 1000, "before");
	CHECK(!store_segments_hurry(f->s, T0 + 50), "%s", store_error(f->s));
	CHECK(store_segments_next_ms(f->s) == T0 + 50, "%lld",
	      (long long)store_segments_next_ms(f->s));
	CHECK(take(f->s, T0 + 50, 2, &t) == 2 && t.ids[1] == first + 1, "two at once");
	store_begin(f->s);
	CHECK(store_segments_take(f->s, T0 + 50, 2, on_segment, &t) == 1, "the third");
	store_rollback(f->s);
	CHECK(store_segments_next_ms(f->s) == T0 + 50, "a rollback takes nothing from the hurry");
	store_begin(f->s);
	store_segment_retry(f->s, first, T0 + 1050, 42, false, true);
	store_commit(f->s);
	CHECK(take(f->s, T0 + 50, 9, &t) == 1 && t.ids[0] == first + 2,
	      "the third, not the first again");
	CHECK(store_segments_next_ms(f->s) == T0 + 1050, "%lld",
	      (long long)store_segments_next_ms(f->s));
	CHECK(take(f->s, T0 + 60, 9, &t) == 0, "it is over");
	CHECK(take(f->s, T0 + 1050, 9, &t) == 1, "its own time");
	CHECK(!store_segments_hurry(f->s, T0 + 2000), "nothing waits");
	CHECK(store_segments_next_ms(f->s) == INT64_MAX, "nothing waits");
}

static void test_alert(struct fixture *f)
{
	int64_t first = waiting(f);
	struct taken t;

	store_begin(f->s);
	CHECK(store_segments_alert(f->s, "+491703", T0 + 40) == 0, "nothing waits for that one");
	CHECK(store_segments_alert(f->s, "+49170", T0 + 40) == 0, "nor for a part of the number");
	CHECK(store_segments_alert(f->s, "+491702", T0 + 40) == 3, "%s", store_error(f->s));
	CHECK(store_segments_alert(f->s, "+491702", T0 + 50) == 0, "due already");
	store_rollback(f->s);
	CHECK(store_segments_next_ms(f->s) == T0 + 1000, "rolled back");
	store_begin(f->s);
	CHECK(store_segments_alert(f->s, "+491702", T0 + 50) == 3, "%s", store_error(f->s));
	CHECK(!store_commit(f->s), "%s", store_error(f->s));
	CHECK(store_segments_next_ms(f->s) == T0 + 50, "%lld",
	      (long long)store_segments_next_ms(f->s));
	CHECK(take(f->s, T0 + 50, 9, &t) == 3 && t.ids[0] == first && t.ids[2] == first + 2,
	      "all of them in order");
	store_begin(f->s);
	CHECK(store_segments_alert(f->s, "+491702", T0 + 60) == 0, "those that were sent wait for their answers");
	store_rollback(f->s);
	CHECK(store_segments_alert(f->s, "+491702", T0 + 60) == -EIO, "outside");
}

/* ---- validity ---- */

static void test_expire(struct fixture *f)
{
	int64_t first = waiting(f);
	struct store_message_new m = message_of(1, 2);
	struct store_message_added sent;
	struct store_outcome o;
	struct taken t;

	m.expires_ms = T0 + 100;
	message_put(f->s, &m, T0, &sent);
	store_begin(f->s);
	CHECK(store_message_expire(f->s, T0 + 100, &o) == -ENOENT, "its segment is SENT");
	CHECK(!store_segment_retry(f->s, sent.first_segment_id, T0 + 5000, 27, false, true),
	      "retry");
	CHECK(store_message_expire(f->s, T0 + 99, &o) == -ENOENT, "too early");
	CHECK(!store_message_expire(f->s, T0 + 100, &o), "%s", store_error(f->s));
	CHECK(o.message_id == sent.message_id && o.state == MESSAGE_EXPIRED && o.final, "%d",
	      o.state);
	CHECK(o.cause == 27, "the last attempt's cause, %u", o.cause);
	CHECK(store_message_expire(f->s, T0 + 100, &o) == -ENOENT, "one outcome");
	CHECK(store_segment_accepted(f->s, sent.first_segment_id, "x", "y", T0, &o) == -ENOENT,
	      "late");
	CHECK(!store_segment_accepted(f->s, first, "smsc-a", "1", T0, &o), "part of the other");
	CHECK(!store_message_expire(f->s, T0 + 3600000, &o), "partly accepted");
	CHECK(o.message_id == first >> 8 && o.state == MESSAGE_EXPIRED, "%d", o.state);
	CHECK(store_segment_report(f->s, "smsc-a", "1", 0, T0, &o) == -ENOENT,
	      "report after the outcome");
	store_commit(f->s);
	CHECK(take(f->s, INT64_MAX, 9, &t) == 0, "nothing of them is sent");
}

/* ---- a new process ---- */

static void test_restart(struct fixture *f)
{
	struct store_message_new m = message_of(3, 1);
	struct store_message_added added;
	struct store_outcome o;
	struct taken t;

	message_put(f->s, &m, T0, &added);
	store_begin(f->s);
	store_segment_accepted(f->s, added.first_segment_id, "smsc-a", "1", T0, &o);
	store_segment_retry(f->s, added.first_segment_id + 1, T0 + 500, 42, false, true);
	store_commit(f->s);
	fixture_reopen(f);
	CHECK(take(f->s, T0, 9, &t) == 1, "the one that was SENT is due at once");
	CHECK(t.ids[0] == added.first_segment_id + 2 && t.last.resubmit, "and is a resubmission");
	CHECK(!strcmp(t.text, "tpdu-three "), "%s", t.text);
	CHECK(take(f->s, T0 + 500, 9, &t) == 1 && !t.last.resubmit, "the other waits for its time");
	CHECK(message_put(f->s, &m, T0 + 1, &added) == -EEXIST, "the retry key survives");
	store_begin(f->s);
	CHECK(!store_segment_report(f->s, "smsc-a", "1", 0, T0, &o), "so does the SMSC's id");
	store_commit(f->s);
}

int main(void)
{
	static void (*const tests[])(struct fixture * f) = {
		test_outcome_fields, test_smsc_id_twice, test_queue,
		test_queue_long,     test_hurry,	 test_alert,	 test_expire,
		test_restart,
	};

	test_outcomes();
	fixture_each(tests, sizeof(tests) / sizeof(tests[0]));
	return test_end("store_out");
}
