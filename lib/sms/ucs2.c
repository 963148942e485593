/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */

/*
 * UTF-16BE (RFC 2781), which handsets send and expect where TS 23.038 6.2.3 says
 * UCS-2. A byte order mark is a character as any other.
 */

#include "ucs2.h"

#include "../util/utf8.h"

enum {
	HIGH_FIRST = 0xd800, /* first half of a pair */
	LOW_FIRST = 0xdc00,  /* second half */
	LOW_LAST = 0xdfff,
	PLANE1 = 0x10000,
	REPLACEMENT = 0xfffd,
};

void ucs2_put(struct wbuf *w, uint32_t cp)
{
	uint32_t x = cp - PLANE1;

	if (cp < PLANE1)
		wbuf_u16(w, (uint16_t)cp);
	else
		wbuf_u32(w, (HIGH_FIRST + (x >> 10)) << 16 | (LOW_FIRST + (x & 0x3ff)));
}

int ucs2_from_utf8(struct view utf8, struct wbuf *w)
{
	size_t mark = w->len;
	uint32_t cp;
	int rc;

	while ((rc = utf8_next(&utf8, &cp)) > 0)
		ucs2_put(w, cp);
	if (rc < 0)
		w->err = rc;
	return wbuf_end(w, mark);
}

static uint32_t take_cp(struct rbuf *r)
{
	uint32_t high, low;
	struct rbuf ahead;

	if (rbuf_left(r) == 1) {
		rbuf_u8(r);
		return REPLACEMENT;
	}
	high = rbuf_u16(r);
	if (high < HIGH_FIRST || high >= LOW_FIRST)
		return high;

	ahead = *r;
	low = rbuf_u16(&ahead);
	if (low < LOW_FIRST || low > LOW_LAST)
		return REPLACEMENT;
	*r = ahead;
	return PLANE1 + ((high - HIGH_FIRST) << 10 | (low - LOW_FIRST));
}

int ucs2_to_utf8(struct view utf16, struct wbuf *utf8)
{
	struct rbuf r = rbuf_of(utf16);
	size_t mark = utf8->len;

	while (rbuf_left(&r))
		utf8_put(utf8, take_cp(&r));
	return wbuf_end(utf8, mark);
}
