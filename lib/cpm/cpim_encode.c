/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */

/*
 * Writing message/cpim (RFC 3862, RFC 5438) so that the strictest client reads it, spec 5.5 and
 * 11.2: header names in exactly this letter case, prefix literally imdn, a space in NS, CRLF
 * line ends, all of From, To, DateTime and imdn.Message-ID, Content-Length in octets.
 */

#include <stdio.h>

#include "cpim.h"
#include "field.h"

static const struct {
	enum imdn_request bit;
	const char *token;
} requests[] = {
	{IMDN_POSITIVE_DELIVERY, "positive-delivery"},
	{IMDN_NEGATIVE_DELIVERY, "negative-delivery"},
	{IMDN_DISPLAY, "display"},
	{IMDN_PROCESSING, "processing"},
	{IMDN_INTERWORKING, "interworking"},
};

static bool is_given(struct view v)
{
	return v.len > 0 && field_is_value(v);
}

static bool is_route(const struct view *route, unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		if (i >= IMDN_ROUTE_MAX || !is_given(route[i]))
			return false;
	return true;
}

static bool is_complete(const struct cpim *c)
{
	return is_route(c->imdn_record_route, c->n_imdn_record_route) &&
	       is_route(c->imdn_route, c->n_imdn_route) && is_given(c->from) && is_given(c->to) &&
	       is_given(c->datetime) && is_given(c->message_id) && is_given(c->content_type) &&
	       field_is_value(c->imdn_original_to) && field_is_value(c->payload_type) &&
	       field_is_value(c->transfer_encoding) &&
	       field_is_value(c->content_disposition) && c->payload.p;
}

static void line_put(struct wbuf *w, const char *name, struct view value)
{
	if (value.len == 0)
		return;
	wbuf_str(w, name);
	wbuf_str(w, ": ");
	wbuf_view(w, value);
	wbuf_str(w, "\r\n");
}

static void request_put(struct wbuf *w, unsigned request)
{
	const char *before = "imdn.Disposition-Notification: ";

	for (size_t i = 0; i < sizeof(requests) / sizeof(requests[0]); i++) {
		if (!(request & requests[i].bit))
			continue;
		wbuf_str(w, before);
		wbuf_str(w, requests[i].token);
		before = ", ";
		request &= ~(unsigned)requests[i].bit;
	}
	if (before[0] == ',')
		wbuf_str(w, "\r\n");
}

static void message_headers_put(struct wbuf *w, const struct cpim *c)
{
	line_put(w, "From", c->from);
	line_put(w, "To", c->to);
	if (c->payload_type.len)
		line_put(w, "NS", VIEW("cpm <http://www.openmobilealliance.org/cpm/>"));
	line_put(w, "cpm.Payload-Type", c->payload_type);
	line_put(w, "NS", VIEW("imdn <urn:ietf:params:imdn>"));
	line_put(w, "imdn.Message-ID", c->message_id);
	line_put(w, "DateTime", c->datetime);
	request_put(w, c->imdn_request);
	line_put(w, "imdn.Original-To", c->imdn_original_to);
	for (unsigned i = 0; i < c->n_imdn_record_route; i++)
		line_put(w, "imdn.IMDN-Record-Route", c->imdn_record_route[i]);
	for (unsigned i = 0; i < c->n_imdn_route; i++)
		line_put(w, "imdn.IMDN-Route", c->imdn_route[i]);
}

static void mime_headers_put(struct wbuf *w, const struct cpim *c)
{
	char octets[24];

	snprintf(octets, sizeof(octets), "%zu", c->payload.len);
	line_put(w, "Content-Type", c->content_type);
	line_put(w, "Content-Transfer-Encoding", c->transfer_encoding);
	line_put(w, "Content-Disposition", c->content_disposition);
	line_put(w, "Content-Length", view_str(octets));
}

int cpim_encode(struct wbuf *w, const struct cpim *c)
{
	size_t mark = w->len;

	if (!is_complete(c))
		return -EINVAL;
	message_headers_put(w, c);
	wbuf_str(w, "\r\n");
	mime_headers_put(w, c);
	wbuf_str(w, "\r\n");
	wbuf_view(w, c->payload);
	return wbuf_end(w, mark);
}
