/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */

/*
 * First octet: fill bits and how many septets to leave; then packed septets. Unpack, pack,
 * show, read again.
 */

#include <stdlib.h>

#include "sms/gsm7.h"
#include "util/utf8.h"

enum { SEPTETS_MAX = 8192 };

static uint8_t septets[SEPTETS_MAX], packed[SEPTETS_MAX], utf8[SEPTETS_MAX * 3],
	again[SEPTETS_MAX * 2];

static void check_pack(struct view in, unsigned fill_bits, struct view unpacked)
{
	struct wbuf w = wbuf_of(packed, sizeof(packed)), back = wbuf_of(again, sizeof(again));

	if (gsm7_pack(&w, unpacked, fill_bits) || w.len > in.len + 1)
		abort();
	for (size_t i = 1; i + 1 < w.len; i++) {
		if (packed[i] != in.p[i])
			abort();
	}
	if (gsm7_unpack(wbuf_written(&w), fill_bits, unpacked.len, &back) ||
	    !view_eq(wbuf_written(&back), unpacked))
		abort();
}

/* What is shown reads as the same again, where the alphabet has it. */
static void check_text(struct view unpacked)
{
	struct wbuf w = wbuf_of(utf8, sizeof(utf8)), back = wbuf_of(again, sizeof(again));
	uint8_t *shown = utf8 + sizeof(utf8) / 2;
	struct wbuf second = wbuf_of(shown, sizeof(utf8) / 2);

	if (gsm7_to_utf8(unpacked, &w) || !utf8_valid(wbuf_written(&w)))
		abort();
	if (gsm7_from_utf8(wbuf_written(&w), &back) || back.len > unpacked.len)
		abort();
	if (w.len > sizeof(utf8) / 2)
		return;
	if (gsm7_to_utf8(wbuf_written(&back), &second) ||
	    !view_eq(wbuf_written(&second), wbuf_written(&w)))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct wbuf w = wbuf_of(septets, sizeof(septets));
	unsigned fill_bits;
	struct view in;
	size_t n;

	if (size < 1 || size > 4096)
		return 0;
	in = (struct view){data + 1, size - 1};
	fill_bits = data[0] % 7;
	n = in.len * 8 / 7;
	n -= n < data[0] / 7u ? n : data[0] / 7u;
	if (gsm7_unpack(in, fill_bits, n, &w) == 0) {
		check_pack(in, fill_bits, wbuf_written(&w));
		check_text(wbuf_written(&w));
	}

	/* unpacked, as SMPP carries it: any octet may stand there */
	w = wbuf_of(utf8, sizeof(utf8));
	if (gsm7_to_utf8(in, &w) || !utf8_valid(wbuf_written(&w)))
		abort();
	w = wbuf_of(again, sizeof(again));
	gsm7_from_utf8(in, &w);
	return 0;
}
