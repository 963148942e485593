/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */

/*
 * reportSM-DeliveryStatus, informServiceCentre, alertServiceCentre (TS 29.002 12.3 to 12.5, 17.7.6): what
 * gateway and HSS say to each other when a message could not be delivered, and when it can be.
 *
 *   report   04 msisdn 04 serviceCentreAddress 0A sm-DeliveryOutcome [80 ..]    version 1: no outcome
 *   result   30 {[04 storedMSISDN]}                                             version 2: 04 alone
 *   inform   [04 storedMSISDN] [03 mw-Status] [02 absentSubscriberDiagnosticSM] ..
 *   alert    04 msisdn 04 serviceCentreAddress ..
 */

#include "map_syntax.h"

static const struct map_field report_sm[] = {
	{.tag = BER_OCTET_STRING,
	 .kind = MAP_KIND_ADDRESS,
	 .required = 1,
	 .max = MAP_ISDN_MAX,
	 MAP_AT(map_report_sm_delivery_status, msisdn)},
	{.tag = BER_OCTET_STRING,
	 .kind = MAP_KIND_ADDRESS,
	 .required = 1,
	 .max = MAP_ADDRESS_MAX,
	 MAP_AT(map_report_sm_delivery_status, service_centre_address)},
	{.tag = BER_ENUMERATED,
	 .kind = MAP_KIND_VALUE,
	 .required = 2,
	 .since = 2,
	 .max = MAP_OUTCOME_SUCCESS,
	 MAP_AT(map_report_sm_delivery_status, sm_delivery_outcome)},
	{.tag = 0x80,
	 .kind = MAP_KIND_VALUE,
	 .since = 3,
	 .max = MAP_DIAGNOSTIC_MAX,
	 MAP_AT(map_report_sm_delivery_status, absent_subscriber_diagnostic)},
	{.tag = 0x82,
	 .kind = MAP_KIND_NULL,
	 .since = 3,
	 MAP_AT(map_report_sm_delivery_status, gprs_support_indicator)},
	{.tag = 0x83,
	 .kind = MAP_KIND_NULL,
	 .since = 3,
	 MAP_AT(map_report_sm_delivery_status, delivery_outcome_indicator)},
	{.tag = 0x84,
	 .kind = MAP_KIND_VALUE,
	 .since = 3,
	 .max = MAP_OUTCOME_SUCCESS,
	 MAP_AT(map_report_sm_delivery_status, additional_sm_delivery_outcome)},
	{.tag = 0x85,
	 .kind = MAP_KIND_VALUE,
	 .since = 3,
	 .max = MAP_DIAGNOSTIC_MAX,
	 MAP_AT(map_report_sm_delivery_status, additional_absent_subscriber_diagnostic)},
	{.tag = 0x86,
	 .kind = MAP_KIND_NULL,
	 .since = 3,
	 MAP_AT(map_report_sm_delivery_status, ip_sm_gw_indicator)},
	{.tag = 0x87,
	 .kind = MAP_KIND_VALUE,
	 .since = 3,
	 .max = MAP_OUTCOME_SUCCESS,
	 MAP_AT(map_report_sm_delivery_status, ip_sm_gw_sm_delivery_outcome)},
	{.tag = 0x88,
	 .kind = MAP_KIND_VALUE,
	 .since = 3,
	 .max = MAP_DIAGNOSTIC_MAX,
	 MAP_AT(map_report_sm_delivery_status, ip_sm_gw_absent_subscriber_diagnostic)},
	{.tag = 0x89,
	 .kind = MAP_KIND_IMSI,
	 .since = 3,
	 MAP_AT(map_report_sm_delivery_status, imsi)},
	{.tag = 0x8a,
	 .kind = MAP_KIND_NULL,
	 .since = 3,
	 MAP_AT(map_report_sm_delivery_status, single_attempt_delivery)},
	{.tag = 0xab,
	 .kind = MAP_KIND_SEQUENCE,
	 .since = 3,
	 .inner = &map_correlation_id_syntax,
	 MAP_AT(map_report_sm_delivery_status, correlation_id)},
};

const struct map_syntax map_report_sm_syntax = {MAP_SYNTAX(report_sm)};

static const struct map_field report_sm_result[] = {
	{.tag = BER_OCTET_STRING,
	 .kind = MAP_KIND_ADDRESS,
	 .since = 2,
	 .max = MAP_ISDN_MAX,
	 MAP_AT(map_report_sm_delivery_status_result, stored_msisdn)},
};

const struct map_syntax map_report_sm_result_syntax = {
	MAP_SYNTAX(report_sm_result),
	.bare = report_sm_result,
	.bare_until = 2,
};

static const struct map_field inform_sc[] = {
	{.tag = BER_OCTET_STRING,
	 .kind = MAP_KIND_ADDRESS,
	 .max = MAP_ISDN_MAX,
	 MAP_AT(map_inform_service_centre, stored_msisdn)},
	{.tag = BER_BIT_STRING,
	 .kind = MAP_KIND_BITS,
	 MAP_AT(map_inform_service_centre, mw_status)},
	{.tag = BER_INTEGER,
	 .kind = MAP_KIND_VALUE,
	 .since = 3,
	 .max = MAP_DIAGNOSTIC_MAX,
	 MAP_AT(map_inform_service_centre, absent_subscriber_diagnostic)},
	{.tag = 0x80,
	 .kind = MAP_KIND_VALUE,
	 .since = 3,
	 .max = MAP_DIAGNOSTIC_MAX,
	 MAP_AT(map_inform_service_centre, additional_absent_subscriber_diagnostic)},
};

const struct map_syntax map_inform_sc_syntax = {MAP_SYNTAX(inform_sc)};

static const struct map_field alert_sc[] = {
	{.tag = BER_OCTET_STRING,
	 .kind = MAP_KIND_ADDRESS,
	 .required = 1,
	 .max = MAP_ISDN_MAX,
	 MAP_AT(map_alert_service_centre, msisdn)},
	{.tag = BER_OCTET_STRING,
	 .kind = MAP_KIND_ADDRESS,
	 .required = 1,
	 .max = MAP_ADDRESS_MAX,
	 MAP_AT(map_alert_service_centre, service_centre_address)},
	{.tag = BER_OCTET_STRING,
	 .kind = MAP_KIND_IMSI,
	 .since = 2,
	 MAP_AT(map_alert_service_centre, imsi)},
	{.tag = BER_SEQUENCE,
	 .kind = MAP_KIND_SEQUENCE,
	 .since = 2,
	 .inner = &map_correlation_id_syntax,
	 MAP_AT(map_alert_service_centre, correlation_id)},
	{.tag = 0x80,
	 .kind = MAP_KIND_OCTETS,
	 .since = 2,
	 .min = MAP_TIME_OCTETS,
	 .max = MAP_TIME_OCTETS,
	 MAP_AT(map_alert_service_centre, maximum_ue_availability_time)},
	{.tag = 0x81,
	 .kind = MAP_KIND_VALUE,
	 .since = 2,
	 .max = 1,
	 MAP_AT(map_alert_service_centre, sms_gmsc_alert_event)},
	{.tag = 0x83,
	 .kind = MAP_KIND_ADDRESS,
	 .since = 2,
	 .max = MAP_ISDN_MAX,
	 MAP_AT(map_alert_service_centre, new_sgsn_number)},
	{.tag = 0x85,
	 .kind = MAP_KIND_ADDRESS,
	 .since = 2,
	 .max = MAP_ISDN_MAX,
	 MAP_AT(map_alert_service_centre, new_mme_number)},
	{.tag = 0x87,
	 .kind = MAP_KIND_ADDRESS,
	 .since = 2,
	 .max = MAP_ISDN_MAX,
	 MAP_AT(map_alert_service_centre, new_msc_number)},
};

const struct map_syntax map_alert_sc_syntax = {MAP_SYNTAX(alert_sc)};
