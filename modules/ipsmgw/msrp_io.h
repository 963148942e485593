/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */
#ifndef IPSMGW_MSRP_IO_H
#define IPSMGW_MSRP_IO_H

#include "../../lib/util/buf.h"

/*
 * MSRP over the TCP and TLS of Kamailio's core: what the readers hear becomes
 * posts, what the spool process writes goes out (chat_job_msrp()). Where A
 * finds us.
 */

struct msrp_listen {
	const char *host; /* address or name, IPv6 without brackets */
	unsigned port;
	bool ip6;
	const char *fingerprint; /* TLS: value of a=fingerprint */
};

/** Before fork: find the addresses, take the core's events. MSRP that is not
 * possible is said in one line of the log. @return 0, -1 (a parameter is wrong)
 */
int msrp_io_init(void);

/** Ours for msrp: or msrps:, NULL if there is none. */
const struct msrp_listen *msrp_io_listen(bool tls);

/** Can it be connected to? Names are not looked up. */
bool msrp_io_is_address(struct view host);

/** Octets of the largest frame that the core can read (tcp_rd_buf_size). */
unsigned msrp_io_frame_max(void);

#endif
