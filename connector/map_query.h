/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */
#pragma once

#include "map_home_int.h"

#include <osmocom/core/timer.h>

/* One SRI-SM in hand: map_query.c asks, map_query_answer.c answers. */

enum hlr_answer { HLR_NONE_YET, HLR_NODES, HLR_ABSENT, HLR_ERROR, HLR_FAILED };

struct map_query {
	struct llist_head entry;
	struct hlist_node by_ref, by_number;
	struct map_home *home;
	struct map_served served;
	struct map_call call;
	struct osmo_timer_list timer;
	uint64_t ref; /* of LINK_QUERY */
	uint8_t version;
	struct sms_address msisdn;
	char number[SMS_ADDRESS_TEXT_MAX + 1];
	bool not_intended, gprs_supported;
	bool is_report; /* a status report will follow */
	bool user_known, registered;
	bool is_blind; /* the module has not said it, so it is a guess */
	bool is_late;
	enum hlr_answer hlr;
	struct map_sri_sm_result result; /* HLR_NODES */
	struct map_error error;		 /* HLR_ABSENT, HLR_ERROR; without views */
};

/** Without an answer. */
void map_query_free(struct map_query *q);

/** Answer with systemFailure; q is gone. */
void map_query_fail(struct map_query *q, const char *why);

/** Answer if what is known by now is enough for that; then q is gone. */
void map_query_decide(struct map_query *q);
