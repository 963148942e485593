/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */
#ifndef IPSMGW_CPM_ANSWER_H
#define IPSMGW_CPM_ANSWER_H

#include "mailbox.h"

#define CPM_RETRY_AFTER "Retry-After: 10\r\n"

struct cpm_answer {
	int code;
	const char *why; /* of a refusal, else NULL */
};

/** What A is told when the spool process is done with a message, by the rc of
 * its post. Counts it, but for refusals. */
struct cpm_answer cpm_answer(const struct post_message *p, int rc);

/** answer=direct, spool process: tell it. Takes p->answer. */
void cpm_answer_send(struct post_message *p, int rc);

#endif
