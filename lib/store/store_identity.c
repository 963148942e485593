/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */

#include <stdio.h>

#include "store_int.h"

/*
 * Public user identities that are no telephone numbers, and whose they are (spec 3.2 step 3, R-30): what
 * a REGISTER said, until that registration is over. A reader ends its statement before it returns
 * (store_read.c).
 */

static int identity_remove(struct store *s, const char *impu)
{
	struct query q = query_of(s, STMT_IDENTITY_REMOVE);

	query_text(&q, impu);
	return query_done(&q);
}

int store_identity_set(struct store *s, const char *impu, const char *a, int64_t expires_ms,
		       int64_t now_ms)
{
	struct query q = query_of(s, STMT_IDENTITY_SET);
	int err = store_writing(s);

	if (err)
		return err;
	if (!*impu || !*a)
		return -EINVAL;
	if (expires_ms <= now_ms)
		return identity_remove(s, impu);
	query_text(&q, impu);
	query_text(&q, a);
	query_int(&q, expires_ms);
	return query_done(&q);
}

int store_read_identity(struct store *s, const char *impu, int64_t now_ms, char a[STORE_NUMBER_MAX])
{
	struct query q = query_of(s, STMT_READ_IDENTITY);
	int rc;

	query_text(&q, impu);
	query_int(&q, now_ms);
	rc = query_row(&q);
	if (rc <= 0)
		return rc < 0 ? rc : -ENOENT;
	snprintf(a, STORE_NUMBER_MAX, "%s", column_text(&q));
	query_end(&q);
	return 0;
}

int store_identities_purge(struct store *s, int64_t now_ms, unsigned limit)
{
	return rows_purge(s, STMT_IDENTITIES_PURGE, now_ms, limit);
}
