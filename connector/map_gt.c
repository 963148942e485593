/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */

/* Global titles: those of ours and of our peers (Q.713 3.4.2.3.4), and the point code that a message to one goes to. */

#include "map_stack.h"

#include <stdio.h>

/* ---- addresses ---- */

struct sccp_address map_stack_gt(const struct map_stack *stack, const struct sms_address *number,
				 uint8_t ssn)
{
	struct sccp_address a = {.has_ssn = true,
				 .ssn = ssn,
				 .gti = SCCP_GTI_TT_NP_ES_NAI,
				 .tt = stack->config.tt,
				 .np = SCCP_NP_E164,
				 .nai = SCCP_NAI_INTERNATIONAL};

	snprintf(a.digits, sizeof(a.digits), "%.*s", (int)sizeof(a.digits) - 1, number->text);
	return a;
}

struct sccp_address map_stack_own(const struct map_stack *stack, uint8_t ssn)
{
	return map_stack_gt(stack, &stack->config.address, ssn);
}

struct sccp_address map_stack_hlr(const struct map_stack *stack, const struct sms_address *msisdn)
{
	const struct sms_address *hlr = stack->config.hlr.text[0] ? &stack->config.hlr : msisdn;

	return map_stack_gt(stack, hlr, SCCP_SSN_HLR);
}

/* ---- routes ---- */

static struct map_gt_route *route_find(struct map_config *config, const char *prefix)
{
	for (unsigned i = 0; i < config->n_routes; i++)
		if (strcmp(config->routes[i].prefix, prefix) == 0)
			return &config->routes[i];
	return NULL;
}

int map_stack_route_add(struct map_config *config, const char *prefix, uint32_t pc)
{
	struct map_gt_route *route = route_find(config, prefix);

	if (strlen(prefix) >= MAP_GT_SIZE || prefix[strspn(prefix, "0123456789")])
		return -EINVAL;
	if (!route && config->n_routes == MAP_STACK_ROUTES_MAX)
		return -ENOSPC;
	if (!route) {
		route = &config->routes[config->n_routes++];
		strcpy(route->prefix, prefix);
	}
	route->pc = pc;
	return 0;
}

int map_stack_route_del(struct map_config *config, const char *prefix)
{
	struct map_gt_route *route = route_find(config, prefix);

	if (!route)
		return -ENOENT;
	*route = config->routes[--config->n_routes];
	return 0;
}

static const struct map_gt_route *longest(const struct map_config *config, const char *digits)
{
	const struct map_gt_route *best = NULL;

	for (unsigned i = 0; i < config->n_routes; i++) {
		const struct map_gt_route *r = &config->routes[i];
		size_t len = strlen(r->prefix);

		if (strncmp(digits, r->prefix, len) == 0 && (!best || len > strlen(best->prefix)))
			best = r;
	}
	return best;
}

int map_stack_route(const struct map_config *config, const struct sccp_address *called,
		    uint32_t *pc)
{
	const struct map_gt_route *route =
		called->gti != SCCP_GTI_NONE && !(called->route_on_ssn && called->has_pc)
			? longest(config, called->digits)
			: NULL;

	if (!route && !called->has_pc)
		return -EHOSTUNREACH;
	*pc = route ? route->pc : called->pc;
	return 0;
}
