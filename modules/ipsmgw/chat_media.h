/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */
#ifndef IPSMGW_CHAT_MEDIA_H
#define IPSMGW_CHAT_MEDIA_H

#include "../../lib/msrp/msrp_frame.h"
#include "../../lib/msrp/msrp_incoming.h"
#include "../../lib/msrp/msrp_uri.h"
#include "spool_chat.h"

/*
 * What is under way on the MSRP side of a chat session. Private to the
 * spool_msrp*.c files: spool_msrp.c has the connection, spool_msrp_sdp.c says
 * where we are, spool_msrp_in.c puts chunks together, spool_msrp_text.c makes
 * messages for B of them, spool_msrp_out.c sends to A. Memory is the system's,
 * all of it bounded.
 */

enum {
	CHAT_IN_MAX = 4,               /* messages of A in chunks, in a session */
	CHAT_IN_OCTETS_MAX = 64 << 20, /* of all sessions */
	CHAT_IN_STALE_MS = 120000,     /* no chunk came: forgotten */
	CHAT_ANSWERS_MAX = 64,         /* that wait for a commit, in a session */
	CHAT_REFUSED_MAX = 4,          /* messages whose other chunks are known */
	CHAT_SENT_MAX = 8,             /* messages that may still need a REPORT */
	CHAT_OUT_MAX = 16,             /* messages to A, in a session */
	CHAT_CHUNK_MAX = 2048,         /* RFC 4975 7.1.1 */
	CHAT_ANSWER_MS = 30000,        /* RFC 4975 7.3.2 */
	CHAT_BYE_WAIT_MS = 5000,       /* spec 7.7: the connection is gone */
	CHAT_LARGE_BYE_MS = 30000,     /* spec 7.11 */
	CHAT_ID_LEN = 16,              /* of transactions and messages, hex */
	CHAT_PATH_MAX = 256,           /* our own */
	CHAT_TYPE_MAX = 128
};

/** A message of A some of whose chunks are here; the octets behind it. */
struct chat_in {
	struct chat_in *next;
	struct msrp_incoming m;
	int64_t last_ms;
	char content_type[CHAT_TYPE_MAX];
};

/** A complete message of A: its last chunk is answered after the commit. */
struct chat_answer {
	struct chat_answer *next;
	int64_t serial;
	uint64_t octets;     /* of the message */
	struct msrp_frame f; /* the last chunk without its body; views into text */
	uint8_t text[];
};

/** A message to A. */
struct chat_out {
	struct chat_out *next;
	int64_t message_id; /* of the store; below 0 a notification */
	char msrp_message_id[CHAT_ID_LEN + 1];
	char transaction[CHAT_ID_LEN + 1]; /* "" while it waits for its turn */
	int64_t deadline_ms;               /* of the transaction's answer */
	bool plain;                        /* text/plain instead of message/cpim */
	size_t sent, chunk; /* octets that are there; in the transaction */
	size_t octets;
	uint8_t body[];
};

struct chat_media {
	int64_t session_id;
	struct chat_media *next, **prev; /* of all */
	struct chat_in *in;
	unsigned n_in;
	struct chat_answer *answers;
	unsigned n_answers;
	struct {
		char message_id[MSRP_MESSAGE_ID_MAX + 1];
		unsigned code;
	} refused[CHAT_REFUSED_MAX];
	struct {
		char message_id[MSRP_MESSAGE_ID_MAX + 1];
		int64_t id; /* of the store */
		uint64_t octets;
	} sent[CHAT_SENT_MAX];
	unsigned next_refused, next_sent;
	struct chat_out *out;
	unsigned n_out;
	char bind_transaction[CHAT_ID_LEN + 1];    /* of our empty SEND */
	int64_t lost_deadline_ms, bye_deadline_ms; /* 0: none */
	bool large_taken; /* large message of A: the one message came */
};

/* ---- spool_msrp.c ---- */

/** NULL: no memory */
struct chat_media *media_of(struct chat_session *c);

/** A frame of ours into the session's connection. */
void media_write(const struct chat_session *c, const struct msrp_frame *f);

/** Answer a request of A, if he wants that. */
void media_answer(const struct chat_session *c, const struct msrp_frame *f,
		unsigned code);

/** CHAT_ID_LEN random hex digits. */
void media_fresh_id(char id[CHAT_ID_LEN + 1]);

/** The connection is gone or of no use any more: messages to A go another way,
 * and if no BYE comes the session ends. */
void media_lost(struct chat_session *c, const char *why);

/* ---- spool_msrp_sdp.c ---- */

/** Our path in this session. @return 0, -ENOENT (we do not listen) */
int media_own_path(const struct chat_session *c, char path[CHAT_PATH_MAX]);

/** Is it our part to connect? */
bool media_we_connect(const struct chat_session *c);

/** Octets of the largest message that we take in this session. */
uint64_t media_max_size(const struct chat_session *c);

/* ---- spool_msrp_unbound.c ---- */

/** The first frame of a connection of others has come, and it has no session.
 */
void unbound_add(int con_id);

void unbound_tick(int64_t mono_ms);

/* ---- spool_msrp_in.c ---- */
void media_send_in(struct chat_session *c, const struct msrp_frame *f);
void media_in_drop(struct chat_media *m); /* all unfinished messages */
void media_in_expire(struct chat_media *m, int64_t mono_ms);

/* ---- spool_msrp_text.c ---- */

/** The beginning of a message: may it be of use? @return 0, else what to answer
 */
unsigned media_type_refused(struct view content_type);

/**
 * A complete message of A. f: its last chunk.
 * @return what to answer now; 0: after the commit
 */
unsigned media_message_in(struct chat_session *c, const struct msrp_frame *f,
		struct view content_type, struct view body);

/** A text of the gateway for B, as a message of its own. */
void media_tell(const struct chat_session *c, enum chat_text_id id);

/** B is told once per session that something could not be shown. */
void media_tell_unsupported(struct chat_session *c);
void media_answers_drop(struct chat_media *m);

/* ---- spool_msrp_out.c ---- */
void media_out_next(struct chat_session *c); /* if nothing is under way */
void media_out_answered(
		struct chat_session *c, struct view transaction, unsigned code);
void media_report_in(struct chat_session *c, const struct msrp_frame *f);
void media_out_expire(struct chat_session *c, int64_t mono_ms);

/** What waits or is under way goes another way. sip_code: outcome where there
 * is none. */
void media_out_drop(struct chat_session *c, struct chat_media *m, int sip_code);

/** Queue a message as chat_media_send() does, whatever the state. */
bool media_out_add(
		struct chat_session *c, int64_t message_id, struct view cpim);

#endif
