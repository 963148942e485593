/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */
#ifndef IPSMGW_SMS_TO_CPM_H
#define IPSMGW_SMS_TO_CPM_H

#include "core/parser/msg_parser.h"

#include "job.h"

/**
 * Send the short message of the current event_route[ipsmgw:sms-received] to A
 * as a CPM or IM MESSAGE through tm (TS 29.311 6.1.4.3.1). A's final response
 * answers the SMS side.
 *
 * @param uri       Request-URI; empty: A's tel URI, or for a notification where
 * imdn.IMDN-Record-Route of the message says
 * @param next_hop  SIP URI of A's S-CSCF; empty: parameter next_hop, else where
 * A is registered, else the Request-URI is resolved
 * @return IPSMGW_TAKEN when tm has it; IPSMGW_ERR_REFUSED outside the event
 * route or twice; IPSMGW_ERR_INTERNAL
 */
int sms_to_cpm(sip_msg_t *msg, str *uri, str *next_hop);

/** An event route begins: $ipsmgw() shows the job. */
void sms_to_cpm_begin(struct job *j);

/** It ended: if nothing was sent, $ipsmgw(code) is what the SMS side gets (480
 * if the script said nothing). */
void sms_to_cpm_end(struct job *j);

#endif
