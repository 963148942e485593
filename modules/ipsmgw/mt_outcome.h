/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */
#ifndef IPSMGW_MT_OUTCOME_H
#define IPSMGW_MT_OUTCOME_H

#include "job.h"
#include "tm_api.h"

/** What tm is to give back with the answer: message (below 0: a notification)
 * and attempt. */
void *mt_outcome_token(const struct job *j);

/** tm's callback: the final response, 408 if none came. May run in any process.
 */
void mt_outcome_of_tm(struct cell *t, int type, struct tmcb_params *ps);

/** The script did not send it. */
void mt_outcome_of_script(const struct job *j, int code);

#endif
