/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */

/* Octets -> lines, words and numbers: what the grammars of RFC 4975 9 and RFC 4566 9 have in common. */

#include "msrp_text.h"

static bool is_blank(uint8_t c)
{
	return c == ' ' || c == '\t';
}

bool text_line(struct view *in, struct view *line)
{
	const uint8_t *lf = in->len ? memchr(in->p, '\n', in->len) : NULL;

	if (!lf)
		return false;
	*line = (struct view){in->p, (size_t)(lf - in->p)};
	*in = text_skip(*in, line->len + 1);
	return true;
}

bool text_cut_last(struct view *v, uint8_t c)
{
	if (v->len == 0 || v->p[v->len - 1] != c)
		return false;
	v->len--;
	return true;
}

struct view text_until(struct view *in, uint8_t c)
{
	const uint8_t *at = in->len ? memchr(in->p, c, in->len) : NULL;
	struct view head = {in->p, at ? (size_t)(at - in->p) : in->len};

	*in = text_skip(*in, at ? head.len + 1 : head.len);
	return head;
}

bool text_word(struct view *in, struct view *word)
{
	size_t n = 0;

	while (in->len && is_blank(in->p[0]))
		*in = text_skip(*in, 1);
	while (n < in->len && !is_blank(in->p[n]))
		n++;
	*word = (struct view){in->p, n};
	*in = text_skip(*in, n);
	return n > 0;
}

struct view text_trim(struct view v)
{
	while (v.len && is_blank(v.p[0]))
		v = text_skip(v, 1);
	while (v.len && is_blank(v.p[v.len - 1]))
		v.len--;
	return v;
}

bool text_starts(struct view v, const char *prefix)
{
	size_t n = strlen(prefix);

	return v.len >= n && view_ieq((struct view){v.p, n}, view_str(prefix));
}

bool text_clean(struct view v)
{
	for (size_t i = 0; i < v.len; i++)
		if ((v.p[i] < ' ' && v.p[i] != '\t') || v.p[i] == 0x7f)
			return false;
	return true;
}

bool text_visible(struct view v, bool blanks)
{
	for (size_t i = 0; i < v.len; i++)
		if ((v.p[i] <= ' ' || v.p[i] > '~') && !(blanks && is_blank(v.p[i])))
			return false;
	return v.len > 0;
}

int text_number(struct view v, uint64_t *x)
{
	*x = 0;
	for (size_t i = 0; i < v.len; i++) {
		unsigned digit = (unsigned)v.p[i] - '0';

		if (digit > 9 || *x > (UINT64_MAX - 1 - digit) / 10)
			return -EBADMSG;
		*x = *x * 10 + digit;
	}
	return v.len ? 0 : -EBADMSG;
}

void text_put_number(struct wbuf *w, uint64_t x)
{
	uint8_t digits[20];
	size_t at = sizeof(digits);

	do {
		digits[--at] = (uint8_t)('0' + x % 10);
		x /= 10;
	} while (x);
	wbuf_put(w, digits + at, sizeof(digits) - at);
}
