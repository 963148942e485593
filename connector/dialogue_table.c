/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */

/*
 * Dialogues by transaction id and by handle. An id is random, so that nobody who does not see our messages can
 * hit a dialogue, and no id comes again while it is in use or among the last that were.
 */

#include "dialogue.h"

#include <osmocom/core/talloc.h>

#include "recent.h"

static struct dialogue *dialogue_of(struct map_node *node, uint32_t id)
{
	struct dialogue *d;

	hash_for_each_possible(node->dialogues.by_id, d, by_id, id)
	{
		if (d->id == id)
			return d;
	}
	return NULL;
}

struct dialogue *dialogue_by_id(struct map_node *node, const struct tcap_id *id)
{
	struct rbuf r = rbuf_of((struct view){id->octets, id->len});

	return id->len == sizeof(uint32_t) ? dialogue_of(node, rbuf_u32(&r)) : NULL;
}

struct dialogue *dialogue_by_handle(struct map_node *node, uint64_t handle)
{
	struct dialogue *d;

	hash_for_each_possible(node->dialogues.by_handle, d, by_handle, handle)
	{
		if (d->handle == handle)
			return d;
	}
	return NULL;
}

static uint32_t new_id(struct map_node *node)
{
	uint32_t id;

	do
		map_node_random(node, &id, sizeof(id));
	while (!id || dialogue_of(node, id) ||
	       recent_has(node->dialogues.ids, id, clock_ms()));
	return id;
}

static void retire_id(struct dialogue *d)
{
	hash_del(&d->by_id);
	recent_add(d->node->dialogues.ids, d->id, clock_ms());
}

void dialogue_renew_id(struct dialogue *d)
{
	retire_id(d);
	d->id = new_id(d->node);
	hash_add(d->node->dialogues.by_id, &d->by_id, d->id);
}

static void dialogue_guard(void *data)
{
	dialogue_timeout(data);
}

static void dialogue_insert(struct dialogue *d)
{
	struct dialogue_table *t = &d->node->dialogues;

	d->id = new_id(d->node);
	d->handle = ++t->last_handle;
	hash_add(t->by_id, &d->by_id, d->id);
	hash_add(t->by_handle, &d->by_handle, d->handle);
	llist_add_tail(&d->entry, d->performing ? &t->serving : &t->invoking);
	if (d->performing)
		t->performing_count++;
	else
		t->invoking_count++;
	osmo_timer_setup(&d->guard, dialogue_guard, d);
	osmo_timer_schedule(&d->guard, (int)d->node->config.guard_s, 0);
}

struct dialogue *dialogue_alloc(struct map_node *node, bool performing)
{
	struct dialogue *d = talloc_zero(node, struct dialogue);

	if (!d)
		return NULL;
	d->node = node;
	d->performing = performing;
	d->begun_ms = clock_ms();
	d->fi = dialogue_fsm_alloc(d);
	if (!d->fi) {
		talloc_free(d);
		return NULL;
	}
	dialogue_insert(d);
	return d;
}

void dialogue_free(struct dialogue *d)
{
	struct dialogue_table *t = &d->node->dialogues;

	retire_id(d);
	hash_del(&d->by_handle);
	llist_del(&d->entry);
	if (d->performing)
		t->performing_count--;
	else
		t->invoking_count--;
	osmo_timer_del(&d->guard);
	osmo_fsm_inst_term(d->fi, OSMO_FSM_TERM_REGULAR, NULL);
	talloc_free(d);
}
