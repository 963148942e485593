/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */
#pragma once

#include "../lib/map/map_sm.h"

/*
 * Where a recipient is served: what the HLR answers to sendRoutingInfoForSM (TS 29.002 12.1), and a memory of
 * such answers, bounded in number and age; the oldest gives way. Time is a parameter, any clock that does
 * not go back.
 */

enum { MAP_SERVING_NODES_MAX = 2 };

enum map_serving_node_type { MAP_SERVING_MSC, MAP_SERVING_SGSN };

struct map_serving_node {
	enum map_serving_node_type type;
	bool roaming_number; /* version 1: a roaming number stands for node and recipient */
	struct sms_address number;
};

struct map_routing_info {
	char imsi[MAP_IMSI_SIZE];
	struct map_serving_node nodes[MAP_SERVING_NODES_MAX]; /* in the order they are tried */
	unsigned n_nodes;				      /* at least one */
};

/**
 * The nodes that take MT-ForwardSM, those of type first before others.
 * @param own  our own address, which would lead back to us, is left out
 * @return 0, -ENODATA (no such node, or no IMSI), -ELOOP (no node but us)
 */
int map_routing_info_of(const struct map_sri_sm_result *result, enum map_serving_node_type first,
			const struct sms_address *own, struct map_routing_info *out);

struct map_routing_memory;

/** Freed with its talloc context. @return NULL if memory is out */
struct map_routing_memory *map_routing_memory_alloc(void *ctx, unsigned size);

/** @param number  digits of the recipient */
void map_routing_memory_set(struct map_routing_memory *m, const char *number,
			    const struct map_routing_info *info, uint64_t now_ms);

/** What is younger than age_ms. @return valid until the next call, or NULL */
const struct map_routing_info *map_routing_memory_find(struct map_routing_memory *m,
						       const char *number, uint64_t age_ms,
						       uint64_t now_ms);

void map_routing_memory_forget(struct map_routing_memory *m, const char *number);

unsigned map_routing_memory_count(const struct map_routing_memory *m);
