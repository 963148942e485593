/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */
/* sources: connector/rate.c */

/* Rate control with a clock of our own: cap, halving on throttling, growth by addition. */

#include "test.h"

#include "../../connector/rate.h"

enum { SECOND = 1000000 };

/* Send as fast as the rate lets us for this long; the timer fires late_us after it was due. @return parts */
static unsigned run(struct rate *r, uint64_t *now_us, uint64_t for_us, uint64_t late_us, unsigned most)
{
	uint64_t end = *now_us + for_us;
	unsigned n = 0;

	while (*now_us < end) {
		uint64_t wait = rate_wait_us(r, *now_us);

		if (wait) {
			*now_us += wait + late_us;
		} else if (n < most) {
			rate_sent(r, *now_us);
			n++;
			*now_us += 10;
		} else {
			*now_us = end;
		}
	}
	*now_us = end;
	return n;
}

static const struct {
	unsigned cap, late_us, least, most; /* parts in 10 s */
} cap_cases[] = {
	{1, 0, 10, 11}, {1, 900, 10, 11}, {10, 900, 99, 101}, {100, 900, 990, 1002},
	{100, 5000, 990, 1002}, {1000, 900, 9900, 10020}, {5000, 900, 49500, 50100},
};

static void test_cap(void)
{
	for (size_t i = 0; i < sizeof(cap_cases) / sizeof(cap_cases[0]); i++) {
		uint64_t now = 50 * SECOND;
		struct rate r;
		unsigned n;

		rate_init(&r, cap_cases[i].cap);
		n = run(&r, &now, 10 * SECOND, cap_cases[i].late_us, 1000000);
		CHECK(n >= cap_cases[i].least && n <= cap_cases[i].most, "cap %u, late %u us: %u in 10 s",
		      cap_cases[i].cap, cap_cases[i].late_us, n);
	}
}

static void test_no_burst_after_idle(void)
{
	uint64_t now = 50 * SECOND;
	struct rate r;
	unsigned n;

	rate_init(&r, 100);
	run(&r, &now, SECOND, 0, 1000000);
	now += 60 * SECOND;
	n = run(&r, &now, SECOND, 0, 1000000);
	CHECK(n <= 103, "%u in the second after a minute of silence", n);
}

static void test_unlimited(void)
{
	uint64_t now = 50 * SECOND;
	struct rate r;

	rate_init(&r, 0);
	for (int i = 0; i < 1000; i++) {
		CHECK(rate_wait_us(&r, now) == 0, "no limit");
		rate_sent(&r, now);
	}
	CHECK(rate_measured(&r, now) == 1000, "%f", rate_measured(&r, now));
	CHECK(rate_limit(&r) == 0, "%f", rate_limit(&r));
}

static void test_measure(void)
{
	uint64_t now = 50 * SECOND;
	struct rate r;
	double m;

	rate_init(&r, 200);
	run(&r, &now, 5 * SECOND, 0, 1000000);
	m = rate_measured(&r, now);
	CHECK(m > 190 && m < 210, "%f", m);
	CHECK(rate_measured(&r, now + 5 * SECOND) == 0, "silence");
}

/* One destination that is full slows down nobody: a part in a hundred, or the same part again and again. */
static void test_one_of_many(void)
{
	uint64_t now = 50 * SECOND;
	struct rate r;

	rate_init(&r, 0);
	for (int i = 0; i < 5000; i++) {
		rate_sent(&r, now);
		if (i % 100 == 0)
			rate_throttled(&r, false, now, now + 500);
		else
			rate_accepted(&r);
		now += 1000;
	}
	CHECK(rate_limit(&r) == 0, "1 of 100: %f", rate_limit(&r));
	for (int i = 0; i < 100; i++)
		rate_throttled(&r, true, now + (uint64_t)i * SECOND, now + (uint64_t)i * SECOND + 500);
	CHECK(rate_limit(&r) == 0, "the same 100 times: %f", rate_limit(&r));
}

static void throttle(struct rate *r, unsigned n, uint64_t sent_us, uint64_t now_us)
{
	while (n-- > 0)
		rate_throttled(r, false, sent_us, now_us);
}

/* A window of answers that throttle halves once, whatever their number. */
static void test_halve(void)
{
	uint64_t now = 50 * SECOND, sent;
	struct rate r;

	rate_init(&r, 0);
	run(&r, &now, SECOND, 0, 400);
	sent = now - 1000;
	throttle(&r, 100, sent, now);
	CHECK(rate_limit(&r) > 150 && rate_limit(&r) <= 200, "%f", rate_limit(&r));
	throttle(&r, 1, sent, now + 2 * SECOND);
	CHECK(rate_limit(&r) > 150, "one that was under way before: %f", rate_limit(&r));
	throttle(&r, 1, now + SECOND, now + 2 * SECOND);
	CHECK(rate_limit(&r) < 120, "one that was sent after: %f", rate_limit(&r));
	for (int i = 0; i < 100; i++)
		throttle(&r, 1, now + (uint64_t)(2 + i) * SECOND, now + (uint64_t)(3 + i) * SECOND);
	CHECK(rate_limit(&r) == 1, "never to a standstill: %f", rate_limit(&r));
}

static void test_grow(void)
{
	uint64_t now = 50 * SECOND;
	double last = 0;
	struct rate r;
	unsigned s;

	rate_init(&r, 0);
	run(&r, &now, SECOND, 0, 400);
	throttle(&r, 10, now - 1000, now);
	for (s = 0; s < 60 && rate_limit(&r) > 0; s++) {
		CHECK(rate_limit(&r) > last, "second %u: %f, before %f", s, rate_limit(&r), last);
		last = rate_limit(&r);
		run(&r, &now, SECOND, 0, 1000000);
	}
	CHECK(s >= 20 && s <= 40, "the limit is lifted after %u s", s);
	CHECK(rate_wait_us(&r, now + SECOND) == 0, "and holds nothing back");
}

static void test_cap_holds_while_growing(void)
{
	uint64_t now = 50 * SECOND;
	struct rate r;

	rate_init(&r, 100);
	run(&r, &now, SECOND, 0, 1000000);
	throttle(&r, 10, now - 1000, now);
	CHECK(rate_limit(&r) < 60, "%f", rate_limit(&r));
	for (int s = 0; s < 60; s++) {
		unsigned n = run(&r, &now, SECOND, 0, 1000000);

		CHECK(n <= 103, "second %d: %u", s, n);
	}
	CHECK(rate_limit(&r) == 100, "back at the cap: %f", rate_limit(&r));
}

/* An SMSC that takes 20 parts a second of a sender that would send 1000: how much is let through in a minute. */
static void test_converge(void)
{
	uint64_t now = 50 * SECOND, slot = now;
	unsigned in_slot = 0, accepted = 0, throttled = 0;
	struct rate r;

	rate_init(&r, 0);
	while (now < 110u * SECOND) {
		uint64_t wait = rate_wait_us(&r, now);

		if (wait) {
			now += wait;
			continue;
		}
		rate_sent(&r, now);
		if (now - slot >= SECOND) {
			slot = now;
			in_slot = 0;
		}
		if (in_slot++ < 20) {
			accepted++;
			rate_accepted(&r);
		} else {
			throttled++;
			rate_throttled(&r, false, now, now + 500);
		}
		now += 1000;
	}
	CHECK(accepted > 60 * 20 * 6 / 10, "%u accepted of 1200 possible", accepted);
	CHECK(throttled < 700, "%u throttled", throttled);
}

int main(void)
{
	test_cap();
	test_no_burst_after_idle();
	test_unlimited();
	test_measure();
	test_one_of_many();
	test_halve();
	test_grow();
	test_cap_holds_while_growing();
	test_converge();
	return test_end("rate");
}
