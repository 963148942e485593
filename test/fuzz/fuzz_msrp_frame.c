/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */

/*
 * msrp_frame_decode(); what it understood, written by msrp_frame_encode(), must be understood as the same again. What
 * it refused may be good enough to be answered. Both answers must be frames themselves.
 */

#include <stdlib.h>

#include "../../lib/msrp/msrp_frame.h"
#include "../../lib/msrp/msrp_uri.h"

static uint8_t written[1 << 18];

static void require(bool holds)
{
	if (!holds)
		abort();
}

static void require_same(const struct msrp_frame *a, const struct msrp_frame *b)
{
	require(a->method == b->method && a->code == b->code && a->flag == b->flag);
	require(view_eq(a->comment, b->comment) && view_eq(a->method_name, b->method_name));
	require(view_eq(a->transaction, b->transaction) && view_eq(a->message_id, b->message_id));
	require(view_eq(a->to_path, b->to_path) && view_eq(a->from_path, b->from_path));
	require(a->has_range == b->has_range && a->range_first == b->range_first);
	require(a->range_last == b->range_last && a->range_total == b->range_total);
	require(a->success_report == b->success_report && a->failure_report == b->failure_report);
	require(a->status == b->status && view_eq(a->content_type, b->content_type));
	require(a->has_body == b->has_body && view_eq(a->body, b->body));
}

static void try_paths(const struct msrp_frame *f)
{
	struct msrp_uri to, from;

	if (msrp_path_first(f->to_path, &to) || msrp_path_last(f->from_path, &from))
		return;
	require(to.port <= 65535 && to.host.len && to.session.len <= MSRP_SESSION_MAX);
	require(msrp_uri_equal(&to, &to, false));
	require(msrp_uri_equal(&to, &to, true) == (to.session.len > 0));
	require(msrp_uri_equal(&to, &from, false) == msrp_uri_equal(&from, &to, false));
}

static void require_answer(const struct msrp_frame *request, unsigned code)
{
	struct wbuf w = wbuf_of(written, sizeof(written));
	struct msrp_frame f;

	if (request->method == MSRP_RESPONSE) {
		require(!msrp_response_wanted(request, code));
		require(msrp_response_encode(&w, request, code) == -EINVAL);
		return;
	}
	require(msrp_response_encode(&w, request, code) == 0);
	require(msrp_frame_decode(wbuf_written(&w), &f) == 0);
	require(f.method == MSRP_RESPONSE && f.code == code && !f.has_body);
	require(view_eq(f.transaction, request->transaction));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct wbuf w = wbuf_of(written, sizeof(written));
	struct view in = {data, size};
	struct msrp_frame f, head, again;
	int rc = msrp_frame_decode(in, &f), head_rc = msrp_frame_decode_head(in, &head);

	require(rc == 0 || rc == -EBADMSG);
	require(head_rc == 0 || head_rc == -EBADMSG);
	if (head_rc == 0) {
		require_answer(&head, 400);
		try_paths(&head);
	}
	if (rc)
		return 0;
	require(head_rc == 0 || f.method == MSRP_RESPONSE);
	require_answer(&f, 200);
	require(msrp_frame_encode(&w, &f) == 0);
	require(msrp_frame_decode(wbuf_written(&w), &again) == 0);
	require_same(&f, &again);
	return 0;
}
