/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */

/*
 * Texts cut into short messages in national language tables: which are chosen, where they end,
 * that a receiver reads each segment alone, and that without a language nothing changes.
 */

#include "sms/segment.h"
#include "sms/tpdu.h"
#include "sms/udh.h"

#include "test.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define TR	 (1u << GSM7_TURKISH)
#define ES	 (1u << GSM7_SPANISH)
#define PT	 (1u << GSM7_PORTUGUESE)
#define HI	 (1u << GSM7_HINDI)
#define TA	 (1u << GSM7_TAMIL)
#define UR	 (1u << GSM7_URDU)
#define ALL	 0xffffffffu
#define UCS2	 SMS_ALPHABET_UCS2
#define GSM7	 SMS_ALPHABET_GSM7
/* clang-format off */
#define SINGLE(n) {.single = GSM7_##n}
#define LOCK(n)   {.locking = GSM7_##n}
#define BOTH(n)   {.locking = GSM7_##n, .single = GSM7_##n}
/* clang-format on */

enum { PARTS_SHOWN = 4, REF = 0x1a4, TEXT_MAX = 256 * 160 * 4 };

static uint8_t text_buf[TEXT_MAX], joined_buf[TEXT_MAX];

/* units: septets or 16-bit units in each segment */
static const struct {
	const char *name, *head;
	unsigned head_times;
	const char *tail;
	unsigned tail_times, ref_bits;
	uint32_t languages;
	enum sms_alphabet alphabet;
	struct gsm7_tables tables;
	unsigned units[PARTS_SHOWN];
} cases[] = {
	/* clang-format off */
	{"no language", "a", 100, "ğ", 1, 8, 0, UCS2, {0}, {67, 34}},
	{"empty", "", 0, "", 0, 8, ALL, GSM7, {0}, {0}},
	{"default alphabet stays", "a", 161, "", 0, 8, ALL, GSM7, {0}, {153, 8}},
	{"extension table stays", "€", 81, "", 0, 8, ALL, GSM7, {0}, {152, 10}},
	{"one part of UCS-2 stays", "a", 69, "ğ", 1, 8, ALL, UCS2, {0}, {70}},
	{"71 letters go Turkish, single", "a", 70, "ğ", 1, 8, TR, GSM7, SINGLE(TURKISH), {72}},
	{"other languages do not help", "a", 70, "ğ", 1, 8, ES | PT | HI | UR, UCS2, {0}, {67, 4}},
	{"all languages", "a", 70, "ğ", 1, 8, ALL, GSM7, SINGLE(TURKISH), {72}},
	{"bit 0 and bits over 13 are none", "a", 70, "ğ", 1, 8, 0xffffc001, UCS2, {0}, {67, 4}},
	{"a letter of no table", "a", 70, "ğж", 1, 8, ALL, UCS2, {0}, {67, 5}},
	{"letters of two languages", "a", 70, "ğह", 1, 8, ALL, UCS2, {0}, {67, 5}},
	{"NUL is in no table", "a", 70, "ğ\x01", 1, 8, ALL, UCS2, {0}, {67, 5}},

	{"single is full at 155", "a", 153, "ğ", 1, 8, TR, GSM7, SINGLE(TURKISH), {155}},
	{"then locking is", "a", 154, "ğ", 1, 8, TR, GSM7, LOCK(TURKISH), {155}},
	{"then there are two parts, single", "a", 155, "ğ", 1, 8, TR, GSM7, SINGLE(TURKISH), {149, 8}},
	{"ESC pair at the cut", "a", 148, "ğ", 10, 8, TR, GSM7, SINGLE(TURKISH), {148, 20}},
	{"locking takes fewer", "ğ", 155, "", 0, 8, TR, GSM7, LOCK(TURKISH), {155}},
	{"locking, two parts", "ğ", 298, "", 0, 8, TR, GSM7, LOCK(TURKISH), {149, 149}},
	{"locking, three parts", "ğ", 299, "", 0, 8, TR, GSM7, LOCK(TURKISH), {149, 149, 1}},
	{"locking, 16-bit reference", "ğ", 296, "", 0, 16, TR, GSM7, LOCK(TURKISH), {148, 148}},
	{"locking, one more", "ğ", 297, "", 0, 16, TR, GSM7, LOCK(TURKISH), {148, 148, 1}},
	{"no fewer parts than UCS-2", "ğ", 134, "€", 0, 8, ES, UCS2, {0}, {67, 67}},
	{"single only as short as UCS-2", "ğ", 78, "", 0, 8, TR, GSM7, LOCK(TURKISH), {78}},
	{"no locking table", "í", 77, "", 0, 8, ES, GSM7, SINGLE(SPANISH), {154}},
	{"as many parts as UCS-2", "í", 78, "", 0, 8, ES, UCS2, {0}, {67, 11}},
	{"lower identifier of equal ones", "a", 70, "í", 1, 8, ES | PT, GSM7, SINGLE(SPANISH), {72}},
	{"fewer parts before lower identifier", "í", 80, "", 0, 8, ES | PT, GSM7, LOCK(PORTUGUESE), {80}},

	{"Hindi needs locking", "ह", 71, "", 0, 8, HI, GSM7, LOCK(HINDI), {71}},
	{"Hindi with danda needs both", "ह", 71, "।", 1, 8, HI, GSM7, BOTH(HINDI), {73}},
	{"both is full at 152", "ह", 150, "।", 1, 8, HI, GSM7, BOTH(HINDI), {152}},
	{"both, two parts", "ह", 151, "।", 1, 8, HI, GSM7, BOTH(HINDI), {146, 7}},
	{"both, two parts full", "ह", 290, "।", 1, 8, HI, GSM7, BOTH(HINDI), {146, 146}},
	{"both, 16-bit reference", "ह", 288, "।", 1, 16, HI, GSM7, BOTH(HINDI), {145, 145}},
	{"both, 16-bit reference, one more", "ह", 289, "।", 1, 16, HI, GSM7, BOTH(HINDI), {145, 144, 2}},
	{"cluster of Tamil is not cut", "அ", 148, "கி", 5, 8, TA, GSM7, LOCK(TAMIL), {148, 10}},
	{"Urdu", "ا", 71, "۔", 1, 8, UR, GSM7, BOTH(URDU), {73}},
	/* clang-format on */
};

static struct view build(const char *head, unsigned head_times, const char *tail,
			 unsigned tail_times)
{
	struct wbuf w = wbuf_of(text_buf, sizeof(text_buf));

	while (head_times-- > 0)
		wbuf_str(&w, head);
	while (tail_times-- > 0)
		wbuf_str(&w, tail);
	return wbuf_written(&w);
}

static bool national(const struct segment_plan *plan)
{
	return plan->tables.locking || plan->tables.single;
}

static void check_header(const char *name, const struct segment_plan *plan, const struct segment *s,
			 struct udh *udh)
{
	*udh = (struct udh){0};
	CHECK(s->tp_udhi == (plan->total > 1 || national(plan)), "%s: UDHI", name);
	if (!s->tp_udhi)
		return;
	CHECK(udh_decode((struct view){s->tp_ud, s->ud_octets}, udh) == 0, "%s: header", name);
	CHECK(udh->locking_shift == plan->tables.locking &&
		      udh->single_shift == plan->tables.single,
	      "%s: tables %u, %u", name, udh->locking_shift, udh->single_shift);
	if (plan->total > 1)
		CHECK(udh->concat.ref_bits == plan->ref_bits && udh->concat.part == s->part &&
			      udh->concat.total == s->total &&
			      udh->concat.ref == (plan->ref_bits == 8 ? REF & 0xff : REF),
		      "%s: part %u", name, s->part);
	else
		CHECK(!udh->concat.ref_bits, "%s: alone", name);
}

/* As a receiver reads it, alone; its text goes to w. @return units in it */
static unsigned read_segment(const char *name, const struct segment_plan *plan,
			     const struct segment *s, struct wbuf *w)
{
	struct tp_user_data u = {.tp_dcs = s->tp_dcs,
				 .tp_udhi = s->tp_udhi,
				 .tp_udl = s->tp_udl,
				 .tp_ud = {s->tp_ud, s->ud_octets}};
	uint8_t octets[TP_UD_UNITS_MAX], raw[160], tp_dcs;
	struct wbuf units = wbuf_of(octets, sizeof(octets)), text = wbuf_of(raw, sizeof(raw));
	struct udh udh;

	check_header(name, plan, s, &udh);
	CHECK(s->ud_octets <= SEGMENT_UD_MAX && s->ud_octets == tp_ud_octets(s->tp_dcs, s->tp_udl),
	      "%s: TP-UDL %u, %zu octets", name, s->tp_udl, s->ud_octets);
	CHECK(tp_ud_text(&u, &text) == 0, "%s: text", name);
	CHECK(!text.len || s->tp_dcs != DCS_GSM7 || raw[text.len - 1] != GSM7_ESC, "%s: ESC cut",
	      name);
	CHECK(tp_ud_units(&u, &tp_dcs, &units) == 0 &&
		      tp_dcs == (national(plan) ? DCS_UCS2 : s->tp_dcs),
	      "%s: units", name);
	CHECK(tp_ud_to_utf8(tp_dcs, wbuf_written(&units), w) == 0, "%s: UTF-8", name);
	return (unsigned)(s->tp_dcs == DCS_GSM7 ? text.len : text.len / 2);
}

static void check_walk(const char *name, const struct segment_plan *plan, const unsigned *units)
{
	struct wbuf joined = wbuf_of(joined_buf, sizeof(joined_buf));
	struct segment_iter it = {0};
	struct segment s;
	unsigned parts = 0;

	while (parts <= SEGMENTS_MAX && segment_next(plan, &it, REF, &s) == 1) {
		unsigned n = read_segment(name, plan, &s, &joined);

		if (units && parts < PARTS_SHOWN)
			CHECK(n == units[parts], "%s: %u units in part %u", name, n, parts + 1);
		parts++;
		CHECK(s.part == parts && s.total == plan->total, "%s: part %u", name, s.part);
	}
	CHECK(parts == plan->total, "%s: %u of %u segments", name, parts, plan->total);
	CHECK(view_eq(wbuf_written(&joined), plan->utf8), "%s: text differs", name);
}

static void test_cases(void)
{
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct view text = build(cases[i].head, cases[i].head_times, cases[i].tail,
					 cases[i].tail_times);
		struct segment_plan plan;
		unsigned total = 0;

		while (total < PARTS_SHOWN && cases[i].units[total])
			total++;
		CHECK(segment_plan_national(&plan, text, cases[i].ref_bits, cases[i].languages) ==
			      0,
		      "%s", cases[i].name);
		CHECK(plan.alphabet == cases[i].alphabet, "%s: %s", cases[i].name,
		      sms_alphabet_name(plan.alphabet));
		CHECK(plan.tables.locking == cases[i].tables.locking &&
			      plan.tables.single == cases[i].tables.single,
		      "%s: tables %u, %u", cases[i].name, plan.tables.locking, plan.tables.single);
		CHECK(plan.total == total, "%s: %u segments", cases[i].name, plan.total);
		check_walk(cases[i].name, &plan, cases[i].units);
	}
}

/* Every length around every border: never more segments than without, never another text. */
static void test_lengths(void)
{
	static const char *const letters[] = {
		"a", "ğ", "í", "ह", "।", "அி", "ж", "😀", "\xe0\xa4\xb9\xe0\xa5\x8d"};
	char name[48];

	for (size_t l = 0; l < COUNT(letters); l++) {
		for (unsigned n = 0; n <= 310; n++) {
			for (unsigned ref_bits = 8; ref_bits <= 16; ref_bits += 8) {
				struct view text = build(letters[l], n, "ç", n & 1);
				struct segment_plan plan, plain;

				snprintf(name, sizeof(name), "%u of %s, %u", n, letters[l],
					 ref_bits);
				CHECK(segment_plan(&plain, text, ref_bits) == 0, "%s", name);
				CHECK(segment_plan_national(&plan, text, ref_bits, ALL) == 0, "%s",
				      name);
				CHECK(national(&plan) ? plan.total < plain.total
						      : plan.total == plain.total &&
								plan.alphabet == plain.alphabet,
				      "%s: %u, %u segments", name, plan.total, plain.total);
				check_walk(name, &plan, NULL);
			}
		}
	}
}

/* Too long for UCS-2, but not for a language. */
static void test_limit(void)
{
	struct view text = build("ğ", 149 * SEGMENTS_MAX + 1, "", 0);
	struct segment_plan plan;
	struct segment_iter it = {0};
	struct segment s;

	CHECK(segment_plan_national(&plan, text, 8, TR) == -E2BIG, "256 segments");
	CHECK(segment_next(&plan, &it, REF, &s) == 0, "nothing of a refused text is sent");
	text.len -= 2;
	CHECK(segment_plan(&plan, text, 8) == -E2BIG, "UCS-2");
	CHECK(segment_plan_national(&plan, text, 8, TR) == 0 && plan.total == SEGMENTS_MAX, "%u",
	      plan.total);
	check_walk("255 segments", &plan, NULL);
}

static void test_refused(void)
{
	struct segment_plan plan;

	CHECK(segment_plan_national(&plan, VIEW("ğ\xff"), 8, ALL) == -EILSEQ && !plan.total,
	      "UTF-8");
	CHECK(segment_plan_national(&plan, VIEW("ğ"), 7, ALL) == -EINVAL && !plan.total, "7 bits");
}

/* First octets of TP-UD; behind headers of 4, 9, 10 and 12 octets there are 3, 5, 4 and 2 fill bits. */
static const struct {
	const char *name, *head;
	unsigned head_times;
	const char *tail;
	unsigned tail_times, ref_bits;
	uint8_t tp_udl;
	const char *hex;
} wire[] = {
	{"single, alone", "ğ", 1, "a", 70, 8, 77, "03 24 01 01 d8 9c c3 e1"},
	{"locking, alone", "ğ", 100, "", 0, 8, 105, "03 25 01 01 60 30 18"},
	{"locking, 8-bit reference", "ğ", 160, "", 0, 8, 160,
	 "08 00 03 a4 02 01 25 01 01 80 c1 60"},
	{"single, 16-bit reference", "ğ", 1, "a", 160, 16, 160,
	 "09 08 04 01 a4 02 01 24 01 01 b0 39 87"},
	{"both, 8-bit reference", "ह", 160, "।", 1, 8, 160,
	 "0b 00 03 a4 02 01 24 01 06 25 01 06 34 9b cd"},
};

static void test_wire(void)
{
	for (size_t i = 0; i < COUNT(wire); i++) {
		struct segment_plan plan;
		struct segment_iter it = {0};
		struct segment s;
		size_t len;
		uint8_t *want = test_hex(wire[i].hex, &len);
		struct view text =
			build(wire[i].head, wire[i].head_times, wire[i].tail, wire[i].tail_times);

		CHECK(segment_plan_national(&plan, text, wire[i].ref_bits, ALL) == 0 &&
			      segment_next(&plan, &it, REF, &s) == 1,
		      "%s", wire[i].name);
		CHECK(s.tp_udl == wire[i].tp_udl, "%s: TP-UDL %u", wire[i].name, s.tp_udl);
		CHECK(s.ud_octets >= len && memcmp(s.tp_ud, want, len) == 0, "%s", wire[i].name);
		if (memcmp(s.tp_ud, want, len))
			test_print_hex("is", s.tp_ud, len);
		free(want);
	}
}

int main(void)
{
	test_cases();
	test_lengths();
	test_limit();
	test_refused();
	test_wire();
	return test_end("segment_national");
}
