/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */
#pragma once

#include "../lib/sms/tpdu.h"

/* The SMS-DELIVER that stands for an SMS-SUBMIT where no service centre is between them (TS 23.204 6.13). */

/**
 * @param w     at most TPDU_MAX octets are written
 * @param oa    becomes TP-OA
 * @param now   becomes TP-SCTS
 * @param more  messages wait for the same recipient; parts of this one that are still to come count by themselves
 * @return 0, -EBADMSG (no SMS-SUBMIT), -EINVAL (originator or time not codable), -ENOSPC (w->len unchanged)
 */
int map_deliver_tpdu(struct wbuf *w, struct view submit, const struct sms_address *oa,
		     const struct sms_time *now, bool more);
