/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */
#ifndef IPSMGW_SIP_CPM_H
#define IPSMGW_SIP_CPM_H

#include "core/parser/msg_parser.h"

#include "../../lib/cpm/content.h"
#include "../../lib/cpm/phone.h"
#include "../../lib/cpm/service.h"
#include "lib_util.h"

/** A MESSAGE as the gateway sees it; views point into the sip_msg or into this
 * process's static buffer. */
struct cpm_request {
	char a[PHONE_MAX], b[PHONE_MAX]; /* "+..." */
	bool anonymous;                  /* B must not see a */
	enum cpm_service service;
	struct view conversation_id, contribution_id,
			in_reply_to;     /* empty if absent or no valid id */
	struct view unsupported; /* value of a Require header that we cannot meet */
	struct content content;
	int64_t expires_s; /* of the Expires header, -1 if absent */
	int64_t date_s;    /* of the Date header, -1 if absent or no date */
};

/** Why a request is refused. */
struct cpm_refusal {
	int rc;             /* enum ipsmgw_rc */
	int code;           /* SIP */
	const char *header; /* to put into the answer, or NULL */
	const char *why;    /* for the log */
};

/**
 * Read and judge a MESSAGE (spec 3.2 to 3.6): service, content, originator,
 * recipient, privacy. For content that is no text only service and content are
 * filled.
 * @return NULL, or the refusal
 */
const struct cpm_refusal *cpm_request_read(
		sip_msg_t *msg, struct cpm_request *r);

/* ---- for other requests, too; all headers are parsed ---- */

/** The first header field of that name, long or compact (empty if there is no
 * compact one); empty if absent. */
struct view sip_header_find(
		sip_msg_t *msg, struct view name, struct view compact);

/** The same by C text; compact is NULL if there is none. */
static inline struct view sip_header(
		sip_msg_t *msg, const char *name, const char *compact)
{
	return sip_header_find(msg, view_str(name), view_str(compact));
}

static inline bool sip_header_is(const hdr_field_t *h, const char *name)
{
	return (size_t)h->name.len == strlen(name)
		   && view_ieq(view_of(&h->name), view_str(name));
}

/** The same for one of the ids of spec 2.1; empty also if it is none. */
struct view sip_id_header(sip_msg_t *msg, const char *name);

/** What the request says of its service (spec 1.4). */
enum cpm_service sip_service(sip_msg_t *msg, enum service_method method);

/** The number in P-Asserted-Identity, that in the Request-URI. @return NULL, or
 * the refusal */
const struct cpm_refusal *sip_originator(sip_msg_t *msg, char a[PHONE_MAX]);
const struct cpm_refusal *sip_recipient(sip_msg_t *msg, char b[PHONE_MAX]);

/** Does a Privacy header ask not to show who A is (spec 3.4)? */
bool sip_anonymous(sip_msg_t *msg);

/** What the policy (parameter anonymity) makes of it: the refusal, or NULL and
 * whether A must be hidden from B. */
const struct cpm_refusal *sip_privacy(sip_msg_t *msg, bool *anonymous);

/** The body as it came, not longer than Content-Length; empty if absent. */
struct view sip_body(sip_msg_t *msg);

/** Undo Content-Encoding; a decoded body is in this process's static memory.
 * @return NULL, or the refusal */
const struct cpm_refusal *sip_decode_body(sip_msg_t *msg, struct view *body);

/** Of the Expires header, -1 if absent. */
int64_t sip_expires(sip_msg_t *msg);

/** Call-ID and CSeq, for messages without imdn.Message-ID. */
void cpm_request_transaction(
		sip_msg_t *msg, struct view *call_id, struct view *cseq);

#endif
