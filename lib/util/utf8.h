/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */
#pragma once

#include "buf.h"

/**
 * Take one character off the front of UTF-8 text (RFC 3629; overlong forms,
 * surrogates and values above U+10FFFF are refused).
 *
 * @param in  the text; moved behind the character on success, else unchanged
 * @param cp  the code point
 * @return 1, 0 at the end of the text, -EILSEQ
 */
int utf8_next(struct view *in, uint32_t *cp);

/** Octets at the front of a text that are printable ASCII. */
size_t utf8_plain(struct view utf8);

/** Append one code point; sticky -ENOSPC in w. A surrogate or a value above U+10FFFF becomes U+FFFD. */
void utf8_put(struct wbuf *w, uint32_t cp);

/** @return true if all of it is well-formed UTF-8 */
bool utf8_valid(struct view text);
