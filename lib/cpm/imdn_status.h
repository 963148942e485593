/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */
#pragma once

#include <stdbool.h>
#include <stdint.h>

/* What became of a message: RFC 5438 7.2.1 and the interworking extension of OMA CPM (spec 6.7). */

enum imdn_status {
	IMDN_STATUS_NONE, /* nothing is to be said, or not yet */
	IMDN_STATUS_DELIVERED,
	IMDN_STATUS_FAILED,
	IMDN_STATUS_FORBIDDEN,
	IMDN_STATUS_ERROR,
	IMDN_STATUS_DISPLAYED,
	IMDN_STATUS_PROCESSED,
	IMDN_STATUS_STORED,
	IMDN_STATUS_LEGACY_SMS,
	IMDN_STATUS_LEGACY_MMS,
	IMDN_STATUS_COUNT,
};

struct imdn_status_options {
	bool st01_delivered; /* TP-ST 01, forwarded but not confirmed, counts as delivered */
	bool plain_failed;   /* every failure is "failed" */
};

/**
 * Table 6.3 of the spec: TP-Status (TS 23.040 9.2.3.15) to the status of a delivery notification.
 * IMDN_STATUS_NONE: the SC is still trying, or there is nothing to tell.
 */
enum imdn_status imdn_status_of_tp_st(uint8_t tp_st, const struct imdn_status_options *o);

/** The name of its element: "delivered", "legacy-sms"; "none". */
const char *imdn_status_name(enum imdn_status s);
