/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */

/* A fixed pool, a list in order of arrival, and two hash tables: by id and by A. */

#include <string.h>

#include "mt_table.h"

enum { BUCKETS = 1024 };

static struct mt pool[MT_MAX], *unused;
static struct mt *first, *last, *by_id[BUCKETS], *by_a[BUCKETS];
static unsigned messages, notifications, fresh;
static uint64_t order;

static struct mt **id_bucket(int64_t message_id)
{
	return &by_id[(uint64_t)message_id % BUCKETS];
}

static struct mt **a_bucket(const char *a)
{
	uint32_t h = 2166136261u;

	for(; *a; a++)
		h = (h ^ (uint8_t)*a) * 16777619u;
	return &by_a[(h ^ h >> 16) % BUCKETS];
}

static unsigned *count_of(int64_t message_id)
{
	return message_id < 0 ? &notifications : &messages;
}

struct mt *mt_find(int64_t message_id)
{
	struct mt *m = *id_bucket(message_id);

	while(m && m->message_id != message_id)
		m = m->next_id;
	return m;
}

/* ---- by A ---- */

static void a_enter(struct mt *m)
{
	struct mt **p = a_bucket(m->a);

	while(*p && (*p)->order < m->order)
		p = &(*p)->next_a;
	m->next_a = *p;
	*p = m;
}

static void a_leave(struct mt *m)
{
	struct mt **p = a_bucket(m->a);

	while(*p != m)
		p = &(*p)->next_a;
	*p = m->next_a;
}

void mt_set_a(struct mt *m, const char *a, uint64_t pair)
{
	a_leave(m);
	strncpy(m->a, a, sizeof(m->a) - 1);
	m->pair = pair;
	a_enter(m);
}

void mt_came(const char *a)
{
	for(struct mt *m = *a_bucket(a); m; m = m->next_a)
		m->came = m->came || !strcmp(m->a, a);
}

/* ---- all ---- */

static struct mt *place(int64_t message_id)
{
	struct mt *m = unused;

	if((message_id < 0 ? mt_room_notifications() : mt_room()) == 0)
		return NULL;
	if(m)
		unused = m->next;
	else
		m = &pool[fresh++];
	return m;
}

struct mt *mt_add(int64_t message_id)
{
	struct mt *m = place(message_id), **bucket = id_bucket(message_id);

	if(!m)
		return NULL;
	order++;
	*m = (struct mt){.message_id = message_id, .prev = last, .order = order};
	*(last ? &last->next : &first) = m;
	last = m;
	m->next_id = *bucket;
	*bucket = m;
	a_enter(m);
	++*count_of(message_id);
	return m;
}

void mt_remove(struct mt *m)
{
	struct mt **p = id_bucket(m->message_id);

	while(*p != m)
		p = &(*p)->next_id;
	*p = m->next_id;
	a_leave(m);
	*(m->prev ? &m->prev->next : &first) = m->next;
	*(m->next ? &m->next->prev : &last) = m->prev;
	--*count_of(m->message_id);
	m->next = unused;
	unused = m;
}

void mt_again_as_pager(struct mt *m)
{
	m->as_pager = true;
	m->running = false;
}

struct mt *mt_first(void)
{
	return first;
}

unsigned mt_count(void)
{
	return messages + notifications;
}

unsigned mt_room(void)
{
	return MT_MESSAGES - messages;
}

unsigned mt_room_notifications(void)
{
	return MT_NOTIFICATIONS - notifications;
}

bool mt_has_share(const char *a, bool notification)
{
	unsigned n = notification ? notifications : messages,
			 most = notification ? MT_NOTIFICATIONS : MT_WINDOW, of_a = 0;

	for(const struct mt *m = *a_bucket(a); m; m = m->next_a)
		of_a += (m->message_id < 0) == notification && !strcmp(m->a, a);
	return of_a < MT_FEW || of_a + n < most;
}

bool mt_must_wait(const struct mt *m)
{
	const struct mt *o = *a_bucket(m->a);

	for(; o && o != m; o = o->next_a) {
		if(o->pair == m->pair && !o->awaits_imdn)
			return true;
	}
	return false;
}

struct mt_ref mt_add_ref(struct mt *m, struct mt_ref ref)
{
	struct mt_ref oldest = {0};

	if(m->n_refs == MT_REFS) {
		oldest = m->refs[0];
		memmove(m->refs, m->refs + 1, sizeof(m->refs) - sizeof(m->refs[0]));
		m->n_refs--;
	}
	m->refs[m->n_refs++] = ref;
	return oldest;
}
