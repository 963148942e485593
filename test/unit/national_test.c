/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */

/*
 * National language tables (TS 23.038 annex A): every character of every table there and back,
 * the digest of each table as computed from another implementation's data, and what a receiver
 * makes of UDH 0x24 and 0x25.
 */

#include "sms/dcs.h"
#include "sms/gsm7.h"
#include "sms/gsm7_national.h"
#include "sms/tpdu.h"
#include "util/utf8.h"

#include "test.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

/* ---- the tables ---- */

/*
 * Characters and FNV-1a of the 128 code points, two octets each. From the data of gsmcodecs 1.0.0
 * (made from TS 23.038 18.0.0), with ',' instead of ''' at 0x2c from Bengali on, 0x0ca1 at 0x24 of
 * Kannada and the euro of Telugu, in which handsets and earlier printings agree against it.
 */
static const struct {
	const char *name;
	unsigned locking;
	uint32_t locking_fnv;
	unsigned single;
	uint32_t single_fnv;
} digests[GSM7_LANGUAGES] = {
	{"default", 127, 0x0c89e51f, 11, 0x6d5c0b8d},
	{"turkish", 127, 0x3ae2b4df, 18, 0xdb3322f7},
	{"spanish", 127, 0x0c89e51f, 20, 0xd4dcdde8},
	{"portuguese", 127, 0xbbc5278d, 38, 0x30e61a32},
	{"bengali", 114, 0xcab2ee4e, 83, 0x53c322ef},
	{"gujarati", 120, 0x1ff981e3, 71, 0x3ad7aefb},
	{"hindi", 127, 0x44cc1e66, 89, 0xfa38dd98},
	{"kannada", 120, 0x97f3626b, 74, 0x8299fdd0},
	{"malayalam", 120, 0x8d8a9f01, 83, 0x5ff7083b},
	{"oriya", 116, 0x70f69c62, 76, 0xe0d3502d},
	{"punjabi", 110, 0x0c626e95, 77, 0xee99f922},
	{"tamil", 102, 0xaee45edc, 78, 0xd137577f},
	{"telugu", 120, 0x863cec14, 79, 0x372b9e5b},
	{"urdu", 127, 0xb755cb9a, 91, 0xf4e80730},
};

static uint32_t fnv(const uint16_t table[GSM7_SEPTETS], unsigned *characters)
{
	uint32_t h = 0x811c9dc5;

	*characters = 0;
	for (unsigned i = 0; i < GSM7_SEPTETS; i++) {
		h = (h ^ table[i] >> 8) * 0x01000193;
		h = (h ^ (table[i] & 0xff)) * 0x01000193;
		*characters += table[i] != 0;
	}
	return h;
}

static void test_digests(void)
{
	for (unsigned l = 0; l < GSM7_LANGUAGES; l++) {
		unsigned n;
		uint32_t h = fnv(gsm7_locking[l], &n);

		CHECK(n == digests[l].locking && h == digests[l].locking_fnv,
		      "%s, locking: %u characters, 0x%08x", digests[l].name, n, h);
		h = fnv(gsm7_single[l], &n);
		CHECK(n == digests[l].single && h == digests[l].single_fnv,
		      "%s, single: %u characters, 0x%08x", digests[l].name, n, h);
		CHECK(!strcmp(gsm7_nli_name(l), digests[l].name), "%s", gsm7_nli_name(l));
	}
	CHECK(!gsm7_nli_name(GSM7_LANGUAGES), "no name");
}

static unsigned times_in(const uint16_t table[GSM7_SEPTETS], uint32_t cp)
{
	unsigned n = 0;

	for (unsigned i = 0; i < GSM7_SEPTETS; i++)
		n += table[i] == cp;
	return n;
}

/* Locking: each character once. Single: but for two marks that the tables of India have twice. */
static void test_bijective(void)
{
	for (unsigned l = 0; l < GSM7_LANGUAGES; l++) {
		for (unsigned i = 0; i < GSM7_SEPTETS; i++) {
			uint16_t a = gsm7_locking[l][i], b = gsm7_single[l][i];
			bool twice = l >= GSM7_BENGALI && (b == 0xa1 || b == '*');

			CHECK(!a || times_in(gsm7_locking[l], a) == 1, "%s %02x", digests[l].name,
			      i);
			CHECK(!b || times_in(gsm7_single[l], b) == (twice ? 2 : 1),
			      "%s, single %02x", digests[l].name, i);
		}
		CHECK(!gsm7_locking[l][GSM7_ESC], "%s: ESC", digests[l].name);
		CHECK(gsm7_locking[l]['\n'] == '\n' && gsm7_locking[l]['\r'] == '\r' &&
			      gsm7_locking[l][' '] == ' ' && gsm7_single[l][GSM7_ESC] == ' ' &&
			      gsm7_single[l][0x0a] == '\f' && gsm7_single[l][0x65] == 0x20ac,
		      "%s: controls", digests[l].name);
	}
}

/* The letters of an alphabet of India stand in the order of Unicode, all in one block. */
static void test_order(void)
{
	static const uint16_t blocks[GSM7_LANGUAGES] = {
		[GSM7_BENGALI] = 0x0980, [GSM7_GUJARATI] = 0x0a80,  [GSM7_HINDI] = 0x0900,
		[GSM7_KANNADA] = 0x0c80, [GSM7_MALAYALAM] = 0x0d00, [GSM7_ORIYA] = 0x0b00,
		[GSM7_PUNJABI] = 0x0a00, [GSM7_TAMIL] = 0x0b80,	    [GSM7_TELUGU] = 0x0c00,
	};

	for (unsigned l = GSM7_BENGALI; l < GSM7_URDU; l++) {
		uint16_t last = 0;

		for (unsigned i = 0; i < GSM7_SEPTETS; i++) {
			uint16_t cp = gsm7_locking[l][i], shifted = gsm7_single[l][i];

			CHECK(cp < 0x80 || (cp & 0xff80) == blocks[l], "%s %02x", digests[l].name,
			      i);
			CHECK(cp < 0x80 || cp > last, "%s %02x: order", digests[l].name, i);
			last = cp < 0x80 ? last : cp;
			CHECK(shifted < 0x100 || shifted == 0x20ac || shifted == 0x0964 ||
				      shifted == 0x0965 || (shifted & 0xff80) == blocks[l],
			      "%s, single %02x", digests[l].name, i);
			CHECK(shifted < 0x100 || !times_in(gsm7_locking[l], shifted),
			      "%s, single %02x: in both", digests[l].name, i);
		}
	}
}

/* What the charts of the standard show, read by columns. */
static const struct {
	unsigned nli;
	const char *chart; /* of the locking shift table; ESC left out */
} charts[] = {
	{GSM7_DEFAULT, "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
		       "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"},
	{GSM7_TURKISH, "@£$¥€éùıòÇ\nĞğ\rÅåΔ_ΦΓΛΩΠΨΣΘΞŞşßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
		       "İABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§çabcdefghijklmnopqrstuvwxyzäöñüà"},
	{GSM7_PORTUGUESE, "@£$¥êéúíóç\nÔô\rÁáΔ_ªÇÀ∞^\\€Ó|ÂâÊÉ !\"#º%&'()*+,-./0123456789:;<=>?"
			  "ÍABCDEFGHIJKLMNOPQRSTUVWXYZÃÕÚÜ§~abcdefghijklmnopqrstuvwxyzãõ`üà"},
};

static void test_charts(void)
{
	for (size_t i = 0; i < COUNT(charts); i++) {
		uint8_t septets[GSM7_SEPTETS - 1];
		struct wbuf w = wbuf_of(septets, sizeof(septets));
		struct gsm7_tables t = {.locking = (uint8_t)charts[i].nli};
		int err = gsm7_from_utf8_in(t, view_str(charts[i].chart), &w);

		CHECK(err == 0 && w.len == sizeof(septets), "%u: %d, %zu", charts[i].nli, err,
		      w.len);
		for (unsigned k = 0; k < w.len; k++)
			CHECK(septets[k] == k + (k >= GSM7_ESC), "%u: %02x at %02x", charts[i].nli,
			      septets[k], k);
	}
}

/* ---- septets and characters ---- */

/* Every pair of septets in every pair of tables; what they mean must go back to the same meaning. */
static void check_pair(struct gsm7_tables t, const uint8_t in[2], size_t len)
{
	struct view v = {in, len};
	uint8_t septets[2];
	uint32_t cp = 0, again = 0;
	int n = gsm7_next_in(t, &v, &cp);

	CHECK(n == 1 && v.len == 0, "%u %u: %02x %02x", t.locking, t.single, in[0], in[1]);
	n = gsm7_from_cp_in(t, cp, septets);
	CHECK((n > 0) == (cp != 0xfffd), "%u %u: %04x", t.locking, t.single, cp);
	v = (struct view){septets, n > 0 ? (size_t)n : 0};
	if (n > 0)
		CHECK(n <= (int)len && gsm7_next_in(t, &v, &again) == 1 && again == cp && !v.len,
		      "%u %u: %04x, then %04x", t.locking, t.single, cp, again);
}

static void test_round_trip(void)
{
	for (unsigned l = 0; l < GSM7_LANGUAGES; l++) {
		for (unsigned s = 0; s < GSM7_LANGUAGES; s++) {
			struct gsm7_tables t = {.locking = (uint8_t)l, .single = (uint8_t)s};

			for (uint8_t i = 0; i < GSM7_SEPTETS; i++) {
				const uint8_t alone[2] = {i}, shifted[2] = {GSM7_ESC, i};

				if (i != GSM7_ESC)
					check_pair(t, alone, 1);
				check_pair(t, shifted, 2);
			}
		}
	}
}

static const struct {
	const char *name;
	struct gsm7_tables tables;
	const char *septets, *utf8;
} texts[] = {
	{"Turkish, both",
	 {.locking = 1, .single = 1},
	 "0b 0c 1c 1d 40 07 60 1b 63 04",
	 "ĞğŞşİıçç€"},
	{"Turkish, single",
	 {.single = 1},
	 "1b 47 1b 67 1b 53 1b 73 1b 49 1b 69 1b 63 09",
	 "ĞğŞşİıçÇ"},
	{"Turkish, locking: extension table", {.locking = 1}, "1b 28 1b 65 1b 14", "{€^"},
	{"Turkish, locking: falls back to it, not to the default",
	 {.locking = 1},
	 "1b 07 1b 40",
	 "ı|"},
	{"Turkish, single: falls back to the default", {.single = 1}, "1b 07", "ì"},
	{"Spanish",
	 {.single = 2},
	 "1b 09 1b 41 1b 49 1b 4f 1b 55 1b 61 1b 69 1b 6f 1b 75 7d",
	 "çÁÍÓÚáíóúñ"},
	{"Spanish has no locking shift table", {.locking = 2}, "00 60 0c", "@¿ø"},
	{"Portuguese, both",
	 {.locking = 3, .single = 3},
	 "7b 7c 09 15 1b 12 1b 5b 1b 7f",
	 "ãõç∞ΦÃâ"},
	{"Bengali", {.locking = 4, .single = 4}, "2c 20 06 41 1b 41 1b 19 51", ", ঈভA০ি"},
	{"Hindi", {.locking = 6, .single = 6}, "28 29 39 4d 3f 4c 57 1b 19", ")(9ह?स\xe0\xa5\x85।"},
	{"Kannada dda", {.locking = 7}, "24 3d", "ಡಪ"},
	{"Tamil digit eight", {.single = 11}, "1b 24 1b 25", "௮௯"},
	{"Telugu digits", {.single = 12}, "1b 22 1b 23 1b 65", "౬౭€"},
	{"Urdu", {.locking = 13, .single = 13}, "00 0f 5b 1b 3f 1b 23", "اټے۔۷"},
	{"no character there", {.locking = 10}, "09 0f", "\xef\xbf\xbdਏ"},
	{"no character there, not shifted either", {.locking = 10}, "1b 09", "\xef\xbf\xbd"},
	{"two ESC are a space", {.locking = 13, .single = 13}, "1b 1b 00", " ا"},
	{"ESC alone at the end", {.locking = 13, .single = 13}, "00 1b", "ا "},
	{"unknown language", {.locking = 14, .single = 255}, "00 1b 65", "@€"},
};

static void test_texts(void)
{
	for (size_t i = 0; i < COUNT(texts); i++) {
		uint8_t out[64];
		struct wbuf w = wbuf_of(out, sizeof(out));
		size_t len;
		uint8_t *in = test_hex(texts[i].septets, &len);
		struct view septets = {in, len};
		uint32_t cp;

		while (gsm7_next_in(texts[i].tables, &septets, &cp))
			utf8_put(&w, cp);
		CHECK(view_eq(wbuf_written(&w), view_str(texts[i].utf8)), "%s: %.*s", texts[i].name,
		      (int)w.len, (const char *)out);
		free(in);
	}
}

static void test_default(void)
{
	for (unsigned l = 0; l < 256; l++) {
		for (unsigned s = 0; s < 256; s++) {
			struct gsm7_tables t = {.locking = (uint8_t)l, .single = (uint8_t)s};
			bool want = (l == 0 || l == GSM7_SPANISH || l > GSM7_URDU) &&
				    (s == 0 || s > GSM7_URDU);

			CHECK(gsm7_tables_default(t) == want, "%u %u", l, s);
		}
	}
	for (uint32_t cp = 0; cp < 0x3000; cp++) { /* the same as without tables */
		uint8_t a[2] = {0}, b[2] = {0};
		int n = gsm7_from_cp(cp, a);

		CHECK(gsm7_from_cp_in((struct gsm7_tables){2, 99}, cp, b) == n && a[0] == b[0] &&
			      a[1] == b[1],
		      "%04x", cp);
	}
}

static void test_refused(void)
{
	struct gsm7_tables turkish = {1, 1};
	uint8_t out[4] = {0, 0xa5, 0xa5, 0xa5};
	struct wbuf w = wbuf_of(out, 1);

	CHECK(gsm7_from_cp_in(turkish, 0, out) == -EILSEQ, "NUL");
	CHECK(gsm7_from_cp_in(turkish, 0x0436, out) == -EILSEQ, "Cyrillic");
	CHECK(gsm7_from_cp_in(turkish, 0x1f600, out) == -EILSEQ, "emoji");
	CHECK(gsm7_from_cp_in(turkish, 0x1011e, out) == -EILSEQ, "more than 16 bits");
	CHECK(gsm7_from_utf8_in(turkish, VIEW("ğ€"), &w) == -ENOSPC && w.len == 0 && out[1] == 0xa5,
	      "two septets into one");
	w = wbuf_of(out, 4);
	CHECK(gsm7_from_utf8_in(turkish, VIEW("aж"), &w) == -EILSEQ && w.len == 0, "Cyrillic");
	CHECK(gsm7_from_utf8_in(turkish, VIEW("a\xff"), &w) == -EILSEQ && w.len == 0, "not UTF-8");
}

/* ---- user data ---- */

/* Text as septets behind header, packed by hand: bit n of the text is bit (fill + n) behind it. */
static struct tp_user_data user_data(uint8_t tp_dcs, const uint8_t *header, size_t header_len,
				     const uint8_t *septets, size_t n, uint8_t ud[TP_UD_MAX])
{
	size_t first = (header_len * 8 + 6) / 7;

	memset(ud, 0, TP_UD_MAX);
	memcpy(ud, header, header_len);
	for (size_t bit = 0; bit < n * 7; bit++) {
		size_t at = first * 7 + bit;

		ud[at / 8] |= (uint8_t)((septets[bit / 7] >> bit % 7 & 1) << at % 8);
	}
	return (struct tp_user_data){.tp_dcs = tp_dcs,
				     .tp_udhi = header_len > 0,
				     .tp_udl = (uint8_t)(first + n),
				     .tp_ud = {ud, ((first + n) * 7 + 7) / 8}};
}

static const struct {
	const char *name;
	uint8_t tp_dcs;
	const char *header, *septets;
	uint8_t units_dcs;
	const char *utf8;
} user_datas[] = {
	{"no header", 0x00, "", "00 1b 65", 0x00, "@€"},
	{"concatenation only", 0x00, "05 00 03 a4 02 01", "00 1b 65", 0x00, "@€"},
	{"Turkish, locking", 0x00, "03 25 01 01", "0b 04 1b 28", 0x08, "Ğ€{"},
	{"Turkish, single", 0x00, "03 24 01 01", "0b 1b 47 1b 65", 0x08, "ØĞ€"},
	{"Turkish, both, concatenated", 0x00, "0b 00 03 a4 02 01 24 01 01 25 01 01", "0b 1b 47",
	 0x08, "ĞĞ"},
	{"one of each language", 0x00, "06 24 01 02 25 01 01", "0b 1b 61", 0x08, "Ğá"},
	{"Urdu", 0x00, "06 25 01 0d 24 01 0d", "00 1b 3f", 0x08, "ا۔"},
	{"the last one stands", 0x00, "06 25 01 0d 25 01 01", "0b", 0x08, "Ğ"},
	{"unknown language", 0x00, "03 25 01 0e", "0b 1b 65", 0x00, "Ø€"},
	{"language 0", 0x00, "06 25 01 00 24 01 00", "0b 1b 65", 0x00, "Ø€"},
	{"Spanish, locking", 0x00, "03 25 01 02", "0b 1b 61", 0x00, "Øa"},
	{"element of two octets", 0x00, "04 25 02 01 01", "0b", 0x00, "Ø"},
	{"class 0", 0x10, "03 25 01 01", "0b", 0x18, "Ğ"},
	{"class 1, other group", 0xf1, "03 25 01 01", "0b", 0x19, "Ğ"},
	{"message waiting", 0xd0, "03 25 01 01", "0b", 0x08, "Ğ"},
	{"no text", 0x00, "03 25 01 01", "", 0x08, ""},
};

static void check_small(const char *name, const struct tp_user_data *u, size_t len)
{
	uint8_t out[64], tp_dcs;

	for (size_t size = 0; size < len; size++) {
		struct wbuf w = wbuf_of(out, size);

		memset(out, 0xa5, sizeof(out));
		CHECK(tp_ud_units(u, &tp_dcs, &w) == -ENOSPC && !w.len && out[size] == 0xa5,
		      "%s into %zu", name, size);
	}
}

static void test_units(void)
{
	for (size_t i = 0; i < COUNT(user_datas); i++) {
		size_t header_len, n;
		uint8_t *header = test_hex(user_datas[i].header, &header_len);
		uint8_t *septets = test_hex(user_datas[i].septets, &n);
		uint8_t ud[TP_UD_MAX], out[64], text[64], tp_dcs = 0xee;
		struct wbuf w = wbuf_of(out, sizeof(out)), utf8 = wbuf_of(text, sizeof(text));
		struct tp_user_data u =
			user_data(user_datas[i].tp_dcs, header, header_len, septets, n, ud);
		int err = tp_ud_units(&u, &tp_dcs, &w);

		CHECK(err == 0 && tp_dcs == user_datas[i].units_dcs, "%s: %d, %02x",
		      user_datas[i].name, err, tp_dcs);
		check_small(user_datas[i].name, &u, w.len);
		err = tp_ud_to_utf8(tp_dcs, wbuf_written(&w), &utf8);
		CHECK(err == 0 && view_eq(wbuf_written(&utf8), view_str(user_datas[i].utf8)),
		      "%s: %.*s", user_datas[i].name, (int)utf8.len, (const char *)text);
		w = wbuf_of(out, sizeof(out));
		CHECK(tp_ud_text(&u, &w) == 0 &&
			      view_eq(wbuf_written(&w), (struct view){septets, n}),
		      "%s: septets as they are", user_datas[i].name);
		free(header);
		free(septets);
	}
}

/* A language has nothing to say about UCS-2, 8-bit and compressed text; bad headers stay bad. */
static void test_not_septets(void)
{
	static const uint8_t codings[] = {0x04, 0x08, 0x20, 0x28, 0xf4, 0xe0};
	uint8_t ud[6] = {3, 0x25, 1, 1, 0x0b, 0x1e}, out[8], tp_dcs;

	for (size_t i = 0; i < COUNT(codings); i++) {
		struct tp_user_data u = {
			.tp_dcs = codings[i], .tp_udhi = true, .tp_udl = 6, .tp_ud = {ud, 6}};
		struct wbuf w = wbuf_of(out, sizeof(out));

		CHECK(tp_ud_units(&u, &tp_dcs, &w) == 0 && tp_dcs == codings[i] && w.len == 2 &&
			      out[0] == 0x0b && out[1] == 0x1e,
		      "%02x", codings[i]);
	}
	for (size_t len = 0; len < 4; len++) {
		struct tp_user_data u = {.tp_udhi = true, .tp_udl = 5, .tp_ud = {ud, len}};
		struct wbuf w = wbuf_of(out, sizeof(out));

		CHECK(tp_ud_units(&u, &tp_dcs, &w) == -EBADMSG && !w.len, "%zu octets", len);
	}
}

/* The promised size: 155 septets, each a unit of two octets. */
static void test_longest(void)
{
	static const uint8_t header[] = {3, 0x25, 1, GSM7_URDU};
	uint8_t septets[155] = {0}, ud[TP_UD_MAX], out[TP_UD_UNITS_MAX], tp_dcs;
	struct tp_user_data u = user_data(0, header, sizeof(header), septets, sizeof(septets), ud);
	struct wbuf w = wbuf_of(out, sizeof(out));

	CHECK(u.tp_udl == 160 && u.tp_ud.len == 140, "%u", u.tp_udl);
	CHECK(tp_ud_units(&u, &tp_dcs, &w) == 0 && w.len == TP_UD_UNITS_MAX, "%zu", w.len);
}

int main(void)
{
	test_digests();
	test_bijective();
	test_order();
	test_charts();
	test_round_trip();
	test_texts();
	test_default();
	test_refused();
	test_units();
	test_not_septets();
	test_longest();
	return test_end("national");
}
