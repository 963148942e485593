/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */

/*
 * SMS-DELIVER (TS 23.040 9.2.2.1).
 *
 *   RP UDHI SRI - LP MMS MTI(2) | OA.. | PID | DCS | SCTS(7) | UDL | UD..
 *
 * An originator without digits occurs (number withheld) and is taken in both directions.
 */

#include "tpdu_private.h"

static uint8_t first_octet(const struct tpdu_deliver *d)
{
	return (uint8_t)(TP_MTI_DELIVER | (d->tp_mms ? 0 : TP_BIT_NO_MMS) |
			 (d->tp_lp ? TP_BIT_LP : 0) | (d->tp_sri ? TP_BIT_SRR : 0) |
			 (d->u.tp_udhi ? TP_BIT_UDHI : 0) | (d->tp_rp ? TP_BIT_RP : 0));
}

int tpdu_deliver_encode(struct wbuf *w, const struct tpdu_deliver *d)
{
	size_t mark = w->len;
	int err;

	if (!tp_ud_is_valid(&d->u))
		return -EINVAL;
	wbuf_u8(w, first_octet(d));
	err = tp_address_encode(w, &d->tp_oa);
	wbuf_u8(w, d->u.tp_pid);
	wbuf_u8(w, d->u.tp_dcs);
	err = err ? err : scts_encode(w, &d->tp_scts);
	wbuf_u8(w, d->u.tp_udl);
	wbuf_view(w, d->u.tp_ud);
	return tpdu_end(w, mark, err);
}

int tpdu_deliver_decode(struct view tpdu, struct tpdu_deliver *d)
{
	struct rbuf r = rbuf_of(tpdu);
	uint8_t first = rbuf_u8(&r);

	*d = (struct tpdu_deliver){
		.tp_mms = !(first & TP_BIT_NO_MMS),
		.tp_rp = first & TP_BIT_RP,
		.tp_sri = first & TP_BIT_SRR,
		.tp_lp = first & TP_BIT_LP,
		.u.tp_udhi = first & TP_BIT_UDHI,
	};
	if (tpdu_mti(tpdu) != TP_MTI_DELIVER)
		return -EBADMSG;
	tp_address_decode(&r, &d->tp_oa);
	d->u.tp_pid = rbuf_u8(&r);
	d->u.tp_dcs = rbuf_u8(&r);
	scts_decode(&r, &d->tp_scts);
	tp_ud_decode(&r, &d->u);
	return rbuf_end(&r);
}
