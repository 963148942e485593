/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */

/* resource_list_read(): counts within bounds, every view readable and on one line. */

#include <stdlib.h>

#include "../../lib/cpm/resource_list.h"

static uint8_t text[1 << 19];

static void require(bool holds)
{
	if (!holds)
		abort();
}

static void require_text(struct view v)
{
	require(v.len == 0 || (v.p >= text && v.p + v.len <= text + sizeof(text)));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct resource_list l;
	struct wbuf t = wbuf_of(text, sizeof(text));
	int rc = resource_list_read((struct view){data, size}, &t, &l);

	require(rc == 0 || (rc == -EBADMSG && t.len == 0 && !t.err));
	if (rc)
		return 0;
	require(l.n <= RESOURCE_ENTRIES_MAX);
	for (unsigned i = 0; i < l.n; i++) {
		const struct resource_entry *e = &l.entry[i];

		require_text(e->uri);
		require_text(e->name);
		require_text(e->session_replaces);
		require(e->uri.len && !memchr(e->uri.p, '?', e->uri.len) && !memchr(e->uri.p, '\n', e->uri.len));
		require(e->name.len == 0 || !memchr(e->name.p, '\n', e->name.len));
	}
	return 0;
}
