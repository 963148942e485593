/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */

/*
 * GSM 7 bit default alphabet and its extension table (TS 23.038 6.2.1, 6.2.1.1) and the
 * packing of septets into octets (6.1.2.1). The language tables of annex A are not here.
 * The CR that pads seven spare bits (6.1.2.3.1) is for USSD; short messages count septets
 * and are padded with zero bits.
 */

#include "gsm7.h"

#include "../util/utf8.h"

enum { REPLACEMENT = 0xfffd, SEPTETS = 128 };

/* The code of ESC is no character. */
static const uint16_t gsm7_default[SEPTETS] = {
	/* 00 */ 0x0040, 0x00a3, 0x0024, 0x00a5, 0x00e8, 0x00e9, 0x00f9, 0x00ec,
	/* 08 */ 0x00f2, 0x00c7, 0x000a, 0x00d8, 0x00f8, 0x000d, 0x00c5, 0x00e5,
	/* 10 */ 0x0394, 0x005f, 0x03a6, 0x0393, 0x039b, 0x03a9, 0x03a0, 0x03a8,
	/* 18 */ 0x03a3, 0x0398, 0x039e, 0x0000, 0x00c6, 0x00e6, 0x00df, 0x00c9,
	/* 20 */ 0x0020, 0x0021, 0x0022, 0x0023, 0x00a4, 0x0025, 0x0026, 0x0027,
	/* 28 */ 0x0028, 0x0029, 0x002a, 0x002b, 0x002c, 0x002d, 0x002e, 0x002f,
	/* 30 */ 0x0030, 0x0031, 0x0032, 0x0033, 0x0034, 0x0035, 0x0036, 0x0037,
	/* 38 */ 0x0038, 0x0039, 0x003a, 0x003b, 0x003c, 0x003d, 0x003e, 0x003f,
	/* 40 */ 0x00a1, 0x0041, 0x0042, 0x0043, 0x0044, 0x0045, 0x0046, 0x0047,
	/* 48 */ 0x0048, 0x0049, 0x004a, 0x004b, 0x004c, 0x004d, 0x004e, 0x004f,
	/* 50 */ 0x0050, 0x0051, 0x0052, 0x0053, 0x0054, 0x0055, 0x0056, 0x0057,
	/* 58 */ 0x0058, 0x0059, 0x005a, 0x00c4, 0x00d6, 0x00d1, 0x00dc, 0x00a7,
	/* 60 */ 0x00bf, 0x0061, 0x0062, 0x0063, 0x0064, 0x0065, 0x0066, 0x0067,
	/* 68 */ 0x0068, 0x0069, 0x006a, 0x006b, 0x006c, 0x006d, 0x006e, 0x006f,
	/* 70 */ 0x0070, 0x0071, 0x0072, 0x0073, 0x0074, 0x0075, 0x0076, 0x0077,
	/* 78 */ 0x0078, 0x0079, 0x007a, 0x00e4, 0x00f6, 0x00f1, 0x00fc, 0x00e0,
};

/* clang-format off */
static const struct {
	uint8_t septet;
	uint16_t cp;
} gsm7_extension[] = {
	{0x0a, 0x000c}, /* page break */
	{0x14, '^'},
	{0x1b, ' '}, /* kept for a further table; shown as a space until there is one */
	{0x28, '{'},
	{0x29, '}'},
	{0x2f, '\\'},
	{0x3c, '['},
	{0x3d, '~'},
	{0x3e, ']'},
	{0x40, '|'},
	{0x65, 0x20ac}, /* euro */
};
/* clang-format on */

enum { EXTENSIONS = sizeof(gsm7_extension) / sizeof(gsm7_extension[0]) };

/* ---- characters ---- */

int gsm7_from_cp(uint32_t cp, uint8_t septets[2])
{
	if (cp < SEPTETS && gsm7_default[cp] == cp) { /* most of ASCII */
		septets[0] = (uint8_t)cp;
		return 1;
	}
	for (unsigned i = 0; i < SEPTETS; i++) {
		if (gsm7_default[i] == cp && i != GSM7_ESC) {
			septets[0] = (uint8_t)i;
			return 1;
		}
	}
	for (unsigned i = 0; i < EXTENSIONS; i++) {
		if (gsm7_extension[i].cp == cp) {
			septets[0] = GSM7_ESC;
			septets[1] = gsm7_extension[i].septet;
			return 2;
		}
	}
	return -EILSEQ;
}

static uint32_t extension_cp(uint8_t septet)
{
	for (unsigned i = 0; i < EXTENSIONS; i++) {
		if (gsm7_extension[i].septet == septet)
			return gsm7_extension[i].cp;
	}
	return gsm7_default[septet];
}

int gsm7_next(struct view *septets, uint32_t *cp)
{
	struct rbuf r = rbuf_of(*septets);
	uint8_t septet = rbuf_u8(&r);
	bool esc = septet == GSM7_ESC;

	if (r.err)
		return 0;
	if (esc)
		septet = rbuf_left(&r) ? rbuf_u8(&r) : GSM7_ESC;

	if (septet >= SEPTETS) /* an octet of an unpacked text that is no septet */
		*cp = REPLACEMENT;
	else
		*cp = esc ? extension_cp(septet) : gsm7_default[septet];
	*septets = rbuf_rest(&r);
	return 1;
}

int gsm7_to_utf8(struct view septets, struct wbuf *utf8)
{
	size_t mark = utf8->len;
	uint32_t cp;

	while (gsm7_next(&septets, &cp))
		utf8_put(utf8, cp);
	return wbuf_end(utf8, mark);
}

int gsm7_from_utf8(struct view utf8, struct wbuf *septets)
{
	size_t mark = septets->len;
	uint8_t code[2];
	uint32_t cp;
	int rc;

	while ((rc = utf8_next(&utf8, &cp)) > 0) {
		rc = gsm7_from_cp(cp, code);
		if (rc < 0)
			break;
		wbuf_put(septets, code, (size_t)rc);
	}
	if (rc < 0)
		septets->err = rc;
	return wbuf_end(septets, mark);
}

/* ---- packing ---- */

int gsm7_pack(struct wbuf *w, struct view septets, unsigned fill_bits)
{
	size_t mark = w->len;
	unsigned bits = fill_bits; /* in acc, not yet written */
	uint32_t acc = 0;

	for (size_t i = 0; i < septets.len; i++) {
		acc |= (uint32_t)(septets.p[i] & 0x7f) << bits;
		for (bits += 7; bits >= 8; bits -= 8, acc >>= 8)
			wbuf_u8(w, (uint8_t)acc);
	}
	if (bits)
		wbuf_u8(w, (uint8_t)acc);
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
