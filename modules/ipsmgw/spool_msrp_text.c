/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */

/*
 * A complete message of A becomes an SMS (spec 7.7): what it is decides the
 * answer, a text goes the way of all messages, and 200 is said when it is
 * stored.
 */

#include <stdlib.h>

#include "core/dprint.h"

#include "../../lib/cpm/content.h"
#include "chat_media.h"
#include "chat_sender.h"
#include "digest.h"
#include "ipsmgw.h"
#include "sms_record.h"
#include "sms_text.h"

/* ---- REPORT ---- */

static void report(const struct chat_session *c, struct view message_id,
		uint64_t octets, unsigned status)
{
	char path[CHAT_PATH_MAX], transaction[CHAT_ID_LEN + 1];
	struct msrp_frame f = {
			.method = MSRP_REPORT,
			.to_path = c->sdp.path,
			.message_id = message_id,
			.has_range = true,
			.range_first = 1,
			.range_last = octets,
			.range_total = octets,
			.status = status,
	};

	if(media_own_path(c, path))
		return;
	media_fresh_id(transaction);
	f.transaction = view_str(transaction);
	f.from_path = view_str(path);
	media_write(c, &f);
}

static void accepted(const struct chat_session *c, const struct msrp_frame *f,
		uint64_t octets)
{
	media_answer(c, f, 200);
	if(f->success_report)
		report(c, f->message_id, octets, 200);
}

/* RFC 4975 10 knows fewer codes than SIP */
static unsigned report_status(int sip_code)
{
	switch(sip_code) {
		case 413:
			return 413;
		case 408:
		case 480:
		case 500:
		case 503:
		case 504:
			return 408;
		default:
			return 403;
	}
}

void chat_media_failed(struct chat_session *c, int64_t message_id, int sip_code)
{
	struct chat_media *m = c->media;

	for(unsigned i = 0; m && i < CHAT_SENT_MAX; i++) {
		if(m->sent[i].id != message_id || message_id == 0)
			continue;
		m->sent[i].id = 0;
		report(c, view_str(m->sent[i].message_id), m->sent[i].octets,
				report_status(sip_code));
	}
}

/* ---- answers that wait for a commit ---- */

static struct chat_answer *new_answer(
		struct chat_media *m, const struct msrp_frame *f, uint64_t octets)
{
	static int64_t last_serial;
	size_t size = f->transaction.len + f->to_path.len + f->from_path.len
			+ f->message_id.len + 4;
	struct chat_answer *a;
	struct wbuf room;

	if(m->n_answers >= CHAT_ANSWERS_MAX)
		return NULL;
	a = calloc(1, sizeof(*a) + size);
	if(!a)
		return NULL;
	room = wbuf_of(a->text, size);
	a->serial = ++last_serial;
	a->octets = octets;
	a->f = *f;
	a->f.transaction = view_str(post_text(&room, f->transaction));
	a->f.to_path = view_str(post_text(&room, f->to_path));
	a->f.from_path = view_str(post_text(&room, f->from_path));
	a->f.message_id = view_str(post_text(&room, f->message_id));
	a->f.content_type = a->f.body = (struct view){NULL, 0};
	a->next = m->answers;
	m->answers = a;
	m->n_answers++;
	return a;
}

static struct chat_answer *take_answer(struct chat_media *m, int64_t serial)
{
	struct chat_answer **at = &m->answers, *a;

	while(*at && (*at)->serial != serial)
		at = &(*at)->next;
	a = *at;
	if(a) {
		*at = a->next;
		m->n_answers--;
	}
	return a;
}

void media_answers_drop(struct chat_media *m)
{
	while(m->answers)
		free(take_answer(m, m->answers->serial));
}

static void remember(
		struct chat_media *m, const struct chat_answer *a, int64_t message_id)
{
	unsigned i = m->next_sent++ % CHAT_SENT_MAX;

	memset(m->sent[i].message_id, 0, sizeof(m->sent[i].message_id));
	memcpy(m->sent[i].message_id, a->f.message_id.p, a->f.message_id.len);
	m->sent[i].id = message_id;
	m->sent[i].octets = a->octets;
}

static void stored(struct chat_session *c, const struct chat_answer *a,
		const struct post_message *p, int rc)
{
	counter_inc(
			rc ? ipsmgw_counters.cpm_repeated : ipsmgw_counters.cpm_received);
	if(!c->first_message_id)
		c->first_message_id = p->added.message_id;
	if(a->f.failure_report != MSRP_FAILURE_NO)
		remember(c->media, a, p->added.message_id);
	if(c->s.kind == CHAT_KIND_LARGE_OUT)
		c->media->bye_deadline_ms = ipsmgw_mono_ms() + CHAT_LARGE_BYE_MS;
	accepted(c, &a->f, a->octets);
}

/* -EEXIST: a repeat of one that is stored */
static void message_done(const struct post_message *p, int rc)
{
	struct chat_session *c = chat_by_id(p->done_arg[0]);
	struct chat_answer *a
			= c && c->media ? take_answer(c->media, p->done_arg[1]) : NULL;

	if(!a)
		return;
	if(rc == 0 || rc == -EEXIST) {
		stored(c, a, p, rc);
	} else {
		c->media->large_taken = false;
		if(p->m.imdn_request & IMDN_INTERWORKING)
			c->s.flags &= ~(unsigned)CHAT_FLAG_INTERWORKING_TOLD;
		media_answer(c, &a->f, 408);
	}
	free(a);
}

/* ---- the record ---- */

static struct store_message_new message_of(const struct chat_session *c)
{
	const struct store_session *s = &c->s;

	return (struct store_message_new){
			.a = s->a,
			.b = s->b,
			.oa = strcmp(s->number, s->a) ? s->number : "",
			.service = s->service,
			.conversation_id = view_str(s->conversation_id),
			.contribution_id = view_str(s->contribution_id),
			.smsc = s->smsc,
			.expires_ms
			= ipsmgw_now_ms() + ipsmgw_cfg.validity_default_s * 1000LL,
	};
}

/* As for a MESSAGE, so that a client may try again by either; without
 * imdn.Message-ID what MSRP says. */
static void retry_key(const struct chat_session *c, const struct content *t,
		const struct msrp_frame *f, struct view text,
		uint8_t key[STORE_KEY_OCTETS])
{
	struct view none = {NULL, 0};
	struct view id = t->has_cpim ? t->cpim.message_id : none;

	digest((struct view[]){view_str(c->s.a), view_str(c->s.b), id,
				   id.len ? none : view_str(c->msrp_id),
				   id.len ? none : f->message_id, text},
			6, key);
}

/* Spec 7.11: a CPIM part of a large message's INVITE may ask for its
 * notifications; what the message itself says wins. */
static void merge_invite(
		struct store_message_new *m, const struct chat_invite *in)
{
	if(!m->imdn_id.len)
		m->imdn_id = in->imdn_id;
	if(!m->imdn_request)
		m->imdn_request = in->imdn_request;
	if(!m->datetime.len)
		m->datetime = in->datetime;
	if(!m->imdn_route.len)
		m->imdn_route = in->imdn_route;
	if(!m->instance.len)
		m->instance = in->instance;
}

/* Spec 7.8: said of the first message of a session only. */
static void interworking_once(
		struct chat_session *c, struct store_message_new *m)
{
	if(!(m->imdn_request & IMDN_INTERWORKING))
		return;
	if(c->s.flags & CHAT_FLAG_INTERWORKING_TOLD)
		m->imdn_request &= ~(unsigned)IMDN_INTERWORKING;
	c->s.flags |= CHAT_FLAG_INTERWORKING_TOLD;
}

static unsigned post_record(struct chat_session *c, const struct content *t,
		const struct msrp_frame *f, uint64_t octets, struct view text,
		const struct segment_plan *plan)
{
	struct store_message_new m = message_of(c);
	char route[SMS_ROUTE_TEXT_MAX];
	struct chat_answer *a = new_answer(c->media, f, octets);
	struct post_message *p;

	m.session_id = c->s.id;
	if(t->has_cpim)
		sms_record_cpim(&m, &t->cpim, route);
	if(c->s.kind == CHAT_KIND_LARGE_OUT && c->held)
		merge_invite(&m, &c->held->invite);
	interworking_once(c, &m);
	retry_key(c, t, f, text, m.retry_key);
	m.retry_window_ms = ipsmgw_cfg.retry_window_s * 1000LL;
	p = a ? sms_record_new(&m, plan, INT64_MAX) : NULL;
	if(!p) {
		free(a ? take_answer(c->media, a->serial) : NULL);
		return 408;
	}
	p->done = message_done;
	p->done_arg[0] = c->s.id;
	p->done_arg[1] = a->serial;
	c->media->large_taken = true;
	spool_post(&p->post);
	return 0;
}

static unsigned code_of(int rc)
{
	switch(rc) {
		case -ENOTSUP:
			return 415;
		case -ENOMEM:
			return 408;
		case -ENOSPC:
		case -E2BIG:
			return 413;
		default:
			return 400;
	}
}

/* ---- what it is ---- */

/* Never an SMS: notifications, typing (one client forgets the last letter), the
 * server's word about its group. */
static bool is_absorbed(const struct content *t)
{
	static const char *const types[] = {"application/im-iscomposing+xm",
			"application/vnd.oma.cpm-groupdata+xml",
			"application/conference-info+xml"};

	for(size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		if(view_ieq(t->media_type, view_str(types[i])))
			return true;
	}
	return t->kind == CONTENT_IMDN || t->kind == CONTENT_COMPOSING;
}

unsigned media_type_refused(struct view content_type)
{
	struct content t;

	/* of a wrapper nothing can be said yet */
	if(content_read(content_type, VIEW(""), VIEW(""), &t))
		return 0;
	return is_absorbed(&t) || sms_text_kind(t.kind) ? 0 : 415;
}

static unsigned text_in(struct chat_session *c, const struct content *t,
		const struct msrp_frame *f, uint64_t octets)
{
	static uint8_t text_octets[SMS_TEXT_MAX], group_octets[SMS_TEXT_MAX];
	struct wbuf room = wbuf_of(text_octets, sizeof(text_octets));
	struct wbuf group = wbuf_of(group_octets, sizeof(group_octets));
	struct segment_plan plan;
	struct view text, shown;
	int rc = sms_text(t, &room);

	if(rc)
		return code_of(rc);
	text = shown = wbuf_written(&room);
	if(c->s.kind == CHAT_KIND_GROUP && text.len) {
		if(chat_sender_text(&group, c, t, text))
			return 413;
		shown = wbuf_written(&group);
	}
	rc = sms_record_plan(&plan, &shown);
	if(rc)
		return code_of(rc);
	if(plan.total == 0) {
		accepted(c, f, octets);
		return 0;
	}
	return post_record(c, t, f, octets, text, &plan);
}

unsigned media_message_in(struct chat_session *c, const struct msrp_frame *f,
		struct view content_type, struct view body)
{
	struct content t;

	if(content_read(content_type, VIEW(""), body, &t))
		return 400;
	if(is_absorbed(&t) || chat_sender_is_system(c, &t)) {
		counter_inc(ipsmgw_counters.cpm_absorbed);
		accepted(c, f, body.len);
		return 0;
	}
	if(!sms_text_kind(t.kind)) {
		media_tell_unsupported(c);
		return 415;
	}
	if(c->s.kind == CHAT_KIND_LARGE_IN)
		return 403; /* our offer was sendonly */
	return text_in(c, &t, f, body.len);
}

/* ---- what B is told ---- */

static void told(const struct post_message *p, int rc)
{
	if(rc)
		LM_NOTICE("a text of the gateway for %s is not sent: %s\n", p->m.b,
				strerror(-rc));
}

void media_tell(const struct chat_session *c, enum chat_text_id id)
{
	struct store_message_new m = message_of(c);
	const struct chat_fields fields
			= {.name = c->s.name, .group = c->s.name, .num = c->s.number};
	uint8_t octets[2048];
	struct wbuf w = wbuf_of(octets, sizeof(octets));
	struct segment_plan plan;
	struct post_message *p;
	struct view text;

	if(chat_text(&w, id, c->s.language, &fields) || !w.len)
		return;
	text = wbuf_written(&w);
	if(sms_record_plan(&plan, &text) || plan.total == 0)
		return;
	p = sms_record_new(&m, &plan, INT64_MAX);
	if(!p)
		return;
	p->done = told;
	spool_post(&p->post);
}

void media_tell_unsupported(struct chat_session *c)
{
	if(!(c->s.flags & CHAT_FLAG_NOMEDIA_TOLD))
		media_tell(c, CHAT_TEXT_NOMEDIA);
	c->s.flags |= CHAT_FLAG_NOMEDIA_TOLD;
}
