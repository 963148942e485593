/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */
#pragma once

#include "connector.h"

#include "../lib/link/link_frame.h"
#include "../lib/sms/address.h"
#include "../lib/sms/rp.h"
#include "../lib/smpp/smpp_sm.h"
#include "answered.h"

/*
 * One short message in hand: from the module's DATA to exactly one answer, ACK or ERROR. It waits in
 * the queue of an SMSC, then for that SMSC's answer.
 */
struct sm {
	struct llist_head entry;  /* in the queue of its SMSC, or among what has been sent */
	struct hlist_node by_ref; /* among all in hand */
	struct hlist_node by_seq; /* among what a connection has sent */
	struct connector *c;
	struct smsc *smsc; /* that has it in queue or has sent it */
	uint64_t ref;
	uint64_t order; /* of arrival; the queue is kept in it */
	uint8_t rp_mr;
	bool is_held;	/* counted in smsc->held */
	bool forgotten; /* its store is gone, or older than it: nobody waits for the answer */
	bool resubmit;	/* an earlier attempt may have reached an SMSC */
	struct sms_address oa;
	char oa_text[SMS_ADDRESS_TEXT_MAX + 1], da_text[SMS_ADDRESS_TEXT_MAX + 1]; /* for the log */
	char da_digits[SMS_ADDRESS_TEXT_MAX];
	char asked[SMSC_NAME_SIZE];    /* the SMSC asked for, or ""; "+..." is an SC address */
	struct sms_address sc_address; /* RP-DA, or the one asked for */
	uint8_t tpdu[RP_MESSAGE_MAX];
	size_t tpdu_octets;
	uint32_t validity_s; /* left at start_us, 0 if not told */
	uint64_t start_us, sent_us;
	uint64_t deadline_us;	/* to be with an SMSC; sooner once it has been throttled */
	unsigned n_throttled;	/* times the SMSC has throttled it */
	uint64_t not_before_us; /* the next attempt after that */
	uint32_t sequence_number;
};

/** Why a message goes back to the module. */
struct sm_failure {
	uint8_t rp_cause;
	uint8_t flags;	 /* LINK_FLAG_TEMPORARY, LINK_FLAG_UNKNOWN */
	uint32_t status; /* SMPP command_status */
	uint32_t retry_ms;
	const char *reason; /* a literal */
};

struct sm_table *sm_table_alloc(void *ctx);

/** A DATA from the module. */
void sm_start(struct connector *c, const struct link_frame *f);

/** Find an SMSC for a message that is in no queue, or answer that there is none. */
void sm_route(struct sm *sm);

/** The SMSC took it. Answers, logs the outcome, frees sm. @param smsc_id its message_id, normalised */
void sm_accepted(struct sm *sm, const char *smsc_id);

/** The same, and the recipient has it: no report will follow. */
void sm_delivered(struct sm *sm, const char *smsc_id);

/** It was not taken. Answers, logs the outcome, frees sm. */
void sm_failed(struct sm *sm, const struct sm_failure *failure);

/** The refs in hand and in memory belong to a store that is gone. */
void sm_store_changed(struct connector *c);

unsigned sm_count(const struct connector *c);
unsigned sm_answered_count(const struct connector *c);
