/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */

#include "store_int.h"

/*
 * Numbers that stand for A, or for a group, towards one B (spec 7.3). Different Bs may share a number,
 * so a binding belongs to (B, number). It outlives its session by a quarantine, in which B's late SM
 * still finds whom it was meant for; from until_ms on it counts no more.
 */

int store_number_bind(struct store *s, const struct store_number *n, int64_t now_ms)
{
	struct query q = query_of(s, STMT_NUMBER_BIND);
	int err = store_writing(s);

	if (err)
		return err;
	if (!view_str(n->b).len || !view_str(n->number).len)
		return -EINVAL;
	query_text(&q, n->b);
	query_text(&q, n->number);
	query_text(&q, n->a);
	query_text(&q, n->contribution_id);
	query_int(&q, n->session_id);
	query_int(&q, n->flags);
	query_int(&q, n->until_ms);
	query_int(&q, now_ms);
	return query_done(&q);
}

/** The binding of b that a statement finds by key; its row is held. */
static int binding_read(struct store *s, enum store_stmt stmt, const char *b, const char *key,
			int64_t now_ms, struct store_number *out)
{
	struct query q = query_of(s, stmt);
	int rc;

	query_text(&q, b);
	query_text(&q, key);
	query_int(&q, now_ms);
	rc = query_row(&q);
	if (rc <= 0)
		return rc < 0 ? rc : -ENOENT;
	query_hold(&q);
	out->b = column_text(&q);
	out->number = column_text(&q);
	out->a = column_text(&q);
	out->contribution_id = column_text(&q);
	out->session_id = column_int(&q);
	out->flags = (unsigned)column_int(&q);
	out->until_ms = column_int(&q);
	return 0;
}

int store_number_get(struct store *s, const char *b, const char *number, int64_t now_ms,
		     struct store_number *out)
{
	store_release(s);
	return binding_read(s, STMT_NUMBER_GET, b, number, now_ms, out);
}

int store_number_find(struct store *s, const char *b, const char *contribution_id, const char *a,
		      int64_t now_ms, struct store_number *out)
{
	store_release(s);
	if (view_str(contribution_id).len)
		return binding_read(s, STMT_NUMBER_OF_GROUP, b, contribution_id, now_ms, out);
	return binding_read(s, STMT_NUMBER_OF_A, b, a, now_ms, out);
}

int store_numbers_purge(struct store *s, int64_t now_ms, unsigned limit)
{
	return rows_purge(s, STMT_NUMBERS_PURGE, now_ms, limit);
}
