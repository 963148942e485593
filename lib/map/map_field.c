/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */

/*
 * The kinds of elements that short message parameters are made of (TS 29.002 17.7.6, 17.7.8), but for
 * addresses (map_address.c). Of the choices SM-RP-DA and SM-RP-OA stand with their own tag;
 * Additional-Number and SubscriberIdentity stand inside one, since a choice cannot be tagged implicitly.
 */

#include "map_syntax.h"

enum { MW_UNUSED_BITS = 2, MW_MASK = 0xfc };

/* ---- values ---- */

static int value_decode(const struct map_field *f, struct view in, struct map_value *out)
{
	int32_t x;

	if (ber_integer_decode(in, &x))
		return -EBADMSG;
	if (x < f->min || x > f->max)
		return -ERANGE;
	*out = (struct map_value){true, (uint16_t)x};
	return 0;
}

static int value_encode(struct wbuf *w, const struct map_field *f, const struct map_value *v)
{
	if (!v->present || v->value < f->min || v->value > f->max)
		return -EINVAL;
	ber_put_integer(w, f->tag, v->value);
	return 0;
}

static int bits_decode(struct view in, struct map_value *out)
{
	if (in.len < 2)
		return -ERANGE;
	*out = (struct map_value){true, in.p[1] & MW_MASK};
	return 0;
}

static int bits_encode(struct wbuf *w, const struct map_field *f, const struct map_value *v)
{
	const uint8_t octets[] = {MW_UNUSED_BITS, (uint8_t)v->value & MW_MASK};

	if (!v->present || v->value > UINT8_MAX)
		return -EINVAL;
	ber_put(w, f->tag, (struct view){octets, sizeof(octets)});
	return 0;
}

static int octets_decode(const struct map_field *f, struct view in, struct view *out)
{
	if (in.len < f->min || in.len > f->max)
		return -ERANGE;
	*out = in;
	return 0;
}

static int octets_encode(struct wbuf *w, const struct map_field *f, const struct view *v)
{
	if (v->len < f->min || v->len > f->max)
		return -EINVAL;
	ber_put(w, f->tag, *v);
	return 0;
}

static int boolean_decode(struct view in, bool *out)
{
	if (in.len != 1)
		return -EBADMSG;
	*out = in.p[0] != 0;
	return 0;
}

static int boolean_encode(struct wbuf *w, uint32_t tag, bool on)
{
	const uint8_t octet = on ? 0xff : 0;

	ber_put(w, tag, (struct view){&octet, 1});
	return 0;
}

/* ---- choices ---- */

static const uint8_t rp_da_types = 1 << MAP_RP_IMSI | 1 << MAP_RP_LMSI |
				   1 << MAP_RP_ROAMING_NUMBER | 1 << MAP_RP_SERVICE_CENTRE |
				   1 << MAP_RP_NONE;
static const uint8_t rp_oa_types =
	1 << MAP_RP_MSISDN | 1 << MAP_RP_SERVICE_CENTRE | 1 << MAP_RP_NONE;

static bool rp_has_tag(uint8_t types, uint32_t tag)
{
	return tag >= BER_CONTEXT && tag <= (BER_CONTEXT | MAP_RP_NONE) &&
	       types >> (tag - BER_CONTEXT) & 1;
}

static size_t rp_address_max(enum map_rp_type type)
{
	return type == MAP_RP_SERVICE_CENTRE ? MAP_ADDRESS_MAX : MAP_ISDN_MAX;
}

static int rp_decode(const struct ber_element *e, struct map_rp_address *out)
{
	out->type = (enum map_rp_type)(e->tag - BER_CONTEXT);
	switch (out->type) {
	case MAP_RP_IMSI:
		return map_imsi_decode(e->value, out->imsi);
	case MAP_RP_LMSI:
		return map_lmsi_decode(e->value, &out->lmsi);
	case MAP_RP_MSISDN:
	case MAP_RP_ROAMING_NUMBER:
	case MAP_RP_SERVICE_CENTRE:
		return map_isdn_decode(e->value, rp_address_max(out->type), &out->address);
	case MAP_RP_NONE:
		break;
	}
	return 0;
}

static int rp_encode(struct wbuf *w, uint8_t types, const struct map_rp_address *a)
{
	uint32_t tag = BER_CONTEXT | a->type;

	if (!rp_has_tag(types, tag))
		return -EINVAL;
	switch (a->type) {
	case MAP_RP_IMSI:
		return map_imsi_encode(w, tag, a->imsi);
	case MAP_RP_LMSI:
		return map_lmsi_encode(w, tag, &a->lmsi);
	case MAP_RP_MSISDN:
	case MAP_RP_ROAMING_NUMBER:
	case MAP_RP_SERVICE_CENTRE:
		return map_isdn_encode(w, tag, &a->address, rp_address_max(a->type));
	case MAP_RP_NONE:
		ber_put(w, tag, (struct view){0});
		break;
	}
	return 0;
}

/* The one element inside an explicit tag, [0] or [1]. */
static int get_choice(struct view in, struct ber_element *e)
{
	struct rbuf r = rbuf_of(in);

	if (!ber_next(&r, e) || r.err)
		return -EBADMSG;
	return e->tag == BER_CONTEXT || e->tag == (BER_CONTEXT | 1) ? 0 : -ERANGE;
}

static int additional_decode(struct view in, struct map_additional_number *out)
{
	struct ber_element e;
	int err = get_choice(in, &e);

	err = err ? err : map_isdn_decode(e.value, MAP_ISDN_MAX, &out->address);
	if (!err)
		out->type = e.tag == BER_CONTEXT ? MAP_NUMBER_MSC : MAP_NUMBER_SGSN;
	return err;
}

static int additional_encode(struct wbuf *w, uint32_t tag, const struct map_additional_number *n)
{
	size_t mark = ber_open(w, tag);
	int err = -EINVAL;

	if (n->type == MAP_NUMBER_MSC || n->type == MAP_NUMBER_SGSN)
		err = map_isdn_encode(w, n->type == MAP_NUMBER_MSC ? BER_CONTEXT : BER_CONTEXT | 1,
				      &n->address, MAP_ISDN_MAX);
	ber_close(w, mark);
	return err;
}

static int subscriber_decode(struct view in, struct map_subscriber_identity *out)
{
	struct ber_element e;
	int err = get_choice(in, &e);

	if (err)
		return err;
	return e.tag == BER_CONTEXT ? map_imsi_decode(e.value, out->imsi)
				    : map_isdn_decode(e.value, MAP_ISDN_MAX, &out->msisdn);
}

static int subscriber_encode(struct wbuf *w, uint32_t tag, const struct map_subscriber_identity *id)
{
	size_t mark = ber_open(w, tag);
	int err = -EINVAL;

	if (id->imsi[0] && !id->msisdn.text[0])
		err = map_imsi_encode(w, BER_CONTEXT, id->imsi);
	else if (!id->imsi[0])
		err = map_isdn_encode(w, BER_CONTEXT | 1, &id->msisdn, MAP_ISDN_MAX);
	ber_close(w, mark);
	return err;
}

/* ---- sequences ---- */

static int inner_decode(const struct map_field *f, struct view in, uint8_t version, void *at)
{
	int err = map_fields_decode(in, f->inner, version, at);

	*(bool *)at = !err;
	return err;
}

static int inner_encode(struct wbuf *w, const struct map_field *f, uint8_t version, const void *at)
{
	size_t mark = ber_open(w, f->tag);
	int err = map_fields_encode(w, f->inner, version, at);

	ber_close(w, mark);
	return err;
}

/* ---- all kinds ---- */

bool map_field_has_tag(const struct map_field *f, uint32_t tag)
{
	if (f->kind == MAP_KIND_RP_DA)
		return rp_has_tag(rp_da_types, tag);
	if (f->kind == MAP_KIND_RP_OA)
		return rp_has_tag(rp_oa_types, tag);
	return f->tag == tag;
}

bool map_field_present(const struct map_field *f, const void *at)
{
	switch (f->kind) {
	case MAP_KIND_ADDRESS:
		return ((const struct sms_address *)at)->text[0];
	case MAP_KIND_IMSI:
		return *(const char *)at;
	case MAP_KIND_LMSI:
		return ((const struct map_lmsi *)at)->present;
	case MAP_KIND_OCTETS:
		return ((const struct view *)at)->len;
	case MAP_KIND_VALUE:
	case MAP_KIND_BITS:
		return ((const struct map_value *)at)->present;
	case MAP_KIND_ADDITIONAL:
		return ((const struct map_additional_number *)at)->type;
	case MAP_KIND_NULL:
	case MAP_KIND_BOOLEAN:
	case MAP_KIND_SEQUENCE:
		return *(const bool *)at;
	}
	return true;
}

int map_field_decode(const struct map_field *f, const struct ber_element *e, uint8_t version,
		     void *at)
{
	switch (f->kind) {
	case MAP_KIND_ADDRESS:
		return map_isdn_decode(e->value, f->max, at);
	case MAP_KIND_IMSI:
		return map_imsi_decode(e->value, at);
	case MAP_KIND_LMSI:
		return map_lmsi_decode(e->value, at);
	case MAP_KIND_OCTETS:
		return octets_decode(f, e->value, at);
	case MAP_KIND_NULL:
		*(bool *)at = true;
		return 0;
	case MAP_KIND_BOOLEAN:
		return boolean_decode(e->value, at);
	case MAP_KIND_VALUE:
		return value_decode(f, e->value, at);
	case MAP_KIND_BITS:
		return bits_decode(e->value, at);
	case MAP_KIND_RP_DA:
	case MAP_KIND_RP_OA:
		return rp_decode(e, at);
	case MAP_KIND_ADDITIONAL:
		return additional_decode(e->value, at);
	case MAP_KIND_SUBSCRIBER:
		return subscriber_decode(e->value, at);
	case MAP_KIND_SEQUENCE:
		return inner_decode(f, e->value, version, at);
	}
	return -EBADMSG;
}

int map_field_encode(struct wbuf *w, const struct map_field *f, uint8_t version, const void *at)
{
	switch (f->kind) {
	case MAP_KIND_ADDRESS:
		return map_isdn_encode(w, f->tag, at, f->max);
	case MAP_KIND_IMSI:
		return map_imsi_encode(w, f->tag, at);
	case MAP_KIND_LMSI:
		return map_lmsi_encode(w, f->tag, at);
	case MAP_KIND_OCTETS:
		return octets_encode(w, f, at);
	case MAP_KIND_NULL:
		ber_put(w, f->tag, (struct view){0});
		return 0;
	case MAP_KIND_BOOLEAN:
		return boolean_encode(w, f->tag, *(const bool *)at);
	case MAP_KIND_VALUE:
		return value_encode(w, f, at);
	case MAP_KIND_BITS:
		return bits_encode(w, f, at);
	case MAP_KIND_RP_DA:
		return rp_encode(w, rp_da_types, at);
	case MAP_KIND_RP_OA:
		return rp_encode(w, rp_oa_types, at);
	case MAP_KIND_ADDITIONAL:
		return additional_encode(w, f->tag, at);
	case MAP_KIND_SUBSCRIBER:
		return subscriber_encode(w, f->tag, at);
	case MAP_KIND_SEQUENCE:
		return inner_encode(w, f, version, at);
	}
	return -EINVAL;
}
