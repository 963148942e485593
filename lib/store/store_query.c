/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */

#include <stdarg.h>
#include <stdio.h>

#include "store_int.h"

/*
 * The one way to run a statement: arguments are bound in a column, a failure of any of them shows
 * at the step, columns are read in a column. A failure inside a transaction marks it broken, so
 * that half of a message can never be committed.
 */

int store_failed(struct store *s, const char *where)
{
	snprintf(s->error, sizeof(s->error), "%s (%d) at: %.60s", sqlite3_errmsg(s->db),
		 sqlite3_extended_errcode(s->db), where);
	s->code = sqlite3_errcode(s->db);
	s->broken = s->in_transaction;
	return -EIO;
}

int store_refuse(struct store *s, int err, const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	vsnprintf(s->error, sizeof(s->error), format, ap);
	va_end(ap);
	s->code = SQLITE_OK;
	s->broken = s->in_transaction;
	return err;
}

void store_release(struct store *s)
{
	if (s->held) {
		sqlite3_reset(s->held);
		sqlite3_clear_bindings(s->held);
	}
	s->held = NULL;
}

int store_writing(struct store *s)
{
	store_release(s);
	if (s->broken)
		return -EIO; /* store_error() still says what broke it */
	/* after a full disk and the like SQLite has rolled back by itself: the next row would stand alone */
	if (s->in_transaction && !sqlite3_get_autocommit(s->db))
		return 0;
	return store_refuse(s, -EIO, "no transaction to write in");
}

struct query query_of(struct store *s, enum store_stmt stmt)
{
	return (struct query){.s = s, .stmt = s->stmt[stmt]};
}

static void query_bound(struct query *q, int rc)
{
	if (!q->rc)
		q->rc = rc;
}

void query_int(struct query *q, int64_t value)
{
	query_bound(q, sqlite3_bind_int64(q->stmt, ++q->n, value));
}

void query_null(struct query *q)
{
	query_bound(q, sqlite3_bind_null(q->stmt, ++q->n));
}

void query_time(struct query *q, int64_t at_ms)
{
	if (at_ms == INT64_MAX)
		query_null(q);
	else
		query_int(q, at_ms);
}

void query_text(struct query *q, const char *text)
{
	query_view(q, view_str(text));
}

void query_view(struct query *q, struct view text)
{
	if (text.len == 0)
		query_null(q);
	else
		query_bound(q, sqlite3_bind_text64(q->stmt, ++q->n, (const char *)text.p, text.len,
						   SQLITE_STATIC, SQLITE_UTF8));
}

void query_blob(struct query *q, const void *p, size_t len)
{
	if (len == 0)
		query_bound(q, sqlite3_bind_zeroblob(q->stmt, ++q->n, 0));
	else
		query_bound(q, sqlite3_bind_blob64(q->stmt, ++q->n, p, len, SQLITE_STATIC));
}

void query_end(struct query *q)
{
	sqlite3_reset(q->stmt);
	sqlite3_clear_bindings(q->stmt);
}

int query_row(struct query *q)
{
	int rc, err = 0;

	if (!q->stmt)
		return store_refuse(q->s, -EIO, "opened for reading only");
	rc = q->rc ? q->rc : sqlite3_step(q->stmt);
	q->n = 0;
	if (rc == SQLITE_ROW)
		return 1;
	if (rc != SQLITE_DONE)
		err = store_failed(q->s, sqlite3_sql(q->stmt));
	query_end(q);
	return err;
}

int query_done(struct query *q)
{
	int rc = query_row(q);

	if (rc > 0)
		query_end(q);
	return rc < 0 ? rc : 0;
}

int query_change(struct query *q)
{
	int err = query_done(q);

	if (err)
		return err;
	return sqlite3_changes(q->s->db) ? 0 : -ENOENT;
}

int query_count(struct query *q)
{
	int err = query_done(q);

	return err ? err : sqlite3_changes(q->s->db);
}

int rows_purge(struct store *s, enum store_stmt stmt, int64_t before_ms, unsigned limit)
{
	struct query q = query_of(s, stmt);
	int err = store_writing(s);

	if (err)
		return err;
	query_int(&q, before_ms);
	query_int(&q, limit);
	return query_count(&q);
}

void query_hold(struct query *q)
{
	store_release(q->s);
	q->s->held = q->stmt;
}

int64_t column_int(struct query *q)
{
	return sqlite3_column_int64(q->stmt, q->n++);
}

const char *column_text(struct query *q)
{
	const char *text = (const char *)sqlite3_column_text(q->stmt, q->n++);

	return text ? text : "";
}

struct view column_blob(struct query *q)
{
	const uint8_t *p = sqlite3_column_blob(q->stmt, q->n);

	return (struct view){p, (size_t)sqlite3_column_bytes(q->stmt, q->n++)};
}

int number_read(struct store *s, enum store_stmt stmt, int64_t none, int64_t *out)
{
	struct query q = query_of(s, stmt);
	int rc = query_row(&q);

	*out = none;
	if (rc <= 0)
		return rc;
	if (sqlite3_column_type(q.stmt, 0) != SQLITE_NULL)
		*out = column_int(&q);
	query_end(&q);
	return 0;
}

int ids_take(struct store *s, enum store_stmt find, enum store_stmt take, int64_t now_ms,
	     int64_t *ids, unsigned limit)
{
	struct query q = query_of(s, find);
	int n = 0, rc;

	query_int(&q, now_ms);
	query_int(&q, limit);
	while ((rc = query_row(&q)) > 0)
		ids[n++] = column_int(&q);
	for (int i = 0; rc == 0 && i < n; i++) {
		q = query_of(s, take);
		query_int(&q, ids[i]);
		rc = query_done(&q);
	}
	return rc ? rc : n;
}
