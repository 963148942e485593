/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */
#pragma once

#include "map_home.h"

#include <osmocom/core/rate_ctr.h>

/* What map_home.c (tables) and map_query*.c (SRI-SM in hand) have to do with each other. */

struct map_waiting;

enum { HOME_HASH_BITS = 10 };

struct map_home {
	struct map_stack *stack;
	struct correlation_table *ids;	 /* correlation ids */
	struct correlation_table *imsis; /* of subscribers that the HLR told */
	struct map_waiting *waiting;
	struct llist_head queries; /* struct map_query */
	DECLARE_HASHTABLE(by_ref, HOME_HASH_BITS);
	DECLARE_HASHTABLE(by_number, HOME_HASH_BITS);
	unsigned n_queries;
	uint64_t last_ref; /* of LINK_QUERY */
	uint64_t started_ms, full_logged_ms;
	struct rate_ctr_group *ctrs;
};

/* ---- map_home.c ---- */

/** Remember what the HLR told. */
void map_home_learn(struct map_home *home, const struct sms_address *msisdn,
		    const struct map_routing_info *routing);

/** The IMSI of that subscriber as far as it is remembered, or "". */
const char *map_home_imsi(const struct map_home *home, const struct sms_address *msisdn);

/** A new id for a message to that subscriber. @return NULL, logged and counted */
struct correlation *map_home_correlate(struct map_home *home, const struct sms_address *msisdn,
				       const char *imsi);

/* ---- map_query.c ---- */

void map_query_user(struct map_home *home, uint64_t ref, const char *number, bool registered);
void map_query_free_all(struct map_home *home);
