/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */
#pragma once

#include "sccp.h"

/* Octets of lib/map's SCCP messages beside addresses and data, shared by the files that count them. */

enum {
	SCCP_UDT_FIXED = 8,		/* type, class, 3 pointers, 3 lengths */
	SCCP_XUDT_FIXED = 10,		/* and hop counter, 1 pointer */
	SCCP_OPTIONAL_SEGMENTATION = 7, /* name, length, 4 octets, end of optional parameters */
	/* addresses and data in front of an optional part: one octet must point behind them */
	SCCP_POINTER_REACH = 255 - 4,
	SCCP_REFERENCE_MASK = 0xffffff,
};

bool sccp_address_valid(const struct sccp_address *a);

/** Octets of a valid address, without length octet. */
size_t sccp_address_octets(const struct sccp_address *a);
