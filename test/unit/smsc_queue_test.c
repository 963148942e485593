/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */
/* sources: connector/smsc_queue.c connector/rate.c connector/comeback.c */

/* The queue of an SMSC: order, bounds, window, rate, what waits too long, and sends that are answered at once. */

#include "test.h"

#include "../../connector/clock.h"
#include "../../connector/sm.h"
#include "../../connector/smsc.h"

#include <osmocom/core/select.h>

enum { ALL = 16 };

static struct {
	unsigned n;
	char what[4 * ALL]; /* "s3 " sent, "f3 " failed, "r3 " given another SMSC */
	unsigned out, counted[2];
	bool at_once; /* what is sent is answered within the call, and another one comes */
	bool no_room, no_share;
	unsigned told;	   /* that there is room */
	uint32_t retry_ms; /* of the last one that failed */
} seen;

static struct smsc smsc;
static struct sm sms[ALL];

static void note(char how, const struct sm *sm)
{
	size_t len = strlen(seen.what);

	snprintf(seen.what + len, sizeof(seen.what) - len, "%c%d ", how, (int)(sm - sms));
}

void sm_failed(struct sm *sm, const struct sm_failure *failure)
{
	CHECK(failure->flags & LINK_FLAG_TEMPORARY, "%d fails for good", (int)(sm - sms));
	seen.retry_ms = failure->retry_ms;
	note('f', sm);
}

void sm_route(struct sm *sm)
{
	note('r', sm);
}

void smsc_count(struct smsc *s, unsigned ctr)
{
	(void)s;
	seen.counted[ctr]++;
}

bool smsc_has_share(const struct smsc *s)
{
	(void)s;
	return !seen.no_share;
}

void smsc_tell_room(struct smsc *s)
{
	s->was_full = false;
	seen.told++;
}

static bool may_send(const struct smsc *s)
{
	return seen.out < s->window;
}

static void enqueue(int k)
{
	smsc_enqueue(&smsc, &sms[k]);
}

static bool send(struct smsc *s, struct sm *sm)
{
	if (seen.no_room)
		return false;
	note('s', sm);
	rate_sent(&s->rate, clock_us());
	if (!seen.at_once) {
		seen.out++;
	} else if (seen.n < 3) {
		seen.n++;
		enqueue(8 + (int)seen.n);
		smsc_pump(s);
	}
	return true;
}

static const struct smsc_ops ops = {
	.may_send = may_send,
	.send = send,
	.ctr_queue_full = 0,
	.ctr_temporary = 1,
};

static void timeout(void *data)
{
	smsc_pump(data);
}

static void begin(unsigned window, unsigned queue_max)
{
	memset(&seen, 0, sizeof(seen));
	memset(sms, 0, sizeof(sms));
	smsc = (struct smsc){.ops = &ops, .window = window, .queue_max = queue_max, .up = true};
	INIT_LLIST_HEAD(&smsc.queue);
	osmo_timer_setup(&smsc.pump, timeout, &smsc);
	rate_init(&smsc.rate, 0);
	for (unsigned i = 0; i < ALL; i++)
		sms[i] = (struct sm){
			.order = i,
			.start_us = clock_us(),
			.deadline_us = clock_us() + 60 * (uint64_t)CLOCK_US_PER_S,
		};
}

static void want(const char *what)
{
	CHECK(strcmp(seen.what, what) == 0, "want %s, got %s", what, seen.what);
	osmo_timer_del(&smsc.pump);
}

static void test_order(void)
{
	begin(1, 10);
	for (int i = 0; i < 5; i++)
		enqueue(i);
	CHECK(smsc.queued == 4, "%u wait", smsc.queued);
	smsc_queue_insert(&smsc, &sms[0]); /* the SMSC throttles it: it is the oldest */
	CHECK(sms[0].smsc == &smsc, "whose it is");
	seen.out = 0;
	smsc.window = 10;
	smsc_pump(&smsc);
	CHECK(smsc.queued == 0, "%u wait", smsc.queued);
	want("s0 s0 s1 s2 s3 s4 ");
}

static void test_full(void)
{
	begin(0, 2);
	for (int i = 0; i < 4; i++)
		enqueue(i);
	CHECK(seen.counted[0] == 2, "%u found it full", seen.counted[0]);
	smsc_queue_flush(&smsc);
	CHECK(smsc.queued == 0 && llist_empty(&smsc.queue), "flushed");
	want("f2 f3 r0 r1 ");
}

/* Those that find no room are asked to come back one after another. */
static void test_come_back(void)
{
	uint32_t last_ms = 0;

	begin(0, 10);
	enqueue(0);
	seen.no_share = true;
	for (int i = 1; i < ALL; i++) {
		enqueue(i);
		CHECK(seen.retry_ms >= 1000 && seen.retry_ms >= last_ms + 19 * (i > 1), "%u ms behind %u ms",
		      seen.retry_ms, last_ms);
		last_ms = seen.retry_ms;
	}
	CHECK(last_ms < 2000, "%u ms", last_ms);
	CHECK(smsc.queued == 1 && smsc.held == 1 && !seen.told, "%u wait", smsc.queued);
	smsc.window = 10;
	smsc_pump(&smsc);
	CHECK(seen.told == 1 && !smsc.was_full, "told %u times", seen.told);
	smsc_pump(&smsc);
	CHECK(seen.told == 1, "told %u times", seen.told);
	want("f1 f2 f3 f4 f5 f6 f7 f8 f9 f10 f11 f12 f13 f14 f15 s0 ");
}

static void test_no_room(void)
{
	begin(10, 10);
	seen.no_room = true;
	enqueue(0);
	enqueue(1);
	CHECK(smsc.queued == 2, "%u wait", smsc.queued);
	CHECK(osmo_timer_pending(&smsc.pump), "it is tried again");
	seen.no_room = false;
	smsc_pump(&smsc);
	want("s0 s1 ");
}

static void test_down(void)
{
	begin(10, 10);
	smsc.up = false;
	enqueue(0);
	want("");
	smsc.up = true;
	smsc_pump(&smsc);
	want("s0 ");
}

static void test_expires(void)
{
	begin(0, 10);
	for (int i = 0; i < 4; i++)
		enqueue(i);
	sms[0].deadline_us = clock_us() - 1;
	sms[1].validity_s = 5;
	sms[1].start_us -= 6 * (uint64_t)CLOCK_US_PER_S;
	sms[2].forgotten = true;
	sms[3].not_before_us = clock_us() + CLOCK_US_PER_S;
	smsc.window = 10;
	smsc_pump(&smsc);
	CHECK(seen.counted[1] == 3 && smsc.queued == 1, "%u failed, %u wait", seen.counted[1],
	      smsc.queued);
	want("f0 f1 f2 ");
}

static void test_rate(void)
{
	begin(10, 10);
	rate_init(&smsc.rate, 1);
	enqueue(0);
	enqueue(1);
	CHECK(smsc.queued == 1 && osmo_timer_pending(&smsc.pump), "%u wait", smsc.queued);
	want("s0 ");
}

static void test_answered_at_once(void)
{
	begin(0, 10);
	seen.at_once = true;
	enqueue(0);
	enqueue(1);
	smsc.window = 10;
	for (int i = 0; i < 5; i++) /* what came meanwhile goes from the timer, at the latest */
		smsc_pump(&smsc);
	CHECK(smsc.queued == 0, "%u wait", smsc.queued);
	want("s0 s1 s9 s10 s11 ");
}

int main(void)
{
	test_order();
	test_full();
	test_come_back();
	test_no_room();
	test_down();
	test_expires();
	test_rate();
	test_answered_at_once();
	return test_end("smsc_queue");
}
