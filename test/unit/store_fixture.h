/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */
#pragma once

#include <sys/stat.h>
#include <unistd.h>

#include "../../lib/store/store.h"
#include "test.h"

/* A database in a directory of its own, and records with one letter of difference. */

enum { T0 = 1000000 }; /* ms: when every test begins */

struct fixture {
	char dir[64], path[96];
	struct store *s;
	char why[256];
};

static inline void fixture_start(struct fixture *f)
{
	memset(f, 0, sizeof(*f));
	snprintf(f->dir, sizeof(f->dir), "/tmp/ipsmgw_store.XXXXXX");
	if (!mkdtemp(f->dir) || chmod(f->dir, 0755) < 0)
		abort();
	snprintf(f->path, sizeof(f->path), "%s/x.db", f->dir);
}

static inline int fixture_open(struct fixture *f)
{
	int err = store_open(&f->s, f->path, f->why, sizeof(f->why));

	CHECK(!err, "%s", f->why);
	if (err)
		exit(test_end("store_open"));
	return err;
}

static inline void fixture_reopen(struct fixture *f)
{
	store_close(f->s);
	fixture_open(f);
}

static inline void fixture_unlink(const struct fixture *f)
{
	static const char *const tails[] = {"", "-wal", "-shm", "-journal", ".lock"};
	char path[128];

	for (size_t i = 0; i < sizeof(tails) / sizeof(tails[0]); i++) {
		snprintf(path, sizeof(path), "%s%s", f->path, tails[i]);
		unlink(path);
	}
}

static inline void fixture_end(struct fixture *f)
{
	store_close(f->s);
	fixture_unlink(f);
	rmdir(f->dir);
}

/** Each test on a new database. */
static inline void fixture_each(void (*const *tests)(struct fixture *f), size_t n)
{
	struct fixture f;

	for (size_t i = 0; i < n; i++) {
		fixture_start(&f);
		fixture_open(&f);
		tests[i](&f);
		fixture_end(&f);
	}
}

static const struct store_segment_new fixture_segments[] = {
	{{(const uint8_t *)"tpdu-one", 8}, 1},
	{{(const uint8_t *)"tpdu-two", 8}, 2},
	{{(const uint8_t *)"tpdu-three", 10}, 3},
};

/** A message of A for B; key makes retry_key. */
static inline struct store_message_new message_of(unsigned n_segments, unsigned key)
{
	struct store_message_new m = {
		.a = "+491701",
		.b = "+491702",
		.service = "cpm-pager",
		.conversation_id = VIEW("conv-1"),
		.contribution_id = VIEW("contrib-1"),
		.imdn_id = VIEW("imdn-1"),
		.imdn_route = VIEW("<sip:route>"),
		.smsc = "",
		.imdn_request = 3,
		.retry_window_ms = 60000,
		.expires_ms = T0 + 3600000,
		.send_now = true,
		.n_segments = n_segments,
		.segments = fixture_segments,
	};

	memcpy(m.retry_key, &key, sizeof(key));
	return m;
}

/** Add and commit. */
static inline int message_put(struct store *s, const struct store_message_new *m, int64_t now_ms,
			      struct store_message_added *out)
{
	int err = store_begin(s);

	if (!err)
		err = store_message_add(s, m, now_ms, out);
	if (err && err != -EEXIST)
		store_rollback(s);
	else if (store_commit(s))
		return -EIO;
	return err;
}

/** A short message of B for A; part 0: not concatenated. key makes key. */
static inline struct store_sms_new sms_of(unsigned part, unsigned total, unsigned key)
{
	static unsigned fresh;
	struct store_sms_new m = {
		.a = "+491701",
		.b = "+491702",
		.units = VIEW("text"),
		.scts_s = 1700000000,
		.zone_minutes = 60,
		.ref_bits = part ? 8 : 0,
		.ref = part ? 42 : 0,
		.total = total,
		.part = part,
		.reply_window_ms = 60000,
		.repeat_window_ms = 30000,
		.assemble_ms = 10000,
		.assemble_max_ms = 25000,
	};

	memcpy(m.key, &key, sizeof(key));
	for (int i = 0; i < 3; i++)
		snprintf(m.fresh_ids[i], sizeof(m.fresh_ids[i]), "fresh-%u-%d", fresh, i);
	fresh++;
	return m;
}
