/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */

/*
 * command_status of an SMSC -> what to do and RP-Cause, and RP-Cause of the IMS side -> command_status
 * (TS 24.011 8.2.5.4, SMPP 3.4 5.1.3, 5.0 4.7.6).
 *
 * What is not in the first table is temporary, so that a message is not lost over a number that
 * an SMSC has made up; what is not in the second is ESME_RX_T_APPN, for the same reason.
 */

#include "smpp_sm.h"

/* clang-format off */
static const struct {
	uint32_t first, last;
	enum smpp_verdict verdict;
	uint8_t rp_cause;
} causes[] = {
	{0x00, 0x00, SMPP_ACCEPTED, 0},                                   /* ROK */
	{0x01, 0x01, SMPP_PERMANENT, RP_CAUSE_SEMANTIC},                  /* INVMSGLEN */
	{0x02, 0x02, SMPP_PERMANENT, RP_CAUSE_PROTOCOL},                  /* INVCMDLEN */
	{0x03, 0x03, SMPP_PERMANENT, RP_CAUSE_UNKNOWN_TYPE},              /* INVCMDID */
	{0x06, 0x07, SMPP_PERMANENT, RP_CAUSE_NET_OUT_OF_ORDER},          /* INVPRTFLG, INVREGDLVFLG */
	{0x08, 0x08, SMPP_TEMPORARY, RP_CAUSE_NET_OUT_OF_ORDER},          /* SYSERR */
	{0x0a, 0x0a, SMPP_PERMANENT, RP_CAUSE_UNIDENTIFIED_SUBSCRIBER},   /* INVSRCADR */
	{0x0b, 0x0b, SMPP_PERMANENT, RP_CAUSE_TRANSFER_REJECTED},         /* INVDSTADR */
	{0x0d, 0x0f, SMPP_TEMPORARY, RP_CAUSE_UNASSIGNED},                /* BINDFAIL, INVPASWD, INVSYSID */
	{0x14, 0x14, SMPP_THROTTLED, RP_CAUSE_CONGESTION},                /* MSGQFUL */
	{0x15, 0x15, SMPP_PERMANENT, RP_CAUSE_NOT_IMPLEMENTED},           /* INVSERTYP */
	{0x33, 0x34, SMPP_PERMANENT, RP_CAUSE_NET_OUT_OF_ORDER},          /* INVNUMDESTS, INVDLNAME */
	{0x40, 0x40, SMPP_PERMANENT, RP_CAUSE_NET_OUT_OF_ORDER},          /* INVDESTFLAG */
	{0x42, 0x44, SMPP_PERMANENT, RP_CAUSE_NET_OUT_OF_ORDER},          /* INVSUBREP, INVESMCLASS, CNTSUBDL */
	{0x45, 0x45, SMPP_TEMPORARY, RP_CAUSE_NET_OUT_OF_ORDER},          /* SUBMITFAIL */
	{0x48, 0x49, SMPP_PERMANENT, RP_CAUSE_UNIDENTIFIED_SUBSCRIBER},   /* INVSRCTON, INVSRCNPI */
	{0x50, 0x51, SMPP_PERMANENT, RP_CAUSE_TRANSFER_REJECTED},         /* INVDSTTON, INVDSTNPI */
	{0x53, 0x55, SMPP_PERMANENT, RP_CAUSE_NET_OUT_OF_ORDER},          /* INVSYSTYP, INVREPFLAG, INVNUMMSGS */
	{0x58, 0x58, SMPP_THROTTLED, RP_CAUSE_CONGESTION},                /* THROTTLED */
	{0x61, 0x63, SMPP_PERMANENT, RP_CAUSE_NET_OUT_OF_ORDER},          /* INVSCHED, INVEXPIRY, INVDFTMSGID */
	{0x64, 0x64, SMPP_TEMPORARY, RP_CAUSE_DEST_OUT_OF_ORDER},         /* X_T_APPN */
	{0x65, 0x65, SMPP_PERMANENT, RP_CAUSE_DEST_OUT_OF_ORDER},         /* X_P_APPN */
	{0x66, 0x66, SMPP_PERMANENT, RP_CAUSE_ODB},                       /* X_R_APPN */
	{0xc0, 0xc4, SMPP_PERMANENT, RP_CAUSE_NET_OUT_OF_ORDER},          /* optional parameters */
	{0xfe, 0xfe, SMPP_PERMANENT, RP_CAUSE_DEST_OUT_OF_ORDER},         /* DELIVERYFAILURE */
	{0xff, 0xff, SMPP_TEMPORARY, RP_CAUSE_NET_OUT_OF_ORDER},          /* UNKNOWNERR */
	{0x100, 0x100, SMPP_PERMANENT, RP_CAUSE_NOT_SUBSCRIBED},          /* SERTYPUNAUTH */
	{0x101, 0x101, SMPP_PERMANENT, RP_CAUSE_ODB},                     /* PROHIBITED */
	{0x103, 0x103, SMPP_PERMANENT, RP_CAUSE_NOT_SUBSCRIBED},          /* SERTYPDENIED */
	{0x104, 0x106, SMPP_PERMANENT, RP_CAUSE_NET_OUT_OF_ORDER},        /* INVDCS, subunits */
};
/* clang-format on */

struct smpp_cause smpp_cause_of_status(uint32_t command_status)
{
	for (size_t i = 0; i < sizeof(causes) / sizeof(causes[0]); i++)
		if (command_status >= causes[i].first && command_status <= causes[i].last)
			return (struct smpp_cause){causes[i].verdict, causes[i].rp_cause};
	return (struct smpp_cause){SMPP_TEMPORARY, RP_CAUSE_TEMPORARY_FAILURE};
}

static const struct {
	uint8_t first, last;
	uint32_t command_status;
} statuses[] = {
	{RP_CAUSE_TRANSFER_REJECTED, RP_CAUSE_TRANSFER_REJECTED, ESME_RX_R_APPN},
	{RP_CAUSE_MEMORY_EXCEEDED, RP_CAUSE_MEMORY_EXCEEDED, ESME_RMSGQFUL},
	{RP_CAUSE_DEST_OUT_OF_ORDER, RP_CAUSE_DEST_OUT_OF_ORDER, ESME_RX_T_APPN},
	{RP_CAUSE_NET_OUT_OF_ORDER, RP_CAUSE_NET_OUT_OF_ORDER, ESME_RX_T_APPN},
	{RP_CAUSE_TEMPORARY_FAILURE, RP_CAUSE_TEMPORARY_FAILURE, ESME_RX_T_APPN},
	{RP_CAUSE_CONGESTION, RP_CAUSE_CONGESTION, ESME_RMSGQFUL},
	{RP_CAUSE_RESOURCES, RP_CAUSE_RESOURCES, ESME_RMSGQFUL},
	{RP_CAUSE_NOT_IMPLEMENTED, RP_CAUSE_NOT_IMPLEMENTED, ESME_RX_P_APPN},
	{RP_CAUSE_INCOMPATIBLE_DESTINATION, RP_CAUSE_INCOMPATIBLE_DESTINATION, ESME_RX_P_APPN},
	{RP_CAUSE_SEMANTIC, RP_CAUSE_PROTOCOL, ESME_RX_P_APPN},
};

uint32_t smpp_status_of_cause(uint8_t rp_cause)
{
	for (size_t i = 0; i < sizeof(statuses) / sizeof(statuses[0]); i++)
		if (rp_cause >= statuses[i].first && rp_cause <= statuses[i].last)
			return statuses[i].command_status;
	return ESME_RX_T_APPN;
}
