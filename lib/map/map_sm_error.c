/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */

/*
 * Errors of short message operations and their parameters (TS 29.002 17.6.6, 17.7.7).
 *
 *   sm-DeliveryFailure   30 {0A cause [04 diagnosticInfo]}                version 1: 0A cause
 *   systemFailure        30 {[0A networkResource] [80] [81]}              versions 1, 2: 0A networkResource
 *   callBarred           30 {[0A callBarringCause] [81]}                  versions 1, 2: 0A callBarringCause
 *   absentSubscriber     30 {[80 absentSubscriberReason]}                 version 1: 01 mwd-Set
 *   absentSubscriberSM   30 {[02 diagnostic] [80 additional] [81 imsi]}
 *
 * Old and new forms are read in any version. Errors that are not listed have at most an extension
 * container; it is not kept.
 */

#include "map_syntax.h"

enum { VERSION_MAX = 3, ENUM_MAX = 255 };

static const struct map_field delivery_failure[] = {
	{.tag = BER_ENUMERATED,
	 .kind = MAP_KIND_VALUE,
	 .required = 1,
	 .max = ENUM_MAX,
	 MAP_AT(map_error, sm_delivery_failure.cause)},
	{.tag = BER_OCTET_STRING,
	 .kind = MAP_KIND_OCTETS,
	 .since = 2,
	 .min = 1,
	 .max = MAP_SM_RP_UI_MAX,
	 MAP_AT(map_error, sm_delivery_failure.diagnostic_info)},
};

static const struct map_field absent_sm[] = {
	{.tag = BER_INTEGER,
	 .kind = MAP_KIND_VALUE,
	 .max = MAP_DIAGNOSTIC_MAX,
	 MAP_AT(map_error, absent_subscriber_sm.diagnostic)},
	{.tag = 0x80,
	 .kind = MAP_KIND_VALUE,
	 .since = 3,
	 .max = MAP_DIAGNOSTIC_MAX,
	 MAP_AT(map_error, absent_subscriber_sm.additional_diagnostic)},
	{.tag = 0x81,
	 .kind = MAP_KIND_IMSI,
	 .since = 3,
	 MAP_AT(map_error, absent_subscriber_sm.imsi)},
};

static const struct map_field absent[] = {
	{.tag = 0x80,
	 .kind = MAP_KIND_VALUE,
	 .since = 3,
	 .max = ENUM_MAX,
	 MAP_AT(map_error, absent_subscriber.reason)},
};

static const struct map_field absent_mwd_set = {.tag = BER_BOOLEAN,
						.kind = MAP_KIND_BOOLEAN,
						.until = 1,
						MAP_AT(map_error, absent_subscriber.mwd_set)};

static const struct map_field system_failure[] = {
	{.tag = BER_ENUMERATED,
	 .kind = MAP_KIND_VALUE,
	 .max = ENUM_MAX,
	 MAP_AT(map_error, system_failure.network_resource)},
	{.tag = 0x80,
	 .kind = MAP_KIND_VALUE,
	 .since = 3,
	 .max = ENUM_MAX,
	 MAP_AT(map_error, system_failure.additional_network_resource)},
	{.tag = 0x81,
	 .kind = MAP_KIND_VALUE,
	 .since = 3,
	 .max = ENUM_MAX,
	 MAP_AT(map_error, system_failure.failure_cause)},
};

static const struct map_field call_barred[] = {
	{.tag = BER_ENUMERATED,
	 .kind = MAP_KIND_VALUE,
	 .max = ENUM_MAX,
	 MAP_AT(map_error, call_barred.cause)},
	{.tag = 0x81,
	 .kind = MAP_KIND_NULL,
	 .since = 3,
	 MAP_AT(map_error, call_barred.unauthorised_message_originator)},
};

static const struct map_field unknown_subscriber[] = {
	{.tag = BER_ENUMERATED,
	 .kind = MAP_KIND_VALUE,
	 .since = 3,
	 .max = ENUM_MAX,
	 MAP_AT(map_error, unknown_subscriber.diagnostic)},
};

static const struct map_field busy[] = {
	{.tag = BER_NULL,
	 .kind = MAP_KIND_NULL,
	 .since = 3,
	 MAP_AT(map_error, subscriber_busy.gprs_connection_suspended)},
};

static const struct {
	enum map_error_code code;
	const char *name;
	struct map_syntax syntax;
} errors[] = {
	{MAP_ERROR_UNKNOWN_SUBSCRIBER, "unknownSubscriber", {MAP_SYNTAX(unknown_subscriber)}},
	{MAP_ERROR_UNIDENTIFIED_SUBSCRIBER, "unidentifiedSubscriber", {0}},
	{MAP_ERROR_ABSENT_SUBSCRIBER_SM, "absentSubscriberSM", {MAP_SYNTAX(absent_sm)}},
	{MAP_ERROR_ILLEGAL_SUBSCRIBER, "illegalSubscriber", {0}},
	{MAP_ERROR_TELESERVICE_NOT_PROVISIONED, "teleserviceNotProvisioned", {0}},
	{MAP_ERROR_ILLEGAL_EQUIPMENT, "illegalEquipment", {0}},
	{MAP_ERROR_CALL_BARRED,
	 "callBarred",
	 {MAP_SYNTAX(call_barred), .bare = call_barred, .bare_until = 2}},
	{MAP_ERROR_FACILITY_NOT_SUPPORTED, "facilityNotSupported", {0}},
	{MAP_ERROR_ABSENT_SUBSCRIBER,
	 "absentSubscriber",
	 {MAP_SYNTAX(absent), .bare = &absent_mwd_set, .bare_until = 1}},
	{MAP_ERROR_SUBSCRIBER_BUSY_FOR_MT_SMS, "subscriberBusyForMT-SMS", {MAP_SYNTAX(busy)}},
	{MAP_ERROR_SM_DELIVERY_FAILURE,
	 "sm-DeliveryFailure",
	 {MAP_SYNTAX(delivery_failure), .bare = delivery_failure, .bare_until = 1}},
	{MAP_ERROR_MESSAGE_WAITING_LIST_FULL, "messageWaitingListFull", {0}},
	{MAP_ERROR_SYSTEM_FAILURE,
	 "systemFailure",
	 {MAP_SYNTAX(system_failure), .bare = system_failure, .bare_until = 2}},
	{MAP_ERROR_DATA_MISSING, "dataMissing", {0}},
	{MAP_ERROR_UNEXPECTED_DATA_VALUE, "unexpectedDataValue", {0}},
	{MAP_ERROR_RESOURCE_LIMITATION, "resourceLimitation", {0}},
	{MAP_ERROR_ATM_NOT_ALLOWED, "atm-NotAllowed", {0}},
};

enum { ERRORS = sizeof(errors) / sizeof(errors[0]) };

static const struct map_syntax *syntax_of(int32_t code)
{
	static const struct map_syntax no_elements;

	for (size_t i = 0; i < ERRORS; i++)
		if (errors[i].code == (enum map_error_code)code)
			return &errors[i].syntax;
	return &no_elements;
}

static bool version_valid(uint8_t version)
{
	return version >= 1 && version <= VERSION_MAX;
}

/* Offsets count from the start of struct map_error here, since its members have no names of their own. */
int map_error_decode(struct view in, struct map_error *out)
{
	struct map_error e = {.code = out->code, .version = out->version};

	*out = e;
	return version_valid(e.version) ? map_syntax_decode(in, syntax_of(e.code), e.version, out)
					: -ENOTSUP;
}

int map_error_encode(struct wbuf *w, const struct map_error *e)
{
	return version_valid(e->version)
		       ? map_syntax_encode(w, syntax_of(e->code), e->version, true, e)
		       : -ENOTSUP;
}

const char *map_error_name(int32_t code)
{
	for (size_t i = 0; i < ERRORS; i++)
		if (errors[i].code == (enum map_error_code)code)
			return errors[i].name;
	return "unknown";
}
