/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */
/* sources: connector/map_cause.c modules/ipsmgw/rp_sip.c */

/* Errors of MAP in all three directions, row by row, with what the module makes of them (spec 3.10, 4.3, 5.8). */

#include "test.h"

#include "lib/sms/tpdu.h"
#include "modules/ipsmgw/rp_sip.h"

#include "../../connector/map_cause.h"

enum { ANY = -1, ACCEPTED = MAP_CAUSE_ACCEPTED, AGAIN = MAP_CAUSE_AGAIN_WITHOUT_VALIDITY };
enum { TEMPORARY = MAP_CAUSE_TEMPORARY, PERMANENT = MAP_CAUSE_PERMANENT };
enum { FAILED = IMDN_STATUS_FAILED, FORBIDDEN = IMDN_STATUS_FORBIDDEN, ERROR = IMDN_STATUS_ERROR };

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static const struct imdn_status_options all_statuses;

/* detail: cause of sm-DeliveryFailure and callBarred, diagnostic of absentSubscriberSM */
static struct map_error error_with(int32_t code, int detail)
{
	struct map_error e = {.code = code, .version = 3};
	struct map_value value = {detail != ANY, (uint16_t)(detail == ANY ? 0 : detail)};

	if (code == MAP_ERROR_SM_DELIVERY_FAILURE)
		e.sm_delivery_failure.cause = value;
	if (code == MAP_ERROR_CALL_BARRED)
		e.call_barred.cause = value;
	if (code == MAP_ERROR_ABSENT_SUBSCRIBER_SM)
		e.absent_subscriber_sm.diagnostic = value;
	return e;
}

/* ---- 3.10 ---- */

static void check_cause(const char *name, const struct map_cause *c, int verdict, int code, int status)
{
	CHECK((int)c->verdict == verdict, "%s: verdict %d", name, c->verdict);
	CHECK(c->reason && *c->reason, "%s: no reason", name);
	CHECK(!c->unknown || c->verdict == MAP_CAUSE_TEMPORARY, "%s: unknown", name);
	if (verdict == ACCEPTED) {
		CHECK(!c->rp_cause, "%s: cause %u", name, c->rp_cause);
		return;
	}
	CHECK(sip_of_submit_cause(c->rp_cause) == code, "%s: cause %u is %d", name, c->rp_cause,
	      sip_of_submit_cause(c->rp_cause));
	CHECK((int)imdn_of_submit_cause(c->rp_cause, &all_statuses) == status, "%s: cause %u", name, c->rp_cause);
}

static const struct {
	int32_t code;
	int detail;
	int verdict;
	uint8_t rp_cause;
	int sip, status;
} submits[] = {
	{32, 3, PERMANENT, 1, 500, FAILED},   {32, 4, TEMPORARY, 42, 503, FAILED},    {32, 5, PERMANENT, 21, 404, FAILED},
	{32, 6, PERMANENT, 28, 403, FORBIDDEN}, {21, ANY, PERMANENT, 69, 501, FAILED}, {34, ANY, TEMPORARY, 38, 500, FAILED},
	{35, ANY, PERMANENT, 38, 500, FAILED}, {36, ANY, PERMANENT, 38, 500, FAILED}, {51, ANY, TEMPORARY, 47, 503, FAILED},
	{13, ANY, PERMANENT, 10, 403, FORBIDDEN}, {13, 0, PERMANENT, 10, 403, FORBIDDEN}, {13, 1, PERMANENT, 8, 403, FORBIDDEN},
	{11, ANY, PERMANENT, 50, 403, FORBIDDEN},
	/* not in the table: by what they mean */
	{1, ANY, PERMANENT, 28, 403, FORBIDDEN}, {5, ANY, PERMANENT, 28, 403, FORBIDDEN}, {9, ANY, PERMANENT, 28, 403, FORBIDDEN},
	{12, ANY, PERMANENT, 28, 403, FORBIDDEN}, {32, 0, PERMANENT, 38, 500, FAILED}, {32, ANY, PERMANENT, 38, 500, FAILED},
	{32, 99, PERMANENT, 38, 500, FAILED}, {0, ANY, TEMPORARY, 41, 504, ERROR}, {-7, ANY, TEMPORARY, 41, 504, ERROR},
	{255, ANY, TEMPORARY, 41, 504, ERROR},
};

static void test_submit_errors(void)
{
	for (size_t i = 0; i < COUNT(submits); i++) {
		struct map_error e = error_with(submits[i].code, submits[i].detail);
		struct map_outcome o = {.end = MAP_END_ERROR, .error = &e};
		struct map_cause c = map_cause_of_submit(&o);
		char name[32];

		snprintf(name, sizeof(name), "submit %d/%d", submits[i].code, submits[i].detail);
		check_cause(name, &c, submits[i].verdict, submits[i].sip, submits[i].status);
		CHECK(c.rp_cause == submits[i].rp_cause, "%s: cause %u", name, c.rp_cause);
		CHECK(!c.unknown, "%s: unknown", name);
	}
}

static const struct {
	uint8_t first, last;
	int verdict, sip;
} reports[] = {
	{0x80, 0x9f, PERMANENT, 500}, {0xc0, 0xc0, TEMPORARY, 503}, {0xc1, 0xc1, PERMANENT, 403}, {0xc2, 0xc2, TEMPORARY, 500},
	{0xc3, 0xc3, PERMANENT, 404}, {0xc4, 0xc4, PERMANENT, 403}, {0xc5, 0xc5, ACCEPTED, 0},	  {0xc6, 0xc7, AGAIN, 500},
	{0xff, 0xff, TEMPORARY, 500},
};

static struct map_cause submit_with_report(int failure, const uint8_t *report, size_t len)
{
	struct map_error e = error_with(MAP_ERROR_SM_DELIVERY_FAILURE, failure);
	struct map_outcome o = {.end = MAP_END_ERROR, .error = &e};

	e.sm_delivery_failure.diagnostic_info = (struct view){report, len};
	return map_cause_of_submit(&o);
}

static void test_submit_report(int fcs)
{
	struct tpdu_report r = {.is_error = true, .tp_fcs = (uint8_t)fcs, .has_scts = true, .tp_scts = {1700000000, 60}};
	uint8_t octets[TPDU_MAX];
	struct wbuf w = wbuf_of(octets, sizeof(octets));
	struct map_cause c;
	size_t i = 0;
	char name[32];

	snprintf(name, sizeof(name), "TP-FCS %02x", fcs);
	CHECK(!tpdu_submit_report_encode(&w, &r), "%s", name);
	c = submit_with_report(MAP_FAILURE_INVALID_SME_ADDRESS, octets, w.len);
	while (i < COUNT(reports) && (fcs < reports[i].first || fcs > reports[i].last))
		i++;
	if (i == COUNT(reports))
		CHECK(c.verdict == MAP_CAUSE_PERMANENT && c.rp_cause == 21, "%s hides the error: %u", name, c.rp_cause);
	else
		check_cause(name, &c, reports[i].verdict, reports[i].sip, reports[i].sip == 403 ? FORBIDDEN : FAILED);
	if (i < COUNT(reports))
		c = submit_with_report(MAP_FAILURE_EQUIPMENT_PROTOCOL_ERROR, octets, 2);
	CHECK(i == COUNT(reports) || (int)c.verdict == reports[i].verdict, "%s: cut off", name);
}

static void test_submit_reports(void)
{
	static const uint8_t deliver_report[] = {0x00, 0xc5, 0x00}, status[] = {0x02, 0xc5};
	struct map_cause c;

	for (int fcs = 0x80; fcs <= 0xff; fcs++)
		test_submit_report(fcs);
	c = submit_with_report(MAP_FAILURE_SC_CONGESTION, deliver_report, sizeof(deliver_report));
	CHECK(c.rp_cause == 42, "a report of the other direction counts: %u", c.rp_cause);
	c = submit_with_report(MAP_FAILURE_SC_CONGESTION, status, sizeof(status));
	CHECK(c.rp_cause == 42, "a status report counts: %u", c.rp_cause);
	c = submit_with_report(MAP_FAILURE_SC_CONGESTION, status, 1);
	CHECK(c.rp_cause == 42, "one octet counts: %u", c.rp_cause);
}

/* diagnosticInfo is of sm-DeliveryFailure only: the parameters of errors share their place */
static void test_no_report(void)
{
	static const uint8_t duplicate[] = {0x01, 0xc5, 0x00};
	struct map_error e = {.code = MAP_ERROR_SYSTEM_FAILURE};
	struct map_outcome o = {.end = MAP_END_ERROR, .error = &e};

	e.sm_delivery_failure.diagnostic_info = (struct view){duplicate, sizeof(duplicate)};
	CHECK(map_cause_of_submit(&o).verdict == MAP_CAUSE_TEMPORARY, "a systemFailure counts as taken");
}

/* ---- without an answer ---- */

static const struct {
	enum map_end end;
	uint8_t cause, rp_cause;
	bool uncertain;
} ends[] = {
	{MAP_END_REJECT, 1, 41, true},	   {MAP_END_REJECT, 2, 41, false},  {MAP_END_REFUSED, 2, 41, false},  {MAP_END_U_ABORT, 0, 41, true},
	{MAP_END_P_ABORT, 4, 41, true},	   {MAP_END_RETURNED, 1, 41, false}, {MAP_END_RETURNED, 2, 42, false}, {MAP_END_RETURNED, 6, 42, false},
	{MAP_END_TIMEOUT, 0, 41, true},	   {MAP_END_TIMEOUT, 0, 41, false}, {MAP_END_TIMEOUT, 2, 41, true},   {MAP_END_CLOSED, 0, 41, true},
	{MAP_END_EVICTED, 0, 41, true},	   {MAP_END_NOT_SENT, 0, 41, false}, {(enum map_end)99, 0, 41, true},
};

static void test_ends(void)
{
	for (size_t i = 0; i < COUNT(ends); i++) {
		struct map_outcome o = {.end = ends[i].end, .cause = ends[i].cause, .uncertain = ends[i].uncertain};
		struct map_cause c = map_cause_of_submit(&o);
		struct map_cause_delivery d = map_cause_of_delivery(&o), r = map_cause_of_routing(&o);
		int sip = ends[i].rp_cause == 42 ? 503 : 504;
		char name[32];

		snprintf(name, sizeof(name), "end %d/%u", ends[i].end, ends[i].cause);
		check_cause(name, &c, TEMPORARY, sip, sip == 504 ? ERROR : FAILED);
		check_cause(name, &d.cause, TEMPORARY, sip, sip == 504 ? ERROR : FAILED);
		check_cause(name, &r.cause, TEMPORARY, sip, sip == 504 ? ERROR : FAILED);
		CHECK(c.rp_cause == ends[i].rp_cause, "%s: %u", name, c.rp_cause);
		CHECK(c.unknown == ends[i].uncertain && d.cause.unknown == ends[i].uncertain, "%s: unknown", name);
		CHECK(!r.cause.unknown && !r.other_node, "%s: the message has left with the query", name);
		CHECK(d.other_node == !ends[i].uncertain, "%s: other node", name);
		CHECK(!d.alert && !d.report.outcome.present && !r.alert, "%s: report", name);
	}
}

static void test_results(void)
{
	struct map_outcome o = {.end = MAP_END_RESULT};
	struct map_cause c = map_cause_of_submit(&o);
	struct map_cause_delivery d = map_cause_of_delivery(&o);

	check_cause("submit result", &c, ACCEPTED, 0, 0);
	check_cause("delivery result", &d.cause, ACCEPTED, 0, 0);
	CHECK(!d.alert && !d.other_node && !d.report.outcome.present, "a result asks for more");
}

/* ---- 4.3 ---- */

enum { NO_REPORT = ANY };

static const struct {
	int32_t code;
	int detail;
	int verdict, sip, status;
	int outcome, diagnostic;
	bool alert, other_node;
} deliveries[] = {
	{1, ANY, PERMANENT, 404, FAILED, NO_REPORT, ANY, false, false},
	{13, ANY, PERMANENT, 403, FORBIDDEN, NO_REPORT, ANY, false, false},
	{13, 0, PERMANENT, 403, FORBIDDEN, NO_REPORT, ANY, false, false},
	{13, 1, PERMANENT, 403, FORBIDDEN, NO_REPORT, ANY, false, false},
	{11, ANY, PERMANENT, 403, FORBIDDEN, NO_REPORT, ANY, false, false},
	{21, ANY, PERMANENT, 501, FAILED, NO_REPORT, ANY, false, true},
	{6, ANY, TEMPORARY, 480, FAILED, MAP_OUTCOME_ABSENT_SUBSCRIBER, ANY, true, true},
	{6, 0, TEMPORARY, 480, FAILED, MAP_OUTCOME_ABSENT_SUBSCRIBER, 0, true, true},
	{6, 6, TEMPORARY, 480, FAILED, MAP_OUTCOME_ABSENT_SUBSCRIBER, 6, true, true},
	{27, ANY, TEMPORARY, 480, FAILED, MAP_OUTCOME_ABSENT_SUBSCRIBER, ANY, true, true},
	{31, ANY, TEMPORARY, 480, FAILED, NO_REPORT, ANY, false, true},
	{32, 0, TEMPORARY, 480, FAILED, MAP_OUTCOME_MEMORY_EXCEEDED, ANY, true, false},
	{32, 1, PERMANENT, 500, FAILED, NO_REPORT, ANY, false, false},
	{32, 2, PERMANENT, 488, FAILED, NO_REPORT, ANY, false, false},
	{32, 4, TEMPORARY, 503, FAILED, NO_REPORT, ANY, false, false},
	{32, 3, PERMANENT, 500, FAILED, NO_REPORT, ANY, false, false},
	{32, ANY, PERMANENT, 500, FAILED, NO_REPORT, ANY, false, false},
	{5, ANY, PERMANENT, 404, FAILED, NO_REPORT, ANY, false, true},
	{9, ANY, PERMANENT, 403, FAILED, NO_REPORT, ANY, false, false},
	{12, ANY, PERMANENT, 403, FAILED, NO_REPORT, ANY, false, false},
	{34, ANY, TEMPORARY, 500, FAILED, NO_REPORT, ANY, false, true},
	{35, ANY, TEMPORARY, 500, FAILED, NO_REPORT, ANY, false, true},
	{36, ANY, TEMPORARY, 500, FAILED, NO_REPORT, ANY, false, true},
	{33, ANY, TEMPORARY, 503, FAILED, NO_REPORT, ANY, false, false},
	{51, ANY, TEMPORARY, 503, FAILED, NO_REPORT, ANY, false, true},
	{200, ANY, TEMPORARY, 504, ERROR, NO_REPORT, ANY, false, false},
};

static void check_report(const char *name, const struct map_cause_report *r, int outcome, int diagnostic)
{
	CHECK((r->outcome.present ? r->outcome.value : ANY) == outcome, "%s: outcome", name);
	CHECK((r->diagnostic.present ? r->diagnostic.value : ANY) == diagnostic, "%s: diagnostic", name);
}

static void test_deliveries(void)
{
	for (size_t i = 0; i < COUNT(deliveries); i++) {
		struct map_error e = error_with(deliveries[i].code, deliveries[i].detail);
		struct map_outcome o = {.end = MAP_END_ERROR, .error = &e};
		struct map_cause_delivery d = map_cause_of_delivery(&o), r = map_cause_of_routing(&o);
		char name[32];

		snprintf(name, sizeof(name), "delivery %d/%d", deliveries[i].code, deliveries[i].detail);
		check_cause(name, &d.cause, deliveries[i].verdict, deliveries[i].sip, deliveries[i].status);
		check_cause(name, &r.cause, deliveries[i].verdict, deliveries[i].sip, deliveries[i].status);
		check_report(name, &d.report, deliveries[i].outcome, deliveries[i].diagnostic);
		check_report(name, &r.report, NO_REPORT, ANY);
		CHECK(d.alert == deliveries[i].alert && r.alert == d.alert, "%s: alert", name);
		CHECK(d.other_node == deliveries[i].other_node && !r.other_node, "%s: other node", name);
	}
}

/* ---- 5.8 ---- */

static const struct {
	uint8_t rp_cause;
	uint32_t sip;
	int32_t code;
	int detail; /* diagnostic, or cause of sm-DeliveryFailure */
	int fcs;
	bool other_domain;
} refusals[] = {
	{111, 400, 34, ANY, ANY, false}, {21, 403, 32, 1, 0xff, true},	  {21, 606, 32, 1, 0xff, true},	   {21, 603, 32, 1, 0xff, true},
	{27, 404, 6, 11, ANY, true},	 {27, 410, 6, 11, ANY, true},	  {27, 604, 6, 11, ANY, true},	   {27, 408, 6, 12, ANY, true},
	{27, 480, 6, 12, ANY, true},	 {27, 430, 6, 12, ANY, true},	  {27, 0, 6, 12, ANY, true},	   {111, 406, 32, 1, 0x90, true},
	{111, 415, 32, 1, 0x90, true},	 {111, 488, 32, 1, 0x90, true},	  {111, 413, 32, 1, 0xff, true},   {111, 513, 32, 1, 0xff, true},
	{27, 486, 31, ANY, ANY, true},	 {27, 600, 31, ANY, ANY, true},	  {41, 500, 34, ANY, ANY, true},   {41, 502, 34, ANY, ANY, true},
	{41, 504, 34, ANY, ANY, true},	 {42, 503, 34, ANY, ANY, true},	  {41, 481, 34, ANY, ANY, true},   {41, 599, 34, ANY, ANY, true},
	{27, 302, 6, 12, ANY, true},	 {27, 487, 6, 12, ANY, true},	  {111, 421, 32, 1, 0xff, true},   {21, 699, 32, 1, 0xff, true},
	/* what the module itself finds: no TPDU, no room, no such content, nobody */
	{111, 0, 36, ANY, ANY, false},	 {95, 0, 36, ANY, ANY, false},	  {96, 0, 36, ANY, ANY, false},	   {22, 0, 32, 0, 0xd3, true},
	{88, 0, 32, 1, 0x90, true},	 {69, 0, 32, 1, 0x8f, true},	  {1, 0, 5, ANY, ANY, true},	   {28, 0, 5, ANY, ANY, true},
	{30, 0, 5, ANY, ANY, true},	 {8, 0, 32, 1, 0xff, true},	  {10, 0, 32, 1, 0xff, true},	   {21, 0, 32, 1, 0xff, true},
	{41, 0, 34, ANY, ANY, false},	 {42, 0, 34, ANY, ANY, false},	  {38, 0, 34, ANY, ANY, false},	   {47, 0, 34, ANY, ANY, false},
	{0, 0, 34, ANY, ANY, false},	 {127, 0, 34, ANY, ANY, false},	  {255, 0xffffffff, 34, ANY, ANY, false},
};

static int32_t code_of_version(int32_t code, uint8_t version)
{
	if (code == 6)
		return version == 3 ? 6 : 27;
	return code == 31 && version == 1 ? 34 : code;
}

static void check_parameter(const char *name, const struct map_error *e, int detail, int fcs)
{
	struct map_value value = e->code == 6 ? e->absent_subscriber_sm.diagnostic : e->sm_delivery_failure.cause;
	struct tpdu_report report;

	if (e->code == 6 || e->code == 32)
		CHECK(value.present && value.value == detail, "%s: %d, want %d", name, value.value, detail);
	if (e->code != 32)
		return;
	CHECK(!tpdu_deliver_report_decode(e->sm_delivery_failure.diagnostic_info, true, &report), "%s", name);
	CHECK(report.tp_fcs == fcs, "%s: TP-FCS %02x", name, report.tp_fcs);
}

static void check_refusal(size_t i, uint8_t version)
{
	struct map_cause_refusal r = map_cause_of_refusal(refusals[i].rp_cause, refusals[i].sip, version);
	uint8_t octets[MAP_PARAMETER_MAX];
	struct wbuf w = wbuf_of(octets, sizeof(octets));
	struct map_error again = {.code = r.error.code, .version = version};
	char name[48];

	snprintf(name, sizeof(name), "refusal %u/%u v%u", refusals[i].rp_cause, refusals[i].sip, version);
	CHECK(r.error.code == code_of_version(refusals[i].code, version), "%s: %d", name, r.error.code);
	CHECK(r.error.version == version, "%s: version %u", name, r.error.version);
	check_parameter(name, &r.error, refusals[i].detail, refusals[i].fcs);
	CHECK(r.other_domain == refusals[i].other_domain, "%s: other domain", name);
	CHECK(!map_error_encode(&w, &r.error), "%s: not codable", name);
	CHECK(!w.len || !map_error_decode(wbuf_written(&w), &again), "%s: not readable", name);
}

static void test_refusals(void)
{
	for (size_t i = 0; i < COUNT(refusals); i++)
		for (uint8_t version = 1; version <= 3; version++)
			check_refusal(i, version);
}

/* what goes into the report of the IMS outcome */
static void test_refusal_reports(void)
{
	static const struct {
		uint8_t rp_cause;
		uint32_t sip;
		uint8_t version;
		int outcome, diagnostic;
	} cases[] = {
		{27, 404, 3, MAP_OUTCOME_ABSENT_SUBSCRIBER, 11}, {27, 480, 3, MAP_OUTCOME_ABSENT_SUBSCRIBER, 12},
		{27, 480, 2, MAP_OUTCOME_ABSENT_SUBSCRIBER, ANY}, {22, 0, 3, MAP_OUTCOME_MEMORY_EXCEEDED, ANY},
		{41, 500, 3, NO_REPORT, ANY}, {111, 415, 3, NO_REPORT, ANY},
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct map_cause_refusal r = map_cause_of_refusal(cases[i].rp_cause, cases[i].sip, cases[i].version);
		struct map_cause_report report = map_cause_report_of(&r.error);

		check_report("report of a refusal", &report, cases[i].outcome, cases[i].diagnostic);
	}
}

int main(void)
{
	test_submit_errors();
	test_submit_reports();
	test_no_report();
	test_ends();
	test_results();
	test_deliveries();
	test_refusals();
	test_refusal_reports();
	return test_end("map_cause");
}
