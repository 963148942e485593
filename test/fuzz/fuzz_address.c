/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */

/* Text form of addresses: what is parsed prints as it was, and can be sent in a TPDU unchanged. */

#include <stdlib.h>

#include "../../lib/sms/address.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct view text = {data, size};
	uint8_t octets[TP_ADDRESS_MAX];
	struct wbuf w = wbuf_of(octets, sizeof(octets));
	char printed[SMS_ADDRESS_TEXT_MAX + 1];
	struct sms_address a, back;
	struct rbuf r;

	if (sms_address_parse(&a, text))
		return 0;
	sms_address_print(&a, printed);
	if (!view_eq(view_str(printed), text) || tp_address_encode(&w, &a))
		abort();
	r = rbuf_of(wbuf_written(&w));
	tp_address_decode(&r, &back);
	if (rbuf_end(&r) || strcmp(a.text, back.text) || a.ton != back.ton || a.npi != back.npi)
		abort();
	return 0;
}
