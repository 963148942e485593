/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */

/*
 * mo-ForwardSM, mt-ForwardSM and the forwardSM of versions 1 and 2 (TS 29.002 12.2, 12.9, 17.7.6): the message
 * itself.
 *
 *   argument   8x sm-RP-DA 8x sm-RP-OA 04 sm-RP-UI [05 moreMessagesToSend] ..
 *   result     [04 sm-RP-UI]; versions 1 and 2 have none
 */

#include "map_syntax.h"

static const struct map_field mo_forward_sm[] = {
	{.kind = MAP_KIND_RP_DA, .required = 1, MAP_AT(map_forward_sm, sm_rp_da)},
	{.kind = MAP_KIND_RP_OA, .required = 1, MAP_AT(map_forward_sm, sm_rp_oa)},
	{.tag = BER_OCTET_STRING,
	 .kind = MAP_KIND_OCTETS,
	 .required = 1,
	 .min = 1,
	 .max = MAP_SM_RP_UI_MAX,
	 MAP_AT(map_forward_sm, sm_rp_ui)},
	{.tag = BER_OCTET_STRING, .kind = MAP_KIND_IMSI, .since = 3, MAP_AT(map_forward_sm, imsi)},
	{.tag = 0xa0,
	 .kind = MAP_KIND_SEQUENCE,
	 .since = 3,
	 .inner = &map_correlation_id_syntax,
	 MAP_AT(map_forward_sm, correlation_id)},
	{.tag = 0x81,
	 .kind = MAP_KIND_VALUE,
	 .since = 3,
	 .max = MAP_OUTCOME_SUCCESS,
	 MAP_AT(map_forward_sm, sm_delivery_outcome)},
};

const struct map_syntax map_mo_forward_sm_syntax = {MAP_SYNTAX(mo_forward_sm)};

static const struct map_field mt_forward_sm[] = {
	{.kind = MAP_KIND_RP_DA, .required = 1, MAP_AT(map_forward_sm, sm_rp_da)},
	{.kind = MAP_KIND_RP_OA, .required = 1, MAP_AT(map_forward_sm, sm_rp_oa)},
	{.tag = BER_OCTET_STRING,
	 .kind = MAP_KIND_OCTETS,
	 .required = 1,
	 .min = 1,
	 .max = MAP_SM_RP_UI_MAX,
	 MAP_AT(map_forward_sm, sm_rp_ui)},
	{.tag = BER_NULL,
	 .kind = MAP_KIND_NULL,
	 .since = 2,
	 MAP_AT(map_forward_sm, more_messages_to_send)},
	{.tag = BER_INTEGER,
	 .kind = MAP_KIND_VALUE,
	 .since = 3,
	 .min = 30,
	 .max = 600,
	 MAP_AT(map_forward_sm, sm_delivery_timer_s)},
	{.tag = BER_OCTET_STRING,
	 .kind = MAP_KIND_OCTETS,
	 .since = 3,
	 .min = MAP_TIME_OCTETS,
	 .max = MAP_TIME_OCTETS,
	 MAP_AT(map_forward_sm, sm_delivery_start_time)},
	{.tag = 0x80,
	 .kind = MAP_KIND_NULL,
	 .since = 3,
	 MAP_AT(map_forward_sm, sms_over_ip_only_indicator)},
	{.tag = 0xa1,
	 .kind = MAP_KIND_SEQUENCE,
	 .since = 3,
	 .inner = &map_correlation_id_syntax,
	 MAP_AT(map_forward_sm, correlation_id)},
	{.tag = 0x82,
	 .kind = MAP_KIND_OCTETS,
	 .since = 3,
	 .min = MAP_TIME_OCTETS,
	 .max = MAP_TIME_OCTETS,
	 MAP_AT(map_forward_sm, maximum_retransmission_time)},
	{.tag = 0x83,
	 .kind = MAP_KIND_ADDRESS,
	 .since = 3,
	 .max = MAP_ISDN_MAX,
	 MAP_AT(map_forward_sm, sms_gmsc_address)},
};

const struct map_syntax map_mt_forward_sm_syntax = {MAP_SYNTAX(mt_forward_sm)};

static const struct map_field forward_sm_result[] = {
	{.tag = BER_OCTET_STRING,
	 .kind = MAP_KIND_OCTETS,
	 .since = 3,
	 .min = 1,
	 .max = MAP_SM_RP_UI_MAX,
	 MAP_AT(map_forward_sm_result, sm_rp_ui)},
};

const struct map_syntax map_forward_sm_result_syntax = {MAP_SYNTAX(forward_sm_result)};
