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
	double refused;	      /* share of parts throttled, lately */
	unsigned cap;	      /* parts a second, 0 for none */
	double limit;	      /* parts a second, 0 while the SMSC has not throttled */
	double start;	      /* parts a second when it began to */
	double next_us;	      /* the next part goes no sooner */
	uint64_t halved_us;   /* when the limit was last lowered */
	uint64_t grown_us;    /* up to when growth has been added */
	uint64_t slot_us;     /* the measuring second: when it began, */
	unsigned slot;	      /* parts in it, */
	unsigned slot_before; /* and in the one before */
};

void rate_init(struct rate *r, unsigned cap);

/** @return microseconds until the next part may go, 0 for now */
uint64_t rate_wait_us(struct rate *r, uint64_t now_us);

/** A part went out. */
void rate_sent(struct rate *r, uint64_t now_us);

/** The SMSC took a part. */
void rate_accepted(struct rate *r);

/**
 * The SMSC throttled a part. The limit is lowered only when a good share of the parts is throttled, as an SMSC
 * may say RMSGQFUL of one destination; and not by parts that were under way when it was lowered last.
 * @param again    that part had been throttled before
 * @param sent_us  when it went out
 */
void rate_throttled(struct rate *r, bool again, uint64_t sent_us, uint64_t now_us);

/** Parts in the last second. */
double rate_measured(const struct rate *r, uint64_t now_us);

/** Parts a second that may go now, 0 if there is no limit. */
double rate_limit(const struct rate *r);
