/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */

/*
 * What the gateway tells the HSS about a subscriber (TS 29.002): readyForSM (12.6), anyTimeModification (8.11.3)
 * with modificationRequestFor-IP-SM-GW-Data, by which it registers its address.
 *
 *   ready    80 imsi 0A alertReason [05] [81]     version 1, noteSubscriberPresent: 04 imsi alone
 *   modify   A0 {80 imsi | 81 msisdn} 81 gsmSCF-Address A8 {80 modifyRegistrationStatus}
 *   result   [89 serviceCentreAddress]
 *
 * Requests for other data of the subscriber are stepped over.
 */

#include "map_syntax.h"

static const struct map_field ready_for_sm[] = {
	{.tag = 0x80, .kind = MAP_KIND_IMSI, .required = 1, MAP_AT(map_ready_for_sm, imsi)},
	{.tag = BER_ENUMERATED,
	 .kind = MAP_KIND_VALUE,
	 .required = 2,
	 .since = 2,
	 .max = MAP_ALERT_MEMORY_AVAILABLE,
	 MAP_AT(map_ready_for_sm, alert_reason)},
	{.tag = BER_NULL,
	 .kind = MAP_KIND_NULL,
	 .since = 3,
	 MAP_AT(map_ready_for_sm, alert_reason_indicator)},
	{.tag = 0x81,
	 .kind = MAP_KIND_NULL,
	 .since = 3,
	 MAP_AT(map_ready_for_sm, additional_alert_reason_indicator)},
	{.tag = BER_OCTET_STRING,
	 .kind = MAP_KIND_OCTETS,
	 .since = 3,
	 .min = MAP_TIME_OCTETS,
	 .max = MAP_TIME_OCTETS,
	 MAP_AT(map_ready_for_sm, maximum_ue_availability_time)},
};

static const struct map_field note_subscriber_present = {.tag = BER_OCTET_STRING,
							 .kind = MAP_KIND_IMSI,
							 .required = 1,
							 MAP_AT(map_ready_for_sm, imsi)};

const struct map_syntax map_ready_for_sm_syntax = {
	MAP_SYNTAX(ready_for_sm),
	.bare = &note_subscriber_present,
	.bare_until = 1,
};

static const struct map_field ip_sm_gw_data[] = {
	{.tag = 0x80,
	 .kind = MAP_KIND_VALUE,
	 .max = 1,
	 MAP_AT(map_ip_sm_gw_data, modify_registration_status)},
};

static const struct map_syntax ip_sm_gw_data_syntax = {MAP_SYNTAX(ip_sm_gw_data)};

static const struct map_field any_time_mod[] = {
	{.tag = 0xa0,
	 .kind = MAP_KIND_SUBSCRIBER,
	 .required = 1,
	 MAP_AT(map_any_time_modification, subscriber_identity)},
	{.tag = 0x81,
	 .kind = MAP_KIND_ADDRESS,
	 .required = 1,
	 .max = MAP_ISDN_MAX,
	 MAP_AT(map_any_time_modification, gsm_scf_address)},
	{.tag = 0xa8,
	 .kind = MAP_KIND_SEQUENCE,
	 .inner = &ip_sm_gw_data_syntax,
	 MAP_AT(map_any_time_modification, ip_sm_gw_data)},
};

const struct map_syntax map_any_time_mod_syntax = {MAP_SYNTAX(any_time_mod)};

static const struct map_field any_time_mod_result[] = {
	{.tag = 0x89,
	 .kind = MAP_KIND_ADDRESS,
	 .max = MAP_ADDRESS_MAX,
	 MAP_AT(map_any_time_modification_result, service_centre_address)},
};

const struct map_syntax map_any_time_mod_result_syntax = {MAP_SYNTAX(any_time_mod_result)};
