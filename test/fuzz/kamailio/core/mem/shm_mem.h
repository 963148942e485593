/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */
#pragma once

#include <stdlib.h>

/* In place of Kamailio's, for a fuzzer of files of the module: there is one process. */
#define shm_malloc(octets) malloc(octets)
#define shm_free(p) free(p)
#define SHM_MEM_ERROR ((void)0)
