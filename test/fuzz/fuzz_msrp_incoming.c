/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */

/*
 * Octets -> chunks -> msrp_incoming_take(), beside a map of what is there that knows nothing of gaps.
 *
 *   control(1) first(1 or 8) last(0 or 8) total(0 or 8) length(1) body(length)   for each chunk
 */

#include <stdlib.h>

#include "../../lib/msrp/msrp_incoming.h"

enum { MEMORY_MAX = 512 };

enum {
	NO_RANGE = 0x01,
	FIRST_8 = 0x02,
	LAST_8 = 0x04,
	LAST_RIGHT = 0x08,
	TOTAL_8 = 0x10,
	MORE = 0x20,
	ABORT = 0x40,
	NO_BODY = 0x80,
};

struct map {
	uint8_t octet[MEMORY_MAX];
	bool there[MEMORY_MAX];
	uint64_t end;
};

static void require(bool holds)
{
	if (!holds)
		abort();
}

static struct msrp_frame chunk_read(struct rbuf *r)
{
	uint8_t control = rbuf_u8(r);
	struct msrp_frame f = {
		.method = MSRP_SEND,
		.message_id = VIEW("m1"),
		.has_range = !(control & NO_RANGE),
		.has_body = !(control & NO_BODY),
		.flag = control & ABORT ? '#' : control & MORE ? '+' : '$',
	};

	f.range_first = control & FIRST_8 ? rbuf_u64(r) : rbuf_u8(r);
	f.range_last = control & LAST_8 ? rbuf_u64(r) : MSRP_UNKNOWN;
	f.range_total = control & TOTAL_8 ? rbuf_u64(r) : MSRP_UNKNOWN;
	f.body = rbuf_view(r, rbuf_u8(r));
	if (control & LAST_RIGHT)
		f.range_last = f.range_first + (f.has_body ? f.body.len : 0) - 1;
	return f;
}

/* Exactly the memory that was asked for, so that ASan sees every overrun. */
static void grow(struct msrp_incoming *m, uint64_t octets)
{
	uint8_t *p;

	if (octets <= m->size || octets > MEMORY_MAX)
		return;
	p = realloc(m->p, octets);
	require(p != NULL);
	m->p = p;
	m->size = octets;
}

static void map_take(struct map *map, const struct msrp_frame *f)
{
	uint64_t from = f->has_range ? f->range_first - 1 : 0, n = f->has_body ? f->body.len : 0;

	require(from <= MEMORY_MAX && n <= MEMORY_MAX - from);
	for (uint64_t i = 0; i < n; i++) {
		map->octet[from + i] = f->body.p[i];
		map->there[from + i] = true;
	}
	if (from + n > map->end)
		map->end = from + n;
}

static void require_same(const struct map *map, const struct msrp_incoming *m)
{
	bool missing = false;
	uint64_t in_gaps = 0, counted = 0;

	require(m->end == map->end && m->n_gaps <= MSRP_GAPS_MAX);
	for (uint64_t i = 0; i < m->end; i++) {
		missing |= !map->there[i];
		counted += !map->there[i];
		if (map->there[i])
			require(m->p[i] == map->octet[i]);
	}
	for (unsigned i = 0; i < m->n_gaps; i++) {
		require(m->gaps[i].from < m->gaps[i].to && m->gaps[i].to <= m->end);
		require(i == 0 || m->gaps[i - 1].to < m->gaps[i].from);
		in_gaps += m->gaps[i].to - m->gaps[i].from;
	}
	require(in_gaps == counted);
	require(m->complete == (!missing && m->end == m->total));
}

/* @return false if the message is over */
static bool step(struct msrp_incoming *m, struct map *map, const struct msrp_frame *f)
{
	struct msrp_incoming before;
	uint64_t octets;
	int needs = msrp_incoming_needs(m, f, &octets), rc;

	require(needs == 0 || needs == -EBADMSG);
	if (needs == 0)
		grow(m, octets);
	before = *m;
	rc = msrp_incoming_take(m, f);
	require((rc == -EBADMSG) == (needs == -EBADMSG));
	require((rc == -ENOSPC) == (needs == 0 && rc != MSRP_INCOMING_ABORTED && octets > m->size));
	if (rc < 0) {
		require(memcmp(&before, m, sizeof(before)) == 0);
		require(rc != -E2BIG || m->n_gaps == MSRP_GAPS_MAX);
		return true;
	}
	if (rc == MSRP_INCOMING_ABORTED)
		return false;
	map_take(map, f);
	require((rc == MSRP_INCOMING_COMPLETE) == m->complete);
	require_same(map, m);
	return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct rbuf r = rbuf_of((struct view){data, size});
	struct msrp_frame f = {.message_id = VIEW("m1")};
	struct map map = {.end = 0};
	struct msrp_incoming m;

	msrp_incoming_init(&m, &f, NULL, 0);
	while (rbuf_left(&r)) {
		f = chunk_read(&r);
		if (r.err || !step(&m, &map, &f))
			break;
	}
	free(m.p);
	return 0;
}
