/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */

/*
 * The conference event of a group chat (RFC 4575, RFC 6665; spec 7.10): one
 * subscription to the focus while the session is ACTIVE, in a dialog of its
 * own, whose Call-ID names the session. It does not outlive the process: what
 * is left of it ends with its time, or by our 481 to the next NOTIFY.
 * What B is told stands in spool_chat_members.c.
 */

#include <stdlib.h>

#include "core/dprint.h"

#include "../../lib/cpm/content.h"
#include "../../lib/cpm/xml.h"
#include "chat_conference.h"
#include "chat_job.h"
#include "digest.h"
#include "ipsmgw.h"
#include "spool_chat_int.h"

enum {
	EXPIRES_S = 3600,
	EXPIRES_MAX_S = 86400,
	REFRESH_MIN_S = 5,
	ANSWER_MS = 40000, /* 64*T1 and a little: no answer will come */
	AGAIN_MS = 60000,  /* a new subscription; the next question for all */
	FAILURES_MAX = 3   /* one after another */
};

static uint8_t octets[XML_OCTETS_MAX];

/* ---- memory ---- */

static void forget_dialog(struct chat_conference *f)
{
	free(f->remote_tag);
	free(f->remote_target);
	free(f->route_set);
	f->remote_tag = f->remote_target = f->route_set = NULL;
	f->local_cseq = f->remote_cseq = 0;
	f->answer_ms = 0;
	f->ask = false;
	f->refresh_ms = INT64_MAX;
}

void chat_conference_free(struct chat_session *c)
{
	struct chat_conference *f = c->conference;

	c->conference = NULL;
	if(!f)
		return;
	forget_dialog(f);
	chat_members_free(f->members);
	free(f->focus);
	free(f);
}

static struct chat_conference *conference_new(const struct chat_session *c)
{
	struct chat_conference *f = calloc(1, sizeof(*f));

	if(!f)
		return NULL;
	f->members = chat_members_new(&(struct chat_members_of){
			.b = c->s.b,
			.b_uri = c->s.local_uri,
			.hidden = c->s.flags & CHAT_FLAG_ANONYMOUS ? c->s.a : "",
			.anonymous = ipsmgw_cfg.chat_anonymous_name,
			.list = c->members,
	});
	f->focus = strdup(c->s.remote_target);
	f->refresh_ms = f->tell_ms = INT64_MAX;
	f->told_ms = INT64_MIN / 2;
	return f;
}

/* ---- SUBSCRIBE ---- */

static void tx_subscribe(struct chat_session *c, unsigned expires_s)
{
	struct chat_conference *f = c->conference;
	char event[128];
	struct wbuf w = wbuf_of(octets, sizeof(octets));
	const struct chat_request r = {
			.session_id = c->s.id,
			.method = "SUBSCRIBE",
			.call_id = f->call_id,
			.local_tag = f->local_tag,
			.remote_tag = f->remote_tag ? f->remote_tag : "",
			.local_uri = c->s.local_uri,
			.remote_uri = f->focus,
			.remote_target = f->remote_target ? f->remote_target : f->focus,
			.route_set = f->route_set ? f->route_set : c->s.route_set,
			.cseq = ++f->local_cseq,
	};
	struct chat_request with_headers = r;

	snprintf(event, sizeof(event),
			"Event: conference\r\nAccept: application/conference-info+xml\r\n"
			"Expires: %u\r\n",
			expires_s);
	chat_put_dialog(&w, c);
	wbuf_str(&w, event);
	with_headers.headers = wbuf_written(&w);
	f->answer_ms = ipsmgw_mono_ms() + ANSWER_MS;
	f->refresh_ms = INT64_MAX;
	chat_job_request(&with_headers);
}

static void new_dialog(struct chat_session *c)
{
	struct chat_conference *f = c->conference;
	uint64_t random;

	forget_dialog(f);
	if(random_octets(&random, sizeof(random))) {
		f->over = true;
		return;
	}
	snprintf(f->call_id, sizeof(f->call_id), "%llx-%016llx",
			(unsigned long long)c->s.id, (unsigned long long)random);
	chat_tag_new(f->local_tag);
	tx_subscribe(c, EXPIRES_S);
}

/* chat_conference_events, or whether there is anything to say. */
static bool wanted(const struct chat_session *c)
{
	const struct chat_fields f = {.name = "", .group = "", .num = ""};
	struct wbuf w = wbuf_of(octets, sizeof(octets));

	if(c->s.kind != CHAT_KIND_GROUP || !*c->s.remote_target)
		return false;
	if(ipsmgw_cfg.chat_conference_events >= 0)
		return ipsmgw_cfg.chat_conference_events > 0;
	return chat_text(&w, CHAT_TEXT_JOIN, c->s.language, &f)
			|| chat_text(&w, CHAT_TEXT_LEAVE, c->s.language, &f) || w.len > 0;
}

void chat_conference_start(struct chat_session *c)
{
	if(c->conference || !wanted(c))
		return;
	c->conference = conference_new(c);
	if(c->conference && c->conference->members && c->conference->focus) {
		new_dialog(c);
		return;
	}
	LM_ERR("session %lld: out of memory for its members\n", (long long)c->s.id);
	chat_conference_free(c);
}

void chat_conference_end(struct chat_session *c)
{
	struct chat_conference *f = c->conference;

	if(f && !f->over && f->remote_tag)
		tx_subscribe(c, 0);
	if(f)
		f->over = true;
}

/* ---- its end by the focus ---- */

static void give_up(const struct chat_session *c, const char *why, int code)
{
	struct chat_conference *f = c->conference;

	forget_dialog(f);
	f->over = true;
	LM_NOTICE("session %lld: no conference events from %s: %s %d\n",
			(long long)c->s.id, f->focus, why, code);
}

static void subscribe_later(struct chat_conference *f, int64_t after_ms)
{
	forget_dialog(f);
	f->refresh_ms
			= ipsmgw_mono_ms() + (after_ms > AGAIN_MS ? after_ms : AGAIN_MS);
}

static void failed(const struct chat_session *c, int code)
{
	struct chat_conference *f = c->conference;
	bool again = code == 408 || code >= 500 || (code == 481 && f->remote_tag);

	if(!again || code >= 600 || ++f->failures >= FAILURES_MAX)
		give_up(c, "SUBSCRIBE is answered", code);
	else
		subscribe_later(f, 0);
}

/* ---- the answer to SUBSCRIBE ---- */

/* Early enough for an answer that takes its time. */
static void refresh_in(struct chat_conference *f, int64_t expires_s)
{
	int64_t s = expires_s < EXPIRES_MAX_S ? expires_s : EXPIRES_MAX_S;

	s -= s / 3 < 32 ? s / 3 : 32;
	f->refresh_ms
			= ipsmgw_mono_ms() + (s > REFRESH_MIN_S ? s : REFRESH_MIN_S) * 1000;
}

static void keep(char **to, const char *text)
{
	char *copy = *text ? strdup(text) : NULL;

	if(!copy)
		return;
	free(*to);
	*to = copy;
}

static void ask_for_all(struct chat_session *c)
{
	struct chat_conference *f = c->conference;
	int64_t mono_ms = ipsmgw_mono_ms();

	f->ask = f->answer_ms > 0;
	if(f->ask)
		return;
	if(mono_ms < f->ask_ms) {
		f->refresh_ms = f->ask_ms;
		return;
	}
	f->ask_ms = mono_ms + AGAIN_MS;
	tx_subscribe(c, EXPIRES_S);
}

static void accepted(struct chat_session *c, const struct post_sip *p)
{
	struct chat_conference *f = c->conference;

	f->failures = 0;
	if(!f->remote_tag || !strcmp(f->remote_tag, p->remote_tag)) {
		keep(&f->remote_tag, p->remote_tag);
		keep(&f->remote_target, p->remote_target);
		keep(&f->route_set, p->route_set);
	}
	if(f->refresh_ms == INT64_MAX) /* RFC 6665 4.1.3: NOTIFY knows better */
		refresh_in(f, p->expires_s ? p->expires_s : EXPIRES_S);
	if(f->ask)
		ask_for_all(c);
}

void chat_conference_answered(struct chat_session *c, const struct post_sip *p)
{
	struct chat_conference *f = c->conference;

	if(!f || f->over || (*p->call_id && strcmp(p->call_id, f->call_id)))
		return;
	f->answer_ms = 0;
	if(p->code >= 200 && p->code <= 299)
		accepted(c, p);
	else
		failed(c, p->code);
}

/* ---- NOTIFY ---- */

struct chat_session *chat_conference_session(const struct post_sip *p)
{
	struct chat_session *c
			= chat_by_id((int64_t)strtoull(p->call_id, NULL, 16));
	const struct chat_conference *f = c ? c->conference : NULL;

	return f && !strcmp(f->call_id, p->call_id)
					&& !strcmp(f->local_tag, p->local_tag)
					&& (!f->remote_tag || !strcmp(f->remote_tag, p->remote_tag))
			? c
			: NULL;
}

static int64_t seconds(const char *state, const char *parameter)
{
	struct view v = media_type_param(view_str(state), parameter);
	int64_t s = 0;

	if(!v.len)
		return -1;
	for(size_t i = 0; i < v.len && v.p[i] >= '0' && v.p[i] <= '9'; i++)
		s = s < EXPIRES_MAX_S ? s * 10 + (v.p[i] - '0') : s;
	return s;
}

/* RFC 6665 4.1.3 */
static void terminated(const struct chat_session *c, const char *state)
{
	static const char *const again[]
			= {"deactivated", "timeout", "probation", "giveup"};
	struct view reason = media_type_param(view_str(state), "reason");

	for(size_t i = 0; i < sizeof(again) / sizeof(again[0]); i++) {
		if(view_ieq(reason, view_str(again[i]))) {
			subscribe_later(
					c->conference, seconds(state, "retry-after") * 1000);
			return;
		}
	}
	give_up(c, "the focus has ended the subscription", 0);
}

static void state_in(struct chat_session *c, const struct post_sip *p)
{
	struct chat_conference *f = c->conference;
	int64_t expires_s = seconds(p->subscription_state, "expires");

	if(media_type_is(view_str(p->subscription_state), "terminated"))
		terminated(c, p->subscription_state);
	else if(expires_s > 0)
		refresh_in(f, expires_s);
}

/* @return what to answer */
static int document_in(struct chat_session *c, struct view body)
{
	static struct conference_info info;
	struct wbuf w = wbuf_of(octets, sizeof(octets));
	int rc = conference_info_read(body, &w, &info);

	if(rc) {
		LM_NOTICE("session %lld: a NOTIFY about its members cannot be read: "
				  "%s\n",
				(long long)c->s.id, strerror(-rc));
		return rc == -EBADMSG ? 400 : 500;
	}
	if(chat_members_update(c->conference->members, &info))
		ask_for_all(c);
	if(chat_members_changed(c->conference->members))
		chat_conference_changed(c->conference);
	return 200;
}

static int notified(struct chat_session *c, const struct post_sip *p)
{
	struct chat_conference *f = c->conference;
	int code = 200;

	if(p->cseq <= f->remote_cseq)
		return 500; /* RFC 3261 12.2.2 */
	if(f->over)
		return 200;
	f->remote_cseq = p->cseq;
	if(!f->remote_tag) { /* before the answer: RFC 6665 4.1.2.4 */
		keep(&f->remote_tag, p->remote_tag);
		keep(&f->remote_target, p->remote_target);
	}
	if(p->body.len)
		code = document_in(c, p->body);
	state_in(c, p);
	return code;
}

void chat_conference_notified(struct chat_session *c, const struct post_sip *p)
{
	chat_tx_answer(&p->transaction, notified(c, p), "");
}

/* ---- time ---- */

void chat_conference_tick(struct chat_session *c, int64_t mono_ms)
{
	struct chat_conference *f = c->conference;

	if(!f || f->over || c->s.state != CHAT_ACTIVE)
		return;
	if(f->answer_ms && f->answer_ms <= mono_ms) /* the job was lost */
		failed(c, 408);
	if(f->refresh_ms <= mono_ms && !f->answer_ms) {
		if(f->remote_tag)
			tx_subscribe(c, EXPIRES_S);
		else
			new_dialog(c);
	}
	if(f->tell_ms <= mono_ms) {
		f->tell_ms = INT64_MAX;
		if(chat_members_changed(f->members))
			chat_do(c->s.id, CHAT_DO_MEMBERS, 0);
	}
}
