/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include <sqlite3.h>

#include "store_vfs.h"

/*
 * Frames of the WAL wait here for each other. SQLite writes each in two parts, its header of 24 octets and its
 * page, and a write costs more than the copy.
 *
 * Only what no other connection can see yet may wait. A frame becomes visible when its transaction is published
 * in the wal-index, behind the transaction's last frame, whose header carries the size of the database
 * (sqlite.org/fileformat2.html 4.1): no page behind that header waits. So the commit gets the error if there is
 * one, synchronous=FULL syncs what is in the file, and readers and checkpoints in other connections find it
 * there. This connection reads its own frames back (cache spilled, checksums written anew): what overlaps is
 * written first. What still waits when the write lock is given back was rolled back, and is dropped: the next
 * writer, perhaps another process, puts its frames into the same place.
 */

enum {
	FRAME_HEADER = 24,
	FRAME_SIZE_AT = 4, /* of the database behind this commit; 0: not the last frame */
	WRITE_LOCK = 0,	   /* slot of the wal-index (sqlite.org/walformat.html 2.3) */
	PAGE_MAX = 65536,
};

struct file {
	sqlite3_file base; /* first: what SQLite has in hand */
	sqlite3_file *real;
	struct file *other; /* of a database its WAL, of a WAL its database; NULL */
	uint8_t *waiting;   /* STORE_VFS_ROOM octets; NULL: not a WAL */
	int len;
	sqlite3_int64 at; /* of waiting[0] in the file */
	bool commit;	  /* the last header was a commit's */
};

_Static_assert(STORE_VFS_ROOM >= FRAME_HEADER + PAGE_MAX, "any write fits into the empty room");

static struct file *file_of(sqlite3_file *file)
{
	return (struct file *)file;
}

static sqlite3_file *real_of(sqlite3_file *file)
{
	return file_of(file)->real;
}

#define REAL(file, method, ...) real_of(file)->pMethods->method(real_of(file), ##__VA_ARGS__)

/* ---- what waits ---- */

/** On failure it goes on waiting. */
static int waiting_write(struct file *f)
{
	int rc = f->len ? REAL(&f->base, xWrite, f->waiting, f->len, f->at) : SQLITE_OK;

	if (rc == SQLITE_OK) {
		f->at += f->len;
		f->len = 0;
	}
	return rc;
}

static int write_elsewhere(struct file *f, const void *p, int n, sqlite3_int64 at)
{
	int rc = waiting_write(f);

	if (rc == SQLITE_OK)
		rc = REAL(&f->base, xWrite, p, n, at);
	if (rc == SQLITE_OK)
		f->at = at + n;
	return rc;
}

static int write_behind(struct file *f, const void *p, int n)
{
	int rc = n > STORE_VFS_ROOM - f->len ? waiting_write(f) : SQLITE_OK;

	if (rc != SQLITE_OK)
		return rc;
	memcpy(f->waiting + f->len, p, (size_t)n);
	f->len += n;
	if (f->commit && n != FRAME_HEADER)
		rc = waiting_write(f);
	if (rc != SQLITE_OK)
		f->len -= n; /* what was refused is not written later */
	return rc;
}

static bool is_commit(const uint8_t *header)
{
	static const uint8_t none[4];

	return memcmp(header + FRAME_SIZE_AT, none, sizeof(none)) != 0;
}

/* ---- methods of a file: database and WAL ---- */

static int file_close(sqlite3_file *file)
{
	struct file *f = file_of(file);

	if (f->other)
		f->other->other = NULL;
	sqlite3_free(f->waiting);
	return REAL(file, xClose);
}

static int file_read(sqlite3_file *file, void *p, int n, sqlite3_int64 at)
{
	struct file *f = file_of(file);
	int rc = at < f->at + f->len && f->at < at + n ? waiting_write(f) : SQLITE_OK;

	return rc == SQLITE_OK ? REAL(file, xRead, p, n, at) : rc;
}

static int file_write(sqlite3_file *file, const void *p, int n, sqlite3_int64 at)
{
	struct file *f = file_of(file);

	if (!f->waiting)
		return REAL(file, xWrite, p, n, at);
	if (n == FRAME_HEADER)
		f->commit = is_commit(p);
	return at == f->at + f->len ? write_behind(f, p, n) : write_elsewhere(f, p, n, at);
}

static int file_truncate(sqlite3_file *file, sqlite3_int64 size)
{
	int rc = waiting_write(file_of(file));

	return rc == SQLITE_OK ? REAL(file, xTruncate, size) : rc;
}

static int file_sync(sqlite3_file *file, int flags)
{
	int rc = waiting_write(file_of(file));

	return rc == SQLITE_OK ? REAL(file, xSync, flags) : rc;
}

static int file_size(sqlite3_file *file, sqlite3_int64 *size)
{
	int rc = waiting_write(file_of(file));

	return rc == SQLITE_OK ? REAL(file, xFileSize, size) : rc;
}

static int file_shm_lock(sqlite3_file *file, int offset, int n, int flags)
{
	struct file *f = file_of(file);

	if (f->other && offset == WRITE_LOCK && flags & SQLITE_SHM_UNLOCK)
		f->other->len = 0;
	return REAL(file, xShmLock, offset, n, flags);
}

static int file_lock(sqlite3_file *file, int level)
{
	return REAL(file, xLock, level);
}

static int file_unlock(sqlite3_file *file, int level)
{
	return REAL(file, xUnlock, level);
}

static int file_check_reserved_lock(sqlite3_file *file, int *out)
{
	return REAL(file, xCheckReservedLock, out);
}

static int file_control(sqlite3_file *file, int op, void *arg)
{
	return REAL(file, xFileControl, op, arg);
}

static int file_sector_size(sqlite3_file *file)
{
	return REAL(file, xSectorSize);
}

static int file_device_characteristics(sqlite3_file *file)
{
	return REAL(file, xDeviceCharacteristics);
}

static int file_shm_map(sqlite3_file *file, int page, int size, int extend, void volatile **out)
{
	return REAL(file, xShmMap, page, size, extend, out);
}

static void file_shm_barrier(sqlite3_file *file)
{
	REAL(file, xShmBarrier);
}

static int file_shm_unmap(sqlite3_file *file, int remove)
{
	return REAL(file, xShmUnmap, remove);
}

static const sqlite3_io_methods methods = {
	.iVersion = 2, /* without xFetch: nothing is mapped (mmap_size) */
	.xClose = file_close,
	.xRead = file_read,
	.xWrite = file_write,
	.xTruncate = file_truncate,
	.xSync = file_sync,
	.xFileSize = file_size,
	.xLock = file_lock,
	.xUnlock = file_unlock,
	.xCheckReservedLock = file_check_reserved_lock,
	.xFileControl = file_control,
	.xSectorSize = file_sector_size,
	.xDeviceCharacteristics = file_device_characteristics,
	.xShmMap = file_shm_map,
	.xShmLock = file_shm_lock,
	.xShmBarrier = file_shm_barrier,
	.xShmUnmap = file_shm_unmap,
};

/* ---- the VFS: all but xOpen is the real one's ---- */

static int file_open(sqlite3_vfs *real, const char *name, struct file *f, int flags, int *out)
{
	int rc = real->xOpen(real, name, f->real, flags, out);

	if (rc != SQLITE_OK && f->real->pMethods)
		REAL(&f->base, xClose);
	if (rc == SQLITE_OK)
		f->base.pMethods = &methods;
	return rc;
}

static int wal_open(sqlite3_vfs *real, const char *name, struct file *f, int flags, int *out)
{
	int rc;

	f->waiting = sqlite3_malloc(STORE_VFS_ROOM);
	if (!f->waiting)
		return SQLITE_NOMEM;
	rc = file_open(real, name, f, flags, out);
	if (rc != SQLITE_OK) {
		sqlite3_free(f->waiting);
		return rc;
	}
	f->other = file_of(sqlite3_database_file_object(name));
	f->other->other = f;
	return SQLITE_OK;
}

static int vfs_open(sqlite3_vfs *vfs, const char *name, sqlite3_file *file, int flags, int *out)
{
	sqlite3_vfs *real = vfs->pAppData;
	struct file *f = file_of(file);

	if (!(flags & (SQLITE_OPEN_MAIN_DB | SQLITE_OPEN_WAL)))
		return real->xOpen(real, name, file, flags, out);
	*f = (struct file){.real = (sqlite3_file *)(f + 1)};
	f->real->pMethods = NULL;
	return (flags & SQLITE_OPEN_WAL ? wal_open : file_open)(real, name, f, flags, out);
}

const char *store_vfs(void)
{
	static sqlite3_vfs vfs;
	sqlite3_vfs *real = sqlite3_vfs_find(NULL);

	if (!real)
		return NULL;
	if (vfs.pAppData != real) {
		sqlite3_vfs_unregister(&vfs);
		vfs = *real;
		vfs.pAppData = real;
		vfs.zName = "ipsmgw";
		vfs.szOsFile += (int)sizeof(struct file);
		vfs.xOpen = vfs_open;
	}
	return sqlite3_vfs_register(&vfs, 0) == SQLITE_OK ? vfs.zName : NULL;
}
