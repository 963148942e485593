/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */

/*
 * SMS TPDUs (TS 23.040 9.2.2) and the text in their user data (9.2.3.24). The octets come from
 * spec/interworking.md 11.8-11.10 or were worked out apart from this code and read with python3-gammu.
 */

#include "../../lib/sms/tpdu.h"
#include "codec.h"
#include "tpdu_dump.h"

/* ---- vectors ---- */

#define DA "0B 91 51 55 89 07 00 F2 "
#define SCTS "62 30 41 01 51 03 40 "
#define DIGITS40                                                                                   \
	"B0 98 6C 46 AB D9 6E B8 1C 2C 26 9B D1 6A B6 1B 2E 07 8B C9 66 B4 9A ED 86 CB C1 62 B2 "   \
	"19 AD 66 BB E1 72 "
#define DIGITS32 "B0 98 6C 46 AB D9 6E B8 1C 2C 26 9B D1 6A B6 1B 2E 07 8B C9 66 B4 9A ED 86 CB C1 62 "
#define SHIFTED40 /* behind one fill bit */                                                        \
	"31 D9 8C 56 B3 DD 70 39 58 4C 36 A3 D5 6C 37 5C 0E 16 93 CD 68 35 DB 0D 97 83 C5 64 33 "   \
	"5A CD 76 C3 E5 60 "
#define SHIFTED33 "31 D9 8C 56 B3 DD 70 39 58 4C 36 A3 D5 6C 37 5C 0E 16 93 CD 68 35 DB 0D 97 83 C5 64 "
#define T40 "0123456789012345678901234567890123456789"
#define T32 "01234567890123456789012345678901"
#define CHARS10 "ababababab"
#define AB10 "00 61 00 62 00 61 00 62 00 61 00 62 00 61 00 62 00 61 00 62 "

static const struct {
	const char *name;
	enum tpdu_kind kind;
	const char *hex, *dump;
} VECTORS[] = {
	{"SUBMIT (11.8)", SUBMIT, "31 2A " DA "00 00 A7 06 C8 34 48 F8 16 03",
	 "srr mr=42 da=+15559870002 vp=a7 dcs=00 udl=6 text=Hi Bob"},
	{"SUBMIT without VP and text", SUBMIT, "01 2A " DA "00 00 00",
	 "mr=42 da=+15559870002 dcs=00 udl=0 text="},
	{"SUBMIT, absolute VP, 8 bit", SUBMIT, "19 2A " DA "00 04 " SCTS "03 00 FF 80",
	 "mr=42 da=+15559870002 vp=62304101510340 dcs=04 udl=3 ud=00ff80"},
	{"SUBMIT, enhanced VP, class 1 8 bit", SUBMIT, "09 2A " DA "00 F5 01 A7 00 00 00 00 00 02 68 69",
	 "mr=42 da=+15559870002 vp=01a70000000000 dcs=f5 udl=2 ud=6869"},
	{"SUBMIT, 160 septets", SUBMIT, "11 2A " DA "00 00 A7 A0 " DIGITS40 DIGITS40 DIGITS40 DIGITS40,
	 "mr=42 da=+15559870002 vp=a7 dcs=00 udl=160 text=" T40 T40 T40 T40},
	{"SUBMIT, all flags, 70 UCS-2", SUBMIT,
	 "B5 00 05 81 1A 00 FB 3F 08 FF 8C " AB10 AB10 AB10 AB10 AB10 AB10 AB10,
	 "rd rp srr mr=0 da=*100# vp=ff pid=3f dcs=08 udl=140 text=" CHARS10 CHARS10 CHARS10 CHARS10
	 CHARS10 CHARS10 CHARS10},
	{"SUBMIT, compressed", SUBMIT, "01 2A " DA "00 20 05 01 02 03 04 05",
	 "mr=42 da=+15559870002 dcs=20 udl=5 ud=0102030405"},
	{"SUBMIT, part 1 of 2, 8-bit reference (11.10)", SUBMIT,
	 "51 2A " DA "00 00 A7 A0 05 00 03 A4 02 01 60 " SHIFTED40 SHIFTED40 SHIFTED40 SHIFTED33,
	 "udhi mr=42 da=+15559870002 vp=a7 dcs=00 udl=160 text=" T40 T40 T40 T32 "2"},
	{"DELIVER (11.9)", DELIVER, "04 " DA "00 00 " SCTS "0C D3 72 19 94 7F D7 41 61 3A E8 06",
	 "oa=+15559870002 scts=2026-03-14T10:15:30+01:00 dcs=00 udl=12 text=See you at 7"},
	{"DELIVER, part 1 of 2, 16-bit reference (11.10)", DELIVER,
	 "44 " DA "00 00 " SCTS "A0 06 08 04 01 A4 02 01 " DIGITS40 DIGITS40 DIGITS40 DIGITS32,
	 "udhi oa=+15559870002 scts=2026-03-14T10:15:30+01:00 dcs=00 udl=160 text=" T40 T40 T40 T32},
	{"DELIVER, 7-octet header has no fill bits", DELIVER,
	 "44 " DA "00 00 " SCTS "0B 06 08 04 01 A4 02 01 D9 F2 1C",
	 "udhi oa=+15559870002 scts=2026-03-14T10:15:30+01:00 dcs=00 udl=11 text=Yes"},
	{"DELIVER, 6-octet header has one", DELIVER,
	 "44 " DA "00 00 " SCTS "0A 05 00 03 A4 02 01 B2 E5 39",
	 "udhi oa=+15559870002 scts=2026-03-14T10:15:30+01:00 dcs=00 udl=10 text=Yes"},
	{"DELIVER, header only", DELIVER, "44 " DA "00 00 " SCTS "08 06 08 04 01 A4 02 01",
	 "udhi oa=+15559870002 scts=2026-03-14T10:15:30+01:00 dcs=00 udl=8 text="},
	{"DELIVER, UCS-2 with a surrogate pair, more to come, SRI", DELIVER,
	 "20 " DA "00 08 " SCTS "12 04 1F 04 40 04 38 04 32 04 35 04 42 00 20 D8 3D DE 00",
	 "mms sri oa=+15559870002 scts=2026-03-14T10:15:30+01:00 dcs=08 udl=18 text="
	 "\xd0\x9f\xd1\x80\xd0\xb8\xd0\xb2\xd0\xb5\xd1\x82 \xf0\x9f\x98\x80"},
	{"DELIVER from a name", DELIVER, "04 0B D0 CD BC 30 EC 5E 03 00 00 " SCTS "04 E3 37 B9 0C",
	 "oa=MyBank scts=2026-03-14T10:15:30+01:00 dcs=00 udl=4 text=code"},
	{"DELIVER from nobody, LP, RP", DELIVER, "8C 00 81 00 00 " SCTS "00",
	 "rp lp oa= scts=2026-03-14T10:15:30+01:00 dcs=00 udl=0 text="},
	{"DELIVER, zone -5 h, class 0", DELIVER, "04 " DA "00 10 62 30 41 90 62 35 0A 03 E8 72 1E",
	 "oa=+15559870002 scts=2026-03-14T09:26:53-05:00 dcs=10 udl=3 text=hey"},
	{"STATUS-REPORT (11.10)", STATUS_REPORT,
	 "06 2A " DA "62 30 41 90 62 35 00 62 30 41 90 62 85 00 00",
	 "mr=42 ra=+15559870002 scts=2026-03-14T09:26:53Z dt=2026-03-14T09:26:58Z st=00"},
	{"STATUS-REPORT, more to come, SRQ, expired", STATUS_REPORT,
	 "22 FF " DA "62 30 41 90 62 35 00 62 30 41 90 62 85 40 46",
	 "mms srq mr=255 ra=+15559870002 scts=2026-03-14T09:26:53Z dt=2026-03-14T09:26:58+01:00 st=46"},
	{"SUBMIT-REPORT (11.8)", SUBMIT_REPORT, "01 00 62 30 41 90 62 35 00", "scts=2026-03-14T09:26:53Z"},
	{"SUBMIT-REPORT, error (11.8)", SUBMIT_ERROR, "01 C0 00 62 30 41 90 62 35 00",
	 "fcs=c0 scts=2026-03-14T09:26:53Z"},
	{"DELIVER-REPORT (11.9)", DELIVER_REPORT, "00 00", ""},
	{"DELIVER-REPORT, error (11.9)", DELIVER_ERROR, "00 D3 00", "fcs=d3"},
};

static void test_vectors(void)
{
	for (size_t i = 0; i < sizeof(VECTORS) / sizeof(VECTORS[0]); i++) {
		enum tpdu_kind kind = VECTORS[i].kind;
		union tpdu_any t;
		char dump[1024];
		uint8_t *in = codec_check(VECTORS[i].name, &TPDU_CODEC[kind], VECTORS[i].hex, &t, 0);

		tpdu_dump(kind, &t, dump, sizeof(dump));
		CHECK(!strcmp(dump, VECTORS[i].dump), "%s:\n  %s\n  %s", VECTORS[i].name, dump,
		      VECTORS[i].dump);
		free(in);
	}
}

/* ---- what must not pass ---- */

static const struct {
	const char *name;
	enum tpdu_kind kind;
	const char *hex;
} REFUSED[] = {
	{"SUBMIT read as DELIVER", DELIVER, "31 2A " DA "00 00 A7 06 C8 34 48 F8 16 03"},
	{"DELIVER read as SUBMIT", SUBMIT, "04 " DA "00 00 " SCTS "00"},
	{"DELIVER read as STATUS-REPORT", STATUS_REPORT, "04 " DA "00 00 " SCTS "00"},
	{"reserved type as SUBMIT", SUBMIT, "03 2A " DA "00 00 00"},
	{"octet behind SUBMIT", SUBMIT, "01 2A " DA "00 00 00 00"},
	{"octet behind DELIVER", DELIVER, "04 " DA "00 00 " SCTS "03 E8 72 1E 00"},
	{"UDL of 255", SUBMIT, "01 2A " DA "00 00 FF " DIGITS40 DIGITS40 DIGITS40 DIGITS40},
	{"161 septets", SUBMIT, "01 2A " DA "00 00 A1 " DIGITS40 DIGITS40 DIGITS40 DIGITS40 "00"},
	{"141 octets", SUBMIT, "01 2A " DA "00 04 8D " AB10 AB10 AB10 AB10 AB10 AB10 AB10 "00"},
	{"21 digits", SUBMIT, "01 2A 15 91 21 43 65 87 09 21 43 65 87 09 F1 00 00 00"},
	{"filler between digits", DELIVER, "04 04 91 F1 43 00 00 " SCTS "00"},
	{"no date", DELIVER, "04 " DA "00 00 62 31 41 01 51 03 40 00"},
	{"SUBMIT-REPORT as DELIVER-REPORT", DELIVER_REPORT, "01 00 62 30 41 90 62 35 00"},
	{"DELIVER-REPORT as SUBMIT-REPORT", SUBMIT_REPORT, "00 00 62 30 41 90 62 35 00"},
	{"TP-PI without end", DELIVER_REPORT, "00 80 80 80"},
};

static void test_refused(void)
{
	for (size_t i = 0; i < sizeof(REFUSED) / sizeof(REFUSED[0]); i++)
		codec_check_refused(REFUSED[i].name, &TPDU_CODEC[REFUSED[i].kind], REFUSED[i].hex);
}

/* Optional fields and those of later releases stand behind what we read. */
static const struct {
	const char *name;
	enum tpdu_kind kind;
	const char *hex, *dump;
} LENIENT[] = {
	{"SUBMIT-REPORT with PID, DCS, text", SUBMIT_REPORT, "01 07 62 30 41 90 62 35 00 00 00 03 E8 72 1E",
	 "scts=2026-03-14T09:26:53Z"},
	{"SUBMIT-REPORT, longer TP-PI", SUBMIT_ERROR, "01 C0 80 00 62 30 41 90 62 35 00",
	 "fcs=c0 scts=2026-03-14T09:26:53Z"},
	{"DELIVER-REPORT with PID", DELIVER_REPORT, "00 01 00", ""},
	{"DELIVER-REPORT, error, longer", DELIVER_ERROR, "00 D3 02 00 FF FF", "fcs=d3"},
	{"STATUS-REPORT with PI", STATUS_REPORT,
	 "06 2A " DA "62 30 41 90 62 35 00 62 30 41 90 62 85 00 00 01 00",
	 "mr=42 ra=+15559870002 scts=2026-03-14T09:26:53Z dt=2026-03-14T09:26:58Z st=00"},
};

static void test_lenient(void)
{
	for (size_t i = 0; i < sizeof(LENIENT) / sizeof(LENIENT[0]); i++) {
		const struct codec *c = &TPDU_CODEC[LENIENT[i].kind];
		union tpdu_any t;
		char dump[256] = "";
		size_t len;
		uint8_t *in = test_hex(LENIENT[i].hex, &len);
		int err = c->decode((struct view){in, len}, &t);

		if (!err)
			tpdu_dump(LENIENT[i].kind, &t, dump, sizeof(dump));
		CHECK(err == 0 && !strcmp(dump, LENIENT[i].dump), "%s: %d %s", LENIENT[i].name, err, dump);
		free(in);
	}
}

static void test_unencodable(void)
{
	static const uint8_t ud[141];
	const struct tpdu_submit good = {
		.tp_da = {1, 1, "1"}, .u = {.tp_udl = 8, .tp_ud = {ud, 7}}};
	const struct tpdu_deliver deliver = {.tp_scts = {1773480413, 0}};
	struct tpdu_submit s[7];
	struct tpdu_deliver d[2] = {deliver, deliver};
	uint8_t out[256];
	struct wbuf w = wbuf_of(out, sizeof(out));

	for (size_t i = 0; i < 7; i++)
		s[i] = good;
	s[0].u.tp_udl = 9;
	s[1].u.tp_ud.len = 8;
	s[2].u.tp_dcs = 0x08;
	s[3].u = (struct tp_user_data){.tp_dcs = 0x04, .tp_udl = 141, .tp_ud = {ud, 141}};
	s[4].tp_da = (struct sms_address){1, 1, ""};
	s[5].tp_da = (struct sms_address){5, 0, "twelve chars"};
	s[6].tp_vpf = (enum tp_vpf)4;
	d[0].tp_scts.utc_s = 0;
	d[1].tp_oa = (struct sms_address){1, 1, "not digits"};
	CHECK(tpdu_submit_encode(&w, &good) == 0, "the good one");
	w.len = 0;
	for (size_t i = 0; i < 7; i++)
		CHECK(tpdu_submit_encode(&w, &s[i]) == -EINVAL && !w.len, "SUBMIT %zu", i);
	for (size_t i = 0; i < 2; i++)
		CHECK(tpdu_deliver_encode(&w, &d[i]) == -EINVAL && !w.len, "DELIVER %zu", i);
}

static void test_mti(void)
{
	static const int MTI[] = {TP_MTI_DELIVER, TP_MTI_SUBMIT, TP_MTI_STATUS_REPORT, -EBADMSG};

	for (int i = 0; i < 256; i++) {
		uint8_t octet = (uint8_t)i;

		CHECK(tpdu_mti((struct view){&octet, 1}) == MTI[i & 3], "%02x", i);
	}
	CHECK(tpdu_mti((struct view){NULL, 0}) == -EBADMSG, "empty");
}

int main(void)
{
	test_vectors();
	test_refused();
	test_lenient();
	test_unencodable();
	test_mti();
	return test_end("tpdu");
}
