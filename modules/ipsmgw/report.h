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
	int64_t deadline_ms; /* of its waiting; 0: it has not begun */
	bool hurried;        /* what it waits for may have come */
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

/** Let it wait, again if what it was hurried for was another's. @return false
 * if its time is over, nothing is in flight that it could belong to, or no room
 * is left */
bool report_park(const struct report *r);

/** An SMSC gave a segment this message id, "" if it gave none: a report that
 * may wait for it is due. */
void report_hurry(struct view smsc_id);

/** @return one that is due, or NULL. Until the next call of any of these. */
const struct report *report_due(void);
void report_unpark(const struct report *due, struct report *out);

int64_t report_next_ms(void); /* ipsmgw_mono_ms() of the next one due */

#endif
