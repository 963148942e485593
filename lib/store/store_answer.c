/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */

#include "store_int.h"

/*
 * CPM -> SMS, the way back: what the SMSC answers to a segment, what its status reports say, and
 * what that makes of the message (23.204 6.10; spec 6.3). A message counts down the segments that
 * are to be accepted and to be delivered, so that no answer reads the other segments. It has one
 * outcome: the first final failure, all delivered, or, if nobody asked for more, all accepted.
 */

enum { REPORTS_ASKED = 1 << 0 | 1 << 1 }; /* IMDN_POSITIVE_DELIVERY, IMDN_NEGATIVE_DELIVERY */

bool outcome_is_final(const struct store_outcome *o)
{
	return o->state >= MESSAGE_DELIVERED ||
	       (o->state == MESSAGE_ACCEPTED && !(o->imdn_request & REPORTS_ASKED));
}

static void outcome_read(struct query *q, struct store_outcome *out)
{
	out->message_id = column_int(q);
	out->state = (enum message_state)column_int(q);
	out->imdn_request = (unsigned)column_int(q);
	out->n_segments = (unsigned)column_int(q);
	out->created_ms = column_int(q);
	out->session_id = column_int(q);
	out->cause = (unsigned)column_int(q);
	out->a = column_text(q);
	out->b = column_text(q);
	out->service = column_text(q);
	out->conversation_id = column_text(q);
	out->contribution_id = column_text(q);
	out->imdn_id = column_text(q);
	out->smsc = column_text(q);
	out->smsc_id = column_text(q);
	out->final = outcome_is_final(out);
}

static int outcome_step(struct query *q, struct store_outcome *out)
{
	int rc = query_row(q);

	if (rc <= 0)
		return rc < 0 ? rc : -ENOENT;
	query_hold(q);
	outcome_read(q, out);
	return 0;
}

/* ---- answers ---- */

/** Nobody will ask for the only segment of a message whose outcome is known. @return 0, -ENOENT (it stays), -EIO */
static int segment_done(struct store *s, int64_t segment_id, const struct store_outcome *o)
{
	struct query q = query_of(s, STMT_SEGMENT_DONE);

	if (o->n_segments > 1 || !o->final)
		return -ENOENT;
	query_int(&q, segment_id);
	return query_change(&q);
}

static int segment_accept(struct store *s, int64_t segment_id, const char *smsc, const char *smsc_id)
{
	struct query q = query_of(s, STMT_SEGMENT_ACCEPT);

	query_int(&q, segment_id);
	query_text(&q, smsc);
	query_text(&q, smsc_id);
	return query_change(&q);
}

int store_segment_accepted(struct store *s, int64_t segment_id, const char *smsc,
			   const char *smsc_id, int64_t now_ms, struct store_outcome *out)
{
	struct query q = query_of(s, STMT_MESSAGE_ACCEPT);
	int err = store_writing(s);

	if (err)
		return err;
	query_int(&q, segment_id);
	query_text(&q, smsc);
	query_text(&q, smsc_id);
	query_int(&q, now_ms);
	err = outcome_change(&q, out);
	if (err)
		return err;
	err = segment_done(s, segment_id, out);
	return err == -ENOENT ? segment_accept(s, segment_id, smsc, smsc_id) : err;
}

int store_segment_attempts(struct store *s, int64_t segment_id)
{
	struct query q = query_of(s, STMT_SEGMENT_ATTEMPTS);
	int attempts, rc;

	query_int(&q, segment_id);
	rc = query_row(&q);
	if (rc <= 0)
		return rc < 0 ? rc : -ENOENT;
	attempts = (int)column_int(&q);
	query_end(&q);
	return attempts;
}

int store_segment_retry(struct store *s, int64_t segment_id, int64_t next_attempt_ms,
			unsigned cause, bool unknown, bool counted)
{
	struct query q = query_of(s, STMT_SEGMENT_RETRY);
	int err = store_writing(s);

	if (err)
		return err;
	query_int(&q, segment_id);
	query_int(&q, next_attempt_ms);
	query_int(&q, cause);
	query_int(&q, unknown);
	query_int(&q, counted);
	return query_change(&q);
}

/** Nothing more is sent of this message. */
static int segments_drop(struct store *s, int64_t message_id, enum segment_state state)
{
	struct query q = query_of(s, STMT_SEGMENTS_DROP);

	query_int(&q, message_id);
	query_int(&q, state);
	return query_done(&q);
}

static int message_fail(struct store *s, int64_t message_id, unsigned cause, int64_t now_ms,
			struct store_outcome *out)
{
	struct query q = query_of(s, STMT_MESSAGE_FAIL);
	int err = segments_drop(s, message_id, SEGMENT_FAILED);

	if (err)
		return err;
	query_int(&q, message_id);
	query_int(&q, cause);
	query_int(&q, now_ms);
	return outcome_change(&q, out);
}

int store_segment_failed(struct store *s, int64_t segment_id, unsigned cause, int64_t now_ms,
			 struct store_outcome *out)
{
	struct query q = query_of(s, STMT_SEGMENT_CLOSE);
	int err = store_writing(s);

	if (err)
		return err;
	query_int(&q, segment_id);
	query_int(&q, cause);
	err = query_change(&q);
	return err ? err : message_fail(s, segment_id >> 8, cause, now_ms, out);
}

/* ---- validity over ---- */

int store_message_expire(struct store *s, int64_t now_ms, struct store_outcome *out)
{
	struct query q = query_of(s, STMT_MESSAGE_OVERDUE);
	int err = store_writing(s), rc;
	int64_t id, cause;

	if (err)
		return err;
	query_int(&q, now_ms);
	rc = query_row(&q);
	if (rc <= 0)
		return rc < 0 ? rc : -ENOENT;
	id = column_int(&q);
	cause = column_int(&q);
	query_end(&q);
	err = segments_drop(s, id, SEGMENT_EXPIRED);
	if (err)
		return err;
	q = query_of(s, STMT_MESSAGE_EXPIRE);
	query_int(&q, id);
	query_int(&q, now_ms);
	query_int(&q, cause);
	return outcome_change(&q, out);
}

/* ---- status reports ---- */

enum report { REPORT_DELIVERED, REPORT_TRYING, REPORT_FAILED };

/** TP-ST, 23.040 9.2.3.15 */
static enum report report_of(uint8_t tp_st)
{
	if (tp_st < 0x20)
		return REPORT_DELIVERED;
	return tp_st < 0x40 ? REPORT_TRYING : REPORT_FAILED;
}

/** @return the segment, -ENOENT, -EIO */
static int64_t reported_segment(struct store *s, const char *smsc, const char *smsc_id)
{
	struct query q = query_of(s, STMT_SEGMENT_BY_SMSC_ID);
	int64_t id;
	int rc;

	query_text(&q, smsc_id);
	query_text(&q, smsc);
	rc = query_row(&q);
	if (rc <= 0)
		return rc < 0 ? rc : -ENOENT;
	id = column_int(&q);
	query_end(&q);
	return id;
}

int store_segment_recipient(struct store *s, const char *smsc, const char *smsc_id, const char **b)
{
	struct query q = query_of(s, STMT_SEGMENT_RECIPIENT);
	int rc;

	store_release(s);
	query_text(&q, smsc_id);
	query_text(&q, smsc);
	rc = query_row(&q);
	if (rc <= 0)
		return rc < 0 ? rc : -ENOENT;
	query_hold(&q);
	*b = column_text(&q);
	return 0;
}

static int segment_close(struct store *s, int64_t segment_id, enum segment_state state,
			 uint8_t tp_st)
{
	struct query q = query_of(s, STMT_SEGMENT_REPORT);

	query_int(&q, segment_id);
	query_int(&q, state);
	query_int(&q, tp_st);
	return query_change(&q);
}

static int message_deliver(struct store *s, int64_t segment_id, enum store_stmt stmt, int64_t now_ms,
			   struct store_outcome *out)
{
	struct query q = query_of(s, stmt);

	query_int(&q, segment_id >> 8);
	query_int(&q, now_ms);
	return outcome_change(&q, out);
}

int store_segment_delivered(struct store *s, int64_t segment_id, int64_t now_ms, struct store_outcome *out)
{
	const struct store_outcome *accepted = &s->noted.outcome;
	int err = store_writing(s);

	if (!err)
		err = segment_close(s, segment_id, SEGMENT_DELIVERED, 0);
	if (err == -ENOENT && accepted->message_id == segment_id >> 8 && accepted->n_segments == 1)
		err = 0; /* segment_done(); MESSAGE_HAS finds out if it comes twice */
	return err ? err : message_deliver(s, segment_id, STMT_MESSAGE_HAS, now_ms, out);
}

static int segment_delivered(struct store *s, int64_t segment_id, uint8_t tp_st, int64_t now_ms,
			     struct store_outcome *out)
{
	int err = message_deliver(s, segment_id, STMT_MESSAGE_DELIVER, now_ms, out);
	int rc = err ? err : segment_done(s, segment_id, out);

	if (rc == -ENOENT)
		rc = segment_close(s, segment_id, SEGMENT_DELIVERED, tp_st);
	return rc ? rc : err; /* -ENOENT: its outcome was known before */
}

static int segment_undelivered(struct store *s, int64_t segment_id, uint8_t tp_st, int64_t now_ms,
			       struct store_outcome *out)
{
	int err = segment_close(s, segment_id, SEGMENT_FAILED, tp_st);

	/* the report says TP-ST, not RP-Cause */
	return err ? err : message_fail(s, segment_id >> 8, 0, now_ms, out);
}

int store_segment_report(struct store *s, const char *smsc, const char *smsc_id, uint8_t tp_st,
			 int64_t now_ms, struct store_outcome *out)
{
	struct query q = query_of(s, STMT_MESSAGE_OUTCOME);
	int err = store_writing(s);
	int64_t id = err ? err : reported_segment(s, smsc, smsc_id);

	if (id < 0)
		return (int)id;
	switch (report_of(tp_st)) {
	case REPORT_DELIVERED:
		return segment_delivered(s, id, tp_st, now_ms, out);
	case REPORT_FAILED:
		return segment_undelivered(s, id, tp_st, now_ms, out);
	case REPORT_TRYING:
		break;
	}
	query_int(&q, id >> 8);
	return outcome_step(&q, out);
}
