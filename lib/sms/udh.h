/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */
#pragma once

#include "../util/buf.h"

/*
 * TS 23.040 9.2.3.24: user data header.
 *
 *   UDHL | IEI IEDL IED.. | IEI IEDL IED.. | ...
 */

enum {
	UDH_IEI_CONCAT8 = 0x00,
	UDH_IEI_PORT8 = 0x04,
	UDH_IEI_PORT16 = 0x05,
	UDH_IEI_CONCAT16 = 0x08,
	UDH_IEI_SINGLE_SHIFT = 0x24,
	UDH_IEI_LOCKING_SHIFT = 0x25,
	UDH_CONCAT8_OCTETS = 6,  /* whole header, UDHL included */
	UDH_CONCAT16_OCTETS = 7,
	UDH_SHIFT_OCTETS = 3, /* one more element in a header */
};

struct udh_concat {
	uint8_t ref_bits; /* 8 or 16; 0: not concatenated */
	uint16_t ref;
	uint8_t total; /* 1.. */
	uint8_t part;  /* 1..total */
};

struct udh {
	struct udh_concat concat; /* the last valid one stands (9.2.3.24.1); part 0 or part > total is ignored */
	bool has_port;            /* application port addressing, 8 or 16 bit */
	uint8_t single_shift;     /* national language identifier, 0 none */
	uint8_t locking_shift;
	size_t octets; /* of the whole header, UDHL included */
};

/**
 * @param ud  TP-UD of a TPDU with TP-UDHI
 * @return 0, -EBADMSG if the header or an element runs over its end
 */
int udh_decode(struct view ud, struct udh *out);

/**
 * Append a header of concatenation, single shift and locking shift elements, in this order, each
 * only if h has it; nothing if it has none.
 * @return 0, -EINVAL (ref_bits, part, total), -ENOSPC
 */
int udh_encode(struct wbuf *w, const struct udh *h);

/** Append a header of one concatenation element. @return 0, -EINVAL (ref_bits, part, total), -ENOSPC */
int udh_concat_encode(struct wbuf *w, const struct udh_concat *c);
