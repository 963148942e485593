/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */
#pragma once

#include "../util/buf.h"

/* TS 23.040 9.1.2.5 (TP-OA, TP-DA, TP-RA) and TS 24.011 8.2.5 (RP-OA, RP-DA): one value, two codings. */

enum sms_ton {
	SMS_TON_UNKNOWN = 0,
	SMS_TON_INTERNATIONAL = 1,
	SMS_TON_NATIONAL = 2,
	SMS_TON_NETWORK = 3,
	SMS_TON_SUBSCRIBER = 4,
	SMS_TON_ALPHANUMERIC = 5,
	SMS_TON_ABBREVIATED = 6,
};

enum { SMS_NPI_UNKNOWN = 0, SMS_NPI_E164 = 1 };

enum {
	SMS_ADDRESS_TEXT_MAX = 44, /* 20 digits, or 11 characters of alphanumeric in UTF-8, NUL included */
	TP_ADDRESS_MAX = 12,       /* octets */
	RP_ADDRESS_MAX = 12,
};

struct sms_address {
	uint8_t ton, npi;
	char text[SMS_ADDRESS_TEXT_MAX]; /* digits without '+', or UTF-8 if alphanumeric; "" is no address */
};

/**
 * From the form kept in the store and shown to operators: "+4917..." international,
 * "12345" unknown (short code), anything else alphanumeric (at most 11 GSM characters).
 * @return 0, -EINVAL
 */
int sms_address_parse(struct sms_address *a, struct view text);

/** Back to that form: '+' in front of an international number. out holds SMS_ADDRESS_TEXT_MAX + 1. */
void sms_address_print(const struct sms_address *a, char out[SMS_ADDRESS_TEXT_MAX + 1]);

/** TP address: length in semi-octets, type, digits (or packed 7 bit). @return 0, -EINVAL, -ENOSPC */
int tp_address_encode(struct wbuf *w, const struct sms_address *a);

/** Reads sticky from r. At most 20 semi-octets of digits (or 11 characters). */
void tp_address_decode(struct rbuf *r, struct sms_address *a);

/** RP address: length in octets, type, digits; "" is one zero octet. @return 0, -EINVAL, -ENOSPC */
int rp_address_encode(struct wbuf *w, const struct sms_address *a);

void rp_address_decode(struct rbuf *r, struct sms_address *a);
