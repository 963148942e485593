/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */

/*
 * What others want of the spool process becomes events of the batch: posts of
 * Kamailio's other processes, frames of the connector. What finds no room waits
 * where it is.
 */

#include "acceptance.h"
#include "ipsmgw.h"
#include "link_server.h"
#include "mt_imdn.h"
#include "spool_chat.h"

static struct post *posts; /* taken from the mailbox, not yet in a batch */
static struct post **own_end = &posts; /* behind those of our own making */
static bool frames_left;

/* ---- posts ---- */

static void sms_outcome_event(struct event *e, struct post_sms_outcome *p)
{
	const struct mt *m = *p->imdn_id ? mt_imdn_find(p->imdn_id) : NULL;

	e->sms = p;
	e->message_id = m ? m->message_id : p->message_id;
	e->sip_code = p->sip_code;
}

static void post_event(struct post *p, int64_t now_ms)
{
	switch(p->type) {
		case POST_MESSAGE:
			event_new(EV_MESSAGE, now_ms)->message = (struct post_message *)p;
			break;
		case POST_SMS_OUTCOME:
			sms_outcome_event(event_new(EV_SMS_OUTCOME, now_ms),
					(struct post_sms_outcome *)p);
			break;
		case POST_REGISTRATION:
			event_new(EV_REGISTRATION, now_ms)->registration
					= (struct post_registration *)p;
			break;
		case POST_MSRP:
			event_new(EV_MSRP, now_ms)->msrp = (struct post_msrp *)p;
			break;
		case POST_MSRP_CLOSED:
			event_new(EV_MSRP_CLOSED, now_ms)->closed
					= (struct post_msrp_closed *)p;
			break;
		case POST_SIP:
			chat_post_sip((struct post_sip *)p, now_ms);
			break;
		case POST_SESSION_END:
			chat_post_end((struct post_session_end *)p);
			break;
		default:
			mailbox_done(p, -ENOSYS);
			break;
	}
}

void spool_post(struct post *p)
{
	p->next = *own_end;
	*own_end = p;
	own_end = &p->next;
}

void spool_collect_posts(int64_t now_ms)
{
	struct post **tail = &posts;

	while(*tail)
		tail = &(*tail)->next;
	*tail = mailbox_fetch();
	tail = &posts;
	while(*tail && event_count() < FROM_OTHERS_MAX) {
		struct post *p = *tail;

		if(chat_post_waits(p)) {
			tail = &p->next;
			continue;
		}
		*tail = p->next;
		if(own_end == &p->next)
			own_end = tail;
		if(mailbox_begin(p))
			post_event(p, now_ms);
	}
}

/* ---- frames ---- */

/* What a frame from the connector is, or EV_TYPES if it makes no sense. */
static enum event_type type_of_frame(
		const struct link_frame *f, struct rp_message *rp)
{
	if(f->type == LINK_QUERY || f->type == LINK_ALERT)
		return f->type == LINK_QUERY ? EV_QUERY : EV_ALERT;
	if(f->type == LINK_UNHEARD)
		return EV_UNHEARD;
	if(rp_decode(f->rp, rp))
		return EV_TYPES;
	if(f->type == LINK_DATA && rp->type == RP_DATA)
		return f->flags & LINK_FLAG_REPORT ? EV_REPORT : EV_SMS;
	if(f->type == LINK_ACK && rp->type == RP_ACK)
		return EV_ACCEPTED;
	if(f->type == LINK_ERROR && rp->type == RP_ERROR)
		return EV_REFUSED;
	return EV_TYPES;
}

static const char *report_event(
		const struct link_frame *f, const struct rp_message *rp, int64_t now_ms)
{
	struct report r;

	if(report_read(f, rp, &r))
		return "no SMS-STATUS-REPORT in a report";
	acceptance_wanted(&r, now_ms);
	event_new(EV_REPORT, now_ms)->report = r;
	return NULL;
}

/* @return NULL, or why the connection is closed */
static const char *frame_event(const struct link_frame *f, int64_t now_ms)
{
	struct rp_message rp = {0};
	enum event_type type = type_of_frame(f, &rp);
	struct event *e;

	switch(type) {
		case EV_TYPES:
			return "no RP message in a frame";
		case EV_ACCEPTED:
			acceptance_add(f);
			return NULL;
		case EV_REPORT:
			return report_event(f, &rp, now_ms);
		default:
			e = event_new(type, now_ms);
			e->generation = link_generation();
			e->frame = *f;
			e->rp = rp;
			e->segment_id = (int64_t)f->ref;
			return NULL;
	}
}

void spool_collect_frames(int64_t now_ms)
{
	struct link_frame f;
	const char *why = NULL;

	while(!why) {
		frames_left
				= event_count() >= FROM_OTHERS_MAX || !acceptance_room();
		if(frames_left || !link_next(&f, now_ms))
			return;
		why = frame_event(&f, now_ms);
	}
	link_close(now_ms, why);
}

bool spool_collect_left(void)
{
	return posts || frames_left;
}
