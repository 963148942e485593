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
 */

#include "segment.h"

#include "../util/utf8.h"
#include "grapheme.h"
#include "gsm7.h"
#include "ucs2.h"
#include "udh.h"

enum { SEPTETS_MAX = SEGMENT_UD_MAX * 8 / 7 };

/* Septets or 16-bit units of text in one segment. */
static size_t capacity(const struct segment_plan *plan, bool concatenated)
{
	size_t octets = SEGMENT_UD_MAX;

	if (concatenated)
		octets -= plan->ref_bits == 8 ? UDH_CONCAT8_OCTETS : UDH_CONCAT16_OCTETS;
	return plan->alphabet == SMS_ALPHABET_GSM7 ? octets * 8 / 7 : octets / 2;
}

static size_t units_of(enum sms_alphabet alphabet, uint32_t cp)
{
	uint8_t septets[2];

	if (alphabet == SMS_ALPHABET_GSM7)
		return (size_t)gsm7_from_cp(cp, septets);
	return cp < 0x10000 ? 1 : 2;
}

/* Octets at the front of text that go into a segment of room units. */
static size_t cut(enum sms_alphabet alphabet, struct view text, size_t room)
{
	struct grapheme g = {0};
	struct view left = text;
	size_t whole = 0; /* octets before the cluster that left is in */
	uint32_t cp;

	for (;;) {
		size_t at = text.len - left.len, units;

		if (utf8_next(&left, &cp) <= 0)
			return at;
		if (grapheme_begins(&g, cp))
			whole = at;
		units = units_of(alphabet, cp);
		if (units > room)
			return whole ? whole : at;
		room -= units;
	}
}

static int choose_alphabet(struct view utf8, enum sms_alphabet *alphabet)
{
	uint8_t septets[2];
	uint32_t cp;
	int rc;

	*alphabet = SMS_ALPHABET_GSM7;
	while ((rc = utf8_next(&utf8, &cp)) > 0) {
		if (*alphabet == SMS_ALPHABET_GSM7 && gsm7_from_cp(cp, septets) < 0)
			*alphabet = SMS_ALPHABET_UCS2;
	}
	return rc;
}

static struct view skip(struct view text, size_t octets)
{
	return (struct view){text.p + octets, text.len - octets};
}

int segment_plan(struct segment_plan *plan, struct view utf8, unsigned ref_bits)
{
	struct view left = utf8;
	size_t room;
	int rc;

	*plan = (struct segment_plan){.utf8 = utf8, .ref_bits = ref_bits};
	if (ref_bits != 8 && ref_bits != 16)
		return -EINVAL;
	rc = choose_alphabet(utf8, &plan->alphabet);
	if (rc < 0)
		return rc;

	room = capacity(plan, false);
	if (cut(plan->alphabet, utf8, room) < utf8.len)
		room = capacity(plan, true);
	for (; left.len; left = skip(left, cut(plan->alphabet, left, room)))
		plan->total++;
	return plan->total > SEGMENTS_MAX ? -E2BIG : 0;
}

/* TS 23.040 9.2.3.16: septets, those that the header covers included. */
static void put_gsm7(struct wbuf *w, struct view text, struct segment *out)
{
	uint8_t septets[SEPTETS_MAX];
	struct wbuf unpacked = wbuf_of(septets, sizeof(septets));
	unsigned fill_bits = gsm7_fill_bits(w->len);
	size_t header_septets = (w->len * 8 + fill_bits) / 7;

	gsm7_from_utf8(text, &unpacked);
	gsm7_pack(w, wbuf_written(&unpacked), fill_bits);
	out->tp_udl = (uint8_t)(header_septets + unpacked.len);
}

static void put_ucs2(struct wbuf *w, struct view text, struct segment *out)
{
	ucs2_from_utf8(text, w);
	out->tp_udl = (uint8_t)w->len;
}

int segment_next(const struct segment_plan *plan, struct segment_iter *it, uint16_t ref,
		 struct segment *out)
{
	bool gsm7 = plan->alphabet == SMS_ALPHABET_GSM7;
	struct wbuf w = wbuf_of(out->tp_ud, sizeof(out->tp_ud));
	struct view text;

	if (it->part >= plan->total || plan->total > SEGMENTS_MAX)
		return 0;
	text = skip(plan->utf8, it->utf8_pos);
	text.len = cut(plan->alphabet, text, capacity(plan, plan->total > 1));
	it->utf8_pos += text.len;
	it->part++;

	*out = (struct segment){.part = it->part, .total = plan->total};
	out->tp_udhi = plan->total > 1;
	out->tp_dcs = gsm7 ? DCS_GSM7 : DCS_UCS2;
	if (out->tp_udhi)
		udh_concat_encode(&w, &(struct udh_concat){.ref_bits = (uint8_t)plan->ref_bits,
							   .ref = ref,
							   .total = (uint8_t)out->total,
							   .part = (uint8_t)out->part});
	if (gsm7)
		put_gsm7(&w, text, out);
	else
		put_ucs2(&w, text, out);
	out->ud_octets = w.len;
	return 1;
}
