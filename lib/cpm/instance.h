/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */
#pragma once

#include "../util/buf.h"

enum { CPM_INSTANCE_MAX = 200 }; /* octets */

/**
 * The device that a CPIM From names (spec 6.6): the instance id in the Accept-Contact component of its URI,
 * <sip:A@home?Accept-Contact=+sip.instance%3D%22%3Curn:gsma:imei:..%3E%22%3Brequire%3Bexplicit>. Nothing that
 * could end a quoted string or a header value is let through.
 *
 * @param name_addr  value of From
 * @param w          the URN without quotes and brackets is appended
 * @return 0, -ENOENT (From names no device, or not as it should), -ENOSPC
 */
int cpm_instance(struct view name_addr, struct wbuf *w);
