/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */
#pragma once

#include <stdbool.h>

#include "compat.h"

#include <osmocom/core/linuxlist.h>

/*
 * Which SMSC takes a message: the route with the longest prefix of the destination's digits decides,
 * the default route ("") if none matches. Of its SMSCs the first that is up is taken, or, if they
 * share, each that is up in turn. There is no falling back to a shorter prefix.
 */

struct smsc;

enum { ROUTE_PREFIX_SIZE = 21, ROUTE_SMSC_MAX = 16 };

struct route {
	struct llist_head entry;
	char prefix[ROUTE_PREFIX_SIZE]; /* digits; "" is the default route */
	bool share;
	unsigned turn; /* of share */
	unsigned n_smsc;
	struct smsc *smsc[ROUTE_SMSC_MAX];
};

/** Add a route, or replace the one with that prefix. @return 0, -EINVAL (prefix, number of SMSCs), -ENOMEM */
int route_add(void *ctx, struct llist_head *routes, const char *prefix, bool share,
	      struct smsc *const smsc[], unsigned n_smsc);

/** @return 0, -ENOENT */
int route_del(struct llist_head *routes, const char *prefix);

/** The route that decides for these digits, or NULL. */
struct route *route_find(struct llist_head *routes, const char *digits);

/** The SMSC to use now, or NULL if none of the route is up. */
struct smsc *route_pick(struct route *route, bool (*is_up)(const struct smsc *smsc));

bool route_uses(const struct llist_head *routes, const struct smsc *smsc);
