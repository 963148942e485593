/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */

/* cpim_decode(); what it understood, written by cpim_encode(), must be understood as the same again. */

#include <stdlib.h>

#include "../../lib/cpm/cpim.h"
#include "../../lib/cpm/instance.h"

static uint8_t written[1 << 18], plain[1 << 17];

static void require(bool holds)
{
	if (!holds)
		abort();
}

static void require_same(const struct cpim *a, const struct cpim *b)
{
	require(view_eq(a->from, b->from) && view_eq(a->to, b->to));
	require(view_eq(a->datetime, b->datetime) && view_eq(a->message_id, b->message_id));
	require(a->imdn_request == b->imdn_request && a->n_imdn_record_route == b->n_imdn_record_route);
	for (unsigned i = 0; i < a->n_imdn_record_route; i++)
		require(view_eq(a->imdn_record_route[i], b->imdn_record_route[i]));
	require(a->n_imdn_route == b->n_imdn_route);
	for (unsigned i = 0; i < a->n_imdn_route; i++)
		require(view_eq(a->imdn_route[i], b->imdn_route[i]));
	require(view_eq(a->imdn_original_to, b->imdn_original_to));
	require(view_eq(a->payload_type, b->payload_type) && view_eq(a->content_type, b->content_type));
	require(view_eq(a->transfer_encoding, b->transfer_encoding));
	require(view_eq(a->content_disposition, b->content_disposition));
	require(view_eq(a->payload, b->payload));
}

/* What need not be there on input must be there on output. */
static void complete(struct view *v)
{
	if (v->len == 0)
		*v = VIEW("x");
}

static void require_uri(struct view name_addr)
{
	struct view uri = cpim_uri(name_addr);

	require(uri.len <= name_addr.len);
	for (size_t i = 0; i < uri.len; i++)
		require(uri.p[i] > ' ' && !strchr("<>\"", uri.p[i]));
}

static void require_instance(struct view name_addr)
{
	uint8_t octets[CPM_INSTANCE_MAX];
	struct wbuf w = wbuf_of(octets, sizeof(octets));
	int rc = cpm_instance(name_addr, &w);

	require((rc == 0 && w.len > 0) || (rc == -ENOENT && w.len == 0));
	for (size_t i = 0; i < w.len; i++)
		require(octets[i] > ' ' && octets[i] <= '~' && !strchr("<>\"\\", octets[i]));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct wbuf w = wbuf_of(written, sizeof(written)), decoded = wbuf_of(plain, sizeof(plain));
	struct cpim c, again;
	int rc = cpim_decode((struct view){data, size}, &c);

	if (rc) {
		require(rc == -EBADMSG);
		return 0;
	}
	require_uri(c.from);
	require_uri(c.to);
	require_instance(c.from);
	rc = transfer_decode(c.transfer_encoding, c.payload, &decoded);
	require((rc == 0 && decoded.len <= c.payload.len) || rc == -EBADMSG || rc == -ENOTSUP);
	complete(&c.from);
	complete(&c.to);
	complete(&c.datetime);
	complete(&c.message_id);
	rc = cpim_encode(&w, &c);
	require(rc == 0 || rc == -EINVAL); /* control characters in a header */
	if (rc == 0) {
		require(cpim_decode(wbuf_written(&w), &again) == 0);
		require_same(&c, &again);
	}
	return 0;
}
