/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 the ipsmgw authors */
#pragma once

#include "map_stack.h"
#include "smsc.h"

/*
 * "protocol map": an SMSC that is reached over MAP. As "role submit" it is a service centre that takes
 * MO-ForwardSM; as "role deliver" there is none: messages go straight to the node that serves the recipient
 * (TS 23.204 6.13), and waiting and repeating are the module's. It is up while the MAP stack is.
 */

enum map_role { MAP_ROLE_SUBMIT, MAP_ROLE_DELIVER };

enum map_smsc_ctr {
	MAP_SMSC_CTR_TX,
	MAP_SMSC_CTR_ACCEPTED,
	MAP_SMSC_CTR_DELIVERED,
	MAP_SMSC_CTR_DUPLICATE,
	MAP_SMSC_CTR_WITHOUT_VALIDITY,
	MAP_SMSC_CTR_FAILED,
	MAP_SMSC_CTR_TEMPORARY,
	MAP_SMSC_CTR_UNCERTAIN,
	MAP_SMSC_CTR_QUEUE_FULL,
};

struct map_smsc_config {
	enum map_role role;
	struct sms_address gt; /* of the SC's MSC; "": its sc_address is */
	uint8_t ssn;	       /* of the peer */
	uint8_t version_max;   /* 0: the highest */
};

struct map_smsc {
	struct smsc smsc;
	struct map_smsc_config config;
	unsigned out;		/* messages in the hands of the role */
	struct llist_head sent; /* of map_submit.c */
};

struct map_smsc *map_smsc_alloc(struct connector *c, const char *name);
struct map_smsc *map_smsc_of(struct smsc *smsc); /* NULL if it speaks something else */

/** The MAP stack came up or went down. */
void map_smsc_stack_changed(struct connector *c);

/** Which SMSC has that service centre address; else the one that would be used with it, else NULL. */
struct smsc *map_smsc_by_address(struct connector *c, const struct sms_address *sc_address);

/** A message has left the role's hands: sm_accepted(), sm_delivered() or sm_failed() has been called for it. */
void map_smsc_done(struct map_smsc *smsc);

/** Count an end that is a failure, by its flags. */
void map_smsc_count_failure(struct map_smsc *smsc, uint8_t flags);

/* ---- the roles ---- */

struct map_smsc_role {
	const char *name;
	void (*take)(struct map_smsc *smsc,
		     struct sm *sm); /* sm is in no list; map_smsc_done() follows its end */
	void (*flush)(struct map_smsc *smsc);	/* NULL, or give back what has not left */
	void (*release)(struct map_smsc *smsc); /* give back all, what waits for an answer, too */
};

const struct map_smsc_role *map_smsc_role(enum map_role role); /* NULL for none */

void map_submit(struct map_smsc *smsc, struct sm *sm); /* map_submit.c */
void map_submit_release(struct map_smsc *smsc);
void map_deliver(struct map_smsc *smsc, struct sm *sm); /* map_deliver.c */
void map_deliver_flush(struct map_smsc *smsc);
void map_deliver_release(struct map_smsc *smsc);

/* ---- VTY (map_smsc_vty.c) ---- */

void map_smsc_vty_init(void);
void map_smsc_write(struct vty *vty, const struct smsc *smsc);
void map_smsc_show(struct vty *vty, const struct smsc *smsc);
