/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */
#pragma once

#include "../util/buf.h"

/* Header fields, lists and parameters as SIP, CPIM and MIME share them. For the files of lib/cpm only. */

struct field {
	struct view name, value; /* without white space around; a folded value keeps its line ends */
};

/**
 * Take one field off the front, with the lines that continue it. Lines end in CRLF or LF.
 * @return 1, 0 (an empty line, taken), -EAGAIN (nothing left), -EBADMSG (not a field, or the line has no end)
 */
int field_next(struct view *in, struct field *out);

/**
 * Take the next member off a list, up to one of the separators that is outside "quotes" and <brackets>.
 * No separator is above '>'.
 * @return false at the end of the list; a member may be empty
 */
bool field_list_next(struct view *list, const char *separators, struct view *member);

/** Split name=value; quotes around the value are removed, the value is "" if there is none. */
struct field field_param(struct view member);

/** Without white space and line ends on both sides. */
struct view field_trim(struct view v);

/** Could it be written again as the value of a field: no control character, but for TAB? */
bool field_is_value(struct view v);

/** Does v begin with these octets, ASCII letters in any case? */
bool field_starts(struct view v, const char *prefix);

/** Is the whole token this, percent-decoded and in any letter case? name is in lower case. */
bool field_token_is(struct view token, const char *name);

/** One to ten digits and nothing else, or -1. */
int64_t field_number(struct view v);
