/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */

#include <sqlite3.h>

#include "store_fixture.h"

/*
 * The page cache never hears a number far beyond the file, and so has next to nothing to look for at the end of a
 * transaction. Below the store's stands one that notes the numbers it gets.
 */

enum { MESSAGES = 4000, EACH_COMMIT = 40, FEW = 64 };

static sqlite3_pcache_methods2 real;
static unsigned greatest, moved_to_0;

static sqlite3_pcache_page *on_fetch(sqlite3_pcache *p, unsigned page, int create)
{
	greatest = page > greatest ? page : greatest;
	return real.xFetch(p, page, create);
}

static void on_rekey(sqlite3_pcache *p, sqlite3_pcache_page *page, unsigned from, unsigned to)
{
	greatest = to > greatest ? to : greatest;
	moved_to_0 += to == 0;
	real.xRekey(p, page, from, to);
}

static void note_numbers(void)
{
	sqlite3_pcache_methods2 noting;

	CHECK(sqlite3_config(SQLITE_CONFIG_GETPCACHE2, &real) == SQLITE_OK, "the default cache");
	noting = real;
	noting.xFetch = on_fetch;
	noting.xRekey = on_rekey;
	CHECK(sqlite3_config(SQLITE_CONFIG_PCACHE2, &noting) == SQLITE_OK, "a cache that notes");
}

static void messages_add(struct fixture *f)
{
	char a[16];
	struct store_message_added added;

	for (unsigned i = 0; i < MESSAGES; i++) {
		struct store_message_new m = message_of(1, i);

		snprintf(a, sizeof(a), "+1%09u", i * 7919 % 1000003); /* between others */
		m.a = a;
		if (i % EACH_COMMIT == 0)
			CHECK(!store_begin(f->s), "%s", store_error(f->s));
		CHECK(!store_message_add(f->s, &m, T0, &added), "%s", store_error(f->s));
		if (i % EACH_COMMIT == EACH_COMMIT - 1)
			CHECK(!store_commit(f->s), "%s", store_error(f->s));
	}
}

static unsigned pages_in(const struct fixture *f)
{
	struct stat st;

	CHECK(stat(f->path, &st) == 0, "no file");
	return (unsigned)(st.st_size / 2048);
}

int main(void)
{
	struct fixture f;

	note_numbers();
	fixture_start(&f);
	fixture_open(&f);
	messages_add(&f);
	fixture_reopen(&f); /* now all is in the file */
	CHECK(moved_to_0 > 0, "no node was split into pages that had to be put into order");
	CHECK(greatest <= pages_in(&f) + FEW, "page %u of %u", greatest, pages_in(&f));
	fixture_end(&f);
	return test_end("store_pcache");
}
