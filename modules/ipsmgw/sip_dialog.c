/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */

/*
 * Dialog state out of SIP messages (RFC 3261 12), for posts to the spool
 * process: identifiers, remote target, route set, session timer (RFC 4028),
 * session description.
 */

#include "core/dprint.h"
#include "core/mem/mem.h"
#include "core/mem/shm_mem.h"
#include "core/parser/contact/parse_contact.h"
#include "core/parser/parse_cseq.h"
#include "core/parser/parse_from.h"
#include "core/parser/parse_rr.h"
#include "core/parser/parse_to.h"

#include "../../lib/cpm/content.h"
#include "sip_cpm.h"
#include "sip_dialog.h"

enum { ROOM_EXTRA = 256 };

/* ---- the post ---- */

struct post_sip *sip_post_new(
		enum chat_event event, size_t room, struct wbuf *w)
{
	struct post_sip *p = shm_malloc(sizeof(*p) + room);

	if(!p) {
		SHM_MEM_ERROR;
		return NULL;
	}
	*p = (struct post_sip){
			.post.type = POST_SIP,
			.event = event,
			.call_id = "",
			.remote_tag = "",
			.local_tag = "",
			.remote_target = "",
			.refresher = "",
			.method = "",
			.route_set = "",
			.subscription_state = "",
			.invite = {
					.a = "",
					.b = "",
					.service = "",
					.local_uri = "",
					.remote_uri = "",
					.route_set = "",
					.conversation_id = "",
					.contribution_id = "",
					.session_replaces = "",
					.name = "",
					.subject = "",
					.members = "",
					.smsc = "",
					.language = "",
					.originator = "",
			},
	};
	*w = wbuf_of(p + 1, room);
	return p;
}

size_t sip_post_room(sip_msg_t *msg)
{
	return msg->len + ROOM_EXTRA;
}

int sip_post_send(struct post_sip *p, const struct wbuf *w)
{
	if(w->err) {
		shm_free(p);
		return w->err;
	}
	mailbox_send(&p->post);
	return 0;
}

/* ---- lists and the session timer ---- */

bool sip_list_next(struct view *list, struct view *token)
{
	size_t n = 0;

	if(!list->len)
		return false;
	while(n < list->len && list->p[n] != ',')
		n++;
	*token = (struct view){list->p, n};
	n += n < list->len;
	*list = (struct view){list->p + n, list->len - n};
	while(token->len && strchr(" \t\r\n", token->p[0]))
		*token = (struct view){token->p + 1, token->len - 1};
	while(token->len && strchr(" \t\r\n", token->p[token->len - 1]))
		token->len--;
	return true;
}

bool sip_has_option(sip_msg_t *msg, const char *name, const char *compact,
		const char *option)
{
	for(hdr_field_t *h = msg->headers; h; h = h->next) {
		struct view list = view_of(&h->body), token;

		if(!sip_header_is(h, name) && (!compact || !sip_header_is(h, compact)))
			continue;
		while(sip_list_next(&list, &token)) {
			if(view_ieq(token, view_str(option)))
				return true;
		}
	}
	return false;
}

static bool has_parameter(struct view v, const char *parameter)
{
	size_t n = strlen(parameter);

	for(size_t i = 0; i + n <= v.len; i++) {
		if(view_ieq((struct view){v.p + i, n}, view_str(parameter)))
			return true;
	}
	return false;
}

unsigned sip_session_expires(sip_msg_t *msg, const char **refresher)
{
	struct view v = sip_header(msg, "Session-Expires", "x");
	unsigned seconds = 0;

	for(size_t i = 0; i < v.len && v.p[i] >= '0' && v.p[i] <= '9'; i++) {
		if(seconds < 10000000)
			seconds = seconds * 10 + (v.p[i] - '0');
	}
	*refresher = has_parameter(v, "refresher=uac") ? "uac"
			: has_parameter(v, "refresher=uas")    ? "uas"
												   : "";
	return seconds;
}

/* ---- the dialog ---- */

struct view sip_sdp(sip_msg_t *msg)
{
	if(msg->content_type
			&& media_type_is(
					view_of(&msg->content_type->body), "application/sdp"))
		return sip_body(msg);
	return (struct view){NULL, 0};
}

static struct view contact_uri(sip_msg_t *msg)
{
	contact_body_t *body;

	if(!msg->contact || parse_contact(msg->contact) < 0)
		return (struct view){NULL, 0};
	body = msg->contact->parsed;
	return body && body->contacts ? view_of(&body->contacts->uri)
								  : (struct view){NULL, 0};
}

struct view sip_post_view(struct wbuf *w, struct view v)
{
	return (struct view){(const uint8_t *)post_text(w, v), v.len};
}

int sip_post_dialog(struct post_sip *p, struct wbuf *w, sip_msg_t *msg)
{
	bool request = msg->first_line.type == SIP_REQUEST;
	const struct to_body *from, *to;
	unsigned cseq;

	if(!msg->callid || !msg->to || !msg->cseq || parse_from_header(msg) < 0)
		return -EBADMSG;
	from = get_from(msg);
	to = get_to(msg);
	if(!from->tag_value.len || str2int(&get_cseq(msg)->number, &cseq) < 0)
		return -EBADMSG;
	p->call_id = post_text(w, view_of(&msg->callid->body));
	p->remote_tag = post_text(w, view_of(&(request ? from : to)->tag_value));
	p->local_tag = post_text(w, view_of(&(request ? to : from)->tag_value));
	p->cseq = cseq;
	p->remote_target = post_text(w, contact_uri(msg));
	p->session_expires_s = sip_session_expires(msg, &p->refresher);
	return 0;
}

int sip_route_set(const char **route_set, struct wbuf *w, sip_msg_t *msg)
{
	bool turned = msg->first_line.type == SIP_REPLY;
	str routes = STR_NULL;

	if(!msg->record_route)
		return 0;
	if(print_rr_body(msg->record_route, &routes, turned, NULL) < 0)
		return -EBADMSG;
	*route_set = post_text(w, view_of(&routes));
	pkg_free(routes.s);
	return 0;
}
