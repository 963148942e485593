/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */
#pragma once

#include <inttypes.h>
#include <limits.h>

#include "../../lib/store/store_int.h"
#include "power_disk.h"

/*
 * Work of every kind for the store, by chance from a seed, several of them behind one commit as the spool
 * does it. Each says what the peer was told behind the commit (struct promise), and how a peer who relies on
 * it finds out whether it was kept. After each commit all that is in the database is written down, too, as the
 * next store_open() has to show it. A promise holds until another one about the same thing.
 */

enum promise_kind {
	PROMISE_MESSAGE,      /* 202: the message is ours */
	PROMISE_ACCEPTED,     /* the SMSC has this segment */
	PROMISE_CLOSED,	      /* it refused this one */
	PROMISE_REPORT,	      /* its report is booked */
	PROMISE_PART,	      /* MT: this part was acknowledged */
	PROMISE_OUTCOME,      /* MT: A has it */
	PROMISE_OWED,	      /* the same, the SMSC does not know yet */
	PROMISE_NOTIFICATION, /* A will be told */
	PROMISE_NOTIFIED,     /* A has been told */
	PROMISE_SESSION,
	PROMISE_REGISTRATION,
	PROMISE_IDENTITY,
	PROMISE_NUMBER,
	PROMISE_KINDS,
};

struct promise {
	enum promise_kind kind;
	int commit, until; /* [commit, until) */
	unsigned key;	   /* of what was sent, or which one */
	int64_t id;
	unsigned value;
};

enum { WORK_COMMITS_MAX = 256, WORK_PROMISES_MAX = 4096, WORK_MAX = 1024, WORK_NAMES = 5 };

static struct {
	uint64_t seed;
	int64_t now_ms;
	unsigned key;
	int commit; /* the one that is being filled, from 1 */
	char *state[WORK_COMMITS_MAX + 1];
	struct promise promises[WORK_PROMISES_MAX];
	unsigned n_promises;
	int64_t open[WORK_MAX], accepted[WORK_MAX], messages[WORK_MAX], notifications[WORK_MAX], sessions[WORK_MAX];
	unsigned n_open, n_accepted, n_messages, n_notifications, n_sessions;
	unsigned set_key, set_parts, set_have; /* MT: the one that is being put together */
} work;

static inline unsigned work_random(unsigned n)
{
	return disk_random(&work.seed) % n;
}

static inline bool work_never(void *ctx, int64_t message_id, bool *separate)
{
	(void)ctx, (void)message_id, (void)separate;
	return false;
}

static inline void work_ignore(void *ctx, const struct store_segment *seg)
{
	(void)ctx, (void)seg;
}

static inline void work_push(int64_t *list, unsigned *n, int64_t id)
{
	if (*n < WORK_MAX)
		list[(*n)++] = id;
}

/** Take one out by chance. @return false: there is none */
static inline bool work_pop(int64_t *list, unsigned *n, int64_t *id)
{
	unsigned i = *n ? work_random(*n) : 0;

	if (!*n)
		return false;
	*id = list[i];
	list[i] = list[--*n];
	return true;
}

/** The kinds that speak of the same thing replace each other. */
static inline int promise_thing(enum promise_kind kind)
{
	static const int things[PROMISE_KINDS] = {0, 1, 1, 1, 2, 3, 4, 5, 5, 6, 7, 8, 9};

	return things[kind];
}

static inline void promise(enum promise_kind kind, unsigned key, int64_t id, unsigned value)
{
	struct promise *p = work.promises;

	if (work.n_promises == WORK_PROMISES_MAX)
		return;
	for (unsigned i = 0; i < work.n_promises; i++, p++)
		if (promise_thing(p->kind) == promise_thing(kind) && p->key == key && p->id == id && p->until == INT_MAX)
			p->until = work.commit;
	work.promises[work.n_promises++] = (struct promise){kind, work.commit, INT_MAX, key, id, value};
}

/* ---- what happens; each gives 0, -ENOENT (nothing to do), or an error ---- */

static inline int work_message(struct store *s)
{
	struct store_message_new m = message_of(1 + work_random(3), ++work.key);
	struct store_message_added added;
	int err;

	m.send_now = work_random(2);
	err = store_message_add(s, &m, work.now_ms, &added);
	if (err)
		return err;
	promise(PROMISE_MESSAGE, work.key, added.message_id, m.n_segments);
	work_push(work.messages, &work.n_messages, added.message_id);
	for (unsigned i = 0; i < m.n_segments; i++)
		work_push(work.open, &work.n_open, added.first_segment_id + i);
	return 0;
}

static inline int work_accepted(struct store *s)
{
	struct store_outcome o;
	char smsc_id[24];
	int64_t id;
	int err;

	if (!work_pop(work.open, &work.n_open, &id))
		return -ENOENT;
	snprintf(smsc_id, sizeof(smsc_id), "%" PRId64, id);
	err = store_segment_accepted(s, id, "smsc-a", smsc_id, work.now_ms, &o);
	if (err)
		return err;
	promise(PROMISE_ACCEPTED, 0, id, 0);
	work_push(work.accepted, &work.n_accepted, id);
	return 0;
}

static inline int work_failed(struct store *s)
{
	struct store_outcome o;
	int64_t id;
	int err;

	if (work_random(3) || !work_pop(work.open, &work.n_open, &id))
		return -ENOENT;
	err = store_segment_failed(s, id, 1, work.now_ms, &o);
	if (!err)
		promise(PROMISE_CLOSED, 0, id, 0);
	return err;
}

static inline int work_retry(struct store *s)
{
	return work.n_open ? store_segment_retry(s, work.open[work_random(work.n_open)], work.now_ms + 50, 1,
						 work_random(2), true)
			   : -ENOENT;
}

static inline int work_take(struct store *s)
{
	int n = store_segments_take(s, work.now_ms, 3, work_ignore, NULL);

	return n < 0 ? n : 0;
}

static inline int work_report(struct store *s)
{
	struct store_outcome o;
	char smsc_id[24];
	int64_t id;
	int err;

	if (!work_pop(work.accepted, &work.n_accepted, &id))
		return -ENOENT;
	snprintf(smsc_id, sizeof(smsc_id), "%" PRId64, id);
	err = store_segment_report(s, "smsc-a", smsc_id, work_random(4) ? 0 : 0x46, work.now_ms, &o);
	if (!err || err == -ENOENT) /* the message has failed already, but its report is booked */
		promise(PROMISE_REPORT, 0, id, 0);
	return err;
}

/** Part of the set that key names; keys of parts differ. */
static inline struct store_sms_new work_part_of(unsigned key, unsigned part, unsigned total)
{
	struct store_sms_new m = sms_of(part, total, key << 8 | part);

	m.ref_bits = 16;
	m.ref = key & 0xffff;
	return m;
}

static inline int work_part(struct store *s)
{
	struct store_sms_added added;
	struct store_sms_new m;
	struct store_outcome o;
	int err;

	if (work.set_have == work.set_parts) {
		work.set_key = ++work.key;
		work.set_parts = 2 + work_random(3);
		work.set_have = 0;
	}
	m = work_part_of(work.set_key, ++work.set_have, work.set_parts);
	err = store_sms_add(s, &m, work.now_ms, work_never, NULL, &added);
	if (err)
		return err;
	promise(PROMISE_PART, work.set_key << 8 | work.set_have, added.message_id, work.set_parts);
	if (added.status != STORE_SMS_READY || work_random(2))
		return 0;
	err = store_sms_delivered(s, added.message_id, false, work.now_ms, &o);
	if (!err)
		promise(PROMISE_OUTCOME, 0, added.message_id, 0);
	return err;
}

static inline int work_single(struct store *s)
{
	struct store_sms_new m = sms_of(0, 0, ++work.key);
	struct store_sms_added added;
	struct store_outcome o;
	int err = store_sms_add(s, &m, work.now_ms, work_never, NULL, &added);

	if (!err)
		err = store_sms_delivered(s, added.message_id, true, work.now_ms, &o);
	if (!err)
		promise(PROMISE_OWED, work.key, added.message_id, 0);
	return err;
}

static inline int work_notify(struct store *s)
{
	struct store_notification_new n = {.next_attempt_ms = work_random(2) ? INT64_MAX : work.now_ms};
	int64_t id;
	int err;

	if (!work.n_messages)
		return -ENOENT;
	n.message_id = work.messages[work_random(work.n_messages)];
	snprintf(n.imdn_id, sizeof(n.imdn_id), "imdn-%u", ++work.key);
	err = store_notification_add(s, &n, work.now_ms, &id);
	if (err)
		return err;
	promise(PROMISE_NOTIFICATION, 0, id, work.key);
	work_push(work.notifications, &work.n_notifications, id);
	return 0;
}

static inline int work_notified(struct store *s)
{
	int64_t id;
	int err;

	if (!work_pop(work.notifications, &work.n_notifications, &id))
		return -ENOENT;
	err = store_notification_done(s, id);
	if (!err)
		promise(PROMISE_NOTIFIED, 0, id, 0);
	return err;
}

static inline int work_session(struct store *s)
{
	struct store_session session = {.state = (int)work_random(2), .a = "+491701", .b = "+491702", .call_id = "call"};
	bool new = !work.n_sessions || work_random(2);
	int err;

	session.local_cseq = ++work.key;
	session.id = new ? 0 : work.sessions[work_random(work.n_sessions)];
	err = new ? store_session_add(s, &session, work.now_ms, &session.id)
		  : store_session_put(s, &session, work.now_ms);
	if (err)
		return err;
	promise(PROMISE_SESSION, 0, session.id, work.key);
	if (new)
		work_push(work.sessions, &work.n_sessions, session.id);
	return 0;
}

/** One of a few names; the last octet says which. */
static inline const char *work_name(char *name, const char *prefix, unsigned which)
{
	snprintf(name, 32, "%s%u", prefix, which);
	return name;
}

static inline int work_registration(struct store *s)
{
	unsigned which = work_random(WORK_NAMES), bits = 1 + work_random(7);
	char a[32];
	struct store_contact c = {work_name(a, "+4930", which), "", bits, T0 + 90000000, "sip:scscf",
				  STORE_LEARNED_REGISTER};
	int err = store_registration_set(s, &c, work.now_ms);

	if (!err)
		promise(PROMISE_REGISTRATION, which, 0, bits);
	return err;
}

static inline int work_identity(struct store *s)
{
	unsigned which = work_random(WORK_NAMES), value = ++work.key;
	char impu[32], a[32];
	int err = store_identity_set(s, work_name(impu, "sip:a", which), work_name(a, "+49", value), T0 + 90000000,
				     work.now_ms);

	if (!err)
		promise(PROMISE_IDENTITY, which, 0, value);
	return err;
}

static inline int work_number(struct store *s)
{
	unsigned which = work_random(WORK_NAMES), value = ++work.key;
	char number[32];
	struct store_number n = {.b = "+491702",
				 .number = work_name(number, "+4940", which),
				 .a = "+491701",
				 .session_id = value,
				 .until_ms = INT64_MAX};
	int err = store_number_bind(s, &n, work.now_ms);

	if (!err)
		promise(PROMISE_NUMBER, which, 0, value);
	return err;
}

static inline int work_one(struct store *s)
{
	static int (*const kinds[])(struct store *s) = {
		work_message, work_message, work_accepted, work_accepted, work_accepted, work_failed,
		work_retry,   work_take,    work_report,   work_report,	  work_part,	 work_part,
		work_single,  work_notify,  work_notified, work_session,  work_registration, work_identity,
		work_number,
	};

	work.now_ms++;
	return kinds[work_random(sizeof(kinds) / sizeof(kinds[0]))](s);
}
