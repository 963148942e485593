/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */

/*
 * TCAP messages: the transaction portion (Q.773 3.1, table 8).
 *
 *   62 len | 48 otid | 49 dtid | 4A P-Abort cause | 6B dialogue portion | 6C component portion
 *
 * Which of them a type must and may have is a table. What is wrong inside a component does not refuse
 * the message: that component is answered with a Reject (Q.774 3.2.2.2).
 */

#include "tcap_private.h"

enum {
	TAG_OTID = 0x48,
	TAG_DTID = 0x49,
	TAG_P_ABORT = 0x4a,
	TAG_DIALOGUE = 0x6b,
	TAG_COMPONENTS = 0x6c,
};

static const struct rule {
	enum tcap_type type;
	bool otid, dtid; /* must be there, else must not */
	bool components; /* may be there */
	enum tcap_apdu dialogue[2];
} rules[] = {
	{TCAP_BEGIN, true, false, true, {TCAP_AARQ, TCAP_AARQ}},
	{TCAP_CONTINUE, true, true, true, {TCAP_AARE, TCAP_AARE}},
	{TCAP_END, false, true, true, {TCAP_AARE, TCAP_AARE}},
	{TCAP_ABORT, false, true, false, {TCAP_AARE, TCAP_ABRT}},
};

static const struct rule *rule_of(uint32_t type)
{
	for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++)
		if (rules[i].type == type)
			return &rules[i];
	return NULL;
}

static bool follows(const struct rule *rule, const struct tcap_message *m)
{
	enum tcap_apdu apdu = m->dialogue.apdu;

	if (!m->otid.len == rule->otid || !m->dtid.len == rule->dtid)
		return false;
	if (m->component_count && !rule->components)
		return false;
	if (m->has_p_abort && (m->type != TCAP_ABORT || apdu))
		return false;
	return apdu == TCAP_NO_DIALOGUE || apdu == rule->dialogue[0] || apdu == rule->dialogue[1];
}

/* ---- decode ---- */

int tcap_octet_decode(struct view value, uint8_t *out)
{
	int32_t x;

	*out = 0;
	if (ber_integer_decode(value, &x) || x < 0 || x > UINT8_MAX)
		return -EBADMSG;
	*out = (uint8_t)x;
	return 0;
}

static int get_id(struct view value, struct tcap_id *id)
{
	if (value.len < 1 || value.len > TCAP_ID_MAX)
		return -EBADMSG;
	if (id->len)
		return -EPROTO;
	id->len = (uint8_t)value.len;
	memcpy(id->octets, value.p, value.len);
	return 0;
}

static int get_components(struct view value, struct tcap_message *m)
{
	struct rbuf r = rbuf_of(value);
	struct tcap_component c;

	while (tcap_component_next(&r, &c)) {
		if (m->component_count == TCAP_COMPONENTS_MAX)
			return -EOVERFLOW;
		m->components[m->component_count++] = c;
		if (c.type == TCAP_MALFORMED)
			break;
	}
	return 0;
}

static int get_element(const struct ber_element *e, struct tcap_message *m)
{
	switch (e->tag) {
	case TAG_OTID:
		return get_id(e->value, &m->otid);
	case TAG_DTID:
		return get_id(e->value, &m->dtid);
	case TAG_P_ABORT:
		m->has_p_abort = true;
		return tcap_octet_decode(e->value, &m->p_abort);
	case TAG_DIALOGUE:
		return m->dialogue.apdu ? -EPROTO : tcap_dialogue_decode(e->value, &m->dialogue);
	case TAG_COMPONENTS:
		return m->component_count ? -EPROTO : get_components(e->value, m);
	}
	return -EPROTO;
}

int tcap_decode(struct view in, struct tcap_message *out)
{
	struct rbuf r = rbuf_of(in), content;
	struct ber_element message, e;
	const struct rule *rule;
	int err = 0, one;

	memset(out, 0, sizeof(*out));
	if (!ber_next(&r, &message) || rbuf_end(&r))
		return -EBADMSG;
	out->type = (enum tcap_type)message.tag;
	rule = rule_of(message.tag);
	/* all elements are looked at, so that an abort can name the ids */
	content = rbuf_of(message.value);
	while (ber_next(&content, &e)) {
		one = get_element(&e, out);
		err = err ? err : one;
	}
	if (!rule)
		return -ENOTSUP;
	if (content.err)
		return -EBADMSG;
	return err || follows(rule, out) ? err : -EPROTO;
}

enum tcap_p_abort tcap_p_abort_of(int err)
{
	switch (err) {
	case -ENOTSUP:
		return TCAP_P_ABORT_UNRECOGNIZED_TYPE;
	case -EPROTO:
		return TCAP_P_ABORT_INCORRECT;
	case -EOVERFLOW:
		return TCAP_P_ABORT_RESOURCE_LIMITATION;
	}
	return TCAP_P_ABORT_BADLY_FORMATTED;
}

bool tcap_id_eq(const struct tcap_id *a, const struct tcap_id *b)
{
	return a->len == b->len && memcmp(a->octets, b->octets, a->len) == 0;
}

/* ---- encode ---- */

static bool message_valid(const struct tcap_message *m)
{
	const struct rule *rule = rule_of(m->type);

	if (!rule || m->otid.len > TCAP_ID_MAX || m->dtid.len > TCAP_ID_MAX ||
	    m->component_count > TCAP_COMPONENTS_MAX || !follows(rule, m) ||
	    !tcap_dialogue_valid(&m->dialogue))
		return false;
	for (size_t i = 0; i < m->component_count; i++)
		if (!tcap_component_valid(&m->components[i]))
			return false;
	return true;
}

static void put_id(struct wbuf *w, uint32_t tag, const struct tcap_id *id)
{
	if (id->len)
		ber_put(w, tag, (struct view){id->octets, id->len});
}

static void put_components(struct wbuf *w, const struct tcap_message *m)
{
	size_t mark;

	if (!m->component_count)
		return;
	mark = ber_open(w, TAG_COMPONENTS);
	for (size_t i = 0; i < m->component_count; i++)
		tcap_component_encode(w, &m->components[i]);
	ber_close(w, mark);
}

int tcap_encode(struct wbuf *w, const struct tcap_message *m)
{
	size_t start = w->len, mark;

	if (!message_valid(m))
		return -EINVAL;
	mark = ber_open(w, m->type);
	put_id(w, TAG_OTID, &m->otid);
	put_id(w, TAG_DTID, &m->dtid);
	if (m->has_p_abort)
		ber_put_integer(w, TAG_P_ABORT, m->p_abort);
	tcap_dialogue_encode(w, &m->dialogue);
	put_components(w, m);
	ber_close(w, mark);
	return wbuf_end(w, start);
}
