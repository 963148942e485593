/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */

/* msrp_sdp_decode(); what it understood, written by msrp_sdp_encode(), must be understood as the same again. */

#include <stdlib.h>

#include "../../lib/msrp/msrp_sdp.h"
#include "../../lib/msrp/msrp_uri.h"

static uint8_t written[1 << 17];

static void require(bool holds)
{
	if (!holds)
		abort();
}

static void require_same(const struct msrp_sdp *a, const struct msrp_sdp *b)
{
	require(a->tls == b->tls && a->ip6 == b->ip6 && view_eq(a->address, b->address));
	require(a->port == b->port && a->setup == b->setup && a->direction == b->direction);
	require(view_eq(a->path, b->path) && view_eq(a->fingerprint, b->fingerprint));
	require(view_eq(a->accept_types, b->accept_types));
	require(view_eq(a->accept_wrapped_types, b->accept_wrapped_types));
	require(a->max_size == b->max_size && a->cema == b->cema);
}

static void try_lists(const struct msrp_sdp *s)
{
	bool cpim = msrp_sdp_accepts(s->accept_types, VIEW("message/cpim"));
	struct msrp_uri u;

	require(cpim == msrp_sdp_accepts(s->accept_types, VIEW("Message/CPIM;x=y")));
	require(!msrp_sdp_accepts(s->accept_types, VIEW("")));
	msrp_sdp_accepts(s->accept_types, s->accept_wrapped_types);
	msrp_path_first(s->path, &u);
	msrp_path_last(s->path, &u);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct wbuf w = wbuf_of(written, sizeof(written));
	struct msrp_sdp s, again;
	int rc = msrp_sdp_decode((struct view){data, size}, &s);

	if (rc) {
		require(rc == -EBADMSG || rc == -ENOENT);
		return 0;
	}
	require(s.port <= 65535);
	try_lists(&s);
	rc = msrp_sdp_encode(&w, &s, 1, UINT64_MAX);
	require(rc == (s.address.len ? 0 : -EINVAL));
	if (rc == 0) {
		require(msrp_sdp_decode(wbuf_written(&w), &again) == 0);
		require_same(&s, &again);
	}
	return 0;
}
