/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */
#pragma once

/**
 * The VFS of a connection that writes: the default one of this moment, but the frames of a transaction go into
 * the WAL with one write for each STORE_VFS_ROOM octets, the last one with the commit. A write that fails fails
 * the commit, as ever. Connections that write nothing gain nothing by it; both kinds may use one database.
 *
 * Not for two threads at once.
 *
 * @return its name, for sqlite3_open_v2(); NULL, that is the default one, if SQLite could not register it
 */
const char *store_vfs(void);

enum { STORE_VFS_ROOM = 0x1ffff }; /* SQLite's unix VFS cuts the length of a write to 17 bits */
