/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */

/* A hash of connection ids in shared memory: asked for each frame, and for each
 * TCP connection that closes. */

#include <errno.h>

#include "core/dprint.h"
#include "core/locking.h"
#include "core/mem/shm_mem.h"

#include "msrp_con.h"

enum { BUCKETS = 4096 };

struct entry {
	struct entry *next;
	int con_id;
	int waiting; /* frames, for the spool process */
	bool ours;   /* we made it */
	bool bound;  /* to a session, some time */
	bool unbound_told, complained;
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

static struct bucket *bucket_of(int con_id)
{
	return &buckets[(unsigned)con_id % BUCKETS];
}

static struct entry *find_or_add(struct bucket *b, int con_id)
{
	struct entry **at = find(b, con_id), *e = *at;

	if(!e && (e = shm_malloc(sizeof(*e)))) {
		*e = (struct entry){.con_id = con_id};
		*at = e;
	}
	return e;
}

bool msrp_con_add(int con_id)
{
	struct bucket *b = bucket_of(con_id);
	struct entry *e;

	lock_get(&b->lock);
	e = find_or_add(b, con_id);
	if(e)
		e->ours = true;
	lock_release(&b->lock);
	if(!e)
		SHM_MEM_ERROR;
	return e != NULL;
}

int msrp_con_frame(int con_id, int strangers_max)
{
	struct bucket *b = bucket_of(con_id);
	struct entry *e;
	int rc = 0;

	lock_get(&b->lock);
	e = find_or_add(b, con_id);
	if(!e)
		rc = -ENOMEM;
	else if(!e->bound && e->waiting >= strangers_max)
		rc = -EBUSY;
	else
		e->waiting++;
	lock_release(&b->lock);
	return rc;
}

/* What ask says of the connection, false if there is none. */
static bool with_entry(int con_id, bool (*ask)(struct entry *e))
{
	struct bucket *b = bucket_of(con_id);
	struct entry *e;
	bool yes;

	lock_get(&b->lock);
	e = *find(b, con_id);
	yes = e && ask(e);
	lock_release(&b->lock);
	return yes;
}

/* What has come again since it was removed has waiting 0. */
static bool frame_read(struct entry *e)
{
	bool first = !e->bound && !e->ours && !e->unbound_told;

	if(e->waiting)
		e->waiting--;
	e->unbound_told = e->unbound_told || first;
	return first;
}

bool msrp_con_read(int con_id)
{
	return with_entry(con_id, frame_read);
}

static bool bound(struct entry *e)
{
	return e->bound = true;
}

void msrp_con_bind(int con_id)
{
	with_entry(con_id, bound);
}

static bool is_there(struct entry *e)
{
	(void)e;
	return true;
}

bool msrp_con_known(int con_id)
{
	return with_entry(con_id, is_there);
}

static bool is_unbound(struct entry *e)
{
	return !e->bound;
}

bool msrp_con_is_unbound(int con_id)
{
	return with_entry(con_id, is_unbound);
}

static bool complain(struct entry *e)
{
	bool first = !e->complained;

	e->complained = true;
	return first;
}

bool msrp_con_complain(int con_id)
{
	return with_entry(con_id, complain);
}

bool msrp_con_remove(int con_id)
{
	struct bucket *b = bucket_of(con_id);
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
