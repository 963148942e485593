/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */
#pragma once

#include "map_receive.h"

#include <osmocom/core/timer.h>

#include "answered.h"
#include "inbound.h"
#include "map_delivery_status.h"
#include "map_home.h"

/*
 * One MT-ForwardSM in hand:
 *
 *   map_receive.c   comes in, is asked of the module, is answered
 *   map_more.c      the recipient of those that follow in the same dialogue
 *   map_relay.c     to the serving nodes
 *   map_status.c    reportSM-DeliveryStatus
 */

struct recent;

enum {
	RECEIVE_HASH_BITS = 10,
	MORE_MAX = 4096,
	STATUS_MAX = 512, /* reports without an answer */
};

/** A dialogue in which more messages will follow, which need not name recipient and SC again. */
struct map_more {
	struct hlist_node by_handle;
	struct llist_head entry;
	uint64_t handle;
	char imsi[MAP_IMSI_SIZE];
	struct sms_address sc_address;
};

struct map_receive {
	struct map_stack *stack;
	struct llist_head all; /* struct map_mt */
	DECLARE_HASHTABLE(by_number, RECEIVE_HASH_BITS);
	unsigned count;
	struct recent *owed; /* delivered, but the peer was gone before it could be told */
	uint32_t last_session;
	DECLARE_HASHTABLE(more_by_handle, RECEIVE_HASH_BITS);
	struct llist_head more; /* struct map_more, oldest first */
	unsigned n_more;
	struct llist_head reports; /* struct map_status */
	unsigned n_reports;
};

struct map_mt {
	struct llist_head entry;
	struct hlist_node by_number;
	struct map_receive *receive;
	struct map_stack *stack;
	struct map_served served;
	struct inbound_wait wait;
	struct map_call call;
	struct osmo_timer_list timer; /* guard */
	bool is_unheard;	      /* the peer is gone */
	bool is_back;		      /* A has registered meanwhile */
	uint64_t begun_ms;
	uint8_t version;
	struct sms_address msisdn, sc_address;
	char number[SMS_ADDRESS_TEXT_MAX + 1];
	struct map_routing_info routing;
	uint8_t tpdu[MAP_SM_RP_UI_MAX];
	size_t octets;
	bool is_report, is_part, is_for_ims_only;
	uint64_t key; /* of its content */
	uint32_t session;
	char smsc[SMSC_NAME_SIZE];
	/* how it ends in IMS, and at the nodes */
	struct map_cause_refusal refusal; /* as in version 3 */
	struct map_delivery_status status;
	unsigned at;		     /* the node in turn */
	struct map_error node_error; /* of the last node that gave one; code 0: none did */
	uint8_t diagnostic_info[MAP_SM_RP_UI_MAX];
	bool is_uncertain; /* a node may have taken it */
};

static inline struct view map_mt_tpdu(const struct map_mt *mt)
{
	return (struct view){mt->tpdu, mt->octets};
}

/* ---- map_receive.c: the end; mt is gone ---- */

/** @param report  SMS-DELIVER-REPORT, may be empty */
void map_mt_accept(struct map_mt *mt, struct view report, const char *by);
void map_mt_refuse(struct map_mt *mt, const struct map_error *error, const char *by);

/* ---- map_more.c ---- */

/** Who is meant, and from which SC: as said here, or earlier in the dialogue. @return false if neither says it */
bool map_more_resolve(struct map_receive *receive, uint64_t handle, const struct map_indication *i,
		      char imsi[MAP_IMSI_SIZE], struct sms_address *sc_address);
void map_more_free_all(struct map_receive *receive);

/* ---- map_relay.c ---- */

/** Is there a node to relay to, and the time? */
bool map_relay_possible(const struct map_mt *mt);

/** Try the nodes in turn. It ends with map_mt_accept() or map_mt_refuse(). */
void map_relay(struct map_mt *mt);

/* ---- map_status.c ---- */

/** A has registered. @return whether a report about him is on its way; readyForSM follows it */
bool map_status_user(struct map_receive *receive, const char *number);

/** Tell the HLR how it ended, if it wants to know of that, and keep who was absent. */
void map_status_report(struct map_mt *mt);
void map_status_free_all(struct map_receive *receive);

/**
 * The outcomes in IMS and at nodes as one report (TS 29.002 7.6.8): alone, that of IMS stands in sm-DeliveryOutcome.
 * @param ims  without outcome: not one that an HLR knows
 * @return whether there is anything to report
 */
bool map_status_argument(const struct map_cause_report *ims,
			 const struct map_delivery_status *nodes,
			 struct map_report_sm_delivery_status *out);
