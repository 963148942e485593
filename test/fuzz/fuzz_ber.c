/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */

/*
 * BER elements inside each other: whatever tree is read can be written with definite lengths, not
 * longer than it came, and is the same tree when read again.
 */

#include <stdlib.h>

#include "map/ber.h"

enum { DEPTH_MAX = 20, OUT_MAX = 16384 };

static bool is_constructed(uint32_t tag)
{
	while (tag > 0xff)
		tag >>= 8;
	return tag & BER_CONSTRUCTED;
}

static int copy(struct wbuf *w, struct view in, int depth)
{
	struct rbuf r = rbuf_of(in);
	struct ber_element e;
	size_t mark;
	int err = 0;

	if (depth == DEPTH_MAX)
		return -ENOSPC;
	while (!err && ber_next(&r, &e)) {
		if (e.whole.p < in.p || e.whole.p + e.whole.len > in.p + in.len ||
		    e.value.p < e.whole.p || e.value.p + e.value.len > e.whole.p + e.whole.len)
			abort();
		if (!is_constructed(e.tag)) {
			ber_put(w, e.tag, e.value);
			continue;
		}
		mark = ber_open(w, e.tag);
		err = copy(w, e.value, depth + 1);
		ber_close(w, mark);
	}
	return err ? err : rbuf_end(&r);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static uint8_t once[OUT_MAX], twice[OUT_MAX];
	struct wbuf a = wbuf_of(once, sizeof(once)), b = wbuf_of(twice, sizeof(twice));

	if (copy(&a, (struct view){data, size}, 0) || a.err)
		return 0;
	if (a.len > size || copy(&b, wbuf_written(&a), 0) || b.err ||
	    !view_eq(wbuf_written(&a), wbuf_written(&b)))
		abort();
	return 0;
}
