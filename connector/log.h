/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */
#pragma once

#include "compat.h"

#include <osmocom/core/logging.h>

/* Categories, and macros that put the session or the short message in front of each line. */

enum { DMAIN, DLINK, DSMPP, DSM, DMAP };

extern const struct log_info connector_log_info;

#define LOGPESME(esme, level, fmt, args...)                                                        \
	LOGP(DSMPP, level, "[%s] " fmt, (esme)->smsc.name, ##args)
#define LOGPCONN(conn, level, fmt, args...)                                                        \
	LOGP(DSMPP, level, "[%s %s] " fmt, (conn)->esme->smsc.name, smpp_conn_role(conn), ##args)
#define LOGPSM(sm, level, fmt, args...)                                                            \
	LOGP(DSM, level, "SM-%llu(%s>%s) " fmt, (unsigned long long)(sm)->ref, (sm)->oa_text,      \
	     (sm)->da_text, ##args)

/** Copy text that a peer chose into out for a log line: everything but graphic ASCII becomes '?'. */
void log_text(char *out, size_t size, const char *text);
