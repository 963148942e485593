/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */

#include "store_int.h"

/*
 * Notifications that A is to have about a message out (spec 6): one is added in the transaction
 * that learns the outcome, sent and tried again until A answers, then deleted. What it says stands
 * in its message, which purge leaves alone as long.
 */

int store_notification_add(struct store *s, const struct store_notification_new *n, int64_t now_ms,
			   int64_t *id)
{
	struct query q = query_of(s, STMT_NOTIFICATION_ADD);
	int err = store_writing(s);

	if (err)
		return err;
	if (!*n->imdn_id)
		return -EINVAL;
	query_int(&q, n->message_id);
	query_int(&q, n->kind);
	query_int(&q, n->status);
	query_int(&q, now_ms);
	query_time(&q, n->next_attempt_ms);
	query_text(&q, n->imdn_id);
	err = query_change(&q);
	if (!err)
		*id = sqlite3_last_insert_rowid(s->db);
	return err;
}

int store_notification_get(struct store *s, int64_t id, struct store_notification *out)
{
	struct query q = query_of(s, STMT_NOTIFICATION_GET);
	int rc;

	store_release(s);
	query_int(&q, id);
	rc = query_row(&q);
	if (rc <= 0)
		return rc < 0 ? rc : -ENOENT;
	query_hold(&q);
	out->id = column_int(&q);
	out->message_id = column_int(&q);
	out->kind = (int)column_int(&q);
	out->status = (int)column_int(&q);
	out->imdn_id = column_text(&q);
	out->attempts = (unsigned)column_int(&q);
	out->created_ms = column_int(&q);
	out->a = column_text(&q);
	out->b = column_text(&q);
	out->service = column_text(&q);
	out->conversation_id = column_text(&q);
	out->contribution_id = column_text(&q);
	out->message_imdn_id = column_text(&q);
	out->datetime = column_text(&q);
	out->imdn_route = column_blob(&q);
	out->instance = column_blob(&q);
	out->original_to = column_blob(&q);
	out->session_id = column_int(&q);
	return 0;
}

int store_notifications_due(struct store *s, int64_t now_ms, int64_t *ids, unsigned limit)
{
	int err = store_writing(s);

	if (err)
		return err;
	return ids_take(s, STMT_NOTIFICATIONS_DUE, STMT_NOTIFICATION_SEND, now_ms, ids, limit);
}

int64_t store_notifications_next_ms(struct store *s)
{
	int64_t at_ms;

	store_release(s);
	number_read(s, STMT_NOTIFICATIONS_FIRST, INT64_MAX, &at_ms);
	return at_ms;
}

int store_notification_retry(struct store *s, int64_t id, int64_t next_attempt_ms, bool counted)
{
	struct query q = query_of(s, STMT_NOTIFICATION_RETRY);
	int err = store_writing(s);

	if (err)
		return err;
	query_int(&q, id);
	query_time(&q, next_attempt_ms);
	query_int(&q, counted);
	return query_change(&q);
}

int store_notification_done(struct store *s, int64_t id)
{
	struct query q = query_of(s, STMT_NOTIFICATION_DONE);
	int err = store_writing(s);

	if (err)
		return err;
	query_int(&q, id);
	return query_change(&q);
}
