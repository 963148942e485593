/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */

/*
 * A table of keys in shared memory without a lock: each key has two places,
 * and where both are taken it is not noted, so that its retransmissions find
 * the database as a client's retry does.
 */

#include "core/dprint.h"
#include "core/mem/shm_mem.h"
#include "core/parser/parse_cseq.h"

#include "ipsmgw.h"
#include "underway.h"

enum { PLACES = 1 << 14 }; /* several times what waits at most (overload.c) */

static struct place {
	uint64_t key; /* 0: free; changed atomically */
	int64_t since_ms;
} * places;

int underway_init(void)
{
	places = shm_malloc(PLACES * sizeof(*places));
	if(!places) {
		SHM_MEM_ERROR;
		return -1;
	}
	memset(places, 0, PLACES * sizeof(*places));
	return 0;
}

/* FNV-1a, and the length, so that parts do not run into each other */
static uint64_t add(uint64_t hash, const str *s)
{
	for(int i = 0; i < s->len; i++)
		hash = (hash ^ (uint8_t)s->s[i]) * 0x100000001b3u;
	return (hash ^ (uint32_t)s->len) * 0x100000001b3u;
}

static bool has_branch(const struct via_body *via)
{
	return via && via->branch && via->branch->value.len > (int)MCOOKIE_LEN
		   && memcmp(via->branch->value.s, MCOOKIE, MCOOKIE_LEN) == 0;
}

uint64_t underway_key(const sip_msg_t *msg)
{
	uint64_t hash = 0xcbf29ce484222325u;

	if(msg->rcv.proto != PROTO_UDP || !has_branch(msg->via1) || !msg->callid
			|| !msg->cseq)
		return 0;
	hash = add(hash, &msg->via1->branch->value);
	hash = add(hash, &msg->via1->host);
	hash = add(hash, &msg->callid->body);
	return add(hash, &get_cseq(msg)->number);
}

static struct place *place(uint64_t key, unsigned which)
{
	return &places[(key >> 32) % PLACES ^ which];
}

/* @return NULL if it is not noted */
static const struct place *find(uint64_t key)
{
	for(unsigned i = 0; i < 2; i++) {
		if(__atomic_load_n(&place(key, i)->key, __ATOMIC_ACQUIRE) == key)
			return place(key, i);
	}
	return NULL;
}

/* @return the place of key that had from and has to now; NULL: neither had */
static struct place *change(uint64_t key, uint64_t from, uint64_t to)
{
	for(unsigned i = 0; i < 2; i++) {
		struct place *p = place(key, i);
		uint64_t expected = from;

		if(__atomic_compare_exchange_n(&p->key, &expected, to, false,
				   __ATOMIC_ACQ_REL, __ATOMIC_RELAXED))
			return p;
	}
	return NULL;
}

bool underway(uint64_t key)
{
	const struct place *p = key ? find(key) : NULL;

	if(!p || ipsmgw_mono_ms() - p->since_ms > 2 * ipsmgw_cfg.store_timeout_ms)
		return false;
	counter_inc(ipsmgw_counters.cpm_repeated);
	return true;
}

bool underway_begin(uint64_t key)
{
	struct place *p;

	if(underway(key))
		return false;
	p = key ? change(key, 0, key) : NULL;
	if(p)
		p->since_ms = ipsmgw_mono_ms();
	return true;
}

void underway_end(uint64_t key)
{
	if(key)
		change(key, key, 0);
}
