/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */

/*
 * Content-Transfer-Encoding, RFC 2045 clause 6. base64: white space is skipped, '=' at the
 * end may be missing (nothing is ambiguous without it), any other octet is an error.
 * quoted-printable: a '=' that begins no escape stands for itself, as 6.7 advises.
 */

#include "cpim.h"
#include "field.h"
#include "transfer.h"

static const struct {
	struct view name;
	enum transfer_encoding encoding;
} names[] = {
	{VIEW_OF(""), TRANSFER_IDENTITY},
	{VIEW_OF("7bit"), TRANSFER_IDENTITY},
	{VIEW_OF("8bit"), TRANSFER_IDENTITY},
	{VIEW_OF("binary"), TRANSFER_IDENTITY},
	{VIEW_OF("base64"), TRANSFER_BASE64},
	{VIEW_OF("quoted-printable"), TRANSFER_QUOTED_PRINTABLE},
};

int transfer_open(struct transfer *t, struct view encoding, struct view in)
{
	*t = (struct transfer){.in = in};
	encoding = field_trim(encoding);
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (view_ieq(encoding, names[i].name)) {
			t->encoding = names[i].encoding;
			return 0;
		}
	}
	return -ENOTSUP;
}

static uint8_t take(struct transfer *t)
{
	uint8_t c = t->in.p[0];

	t->in = view_skip(t->in, 1);
	return c;
}

static bool is_blank(uint8_t c)
{
	return c == ' ' || c == '\t';
}

/* ---- base64 ---- */

static int base64_digit(uint8_t c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	return c == '+' ? 62 : c == '/' ? 63 : -1;
}

/* '=' closes a group of two or three digits, and nothing but its like may follow. */
static int base64_pad(struct transfer *t)
{
	if (t->n_digits < 2)
		return -EBADMSG;
	t->padded = true;
	t->n_digits = (t->n_digits + 1) % 4;
	return 0;
}

static int base64_take(struct transfer *t)
{
	uint8_t c = take(t);
	int digit = base64_digit(c);

	if (is_blank(c) || c == '\r' || c == '\n')
		return 0;
	if (c == '=')
		return base64_pad(t);
	if (digit < 0 || t->padded)
		return -EBADMSG;
	t->bits = (t->bits << 6 | (uint32_t)digit) & 0xffff;
	t->n_bits += 6;
	t->n_digits = (t->n_digits + 1) % 4;
	return 0;
}

static int base64_next(struct transfer *t, uint8_t *octet)
{
	while (t->n_bits < 8) {
		int err;

		/* one digit is no octet; a pad that was begun must be complete */
		if (t->in.len == 0)
			return t->n_digits == 1 || (t->padded && t->n_digits) ? -EBADMSG : 0;
		err = base64_take(t);
		if (err)
			return err;
		if (t->n_digits == 0 && t->n_bits < 8)
			t->n_bits = 0;
	}
	t->n_bits -= 8;
	*octet = (uint8_t)(t->bits >> t->n_bits);
	return 1;
}

/* ---- quoted-printable ---- */

static int hex_digit(uint8_t c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static size_t blanks(struct view in)
{
	size_t n = 0;

	while (n < in.len && is_blank(in.p[n]))
		n++;
	return n;
}

static bool at_line_end(struct view in)
{
	return in.len == 0 || in.p[0] == '\r' || in.p[0] == '\n';
}

/* Leave out a soft line break ("=" blanks CRLF) and the blanks at the end of a line, which are not text. */
static bool quoted_skip(struct transfer *t)
{
	size_t soft = t->in.p[0] == '=' ? 1 : 0;
	size_t n = soft + blanks(view_skip(t->in, soft));
	struct view behind = view_skip(t->in, n);

	if (n == 0 || !at_line_end(behind)) {
		t->literal = n;
		return false;
	}
	if (soft && behind.len)
		n += behind.len > 1 && behind.p[0] == '\r' && behind.p[1] == '\n' ? 2 : 1;
	t->in = view_skip(t->in, n);
	return true;
}

static int quoted_next(struct transfer *t, uint8_t *octet)
{
	while (t->in.len && !t->literal) {
		int hi = t->in.len > 2 ? hex_digit(t->in.p[1]) : -1;
		int lo = t->in.len > 2 ? hex_digit(t->in.p[2]) : -1;

		if (t->in.p[0] == '=' && hi >= 0 && lo >= 0) {
			*octet = (uint8_t)(hi << 4 | lo);
			t->in = view_skip(t->in, 3);
			return 1;
		}
		if (!quoted_skip(t))
			break;
	}
	if (t->in.len == 0)
		return 0;
	if (t->literal)
		t->literal--;
	*octet = take(t);
	return 1;
}

/* ---- all of them ---- */

int transfer_next(struct transfer *t, uint8_t *octet)
{
	if (t->encoding == TRANSFER_BASE64)
		return base64_next(t, octet);
	if (t->encoding == TRANSFER_QUOTED_PRINTABLE)
		return quoted_next(t, octet);
	if (t->in.len == 0)
		return 0;
	*octet = take(t);
	return 1;
}

int transfer_decode(struct view encoding, struct view in, struct wbuf *w)
{
	struct transfer t;
	size_t mark = w->len;
	uint8_t octet;
	int rc = transfer_open(&t, encoding, in);

	if (rc)
		return rc;
	while ((rc = transfer_next(&t, &octet)) == 1)
		wbuf_u8(w, octet);
	if (rc == 0)
		return wbuf_end(w, mark);
	w->len = mark;
	w->err = 0;
	return rc;
}
