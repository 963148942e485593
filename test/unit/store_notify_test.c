/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */

#include "../../lib/store/store_int.h"
#include "store_fixture.h"
#include "store_v1.h"

/*
 * Notifications for A, and the upgrade that brought them.
 *
 * Steps of a case. Notifications are counted from 0 in the order they were added, at T0:
 *   "a500"   one is added that is due in 500 ms; "a-" the test sends it now
 *   "+500"   500 ms pass
 *   "w01"    0 and 1, in this order, are what store_notifications_due() gives; "w" alone: none is due
 *   "n500"   the next is due at T0 + 500; "n-" none waits
 *   "r0"     0 is to be tried again in 1000 ms; "R0" must be refused
 *   "d0"     0 is done; "D0" must be refused
 *   "^"      a new process
 *   "_"      what was done since the last commit is rolled back
 */

static const struct {
	const char *name;
	const char *steps;
} cases[] = {
	{"sent now and taken", "n- a- n- w d0 D0 R0 w"},
	{"sent now, tried again, taken", "a- r0 n1000 w +999 w +1 w0 w n- d0 n- +9999 w"},
	{"due at once", "a0 n0 w0 w d0"},
	{"due later", "a500 n500 w +500 w0 d0"},
	{"oldest time first", "a300 a100 a200 n100 +300 w120 n-"},
	{"equal times: oldest first", "a100 a100 +100 w01"},
	{"each has its own time", "a- a100 r0 n100 +100 w1 n1000 +900 w0"},
	{"a retry counts once", "a- r0 R0 +1000 w0 r0 R0"},
	{"retry of one that waits", "a500 R0 n500"},
	{"done while it waits", "a- r0 d0 n- +1000 w"},
	{"done takes only itself", "a- a- d0 r1 n1000 D0 d1 D1"},
	{"an id is not given out again", "a- d0 a- D0 R0 d1"},
	{"nor by a new process", "a- d0 ^ a- D0 R0 d1"},
	{"new process while it is sent", "a- ^ n-1000000 w0 w d0"},
	{"new process while it is sent again", "a- r0 +1000 w0 ^ w0 r0 n2000"},
	{"new process while it waits", "a- r0 ^ n1000 w +1000 w0"},
	{"new process after it is done", "a- d0 ^ n- w D0"},
	{"new process, sent ones before waiting ones", "a500 a- a- ^ +500 w120"},
	{"rolled back: not added", "a- d0 ^ a100 _ n- w"},
	{"rolled back: not taken", "a100 ^ +100 w0 n- _ n100 w0"},
	{"rolled back: not done", "a100 ^ d0 _ D1 n100 +100 w0 d0"},
};

struct run {
	struct fixture f;
	const char *name;
	int64_t now_ms, message_id, ids[8];
	unsigned n_ids;
};

static struct store_notification_new notification_of(int64_t message_id, int64_t next_attempt_ms)
{
	return (struct store_notification_new){
		.message_id = message_id,
		.kind = 3,
		.status = 7,
		.imdn_id = "0a1b2c3d-0000-4000-8000-0123456789ab",
		.next_attempt_ms = next_attempt_ms,
	};
}

static void add(struct run *r, const char *p)
{
	struct store_notification_new n =
		notification_of(r->message_id, p[1] == '-' ? INT64_MAX : r->now_ms + atoi(p + 1));
	int err = store_notification_add(r->f.s, &n, r->now_ms, &r->ids[r->n_ids]);

	CHECK(!err, "%s: %s", r->name, store_error(r->f.s));
	r->n_ids++;
}

static void due(struct run *r, const char *p)
{
	int64_t ids[8];
	int n = store_notifications_due(r->f.s, r->now_ms, ids, 8), want = (int)strcspn(p, " ") - 1;

	CHECK(n == want, "%s: %d due at %s", r->name, n, p);
	for (int i = 0; n == want && i < n; i++)
		CHECK(ids[i] == r->ids[p[i + 1] - '0'], "%s: %lld at %s", r->name,
		      (long long)ids[i], p);
}

static void next(struct run *r, const char *p)
{
	int64_t got = store_notifications_next_ms(r->f.s);
	bool none = p[1] == '-' && (p[2] == ' ' || !p[2]);
	int64_t want = none ? INT64_MAX : T0 + atoi(p + 1);

	CHECK(got == want, "%s: next at %lld at %s", r->name, (long long)got, p);
}

static void answer(struct run *r, const char *p)
{
	int64_t id = r->ids[p[1] - '0'];
	int want = p[0] == 'R' || p[0] == 'D' ? -ENOENT : 0, err;

	if (p[0] == 'r' || p[0] == 'R')
		err = store_notification_retry(r->f.s, id, r->now_ms + 1000, true);
	else
		err = store_notification_done(r->f.s, id);
	CHECK(err == want, "%s: %d at %s", r->name, err, p);
}

static void step(struct run *r, const char *p)
{
	switch (p[0]) {
	case 'a':
		add(r, p);
		break;
	case '+':
		r->now_ms += atoi(p);
		break;
	case 'w':
		due(r, p);
		break;
	case 'n':
		next(r, p);
		break;
	case '^':
		CHECK(!store_commit(r->f.s), "%s: %s", r->name, store_error(r->f.s));
		fixture_reopen(&r->f);
		CHECK(!store_begin(r->f.s), "%s: %s", r->name, store_error(r->f.s));
		break;
	case '_':
		store_rollback(r->f.s);
		CHECK(!store_begin(r->f.s), "%s: %s", r->name, store_error(r->f.s));
		break;
	default:
		answer(r, p);
	}
}

static int64_t message_for(struct store *s, unsigned key)
{
	struct store_message_new m = message_of(1, key);
	struct store_message_added added = {0};

	m.datetime = VIEW("2026-11-22T09:40:30+01:00");
	CHECK(!message_put(s, &m, T0, &added), "%s", store_error(s));
	return added.message_id;
}

static void test_steps(void)
{
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct run r = {.name = cases[i].name, .now_ms = T0};

		fixture_start(&r.f);
		fixture_open(&r.f);
		r.message_id = message_for(r.f.s, 1);
		CHECK(!store_begin(r.f.s), "%s", store_error(r.f.s));
		for (const char *p = cases[i].steps; *p; p += strspn(p, " ")) {
			step(&r, p);
			p += strcspn(p, " ");
		}
		CHECK(!store_commit(r.f.s), "%s: %s", r.name, store_error(r.f.s));
		fixture_end(&r.f);
	}
}

/* ---- what is in one ---- */

static int64_t notify(struct store *s, int64_t message_id, int64_t next_attempt_ms)
{
	struct store_notification_new n = notification_of(message_id, next_attempt_ms);
	int64_t id = 0;

	CHECK(!store_begin(s), "%s", store_error(s));
	CHECK(!store_notification_add(s, &n, T0 + 5, &id), "%s", store_error(s));
	CHECK(!store_commit(s), "%s", store_error(s));
	return id;
}

static void done(struct store *s, int64_t id)
{
	CHECK(!store_begin(s), "%s", store_error(s));
	CHECK(!store_notification_done(s, id), "%s", store_error(s));
	CHECK(!store_commit(s), "%s", store_error(s));
}

static void check_fields(const struct store_notification *n, const char *datetime)
{
	CHECK(n->kind == 3 && n->status == 7 && n->created_ms == T0 + 5, "%d %d", n->kind,
	      n->status);
	CHECK(!strcmp(n->imdn_id, "0a1b2c3d-0000-4000-8000-0123456789ab"), "%s", n->imdn_id);
	CHECK(!strcmp(n->a, "+491701") && !strcmp(n->b, "+491702"), "%s %s", n->a, n->b);
	CHECK(!strcmp(n->service, "cpm-pager"), "%s", n->service);
	CHECK(!strcmp(n->conversation_id, "conv-1"), "%s", n->conversation_id);
	CHECK(!strcmp(n->contribution_id, "contrib-1"), "%s", n->contribution_id);
	CHECK(!strncmp(n->message_imdn_id, "imdn-", 5), "%s", n->message_imdn_id);
	CHECK(!strcmp(n->datetime, datetime), "%s", n->datetime);
	CHECK(view_eq(n->imdn_route, VIEW("<sip:route>")), "%.*s", (int)n->imdn_route.len,
	      (const char *)n->imdn_route.p);
}

static void test_fields(struct fixture *f)
{
	int64_t message_id = message_for(f->s, 1), id = notify(f->s, message_id, INT64_MAX);
	struct store_notification n;

	CHECK(!store_notification_get(f->s, id, &n), "%s", store_error(f->s));
	CHECK(n.id == id && n.message_id == message_id && n.attempts == 0, "numbers");
	check_fields(&n, "2026-11-22T09:40:30+01:00");
	CHECK(!strcmp(n.message_imdn_id, "imdn-1"), "%s", n.message_imdn_id);
	store_begin(f->s);
	CHECK(!store_notification_retry(f->s, id, T0 + 100, true), "%s", store_error(f->s));
	CHECK(!store_notification_get(f->s, id, &n) && n.attempts == 1, "%u", n.attempts);
	check_fields(&n, "2026-11-22T09:40:30+01:00");
	store_commit(f->s);
	CHECK(store_notification_get(f->s, id + 1, &n) == -ENOENT, "no such notification");
	done(f->s, id);
	CHECK(store_notification_get(f->s, id, &n) == -ENOENT, "it is done");
}

/** An IM client gives no ids and no time. */
static void test_absent_fields(struct fixture *f)
{
	struct store_message_new m = message_of(1, 1);
	struct store_message_added added;
	struct store_notification n;

	m.conversation_id = m.contribution_id = m.imdn_id = m.imdn_route = (struct view){NULL, 0};
	CHECK(!message_put(f->s, &m, T0, &added), "%s", store_error(f->s));
	CHECK(!store_notification_get(f->s, notify(f->s, added.message_id, T0), &n), "%s",
	      store_error(f->s));
	CHECK(!*n.conversation_id && !*n.contribution_id && !*n.message_imdn_id, "ids");
	CHECK(!*n.datetime && n.imdn_route.len == 0, "%s", n.datetime);
}

static void test_refused(struct fixture *f)
{
	struct store_notification_new n = notification_of(99, T0);
	int64_t id = -7, ids[1], message_id = message_for(f->s, 1);

	CHECK(store_notification_add(f->s, &n, T0, &id) == -EIO, "outside a transaction");
	CHECK(store_notification_retry(f->s, 1, T0, true) == -EIO, "outside a transaction");
	CHECK(store_notification_done(f->s, 1) == -EIO, "outside a transaction");
	CHECK(store_notifications_due(f->s, T0, ids, 1) == -EIO, "outside a transaction");
	store_begin(f->s);
	CHECK(store_notification_add(f->s, &n, T0, &id) == -ENOENT, "no such message");
	n = notification_of(message_id, T0);
	*n.imdn_id = 0;
	CHECK(store_notification_add(f->s, &n, T0, &id) == -EINVAL, "no imdn id");
	CHECK(id == -7 && store_notifications_next_ms(f->s) == INT64_MAX, "nothing was added");
	CHECK(!store_commit(f->s), "the transaction is whole: %s", store_error(f->s));
}

static void test_limit(struct fixture *f)
{
	int64_t message_id = message_for(f->s, 1), ids[3] = {0, 0, -7};

	for (int i = 0; i < 3; i++)
		notify(f->s, message_id, T0 + i);
	store_begin(f->s);
	CHECK(store_notifications_due(f->s, T0 + 9, ids, 2) == 2 && ids[2] == -7, "two");
	CHECK(store_notifications_due(f->s, T0 + 9, ids, 2) == 1, "the third");
	store_commit(f->s);
}

/* ---- retention ---- */

static int purge(struct store *s)
{
	int n;

	store_begin(s);
	n = store_purge(s, T0 + 100000, 0, 100);
	CHECK(!store_commit(s), "%s", store_error(s));
	return n;
}

static int64_t message_failed(struct store *s, unsigned key)
{
	int64_t id = message_for(s, key);
	struct store_outcome o;

	store_begin(s);
	CHECK(!store_segment_failed(s, part_id(id, 1), 1, T0, &o), "%s", store_error(s));
	CHECK(!store_commit(s), "%s", store_error(s));
	return id;
}

static void test_purge(struct fixture *f)
{
	int64_t waits = message_failed(f->s, 1), sent = message_failed(f->s, 2);
	int64_t twice = message_failed(f->s, 3), ids[4];
	struct store_notification n;

	message_failed(f->s, 4);
	message_for(f->s, 5); /* the newest stays anyway */
	ids[0] = notify(f->s, waits, T0 + 500);
	ids[1] = notify(f->s, sent, INT64_MAX);
	ids[2] = notify(f->s, twice, T0 + 500);
	ids[3] = notify(f->s, twice, INT64_MAX);
	CHECK(purge(f->s) == 1, "the one without a notification");
	CHECK(!store_notification_get(f->s, ids[0], &n) && n.message_id == waits, "it waits");
	CHECK(!store_notification_get(f->s, ids[1], &n) && n.message_id == sent,
	      "it is being sent");
	done(f->s, ids[0]);
	CHECK(purge(f->s) == 1, "A has it");
	done(f->s, ids[1]);
	done(f->s, ids[2]);
	CHECK(purge(f->s) == 1, "one of two is not done");
	CHECK(!store_notification_get(f->s, ids[3], &n), "one of two is not done");
	done(f->s, ids[3]);
	CHECK(purge(f->s) == 1 && purge(f->s) == 0, "all are done");
}

/* ---- a file of version 1 ---- */

static void ignore_message(void *ctx, const struct store_message *m)
{
	(void)ctx, (void)m;
}

static void ignore_segment(void *ctx, const struct store_segment *seg)
{
	(void)ctx, (void)seg;
}

static bool never(void *ctx, int64_t message_id, bool *separate)
{
	(void)ctx, (void)message_id, (void)separate;
	return false;
}

/** All rows of a query as text. */
static void rows(const char *path, const char *sql, char *out, size_t size)
{
	sqlite3_stmt *stmt;
	sqlite3 *db;
	size_t at = 0;

	sqlite3_open_v2(path, &db, SQLITE_OPEN_READONLY, NULL);
	CHECK(sqlite3_prepare_v2(db, sql, -1, &stmt, NULL) == SQLITE_OK, "%s", sqlite3_errmsg(db));
	*out = 0;
	while (sqlite3_step(stmt) == SQLITE_ROW && at < size)
		at += (size_t)snprintf(out + at, size - at, "%s\n", sqlite3_column_text(stmt, 0));
	CHECK(at > 0 && at < size, "%zu octets: %s", at, sql);
	sqlite3_finalize(stmt);
	sqlite3_close(db);
}

/** What version 1 wrote is worked on as if this version had written it. */
static void check_v1_work(struct fixture *f)
{
	struct store_sms_new part = sms_of(2, 2, 2);
	struct store_sms_added added;
	struct store_outcome o;

	CHECK(store_read_messages(f->s, 10, 0, ignore_message, NULL) == 4, "%s", store_error(f->s));
	store_begin(f->s);
	CHECK(store_segments_take(f->s, T0, 9, ignore_segment, NULL) == 1, "the SENT one");
	CHECK(store_segments_take(f->s, T0 + 700, 9, ignore_segment, NULL) == 1, "the QUEUED one");
	CHECK(!store_segment_report(f->s, "smsc-a", "id-3", 0, T0 + 9, &o), "a report");
	CHECK(o.message_id == 3 && o.state == MESSAGE_DELIVERED, "%d", o.state);
	CHECK(!store_sms_add(f->s, &part, T0 + 9, never, NULL, &added), "%s", store_error(f->s));
	CHECK(added.message_id == 4 && added.status == STORE_SMS_READY, "%d", added.status);
	CHECK(!store_commit(f->s), "%s", store_error(f->s));
}

/** Old messages and new ones can be notified about. */
static void check_v1_notified(struct fixture *f)
{
	struct store_notification n;
	int64_t id = notify(f->s, 3, T0 + 500);

	CHECK(!store_notification_get(f->s, id, &n) && n.message_id == 3, "%s", store_error(f->s));
	check_fields(&n, "");
	CHECK(!strcmp(n.message_imdn_id, "imdn-3"), "%s", n.message_imdn_id);
	done(f->s, id);
	id = notify(f->s, message_for(f->s, 9), T0 + 500);
	CHECK(!store_notification_get(f->s, id, &n) && n.message_id == 5, "%s", store_error(f->s));
	check_fields(&n, "2026-11-22T09:40:30+01:00");
	CHECK(purge(f->s) == 2, "1 and 3; 2 and 4 are open, 5 is the newest");
}

static void test_upgrade(void)
{
	static const char schema_sql[] = "SELECT sql FROM sqlite_schema ORDER BY name",
			  version_sql[] = "PRAGMA user_version",
			  uuid_sql[] = "SELECT uuid FROM meta";
	char uuid[64], text[16384], fresh[16384];
	struct fixture f, other;

	fixture_start(&f);
	fixture_make_v1(&f);
	rows(f.path, uuid_sql, uuid, sizeof(uuid));
	CHECK(store_open_read(&f.s, f.path, f.why, sizeof(f.why)) == -EIO, "read before upgrade");
	CHECK(strstr(f.why, "start the writer first"), "%s", f.why);
	fixture_open(&f);
	rows(f.path, version_sql, text, sizeof(text));
	CHECK(!strcmp(text, "7\n"), "version %s", text);
	rows(f.path, uuid_sql, text, sizeof(text));
	CHECK(!strcmp(text, uuid) && !strncmp(uuid, store_uuid(f.s), STORE_UUID_LEN), "%s", text);
	check_v1_work(&f);
	fixture_reopen(&f);
	check_v1_notified(&f);

	fixture_start(&other);
	fixture_open(&other);
	rows(f.path, schema_sql, text, sizeof(text));
	rows(other.path, schema_sql, fresh, sizeof(fresh));
	CHECK(!strcmp(text, fresh), "upgraded:\n%snew:\n%s", text, fresh);
	fixture_end(&other);
	fixture_end(&f);
}

int main(void)
{
	static void (*const tests[])(struct fixture * f) = {
		test_fields, test_absent_fields, test_refused, test_limit, test_purge,
	};
	struct fixture f;

	test_steps();
	for (size_t i = 0; i < sizeof(tests) / sizeof(tests[0]); i++) {
		fixture_start(&f);
		fixture_open(&f);
		tests[i](&f);
		fixture_end(&f);
	}
	test_upgrade();
	return test_end("store_notify");
}
