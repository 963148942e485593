/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */

/*
 * The MAP node of the connector between the MTP below it and the roles above it: its life, whether it is up,
 * and who performs what a peer asks for. Where messages go is in map_gt.c, whose a dialogue is in map_call.c.
 */

#include "map_stack_int.h"

#include <osmocom/core/rate_ctr.h>
#include <osmocom/core/talloc.h>
#include <osmocom/core/utils.h>

#include "clock.h"
#include "log.h"
#include "map_ctr.h"
#include "map_deliver.h"
#include "map_home.h"
#include "map_receive.h"
#include "map_smsc.h"
#include "mtp.h"

/* ---- what we perform ---- */

static bool home_routing(const struct map_stack *stack)
{
	return stack->config.home_routing;
}

/* An SMSC of role deliver may come at any time. */
static bool always(const struct map_stack *stack)
{
	(void)stack;
	return true;
}

static const struct {
	enum map_operation operation;
	map_perform *perform;
	bool (*configured)(const struct map_stack *stack);
} map_performers[] = {
	{MAP_SRI_SM, map_home_sri_sm, home_routing},
	{MAP_MT_FORWARD_SM, map_receive_sm, home_routing},
	{MAP_ALERT_SERVICE_CENTRE, map_deliver_alert, always},
};

/* A setting counts at once, though the node goes on to serve what it has served from its start. */
static map_perform *performer_of(const struct map_stack *stack, enum map_operation operation)
{
	for (unsigned i = 0; i < ARRAY_SIZE(map_performers); i++)
		if (map_performers[i].operation == operation && map_performers[i].configured(stack))
			return map_performers[i].perform;
	return NULL;
}

/* What is not among these is refused by the node itself. */
static uint32_t served(const struct map_stack *stack)
{
	uint32_t bits = 0;

	for (unsigned i = 0; i < ARRAY_SIZE(map_performers); i++)
		if (map_performers[i].perform && map_performers[i].configured(stack))
			bits |= MAP_NODE_SERVES(map_performers[i].operation);
	return bits;
}

/* Who may ask for nothing at all is not let in. */
static bool admits(void *data, const struct sccp_address *peer)
{
	struct map_stack *stack = data;

	return map_peers_admit(&stack->config.peers, peer, MAP_PEER_ALL);
}

static bool may_ask(struct map_stack *stack, const struct map_indication *ind)
{
	bool may = map_peers_admit(&stack->config.peers, ind->peer,
				   MAP_NODE_SERVES(ind->argument->operation));

	if (!may)
		map_count(map_node_ctrs(stack->node), MAP_CTR_STRANGER);
	return may;
}

/* After "no home-routing" an SC may still have an id of ours: it asks the HLR again, and nothing is lost. */
static int32_t why_not_performed(enum map_operation operation)
{
	return operation == MAP_MT_FORWARD_SM ? MAP_ERROR_SYSTEM_FAILURE
					      : MAP_ERROR_FACILITY_NOT_SUPPORTED;
}

static void indication(void *data, uint64_t handle, const struct map_indication *ind)
{
	struct map_stack *stack = data;
	map_perform *perform = performer_of(stack, ind->argument->operation);

	if (!may_ask(stack, ind))
		map_stack_error(stack, handle, MAP_ERROR_FACILITY_NOT_SUPPORTED);
	else if (!perform)
		map_stack_error(stack, handle, why_not_performed(ind->argument->operation));
	else if (!stack->up)
		map_stack_error(stack, handle, MAP_ERROR_SYSTEM_FAILURE);
	else
		perform(stack, handle, ind);
}

/* ---- the MTP below ---- */

/*
 * Without segmentation nothing has to stay in order, so the load is shared. All segments to one peer take one
 * way; they come one after the other.
 */
static uint8_t sls_of(struct map_stack *stack, const struct sccp_address *called,
		      struct view message)
{
	uint8_t sum = 0;

	if (message.p[0] != SCCP_XUDT && message.p[0] != SCCP_XUDTS)
		return stack->sls++;
	for (const char *p = called->digits; *p; p++)
		sum += (uint8_t)*p;
	return sum;
}

static const char *why_not_sent(int rc)
{
	switch (rc) {
	case -ELOOP:
		return "that is our own point code";
	case -ENOTCONN:
		return "no application server is active";
	case -EIO:
		return "no way there, or none that is up";
	default:
		return strerror(-rc);
	}
}

static int tx(void *data, const struct sccp_address *called, struct view message)
{
	struct map_stack *stack = data;
	uint32_t pc;
	int rc = map_stack_route(&stack->config, called, &pc);

	if (rc < 0) {
		LOGP(DMAP, LOGL_NOTICE, "no gt route for %s: message not sent\n", called->digits);
		return rc;
	}
	rc = mtp_tx(stack->mtp, pc, sls_of(stack, called, message), message);
	if (rc < 0)
		LOGP(DMAP, LOGL_NOTICE, "message to %s at %s not sent: %s\n", called->digits,
		     mtp_pc_name(stack->config.cs7_instance, pc), why_not_sent(rc));
	return rc;
}

static void rx(void *data, uint32_t opc, struct view message)
{
	struct map_stack *stack = data;

	map_node_rx_from(stack->node, opc, message);
}

static void changed(void *data, bool up)
{
	(void)up;
	map_stack_update(data);
}

/* ---- up and down ---- */

void map_stack_update(struct map_stack *stack)
{
	bool up = stack->started && mtp_is_up(stack->mtp) && !stack->config.shutdown &&
		  !stack->c->stopping;

	if (up == stack->up)
		return;
	stack->up = up;
	stack->changed_us = clock_us();
	LOGP(DMAP, LOGL_NOTICE, "MAP is %s\n", up ? "up" : "down");
	map_smsc_stack_changed(stack->c);
}

bool map_stack_is_up(const struct map_stack *stack)
{
	return stack && stack->up;
}

bool map_stack_is_idle(const struct map_stack *stack)
{
	return !stack->node ||
	       (map_node_invoking(stack->node) == 0 && map_node_performing(stack->node) == 0);
}

/* ---- life ---- */

static const struct map_config map_config_default = {
	.registered_only = true,
	.correlation_s = 1800,
	.restart_s = 1800,
	.correlations_max = 100000,
	.relay_csps = true,
	.report = true,
	.ready = true,
	.routing_info_s = 60,
};

struct map_stack *map_stack_alloc(struct connector *c)
{
	static const struct mtp_ops ops = {.rx = rx, .changed = changed};
	struct map_stack *stack = talloc_zero(c, struct map_stack);

	if (!stack)
		return NULL;
	stack->c = c;
	stack->config = map_config_default;
	stack->config.node = map_node_config_default;
	hash_init(stack->calls);
	hash_init(stack->served);
	stack->changed_us = clock_us();
	stack->mtp = mtp_alloc(stack, &ops, stack);
	if (!stack->mtp) {
		talloc_free(stack);
		return NULL;
	}
	return stack;
}

void map_stack_free(struct map_stack *stack)
{
	map_deliver_free(stack);
	map_receive_free(stack);
	map_home_free(stack);
	mtp_free(stack->mtp);
	if (stack->node)
		map_node_free(stack->node);
	talloc_free(stack);
}

static int refuse(int rc, const char *why)
{
	LOGP(DMAP, LOGL_ERROR, "map: %s\n", why);
	return rc;
}

static int node_build(struct map_stack *stack)
{
	static const struct map_node_ops ops = {
		.tx = tx,
		.outcome = map_call_outcome,
		.indication = indication,
		.ended = map_served_ended,
		.admits = admits,
	};

	if (!map_stack_is_idle(stack))
		return 0;
	if (stack->node)
		map_node_free(stack->node);
	stack->config.node.own = map_stack_own(stack, SCCP_SSN_MSC);
	stack->config.node.served = served(stack);
	stack->node = map_node_alloc(stack, &stack->config.node, &ops, stack);
	map_receive_begin(stack);
	return stack->node ? 0 : refuse(-ENOMEM, "out of memory");
}

static int mtp_become_user(struct map_stack *stack)
{
	int rc = mtp_start(stack->mtp, stack->config.cs7_instance);

	switch (rc) {
	case 0:
		return 0;
	case -ENOENT:
		return refuse(rc, "there is no such cs7 instance (cs7-instance)");
	case -EINVAL:
		return refuse(rc, "its cs7 instance has no point-code");
	default:
		return refuse(rc, "its cs7 instance cannot be used");
	}
}

static int check(const struct map_stack *stack)
{
	if (!stack->config.address.text[0])
		return refuse(-EINVAL, "no address is set");
	if (!stack->config.n_routes)
		return refuse(-EINVAL, "no gt route is set (route default pc ...)");
	return 0;
}

static void tell_open(const struct map_stack *stack)
{
	uint32_t open = served(stack) & map_peers_open(&stack->config.peers);

	for (unsigned i = 0; i < ARRAY_SIZE(map_performers); i++)
		if (open & MAP_NODE_SERVES(map_performers[i].operation))
			LOGP(DMAP, LOGL_NOTICE,
			     "%s is open to everybody in the SS7 network: no peer allow names it\n",
			     map_operation_name(map_performers[i].operation));
}

int map_stack_start(struct map_stack *stack)
{
	int rc;

	if (!stack->config.present || stack->config.shutdown)
		return 0;
	rc = check(stack);
	if (!rc)
		rc = node_build(stack);
	if (!rc && stack->config.home_routing && !map_home_of(stack))
		rc = refuse(-ENOMEM, "out of memory");
	if (!rc && !stack->started)
		rc = mtp_become_user(stack);
	if (rc)
		return rc;
	tell_open(stack);
	stack->started = true;
	map_stack_update(stack);
	return 0;
}

void map_stack_stop(struct map_stack *stack)
{
	map_stack_update(stack);
}
