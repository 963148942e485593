/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */

/* RFC 3339 text and TP-SCTS: what is read is the same instant when it is written and read again. */

#include <stdlib.h>

#include "../../lib/sms/timestamp.h"

static bool same(const struct sms_time *a, const struct sms_time *b)
{
	return a->utc_s == b->utc_s && a->zone_minutes == b->zone_minutes;
}

static void check_scts(const struct sms_time *t)
{
	uint8_t octets[SCTS_OCTETS];
	struct wbuf w = wbuf_of(octets, sizeof(octets));
	struct rbuf r = rbuf_of((struct view){octets, sizeof(octets)});
	struct sms_time back;

	if (scts_encode(&w, t))
		return;
	scts_decode(&r, &back);
	if (rbuf_end(&r) || !same(t, &back))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct rbuf r = rbuf_of((struct view){data, size});
	char text[RFC3339_MAX];
	struct sms_time t, back;

	if (sms_time_from_rfc3339((struct view){data, size}, &t) == 0) {
		check_scts(&t);
		if (sms_time_to_rfc3339(&t, text) == 0 &&
		    (sms_time_from_rfc3339(view_str(text), &back) || !same(&t, &back)))
			abort();
	}
	scts_decode(&r, &t);
	if (!r.err)
		check_scts(&t);
	return 0;
}
