/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */

/*
 * Called and calling party addresses of SCCP (Q.713 3.4, 3.5).
 *
 *   indicator | [point code(2), low octet first] | [SSN] | [global title]
 *   indicator   bit 7 route on SSN, bits 6-3 GTI, bit 2 SSN, bit 1 point code
 *   GT  1       odd(1) nature(7)                  | digits
 *       2       translation type                  | digits
 *       3       translation type | plan, scheme   | digits
 *       4       translation type | plan, scheme | nature | digits
 *
 * Digits stand in swapped nibbles, 0 behind an odd number. GTI 2 does not say whether it is odd: there the
 * last nibble F is none.
 */

#include "sccp_private.h"

enum {
	AI_PC = 0x01,
	AI_SSN = 0x02,
	AI_GTI_SHIFT = 2,
	AI_GTI_MASK = 0xf,
	AI_ROUTE_ON_SSN = 0x40,
	PC_MAX = 0x3fff,
	NAI_ODD = 0x80, /* GTI 1 */
	NAI_MASK = 0x7f,
	ES_UNKNOWN = 0,
	ES_BCD_ODD = 1,
	ES_BCD_EVEN = 2,
	ES_MASK = 0xf,
	FILLER = 0xf,
};

static const char digit_chars[] = "0123456789abcdef";

/* What each GTI has in front of the digits. */
static const struct {
	bool tt, np, nai;
} titles[] = {
	[SCCP_GTI_NONE] = {false, false, false},      [SCCP_GTI_NAI] = {false, false, true},
	[SCCP_GTI_TT] = {true, false, false},	      [SCCP_GTI_TT_NP_ES] = {true, true, false},
	[SCCP_GTI_TT_NP_ES_NAI] = {true, true, true},
};

bool sccp_address_eq(const struct sccp_address *a, const struct sccp_address *b)
{
	return a->route_on_ssn == b->route_on_ssn && a->has_pc == b->has_pc &&
	       a->has_ssn == b->has_ssn && a->pc == b->pc && a->ssn == b->ssn && a->gti == b->gti &&
	       a->tt == b->tt && a->np == b->np && a->nai == b->nai &&
	       strcmp(a->digits, b->digits) == 0;
}

/* ---- decode ---- */

enum parity { EVEN, ODD, BY_FILLER };

static int get_digits(struct view in, enum parity parity, char *out)
{
	size_t n = in.len * 2;

	if (!in.len || in.len > SCCP_DIGITS_MAX / 2)
		return -EBADMSG;
	for (size_t i = 0; i < n; i++)
		out[i] = digit_chars[i % 2 ? in.p[i / 2] >> 4 : in.p[i / 2] & 0xf];
	if (parity == ODD || (parity == BY_FILLER && in.p[in.len - 1] >> 4 == FILLER))
		n--;
	out[n] = '\0';
	return 0;
}

static int get_title(struct rbuf *r, struct sccp_address *a)
{
	enum parity parity = BY_FILLER;

	if (titles[a->gti].tt)
		a->tt = rbuf_u8(r);
	if (titles[a->gti].np) {
		uint8_t octet = rbuf_u8(r);

		a->np = octet >> 4;
		if ((octet & ES_MASK) > ES_BCD_EVEN)
			return -ENOTSUP;
		parity = octet & ES_MASK ? (octet & ES_MASK) == ES_BCD_ODD : BY_FILLER;
	}
	if (titles[a->gti].nai) {
		uint8_t octet = rbuf_u8(r);

		a->nai = octet & NAI_MASK;
		if (a->gti == SCCP_GTI_NAI)
			parity = octet & NAI_ODD ? ODD : EVEN;
	}
	return r->err ? -EBADMSG : get_digits(rbuf_rest(r), parity, a->digits);
}

int sccp_address_decode(struct view in, struct sccp_address *out)
{
	struct rbuf r = rbuf_of(in);
	uint8_t indicator = rbuf_u8(&r), gti = indicator >> AI_GTI_SHIFT & AI_GTI_MASK;

	*out = (struct sccp_address){
		.route_on_ssn = indicator & AI_ROUTE_ON_SSN,
		.has_pc = indicator & AI_PC,
		.has_ssn = indicator & AI_SSN,
	};
	if (out->has_pc) {
		out->pc = rbuf_u8(&r);
		out->pc |= (uint16_t)(rbuf_u8(&r) << 8) & PC_MAX;
	}
	if (out->has_ssn)
		out->ssn = rbuf_u8(&r);
	if (r.err)
		return -EBADMSG;
	if (gti > SCCP_GTI_TT_NP_ES_NAI)
		return -ENOTSUP;
	out->gti = (enum sccp_gti)gti;
	return gti ? get_title(&r, out) : rbuf_end(&r);
}

/* ---- encode ---- */

static bool title_valid(const struct sccp_address *a)
{
	size_t n = strnlen(a->digits, sizeof(a->digits));

	if (n > SCCP_DIGITS_MAX || a->digits[strspn(a->digits, digit_chars)])
		return false;
	if (a->np > 15 || a->nai > NAI_MASK)
		return false;
	/* an F at the end of an even number could not be told from a filler */
	if (a->gti == SCCP_GTI_TT && n && n % 2 == 0 && a->digits[n - 1] == digit_chars[FILLER])
		return false;
	return a->gti ? n > 0 : n == 0;
}

bool sccp_address_valid(const struct sccp_address *a)
{
	return a->gti <= SCCP_GTI_TT_NP_ES_NAI && a->pc <= PC_MAX && title_valid(a);
}

size_t sccp_address_octets(const struct sccp_address *a)
{
	size_t title = (size_t)titles[a->gti].tt + titles[a->gti].np + titles[a->gti].nai;

	return 1 + (a->has_pc ? 2u : 0u) + (a->has_ssn ? 1u : 0u) + title +
	       (strlen(a->digits) + 1) / 2;
}

static uint8_t nibble_of(char digit)
{
	return (uint8_t)(strchr(digit_chars, digit) - digit_chars);
}

static void put_title(struct wbuf *w, const struct sccp_address *a)
{
	size_t n = strlen(a->digits);
	uint8_t filler = a->gti == SCCP_GTI_TT ? FILLER : 0;

	if (titles[a->gti].tt)
		wbuf_u8(w, a->tt);
	if (titles[a->gti].np)
		wbuf_u8(w, (uint8_t)(a->np << 4 | (n % 2 ? ES_BCD_ODD : ES_BCD_EVEN)));
	if (titles[a->gti].nai)
		wbuf_u8(w, a->nai | (a->gti == SCCP_GTI_NAI && n % 2 ? NAI_ODD : 0));
	for (size_t i = 0; i < n; i += 2) {
		uint8_t high = i + 1 < n ? nibble_of(a->digits[i + 1]) : filler;

		wbuf_u8(w, (uint8_t)(high << 4 | nibble_of(a->digits[i])));
	}
}

int sccp_address_encode(struct wbuf *w, const struct sccp_address *a)
{
	size_t mark = w->len;

	if (!sccp_address_valid(a))
		return -EINVAL;
	wbuf_u8(w, (uint8_t)((a->route_on_ssn ? AI_ROUTE_ON_SSN : 0) | a->gti << AI_GTI_SHIFT |
			     (a->has_ssn ? AI_SSN : 0) | (a->has_pc ? AI_PC : 0)));
	if (a->has_pc) {
		wbuf_u8(w, (uint8_t)a->pc);
		wbuf_u8(w, (uint8_t)(a->pc >> 8));
	}
	if (a->has_ssn)
		wbuf_u8(w, a->ssn);
	put_title(w, a);
	return wbuf_end(w, mark);
}
