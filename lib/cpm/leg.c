/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */

/*
 * Which leg a request is of: P-Served-User (RFC 5502 5.3), else what the initial filter criterion
 * wrote into our URI (TS 24.229 5.4.3.2 and 5.4.3.3: "orig").
 */

#include "field.h"
#include "leg.h"

/* Is there a parameter of this name, in the header or in the URI? Its value into value. */
static bool param_find(struct view v, const char *name, struct view *value)
{
	struct view member;

	while (field_list_next(&v, ";", &member)) {
		struct field f = field_param(member);

		*value = f.value;
		if (view_ieq(f.name, view_str(name)))
			return true;
	}
	return false;
}

/* What stands between the brackets, all of it without them. */
static struct view uri_of(struct view v)
{
	const uint8_t *open = v.len ? memchr(v.p, '<', v.len) : NULL;
	const uint8_t *close;

	if (!open)
		return v;
	v = view_skip(v, (size_t)(open - v.p) + 1);
	close = v.len ? memchr(v.p, '>', v.len) : NULL;
	return close ? (struct view){v.p, (size_t)(close - v.p)} : v;
}

static bool has_user(struct view uri, const char *user)
{
	const uint8_t *colon = uri.len ? memchr(uri.p, ':', uri.len) : NULL;
	size_t n = strlen(user);

	if (!colon)
		return false;
	uri = view_skip(uri, (size_t)(colon - uri.p) + 1);
	return uri.len > n && uri.p[n] == '@' && view_ieq((struct view){uri.p, n}, view_str(user));
}

enum cpm_leg cpm_leg(struct view served_user, struct view route)
{
	struct view value, top, uri;

	if (param_find(served_user, "sescase", &value)) {
		if (view_ieq(value, VIEW("term")))
			return CPM_LEG_TERM;
		if (view_ieq(value, VIEW("orig")))
			return CPM_LEG_ORIG;
	}
	if (!field_list_next(&route, ",", &top))
		return CPM_LEG_ORIG;
	uri = uri_of(top);
	if (param_find(uri, "orig", &value) || param_find(top, "orig", &value))
		return CPM_LEG_ORIG;
	return has_user(uri, "term") ? CPM_LEG_TERM : CPM_LEG_ORIG;
}

const char *cpm_leg_name(enum cpm_leg leg)
{
	return leg == CPM_LEG_TERM ? "term" : "orig";
}
