/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */

/* The transport of requests of ours: tm does not look at udp_mtu for them. */

#include "ipsmgw.h"
#include "sip_hop.h"

/* Start line, Via, From, To, Call-ID, CSeq and what else tm writes. */
enum { REQUEST_OVERHEAD = 450 };

struct view sip_hop(struct view hop, size_t octets, char text[SIP_HOP_MAX])
{
	struct wbuf w = wbuf_of(text, SIP_HOP_MAX);
	const uint8_t *end = hop.len ? memchr(hop.p, '>', hop.len) : NULL;
	size_t uri = end ? (size_t)(end - hop.p) : hop.len;

	if(!hop.len || ipsmgw_cfg.udp_max_octets == 0
			|| octets + REQUEST_OVERHEAD <= (size_t)ipsmgw_cfg.udp_max_octets
			|| memmem(hop.p, uri, ";transport=", 11))
		return hop;
	wbuf_put(&w, hop.p, uri);
	wbuf_str(&w, ";transport=tcp");
	wbuf_put(&w, hop.p + uri, hop.len - uri);
	return w.err ? hop : wbuf_written(&w);
}
