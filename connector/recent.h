/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "../lib/util/buf.h"

/*
 * What was seen lately: keys of 64 bits, bounded in number and age. Time is a parameter, any clock that does
 * not go back.
 */
struct recent;

/** Freed with its talloc context. @param size  keys that are kept; the oldest gives way */
struct recent *recent_alloc(void *ctx, unsigned size, uint64_t age_ms);

/** Keep a key; one that is there already keeps its age. */
void recent_add(struct recent *r, uint64_t key, uint64_t now_ms);

bool recent_has(const struct recent *r, uint64_t key, uint64_t now_ms);

/** A key for octets, different with every seed; calls may be chained through seed. */
uint64_t recent_digest(uint64_t seed, struct view octets);
