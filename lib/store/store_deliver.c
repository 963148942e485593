/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */

#include "store_clock.h"
#include "store_int.h"

/*
 * SMS -> CPM, the second half: a message with its parts for A, what A made of it, and when to look
 * again. The SMSC repeats a message that is not concatenated; one of whose parts some were
 * acknowledged is ours to repeat (spec 5.4).
 */

static int fragments_read(struct store *s, int64_t message_id,
			  void (*fragment)(void *ctx, const struct store_fragment *), void *ctx)
{
	struct query q = query_of(s, STMT_FRAGMENTS);
	struct store_fragment f;
	int rc;

	query_int(&q, message_id);
	while ((rc = query_row(&q)) > 0) {
		f.part = (unsigned)column_int(&q);
		f.tp_dcs = (uint8_t)column_int(&q);
		f.units = column_blob(&q);
		fragment(ctx, &f);
	}
	return rc;
}

int store_sms_get(struct store *s, int64_t message_id, struct store_sms_message *out,
		  void (*fragment)(void *ctx, const struct store_fragment *), void *ctx)
{
	struct query q = query_of(s, STMT_SMS_GET);
	int rc;

	store_release(s);
	query_int(&q, message_id);
	rc = query_row(&q);
	if (rc <= 0)
		return rc < 0 ? rc : -ENOENT;
	query_hold(&q);
	out->message_id = column_int(&q);
	out->session_id = column_int(&q);
	out->a = column_text(&q);
	out->b = column_text(&q);
	out->service = column_text(&q);
	out->conversation_id = column_text(&q);
	out->contribution_id = column_text(&q);
	out->in_reply_to = column_text(&q);
	out->imdn_id = column_text(&q);
	out->scts_s = column_int(&q);
	out->zone_minutes = (int)column_int(&q);
	out->total = (unsigned)column_int(&q);
	out->attempts = (unsigned)column_int(&q);
	out->created_ms = column_int(&q);
	return fragment ? fragments_read(s, message_id, fragment, ctx) : 0;
}

/* ---- outcomes ---- */

/** The keys of a set's parts stay, so that a part that comes once more is known. */
static int fragments_close(struct store *s, int64_t message_id, bool concatenated)
{
	struct query q = query_of(s, concatenated ? STMT_FRAGMENTS_ERASE : STMT_FRAGMENTS_DELETE);

	query_int(&q, message_id);
	return query_done(&q);
}

static int sms_end(struct store *s, int64_t message_id, enum message_state state, unsigned cause,
		   bool owed, int64_t now_ms, struct store_outcome *out)
{
	struct query q = query_of(s, STMT_SMS_END);
	int err = store_writing(s);

	if (err)
		return err;
	query_int(&q, message_id);
	query_int(&q, state);
	query_int(&q, cause);
	query_int(&q, owed);
	query_int(&q, now_ms);
	err = outcome_change(&q, out);
	return err ? err : fragments_close(s, message_id, s->noted.concatenated);
}

int store_sms_delivered(struct store *s, int64_t message_id, bool owed, int64_t now_ms,
			struct store_outcome *out)
{
	return sms_end(s, message_id, MESSAGE_DELIVERED, 0, owed, now_ms, out);
}

int store_sms_failed(struct store *s, int64_t message_id, enum message_state state, unsigned cause, bool owed,
		     int64_t now_ms, struct store_outcome *out)
{
	if (state != MESSAGE_FAILED && state != MESSAGE_EXPIRED)
		return -EINVAL;
	return sms_end(s, message_id, state, cause, owed, now_ms, out);
}

/* ---- again, later ---- */

int store_sms_retry(struct store *s, int64_t message_id, int64_t next_attempt_ms)
{
	struct query q = query_of(s, STMT_SMS_RETRY);
	int err = store_writing(s);

	if (err)
		return err;
	query_int(&q, message_id);
	query_int(&q, next_attempt_ms);
	return query_change(&q);
}

int store_sms_owe(struct store *s, int64_t message_id)
{
	struct query q = query_of(s, STMT_SMS_OWE);
	int err = store_writing(s);

	if (err)
		return err;
	query_int(&q, message_id);
	return query_change(&q);
}

int store_sms_clock_stepped(struct store *s, int64_t step_ms)
{
	static const enum store_stmt steps[] = {STMT_SMS_STEP, STMT_SMS_STEP_SENT, STMT_NOTIFICATIONS_STEP};
	int err = store_writing(s);

	for (size_t i = 0; !err && i < sizeof(steps) / sizeof(steps[0]); i++) {
		struct query q = query_of(s, steps[i]);

		query_int(&q, step_ms);
		err = query_done(&q);
	}
	return err;
}

int store_sms_hurry(struct store *s, const char *a, int64_t now_ms)
{
	struct query q = query_of(s, STMT_SMS_HURRY);
	int err = store_writing(s);

	if (err)
		return err;
	query_text(&q, a);
	query_int(&q, now_ms);
	return query_count(&q);
}

int store_sms_due(struct store *s, int64_t now_ms, int64_t *ids, unsigned limit)
{
	int err = store_writing(s);

	return err ? err : ids_take(s, STMT_SMS_DUE, STMT_SMS_DELIVER, now_ms, ids, limit);
}

int64_t store_sms_next_ms(struct store *s)
{
	int64_t at_ms;

	store_release(s);
	number_read(s, STMT_SMS_FIRST, INT64_MAX, &at_ms);
	return at_ms;
}
