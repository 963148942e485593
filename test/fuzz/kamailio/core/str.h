/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */
#pragma once

#include <stdio.h>
#include <string.h>

/* In place of Kamailio's, for a fuzzer of files of the module. */
typedef struct {
	char *s;
	int len;
} str;
