/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */
#pragma once

#include "address.h"

/* TS 24.011 7.3 and 8: RP messages. RP-MTI is even from the mobile station (towards the SC), odd from the network. */

enum rp_type { RP_DATA, RP_ACK, RP_ERROR, RP_SMMA };

enum rp_dir { RP_MS_TO_NET, RP_NET_TO_MS };

/* TS 24.011 8.2.5.4 */
enum rp_cause {
	RP_CAUSE_UNASSIGNED = 1,
	RP_CAUSE_ODB = 8,
	RP_CAUSE_CALL_BARRED = 10,
	RP_CAUSE_TRANSFER_REJECTED = 21,
	RP_CAUSE_MEMORY_EXCEEDED = 22,
	RP_CAUSE_DEST_OUT_OF_ORDER = 27,
	RP_CAUSE_UNIDENTIFIED_SUBSCRIBER = 28,
	RP_CAUSE_FACILITY_REJECTED = 29,
	RP_CAUSE_UNKNOWN_SUBSCRIBER = 30,
	RP_CAUSE_NET_OUT_OF_ORDER = 38,
	RP_CAUSE_TEMPORARY_FAILURE = 41,
	RP_CAUSE_CONGESTION = 42,
	RP_CAUSE_RESOURCES = 47,
	RP_CAUSE_NOT_SUBSCRIBED = 50,
	RP_CAUSE_NOT_AUTHORISED = 57, /* of Q.850: bearer capability not authorized */
	RP_CAUSE_NOT_IMPLEMENTED = 69,
	RP_CAUSE_INVALID_REFERENCE = 81,
	RP_CAUSE_INCOMPATIBLE_DESTINATION = 88, /* of Q.850 */
	RP_CAUSE_SEMANTIC = 95,
	RP_CAUSE_MANDATORY_IE = 96,
	RP_CAUSE_UNKNOWN_TYPE = 97,
	RP_CAUSE_INCOMPATIBLE = 98,
	RP_CAUSE_UNKNOWN_IE = 99,
	RP_CAUSE_PROTOCOL = 111,
	RP_CAUSE_INTERWORKING = 127,
};

enum { RP_MESSAGE_MAX = 250 }; /* octets */

struct rp_message {
	enum rp_type type;
	enum rp_dir dir;
	uint8_t rp_mr;
	/* RP-DATA: the SC address is rp_da from the mobile, rp_oa from the network, "" where the bearer
	 * has none; the other one must be "" */
	struct sms_address rp_oa, rp_da;
	uint8_t rp_cause;                /* RP-ERROR */
	bool has_diagnostic;
	uint8_t rp_diagnostic;
	struct view rp_ud; /* the TPDU; may be empty in RP-ACK and RP-ERROR */
};

/** @return 0, -EINVAL, -ENOSPC (w->len unchanged) */
int rp_encode(struct wbuf *w, const struct rp_message *m);

/** @return 0, -EBADMSG (dir and rp_mr are set if in has two octets); rp_ud is a view into in */
int rp_decode(struct view in, struct rp_message *m);

/** "congestion" and so on; "unspecified" for an unknown one. */
const char *rp_cause_name(uint8_t rp_cause);
