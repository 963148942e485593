/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */

/*
 * Requests of A inside a session and A's answers to ours (spec 7.4, 7.5, 7.9;
 * RFC 3261 12, RFC 4028). Every request that waits is answered, also for a
 * dialog that nobody knows and when the database fails.
 */

#include "core/dprint.h"

#include "digest.h"
#include "ipsmgw.h"
#include "spool_chat_int.h"

void chat_step_after(struct event *e)
{
	struct chat_session *c = e->chat.c;

	c->busy = false;
	if(e->chat.kind == CHAT_STEP_ACCEPT)
		chat_accept_after(e);
	else if(e->chat.kind >= CHAT_STEP_ENDING)
		chat_end_after(e);
}

/* The stream may change its direction, not its end (spec 7.5). */
static bool same_media(const struct chat_session *c, struct view sdp)
{
	struct msrp_sdp new;

	return !sdp.len
			|| (msrp_sdp_decode(sdp, &new) == 0
					&& view_eq(new.path, c->sdp.path) && new.tls == c->sdp.tls);
}

static int refresh_code(const struct chat_session *c, const struct post_sip *p)
{
	if(c->s.state != CHAT_OKSENT && c->s.state != CHAT_ACTIVE)
		return c->s.state == CHAT_WAIT ? 491 : 481;
	if(p->cseq < c->s.remote_cseq)
		return 500;
	if(p->session_expires_s && p->session_expires_s < CHAT_MIN_SE_S)
		return 422;
	return same_media(c, p->sdp) ? 200 : 488;
}

static int refresh_apply(struct event *e)
{
	const struct post_sip *p = e->sip;
	struct store_session s = e->chat.c->s;

	if(!*p->remote_target || !strcmp(p->remote_target, s.remote_target)
			|| refresh_code(e->chat.c, p) != 200)
		return 0;
	s.remote_target = p->remote_target;
	return store_session_put(spool_store, &s, e->now_ms);
}

static int response_apply(struct event *e)
{
	const struct post_sip *p = e->sip;
	struct store_session s = e->chat.c->s;

	if(!strcmp(p->method, "BYE"))
		return chat_end_apply(e, CHAT_DO_CLOSED);
	if(strcmp(p->method, "INVITE") || s.state != CHAT_INVITING)
		return 0;
	if(p->code < 200 || p->code > 299)
		return chat_end_apply(e, CHAT_DO_CLOSED);
	s.state = CHAT_OKSENT;
	s.remote_tag = p->remote_tag;
	s.remote_target = p->remote_target;
	s.route_set = p->route_set;
	return store_session_put(spool_store, &s, e->now_ms);
}

int chat_sip_apply(struct event *e)
{
	struct chat_session *c = e->chat.c;

	if(e->sip->event == CHAT_INVITE)
		return chat_invite_apply(e);
	e->chat = (struct chat_step){.c = c};
	if(!c)
		return 0;
	switch(e->sip->event) {
		case CHAT_CANCEL:
			return c->s.state == CHAT_WAIT ? chat_end_apply(e, CHAT_DO_CANCEL)
										   : 0;
		case CHAT_REFRESH:
			return refresh_apply(e);
		case CHAT_BYE:
			return chat_end_apply(e, CHAT_DO_GONE);
		case CHAT_RESPONSE:
			return response_apply(e);
		default:
			return 0;
	}
}

static void ack_after(struct chat_session *c)
{
	if(c->acknowledged)
		return;
	c->acknowledged = true;
	if(c->s.state == CHAT_OKSENT) {
		c->state_deadline_ms
				= ipsmgw_mono_ms() + ipsmgw_cfg.chat_msrp_s * 1000LL;
		chat_media_open(c);
		if(c->con_id)
			chat_media_ready(c);
	}
	if(c->todo) /* what waited for the ACK */
		chat_do(c->s.id, CHAT_DO_SAVE, 0);
}

void chat_session_timer(struct chat_session *c)
{
	int64_t s = c->session_expires_s;
	int64_t early_s = s / 3 < 32 ? s / 3 : 32; /* RFC 4028 10 */

	c->refresh_deadline_ms = INT64_MAX;
	if(s)
		c->refresh_deadline_ms = ipsmgw_mono_ms()
				+ (c->refresher ? s * 500 : (s - early_s) * 1000);
}

static void refresh_after(struct chat_session *c, const struct post_sip *p)
{
	int code = refresh_code(c, p);

	if(code == 200) {
		c->s.remote_cseq = p->cseq;
		if(*p->remote_target)
			chat_set_text(c, &c->s.remote_target, p->remote_target);
		if(p->sdp.len)
			chat_set_sdp(c, p->sdp);
		c->session_expires_s = p->session_expires_s;
		c->refresher = !strcmp(p->refresher, "uas");
		chat_session_timer(c);
	}
	chat_tx_refresh(c, p, code);
}

static void invite_answered(struct chat_session *c, const struct post_sip *p)
{
	if(p->code < 200 || p->code > 299) {
		large_answered(c, p->code);
		return;
	}
	c->s.state = CHAT_OKSENT;
	c->acknowledged = true;
	c->state_deadline_ms = ipsmgw_mono_ms() + ipsmgw_cfg.chat_msrp_s * 1000LL;
	if(chat_set_text(c, &c->s.remote_tag, p->remote_tag)
			|| chat_set_text(c, &c->s.remote_target, p->remote_target)
			|| chat_set_text(c, &c->s.route_set, p->route_set)
			|| chat_set_sdp(c, p->sdp)) {
		large_answered(c, 488);
		chat_do(c->s.id, CHAT_DO_CLOSE, 0);
		return;
	}
	large_answered(c, p->code);
}

static void update_answered(struct chat_session *c, int code)
{
	if(code == 481 || code == 408)
		chat_do(c->s.id, CHAT_DO_LOST, 0);
}

static void response_after(struct event *e)
{
	struct chat_session *c = e->chat.c;

	if(!strcmp(e->sip->method, "INVITE") && c->s.state == CHAT_INVITING)
		invite_answered(c, e->sip);
	else if(!strcmp(e->sip->method, "UPDATE"))
		update_answered(c, e->sip->code);
	else if(!strcmp(e->sip->method, "SUBSCRIBE"))
		chat_conference_answered(c, e->sip);
	chat_step_after(e);
}

static void prack_after(struct chat_session *c, const struct post_sip *p)
{
	c->pracked = true;
	c->repeat_180_ms
			= ipsmgw_mono_ms() + ipsmgw_cfg.chat_provisional_s * 1000LL;
	chat_tx_answer(&p->transaction, 200, "");
}

static void sip_known(struct event *e)
{
	struct chat_session *c = e->chat.c;
	const struct post_sip *p = e->sip;

	switch(p->event) {
		case CHAT_ACK:
			ack_after(c);
			break;
		case CHAT_PRACK:
			prack_after(c, p);
			break;
		case CHAT_REFRESH:
			refresh_after(c, p);
			break;
		case CHAT_NOTIFY:
			chat_conference_notified(c, p);
			break;
		case CHAT_BYE:
			chat_tx_answer(&p->transaction, 200, "");
			break;
		case CHAT_RESPONSE:
			response_after(e);
			return;
		default:
			break;
	}
	chat_step_after(e);
}

/* ---- CANCEL before its INVITE: another worker was faster ---- */

enum { EARLY_MAX = 16, EARLY_MS = 5000 };

static struct early {
	uint8_t key[DIGEST_OCTETS];
	int64_t until_ms;
} early[EARLY_MAX];

static void early_key(const struct post_sip *p, uint8_t key[DIGEST_OCTETS])
{
	digest((struct view[]){view_str(p->call_id), view_str(p->remote_tag)}, 2,
			key);
}

static void cancel_early(const struct post_sip *p)
{
	static unsigned next;
	struct early *at = &early[next++ % EARLY_MAX];

	early_key(p, at->key);
	at->until_ms = ipsmgw_mono_ms() + EARLY_MS;
}

bool chat_was_cancelled(const struct post_sip *invite)
{
	uint8_t key[DIGEST_OCTETS];

	early_key(invite, key);
	for(unsigned i = 0; i < EARLY_MAX; i++) {
		if(early[i].until_ms > ipsmgw_mono_ms()
				&& !memcmp(early[i].key, key, sizeof(key)))
			return true;
	}
	return false;
}

/* ---- after the commit, or without it ---- */

static bool suspended(const struct post_sip *p)
{
	return p->event == CHAT_PRACK || p->event == CHAT_REFRESH
			|| p->event == CHAT_BYE || p->event == CHAT_NOTIFY;
}

void chat_sip_after(struct event *e)
{
	if(e->sip->event == CHAT_INVITE) {
		chat_invite_after(e);
		return;
	}
	if(e->chat.c)
		sip_known(e);
	else if(suspended(e->sip))
		chat_tx_answer(&e->sip->transaction, 481, "");
	else if(e->sip->event == CHAT_CANCEL)
		cancel_early(e->sip);
	mailbox_done(&e->sip->post, 0);
}

/* tm has acknowledged a 2xx to our INVITE: the dialog is there, whatever the
 * database says. */
static void response_failed(struct chat_session *c, const struct post_sip *p)
{
	if(!strcmp(p->method, "SUBSCRIBE")) {
		chat_conference_answered(c, p);
		return;
	}
	if(!strcmp(p->method, "INVITE") && c->s.state == CHAT_INVITING)
		invite_answered(c, p);
	else if(!strcmp(p->method, "UPDATE"))
		update_answered(c, p->code);
	chat_again(c, c->s.state == CHAT_OKSENT ? CHAT_DO_SAVE : CHAT_DO_CLOSED);
}

/* ACK and PRACK change only memory, and do not come again; what the others ask
 * for is done later. */
static void failed_known(struct chat_session *c, const struct post_sip *p)
{
	c->busy = false;
	switch(p->event) {
		case CHAT_ACK:
			ack_after(c);
			break;
		case CHAT_PRACK:
			prack_after(c, p);
			break;
		case CHAT_CANCEL:
			chat_again(c, CHAT_DO_CANCEL);
			break;
		case CHAT_BYE:
			chat_again(c, CHAT_DO_GONE);
			break;
		case CHAT_RESPONSE:
			response_failed(c, p);
			break;
		default:
			break;
	}
}

/* BYE is answered all the same. */
void chat_sip_failed(struct event *e)
{
	struct chat_session *c = e->chat.c;
	const struct post_sip *p = e->sip;

	if(p->event == CHAT_INVITE) {
		chat_invite_failed(e);
		return;
	}
	if(suspended(p) && !(c && p->event == CHAT_PRACK))
		chat_tx_answer(&p->transaction, p->event == CHAT_BYE ? 200 : 500, "");
	if(c)
		failed_known(c, p);
	mailbox_done(&e->sip->post, -EIO);
}
