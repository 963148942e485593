/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */

/*
 * Writing message/imdn+xml, RFC 5438 7.2 and 11.1.9, octet for octet as in spec 11.3 and 6.7:
 *
 *   <imdn xmlns=".."> message-id datetime [recipient-uri] [original-recipient-uri]
 *   <delivery-notification><status><delivered/></status></delivery-notification> </imdn>
 *
 * The texts come from strangers; they are escaped, and what XML 1.0 cannot hold is refused.
 */

#include "../util/utf8.h"
#include "imdn.h"

#define BIT(status) (1u << IMDN_STATUS_##status)

static const struct {
	const char *xmlns, *prefix, *notification;
	const char *behind_id; /* the example of 6.7 has both elements in one line */
	unsigned statuses;
} kinds[] = {
	[IMDN_KIND_DELIVERY] = {"", "", "delivery", "\r\n",
				BIT(DELIVERED) | BIT(FAILED) | BIT(FORBIDDEN) | BIT(ERROR)},
	[IMDN_KIND_DISPLAY] = {"", "", "display", "\r\n",
			       BIT(DISPLAYED) | BIT(FORBIDDEN) | BIT(ERROR)},
	[IMDN_KIND_PROCESSING] = {"", "", "processing", "\r\n",
				  BIT(PROCESSED) | BIT(STORED) | BIT(FORBIDDEN) | BIT(ERROR)},
	[IMDN_KIND_INTERWORKING] = {" xmlns:cpmimdn=\"urn:oma:xml:cpm:imdn-extensions:1.0\"",
				    "cpmimdn:", "interworking", "",
				    BIT(LEGACY_SMS) | BIT(LEGACY_MMS) | BIT(ERROR)},
};

static bool is_complete(const struct imdn *d)
{
	return d->message_id.len && d->datetime.len &&
	       (unsigned)d->kind <= IMDN_KIND_INTERWORKING &&
	       (unsigned)d->status < IMDN_STATUS_COUNT && kinds[d->kind].statuses >> d->status & 1;
}

static bool is_text(struct view v)
{
	uint32_t cp;
	int rc;

	while ((rc = utf8_next(&v, &cp)) == 1)
		if (cp < ' ' || cp == 0x7f || cp == 0xfffe || cp == 0xffff)
			return false;
	return rc == 0;
}

static void escaped_put(struct wbuf *w, struct view v)
{
	for (size_t i = 0; i < v.len; i++) {
		if (v.p[i] == '&')
			wbuf_str(w, "&amp;");
		else if (v.p[i] == '<')
			wbuf_str(w, "&lt;");
		else if (v.p[i] == '>')
			wbuf_str(w, "&gt;");
		else
			wbuf_u8(w, v.p[i]);
	}
}

static void element_put(struct wbuf *w, const char *name, struct view text, const char *behind)
{
	if (text.len == 0)
		return;
	wbuf_str(w, "<");
	wbuf_str(w, name);
	wbuf_str(w, ">");
	escaped_put(w, text);
	wbuf_str(w, "</");
	wbuf_str(w, name);
	wbuf_str(w, ">");
	wbuf_str(w, behind);
}

static void tag_put(struct wbuf *w, const char *open, const char *prefix, const char *name,
		    const char *close)
{
	wbuf_str(w, open);
	wbuf_str(w, prefix);
	wbuf_str(w, name);
	wbuf_str(w, close);
}

static void notification_put(struct wbuf *w, const struct imdn *d)
{
	const char *prefix = kinds[d->kind].prefix, *name = kinds[d->kind].notification;

	tag_put(w, "<", prefix, name, "-notification>");
	tag_put(w, "<", prefix, "status", ">");
	tag_put(w, "<", prefix, imdn_status_name(d->status), "/>");
	tag_put(w, "</", prefix, "status", ">");
	tag_put(w, "</", prefix, name, "-notification>\r\n");
}

int imdn_encode(struct wbuf *w, const struct imdn *d)
{
	size_t mark = w->len;

	if (!is_complete(d))
		return -EINVAL;
	if (!is_text(d->message_id) || !is_text(d->datetime) || !is_text(d->recipient_uri) ||
	    !is_text(d->original_recipient_uri))
		return -EILSEQ;
	wbuf_str(w, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\r\n");
	wbuf_str(w, "<imdn xmlns=\"urn:ietf:params:xml:ns:imdn\"");
	wbuf_str(w, kinds[d->kind].xmlns);
	wbuf_str(w, ">\r\n");
	element_put(w, "message-id", d->message_id, kinds[d->kind].behind_id);
	element_put(w, "datetime", d->datetime, "\r\n");
	element_put(w, "recipient-uri", d->recipient_uri, "\r\n");
	element_put(w, "original-recipient-uri", d->original_recipient_uri, "\r\n");
	notification_put(w, d);
	wbuf_str(w, "</imdn>");
	return wbuf_end(w, mark);
}

int imdn_cpim_encode(struct wbuf *w, const struct imdn_envelope *e, struct view document)
{
	struct cpim c = {
		.from = e->from,
		.to = e->to,
		.datetime = e->datetime,
		.message_id = e->message_id,
		.content_type = VIEW("message/imdn+xml"),
		.content_disposition = VIEW("notification"),
		.payload = document,
		.n_imdn_route = e->n_imdn_route,
	};

	memcpy(c.imdn_route, e->imdn_route, sizeof(c.imdn_route));
	return cpim_encode(w, &c);
}
