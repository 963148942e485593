/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */

/*
 * What MAP puts into the user information of a TCAP dialogue (TS 29.002 17.4.2).
 *
 *   BE | 28 EXTERNAL | 06 map-DialogueAS | A0 | A0 map-open           80 destinationReference  81 originationReference
 *                                             | A1 map-accept, A2 map-close
 *                                             | A3 map-refuse         0A reason  06 alternativeApplicationContext
 *                                             | A4 map-userAbort      80 | 81 | 82 detail | 83 detail
 *                                             | A5 map-providerAbort  0A reason
 *
 * Information of others (another abstract syntax) and MAP PDUs not known here are stepped over.
 */

#include "tcap_private.h"

enum {
	TAG_USER_INFORMATION = 0xbe,
	TAG_SINGLE_ASN1 = 0xa0,
	TAG_OCTET_ALIGNED = 0x81,
	TAG_DESTINATION_REFERENCE = 0x80,
	TAG_ORIGINATION_REFERENCE = 0x81,
	TAG_ABORT_CHOICE = 0x80,
	REFERENCE_MAX = 20, /* octets of an AddressString */
	ARC_MAX = 0x7f,
};

static const uint8_t map_dialogue_as[] = {0x04, 0x00, 0x00, 0x01, 0x01, 0x01, 0x01};

#define MAP_DIALOGUE_AS ((struct view){map_dialogue_as, sizeof(map_dialogue_as)})

/* ---- decode ---- */

static int get_reference(struct view value, struct view *reference)
{
	*reference = value;
	return value.len > REFERENCE_MAX ? -EPROTO : 0;
}

static int get_open(const struct ber_element *e, struct map_dialogue *d)
{
	if (e->tag == TAG_DESTINATION_REFERENCE)
		return get_reference(e->value, &d->destination_reference);
	if (e->tag == TAG_ORIGINATION_REFERENCE)
		return get_reference(e->value, &d->origination_reference);
	return 0;
}

static int get_refuse(const struct ber_element *e, struct map_dialogue *d)
{
	if (e->tag == BER_OID)
		map_ac_decode(e->value, &d->alternative);
	return e->tag == BER_ENUMERATED ? tcap_octet_decode(e->value, &d->reason) : 0;
}

static int get_user_abort(const struct ber_element *e, struct map_dialogue *d)
{
	if (e->tag < TAG_ABORT_CHOICE || e->tag > (TAG_ABORT_CHOICE | MAP_USER_ABORT_CANCELLATION))
		return 0;
	d->reason = e->tag & 3;
	d->detail = 0;
	return d->reason < MAP_USER_ABORT_RESOURCE_UNAVAILABLE
		       ? 0
		       : tcap_octet_decode(e->value, &d->detail);
}

static int get_field(const struct ber_element *e, struct map_dialogue *d)
{
	switch (d->pdu) {
	case MAP_OPEN:
		return get_open(e, d);
	case MAP_REFUSE:
		return get_refuse(e, d);
	case MAP_USER_ABORT:
		return get_user_abort(e, d);
	case MAP_PROVIDER_ABORT:
		return e->tag == BER_ENUMERATED ? tcap_octet_decode(e->value, &d->reason) : 0;
	case MAP_ACCEPT:
	case MAP_CLOSE:
	case MAP_DIALOGUE_NONE:
		break;
	}
	return 0;
}

static int get_pdu(struct view in, struct map_dialogue *d)
{
	struct rbuf r = rbuf_of(in), content;
	struct ber_element pdu, e;

	if (!ber_next(&r, &pdu) || rbuf_end(&r))
		return -EPROTO;
	if (pdu.tag < MAP_OPEN || pdu.tag > MAP_PROVIDER_ABORT)
		return 0;
	*d = (struct map_dialogue){.pdu = (enum map_dialogue_pdu)pdu.tag};
	content = rbuf_of(pdu.value);
	while (ber_next(&content, &e))
		if (get_field(&e, d))
			return -EPROTO;
	return rbuf_end(&content) ? -EPROTO : 0;
}

static int get_external(struct view in, struct map_dialogue *d)
{
	struct rbuf r = rbuf_of(in);
	struct ber_element e;
	bool ours = false;

	while (ber_next(&r, &e)) {
		if (e.tag == BER_OID)
			ours = view_eq(e.value, MAP_DIALOGUE_AS);
		if (ours && (e.tag == TAG_SINGLE_ASN1 || e.tag == TAG_OCTET_ALIGNED) &&
		    get_pdu(e.value, d))
			return -EPROTO;
	}
	return rbuf_end(&r) ? -EPROTO : 0;
}

int map_dialogue_decode(struct view in, struct map_dialogue *d)
{
	struct rbuf r = rbuf_of(in);
	struct ber_element e;

	*d = (struct map_dialogue){0};
	while (ber_next(&r, &e))
		if (e.tag == BER_EXTERNAL && get_external(e.value, d))
			return -EPROTO;
	return rbuf_end(&r) ? -EPROTO : 0;
}

/* ---- encode ---- */

bool map_dialogue_valid(const struct map_dialogue *d)
{
	if (d->pdu != MAP_DIALOGUE_NONE && (d->pdu < MAP_OPEN || d->pdu > MAP_PROVIDER_ABORT))
		return false;
	if (d->pdu == MAP_USER_ABORT && d->reason > MAP_USER_ABORT_CANCELLATION)
		return false;
	return d->destination_reference.len <= REFERENCE_MAX &&
	       d->origination_reference.len <= REFERENCE_MAX && d->alternative.context <= ARC_MAX &&
	       d->alternative.version <= ARC_MAX;
}

static void put_open(struct wbuf *w, const struct map_dialogue *d)
{
	if (d->destination_reference.len)
		ber_put(w, TAG_DESTINATION_REFERENCE, d->destination_reference);
	if (d->origination_reference.len)
		ber_put(w, TAG_ORIGINATION_REFERENCE, d->origination_reference);
}

static void put_user_abort(struct wbuf *w, const struct map_dialogue *d)
{
	if (d->reason < MAP_USER_ABORT_RESOURCE_UNAVAILABLE)
		ber_put(w, TAG_ABORT_CHOICE | d->reason, (struct view){0});
	else
		ber_put_integer(w, TAG_ABORT_CHOICE | d->reason, d->detail);
}

static void put_pdu(struct wbuf *w, const struct map_dialogue *d)
{
	size_t mark = ber_open(w, d->pdu);

	if (d->pdu == MAP_OPEN)
		put_open(w, d);
	if (d->pdu == MAP_REFUSE || d->pdu == MAP_PROVIDER_ABORT)
		ber_put_integer(w, BER_ENUMERATED, d->reason);
	if (d->pdu == MAP_REFUSE && d->alternative.context)
		map_ac_encode(w, d->alternative);
	if (d->pdu == MAP_USER_ABORT)
		put_user_abort(w, d);
	ber_close(w, mark);
}

void map_dialogue_encode(struct wbuf *w, const struct map_dialogue *d)
{
	size_t information, external, encoding;

	if (d->pdu == MAP_DIALOGUE_NONE)
		return;
	information = ber_open(w, TAG_USER_INFORMATION);
	external = ber_open(w, BER_EXTERNAL);
	ber_put(w, BER_OID, MAP_DIALOGUE_AS);
	encoding = ber_open(w, TAG_SINGLE_ASN1);
	put_pdu(w, d);
	ber_close(w, encoding);
	ber_close(w, external);
	ber_close(w, information);
}
