/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */
#ifndef IPSMGW_RESULT_H
#define IPSMGW_RESULT_H

#include "core/pvar.h"
#include "core/pvapi.h"

#include "../../lib/util/buf.h"
#include "authorise.h"

/*
 * What $ipsmgw(name) shows: of the last cpm_to_sms() in this process, or of the
 * job whose event route runs.
 */

enum result_text {
	RESULT_CONVERSATION,
	RESULT_CONTRIBUTION,
	RESULT_IN_REPLY_TO,
	RESULT_IMDN,
	RESULT_FROM, /* originator: A, or B in event routes */
	RESULT_TO,
	RESULT_TEXT, /* UTF-8 */
	RESULT_ALPHABET,
	RESULT_SERVICE,
	RESULT_ROUTE,      /* SMSC */
	RESULT_SCSCF,      /* where A is registered */
	RESULT_KIND,       /* "message" or "imdn" */
	RESULT_LEG,        /* "orig" or "term" */
	RESULT_ORIGINATOR, /* whom B sees */
	RESULT_LANGUAGE,   /* of our own texts */
	RESULT_TEXTS
};

enum { RESULT_REASON_MAX = 96 };

struct result {
	int code; /* what to answer; 0 while the answer is held */
	unsigned segments;
	unsigned cause;  /* RP-Cause of a message that failed */
	bool registered; /* A is, as far as is known */
	bool anonymous;  /* A is not shown to B */
	int64_t message_id;
	str text[RESULT_TEXTS]; /* point into memory that lives as long as the route
							   runs */
	/* what the script set in event_route[ipsmgw:authorise] */
	bool authorising, faulty;
	char reason[RESULT_REASON_MAX];
	char originator[AUTHORISE_ORIGINATOR_MAX], route[AUTHORISE_ROUTE_MAX],
			language[AUTHORISE_LANGUAGE_MAX];
};

extern struct result result;

void result_clear(void);

int result_pv_parse(pv_spec_t *sp, str *in);
int result_pv_get(sip_msg_t *msg, pv_param_t *param, pv_value_t *res);
int result_pv_set(sip_msg_t *msg, pv_param_t *param, int op, pv_value_t *val);

#endif
