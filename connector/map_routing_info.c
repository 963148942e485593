/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */

/*
 * Serving nodes out of an SRI-SM result, and the memory of them: a hash table, and a list in order of age.
 *
 * networkNode-Number is an MSC's, or an SGSN's if gprsNodeIndicator says so or if the additional number
 * is an MSC's (TS 29.002 7.6.2.43); the additional number is the other of the two. An SMSF's address is
 * not used: an SMSF that is reached over MAP stands in networkNode-Number.
 */

#include "compat.h"

#include <osmocom/core/hashtable.h>
#include <osmocom/core/linuxlist.h>
#include <osmocom/core/talloc.h>
#include <osmocom/core/utils.h>

#include "map_routing_info.h"
#include "recent.h"

enum { ROUTING_HASH_BITS = 10 };

/* ---- nodes ---- */

/* @return 1 if it is us */
static unsigned node_add(struct map_routing_info *info, const struct map_serving_node *node,
			 const struct sms_address *own)
{
	if (!node->number.text[0] || info->n_nodes == MAP_SERVING_NODES_MAX)
		return 0;
	if (!strcmp(node->number.text, own->text))
		return 1;
	info->nodes[info->n_nodes++] = *node;
	return 0;
}

static struct map_serving_node additional_node(const struct map_additional_number *number)
{
	return (struct map_serving_node){
		.type = number->type == MAP_NUMBER_SGSN ? MAP_SERVING_SGSN : MAP_SERVING_MSC,
		.number = number->address,
	};
}

static struct map_serving_node network_node(const struct map_location_info *l)
{
	bool sgsn = l->gprs_node_indicator || l->additional_number.type == MAP_NUMBER_MSC;

	return (struct map_serving_node){
		.type = sgsn ? MAP_SERVING_SGSN : MAP_SERVING_MSC,
		.roaming_number = !l->network_node_number.text[0],
		.number =
			l->network_node_number.text[0] ? l->network_node_number : l->roaming_number,
	};
}

static void sort_nodes(struct map_routing_info *info, enum map_serving_node_type first)
{
	struct map_serving_node node = info->nodes[0];

	if (info->n_nodes < 2 || node.type == first || info->nodes[1].type != first)
		return;
	info->nodes[0] = info->nodes[1];
	info->nodes[1] = node;
}

int map_routing_info_of(const struct map_sri_sm_result *result, enum map_serving_node_type first,
			const struct sms_address *own, struct map_routing_info *out)
{
	const struct map_location_info *l = &result->location;
	struct map_serving_node nodes[] = {
		network_node(l),
		additional_node(&l->additional_number),
		additional_node(&l->third_number),
	};
	unsigned own_nodes = 0;

	*out = (struct map_routing_info){0};
	memcpy(out->imsi, result->imsi, sizeof(out->imsi));
	for (size_t i = 0; i < sizeof(nodes) / sizeof(nodes[0]); i++)
		own_nodes += node_add(out, &nodes[i], own);
	if (!out->n_nodes && own_nodes)
		return -ELOOP;
	if (!out->n_nodes || (!out->imsi[0] && !out->nodes[0].roaming_number))
		return -ENODATA;
	sort_nodes(out, first);
	return 0;
}

/* ---- memory ---- */

struct routing_entry {
	struct hlist_node by_number;
	struct llist_head by_age; /* oldest first */
	char number[SMS_ADDRESS_TEXT_MAX];
	struct map_routing_info info;
	uint64_t at_ms;
};

struct map_routing_memory {
	DECLARE_HASHTABLE(by_number, ROUTING_HASH_BITS);
	struct llist_head by_age;
	unsigned size, count;
};

struct map_routing_memory *map_routing_memory_alloc(void *ctx, unsigned size)
{
	struct map_routing_memory *m = talloc_zero(ctx, struct map_routing_memory);

	if (!m)
		return NULL;
	hash_init(m->by_number);
	INIT_LLIST_HEAD(&m->by_age);
	m->size = size;
	return m;
}

static uint64_t routing_key(const char *number)
{
	return recent_digest(0, view_str(number));
}

static struct routing_entry *routing_entry(struct map_routing_memory *m, const char *number)
{
	struct routing_entry *e;

	hash_for_each_possible(m->by_number, e, by_number, routing_key(number))
	{
		if (!strcmp(e->number, number))
			return e;
	}
	return NULL;
}

static void routing_drop(struct map_routing_memory *m, struct routing_entry *e)
{
	hash_del(&e->by_number);
	llist_del(&e->by_age);
	m->count--;
	talloc_free(e);
}

void map_routing_memory_set(struct map_routing_memory *m, const char *number,
			    const struct map_routing_info *info, uint64_t now_ms)
{
	struct routing_entry *e;

	map_routing_memory_forget(m, number);
	if (!m->size || strlen(number) >= sizeof(e->number))
		return;
	if (m->count == m->size)
		routing_drop(m, llist_first_entry(&m->by_age, struct routing_entry, by_age));
	e = talloc_zero(m, struct routing_entry);
	if (!e)
		return;
	strcpy(e->number, number);
	e->info = *info;
	e->at_ms = now_ms;
	hash_add(m->by_number, &e->by_number, routing_key(number));
	llist_add_tail(&e->by_age, &m->by_age);
	m->count++;
}

const struct map_routing_info *map_routing_memory_find(struct map_routing_memory *m,
						       const char *number, uint64_t age_ms,
						       uint64_t now_ms)
{
	struct routing_entry *e = routing_entry(m, number);

	if (e && now_ms - e->at_ms >= age_ms) {
		routing_drop(m, e);
		return NULL;
	}
	return e ? &e->info : NULL;
}

void map_routing_memory_forget(struct map_routing_memory *m, const char *number)
{
	struct routing_entry *e = routing_entry(m, number);

	if (e)
		routing_drop(m, e);
}

unsigned map_routing_memory_count(const struct map_routing_memory *m)
{
	return m->count;
}
