/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */

/* A ring of the last answers, found through a hash table by ref. Nothing is allocated after the start. */

#include "compat.h"

#include <osmocom/core/hashtable.h>
#include <osmocom/core/talloc.h>
#include <osmocom/core/utils.h>

#include "answered.h"

enum { ANSWERED_HASH_BITS = 12 };

struct answered_slot {
	struct hlist_node by_ref;
	uint64_t at_s;
	struct sm_answer answer;
};

struct answered {
	DECLARE_HASHTABLE(by_ref, ANSWERED_HASH_BITS);
	unsigned next; /* slot to fill next */
	unsigned count;
	struct answered_slot slots[ANSWERED_MAX];
};

struct answered *answered_alloc(void *ctx)
{
	struct answered *a = talloc_zero(ctx, struct answered);

	if (a)
		hash_init(a->by_ref);
	return a;
}

static struct answered_slot *answered_slot(const struct answered *a, uint64_t ref)
{
	struct answered_slot *s;

	hash_for_each_possible(a->by_ref, s, by_ref, ref)
	{
		if (s->answer.ref == ref)
			return s;
	}
	return NULL;
}

static void slot_forget(struct answered *a, struct answered_slot *s)
{
	if (hlist_unhashed(&s->by_ref))
		return;
	hash_del(&s->by_ref);
	a->count--;
}

void answered_add(struct answered *a, const struct sm_answer *answer, uint64_t now_s)
{
	struct answered_slot *s = answered_slot(a, answer->ref);

	if (s)
		slot_forget(a, s);
	s = &a->slots[a->next];
	a->next = (a->next + 1) % ANSWERED_MAX;
	slot_forget(a, s);
	s->answer = *answer;
	s->at_s = now_s;
	hash_add(a->by_ref, &s->by_ref, answer->ref);
	a->count++;
}

const struct sm_answer *answered_find(const struct answered *a, uint64_t ref, uint64_t now_s)
{
	const struct answered_slot *s = answered_slot(a, ref);

	return s && now_s - s->at_s <= ANSWERED_AGE_S ? &s->answer : NULL;
}

void answered_forget(struct answered *a, uint64_t ref)
{
	struct answered_slot *s = answered_slot(a, ref);

	if (s)
		slot_forget(a, s);
}

void answered_clear(struct answered *a)
{
	for (unsigned i = 0; i < ANSWERED_MAX; i++)
		slot_forget(a, &a->slots[i]);
	a->next = 0;
}

unsigned answered_count(const struct answered *a)
{
	return a->count;
}
