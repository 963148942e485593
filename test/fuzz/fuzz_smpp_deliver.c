/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */

/*
 * Options (1), body of a deliver_sm or data_sm -> SMS-DELIVERs: each decodes, their texts together
 * are the text that the walk began with, and there are as many as the first one says.
 */

#include <stdlib.h>

#include "sms/udh.h"
#include "smpp/smpp_sm.h"

enum { REF = 0x1234 };

static uint8_t room[SMPP_PDU_MAX * 2], joined[SMPP_PDU_MAX * 2];

static void check(bool good)
{
	if (!good)
		abort();
}

static void check_tpdu(struct view tpdu, const struct smpp_deliver_iter *it, struct wbuf *units)
{
	struct tpdu_deliver d;
	struct udh udh;

	check(tpdu_deliver_decode(tpdu, &d) == 0);
	check(tp_ud_text(&d.u, units) == 0);
	if (!it->concat)
		return;
	check(d.u.tp_udhi && udh_decode(d.u.tp_ud, &udh) == 0);
	check(udh.concat.ref_bits && udh.concat.total == it->total && udh.concat.ref == it->ref);
}

static void walk(struct smpp_deliver_iter *it)
{
	const struct sms_time now = {1773479730, 60};
	struct wbuf units = wbuf_of(joined, sizeof(joined));
	unsigned parts = 0;
	int rc;

	for (;; parts++) {
		uint8_t octets[TPDU_MAX];
		struct wbuf w = wbuf_of(octets, sizeof(octets));

		check(parts <= 255);
		rc = smpp_deliver_next(it, &now, &w);
		if (rc <= 0)
			break;
		check_tpdu(wbuf_written(&w), it, &units);
	}
	check(rc == 0 && parts > 0);
	check(view_eq(wbuf_written(&units), it->units));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct wbuf w, scratch = wbuf_of(room, sizeof(room));
	size_t pdu_octets = size - 1 + SMPP_HEADER_OCTETS;
	struct smpp_sm_config cfg = {0};
	struct smpp_deliver_iter it;
	struct smpp_pdu pdu;

	if (size < 1)
		return 0;
	cfg.default_alphabet = (enum smpp_default_alphabet)(data[0] % 3);
	w = wbuf_of(malloc(pdu_octets), pdu_octets); /* of that size, so that ASan sees overruns */
	wbuf_u32(&w, (uint32_t)pdu_octets);
	wbuf_u32(&w, data[0] & 0x80 ? SMPP_DATA_SM : SMPP_DELIVER_SM);
	wbuf_u64(&w, 1);
	wbuf_put(&w, data + 1, size - 1);
	if (size <= SMPP_PDU_MAX && smpp_pdu_decode(wbuf_written(&w), &pdu) == 0 &&
	    smpp_deliver_begin(&it, &cfg, &pdu.message, REF, &scratch) == 0)
		walk(&it);
	free(w.p);
	return 0;
}
