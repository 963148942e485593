/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */

/*
 * SMS-SUBMIT to SMS-DELIVER (TS 23.040 9.2.2.1, 9.2.2.2): what a service centre would do. The user data and how
 * they are coded pass octet for octet, the reply path too; TP-MR, TP-RD, TP-VP and the request for
 * a status report were for the service centre and end here.
 */

#include "map_deliver_tpdu.h"

#include "../lib/sms/udh.h"

static bool has_parts_to_come(const struct tp_user_data *u)
{
	struct udh udh;

	return u->tp_udhi && !udh_decode(u->tp_ud, &udh) && udh.concat.ref_bits &&
	       udh.concat.part < udh.concat.total;
}

int map_deliver_tpdu(struct wbuf *w, struct view submit, const struct sms_address *oa,
		     const struct sms_time *now, bool more)
{
	struct tpdu_submit s;
	struct tpdu_deliver d = {.tp_oa = *oa, .tp_scts = *now};
	int err = tpdu_submit_decode(submit, &s);

	if (err)
		return err;
	d.tp_mms = more || has_parts_to_come(&s.u);
	d.tp_rp = s.tp_rp;
	d.u = s.u;
	return tpdu_deliver_encode(w, &d);
}
