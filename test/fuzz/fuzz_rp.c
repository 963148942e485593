/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */

/*
 * RP messages: what is decoded can be encoded, except for a type of number that RP does not know,
 * and stays as it is.
 */

#include <stdlib.h>

#include "../../lib/sms/rp.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t once[RP_MESSAGE_MAX], twice[RP_MESSAGE_MAX];
	struct wbuf a = wbuf_of(once, sizeof(once)), b = wbuf_of(twice, sizeof(twice));
	struct rp_message m, again;
	int err;

	if (rp_decode((struct view){data, size}, &m))
		return 0;
	if (!rp_cause_name(m.rp_cause))
		abort();
	err = rp_encode(&a, &m);
	if (err == -EINVAL &&
	    (m.rp_oa.ton == SMS_TON_ALPHANUMERIC || m.rp_da.ton == SMS_TON_ALPHANUMERIC))
		return 0;
	if (err || rp_decode(wbuf_written(&a), &again) || rp_encode(&b, &again))
		abort();
	if (!view_eq(wbuf_written(&a), wbuf_written(&b)) || !view_eq(m.rp_ud, again.rp_ud))
		abort();
	return 0;
}
