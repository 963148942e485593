/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */
#ifndef IPSMGW_SIP_INVITE_H
#define IPSMGW_SIP_INVITE_H

#include "chat_post.h"
#include "sip_cpm.h"

enum { SIP_NAME_MAX = 256 };

/** An initial INVITE for a chat session or a large message; views point into
 * the sip_msg or into this process's static memory. */
struct sip_invite {
	enum chat_kind kind;
	enum cpm_service service;
	char a[PHONE_MAX], b[PHONE_MAX]; /* "+..." */
	bool anonymous;
	struct view conversation_id, contribution_id, session_replaces;
	char name[SIP_NAME_MAX]; /* of A, UTF-8 */
	struct view subject;
	struct view instance; /* value of +sip.instance */
	bool timer;           /* session timer is supported by A */
	bool reliable;        /* 100rel is required */
	/* the body */
	struct view sdp;
	bool has_first; /* first is a message */
	struct content first;
	struct view text;        /* UTF-8 of the first message */
	struct view members;     /* "uri\tname\n" each */
	struct view unsupported; /* options of Require that we do not know */
};

/**
 * Read and judge it (spec 7.5, 7.6): service, originator, recipient, privacy,
 * options, session timer, session description. All headers are parsed.
 * @return NULL, or the refusal
 */
const struct cpm_refusal *sip_invite_read(
		sip_msg_t *msg, struct sip_invite *in);

/** The same options and session timer in other requests of a dialog. */
const struct cpm_refusal *sip_invite_options(
		sip_msg_t *msg, struct sip_invite *in);

/** What the script wishes; "" for nothing. */
struct sip_invite_wishes {
	struct view smsc, language, originator;
};

/** The post for the spool process, all texts copied. @return 0, -ENOMEM,
 * -EBADMSG */
int sip_invite_post(sip_msg_t *msg, const struct sip_invite *in,
		const struct sip_invite_wishes *wishes, struct post_sip **out);

#endif
