/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */

/*
 * answer=submitted: SIP transactions suspended until the SMSC has answered, or
 * answer_timeout_ms has passed (then 202, and the message goes on as with
 * answer=durable). Found by message id through a hash; all have the same time
 * limit, so the list in order of arrival is the list in order of deadline.
 */

#include <stdlib.h>

#include "core/dprint.h"

#include "ipsmgw.h"
#include "job.h"
#include "spool_int.h"

enum { BUCKETS = 4096 };

struct held {
	int64_t message_id, deadline_ms;
	unsigned tm_index, tm_label;
	struct held *same_bucket;
	struct held *older, *newer;
};

static struct held *buckets[BUCKETS], *oldest, *newest;

static struct held **bucket(int64_t message_id)
{
	return &buckets[(uint64_t)message_id % BUCKETS];
}

static void answer(const struct held *h, int code)
{
	static const struct view no_text[JOB_TEXTS];
	struct job *j = job_new(JOB_SUBMITTED, no_text);

	if(!j)
		return; /* tm's own timer answers */
	j->message_id = h->message_id;
	j->tm_index = h->tm_index;
	j->tm_label = h->tm_label;
	j->code = code;
	job_push(j);
}

static void forget(struct held *h)
{
	struct held **p = bucket(h->message_id);

	while(*p != h)
		p = &(*p)->same_bucket;
	*p = h->same_bucket;
	*(h->older ? &h->older->newer : &oldest) = h->newer;
	*(h->newer ? &h->newer->older : &newest) = h->older;
	free(h);
}

void held_add(const struct post_message *m)
{
	struct held *h = calloc(1, sizeof(*h));

	if(!h) {
		LM_ERR("no memory to hold a transaction\n");
		return; /* tm's own timer answers */
	}
	h->message_id = m->added.message_id;
	h->deadline_ms = ipsmgw_mono_ms() + ipsmgw_cfg.answer_timeout_ms;
	h->tm_index = m->tm_index;
	h->tm_label = m->tm_label;
	h->same_bucket = *bucket(h->message_id);
	*bucket(h->message_id) = h;
	h->older = newest;
	*(newest ? &newest->newer : &oldest) = h;
	newest = h;
}

static struct held *find(int64_t message_id)
{
	struct held *h = *bucket(message_id);

	while(h && h->message_id != message_id)
		h = h->same_bucket;
	return h;
}

bool held_has(int64_t message_id)
{
	return find(message_id) != NULL;
}

void held_answer(int64_t message_id, int code)
{
	struct held *h = find(message_id);

	if(!h)
		return;
	answer(h, code);
	forget(h);
}

void held_expire(void)
{
	int64_t now_ms = ipsmgw_mono_ms();

	while(oldest && oldest->deadline_ms <= now_ms) {
		answer(oldest, 202);
		forget(oldest);
	}
}

int64_t held_next_ms(void)
{
	return oldest ? oldest->deadline_ms : INT64_MAX;
}
