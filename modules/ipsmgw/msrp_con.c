/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */

/* A hash of connection ids in shared memory: asked for each frame, and for each
 * TCP connection that closes. */

#include "core/dprint.h"
#include "core/locking.h"
#include "core/mem/shm_mem.h"

#include "msrp_con.h"

enum { BUCKETS = 4096 };

struct entry {
	struct entry *next;
	int con_id;
};

static struct bucket {
	gen_lock_t lock;
	struct entry *first;
} * buckets;

int msrp_con_init(void)
{
	buckets = shm_malloc(BUCKETS * sizeof(*buckets));
	if(!buckets) {
		SHM_MEM_ERROR;
		return -1;
	}
	memset(buckets, 0, BUCKETS * sizeof(*buckets));
	for(int i = 0; i < BUCKETS; i++)
		lock_init(&buckets[i].lock);
	return 0;
}

static struct entry **find(struct bucket *b, int con_id)
{
	struct entry **at = &b->first;

	while(*at && (*at)->con_id != con_id)
		at = &(*at)->next;
	return at;
}

bool msrp_con_add(int con_id)
{
	struct bucket *b = &buckets[(unsigned)con_id % BUCKETS];
	struct entry **at, *e;

	lock_get(&b->lock);
	at = find(b, con_id);
	e = *at;
	if(!e && (e = shm_malloc(sizeof(*e)))) {
		*e = (struct entry){.con_id = con_id};
		*at = e;
	}
	lock_release(&b->lock);
	if(!e)
		SHM_MEM_ERROR;
	return e != NULL;
}

bool msrp_con_remove(int con_id)
{
	struct bucket *b = &buckets[(unsigned)con_id % BUCKETS];
	struct entry **at, *e;

	lock_get(&b->lock);
	at = find(b, con_id);
	e = *at;
	if(e)
		*at = e->next;
	lock_release(&b->lock);
	if(!e)
		return false;
	shm_free(e);
	return true;
}
