/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */

#include <stddef.h>

#include <sqlite3.h>

#include "store_pcache.h"

/*
 * SQLite puts the pages of a node that it has split into order, and gives one of them for a moment the number of
 * the lock-byte page (sqlite.org/fileformat2.html 1.6), which no page ever has. The cache notes it as the greatest
 * number that it has seen, far beyond the end of the file, and at the end of the transaction looks at each page that
 * it holds for those beyond: at 65 000 pages for a millisecond or two. With 0 in its place, another number that no
 * page has, there is nothing to look for.
 */

enum { LOCK_BYTE = 0x40000000 };

struct cache {
	sqlite3_pcache *real;
	unsigned lock_page;
};

static sqlite3_pcache_methods2 real;

static struct cache *cache_of(sqlite3_pcache *p)
{
	return (struct cache *)p;
}

static sqlite3_pcache *real_of(sqlite3_pcache *p)
{
	return cache_of(p)->real;
}

static unsigned key_of(sqlite3_pcache *p, unsigned page)
{
	return page == cache_of(p)->lock_page ? 0 : page;
}

static int cache_init(void *arg)
{
	(void)arg;
	return real.xInit(real.pArg);
}

static void cache_shutdown(void *arg)
{
	(void)arg;
	real.xShutdown(real.pArg);
}

static sqlite3_pcache *cache_create(int page_size, int extra, int purgeable)
{
	struct cache *c = sqlite3_malloc(sizeof(*c));

	if (!c)
		return NULL;
	c->lock_page = LOCK_BYTE / (unsigned)page_size + 1;
	c->real = real.xCreate(page_size, extra, purgeable);
	if (c->real)
		return (sqlite3_pcache *)c;
	sqlite3_free(c);
	return NULL;
}

static void cache_size(sqlite3_pcache *p, int pages)
{
	real.xCachesize(real_of(p), pages);
}

static int cache_count(sqlite3_pcache *p)
{
	return real.xPagecount(real_of(p));
}

static sqlite3_pcache_page *cache_fetch(sqlite3_pcache *p, unsigned page, int create)
{
	return real.xFetch(real_of(p), key_of(p, page), create);
}

static void cache_unpin(sqlite3_pcache *p, sqlite3_pcache_page *page, int discard)
{
	real.xUnpin(real_of(p), page, discard);
}

static void cache_rekey(sqlite3_pcache *p, sqlite3_pcache_page *page, unsigned from, unsigned to)
{
	real.xRekey(real_of(p), page, key_of(p, from), key_of(p, to));
}

static void cache_truncate(sqlite3_pcache *p, unsigned limit)
{
	real.xTruncate(real_of(p), limit);
}

static void cache_destroy(sqlite3_pcache *p)
{
	real.xDestroy(real_of(p));
	sqlite3_free(cache_of(p));
}

static void cache_shrink(sqlite3_pcache *p)
{
	real.xShrink(real_of(p));
}

void store_pcache_setup(void)
{
	sqlite3_pcache_methods2 ours = {
		.iVersion = 1,
		.xInit = cache_init,
		.xShutdown = cache_shutdown,
		.xCreate = cache_create,
		.xCachesize = cache_size,
		.xPagecount = cache_count,
		.xFetch = cache_fetch,
		.xUnpin = cache_unpin,
		.xRekey = cache_rekey,
		.xTruncate = cache_truncate,
		.xDestroy = cache_destroy,
		.xShrink = cache_shrink,
	};

	if (!real.xCreate && sqlite3_config(SQLITE_CONFIG_GETPCACHE2, &real) == SQLITE_OK)
		sqlite3_config(SQLITE_CONFIG_PCACHE2, &ours);
}
