/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */

/* Addresses as CPM writes them (spec 5.5) and the CPIM of a notification (spec
 * 6.4, 6.5): the same in a MESSAGE and inside a chat session. */

#include "core/parser/parse_uri.h"

#include "../../lib/cpm/imdn.h"
#include "cpm_body.h"
#include "ipsmgw.h"

enum { DOCUMENT_MAX = 8192 };

/* ---- addresses as URIs ---- */

static bool is_token(uint8_t c)
{
	return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z')
			|| (c >= 'a' && c <= 'z') || strchr("-_.!~*'()", c);
}

static void escape_user(struct wbuf *w, struct view text)
{
	static const char hex[] = "0123456789ABCDEF";

	for(size_t i = 0; i < text.len; i++) {
		uint8_t c = text.p[i];

		if(c && is_token(c)) {
			wbuf_u8(w, c);
			continue;
		}
		wbuf_u8(w, '%');
		wbuf_u8(w, hex[c >> 4]);
		wbuf_u8(w, hex[c & 15]);
	}
}

static void quoted(struct wbuf *w, struct view text)
{
	wbuf_u8(w, '"');
	for(size_t i = 0; i < text.len; i++) {
		if(text.p[i] == '"' || text.p[i] == '\\')
			wbuf_u8(w, '\\');
		wbuf_u8(w, text.p[i] < 0x20 ? ' ' : text.p[i]);
	}
	wbuf_u8(w, '"');
	wbuf_u8(w, ' ');
}

static bool all_digits(struct view v)
{
	for(size_t i = 0; i < v.len; i++) {
		if(!strchr("0123456789", v.p[i]) || !v.p[i])
			return false;
	}
	return v.len > 0;
}

struct view cpm_originator(struct view b, char text[CPM_URI_MAX])
{
	struct wbuf w = wbuf_of(text, CPM_URI_MAX);
	struct view domain = view_of(&ipsmgw_cfg.domain);
	bool number = all_digits(b);

	if(b.len && b.p[0] == '+') {
		wbuf_str(&w, "<tel:");
		wbuf_view(&w, b);
	} else {
		if(!number)
			quoted(&w, b);
		wbuf_str(&w, "<sip:");
		escape_user(&w, b.len ? b : VIEW("unknown"));
		wbuf_u8(&w, '@');
		wbuf_view(&w, domain);
		if(number)
			wbuf_str(&w, ";user=phone");
	}
	wbuf_u8(&w, '>');
	return wbuf_written(&w);
}

struct view cpm_tel_uri(struct view a, char text[CPM_URI_MAX])
{
	struct wbuf w = wbuf_of(text, CPM_URI_MAX);

	wbuf_str(&w, "tel:");
	wbuf_view(&w, a);
	return wbuf_written(&w);
}

struct view cpm_bracketed(struct view uri, char text[CPM_URI_MAX])
{
	struct wbuf w = wbuf_of(text, CPM_URI_MAX);

	wbuf_u8(&w, '<');
	wbuf_view(&w, uri);
	wbuf_u8(&w, '>');
	return wbuf_written(&w);
}

/* ---- notifications ---- */

/* One a line, as they were stored. */
static unsigned split_route(struct view all, struct view out[IMDN_ROUTE_MAX])
{
	unsigned n = 0;

	while(all.len && n < IMDN_ROUTE_MAX) {
		const uint8_t *end = memchr(all.p, '\n', all.len);
		size_t len = end ? (size_t)(end - all.p) : all.len;

		out[n++] = (struct view){all.p, len};
		len += end ? 1 : 0;
		all = (struct view){all.p + len, all.len - len};
	}
	return n;
}

struct view cpm_notification_hop(struct view imdn_route)
{
	struct view routes[IMDN_ROUTE_MAX], none = {NULL, 0}, uri;
	struct sip_uri parsed;

	if(!split_route(imdn_route, routes))
		return none;
	uri = cpim_uri(routes[0]);
	for(size_t i = 0; i < uri.len; i++) {
		if(uri.p[i] > '~')
			return none;
	}
	if(!uri.len || uri.len >= CPM_URI_MAX
			|| parse_uri((char *)uri.p, (int)uri.len, &parsed) < 0
			|| (parsed.type != SIP_URI_T && parsed.type != SIPS_URI_T))
		return none;
	return uri;
}

int cpm_notification_encode(struct wbuf *w, const struct cpm_notification *n)
{
	uint8_t octets[DOCUMENT_MAX];
	struct wbuf document = wbuf_of(octets, sizeof(octets));
	struct imdn_envelope envelope = {
			.from = n->from,
			.to = n->to,
			.message_id = n->imdn_id,
			.datetime = n->datetime,
	};
	struct imdn d = {
			.message_id = n->about_id,
			.datetime = n->about_datetime.len ? n->about_datetime : n->datetime,
			.kind = n->kind,
			.status = n->status,
	};

	if(d.kind == IMDN_KIND_DELIVERY)
		d.recipient_uri = cpim_uri(n->from);
	if(d.kind == IMDN_KIND_DELIVERY)
		d.original_recipient_uri = n->original_to;
	envelope.n_imdn_route = split_route(n->imdn_route, envelope.imdn_route);
	if(imdn_encode(&document, &d))
		return -EINVAL;
	return imdn_cpim_encode(w, &envelope, wbuf_written(&document));
}
