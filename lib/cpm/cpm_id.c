/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */

/*
 * Identifiers of conversation, contribution and message (spec 2.1). What clients send is
 * opaque and kept to the octet; what we make is a version 4 UUID (RFC 9562 5.4).
 */

#include "cpm_id.h"

static bool is_id_octet(uint8_t c)
{
	switch (c) {
	case '"':
	case ',':
	case ';':
	case '<':
	case '>':
		return false;
	default:
		return c > ' ' && c <= '~';
	}
}

bool cpm_id_valid(struct view id)
{
	if (id.len < 1 || id.len > CPM_ID_MAX)
		return false;
	for (size_t i = 0; i < id.len; i++)
		if (!is_id_octet(id.p[i]))
			return false;
	return true;
}

void cpm_id_from_random(const uint8_t random[16], char out[CPM_UUID_LEN + 1])
{
	static const char hex[] = "0123456789abcdef";
	char *at = out;

	for (size_t i = 0; i < 16; i++) {
		uint8_t octet = random[i];

		if (i == 6)
			octet = (octet & 0x0f) | 0x40; /* version 4 */
		if (i == 8)
			octet = (octet & 0x3f) | 0x80; /* variant 10 */
		if (i == 4 || i == 6 || i == 8 || i == 10)
			*at++ = '-';
		*at++ = hex[octet >> 4];
		*at++ = hex[octet & 0x0f];
	}
	*at = '\0';
}
