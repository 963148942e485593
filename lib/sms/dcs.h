/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */
#pragma once

#include <stdbool.h>
#include <stdint.h>

/* TS 23.038 4: SMS Data Coding Scheme. */

enum sms_alphabet { SMS_ALPHABET_GSM7, SMS_ALPHABET_8BIT, SMS_ALPHABET_UCS2 };

enum { DCS_GSM7 = 0x00, DCS_8BIT = 0x04, DCS_UCS2 = 0x08 };

enum dcs_mwi { DCS_MWI_NONE, DCS_MWI_DISCARD, DCS_MWI_STORE };

struct dcs {
	enum sms_alphabet alphabet; /* reserved codings read as GSM7, as 4 asks of a receiver */
	bool compressed;
	int8_t msg_class; /* 0..3, -1 for none */
	enum dcs_mwi mwi;
};

/** Every octet has a meaning. */
struct dcs dcs_decode(uint8_t tp_dcs);

const char *sms_alphabet_name(enum sms_alphabet alphabet); /* "gsm7", "8bit", "ucs2" */
