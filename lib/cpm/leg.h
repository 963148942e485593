/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */
#pragma once

#include "../util/buf.h"

/* For whom the S-CSCF sends a request to us (spec 1.4): its sender, or its recipient. */

enum cpm_leg { CPM_LEG_ORIG, CPM_LEG_TERM };

/**
 * By sescase in P-Served-User (RFC 5502), else by the topmost Route: its parameter orig, or a user part
 * that is "orig" or "term"; else orig.
 *
 * @param served_user  value of P-Served-User, "" if absent
 * @param route        value of the topmost Route, "" if absent; further values behind a comma are not looked at
 */
enum cpm_leg cpm_leg(struct view served_user, struct view route);

const char *cpm_leg_name(enum cpm_leg leg); /* "orig", "term" */
