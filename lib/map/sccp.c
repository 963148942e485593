/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */

/*
 * Connectionless SCCP messages (Q.713 4.10 to 4.20).
 *
 *   UDT    09 class     ->called ->calling ->data                | called | calling | data
 *   XUDT   11 class hop ->called ->calling ->data ->optional     | called | calling | data | 10 04 .. 00
 *   UDTS, XUDTS         return cause in place of the class
 *   LUDT   13           as XUDT, pointers and length of the data of two octets, low one first
 *
 * A pointer counts from itself (of two octets: from the second one) to the length octet it leads to. They are
 * followed wherever they lead inside the message, in any order.
 */

#include "sccp_private.h"

enum {
	CLASS_MASK = 0x0f,
	CLASS_MAX = 1,
	RETURN_ON_ERROR = 0x80,
	OPTIONAL_END = 0x00,
	OPTIONAL_SEGMENTATION = 0x10,
	SEGMENTATION_OCTETS = 4,
	SEGMENTATION_FIRST = 0x80,
	SEGMENTATION_IN_SEQUENCE = 0x40,
	SEGMENTATION_REMAINING = 0x0f,
};

static const struct form {
	enum sccp_type type;
	bool service;  /* returns a message: carries a cause */
	bool extended; /* hop counter and optional part */
	bool is_long;
} forms[] = {
	{SCCP_UDT, false, false, false}, {SCCP_UDTS, true, false, false},
	{SCCP_XUDT, false, true, false}, {SCCP_XUDTS, true, true, false},
	{SCCP_LUDT, false, true, true},	 {SCCP_LUDTS, true, true, true},
};

static const struct form *form_of(uint32_t type)
{
	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++)
		if (forms[i].type == type)
			return &forms[i];
	return NULL;
}

/* ---- decode ---- */

static uint32_t get_le(struct rbuf *r, size_t octets)
{
	uint32_t x = 0;

	for (size_t i = 0; i < octets; i++)
		x |= (uint32_t)rbuf_u8(r) << 8 * i;
	return x;
}

/* Where a pointer leads, as the octets from there on; empty for pointer 0. */
static struct rbuf get_pointer(struct rbuf *r, bool is_long)
{
	size_t pointer = get_le(r, is_long ? 2 : 1), at = r->pos - 1 + pointer;

	if (r->err || !pointer)
		return (struct rbuf){0};
	if (at >= r->len)
		rbuf_fail(r);
	return at < r->len ? rbuf_of((struct view){r->p + at, r->len - at}) : (struct rbuf){0};
}

static struct view get_variable(struct rbuf *r, bool is_long, size_t length_octets)
{
	struct rbuf at = get_pointer(r, is_long);
	struct view v = rbuf_view(&at, get_le(&at, length_octets));

	if (at.err || !v.len)
		rbuf_fail(r);
	return v;
}

static int get_segmentation(struct view in, struct sccp_segmentation *s)
{
	struct rbuf r = rbuf_of(in);
	uint8_t flags = rbuf_u8(&r);

	if (s->present)
		return -EBADMSG;
	*s = (struct sccp_segmentation){
		.present = true,
		.first = flags & SEGMENTATION_FIRST,
		.in_sequence = flags & SEGMENTATION_IN_SEQUENCE,
		.remaining = flags & SEGMENTATION_REMAINING,
	};
	s->reference = get_le(&r, SEGMENTATION_OCTETS - 1);
	return rbuf_end(&r);
}

static int get_optional(struct rbuf r, struct sccp_message *m)
{
	while (rbuf_left(&r)) {
		uint8_t name = rbuf_u8(&r);
		struct view v;

		if (name == OPTIONAL_END)
			return 0;
		v = rbuf_view(&r, rbuf_u8(&r));
		if (r.err ||
		    (name == OPTIONAL_SEGMENTATION && get_segmentation(v, &m->segmentation)))
			return -EBADMSG;
	}
	/* the end is missing */
	return -EBADMSG;
}

static int get_fixed(struct rbuf *r, const struct form *form, struct sccp_message *m)
{
	uint8_t octet = rbuf_u8(r);

	if (form->service)
		m->return_cause = octet;
	else if ((octet & CLASS_MASK) > CLASS_MAX)
		return -ENOTSUP;
	else
		m->protocol_class = octet & CLASS_MASK;
	m->return_on_error = !form->service && octet & RETURN_ON_ERROR;
	if (form->extended)
		m->hop_counter = rbuf_u8(r);
	if (form->extended && (!m->hop_counter || m->hop_counter > SCCP_HOP_COUNTER_MAX))
		rbuf_fail(r);
	return r->err;
}

static int get_parts(struct rbuf *r, const struct form *form, struct sccp_message *m)
{
	struct view called = get_variable(r, form->is_long, 1),
		    calling = get_variable(r, form->is_long, 1);
	struct rbuf optional = {0};
	int err;

	m->data = get_variable(r, form->is_long, form->is_long ? 2 : 1);
	if (form->extended)
		optional = get_pointer(r, form->is_long);
	if (r->err || m->data.len > SCCP_LONG_DATA_MAX)
		return -EBADMSG;
	err = sccp_address_decode(called, &m->called);
	err = err ? err : sccp_address_decode(calling, &m->calling);
	return err || !optional.len ? err : get_optional(optional, m);
}

int sccp_decode(struct view in, struct sccp_message *out)
{
	struct rbuf r = rbuf_of(in);
	const struct form *form;
	int err;

	memset(out, 0, sizeof(*out));
	out->type = (enum sccp_type)rbuf_u8(&r);
	form = form_of(out->type);
	if (r.err)
		return -EBADMSG;
	if (!form)
		return -ENOTSUP;
	err = get_fixed(&r, form, out);
	return err ? err : get_parts(&r, form, out);
}

/* ---- encode ---- */

static bool segmentation_valid(const struct sccp_message *m)
{
	size_t addresses = sccp_address_octets(&m->called) + sccp_address_octets(&m->calling);

	return m->segmentation.remaining < SCCP_SEGMENTS_MAX &&
	       m->segmentation.reference <= SCCP_REFERENCE_MASK &&
	       addresses + m->data.len <= SCCP_POINTER_REACH;
}

static bool message_valid(const struct sccp_message *m, const struct form *form)
{
	if (!form || form->is_long || m->protocol_class > CLASS_MAX || !m->data.len ||
	    m->data.len > SCCP_DATA_MAX)
		return false;
	if (form->extended && (!m->hop_counter || m->hop_counter > SCCP_HOP_COUNTER_MAX))
		return false;
	if (!sccp_address_valid(&m->called) || !sccp_address_valid(&m->calling))
		return false;
	return !m->segmentation.present || (form->extended && segmentation_valid(m));
}

static void put_fixed(struct wbuf *w, const struct sccp_message *m, const struct form *form)
{
	wbuf_u8(w, m->type);
	if (form->service)
		wbuf_u8(w, m->return_cause);
	else
		wbuf_u8(w, m->protocol_class | (m->return_on_error ? RETURN_ON_ERROR : 0));
	if (form->extended)
		wbuf_u8(w, m->hop_counter);
}

/* Each pointer is one octet nearer to the parts than the one before it. */
static void put_pointers(struct wbuf *w, const struct sccp_message *m, const struct form *form)
{
	size_t pointers = form->extended ? 4 : 3;
	size_t called = pointers, calling = called + sccp_address_octets(&m->called);
	size_t data = calling + sccp_address_octets(&m->calling), optional = data + m->data.len;

	wbuf_u8(w, (uint8_t)called);
	wbuf_u8(w, (uint8_t)calling);
	wbuf_u8(w, (uint8_t)data);
	if (form->extended)
		wbuf_u8(w, m->segmentation.present ? (uint8_t)optional : 0);
}

static void put_address(struct wbuf *w, const struct sccp_address *a)
{
	int err;

	wbuf_u8(w, (uint8_t)sccp_address_octets(a));
	err = w->err ? w->err : sccp_address_encode(w, a);
	w->err = err;
}

static void put_segmentation(struct wbuf *w, const struct sccp_segmentation *s)
{
	wbuf_u8(w, OPTIONAL_SEGMENTATION);
	wbuf_u8(w, SEGMENTATION_OCTETS);
	wbuf_u8(w, (uint8_t)((s->first ? SEGMENTATION_FIRST : 0) |
			     (s->in_sequence ? SEGMENTATION_IN_SEQUENCE : 0) | s->remaining));
	for (unsigned shift = 0; shift < 24; shift += 8)
		wbuf_u8(w, (uint8_t)(s->reference >> shift));
	wbuf_u8(w, OPTIONAL_END);
}

int sccp_encode(struct wbuf *w, const struct sccp_message *m)
{
	const struct form *form = form_of(m->type);
	size_t mark = w->len;

	if (!message_valid(m, form))
		return -EINVAL;
	put_fixed(w, m, form);
	put_pointers(w, m, form);
	put_address(w, &m->called);
	put_address(w, &m->calling);
	wbuf_u8(w, (uint8_t)m->data.len);
	wbuf_view(w, m->data);
	if (m->segmentation.present)
		put_segmentation(w, &m->segmentation);
	return wbuf_end(w, mark);
}

/* ---- returning a message ---- */

int sccp_return(const struct sccp_message *m, enum sccp_return_cause cause,
		struct sccp_message *out)
{
	const struct form *form = form_of(m->type);

	if (!form || form->service || !m->return_on_error)
		return -ENOENT;
	*out = *m;
	out->type = (enum sccp_type)(m->type + 1);
	out->protocol_class = 0;
	out->return_on_error = false;
	out->return_cause = (uint8_t)cause;
	out->hop_counter = form->extended ? SCCP_HOP_COUNTER_MAX : 0;
	out->called = m->calling;
	out->calling = m->called;
	return 0;
}

/* ---- names ---- */

const char *sccp_type_name(enum sccp_type type)
{
	switch (type) {
	case SCCP_UDT:
		return "UDT";
	case SCCP_UDTS:
		return "UDTS";
	case SCCP_XUDT:
		return "XUDT";
	case SCCP_XUDTS:
		return "XUDTS";
	case SCCP_LUDT:
		return "LUDT";
	case SCCP_LUDTS:
		return "LUDTS";
	}
	return "unknown";
}

const char *sccp_return_cause_name(uint8_t return_cause)
{
	static const char *const NAMES[] = {
		[SCCP_CAUSE_NO_TRANSLATION_NATURE] = "no-translation-for-nature",
		[SCCP_CAUSE_NO_TRANSLATION] = "no-translation-for-address",
		[SCCP_CAUSE_SUBSYSTEM_CONGESTION] = "subsystem-congestion",
		[SCCP_CAUSE_SUBSYSTEM_FAILURE] = "subsystem-failure",
		[SCCP_CAUSE_UNEQUIPPED_USER] = "unequipped-user",
		[SCCP_CAUSE_MTP_FAILURE] = "mtp-failure",
		[SCCP_CAUSE_NETWORK_CONGESTION] = "network-congestion",
		[SCCP_CAUSE_UNQUALIFIED] = "unqualified",
		[SCCP_CAUSE_TRANSPORT] = "error-in-message-transport",
		[SCCP_CAUSE_PROCESSING] = "error-in-local-processing",
		[SCCP_CAUSE_REASSEMBLY] = "no-reassembly",
		[SCCP_CAUSE_SCCP_FAILURE] = "sccp-failure",
		[SCCP_CAUSE_HOP_COUNTER] = "hop-counter-violation",
		[SCCP_CAUSE_SEGMENTATION_NOT_SUPPORTED] = "segmentation-not-supported",
		[SCCP_CAUSE_SEGMENTATION_FAILURE] = "segmentation-failure",
	};

	return return_cause < sizeof(NAMES) / sizeof(NAMES[0]) ? NAMES[return_cause] : "unknown";
}
