/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */

#include <stdlib.h>

#include "store_clock.h"
#include "store_int.h"

/*
 * A client's retry is known by its key, for retry_window_ms. Keys are random, so an index of them would cost a page
 * of its own for each message. They are looked for in memory: two sets, the older of which ends when the younger is
 * one window old. On disk a commit leaves one row of table retry with all its keys, for the next process, and takes
 * away a few that are too old. 64 bits of a key are kept; what they find must have the same A and B.
 *
 * How old a set is goes by a clock as if it had never been set (steady_ms()): nothing in it is older than two windows.
 * Within these the message tells its age; for a window after the start, or after the clock was set, that is no sign.
 */

enum {
	NOTE_OCTETS = 16, /* key and message id, most significant octet first */
	NOTES_MIN = 64,
	PURGE_ROWS = 4,
	PURGE_TURNS = 16,
	DEAD = -1, /* its transaction was rolled back */
};

static uint64_t key_of(const struct store_message_new *m)
{
	struct rbuf r = rbuf_of((struct view){m->retry_key, sizeof(m->retry_key)});
	uint64_t first = rbuf_u64(&r);

	return first ^ rbuf_u64(&r);
}

/* ---- time ---- */

int64_t steady_ms(const struct store *s, int64_t now_ms)
{
	return now_ms - s->clock_shift_ms;
}

void store_clock_shifted(struct store *s, int64_t shift_ms, int64_t now_ms)
{
	if (s->clock_told && shift_ms == s->clock_shift_ms)
		return;
	s->clock_told = true;
	s->clock_step_ms = shift_ms - s->clock_shift_ms;
	s->clock_shift_ms = shift_ms;
	s->clock_set_ms = steady_ms(s, now_ms);
}

static bool too_old(const struct store *s, const struct store_message_new *m, int64_t now_ms, int64_t created_ms)
{
	bool set_lately = s->clock_told && steady_ms(s, now_ms) - s->clock_set_ms < m->retry_window_ms;

	return !set_lately && now_ms - created_ms >= m->retry_window_ms;
}

/* ---- the two sets ---- */

static void sets_turn(struct store_retry *r)
{
	struct retry_set oldest;

	if (!r->now.keys.newest || r->at_ms - r->now.first_ms < r->window_ms)
		return;
	key_clear(&r->before.keys);
	oldest = r->before;
	r->before = r->now;
	r->now = oldest;
}

static int set_put(struct retry_set *set, uint64_t key, int64_t message_id, int64_t at_ms)
{
	if (!set->keys.newest)
		set->first_ms = set->last_ms = at_ms;
	if (set->first_ms > at_ms)
		set->first_ms = at_ms;
	if (set->last_ms < at_ms)
		set->last_ms = at_ms;
	return key_put(&set->keys, key, message_id);
}

static int64_t set_find(const struct store_retry *r, uint64_t key)
{
	const int64_t *id = key_find(&r->now.keys, key);

	if ((!id || *id == DEAD) && r->at_ms - r->before.last_ms < r->window_ms)
		id = key_find(&r->before.keys, key);
	return id ? *id : DEAD;
}

/* ---- from one process to the next ---- */

static struct query rows_of_window(struct store *s, enum store_stmt stmt)
{
	struct query q = query_of(s, stmt);

	query_int(&q, s->retry.at_ms - s->retry.window_ms);
	query_int(&q, s->retry.at_ms + s->retry.window_ms + RETRY_CLOCK_SLACK_MS);
	return q;
}

static int room_for_rows(struct store *s)
{
	struct query q = rows_of_window(s, STMT_RETRY_OCTETS);
	int rc = query_row(&q);

	if (rc <= 0)
		return rc;
	key_expect(&s->retry.now.keys, (size_t)column_int(&q) / NOTE_OCTETS);
	query_end(&q);
	return 0;
}

static int row_load(struct store *s, struct query *q)
{
	int64_t at_ms = column_int(q);
	struct rbuf notes = rbuf_of(column_blob(q));
	int err = 0;

	while (!err && rbuf_left(&notes) >= NOTE_OCTETS) {
		uint64_t key = rbuf_u64(&notes);
		int64_t id = (int64_t)rbuf_u64(&notes);

		if (id > 0) /* of a damaged row it may be none */
			err = set_put(&s->retry.now, key, id, at_ms);
	}
	return err;
}

static int sets_load(struct store *s)
{
	struct query q;
	int rc = 0, err = s->retry.loaded ? 0 : room_for_rows(s);

	if (err || s->retry.loaded)
		return err;
	q = rows_of_window(s, STMT_RETRY_LOAD);
	while (!err && (rc = query_row(&q)) > 0)
		err = row_load(s, &q);
	s->retry.loaded = !err && !rc;
	if (!err)
		return rc;
	query_end(&q);
	return store_refuse(s, -EIO, "out of memory");
}

int store_retries_load(struct store *s, int64_t window_ms, int64_t now_ms)
{
	s->retry.at_ms = steady_ms(s, now_ms);
	if (s->retry.window_ms < window_ms)
		s->retry.window_ms = window_ms;
	return sets_load(s);
}

/* ---- messages ---- */

int retried_as(struct store *s, const struct store_message_new *m, int64_t message_id, struct store_message_added *out,
	       int64_t *created_ms)
{
	struct query q = query_of(s, STMT_MESSAGE_RETRIED);
	int rc;

	query_int(&q, message_id);
	query_text(&q, m->a);
	query_text(&q, m->b);
	rc = query_row(&q);
	if (rc <= 0)
		return rc;
	out->message_id = message_id;
	out->first_segment_id = part_id(message_id, 1);
	out->state = (enum message_state)column_int(&q);
	*created_ms = column_int(&q);
	query_end(&q);
	return -EEXIST;
}

int retried(struct store *s, const struct store_message_new *m, int64_t now_ms, struct store_message_added *out)
{
	struct store_retry *r = &s->retry;
	int err = store_retries_load(s, m->retry_window_ms, now_ms);
	int64_t id, created_ms;

	if (err)
		return err;
	sets_turn(r);
	id = set_find(r, key_of(m));
	if (id == DEAD)
		return retried_by_index(s, m, now_ms, out);
	err = retried_as(s, m, id, out, &created_ms);
	return err == -EEXIST && too_old(s, m, now_ms, created_ms) ? 0 : err;
}

static bool notes_room(struct store_retry *r)
{
	size_t room = r->room ? 2 * r->room : NOTES_MIN * NOTE_OCTETS;
	uint8_t *p = r->len + NOTE_OCTETS > r->room ? realloc(r->notes, room) : r->notes;

	if (p && p != r->notes)
		r->notes = p;
	if (p && r->len + NOTE_OCTETS > r->room)
		r->room = room;
	return p;
}

int retry_note(struct store *s, const struct store_message_new *m, int64_t message_id)
{
	struct store_retry *r = &s->retry;
	uint64_t key = key_of(m);
	struct wbuf note;

	if (!notes_room(r) || set_put(&r->now, key, message_id, r->at_ms))
		return store_refuse(s, -EIO, "out of memory");
	note = wbuf_of(r->notes + r->len, NOTE_OCTETS);
	wbuf_u64(&note, key);
	wbuf_u64(&note, (uint64_t)message_id);
	r->len += NOTE_OCTETS;
	return 0;
}

/* ---- transactions ---- */

static void key_forget(const struct retry_set *set, uint64_t key, int64_t message_id)
{
	int64_t *id = key_find(&set->keys, key);

	if (id && *id == message_id)
		*id = DEAD;
}

static int old_remove(struct store *s)
{
	int64_t until_ms = s->retry.window_ms + RETRY_CLOCK_SLACK_MS;
	int n = PURGE_ROWS;

	for (int i = 0; n == PURGE_ROWS && i < PURGE_TURNS; i++) {
		struct query q = query_of(s, STMT_RETRY_PURGE);

		query_int(&q, s->retry.at_ms - until_ms);
		query_int(&q, s->retry.at_ms + until_ms);
		query_int(&q, PURGE_ROWS);
		n = query_count(&q);
	}
	return n < 0 ? n : 0;
}

int retry_write(struct store *s)
{
	struct query q = query_of(s, STMT_RETRY_ADD);
	int err;

	if (s->retry.len == 0)
		return 0;
	query_int(&q, s->retry.at_ms);
	query_blob(&q, s->retry.notes, s->retry.len);
	err = query_done(&q);
	return err ? err : old_remove(s);
}

void retry_committed(struct store *s)
{
	s->retry.len = 0;
}

void retry_rolled_back(struct store *s)
{
	struct store_retry *r = &s->retry;

	for (; r->len; r->len -= NOTE_OCTETS) {
		struct rbuf note = rbuf_of((struct view){r->notes + r->len - NOTE_OCTETS, NOTE_OCTETS});
		uint64_t key = rbuf_u64(&note);
		int64_t id = (int64_t)rbuf_u64(&note);

		key_forget(&r->now, key, id);
		key_forget(&r->before, key, id);
	}
}

void retry_free(struct store *s)
{
	key_clear(&s->retry.now.keys);
	key_clear(&s->retry.before.keys);
	free(s->retry.notes);
}
