/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */
#ifndef IPSMGW_MT_IMDN_H
#define IPSMGW_MT_IMDN_H

#include "core/parser/msg_parser.h"

#include "../../lib/cpm/content.h"
#include "mailbox.h"
#include "mt_table.h"

/* mt_wait_imdn=1 (spec 5.8, 6.8): the answer to the SMS side waits for the
 * notification of A's client. */

/** SIP worker: an IMDN from A goes to the spool process if a message may wait
 * for it; all others are dropped. */
void mt_imdn_received(const struct content *c);

/** Spool process: the message that this imdn.Message-ID names, NULL if none is
 * on its way. */
struct mt *mt_imdn_find(const char *imdn_id);

/** What an outcome means to a message whose client is asked. */
struct mt_imdn_turn {
	bool wait; /* nothing is over yet */
	int code;  /* the client's word as a final response; 0: it has none to say
				*/
};

/** m: NULL if it is not on its way any more. */
struct mt_imdn_turn mt_imdn_turn(
		const struct mt *m, const struct post_sms_outcome *p);

/** After mt_imdn_turn() said wait: remember p. */
void mt_imdn_wait(struct mt *m, const struct post_sms_outcome *p);

/** What the SMS side is told when deliver_timeout_s is over. */
int mt_imdn_timeout_code(const struct mt *m);

#endif
