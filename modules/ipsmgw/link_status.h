/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */
#ifndef IPSMGW_LINK_STATUS_H
#define IPSMGW_LINK_STATUS_H

#include "core/locking.h"

#include "../../lib/link/link_frame.h"

enum { LINK_SMSC_MAX = 128, LINK_NAME_MAX = 32, LINK_REASON_MAX = 64 };

/** What RPC processes see, in shared memory. */
struct link_smsc {
	char name[LINK_NAME_MAX], reason[LINK_REASON_MAX];
	bool up;
	uint32_t window;
	int64_t changed_ms;
};

struct link_status {
	gen_lock_t lock;
	bool connected;
	char node[LINK_NAME_MAX];
	int64_t changed_ms;
	unsigned n_smsc;
	struct link_smsc smsc[LINK_SMSC_MAX];
};

extern struct link_status *link_status;

int link_status_init(void); /* before fork */

/** The connection came (node is the connector's) or went, and with it all
 * SMSCs. */
void link_status_connection(bool connected, struct view node, int64_t now_ms);

/** A STATE frame. */
void link_status_smsc(const struct link_frame *f, int64_t now_ms);

/** An SMSC that is up has said so once more since the last call: it has room
 * again. */
bool link_room_told(void);

/** An SMSC came up or went down since the last call: its name, or NULL. Its
 * name lives until the next call. */
const char *link_changed_smsc(bool *up);

#endif
