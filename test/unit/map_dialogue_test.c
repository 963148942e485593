/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */
/* sources: connector/recent.c connector/version_memory.c connector/map_ctr.c connector/map_node.c connector/log.c */
/* sources: connector/dialogue_answer.c connector/dialogue_fsm.c connector/dialogue_invoke.c connector/map_sccp.c */
/* sources: connector/dialogue_perform.c connector/dialogue_rx.c connector/dialogue_table.c */
/* sources: connector/dialogue_tx.c connector/dialogue_version.c */

/* MAP nodes that talk to each other over a network that fails, and to one that answers by hand. */

#include "map_network.h"

static struct net *net;
static struct net_node *a, *b;

static void setup_with(const struct map_node_config *config_a, const struct map_node_config *config_b)
{
	struct map_node_config first = *config_a, second = *config_b;

	net = net_alloc();
	a = net_add(net, "491710760001", &first);
	b = net_add(net, "491710760002", &second);
}

static struct map_node_config version_config(uint8_t version_max)
{
	struct map_node_config config = *net_config();

	config.version_max = version_max;
	return config;
}

static void setup(uint8_t peer_version_max)
{
	struct map_node_config config = version_config(3), peer = version_config(peer_version_max);

	setup_with(&config, &peer);
}

static uint64_t counted(struct net_node *n, enum map_ctr ctr)
{
	return map_counted(map_node_ctrs(n->node), ctr);
}

/* All dialogues are gone, and each that was begun had one outcome. */
static void check_quiet(const char *name)
{
	for (unsigned i = 0; i < net->n_nodes; i++) {
		struct net_node *n = &net->nodes[i];

		CHECK(map_node_invoking(n->node) == 0, "%s: %s: %u", name, n->address.digits,
		      map_node_invoking(n->node));
		CHECK(map_node_performing(n->node) == 0, "%s: %s: %u", name, n->address.digits,
		      map_node_performing(n->node));
	}
}

/* ---- operations and versions ---- */

static const enum map_operation OPERATIONS[] = {
	MAP_SRI_SM,		  MAP_MO_FORWARD_SM, MAP_MT_FORWARD_SM,		MAP_REPORT_SM_DELIVERY_STATUS,
	MAP_ALERT_SERVICE_CENTRE, MAP_READY_FOR_SM,  MAP_ANY_TIME_MODIFICATION,
};

static const struct {
	uint8_t ours, peers, met; /* highest versions; the version that both have */
	unsigned fallbacks;
} version_cases[] = {
	{3, 3, 3, 0}, {3, 2, 2, 1}, {3, 1, 1, 1}, {2, 3, 2, 0}, {2, 2, 2, 0}, {2, 1, 1, 1}, {1, 3, 1, 0}, {1, 1, 1, 0},
};

/* The version of the operation that both have, 0 if none. */
static uint8_t expected_version(enum map_operation operation, uint8_t met)
{
	uint8_t top = map_operation_version_max(operation);

	if (operation == MAP_ANY_TIME_MODIFICATION)
		return met == 3 ? 3 : 0;
	return met < top ? met : top;
}

static void test_operation(enum map_operation operation, uint8_t ours, uint8_t peers, uint8_t met)
{
	struct map_node_config config = version_config(ours), peer = version_config(peers);
	uint8_t version = expected_version(operation, met);
	struct map_request r;
	uint64_t handle;
	int rc;

	setup_with(&config, &peer);
	r = net_request(a, &b->address, operation, 0);
	rc = map_node_invoke(a->node, &r, &handle);
	net_run(net, 11000);
	if (!version) {
		CHECK(rc == -ENOTSUP || a->user.last.end == MAP_END_REFUSED || a->user.last.end == MAP_END_P_ABORT,
		      "%s %u to %u: %d %s", map_operation_name(operation), ours, peers, rc,
		      map_end_name(a->user.last.end));
	} else {
		CHECK(rc == 0 && a->user.last.end == MAP_END_RESULT && a->user.last.version == version,
		      "%s %u to %u: %s, version %u", map_operation_name(operation), ours, peers,
		      map_end_name(a->user.last.end), a->user.last.version);
		CHECK(b->user.indications == 1 && b->user.argument.operation == operation &&
			      b->user.argument.version == version,
		      "%s %u to %u: %u performed", map_operation_name(operation), ours, peers, b->user.indications);
		CHECK(map_counted_operation(map_node_ctrs(a->node), operation, MAP_OPERATION_CTR_RESULT) == 1 &&
			      map_counted_operation(map_node_ctrs(b->node), operation, MAP_OPERATION_CTR_ANSWERED) == 1,
		      "counted");
	}
	CHECK(a->user.outcomes == (rc == 0) && b->user.not_answered == 0, "%u outcomes", a->user.outcomes);
	check_quiet(map_operation_name(operation));
	net_free(net);
}

static void test_operations(void)
{
	for (size_t v = 0; v < ARRAY_SIZE(version_cases); v++)
		for (size_t i = 0; i < ARRAY_SIZE(OPERATIONS); i++)
			test_operation(OPERATIONS[i], version_cases[v].ours, version_cases[v].peers,
				       version_cases[v].met);
}

static void test_errors(void)
{
	for (uint8_t version = 1; version <= 3; version++) {
		setup(version);
		b->user.policy = ANSWER_ERROR;
		net_invoke(a, &b->address, MAP_MT_FORWARD_SM, 0);
		net_run(net, 100);
		CHECK(a->user.last.end == MAP_END_ERROR && a->user.error.code == MAP_ERROR_ABSENT_SUBSCRIBER &&
			      !a->user.last.uncertain,
		      "v%u: %s", version, map_end_name(a->user.last.end));
		CHECK(map_counted_error(map_node_ctrs(a->node), MAP_ERROR_ABSENT_SUBSCRIBER, false) == 1 &&
			      map_counted_error(map_node_ctrs(b->node), MAP_ERROR_ABSENT_SUBSCRIBER, true) == 1,
		      "counted");
		check_quiet("error");
		net_free(net);
	}
}

/* ---- the memory of versions ---- */

static unsigned begins(void)
{
	return (unsigned)(counted(a, MAP_CTR_BEGIN_TX) + counted(a, MAP_CTR_BEGIN_EMPTY_TX));
}

static void invoke_expect(enum map_operation operation, unsigned n_begins, uint8_t version, const char *what)
{
	unsigned before = begins();

	net_invoke(a, &b->address, operation, 0);
	net_run(net, 100);
	CHECK(a->user.last.end == MAP_END_RESULT && a->user.last.version == version, "%s: %s v%u", what,
	      map_end_name(a->user.last.end), a->user.last.version);
	CHECK(begins() - before == n_begins, "%s: %u begins", what, begins() - before);
}

static void peer_becomes(uint8_t version_max)
{
	((struct map_node *)b->node)->config.version_max = version_max;
}

static void test_memory(void)
{
	setup(2);
	invoke_expect(MAP_SRI_SM, 2, 2, "first");
	invoke_expect(MAP_SRI_SM, 1, 2, "known");
	invoke_expect(MAP_REPORT_SM_DELIVERY_STATUS, 1, 2, "same context");
	invoke_expect(MAP_MT_FORWARD_SM, 2, 2, "another context");
	peer_becomes(1);
	invoke_expect(MAP_SRI_SM, 2, 1, "it knows less now");
	invoke_expect(MAP_SRI_SM, 1, 1, "known");
	net_run(net, 24 * 3600 * 1000);
	invoke_expect(MAP_SRI_SM, 2, 1, "forgotten after a day");
	peer_becomes(3);
	invoke_expect(MAP_SRI_SM, 1, 1, "not asked in between");
	net_run(net, 24 * 3600 * 1000);
	invoke_expect(MAP_SRI_SM, 1, 3, "a new version is found after a day");
	check_quiet("memory");
	net_free(net);
}

static void test_memory_bounds(void)
{
	void *ctx = talloc_named_const(NULL, 0, "versions");
	struct version_memory *vm = version_memory_alloc(ctx, 100, 1000);
	struct sccp_address peer = net_address("", 8);
	unsigned found = 0;

	for (unsigned i = 0; i < 1000; i++) {
		snprintf(peer.digits, sizeof(peer.digits), "49%u", i);
		version_memory_set(vm, &peer, 20, 2, i / 10);
		peer = net_address("490", 8);
		version_memory_find(vm, &peer, 20, i / 10); /* in use, so it stays */
	}
	CHECK(version_memory_count(vm) == 100, "%u", version_memory_count(vm));
	CHECK(version_memory_find(vm, &peer, 20, 100) == 2, "the one in use");
	CHECK(version_memory_find(vm, &peer, 21, 100) == 0, "another context");
	for (unsigned i = 0; i < 1000; i++) {
		snprintf(peer.digits, sizeof(peer.digits), "49%u", i);
		found += version_memory_find(vm, &peer, 20, 100) == 2;
	}
	CHECK(found == 100, "%u", found);
	version_memory_set(vm, &peer, 20, 1, 5000);
	CHECK(version_memory_find(vm, &peer, 20, 5999) == 1, "young enough");
	version_memory_set(vm, &peer, 20, 1, 5999);
	CHECK(version_memory_find(vm, &peer, 20, 6000) == 0, "use does not keep it");
	version_memory_set(vm, &peer, 20, 1, 7000);
	version_memory_forget(vm, &peer, 20);
	CHECK(version_memory_find(vm, &peer, 20, 7000) == 0, "forgotten");
	talloc_free(ctx);
}

/* ---- refusals, by hand ---- */

enum how { AARE_SAME, AARE_LOWER, AARE_NO_REASON, AARE_PROVIDER, ALTERNATIVE, REFUSE, P_ABORT_2, P_ABORT_3, P_ABORT_4,
	   U_ABORT, AARE_IN_END, AARE_IN_CONTINUE };

static const struct {
	enum how how;
	uint8_t next; /* version that is tried then, 0: the end */
	enum map_end end;
} refusals[] = {
	{AARE_SAME, 2, 0}, {AARE_LOWER, 2, 0}, {AARE_NO_REASON, 0, MAP_END_REFUSED}, {AARE_PROVIDER, 1, 0},
	{ALTERNATIVE, 2, 0}, {REFUSE, 0, MAP_END_REFUSED}, {P_ABORT_2, 1, 0}, {P_ABORT_3, 1, 0},
	{P_ABORT_4, 0, MAP_END_P_ABORT}, {U_ABORT, 0, MAP_END_U_ABORT}, {AARE_IN_END, 2, 0}, {AARE_IN_CONTINUE, 2, 0},
};

static struct tcap_message refusal_of(enum how how, struct map_ac ac)
{
	struct tcap_message m = {.type = TCAP_ABORT};
	struct tcap_dialogue aare = {.apdu = TCAP_AARE, .ac = ac, .result = TCAP_RESULT_REJECT_PERMANENT,
				     .diagnostic_source = TCAP_DIAGNOSTIC_USER, .diagnostic = 2};
	struct tcap_dialogue refuse = {.apdu = TCAP_ABRT, .map = {.pdu = MAP_REFUSE, .reason = 1}};

	if (how == P_ABORT_2 || how == P_ABORT_3 || how == P_ABORT_4) {
		m.has_p_abort = true;
		m.p_abort = (uint8_t)(how - P_ABORT_2 + 2);
		return m;
	}
	m.type = how == AARE_IN_END ? TCAP_END : how == AARE_IN_CONTINUE ? TCAP_CONTINUE : TCAP_ABORT;
	m.dialogue = how == ALTERNATIVE || how == REFUSE || how == U_ABORT ? refuse : aare;
	if (how == AARE_LOWER)
		m.dialogue.ac.version--;
	if (how == AARE_NO_REASON)
		m.dialogue.diagnostic = 1;
	if (how == AARE_PROVIDER)
		m.dialogue.diagnostic_source = TCAP_DIAGNOSTIC_PROVIDER;
	if (how == ALTERNATIVE)
		m.dialogue.map.alternative = (struct map_ac){ac.context, (uint8_t)(ac.version - 1)};
	if (how == U_ABORT)
		m.dialogue.map = (struct map_dialogue){.pdu = MAP_USER_ABORT, .reason = MAP_USER_ABORT_SPECIFIC};
	return m;
}

static uint8_t heard_version(void)
{
	return net->heard.dialogue.apdu == TCAP_AARQ ? net->heard.dialogue.ac.version : 1;
}

static void test_refusal(size_t i, bool empty)
{
	struct tcap_message m;
	struct tcap_id first;
	struct map_request r;
	uint64_t handle;

	setup(3);
	r = net_request(a, &net->hand, MAP_MT_FORWARD_SM, 0);
	if (empty)
		r.argument.forward_sm.sm_rp_ui.len = 170;
	CHECK(map_node_invoke(a->node, &r, &handle) == 0, "invoke");
	net_run(net, 10);
	CHECK(net->heard.type == TCAP_BEGIN && net->heard.component_count == !empty, "BEGIN");
	first = net->heard.otid;
	m = refusal_of(refusals[i].how, net->heard.dialogue.ac);
	net_say(net, a, &m);
	net_run(net, 10);
	if (refusals[i].next) {
		CHECK(a->user.outcomes == 0, "%zu: no outcome yet", i);
		CHECK(net->heard.type == TCAP_BEGIN && heard_version() == refusals[i].next, "%zu: version %u", i,
		      heard_version());
		CHECK(net->heard_count == (refusals[i].how == AARE_IN_CONTINUE ? 3 : 2), "%zu: what stays open is aborted",
		      i);
		CHECK(!tcap_id_eq(&first, &net->heard.otid), "%zu: another id", i);
		net_run(net, 70000);
		CHECK(a->user.last.end == MAP_END_TIMEOUT, "%zu", i);
	}
	CHECK(a->user.outcomes == 1 && a->user.outcome_handle == handle, "%zu: %u outcomes", i, a->user.outcomes);
	CHECK(refusals[i].next || a->user.last.end == refusals[i].end, "%zu: %s", i, map_end_name(a->user.last.end));
	if (!refusals[i].next)
		CHECK(a->user.last.uncertain == (!empty && refusals[i].end == MAP_END_U_ABORT), "%zu: uncertain", i);
	check_quiet("refusal");
	net_free(net);
}

static void test_refusals(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(refusals); i++) {
		test_refusal(i, false);
		test_refusal(i, true);
	}
}

/* A peer that refuses each version, even those that it named, ends the matter. */
static void test_refused_for_ever(void)
{
	unsigned n = 0;

	setup(3);
	net_invoke(a, &net->hand, MAP_SRI_SM, 0);
	for (net_run(net, 10); !a->user.outcomes && n < 10; net_run(net, 10), n++) {
		struct tcap_message m = refusal_of(ALTERNATIVE, (struct map_ac){20, 4});

		net_say(net, a, &m);
	}
	CHECK(n == 3 && a->user.last.end == MAP_END_REFUSED, "%u attempts", n);
	check_quiet("refused for ever");
	net_free(net);
}

/* Version 1 cannot say that a message was delivered; it would set the subscriber absent. */
static void test_success_is_no_version_1(void)
{
	struct map_request r;
	uint64_t handle;

	setup(1);
	r = net_request(a, &b->address, MAP_REPORT_SM_DELIVERY_STATUS, 0);
	r.argument.report_sm_delivery_status.sm_delivery_outcome.value = MAP_OUTCOME_SUCCESS;
	CHECK(map_node_invoke(a->node, &r, &handle) == 0, "invoke");
	net_run(net, 100);
	CHECK(a->user.last.end == MAP_END_P_ABORT && b->user.indications == 0, "%s", map_end_name(a->user.last.end));
	r.argument.version = 1;
	CHECK(map_node_invoke(a->node, &r, &handle) == -ENOTSUP, "asked for");
	check_quiet("report");
	net_free(net);
}

/* Contexts that are not served, too high, or not MAP's. */
static void test_contexts(void)
{
	static const struct {
		struct map_ac ac;
		uint8_t answer; /* version in the AARE */
	} cases[] = {{{20, 4}, 3}, {{25, 9}, 3}, {{23, 3}, 2}, {{43, 2}, 3}, {{1, 3}, 3}, {{20, 1}, 3}};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct tcap_message m = {.type = TCAP_BEGIN, .dialogue = {.apdu = TCAP_AARQ, .ac = cases[i].ac}};

		setup(3);
		net_say(net, a, &m);
		net_run(net, 10);
		CHECK(net->heard.type == TCAP_ABORT && net->heard.dialogue.apdu == TCAP_AARE &&
			      net->heard.dialogue.diagnostic == 2 && net->heard.dialogue.ac.version == cases[i].answer,
		      "%zu: version %u", i, net->heard.dialogue.ac.version);
		CHECK(counted(a, MAP_CTR_REFUSED_TX) == 1, "counted");
		check_quiet("context");
		net_free(net);
	}
}

/* ---- long messages ---- */

static void test_long(uint8_t version, bool segment, unsigned empty, bool segmented)
{
	struct map_node_config config = version_config(version), peer = version_config(3);
	struct map_request r;
	uint64_t handle;

	config.segment = segment;
	setup_with(&config, &peer);
	r = net_request(a, &b->address, MAP_MT_FORWARD_SM, 0);
	r.argument.forward_sm.sm_rp_ui.len = 175;
	CHECK(map_node_invoke(a->node, &r, &handle) == 0, "invoke");
	net_run(net, 100);
	CHECK(a->user.last.end == MAP_END_RESULT, "v%u: %s", version, map_end_name(a->user.last.end));
	CHECK(b->user.indications == 1 && b->user.argument.forward_sm.sm_rp_ui.len == 175, "v%u: whole", version);
	CHECK(counted(a, MAP_CTR_BEGIN_EMPTY_TX) == empty, "v%u: empty TC-BEGIN", version);
	CHECK((net->segments > 0) == segmented, "v%u: %u segments", version, net->segments);
	CHECK((counted(b, MAP_CTR_SCCP_REASSEMBLED) > 0) == segmented, "v%u: reassembled", version);
	check_quiet("long");
	net_free(net);
}

static void test_longs(void)
{
	test_long(3, false, 1, false);
	test_long(2, false, 1, false);
	test_long(1, false, 0, false); /* has no dialogue portion, and fits */
	test_long(3, true, 0, true);
	test_long(2, true, 0, true);
}

/* Refused in the empty TC-BEGIN, whole in version 1. */
static void test_long_to_version_1(void)
{
	struct map_request r;
	uint64_t handle;

	setup(1);
	r = net_request(a, &b->address, MAP_MO_FORWARD_SM, 0);
	r.argument.forward_sm.sm_rp_ui.len = 200;
	CHECK(map_node_invoke(a->node, &r, &handle) == 0, "invoke");
	net_run(net, 100);
	CHECK(a->user.last.end == MAP_END_RESULT && a->user.last.version == 1, "%s", map_end_name(a->user.last.end));
	CHECK(b->user.argument.forward_sm.sm_rp_ui.len == 200, "whole");
	net_free(net);
}

/* A segment that is lost: nothing is performed, the room for it is free again, the invoke timer ends it. */
static void test_lost_segments(void)
{
	struct map_node_config config = version_config(3);

	config.segment = true;
	setup_with(&config, &config);
	net->lose_percent = 50;
	for (int i = 0; i < 200; i++) {
		struct map_request r = net_request(a, &b->address, MAP_MT_FORWARD_SM, 0);
		uint64_t handle;

		r.argument.forward_sm.sm_rp_ui.len = 190;
		CHECK(map_node_invoke(a->node, &r, &handle) == 0, "invoke");
		net_run(net, 1000);
	}
	net_run(net, 61000);
	CHECK(a->user.outcomes == 200 && a->user.ends[MAP_END_TIMEOUT] > 100 && a->user.ends[MAP_END_RESULT] > 10,
	      "%u results", a->user.ends[MAP_END_RESULT]);
	check_quiet("lost segments");
	net_free(net);
}

/* ---- moreMessagesToSend ---- */

static uint64_t invoke_more(const struct sccp_address *to)
{
	struct map_request r = net_request(a, to, MAP_MT_FORWARD_SM, 0);
	uint64_t handle = 0;

	r.argument.forward_sm.more_messages_to_send = true;
	CHECK(map_node_invoke(a->node, &r, &handle) == 0, "invoke");
	net_run(net, 100);
	return handle;
}

static void test_more(uint8_t version)
{
	struct map_argument next = net_argument(MAP_MT_FORWARD_SM, 0);
	uint64_t handle;

	setup(version);
	handle = invoke_more(&b->address);
	for (int i = 0; i < 5; i++) {
		CHECK(a->user.last.end == MAP_END_RESULT && a->user.last.open, "v%u: message %d", version, i);
		CHECK(map_node_performing(b->node) == 1, "v%u: one dialogue", version);
		next.forward_sm.more_messages_to_send = i < 4;
		CHECK(map_node_invoke_next(a->node, handle, &next) == 0, "v%u: next", version);
		CHECK(map_node_invoke_next(a->node, handle, &next) == -EBUSY, "v%u: one at a time", version);
		CHECK(map_node_close(a->node, handle) == -EBUSY, "v%u: not while it waits", version);
		net_run(net, 100);
	}
	CHECK(a->user.outcomes == 6 && !a->user.last.open && b->user.indications == 6, "v%u: %u", version,
	      a->user.outcomes);
	CHECK(begins() == (version == 3 ? 1 : 2), "v%u: %u begins", version, begins());
	CHECK(map_node_invoke_next(a->node, handle, &next) == -ENOENT, "v%u: gone", version);
	check_quiet("more");
	net_free(net);
}

static void test_more_ends(void)
{
	struct map_argument next = net_argument(MAP_MT_FORWARD_SM, 0), other = net_argument(MAP_SRI_SM, 0);
	uint64_t handle;

	setup(1); /* version 1 has no such thing: each message has a dialogue */
	invoke_more(&b->address);
	CHECK(a->user.last.end == MAP_END_RESULT && !a->user.last.open, "v1");
	check_quiet("more v1");
	net_free(net);

	setup(3);
	handle = invoke_more(&b->address);
	CHECK(map_node_invoke_next(a->node, handle, &other) == -ENOTSUP, "another operation");
	CHECK(map_node_close(a->node, handle) == 0, "close");
	CHECK(map_node_close(a->node, handle) == -ENOENT, "closed");
	net_run(net, 100);
	check_quiet("closed");
	CHECK(a->user.ended == 0 && b->user.ended == 0, "nobody waited");

	handle = invoke_more(&b->address);
	net_run(net, 29000);
	CHECK(a->user.ended == 0, "still there");
	net_run(net, 2000);
	CHECK(a->user.ended == 1 && a->user.ended_handle == handle && a->user.why.end == MAP_END_TIMEOUT, "idle");
	check_quiet("idle");

	b->user.policy = ANSWER_ERROR;
	invoke_more(&b->address);
	CHECK(a->user.last.end == MAP_END_ERROR && !a->user.last.open, "an error ends it");
	b->user.policy = ANSWER;
	handle = invoke_more(&b->address);
	net->down = true;
	CHECK(map_node_invoke_next(a->node, handle, &next) == -EIO, "not sent");
	net->down = false;
	net_run(net, 40000);
	check_quiet("not sent");
	net_free(net);
}

/* What the user asks for from within a callback. */
static void test_from_within(void)
{
	struct map_request then;

	setup(3);
	then = net_request(a, &b->address, MAP_SRI_SM, 0);
	a->user.then = &then;
	net_invoke(a, &b->address, MAP_MO_FORWARD_SM, 0);
	net_run(net, 100);
	CHECK(a->user.outcomes == 2 && a->user.ends[MAP_END_RESULT] == 2, "%u", a->user.outcomes);
	a->user.close = true;
	invoke_more(&b->address);
	CHECK(a->user.outcomes == 3, "closed");
	check_quiet("closed from within");
	a->user.close = false;
	a->user.next = true;
	invoke_more(&b->address);
	CHECK(a->user.outcomes == 5 && !a->user.last.open, "next");
	check_quiet("next from within");
	net_free(net);
}

/* ---- timers ---- */

static const struct {
	enum map_operation operation;
	unsigned ms;
} timer_cases[] = {
	{MAP_REPORT_SM_DELIVERY_STATUS, 10000}, {MAP_ALERT_SERVICE_CENTRE, 10000}, {MAP_SRI_SM, 30000},
	{MAP_READY_FOR_SM, 30000}, {MAP_ANY_TIME_MODIFICATION, 30000}, {MAP_MO_FORWARD_SM, 60000},
	{MAP_MT_FORWARD_SM, 60000},
};

/* Nobody answers: the invoking side hears of it in time, and that it may have been performed. */
static void test_timers(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(timer_cases); i++) {
		const char *name = map_operation_name(timer_cases[i].operation);

		setup(3);
		net_invoke(a, &net->hand, timer_cases[i].operation, 0);
		net_run(net, timer_cases[i].ms - 200);
		CHECK(a->user.outcomes == 0, "%s: too early", name);
		net_run(net, 400);
		CHECK(a->user.outcomes == 1 && a->user.last.end == MAP_END_TIMEOUT && a->user.last.uncertain &&
			      !a->user.last.peer && counted(a, MAP_CTR_ABORT_TX) == 0,
		      "%s: %u", name, a->user.outcomes);
		CHECK(map_counted_operation(map_node_ctrs(a->node), timer_cases[i].operation,
					    MAP_OPERATION_CTR_TIMEOUT) == 1,
		      "%s: counted", name);
		check_quiet(name);
		net_free(net);
	}
}

/* The user does not answer: the peer hears systemFailure, the user that it is too late. */
static void test_user_is_late(void)
{
	for (uint8_t version = 1; version <= 3; version++) {
		struct map_node_config config = version_config(3), peer = version_config(version);
		struct map_result result = net_result(MAP_SRI_SM);

		peer.medium_s = 20;
		setup_with(&config, &peer);
		b->user.policy = HOLD;
		net_invoke(a, &b->address, MAP_SRI_SM, 0);
		net_run(net, 19000);
		CHECK(a->user.outcomes == 0 && b->user.indications == 1, "v%u: held", version);
		net_run(net, 2000);
		CHECK(a->user.last.end == MAP_END_ERROR && a->user.error.code == MAP_ERROR_SYSTEM_FAILURE, "v%u: %s",
		      version, map_end_name(a->user.last.end));
		CHECK(b->user.ended == 1 && b->user.why.end == MAP_END_TIMEOUT, "v%u: told", version);
		CHECK(map_node_answer(b->node, b->user.handle, &result) == -ENOENT, "v%u: too late", version);
		check_quiet("late");
		net_free(net);
	}
}

static void test_late_answer(void)
{
	struct map_result result = net_result(MAP_SRI_SM), wrong = {0};
	struct map_error error = {.code = MAP_ERROR_UNKNOWN_SUBSCRIBER};

	setup(3);
	b->user.policy = HOLD;
	net_invoke(a, &b->address, MAP_SRI_SM, 0);
	net_run(net, 5000);
	CHECK(map_node_answer(b->node, b->user.handle, &wrong) == -EINVAL, "not codable");
	CHECK(map_node_answer(a->node, a->user.handle, &result) == -ENOENT, "the other side");
	CHECK(map_node_answer(b->node, b->user.handle, &result) == 0, "answer");
	CHECK(map_node_answer_error(b->node, b->user.handle, &error) == -ENOENT, "one answer only");
	net_run(net, 100);
	CHECK(a->user.last.end == MAP_END_RESULT && strcmp(a->user.result.sri_sm.imsi, "262012345678901") == 0, "result");
	CHECK(strcmp(a->user.result.sri_sm.location.network_node_number.text, "491710760300") == 0, "number");
	b->user.policy = HOLD;
	net_invoke(a, &b->address, MAP_SRI_SM, 0);
	net_run(net, 100);
	net->down = true;
	CHECK(map_node_answer(b->node, b->user.handle, &result) == -EIO, "not sent");
	net->down = false;
	net_run(net, 31000);
	check_quiet("late answer");
	net_free(net);
}

/* Messages keep coming, and still the guard ends it. */
static void test_guard(void)
{
	struct map_node_config config = version_config(3);
	struct map_argument next = net_argument(MAP_MT_FORWARD_SM, 0);
	unsigned sent = 0;
	uint64_t handle;

	config.guard_s = 100;
	setup_with(&config, &config);
	handle = invoke_more(&b->address);
	next.forward_sm.more_messages_to_send = true;
	while (sent < 100 && map_node_invoke_next(a->node, handle, &next) == 0) {
		net_run(net, 10000);
		sent++;
	}
	CHECK(sent == 10 && a->user.ended == 1 && a->user.why.end == MAP_END_TIMEOUT, "%u", sent);
	net_run(net, 100);
	check_quiet("guard");
	net_free(net);
}

/* ---- what a peer can send in each state ---- */

enum state { IN_WAIT, IN_WAIT_V1, IN_ACCEPT, IN_MORE, IN_SERVE, IN_IDLE, STATES };
enum event { GETS_U_ABORT, GETS_P_ABORT, GETS_END, GETS_EMPTY, GETS_REJECT, GETS_ERROR, GETS_RESULT, GETS_WRONG_RESULT,
	     GETS_MALFORMED, GETS_INVOKE, GETS_RETURNED, GETS_BAD, GETS_NOTHING, EVENTS };

static void say_begin(bool invoke)
{
	struct tcap_message m = {.type = TCAP_BEGIN, .dialogue = {.apdu = TCAP_AARQ, .ac = {25, 3}}};
	struct map_argument arg = net_argument(MAP_MT_FORWARD_SM, 3);
	uint8_t octets[512];
	struct wbuf w = wbuf_of(octets, sizeof(octets));

	CHECK(map_argument_encode(&w, &arg) == 0, "argument");
	m.component_count = invoke;
	m.components[0] = (struct tcap_component){.type = TCAP_INVOKE, .has_invoke_id = true, .invoke_id = 7,
						  .has_code = true, .code = 44, .parameter = wbuf_written(&w)};
	net_say(net, a, &m);
	net_run(net, 10);
}

static void say_answer(enum tcap_type type)
{
	struct tcap_message m = {.type = type};

	m.component_count = 1;
	m.components[0] = (struct tcap_component){.type = TCAP_RESULT_LAST, .has_invoke_id = true,
						  .invoke_id = net->heard.components[0].invoke_id};
	net_say(net, a, &m);
	net_run(net, 10);
}

static void reach(enum state state)
{
	struct map_request r = net_request(a, &net->hand, MAP_MT_FORWARD_SM, state == IN_WAIT_V1 ? 1 : 0);
	uint64_t handle;

	a->user.policy = HOLD;
	if (state == IN_SERVE || state == IN_IDLE) {
		say_begin(state == IN_SERVE);
		return;
	}
	r.argument.forward_sm.more_messages_to_send = state == IN_MORE;
	if (state == IN_ACCEPT)
		r.argument.forward_sm.sm_rp_ui.len = 180;
	CHECK(map_node_invoke(a->node, &r, &handle) == 0, "invoke");
	net_run(net, 10);
	if (state == IN_MORE)
		say_answer(TCAP_CONTINUE);
}

static void say_component(enum tcap_component_type type, int8_t invoke_id, int32_t code)
{
	struct tcap_message m = {.type = TCAP_CONTINUE};

	m.component_count = 1;
	m.components[0] = (struct tcap_component){.type = type, .has_invoke_id = true, .invoke_id = invoke_id,
						  .has_code = type == TCAP_INVOKE || type == TCAP_ERROR, .code = code};
	if (type == TCAP_REJECT)
		m.components[0].problem_type = TCAP_PROBLEM_INVOKE;
	net_say(net, a, &m);
}

/* The dialogue's last message comes back; only what its first octets say is looked at. */
static void say_returned(struct dialogue *d)
{
	uint8_t data[64], octets[256];
	struct wbuf v = wbuf_of(data, sizeof(data)), w = wbuf_of(octets, sizeof(octets));
	struct sccp_message s = {.type = SCCP_UDTS, .return_cause = 1, .called = a->address, .calling = net->hand};

	wbuf_u32(&v, 0x62804804);
	wbuf_u32(&v, d->id);
	s.data = wbuf_written(&v);
	CHECK(sccp_encode(&w, &s) == 0, "UDTS");
	map_node_rx(a->node, wbuf_written(&w));
}

static void say_bad(struct dialogue *d, bool malformed)
{
	uint8_t data[64], octets[256];
	struct wbuf v = wbuf_of(data, sizeof(data)), w = wbuf_of(octets, sizeof(octets));
	struct sccp_message s = {.type = SCCP_UDT, .called = a->address, .calling = net->hand};

	wbuf_u8(&v, 0x65);
	wbuf_u8(&v, malformed ? 18 : 15);
	wbuf_u32(&v, 0x4804aabb);
	wbuf_u32(&v, 0xccdd4904);
	wbuf_u32(&v, d->id);
	/* a component of an unknown kind, or an element that TCAP does not have */
	wbuf_put(&v, malformed ? "\x6c\x04\xa9\x02\x05\x00" : "\x7f\x01\x00", malformed ? 6 : 3);
	s.data = wbuf_written(&v);
	CHECK(sccp_encode(&w, &s) == 0, "bad");
	map_node_rx(a->node, wbuf_written(&w));
}

static struct dialogue *only_dialogue(void)
{
	struct dialogue_table *t = &a->node->dialogues;
	struct llist_head *l = !llist_empty(&t->invoking)  ? &t->invoking
			       : !llist_empty(&t->serving) ? &t->serving
							   : &t->idle;

	return llist_first_entry_or_null(l, struct dialogue, entry);
}

static void say_event(enum event event)
{
	struct dialogue *d = only_dialogue();
	struct tcap_message u_abort = {.type = TCAP_ABORT, .dialogue = {.apdu = TCAP_ABRT}};
	struct tcap_message p_abort = {.type = TCAP_ABORT, .has_p_abort = true, .p_abort = 1};
	struct tcap_message end = {.type = TCAP_END}, empty = {.type = TCAP_CONTINUE};

	CHECK(d != NULL, "a dialogue");
	switch (event) {
	case GETS_U_ABORT: net_say(net, a, &u_abort); break;
	case GETS_P_ABORT: net_say(net, a, &p_abort); break;
	case GETS_END: net_say(net, a, &end); break;
	case GETS_EMPTY: net_say(net, a, &empty); break;
	case GETS_REJECT: say_component(TCAP_REJECT, d->invoke_id, 0); break;
	case GETS_ERROR: say_component(TCAP_ERROR, d->invoke_id, MAP_ERROR_SYSTEM_FAILURE); break;
	case GETS_RESULT: say_component(TCAP_RESULT_LAST, d->invoke_id, 0); break;
	case GETS_WRONG_RESULT: say_component(TCAP_RESULT_LAST, 100, 0); break;
	case GETS_INVOKE: say_component(TCAP_INVOKE, 9, 99); break;
	case GETS_MALFORMED: say_bad(d, true); break;
	case GETS_BAD: say_bad(d, false); break;
	case GETS_RETURNED: say_returned(d); break;
	default: break;
	}
}

/* What the user hears at once: an end, or ENDED with it, or nothing. */
enum { NOTHING = -1, ENDED = 100 };

static const int told[STATES][EVENTS] = {
	[IN_WAIT] = {MAP_END_U_ABORT, MAP_END_P_ABORT, MAP_END_CLOSED, NOTHING, MAP_END_REJECT, MAP_END_ERROR,
		     MAP_END_RESULT, NOTHING, NOTHING, NOTHING, MAP_END_RETURNED, MAP_END_P_ABORT, NOTHING},
	[IN_WAIT_V1] = {MAP_END_U_ABORT, MAP_END_P_ABORT, MAP_END_CLOSED, NOTHING, MAP_END_REJECT, MAP_END_ERROR,
			MAP_END_RESULT, NOTHING, NOTHING, NOTHING, MAP_END_RETURNED, MAP_END_P_ABORT, NOTHING},
	[IN_ACCEPT] = {MAP_END_U_ABORT, MAP_END_P_ABORT, MAP_END_CLOSED, NOTHING, NOTHING, NOTHING, NOTHING, NOTHING,
		       NOTHING, NOTHING, MAP_END_RETURNED, MAP_END_P_ABORT, NOTHING},
	[IN_MORE] = {ENDED + MAP_END_U_ABORT, ENDED + MAP_END_P_ABORT, ENDED + MAP_END_CLOSED, NOTHING, NOTHING,
		     NOTHING, NOTHING, NOTHING, NOTHING, NOTHING, ENDED + MAP_END_RETURNED, ENDED + MAP_END_P_ABORT,
		     NOTHING},
	[IN_SERVE] = {ENDED + MAP_END_U_ABORT, ENDED + MAP_END_P_ABORT, ENDED + MAP_END_CLOSED, NOTHING, NOTHING,
		      NOTHING, NOTHING, NOTHING, NOTHING, NOTHING, ENDED + MAP_END_RETURNED, ENDED + MAP_END_P_ABORT,
		      NOTHING},
	[IN_IDLE] = {NOTHING, NOTHING, NOTHING, NOTHING, NOTHING, NOTHING, NOTHING, NOTHING, NOTHING, NOTHING, NOTHING,
		     NOTHING, NOTHING},
};

static void set_peer_ids(enum state state)
{
	/* in SERVE nothing was heard yet that carries our id */
	if (state == IN_SERVE) {
		struct wbuf w = wbuf_of(net->heard.otid.octets, 4);

		net->heard.otid.len = 4;
		wbuf_u32(&w, only_dialogue()->id);
	}
}

static void test_event(enum state state, enum event event)
{
	int expect = told[state][event];
	unsigned outcomes, ended;

	setup(3);
	reach(state);
	CHECK(map_node_invoking(a->node) + map_node_performing(a->node) == 1, "state %d reached", state);
	set_peer_ids(state);
	outcomes = a->user.outcomes;
	ended = a->user.ended;
	say_event(event);
	net_run(net, 10);
	if (expect == NOTHING)
		CHECK(a->user.outcomes == outcomes && a->user.ended == ended, "state %d event %d: told", state, event);
	else if (expect >= ENDED)
		CHECK(a->user.outcomes == outcomes && a->user.ended == ended + 1 &&
			      (int)a->user.why.end == expect - ENDED,
		      "state %d event %d: %s", state, event, map_end_name(a->user.why.end));
	else
		CHECK(a->user.outcomes == outcomes + 1 && a->user.ended == ended && (int)a->user.last.end == expect,
		      "state %d event %d: %s", state, event, map_end_name(a->user.last.end));
	net_run(net, 200000);
	CHECK(a->user.outcomes + a->user.ended + (state == IN_IDLE) - (state == IN_MORE) == 1, "state %d event %d: once",
	      state, event);
	check_quiet("event");
	net_free(net);
}

static void test_events(void)
{
	for (int state = 0; state < STATES; state++)
		for (int event = 0; event < EVENTS; event++)
			test_event((enum state)state, (enum event)event);
}

int main(void)
{
	void *ctx = talloc_named_const(NULL, 0, "map_dialogue_test");

	net_clock_start(ctx);
	test_operations();
	test_errors();
	test_memory();
	test_memory_bounds();
	test_refusals();
	test_refused_for_ever();
	test_success_is_no_version_1();
	test_contexts();
	test_longs();
	test_long_to_version_1();
	test_lost_segments();
	test_more(3);
	test_more(2);
	test_more_ends();
	test_from_within();
	test_timers();
	test_user_is_late();
	test_late_answer();
	test_guard();
	test_events();
	return test_end("map_dialogue");
}
