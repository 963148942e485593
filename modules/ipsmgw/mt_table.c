/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */

/* A fixed pool and a list in order of arrival; at most MT_MAX entries, so plain
 * walks do. */

#include <string.h>

#include "mt_table.h"

static struct mt pool[MT_MAX], *unused;
static struct mt *first, **tail = &first;
static unsigned count, notifications, fresh;

struct mt *mt_find(int64_t message_id)
{
	struct mt *m = first;

	while(m && m->message_id != message_id)
		m = m->next;
	return m;
}

struct mt *mt_add(int64_t message_id)
{
	struct mt *m = unused;

	if(m)
		unused = m->next;
	else if(fresh < MT_MAX)
		m = &pool[fresh++];
	else
		return NULL;
	memset(m, 0, sizeof(*m));
	m->message_id = message_id;
	*tail = m;
	tail = &m->next;
	count++;
	notifications += message_id < 0;
	return m;
}

void mt_remove(struct mt *m)
{
	struct mt **p = &first;

	while(*p != m)
		p = &(*p)->next;
	*p = m->next;
	if(!*p)
		tail = p;
	m->next = unused;
	unused = m;
	count--;
	notifications -= m->message_id < 0;
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
	return count;
}

unsigned mt_notifications(void)
{
	return notifications;
}

bool mt_has_share(const char *a)
{
	unsigned n = 0;

	for(const struct mt *m = first; m; m = m->next)
		n += !strcmp(m->a, a);
	return n < MT_FEW || n + count < MT_WINDOW;
}

bool mt_must_wait(const struct mt *m)
{
	for(const struct mt *o = first; o && o != m; o = o->next) {
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
