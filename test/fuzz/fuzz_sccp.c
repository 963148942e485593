/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */

/*
 * Connectionless SCCP: messages one after the other, each behind its length (1), or what is left. Each
 * that is read can be written, but for LUDT and layouts that need more than one octet of pointer, and stays as it
 * is; all go through reassembly, whose messages can be cut into segments again.
 */

#include <stdlib.h>

#include "map/sccp.h"

enum { SLOTS = 2 };

static struct sccp_reassembly_slot slots[SLOTS];

static void check(bool good)
{
	if (!good)
		abort();
}

static bool may_refuse(const struct sccp_message *m)
{
	return m->type == SCCP_LUDT || m->type == SCCP_LUDTS ||
	       (m->segmentation.present && m->data.len > 251 - 48);
}

static void check_codec(const struct sccp_message *m)
{
	uint8_t once[512], twice[512];
	struct wbuf a = wbuf_of(once, sizeof(once)), b = wbuf_of(twice, sizeof(twice));
	struct sccp_message back;
	int err = sccp_encode(&a, m);

	if (err == -EINVAL && may_refuse(m))
		return;
	check(err == 0 && sccp_decode(wbuf_written(&a), &back) == 0 && sccp_encode(&b, &back) == 0);
	check(view_eq(wbuf_written(&a), wbuf_written(&b)) && view_eq(m->data, back.data));
	check(sccp_address_eq(&m->called, &back.called) &&
	      sccp_address_eq(&m->calling, &back.calling));
}

static void check_segments(const struct sccp_message *whole)
{
	static struct sccp_reassembly_slot own_slots[1];
	struct sccp_reassembly own = {.slots = own_slots, .slot_count = 1, .timeout_ms = 1};
	struct sccp_message udt = *whole, m, joined = {0};
	struct sccp_segments s;
	int err = -EAGAIN;

	udt.type = SCCP_UDT;
	if (sccp_segments_init(&s, &udt, SCCP_UDT_SIF, 1))
		return;
	while (sccp_segments_next(&s, &m)) {
		check(err == -EAGAIN);
		check_codec(&m);
		err = sccp_reassemble(&own, 0, &m, &joined);
	}
	check(err == 0 && view_eq(joined.data, whole->data));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct sccp_reassembly ra = {.slots = slots, .slot_count = SLOTS, .timeout_ms = 3};
	struct rbuf r = rbuf_of((struct view){data, size});
	struct sccp_message m, whole, back;

	memset(slots, 0, sizeof(slots));
	for (uint64_t now_ms = 0; rbuf_left(&r); now_ms++) {
		size_t len = rbuf_u8(&r), left = rbuf_left(&r);

		if (sccp_decode(rbuf_view(&r, len && len < left ? len : left), &m))
			continue;
		check_codec(&m);
		if (sccp_return(&m, SCCP_CAUSE_UNQUALIFIED, &back) == 0)
			check_codec(&back);
		if (sccp_reassemble(&ra, now_ms, &m, &whole) == 0)
			check_segments(&whole);
	}
	return 0;
}
