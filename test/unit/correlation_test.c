/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */
/* sources: connector/correlation.c connector/recent.c */

/* Ids in place of IMSIs: how they look, how long they hold, what happens when there are too many. */

#include "test.h"

#include "../../connector/correlation.h"

#include <osmocom/core/talloc.h>

enum { MAX = 1000, KEEP_MS = 600000, AGE_MS = 1800000 };

static void *ctx;
static const struct sms_address a = {.ton = SMS_TON_INTERNATIONAL, .npi = SMS_NPI_E164, .text = "491712345678"};

/* ---- the digits ---- */

static const struct {
	const char *imsi, *plmn, *want; /* NULL: none can be made */
} plmns[] = {
	{"262012345678901", "", "262001"}, /* German MNCs have two digits */
	{"310260123456789", "", "310260"}, /* those of the USA three */
	{"302720123456789", "", "302720"},
	{"208011234567890", "", "208001"},
	{"", "", NULL},
	{"2620", "", NULL}, /* too short to be an IMSI */
	{"26x012345678901", "", NULL},
	{"", "262007", "262007"}, /* the operator has decided */
	{"", "26207", "262007"},
	{"310260123456789", "26207", "262007"},
	{"26201", "310260", "310260"},
};

static void test_plmn(void)
{
	for (size_t i = 0; i < sizeof(plmns) / sizeof(plmns[0]); i++) {
		char out[CORRELATION_PLMN_DIGITS + 1] = "";
		int rc = correlation_plmn(plmns[i].imsi, plmns[i].plmn, out);

		if (plmns[i].want)
			CHECK(rc == 0 && strcmp(out, plmns[i].want) == 0, "%s %s: %d %s", plmns[i].imsi, plmns[i].plmn,
			      rc, out);
		else
			CHECK(rc == -ENOENT, "%s %s: %d", plmns[i].imsi, plmns[i].plmn, rc);
	}
}

static void test_id(void)
{
	char id[CORRELATION_ID_DIGITS + 1];

	CHECK(correlation_id("262001", 7, id) == 0 && strcmp(id, "262001000000007") == 0, "%s", id);
	CHECK(correlation_id("262001", 1234567890, id) == 0 && strcmp(id, "262001234567890") == 0, "%s", id);
	CHECK(correlation_id("262001", 3999999999u, id) == 0 && strcmp(id, "262001999999999") == 0, "%s", id);
	CHECK(correlation_id("262001", 4000000000u, id) == -EAGAIN, "a low number would be likelier");
	CHECK(correlation_id("262001", UINT32_MAX, id) == -EAGAIN, "likewise");
}

/* ---- the table ---- */

static const char *id_of(unsigned i)
{
	static char id[MAP_IMSI_SIZE];

	snprintf(id, sizeof(id), "262001%09u", i);
	return id;
}

static void test_several_uses(void)
{
	struct correlation_table *t = correlation_table_alloc(ctx, MAX, KEEP_MS, AGE_MS);
	struct correlation *one = correlation_add(t, id_of(1), &a, 0), *two = correlation_add(t, id_of(2), &a, 0);

	CHECK(one && two && one != two && correlation_count(t) == 2, "two");
	CHECK(!correlation_add(t, id_of(1), &a, 0), "no id twice");
	strcpy(one->routing.imsi, "262012345678901");
	for (int i = 0; i < 3; i++)
		CHECK(correlation_find(t, id_of(1), 1000) == one, "each part finds it");
	CHECK(strcmp(correlation_find(t, id_of(1), 1000)->routing.imsi, "262012345678901") == 0, "what was kept");
	CHECK(!correlation_find(t, id_of(3), 1000) && !correlation_find(t, "", 1000), "unknown");
	talloc_free(t);
}

static void test_age(void)
{
	struct correlation_table *t = correlation_table_alloc(ctx, MAX, KEEP_MS, AGE_MS);

	correlation_add(t, id_of(1), &a, 5);
	CHECK(correlation_find(t, id_of(1), AGE_MS + 4), "just young enough");
	CHECK(!correlation_find(t, id_of(1), AGE_MS + 5), "use does not make it younger");
	CHECK(correlation_count(t) == 0, "gone");
	CHECK(correlation_add(t, id_of(1), &a, AGE_MS + 6), "may be given again");
	talloc_free(t);
}

/* Nothing younger than ten minutes ever gives way; then the one unused for longest does. */
static void test_full(void)
{
	struct correlation_table *t = correlation_table_alloc(ctx, MAX, KEEP_MS, AGE_MS);

	for (unsigned i = 0; i < MAX; i++)
		CHECK(correlation_add(t, id_of(i), &a, i), "%u", i);
	CHECK(!correlation_add(t, id_of(MAX), &a, KEEP_MS - 1), "refused rather than dropped");
	CHECK(correlation_count(t) == MAX, "%u", correlation_count(t));
	CHECK(correlation_find(t, id_of(0), KEEP_MS - 1), "the first one is used");
	CHECK(correlation_add(t, id_of(MAX), &a, KEEP_MS + 1), "there is one of ten minutes");
	CHECK(correlation_count(t) == MAX, "%u", correlation_count(t));
	CHECK(correlation_find(t, id_of(0), KEEP_MS + 1), "not the one that was used");
	CHECK(!correlation_find(t, id_of(1), KEEP_MS + 1), "the next one");
	CHECK(!correlation_add(t, id_of(MAX + 1), &a, KEEP_MS + 1), "the one behind it is not old enough");
	talloc_free(t);
}

/* IMSIs are only a memory: any may give way. */
static void test_memory(void)
{
	struct correlation_table *t = correlation_table_alloc(ctx, MAX, 0, AGE_MS);

	for (unsigned i = 0; i < 3 * MAX; i++)
		CHECK(correlation_add(t, id_of(i), &a, 7), "%u", i);
	CHECK(correlation_count(t) == MAX, "%u", correlation_count(t));
	CHECK(correlation_find(t, id_of(2 * MAX), 7) && !correlation_find(t, id_of(2 * MAX - 1), 7), "the last ones");
	talloc_free(t);
	t = correlation_table_alloc(ctx, 0, 0, AGE_MS);
	CHECK(!correlation_add(t, id_of(1), &a, 7), "no room at all");
	talloc_free(t);
}

static void test_msisdn(void)
{
	struct correlation_table *t = correlation_table_alloc(ctx, MAX, 0, AGE_MS);
	struct sms_address b = a;

	strcpy(b.text, "491712345679");
	correlation_add(t, id_of(1), &a, 5);
	correlation_add(t, id_of(3), &a, 7);
	correlation_add(t, id_of(2), &a, 6);
	CHECK(strcmp(correlation_of_msisdn(t, &a, 8)->id, id_of(3)) == 0, "the newest");
	CHECK(!correlation_of_msisdn(t, &b, 8), "another subscriber");
	CHECK(correlation_of_msisdn(t, &a, AGE_MS + 6) && !correlation_of_msisdn(t, &a, AGE_MS + 7), "age");
	talloc_free(t);
}

int main(void)
{
	ctx = talloc_named_const(NULL, 1, "correlation_test");
	test_plmn();
	test_id();
	test_several_uses();
	test_age();
	test_full();
	test_memory();
	test_msisdn();
	CHECK(talloc_total_blocks(ctx) == 1, "%zu blocks left", talloc_total_blocks(ctx));
	talloc_free(ctx);
	return test_end("correlation");
}
