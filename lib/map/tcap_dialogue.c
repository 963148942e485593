/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */

/*
 * The structured dialogue portion of TCAP (Q.773 3.2, 4.2.3).
 *
 *   6B | 28 EXTERNAL | 06 dialogue-as-id | A0 | 60 AARQ | 80 protocol-version  A1 application-context-name
 *                                             | 61 AARE |   as AARQ, A2 result  A3 result-source-diagnostic
 *                                             | 64 ABRT | 80 abort-source
 *                                                         BE user-information (map_dialogue.c)
 *
 * The protocol version is written (version 1) and not looked at: some peers leave it out.
 */

#include "tcap_private.h"

enum {
	TAG_DIALOGUE = 0x6b,
	TAG_SINGLE_ASN1 = 0xa0,
	TAG_PROTOCOL_VERSION = 0x80, /* AARQ, AARE */
	TAG_ABORT_SOURCE = 0x80,     /* ABRT */
	TAG_AC_NAME = 0xa1,
	TAG_RESULT = 0xa2,
	TAG_DIAGNOSTIC = 0xa3,
	TAG_USER_INFORMATION = 0xbe,
};

static const uint8_t dialogue_as_id[] = {0x00, 0x11, 0x86, 0x05, 0x01, 0x01, 0x01};
static const uint8_t protocol_version_1[] = {0x07, 0x80}; /* BIT STRING, seven bits unused */
static const uint8_t map_ac_prefix[] = {0x04, 0x00, 0x00, 0x01, 0x00};

#define OCTETS(array) ((struct view){array, sizeof(array)})

enum { AC_OCTETS = sizeof(map_ac_prefix) + 2, ARC_MAX = 0x7f };

/* ---- application context ---- */

bool map_ac_decode(struct view in, struct map_ac *ac)
{
	*ac = (struct map_ac){0};
	if (in.len != AC_OCTETS || memcmp(in.p, map_ac_prefix, sizeof(map_ac_prefix)) != 0 ||
	    !in.p[5] || in.p[5] > ARC_MAX || in.p[6] > ARC_MAX)
		return false;
	*ac = (struct map_ac){in.p[5], in.p[6]};
	return true;
}

void map_ac_encode(struct wbuf *w, struct map_ac ac)
{
	size_t mark = ber_open(w, BER_OID);

	wbuf_view(w, OCTETS(map_ac_prefix));
	wbuf_u8(w, ac.context);
	wbuf_u8(w, ac.version);
	ber_close(w, mark);
}

/* ---- decode ---- */

static int get_ac_name(struct view value, struct tcap_dialogue *d)
{
	struct view name;

	if (ber_unwrap(value, BER_OID, &name) || !name.len || name.len > TCAP_AC_NAME_MAX)
		return -EPROTO;
	d->other_ac_name = map_ac_decode(name, &d->ac) ? (struct view){0} : name;
	return 0;
}

static int get_diagnostic(struct view value, struct tcap_dialogue *d)
{
	struct rbuf r = rbuf_of(value);
	struct ber_element source;
	struct view diagnostic;

	ber_next(&r, &source);
	d->diagnostic_source = (enum tcap_diagnostic_source)(source.tag & 3);
	if (rbuf_end(&r) || (source.tag != 0xa1 && source.tag != 0xa2) ||
	    ber_unwrap(source.value, BER_INTEGER, &diagnostic))
		return -EPROTO;
	return tcap_octet_decode(diagnostic, &d->diagnostic);
}

static int get_result(struct view value, struct tcap_dialogue *d)
{
	struct view result;

	if (ber_unwrap(value, BER_INTEGER, &result))
		return -EPROTO;
	return tcap_octet_decode(result, &d->result);
}

static int get_field(const struct ber_element *e, struct tcap_dialogue *d)
{
	if (d->apdu == TCAP_ABRT && e->tag == TAG_ABORT_SOURCE)
		return tcap_octet_decode(e->value, &d->abort_source);
	switch (e->tag) {
	case TAG_AC_NAME:
		return get_ac_name(e->value, d);
	case TAG_RESULT:
		return get_result(e->value, d);
	case TAG_DIAGNOSTIC:
		return get_diagnostic(e->value, d);
	case TAG_USER_INFORMATION:
		return map_dialogue_decode(e->value, &d->map);
	}
	return 0;
}

/* Keeps only what the kind of APDU has, whatever else stood in it. */
static bool complete(struct tcap_dialogue *d)
{
	if (d->apdu != TCAP_AARE) {
		d->result = d->diagnostic = 0;
		d->diagnostic_source = (enum tcap_diagnostic_source)0;
	}
	if (d->apdu == TCAP_ABRT) {
		d->ac = (struct map_ac){0};
		d->other_ac_name = (struct view){0};
		return true;
	}
	return (d->ac.context || d->other_ac_name.len) &&
	       (d->apdu == TCAP_AARQ || d->diagnostic_source);
}

static int get_apdu(const struct ber_element *apdu, struct tcap_dialogue *d)
{
	struct rbuf r = rbuf_of(apdu->value);
	struct ber_element e;

	if (apdu->tag != TCAP_AARQ && apdu->tag != TCAP_AARE && apdu->tag != TCAP_ABRT)
		return -EPROTO;
	d->apdu = (enum tcap_apdu)apdu->tag;
	while (ber_next(&r, &e))
		if (get_field(&e, d))
			return -EPROTO;
	return rbuf_end(&r) || !complete(d) ? -EPROTO : 0;
}

int tcap_dialogue_decode(struct view in, struct tcap_dialogue *d)
{
	struct ber_element id, encoding, apdu;
	struct view external;
	struct rbuf r;

	if (ber_unwrap(in, BER_EXTERNAL, &external))
		return -EPROTO;
	r = rbuf_of(external);
	ber_expect(&r, BER_OID, &id);
	ber_expect(&r, TAG_SINGLE_ASN1, &encoding);
	if (rbuf_end(&r) || !view_eq(id.value, OCTETS(dialogue_as_id)))
		return -EPROTO;
	r = rbuf_of(encoding.value);
	ber_next(&r, &apdu);
	return rbuf_end(&r) ? -EPROTO : get_apdu(&apdu, d);
}

/* ---- encode ---- */

static bool ac_valid(const struct tcap_dialogue *d)
{
	if (d->other_ac_name.len)
		return !d->ac.context && d->other_ac_name.len <= TCAP_AC_NAME_MAX;
	return d->ac.context && d->ac.context <= ARC_MAX && d->ac.version <= ARC_MAX;
}

bool tcap_dialogue_valid(const struct tcap_dialogue *d)
{
	switch (d->apdu) {
	case TCAP_NO_DIALOGUE:
		return true;
	case TCAP_AARQ:
	case TCAP_ABRT:
		break;
	case TCAP_AARE:
		if (d->diagnostic_source != TCAP_DIAGNOSTIC_USER &&
		    d->diagnostic_source != TCAP_DIAGNOSTIC_PROVIDER)
			return false;
		break;
	default:
		return false;
	}
	return (d->apdu == TCAP_ABRT || ac_valid(d)) && map_dialogue_valid(&d->map);
}

static void put_ac_name(struct wbuf *w, const struct tcap_dialogue *d)
{
	size_t mark = ber_open(w, TAG_AC_NAME);

	if (d->other_ac_name.len)
		ber_put(w, BER_OID, d->other_ac_name);
	else
		map_ac_encode(w, d->ac);
	ber_close(w, mark);
}

static void put_explicit(struct wbuf *w, uint32_t tag, uint8_t value)
{
	size_t mark = ber_open(w, tag);

	ber_put_integer(w, BER_INTEGER, value);
	ber_close(w, mark);
}

static void put_diagnostic(struct wbuf *w, const struct tcap_dialogue *d)
{
	size_t mark = ber_open(w, TAG_DIAGNOSTIC);

	put_explicit(w, TAG_SINGLE_ASN1 | d->diagnostic_source, d->diagnostic);
	ber_close(w, mark);
}

static void put_apdu(struct wbuf *w, const struct tcap_dialogue *d)
{
	size_t mark = ber_open(w, d->apdu);

	if (d->apdu == TCAP_ABRT) {
		ber_put_integer(w, TAG_ABORT_SOURCE, d->abort_source);
	} else {
		ber_put(w, TAG_PROTOCOL_VERSION, OCTETS(protocol_version_1));
		put_ac_name(w, d);
	}
	if (d->apdu == TCAP_AARE) {
		put_explicit(w, TAG_RESULT, d->result);
		put_diagnostic(w, d);
	}
	map_dialogue_encode(w, &d->map);
	ber_close(w, mark);
}

void tcap_dialogue_encode(struct wbuf *w, const struct tcap_dialogue *d)
{
	size_t portion, external, encoding;

	if (d->apdu == TCAP_NO_DIALOGUE)
		return;
	portion = ber_open(w, TAG_DIALOGUE);
	external = ber_open(w, BER_EXTERNAL);
	ber_put(w, BER_OID, OCTETS(dialogue_as_id));
	encoding = ber_open(w, TAG_SINGLE_ASN1);
	put_apdu(w, d);
	ber_close(w, encoding);
	ber_close(w, external);
	ber_close(w, portion);
}
