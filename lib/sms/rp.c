/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */

/*
 * RP messages (TS 24.011 7.3, 8.2).
 *
 *   MTI(3) | MR | ..
 *   RP-DATA    OA: LV | DA: LV | UD: LV       the user's side is empty: OA from the mobile, DA from the network
 *   RP-ACK     [41 UD: TLV]
 *   RP-ERROR   cause: LV (cause [diagnostic]) | [41 UD: TLV]
 *   RP-SMMA    nothing; from the mobile only
 *
 * MTI is 2 * type, plus 1 from the network. Unknown optional elements are skipped (TS 24.007 11.2.4).
 */

#include "rp.h"

enum {
	RP_MTI_MASK = 7,
	RP_IEI_UD = 0x41,
	RP_IEI_ONE_OCTET = 0x80, /* an element without length */
	RP_UD_MAX = 232,
	RP_CAUSE_MASK = 0x7f,
};

/* ---- encode ---- */

static bool is_valid(const struct rp_message *m)
{
	bool from_net = m->dir == RP_NET_TO_MS;
	const struct sms_address *user = from_net ? &m->rp_da : &m->rp_oa;

	if (m->dir > RP_NET_TO_MS || m->rp_ud.len > RP_UD_MAX || m->rp_cause > RP_CAUSE_MASK)
		return false;
	if (m->type == RP_DATA)
		return m->rp_ud.len && !user->text[0];
	return m->type <= RP_ERROR || (m->type == RP_SMMA && !from_net);
}

static void put_lv(struct wbuf *w, struct view v)
{
	wbuf_u8(w, (uint8_t)v.len);
	wbuf_view(w, v);
}

static int put_data(struct wbuf *w, const struct rp_message *m)
{
	int err = rp_address_encode(w, &m->rp_oa);

	err = err ? err : rp_address_encode(w, &m->rp_da);
	put_lv(w, m->rp_ud);
	return err;
}

static void put_cause(struct wbuf *w, const struct rp_message *m)
{
	const uint8_t octets[] = {m->rp_cause, m->rp_diagnostic};

	put_lv(w, (struct view){octets, m->has_diagnostic ? 2 : 1});
}

static void put_optional_ud(struct wbuf *w, struct view rp_ud)
{
	if (!rp_ud.len)
		return;
	wbuf_u8(w, RP_IEI_UD);
	put_lv(w, rp_ud);
}

int rp_encode(struct wbuf *w, const struct rp_message *m)
{
	size_t mark = w->len;
	int err = 0, full;

	if (!is_valid(m))
		return -EINVAL;
	wbuf_u8(w, (uint8_t)(m->type << 1 | (m->dir == RP_NET_TO_MS)));
	wbuf_u8(w, m->rp_mr);
	if (m->type == RP_DATA)
		err = put_data(w, m);
	if (m->type == RP_ERROR)
		put_cause(w, m);
	if (m->type == RP_ACK || m->type == RP_ERROR)
		put_optional_ud(w, m->rp_ud);
	full = wbuf_end(w, mark);
	if (err)
		w->len = mark;
	return err ? err : full;
}

/* ---- decode ---- */

static void get_data(struct rbuf *r, struct rp_message *m)
{
	rp_address_decode(r, &m->rp_oa);
	rp_address_decode(r, &m->rp_da);
	m->rp_ud = rbuf_view(r, rbuf_u8(r));
}

static void get_cause(struct rbuf *r, struct rp_message *m)
{
	struct view v = rbuf_view(r, rbuf_u8(r));

	if (v.len < 1 || v.len > 2) {
		rbuf_fail(r);
		return;
	}
	m->rp_cause = v.p[0] & RP_CAUSE_MASK;
	m->has_diagnostic = v.len == 2;
	m->rp_diagnostic = m->has_diagnostic ? v.p[1] : 0;
}

static void get_optional(struct rbuf *r, struct rp_message *m)
{
	while (rbuf_left(r)) {
		uint8_t iei = rbuf_u8(r);
		struct view v;

		if (iei & RP_IEI_ONE_OCTET)
			continue;
		v = rbuf_view(r, rbuf_u8(r));
		if (iei == RP_IEI_UD && !m->rp_ud.len && (m->type == RP_ACK || m->type == RP_ERROR))
			m->rp_ud = v;
	}
}

int rp_decode(struct view in, struct rp_message *m)
{
	struct rbuf r = rbuf_of(in);
	uint8_t mti = rbuf_u8(&r) & RP_MTI_MASK;

	*m = (struct rp_message){
		.type = (enum rp_type)(mti >> 1),
		.dir = mti & 1 ? RP_NET_TO_MS : RP_MS_TO_NET,
	};
	m->rp_mr = rbuf_u8(&r);
	if (m->type == RP_DATA)
		get_data(&r, m);
	if (m->type == RP_ERROR)
		get_cause(&r, m);
	get_optional(&r, m);
	return rbuf_end(&r) || !is_valid(m) ? -EBADMSG : 0;
}

/* ---- names ---- */

const char *rp_cause_name(uint8_t rp_cause)
{
	static const char *const NAMES[RP_CAUSE_MASK + 1] = {
		[RP_CAUSE_UNASSIGNED] = "unassigned-number",
		[RP_CAUSE_ODB] = "operator-determined-barring",
		[RP_CAUSE_CALL_BARRED] = "call-barred",
		[RP_CAUSE_TRANSFER_REJECTED] = "transfer-rejected",
		[RP_CAUSE_MEMORY_EXCEEDED] = "memory-exceeded",
		[RP_CAUSE_DEST_OUT_OF_ORDER] = "destination-out-of-order",
		[RP_CAUSE_UNIDENTIFIED_SUBSCRIBER] = "unidentified-subscriber",
		[RP_CAUSE_FACILITY_REJECTED] = "facility-rejected",
		[RP_CAUSE_UNKNOWN_SUBSCRIBER] = "unknown-subscriber",
		[RP_CAUSE_NET_OUT_OF_ORDER] = "network-out-of-order",
		[RP_CAUSE_TEMPORARY_FAILURE] = "temporary-failure",
		[RP_CAUSE_CONGESTION] = "congestion",
		[RP_CAUSE_RESOURCES] = "resources-unavailable",
		[RP_CAUSE_NOT_SUBSCRIBED] = "not-subscribed",
		[RP_CAUSE_NOT_AUTHORISED] = "not-authorised",
		[RP_CAUSE_NOT_IMPLEMENTED] = "not-implemented",
		[RP_CAUSE_INVALID_REFERENCE] = "invalid-reference",
		[RP_CAUSE_INCOMPATIBLE_DESTINATION] = "incompatible-destination",
		[RP_CAUSE_SEMANTIC] = "semantically-incorrect",
		[RP_CAUSE_MANDATORY_IE] = "invalid-mandatory-information",
		[RP_CAUSE_UNKNOWN_TYPE] = "unknown-message-type",
		[RP_CAUSE_INCOMPATIBLE] = "incompatible-with-state",
		[RP_CAUSE_UNKNOWN_IE] = "unknown-information-element",
		[RP_CAUSE_PROTOCOL] = "protocol-error",
		[RP_CAUSE_INTERWORKING] = "interworking",
	};
	const char *name = rp_cause <= RP_CAUSE_MASK ? NAMES[rp_cause] : NULL;

	return name ? name : "unspecified";
}
