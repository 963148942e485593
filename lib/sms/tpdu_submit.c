/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */

/*
 * SMS-SUBMIT (TS 23.040 9.2.2.2).
 *
 *   RP UDHI SRR VPF(2) RD MTI(2) | MR | DA.. | PID | DCS | [VP: 1 or 7] | UDL | UD..
 *
 * TP-VP is passed on as it stands; absolute and enhanced forms are not interpreted.
 */

#include "tpdu_private.h"

static size_t vp_octets(enum tp_vpf vpf)
{
	static const uint8_t OCTETS[] = {
		[TP_VPF_NONE] = 0,
		[TP_VPF_ENHANCED] = 7,
		[TP_VPF_RELATIVE] = 1,
		[TP_VPF_ABSOLUTE] = 7,
	};

	return OCTETS[vpf];
}

static uint8_t first_octet(const struct tpdu_submit *s)
{
	return (uint8_t)(TP_MTI_SUBMIT | (s->tp_rd ? TP_BIT_RD : 0) | s->tp_vpf << TP_VPF_SHIFT |
			 (s->tp_srr ? TP_BIT_SRR : 0) | (s->u.tp_udhi ? TP_BIT_UDHI : 0) |
			 (s->tp_rp ? TP_BIT_RP : 0));
}

int tpdu_submit_encode(struct wbuf *w, const struct tpdu_submit *s)
{
	size_t mark = w->len;
	int err;

	if (s->tp_vpf > TP_VPF_ABSOLUTE || !s->tp_da.text[0] || !tp_ud_is_valid(&s->u))
		return -EINVAL;
	wbuf_u8(w, first_octet(s));
	wbuf_u8(w, s->tp_mr);
	err = tp_address_encode(w, &s->tp_da);
	wbuf_u8(w, s->u.tp_pid);
	wbuf_u8(w, s->u.tp_dcs);
	wbuf_put(w, s->tp_vp, vp_octets(s->tp_vpf));
	wbuf_u8(w, s->u.tp_udl);
	wbuf_view(w, s->u.tp_ud);
	return tpdu_end(w, mark, err);
}

int tpdu_submit_decode(struct view tpdu, struct tpdu_submit *s)
{
	struct rbuf r = rbuf_of(tpdu);
	uint8_t first = rbuf_u8(&r);
	struct view vp;

	*s = (struct tpdu_submit){
		.tp_rd = first & TP_BIT_RD,
		.tp_rp = first & TP_BIT_RP,
		.tp_srr = first & TP_BIT_SRR,
		.tp_vpf = (enum tp_vpf)(first >> TP_VPF_SHIFT & 3),
		.u.tp_udhi = first & TP_BIT_UDHI,
	};
	if (tpdu_mti(tpdu) != TP_MTI_SUBMIT)
		return -EBADMSG;
	s->tp_mr = rbuf_u8(&r);
	tp_address_decode(&r, &s->tp_da);
	s->u.tp_pid = rbuf_u8(&r);
	s->u.tp_dcs = rbuf_u8(&r);
	vp = rbuf_view(&r, vp_octets(s->tp_vpf));
	if (vp.len)
		memcpy(s->tp_vp, vp.p, vp.len);
	tp_ud_decode(&r, &s->u);
	return rbuf_end(&r);
}
