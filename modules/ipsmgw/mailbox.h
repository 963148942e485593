/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */
#ifndef IPSMGW_MAILBOX_H
#define IPSMGW_MAILBOX_H

#include <semaphore.h>

#include "../../lib/store/store.h"

/*
 * What SIP workers, async workers and tm callbacks hand to the spool process:
 * posts in shared memory, one queue, one eventfd. A poster that needs the
 * answer sleeps on its post.
 */

enum post_type {
	POST_MESSAGE,
	POST_SMS_OUTCOME,
	POST_REGISTRATION,
	POST_SIP,         /* chat_post.h */
	POST_MSRP,        /* chat_post.h */
	POST_MSRP_CLOSED, /* chat_post.h */
	POST_SESSION_END, /* struct post_session_end */
};

/* Who frees a post: its waiter, unless it gave up before the spool process was
 * done with it. */
enum post_state { POST_WAITING, POST_TAKEN, POST_DONE, POST_ABANDONED };

struct post {
	enum post_type type;
	struct post *next;
	int state; /* enum post_state, changed atomically */
	bool sent; /* with mailbox_send(), not of the spool process's own making */
	int64_t posted_ms; /* if sent: when (ipsmgw_mono_ms()) */
	bool waited;
	sem_t done;
	int rc; /* the answer: 0 or -errno of the store */
};

/** One message from CPM to SMS, complete: the spool process only stores and
 * sends it. All pointers point into the post's own memory. */
struct post_message {
	struct post post;
	struct store_message_new m;
	bool pooled;     /* m.oa was "pool": with the commit it becomes .. */
	char number[24]; /* .. this number */
	struct sip_answer *answer; /* answer=direct: the spool process gives it, */
	int64_t sent_ms; /* unless the post has waited too long (ipsmgw_mono_ms()) */
	uint64_t underway; /* underway_key() of the request */
	bool held; /* answer=submitted: the transaction waits for the outcome */
	unsigned tm_index, tm_label;
	struct store_message_added added; /* the answer */
	/* of the spool process's own making: called instead of mailbox_done() with
	 * what became of it; then the post is freed */
	void (*done)(const struct post_message *p, int rc);
	int64_t done_arg[2]; /* for done */
};

/** What A's side answered to a message from the SMS side. */
struct post_sms_outcome {
	struct post post;
	int64_t message_id;
	unsigned attempt; /* of the job */
	int sip_code;
	int retry_after_s; /* -1 if not said */
	bool by_script;    /* the script's word: A was not asked */
	bool imdn_asked;   /* a 2xx is not the end: the client will tell */
	char imdn_id[STORE_UUID_LEN + 1]; /* not "": the client of A tells what
										 became of the message of this
										 imdn.Message-ID; no message_id */
};

/** One step of what a REGISTER or NOTIFY changes. */
struct registration_change {
	bool clear;  /* store_registration_clear(a, learned_from), else _set() */
	bool if_gap; /* only if documents before this one are missing */
	const char *impu; /* not NULL: an identity of contact.a, until its end */
	struct store_contact contact;
	/* written by the spool process, in the first of those of one A */
	bool was_up;
	enum user_news { USER_STAYED, USER_CAME, USER_WENT } news;
};

/** What a REGISTER or NOTIFY changes, in this order. All pointers point into
 * the post's own memory. */
struct post_registration {
	struct post post;
	uint64_t subscription; /* NOTIFY: whose documents are counted; 0 for
							  REGISTER */
	int64_t version;       /* -1 if not said */
	bool partial;
	unsigned n_changes;
	struct registration_change *changes;
};

/** Copy v to where a post keeps its texts, NUL terminated. */
static inline const char *post_text(struct wbuf *room, struct view v)
{
	const char *copy = (const char *)room->p + room->len;

	wbuf_view(room, v);
	wbuf_u8(room, 0);
	return copy;
}

/** The operator ends a session; rc is -ENOENT if there is none. */
struct post_session_end {
	struct post post;
	int64_t session_id;
};

int mailbox_init(void); /* before fork */
int mailbox_fd(void);   /* readable when posts wait */

/** Wake the spool process without a post. */
void mailbox_wake(void);

/** Hand over a shm post and forget it. */
void mailbox_send(struct post *p);

/** Posts that the spool process has not begun with. */
int mailbox_waiting(void);

/** How long the one that it began with last, within a second, had waited. */
int mailbox_wait_ms(void);

/** For how long it has not fetched any, while one waits. */
int64_t mailbox_silent_ms(void);

/**
 * Hand over a post of size octets and sleep until it is answered; it is gone
 * afterwards. Unless -ETIMEDOUT, answer (NULL if of no interest) is a copy of
 * it; pointers into it are not to be followed.
 * @return the answer's rc; -ETIMEDOUT: it belongs to the spool process now and,
 * if that had not begun with it, is dropped unread
 */
int mailbox_call(
		struct post *p, int timeout_ms, struct post *answer, size_t size);

/** Spool process: fetch all posts that wait, oldest first, chained by next.
 * Their waiters may still give up. */
struct post *mailbox_fetch(void);

/**
 * Spool process: begin with a fetched post; from now on its waiter waits for
 * the commit.
 * @return false if the waiter has given up: p is freed
 */
bool mailbox_begin(struct post *p);

/** Spool process: answer and let go of a post. */
void mailbox_done(struct post *p, int rc);

#endif
