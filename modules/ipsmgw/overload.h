/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */
#ifndef IPSMGW_OVERLOAD_H
#define IPSMGW_OVERLOAD_H

#include "core/parser/msg_parser.h"

/*
 * Load shedding: what cannot be taken in time, or has no place, is refused at
 * once, before anything is done for it.
 */

int overload_init(void); /* before fork */

/** Is a new MESSAGE of A to be refused? Counted, and told in the log now and
 * then. @return why, NULL if there is room for it */
const char *overload(const sip_msg_t *msg);

/** The same, but asks only whether the database has room for what waits for
 * the SMS side. */
const char *overload_queued(void);

#endif
