/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */
#ifndef IPSMGW_RP_SIP_H
#define IPSMGW_RP_SIP_H

#include <stdbool.h>
#include <stdint.h>

#include "../../lib/cpm/imdn.h"

/* SIP status <-> RP-Cause, one table a direction. */

/** Submit direction (spec 3.10): what A is told when the SMSC refused. */
int sip_of_submit_cause(uint8_t rp_cause);

/** The same, told after a 202. */
enum imdn_status imdn_of_submit_cause(
		uint8_t rp_cause, const struct imdn_status_options *options);

/** What may still help within one delivery (spec 5.7, 5.8 column "Next"). */
enum delivery_next {
	NEXT_NOTHING,
	NEXT_OTHER_SERVICE, /* CPM <-> IM */
	NEXT_LARGE_MODE,    /* a session for this message (spec 5.6); without one
						   there is nothing left */
	NEXT_ONCE_MORE,
	NEXT_WHEN_ASKED, /* once more, if Retry-After says when */
};

struct delivery_verdict {
	uint8_t rp_cause; /* 0: A has it */
	bool permanent;
	enum delivery_next next;
	bool stale; /* A's contacts of that service are gone */
};

/** MT direction (spec 5.8): what A's final response means to the SMS side. */
struct delivery_verdict verdict_of_sip(int code);

/** What a notification of A's client means (spec 6.8), as a final response; 0:
 * nothing to the SMS side. */
int sip_of_imdn(enum imdn_kind kind, enum imdn_status status);

const char *sip_reason(int code); /* reason phrase for what we answer */

#endif
