/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */

/*
 * MT-ForwardSM to the node in turn, in one dialogue as long as more messages are waiting (TS 29.002 23.3). If the
 * node cannot, the other one that serves the recipient is tried; if routing information was not asked for
 * with this message, it is asked for once more.
 */

#include "map_recipient.h"

#include "clock.h"
#include "log.h"
#include "map_deliver_tpdu.h"

/* ---- the invoke ---- */

static const struct map_serving_node *node_in_turn(const struct map_recipient *r)
{
	return &r->info.nodes[r->at];
}

static void address_da(const struct map_recipient *r, struct map_rp_address *da)
{
	const struct map_serving_node *node = node_in_turn(r);

	if (node->roaming_number) {
		da->type = MAP_RP_ROAMING_NUMBER;
		da->address = node->number;
		return;
	}
	da->type = MAP_RP_IMSI;
	memcpy(da->imsi, r->info.imsi, sizeof(da->imsi));
}

static void argument_of(const struct map_recipient *r, struct view tpdu, struct map_argument *a)
{
	struct map_forward_sm *f = &a->forward_sm;

	a->operation = MAP_MT_FORWARD_SM;
	a->version = node_in_turn(r)->roaming_number
			     ? 1
			     : map_deliver_smsc(map_recipient_first(r))->config.version_max;
	address_da(r, &f->sm_rp_da);
	f->sm_rp_oa.type = MAP_RP_SERVICE_CENTRE;
	f->sm_rp_oa.address = r->deliver->stack->config.address;
	f->sm_rp_ui = tpdu;
	f->more_messages_to_send = r->queued > 1;
}

static int invoke_forward(struct map_recipient *r, struct view tpdu)
{
	const struct map_serving_node *node = node_in_turn(r);
	struct map_stack *stack = r->deliver->stack;
	struct map_request request = {
		.called =
			map_stack_gt(stack, &node->number,
				     node->type == MAP_SERVING_SGSN ? SCCP_SSN_SGSN : SCCP_SSN_MSC),
		.calling = map_stack_own(stack, SCCP_SSN_MSC),
	};
	struct map_argument next;

	argument_of(r, tpdu, &request.argument);
	if (r->call.handle) {
		/* 7.6.8: addresses stand in the first message of a dialogue only */
		next = request.argument;
		next.forward_sm.sm_rp_da.type = next.forward_sm.sm_rp_oa.type = MAP_RP_NONE;
		if (!map_call_next(stack, &r->call, &next))
			return 0;
		map_call_end(stack, &r->call);
	}
	return map_call_invoke(stack, &r->call, &request);
}

/* ---- the outcome ---- */

/* The node that took a message is the first to be tried with the next. */
static void prefer_node(struct map_recipient *r)
{
	struct map_serving_node node = *node_in_turn(r);

	if (!r->at)
		return;
	r->info.nodes[r->at] = r->info.nodes[0];
	r->info.nodes[0] = node;
	r->at = 0;
	map_routing_memory_set(r->deliver->routing, r->msisdn.text, &r->info,
			       clock_ms());
}

static void delivered(struct map_recipient *r)
{
	struct map_delivery_status done;

	map_delivery_status_success(&done, node_in_turn(r)->type);
	prefer_node(r);
	map_deliver_accepted(r->deliver, map_recipient_take(r));
	if (r->alerts)
		map_report(r->deliver, &r->msisdn, &done);
	r->alerts = false;
	map_recipient_step(r);
}

/* Of two nodes' answers the one that leaves more hope. */
static struct map_cause_delivery both(const struct map_recipient *r,
				      const struct map_cause_delivery *d)
{
	if (!r->has_failed || d->cause.unknown || d->alert ||
	    (!r->failure.alert && d->cause.verdict == MAP_CAUSE_TEMPORARY))
		return *d;
	return r->failure;
}

static bool may_have_moved(const struct map_outcome *o)
{
	return o->end == MAP_END_ERROR && (o->error->code == MAP_ERROR_UNIDENTIFIED_SUBSCRIBER ||
					   o->error->code == MAP_ERROR_ABSENT_SUBSCRIBER_SM ||
					   o->error->code == MAP_ERROR_ABSENT_SUBSCRIBER);
}

static void not_delivered(struct map_recipient *r, const struct map_outcome *o)
{
	struct map_cause_delivery d = map_cause_of_delivery(o);

	LOGPSM(map_recipient_first(r), LOGL_INFO, "not taken by %s: %s\n",
	       node_in_turn(r)->number.text, d.cause.reason);
	map_delivery_status_failed(&r->status, node_in_turn(r)->type, &d.report);
	if (d.other_node && r->at + 1 < r->info.n_nodes) {
		r->failure = both(r, &d);
		r->has_failed = true;
		r->at++;
		map_recipient_step(r);
		return;
	}
	if (!r->is_fresh && may_have_moved(o)) {
		map_routing_memory_forget(r->deliver->routing, r->msisdn.text);
		r->has_info = r->has_failed = r->leaves = false;
		r->status = (struct map_delivery_status){0};
		map_recipient_step(r);
		return;
	}
	d = both(r, &d);
	map_recipient_give_up(r, &d, o);
}

static void forwarded(struct map_call *call, const struct map_outcome *o)
{
	struct map_recipient *r = container_of(call, struct map_recipient, call);

	r->waits = false;
	if (o->end == MAP_END_RESULT)
		delivered(r);
	else
		not_delivered(r, o);
}

/* ---- the message in hand ---- */

void map_recipient_forward(struct map_recipient *r)
{
	struct sm *sm = map_recipient_first(r);
	struct sms_time now = clock_sms_time();
	uint8_t tpdu[TPDU_MAX];
	struct wbuf w = wbuf_of(tpdu, sizeof(tpdu));
	int rc = map_deliver_tpdu(&w, (struct view){sm->tpdu, sm->tpdu_octets}, &sm->oa, &now,
				  r->queued > 1);

	r->call.outcome = forwarded;
	if (!rc)
		rc = invoke_forward(r, wbuf_written(&w));
	else
		rc = -EINVAL;
	if (rc < 0) {
		map_recipient_not_sent(r, rc);
		return;
	}
	sm->sent_us = clock_us();
	r->leaves = true;
	map_recipient_wait(r);
}
