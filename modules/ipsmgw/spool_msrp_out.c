/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */

/*
 * SENDs to A (spec 7.7, RFC 4975 7.1): one message of a session after the
 * other, one chunk after the other, each when the one before was answered. What
 * a session cannot take goes to A as a pager message at once.
 */

#include <stdlib.h>

#include "core/dprint.h"
#include "core/mem/shm_mem.h"

#include "../../lib/cpm/cpim.h"
#include "chat_media.h"
#include "ipsmgw.h"

/* ---- outcomes ---- */

/* In this process, too, an outcome is a post: it is stored with the next batch.
 */
static void post_outcome(int64_t message_id, int sip_code)
{
	struct post_sms_outcome *p = shm_malloc(sizeof(*p));
	const struct mt *m = mt_find(message_id);

	if(!p) {
		SHM_MEM_ERROR;
		return; /* deliver_timeout_s speaks for it */
	}
	*p = (struct post_sms_outcome){
			.post.type = POST_SMS_OUTCOME,
			.message_id = message_id,
			.attempt = m ? m->tries.serial : 0,
			.sip_code = sip_code,
			.retry_after_s = -1,
			.by_script = true, /* no other service is to be tried */
	};
	spool_post(&p->post);
}

static bool is_large(const struct chat_session *c)
{
	return c->s.kind == CHAT_KIND_LARGE_IN;
}

/* As a pager message. Only a large message that A does not want at all has no
 * other way (spec 5.8). */
static void another_way(
		const struct chat_session *c, const struct chat_out *o, int sip_code)
{
	struct mt *m = mt_find(o->message_id);

	if(is_large(c) && sip_code != 406 && sip_code != 415 && sip_code != 488)
		post_outcome(o->message_id, sip_code);
	else if(m)
		mt_again_as_pager(m);
}

static struct chat_out *take_first(struct chat_media *m)
{
	struct chat_out *o = m->out;

	m->out = o->next;
	m->n_out--;
	return o;
}

/* A had all octets of it under way, and has not answered. */
static bool may_be_there(const struct chat_out *o)
{
	return o->message_id > 0 && *o->transaction
		   && o->sent + o->chunk == o->octets;
}

void media_out_drop(struct chat_session *c, struct chat_media *m, int sip_code)
{
	while(m->out) {
		struct chat_out *o = take_first(m);

		if(may_be_there(o))
			counter_inc(ipsmgw_counters.sms_redelivered);
		another_way(c, o, sip_code);
		free(o);
	}
}

/* The first message is done with. */
static void finish(struct chat_session *c, int sip_code)
{
	struct chat_out *o = take_first(c->media);
	const struct mt *m = mt_find(o->message_id);

	post_outcome(o->message_id, sip_code);
	/* all parts were acknowledged; of a group the outcome says it */
	if(sip_code != 200 && m && m->parts > 1 && !m->group)
		media_tell(c, CHAT_TEXT_FAIL);
	free(o);
}

/* ---- sending ---- */

static bool takes(const struct chat_session *c, struct view type)
{
	return msrp_sdp_accepts(c->sdp.accept_types, type);
}

/* The text in a message/cpim takes the place of it. */
static bool make_plain(struct chat_out *o)
{
	struct cpim cpim;

	if(o->plain || o->message_id < 0
			|| cpim_decode((struct view){o->body, o->octets}, &cpim))
		return false;
	o->plain = true;
	o->octets = cpim.payload.len;
	o->sent = 0;
	memmove(o->body, cpim.payload.p, cpim.payload.len);
	return o->octets > 0;
}

static struct view content_type_of(const struct chat_out *o)
{
	return o->plain ? VIEW("text/plain;charset=UTF-8") : VIEW("message/cpim");
}

static void send_chunk(struct chat_session *c, struct chat_out *o)
{
	size_t left = o->octets - o->sent;
	size_t n = left < CHAT_CHUNK_MAX ? left : CHAT_CHUNK_MAX;
	char path[CHAT_PATH_MAX];
	struct msrp_frame f = {
			.method = MSRP_SEND,
			.to_path = c->sdp.path,
			.message_id = view_str(o->msrp_message_id),
			.has_range = true,
			.range_first = o->sent + 1,
			.range_last = o->sent + n,
			.range_total = o->octets,
			.content_type = content_type_of(o),
			.has_body = true,
			.body = {o->body + o->sent, n},
			.flag = n == left ? '$' : '+',
	};

	media_fresh_id(o->transaction);
	o->chunk = n;
	o->deadline_ms = ipsmgw_mono_ms() + CHAT_ANSWER_MS;
	if(media_own_path(c, path))
		return; /* the deadline speaks */
	f.transaction = view_str(o->transaction);
	f.from_path = view_str(path);
	media_write(c, &f);
}

void media_out_next(struct chat_session *c)
{
	struct chat_media *m = c->media;

	while(m && m->out && !*m->out->transaction && c->con_id
			&& c->s.state == CHAT_ACTIVE) {
		if(!mt_find(m->out->message_id)) {
			free(take_first(m)); /* its time was over while it waited */
			continue;
		}
		if(!takes(c, VIEW("message/cpim")))
			make_plain(m->out);
		send_chunk(c, m->out);
	}
	if(m && !m->out && is_large(c) && c->s.state == CHAT_ACTIVE)
		chat_do(c->s.id, CHAT_DO_COMPLETE, 0);
}

/* ---- answers ---- */

/* Spec 7.7: once more as bare text, as a message of its own. */
static bool try_plain(struct chat_session *c, struct chat_out *o)
{
	if(!takes(c, VIEW("text/plain")) || !make_plain(o))
		return false;
	media_fresh_id(o->msrp_message_id);
	send_chunk(c, o);
	return true;
}

static bool is_dead(unsigned code)
{
	return code == 408 || code == 481 || code == 506;
}

static void refused(struct chat_session *c, struct chat_out *o, unsigned code)
{
	LM_NOTICE("session %lld: A answers message %lld with %u %s\n",
			(long long)c->s.id, (long long)o->message_id, code,
			msrp_reason(code));
	if(is_dead(code)) {
		media_lost(c, "A says that the session is dead");
	} else if(code == 415 && try_plain(c, o)) {
		return;
	} else if(is_large(c)) { /* spec 5.6: as 488 */
		media_out_drop(c, c->media, 488);
	} else if(o->message_id > 0 && (code == 413 || code == 415)) {
		finish(c, (int)code);
	} else {
		another_way(c, o, (int)code);
		free(take_first(c->media));
	}
}

void media_out_answered(
		struct chat_session *c, struct view transaction, unsigned code)
{
	struct chat_out *o = c->media ? c->media->out : NULL;

	if(!o || !*o->transaction
			|| !view_eq(transaction, view_str(o->transaction)))
		return;
	chat_touch(c);
	if(code != 200) {
		refused(c, o, code);
	} else {
		o->sent += o->chunk;
		if(o->sent < o->octets)
			send_chunk(c, o);
		else
			finish(c, 200);
	}
	media_out_next(c);
}

/* A report of success was not asked for; one of failure counts as long as the
 * message is under way. */
void media_report_in(struct chat_session *c, const struct msrp_frame *f)
{
	struct chat_out *o = c->media ? c->media->out : NULL;

	if(!o || !*o->transaction || f->status == 0 || f->status == 200
			|| !view_eq(f->message_id, view_str(o->msrp_message_id)))
		return;
	refused(c, o, f->status);
	media_out_next(c);
}

void media_out_expire(struct chat_session *c, int64_t mono_ms)
{
	struct chat_out *o = c->media ? c->media->out : NULL;

	if(o && *o->transaction && mono_ms >= o->deadline_ms)
		media_lost(c, "A does not answer");
}

/* ---- what comes from the SMS side ---- */

static struct chat_out **end_of(struct chat_media *m, int64_t message_id)
{
	struct chat_out **at = &m->out;

	while(*at && (*at)->message_id != message_id)
		at = &(*at)->next;
	return at;
}

bool media_out_add(struct chat_session *c, int64_t message_id, struct view cpim)
{
	struct chat_media *m = media_of(c);
	struct chat_out *o, **at = m ? end_of(m, message_id) : NULL;

	if(at && *at)
		return true; /* its SMSC was faster than A */
	if(!at || m->n_out >= CHAT_OUT_MAX || cpim.len == 0)
		return false;
	o = calloc(1, sizeof(*o) + cpim.len);
	if(!o)
		return false;
	o->message_id = message_id;
	o->octets = cpim.len;
	memcpy(o->body, cpim.p, cpim.len);
	media_fresh_id(o->msrp_message_id);
	*at = o;
	m->n_out++;
	return true;
}

/* A must be there, and must have said that he takes messages. */
static bool is_ready(const struct chat_session *c)
{
	return c->s.state == CHAT_ACTIVE && c->con_id
			&& (c->sdp.direction == MSRP_SENDRECV
					|| c->sdp.direction == MSRP_RECVONLY);
}

static bool fits(const struct chat_session *c, struct view body)
{
	return c->sdp.max_size == 0 || body.len <= c->sdp.max_size;
}

bool chat_media_send(
		struct chat_session *c, int64_t message_id, struct view cpim)
{
	if(!is_ready(c) || !fits(c, cpim)
			|| (!takes(c, VIEW("message/cpim"))
					&& !takes(c, VIEW("text/plain")))
			|| !media_out_add(c, message_id, cpim))
		return false;
	chat_touch(c);
	media_out_next(c);
	return true;
}

bool chat_media_notify(
		struct chat_session *c, int64_t message_id, struct view cpim)
{
	struct view wrapped = c->sdp.accept_wrapped_types;

	if(!is_ready(c) || !fits(c, cpim) || !takes(c, VIEW("message/cpim"))
			|| (wrapped.len
					&& !msrp_sdp_accepts(wrapped, VIEW("message/imdn+xml")))
			|| !media_out_add(c, message_id, cpim))
		return false;
	media_out_next(c);
	return true;
}
