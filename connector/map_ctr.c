/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */

/*
 * One group of counters: first those of dialogues and of SCCP, then a row for each operation, then a pair for
 * each error, in the order of the two lists here.
 */

#include "map_ctr.h"

#include <osmocom/core/stats.h>
#include <osmocom/core/utils.h>

static const enum map_operation map_ctr_operations[] = {
	MAP_SRI_SM,
	MAP_MO_FORWARD_SM,
	MAP_MT_FORWARD_SM,
	MAP_REPORT_SM_DELIVERY_STATUS,
	MAP_INFORM_SERVICE_CENTRE,
	MAP_ALERT_SERVICE_CENTRE,
	MAP_READY_FOR_SM,
	MAP_ANY_TIME_MODIFICATION,
};

static const int32_t map_ctr_errors[] = {
	MAP_ERROR_UNKNOWN_SUBSCRIBER,
	MAP_ERROR_UNIDENTIFIED_SUBSCRIBER,
	MAP_ERROR_ABSENT_SUBSCRIBER_SM,
	MAP_ERROR_ILLEGAL_SUBSCRIBER,
	MAP_ERROR_TELESERVICE_NOT_PROVISIONED,
	MAP_ERROR_ILLEGAL_EQUIPMENT,
	MAP_ERROR_CALL_BARRED,
	MAP_ERROR_FACILITY_NOT_SUPPORTED,
	MAP_ERROR_ABSENT_SUBSCRIBER,
	MAP_ERROR_SUBSCRIBER_BUSY_FOR_MT_SMS,
	MAP_ERROR_SM_DELIVERY_FAILURE,
	MAP_ERROR_MESSAGE_WAITING_LIST_FULL,
	MAP_ERROR_SYSTEM_FAILURE,
	MAP_ERROR_DATA_MISSING,
	MAP_ERROR_UNEXPECTED_DATA_VALUE,
	MAP_ERROR_RESOURCE_LIMITATION,
	MAP_ERROR_ATM_NOT_ALLOWED,
};

enum {
	MAP_CTR_ERRORS = MAP_CTR_OPERATIONS + ARRAY_SIZE(map_ctr_operations) * MAP_OPERATION_CTRS,
	MAP_CTR_COUNT = MAP_CTR_ERRORS + 2 * (ARRAY_SIZE(map_ctr_errors) + 1),
};

#define MAP_CTR_OPERATION(name)                                                                    \
	{name ":tx", name " invoked"}, {name ":result", name " answered with a result"},           \
		{name ":error", name " answered with an error"},                                   \
		{name ":reject", name " rejected"},                                                \
		{name ":abort", name " refused, aborted or ended without an answer"},              \
		{name ":returned", name " returned by SCCP"},                                      \
		{name ":timeout", name " without an answer in time"},                              \
		{name ":rx", name " received"}, {name ":answered", name " answered by us"},        \
		{name ":refused", name " answered by us with an error"},                           \
	{                                                                                          \
		name ":lost", name " whose dialogue ended before our answer"                       \
	}

#define MAP_CTR_ERROR(name)                                                                        \
	{"error-rx:" name, name " received"},                                                      \
	{                                                                                          \
		"error-tx:" name, name " sent"                                                     \
	}

static const struct rate_ctr_desc map_ctr_desc[] = {
	[MAP_CTR_BEGIN_TX] = {"begin:tx", "Dialogues begun by us"},
	[MAP_CTR_BEGIN_EMPTY_TX] = {"begin:empty", "TC-BEGIN sent without component"},
	[MAP_CTR_BEGIN_RX] = {"begin:rx", "Dialogues begun by peers"},
	[MAP_CTR_STRANGER] = {"begin:stranger", "Dialogues and operations of peers not allowed"},
	[MAP_CTR_VERSION_FALLBACK] = {"version:fallback",
				      "Dialogues begun again in another version"},
	[MAP_CTR_REFUSED_TX] = {"refused:tx", "Application contexts refused"},
	[MAP_CTR_ABORT_TX] = {"abort:tx", "TC-ABORT sent"},
	[MAP_CTR_U_ABORT_RX] = {"u-abort:rx", "Aborts and refusals by peers"},
	[MAP_CTR_P_ABORT_RX] = {"p-abort:rx", "P-Aborts received"},
	[MAP_CTR_REJECT_TX] = {"reject:tx", "Components rejected"},
	[MAP_CTR_REPLY_DROPPED] = {"reject:dropped",
				   "Components not even rejected: too many at once"},
	[MAP_CTR_DUPLICATE] = {"message:duplicate", "Messages received twice"},
	[MAP_CTR_STALE] = {"message:stale", "Messages of a dialogue that is not there"},
	[MAP_CTR_FULL_INVOKING] = {"full:invoking", "Operations not begun: too many dialogues"},
	[MAP_CTR_EVICTED] = {"full:evicted", "Dialogues of peers aborted to make room"},
	[MAP_CTR_TCAP_BAD] = {"tcap:bad", "TCAP messages that could not be read"},
	[MAP_CTR_SCCP_BAD] = {"sccp:bad", "SCCP messages that could not be read"},
	[MAP_CTR_SCCP_RETURNED_RX] = {"sccp:returned-rx", "Messages of ours that SCCP returned"},
	[MAP_CTR_SCCP_RETURNED_TX] = {"sccp:returned-tx", "Messages that we returned"},
	[MAP_CTR_SCCP_TESTED] = {"sccp:tested", "Subsystem tests that we answered"},
	[MAP_CTR_SCCP_SEGMENTED_TX] = {"sccp:segmented", "Messages sent in segments"},
	[MAP_CTR_SCCP_REASSEMBLED] = {"sccp:reassembled", "Messages put together from segments"},
	[MAP_CTR_SCCP_REASSEMBLY_FAILED] = {"sccp:reassembly-failed", "Segments given up"},
	[MAP_CTR_TX_FAILED] = {"tx:failed", "Messages that could not be sent"},
	MAP_CTR_OPERATION("sendRoutingInfoForSM"),
	MAP_CTR_OPERATION("mo-ForwardSM"),
	MAP_CTR_OPERATION("mt-ForwardSM"),
	MAP_CTR_OPERATION("reportSM-DeliveryStatus"),
	MAP_CTR_OPERATION("informServiceCentre"),
	MAP_CTR_OPERATION("alertServiceCentre"),
	MAP_CTR_OPERATION("readyForSM"),
	MAP_CTR_OPERATION("anyTimeModification"),
	MAP_CTR_ERROR("unknownSubscriber"),
	MAP_CTR_ERROR("unidentifiedSubscriber"),
	MAP_CTR_ERROR("absentSubscriberSM"),
	MAP_CTR_ERROR("illegalSubscriber"),
	MAP_CTR_ERROR("teleserviceNotProvisioned"),
	MAP_CTR_ERROR("illegalEquipment"),
	MAP_CTR_ERROR("callBarred"),
	MAP_CTR_ERROR("facilityNotSupported"),
	MAP_CTR_ERROR("absentSubscriber"),
	MAP_CTR_ERROR("subscriberBusyForMT-SMS"),
	MAP_CTR_ERROR("sm-DeliveryFailure"),
	MAP_CTR_ERROR("messageWaitingListFull"),
	MAP_CTR_ERROR("systemFailure"),
	MAP_CTR_ERROR("dataMissing"),
	MAP_CTR_ERROR("unexpectedDataValue"),
	MAP_CTR_ERROR("resourceLimitation"),
	MAP_CTR_ERROR("atm-NotAllowed"),
	MAP_CTR_ERROR("other"),
};

_Static_assert(ARRAY_SIZE(map_ctr_desc) == MAP_CTR_COUNT, "a row for each operation and error");

static const struct rate_ctr_group_desc map_ctrg_desc = {
	.group_name_prefix = "map",
	.group_description = "MAP dialogues",
	.class_id = OSMO_STATS_CLASS_GLOBAL,
	.num_ctr = ARRAY_SIZE(map_ctr_desc),
	.ctr_desc = map_ctr_desc,
};

struct rate_ctr_group *map_ctr_alloc(void *ctx, unsigned idx)
{
	return rate_ctr_group_alloc(ctx, &map_ctrg_desc, idx);
}

static unsigned operation_idx(enum map_operation operation, enum map_operation_ctr ctr)
{
	unsigned i = 0;

	while (i < ARRAY_SIZE(map_ctr_operations) - 1 && map_ctr_operations[i] != operation)
		i++;
	return (unsigned)MAP_CTR_OPERATIONS + i * MAP_OPERATION_CTRS + ctr;
}

static unsigned error_idx(int32_t code, bool sent)
{
	unsigned i = 0;

	while (i < ARRAY_SIZE(map_ctr_errors) && map_ctr_errors[i] != code)
		i++;
	return (unsigned)MAP_CTR_ERRORS + 2 * i + sent;
}

void map_count(struct rate_ctr_group *ctrs, enum map_ctr ctr)
{
	rate_ctr_inc2(ctrs, ctr);
}

void map_count_operation(struct rate_ctr_group *ctrs, enum map_operation operation,
			 enum map_operation_ctr ctr)
{
	rate_ctr_inc2(ctrs, operation_idx(operation, ctr));
}

void map_count_error(struct rate_ctr_group *ctrs, int32_t code, bool sent)
{
	rate_ctr_inc2(ctrs, error_idx(code, sent));
}

uint64_t map_counted(struct rate_ctr_group *ctrs, enum map_ctr ctr)
{
	return rate_ctr_group_get_ctr(ctrs, ctr)->current;
}

uint64_t map_counted_operation(struct rate_ctr_group *ctrs, enum map_operation operation,
			       enum map_operation_ctr ctr)
{
	return rate_ctr_group_get_ctr(ctrs, operation_idx(operation, ctr))->current;
}

uint64_t map_counted_error(struct rate_ctr_group *ctrs, int32_t code, bool sent)
{
	return rate_ctr_group_get_ctr(ctrs, error_idx(code, sent))->current;
}
