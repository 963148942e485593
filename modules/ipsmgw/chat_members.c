/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */

/*
 * The members of a group chat (RFC 4575 4.6, 5.6): documents in, names out.
 * Somebody who came and went again before B was told is no news. A device more
 * or less of the same user is none either; a partial user that names only a
 * device that left counts as gone.
 */

#include <stdio.h>
#include <stdlib.h>

#include "../../lib/cpm/phone.h"
#include "../../lib/util/utf8.h"
#include "chat_members.h"

enum { NAMES_OCTETS = 120 }; /* then only their number */

struct member {
	struct member *next;
	bool present; /* says the focus */
	bool told;    /* as far as B knows */
	bool named;   /* in the document that is being read */
	char key[CHAT_MEMBER_URI_MAX];
	char name[CHAT_MEMBER_NAME_MAX];
};

struct chat_members {
	struct chat_members_of of;
	struct member *first;
	unsigned n;
	int64_t version; /* of the last document */
	bool whole;      /* a full document came */
	bool begun;      /* a list of members came */
};

struct chat_members *chat_members_new(const struct chat_members_of *of)
{
	struct chat_members *m = calloc(1, sizeof(*m));

	if(m)
		m->of = *of;
	return m;
}

static void drop(struct chat_members *m, struct member **at)
{
	struct member *gone = *at;

	*at = gone->next;
	free(gone);
	m->n--;
}

void chat_members_free(struct chat_members *m)
{
	while(m && m->first)
		drop(m, &m->first);
	free(m);
}

/* ---- who is who ---- */

/* The number, where there is one: servers write it in several ways. */
static bool key_of(struct view uri, char key[CHAT_MEMBER_URI_MAX])
{
	if(phone_from_uri(uri, key) == 0)
		return true;
	if(uri.len >= CHAT_MEMBER_URI_MAX)
		return false;
	memcpy(key, uri.p, uri.len);
	key[uri.len] = '\0';
	return uri.len > 0;
}

static struct member *find(const struct chat_members *m, const char *key)
{
	struct member *at = m->first;

	while(at && strcmp(at->key, key))
		at = at->next;
	return at;
}

static bool is_b(const struct chat_members *m, const char *key)
{
	char own[CHAT_MEMBER_URI_MAX];

	return !strcmp(key, m->of.b)
			|| (key_of(view_str(m->of.b_uri), own) && !strcmp(key, own));
}

bool chat_members_listed(const char *list, struct view uri, struct view *name)
{
	char key[CHAT_MEMBER_URI_MAX], other[CHAT_MEMBER_URI_MAX];

	for(const char *at = key_of(uri, key) ? list : NULL; at && *at;) {
		size_t line = strcspn(at, "\n"), n = strcspn(at, "\t\n");

		if(line > n + 1 && key_of((struct view){(const uint8_t *)at, n}, other)
				&& !strcmp(key, other)) {
			*name = (struct view){(const uint8_t *)at + n + 1, line - n - 1};
			return true;
		}
		at += line + (at[line] == '\n');
	}
	return false;
}

/* ---- documents ---- */

/* Whole characters, on one line. */
static void set_name(struct member *x, struct view name)
{
	struct wbuf w = wbuf_of(x->name, sizeof(x->name) - 1);
	uint32_t cp;

	while(utf8_next(&name, &cp) == 1) {
		size_t mark = w.len;

		utf8_put(&w, cp < 0x20 || cp == 0x7f ? ' ' : cp);
		if(wbuf_end(&w, mark))
			break;
	}
	x->name[w.len] = '\0';
}

static struct member *add(struct chat_members *m, const char *key)
{
	struct member **at = &m->first;
	struct member *x = m->n < CHAT_MEMBERS_MAX ? calloc(1, sizeof(*x)) : NULL;

	if(!x)
		return NULL;
	while(*at)
		at = &(*at)->next;
	*at = x;
	m->n++;
	snprintf(x->key, sizeof(x->key), "%s", key);
	return x;
}

static void user_in(struct chat_members *m, const struct conference_user *u)
{
	bool present = u->presence == CONFERENCE_PRESENT
			|| (u->presence == CONFERENCE_UNSAID
					&& u->state == CONFERENCE_FULL);
	char key[CHAT_MEMBER_URI_MAX];
	struct view name = u->name;
	struct member *x;

	if(!key_of(u->entity, key) || is_b(m, key))
		return;
	x = find(m, key);
	if(!x && !present)
		return;
	if(!x) {
		x = add(m, key);
		if(!name.len)
			chat_members_listed(m->of.list, u->entity, &name);
	} else if(u->presence == CONFERENCE_UNSAID) {
		present = x->present;
	}
	if(!x)
		return;
	x->named = true;
	x->present = present;
	if(name.len)
		set_name(x, name);
}

static void forget(struct chat_members *m)
{
	for(struct member **at = &m->first; *at;) {
		if((*at)->present || (*at)->told)
			at = &(*at)->next;
		else
			drop(m, at);
	}
}

static void users_in(struct chat_members *m, const struct conference_info *info)
{
	for(struct member *x = m->first; x; x = x->next)
		x->named = !info->users_whole;
	for(unsigned i = 0; i < info->n; i++)
		user_in(m, &info->user[i]);
	for(struct member *x = m->first; x; x = x->next)
		x->present = x->present && x->named;
	if(!m->begun)
		chat_members_told(m);
	m->begun = true;
	forget(m);
}

/* RFC 4575 4.6 */
int chat_members_update(
		struct chat_members *m, const struct conference_info *info)
{
	if(info->state == CONFERENCE_DELETED)
		return 0; /* BYE says the same to all */
	if(info->state == CONFERENCE_PARTIAL) {
		if(!m->whole)
			return -EAGAIN;
		if(info->version >= 0 && info->version <= m->version)
			return 0;
		if(info->version >= 0 && info->version != m->version + 1)
			return -EAGAIN;
	}
	m->whole = true;
	if(info->version >= 0)
		m->version = info->version;
	if(info->has_users)
		users_in(m, info);
	return 0;
}

/* ---- what B is told ---- */

bool chat_members_changed(const struct chat_members *m)
{
	const struct member *x = m->first;

	while(x && x->present == x->told)
		x = x->next;
	return x != NULL;
}

/* The name, the number, or the user part of the URI. */
static struct view shown(const struct chat_members *m, const struct member *x)
{
	struct view key = view_str(x->key);
	const char *user = strchr(x->key, ':');

	if(!strcmp(x->key, m->of.hidden) || strstr(x->key, "@anonymous.invalid"))
		return view_str(m->of.anonymous);
	if(*x->name)
		return view_str(x->name);
	if(!user)
		return key;
	return (struct view){(const uint8_t *)user + 1, strcspn(user + 1, "@;?")};
}

void chat_members_names(
		const struct chat_members *m, bool joined, struct wbuf *w)
{
	unsigned n = 0, more = 0;
	char text[16];

	for(const struct member *x = m->first; x; x = x->next) {
		if(x->present == x->told || x->present != joined)
			continue;
		if(w->len >= NAMES_OCTETS) {
			more++;
			continue;
		}
		wbuf_str(w, n++ ? ", " : "");
		wbuf_view(w, shown(m, x));
	}
	snprintf(text, sizeof(text), ", +%u", more);
	if(more)
		wbuf_str(w, text);
}

void chat_members_told(struct chat_members *m)
{
	for(struct member *x = m->first; x; x = x->next)
		x->told = x->present;
	forget(m);
}

const char *chat_members_name(const struct chat_members *m, struct view uri)
{
	char key[CHAT_MEMBER_URI_MAX];
	const struct member *x = m && key_of(uri, key) ? find(m, key) : NULL;

	if(x && !strcmp(x->key, m->of.hidden))
		return m->of.anonymous;
	return x ? x->name : "";
}
