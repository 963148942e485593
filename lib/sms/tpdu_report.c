/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */

/*
 * SMS-STATUS-REPORT, SMS-SUBMIT-REPORT, SMS-DELIVER-REPORT (TS 23.040 9.2.2.3, 9.2.2.2a, 9.2.2.1a).
 *
 *   STATUS-REPORT    - UDHI SRQ - LP MMS MTI(2) | MR | RA.. | SCTS(7) | DT(7) | ST | [PI ..]
 *   SUBMIT-REPORT    - UDHI - - - - MTI(2)      | [FCS] | PI | SCTS(7) | [PID DCS UDL UD..]
 *   DELIVER-REPORT   - UDHI - - - - MTI(2)      | [FCS] | PI | [PID DCS UDL UD..]
 *
 * TP-FCS is there if the report travels in an RP-ERROR. Nothing behind ST, SCTS or PI is written or read.
 */

#include "tpdu_private.h"

enum { TP_PI_EXTENSION = 0x80 };

/* ---- STATUS-REPORT ---- */

int tpdu_status_report_encode(struct wbuf *w, const struct tpdu_status_report *s)
{
	size_t mark = w->len;
	int err;

	wbuf_u8(w, (uint8_t)(TP_MTI_STATUS_REPORT | (s->tp_mms ? 0 : TP_BIT_NO_MMS) |
			     (s->tp_srq ? TP_BIT_SRR : 0)));
	wbuf_u8(w, s->tp_mr);
	err = tp_address_encode(w, &s->tp_ra);
	err = err ? err : scts_encode(w, &s->tp_scts);
	err = err ? err : scts_encode(w, &s->tp_dt);
	wbuf_u8(w, s->tp_st);
	return tpdu_end(w, mark, err);
}

int tpdu_status_report_decode(struct view tpdu, struct tpdu_status_report *s)
{
	struct rbuf r = rbuf_of(tpdu);
	uint8_t first = rbuf_u8(&r);

	*s = (struct tpdu_status_report){
		.tp_mms = !(first & TP_BIT_NO_MMS),
		.tp_srq = first & TP_BIT_SRR,
	};
	if (tpdu_mti(tpdu) != TP_MTI_STATUS_REPORT)
		return -EBADMSG;
	s->tp_mr = rbuf_u8(&r);
	tp_address_decode(&r, &s->tp_ra);
	scts_decode(&r, &s->tp_scts);
	scts_decode(&r, &s->tp_dt);
	s->tp_st = rbuf_u8(&r);
	return r.err;
}

/* ---- SUBMIT-REPORT, DELIVER-REPORT ---- */

static void put_report_head(struct wbuf *w, enum tp_mti mti, const struct tpdu_report *s)
{
	wbuf_u8(w, (uint8_t)mti);
	if (s->is_error)
		wbuf_u8(w, s->tp_fcs);
	wbuf_u8(w, 0); /* TP-PI: no optional field follows */
}

static void get_report_head(struct rbuf *r, enum tp_mti mti, struct tpdu_report *s)
{
	if ((rbuf_u8(r) & TP_MTI_MASK) != mti)
		rbuf_fail(r);
	if (s->is_error)
		s->tp_fcs = rbuf_u8(r);
	while (rbuf_u8(r) & TP_PI_EXTENSION)
		;
}

int tpdu_submit_report_encode(struct wbuf *w, const struct tpdu_report *s)
{
	size_t mark = w->len;

	put_report_head(w, TP_MTI_SUBMIT, s);
	return tpdu_end(w, mark, scts_encode(w, &s->tp_scts));
}

int tpdu_submit_report_decode(struct view tpdu, bool is_error, struct tpdu_report *s)
{
	struct rbuf r = rbuf_of(tpdu);

	*s = (struct tpdu_report){.is_error = is_error, .has_scts = true};
	get_report_head(&r, TP_MTI_SUBMIT, s);
	scts_decode(&r, &s->tp_scts);
	return r.err;
}

int tpdu_deliver_report_encode(struct wbuf *w, const struct tpdu_report *s)
{
	size_t mark = w->len;

	put_report_head(w, TP_MTI_DELIVER, s);
	return wbuf_end(w, mark);
}

int tpdu_deliver_report_decode(struct view tpdu, bool is_error, struct tpdu_report *s)
{
	struct rbuf r = rbuf_of(tpdu);

	*s = (struct tpdu_report){.is_error = is_error};
	get_report_head(&r, TP_MTI_DELIVER, s);
	return r.err;
}
