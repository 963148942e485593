/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */
#pragma once

#include "smpp_pdu.h"

/* Delivery receipts: a deliver_sm or data_sm with esm_class receipt (SMPP 3.4 appendix B text, or TLVs, which win). */

struct smpp_receipt {
	char message_id[SMPP_MESSAGE_ID_MAX];
	uint8_t message_state; /* 1 ENROUTE .. 8 REJECTED, 0 SCHEDULED, 9 SKIPPED; 7 UNKNOWN if not told */
	uint8_t tp_st;         /* TP-Status for it (spec 6.3) */
};

/** Esm_class says it is a receipt or an intermediate notification. */
bool smpp_is_receipt(const struct smpp_message *m);

/** @return 0, -EBADMSG (no id to be found) */
int smpp_receipt_decode(const struct smpp_message *m, struct smpp_receipt *out);

/** The form in which message ids are stored and compared: lower case, leading zeros gone; "0" stays. */
void smpp_message_id_normalise(const char *id, char out[SMPP_MESSAGE_ID_MAX]);
