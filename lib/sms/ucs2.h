/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */
#pragma once

#include "../util/buf.h"

/* UTF-16BE as SMS uses it under the name UCS-2 (TS 23.038 6.2.3; surrogate pairs are sent and understood). */

/** Append cp as one or two 16-bit units. Sticky -ENOSPC in w. */
void ucs2_put(struct wbuf *w, uint32_t cp);

/** Append UTF-8 as UTF-16BE. @return 0, -EILSEQ, -ENOSPC */
int ucs2_from_utf8(struct view utf8, struct wbuf *w);

/**
 * Append UTF-16BE as UTF-8. NUL is a character as any other; a lone surrogate or an odd
 * last octet becomes U+FFFD. Join parts before calling, a pair may straddle them.
 * @return 0, -ENOSPC
 */
int ucs2_to_utf8(struct view utf16, struct wbuf *utf8);
