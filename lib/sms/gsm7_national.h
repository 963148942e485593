/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */
#pragma once

#include <stdint.h>

#include "gsm7.h"

/*
 * TS 23.038 6.2.1 and annex A: the characters of all 7 bit tables, by national language
 * identifier (6.2.1.2.4) and septet. 0 where a table has none, and at ESC. lib/sms only;
 * others go through gsm7.h.
 */

enum { GSM7_SEPTETS = 128 };

/**
 * Default alphabet and locking shift tables (A.3): no character stands twice in one. Of Spanish,
 * which has none, the default alphabet.
 */
extern const uint16_t gsm7_locking[GSM7_LANGUAGES][GSM7_SEPTETS];

/** Extension table and single shift tables (A.2); in those of India some stand twice. */
extern const uint16_t gsm7_single[GSM7_LANGUAGES][GSM7_SEPTETS];
