/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */

#include <stdio.h>

#include "store_int.h"

/* For tests only: how SQLite finds the rows of every statement. */

#ifdef STORE_TEST
static int plan_read(struct store *s, const char *sql,
		     void (*row)(void *ctx, const char *sql, const char *plan), void *ctx)
{
	struct query q = {.s = s};
	char explain[2048];
	int n = snprintf(explain, sizeof(explain), "EXPLAIN QUERY PLAN %s", sql), rc;

	if (n < 0 || (size_t)n >= sizeof(explain))
		return store_refuse(s, -EIO, "statement too long to explain");
	if (sqlite3_prepare_v2(s->db, explain, -1, &q.stmt, NULL) != SQLITE_OK)
		return store_failed(s, sql);
	while ((rc = query_row(&q)) > 0) {
		q.n = 3; /* id, parent, notused, detail */
		row(ctx, sql, column_text(&q));
	}
	sqlite3_finalize(q.stmt);
	return rc;
}

int store_test_query_plans(struct store *s,
			   void (*row)(void *ctx, const char *sql, const char *plan), void *ctx)
{
	int err = 0;

	for (int i = 0; !err && i < STMT_COUNT; i++)
		if (i > STMT_ROLLBACK)
			err = plan_read(s, store_sql[i], row, ctx);
	return err;
}
#endif
