/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */
#ifndef IPSMGW_SPOOL_CHAT_H
#define IPSMGW_SPOOL_CHAT_H

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
};

/** Have the action done as an event of the next batch. cause: RP-Cause of
 * CHAT_DO_FAIL. */
void chat_do(int64_t session_id, enum chat_action action, unsigned cause);

/* ---- spool_chat.c ---- */

int spool_chat_start(
		void); /* after store_open(): sessions of the last life are ended */
void spool_chat_collect(int64_t now_ms, bool tick);
int64_t spool_chat_next_ms(void); /* ipsmgw_mono_ms() */

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
	char a[48];         /* "" if nobody is there any more: T_NOSESSION */
	int64_t session_id; /* 0: no session, deliver as a pager message */
};
int chat_target(const char *b, const char *number, int64_t now_ms,
		struct chat_target *out);

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

/** ACK came: connect if that is our part (else the peer does). */
void chat_media_open(struct chat_session *c);
void chat_media_free(struct chat_session *c);

/** Send a message of B as SEND; its answer becomes EV_SMS_OUTCOME for
 * message_id. @return false: not now possible */
bool chat_media_send(
		struct chat_session *c, int64_t message_id, struct view cpim);

/** The same for a notification about one of A's messages (message_id below 0).
 * @return false: by MESSAGE */
bool chat_media_notify(
		struct chat_session *c, int64_t message_id, struct view cpim);

extern const struct event_ops spool_chat_ops[EV_TYPES],
		spool_msrp_ops[EV_TYPES];

#endif
