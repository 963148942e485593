/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */
#ifndef IPSMGW_MSRP_CON_H
#define IPSMGW_MSRP_CON_H

#include <stdbool.h>

/* The TCP connections of this Kamailio that have carried MSRP, known to all
 * processes. */

int msrp_con_init(void); /* before fork */

/** @return false if there is no memory */
bool msrp_con_add(int con_id);

/** @return true if it was there */
bool msrp_con_remove(int con_id);

#endif
