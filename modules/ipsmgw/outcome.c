/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */

/* What became of a message: the line in the log, the script's event, and the
 * chat session that it was written in. */

#include "core/dprint.h"

#include "ipsmgw.h"
#include "job.h"
#include "spool_chat.h"
#include "spool_int.h"

static const char *keep(struct outcome *to, int i, const char *text)
{
	text_copy(to->text[i], OUTCOME_TEXT_MAX, view_str(text));
	return to->text[i];
}

void outcome_copy(struct outcome *to, const struct store_outcome *from)
{
	to->there = true;
	to->o = *from;
	to->o.a = keep(to, 0, from->a);
	to->o.b = keep(to, 1, from->b);
	to->o.service = keep(to, 2, from->service);
	to->o.conversation_id = keep(to, 3, from->conversation_id);
	to->o.contribution_id = keep(to, 4, from->contribution_id);
	to->o.imdn_id = keep(to, 5, from->imdn_id);
	to->o.smsc = keep(to, 6, from->smsc);
	to->o.smsc_id = keep(to, 7, from->smsc_id);
}

static void tell_script(const struct store_outcome *o)
{
	struct view text[JOB_TEXTS] = {
			[JOB_A] = view_str(o->a),
			[JOB_B] = view_str(o->b),
			[JOB_SERVICE] = view_str(o->service),
			[JOB_CONVERSATION] = view_str(o->conversation_id),
			[JOB_CONTRIBUTION] = view_str(o->contribution_id),
			[JOB_IMDN_ID] = view_str(o->imdn_id),
			[JOB_SMSC] = view_str(o->smsc),
	};
	struct job *j;

	if(!job_has_route(JOB_SMS_FAILED))
		return;
	j = job_new(JOB_SMS_FAILED, text);
	if(!j)
		return;
	j->message_id = o->message_id;
	j->segments = o->n_segments;
	j->cause = o->cause;
	job_push(j);
}

void outcome_log(const struct outcome *outcome, int64_t now_ms)
{
	const struct store_outcome *o = &outcome->o;
	bool failed = o->state == MESSAGE_FAILED || o->state == MESSAGE_EXPIRED;

	if(!outcome->there || !o->final)
		return;
	chat_outcome(outcome);
	LM_INFO("sm ref=%lld conv=%s from=%s to=%s segs=%u smsc=%s smsc_id=%s "
			"delay=%llds result=%s cause=%u\n",
			(long long)o->message_id, o->conversation_id, o->a, o->b,
			o->n_segments, o->smsc, o->smsc_id,
			(long long)(now_ms - o->created_ms) / 1000,
			message_state_name(o->state), o->cause);
	if(failed)
		tell_script(o);
}
