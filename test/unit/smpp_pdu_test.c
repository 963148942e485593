/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */

/* SMPP 3.4 PDUs: framing, every body, and what real SMSCs answer against the book. */

#include "smpp/smpp_pdu.h"

#include "codec.h"

static int encode(struct wbuf *w, const void *value)
{
	return smpp_pdu_encode(w, value);
}

static int decode(struct view in, void *value)
{
	return smpp_pdu_decode(in, value);
}

static const struct codec codec = {encode, decode, sizeof(struct smpp_pdu)};

/* ---- PDUs that come out as they went in ---- */

#define SUBMIT_FIXED                                                                               \
	"00 01 01 31 35 35 35 31 32 33 30 30 30 31 00 01 01 31 35 35 35 39 38 37 30 30 30 32 00 "  \
	"40 00 00 00 30 30 30 30 30 30 30 31 30 30 30 30 30 30 30 52 00 01 00 00 00 06 "           \
	"48 69 20 42 6f 62"

static const struct {
	const char *name;
	size_t mandatory; /* octets in front of the TLVs; 0: not looked at when cut */
	const char *hex;
} vectors[] = {
	{"generic_nack", 0, "00 00 00 10 80 00 00 00 00 00 00 03 00 00 00 00"},
	{"enquire_link", 0, "00 00 00 10 00 00 00 15 00 00 00 00 00 00 00 07"},
	{"enquire_link_resp", 0, "00 00 00 10 80 00 00 15 00 00 00 00 00 00 00 07"},
	{"unbind", 0, "00 00 00 10 00 00 00 06 00 00 00 00 7f ff ff ff"},
	{"unbind_resp", 0, "00 00 00 10 80 00 00 06 00 00 00 00 7f ff ff ff"},
	{"bind_transceiver", 39,
	 "00 00 00 27 00 00 00 09 00 00 00 00 00 00 00 01 69 70 73 6d 67 77 00 73 65 63 72 65 74 "
	 "00 47 57 00 34 00 00 39 31 00"},
	{"bind_receiver, all empty", 23,
	 "00 00 00 17 00 00 00 01 00 00 00 00 00 00 00 01 00 00 00 34 01 01 00"},
	{"bind_transmitter, version 5.0", 23,
	 "00 00 00 17 00 00 00 02 00 00 00 00 00 00 00 01 00 00 00 50 01 01 00"},
	{"outbind", 23, "00 00 00 17 00 00 00 0b 00 00 00 00 00 00 00 01 53 43 00 70 77 64 00"},
	{"bind_transceiver_resp", 0,
	 "00 00 00 15 80 00 00 09 00 00 00 00 00 00 00 01 53 4d 53 43 00"},
	{"bind_transceiver_resp, error", 0, "00 00 00 10 80 00 00 09 00 00 00 0e 00 00 00 01"},
	{"submit_sm", 77, "00 00 00 4d 00 00 00 04 00 00 00 00 00 00 00 2a " SUBMIT_FIXED},
	{"submit_sm with TLVs", 77,
	 "00 00 00 63 00 00 00 04 00 00 00 00 00 00 00 2a " SUBMIT_FIXED
	 "02 04 00 02 12 34 02 0c 00 02 00 a4 02 0e 00 01 02 02 0f 00 01 01"},
	{"submit_sm_resp", 0,
	 "00 00 00 17 80 00 00 04 00 00 00 00 00 00 00 2a 30 61 46 2d 39 39 00"},
	{"submit_sm_resp, error", 0, "00 00 00 10 80 00 00 04 00 00 00 58 00 00 00 2a"},
	{"submit_sm_resp, vendor error", 0, "00 00 00 10 80 00 00 04 00 00 04 8d 00 00 00 2a"},
	{"deliver_sm, receipt", 47,
	 "00 00 00 48 00 00 00 05 00 00 00 00 00 00 00 01 00 01 01 31 00 01 01 32 00 04 00 00 00 "
	 "00 00 00 00 00 0c 69 64 3a 37 20 73 74 61 74 3a 58 20 04 27 00 01 02 00 1e 00 09 39 33 "
	 "37 34 38 46 41 36 00 04 23 00 03 03 00 01"},
	{"deliver_sm_resp", 0, "00 00 00 11 80 00 00 05 00 00 00 00 00 00 00 01 00"},
	{"deliver_sm_resp, error", 0, "00 00 00 11 80 00 00 05 00 00 00 64 00 00 00 01 00"},
	{"data_sm with message_payload", 30,
	 "00 00 00 2d 00 00 01 03 00 00 00 00 00 00 00 09 43 4d 54 00 05 00 58 00 00 00 00 40 01 "
	 "08 04 26 00 01 01 04 24 00 06 05 00 03 a4 02 01"},
	{"data_sm_resp", 0, "00 00 00 12 80 00 01 03 00 00 00 00 00 00 00 09 37 00"},
};

/* Cut inside and say so in command_length: only a cut between TLVs leaves a whole PDU. */
static void check_cut(const char *name, const uint8_t *p, size_t len, size_t mandatory)
{
	size_t good = mandatory;
	struct smpp_pdu pdu;

	for (size_t n = SMPP_HEADER_OCTETS; n < len; n++) {
		uint8_t *exact = malloc(n);
		int rc;

		memcpy(exact, p, n);
		exact[3] = (uint8_t)n;
		rc = smpp_pdu_decode((struct view){exact, n}, &pdu);
		CHECK(rc == (n == good ? 0 : -EBADMSG), "%s: %d with %zu octets", name, rc, n);
		CHECK(pdu.sequence_number && pdu.command_id, "%s: header lost", name);
		if (n == good && n + 4 <= len)
			good += 4u + (p[n + 2] << 8 | p[n + 3]);
		free(exact);
	}
}

static void test_vectors(void)
{
	for (size_t i = 0; i < sizeof(vectors) / sizeof(vectors[0]); i++) {
		uint8_t length[4];
		struct smpp_pdu pdu;
		struct wbuf w;
		size_t len;
		uint8_t *hex = test_hex(vectors[i].hex, &len), *in;

		/* the table need not count */
		w = wbuf_of(length, sizeof(length));
		wbuf_u32(&w, (uint32_t)len);
		CHECK(memcmp(hex, length, 4) == 0, "%s: is %zx octets", vectors[i].name, len);
		free(hex);
		in = codec_check(vectors[i].name, &codec, vectors[i].hex, &pdu, 0);
		if (vectors[i].mandatory)
			check_cut(vectors[i].name, in, len, vectors[i].mandatory);
		free(in);
	}
}

/* ---- fields ---- */

static uint8_t *vector(const char *name, size_t *len)
{
	size_t i = 0;

	while (strcmp(vectors[i].name, name))
		i++;
	return test_hex(vectors[i].hex, len);
}

static void test_submit_fields(void)
{
	size_t len;
	uint8_t *in = vector("submit_sm with TLVs", &len);
	struct smpp_pdu pdu;
	const struct smpp_message *m = &pdu.message;

	CHECK(smpp_pdu_decode((struct view){in, len}, &pdu) == 0, "submit_sm");
	CHECK(pdu.command_id == SMPP_SUBMIT_SM && pdu.sequence_number == 42, "header");
	CHECK(m->source_addr_ton == 1 && m->source_addr_npi == 1, "source");
	CHECK(!strcmp(m->source_addr, "15551230001"), "%s", m->source_addr);
	CHECK(!strcmp(m->destination_addr, "15559870002"), "%s", m->destination_addr);
	CHECK(m->esm_class == SMPP_ESM_UDHI && m->registered_delivery == 1, "esm_class");
	CHECK(!strcmp(m->validity_period, "000000010000000R"), "%s", m->validity_period);
	CHECK(view_eq(m->short_message, VIEW("Hi Bob")), "short_message");
	CHECK(m->has_user_message_reference && m->user_message_reference == 0x1234, "reference");
	CHECK(m->has_sar && m->sar_msg_ref_num == 0xa4 && m->sar_total_segments == 2 &&
		      m->sar_segment_seqnum == 1,
	      "sar");
	free(in);
}

static void test_receipt_fields(void)
{
	size_t len;
	uint8_t *in = vector("deliver_sm, receipt", &len);
	struct smpp_pdu pdu;
	const struct smpp_message *m = &pdu.message;

	CHECK(smpp_pdu_decode((struct view){in, len}, &pdu) == 0, "deliver_sm");
	CHECK(m->has_message_state && m->message_state == 2, "state");
	CHECK(!strcmp(m->receipted_message_id, "93748FA6"), "%s", m->receipted_message_id);
	CHECK(m->has_network_error_code && m->network_error_code[0] == 3, "error code");
	CHECK(!m->has_sar && !m->has_message_payload && !m->has_port, "what is not there");
	free(in);
}

static void test_bind_fields(void)
{
	size_t len;
	uint8_t *in = vector("bind_transceiver", &len);
	struct smpp_pdu pdu;

	CHECK(smpp_pdu_decode((struct view){in, len}, &pdu) == 0, "bind_transceiver");
	CHECK(!strcmp(pdu.bind.system_id, "ipsmgw") && !strcmp(pdu.bind.password, "secret") &&
		      !strcmp(pdu.bind.system_type, "GW") && pdu.bind.interface_version == 0x34 &&
		      !strcmp(pdu.bind.address_range, "91"),
	      "bind");
	free(in);
}

/* ---- answers as the field writes them ---- */

static const struct {
	const char *name, *hex;
	uint32_t command_status, sequence_number;
	const char *id; /* message_id or system_id */
} answers[] = {
	{"error with a NUL message_id", "00 00 00 11 80 00 00 04 00 00 00 0b 00 00 00 05 00", 0x0b,
	 5, ""},
	{"error without a body", "00 00 00 10 80 00 00 04 00 00 00 14 00 00 00 05", 0x14, 5, ""},
	{"vendor status", "00 00 00 10 80 00 00 04 00 00 04 00 00 00 00 05", 0x400, 5, ""},
	{"vendor status, all bits", "00 00 00 10 80 00 00 04 ff ff ff ff 00 00 00 05", 0xffffffff,
	 5, ""},
	{"success without a body", "00 00 00 10 80 00 00 04 00 00 00 00 00 00 00 05", 0, 5, ""},
	{"message_id without NUL", "00 00 00 13 80 00 00 04 00 00 00 00 00 00 00 05 61 62 63", 0, 5,
	 "abc"},
	{"TLVs behind message_id",
	 "00 00 00 19 80 00 00 04 00 00 00 00 00 00 00 05 61 62 00 04 20 00 02 68 69", 0, 5, "ab"},
	{"a cut TLV behind message_id",
	 "00 00 00 17 80 00 00 04 00 00 00 00 00 00 00 05 61 62 00 04 20 00 02", 0, 5, "ab"},
	{"message_id of 70 octets",
	 "00 00 00 57 80 00 00 04 00 00 00 00 00 00 00 05 30 31 32 33 34 35 36 37 38 39 30 31 32 "
	 "33 34 35 36 37 38 39 30 31 32 33 34 35 36 37 38 39 30 31 32 33 34 35 36 37 38 39 30 31 "
	 "32 33 34 35 36 37 38 39 30 31 32 33 34 35 36 37 38 39 30 31 32 33 34 35 36 37 38 39 00",
	 0, 5, "0123456789012345678901234567890123456789012345678901234567890123"},
	{"sequence 0", "00 00 00 11 80 00 00 05 00 00 00 00 00 00 00 00 00", 0, 0, ""},
	{"bind_resp error without a body", "00 00 00 10 80 00 00 02 00 00 00 0f 00 00 00 01", 0x0f,
	 1, ""},
	{"bind_resp error with a body", "00 00 00 12 80 00 00 02 00 00 00 0d 00 00 00 01 53 00",
	 0x0d, 1, "S"},
	{"bind_resp with sc_interface_version 5.0",
	 "00 00 00 17 80 00 00 09 00 00 00 00 00 00 00 01 53 00 02 10 00 01 50", 0, 1, "S"},
	{"bind_resp with a system_id of 17",
	 "00 00 00 22 80 00 00 09 00 00 00 00 00 00 00 01 41 41 41 41 41 41 41 41 41 41 41 41 41 "
	 "41 41 41 41 00",
	 0, 1, "AAAAAAAAAAAAAAA"},
	{"data_sm_resp, error with TLV",
	 "00 00 00 16 80 00 01 03 00 00 00 fe 00 00 00 01 00 04 25 00 01 02", 0xfe, 1, ""},
};

static void test_answers(void)
{
	for (size_t i = 0; i < sizeof(answers) / sizeof(answers[0]); i++) {
		struct smpp_pdu pdu;
		size_t len;
		uint8_t *in = test_hex(answers[i].hex, &len);
		int rc = smpp_pdu_decode((struct view){in, len}, &pdu);

		CHECK(rc == 0, "%s: %d", answers[i].name, rc);
		CHECK(pdu.command_status == answers[i].command_status &&
			      pdu.sequence_number == answers[i].sequence_number,
		      "%s: header", answers[i].name);
		/* system_id and message_id begin in one place */
		CHECK(!strcmp(pdu.message_id, answers[i].id), "%s: \"%s\"", answers[i].name,
		      pdu.message_id);
		free(in);
	}
}

/* ---- frames ---- */

static const struct {
	const char *name, *hex;
	int rc;
	size_t len;
} frames[] = {
	{"nothing", "", -EAGAIN, 0},
	{"half a length", "00 00", -EAGAIN, 0},
	{"length alone", "00 00 00 10", -EAGAIN, 0},
	{"length 0", "00 00 00 00", -EBADMSG, 0},
	{"length 15", "00 00 00 0f 00 00 00 15 00 00 00 00 00 00 00", -EBADMSG, 0},
	{"length 4 GiB - 1", "ff ff ff ff", -EBADMSG, 0},
	{"length at the limit", "00 01 10 00", -EAGAIN, 0},
	{"length above the limit", "00 01 10 01", -EBADMSG, 0},
	{"one octet short", "00 00 00 10 00 00 00 15 00 00 00 00 00 00 00", -EAGAIN, 0},
	{"whole", "00 00 00 10 00 00 00 15 00 00 00 00 00 00 00 01", 0, 16},
	{"whole and the next begins", "00 00 00 10 00 00 00 15 00 00 00 00 00 00 00 01 00 00", 0,
	 16},
};

static void test_frames(void)
{
	for (size_t i = 0; i < sizeof(frames) / sizeof(frames[0]); i++) {
		size_t n, len = 0;
		uint8_t *in = test_hex(frames[i].hex, &n);
		int rc = smpp_frame((struct view){in, n}, &len);

		CHECK(rc == frames[i].rc && len == frames[i].len, "%s: %d, %zu", frames[i].name, rc,
		      len);
		free(in);
	}
}

static void test_unknown_command(void)
{
	size_t len;
	uint8_t *in = test_hex("00 00 00 12 00 00 00 21 00 00 00 00 00 00 00 08 01 02", &len);
	struct smpp_pdu pdu;

	CHECK(smpp_pdu_decode((struct view){in, len}, &pdu) == -ENOTSUP, "submit_multi");
	CHECK(pdu.command_id == 0x21 && pdu.sequence_number == 8, "header fields are set");
	in[3] = 0x13;
	CHECK(smpp_pdu_decode((struct view){in, len}, &pdu) == -EBADMSG, "command_length is a lie");
	CHECK(pdu.command_id == 0x21 && pdu.sequence_number == 8, "header fields are set");
	free(in);
	in = test_hex("00 00 00 14 00 00 01 02 00 00 00 00 00 00 00 08 01 02 03 04", &len);
	CHECK(smpp_pdu_decode((struct view){in, len}, &pdu) == 0, "alert_notification is let pass");
	free(in);
}

/* ---- what is not encoded ---- */

static void check_invalid(const char *name, const struct smpp_pdu *pdu)
{
	uint8_t out[1024];
	struct wbuf w = wbuf_of(out, sizeof(out));

	w.len = 1;
	CHECK(smpp_pdu_encode(&w, pdu) == -EINVAL && w.len == 1, "%s", name);
}

static void test_invalid(void)
{
	static uint8_t text[65536];
	struct smpp_pdu pdu = {.command_id = SMPP_SUBMIT_SM};

	pdu.message.short_message = (struct view){text, 255};
	check_invalid("short_message of 255", &pdu);
	pdu.message.short_message.len = 1;
	pdu.message.has_message_payload = true;
	check_invalid("text in two places", &pdu);
	pdu.message.short_message.len = 0;
	pdu.message.message_payload = (struct view){text, 65536};
	check_invalid("message_payload of 65536", &pdu);
	pdu.message.has_message_payload = false;
	memset(pdu.message.source_addr, '1', sizeof(pdu.message.source_addr));
	check_invalid("source_addr without NUL", &pdu);
	pdu = (struct smpp_pdu){.command_id = SMPP_DATA_SM};
	pdu.message.short_message = (struct view){text, 1};
	check_invalid("short_message in a data_sm", &pdu);
	pdu = (struct smpp_pdu){.command_id = SMPP_SUBMIT_SM | SMPP_RESP};
	memset(pdu.message_id, '1', sizeof(pdu.message_id));
	check_invalid("message_id without NUL", &pdu);
	pdu = (struct smpp_pdu){.command_id = SMPP_BIND_TRANSCEIVER};
	memset(pdu.bind.password, '1', sizeof(pdu.bind.password));
	check_invalid("password without NUL", &pdu);
	check_invalid("unknown command", &(struct smpp_pdu){.command_id = 0x21});
	check_invalid("alert_notification", &(struct smpp_pdu){.command_id = 0x102});
}

/* ---- names ---- */

static void test_names(void)
{
	CHECK(!strcmp(smpp_command_name(SMPP_SUBMIT_SM), "submit_sm"), "command");
	CHECK(!strcmp(smpp_command_name(0x80000103), "data_sm_resp"), "command");
	CHECK(!strcmp(smpp_command_name(0x8000000b), "unknown"), "outbind has no answer");
	CHECK(!strcmp(smpp_status_name(0), "ESME_ROK"), "status");
	CHECK(!strcmp(smpp_status_name(0x58), "ESME_RTHROTTLED"), "status");
	CHECK(!strcmp(smpp_status_name(0x400), "unknown"), "vendor status");
	CHECK(smpp_is_response(0x80000004) && smpp_is_response(SMPP_GENERIC_NACK), "answers");
	CHECK(!smpp_is_response(SMPP_DELIVER_SM), "a request");
}

int main(void)
{
	test_vectors();
	test_submit_fields();
	test_receipt_fields();
	test_bind_fields();
	test_answers();
	test_frames();
	test_unknown_command();
	test_invalid();
	test_names();
	return test_end("smpp_pdu");
}
