/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */
#pragma once

#include "../util/buf.h"

/*
 * TS 23.038 6.2.1: GSM 7 bit default alphabet and its extension table. Septets are kept one
 * an octet until gsm7_pack().
 */

enum { GSM7_ESC = 0x1b };

/**
 * @param septets  one or two septets for cp
 * @return how many (1 or 2), or -EILSEQ if cp is in neither table
 */
int gsm7_from_cp(uint32_t cp, uint8_t septets[2]);

/**
 * Take one character off the front of unpacked septets. An extension code that is not
 * defined is shown as the default table's character (6.2.1.1 note); a lone ESC at the end as a space.
 * @return 1, 0 at the end
 */
int gsm7_next(struct view *septets, uint32_t *cp);

/** Append all septets as UTF-8. @return 0, -ENOSPC */
int gsm7_to_utf8(struct view septets, struct wbuf *utf8);

/** Append UTF-8 as unpacked septets. @return 0, -EILSEQ (a character in neither table, or bad UTF-8), -ENOSPC */
int gsm7_from_utf8(struct view utf8, struct wbuf *septets);

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
