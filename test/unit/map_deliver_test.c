/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */
/* sources: connector/map_deliver_tpdu.c connector/map_routing_info.c connector/map_delivery_status.c connector/recent.c */

/* Terminating delivery (TS 23.204 6.13): the SMS-DELIVER, the choice of nodes, what the HLR is told. */

#include "test.h"

#include <talloc.h>

#include "../../connector/map_deliver_tpdu.h"
#include "../../connector/map_delivery_status.h"

/* ---- SMS-DELIVER ---- */

/* 2026-03-14 10:15:30 +01:00 is 62 30 41 01 51 03 40 */
static const struct sms_time NOW = {.utc_s = 1773479730, .zone_minutes = 60};

#define DA "0b 91 51 55 89 07 00 f2 "
#define SCTS "62 30 41 01 51 03 40 "
#define TEXT "0c d3 72 19 94 7f d7 41 61 3a e8 06"

static const struct {
	const char *name, *oa, *submit, *deliver; /* NULL: refused */
	bool more;
	int err;
} tpdu_cases[] = {
	{"as 11.9", "+15559870002", "31 2a " DA "00 00 a7 " TEXT, "04 " DA "00 00 " SCTS TEXT, false, 0},
	{"more wait", "+15559870002", "31 2a " DA "00 00 a7 " TEXT, "00 " DA "00 00 " SCTS TEXT, true, 0},
	{"no validity", "+15559870002", "01 2a " DA "00 00 " TEXT, "04 " DA "00 00 " SCTS TEXT, false, 0},
	{"absolute validity", "+15559870002", "19 2a " DA "00 00 62 30 41 01 51 03 40 " TEXT, "04 " DA "00 00 " SCTS TEXT, false, 0},
	{"PID and DCS stay", "+15559870002", "31 2a " DA "41 18 a7 02 04 1f", "04 0b 91 51 55 89 07 00 f2 41 18 " SCTS "02 04 1f", false, 0},
	{"reply path stays", "+15559870002", "b1 2a " DA "00 00 a7 " TEXT, "84 " DA "00 00 " SCTS TEXT, false, 0},
	{"reject duplicates ends here", "+15559870002", "35 2a " DA "00 00 a7 " TEXT, "04 " DA "00 00 " SCTS TEXT, false, 0},
	{"a name", "MyShop", "11 2a " DA "00 00 a7 " TEXT, "04 0b d0 cd fc 14 fd 86 03 00 00 " SCTS TEXT, false, 0},
	{"a short code", "12345", "11 2a " DA "00 00 a7 " TEXT, "04 05 81 21 43 f5 00 00 " SCTS TEXT, false, 0},
	{"part 1 of 2", "+15559870002", "71 2a " DA "00 04 a7 08 05 00 03 a4 02 01 c0 de", "40 " DA "00 04 " SCTS "08 05 00 03 a4 02 01 c0 de", false, 0},
	{"part 2 of 2", "+15559870002", "71 2a " DA "00 04 a7 08 05 00 03 a4 02 02 c0 de", "44 " DA "00 04 " SCTS "08 05 00 03 a4 02 02 c0 de", false, 0},
	{"part 2 of 2, more wait", "+15559870002", "71 2a " DA "00 04 a7 08 05 00 03 a4 02 02 c0 de",
	 "40 " DA "00 04 " SCTS "08 05 00 03 a4 02 02 c0 de", true, 0},
	{"16 bit reference", "+15559870002", "51 2a " DA "00 04 a7 09 06 08 04 01 a4 03 02 c0 de", "40 " DA "00 04 " SCTS "09 06 08 04 01 a4 03 02 c0 de", false, 0},
	{"ports, no parts", "+15559870002", "51 2a " DA "00 04 a7 09 06 05 04 0b 84 23 f0 c0 de",
	 "44 " DA "00 04 " SCTS "09 06 05 04 0b 84 23 f0 c0 de", false, 0},
	{"a header that is none stays", "+15559870002", "51 2a " DA "00 04 a7 02 20 00", "44 " DA "00 04 " SCTS "02 20 00", false, 0},
	{"no SMS-SUBMIT", "+15559870002", "02 2a " DA "00 00 a7 " TEXT, NULL, false, -EBADMSG},
	{"cut off", "+15559870002", "31 2a " DA "00 00 a7 0c d3", NULL, false, -EBADMSG},
};

static void test_tpdu(void)
{
	for (size_t i = 0; i < sizeof(tpdu_cases) / sizeof(tpdu_cases[0]); i++) {
		struct sms_address oa;
		size_t submit_octets, octets = 0;
		uint8_t *submit = test_hex(tpdu_cases[i].submit, &submit_octets);
		uint8_t *want = tpdu_cases[i].deliver ? test_hex(tpdu_cases[i].deliver, &octets) : NULL;
		uint8_t out[TPDU_MAX];
		struct wbuf w = wbuf_of(out, sizeof(out)), small;
		int rc;

		CHECK(!sms_address_parse(&oa, view_str(tpdu_cases[i].oa)), "%s", tpdu_cases[i].name);
		rc = map_deliver_tpdu(&w, (struct view){submit, submit_octets}, &oa, &NOW, tpdu_cases[i].more);
		CHECK(rc == tpdu_cases[i].err, "%s: %d", tpdu_cases[i].name, rc);
		CHECK(view_eq(wbuf_written(&w), (struct view){want, octets}), "%s", tpdu_cases[i].name);
		if (!view_eq(wbuf_written(&w), (struct view){want, octets}))
			test_print_hex("got", w.p, w.len);
		small = wbuf_of(out, octets ? octets - 1 : 0);
		CHECK(map_deliver_tpdu(&small, (struct view){submit, submit_octets}, &oa, &NOW, tpdu_cases[i].more) < 0 && !small.len,
		      "%s: too small", tpdu_cases[i].name);
		free(submit);
		free(want);
	}
}

/* ---- nodes ---- */

#define NONE MAP_NUMBER_NONE, ""

static const struct {
	const char *name, *imsi, *node, *roaming;
	bool gprs;
	enum map_number_type type;
	const char *additional;
	enum map_serving_node_type first;
	int err;
	const char *want; /* "m" or "s" or "r" (roaming number) and the number, each */
} node_cases[] = {
	{"MSC only", "262", "4911", "", false, NONE, MAP_SERVING_MSC, 0, "m4911 "},
	{"SGSN only", "262", "4911", "", true, NONE, MAP_SERVING_MSC, 0, "s4911 "},
	{"SGSN only, wanted", "262", "4911", "", true, NONE, MAP_SERVING_SGSN, 0, "s4911 "},
	{"both", "262", "4911", "", false, MAP_NUMBER_SGSN, "4922", MAP_SERVING_MSC, 0, "m4911 s4922 "},
	{"both, SGSN first", "262", "4911", "", false, MAP_NUMBER_SGSN, "4922", MAP_SERVING_SGSN, 0, "s4922 m4911 "},
	{"SGSN in front", "262", "4911", "", true, MAP_NUMBER_MSC, "4922", MAP_SERVING_MSC, 0, "m4922 s4911 "},
	{"SGSN in front, wanted", "262", "4911", "", true, MAP_NUMBER_MSC, "4922", MAP_SERVING_SGSN, 0, "s4911 m4922 "},
	{"SGSN in front, unsaid", "262", "4911", "", false, MAP_NUMBER_MSC, "4922", MAP_SERVING_MSC, 0, "m4922 s4911 "},
	{"two SGSNs", "262", "4911", "", true, MAP_NUMBER_SGSN, "4922", MAP_SERVING_MSC, 0, "s4911 s4922 "},
	{"roaming number", "", "", "4933", false, NONE, MAP_SERVING_MSC, 0, "r4933 "},
	{"roaming number and IMSI", "262", "", "4933", false, NONE, MAP_SERVING_SGSN, 0, "r4933 "},
	{"no node", "262", "", "", false, NONE, MAP_SERVING_MSC, -ENODATA, ""},
	{"no IMSI", "", "4911", "", false, NONE, MAP_SERVING_MSC, -ENODATA, ""},
	{"ourselves", "262", "4999", "", false, NONE, MAP_SERVING_MSC, -ELOOP, ""},
	{"ourselves and another", "262", "4999", "", false, MAP_NUMBER_SGSN, "4922", MAP_SERVING_MSC, 0, "s4922 "},
	{"another and ourselves", "262", "4911", "", false, MAP_NUMBER_SGSN, "4999", MAP_SERVING_SGSN, 0, "m4911 "},
};

static struct sms_address number(const char *digits)
{
	struct sms_address a = {.ton = SMS_TON_INTERNATIONAL, .npi = SMS_NPI_E164};

	strcpy(a.text, digits);
	return a;
}

static void print_nodes(const struct map_routing_info *info, char out[128])
{
	out[0] = '\0';
	for (unsigned i = 0; i < info->n_nodes; i++) {
		const struct map_serving_node *n = &info->nodes[i];

		snprintf(out + strlen(out), 128 - strlen(out), "%c%s ",
			 n->roaming_number ? 'r' : n->type == MAP_SERVING_SGSN ? 's' : 'm', n->number.text);
	}
}

static void test_nodes(void)
{
	const struct sms_address own = number("4999");

	for (size_t i = 0; i < sizeof(node_cases) / sizeof(node_cases[0]); i++) {
		struct map_sri_sm_result r = {0};
		struct map_routing_info info;
		char got[128];
		int rc;

		strcpy(r.imsi, node_cases[i].imsi);
		r.location.network_node_number = number(node_cases[i].node);
		r.location.roaming_number = number(node_cases[i].roaming);
		r.location.gprs_node_indicator = node_cases[i].gprs;
		r.location.additional_number.type = node_cases[i].type;
		r.location.additional_number.address = number(node_cases[i].additional);
		rc = map_routing_info_of(&r, node_cases[i].first, &own, &info);
		CHECK(rc == node_cases[i].err, "%s: %d", node_cases[i].name, rc);
		print_nodes(&info, got);
		CHECK(rc || !strcmp(got, node_cases[i].want), "%s: %s", node_cases[i].name, got);
		CHECK(rc || !strcmp(info.imsi, node_cases[i].imsi), "%s", node_cases[i].name);
	}
}

/* ---- memory ---- */

enum { AGE = 1000 };

static void test_memory(void)
{
	void *ctx = talloc_new(NULL);
	struct map_routing_memory *m = map_routing_memory_alloc(ctx, 3);
	struct map_routing_info info = {.imsi = "262", .n_nodes = 1};
	const struct map_routing_info *found;

	CHECK(!map_routing_memory_find(m, "491", AGE, 0), "empty");
	map_routing_memory_set(m, "491", &info, 5000);
	strcpy(info.imsi, "263");
	map_routing_memory_set(m, "492", &info, 5001);
	found = map_routing_memory_find(m, "491", AGE, 5999);
	CHECK(found && !strcmp(found->imsi, "262"), "there");
	CHECK(!map_routing_memory_find(m, "491", AGE, 6000), "too old");
	CHECK(map_routing_memory_count(m) == 1, "and gone");
	map_routing_memory_set(m, "492", &info, 6000);
	CHECK(map_routing_memory_count(m) == 1 && map_routing_memory_find(m, "492", AGE, 6999), "a new answer is a new age");
	for (const char *const *n = (const char *const[]){"493", "494", "495", NULL}; *n; n++)
		map_routing_memory_set(m, *n, &info, 6500);
	CHECK(map_routing_memory_count(m) == 3, "bounded");
	CHECK(!map_routing_memory_find(m, "492", AGE, 6501) && map_routing_memory_find(m, "495", AGE, 6501), "the oldest gives way");
	map_routing_memory_forget(m, "495");
	map_routing_memory_forget(m, "499");
	CHECK(!map_routing_memory_find(m, "495", AGE, 6501) && map_routing_memory_count(m) == 2, "forgotten");
	CHECK(!map_routing_memory_find(m, "494", 0, 6500), "no age, no memory");
	talloc_free(ctx);
}

/* ---- report ---- */

enum { ABSENT = MAP_OUTCOME_ABSENT_SUBSCRIBER, MEMORY = MAP_OUTCOME_MEMORY_EXCEEDED, SUCCESS = MAP_OUTCOME_SUCCESS };

static void failed(struct map_delivery_status *s, enum map_serving_node_type node, int outcome, int diagnostic)
{
	struct map_cause_report r = {{outcome >= 0, (uint16_t)outcome}, {diagnostic >= 0, (uint16_t)diagnostic}};

	map_delivery_status_failed(s, node, &r);
}

static int of(struct map_value v)
{
	return v.present ? v.value : -1;
}

static void check_report(const char *name, const struct map_delivery_status *s, bool want, int outcome, int diagnostic,
			 bool gprs, int additional, int additional_diagnostic)
{
	struct map_report_sm_delivery_status r;

	CHECK(map_delivery_status_report(s, &r) == want, "%s", name);
	if (!want)
		return;
	CHECK(of(r.sm_delivery_outcome) == outcome, "%s: %d", name, of(r.sm_delivery_outcome));
	CHECK(of(r.absent_subscriber_diagnostic) == diagnostic, "%s: %d", name, of(r.absent_subscriber_diagnostic));
	CHECK(r.delivery_outcome_indicator == gprs && r.gprs_support_indicator, "%s", name);
	CHECK(of(r.additional_sm_delivery_outcome) == additional, "%s: %d", name, of(r.additional_sm_delivery_outcome));
	CHECK(of(r.additional_absent_subscriber_diagnostic) == additional_diagnostic, "%s", name);
	CHECK(!r.ip_sm_gw_indicator, "%s", name);
}

static void test_report(void)
{
	struct map_delivery_status s = {0};

	check_report("nothing", &s, false, 0, 0, false, 0, 0);
	failed(&s, MAP_SERVING_MSC, -1, -1);
	check_report("no outcome of the HLR's", &s, false, 0, 0, false, 0, 0);
	failed(&s, MAP_SERVING_MSC, ABSENT, 1);
	check_report("detached", &s, true, ABSENT, 1, false, -1, -1);
	failed(&s, MAP_SERVING_MSC, -1, -1);
	check_report("busy afterwards", &s, true, ABSENT, 1, false, -1, -1);
	failed(&s, MAP_SERVING_MSC, ABSENT, -1);
	check_report("version 2 has no diagnostic", &s, true, ABSENT, -1, false, -1, -1);
	failed(&s, MAP_SERVING_SGSN, ABSENT, 6);
	check_report("both", &s, true, ABSENT, -1, false, ABSENT, 6);
	failed(&s, MAP_SERVING_MSC, MEMORY, -1);
	check_report("memory and absent", &s, true, MEMORY, -1, false, ABSENT, 6);
	map_delivery_status_success(&s, MAP_SERVING_MSC);
	check_report("success stands alone", &s, true, SUCCESS, -1, false, -1, -1);
	map_delivery_status_success(&s, MAP_SERVING_SGSN);
	check_report("success over the SGSN", &s, true, SUCCESS, -1, true, -1, -1);
	s = (struct map_delivery_status){0};
	failed(&s, MAP_SERVING_SGSN, ABSENT, 5);
	check_report("SGSN", &s, true, ABSENT, 5, true, -1, -1);
}

int main(void)
{
	test_tpdu();
	test_nodes();
	test_memory();
	test_report();
	return test_end("map_deliver");
}
