/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */
#pragma once

#include "../util/buf.h"

/**
 * Text with typographic quotes, spaces that do not break, dashes and the ellipsis written as in
 * the GSM 7 bit default alphabet; all else as it is. Worth it only where the result is all in that
 * alphabet: plan both, and send the text itself if the other is UCS-2 too.
 *
 * @param out  never gets more octets than utf8 has
 * @return 0, -EILSEQ (not UTF-8), -ENOSPC
 */
int transliterate(struct view utf8, struct wbuf *out);
