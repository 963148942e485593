/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */
#pragma once

#include "map_deliver.h"
#include "map_delivery_status.h"
#include "sm.h"

/*
 * Parts of role "deliver":
 *
 *   map_deliver.c            messages in, and their one end each
 *   map_recipient.c          the messages of one recipient, one after the other
 *   map_recipient_ask.c      sendRoutingInfoForSM
 *   map_recipient_forward.c  MT-ForwardSM
 *   map_report.c             reportSM-DeliveryStatus and alertServiceCentre
 */

struct recent;

enum {
	MAP_RECIPIENT_HASH_BITS = 10,
	MAP_RECIPIENT_QUEUE = 64, /* messages that wait for one recipient */
	MAP_REPORTS_MAX = 512,	  /* reports without an answer */
	MAP_STORED_NUMBERS = 256,
};

/** The HLR alerts with another number of a recipient than the one that was asked for. */
struct map_stored_number {
	char stored[SMS_ADDRESS_TEXT_MAX], asked[SMS_ADDRESS_TEXT_MAX];
};

struct map_deliver {
	struct map_stack *stack;
	DECLARE_HASHTABLE(recipients, MAP_RECIPIENT_HASH_BITS);
	unsigned n_recipients, n_messages;
	uint64_t taken; /* since the start */
	struct map_routing_memory *routing;
	struct recent
		*repeated; /* what was given back after an attempt that is repeated only so often */
	struct llist_head reports;
	unsigned n_reports;
	struct map_stored_number stored[MAP_STORED_NUMBERS]; /* the oldest gives way */
	unsigned stored_next;
};

struct map_recipient {
	struct hlist_node by_number;
	struct map_deliver *deliver;
	struct sms_address msisdn;
	struct llist_head queue; /* struct sm.entry; the first one is in hand and counts as out */
	unsigned queued;
	struct map_call call;
	bool waits;		      /* for the answer to an operation */
	bool tried;		      /* for the message in hand something was done */
	bool leaves;		      /* the message in hand has left for a node */
	struct osmo_timer_list timer; /* waits: to give back what stands behind; else: to go on */
	struct map_routing_info info;
	bool has_info;
	bool is_fresh;	 /* info was asked for the message in hand */
	unsigned at;	 /* the node in turn */
	bool has_failed; /* at a node before that one: */
	struct map_cause_delivery failure;
	struct map_delivery_status status;
	bool alerts; /* the HLR has flags set that success clears */
};

/* ---- map_recipient.c ---- */

struct map_recipient *map_recipient_find(struct map_deliver *d, const char *number);

/** @return NULL if memory is out */
struct map_recipient *map_recipient_alloc(struct map_deliver *d, const struct sms_address *msisdn);

/** Behind the others; it goes when it is its turn. */
void map_recipient_add(struct map_recipient *r, struct sm *sm);

/** Give back its messages that have not left, or all: those of that SMSC, or of any. */
void map_recipient_flush(struct map_recipient *r, const struct map_smsc *smsc, bool all);

/** All messages are answered for; nothing follows. */
void map_recipient_free(struct map_recipient *r);

/* Those below may free r: nothing is to be done with it after them. */

/** What is to be done next: ask, forward, or nothing any more. */
void map_recipient_step(struct map_recipient *r);

/** The operation was not sent. @param rc  -errno of map_call_invoke() */
void map_recipient_not_sent(struct map_recipient *r, int rc);

/** The end of the message in hand, and of the others if it is he who is not to be had. */
void map_recipient_give_up(struct map_recipient *r, const struct map_cause_delivery *d,
			   const struct map_outcome *o);

/* ---- the message in hand ---- */

struct sm *map_recipient_first(const struct map_recipient *r);

/** Out of the queue, for its end. */
struct sm *map_recipient_take(struct map_recipient *r);

/** An operation is out: those behind wait for a while. */
void map_recipient_wait(struct map_recipient *r);

/** Fail all but one that waits for an answer. @param smsc  those of that SMSC, or NULL */
void map_recipient_fail(struct map_recipient *r, const struct map_smsc *smsc,
			const struct sm_failure *failure);

/* ---- map_recipient_ask.c, map_recipient_forward.c ---- */

void map_recipient_ask(struct map_recipient *r);
void map_recipient_forward(struct map_recipient *r);

/* ---- map_deliver.c: sm is in no list ---- */

void map_deliver_accepted(struct map_deliver *d, struct sm *sm);
void map_deliver_failed(struct map_deliver *d, struct sm *sm, const struct sm_failure *failure);

/** Has that message had its two repetitions (spec 4.3)? If not, that counts as one. */
bool map_deliver_is_last(struct map_deliver *d, const struct sm *sm);

struct map_smsc *map_deliver_smsc(const struct sm *sm);

/* ---- map_report.c ---- */

void map_report(struct map_deliver *d, const struct sms_address *msisdn,
		const struct map_delivery_status *status);
void map_report_free_all(struct map_deliver *d);

/** What an HLR said beside its answer. @return it has flags set that a success should clear */
bool map_report_informed(struct map_deliver *d, const struct sms_address *msisdn,
			 const struct map_inform_service_centre *inform);
