/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */

/* Names of TCAP's message types, P-Abort causes (Q.773 table 14) and problems (tables 25 to 28), for logs. */

#include "tcap.h"

enum { CAUSES = 5, PROBLEM_TYPES = 4, PROBLEMS = 8 };

const char *tcap_type_name(enum tcap_type type)
{
	switch (type) {
	case TCAP_BEGIN:
		return "BEGIN";
	case TCAP_CONTINUE:
		return "CONTINUE";
	case TCAP_END:
		return "END";
	case TCAP_ABORT:
		return "ABORT";
	}
	return "unknown";
}

const char *tcap_p_abort_name(uint8_t cause)
{
	static const char *const NAMES[CAUSES] = {
		"unrecognizedMessageType",
		"unrecognizedTransactionID",
		"badlyFormattedTransactionPortion",
		"incorrectTransactionPortion",
		"resourceLimitation",
	};

	return cause < CAUSES ? NAMES[cause] : "unknown";
}

const char *tcap_problem_name(uint8_t problem_type, uint8_t problem)
{
	static const char *const NAMES[PROBLEM_TYPES][PROBLEMS] = {
		{"unrecognizedComponent", "mistypedComponent", "badlyStructuredComponent"},
		{"duplicateInvokeID", "unrecognizedOperation", "mistypedParameter",
		 "resourceLimitation", "initiatingRelease", "unrecognizedLinkedID",
		 "linkedResponseUnexpected", "unexpectedLinkedOperation"},
		{"unrecognizedInvokeID", "returnResultUnexpected", "mistypedParameter"},
		{"unrecognizedInvokeID", "returnErrorUnexpected", "unrecognizedError",
		 "unexpectedError", "mistypedParameter"},
	};
	const char *name = NULL;

	if (problem_type < PROBLEM_TYPES && problem < PROBLEMS)
		name = NAMES[problem_type][problem];
	return name ? name : "unknown";
}
