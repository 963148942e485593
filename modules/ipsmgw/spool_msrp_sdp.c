/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */

/*
 * Our SDP (spec 7.6, RFC 4975 8, RFC 6135, RFC 6714, RFC 4572): the answer to a
 * chat or large message, the offer of a large message to A.
 */

#include "chat_media.h"
#include "ipsmgw.h"
#include "msrp_io.h"
#include "sms_text.h"

enum {
	DISCARD_PORT = 9, /* RFC 4145 4: of the active side */
	/* UTF-8 octets that one segment may hold, base64 around them; and what
	 * CPIM adds */
	SEGMENT_OCTETS_MAX = 430,
	CPIM_OCTETS_MAX = 2048
};

static bool is_large(const struct chat_session *c)
{
	return c->s.kind == CHAT_KIND_LARGE_OUT || c->s.kind == CHAT_KIND_LARGE_IN;
}

bool media_we_connect(const struct chat_session *c)
{
	if(c->s.kind == CHAT_KIND_LARGE_IN) /* the SDP is an answer */
		return c->sdp.setup != MSRP_SETUP_ACTIVE;
	return msrp_setup_answer(c->sdp.setup) == MSRP_SETUP_ACTIVE;
}

uint64_t media_max_size(const struct chat_session *c)
{
	uint64_t chat = (uint64_t)ipsmgw_cfg.chat_max_size;
	uint64_t large = (uint64_t)ipsmgw_cfg.max_segments * SEGMENT_OCTETS_MAX
			+ CPIM_OCTETS_MAX;

	return is_large(c) && large > chat ? large : chat;
}

int media_own_path(const struct chat_session *c, char path[CHAT_PATH_MAX])
{
	const struct msrp_listen *l = msrp_io_listen(c->sdp.tls);
	int n;

	if(!l)
		return -ENOENT;
	n = snprintf(path, CHAT_PATH_MAX, "%s://%s%s%s:%u/%s;tcp",
			c->sdp.tls ? "msrps" : "msrp", l->ip6 ? "[" : "", l->host,
			l->ip6 ? "]" : "", l->port, c->msrp_id);
	return n < CHAT_PATH_MAX ? 0 : -ENOENT;
}

static struct view accept_types(const struct chat_session *c)
{
	return c->s.kind == CHAT_KIND_ONE
			? VIEW("message/cpim application/im-iscomposing+xml")
			: VIEW("message/cpim");
}

/* What can be shown as SMS or is absorbed. */
static struct view wrapped_types(
		const struct chat_session *c, char *text, size_t size)
{
	struct wbuf w = wbuf_of(text, size);

	wbuf_str(&w, "text/plain");
	if(!is_large(c))
		wbuf_str(&w, " message/imdn+xml");
	if(c->s.kind == CHAT_KIND_GROUP)
		wbuf_str(&w, " application/im-iscomposing+xml");
	if(!is_large(c) && sms_text_kind(CONTENT_FT_HTTP))
		wbuf_str(&w, " application/vnd.gsma.rcs-ft-http+xml");
	if(!is_large(c) && sms_text_kind(CONTENT_GEO))
		wbuf_str(&w, " application/vnd.gsma.rcspushlocation+xml");
	return wbuf_written(&w);
}

static void as_answer(struct msrp_sdp *s, const struct chat_session *c)
{
	s->setup = msrp_setup_answer(c->sdp.setup);
	s->direction = msrp_direction_answer(c->sdp.direction);
	s->cema = c->sdp.cema;
	if(s->setup == MSRP_SETUP_ACTIVE)
		s->port = DISCARD_PORT;
}

static void as_offer(struct msrp_sdp *s)
{
	s->setup = MSRP_SETUP_ACTPASS;
	s->direction = MSRP_SENDONLY;
	s->max_size = 0;
}

int chat_sdp_write(struct wbuf *w, const struct chat_session *c)
{
	const struct msrp_listen *l = msrp_io_listen(c->sdp.tls);
	char path[CHAT_PATH_MAX], types[256];
	struct msrp_sdp s = {.tls = c->sdp.tls, .max_size = media_max_size(c)};

	if(!l || media_own_path(c, path))
		return -ENOENT;
	s.address = view_str(l->host);
	s.ip6 = l->ip6;
	s.port = l->port;
	s.path = view_str(path);
	s.accept_types = accept_types(c);
	s.accept_wrapped_types = wrapped_types(c, types, sizeof(types));
	if(s.tls)
		s.fingerprint = view_str(l->fingerprint);
	if(c->s.kind == CHAT_KIND_LARGE_IN)
		as_offer(&s);
	else
		as_answer(&s, c);
	return msrp_sdp_encode(w, &s, (uint64_t)c->s.id, 1);
}
