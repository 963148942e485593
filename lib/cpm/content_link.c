/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */

/*
 * File transfer by HTTP and geolocation push of RCS (GSMA RCC.07), read for the little that fits
 * into an SMS. Both end up in a text that somebody may tap on, so what is no plain link or number
 * is refused.
 *
 *   <file> <file-info type="file"> <file-name/> <data url until/>
 *   <rcsenvelope> <rcspushlocation label> .. <gml:pos>latitude longitude</gml:pos>
 *
 * Goes through libxml2, which allocates while it reads (xml.c).
 */

#include "content_link.h"
#include "field.h"
#include "xml.h"

/* Without a control character; else nothing. */
static struct view line_or_nothing(struct view v)
{
	v = field_trim(v);
	for (size_t i = 0; i < v.len; i++)
		if (v.p[i] < ' ' || v.p[i] == 0x7f)
			return VIEW("");
	return v;
}

/* ---- file transfer ---- */

static bool is_url(struct view v)
{
	for (size_t i = 0; i < v.len; i++)
		if (v.p[i] <= ' ' || v.p[i] > '~' || strchr("\"<>\\", v.p[i]))
			return false;
	return (field_starts(v, "http://") && v.len > strlen("http://")) ||
	       (field_starts(v, "https://") && v.len > strlen("https://"));
}

static void file_info_read(const struct xml_element *info, struct wbuf *text, struct ft_http *out)
{
	const struct xml_element *e = NULL;

	while ((e = xml_child(info, e))) {
		if (xml_is(e, "file-name"))
			out->file_name = line_or_nothing(xml_text(e, text));
		if (!xml_is(e, "data"))
			continue;
		out->url = field_trim(xml_attribute(e, "url", text));
		out->until = line_or_nothing(xml_attribute(e, "until", text));
	}
}

int ft_http_decode(struct view in, struct wbuf *text, struct ft_http *out)
{
	const struct xml_element *root, *e = NULL;
	size_t mark = text->len;
	struct xml x;
	int rc = xml_open(&x, in);

	*out = (struct ft_http){0};
	if (rc)
		return rc;
	root = xml_root(&x);
	while (out->url.len == 0 && (e = xml_child(root, e)))
		if (xml_is(e, "file-info") && xml_attribute_is(e, "type", "file"))
			file_info_read(e, text, out);
	xml_close(&x);
	rc = wbuf_end(text, mark);
	if (rc == 0 && !is_url(out->url))
		rc = -EBADMSG;
	if (rc)
		text->len = mark;
	return rc;
}

/* ---- geolocation ---- */

static bool is_digit(uint8_t c)
{
	return c >= '0' && c <= '9';
}

/* [+-]digits[.digits], at most limit degrees. */
static bool is_degrees(struct view v, unsigned limit)
{
	unsigned whole = 0, n_digits = 0;
	bool rest = false;
	size_t i = v.len && (v.p[0] == '-' || v.p[0] == '+');

	for (; i < v.len && is_digit(v.p[i]) && n_digits < 9; i++, n_digits++)
		whole = whole * 10 + (v.p[i] - '0');
	if (n_digits && i + 1 < v.len && v.p[i] == '.')
		for (i++; i < v.len && is_digit(v.p[i]); i++)
			rest = rest || v.p[i] != '0';
	return n_digits && i == v.len && v.len <= 24 &&
	       (whole < limit || (whole == limit && !rest));
}

static struct view word_take(struct view *in)
{
	struct view word;

	*in = field_trim(*in);
	word = (struct view){in->p, 0};
	while (word.len < in->len && in->p[word.len] > ' ')
		word.len++;
	*in = view_skip(*in, word.len);
	return word;
}

static void position_read(struct view pos, struct geo *out)
{
	out->latitude = word_take(&pos);
	out->longitude = word_take(&pos);
}

int geo_decode(struct view in, struct wbuf *text, struct geo *out)
{
	const struct xml_element *root, *e;
	size_t mark = text->len;
	struct xml x;
	int rc = xml_open(&x, in);

	*out = (struct geo){0};
	if (rc)
		return rc;
	root = xml_root(&x);
	for (e = xml_next(root, root); e && out->latitude.len == 0; e = xml_next(root, e)) {
		if (xml_is(e, "rcspushlocation"))
			out->label = line_or_nothing(xml_attribute(e, "label", text));
		if (xml_is(e, "pos"))
			position_read(xml_text(e, text), out);
	}
	xml_close(&x);
	rc = wbuf_end(text, mark);
	if (rc == 0 && (!is_degrees(out->latitude, 90) || !is_degrees(out->longitude, 180)))
		rc = -EBADMSG;
	if (rc)
		text->len = mark;
	return rc;
}
