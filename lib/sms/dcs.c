/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */

/*
 * SMS Data Coding Scheme (TS 23.038 4), by its coding groups:
 *
 *   7 6 5 4 3 2 1 0
 *   0 m c k a a n n    general; m marked for deletion, c compressed, k class n is meant
 *   1 0 . . . . . .    reserved, 1000 to 1011
 *   1 1 0 0 . . . .    message waiting, discard     1 1 0 1  store     1 1 1 0  store, UCS2
 *   1 1 1 1 . b n n    class n, b 8 bit
 */

#include "dcs.h"

enum { RESERVED_ALPHABET = 3 };

static const struct dcs dcs_default = {.alphabet = SMS_ALPHABET_GSM7, .msg_class = -1};

static struct dcs general(uint8_t tp_dcs)
{
	unsigned alphabet = tp_dcs >> 2 & 3;
	struct dcs dcs = dcs_default;

	if (alphabet == RESERVED_ALPHABET) /* "the same as codepoint 00000000" */
		return dcs;
	dcs.alphabet = (enum sms_alphabet)alphabet;
	dcs.compressed = tp_dcs & 0x20;
	if (tp_dcs & 0x10)
		dcs.msg_class = tp_dcs & 3;
	return dcs;
}

static struct dcs waiting(enum dcs_mwi mwi, enum sms_alphabet alphabet)
{
	return (struct dcs){.alphabet = alphabet, .msg_class = -1, .mwi = mwi};
}

static struct dcs with_class(uint8_t tp_dcs)
{
	return (struct dcs){
		.alphabet = tp_dcs & 0x04 ? SMS_ALPHABET_8BIT : SMS_ALPHABET_GSM7,
		.msg_class = tp_dcs & 3,
	};
}

struct dcs dcs_decode(uint8_t tp_dcs)
{
	if (tp_dcs < 0x80)
		return general(tp_dcs);
	switch (tp_dcs >> 4) {
	case 0xc:
		return waiting(DCS_MWI_DISCARD, SMS_ALPHABET_GSM7);
	case 0xd:
		return waiting(DCS_MWI_STORE, SMS_ALPHABET_GSM7);
	case 0xe:
		return waiting(DCS_MWI_STORE, SMS_ALPHABET_UCS2);
	case 0xf:
		return with_class(tp_dcs);
	default:
		return dcs_default;
	}
}

const char *sms_alphabet_name(enum sms_alphabet alphabet)
{
	switch (alphabet) {
	case SMS_ALPHABET_GSM7:
		return "gsm7";
	case SMS_ALPHABET_8BIT:
		return "8bit";
	case SMS_ALPHABET_UCS2:
		return "ucs2";
	}
	return "unknown";
}
