/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */

/*
 * MSRP connections of strangers, in the spool process: one that others made and
 * that no session is bound to (RFC 4975 5.4) is closed msrp_unbound_s after its
 * first frame, whatever else comes on it.
 */

#include <stdlib.h>

#include "core/dprint.h"

#include "chat_job.h"
#include "chat_media.h"
#include "ipsmgw.h"
#include "msrp_con.h"

/* In order of arrival, which is that of the deadlines. */
static struct unbound {
	struct unbound *next;
	int con_id;
	int64_t deadline_ms;
} * first, **end = &first;

void unbound_add(int con_id)
{
	struct unbound *u;

	if(!ipsmgw_cfg.msrp_unbound_s)
		return;
	u = malloc(sizeof(*u));
	if(!u) {
		LM_ERR("no memory to watch connection %d\n", con_id);
		return; /* it ends when the core's tcp_connection_lifetime is over */
	}
	*u = (struct unbound){NULL, con_id,
			ipsmgw_mono_ms() + ipsmgw_cfg.msrp_unbound_s * 1000LL};
	*end = u;
	end = &u->next;
}

void unbound_tick(int64_t mono_ms)
{
	while(first && first->deadline_ms <= mono_ms) {
		struct unbound *u = first;

		first = u->next;
		if(!first)
			end = &first;
		if(msrp_con_is_unbound(u->con_id)) {
			LM_NOTICE("connection %d is closed: MSRP, and no session in %d s\n",
					u->con_id, ipsmgw_cfg.msrp_unbound_s);
			chat_job_msrp_close(u->con_id, true);
		}
		free(u);
	}
}
