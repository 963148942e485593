/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */

/*
 * EV_PURGE: rows that are old enough go, a few with each transaction, so that
 * nobody waits for them. As long as there are more the next ones follow soon:
 * 5000 a second of each table, the mean of a day whose busiest hour brings
 * 12000.
 */

#include "ipsmgw.h"
#include "spool_chat.h"

enum { EVERY_MS = 5000, AGAIN_MS = 10, ROWS = 50 };

static int64_t next_ms;

static int messages_purge(int64_t now_ms)
{
	return store_purge(spool_store,
			now_ms - ipsmgw_cfg.retention_message_s * 1000LL,
			now_ms - ipsmgw_cfg.retention_conversation_s * 1000LL, ROWS);
}

static int registrations_purge(int64_t now_ms)
{
	return store_registrations_purge(spool_store, now_ms, ROWS);
}

static int identities_purge(int64_t now_ms)
{
	return store_identities_purge(spool_store, now_ms, ROWS);
}

static int chats_purge(int64_t now_ms)
{
	return chat_purge(now_ms, ROWS);
}

static int purge_apply(struct event *e)
{
	static int (*const tables[])(int64_t now_ms) = {messages_purge,
			registrations_purge, identities_purge, chats_purge};

	for(size_t i = 0; i < sizeof(tables) / sizeof(tables[0]); i++) {
		int rc = tables[i](e->now_ms);

		if(rc < 0)
			return rc;
		e->count += rc >= ROWS;
	}
	return 0;
}

static void purge_after(struct event *e)
{
	if(e->count)
		next_ms = ipsmgw_mono_ms() + AGAIN_MS;
}

static void purge_failed(struct event *e)
{
	(void)e;
}

/* clang-format off */
const struct event_ops spool_purge_ops[EV_TYPES] = {
	[EV_PURGE] = {purge_apply, purge_after, purge_failed},
};
/* clang-format on */

void spool_purge_collect(int64_t now_ms)
{
	int64_t mono_ms = ipsmgw_mono_ms();

	if(mono_ms >= next_ms && event_new(EV_PURGE, now_ms))
		next_ms = mono_ms + EVERY_MS;
}

int64_t spool_purge_next_ms(void)
{
	return next_ms;
}
