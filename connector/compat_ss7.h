/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */
#pragma once

#include "compat.h"

#include <osmocom/sigtran/mtp_sap.h>
#include <osmocom/sigtran/osmo_ss7.h>

/*
 * What differs between libosmo-sigtran 1.6 (Debian 12), whose structures are open, and 2.1 (Debian 13), which
 * has functions instead, though not for everything.
 */

uint32_t compat_ss7_pc(const struct osmo_ss7_instance *inst);

/** Of messages that we send: 0 to 3, as in the service information octet (Q.704 14.2.2). */
uint8_t compat_ss7_network_indicator(const struct osmo_ss7_instance *inst);

/** @return NULL if memory is out */
struct osmo_ss7_user *compat_ss7_user_alloc(struct osmo_ss7_instance *inst, const char *name,
					    osmo_prim_cb cb, void *data);
void compat_ss7_user_free(struct osmo_ss7_user *user);
