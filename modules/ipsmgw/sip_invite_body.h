/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */
#ifndef IPSMGW_SIP_INVITE_BODY_H
#define IPSMGW_SIP_INVITE_BODY_H

#include "sip_invite.h"

/** Read the body of an INVITE into sdp, first, text, members and (out of the
 * member list) session_replaces, if that is empty. @return NULL, or the refusal
 */
const struct cpm_refusal *sip_invite_body(
		sip_msg_t *msg, struct sip_invite *in);

#endif
