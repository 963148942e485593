/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */

/*
 * From the body of a SIP request to its innermost part, spec 3.6. Wrappers are message/cpim and
 * multipart. The kind is decided by the innermost type alone, so a notification (IMDN) or a
 * typing signal stays one however deep it is wrapped. Nothing is copied or decoded here.
 */

#include "content.h"
#include "field.h"
#include "multipart.h"
#include "transfer.h"

enum { MULTIPART_DEPTH_MAX = 3 };

static const struct {
	struct view type;
	enum content_kind kind;
} kinds[] = {
	{VIEW_OF("text/plain"), CONTENT_TEXT},
	{VIEW_OF("message/imdn+xml"), CONTENT_IMDN},
	{VIEW_OF("application/im-iscomposing+xml"), CONTENT_COMPOSING},
	{VIEW_OF("application/vnd.3gpp.sms"), CONTENT_SMS},
	{VIEW_OF("application/vnd.gsma.rcs-ft-http+xml"), CONTENT_FT_HTTP},
	{VIEW_OF("application/vnd.gsma.rcspushlocation+xml"), CONTENT_GEO},
};

static enum content_kind kind_of(struct view type)
{
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (view_ieq(type, kinds[i].type))
			return kinds[i].kind;
	return CONTENT_UNSUPPORTED;
}

static struct view media_type_of(struct view content_type)
{
	struct view type = VIEW("");

	field_list_next(&content_type, ";", &type);
	return type;
}

static void leaf_read(const struct multipart_part *part, struct view media_type,
		      struct content *out)
{
	out->media_type = media_type;
	out->kind = kind_of(out->media_type);
	out->charset = media_type_param(part->content_type, "charset");
	out->payload = part->body;
	out->transfer_encoding = part->transfer_encoding;
}

static int part_read(const struct multipart_part *part, unsigned depth, struct content *out);

static int cpim_read(const struct multipart_part *part, unsigned depth, struct content *out)
{
	struct multipart_part inner;

	if (out->has_cpim || cpim_decode(part->body, &out->cpim))
		return -EBADMSG;
	out->has_cpim = true;
	inner.content_type = out->cpim.content_type;
	inner.transfer_encoding = out->cpim.transfer_encoding;
	inner.body = out->cpim.payload;
	return part_read(&inner, depth, out);
}

/* ---- multipart: the one part that is the message ---- */

enum part_rank { RANK_LIST, RANK_UNSUPPORTED, RANK_LINK, RANK_MESSAGE };

/*
 * How much a part is worth: a recipient list only goes along with the message, and so do a file
 * and a place if there is a text, too.
 */
static int part_rank(const struct content *c)
{
	if (c->kind == CONTENT_FT_HTTP || c->kind == CONTENT_GEO)
		return RANK_LINK;
	if (c->kind != CONTENT_UNSUPPORTED)
		return RANK_MESSAGE;
	return media_type_is(c->media_type, "application/resource-lists+xml") ? RANK_LIST
									      : RANK_UNSUPPORTED;
}

/* Two messages in one body: none may be dropped in silence, unless they are alternatives. */
static bool is_ambiguous(struct view content_type, int rank, unsigned n)
{
	return rank >= RANK_LINK && n > 1 && !media_type_is(content_type, "multipart/alternative");
}

static int multipart_read(const struct multipart_part *part, unsigned depth, struct content *out)
{
	const struct content outer = *out;
	struct multipart_part inner;
	struct multipart m;
	unsigned n_best = 0; /* parts of that rank */
	int best = -1, rc;

	if (depth >= MULTIPART_DEPTH_MAX || multipart_open(&m, part->content_type, part->body))
		return -EBADMSG;
	while ((rc = multipart_next(&m, &inner)) == 1) {
		struct content c = outer;

		rc = part_read(&inner, depth + 1, &c);
		if (rc)
			return rc;
		n_best += part_rank(&c) == best;
		if (part_rank(&c) > best) {
			best = part_rank(&c);
			n_best = 1;
			*out = c;
		}
	}
	if (rc == 0 && is_ambiguous(part->content_type, best, n_best)) {
		leaf_read(part, media_type_of(part->content_type), out);
		out->kind = CONTENT_UNSUPPORTED;
	}
	return rc || best < 0 ? -EBADMSG : 0;
}

/* ---- any part ---- */

/* A wrapper may not be base64 itself (RFC 2045 6.4). */
static bool is_readable(struct view transfer_encoding)
{
	struct transfer t;

	return transfer_open(&t, transfer_encoding, VIEW("")) == 0 &&
	       t.encoding == TRANSFER_IDENTITY;
}

static int part_read(const struct multipart_part *part, unsigned depth, struct content *out)
{
	struct multipart_part p = *part;
	struct view type;
	bool readable = is_readable(p.transfer_encoding);

	p.content_type = field_trim(p.content_type);
	if (p.content_type.len == 0)
		p.content_type = VIEW("text/plain");
	type = media_type_of(p.content_type);
	if (readable && view_ieq(type, VIEW("message/cpim")))
		return cpim_read(&p, depth, out);
	if (readable && field_starts(p.content_type, "multipart/"))
		return multipart_read(&p, depth, out);
	leaf_read(&p, type, out);
	return 0;
}

int content_read(struct view content_type, struct view transfer_encoding, struct view body,
		 struct content *out)
{
	const struct multipart_part whole = {
		.content_type = content_type,
		.transfer_encoding = transfer_encoding,
		.body = body,
	};

	*out = (struct content){0};
	return part_read(&whole, 0, out);
}
