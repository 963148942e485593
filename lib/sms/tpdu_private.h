/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */
#pragma once

#include "tpdu.h"

/* What the files tpdu_*.c share: bits of the first octet (TS 23.040 9.2.2, 9.2.3.1-9.2.3.17) and TP-UD. */

enum {
	TP_MTI_MASK = 0x03,
	TP_BIT_RD = 0x04,     /* SUBMIT */
	TP_BIT_NO_MMS = 0x04, /* DELIVER, STATUS-REPORT: no more messages are waiting */
	TP_BIT_LP = 0x08,     /* DELIVER */
	TP_VPF_SHIFT = 3,     /* SUBMIT */
	TP_BIT_SRR = 0x20,    /* SUBMIT; in a DELIVER it is TP-SRI, in a STATUS-REPORT TP-SRQ */
	TP_BIT_UDHI = 0x40,
	TP_BIT_RP = 0x80,
};

/** Read TP-UDL and TP-UD by u->tp_dcs; sticky. */
void tp_ud_decode(struct rbuf *r, struct tp_user_data *u);

/** true if TP-UDL, TP-DCS and the octets of TP-UD agree and fit into a TPDU. */
bool tp_ud_is_valid(const struct tp_user_data *u);

/** Close an encoder that called others: err is theirs. Takes everything back on failure. */
static inline int tpdu_end(struct wbuf *w, size_t mark, int err)
{
	int full = wbuf_end(w, mark);

	if (err)
		w->len = mark;
	return err ? err : full;
}
