/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */
#ifndef IPSMGW_CPM_INVITE_NOTIFY_H
#define IPSMGW_CPM_INVITE_NOTIFY_H

#include "core/parser/msg_parser.h"

/**
 * Take the initial INVITE that is being processed, for a chat session or a
 * large message: read and judge it, hold its transaction and hand it to the
 * spool process, which answers.
 *
 * @param smsc  the SMSC to use, NULL or empty for the connector's choice
 * @return IPSMGW_TAKEN, $ipsmgw(code) is 0; or a negative enum ipsmgw_rc,
 *   nothing is held and $ipsmgw(code) says what to answer
 */
int cpm_invite_notify(sip_msg_t *msg, str *smsc);

/**
 * Take a request that belongs to such a session: CANCEL, ACK, BYE, re-INVITE,
 * UPDATE, PRACK, NOTIFY.
 *
 * @return IPSMGW_TAKEN: it did; $ipsmgw(code) is 0 if there is nothing to
 *   answer now, else the answer. IPSMGW_ERR_CONTENT: it did not; $ipsmgw(code)
 *   is 481
 */
int cpm_session(sip_msg_t *msg);

#endif
