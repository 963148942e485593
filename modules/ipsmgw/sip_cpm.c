/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */

/*
 * Reading a CPM or IM MESSAGE out of a sip_msg: who (P-Asserted-Identity, never
 * From), to whom (Request-URI, never To), which service, which content. Headers
 * are found by name, long or compact.
 */

#include <zlib.h>

#include "core/dprint.h"
#include "core/parser/parse_content.h"
#include "core/parser/parse_cseq.h"
#include "core/parser/parse_date.h"
#include "core/parser/parse_expires.h"
#include "core/parser/parse_ppi_pai.h"
#include "core/parser/parse_to.h"

#include "../../lib/cpm/cpm_id.h"
#include "ipsmgw.h"
#include "sip_cpm.h"
#include "sms_text.h"
#include "store_reader.h"

enum { INFLATED_MAX = 65536, SERVICE_HEADERS_MAX = 16 };

/* clang-format off */
enum refusal { BAD_MESSAGE, NO_IDENTITY, NO_DATABASE, ANONYMOUS, ANONYMOUS_433, CANNOT_HIDE, NOT_A_NUMBER, BAD_NUMBER,
	NOT_OURS, LIST, NO_SERVICE, BAD_CONTENT,
	BAD_TYPE, BAD_ENCODING, BAD_EXTENSION };

static const struct cpm_refusal refusals[] = {
	[BAD_MESSAGE] = {IPSMGW_ERR_CONTENT, 400, NULL, "the request cannot be parsed"},
	[NO_IDENTITY] = {IPSMGW_ERR_ADDRESS, 403, NULL, "no telephone number in P-Asserted-Identity"},
	[NO_DATABASE] = {IPSMGW_ERR_INTERNAL, 503, "Retry-After: 10\r\n", "the database cannot be read"},
	[ANONYMOUS] = {IPSMGW_ERR_REFUSED, 403, NULL, "privacy is asked for and anonymity=forbid"},
	[ANONYMOUS_433] = {IPSMGW_ERR_REFUSED, 433, NULL, "privacy is asked for and anonymity=forbid"},
	[CANNOT_HIDE] = {IPSMGW_ERR_REFUSED, 403, NULL, "privacy is critical and anonymity=ignore"},
	[NOT_A_NUMBER] = {IPSMGW_ERR_ADDRESS, 404, NULL, "the Request-URI is no telephone number"},
	[BAD_NUMBER] = {IPSMGW_ERR_ADDRESS, 484, NULL, "the number in the Request-URI is malformed"},
	[NOT_OURS] = {IPSMGW_ERR_CONTENT, 488, NULL, "a service that is not interworked"},
	[LIST] = {IPSMGW_ERR_CONTENT, 501, NULL, "a message to a list"},
	[NO_SERVICE] = {IPSMGW_ERR_CONTENT, 488, NULL, "no service is named and default_service=reject"},
	[BAD_CONTENT] = {IPSMGW_ERR_CONTENT, 400, NULL, "the body cannot be parsed"},
	[BAD_TYPE] = {IPSMGW_ERR_CONTENT, 415, "Accept: text/plain, message/cpim, multipart/mixed\r\n", "content type"},
	[BAD_EXTENSION] = {IPSMGW_ERR_CONTENT, 420, NULL, "Require names an extension that is not supported"},
	[BAD_ENCODING] = {IPSMGW_ERR_CONTENT, 415, "Accept-Encoding: identity, deflate, gzip\r\n", "content encoding"},
};

static const struct { struct view name; int kind; } service_headers[] = {
	{VIEW_OF("P-Asserted-Service"), SERVICE_HDR_ASSERTED},
	{VIEW_OF("P-Preferred-Service"), SERVICE_HDR_PREFERRED},
	{VIEW_OF("Accept-Contact"), SERVICE_HDR_ACCEPT_CONTACT},
	{VIEW_OF("a"), SERVICE_HDR_ACCEPT_CONTACT},
	{VIEW_OF("Contact"), SERVICE_HDR_CONTACT},
	{VIEW_OF("m"), SERVICE_HDR_CONTACT},
};
/* clang-format on */

static bool is_named(const hdr_field_t *h, struct view name)
{
	return (size_t)h->name.len == name.len && name.len
		   && view_ieq(view_of(&h->name), name);
}

struct view sip_header_find(
		sip_msg_t *msg, struct view name, struct view compact)
{
	for(hdr_field_t *h = msg->headers; h; h = h->next) {
		size_t len = (size_t)h->name.len;

		if((len == name.len || len == compact.len)
				&& (is_named(h, name) || is_named(h, compact)))
			return view_of(&h->body);
	}
	return (struct view){NULL, 0};
}

/* ---- service ---- */

/* The types that Kamailio gives to the names above. */
static bool may_tell_service(const hdr_field_t *h)
{
	return h->type == HDR_OTHER_T || h->type == HDR_ACCEPTCONTACT_T
		   || h->type == HDR_CONTACT_T;
}

static size_t collect_service_headers(
		sip_msg_t *msg, struct service_header out[SERVICE_HEADERS_MAX])
{
	size_t n = 0, names = sizeof(service_headers) / sizeof(service_headers[0]);

	for(hdr_field_t *h = msg->headers; h && n < SERVICE_HEADERS_MAX;
			h = h->next) {
		for(size_t i = 0; may_tell_service(h) && i < names; i++) {
			if(!is_named(h, service_headers[i].name))
				continue;
			out[n].kind = service_headers[i].kind;
			out[n++].value = view_of(&h->body);
			break;
		}
	}
	return n;
}

enum cpm_service sip_service(sip_msg_t *msg, enum service_method method)
{
	struct service_header h[SERVICE_HEADERS_MAX];
	size_t n = collect_service_headers(msg, h);

	return service_classify(method, h, n);
}

static const struct cpm_refusal *read_service(
		sip_msg_t *msg, struct cpm_request *r)
{
	r->service = sip_service(msg, SERVICE_MESSAGE);
	if(r->service == CPM_SERVICE_CPM_PAGER
			|| r->service == CPM_SERVICE_IM_PAGER)
		return NULL;
	if(r->service == CPM_SERVICE_CPM_PAGER_GROUP)
		return &refusals[LIST];
	if(r->service != CPM_SERVICE_NONE)
		return &refusals[NOT_OURS];
	if(!strcmp(ipsmgw_cfg.default_service, "reject"))
		return &refusals[NO_SERVICE];
	r->service = strcmp(ipsmgw_cfg.default_service, "im")
			? CPM_SERVICE_CPM_PAGER
			: CPM_SERVICE_IM_PAGER;
	return NULL;
}

/* ---- body ---- */

/* zlib and gzip by their headers; some senders of "deflate" leave the zlib
 * header out (RFC 9110 8.4.1.2) */
static int inflate_body(struct view in, int window_bits, struct view *out)
{
	static uint8_t inflated[INFLATED_MAX];
	z_stream z = {
			.next_in = (Bytef *)in.p,
			.avail_in = (uInt)in.len,
			.next_out = inflated,
			.avail_out = sizeof(inflated),
	};
	int rc;

	if(inflateInit2(&z, window_bits) != Z_OK)
		return -EBADMSG;
	rc = inflate(&z, Z_FINISH);
	*out = (struct view){inflated, sizeof(inflated) - z.avail_out};
	inflateEnd(&z);
	return rc == Z_STREAM_END ? 0 : -EBADMSG;
}

const struct cpm_refusal *sip_decode_body(sip_msg_t *msg, struct view *body)
{
	struct view encoding = sip_header(msg, "Content-Encoding", "e");
	struct view in = *body;

	if(!encoding.len || view_ieq(encoding, VIEW("identity")))
		return NULL;
	if(!view_ieq(encoding, VIEW("deflate"))
			&& !view_ieq(encoding, VIEW("gzip")))
		return &refusals[BAD_ENCODING];
	if(inflate_body(in, 15 + 32, body) == 0 || inflate_body(in, -15, body) == 0)
		return NULL;
	return &refusals[BAD_CONTENT];
}

/* Content-Length may be smaller than what a UDP packet holds (RFC 3261 18.3).
 */
struct view sip_body(sip_msg_t *msg)
{
	char *body = get_body(msg);
	size_t len = body ? (size_t)(msg->buf + msg->len - body) : 0;

	if(msg->content_length && (size_t)get_content_length(msg) < len)
		len = (size_t)get_content_length(msg);
	return (struct view){(uint8_t *)body, len};
}

static const struct cpm_refusal *read_content(
		sip_msg_t *msg, struct cpm_request *r)
{
	struct view body = sip_body(msg);
	struct view type = msg->content_type ? view_of(&msg->content_type->body)
										 : (struct view){NULL, 0};
	const struct cpm_refusal *refusal = sip_decode_body(msg, &body);

	if(refusal)
		return refusal;
	if(content_read(type, sip_header(msg, "Content-Transfer-Encoding", NULL),
			   body, &r->content))
		return &refusals[BAD_CONTENT];
	if(r->content.kind == CONTENT_IMDN || r->content.kind == CONTENT_COMPOSING
			|| sms_text_kind(r->content.kind))
		return NULL;
	return &refusals[BAD_TYPE];
}

/* ---- who and to whom ---- */

/* No identity is a number, as when it stands for an IMSI: the number is
 * what registered with it. */
static const struct cpm_refusal *look_up_originator(
		sip_msg_t *msg, char a[PHONE_MAX])
{
	for(p_id_body_t *p = get_pai(msg); p; p = p->next) {
		for(int i = 0; i < p->num_ids; i++) {
			switch(store_reader_number(view_of(&p->id[i].uri), a)) {
				case 0:
					return NULL;
				case -EIO:
					return &refusals[NO_DATABASE];
			}
		}
	}
	return &refusals[NO_IDENTITY];
}

/* tel preferred, at most two values in one or two headers (RFC 3325 9.1) */
const struct cpm_refusal *sip_originator(sip_msg_t *msg, char a[PHONE_MAX])
{
	bool found = false;

	if(parse_pai_header(msg) < 0)
		return &refusals[NO_IDENTITY];
	for(p_id_body_t *p = get_pai(msg); p; p = p->next) {
		for(int i = 0; i < p->num_ids; i++) {
			struct view uri = view_of(&p->id[i].uri);
			bool tel = uri.len > 4
					&& view_ieq((struct view){uri.p, 4}, VIEW("tel:"));
			char number[PHONE_MAX];

			if((found && !tel) || phone_from_uri(uri, number) || *number != '+')
				continue;
			memcpy(a, number, sizeof(number));
			if(tel)
				return NULL;
			found = true;
		}
	}
	return found ? NULL : look_up_originator(msg, a);
}

const struct cpm_refusal *sip_recipient(sip_msg_t *msg, char b[PHONE_MAX])
{
	switch(phone_from_uri(view_of(GET_RURI(msg)), b)) {
		case 0:
			return NULL;
		case -EBADMSG:
			return &refusals[BAD_NUMBER];
		default:
			return &refusals[NOT_A_NUMBER];
	}
}

/* Is one of these tokens in a Privacy header (RFC 3323, RFC 3325)? */
static bool privacy_has(sip_msg_t *msg, const char *const *tokens, size_t n)
{
	for(hdr_field_t *h = msg->headers; h; h = h->next) {
		struct view value = view_of(&h->body);
		size_t at = 0, len;

		for(; sip_header_is(h, "Privacy") && at < value.len; at += len + 1) {
			len = 0;
			while(at + len < value.len && !strchr("; ,\t\r\n", value.p[at + len]))
				len++;
			for(size_t i = 0; i < n; i++) {
				if(view_ieq((struct view){value.p + at, len},
						   view_str(tokens[i])))
					return true;
			}
		}
	}
	return false;
}

bool sip_anonymous(sip_msg_t *msg)
{
	static const char *const tokens[]
			= {"id", "user", "header", "session", "critical"};

	return privacy_has(msg, tokens, sizeof(tokens) / sizeof(tokens[0]));
}

const struct cpm_refusal *sip_privacy(sip_msg_t *msg, bool *anonymous)
{
	static const char *const critical[] = {"critical"};

	*anonymous = sip_anonymous(msg);
	if(!*anonymous || ipsmgw_cfg.allow_anonymous)
		return NULL;
	*anonymous = false;
	if(ipsmgw_cfg.forbid_anonymous)
		return &refusals[ipsmgw_cfg.anonymity_code == 433 ? ANONYMOUS_433
														  : ANONYMOUS];
	return privacy_has(msg, critical, 1) ? &refusals[CANNOT_HIDE] : NULL;
}

static const struct cpm_refusal *read_parties(
		sip_msg_t *msg, struct cpm_request *r)
{
	const struct cpm_refusal *refusal = sip_originator(msg, r->a);

	if(!refusal)
		refusal = sip_privacy(msg, &r->anonymous);
	return refusal ? refusal : sip_recipient(msg, r->b);
}

/* ---- the rest ---- */

struct view sip_id_header(sip_msg_t *msg, const char *name)
{
	struct view v = sip_header(msg, name, NULL);

	return cpm_id_valid(v) ? v : (struct view){NULL, 0};
}

int64_t sip_expires(sip_msg_t *msg)
{
	const exp_body_t *e;

	if(!msg->expires || parse_expires(msg->expires))
		return -1;
	e = msg->expires->parsed;
	return e->valid ? (int64_t)e->val : -1;
}

static int64_t sip_date(sip_msg_t *msg)
{
	struct tm t;

	if(!msg->date || parse_date_header(msg))
		return -1;
	t = get_date(msg)->date;
	return timegm(&t);
}

/* Caller preferences (RFC 3841 "pref") are the S-CSCF's business and done when
 * the request is here. */
static const struct cpm_refusal *read_require(
		sip_msg_t *msg, struct cpm_request *r)
{
	for(hdr_field_t *h = msg->headers; h; h = h->next) {
		if(!sip_header_is(h, "Require")
				|| view_ieq(view_of(&h->body), VIEW("pref")))
			continue;
		r->unsupported = view_of(&h->body);
		return &refusals[BAD_EXTENSION];
	}
	return NULL;
}

const struct cpm_refusal *cpm_request_read(
		sip_msg_t *msg, struct cpm_request *r)
{
	const struct cpm_refusal *refusal;

	memset(r, 0, sizeof(*r));
	if(parse_headers(msg, HDR_EOH_F, 0) < 0 || !msg->callid || !msg->cseq)
		return &refusals[BAD_MESSAGE];
	refusal = read_require(msg, r);
	if(!refusal)
		refusal = read_content(msg, r);
	if(refusal || !sms_text_kind(r->content.kind))
		return refusal;
	refusal = read_service(msg, r);
	if(!refusal)
		refusal = read_parties(msg, r);
	if(refusal)
		return refusal;
	r->conversation_id = sip_id_header(msg, "Conversation-ID");
	r->contribution_id = sip_id_header(msg, "Contribution-ID");
	r->in_reply_to = sip_id_header(msg, "InReplyTo-Contribution-ID");
	r->expires_s = sip_expires(msg);
	r->date_s = sip_date(msg);
	return NULL;
}

void cpm_request_transaction(
		sip_msg_t *msg, struct view *call_id, struct view *cseq)
{
	*call_id = view_of(&msg->callid->body);
	*cseq = view_of(&get_cseq(msg)->number);
}
