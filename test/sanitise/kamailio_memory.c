/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */
/*
 * Kamailio's memory under AddressSanitizer. Linked only into the module that is built with sanitisers; takes
 * the place of Kamailio's allocators when the module is loaded, before any process is forked.
 *
 * Private memory becomes libc's, which is the sanitiser's. A block of shared memory gets a red zone before and
 * behind it and is poisoned when it is freed. What is poisoned one process must know from another, so the
 * sanitiser's shadow of the shared memory is made shared as well.
 *
 *	| 16 octets, poisoned | mark, size, poisoned | the block | 16 to 23 octets, poisoned |
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include <sanitizer/asan_interface.h>

#include "core/globals.h"
#include "core/mem/mem.h"
#include "core/mem/shm.h"
#include "core/shm_init.h"

#define WHERE const char *file, const char *func, unsigned int line, const char *mname
#define HERE file, func, line, mname
#define UNCHECKED __attribute__((no_sanitize("address")))

#define HEAD 32
#define TAIL 16
#define MARK_USED 0x7573656420686572ULL
#define MARK_FREE 0x6672656564206865ULL

struct head
{
	uint64_t mark;
	size_t size;
};

static sr_pkg_api_t pkg;
static sr_shm_api_t shm;

/* ---- shared memory ---- */

static struct head *head_of(void *p)
{
	return (struct head *)((char *)p - sizeof(struct head));
}

static size_t whole(size_t size)
{
	return HEAD + (size + 7) / 8 * 8 + TAIL;
}

UNCHECKED static uint64_t mark_of(void *p)
{
	return head_of(p)->mark ^ (uintptr_t)p;
}

UNCHECKED static void mark(void *p, uint64_t as, size_t size)
{
	head_of(p)->mark = as ^ (uintptr_t)p;
	head_of(p)->size = size;
}

UNCHECKED static size_t size_of(void *p)
{
	return head_of(p)->size;
}

static void *dress(char *raw, size_t size)
{
	char *p = raw + HEAD;

	if(!raw)
		return NULL;
	ASAN_POISON_MEMORY_REGION(raw, whole(size));
	ASAN_UNPOISON_MEMORY_REGION(p, size);
	mark(p, MARK_USED, size);
	return p;
}

/* Blocks that are older than this are given back as they are. */
static void *undress(void *p)
{
	char *raw = (char *)p - HEAD;

	if(p && mark_of(p) == MARK_FREE) {
		fprintf(stderr, "AddressSanitizer: shared memory is freed twice\n");
		abort();
	}
	if(!p || mark_of(p) != MARK_USED)
		return p;
	ASAN_POISON_MEMORY_REGION(raw, whole(size_of(p)));
	mark(p, MARK_FREE, 0);
	return raw;
}

static void *shared_malloc(void *mbp, size_t size, WHERE)
{
	return dress(shm.xmalloc(mbp, whole(size), HERE), size);
}

static void *shared_mallocxz(void *mbp, size_t size, WHERE)
{
	void *p = shared_malloc(mbp, size, HERE);

	return p ? memset(p, 0, size) : NULL;
}

static void *shared_malloc_unsafe(void *mbp, size_t size, WHERE)
{
	return dress(shm.xmalloc_unsafe(mbp, whole(size), HERE), size);
}

static void shared_free(void *mbp, void *p, WHERE)
{
	shm.xfree(mbp, undress(p), HERE);
}

static void shared_free_unsafe(void *mbp, void *p, WHERE)
{
	shm.xfree_unsafe(mbp, undress(p), HERE);
}

static void *shared_realloc(void *mbp, void *p, size_t size, WHERE)
{
	size_t old;
	void *q;

	if(p && mark_of(p) != MARK_USED)
		return shm.xrealloc(mbp, p, size, HERE);
	q = size ? shared_malloc(mbp, size, HERE) : NULL;
	if(size && !q)
		return NULL;
	if(!p)
		return q;
	old = size_of(p);
	if(q)
		memcpy(q, p, old < size ? old : size);
	shared_free(mbp, p, HERE);
	return q;
}

static void *shared_reallocxf(void *mbp, void *p, size_t size, WHERE)
{
	void *q = shared_realloc(mbp, p, size, HERE);

	if(!q && size && p)
		shared_free(mbp, p, HERE);
	return q;
}

static void *shared_resize(void *mbp, void *p, size_t size, WHERE)
{
	if(p)
		shared_free(mbp, p, HERE);
	return shared_malloc(mbp, size, HERE);
}

static void share_shadow(void)
{
	size_t scale, offset, page = 4096;
	uintptr_t from, to;

	__asan_get_shadow_mapping(&scale, &offset);
	from = (((uintptr_t)shm.mem_pool >> scale) + offset + page - 1) / page * page;
	to = ((((uintptr_t)shm.mem_pool + shm_mem_size) >> scale) + offset) / page * page;
	if(mmap((void *)from, to - from, PROT_READ | PROT_WRITE, MAP_FIXED | MAP_SHARED | MAP_ANONYMOUS, -1, 0)
			!= (void *)from) {
		perror("AddressSanitizer: the shadow of the shared memory");
		abort();
	}
}

/* ---- private memory ---- */

static int is_old(const void *p)
{
	return (const char *)p >= pkg.mem_pool && (const char *)p < pkg.mem_pool + pkg_mem_size;
}

static void *private_malloc(void *mbp, size_t size, WHERE)
{
	(void)mbp, (void)file, (void)func, (void)line, (void)mname;
	return malloc(size);
}

static void *private_mallocxz(void *mbp, size_t size, WHERE)
{
	(void)mbp, (void)file, (void)func, (void)line, (void)mname;
	return calloc(1, size);
}

static void private_free(void *mbp, void *p, WHERE)
{
	if(is_old(p))
		pkg.xfree(mbp, p, HERE);
	else
		free(p);
}

static void *private_realloc(void *mbp, void *p, size_t size, WHERE)
{
	if(is_old(p))
		return pkg.xrealloc(mbp, p, size, HERE);
	return realloc(p, size);
}

static void *private_reallocxf(void *mbp, void *p, size_t size, WHERE)
{
	void *q = private_realloc(mbp, p, size, HERE);

	if(!q && size && p)
		private_free(mbp, p, HERE);
	return q;
}

__attribute__((constructor)) static void replace_allocators(void)
{
	if(!shm_initialized() && init_shm() < 0)
		abort();
	pkg = _pkg_root;
	_pkg_root.xmalloc = private_malloc;
	_pkg_root.xmallocxz = private_mallocxz;
	_pkg_root.xfree = private_free;
	_pkg_root.xrealloc = private_realloc;
	_pkg_root.xreallocxf = private_reallocxf;

	shm = _shm_root;
	share_shadow();
	_shm_root.xmalloc = shared_malloc;
	_shm_root.xmallocxz = shared_mallocxz;
	_shm_root.xmalloc_unsafe = shared_malloc_unsafe;
	_shm_root.xfree = shared_free;
	_shm_root.xfree_unsafe = shared_free_unsafe;
	_shm_root.xrealloc = shared_realloc;
	_shm_root.xreallocxf = shared_reallocxf;
	_shm_root.xresize = shared_resize;
}
