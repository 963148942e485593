/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */
#ifndef IPSMGW_ACCEPTANCE_H
#define IPSMGW_ACCEPTANCE_H

#include "link_server.h"
#include "report.h"

/*
 * Segments that the SMSC has taken and whose rows do not say so yet, private to
 * the spool process. That the SMSC has a segment is no promise to anybody, so
 * acceptances are gathered for a few milliseconds and noted together: their
 * rows are neighbours, and share pages.
 */

enum { ACCEPTANCE_MAX = 256 };

struct acceptance {
	int64_t segment_id;
	bool known; /* it was in flight */
	uint8_t flags;
	char smsc[LINK_NAME_MAX], smsc_id[REPORT_TEXT_MAX];
};

/** An ACK: its segment is no longer in flight. Only while there is room. */
void acceptance_add(const struct link_frame *f);
bool acceptance_room(void);

/** Those that are not noted yet, also if they are events already. */
unsigned acceptance_unsettled(void);

/** After the commit of one, or when that failed. */
void acceptance_done(void);

/** This report may be about one of them: then they become events now, which
 * stand in the batch before it. */
void acceptance_wanted(const struct report *r, int64_t now_ms);

/** They become events if it is time. with_others: there will be a commit in any
 * case. */
void acceptance_collect(int64_t now_ms, bool with_others);

/** The process ends. */
void acceptance_collect_all(int64_t now_ms);

int64_t acceptance_next_ms(void); /* ipsmgw_mono_ms() when it is time */

#endif
