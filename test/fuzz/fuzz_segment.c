/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */

/*
 * First octet: how often the text that follows is repeated, and the size of the reference.
 * Plan, walk, decode each segment alone, compare the whole with the text.
 */

#include <stdlib.h>

#include "sms/gsm7.h"
#include "sms/segment.h"
#include "sms/ucs2.h"
#include "sms/udh.h"
#include "util/utf8.h"

enum { TEXT_MAX = 1 << 16 };

static uint8_t text_buf[TEXT_MAX], joined_buf[TEXT_MAX];

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
