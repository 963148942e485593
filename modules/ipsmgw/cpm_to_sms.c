/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */

/*
 * CPM -> SMS (TS 29.311 6.1.6, spec section 3): read the request, cut the text
 * into segments, make their TPDUs, have the spool process commit them, and only
 * then say what to answer.
 */

#include "core/data_lump_rpl.h"
#include "core/dprint.h"
#include "core/mem/shm_mem.h"

#include "../../lib/cpm/cpm_id.h"
#include "../../lib/sms/segment.h"
#include "../../lib/sms/timestamp.h"
#include "../../lib/sms/tpdu.h"
#include "../../lib/sms/transliterate.h"
#include "cpm_to_sms.h"
#include "digest.h"
#include "ipsmgw.h"
#include "link_server.h"
#include "mailbox.h"
#include "result.h"
#include "rp_sip.h"
#include "sip_cpm.h"
#include "sms_text.h"
#include "tm_api.h"

enum {
	TEXT_MAX = 65536,
	REFERENCES = 1 << 16,
	ROUTE_TEXT_MAX = 1024,
	DATETIME_MAX = 64
};

/* Next reference for a hash of (A, B) and next TP-MR for a hash of A: random
 * start, one up each time. */
static uint16_t *references;

int cpm_to_sms_init(void)
{
	references = shm_malloc(REFERENCES * sizeof(*references));
	if(!references) {
		SHM_MEM_ERROR;
		return -1;
	}
	for(size_t at = 0; at < REFERENCES * sizeof(*references); at += 256) {
		if(random_octets((char *)references + at, 256))
			return -1;
	}
	return 0;
}

static uint16_t next_reference(const char *x, const char *y)
{
	uint8_t key[DIGEST_OCTETS];

	digest((struct view[]){view_str(x), view_str(y)}, 2, key);
	return __atomic_fetch_add(
			&references[key[0] << 8 | key[1]], 1, __ATOMIC_RELAXED);
}

/* ---- answers ---- */

static void reply_header(sip_msg_t *msg, const char *name, struct view value)
{
	char line[512];
	int n = snprintf(line, sizeof(line), "%s: %.*s\r\n", name, VIEW_FMT(value));

	if(value.len && n < (int)sizeof(line))
		add_lump_rpl(msg, line, n, LUMP_RPL_HDR);
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
	return refuse(msg, IPSMGW_ERR_INTERNAL, 503, "Retry-After: 10\r\n", why);
}

/* Before the transaction is held: what is added later does not reach its
 * answer. */
static void echo_ids(sip_msg_t *msg, const struct cpm_request *r)
{
	reply_header(msg, "Conversation-ID", r->conversation_id);
	reply_header(msg, "Contribution-ID", r->contribution_id);
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
	LM_DBG("%.*s absorbed\n", VIEW_FMT(r->content.media_type));
	return IPSMGW_TAKEN;
}

/* ---- validity ---- */

/* Seconds left by Expires, counted from the CPIM DateTime if that is not in the
 * future; INT64_MAX without Expires. */
static int64_t seconds_left(const struct cpm_request *r, int64_t now_ms)
{
	int64_t now_s = now_ms / 1000;
	struct sms_time sent;

	if(r->expires_s < 0)
		return INT64_MAX;
	if(!r->content.has_cpim
			|| sms_time_from_rfc3339(r->content.cpim.datetime, &sent)
			|| sent.utc_s > now_s)
		sent.utc_s = now_s;
	return sent.utc_s + r->expires_s - now_s;
}

/* ---- the record for the spool process ---- */

/* One block of shared memory: the post, its segments, then whatever is copied.
 */
struct builder {
	struct post_message *post;
	struct store_segment_new *segments;
	struct wbuf room;
};

static int builder_begin(struct builder *b, unsigned n_segments)
{
	size_t segments = n_segments * sizeof(struct store_segment_new);
	size_t room = n_segments * TPDU_MAX + 9 * 256 + ROUTE_TEXT_MAX;

	b->post = shm_malloc(sizeof(*b->post) + segments + room);
	if(!b->post) {
		SHM_MEM_ERROR;
		return -ENOMEM;
	}
	memset(b->post, 0, sizeof(*b->post));
	b->segments = (struct store_segment_new *)(b->post + 1);
	b->room = wbuf_of((char *)b->segments + segments, room);
	b->post->m.n_segments = n_segments;
	b->post->m.segments = b->segments;
	return 0;
}

/* The copy is NUL terminated behind its length, so it serves as C text too. */
static struct view builder_copy(struct builder *b, struct view v)
{
	return (struct view){(const uint8_t *)post_text(&b->room, v), v.len};
}

static const char *builder_text(struct builder *b, struct view v)
{
	return (const char *)builder_copy(b, v).p;
}

static struct view join_route(const struct cpim *c, char text[ROUTE_TEXT_MAX])
{
	struct wbuf w = wbuf_of(text, ROUTE_TEXT_MAX);

	for(unsigned i = 0; i < c->n_imdn_record_route; i++) {
		if(i)
			wbuf_u8(&w, '\n');
		wbuf_view(&w, c->imdn_record_route[i]);
	}
	return w.err ? (struct view){NULL, 0} : wbuf_written(&w);
}

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

static void fill_message(
		struct builder *b, const struct cpm_request *r, struct view smsc)
{
	struct store_message_new *m = &b->post->m;
	struct sms_time sent;
	char route[ROUTE_TEXT_MAX];

	m->a = builder_text(b, view_str(r->a));
	m->b = builder_text(b, view_str(r->b));
	m->service = service_name(r->service);
	m->conversation_id = builder_copy(b, r->conversation_id);
	m->contribution_id = builder_copy(b, r->contribution_id);
	m->in_reply_to = builder_copy(b, r->in_reply_to);
	m->smsc = builder_text(b, smsc);
	m->retry_window_ms = ipsmgw_cfg.retry_window_s * 1000LL;
	if(!r->content.has_cpim)
		return;
	if(cpm_id_valid(r->content.cpim.message_id))
		m->imdn_id = builder_copy(b, r->content.cpim.message_id);
	m->imdn_request = r->content.cpim.imdn_request;
	if(r->content.cpim.datetime.len <= DATETIME_MAX
			&& sms_time_from_rfc3339(r->content.cpim.datetime, &sent) == 0)
		m->datetime = builder_copy(b, r->content.cpim.datetime);
	m->imdn_route = builder_copy(b, join_route(&r->content.cpim, route));
}

static int fill_segments(
		struct builder *b, const struct segment_plan *plan, int64_t left_s)
{
	const struct store_message_new *m = &b->post->m;
	uint16_t ref = next_reference(m->a, m->b);
	struct segment_iter it = {0};
	struct segment seg;
	struct tpdu_submit s = {
			.tp_srr = m->imdn_request
					& (IMDN_POSITIVE_DELIVERY | IMDN_NEGATIVE_DELIVERY),
			.tp_vpf = left_s == INT64_MAX ? TP_VPF_NONE : TP_VPF_RELATIVE,
			.tp_vp = {vp_relative_from_seconds(left_s)},
	};

	if(sms_address_parse(&s.tp_da, view_str(m->b)))
		return -EINVAL;
	for(unsigned i = 0; segment_next(plan, &it, ref, &seg); i++) {
		size_t mark = b->room.len;

		s.tp_mr = (uint8_t)next_reference(m->a, "TP-MR");
		s.u = (struct tp_user_data){
				.tp_dcs = seg.tp_dcs,
				.tp_udhi = seg.tp_udhi,
				.tp_udl = seg.tp_udl,
				.tp_ud = {seg.tp_ud, seg.ud_octets},
		};
		if(tpdu_submit_encode(&b->room, &s))
			return -EINVAL;
		b->segments[i] = (struct store_segment_new){
				.tpdu = {b->room.p + mark, b->room.len - mark},
				.tp_mr = s.tp_mr,
		};
	}
	return b->room.err;
}

/* ---- answer=submitted ---- */

/* @return 1 when the transaction is held, 0 for a retransmission, -1 */
static int hold(sip_msg_t *msg, struct post_message *p)
{
	int rc;

	if(!ipsmgw_cfg.answer_submitted)
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

/* What a client's retry is told: what became of the first. */
static int answer_of_repeat(const struct post_message *p)
{
	counter_inc(ipsmgw_counters.cpm_repeated);
	return p->added.state >= MESSAGE_FAILED ? 480 : 202;
}

static int submit(sip_msg_t *msg, struct post_message *p)
{
	struct post_message answer;
	int rc = hold(msg, p);

	if(rc <= 0) {
		shm_free(p);
		return rc == 0 ? IPSMGW_TAKEN : unavailable(msg, "no transaction");
	}
	answer = *p;
	rc = mailbox_call(&p->post, ipsmgw_cfg.store_timeout_ms, &answer.post,
			sizeof(answer));
	result.message_id = answer.added.message_id;
	if(rc == 0) {
		counter_inc(ipsmgw_counters.cpm_received);
		return taken(answer.held ? 0 : 202);
	}
	unhold(&answer);
	if(rc == -EEXIST)
		return taken(answer_of_repeat(&answer));
	return unavailable(msg,
			rc == -ETIMEDOUT ? "the spool process does not answer in "
							   "store_timeout_ms"
							 : "the database failed");
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
	if(r->content.has_cpim)
		result.text[RESULT_IMDN] = str_of(r->content.cpim.message_id);
	if(smsc)
		result.text[RESULT_ROUTE] = *smsc;
	result.segments = plan->total;
}

static int take_text(sip_msg_t *msg, struct cpm_request *r, struct view text,
		const struct segment_plan *plan, str *smsc)
{
	int64_t now_ms = ipsmgw_now_ms(), left_s = seconds_left(r, now_ms);
	struct view route = smsc ? view_of(smsc) : (struct view){NULL, 0};
	struct builder b;

	echo_ids(msg, r);
	if(plan->total == 0 || left_s <= 0)
		return taken(202);
	if(route.len >= LINK_NAME_MAX)
		return refuse(msg, IPSMGW_ERR_INTERNAL, 500, NULL,
				"name of the SMSC too long");
	if(builder_begin(&b, plan->total))
		return unavailable(msg, "out of shared memory");
	fill_message(&b, r, route);
	retry_key(msg, r, text, b.post->m.retry_key);
	if(left_s > ipsmgw_cfg.validity_default_s)
		b.post->m.expires_ms = now_ms + ipsmgw_cfg.validity_default_s * 1000LL;
	else
		b.post->m.expires_ms = now_ms + left_s * 1000;
	b.post->post.type = POST_MESSAGE;
	if(fill_segments(&b, plan, left_s)) {
		shm_free(b.post);
		return refuse(msg, IPSMGW_ERR_INTERNAL, 500, NULL,
				"the segments cannot be encoded");
	}
	return submit(msg, b.post);
}

/*
 * One alphabet for the whole text. With transliterate=1 a text that only its
 * typography keeps out of GSM 7 bit is sent without it.
 */
static int plan_text(struct segment_plan *plan, struct wbuf *text)
{
	static uint8_t plain_octets[TEXT_MAX];
	struct wbuf plain = wbuf_of(plain_octets, sizeof(plain_octets));
	struct segment_plan other;
	int rc = segment_plan_national(plan, wbuf_written(text),
			(unsigned)ipsmgw_cfg.ref_bits, ipsmgw_cfg.national_mask);

	if(!ipsmgw_cfg.transliterate || (rc && rc != -E2BIG)
			|| plan->alphabet != SMS_ALPHABET_UCS2
			|| transliterate(wbuf_written(text), &plain)
			|| segment_plan_national(&other, wbuf_written(&plain),
					(unsigned)ipsmgw_cfg.ref_bits, ipsmgw_cfg.national_mask)
			|| other.alphabet != SMS_ALPHABET_GSM7)
		return rc;
	*plan = other;
	*text = plain;
	return 0;
}

int cpm_to_sms(sip_msg_t *msg, str *smsc)
{
	static uint8_t text_octets[TEXT_MAX];
	static struct cpm_request r; /* $ipsmgw() shows parts of it afterwards */
	struct wbuf text = wbuf_of(text_octets, sizeof(text_octets));
	const struct cpm_refusal *refusal;
	struct segment_plan plan;
	int rc;

	result_clear();
	refusal = cpm_request_read(msg, &r);
	reply_header(msg, "Unsupported", r.unsupported);
	if(refusal)
		return refuse(
				msg, refusal->rc, refusal->code, refusal->header, refusal->why);
	if(!sms_text_kind(r.content.kind))
		return absorb(&r);
	rc = sms_text(&r.content, &text);
	if(rc == -ENOTSUP)
		return refuse(msg, IPSMGW_ERR_CONTENT, 415,
				"Accept: text/plain, message/cpim\r\n",
				"charset or transfer encoding");
	if(rc == -ENOMEM)
		return unavailable(msg, "out of memory");
	if(rc && rc != -ENOSPC)
		return refuse(msg, IPSMGW_ERR_CONTENT, 400, NULL,
				"the content is not what it claims to be");
	if(rc == 0)
		rc = plan_text(&plan, &text);
	if(rc == -ENOSPC || rc == -E2BIG
			|| (rc == 0 && plan.total > (unsigned)ipsmgw_cfg.max_segments))
		return refuse(msg, IPSMGW_ERR_CONTENT, 413, NULL,
				"more parts than max_segments");
	if(rc)
		return refuse(
				msg, IPSMGW_ERR_CONTENT, 400, NULL, "the text is not UTF-8");
	show_request(&r, wbuf_written(&text), &plan, smsc);
	return take_text(msg, &r, wbuf_written(&text), &plan, smsc);
}
