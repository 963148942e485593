/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */

/* Where a recipient is served: sendRoutingInfoForSM to his HLR (TS 29.002 12.1), or what it has said lately. */

#include "map_recipient.h"

#include "clock.h"
#include "log.h"

/* An answer that cannot be used: where the message should go nobody knows. */
static void no_way(struct map_recipient *r, int rc)
{
	const struct sm_failure failure = {
		.rp_cause = RP_CAUSE_NET_OUT_OF_ORDER,
		.reason = rc == -ELOOP ? "systemFailure: the HLR names ourselves as serving node"
				       : "the HLR names no serving node",
	};

	LOGP(DMAP, LOGL_ERROR, "%s: %s\n", r->msisdn.text, failure.reason);
	map_recipient_fail(r, NULL, &failure);
	map_recipient_step(r);
}

static void located(struct map_recipient *r, const struct map_sri_sm_result *result)
{
	const struct map_config *config = &r->deliver->stack->config;
	int rc = map_routing_info_of(result,
				     config->prefer_sgsn ? MAP_SERVING_SGSN : MAP_SERVING_MSC,
				     &config->address, &r->info);

	if (rc < 0) {
		no_way(r, rc);
		return;
	}
	map_routing_memory_set(r->deliver->routing, r->msisdn.text, &r->info,
			       clock_ms());
	r->has_info = r->is_fresh = true;
	r->at = 0;
	map_recipient_step(r);
}

static void asked(struct map_call *call, const struct map_outcome *o)
{
	struct map_recipient *r = container_of(call, struct map_recipient, call);
	struct map_cause_delivery d;

	r->waits = false;
	if (o->inform)
		r->alerts = map_report_informed(r->deliver, &r->msisdn, o->inform);
	if (o->end == MAP_END_RESULT) {
		located(r, &o->result->sri_sm);
		return;
	}
	d = map_cause_of_routing(o);
	LOGPSM(map_recipient_first(r), LOGL_INFO, "no routing information: %s\n", d.cause.reason);
	map_recipient_give_up(r, &d, o);
}

void map_recipient_ask(struct map_recipient *r)
{
	struct map_stack *stack = r->deliver->stack;
	struct map_request request = {
		.argument.operation = MAP_SRI_SM,
		.argument.version = map_deliver_smsc(map_recipient_first(r))->config.version_max,
		.called = map_stack_hlr(stack, &r->msisdn),
		.calling = map_stack_own(stack, SCCP_SSN_MSC),
	};
	struct map_sri_sm *a = &request.argument.sri_sm;
	int rc;

	a->msisdn = r->msisdn;
	a->sm_rp_pri = true;
	a->service_centre_address = stack->config.address;
	a->gprs_support_indicator = true;
	map_call_end(stack, &r->call);
	r->call.outcome = asked;
	rc = map_call_invoke(stack, &r->call, &request);
	if (rc < 0) {
		map_recipient_not_sent(r, rc);
		return;
	}
	map_recipient_wait(r);
}
