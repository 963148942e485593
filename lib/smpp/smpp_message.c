/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */

/*
 * Mandatory fields of submit_sm (SMPP 3.4 4.4.1), deliver_sm (4.6.1) and data_sm (4.7.1), and the
 * C-octet strings they are made of.
 *
 *   submit_sm, deliver_sm: service_type source(ton npi addr) destination(ton npi addr) esm_class
 *     protocol_id priority_flag schedule validity registered_delivery replace data_coding
 *     default_msg_id sm_length short_message
 *   data_sm: service_type source destination esm_class registered_delivery data_coding
 *
 * Addresses of every length that the struct takes are read, whatever the PDU's own limit, and
 * values that SMPP reserves are kept as they came.
 */

#include "smpp_pdu_private.h"

/* ---- strings ---- */

void smpp_string_decode(struct rbuf *r, char *out, size_t size)
{
	size_t left = rbuf_left(r);
	const uint8_t *at = r->p + r->pos, *nul = left ? memchr(at, 0, left) : NULL;
	struct view v;

	out[0] = '\0';
	if (!nul || (size_t)(nul - at) >= size) {
		rbuf_fail(r);
		return;
	}
	v = rbuf_view(r, (size_t)(nul - at) + 1);
	memcpy(out, v.p, v.len);
}

void smpp_string_encode(struct wbuf *w, const char *s)
{
	wbuf_put(w, s, strlen(s) + 1);
}

bool smpp_string_valid(const char *s, size_t size)
{
	return memchr(s, 0, size) != NULL;
}

/* ---- messages ---- */

static void addresses_decode(struct rbuf *r, struct smpp_message *m)
{
	smpp_string_decode(r, m->service_type, sizeof(m->service_type));
	m->source_addr_ton = rbuf_u8(r);
	m->source_addr_npi = rbuf_u8(r);
	smpp_string_decode(r, m->source_addr, sizeof(m->source_addr));
	m->dest_addr_ton = rbuf_u8(r);
	m->dest_addr_npi = rbuf_u8(r);
	smpp_string_decode(r, m->destination_addr, sizeof(m->destination_addr));
	m->esm_class = rbuf_u8(r);
}

static void text_decode(struct rbuf *r, struct smpp_message *m)
{
	m->protocol_id = rbuf_u8(r);
	m->priority_flag = rbuf_u8(r);
	smpp_string_decode(r, m->schedule_delivery_time, sizeof(m->schedule_delivery_time));
	smpp_string_decode(r, m->validity_period, sizeof(m->validity_period));
	m->registered_delivery = rbuf_u8(r);
	m->replace_if_present_flag = rbuf_u8(r);
	m->data_coding = rbuf_u8(r);
	m->sm_default_msg_id = rbuf_u8(r);
	m->short_message =
		rbuf_view(r, rbuf_u8(r)); /* 255 is beyond 5.2.21, but it is clear what is meant */
}

void smpp_message_decode(struct rbuf *r, bool data_sm, struct smpp_message *m)
{
	addresses_decode(r, m);
	if (data_sm) {
		m->registered_delivery = rbuf_u8(r);
		m->data_coding = rbuf_u8(r);
	} else {
		text_decode(r, m);
	}
	smpp_tlvs_decode(r, m);
}

static void addresses_encode(struct wbuf *w, const struct smpp_message *m)
{
	smpp_string_encode(w, m->service_type);
	wbuf_u8(w, m->source_addr_ton);
	wbuf_u8(w, m->source_addr_npi);
	smpp_string_encode(w, m->source_addr);
	wbuf_u8(w, m->dest_addr_ton);
	wbuf_u8(w, m->dest_addr_npi);
	smpp_string_encode(w, m->destination_addr);
	wbuf_u8(w, m->esm_class);
}

static void text_encode(struct wbuf *w, const struct smpp_message *m)
{
	wbuf_u8(w, m->protocol_id);
	wbuf_u8(w, m->priority_flag);
	smpp_string_encode(w, m->schedule_delivery_time);
	smpp_string_encode(w, m->validity_period);
	wbuf_u8(w, m->registered_delivery);
	wbuf_u8(w, m->replace_if_present_flag);
	wbuf_u8(w, m->data_coding);
	wbuf_u8(w, m->sm_default_msg_id);
	wbuf_u8(w, (uint8_t)m->short_message.len);
	wbuf_view(w, m->short_message);
}

void smpp_message_encode(struct wbuf *w, bool data_sm, const struct smpp_message *m)
{
	addresses_encode(w, m);
	if (data_sm) {
		wbuf_u8(w, m->registered_delivery);
		wbuf_u8(w, m->data_coding);
	} else {
		text_encode(w, m);
	}
	smpp_tlvs_encode(w, m);
}

bool smpp_message_valid(bool data_sm, const struct smpp_message *m)
{
	size_t short_max = data_sm || m->has_message_payload ? 0 : SMPP_SHORT_MESSAGE_MAX;

	return smpp_string_valid(m->service_type, sizeof(m->service_type)) &&
	       smpp_string_valid(m->source_addr, sizeof(m->source_addr)) &&
	       smpp_string_valid(m->destination_addr, sizeof(m->destination_addr)) &&
	       smpp_string_valid(m->schedule_delivery_time, sizeof(m->schedule_delivery_time)) &&
	       smpp_string_valid(m->validity_period, sizeof(m->validity_period)) &&
	       smpp_string_valid(m->receipted_message_id, sizeof(m->receipted_message_id)) &&
	       m->short_message.len <= short_max &&
	       (!m->has_message_payload || m->message_payload.len <= UINT16_MAX);
}
