/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */

#include "store_version.h"

/* Public user identities that are no numbers, and whose they are. */

static const char IMPU[] = "sip:310410123456789@ims.example", OTHER[] = "sip:alice@ims.example";

static void set(struct store *s, const char *impu, const char *a, int64_t expires_ms, int64_t now_ms)
{
	int rc = store_begin(s);

	if (!rc)
		rc = store_identity_set(s, impu, a, expires_ms, now_ms);
	if (!rc)
		rc = store_commit(s);
	CHECK(!rc, "%s: %d %s", impu, rc, store_error(s));
}

/** a: "" is nobody */
static void is(struct store *s, const char *impu, int64_t now_ms, const char *a)
{
	char got[STORE_NUMBER_MAX] = "";
	int rc = store_read_identity(s, impu, now_ms, got);

	CHECK(rc == (*a ? 0 : -ENOENT) && !strcmp(got, a), "%s: %d %s, not %s", impu, rc, got, a);
}

static void test_set(struct fixture *f)
{
	is(f->s, IMPU, T0, "");
	set(f->s, IMPU, "+491701", T0 + 500, T0);
	set(f->s, OTHER, "+491702", T0 + 900, T0);
	is(f->s, IMPU, T0 + 499, "+491701");
	is(f->s, IMPU, T0 + 500, "");
	is(f->s, OTHER, T0 + 500, "+491702");
	set(f->s, IMPU, "+491703", T0 + 900, T0); /* another subscriber's now */
	is(f->s, IMPU, T0 + 500, "+491703");
	set(f->s, IMPU, "+491703", T0, T0);
	is(f->s, IMPU, T0, "");
	set(f->s, IMPU, "+491703", T0, T0);
	is(f->s, OTHER, T0, "+491702");
	fixture_reopen(f);
	is(f->s, OTHER, T0, "+491702");
}

/** Beside the writer, and never in its way: the commit after a reading goes through. */
static void test_reader(struct fixture *f)
{
	struct store *reader;
	char why[256];

	CHECK(!store_open_read(&reader, f->path, why, sizeof(why)), "%s", why);
	is(reader, IMPU, T0, "");
	set(f->s, IMPU, "+491701", T0 + 500, T0);
	is(reader, IMPU, T0, "+491701");
	set(f->s, IMPU, "+491701", T0, T0);
	is(reader, IMPU, T0, "");
	store_begin(f->s);
	CHECK(store_identity_set(reader, IMPU, "+491701", T0 + 1, T0) == -EIO, "a reader writes");
	store_rollback(f->s);
	store_close(reader);
}

static void test_refused(struct fixture *f)
{
	CHECK(store_identity_set(f->s, IMPU, "+491701", T0 + 1, T0) == -EIO, "outside a transaction");
	CHECK(store_identities_purge(f->s, T0, 9) == -EIO, "outside a transaction");
	store_begin(f->s);
	CHECK(store_identity_set(f->s, "", "+491701", T0 + 1, T0) == -EINVAL, "no impu");
	CHECK(store_identity_set(f->s, IMPU, "", T0 + 1, T0) == -EINVAL, "no number");
	store_rollback(f->s);
}

static void test_purge(struct fixture *f)
{
	char impu[] = "sip:a@h";

	for (; impu[4] < 'f'; impu[4]++)
		set(f->s, impu, "+491701", T0 + 100, T0);
	set(f->s, OTHER, "+491702", T0 + 900, T0);
	store_begin(f->s);
	CHECK(store_identities_purge(f->s, T0 + 100, 3) == 3, "limit");
	CHECK(store_identities_purge(f->s, T0 + 100, 9) == 2, "the rest");
	CHECK(!store_commit(f->s), "%s", store_error(f->s));
	is(f->s, OTHER, T0 + 100, "+491702");
}

/** A file of version 3 has everything but the table. */
static void test_upgrade(void)
{
	struct fixture f;

	fixture_start(&f);
	fixture_make_version(&f, 3, "");
	fixture_open(&f);
	set(f.s, IMPU, "+491701", T0 + 1, T0);
	is(f.s, IMPU, T0, "+491701");
	fixture_end(&f);
}

int main(void)
{
	static void (*const tests[])(struct fixture * f) = {test_set, test_reader, test_refused, test_purge};

	fixture_each(tests, sizeof(tests) / sizeof(tests[0]));
	test_upgrade();
	return test_end("store_identity");
}
