/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */
/* sources: connector/route.c */

/* Routes: the longest prefix decides, then the first that is up or each in turn. */

#include "test.h"

#include <errno.h>

#include "../../connector/route.h"

#include <osmocom/core/talloc.h>

struct smsc {
	const char *name;
	bool up;
};

static struct smsc a = {"a", true}, b = {"b", true}, c = {"c", true};

static bool is_up(const struct smsc *smsc)
{
	return smsc->up;
}

static const char *pick(struct llist_head *routes, const char *digits)
{
	struct route *r = route_find(routes, digits);
	struct smsc *smsc = r ? route_pick(r, is_up) : NULL;

	return !r ? "no route" : smsc ? smsc->name : "none";
}

static const struct {
	const char *digits;
	bool a_up, b_up, c_up;
	const char *want;
} first_cases[] = {
	{"491701234", true, true, true, "a"},
	{"491701234", false, true, true, "b"},
	{"491701234", false, false, true, "none"}, /* no falling back to a shorter prefix */
	{"4915112", true, true, true, "c"},
	{"4915112", true, true, false, "none"},
	{"4917", true, true, true, "a"},
	{"491", true, true, true, "c"},
	{"49", true, true, true, "c"},
	{"4", true, true, true, "b"}, /* default */
	{"", true, true, true, "b"},
	{"15551230001", true, false, true, "none"},
};

static void test_first(void *ctx)
{
	LLIST_HEAD(routes);

	CHECK(strcmp(pick(&routes, "49"), "no route") == 0, "empty table");
	CHECK(route_add(ctx, &routes, "49", false, (struct smsc *[]){&c}, 1) == 0, "49");
	CHECK(strcmp(pick(&routes, "1"), "no route") == 0, "no default yet");
	CHECK(route_add(ctx, &routes, "", false, (struct smsc *[]){&b}, 1) == 0, "default");
	CHECK(route_add(ctx, &routes, "4917", false, (struct smsc *[]){&a, &b}, 2) == 0, "4917");
	for (size_t i = 0; i < sizeof(first_cases) / sizeof(first_cases[0]); i++) {
		a.up = first_cases[i].a_up;
		b.up = first_cases[i].b_up;
		c.up = first_cases[i].c_up;
		for (int again = 0; again < 2; again++) /* the first, not in turn */
			CHECK(strcmp(pick(&routes, first_cases[i].digits), first_cases[i].want) == 0,
			      "case %zu, digits %s: %s", i, first_cases[i].digits,
			      pick(&routes, first_cases[i].digits));
	}
	while (!llist_empty(&routes))
		route_del(&routes, llist_first_entry(&routes, struct route, entry)->prefix);
}

static void test_share(void *ctx)
{
	LLIST_HEAD(routes);

	a.up = b.up = c.up = true;
	route_add(ctx, &routes, "", true, (struct smsc *[]){&a, &b, &c}, 3);
	for (int i = 0; i < 9; i++)
		CHECK(pick(&routes, "1")[0] == "abc"[i % 3], "turn %d", i);
	b.up = false;
	for (int i = 0; i < 8; i++)
		CHECK(pick(&routes, "1")[0] == "ac"[i % 2], "turn %d without b", i);
	a.up = c.up = false;
	CHECK(strcmp(pick(&routes, "1"), "none") == 0, "all down");
	route_del(&routes, "");
}

static void test_change(void *ctx)
{
	struct smsc *many[ROUTE_SMSC_MAX + 1] = {&a};
	LLIST_HEAD(routes);

	a.up = b.up = true;
	CHECK(route_add(ctx, &routes, "1234567890123456789012", false, many, 1) == -EINVAL, "too long");
	CHECK(route_add(ctx, &routes, "+49", false, many, 1) == -EINVAL, "not digits");
	CHECK(route_add(ctx, &routes, "49", false, many, 0) == -EINVAL, "no SMSC");
	CHECK(route_add(ctx, &routes, "49", false, many, ROUTE_SMSC_MAX + 1) == -EINVAL, "too many");
	CHECK(llist_empty(&routes), "nothing was added");
	CHECK(route_del(&routes, "49") == -ENOENT, "not there");
	CHECK(!route_uses(&routes, &a), "not used");
	route_add(ctx, &routes, "49", false, (struct smsc *[]){&a}, 1);
	CHECK(route_uses(&routes, &a) && !route_uses(&routes, &b), "used");
	route_add(ctx, &routes, "49", false, (struct smsc *[]){&b}, 1);
	CHECK(strcmp(pick(&routes, "49"), "b") == 0, "replaced");
	CHECK(route_del(&routes, "49") == 0 && llist_empty(&routes), "deleted");
}

int main(void)
{
	void *ctx = talloc_named_const(NULL, 1, "route_test");

	test_first(ctx);
	test_share(ctx);
	test_change(ctx);
	CHECK(talloc_total_blocks(ctx) == 1, "%zu blocks are left", talloc_total_blocks(ctx));
	talloc_free(ctx);
	return test_end("route");
}
