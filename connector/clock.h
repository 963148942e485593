/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */
#pragma once

#include <stdint.h>
#include <time.h>

#include "compat.h"

#include <osmocom/core/timer.h>

#include "../lib/sms/timestamp.h"

/** Microseconds of a clock that never steps: that of the timers, which a test may hold. */
static inline uint64_t clock_us(void)
{
	struct timespec ts;

	osmo_clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000000 + (uint64_t)ts.tv_nsec / 1000;
}

/** The same in milliseconds. */
static inline uint64_t clock_ms(void)
{
	return clock_us() / 1000;
}

/** The time of day with the local time zone. */
static inline struct sms_time clock_sms_time(void)
{
	time_t now = time(NULL);
	struct tm tm = {0};

	localtime_r(&now, &tm);
	return (struct sms_time){.utc_s = now, .zone_minutes = (int16_t)(tm.tm_gmtoff / 900 * 15)};
}

enum { CLOCK_US_PER_S = 1000000, CLOCK_US_PER_MS = 1000 };
