/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */

/* Versions by peer and context: a hash table, and a list in order of use. */

#include "compat.h"

#include <osmocom/core/hashtable.h>
#include <osmocom/core/linuxlist.h>
#include <osmocom/core/talloc.h>
#include <osmocom/core/utils.h>

#include "recent.h"
#include "version_memory.h"

enum { VERSION_HASH_BITS = 8 };

struct version_entry {
	struct hlist_node by_peer;
	struct llist_head by_use; /* oldest first */
	struct sccp_address peer;
	uint8_t context, version;
	uint64_t at_ms; /* when it was learned */
};

struct version_memory {
	DECLARE_HASHTABLE(by_peer, VERSION_HASH_BITS);
	struct llist_head by_use;
	unsigned size, count;
	uint64_t age_ms;
};

struct version_memory *version_memory_alloc(void *ctx, unsigned size, uint64_t age_ms)
{
	struct version_memory *vm = talloc_zero(ctx, struct version_memory);

	if (!vm)
		return NULL;
	hash_init(vm->by_peer);
	INIT_LLIST_HEAD(&vm->by_use);
	vm->size = size;
	vm->age_ms = age_ms;
	return vm;
}

static uint64_t version_key(const struct sccp_address *peer, uint8_t context)
{
	return recent_digest((uint64_t)context << 24 | (uint64_t)peer->ssn << 16 | peer->pc,
			     view_str(peer->digits));
}

static struct version_entry *version_entry(struct version_memory *vm,
					   const struct sccp_address *peer, uint8_t context)
{
	struct version_entry *e;

	hash_for_each_possible(vm->by_peer, e, by_peer, version_key(peer, context))
	{
		if (e->context == context && sccp_address_eq(&e->peer, peer))
			return e;
	}
	return NULL;
}

static void version_drop(struct version_memory *vm, struct version_entry *e)
{
	hash_del(&e->by_peer);
	llist_del(&e->by_use);
	vm->count--;
	talloc_free(e);
}

uint8_t version_memory_find(struct version_memory *vm, const struct sccp_address *peer,
			    uint8_t context, uint64_t now_ms)
{
	struct version_entry *e = version_entry(vm, peer, context);

	if (!e)
		return 0;
	if (now_ms - e->at_ms >= vm->age_ms) {
		version_drop(vm, e);
		return 0;
	}
	llist_move_tail(&e->by_use, &vm->by_use);
	return e->version;
}

static struct version_entry *version_add(struct version_memory *vm, const struct sccp_address *peer,
					 uint8_t context, uint64_t now_ms)
{
	struct version_entry *e;

	if (!vm->size)
		return NULL;
	if (vm->count == vm->size)
		version_drop(vm, llist_first_entry(&vm->by_use, struct version_entry, by_use));
	e = talloc_zero(vm, struct version_entry);
	if (!e)
		return NULL;
	e->peer = *peer;
	e->context = context;
	e->at_ms = now_ms;
	hash_add(vm->by_peer, &e->by_peer, version_key(peer, context));
	llist_add_tail(&e->by_use, &vm->by_use);
	vm->count++;
	return e;
}

void version_memory_set(struct version_memory *vm, const struct sccp_address *peer, uint8_t context,
			uint8_t version, uint64_t now_ms)
{
	struct version_entry *e = version_entry(vm, peer, context);

	/* what is confirmed again keeps its age: use alone would keep it for ever */
	if (e && e->version == version)
		return;
	if (e)
		version_drop(vm, e);
	e = version_add(vm, peer, context, now_ms);
	if (e)
		e->version = version;
}

void version_memory_forget(struct version_memory *vm, const struct sccp_address *peer,
			   uint8_t context)
{
	struct version_entry *e = version_entry(vm, peer, context);

	if (e)
		version_drop(vm, e);
}

unsigned version_memory_count(const struct version_memory *vm)
{
	return vm->count;
}
