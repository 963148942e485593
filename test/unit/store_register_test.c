/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */

#include "store_version.h"

/*
 * What A's clients registered, and the upgrade that brought it.
 *
 * Steps of a case, for one A. Capabilities are written as the letters "abc" of their bits:
 *   "Rx:ab=500"  a REGISTER says that contact x can do a and b for 500 ms; "R:=500" A is registered
 *   "Nx:ab=500"  a NOTIFY says so; "=0" in both: the contact is gone
 *   "C" all is forgotten; "c" what no REGISTER named
 *   "Sa:ab"      one that can do a did not take it: then neither a nor b, as far as it was said before now
 *   "+500"       500 ms pass
 *   "?ab"        together they can do a and b; "?" nothing; "!" A is not registered
 *   "p2"         two rows are over and purged
 *   "^"          a new process
 *   "_"          what was done since the last commit is rolled back
 */

static const struct {
	const char *name;
	const char *steps;
} cases[] = {
	{"nobody", "! C ! p0"},
	{"registered, no more is known", "R:=500 ? +499 ? +1 !"},
	{"one contact", "Rx:ab=500 ?ab +500 ! p1 p0"},
	{"two contacts together", "Rx:a=500 Ry:b=900 ?ab +500 ?b p1 ?b +400 ! p1"},
	{"the last word of a REGISTER counts", "Rx:ab=500 Rx:c=500 ?c"},
	{"a refresh lasts longer", "Rx:a=500 +400 Rx:a=500 +400 ?a +100 !"},
	{"a shorter time counts, too", "Rx:a=900 Rx:a=100 +100 !"},
	{"one of two goes", "R:=900 Rx:a=900 Ry:b=900 Rx:=0 ?b Ry:=0 ? R:=0 !"},
	{"gone that never was", "Rx:=0 !"},
	{"all go", "R:=900 Rx:a=900 Ny:b=900 C !"},
	{"NOTIFY alone", "Nx:a=500 ?a Nx:b=500 ?b Nx:=0 !"},
	{"a NOTIFY takes nothing away", "Rx:bc=500 Nx:a=500 ?abc Nx:=500 ?abc"},
	{"but it says how long", "Rx:bc=500 Nx:=900 +500 ?bc Nx:=0 !"},
	{"a REGISTER after it counts", "Rx:bc=500 Nx:a=500 Rx:b=500 ?b"},
	{"a REGISTER after NOTIFY alone", "Nx:ab=500 Rx:c=500 ?c Nx:a=500 ?ac"},
	{"forget what no REGISTER named", "R:=900 Rx:a=900 Nx:b=900 Ny:c=900 ?abc c ?ab"},
	{"stale: one of two", "R:=900 Rx:ab=900 Ry:c=900 +1 Sa:ab ?c"},
	{"stale: what it can do besides stays", "R:=900 Rx:abc=900 +1 Sa:ab ?c"},
	{"stale: nobody can", "R:=900 Rx:b=900 +1 Sa:ab ?b"},
	{"stale: A stays registered", "R:=900 Rx:a=900 Ny:a=900 +1 Sa:ab ?"},
	{"stale: until said again", "Rx:a=900 +1 Sa:ab ? Rx:a=900 ?a"},
	{"new process", "Rx:a=500 ^ ?a +500 !"},
	{"rolled back", "Rx:a=500 ^ Rx:b=500 Ry:c=500 _ ?a C _ ?a"},
	{"what is over and not purged comes back", "Rx:a=100 +100 ! Rx:b=100 ?b p0"},
};

enum { CAPABILITY_A = 1, CAPABILITIES = 3 };

static const char number[] = "+491701", neighbour[] = "+4917011";

struct run {
	struct fixture f;
	const char *name;
	int64_t now_ms;
};

static unsigned bits_take(const char **at)
{
	unsigned bits = 0;

	while (**at >= 'a' && **at < 'a' + CAPABILITIES)
		bits |= CAPABILITY_A << (*(*at)++ - 'a');
	return bits;
}

/** "Rx:ab=500" */
static void step_set(struct run *r, const char *step)
{
	struct store_contact c = {
		.a = number,
		.scscf = "",
		.learned_from = *step == 'R' ? STORE_LEARNED_REGISTER : STORE_LEARNED_NOTIFY,
	};
	char key[2] = {step[1] == ':' ? 0 : step[1], 0};
	const char *at = strchr(step, ':') + 1;

	c.key = key;
	c.bits = bits_take(&at);
	c.expires_ms = r->now_ms + atoi(at + 1);
	CHECK(!store_registration_set(r->f.s, &c, r->now_ms), "%s: %s: %s", r->name, step,
	      store_error(r->f.s));
}

static void step_get(struct run *r, const char *step)
{
	struct store_registration got;
	const char *at = step + 1;
	int rc = store_registration_get(r->f.s, number, r->now_ms, &got);

	if (*step == '!') {
		CHECK(rc == -ENOENT, "%s: registered: %d", r->name, rc);
		return;
	}
	CHECK(!rc && got.bits == bits_take(&at), "%s: %s: %d, %x", r->name, step, rc, got.bits);
}

/** "Sa:ab" */
static void step_stale(struct run *r, const char *step)
{
	const char *at = step + 1;
	unsigned service = bits_take(&at), group;

	at++;
	group = bits_take(&at);
	CHECK(!store_registration_stale(r->f.s, number, service, group), "%s: %s: %s",
	      r->name, step, store_error(r->f.s));
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
	case 'R':
	case 'N':
		step_set(r, step);
		break;
	case 'C':
	case 'c':
		n = store_registration_clear(r->f.s, number,
					     *step == 'C' ? STORE_LEARNED_REGISTER
							  : STORE_LEARNED_NOTIFY);
		CHECK(!n, "%s: clear: %d", r->name, n);
		break;
	case 'S':
		step_stale(r, step);
		break;
	case '+':
		r->now_ms += atoi(step + 1);
		break;
	case 'p':
		n = store_registrations_purge(r->f.s, r->now_ms, 9);
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
		step_get(r, step);
	}
}

/** Another A whose number begins with the same digits is never touched. */
static void test_case(const char *name, const char *steps)
{
	struct store_contact c = {neighbour, "x", 7, INT64_MAX, "", STORE_LEARNED_NOTIFY};
	struct run r = {.name = name, .now_ms = T0};
	struct store_registration got;
	char text[256], *step, *rest = text;

	fixture_start(&r.f);
	fixture_open(&r.f);
	snprintf(text, sizeof(text), "%s", steps);
	CHECK(!store_begin(r.f.s) && !store_registration_set(r.f.s, &c, T0), "%s", name);
	commit_begin(&r);
	while ((step = strtok_r(rest, " ", &rest)))
		step_run(&r, step);
	CHECK(!store_registration_get(r.f.s, neighbour, r.now_ms, &got) && got.bits == 7,
	      "%s: the neighbour", name);
	store_rollback(r.f.s);
	fixture_end(&r.f);
}

static void set(struct store *s, const char *key, const char *scscf, int64_t now_ms)
{
	struct store_contact c = {number, key, 1, T0 + 900, scscf, STORE_LEARNED_REGISTER};

	CHECK(!store_registration_set(s, &c, now_ms), "%s", store_error(s));
}

static void scscf_is(struct store *s, int64_t now_ms, const char *want)
{
	struct store_registration got;

	CHECK(!store_registration_get(s, number, now_ms, &got), "%s", store_error(s));
	CHECK(!strcmp(got.scscf, want), "%s, not %s", got.scscf, want);
}

static void test_scscf(struct fixture *f)
{
	char longer[STORE_SCSCF_MAX + 9];

	store_begin(f->s);
	set(f->s, "x", "", T0);
	scscf_is(f->s, T0, "");
	set(f->s, "x", "sip:one", T0 + 1);
	scscf_is(f->s, T0 + 1, "sip:one");
	set(f->s, "a", "sip:two", T0 + 2);
	scscf_is(f->s, T0 + 2, "sip:two");
	set(f->s, "x", "", T0 + 3); /* not said: what it was */
	scscf_is(f->s, T0 + 3, "sip:one");
	memset(longer, 'y', sizeof(longer));
	longer[sizeof(longer) - 1] = 0;
	set(f->s, "x", longer, T0 + 4);
	longer[STORE_SCSCF_MAX - 1] = 0;
	scscf_is(f->s, T0 + 4, longer);
	CHECK(!store_commit(f->s), "%s", store_error(f->s));
}

static void test_refused(struct fixture *f)
{
	struct store_contact c = {"", "x", 1, T0 + 900, "", STORE_LEARNED_REGISTER};

	CHECK(store_registration_set(f->s, &c, T0) == -EIO, "outside a transaction");
	CHECK(store_registration_clear(f->s, number, STORE_LEARNED_REGISTER) == -EIO, "outside");
	CHECK(store_registrations_purge(f->s, T0, 9) == -EIO, "outside");
	CHECK(store_registration_stale(f->s, number, 1, 1) == -EIO, "outside");
	CHECK(store_sms_hurry(f->s, number, T0) == -EIO, "outside");
	store_begin(f->s);
	CHECK(store_registration_set(f->s, &c, T0) == -EINVAL, "no number");
	store_rollback(f->s);
}

static void ignore_fragment(void *ctx, const struct store_fragment *fragment)
{
	(void)ctx, (void)fragment;
}

static bool never(void *ctx, int64_t message_id, bool *separate)
{
	(void)ctx, (void)message_id, (void)separate;
	return false;
}

/** Strings of the call before stay: the caller asks for A's capabilities with A's number in hand. */
static void test_strings_stay(struct fixture *f)
{
	struct store_sms_new m = sms_of(0, 0, 1);
	struct store_sms_added added;
	struct store_sms_message got;
	struct store_registration r;

	store_begin(f->s);
	set(f->s, "x", "sip:one", T0);
	CHECK(!store_sms_add(f->s, &m, T0, never, NULL, &added), "%s", store_error(f->s));
	CHECK(!store_commit(f->s), "%s", store_error(f->s));
	CHECK(!store_sms_get(f->s, added.message_id, &got, ignore_fragment, NULL), "get");
	CHECK(!store_registration_get(f->s, got.a, T0, &r) && r.bits == 1, "%s", got.a);
	CHECK(!strcmp(got.a, number) && !strcmp(got.b, "+491702"), "%s %s", got.a, got.b);
}

static void test_purge_limit(struct fixture *f)
{
	char key[2] = {'a', 0};

	store_begin(f->s);
	for (; *key < 'f'; key[0]++)
		set(f->s, key, "", T0);
	CHECK(store_registrations_purge(f->s, T0 + 900, 3) == 3, "limit");
	CHECK(store_registrations_purge(f->s, T0 + 900, 3) == 2, "the rest");
	store_rollback(f->s);
}

/** A file of version 2 has everything but the table. */
static void test_upgrade(void)
{
	struct fixture f;

	fixture_start(&f);
	fixture_make_version(&f, 2, "");
	fixture_open(&f);
	store_begin(f.s);
	set(f.s, "x", "sip:one", T0);
	scscf_is(f.s, T0, "sip:one");
	CHECK(!store_commit(f.s), "%s", store_error(f.s));
	fixture_end(&f);
}

int main(void)
{
	static void (*const tests[])(struct fixture * f) = {
		test_scscf, test_refused, test_strings_stay, test_purge_limit,
	};
	struct fixture f;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		test_case(cases[i].name, cases[i].steps);
	for (size_t i = 0; i < sizeof(tests) / sizeof(tests[0]); i++) {
		fixture_start(&f);
		fixture_open(&f);
		tests[i](&f);
		fixture_end(&f);
	}
	test_upgrade();
	return test_end("store_register");
}
