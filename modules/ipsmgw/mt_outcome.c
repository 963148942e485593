/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */

/*
 * The outcome of one attempt to give A a message, from where it is learned to
 * the spool process: A's final response out of tm, or the script's own code.
 */

#include "core/dprint.h"
#include "core/mem/shm_mem.h"

#include "ipsmgw.h"
#include "mailbox.h"
#include "mt_outcome.h"
#include "sip_cpm.h"

enum { ATTEMPT_BITS = 16 };

void *mt_outcome_token(const struct job *j)
{
	return (void *)(intptr_t)(j->message_id * (1 << ATTEMPT_BITS)
							  + j->attempt);
}

static void post_outcome(const struct post_sms_outcome *outcome)
{
	struct post_sms_outcome *p = shm_malloc(sizeof(*p));

	if(!p) {
		SHM_MEM_ERROR;
		return; /* deliver_timeout_s speaks for it */
	}
	*p = *outcome;
	p->post.type = POST_SMS_OUTCOME;
	mailbox_send(&p->post);
}

/* RFC 3261 20.33: seconds, perhaps a comment and parameters. -1 if absent. Of
 * several hosts tried (DNS) tm may show the answer of an earlier one: that is
 * shared memory, where no header must be hung in. */
static int retry_after_s(sip_msg_t *reply)
{
	struct view v;
	int s = 0;
	size_t i;

	if(!reply || reply == FAKED_REPLY || reply->msg_flags & FL_SHM_CLONE
			|| parse_headers(reply, HDR_EOH_F, 0) < 0)
		return -1;
	v = sip_header(reply, "Retry-After", NULL);
	for(i = 0; i < v.len && v.p[i] >= '0' && v.p[i] <= '9' && s < 1 << 20; i++)
		s = s * 10 + (v.p[i] - '0');
	return i ? s : -1;
}

void mt_outcome_of_tm(struct cell *t, int type, struct tmcb_params *ps)
{
	int64_t token = (intptr_t)*ps->param;

	(void)t;
	(void)type;
	post_outcome(&(struct post_sms_outcome){
			.message_id = token >> ATTEMPT_BITS,
			.attempt = token & ((1 << ATTEMPT_BITS) - 1),
			.sip_code = ps->code,
			.retry_after_s = retry_after_s(ps->rpl),
			.imdn_asked = ipsmgw_cfg.mt_wait_imdn && token > 0,
	});
}

void mt_outcome_of_script(const struct job *j, int code)
{
	post_outcome(&(struct post_sms_outcome){
			.message_id = j->message_id,
			.attempt = j->attempt,
			.sip_code = code,
			.retry_after_s = -1,
			.by_script = true,
	});
}
