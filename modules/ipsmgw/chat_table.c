/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */

/*
 * The table of chat sessions: hash chains, newest first, with a seed that peers
 * do not know. Memory is the system's, not pkg: the number of sessions is
 * bounded by max_sessions, and a pool of fixed size would be another bound.
 */

#include <stdlib.h>
#include <sys/random.h>

#include "chat_table.h"

enum { BUCKETS = 8192, MSRP_ID_OCTETS = CHAT_MSRP_ID_LEN / 2 };

static struct chat_session *by_dialog[BUCKETS], *by_b[BUCKETS],
		*by_msrp[BUCKETS], *by_id[BUCKETS], *by_connection[BUCKETS];
static struct chat_session *all;
static unsigned count;

const char *chat_state_name(int state)
{
	static const char *const names[]
			= {"closed", "wait", "oksent", "active", "ending", "inviting"};

	return state >= CHAT_CLOSED && state <= CHAT_INVITING ? names[state] : "?";
}

const char *chat_kind_name(int kind)
{
	static const char *const names[]
			= {"?", "chat", "group", "large-out", "large-in"};

	return kind >= CHAT_KIND_ONE && kind <= CHAT_KIND_LARGE_IN ? names[kind]
															   : "?";
}

/* ---- chains ---- */

static unsigned bucket(struct view key)
{
	static uint64_t seed;
	uint64_t h;

	while(!seed) {
		if(getrandom(&seed, sizeof(seed), 0) != sizeof(seed))
			seed = (uintptr_t)&seed;
	}
	h = seed;
	for(size_t i = 0; i < key.len; i++)
		h = (h ^ key.p[i]) * 0x100000001b3;
	return (unsigned)(h ^ h >> 32) % BUCKETS;
}

static struct chat_session **dialog_chain(const char *call_id)
{
	return &by_dialog[bucket(view_str(call_id))];
}

/* By B alone: a B has few sessions, and they are counted. */
static struct chat_session **b_chain(const char *b)
{
	return &by_b[bucket(view_str(b))];
}

static struct chat_session **msrp_chain(struct view id)
{
	return &by_msrp[bucket(id)];
}

static struct chat_session **id_chain(int64_t id)
{
	return &by_id[bucket((struct view){(const uint8_t *)&id, sizeof(id)})];
}

static struct chat_session **connection_chain(int con_id)
{
	return &by_connection[(unsigned)con_id % BUCKETS];
}

#define CHAIN_ADD(head, c, link)                                               \
	do {                                                                       \
		(c)->link = *(head);                                                   \
		*(head) = (c);                                                         \
	} while(0)

#define CHAIN_REMOVE(head, c, link)                                            \
	do {                                                                       \
		struct chat_session **at_ = (head);                                    \
		while(*at_ && *at_ != (c))                                             \
			at_ = &(*at_)->link;                                               \
		if(*at_)                                                               \
			*at_ = (c)->link;                                                  \
	} while(0)

static void link_texts(struct chat_session *c)
{
	CHAIN_ADD(dialog_chain(c->s.call_id), c, next_dialog);
	CHAIN_ADD(b_chain(c->s.b), c, next_number);
}

static void unlink_texts(struct chat_session *c)
{
	CHAIN_REMOVE(dialog_chain(c->s.call_id), c, next_dialog);
	CHAIN_REMOVE(b_chain(c->s.b), c, next_number);
}

void chat_set_connection(struct chat_session *c, int con_id)
{
	if(c->con_id)
		CHAIN_REMOVE(connection_chain(c->con_id), c, next_connection);
	c->con_id = con_id;
	if(con_id)
		CHAIN_ADD(connection_chain(con_id), c, next_connection);
}

static void link_all(struct chat_session *c)
{
	link_texts(c);
	CHAIN_ADD(msrp_chain(view_str(c->msrp_id)), c, next_msrp);
	CHAIN_ADD(id_chain(c->s.id), c, next_id);
	c->next = all;
	c->prev = &all;
	if(all)
		all->prev = &c->next;
	all = c;
	count++;
}

static void unlink_all(struct chat_session *c)
{
	unlink_texts(c);
	chat_set_connection(c, 0);
	CHAIN_REMOVE(msrp_chain(view_str(c->msrp_id)), c, next_msrp);
	CHAIN_REMOVE(id_chain(c->s.id), c, next_id);
	*c->prev = c->next;
	if(c->next)
		c->next->prev = c->prev;
	count--;
}

/* ---- texts: "" is never allocated ---- */

static const char nothing[] = "";

static const char *copy(const char *text)
{
	return text && *text ? strdup(text) : nothing;
}

static void drop(const char *text)
{
	if(text != nothing)
		free((char *)text);
}

/* clang-format off */
static const size_t texts[] = {
#define TEXT(field) offsetof(struct store_session, field)
	TEXT(a), TEXT(b), TEXT(number), TEXT(name), TEXT(language), TEXT(service),
	TEXT(conversation_id), TEXT(contribution_id), TEXT(smsc),
	TEXT(call_id), TEXT(local_tag), TEXT(remote_tag), TEXT(local_uri),
	TEXT(remote_uri), TEXT(remote_target), TEXT(route_set),
#undef TEXT
};
/* clang-format on */

enum { N_TEXTS = sizeof(texts) / sizeof(texts[0]) };

static const char **text_of(struct store_session *s, size_t i)
{
	return (const char **)((char *)s + texts[i]);
}

static int copy_texts(struct store_session *s)
{
	int rc = 0;

	for(size_t i = 0; i < N_TEXTS; i++) {
		const char **text = text_of(s, i);

		*text = rc ? nothing : copy(*text);
		if(!*text) {
			*text = nothing;
			rc = -ENOMEM;
		}
	}
	return rc;
}

static void drop_texts(struct store_session *s)
{
	for(size_t i = 0; i < N_TEXTS; i++)
		drop(*text_of(s, i));
}

int chat_set_text(struct chat_session *c, const char **field, const char *text)
{
	const char *new = copy(text);

	if(!new)
		return -ENOMEM;
	unlink_texts(c);
	drop(*field);
	*field = new;
	link_texts(c);
	return 0;
}

int chat_set_sdp(struct chat_session *c, struct view sdp)
{
	char *text = malloc(sdp.len + 1);
	struct msrp_sdp read;
	int rc;

	if(!text)
		return -ENOMEM;
	if(sdp.len)
		memcpy(text, sdp.p, sdp.len);
	rc = msrp_sdp_decode((struct view){(const uint8_t *)text, sdp.len}, &read);
	if(rc) {
		free(text);
		return rc;
	}
	free(c->sdp_text);
	c->sdp_text = text;
	c->sdp = read;
	return 0;
}

/* ---- sessions ---- */

static int fresh_msrp_id(struct chat_session *c)
{
	static const char hex[] = "0123456789abcdef";
	uint8_t random[MSRP_ID_OCTETS];

	if(getrandom(random, sizeof(random), 0) != sizeof(random))
		return -EIO;
	for(int i = 0; i < MSRP_ID_OCTETS; i++) {
		c->msrp_id[2 * i] = hex[random[i] >> 4];
		c->msrp_id[2 * i + 1] = hex[random[i] & 15];
	}
	return 0;
}

static void session_free(struct chat_session *c)
{
	drop_texts(&c->s);
	free(c->sdp_text);
	free(c->members);
	free(c);
}

struct chat_session *chat_add(const struct store_session *s)
{
	struct chat_session *c = calloc(1, sizeof(*c));

	if(!c)
		return NULL;
	c->s = *s;
	c->state_deadline_ms = c->repeat_180_ms = c->idle_deadline_ms
			= c->refresh_deadline_ms = c->replaced_deadline_ms = INT64_MAX;
	if(copy_texts(&c->s) || fresh_msrp_id(c)) {
		session_free(c);
		return NULL;
	}
	link_all(c);
	return c;
}

void chat_remove(struct chat_session *c)
{
	unlink_all(c);
	session_free(c);
}

/* ---- who is meant ---- */

struct chat_session *chat_by_id(int64_t id)
{
	struct chat_session *c = *id_chain(id);

	while(c && c->s.id != id)
		c = c->next_id;
	return c;
}

static bool same_dialog(const struct chat_session *c, const char *call_id,
		const char *local_tag, const char *remote_tag)
{
	if(strcmp(c->s.call_id, call_id) || strcmp(c->s.remote_tag, remote_tag))
		return false;
	return *local_tag ? !strcmp(c->s.local_tag, local_tag) : c->has_transaction;
}

struct chat_session *chat_by_dialog(
		const char *call_id, const char *local_tag, const char *remote_tag)
{
	struct chat_session *c = *dialog_chain(call_id);

	while(c && !same_dialog(c, call_id, local_tag, remote_tag))
		c = c->next_dialog;
	return c;
}

struct chat_session *chat_by_number(const char *b, const char *number)
{
	struct chat_session *c = *b_chain(b);

	while(c
			&& (c->s.state == CHAT_ENDING || c->s.kind > CHAT_KIND_GROUP
					|| strcmp(c->s.b, b) || strcmp(c->s.number, number)))
		c = c->next_number;
	return c;
}

struct chat_session *chat_of_b(const char *b, const struct chat_session *after)
{
	struct chat_session *c = after ? after->next_number : *b_chain(b);

	while(c && strcmp(c->s.b, b))
		c = c->next_number;
	return c;
}

struct chat_session *chat_by_msrp(struct view session_id)
{
	struct chat_session *c = *msrp_chain(session_id);

	while(c && !view_eq(view_str(c->msrp_id), session_id))
		c = c->next_msrp;
	return c;
}

struct chat_session *chat_by_connection(int con_id)
{
	struct chat_session *c = *connection_chain(con_id);

	while(c && c->con_id != con_id)
		c = c->next_connection;
	return c;
}

struct chat_session *chat_first(void)
{
	return all;
}

unsigned chat_count(void)
{
	return count;
}

unsigned chat_count_of(const char *b)
{
	unsigned n = 0;

	for(struct chat_session *c = NULL; (c = chat_of_b(b, c));)
		n += c->s.state != CHAT_ENDING;
	return n;
}
