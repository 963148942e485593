/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */
/* sources: modules/ipsmgw/work.c */

/*
 * Work for the async workers: order in a lane, no two of a lane at once, and a lane that is never empty holds
 * nobody up, whether it shares one worker or each worker has one.
 */

#include <pthread.h>

#include "test.h"

#include "core/async_task.h"
#include "core/mem/shm_mem.h"

#include "../../modules/ipsmgw/mailbox.h"
#include "../../modules/ipsmgw/work.h"

enum { WORKERS = 2, LANES = 8, LONG = 5000, EACH = 1000 };

struct mark {
	struct work work; /* first */
	int number;
};

static async_task_t *called[64];
static int n_called, woken;
static int done[LANES], at_once[LANES], wrong, alone_done, lane_done_before;
static int endless_left[LANES];

int async_task_workers_get(void)
{
	return WORKERS;
}

int async_task_push(async_task_t *task)
{
	called[n_called++] = task;
	return 0;
}

void mailbox_wake(void)
{
	__atomic_add_fetch(&woken, 1, __ATOMIC_RELAXED);
}

static void push(void (*run)(struct work *), unsigned lane, int number)
{
	struct mark *m = calloc(1, sizeof(*m));

	*m = (struct mark){.work = {.run = run, .name = "mark", .lane = lane}, .number = number};
	work_push(&m->work);
}

static void run_called(void)
{
	async_task_t *task = called[--n_called];

	task->exec(task->param);
	shm_free(task);
}

/* ---- a lane that is never empty ---- */

static void run_alone(struct work *w)
{
	(void)w;
	alone_done++;
	lane_done_before = 0;
	for (int i = 0; i < LANES; i++)
		lane_done_before += done[i];
}

static void run_endless(struct work *w)
{
	struct mark *m = (struct mark *)w;
	unsigned lane = w->lane - 1;

	wrong += m->number != done[lane]++;
	if (endless_left[lane]-- > 0)
		push(run_endless, w->lane, m->number + 1);
}

static void never_empty(int lanes)
{
	memset(done, 0, sizeof(done));
	wrong = alone_done = 0;
	for (int i = 0; i < lanes; i++) {
		endless_left[i] = LONG;
		push(run_endless, (unsigned)i + 1, 0);
	}
	push(run_alone, 0, 0);
	for (int calls = 0; calls < 100000; calls++) {
		work_flush();
		if (!n_called)
			break;
		if (calls == 0)
			woken = 0;
		run_called();
		CHECK(calls > 0 || woken, "%d lanes: nobody is called for the rest", lanes);
	}
	CHECK(alone_done == 1 && lane_done_before <= 64 * lanes, "%d lanes: %d before the other",
	      lanes, lane_done_before);
	CHECK(!wrong, "%d lanes: %d out of order", lanes, wrong);
	for (int i = 0; i < lanes; i++)
		CHECK(done[i] == LONG + 1, "lane %d of %d: %d done", i, lanes, done[i]);
}

/* ---- workers side by side ---- */

static void run_counted(struct work *w)
{
	struct mark *m = (struct mark *)w;
	unsigned lane = w->lane - 1;

	if (__atomic_add_fetch(&at_once[lane], 1, __ATOMIC_ACQ_REL) > 1 || m->number != done[lane])
		__atomic_add_fetch(&wrong, 1, __ATOMIC_RELAXED);
	sched_yield();
	done[lane]++;
	__atomic_sub_fetch(&at_once[lane], 1, __ATOMIC_ACQ_REL);
}

static void *worker(void *arg)
{
	async_task_t *task = arg;

	task->exec(task->param);
	shm_free(task);
	return NULL;
}

static void side_by_side(void)
{
	pthread_t thread[WORKERS];

	memset(done, 0, sizeof(done));
	wrong = 0;
	for (unsigned lane = 1; lane <= LANES; lane++)
		for (int i = 0; i < EACH; i++)
			push(run_counted, lane, i);
	for (;;) {
		int n;

		work_flush();
		n = n_called;
		if (!n)
			break;
		while (n_called) {
			pthread_create(&thread[n_called - 1], NULL, worker, called[n_called - 1]);
			n_called--;
		}
		while (n)
			pthread_join(thread[--n], NULL);
	}
	CHECK(!wrong, "%d out of order or two at once", wrong);
	for (int i = 0; i < LANES; i++)
		CHECK(done[i] == EACH, "lane %d: %d done", i, done[i]);
}

/* ---- room ---- */

static void room(void)
{
	int pushed = 0;

	memset(done, 0, sizeof(done));
	for (; work_room() && pushed < 1000; pushed++)
		push(run_alone, 0, 0);
	CHECK(pushed > 1 && pushed < 1000, "%d pushed", pushed);
	woken = alone_done = 0;
	for (work_flush(); n_called; work_flush())
		run_called();
	CHECK(woken && alone_done == pushed && work_room(), "%d of %d done, %d times woken",
	      alone_done, pushed, woken);
}

int main(void)
{
	CHECK(work_init() == 0, "init");
	never_empty(1);
	never_empty(WORKERS);
	never_empty(LANES);
	side_by_side();
	room();
	return test_end("work");
}
