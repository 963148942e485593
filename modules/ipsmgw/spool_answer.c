/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */

/*
 * CPM -> SMS in the spool process: what the connector answers to a segment
 * becomes its state in the store, with the notifications that A asked for in
 * the same transaction.
 */

#include "inflight.h"
#include "ipsmgw.h"
#include "link_server.h"
#include "rp_sip.h"
#include "spool_int.h"

/* Each attempt of a segment that may have arrived before counts, unless the
 * SMSC has surely not taken it: what follows may be one more. */
bool answer_settled(int64_t segment_id, uint8_t flags, bool surely_not)
{
	bool resubmit = false;
	bool known = inflight_remove(segment_id, &resubmit);

	if(resubmit && !surely_not && !(flags & LINK_FLAG_REPEATED))
		counter_inc(ipsmgw_counters.sms_resubmitted);
	return known;
}

/* ---- EV_ACCEPTED ---- */

/* And the recipient has it, too: no report will follow. */
static int delivered(struct event *e)
{
	struct store_outcome o;
	int rc = store_segment_delivered(
			spool_store, e->accepted.segment_id, e->now_ms, &o);

	if(rc)
		return rc;
	outcome_copy(&e->outcome, &o);
	return notify_outcome(e, IMDN_STATUS_DELIVERED);
}

static int accepted_apply(struct event *e)
{
	const struct acceptance *a = &e->accepted;
	struct store_outcome o;
	int rc;

	e->result = store_segment_accepted(
			spool_store, a->segment_id, a->smsc, a->smsc_id, e->now_ms, &o);
	if(e->result == -ENOENT)
		return 0;
	if(e->result)
		return e->result;
	outcome_copy(&e->outcome, &o);
	rc = notify_accepted(e);
	if(rc == 0 && a->flags & LINK_FLAG_DELIVERED)
		rc = delivered(e);
	return rc;
}

static void accepted_after(struct event *e)
{
	acceptance_done();
	report_hurry(view_str(e->accepted.smsc_id));
	if(e->result)
		return;
	counter_inc(ipsmgw_counters.sms_accepted);
	if(e->outcome.o.state >= MESSAGE_ACCEPTED)
		held_answer(e->outcome.o.message_id, 202);
	outcome_log(&e->outcome, e->now_ms);
}

static void accepted_failed(struct event *e)
{
	acceptance_done();
	if(e->accepted.known)
		spool_out_unsettle(e->accepted.segment_id);
}

/* ---- EV_REFUSED ---- */

static int retry(struct event *e)
{
	int attempts = store_segment_attempts(spool_store, e->segment_id);
	int64_t wait_ms = e->frame.retry_ms;

	if(attempts < 0)
		return attempts;
	if(wait_ms == 0)
		wait_ms = ipsmgw_retry_ms((unsigned)attempts);
	e->due_ms = e->now_ms + wait_ms;
	return store_segment_retry(spool_store, e->segment_id, e->due_ms,
			e->rp.rp_cause, e->frame.flags & LINK_FLAG_UNKNOWN, true);
}

int answer_failure_notified(struct event *e, enum imdn_status status)
{
	return held_has(e->outcome.o.message_id) ? 0 : notify_outcome(e, status);
}

static int refused_apply(struct event *e)
{
	struct store_outcome o;

	if(e->frame.flags & LINK_FLAG_TEMPORARY) {
		e->result = retry(e);
	} else {
		e->result = store_segment_failed(
				spool_store, e->segment_id, e->rp.rp_cause, e->now_ms, &o);
		if(e->result == 0) {
			outcome_copy(&e->outcome, &o);
			return answer_failure_notified(
					e, imdn_of_submit_cause(e->rp.rp_cause, &ipsmgw_cfg.imdn));
		}
	}
	return e->result == -ENOENT ? 0 : e->result;
}

static bool refused_settled(const struct event *e)
{
	return answer_settled(e->segment_id, e->frame.flags,
			!(e->frame.flags & LINK_FLAG_UNKNOWN));
}

static void refused_after(struct event *e)
{
	refused_settled(e);
	if(e->result)
		return;
	if(!e->outcome.there) {
		counter_inc(ipsmgw_counters.sms_retried);
		spool_out_due(e->due_ms);
		return;
	}
	counter_inc(ipsmgw_counters.sms_failed);
	held_answer(
			e->outcome.o.message_id, sip_of_submit_cause(e->outcome.o.cause));
	outcome_log(&e->outcome, e->now_ms);
}

static void refused_failed(struct event *e)
{
	if(refused_settled(e))
		spool_out_unsettle(e->segment_id);
}

/* clang-format off */
const struct event_ops spool_answer_ops[EV_TYPES] = {
	[EV_ACCEPTED] = {accepted_apply, accepted_after, accepted_failed},
	[EV_REFUSED] = {refused_apply, refused_after, refused_failed},
};
/* clang-format on */
