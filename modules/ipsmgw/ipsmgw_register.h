/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */
#ifndef IPSMGW_REGISTER_H
#define IPSMGW_REGISTER_H

#include "core/parser/msg_parser.h"

/**
 * Learn what A's clients can do from the request that is being processed: a
 * third-party REGISTER of the S-CSCF (TS 24.229 5.4.1.7) or a reg-event NOTIFY
 * (RFC 3680). What to answer is in $ipsmgw(code).
 *
 * @return IPSMGW_TAKEN when it is on disk; IPSMGW_ERR_CONTENT neither of the
 * two, or malformed; IPSMGW_ERR_ADDRESS no telephone number of A in it;
 * IPSMGW_ERR_INTERNAL
 */
int ipsmgw_register(sip_msg_t *msg);

#endif
