/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */
#ifndef IPSMGW_SPOOL_CHAT_H
#define IPSMGW_SPOOL_CHAT_H

#include "chat_number.h"
#include "chat_table.h"
#include "chat_text.h"
#include "mt_table.h"
#include "spool_int.h"

/*
 * Chat sessions in the spool process. spool_chat.c is the state machine (spec
 * 7.4), spool_msrp.c the message side (7.6 to 7.8), spool_chat_sms.c what B
 * writes (7.3).
 *
 * An event that changes the state of a session is the only one of that session
 * in its batch: apply writes to the store and decides, after changes the memory
 * and speaks to the peers, failed leaves all as it was. What one event asks of
 * another session, or of the same one later, goes through chat_do().
 */

enum chat_action {
	CHAT_DO_ACCEPT, /* B accepts */
	CHAT_DO_REJECT,
	CHAT_DO_HELP,
	CHAT_DO_END,      /* B's end keyword */
	CHAT_DO_EXPIRE,   /* a deadline of the session is over */
	CHAT_DO_LOST,     /* the MSRP connection is gone */
	CHAT_DO_FAIL,     /* T_INVITE or the first message cannot be delivered */
	CHAT_DO_CLOSE,    /* operator, restart */
	CHAT_DO_REPLACE,  /* a newer session of the same pair took its place */
	CHAT_DO_COMPLETE, /* large message: all is done */
	/* spool_chat*.c's own */
	CHAT_DO_CANCEL,  /* A's CANCEL */
	CHAT_DO_GONE,    /* A's BYE */
	CHAT_DO_CLOSED,  /* our BYE is answered */
	CHAT_DO_SAVE,    /* write it down as it is */
	CHAT_DO_REFRESH, /* our UPDATE of the session timer is due */
	CHAT_DO_MEMBERS, /* tell B who joined and left */
	CHAT_ACTIONS
};

/** Have the action done as an event of the next batch. cause: RP-Cause of
 * CHAT_DO_FAIL. */
void chat_do(int64_t session_id, enum chat_action action, unsigned cause);

/* ---- spool_chat.c ---- */

int spool_chat_start(
		void); /* after store_open(): sessions of the last life are ended */
void spool_chat_collect(int64_t now_ms, bool tick);
int64_t spool_chat_next_ms(void); /* ipsmgw_mono_ms() */

/** Must this post wait for another round, because its session has its event in
 * this one? */
bool chat_post_waits(const struct post *p);
void chat_post_sip(struct post_sip *p, int64_t now_ms); /* makes the event */
void chat_post_end(struct post_session_end *p);

/** In EV_PURGE's apply: up to limit rows of each table. @return how many, or -EIO */
int chat_purge(int64_t now_ms, unsigned limit);

/** Something moved in the session: t_idle begins anew. */
void chat_touch(struct chat_session *c);

/** ACK and MSRP connection are there: ACTIVE. */
void chat_media_ready(struct chat_session *c);

/** In apply: store a text of the gateway for B of this session; after the
 * commit spool_out_due() sends it. Nothing if the text is empty. @return 0,
 * -EIO */
int chat_tell(
		struct event *e, const struct chat_session *c, enum chat_text_id id);

/** A final outcome of a message CPM -> SMS with a session_id, after its commit.
 */
void chat_outcome(const struct outcome *o);

/* ---- spool_chat_sms.c ---- */

/** Whom B reaches by this number: fills a and the session for the SM that is
 * being stored. */
struct chat_target {
	bool known;         /* the number stands for somebody else's */
	char a[48];         /* "" if nobody is there any more: chat_nobody() */
	int64_t session_id; /* 0: no session, deliver as a pager message */
};
int chat_target(const char *b, const char *number, int64_t now_ms,
		struct chat_target *out);

/** Whom the number meant when it was in a chat last: fills a, "" if it never
 * was or that is too long ago. @return 0, -EIO */
int chat_target_before(const char *b, const char *number, int64_t now_ms,
		struct chat_target *out);

/** In apply, for an SM that is acknowledged and not stored: tell B that nobody
 * is there. text: of a single SM, empty if it is a part. @return 0, -EIO */
int chat_nobody(
		struct event *e, const char *b, const char *number, struct view text);

/** Is this one an answer to an invitation whose time is over (chat_nobody())?
 * Asked if there is no session under the number. */
bool chat_is_late(
		const char *b, const char *number, struct view text, int64_t now_ms);

/** Also of one that is closed. */
bool chat_is_group(int64_t session_id);

/** In apply: tell B that an SM of his cannot reach the group, whether its
 * session is open or not. @return 0, -EIO */
int chat_sms_failed(struct event *e, int64_t session_id);

/** Must this message wait because its session is about to be accepted, or to
 * change? */
bool chat_sms_waits(const struct mt *m);

/**
 * A complete message of B on its way (mt_start()): if its session is open, it
 * is taken: keywords act, texts go by MSRP, and the outcome comes as
 * EV_SMS_OUTCOME. @return false: as a pager message
 */
bool chat_take_sms(
		struct mt *m, const struct store_sms_message *s, struct view text);

/* ---- spool_msrp.c ---- */

/** Append our SDP answer (or offer, for CHAT_INVITING). */
int chat_sdp_write(struct wbuf *w, const struct chat_session *c);

/** ACK came: connect if that is our part (else the peer does). The role follows
 * from c->sdp alone; CHAT_FLAG_ACTIVE_ROLE is not needed for it. */
void chat_media_open(struct chat_session *c);

/** The session is over: the connection is closed, messages of B that wait go to
 * A as pager messages. */
void chat_media_free(struct chat_session *c);

/** A message of A that was answered 200 will not reach B: REPORT, if A wants
 * one (chat_outcome() knows). sip_code: sip_of_submit_cause() */
void chat_media_failed(
		struct chat_session *c, int64_t message_id, int sip_code);

/** Once a second: answers that did not come, BYEs that did not come. */
void spool_msrp_tick(void);

/** Send a message of B as SEND; its answer becomes EV_SMS_OUTCOME for
 * message_id. @return false: not now possible */
bool chat_media_send(
		struct chat_session *c, int64_t message_id, struct view cpim);

/** The same for a notification about one of A's messages (message_id below 0).
 * @return false: by MESSAGE */
bool chat_media_notify(
		struct chat_session *c, int64_t message_id, struct view cpim);

/** The message/cpim of a text of B in this session (spec 5.5, 7.7). @return 0,
 * -EINVAL, -ENOSPC */
int chat_cpim(struct wbuf *w, const struct chat_session *c, const char *imdn_id,
		const char *datetime, struct view text);

/** A notification on its way (mt_start()): inside its session while that is
 * open. @return false: by MESSAGE */
bool chat_take_notification(
		const struct mt *m, const struct store_notification *n);

/* ---- spool_large.c: SMS -> large message of CPM or IM (spec 5.6) ---- */

/**
 * A complete message of B (mt_start()) that is too long for a MESSAGE, to an A
 * whose clients take large messages: INVITE. @return false: as a pager message
 */
bool large_take_sms(const struct mt *m, const struct store_sms_message *s,
		struct view text, const struct store_registration *r);

/** CHAT_RESPONSE to our INVITE (CHAT_KIND_LARGE_IN in CHAT_INVITING), after the
 * commit; for a 2xx c has its dialog, its SDP (chat_set_sdp()) and is
 * CHAT_OKSENT and acknowledged. Else c is removed next. */
void large_answered(struct chat_session *c, int code);

extern const struct event_ops spool_chat_ops[EV_TYPES],
		spool_msrp_ops[EV_TYPES];

/* ---- spool_chat_pager.c ---- */

/** In apply: the number of the pool that stands for an anonymous A towards this
 * B, the same one until chat_quarantine_s after the last message expired.
 * @return 0, -EBUSY (none is free), -EIO */
int chat_number_for_pager(const char *a, const char *b, int64_t now_ms,
		int64_t expires_ms, char out[CHAT_NUMBER_MAX]);

#endif
