/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */

/*
 * The text behind a user data header (TS 23.040 9.2.3.24): every header of 0..20 octets with texts
 * around every boundary. TP-UD is laid out here bit by bit from the clause, not with gsm7_pack().
 */

#include "../../lib/sms/tpdu.h"
#include "test.h"

enum { UDH_OCTETS_MAX = 20, SEPTETS_MAX = 160, UNITS_MAX = 160, CANARY = 0xa5 };

/* ---- TP-UD by hand ---- */

/* One unknown element (0x70) over all of it; two octets alone cannot be a header. */
static void put_header(uint8_t *ud, size_t udh_octets)
{
	memset(ud, 0xee, udh_octets);
	if (udh_octets)
		ud[0] = (uint8_t)(udh_octets - 1);
	if (udh_octets > 1)
		ud[1] = 0x70;
	if (udh_octets > 2)
		ud[2] = (uint8_t)(udh_octets - 3);
}

static void set_bit(uint8_t *octets, size_t bit, bool set)
{
	octets[bit / 8] = (uint8_t)((octets[bit / 8] & ~(1u << bit % 8)) | (unsigned)set << bit % 8);
}

/* Septet k of TP-UD is bits 7k..7k+6; the text begins with the first septet free of the header. */
static void put_septets(uint8_t *ud, size_t first, const uint8_t *text, size_t n)
{
	for (size_t bit = 0; bit < n * 7; bit++)
		set_bit(ud, first * 7 + bit, text[bit / 7] >> bit % 7 & 1);
}

static void text_of(uint8_t *text, size_t n, unsigned mask)
{
	for (size_t i = 0; i < n; i++)
		text[i] = (uint8_t)((i * 37 + n) & mask);
}

/* ---- one case ---- */

static void check_text(const struct tp_user_data *u, size_t udh, const uint8_t *text, size_t n)
{
	uint8_t *exact = malloc(u->tp_ud.len ? u->tp_ud.len : 1);
	struct tp_user_data v = *u;
	uint8_t out[UNITS_MAX + 8];
	struct wbuf w = wbuf_of(out, n);
	int err;

	memcpy(exact, u->tp_ud.p, u->tp_ud.len);
	v.tp_ud.p = exact;
	memset(out, CANARY, sizeof(out));
	err = tp_ud_text(&v, &w);
	CHECK(err == 0 && w.len == n, "dcs %02x, header %zu, text %zu: %d, %zu units", u->tp_dcs, udh, n,
	      err, w.len);
	CHECK(!memcmp(out, text, n), "dcs %02x, header %zu, text %zu", u->tp_dcs, udh, n);
	for (size_t size = 0; size < n; size++) {
		w = wbuf_of(out, size);
		memset(out, CANARY, sizeof(out));
		CHECK(tp_ud_text(&v, &w) == -ENOSPC && !w.len && out[size] == CANARY,
		      "dcs %02x, header %zu, text %zu into %zu", u->tp_dcs, udh, n, size);
	}
	free(exact);
}

static void check_septets(size_t udh, size_t n)
{
	size_t first = (udh * 8 + 6) / 7;
	uint8_t text[SEPTETS_MAX], ud[TP_UD_MAX];
	struct tp_user_data u = {
		.tp_dcs = 0x00, .tp_udhi = udh > 0, .tp_udl = (uint8_t)(first + n), .tp_ud = {ud, 0}};

	text_of(text, n, 0x7f);
	u.tp_ud.len = tp_ud_octets(0x00, u.tp_udl);
	for (int fill = 0; fill <= 1; fill++) { /* whatever stands in fill bits is not text */
		memset(ud, fill ? 0xff : 0, sizeof(ud));
		put_septets(ud, first, text, n);
		put_header(ud, udh);
		check_text(&u, udh, text, n);
	}
	if (first) {
		uint8_t out[UNITS_MAX];
		struct wbuf w = wbuf_of(out, sizeof(out));

		u.tp_udl = (uint8_t)(first - 1);
		CHECK(tp_ud_text(&u, &w) == -EBADMSG, "header %zu, one septet short", udh);
	}
}

static void check_octets(uint8_t tp_dcs, size_t udh, size_t n)
{
	uint8_t ud[TP_UD_MAX];
	struct tp_user_data u = {
		.tp_dcs = tp_dcs, .tp_udhi = udh > 0, .tp_udl = (uint8_t)(udh + n), .tp_ud = {ud, udh + n}};

	put_header(ud, udh);
	text_of(ud + udh, n, 0xff);
	check_text(&u, udh, ud + udh, n);
}

/* ---- all of them ---- */

/* The lengths around both ends of 0..max and around the multiples of a septet group. */
static bool is_boundary(size_t n, size_t max)
{
	return n < 10 || n + 10 > max || n % 8 == 0 || n % 8 == 7 || n % 7 == 0;
}

static void test_header_lengths(void)
{
	for (size_t udh = 0; udh <= UDH_OCTETS_MAX; udh++) {
		size_t septets = SEPTETS_MAX - (udh * 8 + 6) / 7, octets = TP_UD_MAX - udh;

		if (udh == 2)
			continue;
		for (size_t n = 0; n <= septets; n++)
			if (is_boundary(n, septets))
				check_septets(udh, n);
		for (size_t n = 0; n <= octets; n++)
			if (is_boundary(n, octets)) {
				check_octets(0x04, udh, n);
				check_octets(0x08, udh, n);
			}
	}
}

/* A header that is none, or runs over the end of TP-UD. */
static void test_bad_headers(void)
{
	static const struct {
		uint8_t tp_dcs, tp_udl;
		const char *hex;
	} CASES[] = {
		{0x00, 0, ""},		 {0x04, 0, ""},		       {0x04, 2, "01 00"},
		{0x04, 2, "02 00"},	 {0x04, 4, "05 00 03 A4"},     {0x00, 4, "05 00 03 A4"},
		{0x04, 4, "03 00 03 A4"}, {0x00, 6, "05 00 03 A4 02 01"}, {0x08, 3, "FF 00 00"},
	};

	for (size_t i = 0; i < sizeof(CASES) / sizeof(CASES[0]); i++) {
		uint8_t out[UNITS_MAX];
		struct wbuf w = wbuf_of(out, sizeof(out));
		size_t len;
		uint8_t *ud = test_hex(CASES[i].hex, &len);
		struct tp_user_data u = {.tp_dcs = CASES[i].tp_dcs, .tp_udhi = true,
					 .tp_udl = CASES[i].tp_udl, .tp_ud = {ud, len}};

		CHECK(tp_ud_text(&u, &w) == -EBADMSG && !w.len, "%s", CASES[i].hex);
		free(ud);
	}
}

static const struct {
	uint8_t tp_dcs, tp_udl;
	size_t octets;
} OCTETS[] = {
	{0x00, 0, 0},	  {0x00, 1, 1},	  {0x00, 7, 7},	    {0x00, 8, 7},   {0x00, 9, 8},   {0x00, 160, 140},
	{0x00, 255, 224}, {0x04, 8, 8},	  {0x08, 140, 140}, {0x0c, 8, 7},   {0x11, 8, 7},   {0x20, 8, 8},
	{0x28, 8, 8},	  {0x80, 8, 7},	  {0xc8, 8, 7},	    {0xd0, 8, 7},   {0xe0, 8, 8},   {0xf0, 8, 7},
	{0xf4, 8, 8},
};

static void test_octets(void)
{
	for (size_t i = 0; i < sizeof(OCTETS) / sizeof(OCTETS[0]); i++) {
		size_t n = tp_ud_octets(OCTETS[i].tp_dcs, OCTETS[i].tp_udl);

		CHECK(n == OCTETS[i].octets, "dcs %02x udl %d: %zu", OCTETS[i].tp_dcs, OCTETS[i].tp_udl, n);
	}
}

static const struct {
	uint8_t tp_dcs;
	const char *units;
	int err;
	const char *utf8;
} UTF8[] = {
	{0x00, "48 69 00 1B 65", 0, "Hi@\xe2\x82\xac"},
	{0xf2, "48 69", 0, "Hi"},
	{0x08, "00 48 20 AC", 0, "H\xe2\x82\xac"},
	{0xe0, "00 48", 0, "H"},
	{0x18, "00 48", 0, "H"}, /* class 0 */
	{0x04, "48 69", -ENOTSUP, ""},
	{0xf6, "48 69", -ENOTSUP, ""},
	{0x20, "48 69", -ENOTSUP, ""},
	{0x28, "00 48", -ENOTSUP, ""},
};

static void test_utf8(void)
{
	for (size_t i = 0; i < sizeof(UTF8) / sizeof(UTF8[0]); i++) {
		uint8_t out[64];
		struct wbuf w = wbuf_of(out, sizeof(out)), small = wbuf_of(out, strlen(UTF8[i].utf8));
		size_t len;
		uint8_t *units = test_hex(UTF8[i].units, &len);
		int err = tp_ud_to_utf8(UTF8[i].tp_dcs, (struct view){units, len}, &w);

		CHECK(err == UTF8[i].err, "dcs %02x: %d", UTF8[i].tp_dcs, err);
		CHECK(view_eq(wbuf_written(&w), view_str(UTF8[i].utf8)), "dcs %02x: %.*s", UTF8[i].tp_dcs,
		      (int)w.len, (const char *)out);
		if (!err) {
			small.size--;
			err = tp_ud_to_utf8(UTF8[i].tp_dcs, (struct view){units, len}, &small);
			CHECK(err == -ENOSPC && !small.len, "dcs %02x: %d", UTF8[i].tp_dcs, err);
		}
		free(units);
	}
}

int main(void)
{
	test_header_lengths();
	test_bad_headers();
	test_octets();
	test_utf8();
	return test_end("tpdu_text");
}
