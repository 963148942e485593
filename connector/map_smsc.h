/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */
#pragma once

#include "map_stack.h"
#include <osmocom/core/timer.h>

#include "rate.h"
#include "smsc.h"

/*
 * "protocol map": an SMSC that is reached over MAP. As "role submit" it is a service centre that takes
 * MO-ForwardSM; as "role deliver" there is none: messages go straight to the node that serves the recipient
 * (TS 23.204 6.13), and waiting and repeating are the module's.
 */

enum map_role { MAP_ROLE_SUBMIT, MAP_ROLE_DELIVER };

struct map_smsc_config {
	enum map_role role;
	struct sms_address gt;	  /* of the SC's MSC; "": its sc_address is */
	uint8_t ssn;		  /* of the peer */
	uint8_t version_max;	  /* 0: the highest */
	unsigned window, queue, throughput;
};

struct map_smsc {
	struct smsc smsc;
	struct map_smsc_config config;
	struct llist_head queue; /* struct sm.entry, in order of arrival */
	unsigned queued;
	unsigned out; /* messages that wait for an answer of the network */
	struct rate rate;
	struct osmo_timer_list pump;
};

struct map_smsc *map_smsc_alloc(struct connector *c, const char *name);
struct map_smsc *map_smsc_of(struct smsc *smsc); /* NULL if it speaks something else */

/** The MAP stack came up or went down. */
void map_smsc_stack_changed(struct connector *c);

/** Which SMSC has that service centre address; else the first one that submits over MAP, else NULL. */
struct smsc *map_smsc_by_address(struct connector *c, const struct sms_address *sc_address);

/** A message has left the queue's hands: sm_accepted() or sm_failed() has been called for one that was out. */
void map_smsc_done(struct map_smsc *smsc);

/* ---- the roles: take a message that is in no list; map_smsc_done() follows its end ---- */

void map_submit(struct map_smsc *smsc, struct sm *sm);	/* map_submit.c */
void map_deliver(struct map_smsc *smsc, struct sm *sm); /* map_deliver.c */
