/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */

/*
 * Basic Encoding Rules (X.690 8.1): identifier, length, contents.
 *
 *   30 05 | 02 01 07 05 00           definite
 *   30 80 | 02 01 07 05 00 | 00 00   indefinite, constructed only (8.1.3.6)
 *
 * The end of an indefinite length is looked for with a counter, not by recursion, so that the peer
 * does not choose how deep our stack is. Strings in several pieces (8.7.3) are not read: TS 29.002
 * 17.1.1 has them primitive.
 */

#include "ber.h"

enum {
	TAG_NUMBER_MASK = 0x1f, /* all set: the number follows */
	TAG_MORE = 0x80,
	TAG_OCTETS_MAX = 3,
	LENGTH_LONG = 0x80, /* or'ed with the number of octets; alone: indefinite */
	LENGTH_OCTETS_MAX = 4,
	END_OF_CONTENTS = 0x00,
};

/* ---- read ---- */

struct header {
	uint32_t tag;
	size_t len; /* octets; 0 if indefinite */
	bool indefinite;
};

static uint32_t get_tag(struct rbuf *r)
{
	uint32_t tag = rbuf_u8(r);
	uint8_t octet;

	if ((tag & TAG_NUMBER_MASK) != TAG_NUMBER_MASK)
		return tag;
	for (int n = 2; n <= TAG_OCTETS_MAX; n++) {
		octet = rbuf_u8(r);
		tag = tag << 8 | octet;
		if (!(octet & TAG_MORE))
			return tag;
	}
	rbuf_fail(r);
	return 0;
}

static bool is_constructed(uint32_t tag)
{
	while (tag > 0xff)
		tag >>= 8;
	return tag & BER_CONSTRUCTED;
}

static void get_length(struct rbuf *r, struct header *h)
{
	uint8_t first = rbuf_u8(r);

	h->indefinite = first == LENGTH_LONG;
	if (h->indefinite || first < LENGTH_LONG) {
		h->len = h->indefinite ? 0 : first;
		return;
	}
	first ^= LENGTH_LONG;
	h->len = first <= LENGTH_OCTETS_MAX ? (size_t)rbuf_uint(r, first) : SIZE_MAX;
}

static void get_header(struct rbuf *r, struct header *h)
{
	h->tag = get_tag(r);
	get_length(r, h);
	if (h->len > rbuf_left(r) || (h->indefinite && !is_constructed(h->tag)))
		rbuf_fail(r);
}

/* Everything up to the end-of-contents octets that belong to the element whose header was just read. */
static struct view get_indefinite(struct rbuf *r)
{
	size_t start = r->pos, end = start, depth = 1;
	struct header h;

	while (depth && !r->err) {
		end = r->pos;
		get_header(r, &h);
		if (h.indefinite)
			depth++;
		else if (h.tag == END_OF_CONTENTS)
			depth--;
		else
			rbuf_view(r, h.len);
		if (depth > BER_DEPTH_MAX || (h.tag == END_OF_CONTENTS && h.len))
			rbuf_fail(r);
	}
	return r->err ? (struct view){0} : (struct view){r->p + start, end - start};
}

bool ber_next(struct rbuf *r, struct ber_element *e)
{
	size_t start = r->pos;
	struct header h;

	*e = (struct ber_element){0};
	if (!rbuf_left(r))
		return false;
	get_header(r, &h);
	if (h.tag == END_OF_CONTENTS)
		rbuf_fail(r);
	if (r->err)
		return false;
	e->tag = h.tag;
	e->value = h.indefinite ? get_indefinite(r) : rbuf_view(r, h.len);
	e->whole = (struct view){r->p + start, r->pos - start};
	if (r->err)
		*e = (struct ber_element){0};
	return !r->err;
}

bool ber_expect(struct rbuf *r, uint32_t tag, struct ber_element *e)
{
	if (ber_next(r, e) && e->tag == tag)
		return true;
	rbuf_fail(r);
	*e = (struct ber_element){0};
	return false;
}

int ber_unwrap(struct view in, uint32_t tag, struct view *value)
{
	struct rbuf r = rbuf_of(in);
	struct ber_element e;

	ber_expect(&r, tag, &e);
	*value = e.value;
	return rbuf_end(&r);
}

int ber_integer_decode(struct view value, int32_t *out)
{
	uint32_t x;

	*out = 0;
	if (value.len < 1 || value.len > 4)
		return -EBADMSG;
	x = value.p[0] & 0x80 ? UINT32_MAX : 0;
	for (size_t i = 0; i < value.len; i++)
		x = x << 8 | value.p[i];
	*out = (int32_t)x;
	return 0;
}

/* ---- write ---- */

static void put_tag(struct wbuf *w, uint32_t tag)
{
	wbuf_uint(w, tag, tag > 0xffff ? 3 : tag > 0xff ? 2 : 1);
}

/* Octets behind the first one of a length. */
static size_t length_more(size_t len)
{
	size_t n = 0;

	if (len < LENGTH_LONG)
		return 0;
	for (; len; len >>= 8)
		n++;
	return n;
}

static void put_length(struct wbuf *w, size_t len)
{
	size_t more = length_more(len);

	wbuf_u8(w, (uint8_t)(more ? LENGTH_LONG | more : len));
	wbuf_uint(w, more ? len : 0, more);
}

size_t ber_open(struct wbuf *w, uint32_t tag)
{
	put_tag(w, tag);
	wbuf_u8(w, 0);
	return w->len;
}

void ber_close(struct wbuf *w, size_t mark)
{
	size_t len = w->len - mark, more = length_more(len);
	struct wbuf length;

	wbuf_room(w, more);
	if (w->err)
		return;
	memmove(w->p + mark + more, w->p + mark, len);
	length = wbuf_of(w->p + mark - 1, more + 1);
	put_length(&length, len);
}

void ber_put(struct wbuf *w, uint32_t tag, struct view value)
{
	put_tag(w, tag);
	put_length(w, value.len);
	wbuf_view(w, value);
}

void ber_put_integer(struct wbuf *w, uint32_t tag, int32_t value)
{
	uint8_t octets[4];
	struct wbuf v = wbuf_of(octets, sizeof(octets));
	size_t skip = 0;

	wbuf_u32(&v, (uint32_t)value);
	/* X.690 8.3.2: the first nine bits are never all the same */
	while (skip < 3 && octets[skip] == (value < 0 ? 0xff : 0) &&
	       (octets[skip + 1] & 0x80) == (value < 0 ? 0x80 : 0))
		skip++;
	ber_put(w, tag, (struct view){octets + skip, sizeof(octets) - skip});
}
