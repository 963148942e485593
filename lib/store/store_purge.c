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

/** Its updated_ms may be behind its use: then it stays, and that is put right. */
static int conversation_remove(struct store *s, int64_t id, int64_t used_ms, int64_t before_ms)
{
	struct query q = query_of(s, STMT_CONVERSATION_USED);

	if (used_ms < before_ms)
		return run_for(s, STMT_PURGE_CONVERSATION, id);
	query_int(&q, id);
	query_int(&q, used_ms);
	return query_done(&q);
}

/** @return how many were looked at, fewer than limit if no more are old enough; -EIO */
static int conversations_remove(struct store *s, int64_t before_ms, unsigned limit)
{
	struct query q = query_of(s, STMT_PURGE_FIND_CONVERSATIONS);
	int64_t ids[STORE_BATCH], used_ms[STORE_BATCH];
	int n = 0, rc;

	query_int(&q, before_ms);
	query_int(&q, limit);
	while ((rc = query_row(&q)) > 0) {
		ids[n] = column_int(&q);
		used_ms[n++] = column_int(&q);
	}
	for (int i = 0; rc == 0 && i < n; i++)
		rc = conversation_remove(s, ids[i], used_ms[i], before_ms);
	return rc < 0 ? rc : n;
}

/** Up to limit rows by remove, a few at a time. @return how many, or -EIO */
static int remove_all(struct store *s, int (*remove)(struct store *s, int64_t before_ms, unsigned limit),
		      int64_t before_ms, unsigned limit)
{
	unsigned done = 0;
	int n;

	do {
		n = remove(s, before_ms, limit - done < STORE_BATCH ? limit - done : STORE_BATCH);
		if (n < 0)
			return n;
		done += (unsigned)n;
	} while (n > 0 && done < limit);
	return (int)done;
}

int store_purge(struct store *s, int64_t keep_messages_before_ms,
		int64_t keep_conversations_before_ms, unsigned limit)
{
	int messages = store_writing(s), conversations;

	if (!messages)
		messages = remove_all(s, messages_remove, keep_messages_before_ms, limit);
	if (messages < 0)
		return messages;
	conversations = remove_all(s, conversations_remove, keep_conversations_before_ms, limit);
	return conversations < 0 ? conversations : messages + conversations;
}
