/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */

#include <stddef.h>

#include "store_fixture.h"

/* Chat sessions: every field comes back, which are open, when they go. */

enum { ROWS = 8, TEXTS = 16, TEXT_SIZE = 64 };

static const size_t texts[TEXTS] = {
	offsetof(struct store_session, a),
	offsetof(struct store_session, b),
	offsetof(struct store_session, number),
	offsetof(struct store_session, name),
	offsetof(struct store_session, language),
	offsetof(struct store_session, service),
	offsetof(struct store_session, conversation_id),
	offsetof(struct store_session, contribution_id),
	offsetof(struct store_session, smsc),
	offsetof(struct store_session, call_id),
	offsetof(struct store_session, local_tag),
	offsetof(struct store_session, remote_tag),
	offsetof(struct store_session, local_uri),
	offsetof(struct store_session, remote_uri),
	offsetof(struct store_session, remote_target),
	offsetof(struct store_session, route_set),
};

static const char **text_at(struct store_session *session, int i)
{
	return (const char **)((char *)session + texts[i]);
}

/** What was given to row, with texts that stay. */
struct seen {
	int n;
	struct store_session row[ROWS];
	char text[ROWS][TEXTS][TEXT_SIZE];
};

static void on_session(void *ctx, const struct store_session *session)
{
	struct seen *seen = ctx;
	struct store_session *copy = &seen->row[seen->n];

	if (seen->n == ROWS)
		abort();
	*copy = *session;
	for (int i = 0; i < TEXTS; i++) {
		char *text = seen->text[seen->n][i];

		snprintf(text, TEXT_SIZE, "%s", *text_at(copy, i));
		*text_at(copy, i) = text;
	}
	seen->n++;
}

static int64_t add(struct store *s, const struct store_session *session, int64_t now_ms)
{
	int64_t id = 0;

	CHECK(!store_begin(s) && !store_session_add(s, session, now_ms, &id), "%s", store_error(s));
	CHECK(!store_commit(s), "%s", store_error(s));
	return id;
}

static int put(struct store *s, const struct store_session *session, int64_t now_ms)
{
	int err;

	CHECK(!store_begin(s), "%s", store_error(s));
	err = store_session_put(s, session, now_ms);
	CHECK(!store_commit(s), "%s", store_error(s));
	return err;
}

static int64_t add_state(struct store *s, int state, int64_t now_ms)
{
	return add(s, &(struct store_session){.state = state, .a = "+491701", .b = "+491702"},
		   now_ms);
}

/** The ids that a list gave, as "3 1 ". */
static void check_ids(const struct seen *seen, int n, const char *want)
{
	char got[64] = "";

	CHECK(n == seen->n, "%d rows, said %d", seen->n, n);
	for (int i = 0, at = 0; i < seen->n; i++)
		at += snprintf(got + at, sizeof(got) - (size_t)at, "%lld ",
			       (long long)seen->row[i].id);
	CHECK(!strcmp(got, want), "\"%s\", not \"%s\"", got, want);
}

static void check_open(struct store *s, const char *want)
{
	struct seen seen = {0};
	int n = store_sessions_open(s, on_session, &seen);

	check_ids(&seen, n, want);
}

static void check_list(struct store *s, unsigned limit, unsigned offset, const char *want)
{
	struct seen seen = {0};
	int n = store_read_sessions(s, limit, offset, on_session, &seen);

	check_ids(&seen, n, want);
}

/* ---- every field comes back ---- */

static struct store_session filled(char text[TEXTS][TEXT_SIZE], int salt)
{
	struct store_session session = {
		.kind = 7 + salt,
		.state = -1 - salt,
		.flags = 0x80000001 + (unsigned)salt,
		.local_cseq = UINT32_MAX - (unsigned)salt,
		.remote_cseq = 0x80000000 + (unsigned)salt,
		.created_ms = 1,
		.updated_ms = 2,
	};

	for (int i = 0; i < TEXTS; i++) {
		snprintf(text[i], TEXT_SIZE,
			 "<sip:%d.%d;lr>, \"Zo\xc3\xab \xe6\xbc\xa2 \xf0\x9f\x99\x82' %%\"", i,
			 salt);
		*text_at(&session, i) = text[i];
	}
	return session;
}

static void check_same(struct store *s, const struct store_session *want, int64_t created_ms,
		       int64_t updated_ms)
{
	struct store_session copy = *want;
	struct seen seen = {0};
	const struct store_session *got = &seen.row[0];

	CHECK(store_session_get(s, want->id, &copy) == 0, "%s", store_error(s));
	on_session(&seen, &copy);
	copy = *want;
	CHECK(seen.n == 1 && got->id == want->id && got->kind == want->kind &&
		      got->updated_ms == updated_ms && !strcmp(seen.text[0][0], copy.a ? copy.a : ""),
	      "by id: %lld", (long long)got->id);
	CHECK(store_session_get(s, want->id + 1, &copy) == -ENOENT, "no such id");
	copy = *want;
	seen.n = 0;
	CHECK(store_sessions_open(s, on_session, &seen) == 1, "%s", store_error(s));
	CHECK(got->id == want->id, "%lld", (long long)got->id);
	CHECK(got->kind == want->kind && got->state == want->state, "%d %d", got->kind, got->state);
	CHECK(got->flags == want->flags, "%x", got->flags);
	CHECK(got->local_cseq == want->local_cseq && got->remote_cseq == want->remote_cseq, "%u %u",
	      got->local_cseq, got->remote_cseq);
	CHECK(got->created_ms == created_ms && got->updated_ms == updated_ms, "%lld %lld",
	      (long long)got->created_ms, (long long)got->updated_ms);
	for (int i = 0; i < TEXTS; i++) {
		const char *text = *text_at(&copy, i) ? *text_at(&copy, i) : "";

		CHECK(!strcmp(seen.text[0][i], text), "%d: %s", i, seen.text[0][i]);
	}
}

static void test_fields(struct fixture *f)
{
	char text[TEXTS][TEXT_SIZE];
	struct store_session session = filled(text, 0);

	session.id = 99; /* not looked at */
	session.id = add(f->s, &session, T0 + 5);
	CHECK(session.id == 1, "%lld", (long long)session.id);
	check_same(f->s, &session, T0 + 5, T0 + 5);
	fixture_reopen(f);
	check_same(f->s, &session, T0 + 5, T0 + 5);
	session = filled(text, 1);
	session.id = 1;
	CHECK(!put(f->s, &session, T0 + 9), "%s", store_error(f->s));
	check_same(f->s, &session, T0 + 5, T0 + 9);
}

static void test_empty_texts(struct fixture *f)
{
	char text[TEXTS][TEXT_SIZE];
	struct store_session session = {.state = 1};

	session.id = add(f->s, &session, T0);
	check_same(f->s, &session, T0, T0);
	session = filled(text, 0);
	session.id = 1;
	CHECK(!put(f->s, &session, T0 + 1), "%s", store_error(f->s));
	for (int i = 0; i < TEXTS; i++)
		*text_at(&session, i) = i % 2 ? "" : NULL;
	CHECK(!put(f->s, &session, T0 + 2), "%s", store_error(f->s));
	check_same(f->s, &session, T0, T0 + 2);
}

/* ---- which are there ---- */

static void test_open(struct fixture *f)
{
	struct store *r = NULL;

	check_open(f->s, "");
	add_state(f->s, 1, T0 + 20);
	add_state(f->s, 0, T0);
	add_state(f->s, -3, T0 + 10);
	add_state(f->s, 2, T0 + 10);
	check_open(f->s, "3 4 1 ");
	fixture_reopen(f);
	check_open(f->s, "3 4 1 ");
	CHECK(!put(f->s, &(struct store_session){.id = 4}, T0 + 30), "closed");
	CHECK(!put(f->s, &(struct store_session){.id = 2, .state = 5}, T0 + 31), "open again");
	check_open(f->s, "2 3 1 ");
	check_list(f->s, 9, 0, "4 3 2 1 ");
	check_list(f->s, 2, 1, "3 2 ");
	CHECK(!store_open_read(&r, f->path, f->why, sizeof(f->why)), "%s", f->why);
	check_list(r, 1, 3, "1 ");
	CHECK(store_sessions_open(r, on_session, NULL) == -EIO, "the writer's");
	store_close(r);
}

static void test_refused(struct fixture *f)
{
	struct store_session session = {.id = 2, .state = 1};
	int64_t id = -7;

	CHECK(store_session_add(f->s, &session, T0, &id) == -EIO && id == -7,
	      "outside a transaction");
	CHECK(store_session_put(f->s, &session, T0) == -EIO, "outside a transaction");
	CHECK(store_sessions_purge(f->s, T0, 9) == -EIO, "outside a transaction");
	add_state(f->s, 1, T0);
	CHECK(put(f->s, &session, T0) == -ENOENT, "no such session");
	check_open(f->s, "1 ");
	store_begin(f->s);
	CHECK(!store_session_add(f->s, &session, T0, &id) && id == 2, "%lld", (long long)id);
	store_rollback(f->s);
	check_open(f->s, "1 ");
}

static int purge(struct store *s, int64_t before_ms, unsigned limit)
{
	int n;

	store_begin(s);
	n = store_sessions_purge(s, before_ms, limit);
	CHECK(!store_commit(s), "%s", store_error(s));
	return n;
}

static void test_purge(struct fixture *f)
{
	add_state(f->s, 1, T0);
	for (int i = 1; i < 5; i++)
		add_state(f->s, 0, T0 + i);
	CHECK(purge(f->s, T0 + 1, 9) == 0, "closed at that time is not before it");
	CHECK(purge(f->s, T0 + 4, 2) == 2, "limit");
	check_list(f->s, 9, 0, "5 4 1 ");
	CHECK(purge(f->s, T0 + 4, 2) == 1, "the rest");
	check_list(f->s, 9, 0, "5 1 ");
	CHECK(purge(f->s, INT64_MAX, 9) == 1, "all but the open one");
	CHECK(!put(f->s, &(struct store_session){.id = 1}, T0 + 50), "closed");
	CHECK(purge(f->s, T0 + 50, 9) == 0, "its age counts from its end");
	CHECK(purge(f->s, T0 + 51, 9) == 1, "over");
	CHECK(add_state(f->s, 1, T0 + 60) == 6, "ids are never used again");
}

int main(void)
{
	static void (*const tests[])(struct fixture * f) = {
		test_fields, test_empty_texts, test_open, test_refused, test_purge,
	};

	fixture_each(tests, sizeof(tests) / sizeof(tests[0]));
	return test_end("store_session");
}
