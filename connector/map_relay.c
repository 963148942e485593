/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */

/*
 * What A does not take in IMS goes to the nodes that the HLR named, with A's own IMSI (TS 23.204 6.14, spec 5.7):
 * one after the other, as long as none may have taken it and the peer still waits. What a node says is the answer; the
 * HLR is told when all have failed.
 */

#include "map_receive_int.h"

#include <osmocom/core/utils.h>

#include "log.h"

enum { RELAY_SHARE = 6 }; /* that part of the peer's time must be left */

bool map_relay_possible(const struct map_mt *mt)
{
	const struct map_config *config = &mt->stack->config;
	uint64_t spent_ms = clock_ms() - mt->begun_ms,
		 all_ms = config->node.long_s * 1000ull;

	return config->relay_csps && mt->at < mt->routing.n_nodes && *mt->routing.imsi &&
	       spent_ms + all_ms / RELAY_SHARE <= all_ms;
}

/* ---- all have failed ---- */

static void relay_failed(struct map_mt *mt)
{
	struct map_error error = {.code = MAP_ERROR_SYSTEM_FAILURE};

	map_home_count(mt->stack, MAP_HOME_CTR_RELAY_FAILED);
	if (mt->node_error.code)
		error = mt->node_error;
	else if (!mt->is_uncertain)
		error = mt->refusal.error;
	if (!mt->is_unheard && !mt->is_uncertain)
		map_status_report(mt);
	map_mt_refuse(mt, &error, "node");
}

/* The views of an error end with the callback. */
static void relay_keep_error(struct map_mt *mt, const struct map_error *error)
{
	struct view info = {0};

	mt->node_error = *error;
	if (error->code != MAP_ERROR_SM_DELIVERY_FAILURE)
		return;
	info = error->sm_delivery_failure.diagnostic_info;
	if (info.len > sizeof(mt->diagnostic_info))
		info.len = 0;
	if (info.len)
		memcpy(mt->diagnostic_info, info.p, info.len);
	mt->node_error.sm_delivery_failure.diagnostic_info =
		(struct view){mt->diagnostic_info, info.len};
}

/* ---- one of them ---- */

static void relay_outcome(struct map_call *call, const struct map_outcome *o)
{
	struct map_mt *mt = container_of(call, struct map_mt, call);
	struct map_cause_delivery d = map_cause_of_delivery(o);

	if (o->open)
		map_call_end(mt->stack, call);
	if (o->end == MAP_END_RESULT) {
		map_home_count(mt->stack, MAP_HOME_CTR_RELAY_ACCEPTED);
		map_mt_accept(mt, o->result->forward_sm.sm_rp_ui, "node");
		return;
	}
	LOGP(DMAP, LOGL_INFO, "MT-ForwardSM for %s relayed to %s: %s\n", mt->number,
	     mt->routing.nodes[mt->at].number.text, d.cause.reason);
	if (o->end == MAP_END_ERROR)
		relay_keep_error(mt, o->error);
	mt->is_uncertain = o->uncertain;
	map_delivery_status_failed(&mt->status, mt->routing.nodes[mt->at].type, &d.report);
	mt->at++;
	if (d.other_node && !mt->is_unheard && map_relay_possible(mt))
		map_relay(mt);
	else
		relay_failed(mt);
}

static struct map_rp_address relay_recipient(const struct map_mt *mt)
{
	const struct map_serving_node *node = &mt->routing.nodes[mt->at];
	struct map_rp_address a = {.type = MAP_RP_IMSI};

	if (node->roaming_number)
		return (struct map_rp_address){.type = MAP_RP_ROAMING_NUMBER,
					       .address = node->number};
	strcpy(a.imsi, mt->routing.imsi);
	return a;
}

static int relay_invoke(struct map_mt *mt)
{
	const struct map_serving_node *node = &mt->routing.nodes[mt->at];
	uint8_t ssn = node->type == MAP_SERVING_SGSN ? SCCP_SSN_SGSN : SCCP_SSN_MSC;
	struct map_request r = {
		.argument = {.operation = MAP_MT_FORWARD_SM},
		.called = map_stack_gt(mt->stack, &node->number, ssn),
		.calling = map_stack_own(mt->stack, SCCP_SSN_MSC),
	};
	struct map_forward_sm *f = &r.argument.forward_sm;

	f->sm_rp_da = relay_recipient(mt);
	f->sm_rp_oa =
		(struct map_rp_address){.type = MAP_RP_SERVICE_CENTRE, .address = mt->sc_address};
	f->sm_rp_ui = map_mt_tpdu(mt);
	mt->call.outcome = relay_outcome;
	return map_call_invoke(mt->stack, &mt->call, &r);
}

void map_relay(struct map_mt *mt)
{
	int rc = relay_invoke(mt);

	for (; rc < 0 && mt->at + 1 < mt->routing.n_nodes; rc = relay_invoke(mt))
		mt->at++;
	if (rc == 0) {
		map_home_count(mt->stack, MAP_HOME_CTR_RELAY_TX);
		return;
	}
	LOGP(DMAP, LOGL_NOTICE, "MT-ForwardSM for %s not relayed: %s\n", mt->number, strerror(-rc));
	relay_failed(mt);
}
