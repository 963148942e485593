/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */
#ifndef IPSMGW_MSRP_CON_H
#define IPSMGW_MSRP_CON_H

#include <stdbool.h>

/* The TCP connections of this Kamailio that have carried MSRP, known to all
 * processes. */

int msrp_con_init(void); /* before fork */

/** One that we made. @return false if there is no memory */
bool msrp_con_add(int con_id);

/**
 * A frame has come and will wait for the spool process. strangers_max: frames
 * that may wait of a connection without a session.
 * @return 0, -ENOMEM, -EBUSY (too many)
 */
int msrp_con_frame(int con_id, int strangers_max);

/** A frame does not wait any more. @return true once in the life of a
 * connection: others made it, and it has no session */
bool msrp_con_read(int con_id);

/** It has a session: as many of its frames may wait as there is room for. */
void msrp_con_bind(int con_id);

/** @return false if it has ended, or we never heard of it */
bool msrp_con_known(int con_id);

/** @return true if it is there and has had no session */
bool msrp_con_is_unbound(int con_id);

/** Of one connection a fault is logged once. @return true the first time */
bool msrp_con_complain(int con_id);

/** @return true if it was there */
bool msrp_con_remove(int con_id);

#endif
