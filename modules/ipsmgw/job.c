/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */

/*
 * Jobs from the spool process to the core's async workers: each runs one event
 * route of the script, or KEMI's event_callback, or goes on with a transaction
 * that waits.
 */

#include "core/str.h"
#include "core/dprint.h"
#include "core/fmsg.h"
#include "core/kemi.h"
#include "core/mem/shm_mem.h"
#include "core/route.h"
#include "core/action.h"
#include "core/receive.h"
#include "core/script_cb.h"

#include "ipsmgw.h"
#include "job.h"
#include "sms_to_cpm.h"
#include "tm_api.h"

/* clang-format off */
static struct { str name; int route; } routes[JOB_TYPES] = {
	[JOB_SMS_RECEIVED] = {str_init("ipsmgw:sms-received"), -1},
	[JOB_SMS_FAILED] = {str_init("ipsmgw:sms-failed"), -1},
	[JOB_LINK_UP] = {str_init("ipsmgw:link-up"), -1},
	[JOB_LINK_DOWN] = {str_init("ipsmgw:link-down"), -1},
	[JOB_SUBMITTED] = {str_init("ipsmgw:submitted"), -1},
};
/* clang-format on */

static struct job *current;

int job_init(void)
{
	for(int i = 0; i < JOB_TYPES; i++) {
		int rt = route_lookup(&event_rt, routes[i].name.s);

		routes[i].route = rt >= 0 && event_rt.rlist[rt] ? rt : -1;
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
