/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */
#ifndef IPSMGW_MT_HEARD_H
#define IPSMGW_MT_HEARD_H

#include "mt_table.h"

/*
 * Short messages that were acknowledged lately, private to the spool process:
 * did the SMSC hear it? What comes once more then is a repetition or not.
 */

/** A has m: its DATA are acknowledged now. */
void mt_heard_add(const struct mt *m);

/** Was message_id acknowledged over this session so soon that the SMSC cannot
 * repeat it there? */
bool mt_heard(int64_t message_id, uint64_t generation, uint32_t session);

/** @return the message that this DATA brought, 0 if it is not known any more */
int64_t mt_heard_message(uint64_t generation, uint64_t ref);

#endif
