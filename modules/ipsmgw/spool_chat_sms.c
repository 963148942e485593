/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */

/*
 * What B writes (spec 7.3): which session a number means, keywords, texts for
 * A, and the answer where nobody is there any more. A keyword counts only as
 * the whole text.
 */

#include "core/dprint.h"

#include "../../lib/sms/timestamp.h"
#include "chat_number.h"
#include "digest.h"
#include "ipsmgw.h"
#include "spool_chat_int.h"

enum {
	CPIM_OCTETS = 128 * 1024, /* 255 parts and the headers */
	TOLD_MAX = 64,
	TOLD_MS = 60000,
};

/* ---- whom B reaches ---- */

static void target_session(
		struct chat_target *out, const struct chat_session *c)
{
	out->known = true;
	out->session_id = c->s.id;
	snprintf(out->a, sizeof(out->a), "%s", *c->s.a ? c->s.a : c->s.number);
}

int chat_target(const char *b, const char *number, int64_t now_ms,
		struct chat_target *out)
{
	const struct chat_session *c = chat_by_number(b, number);
	struct store_number n;
	int rc;

	memset(out, 0, sizeof(*out));
	if(c) {
		target_session(out, c);
		return 0;
	}
	if(!chat_number_in_pool(number))
		return 0;
	out->known = true;
	rc = store_number_get(spool_store, b, number, now_ms, &n);
	if(rc == 0
			&& (n.flags & CHAT_NUMBER_PAGER
					|| (ipsmgw_cfg.chat_late_pager
							&& !chat_number_of_group(&n))))
		snprintf(out->a, sizeof(out->a), "%s", n.a);
	return rc == -ENOENT ? 0 : rc;
}

int chat_target_before(const char *b, const char *number, int64_t now_ms,
		struct chat_target *out)
{
	struct store_number n;
	int rc = store_number_get(spool_store, b, number, now_ms, &n);

	if(rc == 0)
		snprintf(out->a, sizeof(out->a), "%s", *n.a ? n.a : number);
	return rc == -ENOENT ? 0 : rc;
}

bool chat_is_late(
		const char *b, const char *number, struct view text, int64_t now_ms)
{
	struct store_number n;

	return chat_word(text, "") == CHAT_WORD_ACCEPT
			&& store_number_get(spool_store, b, number, now_ms, &n) == 0
			&& n.flags & CHAT_NUMBER_LATE;
}

/* Two machines must not write to each other for ever. */
static bool told_lately(const char *b, const char *number)
{
	static struct {
		uint8_t key[DIGEST_OCTETS];
		int64_t until_ms;
	} told[TOLD_MAX];
	static unsigned next;
	int64_t mono_ms = ipsmgw_mono_ms();
	uint8_t key[DIGEST_OCTETS];

	digest((struct view[]){view_str(b), view_str(number)}, 2, key);
	for(unsigned i = 0; i < TOLD_MAX; i++) {
		if(told[i].until_ms > mono_ms && !memcmp(told[i].key, key, sizeof(key)))
			return true;
	}
	memcpy(told[next].key, key, sizeof(key));
	told[next].until_ms = mono_ms + TOLD_MS;
	next = (next + 1) % TOLD_MAX;
	return false;
}

/* What the number stood for: which text is right, and what to remember. */
static enum chat_text_id nobody_text(
		const struct store_number *n, struct view text, unsigned *flags)
{
	enum chat_word word = chat_word(text, "");

	if(n->flags & CHAT_NUMBER_LATE && word == CHAT_WORD_ACCEPT) {
		*flags &= ~CHAT_NUMBER_LATE;
		return CHAT_TEXT_LATE;
	}
	if(chat_number_of_group(n) && word == CHAT_WORD_END) {
		*flags |= CHAT_NUMBER_LEFT;
		return CHAT_TEXT_LEFT;
	}
	return CHAT_TEXT_NOSESSION;
}

int chat_nobody(
		struct event *e, const char *b, const char *number, struct view text)
{
	struct chat_session none = {.s = {.a = number,
										.b = b,
										.number = number,
										.name = number,
										.language = "",
										.service = "",
										.conversation_id = "",
										.contribution_id = "",
										.smsc = ""}};
	enum chat_text_id id = CHAT_TEXT_NOSESSION;
	char a[48], contribution_id[256];
	struct store_number n;
	unsigned flags;
	int rc = store_number_get(spool_store, b, number, e->now_ms, &n);

	if(rc && rc != -ENOENT)
		return rc;
	if(rc == 0) {
		flags = n.flags;
		id = nobody_text(&n, text, &flags);
		snprintf(a, sizeof(a), "%s", n.a);
		snprintf(contribution_id, sizeof(contribution_id), "%s",
				n.contribution_id);
		n = (struct store_number){
				b, number, a, contribution_id, n.session_id, flags, n.until_ms};
		if(*a)
			none.s.a = a;
		if(id != CHAT_TEXT_NOSESSION
				&& store_number_bind(spool_store, &n, e->now_ms))
			return -EIO;
	}
	if(id == CHAT_TEXT_NOSESSION && told_lately(b, number))
		return 0;
	return chat_tell(e, &none, id);
}

/* ---- a message of B in a session ---- */

bool chat_is_group(int64_t session_id)
{
	const struct chat_session *c = session_id ? chat_by_id(session_id) : NULL;
	struct store_session s;

	if(c)
		return c->s.kind == CHAT_KIND_GROUP;
	return session_id && store_session_get(spool_store, session_id, &s) == 0
			&& s.kind == CHAT_KIND_GROUP;
}

int chat_sms_failed(struct event *e, int64_t session_id)
{
	const struct chat_session *c = chat_by_id(session_id);
	struct chat_session closed = {.s = {.id = 0}};
	int rc = c ? 0 : store_session_get(spool_store, session_id, &closed.s);

	if(rc)
		return rc == -ENOENT ? 0 : rc;
	return chat_tell(e, c ? c : &closed, CHAT_TEXT_FAIL);
}

bool chat_sms_waits(const struct mt *m)
{
	const struct chat_session *c
			= m->session_id && !m->as_pager ? chat_by_id(m->session_id) : NULL;

	return c
			&& (c->busy || c->todo
					|| (c->s.state == CHAT_OKSENT
							&& (!c->acknowledged || m->for_session)));
}

/* It has done its work: acknowledged after the commit of its outcome. */
static bool done(struct mt *m, int64_t session_id, enum chat_action action)
{
	chat_do(session_id, action, 0);
	m->outcome = 200;
	return true;
}

static bool send_text(struct chat_session *c, struct mt *m,
		const struct store_sms_message *s, struct view text)
{
	static uint8_t octets[CPIM_OCTETS];
	struct wbuf w = wbuf_of(octets, sizeof(octets));
	struct sms_time t
			= {.utc_s = s->scts_s, .zone_minutes = (int16_t)s->zone_minutes};
	char datetime[RFC3339_MAX] = "";

	sms_time_to_rfc3339(&t, datetime);
	if(chat_cpim(&w, c, s->imdn_id, datetime, text))
		return false;
	if(m->group && c->sdp.max_size && w.len > c->sdp.max_size) {
		m->outcome = 413;
		return true;
	}
	return chat_media_send(c, m->message_id, wbuf_written(&w));
}

static bool take_invited(struct chat_session *c, struct mt *m, struct view text)
{
	switch(chat_word(text, c->s.language)) {
		case CHAT_WORD_ACCEPT:
			return done(m, c->s.id, CHAT_DO_ACCEPT);
		case CHAT_WORD_REJECT:
		case CHAT_WORD_END:
			return done(m, c->s.id, CHAT_DO_REJECT);
		case CHAT_WORD_HELP:
			return done(m, c->s.id, CHAT_DO_HELP);
		default:
			break;
	}
	if(ipsmgw_cfg.chat_unknown_help)
		return done(m, c->s.id, CHAT_DO_HELP);
	chat_do(c->s.id, CHAT_DO_ACCEPT, 0);
	m->running = false; /* once more when A has the connection */
	return true;
}

static bool take_open(struct chat_session *c, struct mt *m,
		const struct store_sms_message *s, struct view text)
{
	switch(chat_word(text, c->s.language)) {
		case CHAT_WORD_END:
			return done(m, c->s.id, CHAT_DO_END);
		case CHAT_WORD_HELP:
			return done(m, c->s.id, CHAT_DO_HELP);
		default:
			return send_text(c, m, s, text);
	}
}

/* A has acknowledged but not connected: what is for the gateway is done, the
 * rest waits. */
static bool take_early(struct chat_session *c, struct mt *m, struct view text)
{
	switch(chat_word(text, c->s.language)) {
		case CHAT_WORD_END:
			return done(m, c->s.id, CHAT_DO_END);
		case CHAT_WORD_HELP:
			return done(m, c->s.id, CHAT_DO_HELP);
		default:
			m->for_session = true;
			m->running = false;
			return true;
	}
}

/* The inviter is not the group: nobody is there for B's text, for good or (over
 * false) just now. */
static bool refuse_group(struct mt *m, bool over)
{
	if(m->group)
		m->outcome = over ? 403 : 480;
	return m->group;
}

bool chat_take_sms(
		struct mt *m, const struct store_sms_message *s, struct view text)
{
	struct chat_session *c
			= s->session_id && !m->as_pager ? chat_by_id(s->session_id) : NULL;

	if(!c)
		return refuse_group(m, true);
	switch(c->s.state) {
		case CHAT_WAIT:
			return take_invited(c, m, text);
		case CHAT_ACTIVE:
			return take_open(c, m, s, text) || refuse_group(m, false);
		case CHAT_OKSENT:
			return take_early(c, m, text);
		default:
			return chat_word(text, c->s.language) == CHAT_WORD_END
					? done(m, c->s.id, CHAT_DO_END)
					: refuse_group(m, true);
	}
}
