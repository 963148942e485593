/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */

#include "store_v1.h"
#include "store_version.h"

/*
 * What a message carries for others: the originator that B sees, its chat session, A's device. And
 * the upgrade that brought these.
 */

struct taken {
	int n;
	char oa[64], a[64];
};

static void on_segment(void *ctx, const struct store_segment *seg)
{
	struct taken *taken = ctx;

	taken->n++;
	snprintf(taken->oa, sizeof(taken->oa), "%s", seg->oa);
	snprintf(taken->a, sizeof(taken->a), "%s", seg->a);
}

static void take(struct store *s, int n, const char *oa)
{
	struct taken taken = {0};

	CHECK(store_segments_take(s, T0, 9, on_segment, &taken) == n && taken.n == n, "%d",
	      taken.n);
	CHECK(!strcmp(taken.oa, oa) && !strcmp(taken.a, "+491701"), "%s %s", taken.oa, taken.a);
}

static void test_originator(struct fixture *f)
{
	static const char *const cases[][2] = {{NULL, "+491701"},
					       {"", "+491701"},
					       {"+4900", "+4900"},
					       {"Zo\xc3\xab", "Zo\xc3\xab"}};

	for (unsigned i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct store_message_new m = message_of(2, i);
		struct store_message_added added;

		m.oa = cases[i][0];
		m.send_now = false;
		CHECK(!message_put(f->s, &m, T0, &added), "%s", store_error(f->s));
		fixture_reopen(f);
		CHECK(!store_begin(f->s), "%s", store_error(f->s));
		take(f->s, 2, cases[i][1]);
		for (int part = 1; part <= 2; part++)
			store_segment_accepted(f->s, part_id(added.message_id, (unsigned)part), "x",
					       "1", T0, &(struct store_outcome){0});
		CHECK(!store_commit(f->s), "%s", store_error(f->s));
	}
}

/** Every way to learn an outcome says the session. */
static void test_outcome(struct fixture *f)
{
	struct store_message_new m = message_of(2, 1);
	struct store_message_added added;
	struct store_outcome o = {0};

	m.session_id = INT64_MAX - 1;
	CHECK(!message_put(f->s, &m, T0, &added), "%s", store_error(f->s));
	store_begin(f->s);
	store_segment_accepted(f->s, added.first_segment_id, "smsc-a", "id-1", T0, &o);
	CHECK(o.session_id == INT64_MAX - 1 && o.created_ms == T0 && !o.cause, "%lld",
	      (long long)o.session_id);
	store_segment_report(f->s, "smsc-a", "id-1", 0x20, T0, memset(&o, 0, sizeof(o)));
	CHECK(o.session_id == INT64_MAX - 1, "trying: %lld", (long long)o.session_id);
	store_segment_report(f->s, "smsc-a", "id-1", 0, T0, memset(&o, 0, sizeof(o)));
	CHECK(o.session_id == INT64_MAX - 1, "delivered: %lld", (long long)o.session_id);
	store_segment_failed(f->s, added.first_segment_id + 1, 41, T0, memset(&o, 0, sizeof(o)));
	CHECK(o.session_id == INT64_MAX - 1 && o.cause == 41, "failed: %lld",
	      (long long)o.session_id);
	store_commit(f->s);
	m = message_of(1, 2);
	CHECK(!message_put(f->s, &m, T0, &added), "%s", store_error(f->s));
	store_begin(f->s);
	o.session_id = 5;
	CHECK(!store_segment_accepted(f->s, added.first_segment_id, "smsc-a", "id-2", T0, &o), "-");
	CHECK(o.session_id == 0, "none: %lld", (long long)o.session_id);
	store_commit(f->s);
}

/** Only a segment that waits for its report, only of that SMSC. */
static void test_recipient(struct fixture *f)
{
	struct store_message_new m = message_of(1, 1);
	struct store_message_added added;
	struct store_outcome o;
	const char *b = "";

	CHECK(!message_put(f->s, &m, T0, &added), "%s", store_error(f->s));
	store_begin(f->s);
	CHECK(store_segment_recipient(f->s, "smsc-a", "id-1", &b) == -ENOENT, "not accepted");
	store_segment_accepted(f->s, added.first_segment_id, "smsc-a", "id-1", T0, &o);
	CHECK(!store_segment_recipient(f->s, "smsc-a", "id-1", &b) && !strcmp(b, m.b), "%s", b);
	CHECK(store_segment_recipient(f->s, "smsc-b", "id-1", &b) == -ENOENT, "of another SMSC");
	CHECK(store_segment_recipient(f->s, "smsc-a", "id-2", &b) == -ENOENT, "another");
	store_segment_report(f->s, "smsc-a", "id-1", 0, T0, &o);
	CHECK(store_segment_recipient(f->s, "smsc-a", "id-1", &b) == -ENOENT, "reported");
	store_commit(f->s);
}

static bool never(void *ctx, int64_t message_id, bool *separate)
{
	(void)ctx, (void)message_id, (void)separate;
	return false;
}

/** A set is of the session that its first part was written to. */
static void test_sms(struct fixture *f)
{
	struct store_sms_new single = sms_of(0, 0, 1), part1 = sms_of(1, 2, 2),
			     part2 = sms_of(2, 2, 3);
	struct store_sms_added in, held;
	struct store_sms_message got;
	struct store_outcome o = {0};

	single.session_id = 3;
	part1.session_id = 4;
	part2.session_id = 5;
	store_begin(f->s);
	CHECK(!store_sms_add(f->s, &single, T0, never, NULL, &in), "%s", store_error(f->s));
	CHECK(!store_sms_add(f->s, &part1, T0, never, NULL, &held), "%s", store_error(f->s));
	CHECK(!store_sms_add(f->s, &part2, T0, never, NULL, &held), "%s", store_error(f->s));
	CHECK(!store_commit(f->s), "%s", store_error(f->s));
	fixture_reopen(f);
	CHECK(!store_sms_get(f->s, in.message_id, &got, NULL, NULL) && got.session_id == 3, "%lld",
	      (long long)got.session_id);
	CHECK(!strcmp(got.a, "+491701") && !strcmp(got.b, "+491702"), "%s %s", got.a, got.b);
	CHECK(!store_sms_get(f->s, held.message_id, &got, NULL, NULL) && got.session_id == 4,
	      "%lld", (long long)got.session_id);
	store_begin(f->s);
	CHECK(!store_sms_delivered(f->s, in.message_id, false, T0, &o) && o.session_id == 3, "%lld",
	      (long long)o.session_id);
	store_commit(f->s);
}

static int64_t notify(struct store *s, int64_t message_id)
{
	struct store_notification_new n = {message_id, 1, 2, "0a1b2c3d-0000-4000-8000-0123456789ab",
					   T0};
	int64_t id = 0;

	CHECK(!store_begin(s) && !store_notification_add(s, &n, T0, &id), "%s", store_error(s));
	CHECK(!store_commit(s), "%s", store_error(s));
	return id;
}

static void test_notification(struct fixture *f)
{
	struct view instance = VIEW("\"<urn:gsma:imei:90420156-025763-0>\" \xff"),
		    to = VIEW("sip:zo\xc3\xab@x;p=\"1\"");
	struct store_message_new m = message_of(1, 1), plain = message_of(1, 2);
	struct store_message_added added;
	struct store_notification n;

	m.session_id = 8;
	m.instance = instance;
	m.original_to = to;
	CHECK(!message_put(f->s, &m, T0, &added), "%s", store_error(f->s));
	CHECK(!store_notification_get(f->s, notify(f->s, added.message_id), &n), "%s",
	      store_error(f->s));
	CHECK(n.session_id == 8, "%lld", (long long)n.session_id);
	CHECK(view_eq(n.instance, instance), "%.*s", (int)n.instance.len,
	      (const char *)n.instance.p);
	CHECK(view_eq(n.original_to, to), "%.*s", (int)n.original_to.len,
	      (const char *)n.original_to.p);
	CHECK(view_eq(n.imdn_route, VIEW("<sip:route>")), "the column before");
	CHECK(!message_put(f->s, &plain, T0, &added), "%s", store_error(f->s));
	CHECK(!store_notification_get(f->s, notify(f->s, added.message_id), &n), "%s",
	      store_error(f->s));
	CHECK(n.instance.len == 0 && n.original_to.len == 0 && n.session_id == 0, "none");
}

/* ---- a file of version 3 ---- */

static const char v3_rows[] =
	"UPDATE message SET sent_at = '2026-11-22T09:40:30+01:00' WHERE id = 3;"
	"INSERT INTO notification(message_id, kind, status, created_ms, next_attempt_ms, imdn_id)"
	" VALUES(3, 1, 2, 1000000, 1000500, 'imdn-of-3');"
	"INSERT INTO registration(a, key, bits, expires_ms, scscf, learned_from, updated_ms)"
	" VALUES('+491701', 'x', 5, 2000000, 'sip:one', 1, 1000000);";

static void check_v3_read(struct store *s)
{
	struct store_registration registration;
	struct store_sms_message sms;
	struct store_notification n;

	CHECK(!store_notification_get(s, 1, &n) && n.message_id == 3, "%s", store_error(s));
	CHECK(!strcmp(n.imdn_id, "imdn-of-3") && !strcmp(n.datetime, "2026-11-22T09:40:30+01:00"),
	      "%s", n.imdn_id);
	CHECK(view_eq(n.imdn_route, VIEW("<sip:route>")), "route");
	CHECK(n.instance.len == 0 && n.original_to.len == 0 && n.session_id == 0,
	      "none of these yet");
	CHECK(!store_sms_get(s, 4, &sms, NULL, NULL) && sms.session_id == 0, "%lld",
	      (long long)sms.session_id);
	CHECK(!strcmp(sms.imdn_id, "imdn-4") && !strcmp(sms.service, "cpm-pager"), "%s",
	      sms.imdn_id);
	CHECK(!store_registration_get(s, "+491701", T0, &registration) && registration.bits == 5,
	      "registered");
}

static void check_tables(struct store *s)
{
	struct store_number number = {.b = "+491702", .number = "+4930", .until_ms = INT64_MAX};
	struct store_session session = {.state = 1};
	int64_t id = 0;

	CHECK(!store_begin(s) && !store_session_add(s, &session, T0, &id), "%s", store_error(s));
	CHECK(!store_number_bind(s, &number, T0) && !store_commit(s), "%s", store_error(s));
	CHECK(id == 1, "%lld", (long long)id);
}

static void test_upgrade(void)
{
	struct store_outcome o = {.session_id = 7};
	char rows[4096];
	struct fixture f;

	fixture_start(&f);
	snprintf(rows, sizeof(rows), "%s%s", v1_rows, v3_rows);
	fixture_make_version(&f, 3, rows);
	CHECK(store_open_read(&f.s, f.path, f.why, sizeof(f.why)) == -EIO, "read before upgrade");
	CHECK(strstr(f.why, "has schema 3, not 7"), "%s", f.why);
	fixture_open(&f);
	check_v3_read(f.s);
	store_begin(f.s);
	take(f.s, 1, "+491701");
	CHECK(!store_segment_report(f.s, "smsc-a", "id-3", 0, T0, &o), "%s", store_error(f.s));
	CHECK(o.message_id == 3 && o.final && o.session_id == 0, "%lld", (long long)o.session_id);
	CHECK(!store_commit(f.s), "%s", store_error(f.s));
	fixture_reopen(&f);
	check_v3_read(f.s);
	check_tables(f.s);
	fixture_end(&f);
}

int main(void)
{
	static void (*const tests[])(struct fixture * f) = {
		test_originator,
		test_outcome, test_recipient,
		test_sms,
		test_notification,
	};

	fixture_each(tests, sizeof(tests) / sizeof(tests[0]));
	test_upgrade();
	return test_end("store_message");
}
