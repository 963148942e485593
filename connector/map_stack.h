/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */
#pragma once

#include "connector.h"

#include <osmocom/core/hashtable.h>
#include <osmocom/core/linuxlist.h>
#include <osmocom/core/utils.h>

#include "map_node.h"
#include "map_peers.h"

/*
 * The one MAP node of the connector: the settings of the VTY node "map", a struct map_node on a struct mtp,
 * global title routing between them, and above it the roles, which invoke operations through a struct map_call and
 * perform those that they have put into map_performers (map_stack.c).
 *
 *   map_submit.c    MO-ForwardSM to a service centre
 *   map_deliver.c   SRI-SM, MT-ForwardSM, report, alert: delivery without a service centre
 *   map_home.c      SRI-SM of others for our users: home routing, correlation ids
 *   map_receive.c   MT-ForwardSM of others
 */

enum {
	MAP_STACK_ROUTES_MAX = 64,
	MAP_GT_SIZE = 21, /* digits of a global title prefix, with NUL */
};

/** Which node translates, or has, a global title: the longest prefix decides. */
struct map_gt_route {
	char prefix[MAP_GT_SIZE]; /* "" is the default route */
	uint32_t pc;
};

struct map_config {
	bool present; /* there is a node "map" in the configuration: without it all the rest is nothing */
	unsigned cs7_instance;
	struct sms_address
		address; /* ours: the global title that we send from, and the SC address that we name */
	uint8_t tt;	 /* translation type of what we send */
	struct sms_address hlr; /* "": by the subscriber's own number */
	struct map_gt_route routes[MAP_STACK_ROUTES_MAX];
	unsigned n_routes;
	struct map_node_config node;
	struct map_peers peers; /* who may ask us */
	/* home routing (TS 23.204 6.14) */
	bool home_routing;    /* answer sendRoutingInfoForSM */
	bool registered_only; /* others are relayed as if we were not there */
	char plmn
		[7]; /* MCC and MNC of correlation ids where the HLR gave no IMSI; "" for those of the IMSI */
	unsigned correlation_s; /* how long an id holds, at least 600 */
	unsigned
		restart_s; /* after a start unknown ids may be of the time before: refused for now */
	unsigned correlations_max;
	bool relay_csps; /* what A does not take goes to the serving node, too */
	bool report;	 /* reportSM-DeliveryStatus to the HLR */
	bool ready;	 /* readyForSM when such a user is back */
	/* terminating delivery (4.2) */
	bool prefer_sgsn;
	unsigned routing_info_s; /* how long the HLR's answer is used again */
	bool shutdown;
};

struct map_stack {
	struct connector *c;
	struct map_config config;
	struct map_node *node; /* NULL until started */
	struct mtp *mtp;
	bool started; /* the MTP's user */
	bool up;
	uint8_t sls; /* of the next message */
	uint64_t changed_us;
	struct map_home *home;	       /* map_home.c */
	struct map_receive *receive;   /* map_receive.c */
	struct map_deliver *deliver;   /* map_deliver.c */
	DECLARE_HASHTABLE(calls, 10);  /* struct map_call */
	DECLARE_HASHTABLE(served, 10); /* struct map_served */
};

/** @return NULL if memory is out */
struct map_stack *map_stack_alloc(struct connector *c);
void map_stack_free(struct map_stack *stack);

/**
 * Take the configuration into use: build the node, become the MTP's user. Nothing happens without a node "map" or
 * while it is shut down. Settings of the node that have changed since count only if no dialogue is open.
 * @return 0, -errno with a line in the log
 */
int map_stack_start(struct map_stack *stack);

/** The connector stops: invoke nothing new and refuse what comes. */
void map_stack_stop(struct map_stack *stack);

/** It can send: configured, running, and the MTP is there. */
bool map_stack_is_up(const struct map_stack *stack);

/** Look again whether it is up: a setting has changed that decides it. */
void map_stack_update(struct map_stack *stack);

/** No dialogue is open. */
bool map_stack_is_idle(const struct map_stack *stack);

/* ---- addresses and routes (map_gt.c) ---- */

/** Set or change one. @return 0, -EINVAL (no prefix of at most 20 digits), -ENOSPC */
int map_stack_route_add(struct map_config *config, const char *prefix, uint32_t pc);

/** @return 0, -ENOENT */
int map_stack_route_del(struct map_config *config, const char *prefix);

/** Where a message to that address goes first. @return 0, -EHOSTUNREACH */
int map_stack_route(const struct map_config *config, const struct sccp_address *called,
		    uint32_t *pc);

/** An international E.164 global title (GTI 4) with that subsystem number, routed on it. */
struct sccp_address map_stack_gt(const struct map_stack *stack, const struct sms_address *number,
				 uint8_t ssn);

/** Ours. */
struct sccp_address map_stack_own(const struct map_stack *stack, uint8_t ssn);

/** Where the HLR (HSS) of that subscriber is asked. */
struct sccp_address map_stack_hlr(const struct map_stack *stack, const struct sms_address *msisdn);

/* ---- invoke ---- */

/** A dialogue of ours. Its owner embeds it, zeroed, and gets outcome() once for each invoke that returned 0. */
struct map_call {
	struct hlist_node by_handle;
	uint64_t handle; /* 0: none is open */
	void (*outcome)(struct map_call *call, const struct map_outcome *outcome);
};

/** As map_node_invoke(); also -ENOTCONN if the stack is not up. */
int map_call_invoke(struct map_stack *stack, struct map_call *call,
		    const struct map_request *request);

/** As map_node_invoke_next(). */
int map_call_next(struct map_stack *stack, struct map_call *call,
		  const struct map_argument *argument);

/** Close the dialogue if it is open and waits for us, and forget it in any case: no outcome follows. */
void map_call_end(struct map_stack *stack, struct map_call *call);

/* ---- perform ---- */

/** A peer's operation that waits for our answer; ended() is called at most once, and not after an answer. */
struct map_served {
	struct hlist_node by_handle;
	uint64_t handle; /* 0: none */
	void (*ended)(struct map_served *served, const struct map_outcome *why);
};

/** Be told when the dialogue ends before it is answered. */
void map_served_add(struct map_stack *stack, struct map_served *served, uint64_t handle);

/** Answer with a result or a ReturnError, and forget. An answer that does not go out is logged and counted. */
void map_served_result(struct map_stack *stack, struct map_served *served,
		       const struct map_result *result);
void map_served_error(struct map_stack *stack, struct map_served *served,
		      const struct map_error *error);

/** The same where nothing has to be waited for. */
void map_stack_result(struct map_stack *stack, uint64_t handle, const struct map_result *result);
void map_stack_error(struct map_stack *stack, uint64_t handle, int32_t code);

/** What performs an operation; NULL: it is not served. */
typedef void map_perform(struct map_stack *stack, uint64_t handle,
			 const struct map_indication *indication);
