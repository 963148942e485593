/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */

/*
 * Writing an SDP body with one message stream, RFC 4975 8, in the order of spec 11.4 and 11.5; and
 * what an answer says to an offer (RFC 6135 4.2, RFC 3264 6.1).
 */

#include "msrp_sdp.h"
#include "msrp_text.h"

static const char *const setups[] = {
	[MSRP_SETUP_ABSENT] = "",
	[MSRP_SETUP_ACTIVE] = "active",
	[MSRP_SETUP_PASSIVE] = "passive",
	[MSRP_SETUP_ACTPASS] = "actpass",
};

static const char *const directions[] = {
	[MSRP_SENDRECV] = "sendrecv",
	[MSRP_SENDONLY] = "sendonly",
	[MSRP_RECVONLY] = "recvonly",
	[MSRP_INACTIVE] = "inactive",
};

static bool is_complete(const struct msrp_sdp *s)
{
	return text_visible(s->address, false) && !memchr(s->address.p, '/', s->address.len) &&
	       s->port <= UINT16_MAX && s->setup <= MSRP_SETUP_ACTPASS &&
	       s->direction <= MSRP_INACTIVE && text_clean(s->path) &&
	       text_clean(s->accept_types) && text_clean(s->accept_wrapped_types) &&
	       text_clean(s->fingerprint);
}

static void line_put(struct wbuf *w, const char *name, struct view value)
{
	if (value.len == 0)
		return;
	wbuf_str(w, name);
	wbuf_view(w, value);
	wbuf_str(w, "\r\n");
}

static void number_line_put(struct wbuf *w, const char *before, uint64_t x, const char *behind)
{
	wbuf_str(w, before);
	text_put_number(w, x);
	wbuf_str(w, behind);
}

static void session_put(struct wbuf *w, const struct msrp_sdp *s, uint64_t session_id,
			uint64_t version)
{
	const char *c = s->ip6 ? "c=IN IP6 " : "c=IN IP4 ";

	wbuf_str(w, "v=0\r\n");
	number_line_put(w, "o=- ", session_id, "");
	number_line_put(w, " ", version, s->ip6 ? " IN IP6 " : " IN IP4 ");
	line_put(w, "", s->address);
	wbuf_str(w, "s=-\r\n");
	line_put(w, c, s->address);
	wbuf_str(w, "t=0 0\r\n");
}

static void stream_put(struct wbuf *w, const struct msrp_sdp *s)
{
	number_line_put(w, "m=message ", s->port,
			s->tls ? " TCP/TLS/MSRP *\r\n" : " TCP/MSRP *\r\n");
	line_put(w, "a=accept-types:", s->accept_types);
	line_put(w, "a=accept-wrapped-types:", s->accept_wrapped_types);
	if (s->max_size)
		number_line_put(w, "a=max-size:", s->max_size, "\r\n");
	line_put(w, "a=setup:", view_str(setups[s->setup]));
	if (s->setup)
		wbuf_str(w, "a=connection:new\r\n");
	line_put(w, "a=path:", s->path);
	line_put(w, "a=fingerprint:", s->fingerprint);
	if (s->cema)
		wbuf_str(w, "a=msrp-cema\r\n");
	line_put(w, "a=", view_str(directions[s->direction]));
}

int msrp_sdp_encode(struct wbuf *w, const struct msrp_sdp *s, uint64_t session_id, uint64_t version)
{
	size_t mark = w->len;

	if (!is_complete(s))
		return -EINVAL;
	session_put(w, s, session_id, version);
	stream_put(w, s);
	return wbuf_end(w, mark);
}

/* ---- answers ---- */

/* An offer without setup comes from the active side (RFC 4975 5.4). */
enum msrp_setup msrp_setup_answer(enum msrp_setup offered)
{
	return offered == MSRP_SETUP_PASSIVE ? MSRP_SETUP_ACTIVE : MSRP_SETUP_PASSIVE;
}

enum msrp_direction msrp_direction_answer(enum msrp_direction offered)
{
	if (offered == MSRP_SENDONLY)
		return MSRP_RECVONLY;
	if (offered == MSRP_RECVONLY)
		return MSRP_SENDONLY;
	return offered;
}
