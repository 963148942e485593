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

#include <stdlib.h>

#include "../../connector/dialogue.h"

#include <osmocom/core/talloc.h>

#define ENSURE(cond)                                                                                                   \
	do {                                                                                                           \
		if (!(cond))                                                                                           \
			abort();                                                                                       \
	} while (0)

enum { QUEUE = 16, PERFORMING_MAX = 4, INVOKING_MAX = 8, STEPS_MAX = 200 };

static struct side {
	struct map_node *node;
	struct sccp_address address;
	unsigned invoked, outcomes, indicated, finished;
	uint64_t open, due; /* the last dialogue in which the user may go on; must answer */
	bool answers;
} sides[2];

static struct queued {
	size_t octets;
	uint8_t p[SCCP_MESSAGE_MAX];
} queue[QUEUE];
static unsigned queued;
static uint32_t seed;

/* ---- the users and the network ---- */

static int fuzz_tx(void *data, const struct sccp_address *called, struct view message)
{
	struct sccp_message m;

	(void)data, (void)called;
	ENSURE(sccp_decode(message, &m) == 0);
	if (queued == QUEUE)
		return -EIO;
	queue[queued].octets = message.len;
	memcpy(queue[queued++].p, message.p, message.len);
	return 0;
}

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

static void fuzz_random(void *data, void *out, size_t octets)
{
	(void)data;
	for (size_t i = 0; i < octets; i++) {
		seed = seed * 1664525u + 1013904223u;
		((uint8_t *)out)[i] = (uint8_t)(seed >> 24);
	}
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

static void rx(const struct queued *q)
{
	struct sccp_message m;
	bool second = sccp_decode((struct view){q->p, q->octets}, &m) == 0 &&
		      strcmp(m.called.digits, sides[1].address.digits) == 0;

	map_node_rx(sides[second].node, (struct view){q->p, q->octets});
}

static struct queued dequeue(void)
{
	struct queued first = queue[0];

	memmove(queue, queue + 1, --queued * sizeof(queue[0]));
	return first;
}

static void step_deliver(struct rbuf *r, uint8_t how)
{
	struct queued q;

	if (!queued)
		return;
	q = dequeue();
	if (how & 1)
		q.p[rbuf_u8(r) % q.octets] ^= rbuf_u8(r);
	if (how & 2)
		rx(&q);
	rx(&q);
}

static void step_return(uint8_t cause)
{
	struct wbuf w;
	struct sccp_message m, back;
	struct queued q, returned;

	if (!queued)
		return;
	q = dequeue();
	w = wbuf_of(returned.p, sizeof(returned.p));
	if (sccp_decode((struct view){q.p, q.octets}, &m) || sccp_return(&m, (enum sccp_return_cause)(cause & 0xf), &back) ||
	    sccp_encode(&w, &back))
		return;
	returned.octets = w.len;
	rx(&returned);
}

static void rx_data(struct side *to, const struct side *from, struct view data)
{
	struct sccp_message m = {.type = SCCP_UDT, .return_on_error = true, .called = to->address,
				 .calling = from->address, .data = data};
	struct queued q;
	struct wbuf w = wbuf_of(q.p, sizeof(q.p));

	if (sccp_encode(&w, &m))
		return;
	q.octets = w.len;
	rx(&q);
}

static void step_data(struct side *to, const struct side *from, struct rbuf *r)
{
	size_t octets = rbuf_u8(r);

	if (octets > rbuf_left(r))
		octets = rbuf_left(r);
	rx_data(to, from, rbuf_view(r, octets));
}

/* ---- a message for a dialogue that is there ---- */

static struct dialogue *some_dialogue(struct map_node *node, uint8_t which)
{
	struct dialogue_table *t = &node->dialogues;
	struct llist_head *lists[] = {&t->invoking, &t->serving, &t->idle};

	return llist_first_entry_or_null(lists[which % 3], struct dialogue, entry);
}

static struct tcap_dialogue some_portion(const struct dialogue *d, uint8_t which)
{
	static const enum tcap_apdu apdus[] = {TCAP_NO_DIALOGUE, TCAP_AARE, TCAP_ABRT, TCAP_AARE};
	struct tcap_dialogue p = {.apdu = apdus[which & 3], .ac = d->ac, .diagnostic_source = TCAP_DIAGNOSTIC_USER};

	if (!p.apdu)
		return p;
	p.result = which >> 2 & 1;
	p.diagnostic = which >> 3 & 3;
	if (which & 0x20)
		p.diagnostic_source = TCAP_DIAGNOSTIC_PROVIDER;
	if (which & 0x40)
		p.map = (struct map_dialogue){.pdu = MAP_REFUSE, .alternative = {d->ac.context, which >> 2 & 3}};
	return p;
}

static void some_components(const struct dialogue *d, struct tcap_message *m, struct rbuf *r)
{
	static const enum tcap_component_type types[] = {TCAP_INVOKE, TCAP_RESULT_LAST, TCAP_ERROR, TCAP_REJECT,
							 TCAP_RESULT_NOT_LAST, TCAP_INVOKE, TCAP_RESULT_LAST, TCAP_ERROR};
	static const uint8_t empty[] = {0x30, 0x00};
	uint8_t count = rbuf_u8(r) % 4;

	for (; m->component_count < count; m->component_count++) {
		uint8_t kind = rbuf_u8(r);
		enum tcap_component_type type = types[kind & 7];

		m->components[m->component_count] = (struct tcap_component){
			.type = type,
			.has_invoke_id = true,
			.invoke_id = kind & 8 ? (int8_t)(kind >> 4) : d->invoke_id,
			.has_code = type == TCAP_INVOKE || type == TCAP_ERROR,
			.code = type == TCAP_INVOKE || type == TCAP_ERROR ? rbuf_u8(r) : 0,
			.parameter = type == TCAP_INVOKE ? (struct view){empty, 2} : (struct view){0},
			.problem_type = type == TCAP_REJECT ? kind >> 6 : 0,
		};
	}
}

static void step_made_up(struct side *to, const struct side *from, struct rbuf *r)
{
	static const enum tcap_type types[] = {TCAP_CONTINUE, TCAP_END, TCAP_ABORT, TCAP_CONTINUE};
	uint8_t which = rbuf_u8(r), octets[1024];
	struct dialogue *d = some_dialogue(to->node, which >> 2);
	struct wbuf w = wbuf_of(octets, sizeof(octets)), id;
	struct tcap_message m = {.type = types[which & 3], .dtid = {.len = 4}};

	if (!d)
		return;
	id = wbuf_of(m.dtid.octets, 4);
	wbuf_u32(&id, d->id);
	if (m.type == TCAP_CONTINUE)
		m.otid = d->peer_id.len ? d->peer_id : (struct tcap_id){2, {1, which}};
	m.dialogue = some_portion(d, rbuf_u8(r));
	if (m.type == TCAP_ABORT && !m.dialogue.apdu) {
		m.has_p_abort = true;
		m.p_abort = rbuf_u8(r) % 8;
	} else if (m.type != TCAP_ABORT) {
		some_components(d, &m, r);
	}
	if (tcap_encode(&w, &m) == 0)
		rx_data(to, from, wbuf_written(&w));
}

/* ---- all of it ---- */

static void pass(unsigned s)
{
	osmo_clock_override_add(CLOCK_MONOTONIC, (time_t)s, 1000000);
	osmo_gettimeofday_override_add((time_t)s, 1000);
	osmo_timers_update();
}

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

static void start_once(void)
{
	static bool started;

	if (started)
		return;
	started = true;
	log_init(&connector_log_info, NULL);
	osmo_gettimeofday_override = true;
	osmo_clock_override_enable(CLOCK_MONOTONIC, true);
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
