/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */

/* A virtual schedule, as in rate.c: each refusal moves it on by one interval. */

#include "comeback.h"

#include "clock.h"

enum {
	COMEBACK_MIN_MS = 1000,
	COMEBACK_MAX_S = 1800,
	COMEBACK_PER_S_MIN = 50, /* so that even a long queue is looked at within COMEBACK_MAX_S */
};

uint32_t comeback_ms(struct comeback *c, double per_s, uint64_t now_us)
{
	uint64_t latest_us = now_us + (uint64_t)COMEBACK_MAX_S * CLOCK_US_PER_S;
	uint64_t first_us = now_us + (uint64_t)COMEBACK_MIN_MS * CLOCK_US_PER_MS;

	if (per_s < COMEBACK_PER_S_MIN)
		per_s = COMEBACK_PER_S_MIN;
	c->last_us = (c->last_us < first_us ? first_us : c->last_us) +
		     (uint64_t)(CLOCK_US_PER_S / per_s);
	if (c->last_us > latest_us)
		c->last_us = latest_us;
	return (uint32_t)((c->last_us - now_us) / CLOCK_US_PER_MS);
}
