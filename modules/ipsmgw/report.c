/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */

/* Parked reports: a small unordered array, since few wait and none for long. */

#include "../../lib/cpm/phone.h"
#include "../../lib/sms/tpdu.h"
#include "acceptance.h"
#include "inflight.h"
#include "ipsmgw.h"
#include "link_server.h"
#include "report.h"
#include "spool_int.h"

enum { PARKED_MAX = 256, PARKED_MS = 5000 };

static struct report parked[PARKED_MAX];
static unsigned n_parked;

int report_read(const struct link_frame *f, const struct rp_message *rp,
		struct report *out)
{
	const struct view ids[REPORT_IDS] = {f->smsc_id, f->smsc_id_2, f->smsc_id_3};
	struct tpdu_status_report s;

	if(tpdu_status_report_decode(rp->rp_ud, &s))
		return -EBADMSG;
	text_copy(out->smsc, sizeof(out->smsc), f->smsc);
	for(unsigned i = 0; i < REPORT_IDS; i++)
		text_copy(out->smsc_id[i], sizeof(out->smsc_id[i]), ids[i]);
	sms_address_print(&s.tp_ra, out->b);
	out->generation = link_generation();
	out->ref = f->ref;
	out->tp_st = s.tp_st;
	out->deadline_ms = 0;
	out->hurried = false;
	return 0;
}

const char *report_smsc_id(const struct report *r)
{
	const char *b;

	for(unsigned i = 0; *r->smsc_id[1] && i < REPORT_IDS; i++) {
		if(*r->smsc_id[i]
				&& !store_segment_recipient(
						spool_store, r->smsc, r->smsc_id[i], &b)
				&& phone_is_same(r->b, b))
			return r->smsc_id[i];
	}
	return r->smsc_id[0];
}

static bool may_wait(const struct report *r, int64_t now_ms)
{
	return (!r->deadline_ms || now_ms < r->deadline_ms)
		   && (inflight_count() + acceptance_unsettled() > 0
				   || spool_out_unsure());
}

bool report_park(const struct report *r)
{
	int64_t now_ms = ipsmgw_mono_ms();
	struct report *p = &parked[n_parked];

	if(n_parked == PARKED_MAX || !may_wait(r, now_ms))
		return false;
	*p = *r;
	if(!p->deadline_ms)
		p->deadline_ms = now_ms + PARKED_MS;
	p->hurried = false;
	n_parked++;
	return true;
}

void report_hurry(struct view smsc_id)
{
	for(unsigned i = 0; smsc_id.len && i < n_parked * REPORT_IDS; i++) {
		struct report *r = &parked[i / REPORT_IDS];

		if(view_eq(view_str(r->smsc_id[i % REPORT_IDS]), smsc_id))
			r->hurried = true;
	}
}

const struct report *report_due(void)
{
	int64_t now_ms = ipsmgw_mono_ms();

	for(unsigned i = 0; i < n_parked; i++) {
		if(parked[i].hurried || parked[i].deadline_ms <= now_ms)
			return &parked[i];
	}
	return NULL;
}

void report_unpark(const struct report *due, struct report *out)
{
	*out = *due;
	parked[due - parked] = parked[--n_parked];
}

int64_t report_next_ms(void)
{
	int64_t next = INT64_MAX;

	for(unsigned i = 0; i < n_parked; i++) {
		if(parked[i].hurried)
			return 0;
		if(parked[i].deadline_ms < next)
			next = parked[i].deadline_ms;
	}
	return next;
}
