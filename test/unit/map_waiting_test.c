/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */
/* sources: connector/map_waiting.c connector/recent.c connector/log.c connector/map_ctr.c */

/* Who was absent and is back: readyForSM once, again without an answer, a window at a time. The MAP stack is played here. */

#include "test.h"

#include "../../connector/map_home.h"
#include "../../connector/map_waiting.h"
#include "../../connector/log.h"

#include <osmocom/core/talloc.h>
#include <osmocom/core/timer.h>

enum { MAX = 100, WINDOW = 32, AGAIN_S = 30, ATTEMPTS = 5 };

static struct {
	unsigned invoked;
	int rc;
	struct map_ready_for_sm last;
	char called[32];
	struct map_call *open[MAX * 2];
	unsigned n_open;
} stack_played;

struct sccp_address map_stack_hlr(const struct map_stack *stack, const struct sms_address *msisdn)
{
	struct sccp_address a = {.ssn = SCCP_SSN_HLR};

	(void)stack;
	snprintf(a.digits, sizeof(a.digits), "%.20s", msisdn->text);
	return a;
}

struct sccp_address map_stack_own(const struct map_stack *stack, uint8_t ssn)
{
	(void)stack;
	return (struct sccp_address){.ssn = ssn};
}

const char *map_end_name(enum map_end end)
{
	return end == MAP_END_TIMEOUT ? "timeout" : "other";
}

int map_call_invoke(struct map_stack *stack, struct map_call *call, const struct map_request *request)
{
	(void)stack;
	stack_played.invoked++;
	stack_played.last = request->argument.ready_for_sm;
	snprintf(stack_played.called, sizeof(stack_played.called), "%.31s", request->called.digits);
	CHECK(request->argument.operation == MAP_READY_FOR_SM, "readyForSM");
	if (stack_played.rc)
		return stack_played.rc;
	call->handle = stack_played.invoked;
	stack_played.open[stack_played.n_open++] = call;
	return 0;
}

void map_call_end(struct map_stack *stack, struct map_call *call)
{
	(void)stack;
	for (unsigned i = 0; i < stack_played.n_open; i++)
		if (stack_played.open[i] == call)
			stack_played.open[i] = stack_played.open[--stack_played.n_open];
	call->handle = 0;
}

/* How the oldest one ends. */
static void end_one(enum map_end end, int32_t code)
{
	struct map_call *call = stack_played.open[0];
	struct map_error error = {.code = code};
	struct map_outcome o = {.end = end, .error = &error};

	map_call_end(NULL, call);
	call->outcome(call, &o);
}

/* ---- the test ---- */

static struct map_stack *stack;
static struct map_waiting *w;

static void begin(void)
{
	memset(&stack_played, 0, sizeof(stack_played));
	stack = talloc_zero(NULL, struct map_stack);
	w = map_waiting_alloc(stack, MAX);
}

static void finish(void)
{
	map_waiting_free(w);
	CHECK(talloc_total_blocks(stack) == 1, "%zu blocks left", talloc_total_blocks(stack));
	CHECK(stack_played.n_open == 0, "%u calls left", stack_played.n_open);
	talloc_free(stack);
}

static void later(unsigned s)
{
	osmo_clock_override_add(CLOCK_MONOTONIC, s, 0);
	osmo_gettimeofday_override_add(s, 0);
	osmo_timers_update();
}

static struct sms_address number(unsigned i)
{
	struct sms_address a = {.ton = SMS_TON_INTERNATIONAL, .npi = SMS_NPI_E164};

	snprintf(a.text, sizeof(a.text), "49171%06u", i);
	return a;
}

static void add(unsigned i)
{
	struct sms_address a = number(i);
	char imsi[MAP_IMSI_SIZE];

	snprintf(imsi, sizeof(imsi), "262010000%06u", i);
	map_waiting_add(w, &a, imsi);
}

static void back(unsigned i)
{
	char text[SMS_ADDRESS_TEXT_MAX + 1];
	struct sms_address a = number(i);

	sms_address_print(&a, text);
	map_waiting_back(w, text);
}

static void test_once(void)
{
	begin();
	back(1);
	CHECK(stack_played.invoked == 0, "nobody waits for that one");
	add(1);
	add(1);
	CHECK(map_waiting_count(w) == 1 && map_waiting_has(w, "+49171000001"), "one user");
	back(1);
	back(1);
	CHECK(stack_played.invoked == 1, "%u", stack_played.invoked);
	CHECK(!strcmp(stack_played.last.imsi, "262010000000001"), "%s", stack_played.last.imsi);
	CHECK(stack_played.last.alert_reason.present && stack_played.last.alert_reason.value == MAP_ALERT_MS_PRESENT,
	      "present");
	CHECK(stack_played.last.additional_alert_reason_indicator, "it is the IP-SM-GW that says so");
	CHECK(!strcmp(stack_played.called, "49171000001"), "%s", stack_played.called);
	end_one(MAP_END_RESULT, 0);
	CHECK(!map_waiting_has(w, "+49171000001"), "forgotten");
	back(1);
	later(1000);
	CHECK(stack_played.invoked == 1, "never again");
	finish();
}

static void test_error_ends_it(void)
{
	begin();
	add(1);
	back(1);
	end_one(MAP_END_ERROR, MAP_ERROR_UNKNOWN_SUBSCRIBER);
	later(1000);
	CHECK(stack_played.invoked == 1 && !map_waiting_has(w, "+49171000001"), "%u", stack_played.invoked);
	finish();
}

static void test_no_answer(void)
{
	begin();
	add(1);
	back(1);
	for (unsigned i = 1; i < ATTEMPTS; i++) {
		end_one(MAP_END_TIMEOUT, 0);
		later(AGAIN_S - 1);
		CHECK(stack_played.invoked == i, "not yet: %u", stack_played.invoked);
		later(1);
		CHECK(stack_played.invoked == i + 1, "again: %u", stack_played.invoked);
	}
	end_one(MAP_END_TIMEOUT, 0);
	later(1000);
	CHECK(stack_played.invoked == ATTEMPTS && !map_waiting_has(w, "+49171000001"), "given up");
	finish();
}

/* The network is down when the first one comes back; another one does not wait for his time. */
static void test_not_sent(void)
{
	begin();
	add(1);
	add(2);
	stack_played.rc = -ENOTCONN;
	back(1);
	stack_played.rc = 0;
	later(1);
	back(2);
	CHECK(stack_played.n_open == 1 && !strcmp(stack_played.last.imsi, "262010000000002"), "the second at once");
	later(AGAIN_S);
	CHECK(stack_played.n_open == 2 && !strcmp(stack_played.last.imsi, "262010000000001"), "the first later");
	finish();
}

/* The network is away for an hour: nobody who comes back meanwhile is forgotten, and it is not asked for each of them. */
static void test_long_outage(void)
{
	begin();
	stack_played.rc = -ENOTCONN;
	for (unsigned i = 0; i < 10; i++) {
		add(i);
		back(i);
	}
	for (unsigned i = 0; i < 120; i++)
		later(AGAIN_S);
	CHECK(stack_played.invoked < 200, "%u attempts", stack_played.invoked);
	stack_played.rc = 0;
	later(AGAIN_S);
	CHECK(stack_played.n_open == 10, "%u of 10 are told", stack_played.n_open);
	while (stack_played.n_open)
		end_one(MAP_END_RESULT, 0);
	finish();
}

static void test_absent_again(void)
{
	begin();
	add(1);
	back(1);
	add(1);
	end_one(MAP_END_RESULT, 0);
	CHECK(map_waiting_has(w, "+49171000001") && map_waiting_count(w) == 1, "reported absent while it was out");
	back(1);
	CHECK(stack_played.invoked == 2, "%u", stack_played.invoked);
	end_one(MAP_END_TIMEOUT, 0);
	add(1);
	later(1000);
	CHECK(stack_played.invoked == 2 && map_waiting_count(w) == 1, "it is not said that he is there");
	finish();
}

static void test_all_at_once(void)
{
	begin();
	for (unsigned i = 0; i < MAX; i++)
		add(i);
	for (unsigned i = 0; i < MAX; i++)
		back(i);
	CHECK(stack_played.n_open == WINDOW, "%u", stack_played.n_open);
	while (stack_played.n_open) {
		end_one(MAP_END_RESULT, 0);
		CHECK(stack_played.n_open <= WINDOW, "%u", stack_played.n_open);
	}
	CHECK(stack_played.invoked == MAX && map_waiting_count(w) == 0, "%u", stack_played.invoked);
	finish();
}

static void test_bound(void)
{
	begin();
	for (unsigned i = 0; i < 3 * MAX; i++)
		add(i);
	CHECK(map_waiting_count(w) == MAX, "%u", map_waiting_count(w));
	CHECK(!map_waiting_has(w, "+49171000000") && map_waiting_has(w, "+49171000299"), "the oldest gave way");
	finish();
}

int main(void)
{
	void *ctx = talloc_named_const(NULL, 1, "map_waiting_test");

	log_init(&connector_log_info, ctx);
	osmo_gettimeofday_override = true;
	osmo_clock_override_enable(CLOCK_MONOTONIC, true);
	osmo_clock_override_add(CLOCK_MONOTONIC, 1000, 0);
	test_once();
	test_error_ends_it();
	test_no_answer();
	test_not_sent();
	test_long_outage();
	test_absent_again();
	test_all_at_once();
	test_bound();
	talloc_free(ctx);
	return test_end("map_waiting");
}
