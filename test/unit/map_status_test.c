/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */
/* sources: connector/map_status.c connector/map_cause.c connector/map_delivery_status.c connector/map_ctr.c */

/* Outcomes in IMS, at an MSC and at an SGSN as one reportSM-DeliveryStatus (TS 29.002 7.6.8). */

#include "test.h"

#include "../../connector/map_receive_int.h"

/* what of map_status.c is not under test here needs these */
int map_call_invoke(struct map_stack *stack, struct map_call *call, const struct map_request *request)
{
	(void)stack, (void)call, (void)request;
	return -ENOTCONN;
}

void map_call_end(struct map_stack *stack, struct map_call *call)
{
	(void)stack, (void)call;
}

struct sccp_address map_stack_hlr(const struct map_stack *stack, const struct sms_address *msisdn)
{
	(void)stack, (void)msisdn;
	return (struct sccp_address){0};
}

struct sccp_address map_stack_own(const struct map_stack *stack, uint8_t ssn)
{
	(void)stack;
	return (struct sccp_address){.ssn = ssn};
}

void map_home_absent(struct map_stack *stack, const struct sms_address *msisdn, const char *imsi)
{
	(void)stack, (void)msisdn, (void)imsi;
}

void map_home_back(struct map_stack *stack, const char *number)
{
	(void)stack, (void)number;
}

void map_home_count(struct map_stack *stack, enum map_home_ctr ctr)
{
	(void)stack, (void)ctr;
}

const char *map_end_name(enum map_end end)
{
	(void)end;
	return "";
}

/* ---- */

enum { NO = -1 };

struct outcome {
	int outcome, diagnostic;
};

#define NONE {NO, NO}
#define ABSENT(diagnostic) {MAP_OUTCOME_ABSENT_SUBSCRIBER, diagnostic}
#define FULL {MAP_OUTCOME_MEMORY_EXCEEDED, NO}

static const struct {
	const char *name;
	struct outcome ims, msc, sgsn;
	bool any, ip_sm_gw, gprs;
	struct outcome first, additional, of_ims;
} cases[] = {
	{"nothing", NONE, NONE, NONE, false, false, false, NONE, NONE, NONE},
	{"IMS alone", ABSENT(12), NONE, NONE, true, true, false, ABSENT(12), NONE, NONE},
	{"IMS full", FULL, NONE, NONE, true, true, false, FULL, NONE, NONE},
	{"IMS and MSC", ABSENT(11), ABSENT(0), NONE, true, false, false, ABSENT(0), NONE, ABSENT(11)},
	{"IMS and SGSN", ABSENT(11), NONE, ABSENT(5), true, false, true, ABSENT(5), NONE, ABSENT(11)},
	{"all", ABSENT(12), FULL, ABSENT(5), true, false, false, FULL, ABSENT(5), ABSENT(12)},
	{"IMS had a reason of its own", NONE, ABSENT(1), NONE, true, false, false, ABSENT(1), NONE, NONE},
};

static struct map_cause_report report_of(struct outcome o)
{
	return (struct map_cause_report){.outcome = {o.outcome != NO, (uint16_t)(o.outcome == NO ? 0 : o.outcome)},
					 .diagnostic = {o.diagnostic != NO, (uint16_t)(o.diagnostic == NO ? 0 : o.diagnostic)}};
}

static bool same(struct outcome want, struct map_value outcome, struct map_value diagnostic)
{
	return (outcome.present ? outcome.value : NO) == want.outcome &&
	       (diagnostic.present ? diagnostic.value : NO) == want.diagnostic;
}

int main(void)
{
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct map_cause_report ims = report_of(cases[i].ims);
		struct map_delivery_status nodes = {.nodes = {[MAP_SERVING_MSC] = report_of(cases[i].msc),
							      [MAP_SERVING_SGSN] = report_of(cases[i].sgsn)}};
		struct map_report_sm_delivery_status r = {0};
		bool any = map_status_argument(&ims, &nodes, &r);

		CHECK(any == cases[i].any, "%s", cases[i].name);
		if (!any)
			continue;
		CHECK(r.ip_sm_gw_indicator == cases[i].ip_sm_gw, "%s: whose the outcome is", cases[i].name);
		CHECK(r.delivery_outcome_indicator == cases[i].gprs, "%s: whose it is", cases[i].name);
		CHECK(same(cases[i].first, r.sm_delivery_outcome, r.absent_subscriber_diagnostic), "%s: outcome",
		      cases[i].name);
		CHECK(same(cases[i].additional, r.additional_sm_delivery_outcome,
			   r.additional_absent_subscriber_diagnostic), "%s: additional outcome", cases[i].name);
		CHECK(same(cases[i].of_ims, r.ip_sm_gw_sm_delivery_outcome, r.ip_sm_gw_absent_subscriber_diagnostic),
		      "%s: outcome of IMS", cases[i].name);
	}
	return test_end("map_status");
}
