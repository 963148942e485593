/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */
#pragma once

#include "../util/buf.h"

/*
 * MSRP URIs and paths (RFC 4975 6, 9): msrp://host:port/session;tcp, several of them with spaces between in a path.
 */

enum { MSRP_PORT = 2855, MSRP_SESSION_MAX = 128 };

struct msrp_uri {
	bool tls;	     /* msrps */
	struct view host;    /* IPv6 without its brackets */
	unsigned port;	     /* MSRP_PORT if absent */
	struct view session; /* empty if absent */
	struct view whole;   /* as it came */
};

/** @param in one URI. @return 0, -EBADMSG (also a transport other than tcp, a session above MSRP_SESSION_MAX) */
int msrp_uri_decode(struct view in, struct msrp_uri *out);

/** The first or last URI of a path. @return 0, -EBADMSG */
int msrp_path_first(struct view path, struct msrp_uri *out);
int msrp_path_last(struct view path, struct msrp_uri *out);

/** @return true if both name the same session: RFC 4975 6.1 without the host where cema is true (RFC 6714 4.4) */
bool msrp_uri_equal(const struct msrp_uri *a, const struct msrp_uri *b, bool cema);
