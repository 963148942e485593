/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */

/*
 * SMS -> CPM in the spool process, the way on: complete messages go to the
 * script one by one for each pair of A and B, A's answer goes to the connector,
 * and what is ours because parts of it were acknowledged (TS 23.204 6.9) is
 * tried again.
 */

#include "core/dprint.h"

#include "ipsmgw.h"
#include "job.h"
#include "link_server.h"
#include "mt_job.h"
#include "mt_table.h"
#include "rp_sip.h"
#include "spool_int.h"

enum { ANSWERABLE_MS = 55000, LATER_MS = 5000, DUE_MAX = 32 };

static int64_t next_due_ms; /* 0: ask the store */
static int64_t due_ids[DUE_MAX];

void deliver_due_at(int64_t ms)
{
	if(ms < next_due_ms)
		next_due_ms = ms;
}

static void answer_all(const struct mt *m, uint8_t rp_cause)
{
	for(unsigned i = 0; i < m->n_refs; i++)
		connector_answer(m->refs[i].generation, m->refs[i].ref, rp_cause);
}

/* ---- EV_SMS_OUTCOME: A has answered, or did not ---- */

/* The connector waits 60 s for us; what comes later it has answered itself,
 * with "try again". */
static bool answerable(const struct mt *m)
{
	for(unsigned i = 0; m && i < m->n_refs; i++) {
		if(m->refs[i].generation && m->refs[i].generation == link_generation()
				&& ipsmgw_mono_ms() - m->refs[i].since_ms < ANSWERABLE_MS)
			return true;
	}
	return m && m->n_refs == 0;
}

/* A message that came in parts is ours: earlier parts were acknowledged. */
static int keep_or_give_up(struct event *e, const struct mt *m,
		uint8_t rp_cause, struct store_outcome *o)
{
	int64_t age_ms = e->now_ms - m->created_ms;

	if(m->parts <= 1)
		return store_sms_retry(spool_store, m->message_id, INT64_MAX);
	if(age_ms > ipsmgw_cfg.validity_default_s * 1000LL) {
		e->outcome.there = true;
		return store_sms_failed(spool_store, m->message_id, MESSAGE_EXPIRED,
				rp_cause, e->now_ms, o);
	}
	e->due_ms = e->now_ms + ipsmgw_retry_ms(m->attempts);
	return store_sms_retry(spool_store, m->message_id, e->due_ms);
}

static int sms_outcome_apply(struct event *e)
{
	const struct mt *m = mt_find(e->message_id);
	struct delivery_verdict v = verdict_of_sip(e->sip_code);
	struct store_outcome o;
	int rc = 0;

	e->due_ms = INT64_MAX;
	e->outcome.there = false;
	e->result = 0;
	if(e->message_id < 0)
		return notify_answered(e);
	if(v.rp_cause == 0) {
		e->outcome.there = true;
		rc = store_sms_delivered(
				spool_store, e->message_id, !answerable(m), e->now_ms, &o);
	} else if(m && v.permanent) {
		e->outcome.there = true;
		rc = store_sms_failed(spool_store, e->message_id, MESSAGE_FAILED,
				v.rp_cause, e->now_ms, &o);
	} else if(m) {
		rc = keep_or_give_up(e, m, v.rp_cause, &o);
	}
	e->result = rc;
	if(rc == 0 && e->outcome.there)
		outcome_copy(&e->outcome, &o);
	else
		e->outcome.there = false;
	return rc == -ENOENT ? 0 : rc;
}

static void tell_sms_side(const struct event *e, struct mt *m)
{
	uint8_t rp_cause = verdict_of_sip(e->sip_code).rp_cause;

	if(e->message_id < 0) {
		counter_inc(rp_cause ? ipsmgw_counters.imdn_failed
							 : ipsmgw_counters.imdn_sent);
		return;
	}
	counter_inc(
			rp_cause ? ipsmgw_counters.cpm_failed : ipsmgw_counters.cpm_sent);
	if(rp_cause && !e->outcome.there)
		LM_NOTICE("message %lld for A not taken now: %d\n",
				(long long)e->message_id, e->sip_code);
	answer_all(m, rp_cause);
	m->n_refs = 0;
}

static void sms_outcome_after(struct event *e)
{
	struct mt *m = mt_find(e->message_id);

	if(m && !m->told)
		tell_sms_side(e, m);
	else if(m)
		answer_all(m, verdict_of_sip(e->sip_code).rp_cause);
	if(m)
		mt_remove(m);
	deliver_due_at(e->due_ms);
	outcome_log(&e->outcome, e->now_ms);
	if(e->sms)
		mailbox_done(&e->sms->post, 0);
}

/* A has it or not, whatever the database says: the SMS side hears the truth,
 * the row later. */
static void sms_outcome_failed(struct event *e)
{
	struct mt *m = mt_find(e->message_id);

	e->outcome.there = false;
	if(m && !m->told)
		tell_sms_side(e, m);
	if(m) {
		m->told = true;
		m->outcome = e->sip_code;
	}
	if(e->sms)
		mailbox_done(&e->sms->post, -EIO);
}

/* Messages that have no place in the table now: tried again a little later, or
 * by the SMSC. */
static int64_t later[MT_MAX];
static unsigned n_later;

void deliver_later(int64_t message_id)
{
	if(n_later < MT_MAX)
		later[n_later++] = message_id;
}

/* ---- EV_SMS_LATER ---- */

/* A single message is the SMSC's to repeat; parts were acknowledged, so a
 * concatenated one is ours. */
static int sms_later_apply(struct event *e)
{
	struct store_sms_message s;
	int rc;

	if(e->message_id < 0)
		return notify_later(e);
	rc = store_sms_get(spool_store, e->message_id, &s, NULL, NULL);
	if(rc == 0 && s.total > 1)
		rc = store_sms_retry(spool_store, e->message_id, e->now_ms + LATER_MS);
	return rc == -ENOENT ? 0 : rc;
}

static void sms_later_after(struct event *e)
{
	deliver_due_at(e->now_ms + LATER_MS);
}

static void sms_later_failed(struct event *e)
{
	deliver_later(e->message_id);
}

static void collect_later(int64_t now_ms)
{
	while(n_later) {
		struct event *e = event_new(EV_SMS_LATER, now_ms);

		if(!e)
			return;
		e->message_id = later[--n_later];
	}
}

/* ---- EV_SMS_DUE ---- */

static int sms_due_apply(struct event *e)
{
	unsigned room = MT_MAX - mt_count();

	e->count = 0;
	if(room)
		e->count = store_sms_due(spool_store, e->now_ms, due_ids,
				room < DUE_MAX ? room : DUE_MAX);
	return e->count < 0 ? e->count : 0;
}

static void sms_due_after(struct event *e)
{
	for(int i = 0; i < e->count; i++) {
		if(!mt_find(due_ids[i]) && !mt_add(due_ids[i]))
			deliver_later(due_ids[i]);
	}
	next_due_ms = store_sms_next_ms(spool_store);
}

static void sms_due_failed(struct event *e)
{
	next_due_ms = e->now_ms + 1000;
}

/* clang-format off */
const struct event_ops spool_deliver_ops[EV_TYPES] = {
	[EV_SMS_OUTCOME] = {sms_outcome_apply, sms_outcome_after, sms_outcome_failed},
	[EV_SMS_LATER] = {sms_later_apply, sms_later_after, sms_later_failed},
	[EV_SMS_DUE] = {sms_due_apply, sms_due_after, sms_due_failed},
};
/* clang-format on */

/* ---- to the script ---- */

/* An outcome that is not stored yet, or none within deliver_timeout_s. */
static void collect_outcome(const struct mt *m, int64_t now_ms)
{
	int64_t age_ms = ipsmgw_mono_ms() - m->started_ms;
	struct event *e;

	if(!m->running
			|| (!m->outcome && age_ms < ipsmgw_cfg.deliver_timeout_s * 1000LL))
		return;
	e = event_new(EV_SMS_OUTCOME, now_ms);
	if(!e)
		return;
	e->sms = NULL;
	e->message_id = m->message_id;
	e->sip_code = m->outcome ? m->outcome : 408;
}

void spool_deliver_collect(int64_t now_ms, bool tick)
{
	spool_status->delivering = mt_count();
	for(const struct mt *m = tick ? mt_first() : NULL; m; m = m->next)
		collect_outcome(m, now_ms);
	if(tick) {
		collect_later(now_ms);
		next_due_ms = 0;
	}
	if(next_due_ms <= now_ms && mt_count() < MT_MAX)
		event_new(EV_SMS_DUE, now_ms);
}

void spool_deliver_dispatch(void)
{
	struct mt *m, *next;

	for(m = mt_first(); m && job_room(); m = next) {
		next = m->next;
		if(m->running)
			continue;
		if(mt_load(m)) {
			answer_all(m, RP_CAUSE_MEMORY_EXCEEDED);
			deliver_later(m->message_id);
			mt_remove(m);
		} else if(!mt_must_wait(m)) {
			mt_start(m);
		}
	}
}

int64_t spool_deliver_next_ms(void)
{
	return mt_count() < MT_MAX ? next_due_ms : INT64_MAX;
}
