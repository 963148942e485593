/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */

/*
 * Reading message/imdn+xml, RFC 5438 7.2, as clients write it (spec 6.4): some put "failed" into a
 * processing notification, some leave recipient-uri out, some forget a namespace. The first status
 * in the document counts. Goes through libxml2, which allocates while it reads (xml.c).
 */

#include "imdn.h"
#include "xml.h"

static const struct {
	const char *name;
	enum imdn_kind kind;
} notifications[] = {
	{"delivery-notification", IMDN_KIND_DELIVERY},
	{"display-notification", IMDN_KIND_DISPLAY},
	{"processing-notification", IMDN_KIND_PROCESSING},
	{"interworking-notification", IMDN_KIND_INTERWORKING},
};

/* For a status that stands in no notification at all. */
static const enum imdn_kind kind_of[] = {
	[IMDN_STATUS_DELIVERED] = IMDN_KIND_DELIVERY,
	[IMDN_STATUS_FAILED] = IMDN_KIND_DELIVERY,
	[IMDN_STATUS_FORBIDDEN] = IMDN_KIND_DELIVERY,
	[IMDN_STATUS_ERROR] = IMDN_KIND_DELIVERY,
	[IMDN_STATUS_DISPLAYED] = IMDN_KIND_DISPLAY,
	[IMDN_STATUS_PROCESSED] = IMDN_KIND_PROCESSING,
	[IMDN_STATUS_STORED] = IMDN_KIND_PROCESSING,
	[IMDN_STATUS_LEGACY_SMS] = IMDN_KIND_INTERWORKING,
	[IMDN_STATUS_LEGACY_MMS] = IMDN_KIND_INTERWORKING,
};

static enum imdn_status status_of(const struct xml_element *e)
{
	int s = IMDN_STATUS_DELIVERED;

	while (s < IMDN_STATUS_COUNT && !xml_is(e, imdn_status_name((enum imdn_status)s)))
		s++;
	return s < IMDN_STATUS_COUNT ? (enum imdn_status)s : IMDN_STATUS_NONE;
}

/* The first status inside e, or e itself if it is one. */
static enum imdn_status status_find(const struct xml_element *e)
{
	enum imdn_status status = status_of(e);

	for (const struct xml_element *at = xml_next(e, e); at && !status; at = xml_next(e, at))
		status = status_of(at);
	return status;
}

static void notification_read(const struct xml_element *e, struct imdn *out)
{
	out->status = status_find(e);
	out->kind = kind_of[out->status];
	for (size_t i = 0; i < sizeof(notifications) / sizeof(notifications[0]); i++)
		if (xml_is(e, notifications[i].name))
			out->kind = notifications[i].kind;
}

#define TEXT_AT(member) offsetof(struct imdn, member)

static const struct {
	const char *name;
	size_t at;
} texts[] = {
	{"message-id", TEXT_AT(message_id)},
	{"datetime", TEXT_AT(datetime)},
	{"recipient-uri", TEXT_AT(recipient_uri)},
	{"original-recipient-uri", TEXT_AT(original_recipient_uri)},
};

/* The first of each counts. */
static bool text_read(const struct xml_element *e, struct wbuf *text, struct imdn *out)
{
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct view *at = (struct view *)(void *)((char *)out + texts[i].at);

		if (!xml_is(e, texts[i].name))
			continue;
		if (at->len == 0)
			*at = xml_text(e, text);
		return true;
	}
	return false;
}

int imdn_decode(struct view in, struct wbuf *text, struct imdn *out)
{
	const struct xml_element *root, *e = NULL;
	size_t mark = text->len;
	struct xml x;
	int rc = xml_open(&x, in);

	*out = (struct imdn){0};
	if (rc)
		return rc;
	root = xml_root(&x);
	while (xml_is(root, "imdn") && (e = xml_child(root, e)))
		if (!text_read(e, text, out) && out->status == IMDN_STATUS_NONE)
			notification_read(e, out);
	xml_close(&x);
	rc = wbuf_end(text, mark);
	if (rc == 0 && (out->message_id.len == 0 || out->status == IMDN_STATUS_NONE)) {
		text->len = mark;
		rc = -EBADMSG;
	}
	return rc;
}
