/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */
#pragma once

#include "../../lib/store/store_int.h"
#include "store_fixture.h"

/** A file of an older schema version, by the steps that led there, with rows of that version or an older one. */
static inline void fixture_make_version(const struct fixture *f, int version, const char *rows)
{
	char stamp[96];
	sqlite3 *db;
	bool ok = sqlite3_open(f->path, &db) == SQLITE_OK;

	for (int i = 0; ok && i < version; i++)
		ok = sqlite3_exec(db, store_upgrades[i], NULL, NULL, NULL) == SQLITE_OK;
	snprintf(stamp, sizeof(stamp), "PRAGMA application_id = %d; PRAGMA user_version = %d",
		 STORE_APPLICATION_ID, version);
	ok = ok && sqlite3_exec(db, rows, NULL, NULL, NULL) == SQLITE_OK &&
	     sqlite3_exec(db, stamp, NULL, NULL, NULL) == SQLITE_OK;
	CHECK(ok, "%s", sqlite3_errmsg(db));
	sqlite3_close(db);
}
