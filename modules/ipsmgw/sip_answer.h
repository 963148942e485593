/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */
#ifndef IPSMGW_SIP_ANSWER_H
#define IPSMGW_SIP_ANSWER_H

#include "core/parser/msg_parser.h"

/** A stateless answer in shared memory: built while the request is at hand,
 * sent by the spool process. */
struct sip_answer;

int sip_answer_init(void); /* mod_init; needs module sl */

/** @return NULL if it cannot be built */
struct sip_answer *sip_answer_new(sip_msg_t *msg, int code);

/** Send it, with another code and header lines (each with CRLF) if code is not
 * the one it was built with. Takes a. Spool process only. */
void sip_answer_send(struct sip_answer *a, int code, const char *headers);

#endif
