/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */

/* esm_class (1), data_coding (1), message_state (1, 0xff none), text -> receipt -> normal form of its id. */

#include <stdlib.h>

#include "smpp/smpp_receipt.h"

static void check(bool good)
{
	if (!good)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct smpp_message m = {0};
	struct smpp_receipt r;
	char once[SMPP_MESSAGE_ID_MAX], twice[SMPP_MESSAGE_ID_MAX];
	int rc;

	if (size < 3)
		return 0;
	m.esm_class = data[0];
	m.data_coding = data[1];
	m.message_state = data[2];
	m.has_message_state = data[2] != 0xff;
	m.has_message_payload = size - 3 > SMPP_SHORT_MESSAGE_MAX;
	*(m.has_message_payload ? &m.message_payload : &m.short_message) =
		(struct view){data + 3, size - 3};
	smpp_is_receipt(&m);
	rc = smpp_receipt_decode(&m, &r);
	check(rc == 0 || rc == -EBADMSG);
	check(memchr(r.message_id, 0, sizeof(r.message_id)) != NULL && r.message_state <= 9);
	check((rc == 0) == (r.message_id[0] != '\0'));
	smpp_message_id_normalise(r.message_id, once);
	smpp_message_id_normalise(once, twice);
	check(strcmp(once, twice) == 0);
	return 0;
}
