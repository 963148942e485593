/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */

/*
 * TP-Status to disposition notification, table 6.3 of the spec, as data. The status report of one
 * segment is looked at; what several of them mean for a message is decided where they are stored.
 */

#include <stddef.h>

#include "imdn_status.h"

static const struct {
	uint8_t last; /* of the values that begin behind those of the row above */
	enum imdn_status status;
} tp_st_ranges[] = {
	{0x00, IMDN_STATUS_DELIVERED},
	{0x01, IMDN_STATUS_NONE}, /* forwarded, not confirmed: see st01_delivered */
	{0x02, IMDN_STATUS_NONE}, /* replaced by the SC */
	{0x1f, IMDN_STATUS_DELIVERED},
	{0x3f, IMDN_STATUS_NONE}, /* the SC is still trying */
	{0x41, IMDN_STATUS_FAILED},
	{0x42, IMDN_STATUS_FORBIDDEN}, /* connection rejected by SME */
	{0x48, IMDN_STATUS_FAILED},
	{0x49, IMDN_STATUS_ERROR}, /* SM does not exist */
	{0x62, IMDN_STATUS_FAILED},
	{0x63, IMDN_STATUS_FORBIDDEN}, /* service rejected */
	{0x7f, IMDN_STATUS_FAILED},
	{0xff, IMDN_STATUS_ERROR},
};

enum { TP_ST_FORWARDED = 0x01 };

enum imdn_status imdn_status_of_tp_st(uint8_t tp_st, const struct imdn_status_options *o)
{
	size_t i = 0;

	if (tp_st == TP_ST_FORWARDED && o->st01_delivered)
		return IMDN_STATUS_DELIVERED;
	while (tp_st > tp_st_ranges[i].last)
		i++;
	if (o->plain_failed && (tp_st_ranges[i].status == IMDN_STATUS_FORBIDDEN ||
				tp_st_ranges[i].status == IMDN_STATUS_ERROR))
		return IMDN_STATUS_FAILED;
	return tp_st_ranges[i].status;
}

static const char *const names[] = {
	[IMDN_STATUS_NONE] = "none",
	[IMDN_STATUS_DELIVERED] = "delivered",
	[IMDN_STATUS_FAILED] = "failed",
	[IMDN_STATUS_FORBIDDEN] = "forbidden",
	[IMDN_STATUS_ERROR] = "error",
	[IMDN_STATUS_DISPLAYED] = "displayed",
	[IMDN_STATUS_PROCESSED] = "processed",
	[IMDN_STATUS_STORED] = "stored",
	[IMDN_STATUS_LEGACY_SMS] = "legacy-sms",
	[IMDN_STATUS_LEGACY_MMS] = "legacy-mms",
};

const char *imdn_status_name(enum imdn_status s)
{
	return names[s];
}
