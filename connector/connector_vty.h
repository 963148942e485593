/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */
#pragma once

#include "connector.h"

#include <osmocom/core/rate_ctr.h>
#include <osmocom/vty/command.h>
#include <osmocom/vty/vty.h>

/* Configuration and show commands. */

enum { LINK_NODE = _LAST_OSMOVTY_NODE + 1, SMSC_NODE, ROUTE_NODE, MAP_NODE };

/* Commands are given no context by the library. */
extern struct connector *connector_vty;

void connector_vty_init(struct connector *c, struct vty_app_info *info);

/** Copy a word that must fit, or say so. @return CMD_SUCCESS, CMD_WARNING */
int connector_vty_copy(struct vty *vty, char *to, size_t size, const char *word);

/** The node "smsc NAME" (smsc_vty.c). */
void smsc_vty_init(void);

/** The SMSC of the node, or NULL: another VTY has deleted it, which has been said. */
struct smsc *smsc_vty_entered(struct vty *vty);

/** Write a setting unless it is "". */
void smsc_vty_write(struct vty *vty, const char *name, const char *value);

/** Show commands (show_vty.c). */
void show_vty_init(void);

/** All of a group: name, value, rates, description. */
void show_counters(struct vty *vty, struct rate_ctr_group *ctrs);
