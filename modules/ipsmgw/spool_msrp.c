/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */

/*
 * MSRP in the spool process, the connection side (RFC 4975 5 to 7, RFC 6135,
 * RFC 6714): which session a frame belongs to, binding of a connection, loss of
 * it. Frames change only memory, so all is done after the batch; what must be
 * stored comes back as EV_MESSAGE.
 */

#include <stdlib.h>

#include "core/dprint.h"

#include "chat_job.h"
#include "chat_media.h"
#include "digest.h"
#include "ipsmgw.h"
#include "msrp_con.h"

enum { ANSWER_MAX = 10240 }; /* paths are as long as lib/msrp reads them */

static struct chat_media *all;

/* ---- memory ---- */

struct chat_media *media_of(struct chat_session *c)
{
	struct chat_media *m = c->media;

	if(m)
		return m;
	m = calloc(1, sizeof(*m));
	if(!m) {
		LM_ERR("out of memory for session %lld\n", (long long)c->s.id);
		return NULL;
	}
	m->session_id = c->s.id;
	m->next = all;
	m->prev = &all;
	if(all)
		all->prev = &m->next;
	all = m;
	c->media = m;
	return m;
}

/* Only peers that reuse a connection for several sessions (RFC 4975 5.4) still
 * need it. */
static void close_connection(struct chat_session *c)
{
	int con_id = c->con_id;

	chat_set_connection(c, 0);
	if(con_id && !chat_by_connection(con_id))
		chat_job_msrp_close(con_id, false);
}

void chat_media_free(struct chat_session *c)
{
	struct chat_media *m = c->media;

	close_connection(c);
	if(!m)
		return;
	c->media = NULL;
	media_in_drop(m);
	media_answers_drop(m);
	media_out_drop(c, m, 488);
	*m->prev = m->next;
	if(m->next)
		m->next->prev = m->prev;
	free(m);
}

void media_fresh_id(char id[CHAT_ID_LEN + 1])
{
	uint64_t random = 0;

	if(random_octets(&random, sizeof(random)))
		random = (uint64_t)ipsmgw_now_ms();
	snprintf(id, CHAT_ID_LEN + 1, "%016llx", (unsigned long long)random);
}

/* ---- writing ---- */

static void write_to(int64_t session_id, int con_id, const struct wbuf *w)
{
	struct msrp_to to = {.con_id = con_id};

	chat_job_msrp(session_id, &to, wbuf_written(w));
}

void media_write(const struct chat_session *c, const struct msrp_frame *f)
{
	uint8_t octets[CHAT_CHUNK_MAX + 4096];
	struct wbuf w = wbuf_of(octets, sizeof(octets));

	if(msrp_frame_encode(&w, f))
		LM_ERR("a frame of session %lld cannot be written\n",
				(long long)c->s.id);
	else if(c->con_id)
		write_to(c->s.id, c->con_id, &w);
}

static void answer_on(int64_t session_id, int con_id,
		const struct msrp_frame *f, unsigned code)
{
	uint8_t octets[ANSWER_MAX];
	struct wbuf w = wbuf_of(octets, sizeof(octets));

	if(f->method == MSRP_REPORT || !msrp_response_wanted(f, code))
		return;
	if(msrp_response_encode(&w, f, code) == 0)
		write_to(session_id, con_id, &w);
}

void media_answer(
		const struct chat_session *c, const struct msrp_frame *f, unsigned code)
{
	if(c->con_id)
		answer_on(c->s.id, c->con_id, f, code);
}

/* ---- binding and losing a connection ---- */

static bool is_open(const struct chat_session *c)
{
	return c->s.state == CHAT_OKSENT || c->s.state == CHAT_ACTIVE
			|| c->s.state == CHAT_INVITING;
}

/* ACK and connection are both there. */
static void ready(struct chat_session *c)
{
	if(c->con_id && c->acknowledged && c->s.state == CHAT_OKSENT)
		chat_media_ready(c);
	media_out_next(c);
}

static bool bind_connection(struct chat_session *c, int con_id)
{
	struct chat_media *m = media_of(c);

	if(!m)
		return false;
	LM_DBG("session %lld is bound to connection %d\n", (long long)c->s.id,
			con_id);
	chat_set_connection(c, con_id);
	msrp_con_bind(con_id);
	m->lost_deadline_ms = 0;
	m->bind_transaction[0] = '\0';
	return true;
}

void media_lost(struct chat_session *c, const char *why)
{
	struct chat_media *m = media_of(c);

	if(!is_open(c) || (m && m->lost_deadline_ms))
		return;
	LM_NOTICE("session %lld of %s and %s: %s\n", (long long)c->s.id, c->s.a,
			c->s.b, why);
	close_connection(c);
	if(c->s.state == CHAT_INVITING)
		return; /* the answer to our INVITE decides */
	if(!m) {
		chat_do(c->s.id, CHAT_DO_LOST, 0);
		return;
	}
	m->lost_deadline_ms = ipsmgw_mono_ms() + CHAT_BYE_WAIT_MS;
	media_in_drop(m);
	media_out_drop(c, m, 488);
}

static int peer_address(
		const struct chat_session *c, char host[256], struct msrp_to *to)
{
	struct msrp_uri uri;

	if(msrp_sdp_peer(&c->sdp, &uri) || uri.host.len >= 256)
		return -EBADMSG;
	memcpy(host, uri.host.p, uri.host.len);
	host[uri.host.len] = '\0';
	*to = (struct msrp_to){.tls = c->sdp.tls, .host = host, .port = uri.port};
	return 0;
}

/* The empty SEND that tells the peer whose connection this is (RFC 4975 5.4) */
static void connect_to_peer(struct chat_session *c, struct chat_media *m)
{
	char path[CHAT_PATH_MAX], message_id[CHAT_ID_LEN + 1], host[256];
	uint8_t octets[4096];
	struct wbuf w = wbuf_of(octets, sizeof(octets));
	struct msrp_to to;

	media_fresh_id(m->bind_transaction);
	media_fresh_id(message_id);
	if(media_own_path(c, path) == 0 && peer_address(c, host, &to) == 0) {
		const struct msrp_frame f = {
				.method = MSRP_SEND,
				.transaction = view_str(m->bind_transaction),
				.to_path = c->sdp.path,
				.from_path = view_str(path),
				.message_id = view_str(message_id),
		};

		if(msrp_frame_encode(&w, &f) == 0) {
			chat_job_msrp(c->s.id, &to, wbuf_written(&w));
			return;
		}
	}
	media_lost(c, "the peer's path cannot be connected to");
}

void chat_media_open(struct chat_session *c)
{
	struct chat_media *m = media_of(c);

	if(m && !c->con_id && !*m->bind_transaction && media_we_connect(c))
		connect_to_peer(c, m);
	else if(c->con_id)
		ready(c);
}

/* ---- EV_MSRP ---- */

/* RFC 4975 7.3: the To-Path is one URI, ours; with CEMA only the session id
 * counts. */
static struct chat_session *session_of(const struct msrp_frame *f)
{
	char path[CHAT_PATH_MAX];
	struct msrp_uri to, last, own;
	struct chat_session *c;

	if(msrp_path_first(f->to_path, &to) || msrp_path_last(f->to_path, &last)
			|| to.whole.p != last.whole.p)
		return NULL;
	c = chat_by_msrp(to.session);
	if(!c || !is_open(c) || media_own_path(c, path)
			|| msrp_uri_decode(view_str(path), &own))
		return NULL;
	return msrp_uri_equal(&own, &to, c->sdp.cema) ? c : NULL;
}

static void bad_frame(const struct post_msrp *p)
{
	struct msrp_frame f;

	if(!msrp_con_known(p->con_id))
		return;
	if(msrp_con_complain(p->con_id))
		LM_NOTICE("connection %d: %zu octets that are no MSRP frame\n",
				p->con_id, p->frame.len);
	if(msrp_frame_decode_head(p->frame, &f) == 0)
		answer_on(0, p->con_id, &f, 400);
}

static void response_in(struct chat_session *c, const struct post_msrp *p,
		const struct msrp_frame *f)
{
	struct chat_media *m = c->media;

	if(c->con_id == p->con_id) {
		media_out_answered(c, f->transaction, f->code);
	} else if(!c->con_id && m && *m->bind_transaction
			&& view_eq(f->transaction, view_str(m->bind_transaction))) {
		if(f->code != 200)
			media_lost(c, "the peer refuses the connection");
		else if(bind_connection(c, p->con_id))
			ready(c);
	}
}

/* @return 0 if the frame may be looked at; else what to answer */
static unsigned check_connection(
		struct chat_session *c, const struct post_msrp *p, bool *fresh)
{
	*fresh = !c->con_id;
	if(c->con_id && c->con_id != p->con_id)
		return 506;
	return *fresh && !bind_connection(c, p->con_id) ? 408 : 0;
}

static void refuse(
		const struct post_msrp *p, const struct msrp_frame *f, unsigned code)
{
	if(!msrp_con_known(p->con_id))
		return;
	if(msrp_con_complain(p->con_id))
		LM_NOTICE("connection %d: MSRP request answered %u %s\n", p->con_id,
				code, msrp_reason(code));
	answer_on(0, p->con_id, f, code);
}

static void request_in(const struct post_msrp *p, const struct msrp_frame *f)
{
	struct chat_session *c = session_of(f);
	unsigned code = c ? 0 : 481;
	bool fresh = false;

	if(!code && f->method == MSRP_OTHER)
		code = 501;
	if(!code)
		code = check_connection(c, p, &fresh);
	if(code) {
		refuse(p, f, code);
		return;
	}
	if(f->method == MSRP_SEND)
		media_send_in(c, f);
	else
		media_report_in(c, f);
	if(fresh)
		ready(c);
}

static void frame_in(struct event *e)
{
	struct post_msrp *p = e->msrp;
	struct msrp_frame f;
	struct chat_session *c;

	if(msrp_frame_decode(p->frame, &f)) {
		bad_frame(p);
	} else if(f.method != MSRP_RESPONSE) {
		request_in(p, &f);
	} else {
		c = session_of(&f);
		if(c)
			response_in(c, p, &f);
	}
	if(msrp_con_read(p->con_id))
		unbound_add(p->con_id);
	mailbox_done(&p->post, 0);
}

/* ---- EV_MSRP_CLOSED ---- */

static void closed(struct event *e)
{
	const struct post_msrp_closed *p = e->closed;
	struct chat_session *c = p->con_id ? NULL : chat_by_id(p->session_id);

	if(c && !c->con_id)
		media_lost(c, "no MSRP connection can be made");
	while((c = chat_by_connection(p->con_id))) {
		chat_set_connection(c, 0);
		media_lost(c, "the MSRP connection is gone");
	}
	mailbox_done(&e->closed->post, 0);
}

static int nothing(struct event *e)
{
	(void)e;
	return 0;
}

/* A database that fails does not keep us from answering: what needs it fails on
 * its own. */
/* clang-format off */
const struct event_ops spool_msrp_ops[EV_TYPES] = {
	[EV_MSRP] = {nothing, frame_in, frame_in},
	[EV_MSRP_CLOSED] = {nothing, closed, closed},
};
/* clang-format on */

/* ---- time ---- */

static void tick(struct chat_session *c, struct chat_media *m, int64_t mono_ms)
{
	media_in_expire(m, mono_ms);
	if(m->lost_deadline_ms && mono_ms >= m->lost_deadline_ms) {
		m->lost_deadline_ms = mono_ms + CHAT_BYE_WAIT_MS;
		chat_do(c->s.id, CHAT_DO_LOST, 0);
	}
	if(m->bye_deadline_ms && mono_ms >= m->bye_deadline_ms) {
		m->bye_deadline_ms = 0;
		chat_do(c->s.id, CHAT_DO_COMPLETE, 0);
	}
	if(is_open(c))
		media_out_expire(c, mono_ms);
	else
		media_out_drop(c, m, 488);
	media_out_next(c);
}

void spool_msrp_tick(void)
{
	int64_t mono_ms = ipsmgw_mono_ms();

	unbound_tick(mono_ms);
	for(struct chat_media *m = all, *next; m; m = next) {
		struct chat_session *c = chat_by_id(m->session_id);

		next = m->next;
		if(c)
			tick(c, m, mono_ms);
	}
}
