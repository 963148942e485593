/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */
#pragma once

#include "../sms/rp.h"
#include "../sms/tpdu.h"
#include "smpp_pdu.h"

/* SMS TPDU <-> SMPP messages, and the cause tables between them (spec 3.8, 3.10, 5.8, 5.9). */

/* what data_coding 0 means to this SMSC */
enum smpp_default_alphabet { SMPP_DEFAULT_GSM7, SMPP_DEFAULT_LATIN1, SMPP_DEFAULT_ASCII };

/* how a part with a concatenation header is submitted */
enum smpp_long_messages { SMPP_LONG_UDH, SMPP_LONG_SAR, SMPP_LONG_PAYLOAD };

struct smpp_sm_config {
	enum smpp_default_alphabet default_alphabet;
	enum smpp_long_messages long_messages;
	char service_type[6];
};

enum { SMPP_SM_SCRATCH = 512 }; /* octets for short_message and payload of one submit_sm */

/**
 * SUBMIT TPDU -> submit_sm. GSM 7 bit goes out unpacked, one septet an octet, and where data_coding 0
 * is not GSM to this SMSC, as Latin-1 / ASCII if all of it fits, else as UCS-2 (a segment that would
 * not fit so: GSM 7 bit, class 1). SMPP_LONG_PAYLOAD puts the part's user data (UDH included) into
 * message_payload; so does every text over SMPP_SHORT_MESSAGE_MAX.
 *
 * @param oa       originator (RP-OA is empty in an RP-DATA from the mobile side)
 * @param scratch  SMPP_SM_SCRATCH octets; short_message or message_payload of out points into it
 * @param reference  user_message_reference, 0 for none
 * @return 0, -EBADMSG (TPDU), -EINVAL
 */
int smpp_submit_from_tpdu(const struct smpp_sm_config *cfg, struct view tpdu,
			  const struct sms_address *oa, uint16_t reference,
			  uint8_t scratch[SMPP_SM_SCRATCH], struct smpp_message *out);

/**
 * Walk over the DELIVER TPDUs that one deliver_sm or data_sm stands for (a message_payload may
 * need several). Fill with smpp_deliver_begin().
 */
struct smpp_deliver_iter {
	const struct smpp_message *m;
	struct sms_address oa;
	uint8_t tp_dcs, tp_pid;
	struct view units; /* septets one an octet, UTF-16BE, or octets; behind the UDH */
	struct view udh;   /* as it came, or empty */
	size_t pos;
	unsigned part, total;
	bool concat;  /* we add a concatenation element */
	uint16_t ref; /* of the concatenation that we add */
};

/**
 * Text in data_coding 1, 3, and 0 where it is not GSM, is turned into GSM 7 bit or UCS-2.
 *
 * @param scratch  room for the text turned over, 2 octets for each octet of text, SMPP_PDU_MAX * 2 always do
 * @param ref      concatenation reference to use if several TPDUs are needed and none came
 * @return 0, -EBADMSG (UDH, sar values, source_addr), -ENOTSUP (over 255 parts), -ENOSPC
 */
int smpp_deliver_begin(struct smpp_deliver_iter *it, const struct smpp_sm_config *cfg,
		       const struct smpp_message *m, uint16_t ref, struct wbuf *scratch);

/**
 * @return 1 and one SMS-DELIVER with TP-SCTS now, 0 when there are no more,
 *         -ENOSPC (the same again next time), -EINVAL (now)
 */
int smpp_deliver_next(struct smpp_deliver_iter *it, const struct sms_time *now, struct wbuf *tpdu);

struct sms_address smpp_source(const struct smpp_message *m);
struct sms_address smpp_destination(const struct smpp_message *m);

/** What a submit_sm_resp (or its absence) asks of us. */
enum smpp_verdict {
	SMPP_ACCEPTED,
	SMPP_THROTTLED, /* slow down, submit the same again here */
	SMPP_TEMPORARY, /* back to the spool, later or elsewhere */
	SMPP_PERMANENT,
};

struct smpp_cause {
	enum smpp_verdict verdict;
	uint8_t rp_cause; /* enum rp_cause; 0 if accepted */
};

/** command_status of a submit_sm_resp (spec 3.10). Unknown and vendor values are temporary. */
struct smpp_cause smpp_cause_of_status(uint32_t command_status);

/** RP-Cause of A's side -> command_status of our deliver_sm_resp (spec 5.8). */
uint32_t smpp_status_of_cause(uint8_t rp_cause);
