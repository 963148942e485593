/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */

/*
 * Reading the INVITE of a chat session or a large message (spec 1.4, 3.3 to
 * 3.5, 7.5, 7.10, 7.11): what can be refused without knowing the other sessions
 * is refused here; the rest goes to the spool process.
 */

#include "core/parser/contact/parse_contact.h"
#include "core/parser/parse_from.h"
#include "core/parser/parse_ppi_pai.h"
#include "core/parser/parse_to.h"

#include "../../lib/util/utf8.h"
#include "ipsmgw.h"
#include "sip_dialog.h"
#include "sip_invite.h"
#include "sip_invite_body.h"
#include "sms_record.h"

enum { MIN_SESSION_EXPIRES_S = 90, ROOM_EXTRA = 1024 };

/* clang-format off */
enum refusal { NOT_OURS, NOT_AT_ALL, NO_SERVICE, NO_SENDER, BAD_EXTENSION, SHORT_SESSION };

static const struct cpm_refusal refusals[] = {
	[NOT_OURS] = {IPSMGW_ERR_CONTENT, 488, NULL, "a service that is not interworked"},
	[NOT_AT_ALL] = {IPSMGW_ERR_CONTENT, 606, NULL, "a service that is not for SMS users"},
	[NO_SERVICE] = {IPSMGW_ERR_CONTENT, 488, NULL, "no service is named and default_service=reject"},
	[NO_SENDER] = {IPSMGW_ERR_ADDRESS, 403, NULL, "store and forward without a number in Referred-By"},
	[BAD_EXTENSION] = {IPSMGW_ERR_CONTENT, 420, NULL, "Require names an extension that is not supported"},
	[SHORT_SESSION] = {IPSMGW_ERR_CONTENT, 422, "Min-SE: 90\r\n", "Session-Expires is below 90 s"},
};

/* Chat clients write pager tags into an INVITE, too (spec 1.2). */
static const struct { enum cpm_service named, service; enum chat_kind kind; } services[] = {
	{CPM_SERVICE_CPM_LARGE, CPM_SERVICE_CPM_LARGE, CHAT_KIND_LARGE_OUT},
	{CPM_SERVICE_IM_LARGE, CPM_SERVICE_IM_LARGE, CHAT_KIND_LARGE_OUT},
	{CPM_SERVICE_CPM_CHAT, CPM_SERVICE_CPM_CHAT, CHAT_KIND_ONE},
	{CPM_SERVICE_CPM_PAGER, CPM_SERVICE_CPM_CHAT, CHAT_KIND_ONE},
	{CPM_SERVICE_IM_CHAT, CPM_SERVICE_IM_CHAT, CHAT_KIND_ONE},
	{CPM_SERVICE_IM_PAGER, CPM_SERVICE_IM_CHAT, CHAT_KIND_ONE},
	{CPM_SERVICE_CPM_CHAT_GROUP, CPM_SERVICE_CPM_CHAT_GROUP, CHAT_KIND_GROUP},
	{CPM_SERVICE_CPM_PAGER_GROUP, CPM_SERVICE_CPM_CHAT_GROUP, CHAT_KIND_GROUP},
};
/* clang-format on */

/* ---- service ---- */

static const param_t *contact_parameter(sip_msg_t *msg, const char *name)
{
	contact_body_t *body;

	if(!msg->contact || parse_contact(msg->contact) < 0)
		return NULL;
	body = msg->contact->parsed;
	if(!body || !body->contacts)
		return NULL;
	for(const param_t *p = body->contacts->params; p; p = p->next) {
		if(view_ieq(view_of(&p->name), view_str(name)))
			return p;
	}
	return NULL;
}

static enum cpm_service default_service(void)
{
	if(!strcmp(ipsmgw_cfg.default_service, "reject"))
		return CPM_SERVICE_NONE;
	return strcmp(ipsmgw_cfg.default_service, "im") ? CPM_SERVICE_CPM_CHAT
													: CPM_SERVICE_IM_CHAT;
}

static const struct cpm_refusal *read_service(
		sip_msg_t *msg, struct sip_invite *in)
{
	enum cpm_service named = sip_service(msg, SERVICE_INVITE);

	if(named == CPM_SERVICE_NONE)
		named = default_service();
	if(named == CPM_SERVICE_NONE)
		return &refusals[NO_SERVICE];
	for(size_t i = 0; i < sizeof(services) / sizeof(services[0]); i++) {
		if(services[i].named == named) {
			in->service = services[i].service;
			in->kind = services[i].kind;
		}
	}
	if(!in->kind)
		return &refusals[named == CPM_SERVICE_OTHER ? NOT_AT_ALL : NOT_OURS];
	/* a conference focus (RFC 4579) */
	if(in->kind == CHAT_KIND_ONE && contact_parameter(msg, "isfocus"))
		in->kind = CHAT_KIND_GROUP;
	return NULL;
}

/* ---- options and the session timer ---- */

static bool option_known(struct view option, struct sip_invite *in)
{
	if(view_ieq(option, VIEW("100rel"))) {
		in->reliable = true;
		return true;
	}
	return view_ieq(option, VIEW("timer")) || view_ieq(option, VIEW("pref"));
}

static void note_unsupported(struct view option, struct sip_invite *in)
{
	static char names[256];
	struct wbuf w = wbuf_of(names, sizeof(names));

	w.len = in->unsupported.len;
	if(w.len)
		wbuf_str(&w, ", ");
	wbuf_view(&w, option);
	if(!w.err)
		in->unsupported = wbuf_written(&w);
}

const struct cpm_refusal *sip_invite_options(
		sip_msg_t *msg, struct sip_invite *in)
{
	const char *refresher;
	unsigned expires_s = sip_session_expires(msg, &refresher);
	bool known = true;

	for(hdr_field_t *h = msg->headers; h; h = h->next) {
		struct view list = view_of(&h->body), option;

		while(sip_header_is(h, "Require") && sip_list_next(&list, &option)) {
			if(option_known(option, in))
				continue;
			note_unsupported(option, in);
			known = false;
		}
	}
	if(!known)
		return &refusals[BAD_EXTENSION];
	in->timer = sip_has_option(msg, "Supported", "k", "timer")
			|| sip_has_option(msg, "Require", NULL, "timer");
	/* RFC 4028 9: only who knows timers can lengthen them */
	if(in->timer && expires_s && expires_s < MIN_SESSION_EXPIRES_S)
		return &refusals[SHORT_SESSION];
	return NULL;
}

/* ---- who ---- */

/* A server that delivers what it stored: the sender is in Referred-By (spec
 * 7.5). */
static bool stored_and_forwarded(sip_msg_t *msg)
{
	struct view identity = sip_header(msg, "P-Asserted-Identity", NULL);

	return identity.len
			&& memmem(identity.p, identity.len, "rcse-standfw@", 13);
}

static const struct cpm_refusal *read_sender(
		sip_msg_t *msg, struct sip_invite *in)
{
	struct view referred_by = sip_header(msg, "Referred-By", "b");

	if(!stored_and_forwarded(msg))
		return sip_originator(msg, in->a);
	if(phone_from_uri(cpim_uri(referred_by), in->a) || *in->a != '+')
		return &refusals[NO_SENDER];
	return NULL;
}

static const struct cpm_refusal *read_parties(
		sip_msg_t *msg, struct sip_invite *in)
{
	const struct cpm_refusal *refusal = read_sender(msg, in);

	if(!refusal)
		refusal = sip_privacy(msg, &in->anonymous);
	return refusal ? refusal : sip_recipient(msg, in->b);
}

/* ---- names ---- */

/* "A \"B\" C" or A: the text; nothing of what is no UTF-8 */
static void copy_name(const str *display, char name[SIP_NAME_MAX])
{
	struct view v = view_of(display);
	size_t n = 0;

	if(v.len > 1 && v.p[0] == '"' && v.p[v.len - 1] == '"')
		v = (struct view){v.p + 1, v.len - 2};
	while(v.len && v.p[v.len - 1] == ' ')
		v.len--;
	if(v.len >= SIP_NAME_MAX || !utf8_valid(v))
		return;
	for(size_t i = 0; i < v.len; i++) {
		if(v.p[i] == '\\' && i + 1 < v.len)
			i++;
		name[n++] = v.p[i] < 0x20 || v.p[i] == 0x7f ? ' ' : (char)v.p[i];
	}
	name[n] = '\0';
}

static void read_name(sip_msg_t *msg, struct sip_invite *in)
{
	if(in->anonymous)
		return;
	if(!stored_and_forwarded(msg) && parse_pai_header(msg) == 0) {
		for(p_id_body_t *p = get_pai(msg); p && !*in->name; p = p->next) {
			for(int i = 0; i < p->num_ids && !*in->name; i++)
				copy_name(&p->id[i].display, in->name);
		}
	}
	if(!*in->name && parse_from_header(msg) == 0)
		copy_name(&get_from(msg)->display, in->name);
}

/* Old clients put the first message of a chat there; in a group it is the
 * name. */
static void read_subject(sip_msg_t *msg, struct sip_invite *in)
{
	struct view subject = sip_header(msg, "Subject", "s");

	if(!utf8_valid(subject))
		return;
	if(in->kind == CHAT_KIND_ONE && !in->has_first)
		in->text = subject;
	else
		in->subject = subject;
}

static void read_headers(sip_msg_t *msg, struct sip_invite *in)
{
	const param_t *instance = contact_parameter(msg, "+sip.instance");
	struct view replaces = sip_id_header(msg, "Session-Replaces");

	if(instance)
		in->instance = view_of(&instance->body);
	if(replaces.len)
		in->session_replaces = replaces;
	in->conversation_id = sip_id_header(msg, "Conversation-ID");
	in->contribution_id = sip_id_header(msg, "Contribution-ID");
	read_name(msg, in);
	read_subject(msg, in);
}

const struct cpm_refusal *sip_invite_read(sip_msg_t *msg, struct sip_invite *in)
{
	const struct cpm_refusal *refusal;

	memset(in, 0, sizeof(*in));
	refusal = sip_invite_options(msg, in);
	if(!refusal)
		refusal = read_service(msg, in);
	if(!refusal)
		refusal = read_parties(msg, in);
	if(!refusal)
		refusal = sip_invite_body(msg, in);
	if(!refusal)
		read_headers(msg, in);
	return refusal;
}

/* ---- the post ---- */

static void post_first(struct chat_invite *c, struct wbuf *w,
		const struct sip_invite *in, struct view instance)
{
	struct store_message_new m = {.instance = instance};
	char route[SMS_ROUTE_TEXT_MAX];

	if(in->has_first && in->first.has_cpim)
		sms_record_cpim(&m, &in->first.cpim, route);
	c->text = sip_post_view(w, in->text);
	c->imdn_id = sip_post_view(w, m.imdn_id);
	c->datetime = sip_post_view(w, m.datetime);
	c->imdn_route = sip_post_view(w, m.imdn_route);
	c->instance = sip_post_view(w, m.instance);
	c->imdn_request = m.imdn_request;
}

static int post_invite(struct chat_invite *c, struct wbuf *w, sip_msg_t *msg,
		const struct sip_invite *in, const struct sip_invite_wishes *wishes)
{
	c->kind = in->kind;
	c->a = post_text(w, view_str(in->a));
	c->b = post_text(w, view_str(in->b));
	c->service = post_text(w, view_str(service_name(in->service)));
	c->local_uri = post_text(w, view_of(&get_to(msg)->uri));
	c->remote_uri = post_text(w, view_of(&get_from(msg)->uri));
	c->conversation_id = post_text(w, in->conversation_id);
	c->contribution_id = post_text(w, in->contribution_id);
	c->session_replaces = post_text(w, in->session_replaces);
	c->name = post_text(w, view_str(in->name));
	c->subject = post_text(w, in->subject);
	c->members = post_text(w, in->members);
	c->smsc = post_text(w, wishes->smsc);
	c->language = post_text(w, wishes->language);
	c->originator = post_text(w, wishes->originator);
	c->anonymous = in->anonymous;
	c->timer = in->timer;
	c->reliable = in->reliable;
	post_first(c, w, in, in->instance);
	return sip_route_set(&c->route_set, w, msg);
}

int sip_invite_post(sip_msg_t *msg, const struct sip_invite *in,
		const struct sip_invite_wishes *wishes, struct post_sip **out)
{
	size_t room = 2 * sip_post_room(msg) + in->sdp.len + in->text.len
			+ in->members.len + wishes->smsc.len + wishes->language.len
			+ wishes->originator.len + SMS_ROUTE_TEXT_MAX + ROOM_EXTRA;
	struct wbuf w;
	struct post_sip *p = sip_post_new(CHAT_INVITE, room, &w);
	int rc;

	if(!p)
		return -ENOMEM;
	rc = sip_post_dialog(p, &w, msg);
	if(rc == 0)
		rc = post_invite(&p->invite, &w, msg, in, wishes);
	p->sdp = sip_post_view(&w, in->sdp);
	if(rc == 0 && w.err)
		rc = -EBADMSG;
	if(rc) {
		shm_free(p);
		return rc;
	}
	*out = p;
	return 0;
}
