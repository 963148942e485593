/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */

/*
 * Reading application/conference-info+xml, RFC 4575 5:
 *
 *   <conference-info entity state version>
 *     <users state> <user entity state> <display-text/> <endpoint entity state> <status/> ..
 *
 * What is said of the conference itself, of its media and of side bars is passed over.
 */

#include "conference_info.h"
#include "field.h"
#include "xml.h"

enum { STATUS_MAX = 32 };

static enum conference_state state_read(const struct xml_element *e)
{
	if (xml_attribute_is(e, "state", "partial"))
		return CONFERENCE_PARTIAL;
	return xml_attribute_is(e, "state", "deleted") ? CONFERENCE_DELETED : CONFERENCE_FULL;
}

/* ---- endpoints ---- */

/* RFC 4575 5.7.3; who is only being called is not there yet */
static const struct {
	const char *status;
	enum conference_presence presence;
} statuses[] = {
	{"connected", CONFERENCE_PRESENT},	 {"on-hold", CONFERENCE_PRESENT},
	{"muted-via-focus", CONFERENCE_PRESENT}, {"pending", CONFERENCE_ABSENT},
	{"dialing-out", CONFERENCE_ABSENT},	 {"dialing-in", CONFERENCE_ABSENT},
	{"alerting", CONFERENCE_ABSENT},	 {"disconnecting", CONFERENCE_ABSENT},
	{"disconnected", CONFERENCE_ABSENT},
};

static enum conference_presence presence_of(struct view status)
{
	for (size_t i = 0; i < sizeof(statuses) / sizeof(statuses[0]); i++)
		if (view_ieq(status, view_str(statuses[i].status)))
			return statuses[i].presence;
	return CONFERENCE_UNSAID;
}

static enum conference_presence endpoint_read(const struct xml_element *endpoint)
{
	const struct xml_element *e = NULL;
	uint8_t octets[STATUS_MAX];
	struct wbuf w = wbuf_of(octets, sizeof(octets));

	if (state_read(endpoint) == CONFERENCE_DELETED)
		return CONFERENCE_ABSENT;
	while ((e = xml_child(endpoint, e)))
		if (xml_is(e, "status"))
			return presence_of(xml_text(e, &w));
	return CONFERENCE_UNSAID;
}

/* ---- users ---- */

static enum conference_presence user_presence(const struct xml_element *user)
{
	enum conference_presence known = CONFERENCE_UNSAID;
	const struct xml_element *e = NULL;

	while ((e = xml_child(user, e))) {
		enum conference_presence p = CONFERENCE_UNSAID;

		if (xml_is(e, "endpoint"))
			p = endpoint_read(e);
		if (p == CONFERENCE_PRESENT)
			return p;
		if (p != CONFERENCE_UNSAID)
			known = p;
	}
	return known;
}

static void user_read(const struct xml_element *user, struct wbuf *text,
		      struct conference_info *out)
{
	const struct xml_element *e = NULL;
	struct conference_user *u = &out->user[out->n];

	if (out->n == CONFERENCE_USERS_MAX) {
		out->users_whole = false;
		return;
	}
	*u = (struct conference_user){.state = state_read(user)};
	u->entity = field_trim(xml_attribute(user, "entity", text));
	while ((e = xml_child(user, e)))
		if (xml_is(e, "display-text") && !u->name.len)
			u->name = xml_text(e, text);
	u->presence = u->state == CONFERENCE_DELETED ? CONFERENCE_ABSENT : user_presence(user);
	out->n += u->entity.len > 0;
}

/* Full is the default, but servers leave it out where they name only who has changed. */
static void users_read(const struct xml_element *users, struct wbuf *text,
		       struct conference_info *out)
{
	const struct xml_element *e = NULL;
	bool whole = out->state == CONFERENCE_PARTIAL ? xml_attribute_is(users, "state", "full")
						      : state_read(users) == CONFERENCE_FULL;

	out->users_whole = !out->has_users && whole;
	out->has_users = true;
	while ((e = xml_child(users, e)))
		if (xml_is(e, "user"))
			user_read(e, text, out);
}

/* ---- the document ---- */

static int64_t version_read(const struct xml_element *root)
{
	uint8_t digits[16];
	struct wbuf w = wbuf_of(digits, sizeof(digits));

	return field_number(field_trim(xml_attribute(root, "version", &w)));
}

int conference_info_read(struct view in, struct wbuf *text, struct conference_info *out)
{
	const struct xml_element *root, *e = NULL;
	size_t mark = text->len;
	struct xml x;
	int rc = xml_open(&x, in);

	*out = (struct conference_info){.version = -1};
	if (rc)
		return rc;
	root = xml_root(&x);
	out->state = state_read(root);
	out->version = version_read(root);
	rc = xml_is(root, "conference-info") ? 0 : -EBADMSG;
	while (rc == 0 && (e = xml_child(root, e)))
		if (xml_is(e, "users"))
			users_read(e, text, out);
	xml_close(&x);
	return rc ? rc : wbuf_end(text, mark);
}
