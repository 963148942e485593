/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */

/*
 * Optional parameters of SMPP 3.4 (clause 5.3) in submit_sm, deliver_sm and data_sm.
 *
 *   tag(2) length(2) value(length)
 *
 * A tag that means nothing here is stepped over. A known one whose length is not what 5.3.2 says
 * is treated as absent: its neighbours do not suffer. Of several with one tag the last good one
 * stands. Only a TLV that runs over the end of the PDU is an error.
 */

#include "smpp_pdu_private.h"

/* One bit for each of sar_*, for they count only together. */
enum { SAR_REF = 1, SAR_TOTAL = 2, SAR_SEQNUM = 4, SAR_ALL = 7 };

/* TLVs that are one number each. */
static const struct {
	uint16_t tag;
	uint8_t octets;
	uint8_t sar;
	size_t value, has; /* offsets in struct smpp_message; has counts if sar is 0 */
} numbers[] = {
	{SMPP_TAG_USER_MESSAGE_REFERENCE, 2, 0,
	 offsetof(struct smpp_message, user_message_reference),
	 offsetof(struct smpp_message, has_user_message_reference)},
	{SMPP_TAG_SAR_MSG_REF_NUM, 2, SAR_REF, offsetof(struct smpp_message, sar_msg_ref_num), 0},
	{SMPP_TAG_SAR_TOTAL_SEGMENTS, 1, SAR_TOTAL,
	 offsetof(struct smpp_message, sar_total_segments), 0},
	{SMPP_TAG_SAR_SEGMENT_SEQNUM, 1, SAR_SEQNUM,
	 offsetof(struct smpp_message, sar_segment_seqnum), 0},
	{SMPP_TAG_MORE_MESSAGES_TO_SEND, 1, 0, offsetof(struct smpp_message, more_messages_to_send),
	 offsetof(struct smpp_message, has_more_messages)},
	{SMPP_TAG_MESSAGE_STATE, 1, 0, offsetof(struct smpp_message, message_state),
	 offsetof(struct smpp_message, has_message_state)},
};

static void number_decode(size_t i, struct view value, struct smpp_message *m, unsigned *sar)
{
	uint8_t *field = (uint8_t *)m + numbers[i].value;
	struct rbuf r = rbuf_of(value);
	uint16_t x;

	if (value.len != numbers[i].octets)
		return;
	x = (uint16_t)rbuf_uint(&r, value.len);
	if (value.len == 2)
		memcpy(field, &x, sizeof(x));
	else
		*field = (uint8_t)x;
	if (numbers[i].sar)
		*sar |= numbers[i].sar;
	else
		*(bool *)((uint8_t *)m + numbers[i].has) = true;
}

static void receipted_id_decode(struct view value, struct smpp_message *m)
{
	const uint8_t *nul = value.len ? memchr(value.p, 0, value.len) : NULL;
	size_t len =
		nul ? (size_t)(nul - value.p) : value.len; /* the NUL is missing at some SMSCs */

	if (len >= sizeof(m->receipted_message_id))
		return;
	memset(m->receipted_message_id, 0, sizeof(m->receipted_message_id));
	if (len)
		memcpy(m->receipted_message_id, value.p, len);
}

static void other_decode(uint16_t tag, struct view value, struct smpp_message *m)
{
	switch (tag) {
	case SMPP_TAG_MESSAGE_PAYLOAD:
		m->has_message_payload = true;
		m->message_payload = value;
		break;
	case SMPP_TAG_RECEIPTED_MESSAGE_ID:
		receipted_id_decode(value, m);
		break;
	case SMPP_TAG_NETWORK_ERROR_CODE:
		if (value.len != sizeof(m->network_error_code))
			break;
		m->has_network_error_code = true;
		memcpy(m->network_error_code, value.p, value.len);
		break;
	case SMPP_TAG_SOURCE_PORT:
	case SMPP_TAG_DEST_PORT:
		m->has_port |= value.len == 2;
		break;
	}
}

void smpp_tlvs_decode(struct rbuf *r, struct smpp_message *m)
{
	const size_t n = sizeof(numbers) / sizeof(numbers[0]);
	unsigned sar = 0;

	while (rbuf_left(r) > 0) {
		uint16_t tag = rbuf_u16(r);
		struct view value = rbuf_view(r, rbuf_u16(r));
		size_t i = 0;

		if (r->err)
			return;
		while (i < n && numbers[i].tag != tag)
			i++;
		if (i < n)
			number_decode(i, value, m, &sar);
		else
			other_decode(tag, value, m);
	}
	m->has_sar = sar == SAR_ALL;
}

static void tlv_encode(struct wbuf *w, uint16_t tag, const void *p, size_t octets)
{
	wbuf_u16(w, tag);
	wbuf_u16(w, (uint16_t)octets);
	wbuf_put(w, p, octets);
}

static void number_encode(struct wbuf *w, size_t i, const struct smpp_message *m)
{
	const uint8_t *field = (const uint8_t *)m + numbers[i].value;
	uint16_t x = *field;

	if (numbers[i].octets == 2)
		memcpy(&x, field, sizeof(x));
	wbuf_u16(w, numbers[i].tag);
	wbuf_u16(w, numbers[i].octets);
	wbuf_uint(w, x, numbers[i].octets);
}

void smpp_tlvs_encode(struct wbuf *w, const struct smpp_message *m)
{
	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
		if (numbers[i].sar ? m->has_sar
				   : *(const bool *)((const uint8_t *)m + numbers[i].has))
			number_encode(w, i, m);
	if (m->receipted_message_id[0])
		tlv_encode(w, SMPP_TAG_RECEIPTED_MESSAGE_ID, m->receipted_message_id,
			   strlen(m->receipted_message_id) + 1);
	if (m->has_network_error_code)
		tlv_encode(w, SMPP_TAG_NETWORK_ERROR_CODE, m->network_error_code,
			   sizeof(m->network_error_code));
	if (m->has_message_payload)
		tlv_encode(w, SMPP_TAG_MESSAGE_PAYLOAD, m->message_payload.p,
			   m->message_payload.len);
}
