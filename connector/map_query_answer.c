/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */

/*
 * What an SRI-SM is answered:
 *
 *   HLR's answer            registered                 not registered
 *   nodes                   ours                       ours, or the HLR's answer if registered_only
 *   absent                  ours                the HLR's answer
 *   systemFailure, none     ours                       systemFailure
 *   another error           the HLR's answer           the HLR's answer
 *   no delivery intended    the HLR's answer           the HLR's answer
 *   nodes, status report    ours                       ours
 *
 * "Ours" is our own address alone, with a new correlation id as IMSI. While the module is not there, nobody is known to
 * be registered: phones are reached as if we were not there, and for who is absent there the SC has to ask again.
 */

#include "map_query.h"

#include "log.h"

void map_query_fail(struct map_query *q, const char *why)
{
	struct map_error error = {.code = MAP_ERROR_SYSTEM_FAILURE};

	LOGP(DMAP, LOGL_NOTICE, "SRI-SM for %s refused with systemFailure: %s\n", q->number, why);
	map_home_count(q->home->stack, MAP_HOME_CTR_QUERY_FAILED);
	map_served_error(q->home->stack, &q->served, &error);
	map_query_free(q);
}

static void query_relay_error(struct map_query *q)
{
	struct map_error error = map_home_error(&q->error, q->version);

	map_home_count(q->home->stack, MAP_HOME_CTR_QUERY_RELAYED);
	map_served_error(q->home->stack, &q->served, &error);
	map_query_free(q);
}

/* As the HLR would have answered a GMSC that knows of one node only. */
static void query_one_node(struct map_location_info *l)
{
	if (l->additional_number.type == MAP_NUMBER_MSC)
		l->network_node_number = l->additional_number.address;
	l->gprs_node_indicator = false;
	l->additional_number = l->third_number = (struct map_additional_number){0};
}

static void query_relay_result(struct map_query *q)
{
	struct map_result result = {.operation = MAP_SRI_SM, .sri_sm = q->result};

	if (!q->gprs_supported)
		query_one_node(&result.sri_sm.location);
	map_home_count(q->home->stack, MAP_HOME_CTR_QUERY_RELAYED);
	map_served_result(q->home->stack, &q->served, &result);
	map_query_free(q);
}

/* An answer that names nobody but us leaves nothing to relay to. */
static struct map_routing_info query_routing(const struct map_query *q)
{
	const struct map_config *config = &q->home->stack->config;
	struct map_routing_info routing;

	if (q->hlr == HLR_NODES &&
	    map_routing_info_of(&q->result,
				config->prefer_sgsn ? MAP_SERVING_SGSN : MAP_SERVING_MSC,
				&config->address, &routing) == 0)
		return routing;
	routing = (struct map_routing_info){0};
	strcpy(routing.imsi,
	       q->hlr == HLR_NODES ? q->result.imsi
	       : q->hlr == HLR_ABSENT && q->error.code == MAP_ERROR_ABSENT_SUBSCRIBER_SM
		       ? q->error.absent_subscriber_sm.imsi
		       : "");
	return routing;
}

static void query_ours(struct map_query *q)
{
	struct map_home *home = q->home;
	struct map_routing_info routing = query_routing(q);
	struct map_result result = {.operation = MAP_SRI_SM};
	struct correlation *c;

	map_home_learn(home, &q->msisdn, &routing);
	if (!*routing.imsi)
		strcpy(routing.imsi, map_home_imsi(home, &q->msisdn));
	c = map_home_correlate(home, &q->msisdn, routing.imsi);
	if (!c && q->hlr == HLR_ABSENT) {
		query_relay_error(q);
		return;
	}
	if (!c) {
		map_query_fail(q, "no correlation id");
		return;
	}
	c->routing = routing;
	strcpy(result.sri_sm.imsi, c->id);
	result.sri_sm.location.present = true;
	result.sri_sm.location.network_node_number = home->stack->config.address;
	map_home_count(home->stack, MAP_HOME_CTR_QUERY_OURS);
	map_served_result(home->stack, &q->served, &result);
	map_query_free(q);
}

static bool query_names_us(const struct map_query *q)
{
	return strcmp(q->result.location.network_node_number.text,
		      q->home->stack->config.address.text) == 0;
}

/*
 * Somebody has to be told where the subscriber is: then it is us. The status report of a message that A has sent in
 * IMS is for us even when A is there no more, and goes on to the phone if it is for the phone.
 */
static bool query_is_for_us(const struct map_query *q)
{
	const struct map_config *config = &q->home->stack->config;

	if (q->registered)
		return true;
	return q->hlr == HLR_NODES && (!config->registered_only ||
				       (q->is_report && config->relay_csps) || query_names_us(q));
}

void map_query_decide(struct map_query *q)
{
	if (q->hlr == HLR_NONE_YET)
		return;
	if (q->hlr == HLR_ERROR)
		query_relay_error(q);
	else if (q->hlr == HLR_NODES && q->not_intended)
		query_relay_result(q);
	else if (!q->user_known)
		return;
	else if (query_is_for_us(q))
		query_ours(q);
	else if (q->hlr == HLR_NODES)
		query_relay_result(q);
	else if (q->hlr == HLR_ABSENT && !q->is_blind)
		query_relay_error(q);
	else
		map_query_fail(q, q->hlr == HLR_ABSENT ? "the module is not there"
						       : "no answer of the HLR");
}
