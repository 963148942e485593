/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */
#ifndef IPSMGW_SIP_DIALOG_H
#define IPSMGW_SIP_DIALOG_H

#include "core/parser/msg_parser.h"

#include "chat_post.h"
#include "lib_util.h"

/* What a request or answer says of its dialog, as a post for the spool process.
 */

/**
 * A post whose texts are all "", with room octets of shared memory for them.
 * @param w  the room, for post_text()
 * @return NULL if there is no memory
 */
struct post_sip *sip_post_new(
		enum chat_event event, size_t room, struct wbuf *w);

/** Octets that the texts of sip_post_dialog() need. */
size_t sip_post_room(sip_msg_t *msg);

/** Copy v into the room. */
struct view sip_post_view(struct wbuf *w, struct view v);

/** The body, if it is SDP. */
struct view sip_sdp(sip_msg_t *msg);

/**
 * Fill call_id, tags, cseq, remote_target and session timer. All headers of
 * msg are parsed. Our side is To in a request, From in an answer.
 * @return 0, -EBADMSG (no tag or URI where one must be)
 */
int sip_post_dialog(struct post_sip *p, struct wbuf *w, sip_msg_t *msg);

/** Fill route_set: Record-Route as the value of a Route header; of an answer
 * turned round (RFC 3261 12.1.2). @return 0, -EBADMSG */
int sip_route_set(const char **route_set, struct wbuf *w, sip_msg_t *msg);

/** Hand it over, if everything fitted. @return 0, -ENOSPC (p is freed) */
int sip_post_send(struct post_sip *p, const struct wbuf *w);

/** Value of Session-Expires, and who refreshes ("uac", "uas", ""). @return
 * seconds, 0 if absent */
unsigned sip_session_expires(sip_msg_t *msg, const char **refresher);

/** Is the option tag in one of the headers of that name (Supported, Require)?
 */
bool sip_has_option(sip_msg_t *msg, const char *name, const char *compact,
		const char *option);

/** Take the next token off a list with commas, without white space. @return
 * false at its end */
bool sip_list_next(struct view *list, struct view *token);

#endif
