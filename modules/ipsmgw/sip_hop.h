/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */
#ifndef IPSMGW_SIP_HOP_H
#define IPSMGW_SIP_HOP_H

#include "../../lib/util/buf.h"

enum { SIP_HOP_MAX = 2048 };

/**
 * Where a request of ours goes that has octets of headers and body of its own:
 * RFC 3261 18.1.1, what does not fit an unfragmented packet goes over TCP. A
 * hop that names its transport keeps it.
 *
 * @param hop  a URI, or the value of a Route header
 * @return hop, or a copy in text with the transport added to its first URI
 */
struct view sip_hop(struct view hop, size_t octets, char text[SIP_HOP_MAX]);

#endif
