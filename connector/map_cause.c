/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */

/*
 * MAP errors (TS 29.002 17.6.6), TP-FCS (TS 23.040 9.2.3.22) and dialogues without an answer as RP causes
 * (TS 24.011 8.2.5.4), and RP causes with SIP statuses as MAP errors. The module makes SIP answers and
 * notifications of the RP causes.
 *
 * A fault of the peer itself, and what no table knows, is temporary: a message is not lost over a node that
 * is restarted or a number that somebody has made up.
 */

#include "map_cause.h"

#include "../lib/sms/tpdu.h"

enum { ANY = -1, NONE = -2, FAILURE = MAP_ERROR_SM_DELIVERY_FAILURE };

#define PERMANENT(rp_cause, reason)                                                                \
	{                                                                                          \
		MAP_CAUSE_PERMANENT, RP_CAUSE_##rp_cause, false, reason                            \
	}
#define TEMPORARY(rp_cause, reason)                                                                \
	{                                                                                          \
		MAP_CAUSE_TEMPORARY, RP_CAUSE_##rp_cause, false, reason                            \
	}

/* ---- dialogues without an answer ---- */

/* clang-format off */
static const char *const ends[] = {
	[MAP_END_REJECT] = "rejected by the peer",
	[MAP_END_REFUSED] = "dialogue refused",
	[MAP_END_U_ABORT] = "aborted by the peer's user",
	[MAP_END_P_ABORT] = "aborted by TCAP",
	[MAP_END_RETURNED] = "returned by SCCP",
	[MAP_END_TIMEOUT] = "no answer",
	[MAP_END_CLOSED] = "dialogue ended without an answer",
	[MAP_END_EVICTED] = "dialogue aborted to make room",
	[MAP_END_NOT_SENT] = "not sent by the network",
};
/* clang-format on */

static bool is_congestion(const struct map_outcome *o)
{
	return o->end == MAP_END_RETURNED && (o->cause == SCCP_CAUSE_SUBSYSTEM_CONGESTION ||
					      o->cause == SCCP_CAUSE_NETWORK_CONGESTION);
}

static struct map_cause of_end(const struct map_outcome *o)
{
	size_t end = o->end;
	const char *reason = end < sizeof(ends) / sizeof(ends[0]) ? ends[end] : NULL;

	return (struct map_cause){
		.verdict = MAP_CAUSE_TEMPORARY,
		.rp_cause = is_congestion(o) ? RP_CAUSE_CONGESTION : RP_CAUSE_TEMPORARY_FAILURE,
		.unknown = o->uncertain,
		.reason = reason ? reason : "no answer",
	};
}

static const struct map_cause accepted = {.verdict = MAP_CAUSE_ACCEPTED, .reason = "accepted"};

/* ---- submission ---- */

/* clang-format off */
#define WITHOUT_VALIDITY(reason) {MAP_CAUSE_AGAIN_WITHOUT_VALIDITY, RP_CAUSE_NET_OUT_OF_ORDER, false, reason}

static const struct {
	uint8_t first, last; /* TP-FCS */
	struct map_cause cause;
} submit_reports[] = {
	{0x80, 0x8f, PERMANENT(NET_OUT_OF_ORDER, "TP-PID not supported by the SC")},
	{0x90, 0x9f, PERMANENT(NET_OUT_OF_ORDER, "TP-DCS not supported by the SC")},
	{0xc0, 0xc0, TEMPORARY(CONGESTION, "SC busy")},
	{0xc1, 0xc1, PERMANENT(NOT_SUBSCRIBED, "no SC subscription")},
	{0xc2, 0xc2, TEMPORARY(NET_OUT_OF_ORDER, "SC system failure")},
	{0xc3, 0xc3, PERMANENT(TRANSFER_REJECTED, "invalid SME address")},
	{0xc4, 0xc4, PERMANENT(CALL_BARRED, "destination SME barred")},
	{0xc5, 0xc5, {MAP_CAUSE_ACCEPTED, 0, false, "accepted before: duplicate SM"}},
	{0xc6, 0xc6, WITHOUT_VALIDITY("TP-VPF not supported by the SC")},
	{0xc7, 0xc7, WITHOUT_VALIDITY("TP-VP not supported by the SC")},
	{0xff, 0xff, TEMPORARY(NET_OUT_OF_ORDER, "unspecified failure of the SC")},
};

static const struct {
	int32_t code;
	int detail; /* of sm-DeliveryFailure and callBarred: the cause */
	struct map_cause cause;
} submit_errors[] = {
	{MAP_ERROR_UNKNOWN_SUBSCRIBER, ANY, PERMANENT(UNIDENTIFIED_SUBSCRIBER, "unknownSubscriber")},
	{MAP_ERROR_UNIDENTIFIED_SUBSCRIBER, ANY, PERMANENT(UNIDENTIFIED_SUBSCRIBER, "unidentifiedSubscriber")},
	{MAP_ERROR_ILLEGAL_SUBSCRIBER, ANY, PERMANENT(UNIDENTIFIED_SUBSCRIBER, "illegalSubscriber")},
	{MAP_ERROR_ILLEGAL_EQUIPMENT, ANY, PERMANENT(UNIDENTIFIED_SUBSCRIBER, "illegalEquipment")},
	{MAP_ERROR_TELESERVICE_NOT_PROVISIONED, ANY, PERMANENT(NOT_SUBSCRIBED, "teleserviceNotProvisioned")},
	{MAP_ERROR_CALL_BARRED, 1, PERMANENT(ODB, "callBarred: operatorBarring")},
	{MAP_ERROR_CALL_BARRED, ANY, PERMANENT(CALL_BARRED, "callBarred")},
	{MAP_ERROR_FACILITY_NOT_SUPPORTED, ANY, PERMANENT(NOT_IMPLEMENTED, "facilityNotSupported")},
	{FAILURE, MAP_FAILURE_UNKNOWN_SERVICE_CENTRE, PERMANENT(UNASSIGNED, "unknownServiceCentre")},
	{FAILURE, MAP_FAILURE_SC_CONGESTION, TEMPORARY(CONGESTION, "sc-Congestion")},
	{FAILURE, MAP_FAILURE_INVALID_SME_ADDRESS, PERMANENT(TRANSFER_REJECTED, "invalidSME-Address")},
	{FAILURE, MAP_FAILURE_NOT_SC_SUBSCRIBER, PERMANENT(UNIDENTIFIED_SUBSCRIBER, "subscriberNotSC-Subscriber")},
	{FAILURE, ANY, PERMANENT(NET_OUT_OF_ORDER, "sm-DeliveryFailure")},
	{MAP_ERROR_SYSTEM_FAILURE, ANY, TEMPORARY(NET_OUT_OF_ORDER, "systemFailure")},
	{MAP_ERROR_DATA_MISSING, ANY, PERMANENT(NET_OUT_OF_ORDER, "dataMissing")},
	{MAP_ERROR_UNEXPECTED_DATA_VALUE, ANY, PERMANENT(NET_OUT_OF_ORDER, "unexpectedDataValue")},
	{MAP_ERROR_RESOURCE_LIMITATION, ANY, TEMPORARY(RESOURCES, "resourceLimitation")},
};
/* clang-format on */

static const struct map_cause unknown_error = {MAP_CAUSE_TEMPORARY, RP_CAUSE_TEMPORARY_FAILURE,
					       .reason = "MAP error without a meaning here"};

static int detail_of(const struct map_error *e)
{
	if (e->code == MAP_ERROR_SM_DELIVERY_FAILURE && e->sm_delivery_failure.cause.present)
		return e->sm_delivery_failure.cause.value;
	if (e->code == MAP_ERROR_CALL_BARRED && e->call_barred.cause.present)
		return e->call_barred.cause.value;
	return NONE;
}

/* TP-FCS of a report that says one, even if the rest of it is cut off; else -1 */
static int submit_fcs(const struct map_error *e)
{
	struct view report = e->sm_delivery_failure.diagnostic_info;

	if (e->code != MAP_ERROR_SM_DELIVERY_FAILURE || report.len < 2 ||
	    tpdu_mti(report) != TP_MTI_SUBMIT)
		return -1;
	return report.p[1];
}

static struct map_cause of_submit_error(const struct map_error *e)
{
	int fcs = submit_fcs(e), detail = detail_of(e);

	for (size_t i = 0; i < sizeof(submit_reports) / sizeof(submit_reports[0]); i++)
		if (fcs >= submit_reports[i].first && fcs <= submit_reports[i].last)
			return submit_reports[i].cause;
	for (size_t i = 0; i < sizeof(submit_errors) / sizeof(submit_errors[0]); i++)
		if (submit_errors[i].code == e->code &&
		    (submit_errors[i].detail == ANY || submit_errors[i].detail == detail))
			return submit_errors[i].cause;
	return unknown_error;
}

struct map_cause map_cause_of_submit(const struct map_outcome *outcome)
{
	if (outcome->end == MAP_END_RESULT)
		return accepted;
	return outcome->end == MAP_END_ERROR ? of_submit_error(outcome->error) : of_end(outcome);
}

/* ---- terminating delivery ---- */

enum { ALERT = 1, OTHER_NODE = 2 };

/* clang-format off */
static const struct {
	int32_t code;
	int detail;
	struct map_cause cause;
	unsigned next;
} delivery_errors[] = {
	{MAP_ERROR_UNKNOWN_SUBSCRIBER, ANY, PERMANENT(UNKNOWN_SUBSCRIBER, "unknownSubscriber"), 0},
	{MAP_ERROR_UNIDENTIFIED_SUBSCRIBER, ANY, PERMANENT(UNKNOWN_SUBSCRIBER, "unidentifiedSubscriber"), OTHER_NODE},
	{MAP_ERROR_ABSENT_SUBSCRIBER_SM, ANY, TEMPORARY(DEST_OUT_OF_ORDER, "absentSubscriberSM"), ALERT | OTHER_NODE},
	{MAP_ERROR_ABSENT_SUBSCRIBER, ANY, TEMPORARY(DEST_OUT_OF_ORDER, "absentSubscriber"), ALERT | OTHER_NODE},
	{MAP_ERROR_ILLEGAL_SUBSCRIBER, ANY, PERMANENT(NOT_AUTHORISED, "illegalSubscriber"), 0},
	{MAP_ERROR_ILLEGAL_EQUIPMENT, ANY, PERMANENT(NOT_AUTHORISED, "illegalEquipment"), 0},
	{MAP_ERROR_TELESERVICE_NOT_PROVISIONED, ANY, PERMANENT(NOT_SUBSCRIBED, "teleserviceNotProvisioned"), 0},
	{MAP_ERROR_CALL_BARRED, 1, PERMANENT(ODB, "callBarred: operatorBarring"), 0},
	{MAP_ERROR_CALL_BARRED, ANY, PERMANENT(CALL_BARRED, "callBarred"), 0},
	{MAP_ERROR_FACILITY_NOT_SUPPORTED, ANY, PERMANENT(NOT_IMPLEMENTED, "facilityNotSupported"), OTHER_NODE},
	{MAP_ERROR_SUBSCRIBER_BUSY_FOR_MT_SMS, ANY, TEMPORARY(DEST_OUT_OF_ORDER, "subscriberBusyForMT-SMS"),
	 OTHER_NODE},
	{FAILURE, MAP_FAILURE_MEMORY_EXCEEDED, TEMPORARY(MEMORY_EXCEEDED, "memoryCapacityExceeded"), ALERT},
	{FAILURE, MAP_FAILURE_EQUIPMENT_PROTOCOL_ERROR, PERMANENT(NET_OUT_OF_ORDER, "equipmentProtocolError"), 0},
	{FAILURE, MAP_FAILURE_EQUIPMENT_NOT_SM_EQUIPPED,
	 PERMANENT(INCOMPATIBLE_DESTINATION, "equipmentNotSM-Equipped"), 0},
	{FAILURE, MAP_FAILURE_SC_CONGESTION, TEMPORARY(CONGESTION, "sc-Congestion"), 0},
	{FAILURE, ANY, PERMANENT(NET_OUT_OF_ORDER, "sm-DeliveryFailure"), 0},
	{MAP_ERROR_MESSAGE_WAITING_LIST_FULL, ANY, TEMPORARY(CONGESTION, "messageWaitingListFull"), 0},
	{MAP_ERROR_SYSTEM_FAILURE, ANY, TEMPORARY(NET_OUT_OF_ORDER, "systemFailure"), OTHER_NODE},
	{MAP_ERROR_DATA_MISSING, ANY, TEMPORARY(NET_OUT_OF_ORDER, "dataMissing"), OTHER_NODE},
	{MAP_ERROR_UNEXPECTED_DATA_VALUE, ANY, TEMPORARY(NET_OUT_OF_ORDER, "unexpectedDataValue"), OTHER_NODE},
	{MAP_ERROR_RESOURCE_LIMITATION, ANY, TEMPORARY(RESOURCES, "resourceLimitation"), OTHER_NODE},
};
/* clang-format on */

static const struct map_value not_there;

static struct map_value value_of(uint16_t value)
{
	return (struct map_value){true, value};
}

struct map_cause_report map_cause_report_of(const struct map_error *error)
{
	if (error->code == MAP_ERROR_ABSENT_SUBSCRIBER_SM)
		return (struct map_cause_report){value_of(MAP_OUTCOME_ABSENT_SUBSCRIBER),
						 error->absent_subscriber_sm.diagnostic};
	if (error->code == MAP_ERROR_ABSENT_SUBSCRIBER)
		return (struct map_cause_report){value_of(MAP_OUTCOME_ABSENT_SUBSCRIBER),
						 not_there};
	if (detail_of(error) == MAP_FAILURE_MEMORY_EXCEEDED &&
	    error->code == MAP_ERROR_SM_DELIVERY_FAILURE)
		return (struct map_cause_report){value_of(MAP_OUTCOME_MEMORY_EXCEEDED), not_there};
	return (struct map_cause_report){not_there, not_there};
}

static struct map_cause_delivery of_delivery_error(const struct map_error *e)
{
	int detail = detail_of(e);

	for (size_t i = 0; i < sizeof(delivery_errors) / sizeof(delivery_errors[0]); i++)
		if (delivery_errors[i].code == e->code &&
		    (delivery_errors[i].detail == ANY || delivery_errors[i].detail == detail))
			return (struct map_cause_delivery){
				.cause = delivery_errors[i].cause,
				.report = map_cause_report_of(e),
				.alert = delivery_errors[i].next & ALERT,
				.other_node = delivery_errors[i].next & OTHER_NODE,
			};
	return (struct map_cause_delivery){.cause = unknown_error};
}

struct map_cause_delivery map_cause_of_delivery(const struct map_outcome *outcome)
{
	if (outcome->end == MAP_END_RESULT)
		return (struct map_cause_delivery){.cause = accepted};
	if (outcome->end == MAP_END_ERROR)
		return of_delivery_error(outcome->error);
	return (struct map_cause_delivery){.cause = of_end(outcome),
					   .other_node = !outcome->uncertain};
}

struct map_cause_delivery map_cause_of_routing(const struct map_outcome *outcome)
{
	struct map_cause_delivery d = map_cause_of_delivery(outcome);

	d.cause.unknown = false;
	d.report = (struct map_cause_report){not_there, not_there};
	d.other_node = false;
	return d;
}

/* ---- MT-ForwardSM of others ---- */

/* SMS-DELIVER-REPORT for RP-ERROR: TP-MTI 0, TP-FCS, empty TP-PI */
static const uint8_t report_pid[] = {0x00, 0x8f, 0x00};	 /* unspecified TP-PID error */
static const uint8_t report_dcs[] = {0x00, 0x90, 0x00};	 /* alphabet not supported */
static const uint8_t report_full[] = {0x00, 0xd3, 0x00}; /* memory capacity exceeded */
static const uint8_t report_unspecified[] = {0x00, 0xff, 0x00};

struct refusal {
	int32_t code;
	int detail; /* diagnostic of absentSubscriberSM, cause of sm-DeliveryFailure */
	const uint8_t *report;
	bool other_domain;
};

/* clang-format off */
#define ABSENT(diagnostic) {MAP_ERROR_ABSENT_SUBSCRIBER_SM, diagnostic, NULL, true}
#define PROTOCOL_ERROR(report) {FAILURE, MAP_FAILURE_EQUIPMENT_PROTOCOL_ERROR, report, true}
#define PLAIN(code, other_domain) {code, NONE, NULL, other_domain}

static const struct {
	uint32_t first, last; /* SIP status */
	struct refusal refusal;
} refused_statuses[] = {
	{300, 399, ABSENT(MAP_ABSENT_NO_RESPONSE_IP_SM_GW)},
	{400, 400, PLAIN(MAP_ERROR_SYSTEM_FAILURE, false)},
	{403, 403, PROTOCOL_ERROR(report_unspecified)},
	{404, 404, ABSENT(MAP_ABSENT_DEREGISTERED_IMS)},
	{406, 406, PROTOCOL_ERROR(report_dcs)},
	{408, 408, ABSENT(MAP_ABSENT_NO_RESPONSE_IP_SM_GW)},
	{410, 410, ABSENT(MAP_ABSENT_DEREGISTERED_IMS)},
	{415, 415, PROTOCOL_ERROR(report_dcs)},
	{430, 430, ABSENT(MAP_ABSENT_NO_RESPONSE_IP_SM_GW)},
	{480, 480, ABSENT(MAP_ABSENT_NO_RESPONSE_IP_SM_GW)},
	{481, 481, PLAIN(MAP_ERROR_SYSTEM_FAILURE, true)},
	{486, 486, PLAIN(MAP_ERROR_SUBSCRIBER_BUSY_FOR_MT_SMS, true)},
	{487, 487, ABSENT(MAP_ABSENT_NO_RESPONSE_IP_SM_GW)},
	{488, 488, PROTOCOL_ERROR(report_dcs)},
	{400, 499, PROTOCOL_ERROR(report_unspecified)},
	{513, 513, PROTOCOL_ERROR(report_unspecified)},
	{500, 599, PLAIN(MAP_ERROR_SYSTEM_FAILURE, true)},
	{600, 600, PLAIN(MAP_ERROR_SUBSCRIBER_BUSY_FOR_MT_SMS, true)},
	{604, 604, ABSENT(MAP_ABSENT_DEREGISTERED_IMS)},
	{600, 699, PROTOCOL_ERROR(report_unspecified)},
};

static const struct {
	uint8_t first, last; /* RP cause without a SIP status */
	struct refusal refusal;
} refused_causes[] = {
	{RP_CAUSE_UNASSIGNED, RP_CAUSE_UNASSIGNED, PLAIN(MAP_ERROR_UNIDENTIFIED_SUBSCRIBER, true)},
	{RP_CAUSE_ODB, RP_CAUSE_TRANSFER_REJECTED, PROTOCOL_ERROR(report_unspecified)},
	{RP_CAUSE_MEMORY_EXCEEDED, RP_CAUSE_MEMORY_EXCEEDED, {FAILURE, MAP_FAILURE_MEMORY_EXCEEDED, report_full, true}},
	{RP_CAUSE_DEST_OUT_OF_ORDER, RP_CAUSE_DEST_OUT_OF_ORDER, ABSENT(MAP_ABSENT_NO_RESPONSE_IP_SM_GW)},
	{RP_CAUSE_UNIDENTIFIED_SUBSCRIBER, RP_CAUSE_UNIDENTIFIED_SUBSCRIBER,
	 PLAIN(MAP_ERROR_UNIDENTIFIED_SUBSCRIBER, true)},
	{RP_CAUSE_UNKNOWN_SUBSCRIBER, RP_CAUSE_UNKNOWN_SUBSCRIBER, PLAIN(MAP_ERROR_UNIDENTIFIED_SUBSCRIBER, true)},
	{RP_CAUSE_NOT_IMPLEMENTED, RP_CAUSE_NOT_IMPLEMENTED, PROTOCOL_ERROR(report_pid)},
	{RP_CAUSE_INCOMPATIBLE_DESTINATION, RP_CAUSE_INCOMPATIBLE_DESTINATION, PROTOCOL_ERROR(report_dcs)},
	{RP_CAUSE_SEMANTIC, RP_CAUSE_PROTOCOL, PLAIN(MAP_ERROR_UNEXPECTED_DATA_VALUE, false)},
};
/* clang-format on */

/* perhaps the module has it already, so nobody else gets it */
static const struct refusal system_failure = PLAIN(MAP_ERROR_SYSTEM_FAILURE, false);

static const struct refusal *refusal_of(uint8_t rp_cause, uint32_t sip_status)
{
	for (size_t i = 0; i < sizeof(refused_statuses) / sizeof(refused_statuses[0]); i++)
		if (sip_status >= refused_statuses[i].first &&
		    sip_status <= refused_statuses[i].last)
			return &refused_statuses[i].refusal;
	for (size_t i = 0; i < sizeof(refused_causes) / sizeof(refused_causes[0]); i++)
		if (rp_cause >= refused_causes[i].first && rp_cause <= refused_causes[i].last)
			return &refused_causes[i].refusal;
	return &system_failure;
}

/* TS 29.002 17.6.6: the same in a version that lacks it */
static int32_t code_in(int32_t code, uint8_t version)
{
	if (code == MAP_ERROR_ABSENT_SUBSCRIBER_SM && version < 3)
		return MAP_ERROR_ABSENT_SUBSCRIBER;
	if (code == MAP_ERROR_SUBSCRIBER_BUSY_FOR_MT_SMS && version < 2)
		return MAP_ERROR_SYSTEM_FAILURE;
	return code;
}

static struct map_error error_of(const struct refusal *r, uint8_t version)
{
	struct map_error e = {.code = code_in(r->code, version), .version = version};

	if (e.code == MAP_ERROR_ABSENT_SUBSCRIBER_SM)
		e.absent_subscriber_sm.diagnostic = value_of((uint16_t)r->detail);
	if (e.code == MAP_ERROR_SM_DELIVERY_FAILURE) {
		e.sm_delivery_failure.cause = value_of((uint16_t)r->detail);
		e.sm_delivery_failure.diagnostic_info =
			(struct view){r->report, sizeof(report_unspecified)};
	}
	return e;
}

struct map_cause_refusal map_cause_of_refusal(uint8_t rp_cause, uint32_t sip_status,
					      uint8_t version)
{
	const struct refusal *r = refusal_of(rp_cause, sip_status);

	return (struct map_cause_refusal){error_of(r, version), r->other_domain};
}
