/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */

/*
 * libosmocore measures its timers by the wall clock: set back by an hour, a connection would be opened again
 * in an hour. This takes the place of its function in the connector, and in libosmocore itself.
 */

#include <sys/time.h>
#include <time.h>

#include "compat.h"

#include <osmocom/core/timer.h>

enum { NS_PER_US = 1000 };

/* The time of day when it was asked for first, and from then on by the monotonic clock. */
int osmo_gettimeofday(struct timeval *tv, struct timezone *tz)
{
	static struct timeval start, offset;
	struct timespec ts;
	struct timeval steady;

	(void)tz;
	clock_gettime(CLOCK_MONOTONIC, &ts);
	steady = (struct timeval){.tv_sec = ts.tv_sec, .tv_usec = ts.tv_nsec / NS_PER_US};
	if (!start.tv_sec) {
		gettimeofday(&start, NULL);
		timersub(&start, &steady, &offset);
	}
	timeradd(&steady, &offset, tv);
	return 0;
}
