/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */

/*
 * CPM -> SMS (TS 29.311 6.1.6, spec section 3): read the request, make its text
 * a record of segments, have the spool process commit it, and only then say
 * what to answer.
 */

#include "core/data_lump_rpl.h"
#include "core/dprint.h"
#include "core/mem/shm_mem.h"

#include "../../lib/cpm/cpm_id.h"
#include "../../lib/sms/timestamp.h"
#include "authorise.h"
#include "cpm_answer.h"
#include "cpm_to_sms.h"
#include "digest.h"
#include "ipsmgw.h"
#include "link_server.h"
#include "mailbox.h"
#include "mt_imdn.h"
#include "overload.h"
#include "result.h"
#include "rp_sip.h"
#include "sip_answer.h"
#include "sip_cpm.h"
#include "sms_record.h"
#include "sms_text.h"
#include "tm_api.h"
#include "underway.h"

/* ---- answers ---- */

/* Without a value, or if it is too long: none. */
static void put_header(struct wbuf *w, const char *name, struct view value)
{
	size_t mark = w->len;

	if(!value.len)
		return;
	wbuf_str(w, name);
	wbuf_str(w, ": ");
	wbuf_put(w, value.p, strnlen((const char *)value.p, value.len));
	wbuf_str(w, "\r\n");
	wbuf_end(w, mark);
}

static void reply_headers(sip_msg_t *msg, const struct wbuf *w)
{
	if(w->len)
		add_lump_rpl(msg, (char *)w->p, (int)w->len, LUMP_RPL_HDR);
}

static void reply_unsupported(sip_msg_t *msg, struct view option_tags)
{
	char line[511];
	struct wbuf w = wbuf_of(line, sizeof(line));

	put_header(&w, "Unsupported", option_tags);
	reply_headers(msg, &w);
}

static int refuse(
		sip_msg_t *msg, int rc, int code, const char *header, const char *why)
{
	result.code = code;
	if(header)
		add_lump_rpl(msg, (char *)header, (int)strlen(header), LUMP_RPL_HDR);
	counter_inc(ipsmgw_counters.cpm_rejected);
	LM_NOTICE("MESSAGE %.*s refused with %d: %s\n",
			msg->callid ? msg->callid->body.len : 0,
			msg->callid ? msg->callid->body.s : "", code, why);
	return rc;
}

static int unavailable(sip_msg_t *msg, const char *why)
{
	return refuse(msg, IPSMGW_ERR_INTERNAL, 503, CPM_RETRY_AFTER, why);
}

static int shed(sip_msg_t *msg)
{
	result.code = 503;
	add_lump_rpl(msg, CPM_RETRY_AFTER, sizeof(CPM_RETRY_AFTER) - 1, LUMP_RPL_HDR);
	counter_inc(ipsmgw_counters.cpm_rejected);
	return IPSMGW_ERR_INTERNAL;
}

/* Before the transaction is held: what is added later does not reach its
 * answer. */
static void echo_ids(sip_msg_t *msg, const struct cpm_request *r)
{
	char lines[2 * (CPM_ID_MAX + 32)];
	struct wbuf w = wbuf_of(lines, sizeof(lines));

	put_header(&w, "Conversation-ID", r->conversation_id);
	put_header(&w, "Contribution-ID", r->contribution_id);
	reply_headers(msg, &w);
}

static int taken(int code)
{
	result.code = code;
	return IPSMGW_TAKEN;
}

static int absorb(const struct cpm_request *r)
{
	result.code = 200;
	counter_inc(ipsmgw_counters.cpm_absorbed);
	if(r->content.kind == CONTENT_IMDN)
		mt_imdn_received(&r->content);
	LM_DBG("%.*s absorbed\n", VIEW_FMT(r->content.media_type));
	return IPSMGW_TAKEN;
}

/* ---- validity ---- */

/* By Date, else by the CPIM DateTime; now if that is in the future. */
static int64_t sent_s(const struct cpm_request *r, int64_t now_s)
{
	struct sms_time sent = {.utc_s = r->date_s};

	if(sent.utc_s < 0
			&& (!r->content.has_cpim
					|| sms_time_from_rfc3339(
							r->content.cpim.datetime, &sent)))
		return now_s;
	return sent.utc_s < now_s ? sent.utc_s : now_s;
}

/* Seconds left by Expires; INT64_MAX without it. */
static int64_t seconds_left(const struct cpm_request *r, int64_t now_ms)
{
	int64_t now_s = now_ms / 1000;

	return r->expires_s < 0 ? INT64_MAX
							: sent_s(r, now_s) + r->expires_s - now_s;
}

/* ---- the record for the spool process ---- */

/* Equal for a client's retry: same parties, same imdn.Message-ID (else Call-ID
 * and CSeq), same text. */
static void retry_key(sip_msg_t *msg, const struct cpm_request *r,
		struct view text, uint8_t key[STORE_KEY_OCTETS])
{
	struct view call_id, cseq;
	struct view id = r->content.has_cpim ? r->content.cpim.message_id
										 : (struct view){NULL, 0};

	cpm_request_transaction(msg, &call_id, &cseq);
	if(id.len)
		call_id = cseq = (struct view){NULL, 0};
	digest((struct view[]){view_str(r->a), view_str(r->b), id, call_id, cseq,
				   text},
			6, key);
}

static struct post_message *record(sip_msg_t *msg, const struct cpm_request *r,
		struct view text, const struct segment_plan *plan,
		const struct authorisation *who, int64_t left_s)
{
	int64_t validity_s = left_s < ipsmgw_cfg.validity_default_s
			? left_s
			: ipsmgw_cfg.validity_default_s;
	char route[SMS_ROUTE_TEXT_MAX];
	struct store_message_new m = {
			.a = r->a,
			.b = r->b,
			.service = service_name(r->service),
			.conversation_id = r->conversation_id,
			.contribution_id = r->contribution_id,
			.in_reply_to = r->in_reply_to,
			.smsc = who->smsc,
			.oa = who->originator,
			.retry_window_ms = ipsmgw_cfg.retry_window_s * 1000LL,
			.expires_ms = ipsmgw_now_ms() + validity_s * 1000,
	};

	if(r->content.has_cpim)
		sms_record_cpim(&m, &r->content.cpim, route);
	retry_key(msg, r, text, m.retry_key);
	return sms_record_new(&m, plan, left_s);
}

/* ---- answer=submitted ---- */

/* @return 1 when the transaction is held, 0 for a retransmission, -1 */
static int hold(sip_msg_t *msg, struct post_message *p)
{
	int rc;

	if(!ipsmgw_cfg.answer_submitted || p->m.expires_ms <= ipsmgw_now_ms())
		return 1;
	rc = tmb.t_newtran(msg);
	if(rc <= 0)
		return rc < 0 ? -1 : 0;
	if(tmb.t_suspend(msg, &p->tm_index, &p->tm_label) != 0)
		return -1;
	p->held = true;
	return 1;
}

static void unhold(const struct post_message *p)
{
	if(p->held)
		tmb.t_cancel_suspend(p->tm_index, p->tm_label);
}

/* ---- the function ---- */

/* answer=direct. @return false if it is to be waited for after all */
static bool hand_over(sip_msg_t *msg, struct post_message *p)
{
	if(p->held || !ipsmgw_cfg.answer_direct)
		return false;
	p->answer = sip_answer_new(msg, 202);
	if(!p->answer)
		return false;
	p->sent_ms = ipsmgw_mono_ms();
	mailbox_send(&p->post);
	return true;
}

static int call_spool(sip_msg_t *msg, struct post_message *p)
{
	struct post_message done = *p;
	struct cpm_answer answer;
	int rc = mailbox_call(&p->post, ipsmgw_cfg.store_timeout_ms, &done.post,
			sizeof(done));

	underway_end(done.underway);
	result.message_id = done.added.message_id;
	if(rc)
		unhold(&done);
	answer = cpm_answer(&done, rc);
	if(answer.why)
		return unavailable(msg, answer.why);
	return taken(rc == 0 && done.held ? 0 : answer.code);
}

static int submit(sip_msg_t *msg, struct post_message *p)
{
	int rc;

	if(mailbox_silent_ms() > ipsmgw_cfg.store_timeout_ms) {
		shm_free(p);
		return unavailable(msg, "the spool process does not answer");
	}
	rc = hold(msg, p);
	if(rc <= 0) {
		shm_free(p);
		return rc == 0 ? IPSMGW_TAKEN : unavailable(msg, "no transaction");
	}
	p->underway = p->held ? 0 : underway_key(msg);
	if(!underway_begin(p->underway)) {
		shm_free(p);
		return taken(0);
	}
	return hand_over(msg, p) ? taken(0) : call_spool(msg, p);
}

static void show_request(const struct cpm_request *r, struct view text,
		const struct segment_plan *plan, const str *smsc)
{
	result.text[RESULT_FROM] = str_of_text(r->a);
	result.text[RESULT_TO] = str_of_text(r->b);
	result.text[RESULT_CONVERSATION] = str_of(r->conversation_id);
	result.text[RESULT_CONTRIBUTION] = str_of(r->contribution_id);
	result.text[RESULT_IN_REPLY_TO] = str_of(r->in_reply_to);
	result.text[RESULT_TEXT] = str_of(text);
	result.text[RESULT_ALPHABET]
			= str_of_text(sms_alphabet_name(plan->alphabet));
	result.text[RESULT_SERVICE] = str_of_text(service_name(r->service));
	result.text[RESULT_KIND] = str_of_text("message");
	if(r->content.has_cpim)
		result.text[RESULT_IMDN] = str_of(r->content.cpim.message_id);
	if(smsc)
		result.text[RESULT_ROUTE] = *smsc;
	result.segments = plan->total;
}

/* Who may send, whom B sees, which SMSC: the script's word, else ours. */
static int decide(sip_msg_t *msg, const struct cpm_request *r, const str *smsc,
		struct authorisation *who)
{
	const char *hidden = r->anonymous ? ipsmgw_cfg.anonymous_originator : "";

	result.text[RESULT_ORIGINATOR]
			= str_of_text(r->anonymous ? hidden : r->a);
	if(authorise(msg, who))
		return refuse(msg, IPSMGW_ERR_REFUSED, result.code, NULL,
				"event_route[ipsmgw:authorise]");
	if(!*who->originator && *hidden)
		snprintf(who->originator, sizeof(who->originator), "%s", hidden);
	if(!*who->smsc && smsc)
		text_copy(who->smsc, sizeof(who->smsc), view_of(smsc));
	return 0;
}

static int take_text(sip_msg_t *msg, struct cpm_request *r, struct view text,
		const struct segment_plan *plan, str *smsc)
{
	struct authorisation who = {.a = r->a, .anonymous = r->anonymous};
	int64_t left_s = seconds_left(r, ipsmgw_now_ms());
	struct post_message *p;
	int rc;

	if(smsc && smsc->len >= (int)sizeof(who.smsc))
		return refuse(msg, IPSMGW_ERR_INTERNAL, 500, NULL,
				"name of the SMSC too long");
	rc = decide(msg, r, smsc, &who);
	if(rc)
		return rc;
	echo_ids(msg, r);
	if(plan->total == 0)
		return taken(202);
	p = record(msg, r, text, plan, &who, left_s);
	return p ? submit(msg, p) : unavailable(msg, "out of shared memory");
}

/* Spec 5.5: a MESSAGE to A that A's initial filter criteria lead back to us. */
static bool is_ours(sip_msg_t *msg)
{
	return parse_headers(msg, HDR_EOH_F, 0) == 0
		   && view_eq(sip_header(msg, IPSMGW_LOOP_HEADER, NULL),
				   view_str(ipsmgw_cfg.node));
}

int cpm_to_sms(sip_msg_t *msg, str *smsc)
{
	static uint8_t text_octets[SMS_TEXT_MAX];
	static struct cpm_request r; /* $ipsmgw() shows parts of it afterwards */
	struct wbuf room = wbuf_of(text_octets, sizeof(text_octets));
	struct view text;
	const struct cpm_refusal *refusal;
	struct segment_plan plan;
	int rc;

	if(result.authorising) {
		LM_ERR("cpm_to_sms() is not for event_route[ipsmgw:authorise]\n");
		return IPSMGW_ERR_REFUSED;
	}
	result_clear();
	if(is_ours(msg)) {
		result.code = 482;
		return IPSMGW_ERR_LOOP;
	}
	if(underway(underway_key(msg)))
		return taken(0);
	if(overload(msg))
		return shed(msg);
	refusal = cpm_request_read(msg, &r);
	reply_unsupported(msg, r.unsupported);
	if(refusal)
		return refuse(
				msg, refusal->rc, refusal->code, refusal->header, refusal->why);
	if(!sms_text_kind(r.content.kind))
		return absorb(&r);
	rc = sms_text(&r.content, &room);
	if(rc == -ENOTSUP)
		return refuse(msg, IPSMGW_ERR_CONTENT, 415,
				"Accept: text/plain, message/cpim\r\n",
				"charset or transfer encoding");
	if(rc == -ENOMEM)
		return unavailable(msg, "out of memory");
	if(rc && rc != -ENOSPC)
		return refuse(msg, IPSMGW_ERR_CONTENT, 400, NULL,
				"the content is not what it claims to be");
	text = wbuf_written(&room);
	if(rc == 0)
		rc = sms_record_plan(&plan, &text);
	if(rc == -ENOSPC || rc == -E2BIG)
		return refuse(msg, IPSMGW_ERR_CONTENT, 413, NULL,
				"more parts than max_segments");
	if(rc)
		return refuse(
				msg, IPSMGW_ERR_CONTENT, 400, NULL, "the text is not UTF-8");
	show_request(&r, text, &plan, smsc);
	return take_text(msg, &r, text, &plan, smsc);
}
