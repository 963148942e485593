/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */
#pragma once

#include "map_stack.h"

#include "clock.h"
#include "correlation.h"

/*
 * Home routing (TS 23.204 6.14, TS 23.040 3.2.8): sendRoutingInfoForSM for our users, which the HSS hands on, is
 * answered with our own address and an MT correlation id in place of the IMSI. Who an MT-ForwardSM is
 * for (map_receive.c) is known from here.
 */

enum map_home_ctr {
	MAP_HOME_CTR_QUERY_OURS,
	MAP_HOME_CTR_QUERY_RELAYED,
	MAP_HOME_CTR_QUERY_FAILED,
	MAP_HOME_CTR_QUERY_LOOP,
	MAP_HOME_CTR_CORRELATION_FULL,
	MAP_HOME_CTR_CORRELATION_UNKNOWN,
	MAP_HOME_CTR_SM_RX,
	MAP_HOME_CTR_SM_ACCEPTED,
	MAP_HOME_CTR_SM_REFUSED,
	MAP_HOME_CTR_SM_UNHEARD,
	MAP_HOME_CTR_SM_REPEATED,
	MAP_HOME_CTR_REPORT_RX,
	MAP_HOME_CTR_RELAY_TX,
	MAP_HOME_CTR_RELAY_ACCEPTED,
	MAP_HOME_CTR_RELAY_FAILED,
	MAP_HOME_CTR_STATUS_TX,
};

/** With the first use; later settings of the tables count after the next start. @return NULL if memory is out */
struct map_home *map_home_of(struct map_stack *stack);
void map_home_free(struct map_stack *stack);

void map_home_count(struct map_stack *stack, enum map_home_ctr ctr);

/** SRI-SM of a peer. */
map_perform map_home_sri_sm;

/** LINK_USER: the answer to a query of ours, or ref 0 when a user becomes registered or is gone. */
void map_home_user(struct map_stack *stack, uint64_t ref, const char *number, bool registered);

/**
 * Whom the IMSI of an MT-ForwardSM means: a correlation id of ours, or a subscriber.
 * @param code  of the error to answer if it is nobody
 * @return NULL
 */
const struct correlation *map_home_recipient(struct map_stack *stack, const char *imsi,
					     int32_t *code);

/** The same error in another version (TS 29.002 17.6.6): what an HLR or a node of another one has said. */
struct map_error map_home_error(const struct map_error *error, uint8_t version);

/** That user was reported absent: the HLR is told when he is back. */
void map_home_absent(struct map_stack *stack, const struct sms_address *msisdn, const char *imsi);

/** He is back, and nothing else about him is on its way to the HLR. */
void map_home_back(struct map_stack *stack, const char *number);

/** For show commands. */
struct map_home_show {
	unsigned ids, imsis, waiting, queries;
	struct rate_ctr_group *ctrs; /* NULL: never used */
};

struct map_home_show map_home_show(const struct map_stack *stack);
