/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */
#pragma once

#include "../util/buf.h"

enum { PHONE_MAX = 22 }; /* '+', 20 digits, NUL */

/**
 * The telephone number in a tel URI (RFC 3966) or in a SIP URI whose user part is one: '+' and digits,
 * or digits with user=phone. Never digits of another SIP user part: those may be an IMSI (spec 3.2).
 * Visual separators and %-escapes are undone. A local number of more than PHONE_SHORT_CODE_MAX digits with
 * phone-context=+.. becomes international, a shorter one is a short code.
 *
 * @param out  "+4917..." or "12345", NUL terminated
 * @return 0; -ENOENT: not a telephone number (also service codes with * or #); -EBADMSG: a number, but malformed
 */
int phone_from_uri(struct view uri, char out[PHONE_MAX]);

enum { PHONE_SHORT_CODE_MAX = 6 }; /* digits */

/** Two spellings of one number, as bearers write it (with or without '+', country code or a leading 0)? */
bool phone_is_same(const char *a, const char *b);
