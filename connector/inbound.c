/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */

/*
 * DATA to the module in hand, by ref. What an answer means to the peer that brought the message is its
 * owner's business (SMPP: esme_deliver.c, MAP: map_receive.c).
 */

#include "inbound.h"

#include <errno.h>
#include <time.h>

#include <osmocom/core/hashtable.h>
#include <osmocom/core/talloc.h>
#include <osmocom/core/utils.h>

#include "../lib/sms/rp.h"
#include "link_client.h"

enum { INBOUND_HASH_BITS = 10 };

struct inbound_table {
	DECLARE_HASHTABLE(by_ref, INBOUND_HASH_BITS); /* struct inbound_wait */
	unsigned count;
	uint64_t
		ref; /* last one used; begins at the time of day, so that a restart does not repeat them */
	uint8_t rp_mr;
	uint16_t concat_ref;
};

struct inbound_table *inbound_table_alloc(void *ctx)
{
	struct inbound_table *t = talloc_zero(ctx, struct inbound_table);
	struct timespec now;

	if (!t)
		return NULL;
	clock_gettime(CLOCK_REALTIME, &now);
	t->ref = (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
	t->concat_ref = (uint16_t)now.tv_nsec;
	hash_init(t->by_ref);
	return t;
}

unsigned inbound_count(const struct connector *c)
{
	return c->inbound->count;
}

uint16_t inbound_concat_ref(struct connector *c)
{
	return c->inbound->concat_ref++;
}

int inbound_refusal(const struct connector *c)
{
	if (c->stopping || !c->link->up)
		return -ENOTCONN;
	return c->inbound->count >= c->link->peer_window ? -ENOBUFS : 0;
}

/* ---- to the module ---- */

int inbound_tx(struct connector *c, struct inbound_wait *wait, const struct sms_address *rp_oa,
	       struct view tpdu, struct link_frame *f)
{
	struct inbound_table *t = c->inbound;
	struct rp_message rp = {
		.type = RP_DATA,
		.dir = RP_NET_TO_MS,
		.rp_mr = t->rp_mr++,
		.rp_oa = *rp_oa,
		.rp_ud = tpdu,
	};
	uint8_t octets[RP_MESSAGE_MAX];
	struct wbuf w = wbuf_of(octets, sizeof(octets));
	int rc = rp_encode(&w, &rp);

	f->ref = ++t->ref;
	f->rp = wbuf_written(&w);
	if (rc == 0)
		rc = link_client_data(c->link, f);
	if (rc < 0)
		return rc == -ENOSPC ? -EINVAL : rc;
	wait->ref = f->ref;
	hash_add(t->by_ref, &wait->by_ref, wait->ref);
	t->count++;
	return 0;
}

/* ---- its answer ---- */

void inbound_cancel(struct connector *c, struct inbound_wait *wait)
{
	if (!wait->ref)
		return;
	hash_del(&wait->by_ref);
	wait->ref = 0;
	c->inbound->count--;
}

static uint8_t inbound_cause(const struct link_frame *f)
{
	struct rp_message rp;

	if (f->type == LINK_ACK)
		return 0;
	if (rp_decode(f->rp, &rp) < 0 || rp.type != RP_ERROR || !rp.rp_cause)
		return RP_CAUSE_TEMPORARY_FAILURE;
	return rp.rp_cause;
}

void inbound_answered(struct connector *c, const struct link_frame *f)
{
	struct inbound_answer answer = {
		.rp_cause = inbound_cause(f),
		.sip_status = f->status,
	};
	struct inbound_wait *wait;

	hash_for_each_possible(c->inbound->by_ref, wait, by_ref, f->ref)
	{
		if (wait->ref == f->ref)
			break;
	}
	if (!wait) {
		link_client_count(c->link, LINK_CTR_UNMATCHED);
		if (f->type == LINK_ACK)
			link_client_unheard(c->link, f->ref);
		return;
	}
	inbound_cancel(c, wait);
	wait->answered(wait, &answer);
}

static struct inbound_wait *inbound_any(const struct inbound_table *t)
{
	struct inbound_wait *wait;
	unsigned bucket;

	hash_for_each(t->by_ref, bucket, wait, by_ref)
	{
		return wait;
	}
	return NULL;
}

/* What one owner does may cancel what others wait for: begin anew each time. */
void inbound_link_lost(struct connector *c)
{
	const struct inbound_answer lost = {
		.rp_cause = RP_CAUSE_TEMPORARY_FAILURE,
		.lost = true,
	};
	struct inbound_wait *wait;

	while ((wait = inbound_any(c->inbound)) != NULL) {
		inbound_cancel(c, wait);
		wait->answered(wait, &lost);
	}
}
