/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */

/* SMSCs that are reached over MAP, as objects: settings, up and down, counters, the way from the queue to the role. */

#include "map_smsc.h"

#include <stdio.h>

#include <osmocom/core/stats.h>
#include <osmocom/core/talloc.h>
#include <osmocom/core/utils.h>

#include "clock.h"
#include "log.h"
#include "sm.h"

static const struct rate_ctr_desc map_smsc_ctr_desc[] = {
	[MAP_SMSC_CTR_TX] = {"sm:tx", "Messages given to the network"},
	[MAP_SMSC_CTR_ACCEPTED] = {"sm:accepted", "Messages taken by the SC"},
	[MAP_SMSC_CTR_DELIVERED] = {"sm:delivered", "Messages delivered to the recipient"},
	[MAP_SMSC_CTR_DUPLICATE] = {"sm:duplicate", "Messages that the SC had taken before"},
	[MAP_SMSC_CTR_WITHOUT_VALIDITY] = {"sm:without_validity",
					   "Messages sent again without TP-VP"},
	[MAP_SMSC_CTR_FAILED] = {"sm:failed", "Messages refused for good"},
	[MAP_SMSC_CTR_TEMPORARY] = {"sm:temporary", "Messages refused for now"},
	[MAP_SMSC_CTR_UNCERTAIN] = {"sm:uncertain", "Messages without an answer"},
	[MAP_SMSC_CTR_QUEUE_FULL] = {"queue:full", "Messages that found the queue full"},
};

static const struct rate_ctr_group_desc map_smsc_ctrg_desc = {
	.group_name_prefix = "map_smsc",
	.group_description = "An SMSC over MAP",
	.class_id = OSMO_STATS_CLASS_PEER,
	.num_ctr = sizeof(map_smsc_ctr_desc) / sizeof(map_smsc_ctr_desc[0]),
	.ctr_desc = map_smsc_ctr_desc,
};

static const struct map_smsc_role roles[] = {
	[MAP_ROLE_SUBMIT] = {"submit", map_submit, NULL, map_submit_release},
	[MAP_ROLE_DELIVER] = {"deliver", map_deliver, map_deliver_flush, map_deliver_release},
};

const struct map_smsc_role *map_smsc_role(enum map_role role)
{
	return role < ARRAY_SIZE(roles) ? &roles[role] : NULL;
}

/* ---- from the queue to the role ---- */

static bool map_smsc_may_send(const struct smsc *smsc)
{
	return container_of(smsc, struct map_smsc, smsc)->out < smsc->window;
}

static bool map_smsc_send(struct smsc *smsc, struct sm *sm)
{
	struct map_smsc *map = container_of(smsc, struct map_smsc, smsc);

	sm->sent_us = clock_us();
	map->out++;
	smsc_count(smsc, MAP_SMSC_CTR_TX);
	rate_sent(&smsc->rate, sm->sent_us);
	roles[map->config.role].take(map, sm);
	return true;
}

/* From the timer, so that a role is not called while it ends another message. */
void map_smsc_done(struct map_smsc *smsc)
{
	smsc->out--;
	if (!llist_empty(&smsc->smsc.queue))
		osmo_timer_schedule(&smsc->smsc.pump, 0, 0);
}

void map_smsc_count_failure(struct map_smsc *smsc, uint8_t flags)
{
	smsc_count(&smsc->smsc, flags & LINK_FLAG_UNKNOWN     ? MAP_SMSC_CTR_UNCERTAIN
				: flags & LINK_FLAG_TEMPORARY ? MAP_SMSC_CTR_TEMPORARY
							      : MAP_SMSC_CTR_FAILED);
}

/* ---- up and down ---- */

static void map_smsc_update(struct smsc *smsc)
{
	struct connector *c = smsc->c;
	bool may = c->running && !c->stopping && !smsc->shutdown;

	snprintf(smsc->why, sizeof(smsc->why), "%s", may ? "MAP is down" : "shut down");
	smsc_set_up(smsc, may && map_stack_is_up(c->map));
}

void map_smsc_stack_changed(struct connector *c)
{
	struct smsc *smsc;

	llist_for_each_entry(smsc, &c->smscs, entry)
	{
		if (map_smsc_of(smsc))
			map_smsc_update(smsc);
	}
}

static bool map_smsc_is_idle(const struct smsc *smsc)
{
	return !smsc->up;
}

static bool map_smsc_has_sent(const struct smsc *smsc)
{
	return container_of(smsc, struct map_smsc, smsc)->out > 0;
}

static bool map_smsc_takes_any_sc(const struct smsc *smsc)
{
	return container_of(smsc, struct map_smsc, smsc)->config.role == MAP_ROLE_SUBMIT;
}

struct smsc *map_smsc_by_address(struct connector *c, const struct sms_address *sc_address)
{
	struct smsc *smsc, *other = NULL;

	llist_for_each_entry(smsc, &c->smscs, entry)
	{
		if (!map_smsc_of(smsc) || !map_smsc_takes_any_sc(smsc))
			continue;
		if (strcmp(smsc->sc_address.text, sc_address->text) == 0)
			return smsc;
		if (!other || (!other->up && smsc->up))
			other = smsc;
	}
	return other;
}

/* ---- life ---- */

/* The status of an answer is the code of the MAP error. */
static const char *map_smsc_status_name(uint32_t status)
{
	return status ? map_error_name((int32_t)status) : "none";
}

/* Of all roles: a message is still in the hands of the one that the SMSC had when it was sent. */
static void map_smsc_flush(struct smsc *smsc)
{
	struct map_smsc *map = container_of(smsc, struct map_smsc, smsc);

	for (size_t i = 0; i < ARRAY_SIZE(roles); i++)
		if (roles[i].flush)
			roles[i].flush(map);
}

static void map_smsc_free(struct smsc *smsc)
{
	struct map_smsc *map = container_of(smsc, struct map_smsc, smsc);

	smsc->shutdown = true;
	smsc->up = false;
	smsc_queue_flush(smsc);
	for (size_t i = 0; i < ARRAY_SIZE(roles); i++)
		roles[i].release(map);
	smsc_exit(smsc);
	talloc_free(map);
}

static const struct smsc_ops map_smsc_ops = {
	.protocol = "map",
	.ctrs = &map_smsc_ctrg_desc,
	.ctr_queue_full = MAP_SMSC_CTR_QUEUE_FULL,
	.ctr_temporary = MAP_SMSC_CTR_TEMPORARY,
	.log_category = DMAP,
	.start = map_smsc_update,
	.stop = map_smsc_update,
	.is_idle = map_smsc_is_idle,
	.has_sent = map_smsc_has_sent,
	.takes_any_sc = map_smsc_takes_any_sc,
	.may_send = map_smsc_may_send,
	.send = map_smsc_send,
	.flush = map_smsc_flush,
	.status_name = map_smsc_status_name,
	.show = map_smsc_show,
	.write = map_smsc_write,
	.free = map_smsc_free,
};

struct map_smsc *map_smsc_of(struct smsc *smsc)
{
	return smsc->ops == &map_smsc_ops ? container_of(smsc, struct map_smsc, smsc) : NULL;
}

struct map_smsc *map_smsc_alloc(struct connector *c, const char *name)
{
	struct map_smsc *map = talloc_zero(c, struct map_smsc);

	if (!map)
		return NULL;
	INIT_LLIST_HEAD(&map->sent);
	map->config.ssn = SCCP_SSN_MSC;
	if (smsc_init(&map->smsc, c, &map_smsc_ops, name) < 0) {
		talloc_free(map);
		return NULL;
	}
	return map;
}
