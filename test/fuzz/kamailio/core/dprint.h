/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */
#pragma once

/* In place of Kamailio's, for a fuzzer of a file of the module: nothing is logged. */
static inline __attribute__((format(printf, 1, 2))) void dprint_nothing(const char *fmt, ...)
{
	(void)fmt;
}

#define LM_NOTICE(...) dprint_nothing(__VA_ARGS__)
