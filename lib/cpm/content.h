/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */
#pragma once

#include "cpim.h"

/*
 * What a SIP body is to an SMS gateway (spec 3.6): unwraps multipart and CPIM down to one text or a
 * class of content.
 */

enum content_kind {
	CONTENT_TEXT,        /* text, possibly empty */
	CONTENT_IMDN,        /* message/imdn+xml, in CPIM or bare: never becomes an SMS */
	CONTENT_COMPOSING,   /* application/im-iscomposing+xml */
	CONTENT_SMS,         /* application/vnd.3gpp.sms: transport level */
	CONTENT_FT_HTTP,     /* application/vnd.gsma.rcs-ft-http+xml: read it with ft_http_decode() */
	CONTENT_GEO,         /* application/vnd.gsma.rcspushlocation+xml: read it with geo_decode() */
	CONTENT_UNSUPPORTED, /* 415 */
};

struct content {
	enum content_kind kind;
	bool has_cpim;
	struct cpim cpim;
	struct view media_type; /* of the innermost part, without parameters */
	struct view payload;    /* innermost part, in its transfer encoding */
	struct view transfer_encoding;
	struct view charset; /* "" is UTF-8 */
};

/**
 * @param content_type  value of the SIP header, parameters included; "" is text/plain
 * @return 0 (look at out->kind), -EBADMSG (CPIM or multipart that cannot be parsed)
 */
int content_read(struct view content_type, struct view transfer_encoding, struct view body, struct content *out);

/**
 * Text of a CONTENT_TEXT as UTF-8 with LF line ends: transfer encoding and charset (utf-8, us-ascii,
 * iso-8859-1, utf-16 with BOM, and what the iconv of the system knows) undone, BOM dropped.
 * @return 0, -EBADMSG, -EILSEQ (not in the charset it claims), -ENOTSUP (charset or encoding), -ENOSPC, -ENOMEM
 */
int content_text(const struct content *c, struct wbuf *utf8);

/** Compare the type/subtype of a Content-Type value, parameters and case ignored. */
bool media_type_is(struct view content_type, const char *type);

/** Value of a parameter ("charset", "boundary"), quotes removed; "" if absent. */
struct view media_type_param(struct view content_type, const char *name);
