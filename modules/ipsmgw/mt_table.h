/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */
#ifndef IPSMGW_MT_TABLE_H
#define IPSMGW_MT_TABLE_H

#include <stdbool.h>
#include <stdint.h>

/*
 * Messages on their way to A, private to the spool process: which of them the
 * script has now, and which DATA of the connector wait for A's answer. Two
 * messages of the same B to the same A never run side by side, so their order
 * holds.
 */

enum { MT_MAX = 600, MT_REFS = 4 };

/** A DATA of the connector that must be answered. */
struct mt_ref {
	uint64_t generation, ref; /* link_generation() when it came */
	uint32_t session;         /* SMPP session, as the connector counts them */
};

struct mt {
	int64_t message_id;
	uint64_t pair; /* hash of (A, B) */
	int64_t since_ms;
	bool running;
	unsigned parts, attempts;
	int64_t created_ms;
	unsigned n_refs;
	struct mt_ref refs[MT_REFS];
	struct mt *next; /* in order of arrival */
};

struct mt *mt_find(int64_t message_id);

/** Append; NULL if MT_MAX are there. */
struct mt *mt_add(int64_t message_id, int64_t now_ms);
void mt_remove(struct mt *m);
struct mt *mt_first(void);
unsigned mt_count(void);

/** @return true if an older one of the same pair is in the table */
bool mt_must_wait(const struct mt *m);

/** Remember a DATA; when MT_REFS are known the oldest is dropped (the SMSC
 * repeats it). */
void mt_add_ref(struct mt *m, struct mt_ref ref);

#endif
