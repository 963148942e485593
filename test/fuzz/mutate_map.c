/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */
/* sources: connector/recent.c connector/version_memory.c connector/map_ctr.c connector/map_node.c connector/log.c */
/* sources: connector/dialogue_answer.c connector/dialogue_fsm.c connector/dialogue_invoke.c connector/map_sccp.c */
/* sources: connector/dialogue_perform.c connector/dialogue_rx.c connector/dialogue_table.c */
/* sources: connector/dialogue_tx.c connector/dialogue_version.c */

/*
 * usage: mutate_map MESSAGES SEED VECTORS...
 *
 * That many TCAP messages, each a vector of the files whose transaction ids are those of dialogues that are there
 * and whose octets are changed at random, through the decoders (TCAP, then MAP as argument, result and error) and,
 * in SCCP that is sometimes changed too, into one MAP node that lives through all of it: its user invokes, answers at
 * once, later or never, and time goes by. All that the node sends must be a message again; at the end each
 * operation has had one outcome, each indication one answer or end, and nothing is left. Same seed, same run.
 */

#include "../../connector/log.h"
#include "../../connector/map_node.h"

#include <osmocom/core/logging.h>
#include <osmocom/core/rate_ctr.h>
#include <osmocom/core/talloc.h>
#include <osmocom/core/timer.h>

#include "../unit/map_vectors.h"
#include "ensure.h"

enum { VECTORS_MAX = 256, MESSAGE_MAX = 2048, IDS = 64, DUE = 32, PERFORMING_MAX = 200, INVOKING_MAX = 200 };

static struct {
	uint8_t p[MESSAGE_MAX];
	size_t len;
} vectors[VECTORS_MAX];
static unsigned n_vectors;

static struct run {
	uint64_t random;
	struct map_node *node;
	struct sccp_address own, peer;
	struct tcap_id own_ids[IDS]; /* of our dialogues, of late */
	uint64_t due[DUE];	     /* indications not answered yet */
	unsigned n_ids, n_due;
	unsigned long decoded, parameters, invoked, outcomes, ends[MAP_END_NOT_SENT + 1], indicated, finished, sent;
} run;

/* ---- chance ---- */

static uint32_t random32(void) /* splitmix64 */
{
	uint64_t z = run.random += 0x9e3779b97f4a7c15u;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
	z = (z ^ z >> 27) * 0x94d049bb133111ebu;
	return (uint32_t)((z ^ z >> 31) >> 16);
}

static uint32_t below(uint32_t n)
{
	return random32() % n;
}

static bool chance(unsigned percent)
{
	return below(100) < percent;
}

/* ---- octets ---- */

struct octets {
	uint8_t p[MESSAGE_MAX * 2];
	size_t len;
};

static void insert(struct octets *o, size_t at, const uint8_t *p, size_t n)
{
	if (o->len + n > MESSAGE_MAX)
		return;
	memmove(o->p + at + n, o->p + at, o->len - at);
	memcpy(o->p + at, p, n);
	o->len += n;
}

static void remove_octets(struct octets *o, size_t at, size_t n)
{
	if (n > o->len - at)
		n = o->len - at;
	memmove(o->p + at, o->p + at + n, o->len - at - n);
	o->len -= n;
}

static void change_once(struct octets *o)
{
	static const uint8_t telling[] = {0x00, 0x01, 0x7f, 0x80, 0x81, 0x82, 0x84, 0xff, 0x1f, 0x9f, 0x30, 0xa1, 0x6c, 0x02};
	uint8_t piece[24];
	size_t at = below((uint32_t)o->len), n = 1 + below(sizeof(piece));

	switch (below(8)) {
	case 0: o->p[at] ^= (uint8_t)(1u << below(8)); break;
	case 1: o->p[at] = (uint8_t)random32(); break;
	case 2: o->p[at] = telling[below(sizeof(telling))]; break;
	case 3: o->p[at] = (uint8_t)(o->p[at] + (chance(50) ? 1 : -1)); break;
	case 4: remove_octets(o, at, 1 + below(5)); break;
	case 5: o->len = at; break;
	case 6:
		n = n < o->len - at ? n : o->len - at;
		memcpy(piece, o->p + at, n);
		insert(o, at, piece, n);
		break;
	default:
		for (size_t i = 0; i < n; i++)
			piece[i] = (uint8_t)random32();
		insert(o, at, piece, 1 + n % 6);
		break;
	}
}

/* ---- whole elements, the lengths around them kept right where one octet can hold them ---- */

enum { DEPTH_MAX = 12 };

struct element {
	size_t at, value, end;
};

/** The element at that place, with tag and length of one octet each, or 81 and one. @return false if there is none */
static bool element_at(const struct octets *o, size_t at, size_t end, struct element *e)
{
	size_t length_at = at + 1;

	if (at + 2 > end)
		return false;
	if ((o->p[at] & 0x1f) == 0x1f)
		return false;
	if (o->p[length_at] == 0x81)
		length_at++;
	if (length_at >= end || (length_at == at + 1 && o->p[length_at] > 0x7f))
		return false;
	*e = (struct element){at, length_at + 1, length_at + 1 + o->p[length_at]};
	return e->end <= end;
}

/** One of the elements from at on, by chance. */
static bool some_element(const struct octets *o, size_t at, size_t end, struct element *chosen)
{
	struct element e;
	uint32_t n = 0;

	for (; element_at(o, at, end, &e); at = e.end)
		if (below(++n) == 0)
			*chosen = e;
	return n > 0;
}

static void change_element(struct octets *o)
{
	size_t around[DEPTH_MAX], before = o->len, at = 0, end = o->len;
	unsigned depth = 0;
	struct element e;
	uint8_t copy[128];

	while (depth < DEPTH_MAX && some_element(o, at, end, &e)) {
		if (!(o->p[e.at] & 0x20) || e.value == e.end || chance(20))
			break;
		around[depth++] = e.value - 1;
		at = e.value;
		end = e.end;
	}
	if (depth == 0 || depth == DEPTH_MAX || !some_element(o, at, end, &e) || e.end - e.at > sizeof(copy))
		return;
	memcpy(copy, o->p + e.at, e.end - e.at);
	if (chance(30))
		remove_octets(o, e.at, e.end - e.at);
	else
		insert(o, chance(50) ? at : e.end, copy, e.end - e.at);
	while (depth--)
		o->p[around[depth]] = (uint8_t)(o->p[around[depth]] + o->len - before);
}

static void change(struct octets *o)
{
	static const uint8_t times[] = {0, 1, 1, 1, 2, 2, 3, 6};

	for (unsigned n = times[below(sizeof(times))]; n && o->len; n--)
		chance(25) ? change_element(o) : change_once(o);
}

/* ---- the user ---- */

static void answer(uint64_t handle)
{
	static const int32_t errors[] = {1, 6, 13, 27, 31, 32, 34, 35, 36};
	struct map_result result = {0};
	struct map_error error = {.code = errors[below(9)]};
	int rc;

	if (chance(30)) {
		error.version = 3;
		if (error.code == MAP_ERROR_SM_DELIVERY_FAILURE)
			error.sm_delivery_failure.cause = (struct map_value){true, (uint16_t)below(7)};
		rc = map_node_answer_error(run.node, handle, &error);
		run.finished += rc == 0 || rc == -EIO;
		return;
	}
	rc = map_node_answer(run.node, handle, &result);
	if (rc == -EINVAL) { /* it was a question for routing information */
		strcpy(result.sri_sm.imsi, "262012345678901");
		result.sri_sm.location.present = true;
		result.sri_sm.location.network_node_number =
			(struct sms_address){.ton = SMS_TON_INTERNATIONAL, .npi = 1, .text = "491710760300"};
		rc = map_node_answer(run.node, handle, &result);
	}
	ENSURE(rc != -EINVAL);
	run.finished += rc == 0 || rc == -EIO;
}

static void user_indication(void *data, uint64_t handle, const struct map_indication *i)
{
	(void)data;
	ENSURE(i->argument->operation != MAP_OPERATION_UNKNOWN && i->peer && i->called);
	run.indicated++;
	if (chance(50))
		answer(handle);
	else
		run.due[run.n_due++ % DUE] = handle; /* those that are overwritten are never answered */
}

static void user_outcome(void *data, uint64_t handle, const struct map_outcome *o)
{
	struct map_argument next = {.operation = MAP_MT_FORWARD_SM};

	(void)data;
	ENSURE(++run.outcomes <= run.invoked);
	ENSURE((o->end == MAP_END_RESULT) == (o->result != NULL) && (o->end == MAP_END_ERROR) == (o->error != NULL));
	run.ends[o->end]++;
	if (!o->open || chance(20))
		return;
	if (chance(50)) {
		map_node_close(run.node, handle);
		return;
	}
	strcpy(next.forward_sm.sm_rp_da.imsi, "262012345678901");
	next.forward_sm.sm_rp_oa = (struct map_rp_address){.type = MAP_RP_SERVICE_CENTRE,
		.address = {.ton = SMS_TON_INTERNATIONAL, .npi = 1, .text = "491710760100"}};
	next.forward_sm.sm_rp_ui = (struct view){(const uint8_t *)"next", 4};
	run.invoked++;
	if (map_node_invoke_next(run.node, handle, &next))
		run.invoked--;
}

static void user_ended(void *data, uint64_t handle, const struct map_outcome *why)
{
	(void)data, (void)handle, (void)why;
	run.finished++;
}

static void user_random(void *data, void *out, size_t octets)
{
	(void)data;
	for (size_t i = 0; i < octets; i++)
		((uint8_t *)out)[i] = (uint8_t)random32();
}

static int user_tx(void *data, const struct sccp_address *called, struct view message)
{
	struct sccp_message m;
	struct tcap_message t;

	(void)data, (void)called;
	run.sent++;
	ENSURE(sccp_decode(message, &m) == 0);
	if (m.type == SCCP_UDT) {
		ENSURE(tcap_decode(m.data, &t) == 0);
		if (t.otid.len)
			run.own_ids[run.n_ids++ % IDS] = t.otid;
	}
	return chance(1) ? -EIO : 0;
}

static struct map_argument some_argument(void)
{
	static const enum map_operation operations[] = {MAP_MT_FORWARD_SM, MAP_MO_FORWARD_SM, MAP_SRI_SM, MAP_READY_FOR_SM,
							MAP_REPORT_SM_DELIVERY_STATUS};
	static const uint8_t ui[MAP_SM_RP_UI_MAX];
	struct map_argument a = {.operation = operations[below(5)], .version = (uint8_t)below(4)};
	struct sms_address number = {.ton = SMS_TON_INTERNATIONAL, .npi = 1, .text = "491712345678"};
	struct map_rp_address sc = {.type = MAP_RP_SERVICE_CENTRE, .address = number};

	if (a.operation == MAP_SRI_SM) {
		a.sri_sm.msisdn = a.sri_sm.service_centre_address = number;
	} else if (a.operation == MAP_READY_FOR_SM) {
		strcpy(a.ready_for_sm.imsi, "262012345678901");
		a.ready_for_sm.alert_reason.present = true;
	} else if (a.operation == MAP_REPORT_SM_DELIVERY_STATUS) {
		a.report_sm_delivery_status.msisdn = a.report_sm_delivery_status.service_centre_address = number;
		a.report_sm_delivery_status.sm_delivery_outcome = (struct map_value){true, 1};
	} else {
		bool mt = a.operation == MAP_MT_FORWARD_SM;

		a.forward_sm.sm_rp_da = mt ? (struct map_rp_address){.type = MAP_RP_IMSI, .imsi = "262012345678901"} : sc;
		a.forward_sm.sm_rp_oa = mt ? sc : (struct map_rp_address){.type = MAP_RP_MSISDN, .address = number};
		a.forward_sm.sm_rp_ui = (struct view){ui, 1 + below(MAP_SM_RP_UI_MAX - 20)};
		a.forward_sm.more_messages_to_send = mt && chance(50);
	}
	return a;
}

static void user_acts(void)
{
	struct map_request request = {.argument = some_argument(), .called = run.peer, .calling = run.own};
	uint64_t handle;

	if (chance(15)) {
		run.invoked++;
		if (map_node_invoke(run.node, &request, &handle))
			run.invoked--;
	}
	if (run.n_due && chance(10))
		answer(run.due[below(run.n_due < DUE ? run.n_due : DUE)]);
	if (chance(1)) {
		osmo_clock_override_add(CLOCK_MONOTONIC, (time_t)below(10), 1000000);
		osmo_gettimeofday_override_add((time_t)below(10), 1000);
		osmo_timers_update();
	}
}

/* ---- one message ---- */

static void decode_parameter(const struct tcap_component *c, struct map_ac ac)
{
	struct map_argument argument = {.version = ac.version ? ac.version : 1};
	struct map_result result = {.version = argument.version};
	struct map_error error = {.code = c->code, .version = argument.version};
	static uint8_t out[MAP_PARAMETER_MAX * 2];
	struct wbuf w = wbuf_of(out, sizeof(out));

	argument.operation = result.operation = map_operation_of((struct map_ac){ac.context, argument.version}, c->code);
	if (map_argument_decode(c->parameter, &argument) == 0) {
		run.parameters++;
		ENSURE(map_argument_encode(&w, &argument) == 0);
	}
	if (map_result_decode(c->parameter, &result) == 0)
		ENSURE(map_result_encode(&w, &result) == 0);
	map_error_decode(c->parameter, &error);
}

/** In a heap block of exactly that size. */
static void decode(const struct octets *o)
{
	uint8_t *exact = malloc(o->len ? o->len : 1);
	struct tcap_message m;

	ENSURE(exact);
	memcpy(exact, o->p, o->len);
	if (tcap_decode((struct view){exact, o->len}, &m) == 0) {
		run.decoded++;
		for (size_t i = 0; i < m.component_count; i++)
			decode_parameter(&m.components[i], m.dialogue.ac);
	}
	free(exact);
}

/** A vector for a dialogue that is, or was, there. */
static struct octets original(void)
{
	unsigned which = below(n_vectors);
	struct octets o = {.len = vectors[which].len};
	struct wbuf w = wbuf_of(o.p, MESSAGE_MAX);
	struct tcap_message m;

	memcpy(o.p, vectors[which].p, o.len);
	if (tcap_decode((struct view){vectors[which].p, vectors[which].len}, &m) || chance(10))
		return o;
	if (m.dtid.len && run.n_ids)
		m.dtid = run.own_ids[below(run.n_ids < IDS ? run.n_ids : IDS)];
	if (m.otid.len && run.n_ids && chance(20))
		m.otid = run.own_ids[below(run.n_ids < IDS ? run.n_ids : IDS)];
	else if (m.otid.len)
		m.otid = (struct tcap_id){4, {0x31, (uint8_t)random32(), (uint8_t)random32(), (uint8_t)random32()}};
	for (size_t i = 0; i < m.component_count; i++)
		if (m.components[i].type != TCAP_INVOKE && chance(70))
			m.components[i].invoke_id = (int8_t)below(3);
	if (tcap_encode(&w, &m) == 0)
		o.len = w.len;
	return o;
}

static void rx(struct octets *message)
{
	uint8_t *exact;

	if (chance(15))
		change(message);
	exact = malloc(message->len ? message->len : 1);
	ENSURE(exact);
	memcpy(exact, message->p, message->len);
	map_node_rx(run.node, (struct view){exact, message->len});
	free(exact);
}

static void rx_in_sccp(const struct octets *o)
{
	struct sccp_message udt = {.type = SCCP_UDT, .return_on_error = chance(50), .called = run.own, .calling = run.peer,
				   .data = {o->p, o->len}}, part;
	bool returned = chance(4); /* as if we had sent it */
	struct sccp_segments s;
	struct octets message;
	struct wbuf w;

	if (!o->len || sccp_segments_init(&s, &udt, 128 + below(140), random32() & 0xffffff))
		return;
	while (sccp_segments_next(&s, &part)) {
		w = wbuf_of(message.p, MESSAGE_MAX);
		if (returned) {
			part.type = part.type == SCCP_UDT ? SCCP_UDTS : SCCP_XUDTS;
			part.return_cause = (uint8_t)below(16);
			part.hop_counter = part.type == SCCP_XUDTS ? SCCP_HOP_COUNTER_MAX : 0;
		}
		if (sccp_encode(&w, &part))
			return;
		message.len = w.len;
		rx(&message);
	}
}

static void one_message(void)
{
	struct octets o = original();

	change(&o);
	decode(&o);
	rx_in_sccp(&o);
	user_acts();
	ENSURE(map_node_performing(run.node) <= PERFORMING_MAX && map_node_invoking(run.node) <= INVOKING_MAX);
}

/* ---- the run ---- */

static void read_vectors(const char *path)
{
	FILE *f = vectors_open(path);
	struct vector v;

	while (f && n_vectors < VECTORS_MAX && vector_next(f, &v)) {
		size_t len;
		uint8_t *p = test_hex(v.hex, &len);

		ENSURE(len <= MESSAGE_MAX);
		memcpy(vectors[n_vectors].p, p, len);
		vectors[n_vectors++].len = len;
		free(p);
	}
	if (f)
		fclose(f);
}

static void open_node(void *ctx)
{
	static const struct map_node_ops ops = {.tx = user_tx, .outcome = user_outcome, .indication = user_indication,
						.ended = user_ended, .random = user_random};
	struct map_node_config config = map_node_config_default;

	config.served = UINT32_MAX;
	config.n_ssns = 0;
	config.invoking_max = INVOKING_MAX;
	config.performing_max = PERFORMING_MAX;
	config.recent_max = 64;
	config.versions_max = 4;
	config.reassembly_slots = 4;
	run.own = (struct sccp_address){.has_ssn = true, .ssn = 8, .gti = SCCP_GTI_TT_NP_ES_NAI, .np = 1, .nai = 4};
	run.peer = run.own;
	strcpy(run.own.digits, "491710760100");
	strcpy(run.peer.digits, "491710760200");
	run.node = map_node_alloc(ctx, &config, &ops, NULL);
	ENSURE(run.node);
}

static void close_node(void *ctx)
{
	for (int i = 0; i < 8; i++) {
		osmo_clock_override_add(CLOCK_MONOTONIC, 3600, 0);
		osmo_gettimeofday_override_add(3600, 0);
		osmo_timers_update();
	}
	ENSURE(map_node_invoking(run.node) == 0 && map_node_performing(run.node) == 0);
	ENSURE(run.outcomes == run.invoked);
	ENSURE(run.finished >= run.indicated);
	map_node_free(run.node);
	ENSURE(talloc_total_blocks(ctx) == 1);
}

/** Enough came through that the run shows something. */
static bool is_telling(unsigned long messages)
{
	return run.decoded > messages / 10 && run.parameters > messages / 50 && run.indicated > messages / 100 &&
	       run.ends[MAP_END_RESULT] && run.ends[MAP_END_ERROR] && run.ends[MAP_END_REJECT] && run.ends[MAP_END_P_ABORT] &&
	       run.ends[MAP_END_TIMEOUT] && run.ends[MAP_END_REFUSED] &&
	       run.ends[MAP_END_RETURNED];
}

int main(int argc, char **argv)
{
	unsigned long messages = argc > 3 ? strtoul(argv[1], NULL, 10) : 0;
	void *ctx = talloc_named_const(NULL, 0, "mutate_map");
	bool good;

	for (int i = 3; i < argc; i++)
		read_vectors(argv[i]);
	ENSURE(n_vectors && messages);
	run.random = strtoull(argv[2], NULL, 10);
	log_init(&connector_log_info, NULL);
	osmo_gettimeofday_override = true;
	osmo_clock_override_enable(CLOCK_MONOTONIC, true);
	open_node(ctx);
	for (unsigned long i = 0; i < messages; i++)
		one_message();
	close_node(ctx);
	talloc_free(ctx);
	printf("%lu messages: %lu TCAP, %lu arguments; %lu indicated; %lu invoked:", messages, run.decoded, run.parameters, run.indicated, run.invoked);
	for (int i = 0; i <= MAP_END_NOT_SENT; i++)
		printf(" %s %lu", map_end_name((enum map_end)i), run.ends[i]);
	good = is_telling(messages) && test_failed == 0;
	printf("; %lu sent\nmutate_map: %d passed, %d failed\n", run.sent, good, !good);
	return !good;
}
