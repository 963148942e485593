/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */

/* imdn_decode(); what it understood, written by imdn_encode(), must be understood as the same again. */

#include <stdlib.h>

#include "../../lib/cpm/imdn.h"

static uint8_t text[1 << 19], again_text[1 << 19], written[1 << 20];

static void require(bool holds)
{
	if (!holds)
		abort();
}

static void require_same(const struct imdn *a, const struct imdn *b)
{
	require(view_eq(a->message_id, b->message_id) && view_eq(a->datetime, b->datetime));
	require(view_eq(a->recipient_uri, b->recipient_uri));
	require(view_eq(a->original_recipient_uri, b->original_recipient_uri));
	require(a->kind == b->kind && a->status == b->status);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct wbuf t = wbuf_of(text, sizeof(text)), w = wbuf_of(written, sizeof(written));
	struct imdn d, again;
	int rc = imdn_decode((struct view){data, size}, &t, &d);

	require(rc == 0 || (rc == -EBADMSG && t.len == 0 && !t.err));
	if (rc)
		return 0;
	require(d.message_id.len && d.status != IMDN_STATUS_NONE && d.status < IMDN_STATUS_COUNT);
	if (d.datetime.len == 0)
		d.datetime = VIEW("x");
	rc = imdn_encode(&w, &d);
	require(rc == 0 || rc == -EINVAL ||
		rc == -EILSEQ); /* status of another kind; line end in a text */
	if (rc == 0) {
		t = wbuf_of(again_text, sizeof(again_text));
		require(w.len > 65536 || imdn_decode(wbuf_written(&w), &t, &again) == 0);
		if (w.len <= 65536)
			require_same(&d, &again);
	}
	return 0;
}
