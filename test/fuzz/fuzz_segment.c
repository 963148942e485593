/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */

/*
 * First octet: how often the text that follows is repeated, and the size of the reference.
 * Plan, walk, decode each segment alone, compare the whole with the text: without and with
 * national languages, which may only make fewer segments. Then the same of its transliteration.
 */

#include <stdlib.h>

#include "sms/gsm7.h"
#include "sms/segment.h"
#include "sms/tpdu.h"
#include "sms/transliterate.h"
#include "sms/ucs2.h"
#include "sms/udh.h"
#include "util/utf8.h"

enum { TEXT_MAX = 1 << 16 };

static uint8_t text_buf[TEXT_MAX], joined_buf[TEXT_MAX], plain_buf[TEXT_MAX];

static struct view build(const uint8_t *data, size_t size, unsigned times)
{
	struct wbuf w = wbuf_of(text_buf, sizeof(text_buf));

	for (; times > 0 && !w.err; times--)
		wbuf_put(&w, data, size);
	return wbuf_written(&w);
}

static void join(const struct segment *s, unsigned ref_bits, struct wbuf *joined)
{
	struct view body = {s->tp_ud, s->ud_octets};
	uint8_t septets[160];
	struct wbuf w = wbuf_of(septets, sizeof(septets));
	struct udh udh = {0};
	unsigned fill_bits;

	if (s->tp_udhi && (udh_decode(body, &udh) || udh.concat.ref_bits != ref_bits ||
			   udh.concat.part != s->part || udh.concat.total != s->total))
		abort();
	fill_bits = gsm7_fill_bits(udh.octets);
	body.p += udh.octets;
	body.len -= udh.octets;
	if (s->tp_dcs == DCS_UCS2) {
		if (s->tp_udl != s->ud_octets || ucs2_to_utf8(body, joined))
			abort();
		return;
	}
	if (s->ud_octets != (s->tp_udl * 7u + 7) / 8)
		abort();
	if (gsm7_unpack(body, fill_bits, s->tp_udl - (udh.octets * 8 + fill_bits) / 7, &w))
		abort();
	if (gsm7_to_utf8(wbuf_written(&w), joined))
		abort();
}

/* What a receiver does: no look at the plan. */
static void join_units(const struct segment *s, struct wbuf *joined)
{
	const struct tp_user_data u = {.tp_dcs = s->tp_dcs,
				       .tp_udhi = s->tp_udhi,
				       .tp_udl = s->tp_udl,
				       .tp_ud = {s->tp_ud, s->ud_octets}};
	uint8_t octets[TP_UD_UNITS_MAX], tp_dcs;
	struct wbuf units = wbuf_of(octets, sizeof(octets));

	if (s->ud_octets != tp_ud_octets(s->tp_dcs, s->tp_udl) || tp_ud_units(&u, &tp_dcs, &units))
		abort();
	if (tp_ud_to_utf8(tp_dcs, wbuf_written(&units), joined))
		abort();
}

static void check_national(struct view text, unsigned ref_bits, uint32_t languages)
{
	struct wbuf joined = wbuf_of(joined_buf, sizeof(joined_buf));
	struct segment_plan plan, plain;
	struct segment_iter it = {0};
	struct segment s;
	unsigned parts = 0;
	int rc = segment_plan(&plain, text, ref_bits);

	if (segment_plan_national(&plan, text, ref_bits, languages) != rc && rc != -E2BIG)
		abort();
	if (rc == -EILSEQ)
		return;
	if (plan.total > plain.total || (plan.total == plain.total && plan.alphabet != plain.alphabet))
		abort();
	while (segment_next(&plan, &it, 0x1a4, &s)) {
		if (s.part != ++parts || s.total != plan.total)
			abort();
		join_units(&s, &joined);
	}
	if (plan.total <= SEGMENTS_MAX &&
	    (parts != plan.total || !view_eq(wbuf_written(&joined), text)))
		abort();
}

static void check_transliterated(struct view text, unsigned ref_bits)
{
	struct wbuf plain = wbuf_of(plain_buf, text.len);
	int rc = transliterate(text, &plain);

	if ((rc == -EILSEQ) != !utf8_valid(text) || rc == -ENOSPC)
		abort();
	if (rc == 0 && !view_eq(wbuf_written(&plain), text))
		check_national(wbuf_written(&plain), ref_bits, UINT32_MAX);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct wbuf joined = wbuf_of(joined_buf, sizeof(joined_buf));
	struct segment_plan plan;
	struct segment_iter it = {0};
	struct segment s;
	unsigned parts = 0, ref_bits;
	struct view text;
	int rc;

	if (size < 1)
		return 0;
	ref_bits = data[0] & 1 ? 16 : 8;
	text = build(data + 1, size - 1, 1 + (data[0] >> 1));
	check_national(text, ref_bits, size % 4 ? UINT32_MAX : 1u << size / 4 % GSM7_LANGUAGES);
	check_transliterated(text, ref_bits);
	rc = segment_plan(&plan, text, ref_bits);
	if ((rc == -EILSEQ) != !utf8_valid(text))
		abort();
	if (rc)
		return 0;
	while (segment_next(&plan, &it, 0x1a4, &s)) {
		if (s.part != ++parts || s.total != plan.total || s.ud_octets > SEGMENT_UD_MAX)
			abort();
		join(&s, ref_bits, &joined);
	}
	if (parts != plan.total || !view_eq(wbuf_written(&joined), text))
		abort();
	return 0;
}
