/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */

/*
 * Chunks -> message, RFC 4975 7.3.1. What is missing below the furthest chunk is a short sorted
 * list of gaps; a chunk takes its octets out of them, or adds one if it begins beyond the end.
 * Where chunks overlap the later one counts. Everything is checked before anything changes.
 */

#include "msrp_incoming.h"

struct span {
	uint64_t from, to; /* octets from 0; to is behind the last */
};

static bool is_aborted(const struct msrp_frame *f)
{
	return f->flag == '#';
}

static bool is_last(const struct msrp_frame *f)
{
	return f->flag != '+' && f->flag != '#';
}

static bool unequal(uint64_t a, uint64_t b)
{
	return a != MSRP_UNKNOWN && b != MSRP_UNKNOWN && a != b;
}

/* The octets of the message that the chunk has; without Byte-Range it begins at the first one. */
static int span_of(const struct msrp_frame *f, struct span *s)
{
	uint64_t first = f->has_range ? f->range_first : 1, n = f->has_body ? f->body.len : 0;

	if (first == 0 || n > MSRP_UNKNOWN - first)
		return -EBADMSG;
	*s = (struct span){first - 1, first - 1 + n};
	return f->has_range && unequal(f->range_last, s->to) ? -EBADMSG : 0;
}

/* What the total is once this chunk is in: all that say it must agree, and nothing may lie beyond. */
static int total_of(const struct msrp_incoming *m, const struct msrp_frame *f, struct span s,
		    uint64_t *total)
{
	uint64_t announced = f->has_range ? f->range_total : MSRP_UNKNOWN;
	uint64_t seen = is_last(f) ? s.to : MSRP_UNKNOWN;

	if (unequal(m->total, announced) || unequal(m->total, seen) || unequal(announced, seen))
		return -EBADMSG;
	*total = m->total;
	if (*total == MSRP_UNKNOWN)
		*total = announced == MSRP_UNKNOWN ? seen : announced;
	return *total < s.to || *total < m->end ? -EBADMSG : 0;
}

static bool is_of(const struct msrp_incoming *m, const struct msrp_frame *f)
{
	return view_eq(f->message_id, view_str(m->message_id));
}

static int chunk_read(const struct msrp_incoming *m, const struct msrp_frame *f, struct span *s,
		      uint64_t *total)
{
	return span_of(f, s) ? -EBADMSG : total_of(m, f, *s, total);
}

void msrp_incoming_init(struct msrp_incoming *m, const struct msrp_frame *f, uint8_t *p,
			uint64_t size)
{
	size_t n =
		f->message_id.len < MSRP_MESSAGE_ID_MAX ? f->message_id.len : MSRP_MESSAGE_ID_MAX;

	*m = (struct msrp_incoming){.p = p, .size = size, .total = MSRP_UNKNOWN};
	if (n)
		memcpy(m->message_id, f->message_id.p, n);
}

int msrp_incoming_needs(const struct msrp_incoming *m, const struct msrp_frame *f, uint64_t *octets)
{
	uint64_t total;
	struct span s;

	*octets = m->end;
	if (!is_of(m, f))
		return -EBADMSG;
	if (is_aborted(f))
		return 0;
	if (chunk_read(m, f, &s, &total))
		return -EBADMSG;
	if (s.to > m->end)
		*octets = s.to;
	return 0;
}

/* ---- gaps ---- */

/* Behind a chunk of no octet at the end the next gap goes on where the last one stops. */
static int gap_add(struct msrp_incoming *m, uint64_t from, uint64_t to)
{
	if (from >= to)
		return 0;
	if (m->n_gaps && m->gaps[m->n_gaps - 1].to == from) {
		m->gaps[m->n_gaps - 1].to = to;
		return 0;
	}
	if (m->n_gaps == MSRP_GAPS_MAX)
		return -E2BIG;
	m->gaps[m->n_gaps].from = from;
	m->gaps[m->n_gaps++].to = to;
	return 0;
}

static uint64_t lesser(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

static uint64_t greater(uint64_t a, uint64_t b)
{
	return a > b ? a : b;
}

/* The gaps of m without s, and what s leaves out behind the end, into next. */
static int gaps_without(const struct msrp_incoming *m, struct span s, struct msrp_incoming *next)
{
	struct span cut = s.from < s.to ? s : (struct span){0, 0}; /* no octet, nothing to cut */

	next->n_gaps = 0;
	for (unsigned i = 0; i < m->n_gaps; i++) {
		uint64_t from = m->gaps[i].from, to = m->gaps[i].to;

		if (gap_add(next, from, lesser(to, greater(from, cut.from))) ||
		    gap_add(next, greater(from, lesser(to, cut.to)), to))
			return -E2BIG;
	}
	return gap_add(next, m->end, s.from);
}

int msrp_incoming_take(struct msrp_incoming *m, const struct msrp_frame *f)
{
	struct msrp_incoming next = *m;
	struct span s;

	if (!is_of(m, f))
		return -EBADMSG;
	if (is_aborted(f))
		return MSRP_INCOMING_ABORTED;
	if (chunk_read(m, f, &s, &next.total))
		return -EBADMSG;
	if (s.to > m->size)
		return -ENOSPC;
	if (gaps_without(m, s, &next))
		return -E2BIG;
	next.end = greater(m->end, s.to);
	next.complete = next.end == next.total && next.n_gaps == 0;
	if (s.to > s.from)
		memcpy(m->p + s.from, f->body.p, s.to - s.from);
	*m = next;
	return m->complete ? MSRP_INCOMING_COMPLETE : MSRP_INCOMING_MORE;
}
