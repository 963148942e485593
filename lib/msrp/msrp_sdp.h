/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */
#pragma once

#include "../util/buf.h"
#include "msrp_uri.h"

/*
 * The message stream of an SDP body (RFC 4975 8, RFC 6135, RFC 6714, RFC 4572): read the peer's, write ours.
 */

enum msrp_setup { MSRP_SETUP_ABSENT, MSRP_SETUP_ACTIVE, MSRP_SETUP_PASSIVE, MSRP_SETUP_ACTPASS };
enum msrp_direction { MSRP_SENDRECV, MSRP_SENDONLY, MSRP_RECVONLY, MSRP_INACTIVE };

struct msrp_sdp {
	bool tls;			  /* TCP/TLS/MSRP */
	struct view address;		  /* of the c= line that counts */
	bool ip6;			  /* address is IPv6 */
	unsigned port;			  /* of the m= line; 0: stream refused */
	enum msrp_setup setup;
	enum msrp_direction direction;
	struct view path;		  /* a=path, empty if absent */
	struct view accept_types;	  /* values separated by spaces, empty if absent */
	struct view accept_wrapped_types;
	uint64_t max_size;		  /* 0 if absent */
	bool cema;			  /* a=msrp-cema */
	bool file_selector;		  /* a file transfer (RFC 5547) */
	struct view fingerprint;	  /* whole value of a=fingerprint, empty if absent */
};

/** The first message stream. @return 0, -ENOENT (no m=message with TCP/MSRP or TCP/TLS/MSRP), -EBADMSG */
int msrp_sdp_decode(struct view in, struct msrp_sdp *out);

/** Whom to connect to: the first URI of the path, with CEMA at the address of the c= and m= lines (RFC 6714 4.2).
 * @return 0, -EBADMSG (no such URI, or no host) */
int msrp_sdp_peer(const struct msrp_sdp *s, struct msrp_uri *out);

/** Is type in a list like accept_types? "*" and "main/" followed by "*" match; case and parameters do not count. */
bool msrp_sdp_accepts(struct view list, struct view type);

/** A whole SDP body with one message stream; session_id and version for the o= line. Empty values are left out.
 * @return 0, -ENOSPC, -EINVAL */
int msrp_sdp_encode(struct wbuf *w, const struct msrp_sdp *s, uint64_t session_id, uint64_t version);

/** What we answer to the peer's offer (RFC 6135 4.2, RFC 3264 6.1). */
enum msrp_setup msrp_setup_answer(enum msrp_setup offered);
enum msrp_direction msrp_direction_answer(enum msrp_direction offered);
