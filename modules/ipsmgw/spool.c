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
	BATCH_MAX = 256,
	PATIENT_MAX = 128,
	PATIENCE_MS = 20,
	TICK_MS = 1000,
	STEP_MS = 2000, /* a clock that moves by more was set */
};

struct spool_status *spool_status;
int64_t spool_resubmissions, spool_redeliveries;
struct store *spool_store;

static struct event batch[BATCH_MAX];
static unsigned batch_len;
static struct post *posts; /* taken from the mailbox, not yet in a batch */
static struct post **own_end = &posts; /* behind those of our own making */

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
	locked = false;
	return rc;
}

static void all_failed(struct event *e, unsigned n)
{
	counter_inc(ipsmgw_counters.store_failed);
	for(unsigned i = 0; i < n; i++)
		ops_of(&e[i])->failed(&e[i]);
}

static void apply(struct event *e, unsigned n)
{
	int rc = store_begin(spool_store);

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

/* ---- collecting ---- */

static void sms_outcome_event(struct event *e, struct post_sms_outcome *p)
{
	const struct mt *m = *p->imdn_id ? mt_imdn_find(p->imdn_id) : NULL;

	e->sms = p;
	e->message_id = m ? m->message_id : p->message_id;
	e->sip_code = p->sip_code;
}

static void post_event(struct post *p, int64_t now_ms)
{
	switch(p->type) {
		case POST_MESSAGE:
			event_new(EV_MESSAGE, now_ms)->message = (struct post_message *)p;
			break;
		case POST_SMS_OUTCOME:
			sms_outcome_event(event_new(EV_SMS_OUTCOME, now_ms),
					(struct post_sms_outcome *)p);
			break;
		case POST_REGISTRATION:
			event_new(EV_REGISTRATION, now_ms)->registration
					= (struct post_registration *)p;
			break;
		case POST_MSRP:
			event_new(EV_MSRP, now_ms)->msrp = (struct post_msrp *)p;
			break;
		case POST_MSRP_CLOSED:
			event_new(EV_MSRP_CLOSED, now_ms)->closed
					= (struct post_msrp_closed *)p;
			break;
		case POST_SIP:
			chat_post_sip((struct post_sip *)p, now_ms);
			break;
		case POST_SESSION_END:
			chat_post_end((struct post_session_end *)p);
			break;
		default:
			mailbox_done(p, -ENOSYS);
			break;
	}
}

void spool_post(struct post *p)
{
	p->next = *own_end;
	*own_end = p;
	own_end = &p->next;
}

static void collect_posts(int64_t now_ms)
{
	struct post **tail = &posts;

	while(*tail)
		tail = &(*tail)->next;
	*tail = mailbox_fetch();
	tail = &posts;
	while(*tail && batch_len < BATCH_MAX) {
		struct post *p = *tail;

		if(chat_post_waits(p)) {
			tail = &p->next;
			continue;
		}
		*tail = p->next;
		if(own_end == &p->next)
			own_end = tail;
		if(mailbox_begin(p))
			post_event(p, now_ms);
	}
}

/* What a frame from the connector is, or EV_TYPES if it makes no sense. */
static enum event_type type_of_frame(
		const struct link_frame *f, struct rp_message *rp)
{
	if(f->type == LINK_QUERY || f->type == LINK_ALERT)
		return f->type == LINK_QUERY ? EV_QUERY : EV_ALERT;
	if(f->type == LINK_UNHEARD)
		return EV_UNHEARD;
	if(rp_decode(f->rp, rp))
		return EV_TYPES;
	if(f->type == LINK_DATA && rp->type == RP_DATA)
		return f->flags & LINK_FLAG_REPORT ? EV_REPORT : EV_SMS;
	if(f->type == LINK_ACK && rp->type == RP_ACK)
		return EV_ACCEPTED;
	if(f->type == LINK_ERROR && rp->type == RP_ERROR)
		return EV_REFUSED;
	return EV_TYPES;
}

static void collect_frames(int64_t now_ms)
{
	struct link_frame f;
	struct rp_message rp = {0};

	while(batch_len < BATCH_MAX && link_next(&f, now_ms)) {
		enum event_type type = type_of_frame(&f, &rp);
		struct event *e;

		if(type == EV_TYPES) {
			link_close(now_ms, "no RP message in a frame");
			return;
		}
		e = event_new(type, now_ms);
		e->generation = link_generation();
		e->frame = f;
		e->rp = rp;
		e->segment_id = (int64_t)f.ref;
		if(type == EV_REPORT && report_read(&f, &rp, &e->report)) {
			link_close(now_ms, "no SMS-STATUS-REPORT in a report");
			batch_len--;
			return;
		}
	}
}

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

/* ---- patience ---- */

static int64_t patient_until_ms; /* the batch that is kept; 0: none is */

/* That the SMSC has a segment is no promise to anybody: it is written down
 * together with what comes next. */
static bool all_patient(void)
{
	if(ipsmgw_cfg.answer_submitted || !batch_len || batch_len > PATIENT_MAX
			|| batch[0].generation != link_generation())
		return false;
	for(unsigned i = 0; i < batch_len; i++) {
		if(batch[i].type != EV_ACCEPTED)
			return false;
	}
	return true;
}

/* @return true if the batch waits for more. Its frames stay where they were
 * read. */
static bool keep_batch(void)
{
	int64_t mono_ms = ipsmgw_mono_ms();

	if(!all_patient() || (patient_until_ms && mono_ms >= patient_until_ms)) {
		patient_until_ms = 0;
		return false;
	}
	if(!patient_until_ms)
		patient_until_ms = mono_ms + PATIENCE_MS;
	return true;
}

/* ---- the loop ---- */

static void one_round(int64_t now_ms, bool tick)
{
	static uint64_t generation;

	if(!patient_until_ms)
		batch_len = 0;
	collect_frames(now_ms);
	if(link_generation() != generation) {
		spool_out_link_lost();
		generation = link_generation();
	}
	link_changes();
	spool_chat_collect(now_ms, tick);
	collect_posts(now_ms);
	spool_out_collect(now_ms, tick);
	spool_in_collect(now_ms);
	spool_deliver_collect(now_ms, tick);
	spool_notify_collect(now_ms, tick);
	spool_purge_collect(now_ms);
	if(!keep_batch()) {
		if(batch_len)
			apply(batch, batch_len);
		link_read_done();
	}
	spool_deliver_dispatch();
	job_flush();
	held_expire();
	link_flush();
}

static int64_t earlier(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

static int timeout_ms(int64_t tick_ms)
{
	int64_t mono_ms = ipsmgw_mono_ms(), now_ms = ipsmgw_now_ms(), left;

	if(posts || batch_len == BATCH_MAX)
		return 0;
	left = earlier(earlier(tick_ms, spool_chat_next_ms()),
				   earlier(held_next_ms(), report_next_ms()))
			- mono_ms;
	left = earlier(left, spool_purge_next_ms() - mono_ms);
	if(patient_until_ms)
		left = earlier(left, patient_until_ms - mono_ms);
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

/* The database has times of the wall clock: after a step everything that waits
 * is looked at anew. */
static void clock_stepped(int64_t now_ms)
{
	static int64_t offset_ms;
	int64_t offset = now_ms - ipsmgw_mono_ms(), step = offset - offset_ms;

	if(offset_ms && (step > STEP_MS || step < -STEP_MS)) {
		LM_NOTICE("the clock was set by %lld s\n", (long long)step / 1000);
		spool_out_hurry();
	}
	offset_ms = offset;
}

static void spool_loop(int epoll_fd)
{
	int64_t tick_ms = 0;

	for(;;) {
		int64_t now_ms;
		bool tick;

		wait_events(epoll_fd, timeout_ms(tick_ms));
		cfg_update();
		now_ms = ipsmgw_now_ms();
		tick = ipsmgw_mono_ms() >= tick_ms;
		if(tick) {
			tick_ms = ipsmgw_mono_ms() + TICK_MS;
			clock_stepped(now_ms);
			link_tick();
			spool_msrp_tick();
		}
		one_round(now_ms, tick);
	}
}

static int spool_main(void)
{
	char why[512];
	struct epoll_event ev = {.events = EPOLLIN, .data.fd = mailbox_fd()};
	int epoll_fd = epoll_create1(EPOLL_CLOEXEC);

	if(store_open(&spool_store, ipsmgw_cfg.db_path, why, sizeof(why))) {
		LM_ERR("%s\n", why);
		return -1;
	}
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
	spool_status->store_ok = true;
	LM_INFO("spool process: database %s (%s), link %s\n", ipsmgw_cfg.db_path,
			store_uuid(spool_store), ipsmgw_cfg.link_socket);
	spool_loop(epoll_fd);
	return 0;
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
