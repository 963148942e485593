/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */

/*
 * Which number a chat session has towards its B (spec 7.3, 7.10): one of the
 * pool that is free for this B, the one he knows the group or this A by, and
 * how long it stays his when the session is over.
 */

#include "ipsmgw.h"
#include "spool_chat_int.h"

enum { KEY_MAX = 64 };

int chat_number_free(const char *b, const char *number, int64_t now_ms)
{
	struct store_number n;

	if(!strcmp(b, number) || chat_by_number(b, number))
		return -EEXIST;
	switch(store_number_get(spool_store, b, number, now_ms, &n)) {
		case -ENOENT:
			return 0;
		case 0:
			return -EEXIST;
		default:
			return -EIO;
	}
}

/* An anonymous A has a number of his own, so that it does not tell B who he is:
 * his key stands where a group has its Contribution-ID. */
static const char *key_of(const char *a, char key[KEY_MAX])
{
	snprintf(key, KEY_MAX, "anonymous chat %s", a);
	return key;
}

bool chat_number_of_group(const struct store_number *n)
{
	return *n->contribution_id
			&& !(n->flags & (CHAT_NUMBER_PAGER | CHAT_NUMBER_ANONYMOUS));
}

/* The one that B knows this group or this A by already. */
static int number_again(
		const struct event *e, bool in_use, char out[CHAT_NUMBER_TEXT])
{
	const struct chat_invite *in = &e->sip->invite;
	bool group = in->kind == CHAT_KIND_GROUP;
	char key[KEY_MAX];
	struct store_number n;
	int rc;

	if(group ? !*in->contribution_id : !*in->a)
		return -ENOENT;
	rc = store_number_find(spool_store, in->b,
			group                   ? in->contribution_id
					: in->anonymous ? key_of(in->a, key)
									: "",
			in->a, e->now_ms, &n);
	if(rc)
		return rc;
	if(!chat_number_in_pool(n.number) || group != chat_number_of_group(&n)
			|| (chat_by_number(in->b, n.number) && !in_use))
		return -ENOENT;
	snprintf(out, CHAT_NUMBER_TEXT, "%s", n.number);
	return 0;
}

int chat_number_choose(
		const struct event *e, bool in_use, char out[CHAT_NUMBER_TEXT])
{
	uint64_t count = chat_number_count();
	char number[CHAT_NUMBER_MAX];
	int rc = number_again(e, in_use, out);

	for(uint64_t i = 0; rc == -ENOENT && i < count; i++) {
		chat_number_at(i, number);
		rc = chat_number_free(e->sip->invite.b, number, e->now_ms);
		if(rc == 0)
			snprintf(out, CHAT_NUMBER_TEXT, "%s", number);
		else if(rc == -EEXIST)
			rc = -ENOENT;
	}
	return rc;
}

int chat_number_declined(struct event *e)
{
	const struct chat_invite *in = &e->sip->invite;
	char number[CHAT_NUMBER_TEXT], a[48];
	struct store_number n;
	int rc;

	if(in->kind != CHAT_KIND_GROUP || !*in->contribution_id)
		return 0;
	rc = store_number_find(
			spool_store, in->b, in->contribution_id, "", e->now_ms, &n);
	if(rc == -ENOENT || (rc == 0 && !(n.flags & CHAT_NUMBER_LEFT)))
		return 0;
	if(rc)
		return rc;
	snprintf(number, sizeof(number), "%s", n.number);
	snprintf(a, sizeof(a), "%s", n.a);
	n = (struct store_number){in->b, number, a, in->contribution_id,
			n.session_id, n.flags & ~CHAT_NUMBER_LEFT, n.until_ms};
	rc = store_number_bind(spool_store, &n, e->now_ms);
	return rc ? -EIO : 603;
}

/* ---- in use, and afterwards ---- */

static struct store_number binding_of(
		const struct chat_session *c, char key[KEY_MAX])
{
	bool group = c->s.kind == CHAT_KIND_GROUP;
	bool hidden = !group && c->s.flags & CHAT_FLAG_ANONYMOUS;

	return (struct store_number){
			.b = c->s.b,
			.number = c->s.number,
			.a = c->s.a,
			.contribution_id = group ? c->s.contribution_id
					: hidden         ? key_of(c->s.a, key)
									 : "",
			.flags = hidden ? CHAT_NUMBER_ANONYMOUS : 0,
	};
}

int chat_number_use(struct event *e, const struct chat_session *c)
{
	char key[KEY_MAX];
	struct store_number n = binding_of(c, key), old;
	int rc;

	n.session_id = c->s.id;
	n.until_ms = INT64_MAX;

	if(c->s.kind > CHAT_KIND_GROUP)
		return 0;
	if(c->s.flags & CHAT_FLAG_POOL)
		return store_number_bind(spool_store, &n, e->now_ms) ? -EIO : 0;
	rc = store_number_get(spool_store, c->s.b, c->s.number, e->now_ms, &old);
	if(rc)
		return rc == -ENOENT ? 0 : rc;
	n.session_id = 0;
	n.until_ms = e->now_ms; /* an older invitation is no longer of interest */
	return store_number_bind(spool_store, &n, e->now_ms) ? -EIO : 0;
}

static bool used_by_another(const struct chat_session *c)
{
	const struct chat_session *o = NULL;

	while((o = chat_of_b(c->s.b, o))) {
		if(o != c && o->s.state != CHAT_ENDING
				&& !strcmp(o->s.number, c->s.number))
			return true;
	}
	return false;
}

int chat_number_keep(struct event *e, const struct chat_session *c, bool late)
{
	char key[KEY_MAX];
	struct store_number n = binding_of(c, key);

	n.flags |= late ? CHAT_NUMBER_LATE : 0;
	n.until_ms = e->now_ms + ipsmgw_cfg.chat_quarantine_s * 1000LL;
	if(c->s.kind > CHAT_KIND_GROUP || used_by_another(c)
			|| (!late && !(c->s.flags & CHAT_FLAG_POOL)))
		return 0;
	return store_number_bind(spool_store, &n, e->now_ms) ? -EIO : 0;
}
