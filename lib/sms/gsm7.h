/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */
#pragma once

#include "../util/buf.h"

/*
 * TS 23.038 6.2.1: GSM 7 bit default alphabet and its extension table; annex A: the tables of
 * national languages that take their places (the functions that end in _in). Septets are kept
 * one an octet until gsm7_pack().
 */

enum { GSM7_ESC = 0x1b };

/** National language identifiers (6.2.1.2.4). */
enum gsm7_nli {
	GSM7_DEFAULT,
	GSM7_TURKISH,
	GSM7_SPANISH, /* a single shift table only */
	GSM7_PORTUGUESE,
	GSM7_BENGALI,
	GSM7_GUJARATI,
	GSM7_HINDI,
	GSM7_KANNADA,
	GSM7_MALAYALAM,
	GSM7_ORIYA,
	GSM7_PUNJABI,
	GSM7_TAMIL,
	GSM7_TELUGU,
	GSM7_URDU,
	GSM7_LANGUAGES
};

/**
 * The tables of a text, as its user data header says: 0x25 the one in place of the default
 * alphabet, 0x24 the one in place of the extension table. 0 and identifiers that are not known
 * mean the default.
 */
struct gsm7_tables {
	uint8_t locking, single;
};

/** @return true if the text reads as one without national tables */
bool gsm7_tables_default(struct gsm7_tables t);

/** "turkish" .. "urdu", "default" for 0. @return NULL if nli is not known */
const char *gsm7_nli_name(unsigned nli);

/**
 * @param septets  one or two septets for cp
 * @return how many (1 or 2), or -EILSEQ if cp is in neither table
 */
int gsm7_from_cp(uint32_t cp, uint8_t septets[2]);
int gsm7_from_cp_in(struct gsm7_tables t, uint32_t cp, uint8_t septets[2]);

/**
 * Octets at the front of a text that are printable ASCII, each of them the septet of the same number.
 */
size_t gsm7_plain(struct gsm7_tables t, struct view utf8);

/**
 * Take one character off the front of unpacked septets. An extension or single shift code that is
 * not defined is shown as the character of the default or locking shift table (6.2.1.1 note); a lone
 * ESC at the end as a space; a septet without character in a locking shift table as U+FFFD.
 * @return 1, 0 at the end
 */
int gsm7_next(struct view *septets, uint32_t *cp);
int gsm7_next_in(struct gsm7_tables t, struct view *septets, uint32_t *cp);

/** Append all septets as UTF-8. @return 0, -ENOSPC */
int gsm7_to_utf8(struct view septets, struct wbuf *utf8);

/** Append UTF-8 as unpacked septets. @return 0, -EILSEQ (a character in neither table, or bad UTF-8), -ENOSPC */
int gsm7_from_utf8(struct view utf8, struct wbuf *septets);
int gsm7_from_utf8_in(struct gsm7_tables t, struct view utf8, struct wbuf *septets);

/**
 * Pack septets (TS 23.038 6.1.2.1).
 * @param fill_bits  0..6 zero bits in front of the first septet (behind a UDH, TS 23.040 9.2.3.24)
 * @return 0, -ENOSPC
 */
int gsm7_pack(struct wbuf *w, struct view septets, unsigned fill_bits);

/** Fill bits behind a user data header of udh_octets octets (its length octet included): 0..6. */
unsigned gsm7_fill_bits(size_t udh_octets);

/** Unpack n septets behind fill_bits bits. @return 0, -EBADMSG if packed is too short, -ENOSPC */
int gsm7_unpack(struct view packed, unsigned fill_bits, size_t n, struct wbuf *septets);
