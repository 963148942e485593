/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */
#pragma once

#include "../util/buf.h"

/*
 * application/resource-lists+xml (RFC 4826, RFC 5366), the members of a group chat in its INVITE (spec 7.10).
 */

enum { RESOURCE_ENTRIES_MAX = 128 };

struct resource_entry {
	struct view uri;	      /* without header components; printable */
	struct view name;	      /* display-name, empty if absent; no control characters */
	struct view session_replaces; /* value of the URI's header component, percent-decoded; empty if absent */
};

struct resource_list {
	bool truncated; /* there were more than fit here */
	unsigned n;
	struct resource_entry entry[RESOURCE_ENTRIES_MAX];
};

/**
 * Entries that must not be shown to others (RFC 5364: copyControl "bcc", anonymize "true") are left out.
 * @param text  room for what the entries hold; views into it
 * @return 0, -EBADMSG, -ENOMEM, -ENOSPC (text is too small, unchanged)
 */
int resource_list_read(struct view in, struct wbuf *text, struct resource_list *out);
