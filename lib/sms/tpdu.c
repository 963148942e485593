/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */

/*
 * What all SMS TPDUs have in common (TS 23.040 9.2.3.1, 9.2.3.16, 9.2.3.24): the message type
 * and the user data. The TPDUs themselves are in tpdu_submit.c, tpdu_deliver.c, tpdu_report.c;
 * the text in TP-UD is read by tpdu_text.c.
 */

#include "dcs.h"
#include "tpdu_private.h"

int tpdu_mti(struct view tpdu)
{
	int mti = tpdu.len ? tpdu.p[0] & TP_MTI_MASK : TP_MTI_MASK;

	return mti == TP_MTI_MASK ? -EBADMSG : mti;
}

size_t tp_ud_octets(uint8_t tp_dcs, uint8_t tp_udl)
{
	struct dcs dcs = dcs_decode(tp_dcs);

	/* 9.2.3.16: septets for GSM 7 bit, octets otherwise and for anything compressed */
	if (dcs.alphabet == SMS_ALPHABET_GSM7 && !dcs.compressed)
		return (tp_udl * 7u + 7) / 8;
	return tp_udl;
}

bool tp_ud_is_valid(const struct tp_user_data *u)
{
	return u->tp_ud.len <= TP_UD_MAX && u->tp_ud.len == tp_ud_octets(u->tp_dcs, u->tp_udl);
}

void tp_ud_decode(struct rbuf *r, struct tp_user_data *u)
{
	u->tp_udl = rbuf_u8(r);
	u->tp_ud = rbuf_view(r, tp_ud_octets(u->tp_dcs, u->tp_udl));
	if (!tp_ud_is_valid(u))
		rbuf_fail(r);
}
