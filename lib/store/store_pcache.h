/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */
#pragma once

/**
 * SQLite's page cache, as it is, but a commit does not go through all of its pages. For all connections of this
 * process; without effect, and without harm, once SQLite has begun its work in it. May be called again.
 */
void store_pcache_setup(void);
