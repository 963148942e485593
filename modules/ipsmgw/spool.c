/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */

/*
 * The spool process: collect events, apply them in one transaction, commit
 * once, answer everybody. A transaction that fails is tried again event by
 * event, so that one bad event does not fail its neighbours; an event that
 * fails alone is answered with an error and leaves no trace.
 */

#include <errno.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "core/cfg/cfg_struct.h"
#include "core/dprint.h"
#include "core/mem/shm_mem.h"
#include "core/pt.h"
#include "core/sr_module.h"

#include "ipsmgw.h"
#include "job.h"
#include "link_server.h"
#include "mt_imdn.h"
#include "spool_chat.h"

enum {
	BATCH_MAX = FROM_OTHERS_MAX + ACCEPTANCE_MAX,
	TICK_MS = 1000,
};

struct spool_status *spool_status;
int64_t spool_resubmissions, spool_redeliveries;
struct store *spool_store;

static struct event batch[BATCH_MAX];
static unsigned batch_len;

/* ---- events ---- */

struct event *event_new(enum event_type type, int64_t now_ms)
{
	struct event *e;

	if(batch_len == BATCH_MAX)
		return NULL;
	e = &batch[batch_len++];
	e->type = type;
	e->now_ms = now_ms;
	e->result = 0;
	e->count = 0;
	e->outcome.there = false;
	return e;
}

const struct event *event_batch(void)
{
	return batch;
}

unsigned event_count(void)
{
	return batch_len;
}

static const struct event_ops *ops_of(const struct event *e)
{
	static const struct event_ops *const tables[]
			= {spool_out_ops, spool_answer_ops, spool_in_ops, spool_deliver_ops,
					spool_outcome_ops, spool_notify_ops, spool_register_ops,
					spool_user_ops, spool_purge_ops, spool_chat_ops, spool_msrp_ops};
	int i = 0;

	while(!tables[i][e->type].apply)
		i++;
	return &tables[i][e->type];
}

static void store_health(int rc)
{
	const char *why = store_error(spool_store);

	if(spool_status->store_ok == (rc == 0))
		return;
	if(rc == 0)
		LM_NOTICE("database works again\n");
	else
		LM_ERR("database %s: %s; messages are refused until it works\n",
				ipsmgw_cfg.db_path, *why ? why : strerror(-rc));
	spool_status->store_ok = rc == 0;
}

/* Events that always write: only they show that the database works again. */
static bool writes(const struct event *e)
{
	return e->type == EV_MESSAGE || e->type == EV_SMS || e->type == EV_LOST
			|| e->type == EV_ACCEPTED || e->type == EV_REFUSED
			|| e->type == EV_REGISTRATION || e->type == EV_CHAT;
}

/* The last transaction could not begin: any that ends well shows it works. */
static bool locked;

static int apply_begun(struct event *e, unsigned n)
{
	bool wrote = false;
	int rc = 0;

	for(unsigned i = 0; i < n && rc == 0; i++) {
		e[i].n_notified = 0;
		rc = ops_of(&e[i])->apply(&e[i]);
		wrote = wrote || writes(&e[i]);
	}
	if(rc == 0)
		rc = store_commit(spool_store);
	else
		store_rollback(spool_store);
	if(rc || wrote || locked)
		store_health(rc);
	if(rc == 0)
		spool_clock_committed();
	locked = false;
	return rc;
}

static void all_failed(struct event *e, unsigned n)
{
	counter_inc(ipsmgw_counters.store_failed);
	for(unsigned i = 0; i < n; i++)
		ops_of(&e[i])->failed(&e[i]);
}

static int begin(void)
{
	int rc = store_begin(spool_store);

	if(rc)
		return rc;
	rc = spool_clock_begin();
	if(rc)
		store_rollback(spool_store);
	return rc;
}

static void apply(struct event *e, unsigned n)
{
	int rc = begin();

	if(rc) {
		store_health(rc);
		locked = true; /* nobody waits for the lock twice */
		all_failed(e, n);
	} else if(apply_begun(e, n) == 0) {
		spool_status->commits++;
		spool_status->events += n;
		for(unsigned i = 0; i < n; i++) {
			ops_of(&e[i])->after(&e[i]);
			notify_after(&e[i]);
		}
	} else if(n == 1) {
		all_failed(e, 1);
	} else {
		for(unsigned i = 0; i < n; i++)
			apply(&e[i], 1);
	}
}

/* ---- the loop ---- */

static void link_changes(void)
{
	struct view text[JOB_TEXTS] = {{0}};
	const char *smsc;
	bool up;

	if(link_room_told())
		spool_out_hurry();
	while((smsc = link_changed_smsc(&up))) {
		enum job_type type = up ? JOB_LINK_UP : JOB_LINK_DOWN;
		struct job *j;

		LM_NOTICE("SMSC %s is %s\n", smsc, up ? "up" : "down");
		if(up)
			spool_out_hurry();
		text[JOB_SMSC] = view_str(smsc);
		j = job_has_route(type) ? job_new(type, text) : NULL;
		if(j)
			job_push(j);
	}
}

static void one_round(int64_t now_ms, bool tick)
{
	static uint64_t generation;

	batch_len = 0;
	spool_collect_frames(now_ms);
	acceptance_collect(now_ms, false); /* late ones, before they expire */
	if(link_generation() != generation) {
		spool_out_link_lost();
		generation = link_generation();
	}
	link_changes();
	spool_chat_collect(now_ms, tick);
	spool_collect_posts(now_ms);
	spool_out_collect(now_ms, tick);
	spool_in_collect(now_ms);
	spool_deliver_collect(now_ms, tick);
	spool_notify_collect(now_ms, tick);
	spool_purge_collect(now_ms);
	acceptance_collect(now_ms, batch_len > 0);
	if(batch_len)
		apply(batch, batch_len);
	link_read_done();
	spool_deliver_dispatch();
	held_expire();
	work_flush();
	link_flush();
}

static int64_t earlier(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

static int timeout_ms(int64_t tick_ms)
{
	int64_t mono_ms = ipsmgw_mono_ms(), now_ms = ipsmgw_now_ms(), left;

	if(spool_collect_left() || batch_len >= FROM_OTHERS_MAX)
		return 0;
	left = earlier(earlier(tick_ms, spool_chat_next_ms()),
				   earlier(held_next_ms(), report_next_ms()))
			- mono_ms;
	left = earlier(left, spool_purge_next_ms() - mono_ms);
	left = earlier(left, acceptance_next_ms() - mono_ms);
	left = earlier(left,
			earlier(spool_out_next_ms(),
					earlier(spool_deliver_next_ms(), spool_notify_next_ms()))
					- now_ms);
	return left <= 0 ? 0 : (int)left;
}

static void wait_events(int epoll_fd, int timeout)
{
	struct epoll_event ev[8];
	int n = epoll_wait(epoll_fd, ev, 8, timeout);

	for(int i = 0; i < n; i++) {
		if(link_owns(ev[i].data.fd))
			link_event(ev[i].data.fd, ev[i].events);
	}
}

static volatile sig_atomic_t ending;

static void on_sigterm(int signo)
{
	(void)signo;
	ending = 1;
}

/* What is gathered must not come twice after an orderly stop. */
static void spool_end(void)
{
	batch_len = 0;
	acceptance_collect_all(ipsmgw_now_ms());
	if(batch_len)
		apply(batch, batch_len);
}

static void spool_loop(int epoll_fd)
{
	static const struct sigaction how
			= {.sa_handler = on_sigterm, .sa_flags = SA_RESTART};
	int64_t tick_ms = 0;

	sigaction(SIGTERM, &how, NULL);
	while(!ending) {
		int64_t now_ms;
		bool tick;

		wait_events(epoll_fd, timeout_ms(tick_ms));
		cfg_update();
		now_ms = ipsmgw_now_ms();
		spool_clock_watch(now_ms);
		tick = ipsmgw_mono_ms() >= tick_ms;
		if(tick) {
			tick_ms = ipsmgw_mono_ms() + TICK_MS;
			link_tick();
			spool_msrp_tick();
		}
		one_round(now_ms, tick);
	}
	spool_end();
}

static int spool_main(void)
{
	char why[512];
	struct epoll_event ev = {.events = EPOLLIN, .data.fd = mailbox_fd()};
	int epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	int64_t now_ms;

	if(store_open(&spool_store, ipsmgw_cfg.db_path, why, sizeof(why))) {
		LM_ERR("%s\n", why);
		return -1;
	}
	spool_clock_start();
	if(store_checkpoint_aside(spool_store)) {
		LM_ERR("%s: %s\n", ipsmgw_cfg.db_path, store_error(spool_store));
		return -1;
	}
	if(epoll_fd < 0 || epoll_ctl(epoll_fd, EPOLL_CTL_ADD, mailbox_fd(), &ev)) {
		LM_ERR("epoll: %s\n", strerror(errno));
		return -1;
	}
	if(link_open(epoll_fd, ipsmgw_cfg.link_socket, ipsmgw_cfg.node,
			   store_uuid(spool_store)))
		return -1;
	if(spool_chat_start()) {
		LM_ERR("chat sessions of the last life: %s\n",
				store_error(spool_store));
		return -1;
	}
	spool_out_start();
	now_ms = ipsmgw_now_ms();
	spool_clock_watch(now_ms);
	if(store_retries_load(spool_store, ipsmgw_cfg.retry_window_s * 1000LL,
			   now_ms)) {
		LM_ERR("%s: clients' retries: %s; if it is damaged, restore it from a "
			   "backup, or move it away\n",
				ipsmgw_cfg.db_path, store_error(spool_store));
		return -1;
	}
	spool_status->store_ok = true;
	LM_INFO("spool process: database %s (%s), link %s\n", ipsmgw_cfg.db_path,
			store_uuid(spool_store), ipsmgw_cfg.link_socket);
	spool_loop(epoll_fd);
	_exit(0); /* nothing is to be tidied that others share */
}

int spool_init(void)
{
	spool_status = shm_malloc(sizeof(*spool_status));
	if(!spool_status) {
		SHM_MEM_ERROR;
		return -1;
	}
	memset(spool_status, 0, sizeof(*spool_status));
	spool_status->started_ms = ipsmgw_now_ms();
	register_procs(1);
	cfg_register_child(1);
	return 0;
}

int spool_start(void)
{
	int pid = fork_process(PROC_NOCHLDINIT, "ipsmgw spool", 0);

	if(pid < 0)
		return -1;
	if(pid > 0)
		return 0;
	prctl(PR_SET_PDEATHSIG,
			SIGKILL); /* the database must be free for the next start */
	if(cfg_child_init())
		exit(1);
	exit(spool_main() ? 1 : 0);
}
