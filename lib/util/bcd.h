/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */
#pragma once

#include "buf.h"

/*
 * Telephone digits in swapped nibbles (TS 23.040 9.1.2.3, TS 24.011 8.2.5.1):
 * 0-9, then * # a b c for 10-14; 15 is the filler.
 */

/**
 * Append digits, filler F in the last high nibble if their number is odd.
 * @return 0, -EINVAL for a bad digit, -ENOSPC
 */
int bcd_encode(struct wbuf *w, const char *digits);

/**
 * @param semi_octets  digits to read from in (TP addresses count them), or SIZE_MAX for
 *                     "up to the filler or the end" (RP addresses)
 * @param out          NUL terminated; out_size octets
 * @return 0, -EBADMSG if the filler stands before the end or in is too short, -ENOSPC
 */
int bcd_decode(struct view in, size_t semi_octets, char *out, size_t out_size);
