/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */
/* sources: connector/answered.c */

/* Memory of answers: found by ref, bounded in number and age. */

#include "test.h"

#include "../../connector/answered.h"
#include "../../connector/compat.h"

#include <osmocom/core/talloc.h>

static void add(struct answered *a, uint64_t ref, const char *smsc_id, uint64_t now_s)
{
	struct sm_answer answer = {.ref = ref, .rp_mr = (uint8_t)ref};

	snprintf(answer.smsc_id, sizeof(answer.smsc_id), "%s", smsc_id);
	answered_add(a, &answer, now_s);
}

static void test_find(struct answered *a)
{
	CHECK(!answered_find(a, 1, 0), "empty");
	add(a, 1, "one", 100);
	add(a, 1ull << 40, "far", 100);
	add(a, 0, "zero", 100);
	CHECK(strcmp(answered_find(a, 1, 100)->smsc_id, "one") == 0, "one");
	CHECK(strcmp(answered_find(a, 1ull << 40, 100)->smsc_id, "far") == 0, "far");
	CHECK(strcmp(answered_find(a, 0, 100)->smsc_id, "zero") == 0, "zero");
	CHECK(!answered_find(a, 2, 100), "another ref");
	add(a, 1, "again", 200);
	CHECK(strcmp(answered_find(a, 1, 200)->smsc_id, "again") == 0, "the later answer");
	CHECK(answered_count(a) == 3, "%u", answered_count(a));
	answered_forget(a, 1);
	answered_forget(a, 2);
	CHECK(!answered_find(a, 1, 200) && answered_find(a, 0, 100), "one forgotten");
	CHECK(answered_count(a) == 2, "%u", answered_count(a));
	answered_clear(a);
	CHECK(!answered_find(a, 0, 200) && answered_count(a) == 0, "cleared");
}

static void test_age(struct answered *a)
{
	add(a, 7, "seven", 1000);
	CHECK(answered_find(a, 7, 1000 + ANSWERED_AGE_S), "just young enough");
	CHECK(!answered_find(a, 7, 1001 + ANSWERED_AGE_S), "too old");
	answered_clear(a);
}

static void test_bound(struct answered *a)
{
	unsigned found = 0;

	for (uint64_t ref = 1; ref <= 3 * ANSWERED_MAX; ref++)
		add(a, ref * 977, "x", 5);
	CHECK(answered_count(a) == ANSWERED_MAX, "%u", answered_count(a));
	for (uint64_t ref = 1; ref <= 3 * ANSWERED_MAX; ref++)
		found += answered_find(a, ref * 977, 5) != NULL;
	CHECK(found == ANSWERED_MAX, "%u", found);
	CHECK(!answered_find(a, 2 * ANSWERED_MAX * 977ull, 5), "the one before the last 4096");
	CHECK(answered_find(a, (2 * ANSWERED_MAX + 1) * 977ull, 5), "the oldest of the last 4096");
	for (int i = 0; i < 2 * ANSWERED_MAX; i++)
		add(a, 5, "same", 5);
	CHECK(answered_count(a) == 1, "one ref takes one place: %u", answered_count(a));
	answered_clear(a);
}

int main(void)
{
	void *ctx = talloc_named_const(NULL, 1, "answered_test");
	struct answered *a = answered_alloc(ctx);

	test_find(a);
	test_age(a);
	test_bound(a);
	talloc_free(ctx);
	return test_end("answered");
}
