/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */

/* deliver_sm and its TLVs as real SMSCs send them against the book. */

#include "smpp/smpp_pdu.h"

#include "test.h"

/* ---- requests as the field writes them: TLVs behind one deliver_sm "hi" from 1 to 2 ---- */

#define DELIVER "00 09 14 31 00 ff 21 32 00 00 00 00 00 00 00 00 00 00 02 68 69 "

static const struct {
	const char *name, *tlvs;
	bool refused, sar, reference, state, error_code, more, port;
	const char *id;
	int payload; /* octets, -1 absent */
} tlvs[] = {
	{.name = "none, reserved TON and NPI", .tlvs = "", .id = "", .payload = -1},
	{.name = "unknown ones first, between, last",
	 .tlvs = "14 01 00 00 02 04 00 02 00 01 ff ff 00 03 01 02 03 04 27 00 01 02 00 00 00 00",
	 .reference = true,
	 .state = true,
	 .id = "",
	 .payload = -1},
	{.name = "known ones of a wrong length are absent, the rest stands",
	 .tlvs = "02 04 00 01 07 02 04 00 03 01 02 03 04 27 00 02 00 02 04 23 00 02 03 00 04 26 00 "
		 "00 02 0b 00 01 07 00 1e 00 03 61 62 00",
	 .id = "ab",
	 .payload = -1},
	{.name = "a wrong length behind a right one changes nothing",
	 .tlvs = "04 27 00 01 05 04 27 00 00",
	 .state = true,
	 .id = "",
	 .payload = -1},
	{.name = "two of three sar_*",
	 .tlvs = "02 0c 00 02 00 01 02 0e 00 01 02",
	 .id = "",
	 .payload = -1},
	{.name = "sar_* in another order",
	 .tlvs = "02 0f 00 01 01 02 0e 00 01 02 02 0c 00 02 00 01",
	 .sar = true,
	 .id = "",
	 .payload = -1},
	{.name = "sar_msg_ref_num of one octet",
	 .tlvs = "02 0f 00 01 01 02 0e 00 01 02 02 0c 00 01 01",
	 .id = "",
	 .payload = -1},
	{.name = "receipted_message_id without NUL",
	 .tlvs = "00 1e 00 02 61 62",
	 .id = "ab",
	 .payload = -1},
	{.name = "receipted_message_id empty", .tlvs = "00 1e 00 00", .id = "", .payload = -1},
	{.name = "message_payload", .tlvs = "04 24 00 03 61 00 62", .id = "", .payload = 3},
	{.name = "message_payload empty", .tlvs = "04 24 00 00", .id = "", .payload = 0},
	{.name = "ports and more messages",
	 .tlvs = "02 0a 00 02 23 f0 04 26 00 01 01",
	 .more = true,
	 .port = true,
	 .id = "",
	 .payload = -1},
	{.name = "network_error_code",
	 .tlvs = "04 23 00 03 03 00 1b",
	 .error_code = true,
	 .id = "",
	 .payload = -1},
	{.name = "one octet of a tag", .tlvs = "04", .refused = true},
	{.name = "a tag alone", .tlvs = "04 27", .refused = true},
	{.name = "half a length", .tlvs = "04 27 00", .refused = true},
	{.name = "a value over the end", .tlvs = "04 27 00 02 02", .refused = true},
	{.name = "a length of 65535", .tlvs = "14 00 ff ff 00", .refused = true},
};

static struct smpp_pdu pdu_of_body(const char *body, const char *rest, uint8_t **in, int *rc)
{
	char hex[1024];
	size_t len;
	struct smpp_pdu pdu;

	snprintf(hex, sizeof(hex), "00 00 00 00 00 00 00 05 00 00 00 00 00 00 00 01 %s%s", body,
		 rest);
	*in = test_hex(hex, &len);
	(*in)[3] = (uint8_t)len;
	*rc = smpp_pdu_decode((struct view){*in, len}, &pdu);
	return pdu;
}

static void test_tlvs(void)
{
	for (size_t i = 0; i < sizeof(tlvs) / sizeof(tlvs[0]); i++) {
		uint8_t *in;
		int rc;
		struct smpp_pdu pdu = pdu_of_body(DELIVER, tlvs[i].tlvs, &in, &rc);
		const struct smpp_message *m = &pdu.message;

		CHECK(rc == (tlvs[i].refused ? -EBADMSG : 0), "%s: %d", tlvs[i].name, rc);
		if (!tlvs[i].refused) {
			CHECK(m->has_sar == tlvs[i].sar, "%s", tlvs[i].name);
			CHECK(m->has_user_message_reference == tlvs[i].reference, "%s",
			      tlvs[i].name);
			CHECK(m->has_message_state == tlvs[i].state, "%s", tlvs[i].name);
			CHECK(m->has_network_error_code == tlvs[i].error_code, "%s", tlvs[i].name);
			CHECK(m->has_more_messages == tlvs[i].more, "%s", tlvs[i].name);
			CHECK(m->has_port == tlvs[i].port, "%s", tlvs[i].name);
			CHECK(!strcmp(m->receipted_message_id, tlvs[i].id), "%s", tlvs[i].name);
			CHECK(m->has_message_payload == (tlvs[i].payload >= 0), "%s", tlvs[i].name);
			CHECK(!m->has_message_payload ||
				      m->message_payload.len == (size_t)tlvs[i].payload,
			      "%s", tlvs[i].name);
			CHECK(m->source_addr_ton == 9 && m->dest_addr_npi == 0x21, "%s",
			      tlvs[i].name);
		}
		free(in);
	}
}

static const struct {
	const char *name, *body;
	int rc;
} bodies[] = {
	{"schedule and validity present",
	 "00 00 00 31 00 00 00 32 00 00 00 00 32 36 30 33 31 34 31 30 31 35 33 30 30 30 34 2b 00 "
	 "30 30 30 30 30 31 30 30 30 30 30 30 30 30 30 52 00 00 00 00 00 02 68 69",
	 0},
	{"short_message of 255 announced, 2 there",
	 "00 00 00 31 00 00 00 32 00 00 00 00 00 00 00 00 00 00 ff 68 69", -EBADMSG},
	{"source_addr of 64",
	 "00 00 00 30 31 32 33 34 35 36 37 30 31 32 33 34 35 36 37 30 31 32 33 34 35 36 37 30 31 "
	 "32 "
	 "33 34 35 36 37 30 31 32 33 34 35 36 37 30 31 32 33 34 35 36 37 30 31 32 33 34 35 36 37 "
	 "30 "
	 "31 32 33 34 35 36 37 00 00 00 32 00 00 00 00 00 00 00 00 00 00 00",
	 0},
	{"source_addr of 65",
	 "00 00 00 30 31 32 33 34 35 36 37 30 31 32 33 34 35 36 37 30 31 32 33 34 35 36 37 30 31 "
	 "32 "
	 "33 34 35 36 37 30 31 32 33 34 35 36 37 30 31 32 33 34 35 36 37 30 31 32 33 34 35 36 37 "
	 "30 "
	 "31 32 33 34 35 36 37 38 00 00 00 32 00 00 00 00 00 00 00 00 00 00 00",
	 -EBADMSG},
	{"service_type of 6",
	 "41 41 41 41 41 41 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00", -EBADMSG},
	{"service_type without end", "41 41 41", -EBADMSG},
};

static void test_bodies(void)
{
	for (size_t i = 0; i < sizeof(bodies) / sizeof(bodies[0]); i++) {
		uint8_t *in;
		int rc;

		pdu_of_body(bodies[i].body, "", &in, &rc);
		CHECK(rc == bodies[i].rc, "%s: %d", bodies[i].name, rc);
		free(in);
	}
}

/* ---- message_payload, large ---- */

static void test_payload_sizes(void)
{
	static const size_t sizes[] = {255, 1024, 1025, 65535};
	static uint8_t text[65536], out[SMPP_PDU_MAX];

	memset(text, 'x', sizeof(text));
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		struct smpp_pdu pdu = {.command_id = SMPP_DELIVER_SM, .sequence_number = 1}, back;
		struct wbuf w = wbuf_of(out, sizeof(out));
		size_t len;

		pdu.message.has_message_payload = true;
		pdu.message.message_payload = (struct view){text, sizes[i]};
		CHECK(smpp_pdu_encode(&w, &pdu) == 0, "%zu octets", sizes[i]);
		CHECK(smpp_frame(wbuf_written(&w), &len) == 0 && len == w.len, "%zu", sizes[i]);
		CHECK(smpp_pdu_decode(wbuf_written(&w), &back) == 0, "%zu", sizes[i]);
		CHECK(view_eq(back.message.message_payload, pdu.message.message_payload), "%zu",
		      sizes[i]);
	}
}

int main(void)
{
	test_tlvs();
	test_bodies();
	test_payload_sizes();
	return test_end("smpp_message");
}
