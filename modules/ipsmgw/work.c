/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */

/*
 * Work of the spool process for the core's async workers: a queue in shared
 * memory, of which a worker that was woken takes one after another. The
 * workers' socket holds few entries and a full one would block the spool
 * process, so it only carries the call to look at the queue, once for each
 * worker. Of a lane only the first is in the queue: the worker that has it does
 * those behind it, too, up to LANE_TURN; then the next goes to the end of the
 * queue, so that a lane which is never empty holds nobody up.
 */

#include "core/str.h"
#include "core/async_task.h"
#include "core/dprint.h"
#include "core/locking.h"
#include "core/mem/shm_mem.h"

#include "mailbox.h"
#include "work.h"

enum {
	SOON = 64, /* with fewer in the queue another one is begun with soon */
	WAITING_MAX = 10000,
	CALLED_MAX = 8,
	TURN = 64,      /* then what others have for the worker comes first */
	LANE_TURN = 16, /* then what others have in the queue comes first */
	LANES = 256
};

struct lane {
	gen_lock_t lock;
	bool busy; /* a worker has one of it, or will */
	struct work *first, **last;
};

static struct shared {
	gen_lock_t lock; /* of what follows */
	struct work *first, **last;
	int queued;
	int called, busy; /* workers that are to look at it, that are at it */
	bool wanted;      /* the spool process waits until it is short */
	int waiting;      /* in lanes; changed atomically */
	struct lane lane[LANES];
} * shared;

int work_init(void)
{
	shared = shm_malloc(sizeof(*shared));
	if(!shared) {
		SHM_MEM_ERROR;
		return -1;
	}
	memset(shared, 0, sizeof(*shared));
	lock_init(&shared->lock);
	shared->last = &shared->first;
	for(int i = 0; i < LANES; i++) {
		lock_init(&shared->lane[i].lock);
		shared->lane[i].last = &shared->lane[i].first;
	}
	return 0;
}

/* ---- in an async worker ---- */

static struct work *lane_next(struct lane *l)
{
	struct work *w;

	lock_get(&l->lock);
	w = l->first;
	if(w)
		l->first = w->next;
	else
		l->busy = false;
	if(!l->first)
		l->last = &l->first;
	lock_release(&l->lock);
	return w;
}

static void queue_put(struct work *w)
{
	w->next = NULL;
	lock_get(&shared->lock);
	*shared->last = w;
	shared->last = &w->next;
	shared->queued++;
	lock_release(&shared->lock);
}

static struct work *run_one(struct work *w)
{
	unsigned lane = w->lane;

	w->run(w);
	shm_free(w);
	w = lane ? lane_next(&shared->lane[lane % LANES]) : NULL;
	if(w)
		__atomic_sub_fetch(&shared->waiting, 1, __ATOMIC_ACQ_REL);
	return w;
}

/* @return how many were done */
static int run_work(struct work *w)
{
	int n = 0;

	while(w && n < LANE_TURN) {
		w = run_one(w);
		n++;
	}
	if(w)
		queue_put(w);
	return n;
}

static struct work *queue_take(void)
{
	struct work *w = shared->first;

	if(!w)
		return NULL;
	shared->first = w->next;
	if(!shared->first)
		shared->last = &shared->first;
	shared->queued--;
	return w;
}

/* @return what to do next; NULL: leave, without another look */
static struct work *runner_next(bool turn_over)
{
	struct work *w;
	bool wake;

	lock_get(&shared->lock);
	w = turn_over ? NULL : queue_take();
	if(!w)
		shared->busy--;
	wake = w ? shared->wanted && shared->queued <= SOON / 2
			 : shared->queued > 0; /* another is to be called */
	if(wake)
		shared->wanted = false;
	lock_release(&shared->lock);
	if(wake)
		mailbox_wake();
	return w;
}

static void run_queue(void *param)
{
	struct work *w;
	int n = 0;

	(void)param;
	lock_get(&shared->lock);
	shared->called--;
	shared->busy++;
	lock_release(&shared->lock);
	while((w = runner_next(n >= TURN)))
		n += run_work(w);
}

/* ---- in the spool process ---- */

bool work_room(void)
{
	bool room;

	lock_get(&shared->lock);
	room = shared->queued < SOON;
	shared->wanted = shared->wanted || !room;
	lock_release(&shared->lock);
	return room;
}

/* @return true if others of its lane are on their way and take it along */
static bool lane_join(struct work *w)
{
	struct lane *l = &shared->lane[w->lane % LANES];
	bool joins;

	if(!w->lane)
		return false;
	lock_get(&l->lock);
	joins = l->busy;
	l->busy = true;
	if(joins) {
		*l->last = w;
		l->last = &w->next;
		__atomic_add_fetch(&shared->waiting, 1, __ATOMIC_ACQ_REL);
	}
	lock_release(&l->lock);
	return joins;
}

static int queued(void)
{
	return __atomic_load_n(&shared->queued, __ATOMIC_RELAXED);
}

static bool is_full(void)
{
	return queued() + __atomic_load_n(&shared->waiting, __ATOMIC_RELAXED)
			>= WAITING_MAX;
}

void work_push(struct work *w)
{
	if(is_full()) {
		LM_ERR("async workers are too slow: %s dropped\n", w->name);
		shm_free(w);
		return;
	}
	w->next = NULL;
	if(!lane_join(w))
		queue_put(w);
}

/* @return true if one more worker is to be called: those at work may be so for
 * long */
static bool worker_wanted(void)
{
	int most = async_task_workers_get();
	bool wanted;

	lock_get(&shared->lock);
	wanted = shared->called < shared->queued
			&& shared->called + shared->busy
					< (most < CALLED_MAX ? most : CALLED_MAX);
	shared->called += wanted;
	lock_release(&shared->lock);
	return wanted;
}

static bool worker_call(void)
{
	async_task_t *t = shm_malloc(sizeof(*t));

	if(!t) {
		SHM_MEM_ERROR;
		return false;
	}
	*t = (async_task_t){.exec = run_queue};
	if(async_task_push(t) == 0)
		return true;
	shm_free(t);
	return false;
}

void work_flush(void)
{
	while(queued() && worker_wanted()) {
		if(worker_call())
			continue;
		LM_ERR("cannot reach the async workers, %d jobs wait\n", queued());
		lock_get(&shared->lock);
		shared->called--;
		lock_release(&shared->lock);
		return;
	}
}
