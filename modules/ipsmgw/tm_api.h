/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */
#ifndef IPSMGW_TM_API_H
#define IPSMGW_TM_API_H

#include "modules/tm/tm_load.h"

extern struct tm_binds tmb; /* bound in mod_init */

#endif
