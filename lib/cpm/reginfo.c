/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */

/*
 * Reading application/reginfo+xml, RFC 3680 5:
 *
 *   <reginfo version state> <registration aor id state>
 *     <contact id state event expires> <uri/> <unknown-param name/> ..
 *
 * S-CSCFs in the field write the quotes of a parameter's value into the text, keep or drop the '+'
 * of its name, and write the URI with angle brackets and parameters, as in Contact (spec 1.5).
 */

#include "field.h"
#include "reginfo.h"
#include "xml.h"

/* ---- one contact ---- */

static const char *const events_gone[] = {"expired", "deactivated", "probation", "unregistered",
					  "rejected"};

static bool is_active(const struct xml_element *e)
{
	for (size_t i = 0; i < sizeof(events_gone) / sizeof(events_gone[0]); i++)
		if (xml_attribute_is(e, "event", events_gone[i]))
			return false;
	return !xml_attribute_is(e, "state", "terminated");
}

static int64_t number_read(const struct xml_element *e, const char *name)
{
	uint8_t digits[16];
	struct wbuf w = wbuf_of(digits, sizeof(digits));

	return field_number(field_trim(xml_attribute(e, name, &w)));
}

static void uri_read(const struct xml_element *e, struct wbuf *text, struct cpm_contact *c)
{
	struct view uri = xml_text(e, text);

	if (uri.len && memchr(uri.p, '<', uri.len))
		cpm_contact_read(uri, c);
	else
		c->uri = uri;
}

/* Only the instance of a parameter is kept as text. */
static void param_read(const struct xml_element *e, struct wbuf *text, struct cpm_contact *c)
{
	const uint8_t *instance = c->instance.p;
	size_t mark = text->len;
	struct view name = xml_attribute(e, "name", text);

	cpm_contact_param(c, name, xml_text(e, text));
	if (c->instance.p == instance)
		text->len = mark;
}

static void contact_read(const struct xml_element *contact, struct wbuf *text,
			 struct reginfo_contact *out)
{
	const struct xml_element *e = NULL;
	struct cpm_contact *c = &out->contact;

	*c = (struct cpm_contact){.expires_s = -1};
	while ((e = xml_child(contact, e)))
		if (xml_is(e, "uri"))
			uri_read(e, text, c);
	while ((e = xml_child(contact, e)))
		if (xml_is(e, "unknown-param"))
			param_read(e, text, c);
	if (number_read(contact, "expires") >= 0)
		c->expires_s = number_read(contact, "expires");
	out->active = is_active(contact);
}

/* ---- the document ---- */

static void contacts_read(const struct xml_element *registration, struct wbuf *text,
			  struct reginfo *out)
{
	const unsigned index = out->n_registrations - 1;
	const struct xml_element *e = NULL;

	while ((e = xml_child(registration, e))) {
		struct reginfo_contact *c = &out->contact[out->n_contacts];

		if (!xml_is(e, "contact"))
			continue;
		out->truncated = out->truncated || out->n_contacts == REGINFO_CONTACTS_MAX;
		if (out->truncated)
			return;
		contact_read(e, text, c);
		c->active = c->active && out->registration[index].active;
		c->registration = index;
		out->n_contacts += c->contact.uri.len > 0;
	}
}

static void registration_read(const struct xml_element *e, struct wbuf *text, struct reginfo *out)
{
	struct reginfo_registration *r = &out->registration[out->n_registrations];

	out->truncated = out->truncated || out->n_registrations == REGINFO_REGISTRATIONS_MAX;
	if (out->truncated)
		return;
	out->n_registrations++;
	r->aor = field_trim(xml_attribute(e, "aor", text));
	r->active = !xml_attribute_is(e, "state", "terminated") &&
		    !xml_attribute_is(e, "state", "init");
	contacts_read(e, text, out);
}

int reginfo_read(struct view in, struct wbuf *text, struct reginfo *out)
{
	const struct xml_element *root, *e = NULL;
	size_t mark = text->len;
	struct xml x;
	int rc = xml_open(&x, in);

	*out = (struct reginfo){0};
	if (rc)
		return rc;
	root = xml_root(&x);
	out->full = !xml_attribute_is(root, "state", "partial");
	out->version = number_read(root, "version");
	rc = xml_is(root, "reginfo") ? 0 : -EBADMSG;
	while (rc == 0 && (e = xml_child(root, e)))
		if (xml_is(e, "registration"))
			registration_read(e, text, out);
	xml_close(&x);
	if (rc)
		return rc;
	return wbuf_end(text, mark);
}
