/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */

/* Open addressing with linear probing and backward-shift removal; id 0 is an
 * empty slot. */

#include <stddef.h>

#include "inflight.h"

enum { SLOTS = 2 * INFLIGHT_MAX };

static struct slot {
	int64_t id;
	bool resubmit;
} slots[SLOTS];

static unsigned used;

static size_t home(int64_t id)
{
	return (size_t)((uint64_t)id * 0x9e3779b97f4a7c15u >> 40) % SLOTS;
}

static size_t find(int64_t id)
{
	size_t i = home(id);

	while(slots[i].id && slots[i].id != id)
		i = (i + 1) % SLOTS;
	return i;
}

unsigned inflight_count(void)
{
	return used;
}

bool inflight_add(int64_t id, bool resubmit)
{
	size_t i = find(id);

	if(used == INFLIGHT_MAX || slots[i].id)
		return false;
	slots[i] = (struct slot){id, resubmit};
	used++;
	return true;
}

bool inflight_remove(int64_t id, bool *resubmit)
{
	size_t hole = find(id), i;

	if(!slots[hole].id)
		return false;
	*resubmit = slots[hole].resubmit;
	for(i = (hole + 1) % SLOTS; slots[i].id; i = (i + 1) % SLOTS) {
		size_t from_home = (i + SLOTS - home(slots[i].id)) % SLOTS;

		if(from_home >= (i + SLOTS - hole) % SLOTS) {
			slots[hole] = slots[i];
			hole = i;
		}
	}
	slots[hole].id = 0;
	used--;
	return true;
}

int64_t inflight_any(void)
{
	for(size_t i = 0; used && i < SLOTS; i++) {
		if(slots[i].id)
			return slots[i].id;
	}
	return 0;
}
