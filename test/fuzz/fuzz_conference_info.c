/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */

/* conference_info_read(): counts within bounds, every view readable, states that go together. */

#include <stdlib.h>

#include "../../lib/cpm/conference_info.h"

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
	static struct conference_info c;
	struct wbuf t = wbuf_of(text, sizeof(text));
	int rc = conference_info_read((struct view){data, size}, &t, &c);

	require(rc == 0 || (rc == -EBADMSG && t.len == 0 && !t.err));
	if (rc)
		return 0;
	require(c.n <= CONFERENCE_USERS_MAX && c.version >= -1);
	require(c.has_users || (!c.users_whole && c.n == 0));
	for (unsigned i = 0; i < c.n; i++) {
		const struct conference_user *u = &c.user[i];

		require_text(u->entity);
		require_text(u->name);
		require(u->entity.len > 0 && u->state <= CONFERENCE_DELETED);
		require(u->presence == CONFERENCE_ABSENT || u->state != CONFERENCE_DELETED);
	}
	return 0;
}
