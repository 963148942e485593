/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */

/* UTF-16BE both ways; what is no text comes out as U+FFFD. */

#include "sms/ucs2.h"
#include "util/utf8.h"

#include "test.h"

#define TEXT(lit) lit, sizeof(lit) - 1

static const struct {
	const char *name, *utf8;
	size_t utf8_len;
	const char *hex;
} texts[] = {
	{"empty", TEXT(""), ""},
	{"ASCII", TEXT("Az"), "00 41 00 7a"},
	{"hyphen stays a hyphen", TEXT("-"), "00 2d"},
	{"e acute stays e acute", TEXT("é"), "00 e9"},
	{"euro", TEXT("€"), "20 ac"},
	{"Cyrillic", TEXT("жук"), "04 36 04 43 04 3a"},
	{"NUL is a character, not the end", TEXT("a\0b"), "00 61 00 00 00 62"},
	{"BMP ends", TEXT("\xed\x9f\xbf\xee\x80\x80\xef\xbf\xbf"), "d7 ff e0 00 ff ff"},
	{"first pair", TEXT("\xf0\x90\x80\x80"), "d8 00 dc 00"},
	{"emoji", TEXT("😀"), "d8 3d de 00"},
	{"last pair", TEXT("\xf4\x8f\xbf\xbf"), "db ff df ff"},
	{"byte order mark is kept", TEXT("\xef\xbb\xbfx"), "fe ff 00 78"},
};

static const struct {
	const char *name, *hex, *utf8;
} damaged[] = {
	/* clang-format off */
	{"odd last octet", "00 41 00", "A\xef\xbf\xbd"},
	{"one octet", "00", "\xef\xbf\xbd"},
	{"high alone at the end", "00 41 d8 3d", "A\xef\xbf\xbd"},
	{"high and half a unit", "d8 3d de", "\xef\xbf\xbd\xef\xbf\xbd"},
	{"high before a letter", "d8 3d 00 41", "\xef\xbf\xbd""A"},
	{"low alone", "de 00 00 41", "\xef\xbf\xbd""A"},
	{"low before high", "de 00 d8 3d", "\xef\xbf\xbd\xef\xbf\xbd"},
	{"two lows", "de 00 de 00", "\xef\xbf\xbd\xef\xbf\xbd"},
	{"high before U+E000", "d8 3d e0 00", "\xef\xbf\xbd\xee\x80\x80"},
	{"high before a pair", "d8 3d d8 3d de 00", "\xef\xbf\xbd😀"},
	/* clang-format on */
};

static void check_both_ways(const char *name, struct view utf8, struct view utf16)
{
	uint8_t out[64];
	struct wbuf w = wbuf_of(out, sizeof(out));

	CHECK(ucs2_from_utf8(utf8, &w) == 0 && view_eq(wbuf_written(&w), utf16), "%s: to", name);
	w.len = 0;
	CHECK(ucs2_to_utf8(utf16, &w) == 0 && view_eq(wbuf_written(&w), utf8), "%s: from", name);
}

typedef int convert_fn(struct view in, struct wbuf *w);

static void check_small_outputs(const char *name, convert_fn *convert, struct view in, size_t need)
{
	for (size_t size = 0; size < need; size++) {
		uint8_t out[64];
		struct wbuf w = wbuf_of(out, size + 1);

		memset(out, 0xcc, sizeof(out));
		wbuf_u8(&w, 0x55);
		CHECK(convert(in, &w) == -ENOSPC && w.len == 1 && w.err == 0, "%s: %zu", name,
		      size);
		CHECK(out[0] == 0x55 && out[size + 1] == 0xcc, "%s: canary of %zu", name, size);
	}
}

static void check_cut_text(const char *name, struct view utf8)
{
	for (size_t cut = 0; cut < utf8.len; cut++) {
		uint8_t *head = malloc(cut ? cut : 1), out[64];
		struct view v = {memcpy(head, utf8.p, cut), cut};
		struct wbuf w = wbuf_of(out, sizeof(out));
		int want = utf8_valid(v) ? 0 : -EILSEQ;

		CHECK(ucs2_from_utf8(v, &w) == want && (want == 0 || w.len == 0), "%s: %zu", name,
		      cut);
		free(head);
	}
}

int main(void)
{
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct view utf8 = {(const uint8_t *)texts[i].utf8, texts[i].utf8_len}, utf16;
		uint8_t *in = test_hex(texts[i].hex, &utf16.len);

		utf16.p = in;
		check_both_ways(texts[i].name, utf8, utf16);
		check_small_outputs(texts[i].name, ucs2_from_utf8, utf8, utf16.len);
		check_small_outputs(texts[i].name, ucs2_to_utf8, utf16, utf8.len);
		check_cut_text(texts[i].name, utf8);
		free(in);
	}
	for (size_t i = 0; i < sizeof(damaged) / sizeof(damaged[0]); i++) {
		size_t len;
		uint8_t *in = test_hex(damaged[i].hex, &len), out[64];
		struct wbuf w = wbuf_of(out, sizeof(out));

		CHECK(ucs2_to_utf8((struct view){in, len}, &w) == 0, "%s", damaged[i].name);
		CHECK(view_eq(wbuf_written(&w), view_str(damaged[i].utf8)), "%s: %.*s",
		      damaged[i].name, (int)w.len, out);
		free(in);
	}
	return test_end("ucs2");
}
