/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */
/* sources: connector/map_gt.c */

/* Global titles, and the point codes that they are sent to. */

#include "../../connector/map_stack.h"

#include "test.h"

static const struct {
	const char *prefix;
	uint32_t pc;
} routes[] = {{"49", 10}, {"4917", 20}, {"49171", 30}, {"1", 40}};

static const struct {
	const char *name, *digits;
	uint32_t without, with; /* a default route to 99; 0: none */
} lookups[] = {
	{"longest", "491719", 30, 30},
	{"its prefix only", "491729", 20, 20},
	{"shortest", "495", 10, 10},
	{"exactly a prefix", "4917", 20, 20},
	{"shorter than any", "4", 0, 99},
	{"another country", "33612345678", 0, 99},
	{"no digits", "", 0, 99},
	{"hexadecimal digits", "1abcdef", 40, 40},
};

static struct map_config config_of_routes(bool with_default)
{
	struct map_config c = {0};

	if (with_default)
		CHECK(map_stack_route_add(&c, "", 99) == 0, "default");
	for (size_t i = 0; i < ARRAY_SIZE(routes); i++)
		CHECK(map_stack_route_add(&c, routes[i].prefix, routes[i].pc) == 0, "%s", routes[i].prefix);
	return c;
}

static struct sccp_address gt(const char *digits)
{
	struct sccp_address a = {.has_ssn = true, .ssn = 8, .gti = SCCP_GTI_TT_NP_ES_NAI};

	snprintf(a.digits, sizeof(a.digits), "%s", digits);
	return a;
}

static void check_lookup(const char *name, const struct map_config *c, const struct sccp_address *a, uint32_t want)
{
	uint32_t pc = 0;
	int rc = map_stack_route(c, a, &pc);

	CHECK(rc == (want ? 0 : -EHOSTUNREACH) && pc == want, "%s: %d, %u", name, rc, pc);
}

static void test_prefixes(void)
{
	struct map_config without = config_of_routes(false), with = config_of_routes(true);

	for (size_t i = 0; i < ARRAY_SIZE(lookups); i++) {
		struct sccp_address a = gt(lookups[i].digits);

		check_lookup(lookups[i].name, &without, &a, lookups[i].without);
		check_lookup(lookups[i].name, &with, &a, lookups[i].with);
	}
}

/* What has a point code of its own needs no route; on the SSN it takes precedence, on the GT the route does. */
static void test_point_codes(void)
{
	struct map_config c = config_of_routes(false);
	struct sccp_address a = gt("4917");

	a.has_pc = true;
	a.pc = 7;
	check_lookup("GT with point code", &c, &a, 20);
	a.route_on_ssn = true;
	check_lookup("on the SSN, with GT", &c, &a, 7);
	a.has_pc = false;
	check_lookup("on the SSN, with GT and without point code", &c, &a, 20);
	a = (struct sccp_address){.route_on_ssn = true, .has_ssn = true, .ssn = 8, .has_pc = true, .pc = 7};
	check_lookup("without GT", &c, &a, 7);
	a.has_pc = false;
	check_lookup("with neither", &c, &a, 0);
}

static void test_changes(void)
{
	struct map_config c = config_of_routes(true);
	struct sccp_address a = gt("491719");
	char prefix[MAP_GT_SIZE + 1];

	CHECK(map_stack_route_add(&c, "49171", 31) == 0 && c.n_routes == 5, "changed");
	check_lookup("changed", &c, &a, 31);
	CHECK(map_stack_route_del(&c, "49171") == 0 && map_stack_route_del(&c, "49171") == -ENOENT, "deleted once");
	check_lookup("deleted", &c, &a, 20);
	CHECK(map_stack_route_del(&c, "") == 0 && map_stack_route_del(&c, "") == -ENOENT, "default deleted");
	CHECK(map_stack_route_add(&c, "49a", 1) == -EINVAL && map_stack_route_add(&c, "+49", 1) == -EINVAL, "not digits");
	memset(prefix, '1', MAP_GT_SIZE);
	prefix[MAP_GT_SIZE] = '\0';
	CHECK(map_stack_route_add(&c, prefix, 1) == -EINVAL, "21 digits");
	prefix[MAP_GT_SIZE - 1] = '\0';
	CHECK(map_stack_route_add(&c, prefix, 1) == 0, "20 digits");
}

static void test_full(void)
{
	struct map_config c = {0};
	char prefix[8];

	for (unsigned i = 0; i < MAP_STACK_ROUTES_MAX; i++) {
		snprintf(prefix, sizeof(prefix), "%u", 100 + i);
		CHECK(map_stack_route_add(&c, prefix, i + 1) == 0, "%s", prefix);
	}
	CHECK(map_stack_route_add(&c, "9", 1) == -ENOSPC, "one too many");
	CHECK(map_stack_route_add(&c, "100", 77) == 0, "but one of them can be changed");
}

static void test_addresses(void)
{
	struct map_stack stack = {0};
	struct sms_address number = {.ton = SMS_TON_INTERNATIONAL, .npi = SMS_NPI_E164, .text = "15551230001"};
	struct sccp_address a;

	stack.config.tt = 5;
	strcpy(stack.config.address.text, "491710760100");
	a = map_stack_own(&stack, SCCP_SSN_MSC);
	CHECK(strcmp(a.digits, "491710760100") == 0 && a.ssn == 8 && a.tt == 5 && a.np == SCCP_NP_E164 && a.nai == SCCP_NAI_INTERNATIONAL &&
		      a.gti == SCCP_GTI_TT_NP_ES_NAI && !a.route_on_ssn && !a.has_pc,
	      "our own");
	a = map_stack_hlr(&stack, &number);
	CHECK(strcmp(a.digits, "15551230001") == 0 && a.ssn == SCCP_SSN_HLR, "HLR by the subscriber's number");
	strcpy(stack.config.hlr.text, "491710760500");
	a = map_stack_hlr(&stack, &number);
	CHECK(strcmp(a.digits, "491710760500") == 0 && a.ssn == SCCP_SSN_HLR, "the HLR");
	memset(number.text, '7', sizeof(number.text) - 1);
	a = map_stack_gt(&stack, &number, 8);
	CHECK(strlen(a.digits) == SCCP_DIGITS_MAX, "a number longer than any");
}

int main(void)
{
	test_prefixes();
	test_point_codes();
	test_changes();
	test_full();
	test_addresses();
	return test_end("map_gt");
}
