/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */

/*
 * Resource lists as conference servers send them: lists in lists, entries with a URI, perhaps with header
 * components ("tel:+1555?Session-Replaces=id", spec 7.10), and a display-name.
 */

#include "field.h"
#include "resource_list.h"
#include "xml.h"

static int hex_value(uint8_t c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static struct view percent_decoded(struct view v, struct wbuf *w)
{
	size_t mark = w->len;

	for (size_t i = 0; i < v.len; i++) {
		bool escape = v.p[i] == '%' && v.len - i > 2 && hex_value(v.p[i + 1]) >= 0 &&
			      hex_value(v.p[i + 2]) >= 0;

		wbuf_u8(w, escape ? (uint8_t)(hex_value(v.p[i + 1]) << 4 | hex_value(v.p[i + 2])) : v.p[i]);
		i += escape ? 2 : 0;
	}
	return w->err ? VIEW("") : (struct view){w->p + mark, w->len - mark};
}

static bool printable(struct view v)
{
	for (size_t i = 0; i < v.len; i++)
		if (v.p[i] <= ' ' || v.p[i] == 0x7f)
			return false;
	return v.len > 0;
}

static struct view header_component(struct view headers, struct wbuf *text)
{
	struct view member;

	while (field_list_next(&headers, "&", &member)) {
		struct field f = field_param(member);

		if (view_ieq(f.name, VIEW("Session-Replaces")))
			return percent_decoded(f.value, text);
	}
	return VIEW("");
}

static void uri_read(struct resource_entry *entry, struct view uri, struct wbuf *text)
{
	const uint8_t *at = uri.len ? memchr(uri.p, '?', uri.len) : NULL;
	size_t n = at ? (size_t)(at - uri.p) : uri.len;

	entry->uri = (struct view){uri.p, n};
	if (at)
		entry->session_replaces = header_component(view_skip(uri, n + 1), text);
}

/* The octets are ours: xml_text() has copied them into text. */
static struct view one_line(struct view v, struct wbuf *text)
{
	uint8_t *p = v.len ? text->p + (v.p - text->p) : NULL;

	for (size_t i = 0; i < v.len; i++)
		if (p[i] < ' ' || p[i] == 0x7f)
			p[i] = ' ';
	return v;
}

static void entry_read(const struct xml_element *e, struct wbuf *text, struct resource_list *out)
{
	const struct xml_element *child = NULL;
	struct resource_entry *entry = &out->entry[out->n];

	if (xml_attribute_is(e, "copyControl", "bcc") || xml_attribute_is(e, "anonymize", "true"))
		return;
	out->truncated = out->truncated || out->n == RESOURCE_ENTRIES_MAX;
	if (out->truncated)
		return;
	*entry = (struct resource_entry){.uri = {NULL, 0}};
	uri_read(entry, field_trim(xml_attribute(e, "uri", text)), text);
	while ((child = xml_child(e, child)))
		if (xml_is(child, "display-name"))
			entry->name = one_line(xml_text(child, text), text);
	out->n += printable(entry->uri);
}

int resource_list_read(struct view in, struct wbuf *text, struct resource_list *out)
{
	const struct xml_element *root, *e;
	size_t mark = text->len;
	struct xml x;
	int rc = xml_open(&x, in);

	out->truncated = false;
	out->n = 0;
	if (rc)
		return rc;
	root = e = xml_root(&x);
	rc = xml_is(root, "resource-lists") ? 0 : -EBADMSG;
	while (rc == 0 && (e = xml_next(root, e)))
		if (xml_is(e, "entry"))
			entry_read(e, text, out);
	xml_close(&x);
	if (rc)
		return rc;
	return wbuf_end(text, mark);
}
