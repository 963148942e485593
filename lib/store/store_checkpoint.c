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
 * (PASSIVE). Only when the WAL has grown all the same, because there never was a pause in which it
 * could begin anew, the writer is held up for the rest of it (RESTART).
 */

enum {
	RESTART_OCTETS = 64 << 20, /* journal_size_limit */
	WRITER_OCTETS = 256 << 20, /* the thread does not keep up: the writer does it itself */
	RESTART_BUSY_MS = 100,
};

struct store_checkpoint {
	sqlite3 *db;
	pthread_t thread;
	sem_t wanted;
	bool stop;
	int page_size;
	int done; /* frames of the WAL at the last one; 0: it has begun anew */
};

static void checkpoint(struct store_checkpoint *c)
{
	int frames, copied;
	int rc = sqlite3_wal_checkpoint_v2(c->db, NULL, SQLITE_CHECKPOINT_PASSIVE, &frames, &copied);

	if (rc == SQLITE_OK && frames >= RESTART_OCTETS / c->page_size)
		rc = sqlite3_wal_checkpoint_v2(c->db, NULL, SQLITE_CHECKPOINT_RESTART, &frames, &copied);
	__atomic_store_n(&c->done, rc == SQLITE_OK ? frames : 0, __ATOMIC_RELEASE);
}

static void *run(void *arg)
{
	struct store_checkpoint *c = arg;

	for (;;) {
		while (sem_wait(&c->wanted))
			;
		if (__atomic_load_n(&c->stop, __ATOMIC_ACQUIRE))
			return NULL;
		checkpoint(c);
	}
}

/** After each commit. */
static int committed(void *arg, sqlite3 *db, const char *name, int frames)
{
	struct store_checkpoint *c = arg;
	int done = __atomic_load_n(&c->done, __ATOMIC_ACQUIRE), waits = 0;

	if (frames < done) /* the WAL has begun anew */
		__atomic_store_n(&c->done, done = 0, __ATOMIC_RELEASE);
	if (frames >= WRITER_OCTETS / c->page_size)
		sqlite3_wal_checkpoint_v2(db, name, SQLITE_CHECKPOINT_PASSIVE, NULL, NULL);
	else if (frames - done >= STORE_CHECKPOINT_OCTETS / c->page_size &&
		 sem_getvalue(&c->wanted, &waits) == 0 && waits == 0)
		sem_post(&c->wanted);
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
	    sqlite3_busy_timeout(c->db, RESTART_BUSY_MS) != SQLITE_OK ||
	    sqlite3_exec(c->db, "PRAGMA synchronous = FULL", NULL, NULL, NULL) != SQLITE_OK ||
	    !page_size_read(c) ||
	    sem_init(&c->wanted, 0, 0) || thread_start(c)) {
		sqlite3_close(c->db);
		free(c);
		return store_refuse(s, -EIO, "no thread for checkpoints");
	}
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
