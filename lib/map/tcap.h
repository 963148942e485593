/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */
#pragma once

#include "../util/buf.h"

/*
 * TCAP messages (Q.773) with what MAP puts into the dialogue portion (TS 29.002 17.4).
 *
 *   BEGIN     otid      [AARQ]            [components]
 *   CONTINUE  otid dtid [AARE]            [components]
 *   END       dtid      [AARE]            [components]
 *   ABORT     dtid      [P-Abort cause | AARE | ABRT]
 *
 * Version 1 of an application context has no dialogue portion. Read as the field writes it: any form of
 * length, elements in any order, user information of others, results without operation code.
 */

enum tcap_type { TCAP_BEGIN = 0x62, TCAP_END = 0x64, TCAP_CONTINUE = 0x65, TCAP_ABORT = 0x67 };

enum {
	TCAP_ID_MAX = 4,	 /* octets */
	TCAP_COMPONENTS_MAX = 8, /* in one message */
	TCAP_AC_NAME_MAX = 32,	 /* octets of an application context name */
};

struct tcap_id {
	uint8_t len; /* 0: absent */
	uint8_t octets[TCAP_ID_MAX];
};

/* Q.773 table 14 */
enum tcap_p_abort {
	TCAP_P_ABORT_UNRECOGNIZED_TYPE = 0,
	TCAP_P_ABORT_UNRECOGNIZED_ID = 1,
	TCAP_P_ABORT_BADLY_FORMATTED = 2,
	TCAP_P_ABORT_INCORRECT = 3,
	TCAP_P_ABORT_RESOURCE_LIMITATION = 4,
};

/* ---- dialogue portion ---- */

/** MAP application context {0 4 0 0 1 0 context version}; context 0 is none. */
struct map_ac {
	uint8_t context, version;
};

enum map_dialogue_pdu {
	MAP_DIALOGUE_NONE,
	MAP_OPEN = 0xa0,
	MAP_ACCEPT = 0xa1,
	MAP_CLOSE = 0xa2,
	MAP_REFUSE = 0xa3,
	MAP_USER_ABORT = 0xa4,
	MAP_PROVIDER_ABORT = 0xa5,
};

enum map_refuse_reason {
	MAP_REFUSE_NO_REASON = 0,
	MAP_REFUSE_DESTINATION_REFERENCE = 1,
	MAP_REFUSE_ORIGINATION_REFERENCE = 2,
};

enum map_user_abort_reason {
	MAP_USER_ABORT_SPECIFIC = 0,
	MAP_USER_ABORT_RESOURCE_LIMITATION = 1,
	MAP_USER_ABORT_RESOURCE_UNAVAILABLE = 2, /* detail: 0 short, 1 long term */
	MAP_USER_ABORT_CANCELLATION = 3,	 /* detail: what was cancelled */
};

/** MAP-DialoguePDU (TS 29.002 17.4.2); elements that it lacks are empty. */
struct map_dialogue {
	enum map_dialogue_pdu pdu;
	/* map-open: AddressString each, at most 20 octets */
	struct view destination_reference, origination_reference;
	uint8_t reason;		   /* of map-refuse, map-userAbort, map-providerAbort */
	uint8_t detail;		   /* of map-userAbort */
	struct map_ac alternative; /* of map-refuse */
};

enum tcap_apdu { TCAP_NO_DIALOGUE, TCAP_AARQ = 0x60, TCAP_AARE = 0x61, TCAP_ABRT = 0x64 };

enum tcap_diagnostic_source { TCAP_DIAGNOSTIC_USER = 1, TCAP_DIAGNOSTIC_PROVIDER = 2 };

enum {
	TCAP_RESULT_ACCEPTED = 0,
	TCAP_RESULT_REJECT_PERMANENT = 1,
	TCAP_DIAGNOSTIC_NULL = 0,
	TCAP_DIAGNOSTIC_NO_REASON = 1,
	TCAP_DIAGNOSTIC_AC_NOT_SUPPORTED = 2, /* source user */
	TCAP_ABORT_BY_USER = 0,
	TCAP_ABORT_BY_PROVIDER = 1,
};

struct tcap_dialogue {
	enum tcap_apdu apdu;
	struct map_ac ac; /* AARQ, AARE */
	struct view
		other_ac_name; /* an application context name that is not MAP's: its octets; ac.context is 0 then */
	uint8_t result; /* AARE */
	enum tcap_diagnostic_source diagnostic_source;
	uint8_t diagnostic;
	uint8_t abort_source; /* ABRT */
	struct map_dialogue map;
};

/* ---- components ---- */

enum tcap_component_type {
	TCAP_INVOKE = 0xa1,
	TCAP_RESULT_LAST = 0xa2,
	TCAP_ERROR = 0xa3,
	TCAP_REJECT = 0xa4,
	TCAP_RESULT_NOT_LAST = 0xa7,
	/* decoded only: answer it with a TCAP_REJECT of the same invoke id and problem; nothing behind it was read */
	TCAP_MALFORMED = 0,
};

enum tcap_problem_type {
	TCAP_PROBLEM_GENERAL = 0,
	TCAP_PROBLEM_INVOKE = 1,
	TCAP_PROBLEM_RESULT = 2,
	TCAP_PROBLEM_ERROR = 3,
};

/* Q.773 tables 25 to 28 */
enum tcap_problem {
	TCAP_GENERAL_UNRECOGNIZED_COMPONENT = 0,
	TCAP_GENERAL_MISTYPED_COMPONENT = 1,
	TCAP_GENERAL_BADLY_STRUCTURED = 2,
	TCAP_INVOKE_DUPLICATE_ID = 0,
	TCAP_INVOKE_UNRECOGNIZED_OPERATION = 1,
	TCAP_INVOKE_MISTYPED_PARAMETER = 2,
	TCAP_INVOKE_RESOURCE_LIMITATION = 3,
	TCAP_INVOKE_INITIATING_RELEASE = 4,
	TCAP_RESULT_UNRECOGNIZED_ID = 0,
	TCAP_RESULT_UNEXPECTED = 1,
	TCAP_RESULT_MISTYPED_PARAMETER = 2,
	TCAP_ERROR_UNRECOGNIZED_ID = 0,
	TCAP_ERROR_UNEXPECTED = 1,
	TCAP_ERROR_UNRECOGNIZED = 2,
	TCAP_ERROR_UNEXPECTED_ERROR = 3,
	TCAP_ERROR_MISTYPED_PARAMETER = 4,
};

struct tcap_component {
	enum tcap_component_type type;
	bool has_invoke_id; /* false only in a reject (and in what is malformed) */
	bool has_linked_id; /* invoke */
	bool has_code; /* false in a result without it, and where the code is a global one, which MAP has not */
	int8_t invoke_id, linked_id;
	int32_t code;	       /* operation; of TCAP_ERROR the error */
	struct view parameter; /* one whole element, or empty */
	uint8_t problem_type;  /* reject: enum tcap_problem_type */
	uint8_t problem;
};

/* ---- messages ---- */

struct tcap_message {
	enum tcap_type type;
	struct tcap_id otid, dtid;
	bool has_p_abort;
	uint8_t p_abort;
	struct tcap_dialogue dialogue;
	size_t component_count;
	struct tcap_component components[TCAP_COMPONENTS_MAX];
};

/**
 * @param in  exactly one message; views in out point into it
 * @return 0;
 *         -EBADMSG    no BER, or an id of more than 4 octets: P-Abort 2
 *         -ENOTSUP    unknown message type, or TC-UNI: P-Abort 0
 *         -EPROTO     an element is missing, there twice or out of place, or the dialogue portion is
 *                     not to be understood: P-Abort 3
 *         -EOVERFLOW  more than TCAP_COMPONENTS_MAX components: P-Abort 4
 *         On failure out->type, otid and dtid hold what could be read: without otid nobody can be answered.
 */
int tcap_decode(struct view in, struct tcap_message *out);

/** @return 0, -EINVAL (elements that the type cannot have or lacks, something malformed), -ENOSPC (w->len unchanged) */
int tcap_encode(struct wbuf *w, const struct tcap_message *m);

/** The P-Abort cause for what tcap_decode() returned. */
enum tcap_p_abort tcap_p_abort_of(int err);

bool tcap_id_eq(const struct tcap_id *a, const struct tcap_id *b);

const char *tcap_type_name(enum tcap_type type); /* "BEGIN", "unknown" */
const char *tcap_p_abort_name(uint8_t cause);	 /* "unrecognizedTransactionID", "unknown" */
const char *tcap_problem_name(uint8_t problem_type,
			      uint8_t problem); /* "mistypedParameter", "unknown" */
