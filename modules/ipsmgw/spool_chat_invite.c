/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */

/*
 * An INVITE of A begins a session (spec 7.3, 7.5, 7.10): is there room, which
 * number does B see, must B be asked first. What the answer promises is
 * committed before it is sent.
 */

#include "core/dprint.h"

#include "../../lib/util/utf8.h"
#include "chat_tag.h"
#include "digest.h"
#include "ipsmgw.h"
#include "spool_chat_int.h"

enum { NAME_CHARACTERS = 40, NAME_OCTETS = NAME_CHARACTERS * 4 + 1 };

/* What is found out before anything is written. */
struct opening {
	char number[CHAT_NUMBER_TEXT];
	char name[NAME_OCTETS];
	char local_tag[CHAT_TAG_LEN + 1];
	bool pool, ask;
	struct chat_session *replaced; /* BYE for it: at once .. */
	bool replaced_later;           /* .. or if A does not end it */
};

/* ---- other sessions of B ---- */

/* An anonymous A is another one for B: nothing may join the two. */
static bool is_pair(const struct chat_session *c, const struct chat_invite *in)
{
	if(in->kind == CHAT_KIND_GROUP)
		return *in->contribution_id
				&& !strcmp(c->s.contribution_id, in->contribution_id);
	return !strcmp(c->s.a, in->a)
			&& in->anonymous == !!(c->s.flags & CHAT_FLAG_ANONYMOUS);
}

static struct chat_session *session_of_pair(const struct chat_invite *in)
{
	struct chat_session *c = NULL;

	while((c = chat_of_b(in->b, c))) {
		if(c->s.kind == (int)in->kind && c->s.state != CHAT_ENDING
				&& is_pair(c, in))
			return c;
	}
	return NULL;
}

/* Session-Replaces: B agreed to that one (spec 7.10). */
static struct chat_session *session_to_extend(const struct chat_invite *in)
{
	struct chat_session *c = NULL;

	while(*in->session_replaces && (c = chat_of_b(in->b, c))) {
		if(c->s.state == CHAT_ACTIVE
				&& !strcmp(c->s.contribution_id, in->session_replaces))
			return c;
	}
	return NULL;
}

/* @return 0, or what to answer */
static int room_for(const struct event *e, struct opening *o)
{
	const struct chat_invite *in = &e->sip->invite;

	if(chat_count() >= (unsigned)ipsmgw_cfg.max_sessions)
		return 503;
	if(in->kind == CHAT_KIND_LARGE_OUT)
		return 0;
	o->replaced = session_of_pair(in);
	if(o->replaced && o->replaced->s.state == CHAT_WAIT)
		return 486;
	if(!o->replaced) {
		o->replaced = session_to_extend(in);
		o->replaced_later = o->replaced != NULL;
	}
	if(!o->replaced
			&& chat_count_of(in->b) >= (unsigned)ipsmgw_cfg.max_sessions_per_b)
		return 486;
	return 0;
}

/* ---- what B reads ---- */

static void name_copy(char name[NAME_OCTETS], const char *text)
{
	struct view in = view_str(text);
	struct wbuf w = wbuf_of(name, NAME_OCTETS - 1);
	uint32_t cp;

	for(int i = 0; i < NAME_CHARACTERS && utf8_next(&in, &cp) == 1; i++)
		utf8_put(&w, cp < 0x20 || cp == 0x7f ? ' ' : cp);
	name[w.len] = '\0';
}

static void choose_name(const struct chat_invite *in, struct opening *o)
{
	const char *who = in->anonymous ? ipsmgw_cfg.chat_anonymous_name
			: *in->name             ? in->name
									: in->a;

	name_copy(o->name,
			in->kind == CHAT_KIND_GROUP && *in->subject ? in->subject : who);
}

/* @return 0, what to answer, -EIO */
static int open_session(struct event *e, struct opening *o)
{
	const struct post_sip *p = e->sip;
	const struct chat_invite *in = &p->invite;
	struct msrp_sdp sdp;
	int rc;

	for(const struct chat_session *c = NULL; (c = chat_of_b(in->b, c));) {
		if(!strcmp(c->s.call_id, p->call_id)
				&& !strcmp(c->s.remote_tag, p->remote_tag))
			return 482; /* RFC 3261 8.2.2.2 */
	}
	if(msrp_sdp_decode(p->sdp, &sdp))
		return 488;
	rc = room_for(e, o);
	if(rc == 0)
		rc = chat_number_declined(e);
	if(rc)
		return rc;
	o->pool = in->kind == CHAT_KIND_GROUP
			|| (in->kind == CHAT_KIND_ONE
					&& (in->anonymous || ipsmgw_cfg.chat_pool));
	o->ask = ipsmgw_cfg.chat_check_first && !o->replaced
			&& in->kind != CHAT_KIND_LARGE_OUT;
	choose_name(in, o);
	chat_tag_new(o->local_tag);
	snprintf(o->number, sizeof(o->number), "%s",
			*in->originator ? in->originator : in->a);
	rc = o->pool ? chat_number_choose(
				 e, o->replaced && !o->replaced_later, o->number)
				 : 0;
	if(rc == -ENOENT)
		LM_WARN("no number of chat_numbers is free for %s\n", in->b);
	return rc == -ENOENT ? 503 : rc;
}

/* ---- the session ---- */

static unsigned flags_of(const struct chat_invite *in, const struct opening *o)
{
	return (in->anonymous ? CHAT_FLAG_ANONYMOUS : 0)
			| (o->pool ? CHAT_FLAG_POOL : 0);
}

static struct chat_session *session_new(
		struct event *e, const struct opening *o)
{
	const struct post_sip *p = e->sip;
	const struct chat_invite *in = &p->invite;
	struct store_session s = {
			.kind = in->kind,
			.state = o->ask ? CHAT_WAIT : CHAT_OKSENT,
			.flags = flags_of(in, o),
			.a = in->a,
			.b = in->b,
			.number = o->number,
			.name = o->name,
			.language = in->language,
			.service = in->service,
			.conversation_id = in->conversation_id,
			.contribution_id = in->contribution_id,
			.smsc = in->smsc,
			.call_id = p->call_id,
			.local_tag = o->local_tag,
			.remote_tag = p->remote_tag,
			.local_uri = in->local_uri,
			.remote_uri = in->remote_uri,
			.remote_target = p->remote_target,
			.route_set = in->route_set,
			.remote_cseq = p->cseq,
			.created_ms = e->now_ms,
	};
	struct chat_session *c;

	if(store_session_add(spool_store, &s, e->now_ms, &s.id))
		return NULL;
	c = chat_add(&s);
	if(!c)
		return NULL;
	c->has_transaction = true;
	c->transaction = p->transaction;
	c->session_expires_s = in->timer ? p->session_expires_s : 0;
	c->refresher = !strcmp(p->refresher, "uas");
	if(*in->members)
		c->members = strdup(in->members);
	if(chat_set_sdp(c, p->sdp) == 0)
		return c;
	chat_drop(c);
	return NULL;
}

static int write_to_b(
		struct event *e, const struct chat_session *c, const struct opening *o)
{
	int rc = 0;

	if(c->s.kind == CHAT_KIND_LARGE_OUT)
		return 0;
	if(o->ask)
		return chat_invite_text(e, c, e->sip);
	if(!o->replaced || o->replaced_later)
		rc = chat_tell(e, c, CHAT_TEXT_STARTED);
	if(rc == 0 && e->sip->invite.text.len)
		rc = chat_first_text(e, c, e->sip);
	return rc;
}

/* Can we answer this offer at all? Nothing of it stays if not. */
static int check_answer(struct event *e, struct chat_session *c)
{
	static uint8_t octets[4096];
	struct wbuf w = wbuf_of(octets, sizeof(octets));
	struct store_session s = c->s;

	if(chat_sdp_write(&w, c) == 0)
		return 0;
	s.state = CHAT_CLOSED;
	return store_session_put(spool_store, &s, e->now_ms) ? -EIO : 488;
}

static int begin_session(struct event *e, const struct opening *o)
{
	struct chat_session *c = session_new(e, o);
	int rc;

	if(!c)
		return -EIO;
	e->chat.c = c;
	c->busy = true;
	e->chat.replaced = o->replaced ? o->replaced->s.id : 0;
	rc = check_answer(e, c);
	if(rc == 0)
		rc = chat_number_use(e, c);
	if(rc == 0)
		rc = write_to_b(e, c, o);
	e->chat.kind = o->ask ? CHAT_STEP_RING : CHAT_STEP_ACCEPT;
	return rc;
}

int chat_invite_apply(struct event *e)
{
	struct opening o = {.pool = false};
	int rc;

	if(e->chat.c)
		chat_drop(e->chat.c);
	e->chat = (struct chat_step){.c = NULL};
	rc = open_session(e, &o);
	if(rc == 0)
		rc = begin_session(e, &o);
	if(rc <= 0)
		return rc;
	e->chat.kind = CHAT_STEP_REFUSE;
	e->chat.code = rc;
	return 0;
}

/* ---- after the commit ---- */

void chat_accepted(struct chat_session *c)
{
	c->s.state = CHAT_OKSENT;
	c->has_transaction = false;
	c->repeat_180_ms = INT64_MAX;
	c->state_deadline_ms = ipsmgw_mono_ms() + CHAT_ACK_MS;
	chat_session_timer(c);
	chat_tx_accept(c);
	counter_inc(ipsmgw_counters.sessions_accepted);
	LM_INFO("chat session=%lld conv=%s from=%s to=%s number=%s accepted\n",
			(long long)c->s.id, c->s.conversation_id, c->s.a, c->s.b,
			c->s.number);
}

static void ring(struct chat_session *c, const struct post_sip *p)
{
	int64_t mono_ms = ipsmgw_mono_ms();

	c->state_deadline_ms = mono_ms + ipsmgw_cfg.chat_accept_s * 1000LL;
	c->repeat_180_ms = mono_ms + ipsmgw_cfg.chat_provisional_s * 1000LL;
	if(p->invite.reliable) {
		c->rseq = 1 + (unsigned)(c->s.id & 0xffffff);
		c->repeat_180_ms = mono_ms + 500;
	}
	chat_tx_ringing(c);
	if(chat_was_cancelled(p))
		chat_do(c->s.id, CHAT_DO_CANCEL, 0);
	LM_INFO("chat session=%lld conv=%s from=%s to=%s number=%s invited\n",
			(long long)c->s.id, c->s.conversation_id, c->s.a, c->s.b,
			c->s.number);
}

static void refuse(struct event *e)
{
	const struct post_sip *p = e->sip;
	char tag[CHAT_TAG_LEN + 1];

	if(e->chat.c)
		chat_drop(e->chat.c);
	chat_tag_new(tag);
	chat_tx_answer(&p->transaction, e->chat.code, tag);
	counter_inc(ipsmgw_counters.sessions_rejected);
	LM_NOTICE("INVITE %s from %s to %s refused with %d\n", p->call_id,
			p->invite.a, p->invite.b, e->chat.code);
}

static void replace(const struct chat_step *step)
{
	struct chat_session *old = chat_by_id(step->replaced);

	if(!old)
		return;
	if(step->c->s.kind == CHAT_KIND_GROUP && old->s.kind == CHAT_KIND_ONE)
		old->replaced_deadline_ms
				= ipsmgw_mono_ms() + ipsmgw_cfg.chat_replaced_s * 1000LL;
	else
		chat_do(old->s.id, CHAT_DO_REPLACE, 0);
}

void chat_invite_after(struct event *e)
{
	struct chat_session *c = e->chat.c;
	const struct chat_invite *in = &e->sip->invite;
	bool hold = e->chat.hold
			|| (in->kind == CHAT_KIND_LARGE_OUT && in->imdn_id.len);

	if(e->chat.kind == CHAT_STEP_REFUSE) {
		refuse(e);
		mailbox_done(&e->sip->post, 0);
		return;
	}
	c->busy = false;
	c->asked_message_id = e->chat.asked;
	c->first_message_id = e->chat.first;
	counter_inc(ipsmgw_counters.sessions_started);
	if(e->chat.kind == CHAT_STEP_RING)
		ring(c, e->sip);
	else
		chat_accepted(c);
	if(e->chat.replaced)
		replace(&e->chat);
	if(hold)
		c->held = e->sip;
	else
		mailbox_done(&e->sip->post, 0);
}

void chat_invite_failed(struct event *e)
{
	e->chat.code = 503;
	refuse(e);
	e->chat.c = NULL;
	mailbox_done(&e->sip->post, -EIO);
}
