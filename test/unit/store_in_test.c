/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */

#include "../../lib/store/store_clock.h"
#include "store_fixture.h"

/*
 * SMS -> CPM: assembly, repeats, retries, the thread.
 *
 * Steps of a case. An arrival is part and key, "0a" if not concatenated, followed by the status it
 * must give (H held, R ready, F in flight, D done, N refused) and the message, counted from 0 as they appear:
 *   "1aH0"   part 1 with key a is held in message 0
 *   "+500"   500 ms pass
 *   "*0"     message 0 is being delivered from now on; "/0" it no longer is; "&0" it is, but a
 *            repeat is another message
 *   "!0" "o0" delivered; delivered, answer owed
 *   "x0" "y0" "g0" failed; expired; failed, but it counts as taken. All five end the delivery
 *   "~0"     to be tried again in 5000 ms (single: by the SMSC)
 *   "w0"     message 0 is the only one that store_sms_due() gives; "w-" there is none
 *   "?0"     A did not answer: as "~0", and A may have it
 *   "s500"   the clock is set by 500 ms
 *   "v0"     the SMS side did not hear that message 0 was delivered; "V0" there is nothing it could have heard
 *   "e0"     what arrived last may be what A has as message 0; "e-" A has none like it
 *   "n1"     that many were being delivered by the process before
 *   "b1a1"   part 1 with key a belongs to a set, "b1a0" it does not
 *   "h1"     A is back: that many messages that wait for a retry are due
 *   "^"      a new process
 */

static const struct {
	const char *name;
	unsigned total;
	const char *steps;
} cases[] = {
	{"single", 1, "0aR0 *0 !0"},
	{"single, repeated while it is delivered", 1, "0aR0 *0 0aF0 !0"},
	{"single, another text", 1, "0aR0 *0 0bR1 !0 !1"},
	{"single, the same text on purpose", 1, "0aR0 &0 0aR1 *1 0aF1 !0 !1"},
	{"single, A did not take it, the SMSC repeats", 1, "0aR0 *0 ~0 w- 0aR0 *0 !0"},
	{"single, delivered, then the same text again", 1, "0aR0 *0 !0 0aR1"},
	{"single, answer owed: the repeat is done, once", 1, "0aR0 *0 o0 0aD0 0aR1"},
	{"single, failed: the repeat is tried", 1, "0aR0 *0 x0 0aR1"},
	{"single, repeat within the window of the last one", 1, "0aR0 ~0 +29000 0aR0 +29000 0aR0"},
	{"single, repeat after the window", 1, "0aR0 ~0 +30000 0aR1"},
	{"single, owed too long ago", 1, "0aR0 o0 +30000 0aR1"},
	{"single, new process: the SMSC repeats", 1, "0aR0 *0 ^ w- 0aR0"},
	{"single, A has nothing", 1, "0aR0 e- *0 ~0 0aR0 e- *0 ~0 ^ 0aR0 e-"},
	{"single, no room for it: A has nothing", 1, "0aR0 0aR0 e-"},
	{"single, A did not answer", 1, "0aR0 *0 ?0 0aR0 e0 *0 ~0 0aR0 e-"},
	{"single, A did not answer, and a new process", 1, "0aR0 *0 ?0 ^ n0 0aR0 e0"},
	{"single, A has one like it", 1, "0aR0 *0 !0 0aR1 e0 *1 !1 0aR2 e1"},
	{"single, A refused one like it", 1, "0aR0 *0 x0 0aR1 e-"},
	{"single, A is given one like it", 1, "0aR0 &0 0aR1 e-"},
	{"single, new process while it is delivered", 1, "0aR0 *0 ^ n0 0aR0 e0"},
	{"single, new process while it is delivered again", 1, "0aR0 *0 ~0 0aR0 e- *0 ^ n0 0aR0 e0"},
	{"single, the answer did not reach the SMSC", 1, "0aR0 V0 *0 !0 v0 0aD0 0aR1 e0"},
	{"the clock is set forward during assembly", 2, "1aH0 +9000 s20000 w- +999 w- 2bR0"},
	{"the clock is set back during assembly", 2, "1aH0 +9000 s-20000 +999 w- +1 w0"},
	{"the clock is set before a retry", 2, "1aH0 2bR0 *0 ~0 s20000 w- +4999 w- +1 w0"},
	{"the clock is set during delivery", 2, "1aH0 2bR0 *0 s20000 w- !0"},
	{"set, new process during delivery", 2, "1aH0 2bR0 *0 ^ n1 V0"},
	{"set, new process during assembly", 2, "1aH0 ^ n0"},
	{"set, new process before a retry", 2, "1aH0 2bR0 *0 ~0 ^ n0"},
	{"set of one", 1, "1aR0 *0 1aF0 !0 1aD0"},
	{"in order", 3, "1aH0 2bH0 3cR0 *0 !0"},
	{"reverse", 3, "3cH0 2bH0 1aR0 *0 !0"},
	{"duplicate part", 3, "1aH0 1aH0 2bH0 1aH0 2bH0 3cR0"},
	{"the last part again while it is delivered", 2, "1aH0 2bR0 *0 2bF0 1aH0 !0"},
	{"the last part again after a crash of the delivery", 2, "1aH0 2bR0 2bR0"},
	{"any part again after delivery", 2, "1aH0 2bR0 *0 !0 1aD0 2bD0 +29999 1aD0"},
	{"any part again after failure", 2, "1aH0 2bR0 *0 x0 2bN0 1aD0 2bN0 2bN0"},
	{"any part again after failure, in another order", 3, "1aH0 3cH0 2bR0 *0 x0 1aD0 2bN0 3cD0"},
	{"any part again after expiry", 2, "1aH0 2bR0 *0 ~0 +5000 w0 *0 y0 1aD0 2bN0"},
	{"any part again after a failure that counts as taken", 2, "1aH0 2bR0 *0 g0 2bD0 1aD0"},
	{"failed when we tried again", 2, "1aH0 2bR0 *0 ~0 +5000 w0 *0 x0 2bN0 1aD0"},
	{"failed, and the SMSC repeats for long", 2, "1aH0 2bR0 *0 x0 +29999 2bN0 +29999 2bN0 1aD0 +30000 2bH1"},
	{"failed without the rest: all were acknowledged", 2, "1aH0 +10000 w0 *0 x0 1aD0 2bH1"},
	{"failed when the missing part had come", 2, "1aH0 +10000 w0 *0 ~0 2bR0 *0 x0 2bN0 1aD0"},
	{"reference reused after failure", 2, "1aH0 2bR0 *0 x0 1cH1 2dR1 *1 !1 2dD1"},
	{"set of one, failed", 1, "1aR0 *0 x0 1aN0"},
	{"reference reused after delivery", 2, "1aH0 2bR0 *0 !0 1cH1 2dR1 *1 !1 1cD1"},
	{"reference reused after the window", 2, "1aH0 2bR0 *0 !0 +30000 1aH1 2bR1"},
	{"reference reused during assembly", 2, "1aH0 1bH1 2cR1 +10000 w0"},
	{"reference reused during delivery", 2, "1aH0 2bR0 *0 1cH1 2dR1"},
	{"not taken by A: ours to repeat", 2, "1aH0 2bR0 *0 ~0 w- +4999 w- +1 w0 *0 !0 w-"},
	{"not taken by A, the SMSC is first", 2, "1aH0 2bR0 *0 ~0 2bR0 *0 +5000 w- !0"},
	{"not taken by A, an acknowledged part again", 2, "1aH0 2bR0 *0 ~0 1aH0 +5000 w0"},
	{"A is back before the retry", 2, "1aH0 2bR0 *0 ~0 w- h1 w0 *0 h0 !0 h0"},
	{"A is back when it is due anyway", 2, "1aH0 2bR0 *0 ~0 +5000 h0 w0"},
	{"A is back during assembly", 3, "1aH0 2bH0 h0 w- +10000 w0"},
	{"A is back, single: the SMSC repeats", 1, "0aR0 *0 ~0 h0 w-"},
	{"whether a part belongs to a set", 3, "b2b0 1aH0 b1a1 b2b1 b1b0 2bH0 3cR0 b3c1 b3d0 *0 !0 b1a1 b1d0 +30000 b1a0"},
	{"whether a part belongs to a set that was not complete", 2, "1aH0 +10000 w0 b2b1 *0 !0 b2b0 b1a1"},
	{"a part is missing", 3, "1aH0 2bH0 +9999 w- +1 w0 *0 !0 w-"},
	{"each part gives more time", 3, "1aH0 +9000 2bH0 +9999 w- +1 w0"},
	{"but not for ever", 4, "1aH0 +9000 2bH0 +9000 3cH0 +6999 w- +1 w0"},
	{"the missing part during delivery", 2, "1aH0 +10000 w0 *0 2bH1"},
	{"the missing part before a retry", 2, "1aH0 +10000 w0 *0 ~0 2bR0 *0 !0"},
	{"one of two missing parts before a retry", 3, "1aH0 +10000 w0 *0 ~0 2bH0 +5000 w0 3cR0"},
	{"the missing part after delivery", 2, "1aH0 +10000 w0 *0 !0 2bH1"},
	{"a part again after delivery without the rest", 2, "1aH0 +10000 w0 *0 !0 1aD0"},
	{"new process during assembly", 3, "1aH0 2bH0 ^ w- 1aH0 3cR0"},
	{"new process during delivery", 2, "1aH0 2bR0 *0 ^ w0 w-"},
	{"new process during delivery, the SMSC is first", 2, "1aH0 2bR0 *0 ^ 2bR0 w-"},
	{"new process before a retry", 2, "1aH0 2bR0 *0 ~0 ^ w- +5000 w0"},
	{"new process after delivery", 2, "1aH0 2bR0 *0 !0 ^ 1aD0 2bD0"},
	{"new process after failure", 2, "1aH0 2bR0 *0 x0 ^ 1aD0 2bN0 ^ 2bN0"},
};

struct run {
	struct fixture f;
	const char *name;
	unsigned total;
	int64_t now_ms, ids[8], earlier_id;
	unsigned n_ids;
	char flying[8]; /* '*' or '&' */
};

static int index_of(struct run *r, int64_t id)
{
	for (unsigned i = 0; i < r->n_ids; i++)
		if (r->ids[i] == id)
			return (int)i;
	if (r->n_ids == 8)
		abort();
	r->ids[r->n_ids] = id;
	return (int)r->n_ids++;
}

static bool in_flight(void *ctx, int64_t message_id, bool *separate)
{
	struct run *r = ctx;
	char c = r->flying[index_of(r, message_id)];

	*separate = c == '&';
	return c != 0;
}

static int arrival(struct run *r, const char *p)
{
	struct store_sms_new m =
		sms_of((unsigned)(p[0] - '0'), p[0] == '0' ? 1 : r->total, (unsigned)p[1]);
	struct store_sms_added added = {0};
	int err = store_sms_add(r->f.s, &m, r->now_ms, in_flight, r, &added), index;
	char got;

	CHECK(!err, "%s: %s", r->name, store_error(r->f.s));
	r->earlier_id = added.earlier_id;
	got = "HRFDN"[added.status];
	CHECK(added.cause == (got == 'N' ? 17 : 0), "%s: %.2s gave cause %u", r->name, p, added.cause);
	index = index_of(r, added.message_id);
	CHECK(got == p[2] && index == p[3] - '0', "%s: %.2s gave %c%d, not %.2s", r->name, p, got,
	      index, p + 2);
	return 4;
}

static int belongs(struct run *r, const char *p)
{
	struct store_sms_new m = sms_of((unsigned)(p[1] - '0'), r->total, (unsigned)p[2]);
	int got = store_sms_belongs(r->f.s, &m, r->now_ms);

	CHECK(got == p[3] - '0', "%s: %.4s gave %d", r->name, p, got);
	return 4;
}

static int due(struct run *r, const char *p)
{
	int64_t ids[4] = {0}, next = store_sms_next_ms(r->f.s);
	int n = store_sms_due(r->f.s, r->now_ms, ids, 4);
	int want = p[1] == '-' ? 0 : 1;

	CHECK(n == want, "%s: %d due at %s", r->name, n, p);
	CHECK(want == (next <= r->now_ms), "%s: next at %lld", r->name, (long long)next);
	if (want && n == 1)
		CHECK(ids[0] == r->ids[p[1] - '0'], "%s: not message %c", r->name, p[1]);
	return 2;
}

static int outcome(struct run *r, const char *p)
{
	int64_t id = r->ids[p[1] - '0'];
	struct store_outcome o;
	int err;

	r->flying[p[1] - '0'] = 0;
	if (p[0] == '!' || p[0] == 'o')
		err = store_sms_delivered(r->f.s, id, p[0] == 'o', r->now_ms, &o);
	else
		err = store_sms_failed(r->f.s, id, p[0] == 'y' ? MESSAGE_EXPIRED : MESSAGE_FAILED, 17, p[0] == 'g',
				       r->now_ms, &o);
	CHECK(!err && o.final && o.message_id == id, "%s: %s gave %d", r->name, p, err);
	CHECK(store_sms_delivered(r->f.s, id, false, r->now_ms, &o) == -ENOENT, "%s: one outcome",
	      r->name);
	CHECK(store_sms_retry(r->f.s, id, r->now_ms) == -ENOENT, "%s: retry after the outcome",
	      r->name);
	return 2;
}

static int later(struct run *r, const char *p)
{
	unsigned i = (unsigned)(p[1] - '0');
	bool single = r->total == 1;

	r->flying[i] = 0;
	CHECK(!store_sms_retry(r->f.s, r->ids[i],
			       !single	     ? r->now_ms + 5000
			       : p[0] == '?' ? STORE_SMS_UNKNOWN
					     : STORE_SMS_NOT_TAKEN),
	      "%s: %s", r->name, p);
	return 2;
}

static int clock_set(struct run *r, const char *p)
{
	int step_ms = atoi(p + 1);

	r->now_ms += step_ms;
	CHECK(!store_sms_clock_stepped(r->f.s, step_ms), "%s: %s", r->name, store_error(r->f.s));
	return (int)strcspn(p, " ");
}

static int unheard(struct run *r, const char *p)
{
	int err = store_sms_owe(r->f.s, r->ids[p[1] - '0']);

	CHECK(err == (p[0] == 'v' ? 0 : -ENOENT), "%s: %s gave %d", r->name, p, err);
	return 2;
}

static int earlier(struct run *r, const char *p)
{
	CHECK(r->earlier_id == (p[1] == '-' ? 0 : r->ids[p[1] - '0']), "%s: %.2s gave %lld", r->name, p,
	      (long long)r->earlier_id);
	return 2;
}

static int redeliveries(struct run *r, const char *p)
{
	CHECK(store_redeliveries(r->f.s) == p[1] - '0', "%s: %.2s gave %lld", r->name, p,
	      (long long)store_redeliveries(r->f.s));
	return 2;
}

/** Only those of this A. */
static int hurry(struct run *r, const char *p)
{
	int n = store_sms_hurry(r->f.s, "+491701", r->now_ms);

	CHECK(n == p[1] - '0', "%s: %s gave %d", r->name, p, n);
	CHECK(store_sms_hurry(r->f.s, "+4917011", r->now_ms) == 0, "%s: a neighbour", r->name);
	return 2;
}

static int restart(struct run *r)
{
	CHECK(!store_commit(r->f.s), "%s: %s", r->name, store_error(r->f.s));
	fixture_reopen(&r->f);
	CHECK(!store_begin(r->f.s), "%s: %s", r->name, store_error(r->f.s));
	memset(r->flying, 0, sizeof(r->flying));
	return 1;
}

static int step(struct run *r, const char *p)
{
	switch (p[0]) {
	case ' ':
		return 1;
	case '+':
		r->now_ms += atoi(p);
		return (int)strcspn(p, " ");
	case '/':
		r->flying[p[1] - '0'] = 0;
		return 2;
	case '*':
	case '&':
		r->flying[p[1] - '0'] = p[0];
		return 2;
	case '!':
	case 'o':
	case 'x':
	case 'y':
	case 'g':
		return outcome(r, p);
	case '~':
	case '?':
		return later(r, p);
	case 's':
		return clock_set(r, p);
	case 'v':
	case 'V':
		return unheard(r, p);
	case 'e':
		return earlier(r, p);
	case 'n':
		return redeliveries(r, p);
	case 'h':
		return hurry(r, p);
	case 'b':
		return belongs(r, p);
	case 'w':
		return due(r, p);
	case '^':
		return restart(r);
	default:
		return arrival(r, p);
	}
}

static void test_arrivals(void)
{
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct run r = {.name = cases[i].name, .total = cases[i].total, .now_ms = T0};

		fixture_start(&r.f);
		fixture_open(&r.f);
		CHECK(!store_begin(r.f.s), "%s", store_error(r.f.s));
		for (const char *p = cases[i].steps; *p;)
			p += step(&r, p);
		CHECK(!store_commit(r.f.s), "%s: %s", r.name, store_error(r.f.s));
		fixture_end(&r.f);
	}
}

/* ---- what A gets ---- */

static bool never(void *ctx, int64_t message_id, bool *separate)
{
	(void)ctx, (void)message_id, (void)separate;
	return false;
}

static int64_t add(struct store *s, const struct store_sms_new *m, int64_t now_ms)
{
	struct store_sms_added added = {0};

	CHECK(!store_begin(s), "%s", store_error(s));
	CHECK(!store_sms_add(s, m, now_ms, never, NULL, &added), "%s", store_error(s));
	CHECK(!store_commit(s), "%s", store_error(s));
	return added.message_id;
}

static void on_fragment(void *ctx, const struct store_fragment *frag)
{
	char *text = ctx;

	sprintf(text + strlen(text), "%u/%u:%.*s ", frag->part, frag->tp_dcs, (int)frag->units.len,
		(const char *)frag->units.p);
}

static void test_fragments(struct fixture *f)
{
	static const char *const texts[] = {"", "one", "", "three"}; /* part 2 is empty */
	static const unsigned order[] = {3, 1, 2};
	struct store_sms_message got;
	struct store_outcome o;
	char text[128] = "";
	int64_t id = 0;

	for (int i = 0; i < 3; i++) {
		struct store_sms_new m = sms_of(order[i], 3, order[i]);

		m.units = view_str(texts[order[i]]);
		m.tp_dcs = (uint8_t)(order[i] * 4);
		id = add(f->s, &m, T0 + i);
	}
	CHECK(!store_sms_get(f->s, id, &got, on_fragment, text), "%s", store_error(f->s));
	CHECK(!strcmp(text, "1/4:one 2/8: 3/12:three "), "%s", text);
	CHECK(got.message_id == id && got.total == 3 && got.attempts == 0, "numbers");
	CHECK(got.scts_s == 1700000000 && got.zone_minutes == 60 && got.created_ms == T0, "times");
	CHECK(!strcmp(got.a, "+491701") && !strcmp(got.b, "+491702"), "%s %s", got.a, got.b);
	store_begin(f->s);
	store_sms_retry(f->s, id, T0 + 1);
	CHECK(!store_sms_delivered(f->s, id, false, T0 + 9, &o), "%s", store_error(f->s));
	CHECK(o.state == MESSAGE_DELIVERED && o.n_segments == 3 && o.created_ms == T0, "%d",
	      o.state);
	CHECK(!strcmp(o.a, "+491701") && *o.conversation_id && *o.imdn_id, "%s", o.a);
	store_commit(f->s);
	*text = 0;
	CHECK(!store_sms_get(f->s, id, &got, on_fragment, text), "%s", store_error(f->s));
	CHECK(!*text && got.attempts == 1, "the text is erased: %s", text);
	CHECK(store_sms_get(f->s, id + 1, &got, NULL, NULL) == -ENOENT, "no such message");
}

static void test_single_fields(struct fixture *f)
{
	struct store_sms_new m = sms_of(0, 0, 5);
	struct store_sms_message got;
	struct store_outcome o;
	char text[128] = "";
	int64_t id = add(f->s, &m, T0);

	CHECK(!store_sms_get(f->s, id, &got, on_fragment, text), "%s", store_error(f->s));
	CHECK(!strcmp(text, "1/0:text ") && got.total == 1, "%s", text);
	store_begin(f->s);
	CHECK(store_sms_failed(f->s, id, MESSAGE_DELIVERED, 0, false, T0, &o) == -EINVAL, "not a failure");
	CHECK(!store_sms_failed(f->s, id, MESSAGE_EXPIRED, 22, false, T0, &o), "%s", store_error(f->s));
	CHECK(o.state == MESSAGE_EXPIRED && o.cause == 22 && o.n_segments == 1, "%d %u", o.state,
	      o.cause);
	store_commit(f->s);
	*text = 0;
	store_sms_get(f->s, id, &got, on_fragment, text);
	CHECK(!*text, "the text is erased: %s", text);
}

static void test_bad_parts(struct fixture *f)
{
	static const unsigned bad[][2] = {{3, 2}, {1, 0}, {1, 256}};
	struct store_sms_added added;

	store_begin(f->s);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct store_sms_new m = sms_of(bad[i][0], bad[i][1], 1);

		CHECK(store_sms_add(f->s, &m, T0, never, NULL, &added) == -EINVAL, "%u of %u",
		      bad[i][0], bad[i][1]);
	}
	store_commit(f->s);
}

/** What differs in any part of its name is another set. */
static void test_set_names(struct fixture *f)
{
	struct store_sms_new m = sms_of(1, 2, 1);
	int64_t ids[6];

	ids[0] = add(f->s, &m, T0);
	m.a = "+491703", ids[1] = add(f->s, &m, T0), m.a = "+491701";
	m.b = "+491703", ids[2] = add(f->s, &m, T0), m.b = "+491702";
	m.ref = 43, ids[3] = add(f->s, &m, T0), m.ref = 42;
	m.ref_bits = 16, ids[4] = add(f->s, &m, T0), m.ref_bits = 8;
	m.total = 3, ids[5] = add(f->s, &m, T0), m.total = 2;
	for (int i = 0; i < 6; i++)
		for (int j = 0; j < i; j++)
			CHECK(ids[i] != ids[j], "%d and %d are one", i, j);
	CHECK(add(f->s, &m, T0) == ids[0], "the first is the first");
}

/* ---- the thread ---- */

static void get(struct store *s, int64_t id, struct store_sms_message *got)
{
	CHECK(!store_sms_get(s, id, got, NULL, NULL), "%s", store_error(s));
}

static void test_thread_of_b(struct fixture *f)
{
	struct store_sms_new m1 = sms_of(0, 0, 1), m2 = sms_of(0, 0, 2);
	struct store_sms_message got;
	int64_t one = add(f->s, &m1, T0), two = add(f->s, &m2, T0 + 1);

	get(f->s, one, &got);
	CHECK(!strcmp(got.conversation_id, m1.fresh_ids[0]), "%s", got.conversation_id);
	CHECK(!strcmp(got.contribution_id, m1.fresh_ids[1]), "%s", got.contribution_id);
	CHECK(!strcmp(got.imdn_id, m1.fresh_ids[2]), "%s", got.imdn_id);
	CHECK(!*got.in_reply_to && !*got.service, "A never wrote");
	get(f->s, two, &got);
	CHECK(!strcmp(got.conversation_id, m1.fresh_ids[0]), "same thread: %s",
	      got.conversation_id);
	CHECK(!strcmp(got.contribution_id, m2.fresh_ids[1]), "new contribution: %s",
	      got.contribution_id);
}

static void test_reply(struct fixture *f)
{
	struct store_message_new out = message_of(1, 1);
	struct store_sms_new in = sms_of(0, 0, 1), late = sms_of(0, 0, 2);
	struct store_message_added added;
	struct store_sms_message got;

	message_put(f->s, &out, T0, &added);
	fixture_reopen(f); /* memory survives */
	get(f->s, add(f->s, &in, T0 + 60000), &got);
	CHECK(!strcmp(got.conversation_id, "conv-1") && !strcmp(got.service, "cpm-pager"), "%s",
	      got.service);
	CHECK(!strcmp(got.in_reply_to, "contrib-1"), "within t_reply: %s", got.in_reply_to);
	CHECK(!strcmp(got.contribution_id, in.fresh_ids[1]), "%s", got.contribution_id);
	get(f->s, add(f->s, &late, T0 + 60001), &got);
	CHECK(!strcmp(got.conversation_id, "conv-1") && !*got.in_reply_to, "late: %s",
	      got.in_reply_to);
}

/** A's client changes the thread, then is an IM client that knows no ids. */
static void test_thread_of_a(struct fixture *f)
{
	struct store_message_new out = message_of(1, 1);
	struct store_sms_new in = sms_of(0, 0, 1), again = sms_of(0, 0, 2);
	struct store_message_added added;
	struct store_sms_message got;

	message_put(f->s, &out, T0, &added);
	out.conversation_id = VIEW("conv-2");
	out.contribution_id = VIEW("contrib-2");
	out.retry_key[0] = 2;
	message_put(f->s, &out, T0 + 1, &added);
	get(f->s, add(f->s, &in, T0 + 2), &got);
	CHECK(!strcmp(got.conversation_id, "conv-2"), "the newest: %s", got.conversation_id);
	CHECK(!strcmp(got.in_reply_to, "contrib-2"), "%s", got.in_reply_to);
	out.conversation_id = out.contribution_id = (struct view){NULL, 0};
	out.service = "im-pager";
	out.retry_key[0] = 3;
	message_put(f->s, &out, T0 + 3, &added);
	get(f->s, add(f->s, &again, T0 + 4), &got);
	CHECK(!strcmp(got.conversation_id, "conv-2") && !strcmp(got.service, "im-pager"), "%s",
	      got.service);
	CHECK(!*got.in_reply_to, "A's last message had no id: %s", got.in_reply_to);
}

/** A wrote first, without ids: B's first reply makes the thread's. */
static void test_thread_of_im(struct fixture *f)
{
	struct store_message_new out = message_of(1, 1);
	struct store_sms_new in = sms_of(0, 0, 1), again = sms_of(0, 0, 2);
	struct store_message_added added;
	struct store_sms_message got;

	out.conversation_id = out.contribution_id = (struct view){NULL, 0};
	message_put(f->s, &out, T0, &added);
	get(f->s, add(f->s, &in, T0), &got);
	CHECK(!strcmp(got.conversation_id, in.fresh_ids[0]), "%s", got.conversation_id);
	get(f->s, add(f->s, &again, T0), &got);
	CHECK(!strcmp(got.conversation_id, in.fresh_ids[0]), "%s", got.conversation_id);
}

int main(void)
{
	static void (*const tests[])(struct fixture * f) = {
		test_fragments,	  test_single_fields, test_bad_parts,	test_set_names,
		test_thread_of_b, test_reply,	      test_thread_of_a, test_thread_of_im,
	};

	test_arrivals();
	fixture_each(tests, sizeof(tests) / sizeof(tests[0]));
	return test_end("store_in");
}
