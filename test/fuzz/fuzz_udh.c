/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */

/* The input is TP-UD. A concatenation that was found survives encoding and decoding. */

#include <stdlib.h>

#include "sms/udh.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct udh udh, back;
	uint8_t out[UDH_CONCAT16_OCTETS];
	struct wbuf w = wbuf_of(out, sizeof(out));
	struct udh_concat *c = &udh.concat;

	if (udh_decode((struct view){data, size}, &udh))
		return 0;
	if (udh.octets > size || udh.octets != data[0] + 1u)
		abort();
	if (c->ref_bits == 0)
		return 0;
	if (c->part == 0 || c->part > c->total || udh_concat_encode(&w, c))
		abort();
	if (udh_decode(wbuf_written(&w), &back) || back.octets != w.len ||
	    back.concat.ref_bits != c->ref_bits || back.concat.ref != c->ref ||
	    back.concat.total != c->total || back.concat.part != c->part)
		abort();
	return 0;
}
