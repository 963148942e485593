/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */
/* sources: connector/recent.c connector/version_memory.c connector/map_ctr.c connector/map_node.c connector/log.c */
/* sources: connector/dialogue_answer.c connector/dialogue_fsm.c connector/dialogue_invoke.c connector/map_sccp.c */
/* sources: connector/dialogue_perform.c connector/dialogue_rx.c connector/dialogue_table.c */
/* sources: connector/dialogue_tx.c connector/dialogue_version.c */

/* Storms, messages that come twice, late or never, ids, components in bulk: bounds, and each outcome once. */

#include "map_network.h"

#include "../../connector/recent.h"
#include "map_vectors.h"

static struct net *net;
static struct net_node *a, *b;

static void setup(const struct map_node_config *config)
{
	struct map_node_config both = *config;

	net = net_alloc();
	a = net_add(net, "491710760001", &both);
	b = net_add(net, "491710760002", &both);
}

static uint64_t counted(struct net_node *n, enum map_ctr ctr)
{
	return map_counted(map_node_ctrs(n->node), ctr);
}

static void check_quiet(const char *name)
{
	CHECK(map_node_invoking(a->node) + map_node_invoking(b->node) == 0, "%s: invoking", name);
	CHECK(map_node_performing(a->node) + map_node_performing(b->node) == 0, "%s: performing", name);
}

/* ---- a network that fails ---- */

static const struct {
	const char *name;
	unsigned lose, twice, delay_ms;
	bool segment;
} networks[] = {
	{"clean", 0, 0, 0, false},	 {"loses", 20, 0, 50, false},	   {"doubles", 0, 100, 20, false},
	{"slow", 0, 10, 4000, false},	 {"all of it", 10, 30, 500, false}, {"segments", 10, 30, 20, true},
	{"all is lost", 100, 0, 0, false},
};

static const enum map_operation MIX[] = {MAP_SRI_SM, MAP_MO_FORWARD_SM, MAP_MT_FORWARD_SM,
					 MAP_REPORT_SM_DELIVERY_STATUS, MAP_READY_FOR_SM};

enum { MIXED = 1500 };

static void test_network(size_t n)
{
	struct map_node_config config = *net_config();
	unsigned indications;

	config.segment = networks[n].segment;
	setup(&config);
	net->lose_percent = networks[n].lose;
	net->double_percent = networks[n].twice;
	net->delay_max_ms = networks[n].delay_ms;
	for (unsigned i = 0; i < MIXED; i++) {
		struct map_request r = net_request(i % 3 ? a : b, i % 3 ? &b->address : &a->address, MIX[i % 5], 0);
		uint64_t handle;

		if (i % 4 == 0 && (MIX[i % 5] == MAP_MO_FORWARD_SM || MIX[i % 5] == MAP_MT_FORWARD_SM))
			r.argument.forward_sm.sm_rp_ui.len = networks[n].segment ? 190 : 165;
		CHECK(map_node_invoke((i % 3 ? a : b)->node, &r, &handle) == 0, "invoke");
		net_run(net, 10);
	}
	net_run(net, 200000);
	CHECK(a->user.outcomes == MIXED / 3 * 2 && b->user.outcomes == MIXED / 3, "%s: %u and %u outcomes",
	      networks[n].name, a->user.outcomes, b->user.outcomes);
	for (unsigned h = 1; h <= MIXED / 3 * 2; h++)
		CHECK(a->user.told[h] <= 1, "%s: handle %u told %u times", networks[n].name, h, a->user.told[h]);
	indications = a->user.indications + b->user.indications;
	CHECK(indications <= MIXED, "%s: %u performed", networks[n].name, indications);
	if (networks[n].lose == 0)
		CHECK(a->user.ends[MAP_END_RESULT] + b->user.ends[MAP_END_RESULT] == MIXED && indications == MIXED,
		      "%s: %u and %u results, %u performed", networks[n].name, a->user.ends[MAP_END_RESULT],
		      b->user.ends[MAP_END_RESULT], indications);
	if (networks[n].lose == 100)
		CHECK(a->user.ends[MAP_END_TIMEOUT] == MIXED / 3 * 2, "%s", networks[n].name);
	CHECK(a->user.not_answered + b->user.not_answered == 0, "%s: answers refused", networks[n].name);
	check_quiet(networks[n].name);
	net_free(net);
}

static void test_unreachable(void)
{
	struct sccp_address nowhere = net_address("4900000", SCCP_SSN_HLR);
	struct map_request r;
	uint64_t handle;

	setup(net_config());
	r = net_request(a, &nowhere, MAP_MT_FORWARD_SM, 0);
	CHECK(map_node_invoke(a->node, &r, &handle) == 0, "invoke");
	r.argument.forward_sm.sm_rp_ui.len = 190;
	CHECK(map_node_invoke(a->node, &r, &handle) == 0, "long");
	a->node->config.segment = true;
	CHECK(map_node_invoke(a->node, &r, &handle) == 0 && net->segments == 2, "segmented");
	net_run(net, 100);
	CHECK(a->user.ends[MAP_END_RETURNED] == 3, "%u returned", a->user.ends[MAP_END_RETURNED]);
	CHECK(a->user.last.cause == SCCP_CAUSE_NO_TRANSLATION && !a->user.last.uncertain, "cause");
	net->down = true;
	CHECK(map_node_invoke(a->node, &r, &handle) == -EIO, "the network is down");
	net->down = false;
	check_quiet("unreachable");
	net_free(net);
}

/* SCCP says who it is not for. */
static void test_wrong_ssn(void)
{
	struct map_node_config config = *net_config();
	struct sccp_address wrong;

	config.n_ssns = 2;
	setup(&config);
	wrong = b->address;
	wrong.ssn = 200;
	net_invoke(a, &wrong, MAP_SRI_SM, 0);
	net_run(net, 100);
	CHECK(a->user.last.end == MAP_END_RETURNED && a->user.last.cause == SCCP_CAUSE_UNEQUIPPED_USER, "%s",
	      map_end_name(a->user.last.end));
	CHECK(b->user.indications == 0 && counted(b, MAP_CTR_SCCP_RETURNED_TX) == 1, "returned");
	net_free(net);
}

/* ---- storms ---- */

enum { STORM = 10000 };

static void say_begin(uint32_t otid, bool invoke)
{
	struct tcap_message m = {.type = TCAP_BEGIN, .dialogue = {.apdu = TCAP_AARQ, .ac = {25, 3}}};
	struct map_argument arg = net_argument(MAP_MT_FORWARD_SM, 3);
	uint8_t octets[512];
	struct wbuf w = wbuf_of(octets, sizeof(octets)), id = wbuf_of(m.otid.octets, 4);

	wbuf_u32(&id, otid);
	m.otid.len = 4;
	map_argument_encode(&w, &arg);
	m.component_count = invoke;
	m.components[0] = (struct tcap_component){.type = TCAP_INVOKE, .has_invoke_id = true, .invoke_id = 1,
						  .has_code = true, .code = 44, .parameter = wbuf_written(&w)};
	net_say(net, a, &m);
}

/* Somebody else is served at any time, while the storm goes on. */
static void check_served(unsigned i)
{
	unsigned before = b->user.ends[MAP_END_RESULT];

	a->user.policy = ANSWER;
	net_invoke(b, &a->address, MAP_SRI_SM, 0);
	net_run(net, 3);
	CHECK(b->user.ends[MAP_END_RESULT] == before + 1, "after %u: %s", i, map_end_name(b->user.last.end));
	a->user.policy = HOLD;
}

static void test_storm(bool invoke)
{
	struct map_node_config config = *net_config();
	size_t octets, blocks;

	config.performing_max = 1000;
	setup(&config);
	a->user.policy = HOLD;
	for (uint32_t i = 1; i <= 1000; i++)
		say_begin(i, invoke);
	net_run(net, 10);
	octets = talloc_total_size(a->node);
	blocks = talloc_total_blocks(a->node);
	for (uint32_t i = 1001; i <= STORM; i++) {
		say_begin(i, invoke);
		if (i % 500 == 0)
			check_served(i);
		CHECK(map_node_performing(a->node) <= 1000, "%u", map_node_performing(a->node));
	}
	net_run(net, 10);
	CHECK(talloc_total_size(a->node) <= octets + 4096 && talloc_total_blocks(a->node) <= blocks,
	      "%zu octets before, %zu after", octets, talloc_total_size(a->node));
	CHECK(counted(a, MAP_CTR_EVICTED) >= STORM - 1000, "%u evicted", (unsigned)counted(a, MAP_CTR_EVICTED));
	CHECK(a->user.ended == (invoke ? (unsigned)counted(a, MAP_CTR_EVICTED) : 0), "told %u times", a->user.ended);
	CHECK(!invoke || a->user.why.end == MAP_END_EVICTED, "why");
	net_run(net, 120000);
	CHECK(a->user.ended == (invoke ? a->user.indications - 18 : 0), "%u of %u", a->user.ended, a->user.indications);
	check_quiet("storm");
	net_free(net);
}

static uint32_t peer_id(const struct dialogue *d)
{
	struct rbuf r = rbuf_of((struct view){d->peer_id.octets, d->peer_id.len});

	return rbuf_u32(&r);
}

/* Who waits for his peer goes before who waits for us, and the oldest first. */
static void test_eviction_order(void)
{
	struct map_node_config config = *net_config();
	struct dialogue_table *t;

	config.performing_max = 4;
	setup(&config);
	t = &a->node->dialogues;
	a->user.policy = HOLD;
	say_begin(1, true);
	say_begin(2, false);
	say_begin(3, true);
	say_begin(4, false);
	net_run(net, 10);
	say_begin(5, true);
	CHECK(peer_id(llist_first_entry(&t->idle, struct dialogue, entry)) == 4, "2 went first");
	net_run(net, 10);
	CHECK(net->heard.type == TCAP_ABORT && net->heard.dialogue.map.pdu == MAP_USER_ABORT &&
		      net->heard.dialogue.map.reason == MAP_USER_ABORT_RESOURCE_LIMITATION,
	      "told why");
	say_begin(6, true);
	CHECK(llist_empty(&t->idle) && a->user.ended == 0, "then 4");
	say_begin(7, true);
	CHECK(peer_id(llist_first_entry(&t->serving, struct dialogue, entry)) == 3 && a->user.ended == 1, "then 1");
	net_run(net, 100);
	net_free(net);
}

static void test_invoking_bound(void)
{
	struct map_node_config config = *net_config();
	struct map_request r;
	uint64_t handle;

	config.invoking_max = 100;
	setup(&config);
	for (int i = 0; i < 100; i++)
		net_invoke(a, &net->hand, MAP_SRI_SM, 0);
	r = net_request(a, &net->hand, MAP_SRI_SM, 0);
	CHECK(map_node_invoke(a->node, &r, &handle) == -ENOBUFS, "full");
	CHECK(counted(a, MAP_CTR_FULL_INVOKING) == 1, "counted");
	net_run(net, 31000);
	CHECK(a->user.ends[MAP_END_TIMEOUT] == 100 && map_node_invoke(a->node, &r, &handle) == 0, "room again");
	net_free(net);
}

/* ---- ids ---- */

static uint8_t few; /* how many values the random octets of test_ids() have */

static void few_random(void *data, void *out, size_t octets)
{
	memset(out, 0, octets);
	*(uint8_t *)out = (uint8_t)(net_random(((struct net_node *)data)->net) % few);
}

/* With few values to choose from, ids in use and those used lately are still avoided. */
static void test_ids(void)
{
	struct map_node_config config = *net_config();
	uint8_t used[256] = {0};

	config.recent_max = 50;
	setup(&config);
	few = 120;
	a->node->ops.random = few_random;
	for (unsigned i = 0; i < 1000; i++) {
		uint8_t id;

		net_invoke(a, i % 2 ? &b->address : &net->hand, MAP_SRI_SM, 0);
		id = (uint8_t)llist_last_entry(&a->node->dialogues.invoking, struct dialogue, entry)->id;
		CHECK(id != 0, "no id");
		for (unsigned other = 0; other < 256; other++)
			CHECK(other != id || !used[other] || i - used[other] % 256u > 25, "id %u again", id);
		used[id] = (uint8_t)i;
		net_run(net, 1000);
	}
	CHECK(a->user.ends[MAP_END_RESULT] == 500, "%u", a->user.ends[MAP_END_RESULT]);
	net_free(net);
}

static int compare(const void *x, const void *y)
{
	return memcmp(x, y, sizeof(uint32_t));
}

/* The system's: no id of many comes twice, and they do not follow each other. */
static void test_random_ids(void)
{
	enum { N = 4000 };
	static uint32_t ids[N];
	unsigned near = 0, same = 0;

	setup(net_config());
	for (unsigned i = 0; i < N; i++) {
		net_invoke(a, &b->address, MAP_SRI_SM, 0);
		ids[i] = llist_last_entry(&a->node->dialogues.invoking, struct dialogue, entry)->id;
		near += i && ids[i] - ids[i - 1] + 1000000 < 2000000;
		net_run(net, 3);
	}
	qsort(ids, N, sizeof(ids[0]), compare);
	for (unsigned i = 1; i < N; i++)
		same += ids[i] == ids[i - 1];
	CHECK(same == 0 && near < 20, "%u the same, %u near", same, near);
	net_free(net);
}

static void test_recent(void)
{
	void *ctx = talloc_named_const(NULL, 0, "recent");
	struct recent *r = recent_alloc(ctx, 10, 1000);

	for (uint64_t key = 0; key < 100; key++)
		recent_add(r, key * 1024, 500);
	CHECK(!recent_has(r, 89 * 1024, 500) && recent_has(r, 90 * 1024, 500), "the last 10");
	CHECK(recent_has(r, 99 * 1024, 1499) && !recent_has(r, 99 * 1024, 1500), "age");
	recent_add(r, 99 * 1024, 1499);
	CHECK(!recent_has(r, 99 * 1024, 1500), "the first time counts");
	recent_add(r, 99 * 1024, 1500);
	CHECK(recent_has(r, 99 * 1024, 2499), "anew");
	CHECK(recent_digest(1, VIEW("abc")) != recent_digest(2, VIEW("abc")), "seed");
	CHECK(recent_digest(1, VIEW("abc")) != recent_digest(1, VIEW("abd")), "octets");
	talloc_free(ctx);
}

/* ---- twice and stale ---- */

static void test_duplicates(void)
{
	setup(net_config());
	a->user.policy = ANSWER;
	say_begin(1, true);
	say_begin(1, true);
	net_run(net, 4000);
	say_begin(1, true);
	net_run(net, 10);
	CHECK(a->user.indications == 1 && counted(a, MAP_CTR_DUPLICATE) == 2, "%u performed", a->user.indications);
	CHECK(net->heard_count == 1, "%u answers", net->heard_count);
	say_begin(2, true);
	net_run(net, 2000);
	say_begin(1, true);
	CHECK(a->user.indications == 3, "another id, and the same after a while: %u", a->user.indications);
	net_free(net);
}

static void test_stale(void)
{
	struct tcap_message m = {.type = TCAP_CONTINUE, .dtid = {4, {1, 2, 3, 4}}};
	static const struct tcap_id ids[] = {{1, {1}}, {3, {1, 2, 3}}, {4, {0, 0, 0, 0}}, {4, {1, 2, 3, 4}}};

	setup(net_config());
	for (size_t i = 0; i < ARRAY_SIZE(ids); i++) {
		m = (struct tcap_message){.type = TCAP_CONTINUE, .dtid = ids[i]};
		net_say(net, a, &m);
		net_run(net, 10);
		CHECK(net->heard_count == i + 1 && net->heard.has_p_abort && net->heard.p_abort == 1, "%zu: P-Abort", i);
		CHECK(net->heard.dtid.len == 4 && net->heard.dtid.octets[0] == 0xaa, "%zu: to him", i);
		m = (struct tcap_message){.type = TCAP_END, .dtid = ids[i]};
		net_say(net, a, &m);
		m = (struct tcap_message){.type = TCAP_ABORT, .dtid = ids[i]};
		net_say(net, a, &m);
		net_run(net, 10);
		CHECK(net->heard_count == i + 1, "%zu: END and ABORT are not answered", i);
	}
	CHECK(counted(a, MAP_CTR_STALE) == 3 * ARRAY_SIZE(ids), "counted");
	net_free(net);
}

/* The right id of ours, but not his of before. */
static void test_wrong_peer_id(void)
{
	struct tcap_message m = {.type = TCAP_CONTINUE};
	struct tcap_id ours;

	setup(net_config());
	net_invoke(a, &net->hand, MAP_SRI_SM, 0);
	net_run(net, 10);
	ours = net->heard.otid;
	net_say(net, a, &m);
	m = (struct tcap_message){.type = TCAP_CONTINUE, .otid = {4, {9, 9, 9, 9}}, .dtid = ours, .component_count = 1};
	m.components[0] = (struct tcap_component){.type = TCAP_REJECT, .has_invoke_id = true, .invoke_id = 1,
						  .problem_type = TCAP_PROBLEM_INVOKE};
	net_say(net, a, &m);
	CHECK(a->user.outcomes == 0 && counted(a, MAP_CTR_STALE) == 1, "ignored");
	net_free(net);
}

/* ---- components ---- */

static struct tcap_component invoke_of(int8_t invoke_id, int32_t code, struct view parameter)
{
	return (struct tcap_component){.type = TCAP_INVOKE, .has_invoke_id = true, .invoke_id = invoke_id,
				       .has_code = true, .code = code, .parameter = parameter};
}

/* Eight at once: the first that can be is performed, the others are refused, and a bounded number of them told so. */
static void test_components(void)
{
	struct tcap_message m = {.type = TCAP_BEGIN, .dialogue = {.apdu = TCAP_AARQ, .ac = {25, 3}}, .component_count = 8};
	struct map_argument arg = net_argument(MAP_MT_FORWARD_SM, 3);
	static const uint8_t empty[] = {0x30, 0x00}, wrong[] = {0x02, 0x01, 0x00};
	uint8_t octets[512];
	struct wbuf w = wbuf_of(octets, sizeof(octets));

	setup(net_config());
	map_argument_encode(&w, &arg);
	m.components[0] = invoke_of(1, 99, (struct view){empty, 2});
	m.components[1] = invoke_of(2, 44, (struct view){wrong, 3});
	m.components[2] = invoke_of(3, 44, (struct view){empty, 2});
	m.components[3] = invoke_of(4, 44, wbuf_written(&w));
	m.components[4] = invoke_of(4, 44, (struct view){empty, 2});
	for (int8_t i = 5; i < 8; i++)
		m.components[i] = invoke_of(i, 44, (struct view){empty, 2});
	net_say(net, a, &m);
	net_run(net, 10);
	CHECK(a->user.indications == 1, "%u performed", a->user.indications);
	CHECK(net->heard.type == TCAP_END && net->heard.component_count == 5, "%zu answers", net->heard.component_count);
	CHECK(net->heard.components[0].type == TCAP_REJECT &&
		      net->heard.components[0].problem == TCAP_INVOKE_UNRECOGNIZED_OPERATION,
	      "unrecognizedOperation");
	CHECK(net->heard.components[1].problem == TCAP_INVOKE_MISTYPED_PARAMETER, "mistypedParameter");
	CHECK(net->heard.components[2].type == TCAP_ERROR && net->heard.components[2].code == MAP_ERROR_DATA_MISSING,
	      "dataMissing");
	CHECK(net->heard.components[3].problem == TCAP_INVOKE_DUPLICATE_ID, "duplicateInvokeID");
	CHECK(net->heard.components[4].type == TCAP_RESULT_LAST && net->heard.components[4].invoke_id == 4, "result");
	CHECK(counted(a, MAP_CTR_REPLY_DROPPED) == 3, "the others are dropped");
	check_quiet("components");
	net_free(net);
}

/* An HLR's TC-END with informServiceCentre before the result, as it came off a wire; only our ids are put in. */
static void test_inform(void)
{
	struct tcap_message m;
	struct vector v;
	uint8_t *octets;
	size_t len;

	if (!vector_find("test/vectors/map_tcap.txt", "sri-end-isc", &v))
		return;
	octets = test_hex(v.hex, &len);
	setup(net_config());
	net_invoke(a, &net->hand, MAP_SRI_SM, 0);
	net_run(net, 10);
	CHECK(tcap_decode((struct view){octets, len}, &m) == 0 && m.component_count == 2, "vector");
	m.dtid = net->heard.otid;
	net_say(net, a, &m);
	CHECK(a->user.last.end == MAP_END_RESULT && a->user.last.inform != NULL, "%s", map_end_name(a->user.last.end));
	CHECK(a->user.inform.mw_status.value == MAP_MW_MNRF_SET, "mw-Status %02x", a->user.inform.mw_status.value);
	CHECK(strcmp(a->user.result.sri_sm.imsi, "262001234567891") == 0, "%s", a->user.result.sri_sm.imsi);
	CHECK(map_counted_operation(map_node_ctrs(a->node), MAP_INFORM_SERVICE_CENTRE, MAP_OPERATION_CTR_RX) == 1,
	      "counted");
	net_free(net);
	free(octets);
}

/* Answers go to where the answer came from, and come from where we were called. */
static void test_addresses(void)
{
	struct tcap_message m = {.type = TCAP_CONTINUE};
	struct map_request r;
	uint64_t handle;

	setup(net_config());
	r = net_request(a, &net->hand, MAP_MT_FORWARD_SM, 0);
	r.argument.forward_sm.sm_rp_ui.len = 180;
	CHECK(map_node_invoke(a->node, &r, &handle) == 0, "invoke");
	net_run(net, 10);
	net->hand = net_address("4998", SCCP_SSN_MSC);
	net_say(net, a, &m);
	net_run(net, 10);
	CHECK(net->heard_count == 2 && net->heard.component_count == 1, "to the new address");
	CHECK(strcmp(net->heard_from.digits, a->address.digits) == 0, "from ours");
	m = (struct tcap_message){.type = TCAP_END, .dtid = net->heard.otid, .component_count = 1};
	m.components[0] = (struct tcap_component){.type = TCAP_RESULT_LAST, .has_invoke_id = true,
						  .invoke_id = net->heard.components[0].invoke_id};
	net_say(net, a, &m);
	CHECK(a->user.last.end == MAP_END_RESULT, "%s", map_end_name(a->user.last.end));
	net_free(net);
}

int main(void)
{
	void *ctx = talloc_named_const(NULL, 0, "map_storm_test");

	net_clock_start(ctx);
	for (size_t i = 0; i < ARRAY_SIZE(networks); i++)
		test_network(i);
	test_unreachable();
	test_wrong_ssn();
	test_storm(false);
	test_storm(true);
	test_eviction_order();
	test_invoking_bound();
	test_ids();
	test_random_ids();
	test_recent();
	test_duplicates();
	test_stale();
	test_wrong_peer_id();
	test_components();
	test_inform();
	test_addresses();
	return test_end("map_storm");
}
