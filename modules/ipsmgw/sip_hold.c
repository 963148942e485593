/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */

/*
 * tm's suspended transactions. Each INVITE has a mark on its transaction.
 * - A CANCEL may be handled by another process while its INVITE is on its way
 *   to the spool process: by the mark the one that comes later sees the other,
 *   so that the spool process hears of the CANCEL behind the INVITE.
 * - tm forgets a transaction wt_timer (5 s) after its answer, and repeats it no
 *   longer then. A reference keeps it until the ACK; without one tm drops it
 *   all the same, after 90 s.
 */

#include "core/dprint.h"
#include "core/mem/shm_mem.h"

#include "sip_dialog.h"
#include "sip_hold.h"

enum { FINAL_ANSWER_MS = 32000 /* 64 * T1: how long a 2xx is repeated */ };

struct mark {
	int cancelled; /* both changed atomically */
	int kept;      /* a reference is held */
};

/* ---- the mark ---- */

/* By its address transactions of ours are known. */
static void marked(struct cell *t, int type, struct tmcb_params *ps)
{
	(void)t;
	(void)type;
	(void)ps;
}

static void mark_free(void *mark)
{
	shm_free(mark);
}

static struct mark *mark_new(sip_msg_t *msg)
{
	struct mark *m = shm_malloc(sizeof(*m));

	if(!m) {
		SHM_MEM_ERROR;
		return NULL;
	}
	*m = (struct mark){0};
	if(tmb.register_tmcb(msg, tmb.t_gett(), TMCB_DESTROY, marked, m, mark_free)
			<= 0) {
		shm_free(m);
		return NULL;
	}
	return m;
}

static struct mark *mark_of(const struct cell *t)
{
	for(volatile struct tm_callback *c = t->tmcb_hl.first; c; c = c->next) {
		if(c->callback == marked)
			return c->param;
	}
	return NULL;
}

bool sip_hold_cancelled(sip_msg_t *cancel, struct chat_transaction *t)
{
	struct cell *invite = tmb.t_lookup_original(cancel);
	struct mark *m;

	if(!invite || invite == T_UNDEFINED)
		return false;
	m = mark_of(invite);
	if(m)
		__atomic_store_n(&m->cancelled, 1, __ATOMIC_SEQ_CST);
	*t = (struct chat_transaction){invite->hash_index, invite->label};
	tmb.unref_cell(invite);
	return m != NULL;
}

/* ---- suspend ---- */

/* The time limit of a waiting request is also bounded by the transaction's
 * lifetime. */
static void set_time_limit(sip_msg_t *msg, int wait_ms)
{
	struct cell *t = tmb.t_gett();

	tmb.set_fr(msg, (unsigned)wait_ms, (unsigned)wait_ms);
	t->end_of_life = get_ticks_raw() + MS_TO_TICKS((ticks_t)wait_ms);
}

static int suspend(sip_msg_t *msg, int wait_ms, struct chat_transaction *t)
{
	if(wait_ms)
		set_time_limit(msg, wait_ms);
	return tmb.t_suspend(msg, &t->index, &t->label) == 0 ? 1 : -1;
}

int sip_hold(sip_msg_t *msg, int wait_ms, struct chat_transaction *t)
{
	int rc = tmb.t_newtran(msg);

	if(rc <= 0)
		return rc < 0 ? -1 : 0;
	if(msg->REQ_METHOD == METHOD_INVITE && !mark_new(msg))
		return -1;
	return suspend(msg, wait_ms, t);
}

static void post_cancel(sip_msg_t *msg, const struct chat_transaction *t)
{
	struct wbuf w;
	struct post_sip *p = sip_post_new(CHAT_CANCEL, sip_post_room(msg), &w);

	if(!p)
		return; /* the time limit of the invitation speaks for it */
	p->transaction = *t;
	sip_post_dialog(p, &w, msg);
	sip_post_send(p, &w);
}

int sip_hold_invite(sip_msg_t *msg, int wait_ms, struct post_sip *p)
{
	int rc = tmb.t_newtran(msg);
	struct chat_transaction t;
	struct mark *m;

	if(rc <= 0) {
		shm_free(p);
		return rc < 0 ? -1 : 0;
	}
	m = mark_new(msg);
	if(!m || suspend(msg, wait_ms, &p->transaction) < 0) {
		shm_free(p);
		return -1;
	}
	t = p->transaction;
	mailbox_send(&p->post);
	if(__atomic_load_n(&m->cancelled, __ATOMIC_SEQ_CST))
		post_cancel(msg, &t);
	return 1;
}

/* ---- the answer ---- */

static void keep(struct cell *t)
{
	struct mark *m = mark_of(t);
	struct cell *again;

	if(m && tmb.t_lookup_ident(&again, t->hash_index, t->label) > 0)
		__atomic_store_n(&m->kept, 1, __ATOMIC_SEQ_CST);
}

/* The branch that t_suspend() made must not be cancelled by the answer, nor its
 * long time limit be that of the answer. */
void sip_hold_end(struct cell *t)
{
	if(!(t->flags & T_ASYNC_SUSPENDED))
		return;
	t->flags &= ~T_ASYNC_SUSPENDED;
	t->uac[t->async_backup.blind_uac].last_received = 500;
	t->fr_timeout = MS_TO_TICKS(FINAL_ANSWER_MS);
	keep(t);
}

void sip_hold_acked(struct cell *t)
{
	struct mark *m = mark_of(t);

	if(m && __atomic_exchange_n(&m->kept, 0, __ATOMIC_SEQ_CST))
		tmb.unref_cell(t);
}
