/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */

/* ft_http_decode() and geo_decode() on the same input: what they give may be put into a link. */

#include <stdlib.h>

#include "../../lib/cpm/content_link.h"

static uint8_t text[1 << 19];

static void require(bool holds)
{
	if (!holds)
		abort();
}

static void require_line(struct view v)
{
	for (size_t i = 0; i < v.len; i++)
		require(v.p[i] >= ' ' && v.p[i] != 0x7f);
}

static void require_number(struct view v)
{
	require(v.len > 0 && v.len <= 24);
	for (size_t i = 0; i < v.len; i++)
		require(strchr("+-.0123456789", v.p[i]) != NULL);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct wbuf t = wbuf_of(text, sizeof(text));
	struct ft_http f;
	struct geo g;
	int rc = ft_http_decode((struct view){data, size}, &t, &f);

	require(rc == 0 || (rc == -EBADMSG && t.len == 0));
	if (rc == 0) {
		require(f.url.len > 7 && !memchr(f.url.p, ' ', f.url.len));
		require_line(f.url);
		require_line(f.file_name);
		require_line(f.until);
	}
	t = wbuf_of(text, sizeof(text));
	rc = geo_decode((struct view){data, size}, &t, &g);
	require(rc == 0 || (rc == -EBADMSG && t.len == 0));
	if (rc == 0) {
		require_number(g.latitude);
		require_number(g.longitude);
		require_line(g.label);
	}
	return 0;
}
