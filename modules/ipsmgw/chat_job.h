/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */
#ifndef IPSMGW_CHAT_JOB_H
#define IPSMGW_CHAT_JOB_H

#include "chat_post.h"

/*
 * What the spool process has async workers do for chat sessions: answer a
 * suspended transaction, send a request, write an MSRP frame. All arguments are
 * copied. Without shared memory a job is dropped with one log line; timers
 * speak for it then.
 */

/**
 * Answer a suspended transaction. headers: complete lines; body with its
 * Content-Type among the headers. A final answer lets go of the transaction, a
 * provisional one does not. local_tag becomes the To-tag ("" for in-dialog
 * requests, which have it).
 */
void chat_job_reply(const struct chat_transaction *t, int code,
		const char *reason, const char *local_tag, struct view headers,
		struct view body);

/** A request of ours, in a dialog or (remote_tag "") the INVITE that makes one.
 */
struct chat_request {
	int64_t session_id;
	const char *method;
	const char *call_id, *local_tag, *remote_tag, *local_uri, *remote_uri,
			*remote_target, *route_set;
	unsigned cseq;
	struct view headers, body;
};

/** Send it; its final answer comes back as CHAT_RESPONSE. tm acknowledges a 2xx
 * to INVITE by itself. */
void chat_job_request(const struct chat_request *r);

/** Where an MSRP frame goes: a connection that is there, or (con_id 0) one to
 * make. */
struct msrp_to {
	int con_id;
	bool tls;
	const char *host; /* address, IPv6 without brackets */
	unsigned port;
};

/** Write one frame; if that fails, a post_msrp_closed with session_id comes. */
void chat_job_msrp(
		int64_t session_id, const struct msrp_to *to, struct view frame);

/** Close a connection: nothing more is expected from it. tell: a session that
 * it has got meanwhile hears of its end. */
void chat_job_msrp_close(int con_id, bool tell);

#endif
