/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */
/* sources: connector/recent.c connector/version_memory.c connector/map_ctr.c connector/map_node.c connector/log.c */
/* sources: connector/dialogue_answer.c connector/dialogue_fsm.c connector/dialogue_invoke.c connector/map_sccp.c */
/* sources: connector/dialogue_perform.c connector/dialogue_rx.c connector/dialogue_table.c */
/* sources: connector/dialogue_tx.c connector/dialogue_version.c */

/*
 * Octets -> steps of two MAP nodes that talk to each other: a user invokes, answers or goes on; a message arrives, is
 * lost, doubled, changed, returned, made up; time goes by. At the end each operation has had one outcome,
 * each indication one answer or end, and nothing is left.
 */

#include "map_world.h"

enum { PERFORMING_MAX = 4, INVOKING_MAX = 8, STEPS_MAX = 200 };

/* ---- the users ---- */

static void fuzz_outcome(void *data, uint64_t handle, const struct map_outcome *o)
{
	struct side *s = data;

	ENSURE(++s->outcomes <= s->invoked);
	ENSURE((o->end == MAP_END_RESULT) == (o->result != NULL) && (o->end == MAP_END_ERROR) == (o->error != NULL));
	ENSURE(!o->uncertain || o->end != MAP_END_RETURNED);
	if (o->open)
		s->open = handle;
}

static void fuzz_answer(struct side *s, uint64_t handle, uint8_t how)
{
	struct map_result result = {0};
	struct map_error error = {.code = how};
	int rc;

	strcpy(result.sri_sm.imsi, "262012345678901");
	result.sri_sm.location.present = true;
	result.sri_sm.location.network_node_number =
		(struct sms_address){.ton = SMS_TON_INTERNATIONAL, .npi = 1, .text = "491710760300"};
	if (how == 0 && dialogue_by_handle(s->node, handle) &&
	    dialogue_by_handle(s->node, handle)->operation != MAP_SRI_SM)
		memset(&result, 0, sizeof(result));
	rc = how ? map_node_answer_error(s->node, handle, &error) : map_node_answer(s->node, handle, &result);
	s->finished += rc == 0 || rc == -EIO;
}

static void fuzz_indication(void *data, uint64_t handle, const struct map_indication *i)
{
	struct side *s = data;

	ENSURE(i->argument->operation != MAP_OPERATION_UNKNOWN);
	s->indicated++;
	s->due = handle;
	if (s->answers)
		fuzz_answer(s, handle, 0);
}

static void fuzz_ended(void *data, uint64_t handle, const struct map_outcome *why)
{
	struct side *s = data;

	(void)why;
	if (handle == s->open)
		s->open = 0;
	else
		s->finished++;
}

/* ---- steps ---- */

static struct map_argument argument(uint8_t which, uint8_t octets, bool more)
{
	static const enum map_operation operations[] = {MAP_MT_FORWARD_SM, MAP_MO_FORWARD_SM, MAP_SRI_SM, MAP_READY_FOR_SM};
	static const uint8_t ui[MAP_SM_RP_UI_MAX];
	struct map_argument a = {.operation = operations[which % 4]};
	struct sms_address number = {.ton = SMS_TON_INTERNATIONAL, .npi = 1, .text = "491712345678"};
	struct map_rp_address sc = {.type = MAP_RP_SERVICE_CENTRE, .address = number};
	struct map_rp_address imsi = {.type = MAP_RP_IMSI, .imsi = "262012345678901"};
	struct map_rp_address msisdn = {.type = MAP_RP_MSISDN, .address = number};
	bool mt = a.operation == MAP_MT_FORWARD_SM;

	if (a.operation == MAP_SRI_SM) {
		a.sri_sm.msisdn = a.sri_sm.service_centre_address = number;
	} else if (a.operation == MAP_READY_FOR_SM) {
		strcpy(a.ready_for_sm.imsi, imsi.imsi);
		a.ready_for_sm.alert_reason.present = true;
	} else {
		a.forward_sm.sm_rp_da = mt ? imsi : sc;
		a.forward_sm.sm_rp_oa = mt ? sc : msisdn;
		a.forward_sm.sm_rp_ui = (struct view){ui, octets % MAP_SM_RP_UI_MAX + 1u};
		a.forward_sm.more_messages_to_send = more;
	}
	return a;
}

static void step_invoke(struct side *s, struct side *to, struct rbuf *r)
{
	uint8_t which = rbuf_u8(r);
	struct map_request request = {.argument = argument(which, rbuf_u8(r), which & 0x10),
				      .called = to->address, .calling = s->address};
	uint64_t handle;

	request.argument.version = which >> 6;
	s->invoked++; /* the outcome may not come before the call returns, but the count must not be behind */
	if (map_node_invoke(s->node, &request, &handle))
		s->invoked--;
}

static void step_go_on(struct side *s, uint8_t how)
{
	struct map_argument a = argument(0, how, how & 1);
	uint64_t open = s->open;

	s->open = 0;
	if (how & 0x80) {
		map_node_close(s->node, open);
		return;
	}
	s->invoked++;
	if (map_node_invoke_next(s->node, open, &a))
		s->invoked--;
}

/* ---- all of it ---- */

static void step(struct rbuf *r)
{
	uint8_t what = rbuf_u8(r);
	struct side *s = &sides[what >> 7], *other = &sides[!(what >> 7)];

	switch (what & 0xf) {
	case 0: step_invoke(s, other, r); break;
	case 1: step_go_on(s, rbuf_u8(r)); break;
	case 2: fuzz_answer(s, s->due, rbuf_u8(r)); break;
	case 3: s->answers = what & 0x10; break;
	case 4: pass(rbuf_u8(r)); break;
	case 5: step_data(s, other, r); break;
	case 6: step_made_up(s, other, r); break;
	case 7: step_return(what >> 4); break;
	case 8: s->node->config.version_max = (uint8_t)(what >> 4 & 3) % 3 + 1; break;
	case 9: s->node->config.segment = what & 0x10; break;
	case 10: queued -= queued > 0; break;
	default: step_deliver(r, what >> 4); break;
	}
	ENSURE(map_node_performing(s->node) <= PERFORMING_MAX && map_node_invoking(s->node) <= INVOKING_MAX);
}

static void open_side(void *ctx, struct side *s, const char *digits, unsigned idx)
{
	static const struct map_node_ops ops = {.tx = fuzz_tx, .outcome = fuzz_outcome, .indication = fuzz_indication,
						.ended = fuzz_ended, .random = fuzz_random};
	struct map_node_config config = map_node_config_default;

	config.served = UINT32_MAX;
	config.n_ssns = 0;
	config.invoking_max = INVOKING_MAX;
	config.performing_max = PERFORMING_MAX;
	config.recent_max = 32;
	config.versions_max = 2;
	config.reassembly_slots = 2;
	config.ctr_idx = idx;
	*s = (struct side){.answers = true, .address = {.has_ssn = true, .ssn = 8, .gti = SCCP_GTI_NAI, .nai = 4}};
	strcpy(s->address.digits, digits);
	s->node = map_node_alloc(ctx, &config, &ops, s);
}

static void close_side(struct side *s)
{
	ENSURE(map_node_invoking(s->node) == 0 && map_node_performing(s->node) == 0);
	ENSURE(s->outcomes == s->invoked);
	ENSURE(s->finished >= s->indicated);
	map_node_free(s->node);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct rbuf r = rbuf_of((struct view){data, size});
	void *ctx = talloc_named_const(NULL, 0, "fuzz_map_dialogue");

	start_once();
	seed = 4711;
	queued = 0;
	open_side(ctx, &sides[0], "491", 0);
	open_side(ctx, &sides[1], "492", 1);
	for (int i = 0; i < STEPS_MAX && rbuf_left(&r); i++)
		step(&r);
	queued = QUEUE; /* the network is gone */
	pass(700);
	close_side(&sides[0]);
	close_side(&sides[1]);
	ENSURE(talloc_total_blocks(ctx) == 1);
	talloc_free(ctx);
	return 0;
}
