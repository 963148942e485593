/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */

/*
 * SMS -> CPM in the spool process, the way in: a short message is stored and,
 * if it is complete, put into the table of those on their way to A
 * (spool_deliver.c); a status report finds its segment. A part that is held is
 * acknowledged after its commit.
 */

#include "core/dprint.h"

#include "../../lib/cpm/cpm_id.h"
#include "../../lib/sms/dcs.h"
#include "../../lib/sms/tpdu.h"
#include "../../lib/sms/udh.h"
#include "acceptance.h"
#include "digest.h"
#include "ipsmgw.h"
#include "link_server.h"
#include "mt_heard.h"
#include "mt_table.h"
#include "report.h"
#include "spool_chat.h"
#include "spool_int.h"

enum {
	SEPARATE_MS = 5000,
	TP_PID_TYPE_0 = 0x40,
	TP_PID_SIM_DATA = 0x7f, /* for the card, not for the user */
	TP_ST_FORWARDED = 0x01,
	TP_ST_TRYING = 0x30,
	NO_SUCH_MESSAGE = 404,
	NOT_ACCEPTABLE = 606
};

/* ---- answers to the connector ---- */

void connector_answer(
		uint64_t generation, uint64_t ref, uint8_t rp_cause, int sip_code)
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
			.status = rp_cause || sip_code >= 300 ? (uint32_t)sip_code : 0,
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
	connector_answer(e->generation, e->frame.ref, rp_cause, 0);
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
			*separate = o->generation == e->generation
						&& o->frame.session == e->frame.session;
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
	e->rp_cause = d->u.tp_pid == TP_PID_SIM_DATA
			? RP_CAUSE_NOT_IMPLEMENTED
			: RP_CAUSE_INCOMPATIBLE_DESTINATION;
	if(dcs.compressed || dcs.alphabet == SMS_ALPHABET_8BIT || udh->has_port
			|| d->u.tp_pid == TP_PID_SIM_DATA)
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

/* number: the one that B wrote to. A may be reached by several, which mean
 * different chats. */
static void sms_key(struct store_sms_new *m, const char *number)
{
	const struct view all[] = {
			view_str(number),
			view_str(m->b),
			{&m->tp_dcs, 1},
			{(const uint8_t *)&m->ref, sizeof(m->ref)},
			{(const uint8_t *)&m->part, sizeof(m->part)},
			m->units,
	};

	digest(all, sizeof(all) / sizeof(all[0]), m->key);
}

/* The text of a single SM; empty if it is a part. */
static struct view single_text(
		const struct store_sms_new *m, uint8_t octets[2 * TP_UD_UNITS_MAX])
{
	struct wbuf w = wbuf_of(octets, 2 * TP_UD_UNITS_MAX);

	if(m->total > 1 || tp_ud_to_utf8(m->tp_dcs, m->units, &w))
		return (struct view){NULL, 0};
	return wbuf_written(&w);
}

/* Is there no A for this one (any more)? m->a is the number that B wrote to. */
static bool nobody(const struct event *e, const struct store_sms_new *m,
		const struct chat_target *target)
{
	uint8_t octets[2 * TP_UD_UNITS_MAX];

	if(target->known)
		return !*target->a;
	return chat_is_late(m->b, m->a, single_text(m, octets), e->now_ms);
}

static int tell_nobody(struct event *e, const struct store_sms_new *m)
{
	uint8_t octets[2 * TP_UD_UNITS_MAX];

	e->absorbed = true;
	return chat_nobody(e, m->b, m->a, single_text(m, octets));
}

/* A part of a message whose other parts were taken while the chat was there:
 * it is of that message. @return 0, -EIO */
static int late_part(const struct event *e, struct store_sms_new *m,
		struct chat_target *target)
{
	const char *number = m->a;
	int rc;

	if(m->total == 1 || !target->known || *target->a)
		return 0;
	rc = chat_target_before(m->b, number, e->now_ms, target);
	if(rc || !*target->a)
		return rc;
	m->a = target->a;
	rc = store_sms_belongs(spool_store, m, e->now_ms);
	m->a = number;
	if(rc == 0)
		*target->a = '\0';
	return rc < 0 ? rc : 0;
}

static int store_sms(struct event *e, const struct tpdu_deliver *d,
		const struct udh *udh, struct view units)
{
	char a[SMS_ADDRESS_TEXT_MAX + 1], b[SMS_ADDRESS_TEXT_MAX + 1];
	struct chat_target target;
	struct sms_address da;
	int rc;
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
	e->parts = m.total;
	sms_key(&m, a);
	rc = chat_target(b, a, e->now_ms, &target);
	if(rc == 0)
		rc = late_part(e, &m, &target);
	if(rc || nobody(e, &m, &target))
		return rc ? rc : tell_nobody(e, &m);
	if(target.known) {
		m.a = target.a;
		m.session_id = target.session_id;
	}
	return fresh_ids(&m) ? -EIO
						 : store_sms_add(spool_store, &m, e->now_ms, in_flight,
								 e, &e->added);
}

static int sms_apply(struct event *e)
{
	uint8_t octets[TP_UD_UNITS_MAX];
	struct wbuf units = wbuf_of(octets, sizeof(octets));
	struct tpdu_deliver d;
	struct udh udh;

	e->added = (struct store_sms_added){0};
	e->absorbed = false;
	e->rp_cause = RP_CAUSE_PROTOCOL;
	if(tpdu_deliver_decode(e->rp.rp_ud, &d) || check(e, &d, &udh))
		return 0;
	if(tp_ud_units(&d.u, &d.u.tp_dcs, &units)) {
		e->rp_cause = RP_CAUSE_PROTOCOL;
		return 0;
	}
	return store_sms(e, &d, &udh, wbuf_written(&units));
}

/* Under the number that B wrote to, until its message is read again. */
static struct mt *mt_new(const struct event *e)
{
	char a[sizeof(((struct mt *)0)->a)];
	struct mt *m;

	text_copy(a, sizeof(a), e->frame.da);
	m = mt_has_share(a, false) ? mt_add(e->added.message_id) : NULL;
	if(m)
		mt_set_a(m, a, 0);
	return m;
}

static void sms_ready(struct event *e)
{
	struct mt *m = mt_find(e->added.message_id);
	struct mt_ref out;

	if(!m)
		m = mt_new(e);
	if(!m) {
		answer_event(e, RP_CAUSE_CONGESTION);
		if(e->parts > 1)
			deliver_later(e->added.message_id);
		return;
	}
	if(e->added.status == STORE_SMS_READY && e->added.earlier_id
			&& !mt_heard(
					e->added.earlier_id, e->generation, e->frame.session))
		counter_inc(ipsmgw_counters.sms_redelivered);
	out = mt_add_ref(m,
			(struct mt_ref){e->generation, e->frame.ref, e->frame.session,
					ipsmgw_mono_ms()});
	connector_answer(out.generation, out.ref, RP_CAUSE_TEMPORARY_FAILURE, 0);
}

/* A's own status is not kept. None at all would say that this part is none
 * that can be read. */
static void sms_refused(const struct event *e)
{
	uint8_t rp_cause = (uint8_t)e->added.cause;

	connector_answer(e->generation, e->frame.ref, rp_cause,
			rp_cause == RP_CAUSE_PROTOCOL ? NOT_ACCEPTABLE : 0);
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
			deliver_due_at(e->now_ms + ipsmgw_cfg.concat_timeout_s * 1000LL);
			answer_event(e, 0);
			break;
		case STORE_SMS_DONE:
			counter_inc(ipsmgw_counters.sms_repeated);
			answer_event(e, 0);
			break;
		case STORE_SMS_REFUSED:
			counter_inc(ipsmgw_counters.sms_repeated);
			sms_refused(e);
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

/* TP-ST 01, forwarded but not confirmed: more will come unless the operator
 * takes it for a delivery. */
static uint8_t final_status(uint8_t tp_st)
{
	return tp_st == TP_ST_FORWARDED && !ipsmgw_cfg.imdn_st01_delivered
			? TP_ST_TRYING
			: tp_st;
}

static int report_apply(struct event *e)
{
	const struct report *r = &e->report;
	uint8_t tp_st = final_status(r->tp_st);
	struct store_outcome o;

	e->result = store_segment_report(
			spool_store, r->smsc, report_smsc_id(r), tp_st, e->now_ms, &o);
	e->outcome.there = false;
	if(e->result == 0) {
		outcome_copy(&e->outcome, &o);
		return notify_outcome(e, imdn_status_of_tp_st(tp_st, &ipsmgw_cfg.imdn));
	}
	return e->result == -ENOENT ? 0 : e->result;
}

static void report_failed(struct event *e)
{
	connector_answer(
			e->report.generation, e->report.ref, RP_CAUSE_MEMORY_EXCEEDED, 0);
}

static void report_after(struct event *e)
{
	const struct report *r = &e->report;

	if(e->result && report_park(r))
		return;
	if(e->result && spool_out_unsure()) {
		report_failed(e); /* its segment may be one that is to be noted yet */
		return;
	}
	connector_answer(r->generation, r->ref, 0, e->result ? NO_SUCH_MESSAGE : 0);
	if(e->result) {
		counter_inc(ipsmgw_counters.reports_unmatched);
		return;
	}
	counter_inc(ipsmgw_counters.reports_received);
	outcome_log(&e->outcome, e->now_ms);
}

/* clang-format off */
const struct event_ops spool_in_ops[EV_TYPES] = {
	[EV_SMS] = {sms_apply, sms_after, sms_failed},
	[EV_REPORT] = {report_apply, report_after, report_failed},
};
/* clang-format on */

/* Status reports that have waited. */
void spool_in_collect(int64_t now_ms)
{
	const struct report *due;
	struct event *e;

	while((due = report_due())) {
		acceptance_wanted(due, now_ms);
		e = event_new(EV_REPORT, now_ms);
		if(!e)
			return;
		report_unpark(due, &e->report);
	}
}
