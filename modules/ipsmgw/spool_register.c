/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */

/*
 * Registrations in the spool process: what ipsmgw_register() read is applied in
 * one transaction, all of it or nothing. Messages of ours that wait for A are
 * due at once (spec 9.1), and the connector is told of an A who came or went.
 *
 * RFC 3680 counts the documents of a subscription. A partial one that is not
 * newer than the last is old news; before one that comes too early others were
 * lost, and what only NOTIFYs said of A may be over. A full one stands for
 * itself, whatever its number: not every notifier counts. The numbers are kept
 * in memory only, the newest subscription of each slot; one that is not known
 * has lost nothing.
 */

#include "ipsmgw.h"
#include "mt_table.h"
#include "spool_int.h"

enum { SUBSCRIPTIONS = 1 << 16 };

enum order { IN_ORDER, OLD, GAP };

static struct subscription {
	uint64_t key;
	int64_t version;
} subscriptions[SUBSCRIPTIONS];

static struct subscription *slot(uint64_t key)
{
	return &subscriptions[key % SUBSCRIPTIONS];
}

/* Documents of the batch that is being applied count, too. */
static bool last_version(const struct event *e, uint64_t key, int64_t *version)
{
	bool known = slot(key)->key == key;

	if(known)
		*version = slot(key)->version;
	for(const struct event *o = event_batch(); o < e; o++) {
		if(o->type == EV_REGISTRATION && o->subscription == key) {
			*version = o->version;
			known = true;
		}
	}
	return known;
}

static enum order order_of(
		const struct event *e, const struct post_registration *p)
{
	int64_t last = 0;

	if(!p->subscription || !p->partial || p->version < 0
			|| !last_version(e, p->subscription, &last))
		return IN_ORDER;
	if(p->version <= last)
		return OLD;
	return p->version == last + 1 ? IN_ORDER : GAP;
}

static int change_apply(
		const struct registration_change *c, enum order order, int64_t now_ms)
{
	if(c->if_gap && order != GAP)
		return 0;
	if(c->impu)
		return store_identity_set(spool_store, c->impu, c->contact.a,
				c->contact.expires_ms, now_ms);
	if(c->clear)
		return store_registration_clear(
				spool_store, c->contact.a, c->contact.learned_from);
	return store_registration_set(spool_store, &c->contact, now_ms);
}

/* A has a contact: what waits is due, what is on its way is told. Said of the
 * contacts of one A one after the other. */
static int hurry(struct event *e, const struct post_registration *p, unsigned i)
{
	const struct registration_change *c = &p->changes[i];
	int n;

	if(c->clear || c->impu || c->contact.expires_ms <= e->now_ms)
		return 0;
	if(i && !c[-1].clear && c[-1].contact.expires_ms > e->now_ms
			&& !strcmp(c[-1].contact.a, c->contact.a))
		return 0;
	mt_came(c->contact.a);
	n = store_sms_hurry(spool_store, c->contact.a, e->now_ms);
	if(n > 0)
		e->count += n;
	return n < 0 ? n : 0;
}

/* Those of one A stand together. */
static bool same_a(const struct post_registration *p, unsigned i, unsigned k)
{
	return !p->changes[i].impu == !p->changes[k].impu
			&& !strcmp(p->changes[i].contact.a, p->changes[k].contact.a);
}

static int changes_apply(struct event *e, enum order order)
{
	const struct post_registration *p = e->registration;
	unsigned first = 0;
	int rc = 0;

	for(unsigned i = 0; rc == 0 && i < p->n_changes; i++) {
		if(i == 0 || !same_a(p, first, i)) {
			first = i;
			user_before(&p->changes[first], e->now_ms);
		}
		rc = change_apply(&p->changes[i], order, e->now_ms);
		if(rc == 0)
			rc = hurry(e, p, i);
		if(rc == 0 && (i + 1 == p->n_changes || !same_a(p, first, i + 1)))
			user_after(&p->changes[first], e->now_ms);
	}
	return rc;
}

static int registration_apply(struct event *e)
{
	const struct post_registration *p = e->registration;
	enum order order;
	int rc;

	e->subscription = 0;
	e->count = 0;
	if(p->post.state == POST_ABANDONED) {
		e->result = -ECANCELED; /* 503 was said */
		return 0;
	}
	order = order_of(e, p);
	if(order == OLD)
		return 0;
	rc = changes_apply(e, order);
	e->subscription = rc || p->version < 0 ? 0 : p->subscription;
	e->version = p->version;
	return rc;
}

static void registration_after(struct event *e)
{
	if(e->subscription)
		*slot(e->subscription)
				= (struct subscription){e->subscription, e->version};
	if(e->count)
		deliver_due_at(e->now_ms);
	user_tell(e->registration);
	mailbox_done(&e->registration->post, e->result);
}

static void registration_failed(struct event *e)
{
	e->subscription = 0;
	mailbox_done(&e->registration->post, -EIO);
}

/* clang-format off */
const struct event_ops spool_register_ops[EV_TYPES] = {
	[EV_REGISTRATION] = {registration_apply, registration_after, registration_failed},
};
/* clang-format on */
