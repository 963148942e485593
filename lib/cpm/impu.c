/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */

/*
 * Public user identities (TS 23.003 13.4): what is left of a SIP URI when everything is gone that
 * says how to reach it. One that stands for an IMSI (13.4B) is opaque here as any other.
 *
 *   sip:310410123456789:secret@IMS.example:5060;user=phone?x=y  ->  sip:310410123456789@ims.example
 */

#include "impu.h"

#include "field.h"

/* The octets in front of the first of ends. */
static struct view until(struct view v, const char *ends)
{
	size_t n = 0;

	while (n < v.len && v.p[n] && !strchr(ends, v.p[n]))
		n++;
	return (struct view){v.p, n};
}

static void put_lower(struct wbuf *w, struct view v)
{
	for (size_t i = 0; i < v.len; i++)
		wbuf_u8(w, v.p[i] >= 'A' && v.p[i] <= 'Z' ? v.p[i] + ('a' - 'A') : v.p[i]);
}

int impu_from_uri(struct view uri, char out[IMPU_MAX])
{
	struct wbuf w = wbuf_of(out, IMPU_MAX);
	struct view userinfo, user, host;

	if (!field_starts(uri, "sip:") && !field_starts(uri, "sips:"))
		return -ENOENT;
	uri = view_skip(uri, until(uri, ":").len + 1);
	userinfo = until(uri, "@");
	if (userinfo.len == uri.len)
		return -ENOENT;
	user = until(userinfo, ":;");
	host = until(view_skip(uri, userinfo.len + 1), ":;?>");
	if (!user.len || !host.len || memchr(uri.p, 0, uri.len))
		return -ENOENT;
	wbuf_view(&w, VIEW("sip:"));
	wbuf_view(&w, user);
	wbuf_u8(&w, '@');
	put_lower(&w, host);
	wbuf_u8(&w, 0);
	return wbuf_end(&w, 0);
}
