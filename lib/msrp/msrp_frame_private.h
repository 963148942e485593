/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */
#pragma once

#include "msrp_frame.h"

/* What the reader and the writer of frames agree on. For the files of lib/msrp only. */

#define MSRP_END_LINE "-------"

enum { MSRP_TRANSACTION_MIN = 4 };

/* RFC 4975 9, ident: begins with a letter or digit. */
bool msrp_is_ident(struct view v);

/** Upper case letters only. */
bool msrp_is_method(struct view v);

/** 1 to MSRP_MESSAGE_ID_MAX visible octets: some clients write shorter ones than RFC 4975 9 has. */
bool msrp_is_message_id(struct view v);
