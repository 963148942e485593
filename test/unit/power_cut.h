/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */
#pragma once

#include "power_promise.h"

/*
 * A life of the gateway's database written down, with all that stood in it behind each commit, and the look at
 * what a loss of power left of it: cut_at().
 */

enum broken { BROKEN_NOT, BROKEN_OFF, BROKEN_NORMAL, BROKEN_EARLY, BROKEN_SKIP, BROKEN_KINDS };

static const char *const broken_names[BROKEN_KINDS] = {"nothing", "synchronous=OFF", "synchronous=NORMAL",
							"promise ahead of commit", "commit skipped"};

static struct {
	unsigned works, cuts, lost, writes;
	unsigned long promises, kinds[PROMISE_KINDS];
	unsigned later; /* the commit that nobody was told of was there as well */
	unsigned lives, again; /* after a first cut; second cuts */
	bool quiet;	       /* losses are expected: they are counted, not told */
} power;

/* ---- everything that is in a database ---- */

static inline void dump_table(struct store *s, sqlite3_str *text, const char *table)
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
static inline char *dump(struct store *s)
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

/**
 * What the commit and the next store_open() will make of what the open transaction holds. In a large cache: pages that are
 * spilled behind a savepoint which is rolled back cost later commits of SQLite 3.40.1 their place in the WAL.
 */
static inline char *dump_ahead(struct store *s)
{
	char *text;

	sqlite3_exec(s->db, "PRAGMA cache_size = 1000; SAVEPOINT ahead", NULL, NULL, NULL);
	for (int i = STMT_REQUEUE_SENT; i <= STMT_REQUEUE_NOTIFYING; i++)
		sqlite3_exec(s->db, store_sql[i], NULL, NULL, NULL);
	retry_write(s);
	text = dump(s);
	sqlite3_exec(s->db, "ROLLBACK TO ahead; RELEASE ahead", NULL, NULL, NULL);
	return text;
}

/* ---- a life of the gateway, written down ---- */

static inline void work_end(void)
{
	for (int i = 0; i <= WORK_COMMITS_MAX; i++)
		sqlite3_free(work.state[i]);
	disk_forget();
	memset(&work, 0, sizeof(work));
}

static inline void work_open(struct fixture *f, enum broken broken)
{
	fixture_open(f);
	sqlite3_wal_autocheckpoint(f->s->db, 4 + (int)work_random(40)); /* often: also these writes are cut */
	if (broken == BROKEN_OFF || broken == BROKEN_NORMAL)
		sqlite3_exec(f->s->db,
			     broken == BROKEN_OFF ? "PRAGMA synchronous = OFF" : "PRAGMA synchronous = NORMAL", NULL,
			     NULL, NULL);
}

/** As the thread of store_checkpoint_aside() does it, on a connection of its own. */
static inline void work_checkpoint(const char *path)
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

static inline void work_commit(struct store *s, enum broken broken)
{
	int err = store_begin(s), tries = 1 + (int)work_random(4);

	work.commit++;
	if (work_random(2)) /* pages go into the WAL before their commit */
		sqlite3_exec(s->db, "PRAGMA cache_size = 4", NULL, NULL, NULL);
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
static inline void work_record(uint64_t seed, int commits, enum broken broken)
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
	size_t again; /* place of the second cut in the log of the second life */
};

static inline void lost(const struct cut *c, const char *what, const char *more)
{
	power.lost++;
	if (!power.quiet)
		CHECK(false, "work %" PRIu64 ", cut at %zu (%s, %" PRIu64 "), again at %zu, promised %d: %s %s",
		      c->work_seed, c->at, disk_names[c->survival], c->seed, c->again, c->promised, what, more);
}

static inline bool integrity(struct store *s)
{
	sqlite3_stmt *stmt = NULL;
	bool ok = sqlite3_prepare_v2(s->db, "PRAGMA integrity_check", -1, &stmt, NULL) == SQLITE_OK &&
		  sqlite3_step(stmt) == SQLITE_ROW && !strcmp((const char *)sqlite3_column_text(stmt, 0), "ok");

	sqlite3_finalize(stmt);
	return ok;
}

/** Which commit's state this is: the last promised one, or the one that was under way. @return -2: none */
static inline int state_find(const struct cut *c, struct store *s)
{
	char *found = dump(s);
	int first = c->promised < 0 ? 0 : c->promised, at = -2;

	for (int i = first + 1; at < 0 && i >= first; i--)
		if (i <= work.commit && !strcmp(found, work.state[i]))
			at = i;
	sqlite3_free(found);
	return at;
}

static inline void promises_check(const struct cut *c, struct store *s, int commit)
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

static inline bool goes_on(struct store *s)
{
	struct store_message_new m = message_of(3, 0xffffff);
	struct store_message_added added;
	struct store_outcome o;

	return !message_put(s, &m, T0, &added) && !store_begin(s) &&
	       !store_segment_accepted(s, added.first_segment_id, "smsc-a", "on", T0, &o) && !store_commit(s) &&
	       integrity(s);
}

static inline void opened_check(const struct cut *c, struct store *s, int commit)
{
	promises_check(c, s, commit);
	if (!integrity(s) || !goes_on(s))
		lost(c, "cannot go on:", store_error(s));
}

static inline void cut_check(struct fixture *f, const struct cut *c)
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
		opened_check(c, f->s, at == -2 ? c->promised : at);
	}
	store_close(f->s);
	f->s = NULL;
	fixture_unlink(f);
}

static inline int promised_at(size_t cut)
{
	int last = -1;

	for (size_t i = 0; i < cut; i++)
		if (disk.log[i].op == DISK_MARK)
			last = (int)disk.log[i].at;
	return last;
}

static inline void cut_at(struct fixture *f, uint64_t work_seed, uint64_t seed, size_t at, enum disk_survival survival)
{
	struct cut c = {work_seed, disk_seed(seed), at, survival, promised_at(at), 0};

	cut_check(f, &c);
}
