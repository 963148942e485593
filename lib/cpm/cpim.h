/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */
#pragma once

#include "../util/buf.h"

/*
 * RFC 3862 message/cpim with the RFC 5438 imdn headers.
 *
 *   From: .. / To: .. / NS: .. / imdn.Message-ID: ..    message headers
 *   (empty line)
 *   Content-Type: .. / Content-Transfer-Encoding: ..    MIME headers of the wrapped part
 *   (empty line)
 *   payload, up to the end of the input
 *
 * Written strictly, read as the field writes it: CRLF or bare LF, any header order and letter case,
 * "NS: imdn<urn..>" without a space, any prefix bound to urn:ietf:params:imdn, MIME headers missing,
 * a Content-Length that is wrong (the octets win).
 */

/* imdn.Disposition-Notification, RFC 5438 6.3 and the CPM extension */
enum imdn_request {
	IMDN_POSITIVE_DELIVERY = 1 << 0,
	IMDN_NEGATIVE_DELIVERY = 1 << 1,
	IMDN_DISPLAY = 1 << 2,
	IMDN_PROCESSING = 1 << 3,
	IMDN_INTERWORKING = 1 << 4,
};

enum { IMDN_ROUTE_MAX = 4 };

struct cpim {
	struct view from, to;   /* header values as they stand: [name] <uri> or a bare URI */
	struct view datetime;   /* RFC 3339 */
	struct view message_id; /* imdn.Message-ID */
	unsigned imdn_request;  /* bits of enum imdn_request; unknown tokens are dropped */
	struct view imdn_record_route[IMDN_ROUTE_MAX];
	unsigned n_imdn_record_route;
	struct view imdn_route[IMDN_ROUTE_MAX]; /* where a notification goes, the first one next */
	unsigned n_imdn_route;
	struct view imdn_original_to;
	struct view payload_type; /* cpm.Payload-Type */
	/* MIME headers of the wrapped part; content_type falls back to payload_type, then text/plain */
	struct view content_type, transfer_encoding, content_disposition;
	struct view payload; /* still in its transfer encoding */
};

/** @return 0, -EBADMSG (no header at all, or no empty line behind the message headers); all views point into in */
int cpim_decode(struct view in, struct cpim *out);

/**
 * Append c; from, to, datetime, message_id, content_type and payload must be there (payload.p not NULL,
 * its length may be 0), no control character in a header. CRLF everywhere.
 * @return 0, -EINVAL, -ENOSPC
 */
int cpim_encode(struct wbuf *w, const struct cpim *c);

/**
 * Append octets freed of their Content-Transfer-Encoding (7bit, 8bit, binary, "", base64, quoted-printable).
 * @return 0, -EBADMSG (not base64), -ENOTSUP (another encoding), -ENOSPC
 */
int transfer_decode(struct view encoding, struct view in, struct wbuf *w);

/** The URI in a From/To value: inside <> or bare; header components ("?Accept-Contact=..") are not part of it. */
struct view cpim_uri(struct view name_addr);
