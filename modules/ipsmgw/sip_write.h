/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */
#ifndef IPSMGW_SIP_WRITE_H
#define IPSMGW_SIP_WRITE_H

#include "../../lib/util/buf.h"

/** Append a header field; nothing if value is empty. */
void sip_write_header(struct wbuf *w, const char *name, struct view value);

/** Append a Date header of now (RFC 3261 20.17). */
void sip_write_date(struct wbuf *w);

#endif
