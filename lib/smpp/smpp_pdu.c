/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */

/*
 * SMPP 3.4 PDUs: framing (3.2), header, and the bodies that are no message (4.1, 4.2, 4.11).
 *
 * Answers are read more leniently than requests, since a peer's bad answer must not cost a message
 * that it has taken: the body may be absent (errors), its string may lack the NUL or be longer than
 * we keep (cut, as a receipt's id will be), and what stands behind it is not looked at.
 */

#include "smpp_pdu_private.h"

enum body {
	BODY_UNKNOWN,
	BODY_NONE,
	BODY_BIND,
	BODY_OUTBIND,
	BODY_SYSTEM_ID,
	BODY_MESSAGE,
	BODY_DATA,
	BODY_MESSAGE_ID
};

static const struct {
	uint32_t command_id;
	enum body body;
	bool none_on_error; /* 4.1.2, 4.4.2: no body if command_status is an error */
} commands[] = {
	{SMPP_GENERIC_NACK, BODY_NONE, false},
	{SMPP_BIND_RECEIVER, BODY_BIND, false},
	{SMPP_BIND_RECEIVER | SMPP_RESP, BODY_SYSTEM_ID, true},
	{SMPP_BIND_TRANSMITTER, BODY_BIND, false},
	{SMPP_BIND_TRANSMITTER | SMPP_RESP, BODY_SYSTEM_ID, true},
	{SMPP_BIND_TRANSCEIVER, BODY_BIND, false},
	{SMPP_BIND_TRANSCEIVER | SMPP_RESP, BODY_SYSTEM_ID, true},
	{SMPP_OUTBIND, BODY_OUTBIND, false},
	{SMPP_SUBMIT_SM, BODY_MESSAGE, false},
	{SMPP_SUBMIT_SM | SMPP_RESP, BODY_MESSAGE_ID, true},
	{SMPP_DELIVER_SM, BODY_MESSAGE, false},
	{SMPP_DELIVER_SM | SMPP_RESP, BODY_MESSAGE_ID, false},
	{SMPP_DATA_SM, BODY_DATA, false},
	{SMPP_DATA_SM | SMPP_RESP, BODY_MESSAGE_ID, false},
	{SMPP_UNBIND, BODY_NONE, false},
	{SMPP_UNBIND | SMPP_RESP, BODY_NONE, false},
	{SMPP_ENQUIRE_LINK, BODY_NONE, false},
	{SMPP_ENQUIRE_LINK | SMPP_RESP, BODY_NONE, false},
	{SMPP_ALERT_NOTIFICATION, BODY_NONE, false}, /* we ask for none; it has no answer either */
};

static enum body body_of(uint32_t command_id)
{
	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++)
		if (commands[i].command_id == command_id)
			return commands[i].body;
	return BODY_UNKNOWN;
}

static bool body_absent(const struct smpp_pdu *pdu)
{
	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++)
		if (commands[i].command_id == pdu->command_id)
			return commands[i].none_on_error && pdu->command_status != ESME_ROK;
	return false;
}

int smpp_frame(struct view in, size_t *len)
{
	struct rbuf r = rbuf_of(in);
	uint32_t command_length = rbuf_u32(&r);

	if (r.err)
		return -EAGAIN;
	if (command_length < SMPP_HEADER_OCTETS || command_length > SMPP_PDU_MAX)
		return -EBADMSG;
	if (in.len < command_length)
		return -EAGAIN;
	*len = command_length;
	return 0;
}

/* ---- decode ---- */

static void bind_decode(struct rbuf *r, struct smpp_bind *b)
{
	smpp_string_decode(r, b->system_id, sizeof(b->system_id));
	smpp_string_decode(r, b->password, sizeof(b->password));
	smpp_string_decode(r, b->system_type, sizeof(b->system_type));
	b->interface_version = rbuf_u8(r);
	b->addr_ton = rbuf_u8(r);
	b->addr_npi = rbuf_u8(r);
	smpp_string_decode(r, b->address_range, sizeof(b->address_range));
}

static void response_decode(struct rbuf *r, char *out, size_t size)
{
	struct view v = rbuf_rest(r);
	const uint8_t *nul = v.len ? memchr(v.p, 0, v.len) : NULL;
	size_t len = nul ? (size_t)(nul - v.p) : v.len;

	if (len >= size)
		len = size - 1;
	if (len)
		memcpy(out, v.p, len);
	out[len] = '\0';
}

static int body_decode(struct rbuf *r, struct smpp_pdu *out)
{
	switch (body_of(out->command_id)) {
	case BODY_UNKNOWN:
		return -ENOTSUP;
	case BODY_NONE:
		break;
	case BODY_BIND:
		bind_decode(r, &out->bind);
		break;
	case BODY_OUTBIND:
		smpp_string_decode(r, out->bind.system_id, sizeof(out->bind.system_id));
		smpp_string_decode(r, out->bind.password, sizeof(out->bind.password));
		break;
	case BODY_SYSTEM_ID:
		response_decode(r, out->system_id, sizeof(out->system_id));
		break;
	case BODY_MESSAGE:
		smpp_message_decode(r, false, &out->message);
		break;
	case BODY_DATA:
		smpp_message_decode(r, true, &out->message);
		break;
	case BODY_MESSAGE_ID:
		response_decode(r, out->message_id, sizeof(out->message_id));
		break;
	}
	return r->err;
}

int smpp_pdu_decode(struct view in, struct smpp_pdu *out)
{
	struct rbuf r = rbuf_of(in);
	uint32_t command_length = rbuf_u32(&r);

	memset(out, 0, sizeof(*out));
	out->command_id = rbuf_u32(&r);
	out->command_status = rbuf_u32(&r);
	out->sequence_number = rbuf_u32(&r);
	if (r.err || command_length != in.len)
		return -EBADMSG;
	return body_decode(&r, out);
}

/* ---- encode ---- */

static bool bind_valid(const struct smpp_bind *b)
{
	return smpp_string_valid(b->system_id, sizeof(b->system_id)) &&
	       smpp_string_valid(b->password, sizeof(b->password)) &&
	       smpp_string_valid(b->system_type, sizeof(b->system_type)) &&
	       smpp_string_valid(b->address_range, sizeof(b->address_range));
}

static bool pdu_valid(const struct smpp_pdu *pdu)
{
	switch (body_of(pdu->command_id)) {
	case BODY_UNKNOWN:
		return false;
	case BODY_NONE:
		return pdu->command_id != SMPP_ALERT_NOTIFICATION; /* its body is not kept */
	case BODY_BIND:
	case BODY_OUTBIND:
		return bind_valid(&pdu->bind);
	case BODY_SYSTEM_ID:
		return smpp_string_valid(pdu->system_id, sizeof(pdu->system_id));
	case BODY_MESSAGE:
		return smpp_message_valid(false, &pdu->message);
	case BODY_DATA:
		return smpp_message_valid(true, &pdu->message);
	case BODY_MESSAGE_ID:
		return smpp_string_valid(pdu->message_id, sizeof(pdu->message_id));
	}
	return false;
}

static void bind_encode(struct wbuf *w, const struct smpp_bind *b)
{
	smpp_string_encode(w, b->system_id);
	smpp_string_encode(w, b->password);
	smpp_string_encode(w, b->system_type);
	wbuf_u8(w, b->interface_version);
	wbuf_u8(w, b->addr_ton);
	wbuf_u8(w, b->addr_npi);
	smpp_string_encode(w, b->address_range);
}

static void body_encode(struct wbuf *w, const struct smpp_pdu *pdu)
{
	switch (body_of(pdu->command_id)) {
	case BODY_UNKNOWN:
	case BODY_NONE:
		break;
	case BODY_BIND:
		bind_encode(w, &pdu->bind);
		break;
	case BODY_OUTBIND:
		smpp_string_encode(w, pdu->bind.system_id);
		smpp_string_encode(w, pdu->bind.password);
		break;
	case BODY_SYSTEM_ID:
		smpp_string_encode(w, pdu->system_id);
		break;
	case BODY_MESSAGE:
		smpp_message_encode(w, false, &pdu->message);
		break;
	case BODY_DATA:
		smpp_message_encode(w, true, &pdu->message);
		break;
	case BODY_MESSAGE_ID:
		smpp_string_encode(w, pdu->message_id);
		break;
	}
}

int smpp_pdu_encode(struct wbuf *w, const struct smpp_pdu *pdu)
{
	size_t mark = w->len;
	uint8_t *length_at;
	struct wbuf length;

	if (!pdu_valid(pdu))
		return -EINVAL;
	length_at = wbuf_room(w, 4);
	wbuf_u32(w, pdu->command_id);
	wbuf_u32(w, pdu->command_status);
	wbuf_u32(w, pdu->sequence_number);
	if (!body_absent(pdu))
		body_encode(w, pdu);
	if (!w->err) {
		length = wbuf_of(length_at, 4);
		wbuf_u32(&length, (uint32_t)(w->len - mark));
	}
	return wbuf_end(w, mark);
}
