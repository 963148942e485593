/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */
#ifndef IPSMGW_INFLIGHT_H
#define IPSMGW_INFLIGHT_H

#include <stdbool.h>
#include <stdint.h>

/* Segments that the connector has and has not answered: a fixed hash set,
 * private to the spool process. */

enum { INFLIGHT_MAX = 4096 }; /* entries; no window is larger */

unsigned inflight_count(void);

/** @return false if it is full or has id already */
bool inflight_add(int64_t id, bool resubmit);

/** @return false if it was not there; *resubmit says what inflight_add() was
 * told */
bool inflight_remove(int64_t id, bool *resubmit);

/** Any one entry, 0 if there is none. Remove it before the next call. */
int64_t inflight_any(void);

#endif
