/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store_int.h"
#include "store_pcache.h"
#include "store_vfs.h"

/*
 * Opening, upgrading, closing.
 *
 * A promise to a peer follows a commit, so the journal is a WAL with synchronous=FULL: a commit
 * that was answered survives a loss of power. SQLite ignores a misspelled pragma in silence;
 * therefore each one is read back. The busy timeout comes before all of them.
 */

enum { STORE_UMASK = 0027 };

struct pragma {
	const char *name, *value, *reads;
};

/* clang-format off */
static const struct pragma pragmas_write[] = {
	{"journal_mode", "WAL", "wal"},
	{"synchronous", "FULL", "2"},
	{"cache_size", "-131072", "-131072"},           /* KiB: open work, and the inner pages of all trees */
	{"journal_size_limit", "67108864", "67108864"}, /* octets: the WAL of a burst is given back */
	{"temp_store", "MEMORY", "2"},                  /* no file of ours outside db_path */
	{"secure_delete", "FAST", "2"},                 /* erased text goes where pages are written anyway */
	{"cell_size_check", "ON", "1"},                 /* a damaged page is an error, not a surprise */
};

/* Before the first page is written; a file that is there keeps what it has. */
static const struct pragma pragmas_new[] = {
	{"page_size", "2048", "2048"}, /* most pages of the WAL are there for one row: half as many octets */
};

static const struct pragma pragmas_read[] = {
	{"query_only", "ON", "1"},
	{"cache_size", "-8192", "-8192"},
	{"temp_store", "MEMORY", "2"},
};
/* clang-format on */

#define N(array) (sizeof(array) / sizeof((array)[0]))

/* ---- without prepared statements: they need the schema, and this makes it ---- */

static int db_exec(struct store *s, const char *sql)
{
	return sqlite3_exec(s->db, sql, NULL, NULL, NULL) == SQLITE_OK ? 0 : store_failed(s, sql);
}

/** The first column of the first row as text. */
static int db_read(struct store *s, const char *sql, char *out, size_t size)
{
	struct query q = {.s = s};
	int rc;

	if (sqlite3_prepare_v2(s->db, sql, -1, &q.stmt, NULL) != SQLITE_OK)
		return store_failed(s, sql);
	rc = query_row(&q);
	snprintf(out, size, "%s", rc > 0 ? column_text(&q) : "");
	sqlite3_finalize(q.stmt);
	return rc < 0 ? rc : 0;
}

static int db_number(struct store *s, const char *sql, int64_t *out)
{
	char text[24];
	int err = db_read(s, sql, text, sizeof(text));

	*out = strtoll(text, NULL, 10);
	return err;
}

static int pragmas_set(struct store *s, const struct pragma *p, size_t n)
{
	char sql[80], got[24];
	int err = 0;

	for (; !err && n > 0; p++, n--) {
		snprintf(sql, sizeof(sql), "PRAGMA %s = %s", p->name, p->value);
		err = db_exec(s, sql);
		snprintf(sql, sizeof(sql), "PRAGMA %s", p->name);
		if (!err)
			err = db_read(s, sql, got, sizeof(got));
		if (!err && strcmp(got, p->reads))
			err = store_refuse(s, -EIO, "PRAGMA %s is %s, not %s", p->name, got,
					   p->reads);
	}
	return err;
}

static int new_file_setup(struct store *s)
{
	int64_t pages;
	int err = db_number(s, "PRAGMA page_count", &pages);

	return err || pages ? err : pragmas_set(s, pragmas_new, N(pragmas_new));
}

static int checkpoints_setup(struct store *s)
{
	char pages[24];
	struct pragma p = {"wal_autocheckpoint", pages, pages};
	int64_t page_size;
	int err = db_number(s, "PRAGMA page_size", &page_size);

	if (err)
		return err;
	snprintf(pages, sizeof(pages), "%lld", (long long)(STORE_CHECKPOINT_OCTETS / page_size));
	return pragmas_set(s, &p, 1);
}

/* ---- schema ---- */

/** Is it ours, or empty, and not newer than we are? Nothing is written. */
static int schema_check(struct store *s, int64_t *version)
{
	int64_t application, tables;
	int err = db_number(s, "PRAGMA application_id", &application);

	if (!err)
		err = db_number(s, "PRAGMA user_version", version);
	if (!err)
		err = db_number(s, "SELECT count(*) FROM sqlite_schema", &tables);
	if (err)
		return err;
	if (application != STORE_APPLICATION_ID && (application || *version || tables))
		return store_refuse(s, -EIO, "is the database of another program: change db_path");
	if (*version > STORE_SCHEMA_VERSION)
		return store_refuse(
			s, -ENOTSUP,
			"has schema %lld, this program knows %d: install the newer one again, or restore"
			" a backup from before the upgrade",
			(long long)*version, STORE_SCHEMA_VERSION);
	return 0;
}

/** One upgrade step and its version in one transaction. */
static int schema_step(struct store *s, int64_t version)
{
	char stamp[96];
	int err = db_exec(s, store_upgrades[version]);

	snprintf(stamp, sizeof(stamp), "PRAGMA application_id = %d; PRAGMA user_version = %lld",
		 STORE_APPLICATION_ID, (long long)version + 1);
	if (!err)
		err = db_exec(s, stamp);
	return err;
}

static int schema_upgrade(struct store *s)
{
	int64_t version;
	int err;

	do {
		err = db_exec(s, "BEGIN IMMEDIATE");
		if (err)
			return err;
		err = schema_check(s, &version); /* again: now nobody else can change it */
		if (!err && version < STORE_SCHEMA_VERSION)
			err = schema_step(s, version);
		if (!err)
			err = db_exec(s, "COMMIT");
		if (err && !sqlite3_get_autocommit(s->db))
			sqlite3_exec(s->db, "ROLLBACK", NULL, NULL, NULL);
	} while (!err && version + 1 < STORE_SCHEMA_VERSION);
	return err;
}

/* ---- open and close ---- */

static int statements_prepare(struct store *s, bool read_only)
{
	int i = read_only ? STMT_READ_UUID : 0;

	for (; i < STMT_COUNT; i++)
		if (sqlite3_prepare_v3(s->db, store_sql[i], -1, SQLITE_PREPARE_PERSISTENT,
				       &s->stmt[i], NULL) != SQLITE_OK)
			return store_failed(s, store_sql[i]);
	return 0;
}

static int uuid_read(struct store *s)
{
	struct query q = query_of(s, STMT_READ_UUID);
	int rc = query_row(&q);

	if (rc == 0)
		return store_refuse(s, -EIO, "table meta is empty: restore it from a backup");
	if (rc < 0)
		return rc;
	snprintf(s->uuid, sizeof(s->uuid), "%s", column_text(&q));
	query_end(&q);
	return 0;
}

/** Segments that were being submitted again: one more of each may have arrived, and its counter is gone. */
static int resubmissions_read(struct store *s)
{
	return db_number(
		s,
		"SELECT count(*) FROM message m CROSS JOIN segment s NOT INDEXED"
		" WHERE m.direction = 1 AND m.state = 2 AND m.expires_ms >= 0"
		" AND s.id BETWEEN m.id << 8 AND m.id << 8 | 255 AND s.state = 2 AND s.resubmit",
		&s->resubmissions);
}

/** Concatenated messages that A was being given: he may have them, and gets them again. */
static int redeliveries_read(struct store *s)
{
	int err = db_number(s,
			    "SELECT count(*) FROM message"
			    " WHERE ref_bits > 0 AND state <= 2 AND next_attempt_ms IS NULL",
			    &s->redeliveries);

	return err ? err : db_number(s, "SELECT max(id) FROM message", &s->newest_before);
}

/** What the process before us had handed on and never heard of again. */
static int requeue(struct store *s)
{
	static const enum store_stmt steps[] = {STMT_REQUEUE_SENT, STMT_REQUEUE_DELIVERING,
						STMT_REQUEUE_NOTIFYING};
	int err = store_begin(s);

	for (size_t i = 0; !err && i < N(steps); i++) {
		struct query q = query_of(s, steps[i]);

		err = query_done(&q);
	}
	return err ? err : store_commit(s);
}

/* A file that is made here is for its owner and his group; the log beside it gets the same rights. */
static int open_file(struct store *s, const char *path, int flags, const char *vfs)
{
	mode_t before = umask(STORE_UMASK);
	int rc = sqlite3_open_v2(path, &s->db, flags | SQLITE_OPEN_NOMUTEX, vfs);

	umask(before);
	if (rc != SQLITE_OK)
		return s->db ? store_failed(s, "open") : -EIO;
	sqlite3_busy_timeout(s->db, STORE_BUSY_MS);
	return 0;
}

/*
 * SQLite lets two processes write in turn; here the second would requeue what the first has sent. So the
 * writer holds a lock on PATH.lock as long as it lives. A writer that is just dying is waited for.
 */
static int lock_writer(struct store *s, const char *path)
{
	char name[PATH_MAX];

	if (snprintf(name, sizeof(name), "%s.lock", path) >= (int)sizeof(name))
		return store_refuse(s, -EIO, "path too long");
	s->lock_fd = open(name, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (s->lock_fd < 0)
		return store_refuse(s, -EIO, "cannot make %s: %s", name, strerror(errno));
	for (int waited_ms = 0; flock(s->lock_fd, LOCK_EX | LOCK_NB); waited_ms += 50) {
		if (waited_ms >= STORE_BUSY_MS)
			return store_refuse(s, -EIO, "another process has it open for writing");
		usleep(50 * 1000);
	}
	return 0;
}

static int open_write(struct store *s, const char *path)
{
	int64_t version;
	int err = open_file(s, path, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, store_vfs());

	if (!err && sqlite3_db_readonly(s->db, "main"))
		err = store_refuse(s, -EIO,
				   "is read only: let this user write it and its directory");
	if (!err)
		err = lock_writer(s, path);
	if (!err)
		err = schema_check(s, &version);
	if (!err)
		err = new_file_setup(s);
	if (!err)
		err = pragmas_set(s, pragmas_write, N(pragmas_write));
	if (!err)
		err = checkpoints_setup(s);
	if (!err)
		err = schema_upgrade(s);
	if (!err)
		err = noted_setup(s);
	if (!err)
		err = statements_prepare(s, false);
	if (!err)
		err = uuid_read(s);
	if (!err)
		err = resubmissions_read(s);
	if (!err)
		err = redeliveries_read(s);
	return err ? err : requeue(s);
}

static int open_read(struct store *s, const char *path)
{
	int64_t version = 0;
	int err = open_file(s, path, SQLITE_OPEN_READONLY, NULL);

	if (!err)
		err = schema_check(s, &version);
	if (!err && version < STORE_SCHEMA_VERSION)
		err = store_refuse(s, -EIO, "has schema %lld, not %d: start the writer first",
				   (long long)version, STORE_SCHEMA_VERSION);
	if (!err)
		err = pragmas_set(s, pragmas_read, N(pragmas_read));
	if (!err)
		err = statements_prepare(s, true);
	return err ? err : uuid_read(s);
}

/** What an operator can do about it. */
static const char *advice(int code)
{
	switch (code & 0xff) {
	case SQLITE_CANTOPEN:
		return "; does the directory exist, and may this user write there?";
	case SQLITE_READONLY:
	case SQLITE_PERM:
		return "; may this user write the file and its directory?";
	case SQLITE_NOTADB:
		return "; change db_path, or move the file away";
	case SQLITE_CORRUPT:
		return "; restore it from a backup, or move it away";
	case SQLITE_BUSY:
		return "; is another process writing to it?";
	case SQLITE_FULL:
		return "; free some space";
	case SQLITE_IOERR:
		return "; is the disk healthy, and does the file system allow locks?";
	default:
		return "";
	}
}

/* Counting memory takes a lock at each allocation. Refused, without harm, where SQLite is in use already. */
static void library_setup(void)
{
	sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
	store_pcache_setup();
}

static int open_with(struct store **out, const char *path, char *why, size_t why_size,
		     int (*open)(struct store *s, const char *path))
{
	struct store *s = calloc(1, sizeof(*s));
	int err;

	library_setup();
	if (s)
		s->lock_fd = -1;
	err = s ? open(s, path) : -EIO;

	*out = err ? NULL : s;
	if (err && s && s->db)
		snprintf(why, why_size, "%s: %s%s", path, s->error, advice(s->code));
	else if (err)
		snprintf(why, why_size, "%s: out of memory", path);
	if (err)
		store_close(s);
	return err;
}

int store_open(struct store **out, const char *path, char *why, size_t why_size)
{
	return open_with(out, path, why, why_size, open_write);
}

int store_open_read(struct store **out, const char *path, char *why, size_t why_size)
{
	return open_with(out, path, why, why_size, open_read);
}

void store_close(struct store *s)
{
	if (!s)
		return;
	store_checkpoint_end(s);
	for (int i = 0; i < STMT_COUNT; i++)
		sqlite3_finalize(s->stmt[i]);
	sqlite3_close(s->db);
	if (s->lock_fd >= 0)
		close(s->lock_fd);
	free(s->noted.text);
	retry_free(s);
	free(s);
}

const char *store_error(const struct store *s)
{
	return s->error;
}

int64_t store_resubmissions(const struct store *s)
{
	return s->resubmissions;
}

int64_t store_redeliveries(const struct store *s)
{
	return s->redeliveries;
}

const char *store_uuid(const struct store *s)
{
	return s->uuid;
}
