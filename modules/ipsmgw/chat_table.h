/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */
#ifndef IPSMGW_CHAT_TABLE_H
#define IPSMGW_CHAT_TABLE_H

#include "../../lib/msrp/msrp_sdp.h"
#include "chat_post.h"

/*
 * The chat sessions that are not closed, private to the spool process, found by
 * dialog, by (B, number), by MSRP session id, by connection and by id. What
 * must survive is in s, as the database has it; the rest is of this process's
 * life.
 */

enum chat_state {
	CHAT_CLOSED = 0, /* in the database only */
	CHAT_WAIT,       /* B was asked (check_first) */
	CHAT_OKSENT,     /* 200 sent; ACK or the MSRP connection is missing */
	CHAT_ACTIVE,     /* both are there */
	CHAT_ENDING,     /* BYE sent */
	CHAT_INVITING,   /* large message to A: our INVITE is not answered */
};

const char *chat_state_name(int state); /* "active", ... */
const char *chat_kind_name(int kind);   /* "chat", "group", ... */

/** Bits of store_session.flags. */
enum chat_flag {
	CHAT_FLAG_ANONYMOUS = 1 << 0, /* b must not learn a */
	CHAT_FLAG_POOL = 1 << 1,      /* number is of the pool */
	CHAT_FLAG_ANSWERED = 1 << 2,  /* B wrote at least once */
	CHAT_FLAG_NOMEDIA_TOLD = 1 << 3,
	CHAT_FLAG_ACTIVE_ROLE = 1 << 4, /* we connect */
	CHAT_FLAG_INTERWORKING_TOLD = 1 << 5,
};

enum { CHAT_MSRP_ID_LEN = 24 };

struct chat_media;      /* spool_msrp.c: what is under way on the connection */
struct chat_conference; /* spool_chat_conference.c: a group's members */

struct chat_session {
	struct store_session
			s; /* its texts belong to this struct: chat_set_text() */
	char msrp_id[CHAT_MSRP_ID_LEN + 1]; /* our session id in MSRP */
	char *sdp_text;                     /* the peer's SDP .. */
	struct msrp_sdp sdp;                /* .. read: views into it */
	char *members; /* of a group: "uri\tname\n" each, NULL if not known; freed
					  with the session */
	int con_id;    /* TCP connection, 0 while there is none:
					  chat_set_connection() */
	bool acknowledged;    /* ACK came */
	bool has_transaction; /* an INVITE waits for our final answer */
	struct chat_transaction transaction;
	int64_t asked_message_id; /* WAIT: of T_INVITE; 0 */
	int64_t first_message_id; /* of A's first message, 0 */
	/* all in ipsmgw_mono_ms(), INT64_MAX for never */
	int64_t state_deadline_ms; /* t_accept, 32 s for ACK and BYE, t_msrp */
	int64_t repeat_180_ms;
	int64_t idle_deadline_ms;
	int64_t refresh_deadline_ms; /* session timer */
	unsigned session_expires_s;
	struct chat_media *media;           /* NULL while there is nothing */
	struct chat_conference *conference; /* NULL: no subscription */
	bool busy; /* an event of it is in the batch that is being collected */
	/* spool_chat.c's own */
	int64_t replaced_deadline_ms; /* a group took its place: BYE then */
	int64_t retry_ms;             /* the database failed: not before */
	unsigned todo;                /* 1 << enum chat_action */
	uint8_t cause;                /* of CHAT_DO_FAIL */
	bool gone;                    /* the peer has left: no BYE */
	bool refresher;               /* we send the UPDATEs of the session timer */
	bool pracked;                 /* the reliable 180 is acknowledged */
	unsigned rseq, repeats_180;   /* rseq 0: 180 is not reliable */
	struct post_sip *held; /* INVITE whose first message is to be sent, or
							  whose notifications the large one shares */
	struct chat_session *next_dialog, *next_number, *next_msrp, *next_id,
			*next_connection;
	struct chat_session *next, **prev; /* of all */
};

/** @return a session with copies of the texts, in the table; NULL: no memory */
struct chat_session *chat_add(const struct store_session *s);
void chat_remove(struct chat_session *c); /* frees it; its media must be gone */

/** Change one of the texts of c->s, for example &c->s.remote_target. @return 0,
 * -ENOMEM (unchanged) */
int chat_set_text(struct chat_session *c, const char **field, const char *text);

/** Keep a copy of the peer's SDP and read it. @return 0, -ENOMEM, or as
 * msrp_sdp_decode() */
int chat_set_sdp(struct chat_session *c, struct view sdp);

/** Its TCP connection from now on, 0: none. */
void chat_set_connection(struct chat_session *c, int con_id);

struct chat_session *chat_by_id(int64_t id);
/** local_tag "" finds the session whose INVITE waits (CANCEL). */
struct chat_session *chat_by_dialog(
		const char *call_id, const char *local_tag, const char *remote_tag);
/** The one of B that he writes to under this number; never an ENDING one or a
 * large message. */
struct chat_session *chat_by_number(const char *b, const char *number);
/** The sessions of b, ENDING ones too, one after another; begin with NULL. */
struct chat_session *chat_of_b(const char *b, const struct chat_session *after);
struct chat_session *chat_by_msrp(struct view session_id);
struct chat_session *chat_by_connection(int con_id);
struct chat_session *chat_first(void); /* then ->next */
unsigned chat_count(void);
unsigned chat_count_of(const char *b); /* ENDING ones do not count */

#endif
