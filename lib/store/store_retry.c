/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */

#include "store_int.h"

/*
 * A client's retry is known by its key, for retry_window_ms. In the database the number of a period of two such
 * windows stands before the key: the index of keys grows at its end, and what is touched of it does not grow with
 * the messages that are kept. A retry may be in the period before, or, after the clock was set back a little, in the
 * next. When it was set by more, periods go on as if it had not been; ages are no sign then.
 */

enum { PERIOD_MIN_MS = 60000, CLOCK_SLACK_MS = 60000, OLD_FORM = -1 /* the key alone: programs before this one */ };

static int64_t period_of(const struct store_message_new *m, int64_t at_ms)
{
	int64_t length_ms = 2 * m->retry_window_ms;

	return at_ms / (length_ms > PERIOD_MIN_MS ? length_ms : PERIOD_MIN_MS);
}

static size_t key_make(const struct store_message_new *m, int64_t period, uint8_t key[STORE_RETRY_OCTETS])
{
	size_t prefix = period == OLD_FORM ? 0 : STORE_RETRY_OCTETS - STORE_KEY_OCTETS;

	for (size_t i = 0; i < prefix; i++)
		key[i] = (uint8_t)(period >> 8 * (prefix - 1 - i));
	memcpy(key + prefix, m->retry_key, STORE_KEY_OCTETS);
	return prefix + STORE_KEY_OCTETS;
}

/** The clock as if nobody had set it since its origin (store_clock.h). */
static int64_t steady_ms(const struct store *s, int64_t now_ms)
{
	return now_ms - s->clock_shift_ms;
}

void store_clock_shifted(struct store *s, int64_t shift_ms, int64_t now_ms)
{
	s->clock_shift_ms = shift_ms;
	s->clock_was_set = true;
	s->clock_set_ms = steady_ms(s, now_ms);
}

void retry_key(const struct store *s, const struct store_message_new *m, int64_t now_ms,
	       uint8_t key[STORE_RETRY_OCTETS])
{
	key_make(m, period_of(m, steady_ms(s, now_ms)), key);
}

static bool too_old(const struct store *s, const struct store_message_new *m, int64_t now_ms, int64_t created_ms)
{
	bool set_lately = s->clock_was_set && steady_ms(s, now_ms) - s->clock_set_ms < m->retry_window_ms;

	return !set_lately && now_ms - created_ms >= m->retry_window_ms;
}

/** @return -EEXIST and who it was; 0: none, or too old: it has lost its key; -EIO */
static int retried_in(struct store *s, const struct store_message_new *m, int64_t now_ms, int64_t period,
		      struct store_message_added *out)
{
	struct query q = query_of(s, STMT_MESSAGE_RETRIED);
	uint8_t key[STORE_RETRY_OCTETS];
	int64_t created_ms;
	int rc;

	query_blob(&q, key, key_make(m, period, key));
	rc = query_row(&q);
	if (rc <= 0)
		return rc;
	out->message_id = column_int(&q);
	out->first_segment_id = part_id(out->message_id, 1);
	out->state = (enum message_state)column_int(&q);
	created_ms = column_int(&q);
	query_end(&q);
	if (!too_old(s, m, now_ms, created_ms))
		return -EEXIST;
	q = query_of(s, STMT_MESSAGE_KEY_DROP);
	query_int(&q, out->message_id);
	return query_done(&q);
}

int retried_now(struct store *s, const struct store_message_new *m, int64_t now_ms, struct store_message_added *out)
{
	return retried_in(s, m, now_ms, period_of(m, steady_ms(s, now_ms)), out);
}

/** When the newest key of the old form was written, if that was not long ago. */
static int old_form_ms(struct store *s, int64_t *at_ms)
{
	int err = 0;

	if (!s->old_keys_known)
		err = number_read(s, STMT_MESSAGE_OLD_KEYS, INT64_MIN / 2, &s->old_keys_ms);
	s->old_keys_known = !err;
	*at_ms = s->old_keys_ms;
	return err;
}

int retried_elsewhen(struct store *s, const struct store_message_new *m, int64_t now_ms,
		     struct store_message_added *out)
{
	int64_t at_ms = steady_ms(s, now_ms), now = period_of(m, at_ms), last = period_of(m, at_ms + CLOCK_SLACK_MS);
	int64_t old_ms;
	int err = old_form_ms(s, &old_ms);

	if (!err && now_ms - old_ms < m->retry_window_ms)
		err = retried_in(s, m, now_ms, OLD_FORM, out);
	for (int64_t p = period_of(m, at_ms - m->retry_window_ms); !err && p <= last; p++)
		if (p != now)
			err = retried_in(s, m, now_ms, p, out);
	return err;
}
