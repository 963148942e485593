/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */

#include "store_int.h"

/*
 * Transactions. One that failed is rolled back as a whole, with what memory holds of it: where a hurry had come to,
 * and the keys of clients' retries.
 */

/** SQLite goes on writing to a file that has no name any more: what is in it then is gone with this process. */
static bool file_is_gone(struct store *s)
{
	int moved = 0;

	return sqlite3_file_control(s->db, "main", SQLITE_FCNTL_HAS_MOVED, &moved) == SQLITE_OK &&
	       moved;
}

int store_begin(struct store *s)
{
	struct query q = query_of(s, STMT_BEGIN);
	int err;

	store_release(s);
	if (file_is_gone(s))
		return store_refuse(s, -EIO,
				    "the database was removed: put it back, or restart for a new one");
	if (s->in_transaction)
		return store_refuse(s, -EIO, "a transaction is open already");
	if (!sqlite3_get_autocommit(s->db))
		store_rollback(s); /* the last rollback failed */
	s->hurry_at_begin = s->hurry;
	s->in_transaction = true;
	err = query_done(&q);
	if (err)
		store_rollback(s); /* a BEGIN that failed may have begun */
	return err;
}

int store_commit(struct store *s)
{
	struct query q = query_of(s, STMT_COMMIT);
	int err = store_writing(s);

	if (!err)
		err = retry_write(s);
	if (!err)
		err = query_done(&q);
	if (err)
		store_rollback(s);
	retry_committed(s);
	s->in_transaction = false;
	return err;
}

void store_rollback(struct store *s)
{
	store_release(s);
	if (!sqlite3_get_autocommit(s->db))
		sqlite3_step(s->stmt[STMT_ROLLBACK]);
	sqlite3_reset(s->stmt[STMT_ROLLBACK]);
	if (s->in_transaction)
		s->hurry = s->hurry_at_begin;
	retry_rolled_back(s);
	s->noted.outcome.message_id = 0;
	s->in_transaction = s->broken = false;
}

void store_read_begin(struct store *s)
{
	struct query q = query_of(s, STMT_BEGIN_READ);

	store_release(s);
	if (sqlite3_get_autocommit(s->db))
		query_done(&q);
}

void store_read_end(struct store *s)
{
	struct query q = query_of(s, STMT_COMMIT);

	store_release(s);
	if (!s->in_transaction && !sqlite3_get_autocommit(s->db))
		query_done(&q);
}
