/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */

/* Retry order within one delivery to A, spec 5.7: the other service if A has
 * it, the same once more, or nothing. Which code asks for what stands in
 * rp_sip.c. */

#include "../../lib/cpm/capabilities.h"
#include "mt_retry.h"
#include "rp_sip.h"

enum { PAUSE_MS = 1000 };

static struct mt_next other_service(
		const struct mt_tries *t, const struct mt_answer *a)
{
	unsigned other = a->registered & CPM_CAPABILITIES_PAGER & ~t->tried
					 & ~t->service;

	return (struct mt_next){other != 0, other, a->mono_ms};
}

static struct mt_next once_more(
		const struct mt_tries *t, const struct mt_answer *a)
{
	int64_t pause_ms
			= a->retry_after_s > 0 ? a->retry_after_s * 1000LL : PAUSE_MS;

	return (struct mt_next){!t->repeated, t->service, a->mono_ms + pause_ms};
}

struct mt_next mt_next(const struct mt_tries *t, const struct mt_answer *a)
{
	struct mt_next n = {false, 0, 0};

	switch(verdict_of_sip(a->code).next) {
		case NEXT_OTHER_SERVICE:
			n = other_service(t, a);
			break;
		case NEXT_ONCE_MORE:
			n = once_more(t, a);
			break;
		case NEXT_WHEN_ASKED:
			if(a->retry_after_s >= 0)
				n = once_more(t, a);
			break;
		case NEXT_LARGE_MODE:
		case NEXT_NOTHING:
			break;
	}
	n.again = n.again && n.not_before_ms < t->deadline_ms;
	return n;
}

void mt_go_on(struct mt_tries *t, const struct mt_next *n, int code)
{
	t->code = mt_code(t, code);
	t->tried |= t->service;
	t->repeated = t->repeated || n->service == t->service;
	t->service = n->service;
	t->not_before_ms = n->not_before_ms;
}

int mt_code(const struct mt_tries *t, int code)
{
	return t->code && verdict_of_sip(code).permanent
						   && !verdict_of_sip(t->code).permanent
				   ? t->code
				   : code;
}
