/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */

/* The node as an object: settings, clock, randomness, life. What it does is in dialogue*.c and map_sccp.c. */

#include "dialogue.h"

#include <sys/random.h>
#include <time.h>

#include <osmocom/core/talloc.h>

#include "recent.h"
#include "version_memory.h"

enum {
	REASSEMBLY_MS = 15000, /* Q.714 T(reassembly): 10 to 20 s */
	ID_QUARANTINE_MS = 600000,
};

const struct map_node_config map_node_config_default = {
	.served = MAP_NODE_SERVES(MAP_SRI_SM) | MAP_NODE_SERVES(MAP_MT_FORWARD_SM) |
		  MAP_NODE_SERVES(MAP_ALERT_SERVICE_CENTRE) | MAP_NODE_SERVES(MAP_READY_FOR_SM),
	.ssns = {SCCP_SSN_HLR, SCCP_SSN_VLR, SCCP_SSN_MSC, SCCP_SSN_SGSN, SCCP_SSN_GSMSCF},
	.n_ssns = 5,
	.version_max = 3,
	.message_max = SCCP_UDT_SIF,
	.short_s = 10,
	.medium_s = 30,
	.long_s = 60,
	.idle_s = 30,
	.guard_s = 600,
	.duplicate_s = 5,
	.version_age_s = 24 * 3600,
	.invoking_max = 4096,
	.performing_max = 4096,
	.versions_max = 4096,
	.recent_max = 16384,
	.reassembly_slots = 64,
};

void map_node_random(struct map_node *node, void *out, size_t octets)
{
	if (node->ops.random) {
		node->ops.random(node->data, out, octets);
		return;
	}
	while (getrandom(out, octets, 0) != (ssize_t)octets)
		;
}

/* ---- life ---- */

static bool parts_alloc(struct map_node *node)
{
	const struct map_node_config *config = &node->config;

	node->ctrs = map_ctr_alloc(node, config->ctr_idx);
	node->versions = version_memory_alloc(node, config->versions_max,
					      (uint64_t)config->version_age_s * 1000);
	node->received =
		recent_alloc(node, config->recent_max, (uint64_t)config->duplicate_s * 1000);
	node->dialogues.ids = recent_alloc(node, config->recent_max, ID_QUARANTINE_MS);
	node->reassembly.slot_count = config->reassembly_slots;
	node->reassembly.timeout_ms = REASSEMBLY_MS;
	node->reassembly.slots =
		talloc_zero_array(node, struct sccp_reassembly_slot, config->reassembly_slots);
	return node->ctrs && node->versions && node->received && node->dialogues.ids &&
	       node->reassembly.slots;
}

struct map_node *map_node_alloc(void *ctx, const struct map_node_config *config,
				const struct map_node_ops *ops, void *data)
{
	struct map_node *node = talloc_zero(ctx, struct map_node);

	if (!node)
		return NULL;
	node->config = *config;
	node->ops = *ops;
	node->data = data;
	hash_init(node->dialogues.by_id);
	hash_init(node->dialogues.by_handle);
	INIT_LLIST_HEAD(&node->dialogues.invoking);
	INIT_LLIST_HEAD(&node->dialogues.serving);
	INIT_LLIST_HEAD(&node->dialogues.idle);
	if (!parts_alloc(node)) {
		map_node_free(node);
		return NULL;
	}
	map_node_random(node, &node->seed, sizeof(node->seed));
	map_node_random(node, &node->segment_reference, sizeof(node->segment_reference));
	return node;
}

static void free_all(struct llist_head *dialogues)
{
	while (!llist_empty(dialogues))
		dialogue_free(llist_first_entry(dialogues, struct dialogue, entry));
}

void map_node_free(struct map_node *node)
{
	free_all(&node->dialogues.invoking);
	free_all(&node->dialogues.serving);
	free_all(&node->dialogues.idle);
	if (node->ctrs)
		rate_ctr_group_free(node->ctrs);
	talloc_free(node);
}

/* ---- show ---- */

unsigned map_node_invoking(const struct map_node *node)
{
	return node->dialogues.invoking_count;
}

unsigned map_node_performing(const struct map_node *node)
{
	return node->dialogues.performing_count;
}

struct rate_ctr_group *map_node_ctrs(struct map_node *node)
{
	return node->ctrs;
}

const char *map_end_name(enum map_end end)
{
	static const char *const NAMES[] = {
		[MAP_END_RESULT] = "result",	 [MAP_END_ERROR] = "error",
		[MAP_END_REJECT] = "reject",	 [MAP_END_REFUSED] = "refused",
		[MAP_END_U_ABORT] = "u-abort",	 [MAP_END_P_ABORT] = "p-abort",
		[MAP_END_RETURNED] = "returned", [MAP_END_TIMEOUT] = "timeout",
		[MAP_END_CLOSED] = "closed",	 [MAP_END_EVICTED] = "evicted",
		[MAP_END_NOT_SENT] = "not sent",
	};

	return (unsigned)end < ARRAY_SIZE(NAMES) ? NAMES[end] : "unknown";
}
