/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */
#pragma once

#include "../util/buf.h"

/*
 * BER (X.690) as TCAP and MAP use it, on the sticky reader and writer of util/buf.h.
 * Read: definite lengths in short or long form, indefinite lengths. Written: definite, the shortest.
 */

/* X.690 8.1.2: a tag here is its identifier octets as one number, class and form included */
enum {
	BER_BOOLEAN = 0x01,
	BER_INTEGER = 0x02,
	BER_BIT_STRING = 0x03,
	BER_OCTET_STRING = 0x04,
	BER_NULL = 0x05,
	BER_OID = 0x06,
	BER_ENUMERATED = 0x0a,
	BER_EXTERNAL = 0x28,
	BER_SEQUENCE = 0x30,
	BER_CONSTRUCTED = 0x20,
	BER_CONTEXT = 0x80, /* or'ed: [n] is BER_CONTEXT | n for n up to 30 */
	BER_DEPTH_MAX = 16, /* indefinite lengths inside each other */
};

struct ber_element {
	uint32_t tag;
	struct view value; /* without end-of-contents octets */
	struct view whole; /* identifier, length, value and end of contents */
};

/* ---- read ---- */

/**
 * Cut the next element off r.
 * @return false at the end of r, and when the element is wrong: then r->err is -EBADMSG
 *         (tag of more than 3 octets, end of contents alone, length of more than 4 octets or beyond r)
 */
bool ber_next(struct rbuf *r, struct ber_element *e);

/** Like ber_next(), but the element must be there and carry tag, else r->err is set; *e is zeroed then. */
bool ber_expect(struct rbuf *r, uint32_t tag, struct ber_element *e);

/** @return 0 and what is in the only element of in, which must carry tag; -EBADMSG */
int ber_unwrap(struct view in, uint32_t tag, struct view *value);

/** An INTEGER or ENUMERATED (X.690 8.3) of 1 to 4 octets. @return 0, -EBADMSG */
int ber_integer_decode(struct view value, int32_t *out);

/* ---- write: elements are appended, w->err says whether they fitted ---- */

/** Begin a constructed element. @return the mark for ber_close() */
size_t ber_open(struct wbuf *w, uint32_t tag);

/** End it: fills in the length of what was written since ber_open(), which moves by up to 4 octets. */
void ber_close(struct wbuf *w, size_t mark);

void ber_put(struct wbuf *w, uint32_t tag, struct view value);
void ber_put_integer(struct wbuf *w, uint32_t tag, int32_t value);
