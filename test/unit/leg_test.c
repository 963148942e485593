/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */

#include "../../lib/cpm/leg.h"
#include "test.h"

static const struct {
	const char *served_user, *route;
	enum cpm_leg leg;
} cases[] = {
	{"", "", CPM_LEG_ORIG},
	{"<sip:+1555@home1.example;user=phone>;sescase=orig;regstate=reg", "", CPM_LEG_ORIG},
	{"<sip:+1555@home1.example;user=phone>;sescase=term;regstate=unreg", "", CPM_LEG_TERM},
	{"<tel:+1555>; SesCase = TERM", "", CPM_LEG_TERM},
	{"<sip:sescase=term@home1.example;sescase=term>", "", CPM_LEG_ORIG}, /* of the URI, not of the header */
	{"\"x;sescase=term\" <tel:+1555>;sescase=orig", "", CPM_LEG_ORIG},
	{"<tel:+1555>;sescase=term", "<sip:orig@ipsmgw.example;lr;orig>", CPM_LEG_TERM},
	{"<tel:+1555>;sescase=other", "<sip:term@ipsmgw.example;lr>", CPM_LEG_TERM},
	{"<tel:+1555>;sescase", "", CPM_LEG_ORIG},
	{"", "<sip:ipsmgw.example;lr;orig>", CPM_LEG_ORIG},
	{"", "<sip:term@ipsmgw.example;lr;orig>", CPM_LEG_ORIG},
	{"", "<sip:term@ipsmgw.example;lr>;orig", CPM_LEG_ORIG},
	{"", "<sip:term@ipsmgw.example;lr>", CPM_LEG_TERM},
	{"", "sip:TERM@ipsmgw.example", CPM_LEG_TERM},
	{"", "<sip:term@ipsmgw.example;lr>, <sip:scscf.example;lr;orig>", CPM_LEG_TERM},
	{"", "<sip:terminal@ipsmgw.example;lr>", CPM_LEG_ORIG},
	{"", "<sip:scscf.example;lr>, <sip:term@x>", CPM_LEG_ORIG},
	{"", "<sip:term", CPM_LEG_ORIG},
	{"", "<", CPM_LEG_ORIG},
	{"", "<sip:", CPM_LEG_ORIG},
};

/* In a block of exactly its size, so that a read behind its end is seen. */
static struct view copy_of(const char *text)
{
	size_t len = strlen(text);
	uint8_t *p = malloc(len ? len : 1);

	memcpy(p, text, len);
	return (struct view){p, len};
}

int main(void)
{
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct view served_user = copy_of(cases[i].served_user), route = copy_of(cases[i].route);
		enum cpm_leg leg = cpm_leg(served_user, route);

		CHECK(leg == cases[i].leg, "%s | %s: %s", cases[i].served_user, cases[i].route, cpm_leg_name(leg));
		free((void *)served_user.p);
		free((void *)route.p);
	}
	return test_end("leg");
}
