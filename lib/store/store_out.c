/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */

#include "store_int.h"

/*
 * CPM -> SMS, the way out: messages come in, their segments go to the connector, those that wait
 * are taken again when their time has come or an SMSC is back. What the SMSC says about them is
 * store_answer.c.
 */

/* ---- add ---- */

static int conversation_write(struct store *s, enum store_stmt stmt, const struct store_message_new *m, int64_t now_ms)
{
	struct query q = query_of(s, stmt);

	query_text(&q, m->a);
	query_text(&q, m->b);
	query_view(&q, m->conversation_id);
	query_view(&q, m->contribution_id);
	query_text(&q, m->service);
	query_int(&q, now_ms);
	return query_change(&q);
}

/** A's contribution: what B's next reply will refer to (29.311 6.1.4.3.1). */
static int conversation_of_a(struct store *s, const struct store_message_new *m, int64_t now_ms)
{
	int err = conversation_write(s, STMT_CONVERSATION_OF_A_AGAIN, m, now_ms);

	return err == -ENOENT ? conversation_write(s, STMT_CONVERSATION_OF_A, m, now_ms) : err;
}

static int message_insert(struct store *s, const struct store_message_new *m, int64_t now_ms,
			  int64_t *id)
{
	struct query q = query_of(s, STMT_MESSAGE_ADD);
	int err;

	query_int(&q, now_ms);
	query_int(&q, m->expires_ms);
	query_int(&q, m->n_segments);
	query_int(&q, m->imdn_request);
	query_text(&q, m->a);
	query_text(&q, m->b);
	query_text(&q, m->service);
	query_view(&q, m->conversation_id);
	query_view(&q, m->contribution_id);
	query_view(&q, m->in_reply_to);
	query_view(&q, m->imdn_id);
	query_blob(&q, m->imdn_route.p, m->imdn_route.len);
	query_text(&q, m->smsc);
	query_view(&q, m->datetime);
	query_text(&q, m->oa);
	query_int(&q, m->session_id);
	query_view(&q, m->instance);
	query_view(&q, m->original_to);
	err = query_done(&q);
	*id = sqlite3_last_insert_rowid(s->db);
	return err;
}

static int segments_insert(struct store *s, const struct store_message_new *m, int64_t message_id,
			   int64_t now_ms)
{
	int err = 0;

	for (unsigned i = 0; !err && i < m->n_segments; i++) {
		struct query q = query_of(s, STMT_SEGMENT_ADD);

		query_int(&q, part_id(message_id, i + 1));
		query_int(&q, m->send_now ? SEGMENT_SENT : SEGMENT_QUEUED);
		query_int(&q, m->segments[i].tp_mr);
		query_int(&q, now_ms);
		query_blob(&q, m->segments[i].tpdu.p, m->segments[i].tpdu.len);
		err = query_done(&q);
	}
	return err;
}

int store_message_add(struct store *s, const struct store_message_new *m, int64_t now_ms,
		      struct store_message_added *out)
{
	int64_t id;
	int err = store_writing(s);

	if (err)
		return err;
	if (m->n_segments == 0 || m->n_segments > STORE_PARTS_MAX)
		return -EINVAL;
	err = m->retry_window_ms ? retried(s, m, now_ms, out) : 0;
	if (err)
		return err;
	err = message_insert(s, m, now_ms, &id);
	if (!err && m->retry_window_ms)
		err = retry_note(s, m, id);
	if (!err)
		err = segments_insert(s, m, id, now_ms);
	if (!err)
		err = conversation_of_a(s, m, now_ms);
	if (!err)
		*out = (struct store_message_added){id, part_id(id, 1), MESSAGE_PENDING};
	return err;
}

/* ---- take ---- */

/** A taken segment: what goes to the connector. The message row stays held while its segments pass. */
struct taking {
	struct store *s;
	struct store_segment seg;
	void (*row)(void *ctx, const struct store_segment *seg);
	void *ctx;
};

static int route_read(struct taking *t, int64_t message_id)
{
	struct query q = query_of(t->s, STMT_SEGMENT_ROUTE);
	int rc;

	store_release(t->s);
	query_int(&q, message_id);
	rc = query_row(&q);
	if (rc <= 0)
		return rc < 0 ? rc : store_refuse(t->s, -EIO, "segment without a message: damaged");
	query_hold(&q);
	t->seg.message_id = message_id;
	t->seg.a = column_text(&q);
	t->seg.b = column_text(&q);
	t->seg.smsc = column_text(&q);
	t->seg.oa = column_text(&q);
	t->seg.expires_ms = column_int(&q);
	return 0;
}

static int segment_take(struct taking *t, int64_t segment_id)
{
	struct query q = query_of(t->s, STMT_SEGMENT_SEND);
	int rc = segment_id >> 8 == t->seg.message_id ? 0 : route_read(t, segment_id >> 8);

	if (rc)
		return rc;
	query_int(&q, segment_id);
	rc = query_done(&q);
	if (rc)
		return rc;
	q = query_of(t->s, STMT_SEGMENT_SENT);
	query_int(&q, segment_id);
	rc = query_row(&q);
	if (rc <= 0)
		return rc;
	t->seg.segment_id = segment_id;
	t->seg.tpdu = column_blob(&q);
	t->seg.attempts = (unsigned)column_int(&q);
	t->seg.resubmit = column_int(&q);
	t->row(t->ctx, &t->seg);
	query_end(&q);
	return 0;
}

struct due {
	int64_t id, at_ms;
};

/** The rest of q's rows (id, next_attempt_ms). @return how many, or -EIO */
static int due_read(struct query *q, struct due *due)
{
	int n = 0, rc;

	while ((rc = query_row(q)) > 0) {
		due[n].id = column_int(q);
		due[n].at_ms = column_int(q);
		n++;
	}
	return rc < 0 ? rc : n;
}

static int due_by_time(struct store *s, int64_t now_ms, unsigned limit, struct due *due)
{
	struct query q = query_of(s, STMT_SEGMENTS_DUE);

	query_int(&q, now_ms);
	query_int(&q, limit);
	return due_read(&q, due);
}

static int due_by_hurry(struct store *s, unsigned limit, struct due *due)
{
	struct query q = query_of(s, STMT_SEGMENTS_HURRIED);
	struct store_hurry *h = &s->hurry;
	int n;

	query_int(&q, h->at_ms);
	query_int(&q, h->id);
	query_int(&q, h->until_ms);
	query_int(&q, limit);
	n = due_read(&q, due);
	if (n > 0) {
		h->at_ms = due[n - 1].at_ms;
		h->id = due[n - 1].id;
	}
	h->active = n == (int)limit;
	return n;
}

int store_segments_take(struct store *s, int64_t now_ms, unsigned limit,
			void (*row)(void *ctx, const struct store_segment *), void *ctx)
{
	struct taking t = {.s = s, .row = row, .ctx = ctx};
	struct due due[STORE_BATCH];
	unsigned taken = 0;
	int err = store_writing(s), n = 1;

	while (!err && n > 0 && taken < limit) {
		unsigned want = limit - taken < STORE_BATCH ? limit - taken : STORE_BATCH;

		n = due_by_time(s, now_ms, want, due);
		if (n == 0 && s->hurry.active)
			n = due_by_hurry(s, want, due);
		for (int i = 0; !err && i < n; i++)
			err = segment_take(&t, due[i].id);
		if (n < 0)
			err = n;
		else
			taken += (unsigned)n;
	}
	store_release(s);
	return err ? err : (int)taken;
}

int64_t store_segments_next_ms(struct store *s)
{
	int64_t at_ms;

	store_release(s);
	number_read(s, STMT_SEGMENTS_FIRST, INT64_MAX, &at_ms);
	return s->hurry.active && s->hurry.called_ms < at_ms ? s->hurry.called_ms : at_ms;
}

int store_segments_hurry(struct store *s, int64_t now_ms)
{
	int64_t last_ms;
	int err;

	store_release(s);
	err = number_read(s, STMT_SEGMENTS_LAST, INT64_MIN, &last_ms);
	if (!err && last_ms > now_ms)
		s->hurry = (struct store_hurry){true, now_ms, last_ms, now_ms, INT64_MAX};
	return err;
}

int store_segments_alert(struct store *s, const char *b, int64_t now_ms)
{
	struct query q = query_of(s, STMT_SEGMENTS_ALERT);
	int err = store_writing(s);

	if (err)
		return err;
	query_text(&q, b);
	query_int(&q, now_ms);
	return query_count(&q);
}
