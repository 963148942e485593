/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */
#pragma once

#include "capabilities.h"

/* application/reginfo+xml, the body of a reg-event NOTIFY (RFC 3680, spec 1.5 row 3). */

enum { REGINFO_REGISTRATIONS_MAX = 8, REGINFO_CONTACTS_MAX = 32 };

struct reginfo_registration {
	struct view aor;
	bool active;
};

struct reginfo_contact {
	unsigned registration; /* index into registration[] */
	bool active;           /* false: expired, unregistered, deactivated, probation or rejected */
	struct cpm_contact contact;
};

struct reginfo {
	bool full;       /* else only what changed */
	int64_t version; /* -1: not said */
	bool truncated;  /* there were more than fit here */
	unsigned n_registrations, n_contacts;
	struct reginfo_registration registration[REGINFO_REGISTRATIONS_MAX];
	struct reginfo_contact contact[REGINFO_CONTACTS_MAX];
};

/**
 * @param text  what the views of out point into is appended here; XML_OCTETS_MAX (65536) octets do for every
 *              document of ASCII; unchanged on failure
 * @return 0, -EBADMSG, -ENOSPC, -ENOMEM
 */
int reginfo_read(struct view in, struct wbuf *text, struct reginfo *out);
