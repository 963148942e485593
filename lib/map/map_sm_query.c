/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */

/*
 * sendRoutingInfoForSM (TS 29.002 12.1, 17.7.6): where a short message is to be sent.
 *
 *   argument   80 msisdn 81 sm-RP-PRI 82 serviceCentreAddress [87 ..]
 *   result     04 imsi A0 locationInfoWithLMSI {81 networkNode-Number [04 lmsi] ..} [A5 ip-sm-gwGuidance]
 *
 * Extension containers and Diameter addresses are not kept.
 */

#include "map_syntax.h"

/* ---- CorrelationID, which other operations have too ---- */

static const struct map_field correlation_id[] = {
	{.tag = 0x80,
	 .kind = MAP_KIND_OCTETS,
	 .min = 1,
	 .max = 255,
	 MAP_AT(map_correlation_id, hlr_id)},
	{.tag = 0x81,
	 .kind = MAP_KIND_OCTETS,
	 .min = 1,
	 .max = 255,
	 MAP_AT(map_correlation_id, sip_uri_a)},
	{.tag = 0x82,
	 .kind = MAP_KIND_OCTETS,
	 .required = 1,
	 .min = 1,
	 .max = 255,
	 MAP_AT(map_correlation_id, sip_uri_b)},
};

const struct map_syntax map_correlation_id_syntax = {MAP_SYNTAX(correlation_id)};

/* ---- argument ---- */

static const struct map_field sri_sm[] = {
	{.tag = 0x80,
	 .kind = MAP_KIND_ADDRESS,
	 .required = 1,
	 .max = MAP_ISDN_MAX,
	 MAP_AT(map_sri_sm, msisdn)},
	{.tag = 0x81, .kind = MAP_KIND_BOOLEAN, .required = 1, MAP_AT(map_sri_sm, sm_rp_pri)},
	{.tag = 0x82,
	 .kind = MAP_KIND_ADDRESS,
	 .required = 1,
	 .max = MAP_ADDRESS_MAX,
	 MAP_AT(map_sri_sm, service_centre_address)},
	{.tag = 0x87,
	 .kind = MAP_KIND_NULL,
	 .since = 3,
	 MAP_AT(map_sri_sm, gprs_support_indicator)},
	{.tag = 0x88, .kind = MAP_KIND_VALUE, .since = 3, .max = 1, MAP_AT(map_sri_sm, sm_rp_mti)},
	{.tag = 0x89,
	 .kind = MAP_KIND_OCTETS,
	 .since = 3,
	 .min = 1,
	 .max = 12,
	 MAP_AT(map_sri_sm, sm_rp_smea)},
	{.tag = 0x8a,
	 .kind = MAP_KIND_VALUE,
	 .since = 3,
	 .max = 255,
	 MAP_AT(map_sri_sm, sm_delivery_not_intended)},
	{.tag = 0x8b,
	 .kind = MAP_KIND_NULL,
	 .since = 3,
	 MAP_AT(map_sri_sm, ip_sm_gw_guidance_indicator)},
	{.tag = 0x8c, .kind = MAP_KIND_IMSI, .since = 3, MAP_AT(map_sri_sm, imsi)},
	{.tag = 0x8e, .kind = MAP_KIND_NULL, .since = 3, MAP_AT(map_sri_sm, t4_trigger_indicator)},
	{.tag = 0x8d,
	 .kind = MAP_KIND_NULL,
	 .since = 3,
	 MAP_AT(map_sri_sm, single_attempt_delivery)},
	{.tag = 0xaf,
	 .kind = MAP_KIND_SEQUENCE,
	 .since = 3,
	 .inner = &map_correlation_id_syntax,
	 MAP_AT(map_sri_sm, correlation_id)},
	{.tag = 0x90,
	 .kind = MAP_KIND_NULL,
	 .since = 3,
	 MAP_AT(map_sri_sm, smsf_support_indicator)},
};

const struct map_syntax map_sri_sm_syntax = {MAP_SYNTAX(sri_sm)};

/* ---- result ---- */

static const struct map_field location[] = {
	{.tag = 0x80,
	 .kind = MAP_KIND_ADDRESS,
	 .until = 1,
	 .max = MAP_ISDN_MAX,
	 MAP_AT(map_location_info, roaming_number)},
	/* in version 1 it may stand in for this one */
	{.tag = 0x81,
	 .kind = MAP_KIND_ADDRESS,
	 .required = 2,
	 .max = MAP_ISDN_MAX,
	 MAP_AT(map_location_info, network_node_number)},
	{.tag = BER_OCTET_STRING, .kind = MAP_KIND_LMSI, MAP_AT(map_location_info, lmsi)},
	{.tag = 0x85,
	 .kind = MAP_KIND_NULL,
	 .since = 3,
	 MAP_AT(map_location_info, gprs_node_indicator)},
	{.tag = 0xa6,
	 .kind = MAP_KIND_ADDITIONAL,
	 .since = 3,
	 MAP_AT(map_location_info, additional_number)},
	{.tag = 0xa9,
	 .kind = MAP_KIND_ADDITIONAL,
	 .since = 3,
	 MAP_AT(map_location_info, third_number)},
	{.tag = 0x8b,
	 .kind = MAP_KIND_NULL,
	 .since = 3,
	 MAP_AT(map_location_info, ims_node_indicator)},
	{.tag = 0x8c,
	 .kind = MAP_KIND_ADDRESS,
	 .since = 3,
	 .max = MAP_ISDN_MAX,
	 MAP_AT(map_location_info, smsf_3gpp_number)},
	{.tag = 0x8e,
	 .kind = MAP_KIND_ADDRESS,
	 .since = 3,
	 .max = MAP_ISDN_MAX,
	 MAP_AT(map_location_info, smsf_non_3gpp_number)},
};

static const struct map_syntax location_syntax = {MAP_SYNTAX(location)};

static const struct map_field guidance[] = {
	{.tag = BER_INTEGER,
	 .kind = MAP_KIND_VALUE,
	 .required = 1,
	 .min = 30,
	 .max = 600,
	 MAP_AT(map_ip_sm_gw_guidance, minimum_delivery_time_s)},
	{.tag = BER_INTEGER,
	 .kind = MAP_KIND_VALUE,
	 .required = 1,
	 .min = 30,
	 .max = 600,
	 MAP_AT(map_ip_sm_gw_guidance, recommended_delivery_time_s)},
};

static const struct map_syntax guidance_syntax = {MAP_SYNTAX(guidance)};

static const struct map_field sri_sm_result[] = {
	{.tag = BER_OCTET_STRING,
	 .kind = MAP_KIND_IMSI,
	 .required = 1,
	 MAP_AT(map_sri_sm_result, imsi)},
	{.tag = 0xa0,
	 .kind = MAP_KIND_SEQUENCE,
	 .required = 1,
	 .inner = &location_syntax,
	 MAP_AT(map_sri_sm_result, location)},
	{.tag = 0x82, .kind = MAP_KIND_BOOLEAN, .until = 1, MAP_AT(map_sri_sm_result, mwd_set)},
	{.tag = 0xa5,
	 .kind = MAP_KIND_SEQUENCE,
	 .since = 3,
	 .inner = &guidance_syntax,
	 MAP_AT(map_sri_sm_result, guidance)},
};

const struct map_syntax map_sri_sm_result_syntax = {MAP_SYNTAX(sri_sm_result)};
