/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */

/* Prefix routes. The list is kept longest prefix first, so that the first match is the one. */

#include "route.h"

#include <errno.h>
#include <string.h>

#include <osmocom/core/talloc.h>

static struct route *route_exact(struct llist_head *routes, const char *prefix)
{
	struct route *r;

	llist_for_each_entry(r, routes, entry)
	{
		if (strcmp(r->prefix, prefix) == 0)
			return r;
	}
	return NULL;
}

/* Longest first, then by digits, so that a written configuration is always in the same order. */
static bool route_before(const struct route *a, const struct route *b)
{
	size_t la = strlen(a->prefix), lb = strlen(b->prefix);

	return la != lb ? la > lb : strcmp(a->prefix, b->prefix) < 0;
}

static void route_insert(struct llist_head *routes, struct route *route)
{
	struct route *r;

	llist_for_each_entry(r, routes, entry)
	{
		if (route_before(route, r))
			break;
	}
	llist_add_tail(&route->entry, &r->entry);
}

static bool route_prefix_valid(const char *prefix)
{
	return strlen(prefix) < ROUTE_PREFIX_SIZE && strspn(prefix, "0123456789") == strlen(prefix);
}

int route_add(void *ctx, struct llist_head *routes, const char *prefix, bool share,
	      struct smsc *const smsc[], unsigned n_smsc)
{
	struct route *r;

	if (!route_prefix_valid(prefix) || n_smsc == 0 || n_smsc > ROUTE_SMSC_MAX)
		return -EINVAL;
	r = talloc_zero(ctx, struct route);
	if (!r)
		return -ENOMEM;
	strcpy(r->prefix, prefix);
	r->share = share;
	r->n_smsc = n_smsc;
	memcpy(r->smsc, smsc, n_smsc * sizeof(r->smsc[0]));
	route_del(routes, prefix);
	route_insert(routes, r);
	return 0;
}

int route_del(struct llist_head *routes, const char *prefix)
{
	struct route *r = route_exact(routes, prefix);

	if (!r)
		return -ENOENT;
	llist_del(&r->entry);
	talloc_free(r);
	return 0;
}

struct route *route_find(struct llist_head *routes, const char *digits)
{
	struct route *r;

	llist_for_each_entry(r, routes, entry)
	{
		if (strncmp(digits, r->prefix, strlen(r->prefix)) == 0)
			return r;
	}
	return NULL;
}

struct smsc *route_pick(struct route *route, bool (*is_up)(const struct smsc *smsc))
{
	unsigned first = route->share ? route->turn : 0;

	for (unsigned i = 0; i < route->n_smsc; i++) {
		unsigned at = (first + i) % route->n_smsc;

		if (!is_up(route->smsc[at]))
			continue;
		route->turn = (at + 1) % route->n_smsc;
		return route->smsc[at];
	}
	return NULL;
}

bool route_uses(const struct llist_head *routes, const struct smsc *smsc)
{
	const struct route *r;

	llist_for_each_entry(r, routes, entry)
	{
		for (unsigned i = 0; i < r->n_smsc; i++) {
			if (r->smsc[i] == smsc)
				return true;
		}
	}
	return false;
}
