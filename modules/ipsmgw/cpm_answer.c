/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */

/* What becomes of A's MESSAGE once the spool process has it, as a SIP answer.
 */

#include <errno.h>

#include "core/dprint.h"

#include "cpm_answer.h"
#include "ipsmgw.h"
#include "sip_answer.h"

/* What a client's retry is told: what became of the first. */
static int code_of_repeat(const struct post_message *p)
{
	counter_inc(ipsmgw_counters.cpm_repeated);
	return p->added.state >= MESSAGE_FAILED ? 480 : 202;
}

struct cpm_answer cpm_answer(const struct post_message *p, int rc)
{
	switch(rc) {
		case 0:
			counter_inc(ipsmgw_counters.cpm_received);
			return (struct cpm_answer){202, NULL};
		case -EEXIST:
			return (struct cpm_answer){code_of_repeat(p), NULL};
		case -EBUSY:
			return (struct cpm_answer){
					503, "no number of chat_numbers is free"};
		case -ETIMEDOUT:
		case -ECANCELED:
			return (struct cpm_answer){503,
					"the spool process does not answer in store_timeout_ms"};
		default:
			return (struct cpm_answer){503, "the database failed"};
	}
}

void cpm_answer_send(struct post_message *p, int rc)
{
	struct cpm_answer a = cpm_answer(p, rc);

	if(a.why) {
		counter_inc(ipsmgw_counters.cpm_rejected);
		LM_NOTICE("MESSAGE from %s to %s refused with %d: %s\n", p->m.a,
				p->m.b, a.code, a.why);
	}
	sip_answer_send(p->answer, a.code, a.code == 503 ? CPM_RETRY_AFTER : "");
}
