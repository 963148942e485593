/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */
#pragma once

#include "../util/buf.h"

/* SCCP management (Q.713 5, Q.714 5): what nodes tell each other about subsystems, as user data from SSN 1 to SSN 1. */

enum { SCCP_SSN_MANAGEMENT = 1 };

enum sccp_management_type {
	SCCP_SUBSYSTEM_ALLOWED = 1,
	SCCP_SUBSYSTEM_PROHIBITED = 2,
	SCCP_SUBSYSTEM_TEST = 3,
	SCCP_SUBSYSTEM_OUT_OF_SERVICE_REQUEST = 4,
	SCCP_SUBSYSTEM_OUT_OF_SERVICE_GRANT = 5,
	SCCP_SUBSYSTEM_CONGESTED = 6,
};

struct sccp_management {
	uint8_t type;
	uint8_t ssn;	      /* affected */
	uint16_t pc;	      /* affected; 14 bits */
	uint8_t multiplicity; /* 2 bits */
	uint8_t congestion;   /* of SCCP_SUBSYSTEM_CONGESTED: 4 bits */
};

/** @return 0, -EBADMSG (another length), -ENOTSUP (another type) */
int sccp_management_decode(struct view in, struct sccp_management *out);

/** @return 0, -EINVAL, -ENOSPC (w->len unchanged) */
int sccp_management_encode(struct wbuf *w, const struct sccp_management *m);
