/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */
#ifndef IPSMGW_LINK_SERVER_H
#define IPSMGW_LINK_SERVER_H

#include "../../lib/link/link_frame.h"
#include "link_status.h"

/*
 * The module's end of the link (docs/link-protocol.md), in the spool process:
 * listens, speaks with one connector at a time, never blocks. HELLO, PING and
 * STATE are handled here; the others go to the spool.
 */

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

#endif
