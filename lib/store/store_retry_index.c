/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */

#include "store_int.h"

/*
 * Retries of messages that a program before schema 7 stored: their keys are in an index, behind the number of a
 * period of two windows or, of programs yet older, alone. Messages of now have none there. A retry may be in the
 * period before, or, after the clock was set back a little, in the next. One window after the first look nobody asks.
 */

enum { PERIOD_MIN_MS = 60000, PREFIX_OCTETS = 4, ALONE = -1 };

static int64_t period_of(const struct store_message_new *m, int64_t at_ms)
{
	int64_t length_ms = 2 * m->retry_window_ms;

	return at_ms / (length_ms > PERIOD_MIN_MS ? length_ms : PERIOD_MIN_MS);
}

static bool in_window(const struct store_message_new *m, int64_t age_ms)
{
	return age_ms > -RETRY_CLOCK_SLACK_MS && age_ms < m->retry_window_ms;
}

/** By the clock as it is, or as it was before it was set last. */
static bool too_old(const struct store *s, const struct store_message_new *m, int64_t now_ms, int64_t created_ms)
{
	return !in_window(m, now_ms - created_ms) && !in_window(m, now_ms - s->clock_step_ms - created_ms);
}

static int retried_in(struct store *s, const struct store_message_new *m, int64_t now_ms, int64_t period,
		      struct store_message_added *out)
{
	struct query q = query_of(s, STMT_MESSAGE_BY_KEY);
	uint8_t key[PREFIX_OCTETS + STORE_KEY_OCTETS];
	size_t prefix = period == ALONE ? 0 : PREFIX_OCTETS;
	int64_t id, created_ms;
	int rc;

	for (size_t i = 0; i < prefix; i++)
		key[i] = (uint8_t)(period >> 8 * (prefix - 1 - i));
	memcpy(key + prefix, m->retry_key, STORE_KEY_OCTETS);
	query_blob(&q, key, prefix + STORE_KEY_OCTETS);
	rc = query_row(&q);
	if (rc <= 0)
		return rc;
	id = column_int(&q);
	query_end(&q);
	rc = retried_as(s, m, id, out, &created_ms);
	return rc == -EEXIST && too_old(s, m, now_ms, created_ms) ? 0 : rc;
}

/** Until when they may be asked for, by the steady clock: known once one was looked for. */
static int index_until(struct store *s, const struct store_message_new *m, int64_t at_ms)
{
	struct store_retry *r = &s->retry;
	int64_t any;
	int err;

	if (r->index_known)
		return 0;
	err = number_read(s, STMT_MESSAGE_ANY_KEY, 0, &any);
	r->index_known = !err;
	r->index_until_ms = any ? at_ms + m->retry_window_ms : INT64_MIN;
	return err;
}

int retried_by_index(struct store *s, const struct store_message_new *m, int64_t now_ms,
		     struct store_message_added *out)
{
	int64_t at_ms = steady_ms(s, now_ms), last;
	int err = index_until(s, m, at_ms);

	if (err || at_ms >= s->retry.index_until_ms)
		return err;
	last = period_of(m, at_ms + RETRY_CLOCK_SLACK_MS);
	err = retried_in(s, m, now_ms, ALONE, out);
	for (int64_t p = period_of(m, at_ms - m->retry_window_ms); !err && p <= last; p++)
		err = retried_in(s, m, now_ms, p, out);
	return err;
}
