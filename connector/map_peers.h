/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */
#pragma once

#include "map_node.h"

/*
 * Who may ask us for something: calling global titles by their first digits, for all operations or for one. An
 * operation that no rule names is open to everybody; what we ask others for is not restricted.
 */

enum {
	MAP_PEERS_MAX = 256,
	MAP_PEER_PREFIX_SIZE = 21, /* digits, with NUL */
	MAP_PEER_ALL = MAP_NODE_SERVES(MAP_SRI_SM) | MAP_NODE_SERVES(MAP_MT_FORWARD_SM) |
		       MAP_NODE_SERVES(MAP_ALERT_SERVICE_CENTRE),
};

struct map_peer_rule {
	char prefix[MAP_PEER_PREFIX_SIZE];
	uint32_t operations; /* of MAP_PEER_ALL */
};

struct map_peers {
	struct map_peer_rule rules[MAP_PEERS_MAX];
	unsigned count;
	uint64_t logged_ms; /* the last line about a stranger */
};

/** Allow more to a prefix. @return 0, -EINVAL (not 1 to 20 digits), -ENOSPC */
int map_peers_allow(struct map_peers *peers, const char *prefix, uint32_t operations);

/** @return 0, -ENOENT */
int map_peers_forget(struct map_peers *peers, const char *prefix);

/** Operations that no rule names. */
uint32_t map_peers_open(const struct map_peers *peers);

/** May a node with that global title ask for one of these operations? Without digits it is a stranger. */
bool map_peers_may(const struct map_peers *peers, const char *digits, uint32_t operations);

/** May it ask for this one? If not there is a line in the log, though not for each of many. */
bool map_peers_admit(struct map_peers *peers, const struct sccp_address *peer, uint32_t operations);
