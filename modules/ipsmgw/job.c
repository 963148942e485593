/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */

/*
 * Jobs from the spool process to the core's async workers: a queue in shared
 * memory, of which a worker that was woken takes one after another. The
 * workers' socket holds few entries and a full one would block the spool
 * process, so it only carries the call to look at the queue, once for each
 * worker. Of a lane only the first is in the queue: the worker that has it does
 * those behind it, too.
 */

#include "core/str.h"
#include "core/async_task.h"
#include "core/dprint.h"
#include "core/fmsg.h"
#include "core/kemi.h"
#include "core/locking.h"
#include "core/mem/shm_mem.h"
#include "core/route.h"
#include "core/action.h"
#include "core/receive.h"
#include "core/script_cb.h"

#include "ipsmgw.h"
#include "job.h"
#include "mailbox.h"
#include "sms_to_cpm.h"
#include "tm_api.h"

enum {
	SOON = 64,      /* with fewer in the queue another one is begun with soon */
	WAITING_MAX = 10000,
	CALLED_MAX = 8,
	TURN = 64, /* then what others have for the worker comes first */
	LANES = 256
};

/* clang-format off */
static struct { str name; int route; } routes[JOB_TYPES] = {
	[JOB_SMS_RECEIVED] = {str_init("ipsmgw:sms-received"), -1},
	[JOB_SMS_FAILED] = {str_init("ipsmgw:sms-failed"), -1},
	[JOB_LINK_UP] = {str_init("ipsmgw:link-up"), -1},
	[JOB_LINK_DOWN] = {str_init("ipsmgw:link-down"), -1},
	[JOB_SUBMITTED] = {str_init("ipsmgw:submitted"), -1},
};
/* clang-format on */

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
	bool wanted; /* the spool process waits until it is short */
	int waiting; /* in lanes; changed atomically */
	struct lane lane[LANES];
} * shared;

static struct job *current;

int job_init(void)
{
	for(int i = 0; i < JOB_TYPES; i++) {
		int rt = route_lookup(&event_rt, routes[i].name.s);

		routes[i].route = rt >= 0 && event_rt.rlist[rt] ? rt : -1;
	}
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
	if(faked_msg_init() < 0) {
		LM_ERR("no faked message for the event routes\n");
		return -1;
	}
	return 0;
}

bool job_has_route(enum job_type type)
{
	return routes[type].route >= 0 || ipsmgw_cfg.event_callback.len > 0;
}

struct job *job_current(void)
{
	return current;
}

/* ---- in an async worker ---- */

static void run_route(enum job_type type)
{
	struct run_act_ctx ctx;
	sip_msg_t msg;
	sr_kemi_eng_t *keng = sr_kemi_eng_get();
	int backup = get_route_type();

	if(faked_msg_get_new(&msg) < 0) {
		LM_ERR("no faked message for %.*s\n", STR_FMT(&routes[type].name));
		return;
	}
	set_route_type(EVENT_ROUTE);
	init_run_actions_ctx(&ctx);
	if(routes[type].route >= 0)
		run_top_route(event_rt.rlist[routes[type].route], &msg, &ctx);
	else if(keng
			&& sr_kemi_route(keng, &msg, EVENT_ROUTE,
					   &ipsmgw_cfg.event_callback, &routes[type].name)
					< 0)
		LM_ERR("event_callback failed for %.*s\n", STR_FMT(&routes[type].name));
	set_route_type(backup);
	free_sip_msg(&msg);
	ksr_msg_env_reset();
}

static void run_submitted(struct job *j)
{
	int rc;

	if(routes[JOB_SUBMITTED].route >= 0)
		rc = tmb.t_continue(j->tm_index, j->tm_label,
				event_rt.rlist[routes[JOB_SUBMITTED].route]);
	else
		rc = tmb.t_continue_cb(j->tm_index, j->tm_label,
				&ipsmgw_cfg.event_callback, &routes[JOB_SUBMITTED].name);
	if(rc < 0)
		LM_NOTICE("message %lld: its transaction is gone, answer %d not sent\n",
				(long long)j->message_id, j->code);
}

static void run_job(struct work *w)
{
	struct job *j = (struct job *)w;

	current = j;
	sms_to_cpm_begin(j);
	if(j->type == JOB_SUBMITTED)
		run_submitted(j);
	else
		run_route(j->type);
	sms_to_cpm_end(j);
	current = NULL;
}

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

static void run_work(struct work *w)
{
	unsigned lane = w->lane;

	while(w) {
		w->run(w);
		shm_free(w);
		w = lane ? lane_next(&shared->lane[lane % LANES]) : NULL;
		if(w)
			__atomic_sub_fetch(&shared->waiting, 1, __ATOMIC_ACQ_REL);
	}
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
	while((w = runner_next(n++ == TURN)))
		run_work(w);
}

/* ---- in the spool process ---- */

struct job *job_new(enum job_type type, const struct view text[JOB_TEXTS])
{
	size_t size = sizeof(struct job);
	struct job *j;
	char *at;

	for(int i = 0; i < JOB_TEXTS; i++)
		size += text[i].len;
	j = shm_malloc(size);
	if(!j) {
		SHM_MEM_ERROR;
		return NULL;
	}
	memset(j, 0, sizeof(*j));
	at = (char *)(j + 1);
	for(int i = 0; i < JOB_TEXTS; i++) {
		j->text[i] = (str){at, (int)text[i].len};
		if(text[i].len)
			memcpy(at, text[i].p, text[i].len);
		at += text[i].len;
	}
	j->type = type;
	j->work.run = run_job;
	j->work.name = routes[type].name.s;
	return j;
}

bool job_room(void)
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
	if(lane_join(w))
		return;
	lock_get(&shared->lock);
	*shared->last = w;
	shared->last = &w->next;
	shared->queued++;
	lock_release(&shared->lock);
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

void job_flush(void)
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
