/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */

/* What all SMSCs have in common, whatever they speak: a name, up and down, counters. */

#include "smsc.h"

#include <errno.h>
#include <stdio.h>

#include "clock.h"
#include "link_client.h"
#include "log.h"
#include "sm.h"

enum { SMSC_ROOM_TOLD_EVERY_S = 30 };

/* The index tells groups of counters apart in what stats reporters send. */
static unsigned smsc_next_ctr_idx(const struct connector *c)
{
	const struct smsc *smsc;
	unsigned idx = 0;

	llist_for_each_entry(smsc, &c->smscs, entry)
	{
		if (smsc->ctrs && smsc->ctrs->idx >= idx)
			idx = smsc->ctrs->idx + 1;
	}
	return idx;
}

static void smsc_pump_timeout(void *data)
{
	struct smsc *smsc = data;

	smsc->ops->start(smsc);
	smsc_pump(smsc);
}

int smsc_init(struct smsc *smsc, struct connector *c, const struct smsc_ops *ops, const char *name)
{
	INIT_LLIST_HEAD(&smsc->entry);
	INIT_LLIST_HEAD(&smsc->queue);
	osmo_timer_setup(&smsc->pump, smsc_pump_timeout, smsc);
	rate_init(&smsc->rate, 0);
	smsc->c = c;
	smsc->ops = ops;
	if (strlen(name) >= SMSC_NAME_SIZE)
		return -EINVAL;
	strcpy(smsc->name, name);
	smsc->shutdown = true;
	smsc->window = SMSC_WINDOW_DEFAULT;
	smsc->queue_max = SMSC_QUEUE_DEFAULT;
	smsc->changed_us = clock_us();
	snprintf(smsc->why, sizeof(smsc->why), "not connected yet");
	smsc->ctrs = rate_ctr_group_alloc(smsc, ops->ctrs, smsc_next_ctr_idx(c));
	if (!smsc->ctrs)
		return -ENOMEM;
	rate_ctr_group_set_name(smsc->ctrs, name);
	llist_add_tail(&smsc->entry, &c->smscs);
	return 0;
}

void smsc_exit(struct smsc *smsc)
{
	smsc->shutdown = true;
	smsc->up = false;
	smsc_queue_flush(smsc);
	osmo_timer_del(&smsc->pump);
	llist_del_init(&smsc->entry);
	if (smsc->ctrs)
		rate_ctr_group_free(smsc->ctrs);
	smsc->ctrs = NULL;
}

void smsc_count(struct smsc *smsc, unsigned ctr)
{
	rate_ctr_inc2(smsc->ctrs, ctr);
}

struct smsc *smsc_find(struct connector *c, const char *name)
{
	struct smsc *smsc;

	llist_for_each_entry(smsc, &c->smscs, entry)
	{
		if (strcmp(smsc->name, name) == 0)
			return smsc;
	}
	return NULL;
}

static bool smsc_takes_any_sc(const struct smsc *smsc)
{
	return smsc->ops->takes_any_sc && smsc->ops->takes_any_sc(smsc);
}

/* What is no service centre at all takes none either. */
static bool smsc_is_sc(const struct smsc *smsc, const struct sms_address *sc_address)
{
	return strcmp(smsc->sc_address.text, sc_address->text) == 0 &&
	       (!smsc->ops->takes_any_sc || smsc_takes_any_sc(smsc));
}

struct smsc *smsc_find_sc(struct connector *c, const struct sms_address *sc_address, bool *any)
{
	struct smsc *smsc, *found = NULL;

	*any = false;
	llist_for_each_entry(smsc, &c->smscs, entry)
	{
		bool is_it = smsc_is_sc(smsc, sc_address), takes = smsc_takes_any_sc(smsc);

		*any |= is_it || takes;
		if (is_it && smsc->up)
			return smsc;
		if (takes && smsc->up && !found)
			found = smsc;
	}
	return found;
}

static void smsc_tell_state(struct smsc *smsc)
{
	strcpy(smsc->why_told, smsc->why);
	link_client_state(smsc->c->link, smsc);
}

void smsc_set_up(struct smsc *smsc, bool up)
{
	if (up == smsc->up) {
		if (!up && strcmp(smsc->why, smsc->why_told) != 0)
			smsc_tell_state(smsc);
		return;
	}
	smsc->up = up;
	smsc->changed_us = clock_us();
	LOGP(smsc->ops->log_category, LOGL_NOTICE, "[%s] SMSC is %s\n", smsc->name,
	     up ? "up" : "down");
	rate_init(&smsc->rate, smsc->rate.cap);
	smsc->comeback = (struct comeback){0};
	smsc->was_full = false;
	smsc_tell_state(smsc);
	if (up)
		smsc_pump(smsc);
	else
		smsc_queue_flush(smsc);
}

bool smsc_is_up(const struct smsc *smsc)
{
	return smsc->up;
}

/* ---- room ---- */

static bool smsc_is_alone(const struct smsc *smsc)
{
	const struct smsc *other;

	llist_for_each_entry(other, &smsc->c->smscs, entry)
	{
		if (other != smsc && !other->shutdown)
			return false;
	}
	return true;
}

bool smsc_has_share(const struct smsc *smsc)
{
	const struct connector *c = smsc->c;

	return smsc_is_alone(smsc) || smsc->held + sm_count(c) <= c->link->window;
}

void smsc_tell_room(struct smsc *smsc)
{
	uint64_t now_us = clock_us();

	if (now_us - smsc->room_told_us < SMSC_ROOM_TOLD_EVERY_S * (uint64_t)CLOCK_US_PER_S)
		return;
	smsc->room_told_us = now_us;
	smsc->was_full = false;
	smsc->comeback = (struct comeback){0};
	link_client_state(smsc->c->link, smsc);
}
