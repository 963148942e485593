/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */
#ifndef IPSMGW_CPM_TO_SMS_H
#define IPSMGW_CPM_TO_SMS_H

#include "core/parser/msg_parser.h"

/**
 * Take a MESSAGE for an SMS user (TS 29.311 6.1.6). What to answer is in
 * $ipsmgw(code) and $ipsmgw(reason); headers for the answer are added to the
 * request's reply.
 *
 * @param smsc  SMSC to use; empty or NULL leaves the choice to the connector's
 * routes
 * @return enum ipsmgw_rc: IPSMGW_TAKEN once it is on disk (or absorbed), else
 * nothing was kept
 */
int cpm_to_sms(sip_msg_t *msg, str *smsc);

#endif
