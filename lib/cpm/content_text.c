/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */

/*
 * The text of a text/plain part, spec 3.6: transfer encoding, then charset, then line ends, one
 * character at a time. Octets that do not belong to the charset are an error and never become
 * '?' or U+FFFD: the sender shall hear that his text could not be read.
 */

#include "../util/utf8.h"
#include "charset.h"
#include "content.h"
#include "field.h"
#include "transfer.h"

struct text {
	struct transfer octets;
	bool little_endian;	      /* UTF-16 */
	struct charset_reader reader; /* the others */
	struct view charset;
};

/* ---- charsets: one character each; 1, 0 at the end, -EBADMSG, -EILSEQ ---- */

static int latin1_next(struct text *t, uint32_t *cp)
{
	uint8_t octet;
	int rc = transfer_next(&t->octets, &octet);

	if (rc == 1)
		*cp = octet;
	return rc;
}

static int ascii_next(struct text *t, uint32_t *cp)
{
	int rc = latin1_next(t, cp);

	return rc == 1 && *cp > 0x7f ? -EILSEQ : rc;
}

/* Octets of the character that begins so; what is no first octet is left to utf8_next() to refuse. */
static size_t utf8_length(uint8_t first)
{
	return first < 0xc0 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
}

static int utf8_text_next(struct text *t, uint32_t *cp)
{
	uint8_t octets[4];
	struct view v = {octets, 1};
	int rc = transfer_next(&t->octets, &octets[0]);

	if (rc != 1)
		return rc;
	for (; v.len < utf8_length(octets[0]); v.len++) {
		rc = transfer_next(&t->octets, &octets[v.len]);
		if (rc != 1)
			return rc ? rc : -EILSEQ;
	}
	return utf8_next(&v, cp);
}

static int utf16_unit(struct text *t, uint32_t *unit)
{
	uint8_t octets[2];
	int rc = transfer_next(&t->octets, &octets[0]);

	if (rc != 1)
		return rc;
	rc = transfer_next(&t->octets, &octets[1]);
	if (rc != 1)
		return rc ? rc : -EILSEQ;
	*unit = (uint32_t)octets[t->little_endian] << 8 | octets[!t->little_endian];
	return 1;
}

static int utf16_next(struct text *t, uint32_t *cp)
{
	uint32_t high, low;
	int rc = utf16_unit(t, &high);

	if (rc != 1)
		return rc;
	*cp = high;
	if (high < 0xd800 || high > 0xdfff)
		return 1;
	rc = high < 0xdc00 ? utf16_unit(t, &low) : 0;
	if (rc != 1 || low < 0xdc00 || low > 0xdfff)
		return rc < 0 ? rc : -EILSEQ;
	*cp = 0x10000 + ((high - 0xd800) << 10 | (low - 0xdc00));
	return 1;
}

/* ---- what the byte order mark says ---- */

/* -ENOTSUP without a mark: the order of octets would be a guess. An empty text needs none. */
static int utf16_open(struct text *t)
{
	struct text ahead = *t;
	uint32_t mark;
	int rc = utf16_unit(&ahead, &mark);

	if (rc != 1)
		return rc;
	t->little_endian = mark == 0xfffe;
	return mark == 0xfeff || mark == 0xfffe ? 0 : -ENOTSUP;
}

/* ---- what only the system knows ---- */

static int system_open(struct text *t)
{
	return charset_open(&t->reader, t->charset);
}

static int system_next(struct text *t, uint32_t *cp)
{
	return charset_next(&t->reader, &t->octets, cp);
}

static void system_close(struct text *t)
{
	charset_close(&t->reader);
}

struct charset {
	struct view name;
	int (*open)(struct text *t); /* NULL: nothing to find out first */
	int (*next)(struct text *t, uint32_t *cp);
	bool has_mark;		       /* U+FEFF in front is no character of the text */
	bool is_ascii;		       /* an octet below 0x80 is that character */
	void (*close)(struct text *t); /* NULL: nothing is held */
};

static const struct charset system_charset = {
	.open = system_open,
	.next = system_next,
	.has_mark = true,
	.close = system_close,
};

static const struct charset charsets[] = {
	{VIEW_OF(""), NULL, utf8_text_next, true, true, NULL},
	{VIEW_OF("utf-8"), NULL, utf8_text_next, true, true, NULL},
	{VIEW_OF("utf8"), NULL, utf8_text_next, true, true, NULL},
	{VIEW_OF("us-ascii"), NULL, ascii_next, false, true, NULL},
	{VIEW_OF("ascii"), NULL, ascii_next, false, true, NULL},
	{VIEW_OF("iso-8859-1"), NULL, latin1_next, false, true, NULL},
	{VIEW_OF("latin1"), NULL, latin1_next, false, true, NULL},
	{VIEW_OF("utf-16"), utf16_open, utf16_next, true, false, NULL},
};

static const struct charset *charset_find(struct view name)
{
	for (size_t i = 0; i < sizeof(charsets) / sizeof(charsets[0]); i++)
		if (view_ieq(name, charsets[i].name))
			return &charsets[i];
	return &system_charset;
}

/* ---- text ---- */

/* CRLF and lone CR become LF. */
static void text_put(struct wbuf *w, uint32_t before, uint32_t cp)
{
	if (cp == '\r')
		utf8_put(w, '\n');
	else if (cp != '\n' || before != '\r')
		utf8_put(w, cp);
}

/* ASCII that is what it stands for. */
static struct view plain_take(const struct charset *charset, struct transfer *t)
{
	struct view in = t->in;
	size_t n = 0;

	if (!charset->is_ascii || t->encoding != TRANSFER_IDENTITY)
		return VIEW("");
	while (n < in.len && in.p[n] < 0x80 && in.p[n] != '\r')
		n++;
	t->in = view_skip(in, n);
	return (struct view){in.p, n};
}

static int text_copy(const struct charset *charset, struct text *t, struct wbuf *w)
{
	struct view plain = plain_take(charset, &t->octets);
	bool first = plain.len == 0;
	uint32_t before = 0, cp = 0;
	int rc;

	wbuf_view(w, plain);
	while ((rc = charset->next(t, &cp)) == 1) {
		if (!first || !charset->has_mark || cp != 0xfeff)
			text_put(w, before, cp);
		before = cp;
		first = false;
		if (cp != '\r') {
			plain = plain_take(charset, &t->octets);
			wbuf_view(w, plain);
		}
	}
	return rc;
}

int content_text(const struct content *c, struct wbuf *utf8)
{
	struct text t = {.charset = field_trim(c->charset)};
	const struct charset *charset = charset_find(t.charset);
	size_t mark = utf8->len;
	int rc;

	if (c->kind != CONTENT_TEXT || transfer_open(&t.octets, c->transfer_encoding, c->payload))
		return -ENOTSUP;
	rc = charset->open ? charset->open(&t) : 0;
	if (rc)
		return rc;
	rc = text_copy(charset, &t, utf8);
	if (charset->close)
		charset->close(&t);
	if (rc == 0)
		return wbuf_end(utf8, mark);
	utf8->len = mark;
	utf8->err = 0;
	return rc;
}
