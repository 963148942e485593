/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */

/*
 * Short messages in hand, by ref. DATA comes in at sm_start(); every path ends in sm_accepted() or
 * sm_failed(), which answer the link, remember a final answer, write the outcome line and free.
 */

#include "sm.h"

#include <inttypes.h>

#include <osmocom/core/utils.h>
#include <osmocom/core/hashtable.h>
#include <osmocom/core/talloc.h>

#include "clock.h"
#include "link_client.h"
#include "log.h"
#include "route.h"
#include "smsc.h"

enum {
	SM_HASH_BITS = 12,
	SM_QUEUE_S = 60, /* longest wait for a place at an SMSC */
	SM_DOWN_MS = 2000, /* sooner than that the module's own schedule does */
};

struct sm_table {
	DECLARE_HASHTABLE(by_ref, SM_HASH_BITS);
	unsigned count;
	uint64_t order;
	struct answered *answered;
	struct comeback comeback; /* of those for whom no SMSC is up */
};

struct sm_table *sm_table_alloc(void *ctx)
{
	struct sm_table *t = talloc_zero(ctx, struct sm_table);

	if (!t)
		return NULL;
	hash_init(t->by_ref);
	t->answered = answered_alloc(t);
	return t->answered ? t : NULL;
}

unsigned sm_count(const struct connector *c)
{
	return c->sms->count;
}

unsigned sm_answered_count(const struct connector *c)
{
	return answered_count(c->sms->answered);
}

static struct sm *sm_find(struct connector *c, uint64_t ref)
{
	struct sm *sm;

	hash_for_each_possible(c->sms->by_ref, sm, by_ref, ref)
	{
		if (sm->ref == ref)
			return sm;
	}
	return NULL;
}

/* ---- the end of a message ---- */

static void sm_log(const struct sm *sm, const struct sm_answer *a)
{
	char smsc_id[SMPP_MESSAGE_ID_MAX];
	const char *result = a->flags & LINK_FLAG_DELIVERED   ? "delivered"
			     : !a->rp_cause		      ? "accepted"
			     : a->flags & LINK_FLAG_TEMPORARY ? "temporary"
							      : "failed";

	log_text(smsc_id, sizeof(smsc_id), a->smsc_id);
	LOGP(DSM, LOGL_INFO,
	     "sm ref=%" PRIu64
	     " oa=%s da=%s smsc=%s result=%s smsc_id=%s status=%s cause=%u delay=%" PRIu64
	     "ms%s%s\n",
	     sm->ref, sm->oa_text, sm->da_text, a->smsc, result, smsc_id,
	     sm->smsc ? sm->smsc->ops->status_name(a->status) : smpp_status_name(a->status),
	     a->rp_cause, (clock_us() - sm->start_us) / CLOCK_US_PER_MS,
	     a->reason ? " reason=" : "", a->reason ? a->reason : "");
}

static void sm_let_go(struct sm *sm)
{
	if (sm->is_held)
		sm->smsc->held--;
	sm->is_held = false;
}

/* A temporary ERROR asks for the same ref again, so it is not remembered. */
static void sm_done(struct sm *sm, struct sm_answer *a)
{
	struct connector *c = sm->c;

	a->ref = sm->ref;
	a->rp_mr = sm->rp_mr;
	strcpy(a->smsc, sm->smsc ? sm->smsc->name : sm->asked);
	sm_log(sm, a);
	if (!sm->forgotten) {
		if (!(a->flags & LINK_FLAG_TEMPORARY))
			answered_add(c->sms->answered, a, clock_us() / CLOCK_US_PER_S);
		link_client_answer(c->link, a);
		hash_del(&sm->by_ref);
	}
	sm_let_go(sm);
	c->sms->count--;
	talloc_free(sm);
}

void sm_accepted(struct sm *sm, const char *smsc_id)
{
	struct sm_answer a = {0};

	strcpy(a.smsc_id, smsc_id);
	sm_done(sm, &a);
}

void sm_delivered(struct sm *sm, const char *smsc_id)
{
	struct sm_answer a = {.flags = LINK_FLAG_DELIVERED};

	strcpy(a.smsc_id, smsc_id);
	sm_done(sm, &a);
}

void sm_failed(struct sm *sm, const struct sm_failure *failure)
{
	struct sm_answer a = {
		.rp_cause = failure->rp_cause,
		.flags = failure->flags,
		.status = failure->status,
		.retry_ms = failure->retry_ms,
		.reason = failure->reason,
	};

	sm_done(sm, &a);
}

/* ---- the beginning ---- */

/* The SMSC by name, or the SC address, that the module asks for. @return 0, -EINVAL */
static int sm_read_asked(struct sm *sm, struct view smsc)
{
	if (smsc.len >= sizeof(sm->asked))
		return -EINVAL;
	if (smsc.len)
		memcpy(sm->asked, smsc.p, smsc.len);
	if (sm->asked[0] != '+')
		return 0;
	return sms_address_parse(&sm->sc_address, smsc) < 0 ? -EINVAL : 0;
}

/* @return 0, or the RP-Cause of what is wrong with the frame */
static uint8_t sm_read(struct sm *sm, const struct link_frame *f)
{
	struct rp_message rp;
	struct tpdu_submit submit;

	if (rp_decode(f->rp, &rp) < 0)
		return RP_CAUSE_PROTOCOL;
	sm->rp_mr = rp.rp_mr;
	if (rp.type != RP_DATA || rp.dir != RP_MS_TO_NET)
		return RP_CAUSE_UNKNOWN_TYPE;
	if (tpdu_mti(rp.rp_ud) != TP_MTI_SUBMIT || tpdu_submit_decode(rp.rp_ud, &submit) < 0 ||
	    rp.rp_ud.len > sizeof(sm->tpdu))
		return RP_CAUSE_SEMANTIC;
	sm->sc_address = rp.rp_da;
	if (sms_address_parse(&sm->oa, f->oa) < 0 || sm_read_asked(sm, f->smsc) < 0)
		return RP_CAUSE_MANDATORY_IE;
	memcpy(sm->tpdu, rp.rp_ud.p, rp.rp_ud.len);
	sm->tpdu_octets = rp.rp_ud.len;
	strcpy(sm->da_digits, submit.tp_da.text);
	sms_address_print(&sm->oa, sm->oa_text);
	log_text(sm->oa_text, sizeof(sm->oa_text), sm->oa_text);
	sms_address_print(&submit.tp_da, sm->da_text);
	log_text(sm->da_text, sizeof(sm->da_text), sm->da_text);
	return 0;
}

static void sm_forget(struct sm *sm)
{
	hash_del(&sm->by_ref);
	sm->forgotten = true;
}

/*
 * The module sends a ref again with RESUBMIT when the link broke before the answer; without it after a temporary
 * error, which is not remembered. So what is known of a ref that comes without is about another message: the module's
 * database was restored from an older copy.
 */
static bool sm_repeat(struct connector *c, const struct link_frame *f)
{
	struct sm *sm = sm_find(c, f->ref);
	const struct sm_answer *known;
	struct sm_answer again;

	if (!(f->flags & LINK_FLAG_RESUBMIT)) {
		if (sm)
			sm_forget(sm);
		answered_forget(c->sms->answered, f->ref);
		return false;
	}
	if (sm)
		return true;
	known = answered_find(c->sms->answered, f->ref, clock_us() / CLOCK_US_PER_S);
	if (!known)
		return false;
	again = *known;
	again.flags |= LINK_FLAG_REPEATED;
	link_client_answer(c->link, &again);
	return true;
}

static struct sm *sm_alloc(struct connector *c, const struct link_frame *f)
{
	struct sm *sm = talloc_zero(c->sms, struct sm);

	if (!sm)
		return NULL;
	sm->c = c;
	sm->ref = f->ref;
	sm->order = c->sms->order++;
	sm->validity_s = f->validity_s;
	sm->resubmit = f->flags & LINK_FLAG_RESUBMIT;
	sm->start_us = clock_us();
	sm->deadline_us = sm->start_us + (uint64_t)SM_QUEUE_S * CLOCK_US_PER_S;
	hash_add(c->sms->by_ref, &sm->by_ref, sm->ref);
	c->sms->count++;
	return sm;
}

static void sm_submit(struct sm *sm)
{
	if (sm->resubmit)
		link_client_count(sm->c->link, LINK_CTR_RESUBMITTED);
	sm_route(sm);
}

void sm_start(struct connector *c, const struct link_frame *f)
{
	struct sm_failure wrong = {.reason = "DATA that is no SMS-SUBMIT with originator"};
	const struct sm_failure full = {
		.rp_cause = RP_CAUSE_CONGESTION,
		.flags = LINK_FLAG_TEMPORARY,
		.retry_ms = 1000,
		.reason = "window of the link exceeded",
	};
	const struct sm_answer no_memory = {
		.ref = f->ref,
		.rp_cause = RP_CAUSE_RESOURCES,
		.flags = LINK_FLAG_TEMPORARY,
	};
	struct sm *sm;
	bool over = c->sms->count >= c->link->window;

	if (sm_repeat(c, f))
		return;
	sm = sm_alloc(c, f);
	if (!sm) {
		link_client_answer(c->link, &no_memory);
		return;
	}
	wrong.rp_cause = sm_read(sm, f);
	if (wrong.rp_cause)
		sm_failed(sm, &wrong);
	else if (over)
		sm_failed(sm, &full);
	else
		sm_submit(sm);
}

/* ---- which SMSC ---- */

static const struct sm_failure sm_no_route = {
	.rp_cause = RP_CAUSE_UNASSIGNED,
	.reason = "no route to an SMSC",
};

static const struct sm_failure sm_all_down = {
	.rp_cause = RP_CAUSE_NET_OUT_OF_ORDER,
	.flags = LINK_FLAG_TEMPORARY,
	.reason = "no SMSC is up",
};

static const struct sm_failure sm_stopping = {
	.rp_cause = RP_CAUSE_NET_OUT_OF_ORDER,
	.flags = LINK_FLAG_TEMPORARY,
	.retry_ms = 1000,
	.reason = "the connector stops",
};

static const struct sm_failure *sm_choose_asked(struct sm *sm, struct smsc **smsc)
{
	bool any;

	if (sm->asked[0] == '+') {
		*smsc = smsc_find_sc(sm->c, &sm->sc_address, &any);
		return *smsc ? NULL : any ? &sm_all_down : &sm_no_route;
	}
	*smsc = smsc_find(sm->c, sm->asked);
	if (!*smsc)
		return &sm_no_route;
	return smsc_is_up(*smsc) ? NULL : &sm_all_down;
}

static const struct sm_failure *sm_choose(struct sm *sm, struct smsc **smsc)
{
	struct route *route;

	if (sm->c->stopping)
		return &sm_stopping;
	if (sm->asked[0])
		return sm_choose_asked(sm, smsc);
	route = route_find(&sm->c->routes, sm->da_digits);
	if (!route)
		return &sm_no_route;
	*smsc = route_pick(route, smsc_is_up);
	return *smsc ? NULL : &sm_all_down;
}

/* That one is up again is told to the module; until then few of many need to ask. */
static void sm_nobody_up(struct sm *sm)
{
	struct sm_failure failure = sm_all_down;

	failure.retry_ms = comeback_ms(&sm->c->sms->comeback, 0, clock_us());
	if (failure.retry_ms < SM_DOWN_MS)
		failure.retry_ms = 0;
	sm_failed(sm, &failure);
}

void sm_route(struct sm *sm)
{
	struct smsc *smsc = NULL;
	const struct sm_failure *failure;

	sm_let_go(sm);
	sm->smsc = NULL;
	failure = sm_choose(sm, &smsc);
	if (failure == &sm_all_down)
		sm_nobody_up(sm);
	else if (failure)
		sm_failed(sm, failure);
	else
		smsc_enqueue(smsc, sm);
}

/* ---- another store ---- */

void sm_store_changed(struct connector *c)
{
	struct hlist_node *tmp;
	struct sm *sm;
	unsigned bucket;

	hash_for_each_safe(c->sms->by_ref, bucket, tmp, sm, by_ref)
		sm_forget(sm);
	answered_clear(c->sms->answered);
}
