/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */

/* The two cause tables between SIP and RP (TS 24.011 8.2.5.4), and the reason
 * phrases. */

#include <stddef.h>

#include "../../lib/sms/rp.h"
#include "rp_sip.h"

/* clang-format off */
static const struct submit_cause {
	uint8_t first, last;
	int code;
	enum imdn_status status;
} submit_causes[] = {
	{RP_CAUSE_UNASSIGNED, RP_CAUSE_UNASSIGNED, 500, IMDN_STATUS_FAILED}, /* the SC is not known */
	{RP_CAUSE_ODB, RP_CAUSE_ODB, 403, IMDN_STATUS_FORBIDDEN},
	{RP_CAUSE_CALL_BARRED, RP_CAUSE_CALL_BARRED, 403, IMDN_STATUS_FORBIDDEN},
	{RP_CAUSE_TRANSFER_REJECTED, RP_CAUSE_TRANSFER_REJECTED, 404, IMDN_STATUS_FAILED},
	{RP_CAUSE_MEMORY_EXCEEDED, RP_CAUSE_MEMORY_EXCEEDED, 480, IMDN_STATUS_FAILED},
	{RP_CAUSE_DEST_OUT_OF_ORDER, RP_CAUSE_DEST_OUT_OF_ORDER, 480, IMDN_STATUS_FAILED},
	{RP_CAUSE_UNIDENTIFIED_SUBSCRIBER, RP_CAUSE_UNIDENTIFIED_SUBSCRIBER, 403, IMDN_STATUS_FORBIDDEN},
	{RP_CAUSE_FACILITY_REJECTED, RP_CAUSE_FACILITY_REJECTED, 501, IMDN_STATUS_FAILED},
	{RP_CAUSE_UNKNOWN_SUBSCRIBER, RP_CAUSE_UNKNOWN_SUBSCRIBER, 404, IMDN_STATUS_FAILED},
	{RP_CAUSE_NET_OUT_OF_ORDER, RP_CAUSE_NET_OUT_OF_ORDER, 500, IMDN_STATUS_FAILED},
	{RP_CAUSE_TEMPORARY_FAILURE, RP_CAUSE_TEMPORARY_FAILURE, 504, IMDN_STATUS_ERROR},
	{RP_CAUSE_CONGESTION, RP_CAUSE_RESOURCES, 503, IMDN_STATUS_FAILED},
	{RP_CAUSE_NOT_SUBSCRIBED, RP_CAUSE_NOT_SUBSCRIBED, 403, IMDN_STATUS_FORBIDDEN},
	{RP_CAUSE_NOT_AUTHORISED, RP_CAUSE_NOT_AUTHORISED, 403, IMDN_STATUS_FAILED}, /* illegalSubscriber */
	{RP_CAUSE_NOT_IMPLEMENTED, RP_CAUSE_NOT_IMPLEMENTED, 501, IMDN_STATUS_FAILED},
	{RP_CAUSE_INCOMPATIBLE_DESTINATION, RP_CAUSE_INCOMPATIBLE_DESTINATION, 488, IMDN_STATUS_FAILED},
	{RP_CAUSE_SEMANTIC, RP_CAUSE_SEMANTIC, 413, IMDN_STATUS_FAILED}, /* only SMPP's ESME_RINVMSGLEN comes as this */
	{RP_CAUSE_INVALID_REFERENCE, RP_CAUSE_INTERWORKING, 500, IMDN_STATUS_ERROR},
};

static const struct { int first, last; struct delivery_verdict v; } deliveries[] = {
	{200, 299, {0, false, NEXT_NOTHING, false}},
	{300, 399, {RP_CAUSE_DEST_OUT_OF_ORDER, false, NEXT_NOTHING, false}},
	{403, 403, {RP_CAUSE_TRANSFER_REJECTED, true, NEXT_NOTHING, false}},
	{404, 404, {RP_CAUSE_DEST_OUT_OF_ORDER, false, NEXT_OTHER_SERVICE, true}},
	{406, 406, {RP_CAUSE_PROTOCOL, true, NEXT_OTHER_SERVICE, false}},
	{408, 408, {RP_CAUSE_DEST_OUT_OF_ORDER, false, NEXT_NOTHING, false}},
	{410, 410, {RP_CAUSE_DEST_OUT_OF_ORDER, false, NEXT_OTHER_SERVICE, true}},
	{413, 413, {RP_CAUSE_PROTOCOL, true, NEXT_LARGE_MODE, false}},
	{415, 415, {RP_CAUSE_PROTOCOL, true, NEXT_OTHER_SERVICE, false}},
	{430, 430, {RP_CAUSE_DEST_OUT_OF_ORDER, false, NEXT_NOTHING, false}},
	{480, 480, {RP_CAUSE_DEST_OUT_OF_ORDER, false, NEXT_OTHER_SERVICE, false}},
	{481, 481, {RP_CAUSE_TEMPORARY_FAILURE, false, NEXT_ONCE_MORE, false}},
	{486, 487, {RP_CAUSE_DEST_OUT_OF_ORDER, false, NEXT_NOTHING, false}},
	{488, 488, {RP_CAUSE_PROTOCOL, true, NEXT_OTHER_SERVICE, false}},
	{400, 499, {RP_CAUSE_PROTOCOL, true, NEXT_NOTHING, false}},
	{500, 500, {RP_CAUSE_TEMPORARY_FAILURE, false, NEXT_ONCE_MORE, false}},
	{502, 502, {RP_CAUSE_TEMPORARY_FAILURE, false, NEXT_ONCE_MORE, false}},
	{503, 503, {RP_CAUSE_CONGESTION, false, NEXT_WHEN_ASKED, false}},
	{504, 504, {RP_CAUSE_TEMPORARY_FAILURE, false, NEXT_ONCE_MORE, false}},
	{513, 513, {RP_CAUSE_PROTOCOL, true, NEXT_LARGE_MODE, false}},
	{500, 599, {RP_CAUSE_TEMPORARY_FAILURE, false, NEXT_NOTHING, false}},
	{600, 600, {RP_CAUSE_DEST_OUT_OF_ORDER, false, NEXT_NOTHING, false}},
	{604, 604, {RP_CAUSE_DEST_OUT_OF_ORDER, false, NEXT_NOTHING, true}},
	{600, 699, {RP_CAUSE_TRANSFER_REJECTED, true, NEXT_NOTHING, false}},
};

static const struct { int code; const char *reason; } reasons[] = {
	{200, "OK"}, {202, "Accepted"}, {400, "Bad Request"}, {403, "Forbidden"}, {404, "Not Found"},
	{405, "Method Not Allowed"}, {413, "Message Too Large"}, {415, "Unsupported Media Type"}, {420, "Bad Extension"},
	{422, "Session Interval Too Small"}, {433, "Anonymity Disallowed"}, {480, "Temporarily Unavailable"},
	{481, "Call/Transaction Does Not Exist"}, {482, "Loop Detected"}, {484, "Address Incomplete"},
	{488, "Not Acceptable Here"}, {489, "Bad Event"}, {500, "Server Internal Error"},
	{501, "Not Implemented"}, {503, "Service Unavailable"}, {504, "Server Time-out"},
	{606, "Not Acceptable"},
};
/* clang-format on */

static const struct submit_cause *submit_cause_of(uint8_t rp_cause)
{
	static const struct submit_cause unknown = {0, 0, 500, IMDN_STATUS_FAILED};

	for(size_t i = 0; i < sizeof(submit_causes) / sizeof(submit_causes[0]);
			i++) {
		if(rp_cause >= submit_causes[i].first
				&& rp_cause <= submit_causes[i].last)
			return &submit_causes[i];
	}
	return &unknown;
}

int sip_of_submit_cause(uint8_t rp_cause)
{
	return submit_cause_of(rp_cause)->code;
}

enum imdn_status imdn_of_submit_cause(
		uint8_t rp_cause, const struct imdn_status_options *options)
{
	return options->plain_failed ? IMDN_STATUS_FAILED
								 : submit_cause_of(rp_cause)->status;
}

struct delivery_verdict verdict_of_sip(int code)
{
	static const struct delivery_verdict nothing_known
			= {RP_CAUSE_TEMPORARY_FAILURE, false, NEXT_NOTHING, false};

	for(size_t i = 0; i < sizeof(deliveries) / sizeof(deliveries[0]); i++) {
		if(code >= deliveries[i].first && code <= deliveries[i].last)
			return deliveries[i].v;
	}
	return nothing_known;
}

int sip_of_imdn(enum imdn_kind kind, enum imdn_status status)
{
	static const int codes[IMDN_STATUS_COUNT] = {
			[IMDN_STATUS_DELIVERED] = 200,
			[IMDN_STATUS_FAILED] = 400,
			[IMDN_STATUS_FORBIDDEN] = 403,
			[IMDN_STATUS_ERROR] = 400,
	};

	return kind == IMDN_KIND_DELIVERY || kind == IMDN_KIND_PROCESSING
				   ? codes[status]
				   : 0;
}

const char *sip_reason(int code)
{
	for(size_t i = 0; i < sizeof(reasons) / sizeof(reasons[0]); i++) {
		if(reasons[i].code == code)
			return reasons[i].reason;
	}
	return "Failure";
}
