/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */
#pragma once

#include "../util/buf.h"

/* Lines, words and numbers as MSRP and SDP share them. For the files of lib/msrp only. */

/** v without its first n octets; n is at most v.len. */
static inline struct view text_skip(struct view v, size_t n)
{
	return n ? (struct view){v.p + n, v.len - n} : v;
}

/**
 * Take the octets up to an LF off the front, LF included.
 * @param line  without its LF, still with its CR
 * @return false if there is no LF; nothing is taken
 */
bool text_line(struct view *in, struct view *line);

/** If v ends in c take that octet away. */
bool text_cut_last(struct view *v, uint8_t c);

/** Take the octets in front of the first c off the front, and c; all of it if there is no c. */
struct view text_until(struct view *in, uint8_t c);

/** Take the next word off the front. @return false if there is nothing but blanks */
bool text_word(struct view *in, struct view *word);

/** Without blanks on both sides. */
struct view text_trim(struct view v);

/** Does v begin with these octets, ASCII letters in any case? */
bool text_starts(struct view v, const char *prefix);

/** No control characters but TAB. */
bool text_clean(struct view v);

/** At least one octet, and nothing but printable ASCII; blanks only if that is true. */
bool text_visible(struct view v, bool blanks);

/** Digits and nothing else, below UINT64_MAX. @return 0, -EBADMSG */
int text_number(struct view v, uint64_t *x);

void text_put_number(struct wbuf *w, uint64_t x);
