/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */
#pragma once

#include <stddef.h>
#include <stdint.h>

/* Keys in memory, each with a value that is not 0. All zero is an empty set. */

struct key_set {
	struct key_table *newest;
	uint64_t mix;	 /* odd, not known to those who choose keys */
	unsigned n_bits; /* of slots that the first table gets; 0: few */
};

/** @return the value of key, to read or overwrite, until the next key_put(); NULL: none */
int64_t *key_find(const struct key_set *set, uint64_t key);

/** Add key, or give it another value. @return 0, -ENOMEM */
int key_put(struct key_set *set, uint64_t key, int64_t value);

/** The first table shall hold n keys: each further one is one more to look into. */
void key_expect(struct key_set *set, size_t n);

/** Empty it, and expect as many again. */
void key_clear(struct key_set *set);
