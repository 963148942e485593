/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */

/* MAP short message operations (TS 29.002 17.7.6, 17.7.7) of versions 1 to 3, by the parameters of all vectors. */

#include "map/map_sm.h"

#include "codec.h"
#include "map_vectors.h"

#define VECTORS "test/vectors/map_tcap.txt"
#define MORE	"test/vectors/map_more.txt"

/* ---- one parameter of any kind ---- */

enum kind { ARGUMENT, RESULT, ERROR };

struct parameter {
	enum kind kind;
	union {
		struct map_argument argument;
		struct map_result result;
		struct map_error error;
	};
};

static struct {
	enum kind kind;
	int code; /* operation or error */
	uint8_t version;
} current;

static void prepare(struct parameter *p)
{
	memset(p, 0xa5, sizeof(*p));
	p->kind = current.kind;
	switch (p->kind) {
	case ARGUMENT:
		p->argument.operation = (enum map_operation)current.code;
		p->argument.version = current.version;
		break;
	case RESULT:
		p->result.operation = (enum map_operation)current.code;
		p->result.version = current.version;
		break;
	case ERROR:
		p->error.code = current.code;
		p->error.version = current.version;
		break;
	}
}

static int decode_current(struct view in, struct parameter *p)
{
	prepare(p);
	if (p->kind == ARGUMENT)
		return map_argument_decode(in, &p->argument);
	if (p->kind == RESULT)
		return map_result_decode(in, &p->result);
	return map_error_decode(in, &p->error);
}

/* That nothing is a good result or error is looked at elsewhere. */
static int decode(struct view in, void *value)
{
	return in.len ? decode_current(in, value) : -EBADMSG;
}

static int encode(struct wbuf *w, const void *value)
{
	const struct parameter *p = value;

	if (p->kind == ARGUMENT)
		return map_argument_encode(w, &p->argument);
	if (p->kind == RESULT)
		return map_result_encode(w, &p->result);
	return map_error_encode(w, &p->error);
}

static const struct codec codec = {encode, decode, sizeof(struct parameter)};

/* ---- every parameter of every vector ---- */

static enum map_operation operation_in(const char *name, const struct tcap_message *m, int32_t code,
				       uint8_t *version)
{
	static const uint8_t contexts[] = {20, 21, 23, 24, 25, 43};
	enum map_operation operation = MAP_OPERATION_UNKNOWN;

	*version = m->dialogue.ac.version;
	if (m->dialogue.ac.context)
		return map_operation_of(m->dialogue.ac, code);
	*version = 1;
	if (strstr(name, "-v1"))
		return map_operation_of((struct map_ac){0, 1}, code);
	/* within a dialogue: as if its context were known */
	for (*version = 3; *version > 1 && !operation; (*version)--)
		for (size_t i = 0; i < sizeof(contexts) && !operation; i++)
			operation = map_operation_of((struct map_ac){contexts[i], *version}, code);
	(*version)++;
	return operation;
}

static void check_component(const char *name, const struct tcap_message *m,
			    const struct tcap_component *c)
{
	static char hex[2 * 1024];
	struct parameter p;

	if (!c->parameter.len)
		return;
	current.kind = c->type == TCAP_INVOKE ? ARGUMENT : c->type == TCAP_ERROR ? ERROR : RESULT;
	current.code = (int)operation_in(name, m, c->code, &current.version);
	if (c->type == TCAP_ERROR) {
		current.code = c->code;
		current.version = m->dialogue.ac.context ? m->dialogue.ac.version
				  : strstr(name, "-v1")	 ? 1
							 : 3;
	}
	CHECK(current.code, "%s: operation %d", name, c->code);
	for (size_t i = 0; i < c->parameter.len; i++)
		sprintf(hex + 2 * i, "%02x", c->parameter.p[i]);
	free(codec_check(name, &codec, hex, &p, 0));
}

static void test_vectors(const char *path, size_t parameters)
{
	FILE *f = vectors_open(path);
	struct tcap_message m;
	struct vector v;
	size_t found = 0;

	while (f && vector_next(f, &v)) {
		size_t len;
		uint8_t *in = test_hex(v.hex, &len);

		CHECK(tcap_decode((struct view){in, len}, &m) == 0, "%s", v.name);
		for (size_t i = 0; i < m.component_count; i++) {
			found += m.components[i].parameter.len > 0;
			check_component(v.name, &m, &m.components[i]);
		}
		free(in);
	}
	CHECK(found == parameters, "%s: %zu parameters", path, found);
	if (f)
		fclose(f);
}

/* ---- what stands in them ---- */

/* The octets stay in use until the end of the test: views point into them. */
static struct parameter *parameter_of(const char *path, const char *name, size_t component)
{
	static struct vector v;
	static struct parameter p;
	static uint8_t octets[1024];
	struct tcap_message m;
	struct tcap_component *c = &m.components[component];
	uint8_t *in;
	size_t len;

	memset(&p, 0, sizeof(p));
	if (!vector_find(path, name, &v))
		return &p;
	in = test_hex(v.hex, &len);
	memcpy(octets, in, len);
	free(in);
	CHECK(tcap_decode((struct view){octets, len}, &m) == 0, "%s", name);
	current.kind = c->type == TCAP_INVOKE ? ARGUMENT : c->type == TCAP_ERROR ? ERROR : RESULT;
	current.code = (int)operation_in(name, &m, c->code, &current.version);
	if (c->type == TCAP_ERROR) {
		current.code = c->code;
		current.version = m.dialogue.ac.context ? m.dialogue.ac.version : 3;
	}
	CHECK(decode_current(c->parameter, &p) == 0, "%s: parameter", name);
	return &p;
}

#define CHECK_TEXT(got, expected) CHECK(!strcmp(got, expected), "%s", got)

static void check_number(const struct sms_address *a, const char *digits)
{
	CHECK(a->ton == SMS_TON_INTERNATIONAL && a->npi == SMS_NPI_E164, "%d %d", a->ton, a->npi);
	CHECK_TEXT(a->text, digits);
}

static void check_value(struct map_value v, unsigned value)
{
	CHECK(v.present && v.value == value, "%d, not %u", v.value, value);
}

static void test_forward(void)
{
	struct map_forward_sm *a = &parameter_of(VECTORS, "mo-begin", 0)->argument.forward_sm;

	CHECK(a->sm_rp_da.type == MAP_RP_SERVICE_CENTRE && a->sm_rp_oa.type == MAP_RP_MSISDN,
	      "%d %d", a->sm_rp_da.type, a->sm_rp_oa.type);
	check_number(&a->sm_rp_da.address, "49171076010");
	check_number(&a->sm_rp_oa.address, "49171234567");
	CHECK_TEXT(a->imsi, "262001234567891");
	CHECK(a->sm_rp_ui.len == 18 && a->sm_rp_ui.p[0] == 0x01, "%zu octets", a->sm_rp_ui.len);
	a = &parameter_of(VECTORS, "mt-v2-begin-more", 0)->argument.forward_sm;
	CHECK(current.code == MAP_MT_FORWARD_SM && current.version == 2, "%d", current.code);
	CHECK(a->sm_rp_da.type == MAP_RP_IMSI && a->more_messages_to_send, "%d", a->sm_rp_da.type);
	CHECK_TEXT(a->sm_rp_da.imsi, "262001234567891");
	a = &parameter_of(MORE, "mt-all", 0)->argument.forward_sm;
	check_value(a->sm_delivery_timer_s, 30);
	CHECK(a->sms_over_ip_only_indicator && a->correlation_id.present, "flags");
	CHECK(view_eq(a->correlation_id.sip_uri_b, VIEW("sip:b@example.org")), "sip-uri-B");
	CHECK(a->sm_delivery_start_time.len == 4 && a->maximum_retransmission_time.p[2] == 0x0e,
	      "times");
	check_number(&a->sms_gmsc_address, "491710760200");
	a = &parameter_of(MORE, "mo-all", 0)->argument.forward_sm;
	check_value(a->sm_delivery_outcome, MAP_OUTCOME_SUCCESS);
	a = &parameter_of(MORE, "mo-no-address", 0)->argument.forward_sm;
	CHECK(a->sm_rp_da.type == MAP_RP_NONE && a->sm_rp_oa.type == MAP_RP_NONE, "none");
	CHECK(parameter_of(VECTORS, "mo-end-ui", 0)->result.forward_sm.sm_rp_ui.len == 9,
	      "MO result");
}

/* In version 1 the addresses say which way it goes. */
static void test_forward_v1(void)
{
	struct map_argument *a = &parameter_of(MORE, "mt-v1-imsi", 0)->argument;

	CHECK(a->operation == MAP_MT_FORWARD_SM, "%d", a->operation);
	a = &parameter_of(MORE, "mt-v1-roaming", 0)->argument;
	CHECK(a->operation == MAP_MT_FORWARD_SM &&
		      a->forward_sm.sm_rp_da.type == MAP_RP_ROAMING_NUMBER,
	      "%d", a->operation);
	a = &parameter_of(MORE, "mo-v1", 0)->argument;
	CHECK(a->operation == MAP_MO_FORWARD_SM, "%d", a->operation);
}

static void test_query(void)
{
	struct map_sri_sm *a = &parameter_of(VECTORS, "sri-begin", 0)->argument.sri_sm;
	struct map_sri_sm_result *res;

	check_number(&a->msisdn, "49171234567");
	CHECK(a->sm_rp_pri && a->gprs_support_indicator && !a->sm_rp_mti.present, "flags");
	check_number(&a->service_centre_address, "49171076010");
	a = &parameter_of(MORE, "sri-all", 0)->argument.sri_sm;
	CHECK(!a->sm_rp_pri && a->ip_sm_gw_guidance_indicator && a->t4_trigger_indicator &&
		      a->single_attempt_delivery && a->correlation_id.present &&
		      !a->smsf_support_indicator,
	      "flags");
	check_value(a->sm_rp_mti, 1);
	check_value(a->sm_delivery_not_intended, 0);
	CHECK(a->sm_rp_smea.len == 8, "%zu", a->sm_rp_smea.len);
	CHECK_TEXT(a->imsi, "262012345678901");
	res = &parameter_of(VECTORS, "sri-end-isc", 1)->result.sri_sm;
	CHECK_TEXT(res->imsi, "262001234567891");
	CHECK(res->location.present && !res->location.lmsi.present && !res->guidance.present,
	      "optional");
	check_number(&res->location.network_node_number, "49171076021");
	res = &parameter_of(MORE, "sri-res-all", 0)->result.sri_sm;
	CHECK(res->location.lmsi.present && res->location.gprs_node_indicator, "flags");
	CHECK(res->location.additional_number.type == MAP_NUMBER_MSC, "%d",
	      res->location.additional_number.type);
	CHECK(res->location.third_number.type == MAP_NUMBER_SGSN, "%d",
	      res->location.third_number.type);
	check_number(&res->location.third_number.address, "491710760400");
	check_number(&res->location.smsf_3gpp_number, "491710760500");
	check_number(&res->location.smsf_non_3gpp_number, "491710760600");
	check_value(res->guidance.minimum_delivery_time_s, 30);
	check_value(res->guidance.recommended_delivery_time_s, 600);
	res = &parameter_of(MORE, "sri-res-v1-roaming", 0)->result.sri_sm;
	check_number(&res->location.roaming_number, "491710760200");
	CHECK(parameter_of(MORE, "sri-res-v1-mwd", 0)->result.sri_sm.mwd_set, "mwd-Set");
}

static void test_report(void)
{
	struct map_report_sm_delivery_status *a =
		&parameter_of(VECTORS, "rds-begin", 0)->argument.report_sm_delivery_status;
	struct map_inform_service_centre *inform;
	struct map_alert_service_centre *alert;

	check_value(a->sm_delivery_outcome, MAP_OUTCOME_ABSENT_SUBSCRIBER);
	check_value(a->absent_subscriber_diagnostic, 6);
	CHECK(a->gprs_support_indicator && !a->ip_sm_gw_indicator, "flags");
	a = &parameter_of(VECTORS, "rds-begin-ipsmgw", 0)->argument.report_sm_delivery_status;
	CHECK(a->ip_sm_gw_indicator, "ip-sm-gw-Indicator");
	a = &parameter_of(MORE, "rds-all", 0)->argument.report_sm_delivery_status;
	check_value(a->absent_subscriber_diagnostic, 255);
	check_value(a->additional_sm_delivery_outcome, 1);
	check_value(a->additional_absent_subscriber_diagnostic, 5);
	check_value(a->ip_sm_gw_sm_delivery_outcome, 1);
	check_value(a->ip_sm_gw_absent_subscriber_diagnostic, MAP_ABSENT_NO_RESPONSE_IP_SM_GW);
	CHECK(a->single_attempt_delivery && a->delivery_outcome_indicator &&
		      a->correlation_id.present,
	      "flags");
	check_number(&parameter_of(MORE, "rds-res-v2", 0)
			      ->result.report_sm_delivery_status.stored_msisdn,
		     "49171234567");
	inform = &parameter_of(VECTORS, "sri-end-isc", 0)->argument.inform_service_centre;
	check_value(inform->mw_status, MAP_MW_MNRF_SET);
	inform = &parameter_of(MORE, "inform-all", 0)->argument.inform_service_centre;
	check_number(&inform->stored_msisdn, "49171234567");
	check_value(inform->mw_status, 0xf0);
	check_value(inform->absent_subscriber_diagnostic, 1);
	check_value(inform->additional_absent_subscriber_diagnostic, 11);
	alert = &parameter_of(MORE, "alert-all", 0)->argument.alert_service_centre;
	CHECK_TEXT(alert->imsi, "262012345678901");
	check_value(alert->sms_gmsc_alert_event, 1);
	check_number(&alert->new_mme_number, "491710760200");
	alert = &parameter_of(MORE, "alert-v1", 0)->argument.alert_service_centre;
	CHECK(current.code == MAP_ALERT_SERVICE_CENTRE && current.version == 1, "%d", current.code);
	check_number(&alert->service_centre_address, "491710760100");
}

static void test_register(void)
{
	struct map_ready_for_sm *ready = &parameter_of(MORE, "ready-v3", 0)->argument.ready_for_sm;
	struct map_any_time_modification *atm;

	CHECK(ready->additional_alert_reason_indicator && !ready->alert_reason_indicator,
	      "indicators");
	check_value(ready->alert_reason, MAP_ALERT_MEMORY_AVAILABLE);
	ready = &parameter_of(MORE, "ready-v1", 0)->argument.ready_for_sm;
	CHECK_TEXT(ready->imsi, "262012345678901");
	CHECK(!ready->alert_reason.present, "a reason");
	atm = &parameter_of(MORE, "atm-activate", 0)->argument.any_time_modification;
	check_number(&atm->subscriber_identity.msisdn, "49171234567");
	check_number(&atm->gsm_scf_address, "491710760200");
	check_value(atm->ip_sm_gw_data.modify_registration_status, 1);
	atm = &parameter_of(MORE, "atm-deactivate-imsi", 0)->argument.any_time_modification;
	CHECK_TEXT(atm->subscriber_identity.imsi, "262012345678901");
	check_value(atm->ip_sm_gw_data.modify_registration_status, 0);
	check_number(&parameter_of(MORE, "atm-res", 0)
			      ->result.any_time_modification.service_centre_address,
		     "491710760100");
}

static void test_errors(void)
{
	struct map_error *e = &parameter_of(VECTORS, "mt-err", 0)->error;

	CHECK(e->code == MAP_ERROR_ABSENT_SUBSCRIBER_SM && e->version == 3, "%d", e->code);
	check_value(e->absent_subscriber_sm.diagnostic, 6);
	e = &parameter_of(VECTORS, "mt-err-smfail", 0)->error;
	check_value(e->sm_delivery_failure.cause, MAP_FAILURE_MEMORY_EXCEEDED);
	CHECK(view_eq(e->sm_delivery_failure.diagnostic_info, VIEW("\0\xd3\0")), "diagnosticInfo");
	e = &parameter_of(MORE, "err-absent-sm-all", 0)->error;
	check_value(e->absent_subscriber_sm.additional_diagnostic, 5);
	CHECK_TEXT(e->absent_subscriber_sm.imsi, "262012345678901");
	e = &parameter_of(MORE, "err-absent-v3", 0)->error;
	check_value(e->absent_subscriber.reason, 2);
	e = &parameter_of(MORE, "err-system-v3", 0)->error;
	check_value(e->system_failure.network_resource, 1);
	check_value(e->system_failure.additional_network_resource, 2);
	e = &parameter_of(MORE, "err-call-barred", 0)->error;
	CHECK(e->call_barred.unauthorised_message_originator, "originator");
	check_value(e->call_barred.cause, 1);
	e = &parameter_of(MORE, "err-unknown-subscriber", 0)->error;
	check_value(e->unknown_subscriber.diagnostic, 1);
}

/* ---- what peers write differently, and how we would ---- */

static const struct {
	const char *name;
	enum kind kind;
	int code;
	uint8_t version;
	const char *hex, *ours;
} lenient[] = {
	{"indefinite", ARGUMENT, MAP_SRI_SM, 3,
	 "30808007919471214365f78101ff8207919471016710000000",
	 "30158007919471214365f78101ff820791947101671000"},
	{"long lengths", ARGUMENT, MAP_SRI_SM, 3,
	 "308117808107919471214365f78101ff82810791947101671000",
	 "30158007919471214365f78101ff820791947101671000"},
	{"extension container", ARGUMENT, MAP_SRI_SM, 3,
	 "30268007919471214365f78101ff820791947101671000a60da009300706022a03040178a1008700",
	 "30178007919471214365f78101ff8207919471016710008700"},
	{"another order", ARGUMENT, MAP_SRI_SM, 3,
	 "301787008207919471016710008101ff8007919471214365f7",
	 "30178007919471214365f78101ff8207919471016710008700"},
	{"TRUE as 01", ARGUMENT, MAP_SRI_SM, 3, "30158007919471214365f7810101820791947101671000",
	 "30158007919471214365f78101ff820791947101671000"},
	{"elements of tomorrow", ARGUMENT, MAP_SRI_SM, 3,
	 "301e8007919471214365f78101ff8207919471016710009e0178bf8148020400",
	 "30158007919471214365f78101ff820791947101671000"},
	{"reserved sm-RP-MTI", ARGUMENT, MAP_SRI_SM, 3,
	 "30188007919471214365f78101ff820791947101671000880107",
	 "30158007919471214365f78101ff820791947101671000"},
	{"optional IMSI without digits", ARGUMENT, MAP_SRI_SM, 3,
	 "30178007919471214365f78101ff8207919471016710008c00",
	 "30158007919471214365f78101ff820791947101671000"},
	{"correlation id without sip-uri-B", ARGUMENT, MAP_SRI_SM, 3,
	 "30218007919471214365f78101ff820791947101671000af0a800862022143658709f1",
	 "30158007919471214365f78101ff820791947101671000"},
	{"version 3 elements in version 2", ARGUMENT, MAP_SRI_SM, 2,
	 "30178007919471214365f78101ff8207919471016710008700",
	 "30158007919471214365f78101ff820791947101671000"},
	{"element there twice", ARGUMENT, MAP_SRI_SM, 3,
	 "301e8007919471214365f78007919471016720008101ff820791947101671000",
	 "30158007919471214365f78101ff820791947101671000"},
	{"extension containers", RESULT, MAP_SRI_SM, 3,
	 "3039040862022143658709f1a01e810791947101672000300da009300706022a03040178a100040401020304a"
	 "40da009300706022a03040178a100",
	 "301b040862022143658709f1a00f810791947101672000040401020304"},
	{"Diameter addresses", RESULT, MAP_SRI_SM, 3,
	 "3028040862022143658709f1a01c810791947101672000a70c80036d6d6581057265616c6daa03800178",
	 "3015040862022143658709f1a009810791947101672000"},
	{"location before IMSI", RESULT, MAP_SRI_SM, 3,
	 "3015a009810791947101672000040862022143658709f1",
	 "3015040862022143658709f1a009810791947101672000"},
	{"IMSI of 14 digits in eight octets", RESULT, MAP_SRI_SM, 3,
	 "3015040862021032547698ffa009810791947101672000",
	 "3014040762021032547698a009810791947101672000"},
	{"version 1 elements in version 3", RESULT, MAP_SRI_SM, 3,
	 "3021040862022143658709f1a0128007919471214365f78107919471016720008201ff",
	 "3015040862022143658709f1a009810791947101672000"},
	{"LMSI of five octets", RESULT, MAP_SRI_SM, 3,
	 "301c040862022143658709f1a01081079194710167200004050102030405",
	 "3015040862022143658709f1a009810791947101672000"},
	{"indefinite inside", RESULT, MAP_SRI_SM, 3,
	 "3080040862022143658709f1a08081079194710167200000000000",
	 "3015040862022143658709f1a009810791947101672000"},
	{"guidance above 600 seconds", RESULT, MAP_SRI_SM, 3,
	 "301e040862022143658709f1a009810791947101672000a50702011e02020259",
	 "3015040862022143658709f1a009810791947101672000"},
	{"bare address in version 3", RESULT, MAP_REPORT_SM_DELIVERY_STATUS, 3,
	 "0407919471214365f7", "30090407919471214365f7"},
	{"sequence in version 2", RESULT, MAP_REPORT_SM_DELIVERY_STATUS, 2,
	 "30090407919471214365f7", "0407919471214365f7"},
	{"sequence with an extension alone", RESULT, MAP_REPORT_SM_DELIVERY_STATUS, 3,
	 "300f300da009300706022a03040178a100", ""},
	{"empty sequence", RESULT, MAP_MT_FORWARD_SM, 3, "3000", ""},
	{"user data in version 2", RESULT, MAP_MT_FORWARD_SM, 2, "300404020000", ""},
	{"extension for alert", RESULT, MAP_ALERT_SERVICE_CENTRE, 2,
	 "300f300da009300706022a03040178a100", ""},
	{"extension before moreMessagesToSend", ARGUMENT, MAP_MT_FORWARD_SM, 3,
	 "303e800862022143658709f18407919471016710000418040c9194712143658700004270203154008005e8329"
	 "bfd06300da009300706022a03040178a1000500",
	 "302f800862022143658709f18407919471016710000418040c9194712143658700004270203154008005e8329"
	 "bfd060500"},
	{"address without extension bit", ARGUMENT, MAP_MT_FORWARD_SM, 3,
	 "302d800862022143658709f18407119471016710000418040c9194712143658700004270203154008005e8329"
	 "bfd06",
	 "302d800862022143658709f18407919471016710000418040c9194712143658700004270203154008005e8329"
	 "bfd06"},
	{"delivery timer of 5 seconds", ARGUMENT, MAP_MT_FORWARD_SM, 3,
	 "3030800862022143658709f18407919471016710000418040c9194712143658700004270203154008005e8329"
	 "bfd06020105",
	 "302d800862022143658709f18407919471016710000418040c9194712143658700004270203154008005e8329"
	 "bfd06"},
	{"mw-Status of sixteen bits", ARGUMENT, MAP_INFORM_SERVICE_CENTRE, 3, "3005030300f0ff",
	 "3004030202f0"},
	{"diagnostic of two octets", ARGUMENT, MAP_REPORT_SM_DELIVERY_STATUS, 3,
	 "30190407919471214365f70407919471016710000a010180020006",
	 "30180407919471214365f70407919471016710000a0101800106"},
	{"other requests", ARGUMENT, MAP_ANY_TIME_MODIFICATION, 3,
	 "3021a0098107919471214365f7810791947101672000a403800178a803800101890101",
	 "3019a0098107919471214365f7810791947101672000a803800101"},
	{"bare cause in version 3", ERROR, MAP_ERROR_SM_DELIVERY_FAILURE, 3, "0a0100",
	 "30030a0100"},
	{"sequence in version 1", ERROR, MAP_ERROR_SM_DELIVERY_FAILURE, 1, "30080a0100040300d300",
	 "0a0100"},
	{"bare resource in version 3", ERROR, MAP_ERROR_SYSTEM_FAILURE, 3, "0a0101", "30030a0101"},
	{"extension alone", ERROR, MAP_ERROR_UNKNOWN_SUBSCRIBER, 3,
	 "300f300da009300706022a03040178a100", ""},
	{"cause of tomorrow", ERROR, MAP_ERROR_SM_DELIVERY_FAILURE, 3, "30030a014d", "30030a014d"},
	{"error of others", ERROR, 71, 3, "3003020101", ""},
};

static void test_lenient(void)
{
	for (size_t i = 0; i < sizeof(lenient) / sizeof(lenient[0]); i++) {
		const char *name = lenient[i].name;
		uint8_t out[512];
		struct wbuf w = wbuf_of(out, sizeof(out));
		struct parameter p;
		size_t len, ours_len;
		uint8_t *in = test_hex(lenient[i].hex, &len),
			*ours = test_hex(lenient[i].ours, &ours_len);
		int err;

		current.kind = lenient[i].kind;
		current.code = lenient[i].code;
		current.version = lenient[i].version;
		err = decode_current((struct view){in, len}, &p);
		CHECK(err == 0, "%s: %d", name, err);
		err = encode(&w, &p);
		CHECK(err == 0, "%s: %d", name, err);
		CHECK(view_eq(wbuf_written(&w), (struct view){ours, ours_len}), "%s", name);
		codec_check_prefixes(name, &codec, in, len, 0);
		free(in);
		free(ours);
	}
}

/* ---- what is refused, and how it is answered ---- */

static const struct {
	const char *name;
	enum kind kind;
	int code;
	uint8_t version;
	const char *hex;
	int err;
} refused[] = {
	{"nothing", ARGUMENT, MAP_SRI_SM, 3, "", -EBADMSG},
	{"no sequence", ARGUMENT, MAP_SRI_SM, 3, "0407919471214365f7", -EBADMSG},
	{"a set", ARGUMENT, MAP_SRI_SM, 3, "31158007919471214365f78101ff820791947101671000",
	 -EBADMSG},
	{"two of them", ARGUMENT, MAP_SRI_SM, 3,
	 "30158007919471214365f78101ff82079194710167100030158007919471214365f78101ff820791947101671"
	 "000",
	 -EBADMSG},
	{"broken inside", ARGUMENT, MAP_SRI_SM, 3, "300f8007919471214365f78101ff8208ff", -EBADMSG},
	{"BOOLEAN of two octets", ARGUMENT, MAP_SRI_SM, 3,
	 "30168007919471214365f78102ffff820791947101671000", -EBADMSG},
	{"broken extension is not looked at", ARGUMENT, MAP_SRI_SM, 3,
	 "30168007919471214365f7820791947101671000a6023005", -ENODATA},
	{"no msisdn", ARGUMENT, MAP_SRI_SM, 3, "300c8101ff820791947101671000", -ENODATA},
	{"no service centre", ARGUMENT, MAP_SRI_SM, 3, "300c8007919471214365f78101ff", -ENODATA},
	{"empty sequence", ARGUMENT, MAP_SRI_SM, 3, "3000", -ENODATA},
	{"msisdn without digits", ARGUMENT, MAP_SRI_SM, 3, "300f8001918101ff820791947101671000",
	 -ERANGE},
	{"msisdn of nothing", ARGUMENT, MAP_SRI_SM, 3, "300e80008101ff820791947101671000", -ERANGE},
	{"msisdn of ten octets", ARGUMENT, MAP_SRI_SM, 3,
	 "3018800a911111111111111111118101ff820791947101671000", -ERANGE},
	{"service centre of 21 octets", ARGUMENT, MAP_SRI_SM, 3,
	 "30238007919471214365f78101ff8215911111111111111111111111111111111111111111", -ERANGE},
	{"filler among the digits", ARGUMENT, MAP_SRI_SM, 3,
	 "3012800491f111118101ff820791947101671000", -ERANGE},
	{"filler alone", ARGUMENT, MAP_SRI_SM, 3, "3010800291ff8101ff820791947101671000", -ERANGE},
	{"no sm-RP-DA", ARGUMENT, MAP_MT_FORWARD_SM, 3,
	 "30238407919471016710000418040c9194712143658700004270203154008005e8329bfd06", -ENODATA},
	{"no sm-RP-OA", ARGUMENT, MAP_MT_FORWARD_SM, 3,
	 "3024800862022143658709f10418040c9194712143658700004270203154008005e8329bfd06", -ENODATA},
	{"no sm-RP-UI", ARGUMENT, MAP_MT_FORWARD_SM, 3,
	 "3013800862022143658709f1840791947101671000", -ENODATA},
	{"empty sm-RP-UI", ARGUMENT, MAP_MT_FORWARD_SM, 3,
	 "3015800862022143658709f18407919471016710000400", -ERANGE},
	{"sm-RP-UI of 201 octets", ARGUMENT, MAP_MT_FORWARD_SM, 3,
	 "3081df800862022143658709f18407919471016710000481c9000000000000000000000000000000000000000"
	 "00000000000000000000000000000000000000000000000000000000000000000000000000000000000000000"
	 "00000000000000000000000000000000000000000000000000000000000000000000000000000000000000000"
	 "00000000000000000000000000000000000000000000000000000000000000000000000000000000000000000"
	 "00000000000000000000000000000000000000000000000000000000000000000000000000000000000000000"
	 "0000000",
	 -ERANGE},
	{"IMSI of two octets", ARGUMENT, MAP_MT_FORWARD_SM, 3,
	 "3027800212348407919471016710000418040c9194712143658700004270203154008005e8329bfd06",
	 -ERANGE},
	{"IMSI of nine octets", ARGUMENT, MAP_MT_FORWARD_SM, 3,
	 "302e80091111111111111111118407919471016710000418040c9194712143658700004270203154008005e83"
	 "29bfd06",
	 -ERANGE},
	{"IMSI with a star", ARGUMENT, MAP_MT_FORWARD_SM, 3,
	 "3028800321436a8407919471016710000418040c9194712143658700004270203154008005e8329bfd06",
	 -ERANGE},
	{"LMSI of three octets", ARGUMENT, MAP_MT_FORWARD_SM, 3,
	 "302881030102038407919471016710000418040c9194712143658700004270203154008005e8329bfd06",
	 -ERANGE},
	{"constructed IMSI", ARGUMENT, MAP_MT_FORWARD_SM, 3,
	 "302da00862022143658709f18407919471016710000418040c9194712143658700004270203154008005e8329"
	 "bfd06",
	 -ENODATA},
	{"no outcome", ARGUMENT, MAP_REPORT_SM_DELIVERY_STATUS, 2,
	 "30120407919471214365f7040791947101671000", -ENODATA},
	{"outcome of tomorrow", ARGUMENT, MAP_REPORT_SM_DELIVERY_STATUS, 3,
	 "30150407919471214365f70407919471016710000a0103", -ERANGE},
	{"outcome of five octets", ARGUMENT, MAP_REPORT_SM_DELIVERY_STATUS, 3,
	 "30190407919471214365f70407919471016710000a050000000000", -EBADMSG},
	{"outcome of none", ARGUMENT, MAP_REPORT_SM_DELIVERY_STATUS, 3,
	 "30140407919471214365f70407919471016710000a00", -EBADMSG},
	{"one address", ARGUMENT, MAP_ALERT_SERVICE_CENTRE, 2, "30090407919471214365f7", -ENODATA},
	{"no alertReason", ARGUMENT, MAP_READY_FOR_SM, 2, "300a800862022143658709f1", -ENODATA},
	{"IMSI alone in version 2", ARGUMENT, MAP_READY_FOR_SM, 2, "0408620221436587 09f1",
	 -ENODATA},
	{"no identity", ARGUMENT, MAP_ANY_TIME_MODIFICATION, 3, "3009810791947101672000", -ENODATA},
	{"empty identity", ARGUMENT, MAP_ANY_TIME_MODIFICATION, 3, "300ba000810791947101672000",
	 -EBADMSG},
	{"identity of another kind", ARGUMENT, MAP_ANY_TIME_MODIFICATION, 3,
	 "3014a0098207919471214365f7810791947101672000", -ERANGE},
	{"alert in version 3", ARGUMENT, MAP_ALERT_SERVICE_CENTRE, 3,
	 "30120407919471214365f7040791947101671000", -ENOTSUP},
	{"inform in version 1", ARGUMENT, MAP_INFORM_SERVICE_CENTRE, 1, "3000", -ENOTSUP},
	{"version 0", ARGUMENT, MAP_SRI_SM, 0, "30158007919471214365f78101ff820791947101671000",
	 -ENOTSUP},
	{"version 4", ARGUMENT, MAP_SRI_SM, 4, "30158007919471214365f78101ff820791947101671000",
	 -ENOTSUP},
	{"unknown operation", ARGUMENT, 2, 3, "30158007919471214365f78101ff820791947101671000",
	 -ENOTSUP},
	{"result of nothing", RESULT, MAP_SRI_SM, 3, "", -ENODATA},
	{"no location", RESULT, MAP_SRI_SM, 3, "300a040862022143658709f1", -ENODATA},
	{"location without a number", RESULT, MAP_SRI_SM, 2,
	 "3012040862022143658709f1a006040401020304", -ENODATA},
	{"broken location", RESULT, MAP_SRI_SM, 3, "300e040862022143658709f1a0028105", -EBADMSG},
	{"no IMSI", RESULT, MAP_SRI_SM, 3, "300ba009810791947101672000", -ENODATA},
	{"no sequence", RESULT, MAP_MT_FORWARD_SM, 3, "04020000", -EBADMSG},
	{"NULL", RESULT, MAP_ALERT_SERVICE_CENTRE, 2, "0500", -EBADMSG},
	{"version 0", RESULT, MAP_SRI_SM, 0, "", -ENOTSUP},
	{"no cause", ERROR, MAP_ERROR_SM_DELIVERY_FAILURE, 3, "3000", -ENODATA},
	{"no parameter", ERROR, MAP_ERROR_SM_DELIVERY_FAILURE, 3, "", -ENODATA},
	{"cause of 256", ERROR, MAP_ERROR_SM_DELIVERY_FAILURE, 3, "30040a020100", -ERANGE},
	{"another form", ERROR, MAP_ERROR_ABSENT_SUBSCRIBER_SM, 3, "0a0101", -EBADMSG},
	{"broken", ERROR, MAP_ERROR_UNKNOWN_SUBSCRIBER, 3, "3005", -EBADMSG},
	{"version 0", ERROR, MAP_ERROR_UNKNOWN_SUBSCRIBER, 0, "", -ENOTSUP},
};

static void test_refused(void)
{
	for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
		struct parameter p;
		size_t len;
		uint8_t *in = test_hex(refused[i].hex, &len);
		int err;

		current.kind = refused[i].kind;
		current.code = refused[i].code;
		current.version = refused[i].version;
		err = decode_current((struct view){in, len}, &p);
		CHECK(err == refused[i].err, "%s: %d", refused[i].name, err);
		CHECK(p.kind != ERROR || p.error.code == refused[i].code, "%s: code %d",
		      refused[i].name, p.error.code);
		free(in);
	}
}

/* Nothing at all: a good result or error where no element must be there. */
static void test_empty(void)
{
	static const int results[] = {44, 46, 47, 63, 64, 65, 66},
			 errors[] = {1, 5, 6, 13, 27, 31, 34, 36, 200};
	struct map_result res;
	struct map_error e;
	struct wbuf w = wbuf_of(NULL, 0);

	for (size_t i = 0; i < sizeof(results) / sizeof(results[0]); i++) {
		res = (struct map_result){.operation = (enum map_operation)results[i],
					  .version = 2};
		res.version = map_operation_version_max(res.operation);
		CHECK(map_result_decode((struct view){0}, &res) == 0, "operation %d", results[i]);
		CHECK(map_result_encode(&w, &res) == 0 && !w.len, "operation %d", results[i]);
	}
	for (size_t i = 0; i < sizeof(errors) / sizeof(errors[0]); i++) {
		for (uint8_t version = 1; version <= 3; version++) {
			e = (struct map_error){.code = errors[i], .version = version};
			CHECK(map_error_decode((struct view){0}, &e) == 0, "error %d", errors[i]);
			/* absentSubscriber of version 1 is its BOOLEAN */
			CHECK(map_error_encode(&w, &e) == 0 && !w.len, "error %d", errors[i]);
		}
	}
}

/* ---- what cannot be encoded ---- */

static void check_unencodable(const char *name, const struct map_argument *a, int expected)
{
	uint8_t out[512];
	struct wbuf w = wbuf_of(out, sizeof(out));
	int err = map_argument_encode(&w, a);

	CHECK(err == expected && !w.err && !w.len == !!err, "%s: %d", name, err);
}

static void test_unencodable(void)
{
	static const uint8_t tpdu[201];
	const struct sms_address number = {1, 1, "491710760100"};
	const struct map_argument good = {
		.operation = MAP_MO_FORWARD_SM,
		.version = 3,
		.forward_sm = {.sm_rp_da = {.type = MAP_RP_SERVICE_CENTRE, .address = number},
			       .sm_rp_oa = {.type = MAP_RP_MSISDN, .address = number},
			       .sm_rp_ui = {tpdu, 200}},
	};
	struct map_argument bad[16];

	check_unencodable("nothing", &(struct map_argument){.operation = MAP_SRI_SM, .version = 3},
			  -EINVAL);
	check_unencodable("version", &(struct map_argument){.operation = MAP_SRI_SM, .version = 4},
			  -ENOTSUP);
	check_unencodable("operation", &(struct map_argument){.version = 3}, -ENOTSUP);
	check_unencodable("good", &good, 0);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		bad[i] = good;
	bad[0].forward_sm.sm_rp_da.type = MAP_RP_MSISDN; /* that is an originator */
	bad[1].forward_sm.sm_rp_oa.type = MAP_RP_IMSI;
	bad[2].forward_sm.sm_rp_da.type = MAP_RP_IMSI; /* without one */
	bad[3].forward_sm.sm_rp_da.type = MAP_RP_LMSI;
	bad[4].forward_sm.sm_rp_da.type = (enum map_rp_type)6;
	bad[5].forward_sm.sm_rp_ui.len = 201;
	bad[6].forward_sm.sm_rp_ui.len = 0;
	bad[7].forward_sm.sm_rp_oa.address.text[0] = '\0';
	strcpy(bad[8].forward_sm.sm_rp_oa.address.text, "12345678901234567"); /* ISDN: 16 digits */
	strcpy(bad[9].forward_sm.imsi, "1234");
	strcpy(bad[10].forward_sm.imsi, "12345678901234a");
	memset(bad[11].forward_sm.imsi, '1', MAP_IMSI_SIZE); /* no NUL */
	bad[12].forward_sm.sm_delivery_outcome = (struct map_value){true, 3};
	bad[13].forward_sm.correlation_id.present = true; /* without sip-uri-B */
	bad[14].forward_sm.sm_rp_oa.address.ton = 8;
	bad[15].forward_sm.sm_rp_oa.address.text[1] = 'x';
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		char name[32];

		snprintf(name, sizeof(name), "case %zu", i);
		check_unencodable(name, &bad[i], -EINVAL);
	}
}

/* ---- operations ---- */

static void test_operations(void)
{
	static const struct {
		uint8_t context, version;
		int code;
		enum map_operation operation;
	} cases[] = {
		{20, 3, 45, MAP_SRI_SM},
		{0, 1, 45, MAP_SRI_SM},
		{21, 3, 46, MAP_MO_FORWARD_SM},
		{25, 3, 44, MAP_MT_FORWARD_SM},
		{25, 2, 46, MAP_MT_FORWARD_SM},
		{0, 1, 46, MAP_MO_FORWARD_SM},
		{23, 2, 64, MAP_ALERT_SERVICE_CENTRE},
		{0, 1, 49, MAP_ALERT_SERVICE_CENTRE},
		{0, 1, 48, MAP_READY_FOR_SM},
		{24, 2, 66, MAP_READY_FOR_SM},
		{43, 3, 65, MAP_ANY_TIME_MODIFICATION},
		{20, 2, 63, MAP_INFORM_SERVICE_CENTRE},
		{25, 3, 46, MAP_OPERATION_UNKNOWN},
		{25, 2, 44, MAP_OPERATION_UNKNOWN},
		{21, 3, 45, MAP_OPERATION_UNKNOWN},
		{0, 3, 45, MAP_OPERATION_UNKNOWN},
		{23, 3, 64, MAP_OPERATION_UNKNOWN},
		{20, 3, 2, MAP_OPERATION_UNKNOWN},
		{20, 3, -45, MAP_OPERATION_UNKNOWN},
		{20, 3, 45 + 256, MAP_OPERATION_UNKNOWN},
	};
	struct map_ac ac;
	int32_t code;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		ac = (struct map_ac){cases[i].context, cases[i].version};
		CHECK(map_operation_of(ac, cases[i].code) == cases[i].operation, "%d.%d %d",
		      ac.context, ac.version, cases[i].code);
	}
	CHECK(map_operation_coding(MAP_MT_FORWARD_SM, 2, &ac, &code) == 0 && code == 46 &&
		      ac.context == 25,
	      "%d", code);
	CHECK(map_operation_coding(MAP_ALERT_SERVICE_CENTRE, 1, &ac, &code) == 0 && code == 49,
	      "%d", code);
	CHECK(map_operation_coding(MAP_ALERT_SERVICE_CENTRE, 3, &ac, &code) == -ENOTSUP, "alert 3");
	CHECK(map_operation_version_max(MAP_ALERT_SERVICE_CENTRE) == 2, "alert");
	CHECK(map_operation_version_max(MAP_SRI_SM) == 3, "SRI");
	CHECK(map_operation_version_max(MAP_OPERATION_UNKNOWN) == 0, "unknown");
	CHECK_TEXT(map_operation_name(MAP_MO_FORWARD_SM), "mo-ForwardSM");
	CHECK_TEXT(map_operation_name((enum map_operation)7), "unknown");
}

static void test_error_names(void)
{
	static const struct {
		int code;
		const char *name;
	} names[] = {
		{1, "unknownSubscriber"},
		{5, "unidentifiedSubscriber"},
		{6, "absentSubscriberSM"},
		{9, "illegalSubscriber"},
		{11, "teleserviceNotProvisioned"},
		{12, "illegalEquipment"},
		{13, "callBarred"},
		{21, "facilityNotSupported"},
		{27, "absentSubscriber"},
		{31, "subscriberBusyForMT-SMS"},
		{32, "sm-DeliveryFailure"},
		{33, "messageWaitingListFull"},
		{34, "systemFailure"},
		{35, "dataMissing"},
		{36, "unexpectedDataValue"},
		{51, "resourceLimitation"},
		{61, "atm-NotAllowed"},
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		CHECK_TEXT(map_error_name(names[i].code), names[i].name);
	CHECK_TEXT(map_error_name(-1), "unknown");
}

/* ---- addresses alone, as in map-open ---- */

static void test_addresses(void)
{
	struct sms_address a, back, bad[4] = {{5, 1, ""}, {8, 1, "1"}, {1, 16, "1"}, {1, 1, "12x"}};
	uint8_t out[32];
	struct wbuf w = wbuf_of(out, sizeof(out));

	CHECK(map_address_decode(VIEW("\x96\x94\x71\x21\x43"), &a) == 0, "land mobile plan");
	CHECK(a.ton == 1 && a.npi == 6 && !strcmp(a.text, "49171234"), "%s", a.text);
	CHECK(map_address_encode(&w, &a) == 0 &&
		      view_eq(wbuf_written(&w), VIEW("\x96\x94\x71\x21\x43")),
	      "again");
	memset(&a, 0, sizeof(a));
	memset(a.text, '1', 38);
	w.len = 0;
	CHECK(map_address_encode(&w, &a) == 0 && w.len == 20, "%zu octets", w.len);
	CHECK(map_address_decode(wbuf_written(&w), &back) == 0 && !strcmp(a.text, back.text), "%s",
	      back.text);
	a.text[38] = '1';
	w.len = 0;
	CHECK(map_address_encode(&w, &a) == -EINVAL && !w.len, "39 digits");
	memset(a.text, '1', sizeof(a.text));
	CHECK(map_address_encode(&w, &a) == -EINVAL, "no NUL");
	for (size_t i = 0; i < 4; i++)
		CHECK(map_address_encode(&w, &bad[i]) == -EINVAL && !w.len, "case %zu", i);
	CHECK(map_address_decode((struct view){0}, &a) == -ERANGE, "nothing");
	w = wbuf_of(out, 3);
	CHECK(map_address_encode(&w, &(struct sms_address){1, 1, "12345"}) == -ENOSPC && !w.len,
	      "no room");
}

int main(void)
{
	test_vectors(VECTORS, 18);
	test_vectors(MORE, 43);
	test_forward();
	test_forward_v1();
	test_query();
	test_report();
	test_register();
	test_errors();
	test_lenient();
	test_refused();
	test_empty();
	test_unencodable();
	test_operations();
	test_error_names();
	test_addresses();
	return test_end("map_sm");
}
