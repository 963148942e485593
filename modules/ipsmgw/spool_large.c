/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */

/*
 * SMS -> large message of CPM or IM (TS 29.311 6.1.4.3.2, spec 5.6): INVITE,
 * one MSRP message in chunks, BYE. The session is in the table with those of
 * A's chats; nobody's SMS belongs to it, so it has no number.
 */

#include "core/dprint.h"

#include "../../lib/cpm/capabilities.h"
#include "../../lib/cpm/cpim.h"
#include "../../lib/cpm/cpm_id.h"
#include "../../lib/cpm/service.h"
#include "../../lib/sms/timestamp.h"
#include "chat_job.h"
#include "chat_media.h"
#include "chat_tag.h"
#include "cpm_body.h"
#include "digest.h"
#include "ipsmgw.h"
#include "msrp_io.h"
#include "sip_write.h"
#include "spool_chat_int.h"

enum {
	ANSWERED_MS = 600000, /* tm gives up long before: its word was lost */

	/* Of a MESSAGE without its body, on the low side: texts of a few parts
	 * stay pager messages (spec 5.6). */
	PAGER_HEADERS = 300,
	BODY_MAX = 160 * 1024,
	HEADERS_MAX = 4096,
	SDP_MAX = 2048
};

static uint8_t body_octets[BODY_MAX];

/* ---- which service ---- */

static enum cpm_service large_service(unsigned bits)
{
	if(bits & CPM_CAPABILITY_CPM_LARGE)
		return CPM_SERVICE_CPM_LARGE;
	return bits & CPM_CAPABILITY_IM_LARGE ? CPM_SERVICE_IM_LARGE
										  : CPM_SERVICE_NONE;
}

static enum cpm_service service_of(const struct chat_session *c)
{
	return strcmp(c->s.service, service_name(CPM_SERVICE_IM_LARGE))
			? CPM_SERVICE_CPM_LARGE
			: CPM_SERVICE_IM_LARGE;
}

/* ---- the session ---- */

struct texts {
	char call_id[STORE_UUID_LEN + 1], local_tag[CHAT_TAG_LEN + 1];
	char local_uri[CPM_URI_MAX], remote_uri[CPM_URI_MAX];
	char route[STORE_SCSCF_MAX + 8];
	char a[48], b[48], conversation_id[128], contribution_id[128];
	char in_reply_to[128];
};

static const char *terminated(char *text, struct view v)
{
	text[v.len < CPM_URI_MAX ? v.len : CPM_URI_MAX - 1] = '\0';
	return text;
}

static void route_of(struct texts *t, const char *scscf)
{
	struct view hop = ipsmgw_cfg.next_hop.len ? view_of(&ipsmgw_cfg.next_hop)
											  : view_str(scscf);

	t->route[0] = '\0';
	if(hop.len && hop.len < STORE_SCSCF_MAX)
		snprintf(t->route, sizeof(t->route), "<%.*s%s>", VIEW_FMT(hop),
				memmem(hop.p, hop.len, ";lr", 3) ? "" : ";lr");
}

static int fresh_dialog(struct texts *t)
{
	uint8_t random[16];

	if(random_octets(random, sizeof(random)))
		return -EIO;
	cpm_id_from_random(random, t->call_id);
	chat_tag_new(t->local_tag);
	return 0;
}

/* Copies: what the store gave lives only until its next call. */
static int fill(struct store_session *s, struct texts *t,
		const struct store_sms_message *m, enum cpm_service service,
		const char *scscf)
{
	char uri[CPM_URI_MAX];

	snprintf(t->a, sizeof(t->a), "%s", m->a);
	snprintf(t->b, sizeof(t->b), "%s", m->b);
	snprintf(t->conversation_id, sizeof(t->conversation_id), "%s",
			m->conversation_id);
	snprintf(t->contribution_id, sizeof(t->contribution_id), "%s",
			m->contribution_id);
	snprintf(t->in_reply_to, sizeof(t->in_reply_to), "%s", m->in_reply_to);
	route_of(t, scscf);
	*s = (struct store_session){
			.kind = CHAT_KIND_LARGE_IN,
			.state = CHAT_INVITING,
			.a = t->a,
			.b = t->b,
			.service = service_name(service),
			.conversation_id = t->conversation_id,
			.contribution_id = t->contribution_id,
			.call_id = t->call_id,
			.local_tag = t->local_tag,
			.local_uri = t->local_uri,
			.remote_uri = t->remote_uri,
			.remote_target = t->remote_uri,
			.route_set = t->route,
			.local_cseq = 1,
	};
	text_copy(t->local_uri, sizeof(t->local_uri),
			cpim_uri(cpm_originator(view_str(t->b), uri)));
	terminated(t->remote_uri, cpm_tel_uri(view_str(t->a), t->remote_uri));
	return fresh_dialog(t);
}

/* Outside of the batches: these are few. */
static int store_session(struct store_session *s)
{
	int rc = store_begin(spool_store);

	if(rc)
		return rc;
	rc = store_session_add(spool_store, s, ipsmgw_now_ms(), &s->id);
	if(rc == 0)
		return store_commit(spool_store);
	store_rollback(spool_store);
	return rc;
}

/* ---- the INVITE ---- */

static void invite_headers(
		struct wbuf *w, const struct chat_session *c, const char *in_reply_to)
{
	enum cpm_service service = service_of(c);
	char text[CPM_URI_MAX];

	chat_put_dialog(w, c);
	sip_write_header(
			w, "P-Asserted-Service", view_str(service_asserted(service)));
	snprintf(text, sizeof(text), "%s%.*s", service_accept_contact(service),
			STR_FMT(&ipsmgw_cfg.accept_contact_suffix));
	sip_write_header(w, "Accept-Contact", view_str(text));
	if(service == CPM_SERVICE_CPM_LARGE)
		sip_write_header(w, "InReplyTo-Contribution-ID", view_str(in_reply_to));
	snprintf(text, sizeof(text), "icid-value=\"%s-l%llx\"", ipsmgw_cfg.node,
			(unsigned long long)c->s.id);
	sip_write_header(w, "P-Charging-Vector", view_str(text));
	sip_write_date(w);
	sip_write_header(w, "Content-Type", VIEW("application/sdp"));
}

static int invite(const struct chat_session *c, const char *in_reply_to)
{
	uint8_t header_octets[HEADERS_MAX], sdp_octets[SDP_MAX];
	struct wbuf headers = wbuf_of(header_octets, sizeof(header_octets));
	struct wbuf sdp = wbuf_of(sdp_octets, sizeof(sdp_octets));
	struct chat_request r = {
			.session_id = c->s.id,
			.method = "INVITE",
			.call_id = c->s.call_id,
			.local_tag = c->s.local_tag,
			.remote_tag = "",
			.local_uri = c->s.local_uri,
			.remote_uri = c->s.remote_uri,
			.remote_target = c->s.remote_target,
			.route_set = c->s.route_set,
			.cseq = c->s.local_cseq,
	};

	invite_headers(&headers, c, in_reply_to);
	if(headers.err || chat_sdp_write(&sdp, c))
		return -ENOSPC;
	r.headers = wbuf_written(&headers);
	r.body = wbuf_written(&sdp);
	chat_job_request(&r);
	return 0;
}

/* ---- a message of B ---- */

static bool is_too_long(enum cpm_service service, struct view text, size_t cpim)
{
	size_t body = service == CPM_SERVICE_IM_LARGE ? text.len : cpim;

	return ipsmgw_cfg.pager_max > 0
			&& body + PAGER_HEADERS > (size_t)ipsmgw_cfg.pager_max;
}

static int write_body(struct wbuf *w, const struct texts *t,
		const struct store_sms_message *m, struct view text)
{
	const struct chat_session as
			= {.s = {.kind = CHAT_KIND_LARGE_IN, .a = t->a, .b = t->b}};
	struct sms_time sent
			= {.utc_s = m->scts_s, .zone_minutes = (int16_t)m->zone_minutes};
	char datetime[RFC3339_MAX] = "";

	sms_time_to_rfc3339(&sent, datetime);
	return chat_cpim(w, &as, m->imdn_id, datetime, text);
}

static bool begin(const struct mt *m, struct store_session *s,
		const char *in_reply_to, struct view body)
{
	struct chat_session *c = store_session(s) ? NULL : chat_add(s);
	bool taken;

	if(!c)
		return false;
	c->state_deadline_ms = ipsmgw_mono_ms() + ANSWERED_MS;
	taken = media_out_add(c, m->message_id, body);
	counter_inc(ipsmgw_counters.sessions_started);
	if(taken && invite(c, in_reply_to) == 0)
		return true;
	LM_ERR("message %lld cannot be sent as a large message\n",
			(long long)m->message_id);
	chat_do(c->s.id, CHAT_DO_LOST, 0); /* gives back what it has taken */
	return taken;
}

bool large_take_sms(const struct mt *m, const struct store_sms_message *s,
		struct view text, const struct store_registration *r)
{
	struct wbuf w = wbuf_of(body_octets, sizeof(body_octets));
	enum cpm_service service = large_service(r->bits);
	struct store_session session;
	struct texts t;

	if(service == CPM_SERVICE_NONE || !msrp_io_listen(false)
			|| fill(&session, &t, s, service, r->scscf)
			|| write_body(&w, &t, s, text)
			|| !is_too_long(service, text, w.len))
		return false;
	return begin(m, &session, t.in_reply_to, wbuf_written(&w));
}

/* ---- A's answer ---- */

void large_answered(struct chat_session *c, int code)
{
	struct chat_media *m = c->media;
	bool taken = code < 300 && c->sdp.port
			&& (c->sdp.max_size == 0 || !m || !m->out
					|| m->out->octets <= c->sdp.max_size);

	counter_inc(code < 300 ? ipsmgw_counters.sessions_accepted
						   : ipsmgw_counters.sessions_rejected);
	if(taken) {
		chat_media_open(c);
		return;
	}
	if(m)
		media_out_drop(c, m, code < 300 ? 488 : code);
	if(code < 300)
		chat_do(c->s.id, CHAT_DO_COMPLETE, 0);
}
