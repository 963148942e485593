/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */

/*
 * SMS -> CPM in the spool process: A has answered, or did not. What A does not
 * take is tried in the other ways there are (spec 5.7); then the SMS side gets
 * its answer (5.8), and what is ours because parts of it were acknowledged (TS
 * 23.204 6.9) waits for its next attempt.
 */

#include "core/dprint.h"

#include "../../lib/cpm/capabilities.h"
#include "ipsmgw.h"
#include "link_server.h"
#include "mt_imdn.h"
#include "mt_table.h"
#include "rp_sip.h"
#include "spool_chat.h"

enum { ANSWERABLE_MS = 55000 };

/* ---- what an answer means ---- */

/* A's own word about the attempt that runs, not the script's and not a timer's.
 */
static bool from_a(const struct event *e, const struct mt *m)
{
	return m && e->sms && !e->sms->by_script && !*e->sms->imdn_id && !m->told;
}

static struct mt_next next_attempt(const struct event *e, const struct mt *m)
{
	struct mt_answer a = {
			.code = e->sms->sip_code,
			.retry_after_s = e->sms->retry_after_s,
			.mono_ms = ipsmgw_mono_ms(),
	};
	struct store_registration r;

	if(verdict_of_sip(a.code).next == NEXT_OTHER_SERVICE
			&& store_registration_get(spool_store, m->a, e->now_ms, &r) == 0)
		a.registered = r.bits;
	return mt_next(&m->tries, &a);
}

/* mt_wait_imdn=1: is it for A's client to say what became of the message? Then
 * nothing else is to be done, or it has said. */
static bool by_client(struct event *e, const struct mt *m)
{
	struct mt_imdn_turn turn = {false, 0};

	if(e->sms)
		turn = mt_imdn_turn(m, e->sms);
	e->waits = turn.wait;
	if(turn.code)
		e->sip_code = turn.code;
	return turn.wait || turn.code;
}

/* What the answer means: a failure of an attempt that was given up nothing;
 * else another attempt, or sip_code for all of them. */
static void judge(struct event *e, const struct mt *m)
{
	e->next = (struct mt_next){false, 0, 0};
	e->waits = false;
	e->late = e->sms && m && !*e->sms->imdn_id
			&& verdict_of_sip(e->sip_code).rp_cause
			&& (uint16_t)e->sms->attempt != m->tries.serial;
	if(e->late || by_client(e, m) || !m || e->message_id < 0)
		return;
	if(from_a(e, m))
		e->next = next_attempt(e, m);
	if(e->sms)
		e->sip_code = e->sms->sip_code;
	if(!e->sms || !e->sms->by_script)
		e->sip_code = mt_code(&m->tries, e->sip_code);
}

/* Nobody has answered: A may have it all the same. */
static bool is_unknown(const struct event *e)
{
	return e->sip_code == 408 || e->sip_code == 504;
}

/* What A's clients registered while the attempt ran is fresher than the
 * answer to it. */
static int drop_stale(const struct event *e, const struct mt *m)
{
	bool im;

	if(e->late || !from_a(e, m) || m->came
			|| !verdict_of_sip(e->sms->sip_code).stale)
		return 0;
	im = m->tries.service == CPM_CAPABILITY_IM;
	return store_registration_stale(spool_store, m->a, m->tries.service,
			im ? CPM_CAPABILITIES_IM : CPM_CAPABILITIES_CPM);
}

/* ---- the end of a delivery ---- */

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

/* A came back while the attempt ran, and its failure is of the time before. */
static bool is_back(const struct event *e, const struct mt *m)
{
	struct store_registration r;

	return m->came
			&& store_registration_get(spool_store, m->a, e->now_ms, &r) == 0;
}

/* A message that came in parts is ours: earlier parts were acknowledged. */
static int keep_or_give_up(struct event *e, const struct mt *m,
		uint8_t rp_cause, struct store_outcome *o)
{
	int64_t age_ms = e->now_ms - m->created_ms;

	if(m->parts <= 1)
		return store_sms_retry(spool_store, m->message_id,
				is_unknown(e) ? STORE_SMS_UNKNOWN : STORE_SMS_NOT_TAKEN);
	if(age_ms > ipsmgw_cfg.validity_default_s * 1000LL) {
		e->outcome.there = true;
		return store_sms_failed(spool_store, m->message_id, MESSAGE_EXPIRED,
				rp_cause, false, e->now_ms, o);
	}
	e->due_ms = e->now_ms + ipsmgw_retry_ms(is_back(e, m) ? 0 : m->attempts);
	return store_sms_retry(spool_store, m->message_id, e->due_ms);
}

static int give_up(struct event *e, const struct mt *m, uint8_t rp_cause,
		struct store_outcome *o)
{
	int rc = m->group ? chat_sms_failed(e, m->session_id) : 0;

	if(rc)
		return rc;
	e->told = m->group; /* spec 7.3: it counts as taken */
	e->outcome.there = true;
	return store_sms_failed(spool_store, e->message_id, MESSAGE_FAILED,
			rp_cause, e->told, e->now_ms, o);
}

/* A's last word in this delivery. */
static int end_of_delivery(struct event *e, const struct mt *m)
{
	struct delivery_verdict v = verdict_of_sip(e->sip_code);
	struct store_outcome o;
	int rc = 0;

	if(v.rp_cause == 0) {
		e->outcome.there = true;
		rc = store_sms_delivered(
				spool_store, e->message_id, !answerable(m), e->now_ms, &o);
	} else if(m && v.permanent) {
		rc = give_up(e, m, v.rp_cause, &o);
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

/* ---- EV_SMS_OUTCOME ---- */

static int sms_outcome_apply(struct event *e)
{
	const struct mt *m = mt_find(e->message_id);
	int rc;

	e->due_ms = INT64_MAX;
	e->outcome.there = e->told = false;
	e->result = 0;
	judge(e, m);
	rc = drop_stale(e, m);
	if(rc || e->late || e->waits || e->next.again)
		return rc;
	return e->message_id < 0 ? notify_answered(e) : end_of_delivery(e, m);
}

static uint8_t cause_for_sms_side(const struct event *e)
{
	return e->told ? 0 : verdict_of_sip(e->sip_code).rp_cause;
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
	if(is_unknown(e) && m->parts > 1)
		counter_inc(ipsmgw_counters.sms_redelivered);
	deliver_answer(m, cause_for_sms_side(e), e->sip_code);
	if(cause_for_sms_side(e))
		user_absent(m->a, e->sip_code, is_back(e, m));
	m->n_refs = 0;
}

static void try_again(const struct event *e, struct mt *m)
{
	mt_go_on(&m->tries, &e->next, e->sms->sip_code);
	m->running = false;
	if(is_unknown(e))
		counter_inc(ipsmgw_counters.sms_redelivered);
	LM_INFO("message %lld for A answered with %d, once more as %s in %lld ms\n",
			(long long)e->message_id, e->sms->sip_code,
			e->next.service == CPM_CAPABILITY_IM ? "IM" : "CPM",
			(long long)(e->next.not_before_ms - ipsmgw_mono_ms()));
}

static void delivery_ended(struct event *e, struct mt *m)
{
	if(m && !m->told)
		tell_sms_side(e, m);
	else if(m)
		deliver_answer(m, cause_for_sms_side(e), e->sip_code);
	if(m)
		mt_remove(m);
	deliver_due_at(e->due_ms);
	outcome_log(&e->outcome, e->now_ms);
}

static void sms_outcome_after(struct event *e)
{
	struct mt *m = mt_find(e->message_id);

	if(e->waits)
		mt_imdn_wait(m, e->sms);
	else if(m && e->next.again)
		try_again(e, m);
	else if(!e->late)
		delivery_ended(e, m);
	if(e->sms)
		mailbox_done(&e->sms->post, 0);
}

/* A has it or not, whatever the database says: the SMS side hears the truth,
 * the row later. */
static void told_and_kept(struct event *e, struct mt *m)
{
	if(m && !m->told)
		tell_sms_side(e, m);
	if(m) {
		m->told = true;
		m->outcome = e->sip_code;
	}
}

static void sms_outcome_failed(struct event *e)
{
	struct mt *m = mt_find(e->message_id);

	e->outcome.there = e->told = false;
	judge(e, m);
	if(e->waits)
		mt_imdn_wait(m, e->sms);
	else if(m && e->next.again)
		try_again(e, m);
	else if(!e->late)
		told_and_kept(e, m);
	if(e->sms)
		mailbox_done(&e->sms->post, -EIO);
}

/* clang-format off */
const struct event_ops spool_outcome_ops[EV_TYPES] = {
	[EV_SMS_OUTCOME] = {sms_outcome_apply, sms_outcome_after, sms_outcome_failed},
};
/* clang-format on */
