/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */
#pragma once

#include "../sms/address.h"
#include "tcap.h"

/*
 * MAP short message operations (TS 29.002 12, 17.7.6, 17.7.7) of versions 1 to 3: arguments, results and
 * error parameters, as the parameter of a TCAP component.
 *
 * Encoding leaves out what the version does not have. Decoding takes elements in any order and of
 * any version, steps over what it does not know (extension containers, Diameter addresses, later releases) and
 * over optional elements whose value is not usable; views point into the input.
 */

enum {
	MAP_IMSI_SIZE = 17, /* up to 16 digits and NUL */
	MAP_LMSI_OCTETS = 4,
	MAP_SM_RP_UI_MAX = 200, /* octets */
	MAP_PARAMETER_MAX =
		1024, /* octets that any argument of ours fits in, SIP URIs of 255 octets included */
};

/* ---- parts ---- */

/** An INTEGER, ENUMERATED or BIT STRING (its first octet) that may be absent. */
struct map_value {
	bool present;
	uint16_t value;
};

struct map_lmsi {
	bool present;
	uint8_t octets[MAP_LMSI_OCTETS];
};

struct map_correlation_id {
	bool present;
	struct view hlr_id, sip_uri_a; /* at most 255 octets each */
	struct view sip_uri_b;	       /* must be there */
};

enum map_rp_type {
	MAP_RP_IMSI = 0,	   /* DA */
	MAP_RP_LMSI = 1,	   /* DA */
	MAP_RP_MSISDN = 2,	   /* OA */
	MAP_RP_ROAMING_NUMBER = 3, /* DA, version 1 */
	MAP_RP_SERVICE_CENTRE = 4, /* both */
	MAP_RP_NONE = 5,	   /* both */
};

/** SM-RP-DA or SM-RP-OA: what type says. */
struct map_rp_address {
	enum map_rp_type type;
	struct sms_address address; /* MSISDN, roaming number: 9 octets coded; service centre: 20 */
	char imsi[MAP_IMSI_SIZE];
	struct map_lmsi lmsi;
};

enum map_sm_delivery_outcome {
	MAP_OUTCOME_MEMORY_EXCEEDED = 0,
	MAP_OUTCOME_ABSENT_SUBSCRIBER = 1,
	MAP_OUTCOME_SUCCESS = 2,
};

/* TS 23.040 3.3.2; any other value is kept as it came */
enum map_absent_diagnostic {
	MAP_ABSENT_NO_PAGING_MSC = 0,
	MAP_ABSENT_IMSI_DETACHED = 1,
	MAP_ABSENT_NO_PAGING_SGSN = 5,
	MAP_ABSENT_GPRS_DETACHED = 6,
	MAP_ABSENT_DEREGISTERED_IMS = 11,
	MAP_ABSENT_NO_RESPONSE_IP_SM_GW = 12,
};

/* ---- sendRoutingInfoForSM (45) ---- */

struct map_sri_sm {
	struct sms_address msisdn;
	bool sm_rp_pri;
	struct sms_address service_centre_address;
	/* version 3 */
	bool gprs_support_indicator;
	struct map_value sm_rp_mti; /* 0 SMS-DELIVER, 1 SMS-STATUS-REPORT */
	struct view sm_rp_smea;	    /* a TP address, 1 to 12 octets */
	struct map_value sm_delivery_not_intended;
	bool ip_sm_gw_guidance_indicator;
	char imsi[MAP_IMSI_SIZE];
	bool t4_trigger_indicator, single_attempt_delivery;
	struct map_correlation_id correlation_id;
	bool smsf_support_indicator;
};

enum map_number_type { MAP_NUMBER_NONE, MAP_NUMBER_MSC, MAP_NUMBER_SGSN };

struct map_additional_number {
	enum map_number_type type;
	struct sms_address address;
};

struct map_location_info {
	bool present;
	struct sms_address roaming_number; /* version 1, in place of the next one */
	struct sms_address network_node_number;
	struct map_lmsi lmsi;
	/* version 3 */
	bool gprs_node_indicator;
	struct map_additional_number additional_number, third_number;
	bool ims_node_indicator;
	struct sms_address smsf_3gpp_number, smsf_non_3gpp_number;
};

struct map_ip_sm_gw_guidance {
	bool present;
	struct map_value minimum_delivery_time_s, recommended_delivery_time_s; /* 30 to 600 */
};

struct map_sri_sm_result {
	char imsi[MAP_IMSI_SIZE]; /* or the MT correlation id */
	struct map_location_info location;
	bool mwd_set;			       /* version 1 */
	struct map_ip_sm_gw_guidance guidance; /* version 3 */
};

/* ---- mo-ForwardSM (46), mt-ForwardSM (44), forwardSM (46) ---- */

struct map_forward_sm {
	struct map_rp_address sm_rp_da, sm_rp_oa;
	struct view sm_rp_ui;	    /* the TPDU, 1 to MAP_SM_RP_UI_MAX octets */
	bool more_messages_to_send; /* MT, version 2 and 3 */
	/* version 3 */
	char imsi[MAP_IMSI_SIZE];		 /* MO */
	struct map_value sm_delivery_outcome;	 /* MO */
	struct map_value sm_delivery_timer_s;	 /* MT; 30 to 600 */
	struct view sm_delivery_start_time;	 /* MT; 4 octets: seconds since 1900 */
	bool sms_over_ip_only_indicator;	 /* MT */
	struct view maximum_retransmission_time; /* MT; 4 octets */
	struct sms_address sms_gmsc_address;	 /* MT */
	struct map_correlation_id correlation_id;
};

struct map_forward_sm_result {
	struct view sm_rp_ui; /* version 3; SMS-SUBMIT-REPORT or SMS-DELIVER-REPORT, may be empty */
};

/* ---- reportSM-DeliveryStatus (47), informServiceCentre (63), alertServiceCentre (64, 49) ---- */

struct map_report_sm_delivery_status {
	struct sms_address msisdn, service_centre_address;
	struct map_value sm_delivery_outcome; /* version 2 and 3 */
	/* version 3 */
	struct map_value absent_subscriber_diagnostic;
	bool gprs_support_indicator, delivery_outcome_indicator;
	struct map_value additional_sm_delivery_outcome, additional_absent_subscriber_diagnostic;
	bool ip_sm_gw_indicator; /* sm_delivery_outcome is that of IMS */
	struct map_value ip_sm_gw_sm_delivery_outcome, ip_sm_gw_absent_subscriber_diagnostic;
	char imsi[MAP_IMSI_SIZE];
	bool single_attempt_delivery;
	struct map_correlation_id correlation_id;
};

struct map_report_sm_delivery_status_result {
	struct sms_address stored_msisdn; /* version 2 and 3; may be "" */
};

/* mw-Status */
enum {
	MAP_MW_SC_ADDRESS_NOT_INCLUDED = 0x80,
	MAP_MW_MNRF_SET = 0x40,
	MAP_MW_MCEF_SET = 0x20,
	MAP_MW_MNRG_SET = 0x10,
};

struct map_inform_service_centre {
	struct sms_address stored_msisdn; /* may be "" */
	struct map_value mw_status;
	/* version 3 */
	struct map_value absent_subscriber_diagnostic, additional_absent_subscriber_diagnostic;
};

struct map_alert_service_centre {
	struct sms_address msisdn, service_centre_address;
	/* version 2, later releases */
	char imsi[MAP_IMSI_SIZE];
	struct map_correlation_id correlation_id;
	struct view maximum_ue_availability_time; /* 4 octets */
	struct map_value sms_gmsc_alert_event;
	struct sms_address new_sgsn_number, new_mme_number, new_msc_number;
};

/* ---- readyForSM (66; noteSubscriberPresent 48), anyTimeModification (65) ---- */

enum map_alert_reason { MAP_ALERT_MS_PRESENT = 0, MAP_ALERT_MEMORY_AVAILABLE = 1 };

struct map_ready_for_sm {
	char imsi[MAP_IMSI_SIZE];
	struct map_value alert_reason; /* version 2 and 3 */
	/* version 3 */
	bool alert_reason_indicator;		/* it is that of GPRS */
	bool additional_alert_reason_indicator; /* it is that of the IP-SM-GW */
	struct view maximum_ue_availability_time;
};

/** SubscriberIdentity: one of the two, the other "". */
struct map_subscriber_identity {
	char imsi[MAP_IMSI_SIZE];
	struct sms_address msisdn;
};

struct map_ip_sm_gw_data {
	bool present;
	struct map_value modify_registration_status; /* 0 deactivate, 1 activate */
};

struct map_any_time_modification {
	struct map_subscriber_identity subscriber_identity;
	struct sms_address gsm_scf_address; /* the address that is registered: ours */
	struct map_ip_sm_gw_data ip_sm_gw_data;
};

struct map_any_time_modification_result {
	struct sms_address service_centre_address; /* may be "" */
};

/* ---- operations ---- */

/* Local operation codes of version 3; what an older version calls otherwise is found by map_operation_of() */
enum map_operation {
	MAP_OPERATION_UNKNOWN = 0,
	MAP_MT_FORWARD_SM = 44,
	MAP_SRI_SM = 45,
	MAP_MO_FORWARD_SM = 46,
	MAP_REPORT_SM_DELIVERY_STATUS = 47,
	MAP_INFORM_SERVICE_CENTRE = 63,
	MAP_ALERT_SERVICE_CENTRE = 64,
	MAP_ANY_TIME_MODIFICATION = 65,
	MAP_READY_FOR_SM = 66,
};

/** Application contexts (TS 29.002 17.3.3). */
enum map_context {
	MAP_SHORT_MSG_GATEWAY = 20,
	MAP_SHORT_MSG_MO_RELAY = 21,
	MAP_SHORT_MSG_ALERT = 23,
	MAP_MWD_MNGT = 24,
	MAP_SHORT_MSG_MT_RELAY = 25,
	MAP_ANY_TIME_INFO_HANDLING = 43,
};

/**
 * Which operation an invoke is: code 46 is MO or MT by the context in version 2, by the RP addresses in
 * version 1 (MAP_MO_FORWARD_SM here, set right by map_argument_decode()).
 * @param ac  context 0 and version 1 where there was no dialogue portion
 * @return MAP_OPERATION_UNKNOWN if the context has no such operation: Reject, unrecognizedOperation
 */
enum map_operation map_operation_of(struct map_ac ac, int32_t code);

/** @return 0 with *ac (in version 1 a name only: it is not sent) and *code, -ENOTSUP if the version lacks it */
int map_operation_coding(enum map_operation operation, uint8_t version, struct map_ac *ac,
			 int32_t *code);

/** The highest version of it, 0 for an unknown one. */
uint8_t map_operation_version_max(enum map_operation operation);

struct map_argument {
	enum map_operation operation;
	uint8_t version; /* 1 to 3 */
	union {
		struct map_sri_sm sri_sm;
		struct map_forward_sm forward_sm; /* MO and MT */
		struct map_report_sm_delivery_status report_sm_delivery_status;
		struct map_inform_service_centre inform_service_centre;
		struct map_alert_service_centre alert_service_centre;
		struct map_ready_for_sm ready_for_sm;
		struct map_any_time_modification any_time_modification;
	};
};

struct map_result {
	enum map_operation operation;
	uint8_t version;
	union {
		struct map_sri_sm_result sri_sm;
		struct map_forward_sm_result forward_sm;
		struct map_report_sm_delivery_status_result report_sm_delivery_status;
		struct map_any_time_modification_result any_time_modification;
	};
};

/**
 * @param in   the parameter of an invoke: one whole element
 * @param out  operation and version set by the caller; in version 1 forwardSM becomes MO or MT by its addresses
 * @return 0;
 *         -EBADMSG  not its syntax: Reject, mistypedParameter
 *         -ENODATA  an element is missing: ReturnError dataMissing
 *         -ERANGE   a value that cannot be: ReturnError unexpectedDataValue
 *         -ENOTSUP  operation or version unknown
 */
int map_argument_decode(struct view in, struct map_argument *out);

/** @return 0, -EINVAL (an element is missing or not codable), -ENOTSUP, -ENOSPC (w->len unchanged) */
int map_argument_encode(struct wbuf *w, const struct map_argument *a);

/** As above; an empty parameter is a result without elements. */
int map_result_decode(struct view in, struct map_result *out);

/** As above; a result without elements appends nothing: leave the operation code out too. */
int map_result_encode(struct wbuf *w, const struct map_result *res);

/* ---- errors ---- */

/* TS 29.002 17.6.6, those of short messages */
enum map_error_code {
	MAP_ERROR_UNKNOWN_SUBSCRIBER = 1,
	MAP_ERROR_UNIDENTIFIED_SUBSCRIBER = 5,
	MAP_ERROR_ABSENT_SUBSCRIBER_SM = 6,
	MAP_ERROR_ILLEGAL_SUBSCRIBER = 9,
	MAP_ERROR_TELESERVICE_NOT_PROVISIONED = 11,
	MAP_ERROR_ILLEGAL_EQUIPMENT = 12,
	MAP_ERROR_CALL_BARRED = 13,
	MAP_ERROR_FACILITY_NOT_SUPPORTED = 21,
	MAP_ERROR_ABSENT_SUBSCRIBER = 27,
	MAP_ERROR_SUBSCRIBER_BUSY_FOR_MT_SMS = 31,
	MAP_ERROR_SM_DELIVERY_FAILURE = 32,
	MAP_ERROR_MESSAGE_WAITING_LIST_FULL = 33,
	MAP_ERROR_SYSTEM_FAILURE = 34,
	MAP_ERROR_DATA_MISSING = 35,
	MAP_ERROR_UNEXPECTED_DATA_VALUE = 36,
	MAP_ERROR_RESOURCE_LIMITATION = 51,
	MAP_ERROR_ATM_NOT_ALLOWED = 61,
};

enum map_sm_delivery_failure_cause {
	MAP_FAILURE_MEMORY_EXCEEDED = 0,
	MAP_FAILURE_EQUIPMENT_PROTOCOL_ERROR = 1,
	MAP_FAILURE_EQUIPMENT_NOT_SM_EQUIPPED = 2,
	MAP_FAILURE_UNKNOWN_SERVICE_CENTRE = 3,
	MAP_FAILURE_SC_CONGESTION = 4,
	MAP_FAILURE_INVALID_SME_ADDRESS = 5,
	MAP_FAILURE_NOT_SC_SUBSCRIBER = 6,
};

/** The parameter of an error; only code and version where it has none that is of use. */
struct map_error {
	int32_t code;
	uint8_t version;
	union {
		struct {
			struct map_value
				cause; /* enum map_sm_delivery_failure_cause; must be there */
			struct view diagnostic_info; /* not in version 1; the TPDU of the report */
		} sm_delivery_failure;
		struct {
			struct map_value diagnostic, additional_diagnostic;
			char imsi[MAP_IMSI_SIZE];
		} absent_subscriber_sm;
		struct {
			bool mwd_set;		 /* version 1 */
			struct map_value reason; /* version 3 */
		} absent_subscriber;
		struct {
			struct map_value network_resource;
			struct map_value additional_network_resource, failure_cause; /* version 3 */
		} system_failure;
		struct {
			struct map_value cause;
			bool unauthorised_message_originator; /* version 3 */
		} call_barred;
		struct {
			struct map_value diagnostic; /* version 3 */
		} unknown_subscriber;
		struct {
			bool gprs_connection_suspended; /* version 3 */
		} subscriber_busy;
	};
};

/**
 * @param in   the parameter of a ReturnError, may be empty
 * @param out  code and version set by the caller; they hold whatever is returned
 * @return 0, -EBADMSG, -ENODATA, -ERANGE, -ENOTSUP (version)
 */
int map_error_decode(struct view in, struct map_error *out);

/** Appends the parameter, or nothing. @return 0, -EINVAL, -ENOTSUP (version), -ENOSPC (w->len unchanged) */
int map_error_encode(struct wbuf *w, const struct map_error *e);

/* ---- addresses ---- */

/** AddressString (17.7.8): type, digits; at least one digit. @return 0, -ERANGE (above 20 octets, no digits) */
int map_address_decode(struct view in, struct sms_address *a);

/** @return 0, -EINVAL (no digits, alphanumeric, above 20 octets), -ENOSPC (w->len unchanged) */
int map_address_encode(struct wbuf *w, const struct sms_address *a);

const char *map_operation_name(enum map_operation operation); /* "mo-ForwardSM", "unknown" */
const char *map_error_name(int32_t code);		      /* "absentSubscriberSM", "unknown" */
