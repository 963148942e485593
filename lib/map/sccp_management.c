/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */

/*
 * type | affected SSN | affected point code, low octet | high 6 bits | multiplicity | congestion (SSC only)
 */

#include "map/sccp_management.h"

enum { PC_HIGH = 0x3f, MULTIPLICITY = 0x03, CONGESTION = 0x0f, PC_MAX = 0x3fff };

static bool is_known(uint8_t type)
{
	return type >= SCCP_SUBSYSTEM_ALLOWED && type <= SCCP_SUBSYSTEM_CONGESTED;
}

int sccp_management_decode(struct view in, struct sccp_management *out)
{
	struct rbuf r = rbuf_of(in);
	uint8_t low;

	*out = (struct sccp_management){0};
	out->type = rbuf_u8(&r);
	if (!r.err && !is_known(out->type))
		return -ENOTSUP;
	out->ssn = rbuf_u8(&r);
	low = rbuf_u8(&r);
	out->pc = (uint16_t)((rbuf_u8(&r) & PC_HIGH) << 8 | low);
	out->multiplicity = rbuf_u8(&r) & MULTIPLICITY;
	if (out->type == SCCP_SUBSYSTEM_CONGESTED)
		out->congestion = rbuf_u8(&r) & CONGESTION;
	return rbuf_end(&r);
}

int sccp_management_encode(struct wbuf *w, const struct sccp_management *m)
{
	size_t begin = w->len;

	if (!is_known(m->type) || m->pc > PC_MAX || m->multiplicity > MULTIPLICITY ||
	    m->congestion > CONGESTION)
		return -EINVAL;
	wbuf_u8(w, m->type);
	wbuf_u8(w, m->ssn);
	wbuf_u8(w, (uint8_t)m->pc);
	wbuf_u8(w, (uint8_t)(m->pc >> 8));
	wbuf_u8(w, m->multiplicity);
	if (m->type == SCCP_SUBSYSTEM_CONGESTED)
		wbuf_u8(w, m->congestion);
	if (w->err) {
		w->len = begin;
		return -ENOSPC;
	}
	return 0;
}
