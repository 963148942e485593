/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */
#ifndef IPSMGW_SIP_HOLD_H
#define IPSMGW_SIP_HOLD_H

#include "core/parser/msg_parser.h"

#include "chat_post.h"
#include "tm_api.h"

/* Transactions that wait for the spool process's answer (chat_job_reply()). */

/**
 * Make and suspend a transaction for msg. Provisional answers and lumps added
 * before are tm's. wait_ms: when tm answers 408 by itself, 0 for its fr_timer.
 * @return 1, 0 (a retransmission, absorbed), -1
 */
int sip_hold(sip_msg_t *msg, int wait_ms, struct chat_transaction *t);

/**
 * The same for an initial INVITE, which the spool process gets then.
 * @return as sip_hold(); p is gone
 */
int sip_hold_invite(sip_msg_t *msg, int wait_ms, struct post_sip *p);

/**
 * The initial INVITE that a CANCEL is for, if the spool process has it or will
 * have it; notes that it is cancelled.
 * @return true, t is set
 */
bool sip_hold_cancelled(sip_msg_t *cancel, struct chat_transaction *t);

/** The final answer follows: the transaction is no longer suspended. That to an
 * INVITE is repeated until its ACK, at most 64*T1. */
void sip_hold_end(struct cell *t);

/** The ACK of the final answer is there. */
void sip_hold_acked(struct cell *t);

#endif
