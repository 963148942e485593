/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */

#include "store_int.h"

/*
 * Chat sessions and large messages (spec 7.4): what a new process needs to end the dialog of the one
 * before it (RFC 3261 12, 15). The row is written as a whole, so that it is never half of an older one.
 * Those that are closed stay for operators until they are purged.
 */

/** Everything but id and created_ms, in the order of SESSION_COLUMNS. */
static void session_bind(struct query *q, const struct store_session *in, int64_t now_ms)
{
	query_int(q, in->kind);
	query_int(q, in->state);
	query_int(q, in->flags);
	query_text(q, in->a);
	query_text(q, in->b);
	query_text(q, in->number);
	query_text(q, in->name);
	query_text(q, in->language);
	query_text(q, in->service);
	query_text(q, in->conversation_id);
	query_text(q, in->contribution_id);
	query_text(q, in->smsc);
	query_text(q, in->call_id);
	query_text(q, in->local_tag);
	query_text(q, in->remote_tag);
	query_text(q, in->local_uri);
	query_text(q, in->remote_uri);
	query_text(q, in->remote_target);
	query_text(q, in->route_set);
	query_int(q, in->local_cseq);
	query_int(q, in->remote_cseq);
	query_int(q, now_ms);
}

static void session_read(struct query *q, struct store_session *out)
{
	out->kind = (int)column_int(q);
	out->state = (int)column_int(q);
	out->flags = (unsigned)column_int(q);
	out->a = column_text(q);
	out->b = column_text(q);
	out->number = column_text(q);
	out->name = column_text(q);
	out->language = column_text(q);
	out->service = column_text(q);
	out->conversation_id = column_text(q);
	out->contribution_id = column_text(q);
	out->smsc = column_text(q);
	out->call_id = column_text(q);
	out->local_tag = column_text(q);
	out->remote_tag = column_text(q);
	out->local_uri = column_text(q);
	out->remote_uri = column_text(q);
	out->remote_target = column_text(q);
	out->route_set = column_text(q);
	out->local_cseq = (unsigned)column_int(q);
	out->remote_cseq = (unsigned)column_int(q);
	out->updated_ms = column_int(q);
	out->created_ms = column_int(q);
	out->id = column_int(q);
}

static int sessions_read(struct query *q, store_session_row row, void *ctx)
{
	struct store_session session;
	int n = 0, rc;

	for (; (rc = query_row(q)) > 0; n++) {
		session_read(q, &session);
		row(ctx, &session);
	}
	return rc < 0 ? rc : n;
}

int store_session_add(struct store *s, const struct store_session *in, int64_t now_ms, int64_t *id)
{
	struct query q = query_of(s, STMT_SESSION_ADD);
	int err = store_writing(s);

	if (err)
		return err;
	session_bind(&q, in, now_ms);
	err = query_done(&q);
	if (!err)
		*id = sqlite3_last_insert_rowid(s->db);
	return err;
}

int store_session_put(struct store *s, const struct store_session *in, int64_t now_ms)
{
	struct query q = query_of(s, STMT_SESSION_PUT);
	int err = store_writing(s);

	if (err)
		return err;
	session_bind(&q, in, now_ms);
	query_int(&q, in->id);
	return query_change(&q);
}

int store_session_get(struct store *s, int64_t id, struct store_session *out)
{
	struct query q = query_of(s, STMT_SESSION_GET);
	int rc;

	store_release(s);
	query_int(&q, id);
	rc = query_row(&q);
	if (rc <= 0)
		return rc < 0 ? rc : -ENOENT;
	query_hold(&q);
	session_read(&q, out);
	return 0;
}

int store_sessions_open(struct store *s, store_session_row row, void *ctx)
{
	struct query q = query_of(s, STMT_SESSIONS_OPEN);

	store_release(s);
	return sessions_read(&q, row, ctx);
}

int store_read_sessions(struct store *s, unsigned limit, unsigned offset, store_session_row row,
			void *ctx)
{
	struct query q = query_of(s, STMT_READ_SESSIONS);

	store_release(s);
	query_int(&q, limit);
	query_int(&q, offset);
	return sessions_read(&q, row, ctx);
}

int store_sessions_purge(struct store *s, int64_t before_ms, unsigned limit)
{
	return rows_purge(s, STMT_SESSIONS_PURGE, before_ms, limit);
}
