/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */

/*
 * Addresses of short messages in the coding of the transfer layer (TS 23.040 9.1.2.5)
 * and of the relay layer (TS 24.011 8.2.5.1, 8.2.5.2).
 *
 *   TP:  semi-octets(1) | 1 TON(3) NPI(4) | digits, or GSM 7 bit packed
 *   RP:  octets(1)      | 1 TON(3) NPI(4) | digits
 *
 * The TP length counts digits (for 7 bit: the semi-octets in use), the RP length counts the
 * octets behind it, type included. Sub-addresses and MSISDN-less forms are not done here.
 */

#include "address.h"

#include "../util/bcd.h"
#include "gsm7.h"

enum {
	DIGITS_MAX = 20,
	SEPTETS_MAX = 11,
	VALUE_MAX = 10, /* octets of digits or of packed septets */
	EXTENSION_BIT = 0x80,
};

/* ---- text form ---- */

static bool only_chars_of(struct view text, const char *set)
{
	for (size_t i = 0; i < text.len; i++)
		if (!octet_in(text.p[i], set))
			return false;
	return text.len > 0;
}

static bool has_control(struct view text)
{
	for (size_t i = 0; i < text.len; i++)
		if (text.p[i] < 0x20)
			return true;
	return false;
}

static int parse_alphanumeric(struct sms_address *a, struct view text)
{
	uint8_t septets[SEPTETS_MAX];
	struct wbuf s = wbuf_of(septets, sizeof(septets));

	if (!text.len || text.len >= sizeof(a->text) || has_control(text) ||
	    gsm7_from_utf8(text, &s))
		return -EINVAL;
	*a = (struct sms_address){.ton = SMS_TON_ALPHANUMERIC, .npi = SMS_NPI_UNKNOWN};
	memcpy(a->text, text.p, text.len);
	return 0;
}

int sms_address_parse(struct sms_address *a, struct view text)
{
	bool plus = text.len && text.p[0] == '+';
	struct view digits = plus ? (struct view){text.p + 1, text.len - 1} : text;

	*a = (struct sms_address){0};
	if (digits.len > DIGITS_MAX || !only_chars_of(digits, plus ? "0123456789" : "0123456789*#"))
		return parse_alphanumeric(a, text);
	a->ton = plus ? SMS_TON_INTERNATIONAL : SMS_TON_UNKNOWN;
	a->npi = SMS_NPI_E164;
	memcpy(a->text, digits.p, digits.len);
	return 0;
}

void sms_address_print(const struct sms_address *a, char out[SMS_ADDRESS_TEXT_MAX + 1])
{
	bool plus = a->ton == SMS_TON_INTERNATIONAL && a->text[0];

	out[0] = '+';
	memcpy(out + plus, a->text, strlen(a->text) + 1);
}

/* ---- what both codings share ---- */

static bool type_is_valid(const struct sms_address *a)
{
	return a->ton <= 7 && a->npi <= 15;
}

static uint8_t type_octet(const struct sms_address *a)
{
	return (uint8_t)(EXTENSION_BIT | a->ton << 4 | a->npi);
}

static void type_decode(uint8_t octet, struct sms_address *a)
{
	a->ton = octet >> 4 & 7;
	a->npi = octet & 15;
}

/* ---- TP ---- */

static int alphanumeric_encode(struct wbuf *value, const char *text, size_t *semi_octets)
{
	uint8_t septets[SEPTETS_MAX];
	struct wbuf s = wbuf_of(septets, sizeof(septets));

	if (gsm7_from_utf8(view_str(text), &s))
		return -EINVAL;
	*semi_octets = (s.len * 7 + 3) / 4;
	return gsm7_pack(value, wbuf_written(&s), 0);
}

int tp_address_encode(struct wbuf *w, const struct sms_address *a)
{
	bool alphanumeric = a->ton == SMS_TON_ALPHANUMERIC;
	uint8_t octets[VALUE_MAX];
	struct wbuf value = wbuf_of(octets, sizeof(octets));
	size_t mark = w->len, semi_octets = strlen(a->text);

	if (!type_is_valid(a) || (alphanumeric ? alphanumeric_encode(&value, a->text, &semi_octets)
					       : bcd_encode(&value, a->text)))
		return -EINVAL;
	wbuf_u8(w, (uint8_t)semi_octets);
	wbuf_u8(w, type_octet(a));
	wbuf_view(w, wbuf_written(&value));
	return wbuf_end(w, mark);
}

/* The text goes into headers and log lines: line ends and the like are shown as spaces. */
static int alphanumeric_decode(struct view value, size_t semi_octets, char *text, size_t size)
{
	uint8_t octets[SEPTETS_MAX];
	struct wbuf septets = wbuf_of(octets, sizeof(octets));
	struct wbuf utf8 = wbuf_of(text, size - 1);

	if (gsm7_unpack(value, 0, semi_octets * 4 / 7, &septets) ||
	    gsm7_to_utf8(wbuf_written(&septets), &utf8))
		return -EBADMSG;
	for (size_t i = 0; i < utf8.len; i++)
		if (utf8.p[i] < 0x20)
			utf8.p[i] = ' ';
	text[utf8.len] = '\0';
	return 0;
}

void tp_address_decode(struct rbuf *r, struct sms_address *a)
{
	uint8_t semi_octets = rbuf_u8(r), type = rbuf_u8(r);
	struct view value = rbuf_view(r, (semi_octets + 1u) / 2);
	int err;

	*a = (struct sms_address){0};
	if (r->err || semi_octets > DIGITS_MAX) {
		rbuf_fail(r);
		return;
	}
	type_decode(type, a);
	err = a->ton == SMS_TON_ALPHANUMERIC
		      ? alphanumeric_decode(value, semi_octets, a->text, sizeof(a->text))
		      : bcd_decode(value, semi_octets, a->text, sizeof(a->text));
	if (err)
		rbuf_fail(r);
}

/* ---- RP ---- */

int rp_address_encode(struct wbuf *w, const struct sms_address *a)
{
	uint8_t octets[VALUE_MAX];
	struct wbuf value = wbuf_of(octets, sizeof(octets));
	size_t mark = w->len;

	if (!a->text[0]) {
		wbuf_u8(w, 0);
		return wbuf_end(w, mark);
	}
	if (!type_is_valid(a) || a->ton == SMS_TON_ALPHANUMERIC || bcd_encode(&value, a->text))
		return -EINVAL;
	wbuf_u8(w, (uint8_t)(1 + value.len));
	wbuf_u8(w, type_octet(a));
	wbuf_view(w, wbuf_written(&value));
	return wbuf_end(w, mark);
}

void rp_address_decode(struct rbuf *r, struct sms_address *a)
{
	uint8_t octets = rbuf_u8(r);
	struct view value = rbuf_view(r, octets);

	*a = (struct sms_address){0};
	if (r->err || octets > RP_ADDRESS_MAX - 1) {
		rbuf_fail(r);
		return;
	}
	if (octets < 2) /* nothing, or a type without digits */
		return;
	type_decode(value.p[0], a);
	value.p++;
	value.len--;
	if (bcd_decode(value, SIZE_MAX, a->text, sizeof(a->text)))
		rbuf_fail(r);
	if (!a->text[0])
		*a = (struct sms_address){0};
}
