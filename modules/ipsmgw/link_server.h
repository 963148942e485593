/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */
#ifndef IPSMGW_LINK_SERVER_H
#define IPSMGW_LINK_SERVER_H

#include "core/locking.h"

#include "../../lib/link/link_frame.h"

/*
 * The module's end of the link (docs/link-protocol.md), in the spool process:
 * listens, speaks with one connector at a time, never blocks. HELLO, PING and
 * STATE are handled here; the others go to the spool.
 */

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

/** @param store  database uuid for our HELLO. @return 0, -1 */
int link_open(
		int epoll_fd, const char *path, const char *node, const char *store);

bool link_owns(int fd);

/** Something happened on fd (listener or connection). */
void link_event(int fd, uint32_t events);

/**
 * Next frame for the spool out of what has arrived; views live until
 * link_read_done().
 * @return 1, 0 when there is none
 */
int link_next(struct link_frame *f, int64_t now_ms);
void link_read_done(void);

/** Queue a frame. @return 0, -ENOTCONN, -ENOSPC */
int link_tx(const struct link_frame *f);

/** Write what is queued, as far as the socket takes it. */
void link_flush(void);

/** PING, dead peer, a socket that was removed. Call about once a second. */
void link_tick(void);

void link_close(int64_t now_ms, const char *why);

/** Counts connections; 0 is none. An answer may go out only on the connection
 * its question came in on. */
uint64_t link_generation(void);

/** How many more DATA the connector takes while `unanswered` are out; 0 while
 * no SMSC is up. */
unsigned link_credit(unsigned unanswered);

/** An SMSC that is up has said so once more since the last call: it has room
 * again. */
bool link_room_told(void);

/** An SMSC came up or went down since the last call: its name, or NULL. Its
 * name lives until the next call. */
const char *link_changed_smsc(bool *up);

#endif
