/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */

/*
 * content_read() and content_text(). The input is a SIP request in short: first line
 * Content-Type, second line Content-Transfer-Encoding, then the body.
 */

#include <stdlib.h>

#include "../../lib/cpm/content.h"
#include "../../lib/util/utf8.h"

static uint8_t text[1 << 18]; /* 3 octets for each octet of input are enough */

static void require(bool holds)
{
	if (!holds)
		abort();
}

static struct view line_take(struct view *in)
{
	const uint8_t *lf = in->len ? memchr(in->p, '\n', in->len) : NULL;
	size_t n = lf ? (size_t)(lf - in->p) : in->len;
	struct view line = {in->p, n};

	n += lf ? 1 : 0;
	in->p = in->len ? in->p + n : in->p;
	in->len -= n;
	return line;
}

static void require_text(const struct content *c)
{
	struct wbuf w = wbuf_of(text, sizeof(text));
	int rc = content_text(c, &w);

	require(rc == 0 || rc == -EBADMSG || rc == -EILSEQ || rc == -ENOTSUP);
	require(rc == 0 || w.len == 0);
	require(utf8_valid(wbuf_written(&w)));
	require(w.len == 0 || !memchr(text, '\r', w.len));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct view body = {data, size};
	struct view content_type = line_take(&body), transfer_encoding = line_take(&body);
	struct content c;
	int rc = content_read(content_type, transfer_encoding, body, &c);

	require(rc == 0 || rc == -EBADMSG);
	if (rc)
		return 0;
	require(c.payload.len <= body.len);
	require((c.kind == CONTENT_TEXT) == media_type_is(c.media_type, "text/plain"));
	require((c.kind == CONTENT_IMDN) == media_type_is(c.media_type, "message/imdn+xml"));
	require_text(&c);
	return 0;
}
