/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */

#include "store_int.h"

/*
 * Retention (spec 2.4). Messages in their final state, ACCEPTED ones whose report never came, and
 * single ones from the SMS side that the SMSC has stopped repeating go when they have not changed
 * for long enough. What is still ours to send or to deliver never goes, nor does a message before
 * all its notifications are done.
 */

static int run_for(struct store *s, enum store_stmt stmt, int64_t id)
{
	struct query q = query_of(s, stmt);

	query_int(&q, id);
	return query_done(&q);
}

static int message_remove(struct store *s, int64_t id)
{
	int err = run_for(s, STMT_PURGE_SEGMENTS, id);

	if (!err)
		err = run_for(s, STMT_FRAGMENTS_DELETE, id);
	return err ? err : run_for(s, STMT_PURGE_MESSAGE, id);
}

/** @return how many are gone, fewer than limit if no more are old enough; -EIO */
static int messages_remove(struct store *s, int64_t before_ms, unsigned limit)
{
	struct query q = query_of(s, STMT_PURGE_FIND);
	int64_t ids[STORE_BATCH];
	int n = 0, rc;

	query_int(&q, before_ms);
	query_int(&q, limit);
	while ((rc = query_row(&q)) > 0)
		ids[n++] = column_int(&q);
	for (int i = 0; rc == 0 && i < n; i++)
		rc = message_remove(s, ids[i]);
	return rc < 0 ? rc : n;
}

int store_purge(struct store *s, int64_t keep_messages_before_ms,
		int64_t keep_conversations_before_ms, unsigned limit)
{
	unsigned gone = 0, want = 0;
	int n = store_writing(s);

	if (n < 0)
		return n;
	do {
		want = limit - gone < STORE_BATCH ? limit - gone : STORE_BATCH;
		n = messages_remove(s, keep_messages_before_ms, want);
		if (n < 0)
			return n;
		gone += (unsigned)n;
	} while (n > 0 && gone < limit);
	n = rows_purge(s, STMT_PURGE_CONVERSATIONS, keep_conversations_before_ms, limit);
	return n < 0 ? n : (int)gone + n;
}
