/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */

/*
 * TP-VP (TS 23.040 9.2.3.12) as validity_period (SMPP 3.4 7.1.1).
 *
 *   YYMMDDhhmmss000R   from now      YYMMDDhhmmsstnnp   until then; nn quarter hours, p + or -
 *
 * Days beyond a month go into the month and year fields, since an SMSC may check DD against 31.
 */

#include "smpp_sm_private.h"

enum { DAY_S = 86400, YEAR_DAYS = 365 };

static void put2(struct wbuf *w, unsigned value)
{
	wbuf_u8(w, (uint8_t)('0' + value / 10 % 10));
	wbuf_u8(w, (uint8_t)('0' + value % 10));
}

static void relative_put(struct wbuf *w, int64_t seconds)
{
	unsigned days = (unsigned)(seconds / DAY_S), s = (unsigned)(seconds % DAY_S);
	unsigned in_year = days % YEAR_DAYS;
	unsigned months = in_year > 30 ? in_year * 12 / YEAR_DAYS : 0;

	if (!seconds)
		return;
	put2(w, days / YEAR_DAYS);
	put2(w, months);
	put2(w, in_year - months * YEAR_DAYS / 12);
	put2(w, s / 3600);
	put2(w, s / 60 % 60);
	put2(w, s % 60);
	wbuf_str(w, "000R");
}

static unsigned swapped(uint8_t octet)
{
	return (octet & 15) * 10u + (octet >> 4);
}

static void absolute_put(struct wbuf *w, const uint8_t tp_vp[SCTS_OCTETS])
{
	struct rbuf r = rbuf_of((struct view){tp_vp, SCTS_OCTETS});
	struct sms_time t;

	scts_decode(&r, &t);
	if (r.err)
		return;
	for (size_t i = 0; i < SCTS_OCTETS - 1; i++)
		put2(w, swapped(tp_vp[i]));
	wbuf_u8(w, '0');
	put2(w, swapped(tp_vp[SCTS_OCTETS - 1] & 0xf7));
	wbuf_u8(w, t.zone_minutes < 0 ? '-' : '+');
}

/* 9.2.3.12.3: three bits of form, then the value; an extended functionality octet is not known to us */
static void enhanced_put(struct wbuf *w, const uint8_t tp_vp[TPDU_VP_MAX])
{
	switch (tp_vp[0] & 0x87) {
	case 1:
		relative_put(w, vp_relative_to_seconds(tp_vp[1]));
		break;
	case 2:
		relative_put(w, tp_vp[1]);
		break;
	case 3:
		relative_put(w,
			     swapped(tp_vp[1]) * 3600 + swapped(tp_vp[2]) * 60 + swapped(tp_vp[3]));
		break;
	}
}

void smpp_validity_from_vp(enum tp_vpf tp_vpf, const uint8_t tp_vp[TPDU_VP_MAX],
			   char out[SMPP_TIME_SIZE])
{
	struct wbuf w = wbuf_of(out, SMPP_TIME_SIZE - 1);

	switch (tp_vpf) {
	case TP_VPF_NONE:
		break;
	case TP_VPF_RELATIVE:
		relative_put(&w, vp_relative_to_seconds(tp_vp[0]));
		break;
	case TP_VPF_ABSOLUTE:
		absolute_put(&w, tp_vp);
		break;
	case TP_VPF_ENHANCED:
		enhanced_put(&w, tp_vp);
		break;
	}
	out[w.len] = '\0';
}
