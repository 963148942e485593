/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */

#include "../../lib/cpm/instance.h"
#include "test.h"

#define URN "urn:gsma:imei:35824005-944763-1"
#define ENCODED "%2Bsip.instance%3D%22%3C" URN "%3E%22%3Brequire%3Bexplicit"

static const struct {
	const char *from, *urn; /* NULL: none */
} cases[] = {
	{"<sip:a@home1.example?Accept-Contact=+sip.instance%3D%22%3C" URN "%3E%22%3Brequire%3Bexplicit>", URN},
	{"<sip:a@home1.example?Accept-Contact=" ENCODED ">", URN},
	{"\"A\" <sip:a@home1.example;user=phone?accept-contact=*%3B" ENCODED ">", URN},
	{"sip:a@home1.example?Accept-Contact=" ENCODED, URN},
	{"<sip:a@home1.example?Subject=x&Accept-Contact=" ENCODED "&Priority=y>", URN},
	{"<sip:a@home1.example?Accept-Contact=x&Accept%2DContact=" ENCODED ">", URN},
	{"<tel:+15551230001?Accept-Contact=" ENCODED ">", URN},
	{"<sip:what?Accept-Contact=x@home1.example>", NULL},
	{"<sip:a@home1.example>", NULL},
	{"<sip:a@home1.example?>", NULL},
	{"<sip:a@home1.example?Accept-Contact>", NULL},
	{"<sip:a@home1.example?Accept-Contact=>", NULL},
	{"<sip:a@home1.example?X-Accept-Contact=" ENCODED ">", NULL},
	{"<sip:a@home1.example?Accept-Contact=+sip.instance%3D%22urn:x%22>", NULL},
	{"<sip:a@home1.example?Accept-Contact=+sip.instance%3D%22%3C%3E%22>", NULL},
	{"<sip:a@home1.example?Accept-Contact=+sip.instance%3D%22%3Curn:x%0D%0AEvil: y%3E%22>", NULL},
	{"<sip:a@home1.example?Accept-Contact=+sip.instance%3D%22%3Curn:x%00%3E%22>", NULL},
	{"<sip:a@home1.example?Accept-Contact=+sip.instance%3D%22%3Curn:x%5C%22y%3E%22>", NULL},
	{"<sip:a@home1.example?Accept-Contact=+sip.instance%3D%22%3Curn:x%3E%3By%3E%22>", NULL},
	{"<sip:a@home1.example?Accept-Contact=+sip.instance%3D%22%3Curn:x y%3E%22>", NULL},
	{"<sip:a@home1.example?Accept-Contact=+sip.instance%3D%22%3Curn:%C3%A9%3E%22>", NULL},
	{"<sip:a@home1.example?Accept-Contact=+sip.instance%3D%22%3Curn:x%3E%2", NULL},
	{"<sip:a@home1.example?Accept-Contact=%", NULL},
	{"<", NULL},
	{"", NULL},
};

static void run_case(const char *from, const char *urn)
{
	size_t len = strlen(from);
	uint8_t *octets = malloc(len ? len : 1), out[CPM_INSTANCE_MAX];
	struct wbuf w = wbuf_of(out, sizeof(out));
	int rc;

	memcpy(octets, from, len);
	rc = cpm_instance((struct view){octets, len}, &w);
	CHECK(rc == (urn ? 0 : -ENOENT), "%s: %d", from, rc);
	CHECK(!urn || view_eq(wbuf_written(&w), view_str(urn)), "%s: %.*s", from, (int)w.len, out);
	CHECK(urn || !w.len, "%s: %zu octets", from, w.len);
	free(octets);
}

/* CPM_INSTANCE_MAX octets are an instance, one more is none. */
static void lengths(void)
{
	char from[800], urn[CPM_INSTANCE_MAX + 2];

	for (size_t n = CPM_INSTANCE_MAX - 1; n <= CPM_INSTANCE_MAX + 1; n++) {
		memset(urn, 'x', n);
		urn[n] = '\0';
		snprintf(from, sizeof(from), "<sip:a@b?Accept-Contact=+sip.instance%%3D%%22%%3C%s%%3E%%22>", urn);
		run_case(from, n <= CPM_INSTANCE_MAX ? urn : NULL);
	}
}

/* A smaller output: -ENOSPC, nothing written. */
static void sizes(void)
{
	uint8_t out[sizeof(URN)];

	for (size_t size = 0; size < sizeof(URN) - 1; size++) {
		struct wbuf w = wbuf_of(out, size);
		int rc = cpm_instance(view_str(cases[0].from), &w);

		CHECK(rc == -ENOSPC && w.len == 0, "%zu octets: %d", size, rc);
	}
}

int main(void)
{
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		run_case(cases[i].from, cases[i].urn);
	lengths();
	sizes();
	return test_end("instance");
}
