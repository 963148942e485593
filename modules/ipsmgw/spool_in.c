/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */

/*
 * SMS -> CPM in the spool process: a short message is stored, its parts are
 * joined (TS 23.204 6.9), the whole goes to the script, A's answer goes back to
 * the connector. A part that is held is acknowledged after its commit; the part
 * that completes a message, and every message of one part, after A's answer.
 */

#include "core/dprint.h"
#include "core/mem/shm_mem.h"
#include "core/rand/kam_rand.h"

#include "../../lib/cpm/cpm_id.h"
#include "../../lib/sms/dcs.h"
#include "../../lib/sms/tpdu.h"
#include "../../lib/sms/udh.h"
#include "digest.h"
#include "ipsmgw.h"
#include "job.h"
#include "link_server.h"
#include "mt_job.h"
#include "mt_table.h"
#include "report.h"
#include "rp_sip.h"
#include "spool_int.h"

enum {
	SEPARATE_MS = 5000,
	ANSWERABLE_MS = 55000,
	LATER_MS = 5000,
	DUE_MAX = 32,
	TP_PID_TYPE_0 = 0x40
};

static int64_t next_due_ms; /* 0: ask the store */
static int64_t due_ids[DUE_MAX];

static void due_at(int64_t ms)
{
	if(ms < next_due_ms)
		next_due_ms = ms;
}

/* ---- answers to the connector ---- */

static void answer(uint64_t generation, uint64_t ref, uint8_t rp_cause)
{
	struct rp_message rp = {
			.type = rp_cause ? RP_ERROR : RP_ACK,
			.dir = RP_MS_TO_NET,
			.rp_mr = (uint8_t)ref,
			.rp_cause = rp_cause,
	};
	uint8_t octets[RP_MESSAGE_MAX];
	struct wbuf w = wbuf_of(octets, sizeof(octets));
	struct link_frame f = {
			.type = rp_cause ? LINK_ERROR : LINK_ACK,
			.ref = ref,
	};

	if(generation == 0 || generation != link_generation() || rp_encode(&w, &rp))
		return;
	f.rp = wbuf_written(&w);
	link_tx(&f);
	if(rp_cause)
		counter_inc(ipsmgw_counters.sms_refused);
}

static void answer_event(const struct event *e, uint8_t rp_cause)
{
	answer(e->generation, e->frame.ref, rp_cause);
}

static void answer_all(const struct mt *m, uint8_t rp_cause)
{
	for(unsigned i = 0; i < m->n_refs; i++)
		answer(m->refs[i].generation, m->refs[i].ref, rp_cause);
}

/* ---- EV_SMS ---- */

/*
 * Same message or another with the same text? Asked about a row that is not
 * answered yet. An SMSC does not repeat within seconds on one session, but at
 * once on a new one.
 */
static bool in_flight(void *ctx, int64_t message_id, bool *separate)
{
	const struct event *e = ctx;
	const struct mt *m = mt_find(message_id);
	const struct mt_ref *last = m && m->n_refs ? &m->refs[m->n_refs - 1] : NULL;

	for(const struct event *o = event_batch(); o < e; o++) {
		if(o->type == EV_SMS && o->added.message_id == message_id) {
			*separate = true;
			return true;
		}
	}
	if(!m)
		return false;
	*separate = last && ipsmgw_mono_ms() - last->since_ms < SEPARATE_MS
			&& last->generation == e->generation
			&& last->session == e->frame.session;
	return true;
}

/* @return 0 to store it; else what to answer is in e */
static int check(struct event *e, const struct tpdu_deliver *d, struct udh *udh)
{
	struct dcs dcs = dcs_decode(d->u.tp_dcs);

	memset(udh, 0, sizeof(*udh));
	if(d->u.tp_pid == TP_PID_TYPE_0 || dcs.mwi == DCS_MWI_DISCARD) {
		e->absorbed = true;
		e->rp_cause = 0;
		return -ENOTSUP;
	}
	e->rp_cause = RP_CAUSE_PROTOCOL;
	if(d->u.tp_udhi && udh_decode(d->u.tp_ud, udh))
		return -EBADMSG;
	if(dcs.compressed || dcs.alphabet == SMS_ALPHABET_8BIT || udh->has_port)
		return -ENOTSUP;
	e->rp_cause = 0;
	return 0;
}

static int fresh_ids(struct store_sms_new *m)
{
	uint8_t random[3][16];

	if(random_octets(random, sizeof(random)))
		return -EIO;
	for(int i = 0; i < 3; i++)
		cpm_id_from_random(random[i], m->fresh_ids[i]);
	return 0;
}

static void concatenation(struct store_sms_new *m, const struct udh *udh)
{
	m->total = m->part = 1;
	if(udh->concat.total <= 1)
		return;
	m->ref_bits = udh->concat.ref_bits;
	m->ref = udh->concat.ref;
	m->total = udh->concat.total;
	m->part = udh->concat.part;
}

static void sms_key(struct store_sms_new *m)
{
	const struct view all[] = {
			view_str(m->a),
			view_str(m->b),
			{&m->tp_dcs, 1},
			{(const uint8_t *)&m->ref, sizeof(m->ref)},
			{(const uint8_t *)&m->part, sizeof(m->part)},
			m->units,
	};

	digest(all, sizeof(all) / sizeof(all[0]), m->key);
}

static int store_sms(struct event *e, const struct tpdu_deliver *d,
		const struct udh *udh, struct view units)
{
	char a[SMS_ADDRESS_TEXT_MAX + 1], b[SMS_ADDRESS_TEXT_MAX + 1];
	struct sms_address da;
	struct store_sms_new m = {
			.a = a,
			.b = b,
			.tp_dcs = d->u.tp_dcs,
			.tp_pid = d->u.tp_pid,
			.units = units,
			.scts_s = d->tp_scts.utc_s,
			.zone_minutes = d->tp_scts.zone_minutes,
			.reply_window_ms = ipsmgw_cfg.reply_window_s * 1000LL,
			.repeat_window_ms = ipsmgw_cfg.repeat_window_s * 1000LL,
			.assemble_ms = ipsmgw_cfg.concat_timeout_s * 1000LL,
			.assemble_max_ms = ipsmgw_cfg.concat_max_s * 1000LL,
	};

	if(sms_address_parse(&da, e->frame.da) || da.ton == SMS_TON_ALPHANUMERIC) {
		e->rp_cause = RP_CAUSE_UNASSIGNED;
		return 0;
	}
	sms_address_print(&da, a);
	sms_address_print(&d->tp_oa, b);
	concatenation(&m, udh);
	sms_key(&m);
	return fresh_ids(&m) ? -EIO
						 : store_sms_add(spool_store, &m, e->now_ms, in_flight,
								 e, &e->added);
}

static int sms_apply(struct event *e)
{
	uint8_t octets[TP_UD_MAX * 8 / 7 + 1];
	struct wbuf units = wbuf_of(octets, sizeof(octets));
	struct tpdu_deliver d;
	struct udh udh;

	e->added = (struct store_sms_added){0};
	e->absorbed = false;
	e->rp_cause = RP_CAUSE_PROTOCOL;
	if(tpdu_deliver_decode(e->rp.rp_ud, &d) || check(e, &d, &udh))
		return 0;
	if(tp_ud_text(&d.u, &units)) {
		e->rp_cause = RP_CAUSE_PROTOCOL;
		return 0;
	}
	return store_sms(e, &d, &udh, wbuf_written(&units));
}

/* Messages that have no place in the table now: tried again a little later, or
 * by the SMSC. */
static int64_t later[MT_MAX];
static unsigned n_later;

static void try_later(int64_t message_id)
{
	if(n_later < MT_MAX)
		later[n_later++] = message_id;
}

static void sms_ready(struct event *e)
{
	struct mt *m = mt_find(e->added.message_id);
	struct mt_ref out;

	if(!m)
		m = mt_add(e->added.message_id);
	if(!m) {
		answer_event(e, RP_CAUSE_CONGESTION);
		try_later(e->added.message_id);
		return;
	}
	out = mt_add_ref(m,
			(struct mt_ref){e->generation, e->frame.ref, e->frame.session,
					ipsmgw_mono_ms()});
	answer(out.generation, out.ref, RP_CAUSE_TEMPORARY_FAILURE);
}

static void sms_after(struct event *e)
{
	counter_inc(ipsmgw_counters.sms_received);
	if(e->rp_cause) {
		LM_NOTICE("short message for %.*s refused with cause %u (%s)\n",
				VIEW_FMT(e->frame.da), e->rp_cause, rp_cause_name(e->rp_cause));
		answer_event(e, e->rp_cause);
		return;
	}
	if(e->absorbed) {
		answer_event(e, 0);
		return;
	}
	switch(e->added.status) {
		case STORE_SMS_HELD:
			counter_inc(ipsmgw_counters.sms_held);
			due_at(e->now_ms + ipsmgw_cfg.concat_timeout_s * 1000LL);
			answer_event(e, 0);
			break;
		case STORE_SMS_DONE:
			counter_inc(ipsmgw_counters.sms_repeated);
			answer_event(e, 0);
			break;
		case STORE_SMS_IN_FLIGHT:
			counter_inc(ipsmgw_counters.sms_repeated);
			sms_ready(e);
			break;
		case STORE_SMS_READY:
			sms_ready(e);
			break;
	}
}

static void sms_failed(struct event *e)
{
	e->added = (struct store_sms_added){0};
	answer_event(e, RP_CAUSE_MEMORY_EXCEEDED);
}

/* ---- EV_REPORT ---- */

static int report_apply(struct event *e)
{
	const struct report *r = &e->report;
	struct store_outcome o;

	e->result = store_segment_report(
			spool_store, r->smsc, r->smsc_id, r->tp_st, e->now_ms, &o);
	e->outcome.there = false;
	if(e->result == 0)
		outcome_copy(&e->outcome, &o);
	return e->result == -ENOENT ? 0 : e->result;
}

static void report_after(struct event *e)
{
	const struct report *r = &e->report;

	if(e->result && !r->parked && report_park(r))
		return;
	answer(r->generation, r->ref, 0);
	if(e->result) {
		counter_inc(ipsmgw_counters.reports_unmatched);
		return;
	}
	counter_inc(ipsmgw_counters.reports_received);
	outcome_log(&e->outcome, e->now_ms);
}

static void report_failed(struct event *e)
{
	answer(e->report.generation, e->report.ref, RP_CAUSE_MEMORY_EXCEEDED);
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
	if(m)
		mt_remove(m);
	due_at(e->due_ms);
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

/* ---- EV_SMS_LATER ---- */

static void ignore_fragment(void *ctx, const struct store_fragment *f)
{
	(void)ctx;
	(void)f;
}

/* A single message is the SMSC's to repeat; parts were acknowledged, so a
 * concatenated one is ours. */
static int sms_later_apply(struct event *e)
{
	struct store_sms_message s;
	int rc = store_sms_get(
			spool_store, e->message_id, &s, ignore_fragment, NULL);

	if(rc == 0 && s.total > 1)
		rc = store_sms_retry(spool_store, e->message_id, e->now_ms + LATER_MS);
	return rc == -ENOENT ? 0 : rc;
}

static void sms_later_after(struct event *e)
{
	due_at(e->now_ms + LATER_MS);
}

static void sms_later_failed(struct event *e)
{
	try_later(e->message_id);
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
			try_later(due_ids[i]);
	}
	next_due_ms = store_sms_next_ms(spool_store);
}

static void sms_due_failed(struct event *e)
{
	next_due_ms = e->now_ms + 1000;
}

/* clang-format off */
const struct event_ops spool_in_ops[EV_TYPES] = {
	[EV_SMS] = {sms_apply, sms_after, sms_failed},
	[EV_REPORT] = {report_apply, report_after, report_failed},
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

static void collect_parked(int64_t now_ms)
{
	struct report r;

	while(report_unpark(&r)) {
		struct event *e = event_new(EV_REPORT, now_ms);

		if(!e) {
			report_park(&r);
			return;
		}
		e->report = r;
	}
}

void spool_in_collect(int64_t now_ms, bool tick)
{
	spool_status->delivering = mt_count();
	collect_parked(now_ms);
	for(const struct mt *m = tick ? mt_first() : NULL; m; m = m->next)
		collect_outcome(m, now_ms);
	if(tick) {
		collect_later(now_ms);
		next_due_ms = 0;
	}
	if(next_due_ms <= now_ms && mt_count() < MT_MAX)
		event_new(EV_SMS_DUE, now_ms);
}

void spool_in_dispatch(void)
{
	struct mt *m, *next;

	for(m = mt_first(); m && job_room(); m = next) {
		next = m->next;
		if(m->running)
			continue;
		if(mt_load(m)) {
			answer_all(m, RP_CAUSE_MEMORY_EXCEEDED);
			try_later(m->message_id);
			mt_remove(m);
		} else if(!mt_must_wait(m)) {
			mt_start(m);
		}
	}
}

int64_t spool_in_next_ms(void)
{
	return mt_count() < MT_MAX ? next_due_ms : INT64_MAX;
}
