/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */

/*
 * SENDs of A (RFC 4975 7.3): chunks become messages, several at the same time.
 * A message in one chunk is read where it lies. Each request gets its one
 * answer; the last chunk of a message gets it after the commit.
 */

#include <stdlib.h>

#include "core/dprint.h"

#include "chat_media.h"
#include "ipsmgw.h"

static size_t octets_held; /* of all sessions */

/* ---- memory ---- */

static void free_in(struct chat_media *m, struct chat_in **at)
{
	struct chat_in *in = *at;

	*at = in->next;
	m->n_in--;
	octets_held -= in->m.size;
	free(in->m.p);
	free(in);
}

void media_in_drop(struct chat_media *m)
{
	while(m->in)
		free_in(m, &m->in);
}

void media_in_expire(struct chat_media *m, int64_t mono_ms)
{
	for(struct chat_in **at = &m->in; *at;) {
		if(mono_ms - (*at)->last_ms < CHAT_IN_STALE_MS)
			at = &(*at)->next;
		else
			free_in(m, at);
	}
}

static struct chat_in **find_in(struct chat_media *m, struct view message_id)
{
	struct chat_in **at = &m->in;

	while(*at && !view_eq(view_str((*at)->m.message_id), message_id))
		at = &(*at)->next;
	return at;
}

static struct chat_in **new_in(struct chat_media *m, const struct msrp_frame *f)
{
	struct chat_in *in = m->n_in < CHAT_IN_MAX ? calloc(1, sizeof(*in)) : NULL;

	if(!in)
		return NULL;
	msrp_incoming_init(&in->m, f, NULL, 0);
	in->next = m->in;
	m->in = in;
	m->n_in++;
	return &m->in;
}

static bool grow(struct chat_in *in, uint64_t octets)
{
	uint8_t *p;

	if(octets <= in->m.size)
		return true;
	if(octets_held + (octets - in->m.size) > CHAT_IN_OCTETS_MAX)
		return false;
	p = realloc(in->m.p, octets);
	if(!p)
		return false;
	octets_held += octets - in->m.size;
	in->m.p = p;
	in->m.size = octets;
	return true;
}

/* ---- messages that were refused: so are their other chunks ---- */

static void refuse(
		struct chat_media *m, const struct msrp_frame *f, unsigned code)
{
	unsigned i = m->next_refused++ % CHAT_REFUSED_MAX;

	memset(m->refused[i].message_id, 0, sizeof(m->refused[i].message_id));
	memcpy(m->refused[i].message_id, f->message_id.p, f->message_id.len);
	m->refused[i].code = code;
}

static unsigned refused_before(
		const struct chat_media *m, const struct msrp_frame *f)
{
	for(unsigned i = 0; i < CHAT_REFUSED_MAX; i++) {
		if(m->refused[i].code
				&& view_eq(f->message_id, view_str(m->refused[i].message_id)))
			return m->refused[i].code;
	}
	return 0;
}

/* ---- chunks ---- */

static bool is_whole(const struct msrp_frame *f)
{
	if(f->flag != '$' || !f->has_body)
		return false;
	return !f->has_range
			|| (f->range_first == 1
					&& (f->range_total == MSRP_UNKNOWN
							|| f->range_total == f->body.len)
					&& (f->range_last == MSRP_UNKNOWN
							|| f->range_last == f->body.len));
}

static void keep_type(struct chat_in *in, const struct msrp_frame *f)
{
	if(*in->content_type || f->content_type.len >= CHAT_TYPE_MAX)
		return;
	if(f->content_type.len)
		memcpy(in->content_type, f->content_type.p, f->content_type.len);
}

/* @return 200, what to refuse it with, or 0: what answers it comes later */
static unsigned take_chunk(
		struct chat_session *c, struct chat_in **at, const struct msrp_frame *f)
{
	struct chat_in *in = *at;
	unsigned code = 200;
	uint64_t octets;

	if(msrp_incoming_needs(&in->m, f, &octets))
		return 400;
	if(octets > media_max_size(c) || !grow(in, octets))
		return 413;
	in->last_ms = ipsmgw_mono_ms();
	keep_type(in, f);
	switch(msrp_incoming_take(&in->m, f)) {
		case MSRP_INCOMING_MORE:
			return 200;
		case MSRP_INCOMING_COMPLETE:
			code = media_message_in(c, f, view_str(in->content_type),
					(struct view){in->m.p, in->m.total});
			break;
		case MSRP_INCOMING_ABORTED:
			break;
		case -E2BIG:
			return 413;
		default:
			return 400;
	}
	free_in(c->media, at);
	return code;
}

static bool is_too_large(
		const struct chat_session *c, const struct msrp_frame *f)
{
	uint64_t max = media_max_size(c);

	return f->body.len > max
			|| (f->has_range && f->range_total != MSRP_UNKNOWN
					&& f->range_total > max);
}

static unsigned first_chunk(struct chat_session *c, const struct msrp_frame *f)
{
	unsigned code
			= is_too_large(c, f) ? 413 : media_type_refused(f->content_type);
	struct chat_in **at;

	if(c->s.kind == CHAT_KIND_LARGE_OUT && c->media->large_taken)
		code = 403; /* exactly one message */
	if(code == 415)
		media_tell_unsupported(c);
	if(code)
		return code;
	if(is_whole(f))
		return media_message_in(c, f, f->content_type, f->body);
	if(f->content_type.len >= CHAT_TYPE_MAX)
		return 415;
	at = new_in(c->media, f);
	return at ? take_chunk(c, at, f) : 413;
}

static unsigned chunk(struct chat_session *c, const struct msrp_frame *f)
{
	struct chat_media *m = c->media;
	unsigned code = refused_before(m, f);
	struct chat_in **at;

	if(code)
		return code;
	at = find_in(m, f->message_id);
	if(!*at && f->flag == '#')
		return 200;
	code = *at ? take_chunk(c, at, f) : first_chunk(c, f);
	if(code && code != 200) {
		at = find_in(m, f->message_id);
		if(*at)
			free_in(m, at);
		if(f->flag == '+')
			refuse(m, f, code);
		counter_inc(ipsmgw_counters.cpm_rejected);
		LM_NOTICE("session %lld: a message of %s answered %u %s\n",
				(long long)c->s.id, c->s.a, code, msrp_reason(code));
	}
	return code;
}

/* A SEND without a body says that somebody is there, or that the message has
 * no more octets. */
static bool is_chunk(const struct chat_session *c, const struct msrp_frame *f)
{
	return f->has_body || f->flag == '#' || *find_in(c->media, f->message_id);
}

void media_send_in(struct chat_session *c, const struct msrp_frame *f)
{
	unsigned code;

	if(!is_chunk(c, f))
		code = 200;
	else if(!f->message_id.len)
		code = f->has_body ? 400 : 200;
	else
		code = chunk(c, f);
	if(f->has_body)
		chat_touch(c);
	if(code)
		media_answer(c, f, code);
}
