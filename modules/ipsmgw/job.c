/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */

/*
 * Jobs from the spool process to the core's async workers. Their socket holds
 * few entries and a full one would block the spool process, so only
 * JOBS_PUSHED_MAX are in it at a time; the rest wait here. Of a lane only the
 * first goes that way: the worker that has it does those behind it, too.
 */

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

enum { JOBS_PUSHED_MAX = 8, JOBS_KEPT_MAX = 10000, LANES = 256 };

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
	int pushed;  /* in the workers' socket */
	int waiting; /* in lanes */
	struct lane lane[LANES];
} * shared;

static struct work *kept, **kept_tail = &kept;
static int n_kept;
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

static void run_work(void *param)
{
	struct work *w = param, *next;
	unsigned lane = w->lane;

	__atomic_sub_fetch(&shared->pushed, 1, __ATOMIC_ACQ_REL);
	mailbox_wake();
	w->run(w);
	while(lane && (next = lane_next(&shared->lane[lane % LANES]))) {
		__atomic_sub_fetch(&shared->waiting, 1, __ATOMIC_ACQ_REL);
		next->run(next);
		shm_free(next);
	}
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

static int in_socket(void)
{
	return __atomic_load_n(&shared->pushed, __ATOMIC_ACQUIRE);
}

static int waiting(void)
{
	return n_kept + __atomic_load_n(&shared->waiting, __ATOMIC_ACQUIRE);
}

bool job_room(void)
{
	return !kept && in_socket() < JOBS_PUSHED_MAX;
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

void work_push(struct work *w)
{
	if(waiting() >= JOBS_KEPT_MAX) {
		LM_ERR("async workers are too slow: %s dropped\n", w->name);
		shm_free(w);
		return;
	}
	w->task.exec = run_work;
	w->task.param = w;
	w->next = NULL;
	if(lane_join(w))
		return;
	n_kept++;
	*kept_tail = w;
	kept_tail = &w->next;
	job_flush();
}

static void lane_drop(unsigned lane)
{
	struct work *w;

	while(lane && (w = lane_next(&shared->lane[lane % LANES]))) {
		__atomic_sub_fetch(&shared->waiting, 1, __ATOMIC_ACQ_REL);
		LM_ERR("%s dropped\n", w->name);
		shm_free(w);
	}
}

void job_flush(void)
{
	while(kept && in_socket() < JOBS_PUSHED_MAX) {
		struct work *w = kept;

		kept = w->next;
		n_kept--;
		if(!kept)
			kept_tail = &kept;
		__atomic_add_fetch(&shared->pushed, 1, __ATOMIC_ACQ_REL);
		if(async_task_push(&w->task) < 0) {
			__atomic_sub_fetch(&shared->pushed, 1, __ATOMIC_ACQ_REL);
			LM_ERR("cannot reach the async workers: %s dropped\n", w->name);
			lane_drop(w->lane);
			shm_free(w);
		}
	}
}
