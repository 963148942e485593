/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */
#ifndef IPSMGW_CHAT_TAG_H
#define IPSMGW_CHAT_TAG_H

#include "../../lib/util/buf.h"

/* The tags of our side of a dialog: by them any worker tells our dialogs from
 * those of others. */

enum { CHAT_TAG_LEN = 19 }; /* "gw-" and 16 hexadecimal digits */

/** A new one from 64 random bits, NUL terminated. */
void chat_tag_new(char tag[CHAT_TAG_LEN + 1]);

/** Does it have the form of our tags? */
bool chat_tag_ours(struct view tag);

#endif
