/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */

/* TS 23.038 4: each range of TP-DCS values, all 256 of them. */

#include "sms/dcs.h"

#include "test.h"

#define GSM7 SMS_ALPHABET_GSM7
#define BIT8 SMS_ALPHABET_8BIT
#define UCS2 SMS_ALPHABET_UCS2
enum { BY_BITS = -2 }; /* class is bits 1 and 0 */

static const struct {
	const char *name;
	uint8_t first, last;
	enum sms_alphabet alphabet;
	bool compressed;
	int msg_class;
	enum dcs_mwi mwi;
} ranges[] = {
	{"default", 0x00, 0x03, GSM7, false, -1, DCS_MWI_NONE},
	{"8 bit is not UCS-2", 0x04, 0x07, BIT8, false, -1, DCS_MWI_NONE},
	{"UCS-2", 0x08, 0x0b, UCS2, false, -1, DCS_MWI_NONE},
	{"reserved alphabet", 0x0c, 0x0f, GSM7, false, -1, DCS_MWI_NONE},
	{"class 0 is not UCS-2", 0x10, 0x13, GSM7, false, BY_BITS, DCS_MWI_NONE},
	{"8 bit with class", 0x14, 0x17, BIT8, false, BY_BITS, DCS_MWI_NONE},
	{"UCS-2 with class", 0x18, 0x1b, UCS2, false, BY_BITS, DCS_MWI_NONE},
	{"reserved alphabet with class", 0x1c, 0x1f, GSM7, false, -1, DCS_MWI_NONE},
	{"compressed", 0x20, 0x23, GSM7, true, -1, DCS_MWI_NONE},
	{"compressed 8 bit", 0x24, 0x27, BIT8, true, -1, DCS_MWI_NONE},
	{"compressed UCS-2", 0x28, 0x2b, UCS2, true, -1, DCS_MWI_NONE},
	{"compressed reserved", 0x2c, 0x2f, GSM7, false, -1, DCS_MWI_NONE},
	{"compressed with class", 0x30, 0x33, GSM7, true, BY_BITS, DCS_MWI_NONE},
	{"compressed 8 bit with class", 0x34, 0x37, BIT8, true, BY_BITS, DCS_MWI_NONE},
	{"compressed UCS-2 with class", 0x38, 0x3b, UCS2, true, BY_BITS, DCS_MWI_NONE},
	{"compressed reserved with class", 0x3c, 0x3f, GSM7, false, -1, DCS_MWI_NONE},
	{"to be deleted", 0x40, 0x43, GSM7, false, -1, DCS_MWI_NONE},
	{"to be deleted, 8 bit", 0x44, 0x47, BIT8, false, -1, DCS_MWI_NONE},
	{"to be deleted, UCS-2", 0x48, 0x4b, UCS2, false, -1, DCS_MWI_NONE},
	{"to be deleted, reserved", 0x4c, 0x4f, GSM7, false, -1, DCS_MWI_NONE},
	{"to be deleted, class", 0x50, 0x53, GSM7, false, BY_BITS, DCS_MWI_NONE},
	{"to be deleted, 8 bit, class", 0x54, 0x57, BIT8, false, BY_BITS, DCS_MWI_NONE},
	{"to be deleted, UCS-2, class", 0x58, 0x5b, UCS2, false, BY_BITS, DCS_MWI_NONE},
	{"to be deleted, reserved, class", 0x5c, 0x5f, GSM7, false, -1, DCS_MWI_NONE},
	{"to be deleted, compressed", 0x60, 0x63, GSM7, true, -1, DCS_MWI_NONE},
	{"to be deleted, compressed 8 bit", 0x64, 0x67, BIT8, true, -1, DCS_MWI_NONE},
	{"to be deleted, compressed UCS-2", 0x68, 0x6b, UCS2, true, -1, DCS_MWI_NONE},
	{"to be deleted, compressed reserved", 0x6c, 0x6f, GSM7, false, -1, DCS_MWI_NONE},
	{"all bits", 0x70, 0x73, GSM7, true, BY_BITS, DCS_MWI_NONE},
	{"all bits, 8 bit", 0x74, 0x77, BIT8, true, BY_BITS, DCS_MWI_NONE},
	{"all bits, UCS-2", 0x78, 0x7b, UCS2, true, BY_BITS, DCS_MWI_NONE},
	{"all bits, reserved", 0x7c, 0x7f, GSM7, false, -1, DCS_MWI_NONE},
	{"reserved groups", 0x80, 0xbf, GSM7, false, -1, DCS_MWI_NONE},
	{"waiting, discard", 0xc0, 0xcf, GSM7, false, -1, DCS_MWI_DISCARD},
	{"waiting, store", 0xd0, 0xdf, GSM7, false, -1, DCS_MWI_STORE},
	{"waiting, store, UCS-2", 0xe0, 0xef, UCS2, false, -1, DCS_MWI_STORE},
	{"class group", 0xf0, 0xf3, GSM7, false, BY_BITS, DCS_MWI_NONE},
	{"class group, 8 bit", 0xf4, 0xf7, BIT8, false, BY_BITS, DCS_MWI_NONE},
	{"class group, bit 3", 0xf8, 0xfb, GSM7, false, BY_BITS, DCS_MWI_NONE},
	{"class group, bit 3, 8 bit", 0xfc, 0xff, BIT8, false, BY_BITS, DCS_MWI_NONE},
};

int main(void)
{
	unsigned seen = 0;

	for (size_t i = 0; i < sizeof(ranges) / sizeof(ranges[0]); i++) {
		for (unsigned v = ranges[i].first; v <= ranges[i].last; v++, seen++) {
			struct dcs dcs = dcs_decode((uint8_t)v);
			int want =
				ranges[i].msg_class == BY_BITS ? (int)(v & 3) : ranges[i].msg_class;

			CHECK(v == seen, "%s: 0x%02x is out of order", ranges[i].name, v);
			CHECK(dcs.alphabet == ranges[i].alphabet, "%s: 0x%02x %s", ranges[i].name,
			      v, sms_alphabet_name(dcs.alphabet));
			CHECK(dcs.compressed == ranges[i].compressed, "%s: 0x%02x", ranges[i].name,
			      v);
			CHECK(dcs.msg_class == want, "%s: 0x%02x %d", ranges[i].name, v,
			      dcs.msg_class);
			CHECK(dcs.mwi == ranges[i].mwi, "%s: 0x%02x %d", ranges[i].name, v,
			      (int)dcs.mwi);
		}
	}
	CHECK(seen == 256, "%u values", seen);
	CHECK(dcs_decode(DCS_GSM7).alphabet == SMS_ALPHABET_GSM7, "DCS_GSM7");
	CHECK(dcs_decode(DCS_8BIT).alphabet == SMS_ALPHABET_8BIT, "DCS_8BIT");
	CHECK(dcs_decode(DCS_UCS2).alphabet == SMS_ALPHABET_UCS2, "DCS_UCS2");
	CHECK(strcmp(sms_alphabet_name(SMS_ALPHABET_GSM7), "gsm7") == 0, "name");
	CHECK(strcmp(sms_alphabet_name(SMS_ALPHABET_8BIT), "8bit") == 0, "name");
	CHECK(strcmp(sms_alphabet_name(SMS_ALPHABET_UCS2), "ucs2") == 0, "name");
	return test_end("dcs");
}
