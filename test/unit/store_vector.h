/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */
#pragma once

#include "../../lib/store/store_int.h"
#include "power_disk.h"

/*
 * Databases that programs of each earlier schema version really wrote: test/vectors/store_v*.db.gz, made by
 * store_fill.c with lib/store of that time, killed in its work with the last rows in the WAL only.
 */

static const struct vector {
	const char *name;
	int version;
	bool identity; /* version 4 began without */
} vectors[] = {
	{"1", 1, false}, {"2", 2, false}, {"3", 3, false}, {"4_early", 4, false}, {"4", 4, true}, {"5", 5, true}, {"6", 6, true},
};

enum { VECTORS = sizeof(vectors) / sizeof(vectors[0]) };

/* ---- the files ---- */

/** Contents of the vector's file, freshly unpacked. */
static inline uint8_t *unpack(const struct vector *v, const char *tail, size_t *len)
{
	uint8_t *p = malloc(1 << 20);
	char command[96];
	FILE *f;

	snprintf(command, sizeof(command), "gzip -dc test/vectors/store_v%s.db%s.gz", v->name, tail);
	f = popen(command, "r");
	*len = f ? fread(p, 1, 1 << 20, f) : 0;
	CHECK(f && pclose(f) == 0 && *len > 0, "%s", command);
	return p;
}

/** Put it down as a disk that has all of it. */
static inline void vector_load(const struct vector *v)
{
	size_t len;

	disk_forget();
	disk.recording = true;
	for (int file = DISK_DB; file <= DISK_WAL; file++) {
		uint8_t *p = unpack(v, file == DISK_WAL ? "-wal" : "", &len);

		disk_note(DISK_WRITE, (enum disk_file)file, 0, p, len);
		disk_note(DISK_SYNC, (enum disk_file)file, 0, NULL, 0);
		free(p);
	}
	disk.recording = false;
}

static inline void vector_put(const struct fixture *f)
{
	disk_rebuild(f->path, 4, DISK_ALL, 1);
}

/** The rows of a statement as text, or what SQLite has against it; sqlite3_free() it. */
static inline char *ask(sqlite3 *db, const char *sql)
{
	sqlite3_str *text = sqlite3_str_new(NULL);
	sqlite3_stmt *stmt = NULL;

	if (sqlite3_prepare_v2(db, sql, -1, &stmt, NULL) != SQLITE_OK)
		sqlite3_str_appendf(text, "%s", sqlite3_errmsg(db));
	else
		while (sqlite3_step(stmt) == SQLITE_ROW)
			for (int c = 0; c < sqlite3_column_count(stmt); c++)
				sqlite3_str_appendf(text, "%s|", sqlite3_column_text(stmt, c));
	sqlite3_finalize(stmt);
	return sqlite3_str_finish(text);
}
