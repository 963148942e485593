/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */

/*
 * Rules about calling global titles. They are few and looked at once for a dialogue, so a list is enough. What a
 * message says of its sender is not proved by this: where others could say it too, the STP has to screen.
 */

#include "map_peers.h"

#include <errno.h>
#include <string.h>

#include <osmocom/core/timer.h>

#include "log.h"

enum { STRANGER_LOG_MS = 10000 };

static struct map_peer_rule *rule_find(struct map_peers *peers, const char *prefix)
{
	for (unsigned i = 0; i < peers->count; i++)
		if (strcmp(peers->rules[i].prefix, prefix) == 0)
			return &peers->rules[i];
	return NULL;
}

int map_peers_allow(struct map_peers *peers, const char *prefix, uint32_t operations)
{
	struct map_peer_rule *rule = rule_find(peers, prefix);
	size_t len = strlen(prefix);

	if (!len || len >= MAP_PEER_PREFIX_SIZE || prefix[strspn(prefix, "0123456789")])
		return -EINVAL;
	if (!rule && peers->count == MAP_PEERS_MAX)
		return -ENOSPC;
	if (!rule) {
		rule = &peers->rules[peers->count++];
		*rule = (struct map_peer_rule){0};
		memcpy(rule->prefix, prefix, len + 1);
	}
	rule->operations |= operations;
	return 0;
}

int map_peers_forget(struct map_peers *peers, const char *prefix)
{
	struct map_peer_rule *rule = rule_find(peers, prefix);
	unsigned behind;

	if (!rule)
		return -ENOENT;
	behind = (unsigned)(&peers->rules[peers->count--] - rule) - 1;
	memmove(rule, rule + 1, behind * sizeof(*rule));
	return 0;
}

uint32_t map_peers_open(const struct map_peers *peers)
{
	uint32_t named = 0;

	for (unsigned i = 0; i < peers->count; i++)
		named |= peers->rules[i].operations;
	return MAP_PEER_ALL & ~named;
}

bool map_peers_may(const struct map_peers *peers, const char *digits, uint32_t operations)
{
	for (unsigned i = 0; i < peers->count; i++) {
		const struct map_peer_rule *rule = &peers->rules[i];

		if (rule->operations & operations &&
		    strncmp(digits, rule->prefix, strlen(rule->prefix)) == 0)
			return true;
	}
	return operations & map_peers_open(peers);
}

bool map_peers_admit(struct map_peers *peers, const struct sccp_address *peer, uint32_t operations)
{
	struct timespec ts;
	uint64_t now_ms;

	if (map_peers_may(peers, peer->digits, operations))
		return true;
	osmo_clock_gettime(CLOCK_MONOTONIC, &ts);
	now_ms = (uint64_t)ts.tv_sec * 1000 + (uint64_t)ts.tv_nsec / 1000000;
	if (!peers->logged_ms || now_ms - peers->logged_ms >= STRANGER_LOG_MS) {
		peers->logged_ms = now_ms;
		LOGP(DMAP, LOGL_NOTICE, "refused: %s is not allowed to ask for that (peer allow)\n",
		     peer->digits[0] ? peer->digits : "a node without a global title");
	}
	return false;
}
