/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */
#ifndef IPSMGW_RPC_H
#define IPSMGW_RPC_H

#include "core/rpc.h"

extern rpc_export_t ipsmgw_rpc[]; /* for the module's exports */

#endif
