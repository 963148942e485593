/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */
#ifndef IPSMGW_UNDERWAY_H
#define IPSMGW_UNDERWAY_H

#include <stdbool.h>
#include <stdint.h>

#include "core/parser/msg_parser.h"

/*
 * MESSAGEs that wait for their commit. A retransmission of one is absorbed, as
 * a transaction would (RFC 3261 17.2.2): refused for overload it would
 * contradict the answer that the first is about to get, and stored it would
 * cost as much as the first.
 */

int underway_init(void); /* before fork */

/** A request as its retransmissions have it: branch (RFC 3261 17.2.3), Call-ID
 * and CSeq, which must have been parsed. @return 0 if it has none, or comes
 * over a transport that loses nothing */
uint64_t underway_key(const sip_msg_t *msg);

/** Is it a retransmission of one that waits, and not for longer than
 * mailbox_call() does, twice store_timeout_ms? Counted, if so. Never for key 0. */
bool underway(uint64_t key);

/** From here to the end it waits, if there is room to note it. @return false if
 * its first has begun meanwhile, in another process (of two at the very same
 * moment both may begin: the store knows the second) */
bool underway_begin(uint64_t key);

/** Its answer has been sent, or is the script's to send. In any process. */
void underway_end(uint64_t key);

#endif
