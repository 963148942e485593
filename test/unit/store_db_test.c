/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */

#include <sys/wait.h>

#include "../../lib/store/store_int.h"
#include "store_fixture.h"

/* Opening and refusing, transactions, the reader beside the writer, retention, query plans. */

/* ---- what is not opened, and what the operator reads then ---- */

static void sql_run(const char *path, const char *sql)
{
	sqlite3 *db;

	CHECK(sqlite3_open(path, &db) == SQLITE_OK, "%s", path);
	CHECK(sqlite3_exec(db, sql, NULL, NULL, NULL) == SQLITE_OK, "%s", sqlite3_errmsg(db));
	sqlite3_close(db);
}

static void make_nothing(struct fixture *f)
{
	(void)f;
}

static void make_no_directory(struct fixture *f)
{
	snprintf(f->path, sizeof(f->path), "%s/none/x.db", f->dir);
}

static void make_directory(struct fixture *f)
{
	snprintf(f->path, sizeof(f->path), "%s", f->dir);
}

static void make_garbage(struct fixture *f)
{
	FILE *file = fopen(f->path, "w");

	for (int i = 0; i < 8192; i++)
		fputc(i * 7 & 0xff, file);
	fclose(file);
}

static void make_foreign(struct fixture *f)
{
	sql_run(f->path, "CREATE TABLE message(x)");
}

static void make_foreign_marked(struct fixture *f)
{
	sql_run(f->path, "PRAGMA application_id = 7");
}

static void make_ours(struct fixture *f)
{
	fixture_open(f);
	store_close(f->s);
	f->s = NULL;
}

static void make_newer(struct fixture *f)
{
	make_ours(f);
	sql_run(f->path, "PRAGMA user_version = 99");
}

static void make_older(struct fixture *f)
{
	make_ours(f);
	sql_run(f->path, "PRAGMA user_version = 0");
}

static void make_without_table(struct fixture *f)
{
	make_ours(f);
	sql_run(f->path, "DROP TABLE fragment");
}

static void make_without_uuid(struct fixture *f)
{
	make_ours(f);
	sql_run(f->path, "DELETE FROM meta");
}

static void make_cut(struct fixture *f)
{
	make_ours(f);
	CHECK(!truncate(f->path, 3000), "truncate");
}

static void make_bad_page(struct fixture *f)
{
	FILE *file;

	make_ours(f);
	file = fopen(f->path, "r+");
	fseek(file, 100, SEEK_SET); /* behind the file header: the root of the schema */
	for (int i = 0; i < 1900; i++)
		fputc(0xff, file);
	fclose(file);
}

static const struct {
	const char *name;
	void (*make)(struct fixture *f);
	int write_err, read_err;
	const char *why; /* in what the operator reads */
} refusals[] = {
	{"no file", make_nothing, 0, -EIO, "does the directory exist"},
	{"no directory", make_no_directory, -EIO, -EIO, "does the directory exist"},
	{"a directory", make_directory, -EIO, -EIO, ""},
	{"garbage", make_garbage, -EIO, -EIO, "not a database"},
	{"another program's tables", make_foreign, -EIO, -EIO, "another program"},
	{"another program's mark", make_foreign_marked, -EIO, -EIO, "another program"},
	{"newer schema", make_newer, -ENOTSUP, -ENOTSUP, "schema 99"},
	{"older schema that cannot be upgraded", make_older, -EIO, -EIO, ""},
	{"a table is missing", make_without_table, -EIO, 0, "no such table"},
	{"uuid is missing", make_without_uuid, -EIO, -EIO, "meta is empty"},
	{"cut off", make_cut, -EIO, -EIO, ""},
	{"damaged schema", make_bad_page, -EIO, -EIO, "malformed"},
};

static void check_refusal(const struct fixture *f, const char *name, const char *how, int err,
			  int want, const struct store *s, const char *words)
{
	CHECK(err == want, "%s: %s gave %d: %s", name, how, err, f->why);
	CHECK(!s == !!err, "%s: %s: handle", name, how);
	if (!err)
		return;
	CHECK(strstr(f->why, f->path) == f->why, "%s: no path: %s", name, f->why);
	CHECK(strstr(f->why, words) && !strchr(f->why, '\n'), "%s: %s", name, f->why);
}

static void test_refusals(void)
{
	for (size_t i = 0; i < sizeof(refusals) / sizeof(refusals[0]); i++) {
		struct fixture f;
		int err;

		fixture_start(&f);
		refusals[i].make(&f);
		err = store_open_read(&f.s, f.path, f.why, sizeof(f.why));
		check_refusal(&f, refusals[i].name, "read", err, refusals[i].read_err, f.s,
			      refusals[i].why);
		store_close(f.s);
		err = store_open(&f.s, f.path, f.why, sizeof(f.why));
		check_refusal(&f, refusals[i].name, "write", err, refusals[i].write_err, f.s,
			      refusals[i].why);
		fixture_end(&f);
	}
}

/** root may write everything, so a child gives that up first. */
static void test_read_only(void)
{
	struct fixture f;
	int status = 0;

	fixture_start(&f);
	make_ours(&f);
	CHECK(!chmod(f.path, 0444), "chmod");
	if (fork() == 0) {
		int err = geteuid() ? 0 : seteuid(65534);

		err = err ? err : store_open(&f.s, f.path, f.why, sizeof(f.why));
		_exit(err == -EIO && !f.s && strstr(f.why, "write") ? 0 : 1);
	}
	wait(&status);
	CHECK(status == 0, "a file that cannot be written was opened");
	fixture_end(&f);
}

/* ---- locks and transactions ---- */

static void test_locked(struct fixture *f)
{
	sqlite3 *other;
	struct store *second;
	struct store_message_new m = message_of(1, 1);
	struct store_message_added added;

	CHECK(sqlite3_open(f->path, &other) == SQLITE_OK, "open");
	sqlite3_exec(other, "BEGIN IMMEDIATE", NULL, NULL, NULL);
	CHECK(store_begin(f->s) == -EIO, "another process writes");
	CHECK(strstr(store_error(f->s), "locked"), "%s", store_error(f->s));
	CHECK(store_message_add(f->s, &m, T0, &added) == -EIO, "no transaction");
	CHECK(store_open(&second, f->path, f->why, sizeof(f->why)) == -EIO, "a second writer");
	CHECK(strstr(f->why, "another process"), "%s", f->why);
	sqlite3_exec(other, "ROLLBACK", NULL, NULL, NULL);
	sqlite3_close(other);
	CHECK(store_open(&second, f->path, f->why, sizeof(f->why)) == -EIO, "it would requeue what the first has sent");
	CHECK(strstr(f->why, "open for writing"), "%s", f->why);
	CHECK(!message_put(f->s, &m, T0, &added), "afterwards: %s", store_error(f->s));
}

static int depth(struct store *s, uint64_t *waiting, uint64_t *assembling)
{
	struct store_depth d = {0};
	int err = store_read_depth(s, &d);

	*waiting = d.segments_waiting;
	*assembling = d.messages_assembling;
	return err;
}

static void ignore_message(void *ctx, const struct store_message *m)
{
	(void)ctx, (void)m;
}

static int messages(struct store *s)
{
	return store_read_messages(s, 1000, 0, ignore_message, NULL);
}

static void test_transactions(struct fixture *f)
{
	struct store_message_new m = message_of(2, 1);
	struct store_message_added added;

	CHECK(store_commit(f->s) == -EIO, "commit of nothing");
	CHECK(store_message_add(f->s, &m, T0, &added) == -EIO, "outside a transaction");
	CHECK(!store_begin(f->s) && !store_message_add(f->s, &m, T0, &added), "%s",
	      store_error(f->s));
	store_rollback(f->s);
	CHECK(messages(f->s) == 0, "rolled back");
	store_begin(f->s);
	CHECK(!store_message_add(f->s, &m, T0, &added), "%s", store_error(f->s));
	CHECK(store_begin(f->s) == -EIO, "begin twice");
	CHECK(store_message_add(f->s, &m, T0, &added) == -EIO, "the transaction is broken");
	CHECK(store_commit(f->s) == -EIO, "and cannot be committed");
	CHECK(messages(f->s) == 0, "all of it is gone");
	CHECK(!message_put(f->s, &m, T0, &added), "the next one works: %s", store_error(f->s));
	CHECK(messages(f->s) == 1, "one");
}

static void test_pragmas(struct fixture *f)
{
	static const char *const want[][2] = {{"PRAGMA journal_mode", "wal"},
					      {"PRAGMA synchronous", "2"},
					      {"PRAGMA secure_delete", "2"},
					      {"PRAGMA page_size", "2048"},
					      {"PRAGMA wal_autocheckpoint", "8192"}};
	sqlite3_stmt *stmt;

	for (size_t i = 0; i < sizeof(want) / sizeof(want[0]); i++) {
		sqlite3_prepare_v2(f->s->db, want[i][0], -1, &stmt, NULL);
		sqlite3_step(stmt);
		CHECK(!strcmp((const char *)sqlite3_column_text(stmt, 0), want[i][1]), "%s",
		      want[i][0]);
		sqlite3_finalize(stmt);
	}
}

static void test_uuid(struct fixture *f)
{
	struct fixture other;
	char uuid[STORE_UUID_LEN + 1];

	snprintf(uuid, sizeof(uuid), "%s", store_uuid(f->s));
	CHECK(strlen(uuid) == STORE_UUID_LEN && uuid[8] == '-' && uuid[13] == '-', "%s", uuid);
	CHECK(uuid[14] == '4' && strchr("89ab", uuid[19]), "version 4: %s", uuid);
	CHECK(strspn(uuid, "0123456789abcdef-") == STORE_UUID_LEN, "lower case: %s", uuid);
	fixture_reopen(f);
	CHECK(!strcmp(uuid, store_uuid(f->s)), "it changed to %s", store_uuid(f->s));
	fixture_start(&other);
	fixture_open(&other);
	CHECK(strcmp(uuid, store_uuid(other.s)), "two databases, one uuid");
	fixture_end(&other);
}

/* ---- reading ---- */

struct seen {
	char text[256];
};

static void on_conversation(void *ctx, const struct store_conversation *c)
{
	struct seen *seen = ctx;
	size_t at = strlen(seen->text);

	snprintf(seen->text + at, sizeof(seen->text) - at, "%s>%s %s/%s/%s ", c->a, c->b,
		 c->conversation_id, c->contribution_id, c->service);
	CHECK(c->created_ms >= T0 && c->updated_ms >= c->created_ms, "times");
}

static void on_message(void *ctx, const struct store_message *m)
{
	struct seen *seen = ctx;
	size_t at = strlen(seen->text);

	snprintf(seen->text + at, sizeof(seen->text) - at, "%s:%s:%u:%u:%lld:%s ",
		 m->direction == STORE_OUT ? "out" : "in", message_state_name(m->state),
		 m->segments, m->attempts, (long long)m->next_attempt_ms, m->smsc_id);
}

static bool never(void *ctx, int64_t message_id, bool *separate)
{
	(void)ctx, (void)message_id, (void)separate;
	return false;
}

/** Three messages: out accepted, out waiting, in assembling. @return the first segment of the second */
static int64_t fill(struct fixture *f)
{
	struct store_message_new m = message_of(1, 1);
	struct store_sms_new sms = sms_of(1, 2, 1);
	struct store_message_added added;
	struct store_sms_added held;
	struct store_outcome o;

	store_begin(f->s);
	CHECK(!store_message_add(f->s, &m, T0, &added), "%s", store_error(f->s));
	CHECK(!store_segment_accepted(f->s, added.first_segment_id, "smsc-a", "id-1", T0 + 1, &o),
	      "-");
	m = message_of(3, 2);
	m.b = "+491709";
	CHECK(!store_message_add(f->s, &m, T0 + 2, &added), "%s", store_error(f->s));
	store_segment_retry(f->s, added.first_segment_id + 1, T0 + 800, 1, false, true);
	store_segment_retry(f->s, added.first_segment_id + 2, T0 + 700, 1, false, false);
	CHECK(!store_sms_add(f->s, &sms, T0 + 3, never, NULL, &held), "%s", store_error(f->s));
	CHECK(!store_commit(f->s), "%s", store_error(f->s));
	return added.first_segment_id;
}

static void check_lists(struct store *s)
{
	struct seen seen = {""};

	CHECK(store_read_messages(s, 10, 0, on_message, &seen) == 3, "%s", store_error(s));
	CHECK(!strcmp(seen.text, "in:assembling:2:0:1010003: out:pending:3:1:1000700: "
				 "out:accepted:1:0:0:id-1 "),
	      "%s", seen.text);
	*seen.text = 0;
	CHECK(store_read_messages(s, 1, 1, on_message, &seen) == 1, "limit and offset");
	CHECK(!strncmp(seen.text, "out:pending", 11), "%s", seen.text);
	*seen.text = 0;
	CHECK(!store_read_message(s, 1, on_message, &seen) && strstr(seen.text, "id-1"), "%s",
	      seen.text);
	CHECK(store_read_message(s, 4, on_message, &seen) == -ENOENT, "no such message");
	*seen.text = 0;
	CHECK(store_read_conversations(s, 10, 0, on_conversation, &seen) == 2, "%s",
	      store_error(s));
	CHECK(!strcmp(seen.text, "+491701>+491709 conv-1/contrib-1/cpm-pager " /* what began last first */
				 "+491701>+491702 conv-1/contrib-1/cpm-pager "),
	      "%s", seen.text);
	CHECK(store_read_conversations(s, 10, 1, on_conversation, &seen) == 1, "offset");
	CHECK(!store_read_conversation(s, "+491701", "+491709", on_conversation, &seen), "-");
	CHECK(store_read_conversation(s, "+491709", "+491701", on_conversation, &seen) == -ENOENT,
	      "-");
}

static void test_reader(struct fixture *f)
{
	uint64_t waiting, assembling;
	struct store_message_new m = message_of(1, 9);
	struct store_message_added added;
	struct store *r = NULL;

	fill(f);
	CHECK(!store_open_read(&r, f->path, f->why, sizeof(f->why)), "%s", f->why);
	if (!r)
		return;
	CHECK(!strcmp(store_uuid(r), store_uuid(f->s)), "%s", store_uuid(r));
	check_lists(r);
	check_lists(f->s);
	CHECK(!depth(r, &waiting, &assembling), "%s", store_error(r));
	CHECK(waiting == 2 && assembling == 1, "%u %u", (unsigned)waiting, (unsigned)assembling);
	store_begin(f->s);
	CHECK(!store_message_add(f->s, &m, T0, &added), "the reader hinders nobody");
	CHECK(messages(r) == 3, "not committed yet");
	CHECK(!store_commit(f->s), "%s", store_error(f->s));
	CHECK(messages(r) == 4, "committed");
	CHECK(store_begin(r) == -EIO && store_segments_next_ms(r) == INT64_MAX,
	      "a reader does not write");
	CHECK(strstr(store_error(r), "reading only"), "%s", store_error(r));
	store_close(r);
}

/* ---- retention ---- */

static int purge(struct store *s, int64_t messages_ms, int64_t conversations_ms, unsigned limit)
{
	int n;

	store_begin(s);
	n = store_purge(s, messages_ms, conversations_ms, limit);
	CHECK(!store_commit(s), "%s", store_error(s));
	return n;
}

static void test_purge(struct fixture *f)
{
	int64_t late = T0 + 100000;
	struct store_sms_new sms = sms_of(0, 0, 1);
	struct store_message_added added;
	struct store_message_new m = message_of(1, 7);
	struct store_sms_added in;
	int64_t first = fill(f);
	struct store_outcome o;

	store_begin(f->s);
	store_sms_add(f->s, &sms, T0 + 10, never, NULL, &in); /* single: the SMSC's to repeat */
	store_message_add(f->s, &m, T0 + 20, &added);
	store_commit(f->s);
	CHECK(purge(f->s, T0 + 1, T0, 100) == 0, "nothing is old enough");
	CHECK(purge(f->s, late, late, 1) == 2 && messages(f->s) == 4, "limit: one message, one conversation");
	CHECK(purge(f->s, late, T0, 100) == 1 && messages(f->s) == 3, "the open ones stay");
	store_begin(f->s);
	CHECK(store_segment_report(f->s, "smsc-a", "id-1", 0, T0, &o) == -ENOENT,
	      "segments went too");
	CHECK(!store_segment_failed(f->s, first, 1, T0 + 30, &o), "%s", store_error(f->s));
	store_segment_failed(f->s, added.first_segment_id, 1, T0 + 40, &o);
	store_commit(f->s);
	CHECK(purge(f->s, late, T0, 100) == 1 && messages(f->s) == 2, "assembling and newest stay");
	CHECK(purge(f->s, 0, late, 100) == 1, "the other conversation");
	fixture_reopen(f);
	CHECK(!message_put(f->s, &m, late, &added) && added.message_id == 6,
	      "ids are never used again: %lld", (long long)added.message_id);
}

/* ---- plans ---- */

struct plans {
	unsigned statements, searches, alert;
};

static void on_plan(void *ctx, const char *sql, const char *plan)
{
	struct plans *plans = ctx;

	plans->statements++;
	plans->searches += strstr(plan, "SEARCH") == plan;
	CHECK(!strstr(plan, "SCAN") || strstr(plan, "SCAN CONSTANT ROW"), "full scan: %s: %s", sql,
	      plan);
	CHECK(!strstr(plan, "TEMP B-TREE"), "sorts: %s: %s", sql, plan);
	CHECK(!strstr(plan, "AUTOMATIC"), "builds an index: %s: %s", sql, plan);
	plans->alert += strstr(sql, "m.b = ?1") && strstr(plan, "message_waits (b=?)");
}

static void test_plans(struct fixture *f)
{
	struct plans plans = {0};

	CHECK(!store_test_query_plans(f->s, on_plan, &plans), "%s", store_error(f->s));
	CHECK(plans.searches > 40, "only %u searches in %u lines", plans.searches,
	      plans.statements);
	CHECK(plans.alert == 1, "what waits for B is found by B: %u", plans.alert);
}

int main(void)
{
	static void (*const tests[])(struct fixture * f) = {
		test_locked, test_transactions, test_pragmas, test_uuid,
		test_reader, test_purge,	test_plans,
	};

	test_refusals();
	test_read_only();
	fixture_each(tests, sizeof(tests) / sizeof(tests[0]));
	return test_end("store_db");
}
