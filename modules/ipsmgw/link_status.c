/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */

/* What others see of the link and the SMSCs behind it. The spool process
 * writes it, any process reads it. */

#include "core/dprint.h"
#include "core/mem/shm_mem.h"

#include "ipsmgw.h"
#include "link_status.h"

struct link_status *link_status;

static bool room_told;
static bool reported[LINK_SMSC_MAX]; /* as link_changed_smsc() told it */

int link_status_init(void)
{
	link_status = shm_malloc(sizeof(*link_status));
	if(!link_status) {
		SHM_MEM_ERROR;
		return -1;
	}
	memset(link_status, 0, sizeof(*link_status));
	lock_init(&link_status->lock);
	return 0;
}

/* A new name; of a full table it takes the place of one that is down and told
 * so. */
static struct link_smsc *smsc_new(const char name[LINK_NAME_MAX])
{
	struct link_status *s = link_status;
	unsigned i = 0;

	while(i < s->n_smsc
			&& (s->n_smsc < LINK_SMSC_MAX || s->smsc[i].up || reported[i]))
		i++;
	if(i == LINK_SMSC_MAX)
		return NULL;
	if(i == s->n_smsc)
		s->n_smsc++;
	memcpy(s->smsc[i].name, name, LINK_NAME_MAX);
	return &s->smsc[i];
}

static struct link_smsc *smsc_entry(struct view name)
{
	struct link_status *s = link_status;
	char text[LINK_NAME_MAX];

	text_copy(text, sizeof(text), name);
	for(unsigned i = 0; i < s->n_smsc; i++) {
		if(!strcmp(s->smsc[i].name, text))
			return &s->smsc[i];
	}
	return smsc_new(text);
}

void link_status_smsc(const struct link_frame *f, int64_t now_ms)
{
	struct link_smsc *e;

	lock_get(&link_status->lock);
	e = smsc_entry(f->smsc);
	if(e) {
		room_told = room_told || (e->up && f->flags & LINK_FLAG_UP);
		if(!e->changed_ms || e->up != !!(f->flags & LINK_FLAG_UP))
			e->changed_ms = now_ms;
		e->up = f->flags & LINK_FLAG_UP;
		e->window = f->window;
		text_copy(e->reason, sizeof(e->reason), f->reason);
	}
	lock_release(&link_status->lock);
	if(!e)
		LM_WARN("more than %d SMSCs, %.*s is not shown\n", LINK_SMSC_MAX,
				VIEW_FMT(f->smsc));
}

static void smsc_away(struct link_smsc *e, int64_t now_ms)
{
	if(e->up)
		e->changed_ms = now_ms;
	e->up = false;
	text_copy(e->reason, sizeof(e->reason), view_str("connector is away"));
}

void link_status_connection(bool connected, struct view node, int64_t now_ms)
{
	lock_get(&link_status->lock);
	link_status->connected = connected;
	link_status->changed_ms = now_ms;
	text_copy(link_status->node, sizeof(link_status->node), node);
	for(unsigned i = 0; !connected && i < link_status->n_smsc; i++)
		smsc_away(&link_status->smsc[i], now_ms);
	lock_release(&link_status->lock);
}

bool link_room_told(void)
{
	bool told = room_told;

	room_told = false;
	return told;
}

const char *link_changed_smsc(bool *up)
{
	for(unsigned i = 0; i < link_status->n_smsc; i++) {
		if(link_status->smsc[i].up != reported[i]) {
			*up = reported[i] = link_status->smsc[i].up;
			return link_status->smsc[i].name;
		}
	}
	return NULL;
}
