/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */

/* UTF-8: RFC 3629 sections 3, 4 and 7, and the borders of each length. */

#include "util/utf8.h"

#include "test.h"

static const struct {
	const char *name;
	uint32_t cp;
	const char *hex;
} characters[] = {
	{"NUL", 0x0, "00"},
	{"A", 'A', "41"},
	{"last of one octet", 0x7f, "7f"},
	{"first of two", 0x80, "c2 80"},
	{"e acute", 0xe9, "c3 a9"},
	{"last of two", 0x7ff, "df bf"},
	{"first of three", 0x800, "e0 a0 80"},
	{"euro", 0x20ac, "e2 82 ac"},
	{"before the surrogates", 0xd7ff, "ed 9f bf"},
	{"behind the surrogates", 0xe000, "ee 80 80"},
	{"replacement", 0xfffd, "ef bf bd"},
	{"last of three", 0xffff, "ef bf bf"},
	{"first of four", 0x10000, "f0 90 80 80"},
	{"grinning face", 0x1f600, "f0 9f 98 80"},
	{"last of all", 0x10ffff, "f4 8f bf bf"},
};

static const struct {
	const char *name;
	const char *hex;
} refused[] = {
	{"continuation alone", "80"},
	{"last continuation alone", "bf"},
	{"overlong slash", "c0 af"},
	{"overlong two", "c1 bf"},
	{"overlong three", "e0 9f bf"},
	{"overlong NUL of four", "f0 80 80 80"},
	{"overlong four", "f0 8f bf bf"},
	{"first surrogate", "ed a0 80"},
	{"last surrogate", "ed bf bf"},
	{"above 10FFFF", "f4 90 80 80"},
	{"lead f5", "f5 80 80 80"},
	{"five octets", "f8 88 80 80 80"},
	{"fe", "fe"},
	{"ff", "ff"},
	{"second octet is ASCII", "c3 41"},
	{"third octet is a lead", "e2 82 c3"},
	{"fourth octet is ASCII", "f0 9f 98 41"},
};

static void check_character(const char *name, uint32_t want, const char *hex)
{
	size_t len;
	uint8_t *in = test_hex(hex, &len), out[4];
	struct view left = {in, len};
	struct wbuf w = wbuf_of(out, sizeof(out));
	uint32_t cp = ~want;

	CHECK(utf8_next(&left, &cp) == 1 && cp == want && left.len == 0, "%s", name);
	CHECK(utf8_next(&left, &cp) == 0, "%s: end", name);
	utf8_put(&w, want);
	CHECK(view_eq(wbuf_written(&w), (struct view){in, len}), "%s: put", name);
	free(in);
}

static void check_cut_character(const char *name, const char *hex)
{
	size_t len;
	uint8_t *in = test_hex(hex, &len);

	for (size_t cut = 1; cut < len; cut++) {
		uint8_t *head = malloc(cut);
		struct view left = {memcpy(head, in, cut), cut};
		uint32_t cp = 7;

		CHECK(utf8_next(&left, &cp) == -EILSEQ && left.p == head && left.len == cut,
		      "%s: %zu of %zu octets", name, cut, len);
		CHECK(cp == 7, "%s: cp touched", name);
		free(head);
	}
	free(in);
}

static void check_small_output(const char *name, uint32_t cp, const char *hex)
{
	size_t len;

	free(test_hex(hex, &len));
	for (size_t size = 0; size < len; size++) {
		uint8_t out[5] = {0xcc, 0xcc, 0xcc, 0xcc, 0xcc};
		struct wbuf w = wbuf_of(out, size);

		utf8_put(&w, cp);
		utf8_put(&w, 'x');
		CHECK(w.err == -ENOSPC && w.len == 0, "%s: room for %zu", name, size);
		CHECK(out[size] == 0xcc, "%s: canary behind %zu", name, size);
	}
}

static void check_refused(const char *name, const char *hex)
{
	size_t len;
	uint8_t *in = test_hex(hex, &len);
	struct view left = {in, len};
	uint32_t cp;

	CHECK(utf8_next(&left, &cp) == -EILSEQ && left.p == in, "%s", name);
	CHECK(!utf8_valid((struct view){in, len}), "%s: valid", name);
	free(in);
}

static void check_replaced(uint32_t cp)
{
	uint8_t out[4];
	struct wbuf w = wbuf_of(out, sizeof(out));

	utf8_put(&w, cp);
	CHECK(view_eq(wbuf_written(&w), VIEW("\xef\xbf\xbd")), "U+%04X", cp);
}

static void check_plain(void)
{
	for (unsigned octet = 0; octet <= 0xff; octet++) {
		uint8_t text[2] = {(uint8_t)octet, 0x7f};

		CHECK(utf8_plain((struct view){text, 2}) == (octet >= 0x20 && octet <= 0x7e), "%02x", octet);
	}
	CHECK(utf8_plain(VIEW(" a~\xc3\xa9")) == 3, "until the first that is not");
	CHECK(utf8_plain((struct view){NULL, 0}) == 0, "nothing");
}

int main(void)
{
	for (size_t i = 0; i < sizeof(characters) / sizeof(characters[0]); i++) {
		check_character(characters[i].name, characters[i].cp, characters[i].hex);
		check_cut_character(characters[i].name, characters[i].hex);
		check_small_output(characters[i].name, characters[i].cp, characters[i].hex);
	}
	for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++)
		check_refused(refused[i].name, refused[i].hex);
	check_plain();
	check_replaced(0xd800);
	check_replaced(0xdfff);
	check_replaced(0x110000);
	check_replaced(UINT32_MAX);
	CHECK(utf8_valid(VIEW("")), "empty text");
	CHECK(utf8_valid(VIEW("a\0é€😀")), "text with NUL");
	CHECK(!utf8_valid(VIEW("good until the end \xe2\x82")), "cut at the end");
	return test_end("utf8");
}
