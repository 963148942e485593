/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */

/* sccp_management_decode(); what it understood reads as the same when it is written again. */

#include <stdlib.h>

#include "../../lib/map/sccp_management.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct sccp_management m, again;
	uint8_t octets[16];
	struct wbuf w = wbuf_of(octets, sizeof(octets));

	if (sccp_management_decode((struct view){data, size}, &m))
		return 0;
	if (sccp_management_encode(&w, &m) || w.len != size || sccp_management_decode(wbuf_written(&w), &again) ||
	    m.type != again.type || m.ssn != again.ssn || m.pc != again.pc || m.multiplicity != again.multiplicity ||
	    m.congestion != again.congestion)
		abort();
	return 0;
}
