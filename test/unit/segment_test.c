/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */

/*
 * Texts cut into short messages. Every segment of every case is decoded alone, so a cut
 * character, ESC pair or surrogate pair shows; the parts together must be the text.
 */

#include "sms/grapheme.h"
#include "sms/gsm7.h"
#include "sms/segment.h"
#include "sms/ucs2.h"
#include "sms/udh.h"
#include "util/utf8.h"

#include "test.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define GSM7	 SMS_ALPHABET_GSM7
#define UCS2	 SMS_ALPHABET_UCS2

enum { PARTS_SHOWN = 4, REF = 0x1a4, TEXT_MAX = 256 * 160 * 4 };

static uint8_t text_buf[TEXT_MAX], joined_buf[TEXT_MAX];

/* head and tail once or many times; units are the septets or 16-bit units in each segment. */
static const struct {
	const char *name, *head;
	unsigned head_times;
	const char *middle, *tail;
	unsigned tail_times;
	unsigned ref_bits;
	enum sms_alphabet alphabet;
	unsigned units[PARTS_SHOWN];
} cases[] = {
	/* clang-format off */
	{"empty", "", 0, "", "", 0, 8, GSM7, {0}},
	{"one letter", "a", 1, "", "", 0, 8, GSM7, {1}},
	{"141 letters are one SM", "a", 141, "", "", 0, 8, GSM7, {141}},
	{"160 letters are one SM", "a", 160, "", "", 0, 8, GSM7, {160}},
	{"160 letters of two octets are one SM", "é", 160, "", "", 0, 8, GSM7, {160}},
	{"161 letters", "a", 161, "", "", 0, 8, GSM7, {153, 8}},
	{"161 letters, 16-bit reference", "a", 161, "", "", 0, 16, GSM7, {152, 9}},
	{"306 letters", "a", 306, "", "", 0, 8, GSM7, {153, 153}},
	{"307 letters", "a", 307, "", "", 0, 8, GSM7, {153, 153, 1}},
	{"305 letters, 16-bit reference", "a", 305, "", "", 0, 16, GSM7, {152, 152, 1}},
	{"80 brackets are one SM", "[", 80, "", "", 0, 8, GSM7, {160}},
	{"81 brackets", "[", 81, "", "", 0, 8, GSM7, {152, 10}},
	{"140 brackets", "[", 140, "", "", 0, 8, GSM7, {152, 128}},
	{"140 brackets, 16-bit reference", "[", 140, "", "", 0, 16, GSM7, {152, 128}},
	{"ESC pair over the end of one SM", "a", 159, "€", "", 0, 8, GSM7, {153, 8}},
	{"ESC pair at the cut", "a", 152, "€", "b", 10, 8, GSM7, {152, 12}},
	{"ESC pair before the cut", "a", 151, "€", "b", 10, 8, GSM7, {153, 10}},
	{"ESC pair at the cut, 16-bit reference", "a", 151, "€", "b", 10, 16, GSM7, {151, 12}},
	{"CR LF at the cut", "a", 152, "\r\n", "b", 10, 8, GSM7, {152, 12}},
	{"page break is GSM 7 bit", "a", 3, "\f", "", 0, 8, GSM7, {5}},

	{"emoji switches to UCS-2", "a", 3, "😀", "", 0, 8, UCS2, {5}},
	{"Cyrillic switches to UCS-2", "a", 3, "ж", "", 0, 8, UCS2, {4}},
	{"tab switches to UCS-2", "a", 3, "\t", "", 0, 8, UCS2, {4}},
	{"backtick switches to UCS-2", "a", 3, "`", "", 0, 8, UCS2, {4}},
	{"small c with cedilla switches to UCS-2", "a", 3, "ç", "", 0, 8, UCS2, {4}},
	{"36 units are one SM", "ж", 36, "", "", 0, 8, UCS2, {36}},
	{"70 units are one SM", "ж", 70, "", "", 0, 8, UCS2, {70}},
	{"71 units", "ж", 71, "", "", 0, 8, UCS2, {67, 4}},
	{"71 units, 16-bit reference", "ж", 71, "", "", 0, 16, UCS2, {66, 5}},
	{"135 units", "ж", 135, "", "", 0, 8, UCS2, {67, 67, 1}},
	{"133 units, 16-bit reference", "ж", 133, "", "", 0, 16, UCS2, {66, 66, 1}},
	{"last letter of 160 is not GSM", "a", 159, "ж", "", 0, 8, UCS2, {67, 67, 26}},
	{"35 emoji are one SM", "😀", 35, "", "", 0, 8, UCS2, {70}},
	{"36 emoji, no pair cut", "😀", 36, "", "", 0, 8, UCS2, {66, 6}},
	{"surrogate pair at the cut", "ж", 66, "😀", "ж", 10, 8, UCS2, {66, 12}},
	{"surrogate pair at the cut, 16-bit reference", "ж", 65, "😀", "ж", 10, 16, UCS2, {65, 12}},
	{"surrogate pair before the cut", "ж", 65, "😀", "ж", 10, 8, UCS2, {67, 10}},

	{"combining mark stays with its letter", "ж", 66, "e\xcc\x81", "ж", 5, 8, UCS2, {66, 7}},
	{"combining mark behind ASCII", "a", 67, "\xcc\x81", "ж", 5, 8, UCS2, {66, 7}},
	{"ASCII behind a sign that goes with it", "ж", 66, "\xd8\x80", "a", 10, 8, UCS2, {66, 11}},
	{"ASCII until the cut", "ж", 1, "", "a", 140, 8, UCS2, {67, 67, 7}},
	{"two combining marks", "ж", 65, "e\xcc\x81\xcc\xa7", "ж", 5, 8, UCS2, {65, 8}},
	{"Devanagari vowel sign", "ж", 66, "कि", "ж", 5, 8, UCS2, {66, 7}},
	{"Thai vowel sign", "ж", 66, "กี", "ж", 5, 8, UCS2, {66, 7}},
	{"Arabic shadda", "ж", 66, "بّ", "ж", 5, 8, UCS2, {66, 7}},
	{"Hebrew point", "ж", 66, "בּ", "ж", 5, 8, UCS2, {66, 7}},
	{"Hangul jamo", "ж", 65, "\xe1\x84\x80\xe1\x85\xa1\xe1\x86\xa8", "ж", 5, 8, UCS2, {65, 8}},
	{"Hangul syllable and final", "ж", 66, "가\xe1\x86\xa8", "ж", 5, 8, UCS2, {66, 7}},
	{"variation selector", "ж", 66, "❤\xef\xb8\x8f", "ж", 5, 8, UCS2, {66, 7}},
	{"keycap", "ж", 65, "1\xef\xb8\x8f\xe2\x83\xa3", "ж", 5, 8, UCS2, {65, 8}},
	{"skin tone", "ж", 65, "👍🏽", "ж", 5, 8, UCS2, {65, 9}},
	{"family of ZWJ", "ж", 60, "👨\xe2\x80\x8d👩\xe2\x80\x8d👧\xe2\x80\x8d👦", "ж", 5, 8, UCS2,
	 {60, 16}},
	{"flag pair", "ж", 64, "🇨🇭", "ж", 5, 8, UCS2, {64, 9}},
	{"cut between two flags", "ж", 62, "🇨🇭🇸🇪", "ж", 5, 8, UCS2, {66, 9}},
	{"flag of tags", "ж", 60, "🏴\xf3\xa0\x81\xa7\xf3\xa0\x81\xa2\xf3\xa0\x81\xb3\xf3\xa0\x81\xa3"
	 "\xf3\xa0\x81\xb4\xf3\xa0\x81\xbf", "ж", 5, 8, UCS2, {60, 19}},
	{"no ZWJ, no cluster", "ж", 65, "👨👩", "ж", 5, 8, UCS2, {67, 7}},
	{"cluster as long as a segment", "ж", 10, "e", "\xcc\x81", 66, 8, UCS2, {10, 67}},
	{"cluster longer than a segment", "e", 1, "", "\xcc\x81", 200, 8, UCS2, {67, 67, 67}},
	{"cluster longer than a segment, behind text", "ж", 10, "e", "\xcc\x81", 100, 8, UCS2,
	 {10, 67, 34}},
	{"cluster of pairs longer than a segment", "😀", 1, "", "🏽", 40, 8, UCS2, {66, 16}},
	/* clang-format on */
};

static struct view build(const char *head, unsigned head_times, const char *middle,
			 const char *tail, unsigned tail_times)
{
	struct wbuf w = wbuf_of(text_buf, sizeof(text_buf));

	while (head_times-- > 0)
		wbuf_str(&w, head);
	wbuf_str(&w, middle);
	while (tail_times-- > 0)
		wbuf_str(&w, tail);
	return wbuf_written(&w);
}

/* Septets or 16-bit units in s behind its header; its text goes to w. */
static unsigned read_segment(const char *name, const struct segment *s, unsigned ref_bits,
			     struct wbuf *w)
{
	struct view ud = {s->tp_ud, s->ud_octets}, body = ud;
	uint8_t septets[160];
	struct wbuf unpacked = wbuf_of(septets, sizeof(septets));
	struct udh udh = {0};
	unsigned fill_bits, n;

	CHECK(s->ud_octets <= SEGMENT_UD_MAX, "%s: %zu octets", name, s->ud_octets);
	CHECK(s->tp_udhi == (s->total > 1), "%s: UDHI", name);
	if (s->tp_udhi) {
		CHECK(udh_decode(ud, &udh) == 0 && udh.concat.ref_bits == ref_bits &&
			      udh.concat.part == s->part && udh.concat.total == s->total &&
			      udh.concat.ref == (ref_bits == 8 ? REF & 0xff : REF),
		      "%s: header of part %u", name, s->part);
	}
	body.p += udh.octets;
	body.len -= udh.octets;
	if (s->tp_dcs == DCS_UCS2) {
		CHECK(s->tp_udl == s->ud_octets, "%s: TP-UDL %u", name, s->tp_udl);
		CHECK(ucs2_to_utf8(body, w) == 0, "%s", name);
		return (unsigned)body.len / 2;
	}
	fill_bits = gsm7_fill_bits(udh.octets);
	n = s->tp_udl - (unsigned)(udh.octets * 8 + fill_bits) / 7;
	CHECK(s->tp_dcs == DCS_GSM7 && s->ud_octets == (s->tp_udl * 7u + 7) / 8,
	      "%s: TP-UDL %u, %zu octets", name, s->tp_udl, s->ud_octets);
	CHECK(gsm7_unpack(body, fill_bits, n, &unpacked) == 0, "%s: unpack", name);
	CHECK(unpacked.len == 0 || septets[unpacked.len - 1] != GSM7_ESC, "%s: ESC cut", name);
	CHECK(gsm7_to_utf8(wbuf_written(&unpacked), w) == 0, "%s", name);
	return n;
}

/* Walk the plan; units of the first parts are checked if given. @return number of segments */
static unsigned check_walk(const char *name, const struct segment_plan *plan, const unsigned *units)
{
	struct wbuf joined = wbuf_of(joined_buf, sizeof(joined_buf));
	struct segment_iter it = {0};
	struct segment s;
	unsigned parts = 0;

	while (parts <= SEGMENTS_MAX && segment_next(plan, &it, REF, &s) == 1) {
		unsigned n = read_segment(name, &s, plan->ref_bits, &joined);

		if (units && parts < PARTS_SHOWN)
			CHECK(n == units[parts], "%s: %u units in part %u", name, n, parts + 1);
		parts++;
		CHECK(s.part == parts && s.total == plan->total, "%s: %u of %u", name, s.part,
		      s.total);
	}
	CHECK(parts == plan->total, "%s: %u of %u segments", name, parts, plan->total);
	CHECK(view_eq(wbuf_written(&joined), plan->utf8), "%s: text differs", name);
	CHECK(segment_next(plan, &it, REF, &s) == 0, "%s: still 0 at the end", name);
	return parts;
}

static void check_cases(void)
{
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct view text = build(cases[i].head, cases[i].head_times, cases[i].middle,
					 cases[i].tail, cases[i].tail_times);
		struct segment_plan plan;
		unsigned total = 0;

		while (total < PARTS_SHOWN && cases[i].units[total])
			total++;
		CHECK(segment_plan(&plan, text, cases[i].ref_bits) == 0, "%s", cases[i].name);
		CHECK(plan.alphabet == cases[i].alphabet, "%s: %s", cases[i].name,
		      sms_alphabet_name(plan.alphabet));
		CHECK(plan.total == total, "%s: %u segments", cases[i].name, plan.total);
		check_walk(cases[i].name, &plan, cases[i].units);
	}
}

/* Every length around every border, both references, for characters of each size. */
static void check_lengths(void)
{
	static const char *const letters[] = {"a", "€", "ж", "😀", "e\xcc\x81"};
	char name[32];

	for (size_t l = 0; l < COUNT(letters); l++) {
		for (unsigned n = 0; n <= 320; n++) {
			for (unsigned ref_bits = 8; ref_bits <= 16; ref_bits += 8) {
				struct segment_plan plan;
				struct view text = build(letters[l], n, "", "", 0);

				snprintf(name, sizeof(name), "%u of %s, %u", n, letters[l],
					 ref_bits);
				CHECK(segment_plan(&plan, text, ref_bits) == 0, "%s", name);
				check_walk(name, &plan, NULL);
			}
		}
	}
}

static void check_limit(const char *letter, unsigned units, unsigned ref_bits)
{
	struct view text = build(letter, units * SEGMENTS_MAX, "", letter, 1);
	struct segment_plan plan;
	struct segment_iter it = {0};
	struct segment s;

	CHECK(segment_plan(&plan, text, ref_bits) == -E2BIG, "256 segments of %s", letter);
	CHECK(segment_next(&plan, &it, REF, &s) == 0, "nothing of a refused text is sent");
	text.len -= strlen(letter);
	CHECK(segment_plan(&plan, text, ref_bits) == 0 && plan.total == SEGMENTS_MAX,
	      "255 segments of %s", letter);
	check_walk("255 segments", &plan, NULL);
}

static void check_refused(void)
{
	struct segment_plan plan;

	CHECK(segment_plan(&plan, VIEW("a\xc3"), 8) == -EILSEQ && plan.total == 0, "cut UTF-8");
	CHECK(segment_plan(&plan, VIEW("ж\xff"), 8) == -EILSEQ && plan.total == 0, "bad UTF-8");
	CHECK(segment_plan(&plan, VIEW("a"), 0) == -EINVAL && plan.total == 0, "no reference");
	CHECK(segment_plan(&plan, VIEW("a"), 7) == -EINVAL && plan.total == 0, "7 bits");
	CHECK(segment_plan(&plan, (struct view){NULL, 0}, 8) == 0 && plan.total == 0, "no text");
}

static const struct {
	const char *name, *letter;
	unsigned times, ref_bits, part;
	uint8_t tp_udl;
	const char *hex; /* first octets of TP-UD */
} wire[] = {
	{"one SM without a header", "a", 8, 8, 1, 8, "e1 70 38 1c 0e 87 c3"},
	{"8-bit reference, one fill bit", "a", 161, 8, 1, 160, "05 00 03 a4 02 01 c2 e1 70"},
	{"8-bit reference, second part", "a", 161, 8, 2, 15, "05 00 03 a4 02 02 c2 e1 70"},
	{"16-bit reference, no fill bits, no @ before the text", "a", 161, 16, 1, 160,
	 "06 08 04 01 a4 02 01 e1 70"},
	{"16-bit reference, second part", "a", 161, 16, 2, 17, "06 08 04 01 a4 02 02 e1 70"},
	{"UCS-2, 8-bit reference", "ж", 71, 8, 1, 140, "05 00 03 a4 02 01 04 36 04 36"},
	{"UCS-2, 16-bit reference", "ж", 71, 16, 1, 139, "06 08 04 01 a4 02 01 04 36 04 36"},
};

static void check_wire(void)
{
	for (size_t i = 0; i < COUNT(wire); i++) {
		struct segment_plan plan;
		struct segment_iter it = {0};
		struct segment s = {0};
		size_t len;
		uint8_t *want = test_hex(wire[i].hex, &len);

		segment_plan(&plan, build(wire[i].letter, wire[i].times, "", "", 0),
			     wire[i].ref_bits);
		while (s.part < wire[i].part && segment_next(&plan, &it, REF, &s))
			;
		CHECK(s.part == wire[i].part && s.tp_udl == wire[i].tp_udl, "%s: TP-UDL %u",
		      wire[i].name, s.tp_udl);
		CHECK(s.ud_octets >= len && memcmp(s.tp_ud, want, len) == 0, "%s", wire[i].name);
		free(want);
	}
}

/* "UCS-2 body cut at the first NUL": a NUL is in no GSM table, and no end. */
static void check_nul(void)
{
	struct segment_plan plan;
	struct segment_iter it = {0};
	struct segment s;

	CHECK(segment_plan(&plan, VIEW("a\0b"), 8) == 0 && plan.alphabet == UCS2, "NUL");
	CHECK(segment_next(&plan, &it, REF, &s) == 1 && s.tp_udl == 6, "NUL: %u", s.tp_udl);
	CHECK(memcmp(s.tp_ud, "\0a\0\0\0b", 6) == 0, "NUL: octets");
}

int main(void)
{
	check_cases();
	check_lengths();
	check_limit("a", 153, 8);
	check_limit("a", 152, 16);
	check_limit("ж", 67, 8);
	check_limit("ж", 66, 16);
	check_refused();
	check_wire();
	check_nul();
	return test_end("segment");
}
