/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */

/*
 * Borders of grapheme clusters, as the examples of UAX 29 and Perl's \X draw them. In the
 * pattern a 1 stands for a character that begins a cluster.
 */

#include "sms/grapheme.h"
#include "util/utf8.h"

#include "test.h"

static const struct {
	const char *name, *text, *begins;
} texts[] = {
	/* clang-format off */
	{"empty", "", ""},
	{"letters", "abc", "111"},
	{"CR LF", "a\r\nb", "1101"},
	{"LF CR", "a\n\rb", "1111"},
	{"mark", "e\xcc\x81x", "101"},
	{"mark at the beginning", "\xcc\x81x", "11"},
	{"mark behind a control", "\n\xcc\x81x", "111"},
	{"zero width space", "a\xe2\x80\x8b\xcc\x81", "111"},
	{"ZWNJ", "a\xe2\x80\x8c""b", "101"},
	{"ZWJ without an emoji", "a\xe2\x80\x8d""b", "101"},
	{"ZWJ between emoji", "👩\xe2\x80\x8d💻!", "1001"},
	{"ZWJ behind a skin tone", "👩🏽\xe2\x80\x8d🚀!", "10001"},
	{"ZWJ behind a variation selector", "❤\xef\xb8\x8f\xe2\x80\x8d🔥", "1000"},
	{"ZWJ before a letter", "👩\xe2\x80\x8d""a", "101"},
	{"ZWJ behind a letter, before an emoji", "a\xe2\x80\x8d👩", "101"},
	{"one flag", "🇨🇭", "10"},
	{"half a flag", "🇨a🇭", "111"},
	{"two flags", "🇨🇭🇸🇪", "1010"},
	{"one flag and a half", "🇨🇭🇸", "101"},
	{"mark parts half flags", "🇨\xcc\x81🇭", "101"},
	{"L V T", "\xe1\x84\x80\xe1\x85\xa1\xe1\x86\xa8", "100"},
	{"L L", "\xe1\x84\x80\xe1\x84\x80", "10"},
	{"T L", "\xe1\x86\xa8\xe1\x84\x80", "11"},
	{"L LV T", "\xe1\x84\x80가\xe1\x86\xa8", "100"},
	{"LV V", "가\xe1\x85\xa1", "10"},
	{"LVT V", "각\xe1\x85\xa1", "11"},
	{"LVT T", "각\xe1\x86\xa8", "10"},
	{"syllables", "가각", "11"},
	{"Arabic number sign", "\xd8\x80١", "10"},
	{"Devanagari", "हिन्दी", "101010"},
	{"Tamil", "நி", "10"},
	{"Thai SARA AM", "กำ", "10"},
	{"tags", "🏴\xf3\xa0\x81\xa7\xf3\xa0\x81\xbf!", "1001"},
	{"variation selector 17", "葛\xf3\xa0\x84\x80", "10"},
	/* clang-format on */
};

int main(void)
{
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct view left = view_str(texts[i].text);
		struct grapheme g = {0};
		char begins[32] = "";
		uint32_t cp;

		for (size_t n = 0; n < sizeof(begins) - 1 && utf8_next(&left, &cp) > 0; n++)
			begins[n] = grapheme_begins(&g, cp) ? '1' : '0';
		CHECK(strcmp(begins, texts[i].begins) == 0, "%s: %s", texts[i].name, begins);
	}
	return test_end("grapheme");
}
