/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */

/*
 * What a chat session says to A in SIP (spec 7.5, 7.6, 7.9): answers and
 * requests are put together here and sent by async workers.
 */

#include "core/dprint.h"
#include "core/socket_info.h"

#include "../../lib/cpm/service.h"
#include "chat_job.h"
#include "cpm_body.h"
#include "ipsmgw.h"
#include "sip_write.h"
#include "spool_chat_int.h"

enum { HEADERS_MAX = 4096, SDP_MAX = 4096, USER_LEN = 12 };

static uint8_t header_octets[HEADERS_MAX], sdp_octets[SDP_MAX];

static void put_number(struct wbuf *w, const char *before, unsigned n)
{
	char text[16];

	snprintf(text, sizeof(text), "%u", n);
	wbuf_str(w, before);
	wbuf_str(w, text);
}

/* ---- Contact ---- */

/* Host, port and parameters of our URI; *scheme is "sip:" or "sips:". */
static const char *own_host(const char **scheme)
{
	static char text[160];
	const char *uri = ipsmgw_cfg.own_uri;
	const struct socket_info *si;

	*scheme = "sip:";
	if(*uri) {
		const char *colon = strchr(uri, ':');
		const char *at = strchr(uri, '@');

		if(uri[3] == 's' || uri[3] == 'S')
			*scheme = "sips:";
		return at ? at + 1 : colon + 1;
	}
	si = get_first_socket();
	if(!*text && si)
		snprintf(text, sizeof(text), "%s%.*s%s:%u%s",
				si->address.af == AF_INET6 ? "[" : "",
				STR_FMT(&si->address_str),
				si->address.af == AF_INET6 ? "]" : "", si->port_no,
				si->proto == PROTO_TCP           ? ";transport=tcp"
						: si->proto == PROTO_TLS ? ";transport=tls"
												 : "");
	return text;
}

static const char *tag_of_service(const char *service)
{
	for(int s = CPM_SERVICE_NONE; s <= CPM_SERVICE_OTHER; s++) {
		if(!strcmp(service_name(s), service)) {
			const char *tag = service_accept_contact(s);

			return *tag == '*' ? tag + 1 : tag;
		}
	}
	return "";
}

static void put_contact(struct wbuf *w, const struct chat_session *c)
{
	const char *scheme, *host = own_host(&scheme);

	wbuf_str(w, "Contact: <");
	wbuf_str(w, scheme);
	wbuf_str(w, "chat-");
	wbuf_view(w, (struct view){(const uint8_t *)c->msrp_id, USER_LEN});
	wbuf_str(w, "@");
	wbuf_str(w, host);
	wbuf_str(w, ">");
	wbuf_str(w, tag_of_service(c->s.service));
	if(c->s.kind <= CHAT_KIND_GROUP)
		wbuf_str(w, ";+g.gsma.rcs.msgfallback");
	wbuf_str(w, "\r\n");
}

/* ---- other headers ---- */

static void put_identity(struct wbuf *w, const struct chat_session *c)
{
	char text[CPM_URI_MAX];

	sip_write_header(
			w, "P-Asserted-Identity", cpm_originator(view_str(c->s.b), text));
	sip_write_header(w, "Conversation-ID", view_str(c->s.conversation_id));
	sip_write_header(w, "Contribution-ID", view_str(c->s.contribution_id));
	wbuf_str(w,
			"Allow: INVITE, ACK, CANCEL, BYE, PRACK, UPDATE, OPTIONS, "
			"MESSAGE, NOTIFY\r\n");
}

static void put_timer(struct wbuf *w, unsigned expires_s, bool refresher)
{
	if(!expires_s)
		return;
	put_number(w, "Session-Expires: ", expires_s);
	wbuf_str(w, refresher ? ";refresher=uas\r\n" : ";refresher=uac\r\n");
	wbuf_str(w, "Require: timer\r\n");
}

void chat_put_dialog(struct wbuf *w, const struct chat_session *c)
{
	put_contact(w, c);
	put_identity(w, c);
}

static struct wbuf headers(void)
{
	return wbuf_of(header_octets, sizeof(header_octets));
}

static struct view sdp_of(const struct chat_session *c)
{
	struct wbuf w = wbuf_of(sdp_octets, sizeof(sdp_octets));

	return chat_sdp_write(&w, c) ? (struct view){NULL, 0} : wbuf_written(&w);
}

/* ---- answers ---- */

void chat_tx_ringing(struct chat_session *c)
{
	struct wbuf w = headers();

	put_contact(&w, c);
	put_identity(&w, c);
	if(c->rseq && !c->pracked) {
		wbuf_str(&w, "Require: 100rel\r\n");
		put_number(&w, "RSeq: ", c->rseq);
		wbuf_str(&w, "\r\n");
	}
	chat_job_reply(&c->transaction, 180, "Ringing", c->s.local_tag,
			wbuf_written(&w), (struct view){NULL, 0});
}

void chat_tx_accept(struct chat_session *c)
{
	struct wbuf w = headers();

	put_contact(&w, c);
	put_identity(&w, c);
	put_timer(&w, c->session_expires_s, c->refresher);
	wbuf_str(&w, "Supported: timer\r\nContent-Type: application/sdp\r\n");
	chat_job_reply(&c->transaction, 200, "OK", c->s.local_tag, wbuf_written(&w),
			sdp_of(c));
}

static const char *reason_of(int code)
{
	static const struct {
		int code;
		const char *reason;
	} own[] = {{422, "Session Interval Too Small"},
			{481, "Call/Transaction Does Not Exist"}, {482, "Loop Detected"},
			{486, "Busy Here"}, {487, "Request Terminated"},
			{491, "Request Pending"}, {603, "Decline"}};

	for(size_t i = 0; i < sizeof(own) / sizeof(own[0]); i++) {
		if(own[i].code == code)
			return own[i].reason;
	}
	return sip_reason(code);
}

void chat_tx_answer(
		const struct chat_transaction *t, int code, const char *local_tag)
{
	struct wbuf w = headers();

	if(code == 503)
		wbuf_str(&w, "Retry-After: 30\r\n");
	if(code == 422)
		put_number(&w, "Min-SE: ", CHAT_MIN_SE_S);
	if(code == 422)
		wbuf_str(&w, "\r\n");
	chat_job_reply(t, code, reason_of(code), local_tag, wbuf_written(&w),
			(struct view){NULL, 0});
}

void chat_tx_refresh(
		const struct chat_session *c, const struct post_sip *p, int code)
{
	struct view sdp = {NULL, 0};
	struct wbuf w = headers();

	if(code != 200) {
		chat_tx_answer(&p->transaction, code, "");
		return;
	}
	put_contact(&w, c);
	put_timer(&w, c->session_expires_s, c->refresher);
	if(p->sdp.len || strcmp(p->method, "UPDATE"))
		sdp = sdp_of(c);
	if(sdp.len)
		wbuf_str(&w, "Content-Type: application/sdp\r\n");
	chat_job_reply(&p->transaction, 200, "OK", "", wbuf_written(&w), sdp);
}

/* ---- requests ---- */

static void tx_request(
		const struct chat_session *c, const char *method, struct view more)
{
	const struct chat_request r = {
			.session_id = c->s.id,
			.method = method,
			.call_id = c->s.call_id,
			.local_tag = c->s.local_tag,
			.remote_tag = c->s.remote_tag,
			.local_uri = c->s.local_uri,
			.remote_uri = c->s.remote_uri,
			.remote_target = c->s.remote_target,
			.route_set = c->s.route_set,
			.cseq = c->s.local_cseq,
			.headers = more,
	};

	chat_job_request(&r);
}

void chat_tx_bye(const struct chat_session *c, int cause)
{
	struct wbuf w = headers();

	if(cause) {
		put_number(&w, "Reason: SIP;cause=", (unsigned)cause);
		wbuf_str(&w,
				cause == 200 ? ";text=\"Call completed\"\r\n"
							 : ";text=\"Temporarily Unavailable\"\r\n");
	}
	tx_request(c, "BYE", wbuf_written(&w));
}

void chat_tx_update(const struct chat_session *c)
{
	struct wbuf w = headers();

	put_contact(&w, c);
	wbuf_str(&w, "Supported: timer\r\n");
	put_number(&w, "Session-Expires: ", c->session_expires_s);
	wbuf_str(&w, ";refresher=uac\r\n");
	tx_request(c, "UPDATE", wbuf_written(&w));
}
