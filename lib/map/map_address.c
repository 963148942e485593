/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */

/*
 * Addresses and identities of MAP (TS 29.002 17.7.8).
 *
 *   AddressString  1 nature(3) plan(4) | digits, swapped, F behind an odd number; ISDN-AddressString: 9 octets at most
 *   IMSI           digits, swapped, F behind an odd number; 3 to 8 octets
 *   LMSI           4 octets
 */

#include "map_syntax.h"

#include "../util/bcd.h"

enum {
	EXTENSION_BIT = 0x80,
	IMSI_OCTETS_MIN = 3,
	IMSI_OCTETS_MAX = 8,
	FILLER_OCTET = 0xff,
};

/* ---- addresses ---- */

int map_isdn_decode(struct view in, size_t max, struct sms_address *out)
{
	struct sms_address a = {0};
	struct view digits;

	if (in.len < 2 || in.len > max)
		return -ERANGE;
	a.ton = in.p[0] >> 4 & 7;
	a.npi = in.p[0] & 15;
	digits = (struct view){in.p + 1, in.len - 1};
	if (bcd_decode(digits, SIZE_MAX, a.text, sizeof(a.text)) || !a.text[0])
		return -ERANGE;
	*out = a;
	return 0;
}

static bool address_valid(const struct sms_address *a, size_t max)
{
	size_t digits = strnlen(a->text, sizeof(a->text));

	return digits && digits <= (max - 1) * 2 && a->ton <= 7 && a->npi <= 15 &&
	       !a->text[strspn(a->text, "0123456789*#abc")];
}

static void put_address(struct wbuf *w, const struct sms_address *a)
{
	wbuf_u8(w, (uint8_t)(EXTENSION_BIT | a->ton << 4 | a->npi));
	if (!w->err && bcd_encode(w, a->text) == -ENOSPC)
		w->err = -ENOSPC;
}

int map_isdn_encode(struct wbuf *w, uint32_t tag, const struct sms_address *a, size_t max)
{
	size_t mark;

	if (!address_valid(a, max))
		return -EINVAL;
	mark = ber_open(w, tag);
	put_address(w, a);
	ber_close(w, mark);
	return 0;
}

int map_address_decode(struct view in, struct sms_address *a)
{
	return map_isdn_decode(in, MAP_ADDRESS_MAX, a);
}

int map_address_encode(struct wbuf *w, const struct sms_address *a)
{
	size_t mark = w->len;

	if (!address_valid(a, MAP_ADDRESS_MAX))
		return -EINVAL;
	put_address(w, a);
	return wbuf_end(w, mark);
}

/* ---- IMSI, LMSI ---- */

int map_imsi_decode(struct view in, char *out)
{
	char digits[MAP_IMSI_SIZE];

	if (in.len > IMSI_OCTETS_MAX)
		return -ERANGE;
	/* some peers always send eight octets */
	while (in.len > IMSI_OCTETS_MIN && in.p[in.len - 1] == FILLER_OCTET)
		in.len--;
	if (in.len < IMSI_OCTETS_MIN || bcd_decode(in, SIZE_MAX, digits, sizeof(digits)) ||
	    digits[strspn(digits, "0123456789")])
		return -ERANGE;
	memcpy(out, digits, sizeof(digits));
	return 0;
}

int map_imsi_encode(struct wbuf *w, uint32_t tag, const char *imsi)
{
	size_t digits = strnlen(imsi, MAP_IMSI_SIZE), mark;

	if (digits < IMSI_OCTETS_MIN * 2 - 1 || digits > IMSI_OCTETS_MAX * 2 ||
	    imsi[strspn(imsi, "0123456789")])
		return -EINVAL;
	mark = ber_open(w, tag);
	if (!w->err && bcd_encode(w, imsi) == -ENOSPC)
		w->err = -ENOSPC;
	ber_close(w, mark);
	return 0;
}

int map_lmsi_decode(struct view in, struct map_lmsi *out)
{
	if (in.len != MAP_LMSI_OCTETS)
		return -ERANGE;
	out->present = true;
	memcpy(out->octets, in.p, MAP_LMSI_OCTETS);
	return 0;
}

int map_lmsi_encode(struct wbuf *w, uint32_t tag, const struct map_lmsi *lmsi)
{
	if (!lmsi->present)
		return -EINVAL;
	ber_put(w, tag, (struct view){lmsi->octets, MAP_LMSI_OCTETS});
	return 0;
}
