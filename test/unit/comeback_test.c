/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */
/* sources: connector/comeback.c */

/* The pace at which what was refused comes back. */

#include "test.h"

#include "../../connector/comeback.h"

enum { SECOND = 1000000 };

static const struct {
	double per_s;
	unsigned n;
	uint32_t last_ms;
} cases[] = {
	{0, 1, 1020}, {0, 50, 2000}, {0, 1000, 21000}, {50, 1000, 21000}, {1000, 1000, 2000},
	{100, 10000, 101000}, {0, 90000, 1800000}, {0, 200000, 1800000},
};

static void test_pace(void)
{
	for (unsigned k = 0; k < sizeof(cases) / sizeof(cases[0]); k++) {
		struct comeback c = {0};
		uint32_t ms = 0;

		for (unsigned i = 0; i < cases[k].n; i++)
			ms = comeback_ms(&c, cases[k].per_s, 7 * (uint64_t)SECOND);
		CHECK(ms == cases[k].last_ms, "case %u: %u ms", k, ms);
	}
}

/* What was planned and is over leaves nothing behind. */
static void test_later(void)
{
	struct comeback c = {0};

	for (unsigned i = 0; i < 1000; i++)
		comeback_ms(&c, 0, SECOND);
	CHECK(comeback_ms(&c, 0, 11 * (uint64_t)SECOND) == 11020, "in the middle");
	CHECK(comeback_ms(&c, 0, 3600 * (uint64_t)SECOND) == 1020, "behind it");
}

int main(void)
{
	test_pace();
	test_later();
	return test_end("comeback");
}
