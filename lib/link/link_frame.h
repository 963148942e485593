/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */
#pragma once

#include "../util/buf.h"

/*
 * What the module (spool process, server) and the connector (client) say to each other over a Unix
 * stream socket; docs/link-protocol.md has the procedures.
 *
 *   length(4) type(1) ref(8) { tag(1) length(2) value }..      length counts what follows it
 *
 * Unknown tags are skipped, unknown types ignored.
 */

enum link_type {
	LINK_HELLO = 1, /* first in each direction: version, node, store, window */
	LINK_DATA = 2,  /* one RP-DATA; ref names it until its answer */
	LINK_ACK = 3,   /* RP-ACK for ref */
	LINK_ERROR = 4, /* RP-ERROR for ref */
	LINK_STATE = 5, /* connector to module: an SMSC came up or went down, or its counters changed */
	LINK_PING = 6,
	LINK_PONG = 7,
	LINK_QUERY = 8, /* connector to module: is DA registered? */
	LINK_USER = 9,  /* module to connector: whether DA is (flag UP); ref of the QUERY, or 0 unasked */
	LINK_ALERT = 10, /* connector to module: DA can be reached again */
	LINK_UNHEARD = 11, /* connector to module: nobody waited for the ACK to ref any more */
};

enum link_tag {
	LINK_TAG_VERSION = 1,  /* u8: LINK_VERSION */
	LINK_TAG_NODE = 2,     /* text: name of the speaker */
	LINK_TAG_STORE = 3,    /* text: id of the database; refs of one store are never reused for another message */
	LINK_TAG_WINDOW = 4,   /* u32: DATA that the speaker takes unanswered (HELLO), or an SMSC's window (STATE) */
	LINK_TAG_RP = 5,       /* octets: the RP message of TS 24.011 */
	LINK_TAG_OA = 6,       /* text: originator, sms_address_print() form (DATA to the connector) */
	LINK_TAG_DA = 7,       /* text: the IMS user's number (DATA from the connector, QUERY, USER), B's (ALERT) */
	LINK_TAG_SMSC = 8,     /* text: SMSC (name or SC address) asked for (DATA), or that was used or speaks */
	LINK_TAG_SMSC_ID = 9,  /* text: message id that the SMSC gave (ACK), or that a status report names (DATA) */
	LINK_TAG_FLAGS = 10,   /* u8: enum link_flag */
	LINK_TAG_STATUS = 11,  /* u32: the bearer's own (SMPP command_status); from the module A's SIP status */
	LINK_TAG_RETRY_MS = 12, /* u32: not before (ERROR) */
	LINK_TAG_REASON = 13,  /* text for the log */
	LINK_TAG_VALIDITY_S = 14, /* u32: seconds of validity left (DATA to the connector) */
	LINK_TAG_SESSION = 15,    /* u32: the bearer\'s session that DATA from the connector came over */
	LINK_TAG_SMSC_ID_2 = 16,  /* text: what the status report's SMSC_ID may be instead */
	LINK_TAG_SMSC_ID_3 = 17,  /* text: as SMSC_ID_2 */
};

enum link_flag {
	LINK_FLAG_RESUBMIT = 1 << 0,  /* DATA: an earlier attempt may have reached the SMSC */
	LINK_FLAG_TEMPORARY = 1 << 1, /* ERROR: worth another attempt */
	LINK_FLAG_UNKNOWN = 1 << 2,   /* ERROR: it may have reached the SMSC */
	LINK_FLAG_REPEATED = 1 << 3,  /* ACK or ERROR: answered out of memory, nothing was submitted again */
	LINK_FLAG_UP = 1 << 4,        /* STATE, USER */
	LINK_FLAG_REPORT = 1 << 5,    /* DATA from the connector: the TPDU is an SMS-STATUS-REPORT found by SMSC_ID */
	LINK_FLAG_DELIVERED = 1 << 6, /* ACK to a DATA of the module: the recipient has it, no report follows */
};

enum {
	LINK_VERSION = 1,
	LINK_FRAME_MAX = 2048,  /* octets, length field included */
	LINK_HEADER_OCTETS = 13,
};

/** One frame; absent texts are empty views, absent numbers 0. */
struct link_frame {
	uint8_t type;
	uint64_t ref;
	uint8_t version, flags;
	uint32_t window, status, retry_ms, validity_s, session;
	struct view node, store, rp, oa, da, smsc, smsc_id, smsc_id_2, smsc_id_3, reason;
};

/** @return 0 and *len (octets of the first frame, all there), -EAGAIN, -EBADMSG (length out of bounds) */
int link_frame_length(struct view in, size_t *len);

/** @param in exactly one frame. @return 0, -EBADMSG; views point into in */
int link_frame_decode(struct view in, struct link_frame *out);

/** Append a frame; absent fields are left out. @return 0, -ENOSPC (w->len unchanged) */
int link_frame_encode(struct wbuf *w, const struct link_frame *f);

const char *link_type_name(uint8_t type);
