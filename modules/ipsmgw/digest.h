/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */
#ifndef IPSMGW_DIGEST_H
#define IPSMGW_DIGEST_H

#include "../../lib/util/buf.h"

enum { DIGEST_OCTETS = 16 };

/** One key out of several octet strings, each with its length, so that "ab","c"
 * and "a","bc" differ. */
void digest(const struct view *parts, size_t n, uint8_t out[DIGEST_OCTETS]);

/** Random octets of the kernel. @return 0, -EIO */
int random_octets(void *p, size_t octets);

#endif
