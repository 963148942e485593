/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */
#pragma once

#include "../util/buf.h"
#include "dcs.h"
#include "gsm7.h"

/*
 * A text cut into short messages (TS 23.038, TS 23.040 9.2.3.24.1): first a plan
 * (alphabet, number of segments), then one segment after another. An ESC pair and a
 * surrogate pair are never cut; a grapheme cluster (combining marks, ZWJ sequences,
 * variation selectors, skin tones, flag pairs) is not cut where it fits into one segment.
 */

enum {
	SEGMENT_UD_MAX = 140, /* octets of TP-UD */
	SEGMENTS_MAX = 255,
};

struct segment_plan {
	struct view utf8;
	enum sms_alphabet alphabet; /* GSM7 if every character is in it, else UCS2 */
	struct gsm7_tables tables;  /* of GSM7; then every segment has a header that names them */
	unsigned ref_bits;          /* 8 or 16, used if total > 1 */
	unsigned total;             /* segments; 0 for an empty text */
};

struct segment {
	unsigned part, total; /* 1..total */
	uint8_t tp_dcs;
	bool tp_udhi;
	uint8_t tp_udl;  /* septets (header included) for GSM7, else octets */
	size_t ud_octets;
	uint8_t tp_ud[SEGMENT_UD_MAX];
};

/** State of the walk; zero it to begin. */
struct segment_iter {
	size_t utf8_pos;
	unsigned part;
};

/**
 * @param utf8      the text, line ends already LF; the plan keeps the view
 * @param ref_bits  size of the concatenation reference, 8 or 16
 * @return 0, -EILSEQ (not UTF-8), -E2BIG (over SEGMENTS_MAX), -EINVAL
 */
int segment_plan(struct segment_plan *plan, struct view utf8, unsigned ref_bits);

/**
 * As segment_plan(), but a text that is UCS-2 there goes in the locking shift table, the single
 * shift table or both of one language if that takes fewer segments. Of
 * the ways that take fewest, the language of the lower identifier, and of its tables single before
 * locking before both.
 *
 * @param national_tables  languages that the receivers know: 1 << GSM7_TURKISH | ..; 0: none
 */
int segment_plan_national(struct segment_plan *plan, struct view utf8, unsigned ref_bits,
			  uint32_t national_tables);

/**
 * @param ref  concatenation reference, the same for all segments of a message
 * @return 1 and a segment, 0 when there are no more
 */
int segment_next(const struct segment_plan *plan, struct segment_iter *it, uint16_t ref, struct segment *out);
