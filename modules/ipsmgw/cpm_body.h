/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */
#ifndef IPSMGW_CPM_BODY_H
#define IPSMGW_CPM_BODY_H

#include "../../lib/util/buf.h"

/* What CPM clients get from us, in a MESSAGE or inside a chat session. */

enum { CPM_URI_MAX = 512 };

/** B as name-addr: tel for E.164, user=phone for a short code, display name for
 * an alphanumeric originator. */
struct view cpm_originator(struct view b, char text[CPM_URI_MAX]);

/** "tel:" and a. */
struct view cpm_tel_uri(struct view a, char text[CPM_URI_MAX]);

struct view cpm_bracketed(struct view uri, char text[CPM_URI_MAX]);

struct cpm_notification {
	struct view from, to;          /* name-addr */
	struct view imdn_id, datetime; /* its own */
	struct view about_id,
			about_datetime; /* the message's; datetime may be "" */
	struct view imdn_route; /* one a line */
	struct view original_to; /* imdn.Original-To of the message, "" if absent */
	int kind, status;       /* enum imdn_kind, enum imdn_status */
};

/** The URI of the topmost of these routes: where the notification goes first
 * (RFC 5438 8). Empty if there is none that SIP can go to. */
struct view cpm_notification_hop(struct view imdn_route);

/** Append the message/cpim. @return 0, -EINVAL, -ENOSPC */
int cpm_notification_encode(struct wbuf *w, const struct cpm_notification *n);

#endif
