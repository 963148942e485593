/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */
/* sources: connector/recent.c connector/version_memory.c connector/map_ctr.c connector/map_node.c connector/log.c */
/* sources: connector/dialogue_answer.c connector/dialogue_fsm.c connector/dialogue_invoke.c connector/map_sccp.c */
/* sources: connector/dialogue_perform.c connector/dialogue_rx.c connector/dialogue_table.c */
/* sources: connector/dialogue_tx.c connector/dialogue_version.c */

/* A MAP node and a peer by hand: what exactly is said at each point of a dialogue. */

#include "map_network.h"

static struct net *net;
static struct net_node *a;

static void setup_with(const struct map_node_config *config)
{
	struct map_node_config own = *config;

	net = net_alloc();
	a = net_add(net, "491710760001", &own);
}

static void setup(void)
{
	setup_with(net_config());
}

static void say(struct tcap_message m)
{
	net_say(net, a, &m);
	net_run(net, 10);
}

static struct tcap_message begin_of(struct map_ac ac)
{
	struct tcap_message m = {.type = TCAP_BEGIN};

	if (ac.context)
		m.dialogue = (struct tcap_dialogue){.apdu = TCAP_AARQ, .ac = ac};
	return m;
}

/* Add an invoke; the argument is coded in version. */
static void add_invoke(struct tcap_message *m, const struct map_argument *arg, uint8_t version, int8_t id, int32_t code)
{
	static uint8_t octets[4][512];
	static unsigned next;
	struct wbuf w = wbuf_of(octets[next++ % 4], sizeof(octets[0]));
	struct map_argument coded = *arg;

	coded.version = version;
	CHECK(map_argument_encode(&w, &coded) == 0, "argument");
	m->components[m->component_count++] = (struct tcap_component){
		.type = TCAP_INVOKE, .has_invoke_id = true, .invoke_id = id, .has_code = true, .code = code,
		.parameter = wbuf_written(&w)};
}

static struct tcap_component answer_of(enum tcap_component_type type)
{
	return (struct tcap_component){.type = type, .has_invoke_id = true, .invoke_id = net->heard.components[0].invoke_id,
				       .has_code = type == TCAP_ERROR};
}

/* Says it to what was heard last. */
static void say_component(enum tcap_type type, struct tcap_component c)
{
	struct tcap_message m = {.type = type, .component_count = 1, .components = {c}};

	say(m);
}

static uint64_t invoke(enum map_operation operation, uint8_t version, bool more)
{
	struct map_request r = net_request(a, &net->hand, operation, version);
	uint64_t handle = 0;

	if (more)
		r.argument.forward_sm.more_messages_to_send = true;
	CHECK(map_node_invoke(a->node, &r, &handle) == 0, "invoke");
	net_run(net, 10);
	return handle;
}

static bool heard(unsigned count, enum tcap_type type, size_t components)
{
	return net->heard_count == count && net->heard.type == type && net->heard.component_count == components;
}

/* ---- we invoke ---- */

/* An answer in TC-CONTINUE leaves the peer with an open dialogue: it is ended, or goes on if that was asked for. */
static void test_answer_in_continue(void)
{
	setup();
	invoke(MAP_MT_FORWARD_SM, 3, false);
	say_component(TCAP_CONTINUE, answer_of(TCAP_RESULT_LAST));
	CHECK(a->user.last.end == MAP_END_RESULT && !a->user.last.open && heard(2, TCAP_END, 0), "ended");
	invoke(MAP_MT_FORWARD_SM, 1, true);
	say_component(TCAP_CONTINUE, answer_of(TCAP_RESULT_LAST));
	CHECK(a->user.last.end == MAP_END_RESULT && !a->user.last.open && heard(4, TCAP_END, 0), "version 1");
	invoke(MAP_MT_FORWARD_SM, 3, true);
	say_component(TCAP_CONTINUE, answer_of(TCAP_RESULT_LAST));
	CHECK(a->user.outcomes == 3 && a->user.last.open && net->heard_count == 5, "open");
	net_run(net, 31000);
	CHECK(a->user.ended == 1 && heard(6, TCAP_END, 0), "ended when nothing follows");
	net_free(net);
}

static void test_results(void)
{
	static const uint8_t wrong[] = {0x04, 0x01, 0x00};
	struct tcap_component c;

	setup();
	invoke(MAP_SRI_SM, 3, false);
	c = answer_of(TCAP_RESULT_LAST);
	c.has_code = true;
	c.code = 45;
	c.parameter = (struct view){wrong, 3};
	say_component(TCAP_END, c);
	CHECK(a->user.last.end == MAP_END_REJECT, "routing information: %s", map_end_name(a->user.last.end));
	invoke(MAP_MT_FORWARD_SM, 3, false);
	c.invoke_id = net->heard.components[0].invoke_id;
	c.code = 44;
	say_component(TCAP_END, c);
	CHECK(a->user.last.end == MAP_END_RESULT, "a delivery: %s", map_end_name(a->user.last.end));
	net_free(net);
}

static void test_not_awaited(void)
{
	struct tcap_component c, right;
	struct tcap_id id;

	setup();
	invoke(MAP_SRI_SM, 3, false);
	id = net->heard.otid;
	right = c = answer_of(TCAP_ERROR);
	right.code = MAP_ERROR_UNKNOWN_SUBSCRIBER;
	c.type = TCAP_RESULT_NOT_LAST;
	c.has_code = false;
	say_component(TCAP_CONTINUE, c);
	CHECK(net->heard_count == 1 && a->user.outcomes == 0, "more of the result will follow");
	c.type = TCAP_RESULT_LAST;
	c.invoke_id++;
	say_component(TCAP_CONTINUE, c);
	CHECK(heard(2, TCAP_CONTINUE, 1) && net->heard.components[0].type == TCAP_REJECT, "another invoke id");
	net->heard.otid = id;
	say_component(TCAP_END, right);
	CHECK(a->user.last.end == MAP_END_ERROR && a->user.error.code == MAP_ERROR_UNKNOWN_SUBSCRIBER, "%s",
	      map_end_name(a->user.last.end));
	net_free(net);
}

/* alertServiceCentre of version 1 has no answer: silence is success, and an abort is not. */
static void test_without_answer(void)
{
	setup();
	invoke(MAP_ALERT_SERVICE_CENTRE, 1, false);
	net_run(net, 9000);
	CHECK(a->user.outcomes == 0, "not yet");
	net_run(net, 2000);
	CHECK(a->user.last.end == MAP_END_RESULT && net->heard_count == 1, "%s", map_end_name(a->user.last.end));
	invoke(MAP_ALERT_SERVICE_CENTRE, 1, false);
	say((struct tcap_message){.type = TCAP_ABORT, .has_p_abort = true, .p_abort = 4});
	CHECK(a->user.last.end == MAP_END_P_ABORT && !a->user.last.uncertain, "%s", map_end_name(a->user.last.end));
	net_free(net);
}

/* What is remembered is no longer true: the peer has only version 3 now. */
static void test_memory_is_wrong(void)
{
	struct tcap_message refusal = {.type = TCAP_ABORT, .dialogue = {.apdu = TCAP_AARE, .ac = {20, 2}, .result = 1,
									.diagnostic_source = TCAP_DIAGNOSTIC_USER, .diagnostic = 2}};
	struct tcap_message p_abort = {.type = TCAP_ABORT, .has_p_abort = true, .p_abort = TCAP_P_ABORT_INCORRECT};

	setup();
	version_memory_set(a->node->versions, &net->hand, 20, 2, clock_ms());
	invoke(MAP_SRI_SM, 0, false);
	CHECK(net->heard.dialogue.ac.version == 2, "remembered");
	say(refusal);
	CHECK(net->heard.dialogue.apdu == TCAP_NO_DIALOGUE, "then lower");
	say(p_abort);
	CHECK(net->heard.dialogue.ac.version == 3, "then the highest");
	CHECK(version_memory_count(a->node->versions) == 0, "forgotten");
	say(p_abort);
	CHECK(a->user.last.end == MAP_END_P_ABORT && net->heard_count == 3, "then no more");
	net_free(net);
}

/* Refused after the peer has accepted, and perhaps performed: nothing is sent again. */
static void test_refused_too_late(void)
{
	struct map_request r;
	uint64_t handle;

	setup();
	r = net_request(a, &net->hand, MAP_MT_FORWARD_SM, 0);
	r.argument.forward_sm.sm_rp_ui.len = 180;
	CHECK(map_node_invoke(a->node, &r, &handle) == 0, "invoke");
	net_run(net, 10);
	say((struct tcap_message){.type = TCAP_CONTINUE});
	CHECK(heard(2, TCAP_CONTINUE, 1), "the invoke");
	say((struct tcap_message){.type = TCAP_ABORT, .has_p_abort = true, .p_abort = TCAP_P_ABORT_INCORRECT});
	CHECK(a->user.last.end == MAP_END_P_ABORT && a->user.last.uncertain && net->heard_count == 2, "%s",
	      map_end_name(a->user.last.end));
	net_free(net);
}

/* ---- the peer invokes ---- */

/* AARE and rejects go with the first message only; the last message of several ends the dialogue. */
static void test_serve_more(void)
{
	struct map_argument more = net_argument(MAP_MT_FORWARD_SM, 0), last = more;
	struct tcap_message m = begin_of((struct map_ac){25, 3}), next = {.type = TCAP_CONTINUE};
	struct map_result result = {0};

	setup();
	more.forward_sm.more_messages_to_send = true;
	add_invoke(&m, &more, 3, 1, 44);
	add_invoke(&m, &more, 3, 2, 44);
	say(m);
	CHECK(heard(1, TCAP_CONTINUE, 2) && net->heard.dialogue.apdu == TCAP_AARE, "%zu", net->heard.component_count);
	CHECK(map_node_answer(a->node, a->user.handle, &result) == -ENOENT, "answered already");
	add_invoke(&next, &last, 3, 3, 44);
	say(next);
	CHECK(heard(2, TCAP_END, 1) && net->heard.dialogue.apdu == TCAP_NO_DIALOGUE, "%zu", net->heard.component_count);
	CHECK(a->user.indications == 2 && map_node_performing(a->node) == 0, "ended");
	m.components[0].invoke_id = 9;
	net->down = true;
	say(m);
	net->down = false;
	CHECK(map_node_performing(a->node) == 0, "an answer that does not go ends it");
	net_free(net);
}

static void test_serve_second(void)
{
	struct map_argument arg = net_argument(MAP_MT_FORWARD_SM, 0);
	struct tcap_message m = begin_of((struct map_ac){25, 2}), second = {.type = TCAP_CONTINUE, .dtid = {.len = 4}};
	struct map_result result = {0};
	struct wbuf id = wbuf_of(second.dtid.octets, 4);

	setup();
	a->user.policy = HOLD;
	add_invoke(&m, &arg, 2, 1, 46);
	say(m);
	wbuf_u32(&id, llist_first_entry(&a->node->dialogues.serving, struct dialogue, entry)->id);
	add_invoke(&second, &arg, 2, 2, 46);
	say(second);
	CHECK(a->user.indications == 1 && net->heard_count == 0, "one at a time");
	CHECK(map_node_answer(a->node, a->user.handle, &result) == 0, "answer");
	net_run(net, 10);
	CHECK(heard(1, TCAP_END, 2) && net->heard.components[0].type == TCAP_REJECT &&
		      net->heard.components[0].problem == TCAP_INVOKE_RESOURCE_LIMITATION,
	      "rejected with the answer");
	net_free(net);
}

static void test_serve_version_1(void)
{
	struct map_argument alert = net_argument(MAP_ALERT_SERVICE_CENTRE, 0), arg = net_argument(MAP_MT_FORWARD_SM, 0);
	struct tcap_message m = begin_of((struct map_ac){0});

	setup();
	say(m);
	CHECK(heard(1, TCAP_ABORT, 0) && net->heard.p_abort == TCAP_P_ABORT_INCORRECT, "empty");
	add_invoke(&m, &alert, 1, 1, 49);
	say(m);
	CHECK(a->user.indications == 1 && a->user.not_answered == 0 && net->heard_count == 1, "49 has no answer");
	m.component_count = 0;
	arg.forward_sm.more_messages_to_send = true;
	add_invoke(&m, &arg, 2, 1, 46);
	say(m);
	CHECK(a->user.indications == 2 && heard(2, TCAP_END, 1), "no moreMessagesToSend");
	CHECK(map_node_performing(a->node) == 0, "ended");
	net_free(net);
}

/* The context is served, the operation is not. */
static void test_not_served(void)
{
	struct map_node_config config = *net_config();
	struct map_argument arg = net_argument(MAP_REPORT_SM_DELIVERY_STATUS, 0);
	struct tcap_message m = begin_of((struct map_ac){20, 3});

	config.served = MAP_NODE_SERVES(MAP_SRI_SM);
	setup_with(&config);
	add_invoke(&m, &arg, 3, 1, 47);
	say(m);
	CHECK(a->user.indications == 0 && heard(1, TCAP_END, 1) &&
		      net->heard.components[0].problem == TCAP_INVOKE_UNRECOGNIZED_OPERATION,
	      "rejected");
	say(begin_of((struct map_ac){25, 3}));
	CHECK(heard(2, TCAP_ABORT, 0) && net->heard.dialogue.apdu == TCAP_AARE, "refused");
	net_free(net);
}

/* Reached by point code and subsystem, we answer with our global title. */
static void test_own_address(void)
{
	struct map_node_config config = *net_config();

	config.own = net_address("491710769999", SCCP_SSN_HLR);
	setup_with(&config);
	a->address = (struct sccp_address){.route_on_ssn = true, .has_pc = true, .pc = 100, .has_ssn = true,
					   .ssn = SCCP_SSN_MSC};
	say(begin_of((struct map_ac){25, 3}));
	CHECK(strcmp(net->heard_from.digits, "491710769999") == 0 && net->heard_from.ssn == SCCP_SSN_MSC, "own");
	a->address = net_address("491710760001", SCCP_SSN_MSC);
	say(begin_of((struct map_ac){25, 2}));
	CHECK(strcmp(net->heard_from.digits, "491710760001") == 0, "as called");
	net_free(net);
}

/* ---- segments ---- */

static void first_segment(uint32_t reference)
{
	uint8_t octets[256];
	struct wbuf w = wbuf_of(octets, sizeof(octets));
	struct sccp_message m = {
		.type = SCCP_XUDT, .protocol_class = 1, .return_on_error = true, .hop_counter = 15,
		.called = a->address, .calling = net->hand, .data = VIEW("x"),
		.segmentation = {.present = true, .first = true, .remaining = 1, .reference = reference}};

	CHECK(sccp_encode(&w, &m) == 0, "XUDT");
	map_node_rx(a->node, wbuf_written(&w));
}

static void test_segments(void)
{
	struct map_node_config config = *net_config();
	struct sccp_address nowhere = net_address("4900000", SCCP_SSN_MSC);
	uint32_t reference;

	config.reassembly_slots = 1;
	config.segment = true;
	setup_with(&config);
	first_segment(1);
	first_segment(2);
	CHECK(a->node->reassembly.dropped == 1, "no room: the first one gives way");
	net_run(net, 16000);
	first_segment(3);
	CHECK(a->node->reassembly.dropped == 1, "room again after a while");
	CHECK(map_counted(map_node_ctrs(a->node), MAP_CTR_SCCP_RETURNED_TX) == 0, "nothing is returned");
	reference = a->node->segment_reference;
	a->node->config.message_max = 100;
	net_invoke(a, &nowhere, MAP_MT_FORWARD_SM, 3);
	CHECK(net->segments > 1 && a->node->segment_reference == reference + 1, "a reference for each message");
	net_free(net);
}

int main(void)
{
	void *ctx = talloc_named_const(NULL, 0, "map_conversation_test");

	net_clock_start(ctx);
	test_answer_in_continue();
	test_results();
	test_not_awaited();
	test_without_answer();
	test_memory_is_wrong();
	test_refused_too_late();
	test_serve_more();
	test_serve_second();
	test_serve_version_1();
	test_not_served();
	test_own_address();
	test_segments();
	return test_end("map_conversation");
}
