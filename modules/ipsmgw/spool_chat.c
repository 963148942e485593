/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */

/*
 * Chat sessions in the spool process (spec 7.4): requests of A and what time,
 * B and the operator want become events, one a session and batch. What an event
 * does to a session stands in spool_chat_invite.c and spool_chat_end.c.
 */

#include "core/dprint.h"

#include "ipsmgw.h"
#include "job.h"
#include "spool_chat_int.h"

enum { COLLECT_MAX = 64, RETRY_MS = 1000, RSEQ_GIVE_UP = 7 };

static unsigned n_todo;    /* sessions with something to do */
static int64_t todo_at_ms; /* mono: when one of them should be looked at */
static unsigned n_invites; /* INVITEs in the batch that is being collected */

/* ---- things to do ---- */

static void todo(struct chat_session *c, enum chat_action action)
{
	n_todo += !c->todo;
	c->todo |= 1u << action;
	if(c->retry_ms < todo_at_ms)
		todo_at_ms = c->retry_ms;
}

static void todo_done(struct chat_session *c, unsigned actions)
{
	n_todo -= c->todo && !(c->todo & ~actions);
	c->todo &= ~actions;
}

void chat_do(int64_t session_id, enum chat_action action, unsigned cause)
{
	struct chat_session *c = chat_by_id(session_id);

	if(!c)
		return;
	if(action == CHAT_DO_FAIL)
		c->cause = (uint8_t)cause;
	todo(c, action);
}

void chat_drop(struct chat_session *c)
{
	todo_done(c, ~0u);
	if(c->media)
		chat_media_free(c);
	chat_conference_free(c);
	if(c->held)
		mailbox_done(&c->held->post, 0);
	chat_remove(c);
}

void chat_again(struct chat_session *c, enum chat_action action)
{
	c->retry_ms = ipsmgw_mono_ms() + RETRY_MS;
	todo(c, action);
}

/* ---- what media and messages say ---- */

void chat_touch(struct chat_session *c)
{
	c->idle_deadline_ms = INT64_MAX;
	if(ipsmgw_cfg.chat_idle_s && c->s.kind != CHAT_KIND_LARGE_IN)
		c->idle_deadline_ms
				= ipsmgw_mono_ms() + ipsmgw_cfg.chat_idle_s * 1000LL;
}

void chat_media_ready(struct chat_session *c)
{
	if(c->s.state != CHAT_OKSENT || !c->acknowledged)
		return;
	c->s.state = CHAT_ACTIVE;
	c->state_deadline_ms = INT64_MAX;
	chat_touch(c);
	todo(c, CHAT_DO_SAVE);
	chat_conference_start(c);
	LM_INFO("chat session=%lld conv=%s from=%s to=%s number=%s active\n",
			(long long)c->s.id, c->s.conversation_id, c->s.a, c->s.b,
			c->s.number);
}

void chat_outcome(const struct outcome *o)
{
	struct chat_session *c;

	if(!o->there || !o->o.final || o->o.state < MESSAGE_FAILED
			|| !o->o.session_id)
		return;
	c = chat_by_id(o->o.session_id);
	if(!c)
		return;
	if(o->o.message_id == c->asked_message_id) {
		if(c->s.state == CHAT_WAIT)
			chat_do(c->s.id, CHAT_DO_FAIL, o->o.cause);
		return;
	}
	chat_media_failed(
			c, o->o.message_id, sip_of_submit_cause((uint8_t)o->o.cause));
	if(o->o.message_id == c->first_message_id && c->s.kind <= CHAT_KIND_GROUP
			&& ipsmgw_cfg.chat_bye_on_undeliverable)
		chat_do(c->s.id, CHAT_DO_FAIL, o->o.cause);
}

/* ---- EV_CHAT ---- */

static int64_t earlier(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

static bool expired(const struct chat_session *c)
{
	return earlier(c->state_deadline_ms,
				   earlier(c->idle_deadline_ms,
						   c->refresher ? INT64_MAX : c->refresh_deadline_ms))
			<= ipsmgw_mono_ms();
}

static int save_apply(struct event *e, bool request)
{
	struct store_session s = e->chat.c->s;

	s.local_cseq += request;
	return store_session_put(spool_store, &s, e->now_ms);
}

/* Our INVITE is out: A's answer closes the session, with BYE if it is a 2xx. */
static bool waits_for_answer(const struct event *e)
{
	return e->action == CHAT_DO_CLOSE && e->chat.c->s.state == CHAT_INVITING
			&& e->chat.c->media;
}

/* What else was to be done may have ended it. */
static bool may_refresh(const struct event *e)
{
	return e->chat.c->s.state == CHAT_ACTIVE;
}

static int chat_apply(struct event *e)
{
	struct chat_session *c = e->chat.c;

	e->chat = (struct chat_step){.c = c};
	if(waits_for_answer(e))
		return 0;
	switch(e->action) {
		case CHAT_DO_ACCEPT:
			return chat_accept_apply(e);
		case CHAT_DO_HELP:
			return chat_tell(e, c, CHAT_TEXT_HELP);
		case CHAT_DO_SAVE:
			return save_apply(e, false);
		case CHAT_DO_REFRESH:
			return may_refresh(e) ? save_apply(e, true) : 0;
		case CHAT_DO_MEMBERS:
			return chat_conference_tell(e, c);
		case CHAT_DO_EXPIRE:
			return expired(c) ? chat_end_apply(e, CHAT_DO_EXPIRE) : 0;
		default:
			return chat_end_apply(e, e->action);
	}
}

static void refresh(struct chat_session *c)
{
	c->s.local_cseq++;
	c->refresh_deadline_ms
			= ipsmgw_mono_ms() + c->session_expires_s * 1000LL / 2;
	chat_tx_update(c);
}

static void chat_after(struct event *e)
{
	if(e->action == CHAT_DO_REFRESH && may_refresh(e))
		refresh(e->chat.c);
	if(waits_for_answer(e))
		chat_media_free(e->chat.c);
	if(e->action == CHAT_DO_MEMBERS)
		chat_conference_told(e->chat.c);
	chat_step_after(e);
}

static void chat_failed(struct event *e)
{
	e->chat.c->busy = false;
	chat_again(e->chat.c, e->action);
}

/* clang-format off */
const struct event_ops spool_chat_ops[EV_TYPES] = {
	[EV_CHAT_SIP] = {chat_sip_apply, chat_sip_after, chat_sip_failed},
	[EV_CHAT] = {chat_apply, chat_after, chat_failed},
};
/* clang-format on */

/* ---- posts ---- */

static struct chat_session *session_of(const struct post_sip *p)
{
	if(p->event == CHAT_INVITE)
		return NULL;
	if(p->event == CHAT_RESPONSE)
		return chat_by_id(p->session_id);
	if(p->event == CHAT_NOTIFY)
		return chat_conference_session(p);
	return chat_by_dialog(p->call_id, p->local_tag, p->remote_tag);
}

bool chat_post_waits(const struct post *post)
{
	const struct post_sip *p = (const struct post_sip *)post;
	const struct chat_session *c;

	if(post->type != POST_SIP || p->event == CHAT_INVITE)
		return false;
	c = session_of(p);
	return c ? c->busy : n_invites > 0;
}

void chat_post_sip(struct post_sip *p, int64_t now_ms)
{
	struct event *e = event_new(EV_CHAT_SIP, now_ms);

	e->sip = p;
	e->chat = (struct chat_step){.c = session_of(p)};
	if(e->chat.c)
		e->chat.c->busy = true;
	n_invites += p->event == CHAT_INVITE;
}

void chat_post_end(struct post_session_end *p)
{
	bool there = chat_by_id(p->session_id) != NULL;

	chat_do(p->session_id, CHAT_DO_CLOSE, 0);
	mailbox_done(&p->post, there ? 0 : -ENOENT);
}

/* ---- time ---- */

static void ring_again(struct chat_session *c, int64_t mono_ms)
{
	if(c->rseq && !c->pracked && ++c->repeats_180 > RSEQ_GIVE_UP) {
		c->repeat_180_ms = INT64_MAX; /* RFC 3262 3 */
		todo(c, CHAT_DO_CANCEL);
		return;
	}
	if(c->rseq && !c->pracked)
		c->repeat_180_ms = mono_ms + (500LL << c->repeats_180);
	else
		c->repeat_180_ms = mono_ms + ipsmgw_cfg.chat_provisional_s * 1000LL;
	chat_tx_ringing(c);
}

static void look_at_clock(struct chat_session *c, int64_t mono_ms)
{
	if(expired(c))
		todo(c, CHAT_DO_EXPIRE);
	if(c->replaced_deadline_ms <= mono_ms)
		todo(c, CHAT_DO_REPLACE);
	if(c->refresher && c->refresh_deadline_ms <= mono_ms
			&& c->s.state == CHAT_ACTIVE)
		todo(c, CHAT_DO_REFRESH);
	chat_conference_tick(c, mono_ms);
	if(c->repeat_180_ms <= mono_ms && c->s.state == CHAT_WAIT)
		ring_again(c, mono_ms);
}

/* RFC 3261 15: no BYE before the ACK, or the end of waiting for it. */
static unsigned possible(const struct chat_session *c)
{
	if(c->s.state == CHAT_OKSENT && !c->acknowledged)
		return c->todo & (1u << CHAT_DO_EXPIRE | 1u << CHAT_DO_GONE);
	return c->todo;
}

/* @return false if the batch is full */
static bool collect_one(struct chat_session *c, int64_t now_ms)
{
	unsigned actions = possible(c);
	struct event *e = event_new(EV_CHAT, now_ms);

	if(!e)
		return false;
	e->action = __builtin_ctz(actions);
	e->session_id = c->s.id;
	e->chat = (struct chat_step){.c = c};
	todo_done(c, 1u << e->action);
	c->busy = true;
	return true;
}

static void collect_todo(int64_t now_ms, int64_t mono_ms)
{
	unsigned left = COLLECT_MAX;

	todo_at_ms = INT64_MAX;
	for(struct chat_session *c = chat_first(); c && n_todo; c = c->next) {
		if(!possible(c)) /* ACK will ask for it */
			continue;
		if(c->retry_ms > mono_ms) {
			todo_at_ms = earlier(todo_at_ms, c->retry_ms);
		} else if(c->busy) {
			todo_at_ms = 0;
		} else if(!left || !work_room() || !collect_one(c, now_ms)) {
			todo_at_ms = 0;
			return;
		} else {
			left--;
			if(c->todo)
				todo_at_ms = 0;
		}
	}
}

void spool_chat_collect(int64_t now_ms, bool tick)
{
	int64_t mono_ms = ipsmgw_mono_ms();

	n_invites = 0;
	for(struct chat_session *c = tick ? chat_first() : NULL; c; c = c->next)
		look_at_clock(c, mono_ms);
	if(n_todo && todo_at_ms <= mono_ms)
		collect_todo(now_ms, mono_ms);
	spool_status->sessions = chat_count();
}

/* Without room the async workers wake us. */
int64_t spool_chat_next_ms(void)
{
	return n_todo && work_room() ? todo_at_ms : INT64_MAX;
}

/* ---- start and housekeeping ---- */

static void start_row(void *ctx, const struct store_session *s)
{
	struct chat_session *c = chat_add(s);
	int *rc = ctx;

	if(!c) {
		*rc = -ENOMEM;
		return;
	}
	c->acknowledged = true;
	if(c->s.state == CHAT_ENDING)
		c->s.state = CHAT_ACTIVE; /* B has been told: only BYE once more */
	todo(c, s->state == CHAT_ENDING ? CHAT_DO_REPLACE : CHAT_DO_CLOSE);
}

int spool_chat_start(void)
{
	int rc = 0, n;

	n = store_sessions_open(spool_store, start_row, &rc);
	if(n > 0)
		LM_NOTICE("%d chat sessions of the last life are ended\n", n);
	return n < 0 ? n : rc;
}

int chat_purge(int64_t now_ms, unsigned limit)
{
	int64_t kept_s = ipsmgw_cfg.retention_session_s;
	int rc, numbers;

	/* SMs of B that wait must know that they were for a group */
	if(kept_s < ipsmgw_cfg.validity_default_s)
		kept_s = ipsmgw_cfg.validity_default_s;
	rc = store_sessions_purge(spool_store, now_ms - kept_s * 1000LL, limit);
	if(rc < 0)
		return rc;
	numbers = store_numbers_purge(spool_store, now_ms, limit);
	return numbers < 0 ? numbers : rc + numbers;
}
