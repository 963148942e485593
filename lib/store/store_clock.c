/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */

#include <stdio.h>
#include <unistd.h>

#include "store_clock.h"
#include "store_int.h"

/*
 * The file that the writer locks says by which clock it lives, in one line of fixed length. It is not synced: after
 * a loss of power it may be lost, and the clock counts as never set.
 */

enum { LINE_OCTETS = STORE_BOOT_LEN + 2 * 21 + 1 };

/** Differences of such times do not overflow. */
static bool is_time(long long ms)
{
	return ms > -INT64_MAX / 4 && ms < INT64_MAX / 4;
}

bool store_clock_read(const struct store *s, struct store_clock *c)
{
	char line[LINE_OCTETS + 1] = "", boot[STORE_BOOT_LEN + 1];
	long long origin_ms, offset_ms;

	if (pread(s->lock_fd, line, LINE_OCTETS, 0) != LINE_OCTETS || line[LINE_OCTETS - 1] != '\n' ||
	    sscanf(line, "%36s %lld %lld", boot, &origin_ms, &offset_ms) != 3 ||
	    !is_time(origin_ms) || !is_time(offset_ms))
		return false;
	if (strcmp(boot, c->boot)) {
		c->origin_ms = c->offset_ms - (offset_ms - origin_ms);
		return false;
	}
	c->origin_ms = origin_ms;
	c->offset_ms = offset_ms;
	return true;
}

int store_clock_write(const struct store *s, const struct store_clock *c)
{
	char line[LINE_OCTETS + 1];
	int len = snprintf(line, sizeof(line), "%-36s %20lld %20lld\n", c->boot, (long long)c->origin_ms,
			   (long long)c->offset_ms);

	return pwrite(s->lock_fd, line, (size_t)len, 0) == len ? 0 : -EIO;
}
