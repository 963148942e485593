/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */

/*
 * What one SMSC is given to submit: a bounded queue in order of arrival, from which a message goes
 * out while the protocol's window and the rate let it. What comes back goes to its place.
 */

#include "smsc.h"

#include <osmocom/core/utils.h>

#include "clock.h"
#include "sm.h"

enum {
	SMSC_RETRY_MS = 5000, /* when the module shall try again after it has waited for too long */
};

/* ---- the queue ---- */

/* In order of arrival: what comes back from the SMSC is older than all that has not been sent. */
void smsc_queue_insert(struct smsc *smsc, struct sm *sm)
{
	struct llist_head *at = &smsc->queue;
	struct sm *last = llist_empty(at) ? NULL : llist_last_entry(at, struct sm, entry), *s;

	sm->smsc = smsc;
	smsc->queued++;
	if (!last || last->order < sm->order) {
		llist_add_tail(&sm->entry, at);
		return;
	}
	llist_for_each_entry(s, &smsc->queue, entry)
	{
		if (s->order > sm->order)
			break;
	}
	llist_add_tail(&sm->entry, &s->entry);
}

static void smsc_queue_take(struct smsc *smsc, struct sm *sm)
{
	llist_del(&sm->entry);
	smsc->queued--;
}

void smsc_queue_flush(struct smsc *smsc)
{
	LLIST_HEAD(all);
	struct sm *sm, *next;

	llist_splice_init(&smsc->queue, &all);
	smsc->queued = 0;
	llist_for_each_entry_safe(sm, next, &all, entry)
	{
		llist_del(&sm->entry);
		sm_route(sm);
	}
	if (smsc->ops->flush)
		smsc->ops->flush(smsc);
}

static void smsc_refuse(struct smsc *smsc, struct sm *sm)
{
	uint64_t now_us = clock_us();
	const struct sm_failure full = {
		.rp_cause = RP_CAUSE_CONGESTION,
		.flags = LINK_FLAG_TEMPORARY,
		.retry_ms = comeback_ms(&smsc->comeback, rate_measured(&smsc->rate, now_us), now_us),
		.reason = "queue of the SMSC is full",
	};

	smsc->was_full = true;
	smsc_count(smsc, smsc->ops->ctr_queue_full);
	sm_failed(sm, &full);
}

void smsc_enqueue(struct smsc *smsc, struct sm *sm)
{
	sm->smsc = smsc;
	if (smsc->queued >= smsc->queue_max || !smsc_has_share(smsc)) {
		smsc_refuse(smsc, sm);
		return;
	}
	smsc->held++;
	sm->is_held = true;
	smsc_queue_insert(smsc, sm);
	smsc_pump(smsc);
}

/* ---- out ---- */

static bool smsc_validity_over(const struct sm *sm, uint64_t now_us)
{
	return sm->validity_s && now_us - sm->start_us >= sm->validity_s * (uint64_t)CLOCK_US_PER_S;
}

/* It has waited, or has been throttled, for too long, or nobody waits for its answer any more. */
static bool smsc_expire(struct smsc *smsc, struct sm *sm, uint64_t now_us)
{
	static const struct sm_failure late = {
		.rp_cause = RP_CAUSE_CONGESTION,
		.flags = LINK_FLAG_TEMPORARY,
		.retry_ms = SMSC_RETRY_MS,
		.reason = "the SMSC is too slow",
	};
	static const struct sm_failure throttled = {
		.rp_cause = RP_CAUSE_CONGESTION,
		.flags = LINK_FLAG_TEMPORARY,
		.status = ESME_RTHROTTLED,
		.retry_ms = SMSC_RETRY_MS,
		.reason = "throttled",
	};

	if (sm->deadline_us > now_us && !sm->forgotten && !smsc_validity_over(sm, now_us))
		return false;
	smsc_queue_take(smsc, sm);
	smsc_count(smsc, smsc->ops->ctr_temporary);
	sm_failed(sm, sm->n_throttled ? &throttled : &late);
	return true;
}

/* @return microseconds until it is worth trying again, a second at most */
static uint64_t smsc_pump_queue(struct smsc *smsc)
{
	uint64_t now_us = clock_us(), soonest_us = CLOCK_US_PER_S, wait_us;
	struct sm *sm, *next;

	llist_for_each_entry_safe(sm, next, &smsc->queue, entry)
	{
		if (smsc_expire(smsc, sm, now_us))
			continue;
		if (!smsc->up || !smsc->ops->may_send(smsc))
			break;
		if (sm->not_before_us > now_us) {
			soonest_us = OSMO_MIN(soonest_us, sm->not_before_us - now_us);
			continue;
		}
		wait_us = rate_wait_us(&smsc->rate, now_us);
		if (wait_us) {
			soonest_us = OSMO_MIN(soonest_us, wait_us);
			break;
		}
		smsc_queue_take(smsc, sm);
		if (!smsc->ops->send(smsc, sm)) {
			smsc_queue_insert(smsc, sm);
			break;
		}
	}
	return soonest_us;
}

/* What is sent may be answered within the call, which makes room. */
void smsc_pump(struct smsc *smsc)
{
	uint64_t wait_us;

	if (smsc->pumping)
		return;
	smsc->pumping = true;
	wait_us = smsc_pump_queue(smsc);
	smsc->pumping = false;
	if (smsc->was_full && llist_empty(&smsc->queue))
		smsc_tell_room(smsc);
	if (!llist_empty(&smsc->queue))
		osmo_timer_schedule(&smsc->pump, 0, (int)wait_us);
}
