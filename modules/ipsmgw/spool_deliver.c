/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */

/*
 * SMS -> CPM in the spool process, the way on: complete messages go to the
 * script one by one for each pair of A and B, and those of ours that wait are
 * given again. What A answers is spool_outcome.c's.
 */

#include "core/dprint.h"

#include "ipsmgw.h"
#include "job.h"
#include "mt_heard.h"
#include "mt_imdn.h"
#include "mt_job.h"
#include "mt_table.h"
#include "spool_chat.h"
#include "spool_int.h"

enum { LATER_MS = 5000, DUE_MAX = 32 };

static int64_t next_due_ms; /* 0: ask the store */
static int64_t due_ids[DUE_MAX];

void deliver_due_at(int64_t ms)
{
	if(ms < next_due_ms)
		next_due_ms = ms;
}

void deliver_answer(const struct mt *m, uint8_t rp_cause, int sip_code)
{
	for(unsigned i = 0; i < m->n_refs; i++)
		connector_answer(
				m->refs[i].generation, m->refs[i].ref, rp_cause, sip_code);
	if(rp_cause == 0)
		mt_heard_add(m);
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
	unsigned room = mt_room();

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

/* ---- EV_UNHEARD ---- */

/* The peer that brought it was gone when our ACK came, and repeats it. */
static int unheard_apply(struct event *e)
{
	int64_t id = mt_heard_message(e->generation, e->frame.ref);
	int rc = id ? store_sms_owe(spool_store, id) : 0;

	return rc == -ENOENT ? 0 : rc;
}

static void nothing(struct event *e)
{
	(void)e;
}

/* clang-format off */
const struct event_ops spool_deliver_ops[EV_TYPES] = {
	[EV_SMS_LATER] = {sms_later_apply, sms_later_after, sms_later_failed},
	[EV_SMS_DUE] = {sms_due_apply, sms_due_after, sms_due_failed},
	[EV_UNHEARD] = {unheard_apply, nothing, nothing},
};
/* clang-format on */

/* ---- to the script ---- */

static bool outcomes_wait; /* mt_start() knew some at once */

/* An outcome that is not stored yet, or none within deliver_timeout_s. */
static void collect_outcome(const struct mt *m, int64_t now_ms)
{
	bool over
			= m->tries.deadline_ms && ipsmgw_mono_ms() >= m->tries.deadline_ms;
	bool told = m->awaits_imdn && m->imdn_code;
	struct event *e;

	if(!m->outcome && !told && !over)
		return;
	e = event_new(EV_SMS_OUTCOME, now_ms);
	if(!e)
		return;
	e->sms = NULL;
	e->message_id = m->message_id;
	e->sip_code = m->outcome ? m->outcome : mt_imdn_timeout_code(m);
}

void spool_deliver_collect(int64_t now_ms, bool tick)
{
	bool look = tick || outcomes_wait;

	spool_status->delivering = mt_count();
	outcomes_wait = false;
	for(const struct mt *m = look ? mt_first() : NULL; m; m = m->next)
		collect_outcome(m, now_ms);
	if(tick) {
		collect_later(now_ms);
		next_due_ms = 0;
	}
	if(next_due_ms <= now_ms && mt_room())
		event_new(EV_SMS_DUE, now_ms);
}

static void dispatch(struct mt *m)
{
	if(mt_load(m)) {
		deliver_answer(m, RP_CAUSE_MEMORY_EXCEEDED, 0);
		deliver_later(m->message_id);
		mt_remove(m);
	} else if(!mt_must_wait(m) && !chat_sms_waits(m)) {
		mt_start(m);
		outcomes_wait = outcomes_wait || m->outcome;
	}
}

void spool_deliver_dispatch(void)
{
	struct mt *m, *next;

	if(!mt_first())
		return;
	store_read_begin(spool_store);
	for(m = mt_first(); m && work_room(); m = next) {
		next = m->next;
		if(!m->running && m->tries.not_before_ms <= ipsmgw_mono_ms())
			dispatch(m);
	}
	store_read_end(spool_store);
}

int64_t spool_deliver_next_ms(void)
{
	if(outcomes_wait)
		return 0;
	return mt_room() ? next_due_ms : INT64_MAX;
}
