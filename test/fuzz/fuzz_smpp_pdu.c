/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */

/* Octets -> SMPP PDU -> octets: what was encoded once comes out the same the second time. */

#include <stdlib.h>

#include "smpp/smpp_pdu.h"

static uint8_t first[SMPP_PDU_MAX], second[SMPP_PDU_MAX];

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct view in = {data, size};
	struct smpp_pdu pdu, back;
	struct wbuf a = wbuf_of(first, sizeof(first)), b = wbuf_of(second, sizeof(second));
	size_t len = 0;

	if (smpp_frame(in, &len) == 0) {
		if (len < SMPP_HEADER_OCTETS || len > size)
			abort();
		in.len = len;
	}
	if (smpp_pdu_decode(in, &pdu) || smpp_pdu_encode(&a, &pdu))
		return 0;
	if (smpp_frame(wbuf_written(&a), &len) || len != a.len ||
	    smpp_pdu_decode(wbuf_written(&a), &back) || smpp_pdu_encode(&b, &back) ||
	    !view_eq(wbuf_written(&a), wbuf_written(&b)))
		abort();
	return 0;
}
