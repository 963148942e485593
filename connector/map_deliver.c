/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */

/*
 * Role "deliver": a message of the module finds the queue of its recipient, and has one end. Nothing is
 * stored here: what cannot be delivered now goes back to the module, which tries again by its schedule,
 * or sooner when the HLR alerts. All is bounded: recipients, and so dialogues, by the window of the SMSC,
 * messages by that of the link.
 */

#include "map_recipient.h"

#include <inttypes.h>

#include <osmocom/core/talloc.h>

#include "clock.h"
#include "recent.h"

enum {
	ROUTING_INFOS_MAX = 8192,
	REPEATED_MAX = 8192,
	REPEATED_AGE_S = 24 * 3600,
	REPETITIONS = 2, /* spec 4.3 */
};

static struct map_deliver *deliver_of(struct map_stack *stack)
{
	struct map_deliver *d = stack->deliver;

	if (d)
		return d;
	d = talloc_zero(stack, struct map_deliver);
	if (!d)
		return NULL;
	d->stack = stack;
	hash_init(d->recipients);
	INIT_LLIST_HEAD(&d->reports);
	d->routing = map_routing_memory_alloc(d, ROUTING_INFOS_MAX);
	d->repeated = recent_alloc(d, REPEATED_MAX, (uint64_t)REPEATED_AGE_S * 1000);
	if (!d->routing || !d->repeated) {
		talloc_free(d);
		return NULL;
	}
	stack->deliver = d;
	return d;
}

/* ---- the end of a message ---- */

struct map_smsc *map_deliver_smsc(const struct sm *sm)
{
	return map_smsc_of(sm->smsc);
}

void map_deliver_accepted(struct map_deliver *d, struct sm *sm)
{
	struct map_smsc *smsc = map_deliver_smsc(sm);
	char smsc_id[SMPP_MESSAGE_ID_MAX];

	/* unique, but nobody will ask for it */
	snprintf(smsc_id, sizeof(smsc_id), "mt-%" PRIx64 "-%" PRIx64, sm->start_us, ++d->taken);
	d->n_messages--;
	smsc_count(&smsc->smsc, MAP_SMSC_CTR_DELIVERED);
	rate_accepted(&smsc->smsc.rate);
	sm_delivered(sm, smsc_id);
	map_smsc_done(smsc);
}

void map_deliver_failed(struct map_deliver *d, struct sm *sm, const struct sm_failure *failure)
{
	struct map_smsc *smsc = map_deliver_smsc(sm);

	d->n_messages--;
	map_smsc_count_failure(smsc, failure->flags);
	sm_failed(sm, failure);
	map_smsc_done(smsc);
}

bool map_deliver_is_last(struct map_deliver *d, const struct sm *sm)
{
	uint64_t key = recent_digest(sm->ref, (struct view){sm->tpdu, sm->tpdu_octets});
	uint64_t now_ms = clock_ms();

	for (uint8_t n = 0; n < REPETITIONS; n++) {
		uint64_t repetition = recent_digest(key, (struct view){&n, 1});

		if (!recent_has(d->repeated, repetition, now_ms)) {
			recent_add(d->repeated, repetition, now_ms);
			return false;
		}
	}
	return true;
}

/* ---- its beginning ---- */

static const struct sm_failure *refusal(const struct sm *sm, struct sms_address *msisdn)
{
	static const struct sm_failure no_number = {
		.rp_cause = RP_CAUSE_UNKNOWN_SUBSCRIBER,
		.reason = "the recipient has no international number",
	};
	struct tpdu_submit submit;

	if (tpdu_submit_decode((struct view){sm->tpdu, sm->tpdu_octets}, &submit) < 0 ||
	    submit.tp_da.ton != SMS_TON_INTERNATIONAL || !submit.tp_da.text[0])
		return &no_number;
	*msisdn = submit.tp_da;
	return NULL;
}

void map_deliver(struct map_smsc *smsc, struct sm *sm)
{
	static const struct sm_failure no_memory = {
		.rp_cause = RP_CAUSE_RESOURCES,
		.flags = LINK_FLAG_TEMPORARY,
		.reason = "out of memory",
	};
	struct map_deliver *d = deliver_of(smsc->smsc.c->map);
	const struct sm_failure *failure = &no_memory;
	struct map_recipient *r = NULL;
	struct sms_address msisdn;

	if (d) {
		d->n_messages++;
		failure = refusal(sm, &msisdn);
	}
	if (!failure) {
		r = map_recipient_find(d, msisdn.text);
		if (!r)
			r = map_recipient_alloc(d, &msisdn);
		if (!r)
			failure = &no_memory;
	}
	if (r) {
		map_recipient_add(r, sm);
	} else if (d) {
		map_deliver_failed(d, sm, failure);
	} else {
		sm_failed(sm, failure);
		map_smsc_done(smsc);
	}
}

/* ---- giving back ---- */

static void flush(struct map_stack *stack, const struct map_smsc *smsc, bool all)
{
	struct hlist_node *tmp;
	struct map_recipient *r;
	unsigned bucket;

	if (!stack || !stack->deliver)
		return;
	hash_for_each_safe(stack->deliver->recipients, bucket, tmp, r, by_number)
	{
		map_recipient_flush(r, smsc, all);
	}
}

void map_deliver_flush(struct map_smsc *smsc)
{
	flush(smsc->smsc.c->map, smsc, false);
}

void map_deliver_release(struct map_smsc *smsc)
{
	flush(smsc->smsc.c->map, smsc, true);
}

/* ---- life ---- */

bool map_deliver_configured(const struct map_stack *stack)
{
	struct smsc *smsc;

	llist_for_each_entry(smsc, &stack->c->smscs, entry)
	{
		const struct map_smsc *map = map_smsc_of(smsc);

		if (map && map->config.role == MAP_ROLE_DELIVER)
			return true;
	}
	return false;
}

void map_deliver_free(struct map_stack *stack)
{
	struct map_deliver *d = stack->deliver;
	struct hlist_node *tmp;
	struct map_recipient *r;
	unsigned bucket;

	if (!d)
		return;
	flush(stack, NULL, true);
	hash_for_each_safe(d->recipients, bucket, tmp, r, by_number)
	{
		map_recipient_free(r);
	}
	map_report_free_all(d);
	talloc_free(d);
	stack->deliver = NULL;
}

/* ---- show ---- */

struct map_deliver_counts map_deliver_counts(const struct map_stack *stack)
{
	const struct map_deliver *d = stack->deliver;

	if (!d)
		return (struct map_deliver_counts){0};
	return (struct map_deliver_counts){
		.recipients = d->n_recipients,
		.messages = d->n_messages,
		.routing_infos = map_routing_memory_count(d->routing),
		.reports = d->n_reports,
	};
}
