/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */
#pragma once

struct map_config;
struct vty;

/* The node "map" and its show commands, in three files. */

void map_vty_init(void);      /* map_vty.c */
void show_map_vty_init(void); /* show_map_vty.c */

/** Counters, for "show statistics". */
void show_map_statistics(struct vty *vty);

/* ---- settings of the roles above the stack: map_roles_vty.c ---- */

void map_roles_vty_init(void);
void map_roles_vty_write(struct vty *vty, const struct map_config *config);
