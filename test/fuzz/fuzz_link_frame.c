/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */

/* A stream of link frames: each is found, decoded, and encodes into at most its own size, stable from then on. */

#include <stdlib.h>

#include "../../lib/link/link_frame.h"

static void check_frame(struct view frame)
{
	uint8_t once[LINK_FRAME_MAX], twice[LINK_FRAME_MAX];
	struct wbuf a = wbuf_of(once, frame.len), b = wbuf_of(twice, frame.len);
	struct link_frame f, again;

	if (link_frame_decode(frame, &f))
		return;
	if (link_frame_encode(&a, &f) || link_frame_decode(wbuf_written(&a), &again) ||
	    link_frame_encode(&b, &again))
		abort();
	if (!view_eq(wbuf_written(&a), wbuf_written(&b)) || !link_type_name(f.type))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct view in = {data, size};
	size_t len;

	while (link_frame_length(in, &len) == 0) {
		if (len < LINK_HEADER_OCTETS || len > LINK_FRAME_MAX || len > in.len)
			abort();
		check_frame((struct view){in.p, len});
		in.p += len;
		in.len -= len;
	}
	return 0;
}
