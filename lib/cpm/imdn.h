/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */
#pragma once

#include "cpim.h"
#include "imdn_status.h"

/* message/imdn+xml, RFC 5438 7.2, and the CPIM around it (spec 6.4, 6.5, 6.7). */

enum imdn_kind { IMDN_KIND_DELIVERY, IMDN_KIND_DISPLAY, IMDN_KIND_PROCESSING, IMDN_KIND_INTERWORKING };

struct imdn {
	struct view message_id; /* of the message that this is about */
	struct view datetime;
	struct view recipient_uri, original_recipient_uri; /* "": the element is absent */
	enum imdn_kind kind;
	enum imdn_status status;
};

/**
 * Append the document, without a line end behind it. message_id, datetime and status must be there.
 * @return 0, -EINVAL (also a status that this kind of notification does not know), -EILSEQ (a text that is
 * not UTF-8 or holds a control character: XML cannot carry it), -ENOSPC
 */
int imdn_encode(struct wbuf *w, const struct imdn *d);

/**
 * Read what clients write: the status by its name wherever it stands (out->kind says in which notification:
 * "failed" in a processing notification is a failed delivery), any namespaces or none, recipient-uri and
 * datetime absent.
 *
 * @param text  what the views of out point into is appended here; XML_OCTETS_MAX (65536) octets do for
 *              every document of ASCII; unchanged on failure
 * @return 0, -EBADMSG (also without a message-id or status), -ENOSPC, -ENOMEM
 */
int imdn_decode(struct view in, struct wbuf *text, struct imdn *out);

/* Header values as they stand in CPIM. */
struct imdn_envelope {
	struct view from, to;
	struct view message_id; /* of the notification itself */
	struct view datetime;
	struct view imdn_route[IMDN_ROUTE_MAX]; /* the original's IMDN-Record-Route */
	unsigned n_imdn_route;
};

/**
 * Append the message/cpim that carries a document of imdn_encode(): Content-Disposition: notification, and
 * no request for notifications of its own.
 * @return 0, -EINVAL, -ENOSPC
 */
int imdn_cpim_encode(struct wbuf *w, const struct imdn_envelope *e, struct view document);
