/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */

/*
 * CPM -> SMS in the spool process: messages become segments, segments go to the
 * connector within its window, time changes their state; what the connector
 * answers is spool_answer.c's. A segment that is at the connector is in the
 * in-flight set; one whose fate could not be written down waits in `unsettled`
 * and is sent again with the same reference, which the connector answers from
 * memory.
 */

#include "core/dprint.h"
#include "core/mem/shm_mem.h"

#include "../../lib/sms/tpdu.h"
#include "acceptance.h"
#include "cpm_answer.h"
#include "inflight.h"
#include "ipsmgw.h"
#include "link_server.h"
#include "rp_sip.h"
#include "spool_chat.h"
#include "spool_int.h"
#include "underway.h"

enum {
	TAKE_MAX = 256,
	LOST_MAX = 128,
	EXPIRE_MAX = 32,
	COUNT_EVERY_MS = 3000,
	UNSURE_MS = 5000 /* until what is submitted again has its answer */
};

static int64_t next_due_ms; /* earliest QUEUED segment; 0: ask the store */
static unsigned reserved;   /* of the window, by messages of this batch */
static bool hurry, backlog;
static int64_t unsettled[INFLIGHT_MAX];
static unsigned n_unsettled;
static int64_t unsure_until_ms; /* ipsmgw_mono_ms() */
static bool more_to_expire; /* then nothing is sent: it could be one of those */

/* What counts in the window: those whose fate is unknown, too, so that there is
 * always room to note it. */
static unsigned out_count(void)
{
	return inflight_count() + acceptance_unsettled() + n_unsettled;
}

unsigned spool_out_credit(void)
{
	return link_credit(out_count());
}

bool spool_out_unsure(void)
{
	return n_unsettled || ipsmgw_mono_ms() < unsure_until_ms;
}

static void unsure(void)
{
	unsure_until_ms = ipsmgw_mono_ms() + UNSURE_MS;
}

void spool_out_unsettle(int64_t segment_id)
{
	unsure();
	if(n_unsettled < INFLIGHT_MAX)
		unsettled[n_unsettled++] = segment_id;
	else
		LM_CRIT("no room for segment %lld, it waits for a restart\n",
				(long long)segment_id);
}

void spool_out_due(int64_t ms)
{
	if(ms < next_due_ms)
		next_due_ms = ms;
}

/* ---- to the connector ---- */

struct submit {
	int64_t segment_id;
	const char *oa, *b, *smsc; /* oa: whom B sees */
	struct view tpdu;
	bool resubmit;
	int64_t validity_ms;
};

/* the one that the script took from subscriber data, else ours. */
static void service_centre(struct sms_address *out, const char *smsc)
{
	const char *sc = *smsc == '+' ? smsc : ipsmgw_cfg.sc_address;

	if(sms_address_parse(out, view_str(sc)) || out->ton == SMS_TON_ALPHANUMERIC)
		out->text[0] = '\0';
}

static void submit(const struct submit *s)
{
	struct rp_message rp = {
			.type = RP_DATA,
			.dir = RP_MS_TO_NET,
			.rp_mr = (uint8_t)s->segment_id,
			.rp_ud = s->tpdu,
	};
	uint8_t octets[RP_MESSAGE_MAX];
	struct wbuf w = wbuf_of(octets, sizeof(octets));
	struct link_frame f = {
			.type = LINK_DATA,
			.ref = (uint64_t)s->segment_id,
			.flags = s->resubmit ? LINK_FLAG_RESUBMIT : 0,
			.oa = view_str(s->oa),
			.smsc = view_str(s->smsc),
			.validity_s
			= (uint32_t)(s->validity_ms > 0 ? s->validity_ms / 1000 : 0),
	};

	service_centre(&rp.rp_da, s->smsc);
	if(rp_encode(&w, &rp)) {
		LM_CRIT("segment %lld does not fit RP-DATA\n",
				(long long)s->segment_id);
		return;
	}
	f.rp = wbuf_written(&w);
	if(link_tx(&f) || !inflight_add(s->segment_id, s->resubmit)) {
		spool_out_unsettle(s->segment_id);
		return;
	}
	counter_inc(ipsmgw_counters.sms_submitted);
}

/* ---- EV_MESSAGE ---- */

/* Room in the window for a message of this batch; one that must wait makes all
 * behind it wait, so that order holds. */
static bool reserve(unsigned segments, int64_t now_ms)
{
	unsigned out = out_count() + reserved;

	backlog = backlog || next_due_ms <= now_ms || link_credit(out) < segments;
	if(backlog)
		return false;
	reserved += segments;
	return true;
}

/* @return 0; -EBUSY: there is no number; -EIO */
static int choose_number(struct event *e, struct post_message *p)
{
	if(ipsmgw_cfg.anonymous_pool && !strcmp(p->m.oa, "pool"))
		p->pooled = true;
	if(!p->pooled)
		return 0;
	p->m.oa = p->number;
	return chat_number_for_pager(
			p->m.a, p->m.b, e->now_ms, p->m.expires_ms, p->number);
}

/* 503 was said, or is to be said. */
static bool given_up(const struct post_message *p)
{
	return p->post.state == POST_ABANDONED
		   || (p->answer
					  && ipsmgw_mono_ms() - p->sent_ms
								 > ipsmgw_cfg.store_timeout_ms);
}

static int message_apply(struct event *e)
{
	struct post_message *p = e->message;

	if(given_up(p)) {
		e->result = -ECANCELED;
		return 0;
	}
	e->result = choose_number(e, p);
	if(e->result)
		return e->result == -EBUSY ? 0 : e->result;
	p->m.send_now = p->m.expires_ms > e->now_ms
			&& reserve(p->m.n_segments, e->now_ms);
	e->result = store_message_add(spool_store, &p->m, e->now_ms, &p->added);
	if(e->result == -EEXIST && p->m.send_now)
		reserved -= p->m.n_segments;
	return e->result == -EEXIST ? 0 : e->result;
}

static void message_done(struct post_message *p, int rc)
{
	if(p->answer) {
		cpm_answer_send(p, rc);
		underway_end(p->underway);
	}
	if(!p->done) {
		mailbox_done(&p->post, rc);
		return;
	}
	p->done(p, rc);
	shm_free(p);
}

static void message_after(struct event *e)
{
	struct post_message *p = e->message;

	for(unsigned i = 0; e->result == 0 && p->m.send_now && i < p->m.n_segments;
			i++) {
		struct submit s = {
				.segment_id = p->added.first_segment_id + i,
				.oa = *p->m.oa ? p->m.oa : p->m.a,
				.b = p->m.b,
				.smsc = p->m.smsc,
				.tpdu = p->m.segments[i].tpdu,
				.validity_ms = p->m.expires_ms - e->now_ms,
		};

		submit(&s);
	}
	if(e->result == 0 && !p->m.send_now) {
		spool_status->queued += p->m.n_segments;
		spool_out_due(e->now_ms);
	}
	if(e->result == 0 && p->held)
		held_add(p);
	message_done(p, e->result);
}

static void message_failed(struct event *e)
{
	message_done(e->message, -EIO);
}

/* ---- EV_LOST: its fate is unknown ---- */

static int lost_apply(struct event *e)
{
	e->result = store_segment_retry(
			spool_store, e->segment_id, e->now_ms, 0, true, false);
	return e->result == -ENOENT ? 0 : e->result;
}

static void lost_after(struct event *e)
{
	unsure();
	spool_out_due(e->now_ms);
}

static void lost_failed(struct event *e)
{
	spool_out_unsettle(e->segment_id);
}

/* Of those that wait at the start some may have been submitted by the process
 * before. */
void spool_out_start(void)
{
	ipsmgw_stats_last_life();
	if(store_segments_next_ms(spool_store) < INT64_MAX)
		unsure();
}

void spool_out_link_lost(void)
{
	int64_t id;
	bool resubmit;

	while((id = inflight_any())) {
		inflight_remove(id, &resubmit);
		if(resubmit)
			counter_inc(ipsmgw_counters.sms_resubmitted);
		spool_out_unsettle(id);
	}
}

static void collect_lost(int64_t now_ms)
{
	for(int i = 0; n_unsettled && i < LOST_MAX; i++) {
		struct event *e = event_new(EV_LOST, now_ms);

		if(!e)
			return;
		e->segment_id = unsettled[--n_unsettled];
	}
}

/* ---- EV_TAKE: segments whose time has come ---- */

static struct taken {
	struct submit s;
	uint8_t tpdu[TPDU_MAX];
	char oa[48], b[48], smsc[LINK_NAME_MAX];
} taken[TAKE_MAX];

static void take_row(void *ctx, const struct store_segment *row)
{
	struct event *e = ctx;
	struct taken *t = &taken[e->count++];

	snprintf(t->oa, sizeof(t->oa), "%s", row->oa);
	snprintf(t->b, sizeof(t->b), "%s", row->b);
	snprintf(t->smsc, sizeof(t->smsc), "%s", row->smsc ? row->smsc : "");
	t->s = (struct submit){
			.segment_id = row->segment_id,
			.oa = t->oa,
			.b = t->b,
			.smsc = t->smsc,
			.resubmit = row->resubmit,
			.validity_ms = row->expires_ms - e->now_ms,
			.tpdu
			= {t->tpdu, row->tpdu.len < TPDU_MAX ? row->tpdu.len : TPDU_MAX},
	};
	memcpy(t->tpdu, row->tpdu.p, t->s.tpdu.len);
}

static int take_apply(struct event *e)
{
	unsigned credit = link_credit(out_count() + reserved);

	if(credit > TAKE_MAX)
		credit = TAKE_MAX;
	e->count = 0;
	if(credit && !more_to_expire)
		e->result = store_segments_take(
				spool_store, e->now_ms, credit, take_row, e);
	return e->result < 0 ? e->result : 0;
}

static void take_after(struct event *e)
{
	for(int i = 0; i < e->count; i++)
		submit(&taken[i].s);
	next_due_ms = store_segments_next_ms(spool_store);
}

static void take_failed(struct event *e)
{
	e->count = 0;
	next_due_ms = e->now_ms + 1000;
}

/* ---- EV_HURRY, EV_EXPIRE ---- */

void spool_out_hurry(void)
{
	hurry = true;
}

static int hurry_apply(struct event *e)
{
	return store_segments_hurry(spool_store, e->now_ms) < 0 ? -EIO : 0;
}

static void hurry_after(struct event *e)
{
	hurry = false;
	spool_out_due(e->now_ms);
}

static int expire_apply(struct event *e)
{
	struct store_outcome o;

	e->result = store_message_expire(spool_store, e->now_ms, &o);
	more_to_expire = e->result == 0;
	if(e->result == 0) {
		outcome_copy(&e->outcome, &o);
		return answer_failure_notified(e,
				o.cause ? imdn_of_submit_cause(o.cause, &ipsmgw_cfg.imdn)
						: IMDN_STATUS_FAILED);
	}
	return e->result == -ENOENT ? 0 : e->result;
}

static void expire_after(struct event *e)
{
	if(e->result)
		return;
	counter_inc(ipsmgw_counters.sms_expired);
	held_answer(e->outcome.o.message_id,
			e->outcome.o.cause ? sip_of_submit_cause(e->outcome.o.cause) : 480);
	outcome_log(&e->outcome, e->now_ms);
}

static void nothing(struct event *e)
{
	(void)e;
}

/* ---- the table, and what time asks for ---- */

/* clang-format off */
const struct event_ops spool_out_ops[EV_TYPES] = {
	[EV_MESSAGE] = {message_apply, message_after, message_failed},
	[EV_LOST] = {lost_apply, lost_after, lost_failed},
	[EV_TAKE] = {take_apply, take_after, take_failed},
	[EV_HURRY] = {hurry_apply, hurry_after, nothing},
	[EV_EXPIRE] = {expire_apply, expire_after, nothing},
};
/* clang-format on */

/* Counting takes a millisecond for each 50000: now and then does, with what has
 * come since on top. */
static void count_queued(void)
{
	static int64_t next_ms;
	int64_t now_ms = ipsmgw_mono_ms();
	struct store_depth depth;

	if(now_ms < next_ms || store_read_depth(spool_store, &depth))
		return;
	spool_status->queued = depth.segments_waiting < UINT32_MAX
			? (unsigned)depth.segments_waiting
			: UINT32_MAX;
	next_ms = now_ms + COUNT_EVERY_MS;
}

void spool_out_collect(int64_t now_ms, bool tick)
{
	reserved = 0;
	backlog = false;
	if(tick)
		next_due_ms = 0;
	spool_status->in_flight = inflight_count() + acceptance_unsettled();
	if(tick)
		count_queued();
	if(tick || spool_status->store_ok)
		collect_lost(now_ms);
	if(hurry)
		event_new(EV_HURRY, now_ms);
	if((next_due_ms > now_ms && !more_to_expire)
			|| !event_new(EV_EXPIRE, now_ms))
		return;
	for(int i = 0; more_to_expire && i < EXPIRE_MAX; i++)
		event_new(EV_EXPIRE, now_ms);
	event_new(EV_TAKE, now_ms);
}

int64_t spool_out_next_ms(void)
{
	if((n_unsettled || more_to_expire) && spool_status->store_ok)
		return 0;
	return spool_out_credit() ? next_due_ms : INT64_MAX;
}
