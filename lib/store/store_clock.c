/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */

#include <stdio.h>
#include <unistd.h>

#include "store_clock.h"
#include "store_int.h"

/*
 * The file that the writer locks says by which clock it lives, in one line of fixed length. It is not synced: it
 * has to outlive the process only, and after a boot nobody asks for it.
 */

enum { LINE_MAX_OCTETS = 128 };

bool store_clock_read(const struct store *s, struct store_clock *c)
{
	char line[LINE_MAX_OCTETS] = "", boot[STORE_BOOT_LEN + 1];
	long long origin_ms, offset_ms;
	ssize_t n = pread(s->lock_fd, line, sizeof(line) - 1, 0);

	if (n <= 0 || sscanf(line, "%36s %lld %lld\n", boot, &origin_ms, &offset_ms) != 3 ||
	    strcmp(boot, c->boot))
		return false;
	c->origin_ms = origin_ms;
	c->offset_ms = offset_ms;
	return true;
}

int store_clock_write(const struct store *s, const struct store_clock *c)
{
	char line[LINE_MAX_OCTETS];
	int len = snprintf(line, sizeof(line), "%-36s %20lld %20lld\n", c->boot, (long long)c->origin_ms,
			   (long long)c->offset_ms);

	return pwrite(s->lock_fd, line, (size_t)len, 0) == len ? 0 : -EIO;
}
