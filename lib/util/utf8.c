/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */

/*
 * UTF-8 one character at a time (RFC 3629 section 3). What is no Unicode scalar
 * value does not come in, and does not go out.
 *
 *   0xxxxxxx | 110xxxxx 10xxxxxx | 1110xxxx 10xxxxxx 10xxxxxx | 11110xxx 10xxxxxx 10xxxxxx 10xxxxxx
 */

#include "utf8.h"

enum { REPLACEMENT = 0xfffd };

/* What a lead octet says, by the length of the sequence. */
static const struct {
	uint8_t mask, mark;
	uint32_t min; /* smaller values are overlong */
} utf8_form[] = {
	[1] = {0x80, 0x00, 0x00},
	[2] = {0xe0, 0xc0, 0x80},
	[3] = {0xf0, 0xe0, 0x800},
	[4] = {0xf8, 0xf0, 0x10000},
};

static bool is_scalar(uint32_t cp)
{
	return cp < 0xd800 || (cp > 0xdfff && cp <= 0x10ffff);
}

int utf8_next(struct view *in, uint32_t *cp)
{
	size_t octets = 1;
	uint32_t x;

	if (in->len == 0)
		return 0;
	if (in->p[0] < 0x80) {
		*cp = *in->p++;
		in->len--;
		return 1;
	}
	while (octets <= 4 && (in->p[0] & utf8_form[octets].mask) != utf8_form[octets].mark)
		octets++;
	if (octets > 4 || octets > in->len)
		return -EILSEQ;

	x = in->p[0] & (uint8_t)~utf8_form[octets].mask;
	for (size_t i = 1; i < octets; i++) {
		if ((in->p[i] & 0xc0) != 0x80)
			return -EILSEQ;
		x = x << 6 | (in->p[i] & 0x3f);
	}
	if (x < utf8_form[octets].min || !is_scalar(x))
		return -EILSEQ;

	*cp = x;
	in->p += octets;
	in->len -= octets;
	return 1;
}

size_t utf8_plain(struct view utf8)
{
	size_t n = 0;

	while (n < utf8.len && utf8.p[n] >= ' ' && utf8.p[n] <= '~')
		n++;
	return n;
}

void utf8_put(struct wbuf *w, uint32_t cp)
{
	size_t octets = 4;
	uint8_t *at;

	if (!is_scalar(cp))
		cp = REPLACEMENT;
	while (octets > 1 && cp < utf8_form[octets].min)
		octets--;
	at = wbuf_room(w, octets);
	if (!at)
		return;
	for (size_t i = octets - 1; i > 0; i--, cp >>= 6)
		at[i] = (uint8_t)(0x80 | (cp & 0x3f));
	at[0] = (uint8_t)(utf8_form[octets].mark | cp);
}

bool utf8_valid(struct view text)
{
	uint32_t cp;
	int rc;

	do {
		rc = utf8_next(&text, &cp);
	} while (rc > 0);
	return rc == 0;
}
