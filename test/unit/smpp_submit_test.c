/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */

/* SMS-SUBMIT -> submit_sm: spec 3.5, 3.7, 3.8. */

#include "sms/dcs.h"
#include "sms/gsm7.h"
#include "sms/ucs2.h"
#include "smpp/smpp_sm.h"

#include "test.h"

static const struct sms_address from = {SMS_TON_INTERNATIONAL, SMS_NPI_E164, "15551230001"};
static const struct sms_address to = {SMS_TON_INTERNATIONAL, SMS_NPI_E164, "15559870002"};

static struct smpp_sm_config config(enum smpp_default_alphabet alphabet,
				    enum smpp_long_messages long_messages)
{
	return (struct smpp_sm_config){alphabet, long_messages, "CMT"};
}

/* ---- a TPDU as the module builds it ---- */

static void text_units(const char *utf8, uint8_t tp_dcs, struct wbuf *units)
{
	switch (dcs_decode(tp_dcs).alphabet) {
	case SMS_ALPHABET_GSM7:
		gsm7_from_utf8(view_str(utf8), units);
		break;
	case SMS_ALPHABET_UCS2:
		ucs2_from_utf8(view_str(utf8), units);
		break;
	case SMS_ALPHABET_8BIT:
		wbuf_str(units, utf8);
		break;
	}
}

static int submit_tpdu(struct tpdu_submit s, const char *udh_hex, const char *utf8, struct wbuf *w)
{
	uint8_t octets[320], user_data[320];
	struct wbuf units = wbuf_of(octets, sizeof(octets));
	struct wbuf ud = wbuf_of(user_data, sizeof(user_data));
	size_t udh_octets;
	uint8_t *udh = test_hex(udh_hex, &udh_octets);

	wbuf_put(&ud, udh, udh_octets);
	free(udh);
	text_units(utf8, s.u.tp_dcs, &units);
	if (dcs_decode(s.u.tp_dcs).alphabet == SMS_ALPHABET_GSM7) {
		gsm7_pack(&ud, wbuf_written(&units), gsm7_fill_bits(udh_octets));
		s.u.tp_udl = (uint8_t)((udh_octets * 8 + 6) / 7 + units.len);
	} else {
		wbuf_view(&ud, wbuf_written(&units));
		s.u.tp_udl = (uint8_t)ud.len;
	}
	s.u.tp_udhi = udh_octets;
	s.u.tp_ud = wbuf_written(&ud);
	s.tp_da = to;
	return tpdu_submit_encode(w, &s);
}

/* ---- user data ---- */

#define NO_SAR 0, 0, 0

#define TEN   "0123456789"
#define FIFTY TEN TEN TEN TEN TEN
#define H10   "30 31 32 33 34 35 36 37 38 39 "
#define H50   H10 H10 H10 H10 H10
#define U10   "0030 0031 0032 0033 0034 0035 0036 0037 0038 0039 "
#define U50   U10 U10 U10 U10 U10

static const struct {
	const char *name;
	enum smpp_default_alphabet alphabet;
	enum smpp_long_messages long_messages;
	uint8_t tp_dcs;
	const char *udh, *text;
	uint8_t data_coding;
	bool udhi, payload;
	const char *hex; /* short_message or message_payload */
	uint16_t ref;	 /* sar_*, if total */
	uint8_t total, seqnum;
} cases[] = {
	{"septets are not packed", 0, 0, 0x00, "", "Hi [\xe2\x82\xac]", 0, 0, 0,
	 "48 69 20 1b3c 1b65 1b3e", NO_SAR},
	{"@ is 0, line feed 0a, e acute 05", 0, 0, 0x00, "", "@\n\xc3\xa9", 0, 0, 0, "00 0a 05",
	 NO_SAR},
	{"empty", 0, 0, 0x00, "", "", 0, 0, 0, "", NO_SAR},
	{"160 septets", 0, 0, 0x00, "", FIFTY FIFTY FIFTY TEN, 0, 0, 0, H50 H50 H50 H10, NO_SAR},
	{"UCS-2", 0, 0, 0x08, "", "\xd0\x96\xf0\x9f\x98\x80", 8, 0, 0, "0416 d83d de00", NO_SAR},
	{"UCS-2 for a Latin-1 SMSC", SMPP_DEFAULT_LATIN1, 0, 0x08, "", "\xd0\x96", 8, 0, 0, "0416",
	 NO_SAR},
	{"8-bit data", SMPP_DEFAULT_LATIN1, 0, 0x04, "", "a\x01z", 4, 0, 0, "61 01 7a", NO_SAR},

	{"class 0", 0, 0, 0x10, "", "Hi", 0xf0, 0, 0, "48 69", NO_SAR},
	{"class 0, the other form", 0, 0, 0xf0, "", "Hi", 0xf0, 0, 0, "48 69", NO_SAR},
	{"class 2, 8-bit", 0, 0, 0x16, "", "Hi", 0xf6, 0, 0, "48 69", NO_SAR},
	{"class 0, UCS-2: SMPP has no coding for the class", 0, 0, 0x18, "", "H", 8, 0, 0, "0048",
	 NO_SAR},
	{"message waiting, UCS-2", 0, 0, 0xe8, "", "H", 0xe8, 0, 0, "0048", NO_SAR},
	{"class 1 stays GSM at a Latin-1 SMSC", SMPP_DEFAULT_LATIN1, 0, 0xf1, "", "@", 0xf1, 0, 0,
	 "00", NO_SAR},
	{"reserved reads as GSM", 0, 0, 0x8c, "", "Hi", 0, 0, 0, "48 69", NO_SAR},

	{"Latin-1, extension table", SMPP_DEFAULT_LATIN1, 0, 0x00, "", "[@\xc3\xa9]", 0, 0, 0,
	 "5b 40 e9 5d", NO_SAR},
	{"euro is not in Latin-1", SMPP_DEFAULT_LATIN1, 0, 0x00, "", "5 \xe2\x82\xac", 8, 0, 0,
	 "0035 0020 20ac", NO_SAR},
	{"Greek is not in Latin-1", SMPP_DEFAULT_LATIN1, 0, 0x00, "", "\xce\x94", 8, 0, 0, "0394",
	 NO_SAR},
	{"ASCII", SMPP_DEFAULT_ASCII, 0, 0x00, "", "{@_}", 0, 0, 0, "7b 40 5f 7d", NO_SAR},
	{"e acute is not in ASCII", SMPP_DEFAULT_ASCII, 0, 0x00, "", "\xc3\xa9", 8, 0, 0, "00e9",
	 NO_SAR},
	{"127 characters as UCS-2 are a short_message", SMPP_DEFAULT_ASCII, 0, 0x00, "",
	 FIFTY FIFTY TEN TEN "012345\xc3\xa9", 8, 0, 0,
	 U50 U50 U10 U10 "0030 0031 0032 0033 0034 0035 00e9", NO_SAR},
	{"128 characters as UCS-2 are a payload", SMPP_DEFAULT_ASCII, 0, 0x00, "",
	 FIFTY FIFTY TEN TEN "0123456\xc3\xa9", 8, 0, 1,
	 U50 U50 U10 U10 "0030 0031 0032 0033 0034 0035 0036 00e9", NO_SAR},

	{"UDH of 6", 0, 0, 0x00, "05 00 03 a4 02 01", "Hi", 0, 1, 0, "05 00 03 a4 02 01 48 69",
	 NO_SAR},
	{"UDH of 7", 0, 0, 0x00, "06 08 04 01 a4 02 01", "Hi", 0, 1, 0,
	 "06 08 04 01 a4 02 01 48 69", NO_SAR},
	{"UDH of 6 and 153 septets", 0, 0, 0x00, "05 00 03 a4 02 01", FIFTY FIFTY FIFTY "[!", 0, 1,
	 0, "05 00 03 a4 02 01" H50 H50 H50 "1b 3c 21", NO_SAR},
	{"UDH of 7 and 152 septets", 0, 0, 0x00, "06 08 04 01 a4 02 01", FIFTY FIFTY FIFTY "!!", 0,
	 1, 0, "06 08 04 01 a4 02 01" H50 H50 H50 "21 21", NO_SAR},
	{"UDH and UCS-2", 0, 0, 0x08, "05 00 03 a4 02 01", "\xd0\x96", 8, 1, 0,
	 "05 00 03 a4 02 01 0416", NO_SAR},
	{"UDH and 8-bit", 0, 0, 0x04, "06 05 04 0b 84 23 f0", "x", 4, 1, 0,
	 "06 05 04 0b 84 23 f0 78", NO_SAR},
	{"UDH and Latin-1", SMPP_DEFAULT_LATIN1, 0, 0x00, "05 00 03 a4 02 01", "\xc3\xa9", 0, 1, 0,
	 "05 00 03 a4 02 01 e9", NO_SAR},

	{"sar_*", 0, SMPP_LONG_SAR, 0x00, "05 00 03 a4 02 01", "Hi", 0, 0, 0, "48 69", 0xa4, 2, 1},
	{"sar_*, 16 bit", 0, SMPP_LONG_SAR, 0x08, "06 08 04 01 a4 ff fe", "H", 8, 0, 0, "0048",
	 0x1a4, 255, 254},
	{"sar_*, other elements stay", 0, SMPP_LONG_SAR, 0x00, "08 24 01 01 00 03 a4 02 02", "Hi",
	 0, 1, 0, "03 24 01 01 48 69", 0xa4, 2, 2},
	{"sar_* without concatenation", 0, SMPP_LONG_SAR, 0x04, "06 05 04 0b 84 23 f0", "x", 4, 1,
	 0, "06 05 04 0b 84 23 f0 78", NO_SAR},
	{"sar_* for one part of nothing", 0, SMPP_LONG_SAR, 0x00, "", "Hi", 0, 0, 0, "48 69",
	 NO_SAR},

	{"payload with UDH", 0, SMPP_LONG_PAYLOAD, 0x00, "05 00 03 a4 02 01", "Hi", 0, 1, 1,
	 "05 00 03 a4 02 01 48 69", NO_SAR},
	{"payload only for segments", 0, SMPP_LONG_PAYLOAD, 0x00, "", "Hi", 0, 0, 0, "48 69",
	 NO_SAR},

	{"a segment that fits as UCS-2", SMPP_DEFAULT_ASCII, 0, 0x00, "05 00 03 a4 02 02",
	 "\xc3\xa9" FIFTY TEN "012345", 8, 1, 0,
	 "05 00 03 a4 02 02 00e9" U50 U10 "0030 0031 0032 0033 0034 0035", NO_SAR},
	{"a segment that does not goes as GSM, and says so", SMPP_DEFAULT_ASCII, 0, 0x00,
	 "05 00 03 a4 02 02", "\xc3\xa9" FIFTY TEN "0123456", 0xf1, 1, 0,
	 "05 00 03 a4 02 02 05" H50 H10 "30 31 32 33 34 35 36", NO_SAR},
	{"also with sar_*", SMPP_DEFAULT_LATIN1, SMPP_LONG_SAR, 0x00, "05 00 03 a4 02 02",
	 "\xe2\x82\xac" FIFTY TEN "0123456", 0xf1, 0, 0, "1b 65" H50 H10 "30 31 32 33 34 35 36",
	 0xa4, 2, 2},
};

static void test_case(size_t i)
{
	struct smpp_sm_config cfg = config(cases[i].alphabet, cases[i].long_messages);
	uint8_t tpdu[TPDU_MAX], *scratch = malloc(SMPP_SM_SCRATCH);
	struct wbuf w = wbuf_of(tpdu, sizeof(tpdu));
	struct tpdu_submit s = {.u.tp_dcs = cases[i].tp_dcs};
	const char *name = cases[i].name;
	struct smpp_message m;
	size_t len;
	uint8_t *want = test_hex(cases[i].hex, &len);
	int rc = submit_tpdu(s, cases[i].udh, cases[i].text, &w);
	struct view got;

	CHECK(rc == 0, "%s: no TPDU: %d", name, rc);
	rc = smpp_submit_from_tpdu(&cfg, wbuf_written(&w), &from, 0, scratch, &m);
	CHECK(rc == 0, "%s: %d", name, rc);
	CHECK(m.data_coding == cases[i].data_coding, "%s: data_coding %02x", name, m.data_coding);
	CHECK(m.esm_class == (cases[i].udhi ? SMPP_ESM_UDHI : 0), "%s: esm_class %02x", name,
	      m.esm_class);
	CHECK(m.has_message_payload == cases[i].payload, "%s: payload", name);
	got = cases[i].payload ? m.message_payload : m.short_message;
	CHECK(view_eq(got, (struct view){want, len}), "%s: text", name);
	if (!view_eq(got, (struct view){want, len})) {
		test_print_hex("expected", want, len);
		test_print_hex("got", got.p, got.len);
	}
	CHECK(m.has_sar == (cases[i].total != 0), "%s: sar", name);
	CHECK(m.sar_msg_ref_num == cases[i].ref && m.sar_total_segments == cases[i].total &&
		      m.sar_segment_seqnum == cases[i].seqnum,
	      "%s: sar values", name);
	free(want);
	free(scratch);
}

/* ---- fields ---- */

/* Spec 11.8: RP-DATA's TPDU. */
static void test_wire_example(void)
{
	struct smpp_sm_config cfg = config(SMPP_DEFAULT_GSM7, SMPP_LONG_UDH);
	size_t len;
	uint8_t scratch[SMPP_SM_SCRATCH],
		*tpdu = test_hex("31 2A 0B 91 51 55 89 07 00 F2 00 00 A7 06 C8 34 48 F8 16 03",
				 &len);
	struct smpp_message m;
	int rc = smpp_submit_from_tpdu(&cfg, (struct view){tpdu, len}, &from, 0x1234, scratch, &m);

	CHECK(rc == 0, "%d", rc);
	CHECK(!strcmp(m.service_type, "CMT"), "%s", m.service_type);
	CHECK(m.source_addr_ton == 1 && m.source_addr_npi == 1, "source");
	CHECK(!strcmp(m.source_addr, "15551230001"), "%s", m.source_addr);
	CHECK(m.dest_addr_ton == 1 && m.dest_addr_npi == 1, "destination");
	CHECK(!strcmp(m.destination_addr, "15559870002"), "%s", m.destination_addr);
	CHECK(!strcmp(m.validity_period, "000001000000000R"), "%s", m.validity_period);
	CHECK(m.registered_delivery == 1 && m.esm_class == 0 && m.data_coding == 0, "flags");
	CHECK(m.protocol_id == 0 && m.priority_flag == 0 && !m.schedule_delivery_time[0], "zeros");
	CHECK(m.has_user_message_reference && m.user_message_reference == 0x1234, "reference");
	CHECK(view_eq(m.short_message, VIEW("Hi Bob")), "text");
	for (size_t n = 0; n < len; n++) {
		uint8_t *exact = malloc(n ? n : 1);

		memcpy(exact, tpdu, n);
		rc = smpp_submit_from_tpdu(&cfg, (struct view){exact, n}, &from, 0, scratch, &m);
		CHECK(rc == -EBADMSG, "%d with %zu octets", rc, n);
		free(exact);
	}
	free(tpdu);
}

static const struct {
	const char *name;
	enum tp_vpf tp_vpf;
	uint8_t tp_vp[TPDU_VP_MAX];
	const char *validity_period;
} validities[] = {
	{"none", TP_VPF_NONE, {0}, ""},
	{"5 minutes", TP_VPF_RELATIVE, {0}, "000000000500000R"},
	{"1 hour", TP_VPF_RELATIVE, {11}, "000000010000000R"},
	{"12 hours", TP_VPF_RELATIVE, {143}, "000000120000000R"},
	{"12.5 hours", TP_VPF_RELATIVE, {144}, "000000123000000R"},
	{"24 hours", TP_VPF_RELATIVE, {167}, "000001000000000R"},
	{"2 days", TP_VPF_RELATIVE, {168}, "000002000000000R"},
	{"30 days", TP_VPF_RELATIVE, {196}, "000030000000000R"},
	{"5 weeks are a month and 5 days", TP_VPF_RELATIVE, {197}, "000105000000000R"},
	{"63 weeks are a year, 2 months, 16 days", TP_VPF_RELATIVE, {255}, "010216000000000R"},
	{"absolute",
	 TP_VPF_ABSOLUTE,
	 {0x62, 0x30, 0x41, 0x01, 0x51, 0x03, 0x40},
	 "260314101530004+"},
	{"absolute, west",
	 TP_VPF_ABSOLUTE,
	 {0x62, 0x30, 0x41, 0x01, 0x51, 0x03, 0x0a},
	 "260314101530020-"},
	{"absolute, no date", TP_VPF_ABSOLUTE, {0x62, 0x31, 0x41, 0x01, 0x51, 0x03, 0x40}, ""},
	{"enhanced, none", TP_VPF_ENHANCED, {0x00, 0x10}, ""},
	{"enhanced, relative", TP_VPF_ENHANCED, {0x01, 11}, "000000010000000R"},
	{"enhanced, 90 seconds", TP_VPF_ENHANCED, {0x02, 90}, "000000000130000R"},
	{"enhanced, hh:mm:ss", TP_VPF_ENHANCED, {0x03, 0x32, 0x95, 0x85}, "000000235958000R"},
	{"enhanced, single shot", TP_VPF_ENHANCED, {0x41, 11}, "000000010000000R"},
	{"enhanced, extended", TP_VPF_ENHANCED, {0x81, 0, 11}, ""},
};

static void test_validity(void)
{
	struct smpp_sm_config cfg = config(SMPP_DEFAULT_GSM7, SMPP_LONG_UDH);

	for (size_t i = 0; i < sizeof(validities) / sizeof(validities[0]); i++) {
		uint8_t tpdu[TPDU_MAX], scratch[SMPP_SM_SCRATCH];
		struct wbuf w = wbuf_of(tpdu, sizeof(tpdu));
		struct tpdu_submit s = {.tp_vpf = validities[i].tp_vpf};
		struct smpp_message m;
		int rc;

		memcpy(s.tp_vp, validities[i].tp_vp, sizeof(s.tp_vp));
		CHECK(submit_tpdu(s, "", "Hi", &w) == 0, "%s", validities[i].name);
		rc = smpp_submit_from_tpdu(&cfg, wbuf_written(&w), &from, 0, scratch, &m);
		CHECK(rc == 0, "%s: %d", validities[i].name, rc);
		CHECK(!strcmp(m.validity_period, validities[i].validity_period), "%s: %s",
		      validities[i].name, m.validity_period);
		CHECK(!m.registered_delivery && !m.has_user_message_reference, "not asked for");
	}
}

/* R form of each relative TP-VP must pass an SMSC that checks the fields' ranges. */
static void test_validity_ranges(void)
{
	struct smpp_sm_config cfg = config(SMPP_DEFAULT_GSM7, SMPP_LONG_UDH);

	for (unsigned vp = 0; vp < 256; vp++) {
		uint8_t tpdu[TPDU_MAX], scratch[SMPP_SM_SCRATCH];
		struct wbuf w = wbuf_of(tpdu, sizeof(tpdu));
		struct tpdu_submit s = {.tp_vpf = TP_VPF_RELATIVE, .tp_vp = {(uint8_t)vp}};
		struct smpp_message m;
		unsigned y, mo, d, h, mi, sec;

		submit_tpdu(s, "", "Hi", &w);
		smpp_submit_from_tpdu(&cfg, wbuf_written(&w), &from, 0, scratch, &m);
		CHECK(sscanf(m.validity_period, "%2u%2u%2u%2u%2u%2u000R", &y, &mo, &d, &h, &mi,
			     &sec) == 6 &&
			      strlen(m.validity_period) == 16,
		      "%u: %s", vp, m.validity_period);
		CHECK(mo < 12 && d <= 31 && h < 24 && mi < 60 && sec < 60, "%u: %s", vp,
		      m.validity_period);
		CHECK(y + mo + d + h + mi > 0, "%u: %s", vp, m.validity_period);
	}
}

static const struct {
	const char *name;
	struct sms_address oa;
	int rc;
	uint8_t ton, npi;
	const char *text;
} originators[] = {
	{"international", {1, 1, "4917012345"}, 0, 1, 1, "4917012345"},
	{"short code", {0, 1, "12345"}, 0, 0, 1, "12345"},
	{"short code without NPI", {0, 0, "12345"}, 0, 0, 1, "12345"},
	{"name", {5, 0, "Anonymous"}, 0, 5, 0, "Anonymous"},
	{"name in Latin-1", {5, 0, "Caf\xc3\xa9"}, 0, 5, 0, "Caf\xe9"},
	{"name beyond Latin-1", {5, 0, "\xce\xa9mega"}, -EINVAL, 5, 0, NULL},
	{"none", {0, 0, ""}, 0, 0, 0, ""},
};

static void test_originators(void)
{
	struct smpp_sm_config cfg = config(SMPP_DEFAULT_GSM7, SMPP_LONG_UDH);
	uint8_t tpdu[TPDU_MAX], scratch[SMPP_SM_SCRATCH];
	struct wbuf w = wbuf_of(tpdu, sizeof(tpdu));

	submit_tpdu((struct tpdu_submit){.tp_rp = true, .u.tp_pid = 0x40}, "", "Hi", &w);
	for (size_t i = 0; i < sizeof(originators) / sizeof(originators[0]); i++) {
		struct smpp_message m;
		int rc = smpp_submit_from_tpdu(&cfg, wbuf_written(&w), &originators[i].oa, 0,
					       scratch, &m);

		CHECK(rc == originators[i].rc, "%s: %d", originators[i].name, rc);
		if (rc)
			continue;
		CHECK(m.source_addr_ton == originators[i].ton &&
			      m.source_addr_npi == originators[i].npi &&
			      !strcmp(m.source_addr, originators[i].text),
		      "%s: %u %u %s", originators[i].name, m.source_addr_ton, m.source_addr_npi,
		      m.source_addr);
		CHECK(m.esm_class == SMPP_ESM_REPLY_PATH && m.protocol_id == 0x40, "TP-RP, TP-PID");
	}
}

static const struct {
	const char *name, *hex;
} refused[] = {
	{"SMS-DELIVER", "04 0B 91 51 55 89 07 00 F2 00 00 62 30 41 01 51 03 40 02 C8 34"},
	{"UDH over the end", "41 00 0B 91 51 55 89 07 00 F2 00 04 03 05 00 03"},
	{"compressed", "01 00 0B 91 51 55 89 07 00 F2 00 20 02 C8 34"},
	{"no destination", "01 00 00 81 00 00 02 C8 34"},
};

static void test_refused(void)
{
	struct smpp_sm_config cfg = config(SMPP_DEFAULT_GSM7, SMPP_LONG_UDH);
	uint8_t scratch[SMPP_SM_SCRATCH];
	struct smpp_message m;

	for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
		size_t len;
		uint8_t *tpdu = test_hex(refused[i].hex, &len);
		int rc = smpp_submit_from_tpdu(&cfg, (struct view){tpdu, len}, &from, 0, scratch,
					       &m);

		CHECK(rc == -EBADMSG, "%s: %d", refused[i].name, rc);
		free(tpdu);
	}
}

int main(void)
{
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		test_case(i);
	test_wire_example();
	test_validity();
	test_validity_ranges();
	test_originators();
	test_refused();
	return test_end("smpp_submit");
}
