/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */

/*
 * The body of an INVITE (spec 7.5, 7.6, 7.10): SDP alone, or a multipart of it,
 * a first message and the members of a group. The SDP must be one that we can
 * answer.
 */

#include "core/dprint.h"

#include "../../lib/cpm/cpm_id.h"
#include "../../lib/cpm/multipart.h"
#include "../../lib/cpm/resource_list.h"
#include "../../lib/msrp/msrp_sdp.h"
#include "ipsmgw.h"
#include "msrp_io.h"
#include "sip_dialog.h"
#include "sip_invite_body.h"
#include "sms_record.h"
#include "sms_text.h"

enum { MEMBERS_MAX = 32768 };

/* clang-format off */
enum refusal { BAD_BODY, BAD_TYPE, NO_SDP, BAD_SDP, NO_MSRP, NO_PATH, NO_TYPES, A_FILE, NOT_REACHABLE, NO_TLS,
	NO_LISTENER, BAD_TEXT, BAD_CHARSET, TOO_LONG, NO_MEMORY };

static const struct cpm_refusal refusals[] = {
	[BAD_BODY] = {IPSMGW_ERR_CONTENT, 400, NULL, "the body cannot be parsed"},
	[BAD_TYPE] = {IPSMGW_ERR_CONTENT, 415, "Accept: application/sdp, multipart/mixed\r\n", "content type"},
	[NO_SDP] = {IPSMGW_ERR_CONTENT, 488, NULL, "no session description"},
	[BAD_SDP] = {IPSMGW_ERR_CONTENT, 400, NULL, "the session description cannot be parsed"},
	[NO_MSRP] = {IPSMGW_ERR_CONTENT, 488, NULL, "no MSRP stream is offered"},
	[NO_PATH] = {IPSMGW_ERR_CONTENT, 488, NULL, "the MSRP stream has no path"},
	[NO_TYPES] = {IPSMGW_ERR_CONTENT, 488, NULL, "A accepts neither message/cpim nor text/plain"},
	[A_FILE] = {IPSMGW_ERR_CONTENT, 488, NULL, "a file transfer is offered"},
	[NOT_REACHABLE] = {IPSMGW_ERR_CONTENT, 488, NULL, "A's path has no IP address, and A does not connect"},
	[NO_TLS] = {IPSMGW_ERR_CONTENT, 488, NULL, "MSRP over TLS is offered and msrp_tls_fingerprint not set"},
	[NO_LISTENER] = {IPSMGW_ERR_INTERNAL, 488, NULL, "there is no socket for MSRP"},
	[BAD_TEXT] = {IPSMGW_ERR_CONTENT, 400, NULL, "the first message is not what it claims to be"},
	[BAD_CHARSET] = {IPSMGW_ERR_CONTENT, 415, "Accept: text/plain, message/cpim\r\n",
		"charset or transfer encoding of the first message"},
	[TOO_LONG] = {IPSMGW_ERR_CONTENT, 413, NULL, "the first message is too long"},
	[NO_MEMORY] = {IPSMGW_ERR_INTERNAL, 503, "Retry-After: 10\r\n", "out of memory"},
};
/* clang-format on */

/* ---- the session description ---- */

static const struct cpm_refusal *check_listener(bool tls)
{
	if(msrp_io_listen(tls))
		return NULL;
	return &refusals[tls ? NO_TLS : NO_LISTENER];
}

/* Names are not looked up, and the peer who connects needs no address. */
static bool is_reachable(const struct msrp_sdp *sdp)
{
	struct msrp_uri uri;

	return msrp_setup_answer(sdp->setup) != MSRP_SETUP_ACTIVE
			|| (msrp_sdp_peer(sdp, &uri) == 0 && msrp_io_is_address(uri.host));
}

static bool accepts_messages(struct view types)
{
	return msrp_sdp_accepts(types, VIEW("message/cpim"))
			|| msrp_sdp_accepts(types, VIEW("text/plain"));
}

static const struct cpm_refusal *check_sdp(struct view body)
{
	struct msrp_sdp sdp;
	int rc;

	if(!body.len)
		return &refusals[NO_SDP];
	rc = msrp_sdp_decode(body, &sdp);
	if(rc)
		return &refusals[rc == -ENOENT ? NO_MSRP : BAD_SDP];
	if(sdp.file_selector)
		return &refusals[A_FILE];
	if(sdp.port == 0)
		return &refusals[NO_MSRP];
	if(!sdp.path.len)
		return &refusals[NO_PATH];
	if(!accepts_messages(sdp.accept_types))
		return &refusals[NO_TYPES];
	if(!is_reachable(&sdp))
		return &refusals[NOT_REACHABLE];
	return check_listener(sdp.tls);
}

/* ---- the first message ---- */

static const struct cpm_refusal *read_first(struct sip_invite *in)
{
	static uint8_t octets[SMS_TEXT_MAX];
	struct wbuf text = wbuf_of(octets, sizeof(octets));

	if(!in->has_first || !sms_text_kind(in->first.kind))
		return NULL;
	switch(sms_text(&in->first, &text)) {
		case 0:
			in->text = wbuf_written(&text);
			return NULL;
		case -ENOSPC:
			return &refusals[TOO_LONG];
		case -ENOTSUP:
			return &refusals[BAD_CHARSET];
		case -ENOMEM:
			return &refusals[NO_MEMORY];
		default:
			return &refusals[BAD_TEXT];
	}
}

/* ---- the members ---- */

static void note_replaced(struct sip_invite *in, const struct resource_entry *e)
{
	char number[PHONE_MAX];

	if(!in->session_replaces.len && cpm_id_valid(e->session_replaces)
			&& phone_from_uri(e->uri, number) == 0 && !strcmp(number, in->b))
		in->session_replaces = e->session_replaces;
}

/* A list that cannot be read costs the names, not the session. */
static void read_members(struct view document, struct sip_invite *in)
{
	static uint8_t octets[65536], lines[MEMBERS_MAX];
	static struct resource_list list;
	struct wbuf text = wbuf_of(octets, sizeof(octets));
	struct wbuf w = wbuf_of(lines, sizeof(lines));
	int rc = resource_list_read(document, &text, &list);

	if(rc)
		LM_NOTICE("the member list of a group cannot be read: %d\n", rc);
	for(unsigned i = 0; rc == 0 && i < list.n; i++) {
		size_t mark = w.len;

		note_replaced(in, &list.entry[i]);
		wbuf_view(&w, list.entry[i].uri);
		wbuf_u8(&w, '\t');
		wbuf_view(&w, list.entry[i].name);
		wbuf_u8(&w, '\n');
		wbuf_end(&w, mark);
	}
	in->members = wbuf_written(&w);
}

/* ---- the whole ---- */

static int read_part(const struct multipart_part *part, struct sip_invite *in)
{
	if(media_type_is(part->content_type, "application/sdp")) {
		in->sdp = part->body;
		return 0;
	}
	if(media_type_is(part->content_type, "application/resource-lists+xml")) {
		read_members(part->body, in);
		return 0;
	}
	if(in->has_first)
		return 0;
	in->has_first = true;
	return content_read(part->content_type, part->transfer_encoding, part->body,
			&in->first);
}

static int read_parts(struct view type, struct view body, struct sip_invite *in)
{
	struct multipart m;
	struct multipart_part part;
	int rc = multipart_open(&m, type, body);

	while(rc == 0 && (rc = multipart_next(&m, &part)) > 0)
		rc = read_part(&part, in);
	return rc;
}

const struct cpm_refusal *sip_invite_body(sip_msg_t *msg, struct sip_invite *in)
{
	struct view type = sip_header(msg, "Content-Type", "c");
	struct view body = sip_body(msg);
	const struct cpm_refusal *refusal = sip_decode_body(msg, &body);

	if(refusal)
		return refusal;
	if(!body.len)
		return &refusals[NO_SDP];
	if(media_type_is(type, "application/sdp"))
		in->sdp = body;
	else if(!media_type_is(type, "multipart/mixed")
			&& !media_type_is(type, "multipart/related"))
		return &refusals[BAD_TYPE];
	else if(read_parts(type, body, in))
		return &refusals[BAD_BODY];
	refusal = check_sdp(in->sdp);
	return refusal ? refusal : read_first(in);
}
