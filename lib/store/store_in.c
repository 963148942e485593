/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */

#include "store_int.h"

/*
 * SMS -> CPM: short messages come in, possibly twice and in parts, and leave as messages for A.
 * Assembly is spec 5.4 (23.040 9.2.3.24.1): a set is (A, B, size of the reference, reference,
 * total). References come round again, so a part joins the newest set of that name only if the set
 * lacks this part; a part that is there under another key opens a set of its own. Thus a
 * repeated part never counts twice and a new one is never taken for a repeat.
 */

struct adding {
	struct store *s;
	const struct store_sms_new *m;
	int64_t now_ms;
	bool (*in_flight)(void *ctx, int64_t message_id, bool *separate);
	void *ctx;
	struct store_sms_added *out;
};

static int add_is(struct adding *t, int64_t message_id, enum store_sms_status status)
{
	t->out->message_id = message_id;
	t->out->status = status;
	return 0;
}

/** What is there already is to be delivered again, or its answer can be given now. */
static int add_again(struct adding *t, int64_t message_id, enum store_sms_status status)
{
	struct query q = query_of(t->s, STMT_SMS_AGAIN);

	query_int(&q, message_id);
	query_int(&q, t->now_ms);
	add_is(t, message_id, status);
	return query_done(&q);
}

static bool being_delivered(struct adding *t, int64_t message_id, bool *separate)
{
	*separate = false;
	return t->in_flight(t->ctx, message_id, separate);
}

/* ---- a message that nobody has seen ---- */

static int64_t earlier(int64_t x, int64_t y)
{
	return x < y ? x : y;
}

static int fragment_insert(struct adding *t, int64_t message_id)
{
	struct query q = query_of(t->s, STMT_FRAGMENT_ADD);

	query_int(&q, part_id(message_id, t->m->ref_bits ? t->m->part : 1));
	query_int(&q, t->m->tp_dcs);
	query_blob(&q, t->m->key, sizeof(t->m->key));
	query_blob(&q, t->m->units.p, t->m->units.len);
	return query_done(&q);
}

/** @param thread row of conversation_of_b(), whose strings are bound */
static int message_insert(struct adding *t, struct query *thread, int64_t *id)
{
	const struct store_sms_new *m = t->m;
	bool concatenated = m->ref_bits > 0, complete = !concatenated || m->total == 1;
	const char *conversation_id = column_text(thread), *contribution_id = column_text(thread);
	int64_t last_a_ms = column_int(thread); /* 0 if A never wrote: no contribution_id either */
	struct query q = query_of(t->s, STMT_SMS_ADD);
	int err;

	query_int(&q, complete ? MESSAGE_PENDING : MESSAGE_ASSEMBLING);
	query_int(&q, t->now_ms);
	if (complete)
		query_null(&q);
	else
		query_int(&q, t->now_ms + earlier(m->assemble_ms, m->assemble_max_ms));
	query_int(&q, concatenated ? m->total : 1);
	query_int(&q, concatenated && complete ? m->part : 0);
	query_int(&q, m->ref_bits);
	query_int(&q, m->ref);
	query_int(&q, m->scts_s);
	query_int(&q, m->zone_minutes);
	query_text(&q, m->a);
	query_text(&q, m->b);
	query_text(&q, conversation_id);
	query_text(&q, m->fresh_ids[1]);
	query_text(&q, t->now_ms - last_a_ms <= m->reply_window_ms ? contribution_id : "");
	query_text(&q, m->fresh_ids[2]);
	if (concatenated)
		query_null(&q);
	else
		query_blob(&q, m->key, sizeof(m->key));
	query_int(&q, m->session_id);
	err = query_done(&q);
	*id = sqlite3_last_insert_rowid(t->s->db);
	return err;
}

/** @return 1 (its row is held), 0 (none, or unused for minutes), -EIO */
static int thread_read(struct adding *t, struct query *q)
{
	int rc;

	*q = query_of(t->s, STMT_CONVERSATION_THREAD);
	query_text(q, t->m->a);
	query_text(q, t->m->b);
	query_int(q, t->now_ms);
	rc = query_row(q);
	if (rc > 0)
		query_hold(q);
	return rc;
}

/** 29.311 6.1.4.3.1: the thread's Conversation-ID, or a fresh one that becomes the thread's. */
static int conversation_of_b(struct adding *t, struct query *q)
{
	int rc = thread_read(t, q);

	if (rc)
		return rc < 0 ? rc : 0;
	*q = query_of(t->s, STMT_CONVERSATION_OF_B);
	query_text(q, t->m->a);
	query_text(q, t->m->b);
	query_text(q, t->m->fresh_ids[0]);
	query_int(q, t->now_ms);
	rc = query_done(q);
	if (!rc)
		rc = thread_read(t, q);
	if (rc)
		return rc < 0 ? rc : 0;
	return store_refuse(t->s, -EIO, "conversation written, but not there");
}

static int add_new(struct adding *t)
{
	bool held = t->m->ref_bits > 0 && t->m->total > 1;
	struct query thread;
	int64_t id;
	int err = conversation_of_b(t, &thread);

	if (!err)
		err = message_insert(t, &thread, &id);
	if (!err)
		err = fragment_insert(t, id);
	store_release(t->s);
	return err ? err : add_is(t, id, held ? STORE_SMS_HELD : STORE_SMS_READY);
}

/* ---- not concatenated ---- */

struct same {
	int64_t id;
	enum message_state state;
	bool owed;
	bool offered; /* A may have it */
};

static void same_read(const struct adding *t, struct query *q, struct same *e)
{
	int64_t next_attempt_ms;
	bool unsaid; /* of a single one: NULL until A has answered, or not in time */

	e->id = column_int(q);
	e->state = (enum message_state)column_int(q);
	e->owed = column_int(q);
	unsaid = sqlite3_column_type(q->stmt, q->n) == SQLITE_NULL;
	next_attempt_ms = column_int(q);
	e->offered = e->state == MESSAGE_DELIVERED;
	if (e->state == MESSAGE_PENDING)
		e->offered = unsaid ? e->id <= t->s->newest_before
				    : next_attempt_ms == STORE_SMS_UNKNOWN;
}

/** Is this earlier SM the one that comes now? */
static bool same_is_it(struct adding *t, const struct same *e, enum store_sms_status *status)
{
	bool separate;

	if (e->offered)
		t->out->earlier_id = e->id;
	if (e->state != MESSAGE_PENDING) {
		*status = STORE_SMS_DONE;
		return e->state == MESSAGE_DELIVERED && e->owed;
	}
	*status = STORE_SMS_IN_FLIGHT;
	if (being_delivered(t, e->id, &separate))
		return !separate;
	*status = STORE_SMS_READY;
	return true;
}

static int add_single(struct adding *t)
{
	struct query q = query_of(t->s, STMT_SMS_SAME);
	enum store_sms_status status;
	struct same e;
	bool found = false;
	int rc;

	query_blob(&q, t->m->key, sizeof(t->m->key));
	query_int(&q, t->now_ms - t->m->repeat_window_ms);
	while (!found && (rc = query_row(&q)) > 0) {
		same_read(t, &q, &e);
		found = same_is_it(t, &e, &status);
	}
	if (!found)
		return rc < 0 ? rc : add_new(t);
	query_end(&q);
	return status == STORE_SMS_IN_FLIGHT ? add_is(t, e.id, status) : add_again(t, e.id, status);
}

/* ---- concatenated ---- */

struct set {
	int64_t id;
	enum message_state state;
	unsigned cause;
	bool owed;
	unsigned have, last_part;
	int64_t created_ms, next_attempt_ms;
	bool waits; /* next_attempt_ms is set */
};

/** The newest set of this name, if it is open or has ended lately. @return 1, 0, -EIO */
static int set_find(struct adding *t, struct set *set)
{
	struct query q = query_of(t->s, STMT_SMS_SET);
	int64_t updated_ms;
	int rc;

	query_text(&q, t->m->a);
	query_text(&q, t->m->b);
	query_int(&q, t->m->ref);
	query_int(&q, t->m->ref_bits);
	query_int(&q, t->m->total);
	rc = query_row(&q);
	if (rc <= 0)
		return rc;
	set->id = column_int(&q);
	set->state = (enum message_state)column_int(&q);
	set->cause = (unsigned)column_int(&q);
	set->owed = column_int(&q);
	set->have = (unsigned)column_int(&q);
	set->last_part = (unsigned)column_int(&q);
	set->created_ms = column_int(&q);
	updated_ms = column_int(&q);
	set->waits = sqlite3_column_type(q.stmt, q.n) != SQLITE_NULL;
	set->next_attempt_ms = column_int(&q);
	query_end(&q);
	return set->state <= MESSAGE_PENDING || t->now_ms - updated_ms < t->m->repeat_window_ms;
}

enum part_known { PART_MISSING, PART_SAME, PART_OTHER };

/** @return enum part_known, or -EIO */
static int part_known(struct adding *t, int64_t message_id)
{
	struct query q = query_of(t->s, STMT_FRAGMENT_KEY);
	struct view key = {t->m->key, sizeof(t->m->key)};
	int rc;

	query_int(&q, part_id(message_id, t->m->part));
	rc = query_row(&q);
	if (rc <= 0)
		return rc < 0 ? rc : PART_MISSING;
	rc = view_eq(column_blob(&q), key) ? PART_SAME : PART_OTHER;
	query_end(&q);
	return rc;
}

/** The part is one that the set lacks: late for a retry it still helps, during a delivery it comes too late. */
static int set_grow(struct adding *t, const struct set *set)
{
	bool complete = set->have + 1 == t->m->total, separate;
	struct query q = query_of(t->s, STMT_SMS_GROW);
	int err;

	if (set->state > MESSAGE_PENDING)
		return add_new(t);
	if (set->state == MESSAGE_PENDING && being_delivered(t, set->id, &separate))
		return add_new(t);
	query_int(&q, set->id);
	query_int(&q, complete ? MESSAGE_PENDING : set->state);
	query_int(&q, complete ? t->m->part : 0);
	if (complete || (set->state == MESSAGE_PENDING && !set->waits))
		query_null(&q);
	else if (set->state == MESSAGE_PENDING)
		query_int(&q, set->next_attempt_ms);
	else
		query_int(&q, earlier(t->now_ms + t->m->assemble_ms,
				      set->created_ms + t->m->assemble_max_ms));
	query_int(&q, t->now_ms);
	err = query_done(&q);
	if (!err)
		err = fragment_insert(t, set->id);
	return err ? err : add_is(t, set->id, complete ? STORE_SMS_READY : STORE_SMS_HELD);
}

/** A does not get it, and it is this part's answer that says so: however often the SMSC asks, as long as it does. */
static int set_refused(struct adding *t, const struct set *set)
{
	t->out->cause = set->cause;
	return add_again(t, set->id, STORE_SMS_REFUSED);
}

/** The part is there. Only the one that completed the set has A's answer. */
static int set_repeat(struct adding *t, const struct set *set)
{
	bool acknowledged = t->m->part != set->last_part, separate;

	if (set->state == MESSAGE_DELIVERED || (set->state > MESSAGE_PENDING && (acknowledged || set->owed)))
		return add_is(t, set->id, STORE_SMS_DONE);
	if (set->state > MESSAGE_PENDING)
		return set_refused(t, set);
	if (set->state == MESSAGE_ASSEMBLING || acknowledged)
		return add_is(t, set->id, STORE_SMS_HELD);
	if (being_delivered(t, set->id, &separate))
		return add_is(t, set->id, STORE_SMS_IN_FLIGHT);
	return add_again(t, set->id, STORE_SMS_READY);
}

static int add_part(struct adding *t)
{
	struct set set;
	int rc = set_find(t, &set), known;

	if (rc <= 0)
		return rc < 0 ? rc : add_new(t);
	known = part_known(t, set.id);
	switch (known) {
	case PART_MISSING:
		return set_grow(t, &set);
	case PART_SAME:
		return set_repeat(t, &set);
	case PART_OTHER:
		return add_new(t);
	default:
		return known;
	}
}

int store_sms_add(struct store *s, const struct store_sms_new *m, int64_t now_ms,
		  bool (*in_flight)(void *ctx, int64_t message_id, bool *separate), void *ctx,
		  struct store_sms_added *out)
{
	struct adding t = {s, m, now_ms, in_flight, ctx, out};
	int err = store_writing(s);

	*out = (struct store_sms_added){0};
	if (err)
		return err;
	if (m->ref_bits == 0)
		return add_single(&t);
	if (m->part == 0 || m->part > m->total || m->total > STORE_PARTS_MAX)
		return -EINVAL;
	return add_part(&t);
}

int store_sms_belongs(struct store *s, const struct store_sms_new *m, int64_t now_ms)
{
	struct adding t = {.s = s, .m = m, .now_ms = now_ms};
	struct set set;
	int rc, known;

	store_release(s);
	rc = m->total > 1 ? set_find(&t, &set) : 0;
	if (rc <= 0)
		return rc;
	known = part_known(&t, set.id);
	if (known < 0)
		return known;
	return known == PART_SAME || (known == PART_MISSING && set.state <= MESSAGE_PENDING);
}
