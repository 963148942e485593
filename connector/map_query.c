/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */

/*
 * SRI-SM in hand. Two are asked at once: the module whether A is registered (LINK_QUERY), and the HLR,
 * which knows by our calling address that the query must not come back to us, for IMSI and serving nodes.
 * map_query_answer.c decides what comes of that.
 */

#include "map_query.h"

#include <osmocom/core/talloc.h>
#include <osmocom/core/utils.h>

#include "link_client.h"
#include "log.h"
#include "recent.h"

enum {
	QUERY_USER_MS = 5000,  /* the module's time to answer */
	MTI_STATUS_REPORT = 1, /* sm-RP-MTI */
	QUERY_PER_NUMBER = 16, /* at once: what comes round in a circle ends here */
};

/* ---- the end ---- */

void map_query_free(struct map_query *q)
{
	osmo_timer_del(&q->timer);
	map_call_end(q->home->stack, &q->call);
	hash_del(&q->by_ref);
	hash_del(&q->by_number);
	llist_del(&q->entry);
	q->home->n_queries--;
	talloc_free(q);
}

void map_query_free_all(struct map_home *home)
{
	struct map_query *q, *next;

	llist_for_each_entry_safe(q, next, &home->queries, entry) map_query_free(q);
}

/* ---- the HLR ---- */

static enum hlr_answer hlr_error(const struct map_error *e)
{
	switch (e->code) {
	case MAP_ERROR_ABSENT_SUBSCRIBER:
	case MAP_ERROR_ABSENT_SUBSCRIBER_SM:
		return HLR_ABSENT;
	case MAP_ERROR_SYSTEM_FAILURE:
	case MAP_ERROR_RESOURCE_LIMITATION:
		return HLR_FAILED;
	default:
		return HLR_ERROR;
	}
}

static void query_outcome(struct map_call *call, const struct map_outcome *o)
{
	struct map_query *q = container_of(call, struct map_query, call);

	q->hlr = HLR_FAILED;
	if (o->end == MAP_END_RESULT) {
		q->hlr = HLR_NODES;
		q->result = o->result->sri_sm;
	} else if (o->end == MAP_END_ERROR) {
		q->hlr = hlr_error(o->error);
		q->error = *o->error;
	} else {
		LOGP(DMAP, LOGL_NOTICE, "SRI-SM for %s to the HLR: %s\n", q->number,
		     map_end_name(o->end));
	}
	if (q->error.code == MAP_ERROR_SM_DELIVERY_FAILURE)
		q->error = (struct map_error){.code = MAP_ERROR_SYSTEM_FAILURE};
	map_query_decide(q);
}

/* The GMSC's own query, so that the HLR notes its service centre, and both serving nodes are told. */
static int query_invoke(struct map_query *q, const struct map_sri_sm *asked)
{
	struct map_stack *stack = q->home->stack;
	struct map_request r = {
		.argument = {.operation = MAP_SRI_SM, .sri_sm = *asked},
		.called = map_stack_hlr(stack, &asked->msisdn),
		.calling = map_stack_own(stack, SCCP_SSN_MSC),
	};

	r.argument.sri_sm.gprs_support_indicator = true;
	q->call.outcome = query_outcome;
	return map_call_invoke(stack, &q->call, &r);
}

/* ---- the module ---- */

static struct map_query *query_of(struct map_home *home, uint64_t ref)
{
	struct map_query *q;

	hash_for_each_possible(home->by_ref, q, by_ref, ref)
	{
		if (q->ref == ref)
			return q;
	}
	return NULL;
}

void map_query_user(struct map_home *home, uint64_t ref, const char *number, bool registered)
{
	struct map_query *q = query_of(home, ref);

	if (!q || q->user_known || strcmp(q->number, number))
		return;
	q->user_known = true;
	q->registered = registered;
	map_query_decide(q);
}

/* ---- time ---- */

/* Both together: less than the timer of SRI-SM, ours and the GMSC's (15 to 30 s), leaves. */
static unsigned query_ms(const struct map_stack *stack)
{
	return stack->config.node.medium_s * 1000 * 2 / 3;
}

static unsigned query_user_ms(const struct map_stack *stack)
{
	unsigned ms = query_ms(stack) / 2;

	return ms < QUERY_USER_MS ? ms : QUERY_USER_MS;
}

static void query_timer(struct map_query *q, unsigned ms)
{
	osmo_timer_schedule(&q->timer, (int)(ms / 1000), (int)(ms % 1000 * 1000));
}

/* First the module's time is over, then the HLR's. */
static void query_timeout(void *data)
{
	struct map_query *q = data;

	if (q->is_late) {
		map_call_end(q->home->stack, &q->call);
		q->hlr = HLR_FAILED;
	} else {
		q->is_late = true;
		query_timer(q, query_ms(q->home->stack) - query_user_ms(q->home->stack));
	}
	if (!q->user_known) {
		LOGP(DMAP, LOGL_NOTICE, "the module does not say whether %s is registered\n",
		     q->number);
		q->is_blind = true;
	}
	q->user_known = true;
	map_query_decide(q);
}

static void query_ended(struct map_served *served, const struct map_outcome *why)
{
	struct map_query *q = container_of(served, struct map_query, served);

	LOGP(DMAP, LOGL_INFO, "SRI-SM for %s: the peer is gone (%s)\n", q->number,
	     map_end_name(why->end));
	map_query_free(q);
}

/* ---- the beginning ---- */

static uint64_t number_key(const char *number)
{
	return recent_digest(0, view_str(number));
}

static unsigned query_count(const struct map_home *home, const char *number)
{
	const struct map_query *q;
	unsigned n = 0;

	hash_for_each_possible(home->by_number, q, by_number, number_key(number))
	{
		n += strcmp(q->number, number) == 0;
	}
	return n;
}

static struct map_query *query_alloc(struct map_home *home, const struct map_argument *a)
{
	struct map_query *q = talloc_zero(home, struct map_query);

	if (!q)
		return NULL;
	q->home = home;
	q->version = a->version;
	q->msisdn = a->sri_sm.msisdn;
	q->not_intended = a->sri_sm.sm_delivery_not_intended.present;
	q->gprs_supported = a->sri_sm.gprs_support_indicator;
	q->is_report =
		a->sri_sm.sm_rp_mti.present && a->sri_sm.sm_rp_mti.value == MTI_STATUS_REPORT;
	q->ref = ++home->last_ref;
	q->served.ended = query_ended;
	sms_address_print(&q->msisdn, q->number);
	osmo_timer_setup(&q->timer, query_timeout, q);
	hash_add(home->by_ref, &q->by_ref, q->ref);
	hash_add(home->by_number, &q->by_number, number_key(q->number));
	llist_add_tail(&q->entry, &home->queries);
	home->n_queries++;
	return q;
}

/* Whoever asks, a quarter of our dialogues is kept for what our users send. */
static bool is_room(const struct map_stack *stack)
{
	unsigned max = stack->config.node.invoking_max;

	return map_node_invoking(stack->node) < max - max / 4;
}

/* Did that leave from here? Not every HLR keeps the calling address, but ours is no service centre of others. */
static bool is_own(const struct map_stack *stack, const struct map_indication *i)
{
	const char *own = stack->config.address.text;

	return strcmp(i->peer->digits, own) == 0 ||
	       strcmp(i->argument->sri_sm.service_centre_address.text, own) == 0;
}

static void refuse(struct map_stack *stack, uint64_t handle, enum map_home_ctr ctr,
		   const char *number, const char *why)
{
	LOGP(DMAP, LOGL_NOTICE, "SRI-SM for %s refused with systemFailure: %s\n", number, why);
	map_home_count(stack, ctr);
	map_stack_error(stack, handle, MAP_ERROR_SYSTEM_FAILURE);
}

static void query_start(struct map_query *q, uint64_t handle, const struct map_sri_sm *asked)
{
	struct map_stack *stack = q->home->stack;

	map_served_add(stack, &q->served, handle);
	query_timer(q, query_user_ms(stack));
	if (link_client_query(stack->c->link, q->ref, q->number) < 0)
		q->is_blind = q->user_known = true;
	if (q->is_blind && !stack->config.registered_only) {
		map_query_fail(q, "the module is not there");
		return;
	}
	if (query_invoke(q, asked) < 0)
		q->hlr = HLR_FAILED;
}

void map_home_sri_sm(struct map_stack *stack, uint64_t handle, const struct map_indication *i)
{
	const struct map_sri_sm *asked = &i->argument->sri_sm;
	struct map_home *home = map_home_of(stack);
	char number[SMS_ADDRESS_TEXT_MAX + 1];
	struct map_query *q;

	sms_address_print(&asked->msisdn, number);
	if (is_own(stack, i)) {
		refuse(stack, handle, MAP_HOME_CTR_QUERY_LOOP, number, "it is our own, come back");
		return;
	}
	if (home && query_count(home, number) >= QUERY_PER_NUMBER) {
		refuse(stack, handle, MAP_HOME_CTR_QUERY_LOOP, number, "too many at once");
		return;
	}
	if (!is_room(stack)) {
		refuse(stack, handle, MAP_HOME_CTR_QUERY_FAILED, number, "too many dialogues");
		return;
	}
	q = home ? query_alloc(home, i->argument) : NULL;
	if (!q)
		map_stack_error(stack, handle, MAP_ERROR_SYSTEM_FAILURE);
	else
		query_start(q, handle, asked);
}
