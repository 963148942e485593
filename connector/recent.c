/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */

/* A ring of keys, found through a hash table. Nothing is allocated after the start. */

#include "compat.h"

#include <osmocom/core/hashtable.h>
#include <osmocom/core/talloc.h>
#include <osmocom/core/utils.h>

#include "recent.h"

enum { RECENT_HASH_BITS = 10 };

struct recent_slot {
	struct hlist_node by_key;
	uint64_t key, at_ms;
};

struct recent {
	DECLARE_HASHTABLE(by_key, RECENT_HASH_BITS);
	uint64_t age_ms;
	unsigned size, next;
	struct recent_slot *slots;
};

struct recent *recent_alloc(void *ctx, unsigned size, uint64_t age_ms)
{
	struct recent *r = talloc_zero(ctx, struct recent);

	if (!r)
		return NULL;
	hash_init(r->by_key);
	r->age_ms = age_ms;
	r->size = size;
	r->slots = talloc_zero_array(r, struct recent_slot, size);
	if (!r->slots) {
		talloc_free(r);
		return NULL;
	}
	return r;
}

static struct recent_slot *recent_slot(const struct recent *r, uint64_t key, uint64_t now_ms)
{
	struct recent_slot *s;

	hash_for_each_possible(r->by_key, s, by_key, key)
	{
		if (s->key == key && now_ms - s->at_ms < r->age_ms)
			return s;
	}
	return NULL;
}

void recent_add(struct recent *r, uint64_t key, uint64_t now_ms)
{
	struct recent_slot *s;

	if (!r->size || recent_slot(r, key, now_ms))
		return;
	s = &r->slots[r->next];
	r->next = (r->next + 1) % r->size;
	if (!hlist_unhashed(&s->by_key))
		hash_del(&s->by_key);
	s->key = key;
	s->at_ms = now_ms;
	hash_add(r->by_key, &s->by_key, key);
}

bool recent_has(const struct recent *r, uint64_t key, uint64_t now_ms)
{
	return recent_slot(r, key, now_ms) != NULL;
}

uint64_t recent_digest(uint64_t seed, struct view octets)
{
	uint64_t x =
		seed ^ 0xcbf29ce484222325ull; /* FNV-1a, then mixed: the seed decides every bit */

	for (size_t i = 0; i < octets.len; i++)
		x = (x ^ octets.p[i]) * 0x100000001b3ull;
	x = (x ^ octets.len ^ x >> 32) * 0x9e3779b97f4a7c15ull;
	return x ^ x >> 29;
}
