/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */
#pragma once

#include "../util/buf.h"

/*
 * Content-Transfer-Encoding undone octet by octet, so that a charset can be undone behind it without
 * a buffer between. For the files of lib/cpm only.
 */

enum transfer_encoding { TRANSFER_IDENTITY, TRANSFER_BASE64, TRANSFER_QUOTED_PRINTABLE };

struct transfer {
	enum transfer_encoding encoding;
	struct view in;    /* what is left */
	uint32_t bits;     /* base64: bits not yet given out, the lowest n_bits count */
	unsigned n_bits;
	unsigned n_digits; /* base64: of the current group of four, '=' included */
	size_t literal;    /* quoted-printable: octets in front that stand for themselves */
	bool padded;       /* base64: '=' was seen */
};

/** @return 0, -ENOTSUP (an encoding that is not known) */
int transfer_open(struct transfer *t, struct view encoding, struct view in);

/** @return 1 (one octet), 0 (end), -EBADMSG (not base64) */
int transfer_next(struct transfer *t, uint8_t *octet);
