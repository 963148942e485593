/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */

/* Options (1), SMS-SUBMIT -> submit_sm: whatever is accepted can be encoded and is read back the same. */

#include <stdlib.h>

#include "smpp/smpp_sm.h"

static void check(bool good)
{
	if (!good)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct sms_address oa = {SMS_TON_INTERNATIONAL, SMS_NPI_E164, "15551230001"};
	uint8_t scratch[SMPP_SM_SCRATCH], octets[2048];
	struct wbuf w = wbuf_of(octets, sizeof(octets));
	struct smpp_pdu pdu = {.command_id = SMPP_SUBMIT_SM}, back;
	struct smpp_sm_config cfg = {0};

	if (size < 1)
		return 0;
	cfg.default_alphabet = (enum smpp_default_alphabet)((data[0] & 15) % 3);
	cfg.long_messages = (enum smpp_long_messages)((data[0] >> 4) % 3);
	if (smpp_submit_from_tpdu(&cfg, (struct view){data + 1, size - 1}, &oa, 7, scratch,
				  &pdu.message))
		return 0;
	check(smpp_pdu_encode(&w, &pdu) == 0);
	check(smpp_pdu_decode(wbuf_written(&w), &back) == 0);
	check(view_eq(back.message.short_message, pdu.message.short_message));
	check(view_eq(back.message.message_payload, pdu.message.message_payload));
	check(back.message.has_sar == pdu.message.has_sar);
	return 0;
}
