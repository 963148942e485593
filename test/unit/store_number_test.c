/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */

#include "store_fixture.h"

/*
 * Numbers that stand for A, or for a group, towards one B.
 *
 * Steps of a case. Numbers are digits, As small letters, groups capitals:
 *   "1=x" number 1 stands for x and is in use; "1=x/500" for 500 ms more; "1=G" for the group G, "1=G+x"
 *         for G with x in it
 *   "?1=x" that is what 1 stands for; "?1" it stands for nobody
 *   ">x=1" x is reached by 1, ">G=1" G is; ">x" there is no number
 *   "+500" 500 ms pass
 *   "p2"   two bindings are over and purged
 *   "^"    a new process
 *   "_"    what was done since the last commit is rolled back
 */

static const struct {
	const char *name;
	const char *steps;
} cases[] = {
	{"nobody", "?1 >x >G p0"},
	{"in use", "1=x ?1=x >x=1 ?2 >y +999999 ?1=x >x=1 p0"},
	{"quarantine ends at its time, not before, not after",
	 "1=x/500 +499 ?1=x >x=1 p0 +1 ?1 >x p1 p0"},
	{"bound when it was over before", "1=x/0 ?1 >x p1"},
	{"from use to quarantine", "1=x 1=x/500 ?1=x >x=1 +500 ?1 >x p1"},
	{"back from quarantine", "1=x/500 +400 1=x +400 ?1=x >x=1 p0"},
	{"over, not purged, bound again", "1=x/500 +500 ?1 1=y ?1=y >y=1 >x p0"},
	{"given to somebody else", "1=x 1=y ?1=y >x >y=1"},
	{"two numbers for two", "1=x 2=y ?1=x ?2=y >x=1 >y=2"},
	{"two numbers for one: the one in use", "2=x 1=x/500 3=x/900 >x=2 ?1=x ?3=x"},
	{"two in quarantine: the one that lasts", "1=x/900 2=x/500 >x=1 +500 >x=1 p1 +400 >x"},
	{"two in use: the newer", "2=x 1=x >x=1"},
	{"a group", "1=G ?1=G >G=1 >x >H"},
	{"a group with A's own number", "1=G+x ?1=G+x >G=1 >x"},
	{"a group and A alone", "1=G+x 2=x >G=1 >x=2 ?1=G+x ?2=x"},
	{"from A to a group", "1=x 1=G >x >G=1 ?1=G"},
	{"from a group to A", "1=G 1=x >G >x=1 ?1=x"},
	{"a group's quarantine", "1=G/500 2=G/900 +499 >G=2 ?1=G +1 ?1 +400 >G p2"},
	{"purge takes what is over only", "1=x/500 2=y/501 3=z +500 p1 ?1 ?2=y ?3=z"},
	{"new process", "1=x 2=G/500 ^ ?1=x >x=1 ?2=G >G=2 +500 ?2 >G p1"},
	{"rolled back", "1=x ^ 1=y 2=z _ ?1=x ?2 >x=1 >y"},
};

static const char b[] = "+491702", neighbour[] = "+4917021";

enum { SESSION = 70 };
static const unsigned flags = 0x80000001;

struct run {
	struct fixture f;
	const char *name;
	int64_t now_ms;
};

/** Texts that a step names by one letter each, with a letter of more than one octet in them. */
struct named {
	char number[24], a[24], group[24];
};

static void named_set(char *out, const char *form, char letter)
{
	snprintf(out, sizeof(((struct named *)0)->a), form, letter);
}

/** "1=G+x" @return where it ends */
static const char *named_read(const char *p, struct named *out)
{
	*out = (struct named){"", "", ""};
	named_set(out->number, "+4930%c", *p++);
	if (*p != '=')
		return p;
	for (p++; (*p >= 'a' && *p <= 'z') || (*p >= 'A' && *p <= 'Z') || *p == '+'; p++)
		if (*p >= 'a')
			named_set(out->a, "sip:\xc3\xab%c@x", *p);
		else if (*p >= 'A')
			named_set(out->group, "group-\xe6\xbc\xa2-%c", *p);
	return p;
}

/** Absent texts are given as "" or NULL, in turn. */
static void bind(struct run *r, const char *step)
{
	struct named named;
	const char *end = named_read(step, &named);
	bool null = *step % 2;
	struct store_number n = {
		.b = b,
		.number = named.number,
		.a = *named.a || !null ? named.a : NULL,
		.contribution_id = *named.group || !null ? named.group : NULL,
		.session_id = SESSION + *step,
		.flags = flags,
		.until_ms = *end == '/' ? r->now_ms + atoi(end + 1) : INT64_MAX,
	};

	CHECK(!store_number_bind(r->f.s, &n, r->now_ms), "%s: %s: %s", r->name, step,
	      store_error(r->f.s));
}

static void check_binding(const struct run *r, const char *step, const struct store_number *got,
			  const struct named *want)
{
	CHECK(!strcmp(got->b, b) && !strcmp(got->number, want->number), "%s: %s: %s %s", r->name,
	      step, got->b, got->number);
	CHECK(!strcmp(got->a, want->a), "%s: %s: a %s", r->name, step, got->a);
	CHECK(!strcmp(got->contribution_id, want->group), "%s: %s: group %s", r->name, step,
	      got->contribution_id);
	CHECK(got->session_id == SESSION + want->number[5] && got->flags == flags,
	      "%s: %s: session %lld, flags %x", r->name, step, (long long)got->session_id,
	      got->flags);
	CHECK(got->until_ms > r->now_ms, "%s: %s: %lld", r->name, step, (long long)got->until_ms);
}

/** "?1=x" */
static void get(struct run *r, const char *step)
{
	struct store_number got;
	struct named want;
	const char *end = named_read(step + 1, &want);
	int rc = store_number_get(r->f.s, b, want.number, r->now_ms, &got);

	CHECK(rc == (end == step + 2 ? -ENOENT : 0), "%s: %s: %d", r->name, step, rc);
	if (!rc)
		check_binding(r, step, &got, &want);
}

/** ">x=1": only the number is said */
static void find(struct run *r, const char *step)
{
	const char given[] = {'0', '=', step[1], 0};
	struct store_number got;
	struct named who;
	int rc;

	named_read(given, &who);
	rc = store_number_find(r->f.s, b, who.group, who.a, r->now_ms, &got);
	CHECK(rc == (step[2] ? 0 : -ENOENT), "%s: %s: %d", r->name, step, rc);
	if (rc || !step[2])
		return;
	named_set(who.number, "+4930%c", step[3]);
	CHECK(!strcmp(got.number, who.number), "%s: %s: %s", r->name, step, got.number);
	CHECK(!*who.group || !strcmp(got.contribution_id, who.group), "%s: %s: %s", r->name, step,
	      got.contribution_id);
	CHECK(!*who.a || !strcmp(got.a, who.a), "%s: %s: %s", r->name, step, got.a);
}

static void commit_begin(struct run *r)
{
	CHECK(!store_commit(r->f.s) && !store_begin(r->f.s), "%s: %s", r->name,
	      store_error(r->f.s));
}

static void step_run(struct run *r, const char *step)
{
	int n;

	switch (*step) {
	case '?':
		get(r, step);
		break;
	case '>':
		find(r, step);
		break;
	case '+':
		r->now_ms += atoi(step + 1);
		break;
	case 'p':
		n = store_numbers_purge(r->f.s, r->now_ms, 9);
		CHECK(n == atoi(step + 1), "%s: purged %d", r->name, n);
		break;
	case '^':
		commit_begin(r);
		store_rollback(r->f.s);
		fixture_reopen(&r->f);
		CHECK(!store_begin(r->f.s), "%s", r->name);
		break;
	case '_':
		store_rollback(r->f.s);
		CHECK(!store_begin(r->f.s), "%s", r->name);
		break;
	default:
		bind(r, step);
	}
}

/** Another B, whose number begins with the same digits, has the same numbers for somebody else. */
static void neighbour_bind(struct run *r)
{
	struct store_number n = {.b = neighbour, .a = "sip:n", .until_ms = INT64_MAX};

	for (char digit = '1'; digit <= '3'; digit++) {
		char number[] = {'+', '4', '9', '3', '0', digit, 0};

		n.number = number;
		CHECK(!store_number_bind(r->f.s, &n, T0), "%s: %s", r->name, store_error(r->f.s));
	}
}

static void neighbour_check(struct run *r)
{
	struct store_number got;

	for (char digit = '1'; digit <= '3'; digit++) {
		char number[] = {'+', '4', '9', '3', '0', digit, 0};

		CHECK(!store_number_get(r->f.s, neighbour, number, r->now_ms, &got) &&
			      !strcmp(got.a, "sip:n"),
		      "%s: the neighbour's %s", r->name, number);
	}
}

static void test_case(const char *name, const char *steps)
{
	struct run r = {.name = name, .now_ms = T0};
	char text[256], *step, *rest = text;

	fixture_start(&r.f);
	fixture_open(&r.f);
	snprintf(text, sizeof(text), "%s", steps);
	CHECK(!store_begin(r.f.s), "%s", name);
	neighbour_bind(&r);
	commit_begin(&r);
	while ((step = strtok_r(rest, " ", &rest)))
		step_run(&r, step);
	neighbour_check(&r);
	CHECK(!store_commit(r.f.s), "%s: %s", name, store_error(r.f.s));
	fixture_end(&r.f);
}

static void test_refused(struct fixture *f)
{
	struct store_number n = {.b = b, .number = "+49301", .until_ms = INT64_MAX}, got;

	CHECK(store_number_bind(f->s, &n, T0) == -EIO, "outside a transaction");
	CHECK(store_numbers_purge(f->s, T0, 9) == -EIO, "outside a transaction");
	store_begin(f->s);
	n.number = "";
	CHECK(store_number_bind(f->s, &n, T0) == -EINVAL, "no number");
	n.number = NULL;
	CHECK(store_number_bind(f->s, &n, T0) == -EINVAL, "no number");
	n = (struct store_number){.number = "+49301", .until_ms = INT64_MAX};
	CHECK(store_number_bind(f->s, &n, T0) == -EINVAL, "no b");
	n.b = b; /* for nobody: nobody finds it, but it is taken */
	CHECK(!store_number_bind(f->s, &n, T0), "%s", store_error(f->s));
	CHECK(store_number_find(f->s, b, "", "", T0, &got) == -ENOENT, "nobody");
	CHECK(store_number_find(f->s, b, NULL, NULL, T0, &got) == -ENOENT, "nobody");
	CHECK(!store_number_get(f->s, b, "+49301", T0, &got) && !*got.a && !*got.contribution_id,
	      "taken");
	CHECK(got.until_ms == INT64_MAX && got.session_id == 0 && got.flags == 0,
	      "as it was given");
	CHECK(!store_commit(f->s), "the transaction is whole: %s", store_error(f->s));
}

static void test_purge_limit(struct fixture *f)
{
	struct store_number n = {.b = b}, got;

	store_begin(f->s);
	for (int i = 0; i < 5; i++) {
		char number[] = {'+', (char)('0' + i), 0};

		n.number = number;
		n.until_ms = T0 + 10 - i;
		CHECK(!store_number_bind(f->s, &n, T0), "%s", store_error(f->s));
	}
	CHECK(store_numbers_purge(f->s, T0 + 9, 3) == 3, "limit");
	CHECK(store_number_get(f->s, b, "+2", T0, &got) == -ENOENT, "the oldest went");
	CHECK(!store_number_get(f->s, b, "+1", T0, &got), "this one did not");
	CHECK(store_numbers_purge(f->s, T0 + 9, 3) == 1, "the rest");
	CHECK(!store_number_get(f->s, b, "+0", T0 + 9, &got) && got.until_ms == T0 + 10,
	      "it is not over");
	store_rollback(f->s);
}

int main(void)
{
	static void (*const tests[])(struct fixture * f) = {test_refused, test_purge_limit};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		test_case(cases[i].name, cases[i].steps);
	fixture_each(tests, sizeof(tests) / sizeof(tests[0]));
	return test_end("store_number");
}
