/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */
#pragma once

#include <stdbool.h>
#include <stdint.h>

/*
 * How fast one SMSC is given parts: the operator's cap, and below it what the SMSC bears. When
 * it throttles, the rate is halved, starting from the rate measured; then it grows by a fixed step a
 * second until it is twice what was measured, and the limit is lifted. Counts submit_sm, that is,
 * parts. Time is a parameter.
 */
struct rate {
	unsigned cap;      /* parts a second, 0 for none */
	double limit;      /* parts a second, 0 while the SMSC has not throttled */
	double start;      /* parts a second when it began to */
	double next_us;    /* the next part goes no sooner */
	uint64_t halved_us; /* when the limit was last lowered */
	uint64_t grown_us; /* up to when growth has been added */
	uint64_t slot_us;  /* the measuring second: when it began, */
	unsigned slot;     /* parts in it, */
	unsigned slot_before; /* and in the one before */
};

void rate_init(struct rate *r, unsigned cap);

/** @return microseconds until the next part may go, 0 for now */
uint64_t rate_wait_us(struct rate *r, uint64_t now_us);

/** A part went out. */
void rate_sent(struct rate *r, uint64_t now_us);

/**
 * The SMSC throttled a part. Parts that were under way when the limit was last lowered do not lower it again.
 * @param sent_us when that part went out
 */
void rate_throttled(struct rate *r, uint64_t sent_us, uint64_t now_us);

/** Parts in the last second. */
double rate_measured(const struct rate *r, uint64_t now_us);

/** Parts a second that may go now, 0 if there is no limit. */
double rate_limit(const struct rate *r);
