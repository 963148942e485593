/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */
#pragma once

#include "../util/buf.h"

/*
 * Connectionless SCCP (Q.713 4.10 to 4.20, Q.714 4) with ITU point codes of 14 bits.
 *
 *   UDT 09, UDTS 0A, XUDT 11, XUDTS 12   read and written
 *   LUDT 13, LUDTS 14                    read
 *
 * Segments: a message too long for one UDT goes as up to 16 XUDT, and such a series is put together again.
 */

/* ---- addresses (Q.713 3.4) ---- */

enum {
	SCCP_DIGITS_MAX = 32,
	SCCP_ADDRESS_MAX =
		24, /* octets: indicator, point code, SSN, GT with SCCP_DIGITS_MAX digits */
};

/* Q.713 3.4.2.2 */
enum sccp_ssn {
	SCCP_SSN_HLR = 6,
	SCCP_SSN_VLR = 7,
	SCCP_SSN_MSC = 8,
	SCCP_SSN_GSMSCF = 147,
	SCCP_SSN_SGSN = 149,
};

/* Q.713 3.4.2.3: what stands in front of the digits */
enum sccp_gti {
	SCCP_GTI_NONE = 0,
	SCCP_GTI_NAI = 1,	   /* nature of address */
	SCCP_GTI_TT = 2,	   /* translation type */
	SCCP_GTI_TT_NP_ES = 3,	   /* and numbering plan, encoding scheme */
	SCCP_GTI_TT_NP_ES_NAI = 4, /* and nature of address: international E.164 traffic */
};

enum {
	SCCP_NP_E164 = 1,
	SCCP_NP_E212 = 6,
	SCCP_NP_E214 = 7,
	SCCP_NAI_SUBSCRIBER = 1,
	SCCP_NAI_NATIONAL = 3,
	SCCP_NAI_INTERNATIONAL = 4,
};

struct sccp_address {
	bool route_on_ssn; /* else on the global title */
	bool has_pc, has_ssn;
	uint16_t pc; /* 14 bits */
	uint8_t ssn;
	enum sccp_gti gti;
	uint8_t tt, np, nai; /* those that gti has, else 0 */
	char digits
		[SCCP_DIGITS_MAX +
		 1]; /* 0 to 9, a to f; the encoding scheme is BCD and follows from their number */
};

bool sccp_address_eq(const struct sccp_address *a, const struct sccp_address *b);

/** @return 0, -EBADMSG, -ENOTSUP (a GTI above 4, an encoding that is not BCD) */
int sccp_address_decode(struct view in, struct sccp_address *out);

/** Contents without length octet. @return 0, -EINVAL, -ENOSPC (w->len unchanged) */
int sccp_address_encode(struct wbuf *w, const struct sccp_address *a);

/* ---- messages ---- */

enum sccp_type {
	SCCP_UDT = 0x09,
	SCCP_UDTS = 0x0a,
	SCCP_XUDT = 0x11,
	SCCP_XUDTS = 0x12,
	SCCP_LUDT = 0x13,
	SCCP_LUDTS = 0x14,
};

/* Q.713 3.12 */
enum sccp_return_cause {
	SCCP_CAUSE_NO_TRANSLATION_NATURE = 0,
	SCCP_CAUSE_NO_TRANSLATION = 1,
	SCCP_CAUSE_SUBSYSTEM_CONGESTION = 2,
	SCCP_CAUSE_SUBSYSTEM_FAILURE = 3,
	SCCP_CAUSE_UNEQUIPPED_USER = 4,
	SCCP_CAUSE_MTP_FAILURE = 5,
	SCCP_CAUSE_NETWORK_CONGESTION = 6,
	SCCP_CAUSE_UNQUALIFIED = 7,
	SCCP_CAUSE_TRANSPORT = 8,
	SCCP_CAUSE_PROCESSING = 9,
	SCCP_CAUSE_REASSEMBLY = 10,
	SCCP_CAUSE_SCCP_FAILURE = 11,
	SCCP_CAUSE_HOP_COUNTER = 12,
	SCCP_CAUSE_SEGMENTATION_NOT_SUPPORTED = 13,
	SCCP_CAUSE_SEGMENTATION_FAILURE = 14,
};

enum {
	SCCP_DATA_MAX = 255,	   /* octets in all but LUDT, LUDTS */
	SCCP_LONG_DATA_MAX = 3952, /* LUDT, and all segments together (Q.714 1.1.2.2) */
	SCCP_SEGMENTS_MAX = 16,
	SCCP_HOP_COUNTER_MAX = 15,
	SCCP_MESSAGE_MAX = 4096, /* octets of the longest message */
	SCCP_UDT_SIF = 268, /* octets that one MTP2 frame of 272 leaves beside its routing label */
};

struct sccp_segmentation {
	bool present;
	bool first;
	bool in_sequence;   /* class 1 was asked for */
	uint8_t remaining;  /* segments that follow */
	uint32_t reference; /* 24 bits */
};

struct sccp_message {
	enum sccp_type type;
	uint8_t protocol_class; /* UDT, XUDT, LUDT: 0 or 1 */
	bool return_on_error;	/* UDT, XUDT, LUDT */
	uint8_t return_cause;	/* UDTS, XUDTS, LUDTS */
	uint8_t hop_counter;	/* all but UDT and UDTS: 1 to 15 */
	struct sccp_address called, calling;
	struct view data;
	struct sccp_segmentation segmentation; /* all but UDT and UDTS */
};

/**
 * @param in  exactly one message; data points into it. Unknown optional parameters are stepped over.
 * @return 0;
 *         -EBADMSG  a pointer or length leads outside, no data, a segmentation that cannot be
 *         -ENOTSUP  another message type, a class above 1, an address that is not done here
 */
int sccp_decode(struct view in, struct sccp_message *out);

/** @return 0, -EINVAL (also LUDT and LUDTS), -ENOSPC (w->len unchanged) */
int sccp_encode(struct wbuf *w, const struct sccp_message *m);

/**
 * The UDTS, XUDTS or LUDTS that returns m with a cause to where it came from (Q.714 4.2); LUDTS is not encoded.
 * @return 0, -ENOENT if m must not be returned: it did not ask for it, or is itself such a message
 */
int sccp_return(const struct sccp_message *m, enum sccp_return_cause cause,
		struct sccp_message *out);

const char *sccp_type_name(enum sccp_type type); /* "XUDT", "unknown" */
const char *
sccp_return_cause_name(uint8_t return_cause); /* "no-translation-for-address", "unknown" */

/* ---- segments of an outgoing message ---- */

struct sccp_segments {
	struct sccp_message whole;
	size_t segment_octets; /* 0: goes as one message */
	size_t sent;	       /* octets */
	bool done;
};

/**
 * Plan how to send a message: as UDT if the octets of that are at most message_max, else as XUDT segments none
 * of which is longer.
 * @param whole      type SCCP_UDT, class, return option, addresses, data; what it points to stays with the caller
 * @param reference  of the segments: another one for each message to the same destination (24 bits count)
 * @return 0, -EINVAL (addresses, another type, no data), -ENOSPC (more than 16 segments)
 */
int sccp_segments_init(struct sccp_segments *s, const struct sccp_message *whole,
		       size_t message_max, uint32_t reference);

/** The next message to encode. @return false after the last */
bool sccp_segments_next(struct sccp_segments *s, struct sccp_message *out);

/* ---- segments of incoming messages ---- */

/** One message that is not complete yet; the caller gives the memory, zeroed at the start. */
struct sccp_reassembly_slot {
	bool used;
	struct sccp_address calling;
	uint32_t reference;
	uint8_t remaining;
	uint64_t deadline_ms;
	size_t len;
	uint8_t data[SCCP_LONG_DATA_MAX];
};

struct sccp_reassembly {
	struct sccp_reassembly_slot *slots;
	size_t slot_count;
	uint64_t
		timeout_ms; /* from the first segment to the last; Q.714 T(reassembly): 10 to 20 s */
	uint64_t expired,
		dropped; /* counted: messages given up for time, and for a wrong segment or lack of room */
};

/**
 * Take a segment of the message with its calling address and reference (Q.714 4.1.1.2.3).
 * @param now_ms  any clock that does not go back
 * @param whole   the message when complete, as one segment's addresses and class with all data; the data stay in
 *                the slot until the next call
 * @return 0 and *whole (at once for a message without segmentation);
 *         -EAGAIN   kept, more to come
 *         -EBADMSG  out of order, there twice, or none that is first: what was kept of it is dropped
 *         -ENOSPC   there are no slots, or longer than SCCP_LONG_DATA_MAX
 * A message that is begun while all slots are in use takes that of the oldest.
 */
int sccp_reassemble(struct sccp_reassembly *ra, uint64_t now_ms, const struct sccp_message *segment,
		    struct sccp_message *whole);

/** Give up what is overdue; sccp_reassemble() does so too. @return messages given up */
size_t sccp_reassembly_expire(struct sccp_reassembly *ra, uint64_t now_ms);
