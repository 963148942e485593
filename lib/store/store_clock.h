/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */
#pragma once

#include "store.h"

/* By which clock a writer lives, for itself and for the one after it. */

#define STORE_BOOT_LEN 36

/** Wall clock - monotonic clock: when it was first looked at, and in the times of the database. */
struct store_clock {
	char boot[STORE_BOOT_LEN + 1]; /* the monotonic clock is that of this boot of the machine */
	int64_t origin_ms, offset_ms;
};

/**
 * What the last writer wrote. @return false: it has not, and c is as it was; or in another boot than c->boot, and
 * what the file's origin and offset differ by c's differ by, too
 */
bool store_clock_read(const struct store *s, struct store_clock *c);
int store_clock_write(const struct store *s, const struct store_clock *c); /* @return 0, -EIO */

/** The clock was set, by shift_ms in all since its origin: told before anything that goes by the new time. */
void store_clock_shifted(struct store *s, int64_t shift_ms, int64_t now_ms);

int store_sms_clock_stepped(struct store *s, int64_t step_ms); /* what waits for parts or A waits on as before */
