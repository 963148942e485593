/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */
#ifndef IPSMGW_REPORT_H
#define IPSMGW_REPORT_H

#include "../../lib/link/link_frame.h"
#include "../../lib/sms/rp.h"

/*
 * Status reports on their way to their message, private to the spool process.
 * An SMSC may send a report before its submit_sm_resp: while segments are in
 * flight, a report that finds no message waits a few seconds, unanswered.
 */

enum { REPORT_TEXT_MAX = 80, REPORT_IDS = 3 };

struct report {
	uint64_t generation, ref; /* of the DATA to be answered */
	char smsc[REPORT_TEXT_MAX];
	char smsc_id[REPORT_IDS][REPORT_TEXT_MAX]; /* it may be any of these; "": none */
	char b[SMS_ADDRESS_TEXT_MAX + 1];          /* TP-RA */
	uint8_t tp_st;
	bool parked;         /* has waited already */
	int64_t deadline_ms; /* of a parked one */
};

/** @return 0, -EBADMSG */
int report_read(const struct link_frame *f, const struct rp_message *rp,
		struct report *out);

/**
 * The message id that names a segment which waits for this report. While it is
 * not known how the SMSC writes ids there are several, and the recipient tells
 * which of them is meant.
 */
const char *report_smsc_id(const struct report *r);

/** Let it wait. @return false if nothing is in flight that it could belong to,
 * or no room is left */
bool report_park(const struct report *r);

/** The SMSC gave a segment this message id: a report that may wait for it is
 * due. */
void report_hurry(struct view smsc_id);

/** Take one whose time has come. @return false if there is none */
bool report_unpark(struct report *out);

int64_t report_next_ms(void); /* ipsmgw_mono_ms() of the next one due */

#endif
