/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */

/* reginfo_read(): counts within bounds, every view readable. */

#include <stdlib.h>

#include "../../lib/cpm/reginfo.h"

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
	struct wbuf t = wbuf_of(text, sizeof(text));
	struct reginfo r;
	int rc = reginfo_read((struct view){data, size}, &t, &r);

	require(rc == 0 || (rc == -EBADMSG && t.len == 0 && !t.err));
	if (rc)
		return 0;
	require(r.n_registrations <= REGINFO_REGISTRATIONS_MAX &&
		r.n_contacts <= REGINFO_CONTACTS_MAX);
	require(r.version >= -1);
	for (unsigned i = 0; i < r.n_contacts; i++) {
		require(r.contact[i].registration < r.n_registrations);
		require(!r.contact[i].active || r.registration[r.contact[i].registration].active);
		require(r.contact[i].contact.uri.len && r.contact[i].contact.expires_s >= -1);
		require_text(r.contact[i].contact.uri);
		require_text(r.contact[i].contact.instance);
	}
	return 0;
}
