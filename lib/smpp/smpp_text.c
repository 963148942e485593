/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */

/*
 * Text between data_coding (SMPP 3.4 5.2.19) and the alphabets of TS 23.038, and the user data
 * header's elements.
 *
 * In a text said to be GSM 7 bit, one septet an octet, an octet above 0x7f is taken as Latin-1:
 * SMSCs that leave one there have passed on a text in their own alphabet. Latin-1 is read with the
 * characters that Windows-1252 puts at 0x80 to 0x9f, for nobody sends the controls that stand
 * there in ISO 8859-1, and the euro at 0x80 is common. No octet is lost or replaced.
 */

#include "smpp_sm_private.h"

#include "../sms/gsm7.h"
#include "../sms/ucs2.h"
#include "../sms/udh.h"

uint32_t smpp_cp_of_octet(uint8_t octet)
{
	static const uint16_t windows_1252[] = {
		0x20ac, 0x0081, 0x201a, 0x0192, 0x201e, 0x2026, 0x2020, 0x2021,
		0x02c6, 0x2030, 0x0160, 0x2039, 0x0152, 0x008d, 0x017d, 0x008f,
		0x0090, 0x2018, 0x2019, 0x201c, 0x201d, 0x2022, 0x2013, 0x2014,
		0x02dc, 0x2122, 0x0161, 0x203a, 0x0153, 0x009d, 0x017e, 0x0178,
	};

	return octet >= 0x80 && octet <= 0x9f ? windows_1252[octet - 0x80] : octet;
}

/* ---- out ---- */

int smpp_octets_from_septets(struct view septets, uint32_t last_cp, struct wbuf *w)
{
	size_t mark = w->len;
	uint32_t cp;

	while (gsm7_next(&septets, &cp)) {
		if (cp > last_cp) {
			w->len = mark;
			return -EILSEQ;
		}
		wbuf_u8(w, (uint8_t)cp);
	}
	return wbuf_end(w, mark);
}

int smpp_ucs2_from_septets(struct view septets, struct wbuf *w)
{
	size_t mark = w->len;
	uint32_t cp;

	while (gsm7_next(&septets, &cp))
		ucs2_put(w, cp);
	return wbuf_end(w, mark);
}

/* ---- in ---- */

/* A septet, or two if the first is ESC, or an octet that is a character itself. */
static int text_next(struct view *in, bool septets, uint32_t *cp)
{
	struct view one;
	size_t taken = 1;

	if (!in->len)
		return 0;
	if (!septets || in->p[0] > 0x7f) {
		*cp = smpp_cp_of_octet(in->p[0]);
	} else {
		one = (struct view){in->p, in->len > 1 && in->p[1] <= 0x7f ? 2 : 1};
		taken = one.len;
		gsm7_next(&one, cp);
		taken -= one.len;
	}
	in->p += taken;
	in->len -= taken;
	return 1;
}

static int gsm7_from_octets(struct view text, bool septets, struct wbuf *w)
{
	size_t mark = w->len;
	uint8_t code[2];
	uint32_t cp;
	int n;

	while (text_next(&text, septets, &cp)) {
		n = gsm7_from_cp(cp, code);
		if (n < 0) {
			w->len = mark;
			w->err = 0;
			return n;
		}
		wbuf_put(w, code, (size_t)n);
	}
	return wbuf_end(w, mark);
}

static int ucs2_from_octets(struct view text, bool septets, struct wbuf *w)
{
	size_t mark = w->len;
	uint32_t cp;

	while (text_next(&text, septets, &cp))
		ucs2_put(w, cp);
	return wbuf_end(w, mark);
}

static bool all_septets(struct view text)
{
	for (size_t i = 0; i < text.len; i++)
		if (text.p[i] > 0x7f)
			return false;
	return true;
}

int smpp_units_from_octets(struct view text, bool septets, struct wbuf *scratch, struct view *units,
			   enum sms_alphabet *alphabet)
{
	size_t mark = scratch->len;
	int rc;

	*alphabet = SMS_ALPHABET_GSM7;
	*units = text;
	if (!text.len || (septets && all_septets(text)))
		return 0;
	rc = gsm7_from_octets(text, septets, scratch);
	if (rc == -EILSEQ) {
		*alphabet = SMS_ALPHABET_UCS2;
		rc = ucs2_from_octets(text, septets, scratch);
	}
	*units = (struct view){scratch->p + mark, scratch->len - mark};
	return rc;
}

/* ---- user data header ---- */

bool smpp_udh_national(const struct udh *udh)
{
	return !gsm7_tables_default((struct gsm7_tables){udh->locking_shift, udh->single_shift});
}

void smpp_udh_other_elements(struct view udh, struct wbuf *w)
{
	struct rbuf r = rbuf_of(udh);

	rbuf_u8(&r);
	while (rbuf_left(&r) > 0) {
		uint8_t iei = rbuf_u8(&r), iedl = rbuf_u8(&r);
		struct view ied = rbuf_view(&r, iedl);

		if (r.err || iei == UDH_IEI_CONCAT8 || iei == UDH_IEI_CONCAT16)
			continue;
		wbuf_u8(w, iei);
		wbuf_u8(w, iedl);
		wbuf_view(w, ied);
	}
}
