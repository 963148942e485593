/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */

/*
 * Frames of the link between module and connector (docs/link-protocol.md).
 *
 *   length(4) | type(1) | ref(8) | { tag(1) | length(2) | value }..
 *
 * One table says which tag stands for which field of struct link_frame. A tag that is given
 * twice counts the last time; a number must have its own width.
 */

#include "link_frame.h"

enum { LENGTH_OCTETS = 4 };

enum field_kind { FIELD_U8 = 1, FIELD_U32 = 4, FIELD_VIEW = 0 }; /* octets of a number */

static const struct field {
	uint8_t tag;
	enum field_kind kind;
	size_t at; /* in struct link_frame */
} FIELDS[] = {
	{LINK_TAG_VERSION, FIELD_U8, offsetof(struct link_frame, version)},
	{LINK_TAG_NODE, FIELD_VIEW, offsetof(struct link_frame, node)},
	{LINK_TAG_STORE, FIELD_VIEW, offsetof(struct link_frame, store)},
	{LINK_TAG_WINDOW, FIELD_U32, offsetof(struct link_frame, window)},
	{LINK_TAG_RP, FIELD_VIEW, offsetof(struct link_frame, rp)},
	{LINK_TAG_OA, FIELD_VIEW, offsetof(struct link_frame, oa)},
	{LINK_TAG_DA, FIELD_VIEW, offsetof(struct link_frame, da)},
	{LINK_TAG_SMSC, FIELD_VIEW, offsetof(struct link_frame, smsc)},
	{LINK_TAG_SMSC_ID, FIELD_VIEW, offsetof(struct link_frame, smsc_id)},
	{LINK_TAG_FLAGS, FIELD_U8, offsetof(struct link_frame, flags)},
	{LINK_TAG_STATUS, FIELD_U32, offsetof(struct link_frame, status)},
	{LINK_TAG_RETRY_MS, FIELD_U32, offsetof(struct link_frame, retry_ms)},
	{LINK_TAG_REASON, FIELD_VIEW, offsetof(struct link_frame, reason)},
	{LINK_TAG_VALIDITY_S, FIELD_U32, offsetof(struct link_frame, validity_s)},
	{LINK_TAG_SESSION, FIELD_U32, offsetof(struct link_frame, session)},
	{LINK_TAG_SMSC_ID_2, FIELD_VIEW, offsetof(struct link_frame, smsc_id_2)},
	{LINK_TAG_SMSC_ID_3, FIELD_VIEW, offsetof(struct link_frame, smsc_id_3)},
};

enum { N_FIELDS = sizeof(FIELDS) / sizeof(FIELDS[0]) };

int link_frame_length(struct view in, size_t *len)
{
	struct rbuf r = rbuf_of(in);
	size_t octets;

	if (in.len < LENGTH_OCTETS)
		return -EAGAIN;
	octets = (size_t)rbuf_u32(&r) + LENGTH_OCTETS;
	if (octets < LINK_HEADER_OCTETS || octets > LINK_FRAME_MAX)
		return -EBADMSG;
	if (in.len < octets)
		return -EAGAIN;
	*len = octets;
	return 0;
}

/* ---- decode ---- */

static const struct field *field_of(uint8_t tag)
{
	for (size_t i = 0; i < N_FIELDS; i++)
		if (FIELDS[i].tag == tag)
			return &FIELDS[i];
	return NULL;
}

static void get_field(struct rbuf *value, const struct field *field, struct link_frame *f)
{
	uint8_t *at = (uint8_t *)f + field->at;
	struct view v;
	uint32_t x;

	if (field->kind == FIELD_VIEW) {
		v = rbuf_rest(value);
		memcpy(at, &v, sizeof(v));
	} else if (field->kind == FIELD_U8) {
		*at = rbuf_u8(value);
	} else {
		x = rbuf_u32(value);
		memcpy(at, &x, sizeof(x));
	}
}

int link_frame_decode(struct view in, struct link_frame *out)
{
	struct rbuf r = rbuf_of(in);
	size_t len;

	*out = (struct link_frame){0};
	if (link_frame_length(in, &len) || len != in.len)
		return -EBADMSG;
	rbuf_view(&r, LENGTH_OCTETS);
	out->type = rbuf_u8(&r);
	out->ref = rbuf_u64(&r);
	while (rbuf_left(&r)) {
		const struct field *field = field_of(rbuf_u8(&r));
		struct rbuf value = rbuf_of(rbuf_view(&r, rbuf_u16(&r)));

		if (!field || r.err)
			continue;
		get_field(&value, field, out);
		if (rbuf_end(&value))
			rbuf_fail(&r);
	}
	return rbuf_end(&r);
}

/* ---- encode ---- */

static void put_number(struct wbuf *w, const struct field *field, uint32_t x)
{
	if (!x)
		return;
	wbuf_u8(w, field->tag);
	wbuf_u16(w, (uint16_t)field->kind);
	wbuf_uint(w, x, field->kind);
}

static void put_view(struct wbuf *w, const struct field *field, struct view v)
{
	if (!v.len)
		return;
	wbuf_u8(w, field->tag);
	wbuf_u16(w, (uint16_t)v.len);
	wbuf_view(w, v);
}

static void put_field(struct wbuf *w, const struct field *field, const struct link_frame *f)
{
	const uint8_t *at = (const uint8_t *)f + field->at;
	struct view v;
	uint32_t x;

	if (field->kind == FIELD_VIEW) {
		memcpy(&v, at, sizeof(v));
		put_view(w, field, v);
	} else if (field->kind == FIELD_U8) {
		put_number(w, field, *at);
	} else {
		memcpy(&x, at, sizeof(x));
		put_number(w, field, x);
	}
}

int link_frame_encode(struct wbuf *w, const struct link_frame *f)
{
	size_t left = w->size - w->len;
	struct wbuf frame = wbuf_of(w->p + w->len, left < LINK_FRAME_MAX ? left : LINK_FRAME_MAX);
	uint8_t *length = wbuf_room(&frame, LENGTH_OCTETS);
	struct wbuf head = wbuf_of(length, LENGTH_OCTETS);

	if (w->err)
		return wbuf_end(w, w->len);
	wbuf_u8(&frame, f->type);
	wbuf_u64(&frame, f->ref);
	for (size_t i = 0; i < N_FIELDS; i++)
		put_field(&frame, &FIELDS[i], f);
	if (frame.err)
		return -ENOSPC;
	wbuf_u32(&head, (uint32_t)(frame.len - LENGTH_OCTETS));
	w->len += frame.len;
	return 0;
}

const char *link_type_name(uint8_t type)
{
	static const char *const NAMES[] = {
		[LINK_HELLO] = "HELLO", [LINK_DATA] = "DATA",	[LINK_ACK] = "ACK",
		[LINK_ERROR] = "ERROR", [LINK_STATE] = "STATE", [LINK_PING] = "PING",
		[LINK_PONG] = "PONG",	[LINK_QUERY] = "QUERY", [LINK_USER] = "USER",
		[LINK_ALERT] = "ALERT", [LINK_UNHEARD] = "UNHEARD",
	};
	const char *name = type < sizeof(NAMES) / sizeof(NAMES[0]) ? NAMES[type] : NULL;

	return name ? name : "unknown";
}
