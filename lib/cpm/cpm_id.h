/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */
#pragma once

#include "../util/buf.h"

/*
 * Conversation-ID, Contribution-ID, InReplyTo-Contribution-ID, imdn.Message-ID: opaque, case-sensitive,
 * 1..255 octets.
 */

enum { CPM_ID_MAX = 255, CPM_UUID_LEN = 36 };

/** Visible ASCII without white space, quotes, commas, angle brackets or semicolons; 1..CPM_ID_MAX octets. */
bool cpm_id_valid(struct view id);

/** A lower-case version 4 UUID out of 16 random octets, NUL terminated. */
void cpm_id_from_random(const uint8_t random[16], char out[CPM_UUID_LEN + 1]);
