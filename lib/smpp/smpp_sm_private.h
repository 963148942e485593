/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */
#pragma once

#include "../sms/dcs.h"
#include "../sms/udh.h"
#include "smpp_sm.h"

/* What the files behind smpp_sm.h share; nobody else includes this. */

enum { SMPP_ADDRESS_SIZE = 65 }; /* octets of source_addr and destination_addr */

/* ---- smpp_address.c ---- */

/** @return 0, -EINVAL (an alphanumeric one that is not Latin-1) */
int smpp_address_from_sms(const struct sms_address *a, uint8_t *ton, uint8_t *npi,
			  char out[SMPP_ADDRESS_SIZE]);

/* ---- smpp_text.c ---- */

/** What an octet above 0x7f means: Latin-1, with 0x80..0x9f as Windows-1252 has them. */
uint32_t smpp_cp_of_octet(uint8_t octet);

/**
 * Unpacked septets as characters of one octet.
 * @param last_cp  0xff for Latin-1, 0x7f for ASCII
 * @return 0, -EILSEQ (a character is above last_cp), -ENOSPC
 */
int smpp_octets_from_septets(struct view septets, uint32_t last_cp, struct wbuf *w);

/** Unpacked septets as UTF-16BE. @return 0, -ENOSPC */
int smpp_ucs2_from_septets(struct view septets, struct wbuf *w);

/**
 * Text of one octet a character, or septet, as GSM 7 bit if all of it is there, else as UTF-16BE.
 * @param septets   octets below 0x80 are GSM septets, not ASCII
 * @param scratch   2 octets for each octet of text; not used for text that is septets already
 * @param units     a view of text or of scratch
 * @param alphabet  what units are in
 * @return 0, -ENOSPC
 */
int smpp_units_from_octets(struct view text, bool septets, struct wbuf *scratch, struct view *units,
			   enum sms_alphabet *alphabet);

/** The header names tables of a national language: the text behind it is septets in any case. */
bool smpp_udh_national(const struct udh *udh);

/** Append the elements of a well-formed user data header that are not concatenation, without UDHL. */
void smpp_udh_other_elements(struct view udh, struct wbuf *w);

/* ---- smpp_validity.c ---- */

enum { SMPP_TIME_SIZE = 17 };

/** validity_period of TP-VP in any of its forms, "" for none. */
void smpp_validity_from_vp(enum tp_vpf tp_vpf, const uint8_t tp_vp[TPDU_VP_MAX],
			   char out[SMPP_TIME_SIZE]);
