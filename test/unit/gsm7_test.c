/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */

/*
 * The alphabet as a reader of TS 23.038 6.2.1 sees it, and packing. The 137 pairs agree with
 * Perl's Encode (gsm0338) and ICU (gsm-03.38-2009), packed texts with libGammu.
 */

#include "sms/gsm7.h"
#include "util/utf8.h"

#include "test.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

/* From septet 00 on; the space at 1b stands for ESC. */
static const char alphabet[] = "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞ ÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
			       "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà";

static const struct {
	const char *name, *utf8, *septets;
} texts[] = {
	{"empty", "", ""},
	{"commercial at is septet 00", "@", "00"},
	{"e acute stays e acute", "é", "05"},
	{"hyphen stays a hyphen", "a-b", "61 2d 62"},
	{"capital C with cedilla", "Ç", "09"},
	{"newline is 0a, not 10", "a\nb", "61 0a 62"},
	{"carriage return is 0d, not 13", "a\rb", "61 0d 62"},
	{"euro", "€", "1b 65"},
	{"all of the extension table", "\f^{}\\[~]|€",
	 "1b 0a 1b 14 1b 28 1b 29 1b 2f 1b 3c 1b 3d 1b 3e 1b 40 1b 65"},
	{"Greek capitals", "ΔΩ", "10 15"},
};

static const struct {
	const char *name, *utf8;
} unmappable[] = {
	{"emoji", "😀"},
	{"Cyrillic", "ж"},
	{"tab", "\t"},
	{"backtick", "`"},
	{"small c with cedilla", "ç"},
	{"Greek capital Alpha is not A", "Α"},
	{"no-break space is not ESC", "\xc2\xa0"},
	{"ESC", "\x1b"},
	{"combining acute", "e\xcc\x81"},
	{"bad UTF-8", "\xff"},
	{"cut UTF-8", "\xc3"},
};

static const struct {
	const char *name, *septets, *utf8;
} shown[] = {
	/* clang-format off */
	{"lone ESC at the end is a space", "41 1b", "A "},
	{"ESC ESC is a space", "1b 1b 41", " A"},
	{"undefined extension is the default character", "1b 41 1b 00 1b 0d", "A@\r"},
	{"extension, then the same code without ESC", "1b 65 65", "€e"},
	{"an octet that is no septet", "80 41 ff", "\xef\xbf\xbd""A\xef\xbf\xbd"},
	{"ESC and an octet that is no septet", "1b e5 41", "\xef\xbf\xbd""A"},
	/* clang-format on */
};

static const struct {
	const char *name, *septets;
	unsigned fill_bits;
	const char *packed;
} packings[] = {
	{"nothing", "", 0, ""},
	{"nothing behind fill bits", "", 1, "00"},
	{"hello", "68 65 6c 6c 6f", 0, "e8 32 9b fd 06"},
	{"hellohello", "68 65 6c 6c 6f 68 65 6c 6c 6f", 0, "e8 32 9b fd 46 97 d9 ec 37"},
	{"7 septets: 7 spare bits are zero, not CR", "61 61 61 61 61 61 61", 0,
	 "e1 70 38 1c 0e 87 01"},
	{"8 septets in 7 octets", "61 61 61 61 61 61 61 61", 0, "e1 70 38 1c 0e 87 c3"},
	{"8 septets that end in CR", "61 61 61 61 61 61 61 0d", 0, "e1 70 38 1c 0e 87 1b"},
	{"behind one fill bit", "61", 1, "c2"},
	{"behind six fill bits", "61", 6, "40 18"},
	{"at behind no fill bits", "00 61", 0, "80 30"},
};

static size_t small_output;

/* Room for size octets behind one that is there already; a canary behind them. */
static struct wbuf small(uint8_t *out, size_t size)
{
	struct wbuf w = wbuf_of(out, size + 1);

	memset(out, 0xcc, size + 2);
	wbuf_u8(&w, 0x55);
	small_output = size;
	return w;
}

static bool refused(const struct wbuf *w)
{
	return w->len == 1 && w->err == 0 && w->p[0] == 0x55 && w->p[small_output + 1] == 0xcc;
}

static void check_alphabet(void)
{
	struct view left = view_str(alphabet);
	uint32_t cp, got = 0;
	uint8_t septet = 0, code[2];

	for (; utf8_next(&left, &cp) > 0; septet++) {
		struct view one = {&septet, 1};

		CHECK(gsm7_next(&one, &got) == 1 && got == cp, "%02x: U+%04X", septet, got);
		if (septet != GSM7_ESC)
			CHECK(gsm7_from_cp(cp, code) == 1 && code[0] == septet, "U+%04X", cp);
	}
	CHECK(septet == 128, "%d septets", septet);
}

/* Of every table: the octets that are their own septets, alone and in front of another. */
static void check_plain(void)
{
	for (unsigned table = 0; table < 2 * GSM7_LANGUAGES; table++) {
		struct gsm7_tables t = {.locking = (uint8_t)(table / 2), .single = (uint8_t)table % 2};

		for (unsigned octet = 0; octet <= 0xff; octet++) {
			uint8_t text[2] = {(uint8_t)octet, '\n'}, code[2] = {0};
			bool own = octet >= ' ' && octet <= '~' &&
				   gsm7_from_cp_in(t, octet, code) == 1 && code[0] == octet;

			CHECK(gsm7_plain(t, (struct view){text, 2}) == own, "%02x in table %u", octet, table);
		}
	}
	CHECK(gsm7_plain((struct gsm7_tables){0}, VIEW("Lunch at 12?")) == 12, "all of it");
	CHECK(gsm7_plain((struct gsm7_tables){0}, VIEW("ab@c")) == 2, "until @");
	CHECK(gsm7_plain((struct gsm7_tables){0}, (struct view){NULL, 0}) == 0, "nothing");
}

static void check_whole_unicode(void)
{
	unsigned found = 0;

	for (uint32_t cp = 0; cp <= 0x110000; cp++) {
		uint8_t code[2] = {0};
		struct view v = {code, 2};
		uint32_t back = 0;
		int n = gsm7_from_cp(cp, code);

		if (n < 0) {
			test_failed += n != -EILSEQ;
			continue;
		}
		found++;
		v.len = (size_t)n;
		CHECK(gsm7_next(&v, &back) == 1 && back == cp && v.len == 0, "U+%04X", cp);
	}
	CHECK(found == 127 + 10, "%u characters", found);
}

static void check_text(const char *name, const char *utf8, const char *hex)
{
	struct view text = view_str(utf8), septets;
	uint8_t *in = test_hex(hex, &septets.len), out[64];
	struct wbuf w = wbuf_of(out, sizeof(out));

	septets.p = in;
	CHECK(gsm7_from_utf8(text, &w) == 0, "%s", name);
	CHECK(view_eq(wbuf_written(&w), septets), "%s: septets", name);
	w.len = 0;
	CHECK(gsm7_to_utf8(septets, &w) == 0, "%s", name);
	CHECK(view_eq(wbuf_written(&w), text), "%s: %.*s", name, (int)w.len, out);
	for (size_t size = 0; size < septets.len; size++) {
		w = small(out, size);
		CHECK(gsm7_from_utf8(text, &w) == -ENOSPC && refused(&w), "%s: %zu", name, size);
	}
	for (size_t size = 0; size < text.len; size++) {
		w = small(out, size);
		CHECK(gsm7_to_utf8(septets, &w) == -ENOSPC && refused(&w), "%s: %zu", name, size);
	}
	free(in);
}

static void check_packing(const char *name, const char *hex, unsigned fill_bits,
			  const char *packed_hex)
{
	struct view septets, packed;
	uint8_t *in = test_hex(hex, &septets.len), *in2 = test_hex(packed_hex, &packed.len);
	uint8_t out[64];
	struct wbuf w = wbuf_of(out, sizeof(out));

	septets.p = in;
	packed.p = in2;
	CHECK(gsm7_pack(&w, septets, fill_bits) == 0, "%s", name);
	CHECK(view_eq(wbuf_written(&w), packed), "%s: packed", name);
	w.len = 0;
	CHECK(gsm7_unpack(packed, fill_bits, septets.len, &w) == 0, "%s: unpack", name);
	CHECK(view_eq(wbuf_written(&w), septets), "%s: unpacked", name);
	for (size_t size = 0; size < packed.len; size++) {
		w = small(out, size);
		CHECK(gsm7_pack(&w, septets, fill_bits) == -ENOSPC && refused(&w), "%s: %zu", name,
		      size);
	}
	for (size_t size = 0; size < septets.len; size++) {
		w = small(out, size);
		CHECK(gsm7_unpack(packed, fill_bits, septets.len, &w) == -ENOSPC && refused(&w),
		      "%s: unpack %zu", name, size);
	}
	free(in2);
	free(in);
}

/* Every number of septets behind every number of fill bits; each shorter input is refused. */
static void check_pack_lengths(void)
{
	uint8_t septets[170], packed[160], back[170];

	for (size_t i = 0; i < sizeof(septets); i++)
		septets[i] = (i * 37 + 11) % 128;
	for (unsigned fill_bits = 0; fill_bits < 7; fill_bits++) {
		for (size_t n = 1; n <= sizeof(septets); n++) {
			struct wbuf w = wbuf_of(packed, sizeof(packed));
			struct wbuf b = wbuf_of(back, n);
			uint8_t *exact;

			CHECK(gsm7_pack(&w, (struct view){septets, n}, fill_bits) == 0, "%zu", n);
			CHECK(w.len == (fill_bits + 7 * n + 7) / 8, "%zu: %zu octets", n, w.len);
			exact = malloc(w.len);
			memcpy(exact, packed, w.len);
			CHECK(gsm7_unpack((struct view){exact, w.len}, fill_bits, n, &b) == 0 &&
				      memcmp(back, septets, n) == 0,
			      "%zu septets behind %u bits", n, fill_bits);
			b.len = 0;
			CHECK(gsm7_unpack((struct view){exact, w.len - 1}, fill_bits, n, &b) ==
					      -EBADMSG &&
				      b.len == 0,
			      "%zu septets of %zu octets", n, w.len - 1);
			free(exact);
		}
	}
}

static void check_hostile_counts(void)
{
	uint8_t out[4];
	struct wbuf w = wbuf_of(out, sizeof(out));

	CHECK(gsm7_unpack(VIEW("\x61"), 0, SIZE_MAX, &w) == -EBADMSG, "SIZE_MAX septets");
	CHECK(gsm7_unpack(VIEW("\x61"), 0, SIZE_MAX / 7 + 2, &w) == -EBADMSG, "overflow");
	CHECK(gsm7_unpack((struct view){NULL, 0}, 6, 1, &w) == -EBADMSG, "empty");
	CHECK(gsm7_unpack((struct view){NULL, 0}, 1, 0, &w) == 0 && w.len == 0, "nothing of it");
}

static void check_fill_bits(void)
{
	for (size_t udh_octets = 0; udh_octets <= 140; udh_octets++) {
		unsigned fill_bits = gsm7_fill_bits(udh_octets);

		CHECK(fill_bits < 7 && (udh_octets * 8 + fill_bits) % 7 == 0, "UDH of %zu: %u",
		      udh_octets, fill_bits);
	}
	CHECK(gsm7_fill_bits(6) == 1, "8-bit reference");
	CHECK(gsm7_fill_bits(7) == 0, "16-bit reference: 0, not 7, or an @ stands before the text");
}

int main(void)
{
	uint8_t out[64];

	check_alphabet();
	check_plain();
	check_whole_unicode();
	for (size_t i = 0; i < COUNT(texts); i++)
		check_text(texts[i].name, texts[i].utf8, texts[i].septets);
	for (size_t i = 0; i < COUNT(unmappable); i++) {
		struct wbuf w = wbuf_of(out, sizeof(out));

		wbuf_u8(&w, 0x55);
		CHECK(gsm7_from_utf8(view_str(unmappable[i].utf8), &w) == -EILSEQ && w.len == 1,
		      "%s", unmappable[i].name);
	}
	for (size_t i = 0; i < COUNT(shown); i++) {
		struct wbuf w = wbuf_of(out, sizeof(out));
		size_t len;
		uint8_t *in = test_hex(shown[i].septets, &len);

		CHECK(gsm7_to_utf8((struct view){in, len}, &w) == 0 &&
			      view_eq(wbuf_written(&w), view_str(shown[i].utf8)),
		      "%s: %.*s", shown[i].name, (int)w.len, out);
		free(in);
	}
	for (size_t i = 0; i < COUNT(packings); i++)
		check_packing(packings[i].name, packings[i].septets, packings[i].fill_bits,
			      packings[i].packed);
	check_pack_lengths();
	check_hostile_counts();
	check_fill_bits();
	return test_end("gsm7");
}
