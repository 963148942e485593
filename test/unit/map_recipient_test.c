/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */
/* sources: connector/map_deliver.c connector/map_recipient.c connector/map_recipient_ask.c connector/map_recipient_forward.c connector/map_report.c */
/* sources: connector/map_deliver_tpdu.c connector/map_routing_info.c connector/map_delivery_status.c connector/map_cause.c connector/recent.c connector/log.c */

/* Role "deliver" between a module and a network that are both made up here: what happens is written down in one line. */

#include "test.h"

#include <stdarg.h>

#include <osmocom/core/talloc.h>

#include "../../connector/link_client.h"
#include "../../connector/log.h"
#include "../../connector/map_recipient.h"
#include "../../connector/sm.h"

static struct connector connector;
static struct map_stack *stack;
static struct map_smsc smsc, other;

/* ---- what happens ---- */

static char seen[2048];

static void see(const char *fmt, ...)
{
	size_t len = strlen(seen);
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(seen + len, sizeof(seen) - len, fmt, ap);
	va_end(ap);
}

/* Compare, and begin a new line. */
#define SEEN(want)                                                                                                     \
	do {                                                                                                           \
		CHECK(!strcmp(seen, want), "\n  want %s\n  seen %s", want, seen);                                      \
		seen[0] = '\0';                                                                                        \
	} while (0)

/* ---- the network ---- */

static struct map_call *calls[64]; /* by handle */
static uint64_t last_handle;
static int invoke_rc;

static void see_forward(const char *how, const struct map_argument *a)
{
	const struct map_forward_sm *f = &a->forward_sm;
	struct tpdu_deliver d;

	CHECK(!tpdu_deliver_decode(f->sm_rp_ui, &d), "sm-RP-UI");
	see("%s(%s%s%s tp-mms=%d) ", how,
	    f->sm_rp_da.type == MAP_RP_NONE ? "" : f->sm_rp_da.type == MAP_RP_IMSI ? f->sm_rp_da.imsi : f->sm_rp_da.address.text,
	    f->sm_rp_oa.type == MAP_RP_NONE ? "" : " from SC", f->more_messages_to_send ? " more" : "", d.tp_mms);
}

static void see_report(const struct map_report_sm_delivery_status *r)
{
	see("report(%s %d/%d", r->msisdn.text, r->sm_delivery_outcome.value,
	    r->absent_subscriber_diagnostic.present ? r->absent_subscriber_diagnostic.value : -1);
	if (r->additional_sm_delivery_outcome.present)
		see(" +%d", r->additional_sm_delivery_outcome.value);
	see("%s) ", r->delivery_outcome_indicator ? " gprs" : "");
}

int map_call_invoke(struct map_stack *s, struct map_call *call, const struct map_request *request)
{
	char to[64];

	CHECK(!call->handle && s == stack, "one dialogue each");
	if (invoke_rc)
		return invoke_rc;
	snprintf(to, sizeof(to), "%s/%u", request->called.digits, request->called.ssn);
	see("%s ", to);
	switch (request->argument.operation) {
	case MAP_SRI_SM:
		CHECK(request->argument.sri_sm.sm_rp_pri && request->argument.sri_sm.gprs_support_indicator &&
			      !strcmp(request->argument.sri_sm.service_centre_address.text, "4999"), "SRI-SM");
		see("sri(%s) ", request->argument.sri_sm.msisdn.text);
		break;
	case MAP_MT_FORWARD_SM:
		see_forward("mt", &request->argument);
		break;
	default:
		see_report(&request->argument.report_sm_delivery_status);
	}
	call->handle = ++last_handle;
	calls[last_handle % 64] = call;
	return 0;
}

int map_call_next(struct map_stack *s, struct map_call *call, const struct map_argument *argument)
{
	(void)s;
	CHECK(call->handle, "open");
	see_forward("next", argument);
	return 0;
}

void map_call_end(struct map_stack *s, struct map_call *call)
{
	(void)s;
	if (call->handle)
		see("close ");
	call->handle = 0;
}

static struct sccp_address gt(const struct sms_address *number, uint8_t ssn)
{
	struct sccp_address a = {.has_ssn = true, .ssn = ssn};

	strcpy(a.digits, number->text);
	return a;
}

struct sccp_address map_stack_gt(const struct map_stack *s, const struct sms_address *number, uint8_t ssn)
{
	(void)s;
	return gt(number, ssn);
}

struct sccp_address map_stack_own(const struct map_stack *s, uint8_t ssn)
{
	return gt(&s->config.address, ssn);
}

struct sccp_address map_stack_hlr(const struct map_stack *s, const struct sms_address *msisdn)
{
	(void)s;
	return gt(msisdn, SCCP_SSN_HLR);
}

void map_stack_result(struct map_stack *s, uint64_t handle, const struct map_result *result)
{
	(void)s;
	(void)result;
	see("result(%llu) ", (unsigned long long)handle);
}

void map_stack_error(struct map_stack *s, uint64_t handle, int32_t code)
{
	(void)s;
	see("error(%llu %s) ", (unsigned long long)handle, map_error_name(code));
}

const char *map_end_name(enum map_end how)
{
	(void)how;
	return "";
}

/* The outcome of the latest operation. */
static void outcome_of(struct map_outcome o, enum map_operation operation)
{
	struct map_call *call = calls[last_handle % 64];

	o.operation = operation;
	o.version = 3;
	if (!o.open)
		call->handle = 0;
	call->outcome(call, &o);
}

static void answer_error(enum map_operation operation, struct map_error e)
{
	outcome_of((struct map_outcome){.end = MAP_END_ERROR, .error = &e}, operation);
}

static void mt_error(int32_t code)
{
	answer_error(MAP_MT_FORWARD_SM, (struct map_error){.code = code, .version = 3});
}

static struct map_error absent_error(uint16_t diagnostic)
{
	struct map_error e = {.code = MAP_ERROR_ABSENT_SUBSCRIBER_SM, .version = 3};

	e.absent_subscriber_sm.diagnostic = (struct map_value){true, diagnostic};
	return e;
}

static struct map_error failure_error(enum map_sm_delivery_failure_cause cause)
{
	struct map_error e = {.code = MAP_ERROR_SM_DELIVERY_FAILURE, .version = 3};

	e.sm_delivery_failure.cause = (struct map_value){true, cause};
	return e;
}

static void mt_absent(uint16_t diagnostic)
{
	answer_error(MAP_MT_FORWARD_SM, absent_error(diagnostic));
}

static void mt_ok(bool open)
{
	struct map_result r = {.operation = MAP_MT_FORWARD_SM, .version = 3};

	outcome_of((struct map_outcome){.end = MAP_END_RESULT, .result = &r, .open = open}, MAP_MT_FORWARD_SM);
}

static struct sms_address number(const char *digits)
{
	struct sms_address a = {.ton = SMS_TON_INTERNATIONAL, .npi = SMS_NPI_E164};

	strcpy(a.text, digits);
	return a;
}

static const struct map_inform_service_centre *inform;

static void sri_ok(const char *msc, const char *sgsn)
{
	struct map_result r = {.operation = MAP_SRI_SM, .version = 3};

	strcpy(r.sri_sm.imsi, "262");
	r.sri_sm.location.present = true;
	r.sri_sm.location.network_node_number = number(*msc ? msc : sgsn);
	r.sri_sm.location.gprs_node_indicator = !*msc;
	if (*msc && *sgsn) {
		r.sri_sm.location.additional_number.type = MAP_NUMBER_SGSN;
		r.sri_sm.location.additional_number.address = number(sgsn);
	}
	outcome_of((struct map_outcome){.end = MAP_END_RESULT, .result = &r, .inform = inform}, MAP_SRI_SM);
}

/* ---- the module ---- */

struct map_smsc *map_smsc_of(struct smsc *s)
{
	return container_of(s, struct map_smsc, smsc);
}

void map_smsc_done(struct map_smsc *s)
{
	s->out--;
}

void map_smsc_count_failure(struct map_smsc *s, uint8_t flags)
{
	(void)s;
	(void)flags;
}

void smsc_count(struct smsc *s, unsigned ctr)
{
	(void)s;
	(void)ctr;
}

void rate_accepted(struct rate *r)
{
	(void)r;
}

void sm_delivered(struct sm *sm, const char *smsc_id)
{
	CHECK(*smsc_id, "an id");
	see("ok%llu ", (unsigned long long)sm->ref);
	talloc_free(sm);
}

void sm_failed(struct sm *sm, const struct sm_failure *f)
{
	see("%s%llu(%u%s) ", f->flags & LINK_FLAG_TEMPORARY ? "later" : "failed", (unsigned long long)sm->ref, f->rp_cause,
	    f->flags & LINK_FLAG_UNKNOWN ? " unknown" : "");
	talloc_free(sm);
}

void link_client_alert(struct link_client *link, const char *da)
{
	(void)link;
	see("alert(%s) ", da);
}

static void take_for(struct map_smsc *s, uint64_t ref, const char *b)
{
	struct sm *sm = talloc_zero(NULL, struct sm);
	struct tpdu_submit submit = {.tp_da = number(b), .u = {.tp_dcs = 4, .tp_udl = 1, .tp_ud = VIEW("x")}};
	struct wbuf w = wbuf_of(sm->tpdu, sizeof(sm->tpdu));

	CHECK(!tpdu_submit_encode(&w, &submit) && !sms_address_parse(&sm->oa, VIEW("+4917")), "SMS-SUBMIT");
	sm->tpdu_octets = w.len;
	sm->ref = ref;
	sm->c = &connector;
	sm->smsc = &s->smsc;
	sm->deadline_us = UINT64_MAX;
	s->out++;
	map_deliver(s, sm);
}

static void take(uint64_t ref, const char *b)
{
	take_for(&smsc, ref, b);
}

static void pass(unsigned seconds)
{
	osmo_clock_override_add(CLOCK_MONOTONIC, seconds, 1);
	osmo_gettimeofday_override_add(seconds, 1);
	osmo_timers_prepare();
	osmo_timers_update();
}

/* A new network and nothing in hand. */
static void begin(unsigned routing_info_s)
{
	map_deliver_free(stack);
	seen[0] = '\0';
	invoke_rc = 0;
	inform = NULL;
	connector = (struct connector){.map = stack};
	*stack = (struct map_stack){.c = &connector, .config.address = number("4999"), .config.routing_info_s = routing_info_s, .config.report = true};
	smsc = other = (struct map_smsc){.smsc.c = &connector};
}

static void end(void)
{
	struct map_deliver_counts n = map_deliver_counts(stack);

	CHECK(!n.recipients && !n.messages && !n.reports && !smsc.out && !other.out, "%u %u %u", n.recipients, n.messages, n.reports);
}

/* ---- cases ---- */

static void test_one(void)
{
	begin(0);
	take(1, "491");
	SEEN("");
	pass(0);
	SEEN("491/6 sri(491) ");
	sri_ok("4911", "");
	SEEN("4911/8 mt(262 from SC tp-mms=0) ");
	mt_ok(false);
	SEEN("ok1 ");
	end();
}

static void test_order(void)
{
	begin(60);
	take(1, "491");
	take(2, "491");
	take(3, "491");
	pass(0);
	sri_ok("4911", "");
	SEEN("491/6 sri(491) 4911/8 mt(262 from SC more tp-mms=1) ");
	mt_ok(true);
	SEEN("ok1 next( more tp-mms=1) ");
	mt_ok(true);
	SEEN("ok2 next( tp-mms=0) ");
	take(4, "491");
	mt_ok(false);
	SEEN("ok3 4911/8 mt(262 from SC tp-mms=0) ");
	mt_ok(false);
	SEEN("ok4 ");
	end();
	/* what the HLR said is used again, and one dialogue carries what is there */
	take(5, "491");
	take(6, "491");
	pass(0);
	SEEN("4911/8 mt(262 from SC more tp-mms=1) ");
	mt_ok(false);
	SEEN("ok5 4911/8 mt(262 from SC tp-mms=0) ");
	mt_ok(false);
	SEEN("ok6 ");
	end();
}

static void test_not_held_up(void)
{
	begin(60);
	take(1, "491");
	pass(0);
	take(2, "492");
	pass(0);
	SEEN("491/6 sri(491) 492/6 sri(492) ");
	sri_ok("4911", "");
	mt_ok(false);
	SEEN("4911/8 mt(262 from SC tp-mms=0) ok2 ");
	take(3, "491");
	pass(19);
	SEEN("");
	pass(2);
	SEEN("later3(42) ");
	take(4, "491");
	pass(21);
	SEEN("later4(42) ");
	CHECK(smsc.out == 1, "the first still waits");
	map_deliver_free(stack);
	SEEN("close later1(38) ");
	end();
}

static void test_absent(void)
{
	begin(0);
	take(1, "491");
	take(2, "491");
	pass(0);
	sri_ok("4911", "");
	seen[0] = '\0';
	mt_absent(1);
	SEEN("491/6 report(491 1/1) later1(27) later2(27) ");
	outcome_of((struct map_outcome){.end = MAP_END_TIMEOUT}, MAP_REPORT_SM_DELIVERY_STATUS);
	end();
	/* memory full: likewise */
	take(3, "491");
	pass(0);
	sri_ok("", "4922");
	seen[0] = '\0';
	answer_error(MAP_MT_FORWARD_SM, failure_error(MAP_FAILURE_MEMORY_EXCEEDED));
	SEEN("491/6 report(491 0/-1 gprs) later3(22) ");
	answer_error(MAP_REPORT_SM_DELIVERY_STATUS, (struct map_error){.code = MAP_ERROR_MESSAGE_WAITING_LIST_FULL});
	end();
	/* busy is not reported, nor what the HLR says itself */
	take(4, "491");
	pass(0);
	sri_ok("4911", "");
	mt_error(MAP_ERROR_SUBSCRIBER_BUSY_FOR_MT_SMS);
	take(5, "491");
	pass(0);
	answer_error(MAP_SRI_SM, absent_error(1));
	SEEN("491/6 sri(491) 4911/8 mt(262 from SC tp-mms=0) later4(27) 491/6 sri(491) later5(27) ");
	end();
}

static void test_second_node(void)
{
	begin(60);
	take(1, "491");
	take(2, "491");
	pass(0);
	sri_ok("4911", "4922");
	SEEN("491/6 sri(491) 4911/8 mt(262 from SC more tp-mms=1) ");
	mt_absent(1);
	SEEN("4922/149 mt(262 from SC more tp-mms=1) ");
	mt_ok(true);
	SEEN("ok1 next( tp-mms=0) ");
	mt_ok(false);
	SEEN("ok2 ");
	/* the one that took them is the first next time; its absence is both asked for anew */
	take(3, "491");
	pass(0);
	SEEN("4922/149 mt(262 from SC tp-mms=0) ");
	mt_absent(6);
	SEEN("4911/8 mt(262 from SC tp-mms=0) ");
	mt_absent(1);
	SEEN("491/6 sri(491) ");
	sri_ok("4911", "4922");
	mt_absent(1);
	SEEN("4911/8 mt(262 from SC tp-mms=0) 4922/149 mt(262 from SC tp-mms=0) ");
	mt_absent(6);
	SEEN("491/6 report(491 1/1 +1) later3(27) ");
	outcome_of((struct map_outcome){.end = MAP_END_TIMEOUT}, MAP_REPORT_SM_DELIVERY_STATUS);
	end();
}

static void test_hope(void)
{
	/* absent at the MSC counts more than what the SGSN cannot do */
	begin(0);
	take(1, "491");
	pass(0);
	sri_ok("4911", "4922");
	mt_absent(1);
	seen[0] = '\0';
	mt_error(MAP_ERROR_FACILITY_NOT_SUPPORTED);
	SEEN("491/6 report(491 1/1) later1(27) ");
	outcome_of((struct map_outcome){.end = MAP_END_TIMEOUT}, MAP_REPORT_SM_DELIVERY_STATUS);
	/* but not more than a doubt, which is about the one that left */
	take(2, "491");
	take(3, "491");
	pass(0);
	sri_ok("4911", "4922");
	mt_absent(1);
	seen[0] = '\0';
	outcome_of((struct map_outcome){.end = MAP_END_TIMEOUT, .uncertain = true}, MAP_MT_FORWARD_SM);
	SEEN("491/6 report(491 1/1) later2(41 unknown) later3(41) ");
	outcome_of((struct map_outcome){.end = MAP_END_TIMEOUT}, MAP_REPORT_SM_DELIVERY_STATUS);
	end();
}

static void test_moved(void)
{
	begin(60);
	take(1, "491");
	pass(0);
	sri_ok("4911", "");
	mt_ok(false);
	seen[0] = '\0';
	take(2, "491");
	take(3, "491");
	pass(0);
	mt_error(MAP_ERROR_UNIDENTIFIED_SUBSCRIBER);
	SEEN("4911/8 mt(262 from SC more tp-mms=1) 491/6 sri(491) ");
	sri_ok("4933", "");
	mt_ok(true);
	SEEN("4933/8 mt(262 from SC more tp-mms=1) ok2 next( tp-mms=0) ");
	/* once for each message, and then it is true: for all of them */
	mt_error(MAP_ERROR_UNIDENTIFIED_SUBSCRIBER);
	SEEN("491/6 sri(491) ");
	take(4, "491");
	sri_ok("4911", "");
	mt_error(MAP_ERROR_UNIDENTIFIED_SUBSCRIBER);
	SEEN("4911/8 mt(262 from SC more tp-mms=1) failed3(30) failed4(30) ");
	end();
}

static void test_of_one_message(void)
{
	begin(60);
	take(1, "491");
	take(2, "491");
	pass(0);
	sri_ok("4911", "");
	seen[0] = '\0';
	answer_error(MAP_MT_FORWARD_SM, failure_error(MAP_FAILURE_EQUIPMENT_PROTOCOL_ERROR));
	SEEN("failed1(38) 4911/8 mt(262 from SC tp-mms=0) ");
	mt_ok(false);
	SEEN("ok2 ");
	/* at the last node, too: the next one begins with the first */
	take(3, "492");
	take(4, "492");
	pass(0);
	sri_ok("4911", "4922");
	mt_error(MAP_ERROR_FACILITY_NOT_SUPPORTED);
	seen[0] = '\0';
	answer_error(MAP_MT_FORWARD_SM, failure_error(MAP_FAILURE_EQUIPMENT_PROTOCOL_ERROR));
	SEEN("failed3(69) 4911/8 mt(262 from SC tp-mms=0) ");
	mt_ok(false);
	SEEN("ok4 ");
	/* what may pass holds back the others, too: they stay in order */
	take(5, "492");
	take(6, "492");
	pass(0);
	seen[0] = '\0';
	mt_error(MAP_ERROR_SYSTEM_FAILURE);
	mt_error(MAP_ERROR_SYSTEM_FAILURE);
	SEEN("4922/149 mt(262 from SC more tp-mms=1) later5(38) later6(38) ");
	/* and what is wrong at one node counts less than his absence at the other */
	take(7, "493");
	take(8, "493");
	pass(0);
	sri_ok("4911", "4922");
	mt_absent(1);
	seen[0] = '\0';
	answer_error(MAP_MT_FORWARD_SM, failure_error(MAP_FAILURE_EQUIPMENT_PROTOCOL_ERROR));
	SEEN("493/6 report(493 1/1) later7(27) later8(27) ");
	outcome_of((struct map_outcome){.end = MAP_END_TIMEOUT}, MAP_REPORT_SM_DELIVERY_STATUS);
	end();
}

static void test_repeated_twice(void)
{
	begin(0);
	for (int n = 0; n < 3; n++) {
		take(1, "491");
		pass(0);
		sri_ok("4911", "");
		seen[0] = '\0';
		outcome_of((struct map_outcome){.end = MAP_END_TIMEOUT, .uncertain = true}, MAP_MT_FORWARD_SM);
		SEEN(n < 2 ? "later1(41 unknown) " : "failed1(41) ");
	}
	/* another message has its own, and the HLR may be away for longer */
	take(2, "491");
	pass(0);
	sri_ok("4911", "");
	mt_error(MAP_ERROR_SYSTEM_FAILURE);
	for (int n = 0; n < 4; n++) {
		take(2, "491");
		pass(0);
		seen[0] = '\0';
		outcome_of((struct map_outcome){.end = MAP_END_TIMEOUT}, MAP_SRI_SM);
		SEEN("later2(41) ");
	}
	end();
}

static void test_flags_set(void)
{
	const struct map_inform_service_centre set = {.stored_msisdn = number("4977"), .mw_status = {true, MAP_MW_MNRF_SET}};

	begin(0);
	inform = &set;
	take(1, "491");
	take(2, "491");
	pass(0);
	sri_ok("4911", "");
	seen[0] = '\0';
	mt_ok(false);
	SEEN("ok1 491/6 report(491 2/-1) 4911/8 mt(262 from SC tp-mms=0) ");
	mt_ok(false);
	SEEN("ok2 ");
	calls[last_handle % 64] = calls[(last_handle - 1) % 64];
	outcome_of((struct map_outcome){.end = MAP_END_TIMEOUT}, MAP_REPORT_SM_DELIVERY_STATUS);
	end();
	/* reports are off */
	stack->config.report = false;
	take(3, "491");
	pass(0);
	sri_ok("4911", "");
	seen[0] = '\0';
	mt_ok(false);
	SEEN("ok3 ");
	end();
}

static void alert(const char *msisdn, const char *sc)
{
	struct map_argument a = {.operation = MAP_ALERT_SERVICE_CENTRE, .version = 2};
	const struct sccp_address peer = {.digits = "4988"};
	const struct map_indication i = {.argument = &a, .peer = &peer, .called = &peer};

	a.alert_service_centre.msisdn = number(msisdn);
	a.alert_service_centre.service_centre_address = number(sc);
	map_deliver_alert(stack, 7, &i);
}

static void test_alert(void)
{
	const struct map_inform_service_centre stored = {.stored_msisdn = number("4977"), .mw_status = {true, 0}};
	struct map_result r = {.operation = MAP_REPORT_SM_DELIVERY_STATUS, .version = 3};

	begin(60);
	alert("491", "4999");
	SEEN("result(7) alert(+491) ");
	alert("491", "4998");
	SEEN("error(7 unexpectedDataValue) ");
	inform = &stored;
	take(1, "491");
	pass(0);
	sri_ok("4911", "");
	mt_absent(1);
	r.report_sm_delivery_status.stored_msisdn = number("4977");
	outcome_of((struct map_outcome){.end = MAP_END_RESULT, .result = &r}, MAP_REPORT_SM_DELIVERY_STATUS);
	seen[0] = '\0';
	alert("4977", "4999");
	SEEN("result(7) alert(+4977) alert(+491) ");
	alert("", "4999");
	SEEN("result(7) ");
	end();
}

static void test_nowhere(void)
{
	begin(0);
	take(1, "491");
	take(2, "491");
	pass(0);
	sri_ok("4999", "");
	SEEN("491/6 sri(491) failed1(38) failed2(38) ");
	take(3, "491");
	pass(0);
	answer_error(MAP_SRI_SM, (struct map_error){.code = MAP_ERROR_UNKNOWN_SUBSCRIBER, .version = 3});
	SEEN("491/6 sri(491) failed3(30) ");
	invoke_rc = -ENOTCONN;
	take(4, "491");
	take(5, "491");
	pass(0);
	SEEN("later4(38) later5(38) ");
	invoke_rc = -ENOBUFS;
	take(6, "491");
	pass(0);
	invoke_rc = -EINVAL;
	take(7, "491");
	take(8, "491");
	pass(0);
	SEEN("later6(42) failed7(38) failed8(38) ");
	end();
}

static void test_bounds(void)
{
	begin(0);
	for (uint64_t ref = 1; ref <= 64; ref++)
		take(ref, "491");
	SEEN("");
	take(65, "491");
	SEEN("later65(42) ");
	CHECK(map_deliver_counts(stack).recipients == 1 && smsc.out == 1, "%u", smsc.out);
	CHECK(map_deliver_counts(stack).messages == 64, "64");
	map_deliver_free(stack);
	end();
}

static void test_flush(void)
{
	begin(60);
	take(1, "491");
	take_for(&other, 2, "491");
	take(3, "491");
	take_for(&other, 4, "492");
	pass(0);
	seen[0] = '\0';
	map_deliver_flush(&other);
	SEEN("later2(38) ");
	connector.stopping = true;
	map_deliver_flush(&smsc);
	SEEN("later3(38) ");
	/* what is out is waited for */
	CHECK(smsc.out == 1 && other.out == 1, "%u %u", smsc.out, other.out);
	map_deliver_release(&other);
	SEEN("close later4(38) ");
	pass(0);
	calls[last_handle % 64] = calls[(last_handle - 1) % 64];
	map_deliver_free(stack);
	SEEN("close later1(38) ");
	end();
}

static void test_stopping(void)
{
	begin(60);
	take(1, "491");
	take(2, "491");
	pass(0);
	sri_ok("4911", "");
	seen[0] = '\0';
	connector.stopping = true;
	mt_ok(true);
	SEEN("ok1 later2(38) close ");
	end();
	connector.stopping = false;
	take(3, "491");
	pass(0);
	map_deliver_release(&smsc);
	SEEN("4911/8 mt(262 from SC tp-mms=0) close later3(38 unknown) ");
	pass(0);
	end();
}

static void test_expired(void)
{
	begin(0);
	take(1, "491");
	take(2, "491");
	pass(0);
	sri_ok("4911", "");
	llist_last_entry(&map_recipient_find(stack->deliver, "491")->queue, struct sm, entry)->forgotten = true;
	seen[0] = '\0';
	mt_ok(true);
	SEEN("ok1 later2(42) close ");
	end();
	/* one that is under way is not late, only invalid */
	take(3, "491");
	pass(0);
	llist_first_entry(&map_recipient_find(stack->deliver, "491")->queue, struct sm, entry)->deadline_us = 1;
	sri_ok("4911", "4922");
	mt_absent(1);
	SEEN("491/6 sri(491) 4911/8 mt(262 from SC tp-mms=0) 4922/149 mt(262 from SC tp-mms=0) ");
	llist_first_entry(&map_recipient_find(stack->deliver, "491")->queue, struct sm, entry)->validity_s = 1;
	llist_first_entry(&map_recipient_find(stack->deliver, "491")->queue, struct sm, entry)->start_us = 0;
	mt_error(MAP_ERROR_UNIDENTIFIED_SUBSCRIBER);
	SEEN("491/6 report(491 1/1) later3(27) ");
	outcome_of((struct map_outcome){.end = MAP_END_TIMEOUT}, MAP_REPORT_SM_DELIVERY_STATUS);
	end();
}

int main(void)
{
	void *ctx = talloc_new(NULL);

	stack = talloc_zero(ctx, struct map_stack);
	log_init(&connector_log_info, ctx);
	osmo_gettimeofday_override = true;
	osmo_clock_override_enable(CLOCK_MONOTONIC, true);
	test_one();
	test_order();
	test_not_held_up();
	test_absent();
	test_second_node();
	test_hope();
	test_moved();
	test_of_one_message();
	test_repeated_twice();
	test_flags_set();
	test_alert();
	test_nowhere();
	test_bounds();
	test_flush();
	test_stopping();
	test_expired();
	map_deliver_free(stack);
	talloc_free(ctx);
	return test_end("map_recipient");
}
