/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */

#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdlib.h>

#include "store_int.h"

/*
 * Checkpoints beside the writer. What a commit has put into the WAL goes into the database later,
 * hundreds of pages and two fsyncs at a time; within a commit, as SQLite does it by itself, everybody
 * waits for that. Here a thread with a connection of its own does it while the writer goes on
 * (PASSIVE). The WAL begins anew only when all of it is in the database, which there never is a pause
 * for under load. So when it is long the thread's turns follow each other, each shorter than the one
 * before, until what is left is little; that much the writer copies between two commits. If the turns
 * do not become shorter, it copies more. Nobody waits for a lock: SQLite would sleep, for up to 35 ms.
 */

enum {
	TURN_OCTETS = 8 << 20, /* of WAL; with more at a time the disk is busy for longer than a commit takes */
	LONG_OCTETS = 48 << 20, /* the last turns end below 64 MB, journal_size_limit: the file keeps its blocks */
	LITTLE_OCTETS = 256 << 10, /* after one turn four times as much, and so on */
	WRITER_OCTETS = 256 << 20, /* the thread does not keep up: the writer does it itself */
	TURNS_MAX = 4, /* then a reader is in the way, or the thread gets no processor */
};

struct store_checkpoint {
	sqlite3 *db;
	pthread_t thread;
	sem_t wanted;
	bool stop;
	bool busy; /* the thread is at it */
	int done;  /* frames of the WAL that are in the database, when it is not */
	int page_size;
	int seen, next; /* writer: frames at the last commit, and when there is something to do */
	int turns;	/* writer: of the thread since the WAL is long */
};

/** SQLite does so only when nothing is left in the WAL; the last turn shall find little to sync. */
static void sync_database(struct store_checkpoint *c)
{
	sqlite3_file *f = NULL;

	if (sqlite3_file_control(c->db, "main", SQLITE_FCNTL_FILE_POINTER, &f) == SQLITE_OK && f && f->pMethods)
		f->pMethods->xSync(f, SQLITE_SYNC_NORMAL | SQLITE_SYNC_DATAONLY);
}

static void *run(void *arg)
{
	struct store_checkpoint *c = arg;
	int frames, copied;

	for (;;) {
		while (sem_wait(&c->wanted))
			;
		if (__atomic_load_n(&c->stop, __ATOMIC_ACQUIRE))
			return NULL;
		if (sqlite3_wal_checkpoint_v2(c->db, NULL, SQLITE_CHECKPOINT_PASSIVE, &frames, &copied) == SQLITE_OK)
			c->done = copied;
		sync_database(c);
		__atomic_store_n(&c->busy, false, __ATOMIC_RELEASE);
	}
}

static int frames_of(const struct store_checkpoint *c, int octets)
{
	return octets / c->page_size;
}

static void copy_aside(struct store_checkpoint *c)
{
	c->busy = true;
	sem_post(&c->wanted);
}

static void copy_here(sqlite3 *db, const char *name)
{
	sqlite3_wal_checkpoint_v2(db, name, SQLITE_CHECKPOINT_PASSIVE, NULL, NULL);
}

static void step(struct store_checkpoint *c, sqlite3 *db, const char *name, int frames)
{
	bool is_long = frames >= frames_of(c, LONG_OCTETS);
	bool little = frames - c->done <= frames_of(c, LITTLE_OCTETS << 2 * c->turns);

	c->next = frames + frames_of(c, TURN_OCTETS);
	if (is_long && little) {
		copy_here(db, name);
		return;
	}
	if (is_long && c->turns < TURNS_MAX) {
		c->turns++;
		c->next = frames;
	}
	copy_aside(c);
}

/** After each commit. */
static int committed(void *arg, sqlite3 *db, const char *name, int frames)
{
	struct store_checkpoint *c = arg;
	bool busy = __atomic_load_n(&c->busy, __ATOMIC_ACQUIRE);

	if (frames < c->seen) { /* the WAL has begun anew */
		c->next = frames_of(c, TURN_OCTETS);
		c->turns = 0;
		if (!busy)
			c->done = 0;
	}
	c->seen = frames;
	if (frames >= frames_of(c, WRITER_OCTETS))
		copy_here(db, name);
	else if (frames >= c->next && !busy)
		step(c, db, name, frames);
	return SQLITE_OK;
}

/** Signals are for the thread that was there before. */
static int thread_start(struct store_checkpoint *c)
{
	sigset_t all, before;
	int err;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	err = pthread_create(&c->thread, NULL, run, c);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return err;
}

static bool page_size_read(struct store_checkpoint *c)
{
	sqlite3_stmt *stmt = NULL;

	if (sqlite3_prepare_v2(c->db, "PRAGMA page_size", -1, &stmt, NULL) == SQLITE_OK &&
	    sqlite3_step(stmt) == SQLITE_ROW)
		c->page_size = sqlite3_column_int(stmt, 0);
	sqlite3_finalize(stmt);
	return c->page_size > 0;
}

int store_checkpoint_aside(struct store *s)
{
	struct store_checkpoint *c = calloc(1, sizeof(*c));
	const char *path = sqlite3_db_filename(s->db, "main");

	if (!c)
		return store_refuse(s, -EIO, "out of memory");
	if (sqlite3_open_v2(path, &c->db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL) != SQLITE_OK ||
	    sqlite3_exec(c->db, "PRAGMA synchronous = FULL", NULL, NULL, NULL) != SQLITE_OK ||
	    !page_size_read(c) ||
	    sem_init(&c->wanted, 0, 0) || thread_start(c)) {
		sqlite3_close(c->db);
		free(c);
		return store_refuse(s, -EIO, "no thread for checkpoints");
	}
	c->next = frames_of(c, TURN_OCTETS);
	s->checkpoint = c;
	sqlite3_wal_hook(s->db, committed, c);
	return 0;
}

void store_checkpoint_end(struct store *s)
{
	struct store_checkpoint *c = s->checkpoint;

	if (!c)
		return;
	sqlite3_wal_hook(s->db, NULL, NULL);
	__atomic_store_n(&c->stop, true, __ATOMIC_RELEASE);
	sem_post(&c->wanted);
	pthread_join(c->thread, NULL);
	sem_destroy(&c->wanted);
	sqlite3_close(c->db);
	free(c);
	s->checkpoint = NULL;
}
