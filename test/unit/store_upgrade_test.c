/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */

#include "store_vector_work.h"

/*
 * Databases of each earlier schema version are upgraded, and what was open in them is worked off to the end. An
 * upgrade that loses power at any write, or fails at any write, sync or step leaves a whole version with all
 * rows, which the next start upgrades. A newer version is refused and not touched.
 */

/* ---- what is in a file, before lib/store sees it ---- */

static const char schema_sql[] = "SELECT sql FROM sqlite_schema ORDER BY name",
		  columns_sql[] =
			  "SELECT m.name, c.name, c.type, c.\"notnull\", c.dflt_value FROM sqlite_schema m,"
			  " pragma_table_info(m.name) c WHERE m.type = 'table' AND m.name <> 'sqlite_sequence'"
			  " ORDER BY 1, 2",
		  indexes_sql[] = "SELECT sql FROM sqlite_schema WHERE type = 'index' ORDER BY sql";

static char *schemas[VECTORS][STORE_SCHEMA_VERSION + 1]; /* of each vector at each version it goes through */

/** Step by step, by SQLite alone. */
static void schemas_learn(int vector)
{
	struct fixture f;
	sqlite3 *db;

	fixture_start(&f);
	vector_put(&f);
	sqlite3_open(f.path, &db);
	schemas[vector][vectors[vector].version] = ask(db, schema_sql);
	for (int i = vectors[vector].version; i < STORE_SCHEMA_VERSION; i++) {
		CHECK(sqlite3_exec(db, store_upgrades[i], NULL, NULL, NULL) == SQLITE_OK, "%s", sqlite3_errmsg(db));
		schemas[vector][i + 1] = ask(db, schema_sql);
	}
	sqlite3_close(db);
	fixture_unlink(&f);
	rmdir(f.dir);
}

/** A version, whole, with all rows. @return which; 0: none */
static int file_version(int vector, const char *path)
{
	char *stamp, *schema, *rows, *parts;
	sqlite3 *db;
	int version;
	bool ok;

	sqlite3_open(path, &db);
	stamp = ask(db, "PRAGMA user_version");
	schema = ask(db, schema_sql);
	rows = ask(db, "SELECT count(*), sum(id * state) FROM message");
	parts = ask(db, "SELECT (SELECT count(tpdu) FROM segment), count(units) FROM fragment");
	version = atoi(stamp);
	ok = version >= vectors[vector].version && version <= STORE_SCHEMA_VERSION &&
	     !strcmp(schema, schemas[vector][version]) &&
	     !strcmp(rows, vectors[vector].version < 4 ? "12|221|" : "13|257|") &&
	     !strcmp(parts, vectors[vector].version < 4 ? "6|6|" : "7|6|");
	CHECK(ok, "%s: version %d, messages %s parts %s", vectors[vector].name, version, rows, parts);
	sqlite3_free(stamp);
	sqlite3_free(schema);
	sqlite3_free(rows);
	sqlite3_free(parts);
	sqlite3_close(db);
	return ok ? version : 0;
}

/* ---- upgrade and work ---- */

static void same_schema(struct store *s)
{
	const char *const sql[] = {columns_sql, indexes_sql, "PRAGMA user_version", "PRAGMA application_id"};
	struct fixture f;
	char *got, *want;

	fixture_start(&f);
	fixture_open(&f);
	for (int i = 0; i < 4; i++) {
		got = ask(s->db, sql[i]);
		want = ask(f.s->db, sql[i]);
		CHECK(!strcmp(got, want), "upgraded\n%s\nnew\n%s", got, want);
		sqlite3_free(got);
		sqlite3_free(want);
	}
	fixture_end(&f);
}

static void test_vector(int vector)
{
	struct fixture f;
	char *integrity, *pages, *until;

	fixture_start(&f);
	vector_put(&f);
	CHECK(file_version(vector, f.path) == vectors[vector].version, "%s", vectors[vector].name);
	vector_put(&f);
	fixture_open(&f);
	same_schema(f.s);
	pages = ask(f.s->db, "PRAGMA page_size");
	until = ask(f.s->db, "PRAGMA wal_autocheckpoint");
	CHECK(!strcmp(pages, vectors[vector].version < 6 ? "4096|" : "2048|") &&
		      !strcmp(until, vectors[vector].version < 6 ? "4096|" : "8192|"),
	      "the file keeps its pages: %s %s", pages, until);
	sqlite3_free(pages);
	sqlite3_free(until);
	check_work(&vectors[vector], f.s);
	integrity = ask(f.s->db, "PRAGMA integrity_check");
	CHECK(!strcmp(integrity, "ok|"), "%s", integrity);
	sqlite3_free(integrity);
	fixture_reopen(&f);
	fixture_end(&f);
}

/* ---- an upgrade that does not come to its end ---- */

static unsigned seen[STORE_SCHEMA_VERSION + 1], interrupted;

/** What is there now is a whole version, and the next start upgrades it. */
static void check_interrupted(int vector, struct fixture *f, bool all)
{
	int version = file_version(vector, f->path);

	interrupted++;
	seen[version]++;
	if (!all)
		return;
	fixture_open(f);
	check_work(&vectors[vector], f->s);
	store_close(f->s);
	f->s = NULL;
}

/** Loss of power at every write of the upgrade. */
static void test_power(int vector)
{
	struct fixture f;

	fixture_start(&f);
	vector_put(&f);
	disk.recording = true;
	fixture_open(&f);
	disk.recording = false;
	store_close(f.s);
	for (size_t at = 4; at <= disk.n; at++) {
		disk_rebuild(f.path, at, (enum disk_survival)(at % DISK_SURVIVALS), disk_seed(at));
		check_interrupted(vector, &f, at % 7 == 0);
		fixture_unlink(&f);
	}
	f.s = NULL;
	fixture_end(&f);
}

enum { NEVER = 1 << 30 };

static int steps_left = NEVER, statements_left = NEVER;

static int on_step(void *ctx)
{
	(void)ctx;
	return steps_left-- <= 0;
}

/** One of the statements of the upgrade is refused, and only that. */
static int on_action(void *ctx, int code, const char *a, const char *b, const char *c, const char *d)
{
	(void)ctx, (void)a, (void)b, (void)c, (void)d;
	switch (code) {
	case SQLITE_CREATE_TABLE:
	case SQLITE_CREATE_INDEX:
	case SQLITE_ALTER_TABLE:
	case SQLITE_PRAGMA:
	case SQLITE_TRANSACTION:
		return statements_left-- == 0 ? SQLITE_DENY : SQLITE_OK;
	default:
		return SQLITE_OK;
	}
}

/** SQLite tells of each connection before lib/store has it. */
static int on_connection(sqlite3 *db, char **why, const struct sqlite3_api_routines *api)
{
	(void)why, (void)api;
	sqlite3_progress_handler(db, 1, on_step, NULL);
	sqlite3_set_authorizer(db, on_action, NULL);
	return SQLITE_OK;
}

enum failure { FAILS_WRITE, FAILS_STATEMENT, FAILS_STEP, FAILURES };

/** A failure at the nth write or sync, statement, or step, of store_open(). @return did it fail? */
static bool fail_at(int vector, struct fixture *f, int n, enum failure kind)
{
	int err;

	vector_put(f);
	steps_left = kind == FAILS_STEP ? n : NEVER;
	statements_left = kind == FAILS_STATEMENT ? n : NEVER;
	disk.left = kind == FAILS_WRITE ? n + 1 : 0;
	err = store_open(&f->s, f->path, f->why, sizeof(f->why));
	steps_left = statements_left = NEVER;
	disk.left = 0;
	CHECK(!err || (err == -EIO && strstr(f->why, f->path)), "%d: %s", err, f->why);
	store_close(f->s);
	f->s = NULL;
	check_interrupted(vector, f, n % 11 == 0);
	fixture_unlink(f);
	return err;
}

static void test_failures(int vector)
{
	static const char *const failure_names[FAILURES] = {"writes and syncs", "statements", "steps"};
	struct fixture f;
	int n;

	fixture_start(&f);
	sqlite3_auto_extension((void (*)(void))on_connection);
	for (int kind = 0; kind < FAILURES; kind++) {
		for (n = 0; fail_at(vector, &f, n, (enum failure)kind) && n < 20000;
		     n += kind == FAILS_STEP ? 1 + n / 20 : 1)
			;
		CHECK(n > 3 && n < 20000, "%s: %d", failure_names[kind], n);
	}
	sqlite3_cancel_auto_extension((void (*)(void))on_connection);
	fixture_end(&f);
}

/* ---- downgrade ---- */

static void test_newer(void)
{
	struct fixture f;
	char stamp[64], want[64];
	sqlite3 *db;
	char *before, *after;

	fixture_start(&f);
	fixture_open(&f);
	snprintf(stamp, sizeof(stamp), "PRAGMA user_version = %d", STORE_SCHEMA_VERSION + 1);
	snprintf(want, sizeof(want), "has schema %d, this program knows %d", STORE_SCHEMA_VERSION + 1,
		 STORE_SCHEMA_VERSION);
	before = ask(f.s->db, schema_sql);
	CHECK(sqlite3_exec(f.s->db, stamp, NULL, NULL, NULL) == SQLITE_OK, "%s", sqlite3_errmsg(f.s->db));
	store_close(f.s);
	CHECK(store_open(&f.s, f.path, f.why, sizeof(f.why)) == -ENOTSUP, "%s", f.why);
	CHECK(strstr(f.why, f.path) && strstr(f.why, want) && strstr(f.why, "backup") && !strchr(f.why, '\n'), "%s",
	      f.why);
	sqlite3_open(f.path, &db);
	after = ask(db, schema_sql);
	CHECK(!strcmp(before, after), "it was changed");
	sqlite3_free(before);
	sqlite3_free(after);
	sqlite3_close(db);
	fixture_end(&f);
}

int main(void)
{
	disk_install();
	for (int i = 0; i < VECTORS; i++) {
		vector_load(&vectors[i]);
		schemas_learn(i);
		test_vector(i);
		test_power(i);
		vector_load(&vectors[i]);
		test_failures(i);
		for (int version = 0; version <= STORE_SCHEMA_VERSION; version++)
			sqlite3_free(schemas[i][version]);
	}
	test_newer();
	CHECK(!seen[0] && seen[STORE_SCHEMA_VERSION] > 10, "%u", seen[0]);
	printf("upgrade: %u interrupted upgrades:", interrupted);
	for (int version = 1; version <= STORE_SCHEMA_VERSION; version++)
		printf(" version %d %u times%s", version, seen[version], version < STORE_SCHEMA_VERSION ? "," : "\n");
	disk_forget();
	free(disk.log);
	return test_end("store_upgrade");
}
