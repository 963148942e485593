/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */

/*
 * Characters and septets of GSM 7 bit text (TS 23.038 6.2.1) with the default tables or those of
 * a national language (annex A), and the packing of septets into octets (6.1.2.1).
 * The CR that pads seven spare bits (6.1.2.3.1) is for USSD; short messages count septets
 * and are padded with zero bits.
 */

#include "gsm7.h"

#include "../util/utf8.h"
#include "gsm7_national.h"

enum { REPLACEMENT = 0xfffd };

static const struct gsm7_tables default_tables;

/* ---- tables ---- */

/* 6.2.1.2.4: a receiver ignores an identifier that it does not know. */
static uint8_t known(uint8_t nli)
{
	return nli < GSM7_LANGUAGES ? nli : GSM7_DEFAULT;
}

bool gsm7_tables_default(struct gsm7_tables t)
{
	uint8_t locking = known(t.locking);

	return (locking == GSM7_DEFAULT || locking == GSM7_SPANISH) &&
	       known(t.single) == GSM7_DEFAULT;
}

const char *gsm7_nli_name(unsigned nli)
{
	static const char *const names[GSM7_LANGUAGES] = {
		"default", "turkish",	"spanish", "portuguese", "bengali", "gujarati", "hindi",
		"kannada", "malayalam", "oriya",   "punjabi",	 "tamil",   "telugu",	"urdu",
	};

	return nli < GSM7_LANGUAGES ? names[nli] : NULL;
}

/* ---- characters ---- */

/* @return the septet of cp, -1 if it is not in table */
static int septet_of(const uint16_t table[GSM7_SEPTETS], uint32_t cp)
{
	if (cp < GSM7_SEPTETS && table[cp] == cp) /* most of ASCII */
		return (int)cp;
	for (int i = 0; i < GSM7_SEPTETS; i++) {
		if (table[i] == cp)
			return i;
	}
	return -1;
}

int gsm7_from_cp_in(struct gsm7_tables t, uint32_t cp, uint8_t septets[2])
{
	int septet;

	if (cp == 0) /* where a table has no character */
		return -EILSEQ;
	septet = septet_of(gsm7_locking[known(t.locking)], cp);
	if (septet >= 0) {
		septets[0] = (uint8_t)septet;
		return 1;
	}
	septet = septet_of(gsm7_single[known(t.single)], cp);
	if (septet < 0)
		return -EILSEQ;
	septets[0] = GSM7_ESC;
	septets[1] = (uint8_t)septet;
	return 2;
}

size_t gsm7_plain(struct gsm7_tables t, struct view utf8)
{
	const uint16_t *table = gsm7_locking[known(t.locking)];
	size_t n = 0;

	while (n < utf8.len && utf8.p[n] >= ' ' && utf8.p[n] <= '~' && table[utf8.p[n]] == utf8.p[n])
		n++;
	return n;
}

int gsm7_from_cp(uint32_t cp, uint8_t septets[2])
{
	return gsm7_from_cp_in(default_tables, cp, septets);
}

static uint32_t cp_of(struct gsm7_tables t, bool esc, uint8_t septet)
{
	uint32_t cp = 0;

	if (septet >= GSM7_SEPTETS) /* an octet of an unpacked text that is no septet */
		return REPLACEMENT;
	if (esc)
		cp = gsm7_single[known(t.single)][septet];
	if (!cp)
		cp = gsm7_locking[known(t.locking)][septet];
	return cp ? cp : REPLACEMENT;
}

int gsm7_next_in(struct gsm7_tables t, struct view *septets, uint32_t *cp)
{
	struct rbuf r = rbuf_of(*septets);
	uint8_t septet = rbuf_u8(&r);
	bool esc = septet == GSM7_ESC;

	if (r.err)
		return 0;
	if (esc)
		septet = rbuf_left(&r) ? rbuf_u8(&r) : GSM7_ESC;
	*cp = cp_of(t, esc, septet);
	*septets = rbuf_rest(&r);
	return 1;
}

int gsm7_next(struct view *septets, uint32_t *cp)
{
	return gsm7_next_in(default_tables, septets, cp);
}

int gsm7_to_utf8(struct view septets, struct wbuf *utf8)
{
	size_t mark = utf8->len;
	uint32_t cp;

	while (gsm7_next(&septets, &cp))
		utf8_put(utf8, cp);
	return wbuf_end(utf8, mark);
}

int gsm7_from_utf8_in(struct gsm7_tables t, struct view utf8, struct wbuf *septets)
{
	size_t mark = septets->len;
	uint8_t code[2];
	uint32_t cp;
	int rc;

	do {
		size_t n = gsm7_plain(t, utf8);

		wbuf_put(septets, utf8.p, n);
		utf8 = view_skip(utf8, n);
		rc = utf8_next(&utf8, &cp);
		if (rc > 0)
			rc = gsm7_from_cp_in(t, cp, code);
		if (rc > 0)
			wbuf_put(septets, code, (size_t)rc);
	} while (rc > 0);
	if (rc < 0)
		septets->err = rc;
	return wbuf_end(septets, mark);
}

int gsm7_from_utf8(struct view utf8, struct wbuf *septets)
{
	return gsm7_from_utf8_in(default_tables, utf8, septets);
}

/* ---- packing ---- */

int gsm7_pack(struct wbuf *w, struct view septets, unsigned fill_bits)
{
	size_t mark = w->len;
	uint8_t *at = wbuf_room(w, (fill_bits + septets.len * 7 + 7) / 8);
	unsigned bits = fill_bits; /* in acc, not yet written */
	uint32_t acc = 0;

	for (size_t i = 0; at && i < septets.len; i++) {
		acc |= (uint32_t)(septets.p[i] & 0x7f) << bits;
		bits += 7;
		if (bits >= 8) {
			*at++ = (uint8_t)acc;
			acc >>= 8;
			bits -= 8;
		}
	}
	if (at && bits)
		*at = (uint8_t)acc;
	return wbuf_end(w, mark);
}

unsigned gsm7_fill_bits(size_t udh_octets)
{
	/* 8n bits mod 7 is n mod 7 */
	return (unsigned)(7 - udh_octets % 7) % 7;
}

static uint8_t septet_at(struct view packed, size_t bit)
{
	size_t i = bit / 8;
	unsigned pair = packed.p[i];

	if (i + 1 < packed.len)
		pair |= (unsigned)packed.p[i + 1] << 8;
	return pair >> bit % 8 & 0x7f;
}

int gsm7_unpack(struct view packed, unsigned fill_bits, size_t n, struct wbuf *septets)
{
	size_t mark = septets->len;

	if (n == 0)
		return 0;
	if (packed.len == 0 || n > (packed.len * 8 - fill_bits) / 7)
		return -EBADMSG;
	for (size_t i = 0; i < n; i++)
		wbuf_u8(septets, septet_at(packed, fill_bits + i * 7));
	return wbuf_end(septets, mark);
}
