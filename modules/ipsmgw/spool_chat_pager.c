/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */

/*
 * anonymous_originator=pool (spec 3.4, 7.3): a number of the pool that stands
 * for an anonymous A towards one B, so that B can answer. It is kept apart from
 * the numbers by which B knows the same A from chats: neither tells the other.
 */

#include "ipsmgw.h"
#include "spool_chat_int.h"

enum { KEY_MAX = 64 };

/* Stands where a group has its Contribution-ID, so that no chat finds it. */
static void key_of(const char *a, char key[KEY_MAX])
{
	snprintf(key, KEY_MAX, "anonymous %s", a);
}

static int number_choose(const char *b, const char *key, int64_t now_ms,
		char out[CHAT_NUMBER_MAX])
{
	uint64_t count = chat_number_count();
	struct store_number n;
	int rc = store_number_find(spool_store, b, key, "", now_ms, &n);

	if(rc == 0 && chat_number_in_pool(n.number)) {
		snprintf(out, CHAT_NUMBER_MAX, "%s", n.number);
		return 0;
	}
	rc = rc == -ENOENT || rc == 0 ? -EEXIST : rc;
	for(uint64_t i = 0; rc == -EEXIST && i < count; i++) {
		chat_number_at(i, out);
		rc = chat_number_free(b, out, now_ms);
	}
	return rc;
}

int chat_number_for_pager(const char *a, const char *b, int64_t now_ms,
		int64_t expires_ms, char out[CHAT_NUMBER_MAX])
{
	char key[KEY_MAX];
	struct store_number n = {
			.b = b,
			.number = out,
			.a = a,
			.contribution_id = key,
			.flags = CHAT_NUMBER_PAGER,
			.until_ms = expires_ms + ipsmgw_cfg.chat_quarantine_s * 1000LL,
	};
	int rc;

	key_of(a, key);
	rc = number_choose(b, key, now_ms, out);
	if(rc)
		return rc == -EEXIST ? -EBUSY : -EIO;
	return store_number_bind(spool_store, &n, now_ms) ? -EIO : 0;
}
