/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */
#pragma once

#include <sqlite3.h>

#include "store_fixture.h"

/*
 * A disk that remembers: a VFS shim writes down each write, truncation, removal and sync of the database, its
 * WAL and its journal, and the caller's marks between them. disk_rebuild() makes from a prefix of that log the
 * files as a disk may hold them after a loss of power: what was there at a file's last sync is there, of what
 * came later any part. A removal that has not reached the disk leaves the old file; what was then written to
 * the new one of that name is lost. The first sync of a new WAL or journal syncs the directory, as SQLite does
 * it, and with it all removals. Syncs are written down only, which makes the tests fast.
 */

enum disk_file { DISK_DB, DISK_WAL, DISK_JOURNAL, DISK_FILES };
enum disk_op { DISK_WRITE, DISK_TRUNCATE, DISK_SYNC, DISK_REMOVE, DISK_MARK };

enum disk_survival { /* of what was not synced */
	DISK_NONE,
	DISK_ALL,
	DISK_WRITES,	/* any of the writes, each whole */
	DISK_SECTORS,	/* any of their sectors of 512 octets */
	DISK_PAGES,	/* the same with 4096 */
	DISK_TORN,	/* any of the writes, each ends or begins somewhere in its middle */
	DISK_SURVIVALS,
};

static const char *const disk_names[DISK_SURVIVALS] = {"none", "all", "writes", "sectors", "pages", "torn"};

struct disk_entry {
	enum disk_op op;
	enum disk_file file;
	int64_t at; /* offset; size; the mark; of a sync: 1 if it is the directory's */
	size_t len;
	uint8_t *p;
};

static struct {
	bool recording;
	int left; /* writes and syncs until they fail; none do before it is set */
	struct disk_entry *log;
	size_t n, room;
	struct {
		sqlite3_file *file;
		enum disk_file which;
	} open[16];
	sqlite3_vfs *vfs, shim;
	struct disk_io { /* SQLite has one set of methods for databases, another for journals */
		sqlite3_io_methods shim; /* first: what a file points to */
		const sqlite3_io_methods *real;
	} io[8];
} disk;

static inline uint32_t disk_random(uint64_t *seed)
{
	*seed ^= *seed << 13;
	*seed ^= *seed >> 7;
	*seed ^= *seed << 17;
	return (uint32_t)(*seed >> 32);
}

static inline uint64_t disk_seed(uint64_t seed)
{
	seed = (seed + 1) * 0x9e3779b97f4a7c15;
	for (int i = 0; i < 8; i++)
		disk_random(&seed);
	return seed;
}

/* ---- recording ---- */

static inline bool disk_fails(void)
{
	return disk.left > 0 && --disk.left == 0;
}

static inline void disk_note(enum disk_op op, enum disk_file file, int64_t at, const void *p, size_t len)
{
	if (!disk.recording)
		return;
	if (disk.n == disk.room) {
		disk.room = disk.room * 2 + 1024;
		disk.log = realloc(disk.log, disk.room * sizeof(*disk.log));
	}
	disk.log[disk.n] = (struct disk_entry){op, file, at, len, len ? malloc(len) : NULL};
	if (len)
		memcpy(disk.log[disk.n].p, p, len);
	disk.n++;
}

static inline void disk_forget(void)
{
	for (size_t i = 0; i < disk.n; i++)
		free(disk.log[i].p);
	disk.n = 0;
}

static inline const sqlite3_io_methods *disk_real(const sqlite3_file *file)
{
	return ((const struct disk_io *)file->pMethods)->real;
}

static inline int disk_slot(const sqlite3_file *file)
{
	int i = 0;

	while (disk.open[i].file != file)
		if (++i == 16)
			abort();
	return i;
}

static inline int disk_write(sqlite3_file *file, const void *p, int n, sqlite3_int64 at)
{
	if (disk_fails())
		return SQLITE_FULL;
	disk_note(DISK_WRITE, disk.open[disk_slot(file)].which, at, p, (size_t)n);
	return disk_real(file)->xWrite(file, p, n, at);
}

static inline int disk_truncate(sqlite3_file *file, sqlite3_int64 size)
{
	disk_note(DISK_TRUNCATE, disk.open[disk_slot(file)].which, size, NULL, 0);
	return disk_real(file)->xTruncate(file, size);
}

static inline int disk_sync(sqlite3_file *file, int flags)
{
	(void)flags;
	if (disk_fails())
		return SQLITE_IOERR_FSYNC;
	disk_note(DISK_SYNC, disk.open[disk_slot(file)].which, 0, NULL, 0);
	return SQLITE_OK;
}

static inline int disk_close(sqlite3_file *file)
{
	disk.open[disk_slot(file)].file = NULL;
	return disk_real(file)->xClose(file);
}

static inline const sqlite3_io_methods *disk_methods(const sqlite3_io_methods *real)
{
	struct disk_io *io = disk.io;

	while (io->real && io->real != real)
		io++;
	if (io == disk.io + 8)
		abort();
	io->real = real;
	io->shim = *real;
	io->shim.xWrite = disk_write;
	io->shim.xTruncate = disk_truncate;
	io->shim.xSync = disk_sync;
	io->shim.xClose = disk_close;
	return &io->shim;
}

static inline enum disk_file disk_which(const char *name)
{
	size_t len = name ? strlen(name) : 0;

	if (len > 4 && !strcmp(name + len - 4, "-wal"))
		return DISK_WAL;
	return len > 8 && !strcmp(name + len - 8, "-journal") ? DISK_JOURNAL : DISK_DB;
}

static inline int disk_open(sqlite3_vfs *vfs, const char *name, sqlite3_file *file, int flags, int *out)
{
	int rc = disk.vfs->xOpen(vfs, name, file, flags, out), i = 0;

	if (rc != SQLITE_OK || !file->pMethods)
		return rc;
	while (disk.open[i].file)
		if (++i == 16)
			abort();
	disk.open[i].file = file;
	disk.open[i].which = disk_which(name);
	file->pMethods = disk_methods(file->pMethods);
	return rc;
}

static inline int disk_remove(sqlite3_vfs *vfs, const char *name, int sync)
{
	disk_note(DISK_REMOVE, disk_which(name), 0, NULL, 0);
	if (sync)
		disk_note(DISK_SYNC, disk_which(name), 1, NULL, 0);
	return disk.vfs->xDelete(vfs, name, 0);
}

static inline void disk_install(void)
{
	sqlite3_initialize();
	disk.vfs = sqlite3_vfs_find(NULL);
	disk.shim = *disk.vfs;
	disk.shim.zName = "disk";
	disk.shim.xOpen = disk_open;
	disk.shim.xDelete = disk_remove;
	sqlite3_vfs_register(&disk.shim, 1);
}

/* ---- what is there afterwards ---- */

struct disk_image {
	bool exists;
	size_t len, room;
	uint8_t *p;
	bool junk; /* a file that grew without its data holds anything, not zeroes */
};

static inline void image_resize(struct disk_image *image, size_t len)
{
	if (len > image->room) {
		image->room = len * 2;
		image->p = realloc(image->p, image->room);
	}
	if (len > image->len)
		memset(image->p + image->len, image->junk ? 0xa5 : 0, len - image->len);
	image->len = len;
	image->exists = true;
}

static inline void image_write(struct disk_image *image, size_t at, const uint8_t *p, size_t len)
{
	if (len == 0)
		return;
	if (at + len > image->len)
		image_resize(image, at + len);
	memcpy(image->p + at, p, len);
}

static inline void image_sectors(struct disk_image *image, const struct disk_entry *e, size_t size, uint64_t *seed)
{
	size_t end, at = (size_t)e->at;

	for (size_t from = at; from < at + e->len; from = end) {
		end = from - from % size + size;
		end = end < at + e->len ? end : at + e->len;
		if (disk_random(seed) & 1)
			image_write(image, from, e->p + (from - at), end - from);
	}
}

static inline void image_unsynced_write(struct disk_image *image, const struct disk_entry *e,
					enum disk_survival survival, uint64_t *seed)
{
	size_t cut = survival == DISK_TORN ? disk_random(seed) % (e->len + 1) : 0, at = (size_t)e->at;

	if (survival == DISK_SECTORS || survival == DISK_PAGES)
		image_sectors(image, e, survival == DISK_SECTORS ? 512 : 4096, seed);
	else if (survival == DISK_TORN && disk_random(seed) & 1)
		image_write(image, at, e->p, cut);
	else
		image_write(image, at + cut, e->p + cut, e->len - cut);
}

/** @return false: the file that all that follows goes to is not the one on the disk */
static inline bool image_apply(struct disk_image *image, const struct disk_entry *e, bool synced,
			       enum disk_survival survival, uint64_t *seed)
{
	bool lost = !synced && survival != DISK_ALL && (survival == DISK_NONE || disk_random(seed) & 1);

	if (e->op == DISK_WRITE && !synced && survival > DISK_WRITES)
		image_unsynced_write(image, e, survival, seed);
	else if (e->op == DISK_WRITE && !lost)
		image_write(image, (size_t)e->at, e->p, e->len);
	else if (e->op == DISK_TRUNCATE && !lost)
		image_resize(image, (size_t)e->at);
	else if (e->op == DISK_REMOVE && !lost)
		image->exists = false, image->len = 0;
	return e->op != DISK_REMOVE || !lost;
}

static inline void image_store(const struct disk_image *image, const char *path)
{
	FILE *file;

	unlink(path);
	if (!image->exists)
		return;
	file = fopen(path, "w");
	if (!file || fwrite(image->p, 1, image->len, file) != image->len || fclose(file))
		abort();
}

/** What is behind each file's last sync, and behind the directory's. */
static inline void disk_synced(size_t cut, size_t files[DISK_FILES], size_t *directory)
{
	bool fresh[DISK_FILES] = {[DISK_WAL] = true, [DISK_JOURNAL] = true};

	for (size_t i = 0; i < cut; i++) {
		const struct disk_entry *e = &disk.log[i];

		if (e->op == DISK_REMOVE)
			fresh[e->file] = true;
		if (e->op != DISK_SYNC)
			continue;
		if (e->at || fresh[e->file])
			*directory = i + 1;
		if (!e->at)
			files[e->file] = i + 1, fresh[e->file] = false;
	}
}

/** Write path, path-wal and path-journal as they may be after the first cut entries of the log. */
static inline void disk_rebuild(const char *path, size_t cut, enum disk_survival survival, uint64_t seed)
{
	static const char *const tails[DISK_FILES] = {"", "-wal", "-journal"};
	size_t synced[DISK_FILES] = {0}, directory = 0;

	disk_synced(cut, synced, &directory);
	for (int file = 0; file < DISK_FILES; file++) {
		struct disk_image image = {.junk = seed & 64};
		bool same = true;
		char name[128];

		for (size_t i = 0; same && i < cut; i++) {
			const struct disk_entry *e = &disk.log[i];
			size_t safe = e->op == DISK_REMOVE ? directory : synced[file];

			if ((int)e->file == file)
				same = image_apply(&image, e, i < safe, survival, &seed);
		}
		snprintf(name, sizeof(name), "%s%s", path, tails[file]);
		image_store(&image, name);
		free(image.p);
	}
}

/* ---- a second life ---- */

struct disk_log {
	struct disk_entry *log;
	size_t n, room;
};

/** Begin another log with what stands on the disk now, all of it safe. @return the one before */
static inline struct disk_log disk_found(const char *path)
{
	static const char *const tails[DISK_FILES] = {"", "-wal", "-journal"};
	struct disk_log before = {disk.log, disk.n, disk.room};
	uint8_t part[4096];

	disk.log = NULL;
	disk.n = disk.room = 0;
	disk.recording = true;
	for (int file = 0; file < DISK_FILES; file++) {
		char name[128];
		int64_t at = 0;
		FILE *f;

		snprintf(name, sizeof(name), "%s%s", path, tails[file]);
		f = fopen(name, "r");
		if (!f)
			continue;
		disk_note(DISK_TRUNCATE, (enum disk_file)file, 0, NULL, 0);
		for (size_t len; (len = fread(part, 1, sizeof(part), f)) > 0; at += (int64_t)len)
			disk_note(DISK_WRITE, (enum disk_file)file, at, part, len);
		disk_note(DISK_SYNC, (enum disk_file)file, 0, NULL, 0);
		fclose(f);
	}
	return before;
}

/** Forget this log, go on with the one before. */
static inline void disk_back(const struct disk_log *before)
{
	disk.recording = false;
	disk_forget();
	free(disk.log);
	disk.log = before->log;
	disk.n = before->n;
	disk.room = before->room;
}
