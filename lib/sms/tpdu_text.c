/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */

/*
 * The text in TP-UD (TS 23.040 9.2.3.24).
 *
 *   | UDHL | elements.. | fill bits (0..6) | septets, or octets |
 *
 * With GSM 7 bit TP-UDL counts the header too, in septets rounded up, and fill bits bring the
 * text to a septet boundary. National language tables hold for one part of a message, so
 * their text is recoded part by part; they cut no character.
 */

#include "dcs.h"
#include "gsm7.h"
#include "tpdu.h"
#include "ucs2.h"
#include "udh.h"

static int septets_behind(const struct tp_user_data *u, struct view text, size_t udh_octets,
			  struct wbuf *units)
{
	size_t udh_septets = (udh_octets * 8 + 6) / 7;

	if (u->tp_udl < udh_septets)
		return -EBADMSG;
	return gsm7_unpack(text, gsm7_fill_bits(udh_octets), u->tp_udl - udh_septets, units);
}

int tp_ud_text(const struct tp_user_data *u, struct wbuf *units)
{
	struct dcs dcs = dcs_decode(u->tp_dcs);
	struct view text = u->tp_ud;
	size_t mark = units->len;
	struct udh udh = {0};

	if (u->tp_udhi) {
		if (udh_decode(u->tp_ud, &udh))
			return -EBADMSG;
		text.p += udh.octets;
		text.len -= udh.octets;
	}
	if (dcs.alphabet == SMS_ALPHABET_GSM7 && !dcs.compressed)
		return septets_behind(u, text, udh.octets, units);
	wbuf_view(units, text);
	return wbuf_end(units, mark);
}

static int ucs2_from_septets(struct gsm7_tables tables, struct view septets, struct wbuf *units)
{
	size_t mark = units->len;
	uint32_t cp;

	while (gsm7_next_in(tables, &septets, &cp))
		ucs2_put(units, cp);
	return wbuf_end(units, mark);
}

static struct gsm7_tables tables_of(const struct tp_user_data *u)
{
	struct dcs dcs = dcs_decode(u->tp_dcs);
	struct udh udh;

	if (!u->tp_udhi || dcs.alphabet != SMS_ALPHABET_GSM7 || dcs.compressed ||
	    udh_decode(u->tp_ud, &udh))
		return (struct gsm7_tables){0};
	return (struct gsm7_tables){.locking = udh.locking_shift, .single = udh.single_shift};
}

static uint8_t ucs2_in_class(int8_t msg_class)
{
	return msg_class < 0 ? DCS_UCS2 : (uint8_t)(DCS_UCS2 | 0x10 | msg_class);
}

int tp_ud_units(const struct tp_user_data *u, uint8_t *tp_dcs, struct wbuf *units)
{
	struct gsm7_tables tables = tables_of(u);
	uint8_t octets[TP_UD_UNITS_MAX / 2];
	struct wbuf septets = wbuf_of(octets, sizeof(octets));
	int rc;

	*tp_dcs = u->tp_dcs;
	if (gsm7_tables_default(tables))
		return tp_ud_text(u, units);
	rc = tp_ud_text(u, &septets);
	if (rc)
		return rc;
	*tp_dcs = ucs2_in_class(dcs_decode(u->tp_dcs).msg_class);
	return ucs2_from_septets(tables, wbuf_written(&septets), units);
}

int tp_ud_to_utf8(uint8_t tp_dcs, struct view units, struct wbuf *utf8)
{
	struct dcs dcs = dcs_decode(tp_dcs);

	if (dcs.compressed || dcs.alphabet == SMS_ALPHABET_8BIT)
		return -ENOTSUP;
	if (dcs.alphabet == SMS_ALPHABET_UCS2)
		return ucs2_to_utf8(units, utf8);
	return gsm7_to_utf8(units, utf8);
}
