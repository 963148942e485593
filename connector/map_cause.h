/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */
#pragma once

#include "../lib/sms/rp.h"
#include "map_node.h"

/* How operations of MAP end <-> RP-Cause: one table for each direction. No state; the reasons are literals. */

enum map_cause_verdict {
	MAP_CAUSE_ACCEPTED,
	MAP_CAUSE_AGAIN_WITHOUT_VALIDITY, /* the same without TP-VP; PERMANENT if it had none */
	MAP_CAUSE_TEMPORARY,
	MAP_CAUSE_PERMANENT,
};

struct map_cause {
	enum map_cause_verdict verdict;
	uint8_t rp_cause;   /* enum rp_cause; 0 if accepted */
	bool unknown;	    /* perhaps it was taken: only with TEMPORARY */
	const char *reason; /* for the log */
};

/** MO-ForwardSM (spec 3.10). The TP-FCS of an SMS-SUBMIT-REPORT comes before the error that carries it. */
struct map_cause map_cause_of_submit(const struct map_outcome *outcome);

/* ---- terminating delivery (spec 4.3) ---- */

/** What of an error goes into reportSM-DeliveryStatus; without an outcome it is not reported. */
struct map_cause_report {
	struct map_value outcome;    /* enum map_sm_delivery_outcome */
	struct map_value diagnostic; /* of ABSENT_SUBSCRIBER, if known */
};

struct map_cause_report map_cause_report_of(const struct map_error *error);

struct map_cause_delivery {
	struct map_cause cause;
	struct map_cause_report
		report;	 /* of a ForwardSM only: an HLR that says absent has noted it */
	bool alert;	 /* the HLR will say when it is worth another attempt */
	bool other_node; /* that serves the recipient may take it at once */
};

/** sendRoutingInfoForSM: the message itself has not left, so never unknown, and there is no other node. */
struct map_cause_delivery map_cause_of_routing(const struct map_outcome *outcome);

/** MT-ForwardSM. */
struct map_cause_delivery map_cause_of_delivery(const struct map_outcome *outcome);

/* ---- MT-ForwardSM of others (spec 5.8) ---- */

struct map_cause_refusal {
	struct map_error error; /* its views are of static storage */
	bool other_domain;	/* CS or PS may still take it (spec 5.7) */
};

/**
 * What the module's ERROR means to whoever sent the MT-ForwardSM.
 * @param sip_status  A's final status, which decides; 0: there was none
 * @param version     of the dialogue: older ones lack some errors
 */
struct map_cause_refusal map_cause_of_refusal(uint8_t rp_cause, uint32_t sip_status,
					      uint8_t version);
