/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */
#pragma once

#include <stdio.h>

/* In place of Kamailio's, for a fuzzer of files of the module: nothing is logged. */
static inline __attribute__((format(printf, 1, 2))) void dprint_nothing(const char *fmt, ...)
{
	(void)fmt;
}

#define LM_CRIT(...) dprint_nothing(__VA_ARGS__)
#define LM_ERR(...) dprint_nothing(__VA_ARGS__)
#define LM_WARN(...) dprint_nothing(__VA_ARGS__)
#define LM_NOTICE(...) dprint_nothing(__VA_ARGS__)
#define LM_INFO(...) dprint_nothing(__VA_ARGS__)
#define LM_DBG(...) dprint_nothing(__VA_ARGS__)
