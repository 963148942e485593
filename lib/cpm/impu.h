/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */
#pragma once

#include "../util/buf.h"

enum { IMPU_MAX = 256 };

/**
 * The public user identity that a SIP URI names (TS 23.003 13.4), in the one spelling that is compared:
 * "sip:", the user as it stands, '@', the host in lower case; without parameters, password and port.
 *
 * @return 0; -ENOENT: no SIP URI, no user or no host; -ENOSPC
 */
int impu_from_uri(struct view uri, char out[IMPU_MAX]);
