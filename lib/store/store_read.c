/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */

#include "store_int.h"

/*
 * Lists for operators. They run in another process beside the writer (a WAL lets them), so every
 * one ends its statement before it returns: an open one would keep the WAL from being written back.
 */

static int conversations_read(struct query *q, store_conversation_row row, void *ctx)
{
	struct store_conversation c;
	int n = 0, rc;

	while ((rc = query_row(q)) > 0) {
		c.id = column_int(q);
		c.a = column_text(q);
		c.b = column_text(q);
		c.conversation_id = column_text(q);
		c.contribution_id = column_text(q);
		c.service = column_text(q);
		c.created_ms = column_int(q);
		c.updated_ms = column_int(q);
		row(ctx, &c);
		n++;
	}
	return rc < 0 ? rc : n;
}

static int messages_read(struct query *q, store_message_row row, void *ctx)
{
	struct store_message m;
	int n = 0, rc;

	while ((rc = query_row(q)) > 0) {
		m.id = column_int(q);
		m.direction = (enum store_direction)column_int(q);
		m.state = (enum message_state)column_int(q);
		m.a = column_text(q);
		m.b = column_text(q);
		m.service = column_text(q);
		m.conversation_id = column_text(q);
		m.contribution_id = column_text(q);
		m.in_reply_to = column_text(q);
		m.imdn_id = column_text(q);
		m.smsc = column_text(q);
		m.smsc_id = column_text(q);
		m.imdn_request = (unsigned)column_int(q);
		m.segments = (unsigned)column_int(q);
		m.cause = (unsigned)column_int(q);
		m.attempts = (unsigned)column_int(q);
		m.created_ms = column_int(q);
		m.updated_ms = column_int(q);
		m.next_attempt_ms = column_int(q);
		row(ctx, &m);
		n++;
	}
	return rc < 0 ? rc : n;
}

/** A read of one row: its count as a code. */
static int one(int n)
{
	if (n < 0)
		return n;
	return n ? 0 : -ENOENT;
}

int store_read_conversations(struct store *s, unsigned limit, unsigned offset,
			     store_conversation_row row, void *ctx)
{
	struct query q = query_of(s, STMT_READ_CONVERSATIONS);

	store_release(s);
	query_int(&q, limit);
	query_int(&q, offset);
	return conversations_read(&q, row, ctx);
}

int store_read_conversation(struct store *s, const char *a, const char *b,
			    store_conversation_row row, void *ctx)
{
	struct query q = query_of(s, STMT_READ_CONVERSATION);

	store_release(s);
	query_text(&q, a);
	query_text(&q, b);
	return one(conversations_read(&q, row, ctx));
}

int store_read_messages(struct store *s, unsigned limit, unsigned offset, store_message_row row,
			void *ctx)
{
	struct query q = query_of(s, STMT_READ_MESSAGES);

	store_release(s);
	query_int(&q, limit);
	query_int(&q, offset);
	return messages_read(&q, row, ctx);
}

int store_read_message(struct store *s, int64_t id, store_message_row row, void *ctx)
{
	struct query q = query_of(s, STMT_READ_MESSAGE);

	store_release(s);
	query_int(&q, id);
	return one(messages_read(&q, row, ctx));
}

static int count_read(struct store *s, enum store_stmt stmt, uint64_t *out)
{
	int64_t n;
	int err = number_read(s, stmt, 0, &n);

	*out = (uint64_t)n;
	return err;
}

int store_read_depth(struct store *s, struct store_depth *out)
{
	int err;

	store_release(s);
	err = count_read(s, STMT_READ_WAITING, &out->segments_waiting);
	return err ? err : count_read(s, STMT_READ_ASSEMBLING, &out->messages_assembling);
}

const char *message_state_name(enum message_state state)
{
	static const char *const names[] = {
		[MESSAGE_ASSEMBLING] = "assembling", [MESSAGE_PENDING] = "pending",
		[MESSAGE_ACCEPTED] = "accepted",     [MESSAGE_DELIVERED] = "delivered",
		[MESSAGE_FAILED] = "failed",	     [MESSAGE_EXPIRED] = "expired",
	};

	if (state < MESSAGE_ASSEMBLING || state > MESSAGE_EXPIRED)
		return "unknown";
	return names[state];
}
