/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */

#include <getopt.h>

#include "power_promise.h"

/*
 * Loss of power at any write: what was promised behind a commit is in the database that is opened afterwards,
 * with nothing else than what one of the commits wrote, and work goes on. Cuts at every entry of the log of a
 * small run, then by chance in larger ones. The same with a store that is broken on purpose (synchronous
 * OFF or NORMAL, a promise ahead of its commit, a commit that is skipped) must find losses.
 *
 * Long form: store_power_test -s SEED -n CUTS
 */

enum broken { BROKEN_NOT, BROKEN_OFF, BROKEN_NORMAL, BROKEN_EARLY, BROKEN_SKIP, BROKEN_KINDS };

static const char *const broken_names[BROKEN_KINDS] = {"nothing", "synchronous=OFF", "synchronous=NORMAL",
							"promise ahead of commit", "commit skipped"};

static struct {
	unsigned works, cuts, lost, writes;
	unsigned long promises, kinds[PROMISE_KINDS];
	unsigned later; /* the commit that nobody was told of was there as well */
	bool quiet;	/* losses are expected: they are counted, not told */
} power;

/* ---- everything that is in a database ---- */

static void dump_table(struct store *s, sqlite3_str *text, const char *table)
{
	char sql[96];
	sqlite3_stmt *stmt;

	snprintf(sql, sizeof(sql), "SELECT * FROM %s ORDER BY 1", table);
	sqlite3_str_appendf(text, "%s:", table);
	if (sqlite3_prepare_v2(s->db, sql, -1, &stmt, NULL) != SQLITE_OK)
		return;
	while (sqlite3_step(stmt) == SQLITE_ROW)
		for (int c = 0; c < sqlite3_column_count(stmt); c++)
			sqlite3_str_appendf(text, "%s%c", sqlite3_column_text(stmt, c),
					    c + 1 < sqlite3_column_count(stmt) ? '|' : '\n');
	sqlite3_finalize(stmt);
}

/** All tables but meta, whose uuid is made by chance. */
static char *dump(struct store *s)
{
	static const char sql[] = "SELECT name FROM sqlite_schema WHERE type = 'table' AND name <> 'meta' ORDER BY 1";
	sqlite3_str *text = sqlite3_str_new(NULL);
	sqlite3_stmt *stmt;

	if (sqlite3_prepare_v2(s->db, sql, -1, &stmt, NULL) == SQLITE_OK)
		while (sqlite3_step(stmt) == SQLITE_ROW)
			dump_table(s, text, (const char *)sqlite3_column_text(stmt, 0));
	sqlite3_finalize(stmt);
	return sqlite3_str_finish(text);
}

/** What the next store_open() will make of what the open transaction holds. */
static char *dump_ahead(struct store *s)
{
	char *text;

	sqlite3_exec(s->db, "SAVEPOINT ahead", NULL, NULL, NULL);
	for (int i = STMT_REQUEUE_SENT; i <= STMT_REQUEUE_NOTIFYING; i++)
		sqlite3_exec(s->db, store_sql[i], NULL, NULL, NULL);
	text = dump(s);
	sqlite3_exec(s->db, "ROLLBACK TO ahead; RELEASE ahead", NULL, NULL, NULL);
	return text;
}

/* ---- a life of the gateway, written down ---- */

static void work_end(void)
{
	for (int i = 0; i <= WORK_COMMITS_MAX; i++)
		sqlite3_free(work.state[i]);
	disk_forget();
	memset(&work, 0, sizeof(work));
}

static void work_open(struct fixture *f, enum broken broken)
{
	fixture_open(f);
	sqlite3_wal_autocheckpoint(f->s->db, 4 + (int)work_random(40)); /* often: also these writes are cut */
	if (broken == BROKEN_OFF || broken == BROKEN_NORMAL)
		sqlite3_exec(f->s->db,
			     broken == BROKEN_OFF ? "PRAGMA synchronous = OFF" : "PRAGMA synchronous = NORMAL", NULL,
			     NULL, NULL);
}

/** As the thread of store_checkpoint_aside() does it, on a connection of its own. */
static void work_checkpoint(const char *path)
{
	sqlite3 *db;
	bool ok = sqlite3_open_v2(path, &db, SQLITE_OPEN_READWRITE, NULL) == SQLITE_OK &&
		  sqlite3_exec(db, "PRAGMA synchronous = FULL", NULL, NULL, NULL) == SQLITE_OK &&
		  sqlite3_wal_checkpoint_v2(
			  db, NULL, work_random(2) ? SQLITE_CHECKPOINT_PASSIVE : SQLITE_CHECKPOINT_RESTART, NULL,
			  NULL) == SQLITE_OK;

	CHECK(ok, "checkpoint: %s", sqlite3_errmsg(db));
	sqlite3_close(db);
}

static void work_commit(struct store *s, enum broken broken)
{
	int err = store_begin(s), tries = 1 + (int)work_random(4);

	work.commit++;
	while (!err && tries-- > 0) {
		err = work_one(s);
		err = err == -ENOENT ? 0 : err;
	}
	CHECK(!err, "commit %d: %s", work.commit, store_error(s));
	work.state[work.commit] = dump_ahead(s);
	if (broken == BROKEN_EARLY)
		disk_note(DISK_MARK, 0, work.commit, NULL, 0);
	if (broken == BROKEN_SKIP && work.commit % 5 == 0)
		store_rollback(s);
	else
		CHECK(!store_commit(s), "commit %d: %s", work.commit, store_error(s));
	if (broken != BROKEN_EARLY)
		disk_note(DISK_MARK, 0, work.commit, NULL, 0);
}

/** @param commits at most WORK_COMMITS_MAX */
static void work_record(uint64_t seed, int commits, enum broken broken)
{
	struct fixture f;

	work_end();
	work.seed = disk_seed(seed);
	work.now_ms = T0;
	fixture_start(&f);
	disk.recording = true;
	work_open(&f, broken);
	work.state[0] = dump(f.s);
	disk_note(DISK_MARK, 0, 0, NULL, 0);
	for (int i = 0; i < commits; i++) {
		if (commits > 20 && work_random(30) == 0) {
			store_close(f.s); /* the WAL goes, and comes again */
			work_open(&f, broken);
		}
		work_commit(f.s, broken);
		if (work_random(6) == 0)
			work_checkpoint(f.path);
	}
	store_close(f.s);
	f.s = NULL;
	disk.recording = false;
	fixture_end(&f);
	power.works++;
}

/* ---- a cut, and what is found then ---- */

struct cut {
	uint64_t work_seed, seed;
	size_t at;
	enum disk_survival survival;
	int promised; /* the last commit that the peers know of; -1: not even the database */
};

static void lost(const struct cut *c, const char *what, const char *more)
{
	power.lost++;
	if (!power.quiet)
		CHECK(false, "work %" PRIu64 ", cut at %zu (%s, %" PRIu64 "), promised %d: %s %s", c->work_seed, c->at,
		      disk_names[c->survival], c->seed, c->promised, what, more);
}

static bool integrity(struct store *s)
{
	sqlite3_stmt *stmt = NULL;
	bool ok = sqlite3_prepare_v2(s->db, "PRAGMA integrity_check", -1, &stmt, NULL) == SQLITE_OK &&
		  sqlite3_step(stmt) == SQLITE_ROW && !strcmp((const char *)sqlite3_column_text(stmt, 0), "ok");

	sqlite3_finalize(stmt);
	return ok;
}

/** Which commit's state this is: the last promised one, or the one that was under way. @return -2: none */
static int state_find(const struct cut *c, struct store *s)
{
	char *found = dump(s);
	int first = c->promised < 0 ? 0 : c->promised, at = -2;

	for (int i = first + 1; at < 0 && i >= first; i--)
		if (i <= work.commit && !strcmp(found, work.state[i]))
			at = i;
	sqlite3_free(found);
	return at;
}

static void promises_check(const struct cut *c, struct store *s, int commit)
{
	for (unsigned i = 0; i < work.n_promises; i++) {
		const struct promise *p = &work.promises[i];
		char which[64];

		if (p->commit > commit || p->until <= commit)
			continue;
		power.promises++;
		power.kinds[p->kind]++;
		snprintf(which, sizeof(which), "kind %d of %" PRId64 ", commit %d", p->kind, p->id, p->commit);
		if (!promise_kept(s, p))
			lost(c, "a promise is not kept:", which);
	}
}

static bool goes_on(struct store *s)
{
	struct store_message_new m = message_of(3, 0xffffff);
	struct store_message_added added;
	struct store_outcome o;

	return !message_put(s, &m, T0, &added) && !store_begin(s) &&
	       !store_segment_accepted(s, added.first_segment_id, "smsc-a", "on", T0, &o) && !store_commit(s) &&
	       integrity(s);
}

static void cut_check(struct fixture *f, const struct cut *c)
{
	int at;

	power.cuts++;
	disk_rebuild(f->path, c->at, c->survival, c->seed);
	if (store_open(&f->s, f->path, f->why, sizeof(f->why))) {
		lost(c, "does not open:", f->why);
	} else {
		at = state_find(c, f->s);
		if (at == -2)
			lost(c, "what is there is not what the last commit left", "");
		power.later += at > c->promised;
		promises_check(c, f->s, at == -2 ? c->promised : at);
		if (!integrity(f->s) || !goes_on(f->s))
			lost(c, "cannot go on:", store_error(f->s));
	}
	store_close(f->s);
	f->s = NULL;
	fixture_unlink(f);
}

static int promised_at(size_t cut)
{
	int last = -1;

	for (size_t i = 0; i < cut; i++)
		if (disk.log[i].op == DISK_MARK)
			last = (int)disk.log[i].at;
	return last;
}

static void cut_at(struct fixture *f, uint64_t work_seed, uint64_t seed, size_t at, enum disk_survival survival)
{
	struct cut c = {work_seed, disk_seed(seed), at, survival, promised_at(at)};

	cut_check(f, &c);
}

/** Every place in a small run: nothing of the rest, and something of it. */
static void test_everywhere(void)
{
	struct fixture f;

	fixture_start(&f);
	work_record(1, 6, BROKEN_NOT);
	CHECK(disk.n > 50, "%zu entries", disk.n);
	for (size_t at = 0; at <= disk.n; at++)
		for (int i = 0; i < 2; i++)
			cut_at(&f, 1, at, at, i ? (enum disk_survival)(1 + at % (DISK_SURVIVALS - 1)) : DISK_NONE);
	power.writes += disk.n;
	fixture_end(&f);
}

/** Seeded places of runs of many commits, until there were so many cuts. */
static void test_seeded(uint64_t seed, unsigned cuts, int commits, enum broken broken)
{
	enum { CUTS_OF_ONE = 100 };
	struct fixture f;

	fixture_start(&f);
	for (unsigned n = 0; n < cuts; n++) {
		uint64_t chance = disk_seed(seed * 1000003 + n);

		if (n % CUTS_OF_ONE == 0) {
			work_record(seed + n, commits, broken);
			power.writes += disk.n;
		}
		cut_at(&f, seed + n - n % CUTS_OF_ONE, chance, disk_random(&chance) % (disk.n + 1),
		       (enum disk_survival)(disk_random(&chance) % DISK_SURVIVALS));
	}
	fixture_end(&f);
}

static void figures(uint64_t seed)
{
	printf("power: seed %" PRIu64 ": %u runs, %u writes and syncs, %u cuts, %lu promises looked for, %u lost; the"
	       " commit that was under way was there %u times\n",
	       seed, power.works, power.writes, power.cuts, power.promises, power.lost, power.later);
	CHECK(!power.lost, "%u lost", power.lost);
	for (int kind = 0; kind < PROMISE_KINDS; kind++)
		CHECK(power.kinds[kind], "no promise of kind %d", kind);
}

/** A store that breaks its word is found out, or this test is worth nothing. */
static void test_broken(void)
{
	for (int broken = BROKEN_NOT + 1; broken < BROKEN_KINDS; broken++) {
		memset(&power, 0, sizeof(power));
		power.quiet = true;
		test_seeded(7, 12, 30, (enum broken)broken);
		printf("power: with %s: %u losses in %u cuts\n", broken_names[broken], power.lost, power.cuts);
		CHECK(power.lost, "%s was not seen", broken_names[broken]);
	}
}

int main(int argc, char **argv)
{
	uint64_t seed = 1;
	unsigned cuts = 0;

	for (int option; (option = getopt(argc, argv, "s:n:")) != -1;)
		if (option == 's')
			seed = strtoull(optarg, NULL, 10);
		else if (option == 'n')
			cuts = (unsigned)strtoul(optarg, NULL, 10);
	disk_install();
	if (!cuts)
		test_everywhere();
	test_seeded(seed, cuts ? cuts : 60, 60, BROKEN_NOT);
	figures(seed);
	test_broken();
	work_end();
	free(disk.log);
	return test_end("store_power");
}
