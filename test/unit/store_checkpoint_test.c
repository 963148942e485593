/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */

#include <errno.h>
#include <fcntl.h>

#include "../../lib/store/store_int.h"
#include "store_fixture.h"

/* store_checkpoint_aside(): the database grows while the writer goes on, the WAL does not grow for ever, nothing is lost. */

enum { DATABASE_MIN = 256 << 10, COMMITS_FIRST = 2000, COMMITS_ALL = 10000, WAL_MAX = 100 << 20, PACE = 100, WAIT_MS = 30000 };

static off_t octets_of(const struct fixture *f, const char *tail)
{
	char path[128];
	struct stat st;

	snprintf(path, sizeof(path), "%s%s", f->path, tail);
	return stat(path, &st) ? 0 : st.st_size;
}

/* Not for durability: the disk of the machine is not what is tested. */
static void quick(struct fixture *f)
{
	CHECK(sqlite3_exec(f->s->db, "PRAGMA synchronous = OFF", NULL, NULL, NULL) == SQLITE_OK, "pragma");
}

/* The writer is no faster than the disk that the thread waits for. */
static void wait_for_disk(const struct fixture *f)
{
	char path[128];
	int fd;

	snprintf(path, sizeof(path), "%s-wal", f->path);
	fd = open(path, O_RDONLY);
	CHECK(fd >= 0 && fdatasync(fd) == 0, "fdatasync: %s", strerror(errno));
	close(fd);
}

static void commit_messages(struct fixture *f, unsigned from, unsigned to)
{
	struct store_message_added added;

	for (unsigned i = from; i < to; i++) {
		struct store_message_new m = message_of(3, i * 2654435761u);

		CHECK(message_put(f->s, &m, T0 + i, &added) == 0, "message %u: %s", i, store_error(f->s));
		if (i % PACE == 0)
			wait_for_disk(f);
	}
}

static bool grows_to(struct fixture *f, off_t octets)
{
	for (int ms = 0; ms < WAIT_MS && octets_of(f, "") < octets; ms += 10)
		usleep(10000);
	return octets_of(f, "") >= octets;
}

static int64_t number_of(struct fixture *f, const char *sql)
{
	sqlite3_stmt *stmt;
	int64_t n = -1;

	if (sqlite3_prepare_v2(f->s->db, sql, -1, &stmt, NULL) == SQLITE_OK && sqlite3_step(stmt) == SQLITE_ROW)
		n = sqlite3_column_int64(stmt, 0);
	sqlite3_finalize(stmt);
	return n;
}

static void check_all(struct fixture *f, unsigned messages)
{
	CHECK(number_of(f, "SELECT count(*) FROM message") == messages, "messages");
	CHECK(number_of(f, "SELECT count(*) FROM segment") == 3 * messages, "segments");
	CHECK(number_of(f, "SELECT count(*) FROM pragma_integrity_check WHERE integrity_check = 'ok'") == 1, "integrity");
}

static void test_beside_the_writer(void)
{
	struct fixture f;

	fixture_start(&f);
	fixture_open(&f);
	quick(&f);
	CHECK(store_checkpoint_aside(f.s) == 0, "%s", store_error(f.s));
	commit_messages(&f, 0, COMMITS_FIRST);
	CHECK(grows_to(&f, DATABASE_MIN), "the database has %lld octets", (long long)octets_of(&f, ""));
	commit_messages(&f, COMMITS_FIRST, COMMITS_ALL);
	CHECK(octets_of(&f, "-wal") < WAL_MAX, "the WAL has %lld octets", (long long)octets_of(&f, "-wal"));
	check_all(&f, COMMITS_ALL);
	fixture_reopen(&f);
	check_all(&f, COMMITS_ALL);
	fixture_end(&f);
}

/* It may be in the middle of one. */
static void test_end_at_any_time(void)
{
	struct fixture f;

	fixture_start(&f);
	for (unsigned i = 0; i < 20; i++) {
		fixture_open(&f);
		quick(&f);
		CHECK(store_checkpoint_aside(f.s) == 0, "%s", store_error(f.s));
		commit_messages(&f, 50 * i, 50 * i + 50);
		store_close(f.s);
	}
	fixture_open(&f);
	check_all(&f, 1000);
	fixture_end(&f);
}

int main(void)
{
	test_beside_the_writer();
	test_end_at_any_time();
	return test_end("store_checkpoint");
}
