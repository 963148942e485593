/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */

/*
 * Gathered acceptances: an array in the order in which they came. They are
 * written with a commit that happens anyway, or at the end of their patience
 * with one of their own; at once if somebody waits for what they change.
 */

#include <string.h>

#include "acceptance.h"
#include "inflight.h"
#include "ipsmgw.h"
#include "spool_int.h"

enum { JOIN_MS = 15, PATIENCE_MS = 20 };

static struct acceptance gathered[ACCEPTANCE_MAX];
static unsigned count;
static unsigned in_batch; /* events now */
static int64_t since_ms; /* the first one came */
static bool late;		 /* one of them was not in flight: its segment may be sent
							again */

void acceptance_add(const struct link_frame *f)
{
	struct acceptance *a = &gathered[count];

	if(count++ == 0)
		since_ms = ipsmgw_mono_ms();
	a->segment_id = (int64_t)f->ref;
	a->flags = f->flags;
	text_copy(a->smsc, sizeof(a->smsc), f->smsc);
	text_copy(a->smsc_id, sizeof(a->smsc_id), f->smsc_id);
	a->known = answer_settled(a->segment_id, a->flags, false);
	late = late || !a->known;
}

bool acceptance_room(void)
{
	return count < ACCEPTANCE_MAX;
}

unsigned acceptance_unsettled(void)
{
	return count + in_batch;
}

void acceptance_done(void)
{
	in_batch--;
}

void acceptance_collect_all(int64_t now_ms)
{
	struct event *e;
	unsigned i = 0;

	while(i < count && (e = event_new(EV_ACCEPTED, now_ms)))
		e->accepted = gathered[i++];
	count -= i;
	in_batch += i;
	memmove(gathered, gathered + i, count * sizeof(*gathered));
	late = late && count;
}

static bool is_about(const struct report *r, const struct acceptance *a)
{
	for(unsigned i = 0; i < REPORT_IDS; i++) {
		if(*r->smsc_id[i] && !strcmp(r->smsc_id[i], a->smsc_id))
			return true;
	}
	return false;
}

void acceptance_wanted(const struct report *r, int64_t now_ms)
{
	for(unsigned i = 0; i < count; i++) {
		if(is_about(r, &gathered[i])) {
			acceptance_collect_all(now_ms);
			return;
		}
	}
}

/* Nobody waits: not A for the answer, nor the window for room. */
static bool may_wait(void)
{
	return !ipsmgw_cfg.answer_submitted && !late && acceptance_room()
		   && spool_out_credit() >= count;
}

void acceptance_collect(int64_t now_ms, bool with_others)
{
	int64_t wait_ms = with_others ? JOIN_MS : PATIENCE_MS;

	if(count && (!may_wait() || ipsmgw_mono_ms() - since_ms >= wait_ms))
		acceptance_collect_all(now_ms);
}

int64_t acceptance_next_ms(void)
{
	return count ? since_ms + PATIENCE_MS : INT64_MAX;
}
