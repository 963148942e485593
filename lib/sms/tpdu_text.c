/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */

/*
 * The text in TP-UD (TS 23.040 9.2.3.24).
 *
 *   | UDHL | elements.. | fill bits (0..6) | septets, or octets |
 *
 * With GSM 7 bit TP-UDL counts the header too, in septets rounded up, and fill bits bring the
 * text to a septet boundary. National language tables are not applied.
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

int tp_ud_to_utf8(uint8_t tp_dcs, struct view units, struct wbuf *utf8)
{
	struct dcs dcs = dcs_decode(tp_dcs);

	if (dcs.compressed || dcs.alphabet == SMS_ALPHABET_8BIT)
		return -ENOTSUP;
	if (dcs.alphabet == SMS_ALPHABET_UCS2)
		return ucs2_to_utf8(units, utf8);
	return gsm7_to_utf8(units, utf8);
}
