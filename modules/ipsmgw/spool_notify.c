/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */

/*
 * Notifications for A (RFC 5438, spec section 6) in the spool process: what
 * becomes of a message is written down as a notification in the transaction
 * that learns it, given to the script as a message for A is, and tried again
 * while A does not answer. In the table of messages on their way to A its id is
 * negative. One that finds room there goes right behind the commit; others wait
 * in the database, and all behind them.
 */

#include "core/dprint.h"

#include "../../lib/cpm/cpim.h"
#include "../../lib/cpm/cpm_id.h"
#include "../../lib/cpm/imdn.h"
#include "digest.h"
#include "ipsmgw.h"
#include "mt_job.h"
#include "mt_table.h"
#include "rp_sip.h"
#include "spool_int.h"

enum { DUE_MAX = 256, LATER_MS = 5000 };

static int64_t next_due_ms; /* 0: ask the store */
static bool backlog;        /* some wait for room */
static unsigned reserved;   /* of the room, by notifications of this batch */
static int64_t due_ids[DUE_MAX];

static void due_at(int64_t ms)
{
	if(ms < next_due_ms)
		next_due_ms = ms;
}

static unsigned room_left(void)
{
	unsigned room = mt_room_notifications();

	return room > reserved ? room - reserved : 0;
}

/* ---- written down with the outcome ---- */

/* @return INT64_MAX: behind the commit, in which it counts as being sent */
static int64_t first_attempt_ms(const struct event *e)
{
	if(!mt_has_share(e->outcome.o.a, true))
		return e->now_ms + LATER_MS;
	backlog = backlog || !room_left();
	return backlog || e->n_notified == EVENT_NOTIFICATIONS ? e->now_ms
														   : INT64_MAX;
}

static int add(struct event *e, int64_t message_id, enum imdn_kind kind,
		enum imdn_status status)
{
	struct store_notification_new n = {
			.message_id = message_id,
			.kind = kind,
			.status = status,
			.next_attempt_ms = first_attempt_ms(e),
	};
	uint8_t random[16];
	int64_t id;
	int rc;

	if(random_octets(random, sizeof(random)))
		return -EIO;
	cpm_id_from_random(random, n.imdn_id);
	rc = store_notification_add(spool_store, &n, e->now_ms, &id);
	if(rc == 0 && n.next_attempt_ms == INT64_MAX) {
		e->notified[e->n_notified++] = id;
		reserved++;
	}
	due_at(n.next_attempt_ms);
	return rc;
}

int notify_outcome(struct event *e, enum imdn_status status)
{
	const struct store_outcome *o = &e->outcome.o;
	bool good = status == IMDN_STATUS_DELIVERED;
	unsigned asked = good ? IMDN_POSITIVE_DELIVERY : IMDN_NEGATIVE_DELIVERY;
	bool forced = !good && ipsmgw_cfg.imdn_force_negative;

	if(!e->outcome.there || !o->final || status == IMDN_STATUS_NONE
			|| !*o->imdn_id || !(o->imdn_request & asked || forced))
		return 0;
	return add(e, o->message_id, IMDN_KIND_DELIVERY, status);
}

int notify_accepted(struct event *e)
{
	const struct store_outcome *o = &e->outcome.o;

	if(!e->outcome.there || o->state != MESSAGE_ACCEPTED || !*o->imdn_id
			|| !(o->imdn_request & IMDN_INTERWORKING))
		return 0;
	return add(
			e, o->message_id, IMDN_KIND_INTERWORKING, IMDN_STATUS_LEGACY_SMS);
}

void notify_after(const struct event *e)
{
	for(unsigned i = 0; i < e->n_notified; i++) {
		struct mt *m = mt_add(-e->notified[i]);

		if(m)
			mt_is_notification(m, e->outcome.o.a, e->outcome.o.b);
		else
			deliver_later(-e->notified[i]);
	}
}

/* ---- A has answered, or did not ---- */

/* Later if it may help and was not tried too often; else that was it (spec 6.5
 * rule 6). */
static int try_again(struct event *e)
{
	struct store_notification n;
	int rc = store_notification_get(spool_store, -e->message_id, &n);

	if(rc)
		return rc;
	if((int)n.attempts >= ipsmgw_cfg.imdn_retry_steps) {
		LM_NOTICE("notification for message %lld given up, A's last answer was "
				  "%d\n",
				(long long)n.message_id, e->sip_code);
		return store_notification_done(spool_store, -e->message_id);
	}
	e->due_ms = e->now_ms + ipsmgw_cfg.imdn_retry_ms[n.attempts];
	return store_notification_retry(
			spool_store, -e->message_id, e->due_ms, true);
}

int notify_answered(struct event *e)
{
	struct delivery_verdict v = verdict_of_sip(e->sip_code);
	int rc;

	e->due_ms = INT64_MAX;
	if(v.rp_cause && !mt_find(e->message_id))
		return 0; /* too late: another attempt waits or runs */
	if(v.rp_cause && !v.permanent)
		rc = try_again(e);
	else
		rc = store_notification_done(spool_store, -e->message_id);
	due_at(e->due_ms);
	return rc == -ENOENT ? 0 : rc;
}

int notify_later(struct event *e)
{
	int rc = store_notification_retry(
			spool_store, -e->message_id, e->now_ms + LATER_MS, false);

	due_at(e->now_ms + LATER_MS);
	return rc == -ENOENT ? 0 : rc;
}

/* ---- EV_NOTIFY_DUE ---- */

static int notify_due_apply(struct event *e)
{
	unsigned room = room_left(), most = room < DUE_MAX ? room : DUE_MAX;

	e->count = most ? store_notifications_due(
							  spool_store, e->now_ms, due_ids, most)
					: 0;
	if(e->count < 0)
		return e->count;
	backlog = e->count == (int)most;
	return 0;
}

static void notify_due_after(struct event *e)
{
	for(int i = 0; i < e->count; i++) {
		if(!mt_find(-due_ids[i]) && !mt_add(-due_ids[i]))
			deliver_later(-due_ids[i]);
	}
	next_due_ms = store_notifications_next_ms(spool_store);
}

static void notify_due_failed(struct event *e)
{
	next_due_ms = e->now_ms + 1000;
}

/* clang-format off */
const struct event_ops spool_notify_ops[EV_TYPES] = {
	[EV_NOTIFY_DUE] = {notify_due_apply, notify_due_after, notify_due_failed},
};
/* clang-format on */

void spool_notify_collect(int64_t now_ms, bool tick)
{
	reserved = 0;
	if(tick)
		next_due_ms = 0;
	if(next_due_ms <= now_ms && room_left())
		event_new(EV_NOTIFY_DUE, now_ms);
}

int64_t spool_notify_next_ms(void)
{
	return mt_room_notifications() ? next_due_ms : INT64_MAX;
}
