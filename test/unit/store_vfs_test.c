/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */

#include "../../lib/store/store_int.h"
#include "../../lib/store/store_vfs.h"
#include "power_disk.h"

/*
 * What the writer's VFS makes of the writes to the WAL: how many reach the disk and when, what another
 * connection with the default VFS sees of it, and what comes of frames whose transaction failed.
 */

enum { HEADER = 24, PAGE = 2048, FRAME = HEADER + PAGE, MANY = 80 };

/* ---- what the recording disk has seen of the WAL since begin() ---- */

static void begin(void)
{
	disk_forget();
	disk.recording = true;
}

static unsigned count(enum disk_op op)
{
	unsigned n = 0;

	for (size_t i = 0; i < disk.n; i++)
		n += disk.log[i].file == DISK_WAL && disk.log[i].op == op;
	return n;
}

static size_t octets(void)
{
	size_t n = 0;

	for (size_t i = 0; i < disk.n; i++)
		n += disk.log[i].file == DISK_WAL && disk.log[i].op == DISK_WRITE ? disk.log[i].len : 0;
	return n;
}

static bool ends_with_sync(void)
{
	return disk.n > 0 && disk.log[disk.n - 1].file == DISK_WAL && disk.log[disk.n - 1].op == DISK_SYNC;
}

/* ---- the file itself ---- */

static struct fixture f;

static sqlite3_file *wal_of(sqlite3 *db)
{
	sqlite3_file *file = NULL;

	sqlite3_file_control(db, "main", SQLITE_FCNTL_JOURNAL_POINTER, &file);
	return file;
}

static int frame_write(sqlite3_file *wal, int i, bool commit)
{
	uint8_t header[HEADER] = {[3] = 1, [7] = commit}, page[PAGE];
	int rc = wal->pMethods->xWrite(wal, header, HEADER, (sqlite3_int64)i * FRAME);

	memset(page, i, PAGE);
	return rc ? rc : wal->pMethods->xWrite(wal, page, PAGE, (sqlite3_int64)i * FRAME + HEADER);
}

static bool page_reads(sqlite3_file *wal, int i)
{
	uint8_t page[PAGE] = {0}, good[PAGE];

	memset(good, i, PAGE);
	return !wal->pMethods->xRead(wal, page, PAGE, (sqlite3_int64)i * FRAME + HEADER) && !memcmp(page, good, PAGE);
}

static void check_waits(sqlite3_file *wal)
{
	CHECK(!frame_write(wal, 0, true), "the file begins anew");
	begin();
	for (int i = 1; i < 4; i++)
		CHECK(!frame_write(wal, i, false) && count(DISK_WRITE) == 0, "frame %d was written", i);
	CHECK(!frame_write(wal, 4, true) && count(DISK_WRITE) == 1 && octets() == 4 * FRAME,
	      "with the commit: %u writes, %zu octets", count(DISK_WRITE), octets());
	for (int i = 0; i < 5; i++)
		CHECK(page_reads(wal, i), "page %d", i);
}

static void check_reads(sqlite3_file *wal)
{
	begin();
	CHECK(!frame_write(wal, 5, false) && page_reads(wal, 4) && count(DISK_WRITE) == 0, "a read of another page");
	CHECK(page_reads(wal, 5) && octets() == FRAME, "a read of what waits");
}

static void check_elsewhere(sqlite3_file *wal)
{
	begin();
	CHECK(!frame_write(wal, 6, false) && !frame_write(wal, 2, false), "frames");
	CHECK(disk.n == 2 && disk.log[0].at == 6 * FRAME && disk.log[1].at == 2 * FRAME,
	      "in the order in which they were written: %zu, %lld", disk.n, (long long)disk.log[0].at);
	CHECK(!wal->pMethods->xSync(wal, SQLITE_SYNC_FULL) && octets() == 2 * FRAME && ends_with_sync(),
	      "a sync syncs all of it");
	CHECK(page_reads(wal, 6) && page_reads(wal, 2), "pages");
}

static void check_size(sqlite3_file *wal)
{
	sqlite3_int64 size = 0;

	for (int i = 3; i < 8; i++)
		CHECK(!frame_write(wal, i, false), "frame %d", i);
	CHECK(!wal->pMethods->xFileSize(wal, &size) && size == 8 * FRAME, "size %lld", (long long)size);
	CHECK(!frame_write(wal, 8, false) && !wal->pMethods->xTruncate(wal, FRAME) &&
		      !wal->pMethods->xFileSize(wal, &size) && size == FRAME,
	      "truncated: %lld", (long long)size);
}

static void check_room(sqlite3_file *wal)
{
	CHECK(!frame_write(wal, 0, true), "the file begins anew");
	begin();
	for (int i = 1; i <= MANY; i++)
		CHECK(!frame_write(wal, i, i == MANY), "frame %d", i);
	CHECK(count(DISK_WRITE) == 2 && octets() == MANY * FRAME, "%u writes", count(DISK_WRITE));
	for (size_t i = 0; i < disk.n; i++)
		CHECK(disk.log[i].len <= STORE_VFS_ROOM, "%zu octets at once", disk.log[i].len);
	for (int i = 1; i <= MANY; i++)
		CHECK(page_reads(wal, i), "page %d", i);
}

static void check_refused(sqlite3_file *wal)
{
	int i = MANY + 1;

	begin();
	CHECK(!frame_write(wal, i, false), "it waits");
	disk.left = 1;
	CHECK(frame_write(wal, i + 1, true) == SQLITE_FULL, "a full disk is told with the commit");
	CHECK(!wal->pMethods->xSync(wal, SQLITE_SYNC_FULL) && octets() == FRAME + HEADER,
	      "%zu octets: what was refused is not written later, what was not is", octets());
	CHECK(!frame_write(wal, i + 2, false), "it waits");
	disk.left = 1;
	CHECK(wal->pMethods->xSync(wal, SQLITE_SYNC_FULL) == SQLITE_FULL, "and with a sync");
	disk.left = 1;
	CHECK(frame_write(wal, 2, false) == SQLITE_FULL, "and with a write elsewhere");
	CHECK(page_reads(wal, i + 2), "it has gone on waiting");
}

static void test_file(void)
{
	sqlite3 *db;
	sqlite3_file *wal;

	fixture_start(&f);
	CHECK(!sqlite3_open_v2(f.path, &db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, store_vfs()) &&
		      !sqlite3_exec(db, "PRAGMA journal_mode = WAL; CREATE TABLE t (x)", NULL, NULL, NULL),
	      "%s", sqlite3_errmsg(db));
	wal = wal_of(db);
	check_waits(wal);
	check_reads(wal);
	check_elsewhere(wal);
	check_size(wal);
	check_room(wal);
	check_refused(wal);
	wal->pMethods->xTruncate(wal, 0);
	sqlite3_close(db);
	fixture_end(&f);
}

/* ---- under SQLite ---- */

static void add(unsigned from, unsigned to)
{
	struct store_message_added added;

	for (unsigned i = from; i < to; i++) {
		struct store_message_new m = message_of(3, i * 2654435761u);

		CHECK(!store_message_add(f.s, &m, T0, &added), "message %u: %s", i, store_error(f.s));
	}
}

static void add_commit(unsigned from, unsigned to)
{
	CHECK(!store_begin(f.s), "%s", store_error(f.s));
	add(from, to);
	CHECK(!store_commit(f.s), "%s", store_error(f.s));
}

static int64_t number_in(sqlite3 *db, const char *sql)
{
	sqlite3_stmt *stmt = NULL;
	int64_t n = -1;

	if (sqlite3_prepare_v2(db, sql, -1, &stmt, NULL) == SQLITE_OK && sqlite3_step(stmt) == SQLITE_ROW)
		n = sqlite3_column_int64(stmt, 0);
	sqlite3_finalize(stmt);
	return n;
}

/** Messages that a connection with the default VFS finds; -1: the database is damaged. */
static int64_t seen(void)
{
	sqlite3 *db;
	int64_t n = -1;

	if (sqlite3_open(f.path, &db) == SQLITE_OK &&
	    number_in(db, "SELECT count(*) FROM pragma_integrity_check WHERE integrity_check = 'ok'") == 1)
		n = number_in(db, "SELECT count(*) FROM message");
	sqlite3_close(db);
	return n;
}

static void test_one_write(void)
{
	fixture_start(&f);
	fixture_open(&f);
	add_commit(0, 1);
	begin();
	add_commit(1, 9);
	CHECK(count(DISK_WRITE) == 1 && octets() > 4 * FRAME && octets() % FRAME == 0 && ends_with_sync(),
	      "a commit of %zu octets: %u writes", octets(), count(DISK_WRITE));
	begin();
	add_commit(9, 500);
	CHECK(octets() > STORE_VFS_ROOM && count(DISK_WRITE) < octets() / (STORE_VFS_ROOM - FRAME) + 2,
	      "a commit of %zu octets: %u writes", octets(), count(DISK_WRITE));
	CHECK(ends_with_sync() && count(DISK_SYNC) == 1, "%u syncs", count(DISK_SYNC));
	CHECK(seen() == 500, "%lld messages", (long long)seen());
	fixture_end(&f);
}

/** Without a sync the wal-index must not be ahead of the file either. */
static void test_without_sync(void)
{
	fixture_start(&f);
	fixture_open(&f);
	sqlite3_exec(f.s->db, "PRAGMA synchronous = NORMAL", NULL, NULL, NULL);
	for (unsigned i = 0; i < 20; i++) {
		add_commit(i, i + 1);
		CHECK(seen() == i + 1, "%lld messages, not %u", (long long)seen(), i + 1);
	}
	fixture_end(&f);
}

/** A transaction that is larger than the cache puts frames into the WAL before its commit, and reads them back. */
static void test_spilled(const char *synchronous)
{
	fixture_start(&f);
	fixture_open(&f);
	sqlite3_exec(f.s->db, synchronous, NULL, NULL, NULL);
	sqlite3_exec(f.s->db, "PRAGMA cache_size = 8", NULL, NULL, NULL);
	for (unsigned i = 0; i < 5; i++) {
		begin();
		CHECK(!store_begin(f.s), "%s", store_error(f.s));
		add(i * 300, i * 300 + 300);
		CHECK(octets() > 0, "nothing was spilled");
		CHECK(seen() == i * 300, "%lld messages before the commit", (long long)seen());
		CHECK(!store_commit(f.s), "%s", store_error(f.s));
		CHECK(seen() == i * 300 + 300, "%lld messages behind the commit", (long long)seen());
	}
	fixture_reopen(&f);
	CHECK(seen() == 1500, "%lld messages", (long long)seen());
	fixture_end(&f);
}

static void run(sqlite3 *db, const char *sql)
{
	CHECK(!sqlite3_exec(db, sql, NULL, NULL, NULL), "%s: %s", sql, sqlite3_errmsg(db));
}

/** @return whether frames of it waited when it was rolled back */
static bool roll_back(sqlite3 *db, int rows)
{
	int spilled, most;

	run(db, "BEGIN");
	sqlite3_db_status(db, SQLITE_DBSTATUS_CACHE_SPILL, &spilled, &most, 1);
	begin();
	while (rows-- > 0)
		run(db, "INSERT INTO a VALUES (randomblob(3000))");
	sqlite3_db_status(db, SQLITE_DBSTATUS_CACHE_SPILL, &spilled, &most, 0);
	spilled -= (int)(octets() / FRAME);
	run(db, "ROLLBACK");
	return spilled > 0;
}

/** What was rolled back must not be written over what another process has put into its place. */
static void test_rolled_back(void)
{
	int waited = 0;

	for (int rows = 8; rows < 40; rows++) {
		sqlite3 *db, *other;

		fixture_start(&f);
		CHECK(!sqlite3_open_v2(f.path, &db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, store_vfs()), "open");
		run(db, "PRAGMA journal_mode = WAL; PRAGMA cache_size = 8; CREATE TABLE a (x); CREATE TABLE b (x)");
		waited += roll_back(db, rows);
		CHECK(!sqlite3_open(f.path, &other), "open");
		for (int i = 0; i < 20; i++)
			run(other, "INSERT INTO b VALUES (randomblob(3000))");
		run(db, "INSERT INTO a VALUES (1)");
		CHECK(number_in(other, "SELECT count(*) FROM a") == 1, "%d: ours", rows);
		sqlite3_close(db);
		CHECK(number_in(other, "SELECT sum(length(x)) FROM b") == 60000, "%d: the other's", rows);
		CHECK(number_in(other, "SELECT count(*) FROM pragma_integrity_check WHERE integrity_check = 'ok'") == 1,
		      "%d: integrity", rows);
		sqlite3_close(other);
		fixture_end(&f);
	}
	CHECK(waited > 10, "%d times", waited);
}

static void test_full(void)
{
	fixture_start(&f);
	fixture_open(&f);
	add_commit(0, 1);
	CHECK(!store_begin(f.s), "%s", store_error(f.s));
	add(1, 5);
	disk.left = 1;
	CHECK(store_commit(f.s) == -EIO && strstr(store_error(f.s), "full"), "%s", store_error(f.s));
	CHECK(seen() == 1, "%lld messages", (long long)seen());
	add_commit(1, 5);
	CHECK(seen() == 5, "%lld messages", (long long)seen());
	fixture_reopen(&f);
	CHECK(seen() == 5, "%lld messages", (long long)seen());
	fixture_end(&f);
}

int main(void)
{
	disk_install();
	test_file();
	test_one_write();
	test_without_sync();
	test_spilled("PRAGMA synchronous = FULL");
	test_spilled("PRAGMA synchronous = OFF");
	test_rolled_back();
	test_full();
	disk_forget();
	free(disk.log);
	return test_end("store_vfs");
}
