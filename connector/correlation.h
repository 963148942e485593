/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */
#pragma once

#include "compat.h"

#include <osmocom/core/linuxlist.h>

#include "map_routing_info.h"

/*
 * Recipients by what an MT-ForwardSM calls them: MT correlation ids, which stand where an IMSI would
 * (TS 23.040 3.2.8), and IMSIs that an HLR has told. Bounded in number and age; time is a parameter, any
 * clock that does not go back.
 */

enum {
	CORRELATION_ID_DIGITS = 15,
	CORRELATION_PLMN_DIGITS = 6,
	CORRELATION_RANDOM = 1000000000, /* the digits behind MCC and MNC */
};

struct correlation {
	struct hlist_node by_id, by_msisdn;
	struct llist_head entry; /* who has not been used for longest is first */
	char id[MAP_IMSI_SIZE];
	uint64_t added_ms, used_ms;
	struct sms_address msisdn;
	/* the owner's */
	struct map_routing_info routing; /* what of it the HLR has told */
};

struct correlation_table;

/**
 * Freed with its talloc context.
 * @param max      entries
 * @param keep_ms  how long after its last use an entry never gives way to another
 * @param age_ms   how long an entry holds
 */
struct correlation_table *correlation_table_alloc(void *ctx, unsigned max, uint64_t keep_ms,
						  uint64_t age_ms);

/** One that holds; that is a use of it. @return NULL if there is none */
struct correlation *correlation_find(struct correlation_table *t, const char *id, uint64_t now_ms);

/** The one added last, of those that hold, for a subscriber. That is no use of it. @return NULL */
const struct correlation *correlation_of_msisdn(const struct correlation_table *t,
						const struct sms_address *msisdn, uint64_t now_ms);

/**
 * A new entry, in the place of the one that has not been used for longest if the table is full.
 * @return NULL if the id is there, or that one must be kept, or memory is out
 */
struct correlation *correlation_add(struct correlation_table *t, const char *id,
				    const struct sms_address *msisdn, uint64_t now_ms);

void correlation_del(struct correlation_table *t, struct correlation *entry);

unsigned correlation_count(const struct correlation_table *t);

/* ---- ids ---- */

/**
 * MCC and MNC of the ids for a subscriber, the MNC in three digits.
 * @param plmn  5 or 6 digits that decide, or ""
 * @param imsi  that decides otherwise, or ""
 * @return 0, -ENOENT (neither tells)
 */
int correlation_plmn(const char *imsi, const char *plmn, char out[CORRELATION_PLMN_DIGITS + 1]);

/** @param random  32 bits. @return 0, -EAGAIN (that number must not be taken: another one, please) */
int correlation_id(const char plmn[CORRELATION_PLMN_DIGITS + 1], uint32_t random,
		   char id[CORRELATION_ID_DIGITS + 1]);
