/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */
#pragma once

/* In place of Kamailio's, for a fuzzer of files of the module: nothing is locked. */
typedef int gen_lock_t;
