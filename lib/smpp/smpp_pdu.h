/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */
#pragma once

#include "../util/buf.h"

/*
 * SMPP 3.4 PDUs.
 *
 *   command_length(4) command_id(4) command_status(4) sequence_number(4) body.. [tag(2) length(2) value..]..
 *
 * Read as the field writes them: vendor statuses, unknown TLVs (stepped over), error responses
 * without a body, a message_id in any form, any interface_version.
 */

enum smpp_command {
	SMPP_GENERIC_NACK = 0x80000000,
	SMPP_BIND_RECEIVER = 0x00000001,
	SMPP_BIND_TRANSMITTER = 0x00000002,
	SMPP_SUBMIT_SM = 0x00000004,
	SMPP_DELIVER_SM = 0x00000005,
	SMPP_UNBIND = 0x00000006,
	SMPP_BIND_TRANSCEIVER = 0x00000009,
	SMPP_OUTBIND = 0x0000000b,
	SMPP_ENQUIRE_LINK = 0x00000015,
	SMPP_ALERT_NOTIFICATION = 0x00000102,
	SMPP_DATA_SM = 0x00000103,
	SMPP_RESP = 0x80000000, /* or'ed onto a request */
};

/* SMPP 3.4 5.1.3, those that we send or act on; any other value is kept as it came */
enum smpp_status {
	ESME_ROK = 0x00,
	ESME_RINVMSGLEN = 0x01,
	ESME_RINVCMDLEN = 0x02,
	ESME_RINVCMDID = 0x03,
	ESME_RINVBNDSTS = 0x04,
	ESME_RALYBND = 0x05,
	ESME_RSYSERR = 0x08,
	ESME_RINVSRCADR = 0x0a,
	ESME_RINVDSTADR = 0x0b,
	ESME_RINVMSGID = 0x0c,
	ESME_RBINDFAIL = 0x0d,
	ESME_RINVPASWD = 0x0e,
	ESME_RINVSYSID = 0x0f,
	ESME_RMSGQFUL = 0x14,
	ESME_RINVSERTYP = 0x15,
	ESME_RINVESMCLASS = 0x43,
	ESME_RSUBMITFAIL = 0x45,
	ESME_RINVSRCTON = 0x48,
	ESME_RINVSRCNPI = 0x49,
	ESME_RINVDSTTON = 0x50,
	ESME_RINVDSTNPI = 0x51,
	ESME_RTHROTTLED = 0x58,
	ESME_RX_T_APPN = 0x64,
	ESME_RX_P_APPN = 0x65,
	ESME_RX_R_APPN = 0x66,
	ESME_RINVOPTPARSTREAM = 0xc0,
	ESME_RINVOPTPARVAL = 0xc4,
	ESME_RDELIVERYFAILURE = 0xfe,
	ESME_RUNKNOWNERR = 0xff,
};

enum smpp_tag {
	SMPP_TAG_DEST_PORT = 0x020b,
	SMPP_TAG_SOURCE_PORT = 0x020a,
	SMPP_TAG_RECEIPTED_MESSAGE_ID = 0x001e,
	SMPP_TAG_USER_MESSAGE_REFERENCE = 0x0204,
	SMPP_TAG_SAR_MSG_REF_NUM = 0x020c,
	SMPP_TAG_SAR_TOTAL_SEGMENTS = 0x020e,
	SMPP_TAG_SAR_SEGMENT_SEQNUM = 0x020f,
	SMPP_TAG_SC_INTERFACE_VERSION = 0x0210,
	SMPP_TAG_NETWORK_ERROR_CODE = 0x0423,
	SMPP_TAG_MESSAGE_PAYLOAD = 0x0424,
	SMPP_TAG_MORE_MESSAGES_TO_SEND = 0x0426,
	SMPP_TAG_MESSAGE_STATE = 0x0427,
};

enum {
	SMPP_HEADER_OCTETS = 16,
	SMPP_PDU_MAX = 0x11000, /* octets; room for a 64 KiB message_payload */
	SMPP_SHORT_MESSAGE_MAX = 254,
	SMPP_MESSAGE_ID_MAX = 65, /* octets with NUL */
};

/* esm_class */
enum {
	SMPP_ESM_TYPE_MASK = 0x3c,
	SMPP_ESM_RECEIPT = 0x04,
	SMPP_ESM_INTERMEDIATE = 0x20,
	SMPP_ESM_UDHI = 0x40,
	SMPP_ESM_REPLY_PATH = 0x80,
};

/**
 * Mandatory fields of submit_sm, deliver_sm and data_sm, and the TLVs that mean something here.
 * Strings are NUL terminated.
 */
struct smpp_message {
	char service_type[6];
	uint8_t source_addr_ton, source_addr_npi;
	char source_addr[65];
	uint8_t dest_addr_ton, dest_addr_npi;
	char destination_addr[65];
	uint8_t esm_class, protocol_id, priority_flag;
	char schedule_delivery_time[17], validity_period[17];
	uint8_t registered_delivery, replace_if_present_flag, data_coding, sm_default_msg_id;
	struct view short_message;

	bool has_message_payload, has_sar, has_user_message_reference, has_message_state;
	bool has_network_error_code, has_more_messages;
	bool has_port; /* an application port came; not encoded */
	struct view message_payload;
	uint16_t sar_msg_ref_num; /* has_sar only if all three are there */
	uint8_t sar_total_segments, sar_segment_seqnum;
	uint16_t user_message_reference;
	uint8_t message_state, more_messages_to_send;
	uint8_t network_error_code[3];
	char receipted_message_id[SMPP_MESSAGE_ID_MAX]; /* "" if absent */
};

struct smpp_bind {
	char system_id[16], password[9], system_type[13];
	uint8_t interface_version, addr_ton, addr_npi;
	char address_range[41];
};

struct smpp_pdu {
	uint32_t command_id, command_status, sequence_number;
	union {
		struct smpp_bind bind;                /* bind_*; outbind has system_id and password */
		char system_id[16];                   /* bind_*_resp */
		struct smpp_message message;          /* submit_sm, deliver_sm, data_sm */
		char message_id[SMPP_MESSAGE_ID_MAX]; /* *_sm_resp; "" if absent, cut if longer */
	};
};

/**
 * Find the end of the first PDU in a stream.
 * @return 0 and *len (its octets, all of them in in), -EAGAIN,
 *         -EBADMSG (length below 16 or above SMPP_PDU_MAX: close the connection)
 */
int smpp_frame(struct view in, size_t *len);

/**
 * @param in  exactly one PDU
 * @return 0; -EBADMSG with the header fields set (answer generic_nack or the request's error response);
 *         -ENOTSUP for a command_id unknown here, header fields set. Views point into in.
 */
int smpp_pdu_decode(struct view in, struct smpp_pdu *out);

/**
 * Append one PDU, length filled in; optional fields and TLVs that are set. An error answer to a
 * bind_* or submit_sm has no body (SMPP 3.4 4.1.2, 4.4.2).
 * @return 0, -EINVAL (unterminated string, text in two places or too long, command_id), -ENOSPC (w->len unchanged)
 */
int smpp_pdu_encode(struct wbuf *w, const struct smpp_pdu *pdu);

bool smpp_is_response(uint32_t command_id);
const char *smpp_command_name(uint32_t command_id); /* "submit_sm", "unknown" */
const char *smpp_status_name(uint32_t command_status); /* "ESME_RTHROTTLED", "unknown" */
