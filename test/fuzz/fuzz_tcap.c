/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */

/* Octets -> TCAP message -> octets: what was encoded once comes out the same the second time. */

#include <stdlib.h>

#include "map/tcap.h"

static bool has_malformed(const struct tcap_message *m)
{
	return m->component_count && m->components[m->component_count - 1].type == TCAP_MALFORMED;
}

/* An operation or error code that is an OBJECT IDENTIFIER is read but not kept. */
static bool has_global_code(const struct tcap_message *m)
{
	for (size_t i = 0; i < m->component_count; i++) {
		const struct tcap_component *c = &m->components[i];

		if (!c->has_code && c->type != TCAP_REJECT &&
		    (c->type == TCAP_INVOKE || c->type == TCAP_ERROR || c->parameter.len))
			return true;
	}
	return false;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static uint8_t once[8192], twice[8192];
	struct wbuf a = wbuf_of(once, sizeof(once)), b = wbuf_of(twice, sizeof(twice));
	struct tcap_message m, back;
	int err = tcap_decode((struct view){data, size}, &m);

	if (err) {
		if (tcap_p_abort_of(err) > TCAP_P_ABORT_RESOURCE_LIMITATION ||
		    m.otid.len > TCAP_ID_MAX)
			abort();
		return 0;
	}
	if (has_malformed(&m))
		m.components[m.component_count - 1].type = TCAP_REJECT;
	if (has_global_code(&m))
		return tcap_encode(&a, &m) == -EINVAL ? 0 : (abort(), 0);
	if (tcap_encode(&a, &m) || tcap_decode(wbuf_written(&a), &back) || tcap_encode(&b, &back) ||
	    !view_eq(wbuf_written(&a), wbuf_written(&b)))
		abort();
	return 0;
}
