/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */

/*
 * The messages of one recipient, one after the other, and what becomes of those behind one that fails: what
 * befalls the recipient befalls all his messages, what is wrong with one message only that one.
 *
 *   queue empty -> gone        no routing info -> ask        else forward, and again
 */

#include "map_recipient.h"

#include <osmocom/core/talloc.h>

#include "clock.h"
#include "recent.h"

enum {
	HOLD_S = 20, /* longest that others wait behind a message without an answer */
	RETRY_MS = 1000,
};

/* ---- giving back ---- */

struct sm *map_recipient_first(const struct map_recipient *r)
{
	return llist_first_entry_or_null(&r->queue, struct sm, entry);
}

/* Those behind the first are in no SMSC's window: one recipient does not fill it. */
static void detach(struct map_recipient *r, struct sm *sm)
{
	bool was_first = sm == map_recipient_first(r);

	llist_del(&sm->entry);
	r->queued--;
	if (!was_first) {
		map_deliver_smsc(sm)->out++;
		return;
	}
	r->tried = r->leaves = r->is_fresh = r->has_failed = false;
	r->status = (struct map_delivery_status){0};
	if (r->queued)
		map_deliver_smsc(map_recipient_first(r))->out++;
}

struct sm *map_recipient_take(struct map_recipient *r)
{
	struct sm *sm = map_recipient_first(r);

	detach(r, sm);
	return sm;
}

static struct sm_failure failure_of(const struct map_cause *cause, const struct map_outcome *o)
{
	return (struct sm_failure){
		.rp_cause = cause->rp_cause,
		.flags = cause->verdict == MAP_CAUSE_PERMANENT
				 ? 0
				 : LINK_FLAG_TEMPORARY | (cause->unknown ? LINK_FLAG_UNKNOWN : 0),
		.status = o->end == MAP_END_ERROR ? (uint32_t)o->error->code : 0,
		.reason = cause->reason,
	};
}

void map_recipient_fail(struct map_recipient *r, const struct map_smsc *smsc,
			const struct sm_failure *failure)
{
	struct sm *sm, *next, *in_hand = r->waits ? map_recipient_first(r) : NULL;

	llist_for_each_entry_safe(sm, next, &r->queue, entry)
	{
		if (sm == in_hand || (smsc && map_deliver_smsc(sm) != smsc))
			continue;
		detach(r, sm);
		map_deliver_failed(r->deliver, sm, failure);
	}
}

void map_recipient_flush(struct map_recipient *r, const struct map_smsc *smsc, bool all)
{
	static const struct sm_failure stopped = {
		.rp_cause = RP_CAUSE_NET_OUT_OF_ORDER,
		.flags = LINK_FLAG_TEMPORARY,
		.retry_ms = RETRY_MS,
		.reason = "the SMSC is stopped",
	};
	struct sm_failure lost = stopped;
	struct sm *sm = map_recipient_first(r);

	map_recipient_fail(r, smsc, &stopped);
	if (!all || !r->waits || (smsc && map_deliver_smsc(sm) != smsc))
		return;
	if (r->leaves)
		lost.flags |= LINK_FLAG_UNKNOWN;
	map_call_end(r->deliver->stack, &r->call);
	map_deliver_failed(r->deliver, map_recipient_take(r), &lost);
	r->waits = false;
	osmo_timer_schedule(&r->timer, 0, 0);
}

static bool is_over(const struct map_recipient *r, const struct sm *sm, uint64_t now_us)
{
	bool begun = r->tried && sm == map_recipient_first(r);

	return sm->forgotten || (!begun && now_us >= sm->deadline_us) ||
	       (sm->validity_s &&
		now_us - sm->start_us >= sm->validity_s * (uint64_t)CLOCK_US_PER_S);
}

static void drop_expired(struct map_recipient *r)
{
	static const struct sm_failure late = {
		.rp_cause = RP_CAUSE_CONGESTION,
		.flags = LINK_FLAG_TEMPORARY,
		.retry_ms = RETRY_MS,
		.reason = "waited too long behind others to that recipient",
	};
	uint64_t now_us = clock_us();
	struct sm *sm, *next;

	llist_for_each_entry_safe(sm, next, &r->queue, entry)
	{
		if (!is_over(r, sm, now_us))
			continue;
		detach(r, sm);
		map_deliver_failed(r->deliver, sm, &late);
	}
}

void map_recipient_not_sent(struct map_recipient *r, int rc)
{
	struct sm_failure failure = {
		.rp_cause = RP_CAUSE_NET_OUT_OF_ORDER,
		.flags = LINK_FLAG_TEMPORARY,
		.reason = "the SS7 network cannot be reached",
	};

	if (rc == -EINVAL || rc == -ENOTSUP) {
		failure = (struct sm_failure){.rp_cause = RP_CAUSE_NET_OUT_OF_ORDER,
					      .reason = "message that does not go into MAP"};
		map_deliver_failed(r->deliver, map_recipient_take(r), &failure);
		map_recipient_step(r);
		return;
	}
	if (rc == -ENOBUFS || rc == -ENOMEM)
		failure = (struct sm_failure){.rp_cause = RP_CAUSE_CONGESTION,
					      .flags = LINK_FLAG_TEMPORARY,
					      .retry_ms = RETRY_MS,
					      .reason = "too many dialogues"};
	map_recipient_fail(r, NULL, &failure);
	map_recipient_step(r);
}

/* ---- what went wrong ---- */

/* All else is of the recipient, or of the node: the others wait, so that they keep their order. */
static bool is_of_message(const struct map_cause *cause, const struct map_outcome *o)
{
	const struct map_error *e = o->error;

	return cause->verdict == MAP_CAUSE_PERMANENT && o->end == MAP_END_ERROR &&
	       e->code == MAP_ERROR_SM_DELIVERY_FAILURE &&
	       (!e->sm_delivery_failure.cause.present ||
		e->sm_delivery_failure.cause.value == MAP_FAILURE_EQUIPMENT_PROTOCOL_ERROR);
}

/* Spec 4.3: system failures, and no answer, are tried again twice: B could have the message each time. */
static bool is_repeated_twice(const struct map_cause *cause, const struct map_outcome *o)
{
	return cause->verdict == MAP_CAUSE_TEMPORARY &&
	       (cause->unknown || o->end == MAP_END_TIMEOUT ||
		cause->rp_cause == RP_CAUSE_NET_OUT_OF_ORDER);
}

void map_recipient_give_up(struct map_recipient *r, const struct map_cause_delivery *d,
			   const struct map_outcome *o)
{
	struct sm_failure failure = failure_of(&d->cause, o), others = failure;
	bool forwarded = r->leaves, only = is_of_message(&d->cause, o);
	struct sm *sm;

	map_report(r->deliver, &r->msisdn, &r->status);
	sm = map_recipient_take(r);
	if (forwarded && is_repeated_twice(&d->cause, o) && map_deliver_is_last(r->deliver, sm))
		failure.flags = 0;
	map_deliver_failed(r->deliver, sm, &failure);
	others.flags &= (uint8_t)~LINK_FLAG_UNKNOWN;
	if (!only) {
		map_routing_memory_forget(r->deliver->routing, r->msisdn.text);
		r->has_info = false;
		map_recipient_fail(r, NULL, &others);
	}
	r->at = 0;
	map_recipient_step(r);
}

/* ---- the queue ---- */

static void recall_info(struct map_recipient *r)
{
	const struct map_routing_info *known =
		map_routing_memory_find(r->deliver->routing, r->msisdn.text,
					r->deliver->stack->config.routing_info_s * (uint64_t)1000,
					clock_ms());

	if (!known)
		return;
	r->info = *known;
	r->has_info = true;
	r->at = 0;
}

void map_recipient_step(struct map_recipient *r)
{
	drop_expired(r);
	if (r->deliver->stack->c->stopping)
		map_recipient_flush(r, NULL, false);
	if (!r->queued) {
		map_recipient_free(r);
		return;
	}
	if (!r->has_info)
		recall_info(r);
	if (r->has_info)
		map_recipient_forward(r);
	else
		map_recipient_ask(r);
}

static void recipient_timer(void *data)
{
	static const struct sm_failure held = {
		.rp_cause = RP_CAUSE_CONGESTION,
		.flags = LINK_FLAG_TEMPORARY,
		.retry_ms = RETRY_MS * HOLD_S,
		.reason = "an earlier message to that recipient has no answer yet",
	};
	struct map_recipient *r = data;

	if (!r->waits) {
		map_recipient_step(r);
		return;
	}
	map_recipient_fail(r, NULL, &held);
	osmo_timer_schedule(&r->timer, HOLD_S, 0);
}

void map_recipient_wait(struct map_recipient *r)
{
	r->waits = r->tried = true;
	osmo_timer_schedule(&r->timer, HOLD_S, 0);
}

void map_recipient_add(struct map_recipient *r, struct sm *sm)
{
	static const struct sm_failure full = {
		.rp_cause = RP_CAUSE_CONGESTION,
		.flags = LINK_FLAG_TEMPORARY,
		.retry_ms = RETRY_MS,
		.reason = "too many messages for that recipient",
	};

	if (r->queued >= MAP_RECIPIENT_QUEUE) {
		map_deliver_failed(r->deliver, sm, &full);
		return;
	}
	llist_add_tail(&sm->entry, &r->queue);
	if (r->queued++)
		map_deliver_smsc(sm)->out--;
	/* all that has come by now is to be seen before the first goes: it says whether more follow */
	if (!r->waits)
		osmo_timer_schedule(&r->timer, 0, 0);
}

/* ---- life ---- */

static uint64_t recipient_key(const char *number)
{
	return recent_digest(0, view_str(number));
}

struct map_recipient *map_recipient_find(struct map_deliver *d, const char *number)
{
	struct map_recipient *r;

	hash_for_each_possible(d->recipients, r, by_number, recipient_key(number))
	{
		if (!strcmp(r->msisdn.text, number))
			return r;
	}
	return NULL;
}

struct map_recipient *map_recipient_alloc(struct map_deliver *d, const struct sms_address *msisdn)
{
	struct map_recipient *r = talloc_zero(d, struct map_recipient);

	if (!r)
		return NULL;
	r->deliver = d;
	r->msisdn = *msisdn;
	INIT_LLIST_HEAD(&r->queue);
	osmo_timer_setup(&r->timer, recipient_timer, r);
	hash_add(d->recipients, &r->by_number, recipient_key(msisdn->text));
	d->n_recipients++;
	return r;
}

void map_recipient_free(struct map_recipient *r)
{
	map_call_end(r->deliver->stack, &r->call);
	osmo_timer_del(&r->timer);
	hash_del(&r->by_number);
	r->deliver->n_recipients--;
	talloc_free(r);
}
