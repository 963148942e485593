/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */

/* Typographic characters as plain ones; everything else as it is. */

#include "sms/gsm7.h"
#include "sms/transliterate.h"
#include "util/utf8.h"

#include "test.h"

static const struct {
	const char *name, *in, *out;
} cases[] = {
	{"empty", "", ""},
	{"plain", "It's \"so\" - isn't it...", "It's \"so\" - isn't it..."},
	{"single quotes", "‘a’ ‚b‛", "'a' 'b'"},
	{"double quotes", "“a” „b‟", "\"a\" \"b\""},
	{"guillemets", "«a» ‹b›", "\"a\" 'b'"},
	{"spaces",
	 "a\xc2\xa0"
	 "b\xe2\x80\x87"
	 "c\xe2\x80\xaf"
	 "d",
	 "a b c d"},
	{"dashes", "‐\xe2\x80\x91‒–—―−", "-------"},
	{"ellipsis", "a…", "a..."},
	{"accents stay", "éèüñçğáőż", "éèüñçğáőż"},
	{"other scripts and emoji stay", "Привет हिंदी 😀€", "Привет हिंदी 😀€"},
	{"neighbours stay", "¡¬º¼‖‗†‧\xe2\x80\xa8‰‸※∓∑", "¡¬º¼‖‗†‧\xe2\x80\xa8‰‸※∓∑"},
	{"controls stay", "a\t\r\n\f`", "a\t\r\n\f`"},
};

static void test_cases(void)
{
	uint8_t out[128];

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct wbuf w = wbuf_of(out, strlen(cases[i].in));
		struct view want = view_str(cases[i].out);

		CHECK(transliterate(view_str(cases[i].in), &w) == 0 &&
			      view_eq(wbuf_written(&w), want),
		      "%s: %.*s", cases[i].name, (int)w.len, (const char *)out);
		for (size_t size = 0; size < want.len; size++) {
			w = wbuf_of(out, size);
			memset(out, 0xa5, sizeof(out));
			CHECK(transliterate(view_str(cases[i].in), &w) == -ENOSPC && !w.len &&
				      out[size] == 0xa5,
			      "%s into %zu", cases[i].name, size);
		}
	}
}

/* Each character alone: the same, or shorter and in the default alphabet; twice is once. */
static void test_each(void)
{
	unsigned changed = 0;

	for (uint32_t cp = 0; cp < 0x11000; cp++) {
		uint8_t in[4], out[4], again[4], septets[8];
		struct wbuf a = wbuf_of(in, sizeof(in)), b = wbuf_of(out, sizeof(out));
		struct wbuf c = wbuf_of(again, sizeof(again)),
			    d = wbuf_of(septets, sizeof(septets));

		utf8_put(&a, cp);
		b.size = a.len;
		CHECK(transliterate(wbuf_written(&a), &b) == 0, "%04x", cp);
		CHECK(transliterate(wbuf_written(&b), &c) == 0 &&
			      view_eq(wbuf_written(&b), wbuf_written(&c)),
		      "%04x", cp);
		if (view_eq(wbuf_written(&a), wbuf_written(&b)))
			continue;
		changed++;
		CHECK(gsm7_from_utf8(wbuf_written(&a), &d) == -EILSEQ, "%04x needs none", cp);
		CHECK(gsm7_from_utf8(wbuf_written(&b), &d) == 0 && d.len == b.len, "%04x", cp);
	}
	CHECK(changed == 23, "%u characters", changed);
}

static void test_refused(void)
{
	uint8_t out[8];
	struct wbuf w = wbuf_of(out, sizeof(out));

	CHECK(transliterate(VIEW("a\xff"), &w) == -EILSEQ && !w.len, "bad UTF-8");
	CHECK(transliterate(VIEW("“\xe2\x80"), &w) == -EILSEQ && !w.len, "cut UTF-8");
	CHECK(transliterate(VIEW("a\0…"), &w) == 0 && w.len == 5, "NUL");
}

int main(void)
{
	test_cases();
	test_each();
	test_refused();
	return test_end("transliterate");
}
