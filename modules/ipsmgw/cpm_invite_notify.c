/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */

/*
 * INVITE for a chat session or a large message (TS 29.311 6.1.7, spec 7.5,
 * 7.11) and all that follows in its dialog. The SIP worker reads, judges and
 * holds the transaction; the spool process has the session and answers.
 */

#include "core/data_lump_rpl.h"
#include "core/dprint.h"
#include "core/parser/parse_from.h"
#include "core/parser/parse_to.h"

#include "authorise.h"
#include "chat_tag.h"
#include "cpm_invite_notify.h"
#include "ipsmgw.h"
#include "overload.h"
#include "result.h"
#include "sip_dialog.h"
#include "sip_hold.h"
#include "sip_invite.h"

enum {
	INVITE_GRACE_MS = 60000, /* longer than the spool process waits for B */
	POSTS_MAX = 5000,        /* that wait for the spool process */
	DIALOG_POSTS_MAX = 10000 /* sessions that are there go on for longer */
};

/* ---- answers ---- */

static int taken(int code)
{
	result.code = code;
	return IPSMGW_TAKEN;
}

static int refuse(
		sip_msg_t *msg, int rc, int code, const char *header, const char *why)
{
	result.code = code;
	if(header)
		add_lump_rpl(msg, (char *)header, (int)strlen(header), LUMP_RPL_HDR);
	LM_NOTICE("%.*s %.*s refused with %d: %s\n", STR_FMT(&REQ_LINE(msg).method),
			msg->callid ? msg->callid->body.len : 0,
			msg->callid ? msg->callid->body.s : "", code, why);
	return rc;
}

static int unavailable(sip_msg_t *msg, const char *why)
{
	return refuse(msg, IPSMGW_ERR_INTERNAL, 503, "Retry-After: 10\r\n", why);
}

static int refuse_as(sip_msg_t *msg, const struct sip_invite *in,
		const struct cpm_refusal *refusal)
{
	char line[300];
	int n = snprintf(line, sizeof(line), "Unsupported: %.*s\r\n",
			VIEW_FMT(in->unsupported));

	if(in->unsupported.len && n < (int)sizeof(line))
		add_lump_rpl(msg, line, n, LUMP_RPL_HDR);
	return refuse(
			msg, refusal->rc, refusal->code, refusal->header, refusal->why);
}

static bool readable(sip_msg_t *msg)
{
	return parse_headers(msg, HDR_EOH_F, 0) >= 0 && msg->callid && msg->cseq
			&& msg->to && parse_from_header(msg) >= 0;
}

static struct view to_tag(sip_msg_t *msg)
{
	return view_of(&get_to(msg)->tag_value);
}

/* ---- the initial INVITE ---- */

static const char *kind_name(enum chat_kind kind)
{
	return kind == CHAT_KIND_LARGE_OUT ? "large"
			: kind == CHAT_KIND_GROUP  ? "group"
									   : "chat";
}

static void show(const struct sip_invite *in, const str *smsc)
{
	result.text[RESULT_FROM] = str_of_text(in->a);
	result.text[RESULT_TO] = str_of_text(in->b);
	result.text[RESULT_CONVERSATION] = str_of(in->conversation_id);
	result.text[RESULT_CONTRIBUTION] = str_of(in->contribution_id);
	result.text[RESULT_TEXT] = str_of(in->text);
	result.text[RESULT_SERVICE] = str_of_text(service_name(in->service));
	result.text[RESULT_KIND] = str_of_text(kind_name(in->kind));
	if(smsc)
		result.text[RESULT_ROUTE] = *smsc;
}

static int hold_invite(sip_msg_t *msg, struct post_sip *p)
{
	int wait_ms = ipsmgw_cfg.chat_accept_s * 1000 + INVITE_GRACE_MS;
	int rc = sip_hold_invite(msg, wait_ms, p);

	return rc < 0 ? unavailable(msg, "no transaction") : taken(0);
}

/* Who may invite, whom B sees, which SMSC: the script's word, else ours.
 * Anonymous chats get a number of the pool (spec 7.3). */
static int decide(sip_msg_t *msg, const struct sip_invite *in, const str *smsc,
		struct authorisation *who)
{
	bool hidden = in->anonymous && in->kind == CHAT_KIND_LARGE_OUT;

	result.text[RESULT_ORIGINATOR]
			= str_of_text(hidden            ? ipsmgw_cfg.anonymous_originator
							: in->anonymous ? ""
											: in->a);
	if(authorise(msg, who))
		return refuse(msg, IPSMGW_ERR_REFUSED, result.code, NULL,
				"event_route[ipsmgw:authorise]");
	if(hidden && !*who->originator)
		snprintf(who->originator, sizeof(who->originator), "%s",
				ipsmgw_cfg.anonymous_originator);
	if(!*who->smsc && smsc)
		text_copy(who->smsc, sizeof(who->smsc), view_of(smsc));
	return 0;
}

static int submit_invite(
		sip_msg_t *msg, const struct sip_invite *in, const str *smsc)
{
	struct authorisation who = {.a = in->a, .anonymous = in->anonymous};
	struct sip_invite_wishes wishes;
	struct post_sip *p;
	int rc = decide(msg, in, smsc, &who);

	if(rc)
		return rc;
	wishes = (struct sip_invite_wishes){
			.smsc = view_str(who.smsc),
			.language = view_str(who.language),
			.originator = view_str(who.originator),
	};
	rc = sip_invite_post(msg, in, &wishes, &p);
	if(rc == -ENOMEM)
		return unavailable(msg, "out of shared memory");
	if(rc)
		return refuse(msg, IPSMGW_ERR_CONTENT, 400, NULL,
				"the request cannot be parsed");
	return hold_invite(msg, p);
}

static int take_invite(sip_msg_t *msg, str *smsc)
{
	static struct sip_invite in; /* $ipsmgw() shows parts of it afterwards */
	const struct cpm_refusal *refusal;
	const char *why;

	if(!readable(msg) || msg->REQ_METHOD != METHOD_INVITE || to_tag(msg).len)
		return refuse(msg, IPSMGW_ERR_CONTENT, 400, NULL,
				"no initial INVITE that can be parsed");
	if(view_eq(sip_header(msg, IPSMGW_LOOP_HEADER, NULL),
			   view_str(ipsmgw_cfg.node)))
		return refuse(msg, IPSMGW_ERR_LOOP, 482, NULL,
				"an INVITE of ours that came back");
	refusal = sip_invite_read(msg, &in);
	if(refusal)
		return refuse_as(msg, &in, refusal);
	if(smsc && smsc->len >= AUTHORISE_ROUTE_MAX)
		return refuse(msg, IPSMGW_ERR_INTERNAL, 500, NULL,
				"name of the SMSC too long");
	show(&in, smsc);
	if(mailbox_waiting() >= POSTS_MAX)
		return unavailable(msg, "the spool process is behind");
	why = overload_queued();
	if(why)
		return unavailable(msg, why);
	return submit_invite(msg, &in, smsc);
}

int cpm_invite_notify(sip_msg_t *msg, str *smsc)
{
	int rc;

	if(result.authorising) {
		LM_ERR("cpm_invite_notify() is not for "
			   "event_route[ipsmgw:authorise]\n");
		return IPSMGW_ERR_REFUSED;
	}
	result_clear();
	rc = take_invite(msg, smsc);
	if(rc < 0)
		counter_inc(ipsmgw_counters.sessions_rejected);
	return rc;
}

/* ---- in its dialog ---- */

static int not_ours(void)
{
	result.code = 481;
	return IPSMGW_ERR_CONTENT;
}

/* What cannot be done now is answered all the same: it is ours. */
static int busy(sip_msg_t *msg, const char *why)
{
	unavailable(msg, why);
	return IPSMGW_TAKEN;
}

static int bad(sip_msg_t *msg)
{
	refuse(msg, 0, 400, NULL, "the request cannot be parsed");
	return IPSMGW_TAKEN;
}

static struct post_sip *dialog_post(
		sip_msg_t *msg, enum chat_event event, struct wbuf *w)
{
	struct post_sip *p = sip_post_new(event, 2 * sip_post_room(msg), w);

	if(p && sip_post_dialog(p, w, msg)) {
		shm_free(p);
		p = NULL;
	}
	return p;
}

static int take_cancel(sip_msg_t *msg)
{
	struct chat_transaction t;
	struct wbuf w;
	struct post_sip *p;

	if(!sip_hold_cancelled(msg, &t))
		return not_ours();
	p = dialog_post(msg, CHAT_CANCEL, &w);
	if(!p)
		return busy(msg, "out of shared memory");
	p->transaction = t;
	sip_post_send(p, &w);
	return taken(200);
}

/* tm stops repeating the answer; of a 2xx the spool process hears. */
static int take_ack(sip_msg_t *msg)
{
	bool matched = tmb.t_newtran(msg) == 0;
	struct cell *t = matched ? tmb.t_gett() : NULL;
	struct wbuf w;
	struct post_sip *p;

	if(t && t != T_UNDEFINED) {
		sip_hold_acked(t);
		if(t->uas.status >= 300)
			return taken(0);
	}
	p = dialog_post(msg, CHAT_ACK, &w);
	if(p)
		sip_post_send(p, &w);
	return taken(0);
}

static void add_body(struct post_sip *p, struct wbuf *w, sip_msg_t *msg)
{
	if(p->event == CHAT_NOTIFY) {
		p->body = sip_post_view(w, sip_body(msg));
		p->subscription_state
				= post_text(w, sip_header(msg, "Subscription-State", NULL));
		return;
	}
	p->sdp = sip_post_view(w, sip_sdp(msg));
}

static int take_held(sip_msg_t *msg, enum chat_event event)
{
	struct wbuf w;
	struct post_sip *p = dialog_post(msg, event, &w);
	int rc;

	if(!p)
		return bad(msg);
	add_body(p, &w, msg);
	rc = w.err ? -1 : sip_hold(msg, 0, &p->transaction);
	if(rc <= 0) {
		shm_free(p);
		return rc == 0 ? taken(0) : busy(msg, "no transaction");
	}
	mailbox_send(&p->post);
	return taken(0);
}

static int take_refresh(sip_msg_t *msg)
{
	struct sip_invite in = {0};
	const struct cpm_refusal *refusal = sip_invite_options(msg, &in);

	if(!refusal)
		return take_held(msg, CHAT_REFRESH);
	refuse_as(msg, &in, refusal);
	return IPSMGW_TAKEN;
}

static int take_in_dialog(sip_msg_t *msg)
{
	switch(msg->REQ_METHOD) {
		case METHOD_ACK:
			return take_ack(msg);
		case METHOD_BYE:
			return take_held(msg, CHAT_BYE);
		case METHOD_PRACK:
			return take_held(msg, CHAT_PRACK);
		case METHOD_NOTIFY:
			return take_held(msg, CHAT_NOTIFY);
		case METHOD_INVITE:
		case METHOD_UPDATE:
			return take_refresh(msg);
		default:
			return not_ours();
	}
}

/* An ACK comes again with the next 2xx. */
static int behind(sip_msg_t *msg)
{
	return msg->REQ_METHOD == METHOD_ACK
			? taken(0)
			: busy(msg, "the spool process is behind");
}

int cpm_session(sip_msg_t *msg)
{
	result_clear();
	if(!readable(msg))
		return not_ours();
	if(mailbox_waiting() >= DIALOG_POSTS_MAX)
		return behind(msg);
	if(msg->REQ_METHOD == METHOD_CANCEL)
		return take_cancel(msg);
	return chat_tag_ours(to_tag(msg)) ? take_in_dialog(msg) : not_ours();
}
