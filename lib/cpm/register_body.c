/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */

/*
 * Learning from a third-party REGISTER, spec 1.5 rows 1 and 2. The outer Contact is the S-CSCF's;
 * what A can do stands in A's own REGISTER, which comes as message/sip when the filter criterion
 * asks for it. Some S-CSCFs send the 200 to it instead: that one lists the contacts, too, with the
 * expiry that was granted and, in P-Associated-URI, A's other identities. service-info is opaque by
 * TS 24.229; TS 24.341 puts the MSISDN there.
 */

#include "content.h"
#include "cpim.h"
#include "field.h"
#include "multipart.h"
#include "register_body.h"
#include "transfer.h"
#include "xml.h"

enum { MSISDN_DIGITS_MIN = 5, MSISDN_DIGITS_MAX = 15 }; /* E.164 */

/* ---- message/sip ---- */

/* A contact that is known already (request and answer in one body) takes what the later one adds. */
static void contact_add(struct register_body *out, const struct cpm_contact *c)
{
	for (unsigned i = 0; i < out->n_contacts; i++) {
		struct cpm_contact *known = &out->contact[i];

		if (!view_eq(known->uri, c->uri))
			continue;
		known->capabilities |= c->capabilities;
		if (c->instance.len)
			known->instance = c->instance;
		if (c->expires_s >= 0)
			known->expires_s = c->expires_s;
		return;
	}
	if (out->n_contacts < REGISTER_CONTACTS_MAX)
		out->contact[out->n_contacts++] = *c;
}

static void contacts_read(struct view list, int64_t expires_s, struct register_body *out)
{
	struct cpm_contact c;
	struct view member;

	while (field_list_next(&list, ",", &member)) {
		if (view_eq(member, VIEW("*"))) {
			out->all_contacts = true;
			continue;
		}
		if (cpm_contact_read(member, &c))
			continue;
		if (c.expires_s < 0)
			c.expires_s = expires_s;
		contact_add(out, &c);
	}
}

static struct view line_take(struct view *in)
{
	const uint8_t *lf = in->len ? memchr(in->p, '\n', in->len) : NULL;
	struct view line = {in->p, lf ? (size_t)(lf - in->p) + 1 : in->len};

	*in = view_skip(*in, line.len);
	return line;
}

void register_associated_add(struct view value, struct register_body *out)
{
	struct view member, uri;

	while (field_list_next(&value, ",", &member)) {
		uri = cpim_uri(member);
		if (uri.len && out->n_associated < REGISTER_ASSOCIATED_MAX)
			out->associated[out->n_associated++] = uri;
	}
}

/* One header field; a line that is none is left out, the others still say what A can do. */
static bool header_next(struct view *in, struct field *f)
{
	int rc;

	while ((rc = field_next(in, f)) == -EBADMSG)
		line_take(in);
	return rc == 1;
}

static bool is_start_line(struct view line)
{
	return field_starts(line, "REGISTER ") || field_starts(line, "SIP/2.0 2");
}

static int message_read(struct view in, struct register_body *out)
{
	struct view start, headers;
	int64_t expires_s = -1;
	struct field f;

	while (in.len && (in.p[0] == '\r' || in.p[0] == '\n')) /* RFC 3261 7.5 */
		in = view_skip(in, 1);
	start = line_take(&in);
	if (!is_start_line(start))
		return -EBADMSG;
	headers = in;
	while (header_next(&headers, &f))
		if (view_ieq(f.name, VIEW("Expires")))
			expires_s = field_number(f.value);
	headers = in;
	while (header_next(&headers, &f))
		if (view_ieq(f.name, VIEW("Contact")) || view_ieq(f.name, VIEW("m")))
			contacts_read(f.value, expires_s, out);
		/* the network's word only: in A's own REGISTER it would be A's claim */
		else if (view_ieq(f.name, VIEW("P-Associated-URI")) &&
			 field_starts(start, "SIP/2.0 "))
			register_associated_add(f.value, out);
	return 0;
}

/* ---- application/3gpp-ims+xml ---- */

static void msisdn_read(struct view v, char out[PHONE_MAX])
{
	if (v.len && v.p[0] == '+')
		v = view_skip(v, 1);
	if (v.len < MSISDN_DIGITS_MIN || v.len > MSISDN_DIGITS_MAX)
		return;
	for (size_t i = 0; i < v.len; i++)
		if (v.p[i] < '0' || v.p[i] > '9')
			return;
	out[0] = '+';
	memcpy(out + 1, v.p, v.len);
	out[v.len + 1] = '\0';
}

static int service_info_read(struct view in, struct wbuf *text, struct register_body *out)
{
	const struct xml_element *root, *e;
	size_t mark = text->len;
	struct xml x;
	int rc = xml_open(&x, in);

	if (rc)
		return rc;
	root = xml_root(&x);
	for (e = xml_next(root, root); e && out->service_info.len == 0; e = xml_next(root, e))
		if (xml_is(e, "service-info"))
			out->service_info = xml_text(e, text);
	if (!xml_is(root, "ims-3gpp"))
		rc = -EBADMSG;
	xml_close(&x);
	if (rc == 0)
		rc = wbuf_end(text, mark);
	if (rc == 0)
		msisdn_read(out->service_info, out->msisdn);
	else
		out->service_info = VIEW("");
	return rc;
}

/* ---- the body ---- */

static int part_read(const struct multipart_part *part, struct wbuf *text,
		     struct register_body *out)
{
	bool sip = media_type_is(part->content_type, "message/sip");
	struct view in = part->body;
	size_t mark = text->len;
	struct transfer t;
	int rc = transfer_open(&t, part->transfer_encoding, in);

	if (!sip && !media_type_is(part->content_type, "application/3gpp-ims+xml"))
		return -ENOTSUP;
	if (rc == 0 && t.encoding != TRANSFER_IDENTITY) {
		rc = transfer_decode(part->transfer_encoding, in, text);
		in = (struct view){text->p + mark, text->len - mark};
	}
	if (rc)
		return rc;
	return sip ? message_read(in, out) : service_info_read(in, text, out);
}

/* What can be read counts; the first thing that went wrong is told if that is nothing. */
static int parts_read(const struct multipart_part *whole, struct wbuf *text,
		      struct register_body *out)
{
	struct multipart_part part;
	int rc = -ENOTSUP, next;
	bool any = false;
	struct multipart m;

	if (multipart_open(&m, whole->content_type, whole->body))
		return -EBADMSG;
	while ((next = multipart_next(&m, &part)) == 1) {
		int err = part_read(&part, text, out);

		if (err == -ENOSPC || err == -ENOMEM)
			return err; /* ours, not the sender's */
		any = any || err == 0;
		if (err && rc == -ENOTSUP)
			rc = err;
	}
	if (next < 0 && rc == -ENOTSUP)
		rc = next;
	return any ? 0 : rc;
}

int register_body_read(struct view content_type, struct view body, struct wbuf *text,
		       struct register_body *out)
{
	const struct multipart_part whole = {.content_type = content_type, .body = body};
	size_t mark = text->len;
	int rc;

	*out = (struct register_body){0};
	if (field_starts(field_trim(content_type), "multipart/"))
		rc = parts_read(&whole, text, out);
	else
		rc = part_read(&whole, text, out);
	if (rc)
		text->len = mark;
	return rc;
}
