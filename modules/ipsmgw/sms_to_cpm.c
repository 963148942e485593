/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */

/*
 * SMS -> CPM (TS 29.311 6.1.4.3.1, spec 5.5): the MESSAGE that a CPM or IM
 * client gets for a short message.
 */

#include <stdlib.h>

#include "core/dprint.h"

#include "../../lib/cpm/cpim.h"
#include "../../lib/cpm/instance.h"
#include "../../lib/cpm/service.h"
#include "cpm_body.h"
#include "ipsmgw.h"
#include "mt_outcome.h"
#include "result.h"
#include "sip_hop.h"
#include "sip_write.h"
#include "sms_to_cpm.h"
#include "tm_api.h"

enum { BODY_MAX = 160 * 1024, HEADERS_MAX = 4096, NOBODY_SENT_IT = 480 };

/* ---- headers and body ---- */

/* What A registered or used last in this conversation (mt_job.c), else the
 * default. */
static enum cpm_service service_of(const struct job *j)
{
	struct view known = view_of(&j->text[JOB_SERVICE]);

	if(view_eq(known, view_str(service_name(CPM_SERVICE_IM_PAGER))))
		return CPM_SERVICE_IM_PAGER;
	if(known.len || strcmp(ipsmgw_cfg.default_service, "im"))
		return CPM_SERVICE_CPM_PAGER;
	return CPM_SERVICE_IM_PAGER;
}

static void route_header(struct wbuf *w, struct view next_hop)
{
	if(!next_hop.len)
		return;
	wbuf_str(w, "Route: <");
	wbuf_view(w, next_hop);
	if(!memmem(next_hop.p, next_hop.len, ";lr", 3))
		wbuf_str(w, ";lr");
	wbuf_str(w, ">\r\n");
}

static void cpm_headers(struct wbuf *w, const struct job *j)
{
	sip_write_header(w, "Conversation-ID", view_of(&j->text[JOB_CONVERSATION]));
	sip_write_header(w, "Contribution-ID", view_of(&j->text[JOB_CONTRIBUTION]));
	sip_write_header(
			w, "InReplyTo-Contribution-ID", view_of(&j->text[JOB_IN_REPLY_TO]));
}

/* A notification is for the device that sent the message (spec 6.6). */
static void instance_header(struct wbuf *w, struct view instance)
{
	char text[CPM_INSTANCE_MAX + 64];

	if(!instance.len || instance.len > CPM_INSTANCE_MAX)
		return;
	snprintf(text, sizeof(text), "*;+sip.instance=\"<%.*s>\";require;explicit",
			VIEW_FMT(instance));
	sip_write_header(w, "Accept-Contact", view_str(text));
}

/* Who waits must hear of a failure, too (RFC 5438 6.3: what is not asked for
 * is not told). */
static unsigned asks_imdn(void)
{
	if(ipsmgw_cfg.mt_wait_imdn)
		return IMDN_POSITIVE_DELIVERY | IMDN_NEGATIVE_DELIVERY;
	return ipsmgw_cfg.mt_request_imdn ? IMDN_POSITIVE_DELIVERY : 0;
}

static void message_headers(struct wbuf *w, const struct job *j,
		enum cpm_service service, struct view from, struct view next_hop)
{
	char text[CPM_URI_MAX];
	bool cpm = service == CPM_SERVICE_CPM_PAGER;

	route_header(w, next_hop);
	sip_write_header(w, "P-Asserted-Identity", from);
	sip_write_header(
			w, "P-Asserted-Service", view_str(service_asserted(service)));
	snprintf(text, sizeof(text), "%s%.*s", service_accept_contact(service),
			STR_FMT(&ipsmgw_cfg.accept_contact_suffix));
	sip_write_header(w, "Accept-Contact", view_str(text));
	instance_header(w, view_of(&j->text[JOB_INSTANCE]));
	if(cpm)
		cpm_headers(w, j);
	snprintf(text, sizeof(text), "icid-value=\"%s-%s%llx\"", ipsmgw_cfg.node,
			j->is_notification ? "n" : "", llabs(j->message_id));
	sip_write_header(w, "P-Charging-Vector", view_str(text));
	sip_write_header(w, IPSMGW_LOOP_HEADER, view_str(ipsmgw_cfg.node));
	sip_write_date(w);
	sip_write_header(w, "Content-Type",
			cpm || j->is_notification || asks_imdn()
					? VIEW("message/cpim")
					: VIEW("text/plain;charset=UTF-8"));
}

static int notification_body(
		struct wbuf *w, const struct job *j, struct view from, struct view to)
{
	struct cpm_notification n = {
			.from = from,
			.to = to,
			.imdn_id = view_of(&j->text[JOB_IMDN_ID]),
			.datetime = view_of(&j->text[JOB_DATETIME]),
			.about_id = view_of(&j->text[JOB_ABOUT_ID]),
			.about_datetime = view_of(&j->text[JOB_ABOUT_DATETIME]),
			.imdn_route = view_of(&j->text[JOB_IMDN_ROUTE]),
			.original_to = view_of(&j->text[JOB_ORIGINAL_TO]),
			.kind = j->imdn_kind,
			.status = j->imdn_status,
	};

	return cpm_notification_encode(w, &n);
}

static int message_body(struct wbuf *w, const struct job *j,
		enum cpm_service service, struct view from, struct view to)
{
	struct cpim c = {
			.from = from,
			.to = to,
			.datetime = view_of(&j->text[JOB_DATETIME]),
			.message_id = view_of(&j->text[JOB_IMDN_ID]),
			.content_type = VIEW("text/plain;charset=UTF-8"),
			.payload = view_of(&j->text[JOB_TEXT]),
			.imdn_request = asks_imdn(),
	};

	if(j->is_notification)
		return notification_body(w, j, from, to);
	if(service == CPM_SERVICE_CPM_PAGER || c.imdn_request)
		return cpim_encode(w, &c);
	wbuf_view(w, c.payload);
	return w->err;
}

/* ---- the function ---- */

static int send_message(struct job *j, struct view uri, struct view next_hop)
{
	static char body_octets[BODY_MAX], header_octets[HEADERS_MAX];
	char from_text[CPM_URI_MAX], to_text[CPM_URI_MAX], a_text[CPM_URI_MAX];
	struct wbuf body = wbuf_of(body_octets, sizeof(body_octets));
	struct wbuf headers = wbuf_of(header_octets, sizeof(header_octets));
	enum cpm_service service = service_of(j);
	struct view tel = cpm_tel_uri(view_of(&j->text[JOB_A]), a_text);
	struct view from = cpm_originator(view_of(&j->text[JOB_B]), from_text);
	struct view to = cpm_bracketed(tel, to_text);
	static str method = str_init("MESSAGE");
	str h, b, f = str_of(from), t = str_of(to),
			  ruri = str_of(uri.len ? uri : tel);
	char hop_text[SIP_HOP_MAX];
	str hop;
	uac_req_t req;

	message_headers(&headers, j, service, from, next_hop);
	if(headers.err || message_body(&body, j, service, from, to)) {
		LM_ERR("message %lld does not fit a MESSAGE\n",
				(long long)j->message_id);
		return IPSMGW_ERR_INTERNAL;
	}
	h = str_of(wbuf_written(&headers));
	b = str_of(wbuf_written(&body));
	hop = str_of(sip_hop(next_hop, headers.len + body.len, hop_text));
	set_uac_req(&req, &method, &h, &b, NULL, TMCB_LOCAL_COMPLETED,
			mt_outcome_of_tm, mt_outcome_token(j));
	j->handed_over = true;
	if(tmb.t_request(&req, &ruri, &t, &f, hop.len ? &hop : NULL) <= 0) {
		j->handed_over = false;
		LM_ERR("tm did not take message %lld for %.*s\n",
				(long long)j->message_id, STR_FMT(&ruri));
		return IPSMGW_ERR_INTERNAL;
	}
	return IPSMGW_TAKEN;
}

static struct view hop_of(const struct job *j, const str *next_hop)
{
	if(next_hop && next_hop->len)
		return view_of(next_hop);
	if(ipsmgw_cfg.next_hop.len)
		return view_of(&ipsmgw_cfg.next_hop);
	return view_of(&j->text[JOB_SCSCF]);
}

int sms_to_cpm(sip_msg_t *msg, str *uri, str *next_hop)
{
	struct job *j = job_current();
	struct view none = {NULL, 0}, u = uri ? view_of(uri) : none;
	int rc;

	(void)msg;
	if(!j || j->type != JOB_SMS_RECEIVED || j->handed_over) {
		LM_ERR("sms_to_cpm() is for event_route[ipsmgw:sms-received], once\n");
		return IPSMGW_ERR_REFUSED;
	}
	if(!u.len)
		u = cpm_notification_hop(view_of(&j->text[JOB_IMDN_ROUTE]));
	rc = send_message(j, u, hop_of(j, next_hop));
	if(rc < 0)
		result.code = 500;
	return rc;
}

void sms_to_cpm_begin(struct job *j)
{
	bool received = j->type == JOB_SMS_RECEIVED;

	result_clear();
	result.code = received ? NOBODY_SENT_IT : j->code;
	result.message_id = j->message_id;
	result.segments = j->segments;
	result.cause = j->cause;
	result.text[RESULT_FROM] = j->text[received ? JOB_B : JOB_A];
	result.text[RESULT_TO] = j->text[received ? JOB_A : JOB_B];
	result.text[RESULT_CONVERSATION] = j->text[JOB_CONVERSATION];
	result.text[RESULT_CONTRIBUTION] = j->text[JOB_CONTRIBUTION];
	result.text[RESULT_IN_REPLY_TO] = j->text[JOB_IN_REPLY_TO];
	result.text[RESULT_IMDN] = j->text[JOB_IMDN_ID];
	result.text[RESULT_TEXT] = j->text[JOB_TEXT];
	result.text[RESULT_SERVICE] = j->text[JOB_SERVICE];
	result.text[RESULT_ROUTE] = j->text[JOB_SMSC];
	result.text[RESULT_SCSCF] = j->text[JOB_SCSCF];
	result.registered = j->registered;
	result.text[RESULT_KIND]
			= str_of_text(j->is_notification ? "imdn" : "message");
}

void sms_to_cpm_end(struct job *j)
{
	if(j->type == JOB_SMS_RECEIVED && !j->handed_over)
		mt_outcome_of_script(j, result.code);
	result_clear();
}
