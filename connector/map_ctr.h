/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */
#pragma once

#include "compat.h"

#include <osmocom/core/rate_ctr.h>

#include "../lib/map/map_sm.h"

/* Counters of a MAP node: its dialogues, each operation, each error both ways. */

enum map_ctr {
	MAP_CTR_BEGIN_TX,
	MAP_CTR_BEGIN_EMPTY_TX,
	MAP_CTR_BEGIN_RX,
	MAP_CTR_STRANGER,
	MAP_CTR_VERSION_FALLBACK,
	MAP_CTR_REFUSED_TX,
	MAP_CTR_ABORT_TX,
	MAP_CTR_U_ABORT_RX,
	MAP_CTR_P_ABORT_RX,
	MAP_CTR_REJECT_TX,
	MAP_CTR_REPLY_DROPPED,
	MAP_CTR_DUPLICATE,
	MAP_CTR_STALE,
	MAP_CTR_FULL_INVOKING,
	MAP_CTR_EVICTED,
	MAP_CTR_TCAP_BAD,
	MAP_CTR_SCCP_BAD,
	MAP_CTR_SCCP_RETURNED_RX,
	MAP_CTR_SCCP_RETURNED_TX,
	MAP_CTR_SCCP_TESTED,
	MAP_CTR_SCCP_SEGMENTED_TX,
	MAP_CTR_SCCP_REASSEMBLED,
	MAP_CTR_SCCP_REASSEMBLY_FAILED,
	MAP_CTR_TX_FAILED,
	MAP_CTR_OPERATIONS, /* the first of those by operation */
};

/** What is counted of each operation. */
enum map_operation_ctr {
	MAP_OPERATION_CTR_TX, /* invoked by us, and how that ended */
	MAP_OPERATION_CTR_RESULT,
	MAP_OPERATION_CTR_ERROR,
	MAP_OPERATION_CTR_REJECT,
	MAP_OPERATION_CTR_ABORT,
	MAP_OPERATION_CTR_RETURNED,
	MAP_OPERATION_CTR_TIMEOUT,
	MAP_OPERATION_CTR_RX, /* invoked by a peer, and how that ended */
	MAP_OPERATION_CTR_ANSWERED,
	MAP_OPERATION_CTR_REFUSED,
	MAP_OPERATION_CTR_LOST,
	MAP_OPERATION_CTRS,
};

struct rate_ctr_group *map_ctr_alloc(void *ctx, unsigned idx);

void map_count(struct rate_ctr_group *ctrs, enum map_ctr ctr);
void map_count_operation(struct rate_ctr_group *ctrs, enum map_operation operation,
			 enum map_operation_ctr ctr);

/** A ReturnError, by its code; those that short messages do not have count as one. */
void map_count_error(struct rate_ctr_group *ctrs, int32_t code, bool sent);

/** What they stand at, for show commands and tests. */
uint64_t map_counted(struct rate_ctr_group *ctrs, enum map_ctr ctr);
uint64_t map_counted_operation(struct rate_ctr_group *ctrs, enum map_operation operation,
			       enum map_operation_ctr ctr);
uint64_t map_counted_error(struct rate_ctr_group *ctrs, int32_t code, bool sent);
