/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */

/*
 * Rate towards one SMSC: a virtual schedule (next_us moves on by one interval a part) under the
 * smaller of the operator's cap and a limit that is halved on throttling and grows by addition.
 */

#include "rate.h"

#include "clock.h"

enum {
	RATE_CATCH_UP_US = 10000, /* a timer that fires late may make up this much */
	RATE_HALVE_EVERY_US =
		500000,		 /* SMSCs count by the second: lowering faster only overshoots */
	RATE_SHARE_PARTS = 20,	 /* over which the share of throttled parts is taken, */
	RATE_SHARE_PERCENT = 20, /* and the share from which on it is the rate that is too high */
	RATE_GROW_STEPS = 20,	 /* seconds from 0 to the rate measured */
};

void rate_init(struct rate *r, unsigned cap)
{
	*r = (struct rate){.cap = cap};
}

double rate_limit(const struct rate *r)
{
	if (r->limit > 0 && (r->cap == 0 || r->limit < r->cap))
		return r->limit;
	return r->cap;
}

/* ---- measure: the last whole second fades out as the present one fills ---- */

static void rate_turn(struct rate *r, uint64_t now_us)
{
	uint64_t age = now_us - r->slot_us;

	if (age < CLOCK_US_PER_S)
		return;
	r->slot_before = age < 2 * CLOCK_US_PER_S ? r->slot : 0;
	r->slot = 0;
	r->slot_us = age < 2 * CLOCK_US_PER_S ? r->slot_us + CLOCK_US_PER_S : now_us;
}

double rate_measured(const struct rate *r, uint64_t now_us)
{
	struct rate turned = *r;
	double left;

	rate_turn(&turned, now_us);
	left = 1.0 - (double)(now_us - turned.slot_us) / CLOCK_US_PER_S;
	return turned.slot + turned.slot_before * left;
}

/* ---- additive growth ---- */

static void rate_grow(struct rate *r, uint64_t now_us)
{
	double step = r->start / RATE_GROW_STEPS;

	if (r->limit <= 0)
		return;
	if (step < 1)
		step = 1;
	r->limit += step * (double)(now_us - r->grown_us) / CLOCK_US_PER_S;
	r->grown_us = now_us;
	if (r->limit >= 2 * r->start)
		r->limit = 0;
}

uint64_t rate_wait_us(struct rate *r, uint64_t now_us)
{
	rate_grow(r, now_us);
	if (rate_limit(r) <= 0 || r->next_us <= (double)now_us)
		return 0;
	return (uint64_t)(r->next_us - (double)now_us) + 1;
}

void rate_sent(struct rate *r, uint64_t now_us)
{
	double limit = rate_limit(r), earliest = (double)now_us - RATE_CATCH_UP_US;

	rate_turn(r, now_us);
	r->slot++;
	if (r->next_us < earliest)
		r->next_us = earliest;
	if (limit > 0)
		r->next_us += CLOCK_US_PER_S / limit;
}

/* ---- answers ---- */

void rate_accepted(struct rate *r)
{
	r->refused -= r->refused / RATE_SHARE_PARTS;
}

static void rate_halve(struct rate *r, uint64_t now_us)
{
	if (r->limit <= 0) {
		r->start = rate_measured(r, now_us);
		if (r->start < 2)
			r->start = 2;
		r->limit = r->start;
	}
	r->limit /= 2;
	if (r->limit < 1)
		r->limit = 1;
	r->halved_us = r->grown_us = now_us;
	r->next_us = (double)now_us + CLOCK_US_PER_S / r->limit;
}

void rate_throttled(struct rate *r, bool again, uint64_t sent_us, uint64_t now_us)
{
	if (!again)
		r->refused += (1 - r->refused) / RATE_SHARE_PARTS;
	if (r->refused * 100 < RATE_SHARE_PERCENT)
		return;
	if (r->limit > 0 && (sent_us < r->halved_us || now_us - r->halved_us < RATE_HALVE_EVERY_US))
		return;
	rate_halve(r, now_us);
}
