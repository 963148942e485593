/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */
#pragma once

#include "test.h"

#include "../../connector/dialogue.h"
#include "../../connector/version_memory.h"

#include <osmocom/core/rate_ctr.h>
#include <osmocom/core/talloc.h>

/*
 * A network of MAP nodes in one process, with a clock of its own: messages are queued, may be lost, doubled,
 * delayed or returned, and reach the node whose digits they are for. Each node has a user that notes all it is told.
 * One more address is the test itself: what goes there is decoded, and it answers by hand.
 */

enum { NET_NODES = 4, NET_USER_HANDLES = 40000, NET_QUEUE = 65536 };

enum net_policy { ANSWER, ANSWER_ERROR, HOLD };

struct net_user {
	enum net_policy policy;
	unsigned outcomes, indications, ended, not_answered;
	unsigned ends[MAP_END_NOT_SENT + 1];
	struct map_outcome last; /* pointers in it are not valid, result and error are copied */
	struct map_result result;
	struct map_error error;
	struct map_inform_service_centre inform;
	struct map_outcome why;
	struct map_argument argument;
	uint8_t ui[MAP_SM_RP_UI_MAX];
	uint64_t handle, outcome_handle, ended_handle;
	uint8_t told[NET_USER_HANDLES]; /* outcomes by handle */
	struct map_request *then; /* invoked from within the next outcome */
	bool close, next;	  /* what to do with a dialogue that stays open, from within */
};

struct net_node {
	struct net *net;
	struct map_node *node;
	struct sccp_address address;
	struct net_user user;
};

struct net_message {
	uint64_t due_ms;
	size_t octets;
	uint8_t *p;
};

struct net {
	void *ctx;
	unsigned n_nodes;
	struct net_node nodes[NET_NODES];
	struct net_message *queue[NET_QUEUE];
	unsigned queued;
	unsigned sent, segments;
	/* faults */
	unsigned lose_percent, double_percent, delay_max_ms;
	bool down;	  /* tx() fails */
	bool unreachable; /* everything is returned */
	uint32_t seed;
	/* the node by hand */
	struct sccp_address hand;
	uint8_t hand_octets[SCCP_MESSAGE_MAX];
	struct tcap_message heard; /* the last one */
	struct sccp_address heard_from;
	unsigned heard_count;
};

static inline uint32_t net_random(struct net *net)
{
	net->seed = net->seed * 1664525u + 1013904223u;
	return net->seed >> 8;
}

static inline struct sccp_address net_address(const char *digits, uint8_t ssn)
{
	struct sccp_address a = {.has_ssn = true, .ssn = ssn, .gti = SCCP_GTI_TT_NP_ES_NAI,
				 .np = SCCP_NP_E164, .nai = SCCP_NAI_INTERNATIONAL};

	snprintf(a.digits, sizeof(a.digits), "%s", digits);
	return a;
}

/* ---- arguments ---- */

static inline struct sms_address net_number(const char *digits)
{
	struct sms_address a = {.ton = SMS_TON_INTERNATIONAL, .npi = SMS_NPI_E164};

	snprintf(a.text, sizeof(a.text), "%s", digits);
	return a;
}

static const uint8_t net_ui[MAP_SM_RP_UI_MAX] = {0x01, 0x05, 0x0c, 0x91, 0x94, 0x71};

static inline void net_forward(struct map_argument *a)
{
	struct map_rp_address sc = {.type = MAP_RP_SERVICE_CENTRE, .address = net_number("491710760000")};
	struct map_rp_address user = {.type = MAP_RP_MSISDN, .address = net_number("491712345678")};

	if (a->operation == MAP_MT_FORWARD_SM) {
		user.type = MAP_RP_IMSI;
		strcpy(user.imsi, "262012345678901");
	}
	a->forward_sm.sm_rp_da = a->operation == MAP_MT_FORWARD_SM ? user : sc;
	a->forward_sm.sm_rp_oa = a->operation == MAP_MT_FORWARD_SM ? sc : user;
	a->forward_sm.sm_rp_ui = (struct view){net_ui, 30};
}

static inline struct map_argument net_argument(enum map_operation operation, uint8_t version)
{
	struct map_argument a = {.operation = operation, .version = version};
	struct sms_address msisdn = net_number("491712345678"), sc = net_number("491710760000");

	switch (operation) {
	case MAP_SRI_SM:
		a.sri_sm = (struct map_sri_sm){.msisdn = msisdn, .sm_rp_pri = true, .service_centre_address = sc};
		break;
	case MAP_MO_FORWARD_SM:
	case MAP_MT_FORWARD_SM:
		net_forward(&a);
		break;
	case MAP_REPORT_SM_DELIVERY_STATUS:
		a.report_sm_delivery_status = (struct map_report_sm_delivery_status){
			.msisdn = msisdn, .service_centre_address = sc, .sm_delivery_outcome = {true, 1}};
		break;
	case MAP_ALERT_SERVICE_CENTRE:
		a.alert_service_centre =
			(struct map_alert_service_centre){.msisdn = msisdn, .service_centre_address = sc};
		break;
	case MAP_READY_FOR_SM:
		strcpy(a.ready_for_sm.imsi, "262012345678901");
		a.ready_for_sm.alert_reason = (struct map_value){true, MAP_ALERT_MS_PRESENT};
		break;
	case MAP_ANY_TIME_MODIFICATION:
		a.any_time_modification.subscriber_identity.msisdn = msisdn;
		a.any_time_modification.gsm_scf_address = sc;
		a.any_time_modification.ip_sm_gw_data = (struct map_ip_sm_gw_data){true, {true, 1}};
		break;
	default:
		break;
	}
	return a;
}

static inline struct map_result net_result(enum map_operation operation)
{
	struct map_result r = {.operation = operation};

	if (operation == MAP_SRI_SM) {
		strcpy(r.sri_sm.imsi, "262012345678901");
		r.sri_sm.location.present = true;
		r.sri_sm.location.network_node_number = net_number("491710760300");
	}
	return r;
}

/* ---- users ---- */

static inline void net_user_answer(struct net_node *n, uint64_t handle)
{
	struct map_result result = net_result(n->user.argument.operation);
	struct map_error error = {.code = MAP_ERROR_ABSENT_SUBSCRIBER};
	int rc = n->user.policy == ANSWER ? map_node_answer(n->node, handle, &result)
					  : map_node_answer_error(n->node, handle, &error);

	n->user.not_answered += rc != 0;
}

static inline void net_indication(void *data, uint64_t handle, const struct map_indication *i)
{
	struct net_node *n = data;

	n->user.indications++;
	n->user.handle = handle;
	n->user.argument = *i->argument;
	if (n->user.policy != HOLD)
		net_user_answer(n, handle);
}

static inline void net_outcome(void *data, uint64_t handle, const struct map_outcome *o)
{
	struct net_node *n = data;
	struct net_user *u = &n->user;
	struct map_request *then = u->then;
	struct map_argument next = net_argument(MAP_MT_FORWARD_SM, 0);

	u->outcomes++;
	u->ends[o->end]++;
	u->outcome_handle = handle;
	if (handle < NET_USER_HANDLES)
		u->told[handle]++;
	u->last = *o;
	if (o->result)
		u->result = *o->result;
	if (o->error)
		u->error = *o->error;
	if (o->inform)
		u->inform = *o->inform;
	u->then = NULL;
	if (then)
		CHECK(map_node_invoke(n->node, then, &u->handle) == 0, "from within");
	if (o->open && u->close)
		CHECK(map_node_close(n->node, handle) == 0, "from within");
	if (o->open && u->next) {
		u->next = false;
		CHECK(map_node_invoke_next(n->node, handle, &next) == 0, "from within");
	}
}

static inline void net_ended(void *data, uint64_t handle, const struct map_outcome *why)
{
	struct net_node *n = data;

	n->user.ended++;
	n->user.ended_handle = handle;
	n->user.why = *why;
}

/* ---- carrying ---- */

static inline void net_queue(struct net *net, struct view message, unsigned delay_ms)
{
	struct net_message *m;

	if (net->queued == NET_QUEUE)
		return;
	m = talloc_zero(net->ctx, struct net_message);
	m->due_ms = clock_ms() + 1 + delay_ms;
	m->p = talloc_memdup(m, message.p, message.len);
	m->octets = message.len;
	net->queue[net->queued++] = m;
}

static inline int net_tx(void *data, const struct sccp_address *called, struct view message)
{
	struct net *net = ((struct net_node *)data)->net;
	unsigned times = net_random(net) % 100 < net->double_percent ? 2 : 1;

	(void)called;
	if (net->down)
		return -EIO;
	net->sent++;
	net->segments += message.p[0] == SCCP_XUDT;
	if (net_random(net) % 100 < net->lose_percent)
		return 0;
	while (times-- > 0)
		net_queue(net, message, net->delay_max_ms ? net_random(net) % net->delay_max_ms : 0);
	return 0;
}

static inline void net_return(struct net *net, const struct sccp_message *m)
{
	uint8_t octets[SCCP_MESSAGE_MAX];
	struct wbuf w = wbuf_of(octets, sizeof(octets));
	struct sccp_message back;

	if (sccp_return(m, SCCP_CAUSE_NO_TRANSLATION, &back) == 0 && sccp_encode(&w, &back) == 0)
		net_queue(net, wbuf_written(&w), 0);
}

static inline void net_hear(struct net *net, const struct sccp_message *m)
{
	memcpy(net->hand_octets, m->data.p, m->data.len);
	net->heard_from = m->calling;
	net->heard_count++;
	CHECK(tcap_decode((struct view){net->hand_octets, m->data.len}, &net->heard) == 0, "a node sent bad TCAP");
}

static inline void net_deliver(struct net *net, struct view message)
{
	struct sccp_message m;
	bool service;

	CHECK(sccp_decode(message, &m) == 0, "a node sent bad SCCP");
	service = m.type == SCCP_UDTS || m.type == SCCP_XUDTS;
	if (net->unreachable && !service) {
		net_return(net, &m);
		return;
	}
	for (unsigned i = 0; i < net->n_nodes; i++)
		if (strcmp(net->nodes[i].address.digits, m.called.digits) == 0) {
			map_node_rx(net->nodes[i].node, message);
			return;
		}
	if (strcmp(net->hand.digits, m.called.digits) == 0 && !service)
		net_hear(net, &m);
	else
		net_return(net, &m);
}

/* ---- time ---- */

static inline void net_deliver_due(struct net *net)
{
	uint64_t now_ms = clock_ms();

	for (unsigned i = 0; i < net->queued;) {
		struct net_message *m = net->queue[i];

		if (m->due_ms > now_ms) {
			i++;
			continue;
		}
		memmove(&net->queue[i], &net->queue[i + 1], (--net->queued - i) * sizeof(net->queue[0]));
		net_deliver(net, (struct view){m->p, m->octets});
		talloc_free(m);
	}
}

static inline void net_step(struct net *net, unsigned ms)
{
	osmo_clock_override_add(CLOCK_MONOTONIC, ms / 1000, (long)(ms % 1000) * 1000000);
	osmo_gettimeofday_override_add(ms / 1000, (suseconds_t)(ms % 1000) * 1000);
	net_deliver_due(net);
	osmo_timers_update();
}

/** Let ms go by: in small steps while something is under way, else in larger ones. */
static inline void net_run(struct net *net, uint64_t ms)
{
	uint64_t end = clock_ms() + ms;

	while (clock_ms() < end) {
		uint64_t left = end - clock_ms(), step = net->queued ? 1 : 100;

		net_step(net, (unsigned)(left < step ? left : step));
	}
}

/* ---- set up ---- */

/** Once, at the start of a test: the clock stands still but for net_step(). */
static inline void net_clock_start(void *ctx)
{
	log_init(&connector_log_info, ctx);
	osmo_gettimeofday_override = true;
	osmo_clock_override_enable(CLOCK_MONOTONIC, true);
	osmo_clock_override_add(CLOCK_MONOTONIC, 1000, 0);
}

static inline const struct map_node_config *net_config(void)
{
	static struct map_node_config config;

	config = map_node_config_default;
	config.served = 0xffffffff;
	config.n_ssns = 0;
	return &config;
}

static inline struct net_node *net_add(struct net *net, const char *digits, const struct map_node_config *config)
{
	static const struct map_node_ops ops = {
		.tx = net_tx, .outcome = net_outcome, .indication = net_indication, .ended = net_ended};
	struct net_node *n = &net->nodes[net->n_nodes];
	struct map_node_config numbered = *config;

	numbered.ctr_idx = net->n_nodes++;
	memset(n, 0, sizeof(*n));
	n->net = net;
	n->address = net_address(digits, SCCP_SSN_MSC);
	n->node = map_node_alloc(net->ctx, &numbered, &ops, n);
	return n;
}

static inline struct net *net_alloc(void)
{
	struct net *net = talloc_zero(NULL, struct net);

	net->ctx = net;
	net->seed = 4711;
	net->hand = net_address("4999", SCCP_SSN_MSC);
	return net;
}

/** Nothing may be left of the nodes, nor of what they made. */
static inline void net_free(struct net *net)
{
	for (unsigned i = 0; i < net->n_nodes; i++)
		map_node_free(net->nodes[i].node);
	while (net->queued)
		talloc_free(net->queue[--net->queued]);
	CHECK(talloc_total_blocks(net) == 1, "%zu blocks left", talloc_total_blocks(net));
	if (talloc_total_blocks(net) != 1)
		talloc_report_full(net, stdout);
	talloc_free(net);
}

static inline struct map_request net_request(const struct net_node *from, const struct sccp_address *to,
					     enum map_operation operation, uint8_t version)
{
	return (struct map_request){
		.argument = net_argument(operation, version), .called = *to, .calling = from->address};
}

static inline uint64_t net_invoke(struct net_node *from, const struct sccp_address *to,
				  enum map_operation operation, uint8_t version)
{
	struct map_request r = net_request(from, to, operation, version);
	uint64_t handle = 0;
	int rc = map_node_invoke(from->node, &r, &handle);

	CHECK(rc == 0, "%s v%u: %d", map_operation_name(operation), version, rc);
	return handle;
}

/* ---- by hand ---- */

/** Send a message to a node; ids of 4 octets are put in: ours 0xaabbccdd, its own as heard last. */
static inline void net_say(struct net *net, struct net_node *to, struct tcap_message *m)
{
	uint8_t data[1024], octets[2048];
	struct wbuf d = wbuf_of(data, sizeof(data)), w = wbuf_of(octets, sizeof(octets));
	struct sccp_message s = {.type = SCCP_UDT, .return_on_error = true, .called = to->address, .calling = net->hand};

	if ((m->type == TCAP_BEGIN || m->type == TCAP_CONTINUE) && !m->otid.len)
		m->otid = (struct tcap_id){4, {0xaa, 0xbb, 0xcc, 0xdd}};
	if (m->type != TCAP_BEGIN && !m->dtid.len)
		m->dtid = net->heard.otid;
	CHECK(tcap_encode(&d, m) == 0, "%s", tcap_type_name(m->type));
	s.data = wbuf_written(&d);
	CHECK(sccp_encode(&w, &s) == 0, "%zu", d.len);
	map_node_rx(to->node, wbuf_written(&w));
}
