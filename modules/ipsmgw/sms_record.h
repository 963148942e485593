/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */
#ifndef IPSMGW_SMS_RECORD_H
#define IPSMGW_SMS_RECORD_H

#include "../../lib/cpm/cpim.h"
#include "../../lib/sms/segment.h"
#include "mailbox.h"

/* A text as the record that the spool process stores and sends: for pager
 * messages, chat messages and the gateway's own texts alike. */

enum {
	SMS_TEXT_MAX = 65536, /* octets of UTF-8 before it is cut */
	SMS_ROUTE_TEXT_MAX = 1280
};

int sms_record_init(void); /* before fork: references in shared memory */

/**
 * Cut a text into segments: one alphabet for all of it. With transliterate=1 a
 * text that only its typography keeps out of GSM 7 bit is sent without it; then
 * text points to static memory.
 * @return 0, -EILSEQ (no UTF-8), -E2BIG (more than max_segments)
 */
int sms_record_plan(struct segment_plan *plan, struct view *text);

/** Fill the fields that notifications need; route: memory for some of them. */
void sms_record_cpim(struct store_message_new *m, const struct cpim *cpim,
		char route[SMS_ROUTE_TEXT_MAX]);

/**
 * A post with deep copies of m's texts and the segments of plan as TPDUs;
 * m->segments is not looked at. left_s: seconds of validity asked for,
 * INT64_MAX if none were.
 * @return shared memory, NULL if there is none or the segments cannot be
 * encoded
 */
struct post_message *sms_record_new(const struct store_message_new *m,
		const struct segment_plan *plan, int64_t left_s);

#endif
