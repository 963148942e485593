/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */
#pragma once

#include "../util/buf.h"

/*
 * TS 23.040 9.2.3.11 TP-SCTS (seven swapped octets with a zone in quarter hours) and 9.2.3.12.1
 * relative TP-VP. Time is always a parameter.
 */

enum { SCTS_OCTETS = 7 };

struct sms_time {
	int64_t utc_s;        /* seconds since 1970-01-01T00:00:00Z */
	int16_t zone_minutes; /* local time minus UTC, a multiple of 15 */
};

/** @return 0, -EINVAL (local year outside 2000..2089, or zone), -ENOSPC */
int scts_encode(struct wbuf *w, const struct sms_time *t);

/** Reads sticky; a field that is no date fails r. Two-digit years 00..89 are 20xx, 90..99 19xx. */
void scts_decode(struct rbuf *r, struct sms_time *t);

enum { RFC3339_MAX = 26 };

/** "2026-03-14T10:15:30+01:00"; "Z" for zone 0. NUL terminated. @return 0, -EINVAL */
int sms_time_to_rfc3339(const struct sms_time *t, char out[RFC3339_MAX]);

/** Read a CPIM DateTime (RFC 3339, fraction allowed and dropped). @return 0, -EBADMSG */
int sms_time_from_rfc3339(struct view text, struct sms_time *t);

/** Largest relative TP-VP not above seconds, at least 0 (5 minutes). */
uint8_t vp_relative_from_seconds(int64_t seconds);

/** What a relative TP-VP says, in seconds. */
int64_t vp_relative_to_seconds(uint8_t tp_vp);
