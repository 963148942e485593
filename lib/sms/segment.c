/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */

/*
 * Cuts a text into short messages (TS 23.040 9.2.3.24.1). Each segment takes as many whole
 * grapheme clusters as fit; a cluster that is longer than a segment is cut between
 * characters. The plan and the walk use the same cut, so the total is what comes out.
 *
 *   one part, 140 octets:   160 septets              70 units of 16 bit
 *   8-bit reference:        UDH (6), fill bit, 153   UDH (6), 67
 *   16-bit reference:       UDH (7), 152             UDH (7), 66
 *
 * National language tables (TS 23.038 6.2.1.2) make the header of each segment longer by
 * an element of 3 octets for each table, and give one to a segment that is alone:
 *
 *   one part:               UDH (4), 155             UDH (7) of two elements, 152
 *   8-bit reference:        UDH (9), 149             UDH (12), 146
 *   16-bit reference:       UDH (10), 148            UDH (13), 145
 */

#include "segment.h"

#include "../util/utf8.h"
#include "grapheme.h"
#include "ucs2.h"
#include "udh.h"

enum { SEPTETS_MAX = SEGMENT_UD_MAX * 8 / 7 };

static size_t header_octets(const struct segment_plan *plan, bool concatenated)
{
	size_t octets = 0;

	if (concatenated)
		octets = plan->ref_bits == 8 ? UDH_CONCAT8_OCTETS : UDH_CONCAT16_OCTETS;
	if (!octets && (plan->tables.single || plan->tables.locking))
		octets = 1; /* UDHL */
	if (plan->tables.single)
		octets += UDH_SHIFT_OCTETS;
	if (plan->tables.locking)
		octets += UDH_SHIFT_OCTETS;
	return octets;
}

/* Septets or 16-bit units of text in one segment. */
static size_t capacity(const struct segment_plan *plan, bool concatenated)
{
	size_t octets = SEGMENT_UD_MAX - header_octets(plan, concatenated);

	return plan->alphabet == SMS_ALPHABET_GSM7 ? octets * 8 / 7 : octets / 2;
}

static size_t units_of(const struct segment_plan *plan, uint32_t cp)
{
	uint8_t septets[2];

	if (plan->alphabet == SMS_ALPHABET_GSM7)
		return (size_t)gsm7_from_cp_in(plan->tables, cp, septets);
	return cp < 0x10000 ? 1 : 2;
}

/* Printable ASCII at the front of text that takes a unit each, no more than room. */
static size_t plain_octets(const struct segment_plan *plan, struct view text, size_t room)
{
	if (text.len > room)
		text.len = room;
	return plan->alphabet == SMS_ALPHABET_GSM7 ? gsm7_plain(plan->tables, text)
						   : utf8_plain(text);
}

/* Octets at the front of text that go into a segment of room units. */
static size_t cut(const struct segment_plan *plan, struct view text, size_t room)
{
	struct grapheme g = {0};
	struct view left = text;
	size_t whole = 0;      /* octets before the cluster that left is in */
	size_t units_most = plan->alphabet == SMS_ALPHABET_GSM7 ? 2 : 1; /* of an octet */
	uint32_t cp;

	if (text.len * units_most <= room)
		return text.len;
	for (;;) {
		size_t at = text.len - left.len, units, n;

		if (utf8_next(&left, &cp) <= 0)
			return at;
		if (grapheme_begins(&g, cp))
			whole = at;
		units = units_of(plan, cp);
		if (units > room)
			return whole ? whole : at;
		room -= units;
		if (cp < ' ' || cp > '~')
			continue;
		n = plain_octets(plan, left, room); /* each begins a cluster behind its like */
		if (n)
			whole = at + n;
		room -= n;
		left = view_skip(left, n);
	}
}

static unsigned count_segments(const struct segment_plan *plan)
{
	struct view left = plan->utf8;
	size_t room = capacity(plan, true);
	unsigned total = 0;

	if (cut(plan, left, capacity(plan, false)) == left.len)
		return left.len > 0;
	for (; left.len; left = view_skip(left, cut(plan, left, room)))
		total++;
	return total;
}

static int choose_alphabet(struct view utf8, enum sms_alphabet *alphabet)
{
	uint8_t septets[2];
	uint32_t cp;
	int rc;

	*alphabet = SMS_ALPHABET_GSM7;
	do {
		utf8 = view_skip(utf8, gsm7_plain((struct gsm7_tables){0}, utf8));
		rc = utf8_next(&utf8, &cp);
		if (rc > 0 && *alphabet == SMS_ALPHABET_GSM7 && gsm7_from_cp(cp, septets) < 0)
			*alphabet = SMS_ALPHABET_UCS2;
	} while (rc > 0);
	return rc;
}

/* All of the text is in the tables, in no more than room septets. It is UTF-8, that is known. */
static bool in_tables(struct view utf8, struct gsm7_tables tables, size_t room)
{
	uint8_t septets[2];
	uint32_t cp;

	while (utf8_next(&utf8, &cp) > 0) {
		int n = gsm7_from_cp_in(tables, cp, septets);

		if (n < 0 || (size_t)n > room)
			return false;
		room -= (size_t)n;
	}
	return true;
}

static void try_tables(struct segment_plan *best, struct gsm7_tables tables)
{
	struct segment_plan plan = *best;
	unsigned fewer = best->total - 1;

	plan.alphabet = SMS_ALPHABET_GSM7;
	plan.tables = tables;
	if (!in_tables(plan.utf8, tables, fewer * capacity(&plan, fewer > 1)))
		return;
	plan.total = count_segments(&plan);
	if (plan.total < best->total)
		*best = plan;
}

static void try_language(struct segment_plan *best, uint8_t nli)
{
	try_tables(best, (struct gsm7_tables){.single = nli});
	if (nli == GSM7_SPANISH)
		return;
	try_tables(best, (struct gsm7_tables){.locking = nli});
	try_tables(best, (struct gsm7_tables){.locking = nli, .single = nli});
}

int segment_plan_national(struct segment_plan *plan, struct view utf8, unsigned ref_bits,
			  uint32_t national_tables)
{
	int rc;

	*plan = (struct segment_plan){.utf8 = utf8, .ref_bits = ref_bits};
	if (ref_bits != 8 && ref_bits != 16)
		return -EINVAL;
	rc = choose_alphabet(utf8, &plan->alphabet);
	if (rc < 0)
		return rc;

	plan->total = count_segments(plan);
	if (plan->alphabet == SMS_ALPHABET_UCS2) {
		for (uint8_t nli = GSM7_TURKISH; nli < GSM7_LANGUAGES; nli++) {
			if (national_tables >> nli & 1)
				try_language(plan, nli);
		}
	}
	return plan->total > SEGMENTS_MAX ? -E2BIG : 0;
}

int segment_plan(struct segment_plan *plan, struct view utf8, unsigned ref_bits)
{
	return segment_plan_national(plan, utf8, ref_bits, 0);
}

/* TS 23.040 9.2.3.16: septets, those that the header covers included. */
static void put_gsm7(struct wbuf *w, struct gsm7_tables tables, struct view text,
		     struct segment *out)
{
	uint8_t septets[SEPTETS_MAX];
	struct wbuf unpacked = wbuf_of(septets, sizeof(septets));
	unsigned fill_bits = gsm7_fill_bits(w->len);
	size_t header_septets = (w->len * 8 + fill_bits) / 7;

	gsm7_from_utf8_in(tables, text, &unpacked);
	gsm7_pack(w, wbuf_written(&unpacked), fill_bits);
	out->tp_udl = (uint8_t)(header_septets + unpacked.len);
}

static void put_ucs2(struct wbuf *w, struct view text, struct segment *out)
{
	ucs2_from_utf8(text, w);
	out->tp_udl = (uint8_t)w->len;
}

static void put_header(struct wbuf *w, const struct segment_plan *plan, uint16_t ref,
		       struct segment *out)
{
	struct udh udh = {
		.single_shift = plan->tables.single,
		.locking_shift = plan->tables.locking,
	};

	if (out->total > 1)
		udh.concat = (struct udh_concat){.ref_bits = (uint8_t)plan->ref_bits,
						 .ref = ref,
						 .total = (uint8_t)out->total,
						 .part = (uint8_t)out->part};
	udh_encode(w, &udh);
	out->tp_udhi = w->len > 0;
}

int segment_next(const struct segment_plan *plan, struct segment_iter *it, uint16_t ref,
		 struct segment *out)
{
	bool gsm7 = plan->alphabet == SMS_ALPHABET_GSM7;
	struct wbuf w = wbuf_of(out->tp_ud, sizeof(out->tp_ud));
	struct view text;

	if (it->part >= plan->total || plan->total > SEGMENTS_MAX)
		return 0;
	text = view_skip(plan->utf8, it->utf8_pos);
	if (plan->total > 1)
		text.len = cut(plan, text, capacity(plan, true));
	it->utf8_pos += text.len;
	it->part++;

	*out = (struct segment){.part = it->part, .total = plan->total};
	out->tp_dcs = gsm7 ? DCS_GSM7 : DCS_UCS2;
	put_header(&w, plan, ref, out);
	if (gsm7)
		put_gsm7(&w, plan->tables, text, out);
	else
		put_ucs2(&w, text, out);
	out->ud_octets = w.len;
	return 1;
}
