/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */
#ifndef IPSMGW_SPOOL_CHAT_INT_H
#define IPSMGW_SPOOL_CHAT_INT_H

#include "rp_sip.h"
#include "spool_chat.h"

/* Private to the spool_chat*.c files: spool_chat.c collects and dispatches,
 * spool_chat_invite.c begins sessions, spool_chat_end.c accepts and ends them,
 * spool_chat_text.c writes to B, spool_chat_sip.c to A. */

enum chat_step_kind {
	CHAT_STEP_NONE,
	CHAT_STEP_REFUSE, /* an INVITE without a session */
	CHAT_STEP_RING,
	CHAT_STEP_ACCEPT,
	CHAT_STEP_ENDING, /* BYE */
	CHAT_STEP_CLOSED,
};

/** Bits of store_number.flags. */
enum chat_number_flag {
	CHAT_NUMBER_LATE = 1 << 0,  /* its invitation was not answered in time */
	CHAT_NUMBER_LEFT = 1 << 1,  /* B left the group while no session was up */
	CHAT_NUMBER_PAGER = 1 << 2, /* of an anonymous A's pager messages: what B
								   writes to it goes to A */
	CHAT_NUMBER_ANONYMOUS = 1 << 3, /* of an anonymous A's chats */
};

enum {
	CHAT_ACK_MS = 32000,      /* 64*T1: ACK, the answer to BYE */
	CHAT_MIN_SE_S = 90,       /* RFC 4028 5 */
};

/* ---- spool_chat.c ---- */

/** Forget a session that is closed. */
void chat_drop(struct chat_session *c);

/** A failed transaction leaves all as it was: the action is tried again. */
void chat_again(struct chat_session *c, enum chat_action action);

/* ---- spool_chat_request.c ---- */
int chat_sip_apply(struct event *e);
void chat_sip_after(struct event *e);
void chat_sip_failed(struct event *e);

/** Did the CANCEL of this INVITE come before it? */
bool chat_was_cancelled(const struct post_sip *invite);

/** After the commit: what the step says. */
void chat_step_after(struct event *e);

/** c->session_expires_s seconds begin anew. */
void chat_session_timer(struct chat_session *c);

/* ---- spool_chat_invite.c ---- */
int chat_invite_apply(struct event *e);
void chat_invite_after(struct event *e);
void chat_invite_failed(struct event *e);

/** 200 to the INVITE is sent: what time asks for from now on. */
void chat_accepted(struct chat_session *c);

/* ---- spool_chat_number.c ---- */
enum { CHAT_NUMBER_TEXT = 48 };

/** Is it free for this B: no session has it and no quarantine keeps it? @return
 * 0, -EEXIST, -EIO */
int chat_number_free(const char *b, const char *number, int64_t now_ms);

/** Does it stand for a group, not for one A? */
bool chat_number_of_group(const struct store_number *n);

/** In apply: one of the pool for the B of this INVITE. in_use: the session that
 * has his number now is being replaced. @return 0, -ENOENT (none is free), -EIO
 */
int chat_number_choose(
		const struct event *e, bool in_use, char out[CHAT_NUMBER_TEXT]);

/** In apply: did B leave this group while no session was up? Then its next
 * INVITE is declined, once. @return 0, 603, -EIO */
int chat_number_declined(struct event *e);

/** In apply: the session begins to use its number. @return 0, -EIO */
int chat_number_use(struct event *e, const struct chat_session *c);

/** In apply: it is over. In the pool a number stays B's; A's own is only
 * remembered for the answer that comes too late. @return 0, -EIO */
int chat_number_keep(struct event *e, const struct chat_session *c, bool late);

/* ---- spool_chat_end.c ---- */
int chat_accept_apply(struct event *e);
void chat_accept_after(struct event *e);

/** End the session the way that the action asks for in its state. */
int chat_end_apply(struct event *e, enum chat_action action);
void chat_end_after(struct event *e);

/* ---- spool_chat_conference.c ---- */

/** The session is ACTIVE: subscribe, if it is a group and that is wanted. */
void chat_conference_start(struct chat_session *c);
void chat_conference_end(struct chat_session *c); /* the session is over */
void chat_conference_free(struct chat_session *c);
void chat_conference_tick(struct chat_session *c, int64_t mono_ms);

/** The session that this NOTIFY is for; NULL: none knows its dialog. */
struct chat_session *chat_conference_session(const struct post_sip *p);
void chat_conference_notified(struct chat_session *c, const struct post_sip *p);

/** A final answer to our SUBSCRIBE. */
void chat_conference_answered(struct chat_session *c, const struct post_sip *p);

/** In apply: tell B who joined and left; told: after the commit. @return 0,
 * -EIO */
int chat_conference_tell(struct event *e, const struct chat_session *c);
void chat_conference_told(struct chat_session *c);

/** The name that the focus gives somebody, "" if none. */
const char *chat_conference_name(const struct chat_session *c, struct view uri);

/* ---- spool_chat_text.c ---- */

/** In apply: store a text for B. from: its ids and reports; NULL if it is the
 * gateway's own. @return 0, -EIO; -EINVAL, -E2BIG: it cannot be sent */
int chat_submit(struct event *e, const struct chat_session *c, struct view text,
		const struct chat_invite *from, int64_t *message_id);

/** In apply: the invitation, with A's first message if that fits; else
 * e->chat.hold. @return 0, -EIO */
int chat_invite_text(struct event *e, const struct chat_session *c,
		const struct post_sip *p);

/** In apply: A's first message. @return 0, -EIO */
int chat_first_text(struct event *e, const struct chat_session *c,
		const struct post_sip *p);

/* ---- spool_chat_sip.c ---- */

/** Contact, identity, ids, Allow: of each request and answer of ours that makes
 * a dialog. */
void chat_put_dialog(struct wbuf *w, const struct chat_session *c);
void chat_tx_ringing(struct chat_session *c);
void chat_tx_accept(struct chat_session *c);
void chat_tx_answer(
		const struct chat_transaction *t, int code, const char *local_tag);
void chat_tx_refresh(
		const struct chat_session *c, const struct post_sip *p, int code);
void chat_tx_bye(const struct chat_session *c, int cause);
void chat_tx_update(const struct chat_session *c);

#endif
