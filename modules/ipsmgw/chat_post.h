/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */
#ifndef IPSMGW_CHAT_POST_H
#define IPSMGW_CHAT_POST_H

#include "mailbox.h"

/*
 * What SIP and TCP workers tell the spool process of chat sessions and large
 * messages (spec section 7). One block of shared memory each; all pointers
 * point into it, texts that are absent are "".
 */

enum chat_event {
	CHAT_INVITE,   /* initial; the transaction is suspended and waits for us */
	CHAT_CANCEL,   /* of an initial INVITE; answered 200 by the worker */
	CHAT_ACK,      /* of our 2xx */
	CHAT_PRACK,    /* suspended */
	CHAT_REFRESH,  /* re-INVITE or UPDATE, suspended */
	CHAT_BYE,      /* suspended */
	CHAT_NOTIFY,   /* conference event, suspended */
	CHAT_RESPONSE, /* final answer to a request of ours; 408 if none came */
};

enum chat_kind {
	CHAT_KIND_ONE = 1,   /* one-to-one */
	CHAT_KIND_GROUP,     /* from a conference focus */
	CHAT_KIND_LARGE_OUT, /* one large message CPM -> SMS */
	CHAT_KIND_LARGE_IN,  /* one large message SMS -> CPM, our INVITE */
};

/** A UAS transaction of tm that t_suspend() holds. */
struct chat_transaction {
	unsigned index, label;
};

/** An initial INVITE, already judged: what can be refused without the session's
 * state was refused by the worker. */
struct chat_invite {
	enum chat_kind kind;
	const char *a, *b;                  /* as in a message */
	const char *service;                /* service_name() */
	const char *local_uri, *remote_uri; /* of To and From, without tags */
	const char
			*route_set; /* Record-Route, in order: value of our Route header */
	const char *conversation_id, *contribution_id, *session_replaces;
	const char *name;    /* display name of A, "" if anonymous or absent */
	const char *subject; /* UTF-8 */
	const char *members; /* resource list: "uri\tname\n" each */
	const char *smsc, *language, *originator; /* the script's wishes */
	bool anonymous;                           /* a must not be shown to B */
	bool timer;                               /* Supported: timer */
	bool reliable;                            /* Require: 100rel */
	/* a first message in the INVITE, text empty if there is none */
	struct view text;
	struct view imdn_id, datetime, imdn_route, instance;
	unsigned imdn_request;
};

struct post_sip {
	struct post post;
	enum chat_event event;
	struct chat_transaction transaction; /* of the suspended ones */
	const char *call_id, *remote_tag;
	const char *local_tag; /* "" in an initial INVITE and its CANCEL */
	unsigned cseq;
	const char *remote_target;  /* Contact URI */
	unsigned session_expires_s; /* 0 if absent */
	const char *refresher;      /* "uac", "uas", "" */
	struct view sdp;            /* raw; empty if absent */
	struct chat_invite invite;  /* CHAT_INVITE */
	int64_t session_id;         /* CHAT_RESPONSE */
	const char *method;         /* CHAT_RESPONSE: ours */
	int code;                   /* CHAT_RESPONSE */
	const char *route_set; /* CHAT_RESPONSE to an INVITE: value of our Route */
	unsigned expires_s;    /* CHAT_RESPONSE: Expires, 0 if absent */
	struct view body;      /* CHAT_NOTIFY */
	const char *subscription_state; /* CHAT_NOTIFY */
};

/** An MSRP frame that a TCP worker has read; syntax not judged. */
struct post_msrp {
	struct post post;
	int con_id; /* of the TCP connection */
	struct view frame;
};

/** A TCP connection is gone, or could not be made. */
struct post_msrp_closed {
	struct post post;
	int con_id;         /* 0: it could not be made .. */
	int64_t session_id; /* .. for this session */
};

#endif
