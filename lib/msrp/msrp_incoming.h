/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */
#pragma once

#include "msrp_frame.h"

/*
 * Putting a message together from chunks (RFC 4975 7.3.1). The caller keeps one of these for each message that is
 * under way, and its memory; chunks may come in any order and overlap.
 */

enum { MSRP_GAPS_MAX = 8 };

struct msrp_incoming {
	char message_id[MSRP_MESSAGE_ID_MAX + 1];
	uint8_t *p;	 /* the caller's */
	uint64_t size;	 /* octets at p */
	uint64_t end;	 /* octets from the start up to the end of the furthest chunk */
	uint64_t total;	 /* MSRP_UNKNOWN until known */
	unsigned n_gaps; /* what is missing below end */
	struct { uint64_t from, to; } gaps[MSRP_GAPS_MAX];
	bool complete;
};

enum msrp_incoming_result {
	MSRP_INCOMING_MORE,	/* stored, others are missing */
	MSRP_INCOMING_COMPLETE,	/* p holds total octets */
	MSRP_INCOMING_ABORTED,	/* '#': forget it */
};

/** Begin with the first chunk that came; p may be moved and size raised between calls, up to total or end. */
void msrp_incoming_init(struct msrp_incoming *m, const struct msrp_frame *f, uint8_t *p, uint64_t size);

/** How many octets p must hold to take this chunk. @return 0, -EBADMSG (the range contradicts itself, its body or what
 * was said before) */
int msrp_incoming_needs(const struct msrp_incoming *m, const struct msrp_frame *f, uint64_t *octets);

/** Take a chunk. @return enum msrp_incoming_result, -EBADMSG, -ENOSPC (p is too small), -E2BIG (too many gaps) */
int msrp_incoming_take(struct msrp_incoming *m, const struct msrp_frame *f);
