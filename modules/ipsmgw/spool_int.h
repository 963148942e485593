/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */
#ifndef IPSMGW_SPOOL_INT_H
#define IPSMGW_SPOOL_INT_H

#include "../../lib/cpm/imdn_status.h"
#include "../../lib/link/link_frame.h"
#include "../../lib/sms/rp.h"
#include "acceptance.h"
#include "mt_retry.h"
#include "report.h"
#include "spool.h"

struct mt;

/* Private to the spool process: spool.c runs the loop, spool_collect.c makes
 * events of what others want, spool_out.c, spool_in.c and so on know what the
 * events mean. */

enum event_type {
	EV_MESSAGE,  /* a worker wants a message stored */
	EV_ACCEPTED, /* ACK from the connector */
	EV_REFUSED,  /* ERROR from the connector */
	EV_LOST, /* in flight when the link broke, or its answer could not be stored
			  */
	EV_TAKE, /* segments are due */
	EV_HURRY,        /* an SMSC is back */
	EV_EXPIRE,       /* validity over? */
	EV_SMS,          /* DATA from the connector: a short message */
	EV_REPORT,       /* DATA from the connector: a status report */
	EV_QUERY,        /* QUERY from the connector: is a user registered? */
	EV_UNHEARD,      /* UNHEARD from the connector: an ACK of ours was lost */
	EV_ALERT,        /* ALERT from the connector: a B can be reached again */
	EV_SMS_OUTCOME,  /* A answered */
	EV_SMS_DUE,      /* assembly over, or an own retry */
	EV_SMS_LATER,    /* could not be given to the script now */
	EV_NOTIFY_DUE,   /* notifications for A whose time has come */
	EV_REGISTRATION, /* a worker has learned what A's clients can do */
	EV_CHAT_SIP,     /* a request or answer in a chat session */
	EV_CHAT,         /* enum chat_action, for one session */
	EV_MSRP,         /* a frame from A */
	EV_MSRP_CLOSED,
	EV_PURGE,        /* rows that are old enough go */
	EV_TYPES
};

enum { OUTCOME_TEXT_MAX = 256, EVENT_NOTIFICATIONS = 2 };

/** Copy of a store_outcome, whose strings do not live long enough. */
struct outcome {
	bool there;
	struct store_outcome o;
	char text[8][OUTCOME_TEXT_MAX];
};

struct chat_session;

/** What apply decided about a chat session, for after. */
struct chat_step {
	struct chat_session *c;
	int kind;         /* spool_chat_int.h */
	int code;         /* answer to what waits, 0 if none */
	int cause;        /* of the Reason in our BYE, 0 if none */
	int64_t asked;    /* message id of the invitation */
	int64_t first;    /* of A's first message */
	int64_t replaced; /* session that this one takes the place of */
	bool hold;        /* the INVITE is kept for its first message */
	const char *name; /* of an ending, for the log */
};

struct event {
	enum event_type type;
	int64_t now_ms;
	int64_t segment_id;      /* EV_REFUSED, EV_LOST */
	uint64_t generation;     /* link_generation() when the frame came */
	struct link_frame frame; /* EV_REFUSED, EV_SMS, EV_QUERY, EV_ALERT */
	struct rp_message rp;    /* the RP message in it */
	struct acceptance accepted; /* EV_ACCEPTED */
	struct post_message *message;
	struct post_sms_outcome
			*sms; /* EV_SMS_OUTCOME: NULL if our own timer speaks */
	struct post_registration *registration;
	struct post_sip *sip;            /* EV_CHAT_SIP */
	struct post_msrp *msrp;          /* EV_MSRP */
	struct post_msrp_closed *closed; /* EV_MSRP_CLOSED */
	int64_t session_id;              /* EV_CHAT */
	int action;                      /* EV_CHAT: enum chat_action */
	struct chat_step chat;           /* EV_CHAT_SIP, EV_CHAT */
	struct store_sms_added added;    /* EV_SMS */
	struct report report;            /* EV_REPORT */
	int64_t message_id;              /* EV_SMS_OUTCOME */
	int sip_code;                    /* EV_SMS_OUTCOME */
	bool late;           /* EV_SMS_OUTCOME: of an attempt that was given up */
	bool waits;          /* EV_SMS_OUTCOME: nothing is over yet */
	bool told;           /* EV_SMS_OUTCOME: B reads that it failed */
	struct mt_next next; /* EV_SMS_OUTCOME: what may still help */
	uint64_t
			subscription; /* EV_REGISTRATION: of a NOTIFY that counts, and .. */
	int64_t version;      /* .. its number; 0: none */
	uint8_t rp_cause;     /* EV_SMS: refused without being stored */
	unsigned parts; /* EV_SMS: of the concatenated message, 1 if it is none */
	bool absorbed;  /* EV_SMS: acknowledged without being stored */
	int64_t due_ms; /* EV_REFUSED: next attempt */
	int count;      /* EV_TAKE, EV_SMS_DUE, EV_REGISTRATION: what apply got; EV_PURGE: that there is more */
	int result;     /* of the store, where -ENOENT has a meaning */
	struct outcome outcome;
	unsigned n_notified; /* notifications that go to A behind the commit */
	int64_t notified[EVENT_NOTIFICATIONS];
};

/** What an event does: apply in the transaction, then after its commit or, if
 * that failed, failed. */
struct event_ops {
	int (*apply)(struct event *e); /* 0, or -EIO */
	void (*after)(struct event *e);
	void (*failed)(struct event *e);
};

extern const struct event_ops spool_out_ops[EV_TYPES],
		spool_answer_ops[EV_TYPES], spool_in_ops[EV_TYPES],
		spool_deliver_ops[EV_TYPES], spool_outcome_ops[EV_TYPES],
		spool_notify_ops[EV_TYPES], spool_register_ops[EV_TYPES],
		spool_user_ops[EV_TYPES], spool_purge_ops[EV_TYPES];

extern struct store *spool_store;

/** Add an event to the batch that is being collected; NULL if the batch is
 * full. The caller sets what its type needs. */
struct event *event_new(enum event_type type, int64_t now_ms);

/** Events collected before e in the same batch. */
const struct event *event_batch(void);
unsigned event_count(void);

/* ---- spool_collect.c ---- */

/** Of a batch; what follows, and acceptances, find room behind them. */
enum { FROM_OTHERS_MAX = 256 };

void spool_collect_frames(int64_t now_ms);
void spool_collect_posts(int64_t now_ms);

/** Something found no room. */
bool spool_collect_left(void);

/** A post of this process's own making for the next batch, before those that
 * wait. */
void spool_post(struct post *p);

void outcome_copy(struct outcome *to, const struct store_outcome *from);

/** The one line per message that operators grep for, and the script's event. */
void outcome_log(const struct outcome *o, int64_t now_ms);

/* ---- spool_outcome.c: outcome_copy(), outcome_log() ---- */

/* ---- spool_out.c ---- */
void spool_out_collect(
		int64_t now_ms, bool tick); /* add the events that time asks for */
void spool_out_link_lost(void);
void spool_out_hurry(void);
int64_t spool_out_next_ms(void);

/** Segments were stored QUEUED: send them. */
void spool_out_due(int64_t ms);

/** The fate of a segment that the connector has, or had, is not known. */
void spool_out_unsettle(int64_t segment_id);

/** Is there one, or was lately, whose fate is not noted? A report may be about
 * it, though it finds none. */
bool spool_out_unsure(void);

void spool_out_start(void);

/** Room in the window. */
unsigned spool_out_credit(void);

/* ---- spool_answer.c ---- */

/** The connector has answered: the segment is no longer in flight. surely_not:
 * the SMSC has not taken it. @return false if it was not */
bool answer_settled(int64_t segment_id, uint8_t flags, bool surely_not);

/** A is told of a failure by the answer if that is still held, else by a
 * notification. @return 0, -EIO */
int answer_failure_notified(struct event *e, enum imdn_status status);

/* ---- spool_clock.c ---- */
void spool_clock_start(void);
void spool_clock_watch(int64_t now_ms); /* in each round */
int spool_clock_begin(void); /* first in each transaction. @return 0, -EIO */
void spool_clock_committed(void);

/* ---- spool_held.c: transactions that wait for the SMSC (answer=submitted)
 * ---- */
void held_add(const struct post_message *m);
void held_answer(int64_t message_id, int code);
void held_expire(void);
int64_t held_next_ms(void);

/** Its request waits: what becomes of the message is said by the answer. */
bool held_has(int64_t message_id);

/* ---- spool_in.c ---- */
void spool_in_collect(int64_t now_ms);

/** Answer a DATA of the connector: RP-ACK for cause 0. Nothing happens if its
 * connection is gone. @param sip_code  what A said, 0 if A did not speak; 404
 * with RP-ACK: a report that matches nothing */
void connector_answer(
		uint64_t generation, uint64_t ref, uint8_t rp_cause, int sip_code);

/* ---- spool_deliver.c ---- */
void spool_deliver_collect(int64_t now_ms, bool tick);
void spool_deliver_dispatch(void); /* give waiting messages to the script */
int64_t spool_deliver_next_ms(void);
void deliver_due_at(int64_t ms); /* a message will be due then */

/** Answer all DATA that wait for this message; RP-ACK for cause 0. */
void deliver_answer(const struct mt *m, uint8_t rp_cause, int sip_code);

/** A message has no place in the table now: later, or when the SMSC repeats it.
 */
void deliver_later(int64_t message_id);

/* ---- spool_notify.c ---- */

/** In the transaction that learns a final outcome: write down the notification
 * that A asked for. @return 0, -EIO */
int notify_outcome(struct event *e, enum imdn_status status);

/** The same for the interworking notification, when the SMSC has all of a
 * message. */
int notify_accepted(struct event *e);

/** Behind the commit: give to the script what was written down, as far as there
 * is room. */
void notify_after(const struct event *e);

/** EV_SMS_OUTCOME and EV_SMS_LATER of a notification (message_id below 0).
 * @return 0, -EIO */
int notify_answered(struct event *e);
int notify_later(struct event *e);

/* ---- spool_user.c: USER for the connector ---- */

/** In the transaction: before and after what is said of one A, which begins
 * with first. */
void user_before(struct registration_change *first, int64_t now_ms);
void user_after(struct registration_change *first, int64_t now_ms);

/** Behind the commit: tell who came and who went. */
void user_tell(const struct post_registration *p);

/** The SMS side hears that A could not be reached: it is told when A registers
 * next, or at once if A has done so meanwhile. */
void user_absent(const char *a, int sip_code, bool is_back);

void spool_notify_collect(int64_t now_ms, bool tick);
int64_t spool_notify_next_ms(void);

/* ---- spool_purge.c ---- */
void spool_purge_collect(int64_t now_ms);
int64_t spool_purge_next_ms(void); /* ipsmgw_mono_ms() */

#endif
