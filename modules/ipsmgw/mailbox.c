/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */

/* One queue from all processes to the spool process: a list in shared memory
 * under a lock, an eventfd to wake it. */

#include <errno.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include "core/dprint.h"
#include "core/locking.h"
#include "core/mem/shm_mem.h"

#include "ipsmgw.h"
#include "mailbox.h"

static struct mailbox {
	gen_lock_t lock;
	struct post *first, **last;
	int64_t first_ms; /* when first came */
	int waiting; /* sent and not begun with; changed atomically */
	int64_t begun_ms; /* the last one, .. */
	int wait_ms;      /* .. and how long it had waited */
} * mailbox;

static int mailbox_efd = -1;

int mailbox_init(void)
{
	mailbox = shm_malloc(sizeof(*mailbox));
	if(!mailbox) {
		SHM_MEM_ERROR;
		return -1;
	}
	lock_init(&mailbox->lock);
	mailbox->first = NULL;
	mailbox->last = &mailbox->first;
	mailbox->waiting = 0;
	mailbox->begun_ms = 0;
	mailbox->wait_ms = 0;
	mailbox_efd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	if(mailbox_efd < 0) {
		LM_ERR("eventfd: %s\n", strerror(errno));
		return -1;
	}
	return 0;
}

int mailbox_fd(void)
{
	return mailbox_efd;
}

void mailbox_wake(void)
{
	uint64_t one = 1;

	if(write(mailbox_efd, &one, sizeof(one)) < 0 && errno != EAGAIN)
		LM_ERR("cannot wake the spool process: %s\n", strerror(errno));
}

/* The spool process takes all that is there: whoever puts the first one in
 * wakes it for all. */
void mailbox_send(struct post *p)
{
	bool first;

	p->next = NULL;
	p->state = POST_WAITING;
	p->sent = true;
	p->posted_ms = ipsmgw_mono_ms();
	__atomic_add_fetch(&mailbox->waiting, 1, __ATOMIC_RELAXED);
	lock_get(&mailbox->lock);
	first = !mailbox->first;
	if(first)
		mailbox->first_ms = p->posted_ms;
	*mailbox->last = p;
	mailbox->last = &p->next;
	lock_release(&mailbox->lock);
	if(first)
		mailbox_wake();
}

int mailbox_waiting(void)
{
	return __atomic_load_n(&mailbox->waiting, __ATOMIC_RELAXED);
}

int mailbox_wait_ms(void)
{
	return ipsmgw_mono_ms() - mailbox->begun_ms < 1000 ? mailbox->wait_ms : 0;
}

int64_t mailbox_silent_ms(void)
{
	int64_t ms;

	lock_get(&mailbox->lock);
	ms = mailbox->first ? ipsmgw_mono_ms() - mailbox->first_ms : 0;
	lock_release(&mailbox->lock);
	return ms;
}

/* Sleep on p->done. @return 0 or -ETIMEDOUT */
static int wait_done(struct post *p, int timeout_ms)
{
	struct timespec until;

	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_sec += timeout_ms / 1000;
	until.tv_nsec += timeout_ms % 1000 * 1000000L;
	if(until.tv_nsec >= 1000000000L) {
		until.tv_nsec -= 1000000000L;
		until.tv_sec++;
	}
	while(sem_clockwait(&p->done, CLOCK_MONOTONIC, &until)) {
		if(errno != EINTR)
			return -ETIMEDOUT;
	}
	return 0;
}

static bool post_change(struct post *p, int from, int to)
{
	return __atomic_compare_exchange_n(
			&p->state, &from, to, false, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE);
}

static int wait_answer(struct post *p, int timeout_ms)
{
	p->waited = true;
	sem_init(&p->done, 1, 0);
	mailbox_send(p);
	if(wait_done(p, timeout_ms) == 0)
		return 0;
	if(post_change(p, POST_WAITING, POST_ABANDONED))
		return -ETIMEDOUT;
	/* it is being written: its commit is close, and better waited for */
	if(wait_done(p, timeout_ms) == 0)
		return 0;
	if(post_change(p, POST_TAKEN, POST_ABANDONED))
		return -ETIMEDOUT;
	while(sem_wait(&p->done) && errno == EINTR)
		;
	return 0;
}

int mailbox_call(
		struct post *p, int timeout_ms, struct post *answer, size_t size)
{
	int rc = wait_answer(p, timeout_ms);

	if(rc)
		return rc;
	rc = p->rc;
	if(answer)
		memcpy(answer, p, size);
	shm_free(p);
	return rc;
}

struct post *mailbox_fetch(void)
{
	struct post *all;
	uint64_t count;

	if(read(mailbox_efd, &count, sizeof(count)) < 0 && errno != EAGAIN)
		LM_ERR("eventfd: %s\n", strerror(errno));
	lock_get(&mailbox->lock);
	all = mailbox->first;
	mailbox->first = NULL;
	mailbox->last = &mailbox->first;
	lock_release(&mailbox->lock);
	return all;
}

static void begin_sent(const struct post *p)
{
	__atomic_sub_fetch(&mailbox->waiting, 1, __ATOMIC_RELAXED);
	mailbox->begun_ms = ipsmgw_mono_ms();
	mailbox->wait_ms = (int)(mailbox->begun_ms - p->posted_ms);
}

bool mailbox_begin(struct post *p)
{
	if(p->sent)
		begin_sent(p);
	if(post_change(p, POST_WAITING, POST_TAKEN))
		return true;
	shm_free(p);
	return false;
}

void mailbox_done(struct post *p, int rc)
{
	p->rc = rc;
	if(!p->waited || !post_change(p, POST_TAKEN, POST_DONE)) {
		shm_free(p);
		return;
	}
	sem_post(&p->done);
}
