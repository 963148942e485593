/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */

/*
 * Semi-octets of SMS addresses (TS 23.040 9.1.2.3) and of the RP layer (TS 24.011
 * 8.2.5.1): the first digit of a pair stands in the low nibble.
 *
 *   "12345"  ->  21 43 F5
 */

#include "bcd.h"

enum { BCD_FILLER = 0xf };

static const char bcd_digits[] = "0123456789*#abc";

static size_t digits_end(const char *digits)
{
	return strspn(digits, bcd_digits);
}

static uint8_t nibble_of(char digit)
{
	return (uint8_t)(strchr(bcd_digits, digit) - bcd_digits);
}

int bcd_encode(struct wbuf *w, const char *digits)
{
	size_t mark = w->len, n = digits_end(digits);

	if (digits[n])
		return -EINVAL;
	for (size_t i = 0; i < n; i += 2) {
		uint8_t high = i + 1 < n ? nibble_of(digits[i + 1]) : BCD_FILLER;

		wbuf_u8(w, (uint8_t)(high << 4 | nibble_of(digits[i])));
	}
	return wbuf_end(w, mark);
}

static uint8_t nibble_at(struct view in, size_t i)
{
	return i % 2 ? in.p[i / 2] >> 4 : in.p[i / 2] & 0xf;
}

/* Digits in all of the octets; the filler may only be the last nibble. */
static size_t digits_of(struct view in)
{
	bool odd = in.len && nibble_at(in, in.len * 2 - 1) == BCD_FILLER;

	return in.len * 2 - odd;
}

int bcd_decode(struct view in, size_t semi_octets, char *out, size_t out_size)
{
	size_t n = semi_octets == SIZE_MAX ? digits_of(in) : semi_octets;

	if (n / 2 + n % 2 > in.len)
		return -EBADMSG;
	for (size_t i = 0; i < n; i++) {
		if (nibble_at(in, i) == BCD_FILLER)
			return -EBADMSG;
	}
	if (n >= out_size)
		return -ENOSPC;
	for (size_t i = 0; i < n; i++)
		out[i] = bcd_digits[nibble_at(in, i)];
	out[n] = '\0';
	return 0;
}
