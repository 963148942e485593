/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */
/* sources: connector/map_query_answer.c connector/map_routing_info.c connector/recent.c connector/log.c connector/map_ctr.c */

/* What an SRI-SM is answered: every answer of the HLR, registered or not, by each setting. What is around it is played here. */

#include "test.h"

#include "../../connector/log.h"
#include "../../connector/map_query.h"

#include <osmocom/core/talloc.h>

enum answer { WAITS, OURS, RESULT, ERROR, FAILURE };

static const char *const answer_names[] = {"waits", "ours", "the HLR's result", "the HLR's error", "systemFailure"};

static struct {
	enum answer answer;
	unsigned answers, freed;
	int32_t code;
	struct map_sri_sm_result result;
	struct map_routing_info learned;
	bool full;
	struct correlation correlation;
} played;

void map_home_count(struct map_stack *stack, enum map_home_ctr ctr)
{
	(void)stack, (void)ctr;
}

void map_home_learn(struct map_home *home, const struct sms_address *msisdn, const struct map_routing_info *routing)
{
	(void)home, (void)msisdn;
	played.learned = *routing;
}

const char *map_home_imsi(const struct map_home *home, const struct sms_address *msisdn)
{
	(void)home, (void)msisdn;
	return "262020000000099";
}

struct correlation *map_home_correlate(struct map_home *home, const struct sms_address *msisdn, const char *imsi)
{
	(void)home, (void)msisdn, (void)imsi;
	strcpy(played.correlation.id, "262002123456789");
	return played.full ? NULL : &played.correlation;
}

struct map_error map_home_error(const struct map_error *error, uint8_t version)
{
	(void)version;
	return *error;
}

void map_served_result(struct map_stack *stack, struct map_served *served, const struct map_result *result)
{
	(void)stack, (void)served;
	played.answers++;
	played.result = result->sri_sm;
	played.answer = strcmp(result->sri_sm.imsi, "262002123456789") ? RESULT : OURS;
}

void map_served_error(struct map_stack *stack, struct map_served *served, const struct map_error *error)
{
	(void)stack, (void)served;
	played.answers++;
	played.code = error->code;
	played.answer = error->code == MAP_ERROR_SYSTEM_FAILURE ? FAILURE : ERROR;
}

void map_query_free(struct map_query *q)
{
	(void)q;
	played.freed++;
}

/* ---- */

enum { REGISTERED_ONLY = 1, RELAY = 2, NAMES_US = 4, REPORT = 8, NOT_INTENDED = 16, FULL = 32 };

enum user { UNKNOWN, NO, YES };

static const struct {
	enum hlr_answer hlr;
	enum user user;
	unsigned how;
	enum answer want;
} cases[] = {
	{HLR_NONE_YET, YES, 0, WAITS},
	{HLR_NONE_YET, UNKNOWN, 0, WAITS},
	{HLR_NODES, UNKNOWN, 0, WAITS},
	{HLR_NODES, YES, 0, OURS},
	{HLR_NODES, YES, REGISTERED_ONLY, OURS},
	{HLR_NODES, NO, 0, OURS},
	{HLR_NODES, NO, REGISTERED_ONLY, RESULT},
	{HLR_NODES, NO, REGISTERED_ONLY | REPORT, RESULT},
	{HLR_NODES, NO, REGISTERED_ONLY | REPORT | RELAY, OURS},
	{HLR_NODES, NO, REGISTERED_ONLY | NAMES_US, OURS},
	{HLR_NODES, YES, NOT_INTENDED, RESULT},
	{HLR_NODES, UNKNOWN, NOT_INTENDED, RESULT},
	{HLR_NODES, YES, FULL, FAILURE},
	{HLR_ABSENT, UNKNOWN, 0, WAITS},
	{HLR_ABSENT, YES, 0, OURS},
	{HLR_ABSENT, YES, REGISTERED_ONLY, OURS},
	{HLR_ABSENT, NO, 0, ERROR},
	{HLR_ABSENT, NO, REGISTERED_ONLY | REPORT | RELAY, ERROR},
	{HLR_ABSENT, YES, FULL, ERROR},
	{HLR_ERROR, UNKNOWN, 0, ERROR},
	{HLR_ERROR, YES, 0, ERROR},
	{HLR_ERROR, NO, REGISTERED_ONLY, ERROR},
	{HLR_FAILED, UNKNOWN, 0, WAITS},
	{HLR_FAILED, YES, 0, OURS},
	{HLR_FAILED, NO, 0, FAILURE},
	{HLR_FAILED, YES, FULL, FAILURE},
};

static struct map_query query_of(struct map_home *home, enum hlr_answer hlr, enum user user, unsigned how)
{
	struct map_query q = {.home = home, .version = 3, .hlr = hlr, .user_known = user != UNKNOWN, .registered = user == YES,
			      .is_report = how & REPORT, .not_intended = how & NOT_INTENDED, .gprs_supported = true};
	struct map_location_info *l = &q.result.location;

	if (hlr == HLR_NODES) {
		strcpy(q.result.imsi, "262020000000001");
		l->present = true;
		strcpy(l->network_node_number.text, how & NAMES_US ? "491710760100" : "491710760301");
		l->additional_number.type = MAP_NUMBER_SGSN;
		strcpy(l->additional_number.address.text, "491710760302");
	}
	q.error.code = hlr == HLR_ABSENT ? MAP_ERROR_ABSENT_SUBSCRIBER_SM : MAP_ERROR_UNKNOWN_SUBSCRIBER;
	return q;
}

static void test_table(struct map_home *home)
{
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct map_query q = query_of(home, cases[i].hlr, cases[i].user, cases[i].how);

		memset(&played, 0, sizeof(played));
		played.full = cases[i].how & FULL;
		home->stack->config.registered_only = cases[i].how & REGISTERED_ONLY;
		home->stack->config.relay_csps = cases[i].how & RELAY;
		map_query_decide(&q);
		CHECK(played.answer == cases[i].want, "case %zu: %s, not %s", i, answer_names[played.answer],
		      answer_names[cases[i].want]);
		CHECK(played.answers == played.freed && played.answers == (cases[i].want != WAITS), "case %zu: %u answers", i,
		      played.answers);
	}
}

/* Our own address alone; what the HLR said is kept. */
static void test_what_is_told(struct map_home *home)
{
	struct map_query q = query_of(home, HLR_NODES, YES, 0);

	memset(&played, 0, sizeof(played));
	map_query_decide(&q);
	CHECK(!strcmp(played.result.location.network_node_number.text, "491710760100"), "our address");
	CHECK(played.result.location.additional_number.type == MAP_NUMBER_NONE, "and no other");
	CHECK(!strcmp(played.learned.imsi, "262020000000001") && played.learned.n_nodes == 2, "learned");
	CHECK(!strcmp(played.correlation.routing.imsi, "262020000000001") && played.correlation.routing.n_nodes == 2, "kept");
	memset(&played, 0, sizeof(played));
	q = query_of(home, HLR_NODES, YES, NAMES_US);
	map_query_decide(&q);
	CHECK(played.correlation.routing.n_nodes == 1 && !strcmp(played.correlation.routing.nodes[0].number.text, "491710760302"),
	      "nothing leads back to us");
	memset(&played, 0, sizeof(played));
	q = query_of(home, HLR_FAILED, YES, 0);
	map_query_decide(&q);
	CHECK(!strcmp(played.correlation.routing.imsi, "262020000000099"), "the IMSI of last time");
}

int main(void)
{
	struct map_stack *stack = talloc_zero(NULL, struct map_stack);
	struct map_home *home = talloc_zero(stack, struct map_home);

	log_init(&connector_log_info, stack);
	home->stack = stack;
	strcpy(stack->config.address.text, "491710760100");
	test_table(home);
	test_what_is_told(home);
	talloc_free(stack);
	return test_end("map_query");
}
