/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */

/*
 * The tables of home routing, and who is meant by what stands in them. The queries are in map_query.c.
 *
 * Ids are in memory only. After a start an unknown one may be of the time before: it is refused for now, for as long
 * as such an id would hold; from then on for good.
 */

#include "map_home_int.h"

#include <sys/random.h>

#include <osmocom/core/stats.h>
#include <osmocom/core/talloc.h>
#include <osmocom/core/timer.h>

#include "link_client.h"
#include "log.h"
#include "map_receive.h"
#include "map_waiting.h"

enum {
	CORRELATION_KEEP_MS =
		600000, /* TS 23.040 names no time; an SC may use an id for ten minutes */
	IMSI_AGE_MS = 24 * 3600 * 1000,
	WAITING_MAX = 16384,
	ID_ATTEMPTS = 32,
	FULL_LOG_MS = 10000,
};

static const struct rate_ctr_desc home_ctr_desc[] = {
	[MAP_HOME_CTR_QUERY_OURS] = {"query:ours", "SRI-SM answered with our address"},
	[MAP_HOME_CTR_QUERY_RELAYED] = {"query:relayed", "SRI-SM answered with the HLR's answer"},
	[MAP_HOME_CTR_QUERY_FAILED] = {"query:failed", "SRI-SM answered with systemFailure"},
	[MAP_HOME_CTR_QUERY_LOOP] = {"query:loop", "SRI-SM of our own that came back"},
	[MAP_HOME_CTR_CORRELATION_FULL] = {"correlation:full",
					   "Correlation ids refused: too many are in use"},
	[MAP_HOME_CTR_CORRELATION_UNKNOWN] = {"correlation:unknown",
					      "MT-ForwardSM to an unknown id"},
	[MAP_HOME_CTR_SM_RX] = {"sm:rx", "Short messages received"},
	[MAP_HOME_CTR_SM_ACCEPTED] = {"sm:accepted", "Short messages taken by A or the module"},
	[MAP_HOME_CTR_SM_REFUSED] = {"sm:refused", "Short messages answered with an error"},
	[MAP_HOME_CTR_SM_UNHEARD] = {"sm:unheard",
				     "Short messages whose dialogue ended before the answer"},
	[MAP_HOME_CTR_SM_REPEATED] = {"sm:repeated",
				      "Short messages that came again after such an end"},
	[MAP_HOME_CTR_REPORT_RX] = {"report:rx", "Status reports received"},
	[MAP_HOME_CTR_RELAY_TX] = {"relay:tx", "MT-ForwardSM relayed to a serving node"},
	[MAP_HOME_CTR_RELAY_ACCEPTED] = {"relay:accepted", "Short messages taken by such a node"},
	[MAP_HOME_CTR_RELAY_FAILED] = {"relay:failed", "Short messages taken by no such node"},
	[MAP_HOME_CTR_STATUS_TX] = {"status:tx", "Delivery statuses reported to the HLR"},
};

static const struct rate_ctr_group_desc home_ctrg_desc = {
	.group_name_prefix = "map-home",
	.group_description = "Home routing over MAP",
	.class_id = OSMO_STATS_CLASS_GLOBAL,
	.num_ctr = sizeof(home_ctr_desc) / sizeof(home_ctr_desc[0]),
	.ctr_desc = home_ctr_desc,
};

/* ---- life ---- */

static bool home_parts_alloc(struct map_home *home)
{
	const struct map_config *config = &home->stack->config;

	home->ids = correlation_table_alloc(home, config->correlations_max, CORRELATION_KEEP_MS,
					    (uint64_t)config->correlation_s * 1000);
	home->imsis = correlation_table_alloc(home, config->correlations_max, 0, IMSI_AGE_MS);
	home->waiting = map_waiting_alloc(home->stack, WAITING_MAX);
	home->ctrs = rate_ctr_group_alloc(home, &home_ctrg_desc, 0);
	return home->ids && home->imsis && home->waiting && home->ctrs;
}

struct map_home *map_home_of(struct map_stack *stack)
{
	struct map_home *home = stack->home;

	if (home)
		return home;
	home = talloc_zero(stack, struct map_home);
	if (!home)
		return NULL;
	home->stack = stack;
	home->started_ms = clock_ms();
	INIT_LLIST_HEAD(&home->queries);
	hash_init(home->by_ref);
	hash_init(home->by_number);
	stack->home = home;
	stack->c->link->user = map_home_user;
	if (home_parts_alloc(home))
		return home;
	map_home_free(stack);
	return NULL;
}

void map_home_free(struct map_stack *stack)
{
	struct map_home *home = stack->home;

	if (!home)
		return;
	map_query_free_all(home);
	if (home->waiting)
		map_waiting_free(home->waiting);
	if (home->ctrs)
		rate_ctr_group_free(home->ctrs);
	talloc_free(home);
	stack->home = NULL;
}

/* ---- show ---- */

void map_home_count(struct map_stack *stack, enum map_home_ctr ctr)
{
	struct map_home *home = map_home_of(stack);

	if (home)
		rate_ctr_inc2(home->ctrs, ctr);
}

struct map_home_show map_home_show(const struct map_stack *stack)
{
	const struct map_home *home = stack->home;

	if (!home)
		return (struct map_home_show){0};
	return (struct map_home_show){
		.ids = correlation_count(home->ids),
		.imsis = correlation_count(home->imsis),
		.waiting = map_waiting_count(home->waiting),
		.queries = home->n_queries,
		.ctrs = home->ctrs,
	};
}

/* ---- subscribers ---- */

void map_home_learn(struct map_home *home, const struct sms_address *msisdn,
		    const struct map_routing_info *routing)
{
	uint64_t now_ms = clock_ms();
	struct correlation *c;

	if (!*routing->imsi)
		return;
	c = correlation_find(home->imsis, routing->imsi, now_ms);
	if (c && strcmp(c->msisdn.text, msisdn->text)) {
		correlation_del(home->imsis, c);
		c = NULL;
	}
	if (!c)
		c = correlation_add(home->imsis, routing->imsi, msisdn, now_ms);
	if (!c)
		return;
	c->routing = *routing;
}

const char *map_home_imsi(const struct map_home *home, const struct sms_address *msisdn)
{
	const struct correlation *c = correlation_of_msisdn(home->imsis, msisdn, clock_ms());

	return c ? c->id : "";
}

/* ---- correlation ids ---- */

static void home_full(struct map_home *home, const char *why)
{
	uint64_t now_ms = clock_ms();

	rate_ctr_inc2(home->ctrs, MAP_HOME_CTR_CORRELATION_FULL);
	if (home->full_logged_ms && now_ms - home->full_logged_ms < FULL_LOG_MS)
		return;
	home->full_logged_ms = now_ms;
	LOGP(DMAP, LOGL_ERROR, "no correlation id: %s\n", why);
}

static void home_random(void *out, size_t octets)
{
	while (getrandom(out, octets, 0) != (ssize_t)octets)
		;
}

static bool home_id_is_free(struct map_home *home, const char *id, uint64_t now_ms)
{
	return !correlation_find(home->ids, id, now_ms) &&
	       !correlation_find(home->imsis, id, now_ms);
}

struct correlation *map_home_correlate(struct map_home *home, const struct sms_address *msisdn,
				       const char *imsi)
{
	char plmn[CORRELATION_PLMN_DIGITS + 1], id[CORRELATION_ID_DIGITS + 1];
	uint64_t now_ms = clock_ms();
	struct correlation *c = NULL;
	uint32_t random;

	if (correlation_plmn(imsi, home->stack->config.plmn, plmn)) {
		home_full(home, "the HLR gave no IMSI, and no plmn is set");
		return NULL;
	}
	for (unsigned i = 0; i < ID_ATTEMPTS && !c; i++) {
		home_random(&random, sizeof(random));
		if (correlation_id(plmn, random, id) || !home_id_is_free(home, id, now_ms))
			continue;
		c = correlation_add(home->ids, id, msisdn, now_ms);
		if (!c)
			break;
	}
	if (!c)
		home_full(home, "all of the last ten minutes are kept");
	return c;
}

/* ---- for MT-ForwardSM ---- */

const struct correlation *map_home_recipient(struct map_stack *stack, const char *imsi,
					     int32_t *code)
{
	struct map_home *home = map_home_of(stack);
	uint64_t now_ms = clock_ms();
	struct correlation *c = home ? correlation_find(home->ids, imsi, now_ms) : NULL;

	if (!c && home)
		c = correlation_find(home->imsis, imsi, now_ms);
	if (c)
		return c;
	*code = home && now_ms - home->started_ms >= stack->config.restart_s * 1000ull
			? MAP_ERROR_UNIDENTIFIED_SUBSCRIBER
			: MAP_ERROR_SYSTEM_FAILURE;
	map_home_count(stack, MAP_HOME_CTR_CORRELATION_UNKNOWN);
	return NULL;
}

struct map_error map_home_error(const struct map_error *error, uint8_t version)
{
	int32_t absent = version < 3 ? MAP_ERROR_ABSENT_SUBSCRIBER : MAP_ERROR_ABSENT_SUBSCRIBER_SM;
	bool is_absent = error->code == MAP_ERROR_ABSENT_SUBSCRIBER ||
			 error->code == MAP_ERROR_ABSENT_SUBSCRIBER_SM;

	if (is_absent && error->code != absent)
		return (struct map_error){.code = absent};
	if (error->code == MAP_ERROR_SUBSCRIBER_BUSY_FOR_MT_SMS && version < 2)
		return (struct map_error){.code = MAP_ERROR_SYSTEM_FAILURE};
	return *error;
}

/* ---- who is back ---- */

void map_home_absent(struct map_stack *stack, const struct sms_address *msisdn, const char *imsi)
{
	struct map_home *home = map_home_of(stack);

	if (home && !*imsi)
		imsi = map_home_imsi(home, msisdn);
	if (home && *imsi)
		map_waiting_add(home->waiting, msisdn, imsi);
}

void map_home_back(struct map_stack *stack, const char *number)
{
	if (stack->home)
		map_waiting_back(stack->home->waiting, number);
}

void map_home_user(struct map_stack *stack, uint64_t ref, const char *number, bool registered)
{
	if (!stack->home)
		return;
	if (ref)
		map_query_user(stack->home, ref, number, registered);
	else if (registered && !map_receive_user(stack, number))
		map_home_back(stack, number);
}
