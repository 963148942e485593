/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */
#ifndef IPSMGW_MSRP_IO_H
#define IPSMGW_MSRP_IO_H

#include <stdbool.h>

/* MSRP over the TCP and TLS of Kamailio's core: frames in are posted, frames
 * out are written (chat_job.h). */

/** Our listener as peers shall see it. */
struct msrp_listen {
	char host[64]; /* address, IPv6 without brackets */
	bool ip6;
	unsigned port;
	char fingerprint[256]; /* value of a=fingerprint; "" without certificate */
};

/** Found before fork, so the same in all processes. @return NULL if we do not
 * listen, for tls also if no certificate is known */
const struct msrp_listen *msrp_io_listen(bool tls);

#endif
