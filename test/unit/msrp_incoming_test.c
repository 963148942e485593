/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */

#include "../../lib/msrp/msrp_incoming.h"
#include "test.h"

#define STAR MSRP_UNKNOWN

enum { MORE = MSRP_INCOMING_MORE, COMPLETE = MSRP_INCOMING_COMPLETE, ABORTED = MSRP_INCOMING_ABORTED };

struct chunk {
	uint64_t first, last, total; /* first 0: no Byte-Range */
	const char *body;	     /* NULL: none */
	char flag;
	int rc; /* of needs() if that refuses it, else of take() */
};

static struct msrp_frame frame_of(const struct chunk *c)
{
	return (struct msrp_frame){
		.method = MSRP_SEND,
		.message_id = VIEW("m1"),
		.has_range = c->first > 0,
		.range_first = c->first,
		.range_last = c->last,
		.range_total = c->total,
		.has_body = c->body != NULL,
		.body = view_str(c->body),
		.flag = c->flag,
	};
}

static const struct {
	const char *name;
	struct chunk chunks[12];
	const char *message; /* NULL: never complete */
} cases[] = {
	{"one chunk", {{1, 3, 3, "abc", '$', COMPLETE}}, "abc"},
	{"no Byte-Range", {{.body = "abc", .flag = '$', .rc = COMPLETE}}, "abc"},
	{"no Byte-Range, no body", {{.flag = '$', .rc = COMPLETE}}, ""},
	{"empty body", {{1, 0, 0, "", '$', COMPLETE}}, ""},
	{"last and total unknown", {{1, STAR, STAR, "abc", '$', COMPLETE}}, "abc"},
	{"total unknown", {{1, 3, STAR, "abc", '$', COMPLETE}}, "abc"},
	{"last unknown", {{1, STAR, 3, "abc", '$', COMPLETE}}, "abc"},
	{"no flag", {{1, 3, 3, "abc", 0, COMPLETE}}, "abc"},
	{"in order", {{1, 3, 6, "abc", '+', MORE}, {4, 6, 6, "def", '$', COMPLETE}}, "abcdef"},
	{"in order, nothing known",
	 {{1, STAR, STAR, "abc", '+', MORE}, {4, STAR, STAR, "de", '+', MORE}, {6, STAR, STAR, "f", '$', COMPLETE}}, "abcdef"},
	{"total known later", {{1, STAR, STAR, "abc", '+', MORE}, {4, STAR, 6, "de", '+', MORE}, {6, STAR, STAR, "f", '$', COMPLETE}},
	 "abcdef"},
	{"total forgotten later", {{1, STAR, 6, "abc", '+', MORE}, {4, STAR, STAR, "def", '$', COMPLETE}}, "abcdef"},
	{"nothing in the last chunk", {{1, STAR, STAR, "abc", '+', MORE}, {4, STAR, STAR, "", '$', COMPLETE}}, "abc"},
	{"all is there in front of the last chunk", {{1, 3, 3, "abc", '+', COMPLETE}, {4, 3, 3, "", '$', COMPLETE}}, "abc"},
	{"out of order", {{4, 6, 6, "def", '$', MORE}, {1, 3, 6, "abc", '+', COMPLETE}}, "abcdef"},
	{"out of order, total by the last chunk", {{4, STAR, STAR, "def", '$', MORE}, {1, STAR, STAR, "abc", '+', COMPLETE}}, "abcdef"},
	{"last chunk is empty and comes first", {{4, 3, 3, "", '$', MORE}, {1, 3, 3, "abc", '+', COMPLETE}}, "abc"},
	{"from the back", {{5, 6, 6, "ef", '$', MORE}, {3, 4, 6, "cd", '+', MORE}, {1, 2, 6, "ab", '+', COMPLETE}}, "abcdef"},
	{"from the middle", {{3, 4, 6, "cd", '+', MORE}, {5, 6, 6, "ef", '$', MORE}, {1, 2, 6, "ab", '+', COMPLETE}}, "abcdef"},
	{"into the middle of a gap",
	 {{6, 6, 6, "f", '$', MORE}, {3, 3, 6, "c", '+', MORE}, {1, 2, 6, "ab", '+', MORE}, {4, 5, 6, "de", '+', COMPLETE}}, "abcdef"},
	{"over several gaps",
	 {{2, 2, 6, "b", '+', MORE}, {4, 4, 6, "d", '+', MORE}, {6, 6, 6, "f", '$', MORE}, {1, 5, 6, "abcde", '+', COMPLETE}}, "abcdef"},
	{"over parts of two gaps",
	 {{3, 3, 6, "c", '+', MORE}, {6, 6, 6, "f", '$', MORE}, {2, 4, 6, "bcd", '+', MORE}, {1, 1, 6, "a", '+', MORE},
	  {5, 5, 6, "e", '+', COMPLETE}}, "abcdef"},
	{"the same twice", {{1, 3, 6, "abc", '+', MORE}, {1, 3, 6, "abc", '+', MORE}, {4, 6, 6, "def", '$', COMPLETE}}, "abcdef"},
	{"again when all is there", {{1, 3, 3, "abc", '$', COMPLETE}, {1, 3, 3, "abc", '$', COMPLETE}}, "abc"},
	{"where chunks overlap the later counts", {{1, 4, 6, "abxx", '+', MORE}, {3, 6, 6, "cdef", '$', COMPLETE}}, "abcdef"},
	{"inside of what is there", {{1, 5, 6, "axxde", '+', MORE}, {2, 3, 6, "bc", '+', MORE}, {6, 6, 6, "f", '$', COMPLETE}}, "abcdef"},
	{"no octet inside a gap", {{5, 6, 6, "ef", '$', MORE}, {3, 2, 6, "", '+', MORE}, {1, 4, 6, "abcd", '+', COMPLETE}}, "abcdef"},
	{"aborted", {{1, 3, 6, "abc", '+', MORE}, {4, STAR, 6, "d", '#', ABORTED}}, NULL},
	{"aborted at once", {{1, STAR, STAR, NULL, '#', ABORTED}}, NULL},
	{"aborted, the range does not matter any more", {{1, 3, 6, "abc", '+', MORE}, {9, 1, 7, "d", '#', ABORTED}}, NULL},

	{"last too small", {{1, 2, 3, "abc", '$', -EBADMSG}}, NULL},
	{"last too big", {{1, 4, 4, "abc", '$', -EBADMSG}}, NULL},
	{"last in front of first", {{5, 2, 9, "", '+', -EBADMSG}}, NULL},
	{"last without a body", {{1, 3, 3, NULL, '$', -EBADMSG}}, NULL},
	{"total in front of last", {{1, 3, 2, "abc", '+', -EBADMSG}}, NULL},
	{"total in front of the end, last unknown", {{1, STAR, 2, "abc", '+', -EBADMSG}}, NULL},
	{"last chunk ends in front of the total", {{1, 3, 4, "abc", '$', -EBADMSG}}, NULL},
	{"other total", {{1, 3, 6, "abc", '+', MORE}, {4, 6, 7, "def", '+', -EBADMSG}, {4, 6, 6, "def", '$', COMPLETE}}, "abcdef"},
	{"last chunk ends elsewhere", {{1, 3, 6, "abc", '+', MORE}, {4, STAR, STAR, "defg", '$', -EBADMSG}}, NULL},
	{"two last chunks", {{4, STAR, STAR, "def", '$', MORE}, {7, STAR, STAR, "g", '$', -EBADMSG}}, NULL},
	{"beyond the last chunk", {{4, STAR, STAR, "def", '$', MORE}, {7, STAR, STAR, "g", '+', -EBADMSG}}, NULL},
	{"last chunk in front of what is there", {{4, STAR, STAR, "def", '+', MORE}, {1, STAR, STAR, "abc", '$', -EBADMSG}}, NULL},
	{"total in front of what is there", {{4, STAR, STAR, "def", '+', MORE}, {1, STAR, 5, "abc", '+', -EBADMSG}}, NULL},
	{"no Byte-Range in the second", {{1, STAR, STAR, "abc", '+', MORE}, {.body = "de", .flag = '$', .rc = -EBADMSG}}, NULL},
	{"first beyond any integer", {{UINT64_MAX, STAR, STAR, "abc", '+', -EBADMSG}}, NULL},
	{"end beyond any integer", {{UINT64_MAX - 2, STAR, STAR, "abc", '+', -EBADMSG}}, NULL},
	{"end as great as unknown", {{UINT64_MAX - 2, STAR, STAR, "abc", '$', -EBADMSG}}, NULL},
	{"greatest end", {{UINT64_MAX - 3, UINT64_MAX - 1, UINT64_MAX - 1, "abc", '$', -ENOSPC}}, NULL},
	{"wraps around to a small end", {{UINT64_MAX - 1, 1, 10, "abc", '+', -EBADMSG}}, NULL},
};

enum { MEMORY_MAX = 64 };

/* Give m exactly the memory that it needs, or none if that is far too much. */
static void grow(struct msrp_incoming *m, uint64_t octets)
{
	if (octets <= m->size || octets > MEMORY_MAX)
		return;
	m->p = realloc(m->p, octets);
	m->size = octets;
}

static int step(struct msrp_incoming *m, const struct msrp_frame *f)
{
	uint64_t octets;
	int rc = msrp_incoming_needs(m, f, &octets);

	if (rc)
		return rc;
	grow(m, octets);
	return msrp_incoming_take(m, f);
}

static void test_cases(void)
{
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const char *name = cases[i].name, *message = cases[i].message;
		struct msrp_frame f = frame_of(&cases[i].chunks[0]);
		struct msrp_incoming m;

		msrp_incoming_init(&m, &f, NULL, 0);
		for (size_t k = 0; cases[i].chunks[k].flag || cases[i].chunks[k].body; k++) {
			int rc;

			f = frame_of(&cases[i].chunks[k]);
			rc = step(&m, &f);
			CHECK(rc == cases[i].chunks[k].rc, "%s: chunk %zu: %d", name, k, rc);
		}
		CHECK(m.complete == (message != NULL), "%s: complete", name);
		if (m.complete && message)
			CHECK(view_eq((struct view){m.p, m.total}, view_str(message)), "%s: %.*s", name, (int)m.total, m.p);
		free(m.p);
	}
}

/* ---- what is refused changes nothing ---- */

static void check_refused(const char *name, struct msrp_incoming *m, struct chunk c)
{
	struct msrp_frame f = frame_of(&c);
	struct msrp_incoming before = *m;
	uint8_t memory[MEMORY_MAX];
	int rc;

	memcpy(memory, m->p, m->size);
	rc = msrp_incoming_take(m, &f);
	CHECK(rc == c.rc, "%s: %d", name, rc);
	CHECK(m->end == before.end && m->total == before.total && m->n_gaps == before.n_gaps &&
		      memcmp(m->gaps, before.gaps, sizeof(m->gaps)) == 0 && m->complete == before.complete,
	      "%s: state", name);
	CHECK(memcmp(memory, m->p, m->size) == 0, "%s: memory", name);
}

static void test_refused_changes_nothing(void)
{
	struct chunk first = {1, 3, 9, "abc", '+', MORE}, third = {7, 8, 9, "gh", '+', MORE};
	struct msrp_frame f = frame_of(&first);
	struct msrp_incoming m;

	msrp_incoming_init(&m, &f, malloc(8), 8);
	CHECK(msrp_incoming_take(&m, &f) == MORE, "first");
	f = frame_of(&third);
	CHECK(msrp_incoming_take(&m, &f) == MORE, "third");
	check_refused("other total", &m, (struct chunk){1, 3, 8, "xyz", '+', -EBADMSG});
	check_refused("range and body", &m, (struct chunk){1, 2, 9, "xyz", '+', -EBADMSG});
	check_refused("last chunk too short", &m, (struct chunk){4, 6, STAR, "xyz", '$', -EBADMSG});
	check_refused("no memory", &m, (struct chunk){8, 9, 9, "xy", '$', -ENOSPC});
	check_refused("aborted", &m, (struct chunk){1, 3, 9, "xyz", '#', ABORTED});
	f = frame_of(&first);
	f.message_id = VIEW("m2");
	CHECK(msrp_incoming_take(&m, &f) == -EBADMSG, "other message");
	f.flag = '#';
	CHECK(msrp_incoming_take(&m, &f) == -EBADMSG, "other message, aborted");
	free(m.p);
}

static void test_needs(void)
{
	struct chunk c = {4, 6, 100, "def", '+', MORE}, inside = {1, 2, STAR, "ab", '+', MORE}, abort = {7, 9, 9, "x", '#', ABORTED};
	struct msrp_frame f = frame_of(&c);
	struct msrp_incoming m;
	uint8_t memory[6];
	uint64_t octets;

	msrp_incoming_init(&m, &f, memory, sizeof(memory));
	CHECK(msrp_incoming_needs(&m, &f, &octets) == 0 && octets == 6, "%ju, not the total", (uintmax_t)octets);
	CHECK(msrp_incoming_take(&m, &f) == MORE && m.total == 100 && m.end == 6, "total %ju", (uintmax_t)m.total);
	f = frame_of(&inside);
	CHECK(msrp_incoming_needs(&m, &f, &octets) == 0 && octets == 6, "%ju: what is there stays", (uintmax_t)octets);
	f = frame_of(&abort);
	CHECK(msrp_incoming_needs(&m, &f, &octets) == 0 && octets == 6, "%ju: nothing for an abort", (uintmax_t)octets);
}

/* ---- gaps ---- */

/* Every second octet, from octet 2 on: n gaps of one octet each. */
static void take_every_second(struct msrp_incoming *m, unsigned n)
{
	for (unsigned i = 1; i <= n; i++) {
		struct chunk c = {2 * i, 2 * i, 40, "x", '+', MORE};
		struct msrp_frame f = frame_of(&c);
		int rc = msrp_incoming_take(m, &f);

		CHECK(rc == MORE && m->n_gaps == i, "gap %u: %d", i, rc);
	}
}

static void test_gaps_are_bounded(void)
{
	struct chunk far = {18, 18, 40, "x", '+', -E2BIG}, next = {17, 18, 40, "yy", '+', MORE};
	struct chunk fill = {1, 17, 40, "zzzzzzzzzzzzzzzzz", '+', MORE};
	struct msrp_frame f = frame_of(&far);
	struct msrp_incoming m;

	msrp_incoming_init(&m, &f, malloc(40), 40);
	take_every_second(&m, MSRP_GAPS_MAX);
	check_refused("one gap more", &m, far);
	f = frame_of(&next);
	CHECK(msrp_incoming_take(&m, &f) == MORE && m.n_gaps == MSRP_GAPS_MAX, "no gap: %u", m.n_gaps);
	f = frame_of(&fill);
	CHECK(msrp_incoming_take(&m, &f) == MORE && m.n_gaps == 0, "filled: %u", m.n_gaps);
	free(m.p);
}

static void test_split_of_a_gap_is_bounded(void)
{
	struct chunk end = {40, 40, 40, "x", '$', MORE}, split = {30, 30, 40, "x", '+', -E2BIG};
	struct chunk nothing = {30, 29, 40, "", '+', MORE};
	struct msrp_frame f = frame_of(&end);
	struct msrp_incoming m;

	msrp_incoming_init(&m, &f, malloc(40), 40);
	take_every_second(&m, MSRP_GAPS_MAX - 1);
	CHECK(msrp_incoming_take(&m, &f) == MORE && m.n_gaps == MSRP_GAPS_MAX, "%u", m.n_gaps);
	check_refused("a gap in two", &m, split);
	f = frame_of(&nothing);
	CHECK(msrp_incoming_take(&m, &f) == MORE && m.n_gaps == MSRP_GAPS_MAX, "no octet: %u", m.n_gaps);
	free(m.p);
}

static void test_chunks_of_no_octet_add_one_gap(void)
{
	struct chunk last = {21, 21, 21, "x", '$', MORE}, all = {1, 20, 21, "aaaaaaaaaaaaaaaaaaaa", '+', COMPLETE};
	struct msrp_frame f = frame_of(&last);
	struct msrp_incoming m;

	msrp_incoming_init(&m, &f, malloc(21), 21);
	for (unsigned i = 2; i < 20; i++) {
		struct chunk c = {i, i - 1, 21, "", '+', MORE};

		f = frame_of(&c);
		CHECK(msrp_incoming_take(&m, &f) == MORE && m.n_gaps == 1 && m.end == i - 1, "%u: %u gaps", i, m.n_gaps);
	}
	f = frame_of(&last);
	CHECK(msrp_incoming_take(&m, &f) == MORE && m.n_gaps == 1, "%u gaps", m.n_gaps);
	f = frame_of(&all);
	CHECK(msrp_incoming_take(&m, &f) == COMPLETE && m.n_gaps == 0, "%u gaps", m.n_gaps);
	free(m.p);
}

/* ---- all of three chunks, against a map of octets ---- */

enum { OCTETS = 7 };

static const char text[] = "abcdefg";

struct span {
	unsigned from, to;
};

static void check_spans(const struct span *spans, unsigned n)
{
	bool there[OCTETS] = {false}, all = true;
	struct msrp_frame f = {.message_id = VIEW("m1")};
	struct msrp_incoming m;
	int rc = 0;

	msrp_incoming_init(&m, &f, malloc(OCTETS), OCTETS);
	for (unsigned i = 0; i < n; i++) {
		f = (struct msrp_frame){
			.message_id = VIEW("m1"),
			.has_range = true,
			.range_first = spans[i].from + 1,
			.range_last = MSRP_UNKNOWN,
			.range_total = OCTETS,
			.has_body = true,
			.body = {(const uint8_t *)text + spans[i].from, spans[i].to - spans[i].from},
			.flag = spans[i].to == OCTETS ? '$' : '+',
		};
		rc = msrp_incoming_take(&m, &f);
		memset(there + spans[i].from, true, spans[i].to - spans[i].from);
	}
	for (unsigned i = 0; i < OCTETS; i++)
		all &= there[i];
	CHECK(rc == (all ? COMPLETE : MORE), "%u-%u %u-%u %u-%u: %d", spans[0].from, spans[0].to, spans[1].from, spans[1].to,
	      spans[2].from, spans[2].to, rc);
	if (all)
		CHECK(memcmp(m.p, text, OCTETS) == 0, "%.*s", OCTETS, m.p);
	free(m.p);
}

static unsigned spans_of_all(struct span *spans)
{
	unsigned n = 0;

	for (unsigned from = 0; from <= OCTETS; from++)
		for (unsigned to = from; to <= OCTETS; to++)
			spans[n++] = (struct span){from, to};
	return n;
}

static void test_all_of_three(void)
{
	struct span all[64];
	unsigned n = spans_of_all(all);

	for (unsigned i = 0; i < n; i++)
		for (unsigned j = 0; j < n; j++)
			for (unsigned k = 0; k < n; k++)
				check_spans((struct span[]){all[i], all[j], all[k]}, 3);
}

static void test_message_id(void)
{
	static const char longest[] = "0123456789abcdef0123456789abcdef";
	struct msrp_frame f = {.message_id = view_str(longest), .flag = '$'};
	struct msrp_incoming m;

	msrp_incoming_init(&m, &f, NULL, 0);
	CHECK(strcmp(m.message_id, longest) == 0, "%s", m.message_id);
	CHECK(msrp_incoming_take(&m, &f) == COMPLETE && m.total == 0, "empty message");
	f.message_id = VIEW("");
	msrp_incoming_init(&m, &f, NULL, 0);
	CHECK(m.message_id[0] == '\0' && msrp_incoming_take(&m, &f) == COMPLETE, "none");
	f.message_id = VIEW("0123456789abcdef0123456789abcdefx");
	msrp_incoming_init(&m, &f, NULL, 0);
	CHECK(strcmp(m.message_id, longest) == 0, "%s", m.message_id);
}

int main(void)
{
	test_cases();
	test_refused_changes_nothing();
	test_needs();
	test_gaps_are_bounded();
	test_split_of_a_gap_is_bounded();
	test_chunks_of_no_octet_add_one_gap();
	test_all_of_three();
	test_message_id();
	return test_end("msrp_incoming");
}
