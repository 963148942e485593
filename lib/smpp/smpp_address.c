/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */

/*
 * Addresses of SMPP (5.2.5 to 5.2.9) and of short messages.
 *
 * Inbound they are read as SMSCs write them: TON and NPI out of range count as unknown, '+' makes a
 * number international whatever TON says, letters make it alphanumeric. A name is cut at the
 * 11 septets that TP-OA holds, and what the GSM alphabet has not becomes '?': the message matters
 * more than the name of its sender. A number of more than 20 digits is no address.
 */

#include "smpp_sm_private.h"

#include "../sms/gsm7.h"
#include "../util/utf8.h"

enum { DIGITS_MAX = 20, NAME_SEPTETS_MAX = 11, TON_MAX = 6, NPI_MAX = 15 };

/* ---- to SMPP ---- */

static int name_put(struct view utf8, char out[SMPP_ADDRESS_SIZE])
{
	uint32_t cp;
	size_t n = 0;
	int rc;

	while ((rc = utf8_next(&utf8, &cp)) > 0) {
		if (!cp || cp > 0xff || n == SMPP_ADDRESS_SIZE - 1)
			return -EINVAL;
		out[n++] = (char)cp;
	}
	out[n] = '\0';
	return rc < 0 ? -EINVAL : 0;
}

int smpp_address_from_sms(const struct sms_address *a, uint8_t *ton, uint8_t *npi,
			  char out[SMPP_ADDRESS_SIZE])
{
	if (!memchr(a->text, 0, sizeof(a->text)))
		return -EINVAL;
	*ton = a->ton;
	*npi = SMS_NPI_UNKNOWN;
	if (a->ton == SMS_TON_ALPHANUMERIC)
		return name_put(view_str(a->text), out);
	memcpy(out, a->text, sizeof(a->text));
	if (a->text[0])
		*npi = a->npi ? a->npi : SMS_NPI_E164;
	return 0;
}

/* ---- from SMPP ---- */

static int name_next(struct view *in, bool utf8, uint32_t *cp)
{
	if (utf8 || !in->len)
		return utf8_next(in, cp);
	*cp = smpp_cp_of_octet(in->p[0]);
	in->p++;
	in->len--;
	return 1;
}

static struct sms_address name_of(struct view text)
{
	struct sms_address a = {.ton = SMS_TON_ALPHANUMERIC, .npi = SMS_NPI_UNKNOWN};
	struct wbuf w = wbuf_of(a.text, sizeof(a.text) - 1);
	bool utf8 = utf8_valid(text);
	uint8_t septets[2];
	uint32_t cp;
	int n, used = 0;

	while (name_next(&text, utf8, &cp) > 0) {
		n = cp < ' ' ? -EILSEQ : gsm7_from_cp(cp, septets);
		if (n < 0) {
			cp = '?';
			n = 1;
		}
		used += n;
		if (used > NAME_SEPTETS_MAX)
			break;
		utf8_put(&w, cp);
	}
	return a;
}

static struct sms_address address_of(uint8_t ton, uint8_t npi, const char *text)
{
	bool plus = text[0] == '+' && text[1] && ton != SMS_TON_ALPHANUMERIC;
	const char *digits = text + plus;
	size_t len = strlen(digits);
	struct sms_address a = {.ton = ton > TON_MAX ? SMS_TON_UNKNOWN : ton,
				.npi = npi > NPI_MAX ? SMS_NPI_UNKNOWN : npi};

	if (!len)
		return (struct sms_address){0};
	if (ton == SMS_TON_ALPHANUMERIC || strspn(digits, "0123456789*#") != len)
		return name_of(view_str(text));
	if (len > DIGITS_MAX)
		return (struct sms_address){0};
	if (plus)
		a.ton = SMS_TON_INTERNATIONAL;
	if (a.ton == SMS_TON_INTERNATIONAL || a.npi == SMS_NPI_UNKNOWN)
		a.npi = SMS_NPI_E164;
	memcpy(a.text, digits, len);
	return a;
}

struct sms_address smpp_source(const struct smpp_message *m)
{
	return address_of(m->source_addr_ton, m->source_addr_npi, m->source_addr);
}

struct sms_address smpp_destination(const struct smpp_message *m)
{
	return address_of(m->dest_addr_ton, m->dest_addr_npi, m->destination_addr);
}
