/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>

#include <sqlite3.h>

#include "store_keys.h"

/*
 * A set grows by another table, as large as all it has, and nothing is moved: nobody waits for that. Keys are
 * looked for in all of them, of which there are few. Within a table a key stands in the first free slot behind
 * its place, which is its product with a random odd number (multiply-shift hashing, Dietzfelbinger et al. 1997).
 */

enum { BITS_MIN = 12, BITS_MAX = 30 };

struct slot {
	uint64_t key;
	int64_t value; /* 0: free */
};

struct key_table {
	struct key_table *before;
	unsigned n_bits;
	size_t used;
	struct slot slots[];
};

/** Its slot, or the free one where it would stand. */
static struct slot *slot_of(const struct key_set *set, struct key_table *t, uint64_t key)
{
	size_t mask = ((size_t)1 << t->n_bits) - 1, at = (size_t)(key * set->mix >> (64 - t->n_bits));

	while (t->slots[at].value && t->slots[at].key != key)
		at = (at + 1) & mask;
	return &t->slots[at];
}

int64_t *key_find(const struct key_set *set, uint64_t key)
{
	for (struct key_table *t = set->newest; t; t = t->before) {
		struct slot *slot = slot_of(set, t, key);

		if (slot->value)
			return &slot->value;
	}
	return NULL;
}

static bool is_full(const struct key_table *t)
{
	return t->used >= ((size_t)3 << t->n_bits) / 4;
}

static int grow(struct key_set *set)
{
	struct key_table *t = set->newest;
	unsigned n_bits = t ? t->n_bits + (t->before != NULL) : set->n_bits;

	n_bits = n_bits < BITS_MIN ? BITS_MIN : n_bits > BITS_MAX ? BITS_MAX : n_bits;
	t = calloc(1, sizeof(*t) + (sizeof(struct slot) << n_bits));
	if (!t)
		return -ENOMEM;
	if (!set->mix)
		sqlite3_randomness(sizeof(set->mix), &set->mix);
	set->mix |= 1;
	*t = (struct key_table){.before = set->newest, .n_bits = n_bits};
	set->newest = t;
	return 0;
}

int key_put(struct key_set *set, uint64_t key, int64_t value)
{
	int64_t *there = key_find(set, key);

	if (there) {
		*there = value;
		return 0;
	}
	if ((!set->newest || is_full(set->newest)) && grow(set))
		return -ENOMEM;
	*slot_of(set, set->newest, key) = (struct slot){key, value};
	set->newest->used++;
	return 0;
}

void key_expect(struct key_set *set, size_t n)
{
	for (set->n_bits = 0; set->n_bits < BITS_MAX && n > (size_t)3 << set->n_bits >> 2; set->n_bits++)
		;
}

void key_clear(struct key_set *set)
{
	size_t used = 0;

	while (set->newest) {
		struct key_table *t = set->newest;

		used += t->used;
		set->newest = t->before;
		free(t);
	}
	key_expect(set, used);
}
